"""One unit in the plane of its kink and slope: what is said of its steps, and where it may start."""

import numpy as np
import pytest

from nonlinear.widgets import PhasePortrait
from nonlinear.widgets._base import shown
from nonlinear.widgets.phase_portrait import RATES, on, walk
from tests.widgets.driving import drawn, put

POINTS = [(k / 10, y) for k, y in enumerate((-0.1, 0.05, -0.05, 0.1, 0, 0.4, 0.45, 0.55, 0.9, 0.95, 1.25))]


@pytest.mark.parametrize(
    ("setting", "words", "state"),
    [
        ({"kink": 0.3, "slope": 1.0}, "Alive: on at 8 of 11 points.", "alive"),
        ({"kink": 1.2, "slope": 2.0, "rule": "Adam"}, "Dead from the start: no point reaches it", "dead"),
        ({"kink": 0.86, "slope": -1.3, "rate": 0.3}, "Dead since step 33: no point reaches it", "dead"),
        ({"kink": 0.86, "slope": -1.3, "rate": 0.3, "rule": "Adam"}, "Alive again: on at ", "alive again"),
        ({"kink": 0.5, "slope": 0.0}, "Dead from the start", "dead"),
    ],
)
def test_it_says_what_becomes_of_a_unit(show, setting, words, state):
    widget = PhasePortrait(POINTS, step=200, **setting)
    page, path = show(widget), widget.walk()
    assert page.locator(".status").text_content().startswith(words) and widget.state() == state
    values = page.locator("dd").all_text_contents()
    assert values[1] == shown(path[-1, 0], ".3g")
    assert page.locator("circle.point.on").count() == on(POINTS, *path[-1]).sum()
    assert (values[3:] == ["0", "0"]) == (state == "dead")


@pytest.mark.parametrize("rule", ["SGD", "momentum", "Adam"])
def test_a_unit_that_starts_dead_stays_where_it_is(rule):
    for kink, slope in ((1.0, 2.0), (1.4, 0.5), (0.0, -1.0), (-0.4, -2.5)):
        path = walk(POINTS, kink, slope, rule, 0.5)
        assert np.all(path == path[0]) and not on(POINTS, *path[0]).any()


def test_an_address_holds_the_rate_itself(phase_portrait):
    assert phase_portrait.places == {"rate": list(RATES)} and phase_portrait.rate == RATES.index(0.1)


def test_the_start_is_dragged_and_the_steps_begin_anew(show, phase_portrait):
    page = show(phase_portrait)
    box = page.locator("svg").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 5, box["y"] + 100, steps=3)
    page.mouse.up()
    assert "step=0" in drawn(page) and page.evaluate("model.get('slope')") > 1


def test_it_survives_a_wrong_state(show, phase_portrait):
    shown_now = put(show(phase_portrait), kink="x", slope=99, rule="Newton", rate=-1, step=1e9)
    assert shown_now == "kink=-0.5 slope=3 rule=SGD rate=0 step=200"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"points": [0.1, 0.2]}, r"points must have shape \(n, 2\) with n >= 2.*got \(2,\)"),
        ({"points": [(0, 0), (2, 1)]}, r"points must have x between -0.5 and 1.5; got \[0.0, 2.0\]"),
        ({"points": [(0, 0), (1, np.nan)]}, "points must be finite"),
        ({"kink": 2}, "kink must lie between -0.5 and 1.5, the ends of its slider; got 2"),
        ({"slope": -4}, "slope must lie between -3 and 3"),
        ({"step": 201}, "step must lie between 0 and 200"),
        ({"rate": 0.7}, "rate must be one of .*got 0.7"),
        ({"rule": "sgd"}, "rule must be one of 'SGD', 'momentum', 'Adam'; got 'sgd'"),
    ],
)
def test_it_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        PhasePortrait(**{"points": POINTS, **changes})
