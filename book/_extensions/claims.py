"""Claim labels: the place where the book shows or corrects a claim can be linked to.

A code cell lists the claims it shows in its metadata, ``claims: ["0.2", "0.3"]``; prose may name one with the role
``{claim}`` followed by the id in backticks. Each id becomes an anchor such as ``#claim-0-2`` with a small label.
"""

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxRole


def claim_anchor(claim):
    """Return the anchor of a claim: ``claim-0-2`` for ``0.2``."""
    return nodes.make_id(f"claim {claim}")


def label(claim, taken):
    """Return the label of a claim; the first one on a page carries the anchor."""
    anchor = claim_anchor(claim)
    ids = [] if anchor in taken else [anchor]
    taken.add(anchor)
    return nodes.inline("", f"claim {claim}", ids=ids, classes=["claim"])


class Claim(SphinxRole):
    """The role ``{claim}``, a label in the text."""

    def run(self):
        """Return the label."""
        return [label(self.text, self.env.temp_data.setdefault("claims", set()))], []


class LabelCells(SphinxTransform):
    """Put the labels of its claims above each code cell that lists some."""

    default_priority = 800

    def apply(self, **kwargs):
        """Label the cells of one page."""
        taken = self.env.temp_data.setdefault("claims", set())
        for cell in list(self.document.findall(nodes.container)):
            claims = cell.get("cell_metadata", {}).get("claims", [])
            if cell.get("nb_element") == "cell_code" and claims:
                cell.insert(0, nodes.paragraph("", "", *[label(claim, taken) for claim in claims], classes=["claims"]))


def setup(app):
    """Connect the extension to Sphinx."""
    app.add_role("claim", Claim())
    app.add_transform(LabelCells)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
