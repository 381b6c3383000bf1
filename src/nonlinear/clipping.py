"""Clipping: gradients that are too long are shortened before an optimiser sees them."""

from dataclasses import dataclass

import numpy as np

from nonlinear import checks
from nonlinear.arrays import ByValue, as_floats
from nonlinear.optimisers import Optimiser
from nonlinear.parameters import Packed, Parameters, map_parameters
from nonlinear.special import Array, overflow_and_nan, overflow_to_infinity


def global_norm(gradients: Parameters) -> Array:
    """Return the length of each member's gradient over all its parameters, (members,).

    >>> gradients = ({"weights": np.array([[[3e200]]]), "bias": np.array([[[4e200]]])},)
    >>> global_norm(gradients)
    array([5.e+200])
    """
    unit, relative = _length(_floats(gradients))
    with overflow_to_infinity():
        return unit * relative


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
    gradients = _floats(gradients)
    unit, relative = _length(gradients)
    norm = checks.per_member(checks.positive(norm, "norm"), len(unit), "norm")
    with overflow_and_nan():
        length = unit * relative
        share = norm / np.maximum(length, norm)
        share = np.where(np.isinf(length) & np.isfinite(unit), norm / unit.astype(float) / relative, share)
        mantissa, exponent = np.frexp(np.where(length > norm, share, 1)[:, None, None])
        return map_parameters(lambda g: np.ldexp(g * mantissa.astype(g.dtype), exponent), gradients)


def _floats(gradients: Parameters) -> Parameters:
    return map_parameters(lambda g: as_floats(g, "gradients"), gradients)


def _length(gradients: Parameters) -> tuple[Array, Array]:
    """Return each member's largest number, and the length over all parameters in units of that, (members,)."""
    arrays = [array.reshape(len(array), -1) for layer in gradients for array in layer.values()]
    arrays = [a.astype(np.promote_types(a.dtype, np.float32), copy=False) for a in arrays]
    largest = np.max([np.abs(a).max(axis=1, initial=0) for a in arrays], axis=0)
    unit = np.where((largest > 0) & np.isfinite(largest), largest, 1)  # so that no square overflows
    with overflow_and_nan():
        return unit, np.sqrt(sum(np.sum((a / unit[:, None]) ** 2, axis=1) for a in arrays))


@dataclass(frozen=True)
class Clipped(ByValue, Optimiser):
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
        checks.convert(self, norm=checks.positive)

    def start(self, parameters):
        packed = Packed.of(parameters)
        checks.per_member(self.norm, len(packed.flat), "norm")
        return self.optimiser.start(packed)

    def update(self, parameters, gradients, state, out=None):
        return self.optimiser.update(parameters, clip(gradients, self.norm), state, out)
