"""What a reader does on the site, in the engines that are not Chromium."""

import os
from pathlib import Path

import pytest

from tests.browsers.webdriver import keyboard, mouse
from tests.site.pages import ROOT, every_interactive_lesson, every_lesson, every_page, lessons

PART = "document.querySelectorAll('.nl-widget')[arguments[0]]"
INSIDE = f"const root = [...{PART}.querySelectorAll('*')].find(each => each.shadowRoot).shadowRoot;"
DRAWN = f"return {PART}.querySelector('[data-drawn]').dataset.drawn"
CONTROLS = "[...root.querySelectorAll('input[type=range], select')].filter(each => each.getClientRects().length)"
FIRST = lessons()[0]


@every_page
def test_no_complaints_and_nothing_from_elsewhere(visit, page):
    visit.open(page)
    visit.wake_widgets()
    assert visit.problems() == []


@every_page
@pytest.mark.parametrize("width", [320, 360, 390])
def test_nothing_scrolls_sideways(visit, page, width):
    visit.open(f"window.html?page={page}&width={width}")
    inner = "document.querySelector('iframe').contentWindow"
    visit.until(f"{inner}.document.readyState === 'complete'")
    visit.run(f"{inner}.scrollTo(500, 0)")
    assert visit.run(f"return [{inner}.innerWidth, {inner}.scrollX]") == [width, 0]


@every_lesson
def test_formulas_are_set(visit, lesson):
    """In the font of the site, each with room of its own."""
    visit.open(f"{lesson}.html")
    visit.until("document.fonts.status === 'loaded'")
    sizes = visit.run(
        """return [...document.querySelectorAll('main math')].filter(each => !each.closest('details, .quiz, .solution'))
           .map(each => each.getBoundingClientRect()).map(({width, height}) => Math.min(width, height))"""
    )
    assert len(sizes) > 20 and min(sizes) > 3
    fonts = "[...document.fonts].filter(font => /Math/.test(font.family)).map(font => font.status)"
    assert visit.run(f"return {fonts}") == ["loaded"]
    if os.environ.get("PICTURES"):
        keep_pictures(visit, Path(os.environ["PICTURES"]), lesson)


