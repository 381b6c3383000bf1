"""Optimisers against their published update rules, written out in plain loops."""

import itertools
import math
import re
from dataclasses import dataclass
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from nonlinear.activations import Tanh
from nonlinear.losses import MeanSquaredError
from nonlinear.network import MLP, Dense, spawn
from nonlinear.optimisers import SGD, Adam, Rule, _exponent
from nonlinear.parameters import Packed
from nonlinear.schedules import Constant, StepDecay
from nonlinear.training import full_batches, last, train

OPTIMISERS = {
    "sgd": SGD(0.1),
    "momentum": SGD(0.1, momentum=0.9),
    "nesterov": SGD(0.1, momentum=0.9, nesterov=True),
    "adam": Adam(0.05),
    "adam, own betas": Adam(0.05, beta1=0.5, beta2=0.8, epsilon=1e-3),
    "sgd, decay": SGD(0.1, weight_decay=0.3),
    "momentum, decay": SGD(0.1, momentum=0.5, weight_decay=0.3),
    "adam, decay": Adam(0.05, weight_decay=0.3),
    "own rates": SGD(np.array([0.1, 1e-3])),
    "schedule": SGD(np.array([0.1, 1e-3]), momentum=0.5, weight_decay=0.3, schedule=StepDecay(2, 0.5)),
    "schedule, adam": Adam(0.05, weight_decay=0.3, schedule=lambda step: [0.5, 1, 0, 2, 1][step]),
    "own rates and decays": Adam(np.array([0.1, 1e-3]), weight_decay=np.array([0.0, 0.5])),
}


def tree(random, dtype=np.float64):
    """Return arrays shaped like the parameters of two members, the second layer with a learned slope."""
    layers = (
        {"weights": (2, 3, 2), "bias": (2, 1, 2)},
        {"weights": (2, 2, 1), "bias": (2, 1, 1), "negative_slope": (2, 1, 1)},
    )
    return tuple({name: random.normal(size=shape).astype(dtype) for name, shape in layer.items()} for layer in layers)


def by_hand(rule, p: float, gradients: list[float], member: int, is_weight: bool) -> float:
    """Apply the rule to a single number, one gradient after another."""
    rate = float(np.broadcast_to(rule.rate, 2)[member])
    decay = float(np.broadcast_to(rule.weight_decay, 2)[member]) if is_weight else 0.0
    velocity = m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        if isinstance(rule, SGD):
            velocity = rule.momentum * velocity + g
            step = g + rule.momentum * velocity if rule.nesterov else velocity
        else:
            m = rule.beta1 * m + (1 - rule.beta1) * g
            v = rule.beta2 * v + (1 - rule.beta2) * g**2
            step = (m / (1 - rule.beta1**t)) / (math.sqrt(v / (1 - rule.beta2**t)) + rule.epsilon)
        now = rate * rule.schedule(t - 1)
        p = p - now * step - now * decay * p
    return p


