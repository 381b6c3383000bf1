"""How long a lesson takes, measured on the lesson itself, and the role ``{time}`` that says so.

.. code-block:: markdown

   **Time** {time}`this lesson`.
   Nine lessons, {time}`all lessons`.

The text is read at 200 words a minute; whatever a reader stops at has its seconds in ``SECONDS``. They were chosen so
that the sums agree with the readers of these lessons, who took 30 to 45 minutes, and 50 to 70 with the exercises.
"""

from collections import Counter
from functools import cache
from typing import NamedTuple

import lessons
from docutils import nodes
from figures import WIDGET_VIEW
from notebooks import executed
from portable.myst import PARSER, directive_of
from sphinx.util.docutils import SphinxRole

WORDS_A_MINUTE = 200
SECONDS = {"code": 50, "figure": 50, "widget": 200, "quiz": 60, "formula": 40, "exercise": 400}
DIRECTIVES = {"quiz": "quiz", "math": "formula", "exercise": "exercise", "exercise-start": "exercise"}
TOKENS = {"math_block": "formula", "math_block_label": "formula", "amsmath": "formula"}
NOT_READ = {"bibliography", "starter", "solution", "solution-end", "solution-start", "exercise-end"}
FOLDED = {"remove-cell", "remove-input", "hide-input", "hide-cell"}


class Time(NamedTuple):
    """Minutes of reading, and of the exercises."""

    reading: float
    exercises: float

    def __str__(self):
        """Return the time in words, to 5 minutes."""
        return f"{to_five(self.reading)} minutes; {to_five(self.reading + self.exercises)} with the exercises"


def to_five(minutes):
    """Return a number of minutes, rounded to 5.

    >>> to_five(37.4), to_five(37.6), to_five(1)
    (35, 40, 5)
    """
    return max(5, 5 * round(minutes / 5))


@cache
def time_of_page(app, docname):
    """Return how long a lesson takes."""
    return time_of(executed(app, docname))


def time_of(notebook):
    """Return how long a lesson takes, its notebook executed.

    >>> from nbformat.v4 import new_markdown_cell, new_notebook
    >>> time_of(new_notebook(cells=[new_markdown_cell("word " * 2000)]))
    Time(reading=10.0, exercises=0.0)
    """
    counted = Counter()
    for cell in outside_of_solutions(notebook.cells):
        counted.update(in_text(cell.source) if cell.cell_type == "markdown" else in_code(cell))
    exercises = SECONDS["exercise"] * counted.pop("exercise", 0) / 60
    words = counted.pop("word", 0) / WORDS_A_MINUTE
    return Time(words + sum(SECONDS[kind] * count for kind, count in counted.items()) / 60, exercises)


def outside_of_solutions(cells):
    """Yield the cells of a notebook that are no part of a solution, whose time is that of its exercise."""
    inside = False
    for cell in cells:
        text = cell.source if cell.cell_type == "markdown" else ""
        inside = (inside or "{solution-start}" in text) and "{solution-end}" not in text
        if not inside and "{solution-end}" not in text:
            yield cell


def in_text(text):
    """Return how many words, formulas, quizzes and exercises stand in Markdown; the words of the last two do not count.

    >>> sorted(in_text("It is $x$: {glue:text}`five`.\\n\\n```{exercise-start}\\n```\\nWhy?").items())
    [('exercise', 1), ('word', 6)]
    """
    counted, asked = Counter(), False
    for token in PARSER.parse(text):
        directive = directive_of(token)
        asked = asked or bool(directive) and directive.name == "exercise-start"
        if directive and directive.name == "exercise-end":
            asked = False
        if token.type == "inline" and not asked:
            counted["word"] += words(token)
        elif kind := DIRECTIVES.get(directive.name) if directive else TOKENS.get(token.type):
            counted[kind] += 1
        elif directive and directive.name not in NOT_READ:
            counted += in_text(directive.body)
    return counted


def words(token):
    """Return the number of words of a line of text; a formula, a name in code and a printed number are one each."""
    return sum(len(each.content.split()) if each.type == "text" else bool(each.content) for each in token.children)


def in_code(cell):
    """Return what a reader stops at in a code cell: its code, unless it is folded, its pictures and its widgets."""
    counted = Counter() if FOLDED & set(cell.metadata.get("tags", [])) else Counter(code=1)
    for data in (output.get("data", {}) for output in cell.outputs):
        if WIDGET_VIEW in data:
            counted["widget"] += 1
        elif any(kind.startswith("image/") for kind in data):
            counted["figure"] += 1
    return counted


def total(times):
    """Return the time of several lessons in words, in hours.

    >>> total([Time(35, 20), Time(40, 25)])
    '1 hour; 2 with the exercises'
    """
    reading, exercises = map(sum, zip(*times, strict=True))
    first, all_of_it = round(reading / 60), round((reading + exercises) / 60)
    return f"{first} hour{'s' if first != 1 else ''}; {all_of_it} with the exercises"


class TimeRole(SphinxRole):
    """The role ``{time}``."""

    def run(self):
        """Return the time of this lesson or of all, in words."""
        wanted = {
            "this lesson": lambda: str(time_of_page(self.env.app, self.env.docname)),
            "all lessons": lambda: total(time_of_page(self.env.app, page) for page in self.env.app.lesson_numbers),
        }
        if self.text not in wanted:
            message = self.inliner.reporter.error(f"time of {self.text!r}? Write {' or '.join(wanted)}.")
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        return [nodes.Text(wanted[self.text]())], []


def setup(app):
    """Connect the extension to Sphinx."""
    app.setup_extension(lessons.__name__)
    app.add_role("time", TimeRole())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
