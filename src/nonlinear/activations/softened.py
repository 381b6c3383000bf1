"""Smooth approximations of the ReLU, each with a sigmoid as its derivative, and one of them turned by half a turn."""

import math
from dataclasses import dataclass

import numpy as np

from nonlinear.activations.base import DOUBLE, Pointwise, Tail, Traits, parameter, plain_number
from nonlinear.arrays import POSITIVE, Interval
from nonlinear.special import bounded, exp_pair, long_exp_pair, two_product

__all__ = ["Softplus", "Squareplus", "SparsePlus", "LogSigmoid"]


@dataclass(frozen=True)
class Softplus(Pointwise):
    """The integral of the sigmoid: a ReLU with a rounded corner, sharper the larger beta is.

    It exceeds the ReLU everywhere, by log(2) / beta at most (at 0). Its left tail, exp(beta z) / beta, stays positive
    until the exponential underflows.

    Softplus(): limits 0 and infinity, no kink, value 0.6931 and slope 0.5 at 0.

    >>> print(Softplus()([-40.0, 0.0, 40.0]), Softplus(10).derivative(0.1))
    [4.24835426e-18 6.93147181e-01 4.00000000e+01] 0.7310585786300049
    """

    beta: float = parameter(1.0, r"\beta", domain=POSITIVE, typical=Interval(0.3, 10))

    name = "softplus"
    title = "softplus"
    family = "bent smoothly"
    look = "ochre", "-"
    formula = r"\frac{1}{\beta} \log(1 + e^{\beta z})"
    derivative_formula = r"\frac{1}{1 + e^{-\beta z}}"
    source = "dugas2001"
    precision = DOUBLE

    def value(self, z):
        p, n = exp_pair(*two_product(self.beta, z))
        line = np.where(np.asarray(self.beta) > 0, np.maximum(z, 0), np.minimum(z, 0))  # learned, it may turn negative
        return line + np.log1p(p * n) / self.beta

    def derivative(self, z):
        p, n = exp_pair(*two_product(self.beta, z))
        return p / (p + n)

    def partials(self, z):
        t, rest = two_product(-np.abs(self.beta), np.abs(z))
        p, _, tail = long_exp_pair(t, rest)
        square = np.square(self.beta)
        return {"beta": p * bounded(t / (1 + p) / square) * tail - np.log1p(p * tail) / square}

    @property
    def traits(self):
        plain_number("beta", self.beta)
        return Traits(
            image=POSITIVE,
            left=Tail(0, 0),
            right=Tail(1, 0),
            steepest=1,
            monotone=True,
            transcendentals=2,
        )


@dataclass(frozen=True)
class Squareplus(Pointwise):
    """A softplus without exponentials: half of z plus the root of z^2 + b. It is sqrt(b) / 2 at 0.

    Its left tail is -b / (4 z), much heavier than that of the softplus.

    Squareplus(): limits 0 and infinity, no kink, value 1 and slope 0.5 at 0.

    >>> print(Squareplus()([-1e9, 0.0, 3.0]), Squareplus().derivative(0.0))
    [1.00000000e-09 1.00000000e+00 3.30277564e+00] 0.5
    """

    b: float = parameter(4.0, "b", domain=POSITIVE, typical=Interval(0.1, 8))

    name = "squareplus"
    title = "squareplus"
    family = "bent smoothly"
    look = "ochre", (2, 1)
    formula = r"\frac{z + \sqrt{z^2 + b}}{2}"
    derivative_formula = r"\frac{1}{2} (1 + \frac{z}{\sqrt{z^2 + b}})"
    source = "barron2021"
    precision = DOUBLE

    def value(self, z):
        root = np.hypot(z, np.sqrt(self.b))
        return np.maximum(z, 0) + self.b / 4 / (root / 2 + np.abs(z) / 2)

    def derivative(self, z):
        z = bounded(z)
        return self.value(z) / np.hypot(z, np.sqrt(self.b))

    def partials(self, z):
        return {"b": 0.25 / np.hypot(z, np.sqrt(self.b))}

    @property
    def traits(self):
        plain_number("b", self.b)
        return Traits(image=POSITIVE, left=Tail(0, 0), right=Tail(1, 0), steepest=1, monotone=True)


@dataclass(frozen=True)
class SparsePlus(Pointwise):
    """A softplus of three pieces: exactly 0 below -1, exactly z above 1, and a parabola between.

    Its derivative is TwoReLU(1), the sparse sigmoid.

    SparsePlus(): limits 0 and infinity, no kink, value 0.25 and slope 0.5 at 0.

    >>> print(SparsePlus()([-2.0, 0.0, 2.0]), SparsePlus().derivative([-2.0, 0.0, 2.0]))
    [0.   0.25 2.  ] [0.  0.5 1. ]
    """

    name = "sparse_plus"
    title = "sparse-plus"
    family = "bent smoothly"
    look = "ochre", (4, 1, 1, 1)
    formula = r"\begin{cases} z & z \ge 1 \\ \frac{1}{4} (z + 1)^2 & -1 < z < 1 \\ 0 & z \le -1 \end{cases}"
    derivative_formula = r"\min(1, \max(0, \frac{z + 1}{2}))"
    source = "blondel2020"

    def value(self, z):
        return np.where(z >= 1, z, ((np.clip(z, -1, 1) + 1) / 2) ** 2)

    def derivative(self, z):
        return (np.clip(z, -1, 1) + 1) / 2

    @property
    def traits(self):
        return Traits(
            image=Interval(0, math.inf),
            left=Tail(0, 0, exact=True),
            right=Tail(1, 0, exact=True),
            steepest=1,
            monotone=True,
            smoothness=1,
        )


@dataclass(frozen=True)
class LogSigmoid(Pointwise):
    """The logarithm of the sigmoid, as it occurs in the cross-entropy of two classes.

    It is minus the softplus of -z. Taking the logarithm of a computed sigmoid instead gives minus infinity below
    z = -745, where the truth is z.

    LogSigmoid(): limits -infinity and 0, no kink, value -0.6931 and slope 0.5 at 0.

    >>> print(LogSigmoid()([-1000.0, 0.0, 50.0]))
    [-1.00000000e+03 -6.93147181e-01 -1.92874985e-22]
    """

    name = "log_sigmoid"
    title = "log-sigmoid"
    family = "bent smoothly"
    look = "ochre", (6, 2, 1, 2, 1, 2)
    formula = r"-\log(1 + e^{-z})"
    derivative_formula = r"\frac{1}{1 + e^z}"
    source = "goodfellow2016"

    def value(self, z):
        p, n = exp_pair(z)
        return np.minimum(z, 0) - np.log1p(p * n)

    def derivative(self, z):
        p, n = exp_pair(z)
        return n / (p + n)

    @property
    def traits(self):
        return Traits(
            image=Interval(-math.inf, 0, open_high=True),
            left=Tail(1, 0),
            right=Tail(0, 0),
            steepest=1,
            monotone=True,
            transcendentals=2,
        )
