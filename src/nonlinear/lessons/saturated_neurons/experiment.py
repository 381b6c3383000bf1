"""Saturated neurons: what large first weights do to the slopes, to the gradients and to the training.

The networks, unless a function says otherwise: standardised digits, 64 inputs, hidden layers of 64 units whose weights
are normal with variance gain^2 / 64, 10 linear outputs with weights of variance 1 / 64; biases start at 0; softmax
cross-entropy, plain SGD at a rate of 0.1, batches of 32, 30 epochs on 1,437 images; ten seeds.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from nonlinear import checks, diagnostics, recording
from nonlinear.activations import Activation, Sigmoid, Tanh
from nonlinear.course import grids
from nonlinear.datasets import Digits, digits
from nonlinear.initialisers import VarianceScaling
from nonlinear.losses import SoftmaxCrossEntropy
from nonlinear.network import MLP, Dense, Parameters, spawn
from nonlinear.optimisers import SGD, Optimiser
from nonlinear.special import Array
from nonlinear.training import last, minibatches, train

SEED, MEMBERS, EPOCHS, BATCH, RATE = 0, 10, 30, 32, 0.1
WIDTH, TEST_IMAGES = 64, 360

ACTIVATIONS: dict[str, Activation] = {"sigmoid": Sigmoid(), "tanh": Tanh()}
DEPTHS = (1, 2, 3, 4)
GAINS = tuple(2.0**k for k in range(-3, 8))  # 1/8 to 128
CHECKPOINTS = (0, 1, 2, 3, 4, 6, 8, 12, 16, 22, 30)
LOUDNESS = (1.0, 10.0, 100.0)

SETTINGS = {
    "seed": SEED,
    "members": MEMBERS,
    "epochs": EPOCHS,
    "batch": BATCH,
    "rate": RATE,
    "activations": list(ACTIVATIONS),
    "depths": DEPTHS,
    "gains": GAINS,
    "checkpoints": CHECKPOINTS,
    "loudness": LOUDNESS,
}


# Before training


def edge(share: float = 0.04) -> float:
    """Return the |z| beyond which the sigmoid's slope is under ``share`` of its steepest; tanh's edge is half of it.

    The slope is 1 / (4 cosh^2(z/2)), so the edge is 2 arcosh(1 / sqrt(share)).

    >>> print(round(edge(), 3), round(Sigmoid().derivative(edge()) / 0.25, 6))
    4.585 0.04
    """
    if not 0 < share <= 1:
        raise ValueError(f"share must lie in (0, 1]; got {share!r}.")
    return 2 * math.acosh(1 / math.sqrt(share))


def expected_share(gain: float, beyond: float) -> float:
    """Return how likely a normal preactivation of standard deviation ``gain`` lies further than ``beyond`` from 0.

    >>> round(expected_share(10.0, beyond=edge()), 3)
    0.647
    """
    checks.positive(gain, "gain")
    return math.erfc(beyond / (gain * math.sqrt(2)))


def classifier(activation: Activation, depth: int = 1, gain: float = 1.0) -> MLP:
    """Return a network for the digits with hidden weights of variance gain^2 / 64; depth 0 has none."""
    hidden = [Dense(WIDTH, activation, VarianceScaling(gain)) for _ in range(depth)]
    return MLP(WIDTH, [*hidden, Dense(10)])


@dataclass(frozen=True)
class State:
    """What a network looks like at one moment, over all training images.

    Attributes
    ----------
    preactivations : tuple of array, (members, samples, units)
        z of each hidden layer.
    slopes : tuple of array, (members, samples, units)
        f'(z) of each hidden layer.
    sizes : tuple of array, (members, samples, units)
        The size |delta| of the gradient of one image's loss with respect to z, for each hidden layer.
    features : array, (members, samples, units)
        What the output layer is given.
    saturated : array, (hidden layers, members)
        Share of (image, unit) pairs whose slope is under 4 % of the steepest.
    """

    preactivations: tuple[Array, ...]
    slopes: tuple[Array, ...]
    sizes: tuple[Array, ...]
    features: Array
    saturated: Array


def state(network: MLP, parameters: Parameters | None = None, data: Digits | None = None) -> State:
    """Return the state of a network, before training if no parameters are given."""
    data = data or digits("standardised")
    parameters = parameters or network.initialise(spawn(SEED, MEMBERS))
    tape = network.forward(parameters, data.x)
    _, upstream = SoftmaxCrossEntropy()(tape[-1].outputs, data.labels)
    _, deltas = network.backward(parameters, tape, upstream * len(data.x))  # the loss of one image, not the mean
    slopes = tuple(layer.activation.derivative(layer.preactivations) for layer in tape[:-1])
    steepest = [layer.activation.traits.steepest for layer in network.layers[:-1]]
    return State(
        tuple(layer.preactivations for layer in tape[:-1]),
        slopes,
        tuple(np.abs(delta) for delta in deltas[:-1]),
        tape[-1].inputs,
        np.stack([diagnostics.saturated_fraction(*each) for each in zip(slopes, steepest, strict=True)]),
    )


def over_pairs(statistic: Callable, values: Array) -> Array:
    """Return a statistic over all (image, unit) pairs of each member, (members,).

    >>> over_pairs(np.median, np.arange(12.0).reshape(2, 2, 3)).tolist()
    [2.5, 8.5]
    """
    return statistic(values.reshape(len(values), -1), axis=-1)


# Training


@dataclass(frozen=True)
class Fit:
    """Where an ensemble started and where it ended.

    Attributes
    ----------
    start, end : Parameters
    accuracy : array, (members,)
        On the test images.
    """

    start: Parameters
    end: Parameters
    accuracy: Array

    @property
    def moved(self) -> Array:
        """How far the weights of each layer went, relative to their size at the start, (layers, members)."""
        pairs = zip(self.start, self.end, strict=True)
        return np.stack([diagnostics.update_ratio(old["weights"], new["weights"]) for old, new in pairs])


def fit(network: MLP, data: Digits | None = None, optimiser: Optimiser | None = None, epochs: int = EPOCHS) -> Fit:
    """Train ten members on the standardised digits or on other ones, by plain SGD or another optimiser."""
    data, optimiser = data or digits("standardised"), optimiser or SGD(RATE)
    generators = spawn(SEED, MEMBERS)
    start = network.initialise(generators)
    batches = minibatches(data.x, data.labels, BATCH, epochs, generators)
    step = last(train(network, start, batches, SoftmaxCrossEntropy(), optimiser))
    return Fit(start, step.updated, recording.accuracy(network, data.test_x, data.test_labels)(step))


def fit_output_layer(network: MLP, epochs: int = EPOCHS) -> Array:
    """Return the test accuracy when the hidden layers keep their first weights, bit for bit; same seeds as in `fit`.

    The hidden layers then give fixed, random features, and the output layer is a softmax regression on them.
    """
    data, generators = digits("standardised"), spawn(SEED, MEMBERS)
    parameters = network.initialise(generators)
    output = MLP(network.layers[-2].units, network.layers[-1:])
    features, test = (network.forward(parameters, x)[-1].inputs for x in (data.x, data.test_x))
    batches = _batches_of_each(features, data.labels, epochs, generators)
    end = last(train(output, parameters[-1:], batches, SoftmaxCrossEntropy(), SGD(RATE))).updated
    return diagnostics.accuracy(output.predict(end, test), data.test_labels)


def _batches_of_each(x: Array, labels: Array, epochs: int, generators) -> Iterator[tuple[Array, Array]]:
    """Yield batches where every member has inputs of its own, (members, samples, features), in the order of `fit`."""
    members = np.arange(len(x))[:, None]
    for rows, chosen in minibatches(np.arange(x.shape[1])[:, None], labels, BATCH, epochs, generators):
        yield x[members, rows[..., 0].astype(int)], chosen


def louder(data: Digits, factor: float) -> Digits:
    """Return digits with all inputs multiplied by ``factor``."""
    checks.positive(factor, "factor")
    return replace(data, x=factor * data.x, test_x=factor * data.test_x)


# The grids that are computed once


def _grid_cell(cell: tuple[str, int, float]):
    """Train one setting and return what `compute` stores of it, each of shape (checkpoints, members)."""
    name, depth, gain = cell
    network, data, generators = classifier(ACTIVATIONS[name], depth, gain), digits("standardised"), spawn(SEED, MEMBERS)
    start = network.initialise(generators)
    batches = minibatches(data.x, data.labels, BATCH, EPOCHS, generators)
    steps = -(-len(data.x) // BATCH)
    rows = [_measure(network, start, data)]
    for step in train(network, start, batches, SoftmaxCrossEntropy(), SGD(RATE)):
        epoch, rest = divmod(step.index + 1, steps)
        if rest == 0 and epoch in CHECKPOINTS:
            rows.append(_measure(network, step.updated, data))
    return tuple(np.stack(quantity) for quantity in zip(*rows, strict=True))


def _measure(network: MLP, parameters: Parameters, data: Digits) -> tuple[Array, ...]:
    right = diagnostics.accuracy(network.predict(parameters, data.test_x), data.test_labels) * TEST_IMAGES
    now = state(network, parameters, data)
    return (
        np.rint(right).astype(np.uint16),
        now.saturated.mean(axis=0).astype(np.float16),
        _log10(over_pairs(np.mean, now.sizes[0])),
        _log10(over_pairs(np.median, now.sizes[0])),
    )


def _log10(sizes: Array) -> Array:
    return np.log10(sizes, out=np.full(sizes.shape, -np.inf), where=sizes > 0).astype(np.float16)


def _loud_cell(cell: tuple[str, float]):
    """Train one layer of 64 whose preactivations start 100 times too large; the inputs have ``factor`` of the 100."""
    name, factor = cell
    network, data = classifier(ACTIVATIONS[name], 1, 100 / factor), louder(digits("standardised"), factor)
    outcome = fit(network, data)
    saturated = state(network, outcome.end, data).saturated[0]
    right = np.rint(outcome.accuracy * TEST_IMAGES).astype(np.uint16)
    return right, outcome.moved[0].astype(np.float32), saturated.astype(np.float32)


def compute(run: Callable[..., Iterable] = map) -> dict[str, Array]:
    """Compute the stored results; ``run`` maps a function over cells, ``executor.map`` for instance.

    Returns
    -------
    dict of array
        ``right`` (activations, depths, gains, checkpoints, members) counts test images got right, of 360;
        ``saturated``, ``mean`` and ``median`` of the same shape are the share of saturated (image, unit) pairs of all
        hidden layers and log10 of the mean and of the median gradient size of layer 1. ``loud_right``, ``loud_moved``
        and ``loud_saturated`` (activations, loudness, members) are the outcomes of `_loud_cell`.
    """
    grid, loud = (ACTIVATIONS, DEPTHS, GAINS), (ACTIVATIONS, LOUDNESS)
    return {
        **grids.over_grid(run, _grid_cell, grid, ("right", "saturated", "mean", "median")),
        **grids.over_grid(run, _loud_cell, loud, ("loud_right", "loud_moved", "loud_saturated")),
    }


@dataclass(frozen=True)
class Grid:
    """Stored outcomes over (activations, depths, checkpoints, gains, members), or over some of these axes.

    Attributes
    ----------
    accuracy, saturated, mean, median : array
        Test accuracy; share of saturated pairs over all hidden layers; mean and median gradient size of layer 1, as
        log10.
    """

    accuracy: Array
    saturated: Array
    mean: Array
    median: Array

    def __getitem__(self, place) -> "Grid":
        return Grid(*(getattr(self, name)[place] for name in ("accuracy", "saturated", "mean", "median")))


def stored_grid() -> Grid:
    """Return what `compute` found for every activation function, depth, gain and checkpoint."""
    stored = grids.load("saturated-neurons")
    right, *floats = (np.swapaxes(stored[name], 2, 3) for name in ("right", "saturated", "mean", "median"))
    return Grid(right / TEST_IMAGES, *(values.astype(float) for values in floats))


def stored_curve(activation: str = "sigmoid", depth: int = 3) -> Grid:
    """Return the stored outcomes after the last epoch, by gain: (gains, members)."""
    names = tuple(ACTIVATIONS)
    for value, known, what in ((activation, names, "activation"), (depth, DEPTHS, "depth")):
        if value not in known:
            raise ValueError(f"{what} must be one of {', '.join(map(str, known))}; got {value!r}.")
    return stored_grid()[names.index(activation), DEPTHS.index(depth), -1]


def stored_loudness(activation: str = "sigmoid") -> tuple[Array, Array, Array]:
    """Return accuracy, movement of layer 1 and saturated share at the end, by `LOUDNESS`: (loudness, members)."""
    stored, place = grids.load("saturated-neurons"), list(ACTIVATIONS).index(activation)
    return stored["loud_right"][place] / TEST_IMAGES, stored["loud_moved"][place], stored["loud_saturated"][place]
