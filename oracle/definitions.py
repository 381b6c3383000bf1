"""What the activation functions should return: their definitions, transcribed from the literature for mpmath.

Nothing here calls the package. The definitions are written as they are published, cancellation and all; what makes
them trustworthy is `working_precision`, enough bits that no digit of the result can be lost.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import mpmath
import numpy as np
from mpmath import atan, cos, erfc, inf, log, mp, mpf, nan, nint, pi, sign, sin, sqrt, tanh, workprec

# How far a published form can cancel: 1 - tanh(t)^2 loses 2|t| / log 2 bits, and so on, where t is what stands in the
# exponential. Beyond REACH all that cancels is smaller than exp(-REACH), which no float type can tell from 0.
REACH = 800


@dataclass(frozen=True)
class Definition:
    """A function of z and its parameters, its derivatives, and their limits at minus and plus infinity.

    ``exponent`` is the size of what stands in its exponential (0 if it has none). ``floors`` tells, for the quantities
    that cross zero away from z = 0, what size counts as a unit there: see `ulps`.
    """

    value: Callable
    derivative: Callable
    limits: Callable
    slope_limits: Callable
    partials: Callable = lambda z, **parameters: {}
    exponent: Callable = lambda z, **parameters: mpf(0)
    floors: dict[str, Callable] = field(default_factory=dict)


def exp(z):
    """Return e^z, stopping at arguments where every float type says 0 or infinity and mpmath becomes slow."""
    return mpmath.exp(min(max(z, -20 * REACH), 20 * REACH))


def logistic(z):
    return 1 / (1 + exp(-z))


def softplus(z):
    return log(1 + exp(z)) if z < 10 * REACH else z


def normal(z):
    """Return the probability that a standard normal number is below z."""
    return erfc(-z / sqrt(mpf(2))) / 2 if z * z / 2 < REACH else mpf(z > 0)


def density(z):
    return exp(-z * z / 2) / sqrt(2 * pi)


def shrunk(z, threshold):
    return z - threshold if z > threshold else z + threshold if z < -threshold else mpf(0)


def cubic(z):
    """Return the argument of the tanh in the approximation of the GELU, and its derivative."""
    return sqrt(2 / pi) * (z + mpf("0.044715") * z**3), sqrt(2 / pi) * (1 + 3 * mpf("0.044715") * z**2)


def tanh_of(u):
    return tanh(u) if abs(u) < 4 * REACH else sign(u)


def mish_slope(z):
    t = tanh(softplus(z))
    return t + z * (1 - t**2) * logistic(z)


def size(z, **parameters):
    return abs(z)


def near(root: float, floor: float = 0.125, width: float = 0.5) -> Callable:
    """Count in units of ``floor`` around ``root``."""
    return lambda z, **parameters: floor if abs(z - root) < width else 0.0


def squareplus(z, b):
    return (z + sqrt(z * z + b)) / 2


# Where functions that fall and then rise again have a slope of 0.
TURNING = {
    "silu": -1.2784645427610738,
    "gelu": -0.7517915246935645,
    "gelu_tanh": -0.7524614220710163,
    "mish": -1.1924312145154952,
}
SELU_SCALE = "1.0507009873554804934193349852946"
SELU_ALPHA = "1.6732632423543772848170429916717"

DEFINITIONS = {
    "identity": Definition(lambda z: z, lambda z: mpf(1), lambda: (-inf, inf), lambda: (1, 1)),
    "step": Definition(lambda z: mpf(z >= 0), lambda z: mpf(0), lambda: (0, 1), lambda: (0, 0)),
    "sigmoid": Definition(
        logistic, lambda z: logistic(z) * (1 - logistic(z)), lambda: (0, 1), lambda: (0, 0), exponent=size
    ),
    "log_sigmoid": Definition(
        lambda z: -softplus(-z), lambda z: 1 - logistic(z), lambda: (-inf, 0), lambda: (1, 0), exponent=size
    ),
    "hard_sigmoid": Definition(
        lambda z: min(mpf(6), max(mpf(0), z + 3)) / 6,
        lambda z: mpf(1) / 6 if -3 < z < 3 else mpf(0),
        lambda: (0, 1),
        lambda: (0, 0),
    ),
    "two_relu": Definition(
        lambda z, half_width: (max(z + half_width, mpf(0)) - max(z - half_width, mpf(0))) / (2 * half_width),
        lambda z, half_width: 1 / (2 * half_width) if -half_width < z < half_width else mpf(0),
        lambda half_width: (0, 1),
        lambda half_width: (0, 0),
        lambda z, half_width: {"half_width": -z / (2 * half_width**2) if -half_width < z < half_width else mpf(0)},
    ),
    "tanh": Definition(tanh, lambda z: 1 - tanh(z) ** 2, lambda: (-1, 1), lambda: (0, 0), exponent=size),
    "hard_tanh": Definition(
        lambda z: min(mpf(1), max(mpf(-1), z)), lambda z: mpf(-1 < z < 1), lambda: (-1, 1), lambda: (0, 0)
    ),
    "arctan": Definition(atan, lambda z: 1 / (1 + z * z), lambda: (-pi / 2, pi / 2), lambda: (0, 0)),
    "softsign": Definition(
        lambda z: z / (1 + abs(z)), lambda z: 1 / (1 + abs(z)) ** 2, lambda: (-1, 1), lambda: (0, 0)
    ),
    "relu": Definition(lambda z: max(mpf(0), z), lambda z: mpf(z > 0), lambda: (0, inf), lambda: (0, 1)),
    "leaky_relu": Definition(
        lambda z, negative_slope: z if z > 0 else negative_slope * z,
        lambda z, negative_slope: mpf(1) if z > 0 else negative_slope,
        lambda negative_slope: (-inf * negative_slope if negative_slope else 0, inf),
        lambda negative_slope: (negative_slope, 1),
        lambda z, negative_slope: {"negative_slope": mpf(0) if z > 0 else z},
    ),
    "rrelu": Definition(
        lambda z, lower, upper: z if z > 0 else (lower + upper) / 2 * z,
        lambda z, lower, upper: mpf(1) if z > 0 else (lower + upper) / 2,
        lambda lower, upper: (-inf, inf),
        lambda lower, upper: ((lower + upper) / 2, 1),
    ),
    "relu6": Definition(
        lambda z: min(mpf(6), max(mpf(0), z)), lambda z: mpf(0 < z < 6), lambda: (0, 6), lambda: (0, 0)
    ),
    "squared_relu": Definition(
        lambda z: max(mpf(0), z) ** 2, lambda z: 2 * max(mpf(0), z), lambda: (0, inf), lambda: (0, inf)
    ),
    "threshold": Definition(
        lambda z, threshold, otherwise: z if z > threshold else otherwise,
        lambda z, threshold, otherwise: mpf(z > threshold),
        lambda threshold, otherwise: (otherwise, inf),
        lambda threshold, otherwise: (0, 1),
        lambda z, threshold, otherwise: {"otherwise": mpf(z <= threshold)},
    ),
    "elu": Definition(
        lambda z, alpha: z if z > 0 else alpha * (exp(z) - 1),
        lambda z, alpha: mpf(1) if z > 0 else alpha * exp(z),
        lambda alpha: (-alpha, inf),
        lambda alpha: (0, 1),
        lambda z, alpha: {"alpha": mpf(0) if z > 0 else exp(z) - 1},
        exponent=size,
    ),
    "celu": Definition(
        lambda z, alpha: max(mpf(0), z) + min(mpf(0), alpha * (exp(z / alpha) - 1)),
        lambda z, alpha: mpf(1) if z > 0 else exp(z / alpha),
        lambda alpha: (-alpha, inf),
        lambda alpha: (0, 1),
        lambda z, alpha: {"alpha": mpf(0) if z > 0 else exp(z / alpha) - 1 - z / alpha * exp(z / alpha)},
        exponent=lambda z, alpha: abs(z / alpha),
    ),
    "selu": Definition(
        lambda z: mpf(SELU_SCALE) * (z if z > 0 else mpf(SELU_ALPHA) * (exp(z) - 1)),
        lambda z: mpf(SELU_SCALE) * (mpf(1) if z > 0 else mpf(SELU_ALPHA) * exp(z)),
        lambda: (-mpf(SELU_SCALE) * mpf(SELU_ALPHA), inf),
        lambda: (0, mpf(SELU_SCALE)),
        exponent=size,
    ),
    "exponential": Definition(exp, exp, lambda: (0, inf), lambda: (0, inf), exponent=size),
    "softplus": Definition(
        lambda z, beta: softplus(beta * z) / beta,
        lambda z, beta: logistic(beta * z),
        lambda beta: (0, inf),
        lambda beta: (0, 1),
        lambda z, beta: {"beta": z * logistic(beta * z) / beta - softplus(beta * z) / beta**2},
        exponent=lambda z, beta: abs(beta * z),
    ),
    "squareplus": Definition(
        squareplus,
        lambda z, b: (1 + z / sqrt(z * z + b)) / 2,
        lambda b: (0, inf),
        lambda b: (0, 1),
        lambda z, b: {"b": 1 / (4 * sqrt(z * z + b))},
    ),
    "sparse_plus": Definition(
        lambda z: z if z >= 1 else mpf(0) if z <= -1 else (z + 1) ** 2 / 4,
        lambda z: mpf(1) if z >= 1 else mpf(0) if z <= -1 else (z + 1) / 2,
        lambda: (0, inf),
        lambda: (0, 1),
    ),
    "silu": Definition(
        lambda z: z * logistic(z),
        lambda z: logistic(z) + z * logistic(z) * (1 - logistic(z)),
        lambda: (0, inf),
        lambda: (0, 1),
        exponent=size,
        floors={"derivative": near(TURNING["silu"])},
    ),
    "swish": Definition(
        lambda z, beta: z * logistic(beta * z),
        lambda z, beta: logistic(beta * z) + beta * z * logistic(beta * z) * (1 - logistic(beta * z)),
        lambda beta: (0, inf),
        lambda beta: (0, 1),
        lambda z, beta: {"beta": z**2 * logistic(beta * z) * (1 - logistic(beta * z))},
        exponent=lambda z, beta: abs(beta * z),
        floors={"derivative": lambda z, beta: near(TURNING["silu"])(beta * z)},
    ),
    "hard_swish": Definition(
        lambda z: z * min(max(z + 3, mpf(0)), mpf(6)) / 6,
        lambda z: mpf(0) if z <= -3 else mpf(1) if z >= 3 else (2 * z + 3) / 6,
        lambda: (0, inf),
        lambda: (0, 1),
    ),
    "gelu": Definition(
        lambda z: z * normal(z),
        lambda z: normal(z) + z * density(z),
        lambda: (0, inf),
        lambda: (0, 1),
        exponent=lambda z: z * z / 2,
        floors={"derivative": near(TURNING["gelu"])},
    ),
    "gelu_tanh": Definition(
        lambda z: z / 2 * (1 + tanh_of(cubic(z)[0])),
        lambda z: (1 + tanh_of(cubic(z)[0])) / 2 + z / 2 * (1 - tanh_of(cubic(z)[0]) ** 2) * cubic(z)[1],
        lambda: (0, inf),
        lambda: (0, 1),
        exponent=lambda z: 2 * abs(cubic(z)[0]),
        floors={"derivative": near(TURNING["gelu_tanh"])},
    ),
    "mish": Definition(
        lambda z: z * tanh(softplus(z)),
        mish_slope,
        lambda: (0, inf),
        lambda: (0, 1),
        exponent=size,
        floors={"derivative": near(TURNING["mish"])},
    ),
    "tanh_shrink": Definition(
        lambda z: z - tanh(z), lambda z: tanh(z) ** 2, lambda: (-inf, inf), lambda: (1, 1), exponent=size
    ),
    "soft_shrink": Definition(
        shrunk,
        lambda z, threshold: mpf(abs(z) > threshold),
        lambda threshold: (-inf, inf),
        lambda threshold: (1, 1),
        lambda z, threshold: {"threshold": -sign(z) if abs(z) > threshold else mpf(0)},
    ),
    "hard_shrink": Definition(
        lambda z, threshold: z if abs(z) > threshold else mpf(0),
        lambda z, threshold: mpf(abs(z) > threshold),
        lambda threshold: (-inf, inf),
        lambda threshold: (1, 1),
    ),
    "sine": Definition(
        lambda z, frequency: sin(frequency * z),
        lambda z, frequency: frequency * cos(frequency * z),
        lambda frequency: (nan, nan),
        lambda frequency: (nan, nan),
        lambda z, frequency: {"frequency": z * cos(frequency * z)},
        floors={
            "value": lambda z, frequency: 0.125 if abs(frequency * z) > 1 else 0.0,
            "derivative": lambda z, frequency: 0.125 * frequency,
            "frequency": lambda z, frequency: 0.125 * abs(z),
        },
    ),
    "snake": Definition(
        lambda z, frequency: z + sin(frequency * z) ** 2 / frequency,
        lambda z, frequency: 1 + sin(2 * frequency * z),
        lambda frequency: (nan, nan),
        lambda frequency: (nan, nan),
        lambda z, frequency: {
            "frequency": z * sin(2 * frequency * z) / frequency - (sin(frequency * z) / frequency) ** 2
        },
        floors={
            "derivative": lambda z, frequency: 0.125,
            "frequency": lambda z, frequency: abs(z) / frequency if abs(frequency * z) > 0.8 else 0.0,
        },
    ),
}


def working_precision(z: float, exponent: float) -> int:
    """Return bits enough for any definition above at z: for the size of its exponent, twice, and for its smallness."""
    reach = min(exponent, REACH) / math.log(2)
    return 160 + int(2 * reach) + 2 * min(abs(math.frexp(z)[1]), 1100)


def evaluate(function: Callable, z, exponent: Callable = size, **parameters) -> list:
    """Return ``function`` of every finite number in ``z``, as mpmath numbers with digits to spare."""
    exact = {name: mpf(float(value)) for name, value in parameters.items()}
    results = []
    for v in np.asarray(z, dtype=np.float64).tolist():
        with workprec(working_precision(v, float(exponent(mpf(v), **exact)))):
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


def closest_in_the_simplex(row) -> list[Fraction]:
    """Return the projection in exact arithmetic: the tau of the largest support that is consistent with itself."""
    z = [Fraction(float(v)) for v in row]
    for size in range(len(z), 0, -1):
        largest = sorted(z, reverse=True)[:size]
        tau = (sum(largest) - 1) / size
        if largest[-1] > tau:
            return [max(v - tau, Fraction(0)) for v in z]
    raise AssertionError


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


def ulps(got, truths, floors=0.0) -> np.ndarray:
    """Return how many units in the last place each of ``got`` is away from the truth.

    Next to a zero of the function, where ``floors`` is not 0, a unit is never smaller than that of the number there.
    """
    got = np.asarray(got)
    floors = np.broadcast_to(floors, got.shape)
    return np.array([_ulps(*each, got.dtype) for each in zip(got.tolist(), truths, floors.tolist(), strict=True)])


def _ulps(got: float, truth, floor: float, dtype) -> float:
    if not math.isfinite(got):
        return 0.0 if got == rounded(truth, dtype) else math.inf
    unit = spacing(truth, dtype) if not floor else max(spacing(truth, dtype), spacing(mpf(floor), dtype))
    with workprec(2400):
        return float(abs(mpf(got) - truth) / unit)
