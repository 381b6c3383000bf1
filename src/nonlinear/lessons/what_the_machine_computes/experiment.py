"""What the machine computes: where functions round to their limits, and what that does to their slopes.

Every function here comes three times: as the textbook writes it (and NumPy computes it, in the precision of the input),
as `nonlinear` computes it, and exactly, in decimal arithmetic of many digits.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache

import numpy as np

from nonlinear.activations import ELU, LogSigmoid, LogSoftmax, Pointwise, Sigmoid, Softmax, Softplus, Tanh
from nonlinear.course import MEMBERS, SEED, frameworks
from nonlinear.course.text import minus
from nonlinear.losses import MeanSquaredError
from nonlinear.network import MLP, Dense, Parameters, spawn
from nonlinear.optimisers import Optimiser
from nonlinear.special import Array
from nonlinear.training import full_batches, train

DTYPES = (np.float16, np.float32, np.float64)
PRECISE = Context(prec=800)  # enough to tell 1 - exp(-1600) from 1
SIXTY = Context(prec=60)


# Floating-point numbers


def significand_bits(dtype) -> int:
    """Return how many binary digits a number of this type has, the leading 1 included.

    >>> [significand_bits(dtype) for dtype in DTYPES]
    [11, 24, 53]
    """
    return np.finfo(dtype).nmant + 1


def nearest(value: Decimal, dtype) -> np.floating:
    """Return the number of a type that is nearest to an exact value; of two equally near, the even one.

    >>> print(nearest(Decimal("0.1"), np.float16), nearest(Decimal("1e-9"), np.float16))
    0.1 0.0
    """
    unit = Fraction(ulp(value, dtype))
    return dtype(float(round(Fraction(value) / unit) * unit))


def ulp(value: Decimal, dtype) -> float:
    """Return the gap between the numbers of a type around a value: one unit in the last place.

    >>> ulp(Decimal(1), np.float32) == 2.0**-23, ulp(Decimal("0.999"), np.float32) == 2.0**-24
    (True, True)
    """
    info = np.finfo(dtype)
    if not value:
        return float(info.smallest_subnormal)
    top, bottom = value.copy_abs().as_integer_ratio()
    exponent = top.bit_length() - bottom.bit_length()
    if top << max(-exponent, 0) < bottom << max(exponent, 0):
        exponent -= 1
    return math.ldexp(1, max(exponent, int(info.minexp)) - int(info.nmant))


def ulps_off(computed: Array, exact: Sequence[Decimal]) -> Array:
    """Return how far computed values are from the exact ones, in ulp of the type they have; inf where not finite."""
    dtype, values = computed.dtype.type, computed.astype(float).ravel().tolist()
    with localcontext(PRECISE):
        errors = [
            float(abs(Decimal(c) - e) / Decimal(ulp(e, dtype))) if math.isfinite(c) else math.inf
            for c, e in zip(values, exact, strict=True)
        ]
    return np.array(errors).reshape(computed.shape)


def first_float(condition: Callable, low: float, high: float, dtype=np.float64) -> np.floating:
    """Return the first float of a type, on the way from ``low`` to ``high``, at which a condition holds.

    It halves the number of floats in between until none is left: at most 64 steps. The condition must not hold at
    ``low``, hold at ``high``, and change once on the way.

    Parameters
    ----------
    condition : callable
        Takes a number of the type and returns a bool.
    low, high : float
        ``high`` may be the smaller one.

    Examples
    --------
    >>> print(first_float(lambda x: x * x >= 2, 1, 2, np.float16))
    1.414
    """
    ends = [dtype(low), dtype(high)]
    if [bool(condition(x)) for x in ends] != [False, True]:
        raise ValueError(f"condition must be false at low = {low!r} and true at high = {high!r}; bisection needs both.")
    outside, inside = (_place(x) for x in ends)
    while abs(inside - outside) > 1:
        middle = (inside + outside) // 2
        if condition(_at(middle, dtype)):
            inside = middle
        else:
            outside = middle
    return _at(inside, dtype)


def _place(x: np.floating) -> int:
    """Return where a float stands among all floats of its type, counted from 0: -0 and 0 are both number 0."""
    signed = np.dtype(f"i{x.itemsize}")
    bits = int(x.view(signed))
    return bits if bits >= 0 else int(np.iinfo(signed).min) - bits


def _at(place: int, dtype) -> np.floating:
    signed = np.dtype(f"i{np.dtype(dtype).itemsize}")
    bits = place if place >= 0 else int(np.iinfo(signed).min) - place
    return np.array(bits, signed).view(dtype)[()]


# The functions, three times each


def _exp(x: Decimal) -> Decimal:
    return SIXTY.exp(x)


def _log1p(e: Decimal) -> Decimal:
    return SIXTY.ln(1 + e) if e > Decimal("1e-14") else e - e * e / 2 + e**3 / 3 - e**4 / 4 + e**5 / 5


def _sigmoid(x: Decimal) -> Decimal:
    return 1 / (1 + _exp(-x)) if x > 0 else _exp(x) / (1 + _exp(x))


def _sigmoid_slope(x: Decimal) -> Decimal:
    e = _exp(-abs(x))
    return e / (1 + e) ** 2


def _tanh(x: Decimal) -> Decimal:
    w = _exp(-2 * abs(x))
    return ((1 - w) / (1 + w)).copy_sign(x)


def _tanh_slope(x: Decimal) -> Decimal:
    return 4 * _sigmoid_slope(2 * x)


def _softplus(x: Decimal) -> Decimal:
    return max(x, Decimal(0)) + _log1p(_exp(-abs(x)))


def _pair(x: Array) -> Array:
    """Return the scores [x, 0] of two classes."""
    return np.stack([x, np.zeros_like(x)], axis=-1)


def _quietly(formula: Callable) -> Callable:
    """Let a textbook formula overflow, cancel and take the logarithm of 0 without a word: that is what is studied."""

    def computed(x: Array) -> Array:
        with np.errstate(all="ignore"):
            return formula(np.asarray(x))

    return computed


@dataclass(frozen=True)
class Function:
    """One function of one number, computed in three ways.

    Attributes
    ----------
    label, formula : str
        What it is called, and the formula that ``textbook`` computes.
    textbook, ours : callable
        From an array to an array of the same type.
    exact : callable
        From a Decimal to a Decimal with at least 50 correct digits.
    limits : (float, float)
        What it tends to on the left and on the right; NaN where it grows without bound.
    """

    label: str
    formula: str
    textbook: Callable
    ours: Callable
    exact: Callable
    limits: tuple[float, float]

    def truth(self, x: float) -> Decimal:
        """Return the exact value at a floating-point number."""
        with localcontext(PRECISE):
            return +self.exact(Decimal(float(x)))

    def truths(self, x: Array) -> list[Decimal]:
        """Return the exact values at all numbers of an array."""
        return [self.truth(v) for v in np.asarray(x).ravel()]

    def rounded(self, x: np.floating) -> np.floating:
        """Return the exact value at x, rounded once to the type of x: the best that any code can do."""
        return nearest(self.truth(x), type(x))


def _two_scores(f: Callable) -> Callable:
    return lambda x: f(_pair(np.asarray(x)))[..., 0]


FUNCTIONS: dict[str, Function] = {
    "sigmoid": Function(
        "sigmoid", "1 / (1 + exp(−z))", _quietly(lambda x: 1 / (1 + np.exp(-x))), Sigmoid(), _sigmoid, (0, 1)
    ),
    "sigmoid slope": Function(
        "slope of the sigmoid",
        "s (1 − s), s = 1 / (1 + exp(−z))",
        _quietly(lambda x: (1 / (1 + np.exp(-x))) * (1 - 1 / (1 + np.exp(-x)))),
        Sigmoid().derivative,
        _sigmoid_slope,
        (0, 0),
    ),
    "tanh": Function(
        "tanh",
        "(exp(z) − exp(−z)) / (exp(z) + exp(−z))",
        _quietly(lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))),
        Tanh(),
        _tanh,
        (-1, 1),
    ),
    "tanh slope": Function(
        "slope of tanh", "1 − tanh(z)²", _quietly(lambda x: 1 - np.tanh(x) ** 2), Tanh().derivative, _tanh_slope, (0, 0)
    ),
    "elu slope": Function(
        "slope of ELU",
        "ELU(z) + 1 for z ≤ 0",
        _quietly(lambda x: np.where(x > 0, x.dtype.type(1), np.exp(np.minimum(x, 0)) - 1 + 1)),
        ELU().derivative,
        lambda x: _exp(min(x, Decimal(0))),
        (0, 1),
    ),
    "softplus": Function(
        "softplus",
        "log(1 + exp(z))",
        _quietly(lambda x: np.log(1 + np.exp(x))),
        Softplus(),
        _softplus,
        (0, math.nan),
    ),
    "softmax": Function(
        "softmax of [z, 0], first entry",
        "exp(z) / (exp(z) + exp(0))",
        _quietly(lambda x: np.exp(x) / (np.exp(x) + 1)),
        _two_scores(Softmax()),
        _sigmoid,
        (0, 1),
    ),
    "log-softmax": Function(
        "log-softmax of [z, 0], first entry",
        "log(exp(z) / (exp(z) + exp(0)))",
        _quietly(lambda x: np.log(np.exp(x) / (np.exp(x) + 1))),
        _two_scores(LogSoftmax()),
        lambda x: -_softplus(-x),
        (math.nan, 0),
    ),
}


# Thresholds


def textbook_sigmoid(x):
    """Return 1 / (1 + exp(-x)) in the precision of x, as it is usually written.

    >>> print(textbook_sigmoid(np.float32(17)))
    1.0
    """
    return FUNCTIONS["sigmoid"].textbook(x)[()]


def reaches(name: str, limit: float, way: str, dtype, side: int = 1) -> float:
    """Return the first x, going outwards from 0, at which a function is exactly at its limit.

    Parameters
    ----------
    name : str
        One of ``FUNCTIONS``.
    limit : float
    way : "exact", "textbook" or "ours"
        "exact" is the true value, correctly rounded.
    side : 1 or -1
        To the right or to the left.

    Examples
    --------
    >>> [round(reaches("sigmoid", 1, way, np.float32), 2) for way in ("exact", "textbook")]
    [17.33, 16.64]
    """
    f = FUNCTIONS[name]
    computed = {"exact": f.rounded, "textbook": f.textbook, "ours": f.ours}[way]
    return float(first_float(lambda x: computed(x) == limit, side * 0.125, side * 800.0, dtype))


def distances(name: str, z: Array, limit: float, unit: float) -> tuple[Array, Array, Array]:
    """Return z, and how far the textbook's and the exact values there are from a limit, in multiples of ``unit``."""
    f = FUNCTIONS[name]
    computed = np.abs(f.textbook(z).astype(np.float64) - limit) / unit
    with localcontext(PRECISE):
        exact = [float(abs(truth - Decimal(limit)) / Decimal(unit)) for truth in f.truths(z)]
    return z, computed, np.array(exact)


