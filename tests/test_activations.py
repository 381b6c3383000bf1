"""Every activation function against the oracle, its own traits, and the promises of the base classes."""

import dataclasses
import functools
import math
import pathlib
import re

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from mpmath import mpf

from nonlinear import special
from nonlinear.activations import CATALOGUE, ELU, Activation, Interval, LeakyReLU, Pointwise, Softmax, get
from nonlinear.activations.base import sum_to
from tests.oracle import DEFINITIONS, evaluate, rounded, softmax_row, ulps, working_precision

REFERENCES = pathlib.Path(__file__).parents[1] / "book" / "references.bib"
POINTWISE = [f() for f in CATALOGUE.values() if issubclass(f, Pointwise) and f.name in DEFINITIONS]
POINTWISE += [LeakyReLU(0.3), LeakyReLU(-0.5), LeakyReLU(0), LeakyReLU(1), LeakyReLU(1.7), ELU(0.3), ELU(1.7)]
FLOATS = (np.float16, np.float32, np.float64)

each_pointwise = pytest.mark.parametrize("f", POINTWISE, ids=repr)
each_class = pytest.mark.parametrize("cls", CATALOGUE.values(), ids=CATALOGUE)
both_precisions = pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["f32", "f64"])
each_float = pytest.mark.parametrize("dtype", FLOATS, ids=["f16", "f32", "f64"])

SPECIAL = (0.5, 1, 1.2785, 9, 9.01, 10, 16.6, 17, 19.06, 20, 37, 37.4, 52, 87, 87.3, 88.7, 103.9, 104, 340, 372, 373)
FAR = (708, 708.3, 709.8, 745, 745.2, 746, 748, 751, 752, 1e4, 1e5, 65504, 1e30, 1e38, 1e300, 1e308)


def parameters(f):
    return dataclasses.asdict(f)


@functools.cache
def grid(dtype) -> np.ndarray:
    """Finite numbers of ``dtype``: dense where something happens, and a thousand or two at random."""
    info, random = np.finfo(dtype), np.random.default_rng(11)
    largest = float(info.max)
    far = -math.log(float(info.smallest_subnormal))
    positive = [
        *(s * (1 + k * float(info.eps)) for s in SPECIAL for k in (-1, 0, 1)),
        *FAR,
        *np.linspace(-math.log(float(info.tiny)) - 1, far + 8, 100),  # where exp(-z) fades into the subnormals
        *np.linspace(far / 2 - 1, far / 2 + 1, 60),  # and where exp(-2z) does
        *10 ** random.uniform(math.log10(info.tiny), math.log10(largest), 60),
        *random.uniform(0, 12, 500),
        *random.uniform(0, far + 1, 300),
        *(1.2784645427610738 + random.normal(size=60) * 10.0 ** random.uniform(-15, -1, 60)),
        *(float(info.smallest_subnormal) * k for k in (1, 2, 3, 1000)),
        float(info.tiny),
        largest,
    ]
    z = np.array([v for v in positive if v <= largest]).astype(dtype)
    return np.unique(np.concatenate([z, -z, np.zeros(1, dtype)]))


def within(z) -> np.ndarray:
    """Whether exp(-|z|) is a normal number of z's type."""
    return np.abs(z.astype(float)) <= -math.log(float(np.finfo(z.dtype).tiny))


def wrong_zeros(got, truths) -> np.ndarray:
    """Where a result is 0 although the truth is at least the smallest number of its type."""
    smallest = float(np.finfo(got.dtype).smallest_subnormal)
    return (got == 0) & np.array([abs(t) >= smallest for t in truths], bool)


def quantities(f):
    """Yield each thing to compare: its label, the package's function, the oracle's, and its interior zeros."""
    known = DEFINITIONS[f.name]
    yield "value", f.value, known.value, ()
    yield "derivative", f.derivative, known.derivative, known.interior_zeros
    for name in parameters(f):
        yield (
            name,
            lambda z, name=name: f.partials(z)[name],
            lambda z, name=name, **p: known.partials(z, **p)[name],
            (),
        )


# Accuracy ------------------------------------------------------------------------------------------------------------


