"""Optimisers: frozen settings, with the state passed in and out."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from nonlinear import checks
from nonlinear.network import Parameters, map_parameters
from nonlinear.schedules import Constant
from nonlinear.special import Array

State: TypeAlias = tuple[int, tuple[Any, ...]]


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
    schedule : function, optional
        From the number of a step to the factor by which ``rate`` is multiplied there: see `nonlinear.schedules`.
    """

    rate: float | Array
    weight_decay: float | Array = 0.0
    schedule: Callable[[int], float] = Constant()

    def __post_init__(self):
        checks.positive(self.rate, "rate")
        if not callable(self.schedule):
            raise TypeError(f"schedule must be a function of the step, such as Cosine(1000); got {self.schedule!r}.")
        decay = np.asarray(self.weight_decay)
        if decay.dtype.kind not in "iuf" or not np.all((decay >= 0) & np.isfinite(decay)):
            raise ValueError(f"weight_decay must be finite and not negative; got {self.weight_decay!r}.")

    @abstractmethod
    def moments(self, parameters: Parameters) -> tuple[Parameters, ...]:
        """Return what the rule remembers of earlier gradients, before the first of them."""

    @abstractmethod
    def direction(self, gradients: Parameters, moments: tuple, step: int) -> tuple[Parameters, tuple]:
        """Return what is to be subtracted from the parameters, before the rate, and the next moments."""

    def start(self, parameters: Parameters) -> State:
        """Return the state before the first step: its number, 0, and the rule's moments."""
        return 0, self.moments(parameters)

    def update(self, parameters: Parameters, gradients: Parameters, state: State) -> tuple[Parameters, State]:
        """Return the parameters after one step, and the next state; nothing is changed in place."""
        members, (step, moments) = len(parameters[0]["weights"]), state
        rate = _per_member(self.rate, members, "rate") * _factor(self.schedule, step)
        decay = _per_member(self.weight_decay, members, "weight_decay")
        direction, moments = self.direction(gradients, moments, step)
        moved = map_parameters(lambda p, d: p - rate.astype(p.dtype) * d, parameters, direction)
        if np.any(decay):
            moved = tuple(
                {**new, "weights": new["weights"] - (rate * decay).astype(old["weights"].dtype) * old["weights"]}
                for new, old in zip(moved, parameters, strict=True)
            )
        return moved, (step + 1, moments)


@dataclass(frozen=True)
class SGD(Optimiser):
    """Gradient descent on batches, optionally with momentum: v <- momentum * v + gradient; p <- p - rate * v.

    With ``nesterov`` the step looks ahead along the velocity: p <- p - rate * (gradient + momentum * v). Source:
    Sutskever et al. (2013), in the form that takes the gradient where the parameters are.

    >>> parameters, gradients = ({"weights": np.array([[[1.0]]])},), ({"weights": np.array([[[0.5]]])},)
    >>> optimiser = SGD(rate=0.1)
    >>> updated, state = optimiser.update(parameters, gradients, optimiser.start(parameters))
    >>> float(updated[0]["weights"][0, 0, 0])
    0.95
    """

    momentum: float = 0.0
    nesterov: bool = False

    def __post_init__(self):
        super().__post_init__()
        _fraction(self.momentum, "momentum")
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov looks ahead along the momentum and needs some; pass momentum=0.9, for instance.")

    def moments(self, parameters):
        return (map_parameters(np.zeros_like, parameters),) if self.momentum else ()

    def direction(self, gradients, moments, step):
        if not self.momentum:
            return gradients, ()
        momentum = float(self.momentum)
        velocity = map_parameters(lambda v, g: momentum * v + g, moments[0], gradients)
        if not self.nesterov:
            return velocity, (velocity,)
        return map_parameters(lambda v, g: g + momentum * v, velocity, gradients), (velocity,)


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

    def moments(self, parameters):
        return map_parameters(np.zeros_like, parameters), map_parameters(np.zeros_like, parameters)

    def direction(self, gradients, moments, step):
        mean, square = moments
        beta1, beta2, epsilon = float(self.beta1), float(self.beta2), float(self.epsilon)
        mean = map_parameters(lambda m, g: beta1 * m + (1 - beta1) * g, mean, gradients)
        square = map_parameters(lambda s, g: beta2 * s + (1 - beta2) * g * g, square, gradients)
        c1, c2 = 1 - beta1 ** (step + 1), 1 - beta2 ** (step + 1)
        direction = map_parameters(lambda m, s: (m / c1) / (np.sqrt(s / c2) + epsilon), mean, square)
        return direction, (mean, square)


def _fraction(value: float, name: str) -> None:
    if np.asarray(value).dtype.kind not in "iuf" or not 0 <= value < 1:
        raise ValueError(f"{name} must lie in [0, 1); got {value!r}.")


def _factor(schedule: Callable[[int], float], step: int) -> float:
    factor = float(schedule(step))
    if not 0 <= factor < math.inf:
        raise ValueError(f"schedule must give finite factors that are not negative; got {factor} at step {step}.")
    return factor


def _per_member(value, members: int, name: str) -> Array:
    array = np.asarray(value, dtype=float)
    if array.ndim and array.shape != (members,):
        raise ValueError(
            f"{name} must be one number or one for each of the {members} members; got shape {array.shape}."
        )
    return array.reshape(-1, 1, 1)
