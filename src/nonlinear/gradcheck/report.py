"""What a gradient check found, and how several findings become one."""

from dataclasses import dataclass, replace

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
        tolerance at most.
    where : str
        Where it is.
    claimed, measured : float
        The derivative there, and what the differences say.
    tolerance : float
    compared, wrong : int
        How many derivatives were compared, and how many of them disagreed.
    at_kinks : int
        How many were only held to lie between the slopes on the two sides of a kink.
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
    at_kinks: int
    skipped: tuple[str, ...]
    blocks: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether something was compared and nothing disagreed."""
        return self.compared > 0 and self.wrong == 0

    def __str__(self) -> str:
        parts = [
            self._verdict(),
            f"wrong in {', '.join(self.blocks)}" if self.blocks else "",
            f"{self.at_kinks} at a kink, between the slopes of its sides" if self.at_kinks else "",
            f"{len(self.skipped)} skipped for want of a slope, the first {self.skipped[0]}" if self.skipped else "",
        ]
        return "; ".join(filter(None, parts))

    def _verdict(self) -> str:
        if not self.compared:
            return "UNDECIDED: the function has kinks, jumps or no finite values there; try another place"
        if self.passed:
            return f"agrees: none of {self.compared} derivatives off by more than {self.tolerance:.0e} of its size"
        return (
            f"DISAGREES in {self.wrong} of {self.compared}: the worst {self.where}, derivative {self.claimed:.6g} but "
            f"difference {self.measured:.6g}, an error of {self.error:.2g} (tolerance {self.tolerance:.0e})"
        )


def summarise(found: list[tuple[Comparison, list[str]]]) -> Report:
    labels = [label for _, places in found for label in places]
    claimed, measured, rank, kinks, settled, wrong = (
        np.concatenate([getattr(comparison, name) for comparison, _ in found])
        for name in ("claimed", "measured", "rank", "at_kink", "settled", "wrong")
    )
    worst = first_largest(rank)
    return Report(
        float(rank[worst]),
        labels[worst],
        float(claimed[worst]),
        float(measured[worst]),
        found[0][0].tolerance,
        compared=int(settled.sum()),
        wrong=int(wrong.sum()),
        at_kinks=int(kinks.sum()),
        skipped=tuple(label for label, known in zip(labels, settled, strict=True) if not known),
    )


def merged(reports: list[Report]) -> Report:
    """Return the worst of several reports, with the counts of all."""
    worst = max(reports, key=lambda report: report.error if report.compared else -1)
    return replace(
        worst,
        compared=sum(r.compared for r in reports),
        wrong=sum(r.wrong for r in reports),
        at_kinks=sum(r.at_kinks for r in reports),
        skipped=tuple(place for r in reports for place in r.skipped),
        blocks=tuple(dict.fromkeys(block for r in reports for block in r.blocks)),
    )


def first_largest(rank: Array) -> int:
    """Return the first index at which ``rank`` is at its largest, give or take a millionth of it."""
    top = rank.max()
    return int(np.argmax(rank >= top - 1e-6 * abs(top))) if np.isfinite(top) else int(np.argmax(rank))