@both_precisions
@each_pointwise
def test_accuracy_in_units_in_the_last_place(f, dtype):
    z = grid(dtype)[within(grid(dtype))]
    for label, ours, exact, roots in quantities(f):
        next_to_zero = np.any([np.zeros(len(z), bool), *(np.abs(z - root) < 0.5 for root in roots)], axis=0)
        got = ours(z)
        assert got.dtype == dtype, label
        for part, near in ((~next_to_zero, None), (next_to_zero, 0.125)):
            truths = evaluate(exact, z[part], **parameters(f))
            error = ulps(got[part], truths, near)
            assert np.all(error <= 10), (label, z[part][np.argmax(error)], error.max())
            assert near or not wrong_zeros(got[part], truths).any(), (label, z[part][wrong_zeros(got[part], truths)])


@both_precisions
@each_pointwise
def test_no_wrong_zeros_or_infinities_where_the_exponential_fades_out(f, dtype):
    z = grid(dtype)[~within(grid(dtype))]
    for label, ours, exact, _ in quantities(f):
        truths = evaluate(exact, z, **parameters(f))
        got, best = ours(z), np.array([rounded(t, dtype) for t in truths])
        wrong = (np.isfinite(got) != np.isfinite(best)) | wrong_zeros(got, truths) | (got * np.sign(best) < 0)
        assert not wrong.any(), (label, np.column_stack([z, got, best])[wrong].tolist())
        # A subnormal exponential is right to its last bit, which counts |z| times in a product with z.
        slack = 2 * np.minimum(np.abs(z.astype(float)), 1000) * float(np.finfo(dtype).smallest_subnormal)
        rough = np.array([abs(mpf(a) - t) <= s for a, t, s in zip(got.tolist(), truths, slack, strict=True)])
        error = ulps(got[~rough], [t for t, r in zip(truths, rough, strict=True) if not r])
        assert np.all(error <= 10), (label, z[~rough][error > 10], error.max())


@each_pointwise
def test_half_precision_is_computed_wide_and_rounded_once(f):
    everything = np.arange(2**16, dtype=np.uint16).view(np.float16)
    finite = everything[np.isfinite(everything)]
    z = np.unique(np.concatenate([grid(np.float16)[::2], np.random.default_rng(0).choice(finite, 400)]))
    for label, ours, exact, _ in quantities(f):
        got, truths = ours(z), evaluate(exact, z, **parameters(f))
        assert got.dtype == np.float16, label
        error = ulps(got, [mpf(rounded(t, np.float16)) for t in truths])
        assert np.all(error <= 1), (label, z[error > 1], got[error > 1])


@each_float
@each_pointwise
def test_infinite_and_missing_inputs(f, dtype):
    ends = np.array([-np.inf, np.inf, np.nan], dtype)
    known = DEFINITIONS[f.name]
    for got, limits in ((f(ends), known.limits), (f.derivative(ends), known.slope_limits)):
        expected = [float(v) for v in limits(**{k: mpf(v) for k, v in parameters(f).items()})]
        np.testing.assert_allclose(got.astype(float), [*expected, np.nan], rtol=float(np.finfo(dtype).eps))
        assert got.dtype == dtype
    for partial in f.partials(ends).values():
        assert np.isnan(partial[2]) and not np.isnan(partial[:2]).any()


def test_true_overflow_is_a_silent_infinity():
    assert LeakyReLU(1e10)(-1e300) == -np.inf
    assert LeakyReLU(100.0)(np.float16(-60000)) == -np.inf


def rows(dtype):
    random = np.random.default_rng(5)
    for offset in (0, 1, -1e3, 1e4, -1e6, 3e15, -1e30, 3e38, 1e300, -1.7e308):
        if abs(offset) < float(np.finfo(dtype).max):
            for spread in (1e-3, 1, 30, 90, 700):
                with np.errstate(over="ignore"):
                    yield (offset + random.normal(size=7) * spread).astype(dtype)
                    yield (offset + random.normal(size=3) * spread).astype(dtype)[[0, 0, 1, 2]]
    yield np.array([50, 0], dtype)
    yield np.array([0, -708, -740, -745], dtype)
    yield np.array([np.finfo(dtype).max, -np.finfo(dtype).max, 0], dtype)
    yield (random.normal(size=200) * 5).astype(dtype)
    yield np.array([-3.25], dtype)


