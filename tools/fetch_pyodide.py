"""Fetch the release of Pyodide that the site is built with: ``python tools/fetch_pyodide.py FOLDER``.

The version and the checksums are in ``book/_extensions/browser/pyodide.json``; another release is refused.
"""

import sys
import tarfile
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_extensions"))

import run  # noqa: E402

RELEASE = "https://github.com/pyodide/pyodide/releases/download/{version}/pyodide-{version}.tar.bz2"


def fetch(address, folder):
    """Unpack a release into a folder, and check every file that the site needs of it.

    Raises
    ------
    sphinx.errors.ConfigError
        If a file is missing or not the one that is pinned.
    """
    with urlopen(address) as answer, tarfile.open(fileobj=answer, mode="r|*") as packed:
        packed.extractall(folder, filter="data")
    return run.files_of(str(Path(folder) / "pyodide"))


if __name__ == "__main__":
    fetch(RELEASE.format(version=run.PINS["version"]), sys.argv[1])
