"""No result is typed: a number in a lesson comes from a cell, or is one of those that are given.

What is given stands in ``given/``, one file a lesson: sizes and settings that define the experiments, years, arithmetic
that the reader does along with the text. Each line holds numerals and, after a colon, what they are.
"""

from pathlib import Path

import pytest

from tests.lessons.numerals import numerals, typed
from tests.site.pages import ROOT, lessons

GIVEN = Path(__file__).parent / "given"


def given(lesson):
    """Return the numerals that a lesson may type."""
    lines = (GIVEN / f"{Path(lesson).name}.txt").read_text(encoding="utf-8").splitlines()
    return {numeral for line in lines for numeral in line.partition(":")[0].split()}


@pytest.mark.parametrize("lesson", lessons())
def test_no_result_is_typed(lesson):
    assert typed(ROOT / f"{lesson}.ipynb") - given(lesson) == set()


@pytest.mark.parametrize("lesson", lessons())
def test_nothing_is_given_that_the_lesson_does_not_say(lesson):
    assert given(lesson) - typed(ROOT / f"{lesson}.ipynb") == set()


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("At 0.5 it is {glue:text}`level`, not $3$ nor `4`; from −2 on.", ["0.5", "-2"]),
        ("```{quiz} Is it 5?\n:label: q-9\n- [ ] It is 6.\n  Or {glue:text}`x`, or 7.\n```", ["5", "6", "7"]),
        ("| a | 8 |\n|---|---|\n| 9 % | 1,437 |", ["8", "9", "1,437"]),
        ("> said 12 times\n\nx", []),
        ("```{math}\n13\n```\n\n```{starter} ex-14\n```", []),
    ],
)
def test_numerals_are_found_where_a_reader_reads(markdown, expected):
    assert numerals(markdown) == expected
