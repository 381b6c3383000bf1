"""Who is who among the members of an experiment: a stand-in for a training tells by their generators whom it got."""

from collections.abc import Iterable

import numpy as np

from nonlinear.course import SEED
from nonlinear.network import spawn

TUNING = np.arange(10)
JUDGES = np.arange(10, 30).reshape(2, 10)  # the two other sets


def numbers(chance: Iterable[np.random.Generator]) -> np.ndarray:
    """Return the places of fresh generators among those that `spawn` makes of the seed of the course."""
    place = {generator.random(): k for k, generator in enumerate(spawn(SEED, 30))}
    return np.array([place[generator.random()] for generator in chance])
