"""The lessons: stored as the normaliser writes them, and every stored output is what the cell prints today."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import fonts
import nbformat
import normalise_notebooks
import pytest
import starters

ROOT = Path(__file__).parents[1]
LESSONS = sorted((ROOT / "book").glob("*.ipynb"))
HIDDEN = {"hide-cell", "hide-input", "remove-cell", "remove-input"}
# OpenBLAS's kernels round differently: Haswell multiplies and adds in one rounding; Prescott, with which the site is
# built and compared (tests/site/test_site.py), in two. So each lesson is executed twice, once under each.
# Where NumPy has no x86-64 OpenBLAS (Apple's Accelerate, ARM) the variable changes nothing and both runs are the same.
CORE = "Haswell"
# A lesson aims at 20 s on two idle cores, 40 s of computing; the rest allows for slow and busy machines.
LIMIT = 120

each_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def cells(path, kind="code"):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def tags(cell):
    return set(cell.metadata.get("tags", []))


def plain_texts(cell):
    return [output.data.get("text/plain", "") for output in cell.outputs if "data" in output]


def child_seconds():
    """The processor time of all finished child processes: unlike the clock's, it hardly depends on other programs."""
    times = os.times()
    return times.children_user + times.children_system


def test_the_book_has_lessons():
    assert LESSONS


@each_lesson
def test_is_stored_as_the_normaliser_writes_it(path):
    text = path.read_text(encoding="utf-8")
    assert normalise_notebooks.normalise(text) == text, "run make normalise"


@each_lesson
def test_every_cell_was_executed_once_in_order(path):
    counts = [cell.execution_count for cell in cells(path) if "skip-execution" not in tags(cell)]
    assert counts == list(range(1, len(counts) + 1))


@each_lesson
def test_cell_ids_are_unique(path):
    ids = [cell["id"] for cell in nbformat.read(path, as_version=4).cells]
    assert len(ids) == len(set(ids))


@each_lesson
def test_no_picture_or_widget_is_stored(path):
    kinds = {kind for cell in cells(path) for output in cell.outputs for kind in output.get("data", {})}
    assert not {kind for kind in kinds if "image/" in kind or "jupyter.widget" in kind}


@each_lesson
def test_ignored_and_skipped_cells_are_tagged_for_both_runners(path):
    for cell in cells(path):
        assert ("skip-execution" in tags(cell)) == ("nbval-skip" in tags(cell)), cell.source
        assert not re.search(r"^#\s*(NBVAL|PYTEST_VALIDATE)", cell.source, re.M), "use a tag, not a comment"


@each_lesson
def test_visible_cells_are_short(path):
    long = [cell["id"] for cell in cells(path) if not HIDDEN & tags(cell) and len(cell.source.splitlines()) > 12]
    assert not long, "show 12 lines at most; move the rest to nonlinear"


@each_lesson
def test_makes_assertions(path):
    source = "\n".join(cell.source for cell in cells(path) if not cell.source.startswith("%"))
    assert any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(source)))


@each_lesson
def test_every_figure_has_alternative_text(path):
    def has_alt(cell):
        return bool(cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "").strip())

    shown = re.compile(r"<(Figure|Picture) size")
    drawn = [cell for cell in cells(path) if any(map(shown.match, plain_texts(cell)))]
    assert not [cell["id"] for cell in drawn if not has_alt(cell)]


@each_lesson
def test_every_exercise_has_a_solution_and_code_comes_from_the_solution(path):
    text = "\n".join(cell.source for cell in cells(path, "markdown"))
    asked = re.findall(r"\{exercise-start\}.*?\{exercise-end\}", text, re.S)
    assert 2 <= len(asked) <= 4 and text.count("{solution-start}") == len(asked)
    assert not [exercise for exercise in asked if "```python" in exercise], "write {starter}, not a copy of the code"
    shown = [label for exercise in asked for label in re.findall(r"\{starter\} ([\w-]+)", exercise)]
    assert sorted(shown) == sorted(starters.starters(cells(path)))


@each_lesson
def test_every_cell_that_promises_a_figure_draws_one(path):
    shown = re.compile(r"<(Figure|Picture) size")
    promised = [cell for cell in cells(path) if "image" in cell.metadata.get("mystnb", {})]
    assert promised
    assert not [cell["id"] for cell in promised if not any(map(shown.match, plain_texts(cell)))]


FAILS_UNSOLVED = """
try:
    exec({starter!r}, dict(globals()))
except Exception:
    pass
else:
    raise AssertionError("the check of {label} passes unsolved")
"""


def with_starters(path, folder):
    """Return a copy of a lesson in which a cell before each solution sees that the starter fails its check."""
    notebook, copied = nbformat.read(path, as_version=4), []
    unsolved = starters.starters(notebook.cells)
    for cell in notebook.cells:
        if label := cell.metadata.get("exercise"):
            copied.append(nbformat.v4.new_code_cell(FAILS_UNSOLVED.format(starter=unsolved[label], label=label)))
        copied.append(cell)
    notebook.cells = copied
    nbformat.write(notebook, folder / path.name)
    return folder / path.name


