"""Initialisation: what becomes of a signal and of its gradient on the way through many layers, and who can train."""

import math
from dataclasses import dataclass

import numpy as np

from nonlinear import diagnostics, initialisers
from nonlinear.activations import GELU, SELU, Activation, Pointwise, ReLU, Sigmoid, SiLU, Tanh
from nonlinear.course import MEMBERS, SEED, grids
from nonlinear.course.classifier import BATCH, TEST_IMAGES, Outcome, classifier, fit, images_right, steps
from nonlinear.course.classifier import WIDTH as UNITS
from nonlinear.course.grids import Grid
from nonlinear.datasets import digits
from nonlinear.initialisers import VarianceScaling, lecun, normal_mean, pytorch_linear
from nonlinear.network import MLP, Dense, spawn
from nonlinear.optimisers import SGD, Adam, Optimiser
from nonlinear.special import Array, overflow_and_nan

LESSON = "initialisation"
WIDTH, DEPTH, SAMPLES = 100, 50, 100


@dataclass(frozen=True)
class Start:
    """How a library starts a dense layer: its weights, and its biases."""

    weights: VarianceScaling
    bias: VarianceScaling | float = 0.0


STARTS = {
    "PyTorch": Start(pytorch_linear(), pytorch_linear()),
    "Keras": Start(VarianceScaling(gain=1, average=True, uniform=True)),
    "Flax": Start(lecun()),
    "gain": Start(VarianceScaling()),
}


# Means over a normal preactivation


def next_mean_square(activation: Pointwise, gain: float, mean_square: float = 1.0) -> float:
    """Return the mean square of the next layer's preactivations, given that of this layer's: gain^2 E[f(sqrt(q) Z)^2].

    >>> next_mean_square(ReLU(), math.sqrt(2), mean_square=3.0).__round__(12)
    3.0
    """
    return gain**2 * _mean(lambda z: activation(z) ** 2, activation, mean_square)


def gradient_factor(activation: Pointwise, gain: float, mean_square: float = 1.0) -> float:
    """Return the factor of the mean square of a gradient for one layer back: gain^2 E[f'(sqrt(q) Z)^2].

    >>> gradient_factor(ReLU(), math.sqrt(2)).__round__(12)
    1.0
    """
    return gain**2 * _mean(lambda z: activation.derivative(z) ** 2, activation, mean_square)


def stability(activation: Pointwise, gain: float) -> float:
    """Return by how much a small deviation of the mean square from 1 has grown one layer on: gain^2 E[Z f(Z) f'(Z)].

    Below 1, the mean square finds back to 1; above 1, it runs away.

    >>> stability(ReLU(), math.sqrt(2)).__round__(12)
    1.0
    """
    return gain**2 * _mean(lambda z: z * activation(z) * activation.derivative(z), activation, 1.0)


def settled(activation: Pointwise, gain: float, layers: int = 1000) -> float:
    """Return the mean square that the preactivations have after many layers, from 1."""
    mean_square = 1.0
    for _ in range(layers):
        mean_square = next_mean_square(activation, gain, mean_square)
    return mean_square


def constant_for_both(activation: Pointwise) -> tuple[float, float]:
    """Return the constant c and the gain g for which f + c keeps the mean square of the signal and of the gradient.

    E[(f + c)^2] is the variance of f plus (E[f] + c)^2, and the variance is at most E[f'^2] by Poincare's inequality.
    So there is a c for which both means are E[f'^2]; of the two, the one nearer to 0. The gain is 1 over its root.

    >>> c, g = constant_for_both(Tanh())
    >>> print(round(c, 4), round(g, 4))
    0.2648 1.4674
    """
    mean = _mean(activation, activation, 1.0)
    variance = next_mean_square(activation, 1.0) - mean**2
    slope = gradient_factor(activation, 1.0)
    root = math.sqrt(max(slope - variance, 0.0))
    return min(root - mean, -root - mean, key=abs), slope**-0.5


def _mean(function, activation: Pointwise, mean_square: float) -> float:
    scale = math.sqrt(mean_square)
    return normal_mean(lambda z: function(scale * z), tuple(kink / scale for kink in activation.traits.kinks))


# Through many layers


@dataclass(frozen=True)
class Passage:
    """A signal and its gradient, layer by layer, before any training.

    Attributes
    ----------
    signal : array, (depth, members)
        The mean square of the preactivations.
    gradient : array, (depth, members)
        The root mean square of dL/dz, over that of the last layer.
    difference : array, (depth, members)
        The share of the mean square that differs between samples: 0 if all inputs have become the same.
    """

    signal: Array
    gradient: Array
    difference: Array


def stack(activation: Activation, start: Start, depth: int = DEPTH, width: int = WIDTH) -> MLP:
    """Return ``depth`` layers of equal width."""
    return MLP(width, [Dense(width, activation, start.weights, start.bias) for _ in range(depth)])


