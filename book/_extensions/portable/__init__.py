"""Portable copies: a lesson as a notebook that reads well outside the book.

JupyterLab, GitHub and the notebook services show MyST roles and directives as raw text. :func:`portable_copy` replaces
them by plain Markdown, keeps the figures, and appends the list of references. A role or directive which it does not
know is an error, so that no copy can hold markup that a reader would stumble over.
"""

import ast
import copy

import nbformat
from citations import Citations
from nbformat.v4 import new_markdown_cell
from starters import starters

from portable.directives import REFERENCES
from portable.lesson import Lesson
from portable.targets import PortableError, Target, numbered, own_targets

__all__ = ["GLUE_PREFIX", "WIDGET_VIEW", "PortableError", "Target", "portable_copy"]

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
FOR_PAGES = (WIDGET_VIEW, "image/svg+xml")  # beside each stands a PNG
GLUE_PREFIX = "application/papermill.record/"
HIDDEN = {"remove-cell", "remove-input", "hide-input", "hide-cell"}


def portable_copy(notebook, *, number=None, time="", bibliography=None, pages=None, targets=None, opening=()):
    """Return a copy of a lesson that needs no book around it.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The lesson, executed: its outputs hold the figures and the printed values that the text refers to.
    number : int, optional
        The number of the lesson, which goes before its title and the numbers of its figures and exercises.
    time : str, optional
        How long it takes, in words.
    bibliography : str or path, optional
        A BibTeX file; needed if the lesson cites.
    pages, targets : mapping of str to Target, optional
        The book's pages by document name, such as ``book/how-a-relu-dies``, and its labels; the lesson's own labels
        are found here.
    opening : sequence of nbformat.NotebookNode, optional
        Cells to put first, such as where the copy comes from.

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
    >>> cell = new_markdown_cell("Slope {math}`0`.")
    >>> portable_copy(nbformat.v4.new_notebook(cells=[cell])).cells[0].source
    'Slope $0$.'
    """
    source = copy.deepcopy(notebook)
    texts = [cell.source for cell in source.cells if cell.cell_type == "markdown"]
    prefix = f"{number}." if number else ""
    figures = numbered((figure["name"] for figure in captioned(source).values()), f"Figure {prefix}{{}}")
    lesson = Lesson(
        glued=glued_values(source),
        starters=starters(source.cells),
        targets={**(targets or {}), **own_targets(texts, prefix), **figures},
        pages=pages or {},
        citations=Citations(bibliography),
        time=time,
    )
    copied = with_number(list(plain_cells(lesson, source)), number)
    cells = with_references([*opening, *copied], lesson.citations)
    metadata = {key: source.metadata[key] for key in ("kernelspec", "language_info") if key in source.metadata}
    return nbformat.from_dict({**source, "cells": cells, "metadata": metadata})


def with_number(cells, number):
    """Return the cells of a copy with the number of the lesson in its title."""
    title = next((cell for cell in cells if number and cell.source.startswith("# ")), None)
    if title:
        title.source = f"# {number} {title.source[2:]}"
    return cells


def glued_values(notebook):
    """Return the printed values of a notebook by name; strings lose the quotes of their `repr`."""
    glued = (output for cell in notebook.cells for output in cell.get("outputs", []) if is_glue(output))
    texts = {output.metadata.scrapbook.name: output.data[f"{GLUE_PREFIX}text/plain"] for output in glued}
    return {name: ast.literal_eval(text) if text[0] in "'\"" else text for name, text in texts.items()}


def is_glue(output):
    """Tell whether an output is a printed value for the text."""
    return any(kind.startswith(GLUE_PREFIX) for kind in output.get("data", {}))


def captioned(notebook):
    """Return the captioned figures of a notebook by the position of their cell: name and caption."""
    settings = ((at, cell.metadata.get("mystnb", {}).get("figure")) for at, cell in enumerate(notebook.cells))
    return {at: {"name": f"figure-{at}", "caption": "", **figure} for at, figure in settings if figure}


def plain_cells(lesson, notebook):
    """Yield the cells of the copy: text resolved, code kept, captions below their figures."""
    figures = captioned(notebook)
    for at, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and not only_glues(cell):
            yield plain_code(cell)
        elif cell.cell_type == "markdown" and (text := plain_text(lesson, cell)):
            yield new_markdown_cell(text, id=cell.id)
        if at in figures:
            yield new_markdown_cell(caption(lesson, figures[at]), id=f"{cell.id}-caption"[-64:])


def plain_text(lesson, cell):
    """Return the text of a Markdown cell; an error names the cell."""
    try:
        return lesson.markdown(cell.source)
    except ValueError as error:
        raise PortableError(f"cell {cell.id!r}: {error}") from error


def caption(lesson, figure):
    """Return the caption of a figure with its number."""
    return f"**{lesson.targets[figure['name']].number}.** {lesson.inline(figure['caption'])}"


def only_glues(cell):
    """Tell whether a code cell does nothing but glue values for the text."""
    statements = ast.parse(cell.source).body
    calls = [each.value for each in statements if isinstance(each, ast.Expr) and isinstance(each.value, ast.Call)]
    return len(calls) == len(statements) and {getattr(call.func, "id", "") for call in calls} == {"glue"}


def plain_code(cell):
    """Return a code cell without its glue and widget views, whose pictures stay; what the site hides is folded."""
    hidden = HIDDEN & set(cell.metadata.get("tags", []))
    cell.metadata = nbformat.from_dict({"jupyter": {"source_hidden": True}} if hidden else {})
    cell.outputs = joined(output for output in cell.outputs if not is_glue(output))
    for output in cell.outputs:
        for kind in FOR_PAGES:
            output.get("data", {}).pop(kind, None)
    return cell


def joined(outputs):
    """Return outputs with each printed text in one piece: where a kernel cuts it is chance."""
    kept = []
    for output in outputs:
        if kept and output.output_type == "stream" and output.get("name") == kept[-1].get("name"):
            kept[-1].text += output.text
        else:
            kept.append(output)
    return kept


def with_references(cells, citations):
    """Put the references where the lesson has its bibliography, or into a last cell."""
    references = citations.references()
    marked = [cell for cell in cells if cell.cell_type == "markdown" and REFERENCES in cell.source]
    for cell in marked:
        cell.source = cell.source.replace(REFERENCES, references)
    last = [] if marked or not references else [new_markdown_cell(f"## References\n\n{references}", id="references")]
    return [*cells, *last]