# What frameworks return: measured by benchmarks/framework_slopes.py

COMPARED = {
    "slope of sigmoid": ("sigmoid'", Sigmoid().derivative, _sigmoid_slope),
    "slope of tanh": ("tanh'", Tanh().derivative, _tanh_slope),
    "slope of ELU": ("elu'", ELU().derivative, FUNCTIONS["elu slope"].exact),
    "log of sigmoid": ("log_sigmoid", LogSigmoid(), FUNCTIONS["log-softmax"].exact),
    "softplus": ("softplus", FUNCTIONS["softplus"].ours, _softplus),
    "log-softmax": ("log_softmax", FUNCTIONS["log-softmax"].ours, FUNCTIONS["log-softmax"].exact),
}


@dataclass(frozen=True)
class Kept:
    """What is left of a function at the worst of some inputs.

    Attributes
    ----------
    digits : int
        How many decimal digits are right, at most as many as the type is sure to hold.
    zero : float
        The input closest to 0 at which the result is 0 and the truth a normal number; NaN if there is none.
    """

    digits: int
    zero: float

    def __str__(self) -> str:
        return f"{self.digits}" if math.isnan(self.zero) else minus(f"0 at {self.zero:.0f}")


@lru_cache
def framework_digits(dtype=np.float32) -> dict[str, dict[str, Kept]]:
    """Return what is left over whole numbers from -60 to 60: for each function, by who computed it.

    The results of PyTorch and JAX are stored (see ``frameworks.json`` for their versions); ours are computed now.
    """
    stored, kept = frameworks.load(), {}
    x, names = stored["x"].astype(dtype), stored["far_names"].tolist()
    for label, (key, ours, exact) in COMPARED.items():
        truths = Function(label, "", ours, ours, exact, (0, 0)).truths(x)
        row = {who: stored[f"{who}_{np.dtype(dtype).name}"][names.index(key)] for who in ("torch", "jax")}
        kept[label] = {who: _kept(x, values, truths) for who, values in {"ours": ours(x), **row}.items()}
    return kept


