"""Every pointwise activation function against the oracle, its own traits, and the promises of the base classes."""

import dataclasses
import functools
import inspect
import math
import pathlib
import re

import mpmath
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from mpmath import mpf

from nonlinear import activations
from nonlinear.activations import (
    CATALOGUE,
    CELU,
    ELU,
    Activation,
    Identity,
    LeakyReLU,
    Maxout,
    Pointwise,
    RReLU,
    Softmax,
    Softplus,
    SquaredReLU,
    Swish,
    Threshold,
    get,
)
from nonlinear.activations.base import DOUBLE, PIECE, in_buffers, parameter, sum_to
from nonlinear.activations.catalogue import SYNONYMS
from nonlinear.activations.names import FRAMEWORKS
from nonlinear.arrays import Interval
from nonlinear.gradcheck import check_activation
from nonlinear.network import MLP, Dense
from oracle.definitions import DEFINITIONS, evaluate, rounded, size, ulps, working_precision
from oracle.points import exponent, floors, grid, parameters, points, quantities, truth, variants, within, wrong_zeros
from tests.latex import read

REFERENCES = pathlib.Path(__file__).parents[1] / "book" / "references.bib"
FLOATS = (np.float16, np.float32, np.float64)

CLASSES = [f for f in CATALOGUE.values() if issubclass(f, Pointwise)]
DEFAULTS = [f() for f in CLASSES]
POINTWISE = [*DEFAULTS, *(f for cls in CLASSES for f in variants(cls))]
POINTWISE += [LeakyReLU(-0.5), LeakyReLU(1.7), Threshold(0, 0), Threshold(-0.5, 0.25)]
LEARNABLE = [(cls(), name) for cls in CLASSES for name in cls.learnable()]

each_pointwise = pytest.mark.parametrize("f", POINTWISE, ids=repr)
each_default = pytest.mark.parametrize("f", DEFAULTS, ids=repr)
each_class = pytest.mark.parametrize("cls", CATALOGUE.values(), ids=CATALOGUE)
each_learnable = pytest.mark.parametrize("f, name", LEARNABLE, ids=[f"{f!r}-{name}" for f, name in LEARNABLE])
both_precisions = pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["f32", "f64"])
each_float = pytest.mark.parametrize("dtype", FLOATS, ids=["f16", "f32", "f64"])


# Accuracy ------------------------------------------------------------------------------------------------------------


@both_precisions
@each_pointwise
def test_accuracy_in_units_in_the_last_place(f, dtype):
    z = points(f, dtype)
    z = z[within(f, z)]
    for label, ours, exact in quantities(f):
        got, truths, least = ours(z), truth(f, exact, z), floors(f, label, z)
        assert got.dtype == dtype, label
        error = ulps(got, truths, least)
        assert np.all(error <= 10), (label, z[np.argmax(error)], error.max())
        wrong = wrong_zeros(got, truths) & (np.array(least) == 0)
        assert not wrong.any(), (label, z[wrong])


@both_precisions
@each_pointwise
def test_no_wrong_zeros_or_infinities_where_the_exponential_fades_out(f, dtype):
    z = points(f, dtype)
    z = z[~within(f, z)]
    for label, ours, exact in quantities(f):
        truths = truth(f, exact, z)
        got, best = ours(z), np.array([rounded(t, dtype) for t in truths])
        wrong = (np.isfinite(got) != np.isfinite(best)) | wrong_zeros(got, truths) | (got * np.sign(best) < 0)
        assert not wrong.any(), (label, np.column_stack([z, got, best])[wrong].tolist())
        # A subnormal exponential is right to its last bit, which counts |z| times in a product with z.
        slack = 2 * np.clip(np.abs(z.astype(float)), 1, 1000) * float(np.finfo(dtype).smallest_subnormal)
        rough = np.array([abs(mpf(a) - t) <= s for a, t, s in zip(got.tolist(), truths, slack, strict=True)], bool)
        error = ulps(got[~rough], [t for t, r in zip(truths, rough, strict=True) if not r])
        assert np.all(error <= 10), (label, z[~rough][error > 10], error.max())


@each_default
def test_half_precision_is_computed_wide_and_rounded_once(f):
    everything = np.arange(2**16, dtype=np.uint16).view(np.float16)
    finite = everything[np.isfinite(everything)]
    z = np.unique(np.concatenate([grid(np.float16)[::2], np.random.default_rng(0).choice(finite, 400)]))
    for label, ours, exact in quantities(f):
        got, truths = ours(z), truth(f, exact, z)
        assert got.dtype == np.float16, label
        with mpmath.workprec(2400):
            best = [mpf(rounded(t, np.float16)) for t in truths]
        error = np.where([b == g for b, g in zip(best, got.tolist(), strict=True)], 0, ulps(got, best))
        assert np.all(error <= 1), (label, z[error > 1], got[error > 1])


