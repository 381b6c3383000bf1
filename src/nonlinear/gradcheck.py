"""Checking a derivative against the function it claims to belong to.

Two tests, both with errors scaled so that 1 means "as wrong as rounding can explain":

- point by point, for an activation function: f' against a central difference;
- along random directions, for a whole network: the dot product of the gradient with a direction against the change of
  the loss along it. One direction sees every weight at once.
"""

from dataclasses import dataclass

import numpy as np

from nonlinear import checks
from nonlinear.activations import Pointwise
from nonlinear.losses import Loss
from nonlinear.network import MLP, Parameters, map_parameters
from nonlinear.special import Array

STEP = 2.0**-17  # near the cube root of 2**-53, where truncation and rounding of a central difference balance


@dataclass(frozen=True)
class Report:
    """The outcome of a gradient check.

    Attributes
    ----------
    error : float
        The largest difference, relative to the larger of 1 and the derivative there.
    where : str
        Where it is.
    claimed, measured : float
        The derivative there, and what the differences say.
    tolerance : float
    """

    error: float
    where: str
    claimed: float
    measured: float
    tolerance: float

    @property
    def passed(self) -> bool:
        return bool(self.error <= self.tolerance)

    def __str__(self) -> str:
        verdict = "agrees" if self.passed else "DISAGREES"
        return (
            f"{verdict}: largest error {self.error:.1e} (tolerance {self.tolerance:.0e}) {self.where}: "
            f"derivative {self.claimed:.9g}, central difference {self.measured:.9g}"
        )


def check_activation(activation: Pointwise, z, tolerance: float = 1e-8) -> Report:
    """Compare f' with central differences at the points ``z``, which must keep clear of the kinks.

    >>> from nonlinear.activations import Tanh
    >>> check_activation(Tanh(), [-2.0, 0.0, 0.5]).passed
    True
    """
    if not isinstance(activation, Pointwise):
        raise TypeError(f"check_activation needs a pointwise activation; {activation.name} is not. Use check_network.")
    z = checks.finite(z, "z").astype(np.float64).ravel()
    step = STEP * np.maximum(1, np.abs(z))
    for kink in activation.traits.kinks:
        if np.any(np.abs(z - kink) <= step):
            raise ValueError(
                f"z must keep clear of {activation.name}'s kink at {kink:g}, where there is no derivative to compare."
            )
    measured = (activation(z + step) - activation(z - step)) / ((z + step) - (z - step))
    return _report(activation.derivative(z), measured, [f"at z = {v:.6g}" for v in z], tolerance)


def check_network(
    network: MLP,
    parameters: Parameters,
    x,
    targets,
    loss: Loss,
    directions: int = 5,
    seed: int = 0,
    tolerance: float = 1e-7,
) -> Report:
    """Compare back-propagation with the change of the loss along random directions of the parameters.

    A ReLU network is only piecewise smooth: a difference that straddles a kink disagrees although the gradient is
    right. With smooth functions, or few samples, that does not happen.

    Parameters
    ----------
    network, parameters, x, targets, loss
        As for `nonlinear.training.train`; every member is checked.
    directions : int
        How many random directions of length 1 to try.
    """
    checks.whole(directions, "directions")

    def value(at: Parameters) -> Array:
        return loss(network.predict(at, x), targets)[0]

    tape = network.forward(parameters, x)
    gradients, _ = network.backward(parameters, tape, loss(tape[-1].outputs, targets)[1])
    generator = np.random.default_rng(seed)
    claimed, measured, labels = [], [], []
    for k in range(directions):
        d = _direction(parameters, generator)
        ahead, behind = (map_parameters(lambda p, v, s=s: p + s * STEP * v, parameters, d) for s in (1, -1))
        claimed.extend(_dot(gradients, d))
        measured.extend((value(ahead) - value(behind)) / (2 * STEP))
        labels.extend(f"along direction {k} of member {m}" for m in range(len(claimed) // (k + 1)))
    return _report(np.array(claimed), np.array(measured), labels, tolerance)


def _direction(parameters: Parameters, generator: np.random.Generator) -> Parameters:
    d = map_parameters(lambda p: generator.normal(size=p.shape), parameters)
    length = np.sqrt(_dot(d, d))[:, None, None]
    return map_parameters(lambda v: v / length, d)


def _dot(a: Parameters, b: Parameters) -> Array:
    products = map_parameters(lambda u, v: (u * v).sum(axis=(-1, -2)), a, b)
    return sum(p for layer in products for p in layer.values())


def _report(claimed: Array, measured: Array, labels: list[str], tolerance: float) -> Report:
    if len(labels) == 0:
        raise ValueError("nothing to check: z is empty.")
    error = np.abs(claimed - measured) / np.maximum(1, np.abs(measured))
    worst = int(np.argmax(np.where(np.isnan(error), np.inf, error)))
    return Report(float(error[worst]), labels[worst], float(claimed[worst]), float(measured[worst]), tolerance)
