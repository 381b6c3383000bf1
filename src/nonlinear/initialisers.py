"""Initial weights: how large they must be is a property of the activation function, so it is computed from it."""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

import numpy as np

from nonlinear import checks
from nonlinear.activations import Activation, Pointwise
from nonlinear.arrays import ByValue
from nonlinear.special import Array, overflow_and_nan

GIVE_IT = "Give one: initial_weights=VarianceScaling(gain=1.0), for instance."


def normal_mean(function, kinks: tuple[float, ...] = ()) -> float:
    """Return E[function(Z)] for a standard normal Z, with an error of about 1e-14 of E|function(Z)|.

    Gauss-Legendre quadrature on unit pieces of [-12, 12], split at the kinks. A second look, at halves of them and at
    ever smaller pieces next to 0 and the kinks, shows whether that was enough; where it was not, pieces are halved
    until it is. What is narrower than 1/30, and not at 0, is only found if it is named as a kink.

    >>> round(normal_mean(lambda z: np.maximum(z, 0), kinks=(0.0,)), 12)  # 1 / sqrt(2 pi)
    0.398942280401
    >>> round(normal_mean(lambda z: np.sin(100 * z) ** 2), 12)
    0.5

    Raises
    ------
    ValueError
        For a function that varies too fast, and for a mean that is decided beyond 12 standard deviations from 0, where
        1 number in 1e32 falls.
    """
    coarse, finer, *far = _rules(tuple(k for k in kinks if abs(k) < REACH))
    with overflow_and_nan():
        mean, second = np.sum(_terms(function, coarse)), _terms(function, finer)
        size = np.sum(np.abs(second))
        if abs(np.sum(second) - mean) > 1e-14 * size:
            mean = _refined(function, finer.low, finer.high, 1e-15 * size)
        beyond = np.abs([_terms(function, rule) for rule in far])
    if np.isfinite(mean) and not np.sum(beyond) <= 1e-14 * size:
        raise ValueError("the mean is decided beyond 12 standard deviations from 0, where no normal number falls.")
    return float(mean)


REACH = 12.0
FAR = np.arange(REACH, 38.0)
NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)


class _Rule(NamedTuple):
    """Pieces, (pieces,), and where to evaluate a function on them with which weights, (pieces, 24)."""

    low: Array
    high: Array
    z: Array
    weights: Array


def _rule(low: Array, high: Array) -> _Rule:
    """Return the rule for integrals of a function times the normal density over pieces."""
    half = (high - low)[:, None] / 2
    z = (low[:, None] + half) + half * NODES
    return _Rule(low, high, z, half * WEIGHTS * (np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)))


@functools.lru_cache
def _rules(kinks: tuple[float, ...]) -> tuple[_Rule, ...]:
    """Return the rules of `normal_mean` for a first and a second look, and beyond its reach on either side."""
    edges = np.unique([*np.arange(-REACH, REACH + 1), *kinks])
    graded = [place + side * 2.0**-k for place in (0.0, *kinks) for side in (-1, 1) for k in range(1, 41)]
    finer = np.unique([*edges, *(edges[:-1] + edges[1:]) / 2, *(edge for edge in graded if abs(edge) < REACH)])
    return tuple(_rule(ends[:-1], ends[1:]) for ends in (edges, finer, -FAR, FAR))


def _terms(function, rule: _Rule) -> Array:
    """Return (pieces, 24) terms, whose sums are the integrals over the pieces."""
    return rule.weights * function(rule.z.copy())  # which a function may write into


def _refined(function, low: Array, high: Array, tolerance: float) -> float:
    """Return the integral over pieces, each of which is halved until its two halves together are what it is alone."""
    total = 0.0
    while low.size:
        if low.size > 2**15:
            raise ValueError("the function varies too fast to be integrated.")
        middle = (low + high) / 2
        whole, left, right = (np.sum(_terms(function, _rule(*ends)), axis=1)
                              for ends in ((low, high), (low, middle), (middle, high)))  # fmt: skip
        open_ = np.abs(left + right - whole) > tolerance
        total += np.sum((left + right)[~open_])
        low, high = np.append(low[open_], middle[open_]), np.append(middle[open_], high[open_])
    return total


def gain(activation: Activation) -> float:
    """Return the factor by which weights must be scaled so that ``activation`` keeps the mean square of its signal.

    With weights of variance gain^2 / fan_in, a standard normal preactivation leads to preactivations of mean square 1
    in the next layer: gain = 1 / sqrt(E[f(Z)^2]). It is sqrt(2) for the ReLU (He et al. 2015) and 1 for the identity.

    >>> from nonlinear.activations import ReLU, Tanh
    >>> print(round(gain(ReLU()), 6), round(gain(Tanh()), 4))
    1.414214 1.5925

    Raises
    ------
    TypeError
        For a function that is not pointwise, whose output has no such mean square.
    ValueError
        For a function with an array of parameters, one for each member; for one whose mean square is 0 or infinite, or
        is decided by numbers that are never drawn, such as a threshold of 20; and for one that varies too fast.
    """
    if not isinstance(activation, Pointwise):
        raise TypeError(f"gain needs a pointwise activation, such as ReLU(); got {activation!r}. {GIVE_IT}")
    if any(np.ndim(getattr(activation, f.name)) for f in fields(activation)):
        raise ValueError(f"gain needs an activation whose parameters are single numbers; got {activation!r}. {GIVE_IT}")
    return _computed_gain(activation, type(activation).value)


