"""Where a pointwise function is compared with the truth, what of it, and how errors are counted."""

import dataclasses
import functools
import math

import numpy as np
from mpmath import mpf

from nonlinear.activations import Pointwise
from oracle.definitions import DEFINITIONS, TURNING, evaluate

SPECIAL = (0.5, 1, 1.2785, 3, 9, 9.01, 10, 16.6, 17, 19.06, 20, 37, 37.4, 52, 87, 88.7, 104, 340, 372)
FAR = (708, 709.8, 745, 745.2, 748, 752, 1e4, 65504, 1e30, 1e38, 1e300, 1e308)


def variants(cls) -> list[Pointwise]:
    """Return instances at the ends of each parameter's typical range, and at a number with many digits inside it."""
    return [
        dataclasses.replace(cls(), **{f.name: value})
        for f in dataclasses.fields(cls)
        for low, high in [(f.metadata["typical"].low, f.metadata["typical"].high)]
        for value in (low, high, low + 0.37 * (high - low))
    ]


def parameters(f):
    return {field.name: getattr(f, field.name) for field in dataclasses.fields(f)}


def exponent(f, z) -> np.ndarray:
    """Return the size of what stands in f's exponential, or 0."""
    known, exact = DEFINITIONS[f.name].exponent, {name: mpf(float(v)) for name, v in parameters(f).items()}
    return np.array([float(known(mpf(v), **exact)) for v in np.asarray(z, float).tolist()])


def rate(f) -> float:
    """Return how large f's exponent is at 1 (1 for a function without one)."""
    return float(exponent(f, [1.0])[0]) or float(parameters(f).get("frequency", 1))


@functools.cache
def grid(dtype) -> np.ndarray:
    """Finite numbers of ``dtype``: dense where something happens, and hundreds at random."""
    info, random = np.finfo(dtype), np.random.default_rng(11)
    largest, far = float(info.max), -math.log(float(info.smallest_subnormal))
    positive = [
        *(s * (1 + k * float(info.eps)) for s in SPECIAL for k in (-1, 0, 1)),
        *FAR,
        *np.linspace(-math.log(float(info.tiny)) - 1, far + 8, 40),  # where exp(-z) fades into the subnormals
        *np.linspace(far / 2 - 1, far / 2 + 1, 20),  # and where exp(-2z) does
        *10 ** random.uniform(math.log10(info.tiny), math.log10(largest), 40),
        *random.uniform(0, 12, 250),
        *random.uniform(0, far + 1, 100),
        *(float(info.smallest_subnormal) * k for k in (1, 2, 3, 1000)),
        float(info.tiny),
        largest,
    ]
    z = np.array([v for v in positive if v <= largest]).astype(dtype)
    return np.unique(np.concatenate([z, -z, np.zeros(1, dtype)]))


def points(f, dtype) -> np.ndarray:
    """Return the grid, at the scale of the function's exponent, with its kinks and its minimum and their neighbours."""
    with np.errstate(over="ignore"):
        z = (grid(dtype)[:: 1 if f == type(f)() else 4] / rate(f)).astype(dtype)
    random = np.random.default_rng(3)
    near = np.array([*f.traits.kinks, *(t / rate(f) for t in (TURNING.values() if not f.traits.monotone else ()))])
    close = np.concatenate(
        [near, *(near * (1 + random.normal(size=8)[:, None] * 10.0**-k) for k in (1, 4, 7, 15))], None
    )
    z = np.concatenate([z, close.astype(dtype), *(np.nextafter(near.astype(dtype), dtype(end)) for end in (-9, 9))])
    ends = grid(dtype)[[0, -1]] * random.uniform(0, 1, (5, 1)).astype(dtype)  # its exponent overflows there
    return np.unique(np.concatenate([z[np.isfinite(z)], grid(dtype)[[0, -1]], ends.ravel()]))


def within(f, z) -> np.ndarray:
    """Whether exp(-|exponent|) is a normal number of z's type."""
    return exponent(f, z) <= -math.log(float(np.finfo(z.dtype).tiny))


def wrong_zeros(got, truths) -> np.ndarray:
    """Where a result is 0 although the truth is at least the smallest number of its type."""
    smallest = float(np.finfo(got.dtype).smallest_subnormal)
    return (got == 0) & np.array([abs(t) >= smallest for t in truths], bool)


def quantities(f):
    """Yield each thing to compare: its label, the package's function, the oracle's, and the floor of its unit."""
    known = DEFINITIONS[f.name]
    yield "value", f.value, known.value
    yield "derivative", f.derivative, known.derivative
    for name in f.learnable():
        yield (
            name,
            lambda z, name=name: f.partials(z)[name],
            lambda z, name=name, **p: known.partials(z, **p)[name],
        )


def truth(f, function, z) -> list:
    return evaluate(function, z, DEFINITIONS[f.name].exponent, **parameters(f))


def floors(f, label: str, z) -> list[float]:
    """Return what size counts at least as a unit, next to a zero of the function."""
    known = DEFINITIONS[f.name].floors.get(label, lambda z, **p: 0.0)
    return [known(v, **parameters(f)) for v in z.astype(float).tolist()]


def rows(dtype):
    """Yield scores of classes: near and far from one another, near and far from 0, with ties, few and many."""
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
    for classes in (10, 100, 1000):
        yield (random.normal(size=classes) / 10).astype(dtype)
    yield np.array([-3.25], dtype)
    for apart in (17, 37):  # where the largest of two probabilities is rounded to 1, in float32 and in float64
        yield np.array([apart, 0], dtype)