def passage(activation: Activation, start: Start, depth: int = DEPTH, width: int = WIDTH, size: float = 1.0) -> Passage:
    """Send normal inputs of root mean square ``size`` through untrained layers, and a random gradient back."""
    network = stack(activation, start, depth, width)
    generators = spawn(SEED, MEMBERS)
    parameters = network.initialise(generators)
    inputs = size * np.stack([g.normal(size=(SAMPLES, width)) for g in generators])
    tape = network.forward(parameters, inputs)
    upstream = np.stack([g.normal(size=(SAMPLES, width)) for g in generators])
    with overflow_and_nan():
        _, deltas = network.backward(parameters, tape, upstream)
    z = [layer.preactivations for layer in tape]
    signal = np.stack([np.mean(a**2, axis=(1, 2)) for a in z])
    sizes = np.stack([np.sqrt(np.mean(d**2, axis=(1, 2))) for d in deltas])
    apart = np.stack([np.mean(np.var(a, axis=1), axis=-1) for a in z])
    return Passage(signal, sizes / sizes[-1], apart / signal)


def decades(passage: Passage) -> Array:
    """Return how many powers of ten the gradient gains or loses per layer on its way to the first, (members,)."""
    return np.log10(passage.gradient[0]) / (len(passage.gradient) - 1)


# Dead at birth

TEN = (256,) * 5 + (128,) * 5


def dead_at_birth(start: Start, scaling: str = "standardised") -> Array:
    """Return the share of dead ReLUs in ten hidden layers before training, over all training images, (members,)."""
    x, dead, generators = digits(scaling).x, [], spawn(SEED, MEMBERS)
    network = MLP(64, [Dense(width, ReLU(), start.weights, start.bias) for width in TEN])
    for generator in generators:  # one by one, to save memory
        tape = network.forward(network.initialise([generator]), x)
        dead.append(np.concatenate([diagnostics.dead_units(layer.outputs[0]) for layer in tape]).mean())
    return np.array(dead)


# Training

FUNCTIONS: dict[str, Activation] = {"ReLU": ReLU(), "tanh": Tanh(), "sigmoid": Sigmoid()}
TRAINED = ("PyTorch", "Flax", "gain")
DEPTHS = (2, 5, 10, 20)
RATES = (0.003, 0.01, 0.1)
BETWEEN = 0.03
EPOCHS, MOMENTUM = 5, 0.9


def trainable(function: str, start: str, depth: int) -> MLP:
    """Return a network for the digits all of whose layers have one start."""
    begin = STARTS[start]
    output = Dense(10, initial_weights=begin.weights, initial_bias=begin.bias)
    return classifier(FUNCTIONS[function], depth, weights=begin.weights, bias=begin.bias, output=output)


def trained(
    function: str, start: str, depth: int, rate: float, epochs: int = EPOCHS, optimiser: Optimiser | None = None
) -> Outcome:
    """Train ten networks on the standardised digits, in float32, with momentum or another rule."""
    rule = optimiser or SGD(rate, momentum=MOMENTUM)
    return fit(trainable(function, start, depth), digits("standardised"), rule, epochs, dtype=np.float32)


# The grids that are computed once

PATIENT = {"depth": 4, "rate": 0.1, "epochs": 25}
PATIENCE = (50, 100)
ADAM_RATE = 0.001
CURVES: dict[str, Activation] = {**FUNCTIONS, "SELU": SELU(), "SiLU": SiLU(), "GELU": GELU()}
LAYERS = (1, *range(2, 51, 2))
FACTORS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.25, 1.5, 2.0, 3.0)


def _accuracy_cell(function: str, start: str, depth: int, rate: float) -> tuple[Array, Array]:
    outcome = trained(function, start, depth, rate)
    return outcome.right, outcome.diverged


def _patient_cell(start: str) -> tuple[Array]:
    return (trained("sigmoid", start, **PATIENT).right,)