@each_float
@each_pointwise
def test_infinite_and_missing_inputs(f, dtype):
    ends = np.array([-np.inf, np.inf, np.nan], dtype)
    known = DEFINITIONS[f.name]
    limited = not np.isnan(float(known.limits(**parameters(f))[0]))
    for got, limits in ((f(ends), known.limits), (f.derivative(ends), known.slope_limits)):
        expected = [float(v) for v in limits(**{k: mpf(float(v)) for k, v in parameters(f).items()})]
        np.testing.assert_allclose(got.astype(float), [*expected, np.nan], rtol=float(np.finfo(dtype).eps))
        assert got.dtype == dtype
    for partial in f.partials(ends).values():
        assert np.isnan(partial[2]) and (not np.isnan(partial[:2]).any() or not limited)


def test_true_overflow_is_a_silent_infinity():
    assert LeakyReLU(1e10)(-1e300) == -np.inf
    assert LeakyReLU(100.0)(np.float16(-60000)) == -np.inf
    assert SquaredReLU()(1e200) == get("selu")(1.79e308) == get("exponential")(1e3) == np.inf
    assert get("exponential")(np.float16(12)) == np.inf


# What goes in and what comes out -------------------------------------------------------------------------------------


@each_pointwise
def test_shapes_and_types(f):
    z = np.random.default_rng(2).normal(size=(4, 6)) * 3
    read_only = z.copy()
    read_only.setflags(write=False)
    for label, call in {"value": f, "derivative": f.derivative}.items():
        whole = call(z)
        np.testing.assert_array_equal(call(read_only), whole, label)
        np.testing.assert_array_equal(call(z[::2, ::-3]), whole[::2, ::-3], label)
        np.testing.assert_array_equal(call(z.T), whole.T, label)
        assert whole is not z and not np.shares_memory(whole, z)
        assert call(float(z[0, 0])) == call(z[0, 0]) == call(np.array(z[0, 0])) == whole[0, 0]
        assert np.ndim(call(1.5)) == 0 and isinstance(call(1.5), np.float64)
        assert call(-2) == call(-2.0) and np.asarray(call(np.int8(-2))).dtype == np.float64, label
        assert np.asarray(call(np.array([-1, 2], np.int16))).dtype == np.float64, label
        assert np.asarray(call([])).shape == (0,) and call(np.zeros((0, 3), np.float32)).dtype == np.float32
        assert call([[1.0, -2.0]]).shape == (1, 2)
        assert z.flags.writeable


REFUSED = {
    "complex": (np.array([1j]), "z must hold real numbers.*complex128"),
    "boolean": (np.array([True]), "z must hold real numbers.*bool"),
    "object": (np.array([None]), "z must hold real numbers.*object"),
    "text": (["1.0"], "z must hold real numbers.*<U3"),
    "masked": (np.ma.array([1.0, 2.0], mask=[0, 1]), r"z is a masked array.*z\.filled"),
    "longdouble": (np.ones(2, np.longdouble), "z must hold real numbers"),
}


@pytest.mark.parametrize("z, message", REFUSED.values(), ids=REFUSED)
@each_class
def test_what_is_not_a_real_number_is_refused(cls, z, message):
    f = cls()
    calls = [f, f.value, f.derivative] if isinstance(f, Pointwise) else [f, *([f.jacobian] if cls is Softmax else [])]
    for call in [*calls, *([f.partials] if f.learnable() else [])]:
        with pytest.raises(TypeError, match=message):
            call(z)


@each_learnable
def test_partials_keep_the_type(f, name):
    for z in (np.array([-1, 2]), np.float16([-1, 2]), np.float32(-1), -1.0):
        partial = f.partials(z)[name]
        assert np.asarray(partial).dtype == np.asarray(f(z)).dtype and np.shape(partial) == np.shape(z)


BAD_PARAMETERS = {
    "nan": (LeakyReLU, np.nan, ValueError, "LeakyReLU needs negative_slope to be finite; got nan"),
    "infinite": (ELU, np.inf, ValueError, "ELU needs alpha to be finite; got inf"),
    "one of an array": (LeakyReLU, np.array([[0.1], [np.inf]]), ValueError, "negative_slope to be finite; got array"),
    "complex": (LeakyReLU, 1j, TypeError, "LeakyReLU needs negative_slope to be a real number; got 1j"),
    "text": (ELU, "1", TypeError, "ELU needs alpha to be a real number; got '1'"),
    "none": (ELU, None, TypeError, "ELU needs alpha to be a real number; got None"),
    "boolean": (LeakyReLU, True, TypeError, "negative_slope to be a real number; got True"),
    "zero": (ELU, 0, ValueError, r"ELU needs alpha in \(0, ∞\); got 0"),
    "negative": (ELU, -0.5, ValueError, r"ELU needs alpha in \(0, ∞\); got -0\.5"),
    "shut": (Swish, 0, ValueError, r"Swish needs beta in \(0, ∞\); got 0"),
    "pieces": (Maxout, 0, ValueError, r"Maxout needs pieces in \[1, ∞\); got 0"),
    "half a piece": (Maxout, 2.5, TypeError, r"Maxout needs pieces to be a whole number; got 2.5"),
}


