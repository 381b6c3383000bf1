"""Optimisers: frozen settings, with the state passed in and out."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from nonlinear import checks
from nonlinear.network import Parameters, map_parameters
from nonlinear.special import Array


@dataclass(frozen=True)
class Optimiser(ABC):
    """One rule for turning gradients into steps.

    Parameters
    ----------
    rate : float or array, (members,)
        Learning rate; each member may have its own.
    weight_decay : float or array, (members,)
        Each step also shrinks the weights, and only them, by rate * weight_decay (decoupled from the gradient, as in
        Loshchilov and Hutter 2019; for plain SGD that is the same as an L2 penalty).
    """

    rate: float | Array
    weight_decay: float | Array = 0.0

    def __post_init__(self):
        checks.positive(self.rate, "rate")
        decay = np.asarray(self.weight_decay)
        if decay.dtype.kind not in "iuf" or not np.all((decay >= 0) & np.isfinite(decay)):
            raise ValueError(f"weight_decay must be finite and not negative; got {self.weight_decay!r}.")

    @abstractmethod
    def start(self, parameters: Parameters) -> Any:
        """Return the state before the first step: a tuple of parameter trees."""

    @abstractmethod
    def direction(self, gradients: Parameters, state: Any) -> tuple[Parameters, Any]:
        """Return what is to be subtracted from the parameters, before the rate, and the next state."""

    def update(self, parameters: Parameters, gradients: Parameters, state: Any) -> tuple[Parameters, Any]:
        """Return the parameters after one step, and the next state; nothing is changed in place."""
        members = len(parameters[0]["weights"])
        rate = _per_member(self.rate, members, "rate")
        decay = _per_member(self.weight_decay, members, "weight_decay")
        direction, state = self.direction(gradients, state)
        moved = map_parameters(lambda p, d: p - rate.astype(p.dtype) * d, parameters, direction)
        if np.any(decay):
            moved = tuple(
                {**new, "weights": new["weights"] - (rate * decay).astype(old["weights"].dtype) * old["weights"]}
                for new, old in zip(moved, parameters, strict=True)
            )
        return moved, state


@dataclass(frozen=True)
class SGD(Optimiser):
    """Gradient descent on batches, optionally with momentum: v <- momentum * v + gradient; p <- p - rate * v.

    >>> parameters, gradients = ({"weights": np.array([[[1.0]]])},), ({"weights": np.array([[[0.5]]])},)
    >>> optimiser = SGD(rate=0.1)
    >>> updated, state = optimiser.update(parameters, gradients, optimiser.start(parameters))
    >>> float(updated[0]["weights"][0, 0, 0])
    0.95
    """

    momentum: float = 0.0

    def __post_init__(self):
        super().__post_init__()
        _fraction(self.momentum, "momentum")

    def start(self, parameters):
        return map_parameters(np.zeros_like, parameters) if self.momentum else ()

    def direction(self, gradients, state):
        if not self.momentum:
            return gradients, state
        velocity = map_parameters(lambda v, g: float(self.momentum) * v + g, state, gradients)
        return velocity, velocity


@dataclass(frozen=True)
class Adam(Optimiser):
    """Steps scaled by running means of the gradient and of its square, both corrected for their start at 0.

    Source: Kingma and Ba (2015). The first step is ``rate`` long in every parameter, whatever the size of its gradient.

    >>> parameters, gradients = ({"weights": np.array([[[1.0]]])},), ({"weights": np.array([[[1e-3]]])},)
    >>> optimiser = Adam(rate=0.1)
    >>> updated, state = optimiser.update(parameters, gradients, optimiser.start(parameters))
    >>> round(float(updated[0]["weights"][0, 0, 0]), 4)
    0.9
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self):
        super().__post_init__()
        _fraction(self.beta1, "beta1")
        _fraction(self.beta2, "beta2")
        checks.positive(self.epsilon, "epsilon")

    def start(self, parameters):
        return 0, map_parameters(np.zeros_like, parameters), map_parameters(np.zeros_like, parameters)

    def direction(self, gradients, state):
        step, mean, square = state
        beta1, beta2, epsilon = float(self.beta1), float(self.beta2), float(self.epsilon)
        step += 1
        mean = map_parameters(lambda m, g: beta1 * m + (1 - beta1) * g, mean, gradients)
        square = map_parameters(lambda s, g: beta2 * s + (1 - beta2) * g * g, square, gradients)
        c1, c2 = 1 - beta1**step, 1 - beta2**step
        direction = map_parameters(lambda m, s: (m / c1) / (np.sqrt(s / c2) + epsilon), mean, square)
        return direction, (step, mean, square)


def _fraction(value: float, name: str) -> None:
    if np.asarray(value).dtype.kind not in "iuf" or not 0 <= value < 1:
        raise ValueError(f"{name} must lie in [0, 1); got {value!r}.")


def _per_member(value, members: int, name: str) -> Array:
    array = np.asarray(value, dtype=float)
    if array.ndim and array.shape != (members,):
        raise ValueError(
            f"{name} must be one number or one for each of the {members} members; got shape {array.shape}."
        )
    return array.reshape(-1, 1, 1)
