"""Accuracy beside PyTorch and JAX: `python benchmarks/accuracy.py` writes `book/accuracy.md`.

It takes an environment with torch, jax and mpmath, and `nonlinear` on the path, and a few minutes. The numbers are the
same at every run on the same processor.
"""

import dataclasses
import html
import importlib.metadata
import math
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
from mpmath import mpf, workprec

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from nonlinear.activations import CATALOGUE, Activation, Pointwise, TwoReLU  # noqa: E402
from nonlinear.activations.names import call  # noqa: E402
from tests.accuracy import floors, points, quantities, rows, truth, within, wrong_zeros  # noqa: E402
from tests.oracle import DEFINITIONS, closest_in_the_simplex, rounded, softmax_row, ulps  # noqa: E402

WHOLE = ("value", "derivative", "gradient")
TYPES = {"float32": np.float32, "float64": np.float64}
FAMILIES = {
    "sigmoidal": "From 0 to 1",
    "zero_centred": "Centred S-shapes",
    "rectified": "Straight pieces",
    "exponential": "With an exponential on the left",
    "softened": "Softened ReLUs",
    "self_gated": "Self-gated",
    "shrinking": "Shrinking",
    "periodic": "Periodic",
    "coupled": "Scores compared with one another",
    "gated": "Gated linear units",
}
OURS = "ours"
LIBRARIES = {OURS: "ours", "torch": "PyTorch", "jax": "JAX"}
LIBRARY_VERSIONS = ("numpy", "torch", "jax")
EDGES = ("", ' class="next"')
LARGE, BEHIND = 10, 3  # ulp


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
    return f"{digit}·10" + str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def instances() -> Iterator[Activation]:
    """Yield each function of the catalogue, and once more with another parameter if it can learn one.

    Such a parameter is a multiple of 1/16, so that no library has to round it.
    """
    for cls in (f for module in FAMILIES for f in CATALOGUE.values() if f.__module__.endswith(f".{module}")):
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
        cases = [(row, i) for row in scores[::3] if len(row) < 10 for i in range(len(row))]
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


# The page ------------------------------------------------------------------------------------------------------------


def exceptions(found: dict) -> dict[str, list[str]]:
    """Return the targets, and for each what misses it: digits lost alone, far behind the best, far from the truth."""
    alone, behind, large = [], [], []
    for (function, quantity), cells in found.items():
        for kind in TYPES:
            ours, *others = (cells[kind, library] for library in LIBRARIES)
            others, what = [each for each in others if each], f"`{function}` {quantity} in {kind}"
            if any(ours.flaws - each.flaws for each in others):
                alone.append(f"{what}: {ours}")
            if others and ours.ulps > min(each.ulps for each in others) + BEHIND:
                behind.append(f"{what}: {ours} against {min(others, key=lambda each: each.ulps)}")
            if ours.ulps > LARGE or ours.flaws:
                large.append(f"{what}: {ours}")
    return {
        "Where PyTorch or JAX keeps its digits, this library does too": alone,
        f"Nowhere is it more than {BEHIND} ulp behind the better of the two": behind,
        f"Nowhere is it more than {LARGE} ulp from the truth, and nowhere is a result lost": large,
    }


def targets(found: dict) -> str:
    """Return the list of targets with their exceptions."""
    lines = []
    for target, missed in exceptions(found).items():
        lines.append(f"- {target}. Exceptions: {'; '.join(missed) if missed else 'none'}.")
    return "\n".join(lines)


