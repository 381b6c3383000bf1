"""Experiments over a grid of settings and seeds, in blocks of networks that are trained together.

`sweep` calls a function of yours once for each block of members and puts what it returns in order: one axis for every
setting, then one for the seeds. A block holds a few members, so that their arrays stay in the processor's cache, and
blocks may be computed by any `concurrent.futures.Executor`: a pool of processes, or a cluster's. What a member gives
does not depend on the block it is in, on the other members, or on who computes it.
"""

import json
import math
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import nonlinear
from nonlinear import checks, storage
from nonlinear.recording import History
from nonlinear.special import Array

KIND, FORMAT = "nonlinear sweep", 1
Label = float | int | str | bool | None


@dataclass(frozen=True)
class Cells:
    """A block of members: what ``run`` gets to know about them.

    ``cells["rate"]`` is an array with one number a member if the setting may vary within a block, and the one value of
    the whole block if it may not; ``len(cells)`` is the number of members.

    Attributes
    ----------
    generators : list of numpy Generators, one a member
    seeds : array of int, (members,)
        The number of each member's seed, 0 to ``seeds`` - 1.
    settings : dict
    """

    generators: list[np.random.Generator]
    seeds: Array
    settings: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        if name not in self.settings:
            raise KeyError(f"there is no setting {name!r}; the sweep has {_listed(self.settings)}.")
        return self.settings[name]

    def __len__(self) -> int:
        return len(self.generators)


Run = Callable[[Cells], Mapping[str, Array] | History]


@dataclass(frozen=True, eq=False)
class Block:
    """The results of one block of members.

    Attributes
    ----------
    places : array of int, (members,)
        Where they belong in the grid (settings..., seeds), counted in C order.
    settings : dict
    values : dict of array, (members, ...)
    """

    places: Array
    settings: dict[str, Any]
    values: dict[str, Array]


@dataclass(frozen=True, eq=False)
class Sweep:
    """The results over a grid of settings and seeds.

    Attributes
    ----------
    settings : dict of tuple
        The values of each setting, in the order of the axes. What is not a number, a text, a bool or None goes by its
        ``repr``, or by the name that it was given.
    seed, seeds : int
        What all random numbers come from, and the number of seeds.
    values : dict of array, (settings..., seeds, ...)
        What ``run`` returned; ``sweep["loss"]`` is short for ``sweep.values["loss"]``.
    """

    settings: dict[str, tuple[Label, ...]]
    seed: int
    seeds: int
    values: dict[str, Array]

    def __getitem__(self, name: str) -> Array:
        if name not in self.values:
            raise KeyError(f"there is no value {name!r}; the sweep has {_listed(self.values)}.")
        return self.values[name]

    def select(self, **chosen) -> "Sweep":
        """Return the part of the sweep at the given settings.

        One value takes the axis away; a list of values keeps it, in the order of the list. Numbers match if they agree
        to nine digits.

        >>> result = sweep(lambda cells: {"double": 2 * cells["rate"]}, {"rate": [0.1, 0.2, 0.4]}, seeds=2)
        >>> result.select(rate=0.2)["double"]
        array([0.4, 0.4])
        >>> result.select(rate=[0.4, 0.1])["double"].shape
        (2, 2)
        """
        for name in chosen:
            if name not in self.settings:
                raise ValueError(f"there is no setting {name!r}; the sweep has {_listed(self.settings)}.")
        settings, values = dict(self.settings), dict(self.values)
        for name in reversed(self.settings):
            if name not in chosen:
                continue
            axis, several = list(self.settings).index(name), isinstance(chosen[name], list)
            wanted = chosen[name] if several else [chosen[name]]
            places = [_place(name, self.settings[name], value) for value in wanted]
            values = {key: np.take(v, places if several else places[0], axis=axis) for key, v in values.items()}
            settings[name] = tuple(self.settings[name][k] for k in places)
            if not several:
                del settings[name]
        return Sweep(settings, self.seed, self.seeds, values)

    def save(self, path: str | Path) -> None:
        """Write the sweep to one file, settings and all; the file appears complete or not at all."""
        about = {
            "kind": KIND,
            "format": FORMAT,
            "version": nonlinear.__version__,
            "settings": self.settings,
            "seed": self.seed,
            "seeds": self.seeds,
        }
        about["checksum"] = _checksum(about, self.values)
        storage.replace(Path(path), storage.pack({"about": np.array(json.dumps(about)), **_prefixed(self.values)}))

    @classmethod
    def load(cls, path: str | Path) -> "Sweep":
        """Read what `save` wrote.

        Raises
        ------
        FileNotFoundError
        ValueError
            If the file is damaged, or not a sweep, or from a newer version of the package.
        """
        about, values = _read(Path(path))
        settings = {name: tuple(labels) for name, labels in about["settings"].items()}
        return cls(settings, about["seed"], about["seeds"], values)

    def __repr__(self) -> str:
        axes = [f"{len(labels)} {name}" for name, labels in self.settings.items()]
        return f"Sweep({' x '.join([*axes, f'{self.seeds} seeds'])}: {', '.join(self.values)})"