@pytest.mark.parametrize("rule", OPTIMISERS.values(), ids=OPTIMISERS)
def test_five_steps_follow_the_published_rule(rule):
    random = np.random.default_rng(0)
    first, steps = tree(random), [tree(random) for _ in range(5)]
    parameters, state = first, rule.start(first)
    for gradients in steps:
        parameters, state = rule.update(parameters, gradients, state)
    for k, layer in enumerate(first):
        for name, array in layer.items():
            for where in np.ndindex(array.shape):
                series = [float(g[k][name][where]) for g in steps]
                expected = by_hand(rule, float(array[where]), series, where[0], name == "weights")
                assert parameters[k][name][where] == pytest.approx(expected, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("rule", OPTIMISERS.values(), ids=OPTIMISERS)
def test_nothing_is_changed_in_place(rule):
    random = np.random.default_rng(0)
    parameters, gradients = tree(random), tree(random)
    for layer in (*parameters, *gradients):
        for array in layer.values():
            array.setflags(write=False)
    state = rule.start(parameters)
    once, _ = rule.update(parameters, gradients, state)
    again, _ = rule.update(parameters, gradients, state)
    for a, b in zip(once, again, strict=True):
        assert all(np.array_equal(a[name], b[name]) for name in a)


@dataclass(frozen=True)
class Twice(SGD):
    """Gradient descent of a reader's own, twice as fast."""

    def direction(self, gradient, moments, step):
        return 2 * gradient, moments


ALL = OPTIMISERS | {"own": Twice(0.1), "schedule alone": SGD(0.1, schedule=StepDecay(2, 0.5))}


@pytest.mark.parametrize("rule", ALL.values(), ids=ALL)
def test_a_step_is_the_same_however_the_arrays_are_given(rule):
    random = np.random.default_rng(0)
    parameters = Packed.of(tree(random))
    state = rule.start(parameters)
    for _ in range(4):
        gradients = tree(random)
        after, then = rule.update(tuple(map(dict, parameters)), gradients, state)
        for given, slopes in itertools.product(
            (parameters, tuple(map(dict, parameters))), (gradients, Packed.of(gradients))
        ):
            for room in (None, parameters.like(np.full_like(parameters.flat, np.nan))):
                again, next_state = rule.update(given, slopes, state, out=room)
                assert (again is room or room is None) and next_state.step == then.step
                np.testing.assert_array_equal(again.flat, after.flat)
        parameters, state = after, then


@pytest.mark.parametrize("scalar", [float, np.float64], ids=["float", "np.float64"])
@pytest.mark.parametrize(
    "make",
    [
        lambda s: SGD(s(0.1)),
        lambda s: SGD(s(0.1), weight_decay=s(0.1)),
        lambda s: SGD(0.1, momentum=s(0.9)),
        lambda s: SGD(0.1, momentum=s(0.9), nesterov=True),
        lambda s: SGD(0.1, schedule=lambda step: s(0.5)),
        lambda s: Adam(s(0.1), weight_decay=s(0.1)),
        lambda s: Adam(0.1, beta1=s(0.9)),
        lambda s: Adam(0.1, beta2=s(0.99)),
        lambda s: Adam(0.1, epsilon=s(1e-8)),
        lambda s: SGD(np.array([0.1, 0.2]), weight_decay=np.array([0.1, 0.2])),
    ],
    ids=["rate", "decay", "momentum", "nesterov", "schedule", "adam decay", "beta1", "beta2", "epsilon", "arrays"],
)
def test_float32_stays_float32(make, scalar):
    random = np.random.default_rng(0)
    parameters, rule = tree(random, np.float32), make(scalar)
    state = rule.start(parameters)
    for _ in range(3):
        parameters, state = rule.update(parameters, tree(random, np.float32), state)
    assert {a.dtype for layer in parameters for a in layer.values()} == {np.dtype(np.float32)}


def test_adams_first_step_has_the_size_of_the_rate():
    parameters = ({"weights": np.zeros((1, 1, 2)), "bias": np.zeros((1, 1, 2))},)
    gradients = ({"weights": np.array([[[1e-4, -1e4]]]), "bias": np.zeros((1, 1, 2))},)
    rule = Adam(0.01)
    moved, _ = rule.update(parameters, gradients, rule.start(parameters))
    np.testing.assert_allclose(moved[0]["weights"], [[[-0.01, 0.01]]], rtol=1e-3)
    assert not moved[0]["bias"].any()


SIZES = {
    "one huge": (1e-8, [0.7, -1.0, 0.5, -0.3, 0.2], {1: 0.9}),
    "huge, then nothing": (1e-8, [0.9, 0.0, 0.0], {0: 0.9, 1: 0.9, 2: 0.9}),
    "tiny": (0.0, [0.7, -1.0, 0.5, 0.0, 0.2], dict.fromkeys(range(5), -0.9)),
    "tiny, then ordinary": (0.0, [0.7, -1.0, 0.5, -0.3, 0.2], {0: -0.9, 1: -0.9}),
    "tiny under an ordinary epsilon": (1e-8, [0.7, -1.0, 0.5], dict.fromkeys(range(3), -0.9)),
    "the very smallest": (0.0, [1.0, 1.0], dict.fromkeys(range(2), -1.17)),
    "their squares alone are tiny": (-0.53, [0.7, -1.0, 0.5, 0.0, 0.2], dict.fromkeys(range(5), -0.53)),
    "near the largest": (1e-8, [1.0, 0.5, 0.1], {0: 0.99, 1: 0.99}),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("epsilon, series, powers", SIZES.values(), ids=SIZES)
def test_adam_is_right_for_gradients_of_any_size(epsilon, series, powers, dtype):
    """Some gradients are multiplied by a power of the largest number of the type; a negative epsilon is one too."""
    exponent = np.log10(float(np.finfo(dtype).max))
    gradients = [dtype(g * 10 ** (exponent * powers.get(k, 0))) for k, g in enumerate(series)]
    rule = Adam(1.0, epsilon=10 ** (exponent * epsilon) if epsilon < 0 else epsilon or float(np.finfo(dtype).tiny))
    zeros = ({"weights": np.zeros((1, 1, 2), dtype)},)
    state, p, m, v = rule.start(zeros), zeros, mpmath.mpf(0), mpmath.mpf(0)
    beta1, beta2 = mpmath.mpf(rule.beta1), mpmath.mpf(rule.beta2)
    for t, g in enumerate(gradients, start=1):
        given = ({"weights": np.array([[[g, dtype(0.5)]]])},)
        after, state = rule.update(p, given, state)
        m, v = beta1 * m + (1 - beta1) * float(g), beta2 * v + (1 - beta2) * mpmath.mpf(float(g)) ** 2
        exact = m / (1 - beta1**t) / (mpmath.sqrt(v / (1 - beta2**t)) + rule.epsilon)
        moved = float(p[0]["weights"][0, 0, 0] - after[0]["weights"][0, 0, 0])
        assert moved == pytest.approx(float(exact), rel=1e-4, abs=1e-6), t
        p = after


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_only_numbers_whose_squares_cannot_be_held_are_scaled(dtype):
    limits = np.finfo(dtype)
    size = np.ldexp(dtype(1.5), np.arange(limits.minexp, limits.maxexp))
    exponent, zero = np.split(_exponent(np.append(size, dtype(0))), [len(size)])
    with np.errstate(over="ignore", under="ignore"):
        held = np.isfinite(size**2) & ((size / 1000) ** 2 >= limits.tiny)
    scaled = (0.5 <= np.ldexp(size, -exponent)) & (np.ldexp(size, -exponent) < 1)
    assert np.all(np.where(exponent == 0, held, scaled)) and np.sum(held & (exponent != 0)) <= 4 and zero == 0


def test_an_ordinary_gradient_does_not_notice_a_huge_one():
    series = [0.5, -0.25, 1e-3, 0.1]

    def end(beside):
        p = ({"weights": np.zeros((2, 1, 1), np.float32)},)
        state = (rule := Adam(0.1)).start(p)
        for k, g in enumerate(series):
            p, state = rule.update(p, ({"weights": np.float32([[[g]], [[beside if k == 1 else g]]])},), state)
        return p[0]["weights"][0]

    np.testing.assert_array_equal(end(1e30), end(0.5))


def test_a_parameter_without_a_gradient_stays_however_small_epsilon_is():
    zeros = ({"weights": np.zeros((1, 1, 1), np.float32)},)
    rule = Adam(0.1, epsilon=1e-60)
    assert rule.update(zeros, zeros, rule.start(zeros))[0][0]["weights"][0, 0, 0] == 0


@dataclass(frozen=True)
class KeepsGradient(Rule):
    """Momentum of a reader's own: the sum of this gradient and the last one, which it keeps as it gets it."""

    def moments(self, like):
        return (np.zeros_like(like),)

    def direction(self, gradient, moments, step):
        return gradient + moments[0], (gradient,)


def test_a_rule_may_keep_the_gradient_that_it_gets():
    network = MLP(2, [Dense(4, Tanh()), Dense(1)])
    x, y = np.random.default_rng(0).normal(size=(2, 20, 2)) * 1.0
    rule, parameters, loss = KeepsGradient(0.1), network.initialise(spawn(0, 2)), MeanSquaredError()
    trained = last(train(network, parameters, full_batches(x, y[:, :1], 30), loss, rule))
    state = rule.start(parameters)
    for _ in range(30):
        tape = network.forward(parameters, x)
        gradients, _ = network.backward(parameters, tape, loss(tape[-1].outputs, y[:, :1])[1])
        parameters, state = rule.update(parameters, gradients, state)
    np.testing.assert_array_equal(trained.updated.flat, parameters.flat)


def test_settings_are_plain_numbers_and_compare_by_value():
    rule = SGD(np.float16(0.1), weight_decay=np.float32(0.1), momentum=np.float16(0.9), nesterov=np.True_)
    assert [type(v) for v in (rule.rate, rule.weight_decay, rule.momentum, rule.nesterov)] == [float] * 3 + [bool]
    adam = Adam(np.uint8(1), beta1=np.float16(0.5), beta2=np.float32(0.5), epsilon=np.float16(1e-3))
    assert {type(v) for v in (adam.rate, adam.beta1, adam.beta2, adam.epsilon)} == {float}
    assert Adam(0.1) == Adam(0.1, 0.0, Constant(), 0.9, 0.999, 1e-8) and SGD(0.1) == SGD(
        0.1, 0.0, Constant(), 0.0, False
    )
    assert SGD(np.array([1, 2], np.uint8)).rate.dtype == np.float64
    assert SGD(np.array([0.1, 0.2])) == SGD(np.array([0.1, 0.2])) != SGD(np.array([0.1, 0.3]))


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 10**400, -0.5, None, np.ones(2)])
def test_a_schedule_with_a_bad_factor_is_named(wrong):
    rule, parameters = SGD(0.1, schedule=lambda step: wrong if step == 1 else 1.0), tree(np.random.default_rng(0))
    _, state = rule.update(parameters, parameters, rule.start(parameters))
    with pytest.raises(
        ValueError, match=f"schedule must give a finite factor .*; got {re.escape(repr(wrong))} at step 1"
    ):
        rule.update(parameters, parameters, state)


