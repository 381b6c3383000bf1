"""The grid of a sweep: its settings, the blocks it is cut into, and the call that computes them all."""

import math
import pickle
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np

from nonlinear import checks
from nonlinear.arrays import unmasked
from nonlinear.special import Array
from nonlinear.sweeps.blocks import Block, Job, Run, listed
from nonlinear.sweeps.results import Label, Sweep


def sweep(
    run: Run,
    settings: Mapping[str, Sequence | Mapping[str, Any]],
    seeds: int = 10,
    seed: int = 0,
    block: int = 32,
    executor: Executor | None = None,
    apart: Sequence[str] = (),
    progress: Callable[[Iterable], Iterable] | None = None,
) -> Sweep:
    """Run an experiment for every combination of settings, with several seeds each.

    Parameters
    ----------
    run : callable
        Computes one block of members, described by `Cells`, and returns a dict of arrays with one row a member, or the
        `nonlinear.recording.History` of their training; that gives its values and ``diverged_at``. It must treat each
        member by itself and draw random numbers from ``cells.generators`` alone.
    settings : dict
        The values of each setting: a list, or a dict from names to values for things that have none of their own.
        Floats may vary within a block. All else is the same for the whole of a block: whole numbers (a width, a depth),
        activation functions, texts.
    seeds : int
        Seed k stands for the same random numbers in every cell of the grid, so that settings can be compared seed by
        seed, and for the same ones however many seeds there are.
    seed : int
        What all of them come from.
    block : int
        How many members to train together at most. What they compute in a step should fit into the cache: networks of
        16 units a layer are quickest in blocks of 64 or more, those of 64 units in blocks of 8.
    executor : concurrent.futures.Executor, optional
        Computes the blocks, in other processes for example; ``run`` must then be defined at the top of a module.
    apart : list of str
        Settings with float values that a block must not mix either.
    progress : callable, optional
        Is handed the blocks, an iterable with a length, and hands them on as they are done: ``tqdm.tqdm``, for example.
        What passes through are `Block` objects.

    Returns
    -------
    Sweep

    Examples
    --------
    Two activation functions, three learning rates and two gains with five seeds each, 60 networks:

    >>> from nonlinear.activations import ReLU, Tanh
    >>> from nonlinear.initialisers import VarianceScaling
    >>> from nonlinear.losses import MeanSquaredError
    >>> from nonlinear.network import MLP, Dense
    >>> from nonlinear.optimisers import SGD
    >>> from nonlinear.recording import loss, record
    >>> from nonlinear.training import full_batches, train
    >>> x = np.linspace(-1, 1, 20)[:, None]
    >>> def run(cells):
    ...     network = MLP(1, [Dense(8, cells["activation"], VarianceScaling(cells["gain"])), Dense(1)])
    ...     start, batches = network.initialise(cells.generators), full_batches(x, x**2, steps=50)
    ...     steps = train(network, start, batches, MeanSquaredError(), SGD(cells["rate"]))
    ...     return record(steps, {"loss": loss}, every=10)
    >>> settings = {"activation": [ReLU(), Tanh()], "rate": [0.01, 0.1, 1e6], "gain": [0.5, 2.0]}
    >>> result = sweep(run, settings, seeds=5)
    >>> result["loss"].shape  # activations, rates, gains, seeds, recorded steps
    (2, 3, 2, 5, 5)

    Members that diverge are in there as well:

    >>> (result.select(activation=ReLU(), rate=1e6)["diverged_at"] >= 0).all()
    np.True_
    """
    if not isinstance(settings, Mapping) or not all(isinstance(name, str) for name in settings):
        raise TypeError(f"settings must be a dict from names to values; got {settings!r}.")
    if isinstance(apart, str) or not isinstance(apart, Collection):
        raise TypeError(f"apart must be a list of names of settings; got {apart!r}.")
    _check_helpers(run, executor, progress)
    grid = {name: _axis(name, values, name in apart) for name, values in settings.items()}
    for name, number, least in (("seeds", seeds, 1), ("seed", seed, 0), ("block", block, 1)):
        checks.whole(number, name, at_least=least)
    for name in apart:
        if name not in grid:
            raise ValueError(f"apart names {name!r}, which is no setting; the sweep has {listed(grid)}.")
    shape = (*(len(axis.labels) for axis in grid.values()), int(seeds))
    jobs = list(_jobs(run, grid, shape, int(seed), block))
    done = _Done(jobs, executor)
    values = _in_order(progress(done) if progress else done, shape)
    return Sweep({name: axis.labels for name, axis in grid.items()}, int(seed), int(seeds), values)


