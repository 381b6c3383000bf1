"""The errors of a library's functions: what is compared, how wrong it is at its worst, and the words for it."""

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType

import numpy as np
from mpmath import mpf, workprec

from nonlinear.activations import CATALOGUE, Activation, Pointwise, TwoReLU
from nonlinear.activations.names import call
from oracle.definitions import DEFINITIONS, closest_in_the_simplex, rounded, softmax_row, ulps
from oracle.points import floors, points, quantities, rows, truth, within, wrong_zeros

WHOLE = ("value", "derivative", "gradient")
TYPES = {"float32": np.float32, "float64": np.float64}
OURS = "ours"
LIBRARIES = {OURS: "ours", "torch": "PyTorch", "jax": "JAX"}
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
PLAIN = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


@dataclasses.dataclass(frozen=True)
class Comparison:
    """A quantity of a function at many inputs: what it is, its truth, and how to get it from a library.

    Attributes
    ----------
    call : function of a library, that returns the results in an array, or None if it has no such function
    places : array
        The input to name for each result.
    floors : sequence of float
        What size counts at least as a unit, next to a zero of the function.
    edge : array of bool
        Where the input, the result or the exponential in between is subnormal.
    """

    label: str
    call: Callable[[ModuleType], np.ndarray | None]
    places: np.ndarray
    truths: Sequence
    floors: Sequence[float]
    edge: np.ndarray


@dataclasses.dataclass(frozen=True)
class Error:
    """How wrong a library is at its worst; printed, it is a cell of the page."""

    ulps: float
    zero: bool
    lost: float  # the input of the smallest size where no digit is right, or NaN
    overflow: bool
    nan: bool
    edge: bool

    def __str__(self) -> str:
        worst = "zero" if self.zero else "lost" if not math.isnan(self.lost) else number(self.ulps)
        return ", ".join([worst, *(["overflow"] * self.overflow), *(["NaN"] * self.nan)]) + "†" * self.edge

    @classmethod
    def read(cls, text: str, lost: str = "") -> "Error":
        """Return what a cell of the page says, and the place where no digit is right, if another one states it."""
        words = text.rstrip("†").split(", ")
        gone = words[0] in ("zero", "lost")
        return cls(
            ulps=math.inf if gone else as_number(words[0]),
            zero=words[0] == "zero",
            lost=as_number(lost or "0") if gone else math.nan,
            overflow="overflow" in words,
            nan="NaN" in words,
            edge="†" in text,
        )

    @property
    def flaws(self) -> set[str]:
        """What is wrong beyond a number of ulp."""
        return {word for word in ("lost", "overflow", "NaN", "†") if word in str(self).replace("zero", "lost")}


def number(error: float) -> str:
    """Return a number of ulp in few letters.

    >>> number(0.25), number(73.4), number(581234.0)
    ('0.2', '73', '6·10⁵')
    """
    return power_of_ten(error) if error >= 10_000 else f"{error:.1f}" if error < 10 else f"{error:,.0f}"


def power_of_ten(size: float) -> str:
    """Return a number with one digit and a power of ten.

    >>> power_of_ten(1.25e154), power_of_ten(9e-9)
    ('1·10¹⁵⁴', '9·10⁻⁹')
    """
    digit, _, exponent = f"{size:.0e}".partition("e")
    return f"{digit}·10" + str(int(exponent)).translate(RAISED)


def as_number(text: str) -> float:
    """Return what `number`, `power_of_ten` or a table has written.

    >>> as_number("6·10⁵"), as_number("1,234"), as_number("−16.6")
    (600000.0, 1234.0, -16.6)
    """
    digits, _, exponent = text.replace(",", "").replace("−", "-").partition("·10")
    return float(digits + f"e{exponent.translate(PLAIN)}" * bool(exponent))


def instances() -> Iterator[Activation]:
    """Yield each function of the catalogue, and once more with another parameter if it can learn one.

    Such a parameter is a multiple of 1/16, so that no library has to round it.
    """
    for cls in CATALOGUE.values():
        yield cls()
        for name in cls.learnable()[:1]:
            typical = next(p.metadata["typical"] for p in dataclasses.fields(cls) if p.name == name)
            other = round(16 * (typical.low + 0.37 * (typical.high - typical.low))) / 16
            yield TwoReLU(1) if cls is TwoReLU else cls(**{name: other})


