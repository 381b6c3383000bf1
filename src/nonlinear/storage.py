"""Arrays in files: packed into bytes, told apart by a checksum, and written all at once or not at all."""

import hashlib
import io
import os
import uuid
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from nonlinear.special import Array


def pack(arrays: Mapping[str, Array]) -> bytes:
    """Return arrays as the bytes of a compressed .npz file.

    >>> unpack(pack({"a": np.arange(3)}))
    {'a': array([0, 1, 2])}
    """
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)
    return packed.getvalue()


def unpack(packed: bytes) -> dict[str, Array]:
    """Return the arrays of an .npz file; objects, which could run code, are refused by NumPy."""
    with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
        return dict(arrays)


def checksum(content: bytes) -> str:
    """Return the SHA-256 of ``content``."""
    return hashlib.sha256(content).hexdigest()


def replace(path: Path, content: bytes) -> None:
    """Write a file so that a reader, or a crash, meets the old one or the new one and never a part."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}; make it first, and then write {path.name} into it.")
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
