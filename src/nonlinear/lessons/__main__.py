"""Compute the stored results of a lesson: ``python -m nonlinear.lessons how-a-relu-dies``."""

import argparse
import importlib
import pkgutil
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from nonlinear import lessons
from nonlinear.course import grids

NAMES = tuple(sorted(m.name.replace("_", "-") for m in pkgutil.iter_modules(lessons.__path__) if m.ispkg))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m nonlinear.lessons", description=__doc__)
    parser.add_argument("name", choices=NAMES, help="which lesson's grids to compute")
    parser.add_argument("--folder", type=Path, default=None, help="where to write the results (default: the lesson's)")
    parser.add_argument("--workers", type=int, default=None, help="processes to use (default: one for each processor)")
    arguments = parser.parse_args()
    module = importlib.import_module(f"nonlinear.lessons.{arguments.name.replace('-', '_')}.experiment")
    if not hasattr(module, "compute"):
        parser.error(f"the lesson computes all of {arguments.name!r} as it runs; there is nothing to store.")
    folder = arguments.folder or Path(module.__file__).parent
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(arguments.workers) as executor:
        arrays = module.compute(executor.map)
    command = f"python -m nonlinear.lessons {arguments.name}"
    grids.save("grids", arrays, module.SETTINGS, folder, command)


if __name__ == "__main__":
    main()
