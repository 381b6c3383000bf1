"""The ``quiz`` directive: a question to commit to, with feedback on every answer.

.. code-block:: markdown

   ```{quiz} A ReLU's bias drops to -3. What happens?
   :label: predict-bias
   - [ ] It learns more slowly.
     Its slope is 0 wherever it answers 0, so there is nothing to learn from.
   - [x] It may stop learning for good.
     If no input lifts it above zero, no gradient reaches it.
   ```

The first line of an answer is the answer, the lines below it are its feedback. A question with backticks in it needs a
fence of colons, and feedback with a code fence in it a fence of four backticks, as everywhere in Markdown.

Without JavaScript the style sheet reveals the feedback on the chosen answer. With it, ``quiz.js`` adds a button:
readers commit to an answer first, see or hear the feedback then, and find both again on the next visit.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

import page_scripts
from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

SCRIPT = Path(__file__).with_name("quiz.js")
ANSWER = re.compile(r"- \[([ xX])\] (.*\S)")
VERDICT = {True: "Yes, that is right.", False: "Not quite."}


@dataclass
class Answer:
    """One answer: its text, whether it is right, and the lines of feedback on it."""

    text: str
    right: bool
    lines: list = field(default_factory=list)

    @property
    def feedback(self):
        """The feedback as Markdown."""
        return dedent("\n".join(self.lines)).strip()


def parse_answers(lines):
    """Return the answers of a quiz.

    Parameters
    ----------
    lines : iterable of str
        The directive's content.

    Raises
    ------
    ValueError
        If there are fewer than two answers, an answer without feedback, no right answer, or text outside the answers.
    """
    answers = []
    for line in lines:
        start = ANSWER.fullmatch(line.rstrip())
        if start:
            answers.append(Answer(start[2], start[1] != " "))
        elif line.strip() and not (answers and line.startswith(" ")):
            raise ValueError(f"a quiz holds answers only; got {line!r}. Write `- [ ] answer`, and indent its feedback.")
        elif answers:
            answers[-1].lines.append(line)
    check(answers)
    return answers


def check(answers):
    """Refuse a quiz that a reader could not learn from."""
    if len(answers) < 2:
        raise ValueError(f"a quiz needs at least two answers; got {len(answers)}. Write each as `- [ ] answer`.")
    if not any(answer.right for answer in answers):
        raise ValueError("a quiz needs a right answer; got none. Mark it `- [x] answer`.")
    for answer in answers:
        if not answer.feedback:
            raise ValueError(f"every answer needs feedback; {answer.text!r} has none. Indent it below the answer.")


class quiz(nodes.Element):  # noqa: N801
    """The whole quiz, a group of form controls."""


class quiz_question(nodes.TextElement):  # noqa: N801
    """The question, the name of the group."""


class quiz_answer(nodes.TextElement):  # noqa: N801
    """An answer with its radio button."""


class quiz_feedback(nodes.Element):  # noqa: N801
    """What the reader sees after choosing an answer."""


class Quiz(SphinxDirective):
    """Build a quiz from a question and a list of answers."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = {"label": directives.unchanged_required}

    def run(self):
        """Return the quiz; bad input is an error at the directive's line."""
        try:
            answers = parse_answers(self.content)
        except ValueError as error:
            raise self.error(str(error)) from None
        group = quiz(ids=[self.name_of_group()])
        group += self.inline(quiz_question, self.arguments[0])
        for number, answer in enumerate(answers, start=1):
            group += self.answer(answer, group["ids"][0], number)
        return [group]

    def name_of_group(self):
        """Return the label, or one made from the page's count of quizzes."""
        label = self.options.get("label") or f"quiz-{self.env.new_serialno('quiz') + 1}"
        return nodes.make_id(label)

    def inline(self, kind, text, **attributes):
        """Return a node of a kind with text that may hold roles and mathematics."""
        content, messages = self.state.inline_text(text, self.lineno)
        return kind("", "", *content, *messages, **attributes)

    def answer(self, answer, group, number):
        """Return the nodes of one answer: the choice and its feedback."""
        attributes = {"group": group, "number": number}
        feedback = quiz_feedback(**attributes, right=answer.right)
        lines = StringList(answer.feedback.splitlines(), self.env.docname)
        self.state.nested_parse(lines, self.content_offset, feedback)
        return [self.inline(quiz_answer, answer.text, **attributes), feedback]


def visit_quiz(self, node):
    """Open the group; the status line speaks to screen readers only."""
    self.body.append(f'<fieldset class="quiz" id="{node["ids"][0]}">\n')


def depart_quiz(self, node):
    """Close the group."""
    self.body.append('<p class="quiz-status" role="status"></p>\n</fieldset>\n')


def visit_question(self, node):
    """Open the question."""
    self.body.append("<legend>")


def depart_question(self, node):
    """Close the question."""
    self.body.append("</legend>\n")


def visit_answer(self, node):
    """Write the radio button and open its label; browsers shall not restore an earlier choice."""
    group, name = node["group"], f"{node['group']}-{node['number']}"
    self.body.append(f'<input type="radio" name="{group}" id="{name}" autocomplete="off" /><label for="{name}">')


def depart_answer(self, node):
    """Close the label."""
    self.body.append("</label>\n")


def visit_feedback(self, node):
    """Open the feedback with the verdict in words."""
    kind = "right" if node["right"] else "wrong"
    verdict = VERDICT[node["right"]]
    self.body.append(f'<div class="quiz-feedback {kind}"><p class="quiz-verdict">{verdict}</p>\n')


def depart_feedback(self, node):
    """Close the feedback."""
    self.body.append("</div>\n")


def setup(app):
    """Connect the extension to Sphinx."""
    app.add_node(quiz, html=(visit_quiz, depart_quiz))
    app.add_node(quiz_question, html=(visit_question, depart_question))
    app.add_node(quiz_answer, html=(visit_answer, depart_answer))
    app.add_node(quiz_feedback, html=(visit_feedback, depart_feedback))
    app.add_directive("quiz", Quiz)
    page_scripts.offer(app, SCRIPT, 'class="quiz"')
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
