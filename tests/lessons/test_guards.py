"""The guards of what lessons say, each seen to find a fault that was planted for it.

A typed result is looked for by `tests.lessons.numerals`, in every place where a reader reads. Here a number is typed
into each of these places of a lesson, and must be found. The other guards are here with their planted faults: a number
that leads to no cell, a comparison over one set of seeds, and a framework that is spoken of without a place to look.
"""

import ast
import copy
import json
import re

import pytest

from tests.lessons.numerals import typed
from tests.site.pages import ROOT, lessons

every_lesson = pytest.mark.parametrize("lesson", lessons())
PLANTED = "7,531.9"
PLACES = {
    "prose": ("# ", " with {} units\n\n"),
    "a table": ("| often taught ", "| {} |\n|---|\n\n"),
    "a question": ("```{quiz} ", "```{{quiz}} Is it {}?\n"),
    "an answer of a quiz": ("\n- [x] ", "\n- [ ] It is {}.\n- [x] "),
    "what a quiz says to an answer": ("\n- [x] ", "\n- [ ] No.\n  It is {}.\n- [x] "),
    "an answer below a widget": (":class: dropdown\n", ":class: dropdown\nAt {}.\n"),
    "a formula in a line": ("# ", "$x = {}$\n\n"),
    "a formula of its own": ("# ", "\n$$\nx = {}\n$$\n\n"),
}


def stored(lesson):
    """Return the notebook of a lesson."""
    return json.loads((ROOT / f"{lesson}.ipynb").read_text(encoding="utf-8"))


def planted(place, number):
    """Return a lesson with a number typed into one of the places."""
    notebook = stored("book/what-non-linearity-buys")
    drawn = next(cell for cell in notebook["cells"] if "figure" in cell["metadata"].get("mystnb", {}))["metadata"]
    if place == "a caption":
        drawn["mystnb"]["figure"]["caption"] += f" It is {number}."
    elif place == "an alternative text":
        drawn["mystnb"]["image"]["alt"] += f" It is {number}."
    else:
        sign, words = PLACES[place]
        cell = next(c for c in notebook["cells"] if c["cell_type"] == "markdown" and sign in "".join(c["source"]))
        text, fault = "".join(cell["source"]), words.format(number)
        cell["source"] = [text.replace(sign, fault if fault.endswith(sign) or sign in fault else fault + sign, 1)]
    return notebook


@pytest.mark.parametrize("place", [*PLACES, "a caption", "an alternative text"])
def test_a_result_that_is_typed_is_found(place, tmp_path):
    number = PLANTED.replace(",", "") if "formula" in place else PLANTED
    for name, notebook in {"good": stored("book/what-non-linearity-buys"), "bad": planted(place, number)}.items():
        (tmp_path / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    found = typed(tmp_path / "bad.ipynb") - typed(tmp_path / "good.ipynb")
    assert found == {number}


# A number that leads to no cell


def unlinked(notebook):
    """Return the roles that quote a result without a link to its cell: all but ``glue:text``."""
    text = "".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    return re.findall(r"\{glue(?!:text\}`\w+`)[^`]*`[^`]*`", text)


@every_lesson
def test_every_quoted_number_is_linked(lesson):
    """Whether its name is one that a cell gives, the build sees to (`test_extensions`)."""
    assert unlinked(stored(lesson)) == []


@pytest.mark.parametrize("role", ["{glue}`share`", "{glue:text}`share:.2f`", "{glue:figure}`share`"])
def test_a_number_without_a_link_is_found(role):
    assert unlinked({"cells": [{"cell_type": "markdown", "source": [f"It is {role}, or {{glue:text}}`x`."]}]}) == [role]


# A comparison over one set of seeds

# Medians compared outright, and why they may be. Everywhere else it takes two sets of seeds, or a margin.
COMPARED: dict[tuple[str, str], str] = {}


def is_of_seeds(node):
    """Tell whether an expression takes a median; one that a number is added to or multiplied with has a margin."""
    if isinstance(node, ast.BinOp) and any(isinstance(side, ast.Constant) for side in (node.left, node.right)):
        return False
    names = [getattr(n, "attr", getattr(n, "id", "")) for n in ast.walk(node)]
    return any("median" in name for name in names)


def outright(source):
    """Return the comparisons of two medians that a cell asserts without a margin."""
    if source.startswith("%"):
        return []
    found = []
    for node in ast.walk(ast.parse(source)):
        for compared in ast.walk(node) if isinstance(node, ast.Assert) else ():
            if isinstance(compared, ast.Compare):
                sides = [compared.left, *compared.comparators]
                ordered = (isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in compared.ops)
                pairs = zip(ordered, sides[:-1], sides[1:], strict=True)
                found += [ast.unparse(compared) for is_order, *two in pairs if is_order and all(map(is_of_seeds, two))]
    return found


@every_lesson
def test_no_medians_are_compared_over_one_set_of_seeds(lesson):
    cells = [cell for cell in stored(lesson)["cells"] if cell["cell_type"] == "code"]
    name = lesson.removeprefix("book/")
    bare = {(name, cell["id"]) for cell in cells if outright("".join(cell["source"]))}
    assert bare == {place for place in COMPARED if place[0] == name}


@pytest.mark.parametrize(
    ("assertion", "expected"),
    [
        ("assert np.median(one) > np.median(other)", True),
        ("assert 0.1 < np.median(one) <= np.median(other)", True),
        ("assert np.all(medians[0] < medians[1])", True),
        ("assert np.median(one) > 2 * np.median(other)", False),
        ("assert difference(one, other).sign == 1", False),
        ("assert np.median(one) > 0.9", False),
    ],
)
def test_a_comparison_over_one_set_is_found(assertion, expected):
    assert bool(outright(assertion)) == expected


# What is said of a framework

PLACES_TO_LOOK = {
    "PyTorch": r"PyTorch \d|\{cite:\w\}`pytorch|`torch\.|`aten/",
    "JAX": r"JAX \d|\{cite:\w\}`jax|`jax[./]",
    "Keras": r"Keras \d+\.|\{cite:\w\}`keras|`keras\.",
    "Flax": r"\{cite:\w\}`flax|`flax\.",
    "TensorFlow": r"TensorFlow \d|\{cite:\w\}`tensorflow|`tf\.",
}
ELSEWHERE = r"\{doc\}`(activation-names|formulas|accuracy|speed|where-gradients-come-from|initialisation)`"


def unplaced(notebook):
    """Return the frameworks that a lesson names without saying anywhere where to look: a version, source or page."""
    text = "".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    named = [name for name in PLACES_TO_LOOK if name in text]
    return [name for name in named if not re.search(f"{PLACES_TO_LOOK[name]}", text) and not names_page(text, name)]


def names_page(text, name):
    """Tell whether each paragraph that names a framework sends its reader to a page that has the place."""
    return all(re.search(ELSEWHERE, part) for part in re.split(r"\n\s*\n", text) if name in part)


@every_lesson
def test_what_is_said_of_a_framework_has_a_place(lesson):
    assert unplaced(stored(lesson)) == []


@pytest.mark.parametrize("name", PLACES_TO_LOOK)
def test_a_framework_without_a_place_is_found(name):
    notebook = copy.deepcopy(stored("book/the-catalogue"))
    notebook["cells"][0]["source"] += [f"\n\n{name} does so too."]
    assert unplaced(notebook) == [name]
