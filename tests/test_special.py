"""The overflow tricks, each against exact arithmetic."""

import runpy
from fractions import Fraction
from pathlib import Path

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nonlinear import special

TOOLS = Path(__file__).parents[1] / "tools"
ENDS = np.array([-np.inf, -1000.0, -3.0, -0.0, 0.0, 3.0, 1000.0, np.inf])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_exp_pair_never_overflows(dtype):
    p, n = special.exp_pair(ENDS.astype(dtype))
    assert p.dtype == n.dtype == dtype
    np.testing.assert_array_equal(np.maximum(p, n), 1)
    np.testing.assert_array_equal(p, n[::-1])
    assert p[0] == 0 and p[2] == np.exp(dtype(-3))
    assert np.isnan(special.exp_pair(np.array(np.nan))).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_long_exp_pair_goes_on_where_the_exponential_ends(dtype):
    z = np.array([-np.inf, -1000, -740.5, -100.5, -80, -3, 0, 3, 1000, np.inf], dtype)
    p, n, tail = special.long_exp_pair(z)
    assert p.dtype == n.dtype == tail.dtype == dtype
    np.testing.assert_array_equal(n, special.exp_pair(z)[1])
    np.testing.assert_array_equal(tail[4:], 1)
    np.testing.assert_array_equal(p[4:], special.exp_pair(z)[0][4:])
    assert np.all(1 + p[:5] == 1) and np.all(tail[:2] == 0)
    assert p[3] * float(tail[3]) == pytest.approx(np.exp(-100.5), rel=1e-6)
    assert special.long_exp_pair(z[4:])[2] == 1
    assert np.isnan(special.long_exp_pair(np.array(np.nan))).all()


@pytest.mark.parametrize(
    "factor, expected",
    [
        (2.0, [-np.inf, np.inf, np.nan, 6.0]),
        (0.0, [0, 0, np.nan, 0]),
        (np.array([0.0, -1.0, 0.0, 0.0]), [0, -np.inf, np.nan, 0]),
        (1e308, [-np.inf, np.inf, np.nan, np.inf]),
    ],
)
def test_scaled_takes_zero_times_infinity_as_the_limit(factor, expected):
    np.testing.assert_array_equal(special.scaled(factor, np.array([-np.inf, np.inf, np.nan, 3.0])), expected)


finite = st.floats(allow_nan=False, allow_infinity=False)


moderate = st.floats(1e-100, 1e100).flatmap(lambda x: st.sampled_from([x, -x]))


@given(factor=moderate | st.sampled_from([1.0, -1.0, 0.25, 2.0**100]), z=hnp.arrays(np.float64, 5, elements=moderate))
@settings(deadline=None)
def test_the_two_parts_of_a_product_are_the_product(factor, z):
    product, rest = special.two_product(factor, z)
    np.testing.assert_array_equal(product, factor * z)
    exact = [Fraction(factor) * Fraction(v) for v in z.tolist()]
    assert [Fraction(a) + Fraction(b) for a, b in zip(product.tolist(), rest.tolist(), strict=True)] == exact


@given(a=hnp.arrays(np.float64, 5, elements=finite), b=hnp.arrays(np.float64, 5, elements=finite))
@settings(max_examples=200, deadline=None)
def test_subtract_loses_nothing(a, b):
    d, e = special.subtract(a, b)
    for x, y, rounded, error in zip(a.tolist(), b.tolist(), d.tolist(), e.tolist(), strict=True):
        if np.isinf(rounded):
            assert abs(Fraction(x) - Fraction(y)) > np.finfo(float).max and error == 0
        else:
            assert rounded == x - y and Fraction(rounded) + Fraction(error) == Fraction(x) - Fraction(y)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_subtract_at_infinity(dtype):
    a, b = np.array([[np.inf, -np.inf, np.inf, 1, np.nan], [np.inf, -np.inf, -np.inf, np.inf, 1]], dtype)
    d, e = special.subtract(a, b)
    np.testing.assert_array_equal(d, [0, 0, np.inf, -np.inf, np.nan])
    np.testing.assert_array_equal(e, 0)
    assert d.dtype == e.dtype == dtype


def test_log_softmax_of_infinite_missing_and_no_scores():
    z = np.array([[np.inf, 0, np.inf], [-np.inf, 0, 0], [np.nan, 0, 1]])
    half = -np.log(2)
    expected = [[half, -np.inf, half], [-np.inf, half, half], [np.nan] * 3]
    np.testing.assert_allclose(special.log_softmax(z), expected, rtol=1e-15)
    assert special.log_softmax(np.zeros((2, 0))).shape == special.softmax(np.zeros((2, 0))).shape == (2, 0)


