"""Running the cells of a lesson in the page of the built site.

The site must have been built with ``NONLINEAR_PYODIDE``. Two lessons are run to their end, and all of them where
``NONLINEAR_RUN`` is "all" (``make test-run``).
"""

import json
import os
import re
from contextlib import ExitStack
from functools import partial

import nbformat
import pytest
from playwright.sync_api import expect
from run import SETTING
from sources import anchor

from tests.conftest import FLAGS, chromium_path
from tests.serving import QuietHandler, address, serve
from tests.site.conftest import Visit
from tests.site.in_page import BAR, KEPT, LOAD, cells_of, drive, errors, folder, settle, wait_for_bytecode
from tests.site.pages import ROOT, lessons

SHORTEST = ("book/the-catalogue", "book/what-the-machine-computes")
LESSON = "book/saturated-neurons"
PHONE = {"width": 390, "height": 844}
RECORD = "application/papermill.record/text/plain"


@pytest.fixture(autouse=True, scope="module")
def with_python(site):
    """Skip where the site has no Python."""
    if not folder(site, "pyodide"):
        pytest.skip(f"the site was built without {SETTING}")


# ---- the same numbers


def stored(cell):
    """Return what a cell of the notebook shows, as text, without widgets: those describe themselves in words."""
    texts = []
    for output in cell.outputs:
        if output.output_type == "stream":
            texts.append(output.text)
        else:
            texts += [text for kind, text in output.data.items() if kind in ("text/plain", RECORD)]
    return texts


def found(messages):
    """Return what a cell showed in the page, as text; what it printed came in pieces."""
    texts, printing = [], False
    for message in messages:
        if message.get("stream") == "stdout":
            texts.append((texts.pop() if printing else "") + message["text"])
        elif "data" in message:
            texts += [text for kind, text in message["data"].items() if kind in ("text/plain", RECORD)]
        elif "state" in message:
            texts.append(message["text"])
        printing = message.get("stream") == "stdout"
    return texts


def lines(texts):
    return "\n".join(text.strip("\n") for text in texts).splitlines()


# Where the last digit that a lesson prints depends on the processor, the page may differ: the lesson, the cell, why.
DIFFERENT = {}


def chosen(lesson):
    return lesson in SHORTEST or os.environ.get("NONLINEAR_RUN") == "all"


@pytest.mark.parametrize("lesson", lessons())
def test_a_lesson_gives_the_stored_numbers(open_page, served, site, lesson):
    """Every cell that the page shows; cells that show other results at every run are tagged so and left out."""
    if not chosen(lesson):
        pytest.skip("`make test-run` runs all lessons")
    notebook = nbformat.read(ROOT / f"{lesson}.ipynb", as_version=4)
    tags = {anchor(cell): set(cell.metadata.get("tags", [])) for cell in notebook.cells if cell.cell_type == "code"}
    asked = [cell for cell in cells_of(site, lesson) if "skip-execution" not in tags[cell["id"]]]
    shown = {cell["id"] for cell in asked if "remove-cell" not in tags[cell["id"]]}
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and anchor(cell) in shown]
    visit = open_page(f"{served}/{lesson}.html")
    messages = drive(visit, site, asked)
    assert errors(messages) == []
    different = {}
    for cell in cells:
        seen = lines(found([m for m in messages if m.get("cell") == anchor(cell)]))
        if seen != lines(stored(cell)) and (lesson, cell.id) not in DIFFERENT:
            different[cell.id] = {"stored": lines(stored(cell)), "in the page": seen}
    assert different == {}
    assert visit.problems == {}


# ---- what a reader does


class Cell:
    """A cell of an open page."""

    def __init__(self, visit, name):
        self.visit = visit
        self.tools = visit.page.locator(f'.run-tools[data-cell="{name}"]')
        self.editor = self.tools.locator("xpath=..").locator("textarea")
        self.output = self.tools.locator("xpath=..").locator(".run-output")

    def press(self, name):
        self.tools.get_by_role("button", name=name, exact=True).click()

    def write(self, code):
        if not self.editor.is_visible():
            self.press("Edit")
        self.editor.fill(code)

    def run(self, code=None, seconds=LOAD):
        """Run the cell, after writing some code, and wait until it has ended; return the bar's words."""
        if code is not None:
            self.write(code)
        self.press("Run")
        return settle(self.visit, seconds)

    @property
    def status(self):
        return self.tools.locator(".run-status").inner_text()


def bar_button(visit, name):
    return visit.page.locator(".run-bar").get_by_role("button", name=name)


