"""The stall: in Python, and in a browser against what Python says."""

import numpy as np
import pytest

from nonlinear.course.pairings import LOSSES, OUTPUTS, PAIRINGS, descend
from nonlinear.widgets import Stall, _base
from nonlinear.widgets.stall import RATES
from tests.widgets.driving import put

# In Python


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (("sigmoid", "mean square", 12, 0.5), "Right after 162,869 steps."),
        (("sigmoid", "cross-entropy", 12, 0.5), "Right after 46 steps."),
        (("sigmoid", "mean square", -4, 0.5), "Not wrong"),
        (("tanh", "mean square", 12, 0.5), "Not right after 200,000 steps."),
        (("linear", "mean square", 12, 0.5), "Right after 1 step."),
        (("linear", "mean square", 12, 2.0), "Never right: each step overshoots"),
        (("linear", "cross-entropy", 1, 0.5), "No loss to descend on"),
        (("linear", "cross-entropy", 0.5, 0.5), "Never right: it has run past 0"),
    ],
)
def test_the_verdict(stall, state, words):
    output, loss, z, rate = state
    stall.output, stall.loss, stall.z, stall.rate = output, loss, z, RATES.index(rate)
    assert stall.said().startswith(words)
    assert _base.png(stall.figure())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"output": "softmax"}, "output must be one of 'sigmoid', 'tanh', 'linear'; got 'softmax'"),
        ({"loss": "hinge"}, "loss must be one of 'mean square', 'cross-entropy'; got 'hinge'"),
        ({"z": 15}, "z must lie between -4 and 14; got 15"),
        ({"rate": 7}, "rate must be one of 0, 1, 2, 3, 4, 5, 6; got 7"),
    ],
)
def test_stall_refuses(given, message):
    with pytest.raises(ValueError, match=message):
        Stall(**given)


def test_z_goes_to_the_place_on_the_slider_that_is_nearest(stall):
    stall.z = 2.26
    assert stall.z == 2.3


# In a browser


@pytest.mark.parametrize("pair", PAIRINGS, ids=", ".join)
def test_steps_and_path_are_those_of_python(show, stall, pair):
    """Over 200 random starts and rates."""
    page, rng, most = show(stall), np.random.default_rng(3), 3000
    given = [[float(rng.uniform(-4, 14)), float(10 ** rng.uniform(-1.5, 1))] for _ in range(200)]
    script = f"""all => all
      .map(([z, rate]) => inside("descendLoss")(inside("PAIRINGS")["{", ".join(pair)}"], z, rate, {most}))
      .map(({{steps, path}}) => [Number.isNaN(steps) ? "none" : steps === Infinity ? "never" : steps, path])"""
    for (z, rate), (steps, path) in zip(given, page.evaluate(script, given), strict=True):
        way = descend(PAIRINGS[pair], z, rate, most)
        expected = "none" if np.isnan(way.steps) else "never" if np.isinf(way.steps) else way.steps
        assert steps == expected
        assert [n for n, _ in path] == [n for n, _ in way.path]
        np.testing.assert_allclose([at for _, at in path], [at for _, at in way.path], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("pair", PAIRINGS, ids=", ".join)
def test_answer_loss_and_slope_are_those_of_python(show, stall, pair):
    page, zs = show(stall), np.random.default_rng(4).uniform(-4, 14, 200).tolist()
    script = f"""zs => zs.map(z => {{
      const {{answer, value, slope}} = inside("PAIRINGS")["{", ".join(pair)}"];
      return [answer(z), value(z), slope(z)].map(each => Number.isNaN(each) ? null : each);
    }})"""
    pairing = PAIRINGS[pair]
    expected = [[pairing.answer(z), pairing.value(z), pairing.slope(z)] for z in zs]
    np.testing.assert_allclose(np.array(page.evaluate(script, zs), float), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("width", [390, 1280])
def test_stall_says_what_python_says(show, stall, width):
    page, rng = show(stall, width=width), np.random.default_rng(4)
    for _ in range(30):
        stall.output, stall.loss = str(rng.choice(OUTPUTS)), str(rng.choice(LOSSES))
        stall.z, stall.rate = float(rng.uniform(-4, 8)), int(rng.integers(len(RATES)))
        put(page, output=stall.output, loss=stall.loss, z=stall.z, rate=stall.rate)
        assert page.locator(".status").text_content() == stall.said()


def test_a_drag_on_the_curve_moves_z(show, stall):
    page = show(stall, width=390)
    box = page.locator("svg").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 100, steps=4)
    page.mouse.up()
    assert 11 < page.evaluate("model.get('z')") <= 14


def test_stall_survives_a_wrong_state(show, stall):
    page = show(stall)
    assert put(page, output="?", loss="?", z="x", rate="y") == "output=sigmoid loss=mean square z=-4 rate=0"
