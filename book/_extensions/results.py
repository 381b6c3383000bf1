"""What a lesson has measured, on other pages: the role ``{result}``.

.. code-block:: markdown

   One network lost {result}`how-a-relu-dies most` of its units.

The role names a lesson and a value that the lesson glues, and prints that value.
"""

from functools import cache

from docutils import nodes
from notebooks import executed
from portable import glued_values
from sphinx.util.docutils import SphinxRole


@cache
def measured(app, page):
    """Return the glued values of a lesson by name."""
    return glued_values(executed(app, page))


class Result(SphinxRole):
    """The role ``{result}``."""

    def run(self):
        """Return the value; an unknown lesson or name is an error at the role's line."""
        lesson, _, name = self.text.partition(" ")
        page = f"book/{lesson}"
        values = measured(self.env.app, page) if page in self.env.app.lesson_numbers else {}
        if name not in values:
            message = self.inliner.reporter.error(f"result {self.text!r}? Write a lesson and a value that it glues.")
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        self.env.note_dependency(self.env.doc2path(page))
        return [nodes.Text(values[name])], []


def setup(app):
    """Connect the extension to Sphinx."""
    app.setup_extension("lessons")
    app.add_role("result", Result())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
