"""What lecturers need of the lessons: directives ``lesson-goals`` and ``lesson-figures``, and the role ``{state}``.

``{lesson-goals}`` is a list of the lessons with their times, and with what they say of goals and what they build on:
the paragraphs that begin with "You will be able to" and "You need". ``{lesson-figures}`` lists their figures with the
files for slides. ``{state}`the words <lesson#widget:trait=value>` `` leads to a widget in a state.
"""

import re
from urllib.parse import quote

from docutils import nodes
from docutils.statemachine import StringList
from figures import LINK
from notebooks import source
from sphinx.util.docutils import SphinxDirective, SphinxRole
from times import time_of_page

KEYS = "You will be able to", "You need"
STATED = re.compile(rf"\*\*({'|'.join(KEYS)})\*\* (.+?)(?:\n\n|\Z)", re.DOTALL)
FIRST = re.compile(r"(.+?)[.:;](?=\s|$)", re.DOTALL)
STATE = re.compile(r"(?P<words>.+?)\s*<(?P<lesson>[\w-]+)#(?P<widget>[\w-]+):(?P<pairs>.+)>", re.DOTALL)


def stated(notebook):
    """Return what a lesson says of goals and of what it builds on, as Markdown by the words that it begins with.

    >>> from nbformat.v4 import new_markdown_cell, new_notebook
    >>> stated(new_notebook(cells=[new_markdown_cell("**Time** 1. **You need** the\\nchain rule.")]))
    {'You need': 'the chain rule.'}
    """
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return {words: " ".join(text.split()) for each in texts for words, text in STATED.findall(each)}


def figures_of(notebook):
    """Return the figures of a lesson: their names, and the beginnings of their captions."""
    found = (cell.metadata.get("mystnb", {}).get("figure") for cell in notebook.cells)
    return [(figure["name"], FIRST.match(figure["caption"])[1]) for figure in found if figure]


class FromLessons(SphinxDirective):
    """What directives share that go through the lessons and write Markdown."""

    def run(self):
        """Return what stands for each lesson."""
        lessons = self.env.app.lesson_numbers
        for page in lessons:
            self.env.note_dependency(self.env.doc2path(page))
        lines = [line for page in lessons for line in self.lines(page)]
        return self.parse_text_to_nodes(StringList(lines, source=self.env.docname))


class LessonGoals(FromLessons):
    """The directive ``{lesson-goals}``."""

    def lines(self, page):
        """Return an item of a list."""
        said, name = stated(source(self.env.app, page)), page.rpartition("/")[2]
        time, (goals, needs) = time_of_page(self.env.app, page), (said[key].removesuffix(".") for key in KEYS)
        yield f"- {{doc}}`{name}`: {time}. *Afterwards they can* {goals}. *They need* {needs}."


class LessonFigures(FromLessons):
    """The directive ``{lesson-figures}``."""

    def lines(self, page):
        """Return a list below the name of the lesson."""
        yield from ("", f"**{{doc}}`{page.rpartition('/')[2]}`**", "")
        for name, words in figures_of(source(self.env.app, page)):
            link = LINK.format(address=f"../_images/{name}.svg", number=name)
            yield f"- {{numref}}`{name}`: {words}. {link}"


class State(SphinxRole):
    """The role ``{state}``."""

    def run(self):
        """Return the link; anything but ``words <lesson#widget:trait=value,...>`` is an error at the role's line."""
        found = STATE.fullmatch(self.text)
        if not found or f"book/{found['lesson']}" not in self.env.app.lesson_numbers:
            message = self.inliner.reporter.error(f"state {self.text!r}? Write `words <lesson#widget:trait=value>`.")
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        pairs = (pair.partition("=") for pair in found["pairs"].split(","))
        state = ",".join(f"{trait}={quote(value)}" for trait, _, value in pairs)
        address = f"{found['lesson']}.html#{found['widget']}:{state}"
        return [nodes.reference("", found["words"], refuri=address, internal=True, classes=["state"])], []


def setup(app):
    """Connect the extension to Sphinx."""
    app.setup_extension("lessons")
    app.add_directive("lesson-goals", LessonGoals)
    app.add_directive("lesson-figures", LessonFigures)
    app.add_role("state", State())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
