"""What the page about speed says of its targets is what its own tables say. The tables take a quiet machine."""

import re
from pathlib import Path

from benchmarks import tasks
from benchmarks.speed import TEXT
from nonlinear.activations.base import PIECE

PAGE = (Path(__file__).parents[1] / "book" / "speed.md").read_text(encoding="utf-8")
GOAL = re.compile(
    r"^- (.*): ([\d.]+) times \(([\d.]+) to ([\d.]+) in \d+ rounds\), so it is (met|\*\*not met\*\*)\.$", re.MULTILINE
)


def ratios(heading: str) -> list[dict[str, float]]:
    """Return the time of each contender relative to ours, for one core and for more."""
    text = PAGE.partition(f"## {heading}")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| [\d,]+ \| ([\d.]+) \|$", text, re.MULTILINE)
    starts = [k for k, (name, value) in enumerate(rows) if name.startswith("Nonlinear") and value == "1"]
    parts = [rows[a:b] for a, b in zip(starts, [*starts[1:], None], strict=True)]
    return [{name: float(value) for name, value in part[1:] if not name.startswith("Nonlinear")} for part in parts]


def test_the_verdicts_are_those_of_the_tables():
    eager = min(v for part in ratios("One small network") for name, v in part.items() if "PyTorch eager" in name)
    one_core, two_cores = (min(part.values()) for part in ratios("A thousand of them"))
    expected = [(5, eager), (1, one_core)]
    found = GOAL.findall(PAGE)
    assert len(found) == len(expected) == 2
    for (words, printed, low, high, verdict), (goal, value) in zip(found, expected, strict=True):
        assert float(low) <= float(printed) == value <= float(high), words
        assert verdict == ("met" if value >= goal else "**not met**"), words
    assert f"On 2 cores, ours is {two_cores:.2f} times (" in PAGE


def test_the_page_is_that_of_the_command():
    """All that does not depend on a measurement is as the command would write it now."""
    for text in re.split(r"(?<!\{)\{\w+\}(?!\})", TEXT):
        assert text.format(tasks=tasks, PIECE=PIECE) in PAGE