@pytest.fixture(scope="module")
def listed_fonts():
    """Matplotlib's list of fonts: where making it takes long, a lesson would print that it does."""
    fonts.list_fonts(ROOT / "_build" / ".matplotlib")


def without_network():
    """Return an environment in which Python, and each kernel that it starts, connects to nothing elsewhere."""
    path = [str(ROOT / "tests" / "no_network"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(path)}


CALLS = ["socket.create_connection(('192.0.2.1', 80), 0.1)", "urllib.request.urlopen('http://host.invalid/')"]


@pytest.mark.parametrize("call", CALLS)
def test_a_lesson_that_connects_fails(call):
    command = [sys.executable, "-c", f"import socket, urllib.request; {call}"]
    run = subprocess.run(command, env=without_network(), capture_output=True, text=True)
    assert run.returncode == 1 and "a lesson connects to nothing" in run.stderr


@each_lesson
@pytest.mark.usefixtures("listed_fonts")
def test_prints_what_is_stored(path, tmp_path):
    path = with_starters(path, tmp_path)
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "--nbval-cell-timeout=120"]
    command += [f"--nbval-sanitize-with={ROOT / 'tests/nbval_sanitize.cfg'}", str(path)]
    start = child_seconds()
    run = subprocess.run(
        command, cwd=ROOT, env=without_network() | {"OPENBLAS_CORETYPE": CORE}, capture_output=True, text=True
    )
    seconds = child_seconds() - start
    assert run.returncode == 0, run.stdout + run.stderr
    checked = [cell for cell in cells(path) if "nbval-skip" not in tags(cell)]
    assert f"{len(checked)} passed" in run.stdout
    assert seconds < LIMIT, f"{path.stem} took {seconds:.0f} s of computing; aim at 20 s on two idle cores"


def notebook(*code, **changes):
    """A version-4.4 notebook, which has no cell ids, of (source, outputs, metadata) triples."""
    written = [
        {"cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": outputs, "source": source}
        for source, outputs, metadata in code
    ]
    return json.dumps({"cells": written, "metadata": {}, "nbformat": 4, "nbformat_minor": 4} | changes)


def display(**data):
    return {"output_type": "display_data", "metadata": {}, "data": {k.replace("_", "/"): v for k, v in data.items()}}


def test_normaliser_drops_what_nbval_does_not_compare():
    text = notebook(
        ("figure", [display(image_png="AAAA", text_plain="<Figure size 1x1 with 1 Axes>")], {"execution": {"a": 1}}),
        ("picture", [display(image_png="AAAA")], {"tags": ["hide-input"], "scrolled": True}),
        ("clock", [display(text_plain="12:00")], {"tags": ["nbval-ignore-output"]}),
        ("glue", [display(**{"application/papermill.record/text/plain": "3"})], {"claims": ["0.2"], "exercise": "ex"}),
    )
    stored = json.loads(normalise_notebooks.normalise(text))
    figure, picture, clock, glue = stored["cells"]
    assert figure["outputs"][0]["data"] == {"text/plain": ["<Figure size 1x1 with 1 Axes>"]}
    assert [picture["outputs"], clock["outputs"]] == [[], []]
    assert glue["outputs"][0]["data"] == {"application/papermill.record/text/plain": "3"}
    assert [cell["metadata"] for cell in stored["cells"]] == [
        {},
        {"tags": ["hide-input"]},
        {"tags": ["nbval-ignore-output"]},
        {"claims": ["0.2"], "exercise": "ex"},
    ]
    assert stored["metadata"] == normalise_notebooks.METADATA


def test_normaliser_is_idempotent_and_keeps_cell_ids():
    once = normalise_notebooks.normalise(notebook(("a = 1", [], {}), ("b = 2", [], {})))
    kept = once.replace('"cell-01"', '"first"')
    assert normalise_notebooks.normalise(once) == once
    assert normalise_notebooks.normalise(kept) == kept
    assert [cell["id"] for cell in json.loads(once)["cells"]] == ["cell-01", "cell-02"]


def test_normaliser_replaces_a_repeated_id():
    once = normalise_notebooks.normalise(notebook(("a = 1", [], {}), ("b = 2", [], {})))
    repeated = json.loads(normalise_notebooks.normalise(once.replace("cell-02", "cell-01")))
    assert [cell["id"] for cell in repeated["cells"]] == ["cell-01", "cell-02"]


def test_normaliser_executes_in_the_folder_of_the_notebook(tmp_path):
    path = tmp_path / "lesson.ipynb"
    path.write_text(notebook(("from pathlib import Path\nprint(Path.cwd().name)\nprint(6 * 7)", [], {})))
    assert normalise_notebooks.main(["--check", str(path)]) == 1
    assert normalise_notebooks.main([str(path)]) == 0
    assert normalise_notebooks.main(["--check", str(path)]) == 0
    (cell,) = cells(path)
    assert cell.execution_count == 1
    assert [(output.name, output.text) for output in cell.outputs] == [("stdout", f"{tmp_path.name}\n42\n")]
