"""What runs the cells of a lesson in the page: Python's side of ``worker.js``.

The page has no notebook program. Here is what the lessons need of one: a cell's last value is shown, ``display`` works,
and widgets hand their state to the page and listen to it. ``IPython`` and ``anywidget``, neither of which comes with
the page, are two short stand-ins.

Everything that a cell shows leaves as a JSON text through one function, so that a page and a test read the same.
"""

import ast
import base64
import hashlib
import io
import json
import linecache
import os
import re
import sys
import time
import traceback
import types
import warnings
from contextlib import redirect_stderr, redirect_stdout
from itertools import count
from pathlib import Path

import traitlets
from ondemand import OnDemand

LIMIT = 100_000  # characters that a cell may print, or that a value may take
PAUSE = 0.05  # s between two messages of a cell that prints
FRAMES = 6  # of a traceback, the last ones
FORMATS = {"text/html": "_repr_html_", "text/latex": "_repr_latex_", "image/svg+xml": "_repr_svg_"}
PICTURES = {"image/png": "_repr_png_", "image/jpeg": "_repr_jpeg_"}  # asked for where there is no SVG
LOCK = "pyodide-lock.json"  # the list of packages of the distribution


# ---- what a value looks like


def bundle(value):
    """Return what a value shows, by mime type."""
    if hasattr(type(value), "_repr_mimebundle_"):
        made = value._repr_mimebundle_()
        return made[0] if isinstance(made, tuple) else made
    made = {kind: getattr(value, method)() for kind, method in FORMATS.items() if hasattr(type(value), method)}
    if type(value).__name__ == "Figure" and hasattr(value, "savefig"):
        made["image/svg+xml"] = svg(value)
    if made.get("image/svg+xml") is None:
        made |= {kind: base64_of(value, method) for kind, method in PICTURES.items() if hasattr(type(value), method)}
    return {"text/plain": repr(value)[:LIMIT]} | {kind: data for kind, data in made.items() if data is not None}


def base64_of(value, method):
    """Return a picture as base64 text; it may come with metadata, or as such a text."""
    made = getattr(value, method)()
    data = made[0] if isinstance(made, tuple) else made
    return base64.b64encode(data).decode() if isinstance(data, bytes) else data


def svg(figure):
    """Return a figure of Matplotlib as SVG."""
    packed = io.StringIO()
    figure.savefig(packed, format="svg")
    return packed.getvalue()


def with_formulas(data):
    r"""Return what a value shows with its formulas as MathML; one that cannot be set stays TeX.

    >>> with_formulas({"text/latex": "$x$"})["text/html"][:19]
    '<math><semantics><m'
    """
    if "text/latex" not in data and "\\(" not in data.get("text/html", ""):
        return data
    import mathml  # takes a while, and few cells show a formula

    try:
        if "text/html" in data:
            return data | {"text/html": mathml.set_in_html(data["text/html"])}
        if "text/latex" in data:
            tex = data["text/latex"].strip()
            return data | {"text/html": mathml.convert(tex.strip("$"), display=tex.startswith("$$"))}
    except ValueError:
        pass
    return data


# ---- stand-ins


class AnyWidget(traitlets.HasTraits):
    """A widget whose traits with ``sync`` live in the page as well; ``_esm`` is its script."""


def state_of(model):
    """Return a widget's state as a page stores it: what JSON can hold, and apart from it bytes, as base64."""
    plain, buffers = apart({name: getattr(model, name) for name in model.traits(sync=True)})
    plain["_esm"] = hashlib.sha256(model._esm.encode()).hexdigest()[:16]
    return {"state": plain, "buffers": buffers}


def apart(values):
    """Return the values that JSON can hold, and those that are bytes, as base64 with their places.

    >>> apart({"x": 1, "data": b"ab"})
    ({'x': 1}, [{'path': ['data'], 'data': 'YWI='}])
    """
    packed = {name: base64.b64encode(value).decode() for name, value in values.items() if isinstance(value, bytes)}
    plain = {name: value for name, value in values.items() if name not in packed}
    return plain, [{"path": [name], "data": data} for name, data in packed.items()]


