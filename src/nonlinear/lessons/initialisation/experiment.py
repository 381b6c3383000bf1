"""Initialisation: what becomes of a signal and of its gradient on the way through many layers, and who can train."""

import itertools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from nonlinear import diagnostics, initialisers, recording
from nonlinear.activations import GELU, SELU, Activation, Pointwise, ReLU, Sigmoid, SiLU, Tanh
from nonlinear.course import grids
from nonlinear.datasets import digits
from nonlinear.initialisers import VarianceScaling, lecun, normal_mean, pytorch_linear
from nonlinear.losses import SoftmaxCrossEntropy
from nonlinear.network import MLP, Dense, spawn
from nonlinear.optimisers import SGD
from nonlinear.special import Array, overflow_and_nan
from nonlinear.training import last, minibatches, train

SEED, MEMBERS = 0, 10
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


def passage(activation: Activation, start: Start, depth: int = DEPTH, width: int = WIDTH) -> Passage:
    """Send standard normal inputs through untrained layers, and a random gradient back."""
    network = stack(activation, start, depth, width)
    generators = spawn(SEED, MEMBERS)
    parameters = network.initialise(generators)
    inputs = np.stack([g.normal(size=(SAMPLES, width)) for g in generators])
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
EPOCHS, BATCH, UNITS, MOMENTUM, TEST_IMAGES = 5, 32, 64, 0.9, 360


def accuracy(function: str, start: str, depth: int, rate: float, epochs: int = EPOCHS) -> tuple[Array, Array]:
    """Train ten networks on the standardised digits, in float32, and return how they end.

    Returns
    -------
    accuracy : array, (members,)
        On the test images.
    diverged : array of bool, (members,)
    """
    begin, data = STARTS[start], digits("standardised")
    layers = [Dense(UNITS, FUNCTIONS[function], begin.weights, begin.bias) for _ in range(depth)]
    network = MLP(64, [*layers, Dense(10, initial_weights=begin.weights, initial_bias=begin.bias)])
    generators = spawn(SEED, MEMBERS)
    parameters = network.initialise(generators, dtype=np.float32)
    batches = minibatches(data.x.astype(np.float32), data.labels, BATCH, epochs, generators)
    step = last(train(network, parameters, batches, SoftmaxCrossEntropy(), SGD(rate, momentum=MOMENTUM)))
    return recording.accuracy(network, data.test_x, data.test_labels)(step), step.diverged_at >= 0


# What is computed once

PATIENT = {"depth": 4, "rate": 0.1, "epochs": 25}
CURVES: dict[str, Activation] = {**FUNCTIONS, "SELU": SELU(), "SiLU": SiLU(), "GELU": GELU()}
LAYERS = (1, *range(2, 51, 2))
FACTORS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.25, 1.5, 2.0, 3.0)

SETTINGS = {
    "seed": SEED,
    "members": MEMBERS,
    "functions": list(FUNCTIONS),
    "starts": TRAINED,
    "depths": DEPTHS,
    "rates": RATES,
    "epochs": EPOCHS,
    "batch": BATCH,
    "units": UNITS,
    "momentum": MOMENTUM,
    "patient": PATIENT,
    "curves": list(CURVES),
    "factors": FACTORS,
    "layers": LAYERS,
}


def _cell(cell: tuple) -> tuple[Array, Array]:
    right, diverged = accuracy(*cell)
    return np.rint(right * TEST_IMAGES).astype(np.uint16), diverged


def _curve_cell(cell: tuple[str, float]) -> Array:
    function = CURVES[cell[0]]
    found = passage(function, Start(VarianceScaling(gain=cell[1] * initialisers.gain(function))))
    rows = [getattr(found, name)[np.array(LAYERS) - 1] for name in ("signal", "gradient")]
    return np.stack([np.quantile(np.log10(row), (0, 0.5, 1), axis=-1).T for row in rows]).round(3).astype(np.float32)


def compute(run: Callable[..., Iterable] = map) -> dict[str, Array]:
    """Compute the stored results; ``run`` maps a function over cells, ``executor.map`` for instance.

    Returns
    -------
    dict of array
        ``right`` (functions, starts, depths, rates, members): test images got right of 360; ``diverged`` likewise.
        ``patient`` (starts, members): right for the sigmoid, with the settings of PATIENT. ``signal`` and
        ``gradient`` (curves, factors, layers, 3): smallest, median and largest, over ten seeds, of the power of ten of
        what `Passage` holds, for weights of ``factor`` times the gain.
    """
    right, diverged = zip(*run(_cell, list(itertools.product(FUNCTIONS, TRAINED, DEPTHS, RATES))), strict=True)
    shape = (len(FUNCTIONS), len(TRAINED), len(DEPTHS), len(RATES), MEMBERS)
    patient, _ = zip(*run(_cell, [("sigmoid", start, *PATIENT.values()) for start in TRAINED]), strict=True)
    curves = np.stack(list(run(_curve_cell, list(itertools.product(CURVES, FACTORS)))))
    curves = curves.reshape(len(CURVES), len(FACTORS), 2, len(LAYERS), 3)
    return {
        "right": np.stack(right).reshape(shape),
        "diverged": np.stack(diverged).reshape(shape),
        "patient": np.stack(patient),
        "signal": curves[:, :, 0],
        "gradient": curves[:, :, 1],
    }


def stored_accuracy() -> tuple[Array, Array]:
    """Return the test accuracy at each setting's best rate.

    Returns
    -------
    accuracy : array, (functions, starts, depths, members)
        At the rate with the best median.
    rates : array, (functions, starts, depths)
    """
    share = grids.load("initialisation")["right"] / TEST_IMAGES
    best = np.argmax(np.median(share, axis=-1), axis=-1)
    return np.take_along_axis(share, best[..., None, None], axis=3)[..., 0, :], np.array(RATES)[best]


def stored_curves() -> tuple[Array, Array]:
    """Return the signal and the gradient of `Passage` for weights off the gain by a factor.

    Returns
    -------
    signal, gradient : array, (curves, factors, layers, 3)
        Smallest, median and largest of ten seeds.
    """
    stored = grids.load("initialisation")
    return tuple(10.0 ** stored[name].astype(float) for name in ("signal", "gradient"))


def stored_patient() -> dict[str, Array]:
    """Return the test accuracy of four layers of sigmoids after 25 epochs, by start, (members,) each."""
    return dict(zip(TRAINED, grids.load("initialisation")["patient"] / TEST_IMAGES, strict=True))
