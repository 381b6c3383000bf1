"""A sweep shared by processes with a core each, for a library that would otherwise use threads."""

import functools
import importlib
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

from benchmarks import tasks


def in_processes(module: str, cores: int) -> Callable[[], None]:
    """Return what runs a share of the networks in each process, with ``part(networks)`` of a module here."""
    context = multiprocessing.get_context("spawn")
    places = context.Queue()
    for core in sorted(os.sched_getaffinity(0))[:cores] if hasattr(os, "sched_setaffinity") else [None] * cores:
        places.put(core)
    pool = ProcessPoolExecutor(cores, context, _pin, (places,))
    share = functools.partial(_run, module, tasks.NETWORKS // cores)
    return lambda: [each.result() for each in [pool.submit(share) for _ in range(cores)]]


def _pin(places) -> None:
    core = places.get()
    if core is not None:
        os.sched_setaffinity(0, {core})


def _run(module: str, networks: int) -> None:
    _prepared(module, networks)()


@functools.cache
def _prepared(module: str, networks: int) -> Callable[[], None]:
    return importlib.import_module(f"benchmarks.{module}").part(networks)
