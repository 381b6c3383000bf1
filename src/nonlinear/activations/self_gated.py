"""Functions that multiply their input by a gate computed from that same input: smooth, and not monotone."""

import math
from dataclasses import dataclass

import numpy as np

from nonlinear.activations.base import DOUBLE, Pointwise, Tail, Traits, parameter, plain_number
from nonlinear.arrays import POSITIVE, Interval
from nonlinear.special import (
    bounded,
    gelu_tanh_exponent,
    long_exp_pair,
    scaled,
    scaled_normal_tail,
    times_gaussian,
    two_product,
)

__all__ = ["SiLU", "Swish", "HardSwish", "GELU", "GELUTanh", "Mish"]


@dataclass(frozen=True)
class SiLU(Pointwise):
    """The sigmoid linear unit z * sigmoid(z), also known as Swish with beta = 1.

    It falls to -0.2785 at z = -1.2785 and then rises back towards 0: to the left of that point its slope is negative.

    SiLU(): limits 0 and infinity, no kink, value 0 and slope 0.5 at 0.

    >>> print(SiLU()([-1.0, 0.0, 1.0]))
    [-0.26894142  0.          0.73105858]
    """

    name = "silu"
    family = "self-gated"
    look = "purple", (6, 2, 1, 2, 1, 2)
    formula = r"\frac{z}{1 + e^{-z}}"
    derivative_formula = r"\sigma(z)\,\bigl(1 + z\,(1 - \sigma(z))\bigr)"
    source = "elfwing2018"

    def value(self, z):
        p, n, tail = long_exp_pair(z)
        return scaled(tail, z * p / (p + n))

    def derivative(self, z):
        p, n, tail = long_exp_pair(z)
        s = p + n
        return p * ((s + bounded(z) * n) / s**2) * tail

    @property
    def traits(self):
        return Traits(
            image=Interval(-0.27846454276107374, math.inf),
            left=Tail(0, 0),
            right=Tail(1, 0),
            steepest=1.0998393201288634,
            monotone=False,
            transcendentals=1,
        )


@dataclass(frozen=True)
class Swish(Pointwise):
    """The SiLU with a slope of its own: z * sigmoid(beta z), between z / 2 (beta to 0) and the ReLU (beta to infinity).

    Swish(1) is `SiLU`, Swish(1.702) a cheap approximation of `GELU`. Its minimum is -0.2785 / beta.

    Swish(): limits 0 and infinity, no kink, value 0 and slope 0.5 at 0.

    >>> print(Swish(2)([-1.0, 0.0, 1.0]))
    [-0.11920292  0.          0.88079708]
    """

    beta: float = parameter(1.0, r"\beta", domain=POSITIVE, typical=Interval(0.3, 5))

    name = "swish"
    family = "self-gated"
    look = "purple", (4, 1, 1, 1)
    formula = r"\frac{z}{1 + e^{-\beta z}}"
    derivative_formula = r"\sigma(\beta z) (1 + \beta z (1 - \sigma(\beta z)))"
    source = "ramachandran2018"
    precision = DOUBLE

    def value(self, z):
        p, n, tail = long_exp_pair(*two_product(self.beta, z))
        return scaled(tail, z * p / (p + n))

    def derivative(self, z):
        t, rest = two_product(self.beta, z)
        p, n, tail = long_exp_pair(t, rest)
        s = p + n
        return p * ((s + bounded(t) * n) / s**2) * tail

    def partials(self, z):
        """Return z^2 sigmoid'(beta z), which is even in z."""
        p, n, tail = long_exp_pair(*two_product(-np.abs(self.beta), np.abs(z)))
        return {"beta": bounded(z * p / (p + n) ** 2 * z) * tail}

    @property
    def traits(self):
        beta = plain_number("beta", self.beta)
        return Traits(
            image=Interval(-0.27846454276107374 / beta, math.inf),
            left=Tail(0, 0),
            right=Tail(1, 0),
            steepest=1.0998393201288634,
            monotone=False,
            transcendentals=1,
        )


@dataclass(frozen=True)
class HardSwish(Pointwise):
    """The SiLU with the hard sigmoid as its gate: 0 below -3, z above 3, a parabola between.

    Its derivative jumps at both ends: at -3, where the slopes are 0 and -1/2, it is 0, and at 3 (3/2 and 1) it is 1.

    HardSwish(): limits 0 and infinity, kinks at -3 and 3 with slopes 0 and 1, value 0 and slope 0.5 at 0.

    >>> print(HardSwish()([-4.5, -1.5, 4.5]), HardSwish().derivative([-3.0, 0.0, 3.0]))
    [-0.    -0.375  4.5  ] [0.  0.5 1. ]
    """

    name = "hard_swish"
    title = "hard Swish"
    family = "self-gated"
    look = "purple", "--"
    formula = r"z \min(1, \max(0, \frac{z + 3}{6}))"
    derivative_formula = r"\begin{cases} 1 & z \ge 3 \\ \frac{2 z + 3}{6} & -3 < z < 3 \\ 0 & z \le -3 \end{cases}"
    source = "howard2019"

    def value(self, z):
        return np.maximum(z, -3) * ((np.clip(z, -3, 3) + 3) / 6)

    def derivative(self, z):
        slope = (2 * np.clip(z, -3, 3) + 3) / 6
        return np.where(z <= -3, 0, np.where(z >= 3, 1, slope))

    @property
    def traits(self):
        return Traits(
            image=Interval(-0.375, math.inf),
            left=Tail(0, 0, exact=True),
            right=Tail(1, 0, exact=True),
            steepest=1.5,
            monotone=False,
            kinks=(-3.0, 3.0),
            smoothness=0,
        )


