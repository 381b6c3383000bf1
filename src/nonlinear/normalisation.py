"""Normalisation: preactivations shifted and scaled to mean 0 and variance 1 before the activation function sees them.

Batch and layer normalisation are the same computation along different axes: over the samples of a batch, each unit for
itself, or over the units of a layer, each sample for itself.
"""

from abc import ABC
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from nonlinear import checks
from nonlinear.arrays import POSITIVE, as_floats
from nonlinear.special import Array


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
        checks.within(self.epsilon, POSITIVE, "epsilon")

    def __call__(self, z: Array) -> Normalised:
        """Normalise preactivations of shape (members, samples, columns)."""
        mean = z.mean(axis=self.axis, keepdims=True)
        centred = z - mean
        variance = np.mean(centred * centred, axis=self.axis, keepdims=True)
        deviation = np.sqrt(variance + float(self.epsilon))
        return Normalised(centred / deviation, mean, deviation)

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
        along_ones = upstream.mean(axis=self.axis, keepdims=True)
        along_values = np.mean(upstream * seen.values, axis=self.axis, keepdims=True)
        return (upstream - along_ones - along_values * seen.values) / seen.deviation


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
        if z.shape[-2] < 2:
            raise ValueError(
                "BatchNorm compares the samples of a batch and got a batch of 1. Choose a batch size that leaves no "
                "single sample; to predict, use the network that network.with_statistics(parameters, x) returns."
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
class FixedNorm:
    """Subtract a mean and divide by a deviation that are given, usually those of a whole data set.

    Parameters
    ----------
    mean, deviation : array, (members, 1, columns)
    """

    mean: Array
    deviation: Array

    def __post_init__(self):
        mean, deviation = checks.finite(self.mean, "mean"), as_floats(self.deviation, "deviation")
        checks.positive(deviation, "deviation")
        if mean.ndim != 3 or mean.shape[1] != 1 or mean.shape != deviation.shape:
            raise ValueError(
                "mean and deviation must both have the shape (members, 1, columns), as with_statistics makes them; "
                f"got {mean.shape} and {deviation.shape}."
            )
        object.__setattr__(self, "mean", mean)
        object.__setattr__(self, "deviation", deviation)

    def __call__(self, z: Array) -> Normalised:
        """Normalise preactivations of shape (members, samples, columns)."""
        if len(z) != len(self.mean):
            raise ValueError(
                f"the fixed statistics are those of {len(self.mean)} members, the parameters those of {len(z)}. "
                "Call with_statistics with the parameters that you predict with."
            )
        mean, deviation = self.mean.astype(z.dtype, copy=False), self.deviation.astype(z.dtype, copy=False)
        return Normalised((z - mean) / deviation, mean, deviation)

    def pullback(self, seen: Normalised, upstream: Array) -> Array:
        """Carry a gradient backwards; the statistics are constants."""
        return upstream / seen.deviation