@pytest.fixture
def lesson(open_page, served, request):
    """The page of a lesson, on a phone; keywords of a new context may be asked for."""
    return open_page(f"{served}/{LESSON}.html", viewport=PHONE, **getattr(request, "param", {}))


KEEP_OLDER = "kept => kept.put('/_static/run-0123/page.js', new Response(''))"


def test_nothing_is_loaded_before_a_press(open_page, served):
    loaded = []
    visit = open_page(
        f"{served}/{LESSON}.html",
        before=lambda page: page.on("request", lambda request: loaded.append(request.url)),
    )
    visit.wake_widgets()
    assert [url.split("/")[-1] for url in loaded if "/run-" in url] == ["start.js"]
    assert not any("/pyodide-" in url for url in loaded)
    assert visit.page.evaluate(KEPT) == [0, []]


@pytest.fixture
def own_server(site):
    """The site on a server that a test may stop: its address, and a function that stops it."""
    with ExitStack() as running:
        server = running.enter_context(serve(partial(QuietHandler, directory=site)))
        yield address(server), running.close


def test_a_second_visit_needs_no_network(open_page, own_server):
    """With the server gone come the page, its pictures, its Python, and the bytecode kept in a quiet moment."""
    address, stop = own_server
    visit = open_page(f"{address}/{LESSON}.html")
    visit.wake_widgets()
    cell = Cell(visit, "code-cell-04")
    assert cell.run() == "2 cells have run."
    wait_for_bytecode(visit)
    visit.page.evaluate(f"({KEPT}).then(([, [name]]) => caches.open(name)).then({KEEP_OLDER})")
    stop()
    visit.page.reload()
    visit.wake_widgets()
    assert cell.run() == "2 cells have run."
    assert cell.output.locator("img").count()
    cell.run("import json\nprint(json.__file__)")
    assert "json/__init__.pyc" in cell.output.inner_text()
    assert (
        visit.page.evaluate("caches.match('/_static/run-0123/page.js').then(Boolean)") is False
    )  # of an older release
    assert visit.problems == {}


NO_STORAGE = {"profile": {"default_content_setting_values": {"cookies": 2}}}  # nor anything else that a page keeps
UNENCRYPTED = "course.test"  # other than this machine, browsers trust only addresses with encryption
LISTEN = f"""globalThis.said = [];
new MutationObserver(() => said.push({BAR})).observe(document.body, {{childList: true, subtree: true}})"""


@pytest.fixture
def profile(browser, tmp_path, storage):
    """A window of a browser that refuses storage if asked to."""
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(NO_STORAGE if storage == "refused" else {}))
    flags = [*FLAGS, f"--host-resolver-rules=MAP {UNENCRYPTED} 127.0.0.1"]
    launch = partial(browser.browser_type.launch_persistent_context, executable_path=chromium_path(), args=flags)
    with launch(tmp_path) as context:
        yield context


@pytest.mark.parametrize("storage", ["allowed", "too small", "refused", "unencrypted"])
def test_python_is_said_to_be_kept_where_it_may_be(profile, served, site, storage):
    visit = Visit(profile.new_page())
    place = served.replace("127.0.0.1", UNENCRYPTED) if storage == "unencrypted" else served
    if storage == "too small":
        small = {"origin": place, "quotaSize": 10_000}
        profile.new_cdp_session(visit.page).send("Storage.overrideQuotaForOrigin", small)
    visit.page.goto(f"{place}/{SHORTEST[0]}.html")
    visit.page.evaluate(LISTEN)
    assert Cell(visit, "code-ask").run() == "2 cells have run."
    python = f"{place}/_static/{folder(site, 'pyodide').name}/pyodide.asm.wasm"
    kept = visit.page.evaluate(f"globalThis.caches?.match('{python}').then(Boolean, () => false) ?? false")
    assert kept is (storage == "allowed")
    said = " ".join(visit.page.evaluate("said"))
    assert "Loading Python from this site (" in said
    assert said.count("kept for later visits") == said.count("kept for later visits if there is room")
    assert ("kept for later visits" in said) is (storage in ("allowed", "too small"))


@pytest.mark.parametrize("button", ["Run", "Edit"])
def test_from_a_file_a_press_says_why_nothing_runs(open_page, site, button):
    visit = open_page((site / f"{LESSON}.html").as_uri())
    cell = Cell(visit, "code-cell-04")
    cell.press(button)
    assert cell.status == "Cells run only where the page comes from a server."
    assert visit.page.locator(".run-bar").count() == 0


