"""Portable copies: a lesson as a notebook that reads well outside the book.

JupyterLab, GitHub and the notebook services show MyST roles and directives as raw text. :func:`portable_copy` replaces
them by plain Markdown, keeps the figures, and appends the list of references. A role or directive which it does not
know is an error, so that no copy can hold markup that a reader would stumble over.
"""

import ast
import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from textwrap import dedent, indent

import nbformat
from citations import Citations
from quiz import VERDICT, parse_answers
from starters import starters

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
GLUE_PREFIX = "application/papermill.record/"
REFERENCES = "<!-- references -->"

FENCE = re.compile(r"(?P<indent> *)(?P<fence>`{3,}|~{3,}|:{3,})(?P<info>.*)")
DIRECTIVE = re.compile(r"\{(?P<name>[A-Za-z][\w:+.-]*)\} *(?P<argument>.*)")
OPTION = re.compile(r":(?P<key>[\w-]+):(?: +(?P<value>.*))?")
INLINE = re.compile(
    r"\{(?P<role>[A-Za-z][\w:+.-]*)\}(?P<tick>`+)(?P<text>.+?)(?P=tick)(?!`)"
    r"|(?P<code>(?<!`)(?P<quote>`+)(?!`).+?(?<!`)(?P=quote)(?!`))"
    r"|(?P<maths>\$\$.+?\$\$|\$(?!\s)[^$]+?(?<!\s)\$(?!\d))"
    r"|(?P<image>!?)\[(?P<label>[^\[\]]*)\]\((?P<target>[^()\s]+)\)",
    re.DOTALL,
)
EXPLICIT = re.compile(r"(?P<title>.+?)\s*<(?P<target>[^<>]+)>", re.DOTALL)
TARGET_LINE = re.compile(r"\([\w:.+-]+\)=\s*")
MATH_LABEL = re.compile(r"\$\$\s*\((?P<label>[\w:.+-]+)\)[ \t]*$", re.MULTILINE)
LABELLED_HEADING = re.compile(r"^\((?P<label>[\w:.+-]+)\)=\s*\n+#+ (?P<title>.+)$", re.MULTILINE)
FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


class PortableError(ValueError):
    """Something in a lesson has no plain form."""


@dataclass(frozen=True)
class Target:
    """What a cross-reference points at: its title, its number ("Fig. 2") and its public address, where it has them."""

    title: str
    number: str = ""
    address: str = ""

    def link(self, text=""):
        """Return Markdown that names the target, and links to it if it has an address."""
        shown = text or self.title
        return f"[{shown}]({self.address})" if self.address else f"*{shown}*"


@dataclass
class Lesson:
    """What is known of a lesson while its text is being rewritten.

    Parameters
    ----------
    glued : mapping of str to str
        Printed values by name.
    citations : Citations
        Collects what the text cites.
    targets, pages : mapping of str to Target
        Where references by label and by document name lead.
    """

    glued: Mapping[str, str]
    citations: Citations
    targets: dict = field(default_factory=dict)
    pages: Mapping[str, Target] = field(default_factory=dict)
    exercises: dict = field(default_factory=dict)
    starters: dict = field(default_factory=dict)

    def target(self, label):
        """Return the target of a label."""
        return lookup(self.targets, label, "label")

    def page(self, name):
        """Return the target of a document, named with or without its folder."""
        names = {page.rpartition("/")[2]: page for page in self.pages}
        return self.pages[lookup(names, name.rpartition("/")[2], "page")]


def lookup(table, key, kind):
    """Return `table[key]`, or say which key of which kind is missing."""
    if key not in table:
        raise PortableError(f"no {kind} {key!r}; known are {', '.join(sorted(table)) or 'none'}.")
    return table[key]


# Roles: what `{name}` before inline code becomes.


def split_title(text):
    """Return the title and the target of ``title <target>``; the title is empty in a plain ``target``."""
    explicit = EXPLICIT.fullmatch(text)
    return (explicit["title"], explicit["target"]) if explicit else ("", text)


def glue_role(lesson, text):
    """Return a printed value, formatted if a format follows its name (``rate:.2f``)."""
    name, _, form = text.partition(":")
    value = lookup(lesson.glued, name, "glued value")
    return format(float(value), form) if form else value


def ref_role(lesson, text):
    """Return a link to a label."""
    title, label = split_title(text)
    return lesson.target(label).link(title)


