"""The search: what people call things leads to the lesson about them, wherever the site is opened from."""

import json
import re
from urllib.parse import quote

import pytest
import search
from bs4 import BeautifulSoup

from tests.site.pages import documents, lessons

PHRASES = [(phrase, pages.split(", ")) for phrases, _, pages in search.SYNONYMS for phrase in phrases.split(", ")]
SENTENCES = {
    "Xavier initialisation": "book/initialisation",
    "What is He init?": "book/initialisation",
    "why are my neurons dead: dying ReLU": "book/how-a-relu-dies",
    "How can I revive a ReLU?": "book/dead-forever",
    "My loss is stuck": "book/my-loss-is-stuck",
    "the loss is not decreasing": "book/my-loss-is-stuck",
    "accuracy stays at 10 %": "book/my-loss-is-stuck",
    "why are all gradients zero?": "book/my-loss-is-stuck",
    "vanishing gradients": "book/vanishing-gradients",
    "SiLU / swish": "book/the-catalogue",
    "sigmoïd saturé, saturation": "book/saturated-neurons",
}


@pytest.fixture(scope="module")
def found(browser, served):
    """Return a function that asks the search and returns what it lists: pages with their kinds and texts."""
    page = browser.new_page()

    def ask(query, base=served):
        page.goto(f"{base}/search.html?q={quote(query)}")
        return page.evaluate(
            """[...document.querySelectorAll('.search-list > li')].map(each => ({
              address: each.querySelector('h2 a').getAttribute('href'),
              kind: each.querySelector('.search-kind').textContent,
              links: [...each.querySelectorAll('a')].map(link => link.getAttribute('href')), text: each.textContent,
              marked: [...each.querySelectorAll('mark')].map(mark => mark.textContent)}))"""
        )

    yield ask
    page.close()


@pytest.mark.parametrize(("query", "pages"), [*PHRASES, *((words, [page]) for words, page in SENTENCES.items())])
def test_other_words_lead_to_the_page(found, query, pages):
    assert [each["address"] for each in found(query)][: len(pages)] == [f"{page}.html" for page in pages]


def test_lessons_come_first_and_sources_last(found):
    for words in ("momentum", "xavier"):  # few enough pages to be listed all
        kinds = [search.KINDS.index(each["kind"]) for each in found(words)[1:]]
        assert kinds == sorted(kinds) and set(kinds) == {0, 1, 2, 3}
    (source,) = (each for each in found("saturated_fraction") if each["address"].endswith("diagnostics.html"))
    assert source["kind"] == "Source"


def test_all_words_or_as_many_as_there_are(found):
    both = found("sigmoid median")
    assert all(re.search("sigmoid", each["text"], re.I) for each in both if each["kind"] == "Lesson")
    assert [each["address"] for each in found("sigmoid qqqq")] == [each["address"] for each in found("sigmoid")]
    assert found("qqqq") == found("") == found("?!") == []


def test_endings_do_not_matter_and_accents_do_not_either(found):
    assert any("saturat" in word.lower() for each in found("saturates") for word in each["marked"])
    assert [each["address"] for each in found("gradiénts")] == [each["address"] for each in found("gradients")]


def test_results_lead_to_their_sections(found, site):
    for each in found("bias"):
        for link in each["links"]:
            address, _, anchor = link.partition("#")
            assert not anchor or f'id="{anchor}"' in (site / address).read_text("utf-8")


def read_index(site):
    """Return the index as the script reads it."""
    return json.loads((site / "_static" / search.INDEX).read_text("utf-8").partition(" = ")[2].rstrip(";\n"))


def test_the_index_holds_what_a_reader_reads(site):
    """No navigation, code, answers or widgets: of each lesson the first words and the sections."""
    pages = {page["address"]: page["sections"] for page in read_index(site)["pages"]}
    for lesson in lessons():
        text = " ".join(" ".join(section[1:]) for section in pages[f"{lesson}.html"])
        assert len(text) > 3000
        for foreign in ("Show the code", "import ", "assert ", "On this page", "Check my answer", "\\frac"):
            assert foreign not in text
        article = BeautifulSoup((site / f"{lesson}.html").read_text("utf-8"), "html.parser").article
        assert pages[f"{lesson}.html"][0][1] == article.h1.get_text().removesuffix("#").strip()


def test_every_synonym_is_lower_case_and_leads_to_a_page():
    for phrase, pages in PHRASES:
        assert phrase == phrase.lower() and set(pages) <= set(documents())
    assert len({phrase for phrase, _ in PHRASES}) == len(PHRASES)


def open_the_field(visit):
    """Press the keys for the search field of a page, and wait until it has the focus."""
    visit.page.keyboard.press("Control+k")
    visit.until("document.activeElement.matches('#pst-search-dialog input')")


@pytest.mark.parametrize("width", [1280, 390])
def test_by_keyboard_from_any_page(open_page, served, width):
    """The field of a page leads to the results, which are counted aloud; the icon leaves room for what is typed."""
    visit = open_page(f"{served}/{lessons()[0]}.html", viewport={"width": width, "height": 800})
    open_the_field(visit)
    visit.page.keyboard.type("dying relu")
    icon, field = (
        visit.page.locator(f"#pst-search-dialog {part}").bounding_box() for part in (".icon", "input[type=search]")
    )
    assert icon["x"] + icon["width"] <= field["x"] + 1
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url("**/search.html?q=*")
    visit.until("document.querySelectorAll('.search-list > li').length > 1")
    assert re.search("pages for “dying relu”(, the best)?[.]$", visit.page.get_by_role("status").inner_text())
    assert visit.page.locator("article input[type=search]").input_value() == "dying relu"
    visit.page.locator(".search-list a").first.press("Enter")
    visit.page.wait_for_url("**/how-a-relu-dies.html*")
    assert visit.problems == {}


def test_from_a_file(open_page, site):
    """A page that was opened from a file finds the same, with the words around it."""
    visit = open_page((site / f"{lessons()[0]}.html").as_uri())
    open_the_field(visit)
    visit.page.keyboard.type("xavier\n")
    visit.page.wait_for_url("**/search.html?q=*")
    visit.until("document.querySelector('.search-list p:not(.search-kind)')?.textContent.length > 50")
    assert visit.problems == {}


def test_an_empty_search_waits_for_words(open_page, served):
    visit = open_page(f"{served}/search.html")
    visit.until("document.activeElement.name === 'q'")
    assert visit.page.locator(".search-list").count() == 0
    visit.page.keyboard.type("bias\n")
    visit.page.wait_for_url("**/search.html?q=bias")
    visit.until("document.querySelectorAll('.search-list > li').length > 1")
    assert visit.problems == {}