# What is compared ----------------------------------------------------------------------------------------------------


def comparisons(f: Activation, dtype) -> Iterator[Comparison]:
    """Yield every quantity of a function, at the inputs that the tests use."""
    if isinstance(f, Pointwise):
        return pointwise(f, dtype)
    return gated(f, dtype) if f.name in GATES else maxout(f, dtype) if f.name == "maxout" else of_scores(f, dtype)


def pointwise(f: Pointwise, dtype) -> Iterator[Comparison]:
    """Yield value, derivative and partials, away from the kinks."""
    z, kinks = points(f, dtype), np.array(f.traits.kinks, dtype)
    z = z[np.all(np.abs(z[:, None].astype(float) - kinks) > 2 * np.spacing(np.abs(kinks)), axis=1)]
    subnormal = (z != 0) & (np.abs(z) < np.finfo(dtype).tiny)
    for label, ours, exact in quantities(f):
        truths = truth(f, exact, z)
        edge = subnormal | ~within(f, z) | small(truths, dtype)
        yield Comparison(label, caller(f, label, z, ours), z, truths, floors(f, label, z), edge)


def caller(f: Pointwise, label: str, z: np.ndarray, ours: Callable) -> Callable:
    """Return what gets a quantity of f from a library."""

    def call(library):
        if library is None:
            return ours(z)
        known = {"value": library.value, "derivative": library.derivative}
        return known[label](f, z) if label in known else library.partial(f, label, z)

    return call


def of_scores(f: Activation, dtype) -> Iterator[Comparison]:
    """Yield the values of a function of scores, and the gradient of each single output, from rows of scores."""
    if f.name == "sparsemax":
        random = np.random.default_rng(8)
        scores = [(random.normal(size=n) * s).astype(dtype) for s in (0.01, 0.3, 1, 5, 1e5) for n in (1, 2, 5, 40)]
    else:
        scores = list(rows(dtype))
    with workprec(2400):
        values = [each for row in scores for each in EXACT[f.name](row)]
    floor = 0.5 if f.name == "sparsemax" else 0.0  # its outputs are differences of the scores
    yield collected("value", scores, values, floor, lambda library, row: (library or Own).value(f, row))
    if f.name in SLOPES:
        few = [row for k, row in enumerate(scores) if len(row) == 2 or (len(row) < 10 and k % 3 == 0)]
        cases = [(row, i) for row in few for i in range(len(row))]
        cases += [(row, i) for row in scores if len(row) >= 10 for i in (0, int(np.argmin(row)), int(np.argmax(row)))]
        with workprec(2400):
            exact = [each for row, i in cases for each in SLOPES[f.name](row, i)]
        upstream = lambda row, i: np.eye(len(row), dtype=row.dtype)[i]  # noqa: E731
        yield collected(
            "gradient", cases, exact, 0.0, lambda library, c: (library or Own).pullback(f, c[0], upstream(*c))
        )


class Own:
    """This library, asked as the others are."""

    @staticmethod
    def value(f, z):
        return f(z)

    @staticmethod
    def pullback(f, z, upstream):
        return f.pullback(z, upstream)[0]


def collected(label: str, inputs: list, truths: list, floor: float, run: Callable) -> Comparison:
    """Return the comparison of many calls, each on a row of numbers, which counts as the place of its results."""

    def call(library):
        results = [run(library, each) for each in inputs]
        return None if results[0] is None else np.concatenate(results)

    first = [each[0] if isinstance(each, tuple) else each for each in inputs]
    with np.errstate(over="ignore"):
        places = np.concatenate([np.full(len(row), np.max(row) - np.min(row)) for row in first])
    return Comparison(label, call, places, truths, [floor] * len(truths), small(truths, first[0].dtype))


def softmax_slope(row, i: int) -> list:
    """Return the derivative of output i by each score."""
    a, _ = softmax_row(row)
    return [a[i] * sum(a[k] for k in range(len(a)) if k != i) if j == i else -a[i] * a[j] for j in range(len(a))]