@pytest.mark.parametrize("factor", [np.array(0.5), np.float32(0.5), Fraction(1, 2)])
def test_a_schedule_may_give_any_number(factor):
    parameters = tree(np.random.default_rng(0))
    half, _ = (rule := SGD(0.2, schedule=lambda step: factor)).update(parameters, parameters, rule.start(parameters))
    full, _ = (rule := SGD(0.1)).update(parameters, parameters, rule.start(parameters))
    np.testing.assert_array_equal(half.flat, full.flat)


@pytest.mark.parametrize("factor", [0.1, 0.2, 0.3, 0.7, 0.9, 1.1])
def test_a_rate_is_rounded_after_its_factor(factor):
    zeros, ones = (({"weights": fill((1, 1, 1), np.float32)},) for fill in (np.zeros, np.ones))
    rule = SGD(0.1, schedule=lambda step: factor)
    moved, _ = rule.update(zeros, ones, rule.start(zeros))
    assert -moved[0]["weights"][0, 0, 0] == np.float32(0.1 * factor)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gradients_may_be_lists_or_whole_numbers(dtype):
    parameters, rule = ({"weights": np.ones((1, 1, 1), dtype)},), SGD(0.25)
    for gradient in (np.array([[[2]]], np.uint8), [[[2]]]):
        updated, _ = rule.update(parameters, ({"weights": gradient},), rule.start(parameters))
        assert updated[0]["weights"] == 0.5 and updated.flat.dtype == dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rule", [SGD(1e-300, momentum=0.9), SGD(1e-300, 1e-300), Adam(1e-300, 1e-300)], ids=repr)
