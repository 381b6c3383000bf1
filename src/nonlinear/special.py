"""The one home of overflow tricks: everything that is written so that floating point keeps its digits.

The activations are written in terms of these few functions, so that their own code reads like their definitions. This
is also where NumPy's warnings of underflow, of overflow, of 1 / 0 and of inf - inf are silenced, for code to which 0 or
infinity is the right answer or which looks for it afterwards.
"""

import functools
import math
from contextlib import AbstractContextManager
from fractions import Fraction
from typing import TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray
"""A NumPy array of floats, unless its description says otherwise."""

# A product or a quotient in two parts: the rounded number, and what rounding took from it.
TwoParts: TypeAlias = tuple[np.ndarray, np.ndarray]


def overflow_to_infinity() -> AbstractContextManager:
    """Let a value beyond the largest number of its type, and 1 / 0, become infinity, and a tiny one 0, in silence."""
    return np.errstate(over="ignore", divide="ignore", under="ignore")


def overflow_and_nan() -> AbstractContextManager:
    """Let overflow and 1 / 0 become infinity, and inf - inf NaN, for code that looks at the result afterwards."""
    return np.errstate(over="ignore", divide="ignore", invalid="ignore", under="ignore")


def norm(array: Array, axis: int | tuple[int, ...] = -1) -> Array:
    """Return the Euclidean norm along one axis or several, in the type of ``array``.

    It is the root of the plain sum of squares, unless that overflows or is so small that squares may have lost digits.
    There the numbers are first divided by a power of two, their size.

    >>> print(norm(np.array([[3.0, 4.0], [3e200, 4e200], [3e-200, 4e-200], [0.0, np.inf]])))
    [5.e+000 5.e+200 5.e-200     inf]
    """
    with overflow_and_nan():
        if array.dtype == np.float16:
            return norm(array.astype(np.float32), axis).astype(np.float16)
        squares = np.sum(array * array, axis=axis)
        count = array.size / max(squares.size, 1)
        plain = (squares >= count * np.finfo(array.dtype).tiny) & (squares < np.inf)
        if np.all(plain):
            return np.sqrt(squares)
        _, size = np.frexp(np.max(np.abs(array), axis=axis, keepdims=True, initial=0))
        root = np.sqrt(np.sum(np.ldexp(array, -size) ** 2, axis=axis))
        return np.where(plain, np.sqrt(squares), np.ldexp(root, np.squeeze(size, axis)))[()]


def exp_pair(z: Array, rest: Array | None = None) -> tuple[Array, Array]:
    """Return p and n with p / n = exp(z + rest), the larger of them exactly 1.

    p = exp(min(z, 0)) and n = exp(min(-z, 0)). Neither can overflow, and ``p * n = exp(-|z|)``. Every function built
    from the logistic sigmoid is a ratio of polynomials in p, n and z, without branches and without cancellation.

    ``rest`` is what rounding took from z, where z is a product such as beta * z (see `two_product`). Left out, it
    would cost ``|z|`` units in the last place.

    >>> exp_pair(np.array([0.0, 1000.0]))
    (array([1., 1.]), array([1., 0.]))
    """
    p, n = np.exp(np.minimum(z, 0)), np.exp(np.minimum(-z, 0))
    if rest is None or not np.any(rest):
        return p, n
    return p * (1 + np.where(z < 0, rest, 0)), n * (1 - np.where(z > 0, rest, 0))


def long_exp_pair(z: Array, rest: Array | None = None) -> tuple[Array, Array, Array]:
    """Return p, n and a tail with p * tail / n = exp(z + rest), for z * exp(z), which lives longer than exp(z) itself.

    What z falls short of -80 goes into the tail. It is exactly 1 elsewhere (a single 1, if it is so for every z), and
    where it is not, p = exp(-80) is too small to change 1 + p. So a formula in p and n is multiplied by the tail last.

    >>> p, n, tail = long_exp_pair(np.array([-750.0]))
    >>> print(p * tail, 750 * p * tail)
    [0.] [1.48219694e-323]
    """
    rest = None if rest is None else np.clip(rest, -1, 1)
    if np.min(z, initial=0) >= -80:
        return *exp_pair(z, rest), z.dtype.type(1)
    return *exp_pair(np.maximum(z, -80), rest), np.exp(np.minimum(z + 80, 0))


def keep_nan(z: Array, values) -> Array:
    """Return ``values``, but NaN where z is.

    >>> keep_nan(np.array([np.nan, 2.0]), 1)
    array([nan,  1.])
    """
    return np.where(np.isnan(z), z, values)


