"""Checks shared by the modules that take data.

A number is returned as an int, a float or float64 whatever it was before, so that it is converted once and stored so.
A refusal names the argument, shows the value and says what to do.
"""

import operator
import reprlib
from collections.abc import Callable, Sequence
from types import UnionType
from typing import Any

import numpy as np

from nonlinear.arrays import Interval, as_floats, integers, unmasked
from nonlinear.special import Array, overflow_to_infinity

TRAINABLE = np.dtype(np.float32), np.dtype(np.float64)  # what parameters may be


def finite(array, name: str) -> Array:
    """Return ``array`` as floats, refusing NaN and infinity."""
    array = as_floats(array, name)
    if not np.isfinite(array).all():
        bad = np.argwhere(~np.isfinite(array))
        where = tuple(int(i) for i in bad[0])
        raise ValueError(
            f"{name} must be finite; got {array[where]} at index {where} ({len(bad)} such values). "
            "Remove or replace them."
        )
    return array


def positive(value, name: str) -> float | Array:
    """Return a number, or an array of numbers, in float64; refuse what is not positive and finite."""
    return _numbers(value, name, "positive and finite", lambda x: (x > 0) & np.isfinite(x))


def not_negative(value, name: str) -> float | Array:
    """Return a number, or an array of numbers, in float64; refuse what is negative or not finite."""
    return _numbers(value, name, "finite and not negative", lambda x: (x >= 0) & np.isfinite(x))


def finite_setting(value, name: str) -> float | Array:
    """Return a number, or one for each member, in float64; refuse what is not finite."""
    wanted = "a finite number, or one for each member"
    return _numbers(value, name, wanted, lambda x: np.isfinite(x) & (x.ndim < 2))


def within(value, domain: Interval, name: str) -> float:
    """Return a single number of an interval as a float."""
    return _numbers(value, name, f"a number in {domain}", lambda x: x.ndim == 0 and float(x) in domain)


def per_member(value, members: int, name: str) -> Array:
    """Return one number, or one for each member, as floats of shape () or (members,); refuse another number of them."""
    array = np.asarray(value, dtype=float)
    if array.ndim and array.shape != (members,):
        raise ValueError(f"{name} must be one number or one for each of {members} members; got shape {array.shape}.")
    return array


def whole(value, name: str, at_least: int = 1) -> int:
    """Return a whole number as an int, and refuse one that is too small."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool) or number < at_least:
        raise ValueError(f"{name} must be a whole number, {at_least} or more; got {value!r}.")
    return number


def flag(value, name: str) -> bool:
    """Return True or False, and refuse anything else."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False; got {value!r}.")
    return bool(value)


def convert(settings, **by_name: Callable[..., Any]) -> None:
    """Put into each named field of a frozen dataclass what a check makes of it: ``convert(self, units=whole)``."""
    for name, check in by_name.items():
        object.__setattr__(settings, name, check(getattr(settings, name), name=name))


def _numbers(value, name: str, wanted: str, fit: Callable[[Array], Any]) -> float | Array:
    """Return a real number of any type as a float, or an array of them in float64 that cannot be changed."""
    array = integers(unmasked(value, name))
    if array.dtype.kind in "iuf":
        with overflow_to_infinity():
            array = array.astype(np.float64)
        if np.all(fit(array)):
            array.setflags(write=False)
            return array if array.ndim else array.item()
    raise ValueError(f"{name} must be {wanted}; got {value!r}.")


def instance(value, kind: type | UnionType, name: str, wanted: str) -> None:
    """Refuse what is not of a kind, and classes; ``wanted`` says which, as in "an Activation such as ReLU()"."""
    if isinstance(value, type) or not isinstance(value, kind):
        raise TypeError(f"{name} must be {wanted}; got {reprlib.repr(value)}.")


def function(value, name: str, wanted: str) -> None:
    """Refuse what cannot be called, and classes; ``wanted`` says what it should be."""
    if isinstance(value, type) or not callable(value):
        raise TypeError(f"{name} must be {wanted}; got {reprlib.repr(value)}.")


def float_type(dtype) -> np.dtype:
    """Return float32 or float64 as NumPy's type, and refuse all others: their parameters could not be trained."""
    try:
        chosen = np.dtype(object if dtype is None else dtype)  # NumPy takes None for float64
    except TypeError:
        chosen = np.dtype(object)
    if chosen not in TRAINABLE:
        raise ValueError(f"dtype must be np.float32 or np.float64; got {dtype!r}.")
    return chosen


def generators(members: Sequence[np.random.Generator]) -> None:
    """Refuse anything but a list of different random generators, one a member."""
    listed = isinstance(members, Sequence) and len(members) > 0
    if not listed or not all(isinstance(g, np.random.Generator) for g in members):
        raise TypeError(
            "generators must be a list of numpy Generators, one a member, as spawn(seed, members) makes; "
            f"got {members!r}."
        )
    if len({id(g) for g in members}) < len(members):
        raise ValueError(
            "generators holds one generator twice, so its members would not be independent; call spawn again for more."
        )