def test_a_step_raises_nothing_where_numpy_is_told_to_raise(rule, dtype):
    parameters = ({"weights": np.array([[[1e-20], [np.finfo(dtype).tiny], [np.finfo(dtype).max]]], dtype)},)
    with np.errstate(all="raise"):
        state = rule.start(parameters)
        for _ in range(3):
            updated, state = rule.update(parameters, parameters, state)


DIRECTIONS = {
    "no moments": lambda g: g,
    "a number": lambda g: (1.0, ()),
    "a list": lambda g: (g.tolist(), ()),
    "one member": lambda g: (g[0], ()),
    "whole numbers": lambda g: (g.astype(int), ()),
}


@pytest.mark.parametrize("own", DIRECTIONS.values(), ids=DIRECTIONS)
def test_what_an_own_direction_must_return_is_said(own):
    class Own(SGD):
        def direction(self, gradient, moments, step):
            return own(gradient)

    with pytest.raises(TypeError, match=r"direction must return a pair: an array of floats of the gradient's shape, "):
        _step(Own(0.1))


NOT_OF_THE_KIND = [
    (lambda: SGD(0.1, momentum=0.9, nesterov="yes"), "nesterov must be True or False; got 'yes'"),
    (lambda: SGD(0.1, schedule=0.5), "schedule must be a function of the step.*; got 0.5"),
    (lambda: SGD(0.1, schedule=StepDecay), "schedule must be a function of the step.*; got <class"),
    (lambda: SGD(np.ma.array([0.1, 0.2])), "rate is a masked array"),
    (lambda: SGD(0.1, weight_decay=np.ma.array([0.1, 0.2])), "weight_decay is a masked array"),
    (lambda: SGD(0.1, momentum=np.ma.array(0.5)), "momentum is a masked array"),
    (lambda: SGD(0.1).start(({"weights": [[["a"]]]},)), "the same float type, float32 or float64; got"),
    (lambda: SGD(0.1).start([1.0]), r"parameters must be a tuple of dicts of arrays.*; got \[1.0\]"),
]


