"""Slopes by differences, with what they leave in doubt, and derivatives held against them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from nonlinear.special import Array, overflow_and_nan

STEPS = (2.0**-12, 2.0**-17, 2.0**-22)
CENTRAL = {-2: 1 / 12, -1: -2 / 3, 1: 2 / 3, 2: -1 / 12}  # exact for polynomials of degree 4
RIGHT = {1: -13 / 3, 2: 19 / 2, 3: -7.0, 4: 11 / 6}  # of degree 3, and without the point itself, where f may jump

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
    at_kink : array of bool, (n,)
        Whether ``measured`` is only the nearest slope between those on the two sides of a kink.
    settled : array of bool, (n,)
        Whether any step size gave a slope to compare with.
    tolerance : float
    """

    claimed: Array
    measured: Array
    error: Array
    at_kink: Array
    settled: Array
    tolerance: float

    @property
    def wrong(self) -> Array:
        return self.settled & ~(self.error <= self.tolerance)

    @property
    def gap(self) -> Array:
        """The plain difference, infinite where there is no derivative at all."""
        return np.where(np.isfinite(self.claimed), np.abs(self.claimed - self.measured), np.inf)

    @property
    def rank(self) -> Array:
        """The error, where there is one to speak of, and -1 elsewhere."""
        return np.where(self.settled, self.error, -1)

    def divided_by(self, factor: Array) -> "Comparison":
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
    centre, doubt, settled = slope(along, CENTRAL)
    error = _scaled(claimed, centre, doubt, scale, tolerance)
    fine = settled & (error <= tolerance)
    if np.all(fine):
        return Comparison(claimed, centre, error, ~fine, settled, tolerance)
    right, right_doubt, right_settled = slope(along, RIGHT)
    left, left_doubt, left_settled = slope(lambda t: -along(-t), RIGHT)
    with overflow_and_nan():
        doubts = left_doubt + right_doubt
        at_kink = ~fine & left_settled & right_settled & ((np.abs(right - left) > doubts) | ~settled)
        nearest = np.clip(claimed, np.minimum(left, right), np.maximum(left, right))
    error = np.where(at_kink, _scaled(claimed, nearest, doubts, scale, tolerance), error)
    settled = np.where(at_kink, one_kink | (error <= tolerance), settled)
    return Comparison(claimed, np.where(at_kink, nearest, centre), error, at_kink & settled, settled, tolerance)


def slope(along: Along, weights: Mapping[int, float]) -> tuple[Array, Array, Array]:
    """Return the slope of ``along`` at 0 by the step size that leaves least in doubt, the doubt, and if any settled.

    The doubt is what changes when the step is doubled, and the rounding of the values, each with a margin.
    """
    best, doubt, settled = np.nan, np.inf, False
    for step in STEPS:
        with overflow_and_nan():
            fine, rounding, steepest = _difference(along, step, weights)
            change = 4 * np.abs(fine - _difference(along, 2 * step, weights)[0])
            better = change + rounding < doubt
            steady = change <= 1e-3 * steepest + rounding
        best, doubt, settled = (
            np.where(better, new, old) for new, old in ((fine, best), (change + rounding, doubt), (steady, settled))
        )
        if np.all(doubt <= 1e-9 * np.abs(best)):
            break
    return best, doubt, settled


def _difference(along: Along, step: float, weights: Mapping[int, float]) -> tuple[Array, Array, Array]:
    """Return the slope, what rounding may have done to it, and how steep the function is about there at all."""
    values = [np.asarray(along(k * step), dtype=np.float64) for k in weights]
    terms = [w * v for w, v in zip(weights.values(), values, strict=True)]
    info = np.finfo(np.float64)
    rounding = 16 * (info.eps * np.sum(np.abs(terms), axis=0) + info.smallest_subnormal) / step
    return np.sum(terms, axis=0) / step, rounding, np.ptp(values, axis=0) / step


def _scaled(claimed: Array, measured: Array, doubt: Array, scale: Array | float, tolerance: float) -> Array:
    """Return the relative error; within the doubt it never exceeds the tolerance."""
    with overflow_and_nan():
        gap = np.abs(claimed - measured)
        size = np.maximum(np.maximum(np.abs(claimed), np.abs(measured)), scale)
        error = np.divide(gap, size, out=np.zeros(np.shape(gap)), where=gap != 0)
        excused = tolerance * np.divide(gap, doubt, out=np.ones(np.shape(gap)), where=gap < doubt)
        error = np.where(gap < doubt, np.minimum(error, excused), error)
    return np.where(np.isfinite(claimed), error, np.inf)
