"""The pages of the book, from its table of contents, and the modules that its reference describes."""

import pkgutil
import re
from pathlib import Path

import pytest
import yaml

import nonlinear
from nonlinear.activations import CATALOGUE

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
    imported = re.compile(r"from nonlinear\.(lessons\.\w+\.)?widgets import")
    return [name for name in lessons() if imported.search((ROOT / f"{name}.ipynb").read_text("utf-8"))]


OF_THE_COURSE = {"course", "lessons", "widgets"}  # what the lessons compute and draw
INNER = {"datasets", "gradcheck"}  # packages that offer what their modules hold
FUNCTIONS = {cls.__module__.removeprefix("nonlinear.") for cls in CATALOGUE.values()}  # on the page of the functions


def modules():
    """Return the modules that people import from, by their names within the package."""
    found = {m.name.removeprefix("nonlinear.") for m in pkgutil.walk_packages(nonlinear.__path__, "nonlinear.")}
    return {m for m in found - FUNCTIONS if m.split(".")[0] not in OF_THE_COURSE and m.rpartition(".")[0] not in INNER}


SOURCES = "source/"  # the source of modules; all these pages are made in one way, so one of them is tested
PAGES = [*(f"{name}.html" for name in documents()), f"{SOURCES}nonlinear/network.html", "search.html"]
every_page = pytest.mark.parametrize("page", PAGES)
every_lesson = pytest.mark.parametrize("lesson", lessons())
every_interactive_lesson = pytest.mark.parametrize("lesson", interactive())