@pytest.mark.parametrize("cls, value, error, message", BAD_PARAMETERS.values(), ids=BAD_PARAMETERS)
def test_bad_parameters_are_refused(cls, value, error, message):
    with pytest.raises(error, match=message):
        cls(value)


@each_class
def test_a_typical_range_holds_the_default_and_is_allowed(cls):
    for field in dataclasses.fields(cls):
        typical, domain = field.metadata["typical"], field.metadata["domain"]
        assert typical.low < typical.high and field.default in typical, field.name
        assert typical.low in domain and typical.high in domain, field.name


@pytest.mark.parametrize("slope", [-3, 0, 1, 1e300, np.float32(0.25)])
def test_any_finite_slope_is_allowed(slope):
    assert LeakyReLU(slope)(-1.0) == -slope


def test_the_random_slopes_of_the_rrelu():
    f, z = RReLU(0.1, 0.3), -np.ones((50, 4))
    drawn = f.draw(np.random.default_rng(0), z.shape)
    np.testing.assert_array_equal(drawn(z), -drawn.derivative(z))
    assert 0.1 <= drawn.derivative(z).min() < 0.11 and 0.29 < drawn.derivative(z).max() <= 0.3
    assert f == RReLU(0.1, 0.3) and f(-1.0) == -0.2
    np.testing.assert_array_equal(drawn(z), f.draw(np.random.default_rng(0), z.shape)(z))
    with pytest.raises(TypeError, match="generator must be a numpy Generator.*got 0"):
        f.draw(0, (2,))
    with pytest.raises(ValueError, match="RReLU needs lower <= upper; got 0.5 and 0.1"):
        RReLU(0.5, 0.1)


def test_instances_are_immutable_and_compare_by_value():
    with pytest.raises(dataclasses.FrozenInstanceError):
        ELU().alpha = 2
    assert LeakyReLU(0.2) == LeakyReLU(0.2) != LeakyReLU(0.3) and hash(ELU(2)) == hash(ELU(2))


def test_instances_with_arrays_compare_by_value():
    f, same = LeakyReLU(np.array([[0.1], [0.2]])), LeakyReLU(np.array([[0.1], [0.2]]))
    assert f == same and hash(f) == hash(same) and len({f, same, ELU(np.ones(2)), LeakyReLU(0.1)}) == 3
    assert f != LeakyReLU(np.array([[0.1], [0.3]])) and f != LeakyReLU(0.1) and LeakyReLU(0.1) != f


SMALL_NUMBERS = {
    "uint8": (get("soft_shrink", threshold=np.uint8(1)), get("soft_shrink", threshold=1.0)),
    "int8": (get("two_relu", half_width=np.int8(100)), get("two_relu", half_width=100.0)),
    "float16": (get("two_relu", half_width=np.float16(40000)), get("two_relu", half_width=40000.0)),
    "float32": (get("squareplus", b=np.float32(0.1)), get("squareplus", b=float(np.float32(0.1)))),
    "0-d": (Softplus(np.array(3, np.uint8)), Softplus(3.0)),
    "more than 64 bits": (Threshold(2**70, -(2**65)), Threshold(2.0**70, -(2.0**65))),
    "array of uint8": (get("soft_shrink", threshold=np.uint8([[1]])), get("soft_shrink", threshold=1.0)),
    "array of float16": (get("sine", frequency=np.float16([[0.1]])), get("sine", frequency=float(np.float16(0.1)))),
    "array of float32": (get("squareplus", b=np.float32([[0.1]])), get("squareplus", b=float(np.float32(0.1)))),
    "pieces": (Maxout(np.uint8(2)), Maxout(2)),
}


@pytest.mark.parametrize("given_as, plain", SMALL_NUMBERS.values(), ids=SMALL_NUMBERS)
def test_parameters_of_any_type_are_the_numbers_they_say(given_as, plain):
    z = np.linspace(-3, 3, 240)[None]
    np.testing.assert_array_equal(given_as(z), plain(z))
    np.testing.assert_array_equal(given_as.pullback(z, given_as(z))[0], plain.pullback(z, plain(z))[0])
    assert given_as.preactivations(np.int64(200)) == plain.preactivations(200)


def test_integers_beyond_64_bits_are_numbers():
    assert ELU()(2**64) == 2.0**64 and ELU()([-(10**400), 0, 2**70]).tolist() == [-1, 0, 2.0**70]
    with pytest.raises(ValueError, match="ELU needs alpha to be finite; got 1000"):
        ELU(10**400)


# A function of a reader's own -----------------------------------------------------------------------------------------


def halved(method):
    @functools.wraps(method)
    def wrapped(self, z):
        return method(self, z) / 2

    return wrapped