@both_precisions
def test_softmax_and_its_logarithm_to_a_few_units(dtype):
    for row in rows(dtype):
        exact, logarithm = softmax_row(row)
        a, log_a = Softmax()(row), special.log_softmax(row)
        assert a.dtype == log_a.dtype == dtype
        for label, got, truth in (("softmax", a, exact), ("log_softmax", log_a, logarithm)):
            error = ulps(got, truth)
            assert np.all(error <= 4.5), (label, row[:8], error.max())


@each_float
def test_softmax_of_infinite_and_missing_scores(dtype):
    z = np.array([[np.inf, 0, np.inf], [-np.inf, 0, 0], [-np.inf] * 3, [np.nan, 0, 1]], dtype)
    third = np.array(1, dtype) / 3
    expected = np.array([[0.5, 0, 0.5], [0, 0.5, 0.5], [third] * 3, [np.nan] * 3], dtype)
    np.testing.assert_array_equal(Softmax()(z), expected)
    assert Softmax()(z).dtype == dtype


@both_precisions
@pytest.mark.parametrize("row", [[50, 0], [0, -80, 3], [-2, 0.5, 1], [20, 20, -20]], ids=str)
def test_softmax_jacobian_and_pullback_keep_small_slopes(row, dtype):
    """A saturated class has the slope a (1 - a), which is tiny but not 0."""
    z = np.array(row, dtype)
    a, _ = softmax_row(z)
    n = range(len(row))
    others = [sum(a[k] for k in n if k != i) for i in n]
    exact = [[a[i] * others[i] if i == j else -a[i] * a[j] for j in n] for i in n]
    jacobian = Softmax().jacobian(z)
    assert jacobian.dtype == dtype
    for i in n:
        assert np.all(ulps(jacobian[i], exact[i]) <= 10), (i, jacobian[i])
        delta, _ = Softmax().pullback(z, np.eye(len(row), dtype=dtype)[i])
        assert np.all(ulps(delta, [exact[j][i] for j in n]) <= 10), (i, delta)


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
@pytest.mark.parametrize("f", [*POINTWISE, Softmax()], ids=repr)
def test_what_is_not_a_real_number_is_refused(f, z, message):
    for call in [f, f.jacobian] if isinstance(f, Softmax) else [f, f.value, f.derivative]:
        with pytest.raises(TypeError, match=message):
            call(z)


@pytest.mark.parametrize("f", [LeakyReLU(), ELU()], ids=repr)
def test_partials_refuse_the_same_and_keep_the_type(f):
    for z, message in REFUSED.values():
        with pytest.raises(TypeError, match=message):
            f.partials(z)
    for z in (np.array([-1, 2]), np.float16([-1, 2]), np.float32(-1), -1.0):
        (partial,) = f.partials(z).values()
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
}


@pytest.mark.parametrize("cls, value, error, message", BAD_PARAMETERS.values(), ids=BAD_PARAMETERS)
def test_bad_parameters_are_refused(cls, value, error, message):
    with pytest.raises(error, match=message):
        cls(value)


@pytest.mark.parametrize("slope", [-3, 0, 1, 1e300, np.float32(0.25)])
def test_any_finite_slope_is_allowed(slope):
    assert LeakyReLU(slope)(-1.0) == -slope


def test_softmax_needs_an_axis():
    with pytest.raises(ValueError, match="Softmax needs an array.*got the single number 3.0"):
        Softmax()(3.0)
    assert Softmax()(np.zeros((2, 0))).shape == (2, 0)


def test_instances_are_immutable_and_compare_by_value():
    with pytest.raises(dataclasses.FrozenInstanceError):
        ELU().alpha = 2
    assert LeakyReLU(0.2) == LeakyReLU(0.2) != LeakyReLU(0.3) and hash(ELU(2)) == hash(ELU(2))


# Traits are true -----------------------------------------------------------------------------------------------------

WIDE = np.unique(np.concatenate([np.arange(-15, 15, 2.0**-7), -np.geomspace(15, 1e6, 400), np.geomspace(15, 1e6, 400)]))
SHORT = WIDE[np.abs(WIDE) <= 15]


@each_pointwise
def test_image_holds_every_value_and_no_more(f):
    image, a = f.traits.image, f(WIDE)
    closed = Interval(image.low, image.high)
    assert all(v in closed for v in a.tolist())
    assert all(v in image for v in f(SHORT).tolist())
    for end, reached in ((image.low, a.min()), (image.high, a.max())):
        assert abs(reached) >= 1e4 * 0.99 if math.isinf(end) else abs(reached - end) <= 1e-5


