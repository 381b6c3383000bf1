"""Training as a generator: the caller owns the loop, looks at every step, and stops when it likes."""

import copy
import itertools
import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from nonlinear import checks
from nonlinear.activations.base import unmasked
from nonlinear.losses import Loss
from nonlinear.network import MLP, Tape, Workspace
from nonlinear.optimisers import Optimiser
from nonlinear.parameters import Packed, Parameters
from nonlinear.special import Array, overflow_and_nan


class Step(NamedTuple):
    """One step of training, for all members at once.

    A step lasts until the next one, whose arrays take the place of its own. To look at it later, `copy` it.

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

    def copy(self) -> "Step":
        """Return a step that keeps what it holds when the training goes on."""
        return copy.deepcopy(self)._replace(network=self.network)


def minibatches(x, targets, size: int, epochs: int, generators: Sequence[np.random.Generator]) -> "Batches":
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
    checks.whole(size, "size")
    checks.whole(epochs, "epochs")
    checks.generators(generators)
    return Batches(x, targets, _orders(len(x), size, epochs, generators))


def full_batches(x, targets, steps: int) -> "Batches":
    """Yield the whole data set ``steps`` times: gradient descent without chance.

    >>> len(list(full_batches([[0.0], [1.0]], [[1.0], [0.0]], steps=3)))
    3
    """
    checks.whole(steps, "steps")
    return Batches(x, targets, itertools.repeat(None, steps))


def _orders(samples: int, size: int, epochs: int, generators: Sequence[np.random.Generator]) -> Iterator[Array]:
    for _ in range(epochs):
        order = np.stack([g.permutation(samples) for g in generators])
        for start in range(0, samples, size):
            yield order[:, start : start + size]


class Batches(Iterator):
    """Batches of a data set that was checked as a whole, so that `train` need not check each of them.

    Parameters
    ----------
    x : array, (samples, features)
    targets : array, (samples, ...)
    chosen : iterator of array of int, (members, batch), or None
        The samples of each batch; None stands for all of them, the same for every member.
    """

    def __init__(self, x, targets, chosen: Iterator[Array | None]):
        x, targets = checks.finite(x, "x"), _finite_targets(targets)
        if len(x) != len(targets) or len(x) == 0:
            raise ValueError(
                f"x and targets need the same, positive number of samples; got {len(x)} and {len(targets)}."
            )
        self.x, self.targets, self._chosen = x, targets, chosen

    def __next__(self) -> tuple[Array, Array]:
        rows = next(self._chosen)
        if rows is None:
            return self.x, self.targets
        return self.x.take(rows, axis=0), self.targets.take(rows, axis=0)

    def of_type(self, dtype) -> "Batches":
        """Return the batches that are left, with x and targets of that float type; class numbers stay what they are."""
        targets = self.targets.astype(dtype, copy=False) if self.targets.dtype.kind == "f" else self.targets
        return Batches(self.x.astype(dtype, copy=False), targets, self._chosen)


def _finite_targets(targets) -> Array:
    targets = unmasked(targets, "targets")
    return targets if targets.dtype.kind in "iub" else checks.finite(targets, "targets")


def train(
    network: MLP, parameters: Parameters, batches: Iterable[tuple[Array, Array]], loss: Loss, optimiser: Optimiser
) -> Iterator[Step]:
    """Train an ensemble and yield a `Step` for each batch.

    A member whose loss or parameters stop being finite is frozen at its last finite parameters and marked in
    ``diverged_at``; the other members go on as if nothing had happened. The arrays of a step are used again for the
    next one, which is much faster than making them anew; ``step.copy()`` keeps what it holds.

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
    start = [{k: checks.finite(array, f"parameters[...][{k!r}]") for k, array in layer.items()} for layer in parameters]
    parameters = Packed.of(start)
    updated, state = parameters.like(np.empty_like(parameters.flat)), optimiser.start(parameters)
    diverged_at = never = np.full(len(parameters.flat), -1)
    work = Workspace(network, parameters) if isinstance(network, MLP) else network
    _let_the_allocator_keep_memory()
    for index, (x, targets) in enumerate(_ready(batches, parameters.flat.dtype)):
        with overflow_and_nan():
            tape = work.forward(parameters, x)
            losses, upstream = loss(tape[-1].outputs, targets)
            gradients, deltas = work.backward(parameters, tape, upstream)
            updated, state = optimiser.update(parameters, gradients, state, out=updated)
        if diverged_at is not never or not (_plainly_finite(updated.flat) and _plainly_finite(losses)):
            diverged_at = _freeze(parameters, updated, losses, diverged_at, index)
        yield Step(network, index, losses, parameters, updated, tape, gradients, deltas, diverged_at)
        parameters, updated = updated, parameters


def _plainly_finite(array: Array) -> bool:
    """Return whether a quick look finds only finite numbers; very large ones it may take for infinite."""
    return math.isfinite(np.vdot(array, array))


def _freeze(parameters: Packed, updated: Packed, losses: Array, diverged_at: Array, index: int) -> Array:
    """Put members that have diverged back to where they were, in place, and return when each of them did."""
    finite = np.isfinite(updated.flat).all(axis=-1) & np.isfinite(losses)
    diverged_at = np.where((diverged_at < 0) & ~finite, index, diverged_at)
    np.copyto(updated.flat, parameters.flat, where=diverged_at[:, None] >= 0)
    return diverged_at


def _ready(batches: Iterable[tuple[Array, Array]], dtype) -> Iterable[tuple[Array, Array]]:
    """Return batches that hold nothing but finite numbers."""
    if isinstance(batches, Batches):
        return batches.of_type(dtype)
    return ((checks.finite(x, "x"), _finite_targets(targets)) for x, targets in batches)


def _let_the_allocator_keep_memory() -> None:
    """Free one large array, which on Linux tells malloc that arrays up to its size are worth keeping.

    Until then malloc returns arrays of 128 kB and more to the system at once, and the next step spends half of its time
    on getting them back.
    """
    np.empty(2**24, np.uint8)


def last(steps: Iterable[Step]) -> Step:
    """Run the training to its end and return the last step."""
    kept = deque(steps, maxlen=1)
    if not kept:
        raise ValueError("steps is empty: there was no batch to train on.")
    return kept[0]
