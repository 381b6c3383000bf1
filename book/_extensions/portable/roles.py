"""What a role becomes. A function of the lesson and the role's text returns Markdown."""

import re

from docutils import nodes

from portable.targets import lookup

GLOSSARY = "book/notation"
EXPLICIT = re.compile(r"(?P<title>.+?)\s*<(?P<target>[^<>]+)>", re.DOTALL)


def split_title(text):
    """Return the title and the target of ``title <target>``; the title is empty in a plain ``target``."""
    explicit = EXPLICIT.fullmatch(text)
    return (explicit["title"], explicit["target"]) if explicit else ("", text)


def glue(lesson, text):
    """Return a printed value, formatted if a format follows its name (``rate:.2f``)."""
    name, _, form = text.partition(":")
    value = lookup(lesson.glued, name, "glued value")
    return format(float(value), form) if form else value


def ref(lesson, text):
    """Return a link to a label."""
    title, label = split_title(text)
    return lookup(lesson.targets, label, "label").link(title)


def numref(lesson, text):
    """Return a link by number, such as "Figure 6.2"; ``%s`` in a title stands for the number alone."""
    title, label = split_title(text)
    target = lookup(lesson.targets, label, "label")
    return target.link(title.replace("%s", target.number.rpartition(" ")[2]) or target.number)


def doc(lesson, text):
    """Return a link to another page."""
    title, name = split_title(text)
    return lesson.page(name).link(title)


def term(lesson, text):
    """Return a term as a link to the glossary, or as it is where that has no address."""
    title, name = split_title(text)
    page = lesson.pages.get(GLOSSARY)
    address = page.address if page else ""
    return f"[{title or name}]({address}#{nodes.make_id(f'term {name}')})" if address else title or name


ROLES = {
    "abbr": lambda lesson, text: text,
    "cite:p": lambda lesson, text: lesson.citations.parenthetical(text),
    "cite:t": lambda lesson, text: lesson.citations.textual(text),
    "claim": lambda lesson, text: "",  # a place on the site
    "doc": doc,
    "eq": lambda lesson, text: lookup(lesson.targets, text, "label").number,
    "glue:text": glue,
    "kbd": lambda lesson, text: f"<kbd>{text}</kbd>",
    "math": lambda lesson, text: f"${text}$",
    "numref": numref,
    "ref": ref,
    "time": lambda lesson, text: lesson.time,
    "term": term,
}
