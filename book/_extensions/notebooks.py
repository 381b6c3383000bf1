"""The notebooks of the book, and what the build keeps of their execution."""

from contextlib import suppress
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
    return cache(app).merge_match_into_notebook(source(app, docname))[1]


def forget(app, docname):
    """Drop what is kept of the notebook's execution, if anything is."""
    with suppress(KeyError):
        cache(app).remove_cache(cache(app).match_cache_notebook(source(app, docname)).pk)


def cache(app):
    """Return the store of executed notebooks."""
    return get_cache(app.env.mystnb_config.execution_cache_path)
