"""How a ReLU dies: one unit, then networks on handwritten digits.

The networks, unless a function says otherwise: 64 inputs, two hidden layers of 64 units, 10 outputs with softmax
cross-entropy; biases start at 0, weights at the scale that suits the activation function (He's for ReLU); plain SGD,
batches of 32, 20 epochs on 1,437 images; ten seeds.
"""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from nonlinear import checks, diagnostics, recording
from nonlinear.activations import ELU, Activation, LeakyReLU, ReLU, Sigmoid, SiLU, Tanh
from nonlinear.course import grids
from nonlinear.datasets import SCALINGS, Digits, digits
from nonlinear.initialisers import VarianceScaling, lecun
from nonlinear.losses import MeanSquaredError, SoftmaxCrossEntropy
from nonlinear.network import MLP, Dense, Parameters, map_parameters, spawn
from nonlinear.optimisers import SGD, Adam, Optimiser
from nonlinear.special import Array
from nonlinear.training import full_batches, last, minibatches, train

SEED, MEMBERS, EPOCHS, BATCH = 0, 10, 20, 32
WIDTH, TEST_IMAGES = 64, 360

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
WIDTHS = (16, 64, 256)

SETTINGS = {
    "seed": SEED,
    "members": MEMBERS,
    "epochs": EPOCHS,
    "batch": BATCH,
    "activations": list(ACTIVATIONS),
    "offsets": OFFSETS,
    "rates": RATES,
    "adam_rates": ADAM_RATES,
    "nudged_rates": NUDGED_RATES,
    "widths": WIDTHS,
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


def classifier(
    activation: Activation,
    width: int = WIDTH,
    depth: int = 2,
    bias: float = 0.0,
    weights: VarianceScaling | None = None,
) -> MLP:
    """Return a network for the digits: ``depth`` hidden layers of ``width`` units, 10 linear outputs."""
    hidden = [Dense(width, activation, weights or VarianceScaling(), bias) for _ in range(depth)]
    return MLP(64, [*hidden, Dense(10)])


def shifted(data: Digits, offset: float) -> Digits:
    """Return digits with only the share ``offset`` of their mean image left in: 1 changes nothing, 0 centres."""
    shift = (1 - offset) * data.mean
    return replace(data, x=data.x - shift, test_x=data.test_x - shift)


@dataclass(frozen=True)
class Outcome:
    """Where an ensemble ended.

    Attributes
    ----------
    flat : array, (hidden layers, members)
        Share of units that are flat for all training images: the dead ones, for ReLU.
    accuracy : array, (members,)
        On the test images.
    diverged : array of bool, (members,)
    parameters : Parameters
    """

    flat: Array
    accuracy: Array
    diverged: Array
    parameters: Parameters


def fit(
    network: MLP,
    data: Digits,
    optimiser: Optimiser,
    epochs: int = EPOCHS,
    start: Callable = lambda parameters: parameters,
) -> Outcome:
    """Train ten members on the digits and say how they ended; ``start`` may change the initial parameters."""
    generators = spawn(SEED, MEMBERS)
    parameters = start(network.initialise(generators))
    batches = minibatches(data.x, data.labels, BATCH, epochs, generators)
    step = last(train(network, parameters, batches, SoftmaxCrossEntropy(), optimiser))
    return Outcome(
        recording.dead_fraction(network, data.x)(step),
        recording.accuracy(network, data.test_x, data.test_labels)(step),
        step.diverged_at >= 0,
        step.updated,
    )


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


def dead_at_birth(network: MLP, x: Array) -> Array:
    """Return the share of flat units in each hidden layer before any training, (hidden layers, members)."""
    parameters = network.initialise(spawn(SEED, MEMBERS))
    return recording.flat_fraction(network, network.forward(parameters, x))


def birth_by_bias(biases: Iterable[float]) -> dict[str, Array]:
    """Return the share of the first layer that is dead before training, by scaling of the inputs: (biases, members)."""
    return {
        scaling: np.stack([dead_at_birth(classifier(ReLU(), depth=1, bias=b), digits(scaling).x)[0] for b in biases])
        for scaling in SCALINGS
    }


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


def gradient_sizes(activation: Activation, depth: int = 8, samples: int = 1437) -> Array:
    """Return the size of every unit's weight gradient on one batch before training, (depth, members, units).

    Weights of variance 1 / fan_in, standardised inputs.
    """
    checks.whole(samples, "samples")
    network, data = classifier(activation, depth=depth, weights=lecun()), digits("standardised")
    parameters = network.initialise(spawn(SEED, MEMBERS))
    tape = network.forward(parameters, data.x[:samples])
    _, upstream = SoftmaxCrossEntropy()(tape[-1].outputs, data.labels[:samples])
    gradients, _ = network.backward(parameters, tape, upstream)
    return np.stack([np.linalg.norm(g["weights"], axis=-2) for g in gradients[:-1]])


def share_between_layers(sizes: Array) -> Array:
    """Return how much of the variance of the logarithm of the gradient sizes lies between layers, (members,).

    1 says that all units of a layer are alike and layers differ; 0 the opposite. Units without any gradient have no
    logarithm and are left out; count them first.

    Parameters
    ----------
    sizes : array, (layers, members, units)
    """
    logs = np.log(np.where(sizes > 0, sizes, np.nan))
    layer_mean = np.nanmean(logs, axis=-1, keepdims=True)
    between = np.nanvar(
        layer_mean + 0 * logs, axis=(0, 2)
    )  # NaN where a unit has no logarithm, so that it has no weight
    return between / np.nanvar(logs, axis=(0, 2))


def open_paths(network: MLP, x: Array) -> Array:
    """Return the share of paths from input to output that no inactive ReLU blocks, (samples, members).

    A path visits one unit of each hidden layer; it is open for a sample if all of them are on. The share is the product
    over layers of the share of units that are on.
    """
    tape = network.forward(network.initialise(spawn(SEED, MEMBERS)), x)
    on = [(layer.preactivations > 0).mean(axis=-1) for layer in tape[:-1]]
    return np.prod(on, axis=0).T


# The grids that are computed once


def _counts(outcome: Outcome, width: int) -> tuple[Array, Array, Array]:
    dead = np.rint(outcome.flat * width).astype(np.uint16)
    right = np.rint(outcome.accuracy * TEST_IMAGES).astype(np.uint16)
    return dead, right, outcome.diverged


def _map_cell(cell: tuple[str, float, float]):
    name, offset, rate = cell
    data = shifted(digits("unit"), offset)
    return _counts(fit(classifier(ACTIVATIONS[name]), data, SGD(rate)), WIDTH)


def _adam_cell(rate: float):
    data = digits("unit")
    return _counts(fit(classifier(ReLU()), data, Adam(rate)), WIDTH)


def _nudged_cell(rate: float):
    return _counts(fit(classifier(ReLU()), digits("unit"), SGD(rate), start=nudge), WIDTH)


def _width_cell(cell: tuple[int, float]):
    width, share = cell
    data = digits("unit")
    return _counts(fit(classifier(ReLU(), width), data, SGD(0.1), start=kill(share)), width)


def compute(run: Callable[..., Iterable] = map) -> dict[str, Array]:
    """Compute the stored results; ``run`` maps a function over cells, ``executor.map`` for instance.

    Returns
    -------
    dict of array
        ``map_dead`` (activations, offsets, rates, hidden layers, members) counts flat units of 64, ``map_right``
        (activations, offsets, rates, members) test images got right of 360, ``map_diverged`` likewise; ``adam_*`` the
        same for Adam by rate; ``nudged_*`` for SGD from a start changed by 1e-12; ``width_*`` by width and by share of
        units killed at the start (0 and 0.8).
    """
    grids = {
        "map": (_map_cell, list(itertools.product(ACTIVATIONS, OFFSETS, RATES))),
        "adam": (_adam_cell, list(ADAM_RATES)),
        "nudged": (_nudged_cell, list(NUDGED_RATES)),
        "width": (_width_cell, list(itertools.product(WIDTHS, (0.0, 0.8)))),
    }
    shapes = {
        "map": (len(ACTIVATIONS), len(OFFSETS), len(RATES)),
        "adam": (len(ADAM_RATES),),
        "nudged": (len(NUDGED_RATES),),
        "width": (len(WIDTHS), 2),
    }
    arrays = {}
    for grid, (cell, settings) in grids.items():
        for quantity, values in zip(("dead", "right", "diverged"), zip(*run(cell, settings), strict=True), strict=True):
            stacked = np.stack(values)
            arrays[f"{grid}_{quantity}"] = stacked.reshape(shapes[grid] + stacked.shape[1:])
    return arrays


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
    """Return what `compute` found for plain SGD, for one activation function and one input offset."""
    at = _place(activation, tuple(ACTIVATIONS), "activation"), _place(offset, OFFSETS, "offset")
    return _curve("map", at, RATES)


def stored_map() -> tuple[Array, Array, Array]:
    """Return all that `compute` found for plain SGD, over (activations, offsets, rates, members).

    Returns
    -------
    flat : array
        Share of hidden units that are flat for all training images.
    accuracy : array
    diverged : array of bool
    """
    grid = grids.load("how-a-relu-dies")
    return grid["map_dead"].mean(axis=-2) / WIDTH, grid["map_right"] / TEST_IMAGES, grid["map_diverged"]


def stored_adam() -> Curve:
    """Return what `compute` found for Adam, with ReLU and un-centred inputs."""
    return _curve("adam", (), ADAM_RATES)


def stored_nudged() -> Curve:
    """Return what `compute` found for ReLU and un-centred inputs when every first parameter is changed by 1e-12."""
    return _curve("nudged", (), NUDGED_RATES)


def stored_widths() -> Array:
    """Return the test accuracy by width and by share of dead units (0, 0.8), (widths, shares, members)."""
    return grids.load("how-a-relu-dies")["width_right"] / TEST_IMAGES


def _curve(grid: str, at: tuple[int, ...], rates: tuple[float, ...]) -> Curve:
    stored = grids.load("how-a-relu-dies")
    dead, right, diverged = (stored[f"{grid}_{q}"][at] for q in ("dead", "right", "diverged"))
    return Curve(np.array(rates), dead / WIDTH, right / TEST_IMAGES, diverged)


def _place(value, values: tuple, name: str) -> int:
    if value not in values:
        raise ValueError(f"{name} must be one of {', '.join(map(str, values))}; got {value!r}.")
    return values.index(value)
