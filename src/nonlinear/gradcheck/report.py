"""What a gradient check found, in numbers and in words."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from nonlinear.gradcheck.differences import Comparison
from nonlinear.special import Array


@dataclass(frozen=True)
class Report:
    """The outcome of a gradient check; ``print(report)`` puts it in words, without digits that are mere rounding.

    Attributes
    ----------
    error : float
        The largest difference between derivative and measurement, relative to the larger of the two: 1 is as wrong as
        no derivative at all, 2 is a wrong sign. A difference within what the measurement leaves in doubt counts as the
        tolerance at most. NaN if nothing was compared.
    where : str
        Where it is; empty for a function of a single number.
    claimed, measured : float
        The derivative there, and what the differences say.
    tolerance : float
    compared, wrong : int
        How many derivatives were compared, and how many of them disagreed.
    coarse : int
        How many of those that agree may be off by more than the tolerance, because the measurement is not as fine.
    doubt : float
        What it leaves in doubt where it leaves most, relative to the size of the derivative; less than 1.
    at_kinks : int
        How many were only held to lie between the slopes on the two sides of a kink.
    too_small : tuple of str
        Where the derivative is so small, or 0, that what differences leave in doubt hides it: it was not compared.
    skipped : tuple of str
        Where the function has no slope to compare with, so that nothing could be said.
    blocks : tuple of str
        Names of the arrays of parameters in which something disagrees.
    """

    error: float
    where: str
    claimed: float
    measured: float
    tolerance: float
    compared: int
    wrong: int
    coarse: int
    doubt: float
    at_kinks: int
    too_small: tuple[str, ...]
    skipped: tuple[str, ...]
    blocks: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing disagrees, and differences could be taken at all."""
        return self.wrong == 0 and (self.compared > 0 or len(self.too_small) > 0)

    def __str__(self) -> str:
        parts = [
            self._verdict(),
            f"wrong in {', '.join(self.blocks)}" if self.blocks else "",
            f"{self.at_kinks} at a kink, between the slopes of its sides" if self.at_kinks else "",
            _listed(self.too_small, "too small for differences to judge") if self.compared else "",
            _listed(self.skipped, "skipped for want of a slope"),
        ]
        return "; ".join(filter(None, parts))

    def _verdict(self) -> str:
        if not self.compared and self.too_small:
            small = _listed(self.too_small, f"{_noun(len(self.too_small))} too small for them to judge")
            return f"agrees as far as differences can tell: {small}"
        if not self.compared:
            return "UNDECIDED: the function has kinks, jumps or no finite values there; try another place"
        if self.passed:
            return f"agrees: {self._agreement()}"
        worst = f"the worst {self.where}, " if self.where else ""
        return (
            f"DISAGREES in {self.wrong} of {self.compared}: {worst}derivative {self.claimed:.6g} but "
            f"difference {self.measured:.6g}, an error of {self.error:.2g} (tolerance {self.tolerance:.0e})"
        )

    def _agreement(self) -> str:
        fine = self.compared - self.coarse
        doubt = f"more than differences leave in doubt, up to {_rounded_up(self.doubt):.0e} of its size"
        clauses = [
            f"none of {fine} {_noun(fine)} off by more than {self.tolerance:.0e} of its size" if fine else "",
            f"none of {self.coarse} {'more' if fine else _noun(self.coarse)} off by {doubt}" if self.coarse else "",
        ]
        return "; ".join(filter(None, clauses))


def _noun(count: int) -> str:
    return "derivative" if count == 1 else "derivatives"


def _rounded_up(number: float) -> float:
    """Return the power of ten above, which does not depend on the rounding of what it tells the size of."""
    return 10.0 ** math.ceil(math.log10(number)) if number else 0.0


def _listed(places: tuple[str, ...], what: str) -> str:
    first = f", the first {places[0]}" if places and places[0] else ""
    return f"{len(places)} {what}{first}" if places else ""


def summarise(found: Comparison, labels: Sequence[str], blocks: Iterable[str] = ()) -> Report:
    """Return the report of a comparison; ``labels`` says where each of its derivatives is."""
    worst = first_largest(found.rank)
    return Report(
        error=float(found.rank[worst]) if found.compared.any() else math.nan,
        where=labels[worst],
        claimed=float(found.claimed[worst]),
        measured=float(found.measured[worst]),
        tolerance=found.tolerance,
        compared=int(found.compared.sum()),
        wrong=int(found.wrong.sum()),
        coarse=int(found.coarse.sum()),
        doubt=float(found.doubt[found.coarse].max(initial=0)),
        at_kinks=int((found.at_kink & found.compared).sum()),
        too_small=tuple(labels[k] for k in np.flatnonzero(found.too_small)),
        skipped=tuple(labels[k] for k in np.flatnonzero(~found.settled)),
        blocks=tuple(blocks),
    )


def first_largest(rank: Array) -> int:
    """Return the first index at which ``rank`` is at its largest, give or take a millionth of it."""
    top = rank.max()
    return int(np.argmax(rank >= top - 1e-6 * abs(top))) if np.isfinite(top) else int(np.argmax(rank))
