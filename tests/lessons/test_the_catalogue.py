"""The catalogue in words, tables and means."""

import math

import numpy as np
import pytest

from nonlinear.activations import ELU, FAMILIES, SELU, Pointwise, ReLU, Tail, get
from nonlinear.course import functions
from nonlinear.course.plotting import title
from nonlinear.initialisers import gain
from nonlinear.lessons.the_catalogue import experiment, figures


def test_every_pointwise_function_is_in_one_family():
    members = [f for family in FAMILIES for f in experiment.family(family) if isinstance(f, Pointwise)]
    assert members == functions.distinct()
    assert all(len({issubclass(cls, Pointwise) for cls in family}) == 1 for family in FAMILIES.values())
    with pytest.raises(ValueError, match="name must be one of 'S-shaped'.*got 'u-shaped'"):
        experiment.family("u-shaped")


@pytest.mark.parametrize("f", functions.pointwise(), ids=lambda f: f.name)
def test_words_say_what_the_function_does(f):
    said = functions.words(f)
    assert all(said.values()) and not any("nan" in text or "inf" in text for text in said.values())
    far = {"far left": -1e5, "far right": 1e5}
    for side, z in far.items():
        if said[side].endswith(" z"):
            slope = float(said[side].split()[1].replace("−", "-").replace("z", "1"))
            assert f(z) / z == pytest.approx(slope, rel=1e-3)
        elif said[side][2:].replace("−", "").replace(".", "").isdigit():
            assert f(z) == pytest.approx(float(said[side][2:].replace("−", "-")), abs=1e-3)
    z = np.linspace(-8, 8, 4001)
    assert (np.diff(f(z)).min() < -1e-9) == (said["ever falls"] == "yes")
    steepest = np.abs(f.derivative(z)).max()
    if said["steepest slope"] != "∞":
        assert steepest == pytest.approx(float(said["steepest slope"]), rel=0.02)
    saturated = {side for side, far in (("left", -1e4), ("right", 1e4)) if abs(f.derivative(far)) < 1e-4}
    words = {"on both sides": {"left", "right"}, "on the left": {"left"}, "on the right": {"right"}, "nowhere": set()}
    if f.name != "sine":
        assert words[said["saturates"]] == saturated


@pytest.mark.parametrize(
    ("tail", "text"),
    [
        (Tail(0, 0, exact=True), "= 0"),
        (Tail(1, -0.5, exact=True), "= z − 0.5"),
        (Tail(0.2, 0, exact=True), "= 0.2 z"),
        (Tail(2, 1), "→ 2 z + 1"),
        (Tail(math.inf, math.nan), "steeper and steeper"),
        (Tail(math.nan, math.nan), "no limit"),
    ],
)
def test_tails_in_words(tail, text):
    assert functions.tail_words(tail) == text


def test_means_are_those_of_a_sample():
    z = np.random.default_rng(0).normal(size=400_000)
    for f in functions.pointwise():
        sample = f(z)
        assert abs(sample.mean() - functions.mean_output(f)) < 5 * sample.std() / math.sqrt(z.size)


def test_selu_follows_from_two_requirements():
    alpha = experiment.centred_alpha()
    scale = gain(ELU(alpha))
    np.testing.assert_allclose(SELU()([2.0, -700.0]), [2 * scale, -scale * alpha], rtol=1e-13)
    assert experiment.settled(SELU()) == pytest.approx(1, abs=1e-12)
    assert experiment.settled(ELU(1.67732632423543), scale) == pytest.approx(1.005, abs=1e-5)
    assert experiment.settled(ReLU(), math.sqrt(2), layers=20) == pytest.approx(1)


def test_variants_are_round_ordered_and_contain_the_default():
    for f in functions.pointwise():
        name, variants = functions.variants(f)
        assert f in variants
        if name:
            values = [getattr(each, name) for each in variants]
            assert values == sorted(set(values)) and 4 <= len(values) <= 11
    frequencies = [f.frequency for f in functions.variants(get("sine"))[1]]
    assert max(frequencies) < 6  # faster waves would be drawn as slower ones


def test_figures_of_the_catalogue():
    for name in list(FAMILIES)[:5]:
        picture = figures.shapes(experiment.family(name))
        assert [axis.get_title(loc="left") for axis in picture.axes] == [title(f) for f in experiment.family(name)]
    rows = figures.centres([get("tanh"), get("relu"), get("log_sigmoid")]).axes[0]
    assert [text.get_text() for text in rows.get_yticklabels()] == ["log-sigmoid", "tanh", "ReLU"]
    assert [text.get_text() for text in rows.texts] == ["−0.806", "0.000", "0.399"]
    lines = figures.means_by_parameter().axes[0].lines
    assert lines[0].get_ydata()[0] == pytest.approx(0.3989, abs=1e-4)
