"""Blocks of members: what the function that computes one is told, and what it gives back."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nonlinear.arrays import unmasked
from nonlinear.recording import History
from nonlinear.special import Array


@dataclass(frozen=True)
class Cells:
    """A block of members: what ``run`` gets to know about them.

    ``cells["rate"]`` is an array with one number a member if the setting may vary within a block, and the one value of
    the whole block if it may not; ``len(cells)`` is the number of members.

    Attributes
    ----------
    generators : list of numpy Generators, one a member
    seeds : array of int, (members,)
        The number of each member's seed, 0 to ``seeds`` - 1.
    settings : dict
    """

    generators: list[np.random.Generator]
    seeds: Array
    settings: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        if name not in self.settings:
            raise KeyError(f"there is no setting {name!r}; the sweep has {listed(self.settings)}.")
        return self.settings[name]

    def __len__(self) -> int:
        return len(self.generators)


Run = Callable[[Cells], Mapping[str, Array] | History]


@dataclass(frozen=True, eq=False)
class Block:
    """The results of one block of members.

    Attributes
    ----------
    places : array of int, (members,)
        Where they belong in the grid (settings..., seeds), counted in C order.
    settings : dict
    values : dict of array, (members, ...)
    """

    places: Array
    settings: dict[str, Any]
    values: dict[str, Array]


@dataclass(frozen=True)
class Job:
    """A block of members, as it is sent to whoever computes it: flat places in the grid, and what is set there."""

    run: Run
    seed: int
    places: Array
    seeds: Array
    settings: dict[str, Any]

    def __call__(self) -> Block:
        generators = [np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(int(k),))) for k in self.seeds]
        try:
            result = self.run(Cells(generators, self.seeds, self.settings))
            return Block(self.places, self.settings, _by_member(result, len(generators)))
        except Exception as error:
            error.add_note(f"This happened in a block of {len(generators)} members with {self.settings}.")
            raise


def _by_member(result: Mapping[str, Array] | History, members: int) -> dict[str, Array]:
    if isinstance(result, History):
        values = {name: np.moveaxis(value, -1, 0) for name, value in result.values.items()}
        result = {**values, "diverged_at": result.last.diverged_at}
    if not isinstance(result, Mapping):
        raise TypeError(f"run must return a dict of arrays, one row a member, or a History; got {result!r}.")
    arrays = {name: unmasked(value, f"run's {name!r}") for name, value in result.items()}
    for name, array in arrays.items():
        if not isinstance(name, str) or name.endswith(".npy"):
            raise ValueError(f"run must name its arrays by texts, which do not end in .npy; got {name!r}.")
        if array.dtype.kind not in "biuf" or array.shape[:1] != (members,):
            raise ValueError(
                f"run must return arrays of numbers with a row for each of the {members} members of its block; "
                f"{name!r} holds {array.dtype} of shape {array.shape}."
            )
    return arrays


def listed(names: Iterable) -> str:
    """Return names as they are listed in a message."""
    return ", ".join(repr(name) for name in names) or "none"
