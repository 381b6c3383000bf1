"""Refuse what a lesson writes to stderr, and keep nothing of a page that the build warned about.

myst-nb stores what a notebook printed before anyone has looked at it, and Sphinx stores the page. Without this
extension the next build would show the stored page without a word, or refuse a stored output whose cause has gone.
"""

import logging
import re
from pathlib import Path

from notebooks import executed, forget, is_notebook
from sphinx.util.logging import NAMESPACE, WarningIsErrorFilter, WarningStreamHandler, getLogger

logger = getLogger(__name__)


def refuse_stderr(app, doctree):
    """Warn of everything that the cells of a page wrote to stderr, in its own words, those of hidden cells too."""
    docname = app.env.docname
    for cell in executed(app, docname).cells if is_notebook(app, docname) else []:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                logger.warning(
                    "cell %r wrote to stderr: %s", cell.id, output.text.strip(), location=docname, type="stderr"
                )


class Places(logging.Filter):
    """Lets every warning pass, and remembers where it belongs."""

    def __init__(self):
        super().__init__()
        self.found = set()

    def filter(self, record):
        """Note the path in a location such as ``path/to/page.ipynb:12``."""
        self.found.add(re.sub(r":\d*$", "", record.location or ""))
        return True


def watch(app):
    """Note every warning, after Sphinx has found out its path and before it may end the build."""
    places = Places()
    (handler,) = (each for each in logging.getLogger(NAMESPACE).handlers if isinstance(each, WarningStreamHandler))
    last = next(at for at, each in enumerate(handler.filters) if isinstance(each, WarningIsErrorFilter))
    handler.filters.insert(last, places)
    app.connect("build-finished", lambda app, error: drop(app, {app.env.path2doc(path) for path in places.found}))


def drop(app, docnames):
    """Drop the stored form of some pages and the outputs of those that are notebooks: they are made anew next time."""
    for docname in docnames & app.env.found_docs:
        Path(app.doctreedir, f"{docname}.doctree").unlink(missing_ok=True)
        if is_notebook(app, docname):
            forget(app, docname)


def setup(app):
    """Connect the extension to Sphinx."""
    app.connect("builder-inited", watch)
    app.connect("doctree-read", refuse_stderr)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
