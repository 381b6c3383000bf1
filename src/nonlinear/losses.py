"""Loss functions: one number for each member, and its gradient with respect to the network's outputs."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from nonlinear import special
from nonlinear.activations.base import as_floats
from nonlinear.special import Array


@dataclass(frozen=True)
class Loss(ABC):
    """A loss, averaged over samples and never over members."""

    @abstractmethod
    def __call__(self, outputs: Array, targets: Array) -> tuple[Array, Array]:
        """Return the loss of each member, (members,), and dL/d(outputs), shaped like ``outputs``.

        Parameters
        ----------
        outputs : array, (members, samples, units)
        targets : array
            The same for all members, or with a leading axis of members.
        """


@dataclass(frozen=True)
class MeanSquaredError(Loss):
    """The mean of (output - target)^2 over samples and outputs; targets (samples, units) or (members, samples, units).

    >>> loss, gradient = MeanSquaredError()(np.array([[[3.0]]]), np.array([[1.0]]))
    >>> print(loss, gradient)
    [4.] [[[4.]]]
    """

    def __call__(self, outputs, targets):
        targets = as_floats(targets, "targets")
        if targets.shape not in (outputs.shape, outputs.shape[1:]):
            raise ValueError(f"targets must have shape {outputs.shape[1:]} or {outputs.shape}; got {targets.shape}.")
        error = outputs - targets.astype(outputs.dtype, copy=False)
        each = outputs.shape[-1] * outputs.shape[-2]
        return np.mean(error**2, axis=(-1, -2)), error * (2 / each)


@dataclass(frozen=True)
class SoftmaxCrossEntropy(Loss):
    """Minus the log-probability of the right class, computed from the scores (logits) that go into a softmax.

    Targets are class numbers, (samples,) or (members, samples). Computed from the logits, the loss cannot overflow, and
    its gradient is as plain as can be: softmax(logits) minus 1 at the right class.

    >>> loss, gradient = SoftmaxCrossEntropy()(np.zeros((1, 1, 2)), np.array([1]))
    >>> print(loss.round(4), gradient)
    [0.6931] [[[ 0.5 -0.5]]]
    """

    def __call__(self, outputs, targets):
        targets = self._classes(targets, outputs.shape)
        gradient, log_p = special.softmax_and_log(outputs)
        loss = -np.take_along_axis(log_p, targets, axis=-1).mean(axis=(-1, -2))
        np.put_along_axis(gradient, targets, np.expm1(np.take_along_axis(log_p, targets, axis=-1)), axis=-1)
        return loss, gradient / outputs.shape[-2]

    @staticmethod
    def _classes(targets, shape: tuple[int, int, int]) -> Array:
        targets = np.asarray(targets)
        if targets.dtype.kind not in "iu" or targets.shape not in (shape[:2], shape[1:2]):
            raise ValueError(
                f"targets must be class numbers (integers) of shape {shape[1:2]} or {shape[:2]}; "
                f"got {targets.dtype} of shape {targets.shape}."
            )
        if targets.size and not (0 <= targets.min() and targets.max() < shape[-1]):
            raise ValueError(
                f"targets must lie in 0..{shape[-1] - 1}, one output a class; got {targets.min()}..{targets.max()}."
            )
        return np.broadcast_to(targets, shape[:2])[..., None]
