"""The true minus sign before numbers in the text of pages, where docstrings have the hyphen of code."""

import re

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform

HYPHEN = re.compile(r"(?<![\w.)\]/-])-(?=\.?\d)")
CODE = (nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw, addnodes.desc_signature)


def with_minus(text):
    """Return a text whose negative numbers have a minus sign.

    >>> with_minus("from -1 to -.5, 2020-21, 1e-5, GPT-2")
    'from −1 to −.5, 2020-21, 1e-5, GPT-2'
    """
    return HYPHEN.sub("−", text)


def is_code(node):
    """Tell whether a text stands in code or in a formula."""
    while node is not None and not isinstance(node, CODE):
        node = node.parent
    return node is not None


class TrueMinus(SphinxPostTransform):
    """Look at every text of a page, after everything else has written its own."""

    default_priority = 900

    def run(self, **kwargs):
        """Write the sign."""
        for text in list(self.document.findall(nodes.Text)):
            if HYPHEN.search(text) and not is_code(text.parent):
                text.parent.replace(text, nodes.Text(with_minus(text)))


def setup(app):
    """Connect the extension to Sphinx."""
    app.add_post_transform(TrueMinus)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