@dataclasses.dataclass(frozen=True)
class Bend(Pointwise):
    """A function as a reader writes it."""

    slope: float = parameter(0.5, "s")

    def value(self, z):
        return np.where(z > 0, z, self.slope * np.tanh(z))

    def derivative(self, z):
        return np.where(z > 0, 1, self.slope / np.cosh(z) ** 2)

    def partials(self, z):
        return {"slope": np.where(z > 0, 0, np.tanh(z))}

    traits = get("elu").traits


class Halved(Bend):
    value = halved(Bend.value)
    derivative = halved(Bend.derivative)
    partials = lambda self, z: {"slope": np.where(z > 0, 0, np.tanh(z)) / 2}  # noqa: E731


class WrittenHalved(Pointwise):
    @halved
    def value(self, z):
        return np.where(z > 0, z, np.tanh(z) / 2)

    @halved
    def derivative(self, z):
        return np.where(z > 0, 1, 0.5 / np.cosh(z) ** 2)

    traits = get("elu").traits


class Static(Pointwise):
    value = np.tanh
    derivative = staticmethod(lambda z: 1 / np.cosh(z) ** 2)
    traits = get("tanh").traits


class Doubling:
    def value(self, z):
        return 2 * super().value(z)

    def derivative(self, z):
        return 2 * super().derivative(z)

    def partials(self, z):
        return {"slope": 2 * super().partials(z)["slope"]}


class Mixed(Doubling, Bend):
    """A class whose formulas come from one that is no activation function."""


OWN = {
    "plain": (Bend(), 1),
    "decorated": (Halved(), 0.5),
    "written decorated": (WrittenHalved(), 0.5),
    "mixed": (Mixed(), 2),
}


def everywhere(f, z):
    """Return value and slope of f at numbers, called directly, by a network that predicts, and by one that learns."""
    learn = tuple(p.name for p in dataclasses.fields(f))
    network = MLP(1, [Dense(1, f, learn=learn)])
    parameters = network.with_parameters([([[1.0]], [0.0])])
    tape = network.forward(parameters, z[:, None])
    _, (delta,) = network.backward(parameters, tape, np.ones((1, len(z), 1)))
    return [f(z), f.derivative(z)], [network.predict(parameters, z[:, None])[0, :, 0], delta[0, :, 0]]


@pytest.mark.parametrize("f, factor", OWN.values(), ids=OWN)
def test_an_own_function_is_the_same_everywhere(f, factor):
    z, whole = np.linspace(-3, 3, 8), Bend()
    direct, in_network = everywhere(f, z)
    np.testing.assert_allclose(direct, [factor * whole(z), factor * whole.derivative(z)], rtol=1e-15)
    np.testing.assert_array_equal(in_network, direct)
    assert check_activation(f, z).passed
    assert f([1, 2]).tolist() == f(np.array([1.0, 2.0])).tolist() and f.derivative(np.float16(1)).dtype == np.float16


def test_an_own_function_may_be_any_callable():
    z = np.linspace(-3, 3, 8)
    direct, in_network = everywhere(Static(), z)
    np.testing.assert_array_equal(direct[0], np.tanh(z))
    np.testing.assert_array_equal(in_network, direct)
    assert check_activation(Static(), [-1, 0, 2]).passed


@pytest.mark.parametrize("name, row", [("value", 0), ("derivative", 1)])
def test_a_replaced_formula_counts_at_once(monkeypatch, name, row):
    z, f = np.linspace(-3, 3, 8), get("tanh")
    before = everywhere(f, z)[0]
    monkeypatch.setattr(type(f), name, halved(getattr(type(f), name)))
    direct, in_network = everywhere(f, z)
    np.testing.assert_array_equal(direct[row], before[row] / 2)
    np.testing.assert_array_equal(in_network, direct)


class Constant(Bend):
    def derivative(self, z):
        return 1.0


class Forgetful(Bend):
    def partials(self, z):
        return {}


@pytest.mark.parametrize("z", [np.ones(3), np.ones(PIECE + 1)], ids=["few", "many"])
def test_a_formula_that_does_not_fit_is_refused(z):
    message = (
        r"Constant.derivative must return an array of the shape of z, \(\d+,\); got 1.0. .*np.full_like\(z, number"
    )
    for call in (lambda: Constant().derivative(z), lambda: Constant().pullback(z, z)):
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(ValueError, match="Constant.derivative must return an array of the shape of z"):
        everywhere(Constant(), np.ones(3))
    with pytest.raises(ValueError, match=r"Forgetful.partials must return the derivatives by \['slope'\] too"):
        everywhere(Forgetful(), np.ones(3))
    assert Constant().derivative(2.0) == 1


TINY = np.array(
    [-1e308, -1e154, -745.0, -104.0, -88.0, -1e-160, -1e-308, 0.0, 1e-308, 1e-45, 37.0, 745.0, 1e154, 1e308]
)