@functools.lru_cache
def _computed_gain(activation: Pointwise, _: Callable) -> float:
    """Return the gain; whoever puts another ``value`` into the class asks for another gain."""
    try:
        mean_square = normal_mean(lambda z: activation(z) ** 2, activation.traits.kinks)
    except ValueError as error:
        raise ValueError(f"gain cannot be computed for {activation!r}: {error} {GIVE_IT}") from None
    if not 0 < mean_square < math.inf:
        raise ValueError(
            f"gain cannot be computed for {activation!r}: over standard normal numbers the mean of its square is "
            f"{mean_square:g}. {GIVE_IT}"
        )
    return 1 / math.sqrt(mean_square)


@dataclass(frozen=True)
class VarianceScaling(ByValue):
    """Random weights of mean 0 and variance ``gain`` squared over ``fan``.

    Parameters
    ----------
    gain : float or array, (members,), optional
        Left out, it is `gain` of the layer's activation function (1 for one that is not pointwise).
    average : bool
        Whether ``fan`` is the mean of the numbers of inputs and outputs of the layer, or its inputs alone.
    uniform : bool
        Whether the weights are uniform, within sqrt(3) standard deviations of 0, or normal.
    """

    gain: float | Array | None = None
    average: bool = False
    uniform: bool = False

    def __post_init__(self):
        if self.gain is not None:
            checks.convert(self, gain=checks.positive)
        checks.convert(self, average=checks.flag, uniform=checks.flag)

    def of_member(self, member: int, members: int) -> "VarianceScaling":
        """Return the initialiser of one member of an ensemble.

        >>> VarianceScaling(gain=np.array([0.5, 1.0, 2.0])).of_member(2, members=3).gain
        2.0
        """
        if self.gain is None or np.ndim(self.gain) == 0:
            return self
        return replace(self, gain=float(checks.per_member(self.gain, members, "gain")[member]))

    def of_members(self, members: int) -> "list[VarianceScaling]":
        """Return the initialiser of each member in turn."""
        return [self.of_member(k, members) for k in range(members)]

    def draw(self, generator: np.random.Generator, fan_in: int, columns: int, activation: Activation) -> Array:
        """Return the weights of one member, (fan_in, columns)."""
        return self._scaled(generator, (fan_in, columns), fan_in, columns, activation)

    def draw_bias(self, generator: np.random.Generator, fan_in: int, columns: int, activation: Activation) -> Array:
        """Return biases of the same distribution as the weights, (1, columns)."""
        return self._scaled(generator, (1, columns), fan_in, columns, activation)

    def _scaled(self, generator, shape, fan_in, columns, activation) -> Array:
        if np.ndim(self.gain):
            raise ValueError(f"gain holds one number a member, {self.gain!r}; draw needs one: see of_member.")
        fan_in, columns = checks.whole(fan_in, "fan_in"), checks.whole(columns, "columns")
        fan = (fan_in + columns) / 2 if self.average else fan_in
        unit = generator.uniform(-math.sqrt(3), math.sqrt(3), shape) if self.uniform else generator.normal(size=shape)
        return unit * (self._gain(activation) / math.sqrt(fan))

    def _gain(self, activation: Activation) -> float:
        if self.gain is not None:
            return self.gain
        return gain(activation) if isinstance(activation, Pointwise) else 1.0


def he() -> VarianceScaling:
    """Return variance 2 / fan_in, for ReLU (He et al. 2015).

    >>> he().draw(np.random.default_rng(0), fan_in=200, columns=300, activation=None).std().round(2)  # sqrt(2 / 200)
    np.float64(0.1)
    """
    return VarianceScaling(gain=math.sqrt(2))


def lecun() -> VarianceScaling:
    """Return variance 1 / fan_in (LeCun et al. 1998)."""
    return VarianceScaling(gain=1)


def glorot() -> VarianceScaling:
    """Return variance 2 / (fan_in + fan_out), a compromise between the two directions (Glorot and Bengio 2010)."""
    return VarianceScaling(gain=1, average=True)


def pytorch_linear() -> VarianceScaling:
    """Return what ``torch.nn.Linear`` starts with: uniform within 1 / sqrt(fan_in), so of variance 1 / (3 fan_in).

    PyTorch draws the biases in the same way, which is ``initial_bias=pytorch_linear()`` of a layer.

    >>> weights = pytorch_linear().draw(np.random.default_rng(0), fan_in=100, columns=50, activation=None)
    >>> bool(np.abs(weights).max() <= 0.1), round(float(300 * weights.var()), 1)
    (True, 1.0)
    """
    return VarianceScaling(gain=1 / math.sqrt(3), uniform=True)
