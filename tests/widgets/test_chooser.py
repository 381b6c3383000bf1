"""The chooser: what it asks, shows and says, with the keyboard and from an address, and what it refuses."""

import itertools
import re

import pytest

from nonlinear.widgets import Advice, Chooser, Evidence, Option, Question
from tests.widgets.driving import DRAWN, answered

LAST = {"a": Advice("Go.", "Not far."), "b": Advice("Stay.", "Not long.")}


def spoken(page) -> str:
    """Return what the drawing is called, after the frame in which it is drawn."""
    answered(page)
    return page.get_by_role("img").get_attribute("aria-label")


def test_it_says_and_draws_what_python_does_for_all_answers(show, chooser):
    page = show(chooser)
    for answers in itertools.product(range(3), repeat=3):
        for trait, answer in zip(chooser.shared, answers, strict=True):
            setattr(chooser, trait, answer)
            page.evaluate("([trait, answer]) => model.set(trait, answer)", [trait, answer])
        drawn, advised = chooser.drawn(), chooser.advised()
        assert spoken(page) == f"{drawn.label}. {chooser.sentence()}"
        assert page.locator("svg .middle").count() == len(drawn.rows)
        assert page.locator("fieldset:visible").count() == len(chooser.path())
        assert page.locator(".status").is_visible() == (advised is not None)
        assert chooser.figure().axes[0].get_xlabel() == drawn.label


def test_the_keyboard_answers_and_the_next_question_comes(show, chooser):
    page = show(chooser, width=390)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert spoken(page).endswith("Is there a roof? Yes. It was warm. Stay as you are. Until it rains.")
    page.keyboard.press("ArrowDown")
    assert spoken(page).endswith("Is there a roof? No. Two in three were. Is it windy?")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert spoken(page).endswith("Is it windy? Yes. It is known. Take a coat. Made up, for tests.")
    assert page.get_by_role("radio", checked=True).count() == 2
    page.get_by_role("button", name="Reset").click()
    assert spoken(page).endswith("Is there a roof?") and page.get_by_role("radio", checked=True).count() == 0


def test_only_a_page_has_links(show, chooser):
    page = show(chooser, question1=2, question2=1)
    words = page.locator("fieldset:visible .note").nth(1)
    assert words.text_content() == "It is known. The lesson on wind" and page.locator("a").count() == 0
    page.evaluate("model.link = () => ''; model.set('question2', 2); model.set('question2', 1)")
    page.evaluate("model.set('question1', 1)")
    spoken(page)
    assert page.get_by_role("link", name="The lesson on May").get_attribute("href") == "warm.html"


@pytest.mark.parametrize("place", [9, -3, "x", None])
def test_it_survives_a_wrong_state(show, chooser, place):
    page = show(chooser)
    page.evaluate("place => model.set('question1', place)", place)
    assert spoken(page) and re.match(r"question1=[0-2] ", page.evaluate(DRAWN))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tree": LAST}, "tree must begin with a question and have 8 of them at most; got 0"),
        ({"tree": {**LAST, "q": Question("?", {"yes": Option("Yes", "a")})}}, "must begin with a question"),
        ({"tree": {"q": Question("?", {"yes": Option("Yes", "q")}), **LAST}}, "further down, must be one of 'a', 'b'"),
        ({"answers": {"roof": "yes"}}, "a question must be one of 'q'; got 'roof'"),
        ({"answers": {"q": "no"}}, "an answer must be one of '', 'yes'; got 'no'"),
    ],
)
def test_it_refuses(changes, message):
    tree = {"q": Question("?", {"yes": Option("Yes", "a")}), **LAST}
    with pytest.raises(ValueError, match=message):
        Chooser(**{"tree": tree, "opening": Evidence("So.", {"x": (0, 1, 2)}, "y"), **changes})


@pytest.mark.parametrize("row", [(0, 1), (0, 1, float("nan"))])
def test_evidence_refuses(row):
    with pytest.raises(ValueError, match="rows must hold three finite numbers each"):
        Evidence("So.", {"x": row})