@pytest.mark.parametrize("call, message", NOT_OF_THE_KIND, ids=[m[:40] for _, m in NOT_OF_THE_KIND])
def test_what_is_of_another_kind_is_refused(call, message):
    with pytest.raises(TypeError, match=message):
        call()


REFUSED = [
    (lambda: SGD(0.1, nesterov=True), "nesterov looks ahead along the momentum and needs some"),
    (lambda: SGD(0), "rate must be positive and finite; got 0"),
    (lambda: SGD(np.array([0.1, np.nan])), "rate must be positive and finite; got array"),
    (lambda: Adam(-1e-3), "rate must be positive and finite; got -0.001"),
    (lambda: SGD("fast"), "rate must be positive and finite; got 'fast'"),
    (lambda: SGD(0.1, momentum=1.0), r"momentum must be a number in \[0, 1\); got 1.0"),
    (lambda: SGD(0.1, momentum=np.nan), r"momentum must be a number in \[0, 1\); got nan"),
    (lambda: Adam(0.1, beta1=-0.1), r"beta1 must be a number in \[0, 1\); got -0.1"),
    (lambda: Adam(0.1, beta2=1), r"beta2 must be a number in \[0, 1\); got 1"),
    (lambda: Adam(0.1, epsilon=0), r"epsilon must be a number in \(0, ∞\); got 0"),
    (lambda: SGD(0.1, momentum=np.array([0.1, 0.2])), r"momentum must be a number in \[0, 1\); got array"),
    (lambda: Adam(0.1, epsilon=np.array([0.1, 0.2])), r"epsilon must be a number in \(0, ∞\); got array"),
    (lambda: SGD(0.1, weight_decay=-1), "weight_decay must be finite and not negative; got -1"),
    (lambda: SGD(0.1, weight_decay=np.inf), "weight_decay must be finite and not negative; got inf"),
    (
        lambda: _step(SGD([0.1, 0.1, 0.1])),
        r"rate must be one number or one for each of 2 members; got shape \(3,\)",
    ),
    (lambda: _step(SGD(0.1), slice(1)), "gradients must have the shapes of the parameters"),
    (lambda: _step(SGD(0.1), slice(None, None, -1)), "gradients must have the shapes of the parameters"),
    (lambda: _step(SGD(0.1, weight_decay=np.ones((2, 1)))), r"weight_decay must be one number .*got shape \(2, 1\)"),
]


def _step(rule, layers=slice(None)):
    parameters = tree(np.random.default_rng(0))
    return rule.update(parameters, parameters[layers], rule.start(parameters))


@pytest.mark.parametrize("call, message", REFUSED, ids=[m[:50] for _, m in REFUSED])
def test_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
