"""Whether a difference between two settings is more than the luck of the seeds.

A median over ten seeds is a number with a spread of its own. So a lesson says *larger* or *smaller* only of a
difference that shows itself in two sets of seeds which have nothing in common, and calls every other one what it is:
within the noise.
"""

import math
from dataclasses import dataclass

import numpy as np

from nonlinear.arrays import as_floats
from nonlinear.course.text import minus
from nonlinear.special import Array

COVERAGE = 0.95


def median_interval(values: Array, coverage: float = COVERAGE) -> tuple[float, float]:
    """Return an interval that holds the true median with at least the given probability.

    It runs from the k-th smallest to the k-th largest value. Each of n independent values is as likely above the true
    median as below it, so the interval misses with the chance that a coin thrown n times shows fewer than k heads, or
    fewer than k tails; k is the largest number for which that is rare enough. No distribution is assumed.

    Parameters
    ----------
    values : array, (seeds,)
        Six or more, for fewer cannot be so sure of anything.

    Examples
    --------
    >>> median_interval([3, 1, 4, 1.5, 9, 2.6, 5, 3.5, 8, 9.7])
    (1.5, 9.0)
    """
    values = np.sort(as_floats(values, "values"))
    n = len(values)
    misses = np.cumsum([math.comb(n, heads) for heads in range(n // 2)]) * 2.0 ** (1 - n)
    k = int(np.sum(misses <= 1 - coverage))
    if k == 0:
        raise ValueError(f"{n} values say too little about their median for a coverage of {coverage}; use more seeds.")
    return float(values[k - 1]), float(values[n - k])


@dataclass(frozen=True)
class Difference:
    """A difference between two settings, seed by seed, in two sets of seeds.

    Attributes
    ----------
    medians : tuple of float
        The median difference in the first and in the second set.
    intervals : tuple of (float, float)
        Where the true median difference lies, by each set.
    """

    medians: tuple[float, float]
    intervals: tuple[tuple[float, float], tuple[float, float]]

    @property
    def sign(self) -> int:
        """1 if the first setting is larger by both sets, -1 if it is smaller by both, 0 within the noise."""
        (low, high), (low_again, high_again) = self.intervals
        return int(min(low, low_again) > 0) - int(max(high, high_again) < 0)

    @property
    def verdict(self) -> str:
        """The sign in words."""
        return {1: "larger", -1: "smaller", 0: "within the noise"}[self.sign]

    def texts(self, spec: str, scale: float = 1) -> list[str]:
        """Return median and interval of each set as text, in units of which there are ``scale`` in 1.

        >>> Difference((0.5, 0.25), ((0.1, 0.6), (-0.1, 0.3))).texts("+.2f")
        ['+0.50 [+0.10, +0.60]', '+0.25 [−0.10, +0.30]']
        """
        sets = zip(self.medians, self.intervals, strict=True)
        each = [[minus(format(scale * value, spec)) for value in (m, *interval)] for m, interval in sets]
        return [f"{median} [{low}, {high}]" for median, low, high in each]

    def __str__(self) -> str:
        return f"{' and '.join(self.texts('+.3g'))}: {self.verdict}"


def difference(first: Array, second: Array) -> Difference:
    """Compare two settings on the same seeds, in two independent sets of them.

    Parameters
    ----------
    first, second : array, (2, seeds)
        A row for each set. Equal places belong to the same seed: to the same first weights and the same batches.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(2, 10))
    >>> print(difference(noise + 5, noise))
    +5 [+5, +5] and +5 [+5, +5]: larger
    >>> difference(noise, noise[:, ::-1]).sign
    0
    """
    first, second = as_floats(first, "first"), as_floats(second, "second")
    if first.shape != second.shape or first.ndim != 2 or len(first) != 2:
        raise ValueError(
            f"first and second must have the shape (2, seeds), one row for each set of seeds; "
            f"got {first.shape} and {second.shape}."
        )
    apart = first - second
    return Difference(tuple(np.median(apart, axis=1).tolist()), tuple(map(median_interval, apart)))
