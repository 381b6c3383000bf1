"""Loss functions: one number for each member, and its gradient with respect to the network's outputs."""

import reprlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nonlinear import special
from nonlinear.arrays import as_floats, unmasked
from nonlinear.special import Array


@dataclass(frozen=True)
class Loss(ABC):
    """A loss, averaged over samples and never over members.

    A function with the same arguments and results will do as well.
    """

    @abstractmethod
    def __call__(self, outputs: Array, targets: Array) -> tuple[Array, Array]:
        """Return the loss of each member, (members,), and dL/d(outputs), shaped like ``outputs``.

        Parameters
        ----------
        outputs : array, (members, samples, units)
            At least one sample. NaN and infinity are taken as they are, and nothing warns of them.
        targets : array
            The same for all members, or with a leading axis of members.
        """


@dataclass(frozen=True)
class ProvidedLoss(Loss):
    """A loss of this module: its outputs are checked, and it is computed in float32 or float64."""

    def __call__(self, outputs, targets):
        outputs = as_floats(outputs, "outputs")
        wide = outputs.astype(np.promote_types(outputs.dtype, np.float32), copy=False)
        with special.overflow_and_nan():
            return tuple(array.astype(outputs.dtype, copy=False) for array in self._unguarded(wide, targets))

    def _unguarded(self, outputs: Array, targets) -> tuple[Array, Array]:
        """Return the same for an array of float32 or float64; to ignore overflow is up to the caller."""
        if outputs.ndim != 3 or 0 in outputs.shape[1:]:
            raise ValueError(
                f"outputs must have shape (members, samples, units), with at least one sample; got {outputs.shape}."
            )
        return self._compute(outputs, targets)

    @abstractmethod
    def _compute(self, outputs: Array, targets) -> tuple[Array, Array]:
        """Return loss and gradient."""


def unguarded(loss: Callable) -> Callable:
    """Return what computes a loss where overflow is ignored already; one that a reader wrote is called as it is."""
    provided = isinstance(loss, ProvidedLoss) and type(loss).__call__ is ProvidedLoss.__call__
    return loss._unguarded if provided else loss


def checked(result, outputs: Array) -> tuple[Array, Array]:
    """Return what a reader's own loss has returned, its gradient in the type of the outputs, or say what is wrong."""
    shapes = outputs.shape[:1], outputs.shape
    if not isinstance(result, tuple) or len(result) != 2 or tuple(map(np.shape, result)) != shapes:
        raise ValueError(
            f"loss must return a pair: one number for each member, of shape {shapes[0]}, and dL/d(outputs), of shape "
            f"{shapes[1]}; got {reprlib.repr(result)}. Average over samples and outputs, and never over members."
        )
    return np.asarray(result[0]), np.asarray(result[1]).astype(outputs.dtype, copy=False)


@dataclass(frozen=True)
class MeanSquaredError(ProvidedLoss):
    """The mean of (output - target)^2 over samples and outputs; targets (samples, units) or (members, samples, units).

    A sum of squares beyond the largest number is infinite.

    >>> loss, gradient = MeanSquaredError()(np.array([[[3.0]]]), np.array([[1.0]]))
    >>> print(loss, gradient)
    [4.] [[[4.]]]
    """

    def _compute(self, outputs, targets):
        shape, targets = outputs.shape, as_floats(targets, "targets")
        if targets.shape not in (shape, shape[1:]):
            raise ValueError(f"targets must have shape {shape[1:]} or {shape}; got {targets.shape}.")
        error, each = outputs - targets.astype(outputs.dtype, copy=False), shape[-1] * shape[-2]
        return np.add.reduce(error * error, axis=(-1, -2)) / each, error * (2 / each)