def _kept(x: Array, values: Array, truths: list[Decimal]) -> Kept:
    """Return what is left where the truth is a normal number, as smaller ones have fewer digits in any case."""
    normal = np.array([abs(truth) >= float(np.finfo(x.dtype).tiny) for truth in truths])
    wrong = x[normal & (values == 0)]
    digits = right_digits(values[normal], [truth for truth, use in zip(truths, normal, strict=True) if use])
    return Kept(digits, float(wrong[np.abs(wrong).argmin()]) if len(wrong) else math.nan)


def right_digits(computed: Array, exact: Sequence[Decimal]) -> int:
    """Return how many decimal digits are right in the worst of the computed values.

    0 where one is off by a tenth of the truth or more; at most as many as the type is sure to hold.

    >>> right_digits(np.float32([1.001, 3.0]), [Decimal(1), Decimal(3)])
    2
    """
    most = np.finfo(computed.dtype).precision
    errors = [abs(float(c) / float(e) - 1) for c, e in zip(computed.ravel(), exact, strict=True) if e]
    return max(0, min(most, math.floor(-math.log10(max(*errors, 1e-300)))))


# A unit that starts far out


class TextbookSigmoid(Sigmoid):
    """A sigmoid whose slope is computed from its output, s (1 - s), as frameworks do."""

    def derivative(self, z):
        s = self(z)
        return s * (1 - s)


