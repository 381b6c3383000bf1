"""Imports point one way: up the table of modules in the tour of the library, and from no lesson to another."""

import ast
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from nonlinear.course import grids

ROOT = Path(__file__).parents[1]
PACKAGE, BOOK, TESTS = ROOT / "src" / "nonlinear", ROOT / "book", ROOT / "tests" / "lessons"
TABLE = (BOOK / "library.md").read_text(encoding="utf-8").partition("| --- | --- |")[2].strip().partition("\n\n")[0]
ROWS = [re.findall(r"`(\w+)(?: <nonlinear\.\w+>)?`", line.split("|")[1]) for line in TABLE.splitlines()]
ROW = {name: number for number, row in enumerate(ROWS) for name in row}
NOTEBOOKS = {path.stem: path for path in BOOK.glob("*.ipynb")}


def modules(package):
    """Return the files of a package by the names of their modules."""
    files = [path.relative_to(package.parent).with_suffix("") for path in package.rglob("*.py")]
    return {".".join(path.parts).removesuffix(".__init__"): package.parent / f"{path}.py" for path in files}


parsed = cache(ast.parse)


def imports(code, name, known):
    """Return the modules that a module imports: anywhere in it, in functions and for the type checker too."""
    found, within = set(), name if known[name].name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(parsed(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            whence = importlib.util.resolve_name("." * node.level + (node.module or ""), within)
            found |= {full if (full := f"{whence}.{alias.name}") in known else whence for alias in node.names}
    return {module for module in found if module.split(".")[0] == "nonlinear"}


def reached(graph, start):
    """Return the modules that a module imports, that these import, and so on."""
    found, ahead = set(), [start]
    while ahead:
        new = graph.get(ahead.pop(), set()) - found
        found |= new
        ahead += new
    return found


def faults(package):
    """Return what is wrong with the imports of a copy of `nonlinear`, a line for each fault."""
    known, wrong = modules(package), []
    graph = {name: imports(path.read_text(encoding="utf-8"), name, known) for name, path in known.items()}
    for name, targets in graph.items():
        for target in targets:
            (_, *ours), (_, *theirs) = name.split("."), target.split(".")
            if not theirs or not ours:
                continue
            if ROW[theirs[0]] > ROW[ours[0]]:
                wrong.append(f"{name} imports {target}, from further down the table")
            if ours[0] == theirs[0] == "lessons" and len(theirs) > 1 and ours[1] != theirs[1]:
                wrong.append(f"{name} imports {target}, of another lesson")
    ahead = {name: reached(graph, name) for name in graph}
    circles = [(name, target) for name in graph for target in graph[name] if name in ahead.get(target, ())]
    return wrong + [f"{name} imports {target}, in a circle" for name, target in circles]


def test_every_module_is_in_the_table_once():
    listed = [name for row in ROWS for name in row]
    assert sorted(listed) == sorted({name.split(".")[1] for name in modules(PACKAGE) if "." in name})


def test_every_import_points_up_the_table_and_to_no_other_lesson():
    assert not faults(PACKAGE)


@pytest.mark.parametrize(
    ("module", "line", "fault"),
    [
        ("arrays.py", "import nonlinear.losses", "nonlinear.arrays imports nonlinear.losses, from further down"),
        ("losses.py", "def f():\n    from nonlinear import sweeps", "nonlinear.losses imports nonlinear.sweeps, from"),
        ("special.py", "if False:\n    from .network import MLP", "nonlinear.special imports nonlinear.network, from"),
        ("course/text.py", "from ..widgets import Curves", "nonlinear.course.text imports nonlinear.widgets, from"),
        ("widgets/maps.py", "from nonlinear import lessons", "nonlinear.widgets.maps imports nonlinear.lessons, from"),
        (
            "lessons/initialisation/figures.py",
            "from nonlinear.lessons.zero_centring import experiment",
            "nonlinear.lessons.zero_centring.experiment, of another lesson",
        ),
        ("losses.py", "import nonlinear.losses", "nonlinear.losses imports nonlinear.losses, in a circle"),
        (
            "optimisers.py",
            "from nonlinear import clipping",
            "nonlinear.optimisers imports nonlinear.clipping, in a circle",
        ),
        (
            "lessons/what_non_linearity_buys/experiment.py",
            "def f():\n    from . import figures",
            "nonlinear.lessons.what_non_linearity_buys.figures, in a circle",
        ),
    ],
)
def test_a_planted_import_is_found(module, line, fault, tmp_path):
    copy = tmp_path / "nonlinear"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("*.npz", "*.json", "*.js", "__pycache__"))
    code = (copy / module).read_text(encoding="utf-8")
    (copy / module).write_text(f"{code}\n{line}\n", encoding="utf-8")
    assert any(fault in found for found in faults(copy))


# One rule from the name of a notebook to the names of its package and of its tests


def test_every_notebook_has_its_package_and_its_tests():
    slugs = {grids.package(name) for name in NOTEBOOKS}
    packages = {path.parent.name for path in PACKAGE.glob("lessons/*/__init__.py")}
    assert packages == slugs == {name for name in slugs if (TESTS / f"test_{name}.py").is_file()}
    assert all((PACKAGE / f"lessons/{slug}/experiment.py").is_file() for slug in slugs)


def own(name, code):
    return set(re.findall(r"nonlinear\.lessons\.(\w+)", code)) <= {grids.package(name)}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_lesson_and_its_tests_use_no_other_lesson(name):
    notebook = json.loads(NOTEBOOKS[name].read_text(encoding="utf-8"))
    code = "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
    tests = TESTS / f"test_{grids.package(name)}.py"
    assert own(name, code) and own(name, tests.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("kind", "heavy"),
    [("experiment", {"matplotlib", "ipywidgets", "anywidget", "IPython"}), ("widgets", {"matplotlib"})],
)
def test_what_computes_and_what_moves_loads_no_matplotlib(kind, heavy):
    packages = sorted(path.parent.name for path in PACKAGE.glob(f"lessons/*/{kind}.py"))
    names = [f"nonlinear.lessons.{name}.{kind}" for name in packages]
    code = f"import sys\nfor name in {names}:\n    __import__(name)\n    assert not set(sys.modules) & {heavy}, name"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