@dataclass(frozen=True)
class GELU(Pointwise):
    """The Gaussian error linear unit: z times the probability Phi(z) that a standard normal number is below z.

    It falls to -0.1700 at z = -0.7518. The exact function, with the normal distribution; `GELUTanh` is the
    approximation that many libraries also call GELU. With a = |z|, the normal tail beyond a is a smooth function of a
    times exp(-a^2 / 2).

    GELU(): limits 0 and infinity, no kink, value 0 and slope 0.5 at 0.

    >>> print(GELU()([-10.0, 0.0, 1.0]))
    [-7.61985302e-23  0.00000000e+00  8.41344746e-01]
    """

    name = "gelu"
    family = "self-gated"
    look = "purple", "-"
    formula = r"z \, \Phi(z)"
    derivative_formula = r"\Phi(z) + \frac{z}{\sqrt{2 \pi}} e^{-z^2 / 2}"
    source = "hendrycks2016"

    def value(self, z):
        a = np.abs(z)
        return np.maximum(z, 0) - times_gaussian(bounded(a) * scaled_normal_tail(a), a)

    def derivative(self, z):
        a = np.abs(z)
        left = times_gaussian(scaled_normal_tail(a) - bounded(a) / math.sqrt(2 * math.pi), a)
        return np.where(z < 0, left, 1 - left)

    @property
    def traits(self):
        return Traits(
            image=Interval(-0.16997120747990366, math.inf),
            left=Tail(0, 0),
            right=Tail(1, 0),
            steepest=1.1289041451851547,
            monotone=False,
            transcendentals=1,
        )


@dataclass(frozen=True)
class GELUTanh(Pointwise):
    """The approximation of the GELU by a tanh, which is that of z * sigmoid(s) for a cubic s of z.

    It differs from the `GELU` by up to 0.00047. Written with the sigmoid it keeps its left tail, which 1 + tanh loses.

    GELUTanh(): limits 0 and infinity, no kink, value 0 and slope 0.5 at 0.

    >>> print(GELUTanh()([-10.0, 0.0, 1.0]))
    [-1.20409235e-37  0.00000000e+00  8.41191991e-01]
    """

    name = "gelu_tanh"
    title = "GELU, tanh form"
    family = "self-gated"
    look = "purple", ":"
    formula = r"\frac{z}{2} (1 + \tanh(\sqrt{2 / \pi} (z + 0.044715 z^3)))"
    derivative_formula = (
        r"\sigma(s) + z \sigma(s) (1 - \sigma(s)) 2 \sqrt{2 / \pi} (1 + 0.134145 z^2), "
        r"\quad s = 2 \sqrt{2 / \pi} (z + 0.044715 z^3)"
    )
    source = "hendrycks2016"
    precision = DOUBLE

    def value(self, z):
        p, n, tail = long_exp_pair(*gelu_tanh_exponent(z))
        return scaled(tail, z * p / (p + n))

    def derivative(self, z):
        p, n, tail = long_exp_pair(*gelu_tanh_exponent(z))
        z = np.clip(z, -100, 100)
        s, rise = p + n, 2 * math.sqrt(2 / math.pi) * (1 + 0.134145 * z * z)
        return p * ((s + z * rise * n) / s**2) * tail

    @property
    def traits(self):
        return Traits(
            image=Interval(-0.17004075057125412, math.inf),
            left=Tail(0, 0),
            right=Tail(1, 0),
            steepest=1.1289930686587718,
            monotone=False,
            transcendentals=1,
        )


@dataclass(frozen=True)
class Mish(Pointwise):
    """The input times the tanh of its softplus: much like the SiLU, with a minimum of -0.3088 at z = -1.1924.

    With p / n = exp(z), tanh(softplus(z)) is m / (m + 2 n^2) for m = p (p + 2 n), so one exponential does for three.

    Mish(): limits 0 and infinity, no kink, value 0 and slope 0.6 at 0.

    >>> print(Mish()([-1.0, 0.0, 1.0]))
    [-0.30340146  0.          0.86509839]
    """

    name = "mish"
    family = "self-gated"
    look = "purple", "-."
    formula = r"z \tanh(\log(1 + e^z))"
    derivative_formula = r"\tanh(\log(1 + e^z)) + z \sigma(z) (1 - \tanh^2(\log(1 + e^z)))"
    source = "misra2020"

    def value(self, z):
        p, n, tail = long_exp_pair(z)
        m = p + 2 * n
        return scaled(tail, z * (p * m / (p * m + 2 * n * n)))

    def derivative(self, z):
        p, n, tail = long_exp_pair(z)
        m = p + 2 * n
        d = p * m + 2 * n * n
        return p * ((m * d + bounded(4 * z) * n * n * (p + n)) / d**2) * tail

    @property
    def traits(self):
        return Traits(
            image=Interval(-0.3088434130172504, math.inf),
            left=Tail(0, 0),
            right=Tail(1, 0),
            steepest=1.0884981612517278,
            monotone=False,
            transcendentals=3,
        )
