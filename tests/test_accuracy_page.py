"""The page about accuracy says what the library does, and its sentences what its own numbers say.

The columns of PyTorch and JAX need those libraries, which the tests do not: ``benchmarks/accuracy.py`` writes them.
"""

import html
import math
import re
from pathlib import Path

import pytest

from benchmarks.accuracy import FAMILIES, LIBRARIES, OURS, TYPES, densely, instances, kernel, measure
from nonlinear.activations import CATALOGUE, Pointwise
from nonlinear.activations.names import CHECKED, FRAMEWORKS, call
from tests.accuracy import quantities

PAGE = (Path(__file__).parents[1] / "book" / "accuracy.md").read_text(encoding="utf-8")
ROW = re.compile(r'<tr><th scope="(row|rowgroup)"[^>]*>(.*?)</th>(.*?)</tr>')
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
ELSEWHERE = {"arctan", "exponential", "sine"}  # functions of torch and jax.numpy that these do not call activations
# The last bits of an exponential depend on the processor, and some errors with them.
LAST_BITS = 0.3 if f"the one for {kernel()}." in PAGE else 1.5


def plain(text):
    return html.unescape(re.sub("<[^>]+>", "", text))


def tables():
    """Return the cells of the page by (function, quantity), and there by (type, library)."""
    found, function = {}, None
    for kind, head, cells in ROW.findall(PAGE.partition("## Every function")[2]):
        if kind == "rowgroup":
            function = plain(head)
        else:
            columns = [(dtype, library) for dtype in TYPES for library in LIBRARIES]
            texts = re.findall(r"<td[^>]*>(.*?)</td>", cells)
            found[function, plain(head)] = dict(zip(columns, texts, strict=True))
    return found


def ulps(text):
    """Return the number in a cell, infinity where there are words instead."""
    mantissa, _, exponent = text.rstrip("†").partition(",")[0].replace(",", "").partition("·10")
    if not re.fullmatch(r"[\d.]+", mantissa):
        return math.inf
    return float(mantissa) * 10 ** int(exponent.translate(SUPERSCRIPTS) or 0)


def flaws(text):
    return {word for word in ("lost", "overflow", "NaN", "†") if word in text.replace("zero", "lost")}


CELLS = tables()
FUNCTIONS = list(instances())


def test_cells_can_be_read():
    assert [ulps(text) for text in ("0.5", "16†", "1.5, overflow", "2·10⁸†")] == [0.5, 16, 1.5, 2e8]
    assert ulps("zero†") == ulps("lost, NaN†") == math.inf and flaws("zero, NaN†") == {"lost", "NaN", "†"}


def test_every_function_is_on_the_page_and_no_other():
    expected = set()
    for f in FUNCTIONS:
        labels = [label for label, *_ in quantities(f)] if isinstance(f, Pointwise) else ["value", "gradient"]
        expected |= {
            (call(f), label if label in ("value", "derivative", "gradient") else f"by {label}") for label in labels
        }
    assert set(CELLS) == expected - {("Sparsemax()", "gradient")}
    assert {f.name for f in FUNCTIONS} == set(CATALOGUE) and set(FAMILIES.values()) <= set(re.findall("### (.*)", PAGE))


@pytest.mark.parametrize("library, names", [("torch", "torch.nn.functional"), ("jax", "jax.nn")])
def test_a_library_has_a_column_where_it_has_the_function(library, names):
    known = {
        each.name for entry in FRAMEWORKS[names].values() for each in (entry.ours, *entry.variants.values()) if each
    }
    known |= {entry.ours.name for entry in FRAMEWORKS["torch.nn"].values() if entry.ours and library == "torch"}
    shown = {f.name for f in FUNCTIONS for kind in TYPES if CELLS[call(f), "value"][kind, library] != "–"}
    assert shown == known | ELSEWHERE


@pytest.mark.parametrize("f", FUNCTIONS, ids=call)
def test_our_column_is_what_the_library_does(f):
    for row, cells in measure([f], {OURS: None}).items():
        for column, error in cells.items():
            stated = CELLS[row][column]
            assert flaws(stated) == error.flaws, (row, column)
            assert ulps(stated) - error.ulps <= LAST_BITS, (row, column, stated, error)
            assert error.ulps - ulps(stated) <= LAST_BITS, (row, column, stated, error)


def test_more_inputs_do_not_find_more_than_ten_ulp():
    most, what = densely(20_000)
    assert most <= 10, what


def test_the_exceptions_are_those_of_the_numbers():
    alone, behind, large = [], [], []
    for row, cells in CELLS.items():
        for kind in TYPES:
            ours, *others = (cells[kind, library] for library in LIBRARIES)
            others = [text for text in others if text != "–"]
            alone += [(row, kind)] * any(flaws(ours) - flaws(text) for text in others)
            behind += [(row, kind)] * (bool(others) and ulps(ours) > min(map(ulps, others)) + 3)
            large += [(row, kind)] * (ulps(ours) > 10 or bool(flaws(ours)))
    stated = re.findall(r"Exceptions: (.*)\.", PAGE)
    assert len(stated) == 3
    for missed, text in zip((alone, behind, large), stated, strict=True):
        named = [] if text == "none" else text.split("; ")
        assert len(named) == len(missed)
        for ((function, quantity), kind), words in zip(missed, named, strict=True):
            assert words.startswith(f"`{function}` {quantity} in {kind}: ")


def test_the_summary_is_that_of_the_numbers():
    texts = {library: [c[kind, library] for c in CELLS.values() for kind in TYPES] for library in LIBRARIES}
    for library, name in LIBRARIES.items():
        known = [text for text in texts[library] if text != "–"]
        assert f"{sum('lost' in flaws(text) for text in known)} of {len(known)} for {name}" in PAGE
    (largest,) = re.findall(r"The largest error of ours is ([\d.]+) ulp", PAGE)
    assert float(largest) == max(map(ulps, texts[OURS]))


def test_the_places_where_digits_are_lost_are_those_of_the_tables():
    lost = PAGE.partition("## Where no digit is right")[2].partition("## Every function")[0]
    named = {plain(head): re.findall(r"<td[^>]*>(.*?)</td>", cells) for _, head, cells in ROW.findall(lost)}
    for (function, quantity), cells in CELLS.items():
        texts = [cells[kind, library] for kind in TYPES for library in LIBRARIES if library != OURS]
        places = named.pop(f"{function} {quantity}", ["" if text != "–" else "–" for text in texts])
        if function.endswith("()"):
            assert [place not in ("", "–") for place in places] == ["lost" in flaws(text) for text in texts], function
    assert not named


def test_the_versions_are_those_of_the_names():
    assert all(f"{library} {CHECKED[library]}" in PAGE for library in ("torch", "jax"))
