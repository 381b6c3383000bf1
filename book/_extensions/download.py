"""Offer every lesson as a portable notebook next to its page, and link to it in the page's header."""

import tomllib
from pathlib import Path

import nbformat
from lessons import named, plain_title
from notebooks import executed, is_notebook
from portable import PortableError, Target, portable_copy
from portable.opening import opening
from sphinx.util import logging
from times import time_of_page

logger = logging.getLogger(__name__)


def public_address(app, docname, anchor=""):
    """Return the address of a page, or an empty string while the book has none."""
    base = app.config.html_baseurl
    return f"{base}{app.builder.get_target_uri(docname)}{'#' if anchor else ''}{anchor}" if base else ""


def pages(app):
    """Return all pages of the book by document name, lessons in the words of the text."""
    titles = {name: plain_title(app.env, name) for name in app.env.titles}
    titles |= {name: named(titles[name], number) for name, number in app.lesson_numbers.items()}
    return {name: Target(title, "", public_address(app, name)) for name, title in titles.items()}


def targets(app):
    """Return all labels of the book that have a title."""
    labels = app.env.get_domain("std").labels.items()
    return {label: Target(title, title, public_address(app, page, anchor)) for label, (page, anchor, title) in labels}


def first_cells(app, docname):
    """Return where a copy comes from, and the check for the package of its lesson."""
    project = tomllib.loads((Path(app.confdir) / "pyproject.toml").read_text("utf-8"))["project"]
    return opening(
        plain_title(app.env, docname),
        f"nonlinear.lessons.{docname.rpartition('/')[2].replace('-', '_')}",
        book=app.config.project,
        package=project["name"],
        repository=app.config.html_theme_options.get("repository_url", ""),
        address=public_address(app, docname),
    )


def write_copy(app, docname):
    """Write the portable copy of one lesson next to its page; what has no plain form is a warning."""
    lesson = executed(app, docname)
    try:
        copy = portable_copy(
            lesson,
            number=app.lesson_numbers.get(docname),
            time=str(time_of_page(app, docname)),
            bibliography=next((Path(app.srcdir) / name for name in app.config.bibtex_bibfiles), None),
            pages=pages(app),
            targets=targets(app),
            opening=first_cells(app, docname),
        )
        target = Path(app.outdir) / f"{docname}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(copy, target)
    except PortableError as error:
        logger.warning("cannot be offered for download: %s", error, location=docname, type="download")


def offer_copy(app, pagename, templatename, context, doctree):
    """Write the copy together with its page, and give the page's header its file name."""
    if doctree is not None and is_notebook(app, pagename):
        write_copy(app, pagename)
        context["portable_notebook"] = f"{pagename.rpartition('/')[2]}.ipynb"


def setup(app):
    """Connect the extension to Sphinx."""
    app.connect("html-page-context", offer_copy)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
