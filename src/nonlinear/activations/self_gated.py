"""Functions that multiply their input by a gate computed from that same input: smooth, and not monotone."""

import math
from dataclasses import dataclass

import numpy as np

from nonlinear.activations.base import Interval, Pointwise, Tail, Traits, elementwise
from nonlinear.special import exp_pair

# From |z| = 10,000 on the gate is exactly 0 or 1 in every float type; without the bound, infinity times 0 would be NaN.
GATE_IS_SHUT = 1e4


@dataclass(frozen=True)
class SiLU(Pointwise):
    """The sigmoid linear unit z * sigmoid(z), also known as Swish with beta = 1.

    It falls to -0.2785 at z = -1.2785 and then rises back towards 0: to the left of that point its slope is negative.

    >>> print(SiLU()([-1.0, 0.0, 1.0]))
    [-0.26894142  0.          0.73105858]
    """

    name = "silu"
    formula = r"\frac{z}{1 + e^{-z}}"
    derivative_formula = r"\sigma(z)\,\bigl(1 + z\,(1 - \sigma(z))\bigr)"
    source = "elfwing2018"

    @elementwise
    def value(self, z):
        p, n = exp_pair(z / 2)  # halves, because z * exp(z) lives longer than exp(z)
        return np.maximum(z, -GATE_IS_SHUT) * p / (p * p + n * n) * p

    @elementwise
    def derivative(self, z):
        p, n = exp_pair(z / 2)
        z = np.clip(z, -GATE_IS_SHUT, GATE_IS_SHUT)
        s = p * p + n * n
        return p * ((s + z * n * n) / s**2) * p

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
