"""The lab: networks on the digits, each broken by one fault, and what can be measured of them.

A case is one setting of everything that a training depends on. The healthy one has the defaults; every fault changes
one of them, and its own repair changes it back. Each member has a split of the images of its own.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nonlinear import diagnostics, recording
from nonlinear.activations import Activation, Identity, ReLU, Sigmoid, Softmax
from nonlinear.course import MEMBERS, SEED, grids, two_sets
from nonlinear.course.classifier import BATCH, classifier, images_right
from nonlinear.course.grids import Grid
from nonlinear.course.splits import Images, batches_of_splits
from nonlinear.datasets import digits
from nonlinear.initialisers import VarianceScaling, gain
from nonlinear.losses import Loss, SoftmaxCrossEntropy
from nonlinear.network import MLP, Dense, Parameters
from nonlinear.normalisation import BatchNorm
from nonlinear.optimisers import SGD, Adam, Optimiser
from nonlinear.special import Array
from nonlinear.training import Step, last, train

LESSON = "lab"
EPOCHS = 20
SPLITS = tuple(range(1, 2 * MEMBERS + 1))
GUESS = math.log(10)  # the loss of a guess among ten classes


@dataclass(frozen=True)
class Case:
    """A network on the digits, with everything that its training depends on.

    Parameters
    ----------
    scaling : {"standardised", "raw"}
        Of the inputs; raw are grey values from 0 to 16.
    scale : float
        What the usual initial weights are multiplied by, in every layer.
    activation : Activation
    first_bias : float
        Of the first layer's units.
    output : Activation
        Of the last layer; the loss applies a softmax to what comes out.
    shuffled : bool
        Whether the labels of the training images are in another order than the images.
    optimiser : Optimiser
    normalise : BatchNorm, optional
    depth, width : int
        Of the hidden layers.
    """

    scaling: str = "standardised"
    scale: float = 1.0
    activation: Activation = ReLU()
    first_bias: float = 0.0
    output: Activation = Identity()
    shuffled: bool = False
    optimiser: Optimiser = SGD(0.1)
    normalise: BatchNorm | None = None
    depth: int = 5
    width: int = 64

    @property
    def network(self) -> MLP:
        """The network: hidden layers of one kind, and ten outputs."""
        weights = VarianceScaling(self.scale * gain(self.activation))
        network = classifier(self.activation, self.depth, self.width, weights, normalise=self.normalise)
        first, *rest = network.layers[:-1]
        output = Dense(10, self.output, VarianceScaling(self.scale))
        return MLP(network.inputs, [replace(first, initial_bias=self.first_bias), *rest, output])

    def images(self, splits: Sequence[int] = SPLITS[:1]) -> Images:
        """Return the images, those of each member in one of the splits."""
        return Images(*map(np.stack, zip(*map(self._split, splits), strict=True)))

    def _split(self, split: int) -> tuple[Array, ...]:
        raw = self.scaling == "raw"
        data, pixels = digits("unit" if raw else "standardised", split), 16 if raw else 1
        order = np.random.default_rng(split).permutation(len(data.labels)) if self.shuffled else slice(None)
        x, test_x = ((pixels * each).astype(np.float32) for each in (data.x, data.test_x))
        return x, data.labels[order], test_x, data.test_labels

    def train(self, parameters: Parameters, batches) -> Iterator[Step]:
        """Yield the steps of a training."""
        return train(self.network, parameters, batches, SoftmaxCrossEntropy(), self.optimiser)


HEALTHY = Case()
FAULTS = {
    "small initial weights": Case(scale=0.2),
    "raw inputs": Case(scaling="raw"),
    "deep sigmoids": Case(activation=Sigmoid()),
    "two softmaxes": Case(output=Softmax()),
    "dead first layer": Case(first_bias=-30.0),
    "shuffled labels": Case(shuffled=True),
    "rate far too low": Case(optimiser=SGD(1e-4)),
}
NOTHING = "nothing is wrong"
CASES = {NOTHING: HEALTHY, **FAULTS}
PATIENTS = {
    letter: list(FAULTS)[k] for letter, k in zip("ABCDEFG", np.random.default_rng(18).permutation(7), strict=True)
}
TWIN = "healthy twin"


def network(letter: str) -> Case:
    """Return one of the patients, A to G.

    >>> network("A").network.layers[0].units
    64
    """
    return FAULTS[PATIENTS[letter]]


# What is seen while a network trains

TIMES = (1, 2, 3, 4, 6, 8, 11, 15, 20, 27, 36, 48, 64, 85, 113, 150, 200, 260, 340, 450, 580, 740, 900)
"""The steps that are looked at, before their update; the first is 1."""
EDGES = 10.0 ** np.arange(-5, 5.01, 0.5)
"""Between the sizes of activations that are counted together."""


def sizes(activations: Array) -> Array:
    """Return the shares of activations by size, (..., bins): those that are 0, and then between two ``EDGES`` each.

    What is smaller or larger than all edges is counted with the nearest.

    Parameters
    ----------
    activations : array, (..., samples, units)

    Examples
    --------
    >>> sizes(np.array([[0.0, 0.0, 1e-9, 2.0]]))[[0, 1, 11]].tolist()
    [0.5, 0.25, 0.25]
    """
    size = np.abs(activations).reshape(*activations.shape[:-2], -1)
    place = np.where(size == 0, 0, np.clip(np.searchsorted(EDGES, size, side="right"), 1, len(EDGES) - 1))
    return np.stack([(place == each).mean(axis=-1) for each in range(len(EDGES))], axis=-1)


def look(step: Step, data: Images) -> dict[str, Array]:
    """Return the five diagnostics at a step: loss, update ratio, gradient, flat share and sizes, the last axis members.

    Loss, flat share and sizes are those of all training images, before the update.
    """
    tape = step.network.forward(step.parameters, data.x)
    return {
        "loss": SoftmaxCrossEntropy()(tape[-1].outputs, data.labels)[0],
        "ratio": recording.update_ratios(step),
        "gradient": recording.gradient_norms(step),
        "flat": recording.flat_fraction(step.network, tape),
        "sizes": np.moveaxis(np.stack([sizes(layer.outputs) for layer in tape[:-1]]), 1, -1),
    }


def course(case: Case, generators: Sequence[np.random.Generator], data: Images) -> Iterator[Step]:
    """Yield the steps of the whole training, one member for each generator."""
    parameters = case.network.initialise(generators, np.float32)
    return case.train(parameters, batches_of_splits(data.x, data.labels, EPOCHS, generators))


# Two tools

ON_ONE_BATCH = 500
RANGE = np.geomspace(1e-6, 10, 141)


def one_batch(case: Case, generators: Sequence[np.random.Generator], data: Images) -> tuple[Array, Array]:
    """Train on the first 32 images alone, for 500 steps.

    Returns
    -------
    losses : array, (steps, members)
    right : array, (members,)
        The share of the 32 that is right in the end.
    """
    x, labels = data.x[:, :BATCH], data.labels[:, :BATCH]
    steps = case.train(case.network.initialise(generators, np.float32), itertools.repeat((x, labels), ON_ONE_BATCH))
    losses = [(end := step).loss.copy() for step in steps]
    return np.stack(losses), diagnostics.accuracy(case.network.predict(end.updated, x), labels)


def rate_range(case: Case, generators: Sequence[np.random.Generator], data: Images) -> Array:
    """Raise the rate from step to step, and return the loss on 360 training images after each, (rates, members)."""
    rising = replace(case, optimiser=replace(case.optimiser, rate=1.0, schedule=lambda step: float(RANGE[step])))
    x, labels, loss = data.x[:, :360], data.labels[:, :360], SoftmaxCrossEntropy()
    steps = itertools.islice(course(rising, generators, data), len(RANGE))
    return np.stack([loss(case.network.predict(step.updated, x), labels)[0] for step in steps])


def _patient_cell(name: str) -> tuple[Array, ...]:
    """Look at the first member again and again, and use both tools on it; of the one batch each fifth step is kept."""
    case, data = CASES[name], CASES[name].images()
    seen = [look(step, data) for step in course(case, two_sets()[:1], data) if step.index + 1 in TIMES]
    found = {key: np.stack([each[key][..., 0] for each in seen]) for key in seen[0]}
    packed = np.rint(255 * np.sqrt(found.pop("sizes"))).astype(np.uint8)
    losses, _ = one_batch(case, two_sets()[:1], data)
    ranged = rate_range(case, two_sets()[:1], data)
    curves = (*found.values(), losses[::5, 0], ranged[:, 0])
    return *(array.astype(np.float32) for array in curves), packed


# What they read on other seeds and on other networks

READINGS = {
    "first": "loss before the first step",
    "flat": "share of the first layer that is flat before the first step",
    "fall": "gradient of the first layer over that of the last, first step",
    "shrink": "spread of the activations, last hidden layer over first, before the first step",
    "ratio": "update ratio at the first step, middle of the layers",
    "batch": "loss on one batch after 500 steps",
    "batch_right": "share right of that batch",
    "best": "rate with the lowest loss of the range test, over the rate in use",
    "lowest": "lowest loss of the range test",
    "loss": "loss after 20 epochs",
    "right": "test accuracy after 20 epochs",
}
SHORT = {
    "first": "first loss",
    "flat": "flat share",
    "fall": "gradient",
    "shrink": "spread",
    "ratio": "update ratio",
    "batch": "loss on one batch",
    "batch_right": "share right of it",
    "best": "best rate",
    "lowest": "lowest loss",
    "loss": "final loss",
    "right": "test accuracy",
}
"""The same in a few words, for tables."""
WHEN = {
    "first step": ("first", "flat", "fall", "shrink", "ratio"),
    "one batch": ("batch", "batch_right"),
    "range test": ("best", "lowest"),
    "20 epochs": ("loss", "right"),
}
"""What has to be done for a reading."""
CHANGES = {
    "as it is": {},
    "3 hidden layers": {"depth": 3},
    "8 hidden layers": {"depth": 8},
    "16 units a layer": {"width": 16},
}


def readings(case: Case, generators, data: Images) -> dict[str, Array]:
    """Return what `READINGS` names, (members,) each; a member that diverged may have NaN."""
    start = case.network.initialise(generators(), np.float32)
    first = next(case.train(start, [(data.x, data.labels)]))
    hidden = [layer.outputs.std(axis=(1, 2)) for layer in (first.tape[0], first.tape[-2])]
    found = {"first": first.loss.copy(), "flat": recording.flat_fraction(case.network, first.tape)[0]}
    gradients = recording.gradient_norms(first)
    found |= {"fall": _over(gradients[0], gradients[-1]), "shrink": _over(hidden[1], hidden[0])}
    found["ratio"] = np.median(recording.update_ratios(first), axis=0)
    losses, found["batch_right"] = one_batch(case, generators(), data)
    found["batch"] = losses[-1]
    ranged = rate_range(case, generators(), data)
    found |= {"best": RANGE[np.nanargmin(ranged, axis=0)] / case.optimiser.rate, "lowest": np.nanmin(ranged, axis=0)}
    end = last(course(case, generators(), data)).updated
    found["loss"] = SoftmaxCrossEntropy()(case.network.predict(end, data.x), data.labels)[0]
    found["right"] = diagnostics.accuracy(case.network.predict(end, data.test_x), data.test_labels)
    return {name: found[name] for name in READINGS}


def _over(first: Array, second: Array) -> Array:
    """Return a ratio, 0 where both are."""
    return first / np.where(second == 0, 1, second)


def _readings_cell(name: str, change: str) -> tuple[Array, ...]:
    case = replace(CASES[name], **CHANGES[change])
    found = readings(case, two_sets, case.images(SPLITS))
    found = {name: np.where(np.isnan(array), np.inf, array) for name, array in found.items()}
    return tuple(array.astype(np.float32).reshape(2, MEMBERS) for array in found.values())


LIMITS = {
    "flat": 0.99, "first": 2 * GUESS, "batch": 0.1, "right": 0.5, "batch_right": 0.75, "shrink": 0.1, "fall": 0.05,
    "ratio": 1e-4,
}  # fmt: skip
"""Where the chart below divides."""


def diagnose(reading: Mapping[str, Array]) -> Array:
    """Return the fault that the chart of this lesson finds in each network, by name, for arrays of readings.

    The questions are asked in this order, and the first yes decides.

    >>> sick = dict.fromkeys(READINGS, np.array([0.0])) | {"first": np.array([7.7]), "batch": np.array([2.0])}
    >>> diagnose(sick).tolist()
    ['raw inputs']
    """
    learns = reading["batch"] < LIMITS["batch"]
    questions = {
        "dead first layer": reading["flat"] > LIMITS["flat"],
        "raw inputs": reading["first"] > LIMITS["first"],
        "shuffled labels": learns & (reading["right"] < LIMITS["right"]),
        NOTHING: learns,
        "two softmaxes": reading["batch_right"] > LIMITS["batch_right"],
        "small initial weights": reading["shrink"] < LIMITS["shrink"],
        "deep sigmoids": reading["fall"] < LIMITS["fall"],
        "rate far too low": reading["ratio"] < LIMITS["ratio"],
    }
    return np.select(list(questions.values()), list(questions), "no diagnosis")


def telling(fault: str, other: str, results: grids.Results) -> str:
    """Return the reading that tells two cases apart best: of those that never overlap, the one with the largest `gap`.

    Parameters
    ----------
    fault, other : str
        Of ``CASES``.
    results : Results
        The stored readings of one kind of network.
    """
    gaps = {name: gap(*(results.at(case=each)[name].ravel() for each in (fault, other))) for name in READINGS}
    return max(gaps, key=gaps.get)


def gap(first: Array, second: Array) -> float:
    """Return by how many powers of ten two samples lie apart in their medians; 0 where their ranges touch.

    >>> gap(np.array([0.001, 0.002]), np.array([0.1, 0.2])), gap(np.array([1.0, 3.0]), np.array([2.0, 4.0]))
    (2.0, 0.0)
    """
    first, second = (np.log10(np.clip(np.nan_to_num(each, nan=np.inf), 1e-6, 1e6)) for each in (first, second))
    apart = first.max() < second.min() or second.max() < first.min()
    return float(abs(np.median(first) - np.median(second))) if apart else 0.0


def apart(first: Array, second: Array) -> bool:
    """Tell whether a reading tells two samples apart: their ranges do not meet, their medians differ by a factor of 2.

    >>> apart(np.array([1.0, 1.1]), np.array([1.2, 1.3])), apart(np.array([1.0, 1.1]), np.array([3.0, 4.0]))
    (False, True)
    """
    return gap(first, second) >= math.log10(2)


# Repairs

OWN = {
    "initial weights of the usual size": {"scale": 1.0},
    "standardise the inputs": {"scaling": "standardised"},
    "ReLUs in the hidden layers": {"activation": ReLU()},
    "hand the loss the scores": {"output": Identity()},
    "initial biases at 0": {"first_bias": 0.0},
    "pair labels and images anew": {"shuffled": False},
    "learning rate 0.1": {"optimiser": SGD(0.1)},
}
GENERAL = {
    "learning rate 0.001": {"optimiser": SGD(0.001)},
    "Adam, rate 0.001": {"optimiser": Adam(0.001)},
    "batch normalisation": {"normalise": BatchNorm()},
}
REPAIRS = OWN | GENERAL


def repaired(name: str, repair: str) -> Case:
    """Return a case after a repair; a network that has no such fault stays as it is.

    >>> repaired("two softmaxes", "hand the loss the scores") == HEALTHY
    True
    """
    return replace(CASES[name], **REPAIRS[repair])


def _repair_cell(name: str, repair: str) -> tuple[Array, Array]:
    """Train the repaired network: the first member's losses at ``TIMES``, and the test images that each gets right."""
    case = repaired(name, repair)
    data, loss = case.images(SPLITS), []
    for step in course(case, two_sets(), data):
        if step.index + 1 in TIMES:
            outputs = case.network.predict(step.parameters, data.x)
            loss.append(SoftmaxCrossEntropy()(outputs, data.labels)[0][0])
    fixed = case.network.with_statistics(step.updated, data.x)
    right = diagnostics.accuracy(fixed.predict(step.updated, data.test_x), data.test_labels)
    return np.array(loss, np.float32), images_right(right).reshape(2, MEMBERS)


