"""Fold what is marked ``dropdown``, answers and solutions, by the browser's own means: closed from the first paint.

They open without a script too, by keyboard, and in some browsers when a word in them is searched for.
"""

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform


class fold(nodes.General, nodes.Element):
    """A part of a page that opens by its first child, a `fold_title`."""


class fold_title(nodes.General, nodes.TextElement):
    """What a reader sees of a part that is closed."""


class Folds(SphinxPostTransform):
    """Turn admonitions of the class ``dropdown`` into folds, once the titles of solutions are known."""

    default_priority = 950
    formats = ("html",)

    def run(self, **kwargs):
        """Look at all admonitions of a page."""
        for node in list(self.document.findall(nodes.Admonition)):
            if "dropdown" in node["classes"]:
                title, *text = node.children
                for link in list(title.findall(nodes.reference)):  # a press opens; to follow a link would be another
                    link.replace_self(link.children)
                folded = fold("", ids=node["ids"], classes=["admonition", *node["classes"]])
                words = nodes.inline("", "", *title.children)
                folded += [fold_title("", "", words, classes=["admonition-title"]), *text]
                node.replace_self(folded)


def visit(tag):
    """Return what begins an element."""
    return lambda self, node: self.body.append(self.starttag(node, tag))


def depart(tag):
    """Return what ends an element."""
    return lambda self, node: self.body.append(f"</{tag}>\n")


def setup(app):
    """Connect the extension to Sphinx."""
    for node, tag in (fold, "details"), (fold_title, "summary"):
        app.add_node(node, html=(visit(tag), depart(tag)))
    app.add_post_transform(Folds)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
