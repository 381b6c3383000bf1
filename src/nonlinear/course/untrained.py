"""What there is to see in networks of digits before any training: gradients unit by unit, open paths, mean outputs."""

import numpy as np

from nonlinear import checks
from nonlinear.activations import Activation
from nonlinear.course import generators, once
from nonlinear.course.classifier import classifier
from nonlinear.datasets import Digits, digits
from nonlinear.initialisers import VarianceScaling, lecun
from nonlinear.losses import SoftmaxCrossEntropy
from nonlinear.network import MLP, Parameters, Tape
from nonlinear.special import Array, norm, overflow_and_nan


@once
def unit_sizes(
    activation: Activation,
    weights: VarianceScaling,
    bias: VarianceScaling | float = 0.0,
    depth: int = 8,
    samples: int = 1437,
    again: bool = False,
) -> tuple[Array, Array]:
    """Return the sizes of what reaches each unit on one batch of standardised digits before training.

    Parameters
    ----------
    activation : Activation
    weights, bias
        How the hidden layers start.
    depth, samples : int
        Number of hidden layers; of images.
    again : bool
        Whether to take the second set of seeds.

    Returns
    -------
    gradients : array, (depth, members, units)
        The length of the gradient of the unit's weights.
    deltas : array, (depth, members, units)
        The length of dL/dz over the images.
    """
    checks.whole(samples, "samples")
    network, data = classifier(activation, depth, weights=weights, bias=bias), digits("standardised")
    each = [_sizes_in(network, generator, data, samples) for generator in generators(again)]  # which takes less memory
    gradients, deltas = (np.stack(sizes, axis=1) for sizes in zip(*each, strict=True))
    return gradients, deltas


def _sizes_in(network: MLP, generator: np.random.Generator, data: Digits, samples: int) -> tuple[list, list]:
    """Return the sizes of `unit_sizes` in one member, layer by layer, (units,)."""
    parameters = network.initialise([generator])
    tape = network.forward(parameters, data.x[:samples])
    _, upstream = SoftmaxCrossEntropy()(tape[-1].outputs, data.labels[:samples])
    gradients, deltas = network.backward(parameters, tape, upstream)
    lengths = [norm(layer["weights"][0], axis=-2) for layer in gradients[:-1]]
    return lengths, [norm(delta[0], axis=-2) for delta in deltas[:-1]]


def gradient_sizes(activation: Activation, depth: int = 8, samples: int = 1437, again: bool = False) -> Array:
    """Return the size of every unit's weight gradient before training, (depth, members, units), as `unit_sizes` does.

    Weights of variance 1 / fan_in.
    """
    return unit_sizes(activation, lecun(), depth=depth, samples=samples, again=again)[0]


def deltas(network: MLP, parameters: Parameters, tape: Tape, upstream: Array) -> list[Array]:
    """Return dL/dz of each layer, as `MLP.backward` does, in half the time: without the gradients of the weights.

    >>> from nonlinear.activations import ReLU
    >>> network, x = classifier(ReLU(), width=4), np.ones((3, 64))
    >>> parameters = network.initialise(generators())
    >>> tape = network.forward(parameters, x)
    >>> [delta.shape for delta in deltas(network, parameters, tape, tape[-1].outputs)]
    [(10, 3, 4), (10, 3, 4), (10, 3, 10)]
    """
    found = []
    with overflow_and_nan():
        for layer, own, seen in reversed(list(zip(network.layers, parameters, tape, strict=True))):
            delta, _ = seen.activation.pullback(seen.preactivations, upstream)
            found.append(delta)
            before = layer.normalise.pullback(seen.normalised, delta * own["scale"]) if layer.normalise else delta
            back = before @ own["weights"].mT
            upstream = back + upstream if layer.residual else back
    return found[::-1]


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
    # NaN where a unit has no logarithm, so that it has no weight
    between = np.nanvar(layer_mean + 0 * logs, axis=(0, 2))
    return between / np.nanvar(logs, axis=(0, 2))


def open_paths(network: MLP, x: Array) -> Array:
    """Return the share of paths from input to output that no inactive ReLU blocks, (samples, members).

    A path visits one unit of each hidden layer; it is open for a sample if all of them are on. The share is the product
    over layers of the share of units that are on.
    """
    tape = network.forward(network.initialise(generators()), x)
    on = [(layer.preactivations > 0).mean(axis=-1) for layer in tape[:-1]]
    return np.prod(on, axis=0).T


def unit_means(activation: Activation, scaling: str, layer: int = 1) -> Array:
    """Return every unit's mean output over the training images, (members, units)."""
    network = classifier(activation, depth=layer)
    outputs = network.forward(network.initialise(generators()), digits(scaling).x)[layer - 1].outputs
    return outputs.mean(axis=-2)
