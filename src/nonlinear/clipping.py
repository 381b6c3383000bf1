"""Clipping: gradients that are too long are shortened before an optimiser sees them."""

from dataclasses import dataclass

import numpy as np

from nonlinear import checks
from nonlinear.optimisers import Optimiser
from nonlinear.parameters import Packed, Parameters, map_parameters
from nonlinear.special import Array


def global_norm(gradients: Parameters) -> Array:
    """Return the length of each member's gradient over all its parameters, (members,).

    >>> gradients = ({"weights": np.array([[[3e200]]]), "bias": np.array([[[4e200]]])},)
    >>> global_norm(gradients)
    array([5.e+200])
    """
    arrays = [array.reshape(len(array), -1) for layer in gradients for array in layer.values()]
    largest = np.max([np.abs(a).max(axis=1, initial=0) for a in arrays], axis=0)
    unit = np.where((largest > 0) & np.isfinite(largest), largest, 1)  # so that no square overflows
    return unit * np.sqrt(sum(np.sum((a / unit[:, None]) ** 2, axis=1) for a in arrays))


def clip(gradients: Parameters, norm: float | Array) -> Parameters:
    """Return gradients of the same directions, none of them longer than ``norm``.

    Source: Pascanu, Mikolov and Bengio (2013). A gradient that is not finite stays so.

    Parameters
    ----------
    gradients : Parameters
    norm : float or array, (members,)

    Examples
    --------
    >>> clip(({"weights": np.array([[[3.0], [4.0]], [[0.3], [0.4]]])},), norm=1.0)[0]["weights"][..., 0]
    array([[0.6, 0.8],
           [0.3, 0.4]])
    """
    checks.positive(norm, "norm")
    length = global_norm(gradients)
    norm = checks.per_member(norm, len(length), "norm")
    factor = np.where(length > norm, norm / np.maximum(length, norm), 1)
    return map_parameters(lambda g: g * factor.reshape(-1, 1, 1).astype(g.dtype), gradients)


@dataclass(frozen=True)
class Clipped(Optimiser):
    """An optimiser that clips each member's gradient before another one sees it: ``Clipped(SGD(0.1), norm=1.0)``.

    Parameters
    ----------
    optimiser : Optimiser
    norm : float or array, (members,)
        The length over all parameters of a member that its gradient may have.
    """

    optimiser: Optimiser
    norm: float | Array = 1.0

    def __post_init__(self):
        checks.instance(self.optimiser, Optimiser, "optimiser", "an Optimiser such as SGD(0.1)")
        checks.positive(self.norm, "norm")

    def start(self, parameters):
        packed = Packed.of(parameters)
        checks.per_member(self.norm, len(packed.flat), "norm")
        return self.optimiser.start(packed)

    def update(self, parameters, gradients, state, out=None):
        return self.optimiser.update(parameters, clip(gradients, self.norm), state, out)
