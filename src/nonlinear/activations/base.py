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
import inspect
import math
import reprlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from types import FunctionType
from typing import Any, ClassVar

import numpy as np

from nonlinear.arrays import FLOATS, REALS, ByValue, Interval, as_floats, integers, unmasked
from nonlinear.special import Array, overflow_and_nan, overflow_to_infinity

PIECE = 2**16  # how many numbers of a large array are worked on at a time
SINGLE = np.dtype(np.float32)
"""Single precision, the narrowest that anything is computed in."""

DOUBLE = np.dtype(np.float64)
"""Double precision."""

_UNCHECKED = None, None  # in place of what `with_checks` notes of a method


def computed(f: "Activation", name: str, z: Array) -> Any:
    """Return what a formula of f, such as its "value", gives for an array of floats: one of the same shape and type.

    Or a dict of them. This is the way around the checks of `with_checks`, for arrays that a network has made itself:
    for a small one they take as long as the arithmetic. The bits are the same, and so is what a subclass or a decorator
    has to say. Overflow is silenced by the caller, once for all layers.
    """
    method = getattr(type(f), name)
    formula, checked = getattr(method, "formula", _UNCHECKED)
    wide = z if z.itemsize >= f.precision.itemsize else z.astype(f.precision)
    result = formula(f, wide) if checked is method else getattr(f, name)(wide)
    if type(result) is np.ndarray and result.shape == z.shape:
        return result if result.dtype == z.dtype else result.astype(z.dtype)
    return _fitting(result, f, name, z)


def in_buffers(f: "Activation", name: str, dtype) -> Callable | None:
    """Return the formula that `computed` uses for arrays of that type, if it can put its result into a buffer."""
    method = getattr(type(f), name)
    formula, checked = getattr(method, "formula", _UNCHECKED)
    able = checked is method and np.dtype(dtype).itemsize >= f.precision.itemsize
    return formula if able and "out" in inspect.signature(formula).parameters else None


def _fitting(result, f: "Activation", name: str, z: Array) -> Any:
    """Return a formula's result in the type of z, or say why it cannot be one."""
    if isinstance(result, dict):
        return {key: _fitting(each, f, name, z) for key, each in result.items()}
    if np.shape(result) != z.shape and np.shape(result) != np.broadcast_shapes(z.shape, *map(np.shape, _numbers(f))):
        raise ValueError(
            f"{type(f).__name__}.{name} must return an array of the shape of z, {z.shape}; got "
            f"{reprlib.repr(result)}. Where it is the same number everywhere, return np.full_like(z, number)."
        )
    return np.asarray(result).astype(z.dtype, copy=False)[()]


def with_checks(written: Any, name: str) -> Callable:
    """Return a method that takes anything array-like, made of a formula that takes arrays of float32 or float64.

    The result has the float type of z: narrower types than the class's ``precision`` are computed in that and rounded
    once, integers become float64, and a number gives a number. The formula must treat every number by itself: a large
    array is handed to it in pieces, one-dimensional ones, unless a parameter is an array and must meet the whole of z.
    """

    def formula(self, z):
        return written.__get__(self, type(self))(z) if hasattr(written, "__get__") else written(z)

    formula = written if isinstance(written, FunctionType) else formula

    @functools.wraps(written)
    def method(self, z):
        z = as_floats(z)
        wide = np.promote_types(z.dtype, self.precision)
        with overflow_to_infinity():
            if z.size > PIECE and name != "partials" and not any(map(np.ndim, _numbers(self))):
                return _in_pieces(lambda piece: _fitting(formula(self, piece), self, name, piece), z, wide)
            return _fitting(formula(self, z.astype(wide, copy=False)), self, name, z)

    method.__signature__ = inspect.signature(method, follow_wrapped=False)
    method.formula = formula, method
    return method


def _in_pieces(function: Callable, z: Array, wide: np.dtype) -> Array:
    """Apply a function to one piece of an array of floats after another, in the wider type.

    What the function computes on its way then stays in the processor's cache, which for a large array is several times
    as fast as to carry every step through memory.
    """
    types, access = [wide, z.dtype], (["readonly"], ["writeonly", "allocate"])
    with np.nditer([z, None], ["buffered", "external_loop"], access, types, buffersize=PIECE) as pieces:
        for piece, result in pieces:
            result[...] = function(piece)
        return pieces.operands[1]


