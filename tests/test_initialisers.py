"""Gains against exact integrals, and the variance of what is drawn."""

import math

import mpmath
import numpy as np
import pytest
from mpmath import mpf

from nonlinear.activations import (
    ELU,
    Identity,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Sine,
    Softmax,
    SoftShrink,
    Swish,
    Tanh,
    Threshold,
    TwoReLU,
)
from nonlinear.initialisers import VarianceScaling, gain, glorot, he, lecun, normal_mean, pytorch_linear
from nonlinear.network import MLP, Dense, spawn
from oracle.definitions import DEFINITIONS

EXACT_GAINS = {
    "identity": (Identity(), 1),
    "relu": (ReLU(), math.sqrt(2)),
    "leaky": (LeakyReLU(0.3), math.sqrt(2 / (1 + 0.3**2))),
    "leaky, rising": (LeakyReLU(-0.5), math.sqrt(2 / (1 + 0.5**2))),
    "no kink": (LeakyReLU(1), 1),
    **{f"{w} waves": (Sine(w), math.sqrt(2 / -math.expm1(-2.0 * w * w))) for w in (0.5, 1, 50, 100, 1000)},
    "sharp": (Swish(1e9), math.sqrt(2)),
    "narrow": (TwoReLU(1e-9), math.sqrt(2)),
    "far out": (Threshold(8.0, 0.0), (8 * mpmath.npdf(8) + mpmath.ncdf(-8)) ** -0.5),
}


@pytest.mark.parametrize("f, exact", EXACT_GAINS.values(), ids=EXACT_GAINS)
def test_gains_with_a_closed_form(f, exact):
    assert gain(f) == pytest.approx(float(exact), rel=1e-9 if isinstance(f, TwoReLU) else 1e-13)


@pytest.mark.parametrize("f, arguments", [(Sigmoid(), ()), (Tanh(), ()), (ELU(0.3), (0.3,)), (SiLU(), ())], ids=repr)
def test_gains_by_independent_integration(f, arguments):
    exact = DEFINITIONS[f.name].value
    square = mpmath.quad(lambda z: exact(z, *map(mpf, arguments)) ** 2 * mpmath.npdf(z), [-12, -4, -1, 0, 1, 4, 12])
    assert gain(f) == pytest.approx(float(1 / mpmath.sqrt(square)), rel=1e-12)


def test_normal_mean_splits_at_kinks():
    step = normal_mean(lambda z: (z > 0.3).astype(float), kinks=(0.3,))
    assert step == pytest.approx(float(1 - mpmath.ncdf(0.3)), rel=1e-13)
    assert normal_mean(lambda z: z**4) == pytest.approx(3, rel=1e-13)


def test_a_function_may_write_into_the_places_it_is_asked_at():
    def rectified(z):
        z[z < 0] = 0
        return z

    before, positive, after = (normal_mean(f, kinks=(0.0,)) for f in (np.abs, rectified, np.abs))
    assert before == after == pytest.approx(2 * positive, rel=1e-13)


def test_normal_mean_looks_closer_where_it_has_to():
    """At a jump that nobody told it of, and at a slope that rises within 1e-9 of 0."""
    assert normal_mean(lambda z: (z > 0.3).astype(float)) == pytest.approx(float(1 - mpmath.ncdf(0.3)), rel=1e-13)
    assert normal_mean(Swish(1e9).derivative) == pytest.approx(0.5, abs=1e-14)
    assert normal_mean(lambda z: np.exp(3 * z)) == pytest.approx(math.exp(4.5), rel=1e-13)


def bump(place, steepness):
    """Return the mean of exp(-(steepness (Z - place))^2), a product of two normal densities."""
    spread = 1 + 2 * steepness**2
    return math.exp(-((steepness * place) ** 2) / spread) / math.sqrt(spread)