@each_float
@each_class
def test_underflow_is_nobodys_error(cls, dtype):
    with np.errstate(over="ignore", under="ignore"):
        z = TINY.astype(dtype)
    for f in (cls(), *(variants(cls) if issubclass(cls, Pointwise) else ())):
        with np.errstate(all="raise", invalid="ignore"):  # inf - inf and 0 * inf arise from z = inf alone
            a = f(z)
            f.pullback(z, np.full_like(a, 1e-3))
            if isinstance(f, Pointwise):
                f.derivative(z), f.partials(z)
            if isinstance(f, Softmax):
                f.jacobian(np.array([0, -60, -400], dtype))


# Traits are true -----------------------------------------------------------------------------------------------------

WIDE = np.unique(np.concatenate([np.arange(-15, 15, 2.0**-7), -np.geomspace(15, 1e6, 400), np.geomspace(15, 1e6, 400)]))


@each_pointwise
def test_image_is_the_smallest_interval_that_holds_every_value(f):
    image, a, fine = f.traits.image, f(WIDE), f(np.linspace(-8, 8, 600_001))
    closed = Interval(image.low, image.high)
    assert all(v in closed for v in a.tolist())
    assert all(v in image for v in f(WIDE[exponent(f, WIDE) <= 15]).tolist() if math.isfinite(v))
    for end, reached in ((image.low, min(a.min(), fine.min())), (image.high, max(a.max(), fine.max()))):
        assert abs(reached) >= 1e4 * 0.99 if math.isinf(end) else abs(reached - end) <= 1e-4
    assert image.open_low or math.isinf(image.low) or fine.min() == pytest.approx(image.low, abs=1e-9)
    assert image.open_high or math.isinf(image.high) or fine.max() == pytest.approx(image.high, abs=1e-9)


@each_pointwise
def test_tails(f):
    for end, tail in ((-(2.0**20), f.traits.left), (2.0**20, f.traits.right)):
        z = end * np.linspace(1, 2, 9)
        if math.isfinite(tail.slope):
            line = lambda z, tail=tail: tail.slope * z + tail.intercept  # noqa: E731
            np.testing.assert_allclose(f(z), line(z), rtol=1e-12, atol=1e-5)
            np.testing.assert_allclose(f.derivative(z), tail.slope, atol=1e-5)
            beyond = math.copysign(max(map(abs, f.traits.kinks), default=0) + 1.5, end)
            assert tail.exact == (abs(f(beyond) - line(beyond)) <= 1e-15)
        elif math.isinf(tail.slope):
            assert np.all(f(z) / np.abs(z) >= 1e6)
        else:
            assert np.ptp(f.derivative(z)) > 0.1 * f.traits.steepest
        assert tail.saturates == bool(np.all(np.abs(f.derivative(z)) < 1e-5))


@each_pointwise
def test_steepest_is_the_largest_slope(f):
    slopes = np.abs(f.derivative(WIDE))
    top = WIDE[np.argmax(slopes)]
    largest = max(slopes.max(), np.abs(f.derivative(np.linspace(top - 0.01, top + 0.01, 200_001))).max())
    if math.isinf(f.traits.steepest):
        assert largest > 1e5
    else:
        assert f.traits.steepest * (1 - 1e-7) <= largest <= f.traits.steepest * (1 + 4e-15)


@each_pointwise
def test_monotone_and_odd(f):
    a = f(WIDE)
    assert f.traits.monotone == bool(np.all(a[1:] >= a[:-1]))
    assert f.traits.odd == bool(np.all(f(-WIDE) == -a))


def jumps(function, points, h) -> list[float]:
    """Return where the one-sided difference quotients of ``function`` disagree."""
    ahead, behind = (function(points + h) - function(points)) / h, (function(points) - function(points - h)) / h
    return points[np.abs(ahead - behind) > 1e-3 * (1 + np.abs(ahead))].tolist()


@each_pointwise
def test_kinks_and_smoothness(f):
    scale = parameters(f).get("frequency", 1)
    points = np.arange(-8, 8.125, 0.125) / scale
    points = np.union1d(points[[all(abs(p - k) > 1e-3 for k in f.traits.kinks) for p in points]], f.traits.kinks)
    assert jumps(f, points, 2.0**-20 / scale) == sorted(f.traits.kinks)
    clear, h = points[~np.isin(points, f.traits.kinks)], 2.0**-17 / scale
    quotient = (f(clear + h) - f(clear - h)) / (2 * h)
    np.testing.assert_allclose(
        f.derivative(clear), quotient, rtol=1e-8, atol=1e-5 if f.traits.smoothness == 1 else 1e-9 * scale
    )
    leaps = [k for k in f.traits.kinks if abs(f(k + 1e-9) - f(k - 1e-9)) > 1e-3]
    bends = jumps(f.derivative, points, 2.0**-20 / scale**2)
    assert f.traits.smoothness == (-1 if leaps else 0 if f.traits.kinks else 1 if bends else math.inf)