def log_softmax_slope(row, i: int) -> list:
    """Return the derivative of log-probability i by each score."""
    a, _ = softmax_row(row)
    return [sum(a[k] for k in range(len(a)) if k != i) if j == i else -a[j] for j in range(len(a))]


EXACT = {
    "softmax": lambda row: softmax_row(row)[0],
    "softmin": lambda row: softmax_row(-row)[0],
    "log_softmax": lambda row: softmax_row(row)[1],
    "sparsemax": lambda row: [mpf(a.numerator) / a.denominator for a in closest_in_the_simplex(row)],
}
SLOPES = {
    "softmax": softmax_slope,
    "softmin": lambda row, i: [-slope for slope in softmax_slope(-row, i)],
    "log_softmax": log_softmax_slope,
}


def maxout(f: Activation, dtype) -> Iterator[Comparison]:
    """Yield value and gradient of Maxout, which copy numbers."""
    row = np.random.default_rng(4).normal(size=600).astype(dtype)
    pairs = row.reshape(-1, 2)
    value, first = pairs.max(axis=1), (pairs[:, 0] >= pairs[:, 1])
    slopes = np.column_stack([first, ~first]).ravel().astype(float)
    for label, exact in (("value", value), ("gradient", slopes)):
        truths = [mpf(float(v)) for v in exact]
        run = lambda library, z, label=label: at_ones(library or Own, f, z, label)  # noqa: E731
        yield dataclasses.replace(collected(label, [row], truths, 0.0, run), places=np.zeros(len(truths)))


GATES = {"glu": "sigmoid", "swiglu": "silu", "geglu": "gelu"}


def gated(f: Activation, dtype) -> Iterator[Comparison]:
    """Yield the values of a gated unit, and the gradient of their sum."""
    values, gates = np.random.default_rng(4).normal(size=(2, 300)).astype(dtype) * dtype(9)
    z, known = np.concatenate([values, gates]), DEFINITIONS[GATES[f.name]]
    with workprec(400):
        v, g = ([mpf(float(each)) for each in half] for half in (values, gates))
        by_value = [known.value(each) for each in g]
        exact = [a * b for a, b in zip(v, by_value, strict=True)]
        by_gate = [a * known.derivative(b) for a, b in zip(v, g, strict=True)]
    crossing = known.floors.get("derivative", lambda z: 0.0)
    least = [0.0] * len(v) + [crossing(b) * abs(a) for a, b in zip(values.tolist(), gates.tolist(), strict=True)]
    for label, truths, unit in (("value", exact, [0.0] * len(v)), ("gradient", by_value + by_gate, least)):
        run = lambda library, z, label=label: at_ones(library or Own, f, z, label)  # noqa: E731
        places = gates if label == "value" else np.concatenate([gates, gates])
        yield dataclasses.replace(collected(label, [z], truths, 0.0, run), places=places, floors=unit)


