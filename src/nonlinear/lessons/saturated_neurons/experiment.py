"""Saturated neurons: what large first weights do to the slopes, to the gradients and to the training.

The networks are those of `nonlinear.course.classifier`, with hidden weights of variance gain^2 / 64, trained on
standardised digits for 30 epochs of plain SGD at a rate of 0.1, unless a function says otherwise.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from nonlinear import checks, diagnostics
from nonlinear.activations import Activation, Sigmoid, Tanh
from nonlinear.course import MEMBERS, SEED, generators, grids
from nonlinear.course import classifier as digits_classifier
from nonlinear.course.classifier import BATCH, TEST_IMAGES, WIDTH, Outcome, images_right
from nonlinear.course.grids import Grid
from nonlinear.datasets import Digits, digits
from nonlinear.initialisers import VarianceScaling
from nonlinear.losses import SoftmaxCrossEntropy
from nonlinear.network import MLP, Parameters
from nonlinear.optimisers import SGD, Adam, Optimiser
from nonlinear.special import Array
from nonlinear.training import last, minibatches, train

LESSON = "saturated-neurons"
EPOCHS, RATE = 30, 0.1

ACTIVATIONS: dict[str, Activation] = {"sigmoid": Sigmoid(), "tanh": Tanh()}
DEPTHS = (1, 2, 3, 4)
GAINS = tuple(2.0**k for k in range(-3, 8))  # 1/8 to 128
CHECKPOINTS = (0, 1, 2, 3, 4, 6, 8, 12, 16, 22, 30)
LOUDNESS = (1.0, 10.0, 100.0)
ENDS = (GAINS[0], GAINS[-1])
MIDDLE = (1.0, 2.0, 4.0, 8.0)
SETS = (False, True)  # of seeds: the first, and again
WAYS: dict[str, tuple[Optimiser, int]] = {  # the rule and the epochs
    "SGD, rate 3": (SGD(3.0), EPOCHS),
    "Adam, rate 0.003": (Adam(0.003), EPOCHS),
    "SGD, rate 0.1, 300 epochs": (SGD(RATE), 10 * EPOCHS),
}
SPLITS = tuple(range(1, 7))


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
    return digits_classifier.classifier(activation, depth, weights=VarianceScaling(gain))


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


def state(network: MLP, parameters: Parameters | None = None, data: Digits | None = None, again: bool = False) -> State:
    """Return the state of a network; before training, of one or the other set of seeds, if no parameters are given."""
    data = data or digits("standardised")
    parameters = parameters or network.initialise(generators(again))
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


def fit(
    network: MLP,
    data: Digits | None = None,
    optimiser: Optimiser = SGD(RATE),  # noqa: B008
    epochs: int = EPOCHS,
    again: bool = False,
) -> Outcome:
    """Train ten members, or ten others ``again``, on the standardised digits or on other images."""
    chance = generators(again)
    return digits_classifier.fit(network, data or digits("standardised"), optimiser, epochs=epochs, chance=chance)


def fit_output_layer(network: MLP, epochs: int = EPOCHS, rescaled: bool = False, again: bool = False) -> Array:
    """Return the test accuracy when the hidden layers keep their first weights, bit for bit; same seeds as in `fit`.

    The hidden layers then give fixed, random features, and the output layer is a softmax regression on them; if they
    are ``rescaled``, each feature is first given mean 0 and variance 1 over the training images.
    """
    data, chance = digits("standardised"), generators(again)
    parameters = network.initialise(chance)
    output = MLP(network.layers[-2].units, network.layers[-1:])
    features, test = (network.forward(parameters, x)[-1].inputs for x in (data.x, data.test_x))
    if rescaled:
        mean, deviation = features.mean(axis=1, keepdims=True), features.std(axis=1, keepdims=True)
        features, test = ((each - mean) / deviation for each in (features, test))
    batches = _batches_of_each(features, data.labels, epochs, chance)
    end = last(train(output, parameters[-1:], batches, SoftmaxCrossEntropy(), SGD(RATE))).updated
    return diagnostics.accuracy(output.predict(end, test), data.test_labels)


def _batches_of_each(x: Array, labels: Array, epochs: int, chance) -> Iterator[tuple[Array, Array]]:
    """Yield batches where every member has inputs of its own, (members, samples, features), in the order of `fit`."""
    members = np.arange(len(x))[:, None]
    for rows, chosen in minibatches(np.arange(x.shape[1])[:, None], labels, BATCH, epochs, chance):
        yield x[members, rows[..., 0].astype(int)], chosen


def louder(data: Digits, factor: float) -> Digits:
    """Return digits with all inputs multiplied by ``factor``."""
    checks.positive(factor, "factor")
    return replace(data, x=factor * data.x, test_x=factor * data.test_x)


# The grids that are computed once


def _training_cell(activation: str, depth: int, gain: float) -> tuple[Array, ...]:
    """Train one setting and return what there is to see at the checkpoints, each of shape (checkpoints, members)."""
    network, data = classifier(ACTIVATIONS[activation], depth, gain), digits("standardised")
    batches = -(-len(data.x) // BATCH)
    rows = [_measure(network, network.initialise(generators()), data)]
    for step in digits_classifier.steps(network, data, SGD(RATE), EPOCHS):
        epoch, rest = divmod(step.index + 1, batches)
        if rest == 0 and epoch in CHECKPOINTS:
            rows.append(_measure(network, step.updated, data))
    return tuple(np.stack(quantity) for quantity in zip(*rows, strict=True))


def _measure(network: MLP, parameters: Parameters, data: Digits) -> tuple[Array, ...]:
    now = state(network, parameters, data)
    return (
        images_right(diagnostics.accuracy(network.predict(parameters, data.test_x), data.test_labels)),
        now.saturated.mean(axis=0).astype(np.float16),
        _log10(over_pairs(np.mean, now.sizes[0])),
        _log10(over_pairs(np.median, now.sizes[0])),
    )


def _log10(sizes: Array) -> Array:
    return np.log10(sizes, out=np.full(sizes.shape, -np.inf), where=sizes > 0).astype(np.float16)


def _again_cell(activation: str, depth: int, gain: float) -> tuple[Array]:
    """Train one setting with the second set of seeds."""
    return (fit(classifier(ACTIVATIONS[activation], depth, gain), again=True).right,)


def _mean_cell(activation: str, depth: int, gain: float) -> tuple[Array]:
    """Return log10 of the mean gradient size of layer 1 before training, with the second set of seeds."""
    network = classifier(ACTIVATIONS[activation], depth, gain)
    return (_log10(over_pairs(np.mean, state(network, again=True).sizes[0])),)


def _middle_cell(gain: float) -> tuple[Array]:
    return _again_cell("sigmoid", 3, gain)


def _loud_cell(activation: str, loudness: float, again: bool) -> tuple[Array, Array, Array]:
    """Train a layer whose preactivations start 100 times too large; inputs have the ``loudness``, weights the rest."""
    network, data = classifier(ACTIVATIONS[activation], 1, 100 / loudness), louder(digits("standardised"), loudness)
    outcome = fit(network, data, again=again)
    saturated = state(network, outcome.end, data).saturated[0]
    return outcome.right, outcome.moved[0].astype(np.float32), saturated.astype(np.float32)


def _way_cell(way: str, gain: float, again: bool) -> tuple[Array]:
    """Train three hidden layers of sigmoids in another way."""
    optimiser, epochs = WAYS[way]
    return (fit(classifier(Sigmoid(), 3, gain), optimiser=optimiser, epochs=epochs, again=again).right,)


def _moved_cell(depth: int) -> tuple[Array, ...]:
    """Train saturated sigmoids; return how far layer 1, the hidden layer that went furthest and the last one moved."""
    moved = fit(classifier(Sigmoid(), depth, GAINS[-1])).moved.astype(np.float32)
    return moved[0], moved[:-1].max(axis=0), moved[-1]


def _split_cell(split: int, again: bool) -> tuple[Array, Array]:
    """Train no hidden layer, and one whose gain is 128, on another split."""
    data = digits("standardised", split)
    return tuple(fit(classifier(Sigmoid(), depth, GAINS[-1]), data, again=again).right for depth in (0, 1))


# ``right`` counts test images got right, of 360. In training, (..., checkpoints, members), ``saturated`` is the share
# of saturated (image, unit) pairs of all hidden layers, ``mean`` and ``median`` are log10 of the mean and the median
# gradient size of layer 1. Of loud inputs, (..., members), ``moved`` and ``saturated`` are those of layer 1 at last.
SETTINGS = {"seed": SEED, "members": MEMBERS, "epochs": EPOCHS, "batch": BATCH, "rate": RATE, "width": WIDTH}
GRIDS = {
    "training": Grid(
        _training_cell,
        {"activation": ACTIVATIONS, "depth": DEPTHS, "gain": GAINS},
        ("right", "saturated", "mean", "median"),
        SETTINGS | {"checkpoints": CHECKPOINTS},
    ),
    "again": Grid(_again_cell, {"activation": ACTIVATIONS, "depth": DEPTHS, "gain": ENDS}, ("right",), SETTINGS),
    "middle": Grid(_middle_cell, {"gain": MIDDLE}, ("right",), SETTINGS),
    "means": Grid(
        _mean_cell,
        {"activation": ACTIVATIONS, "depth": DEPTHS, "gain": (1.0, 8.0, 128.0)},
        ("mean",),
        {"seed": SEED, "members": MEMBERS, "width": WIDTH},
    ),
    "loud": Grid(
        _loud_cell,
        {"activation": ACTIVATIONS, "loudness": LOUDNESS, "again": SETS},
        ("right", "moved", "saturated"),
        SETTINGS,
    ),
    "ways": Grid(_way_cell, {"way": WAYS, "gain": ENDS, "again": SETS}, ("right",), SETTINGS),
    "moved": Grid(_moved_cell, {"depth": (1, 3)}, ("first", "hidden", "output"), SETTINGS),
    "splits": Grid(_split_cell, {"split": SPLITS, "again": SETS}, ("none", "saturated"), SETTINGS),
}


@dataclass(frozen=True)
class Outcomes:
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

    def __getitem__(self, place) -> "Outcomes":
        return Outcomes(*(getattr(self, name)[place] for name in ("accuracy", "saturated", "mean", "median")))


def stored_grid(**setting) -> Outcomes:
    """Return the stored results for every activation, depth, gain and checkpoint; or at an activation or a depth."""
    stored = grids.load(LESSON, "training").at(**setting)
    right, *floats = (np.swapaxes(stored[name], -3, -2) for name in GRIDS["training"].arrays)
    return Outcomes(right / TEST_IMAGES, *(values.astype(float) for values in floats))


def stored_curve(activation: str = "sigmoid", depth: int = 3) -> Outcomes:
    """Return the stored outcomes after the last epoch, by gain: (gains, members)."""
    return stored_grid(activation=activation, depth=depth)[-1]


def stored_twice(activation: str, depth: int, gain: float) -> Array:
    """Return the test accuracy after the last epoch from two sets of seeds, (2, members).

    At a gain of `ENDS`, or for three layers of sigmoids at one of `MIDDLE`.
    """
    setting = {"activation": activation, "depth": depth, "gain": gain}
    again = grids.load(LESSON, "middle").at(gain=gain) if gain in MIDDLE else grids.load(LESSON, "again").at(**setting)
    first = stored_curve(activation, depth).accuracy[GAINS.index(gain)]
    return np.stack([first, again["right"] / TEST_IMAGES])


def stored_means(activation: str, depth: int, gain: float) -> Array:
    """Return the mean gradient size of layer 1 before training from two sets of seeds, (2, members)."""
    first = stored_grid(activation=activation, depth=depth).mean[0, GAINS.index(gain)]
    again = grids.load(LESSON, "means").at(activation=activation, depth=depth, gain=gain)["mean"]
    return 10.0 ** np.stack([first, again.astype(float)])


def stored_loudness(activation: str = "sigmoid") -> tuple[Array, Array, Array]:
    """Return accuracy, movement of layer 1 and saturated share at the end, by `LOUDNESS`: (loudness, 2, members)."""
    stored = grids.load(LESSON, "loud").at(activation=activation)
    return stored["right"] / TEST_IMAGES, stored["moved"], stored["saturated"]


def stored_ways() -> dict[str, Array]:
    """Return the test accuracy of three hidden layers of sigmoids by way of training, (gains of `ENDS`, 2, members)."""
    return dict(zip(WAYS, grids.load(LESSON, "ways")["right"] / TEST_IMAGES, strict=True))


def stored_moved(depth: int) -> tuple[Array, Array, Array]:
    """Return how far weights go with one or three layers of sigmoids of gain 128, relative to their start.

    Returns
    -------
    first, hidden, output : array, (members,)
        In layer 1; in the hidden layer that went furthest; in the output layer.
    """
    return tuple(grids.load(LESSON, "moved").at(depth=depth).arrays.values())


def stored_splits() -> tuple[Array, Array]:
    """Return the test accuracy of no hidden layer and of one with a gain of 128, (splits, 2, members) each."""
    stored = grids.load(LESSON, "splits")
    return stored["none"] / TEST_IMAGES, stored["saturated"] / TEST_IMAGES


def mean_growth(activation: str, low: float, high: float) -> Array:
    """Return by which factor the mean gradient size of layer 1 grows between two gains before training, (depths,).

    Of the medians over members.

    >>> print(mean_growth("sigmoid", 8.0, 128.0).round(1))
    [0.1 0.2 0.6 1.7]
    """
    start = np.median(10.0 ** stored_grid(activation=activation)[:, 0].mean, axis=-1)
    return start[:, GAINS.index(high)] / start[:, GAINS.index(low)]