@each_pointwise
def test_transcendentals_are_what_the_formula_calls(f):
    calls = [
        name for name in ("e^", r"\log", r"\tanh", r"\sin", r"\arctan", r"\Phi", r"\operatorname") if name in f.formula
    ]
    assert f.traits.transcendentals == len(calls)


def test_interval_prints_and_contains():
    assert str(Interval(-0.5, math.inf, open_low=True)) == "(−0.5, ∞)" and str(Interval(0, 1)) == "[0, 1]"
    assert [v in Interval(0, 1, open_high=True) for v in (-1, 0, 0.5, 1, math.nan)] == [False, True, True, False, False]


# Properties ----------------------------------------------------------------------------------------------------------

anything = hnp.arrays(
    st.sampled_from(FLOATS),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    elements=st.floats(width=16),
)


@given(z=anything, f=st.sampled_from(POINTWISE))
@settings(max_examples=150, deadline=None)
def test_shape_type_and_nan_pass_through(z, f):
    for call in (f, f.derivative):
        got = np.asarray(call(z))
        assert got.shape == z.shape and got.dtype == z.dtype
        limited = np.isfinite(z) | ~np.isnan(f.traits.left.slope)
        np.testing.assert_array_equal(np.isnan(got)[limited], np.isnan(z)[limited])


@given(z=anything, f=st.sampled_from(POINTWISE))
@settings(max_examples=60, deadline=None)
def test_numbers_and_arrays_agree(z, f):
    for call in (f, f.derivative):
        alone = np.array([call(v) for v in z.ravel()], z.dtype).reshape(z.shape)
        np.testing.assert_array_equal(call(z), alone)


# The units in the last place are for NumPy, which takes numbers with gaps between by another routine.
LAYOUTS = [(lambda z: z, 0), (lambda z: z.reshape(300, -1).T, 0), (lambda z: np.repeat(z, 2)[::-2], 10)]


