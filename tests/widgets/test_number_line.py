"""The number line: in Python, and in a browser against what Python says about the same data."""

import numpy as np
import pytest

from nonlinear.lessons.what_the_machine_computes import experiment
from nonlinear.widgets import NumberLine
from nonlinear.widgets.number_line import text_of
from tests.widgets.driving import drawn, put


def a_line(**changes):
    shape, flat = (2, 1, 2, 3), (2, 3)
    given = {"x": [-1, 0, 1], "choices": ["f", "g"], "rows": ["float64"], "ways": ["slow", "fast"]}
    given |= {"values": np.zeros(shape), "errors": np.ones(shape), "kinds": np.ones(shape, int)}
    given |= {"kind_names": ["right", "wrong"], "ticks": (0,)}
    given |= {"bases": np.zeros(flat), "mantissas": np.full(flat, 2.5), "exponents": np.full(flat, -9)}
    return NumberLine(**{**given, **changes})


# In Python


def test_number_line_keeps_values_exactly_and_errors_to_two_digits(number_line):
    given, kept = experiment.number_line(), number_line.arrays()
    np.testing.assert_array_equal(kept["values"], given["values"])
    np.testing.assert_array_equal(kept["kinds"], given["kinds"])
    right = np.isfinite(given["errors"])
    np.testing.assert_array_equal(np.isfinite(kept["errors"]), right)
    np.testing.assert_allclose(kept["errors"][right], given["errors"][right], rtol=0.051, atol=0.005)


@pytest.mark.parametrize(
    ("value", "base", "text"),
    [
        (np.nan, 0, "not a number"),
        (-np.inf, 1, "infinite"),
        (0.0, 1, "exactly 0"),
        (-1.0, -1, "exactly −1"),
        (1 - 2.0**-24, 1, "1 − 5.96 × 10⁻⁸"),
        (-1 + 2.0**-24, -1, "−1 + 5.96 × 10⁻⁸"),
        (1e-9, 1, "10⁻⁹"),
        (-45.671, 0, "−45.67"),
    ],
)
def test_values_in_words(value, base, text):
    assert text_of(value, base) == text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": [0, 0, 1]}, "x must be a rising list"),
        ({"values": np.zeros(3)}, r"values must have shape \(2, 1, 2, 3\); got \(3,\)"),
        ({"exponents": np.zeros(3)}, r"exponents must have shape \(2, 3\)"),
        ({"kind_names": ["right"]}, "kinds must be places in kind_names"),
        ({"kind_names": list("abcdef")}, "holds 1 to 5 names"),
        ({"ticks": (0, 7)}, "ticks must be among the numbers x; got 7"),
        ({"choice": "h"}, "choice1 .function. must be one of 'f', 'g'; got 'h'"),
    ],
)
def test_number_line_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        a_line(**changes)


@pytest.mark.parametrize("place", [-1, 3])
def test_number_line_refuses_a_place_off_the_line(place):
    with pytest.raises(ValueError, match=rf"slider1 \(x\) must be a place from 0 to 2; got {place}"):
        a_line().slider1 = place


def test_alt_text_does_not_depend_on_the_state(number_line):
    alt = number_line.alt
    number_line.choice1, number_line.slider1 = "tanh", 0
    assert number_line.alt == alt


# In a browser


def test_number_line_says_what_python_says(show, number_line):
    page, rng = show(number_line, width=390), np.random.default_rng(6)
    places = len(number_line.arrays()["x"])
    for choice in rng.choice(number_line.choices[0][1], 100):
        number_line.choice1, number_line.slider1 = str(choice), int(rng.integers(places))
        assert put(page, choice1=number_line.choice1, slider1=number_line.slider1).startswith(
            f"choice1={choice} slider1="
        )
        truth, *expected = number_line.said().values()
        assert page.locator(".truth").text_content().endswith(f": the true value is {truth}.")
        parts = [[part.text_content() for part in cell.locator("b, span").all()] for cell in page.locator("td").all()]
        assert [f"{value}: {kind}{off and ', '}{off}" for value, kind, off in parts] == expected
    assert page.locator("tbody th").all_text_contents() == number_line.rows


def test_number_line_draws_every_kind_where_it_is(show, number_line):
    page, kinds = show(number_line, choice1="tanh"), number_line.arrays()["kinds"][2].reshape(6, -1)
    script = """groups => groups.map(group => [...group.children].map(rect =>
        [Number(rect.getAttribute("class").slice(5)), Number(rect.getAttribute("width"))]))"""
    for band, runs in zip(kinds, page.locator(".bands svg > g").evaluate_all(script)[:6], strict=True):
        step = sum(width for _, width in runs) / len(band)
        lengths = [round(width / step) for _, width in runs]
        assert np.repeat([kind for kind, _ in runs], lengths).tolist() == band.tolist()


def test_buttons_jump_from_change_to_change(show, number_line):
    page, kinds = show(number_line, slider1=0), number_line.arrays()["kinds"][1].reshape(6, -1)
    changes = (np.flatnonzero(np.any(np.diff(kinds), axis=0)) + 1).tolist()
    visited = []
    for _ in [*changes, "past the last"]:
        page.get_by_role("button", name="Next change").press("Enter")
        visited.append(int(drawn(page).split("slider1=")[1]))
    assert visited == [*changes, changes[-1]] and len(changes) > 5
    page.get_by_role("button", name="Previous change").press("Enter")
    assert drawn(page).endswith(f"slider1={changes[-2]}")


def test_the_pointer_moves_along_the_line(show, number_line):
    page = show(number_line, width=390)
    bands = page.locator(".bands svg")
    box = bands.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 80)
    page.mouse.down()
    first = drawn(page)
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 80, steps=4)
    assert drawn(page).endswith(f"slider1={len(number_line.arrays()['x']) - 1}") and first != drawn(page)
    page.mouse.up()
    page.mouse.move(box["x"] + 100, box["y"] + 80)
    assert drawn(page).endswith(f"slider1={len(number_line.arrays()['x']) - 1}")


def test_number_line_survives_a_wrong_state(show, number_line):
    assert put(show(number_line), choice1="GELU", slider1="x") == "choice1=sigmoid slider1=0"
