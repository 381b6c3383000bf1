"""Accuracy beside PyTorch and JAX: `python benchmarks/accuracy.py` writes `book/accuracy.md`.

It takes an environment with torch, jax and mpmath, and `nonlinear` on the path, and a few minutes. With ``--ours`` it
measures this library alone, which takes neither torch nor jax, and leaves the other columns as they are. The numbers
are the same at every run on the same processor.
"""

import argparse
import importlib.metadata
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from oracle import page  # noqa: E402
from oracle.comparisons import LIBRARIES, OURS, TYPES, instances, measure  # noqa: E402


def everything() -> tuple[dict, dict[str, str]]:
    """Return the errors of all libraries, and the versions of the others."""
    from benchmarks import functions_of_jax, functions_of_torch

    libraries = dict(zip(LIBRARIES, (None, functions_of_torch, functions_of_jax), strict=True))
    versions = {name: importlib.metadata.version(name).partition("+")[0] for name in LIBRARIES if name != OURS}
    return measure(instances(), libraries), versions


def ours() -> tuple[dict, dict[str, str]]:
    """Return the same with the columns of the others from the page as it is, empty for a function that it lacks."""
    text = page.PATH.read_text(encoding="utf-8")
    stated, found = page.read(text), measure(instances(), {OURS: None})
    columns = [(kind, library) for kind in TYPES for library in LIBRARIES]
    merged = {row: {column: {**stated.get(row, {}), **cells}.get(column) for column in columns}
              for row, cells in found.items()}  # fmt: skip
    return merged, page.versions(text)


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", action="store_true", help="measure this library alone")
    found, versions = ours() if parser.parse_args().ours else everything()
    page.PATH.write_text(page.page(found, page.environment(versions), page.more_inputs()), encoding="utf-8")


if __name__ == "__main__":
    main()
