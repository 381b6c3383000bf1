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


def test_marks_stand_at_the_medians_and_the_ends(show, forest):
    page = show(forest)
    drawn = """kind => [...el.firstElementChild.shadowRoot.querySelectorAll(`.row .${kind}`)]
      .map(path => path.getAttribute("d").match(/-?[0-9.]+/g).map(Number))"""
    names = page.locator(".row text").all_text_contents()
    for slider in range(5):
        forest.slider1 = slider
        put(page, slider1=slider)
        values = forest.shown()[[forest.rows.index(name) for name in names]]
        ends = np.array(page.evaluate(drawn, "ends")).reshape(-1, 2, 3)
        medians = np.array(page.evaluate(drawn, "medians")).reshape(len(names), 2, -1)
        middle = medians[..., 0] + 3
        found = np.concatenate([middle[..., None], ends[..., [0, 2]]], axis=-1)
        scale, start = np.polyfit(values.ravel(), found.ravel(), 1)
        np.testing.assert_allclose(found, start + scale * values, atol=0.11)
        assert np.all(ends[..., 1] == medians[..., 1]) and np.all(ends[:, 1, 1] > ends[:, 0, 1])
        nought = page.locator(".nought").evaluate("line => line.x1.baseVal.value")
        assert nought == pytest.approx(start, abs=0.11) and scale > 0


def test_rows_jump_while_they_are_dragged_and_glide_afterwards(show, forest):
    page = show(forest)
    page.evaluate("globalThis.clock = 10000; performance.now = () => clock")
    dragged = []
    for pause, slider in ((1000, 1), (100, 2), (100, 3), (1000, 4)):
        page.evaluate("pause => { clock += pause; }", pause)
        put(page, slider1=slider)
        dragged.append(page.locator("svg.dragged").count())
    assert dragged == [0, 1, 1, 0]
