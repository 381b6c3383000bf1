"""The experiments of the lessons, one module a lesson, and the results of those too long to repeat at every reading.

``python -m nonlinear.experiments dying`` computes a module's heavy grids and writes them to ``data/dying.npz``, with
the command, the seed and a checksum beside them in ``data/dying.json``. `load` reads them back.
"""

import json
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from nonlinear import storage
from nonlinear.special import Array


def load(name: str, folder: Path | Traversable | None = None) -> dict[str, Array]:
    """Return the stored results of an experiment, by name of array.

    Parameters
    ----------
    name : str
        Name of the experiment, such as ``"dying"``.
    folder : Path, optional
        Where to look; by default, the data that came with the package.

    Raises
    ------
    FileNotFoundError
        If there are no such results.
    ValueError
        If they are not what was written: the checksum does not match.
    """
    folder = folder or resources.files(__name__) / "data"
    command = f"python -m nonlinear.experiments {name}"
    try:
        packed, about = (folder / f"{name}.npz").read_bytes(), json.loads((folder / f"{name}.json").read_text())
    except FileNotFoundError:
        raise FileNotFoundError(f"no stored results for {name!r}; compute them with `{command}`.") from None
    if storage.checksum(packed) != about.get("sha256"):
        raise ValueError(f"{name}.npz is not the file that {name}.json describes; restore both, or repeat `{command}`.")
    return storage.unpack(packed)


def save(name: str, arrays: dict[str, Array], settings: dict, folder: Path, command: str | None = None) -> None:
    """Write results and their description, each file at once; `load` refuses a pair that does not belong together.

    ``command`` is what repeats them; by default, ``python -m nonlinear.experiments NAME``.
    """
    packed = storage.pack(arrays)
    about = {
        "command": command or f"python -m nonlinear.experiments {name}",
        "settings": settings,
        "arrays": {key: list(array.shape) for key, array in arrays.items()},
        "sha256": storage.checksum(packed),
    }
    storage.replace(folder / f"{name}.npz", packed)
    storage.replace(folder / f"{name}.json", (json.dumps(about, indent=2) + "\n").encode())
