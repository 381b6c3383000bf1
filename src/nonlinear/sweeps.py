"""Experiments over a grid of settings and seeds, in blocks of networks that are trained together.

`sweep` calls a function of yours once for each block of members and puts what it returns in order: one axis for every
setting, then one for the seeds. A block holds a few members, so that their arrays stay in the processor's cache, and
blocks may be computed by any `concurrent.futures.Executor`: a pool of processes, or a cluster's. What a member gives
does not depend on the block it is in, on the other members, or on who computes it.

The grids stored with the lessons are not swept: a cell there is any function of its settings, some train nothing at
all, and each says for itself what it keeps.
"""

import functools
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import nonlinear
from nonlinear import checks, storage
from nonlinear.arrays import integers, unmasked
from nonlinear.recording import History
from nonlinear.special import Array

KIND, FORMAT = "nonlinear sweep", 1
Label = float | int | str | bool | None
REPR = {"legacy": "1.25", "precision": 17, "threshold": 10**6}  # which tells numbers and arrays apart by value alone


@dataclass(frozen=True, eq=False)
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
        return self.settings[name]

    def __len__(self) -> int:
        return len(self.generators)


Run = Callable[[Cells], Mapping[str, Array] | History]


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

        One value takes the axis away; a list or an array of values keeps it, in their order. Where no number is the
        same, one matches that agrees to nine digits.

        >>> result = sweep(lambda cells: {"double": 2 * cells["rate"]}, {"rate": [0.1, 0.2, 0.4]}, seeds=2)
        >>> result.select(rate=0.2)["double"]
        array([0.4, 0.4])
        >>> result.select(rate=[0.4, 0.1])["double"].shape
        (2, 2)
        """
        if unknown := chosen.keys() - self.settings.keys():
            raise ValueError(f"there is no setting {_listed(unknown)}; the sweep has {_listed(self.settings)}.")
        settings, values, axis = {}, self.values, 0
        for name, labels in self.settings.items():
            wanted = chosen.get(name, labels)
            keep = wanted is labels or isinstance(wanted, list | np.ndarray)
            places = [_place(name, labels, value) for value in wanted] if keep else _place(name, labels, wanted)
            values = {key: np.take(array, places, axis) for key, array in values.items()}
            if keep:
                settings[name], axis = tuple(labels[k] for k in places), axis + 1
        return Sweep(settings, self.seed, self.seeds, values)

    def save(self, path: str | Path) -> None:
        """Write the sweep to one file, settings and all; the file appears complete or not at all."""
        about = {"kind": KIND, "format": FORMAT, "version": nonlinear.__version__}
        about |= {"settings": self.settings, "seed": self.seed, "seeds": self.seeds}
        arrays = {f"values/{name}": array for name, array in self.values.items()}
        storage.replace(Path(path), storage.pack({"about": np.array(json.dumps(about)), **arrays}))

    @classmethod
    def load(cls, path: str | Path) -> "Sweep":
        """Read what `save` wrote.

        Raises
        ------
        ValueError
            If the file is damaged, or not a sweep, or from a newer version of the package.
        """
        content = Path(path).read_bytes()
        try:
            arrays = storage.unpack(content)
            about = json.loads(str(arrays.pop("about")))
            if about["kind"] != KIND:
                raise ValueError(about["kind"])
            newer = about["format"] > FORMAT
            settings = {name: tuple(labels) for name, labels in about["settings"].items()}
        except Exception as error:  # whatever NumPy, zipfile, zlib or json stumble over
            raise ValueError(
                f"{path} is not a file that Sweep.save wrote, or is damaged; restore it from a copy, or compute the "
                "sweep again and save it."
            ) from error
        if newer:
            raise ValueError(f"{path} was saved by nonlinear {about['version']}, which is newer; update nonlinear.")
        values = {name.removeprefix("values/"): array for name, array in arrays.items()}
        return cls(settings, about["seed"], about["seeds"], values)

    def __repr__(self) -> str:
        axes = [f"{len(labels)} {name}" for name, labels in self.settings.items()]
        return f"Sweep({' x '.join([*axes, f'{self.seeds} seeds'])}: {', '.join(self.values)})"


def sweep(
    run: Run,
    settings: Mapping[str, Iterable | Mapping[str, Any]],
    seeds: int = 10,
    seed: int = 0,
    block: int = 32,
    executor: Executor | None = None,
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
        Floats vary within a block. All else is the same for the whole of a block: whole numbers (a width, a depth),
        activation functions, schedules, texts.
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
    progress : callable, optional
        Is handed a list with an entry for each block, and asked for the next one whenever a block is done:
        ``tqdm.tqdm``, for example.

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
    checks.function(run, "run", "a function of Cells")
    checks.instance(settings, Mapping, "settings", "a dict from names to values")
    checks.instance(executor, Executor | None, "executor", "an Executor such as ProcessPoolExecutor()")
    seeds, seed, block = (
        checks.whole(number, name, least)
        for number, name, least in ((seeds, "seeds", 1), (seed, "seed", 0), (block, "block", 1))
    )
    labels, values = {}, {}
    for name, listed in settings.items():
        labels[name], values[name] = _axis(name, listed)
    shape = (*map(len, labels.values()), seeds)
    blocks = list(_blocks(values, shape, block))
    computed = (executor.map if executor else map)(functools.partial(_computed, run, seed), blocks)
    results = [result for _, result in zip(progress(blocks) if progress else blocks, computed, strict=True)]
    return Sweep(labels, seed, seeds, _in_order(blocks, results, shape))


def _axis(name: str, listed: Iterable | Mapping[str, Any]) -> tuple[tuple[Label, ...], Sequence]:
    """Return what the values of a setting are called, and the values: an array of those that may vary in a block."""
    if isinstance(listed, str | bytes) or not isinstance(listed, Iterable):
        raise ValueError(f"settings[{name!r}] must be a list of values; got {listed!r}.")
    values = [_plain(value) for value in (listed.values() if isinstance(listed, Mapping) else listed)]
    labels = tuple(listed) if isinstance(listed, Mapping) else tuple(_label(name, value) for value in values)
    if not labels or len(set(labels)) < len(labels):
        raise ValueError(f"settings[{name!r}] must hold different values, at least one; got {listed!r}.")
    varies = all(map(_is_number, values)) and any(isinstance(value, float) for value in values)
    return labels, integers(np.array(values)).astype(float) if varies else values


def _plain(value: Any) -> Any:
    """Return a NumPy number as Python's own, whose repr and type are the same wherever it came from."""
    if isinstance(value, np.floating):
        return float(value)
    return value.item() if isinstance(value, np.generic) else value


