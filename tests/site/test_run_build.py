"""What the build puts into the site so that cells run in the page, and what it says when it cannot."""

import ast
import hashlib
import io
import json
import zipfile
from types import SimpleNamespace

import needed
import pytest
import run
from nbformat.v4 import new_code_cell, new_markdown_cell
from sphinx.errors import ConfigError

from tests.site.pages import ROOT
from tests.site.test_extensions import CONF, SOLVED, build, page_with

PACKAGES = {"numpy": [], "matplotlib": ["pillow", "numpy"], "pillow": [], "scipy": ["numpy"]}


def digest(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder like that of a distribution, and the pins that go with it."""
    lock = {"packages": {}, "info": {"python": "3"}}
    for name, needs in PACKAGES.items():
        (tmp_path / f"{name}.whl").write_bytes(name.encode())
        lock["packages"][name] = {"file_name": f"{name}.whl", "sha256": digest(name.encode()), "depends": needs}
    files = {"pyodide.mjs": b"code", run.LOCK: json.dumps(lock).encode()}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    pins = {name: digest(data) for name, data in files.items()}
    monkeypatch.setattr(run, "PINS", {"version": "1", "files": pins, "packages": ["matplotlib"]})
    return tmp_path


@pytest.mark.parametrize("address", [str, lambda place: f"{place.as_uri()}/"], ids=["folder", "address"])
def test_the_site_gets_what_it_needs_and_no_more(place, address):
    files = run.files_of(address(place))
    assert set(files) == {"pyodide.mjs", run.LOCK, "numpy.whl", "matplotlib.whl", "pillow.whl", "licences.txt"}
    lock = json.loads(files[run.LOCK])
    assert set(lock["packages"]) == {"numpy", "matplotlib", "pillow"} and lock["info"] == {"python": "3"}


@pytest.mark.parametrize("name", ["pyodide.mjs", "pillow.whl", run.LOCK])
def test_another_file_is_refused(place, name):
    (place / name).write_bytes(b"other")
    with pytest.raises(ConfigError, match=f"{name} of {run.SETTING} is not that of Pyodide 1"):
        run.files_of(str(place))
    (place / name).unlink()
    with pytest.raises(ConfigError, match=f"{run.SETTING} must name a folder, or an address, with {name}"):
        run.files_of(str(place))


def test_the_archive_has_what_lessons_import():
    packed = run.archive()
    assert packed == run.archive()
    names = set(zipfile.ZipFile(io.BytesIO(packed)).namelist())
    assert {"interpreter.py", "mathml.py", "nonlinear/network.py", "nonlinear/datasets/digits.npz"} <= names
    grids = (ROOT / "src" / "nonlinear" / "lessons").glob("*/grids/*")
    assert {path.relative_to(ROOT / "src").as_posix() for path in grids} <= names
    assert {"traitlets/traitlets.py", "latex2mathml/converter.py"} <= names
    assert not [name for name in names if "test" in name.split("/") or name.endswith(".pyc")]


def test_another_python_is_another_release(place, monkeypatch):
    """What a browser keeps of one, such as compiled modules, is of no use to the other."""
    monkeypatch.setenv(run.SETTING, str(place))
    monkeypatch.setattr(run, "archive", lambda: b"")
    app, env, names = SimpleNamespace(builder=SimpleNamespace(format="html")), SimpleNamespace(found_docs=[]), set()
    for version in "1", "2":
        monkeypatch.setattr(run, "PINS", run.PINS | {"version": version})
        run.prepare(app, env)
        names.add(next(iter(app.run_files)))
    assert len(names) == 2


EXERCISE = new_markdown_cell("```{starter} ex-double\n```")
NOTEBOOK = page_with(
    new_code_cell("x = 1", id="first"),
    new_code_cell("unused = slow()", id="second", metadata={"tags": ["remove-cell"]}),
    EXERCISE,
    new_code_cell(SOLVED, id="third", metadata={"exercise": "ex-double", "tags": [run.ALONE]}),
)


def test_the_page_knows_all_cells_and_starters():
    lesson = run.lesson(NOTEBOOK.cells)
    assert [(cell["id"], cell["alone"]) for cell in lesson["cells"]] == [("code-first", False), ("code-third", True)]
    (starter,) = lesson["starters"]
    assert starter["id"] == "ex-double" and "..." in starter["source"]
    assert starter["check"] == "# check\nassert f(3) == 6"


def test_a_cell_that_runs_alone_uses_nothing_of_those_above():
    for path in ROOT.glob("book/*.ipynb"):
        above = set()
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                tree = ast.parse("".join(cell["source"]))
                alone = run.ALONE in cell["metadata"].get("tags", [])
                assert not alone or not needed.loaded(tree) & above, (path.stem, cell["id"])
                above |= needed.given(tree)


HIDDEN = [  # the source of a hidden cell, what is left of it, and what is shown after it
    ("glue(x=slow())", "", "x = 1"),
    ("x = slow()", "x = slow()", "x"),
    ("x = slow()", "", "x = 1\nx"),
    ("x = slow()", "x = slow()", "x = x + 1"),
    ("x = slow()", "x = slow()", "x += 1"),
    ("import a.b\nimport c as d\nfrom e import f, g", "import a.b\nfrom e import f, g", "a.b(g)"),
    ("x = []\nfor y in z:\n    x.append(y)\nassert x", "x = []\nfor y in z:\n    x.append(y)", "print(x)"),
    ("x[0] = 1\nx.y = 2\nz = 3", "x[0] = 1\nx.y = 2", "print(x)"),
    ("(a, b), *c = slow()", "(a, b), *c = slow()", "c"),
    ("def f(): return x\nx = 3", "def f(): return x\nx = 3", "f()"),
    ("if a:\n    x = 1\nassert a", "if a:\n    x = 1", "x"),
    ("assert [x for x in slow()]\nf = lambda x: x", "", "x"),
    ("with slow() as x:\n    pass", "with slow() as x:\n    pass", "x"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "left", "after"), HIDDEN)
def test_of_a_hidden_cell_runs_what_is_used_below(source, left, after):
    assert needed.needed([source, after], [True, False]) == [left, after]
    assert needed.needed([source, after], [False, False]) == [source, after]


def test_cells_that_take_long_are_there():
    for name, cells in run.SECONDS.items():
        notebook = json.loads((ROOT / "book" / f"{name}.ipynb").read_text("utf-8"))
        known = {cell["id"] for cell in run.lesson(notebook["cells"])["cells"]}
        assert set(cells) <= known and min(cells.values()) >= 5


@pytest.mark.parametrize("python", [True, False])
def test_a_page_offers_to_run_its_cells(tmp_path, monkeypatch, place, python):
    """With Python, each cell and starter has its buttons; without, one sentence says so."""
    monkeypatch.setenv(run.SETTING, str(place)) if python else monkeypatch.delenv(run.SETTING, raising=False)
    pins = f"\nimport run\nrun.PINS = {run.PINS!r}\nextensions += ['starters', 'run']"
    folder = tmp_path / "book"
    folder.mkdir()
    code, log, page = build(folder, NOTEBOOK, conf=CONF + pins)
    assert code == 0, log
    names = ["code-first", "ex-double", "code-third"]
    assert [name for name in [*names, "code-second"] if f'data-cell="{name}"' in page] == names * python
    assert (run.WITHOUT in page) is not python
    written = {path.name for path in folder.glob("html/_static/*/*")}
    expected = {"start.js", "worker.js", "course.zip", "index.json", "pyodide.mjs", "numpy.whl"}
    assert expected & written == (expected if python else set())
