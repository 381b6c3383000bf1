"""Optimisers: frozen settings, with the state passed in and out."""

import functools
import math
import reprlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nonlinear import checks, schedules
from nonlinear.arrays import POSITIVE, ByValue, Interval
from nonlinear.parameters import Packed, Parameters
from nonlinear.special import Array, overflow_and_nan

fraction = functools.partial(checks.within, domain=Interval(0, 1, open_high=True))
positive = functools.partial(checks.within, domain=POSITIVE)


class State(NamedTuple):
    """What an optimiser hands on from step to step.

    Attributes
    ----------
    step : int
        The number of the next one.
    moments : tuple of array, (members, numbers)
    rate : array, (members, 1) or (1, 1)
    decay : array, (members, numbers) or (1, numbers), optional
        Rate times weight decay, 0 for all that is not a weight.
    """

    step: int
    moments: tuple[Array, ...]
    rate: Array
    decay: Array | None


class Optimiser(ABC):
    """What turns gradients into steps: `train` asks it for a state once, and then to `update` the parameters."""

    @abstractmethod
    def start(self, parameters: Parameters) -> State:
        """Return the state before the first step."""

    @abstractmethod
    def update(
        self, parameters: Parameters, gradients: Parameters, state: State, out: Packed | None = None
    ) -> tuple[Packed, State]:
        """Return the parameters after one step, in ``out`` if that is given, and the next state.

        In a training, ``parameters`` and ``gradients`` are filled anew in later steps: a state that is to keep them
        must hold copies.
        """


@dataclass(frozen=True)
class Rule(ByValue, Optimiser):
    """An optimiser that moves each number by itself: at a learning rate, along a direction that it computes.

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
    schedule: Callable[[int], float] = schedules.Constant()

    def __post_init__(self):
        checks.convert(self, rate=checks.positive, weight_decay=checks.not_negative)
        checks.function(self.schedule, "schedule", schedules.WANTED)

    @abstractmethod
    def moments(self, like: Array) -> tuple[Array, ...]:
        """Return what the rule remembers of earlier gradients, before the first: arrays of the shape of ``like``."""

    @abstractmethod
    def direction(self, gradient: Array, moments: tuple[Array, ...], step: int) -> tuple[Array, tuple[Array, ...]]:
        """Return what is to be subtracted from the parameters, before the rate, and the next moments.

        The arrays hold all the numbers of a member in a row, (members, numbers): the rule is the same for each of them.
        ``gradient`` is the rule's own: it may be kept as a moment, or changed.
        """

    def start(self, parameters):
        packed = Packed.of(parameters)
        members = len(packed.flat)
        rate = checks.per_member(self.rate, members, "rate").reshape(-1, 1)
        with overflow_and_nan():
            decay = rate * checks.per_member(self.weight_decay, members, "weight_decay").reshape(-1, 1)
            decay = decay * packed.where("weights") if np.any(decay) else None
            if self.schedule == schedules.Constant():  # else the product with its factor is rounded, and not the rate
                rate = rate.astype(packed.flat.dtype)
        return State(0, self.moments(packed.flat), rate, decay)

    def update(self, parameters, gradients, state, out=None):
        packed, factor = Packed.of(parameters), _factor(self.schedule, state.step)
        out = packed.like(np.empty_like(packed.flat)) if out is None else out
        # A copy, which the rule may keep: the gradients of the next step may take the place of these.
        gradient = packed.row(gradients).copy()
        with overflow_and_nan():
            result = self.direction(gradient, state.moments, state.step)
            direction, moments = _checked_direction(result, gradient.shape)
            np.subtract(packed.flat, _times(state.rate, factor, direction), out.flat)
            if state.decay is not None:
                out.flat -= _times(state.decay, factor, packed.flat)
        return out, State(state.step + 1, moments, state.rate, state.decay)


@dataclass(frozen=True)
class SGD(Rule):
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
        checks.convert(self, momentum=fraction, nesterov=checks.flag)
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov looks ahead along the momentum and needs some; pass momentum=0.9, for instance.")

    def update(self, parameters, gradients, state, out=None):
        plain = type(self) is SGD and not self.momentum and state.decay is None
        if not plain or out is None or not type(parameters) is type(gradients) is Packed:
            return super().update(parameters, gradients, state, out)
        # The same, but nothing is kept of the gradient, which therefore needs no copy.
        step = _times(state.rate, _factor(self.schedule, state.step), gradients.flat)
        np.subtract(parameters.flat, step, out.flat)
        return out, state._replace(step=state.step + 1)

    def moments(self, like):
        return (np.zeros_like(like),) if self.momentum else ()

    def direction(self, gradient, moments, step):
        if not self.momentum:
            return gradient, ()
        velocity = self.momentum * moments[0] + gradient
        return gradient + self.momentum * velocity if self.nesterov else velocity, (velocity,)


@dataclass(frozen=True)
class Adam(Rule):
    """Steps scaled by running means of the gradient and of its square, both corrected for their start at 0.

    Source: Kingma and Ba (2015). The first step is ``rate`` long in every parameter, whatever the size of its gradient,
    as long as ``epsilon`` is small beside that.

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
        checks.convert(self, beta1=fraction, beta2=fraction, epsilon=positive)

    def moments(self, like):
        return np.zeros_like(like), np.zeros_like(like)

    def direction(self, gradient, moments, step):
        mean = self.beta1 * moments[0] + (1 - self.beta1) * gradient
        c1, c2 = 1 - self.beta1 ** (step + 1), 1 - self.beta2 ** (step + 1)
        if len(moments) > 2 or not self._squares_are_safe(gradient):
            return self._in_units(mean, gradient, moments, c1, c2)
        square = self.beta2 * moments[1] + (1 - self.beta2) * gradient * gradient
        return (mean / c1) / (np.sqrt(square / c2) + self.epsilon), (mean, square)

    def _squares_are_safe(self, gradient: Array) -> bool:
        """Return whether no square overflows, and none is lost that epsilon would not hide."""
        limits = np.finfo(gradient.dtype)
        hidden = self.epsilon * float(limits.eps) > math.sqrt(float(limits.tiny))
        return hidden and math.isfinite(np.vdot(gradient, gradient))

    def _in_units(self, mean, gradient, moments, c1: float, c2: float) -> tuple[Array, tuple[Array, ...]]:
        """Do the same where a square lies outside the range of its type.

        There, gradients are measured in a power of two of their size, whose exponents are remembered as a third moment.
        Where nothing is too large or too small the exponent is 0, which changes no bit.
        """
        square, before = (*moments[1:], np.zeros(gradient.shape, int))[:2]
        power = _exponent(np.maximum(np.abs(gradient), np.ldexp(np.sqrt(square), before)))
        scaled, square = np.ldexp(gradient, -power), np.ldexp(square, 2 * (before - power))
        square = self.beta2 * square + (1 - self.beta2) * scaled * scaled
        least = gradient.dtype.type(max(self.epsilon, float(np.finfo(gradient.dtype).tiny)))
        direction = (np.ldexp(mean, -power) / c1) / (np.sqrt(square / c2) + np.ldexp(least, -power))
        return direction, (mean, square, power) if power.any() else (mean, square)