def _label(name: str, value: Any) -> Label:
    if isinstance(value, Label):
        return value
    with np.printoptions(**REPR):
        label = repr(value)
    if " at 0x" in label:
        raise ValueError(f"settings[{name!r}] holds {value!r}, which needs a name; pass a dict from names to values.")
    return label


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass(frozen=True)
class _Block:
    """The members that are computed together: their flat places in the grid (settings..., seeds), and what is set."""

    places: Array
    seeds: Array
    settings: dict[str, Any]


def _blocks(values: Mapping[str, Sequence], shape: tuple[int, ...], size: int) -> Iterator[_Block]:
    fixed = [axis for axis, each in enumerate(values.values()) if not isinstance(each, np.ndarray)]
    places = np.moveaxis(np.arange(math.prod(shape)).reshape(shape), fixed, range(len(fixed)))
    for alike in places.reshape(math.prod(shape[axis] for axis in fixed), -1):
        for part in np.split(alike, range(size, len(alike), size)):
            *where, seeds = np.unravel_index(part, shape)
            settings = {
                name: each[k] if isinstance(each, np.ndarray) else each[k[0]]
                for (name, each), k in zip(values.items(), where, strict=True)
            }
            yield _Block(part, seeds, settings)


def _computed(run: Run, seed: int, block: _Block) -> dict[str, Array]:
    """Return what ``run`` gives for a block, by name, with a row for each member."""
    generators = [np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(int(k),))) for k in block.seeds]
    try:
        return _by_member(run(Cells(generators, block.seeds, block.settings)), len(generators))
    except Exception as error:
        error.add_note(f"This happened in a block of {len(generators)} members with {block.settings}.")
        raise


def _by_member(result: Mapping[str, Array] | History, members: int) -> dict[str, Array]:
    if isinstance(result, History):
        values = {name: np.moveaxis(value, -1, 0) for name, value in result.values.items()}
        result = {**values, "diverged_at": result.last.diverged_at}
    checks.instance(result, Mapping, "the result of run", "a dict of arrays, one row a member, or a History")
    arrays = {name: unmasked(value, f"run's {name!r}") for name, value in result.items()}
    for name, array in arrays.items():
        if array.dtype.kind not in "biuf" or array.shape[:1] != (members,):
            raise ValueError(
                f"run must return arrays of numbers with a row for each of the {members} members of its block; "
                f"{name!r} holds {array.dtype} of shape {array.shape}."
            )
    return arrays


def _in_order(blocks: Sequence[_Block], results: Sequence[Mapping[str, Array]], shape: tuple) -> dict[str, Array]:
    """Return the rows of all blocks, each at its place in the grid."""
    shapes = [{name: array.shape[1:] for name, array in result.items()} for result in results]
    for block, found in zip(blocks, shapes, strict=True):
        if found != shapes[0]:
            raise ValueError(
                "run must return the same names, and shapes for a member, in all blocks; "
                f"got {shapes[0]} with {blocks[0].settings} and {found} with {block.settings}."
            )
    order = np.argsort(np.concatenate([block.places for block in blocks]))
    stacked = {name: np.concatenate([result[name] for result in results])[order] for name in shapes[0]}
    return {name: array.reshape(shape + array.shape[1:]) for name, array in stacked.items()}


def _place(name: str, labels: Sequence[Label], value: Any) -> int:
    wanted = _label(name, _plain(value))
    if wanted in labels:
        return labels.index(wanted)
    for place, label in enumerate(labels):
        if _is_number(label) and _is_number(wanted) and math.isclose(label, wanted, rel_tol=1e-9):
            return place
    raise ValueError(f"{name} must be one of {_listed(labels)}; got {value!r}.")


def _listed(names: Iterable) -> str:
    return ", ".join(map(repr, names)) or "none"
