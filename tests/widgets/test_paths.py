"""The paths: what Python refuses, and what the script draws, says and plays."""

import re

import numpy as np
import pytest

from nonlinear.widgets import Axis, Paths, Reading
from tests.widgets.driving import drawn, put

# The Python side

WALK = np.array([[[0.0, 0.0], [1.0, 0.5], [1.0, 1.0]], [[0.0, 0.0], [1.0, 1.0], [np.nan, np.nan]]])


def some_paths(**changes):
    given = {"axes": [Axis("rate", [0.1, 0.2])], "paths": WALK, "hessian": [np.eye(2)] * 2, "minimum": np.ones((2, 2))}
    return Paths(**{**given, "readings": {"steps": Reading("steps", [[2.0], [1.0]], ".0f")}, **changes})


def test_a_path_is_kept_to_the_width_of_a_pixel():
    widget = some_paths()
    np.testing.assert_allclose(widget.path(), WALK[0], atol=2.6 / 4095 / 2)
    widget.slider1 = 1
    np.testing.assert_allclose(widget.path(), WALK[1, :2], atol=2.6 / 4095 / 2)
    assert widget.said() == {"steps": "1"}
    assert widget.arrays()["same"].tolist() == [1, 0, 0, 1, 0]


def test_a_reading_sums_up_its_seeds():
    readings = {"a": Reading("share", np.array([[0.2, -0.4, 0.1], [0, 0, 0]]), ".1f")}
    assert some_paths(readings=readings).said() == {"share": "0.1 [−0.4, 0.2]"}


def test_the_note_counts_the_seeds():
    several = {
        "a": Reading("a", np.ones((2, 30))),
        "b": Reading("b", np.ones((2, 5))),
        "c": Reading("c", np.ones((2, 1))),
    }
    assert "the numbers are of 5 and 30 seeds" in some_paths(readings=several).note
    assert some_paths().note == ""
    assert some_paths(note="drawn by hand").note == "drawn by hand"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"axes": []}, "at least one choice or slider"),
        ({"start": [0, 0]}, r"start must have a place on each axis; got 1 axes and \[0, 0\]"),
        ({"start": [2]}, r"slider1 \(rate\) must be a place from 0 to 1; got 2"),
        ({"step": -1}, "step must not be negative; got -1"),
        ({"paths": WALK[:1]}, r"paths must have shape \(2,\) \+ \(steps \+ 1, 2\); got \(1, 3, 2\)"),
        ({"paths": WALK[:, :1]}, "at least two points"),
        ({"paths": WALK[:, ::-1]}, "NaN only after their end"),
        ({"view": 0.9}, "paths reach out to 1; widen the view, which is 0.9"),
        ({"hessian": [np.eye(2)]}, r"hessian must have shape \(2, 2, 2\); got \(1, 2, 2\)"),
        ({"hessian": [-np.eye(2)] * 2}, "hessian must be symmetric and positive definite"),
        ({"minimum": np.ones(2)}, r"minimum must have shape \(2, 2\)"),
        (
            {"readings": {"a": Reading("a", np.ones((3, 1)))}},
            r"readouts\['a'\] must have shape \(2,\).* got \(3, 1\)",
        ),
    ],
)
def test_paths_refuse(changes, message):
    with pytest.raises(ValueError, match=message):
        some_paths(**changes)


def test_a_picture_of_a_path_shows_its_steps_and_its_ellipses():
    axes = some_paths(goal=0.1).figure().axes[0]
    assert len(axes.patches) == 3 and sum(line.get_marker() == "." for line in axes.lines) == 2
    width, height = axes.patches[-1].get_width(), axes.patches[-1].get_height()
    assert (width, height) == (pytest.approx(2 * np.sqrt(0.2), rel=1e-3),) * 2  # the drawn start is rounded
    assert "steps: 2" in axes.figure.get_suptitle()


# In a browser