def sweep(
    run: Run,
    settings: Mapping[str, Sequence | Mapping[str, Any]],
    seeds: int = 10,
    seed: int = 0,
    block: int = 16,
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
        How many members to train together at most; about 16 small networks fit into the cache.
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
    grid = {name: _axis(name, values, name in apart) for name, values in settings.items()}
    for name, number, least in (("seeds", seeds, 1), ("seed", seed, 0), ("block", block, 1)):
        checks.whole(number, name, at_least=least)
    for name in apart:
        if name not in grid:
            raise ValueError(f"apart names {name!r}, which is no setting; the sweep has {_listed(grid)}.")
    shape = (*(len(axis.labels) for axis in grid.values()), int(seeds))
    jobs = list(_jobs(run, grid, shape, int(seed), block))
    done = _Done(jobs, executor)
    values = _in_order(list(progress(done) if progress else done), shape)
    return Sweep({name: axis.labels for name, axis in grid.items()}, int(seed), int(seeds), values)


@dataclass(frozen=True)
class _Axis:
    """One setting: the values, what they are called, and whether a block may mix them."""

    labels: tuple[Label, ...]
    values: tuple
    varies: bool


def _axis(name: str, values: Sequence | Mapping[str, Any], apart: bool) -> _Axis:
    if isinstance(values, str | bytes) or not isinstance(values, Sequence | Mapping | np.ndarray) or len(values) == 0:
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


@dataclass(frozen=True)
class _Job:
    """A block of members, as it is sent to whoever computes it: flat places in the grid, and what is set there."""

    run: Run
    seed: int
    places: Array
    seeds: Array
    settings: dict[str, Any]

    def __call__(self) -> Block:
        generators = [np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(int(k),))) for k in self.seeds]
        try:
            result = self.run(Cells(generators, self.seeds, self.settings))
            return Block(self.places, self.settings, _by_member(result, len(generators)))
        except Exception as error:
            error.add_note(f"This happened in a block of {len(generators)} members with {self.settings}.")
            raise


def _jobs(run: Run, grid: dict[str, _Axis], shape: tuple[int, ...], seed: int, block: int) -> Iterator[_Job]:
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
            yield _Job(run, seed, part, seeds, settings)


@dataclass(frozen=True)
class _Done:
    """The results of all blocks, in order, computed as they are asked for."""

    jobs: list[_Job]
    executor: Executor | None

    def __len__(self) -> int:
        return len(self.jobs)

    def __iter__(self) -> Iterator[Block]:
        try:
            yield from (self.executor.map if self.executor else map)(_Job.__call__, self.jobs)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            if "pickle" not in str(error):
                raise
            raise TypeError(
                "run and settings could not be sent to the executor: define run, and what it needs, at the top of a "
                f"module instead of inside a function ({error})."
            ) from error


def _by_member(result: Mapping[str, Array] | History, members: int) -> dict[str, Array]:
    if isinstance(result, History):
        values = {name: np.moveaxis(value, -1, 0) for name, value in result.values.items()}
        result = {**values, "diverged_at": result.last.diverged_at}
    if not isinstance(result, Mapping):
        raise TypeError(f"run must return a dict of arrays, one row a member, or a History; got {result!r}.")
    arrays = {name: checks.unmasked(value, f"run's {name!r}") for name, value in result.items()}
    for name, array in arrays.items():
        if array.dtype.kind not in "biuf" or array.shape[:1] != (members,):
            raise ValueError(
                f"run must return arrays of numbers with a row for each of the {members} members of its block; "
                f"{name!r} holds {array.dtype} of shape {array.shape}."
            )
    return arrays


def _in_order(blocks: list[Block], shape: tuple[int, ...]) -> dict[str, Array]:
    """Put the rows of all blocks where they belong in the grid."""
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


def _place(name: str, labels: tuple[Label, ...], value: Any) -> int:
    for place, label in enumerate(labels):
        if _same(label, value):
            return place
    raise ValueError(f"{name} must be one of {_listed(labels)}; got {value!r}.")


def _same(label: Label, value: Any) -> bool:
    value = value.item() if isinstance(value, np.generic) else value
    if not isinstance(value, Label):
        return label == repr(value)
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in (label, value)):
        return math.isclose(label, value, rel_tol=1e-9)
    return type(label) is type(value) and label == value


def _listed(names: Iterable) -> str:
    return ", ".join(repr(name) for name in names) or "none"


def _prefixed(values: Mapping[str, Array]) -> dict[str, Array]:
    return {f"values/{name}": array for name, array in values.items()}


def _checksum(about: Mapping[str, Any], values: Mapping[str, Array]) -> str:
    described = {name: [array.dtype.str, array.shape] for name, array in values.items()}
    head = json.dumps([{k: v for k, v in about.items() if k != "checksum"}, described], sort_keys=True)
    return storage.checksum(b"".join([head.encode(), *(values[name].tobytes() for name in sorted(values))]))


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no file {path}; compute the sweep and save it there first.") from None
    damaged = f"{path} is damaged or incomplete; restore it from a copy, or compute the sweep again and save it."
    foreign = f"{path} is not a file that Sweep.save wrote; read it with what wrote it."
    if content and not content.startswith(b"PK"):
        raise ValueError(foreign)
    try:
        arrays = storage.unpack(content)
    except Exception as error:  # whatever NumPy, zipfile or zlib stumble over
        raise ValueError(damaged) from error
    try:
        about = json.loads(str(arrays.pop("about")))
        kind, written = about["kind"], about["format"]
    except (KeyError, TypeError, ValueError):
        raise ValueError(foreign) from None
    if kind != KIND:
        raise ValueError(foreign)
    if written > FORMAT:
        raise ValueError(
            f"{path} was saved by nonlinear {about.get('version')}, in a newer format ({written}) than this version "
            f"reads ({FORMAT}); update nonlinear."
        )
    values = {name.removeprefix("values/"): array for name, array in arrays.items()}
    if about.get("checksum") != _checksum(about, values):
        raise ValueError(damaged)
    return about, values
