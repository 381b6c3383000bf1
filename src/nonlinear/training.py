"""Training as a generator: the caller owns the loop, looks at every step, and stops when it likes."""

import contextvars
import copy
import itertools
import math
import reprlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from nonlinear import checks
from nonlinear.arrays import unmasked
from nonlinear.losses import Loss, checked, unguarded
from nonlinear.optimisers import Optimiser
from nonlinear.parameters import Packed, Parameters, checked_tree
from nonlinear.special import Array, overflow_and_nan


@runtime_checkable
class Network(Protocol):
    """What `train` takes as a network: `nonlinear.network.MLP`, `nonlinear.lstm.LSTM`, or a class of your own.

    It has settings and no parameters: those are passed in and handed out. All members of an ensemble are computed at
    once and never touch one another. `train` passes parameters of finite numbers, lets overflow pass without a warning,
    and freezes the members that it spoils.

    A network may also have a method ``workspace(parameters)``. It returns what has the same ``forward`` and
    ``backward``, for one training: their results need to last only until the next call.
    """

    def initialise(self, generators: Sequence[np.random.Generator], dtype=np.float64) -> Parameters:
        """Return the first parameters, one member for each generator: a tuple of dicts of (members, rows, columns)."""

    def forward(self, parameters: Parameters, x: Array) -> Sequence[Any]:
        """Return the tape: all that `backward` needs. Its last entry has the ``outputs``, (members, samples, units)."""

    def backward(
        self, parameters: Parameters, tape: Sequence[Any], upstream: Array
    ) -> tuple[Parameters, tuple[Array, ...]]:
        """Return the gradients, of the names and shapes of the parameters, and the deltas: dL/dz, layer by layer.

        ``upstream`` is dL/d(outputs), of the shape of the outputs.
        """


class Step(NamedTuple):
    """One step of training, for all members at once.

    A step lasts until the next one, whose arrays take the place of its own. To look at it later, `copy` it.

    Attributes
    ----------
    network : Network
    index : int
        0 for the first step.
    loss : array, (members,)
        On this step's batch, before the update. For a frozen member: not finite at the step where it diverged, if that
        is how it did, and after that the loss at its frozen parameters.
    parameters, updated : Parameters
        Before and after the update.
    tape : sequence
        The forward pass that led to ``loss``, as ``network.forward`` returned it.
    gradients, deltas
        What ``network.backward`` returned for it.
    diverged_at : array of int, (members,)
        The step at which a member stopped being finite and was frozen at its last finite parameters; -1 for the others.
    """

    network: Network
    index: int
    loss: Array
    parameters: Parameters
    updated: Parameters
    tape: Sequence[Any]
    gradients: Parameters
    deltas: tuple[Array, ...]
    diverged_at: Array

    def copy(self) -> "Step":
        """Return a step that keeps what it holds when the training goes on."""
        return copy.deepcopy(self, {id(self.network): self.network})


