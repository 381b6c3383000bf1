"""One output unit and its loss: against the library's own activations and losses."""

import numpy as np
import pytest

from nonlinear.activations import Identity, Sigmoid, Tanh
from nonlinear.course.pairings import LOSSES, OUTPUTS, PAIRINGS, descend
from nonlinear.losses import BinaryCrossEntropy, MeanSquaredError

Z = np.linspace(-12, 14, 105)
UNITS = {"sigmoid": (Sigmoid(), 0.0), "tanh": (Tanh(), -1.0), "linear": (Identity(), 0.0)}


def test_every_output_has_every_loss():
    assert set(PAIRINGS) == {(output, loss) for output in OUTPUTS for loss in LOSSES}


@pytest.mark.parametrize("output", OUTPUTS)
def test_the_mean_square_is_that_of_the_library(output):
    f, target = UNITS[output]
    pairing, outputs = PAIRINGS[output, "mean square"], f(Z)
    for z, a, answer in zip(Z, outputs, [pairing.answer(z) for z in Z], strict=True):
        loss, upstream = MeanSquaredError()(np.array([[[a]]]), np.array([[target]]))
        delta, _ = f.pullback(np.array([z]), upstream[0, 0])
        assert pairing.value(z) == pytest.approx(loss[0], rel=1e-9, abs=1e-18)
        assert pairing.slope(z) == pytest.approx(delta[0], rel=1e-7, abs=1e-18)
        assert answer == pytest.approx(a if output != "tanh" else (1 + a) / 2, abs=1e-12)


@pytest.mark.parametrize(("output", "factor"), [("sigmoid", 1), ("tanh", 2)])
def test_the_cross_entropy_is_that_of_the_library(output, factor):
    pairing = PAIRINGS[output, "cross-entropy"]
    for z in Z:
        loss, gradient = BinaryCrossEntropy()(np.array([[[factor * z]]]), np.array([[0.0]]))
        assert pairing.value(z) == pytest.approx(loss[0], rel=1e-12)
        assert pairing.slope(z) == pytest.approx(factor * gradient[0, 0, 0], rel=1e-12)


@pytest.mark.parametrize("pair", PAIRINGS, ids=", ".join)
def test_slopes_are_those_of_the_values(pair):
    pairing, h = PAIRINGS[pair], 1e-5
    for z in (-3.0, -0.4, 0.3, 0.9, 1.0, 2.0, 5.0):
        expected = (pairing.value(z + h) - pairing.value(z - h)) / (2 * h)
        assert pairing.slope(z) == pytest.approx(expected, rel=1e-5, abs=1e-9, nan_ok=True)


def test_a_way_ends_with_the_first_right_answer():
    pairing = PAIRINGS["sigmoid", "mean square"]
    way = descend(pairing, 6.0, 0.5)
    assert way.path[0] == (0, 6.0) and way.path[-1][0] == way.steps == 497
    assert pairing.answer(way.path[-1][1]) <= 0.1
    assert descend(pairing, 6.0, 0.5, most=496).steps == np.inf


def test_the_way_of_the_mean_square_grows_like_the_exponential_function():
    """From far up dz/dn is about -2 rate e^-z, so that e^z falls by 2 rate a step."""
    steps = [descend(PAIRINGS["sigmoid", "mean square"], z, 0.5).steps for z in (10.0, 11.0)]
    assert steps[1] / steps[0] == pytest.approx(np.e, rel=0.005)
