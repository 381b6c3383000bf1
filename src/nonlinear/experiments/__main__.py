"""Compute the stored results of an experiment: ``python -m nonlinear.experiments dying``."""

import argparse
import importlib
import pkgutil
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from nonlinear import experiments

NAMES = tuple(sorted(m.name for m in pkgutil.iter_modules(experiments.__path__) if m.name != "__main__"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m nonlinear.experiments", description=__doc__)
    parser.add_argument("name", choices=NAMES, help="which experiment to compute")
    parser.add_argument(
        "--folder", type=Path, default=Path(__file__).parent / "data", help="where to write the results"
    )
    parser.add_argument("--workers", type=int, default=None, help="processes to use (default: one for each processor)")
    arguments = parser.parse_args()
    module = importlib.import_module(f"nonlinear.experiments.{arguments.name}")
    if not hasattr(module, "compute"):
        parser.error(f"the lesson computes all of {arguments.name!r} as it runs; there is nothing to store.")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(arguments.workers) as executor:
        arrays = module.compute(executor.map)
    experiments.save(arguments.name, arrays, module.SETTINGS, arguments.folder)


if __name__ == "__main__":
    main()