def _widened(z: Array) -> Array:
    return z.astype(np.promote_types(z.dtype, SINGLE), copy=False)


def _numbers(f: "Activation") -> list[float | Array]:
    return [getattr(f, p.name) for p in fields(f)]


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
class Activation(ByValue, ABC):
    """An activation function: a value, and the pullback that back-propagation needs.

    Instances are immutable; parameters, where there are any, are dataclass fields. A network may bind an array to a
    field to learn it, one number a member of the ensemble. Two instances are equal if they compute the same: if they
    are of one class, with the same parameters.

    What there is to say about a function stands in its class:

    - ``title``, what figures call it, if that is not the name of the class, and ``synonyms`` of books and papers
    - ``look``, the name of a colour and a line style: a word of Matplotlib, or the lengths of dashes and gaps
    - ``taught``, whether lessons show it
    - ``source``, a key of the book's references
    - ``precision``, the narrowest type that its formulas are computed in: `DOUBLE` where a parameter stands inside an
      exponential, a sine or a comparison, which float32 would round first
    """

    name: ClassVar[str]
    title: ClassVar[str] = ""
    synonyms: ClassVar[tuple[str, ...]] = ()
    family: ClassVar[str]
    look: ClassVar[tuple[str, str | tuple[float, ...]]] = ("ink", "-")
    taught: ClassVar[bool] = True
    formula: ClassVar[str]
    source: ClassVar[str]
    precision: ClassVar[np.dtype] = SINGLE

    def __post_init__(self):
        for f in fields(self):
            number = self._number(f.name, getattr(self, f.name), f.metadata.get("domain", REALS))
            object.__setattr__(self, f.name, number)

    def _number(self, name: str, value, domain: Interval) -> float | Array:
        """Return a parameter as a float, or an array of learned ones as floats, or say what is wrong with it.

        Learned ones must be finite but may leave the domain on their way.
        """
        label = f"{type(self).__name__} needs {name}"
        array = integers(unmasked(value, name))
        if array.dtype.kind not in "iuf":
            raise TypeError(f"{label} to be a real number; got {value!r}.")
        if not np.all(np.isfinite(array)):
            raise ValueError(f"{label} to be finite; got {value!r}.")
        if array.ndim:
            narrow = array.dtype in FLOATS or array.dtype.kind != "f"
            return array.astype(np.promote_types(array.dtype, self.precision) if narrow else DOUBLE, copy=False)
        if float(array) not in domain:
            raise ValueError(f"{label} in {domain}; got {value!r}.")
        return float(array)

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
        z = as_floats(z)
        with overflow_to_infinity():
            return self.value(_widened(z)).astype(z.dtype, copy=False)

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
    """An activation function that treats every preactivation by itself.

    A subclass writes ``value``, ``derivative`` and, to learn parameters, ``partials`` as plain formulas for arrays of
    float32 or float64. The class gives them the checks that make them take anything array-like (see `with_checks`).
    For speed in training, ``value`` may also take ``out``, and ``derivative`` ``out`` and ``spare``: arrays of the
    shape and type of z, or None, the first for the result and the second to work in.

    >>> @dataclass(frozen=True)
    ... class Bend(Pointwise):
    ...     def value(self, z):
    ...         return z + z**2 / 2
    ...     def derivative(self, z):
    ...         return 1 + z
    ...     traits = None
    >>> print(Bend()([0, 1, 2]), Bend().derivative(np.float32(0.5)))
    [0.  1.5 4. ] 1.5
    """

    derivative_formula: ClassVar[str]

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        for name in ("value", "derivative", "partials"):
            written = inspect.getattr_static(cls, name)
            checked = getattr(written, "formula", _UNCHECKED)[1] is written
            if not checked and written is not vars(Pointwise)[name]:
                setattr(cls, name, with_checks(written, name))

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
            delta, partials = upstream * self.derivative(z), self.partials(z)
            return delta, self._summed(partials, upstream, (*partials, *self.learnable()))

    def _summed(self, partials: dict[str, Array], upstream: Array, names: Iterable[str]) -> dict[str, Array]:
        """Return the gradients by parameters from the derivatives of f(z) by them."""
        if missing := [name for name in names if name not in partials]:
            raise ValueError(f"{type(self).__name__}.partials must return the derivatives by {missing} too.")
        return {name: sum_to(upstream * partials[name], np.shape(getattr(self, name))) for name in names}

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