def numref_role(lesson, text):
    """Return a link by number, such as "Fig. 2"; ``%s`` in a title stands for the number alone."""
    title, label = split_title(text)
    target = lesson.target(label)
    number = target.number.rpartition(" ")[2]
    return target.link(title.replace("%s", number).replace("{number}", number) or target.number)


def doc_role(lesson, text):
    """Return a link to another page."""
    title, name = split_title(text)
    return lesson.page(name).link(title)


def eq_role(lesson, text):
    """Return the number of an equation."""
    return lesson.target(text).number


ROLES: dict[str, Callable[[Lesson, str], str]] = {
    "glue": glue_role,
    "glue:": glue_role,
    "glue:text": glue_role,
    "glue:md": glue_role,
    "cite": lambda lesson, text: lesson.citations.parenthetical(text),
    "cite:p": lambda lesson, text: lesson.citations.parenthetical(text),
    "cite:t": lambda lesson, text: lesson.citations.textual(text),
    "ref": ref_role,
    "numref": numref_role,
    "doc": doc_role,
    "eq": eq_role,
    "term": lambda lesson, text: split_title(text)[0] or text,
    "math": lambda lesson, text: f"${text}$",
    "code": lambda lesson, text: f"`{text}`",
    "kbd": lambda lesson, text: f"<kbd>{text}</kbd>",
    "abbr": lambda lesson, text: text,
    "claim": lambda lesson, text: "",
}


def plain_inline(lesson, text):
    """Return text with its roles and links to pages resolved; inline code and mathematics stay as they are."""

    def replace(found):
        if found["role"]:
            return lookup(ROLES, found["role"], "role")(lesson, found["text"])
        return found[0] if found["code"] or found["maths"] else plain_link(lesson, found)

    return INLINE.sub(replace, text)


def plain_link(lesson, found):
    """Return a Markdown link as it is if its target is public; resolve links within the book."""
    target = found["target"]
    if re.match(r"(https?|mailto):", target):
        return found[0]
    if found["image"]:
        raise PortableError(f"the picture {target!r} is a file; draw it in a cell, so that the notebook holds it.")
    if target.startswith("#"):
        return lesson.target(target[1:]).link(found["label"])
    return lesson.page(re.sub(r"\.(md|ipynb)(#.*)?$", "", target)).link(found["label"])


# Directives: what a fence with `{name}` becomes.


@dataclass(frozen=True)
class Directive:
    """One directive: its name, its argument on the opening line, its options and its body."""

    name: str
    argument: str
    options: Mapping[str, str]
    body: str


def read_directive(info, lines):
    """Return the directive of a fence."""
    found = DIRECTIVE.fullmatch(info)
    options, rest = {}, list(lines)
    while rest and (option := OPTION.fullmatch(rest[0].strip())):
        options[option["key"]] = option["value"] or ""
        rest.pop(0)
    return Directive(found["name"], found["argument"].strip(), options, dedent("\n".join(rest)).strip("\n"))


def quoted(title, body):
    """Return a block quotation with a bold title."""
    text = f"**{title}**\n\n{body}" if body else f"**{title}**"
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def folded(summary, body):
    """Return a text that opens on a click; blank lines keep the Markdown inside alive."""
    return f"<details>\n<summary>{summary}</summary>\n\n{body}\n\n</details>"


def admonition(lesson, directive):
    """Return a note, warning or the like as a quotation."""
    inline_body = directive.name not in ("admonition", "dropdown", "margin", "sidebar") and not directive.body
    title = directive.name.capitalize() if directive.name not in ("admonition", "dropdown", "sidebar") else ""
    if inline_body:
        return quoted(title, plain_markdown(lesson, directive.argument))
    title = plain_inline(lesson, directive.argument) or title or directive.name.capitalize()
    body = plain_markdown(lesson, directive.body)
    folds = directive.name == "dropdown" or "dropdown" in directive.options.get("class", "")
    return folded(title, body) if folds else quoted(title, body)


def exercise(lesson, directive):
    """Return an exercise under a heading with its number."""
    title = lookup(lesson.exercises, directive.options.get("label"), "exercise with the label")
    subtitle = f": {plain_inline(lesson, directive.argument)}" if directive.argument else ""
    return f"#### {title}{subtitle}\n\n{plain_markdown(lesson, directive.body)}".strip()


def solution(lesson, directive):
    """Return a solution, folded."""
    return folded(solution_title(lesson, directive), plain_markdown(lesson, directive.body))