def minibatches(x, targets, size: int, epochs: int, generators: Sequence[np.random.Generator]) -> "Batches":
    """Yield batches for an ensemble: every member sees all samples once an epoch, in an order of its own.

    The batches can be gone through once; for another training make new ones, with generators of the same seed if they
    should be the same.

    Parameters
    ----------
    x : array, (samples, features), or (samples, steps, features) for an LSTM
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
    size, epochs = checks.whole(size, "size"), checks.whole(epochs, "epochs")
    checks.generators(generators)
    x, targets = _data_set(x, targets)
    return Batches(x, targets, _orders(len(x), size, epochs, generators))


def full_batches(x, targets, steps: int) -> "Batches":
    """Yield the whole data set ``steps`` times: gradient descent without chance.

    The batches can be gone through once; for another training make new ones.

    >>> len(list(full_batches([[0.0], [1.0]], [[1.0], [0.0]], steps=3)))
    3
    """
    return Batches(*_data_set(x, targets), itertools.repeat(None, checks.whole(steps, "steps")))


def _orders(samples: int, size: int, epochs: int, generators: Sequence[np.random.Generator]) -> Iterator[Array]:
    for _ in range(epochs):
        order = np.stack([g.permutation(samples) for g in generators])
        for start in range(0, samples, size):
            yield order[:, start : start + size]


class Batches(Iterator):
    """Batches of a data set that was checked as a whole, so that `train` need not check each of them.

    Like any iterator it can be gone through once. `minibatches` and `full_batches` make them.

    Parameters
    ----------
    x : array, (samples, features)
    targets : array, (samples, ...)
    chosen : iterator of array of int, (members, batch), or None
        The samples of each batch; None stands for all of them, the same for every member.
    """

    def __init__(self, x: Array, targets: Array, chosen: Iterator[Array | None]):
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


def _data_set(x, targets) -> tuple[Array, Array]:
    x, targets = checks.finite(x, "x"), _finite_targets(targets)
    samples = [len(array) if array.ndim else 0 for array in (x, targets)]
    if samples[0] != samples[1] or samples[0] == 0:
        raise ValueError(f"x and targets need the same, positive number of samples; got {samples[0]} and {samples[1]}.")
    return x, targets


def _finite_targets(targets) -> Array:
    targets = unmasked(targets, "targets")
    return targets if targets.dtype.kind in "iub" else checks.finite(targets, "targets")


def train(
    network: Network, parameters: Parameters, batches: Iterable[tuple[Array, Array]], loss: Loss, optimiser: Optimiser
) -> Iterator[Step]:
    """Train an ensemble and yield a `Step` for each batch.

    A member whose loss or parameters stop being finite is frozen at its last finite parameters and marked in
    ``diverged_at``; the other members go on as if nothing had happened. The arrays of a step are used again for the
    next one, which is much faster than making them anew; ``step.copy()`` keeps what it holds.

    Parameters
    ----------
    network : Network
        `nonlinear.network.MLP`, `nonlinear.lstm.LSTM`, or anything that has their methods ``initialise``, ``forward``
        and ``backward``.
    parameters : Parameters
        Where to start, from ``network.initialise`` or an earlier ``step.updated``. The optimiser starts afresh: a
        momentum gathered earlier is not carried over.
    batches : iterable of (x, targets)
        See `minibatches` and `full_batches`. They are used up: a second training on them would take no step.
    loss : Loss
        Or a function that takes and returns what a `Loss` does.
    optimiser : Optimiser
        `SGD`, `Adam`, `Clipped`, or a `Rule` of your own.

    Raises
    ------
    TypeError
        For an argument of another kind, or an ensemble that is no tuple of dicts of arrays.
    ValueError
        For parameters, inputs or targets that do not fit the network or are not finite.
    """
    checks.instance(network, Network, "network", "an MLP, an LSTM, or another network with their methods")
    checks.instance(batches, Iterable, "batches", "an iterable of pairs (x, targets), as minibatches returns")
    checks.function(loss, "loss", "a Loss such as MeanSquaredError()")
    checks.instance(optimiser, Optimiser, "optimiser", "an Optimiser such as SGD(0.1)")
    packed = Packed.of(_finite(parameters))
    work = network.workspace(packed) if hasattr(network, "workspace") else network
    return _steps(network, work, packed, batches, _computing(loss), optimiser, optimiser.start(packed))


def _steps(network, work, parameters: Packed, batches, loss, optimiser, state) -> Iterator[Step]:
    updated = parameters.like(np.empty_like(parameters.flat))
    diverged_at = never = np.full(len(parameters.flat), -1)
    _let_the_allocator_keep_memory()
    silent = _context_without_warnings()

    def step(x, targets):
        tape = work.forward(parameters, x)
        losses, upstream = loss(tape[-1].outputs, targets)
        gradients, deltas = work.backward(parameters, tape, upstream)
        after, remembered = _updated(optimiser.update(parameters, gradients, state, out=updated), parameters)
        finite = _plainly_finite(after.flat) and _plainly_finite(losses)
        return tape, losses, gradients, deltas, after, remembered, finite

    for index, (x, targets) in enumerate(_ready(batches, parameters.flat.dtype)):
        tape, losses, gradients, deltas, updated, state, finite = silent.run(step, x, targets)
        if diverged_at is not never or not finite:
            diverged_at = _freeze(parameters, updated, losses, diverged_at, index)
        yield Step(network, index, losses, parameters, updated, tape, gradients, deltas, diverged_at)
        parameters, updated = updated, parameters


def _context_without_warnings() -> contextvars.Context:
    """Return a context in which NumPy ignores overflow and NaN; to enter it costs less than to set that in every step.

    What the caller of `train` does between two steps is outside of it.
    """
    context = contextvars.copy_context()
    context.run(lambda: overflow_and_nan().__enter__())
    context.run(np.setbufsize, 2048)  # NumPy copies what it reads or writes in shorter stretches than that
    return context


def _computing(loss: Loss) -> Loss:
    """Return what computes the loss in a step: one that a reader wrote, with a look at what it returns."""
    provided = unguarded(loss)
    return provided if provided is not loss else lambda outputs, targets: checked(loss(outputs, targets), outputs)


def _updated(result, parameters: Packed) -> tuple[Packed, Any]:
    """Return what an optimiser's update returned, packed, or say what it must be."""
    if not isinstance(result, tuple) or len(result) != 2 or not isinstance(result[0], (tuple, list)):
        raise TypeError(
            f"optimiser.update must return a pair, the parameters and the next state; got {reprlib.repr(result)}."
        )
    after, state = result
    if after is parameters:
        return parameters.like(parameters.flat.copy()), state
    if isinstance(after, Packed):
        return result
    row = parameters.row(after, "the parameters that optimiser.update returned")
    return parameters.like(row.astype(parameters.flat.dtype, copy=False)), state


def _finite(parameters: Parameters) -> Parameters:
    """Return parameters of floats, and refuse NaN and infinity by the place where they are."""
    return tuple(
        {name: checks.finite(array, f"parameters[{k}][{name!r}]") for name, array in layer.items()}
        for k, layer in enumerate(checked_tree(parameters))
    )


def _plainly_finite(array: Array) -> bool:
    """Return whether a quick look finds only finite numbers; very large ones it may take for infinite."""
    if array.size == 1:
        return math.isfinite(array.item())
    numbers = array.ravel()
    return math.isfinite(numbers.dot(numbers))


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
    return ((checks.finite(x, "x"), _finite_targets(targets)) for x, targets in map(_pair, batches))


def _pair(batch) -> tuple[Array, Array]:
    if not isinstance(batch, tuple | list) or len(batch) != 2:
        raise TypeError(
            "batches must yield pairs (x, targets), as [(x, targets)] or full_batches(x, targets, steps) do; "
            f"got {reprlib.repr(batch)}."
        )
    return batch


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
        raise ValueError("steps is empty: there was no batch to train on. Batches are used up by one training.")
    return kept[0]
