"""What all other modules take numbers with: arrays of floats from anything array-like, intervals, settings compared."""

import math
import reprlib
from dataclasses import dataclass, fields

import numpy as np

from nonlinear.special import Array

FLOATS = (np.float16, np.float32, np.float64)


def unmasked(array, name: str) -> Array:
    """Return anything array-like as an array, refusing a mask, which would be lost, and lists of unequal lengths."""
    if isinstance(array, np.ma.MaskedArray):
        raise TypeError(
            f"{name} is a masked array, whose mask would be lost; pass {name}.filled(value) or {name}.compressed()."
        )
    try:
        return np.asarray(array)
    except ValueError:
        raise ValueError(
            f"{name} must be an array, or lists whose rows are equally long; got {reprlib.repr(array)}."
        ) from None


def integers(array: Array) -> Array:
    """Return Python's integers, floats among them or not, as floats if some have more bits than any type of NumPy's.

    >>> integers(np.array([2**64, 10**400, 1]))
    array([1.84467441e+19,            inf, 1.00000000e+00])
    """
    if array.dtype == object and int in (types := set(map(type, array.flat))) and types <= {int, float}:
        return np.vectorize(_float, otypes=[np.float64])(array)
    return array


def _float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def as_floats(z, name: str = "z") -> Array:
    """Return ``z`` as a float16, float32 or float64 array; integers become float64.

    Raises
    ------
    TypeError
        For anything that is not real numbers: complex, boolean, object, string and masked arrays.
    """
    if type(z) is np.ndarray and z.dtype.char in "efd" and z.dtype.isnative:  # as below, and quicker
        return z
    array = integers(unmasked(z, name))
    if array.dtype.kind in "iu" or (array.size == 0 and not isinstance(z, np.ndarray)):
        return array.astype(np.float64)
    native = array.dtype.newbyteorder("=")
    if native not in FLOATS:
        raise TypeError(
            f"{name} must hold real numbers (float16, float32, float64 or integers); got dtype {array.dtype}."
        )
    return array.astype(native, copy=False)


@dataclass(frozen=True)
class Interval:
    """A range of real numbers; an end belongs to it unless it is open or infinite.

    >>> print(Interval(0, 1, open_low=True, open_high=True), Interval(0, math.inf), 0.5 in Interval(0, 1))
    (0, 1) [0, ∞) True
    """

    low: float
    high: float
    open_low: bool = False
    open_high: bool = False

    def __contains__(self, value: float) -> bool:
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return bool(above and below)

    def __str__(self) -> str:
        left = "(" if self.open_low or math.isinf(self.low) else "["
        right = ")" if self.open_high or math.isinf(self.high) else "]"
        return f"{left}{_number(self.low)}, {_number(self.high)}{right}"


REALS = Interval(-math.inf, math.inf)
"""All real numbers."""


def _number(value: float) -> str:
    return f"{value:.4g}".replace("inf", "∞").replace("-", "−")


POSITIVE = Interval(0, math.inf, open_low=True, open_high=True)
"""The numbers above 0."""


class ByValue:
    """Dataclasses that are equal if they are of one class and hold the same, arrays number by number.

    What ``dataclass`` itself would write asks whether one array is equal to another, which has no one answer.

    >>> @dataclass(frozen=True)
    ... class Setting(ByValue):
    ...     rate: float | Array
    >>> Setting(np.array([0.1, 0.2])) == Setting(np.array([0.1, 0.2])), Setting(np.array([0.1, 0.2])) == Setting(0.1)
    (True, False)
    """

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        if "__eq__" not in vars(cls):  # dataclass leaves alone what is there
            cls.__eq__, cls.__hash__ = ByValue.__eq__, ByValue.__hash__

    def __eq__(self, other):
        if type(self) is not type(other):
            return NotImplemented
        return all(_same(getattr(self, f.name), getattr(other, f.name)) for f in fields(self))

    def __hash__(self):
        values = (getattr(self, f.name) for f in fields(self))
        return hash((type(self), *(v.shape if isinstance(v, np.ndarray) else v for v in values)))


def _same(a, b) -> bool:
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return np.array_equal(a, b, equal_nan=True)
    return isinstance(a, np.ndarray) == isinstance(b, np.ndarray) and (a is b or a == b)