@each_default
@each_float
def test_a_large_array_worked_on_in_pieces_gives_the_same_numbers(f, dtype):
    random = np.random.default_rng(0)
    few = (random.normal(size=600) * 10 ** random.uniform(-3, 3, 600)).astype(dtype)
    few[:3] = np.inf, -np.inf, np.nan
    many = np.tile(few, 2 * PIECE // 600 + 1)  # ends within a piece
    for call in (f, f.derivative):
        for layout, units in LAYOUTS:
            z, expected = layout(many), layout(np.tile(call(few), len(many) // 600))
            a = call(z)
            assert (a.dtype, a.shape, a.flags.writeable) == (dtype, z.shape, True)
            unit = np.finfo(dtype)
            np.testing.assert_allclose(a, expected, rtol=units * unit.eps, atol=units * unit.smallest_subnormal)


def test_an_array_of_parameters_meets_the_whole_of_a_large_array():
    z = np.random.default_rng(0).normal(size=(2, PIECE, 1))
    f = ELU(np.array([[[0.5]], [[2.0]]]))
    np.testing.assert_array_equal(f(z), np.stack([ELU(0.5)(z[0]), ELU(2.0)(z[1])]))

    @dataclasses.dataclass(frozen=True, slots=True)
    class Scale(Identity):
        factor: np.ndarray

        def value(self, z):
            return self.factor * z

    np.testing.assert_array_equal(Scale(np.array([[[1.0]], [[2.0]]]))(z), z * [[[1.0]], [[2.0]]])
    one_of_two = Threshold(np.array([[[-0.5]], [[0.5]]]), otherwise=3.0)
    np.testing.assert_array_equal(one_of_two(z), np.stack([Threshold(-0.5, 3.0)(z[0]), Threshold(0.5, 3.0)(z[1])]))


def test_an_array_of_parameters_meets_a_number():
    np.testing.assert_array_equal(LeakyReLU(np.array([0.1, 0.2]))(-1.0), [-0.1, -0.2])


@pytest.mark.parametrize(("given", "kept"), [("f2", "f4"), ("f4", "f4"), ("f8", "f8"), ("i8", "f8"), ("g", "f8")])
def test_learned_numbers_keep_their_type_where_it_is_wide_enough(given, kept):
    assert LeakyReLU(np.ones(3, given)).negative_slope.dtype == kept
    assert Swish(np.ones(3, given)).beta.dtype == "f8"


def test_traits_are_those_of_one_function():
    with pytest.raises(ValueError, match=r"traits describe one function; alpha holds 2 learned numbers\. Choose one\."):
        _ = ELU(np.array([0.5, 2.0])).traits


def test_a_formula_works_in_buffers_of_its_precision_only():
    @dataclasses.dataclass(frozen=True, slots=True)
    class Precise(Identity):
        precision = DOUBLE

        def value(self, z, out=None):
            return np.multiply(z, 2, out=out)

    class Noted(Precise):
        __slots__ = ()
        value = functools.wraps(Precise.value)(lambda self, z, out=None: Precise.value(self, z))

    assert [in_buffers(Precise(), "value", kind) is None for kind in ("f4", "f8")] == [True, False]
    assert in_buffers(Noted(), "value", "f8") is None
    assert list(inspect.signature(Precise.value).parameters) == ["self", "z"]  # a caller has no buffers


@given(z=hnp.arrays(np.float64, 40, elements=st.floats(-800, 800)), f=st.sampled_from(POINTWISE))
@example(z=np.array([0.0, 710.0]), f=get("exponential"))
@settings(max_examples=100, deadline=None)
def test_monotone_functions_keep_order(z, f):
    a = f(np.sort(z))
    rounding = 4 * np.spacing(np.minimum(np.abs(a[1:]), 1e308))
    assert not f.traits.monotone or np.all(a[1:] >= a[:-1] - rounding)


@pytest.mark.parametrize("cls", [Swish, Softplus])
def test_a_learned_beta_may_turn_negative_on_its_way(cls):
    z = np.linspace(-6, 6, 25)
    f = cls(np.full(z.shape, -0.7))
    assert check_activation(f, z).passed
    truth = DEFINITIONS[f.name].value
    np.testing.assert_allclose(f(z), [float(truth(mpf(v), beta=mpf(-0.7))) for v in z.tolist()], rtol=1e-14)


# Learned parameters, catalogue, text ---------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3, 1, 1), (3, 1, 2), (1, 1, 1), ()])
@each_learnable
def test_pullback_sums_a_parameters_gradient_to_its_shape(f, name, shape):
    random = np.random.default_rng(3)
    bound = dataclasses.replace(f, **{name: random.uniform(0.1, 1, shape)})
    z, upstream = random.normal(size=(2, 3, 4, 2))
    delta, partials = bound.pullback(z, upstream)
    np.testing.assert_array_equal(delta, upstream * bound.derivative(z))
    h = 1e-6 * np.ones(shape)
    each = upstream * (
        dataclasses.replace(f, **{name: getattr(bound, name) + h})(z)
        - dataclasses.replace(f, **{name: getattr(bound, name) - h})(z)
    )
    axes = tuple(i for i in range(3) if shape == () or (shape[i] == 1))
    expected = each.sum(axis=axes, keepdims=shape != ()) / 2e-6
    assert np.shape(partials[name]) == shape
    np.testing.assert_allclose(partials[name], expected, rtol=1e-6, atol=1e-7)


def test_a_gradient_that_does_not_fit_is_refused_and_one_that_overflows_is_infinite():
    with pytest.raises(
        ValueError, match=r"upstream must .* output of ELU\(alpha=1.0\); got shape \(3,\) for .* \(2,\)"
    ):
        ELU().pullback([1.0, 2.0], [1.0, 2.0, 3.0])
    assert SquaredReLU().pullback(1e200, 1e200)[0] == np.inf


def test_a_parameter_whose_square_overflows_has_a_partial():
    assert Softplus(1e200).partials(0.0)["beta"] == get("two_relu", half_width=1e200).partials(1.0)["half_width"] == 0


def test_a_celu_is_the_identity_close_to_zero():
    assert CELU(1e3)(-np.finfo(float).tiny) == -np.finfo(float).tiny


def test_sum_to_is_the_reverse_of_broadcasting():
    a = np.arange(24.0).reshape(2, 3, 4)
    assert sum_to(a, ()) == 276 and sum_to(a, (2, 3, 4)).tolist() == a.tolist()
    assert sum_to(a, (3, 1)).tolist() == a.sum(axis=(0, 2))[:, None].tolist()


def test_the_catalogue_is_complete_and_makes_instances():
    assert all(get(name) == cls() and cls.name == name for name, cls in CATALOGUE.items())
    assert {cls.name for cls in CLASSES} == set(DEFINITIONS)
    assert {cls.__name__ for cls in CATALOGUE.values()} <= set(activations.__all__)
    assert get("elu", alpha=0.5) == ELU(0.5)


@pytest.mark.parametrize(
    "name, hint",
    [
        ("Leaky ReLU", "did you mean 'leaky_relu'"),
        ("leaky-relu", "did you mean 'leaky_relu'"),
        ("HardSwish", "did you mean 'hard_swish'"),
        ("hard_silu", r"jax.nn.hard_silu is HardSwish\(\) here"),
        ("PReLU", "torch.nn.PReLU is LeakyReLU.* here: learned: .*learn="),
        ("standardize", "jax.nn.standardize is not here: a normalisation"),
        ("sigmoyd", "did you mean 'sigmoid'"),
        ("TANH", "did you mean 'tanh'"),
        ("zzz", "known names: step, sigmoid, hard_sigmoid"),
        ("logistic", "did you mean 'sigmoid'[?]"),
        ("Heaviside function", "did you mean 'step'[?]"),
        ("lReLU", "did you mean 'leaky_relu'[?]"),
        ("torch.nn.ReLU()", "did you mean 'relu'[?]"),
        ("nn.PReLU", "torch.nn.PReLU is LeakyReLU"),
    ],
)
def test_unknown_names_get_a_hint(name, hint):
    with pytest.raises(KeyError, match=hint) as caught:
        get(name)
    assert str(caught.value).startswith(f"no activation function is called {name!r}; ")


def test_synonyms_are_names_of_the_catalogue():
    assert set(SYNONYMS.values()) <= set(CATALOGUE) and not set(SYNONYMS) & set(CATALOGUE)


@pytest.mark.parametrize("name", [None, 3, [], ELU, ELU()], ids=repr)
def test_what_is_no_name_is_refused(name):
    with pytest.raises(TypeError, match="name must be a string such as 'leaky_relu'; got "):
        get(name)


def facts(f) -> str:
    """Return the sentence on its limits, kinks and values at 0 that a function's docstring has to hold."""
    (left, right), kinks = (f.traits.left, f.traits.right), sorted(f.traits.kinks)
    ends = [
        tail.intercept if tail.slope == 0 else tail.slope * end for tail, end in ((left, -math.inf), (right, math.inf))
    ]
    limits = "no limits" if math.isnan(sum(map(abs, ends))) else f"limits {listed(ends)}"
    places = ("no kink", f"a kink at {listed(kinks)} with slope ", f"kinks at {listed(kinks)} with slopes ")[len(kinks)]
    places = places.replace("kink", "jump") if f.traits.smoothness < 0 else places
    slopes = listed(f.derivative(kinks)) if kinks else ""
    return (
        f"{type(f).__name__}(): {limits}, {places}{slopes}, "
        f"value {listed([f(0.0)])} and slope {listed([f.derivative(0.0)])} at 0."
    )


def listed(numbers) -> str:
    return " and ".join(f"{number:.4g}" for number in numbers).replace("inf", "infinity")


@each_default
def test_docstrings_state_the_traits(f):
    assert facts(f) in " ".join(type(f).__doc__.split())


@each_class
def test_every_class_explains_itself_on_one_screen(cls):
    assert issubclass(cls, Activation) and dataclasses.is_dataclass(cls)
    assert cls.__doc__.count(">>>") >= 1 and len(cls.__doc__.splitlines()[0]) > 20
    assert re.fullmatch(r"[a-z]+\d{4}", cls.source)
    assert len(inspect.getsource(cls).splitlines()) <= 50
    formulas = (cls.formula, cls.derivative_formula if issubclass(cls, Pointwise) else cls.pullback_formula)
    latex = cls()._repr_latex_()
    assert latex.startswith("$$") and latex.endswith("$$") and all(formula in latex for formula in formulas)
    symbols = [f.metadata["symbol"] for f in dataclasses.fields(cls)]
    assert all(symbol in cls.formula for symbol in symbols) and len(set(symbols)) == len(symbols)


@pytest.mark.parametrize("library", FRAMEWORKS)
def test_names_elsewhere_lead_to_functions_here_or_to_a_reason(library):
    for theirs, entry in FRAMEWORKS[library].items():
        assert entry.note or entry.ours, theirs
        assert set(entry.slopes) <= set(entry.ours.traits.kinks if entry.slopes else ()), theirs
        assert all(entry.ours.derivative(float(z)) != slope for z, slope in entry.slopes.items()), theirs
        assert entry.ours is None or type(entry.ours) is CATALOGUE[entry.ours.name], theirs
        for name in re.findall(r"`(\w+)\(", entry.note):
            assert name == "Dense" or hasattr(activations, name), (theirs, name)


@pytest.mark.skipif(not REFERENCES.exists(), reason="the book's references are not part of this checkout")
@each_class
def test_every_source_is_in_the_references(cls):
    assert re.search(rf"@\w+\{{{cls.source},", REFERENCES.read_text(encoding="utf-8"))


@each_pointwise
def test_the_printed_formulas_are_the_functions(f):
    symbols = {field.metadata["symbol"]: float(getattr(f, field.name)) for field in dataclasses.fields(f)}
    for formula, call in ((f.formula, f), (f.derivative_formula, f.derivative)):
        for z in (*np.arange(-7, 7.25, 0.25), *f.traits.kinks):
            expected = read(formula, {"z": z, **symbols})
            assert expected == pytest.approx(call(z), rel=1e-9, abs=1e-12), (formula, z)


def test_the_oracle_has_digits_to_spare():
    """Where log(1 + exp(z)) at twice a usual precision still rounds to 0, the oracle's precision does not."""
    (value,) = evaluate(lambda z: mpmath.log(1 + mpmath.exp(z)), [-227.0], size)
    assert float(value) == pytest.approx(math.exp(-227), rel=1e-15) and working_precision(-227.0, 227.0) > 600
