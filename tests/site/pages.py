"""The pages of the book, from its table of contents."""

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


def documents():
    """Return the names of the pages in the table of contents."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    chapters = [chapter["file"] for part in contents["parts"] for chapter in part["chapters"]]
    return [contents["root"], *chapters]


def lessons():
    """Return the names of the pages that are notebooks."""
    return [name for name in documents() if (ROOT / f"{name}.ipynb").is_file()]


def interactive():
    """Return the names of the lessons that show a widget."""
    return [name for name in lessons() if "nonlinear.widgets" in (ROOT / f"{name}.ipynb").read_text("utf-8")]


PAGES = [*(f"{name}.html" for name in documents()), "search.html"]
every_page = pytest.mark.parametrize("page", PAGES)
every_lesson = pytest.mark.parametrize("lesson", lessons())
every_interactive_lesson = pytest.mark.parametrize("lesson", interactive())
