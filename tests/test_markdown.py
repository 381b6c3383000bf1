"""The text of the book as Markdown reads it: no line of a sentence becomes a list."""

from pathlib import Path

import nbformat
import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "book").glob("*.md")), *sorted((ROOT / "book").glob("*.ipynb"))]
LISTS = {"ordered_list_open", "bullet_list_open"}


def texts(path):
    """Yield the Markdown of a page, or of each cell of a notebook."""
    if path.suffix == ".md":
        yield path.read_text(encoding="utf-8")
    else:
        cells = nbformat.read(path, as_version=4).cells
        yield from (cell.source for cell in cells if cell.cell_type == "markdown")


def accidental_lists(text):
    """Return the first lines of lists that begin within a paragraph, or of a numbered list of one item."""
    lines, tokens = text.splitlines(), MarkdownIt().parse(text)
    found = []
    for at, token in enumerate(tokens):
        if token.type in LISTS:
            start, end = token.map
            before = lines[start - 1] if start and not token.level else ""
            items = [each for each in tokens[at:] if each.type == "list_item_open" and each.map[0] < end]
            alone = token.type.startswith("ordered") and sum(each.level == token.level + 1 for each in items) == 1
            if alone or (before.strip() and not before.startswith(":")):  # an option of a directive is no sentence
                found.append(lines[start])
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_sentence_breaks_into_a_list(path):
    assert [line for text in texts(path) for line in accidental_lists(text)] == []


@pytest.mark.parametrize("text", ["It rises from 0 to\n1. Then it stays.", "1. It is so.", "The slope is\n- 1 here."])
def test_accidental_lists_are_seen(text):
    assert len(accidental_lists(text)) == 1


@pytest.mark.parametrize("text", ["So:\n\n1. a\n2. b", "- a", "It is 1. Then\nit is not.", "- a\n  1. b\n  2. c"])
def test_other_lists_and_numbers_are_left_alone(text):
    assert accidental_lists(text) == []
