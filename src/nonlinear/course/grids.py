"""Grids that are computed once: the results of experiments too long to repeat at every reading.

``python -m nonlinear.lessons how-a-relu-dies`` computes a lesson's grids and writes them to ``grids.npz`` in its
folder, with the command, the seed and a checksum beside them in ``grids.json``. `load` reads them back.
"""

import itertools
import json
from collections.abc import Callable, Iterable, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np

from nonlinear import storage
from nonlinear.special import Array


def location(name: str) -> tuple[Traversable, str]:
    """Return the folder of a lesson's stored results, and the name of the files there without its ending."""
    if name == "frameworks":
        return resources.files("nonlinear.course"), name
    return resources.files("nonlinear") / "lessons" / name.replace("-", "_"), "grids"


def load(name: str, folder: Path | Traversable | None = None) -> dict[str, Array]:
    """Return the stored results of a lesson, by name of array.

    Parameters
    ----------
    name : str
        Name of the lesson, such as ``"how-a-relu-dies"``.
    folder : Path, optional
        Where to look, for files of that name; by default, the data that came with the package.

    Raises
    ------
    FileNotFoundError
        If there are no such results.
    ValueError
        If they are not what was written: the checksum does not match.
    """
    folder, stem = (folder, name) if folder else location(name)
    command = f"python -m nonlinear.lessons {name}"
    try:
        packed, about = (folder / f"{stem}.npz").read_bytes(), json.loads((folder / f"{stem}.json").read_text())
    except FileNotFoundError:
        raise FileNotFoundError(f"no stored results for {name!r}; compute them with `{command}`.") from None
    if storage.checksum(packed) != about.get("sha256"):
        raise ValueError(f"{stem}.npz is not the file that {stem}.json describes; restore both, or repeat `{command}`.")
    return storage.unpack(packed)


def save(name: str, arrays: dict[str, Array], settings: dict, folder: Path, command: str | None = None) -> None:
    """Write results and their description, each file at once; `load` refuses a pair that does not belong together.

    ``command`` is what repeats them; by default, ``python -m nonlinear.lessons NAME``.
    """
    packed = storage.pack(arrays)
    about = {
        "command": command or f"python -m nonlinear.lessons {name}",
        "settings": settings,
        "arrays": {key: list(array.shape) for key, array in arrays.items()},
        "sha256": storage.checksum(packed),
    }
    storage.replace(folder / f"{name}.npz", packed)
    storage.replace(folder / f"{name}.json", (json.dumps(about, indent=2) + "\n").encode())


def over_grid(
    run: Callable[..., Iterable], cell: Callable, axes: Sequence[Iterable], names: Sequence[str]
) -> dict[str, Array]:
    """Run a cell at every point of a grid, and return what it gives as one array for each name.

    Parameters
    ----------
    run : callable
        Maps a function over points, like ``map``.
    cell : callable
        From a point, a tuple of one value from each axis, to a tuple of arrays, one for each name.
    axes : sequence of iterable
    names : sequence of str

    Returns
    -------
    dict of array, (lengths of the axes..., shape of what the cell gives)

    Examples
    --------
    >>> over_grid(map, lambda point: (point[0] + point[1], point[0] * point[1]), [(10, 20), (1, 2)], ["sum", "product"])
    {'sum': array([[11, 12],
           [21, 22]]), 'product': array([[10, 20],
           [20, 40]])}
    """
    axes = [tuple(axis) for axis in axes]
    shape = tuple(map(len, axes))
    quantities = zip(*run(cell, list(itertools.product(*axes))), strict=True)
    stacked = {name: np.stack(values) for name, values in zip(names, quantities, strict=True)}
    return {name: values.reshape(shape + values.shape[1:]) for name, values in stacked.items()}
