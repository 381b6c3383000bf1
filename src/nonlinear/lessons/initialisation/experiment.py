"""Initialisation: what becomes of a signal and of its gradient on the way through many layers, and who can train."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from nonlinear import diagnostics, initialisers
from nonlinear.activations import GELU, SELU, Activation, Pointwise, ReLU, Sigmoid, SiLU, Tanh
from nonlinear.course import MEMBERS, SEED, generators, grids, once, untrained
from nonlinear.course.classifier import BATCH, TEST_IMAGES, Outcome, classifier, fit, images_right, steps
from nonlinear.course.classifier import WIDTH as UNITS
from nonlinear.course.grids import Grid
from nonlinear.course.mean_field import gradient_factor, next_mean_square, normal_mean_of
from nonlinear.course.mean_field import stability as stability
from nonlinear.datasets import digits
from nonlinear.initialisers import VarianceScaling, lecun, pytorch_linear
from nonlinear.network import MLP, Dense, Parameters, Tape
from nonlinear.optimisers import SGD, Adam, Optimiser
from nonlinear.special import Array

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


def settled(activation: Pointwise, gain: float, layers: int = 1000) -> float:
    """Return the mean square that the preactivations have after many layers, from 1, or once it stays as it is."""
    mean_square = 1.0
    for _ in range(layers):
        before, mean_square = mean_square, next_mean_square(activation, gain, mean_square)
        if mean_square == before:
            break
    return mean_square


def constant_for_both(activation: Pointwise) -> tuple[float, float]:
    """Return the constant c and the gain g for which f + c keeps the mean square of the signal and of the gradient.

    E[(f + c)^2] is the variance of f plus (E[f] + c)^2, and the variance is at most E[f'^2] by Poincare's inequality.
    So there is a c for which both means are E[f'^2]; of the two, the one nearer to 0. The gain is 1 over its root.

    >>> c, g = constant_for_both(Tanh())
    >>> print(round(c, 4), round(g, 4))
    0.2648 1.4674
    """
    mean = normal_mean_of(activation, activation)
    variance = next_mean_square(activation, 1.0) - mean**2
    slope = gradient_factor(activation, 1.0)
    root = math.sqrt(max(slope - variance, 0.0))
    return min(root - mean, -root - mean, key=abs), slope**-0.5


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


@once
def passage(
    activation: Activation,
    start: Start,
    depth: int = DEPTH,
    width: int = WIDTH,
    size: float = 1.0,
    again: bool = False,
) -> Passage:
    """Send normal inputs of root mean square ``size`` through untrained layers, and a random gradient back.

    Ten members, or ten others ``again``.
    """
    network = stack(activation, start, depth, width)
    each = [_passage_in(network, generator, size) for generator in generators(again)]  # one by one, to save memory
    return Passage(*(np.concatenate(part, axis=-1) for part in zip(*each, strict=True)))


def signal(activation: Activation, start: Start, size: float = 1.0, again: bool = False) -> Array:
    """Return the signal of `passage` alone, which takes half as long: (depth, members)."""
    network = stack(activation, start)
    tapes = (_forwards(network, generator, size)[1] for generator in generators(again))
    return np.concatenate([_mean_squares(_preactivations(tape)) for tape in tapes], axis=-1)


def _passage_in(network: MLP, generator: np.random.Generator, size: float) -> tuple[Array, Array, Array]:
    """Return signal, gradient and difference of `Passage` in an ensemble of one."""
    parameters, tape = _forwards(network, generator, size)
    upstream = generator.normal(size=(1, SAMPLES, network.inputs))
    z, sizes = _preactivations(tape), np.sqrt(_mean_squares(untrained.deltas(network, parameters, tape, upstream)))
    signal, apart = _mean_squares(z), np.stack([np.mean(np.var(a, axis=1), axis=-1) for a in z])
    return signal, sizes / sizes[-1], apart / signal


def _forwards(network: MLP, generator: np.random.Generator, size: float = 1.0) -> tuple[Parameters, Tape]:
    """Send normal inputs through an untrained ensemble of one."""
    parameters = network.initialise([generator])
    return parameters, network.forward(parameters, size * generator.normal(size=(1, SAMPLES, network.inputs)))


def _preactivations(tape: Tape) -> list[Array]:
    return [layer.preactivations for layer in tape]


def _mean_squares(layers: Iterable[Array]) -> Array:
    return np.stack([np.mean(layer**2, axis=(1, 2)) for layer in layers])


def decades(passage: Passage) -> Array:
    """Return how many powers of ten the gradient gains or loses per layer on its way to the first, (members,)."""
    return np.log10(passage.gradient[0]) / (len(passage.gradient) - 1)


# Dead at birth

TEN = (256,) * 5 + (128,) * 5


def dead_at_birth(start: Start, scaling: str = "standardised", again: bool = False) -> Array:
    """Return the share of dead ReLUs in ten hidden layers before training, over all training images, (members,).

    In float32, which is twice as fast: it matters only to a unit whose largest preactivation is 0 but for rounding.
    """
    x, dead = digits(scaling).x.astype(np.float32), []
    network = MLP(64, [Dense(width, ReLU(), start.weights, start.bias) for width in TEN])
    for generator in generators(again):  # one by one, to save memory
        tape = network.forward(network.initialise([generator], np.float32), x)
        dead.append(np.concatenate([diagnostics.dead_units(layer.outputs[0]) for layer in tape]).mean())
    return np.array(dead)


# Training

FUNCTIONS: dict[str, Activation] = {"ReLU": ReLU(), "tanh": Tanh(), "sigmoid": Sigmoid()}
ALL_RATES = ("ReLU", "tanh")  # the sigmoid is trained at fewer
TRAINED = ("PyTorch", "Flax", "gain")
DEPTHS = (2, 5, 10, 20)
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
SIGMOID_RATES = (0.01, 0.03, 0.1, 0.3, 1.0)
EPOCHS, MOMENTUM = 5, 0.9


def trainable(function: str, start: str, depth: int) -> MLP:
    """Return a network for the digits all of whose layers have one start."""
    begin = STARTS[start]
    output = Dense(10, initial_weights=begin.weights, initial_bias=begin.bias)
    return classifier(FUNCTIONS[function], depth, weights=begin.weights, bias=begin.bias, output=output)


def trained(
    function: str, start: str, depth: int, optimiser: Optimiser, epochs: int = EPOCHS, again: bool = False
) -> Outcome:
    """Train ten networks on the standardised digits, in float32, or ten others ``again``."""
    how = {"epochs": epochs, "chance": generators(again), "dtype": np.float32}
    return fit(trainable(function, start, depth), digits("standardised"), optimiser, **how)


def momentum(rate: float) -> SGD:
    """Return the rule that most of these networks are trained by."""
    return SGD(rate, momentum=MOMENTUM)


# The grids that are computed once

PATIENT = {"depth": 4, "rate": 0.1, "epochs": 25}
PATIENCE = (50, 100)
ADAM_RATE = 0.001
SETS = (False, True)  # of seeds: the first, and again
CURVES: dict[str, Activation] = {**FUNCTIONS, "SELU": SELU(), "SiLU": SiLU(), "GELU": GELU()}
LAYERS = (1, *range(2, 51, 2))
FACTORS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.25, 1.5, 2.0, 3.0)


def _accuracy_cell(function: str, start: str, depth: int, rate: float, again: bool) -> tuple[Array, Array]:
    outcome = trained(function, start, depth, momentum(rate), again=again)
    return outcome.right, outcome.diverged


def _sigmoid_cell(start: str, depth: int, rate: float, again: bool) -> tuple[Array, Array]:
    return _accuracy_cell("sigmoid", start, depth, rate, again)


def _adam_cell(depth: int, again: bool) -> tuple[Array]:
    """Train ReLUs from PyTorch's default with Adam."""
    return (trained("ReLU", "PyTorch", depth, Adam(ADAM_RATE), again=again).right,)


def _patient_cell(start: str, again: bool) -> tuple[Array]:
    rule = momentum(PATIENT["rate"])
    return (trained("sigmoid", start, PATIENT["depth"], rule, PATIENT["epochs"], again).right,)


def _longer_cell(again: bool) -> tuple[Array]:
    """Return how many test images are right after each number of epochs in `PATIENCE`, (epochs, members)."""
    network, data = trainable("sigmoid", "PyTorch", PATIENT["depth"]), digits("standardised")
    batches, rows = -(-len(data.x) // BATCH), []
    how = {"chance": generators(again), "dtype": np.float32}
    for step in steps(network, data, momentum(PATIENT["rate"]), PATIENCE[-1], **how):
        epoch, rest = divmod(step.index + 1, batches)
        if rest == 0 and epoch in PATIENCE:
            rows.append(diagnostics.accuracy(network.predict(step.updated, data.test_x), data.test_labels))
    return (images_right(np.stack(rows)),)


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
        {"function": ALL_RATES, "start": TRAINED, "depth": DEPTHS, "rate": RATES, "again": SETS},
        ("right", "diverged"),
        TRAINING | {"epochs": EPOCHS},
    ),
    "sigmoid": Grid(
        _sigmoid_cell,
        {"start": TRAINED, "depth": DEPTHS, "rate": SIGMOID_RATES, "again": SETS},
        ("right", "diverged"),
        TRAINING | {"epochs": EPOCHS},
    ),
    "adam": Grid(
        _adam_cell,
        {"depth": DEPTHS, "again": SETS},
        ("right",),
        SEEDS | {"batch": BATCH, "units": UNITS, "epochs": EPOCHS, "rate": ADAM_RATE},
    ),
    "patient": Grid(_patient_cell, {"start": TRAINED, "again": SETS}, ("right",), TRAINING | PATIENT),
    "longer": Grid(_longer_cell, {"again": SETS}, ("right",), TRAINING | PATIENT | {"epochs": PATIENCE}),
    "curves": Grid(
        _curve_cell, {"curve": CURVES, "factor": FACTORS}, ("signal", "gradient"), SEEDS | {"layers": LAYERS}
    ),
}


def stored_accuracy() -> tuple[Array, Array]:
    """Return the test accuracy of the first set of seeds, at the rate that is best for the second.

    Returns
    -------
    accuracy : array, (functions, starts, depths, members)
    rates : array, (functions, starts, depths)
    """
    twice, rates = stored_twice()
    return twice[..., 0, :], rates


def stored_twice() -> tuple[Array, Array]:
    """Return the test accuracy from two sets of seeds, at the rate that is best for the second.

    Returns
    -------
    accuracy : array, (functions, starts, depths, 2, members)
    rates : array, (functions, starts, depths)
    """
    both, sigmoid = (_at_best_rate(*each) for each in (("accuracy", RATES), ("sigmoid", SIGMOID_RATES)))
    return tuple(np.concatenate([first, [last]]) for first, last in zip(both, sigmoid, strict=True))


def _at_best_rate(grid: str, rates: tuple[float, ...]) -> tuple[Array, Array]:
    share = grids.load(LESSON, grid)["right"] / TEST_IMAGES
    best = np.argmax(np.median(share[..., 1, :], axis=-1), axis=-1)
    return np.take_along_axis(share, best[..., None, None, None], axis=-3)[..., 0, :, :], np.array(rates)[best]


def stored_curves() -> tuple[Array, Array]:
    """Return the signal and the gradient of `Passage` for weights off the gain by a factor.

    Returns
    -------
    signal, gradient : array, (curves, factors, layers, 3)
        Smallest, median and largest of ten seeds.
    """
    stored = grids.load(LESSON, "curves")
    return tuple(10.0 ** stored[name].astype(float) for name in ("signal", "gradient"))


def stored_rates(function: str, start: str, depth: int) -> Array:
    """Return the test accuracy of ReLU or tanh at all of `RATES`, (rates, 2, members)."""
    return grids.load(LESSON, "accuracy").at(function=function, start=start, depth=depth)["right"] / TEST_IMAGES


def stored_adam() -> dict[int, Array]:
    """Return the test accuracy of ReLUs from PyTorch's default, trained with Adam, by depth, (2, members) each."""
    return dict(zip(DEPTHS, grids.load(LESSON, "adam")["right"] / TEST_IMAGES, strict=True))


def stored_patient() -> dict[str, Array]:
    """Return the test accuracy of four layers of sigmoids after 25 epochs, by start, (2, members) each."""
    return dict(zip(TRAINED, grids.load(LESSON, "patient")["right"] / TEST_IMAGES, strict=True))


def stored_longer() -> dict[int, Array]:
    """Return the test accuracy of four layers of sigmoids from PyTorch's default, by epochs, (2, members) each."""
    right = grids.load(LESSON, "longer")["right"]
    return dict(zip(PATIENCE, np.swapaxes(right, 0, 1) / TEST_IMAGES, strict=True))


def rounding_apart(activation: Activation, start: Start) -> Array:
    """Return how far the last layer's preactivations for different inputs lie apart at most, (members,).

    In units in the last place of their root mean square: a handful of them is nothing but rounding.
    """
    network = stack(activation, start)
    z = np.concatenate([_forwards(network, generator)[1][-1].preactivations for generator in generators()])
    return np.ptp(z, axis=1).max(axis=-1) / np.spacing(np.sqrt(np.mean(z**2, axis=(1, 2))))