STRIP = 0.5, 0.5 + 2.0**-20
TAIL = mpmath.ncdf(-8.3)
HARD = {
    "narrow at 0": (lambda z: np.exp(-((1e9 * z) ** 2)), (), bump(0, 1e9)),
    "narrow at a kink": (lambda z: np.exp(-((1e6 * (z - 0.5)) ** 2)), (0.5,), bump(0.5, 1e6)),
    "narrow between kinks": (
        lambda z: (z > STRIP[0]) * 1.0 * (z < STRIP[1]),
        STRIP,
        2**-20 * mpmath.npdf(sum(STRIP) / 2),
    ),
    "a jump far to the left": (lambda z: (z < -8.3) * 1.0, (), TAIL),
    "a jump far to the right": (lambda z: (z > 8.3) * 1.0, (), TAIL),
    "a small jump": (lambda z: (z > 0.3) * 1e-9, (), 1e-9 * mpmath.ncdf(-0.3)),
    "a large jump": (lambda z: (z > 0.3) * 1e9, (), 1e9 * mpmath.ncdf(-0.3)),
    "rising fast": (lambda z: np.exp(4 * z), (), math.exp(8)),
    "more than a float can hold, where no number falls": (lambda z: np.exp(z**2 / 4), (), math.sqrt(2)),
}


@pytest.mark.parametrize("function, kinks, exact", HARD.values(), ids=HARD)
def test_normal_mean_of_hard_functions(function, kinks, exact):
    assert normal_mean(function, kinks) == pytest.approx(float(exact), rel=1e-12, abs=0)


BEYOND = "decided beyond 12 standard dev"


@pytest.mark.parametrize(
    "function, reason",
    [
        (lambda z: np.sin(1e6 * z) ** 2, "varies too fast"),
        (lambda z: np.exp(8 * z), BEYOND),
        (lambda z: np.exp(-8 * z), BEYOND),
        (lambda z: np.exp(4.4 * z), BEYOND),  # 1.5e-14 of it
    ],
)
def test_normal_mean_refuses_what_it_cannot_do(function, reason):
    with pytest.raises(ValueError, match=reason):
        normal_mean(function)


def test_a_gain_follows_its_function(monkeypatch):
    """A value that is put into the class later is the one that counts."""
    assert gain(ELU()) == gain(ELU())
    monkeypatch.setattr(ELU, "value", lambda self, z: 2 * z)
    assert gain(ELU()) == pytest.approx(0.5, rel=1e-13)


CASES = {
    "he": (he(), ReLU(), 2 / 300),
    "lecun": (lecun(), Tanh(), 1 / 300),
    "glorot": (glorot(), Tanh(), 2 / (300 + 500)),
    "by the activation": (VarianceScaling(), ReLU(), 2 / 300),
    "by the activation, averaged": (VarianceScaling(average=True), LeakyReLU(0.5), (2 / 1.25) * 2 / (300 + 500)),
    "not pointwise": (VarianceScaling(), Softmax(), 1 / 300),
    "own gain": (VarianceScaling(gain=3), ReLU(), 9 / 300),
}


@pytest.mark.parametrize("initialiser, f, variance", CASES.values(), ids=CASES)
def test_variance_of_the_weights(initialiser, f, variance):
    weights = initialiser.draw(np.random.default_rng(0), 300, 500, f)
    assert weights.shape == (300, 500) and weights.dtype == np.float64
    assert weights.var() == pytest.approx(variance, rel=0.02)
    assert abs(weights.mean()) < 4 * math.sqrt(variance / weights.size)
    unit = np.random.default_rng(0).normal(size=(300, 500))
    np.testing.assert_allclose(weights, unit * math.sqrt(variance), rtol=1e-13)


@pytest.mark.parametrize("f", [ReLU(), Tanh(), SiLU(), ELU(1.7), LeakyReLU(0.3)], ids=repr)
def test_the_gain_keeps_the_mean_square_through_a_layer(f):
    random = np.random.default_rng(1)
    a = f(random.normal(size=(200, 400)))
    z = a @ VarianceScaling().draw(random, 400, 300, f)
    assert np.mean(z**2) == pytest.approx(1, rel=0.05)


class Steep(ReLU):
    """A function whose square is too large for a float."""

    def value(self, z):
        return np.maximum(z, 0) * 1e200