def bounded(z: Array) -> Array:
    """Return z with infinities replaced by the largest numbers of their sign, for formulas where inf * 0 would arise.

    >>> bounded(np.array([-np.inf, 2.0])) / np.finfo(float).max
    array([-1.00000000e+000,  1.11253693e-308])
    """
    largest = np.finfo(z.dtype).max
    return np.clip(z, -largest, largest)


def two_product(factor, z: Array) -> TwoParts:
    """Return factor * z rounded, and what rounding took from it, for float64 numbers.

    Each factor is cut into halves of 26 bits, whose products are exact (Dekker's algorithm), so that the two parts
    together are the exact product. Where it overflows, or the error is too small for a float64, the second part is 0.
    So it is for a power of two, which rounds nothing.

    >>> two_product(1.7, np.array([0.1]))
    (array([0.17]), array([-7.21644966e-18]))
    """
    product = scaled(factor, z)
    if np.ndim(factor) == 0 and abs(math.frexp(factor)[0]) == 0.5:
        return product, np.zeros_like(product)
    (f1, f2), (z1, z2) = _halves(factor), _halves(z)
    with overflow_and_nan():
        error = ((f1 * z1 - product) + f1 * z2 + f2 * z1) + f2 * z2
    return product, np.where(np.isfinite(error), error, 0)


def two_quotient(z: Array, divisor) -> TwoParts:
    """Return z / divisor rounded, and its rounding error to about 16 digits.

    >>> two_quotient(np.array([1.0]), 3.0)
    (array([0.33333333]), array([1.85037171e-17]))
    """
    with overflow_and_nan():
        quotient = z / divisor
        product, error = two_product(divisor, quotient)
        rest = ((z - product) - error) / divisor
    return quotient, np.where(np.isfinite(rest), rest, 0)


def _halves(x) -> TwoParts:
    x = np.asarray(x, np.float64)
    to_nearest = np.where(np.abs(x) < 2.0**1023, 2**26, 0)  # rounding the largest numbers up would overflow
    high = (x.view(np.int64) + to_nearest & -(2**27)).view(np.float64)
    with overflow_and_nan():
        return high, x - high


def scaled(factor, z: Array) -> Array:
    """Return factor * z, where 0 times infinity is 0, the limit of 0 * z, and true overflow is a silent infinity.

    >>> scaled(0.0, np.array([-np.inf, -3.0, np.nan]))
    array([ 0., -0., nan])
    """
    with overflow_and_nan():
        product = factor * z
    if np.all(factor):
        return product
    return np.where((np.asarray(factor) == 0) & np.isinf(z), 0, product)


def subtract(a: Array, b: Array) -> tuple[Array, Array]:
    """Return d and e with d = a - b rounded and, unless d is infinite, d + e = a - b exactly.

    The error term of a floating-point subtraction is itself a floating-point number (Knuth's TwoSum). Equal operands
    give 0, infinite ones included.
    """
    with overflow_and_nan():
        d = np.where(a == b, 0, a - b)
        rounded_b = a - d
        rounded_a = d + rounded_b
        e = (a - rounded_a) + (rounded_b - b)
    return d, np.where(np.isfinite(d) & np.isfinite(e), e, 0).astype(d.dtype, copy=False)


def _shifted_exp(z: Array) -> tuple[Array, Array, Array]:
    """Return exp(z - max z), and z - max z as a rounded difference and its error, along the last axis."""
    d, e = subtract(z, np.max(z, axis=-1, keepdims=True, initial=-np.inf))
    return np.exp(d) * (1 + e), d, e


