"""The way back of one unit: in Python, and in a browser against what Python says about the same curves."""

import numpy as np
import pytest

from nonlinear.activations import ELU, HardTanh, ReLU
from nonlinear.course.descent import descent_path, descent_step, recovery_steps
from nonlinear.widgets import Descent, _base
from tests.widgets.driving import put

SETTING = {"rate": 0.1, "target": 1.0, "most": 200_000}


def counts(text: str) -> list[int]:
    """Return the numbers in a verdict."""
    return [int(word.replace(",", "")) for word in text.replace("0.", "").split() if word[0].isdigit()]


# In Python


@pytest.mark.parametrize(
    ("function", "z", "words"),
    [
        ("ReLU", -1, "Never back: the slope is exactly 0"),
        ("ReLU", 0.5, "This unit is not stuck"),
        ("SiLU", -1.3, "Never back: the slope is negative"),
        ("SiLU", -1.25, "Back at 0 after "),
        ("GELU", -0.8, "Never back"),
        ("GELU", -0.7, "Back at 0 after "),
        ("Leaky ReLU 0.1", -10, "Back at 0 after 347 steps."),
    ],
)
def test_the_verdict(descent, function, z, words):
    descent.function, descent.z = function, z
    assert descent.said().startswith(words)
    assert _base.png(descent.figure())


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"functions": {}}, TypeError, "functions must map names to pointwise"),
        ({"functions": {"hard": HardTanh()}}, ValueError, "a kink at 0 and nowhere else; 'hard' has"),
        ({"functions": {"ReLU": ReLU()}, "z": -13}, ValueError, "z must lie between -12 and 2; got -13"),
        ({"functions": {"ReLU": ReLU()}, "function": "ELU"}, ValueError, "function must be one of 'ReLU'; got 'ELU'"),
    ],
)
def test_descent_refuses(given, error, message):
    with pytest.raises(error, match=message):
        Descent(**given)


def test_z_goes_to_the_place_on_the_slider_that_is_nearest(descent):
    descent.z = -1.277
    assert descent.z == -1.3


# In a browser


def test_steps_and_path_are_those_of_python(show, descent):
    """Over 200 random starts for every function."""
    page, rng = show(descent), np.random.default_rng(3)
    count = descent.arrays()["values below"].shape[1]
    curves = f"""([k, starts, setting]) => inside("unpack")(model.get("data"), model.get("data_layout")).then(arrays =>
      starts.map(z => inside("descend")({{values: arrays["values below"], slopes: arrays["slopes below"],
        start: k * {count}, count: {count}, low: -16, per: 16}}, z, setting)))"""
    for k, f in enumerate(descent._functions.values()):
        starts = rng.uniform(-7, 0, 200)
        expected = recovery_steps(f, starts, most=20_000)
        answers = page.evaluate(curves, [k, starts.tolist(), {**SETTING, "most": 20_000}])
        steps = np.array([np.inf if each["steps"] is None else each["steps"] for each in answers], float)
        np.testing.assert_allclose(steps, expected, rtol=1e-4, atol=1)
        for start, each in zip(starts[:10], answers[:10], strict=True):
            walked = descent_path(f, start, 200)
            for n, z in [pair for pair in each["path"] if pair[0] <= 200]:
                assert z == pytest.approx(walked[n], abs=1e-4)


def test_the_slope_changes_its_sign_where_python_says(show, descent):
    page = show(descent)
    for name in ("SiLU", "GELU"):
        assert put(page, function=name, z=-3).startswith(f"function={name} z=-3")
        edge = page.evaluate("() => +el.firstElementChild.shadowRoot.querySelector('.zone').getAttribute('width')")
        frame = page.evaluate(
            "() => +el.firstElementChild.shadowRoot.querySelector('clipPath rect').getAttribute('width')"
        )
        place = -12 + 15 * edge / frame
        step = lambda z, f=descent._functions[name]: float(descent_step(f, z))  # noqa: E731
        assert step(place - 0.002) < 0 < step(place + 0.002)


@pytest.mark.parametrize("width", [390, 1280])
def test_descent_says_what_python_says(show, descent, width):
    page, rng = show(descent, width=width), np.random.default_rng(4)
    for name in rng.choice(list(descent._functions), 40).tolist():
        descent.function, descent.z = name, float(rng.uniform(-6, 1))
        put(page, function=name, z=descent.z)
        said = page.locator(".status").text_content()
        assert said.split(" after ")[0] == descent.said().split(" after ")[0]
        assert counts(said) == pytest.approx(counts(descent.said()), rel=1e-4, abs=1)


def test_a_drag_on_the_curve_moves_z(show, descent):
    page = show(descent, width=390)
    box = page.locator("svg").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 100, steps=4)
    page.mouse.up()
    assert -1 < page.evaluate("model.get('z')") <= 2


def test_descent_survives_a_wrong_state(show, descent):
    assert put(show(descent), function="?", z="x") == "function=ReLU z=-12"


def test_a_long_way_is_given_up(show):
    page = show(Descent({"ELU": ELU()}, z=-12))
    assert page.locator(".status").text_content() == "Not back after 200,000 steps, though each leads upwards."
