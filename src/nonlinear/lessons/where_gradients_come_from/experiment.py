"""Where gradients come from: the chain rule in a small network, back-propagation, gradient checks, kinks.

A network is written here as a reader would write it: a list of layers, each a pair (weights, bias), sigmoids between
them and a linear output, and the mean squared error as the loss.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nonlinear import activations
from nonlinear.activations import Activation, ReLU, Sigmoid, Tanh
from nonlinear.course import MEMBERS, SEED, frameworks, grids
from nonlinear.course.classifier import classifier
from nonlinear.course.grids import Grid
from nonlinear.datasets import digits
from nonlinear.losses import MeanSquaredError, SoftmaxCrossEntropy
from nonlinear.network import MLP, Dense, Parameters, spawn
from nonlinear.optimisers import Optimiser
from nonlinear.special import Array
from nonlinear.training import train

LESSON = "where-gradients-come-from"
STEPS, RATE, DEEPER = 2000, 0.2, (2, 8, 8, 1)

Layers = list[tuple[Array, Array]]

# Two inputs, two sigmoid units, two sigmoid units, one sigmoid unit, a linear output.
SMALL: Layers = [
    (np.array([[0.5, -1.0], [1.0, 0.8]]), np.array([0.1, -0.2])),
    (np.array([[1.2, -0.7], [0.6, 1.5]]), np.array([0.0, 0.3])),
    (np.array([[0.9], [-1.4]]), np.array([0.2])),
    (np.array([[2.0]]), np.array([-0.5])),
]


def small_network() -> tuple[MLP, Parameters]:
    """Return the small network as one of `nonlinear`'s, with its parameters."""
    network = MLP(2, [Dense(2, Sigmoid()), Dense(2, Sigmoid()), Dense(1, Sigmoid()), Dense(1)])
    return network, network.with_parameters(SMALL)


def cancelling_weight() -> float:
    """Return the value of w1 at which the two paths from U11 to the third layer cancel, for the lesson's example."""
    (_, _), (V, _), (w, _), _ = SMALL
    z2 = forward(SMALL, np.array([[1.0, 0.5]]))[0][1][0]
    first, second = V[0] * slope(z2)
    return float(-w[1, 0] * second / first)


# The network of the lesson, for tests and experiments


