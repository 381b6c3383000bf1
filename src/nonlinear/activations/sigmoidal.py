"""S-shaped functions from 0 to 1, which saturate on both sides."""

from dataclasses import dataclass

import numpy as np

from nonlinear.activations.base import DOUBLE, Pointwise, Tail, Traits, parameter, plain_number
from nonlinear.arrays import POSITIVE, Interval
from nonlinear.special import exp_pair, keep_nan

__all__ = ["Step", "Sigmoid", "HardSigmoid", "TwoReLU"]


@dataclass(frozen=True)
class Step(Pointwise):
    """The threshold of the first artificial neurons: 1 if z >= 0, else 0.

    Its slope is 0 everywhere (at the jump there is none, and 0 is returned), so gradient descent cannot learn through
    it: that is what the sigmoids are for.

    Step(): limits 0 and 1, a jump at 0 with slope 0, value 1 and slope 0 at 0.

    >>> print(Step()([-0.1, 0.0, 2.0]), Step().derivative(0.0))
    [0. 1. 1.] 0.0
    """

    name = "step"
    title = "step"
    synonyms = ("heaviside",)
    family = "S-shaped"
    look = "magenta", (5, 1)
    formula = r"\begin{cases} 1 & z \ge 0 \\ 0 & z < 0 \end{cases}"
    derivative_formula = "0"
    source = "mcculloch1943"

    def value(self, z):
        return keep_nan(z, z >= 0)

    def derivative(self, z):
        return keep_nan(z, 0)

    @property
    def traits(self):
        return Traits(
            image=Interval(0, 1),
            left=Tail(0, 0, exact=True),
            right=Tail(0, 1, exact=True),
            steepest=0,
            monotone=True,
            kinks=(0.0,),
            smoothness=-1,
        )


@dataclass(frozen=True)
class Sigmoid(Pointwise):
    """The logistic sigmoid, which squashes the real line into (0, 1).

    In floating point it rounds to exactly 1 for large z, yet its derivative keeps its digits until exp(-|z|) itself
    underflows. The limits at minus and plus infinity are 0 and 1.

    Sigmoid(): limits 0 and 1, no kink, value 0.5 and slope 0.25 at 0.

    >>> f = Sigmoid()
    >>> print(f(0.0), f.derivative(0.0), f.derivative(40.0))
    0.5 0.25 4.248354255291589e-18
    """

    name = "sigmoid"
    title = "sigmoid"
    synonyms = ("expit", "logistic", "logsig")
    family = "S-shaped"
    look = "magenta", ":"
    formula = r"\frac{1}{1 + e^{-z}}"
    derivative_formula = r"\frac{e^{-z}}{(1 + e^{-z})^2}"
    source = "rumelhart1986"

    def value(self, z):
        p, n = exp_pair(z)
        return p / (p + n)

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
class HardSigmoid(Pointwise):
    """A sigmoid of three straight pieces, in the version of MobileNetV3: (z + 3) / 6 between -3 and 3.

    At its two kinks the derivative is 0. `TwoReLU` has its width as a parameter.

    HardSigmoid(): limits 0 and 1, kinks at -3 and 3 with slopes 0 and 0, value 0.5 and slope 0.1667 at 0.

    >>> print(HardSigmoid()([-4.0, 0.0, 1.5]), HardSigmoid().derivative([0.0, 3.0]))
    [0.   0.5  0.75] [0.16666667 0.        ]
    """

    name = "hard_sigmoid"
    title = "hard sigmoid"
    family = "S-shaped"
    look = "magenta", (4, 1, 1, 1)
    formula = r"\min(1, \max(0, \frac{z + 3}{6}))"
    derivative_formula = r"\begin{cases} \frac{1}{6} & |z| < 3 \\ 0 & |z| \ge 3 \end{cases}"
    source = "howard2019"

    def value(self, z):
        return (np.clip(z, -3, 3) + 3) / 6

    def derivative(self, z):
        return keep_nan(z, np.where(np.abs(z) < 3, 1 / 6, 0))

    @property
    def traits(self):
        return Traits(
            image=Interval(0, 1),
            left=Tail(0, 0, exact=True),
            right=Tail(0, 1, exact=True),
            steepest=1 / 6,
            monotone=True,
            kinks=(-3.0, 3.0),
            smoothness=0,
        )


@dataclass(frozen=True)
class TwoReLU(Pointwise):
    """Two ReLUs that make a sigmoid: their difference, shifted by c to either side and scaled to end at 1.

    With c = 2 it is tangent to the logistic sigmoid at 0; c = 3 is `HardSigmoid`, and c = 1 the sparse sigmoid (and
    the hard sigmoid of networks with binary weights). At the kinks, -c and c, the derivative is 0.

    TwoReLU(): limits 0 and 1, kinks at -2 and 2 with slopes 0 and 0, value 0.5 and slope 0.25 at 0.

    >>> print(TwoReLU(2)([-3.0, 0.0, 1.0]), TwoReLU(2).derivative(0.0))
    [0.   0.5  0.75] 0.25
    """

    half_width: float = parameter(2.0, "c", domain=POSITIVE, typical=Interval(0.5, 5))

    name = "two_relu"
    title = "two ReLUs"
    family = "S-shaped"
    look = "magenta", (6, 2, 2, 2)
    formula = r"\frac{\max(0, z + c) - \max(0, z - c)}{2 c}"
    derivative_formula = r"\begin{cases} \frac{1}{2 c} & |z| < c \\ 0 & |z| \ge c \end{cases}"
    source = "courbariaux2015"
    precision = DOUBLE

    def value(self, z):
        c = self.half_width
        return (np.clip(z, -c, c) + c) / (2 * c)

    def derivative(self, z):
        return keep_nan(z, (np.abs(z) < self.half_width) / (2.0 * self.half_width))

    def partials(self, z):
        c = self.half_width
        return {"half_width": np.where(np.abs(z) >= c, 0, -z) / (2 * np.square(c))}

    @property
    def traits(self):
        c = plain_number("half_width", self.half_width)
        return Traits(
            image=Interval(0, 1),
            left=Tail(0, 0, exact=True),
            right=Tail(0, 1, exact=True),
            steepest=1 / (2 * c),
            monotone=True,
            kinks=(-c, c),
            smoothness=0,
        )