def _longer_cell(start: str) -> tuple[Array]:
    """Return how many test images are right after each number of epochs in `PATIENCE`, (epochs, members)."""
    network, data = trainable("sigmoid", start, PATIENT["depth"]), digits("standardised")
    batches, rows = -(-len(data.x) // BATCH), []
    rule = SGD(PATIENT["rate"], momentum=MOMENTUM)
    for step in steps(network, data, rule, PATIENCE[-1], dtype=np.float32):
        epoch, rest = divmod(step.index + 1, batches)
        if rest == 0 and epoch in PATIENCE:
            rows.append(diagnostics.accuracy(network.predict(step.updated, data.test_x), data.test_labels))
    return (images_right(np.stack(rows)),)


def _between_cell(depth: int) -> tuple[Array]:
    """Train ReLUs from PyTorch's default at a rate between two of the others."""
    return (trained("ReLU", "PyTorch", depth, BETWEEN).right,)


def _adam_cell(depth: int) -> tuple[Array]:
    """Train ReLUs from PyTorch's default with Adam."""
    return (trained("ReLU", "PyTorch", depth, ADAM_RATE, optimiser=Adam(ADAM_RATE)).right,)


def _curve_cell(curve: str, factor: float) -> tuple[Array, Array]:
    """Return the smallest, median and largest power of ten of signal and gradient, each (layers, 3)."""
    function = CURVES[curve]
    found = passage(function, Start(VarianceScaling(gain=factor * initialisers.gain(function))))
    rows = [getattr(found, name)[np.array(LAYERS) - 1] for name in ("signal", "gradient")]
    return tuple(np.quantile(np.log10(row), (0, 0.5, 1), axis=-1).T.round(3).astype(np.float32) for row in rows)


SEEDS = {"seed": SEED, "members": MEMBERS}
TRAINING = SEEDS | {"batch": BATCH, "units": UNITS, "momentum": MOMENTUM}
GRIDS = {
    "accuracy": Grid(
        _accuracy_cell,
        {"function": FUNCTIONS, "start": TRAINED, "depth": DEPTHS, "rate": RATES},
        ("right", "diverged"),
        TRAINING | {"epochs": EPOCHS},
    ),
    "patient": Grid(_patient_cell, {"start": TRAINED}, ("right",), TRAINING | PATIENT),
    "longer": Grid(_longer_cell, {"start": ("PyTorch",)}, ("right",), TRAINING | PATIENT | {"epochs": PATIENCE}),
    "between": Grid(_between_cell, {"depth": (5, 10)}, ("right",), TRAINING | {"epochs": EPOCHS, "rate": BETWEEN}),
    "adam": Grid(_adam_cell, {"depth": DEPTHS}, ("right",), SEEDS | {"batch": BATCH, "units": UNITS, "epochs": EPOCHS}),
    "curves": Grid(
        _curve_cell, {"curve": CURVES, "factor": FACTORS}, ("signal", "gradient"), SEEDS | {"layers": LAYERS}
    ),
}


def stored_accuracy() -> tuple[Array, Array]:
    """Return the test accuracy at each setting's best rate.

    Returns
    -------
    accuracy : array, (functions, starts, depths, members)
        At the rate with the best median.
    rates : array, (functions, starts, depths)
    """
    share = grids.load(LESSON, "accuracy")["right"] / TEST_IMAGES
    best = np.argmax(np.median(share, axis=-1), axis=-1)
    return np.take_along_axis(share, best[..., None, None], axis=3)[..., 0, :], np.array(RATES)[best]


def stored_curves() -> tuple[Array, Array]:
    """Return the signal and the gradient of `Passage` for weights off the gain by a factor.

    Returns
    -------
    signal, gradient : array, (curves, factors, layers, 3)
        Smallest, median and largest of ten seeds.
    """
    stored = grids.load(LESSON, "curves")
    return tuple(10.0 ** stored[name].astype(float) for name in ("signal", "gradient"))


def stored_adam() -> dict[int, Array]:
    """Return the test accuracy of ReLUs from PyTorch's default, trained with Adam, by depth, (members,) each."""
    return dict(zip(DEPTHS, grids.load(LESSON, "adam")["right"] / TEST_IMAGES, strict=True))


def stored_patient() -> dict[str, Array]:
    """Return the test accuracy of four layers of sigmoids after 25 epochs, by start, (members,) each."""
    return dict(zip(TRAINED, grids.load(LESSON, "patient")["right"] / TEST_IMAGES, strict=True))


def stored_longer() -> dict[int, Array]:
    """Return the test accuracy of four layers of sigmoids from PyTorch's default, by epochs, (members,) each."""
    return dict(zip(PATIENCE, grids.load(LESSON, "longer").at(start="PyTorch")["right"] / TEST_IMAGES, strict=True))


def stored_between() -> dict[int, Array]:
    """Return the test accuracy of ReLUs from PyTorch's default at a rate of 0.03, by depth, (members,) each."""
    return dict(zip((5, 10), grids.load(LESSON, "between")["right"] / TEST_IMAGES, strict=True))


def rounding_apart(activation: Activation, start: Start) -> Array:
    """Return how far the last layer's preactivations for different inputs lie apart at most, (members,).

    In units in the last place of their root mean square: a handful of them is nothing but rounding.
    """
    network, generators = stack(activation, start), spawn(SEED, MEMBERS)
    parameters = network.initialise(generators)
    inputs = np.stack([g.normal(size=(SAMPLES, WIDTH)) for g in generators])
    z = network.forward(parameters, inputs)[-1].preactivations
    return np.ptp(z, axis=1).max(axis=-1) / np.spacing(np.sqrt(np.mean(z**2, axis=(1, 2))))
