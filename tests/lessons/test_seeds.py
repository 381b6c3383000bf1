"""The number of seeds: said once, in `nonlinear.course`, and rightly wherever a lesson says it to its reader."""

import importlib
import json
import re
from pathlib import Path

import pytest

from nonlinear.course import grids

NOTEBOOKS = {path.stem: path for path in (Path(__file__).parents[2] / "book").glob("*.ipynb")}
WORDS = dict(zip("one two three four five six seven eight nine ten eleven twelve".split(), range(1, 13), strict=True))
NUMBER = rf"(\d+|{'|'.join(WORDS)})"
SAID = re.compile(rf"\b(?:{NUMBER} seeds|seeds, {NUMBER} a setting|seed of {NUMBER})\b", re.IGNORECASE)


def said(notebook):
    """Yield every number of seeds in the text, the captions and the alternative texts of a notebook."""
    for cell in notebook["cells"]:
        drawn = cell["metadata"].get("mystnb", {})
        text = "".join(cell["source"]) if cell["cell_type"] == "markdown" else ""
        shown = [text, drawn.get("figure", {}).get("caption", ""), drawn.get("image", {}).get("alt", "")]
        for found in SAID.finditer(" ".join(" ".join(shown).split())):
            number = next(filter(None, found.groups())).lower()
            yield WORDS.get(number) or int(number), found[0]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_lesson_says_how_many_seeds_there_are(name):
    experiment = importlib.import_module(f"nonlinear.lessons.{grids.package(name)}.experiment")
    members = getattr(experiment, "MEMBERS", None)
    numbers = list(said(json.loads(NOTEBOOKS[name].read_text(encoding="utf-8"))))
    assert not [text for number, text in numbers if number != members]


def test_what_is_said_is_found():
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["Means of ten\n", "seeds, and\nof 11 seeds."]},
        {
            "cell_type": "code",
            "metadata": {"mystnb": {"figure": {"caption": "Dots: seeds, nine a setting."}}},
            "source": [],
        },
        {"cell_type": "code", "metadata": {"mystnb": {"image": {"alt": "One seed of twelve."}}}, "source": ["3 seeds"]},
    ]
    assert [number for number, _ in said({"cells": cells})] == [10, 11, 9, 12]
