"""S-shaped functions: bounded on both sides, and therefore saturating on both sides."""

from dataclasses import dataclass

import numpy as np

from nonlinear.activations.base import Interval, Pointwise, Tail, Traits, elementwise
from nonlinear.special import exp_pair


@dataclass(frozen=True)
class Sigmoid(Pointwise):
    """The logistic sigmoid, which squashes the real line into (0, 1).

    In floating point it rounds to exactly 1 for large z, yet its derivative keeps its digits until exp(-|z|) itself
    underflows. The limits at minus and plus infinity are 0 and 1.

    >>> f = Sigmoid()
    >>> print(f(0.0), f.derivative(0.0), f.derivative(40.0))
    0.5 0.25 4.248354255291589e-18
    """

    name = "sigmoid"
    formula = r"\frac{1}{1 + e^{-z}}"
    derivative_formula = r"\frac{e^{-z}}{(1 + e^{-z})^2}"
    source = "rumelhart1986"

    @elementwise
    def value(self, z):
        p, n = exp_pair(z)
        return p / (p + n)

    @elementwise
    def derivative(self, z):
        p, n = exp_pair(z)
        return p * n / (p + n) ** 2

    @property
    def traits(self):
        return Traits(
            image=Interval(0, 1, open_low=True, open_high=True),
            left=Tail(0, 0),
            right=Tail(0, 1),
            steepest=0.25,
            monotone=True,
            transcendentals=1,
        )


@dataclass(frozen=True)
class Tanh(Pointwise):
    """The hyperbolic tangent: a sigmoid stretched to (-1, 1) and centred at zero.

    The derivative is written with w = exp(-2|z|), because 1 - tanh(z)^2 is exactly 0 from z = 19.1 on (9.0 in float32)
    although the slope is not.

    >>> f = Tanh()
    >>> print(f(0.0), f.derivative(0.0), f.derivative(20.0))
    0.0 1.0 1.6993417021166355e-17
    """

    name = "tanh"
    formula = r"\frac{e^z - e^{-z}}{e^z + e^{-z}}"
    derivative_formula = r"1 - \tanh^2 z"
    source = "lecun1998"

    @elementwise
    def value(self, z):
        return np.tanh(z)

    @elementwise
    def derivative(self, z):
        q = np.exp(-np.abs(z))
        return (2 * q / (1 + q * q)) ** 2

    @property
    def traits(self):
        return Traits(
            image=Interval(-1, 1, open_low=True, open_high=True),
            left=Tail(0, -1),
            right=Tail(0, 1),
            steepest=1,
            monotone=True,
            odd=True,
            transcendentals=1,
        )
