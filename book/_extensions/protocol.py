"""The ``protocol`` directive: one uniform line that says how an experiment was run.

.. code-block:: markdown

   ```{protocol}
   :data: digits, standardised
   :network: 64-64-64-64-10, sigmoid
   :optimiser: SGD, rate 0.1
   :batch: 32
   :epochs: 30
   :seeds: 10
   ```

Every line states its parts in the same order, whatever the order in the source, so that two experiments can be compared
at a glance. Parts that make no difference are left out; the number of seeds is not one of them.
"""

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

PARTS = ("data", "network", "loss", "optimiser", "batch", "epochs", "steps", "split", "seeds")


class Protocol(SphinxDirective):
    """Show how an experiment was run."""

    option_spec = dict.fromkeys(PARTS, directives.unchanged_required)

    def run(self):
        """Return the line."""
        if "seeds" not in self.options:
            raise self.error("a protocol says how many seeds there are: add a line such as `:seeds: 10`.")
        line = nodes.paragraph(classes=["protocol"])
        for part in filter(self.options.get, PARTS):
            text, messages = self.state.inline_text(self.options[part], self.lineno)
            label = nodes.strong("", part.capitalize())
            end = nodes.inline("", "." if part == PARTS[-1] else ";", classes=["visually-hidden"])  # the eye sees gaps
            line += [nodes.inline("", "", label, nodes.Text(" "), *text, end), nodes.Text(" "), *messages]
        return [line]


def setup(app):
    """Connect the extension to Sphinx."""
    app.add_directive("protocol", Protocol)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
