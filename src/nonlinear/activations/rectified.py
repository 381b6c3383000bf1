"""Functions that pass what is positive: the identity, the ReLU, and the functions that repair its left half."""

import math
from dataclasses import dataclass

import numpy as np

from nonlinear.activations.base import (
    REALS,
    Interval,
    Pointwise,
    Tail,
    Traits,
    elementwise,
    in_own_precision,
    parameter,
    plain_number,
)
from nonlinear.special import scaled


@dataclass(frozen=True)
class Identity(Pointwise):
    """No activation at all: what an output layer for regression uses, and what makes a deep network linear.

    >>> print(Identity()(-2.5), Identity().derivative(-2.5))
    -2.5 1.0
    """

    name = "identity"
    formula = "z"
    derivative_formula = "1"
    source = "goodfellow2016"

    @elementwise
    def value(self, z):
        return z.copy()

    @elementwise
    def derivative(self, z):
        return np.where(np.isnan(z), z, 1)

    @property
    def traits(self):
        line = Tail(1, 0, exact=True)
        return Traits(image=REALS, left=line, right=line, steepest=1, monotone=True, odd=True)


@dataclass(frozen=True)
class ReLU(Pointwise):
    """The rectified linear unit: positive inputs pass, the others are stopped.

    It has no derivative at 0; here, as in every large framework, ReLU'(0) = 0.

    >>> print(ReLU()([-2.0, 0.0, 3.0]), ReLU().derivative([-2.0, 0.0, 3.0]))
    [0. 0. 3.] [0. 0. 1.]
    """

    name = "relu"
    formula = r"\max(0, z)"
    derivative_formula = r"\begin{cases} 1 & z > 0 \\ 0 & z \le 0 \end{cases}"
    source = "nair2010"

    @elementwise
    def value(self, z):
        return np.maximum(z, 0)

    @elementwise
    def derivative(self, z):
        return np.sign(np.maximum(z, 0))

    @property
    def traits(self):
        return Traits(
            image=Interval(0, math.inf),
            left=Tail(0, 0, exact=True),
            right=Tail(1, 0, exact=True),
            steepest=1,
            monotone=True,
            kinks=(0.0,),
            smoothness=0,
        )


@dataclass(frozen=True)
class LeakyReLU(Pointwise):
    """A ReLU whose negative side leaks: slope ``negative_slope`` instead of 0.

    Any finite slope is allowed, because a learned one (the PReLU of He et al.) may pass through 0 and 1. The
    derivative at 0 is ``negative_slope`` by convention.

    >>> print(LeakyReLU()([-2.0, 2.0]), LeakyReLU(0.3).derivative([-2.0, 2.0]))
    [-0.02  2.  ] [0.3 1. ]
    """

    negative_slope: float = parameter(0.01, typical=Interval(0, 1))

    name = "leaky_relu"
    formula = r"\begin{cases} z & z > 0 \\ \alpha z & z \le 0 \end{cases}"
    derivative_formula = r"\begin{cases} 1 & z > 0 \\ \alpha & z \le 0 \end{cases}"
    source = "maas2013"

    @elementwise
    def value(self, z):
        return np.where(z > 0, z, scaled(self.negative_slope, z))

    @elementwise
    def derivative(self, z):
        return np.where(np.isnan(z), z, np.where(z > 0, 1, self.negative_slope))

    def partials(self, z):
        return {"negative_slope": in_own_precision(lambda z: np.minimum(z, 0), z)}

    @property
    def traits(self):
        slope = plain_number("negative_slope", self.negative_slope)
        return Traits(
            image=Interval(0, math.inf) if slope <= 0 else REALS,
            left=Tail(slope, 0, exact=True),
            right=Tail(1, 0, exact=True),
            steepest=max(1, abs(slope)),
            monotone=slope >= 0,
            odd=slope == 1,
            kinks=() if slope == 1 else (0.0,),
            smoothness=math.inf if slope == 1 else 0,
        )


@dataclass(frozen=True)
class ELU(Pointwise):
    """The exponential linear unit, which bends smoothly down to -alpha on its negative side.

    The derivative there is alpha * exp(z), computed as such: f(z) + alpha, the form usually quoted, cancels to exactly
    0 below z = -37.4. At 0 the left derivative, alpha, is returned; only for alpha = 1 is there no kink.

    >>> f = ELU()
    >>> print(f(-1.0), f.derivative(-40.0))
    -0.6321205588285577 4.248354255291589e-18
    """

    alpha: float = parameter(1.0, domain=Interval(0, math.inf, open_low=True), typical=Interval(0.1, 2))

    name = "elu"
    formula = r"\begin{cases} z & z > 0 \\ \alpha (e^z - 1) & z \le 0 \end{cases}"
    derivative_formula = r"\begin{cases} 1 & z > 0 \\ \alpha e^z & z \le 0 \end{cases}"
    source = "clevert2016"

    @elementwise
    def value(self, z):
        return np.where(z > 0, z, self.alpha * np.expm1(np.minimum(z, 0)))

    @elementwise
    def derivative(self, z):
        return np.where(z > 0, 1, self.alpha * np.exp(np.minimum(z, 0)))

    def partials(self, z):
        return {"alpha": in_own_precision(lambda z: np.expm1(np.minimum(z, 0)), z)}

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
