"""A copy of a lesson in JupyterLab, as `make lab` opens it: cells run, and the widget and Python tell each other."""

import os
import subprocess
import sys
import time
from importlib.util import find_spec
from urllib.request import urlopen

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from tests.site.pages import ROOT

COPY = ROOT / "_build" / "html" / "book" / "the-catalogue.ipynb"
START = 120  # s
OPTIONS = ["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=50"]
OPTIONS += ["--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True", "--LabApp.news_url=None"]


@pytest.fixture
def lesson(tmp_path):
    """The first cells of the copy, up to its widget, and one that asks what the reader has set there."""
    if not COPY.is_file():
        pytest.skip("needs the built site: `make site`")
    notebook = nbformat.read(COPY, as_version=4)
    last = next(k for k, cell in enumerate(notebook.cells) if "Explorer(" in cell.source)
    widget = notebook.cells[last]
    widget.source = widget.source.replace("Explorer(", "explorer = Explorer(") + "\nexplorer"
    asking = new_code_cell("print('chosen:', explorer.first)\nexplorer.second = 'tanh'")
    notebook.cells = [*notebook.cells[: last + 1], asking]
    for cell in notebook.cells:
        cell.get("outputs", []).clear()
    nbformat.write(notebook, tmp_path / "lesson.ipynb")
    return tmp_path


@pytest.fixture
def address(lesson):
    """JupyterLab in the folder of the lesson."""
    if not find_spec("jupyterlab"):
        pytest.skip("needs JupyterLab: `make lab` installs it")
    log = lesson / "log"
    environment = os.environ | {"JUPYTER_RUNTIME_DIR": str(lesson / "runtime"), "JUPYTER_CONFIG_DIR": str(lesson / "c")}
    with log.open("w") as output:
        command = [sys.executable, "-m", "jupyterlab", "--ServerApp.port=18888", *OPTIONS, f"--notebook-dir={lesson}"]
        server = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    try:
        yield found(log)
    finally:
        server.terminate()
        server.wait()


def found(log):
    """Return the address that the server says, once it answers."""
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        lines = [line for line in log.read_text().splitlines() if "http://127.0.0.1:" in line]
        if lines:
            address = f"http://127.0.0.1:{lines[0].split('127.0.0.1:')[1].split('/')[0]}"
            with urlopen(f"{address}/api") as answer:
                assert answer.status == 200
            return address
        time.sleep(0.2)
    raise AssertionError(log.read_text()[-2000:])


def test_a_lesson_runs_and_its_widget_lives(address, browser):
    page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    page.goto(f"{address}/lab/tree/lesson.ipynb?reset")
    page.get_by_text("(ipykernel) | Idle").wait_for(timeout=1000 * START)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    first, second = (page.locator(".jp-OutputArea select").nth(k) for k in (0, 1))
    first.wait_for(timeout=1000 * START)
    page.get_by_text("chosen: relu").wait_for(timeout=1000 * START)
    assert second.input_value() == "tanh"
    first.select_option("gelu")
    page.locator(".jp-Notebook .jp-CodeCell").last.click()
    page.keyboard.press("Control+Enter")
    page.get_by_text("chosen: gelu").wait_for(timeout=1000 * START)
