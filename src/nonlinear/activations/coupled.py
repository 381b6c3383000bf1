"""Functions whose outputs depend on several preactivations at once, so that their derivative is a matrix."""

from dataclasses import dataclass

import numpy as np

from nonlinear.activations.base import Activation, in_own_precision
from nonlinear.special import Array, softmax


@dataclass(frozen=True)
class Softmax(Activation):
    """Turn scores into probabilities that sum to 1 along the last axis.

    Equal scores share equally, infinite ones too. Adding one number to all scores changes nothing.

    >>> print(Softmax()([0.0, 0.0, np.log(2.0)]))
    [0.25 0.25 0.5 ]
    """

    name = "softmax"
    formula = r"\frac{e^{z_i}}{\sum_j e^{z_j}}"
    source = "bridle1990"

    def __call__(self, z):
        if np.ndim(z) == 0:
            raise ValueError(
                f"Softmax compares scores along the last axis; got the single number {z!r}. Pass an array."
            )
        return in_own_precision(softmax, z)

    def jacobian(self, z) -> Array:
        """Return d a_i / d z_j = a_i (1[i = j] - a_j), with shape (..., classes, classes)."""
        a = self(z)
        own = np.eye(a.shape[-1], dtype=a.dtype)
        others = (a[..., None, :] * (1 - own)).sum(axis=-1, keepdims=True)  # 1 - a_i, without its cancellation
        return a[..., :, None] * (own * others - (1 - own) * a[..., None, :])

    def pullback(self, z, upstream):
        a = self(z)
        top = np.expand_dims(np.argmax(a, axis=-1), -1)
        upstream = upstream - np.take_along_axis(
            upstream, top, axis=-1
        )  # a constant has no effect, this one saves digits
        return a * (upstream - (a * upstream).sum(axis=-1, keepdims=True)), {}
