"""Functions that grow ever faster: their slope has no bound."""

import math
from dataclasses import dataclass

import numpy as np

from nonlinear.activations.base import STEEPENING, Pointwise, Tail, Traits
from nonlinear.arrays import POSITIVE, Interval

__all__ = ["SquaredReLU", "Exponential"]


@dataclass(frozen=True)
class SquaredReLU(Pointwise):
    """The square of the ReLU: no kink at 0, and a slope that grows with the input.

    SquaredReLU(): limits 0 and infinity, no kink, value 0 and slope 0 at 0.

    >>> print(SquaredReLU()([-2.0, 3.0]), SquaredReLU().derivative([-2.0, 3.0]))
    [0. 9.] [0. 6.]
    """

    name = "squared_relu"
    title = "squared ReLU"
    synonyms = ("relu2",)
    family = "bent smoothly"
    look = "blue", ":"
    formula = r"\max(0, z)^2"
    derivative_formula = r"2 \max(0, z)"
    source = "so2021"

    def value(self, z):
        return np.maximum(z, 0) ** 2

    def derivative(self, z):
        return 2 * np.maximum(z, 0)

    @property
    def traits(self):
        return Traits(
            image=Interval(0, math.inf),
            left=Tail(0, 0, exact=True),
            right=STEEPENING,
            steepest=math.inf,
            monotone=True,
            smoothness=1,
        )


@dataclass(frozen=True)
class Exponential(Pointwise):
    """The exponential function, for an output that must be positive, such as a rate or a variance.

    Exponential(): limits 0 and infinity, no kink, value 1 and slope 1 at 0.

    >>> print(Exponential()([-1.0, 0.0, 1.0]))
    [0.36787944 1.         2.71828183]
    """

    name = "exponential"
    title = "exponential"
    family = "bent smoothly"
    look = "ochre", (8, 3)
    formula = "e^z"
    derivative_formula = "e^z"
    source = "nelder1972"

    def value(self, z):
        return np.exp(z)

    def derivative(self, z):
        return np.exp(z)

    @property
    def traits(self):
        return Traits(
            image=POSITIVE,
            left=Tail(0, 0),
            right=STEEPENING,
            steepest=math.inf,
            monotone=True,
            transcendentals=1,
        )
