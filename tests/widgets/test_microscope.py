"""Units over time: what is drawn, said and listed is what Python holds."""

import numpy as np
import pytest

from nonlinear.widgets import Microscope
from nonlinear.widgets.microscope import ALIVE, DEAD, REVIVED, runs
from tests.widgets.driving import a_table, put

# The blocks of the histograms, with their shade.
BINS = """paths => paths.flatMap(path => [...(path.getAttribute("d") ?? "").matchAll(/M([-\\d.]+),([-\\d.]+)/g)]
  .map(([, x, y]) => ({x: +x, y: +y, opacity: +path.getAttribute("fill-opacity")})))"""


def test_it_draws_and_says_what_python_holds(show, microscope):
    page, rng = show(microscope), np.random.default_rng(1)
    for _ in range(12):
        microscope.choice1, microscope.choice2 = (str(rng.choice(options)) for _, options in microscope.choices)
        microscope.slider1, microscope.slider2 = int(rng.integers(10)), int(rng.integers(24))
        put(page, **{trait: getattr(microscope, trait) for trait in microscope.shared})
        terms, values = page.locator("dt").all_text_contents(), page.locator("dd").all_text_contents()
        assert dict(zip(terms, values, strict=True)) == microscope.said()
        pieces = [state for row in microscope.states() for state, *_ in runs(row)]
        paths = [page.locator(f"path.{name}").first for name in ("dead", "alive", "again", "stripe")]
        drawn = [(path.get_attribute("d") or "").count("M") for path in paths]
        assert drawn == [pieces.count(state) for state in (DEAD, ALIVE, REVIVED, REVIVED)]
        shares, bins = np.sqrt(microscope.histogram()), page.locator("path.bin").evaluate_all(BINS)
        bins = sorted(bins, key=lambda each: (each["x"], -each["y"]))  # time by time, and upwards
        np.testing.assert_allclose([each["opacity"] for each in bins], shares[shares > 0], atol=1e-6)
        places = {key: sorted({each[key] for each in bins}) for key in "xy"}
        at = [(places["x"].index(each["x"]), places["y"][::-1].index(each["y"])) for each in bins]
        used = [np.flatnonzero(shares.any(axis=axis)) for axis in (1, 0)]
        assert [(used[0][x], used[1][y]) for x, y in at] == [(t, n) for t, n in np.argwhere(shares > 0)]


def test_what_comes_later_is_hidden(show, microscope):
    page = show(microscope)
    widths = []
    for time in (0, 11, 23):
        put(page, slider2=time)
        widths.append(page.locator("clipPath rect").first.evaluate("rect => rect.width.baseVal.value"))
    assert widths[1] / widths[2] == pytest.approx(12 / 24) and widths[0] / widths[2] == pytest.approx(1 / 24)


def test_the_table_counts_the_units_so_far(show, microscope):
    _, rows = a_table(show(microscope))
    states = microscope.states()[:, : microscope.time + 1]
    counts = [[t, *((states[:, t] == state).sum() for state in (ALIVE, REVIVED, DEAD))] for t in range(states.shape[1])]
    assert [[int(text) for text in row] for row in rows] == counts


def test_before_the_given_time_nothing_has_revived(microscope):
    assert not (microscope.states()[:, : microscope.since + 1] == REVIVED).any()
    microscope.slider2 = microscope.since
    assert list(microscope.said().values())[1] == "0"


ALIVES, SHARES = np.ones((2, 3, 4), bool), np.full((2, 3, 2), 0.5)


def a_microscope(**changes):
    given = {"alive": ALIVES, "shares": SHARES, "edges": [-1, 0, 1], "choices": {"layer": ["1", "2"]}}
    return Microscope(**{**given, "sliders": {"epoch": range(3)}, "since": 1, **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"alive": ALIVES.astype(int)}, r"alive must be booleans of shape \(2, 3, 'units'\).*got int64"),
        ({"alive": ALIVES[:1]}, r"alive must be booleans.*got bool of shape \(1, 3, 4\)"),
        ({"shares": SHARES + 1}, r"shares must lie in \[0, 1\] and have the shape \(2, 3, 'bins'\)"),
        ({"shares": SHARES[:, :1]}, r"shares must.*got \(2, 1, 2\)"),
        ({"shares": SHARES * np.nan}, "shares must be finite"),
        ({"edges": [0, 1]}, "edges must be 3 rising numbers, for 2 bins"),
        ({"edges": [1, 0, -1]}, "edges must be 3 rising numbers"),
        ({"since": 3}, "since must be a place from 0 to 2 on the last slider; got 3"),
    ],
)
def test_it_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        a_microscope(**changes)
