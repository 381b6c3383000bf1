"""Refuse a page in which two elements have one id: an address that ends in it leads to the first of them only."""

import re
from collections import Counter
from pathlib import Path

from docutils import nodes
from lean import pages
from sphinx.util import logging

logger = logging.getLogger(__name__)
ID = re.compile(r'<[a-z][^<>]*?\sid="([^"]*)"', re.IGNORECASE)
OF_ALL = {"exercise-content", "solution-content"}  # sphinx-exercise's, the same for each exercise


def repeated(html):
    """Return the ids that more than one element of a page has.

    >>> repeated('<p id="a">id="b"</p><p class="x" id="b"></p><b id="a">')
    ['a']
    """
    return sorted(name for name, times in Counter(ID.findall(html)).items() if times > 1)


def drop_ids_of_all(app, doctree, docname):
    """Take the ids off the contents of exercises."""
    for section in doctree.findall(nodes.section):
        section["ids"] = [name for name in section["ids"] if name not in OF_ALL]


def check(app, error):
    """Warn of each repeated id in the pages of a finished HTML build."""
    if error or app.builder.format != "html":
        return
    for path in pages(Path(app.outdir)):
        name = path.relative_to(app.outdir).with_suffix("").as_posix()
        for repeat in repeated(path.read_text("utf-8")):
            words = "two elements of the page %s have the id %r: rename a heading, a label or a quiz"
            logger.warning(words, name, repeat, location=name, type="ids")


def setup(app):
    """Connect the extension to Sphinx: to the end of a build, but before the extension ``refused`` forgets pages."""
    app.connect("doctree-resolved", drop_ids_of_all)
    app.connect("build-finished", check, priority=400)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