@dataclass(frozen=True)
class BinaryCrossEntropy(ProvidedLoss):
    """Minus the log-probability of yes-or-no answers, from the scores (logits) that go into a sigmoid.

    The mean of -y log sigma(z) - (1 - y) log(1 - sigma(z)) over samples and outputs. The targets y are probabilities in
    [0, 1], or labels 0 and 1, of shape (samples, units) or (members, samples, units); for a single output the last axis
    may be left out.

    Computed from the logits, the loss is a sum of terms that are not negative, so it neither overflows nor cancels:
    with y' = 1 - y for z > 0 and y' = y otherwise, it is ``y' |z| + log(1 + exp(-|z|))``. The gradient is
    sigma(z) - y, written over one denominator. It keeps its digits where sigma(z) has rounded to 1: an error of 1e-30
    is still one.

    >>> loss, gradient = BinaryCrossEntropy()(np.array([[[0.0], [50.0]]]), np.array([1, 1]))
    >>> print(loss.round(4), gradient[0, :, 0])
    [0.3466] [-2.50000000e-01 -9.64374924e-23]
    """

    def _compute(self, outputs, targets):
        z = outputs
        y = self._probabilities(targets, z.shape).astype(z.dtype, copy=False)
        p, n = special.exp_pair(z)
        each = z.shape[-1] * z.shape[-2]
        loss = special.scaled(np.where(z > 0, 1 - y, y), np.abs(z)) + np.log1p(p * n)
        return _mean(loss), (p * (1 - y) - n * y) / (p + n) / each

    @staticmethod
    def _probabilities(targets, shape: tuple[int, int, int]) -> Array:
        targets = unmasked(targets, "targets")
        targets = as_floats(targets.astype(float) if targets.dtype == bool else targets, "targets")
        if shape[-1] == 1 and targets.shape in (shape[:2], shape[1:2]):
            targets = targets[..., None]
        if targets.shape not in (shape, shape[1:]):
            raise ValueError(f"targets must have shape {shape[1:]} or {shape}; got {targets.shape}.")
        bad = ~((targets >= 0) & (targets <= 1))
        if bad.any():
            raise ValueError(f"targets must lie in [0, 1], as probabilities or labels 0 and 1; got {targets[bad][0]}.")
        return targets


@dataclass(frozen=True)
class SoftmaxCrossEntropy(ProvidedLoss):
    """Minus the log-probability of the right class, computed from the scores (logits) that go into a softmax.

    Targets are class numbers, (samples,) or (members, samples). Computed from the logits, the loss cannot overflow, and
    its gradient is as plain as can be: softmax(logits) minus 1 at the right class.

    >>> loss, gradient = SoftmaxCrossEntropy()(np.zeros((1, 1, 2)), np.array([1]))
    >>> print(loss.round(4), gradient)
    [0.6931] [[[ 0.5 -0.5]]]
    """

    def _compute(self, outputs, targets):
        targets = self._classes(targets, outputs.shape)
        gradient, log_p = special.softmax_and_log(outputs)
        members, samples, _ = outputs.shape
        right = np.arange(members)[:, None], np.arange(samples), targets
        gradient[right] = np.expm1(log_p[right])
        return -_mean(log_p[right][..., None]), gradient / samples

    @staticmethod
    def _classes(targets, shape: tuple[int, int, int]) -> Array:
        targets = unmasked(targets, "targets")
        if targets.dtype.kind not in "iu" or targets.shape not in (shape[:2], shape[1:2]):
            raise ValueError(
                f"targets must be class numbers (integers) of shape {shape[1:2]} or {shape[:2]}; "
                f"got {targets.dtype} of shape {targets.shape}."
            )
        if shape[-1] < 2:
            raise ValueError(
                f"outputs must have a column for each class, two or more; got shape {shape}. For logits of class 1 "
                "alone, use BinaryCrossEntropy()."
            )
        if targets.size and not (0 <= targets.min() and targets.max() < shape[-1]):
            raise ValueError(
                f"targets must lie in 0..{shape[-1] - 1}, one output a class; got {targets.min()}..{targets.max()}."
            )
        return targets


def _mean(each: Array) -> Array:
    """Return the mean over samples and outputs, also where their sum would lie beyond the largest number."""
    mean = np.mean(each, axis=(-1, -2))
    if np.isinf(mean).any():
        shares = each / (each.shape[-1] * each.shape[-2])
        mean = np.where(np.isinf(mean), shares.sum(axis=(-1, -2)), mean)
    return mean
