"""What becomes of sizes from one wide layer to the next: means over normal preactivations.

In a layer of many units, whose weights are drawn at random with mean 0 and variance gain^2 / fan_in, preactivations are
about normal; all that is left of the layer before is its mean square.
"""

import math

import numpy as np

from nonlinear.activations import Pointwise
from nonlinear.initialisers import normal_mean
from nonlinear.special import Array


def normal_mean_of(function, activation: Pointwise, mean_square: float = 1.0) -> float:
    """Return E[function(sqrt(q) Z)] for a standard normal Z; with the kinks of the activation.

    >>> from nonlinear.activations import ReLU
    >>> normal_mean_of(lambda z: z**2, ReLU(), mean_square=4.0).__round__(12)
    4.0
    """
    scale = math.sqrt(mean_square)
    return normal_mean(lambda z: function(scale * z), tuple(kink / scale for kink in activation.traits.kinks))


def next_mean_square(activation: Pointwise, gain: float, mean_square: float = 1.0) -> float:
    """Return the mean square of the next layer's preactivations, given that of this layer's: gain^2 E[f(sqrt(q) Z)^2].

    >>> from nonlinear.activations import ReLU
    >>> next_mean_square(ReLU(), math.sqrt(2), mean_square=3.0).__round__(12)
    3.0
    """
    return gain**2 * normal_mean_of(lambda z: activation(z) ** 2, activation, mean_square)


def gradient_factor(activation: Pointwise, gain: float, mean_square: float = 1.0) -> float:
    """Return the factor of the mean square of a gradient for one layer back: gain^2 E[f'(sqrt(q) Z)^2].

    >>> from nonlinear.activations import ReLU
    >>> gradient_factor(ReLU(), math.sqrt(2)).__round__(12)
    1.0
    """
    return gain**2 * normal_mean_of(lambda z: activation.derivative(z) ** 2, activation, mean_square)


def stability(activation: Pointwise, gain: float) -> float:
    """Return by how much a small deviation of the mean square from 1 has grown one layer on: gain^2 E[Z f(Z) f'(Z)].

    Below 1, the mean square finds back to 1; above 1, it runs away.

    >>> from nonlinear.activations import ReLU
    >>> stability(ReLU(), math.sqrt(2)).__round__(12)
    1.0
    """
    return gain**2 * normal_mean_of(lambda z: z * activation(z) * activation.derivative(z), activation, 1.0)


def next_moments(activation: Pointwise, mean: float, spread: float, gain: float = 1.0) -> tuple[float, float]:
    """Return mean and spread (the standard deviation) of the activations one layer on.

    Parameters
    ----------
    activation : Pointwise
    mean, spread : float
        Of the activations that come in.
    gain : float

    Examples
    --------
    >>> from nonlinear.activations import ReLU
    >>> mean, spread = next_moments(ReLU(), mean=3.0, spread=4.0)
    >>> print(round(mean, 3), round(spread, 3))  # of max(0, 5 Z)
    1.995 2.919
    """
    scale = gain * math.hypot(mean, spread)
    mean = normal_mean_of(activation, activation, scale**2)
    variance = normal_mean_of(lambda z: (activation(z) - mean) ** 2, activation, scale**2)
    return mean, math.sqrt(variance)


def through(activation: Pointwise, mean: float, spread: float, gain: float = 1.0, depth: int = 200) -> Array:
    """Return mean and spread layer by layer, (depth + 1, 2), from those of the inputs.

    >>> from nonlinear.activations import ReLU
    >>> through(ReLU(), 3.0, 4.0, gain=math.sqrt(2), depth=50)[-1].round(3)
    array([2.821, 4.128])
    """
    rows = [(mean, spread)]
    for _ in range(depth):
        rows.append(next_moments(activation, *rows[-1], gain))
    return np.array(rows)
