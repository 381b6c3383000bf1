"""One output unit and its loss: what each pairing of the two makes of an answer that is confidently wrong.

The unit should say no and says yes. Its preactivation z is all that is learned, as if it were a bias, by plain gradient
descent. A sigmoid and a linear unit say no by 0, tanh says it by -1; p is the answer on the scale from 0 to 1.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

OUTPUTS, LOSSES = ("sigmoid", "tanh", "linear"), ("mean square", "cross-entropy")
THERE, MOST = 0.1, 200_000


@dataclass(frozen=True)
class Pairing:
    """An output function with a loss, as functions of z.

    Parameters
    ----------
    answer : callable
        From z to p, which should become 0.
    value, slope : callable
        From z to L and to dL/dz; NaN where the loss is not defined.
    """

    answer: Callable[[float], float]
    value: Callable[[float], float]
    slope: Callable[[float], float]


def logistic(z: float) -> float:
    """Return the sigmoid of a number, without overflow.

    >>> logistic(0.0), logistic(-1000.0)
    (0.5, 0.0)
    """
    return 1 / (1 + math.exp(-z)) if z > -700 else 0.0


def _softplus(z: float) -> float:
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))


def _no(z: float) -> float:
    """Return 1 - z, what a linear unit leaves to the other answer, or NaN where that has no logarithm."""
    return 1 - z if z < 1 else math.nan


PAIRINGS = {
    ("sigmoid", "mean square"): Pairing(
        logistic, lambda z: logistic(z) ** 2, lambda z: 2 * logistic(z) ** 2 * logistic(-z)
    ),
    ("tanh", "mean square"): Pairing(
        lambda z: logistic(2 * z),
        lambda z: 4 * logistic(2 * z) ** 2,
        lambda z: 16 * logistic(2 * z) ** 2 * logistic(-2 * z),
    ),
    ("linear", "mean square"): Pairing(lambda z: z, lambda z: z**2, lambda z: 2 * z),
    ("sigmoid", "cross-entropy"): Pairing(logistic, _softplus, logistic),
    ("tanh", "cross-entropy"): Pairing(
        lambda z: logistic(2 * z), lambda z: _softplus(2 * z), lambda z: 2 * logistic(2 * z)
    ),
    ("linear", "cross-entropy"): Pairing(lambda z: z, lambda z: -math.log(_no(z)), lambda z: 1 / _no(z)),
}
"""By (output, loss). With tanh the cross-entropy is that of (1 + a) / 2, with a linear unit that of a itself."""


@dataclass(frozen=True)
class Way:
    """How a unit went.

    Attributes
    ----------
    steps : float
        After which the answer is within 0.1 of the right one; infinite if it is not after ``most``, NaN if there is no
        loss to descend on.
    path : list of (int, float)
        Step and z, at steps that lie ever further apart, the first and the last among them.
    """

    steps: float
    path: list[tuple[int, float]]


def descend(pairing: Pairing, start: float, rate: float, most: int = MOST) -> Way:
    """Return the way from a wrong answer to the right one, by steps of ``-rate`` dL/dz.

    >>> descend(PAIRINGS["sigmoid", "cross-entropy"], 6.0, 0.5).steps
    34
    >>> descend(PAIRINGS["linear", "cross-entropy"], 6.0, 0.5).steps
    nan
    """
    z, n, then, path = start, 0, 1, [(0, start)]
    while abs(pairing.answer(z)) > THERE and n < most and abs(z) < 1e6:
        slope = pairing.slope(z)
        if math.isnan(slope):
            return Way(math.nan, path)
        z, n = z - rate * slope, n + 1
        if n >= then:
            path.append((n, z))
            then = math.ceil(1.06 * n)
    if n > path[-1][0]:
        path.append((n, z))
    return Way(n if abs(pairing.answer(z)) <= THERE else math.inf, path)
