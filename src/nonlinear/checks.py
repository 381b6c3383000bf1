"""Refusals shared by the modules that take data: each names the argument, shows the value and says what to do."""

from collections.abc import Sequence

import numpy as np

from nonlinear.activations.base import as_floats
from nonlinear.special import Array


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
    array = np.asarray(value)
    if array.dtype.kind not in "iuf" or not np.all((array > 0) & np.isfinite(array)):
        raise ValueError(f"{name} must be positive and finite; got {value!r}.")


def whole(value, name: str, at_least: int = 1) -> None:
    """Refuse anything but a whole number that is large enough."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < at_least:
        raise ValueError(f"{name} must be a whole number, {at_least} or more; got {value!r}.")


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
