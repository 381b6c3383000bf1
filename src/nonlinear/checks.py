"""Refusals shared by the modules that take data: each names the argument, shows the value and says what to do."""

import reprlib
from collections.abc import Sequence
from types import UnionType

import numpy as np

from nonlinear.arrays import Interval, as_floats, unmasked
from nonlinear.special import Array

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


def positive(value, name: str) -> None:
    """Refuse a number, or an array of numbers, that is not positive and finite."""
    array = unmasked(value, name)
    if array.dtype.kind not in "iuf" or not np.all((array > 0) & np.isfinite(array)):
        raise ValueError(f"{name} must be positive and finite; got {value!r}.")


def finite_setting(value, name: str) -> None:
    """Refuse anything but a finite number, or one for each member."""
    array = unmasked(value, name)
    if array.dtype.kind not in "iuf" or array.ndim > 1 or not np.isfinite(array).all():
        raise ValueError(f"{name} must be a finite number, or one for each member; got {value!r}.")


def per_member(value, members: int, name: str) -> Array:
    """Return one number, or one for each member, as floats of shape () or (members,); refuse another number of them."""
    array = np.asarray(value, dtype=float)
    if array.ndim and array.shape != (members,):
        raise ValueError(f"{name} must be one number or one for each of {members} members; got shape {array.shape}.")
    return array


def within(value, domain: Interval, name: str) -> None:
    """Refuse anything but a single number of an interval."""
    array = unmasked(value, name)
    if array.ndim or array.dtype.kind not in "iuf" or float(array) not in domain:
        raise ValueError(f"{name} must be a number in {domain}; got {value!r}.")


def whole(value, name: str, at_least: int = 1) -> None:
    """Refuse anything but a whole number that is large enough."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < at_least:
        raise ValueError(f"{name} must be a whole number, {at_least} or more; got {value!r}.")


def flag(value, name: str) -> None:
    """Refuse anything but True and False."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False; got {value!r}.")


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
