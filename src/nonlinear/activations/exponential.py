"""Rectifiers with an exponential left half, which bends down to a floor, and the exponential itself."""

import math
from dataclasses import dataclass

import numpy as np

from nonlinear.activations.base import DOUBLE, Pointwise, Tail, Traits, parameter, plain_number
from nonlinear.arrays import POSITIVE, Interval
from nonlinear.special import erlang, two_quotient

__all__ = ["ELU", "CELU", "SELU"]


@dataclass(frozen=True)
class ELU(Pointwise):
    """The exponential linear unit, which bends smoothly down to -alpha on its negative side.

    The derivative there is alpha * exp(z), computed as such: f(z) + alpha, the form usually quoted, cancels to exactly
    0 below z = -37.4. At 0 the left derivative, alpha, is returned; only for alpha = 1 is there no kink.

    ELU(): limits -1 and infinity, no kink, value 0 and slope 1 at 0.

    >>> f = ELU()
    >>> print(f(-1.0), f.derivative(-40.0))
    -0.6321205588285577 4.248354255291589e-18
    """

    alpha: float = parameter(1.0, r"\alpha", domain=POSITIVE, typical=Interval(0.1, 2))

    name = "elu"
    family = "bent smoothly"
    look = "green", (8, 3)
    formula = r"\begin{cases} z & z > 0 \\ \alpha (e^z - 1) & z \le 0 \end{cases}"
    derivative_formula = r"\begin{cases} 1 & z > 0 \\ \alpha e^z & z \le 0 \end{cases}"
    source = "clevert2016"

    def value(self, z):
        return np.where(z > 0, z, self.alpha * np.expm1(np.minimum(z, 0)))

    def derivative(self, z):
        return np.where(z > 0, 1, self.alpha * np.exp(np.minimum(z, 0)))

    def partials(self, z):
        return {"alpha": np.expm1(np.minimum(z, 0))}

    @property
    def traits(self):
        alpha = plain_number("alpha", self.alpha)
        return Traits(
            image=Interval(-alpha, math.inf, open_low=True),
            left=Tail(0, -alpha),
            right=Tail(1, 0, exact=True),
            steepest=max(1, alpha),
            monotone=True,
            kinks=() if alpha == 1 else (0.0,),
            smoothness=1 if alpha == 1 else 0,
            transcendentals=1,
        )


@dataclass(frozen=True)
class CELU(Pointwise):
    """An ELU whose exponent is divided by alpha too, so that its slope is 1 on both sides of 0 for every alpha.

    CELU(): limits -1 and infinity, no kink, value 0 and slope 1 at 0.

    >>> print(CELU(0.5)([-1.0, 2.0]), CELU(0.5).derivative([-1.0, 2.0]))
    [-0.43233236  2.        ] [0.13533528 1.        ]
    """

    alpha: float = parameter(1.0, r"\alpha", domain=POSITIVE, typical=Interval(0.3, 3))

    name = "celu"
    family = "bent smoothly"
    look = "green", ":"
    formula = r"\begin{cases} z & z > 0 \\ \alpha (e^{z / \alpha} - 1) & z \le 0 \end{cases}"
    derivative_formula = r"\begin{cases} 1 & z > 0 \\ e^{z / \alpha} & z \le 0 \end{cases}"
    source = "barron2017"
    precision = DOUBLE

    def value(self, z):
        t = np.minimum(z, 0) / self.alpha
        return np.where(np.abs(t) < 1e-20, z, self.alpha * np.expm1(t))  # so close to 0 it is z, t may lose digits

    def derivative(self, z):
        t, rest = two_quotient(np.minimum(z, 0), self.alpha)
        return np.exp(t) * (1 + rest)

    def partials(self, z):
        """Return exp(t) - 1 - t exp(t) with t = z / alpha, where z < 0."""
        return {"alpha": -erlang(np.maximum(-z, 0) / self.alpha)}

    @property
    def traits(self):
        alpha = plain_number("alpha", self.alpha)
        return Traits(
            image=Interval(-alpha, math.inf, open_low=True),
            left=Tail(0, -alpha),
            right=Tail(1, 0, exact=True),
            steepest=1,
            monotone=True,
            smoothness=1,
            transcendentals=1,
        )


@dataclass(frozen=True)
class SELU(Pointwise):
    """The scaled ELU of self-normalising networks: lambda * ELU(alpha), with two particular constants.

    They make mean 0 and variance 1 a fixed point: if z is standard normal, f(z) has mean 0 and variance 1 again. At 0
    the left derivative, lambda * alpha = 1.758, is returned.

    SELU(): limits -1.758 and infinity, a kink at 0 with slope 1.758, value 0 and slope 1.758 at 0.

    >>> print(SELU()([-1.0, 2.0]), SELU().derivative(0.0))
    [-1.11133074  2.10140197] 1.7580993408473768
    """

    name = "selu"
    family = "bent smoothly"
    look = "green", "-"
    formula = r"\begin{cases} 1.0507009873554805 z & z > 0 \\ 1.7580993408473769 (e^z - 1) & z \le 0 \end{cases}"
    derivative_formula = r"\begin{cases} 1.0507009873554805 & z > 0 \\ 1.7580993408473769 e^z & z \le 0 \end{cases}"
    source = "klambauer2017"

    scale = 1.0507009873554805
    scale_alpha = 1.7580993408473769

    def value(self, z):
        return np.where(z > 0, self.scale * z, self.scale_alpha * np.expm1(np.minimum(z, 0)))

    def derivative(self, z):
        return np.where(z > 0, self.scale, self.scale_alpha * np.exp(np.minimum(z, 0)))

    @property
    def traits(self):
        return Traits(
            image=Interval(-self.scale_alpha, math.inf, open_low=True),
            left=Tail(0, -self.scale_alpha),
            right=Tail(self.scale, 0, exact=True),
            steepest=self.scale_alpha,
            monotone=True,
            kinks=(0.0,),
            smoothness=0,
            transcendentals=1,
        )