def solution_start(lesson, directive):
    """Return a heading: this solution goes on over the next cells."""
    return f"#### {solution_title(lesson, directive)}\n\n{plain_markdown(lesson, directive.body)}".strip()


def solution_title(lesson, directive):
    """Return the title of the solution to a labelled exercise."""
    return f"Solution to {lookup(lesson.exercises, directive.argument, 'exercise')}"


def quiz(lesson, directive):
    """Return a question with its answers, each opening to its feedback."""
    answers = [quiz_answer(lesson, answer) for answer in parse_answers(directive.body.splitlines())]
    return "\n\n".join([f"**{plain_inline(lesson, directive.argument)}**", *answers])


def quiz_answer(lesson, answer):
    """Return one answer, folded around its feedback."""
    body = f"*{VERDICT[answer.right]}* {plain_markdown(lesson, answer.feedback)}"
    return folded(plain_inline(lesson, answer.text), body)


def mathematics(lesson, directive):
    """Return displayed mathematics, with its number if it has a label."""
    label = directive.options.get("label")
    body = f"{directive.argument}\n{directive.body}".strip()
    return f"$$\n{body}{tag(lesson, label) if label else ''}\n$$"


def tag(lesson, label):
    """Return the LaTeX command for the number of an equation."""
    return rf" \tag{{{lesson.target(label).number.strip('()')}}}"


def code_block(lesson, directive):
    """Return program text as a plain fence."""
    return f"```{directive.argument}\n{directive.body}\n```"


def starter(lesson, directive):
    """Return the code that an exercise starts from."""
    return f"```python\n{lookup(lesson.starters, directive.argument, 'solution cell for the exercise')}\n```"


def table(lesson, directive):
    """Return a table under its title."""
    return f"**{plain_inline(lesson, directive.argument)}**\n\n{plain_markdown(lesson, directive.body)}"


def nothing(lesson, directive):
    """Leave out what has a meaning on the site only."""
    return ""


def bibliography_mark(lesson, directive):
    """Mark the place of the references, which are known when the whole text has been read."""
    return REFERENCES


ADMONITIONS = (
    "admonition attention caution danger dropdown error hint important margin note seealso sidebar tip warning"
)
DIRECTIVES: dict[str, Callable[[Lesson, Directive], str]] = {
    **dict.fromkeys(ADMONITIONS.split(), admonition),
    "exercise": exercise,
    "exercise-start": exercise,
    "exercise-end": nothing,
    "solution": solution,
    "solution-start": solution_start,
    "solution-end": nothing,
    "quiz": quiz,
    "starter": starter,
    "math": mathematics,
    "code": code_block,
    "code-block": code_block,
    "table": table,
    "bibliography": bibliography_mark,
    "tableofcontents": nothing,
    "contents": nothing,
}


# Text: lines outside fences lose what only MyST understands; fences are resolved one by one.


def split_fences(text):
    """Yield the parts of a text in order.

    Yields
    ------
    tuple
        ``(None, lines)`` for running text and ``(opening, lines)`` for a fence, where ``opening`` is the match of its
        first line.
    """
    lines, running = iter(text.splitlines()), []
    for line in lines:
        opening = FENCE.fullmatch(line)
        if not opening or not closes_later(opening):
            running.append(line)
            continue
        yield None, running
        running = []
        yield opening, list(until_closed(lines, opening["fence"]))
    yield None, running


def closes_later(opening):
    """Tell a fence from inline code at the start of a line, which has backticks after its first ones."""
    return not (opening["fence"].startswith("`") and "`" in opening["info"])


def until_closed(lines, fence):
    """Yield the lines up to the end of a fence, or to the end of the text."""
    for line in lines:
        if re.fullmatch(rf"{re.escape(fence[0])}{{{len(fence)},}}", line.strip()):
            return
        yield line


def plain_fence(lesson, opening, lines):
    """Return one fence: program text as it is, a directive resolved; the indentation (of a list) is kept."""
    info, margin = opening["info"].strip(), opening["indent"]
    if not info.startswith("{"):
        return "\n".join([opening[0], *lines, margin + opening["fence"]])
    directive = read_directive(info, dedent("\n".join(lines)).splitlines())
    return indent(lookup(DIRECTIVES, directive.name, "directive")(lesson, directive), margin)


