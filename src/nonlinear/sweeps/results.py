"""The results of a sweep: by name, by setting, and in a file."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import nonlinear
from nonlinear import storage
from nonlinear.special import Array
from nonlinear.sweeps.blocks import listed

KIND, FORMAT = "nonlinear sweep", 1
Label = float | int | str | bool | None


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
            raise KeyError(f"there is no value {name!r}; the sweep has {listed(self.values)}.")
        return self.values[name]

    def select(self, **chosen) -> "Sweep":
        """Return the part of the sweep at the given settings.

        One value takes the axis away; a list of values keeps it, in the order of the list. Where no number is the same,
        one matches that agrees to nine digits.

        >>> from nonlinear.sweeps import sweep
        >>> result = sweep(lambda cells: {"double": 2 * cells["rate"]}, {"rate": [0.1, 0.2, 0.4]}, seeds=2)
        >>> result.select(rate=0.2)["double"]
        array([0.4, 0.4])
        >>> result.select(rate=[0.4, 0.1])["double"].shape
        (2, 2)
        """
        for name in chosen:
            if name not in self.settings:
                raise ValueError(f"there is no setting {name!r}; the sweep has {listed(self.settings)}.")
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


def _place(name: str, labels: tuple[Label, ...], value: Any) -> int:
    for tolerance in (0.0, 1e-9):
        for place, label in enumerate(labels):
            if _same(label, value, tolerance):
                return place
    raise ValueError(f"{name} must be one of {listed(labels)}; got {value!r}.")


def _same(label: Label, value: Any, tolerance: float) -> bool:
    value = value.item() if isinstance(value, np.generic) else value
    if not isinstance(value, Label):
        return label == repr(value)
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in (label, value)):
        return math.isclose(label, value, rel_tol=tolerance)
    return type(label) is type(value) and label == value


def _prefixed(values: Mapping[str, Array]) -> dict[str, Array]:
    return {f"values/{name}": array for name, array in values.items()}


def _checksum(about: Mapping[str, Any], values: Mapping[str, Array]) -> str:
    described = {name: [array.dtype.str, array.shape] for name, array in values.items()}
    head = json.dumps([{k: v for k, v in about.items() if k != "checksum"}, described], sort_keys=True)
    return storage.checksum(b"".join([head.encode(), *(values[name].tobytes() for name in sorted(values))]))


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    if path.is_dir():
        raise ValueError(f"{path} is a folder; give the name of a file that Sweep.save wrote.")
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
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
    if kind != KIND or type(written) is not int:
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
