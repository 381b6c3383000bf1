"""The page of all claims, and the page of those that are wrong: the directives ``ledger`` and ``corrections``.

``{ledger}`` is a table of every claim that a lesson puts to the test, with the cell that shows it, and of those that
the course leaves out, with the reason. ``{corrections} slips`` lists what is written wrongly, ``{corrections} false``
what is false as it is taught, ``{corrections} conditions`` what is true under conditions only. All are made from
``book/claims.json`` and the notebooks' metadata. A claim that neither a cell shows nor the course leaves out is not
listed; a test knows which these are.
"""

import json
from html import escape
from pathlib import Path

import page_scripts
from claims import CLAIMS, TABLE, claim_anchor
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

SCRIPT = Path(__file__).with_name("ledger.js")
VERDICTS = {
    "holds": "true as it is taught",
    "holds with conditions": "true where its conditions hold",
    "false": "false as it is taught",
    "unclear": "not to be tested here",
}
HEADS = "No.", "Claim, and what is true", "Verdict", "Shown in"
KINDS = {
    "slips": lambda row: bool(row.get("slip")),
    "false": lambda row: row["verdict"] == "false" and not row.get("slip"),
    "conditions": lambda row: row["verdict"] == "holds with conditions",
}


def shown(root, pages):
    """Return, for each claim, the pages with a cell that shows it, in the order of the book.

    >>> from lessons import numbers
    >>> root = Path(__file__).parents[2]
    >>> shown(root, numbers(root))["4.12"]
    ['book/where-gradients-come-from', 'book/how-a-relu-dies']
    """
    found = {}
    for page in pages:
        path = Path(root, f"{page}.ipynb")
        cells = json.loads(path.read_text("utf-8"))["cells"] if path.is_file() else []
        for claim in {claim for cell in cells for claim in cell["metadata"].get("claims", [])}:
            found.setdefault(claim, []).append(page)
    return found


def listed(found):
    """Return the claims that the course has dealt with: a cell shows them, or it says why there is none."""
    return {claim: row for claim, row in CLAIMS.items() if claim in found or row.get("left out")}


def open_claims(found):
    """Return the claims that wait for their lesson."""
    return [claim for claim in CLAIMS if claim not in listed(found)]


def links(claim, pages, numbers):
    """Return the links to the cells that show a claim."""
    places = (f'<a href="{Path(page).name}.html#{claim_anchor(claim)}">{numbers[page]}</a>' for page in pages)
    word = "lesson" if len(pages) == 1 else "lessons"
    return f"{word} {', '.join(places)}" if pages else "left out"


def line(claim, row, pages, numbers):
    """Return a row of the table."""
    truth = f'<p class="truth">{escape(row["correct"])}</p>' if row.get("correct") else ""
    return (
        f'<tr id="{claim_anchor(claim)}" data-verdict="{row["verdict"]}"><th scope="row">{claim}</th>'
        f"<td><p>{escape(row['claim'])}</p>{truth}</td><td>{row['verdict']}</td>"
        f"<td>{links(claim, pages, numbers)}</td></tr>"
    )


def chooser(rows):
    """Return the list that filters the table by verdict; the script shows it."""
    counts = {verdict: sum(row["verdict"] == verdict for row in rows.values()) for verdict in VERDICTS}
    options = "".join(
        f'<option value="{verdict}">{verdict} ({count}): {VERDICTS[verdict]}</option>'
        for verdict, count in counts.items()
    )
    return (
        '<p class="ledger-filter" hidden><label>Show <select>'
        f'<option value="">all ({len(rows)})</option>{options}</select></label> <span role="status"></span></p>'
    )


class FromClaims(SphinxDirective):
    """What the two directives share: the numbers of the lessons, and where each claim is shown."""

    def gather(self):
        """Return the numbers of the lessons by page, and the pages that show each claim."""
        numbers = self.env.app.lesson_numbers
        self.env.note_dependency(str(TABLE))
        for page in numbers:
            self.env.note_dependency(f"{page}.ipynb")
        return numbers, shown(self.env.app.confdir, numbers)


class Ledger(FromClaims):
    """The directive ``{ledger}``."""

    def run(self):
        """Return the filter and the table."""
        numbers, found = self.gather()
        rows = listed(found)
        heads = "".join(
            f'<th scope="col">{head}</th>' for head in ("No.", "Claim, and what is true", "Verdict", "Shown in")
        )
        body = "".join(line(claim, row, found.get(claim, []), numbers) for claim, row in rows.items())
        table = f'<table class="ledger"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'
        return [nodes.raw("", chooser(rows) + table, format="html")]


class Corrections(FromClaims):
    """The directive ``{corrections}`` with the kind of claims to list."""

    required_arguments = 1

    def run(self):
        """Return a list: the claim, what is true, and where it is shown."""
        kind = directives.choice(self.arguments[0], list(KINDS))
        numbers, found = self.gather()
        rows = {claim: row for claim, row in listed(found).items() if KINDS[kind](row) and claim in found}
        items = "".join(
            f"<li><p>{escape(row['claim'])}</p><p class='truth'>{escape(row['correct'])} "
            f"<span>({claim}, {links(claim, found[claim], numbers)})</span></p></li>"
            for claim, row in rows.items()
        )
        return [nodes.raw("", f'<ul class="corrections">{items}</ul>', format="html")]


def setup(app):
    """Connect the extension to Sphinx."""
    app.add_directive("ledger", Ledger)
    app.add_directive("corrections", Corrections)
    page_scripts.offer(app, SCRIPT, 'class="ledger"')
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
