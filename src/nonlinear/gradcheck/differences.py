"""Slopes by differences, with what they leave in doubt, and derivatives held against them.

Much of this overflows or is infinite minus infinite on purpose; the public checks silence that for all that they call.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from nonlinear import checks
from nonlinear.arrays import Interval
from nonlinear.special import Array

STEPS = (2.0**-12, 2.0**-17, 2.0**-22)
CENTRAL = {-2: 1 / 12, -1: -2 / 3, 1: 2 / 3, 2: -1 / 12}  # exact for polynomials of degree 4
RIGHT = {1: -13 / 3, 2: 19 / 2, 3: -7.0, 4: 11 / 6}  # of degree 3, and without the point itself, where f may jump
DOUBLE = np.finfo(np.float64)
TOLERANCES = Interval(0, 1, open_low=True, open_high=True)
MARGIN = 4  # how many times what differences probably leave in doubt is not held against a derivative

Along = Callable[[float], Array]


@dataclass(frozen=True)
class Comparison:
    """Derivatives side by side with the slopes measured.

    Attributes
    ----------
    claimed, measured : array, (n,)
    error : array, (n,)
        How far apart they are, relative to the larger of the two; at most the tolerance where the measurement leaves so
        much in doubt.
    doubt : array, (n,)
        How much that is, relative to the same size; where they agree to the tolerance, without the margin that is there
        to spare right derivatives. From 1 on, the measurement says nothing.
    at_kink : array of bool, (n,)
        Whether ``measured`` is only the nearest slope between those on the two sides of a kink.
    settled : array of bool, (n,)
        Whether any step size gave a slope to compare with.
    tolerance : float
    """

    claimed: Array
    measured: Array
    error: Array
    doubt: Array
    at_kink: Array
    settled: Array
    tolerance: float

    @property
    def wrong(self) -> Array:
        return self.settled & ~(self.error <= self.tolerance)

    @property
    def too_small(self) -> Array:
        """Whether the derivative is lost in what the measurement leaves in doubt."""
        return self.settled & ~self.wrong & ~(self.doubt < 1)

    @property
    def compared(self) -> Array:
        return self.settled & ~self.too_small

    @property
    def coarse(self) -> Array:
        """Whether the measurement was too coarse to tell an error of the tolerance, though not a large one."""
        return self.compared & ~self.wrong & (self.doubt > self.tolerance)

    @property
    def gap(self) -> Array:
        """The plain difference, infinite where there is no derivative at all."""
        return np.where(np.isfinite(self.claimed), np.abs(self.claimed - self.measured), np.inf)

    @property
    def rank(self) -> Array:
        """The error, where there is one to speak of, and -1 elsewhere."""
        return np.where(self.compared, self.error, -1)

    @classmethod
    def joined(cls, parts: Sequence["Comparison"]) -> "Comparison":
        """Return several comparisons, of one tolerance, as one."""
        arrays = [field.name for field in fields(cls) if field.name != "tolerance"]
        merged = {name: np.concatenate([getattr(part, name) for part in parts]) for name in arrays}
        return cls(**merged, tolerance=parts[0].tolerance)

    def divided_by(self, factor: Array) -> "Comparison":
        """Return the same for another unit of length."""
        return replace(self, claimed=self.claimed / factor, measured=self.measured / factor)


def compare(
    claimed: Array, along: Along, tolerance: float, scale: Array | float = 0.0, one_kink: bool = False
) -> Comparison:
    """Compare derivatives with the slopes of ``along`` at 0; those that disagree get a second look for a kink.

    Parameters
    ----------
    claimed : array, (n,)
    along : callable
        From a number t to n values.
    tolerance : float
    scale : array, (n,)
        Differences are taken relative to this where it is larger than the derivative.
    one_kink : bool
        Whether there can only be one kink at a place, so that a derivative there must lie between the slopes on its two
        sides. Where several meet, one that does not may be right all the same, and does not count as settled.

    Examples
    --------
    >>> result = compare(np.array([1.0, 0.9]), lambda t: np.sin([t, t]), tolerance=1e-8)
    >>> print(result.wrong, result.error[1].round(3))
    [False  True] 0.1
    """
    tolerance = checks.within(tolerance, TOLERANCES, "tolerance")
    centre, doubt, settled = slope(along, CENTRAL)
    error, relative = _scaled(claimed, centre, doubt, scale, tolerance)
    fine = settled & (error <= tolerance)
    if np.all(fine):
        return Comparison(claimed, centre, error, relative, ~fine, settled, tolerance)
    right, right_doubt, right_settled = slope(along, RIGHT)
    left, left_doubt, left_settled = slope(lambda t: -along(-t), RIGHT)
    doubts = left_doubt + right_doubt
    at_kink = ~fine & left_settled & right_settled & ((np.abs(right - left) > doubts) | ~settled)
    nearest = np.clip(claimed, np.minimum(left, right), np.maximum(left, right))
    steeper = np.maximum(scale, np.maximum(np.abs(left), np.abs(right)))
    kink_error, _ = _scaled(claimed, nearest, doubts, scale, tolerance)
    _, kink_relative = _scaled(claimed, nearest, doubts, steeper, tolerance)
    error, relative = np.where(at_kink, kink_error, error), np.where(at_kink, kink_relative, relative)
    settled = np.where(at_kink, one_kink | (error <= tolerance), settled)
    measured = np.where(at_kink, nearest, centre)
    return Comparison(claimed, measured, error, relative, at_kink & settled, settled, tolerance)


def reach(numbers: Array) -> Array:
    """Return how many times longer than usual the steps from large numbers must be, for their last digits to move."""
    return np.maximum(1, np.abs(numbers) / 100)


def slope(along: Along, weights: Mapping[int, float]) -> tuple[Array, Array, Array]:
    """Return the slope of ``along`` at 0 by the step size that leaves least in doubt, the doubt, and if any settled.

    The doubt is what changes when the step is doubled, and the rounding of the values, each with a margin. They are
    taken to be rounded in their own float type; the narrower it is, the wider the steps.
    """
    epsilon = _epsilon(along)
    wider = 2.0 ** (np.log2(epsilon / DOUBLE.eps) // 4)  # the best step for such weights grows like this, or nearly
    best, doubt, settled = np.nan, np.inf, False
    for step in wider * np.array(STEPS):
        fine, rounding, steepest = _difference(along, step, weights, epsilon)
        change = MARGIN * np.abs(fine - _difference(along, 2 * step, weights, epsilon)[0])
        better = change + rounding < doubt
        steady = change <= 1e-3 * steepest + rounding
        best, doubt, settled = (
            np.where(better, new, old) for new, old in ((fine, best), (change + rounding, doubt), (steady, settled))
        )
        if np.all(doubt <= 1e-9 * np.abs(best)):
            break
    return best, doubt, settled


def _epsilon(along: Along) -> float:
    """Return the relative spacing of the numbers that ``along`` returns, which is float64's or wider."""
    dtype = np.asarray(along(0.0)).dtype
    return max(DOUBLE.eps, np.finfo(dtype).eps) if dtype.kind == "f" else DOUBLE.eps