def first_weights_after(loss: Loss, optimiser: Optimiser, steps: int = 5) -> Array:
    """Return the weights of the first layer after a few steps of the healthy twin on one batch, with another loss.

    Parameters
    ----------
    loss : Loss
        Or a function that takes and returns what a `Loss` does.
    optimiser : Optimiser
    steps : int
    """
    data, network = HEALTHY.images(), HEALTHY.network
    batches = itertools.repeat((data.x[:, :BATCH], data.labels[:, :BATCH]), steps)
    end = last(train(network, network.initialise(two_sets()[:1]), batches, loss, optimiser))
    return end.updated[0]["weights"]


# The grids that are computed once

SETTINGS = {"seed": SEED, "members": MEMBERS}
GRIDS = {
    # Of the first member: what `look` returns at each of ``TIMES``, and the curves of both tools.
    "patients": Grid(
        _patient_cell, {"case": CASES}, ("loss", "ratio", "gradient", "flat", "batch", "range", "sizes"),
        SETTINGS | {"times": TIMES},
    ),
    # What `READINGS` names, (2, members) each.
    "readings": Grid(
        _readings_cell, {"case": CASES, "change": CHANGES}, tuple(READINGS), SETTINGS | {"splits": SPLITS}
    ),
    # ``loss`` (times,) of the first member, ``right`` (2, members): test images got right.
    "repairs": Grid(
        _repair_cell, {"case": FAULTS, "repair": GENERAL}, ("loss", "right"), SETTINGS | {"splits": SPLITS}
    ),
}  # fmt: skip


def stored(name: str) -> grids.Results:
    """Return the stored results of one of the grids."""
    return grids.load(LESSON, name)