class Shown:
    """Something made to be shown in one way, such as ``HTML("<b>bold</b>")``."""

    def __init__(self, data):
        self.data = data

    def _repr_mimebundle_(self):
        return {self.kind: self.data, "text/plain": str(self.data)}


class Handle:
    """What ``display(..., display_id=...)`` returns: something shown that can change."""

    def __init__(self, name, display):
        self.display_id, self.display = name, display

    def update(self, value, **options):
        """Show another value in its place."""
        self.display(value, display_id=self.display_id, update=True, **options)


def stand_ins(display):
    """Return the modules that stand in for others, by name."""
    kinds = {"HTML": "text/html", "Latex": "text/latex", "Math": "text/latex", "SVG": "image/svg+xml"}
    shown = {name: type(name, (Shown,), {"kind": kind}) for name, kind in kinds.items()}
    contents = {
        "IPython": {"get_ipython": lambda: None, "version_info": (9, 0)},
        "IPython.display": {"display": display, "DisplayHandle": Handle, **shown},
        "anywidget": {"AnyWidget": AnyWidget},
    }
    modules = {name: types.ModuleType(name) for name in contents}
    for name, values in contents.items():
        vars(modules[name]).update(values)
    modules["IPython"].display = modules["IPython.display"]
    return modules


# ---- running


class Printed(io.TextIOBase):
    """What a cell prints: sent on in pieces, and left out beyond `LIMIT`."""

    def __init__(self, name, post):
        self.name, self.post = name, post
        self.waiting, self.length, self.left_out, self.sent = [], 0, 0, time.monotonic()

    def write(self, text):
        """Take some text, and send what waits if the last message is long enough ago."""
        room = LIMIT - self.length
        if room > 0:
            self.length += len(text)
            self.waiting.append(text[:room])
            if time.monotonic() - self.sent > PAUSE:
                self.flush()
        self.left_out += text.count("\n", max(room, 0))
        return len(text)

    def flush(self):
        """Send what waits."""
        text, self.waiting, self.sent = "".join(self.waiting), [], time.monotonic()
        if text:
            self.post(stream=self.name, text=text)

    def close_with_note(self):
        """Send what waits, and how much was left out."""
        self.flush()
        if self.length > LIMIT or self.left_out:
            self.post(note=f"The output is long: {self.left_out:,} more lines are not shown.")