def test_run_all_in_two_tabs_at_once(open_page, served):
    """Each has a Python of its own; a name given in one is unknown in the other."""
    one = open_page(f"{served}/{SHORTEST[0]}.html")
    other = Visit(one.page.context.new_page())
    other.page.goto(one.page.url)
    cells = [Cell(visit, "code-explorer") for visit in (one, other)]
    for cell in cells:
        cell.write(f"mine = {id(cell)}\nprint(mine)")
        cell.press("Run")
    for visit, cell in zip((one, other), cells, strict=True):
        assert settle(visit) == "The cell has run."
        assert str(id(cell)) in cell.output.inner_text()
    cells[0].press("Restore")
    bar_button(one, "Run all").click()
    one.until(f"{BAR}.startsWith('Running cell 2 ')", LOAD)
    assert "1 cell" not in settle(one) and "cells have run." in one.page.evaluate(BAR)
    assert one.page.locator(".run-output").count() > 20
    cells[1].run("print(mine)")
    assert str(id(cells[1])) in cells[1].output.inner_text()
    assert one.problems == {} == other.problems


def test_what_runs_is_accessible(lesson, axe):
    """An open editor, an output, an error, a widget of the reader's own, and the bar."""
    widget, cell = Cell(lesson, "code-cell-30"), Cell(lesson, "code-cell-04")
    widget.run()
    cell.run("1 / 0")
    cell.output.locator("summary").click()
    lesson.until("!document.querySelector('.run-output .nl-widget:not([data-state=live])')")
    assert axe(lesson.page) == []
    lesson.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    lesson.page.wait_for_timeout(500)
    assert axe(lesson.page) == []


def test_a_number_is_changed_on_a_phone(lesson):
    cell = Cell(lesson, "code-cell-04")
    assert cell.run() == "2 cells have run."
    before = cell.output.locator("img").first.get_attribute("src")
    assert "saturated beyond |z| = 4.585" in cell.output.inner_text()
    assert cell.output.locator("figcaption").count() == 1
    cell.press("Edit")
    code = cell.editor.input_value()
    cell.editor.fill(code.replace("0.04", "0.4"))
    cell.editor.press("Control+Enter")
    settle(lesson)
    lesson.until("document.querySelector('.run-output .stream').textContent.includes('2.0')")
    assert cell.output.locator("img").first.get_attribute("src") != before
    assert cell.output.locator("figcaption").count() == 0
    assert lesson.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    lesson.page.reload()
    assert settle(lesson).startswith("This page has code that you edited")
    assert "0.4" in cell.editor.input_value()
    cell.press("Restore")
    assert cell.editor.count() == 0 and cell.output.count() == 0
    assert lesson.page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('cells'))") == []
    assert lesson.problems == {}


def test_an_exercise_is_solved(open_page, served):
    visit = open_page(f"{served}/{SHORTEST[0]}.html")
    exercise = Cell(visit, "ex-prelu")
    assert "error" in exercise.run()
    assert "TypeError" in exercise.output.inner_text()
    assert exercise.status != "Solved: the check passes."
    exercise.press("Edit")
    exercise.run(exercise.editor.input_value().replace("...", "return np.where(z > 0, z, slope * z)"))
    assert exercise.status == "Solved: the check passes."
    exercise.run("print('no check')")
    assert exercise.status == ""
    assert visit.problems == {}


def test_stop_errors_and_long_outputs(lesson):
    cell = Cell(lesson, "code-cell-30")
    cell.write("while True:\n    pass")
    cell.press("Run")
    lesson.until(f"{BAR} === 'Running …'", LOAD)
    lesson.page.wait_for_timeout(200)
    bar_button(lesson, "Stop").click()
    lesson.until(f"{BAR}.startsWith('Stopped. What Python had computed is gone')")
    assert cell.status == "Stopped."
    cell.run("for k in range(1_000_000):\n    print(k)")
    assert "more lines are not shown" in cell.output.inner_text()
    assert cell.run("def f():\n    return 1 / 0\nf()") == "The cell ended with an error."
    error = cell.output.locator("details.run-error")
    assert error.locator("summary").inner_text() == "ZeroDivisionError: division by zero (line 2)"
    assert not error.locator("pre").is_visible()
    cell.run("full = [bytearray(10**9) for k in range(8)]")
    assert "MemoryError: Python has no room left" in cell.output.inner_text()
    assert lesson.problems == {}