def _check_helpers(run: Any, executor: Any, progress: Any) -> None:
    if not callable(run):
        raise TypeError(f"run must be a function; got {run!r}.")
    if executor is not None and (isinstance(executor, type) or not hasattr(executor, "map")):
        raise TypeError(f"executor must be an Executor such as ProcessPoolExecutor(); got {executor!r}.")
    if progress is not None and not callable(progress):
        raise TypeError(f"progress must be a function such as tqdm.tqdm; got {progress!r}.")


@dataclass(frozen=True)
class _Axis:
    """One setting: the values, what they are called, and whether a block may mix them."""

    labels: tuple[Label, ...]
    values: tuple
    varies: bool


def _axis(name: str, values: Sequence | Mapping[str, Any], apart: bool) -> _Axis:
    values = unmasked(values, f"settings[{name!r}]") if isinstance(values, np.ndarray) else values
    several = isinstance(values, Sequence | Mapping) or (isinstance(values, np.ndarray) and values.ndim == 1)
    if isinstance(values, str | bytes) or not several or len(values) == 0:
        raise ValueError(f"settings[{name!r}] must be a list of values, at least one; got {values!r}.")
    listed = [
        v.item() if isinstance(v, np.generic) else v
        for v in (values.values() if isinstance(values, Mapping) else values)
    ]
    labels = tuple(values) if isinstance(values, Mapping) else tuple(_label(name, v) for v in listed)
    if not all(isinstance(label, Label) for label in labels) or len(set(labels)) < len(labels):
        raise ValueError(f"settings[{name!r}] must hold different values, each with a name of its own; got {values!r}.")
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in listed)
    varies = numbers and any(isinstance(v, float) for v in listed) and not apart
    if numbers:
        checks.finite(listed, f"settings[{name!r}]")
    return _Axis(labels, tuple(map(float, listed) if varies else listed), varies)


def _label(name: str, value: Any) -> Label:
    if isinstance(value, Label):
        return value
    if " at 0x" in repr(value):
        raise ValueError(f"settings[{name!r}] holds {value!r}, which needs a name; pass a dict from names to values.")
    return repr(value)


def _jobs(run: Run, grid: dict[str, _Axis], shape: tuple[int, ...], seed: int, block: int) -> Iterator[Job]:
    places = np.arange(math.prod(shape)).reshape(shape)
    common = [k for k, axis in enumerate(grid.values()) if not axis.varies]
    for chosen in np.ndindex(*(shape[k] for k in common)):
        at = dict(zip(common, chosen, strict=True))
        members = places[tuple(at.get(k, slice(None)) for k in range(len(shape)))].ravel()
        for start in range(0, len(members), block):
            part = members[start : start + block]
            *where, seeds = np.unravel_index(part, shape)
            settings = {
                name: np.array(axis.values)[k] if axis.varies else axis.values[k[0]]
                for (name, axis), k in zip(grid.items(), where, strict=True)
            }
            yield Job(run, seed, part, seeds, settings)


@dataclass(frozen=True)
class _Done:
    """The results of all blocks, in order, computed as they are asked for."""

    jobs: list[Job]
    executor: Executor | None

    def __len__(self) -> int:
        return len(self.jobs)

    def __iter__(self) -> Iterator[Block]:
        try:
            yield from (self.executor.map if self.executor else map)(Job.__call__, self.jobs)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            if "pickle" not in str(error):
                raise
            raise TypeError(
                "run and settings could not be sent to the executor: define run, and what it needs, at the top of a "
                f"module instead of inside a function ({error})."
            ) from error


def _in_order(done: Iterable[Block], shape: tuple[int, ...]) -> dict[str, Array]:
    """Put the rows of all blocks where they belong in the grid."""
    blocks = list(done) if isinstance(done, Iterable) else [done]
    if not all(isinstance(block, Block) for block in blocks):
        raise TypeError(f"progress must hand on the blocks that it gets, as tqdm.tqdm does; got {done!r}.")
    places = np.concatenate([np.zeros(0, int), *(block.places for block in blocks)])
    if not np.array_equal(np.sort(places), np.arange(math.prod(shape))):
        raise ValueError("progress must hand on every block once; some were lost or came twice.")
    first = {name: v.shape[1:] for name, v in blocks[0].values.items()}
    for block in blocks:
        found = {name: v.shape[1:] for name, v in block.values.items()}
        if found != first:
            raise ValueError(
                f"run must return the same names, and shapes for a member, in all blocks; got {first} with "
                f"{blocks[0].settings} and {found} with {block.settings}."
            )
    order = np.argsort(places)
    stacked = {name: np.concatenate([block.values[name] for block in blocks])[order] for name in first}
    return {name: v.reshape(*shape, *v.shape[1:]) for name, v in stacked.items()}
