"""What runs the cells of a lesson in the page, tested without a page."""

import hashlib
import io
import json
import re
import sys
import warnings
import zipfile

import interpreter
import pytest
import traitlets
from ondemand import OnDemand


@pytest.fixture
def run(monkeypatch):
    """Run cells one after the other, each into a list of messages; what stands in for others goes with the test."""
    for name in interpreter.stand_ins(None):
        monkeypatch.setitem(sys.modules, name, None)
    for name in widgets():
        monkeypatch.delitem(sys.modules, name)
    for name in ("NONLINEAR_FIGURES", "MPLBACKEND"):
        monkeypatch.setenv(name, "")
    sent = []
    with warnings.catch_warnings():
        python = interpreter.Interpreter(sent.append)

        def messages(source, cell="cell", **options):
            sent.clear()
            python.run(cell, source, **options)
            return [{key: value for key, value in json.loads(text).items() if key != "cell"} for text in sent]

        messages.python, messages.sent = python, sent
        yield messages
    for name in widgets():
        del sys.modules[name]


def widgets():
    """Return the names of the modules that know the widgets as they are in a notebook, or as they are in the page."""
    return [name for name in sys.modules if re.match(r"nonlinear\.(lessons\.\w+\.)?widgets", name)]


def said(text, stream="stdout"):
    return {"stream": stream, "text": text}


DONE = {"done": True}


def value(text, **others):
    return {"data": {"text/plain": text} | others}


HTML = "<b>b</b>"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1", []),
        ("1 + 1", [value("2")]),
        ("None", []),
        ("print('a')\nprint('b')\n3", [said("a\nb\n"), value("3")]),
        ("display('a'); print('b'); display('c')", [value("'a'"), said("b\n"), value("'c'")]),
        ("import sys\nprint('oh', file=sys.stderr)", [said("oh\n", "stderr")]),
        (f"from IPython.display import HTML\nHTML('{HTML}')", [value(HTML, **{"text/html": HTML})]),
        ("from IPython import get_ipython\nget_ipython()", []),
        ("", []),
    ],
)
def test_what_a_cell_shows(run, source, expected):
    assert run(source) == [*expected, {"done": True}]


def test_cells_share_their_names(run):
    run("x = 3")
    assert run("x + 1")[0] == {"data": {"text/plain": "4"}}
    assert run("_")[0] == {"data": {"text/plain": "4"}}


@pytest.mark.parametrize(
    ("source", "summary", "line"),
    [
        ("def f():\n    return 1 / 0\n\nf()", "ZeroDivisionError: division by zero", 2),
        ("x = 1\nf(", "SyntaxError: '(' was never closed", 2),
        ("import sys\nsys.exit(3)", "SystemExit: 3", 2),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", 1),
        ("raise MemoryError", "MemoryError: Python has no room left", None),
        ("def f(n):\n    return f(n + 1)\nf(0)", "RecursionError: maximum recursion depth exceeded", 2),
    ],
)
def test_an_error_is_shown_with_its_line(run, source, summary, line):
    *_, message, done = run(source)
    assert done == {"done": False}
    error = message["error"]
    assert error["summary"].startswith(summary)
    assert error["line"] == line or line is None
    assert "interpreter.py" not in error["traceback"]
    assert len(error["traceback"]) < 2000


def test_what_was_printed_before_an_error_comes_before_it(run):
    assert [next(iter(message)) for message in run("print('a')\n1 / 0")] == ["stream", "error", "done"]


def test_a_traceback_quotes_the_cell(run):
    run("def f():\n    return 1 / 0", cell="one")
    assert "In one, line 2, in f\n    return 1 / 0" in run("f()", cell="two")[0]["error"]["traceback"]


def test_a_long_output_is_cut(run):
    *printed, note, done = run("for k in range(100_000):\n    print('line', k)")
    assert sum(len(message["text"]) for message in printed) == interpreter.LIMIT
    shown = "".join(message["text"] for message in printed).count("\n")
    assert note == {"note": f"The output is long: {100_000 - shown:,} more lines are not shown."}
    assert len(run("'x' * 10**7")[0]["data"]["text/plain"]) == interpreter.LIMIT


TABLE = "from nonlinear.course.text import Table, formula\nTable([['a', formula('x^2')]], ['name', 'formula'], 'One')"


@pytest.mark.parametrize(
    ("source", "kind", "words"),
    [
        (TABLE, "text/html", "<math><semantics><msup>"),
        ("from IPython.display import Math\nMath('x^2')", "text/html", "<math><semantics><msup>"),
        ("from IPython.display import Latex\nLatex('$$x$$')", "text/html", '<math display="block"'),
        ("from IPython.display import Latex\nLatex(r'$\\unknown$')", "text/latex", r"$\unknown$"),
        ("from nonlinear.course.plotting import subplots\nsubplots()[0]", "image/svg+xml", '<svg id="dark"'),
        ("from matplotlib.figure import Figure\nFigure()", "image/svg+xml", "<svg"),
        ("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()", "image/svg+xml", "<svg"),
    ],
)
def test_formulas_and_figures(run, source, kind, words):
    *outputs, done = run(source)
    assert done == {"done": True}
    assert words in outputs[-1]["data"][kind]
    assert "image/png" not in outputs[-1]["data"]


def test_results_for_the_text(run):
    (output, _) = run("from nonlinear.course.text import glue\nglue(a=3)")
    assert output == {"data": {"application/papermill.record/text/plain": "'3'"}}


