"""Grids that are computed once: the results of experiments too long to repeat at every reading.

A lesson declares them in its ``experiment.py``, as ``GRIDS = {"map": Grid(...), ...}``. Then
``python -m nonlinear.lessons how-a-relu-dies --grid map`` computes one and writes ``grids/map.npz`` in the lesson's
folder, with all that it was computed from, the command and a checksum beside it in ``grids/map.json``; and
``load("how-a-relu-dies", "map")`` reads it back, with its axes.

They are no `sweep`: that one trains blocks of members and keeps what they record, while a cell here is any function of
its settings, some without any training, and what it returns is cut to a few bytes for the repository.
"""

import functools
import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np

from nonlinear import storage
from nonlinear.special import Array


@dataclass(frozen=True)
class Results:
    """Results over the settings of a grid, by name of array: ``results["right"]``.

    Attributes
    ----------
    axes : dict of tuple
        The values of each setting, in the order of the arrays' first axes.
    arrays : dict of array, (axes..., ...)

    Examples
    --------
    >>> results = Grid(lambda a, b: (a + b, a * b), {"a": (10, 20), "b": (1, 2)}, ("sum", "product")).compute()
    >>> results["sum"]
    array([[11, 12],
           [21, 22]])
    >>> results.at(b=2)["product"]
    array([20, 40])
    """

    axes: dict[str, tuple]
    arrays: dict[str, Array]

    def __getitem__(self, name: str) -> Array:
        return self.arrays[name]

    def place(self, **setting) -> tuple[int | slice, ...]:
        """Return the index of a setting into the arrays: a number for each axis that is given, all of the others.

        >>> Results({"a": (10, 20), "b": (1, 2)}, {}).place(b=2)
        (slice(None, None, None), 1)
        """
        if unknown := setting.keys() - self.axes.keys():
            raise ValueError(f"the axes are {', '.join(self.axes)}; there is no {', '.join(unknown)}.")
        return tuple(
            place(setting[axis], values, axis) if axis in setting else slice(None) for axis, values in self.axes.items()
        )

    def at(self, **setting) -> "Results":
        """Return the results at the given values of some axes, over the axes that are left."""
        index = self.place(**setting)
        left = {axis: values for axis, values in self.axes.items() if axis not in setting}
        return Results(left, {name: array[index] for name, array in self.arrays.items()})


def place(value, values: Iterable, name: str) -> int:
    """Return where a value stands among those that there are.

    >>> place("b", ("a", "b"), "letter")
    1
    """
    values = tuple(values)
    if value not in values:
        raise ValueError(f"{name} must be one of {', '.join(map(str, values))}; got {value!r}.")
    return values.index(value)


@dataclass(frozen=True)
class Grid:
    """A grid of settings, and what is to be computed at each.

    Parameters
    ----------
    cell : callable
        From one value of each axis to a tuple of arrays; defined at the top of a module, so that other processes can
        import it.
    axes : mapping of str to iterable
        The values of each setting: numbers, texts or None. Of a mapping they are the keys.
    arrays : tuple of str
        What the arrays are called that a cell returns.
    settings : mapping
        What else the cells depend on, for the description.
    """

    cell: Callable
    axes: Mapping[str, Iterable]
    arrays: tuple[str, ...]
    settings: Mapping = field(default_factory=dict)

    def compute(self, run: Callable[..., Iterable] = map) -> Results:
        """Return the results of all cells; ``run`` maps a function over arguments: ``executor.map``, for instance."""
        axes = {name: tuple(values) for name, values in self.axes.items()}
        cells = run(self.cell, *zip(*itertools.product(*axes.values()), strict=True))
        shape, columns = tuple(map(len, axes.values())), zip(*cells, strict=True)
        stacked = {name: np.stack(column) for name, column in zip(self.arrays, columns, strict=True)}
        return Results(axes, {name: array.reshape(shape + array.shape[1:]) for name, array in stacked.items()})

    def description(self) -> dict:
        """Return what the results come from, as it stands in the file beside them."""
        about = {"axes": {name: list(values) for name, values in self.axes.items()}, "settings": dict(self.settings)}
        return json.loads(json.dumps(about))


def package(lesson: str) -> str:
    """Return what the package of a lesson is called, given the name of its notebook.

    >>> package("how-a-relu-dies")
    'how_a_relu_dies'
    """
    return lesson.replace("-", "_")


def folder(lesson: str) -> Traversable:
    """Return the folder of a lesson's stored grids."""
    return resources.files("nonlinear") / "lessons" / package(lesson) / "grids"


def command(lesson: str, name: str) -> str:
    """Return the command that computes a grid.

    >>> command("how-a-relu-dies", "map")
    'python -m nonlinear.lessons how-a-relu-dies --grid map'
    """
    return f"python -m nonlinear.lessons {lesson} --grid {name}"


@functools.cache
def load(lesson: str, name: str) -> Results:
    """Return the stored results of one of a lesson's grids, the same ones each time: nobody can write into them.

    >>> load("how-a-relu-dies", "map").at(activation="ReLU", offset=0.0, rate=0.1)["right"].shape
    (10,)
    """
    arrays, about = read(folder(lesson), name, command(lesson, name))
    for array in arrays.values():
        array.flags.writeable = False
    return Results({axis: tuple(values) for axis, values in about["axes"].items()}, arrays)


def read(folder: Traversable, name: str, command: str) -> tuple[dict[str, Array], dict]:
    """Return the arrays of ``name.npz`` and the description of them in ``name.json``.

    Parameters
    ----------
    folder : Traversable
    name : str
    command : str
        What computes them.

    Raises
    ------
    FileNotFoundError
        If there are no such files.
    ValueError
        If the arrays are not those described: the checksum does not match.
    """
    try:
        packed, about = (folder / f"{name}.npz").read_bytes(), json.loads((folder / f"{name}.json").read_text())
    except FileNotFoundError:
        raise FileNotFoundError(f"no stored results {name!r}; compute them with `{command}`.") from None
    if storage.checksum(packed) != about.get("sha256"):
        raise ValueError(f"{name}.npz is not the file that {name}.json describes; restore both, or repeat `{command}`.")
    return storage.unpack(packed), about


def write(folder: Path, name: str, arrays: Mapping[str, Array], description: dict, command: str) -> None:
    """Write arrays and their description, each file at once; `read` refuses a pair that does not belong together."""
    packed = storage.pack(arrays)
    shapes = {key: list(array.shape) for key, array in arrays.items()}
    about = {"command": command, **description, "arrays": shapes, "sha256": storage.checksum(packed)}
    storage.replace(folder / f"{name}.npz", packed)
    storage.replace(folder / f"{name}.json", (json.dumps(about, indent=2) + "\n").encode())
