"""What the activation functions should return: their definitions, transcribed from the literature for mpmath.

Nothing here calls the package. The definitions are written as they are published, cancellation and all; what makes
them trustworthy is `working_precision`, enough bits that no digit of the result can be lost.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import mpmath
import numpy as np
from mpmath import inf, log, mp, mpf, nint, tanh, workprec

# How far each published form can cancel: 1 - tanh(z)^2 loses 2|z| / log 2 bits, silu' as many. Beyond REACH every
# quantity that cancels is smaller than exp(-REACH), which no float type can tell from 0.
REACH = 800


@dataclass(frozen=True)
class Definition:
    """A function of z and its parameters, its derivatives, and their limits at minus and plus infinity."""

    value: Callable
    derivative: Callable
    limits: Callable
    slope_limits: Callable
    partials: Callable = lambda z: {}
    interior_zeros: tuple[float, ...] = ()


def exp(z):
    """Return e^z, stopping at arguments where every float type says 0 or infinity and mpmath becomes slow."""
    return mpmath.exp(min(max(z, -20 * REACH), 20 * REACH))


def logistic(z):
    return 1 / (1 + exp(-z))


DEFINITIONS = {
    "identity": Definition(lambda z: z, lambda z: mpf(1), lambda: (-inf, inf), lambda: (1, 1)),
    "sigmoid": Definition(logistic, lambda z: logistic(z) * (1 - logistic(z)), lambda: (0, 1), lambda: (0, 0)),
    "tanh": Definition(tanh, lambda z: 1 - tanh(z) ** 2, lambda: (-1, 1), lambda: (0, 0)),
    "relu": Definition(lambda z: max(mpf(0), z), lambda z: mpf(z > 0), lambda: (0, inf), lambda: (0, 1)),
    "leaky_relu": Definition(
        lambda z, negative_slope: z if z > 0 else negative_slope * z,
        lambda z, negative_slope: mpf(1) if z > 0 else negative_slope,
        lambda negative_slope: (-inf * negative_slope if negative_slope else 0, inf),
        lambda negative_slope: (negative_slope, 1),
        lambda z, negative_slope: {"negative_slope": mpf(0) if z > 0 else z},
    ),
    "elu": Definition(
        lambda z, alpha: z if z > 0 else alpha * (exp(z) - 1),
        lambda z, alpha: mpf(1) if z > 0 else alpha * exp(z),
        lambda alpha: (-alpha, inf),
        lambda alpha: (0, 1),
        lambda z, alpha: {"alpha": mpf(0) if z > 0 else exp(z) - 1},
    ),
    "silu": Definition(
        lambda z: z * logistic(z),
        lambda z: logistic(z) + z * logistic(z) * (1 - logistic(z)),
        lambda: (0, inf),
        lambda: (0, 1),
        interior_zeros=(-1.2784645427610738,),
    ),
}


def working_precision(z: float) -> int:
    """Return bits enough for any definition above at z: for its size (|z| / log 2, twice) and for its smallness."""
    exponent = abs(math.frexp(z)[1])
    return 160 + int(2 * min(abs(z), REACH) / math.log(2)) + min(exponent, 1100)


def evaluate(function: Callable, z, **parameters) -> list:
    """Return ``function`` of every finite number in ``z``, as mpmath numbers with digits to spare."""
    exact = {name: mpf(value) for name, value in parameters.items()}
    results = []
    for v in np.asarray(z, dtype=np.float64).tolist():
        with workprec(working_precision(v)):
            results.append(function(mpf(v), **exact))
    return results


def softmax_row(row) -> tuple[list, list]:
    """Return the softmax of a row of finite numbers, and its logarithm."""
    spread = float(np.ptp(np.clip(np.asarray(row, dtype=np.float64), -1e300, 1e300)))
    with workprec(2300 + int(2 * min(spread, REACH) / math.log(2))):
        scores = [mpf(float(v)) for v in row]
        top = max(scores)
        powers = [exp(v - top) for v in scores]
        total = sum(powers)
        return [p / total for p in powers], [v - top - log(total) for v in scores]


def spacing(truth, dtype) -> "mpf":
    """Return the distance between neighbouring numbers of ``dtype`` where ``truth`` lies."""
    info = np.finfo(dtype)
    _, mantissa, exponent, bits = mpf(truth)._mpf_
    top = exponent + bits - 1 if mantissa else info.minexp
    return mpf(2) ** (max(top, info.minexp) - info.nmant)


def rounded(truth, dtype) -> float:
    """Return the number of ``dtype`` nearest to ``truth``, ties to even: what perfect code would return."""
    if mp.isinf(truth):
        return float(truth)
    unit = spacing(truth, dtype)
    with workprec(max(mp.prec, 2400)):
        nearest = nint(truth / unit) * unit
        return float(nearest) if abs(nearest) <= float(np.finfo(dtype).max) else math.copysign(math.inf, nearest)


def ulps(got, truths, near: float | None = None) -> np.ndarray:
    """Return how many units in the last place each of ``got`` is away from the truth.

    Next to a zero of the function, pass ``near``: a unit is then never smaller than that of ``near``.
    """
    got = np.asarray(got)
    return np.array([_ulps(g, t, got.dtype, near) for g, t in zip(got.tolist(), truths, strict=True)])


def _ulps(got: float, truth, dtype, near: float | None) -> float:
    if not math.isfinite(got):
        return 0.0 if got == rounded(truth, dtype) else math.inf
    unit = spacing(truth, dtype) if near is None else max(spacing(truth, dtype), spacing(mpf(near), dtype))
    with workprec(2400):
        return float(abs(mpf(got) - truth) / unit)
