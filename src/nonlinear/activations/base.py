"""What an activation function is: the base classes, and the traits that text, plots and tests share.

Symbols, the same everywhere in the package and in the book:

======== =========================================================================================
z        preactivation, w.x + b: what goes into an activation function
a        activation, f(z): what comes out
delta    dL/dz, the derivative of the loss L with respect to a preactivation
upstream dL/da, the derivative of the loss with respect to an activation
======== =========================================================================================
"""

import functools
import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, fields
from typing import ClassVar

import numpy as np

from nonlinear.arrays import REALS, Interval, as_floats, unmasked
from nonlinear.special import Array, overflow_and_nan, overflow_to_infinity

PIECE = 2**16  # how many numbers of a large array are worked on at a time


def in_own_precision(function, z, at_least=np.float32) -> Array:
    """Apply a function written for arrays of floats to anything array-like.

    The result has the float type of ``z``: narrower types than ``at_least`` are computed in that and rounded once,
    integers become float64, and a number gives a number.
    """
    z = as_floats(z)
    wide = z.astype(np.promote_types(z.dtype, at_least), copy=False)
    with overflow_to_infinity():
        return np.asarray(function(wide)).astype(z.dtype, copy=False)[()]


def in_double(function, z) -> Array:
    """Apply a function in float64, and round once to the type of ``z``.

    For functions with a parameter inside an exponential, a sine or a comparison, which float32 would round first.
    """
    return in_own_precision(function, z, at_least=np.float64)


def in_pieces(function, z: Array, at_least) -> Array:
    """Do what `in_own_precision` does, on one piece of an array of floats after another.

    What the function computes on its way then stays in the processor's cache, which for a large array is several times
    as fast as to carry every step through memory.
    """
    types = np.promote_types(z.dtype, at_least), z.dtype
    access = ["readonly"], ["writeonly", "allocate"]
    with (
        overflow_to_infinity(),
        np.nditer([z, None], ["buffered", "external_loop"], access, types, buffersize=PIECE) as pieces,
    ):
        for piece, result in pieces:
            result[...] = function(piece)
        return pieces.operands[1]


def elementwise(method, at_least=np.float32):
    """Wrap a method f(self, z) in `in_own_precision`.

    The method must treat every number by itself: a large array is handed to it in pieces, one-dimensional ones, unless
    a parameter is an array and must meet the whole of z.
    """

    @functools.wraps(method)
    def wrapped(self, z):
        function, z = functools.partial(method, self), as_floats(z)
        if z.size > PIECE and not any(np.ndim(getattr(self, p.name)) for p in fields(self)):
            return in_pieces(function, z, at_least)
        return in_own_precision(function, z, at_least)

    wrapped.at_least = np.dtype(at_least)
    return wrapped


def elementwise_in_double(method):
    """Wrap a method f(self, z) in `in_double`."""
    return elementwise(method, at_least=np.float64)


@dataclass(frozen=True)
class Tail:
    """How a function behaves far out: f(z) approaches ``slope * z + intercept``.

    ``exact`` says that it does not only approach that line but lies on it. A function that outgrows every line has an
    infinite slope (`STEEPENING`), and one that oscillates for ever has none (`OSCILLATING`, whose numbers are NaN).
    """

    slope: float
    intercept: float
    exact: bool = False

    @property
    def saturates(self) -> bool:
        """Whether the function flattens out, so that a preactivation out there gets no gradient."""
        return self.slope == 0


STEEPENING = Tail(math.inf, math.nan)
"""The tail of a function that outgrows every line."""

OSCILLATING = Tail(math.nan, math.nan)
"""The tail of a function that oscillates for ever."""


@dataclass(frozen=True)
class Traits:
    """What there is to know about a function before any experiment.

    Parameters
    ----------
    image : Interval
        The smallest interval that holds the values it takes for finite z, in exact arithmetic.
    left, right : Tail
        What it approaches for z to minus and to plus infinity.
    steepest : float
        The largest absolute slope, or what the slopes approach from below; infinity if they grow without bound.
    monotone, odd : bool
        Whether it never decreases; whether f(-z) = -f(z).
    kinks : tuple of float
        Where it has no derivative.
    smoothness : float
        How many continuous derivatives it has; infinity for a smooth function, -1 for one that jumps.
    transcendentals : int
        How many exponentials (or functions of that cost) one value takes in its textbook form.
    """

    image: Interval
    left: Tail
    right: Tail
    steepest: float
    monotone: bool
    odd: bool = False
    kinks: tuple[float, ...] = ()
    smoothness: float = math.inf
    transcendentals: int = 0


