"""Notebooks in JupyterLab, as `make lab` opens them: cells run, and widgets and Python tell each other."""

import os
import re
import subprocess
import sys
import time
from importlib.util import find_spec
from urllib.request import urlopen

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.site.pages import ROOT

COPY = ROOT / "_build" / "html" / "book" / "the-catalogue.ipynb"
START = 120  # s
OPTIONS = ["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=50"]
OPTIONS += ["--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True", "--LabApp.news_url=None"]


def lesson():
    """Return the first cells of the copy, up to its widget, and one that asks what the reader has set there."""
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
    return notebook


def trainer():
    """Return a cell with a widget that trains for long enough to be stopped, and one that asks Python about it."""
    lines = [
        "from nonlinear.widgets import Trainer",
        "own = Trainer(epochs=1)",
        "own.train()",
        "own._epochs = 500",
        "own",
    ]
    widget = new_code_cell("\n".join(lines))
    asking = new_code_cell("print('state:', own.run['state'])")
    return new_notebook(
        cells=[widget, asking], metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )


@pytest.fixture
def address(request, tmp_path):
    """JupyterLab in the folder of a notebook, the one that the parameter makes."""
    if not find_spec("jupyterlab"):
        pytest.skip("needs JupyterLab: `make lab` installs it")
    nbformat.write(request.param(), tmp_path / "lesson.ipynb")
    log = tmp_path / "log"
    environment = os.environ | {"JUPYTER_RUNTIME_DIR": f"{tmp_path}/runtime", "JUPYTER_CONFIG_DIR": f"{tmp_path}/c"}
    with log.open("w") as output:
        command = [sys.executable, "-m", "jupyterlab", "--ServerApp.port=18888", *OPTIONS, f"--notebook-dir={tmp_path}"]
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


def run_all(address, browser):
    """Open the notebook, run its cells, and return the page."""
    page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    page.goto(f"{address}/lab/tree/lesson.ipynb?reset")
    page.get_by_text("(ipykernel) | Idle").wait_for(timeout=1000 * START)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    return page


@pytest.mark.parametrize("address", [lesson], indirect=True)
def test_a_lesson_runs_and_its_widget_lives(address, browser):
    page = run_all(address, browser)
    first, second = (page.locator(".jp-OutputArea select").nth(k) for k in (0, 1))
    first.wait_for(timeout=1000 * START)
    page.get_by_text("chosen: relu").wait_for(timeout=1000 * START)
    assert second.input_value() == "tanh"
    first.select_option("gelu")
    page.locator(".jp-Notebook .jp-CodeCell").last.click()
    page.keyboard.press("Control+Enter")
    page.get_by_text("chosen: gelu").wait_for(timeout=1000 * START)


@pytest.mark.parametrize("address", [trainer], indirect=True)
def test_a_network_is_trained_and_stopped(address, browser):
    """The kernel hears Stop while it trains, and runs cells in between."""
    page = run_all(address, browser)
    page.get_by_text("state: finished").wait_for(timeout=1000 * START)
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text(re.compile("^Run 2. Step [1-9]")).wait_for(timeout=1000 * START)
    page.locator(".jp-Notebook .jp-CodeCell").last.click()
    page.keyboard.press("Control+Enter")
    page.get_by_text("state: running").wait_for(timeout=1000 * START)
    page.get_by_role("button", name="Stop", exact=True).click()
    pressed = time.monotonic()
    page.get_by_text(re.compile("^Run 2. Stopped at step ")).wait_for(timeout=1000 * START)
    print(f"stopped after {time.monotonic() - pressed:.2f} s")
    page.locator(".jp-Notebook .jp-CodeCell").last.click()
    page.keyboard.press("Control+Enter")
    page.get_by_text("state: stopped").wait_for(timeout=1000 * START)