REFUSED = [
    (lambda: gain(Softmax()), TypeError, r"gain needs a pointwise activation.*; got Softmax\(\). Give one: init"),
    (lambda: gain(ReLU), TypeError, "gain needs a pointwise activation.*; got <class"),
    (lambda: gain(3), TypeError, "gain needs a pointwise activation.*; got 3"),
    (lambda: gain(Threshold(20.0, 0.0)), ValueError, r"gain cannot be computed for Threshold\(.*is decided beyond 12"),
    (lambda: gain(SoftShrink(50)), ValueError, r"gain cannot be computed for SoftShrink\(.*its square is 0.*Give one"),
    (lambda: gain(Steep()), ValueError, r"gain cannot be computed for Steep\(.*its square is inf"),
    (
        lambda: MLP(2, [Dense(3, LeakyReLU(np.array([0.1, 0.2])))]).initialise(spawn(0, 2)),
        ValueError,
        r"gain needs an activation whose parameters are single numbers; got LeakyReLU\(",
    ),
    (lambda: VarianceScaling(gain=-1), ValueError, "gain must be positive and finite; got -1"),
    (lambda: VarianceScaling(gain=math.nan), ValueError, "gain must be positive and finite; got nan"),
    (
        lambda: VarianceScaling(gain=np.ones(3)).draw(np.random.default_rng(0), 2, 2, ReLU()),
        ValueError,
        "gain holds one number a member.*draw needs one",
    ),
    (lambda: VarianceScaling(gain=np.array([1.0, 0.0])), ValueError, "gain must be positive and finite; got array"),
    (lambda: VarianceScaling(gain=np.ma.ones(3)), TypeError, "gain is a masked array"),
    (lambda: VarianceScaling(average="yes"), TypeError, "average must be True or False; got 'yes'"),
    (lambda: VarianceScaling(uniform=2), TypeError, "uniform must be True or False; got 2"),
    (lambda: VarianceScaling(gain="relu"), ValueError, "gain must be positive and finite; got 'relu'"),
]


@pytest.mark.parametrize("call, error, message", REFUSED, ids=[m[:40] for _, _, m in REFUSED])
def test_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("kind", [np.uint8, np.float16, np.float32])
def test_numbers_of_any_type_draw_what_plain_ones_do(kind):
    gain = kind(1.7)
    weights = VarianceScaling(gain, average=np.True_).draw(np.random.default_rng(0), np.uint8(200), np.uint8(100), None)
    plain = VarianceScaling(float(gain), average=True).draw(np.random.default_rng(0), 200, 100, None)
    np.testing.assert_array_equal(weights, plain)


def test_initialisers_are_compared_by_value():
    several = np.array([0.5, 1.0])
    assert VarianceScaling(several) == VarianceScaling(several.copy()) != VarianceScaling(several[:1])
    assert len({VarianceScaling(several), VarianceScaling([0.5, 1.0]), he(), he()}) == 2 and he() != lecun()


@pytest.mark.parametrize("average", [False, True])
def test_uniform_weights_have_the_same_variance_and_end(average):
    initialiser = VarianceScaling(gain=2, average=average, uniform=True)
    weights = initialiser.draw(np.random.default_rng(0), 300, 500, ReLU())
    end = 2 * math.sqrt(3 / (400 if average else 300))
    assert weights.var() == pytest.approx(end**2 / 3, rel=0.02)
    assert 0.999 * end < np.abs(weights).max() <= end


def test_biases_are_drawn_like_the_weights():
    layer = Dense(500, ReLU(), pytorch_linear(), pytorch_linear())
    first, other = MLP(300, [layer]).initialise(spawn(0, 2))[0]["bias"]
    assert first.shape == (1, 500) and not np.array_equal(first, other)
    assert 0.99 / math.sqrt(300) < np.abs(first).max() <= 1 / math.sqrt(300)
    weights = MLP(300, [Dense(500, ReLU(), pytorch_linear())]).initialise(spawn(0, 2))[0]["weights"]
    np.testing.assert_array_equal(MLP(300, [layer]).initialise(spawn(0, 2))[0]["weights"], weights)


def test_each_member_has_biases_of_its_own_gain():
    layer = Dense(400, ReLU(), initial_bias=VarianceScaling(gain=np.array([1.0, 5.0])))
    bias = MLP(100, [layer]).initialise(spawn(0, 2))[0]["bias"]
    np.testing.assert_allclose(bias.std(axis=-1)[:, 0], [0.1, 0.5], rtol=0.1)