@each_pointwise
def test_closed_ends_are_reached_and_open_ones_are_not(f):
    image, fine = f.traits.image, f(np.linspace(-3, 3, 600_001))
    if math.isfinite(image.low) and not image.open_low:
        assert fine.min() == pytest.approx(image.low, abs=1e-10)
    if math.isfinite(image.low) and image.open_low:
        assert fine.min() > image.low + 1e-3


@each_pointwise
def test_tails(f):
    for sign, tail in ((-1, f.traits.left), (1, f.traits.right)):
        line = lambda z, tail=tail: tail.slope * z + tail.intercept  # noqa: E731
        for z in (0.25, 3.0, 60.0, 1e6):
            assert (f(sign * z) == line(sign * z)) or not tail.exact
        assert f(sign * 60.0) == pytest.approx(line(sign * 60.0), rel=1e-15, abs=1e-15)
        assert tail.exact or abs(f(sign * 3.0) - line(sign * 3.0)) > 1e-3
        assert tail.saturates == (abs(f.derivative(sign * 60.0)) < 1e-15)


@each_pointwise
def test_steepest_is_the_largest_slope(f):
    slopes = np.abs(f.derivative(np.concatenate([SHORT, np.linspace(2.39, 2.41, 20_001)])))
    assert f.traits.steepest * (1 - 1e-9) <= slopes.max() <= f.traits.steepest * (1 + 1e-15)


@each_pointwise
def test_monotone_and_odd(f):
    rises = np.diff(f(WIDE))
    assert f.traits.monotone == bool(np.all(rises >= 0))
    assert f.traits.odd == bool(np.all(f(-WIDE) == -f(WIDE)))


def jumps(function, points) -> list[float]:
    """Return where the one-sided difference quotients of ``function`` disagree."""
    h = 2.0**-20
    ahead, behind = (function(points + h) - function(points)) / h, (function(points) - function(points - h)) / h
    return points[np.abs(ahead - behind) > 1e-3].tolist()


@each_pointwise
def test_kinks_and_smoothness(f):
    points = np.arange(-8, 8.125, 0.125)
    assert jumps(f, points) == list(f.traits.kinks)
    clear = points[~np.isin(points, f.traits.kinks)]
    quotient = (f(clear + 2.0**-17) - f(clear - 2.0**-17)) / 2.0**-16
    np.testing.assert_allclose(f.derivative(clear), quotient, atol=1e-5 if f.traits.smoothness == 1 else 1e-9)
    bends = jumps(f.derivative, points)
    assert f.traits.smoothness == (0 if f.traits.kinks else 1 if bends else math.inf)


@each_pointwise
def test_transcendentals_are_what_keeps_a_function_from_straight_pieces(f):
    points = np.array([0.25, 0.5, 0.75, -0.25, -0.5, -0.75]).reshape(2, 3)
    bent = np.abs(np.diff(f(points), n=2)).max() > 1e-12
    assert (f.traits.transcendentals > 0) == bent


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
        np.testing.assert_array_equal(np.isnan(got), np.isnan(z))


@given(z=anything, f=st.sampled_from(POINTWISE))
@settings(max_examples=60, deadline=None)
def test_numbers_and_arrays_agree(z, f):
    for call in (f, f.derivative):
        alone = np.array([call(v) for v in z.ravel()], z.dtype).reshape(z.shape)
        np.testing.assert_array_equal(call(z), alone)


@given(z=hnp.arrays(np.float64, 40, elements=st.floats(-800, 800)), f=st.sampled_from(POINTWISE))
@settings(max_examples=100, deadline=None)
def test_monotone_functions_keep_order(z, f):
    a = f(np.sort(z))
    assert not f.traits.monotone or np.all(np.diff(a) >= -4 * np.spacing(np.abs(a[1:])))


@given(z=hnp.arrays(np.float64, (3, 5), elements=st.floats(-1e6, 1e6)), offset=st.integers(-1000, 1000))
@settings(max_examples=60, deadline=None)
def test_softmax_sums_to_one_and_ignores_an_offset(z, offset):
    z = np.round(z * 64) / 64  # so that adding the offset is exact
    a = Softmax()(z)
    np.testing.assert_allclose(a.sum(axis=-1), 1, rtol=1e-15)
    np.testing.assert_array_equal(Softmax()(z + offset), a)
    assert np.all(np.argmax(a, axis=-1) == np.argmax(z, axis=-1))