def test_a_figure_can_be_left_out(run):
    """A cell that shows nothing draws nothing, and leaves no figure open."""
    assert run("import matplotlib.pyplot as plt\nprint('a')\nplt.plot([1])\n3", shows=False) == [said("a\n"), DONE]
    assert run("plt.get_fignums()")[0] == value("[]")


def test_what_is_shown_with_an_id_can_change(run):
    first, second, done = run("other = display(2, display_id='two')\nother.update(3)")
    assert first == {**value("2"), "place": "two", "update": False}
    assert second == {**value("3"), "place": "two", "update": True}
    one, other = (run("display(1, display_id=True).display_id")[0]["place"] for _ in range(2))
    assert one != other


WHEEL = "ondemand_example"


@pytest.fixture
def packages(monkeypatch):
    """A list of packages, their files by name, and what was told of them, before one is imported."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as wheel:
        wheel.writestr(f"{WHEEL}.py", "x = 3")
    files = {f"{WHEEL}.whl": packed.getvalue()}
    digest = hashlib.sha256(packed.getvalue()).hexdigest()
    lock = {WHEEL: {"imports": [WHEEL], "file_name": f"{WHEEL}.whl", "sha256": digest}}
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    yield lock | {"json": {"imports": ["json"], "file_name": "json.whl"}}, files
    sys.modules.pop(WHEEL, None)


def test_a_package_is_loaded_when_it_is_imported(packages):
    lock, files = packages
    read, told = [], []
    finder = OnDemand(lock, lambda name: read.append(name) or files[name], lambda **words: told.append(words))
    sys.meta_path.insert(0, finder)
    assert list(finder.waiting) == [WHEEL] and read == []
    for _ in range(2):
        assert __import__(WHEEL).x == 3
    assert read == [f"{WHEEL}.whl"]
    assert told == [{"loading": WHEEL}, {"running": True}]


def test_a_package_that_does_not_load_can_be_tried_again(packages):
    lock, files = packages
    there = {}
    sys.meta_path.insert(0, OnDemand(lock, there.__getitem__, lambda **words: None))
    for content, words in [({}, "did not load; run the cell again"), ({f"{WHEEL}.whl": b"other"}, "not the file")]:
        there.update(content)
        with pytest.raises(ImportError, match=words):
            __import__(WHEEL)
    there.update(files)
    assert __import__(WHEEL).x == 3


WIDGET = """
import anywidget, traitlets
class Slider(anywidget.AnyWidget):
    _esm = "export default {}"
    value = traitlets.Float(0.5).tag(sync=True)
    data = traitlets.Bytes(b"ab").tag(sync=True)
    own = traitlets.Int(3)
    state = traitlets.Unicode("a name that anything may have").tag(sync=True)
    alt = "a slider"
    @traitlets.validate("value")
    def _small(self, proposal):
        if proposal["value"] > 9:
            raise traitlets.TraitError("at most 9")
        return proposal["value"]
slider = Slider(value=2.0)
slider
"""


def test_a_widget_lives_in_the_page_and_in_python(run):
    shown, done = run(WIDGET)
    name = shown.pop("widget")
    key = hashlib.sha256(b"export default {}").hexdigest()[:16]
    assert shown.pop("state") == {"value": 2.0, "state": "a name that anything may have", "_esm": key}
    assert shown == {"buffers": [{"path": ["data"], "data": "YWI="}], "text": "a slider"}
    changed = {"widget": name, "changes": {"value": 3.0}, "buffers": []}
    assert run("slider.value = 3.0") == [changed, DONE]
    assert run("slider.data = b'c'")[0] == changed | {"changes": {}, "buffers": [{"path": ["data"], "data": "Yw=="}]}
    assert run("slider.own = 4") == [{"done": True}]
    run.sent.clear()
    run.python.set(name, {"value": 4.0})
    assert run.sent == []  # the page knows
    run.python.set(name, {"value": 10.0})
    assert "at most 9" in json.loads(run.sent[0])["error"]["summary"]
    assert run("slider.value")[0] == {"data": {"text/plain": "4.0"}}


def test_many_changes_are_sent_as_the_last_ones(run):
    run(WIDGET)
    *sent, done = run("for k in range(1, 10_000):\n    slider.value = k / 10_000")
    assert len(sent) < 1000 and sent[-1]["changes"] == {"value": 0.9999}


def test_a_network_is_trained_there_a_piece_at_a_time(run):
    shown, done = run("from nonlinear.widgets import Trainer\nTrainer(epochs=1, depth=1, width=8)")
    assert done == DONE and shown["state"]["run"] == {}  # nothing is trained for a picture that nobody sees

    def ask(what, number):
        run.sent.clear()
        run.python.set(shown["widget"], {"request": {"do": what, "number": number}})
        told = {}
        for text in run.sent:
            told |= json.loads(text)["changes"]
        assert told["answer"] == number
        return told.get("run", {}).get("state")

    assert (ask("hello", 1), ask("train", 2), ask("stop", 3), ask("train", 4)) == (
        None,
        "running",
        "stopped",
        "running",
    )
    assert "finished" in {ask("more", number) for number in range(5, 60)}


def test_the_widgets_of_the_course_run_there(run):
    shown, done = run("import numpy as np\nfrom nonlinear.widgets import Neuron\nNeuron(np.eye(2))")
    assert done == {"done": True}
    assert shown["state"]["name"] and shown["text"]
    assert isinstance(run.python.widgets[shown["widget"]][1], traitlets.HasTraits)
