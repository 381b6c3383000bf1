"""Normalisation: preactivations shifted and scaled to mean 0 and variance 1 before the activation function sees them.

Batch and layer normalisation are the same computation along different axes: over the samples of a batch, each unit for
itself, or over the units of a layer, each sample for itself.
"""

import functools
import math
from abc import ABC
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from nonlinear import checks
from nonlinear.arrays import POSITIVE, ByValue, as_floats
from nonlinear.special import Array, norm, overflow_and_nan


class Normalised(NamedTuple):
    """What a normalisation gave: ``values``, and the ``mean`` and ``deviation`` that it took off and divided by."""

    values: Array
    mean: Array
    deviation: Array


@dataclass(frozen=True)
class Normalisation(ABC):
    """Subtract the mean along an axis, and divide by the standard deviation.

    The layer then multiplies by a learned ``scale`` and adds a learned ``shift``, one of each for every column, so that
    it can undo all of it.

    Parameters
    ----------
    epsilon : float
        Added to the variance, so that a column which never changes becomes 0 rather than NaN.
    """

    epsilon: float = 1e-5

    axis: ClassVar[int]

    def __post_init__(self):
        checks.convert(self, epsilon=functools.partial(checks.within, domain=POSITIVE))

    def __call__(self, z: Array) -> Normalised:
        """Normalise preactivations of shape (members, samples, columns)."""
        z = as_floats(z)
        with overflow_and_nan():
            centred, mean, variance, _ = _centred(_wide(z), self.axis)
            least = max(self.epsilon, float(np.finfo(variance.dtype).tiny))
            deviation = _root(variance + least, centred, self.axis)
            return Normalised(*(a.astype(z.dtype, copy=False) for a in (centred / deviation, mean, deviation)))

    def pullback(self, seen: Normalised, upstream: Array) -> Array:
        """Carry a gradient backwards: mean and deviation depend on z too, which takes two directions out of it.

        Parameters
        ----------
        seen : Normalised
            What the forward pass gave.
        upstream : array, (members, samples, columns)
            dL/d(values).

        Returns
        -------
        array, (members, samples, columns)
            dL/dz. Along the axis it sums to 0, and so does its product with the normalised values.
        """
        upstream = as_floats(upstream, "upstream")
        with overflow_and_nan():
            values, deviation, wide = (_wide(a) for a in (seen.values, seen.deviation, upstream))
            centred, _, _, rounded = _centred(wide, self.axis)
            along_values = np.mean(np.where(rounded, centred, wide) * values, axis=self.axis, keepdims=True)
            return ((centred - along_values * values) / deviation).astype(upstream.dtype, copy=False)


def _wide(array: Array) -> Array:
    """Return an array of float32 or float64."""
    return array.astype(np.promote_types(array.dtype, np.float32), copy=False)


def _centred(array: Array, axis: int) -> tuple[Array, Array, Array, Array]:
    """Return an array less its mean along an axis, that mean, the variance, and where the mean's rounding counts.

    There, beside a spread of the numbers that is as small, the mean is corrected, which makes equal numbers exactly 0;
    what no number of its type could correct is taken off at last.
    """
    mean, rounded = array.mean(axis=axis, keepdims=True), False
    for _ in range(3):
        centred = array - mean
        left, variance = _moments(centred, axis)
        counts = np.abs(left) > np.finfo(array.dtype).eps ** 0.75 * _root(variance, centred, axis)
        rounded |= counts
        if not counts.any():
            return centred, mean, variance, rounded
        mean = np.where(counts, mean + left, mean)
    centred = np.where(counts, centred - left, centred)
    return centred, mean, _moments(centred, axis)[1], rounded


def _root(variance: Array, centred: Array, axis: int) -> Array:
    """Return the root of a variance, also where the squares are too large to be held, which the root need not be."""
    infinite, root = np.isinf(variance), np.sqrt(variance)
    if infinite.any():
        root = np.where(infinite, np.expand_dims(norm(centred, axis), axis) / math.sqrt(centred.shape[axis]), root)
    return root


def _moments(array: Array, axis: int) -> tuple[Array, Array]:
    """Return the means of the numbers and of their squares."""
    return tuple(np.mean(each, axis=axis, keepdims=True) for each in (array, array * array))


@dataclass(frozen=True)
class BatchNorm(Normalisation):
    """Each unit is normalised over the samples of the batch (Ioffe and Szegedy 2015).

    What one sample gives depends on the others in its batch. To predict, that dependence is usually not wanted:
    `MLP.with_statistics` returns a network whose mean and deviation are fixed.

    >>> z = np.array([[[1.0, 10.0], [3.0, 30.0]]])
    >>> print(BatchNorm()(z).values.round(4))
    [[[-1. -1.]
      [ 1.  1.]]]
    """

    axis = -2

    def __call__(self, z):
        z = as_floats(z)
        if z.shape[-2] < 2:
            raise ValueError(
                f"BatchNorm compares the samples of a batch and got a batch of {z.shape[-2]}. Choose a batch size that "
                "leaves no single sample; to predict, use the network that "
                "network.with_statistics(parameters, x) returns."
            )
        return super().__call__(z)


@dataclass(frozen=True)
class LayerNorm(Normalisation):
    """Each sample is normalised over the units of the layer (Ba, Kiros and Hinton 2016), whatever its batch.

    >>> z = np.array([[[1.0, 3.0], [10.0, 30.0]]])
    >>> print(LayerNorm()(z).values.round(4))
    [[[-1.  1.]
      [-1.  1.]]]
    """

    axis = -1


@dataclass(frozen=True)
class FixedNorm(ByValue):
    """Subtract a mean and divide by a deviation that are given, usually those of a whole data set.

    Parameters
    ----------
    mean, deviation : array, (members, 1, columns)
        NaN for a member that has none because it diverged: so are its outputs then.
    """

    mean: Array
    deviation: Array

    def __post_init__(self):
        mean, deviation = as_floats(self.mean, "mean"), as_floats(self.deviation, "deviation")
        checks.finite(np.where(np.isnan(mean), 0, mean), "mean")
        checks.positive(np.where(np.isnan(deviation), 1, deviation), "deviation")
        if mean.ndim != 3 or mean.shape[1] != 1 or mean.shape != deviation.shape:
            raise ValueError(
                "mean and deviation must both have the shape (members, 1, columns), as with_statistics makes them; "
                f"got {mean.shape} and {deviation.shape}."
            )
        object.__setattr__(self, "mean", mean)
        object.__setattr__(self, "deviation", deviation)

    def __call__(self, z: Array) -> Normalised:
        """Normalise preactivations of shape (members, samples, columns)."""
        z = as_floats(z)
        if len(z) != len(self.mean):
            raise ValueError(
                f"the fixed statistics are those of {len(self.mean)} members, the parameters those of {len(z)}. "
                "Call with_statistics with the parameters that you predict with."
            )
        with overflow_and_nan():
            mean, deviation = (a.astype(z.dtype, copy=False) for a in (self.mean, self.deviation))
            return Normalised((z - mean) / deviation, mean, deviation)

    def pullback(self, seen: Normalised, upstream: Array) -> Array:
        """Carry a gradient backwards; the statistics are constants."""
        with overflow_and_nan():
            return as_floats(upstream, "upstream") / seen.deviation
