"""Claim marks: which statements about activation functions a cell shows or corrects.

A code cell lists the claims it shows in its metadata, ``claims: ["0.2", "0.3"]``. Above it stands one quiet mark, which
opens the list of what they say and how they fare; each has an anchor there, such as ``#claim-0-2``. In prose the role
``{claim}`` with an id in backticks leads to it. What the ids stand for is in ``book/claims.json``, and nowhere else.
"""

import json
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole
from sphinx.util.osutil import relative_uri

logger = logging.getLogger(__name__)
TABLE = Path(__file__).parents[1] / "claims.json"
CLAIMS = json.loads(TABLE.read_text("utf-8"))
LEDGER = "book/claims"  # the page of all claims, if the book has it


def claim_anchor(claim):
    """Return the anchor of a claim: ``claim-0-2`` for ``0.2``."""
    return nodes.make_id(f"claim {claim}")


def anchor(claim, taken):
    """Return the id of an element that is about a claim; the first one on a page carries the anchor."""
    name = claim_anchor(claim)
    attribute = "" if name in taken else f' id="{name}"'
    taken.add(name)
    return attribute


def mark(claims, taken, ledger=""):
    """Return the mark of a cell, with the list that it opens and the address of the page of all claims."""
    rows = "".join(
        f'<li{anchor(claim, taken)}><span class="claim-id">{claim}</span> {escape(CLAIMS[claim]["claim"])} '
        f"<strong>{CLAIMS[claim]['verdict'].capitalize()}.</strong> {escape(CLAIMS[claim].get('correct', ''))}</li>"
        for claim in claims
    )
    number = "1 claim" if len(claims) == 1 else f"{len(claims)} claims"
    which = f'<span class="visually-hidden">: {", ".join(claims)}</span>'
    link = f' <a href="{ledger}">All claims</a>.' if ledger else ""
    return (
        f'<details class="claims"><summary>{number}{which}</summary><p>What this cell puts to the test, '
        f"by its number in the list of this course.{link}</p><ul>{rows}</ul></details>"
    )


def label(claim, taken):
    """Return what stands for a claim in the text: a link to the mark that lists it, if the page has one."""
    name = claim_anchor(claim)
    where = f'href="#{name}"' if name in taken else anchor(claim, taken)
    return f'<a class="claim" {where.strip()} aria-label="claim {claim}">{claim}</a>'


class Claim(SphinxRole):
    """The role ``{claim}``; `MarkCells` sees to where it leads."""

    def run(self):
        """Return a place for the link."""
        return [nodes.inline("", "", claim=self.text)], []


class MarkCells(SphinxTransform):
    """Put the mark above each code cell that lists claims, and lead the text to them."""

    default_priority = 800

    def apply(self, **kwargs):
        """Mark the cells of one page."""
        taken = set()
        for cell in list(self.document.findall(is_claimed)):
            claims = self.known(cell["cell_metadata"]["claims"], cell)
            if claims:
                cell.insert(0, nodes.raw("", mark(claims, taken, self.ledger()), format="html"))
        for place in list(self.document.findall(is_label)):
            for claim in self.known([place["claim"]], place):
                place += nodes.raw("", label(claim, taken), format="html")

    def known(self, claims, node):
        """Return the claims that are in the table, and warn of the others."""
        self.env.note_dependency(str(TABLE))
        for claim in set(claims) - CLAIMS.keys():
            words = "there is no claim %r in book/claims.json: correct the id, or add a row"
            logger.warning(words, claim, location=node, type="claims")
        return [claim for claim in claims if claim in CLAIMS]

    def ledger(self):
        """Return the address of the page of all claims, as seen from this one, or an empty string."""
        return relative_uri(f"{self.env.docname}.html", f"{LEDGER}.html") if LEDGER in self.env.found_docs else ""


def is_claimed(node):
    """Tell whether a node is a code cell that lists claims."""
    return isinstance(node, nodes.container) and bool(node.get("cell_metadata", {}).get("claims"))


def is_label(node):
    """Tell whether a node is the place of a claim's link in the text."""
    return isinstance(node, nodes.inline) and "claim" in node


def setup(app):
    """Connect the extension to Sphinx."""
    app.add_role("claim", Claim())
    app.add_transform(MarkCells)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
