"""The checklists in CONTRIBUTING.md, against the lessons and widgets that are there."""

import re

import pytest

from tests.site.pages import ROOT

TESTS = sorted(ROOT.glob("tests/**/test_*.py"))
NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
KINDS = {
    "A lesson": ("the-question", [path.stem for path in ROOT.glob("book/*.ipynb")]),
    "A widget": ("the-thing", [path.stem for path in ROOT.glob("src/nonlinear/widgets/[!_]*.js")]),
}


def checklist(heading):
    """Return how many files a section says there are, and the names in its table."""
    section = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition(f"## {heading}\n\n")[2].split("\n## ")[0]
    return NUMBERS.index(section.split()[0].lower()), re.findall(r"^\| `(\S+)` \|", section, re.MULTILINE)


def mentions(file, example, name):
    """Whether a file is there under a name or, if it is one for all, has the name in its text."""
    own = file.replace(example, name).replace(example.replace("-", "_"), name.replace("-", "_"))
    return (ROOT / own).is_file() and (own != file or re.search(rf"\b{name}\b", (ROOT / file).read_text("utf-8")))


def test_the_tests_that_the_page_on_accessibility_names_are_there():
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "book" / "accessibility.md").read_text("utf-8")))
    there = set(re.findall(r"^def (test_\w+)", "".join(path.read_text("utf-8") for path in TESTS), re.MULTILINE))
    assert len(named) > 20 and named <= there, named - there


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "book/maintaining.md", "book/accessibility.md"])
def test_commands_that_pages_name_are_there(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"`(?:[A-Z_]+=\S+ )?make ([a-z-]+)", (ROOT / page).read_text("utf-8")))
    assert named and named <= targets, named - targets


@pytest.mark.parametrize("heading", KINDS)
def test_the_files_of_a_checklist_are_those_that_all_have(heading):
    (example, names), (count, files) = KINDS[heading], checklist(heading)
    assert all((ROOT / file).exists() for file in files if not re.search(r"the[-_]", file))
    for name in names:
        assert [file for file in files[:count] if not mentions(file, example, name)] == [], name
    assert any(not mentions(files[count], example, name) for name in names)