def test_paths_say_what_python_says(show, paths):
    page, rng = show(paths), np.random.default_rng(12)
    for _ in range(200):
        for n, (_, names) in enumerate(paths.sliders):
            setattr(paths, f"slider{n + 1}", int(rng.integers(len(names))))
        drawn_state = put(page, slider1=paths.slider1, slider2=paths.slider2, slider3=paths.slider3)
        length = len(paths.path()) - 1
        at = f"slider1={paths.slider1} slider2={paths.slider2} slider3={paths.slider3}"
        assert drawn_state == f"{at} step={length}/{length}"
        assert page.locator("dd").all_text_contents() == list(paths.said().values())
        words = page.get_by_role("img").first.get_attribute("aria-label")
        assert all(f"{label}: {text}" in words for label, text in paths.said().items())


def test_paths_are_drawn_where_they_are(show, paths):
    """Read the drawing back into weights, by the start and by the minimum, which Python knows."""
    page, arrays = show(paths), paths.arrays()
    here, path = paths.setting, paths.path()
    dots = np.array(
        page.locator(".point circle").evaluate_all("all => all.map(c => [c.cx.baseVal.value, c.cy.baseVal.value])")
    )
    frame = page.locator("clipPath rect").evaluate("n => [n.x, n.y, n.width].map(side => side.baseVal.value)")
    to_pixels = lambda w: np.array([frame[0], frame[1] + frame[2]]) + (w + 1.9) / 3.8 * frame[2] * np.array([1, -1])  # noqa: E731
    np.testing.assert_allclose(dots, to_pixels(path), atol=0.01)
    ring = page.locator("ellipse").last.evaluate("n => [n.cx, n.cy, n.rx, n.ry].map(side => side.baseVal.value)")
    np.testing.assert_allclose(ring[:2], to_pixels(arrays["minimum"][here]), atol=0.01)
    (a, b, c), error = arrays["hessian"][here], path[0] - arrays["minimum"][here]
    values = np.linalg.eigvalsh([[a, b], [b, c]])[::-1]
    radii = np.sqrt(0.01 * (error @ [[a, b], [b, c]] @ error) / values) * frame[2] / 3.8
    np.testing.assert_allclose(ring[2:], radii, rtol=1e-3)


def test_solid_steps_are_those_on_which_both_weights_moved_the_same_way(show, paths):
    paths.slider1 = 7  # a path with more of the one than of the other
    first, last = paths.arrays()["first"][paths.setting :][:2]
    same = paths.arrays()["same"][first : last - 1].astype(bool)
    assert 2 * same.sum() != len(same)
    page = show(paths)
    drawn_steps = {name: page.locator(f"path.{name}").get_attribute("d").count("M") for name in ("same", "mixed")}
    assert drawn_steps == {"same": same.sum(), "mixed": (~same).sum()}


def test_a_step_of_a_path_is_told(show, paths):
    page = show(paths, step=0)
    assert page.locator(".status").text_content() == "At the start."
    page.get_by_role("slider", name="step").press("ArrowRight")
    length = len(paths.path()) - 1
    assert drawn(page).endswith(f"step=1/{length}")
    assert re.fullmatch(rf"Step 1 of {length}: the two weights moved (the same way|opposite ways)\.",
                        page.locator(".status").text_content())  # fmt: skip


def test_a_path_seen_to_its_end_is_followed_by_a_whole_one(show, paths):
    page, first = show(paths), paths.arrays()["first"]
    lengths = np.diff(first)[3 * 3 + 1 :: 21] - 1  # along the first slider, the others as they stand
    page.get_by_role("slider", name="step").press("End")
    for place in (int(lengths.argmin()), int(lengths.argmax())):
        put(page, slider1=place)
        assert drawn(page).endswith(f"step={lengths[place]}/{lengths[place]}")


def test_paths_play_to_their_end(show, paths):
    paths.slider1 = int((np.diff(paths.arrays()["first"])[3 * 3 + 1 :: 21]).argmin())
    page, length = show(paths), len(paths.path()) - 1
    page.get_by_role("button", name="Play: the steps").press("Enter")
    page.wait_for_function("() => model.get('step') === 1")
    page.wait_for_function(f"() => model.get('step') === {length}")
    page.wait_for_timeout(200)
    assert page.get_by_role("button", name="Play: the steps").count() == 1


def test_paths_survive_a_wrong_state(show, paths):
    shown = put(show(paths), slider1=1e9, slider2="x", slider3=None, step=-4)
    assert shown.startswith("slider1=8 slider2=0 slider3=0 step=0/")
