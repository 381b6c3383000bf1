"""The pages behind the lessons: the summary on paper, and what the page for instructors leads to."""

import re
from urllib.parse import unquote

import pytest

from tests.site.pages import ROOT

STATE = re.compile(r"\{state\}`[^<`]+<([\w-]+)#([\w-]+):([^>]+)>`")
STATES = STATE.findall((ROOT / "book" / "teaching.md").read_text("utf-8"))
AT = """[...document.querySelectorAll(".nl-widget")].findIndex(box => {
  const {top, bottom} = box.getBoundingClientRect();
  return box.dataset.state === "live" && top < innerHeight / 2 && bottom > innerHeight / 2;
})"""  # the place of the live widget that stands in the middle of the window
LEAST = 8.5 * 96 / 72  # pixels: 8.5 points, below which nobody likes to read


def test_the_summary_prints_on_one_sheet(open_page, served):
    page = open_page(f"{served}/book/summary.html").page
    sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", prefer_css_page_size=False))
    assert len(sheets) == 1
    page.emulate_media(media="print")
    size = "all => all.map(each => parseFloat(getComputedStyle(each).fontSize))"
    sizes = page.eval_on_selector_all(".one-page p", size)
    assert len(sizes) > 10 and min(sizes) >= LEAST


@pytest.mark.parametrize(("lesson", "widget", "pairs"), STATES, ids=lambda text: text[:40])
def test_a_link_to_a_state_lands_and_sets_it(open_page, served, site, lesson, widget, pairs):
    """The widget in view has a link of its own then, which says the same."""
    page = (site / "book" / "teaching.html").read_text("utf-8")
    (address,) = re.findall(rf'<a class="[^"]*state[^"]*" href="({lesson}[.]html#{widget}:[^"]*)"', page)
    visit = open_page(f"{served}/book/{address}")
    visit.until(f"{AT} >= 0")
    visit.page.locator(".nl-widget").nth(visit.page.evaluate(AT)).get_by_role("button", name="Copy link").click()
    said = unquote(visit.page.url).partition(f"#{widget}:")[2].split(",")
    assert set(pairs.split(",")) <= set(said)
    assert visit.problems == {}


def test_each_figure_for_slides_is_there(site):
    page = (site / "book" / "teaching.html").read_text("utf-8")
    files = re.findall(r'<a class="figure-file" href="\.\./(_images/[\w-]+\.svg)"', page)
    assert len(files) == len(set(files)) > 30
    assert [file for file in files if not (site / file).is_file()] == []