def _exponent(size: Array) -> Array:
    """Return 0 where the square of a number, and a thousandth of it, can be held; else the number's binary exponent."""
    limits = np.finfo(size.dtype)
    low, high = 2**12 * math.sqrt(float(limits.tiny)), math.sqrt(float(limits.max)) / 4
    fits = (size >= low) & (size <= high) | (size == 0)
    return np.where(fits, 0, np.frexp(size)[1])


def _factor(schedule: Callable[[int], float], step: int) -> float:
    factor = schedule(step)
    if type(factor) is float and 0 <= factor < math.inf:
        return factor
    try:
        number = float(factor) if getattr(factor, "ndim", 0) == 0 else math.nan
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not 0 <= number < math.inf:
        raise ValueError(f"schedule must give a finite factor that is not negative; got {factor!r} at step {step}.")
    return number


def _checked_direction(result, shape: tuple[int, int]) -> tuple[Array, tuple[Array, ...]]:
    """Return what a rule's ``direction`` returned, or say what it must be."""
    if isinstance(result, tuple) and len(result) == 2 and isinstance(result[0], np.ndarray):
        if result[0].shape == shape and result[0].dtype.kind == "f":
            return result
    raise TypeError(
        f"direction must return a pair: an array of floats of the gradient's shape, {shape}, and the next moments; "
        f"got {reprlib.repr(result)}."
    )


def _times(rate: Array, factor: float, array: Array) -> Array:
    """Return rate * factor * array, where a rate of high precision does not make the result more precise."""
    return (rate if factor == 1 else rate * factor).astype(array.dtype, copy=False) * array