def plain_running(lesson, lines):
    """Return running text without comments, targets and block breaks, its roles resolved."""
    for line in lines:
        refuse_broken_fence(line)
    kept = [line for line in lines if not (line.startswith(("%", "+++")) or TARGET_LINE.fullmatch(line))]
    numbered = MATH_LABEL.sub(lambda found: f"{tag(lesson, found['label'])} $$", "\n".join(kept))
    return plain_inline(lesson, numbered)


def refuse_broken_fence(line):
    """Refuse the first line of a directive that Markdown takes for inline code, because backticks follow on it."""
    opening = FENCE.fullmatch(line)
    directive = DIRECTIVE.fullmatch(opening["info"].strip()) if opening else None
    if directive:
        name = directive["name"]
        raise PortableError(f"backticks follow {name!r} on its first line; write `:::{{{name}}}` there.")


def plain_markdown(lesson, text):
    """Return MyST Markdown as plain Markdown.

    Raises
    ------
    PortableError
        If the text uses a role or directive that has no plain form here, or refers to something unknown.
    """
    parts = (plain_fence(lesson, *part) if part[0] else plain_running(lesson, part[1]) for part in split_fences(text))
    return "\n\n".join(part for part in (part.strip("\n") for part in parts) if part)


# Notebook: what the cells hold, and what stays of them.


def glued_values(notebook):
    """Return the printed values of a notebook by name; strings lose the quotes of their `repr`."""
    named = [(output.get("metadata", {}).get("scrapbook", {}).get("name"), output) for output in outputs(notebook)]
    return {name: glued_text(output["data"]) for name, output in named if name}


def glued_text(data):
    """Return the text of one glue output."""
    text = data.get(f"{GLUE_PREFIX}text/plain", data.get("text/plain", ""))
    return ast.literal_eval(text) if re.fullmatch(r"'.*'|\".*\"", text, re.DOTALL) else text


def outputs(notebook):
    """Yield the outputs of all code cells."""
    for cell in notebook.cells:
        yield from cell.get("outputs", [])


def markdown(notebook):
    """Return the texts of the Markdown cells."""
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def directives(text):
    """Yield the directives of a text, those inside others included."""
    for opening, lines in split_fences(text):
        if opening and opening["info"].strip().startswith("{"):
            directive = read_directive(opening["info"].strip(), dedent("\n".join(lines)).splitlines())
            yield directive
            yield from directives(directive.body)


def all_directives(texts):
    """Return the directives of several texts, each read on its own: no fence reaches beyond its cell."""
    return [directive for text in texts for directive in directives(text)]


def numbered_exercises(texts):
    """Return "Exercise 1" and so on by label, in the order of the texts."""
    exercises = [each for each in all_directives(texts) if each.name in ("exercise", "exercise-start")]
    labels = [each.options["label"] for each in exercises if "label" in each.options]
    return {label: f"Exercise {number}" for number, label in enumerate(labels, start=1)}


def numbered_equations(texts):
    """Return the equations by label, numbered in the order of their kind."""
    equations = [each for each in all_directives(texts) if each.name == "math"]
    labels = [each.options["label"] for each in equations if "label" in each.options]
    labels += [found["label"] for text in texts for found in MATH_LABEL.finditer(text)]
    return {label: Target(f"equation {number}", f"({number})") for number, label in enumerate(labels, start=1)}


def figures(notebook):
    """Return the captioned figures of a notebook by the position of their cell: name and caption."""
    settings = ((at, cell.metadata.get("mystnb", {}).get("figure")) for at, cell in enumerate(notebook.cells))
    return {at: {"name": f"figure-{at}", "caption": "", **figure} for at, figure in settings if figure}


def numbered_figures(notebook):
    """Return "Fig. 1" and so on by the name of the figure."""
    names = [figure["name"] for figure in figures(notebook).values()]
    return {name: Target(f"Fig. {number}", f"Fig. {number}") for number, name in enumerate(names, start=1)}


def headings(texts):
    """Return the headings that carry a label, by label."""
    found = (match for text in texts for match in LABELLED_HEADING.finditer(text))
    return {match["label"]: Target(match["title"].strip()) for match in found}


def own_targets(notebook):
    """Return everything in a notebook that a reference may point at."""
    texts = markdown(notebook)
    exercises = {label: Target(title, title) for label, title in numbered_exercises(texts).items()}
    return headings(texts) | exercises | numbered_equations(texts) | numbered_figures(notebook)