def parameter(default: float, symbol: str, domain: Interval = REALS, typical: Interval = REALS, learnable: bool = True):
    """A dataclass field that holds a parameter of an activation function.

    ``symbol`` is what the formula calls it, in LaTeX; ``domain`` is what is allowed, and ``typical`` is the range that
    sliders offer and tests sample. A parameter that is not ``learnable`` gets no gradient.
    """
    metadata = {"symbol": symbol, "domain": domain, "typical": typical, "learnable": learnable}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Activation(ABC):
    """An activation function: a value, and the pullback that back-propagation needs.

    Instances are immutable; parameters, where there are any, are dataclass fields. A network may bind an array to a
    field to learn it, one number a member of the ensemble.
    """

    name: ClassVar[str]
    formula: ClassVar[str]
    source: ClassVar[str]

    def __post_init__(self):
        for f in fields(self):
            self._check(f.name, getattr(self, f.name), f.metadata.get("domain", REALS))

    def _check(self, name: str, value, domain: Interval) -> None:
        """Refuse a bad parameter; an array of learned ones must be finite but may leave the domain on its way."""
        label = f"{type(self).__name__} needs {name}"
        array = np.asarray(value)
        if array.dtype.kind not in "iuf":
            raise TypeError(f"{label} to be a real number; got {value!r}.")
        if not np.all(np.isfinite(array)):
            raise ValueError(f"{label} to be finite; got {value!r}.")
        if array.ndim == 0 and float(array) not in domain:
            raise ValueError(f"{label} in {domain}; got {value!r}.")

    @abstractmethod
    def __call__(self, z):
        """Return f(z)."""

    @abstractmethod
    def pullback(self, z: Array, upstream: Array) -> tuple[Array, dict[str, Array]]:
        """Carry a gradient backwards through the function.

        Parameters
        ----------
        z : array, (..., columns)
        upstream : array, (..., units)
            dL/da, of the shape of f(z).

        Returns
        -------
        delta : array, (..., columns)
            dL/dz, in the wider of the float types of ``z`` and ``upstream``.
        partials : dict
            dL/d(field) for every parameter, summed to the shape of that parameter.
        """

    def _both(self, z, upstream) -> tuple[Array, Array]:
        """Return ``z`` and ``upstream`` as arrays of floats, or say why they do not belong together."""
        z, upstream = as_floats(z), as_floats(upstream, "upstream")
        *rows, units = upstream.shape or (1,)
        if (*rows, self.preactivations(units)) != (z.shape or (1,)):
            raise ValueError(
                f"upstream must have a number for each output of {self!r}; got shape {upstream.shape} for a z of "
                f"shape {z.shape}. Broadcast it first."
            )
        return z, upstream

    def preactivations(self, units: int) -> int:
        """Return how many preactivations ``units`` outputs are computed from: as many, unless a subclass says more."""
        return units

    @classmethod
    def learnable(cls) -> tuple[str, ...]:
        """Return the names of the parameters that get a gradient."""
        return tuple(f.name for f in fields(cls) if f.metadata.get("learnable"))


@dataclass(frozen=True)
class Coupled(Activation):
    """An activation function each of whose outputs depends on several preactivations, along the last axis."""

    pullback_formula: ClassVar[str]

    @abstractmethod
    def value(self, z: Array) -> Array:
        """Return f(z) of an array of float32 or float64."""

    def __call__(self, z):
        """Return f(z), with the float type of z. NaN stays NaN."""
        self._refuse_single(z)
        return in_own_precision(self.value, z)

    @abstractmethod
    def delta(self, z: Array, upstream: Array) -> Array:
        """Return dL/dz, for arrays of float32 or float64."""

    def pullback(self, z, upstream):
        self._refuse_single(z)
        z, upstream = self._both(z, upstream)
        of, wide = np.result_type(z, upstream), np.result_type(z, upstream, np.float32)
        with overflow_and_nan():
            return self.delta(z.astype(wide, copy=False), upstream.astype(wide, copy=False)).astype(of, copy=False), {}

    def _refuse_single(self, z) -> None:
        if unmasked(z, "z").ndim == 0:
            raise ValueError(
                f"{type(self).__name__} needs an array, for it works along the last axis; got the single number {z!r}."
            )

    def _repr_latex_(self) -> str:
        return f"$${self.formula} \\qquad {self.pullback_formula}$$"


@dataclass(frozen=True)
class Pointwise(Activation):
    """An activation function that treats every preactivation by itself."""

    derivative_formula: ClassVar[str]

    def __call__(self, z):
        """Return f(z), with the shape and float type of z."""
        return self.value(z)

    @abstractmethod
    def value(self, z):
        """Return f(z), with the shape and float type of z. NaN stays NaN; an infinite z gives the limit."""

    @abstractmethod
    def derivative(self, z):
        """Return f'(z), computed from z and never from f(z), which would lose the digits of a small slope."""

    def partials(self, z) -> dict[str, Array]:
        """Return the derivative of f(z) with respect to each parameter."""
        return {}

    @property
    @abstractmethod
    def traits(self) -> Traits:
        """What is known about the function with these parameters."""

    def pullback(self, z, upstream):
        z, upstream = self._both(z, upstream)
        with overflow_and_nan():
            slopes, delta = self.partials(z), upstream * self.derivative(z)
            return delta, {name: sum_to(upstream * p, np.shape(getattr(self, name))) for name, p in slopes.items()}

    def _repr_latex_(self) -> str:
        return f"$$f(z) = {self.formula} \\qquad f'(z) = {self.derivative_formula}$$"


def plain_number(name: str, value) -> float:
    """Return a parameter as a number, refusing the array of learned ones that a network may have bound."""
    if np.ndim(value):
        raise ValueError(f"traits describe one function; {name} holds {np.size(value)} learned numbers. Choose one.")
    return float(value)


def sum_to(array: Array, shape: tuple[int, ...]) -> Array:
    """Sum ``array`` down to ``shape``: the reverse of broadcasting.

    >>> sum_to(np.ones((5, 3)), (1, 3))
    array([[5., 5., 5.]])
    """
    array = array.sum(axis=tuple(range(array.ndim - len(shape))))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1 and array.shape[axis] != 1)
    return array.sum(axis=stretched, keepdims=True)
