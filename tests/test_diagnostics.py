"""Diagnostics on arrays small enough to check by eye."""

import numpy as np
import pytest

from nonlinear import diagnostics
from nonlinear.activations import Exponential, ReLU, Sigmoid, SquaredReLU, Step, Tanh
from nonlinear.checks import TRAINABLE
from nonlinear.initialisers import lecun
from nonlinear.network import MLP, Dense, spawn

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
        (1.0, 0.041, [True, False, False], 4 / 6),  # at the edge is not under it
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


@pytest.mark.parametrize(
    "f, flat", [(SquaredReLU(), [True, False]), (Exponential(), [True, False]), (Step(), [True, True])], ids=repr
)
def test_functions_without_a_steepest_slope_have_flat_units_too(f, flat):
    slopes = f.derivative(np.array([[-5.0, 5.0], [-4.0, 3.0]]))
    assert diagnostics.flat_units(slopes, f.traits.steepest).tolist() == flat
    assert diagnostics.saturated_fraction(slopes, f.traits.steepest) == np.mean(flat)


def test_gradient_norm():
    gradient = np.array([[[3.0, 0.0], [0.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]]])
    assert diagnostics.gradient_norm(gradient).tolist() == [5.0, 0.0]


# The squares of the smaller numbers are 0 in their type and those of the larger ones infinite.
@pytest.mark.parametrize(
    "size, dtype",
    [(0.01, np.float16), (100, np.float16), (1e-25, np.float32), (1e37, np.float32), (1e-200, float), (1e307, float)],
)
def test_norms_and_ratios_of_any_size(size, dtype):
    gradient = np.array([[[3, 4]], [[np.inf, 1]], [[np.nan, 1]]], dtype) * dtype(size)
    norms, rounding = diagnostics.gradient_norm(gradient), 4 * float(np.finfo(dtype).eps)
    assert norms.dtype == dtype and norms[0] == pytest.approx(5 * size, rel=rounding, abs=0)
    np.testing.assert_array_equal(norms[1:], [np.inf, np.nan])
    ratios = diagnostics.update_ratio(gradient, gradient * dtype(-0.5))
    assert ratios.dtype == dtype and ratios[0] == pytest.approx(1.5, rel=rounding) and np.isnan(ratios[1:]).all()


def test_the_ratio_of_norms_that_no_float_can_hold():
    before = np.full((2, 2), 1.7e308)
    assert diagnostics.update_ratio(before, -before) == 2 and diagnostics.update_ratio(before, before) == 0
    assert diagnostics.update_ratio(np.full((1, 2), 5e-324), np.full((1, 2), 2e-323)) == pytest.approx(3)
    assert diagnostics.update_ratio(np.float16([[6e4, 6e4]]), np.float16([[6e4, 0]])) == np.float16(np.sqrt(0.5))


def test_forty_layers_of_sigmoids_have_a_gradient():
    network = MLP(4, [*[Dense(4, Sigmoid(), lecun()) for _ in range(40)], Dense(1)])
    norms = {}
    for dtype in TRAINABLE:
        parameters = network.initialise(spawn(0, 3), dtype)
        tape = network.forward(parameters, np.ones((5, 4)))
        gradients, _ = network.backward(parameters, tape, np.ones((3, 5, 1), dtype))
        norms[dtype] = diagnostics.gradient_norm(gradients[0]["weights"])
    single, double = norms.values()
    assert np.all(double > 1e-30) and np.all(double < 1e-25)
    np.testing.assert_allclose(single, double, rtol=1e-3)


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
    each = np.array([[0, 1, 1], [1, 0, 0]], np.uint8)
    assert diagnostics.accuracy(outputs, each).tolist() == [2 / 3, 2 / 3]


def test_accuracy_of_a_member_that_diverged():
    outputs = np.array([[[np.nan, 1.0], [np.inf, 2.0]], [[0.0, 1.0], [2.0, 1.0]]])
    assert diagnostics.accuracy(outputs, [0, 0]).tolist() == [0.5, 0.5]


def test_accuracy_of_one_logit_is_that_of_two_with_a_0():
    outputs = np.array([[[9.0], [-9.0]], [[9.0], [9.0]]])
    with pytest.raises(ValueError, match=r"outputs must have a column for each class.*pass np.concatenate"):
        diagnostics.accuracy(outputs, [1, 1])
    two = np.concatenate([0 * outputs, outputs], axis=-1)
    assert diagnostics.accuracy(two, [1, 1]).tolist() == [0.5, 1.0]


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
    *(
        (
            lambda bad=bad: diagnostics.flat_units([[1.0]], bad),
            ValueError,
            rf"steepest must be a number in .* got {bad}",
        )
        for bad in (-1.0, np.nan)
    ),
    *(
        (lambda bad=bad: diagnostics.flat_units([[1.0]], 1, bad), ValueError, rf"share must be a number .* got {bad}")
        for bad in (1.5, -0.1, np.nan)
    ),
    (lambda: diagnostics.saturated_fraction(np.ones((2, 0)), 1), ValueError, r"slopes must have at least one unit"),
    (lambda: diagnostics.gradient_norm([3.0, 4.0]), ValueError, r"gradient must have shape .*got \(2,\)"),
    (lambda: diagnostics.gradient_norm([[1j]]), TypeError, "gradient must hold real numbers.*complex128"),
    (lambda: diagnostics.update_ratio(np.ones((2, 3)), np.ones((3, 3))), ValueError, r"before .*\(2, 3\).*\(3, 3\)"),
    (lambda: diagnostics.accuracy(np.eye(3), [1, 2, 3]), ValueError, "labels must be 0 to 2; got 1 to 3"),
    (lambda: diagnostics.accuracy(np.eye(3), [-1, 2, 1]), ValueError, "labels must be 0 to 2; got -1 to 2"),
    (
        lambda: diagnostics.accuracy(np.zeros((3, 0)), [0, 1, 1]),
        ValueError,
        r"a column for each class.*got shape \(3, 0",
    ),
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