def only_glues(cell):
    """Tell whether a code cell does nothing but glue values for the text."""
    try:
        statements = ast.parse(cell.source).body
    except SyntaxError:
        return False
    calls = [each.value for each in statements if isinstance(each, ast.Expr) and isinstance(each.value, ast.Call)]
    names = [getattr(call.func, "id", "") for call in calls]
    return bool(names) and len(names) == len(statements) and set(names) == {"glue"}


def plain_outputs(cell):
    """Return the outputs of a cell without glue and without widget views, whose pictures stay."""
    kept = []
    for output in cell.outputs:
        data = output.get("data", {})
        if any(kind.startswith(GLUE_PREFIX) for kind in data):
            continue
        data.pop(WIDGET_VIEW, None)
        kept.append(output)
    return kept


def plain_code(cell):
    """Return a code cell for the copy; a cell whose input the site removes stays, folded."""
    tags = set(cell.metadata.get("tags", []))
    hidden = bool(tags & {"remove-cell", "remove-input", "hide-input", "hide-cell"})
    cell.metadata = nbformat.from_dict({"jupyter": {"source_hidden": True}} if hidden else {})
    cell.outputs = plain_outputs(cell)
    return cell


def markdown_cell(identity, text):
    """Return a Markdown cell with a stable id."""
    return nbformat.v4.new_markdown_cell(text, id=identity)


def plain_cells(lesson, notebook):
    """Yield the cells of the copy: text resolved, code kept, captions below their figures."""
    captions = figures(notebook)
    for at, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and not only_glues(cell):
            yield plain_code(cell)
        elif cell.cell_type == "markdown" and (text := plain_cell_text(lesson, cell)):
            yield markdown_cell(cell.id, text)
        if at in captions:
            yield markdown_cell(f"{cell.id}-caption"[-64:], caption(lesson, captions[at]))


def plain_cell_text(lesson, cell):
    """Return the text of a Markdown cell; an error names the cell."""
    try:
        return plain_markdown(lesson, FRONT_MATTER.sub("", cell.source))
    except ValueError as error:
        raise PortableError(f"cell {cell.id!r}: {error}") from error


def caption(lesson, figure):
    """Return the caption of a figure with its number."""
    return f"**{lesson.target(figure['name']).number}.** {plain_inline(lesson, figure['caption'])}"


def portable_copy(notebook, *, bibliography=None, pages=None, targets=None, note=""):
    """Return a copy of a lesson that needs no book around it.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The lesson, executed: its outputs hold the figures and the printed values that the text refers to.
    bibliography : str or path, optional
        A BibTeX file; needed if the lesson cites.
    pages : mapping of str to Target, optional
        Other pages by document name, such as ``book/how-a-relu-dies``.
    targets : mapping of str to Target, optional
        Labels elsewhere in the book; those of the lesson itself are found here.
    note : str, optional
        Markdown for a first cell, such as where the copy comes from.

    Returns
    -------
    nbformat.NotebookNode
        A new notebook: plain Markdown, embedded pictures, and a list of references at the end.

    Raises
    ------
    PortableError
        If something in the lesson has no plain form; the message names the cell and the culprit.

    Examples
    --------
    >>> cell = nbformat.v4.new_markdown_cell("Slope {math}`0`.")
    >>> portable_copy(nbformat.v4.new_notebook(cells=[cell])).cells[0].source
    'Slope $0$.'
    """
    source = copy.deepcopy(notebook)
    lesson = Lesson(
        glued=glued_values(source),
        citations=Citations(bibliography),
        targets=dict(targets or {}) | own_targets(source),
        pages=pages or {},
        exercises=numbered_exercises(markdown(source)),
        starters=starters(source.cells),
    )
    cells = [markdown_cell("note", note)] if note else []
    cells = with_references([*cells, *plain_cells(lesson, source)], lesson.citations.references())
    return nbformat.from_dict({**source, "cells": cells, "metadata": plain_metadata(source)})


def with_references(cells, references):
    """Put the references where the lesson has its bibliography, or into a last cell."""
    marked = [cell for cell in cells if cell.cell_type == "markdown" and REFERENCES in cell.source]
    for cell in marked:
        cell.source = cell.source.replace(REFERENCES, references)
    if marked or not references:
        return cells
    return [*cells, markdown_cell("references", f"## References\n\n{references}")]


def plain_metadata(notebook):
    """Return what any notebook program needs to know: the kernel and the language."""
    return {key: notebook.metadata[key] for key in ("kernelspec", "language_info") if key in notebook.metadata}
