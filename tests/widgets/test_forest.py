"""The forest: in Python, and in a browser against what Python says about the same differences."""

import numpy as np
import pytest

from nonlinear.course.compare import difference
from nonlinear.widgets import Forest, _base
from tests.widgets.driving import put


def a_forest(**changes):
    noise = np.random.default_rng(0).normal(size=(2, 10))
    apart = np.array([[difference(noise + c, noise) for c in (0, 5, -5)]] * 2, dtype=object)
    given = {"rows": ["none", "up", "down"], "measures": {"points": (apart, 1, ".1f")}, "sliders": {"rate": (1, 2)}}
    return Forest(**{**given, **changes})


def test_rows_are_ranked_and_judged():
    forest = a_forest(row="up")
    assert forest.ranked() == ["up", "none", "down"]
    assert [forest.verdict(row) for row in forest.ranked()] == ["better", "within the noise", "worse"]
    assert forest.sentence() == "up: place 1 of 3; +5.0 [+5.0, +5.0] and +5.0 [+5.0, +5.0]: better."
    assert forest.shown().shape == (3, 2, 3)


def test_less_may_be_better():
    noise = np.random.default_rng(0).normal(size=(2, 10))
    apart = np.array([[difference(noise + c, noise) for c in (5, -5)]] * 2, dtype=object)
    forest = a_forest(rows=["more", "less"], measures={"dead": (apart, -1, ".2f")})
    assert forest.ranked() == ["less", "more"] and forest.verdict("more") == "worse"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rows": ["a"]}, r"measures\['points'\] must hold a Difference for each setting and row, of shape \(2, 1\)"),
        ({"measures": {"points": (np.zeros((2, 3)), 1, ".1f")}}, "must hold a Difference"),
        ({"row": "x"}, "row must be one of 'none', 'up', 'down'; got 'x'"),
    ],
)
def test_forest_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        a_forest(**changes)


def test_alt_text_does_not_depend_on_the_state(forest):
    before = forest.alt
    forest.slider1, forest.choice1, forest.row = 4, "dead share", "remedy 7"
    assert forest.alt == before and _base.png(forest.figure())


@pytest.mark.parametrize("width", [390, 1280])
def test_forest_says_and_ranks_as_python_does(show, forest, width):
    page = show(forest, width=width)
    order = """() => [...el.firstElementChild.shadowRoot.querySelectorAll(".row")]
      .map(row => [parseFloat(row.style.transform.slice(11)), row.firstChild.textContent, row.getAttribute("class")])
      .sort((a, b) => a[0] - b[0]).map(([, name, kind]) => [name, kind.split(" ")[1]])"""
    for choice in forest.choices[0][1]:
        for slider in range(5):
            forest.choice1, forest.slider1, forest.row = choice, slider, f"remedy {2 * slider}"
            put(page, choice1=choice, slider1=slider, row=forest.row)
            kinds = [
                {"within the noise": "tie"}.get(forest.verdict(row), forest.verdict(row)) for row in forest.ranked()
            ]
            assert page.evaluate(order) == [list(pair) for pair in zip(forest.ranked(), kinds, strict=True)]
            assert page.locator(".status").text_content() == forest.sentence()


def test_a_click_follows_a_row(show, forest):
    page = show(forest)
    box = page.locator("svg").first.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 22 * 4 + 8)
    assert page.evaluate("model.get('row')") == forest.ranked()[4]
