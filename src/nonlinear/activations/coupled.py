"""Functions that compare the preactivations of a layer with one another, so that their derivative is a matrix.

In their formulas u is dL/da, the gradient with respect to the outputs, and delta is dL/dz.
"""

import math
from dataclasses import dataclass

import numpy as np

from nonlinear.activations.base import Coupled, parameter
from nonlinear.arrays import Interval
from nonlinear.special import Array, log_softmax, overflow_to_infinity, softmax, softmax_and_log, sparsemax

__all__ = ["Softmax", "LogSoftmax", "Softmin", "Sparsemax", "Maxout"]


@dataclass(frozen=True)
class Softmax(Coupled):
    """Turn scores into probabilities that sum to 1 along the last axis.

    Equal scores share equally, infinite ones too. Adding one number to all scores changes nothing.

    >>> print(Softmax()([0.0, 0.0, np.log(2.0)]))
    [0.25 0.25 0.5 ]
    """

    name = "softmax"
    title = "softmax"
    family = "scores compared with one another"
    look = "ink", "-"
    formula = r"a_i = \frac{e^{z_i}}{\sum_j e^{z_j}}"
    pullback_formula = r"\delta_i = a_i \Bigl(u_i - \sum_j a_j u_j\Bigr)"
    source = "bridle1990"

    def value(self, z):
        return softmax(z)

    def jacobian(self, z) -> Array:
        """Return d a_i / d z_j = a_i (1[i = j] - a_j), with shape (..., classes, classes)."""
        a = self(z)
        own = np.eye(a.shape[-1], dtype=a.dtype)
        with overflow_to_infinity():
            others = (a[..., None, :] * (1 - own)).sum(axis=-1, keepdims=True)  # 1 - a_i, without its cancellation
            return a[..., :, None] * (own * others - (1 - own) * a[..., None, :])

    def delta(self, z, upstream):
        a = softmax(z)
        for _ in range(2):  # the second time takes off what rounding left of the mean, which may be all there is
            upstream = upstream - (a * upstream).sum(axis=-1, keepdims=True)
        return a * upstream


@dataclass(frozen=True)
class LogSoftmax(Coupled):
    """The logarithms of the softmax's probabilities, which keep their digits where those are almost 1 or 0.

    >>> print(LogSoftmax()([50.0, 0.0]))
    [-1.92874985e-22 -5.00000000e+01]
    """

    name = "log_softmax"
    title = "log-softmax"
    family = "scores compared with one another"
    look = "ink", "--"
    formula = r"a_i = z_i - \log \sum_j e^{z_j}"
    pullback_formula = r"\delta_i = u_i - e^{a_i} \sum_j u_j"
    source = "goodfellow2016"

    def value(self, z):
        return log_softmax(z)

    def delta(self, z, upstream):
        if z.shape[-1] == 0:
            return np.zeros_like(z)
        p, log_p = softmax_and_log(z)
        largest = _largest(z)
        others = np.array(upstream)
        np.put_along_axis(others, largest, 0, axis=-1)
        delta = upstream - p * upstream.sum(axis=-1, keepdims=True)
        # At the largest score p may be almost 1: there u - p sum(u) is (1 - p) u - p (sum over the others).
        top = -np.expm1(_at(log_p, largest)) * _at(upstream, largest) - _at(p, largest) * others.sum(-1, keepdims=True)
        np.put_along_axis(delta, largest, top, axis=-1)
        return delta


@dataclass(frozen=True)
class Softmin(Coupled):
    """The softmax of the negated scores: the smallest gets the largest share.

    >>> print(Softmin()([0.0, 0.0, -np.log(2.0)]))
    [0.25 0.25 0.5 ]
    """

    name = "softmin"
    title = "softmin"
    family = "scores compared with one another"
    look = "ink", ":"
    formula = r"a_i = \frac{e^{-z_i}}{\sum_j e^{-z_j}}"
    pullback_formula = r"\delta_i = -a_i \Bigl(u_i - \sum_j a_j u_j\Bigr)"
    source = "bridle1990"

    def value(self, z):
        return softmax(-z)

    def delta(self, z, upstream):
        return -Softmax().delta(-z, upstream)


@dataclass(frozen=True)
class Sparsemax(Coupled):
    """The probabilities closest to the scores, many of which are exactly 0: z - tau where that is positive.

    tau is the number that makes them sum to 1. On the support S, the outputs that are not 0, the gradient loses its
    mean; the others get none. Where a score sits exactly at tau it counts as outside.

    >>> print(Sparsemax()([1.0, 0.5, -1.0]))
    [0.75 0.25 0.  ]
    """

    name = "sparsemax"
    title = "sparsemax"
    family = "scores compared with one another"
    look = "ink", "-."
    formula = r"a_i = \max(0, z_i - \tau), \quad \sum_i a_i = 1"
    pullback_formula = r"\delta_i = [a_i > 0] \Bigl(u_i - \frac{1}{|S|} \sum_{j \in S} u_j\Bigr)"
    source = "martins2016"

    def value(self, z):
        return sparsemax(z)

    def delta(self, z, upstream):
        support = sparsemax(z) > 0
        mean = (support * upstream).sum(axis=-1, keepdims=True) / support.sum(axis=-1, keepdims=True)
        return support * (upstream - mean.astype(upstream.dtype))


@dataclass(frozen=True)
class Maxout(Coupled):
    """The largest of ``pieces`` preactivations for each unit, so that the unit learns its own convex function.

    Unit i takes the preactivations number i * pieces to (i + 1) * pieces - 1. The gradient goes to the largest, to
    the first one of equals. ``Dense(units, Maxout(k))`` computes k preactivations for each unit.

    >>> Maxout(2)([3.0, 1.0, -5.0, -4.0])
    array([ 3., -4.])
    """

    pieces: int = parameter(2, "k", domain=Interval(1, math.inf), typical=Interval(2, 5), learnable=False)

    name = "maxout"
    family = "scores compared with one another"
    look = "teal", (3, 1)
    formula = r"a_i = \max_{1 \le j \le k} z_{ij}"
    pullback_formula = r"\delta_{ij} = [j \text{ is the first with } z_{ij} = a_i] \, u_i"
    source = "goodfellow2013"

    def __post_init__(self):
        if not isinstance(self.pieces, int | np.integer):
            raise TypeError(f"Maxout needs pieces to be a whole number; got {self.pieces!r}.")
        super().__post_init__()
        object.__setattr__(self, "pieces", int(self.pieces))

    def preactivations(self, units):
        return int(units) * self.pieces

    def value(self, z):
        return self._by_unit(z).max(axis=-1)

    def delta(self, z, upstream):
        by_unit = self._by_unit(z)
        delta = np.zeros_like(by_unit)
        np.put_along_axis(delta, _largest(by_unit), upstream[..., None], axis=-1)
        return delta.reshape(z.shape)

    def _by_unit(self, z):
        if z.shape[-1] % self.pieces:
            raise ValueError(
                f"Maxout({self.pieces}) needs a multiple of {self.pieces} preactivations; got {z.shape[-1]}. "
                f"Build the layer as Dense(units, Maxout({self.pieces})), which widens it for you."
            )
        return z.reshape(*z.shape[:-1], z.shape[-1] // self.pieces, self.pieces)


def _largest(z: Array) -> Array:
    return np.expand_dims(np.argmax(z, axis=-1), -1)


def _at(array: Array, index: Array) -> Array:
    return np.take_along_axis(array, index, axis=-1)