def test_the_scores_are_left_as_they_were():
    z = np.array([[1.0, 2.0, 3.0]])
    z.setflags(write=False)
    assert np.exp(special.log_softmax(z)) == pytest.approx(special.softmax(z), rel=1e-14)


def test_overflow_is_silenced_only_inside():
    with np.errstate(under="raise"), special.overflow_and_nan():
        assert np.isnan(np.float64(1e308) * 10 - np.inf)
        assert np.float64(1e-308) * 1e-308 == 0
    with np.errstate(under="raise"), special.overflow_to_infinity():
        assert np.float64(1e308) * 10 == np.inf and np.float64(1e-308) * 1e-308 == 0
        with pytest.raises(RuntimeWarning):
            np.float64(np.inf) - np.float64(np.inf)
    with pytest.raises(RuntimeWarning):
        np.float64(1e308) * 10


LENGTHS = {
    np.float16: (1e-7, 1e-3, 300, 1e4),
    np.float32: (1e-44, 1e-25, 1, 1e37),
    np.float64: (1e-320, 1e-200, 1, 4e307),
}


@pytest.mark.parametrize("dtype, size", [(dtype, size) for dtype, sizes in LENGTHS.items() for size in sizes])
def test_a_norm_is_right_however_large_or_small_the_numbers_are(dtype, size):
    array = (size * np.array([[[3.0, 0.5], [-2.0, 1.0]], [[1.0, 1.0], [1e-3, 0.0]]])).astype(dtype)
    exact = [mpmath.sqrt(sum(mpmath.mpf(float(v)) ** 2 for v in part.ravel())) for part in array]
    with np.errstate(all="raise"):
        norm = special.norm(array, axis=(-2, -1))
    assert norm.dtype == dtype
    for found, right in zip(norm.tolist(), exact, strict=True):
        assert abs(found - right) <= np.spacing(dtype(float(right)))
    assert special.norm(array[0, 0]).dtype == dtype and np.shape(special.norm(array[0, 0])) == ()


def test_a_norm_is_the_plain_one_where_that_is_right():
    array = np.random.default_rng(0).normal(size=(4, 3, 50)).astype(np.float32)
    array[2] *= 1e-30
    for axis in ((-2, -1), -1, (1, 2)):
        plain = np.sqrt((array * array).sum(axis=axis))
        np.testing.assert_array_equal(special.norm(array, axis)[[0, 1, 3]], plain[[0, 1, 3]])


def test_a_norm_of_many_numbers_whose_squares_lost_digits():
    array = np.full(10**5, 3.5e-22, np.float32)  # the sum of the squares is a normal number, the squares are not
    assert special.norm(array) == pytest.approx(float(array[0]) * np.sqrt(10**5), rel=1e-6, abs=0)


def test_a_norm_of_what_is_not_finite_leaves_the_others_alone():
    array = np.array([[3.0, 4.0], [np.inf, 1e-300], [np.nan, 1.0], [np.inf, np.nan], [1e308, 1.7e308], [0.0, 0.0]])
    np.testing.assert_array_equal(special.norm(array), [5, np.inf, np.nan, np.nan, np.inf, 0])
    assert special.norm(np.zeros((2, 0))).tolist() == [0, 0] and special.norm(np.zeros((0, 2))).shape == (0,)


def test_sines_of_products_that_overflow():
    """The sine of 1e308 times a few factors, one a member, of an array shared by the members."""
    factors, z = np.array([0.5, 7.25, 1e300]).reshape(3, 1, 1), np.array([[1e308, -1e308], [2.0, np.inf]])
    s, c = special.sin_cos(factors, z)
    with mpmath.workprec(2400):
        exact = [[mpmath.sin(mpmath.mpf(f) * mpmath.mpf(v)) for v in z[0].tolist()] for f in factors.ravel().tolist()]
    np.testing.assert_allclose(s[:, 0], np.array(exact, float), rtol=0, atol=2e-16)
    np.testing.assert_allclose(s**2 + c**2, np.broadcast_to([[1, 1], [1, np.nan]], s.shape), rtol=1e-15)


def test_the_normal_tail_is_the_one_that_was_fitted():
    fit = runpy.run_path(str(TOOLS / "fit_normal_tail.py"))
    assert special.NORMAL_TAIL == tuple(fit["coefficients"]())


@pytest.mark.parametrize("name, factor", [("GELU_TANH_LINEAR", "1"), ("GELU_TANH_CUBIC", "0.044715")])
def test_constants_in_two_parts_are_the_nearest_ones(name, factor):
    """The first part is the float64 nearest to the constant, the second the one nearest to what is left."""
    first, second = getattr(special, name)
    with mpmath.workdps(60):
        exact = 2 * mpmath.sqrt(2 / mpmath.pi) * mpmath.mpf(factor)
        assert first == float(exact) and second == float(exact - mpmath.mpf(first))