def keep_pictures(visit, folder, lesson):
    """Keep pictures of the formulas of a lesson that have most parts, to be looked at."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(3):
        visit.run(
            """[...document.querySelectorAll('main section > div.math')]
               .sort((a, b) => b.querySelectorAll('*').length - a.querySelectorAll('*').length)[arguments[0]]
               ?.scrollIntoView({block: 'center'})""",
            number,
        )
        name = f"{Path(lesson).name}-{number}-{type(visit.engine).__name__.lower()}.png"
        (folder / name).write_bytes(visit.engine.picture())


@every_lesson
def test_lines_with_formulas_are_no_further_apart(visit, lesson):
    visit.open(f"{lesson}.html")
    visit.until("document.fonts.status === 'loaded'")
    heights = visit.run(
        """return [...document.querySelectorAll('main section > p')].filter(text => text.querySelector('math'))
           .filter(text => !text.querySelector('mfrac, msqrt, munder, munderover, mtable, code, sup, .claim'))
           .map(text => text.clientHeight / parseFloat(getComputedStyle(text).lineHeight))"""
    )
    assert len(heights) > 2
    assert all(height == pytest.approx(round(height), abs=0.08) for height in heights)


@every_interactive_lesson
def test_widgets_answer_the_keyboard(visit, lesson):
    """Every control moves the drawing."""
    visit.open(f"{lesson}.html")
    for widget in range(visit.wake_widgets()):
        visit.run(f"{PART}.scrollIntoView({{block: 'center'}})", widget)
        for control in range(visit.run(f"{INSIDE} return {CONTROLS}.length", widget)):
            before = visit.run(DRAWN, widget)
            visit.run(f"{INSIDE} {CONTROLS}[arguments[1]].focus()", widget, control)
            for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
                visit.act(keyboard(key))
                visit.run("return document.body.offsetHeight")
                if visit.run(DRAWN, widget) != before:
                    break
            visit.until(f"{DRAWN.removeprefix('return ').replace('arguments[0]', str(widget))} !== {before!r}")
    assert visit.problems() == []


@every_interactive_lesson
def test_what_is_drawn_can_be_dragged(visit, lesson):
    """Without selecting text; at least one drawing of a lesson answers."""
    visit.open(f"{lesson}.html")
    moved = False
    for widget in range(visit.wake_widgets()):
        visit.run(f"{INSIDE} (root.querySelector('svg.grab') || root).scrollIntoView?.({{block: 'center'}})", widget)
        box = visit.run(
            f"""{INSIDE} const box = root.querySelector('svg.grab')?.getBoundingClientRect();
            return box ? [box.x, box.y, box.width, box.height] : null""",
            widget,
        )
        if box:
            before = visit.run(DRAWN, widget)
            x, y, wide, high = box
            visit.act(mouse((x + 0.35 * wide, y + 0.5 * high), (x + 0.6 * wide, y + 0.6 * high)))
            visit.run("return document.body.offsetHeight")
            moved |= visit.run(DRAWN, widget) != before
            assert visit.run("return getSelection().toString()") == ""
    assert moved


@pytest.mark.parametrize("of", ["site", "file"])
def test_search(visit, of):
    """By keyboard, on the site and in a copy of it that was opened from a file."""
    visit.open(f"{FIRST}.html" if of == "site" else (ROOT / "_build" / "html" / f"{FIRST}.html").as_uri())
    visit.act(keyboard(["Control", "k"]))
    visit.until("document.activeElement.name === 'q'")
    visit.act(keyboard(*"dying relu", "Enter"))
    visit.until("location.pathname.endsWith('search.html') && document.querySelector('.search-list h2')")
    assert visit.run("return document.querySelector('.search-list h2').textContent") == "How a ReLU dies"
    assert visit.run("return document.querySelector('[role=status]').textContent").endswith("for “dying relu”.")


@every_lesson
def test_quiz(visit, lesson):
    """First an answer, then what there is to say about it."""
    visit.open(f"{lesson}.html")
    visit.run("localStorage.clear()")
    visit.open(f"{lesson}.html")
    visit.run("document.querySelector('fieldset.quiz input').focus()")
    shown = "document.querySelector('.quiz-feedback').getClientRects().length > 0"
    visit.act(keyboard(" "))
    visit.until("document.querySelector('fieldset.quiz input').checked")
    assert not visit.run(f"return {shown}")
    visit.run("document.querySelector('.quiz-button').focus()")
    visit.act(keyboard("Enter"))
    visit.until(shown)


def test_theme(visit):
    """The button goes through the colours, and the choice is kept."""
    visit.open(f"{FIRST}.html")
    seen = set()
    for _ in range(3):
        visit.run("document.querySelector('.theme-switch-button').click()")
        seen.add(visit.run("return document.documentElement.dataset.theme"))
    assert seen == {"light", "dark"}
    while visit.run("return localStorage.getItem('mode')") != "dark":
        visit.run("document.querySelector('.theme-switch-button').click()")
    visit.open(f"{FIRST}.html")
    assert visit.run("return getComputedStyle(document.body).backgroundColor") == "rgb(18, 18, 18)"
    visit.run("localStorage.clear()")


@every_lesson
def test_links_reach_their_targets(visit, lesson):
    """Those of the page's contents, whatever loads above them, and a claim in its folded list."""
    visit.open(f"{lesson}.html")
    anchors = visit.run(
        """return [...document.querySelectorAll('.bd-toc-nav a, .page-toc a')].map(each => each.hash)
           .filter((each, at, all) => each.length > 1 && all.indexOf(each) === at)"""
    )
    assert len(anchors) > 5
    anchors += visit.run("return [...document.querySelectorAll('.claims li[id]')].map(each => `#${each.id}`)")[-1:]
    for anchor in (anchors[len(anchors) // 2], anchors[-2], anchors[-1]):
        visit.open(f"{lesson}.html{anchor}")
        top = "document.querySelector(':target').getBoundingClientRect().top"
        visit.until(f"document.readyState === 'complete' && {top} > -5 && {top} < innerHeight - 20")


def test_claims_open_and_close(visit):
    visit.open(f"{FIRST}.html")
    visit.run("document.querySelector('.claims summary').focus()")
    visit.act(keyboard("Enter"))
    visit.until("document.querySelector('.claims li').getClientRects().length")
