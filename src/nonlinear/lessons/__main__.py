"""Compute the stored grids of a lesson: ``python -m nonlinear.lessons how-a-relu-dies --grid map``."""

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
    parser.add_argument("lesson", choices=NAMES, help="whose grids to compute")
    parser.add_argument("--grid", help="which one (default: all of them, one after another)")
    parser.add_argument("--folder", type=Path, help="where to write the results (default: the lesson's grids/)")
    parser.add_argument("--workers", type=int, help="processes to use (default: one for each processor)")
    arguments = parser.parse_args()
    experiment = importlib.import_module(f"nonlinear.lessons.{grids.package(arguments.lesson)}.experiment")
    declared = getattr(experiment, "GRIDS", {})
    if arguments.grid not in {None, *declared} or not declared:
        parser.error(f"{arguments.lesson} has the grids {', '.join(declared) or '(none)'}; got {arguments.grid}.")
    folder = arguments.folder or Path(experiment.__file__).parent / "grids"
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(arguments.workers) as executor:
        for name in [arguments.grid] if arguments.grid else declared:
            arrays = declared[name].compute(executor.map).arrays
            grids.write(folder, name, arrays, declared[name].description(), grids.command(arguments.lesson, name))


if __name__ == "__main__":
    main()
