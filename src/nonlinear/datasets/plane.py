"""Two classes of points in the plane that no straight line separates: XOR, rings and spirals.

Each function takes the number of samples and a random generator, and returns points (samples, 2) and labels 0 or 1,
(samples,). The labels alternate, so both classes are equally large (up to one sample), in any even-sized first part of
the data too. ``noise`` is the standard deviation of a normal displacement of each coordinate; with 0 the points lie
exactly on the figure.
"""

import numpy as np

from nonlinear import checks
from nonlinear.arrays import POSITIVE, Interval
from nonlinear.special import Array

CORNERS = ((1, 1), (1, -1), (-1, -1), (-1, 1))
RADII = (1, 2)
NOT_NEGATIVE = Interval(0, np.inf, open_high=True)


def xor(samples: int, generator: np.random.Generator, noise: float = 0.2) -> tuple[Array, Array]:
    """Return points around the four corners (±1, ±1) of a square, with 1 for those whose coordinates differ in sign.

    The corners are visited in turn, each by a quarter of the samples (up to one). No straight line is right about more
    than three of the four.

    Parameters
    ----------
    samples : int
    generator : numpy Generator
    noise : float
        0 or more.

    Examples
    --------
    >>> x, labels = xor(4, np.random.default_rng(0), noise=0)
    >>> for point, label in zip(x, labels):
    ...     print(point, label)
    [1. 1.] 0
    [ 1. -1.] 1
    [-1. -1.] 0
    [-1.  1.] 1
    """
    samples, noise = _checked(samples, generator, noise)
    labels = np.arange(samples) % 2
    return _blurred(np.array(CORNERS)[np.arange(samples) % 4], noise, generator), labels


def rings(samples: int, generator: np.random.Generator, noise: float = 0.15) -> tuple[Array, Array]:
    """Return points on two circles around the origin: radius 1 for label 0, radius 2 for label 1.

    Angles are uniform. A straight line that touches the inner circle is right about all of it and about a third of the
    outer one.

    Parameters
    ----------
    samples : int
    generator : numpy Generator
    noise : float
        0 or more.

    Examples
    --------
    >>> x, labels = rings(200, np.random.default_rng(0), noise=0)
    >>> np.unique(np.hypot(*x.T).round(12)), np.bincount(labels)
    (array([1., 2.]), array([100, 100]))
    """
    samples, noise = _checked(samples, generator, noise)
    labels = np.arange(samples) % 2
    angle = generator.uniform(0, 2 * np.pi, samples)
    return _blurred(_polar(np.array(RADII)[labels], angle), noise, generator), labels


def spirals(
    samples: int, generator: np.random.Generator, noise: float = 0.06, turns: float = 1.75
) -> tuple[Array, Array]:
    """Return points on two spiral arms around the origin; the arm of label 1 is that of label 0, turned by half a turn.

    An arm has the radius 2 t at the angle 2 pi ``turns`` t, and t^2 is uniform between 0.05 and 1, so that the points
    lie about evenly along it. Neighbouring arms are 1 / ``turns`` apart.

    Parameters
    ----------
    samples : int
    generator : numpy Generator
    noise : float
        0 or more.
    turns : float
        How often an arm would go round on its way from the origin; positive.

    Examples
    --------
    >>> x, labels = spirals(200, np.random.default_rng(0), noise=0, turns=1)
    >>> t = np.hypot(*x.T) / 2
    >>> arms = np.stack([np.cos(2 * np.pi * t), np.sin(2 * np.pi * t)], axis=-1) * (1 - 2 * labels[:, None])
    >>> np.allclose(x, 2 * t[:, None] * arms), np.bincount(labels)
    (True, array([100, 100]))
    """
    samples, noise = _checked(samples, generator, noise)
    labels = np.arange(samples) % 2
    turns = checks.within(turns, POSITIVE, "turns")
    t = np.sqrt(generator.uniform(0.05, 1, samples))
    return _blurred(_polar(2 * t, 2 * np.pi * turns * t + np.pi * labels), noise, generator), labels


def _checked(samples, generator, noise) -> tuple[int, float]:
    checks.instance(generator, np.random.Generator, "generator", "a numpy Generator, such as np.random.default_rng(0)")
    return checks.whole(samples, "samples", at_least=2), checks.within(noise, NOT_NEGATIVE, "noise")


def _polar(radius: Array, angle: Array) -> Array:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)


def _blurred(x: Array, noise: float, generator: np.random.Generator) -> Array:
    return x + noise * generator.normal(size=x.shape)
