"""The cards of the lessons on the cover of the course: the directive ``{lesson-cards}``.

.. code-block:: markdown

   ```{lesson-cards}
   ```

A card shows a lesson's number, picture, title, question and time. The numbers come from ``lessons.yml``, the parts from
``_toc.yml``, the pictures from ``cards.py``; the question is the paragraph of the lesson that begins with "The
question", and the time is measured.
"""

import re
from html import escape
from pathlib import Path

import yaml
from docutils import nodes
from lessons import plain_title
from notebooks import source
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective
from times import time_of_page, to_five

QUESTION = re.compile(r"^\*\*The question\.\*\* (.+?)(?:\n\n|\Z)", re.DOTALL | re.MULTILINE)
CARD = """\
<li>
{part}<div class="lesson-picture">{picture}</div>
<h4><span class="lesson-number">{number}</span> <a href="{address}">{title}</a></h4>
<p>{question}</p>
<p class="lesson-time">{minutes} minutes</p>
</li>
"""


class lesson_cards(nodes.Element):  # noqa: N801
    """The cards of all lessons."""


class LessonCards(SphinxDirective):
    """Put the cards of all lessons here."""

    def run(self):
        """Return a place for the cards, which are written when all titles are known."""
        return [lesson_cards()]


def parts(root, listed):
    """Return the parts of the book that have lessons, as (caption, names of lessons) pairs."""
    contents = yaml.safe_load((Path(root) / "_toc.yml").read_text("utf-8"))["parts"]
    found = ((part["caption"], [chapter["file"] for chapter in part["chapters"]]) for part in contents)
    return [(caption, pages) for caption, pages in found if pages[0] in listed]


def question(notebook):
    """Return the question of a lesson, in one line.

    Raises
    ------
    sphinx.errors.ExtensionError
        If it has none.
    """
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (found := QUESTION.search(cell.source)):
            return " ".join(found[1].split())
    raise ExtensionError("a lesson states its question in a paragraph that begins with `**The question.**`.")


def card(builder, page, part=""):
    """Return the card of one lesson as HTML, below the name of a part if it is the first there."""
    from cards import PICTURES  # loads the library and the stored results

    app = builder.app
    return CARD.format(
        part=part,
        picture=PICTURES[page.rpartition("/")[2]](),
        number=app.lesson_numbers[page],
        address=builder.get_relative_uri(builder.current_docname, page),
        title=escape(plain_title(app.env, page)),
        question=escape(question(source(app, page))),
        minutes=to_five(time_of_page(app, page).reading),
    )


def visit_cards(self, node):
    """Write the cards, part by part."""
    app = self.builder.app
    self.body.append('<ol class="lesson-cards">\n')
    for caption, (first, *others) in parts(app.confdir, app.lesson_numbers):
        number, _, name = caption.partition("  ")
        heading = f'<h3><span class="part-number">{number}</span> {escape(name)}</h3>\n'
        self.body += [card(self.builder, first, heading), *(card(self.builder, page) for page in others)]
    self.body.append("</ol>\n")
    raise nodes.SkipNode


def setup(app):
    """Connect the extension to Sphinx."""
    app.setup_extension("lessons")
    app.add_node(lesson_cards, html=(visit_cards, None))
    app.add_directive("lesson-cards", LessonCards)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