def at_ones(library, f: Activation, z: np.ndarray, label: str) -> np.ndarray | None:
    """Return the value, or the gradient of the sum of all outputs, of a function that takes two inputs for each."""
    return library.value(f, z) if label == "value" else library.pullback(f, z, np.ones(len(z) // 2, z.dtype))


def small(truths: Sequence, dtype) -> np.ndarray:
    """Return where the truth is not 0, but smaller than every normal number."""
    return np.array([t != 0 and abs(t) < float(np.finfo(dtype).tiny) for t in truths], bool)


# How wrong it is -----------------------------------------------------------------------------------------------------


def error(comparison: Comparison, got: np.ndarray) -> Error:
    """Return how wrong the results of a library are at their worst."""
    truths, least, edge = comparison.truths, np.array(comparison.floors), comparison.edge
    best = np.array([rounded(t, got.dtype) for t in truths])
    zero = wrong_zeros(got, truths) & (least == 0)
    overflow, nan = np.isinf(got) & np.isfinite(best), np.isnan(got)
    off = np.zeros(len(got))
    finite = np.isfinite(got)
    off[finite] = ulps(got[finite], [t for t, use in zip(truths, finite, strict=True) if use], least[finite])
    lost = off >= 2.0 ** (np.finfo(got.dtype).nmant - 1)  # a quarter of the result itself, or more
    signs = finite & (got * np.sign(best) < 0) & (least == 0)
    # What is subnormal has fewer digits, and a product with it too: there only a loss of all of them counts.
    gone = np.array(
        [not math.isfinite(g) or abs(g - t) > abs(t) / 2 for g, t in zip(got.tolist(), truths, strict=True)]
    )
    at_edge = edge & (zero | overflow | nan | signs | (gone & (off > 1e4)))
    where = comparison.places[lost & ~edge].astype(float)
    return Error(
        ulps=float(np.round(off[~edge].max(initial=0), 1)),
        zero=bool(np.any(zero & lost & ~edge)),
        lost=float(where[np.argmin(np.abs(where))]) if len(where) else math.nan,
        overflow=bool(np.any(overflow & ~edge)),
        nan=bool(np.any(nan & ~edge)),
        edge=bool(np.any(at_edge)),
    )


def measure(functions, libraries: dict[str, ModuleType | None]) -> dict[tuple[str, str], dict]:
    """Return errors by (function, quantity), and there by (type, library); None where there is no such function."""
    found = {}
    for f in functions:
        for name, dtype in TYPES.items():
            for comparison in comparisons(f, dtype):
                label = comparison.label if comparison.label in WHOLE else f"by {comparison.label}"
                cells = found.setdefault((call(f), label), {})
                for library, module in libraries.items():
                    with np.errstate(all="ignore"):
                        got = comparison.call(module)
                    assert got is None or got.dtype == dtype, (f, comparison.label, library)
                    cells[name, library] = None if got is None else error(comparison, got)
    return found


# More inputs ---------------------------------------------------------------------------------------------------------


def densely(size: int) -> tuple[float, str]:
    """Return our largest error in float32 among so many random inputs, and of what; the truth is ours in float64."""
    errors = [(largest(got, truths, least), what) for what, got, truths, least in at_random(size)]
    return max(errors)


def largest(got: np.ndarray, truths: np.ndarray, least) -> float:
    """Return the largest error in ulp where the truth is a normal number, next to a zero in units of ``least``."""
    unit = np.spacing(np.maximum(np.abs(truths), least).astype(np.float32)).astype(np.float64)
    normal = np.abs(truths) > 2 * np.finfo(np.float32).tiny
    return float(np.max(np.abs(got - truths) / unit, where=normal, initial=0))


def at_random(size: int) -> Iterator[tuple]:
    """Yield what is computed, its results in float32 and in float64, and what counts at least as a unit."""
    for f in (f for f in instances() if isinstance(f, Pointwise) and f == type(f)()):
        random = inputs_of(f)
        z = np.concatenate([random.uniform(-87, 87, size // 2), random.normal(0, 3, size // 2)]).astype(np.float32)
        for label, ours, _ in quantities(f):
            least = np.array(floors(f, label, z)) if label in DEFINITIONS[f.name].floors else 0
            yield f"`{call(f)}` {label}", ours(z), ours(z.astype(np.float64)), least
    for f in (f for f in instances() if f.name in SLOPES):
        random = inputs_of(f)
        for classes in (2, 10, 100):
            yield f"`{call(f)}` gradient", *gradients(f, size // (3 * classes), classes, random), 0


def gradients(f: Activation, rows: int, classes: int, random: np.random.Generator) -> list[np.ndarray]:
    """Return gradients of single outputs for random rows of scores, in float32 and in float64."""
    z = (random.normal(size=(rows, classes)) * 10 ** random.uniform(-2, 1, (rows, 1))).astype(np.float32)
    single = np.eye(classes, dtype=np.float32)[random.integers(classes, size=rows)]
    return [f.pullback(z.astype(dtype), single)[0] for dtype in (np.float32, np.float64)]


def in_long_rows(parts: int, rows: int = 500, classes: int = 1000) -> tuple[float, str]:
    """Return our largest error in float32 among gradients for rows of so many scores, and of what."""
    errors = []
    for f in (f for f in instances() if f.name in SLOPES):
        random = inputs_of(f)
        for _ in range(parts):
            errors.append((largest(*gradients(f, rows, classes, random), 0), f"`{call(f)}` gradient"))
    return max(errors)


def inputs_of(f: Activation) -> np.random.Generator:
    """Return a generator of the function's own, so that no other function changes its inputs."""
    return np.random.default_rng([7, *f.name.encode()])