@dataclass(frozen=True)
class Rescue:
    """What training did to ten units that started far out in their saturated range.

    Attributes
    ----------
    start, end : array, (members,)
        The mean preactivation over the data at the start and at the end.
    changed : array of bool, (members,)
        Whether any bit of any parameter changed.
    steps : array, (members,)
        After how many steps the mean output came below 1/2; -1 for never.
    """

    start: Array
    end: Array
    changed: Array
    steps: Array


def rescue(activation: Pointwise, optimiser: Optimiser, steps: int = 2000, start: float = 20.0) -> Rescue:
    """Train ten float32 units, with the mean preactivation ``start``, to answer 0 to everything.

    The units have two inputs, 32 points in the unit square, and weights drawn from ten seeds. The gradient of the mean
    squared error, 2 s s', is twice the slope far out.
    """
    network = MLP(2, [Dense(1, activation)])
    x = spawn(SEED + 1, 1)[0].uniform(size=(32, 2)).astype(np.float32)
    parameters = network.initialise(spawn(SEED, MEMBERS), dtype=np.float32)
    bias = start - _mean_preactivation(network, parameters, x)
    parameters = ({**parameters[0], "bias": bias.astype(np.float32)[:, None, None]},)
    reached, step = np.full(MEMBERS, -1), None
    batches = full_batches(x, np.zeros((32, 1), np.float32), steps)
    for step in train(network, parameters, batches, MeanSquaredError(), optimiser):
        low = step.tape[-1].outputs.mean(axis=(-1, -2)) < 0.5
        reached = np.where((reached < 0) & low, step.index, reached)
    same = [np.all(step.updated[0][k] == parameters[0][k], axis=(-1, -2)) for k in parameters[0]]
    ends = (_mean_preactivation(network, p, x) for p in (parameters, step.updated))
    return Rescue(*ends, ~np.all(same, axis=0), reached)