def summary(found: dict) -> str:
    """Return in sentences how often digits are lost, and how large our own errors are."""
    lost = {}
    for library, name in LIBRARIES.items():
        cells = [each for row in found.values() for (_, who), each in row.items() if who == library and each]
        lost[library] = f"{sum('lost' in each.flaws for each in cells)} of {len(cells)} for {name}"
    errors = [(cells[kind, OURS].ulps, row, kind) for row, cells in found.items() for kind in TYPES]
    most, (function, quantity), kind = max(errors)
    return (
        "Every row of the tables below, in float32 and in float64, is one comparison. There is an input for which no "
        f"digit is right in {lost['torch']}, in {lost['jax']}, and in {lost[OURS]}. The largest error of ours is "
        f"{number(most)} ulp: `{function}` {quantity}, in {kind}."
    )


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
    random = np.random.default_rng(7)
    for f in (f for f in instances() if isinstance(f, Pointwise) and f == type(f)()):
        z = np.concatenate([random.uniform(-87, 87, size // 2), random.normal(0, 3, size // 2)]).astype(np.float32)
        for label, ours, _ in quantities(f):
            least = np.array(floors(f, label, z)) if label in DEFINITIONS[f.name].floors else 0
            yield f"`{call(f)}` {label}", ours(z), ours(z.astype(np.float64)), least
    for f in (f for f in instances() if f.name in SLOPES):
        for classes in (2, 10, 100):
            rows = size // (3 * classes)
            z = (random.normal(size=(rows, classes)) * 10 ** random.uniform(-2, 1, (rows, 1))).astype(np.float32)
            single = np.eye(classes, dtype=np.float32)[random.integers(classes, size=rows)]
            got, truths = (f.pullback(z.astype(t), single)[0] for t in (np.float32, np.float64))
            yield f"`{call(f)}` gradient", got, truths, 0


def dense(size: int = 10**6) -> str:
    """Return the sentence about more inputs."""
    most, what = densely(size)
    return (
        f"Among {size:,} random inputs for each function in float32 the largest of ours is {number(most)} ulp: "
        f"{what}, where our own float64 served as the truth."
    )


def losses(found: dict) -> str:
    """Return the table of the places where no digit is right."""
    body = []
    for (function, quantity), cells in found.items():
        row = [cells[kind, library] for kind in TYPES for library in list(LIBRARIES)[1:]]
        places = ["–" if each is None else "" if math.isnan(each.lost) else place(each.lost) for each in row]
        if function.endswith("()") and not set(places) <= {"", "–"}:
            body.append(f"<tr>{row_head(f'{code(function)} {quantity}')}{data(places)}</tr>")
    return table("The inputs closest to 0 for which no digit is right", list(LIBRARIES.values())[1:], body)


def place(z: float) -> str:
    """Return an input with three digits, or its power of ten.

    >>> place(-16.6355), place(1.25e154)
    ('−16.6', '1·10¹⁵⁴')
    """
    size = f"{abs(z):.3g}" if 1e-3 < abs(z) < 1e4 or z == 0 else power_of_ten(abs(z))
    return ("−" if z < 0 else "") + size


def large_errors(found: dict) -> str:
    """Return a list of the largest errors of the frameworks where some digits are left."""
    lines = []
    for library, name in list(LIBRARIES.items())[1:]:
        worst = []
        for (function, quantity), cells in found.items():
            for kind in TYPES:
                each = cells[kind, library]
                if each and math.isnan(each.lost) and each.ulps >= 1000:
                    worst.append((each.ulps, f"`{function}` {quantity} in {kind}, {number(each.ulps)}"))
        texts = [text for _, text in sorted(worst, key=lambda each: -each[0])]
        lines.append(f"- {name}: {'; '.join(texts) or 'none'}.")
    return "\n".join(lines)


def families(found: dict) -> str:
    """Return the tables of all errors, a family each."""
    parts = []
    for module, heading in FAMILIES.items():
        body = []
        for f in instances():
            if not type(f).__module__.endswith(f".{module}"):
                continue
            anchor = f"function-{f.name}".replace("_", "-")
            link = f'<a href="activation-names.html#{anchor}">{code(call(f))}</a>'
            body.append(f'<tr><th scope="rowgroup" colspan="{1 + 2 * len(LIBRARIES)}">{link}</th></tr>')
            for (function, quantity), cells in found.items():
                if function == call(f):
                    texts = ["–" if each is None else str(each) for each in cells.values()]
                    body.append(f"<tr>{row_head(quantity)}{data(texts)}</tr>")
        parts.append(f"### {heading}\n\n{table(f'Errors in ulp: {heading}', list(LIBRARIES.values()), body)}")
    return "\n\n".join(parts)


def table(label: str, columns: list[str], body: list[str]) -> str:
    """Return a table in HTML that scrolls where it is too wide, with the columns for each type."""
    kinds = "".join(
        f'<th scope="colgroup" colspan="{len(columns)}"{EDGES[k]}>{kind}</th>' for k, kind in enumerate(TYPES)
    )
    heads = cells('th scope="col"', columns * len(TYPES))
    return "\n".join(
        [
            f'<div class="wide-table" role="region" tabindex="0" aria-label="{html.escape(label)}">',
            '<table class="table errors">',
            f'<thead><tr><td rowspan="2"></td>{kinds}</tr>',
            f"<tr>{heads}</tr></thead>",
            "<tbody>",
            *body,
            "</tbody></table></div>",
        ]
    )


def code(text: str) -> str:
    """Return a cell's text as code."""
    return f"<code>{html.escape(text)}</code>"


def row_head(text: str) -> str:
    """Return the first cell of a row."""
    return f'<th scope="row">{text}</th>'


def data(texts: list[str]) -> str:
    """Return the other cells of a row."""
    return cells("td", texts)


def cells(tag: str, texts: list[str]) -> str:
    """Return cells, half of them for each type, with a line between the types."""
    later = len(texts) // len(TYPES)
    return "".join(f"<{tag}{EDGES[k == later]}>{text}</{tag.split()[0]}>" for k, text in enumerate(texts))


def kernel() -> str:
    """Return what NumPy calls the instructions of the processor that it computes exponentials with."""
    (name,) = {each["current"] for each in np.lib.introspect.opt_func_info("^exp$", "float64")["exp"].values()}
    return name


def environment() -> str:
    """Return what this was measured with."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name).partition('+')[0]}" for name in LIBRARY_VERSIONS)
    return (
        f"With Python {platform.python_version()}, {versions}, all on the CPU of a {platform.system()} machine "
        f"({platform.machine()}). NumPy has several versions of its functions, and takes here the one for {kernel()}. "
        "Another rounds some last bits differently, so that on another CPU an error may differ by an ulp or two."
    )


def inputs() -> str:
    """Return how many inputs there are for a function."""
    counts = []
    for kind, dtype in TYPES.items():
        sizes = [len(points(f, dtype)) for f in instances() if isinstance(f, Pointwise) and f == type(f)()]
        counts.append(f"{min(sizes):,} to {max(sizes):,} in {kind}")
    return " and ".join(counts) + " for a function of one number with its usual parameters, fewer with others"


def page(found: dict, where: str) -> str:
    """Return the page of the book."""
    return TEXT.format(
        where=where,
        inputs=inputs(),
        dense=dense(),
        targets=targets(found),
        summary=summary(found),
        losses=losses(found),
        large=large_errors(found),
        families=families(found),
    )


TEXT = """\
# How accurate it is

A course on saturation must not show rounding as mathematics. A slope of $10^{{-20}}$ is not 0, and code that returns
0 for it tells you something about floating point and nothing about the function. So here every function of the
library, its derivative, and its derivatives by parameters are compared with the truth, beside those of PyTorch and
JAX. A command writes this page, and nothing in it is edited by hand:

```text
pip install torch jax mpmath
python benchmarks/accuracy.py
```

## What came out

{targets}

{summary}

## How to read the numbers

Errors are counted in *ulp*, the distance between neighbouring floating-point numbers at the size of the truth
({{doc}}`what-the-machine-computes` explains it). An error of 0.5 belongs to a correctly rounded result, the best there
is. Each factor of ten costs one decimal digit, of the 7 that float32 has and the 16 of float64. A cell shows the
largest error of all inputs that were compared. Instead of a number, or after it, there may be:

- **lost**: for some input no digit is right. The error is at least a quarter of the truth.
- **zero**: the same, and the result is 0 although the truth is a normal number.
- **overflow** and **NaN**: for some input the result is infinite, or not a number, although the truth is finite.
- **†**: digits are lost at the edge of what a float can hold: where the input, the result or the exponential between
  them is smaller than every normal number ($10^{{-38}}$ in float32, $10^{{-308}}$ in float64). A zero is a choice there
  more than a mistake. JAX replaces all such numbers by 0, for speed.
- **–**: the library has no such function.

## How it was measured

{where}

The inputs are those of this library's tests: {inputs}. They lie close together where something happens and where
exponentials fade, and at random up to the largest finite number. Inputs within 2 ulp of a kink are left out, because
there the libraries choose different slopes, which {{doc}}`activation-names` lists. Where a function crosses 0 away from
$z = 0$, as the slope of the SiLU does at −1.28, an ulp is counted as large as that of 0.125
(for Sine and Snake: times the factors before the sine), because there the rounding of the input already
takes the last digits. The truth is computed by mpmath with 50 to 1,400 digits,
from definitions that share no code with the library.

The largest error among these inputs is not the largest there is. {dense}

From PyTorch come the functions of `torch.nn.functional`, and derivatives by autograd. From JAX come those of `jax.nn`
under `jit`, with float64 switched on, and derivatives by `vmap(grad)`. For ArcTan, Exponential and Sine it is the
function of that name in `torch` and `jax.numpy`. JAX's GELU is called with `approximate=False`; its default is the one
in the rows of GELUTanh. PyTorch's softplus is by its documentation the identity where $\\beta z > 20$, which makes its
errors in float64. JAX can differentiate a function by any argument. PyTorch learns a single parameter, the slope of
the leaky ReLU.

## Where no digit is right

The input closest to 0, among those compared, for which PyTorch or JAX has no digit of the truth, with the usual
parameters. For functions of scores it is the difference between the largest and the smallest score. An empty cell
means that there is no such input.

{losses}

Errors of 1,000 ulp and more, with some digits right:

{large}

## Every function

Below the name of a function stand its value, its derivative, and its derivative by each parameter that can be
learned. A function that has such a parameter appears again with another one. The gradient of a function of scores is
that of each single output; that of a gated unit belongs to the sum of its outputs.

{families}
"""


def main() -> None:
    """Measure, and write the page."""
    from benchmarks import functions_of_jax, functions_of_torch

    found = measure(instances(), dict(zip(LIBRARIES, (None, functions_of_torch, functions_of_jax), strict=True)))
    (ROOT / "book/accuracy.md").write_text(page(found, environment()), encoding="utf-8")


if __name__ == "__main__":
    main()