def softmax(z: Array) -> Array:
    """Return exp(z) divided by its sum along the last axis, right to a few ulp however large z is.

    The maximum is subtracted first, and the rounding error of that subtraction is carried along: exp(d + e) is
    exp(d) * (1 + e) as long as e is tiny, which it is.

    >>> softmax(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    exponentials, _, _ = _shifted_exp(z)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def log_softmax(z: Array) -> Array:
    """Return the logarithm of the softmax along the last axis.

    The largest entry contributes exactly 1 to the sum. Leaving it out and using log1p keeps the digits that
    log(1 + tiny) would lose.

    >>> print(log_softmax(np.array([50.0, 0.0]))[0])
    -1.9287498479639178e-22
    """
    return softmax_and_log(z)[1]


def softmax_and_log(z: Array) -> tuple[Array, Array]:
    """Return the softmax and its logarithm from one exponential each."""
    if z.shape[-1] == 0:
        return z.copy(), z.copy()
    exponentials, d, e = _shifted_exp(z)
    probabilities = exponentials / exponentials.sum(axis=-1, keepdims=True)
    np.copyto(exponentials, 0, where=np.argmax(z, axis=-1)[..., None] == np.arange(z.shape[-1]))
    log_sum = np.log1p(exponentials.sum(axis=-1, keepdims=True))
    return probabilities, d + (e - log_sum)


def sin_cos(factor, z: Array) -> tuple[Array, Array]:
    """Return sin(factor * z) and cos(factor * z) for float64 numbers; NaN where z is infinite and factor is not 0.

    Where the product is 1e16, the next number is 2 away, so that no digit of the sine of the rounded product would be
    right. What rounding took from it is added. A product too large for a float64 gives up its full turns first, which
    takes some 30 microseconds for each such number.

    >>> sin_cos(3.0, np.array([0.0, 1e308, np.inf]))
    (array([0.        , 0.98737355,        nan]), array([ 1.        , -0.15840921,         nan]))
    """
    t, rest = two_product(factor, z)
    far = (np.abs(t) > 1e308) & np.isfinite(z)
    if np.any(far):
        operands = (np.broadcast_to(x, np.shape(far))[far].tolist() for x in (factor, z))
        parts = [_without_turns(*pair) for pair in zip(*operands, strict=True)]
        t, rest = np.array(t), np.array(rest)
        t[far], rest[far] = np.transpose(parts)
    t = np.where(np.isinf(t), np.nan, t)
    s, c, s_rest, c_rest = np.sin(t), np.cos(t), np.sin(rest), np.cos(rest)
    return s * c_rest + c * s_rest, c * c_rest - s * s_rest


def _without_turns(factor: float, z: float) -> tuple[float, float]:
    """Return factor * z modulo 2 pi, from exact arithmetic, in two parts."""
    angle = Fraction(factor) * Fraction(z) % _two_pi()
    return float(angle), float(angle - Fraction(float(angle)))


@functools.cache
def _two_pi() -> Fraction:
    """Return 2 pi = 32 arctan(1/5) - 8 arctan(1/239) to 2,200 bits, enough for the product of two float64 numbers."""
    one = 1 << 2200

    def arctan_of_inverse(n: int) -> int:
        powers = [one // n]
        while powers[-1]:
            powers.append(-powers[-1] // n**2)
        return sum(power // (2 * k + 1) for k, power in enumerate(powers))

    return Fraction(32 * arctan_of_inverse(5) - 8 * arctan_of_inverse(239), one)


def tanh_shrink(z: Array) -> Array:
    """Return z - tanh(z), by Lambert's continued fraction where the difference would cancel.

    tanh(z) = z / (1 + z^2 / (3 + z^2 / (5 + ...))), hence z - tanh(z) = z^3 / (z^2 + 3 + z^2 / (5 + ...)), in which
    every sign is a plus.

    >>> print(tanh_shrink(np.array([1e-100, 1e-5, 30.0])))
    [3.33333333e-301 3.33333333e-016 2.90000000e+001]
    """
    squared = np.minimum(z * z, 1)
    tail = np.full_like(squared, 23)
    for odd in range(21, 1, -2):
        tail = odd + squared / tail
    return np.where(np.abs(z) < 1, z * (squared / (squared + tail)), z - np.tanh(z))


def erlang(t: Array) -> Array:
    """Return 1 - (1 + t) exp(-t) for t >= 0: how likely it is that a Poisson process has had two events by time t.

    For small t it is almost t^2 / 2, of which the difference keeps nothing. There, exp(t) - 1 - t is taken from its
    series, whose terms are all positive.

    >>> print(erlang(np.array([1e-10, 1.0, np.inf])))
    [5.00000000e-21 2.64241118e-01 1.00000000e+00]
    """
    small, series = np.minimum(t, 1.5), np.zeros_like(t)
    for k in range(22, 1, -1):
        series = (series * small + 1) / k
    t, decay = bounded(t), np.exp(-t)
    return np.where(t < 1.5, small * small * series * decay, 1 - decay - t * decay)


# (a + 5) Q(a) exp(a^2 / 2) as a polynomial in (a - 5) / (a + 5), the highest power first; tools/fit_normal_tail.py.
NORMAL_TAIL = (
    -8.166192624428987e-10,
    5.037302126379857e-10,
    9.446827519677366e-09,
    -5.015649939857857e-09,
    -6.782555313291156e-08,
    3.581840051543223e-08,
    4.340262594829775e-07,
    -3.310698071526862e-07,
    -2.769337871043854e-06,
    3.977912640593242e-06,
    1.6681099115863468e-05,
    -4.976177118979218e-05,
    -5.9375673286488655e-05,
    0.00054489883090093,
    -0.0007978694094808063,
    -0.00299337673822322,
    0.020795066800941616,
    -0.06911863870881432,
    0.16502036617034282,
    -0.3135331566712138,
    0.4953056159699768,
    -0.6653825028900577,
    0.769193049750063,
)


def scaled_normal_tail(a: Array) -> Array:
    """Return Q(a) exp(a^2 / 2) for a >= 0, where Q(a) is the probability that a standard normal number exceeds a.

    Up to a factor of sqrt(2 pi) this is the Mills ratio. It falls from 1/2 only as 1 / (a sqrt(2 pi)), so it keeps its
    digits where Q itself is 0, and 1 - erf long since. Computed in float64.

    >>> print(scaled_normal_tail(np.array([0.0, 100.0])))
    [0.5        0.00398902]
    """
    a = np.minimum(a.astype(np.float64), 1e300)
    y, series = (a - 5) / (a + 5), np.zeros_like(a)
    for c in NORMAL_TAIL:
        series *= y
        series += c
    return series / (a + 5)


def times_gaussian(factor: Array, a: Array) -> Array:
    """Return factor * exp(-a^2 / 2) for a >= 0, in float64.

    The square of a rounded number has twice its digits. So a is split into h, whose square is exact, and the rest:
    a^2 = h^2 + (a - h)(a + h). The large part is applied in two steps, for the product may be representable although
    the exponential alone is not.

    >>> print(times_gaussian(1e300, np.array([50.0])))
    [1.35486998e-243]
    """
    a = np.minimum(a, 1e3).astype(np.float64)
    h = np.round(a * 64) / 64
    root = np.exp(-h * h / 4)
    return bounded(factor * np.exp(-(a - h) * (a + h) / 2)) * root * root


# 2 sqrt(2 / pi) and 0.044715 times that, each in two parts.
GELU_TANH_LINEAR = (1.5957691216057308, -9.96930880911092e-17)
GELU_TANH_CUBIC = (0.07135481627260025, -6.175149918155315e-19)


def gelu_tanh_exponent(z: Array) -> TwoParts:
    """Return 2 sqrt(2 / pi) (z + 0.044715 z^3) and what rounding took from it, for float64 numbers up to ±100.

    GELUTanh is z times the logistic sigmoid of this cubic, whose own rounding would cost as many units in the last
    place as it is large. Beyond 100 in size, where that sigmoid is 0 or 1, z counts as ±100.
    """
    z = np.clip(z, -100, 100)
    square, square_rest = two_product(z, z)
    cubic, cubic_rest = two_product(GELU_TANH_CUBIC[0], square)
    sum_, sum_rest = subtract(cubic, np.float64(-GELU_TANH_LINEAR[0]))
    sum_rest += cubic_rest + GELU_TANH_CUBIC[0] * square_rest + GELU_TANH_CUBIC[1] * square + GELU_TANH_LINEAR[1]
    product, rest = two_product(sum_, z)
    return product, rest + sum_rest * z


def sparsemax(z: Array) -> Array:
    """Return the point of the probability simplex closest to z, along the last axis.

    It is max(z - tau, 0). With the scores sorted, the k largest are in the support as long as the k-th exceeds the tau
    that they alone would have, (their sum - 1) / k. The maximum is subtracted first, so that tau lies in [-1, 0).

    >>> sparsemax(np.array([0.5, 1e300, 1e300]))
    array([0. , 0.5, 0.5])
    """
    if z.shape[-1] == 0:
        return z.copy()
    d, _ = subtract(z, np.max(z, axis=-1, keepdims=True))
    ordered = np.maximum(-np.sort(-d, axis=-1), -2)  # below -1 no score matters
    taus = (np.cumsum(ordered, axis=-1) - 1) / np.arange(1, z.shape[-1] + 1, dtype=z.dtype)
    size = np.sum(ordered > taus, axis=-1, keepdims=True)
    return np.maximum(d - np.take_along_axis(taus, np.maximum(size - 1, 0), axis=-1), 0)
