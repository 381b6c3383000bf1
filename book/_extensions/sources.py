"""Every number that a cell hands to the text leads back to that cell.

A lesson's text holds no result of its own: ``{glue:text}`` with a name prints what a cell has given under that name.
Here such a number becomes a link to the cell. Cells that the page leaves out (tag ``remove-cell``) are listed, folded,
under *Where the numbers come from* at the end of the lesson, if the text quotes them.

A figure's caption may quote in the same way, and so may its alternative text, in which there is no room for a link.
"""

import ast
import json
import re
from pathlib import Path

import page_scripts
from docutils import nodes
from myst_nb.ext.glue.roles import PasteTextRole
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

logger = logging.getLogger(__name__)
SCRIPT = Path(__file__).with_name("sources.js")
HEADING = "Where the numbers come from"
RECORD = "application/papermill.record/text/plain"
QUOTE = re.compile(r"\{glue:text\}`(\w+)`")


def cells_of(app_env):
    """Return the cells of the notebook that is being read, or none for a page of another kind."""
    path = Path(app_env.doc2path(app_env.docname))
    return json.loads(path.read_text(encoding="utf-8"))["cells"] if path.suffix == ".ipynb" else []


def glued(cell):
    """Return what a cell hands to the text: names, and the texts that stand for them."""
    return {
        output["metadata"]["scrapbook"]["name"]: ast.literal_eval("".join(output["data"][RECORD]))
        for output in cell.get("outputs", [])
        if RECORD in output.get("data", {})
    }


def anchor(cell):
    """Return the anchor of a cell: ``code-cell-31`` for the cell with the id ``cell-31``."""
    return nodes.make_id(f"code {cell['id']}")


class SourcedText(PasteTextRole):
    """The role ``{glue:text}``, as a link to the cell that gave the text."""

    def run(self):
        """Return the link; `LinkNumbers` sees to where it leads."""
        content, messages = super().run()
        if len(content) == 1 and isinstance(content[0], nodes.inline):
            content = [nodes.reference("", "", *content, internal=True, classes=["source"], glue=self.text)]
        return content, messages


class LinkNumbers(SphinxTransform):
    """Give each code cell an anchor, lead the numbers to them, and list the quoted cells that the page leaves out."""

    default_priority = 790

    def apply(self, **kwargs):
        """Work on one page."""
        cells = cells_of(self.env)
        shown = set()
        for node in self.document.findall(nodes.container):
            if cells and node.get("nb_element") == "cell_code":  # the cover is written as text, and stores nothing
                node["ids"].append(anchor(cells[node["cell_index"]]))
                shown.add(node["cell_index"])
        givers = {name: index for index, cell in enumerate(cells) for name in glued(cell)}
        quoted = {self.lead(link, cells, givers) for link in self.document.findall(is_quote)}
        left_out = sorted(quoted - shown - {None})
        if left_out:
            self.document.children[-1] += listing([cells[index] for index in left_out])
        for image in self.document.findall(nodes.image):
            self.fill(image, cells, givers)

    def lead(self, link, cells, givers):
        """Point a quoted number at its cell, and return the cell's index."""
        index = givers.get(link["glue"])
        if index is None:
            self.complain(link, link["glue"])
        else:
            link["refid"] = anchor(cells[index])
        return index

    def fill(self, image, cells, givers):
        """Put the numbers that an alternative text quotes in their places."""
        for name in set(QUOTE.findall(image.get("alt", ""))):
            if name not in givers:
                self.complain(image, name)
            else:
                text = glued(cells[givers[name]])[name]
                image["alt"] = image["alt"].replace(f"{{glue:text}}`{name}`", text)

    def complain(self, node, name):
        """Warn of a name that no stored output holds."""
        words = "no stored output of the notebook holds %r: correct the name, or run `make normalise`"
        logger.warning(words, name, location=node, type="sources", subtype="name")


def is_quote(node):
    """Tell whether a node is a quoted number."""
    return isinstance(node, nodes.reference) and "glue" in node


def listing(cells):
    """Return the folded list of cells."""
    words = "These cells ran with the lesson, and collect numbers that the text quotes."
    blocks = []
    for cell in cells:
        code = "".join(cell["source"])
        blocks.append(nodes.container("", nodes.literal_block(code, code, language="python"), ids=[anchor(cell)]))
    opening = nodes.raw("", f'<details class="sources"><summary>{HEADING}</summary>', format="html")
    closing = nodes.raw("", "</details>", format="html")
    return [opening, nodes.paragraph(words, words), *blocks, closing]


def setup(app):
    """Connect the extension to Sphinx."""
    app.setup_extension("myst_nb")
    app.add_role_to_domain("glue", "text", SourcedText(), override=True)
    app.add_transform(LinkNumbers)
    app.add_js_file(SCRIPT.name, loading_method="defer")
    page_scripts.put(app, SCRIPT)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
