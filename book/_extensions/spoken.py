"""Name what sighted readers tell apart by its place, for those who listen: blocks of code, folds, exercises.

Each block of code is a group, "Code 3" or "Output of code 3", which has a beginning and an end; the title that unfolds
it and the buttons below it say the same number, and ``page.js`` names the button that copies it after its group. The
title of an exercise is a heading. The description of a cited work, spoken after its name, goes without its address.
"""

import re

FOLD = r'<summary aria-label="Toggle hidden content">(?P<titles>.*?)</summary>'
BLOCK = r'<div class="(?P<output>output )?(?P<classes>[^"]*highlight-[\w-]+ notranslate[^"]*)"'
TOOLS = '<div class="run-tools"'
PLACE = re.compile(f"{FOLD}|{BLOCK}|{TOOLS}", re.DOTALL)
ADDRESS = re.compile(r'(<a class="reference internal"[^>]* title="[^"]*?) (?:URL: |doi:)[^"]*"')
EXERCISE = re.compile(r'(<div class="exercise admonition"[^>]*>\s*<p class="admonition-title")>')


def with_names(body):
    """Return the text of a page with its blocks of code named.

    >>> with_names('<div class="highlight-python notranslate">')
    '<div class="highlight-python notranslate" role="group" aria-label="Code 1">'
    """
    number = 0

    def named(found):
        nonlocal number
        if found["titles"]:
            return f"<summary>{found['titles'].replace('</p>', hidden(f' {number + 1}') + '</p>')}</summary>"
        if found["classes"] and not found["output"]:
            number += 1
        return f'{found[0]} role="group" aria-label="{"Output of code" if found["output"] else "Code"} {number}"'

    return PLACE.sub(named, body)


def hidden(text):
    """Return text that is spoken and not shown."""
    return f'<span class="visually-hidden">{text}</span>'


def name_parts(app, pagename, templatename, context, doctree):
    """Name the parts of one page."""
    if "body" in context:
        body = ADDRESS.sub(r'\1"', with_names(context["body"]))
        context["body"] = EXERCISE.sub(r'\1 role="heading" aria-level="3">', body)


def setup(app):
    """Connect the extension to Sphinx, after those that add code to a page."""
    app.connect("html-page-context", name_parts, priority=700)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
