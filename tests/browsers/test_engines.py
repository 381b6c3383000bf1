"""What a reader does on the site, in the engines that are not Chromium."""

import os
import time
from pathlib import Path

import pytest

from tests.browsers.webdriver import keyboard, mouse
from tests.site.pages import ROOT, every_interactive_lesson, every_lesson, every_page, lessons

PART = "document.querySelectorAll('.nl-widget')[arguments[0]]"
INSIDE = f"const root = [...{PART}.querySelectorAll('*')].find(each => each.shadowRoot).shadowRoot;"
DRAWN = f"return {PART}.querySelector('[data-drawn]').dataset.drawn"
CONTROLS = "[...root.querySelectorAll('input, select')].filter(each => each.getClientRects().length)"
CHOOSE = """one.focus();
if (one.matches("[type=radio]")) { one.click(); return "radio"; }
if (one.matches("input")) return "slider";
one.value = [...one.options].find(each => !each.selected && !each.disabled).value;
one.dispatchEvent(new Event("input", {bubbles: true}));
one.dispatchEvent(new Event("change", {bubbles: true}));"""
DRAWINGS = """const drawing = root.querySelector("svg.grab");
drawing?.scrollIntoView({block: "center"});
const {x, y, width, height} = drawing?.getBoundingClientRect() ?? {};
return drawing ? [[x, y, width, height]] : [];"""
FIRST = lessons()[0]
# A neuron, curves, paths and functions, which a stroke through the middle moves.
DRAGGED = [f"book/{name}" for name in ("how-a-relu-dies", "vanishing-gradients", "zero-centring", "the-catalogue")]


def changed(visit, widget, before, seconds=3):
    """Tell whether a widget draws something else, within a moment."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if visit.run(DRAWN, widget) != before:
            return True
        time.sleep(0.05)
    return False


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
    assert visit.run(f"return {inner}.innerWidth") == width
    assert visit.run(f"return {inner}.scrollX") <= 1  # px, for rounding


@every_lesson
def test_formulas_are_set(visit, lesson):
    """In the font of the site, each with room of its own."""
    visit.open(f"{lesson}.html")
    visit.until("document.fonts.status === 'loaded'")
    sizes = visit.run(
        """return [...document.querySelectorAll('main math')].filter(each => !each.closest('details, .quiz, .solution'))
           .map(each => each.getBoundingClientRect()).map(({width, height}) => Math.min(width, height))"""
    )
    assert len(sizes) > 2 and min(sizes) > 3
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


OVERLAPS = """return [...document.querySelectorAll('main :is(mrow, mtd) > *')].filter(part => {
  const cell = part.closest("mtd"), inRow = part.nextElementSibling;
  const next = inRow ?? (cell === part.parentElement ? cell.nextElementSibling?.firstElementChild : null);
  return next && part.getBoundingClientRect().right > next.getBoundingClientRect().left + 4;
}).map(part => part.closest("math").textContent)"""


@every_lesson
def test_parts_of_formulas_keep_apart(visit, lesson):
    """Columns stand beside one another, and signs in their order."""
    visit.open(f"{lesson}.html")
    visit.until("document.fonts.status === 'loaded'")
    assert visit.run(OVERLAPS) == []


@pytest.mark.parametrize("lesson", [name for name in lessons() if name != "book/lab"])  # which has none
def test_lines_with_formulas_are_no_further_apart(visit, lesson):
    """Unless a formula is higher than a word; a hat makes it so, by different amounts."""
    visit.open(f"{lesson}.html")
    visit.until("document.fonts.status === 'loaded'")
    heights = visit.run(
        """return [...document.querySelectorAll('main section > p')].filter(text => text.querySelector('math'))
           .filter(text => !text.querySelector('mfrac, msqrt, mover, munder, munderover, mtable, code, .claim'))
           .map(text => text.clientHeight / parseFloat(getComputedStyle(text).lineHeight))"""
    )
    assert heights
    assert all(height == pytest.approx(round(height), abs=0.08) for height in heights)


@every_interactive_lesson
def test_widgets_answer_the_keyboard(visit, lesson):
    """Every slider moves the drawing by keyboard, and so does what is chosen in every list (which opens as it will)."""
    visit.open(f"{lesson}.html")
    for widget in range(visit.wake_widgets()):
        visit.run(f"{PART}.scrollIntoView({{block: 'center'}})", widget)
        control = 0
        while control < visit.run(f"{INSIDE} return {CONTROLS}.length", widget):  # one may hide another
            before = visit.run(DRAWN, widget)
            if visit.run(f"{INSIDE} const one = {CONTROLS}[arguments[1]]; {CHOOSE}", widget, control) == "slider":
                at_end = visit.run(
                    f"{INSIDE} const one = {CONTROLS}[arguments[1]]; return +one.value >= +one.max", widget, control
                )
                visit.act(keyboard("ArrowLeft" if at_end else "ArrowRight"))
            assert changed(visit, widget, before), (widget, control)
            control += 1
    assert visit.problems() == []


@pytest.mark.parametrize("lesson", DRAGGED)
def test_what_is_drawn_can_be_dragged(visit, lesson):
    """A drawing answers, and none selects text."""
    visit.open(f"{lesson}.html")
    moved = []
    for widget in range(visit.wake_widgets()):
        for x, y, wide, high in visit.run(f"{INSIDE} {DRAWINGS}", widget):
            before = visit.run(DRAWN, widget)
            visit.act(mouse((x + 0.35 * wide, y + 0.5 * high), (x + 0.6 * wide, y + 0.6 * high)))
            moved.append(changed(visit, widget, before))
            visit.act(mouse((x + 0.6 * wide, y + 0.4 * high), (x + 0.8 * wide, y + 0.7 * high)))
            moved.append(changed(visit, widget, before))
            assert visit.run("return getSelection().toString()") == ""
    assert any(moved)


@pytest.mark.parametrize("of", ["site", "file"])
def test_search(visit, of):
    """By keyboard, on the site and in a copy of it that was opened from a file."""
    visit.open(f"{FIRST}.html" if of == "site" else (ROOT / "_build" / "html" / f"{FIRST}.html").as_uri())
    visit.act(keyboard(["Control", "k"]))
    visit.until("document.activeElement.name === 'q'")
    visit.act(keyboard(*"dying relu", "Enter"))
    visit.until("location.pathname.endsWith('search.html') && document.querySelector('.search-list h2')")
    assert visit.run("return document.querySelector('.search-list h2').textContent") == "11 How a ReLU dies"
    assert " pages for “dying relu”" in visit.run("return document.querySelector('[role=status]').textContent")


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


def test_a_cell_runs_in_the_page(visit):
    """It prints what is stored, draws its figure, and asks nobody else."""
    visit.open("book/saturated-neurons.html")
    if not visit.run("return document.querySelectorAll('.run-tools').length"):
        pytest.skip("the site was built without NONLINEAR_PYODIDE")
    visit.run("document.querySelector('[data-cell=code-cell-04] .run-button').click()")
    words = "(document.querySelector('.run-bar')?.innerText ?? '')"
    visit.until(f"/have run|ended|did not load/.test({words})", seconds=300)
    assert visit.run("return document.querySelector('.run-output pre').innerText") == "saturated beyond |z| = 4.585\n"
    assert visit.run("return document.querySelector('.run-output img').naturalWidth") > 100
    assert visit.problems() == []
