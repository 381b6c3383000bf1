"""Training as a generator: the caller owns the loop, looks at every step, and stops when it likes."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nonlinear import checks
from nonlinear.losses import Loss
from nonlinear.network import MLP, Parameters, Tape, map_parameters
from nonlinear.optimisers import Optimiser
from nonlinear.special import Array, overflow_and_nan


@dataclass(frozen=True)
class Step:
    """One step of training, for all members at once.

    Attributes
    ----------
    network : MLP
    index : int
        0 for the first step.
    loss : array, (members,)
        On this step's batch, before the update. For a frozen member: not finite at the step where it diverged, if that
        is how it did, and after that the loss at its frozen parameters.
    parameters, updated : Parameters
        Before and after the update.
    tape : Tape
        The forward pass that led to ``loss``.
    gradients, deltas
        What `MLP.backward` returned for it.
    diverged_at : array of int, (members,)
        The step at which a member stopped being finite and was frozen at its last finite parameters; -1 for the others.
    """

    network: MLP
    index: int
    loss: Array
    parameters: Parameters
    updated: Parameters
    tape: Tape
    gradients: Parameters
    deltas: tuple[Array, ...]
    diverged_at: Array


def minibatches(
    x, targets, size: int, epochs: int, generators: Sequence[np.random.Generator]
) -> Iterator[tuple[Array, Array]]:
    """Yield batches for an ensemble: every member sees all samples once an epoch, in an order of its own.

    Parameters
    ----------
    x : array, (samples, features)
    targets : array, (samples, ...)
    size : int
        Samples in a batch; the last batch of an epoch holds what is left.
    epochs : int
    generators : list of numpy Generators, one a member

    Yields
    ------
    x : array, (members, batch, features)
    targets : array, (members, batch, ...)

    Examples
    --------
    >>> from nonlinear.network import spawn
    >>> batches = minibatches([[0.0], [1.0], [2.0]], [0, 1, 0], size=2, epochs=1, generators=spawn(0, 10))
    >>> [x.shape for x, targets in batches]
    [(10, 2, 1), (10, 1, 1)]
    """
    x, targets = _data(x, targets)
    checks.whole(size, "size")
    checks.whole(epochs, "epochs")
    checks.generators(generators)
    return _minibatches(x, targets, size, epochs, generators)


def _data(x, targets) -> tuple[Array, Array]:
    x, targets = checks.finite(x, "x"), np.asarray(targets)
    if targets.dtype.kind == "f":
        checks.finite(targets, "targets")
    if len(x) != len(targets) or len(x) == 0:
        raise ValueError(f"x and targets need the same, positive number of samples; got {len(x)} and {len(targets)}.")
    return x, targets


def _minibatches(x, targets, size, epochs, generators):
    for _ in range(epochs):
        order = np.stack([g.permutation(len(x)) for g in generators])
        for start in range(0, len(x), size):
            chosen = order[:, start : start + size]
            yield x[chosen], targets[chosen]


def full_batches(x, targets, steps: int) -> Iterator[tuple[Array, Array]]:
    """Yield the whole data set ``steps`` times: gradient descent without chance.

    >>> len(list(full_batches([[0.0], [1.0]], [[1.0], [0.0]], steps=3)))
    3
    """
    x, targets = _data(x, targets)
    checks.whole(steps, "steps")
    return ((x, targets) for _ in range(steps))


def train(
    network: MLP, parameters: Parameters, batches: Iterable[tuple[Array, Array]], loss: Loss, optimiser: Optimiser
) -> Iterator[Step]:
    """Train an ensemble and yield a `Step` for each batch.

    A member whose loss or parameters stop being finite is frozen at its last finite parameters and marked in
    ``diverged_at``; the other members go on as if nothing had happened. Nothing is changed in place: every step keeps
    what it holds.

    Parameters
    ----------
    network : MLP
    parameters : Parameters
        Where to start, from ``network.initialise`` or an earlier ``step.updated``. The optimiser starts afresh: a
        momentum gathered earlier is not carried over.
    batches : iterable of (x, targets)
        See `minibatches` and `full_batches`.
    loss : Loss
    optimiser : Optimiser
    """
    for layer in parameters:
        for name, array in layer.items():
            checks.finite(array, f"parameters[...][{name!r}]")
    state = optimiser.start(parameters)
    diverged_at = np.full(len(parameters[0]["weights"]), -1)
    for index, (x, targets) in enumerate(batches):
        checks.finite(x, "x")
        if np.asarray(targets).dtype.kind == "f":
            checks.finite(targets, "targets")
        with overflow_and_nan():
            tape = network.forward(parameters, x)
            losses, upstream = loss(tape[-1].outputs, targets)
            gradients, deltas = network.backward(parameters, tape, upstream)
            proposed, state = optimiser.update(parameters, gradients, state)
            finite = np.isfinite(losses) & _finite_members(proposed)
        diverged_at = np.where((diverged_at < 0) & ~finite, index, diverged_at)
        updated = _keep(proposed, parameters, diverged_at < 0)
        yield Step(network, index, losses, parameters, updated, tape, gradients, deltas, diverged_at)
        parameters = updated


def last(steps: Iterable[Step]) -> Step:
    """Run the training to its end and return the last step."""
    kept = deque(steps, maxlen=1)
    if not kept:
        raise ValueError("steps is empty: there was no batch to train on.")
    return kept[0]


def _finite_members(parameters: Parameters) -> Array:
    finite = [np.isfinite(array).all(axis=(-1, -2)) for layer in parameters for array in layer.values()]
    return np.all(finite, axis=0)


def _keep(proposed: Parameters, parameters: Parameters, alive: Array) -> Parameters:
    if alive.all():
        return proposed
    return map_parameters(lambda new, old: np.where(alive[:, None, None], new, old), proposed, parameters)
