"""S-shaped functions that are odd, and so centred at zero; they saturate on both sides."""

import math
from dataclasses import dataclass

import numpy as np

from nonlinear.activations.base import Pointwise, Tail, Traits
from nonlinear.arrays import Interval
from nonlinear.special import bounded, keep_nan

__all__ = ["Tanh", "HardTanh", "ArcTan", "Softsign"]


@dataclass(frozen=True)
class Tanh(Pointwise):
    """The hyperbolic tangent: a sigmoid stretched to (-1, 1) and centred at zero.

    The derivative is computed as 1 / cosh(z)^2, because 1 - tanh(z)^2 is exactly 0 from z = 19.1 on (9.0 in float32)
    although the slope is not.

    Tanh(): limits -1 and 1, no kink, value 0 and slope 1 at 0.

    >>> f = Tanh()
    >>> print(f(0.0), f.derivative(0.0), f.derivative(20.0))
    0.0 1.0 1.6993417021166355e-17
    """

    name = "tanh"
    title = "tanh"
    synonyms = ("hyperbolic_tangent",)
    family = "S-shaped"
    look = "vermillion", "--"
    formula = r"\frac{e^z - e^{-z}}{e^z + e^{-z}}"
    derivative_formula = r"1 - \tanh^2(z)"
    source = "lecun1998"

    def value(self, z, out=None):
        return np.tanh(z, out)

    def derivative(self, z, out=None, spare=None):
        twice_cosh = np.exp(z, out)
        twice_cosh += np.reciprocal(twice_cosh, spare)
        sech = np.divide(2, twice_cosh, out)
        sech *= sech
        return sech

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


@dataclass(frozen=True)
class HardTanh(Pointwise):
    """The identity between -1 and 1, cut off beyond. At its two kinks the derivative is 0.

    HardTanh(): limits -1 and 1, kinks at -1 and 1 with slopes 0 and 0, value 0 and slope 1 at 0.

    >>> print(HardTanh()([-2.0, 0.5, 1.0]), HardTanh().derivative([-2.0, 0.5, 1.0]))
    [-1.   0.5  1. ] [0. 1. 0.]
    """

    name = "hard_tanh"
    title = "hard tanh"
    family = "S-shaped"
    look = "vermillion", (5, 1)
    formula = r"\min(1, \max(-1, z))"
    derivative_formula = r"\begin{cases} 1 & |z| < 1 \\ 0 & |z| \ge 1 \end{cases}"
    source = "collobert2011"

    def value(self, z):
        return np.clip(z, -1, 1)

    def derivative(self, z):
        return keep_nan(z, np.abs(z) < 1)

    @property
    def traits(self):
        return Traits(
            image=Interval(-1, 1),
            left=Tail(0, -1, exact=True),
            right=Tail(0, 1, exact=True),
            steepest=1,
            monotone=True,
            odd=True,
            kinks=(-1.0, 1.0),
            smoothness=0,
        )


@dataclass(frozen=True)
class ArcTan(Pointwise):
    """The arc tangent, an S-shape from -pi/2 to pi/2 whose slope fades only as 1 / z^2.

    ArcTan(): limits -1.571 and 1.571, no kink, value 0 and slope 1 at 0.

    >>> print(ArcTan()(1.0), ArcTan().derivative(1e160))
    0.7853981633974483 1e-320
    """

    name = "arctan"
    title = "arctan"
    family = "S-shaped"
    look = "vermillion", ":"
    formula = r"\arctan(z)"
    derivative_formula = r"\frac{1}{1 + z^2}"
    source = "kunc2024"

    def value(self, z):
        return np.arctan(z)

    def derivative(self, z):
        root = np.hypot(1, z)  # z * z would overflow long before 1 / z^2 is 0
        return 1 / root / root

    @property
    def traits(self):
        return Traits(
            image=Interval(-math.pi / 2, math.pi / 2, open_low=True, open_high=True),
            left=Tail(0, -math.pi / 2),
            right=Tail(0, math.pi / 2),
            steepest=1,
            monotone=True,
            odd=True,
            transcendentals=1,
        )


@dataclass(frozen=True)
class Softsign(Pointwise):
    """An S-shape without an exponential, whose slope fades only as 1 / z^2: at z = 9 it is still 1 / 100.

    Softsign(): limits -1 and 1, no kink, value 0 and slope 1 at 0.

    >>> print(Softsign()(9.0), Softsign().derivative(9.0))
    0.9 0.01
    """

    name = "softsign"
    title = "softsign"
    family = "S-shaped"
    look = "vermillion", "-."
    formula = r"\frac{z}{1 + |z|}"
    derivative_formula = r"\frac{1}{(1 + |z|)^2}"
    source = "bergstra2009"

    def value(self, z):
        z = bounded(z)
        return z / (1 + np.abs(z))

    def derivative(self, z):
        return (1 / (1 + np.abs(z))) ** 2

    @property
    def traits(self):
        return Traits(
            image=Interval(-1, 1, open_low=True, open_high=True),
            left=Tail(0, -1),
            right=Tail(0, 1),
            steepest=1,
            monotone=True,
            odd=True,
            smoothness=1,
        )