def _difference(along: Along, step: float, weights: Mapping[int, float], epsilon: float) -> tuple[Array, Array, Array]:
    """Return the slope, what rounding may have done to it, and how steep the function is about there at all."""
    values = [np.asarray(along(k * step), dtype=np.float64) for k in weights]
    terms = [w * v for w, v in zip(weights.values(), values, strict=True)]
    rounding = MARGIN * 4 * (epsilon * np.sum(np.abs(terms), axis=0) + DOUBLE.smallest_subnormal) / step
    return np.sum(terms, axis=0) / step, rounding, np.ptp(values, axis=0) / step


def _scaled(
    claimed: Array, measured: Array, doubt: Array, scale: Array | float, tolerance: float
) -> tuple[Array, Array]:
    """Return the relative error, which never exceeds the tolerance within the doubt, and the relative doubt."""
    gap = np.abs(claimed - measured)
    size = np.maximum(np.maximum(np.abs(claimed), np.abs(measured)), scale)
    plain = np.where(gap == 0, 0.0, gap / size)
    error = np.where(gap < doubt, np.minimum(plain, tolerance * (gap / doubt)), plain)
    of_nothing = np.where(doubt < DOUBLE.tiny, 0.0, np.inf)
    relative = np.where(size > 0, doubt / size, of_nothing)
    relative = np.where(plain <= tolerance, relative / MARGIN, relative)
    return np.where(np.isfinite(claimed), error, np.inf), relative