def test_a_widget_and_python_tell_each_other(lesson):
    widget, other = Cell(lesson, "code-cell-30"), Cell(lesson, "code-cell-04")
    widget.write("figure = over_training(grid)")
    code = widget.editor.input_value()
    widget.press("Restore")
    widget.press("Edit")
    widget.run(widget.editor.input_value().replace("over_training(grid)", f"{code}\nfigure"))
    select = widget.output.locator("select").first
    select.select_option("tanh")
    other.run("print(figure.choice1)")
    assert other.output.locator("pre").inner_text().strip() == "tanh"
    other.run("figure.choice1 = 'sigmoid'")
    assert select.input_value() == "sigmoid"
    other.write("import time\nfor k in (1, 2):\n    figure.slider1 = k\n    time.sleep(1)")
    other.press("Run")
    for place in "12":  # the first while Python still computes
        expect(widget.output.get_by_role("slider", name="hidden layers")).to_have_value(place, timeout=1000 * LOAD)
    settle(lesson)
    assert lesson.problems == {}


OWN = [name for name in lessons() if "Trainer(" in (ROOT / f"{name}.ipynb").read_text("utf-8")]


@pytest.mark.parametrize("name", OWN)
def test_a_network_of_the_readers_own_is_trained_and_stopped(open_page, served, name):
    """The stored figure starts Python, which runs that cell alone; what was chosen comes along."""
    visit = open_page(f"{served}/{name}.html", viewport=PHONE)
    visit.wake_widgets()
    visit.page.get_by_role("combobox", name="layer 1").select_option("tanh")
    visit.page.get_by_role("button", name=re.compile(r"Start Python .* \(\d+ MB\)")).click()
    train, stop = (visit.page.get_by_role("button", name=name, exact=True) for name in ("Train", "Stop"))
    train.wait_for(timeout=1000 * LOAD)
    expect(visit.page.get_by_role("combobox", name="layer 1")).to_have_value("tanh")
    assert visit.page.evaluate(BAR) == "The cell has run."
    train.click()
    visit.page.get_by_text(re.compile("^Run 2. Step [1-9]")).wait_for(timeout=1000 * LOAD)
    stop.first.click()
    visit.page.get_by_text(re.compile("^Run 2. Stopped at step ")).wait_for(timeout=1000 * LOAD)
    train.click()
    visit.page.get_by_text(re.compile("^Run 3. Finished: step ")).wait_for(timeout=1000 * LOAD)
    assert visit.page.locator(".run-output .runs li").count() == 3
    assert visit.problems == {}


def test_broken_storage_does_no_harm(lesson):
    key = lesson.page.evaluate(
        "(() => { const {src, dataset} = document.querySelector('script[data-lesson]'); "
        "return `cells ${src.split('/').at(-2)} ${dataset.lesson}`; })()"
    )
    for kept in ("{", "3", '{"code-cell-04": 3, "unknown": "x"}'):
        lesson.page.evaluate("([key, kept]) => localStorage.setItem(key, kept)", [key, kept])
        lesson.page.reload()
        cell = Cell(lesson, "code-cell-04")
        cell.write("x = 1")
        now = json.loads(lesson.page.evaluate("key => localStorage.getItem(key)", key))
        assert now["code-cell-04"] == "x = 1"
    assert lesson.problems == {}


@pytest.mark.parametrize("lesson", [{"service_workers": "block"}], indirect=True, ids=["no-service-worker"])
@pytest.mark.parametrize("file", ["pyodide.asm.wasm", "numpy-*.whl", "page.js"])
def test_what_does_not_load_can_be_tried_again(lesson, file):
    pattern = re.compile(f"/{file.replace('.', '[.]').replace('*', '.*')}")
    lesson.page.route(pattern, lambda route: route.abort())
    cell = Cell(lesson, "code-cell-30")
    cell.write("print('here')") if file != "page.js" else None
    cell.press("Run")
    if file == "page.js":
        lesson.until("document.querySelector('.run-status').textContent.startsWith('This did not load.')")
    else:
        lesson.until(f"{BAR}.startsWith('Python did not load')", LOAD)
    lesson.page.unroute(pattern)
    cell.press("Run") if file == "page.js" else bar_button(lesson, "Retry").click()
    settle(lesson)
    assert cell.output.count() == 1
    assert lesson.foreign == []


def test_tab_indents_and_escape_lets_it_leave(lesson):
    cell = Cell(lesson, "code-cell-04")
    cell.write("def f():")
    cell.editor.press("End")
    for key in ("Enter", "Tab", "x"):
        cell.editor.press(key)
    assert cell.editor.input_value() == "def f():\n        x"
    cell.editor.press("Escape")
    cell.editor.press("Tab")
    assert not cell.editor.evaluate("area => area === document.activeElement")
    assert lesson.problems == {}