def sigma(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def slope(z: Array) -> Array:
    """Return the slope of the sigmoid at z."""
    return sigma(z) * sigma(-z)


def forward(layers: Layers, x: Array, unit: Callable = sigma) -> tuple[list[Array], list[Array]]:
    """Return the preactivations of all layers, and the activations, of which the first are the inputs."""
    z, a = [], [x]
    for k, (weights, bias) in enumerate(layers):
        z.append(a[-1] @ weights + bias)
        a.append(unit(z[-1]) if k < len(layers) - 1 else z[-1])
    return z, a


def loss(layers: Layers, x: Array, targets: Array, unit: Callable = sigma) -> float:
    """Return the mean squared error."""
    return float(np.mean((forward(layers, x, unit)[1][-1] - targets) ** 2))


def backward(
    layers: Layers,
    z: list[Array],
    a: list[Array],
    targets: Array,
    slope_of: Callable = lambda z, a: slope(z),
    carry: Callable = lambda delta, weights: delta @ weights.T,
    sum_bias: Callable = lambda delta: delta.sum(axis=0),
) -> Layers:
    """Return the gradients of all layers; the last three arguments are where a mistake can be planted."""
    delta, gradients = 2 * (a[-1] - targets) / len(targets), []
    for k in reversed(range(len(layers))):
        gradients.insert(0, (a[k].T @ delta, sum_bias(delta)))
        if k > 0:
            delta = carry(delta, layers[k][0]) * slope_of(z[k - 1], a[k])
    return gradients


MISTAKES: dict[str, dict[str, Callable]] = {
    "slope taken at the activation": {"slope_of": lambda z, a: slope(a)},
    "slope forgotten": {"slope_of": lambda z, a: np.ones_like(z)},
    "slope of tanh": {"slope_of": lambda z, a: 1 - a**2},
    "square weights not transposed": {
        "carry": lambda d, w: d @ w if w.shape[0] == w.shape[1] else d @ w.T,
    },
    "bias averaged over samples": {"sum_bias": lambda d: d.mean(axis=0)},
    "bias of the first sample": {"sum_bias": lambda d: d[0]},
}


def with_mistake(name: str) -> Callable[[Layers, Array, Array], Layers]:
    """Return a function of (layers, x, targets) that computes gradients with one of the ``MISTAKES``."""
    planted = MISTAKES[name]
    return lambda layers, x, targets: backward(layers, *forward(layers, x), targets, **planted)


def gradient(layers: Layers, x: Array, targets: Array) -> Layers:
    """Return the right gradients."""
    return backward(layers, *forward(layers, x), targets)


def output_layer_only(gradient_of: Callable) -> Callable[[Layers, Array, Array], Layers]:
    """Return a function that computes the gradients of the last layer, and 0 for all others: they stay as they are."""

    def frozen(layers: Layers, x: Array, targets: Array) -> Layers:
        *hidden, last = gradient_of(layers, x, targets)
        return [(np.zeros_like(w), np.zeros_like(b)) for w, b in hidden] + [last]

    return frozen


def mystery(layers: Layers, x: Array, targets: Array) -> Layers:
    """Return gradients with a mistake that the reader is asked to find."""
    return with_mistake("bias averaged over samples")(layers, x, targets)


def random_layers(seed: int, widths: Sequence[int] = (2, 8, 8, 1)) -> Layers:
    """Return a network with normal weights of variance 1 / fan_in and small biases."""
    rng = np.random.default_rng([SEED, seed])
    return [
        (rng.normal(size=(n, m)) / np.sqrt(n), 0.1 * rng.normal(size=m))
        for n, m in zip(widths[:-1], widths[1:], strict=True)
    ]


def wave(seed: int, samples: int = 64) -> tuple[Array, Array]:
    """Return inputs in a square and targets sin(2 x1) cos(x2)."""
    x = np.random.default_rng([SEED + 1, seed]).uniform(-2, 2, size=(samples, 2))
    return x, (np.sin(2 * x[:, 0]) * np.cos(x[:, 1]))[:, None]


def losses_in_training(
    gradient_of: Callable,
    steps: int = STEPS,
    rate: float = RATE,
    every: int = 40,
    first: int = 0,
    widths: Sequence[int] = (2, 8, 1),
) -> Array:
    """Return the loss at every so many steps of gradient descent, for ten seeds, (steps / every + 1, seeds).

    The seeds are numbered from ``first`` on, and the networks learn a `wave`.
    """
    curves = []
    for seed in range(first, first + MEMBERS):
        layers, data = random_layers(seed, widths), wave(seed)
        curve = [loss(layers, *data)]
        for step in range(1, steps + 1):
            pairs = zip(layers, gradient_of(layers, *data), strict=True)
            layers = [(w - rate * dw, b - rate * db) for (w, b), (dw, db) in pairs]
            if step % every == 0:
                curve.append(loss(layers, *data))
        curves.append(curve)
    return np.array(curves).T


# The grid that is computed once

WAYS: dict[str, Callable[[Layers, Array, Array], Layers]] = {
    "right gradient": gradient,
    "with the bug": with_mistake("slope taken at the activation"),
    "hidden layers frozen": output_layer_only(gradient),
}


def _deeper_cell(way: str, first: int) -> tuple[Array]:
    """Return the loss after training with two hidden layers of eight, (members,)."""
    return (losses_in_training(WAYS[way], first=first, widths=DEEPER)[-1],)


GRIDS = {
    "deeper": Grid(
        _deeper_cell,
        {"way": WAYS, "first": (0, MEMBERS)},
        ("loss",),
        {"seed": SEED, "members": MEMBERS, "widths": DEEPER, "steps": STEPS, "rate": RATE},
    ),
}


def stored_deeper() -> Array:
    """Return the loss after training with two hidden layers of eight in each of `WAYS`, (ways, 2, members)."""
    return grids.load(LESSON, "deeper")["loss"]


# Differences


def difference_errors(steps: Array, central: bool = True, dtype=np.float64) -> Array:
    """Return the relative error of a difference for the derivative along a direction, (steps, seeds)."""
    errors = []
    for seed in range(MEMBERS):
        layers, (x, targets) = random_layers(seed), wave(seed)
        rng = np.random.default_rng([SEED + 2, seed])
        along = [(rng.normal(size=w.shape), rng.normal(size=b.shape)) for w, b in layers]
        truth = sum((g * d).sum() for pair in zip(gradient(layers, x, targets), along, strict=True)
                    for g, d in zip(*pair, strict=True))  # fmt: skip

        def value(step, layers=layers, along=along, x=x, targets=targets):
            moved = [
                ((w + step * dw).astype(dtype), (b + step * db).astype(dtype))
                for (w, b), (dw, db) in zip(layers, along, strict=True)
            ]
            return float(np.mean((forward(moved, x.astype(dtype))[1][-1] - targets.astype(dtype)) ** 2, dtype=dtype))

        back = [-h if central else 0.0 for h in steps]
        errors.append([abs((value(h) - value(b)) / (h - b) / truth - 1) for h, b in zip(steps, back, strict=True)])
    return np.array(errors).T


# A unit whose gradient is 0


@dataclass(frozen=True)
class AfterDeath:
    """What an optimiser did to ten ReLUs after a bad example had switched them off, for every seed.

    Attributes
    ----------
    dead : array of bool, (members,)
        Whether all its gradients on the good data were exactly 0 after the bad example.
    moved : array of int, (members,)
        In how many of the later steps some parameter changed although all gradients were exactly 0.
    revived : array of bool, (members,)
        Whether a gradient other than 0 came back.
    """

    dead: Array
    moved: Array
    revived: Array


def after_death(optimiser: Optimiser, before: int = 200, killing: int = 40, later: int = 500) -> AfterDeath:
    """Train a ReLU on good data, then on a terrible example until it is off, then on good data, all in one run."""
    network = MLP(2, [Dense(1, ReLU(), initial_bias=0.2)])
    start = network.initialise(spawn(SEED, MEMBERS))
    start = ({**start[0], "weights": np.abs(start[0]["weights"])},)
    x = spawn(SEED + 1, 1)[0].uniform(size=(64, 2))
    good = x, (x @ [1.0, 0.5] + 0.2)[:, None]
    bad = np.full((1, 2), 0.5), np.full((1, 1), -50.0)
    batches = [good] * before + [bad] * killing + [good] * later
    dead, moved, revived = np.zeros(MEMBERS, bool), np.zeros(MEMBERS, int), np.zeros(MEMBERS, bool)
    for step in train(network, start, batches, MeanSquaredError(), optimiser):
        if step.index < before + killing:
            continue
        arrays = [(step.gradients[0][k], step.parameters[0][k], step.updated[0][k]) for k in ("weights", "bias")]
        zero = np.all([np.all(g == 0, axis=(-1, -2)) for g, _, _ in arrays], axis=0)
        changed = np.any([np.any(new != old, axis=(-1, -2)) for _, old, new in arrays], axis=0)
        revived |= dead & ~zero
        dead |= zero
        moved += zero & changed
    return AfterDeath(dead, moved, revived)


def gradients_at(activation: Activation, bias: float) -> Parameters:
    """Return the gradients of ten units with small weights and a given bias, on 64 points, for the target 1."""
    network = MLP(2, [Dense(1, activation, initial_bias=bias)])
    x = spawn(SEED + 1, 1)[0].uniform(size=(64, 2))
    parameters = network.initialise(spawn(SEED, MEMBERS))
    tape = network.forward(parameters, x)
    upstream = MeanSquaredError()(tape[-1].outputs, np.ones((64, 1)))[1]
    return network.backward(parameters, tape, upstream)[0]


# Kinks


def exact_zeros(dtype=np.float32, depth: int = 8) -> tuple[int, int]:
    """Return how many preactivations of a ReLU network are exactly 0 on the digits, and how many there are."""
    network, x = classifier(ReLU(), depth), digits("standardised").x.astype(dtype)
    zeros = total = 0
    for member in spawn(SEED, MEMBERS):
        parameters = network.initialise([member], dtype=dtype)
        tape = network.forward(parameters, x)[:-1]
        zeros += sum(int(np.count_nonzero(layer.preactivations == 0)) for layer in tape)
        total += sum(layer.preactivations.size for layer in tape)
    return zeros, total


@dataclass(frozen=True)
class ReLUWithSlopeAtZero(ReLU):
    """A ReLU with another convention for its slope at 0."""

    at_zero: float = 0.5

    def derivative(self, z):
        return np.where(z == 0, self.at_zero, super().derivative(z))


def gradients_of_a_black_image(at_zero: float, depth: int = 8) -> Array:
    """Return the size of the gradient of the first layer's biases for an image of zeros, (members,)."""
    network = classifier(ReLUWithSlopeAtZero(at_zero), depth)
    parameters = network.initialise(spawn(SEED, MEMBERS))
    tape = network.forward(parameters, np.zeros((1, 64)))
    upstream = SoftmaxCrossEntropy()(tape[-1].outputs, np.array([3]))[1]
    gradients, _ = network.backward(parameters, tape, upstream)
    return np.linalg.norm(gradients[0]["bias"], axis=(-1, -2))


OURS: dict[str, Callable[[], Activation]] = {
    "relu": activations.ReLU,
    "leaky_relu(0.1)": lambda: activations.LeakyReLU(0.1),
    "elu(0.5)": lambda: activations.ELU(0.5),
    "selu": activations.SELU,
    "relu6": activations.ReLU6,
    "hard_tanh": activations.HardTanh,
    "hard_sigmoid": activations.HardSigmoid,
    "hard_swish": activations.HardSwish,
}


@dataclass(frozen=True)
class Kink:
    """A place where a function has no slope, and what each library says it is; NaN where we lack the function."""

    function: str
    place: float
    ours: float
    torch: float
    jax: float
    keras: float

    @property
    def agreed(self) -> bool:
        return self.torch == self.jax == self.keras


def kinks() -> list[Kink]:
    """Return the conventions at kinks; those of the frameworks are stored (see ``frameworks.json`` for versions)."""
    stored = frameworks.load()
    rows = zip(*(stored[f"kink_{key}"].tolist() for key in ("names", "places", "slopes")), strict=True)
    return [
        Kink(name, place, float(OURS[name]().derivative(place)) if name in OURS else np.nan, *slopes)
        for name, place, slopes in rows
    ]


# What a step that is too small or too large costs


def step_sizes() -> dict[str, Array]:
    """Return errors of differences for the slope of tanh, (types, kinds, places, steps), and the best step for each.

    An error is the median of those at 41 numbers within 0.05 of the place, since rounding may be lucky at one. With
    them come the smallest error at each place, and the step at which it is reached.
    """
    steps, places = 10.0 ** np.arange(-12, 0.01, 0.25), np.linspace(-3, 3, 13)
    near = places[:, None, None] + np.linspace(-0.05, 0.05, 41)[:, None]
    ends = {"one-sided": (1, 0), "central": (1, -1)}
    errors = np.empty((2, len(ends), len(places), len(steps)))
    for i, dtype in enumerate((np.float64, np.float32)):
        h, z = steps.astype(dtype), near.astype(dtype)
        truth = Tanh().derivative(z.astype(np.float64))
        for j, (ahead, behind) in enumerate(ends.values()):
            rise = np.tanh(z + dtype(ahead) * h) - np.tanh(z + dtype(behind) * h)
            measured = rise.astype(np.float64) / ((ahead - behind) * steps)
            errors[i, j] = np.median(np.abs(measured / truth - 1), axis=1)
    best = errors.argmin(axis=-1)
    smallest = np.take_along_axis(errors, best[..., None], axis=-1)[..., 0]
    return {"steps": steps, "places": places, "errors": errors, "smallest": smallest, "best": steps[best]}
