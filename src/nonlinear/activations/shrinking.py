"""Functions that pull their input towards zero, by a little or all the way: they serve denoising and sparse codes."""

from dataclasses import dataclass

import numpy as np

from nonlinear.activations.base import DOUBLE, Pointwise, Tail, Traits, parameter, plain_number
from nonlinear.arrays import POSITIVE, REALS, Interval
from nonlinear.special import keep_nan, tanh_shrink

__all__ = ["SoftShrink", "HardShrink", "TanhShrink"]


@dataclass(frozen=True)
class SoftShrink(Pointwise):
    """Soft thresholding: pulls every input towards zero by ``threshold``, and what is closer than that to zero.

    It solves min over a of (a - z)^2 / 2 + threshold |a|, which is why it appears in sparse coding. At its two kinks
    the derivative is 0.

    SoftShrink(): limits -infinity and infinity, kinks at -0.5 and 0.5 with slopes 0 and 0, value 0 and slope 0 at 0.

    >>> print(SoftShrink()([-2.0, 0.5, 2.0]), SoftShrink().derivative([-2.0, 0.5, 2.0]))
    [-1.5  0.   1.5] [1. 0. 1.]
    """

    threshold: float = parameter(0.5, r"\lambda", domain=POSITIVE, typical=Interval(0.1, 2))

    name = "soft_shrink"
    title = "soft shrink"
    family = "shrinking or periodic"
    look = "ink", (8, 3)
    formula = (
        r"\begin{cases} z - \lambda & z > \lambda \\ z + \lambda & z < -\lambda \\ 0 & |z| \le \lambda \end{cases}"
    )
    derivative_formula = r"\begin{cases} 1 & |z| > \lambda \\ 0 & |z| \le \lambda \end{cases}"
    source = "donoho1995"
    precision = DOUBLE

    def value(self, z):
        return z - np.clip(z, -self.threshold, self.threshold)

    def derivative(self, z):
        return keep_nan(z, np.abs(z) > self.threshold)

    def partials(self, z):
        return {"threshold": -np.sign(z) * (np.abs(z) > self.threshold)}

    @property
    def traits(self):
        threshold = plain_number("threshold", self.threshold)
        return Traits(
            image=REALS,
            left=Tail(1, threshold, exact=True),
            right=Tail(1, -threshold, exact=True),
            steepest=1,
            monotone=True,
            odd=True,
            kinks=(-threshold, threshold),
            smoothness=0,
        )


@dataclass(frozen=True)
class HardShrink(Pointwise):
    """Hard thresholding: what is within ``threshold`` of zero becomes zero, the rest stays as it is.

    It jumps at -threshold and threshold; there the value and the derivative are 0. No threshold can be learned by
    gradient descent, because moving it changes no output but those at the jump.

    HardShrink(): limits -infinity and infinity, jumps at -0.5 and 0.5 with slopes 0 and 0, value 0 and slope 0 at 0.

    >>> print(HardShrink()([-2.0, 0.5, 2.0]))
    [-2.  0.  2.]
    """

    threshold: float = parameter(0.5, r"\lambda", domain=POSITIVE, typical=Interval(0.1, 2), learnable=False)

    name = "hard_shrink"
    title = "hard shrink"
    family = "shrinking or periodic"
    look = "ink", (2, 1)
    formula = r"\begin{cases} z & |z| > \lambda \\ 0 & |z| \le \lambda \end{cases}"
    derivative_formula = r"\begin{cases} 1 & |z| > \lambda \\ 0 & |z| \le \lambda \end{cases}"
    source = "donoho1994"
    precision = DOUBLE

    def value(self, z):
        return np.where(np.abs(z) <= self.threshold, 0, z)

    def derivative(self, z):
        return keep_nan(z, np.abs(z) > self.threshold)

    @property
    def traits(self):
        threshold = plain_number("threshold", self.threshold)
        line = Tail(1, 0, exact=True)
        return Traits(
            image=REALS,
            left=line,
            right=line,
            steepest=1,
            monotone=True,
            odd=True,
            kinks=(-threshold, threshold),
            smoothness=-1,
        )


@dataclass(frozen=True)
class TanhShrink(Pointwise):
    """What tanh leaves of its input: z - tanh(z), which is almost nothing near 0 (z^3 / 3) and z -+ 1 far out.

    TanhShrink(): limits -infinity and infinity, no kink, value 0 and slope 0 at 0.

    >>> print(TanhShrink()([1e-5, 30.0]), TanhShrink().derivative(2.0))
    [3.33333333e-16 2.90000000e+01] 0.9293491751468356
    """

    name = "tanh_shrink"
    title = "tanh shrink"
    family = "shrinking or periodic"
    look = "ink", (6, 2, 1, 2, 1, 2)
    formula = r"z - \tanh(z)"
    derivative_formula = r"\tanh^2(z)"
    source = "paszke2019"

    def value(self, z):
        return tanh_shrink(z)

    def derivative(self, z):
        return np.tanh(z) ** 2

    @property
    def traits(self):
        return Traits(
            image=REALS,
            left=Tail(1, 1),
            right=Tail(1, -1),
            steepest=1,
            monotone=True,
            odd=True,
            transcendentals=1,
        )