class Interpreter:
    """Runs cells one after the other in one namespace.

    Parameters
    ----------
    post : function
        Takes a JSON text: ``cell`` says whose it is, the rest what there is to show.
    read : function, optional
        Takes the name of a file of the distribution, and returns its content: for packages that load when a cell
        imports them.

    Examples
    --------
    >>> sent = []
    >>> Interpreter(sent.append).run("one", "1 + 1")
    >>> sent
    ['{"cell": "one", "data": {"text/plain": "2"}}', '{"cell": "one", "done": true}']
    """

    def __init__(self, post, read=None):
        self.send = post
        self.cell, self.shows, self.runs, self.printed = None, True, count(1), ()
        self.widgets, self.told, self.changes, self.changed = {}, set(), {}, 0.0
        self.names = {"__name__": "__main__", "display": self.display}
        sys.modules |= stand_ins(self.display)
        os.environ |= {"NONLINEAR_FIGURES": "svg", "MPLBACKEND": "agg"}
        warnings.filterwarnings("ignore", "FigureCanvasAgg is non-interactive")
        if read:
            sys.meta_path.insert(0, OnDemand(json.loads(bytes(read(LOCK)))["packages"], read, self.post))

    def post(self, **message):
        """Send a message about the present cell."""
        self.send(json.dumps({"cell": self.cell, **message}))

    def run(self, cell, source, shows=True):
        """Run a cell; its last message says that it is done, and whether with an error.

        One that shows nothing draws nothing either, which saves the time of its figures.
        """
        self.shows = shows
        file = f"<{cell}, run {next(self.runs)}>"
        linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
        done = self.guarded(cell, lambda: self.execute(compile(source, file, "exec", ast.PyCF_ONLY_AST), file))
        self.post(done=done)

    def set(self, widget, values):
        """Take over what the reader has set in a widget of the page."""
        cell, model = self.widgets[widget]
        self.shows, self.told = True, set(values)
        self.guarded(cell, lambda: [model.set_trait(name, value) for name, value in values.items()])
        self.told = set()

    def guarded(self, cell, act):
        """Do something for a cell, show what it prints or how it fails, and tell whether it did not fail."""
        self.cell = cell
        self.printed = [Printed(name, self.post) for name in ("stdout", "stderr")]
        try:
            with redirect_stdout(self.printed[0]), redirect_stderr(self.printed[1]):
                act()
        except BaseException as error:  # also what a cell raises to end a program
            self.flush()
            self.post(error=problem(error))
            return False
        finally:
            for each in self.printed:
                each.close_with_note()
            self.send_changes()
        return True

    def execute(self, tree, file):
        """Execute a cell, and show the value that it ends with and the figures that it leaves open."""
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, file, "exec"), self.names)
        value = eval(compile(ast.Expression(last.value), file, "eval"), self.names) if last else None
        if value is not None:
            self.names["_"] = value
            self.display(value)
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot:
            for number in pyplot.get_fignums():
                self.display(pyplot.figure(number))
            pyplot.close("all")

    def display(self, *values, raw=False, display_id=None, update=False, **_):
        """Show values; ``raw`` ones are given by mime type. One shown with an id can be replaced later."""
        name = f"shown-{next(self.runs)}" if display_id is True else display_id
        for value in values if self.shows else ():
            self.flush()
            if isinstance(value, AnyWidget):
                self.show_widget(value)
            else:
                place = {"place": name, "update": update} if name else {}
                self.post(data=value if raw else with_formulas(bundle(value)), **place)
        return Handle(name, self.display) if name else None

    def flush(self):
        """Send what was printed so far, so that everything comes in its order."""
        for each in self.printed:
            each.flush()

    def show_widget(self, model):
        """Send a widget's state, and from now on its changes."""
        name = str(id(model))
        if name not in self.widgets:
            model.observe(self.tell, list(model.traits(sync=True)))
        self.widgets[name] = self.cell, model
        self.post(widget=name, **state_of(model), text=getattr(model, "alt", ""))

    def tell(self, change):
        """Send a change of a widget, unless the page has just told it; a loop that makes many sends the last ones."""
        if change.name not in self.told:
            self.changes.setdefault(str(id(change.owner)), {})[change.name] = change.new
            if time.monotonic() - self.changed > PAUSE:
                self.send_changes()

    def send_changes(self):
        """Send the changes of widgets that wait."""
        changes, self.changes, self.changed = self.changes, {}, time.monotonic()
        for widget, values in changes.items():
            plain, buffers = apart(values)
            self.post(widget=widget, changes=plain, buffers=buffers)


def problem(error):
    """Return an error in words: what it says, the line of the cell, and the last frames of the traceback."""
    if isinstance(error, MemoryError) and not str(error):
        error = MemoryError("Python has no room left")
    own = str(Path(__file__))
    told = traceback.TracebackException.from_exception(error, compact=True)
    frames = [frame for frame in told.stack if frame.filename != own]
    told.stack = traceback.StackSummary.from_list(frames[-FRAMES:])
    lines = [frame.lineno for frame in frames if frame.filename.startswith("<")]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    return {
        "summary": "".join(told.format_exception_only()).splitlines()[-1],
        "line": line,
        "traceback": re.sub(r'File "<(.*?), run \d+>"', r"In \1", "".join(told.format())),
    }
