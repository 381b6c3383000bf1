"""The page about accuracy says what the library does, and its sentences what its own numbers say.

The columns of PyTorch and JAX need those libraries, which the tests do not: ``benchmarks/accuracy.py`` writes them.
"""

import re

import pytest

from nonlinear.activations import CATALOGUE, FAMILIES, Pointwise
from nonlinear.activations.names import CHECKED, FRAMEWORKS, call
from oracle import page
from oracle.comparisons import OURS, TYPES, Error, densely, in_long_rows, instances, measure
from oracle.points import quantities

PAGE = page.PATH.read_text(encoding="utf-8")
ELSEWHERE = {"arctan", "exponential", "sine"}  # functions of torch and jax.numpy that these do not call activations
# The last bits of an exponential depend on the processor, and some errors with them.
LAST_BITS = 0.3 if f"the one for {page.kernel()}." in PAGE else 1.5
CELLS = page.read(PAGE)
FUNCTIONS = list(instances())


@pytest.mark.parametrize("text", ["0.5", "16†", "1.5, overflow", "2·10⁸†", "zero†", "lost, NaN†", "1,234"])
def test_cells_can_be_read(text):
    assert str(Error.read(text)) == text


def test_the_page_is_written_from_its_numbers():
    """Read and written again it is the same, so its sentences and lists say what its tables do."""
    where, dense = re.search("With Python .*", PAGE)[0], re.search(r"Among [\d,]+ random inputs.*", PAGE)[0]
    assert page.page(CELLS, where, dense) == PAGE


def test_every_function_is_on_the_page_and_no_other():
    expected = set()
    for f in FUNCTIONS:
        labels = [label for label, *_ in quantities(f)] if isinstance(f, Pointwise) else ["value", "gradient"]
        expected |= {
            (call(f), label if label in ("value", "derivative", "gradient") else f"by {label}") for label in labels
        }
    assert set(CELLS) == expected - {("Sparsemax()", "gradient")}
    assert {f.name for f in FUNCTIONS} == set(CATALOGUE)
    assert [heading.lower() for heading in re.findall("\n### (.*)", PAGE)] == [family.lower() for family in FAMILIES]


@pytest.mark.parametrize("library, names", [("torch", "torch.nn.functional"), ("jax", "jax.nn")])
def test_a_library_has_a_column_where_it_has_the_function(library, names):
    known = {
        each.name for entry in FRAMEWORKS[names].values() for each in (entry.ours, *entry.variants.values()) if each
    }
    known |= {entry.ours.name for entry in FRAMEWORKS["torch.nn"].values() if entry.ours and library == "torch"}
    shown = {f.name for f in FUNCTIONS for kind in TYPES if CELLS[call(f), "value"][kind, library]}
    assert shown == known | ELSEWHERE


@pytest.mark.parametrize("f", FUNCTIONS, ids=call)
def test_our_column_is_what_the_library_does(f):
    for row, cells in measure([f], {OURS: None}).items():
        for column, error in cells.items():
            stated = CELLS[row][column]
            assert stated.flaws == error.flaws, (row, column)
            assert abs(stated.ulps - error.ulps) <= LAST_BITS, (row, column, stated, error)


def test_more_inputs_do_not_find_more_than_ten_ulp():
    most, what = densely(20_000)
    assert most <= 10, what


def test_long_rows_of_scores_cost_little_more():
    most, what = in_long_rows(1, rows=100)
    assert 5 < most <= 13, what


@pytest.mark.parametrize("kind, apart", [("float32", 17), ("float64", 37)])
def test_two_scores_show_where_the_others_lose_a_gradient(kind, apart):
    """Far enough apart, the larger probability is rounded to 1, and what is left of the slope to 0."""
    for library in ("torch", "jax"):
        error = CELLS["Softmax()", "gradient"][kind, library]
        assert error.zero and error.lost == apart
    assert not CELLS["Softmax()", "gradient"][kind, OURS].flaws


def test_what_is_infinite_or_no_number_counts_as_lost():
    for library, name in (("torch", "PyTorch"), ("jax", "JAX")):
        cells = [row[kind, library] for row in CELLS.values() for kind in TYPES if row[kind, library]]
        bad = [each for each in cells if not each.flaws.isdisjoint({"lost", "overflow", "NaN"})]
        assert f"{len(bad)} of {len(cells)} for {name}" in PAGE


def test_the_versions_are_those_of_the_names():
    assert all(f"{library} {CHECKED[library]}" in PAGE for library in ("torch", "jax"))
