"""Run the lessons that the cache does not hold before the pages are read, as many at a time as there are processors.

They compute with OpenBLAS's kernel Prescott, which every x86-64 processor has, so that all builds show the same. The
tests compare what the site shows with what is stored, and with what another kernel, Haswell, computes.
"""

import asyncio
import json
import os
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path

import nbformat
import notebooks
from jupyter_cache.base import CacheBundleIn
from nbclient import NotebookClient
from sphinx.errors import ExtensionError

SECONDS = json.loads((Path(__file__).parent / "browser" / "seconds.json").read_text("utf-8"))
# One thread for each lesson: more would only wait for one another.
SETTINGS = {"OPENBLAS_CORETYPE": "Prescott", "OPENBLAS_NUM_THREADS": "1"}


def is_missing(store, path):
    """Tell whether a notebook has no stored results."""
    try:
        store.match_cache_notebook(nbformat.read(path, as_version=4))
    except KeyError:
        return True
    return False


def execute(path, timeout):
    """Return a notebook with the results of a kernel of its own, working in its folder, or the error it ends with."""
    notebook, resources = nbformat.read(path, as_version=4), {"metadata": {"path": str(path.parent)}}
    options = {"coalesce_streams": True, "record_timing": False}  # the cache knows a cell by its metadata, too
    client = NotebookClient(notebook, timeout=timeout, resources=resources, **options)
    try:
        return asyncio.run(client.async_execute(env=os.environ | SETTINGS))
    except Exception as error:
        return error


def longest_first(path):
    """Return minus the seconds that a lesson's slow cells take in a page, which are kept for its readers."""
    return -sum(SECONDS.get(path.stem, {}).values())


def fill(store, paths, timeout):
    """Execute the notebooks that the store does not hold, and store them.

    Raises
    ------
    sphinx.errors.ExtensionError
        If some fail: the message has the errors of all, and the others are stored.
    """
    paths, errors = sorted((path for path in paths if is_missing(store, path)), key=longest_first), []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, result in zip(paths, pool.map(execute, paths, repeat(timeout)), strict=True):
            if isinstance(result, Exception):
                errors.append(f"{path.name} failed: {result}")
            else:
                store.cache_notebook_bundle(CacheBundleIn(result, str(path)), check_validity=False, overwrite=True)
    if errors:
        raise ExtensionError("\n".join(errors))


def execute_missing(app, env, docnames):
    """Fill the store with the lessons that are about to be read."""
    lessons = [Path(env.doc2path(name)) for name in docnames if notebooks.is_notebook(app, name)]
    with notebooks.store_of(app) as store:
        fill(store, lessons, env.mystnb_config.execution_timeout)


def setup(app):
    """Connect the extension to Sphinx."""
    app.connect("env-before-read-docs", execute_missing)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
