"""The numbers of the lessons, how long they take, and the cover that shows both."""

import doctest
import re

import cover
import lessons as numbering
import nbformat
import pytest
import times
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from notebooks import opened
from sphinx.errors import ExtensionError

from tests.site.pages import ROOT, documents, every_lesson, lessons

NUMBERS = numbering.numbers(ROOT)
COVER = documents()[0]
ENTITIES = {"&#8217;": "’", "&amp;": "&", "&#39;": "'"}


def page(site, name):
    """Return the HTML of a page."""
    return (site / f"{name}.html").read_text("utf-8")


def text(html):
    """Return the words of a piece of HTML."""
    plain = re.sub(r"<annotation.*?</annotation>|<[^>]+>", "", html, flags=re.DOTALL)
    for entity, character in ENTITIES.items():
        plain = plain.replace(entity, character)
    return " ".join(plain.split())


def test_docstrings():
    """The examples in the modules hold."""
    assert [doctest.testmod(module).failed for module in (numbering, times)] == [0, 0]


# ---- numbers


def test_every_lesson_has_its_number():
    """In the order of the contents; there are gaps where lessons are still to come."""
    assert list(NUMBERS) == lessons()
    assert list(NUMBERS.values()) == sorted(set(NUMBERS.values()))


@every_lesson
def test_a_lesson_carries_its_number(site, lesson):
    """In its title, in the browser's tab, in the sidebar of another page, and in the link from the lesson before it."""
    number, html = NUMBERS[lesson], page(site, lesson)
    title = text(re.search(r"<h1>(.*?)<a class=\"headerlink", html)[1])
    assert title.startswith(f"{number} ")
    assert text(re.search(r"<title>(.*?)</title>", html)[1].replace("&#8212;", "—")).startswith(f"{title} — Nonlinear")
    name = lesson.rpartition("/")[2]
    assert f'<a class="reference internal" href="{name}.html"><span class="lesson-number">{number}</span>' in page(
        site, "book/library"
    )
    before = page(site, documents()[documents().index(lesson) - 1])
    assert text(re.search(r'right-next"\s+href="(?:.*?)"(.*?)</a>', before, re.DOTALL)[1]).endswith(title)


@every_lesson
def test_figures_and_exercises_are_numbered_by_lesson(site, lesson):
    """From 1 in each lesson, on the page and in its copy alike; references say the number of what they lead to."""
    number, html = NUMBERS[lesson], page(site, lesson)
    captions = re.findall(r'<figure[^>]* id="([\w-]+)".*?<span class="caption-number">(.*?) ?</span>', html, re.DOTALL)
    assert [shown for _, shown in captions] == [f"Figure {number}.{at + 1}" for at in range(len(captions))]
    assert captions
    copy = nbformat.read(site / f"{lesson}.ipynb", as_version=4)
    copied = "\n".join(cell.source for cell in copy.cells if cell.cell_type == "markdown")
    assert re.findall(r"^\*\*(Figure .*?)\.\*\*", copied, re.MULTILINE) == [shown for _, shown in captions]
    led = re.findall(r'href="#(fig-[\w-]+)"><span class="std std-numref">(.*?)</span>', html)
    assert [dict(captions)[target] for target, _ in led] == [shown for _, shown in led]
    exercises = [f"Exercise {number}.{at + 1}" for at in range(html.count('class="exercise admonition"'))]
    titles = re.findall(r'<p class="admonition-title"[^>]*><span class="caption-number">(Exercise [\d.]+)', html)
    assert titles == exercises
    assert re.findall(r"^#### (Exercise [\d.]+)", copied, re.MULTILINE) == exercises
    assert copied.count(f"\n# {number} ") + copied.startswith(f"# {number} ") == 1


def test_a_reference_to_a_lesson_says_its_number(site):
    """Without a parenthesis in a parenthesis."""
    assert "Saturated neurons (lesson 5)</span></a> helps" in page(site, "book/vanishing-gradients")
    assert "(<a" in page(site, "book/vanishing-gradients")
    assert "Saturated neurons, lesson 5</span></a>)" in page(site, "book/vanishing-gradients")


# ---- times


WORDS = new_markdown_cell("word " * 600)
PICTURE = new_output("display_data", {"image/png": "", "text/plain": ""})
WIDGET = new_output("display_data", {times.WIDGET_VIEW: {}, "image/png": "", "text/plain": ""})
QUIZ = new_markdown_cell("```{quiz} " + "word " * 50 + "?\n- [x] a\n  b\n- [ ] c\n  d\n```")
EXERCISE = [
    new_markdown_cell("```{exercise-start}\n:label: a\n```\n\n" + "word " * 50 + "\n\n```{exercise-end}\n```"),
    new_markdown_cell("```{solution-start} a\n```\nSo:"),
    new_code_cell("x = 1"),
    new_markdown_cell("```{solution-end}\n```"),
]


def time_of(*cells):
    """Return the time of a lesson with some cells."""
    return times.time_of(new_notebook(cells=cells))


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([new_markdown_cell("word " * 200)], None),
        ([new_markdown_cell("> word\n\n```{note}\n" + "word " * 199 + "\n```")], None),
        ([new_code_cell("x = 1")], "code"),
        ([new_code_cell("draw()", outputs=[PICTURE], metadata={"tags": ["hide-input"]})], "figure"),
        ([new_code_cell("show()", outputs=[WIDGET], metadata={"tags": ["hide-input"]})], "widget"),
        ([QUIZ], "quiz"),
        ([new_markdown_cell("$$\na\n$$")], "formula"),
        ([new_markdown_cell("```{math}\n:label: eq\na\n```")], "formula"),
        ([new_code_cell("glue(x=1)", metadata={"tags": ["remove-cell"]})], "nothing"),
    ],
)
def test_what_a_lesson_holds_adds_to_its_time(cells, kind):
    """By the words, or by the seconds stated for its kind."""
    seconds = (times.SECONDS | {None: 60, "nothing": 0})[kind]
    assert time_of(WORDS, *cells).reading == pytest.approx(time_of(WORDS).reading + seconds / 60)


