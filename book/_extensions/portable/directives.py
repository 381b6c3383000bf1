"""What a directive becomes. A function of the lesson and the directive returns Markdown."""

from protocol import PARTS
from quiz import VERDICT, parse_answers

from portable.targets import lookup

REFERENCES = "<!-- references -->"


def quoted(title, body):
    """Return a block quotation with a bold title."""
    return "\n".join(f"> {line}".rstrip() for line in f"**{title}**\n\n{body}".strip().split("\n"))


def folded(summary, body):
    """Return a text that opens on a click; blank lines keep the Markdown inside alive."""
    return f"<details>\n<summary>{summary}</summary>\n\n{body}\n\n</details>"


def note(lesson, directive):
    """Return a quotation under the name of its kind; the text may begin on the first line."""
    return quoted(directive.name.capitalize(), lesson.markdown(f"{directive.argument}\n{directive.body}"))


def admonition(lesson, directive):
    """Return a text under its title, as a quotation or folded."""
    folds = "dropdown" in (directive.name, *directive.options.get("class", "").split())
    return (folded if folds else quoted)(lesson.inline(directive.argument), lesson.markdown(directive.body))


def exercise(lesson, directive):
    """Return an exercise under a heading with its number."""
    title = lookup(lesson.targets, directive.options.get("label"), "exercise with the label").title
    subtitle = f": {lesson.inline(directive.argument)}" if directive.argument else ""
    return f"#### {title}{subtitle}\n\n{lesson.markdown(directive.body)}".strip()


def solution(lesson, directive):
    """Return a solution, folded; one that goes on over the next cells under a heading."""
    title = f"Solution to {lookup(lesson.targets, directive.argument, 'exercise').title}"
    body = lesson.markdown(directive.body)
    return folded(title, body) if directive.name == "solution" else f"#### {title}\n\n{body}".strip()


def formula(lesson, directive):
    """Return displayed mathematics, with its number if it has a label."""
    label = directive.options.get("label")
    number = rf" \tag{{{lesson.targets[label].number.strip('()')}}}" if label else ""
    return f"$$\n{directive.body.strip()}{number}\n$$"


def quiz(lesson, directive):
    """Return a question with its answers, each opening to its feedback."""
    answers = [answer(lesson, each) for each in parse_answers(directive.body.split("\n"))]
    return "\n\n".join([f"**{lesson.inline(directive.argument)}**", *answers])


def answer(lesson, given):
    """Return one answer of a quiz, folded around its feedback."""
    return folded(lesson.inline(given.text), f"*{VERDICT[given.right]}* {lesson.markdown(given.feedback)}")


def protocol(lesson, directive):
    """Return how an experiment was run, in one line."""
    stated = [(part, directive.options[part]) for part in PARTS if part in directive.options]
    return " · ".join(f"**{part.capitalize()}** {lesson.inline(text)}" for part, text in stated)


def starter(lesson, directive):
    """Return the code that an exercise starts from."""
    return f"```python\n{lookup(lesson.starters, directive.argument, 'solution cell for the exercise')}\n```"


DIRECTIVES = {
    **dict.fromkeys("attention caution danger error hint important note tip warning".split(), note),
    "admonition": admonition,
    "bibliography": lambda lesson, directive: REFERENCES,  # known when all has been read
    "code-block": lambda lesson, directive: f"```{directive.argument}\n{directive.body}\n```",
    "dropdown": admonition,
    "exercise": exercise,
    "exercise-end": lambda lesson, directive: "",
    "exercise-start": exercise,
    "math": formula,
    "protocol": protocol,
    "quiz": quiz,
    "solution": solution,
    "solution-end": lambda lesson, directive: "",
    "solution-start": solution,
    "starter": starter,
}