def _mean_preactivation(network: MLP, parameters: Parameters, x: Array) -> Array:
    return network.forward(parameters, x)[0].preactivations.mean(axis=(-1, -2))


# Along the number line

KINDS = (
    "right",
    "at its limit, within rounding",
    "digits lost",
    "at its limit too early",
    "infinite or not a number",
)
RIGHT, AT_LIMIT, DIGITS_LOST, TOO_EARLY, NOT_FINITE = range(5)
TOLERATED = 16  # ulp
CLOSE = 0.01  # nearer to a limit than this, a value is told by its distance from it
OUTWARDS = (
    *np.arange(0, 12, 0.25),
    *np.arange(12, 20, 0.5),
    *range(20, 40),
    *range(40, 88, 4),
    *(88, 88.5, 89, 90, 95, 100, 103, 103.5, 104, 105, 110, 120),
    *range(150, 701, 50),
    *(705, 709, 709.5, 710, 715, 740, 745, 745.5, 750, 800),
)
LABELLED = (-745, -100, -40, -17, -8, 0, 8, 17, 40, 100, 745)


def kinds_of(f: Function, x: Array, values: Array, errors: Array) -> Array:
    """Return what kind of result each value is, as an index into ``KINDS``."""
    limits = np.where(x < 0, *f.limits)
    at_limit, off = values == limits, errors > TOLERATED
    kinds = np.where(off, np.where(at_limit, TOO_EARLY, DIGITS_LOST), np.where(at_limit, AT_LIMIT, RIGHT))
    return np.where(np.isfinite(values), kinds, NOT_FINITE)


def number_line() -> dict:
    """Return what `nonlinear.widgets.NumberLine` shows: all functions, in all types, along a stretched line.

    All numbers on the line are float16 numbers, so that all types are asked for the same x.
    """
    x = np.array([-v for v in OUTWARDS[:0:-1]] + [float(v) for v in OUTWARDS])
    names, ways = [f.label for f in FUNCTIONS.values()], ("textbook", "nonlinear")
    shape = (len(names), len(DTYPES), len(ways), len(x))
    values, errors, kinds = np.empty(shape), np.empty(shape), np.empty(shape, int)
    bases, mantissas, exponents = (np.zeros((len(names), len(x))) for _ in range(3))
    for c, f in enumerate(FUNCTIONS.values()):
        truths = f.truths(x)
        for i, dtype in enumerate(DTYPES):
            for j, way in enumerate((f.textbook, f.ours)):
                result = way(x.astype(dtype))
                values[c, i, j], errors[c, i, j] = result, ulps_off(result, truths)
                kinds[c, i, j] = kinds_of(f, x, values[c, i, j], errors[c, i, j])
        for k, truth in enumerate(truths):
            bases[c, k], mantissas[c, k], exponents[c, k] = _beside_its_limit(truth, f.limits[int(x[k] >= 0)])
    return {
        "x": x,
        "x_label": "z",
        "choices": names,
        "rows": [np.dtype(dtype).name for dtype in DTYPES],
        "ways": ways,
        "values": values,
        "errors": errors,
        "kinds": kinds,
        "kind_names": KINDS,
        "bases": bases,
        "mantissas": mantissas,
        "exponents": exponents,
        "formulas": [f"textbook: {f.formula}" for f in FUNCTIONS.values()],
        "ticks": LABELLED,
    }


def _beside_its_limit(value: Decimal, limit: float) -> tuple[float, float, int]:
    """Return base, mantissa and exponent of an exact value, with four digits; the base is the limit or 0."""
    with localcontext(PRECISE):
        base = Decimal(limit) if limit in (-1, 1) and abs(value - Decimal(limit)) < Decimal(CLOSE) else Decimal(0)
        mantissa, exponent = f"{value - base:.3e}".split("e")
    return float(base), float(mantissa), int(exponent) if value != base else 0
