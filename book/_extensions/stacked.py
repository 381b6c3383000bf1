"""Tables of prose: on a phone their rows stand one below the other, and each cell says what it is about.

Where the columns beside the widest one are wide, too, as long together as `REST` characters, the table gets the class
``stacked`` and its cells the heads of their columns, which the style sheet shows on narrow screens.
"""

import html

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator

REST = 65  # characters: more than a line and a half on a phone


def is_prose(rows):
    """Tell whether a table is too wide for a phone, by the texts of its cells.

    >>> is_prose([["a" * 30] * 3]), is_prose([["a" * 40] * 3]), is_prose([["a", "b" * 90]])
    (False, True, False)
    """
    longest = sorted(max(map(len, column)) for column in zip(*rows, strict=True))
    return sum(longest[:-1]) >= REST and len(longest) > 2


def texts(part):
    """Return the texts of the cells of a head or a body, row by row."""
    return [[cell.astext() for cell in row] for row in part]


class StackedTables(SphinxPostTransform):
    """Mark the tables of prose, when all links and results in them have their words."""

    default_priority = 800

    def run(self, **kwargs):
        """Give the cells of such a table the heads of their columns."""
        for table in self.document.findall(nodes.table):
            group, spans = table.next_node(nodes.tgroup), {"morecols", "morerows"}
            head, body = group.next_node(nodes.thead), group.next_node(nodes.tbody)
            whole = not any(spans & cell.attributes.keys() for cell in table.findall(nodes.entry))
            if head and body and whole and is_prose(texts(body)):
                table["classes"].append("stacked")
                for row in body:
                    for words, cell in zip(texts(head)[-1], row, strict=True):
                        cell["head"] = words


def visit_entry(translator, cell):
    """Write the beginning of a cell, with the head of its column."""
    HTML5Translator.visit_entry(translator, cell)
    if words := cell.get("head"):
        place = len(translator.body) - 1
        while not translator.body[place].startswith(("<td", "<th")):
            place -= 1
        start = translator.body[place]
        translator.body[place] = f'{start[:3]} data-head="{html.escape(words)}"{start[3:]}'


def setup(app):
    """Connect the extension to Sphinx."""
    app.add_post_transform(StackedTables)
    app.add_node(nodes.entry, override=True, html=(visit_entry, HTML5Translator.depart_entry))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
