"""How a ReLU dies: one unit, then networks on handwritten digits.

The networks, unless a function says otherwise, are those of `nonlinear.course.classifier`, with two hidden layers, and
are trained as it says, by plain SGD.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from nonlinear import diagnostics, recording
from nonlinear.activations import ELU, Activation, LeakyReLU, ReLU, Sigmoid, SiLU, Tanh
from nonlinear.course import MEMBERS, SEED, generators, grids, once
from nonlinear.course.classifier import BATCH, EPOCHS, TEST_IMAGES, WIDTH, Outcome, classifier, fit, steps
from nonlinear.course.grids import Grid, Results
from nonlinear.datasets import SCALINGS, Digits, digits
from nonlinear.initialisers import VarianceScaling, lecun, pytorch_linear
from nonlinear.losses import MeanSquaredError
from nonlinear.network import MLP, Dense, Parameters, map_parameters, spawn
from nonlinear.optimisers import SGD, Adam
from nonlinear.special import Array
from nonlinear.training import full_batches, last, train

LESSON = "how-a-relu-dies"

ACTIVATIONS: dict[str, Activation] = {
    "ReLU": ReLU(),
    "Leaky ReLU 0.01": LeakyReLU(0.01),
    "ELU": ELU(),
    "SiLU": SiLU(),
    "tanh": Tanh(),
    "sigmoid": Sigmoid(),
}
OFFSETS = (0.0, 0.25, 0.5, 0.75, 1.0)
RATES = (0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.7, 0.85, 1.0, 1.3, 2.0, 3.0)
ADAM_RATES = (0.001, 0.003, 0.01, 0.03, 0.05, 0.1)
NUDGED_RATES = (0.45, 0.6, 0.85, 1.0)
WIDTHS, KILLED, WIDTH_RATE = (16, 64, 256), (0.0, 0.8), 0.1
COMPARED_RATES = (0.05, 0.45, 0.85)
SPLITS, SPLIT_RATE = tuple(range(1, 11)), 0.45
# How the weights and the biases of the hidden layers are drawn.
STARTS: dict[str, tuple[VarianceScaling, VarianceScaling | float]] = {
    "scaled by the gain": (VarianceScaling(), 0.0),
    "variance 1/n": (lecun(), 0.0),
    "PyTorch's default": (pytorch_linear(), pytorch_linear()),
}


# One unit


def critical_bias(weights) -> Array:
    """Return the bias at and below which a ReLU is silent on all of [0, 1]^n: minus the sum of its positive weights.

    The corner of the cube with x_i = 1 where w_i > 0, and 0 elsewhere, has the largest w.x of all inputs.

    Parameters
    ----------
    weights : array, (..., n)

    Examples
    --------
    >>> float(critical_bias([0.9, 0.6])), float(critical_bias([0.9, -0.6]))
    (-1.5, -0.9)
    """
    return -np.maximum(weights, 0).sum(axis=-1)


@dataclass(frozen=True)
class BadStep:
    """What one mislabelled example did to a trained unit, for every seed.

    Attributes
    ----------
    before, after, end : Parameters
        Before and after the step on the bad example, and after all the later ones.
    dead : array of bool, (members,)
        Whether the unit is silent on all of the unit square afterwards.
    zero_steps : array of int, (members,)
        How many of the ``later`` steps on good data had a gradient of exactly 0.
    unchanged : array of bool, (members,)
        Whether the parameters are the same after all those steps, bit for bit.
    """

    before: Parameters
    after: Parameters
    end: Parameters
    dead: Array
    zero_steps: Array
    unchanged: Array

    def medians(self, when: str) -> tuple[float, float, float]:
        """Return the medians over seeds of w1, w2 and b: ``when`` is "before", "after" or "end"."""
        layer = getattr(self, when)[0]
        return (*np.median(layer["weights"][:, :, 0], axis=0).tolist(), float(np.median(layer["bias"])))


@once
def bad_step(target: float, rate: float = 0.1, later: int = 2000) -> BadStep:
    """Train a single ReLU to h = x1 + x2 / 2 + 0.2, show it one example (1/2, 1/2) labelled ``target``, and go on."""
    network = MLP(2, [Dense(1, ReLU(), initial_bias=0.2)])
    generators = spawn(SEED, MEMBERS)
    start = network.initialise(generators)
    start = ({**start[0], "weights": np.abs(start[0]["weights"])},)  # all alive at the start
    x = spawn(SEED + 1, 1)[0].uniform(size=(64, 2))
    y = (x @ [1.0, 0.5] + 0.2)[:, None]

    def run(parameters, x, y, steps):
        return train(network, parameters, full_batches(x, y, steps), MeanSquaredError(), SGD(rate))

    before = last(run(start, x, y, 2000)).updated
    after = last(run(before, np.full((1, 2), 0.5), np.full((1, 1), float(target)), 1)).updated
    zero, step = np.zeros(MEMBERS, int), None
    for step in run(after, x, y, later):
        zero += ~np.any([np.any(g != 0, axis=(-1, -2)) for g in step.gradients[0].values()], axis=0)
    same = [np.all(step.updated[0][k] == after[0][k], axis=(-1, -2)) for k in after[0]]
    dead = after[0]["bias"][:, 0, 0] <= critical_bias(after[0]["weights"][:, :, 0])
    return BadStep(before, after, step.updated, dead, zero, np.all(same, axis=0))


# Networks on digits


def shifted(data: Digits, offset: float) -> Digits:
    """Return digits with only the share ``offset`` of their mean image left in: 1 changes nothing, 0 centres."""
    shift = (1 - offset) * data.mean
    return replace(data, x=data.x - shift, test_x=data.test_x - shift)


def kill(share: float) -> Callable[[Parameters], Parameters]:
    """Return a function that silences a share of the units of every hidden layer for good, with a bias of -1000."""
    if not 0 <= share <= 1:
        raise ValueError(f"share must lie in [0, 1]; got {share!r}.")

    def start(parameters: Parameters) -> Parameters:
        *hidden, output = map_parameters(np.copy, parameters)
        for layer in hidden:
            units = layer["bias"].shape[-1]
            layer["bias"][..., : round(share * units)] = -1000
        return (*hidden, output)

    return start


def nudge(parameters: Parameters) -> Parameters:
    """Return parameters that differ by 1e-12 everywhere."""
    return map_parameters(lambda p: p + 1e-12, parameters)


def dead_at_birth(network: MLP, x: Array, again: bool = False) -> Array:
    """Return the share of flat units in each hidden layer before any training, (hidden layers, members)."""
    parameters = network.initialise(generators(again))
    return recording.flat_fraction(network, network.forward(parameters, x))


def birth_by_bias(biases: Iterable[float], again: bool = False) -> dict[str, Array]:
    """Return the share of the first layer that is dead before training, by scaling of the inputs: (biases, members)."""

    def first_layer(bias: float, scaling: str) -> Array:
        return dead_at_birth(classifier(ReLU(), depth=1, bias=bias), digits(scaling).x, again)[0]

    return {scaling: np.stack([first_layer(bias, scaling) for bias in biases]) for scaling in SCALINGS}


def prune(network: MLP, parameters: Parameters, member: int, x: Array) -> tuple[MLP, Parameters]:
    """Return one member without its dead units: a smaller network, an ensemble of one, that computes the same."""
    tape = network.forward(parameters, x)
    alive = [~diagnostics.dead_units(layer.outputs[member]) for layer in tape[:-1]]
    if any(layer.learn for layer in network.layers) or not all(a.any() for a in alive):
        raise ValueError("prune needs layers that learn nothing but weights, with a living unit in each of them.")
    rows = [np.ones(network.inputs, bool), *alive]
    columns = [*alive, np.ones(network.layers[-1].units, bool)]
    smaller = tuple(
        {"weights": p["weights"][[member]][:, r][:, :, c], "bias": p["bias"][[member]][:, :, c]}
        for p, r, c in zip(parameters, rows, columns, strict=True)
    )
    layers = [replace(layer, units=int(c.sum())) for layer, c in zip(network.layers, columns, strict=True)]
    return MLP(network.inputs, layers), smaller


def pruning_error(network: MLP, parameters: Parameters, x: Array, new: Array) -> Array:
    """Return how far an output moves at most, on ``new``, without the units that are dead on ``x``: (members,)."""
    full = network.predict(parameters, new)
    pruned = [prune(network, parameters, member, x) for member in range(len(full))]
    return np.array([np.abs(a - small.predict(p, new)[0]).max() for a, (small, p) in zip(full, pruned, strict=True)])


# The grids that are computed once


def _counts(outcome: Outcome, width: int = WIDTH) -> tuple[Array, Array, Array]:
    return np.rint(outcome.flat * width).astype(np.uint16), outcome.right, outcome.diverged


def _map_cell(activation: str, offset: float, rate: float):
    return _counts(fit(classifier(ACTIVATIONS[activation]), shifted(digits("unit"), offset), SGD(rate)))


def _adam_cell(rate: float):
    return _counts(fit(classifier(ReLU()), digits("unit"), Adam(rate)))


def _nudged_cell(rate: float):
    return _counts(fit(classifier(ReLU()), digits("unit"), SGD(rate), start=nudge))


def _width_cell(width: int, killed: float, again: bool):
    how = {"start": kill(killed), "chance": generators(again)}
    return _counts(fit(classifier(ReLU(), width=width), digits("unit"), SGD(WIDTH_RATE), **how), width)


def _again_cell(rate: float):
    """Return the dead units by layer of two independent sets of members, (2, hidden layers, members)."""
    network, data = classifier(ReLU()), digits("unit")
    end = last(steps(network, data, SGD(rate), chance=spawn(SEED, 2 * MEMBERS))).updated
    flat = recording.flat_fraction(network, network.forward(end, data.x))
    return (np.rint(np.stack([flat[:, :MEMBERS], flat[:, MEMBERS:]]) * WIDTH).astype(np.uint16),)


def _split_cell(split: int):
    return _counts(fit(classifier(ReLU()), digits("unit", split), SGD(SPLIT_RATE)))


# ``dead`` (..., hidden layers, members) counts flat units, ``right`` (..., members) test images got right, of 360.
COUNTS = ("dead", "right", "diverged")
SETTINGS = {"seed": SEED, "members": MEMBERS, "epochs": EPOCHS, "batch": BATCH}
USUAL = SETTINGS | {"width": WIDTH}
GRIDS = {
    "map": Grid(_map_cell, {"activation": ACTIVATIONS, "offset": OFFSETS, "rate": RATES}, COUNTS, USUAL),
    "adam": Grid(_adam_cell, {"rate": ADAM_RATES}, COUNTS, USUAL),
    "nudged": Grid(_nudged_cell, {"rate": NUDGED_RATES}, COUNTS, USUAL),
    "width": Grid(
        _width_cell,
        {"width": WIDTHS, "killed": KILLED, "again": (False, True)},
        COUNTS,
        SETTINGS | {"rate": WIDTH_RATE},
    ),
    "again": Grid(_again_cell, {"rate": COMPARED_RATES}, ("dead",), USUAL),
    "splits": Grid(_split_cell, {"split": SPLITS}, COUNTS, USUAL | {"rate": SPLIT_RATE}),
}


@dataclass(frozen=True)
class Curve:
    """Stored outcomes against the learning rate.

    Attributes
    ----------
    rates : array, (rates,)
    dead : array, (rates, hidden layers, members)
        Share of units flat for all training images.
    accuracy : array, (rates, members)
    diverged : array of bool, (rates, members)
    """

    rates: Array
    dead: Array
    accuracy: Array
    diverged: Array


def stored_curve(activation: str = "ReLU", offset: float = 1.0) -> Curve:
    """Return the stored results of plain SGD, for one activation function and one input offset."""
    return _curve(grids.load(LESSON, "map").at(activation=activation, offset=offset))


def stored_map() -> tuple[Array, Array, Array]:
    """Return all stored results of plain SGD, over (activations, offsets, rates, members).

    Returns
    -------
    flat : array
        Share of hidden units that are flat for all training images.
    accuracy : array
    diverged : array of bool
    """
    stored = grids.load(LESSON, "map")
    return stored["dead"].mean(axis=-2) / WIDTH, stored["right"] / TEST_IMAGES, stored["diverged"]


def stored_adam() -> Curve:
    """Return the stored results of Adam, with ReLU and un-centred inputs."""
    return _curve(grids.load(LESSON, "adam"))


def stored_nudged() -> Curve:
    """Return the stored results for ReLU and un-centred inputs when every first parameter is changed by 1e-12."""
    return _curve(grids.load(LESSON, "nudged"))


def dead_by_layer(rate: float) -> Array:
    """Return the share of dead units in each layer from two independent sets of seeds, (2, hidden layers, members)."""
    return grids.load(LESSON, "again").at(rate=rate)["dead"] / WIDTH


def accuracy_over_splits() -> Array:
    """Return the median test accuracy at a rate of 0.45 for each of ten other splits of the digits, (splits,)."""
    return np.median(grids.load(LESSON, "splits")["right"], axis=-1) / TEST_IMAGES


def stored_widths() -> Array:
    """Return the test accuracy by width and by share of dead units, (widths, shares, 2, members)."""
    return grids.load(LESSON, "width")["right"] / TEST_IMAGES


def _curve(stored: Results) -> Curve:
    dead, right = stored["dead"] / WIDTH, stored["right"] / TEST_IMAGES
    return Curve(np.array(stored.axes["rate"]), dead, right, stored["diverged"])
