"""One unit that has to come back: gradient descent on its preactivation alone.

The unit answers f(z) and should answer 1. Its loss is (f(z) - 1)^2, and z is all that is learned, as if it were a bias.
"""

from collections.abc import Sequence

import numpy as np

from nonlinear.activations import Pointwise
from nonlinear.special import Array

TARGET, RATE, MOST = 1.0, 0.1, 200_000


def descent_step(f: Pointwise, z: Array) -> Array:
    """Return by how much one step moves z: minus the rate times 2 (f(z) - 1) f'(z).

    >>> from nonlinear.activations import LeakyReLU
    >>> round(float(descent_step(LeakyReLU(0.01), -10.0)), 5)
    0.0022
    """
    return -RATE * 2 * (f(z) - TARGET) * f.derivative(z)


def descent_path(f: Pointwise, start: float, steps: int) -> Array:
    """Return z before the first step and after each of the next, (steps + 1,).

    >>> from nonlinear.activations import ReLU
    >>> descent_path(ReLU(), -1.0, 2)
    array([-1., -1., -1.])
    """
    z = [float(start)]
    for _ in range(steps):
        z.append(z[-1] + float(descent_step(f, z[-1])))
    return np.array(z)


def recovery_steps(f: Pointwise, starts: Sequence[float], most: int = MOST) -> Array:
    """Return how many steps it takes from each start until z is no longer negative, (starts,).

    Infinite where that is more than ``most``, and for a start where the step is 0 or leads further down.

    >>> from nonlinear.activations import LeakyReLU
    >>> recovery_steps(LeakyReLU(0.1), [-10.0, -1.0, 0.0])
    array([347.,  48.,   0.])
    """
    z = np.array(starts, float)
    steps = np.where(z < 0, np.inf, 0.0)
    climbing = (z < 0) & (descent_step(f, z) > 0)
    for n in range(1, most + 1):
        if not climbing.any():
            break
        z = np.where(climbing, z + descent_step(f, z), z)
        there = climbing & (z >= 0)
        steps[there], climbing = n, climbing & ~there
    return steps


def flow_time(f: Pointwise, start: float, pieces: int = 20_000) -> float:
    """Return the same for steps that are infinitely small: the integral of dz over the speed, from ``start`` to 0.

    >>> from nonlinear.activations import LeakyReLU
    >>> round(flow_time(LeakyReLU(0.01), -10.0))
    4766
    """
    edges = np.linspace(start, 0, pieces + 1)
    middle = (edges[1:] + edges[:-1]) / 2
    return float(np.sum(np.diff(edges) / descent_step(f, middle)))
