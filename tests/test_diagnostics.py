"""Diagnostics on arrays small enough to check by eye."""

import numpy as np
import pytest

from nonlinear import diagnostics
from nonlinear.activations import ReLU, Tanh

# (members, samples, units): in member 0 unit 1 is dead, in member 1 none is, though unit 0 rests on the first sample.
ACTIVATIONS = np.array([[[1.0, 0.0, 0.0], [0.0, 0.0, 2.0]], [[0.0, 1.0, 1.0], [3.0, 1.0, 0.0]]])


def test_dead_units():
    assert diagnostics.dead_units(ACTIVATIONS).tolist() == [[False, True, False], [False, False, False]]
    assert diagnostics.dead_units(ACTIVATIONS[1]).tolist() == [False] * 3
    assert diagnostics.dead_units(ACTIVATIONS[1, :1]).tolist() == [True, False, False]  # only resting
    assert diagnostics.dead_units([[1, 0], [0, 0]]).tolist() == [False, True]


def test_a_dead_relu_is_flat_and_a_live_one_is_not():
    z = np.random.default_rng(0).normal(size=(3, 6, 40)) - 1
    dead = diagnostics.dead_units(ReLU()(z))
    assert dead.any() and not dead.all()
    np.testing.assert_array_equal(diagnostics.flat_units(ReLU().derivative(z), steepest=1), dead)
    np.testing.assert_array_equal(diagnostics.flat_units(ReLU().derivative(z), steepest=1, share=0), dead)


SLOPES = np.array([[0.039, 0.041, -0.039], [0.0, 0.0, -0.041]])


@pytest.mark.parametrize(
    "steepest, share, flat, fraction",
    [
        (1.0, 0.04, [True, False, False], 4 / 6),
        (1.0, 0.05, [True, True, True], 1.0),
        (0.25, 0.04, [False, False, False], 2 / 6),
        (1.0, 0.0, [False, False, False], 2 / 6),
        (4.0, 0.01, [True, False, False], 4 / 6),
    ],
)
def test_flat_units_and_saturated_fraction(steepest, share, flat, fraction):
    assert diagnostics.flat_units(SLOPES, steepest, share).tolist() == flat
    assert diagnostics.saturated_fraction(SLOPES, steepest, share) == fraction
    both = np.stack([SLOPES, np.ones((2, 3))])
    assert diagnostics.flat_units(both, steepest, share).tolist() == [flat, [False] * 3]
    assert diagnostics.saturated_fraction(both, steepest, share).tolist() == [fraction, 0.0]


def test_the_default_share_calls_tanh_saturated_beyond_2_3():
    z = np.array([[-2.4, -2.2, 0.0, 2.2, 2.4]])
    assert diagnostics.saturated_fraction(Tanh().derivative(z), 1.0) == 0.4


def test_gradient_norm():
    gradient = np.array([[[3.0, 0.0], [0.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]]])
    assert diagnostics.gradient_norm(gradient).tolist() == [5.0, 0.0]


def test_update_ratio():
    before = np.array([[[3.0, 4.0]], [[0.0, 0.0]], [[0.0, 0.0]], [[1.0, 0.0]]])
    after = np.array([[[3.0, 4.5]], [[1.0, 0.0]], [[0.0, 0.0]], [[1.0, 0.0]]])
    np.testing.assert_array_equal(diagnostics.update_ratio(before, after), [0.1, np.inf, np.nan, 0.0])
    assert diagnostics.update_ratio(before[0], after[0]) == 0.1
    assert diagnostics.update_ratio(before[1], after[1]) == np.inf


def test_accuracy():
    outputs = np.array([[[2.0, 1.0], [0.0, 3.0], [1.0, 0.0]], [[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]])
    assert diagnostics.accuracy(outputs, np.array([0, 1, 1])).tolist() == [2 / 3, 1 / 3]
    assert diagnostics.accuracy(outputs[0], [0, 1, 0]) == 1.0


REFUSED = [
    (
        lambda: diagnostics.dead_units([1.0, 0.0]),
        ValueError,
        r"activations must have shape \(..., samples, units\).*got \(2,\)",
    ),
    (
        lambda: diagnostics.dead_units(np.zeros((2, 0, 3))),
        ValueError,
        r"activations .*at least one sample; got \(2, 0, 3\)",
    ),
    (lambda: diagnostics.dead_units([["a"]]), TypeError, "activations must hold real numbers"),
    (lambda: diagnostics.flat_units([1.0], 1.0), ValueError, r"slopes must have shape .*got \(1,\)"),
    (lambda: diagnostics.flat_units([[True]], 1.0), TypeError, "slopes must hold real numbers.*bool"),
    (lambda: diagnostics.saturated_fraction([[1.0]], 0.0), ValueError, "steepest must be positive and finite; got 0.0"),
    (
        lambda: diagnostics.saturated_fraction([[1.0]], np.nan),
        ValueError,
        "steepest must be positive and finite; got nan",
    ),
    (lambda: diagnostics.saturated_fraction([[1.0]], 1, share=1.5), ValueError, r"share must lie in \[0, 1\]; got 1.5"),
    (
        lambda: diagnostics.saturated_fraction([[1.0]], 1, share=np.nan),
        ValueError,
        r"share must lie in \[0, 1\]; got nan",
    ),
    (lambda: diagnostics.gradient_norm([3.0, 4.0]), ValueError, r"gradient must have shape .*got \(2,\)"),
    (lambda: diagnostics.gradient_norm([[1j]]), TypeError, "gradient must hold real numbers.*complex128"),
    (lambda: diagnostics.update_ratio(np.ones((2, 3)), np.ones((3, 3))), ValueError, r"before .*\(2, 3\).*\(3, 3\)"),
    (lambda: diagnostics.accuracy(np.zeros((3, 2)), [0, 1]), ValueError, r"labels must .*\(3,\).*\(2,\)"),
    (
        lambda: diagnostics.accuracy(np.zeros((3, 2)), [0.0, 1.0, 0.5]),
        (TypeError, ValueError),
        "labels must .*integers.*float64",
    ),
]


@pytest.mark.parametrize("call, error, message", REFUSED, ids=[f"{k}: {m[:45]}" for k, (_, _, m) in enumerate(REFUSED)])
def test_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
