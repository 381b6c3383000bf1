"""The one home of overflow tricks: everything that is written so that floating point keeps its digits.

The activations are written in terms of these few functions, so that their own code reads like their definitions. This
is also the only module that silences NumPy's overflow warning, for code to which infinity is the right answer or which
looks for it afterwards.
"""

from contextlib import AbstractContextManager
from typing import TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray


def overflow_to_infinity() -> AbstractContextManager:
    """Let a value beyond the largest number of its type become infinity, its correct rounding, without a warning."""
    return np.errstate(over="ignore")


def overflow_and_nan() -> AbstractContextManager:
    """Let an overflow become infinity, and inf - inf become NaN, for code that looks at the result afterwards."""
    return np.errstate(over="ignore", invalid="ignore")


def exp_pair(z: Array) -> tuple[Array, Array]:
    """Return p and n with p / n = exp(z), the larger of them exactly 1.

    p = exp(min(z, 0)) and n = exp(min(-z, 0)). Neither can overflow, and p * n = exp(-|z|). Every function built from
    the logistic sigmoid is a ratio of polynomials in p, n and z, without branches and without cancellation.

    >>> exp_pair(np.array([0.0, 1000.0]))
    (array([1., 1.]), array([1., 0.]))
    """
    return np.exp(np.minimum(z, 0)), np.exp(np.minimum(-z, 0))


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
    largest = np.expand_dims(np.argmax(z, axis=-1), -1)
    np.put_along_axis(exponentials, largest, 0, axis=-1)
    log_sum = np.log1p(exponentials.sum(axis=-1, keepdims=True))
    return probabilities, d + (e - log_sum)
