"""Comparing a gradient along random directions, and finding the entry to blame when it disagrees."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nonlinear.gradcheck.differences import Comparison, compare, reach
from nonlinear.gradcheck.report import Report, first_largest, summarise
from nonlinear.special import Array, norm

FEW = 8  # entries that are measured one by one when a wrong one is searched for


@dataclass(frozen=True)
class Problem:
    """A function with a value for each case (a member, a sample), and the gradient that is claimed for it.

    The arrays of ``at`` and ``gradient``, named alike, have a leading axis of cases; what happens in one case has no
    effect on another.
    """

    value: Callable[[Mapping[str, Array]], Array]
    at: Mapping[str, Array]
    gradient: Mapping[str, Array]
    tolerance: float
    cases: Sequence[str] = ("",)

    def __post_init__(self):
        if not any(array.size for array in self.at.values()):
            raise ValueError("nothing to check: there is no entry.")

    def along_directions(self, count: int, generator: np.random.Generator) -> Report:
        """Compare along random directions; where one disagrees, search for an entry to blame.

        They have length 1, where lengths along entries that are large numbers are measured in parts of those.
        """
        directions = [self._direction(generator) for _ in range(count)]
        found = Comparison.joined([self._along(d) for d in directions])
        labels = [f"along direction {k}{case}" for k in range(count) for case in self.cases]
        report = summarise(found, labels)
        if report.passed or not report.compared:
            return report
        worst, case = divmod(first_largest(found.rank), len(self.cases))
        return self._blame(report, directions[worst], case)

    def _direction(self, generator: np.random.Generator) -> dict[str, Array]:
        d = {name: generator.normal(size=array.shape) for name, array in self.at.items()}
        length = _length(d)
        return {name: v / _as_column(length, v) * reach(self.at[name]) for name, v in d.items()}

    def _along(self, d: Mapping[str, Array]) -> Comparison:
        def move(t: float) -> Array:
            return self.value({**self.at, **{name: self.at[name] + t * v for name, v in d.items()}})

        products = {name: self.gradient[name] * v for name, v in d.items()}
        return compare(_total(products), move, self.tolerance, scale=_length(products))

    def _blame(self, report: Report, d: Mapping[str, Array], case: int) -> Report:
        """Follow the disagreement into the blocks, then into halves of the worst one, down to an entry."""
        by_block = {name: self._along({name: v}) for name, v in d.items()}
        blocks = tuple(name for name, found in by_block.items() if name and found.wrong.any())
        name = max(by_block, key=lambda name: by_block[name].rank[case])
        chosen = np.arange(d[name][case].size)
        while chosen.size > FEW:
            chosen = max(np.array_split(chosen, 2), key=lambda half: self._along(_only(d, name, half)).gap[case])
        entry = self.entries(case, {name: chosen})
        if entry.passed or not entry.compared:
            return replace(report, blocks=blocks)
        place = {part: getattr(entry, part) for part in ("error", "where", "claimed", "measured")}
        return replace(report, **place, blocks=blocks or entry.blocks)

    def entries(self, case: int, chosen: Mapping[str, Array]) -> Report:
        """Compare entries one by one, in one case; ``chosen`` holds flat indices by name of array."""
        places = [(name, np.unravel_index(i, self.at[name].shape[1:])) for name, flat in chosen.items() for i in flat]

        def of_each(arrays: Mapping[str, Array]) -> Array:
            return np.array([arrays[name][(case, *place)] for name, place in places], dtype=float)

        stretch = reach(of_each(self.at))

        def move(t: float) -> Array:
            moved = zip(places, t * stretch, strict=True)
            return np.array([self._moved(name, (case, *place), step)[case] for (name, place), step in moved])

        found = compare(of_each(self.gradient) * stretch, move, self.tolerance).divided_by(stretch)
        labels = [f"at {name}{index(place)}{self.cases[case]}" if name or place else "" for name, place in places]
        blocks = dict.fromkeys(name for (name, _), bad in zip(places, found.wrong, strict=True) if bad and name)
        return summarise(found, labels, blocks)

    def _moved(self, name: str, place: tuple, t: float) -> Array:
        moved = self.at[name].copy()
        moved[place] += t
        return self.value({**self.at, name: moved})


def index(place: tuple) -> str:
    return f"[{', '.join(str(int(i)) for i in place)}]" if place else ""


def _only(d: Mapping[str, Array], name: str, flat: Array) -> dict[str, Array]:
    """Return the direction with only the entries ``flat`` of one block."""
    part = np.zeros((len(d[name]), d[name][0].size))
    part[:, flat] = d[name].reshape(len(part), -1)[:, flat]
    return {name: part.reshape(d[name].shape)}


def _total(arrays: Mapping[str, Array]) -> Array:
    return sum(v.reshape(len(v), -1).sum(axis=1) for v in arrays.values())


def _length(arrays: Mapping[str, Array]) -> Array:
    return norm(np.concatenate([v.reshape(len(v), -1) for v in arrays.values()], axis=1))


def _as_column(numbers: Array, like: Array) -> Array:
    return numbers.reshape(-1, *[1] * (like.ndim - 1))