def test_exercises_count_apart():
    """Neither their words nor their solutions are part of the reading."""
    assert time_of(WORDS, *EXERCISE) == (time_of(WORDS).reading, times.SECONDS["exercise"] / 60)


def executed(site, lesson):
    """Return a lesson as it was executed for the site."""
    stored = nbformat.read(ROOT / f"{lesson}.ipynb", as_version=4)
    with opened(site.parent / ".jupyter_cache") as store:
        return store.merge_match_into_notebook(stored)[1]


@every_lesson
def test_a_lesson_says_how_long_it_takes(site, lesson):
    """On its page, in its copy and on its card the same."""
    time = times.time_of(executed(site, lesson))
    copy = nbformat.read(site / f"{lesson}.ipynb", as_version=4)
    assert f"<strong>Time</strong> {time}. " in page(site, lesson)
    assert f"**Time** {time}. " in "".join(cell.source for cell in copy.cells)
    card = page(site, COVER).partition(f'<a href="{lesson.rpartition("/")[2]}.html">')[2]
    assert str(time).startswith(re.search(r'lesson-time">(.*?)</p>', card)[1])


@pytest.mark.parametrize("lesson", [name for name, number in NUMBERS.items() if number in (*range(1, 9), 11)])
def test_readers_took_about_as_long(site, lesson):
    """Those of these nine lessons took 30 to 45 minutes, and 50 to 70 with the exercises."""
    time = times.time_of(executed(site, lesson))
    assert 25 <= time.reading <= 50 and 45 <= sum(time) <= 75


@every_lesson
def test_no_lesson_types_its_time(lesson):
    """It is computed at one place."""
    source = (ROOT / f"{lesson}.ipynb").read_text("utf-8")
    assert source.count("**Time**") == source.count("**Time** {time}`this lesson`") == 1


def test_the_cover_says_how_long_all_lessons_take(site):
    """Their sum, in hours."""
    assert times.total(times.time_of(executed(site, lesson)) for lesson in NUMBERS) in page(site, COVER)


# ---- the cover


def test_every_lesson_has_a_card(site):
    """With number, picture, title and question, in order, below the name of its part; none is promised."""
    html = page(site, COVER)
    cards = re.findall(
        r"<li>\s*(<h3>.*?</h3>)?(.*?)</li>",
        re.search(r'<ol class="lesson-cards">.*?</ol>', html, re.DOTALL)[0],
        re.DOTALL,
    )
    assert [int(re.search(r'lesson-number">(\d+)<', card)[1]) for _, card in cards] == list(NUMBERS.values())
    assert [text(part)[:3].strip() for part, _ in cards if part] == ["I W", "II", "III", "IV", "V R", "VI"]
    for (_, card), lesson in zip(cards, NUMBERS, strict=True):
        assert f'href="{lesson.rpartition("/")[2]}.html"' in card
        assert len(re.search(r"<svg.*?</svg>", card, re.DOTALL)[0]) > 500
        assert "?" in re.search(r"<p>(.*?)</p>", card)[1]


def test_a_lesson_without_a_question_stops_the_build():
    """Its card would say nothing."""
    assert cover.question(new_notebook(cells=[new_markdown_cell("**The question.** Why\nso?\n\nOr not.")])) == "Why so?"
    with pytest.raises(ExtensionError, match="states its question"):
        cover.question(new_notebook(cells=[new_markdown_cell("Why?")]))


def test_the_root_has_a_title_an_icon_and_a_way_on(site):
    """For the moment before the cover, and for readers whose browser goes nowhere by itself."""
    html = (site / "index.html").read_text("utf-8")
    icon = re.search(r'<link rel="icon" href="(.*?)"', html)[1]
    assert (site / icon).is_file() and "<title>Nonlinear" in html
    assert re.findall(r'url=(.*?)"|<a href="(.*?)"', html) == [("book/index.html", ""), ("", "book/index.html")]


@pytest.mark.parametrize("width", [1280, 390])
def test_the_cover_opens_with_something_to_do(open_page, served, width):
    """The figure is on the first screen, alive, and nothing is wider than the window."""
    visit = open_page(f"{served}/{COVER}.html", viewport={"width": width, "height": 900})
    (box,) = visit.wake_widgets()
    visit.page.evaluate("scrollTo(0, 0)")
    assert box.get_attribute("data-state") == "live" and box.bounding_box()["y"] < 800
    assert visit.page.evaluate("document.documentElement.scrollWidth") == width
    assert visit.problems == {}


# ---- the switch that shows all code


def test_all_code_is_shown_where_a_reader_wants_it(open_page, served):
    """On this page, on the next, and in print, until the reader folds it again."""
    visit = open_page(f"{served}/{lessons()[0]}.html")
    code, switch = visit.page.locator("div.cell details.hide .cell_input"), visit.page.locator(".nl-code-switch")
    assert code.count() and not any(each.is_visible() for each in code.all())
    switch.click()
    assert all(each.is_visible() for each in code.all())
    visit.page.goto(f"{served}/{lessons()[1]}.html")
    assert switch.get_attribute("aria-pressed") == "true" and all(each.is_visible() for each in code.all())
    visit.page.emulate_media(media="print")
    assert all(each.is_visible() for each in code.all())
    visit.page.emulate_media(media="screen")
    switch.click()
    visit.page.reload()
    assert not any(each.is_visible() for each in code.all())
