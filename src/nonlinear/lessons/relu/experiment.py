"""ReLU: what it is good at, and its race against tanh and sigmoid with every learning rate tuned.

The networks are those of `nonlinear.course.classifier`, in single precision, trained for ten epochs by plain SGD. Of
the members that `spawn` makes of the seed, the first ten tune the rate, and two further sets of ten give the verdict.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from nonlinear import diagnostics
from nonlinear.activations import Activation, ReLU, Sigmoid, Tanh
from nonlinear.course import MEMBERS, SEED, grids, others, untrained
from nonlinear.course.classifier import BATCH, TEST_IMAGES, classifier, images_right
from nonlinear.course.compare import Difference, difference
from nonlinear.course.grids import Grid
from nonlinear.course.text import spread
from nonlinear.datasets import Digits, digits
from nonlinear.initialisers import gain, normal_mean, pytorch_linear
from nonlinear.losses import SoftmaxCrossEntropy
from nonlinear.network import MLP, Parameters, spawn
from nonlinear.optimisers import SGD
from nonlinear.special import Array
from nonlinear.training import minibatches, train

LESSON = "relu"
EPOCHS, LOOKED_AT = 10, 360
DEPTHS, DEFAULT_DEPTH = (1, 2, 4, 8), 4
RATES = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
LEVELS = (0.25, 0.05)
SPLITS = tuple(range(1, 11))
ACTIVATIONS: dict[str, Activation] = {"ReLU": ReLU(), "tanh": Tanh(), "sigmoid": Sigmoid()}


# What ReLU is good at


def layer_factors(activation: Activation) -> tuple[float, float]:
    """Return what a layer multiplies the mean square of signal and gradient by, for weights of the function's own gain.

    An integral over a standard normal preactivation; slope, weight and gradient are taken as independent.

    >>> signal, gradient = layer_factors(ReLU())
    >>> print(round(signal, 6), round(gradient, 6))
    1.0 1.0
    """
    square, kinks = gain(activation) ** 2, activation.traits.kinks
    signal, slope = (normal_mean(lambda z, f=f: f(z) ** 2, kinks) for f in (activation, activation.derivative))
    return square * signal, square * slope


def zeros(network: MLP, parameters: Parameters, x: Array) -> Array:
    """Return the share of activations that are exactly 0, (hidden layers, members)."""
    return np.stack([np.mean(layer.outputs == 0, axis=(-1, -2)) for layer in network.forward(parameters, x)[:-1]])


def gradient_left(activation: Activation, depth: int = 8) -> Array:
    """Return the root mean square of dL/dz at layer 1, relative to the last hidden layer, before training, (members,).

    Over all training images, for weights of the function's own gain.
    """
    network, data, left = classifier(activation, depth), digits("standardised"), []
    for generator in spawn(SEED, MEMBERS):  # one by one, to save memory
        parameters = network.initialise([generator])
        tape = network.forward(parameters, data.x)
        _, upstream = SoftmaxCrossEntropy()(tape[-1].outputs, data.labels)
        deltas = untrained.deltas(network, parameters, tape, upstream)
        first, last = (np.sqrt(np.mean(deltas[k] ** 2)) for k in (0, -2))
        left.append(first / last)
    return np.array(left)


# The race


def checkpoints(most: int) -> Array:
    """Return the steps after which the error is looked at: all up to 20, later ones about 5 % apart, and the last.

    >>> checkpoints(30)
    array([ 1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,
           18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30])
    >>> checkpoints(450)[-4:]
    array([405, 425, 446, 450])
    """
    steps = [1]
    while steps[-1] < most:
        steps.append(max(steps[-1] + 1, round(1.05 * steps[-1])))
    return np.array([*steps[:-1], most])


@dataclass(frozen=True)
class Race:
    """How the error of an ensemble fell.

    Attributes
    ----------
    wrong : array of int, (checkpoints, members)
        How many of 360 training images are answered wrongly; all of them by a member that has diverged.
    right : array of int, (members,)
        How many test images the members get right at the end.
    diverged : array of bool, (members,)
    """

    wrong: Array
    right: Array
    diverged: Array


def steps_to(level: float, wrong: Array) -> Array:
    """Return the first checkpoint with an error of at most ``level``, (members,); infinite if there is none.

    >>> steps_to(0.25, np.array([[300, 300], [90, 91], [80, 200]]))
    array([ 2., inf])
    """
    there = wrong <= level * LOOKED_AT
    steps = checkpoints(steps_in(EPOCHS))[: len(wrong)]
    return np.where(there.any(axis=0), steps[np.argmax(there, axis=0)], np.inf)


def steps_in(epochs: int, samples: int = 1437) -> int:
    """Return the number of steps in so many epochs.

    >>> steps_in(10)
    450
    """
    return epochs * -(-samples // BATCH)


def run(
    network: MLP, rate: float, generators: Sequence[np.random.Generator], data: Digits, level: float | None = -1
) -> Race:
    """Train one member for each generator, and look at its error on 360 training images again and again.

    It ends as soon as no member's error has stayed above ``level``. With None nothing is looked at before the end.
    """
    x, test_x = data.x.astype(np.float32), data.test_x.astype(np.float32)
    parameters = network.initialise(generators, np.float32)
    batches = minibatches(x, data.labels, BATCH, EPOCHS, generators)
    looks, wrong = set(checkpoints(steps_in(EPOCHS)).tolist() if level is not None else ()), []
    for step in train(network, parameters, batches, SoftmaxCrossEntropy(), SGD(rate)):
        if step.index + 1 in looks:
            error = 1 - diagnostics.accuracy(network.predict(step.updated, x[:LOOKED_AT]), data.labels[:LOOKED_AT])
            wrong.append(np.where(step.diverged_at >= 0, 1, error))
            if np.min(wrong, axis=0).max() <= level:
                break
    accuracy = diagnostics.accuracy(network.predict(step.updated, test_x), data.test_labels)
    counts = np.rint(LOOKED_AT * np.array(wrong)).astype(np.uint16)
    return Race(counts, images_right(accuracy), step.diverged_at >= 0)


def best_rates(steps: Array, right: Array) -> Array:
    """Return the places of the best of the rates: one for each level of the error, and one for the final accuracy.

    Parameters
    ----------
    steps : array, (rates, levels, members)
        Infinite for never. The rate with the fewest steps is best, by the median over members; where none gets there,
        the one with the best final accuracy.
    right : array, (rates, members)
    """
    accuracy = np.median(right, axis=-1)
    orders = [np.lexsort((-accuracy, level)) for level in np.median(steps, axis=-1).T]
    return np.array([*(order[0] for order in orders), np.argmax(accuracy)])


# The grids that are computed once


def _race(network: MLP) -> tuple[Array, ...]:
    """Tune the rate with ten members, then let twenty others run at the best, and two on each of ten other splits."""
    data = digits("standardised")
    runs = [run(network, rate, spawn(SEED, MEMBERS), data) for rate in RATES]
    steps = np.stack([[steps_to(level, each.wrong) for level in LEVELS] for each in runs])
    right, diverged = np.stack([each.right for each in runs]), np.stack([each.diverged for each in runs])
    *fastest, most_right = best_rates(steps, right)
    verdict = [
        steps_to(level, run(network, RATES[best], others(), data, level).wrong).reshape(2, MEMBERS)
        for level, best in zip(LEVELS, fastest, strict=True)
    ]
    split = np.stack([_on_split(network, RATES[most_right], k) for k in SPLITS], axis=-1)
    curve = _summary(runs[fastest[-1]].wrong)
    return steps.astype(np.float32), right, diverged, np.stack(verdict).astype(np.float32), curve, split


def _on_split(network: MLP, rate: float, split: int) -> Array:
    """Return the test images that two members get right on another split, one of each set, (2,)."""
    pair = others()[split - 1 :: MEMBERS]
    return run(network, rate, pair, digits("standardised", split), level=None).right


def _summary(wrong: Array) -> Array:
    return np.stack([wrong.min(axis=-1), np.median(wrong, axis=-1), wrong.max(axis=-1)]).astype(np.uint16)


def _race_cell(activation: str, depth: int) -> tuple[Array, ...]:
    return _race(classifier(ACTIVATIONS[activation], depth))


def _default_cell(activation: str) -> tuple[Array, ...]:
    """Let a function race from the weights and biases of ``torch.nn.Linear``."""
    return _race(classifier(ACTIVATIONS[activation], DEFAULT_DEPTH, weights=pytorch_linear(), bias=pytorch_linear()))


# While tuning: ``steps`` (rates, levels, members), infinite for never, ``right`` and ``diverged`` (rates, members). At
# the best rates: ``curve`` (3, checkpoints), the smallest, median and largest number of wrong answers of the same
# members; ``verdict`` (levels, 2, members), the steps of two other sets; ``split`` (2, splits), test images got right.
ARRAYS = ("steps", "right", "diverged", "verdict", "curve", "split")
SETTINGS = {"seed": SEED, "members": MEMBERS, "epochs": EPOCHS, "batch": BATCH, "rates": RATES, "levels": LEVELS}
GRIDS = {
    "race": Grid(_race_cell, {"activation": ACTIVATIONS, "depth": DEPTHS}, ARRAYS, SETTINGS),
    "default": Grid(_default_cell, {"activation": ("ReLU", "tanh")}, ARRAYS, SETTINGS | {"depth": DEFAULT_DEPTH}),
}


@dataclass(frozen=True)
class Found:
    """What is stored of one function: how its rates were tuned, and the verdict.

    Attributes
    ----------
    steps : array, (depths, rates, levels, members)
        Steps to each of ``LEVELS`` while tuning; infinite for never.
    accuracy : array, (depths, rates, members)
        On the test images, while tuning.
    diverged : array of bool, (depths, rates, members)
    verdict : array, (depths, levels, 2, members)
        Steps to each level of two other sets of members, at the rate that is best for that level.
    curve : array, (depths, 3, checkpoints)
        The smallest, median and largest training error while tuning, at the rate that is best for the last level.
    split : array, (depths, 2, splits)
        The test accuracy on ten other splits, at the rate with the best accuracy while tuning.
    """

    steps: Array
    accuracy: Array
    diverged: Array
    verdict: Array
    curve: Array
    split: Array

    @property
    def best(self) -> Array:
        """The places of the best rates: (depths, 3), for each of ``LEVELS`` and for the accuracy."""
        return np.stack([best_rates(*each) for each in zip(self.steps, self.accuracy, strict=True)])

    def at(self, depth: int) -> "Found":
        """Return what is found at one depth, by its place; without the axis of depths."""
        return Found(*(getattr(self, field.name)[depth] for field in fields(self)))

    @property
    def rates(self) -> Array:
        """The best rates, (depths, 3)."""
        return np.array(RATES)[self.best]


def _found(stored: grids.Results) -> Found:
    steps, right, diverged, verdict, curve, split = (stored[name] for name in ARRAYS)
    return Found(steps, right / TEST_IMAGES, diverged, verdict, curve / LOOKED_AT, split / TEST_IMAGES)


def stored_race() -> dict[str, Found]:
    """Return what is stored of each function, from weights of its own gain."""
    stored = grids.load(LESSON, "race")
    return {activation: _found(stored.at(activation=activation)) for activation in ACTIVATIONS}


def stored_default() -> dict[str, Found]:
    """Return what is stored of ReLU and tanh from PyTorch's default, for the one depth of ``DEFAULT_DEPTH``."""
    stored = grids.load(LESSON, "default")
    names = stored.axes["activation"]
    return {
        name: _found(grids.Results({}, {k: a[[n]] for k, a in stored.arrays.items()})) for n, name in enumerate(names)
    }


def shown(steps: Array) -> str:
    """Return the median of some steps, and their range; infinite ones are called never.

    >>> print(shown([12.0, 10.0, np.inf]), "and", shown([np.inf, np.inf]))
    12 [10, never] and never
    """
    return spread(steps, 0).replace("inf", "never") if np.isfinite(steps).any() else "never"


def steps_apart(first: Found, second: Found, level: int = -1) -> list[Difference]:
    """Compare the steps of two functions to one of ``LEVELS``, depth by depth; never counts as one step too many."""
    most = steps_in(EPOCHS) + 1
    pairs = zip(first.verdict[:, level], second.verdict[:, level], strict=True)
    return [difference(np.minimum(one, most), np.minimum(two, most)) for one, two in pairs]
