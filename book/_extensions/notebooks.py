"""The notebooks of the book, and what the build keeps of their execution."""

from contextlib import contextmanager, suppress
from functools import cache as once

import nbformat
from jupyter_cache import get_cache


def is_notebook(app, docname):
    """Tell whether a page is written as a notebook."""
    return app.env.doc2path(docname).endswith(".ipynb")


def source(app, docname):
    """Return the notebook as it is written."""
    return nbformat.read(app.env.doc2path(docname), as_version=4)


@once
def executed(app, docname):
    """Return the notebook as it was executed for the page, with its pictures and printed values; not to be changed."""
    if app.env.mystnb_config.execution_mode == "off":
        return source(app, docname)
    with store_of(app) as store:
        return store.merge_match_into_notebook(source(app, docname))[1]


def forget(app, docname):
    """Drop what is kept of the notebook's execution, if anything is."""
    with store_of(app) as store, suppress(KeyError):
        store.remove_cache(store.match_cache_notebook(source(app, docname)).pk)


def store_of(app):
    """Open the build's store of executed notebooks."""
    return opened(app.env.mystnb_config.execution_cache_path)


@contextmanager
def opened(folder):
    """Open the store of executed notebooks in a folder, and close its database in the end."""
    store = get_cache(folder)
    try:
        yield store
    finally:
        store.db.dispose()
