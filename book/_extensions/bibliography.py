"""Write bibliographies as plain lists.

docutils marks them with ARIA roles which the standard has since withdrawn, and which accessibility checks report.
"""

from docutils import nodes


def visit_citation(self, node):
    """Open one entry of a bibliography."""
    self.body.append(self.starttag(node, "div", classes=["citation"]))


def depart_citation(self, node):
    """Close the entry."""
    self.body.append("</div>\n")


def setup(app):
    """Connect the extension to Sphinx."""
    app.add_node(nodes.citation, override=True, html=(visit_citation, depart_citation))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
