"""The activation functions whose outputs depend on several preactivations."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from mpmath import mpf, workprec

from nonlinear.activations import (
    CATALOGUE,
    GEGLU,
    GLU,
    Coupled,
    LogSoftmax,
    Maxout,
    Softmax,
    Softmin,
    Sparsemax,
    SwiGLU,
)
from oracle.definitions import closest_in_the_simplex, logistic, normal, softmax_row, ulps
from oracle.points import rows
from tests.latex import read

COUPLED = [*(f() for f in CATALOGUE.values() if issubclass(f, Coupled)), Maxout(1), Maxout(3)]
each_coupled = pytest.mark.parametrize("f", COUPLED, ids=repr)
both_precisions = pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["f32", "f64"])
each_float = pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64], ids=["f16", "f32", "f64"])

# Accuracy ------------------------------------------------------------------------------------------------------------


@both_precisions
def test_softmax_and_its_logarithm_to_a_few_units(dtype):
    for row in rows(dtype):
        exact, logarithm = softmax_row(row)
        a, log_a = Softmax()(row), LogSoftmax()(row)
        assert a.dtype == log_a.dtype == dtype
        np.testing.assert_array_equal(Softmin()(-row), a)
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


SCORES = [
    [50, 0],
    [0, -80, 3],
    [-2, 0.5, 1],
    [20, 20, -20],
    *(np.random.default_rng(n).normal(size=n) / 9 for n in (9, 99)),
]
each_row = pytest.mark.parametrize("row", SCORES, ids=lambda row: f"{len(row)} classes from {row[0]:.1f}")


@both_precisions
@each_row
def test_softmax_jacobian_and_pullback_keep_small_slopes(row, dtype):
    """A saturated class has the slope a (1 - a), which is tiny but not 0."""
    z = np.array(row, dtype)
    a, _ = softmax_row(z)
    n = range(len(row))
    others = [sum(a[k] for k in n if k != i) for i in n]
    exact = [[a[i] * others[i] if i == j else -a[i] * a[j] for j in n] for i in n]
    jacobian = Softmax().jacobian(z)
    assert jacobian.dtype == dtype
    for i in {0, 1, len(row) - 1, int(np.argmax(z))}:
        assert np.all(ulps(jacobian[i], exact[i]) <= 10), (i, jacobian[i])
        delta, _ = Softmax().pullback(z, np.eye(len(row), dtype=dtype)[i])
        assert np.all(ulps(delta, [exact[j][i] for j in n]) <= 10), (i, delta)
        opposite, _ = Softmin().pullback(-z, -np.eye(len(row), dtype=dtype)[i])
        np.testing.assert_array_equal(opposite, delta)


def test_the_jacobian_of_many_rows_is_that_of_each():
    z = np.random.default_rng(1).normal(size=(2, 3, 5))
    each = [[Softmax().jacobian(row) for row in rows] for rows in z]
    np.testing.assert_array_equal(Softmax().jacobian(z), each)


@both_precisions
@each_row
def test_log_softmax_pullback_keeps_what_is_left_of_the_largest(row, dtype):
    """For a single class i, the gradient is 1 - a_i there and -a_j elsewhere."""
    z, n = np.array(row, dtype), range(len(row))
    a, _ = softmax_row(z)
    for i in {0, 1, len(row) - 1, int(np.argmax(z))}:
        exact = [sum(a[k] for k in n if k != i) if j == i else -a[j] for j in n]
        delta, _ = LogSoftmax().pullback(z, np.eye(len(row), dtype=dtype)[i])
        assert delta.dtype == dtype and np.all(ulps(delta, exact) <= 10), (i, delta)


@both_precisions
def test_gated_units_to_a_few_units(dtype):
    values, gates = np.random.default_rng(4).normal(size=(2, 300)).astype(dtype) * dtype(9)
    z = np.concatenate([values, gates])
    for f, gate in ((GLU(), logistic), (SwiGLU(), lambda g: g * logistic(g)), (GEGLU(), lambda g: g * normal(g))):
        with workprec(400):
            exact = [mpf(float(v)) * gate(mpf(float(g))) for v, g in zip(values, gates, strict=True)]
        assert f(z).dtype == dtype and np.all(ulps(f(z), exact) <= 10)


@both_precisions
def test_sparsemax_is_the_closest_point_of_the_simplex(dtype):
    random = np.random.default_rng(8)
    for spread in (0.01, 0.3, 1, 5, 1e5):
        for classes in (1, 2, 5, 40):
            row = (random.normal(size=classes) * spread).astype(dtype)
            got, exact = Sparsemax()(row), np.array(closest_in_the_simplex(row), float)
            assert got.dtype == dtype
            np.testing.assert_allclose(got, exact, rtol=0, atol=4 * float(np.finfo(dtype).eps))


@each_float
def test_sparsemax_of_infinite_missing_and_tied_scores(dtype):
    z = np.array([[np.inf, 0, np.inf], [-np.inf, 0, 0], [np.nan, 0, 1], [2, 2, 2], [1, 0, -5]], dtype)
    third = np.array(1, dtype) / 3
    expected = [[0.5, 0, 0.5], [0, 0.5, 0.5], [np.nan] * 3, [third] * 3, [1, 0, 0]]
    np.testing.assert_allclose(Sparsemax()(z), np.array(expected, dtype), atol=float(np.finfo(dtype).eps))


# Pullbacks -----------------------------------------------------------------------------------------------------------


@each_coupled
@pytest.mark.parametrize("shape", [(6,), (4, 6), (2, 3, 12)], ids=str)
def test_pullback_is_the_transpose_of_the_slope_in_any_direction(f, shape):
    """u . (change of f along d) = (pullback of u) . d."""
    random = np.random.default_rng(6)
    z, direction = random.normal(size=(2, *shape))
    upstream = random.normal(size=f(z).shape)
    h = 2.0**-17
    slope = (f(z + h * direction) - f(z - h * direction)) / (2 * h)
    delta, partials = f.pullback(z, upstream)
    assert delta.shape == z.shape and partials == {} and f.learnable() == ()
    np.testing.assert_allclose((upstream * slope).sum(-1), (delta * direction).sum(-1), atol=1e-8)
    single, _ = f.pullback(z.astype(np.float32), upstream.astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, delta, atol=1e-5)


def test_the_first_of_equals_gets_the_gradient():
    delta, _ = Maxout(3).pullback(np.array([[1.0, 2.0, 2.0, 0.0, 0.0, 0.0]]), np.array([[5.0, 7.0]]))
    np.testing.assert_array_equal(delta, [[0, 5, 0, 7, 0, 0]])


def numbered(array):
    """Return the elements of an array by their numbers, as formulas count them."""
    return {k: numbered(each) if np.ndim(each) else float(each) for k, each in enumerate(array, 1)}


def symbols(f, z, u):
    """Return what the symbols in the formulas of f stand for."""
    a, (delta, _) = f(z), f.pullback(z, u)
    if hasattr(f, "gate"):
        (v, g), (by_v, by_g) = np.split(z, 2), np.split(delta, 2)
        arrays = {"a": a, "v": v, "g": g, "u": u, r"\byv": by_v, r"\byg": by_g}
    elif isinstance(f, Maxout):
        arrays = {"a": a, "u": u, "z": z.reshape(-1, f.pieces), r"\delta": delta.reshape(-1, f.pieces)}
    else:
        arrays = {"a": a, "u": u, "z": z, r"\delta": delta}
    return {name: numbered(array) for name, array in arrays.items()}


@each_coupled
def test_the_printed_formulas_are_the_functions(f):
    z, u = np.array([0.3, -1.2, 0.8, 0.8, 1.5, 0.1]), np.array([1.5, -0.7, 0.4, 2.2, -0.9, 0.6])
    known = symbols(f, z, u[: len(f(z))])
    if f.name == "sparsemax":
        known |= {"S": [i for i in known["a"] if known["a"][i] > 0]}
        known |= {r"\tau": max(known["z"][i] - known["a"][i] for i in known["S"])}
    pullback, *meaning = f.pullback_formula.split(r", \quad ")
    pullback = re.sub(r"\\frac\{\\partial L\}\{\\partial (\w)_i\}", r"\\by\1_i", pullback)
    for formula in (f.formula, *(r", \quad ".join([part, *meaning]) for part in pullback.split(r" \qquad "))):
        left, right = formula.split(" = ", 1)
        for i, j in itertools.product(known["a"], range(1, f.pieces + 1) if "{ij}" in left else [0]):
            at = {**known, "i": i, "j": j, "k": getattr(f, "pieces", 0)}
            assert read(right, at) == pytest.approx(read(left, at), rel=1e-8, abs=1e-12), (formula, i, j)


# What goes in and what comes out -------------------------------------------------------------------------------------


@each_coupled
def test_shapes_and_types(f):
    z = np.random.default_rng(2).normal(size=(4, 2, 6)) * 3
    z.setflags(write=False)
    whole = f(z)
    np.testing.assert_array_equal(f(z[::2, ::-1]), whole[::2, ::-1])
    np.testing.assert_array_equal(f(np.asfortranarray(z)), whole)
    assert f(z[0, 0].tolist()).tolist() == whole[0, 0].tolist()
    assert f(np.zeros((0, 6), np.float32)).dtype == np.float32 and f(np.zeros((3, 0))).shape == (3, 0)
    assert f(np.arange(6)).dtype == np.float64
    half = f(z.astype(np.float16))
    assert half.dtype == np.float16 and half.shape == whole.shape
    np.testing.assert_allclose(half, whole, atol=0.02)
    assert f.preactivations(whole.shape[-1]) == z.shape[-1]
    assert not np.shares_memory(whole, z)


@each_coupled
def test_a_single_number_is_refused(f):
    with pytest.raises(ValueError, match=f"{type(f).__name__} needs an array.*got the single number 3.0"):
        f(3.0)


@pytest.mark.parametrize(
    "f, width, message",
    [
        (GLU(), 7, r"GLU needs an even number of preactivations; got 7. Build the layer as Dense\(units, GLU\(\)\)"),
        (SwiGLU(), 1, "SwiGLU needs an even number of preactivations; got 1"),
        (Maxout(3), 7, r"Maxout\(3\) needs a multiple of 3 preactivations; got 7. .*Dense\(units, Maxout\(3\)\)"),
    ],
)
def test_widths_that_do_not_divide_are_refused(f, width, message):
    with pytest.raises(ValueError, match=message):
        f(np.zeros((2, width)))


@each_coupled
@pytest.mark.parametrize("shape", [(2,), (4, 3), (3, 2, 6), ()], ids=str)
def test_a_gradient_that_does_not_fit_is_refused(f, shape):
    z = np.zeros((4, 12))
    with pytest.raises(ValueError, match="upstream must have a number for each output of .* for a z of shape"):
        f.pullback(z, np.zeros(shape))
    with pytest.raises(ValueError, match=f"{type(f).__name__} needs an array.*got the single number 3.0"):
        f.pullback(3.0, 1.0)


@each_coupled
def test_pullback_takes_what_the_value_takes(f):
    z = np.arange(12).reshape(2, 6)
    upstream = np.ones(f(z).shape)
    delta, _ = f.pullback(z.tolist(), upstream.tolist())
    assert delta.dtype == np.float64 and np.array_equal(delta, f.pullback(z, upstream)[0])
    narrow = np.random.default_rng(9).normal(size=(40, 12)).astype(np.float16)
    given = np.random.default_rng(10).normal(size=f(narrow).shape).astype(np.float16)
    half, _ = f.pullback(narrow, given)
    wide, _ = f.pullback(narrow.astype(np.float32), given.astype(np.float32))
    assert half.dtype == np.float16 and np.array_equal(half, wide.astype(np.float16))
    for shape in ((0, 6), (3, 0)):
        assert f.pullback(np.zeros(shape), f(np.zeros(shape)))[0].shape == shape
    for end in (np.nan, np.inf, 1e300):  # no warning
        assert f.pullback(np.full((1, 6), end), np.full((1, f(z).shape[-1]), end))[0].shape == (1, 6)


@each_coupled
def test_small_integers_do_not_wrap(f):
    assert f.preactivations(np.uint8(200)) == 200 * f.preactivations(1)


def test_a_shut_gate_lets_nothing_through():
    assert GLU()([np.inf, -np.inf]) == 0 and np.isnan(GLU()([np.nan, 1.0]))


# Properties ----------------------------------------------------------------------------------------------------------


@given(z=hnp.arrays(np.float64, (3, 5), elements=st.floats(-1e6, 1e6)), offset=st.integers(-1000, 1000))
@settings(max_examples=60, deadline=None)
def test_softmax_sums_to_one_and_ignores_an_offset(z, offset):
    z = np.round(z * 64) / 64  # so that adding the offset is exact
    a = Softmax()(z)
    np.testing.assert_allclose(a.sum(axis=-1), 1, rtol=1e-15)
    np.testing.assert_array_equal(Softmax()(z + offset), a)
    assert np.all(np.argmax(a, axis=-1) == np.argmax(z, axis=-1))
