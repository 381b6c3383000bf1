"""The classifier of handwritten digits, and the one way in which the lessons train it.

Unless a lesson says otherwise: 64 inputs, hidden layers of 64 units, 10 outputs with softmax cross-entropy; biases
start at 0, weights at the scale that suits the activation function; batches of 32, 20 epochs on 1,437 images.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nonlinear import diagnostics, recording
from nonlinear.activations import Activation
from nonlinear.course import generators
from nonlinear.datasets import Digits
from nonlinear.initialisers import VarianceScaling
from nonlinear.losses import SoftmaxCrossEntropy
from nonlinear.network import MLP, Dense, Parameters
from nonlinear.optimisers import Optimiser
from nonlinear.special import Array
from nonlinear.training import Step, last, minibatches, train

INPUTS, WIDTH, BATCH, EPOCHS, TEST_IMAGES = 64, 64, 32, 20, 360


def classifier(
    activation: Activation,
    depth: int = 2,
    width: int = WIDTH,
    weights: VarianceScaling | None = None,
    bias: VarianceScaling | float = 0.0,
    output: Dense | None = None,
    **extras,
) -> MLP:
    """Return a network for the digits.

    Parameters
    ----------
    activation : Activation
    depth, width : int
        Number of hidden layers, and of units in each.
    weights, bias : optional
        How the hidden layers start.
    output : Dense, optional
        The last layer; linear by default.
    **extras
        What else a hidden layer has, as `Dense` takes it. The first one has no link around it, since it changes the
        width.
    """
    first = {name: value for name, value in extras.items() if name != "residual"}
    start = (weights or VarianceScaling(), bias)
    hidden = [Dense(width, activation, *start, **(extras if k else first)) for k in range(depth)]
    return MLP(INPUTS, [*hidden, output or Dense(10)])


def steps(
    network: MLP,
    data: Digits,
    optimiser: Optimiser,
    epochs: int = EPOCHS,
    start: Callable[[Parameters], Parameters] = lambda parameters: parameters,
    chance: Sequence[np.random.Generator] | None = None,
    dtype=float,
) -> Iterator[Step]:
    """Train members on the digits, and yield the steps.

    Parameters
    ----------
    network : MLP
    data : Digits
    optimiser : Optimiser
    epochs : int
    start : callable, optional
        Changes the initial parameters.
    chance : list of numpy Generators, optional
        One for each member, of its first weights and its batches; those of `nonlinear.course.generators` by default.
    dtype : float type
    """
    chance = chance or generators()
    parameters = start(network.initialise(chance, dtype))
    batches = minibatches(data.x.astype(dtype, copy=False), data.labels, BATCH, epochs, chance)
    return train(network, parameters, batches, SoftmaxCrossEntropy(), optimiser)


@dataclass(frozen=True)
class Outcome:
    """Where an ensemble started and where it ended.

    Attributes
    ----------
    network : MLP
    data : Digits
    start, end : Parameters
    diverged : array of bool, (members,)
    """

    network: MLP
    data: Digits
    start: Parameters
    end: Parameters
    diverged: Array

    @cached_property
    def accuracy(self) -> Array:
        """On the test images, (members,); batch normalisation takes the statistics of the training images."""
        fixed = self.network.with_statistics(self.end, self.data.x)
        return diagnostics.accuracy(fixed.predict(self.end, self.data.test_x), self.data.test_labels)

    @property
    def right(self) -> Array:
        """How many test images each member gets right, (members,)."""
        return images_right(self.accuracy)

    @cached_property
    def flat(self) -> Array:
        """Share of units that are flat for all training images, (hidden layers, members): the dead ones, for ReLU."""
        return recording.flat_fraction(self.network, self.network.forward(self.end, self.data.x))

    @property
    def moved(self) -> Array:
        """How far the weights of each layer went, relative to their size at the start, (layers, members)."""
        pairs = zip(self.start, self.end, strict=True)
        return np.stack([diagnostics.update_ratio(old["weights"], new["weights"]) for old, new in pairs])


def images_right(accuracy: Array) -> Array:
    """Return an accuracy as a number of test images, in two bytes.

    >>> images_right(np.array([0.25, 1.0])).tolist()
    [90, 360]
    """
    return np.rint(accuracy * TEST_IMAGES).astype(np.uint16)


def fit(network: MLP, data: Digits, optimiser: Optimiser, **settings) -> Outcome:
    """Train members on the digits to the end; ``settings`` are what else `steps` takes."""
    run = steps(network, data, optimiser, **settings)
    first = next(run).copy()
    end = last(itertools.chain([first], run))
    return Outcome(network, data, first.parameters, end.updated, end.diverged_at >= 0)