# Learned parameters, catalogue, text ---------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3, 1, 1), (3, 1, 2), (1, 1, 1), ()])
@pytest.mark.parametrize("f", [LeakyReLU(), ELU()], ids=repr)
def test_pullback_sums_a_parameters_gradient_to_its_shape(f, shape):
    random = np.random.default_rng(3)
    (name,) = parameters(f)
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
    np.testing.assert_allclose(partials[name], expected, atol=1e-8)


def test_sum_to_is_the_reverse_of_broadcasting():
    a = np.arange(24.0).reshape(2, 3, 4)
    assert sum_to(a, ()) == 276 and sum_to(a, (2, 3, 4)).tolist() == a.tolist()
    assert sum_to(a, (3, 1)).tolist() == a.sum(axis=(0, 2))[:, None].tolist()


def test_the_catalogue_is_complete_and_makes_instances():
    assert all(get(name) == cls() and cls.name == name for name, cls in CATALOGUE.items())
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
        ("zzz", "known names: identity, step, sigmoid, log_sigmoid"),
        (3, "no activation function is called 3"),
    ],
)
def test_unknown_names_get_a_hint(name, hint):
    with pytest.raises(KeyError, match=hint) as caught:
        get(name)
    assert repr(name) in str(caught.value.args[0])


@each_class
def test_every_class_explains_itself(cls):
    assert issubclass(cls, Activation) and dataclasses.is_dataclass(cls)
    assert cls.__doc__.count(">>>") >= 1 and len(cls.__doc__.splitlines()[0]) > 20
    assert re.fullmatch(r"[a-z]+\d{4}", cls.source)
    if issubclass(cls, Pointwise):
        assert cls()._repr_latex_() == f"$$f(z) = {cls.formula} \\qquad f'(z) = {cls.derivative_formula}$$"


@pytest.mark.skipif(not REFERENCES.exists(), reason="the book's references are not part of this checkout")
@each_class
def test_every_source_is_in_the_references(cls):
    assert re.search(rf"@\w+\{{{cls.source},", REFERENCES.read_text(encoding="utf-8"))


LATEX = [
    (r"\\begin\{cases\} (.*?) & (.*?) \\\\ (.*?) & .*? \\end\{cases\}", r"((\1) if (\2) else (\3))"),
    (r"\\tanh\^2\(z\)", "tanh(z)**2"),
    (r"\\bigl\(|\\bigr\)", lambda m: m[0][-1]),
    (r"\\sigma\(z\)", "sigma(z)"),
    (r"\\,", "*"),
    (r"z \(", "z*("),
    (r"e\^\{(-?z)\}", r"exp(\1)"),
    (r"e\^z", "exp(z)"),
    (r"\\frac\{(.*)\}\{(.*)\}", r"((\1)/(\2))"),
    (r"\\max", "max"),
    (r"\\le", "<="),
    (r"\\alpha ", "alpha*"),
    (r"\\alpha", "alpha"),
    (r"\^", "**"),
]


def from_latex(formula: str):
    """Return a printed formula as a function of z (and of alpha)."""
    for pattern, replacement in LATEX:
        formula = re.sub(pattern, replacement, formula)
    names = {"exp": math.exp, "tanh": math.tanh, "max": max, "sigma": lambda z: 1 / (1 + math.exp(-z))}
    return lambda z, alpha=0.0: eval(formula, names | {"z": z, "alpha": alpha})


@each_pointwise
def test_the_printed_formulas_are_the_functions(f):
    alpha = next(iter(parameters(f).values()), 0.0)
    for formula, call in ((f.formula, f), (f.derivative_formula, f.derivative)):
        for z in (-2.5, -0.75, 0.5, 3.0):
            assert from_latex(formula)(z, alpha) == pytest.approx(call(z), rel=1e-12), (formula, z)


def test_the_oracle_has_digits_to_spare():
    """Where log(1 + exp(z)) at twice a usual precision still rounds to 0, the oracle's precision does not."""
    (value,) = evaluate(lambda z: mpmath.log(1 + mpmath.exp(z)), [-227.0])
    assert float(value) == pytest.approx(math.exp(-227), rel=1e-15) and working_precision(-227.0) > 600
