"""Recording a training run: measures of a step, and a history of what they gave.

A measure is any function of a `Step` that returns an array. Those here wrap `nonlinear.diagnostics`; hidden layers come
first, so that an axis of layers reads from input to output.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from nonlinear import checks, diagnostics
from nonlinear.activations import Pointwise
from nonlinear.network import MLP, Tape
from nonlinear.special import Array
from nonlinear.training import Network, Step

Measure = Callable[[Step], Array]
"""A function from a `Step` to an array."""


def loss(step: Step) -> Array:
    """Return the batch loss, (members,)."""
    return step.loss


def gradient_norms(step: Step) -> Array:
    """Return the norm of each layer's weight gradient, (layers, members)."""
    return np.stack([diagnostics.gradient_norm(g["weights"]) for g in step.gradients])


def update_ratios(step: Step) -> Array:
    """Return the relative size of each layer's weight update, (layers, members)."""
    pairs = zip(step.parameters, step.updated, strict=True)
    return np.stack([diagnostics.update_ratio(old["weights"], new["weights"]) for old, new in pairs])


def saturated_fraction(step: Step) -> Array:
    """Return the share of nearly flat (sample, unit) pairs on this batch, (hidden layers, members)."""
    return np.stack([diagnostics.saturated_fraction(*each) for each in _slopes(step.network, step.tape)])


def resting_fraction(step: Step) -> Array:
    """Return the share of units that are flat for all samples of this batch, (hidden layers, members).

    Most of them merely rest; see `dead_fraction` for those that do so over a data set.
    """
    return flat_fraction(step.network, step.tape)


def dead_fraction(network: MLP, x: Array) -> Measure:
    """Return a measure: the share of units that are flat for every sample of ``x``, after the update.

    For ReLU these are the dead units. The measure gives (hidden layers, members).
    """
    return lambda step: flat_fraction(network, network.forward(step.updated, x))


def accuracy(network: Network, x: Array, labels: Array) -> Measure:
    """Return a measure: the accuracy on ``x`` after the update, (members,), of a network with an output a class."""
    return lambda step: diagnostics.accuracy(network.forward(step.updated, x)[-1].outputs, labels)


def flat_fraction(network: MLP, tape: Tape) -> Array:
    """Return the share of flat units in each hidden layer of a forward pass, (hidden layers, members).

    "Flat" is measured against the steepest slope of the layer's function as it was before anything was learned, or
    against 1 where that is infinite: see `nonlinear.diagnostics.flat_units`.
    """
    return np.stack([diagnostics.flat_units(*each).mean(axis=-1) for each in _slopes(network, tape)])


def _slopes(network: MLP, tape: Tape) -> Iterator[tuple[Array, float]]:
    if not isinstance(network, MLP):
        raise TypeError(f"flat units are looked for in the hidden layers of an MLP; got {network!r}.")
    if len(network.layers) == 1:
        raise ValueError("network has no hidden layer whose units could be flat.")
    for layer, seen in zip(network.layers[:-1], tape, strict=False):
        if not isinstance(layer.activation, Pointwise):
            raise TypeError(f"slopes are a matter of pointwise functions; a hidden layer has {layer.activation!r}.")
        yield seen.activation.derivative(seen.preactivations), layer.activation.traits.steepest


@dataclass(frozen=True, eq=False)
class History:
    """What was measured, and where the run ended.

    Attributes
    ----------
    index : array, (recorded steps,)
    values : dict of array, (recorded steps, ...)
        One for each measure; ``history["loss"]`` is short for ``history.values["loss"]``.
    last : Step
    """

    index: Array
    values: dict[str, Array]
    last: Step

    def __getitem__(self, name: str) -> Array:
        return self.values[name]


def record(steps: Iterable[Step], measures: Mapping[str, Measure], every: int = 1) -> History:
    """Run the training to its end, measuring at step 0 and at each ``every``-th step after it.

    >>> from nonlinear.losses import MeanSquaredError
    >>> from nonlinear.network import Dense, spawn
    >>> from nonlinear.optimisers import SGD
    >>> from nonlinear.training import full_batches, train
    >>> network = MLP(1, [Dense(1)])
    >>> start = network.initialise(spawn(0, members=10))
    >>> steps = train(network, start, full_batches([[1.0]], [[2.0]], steps=50), MeanSquaredError(), SGD(0.2))
    >>> history = record(steps, {"loss": loss}, every=10)
    >>> history["loss"].shape, bool(np.all(history["loss"][-1] < 1e-6))
    ((5, 10), True)
    """
    every = checks.whole(every, "every")
    if not isinstance(measures, Mapping) or not all(callable(measure) for measure in measures.values()):
        raise TypeError(f"measures must be a dict from names to functions of a Step; got {measures!r}.")
    index, rows, step = [], {name: [] for name in measures}, None
    for step in steps:
        if step.index % every == 0:
            index.append(step.index)
            for name, measure in measures.items():
                rows[name].append(np.array(measure(step)))  # a copy: the step's own arrays are used again
    if step is None:
        raise ValueError("steps is empty: there was no batch to train on.")
    return History(np.array(index), {name: np.stack(each) for name, each in rows.items()}, step)
