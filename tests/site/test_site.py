"""The built site, as a reader meets it: every page, in light and dark, wide and narrow, with and without JavaScript."""

import base64
import hashlib
import importlib
import itertools
import json
import posixpath
import re
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import ids
import links
import nbformat
import notebooks
import pytest
import reference
import sharing
import yaml
from nbval.plugin import coalesce_streams
from normalise_notebooks import compared
from sphinx.util.inventory import InventoryFile

from benchmarks.pages import Reader, counting, weight
from tests.site.pages import (
    PAGES,
    ROOT,
    SOURCES,
    every_interactive_lesson,
    every_lesson,
    every_page,
    interactive,
    lessons,
    modules,
)
from tools.subset_math_font import BLOCKS, SIGNS

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SMALL = (308, 360)  # px: small phones, the smallest with a scroll bar, as some browsers have it
some_lessons = pytest.mark.parametrize("lesson", interactive()[::4])  # for what is the same code on all pages
but_the_lab = pytest.mark.parametrize("lesson", [name for name in lessons() if name != "book/lab"])  # no claims there
STATE = re.compile(r'(<script type="application/vnd\.jupyter\.widget-state\+json">)(.*?)(</script>)', re.DOTALL)


FONT_CHARACTERS = {chr(code) for first, last in BLOCKS for code in range(first, last + 1)} | set(SIGNS)


class Elements(HTMLParser):
    """The start tags of a page with their attributes."""

    def __init__(self, path):
        super().__init__()
        self.tags = []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attributes):
        """Keep a tag."""
        self.tags.append((tag, dict(attributes)))

    def all(self, tag):
        """Return the attributes of all elements of a kind."""
        return [attributes for name, attributes in self.tags if name == tag]


def settle(visit):
    """Let a page finish: widgets awake, nothing moving."""
    visit.wake_widgets()
    visit.page.wait_for_timeout(150)


@cache
def elements(path):
    """Return the elements of a page, read once."""
    return Elements(path)


# ---- what is there


SHOWN = {page for page in PAGES if page.startswith(SOURCES)}


def test_the_pages_tested_here_are_all_there_are(site):
    """A page outside the table of contents would go unchecked."""
    extra = {"index.html", "404.html"}
    found = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    assert {name for name in found if not name.startswith(("_static/", SOURCES))} == {*PAGES, *extra} - SHOWN
    assert SHOWN <= found


@pytest.mark.parametrize("module", sorted(modules()))
def test_every_public_name_can_be_looked_up(site, module):
    """Each has an anchor on a page, and the list of all names leads there."""
    with (site / "objects.inv").open("rb") as file:
        inventory = InventoryFile.load(file, "", posixpath.join)
    places = {name: place for kind in inventory.values() for name, (_, _, place, _) in kind.items()}
    links = {link.get("href") for link in elements(site / "book" / "api.html").all("a")}
    for name in reference.public_names(importlib.import_module(f"nonlinear.{module}")):
        found = [places[full] for full in places if re.fullmatch(rf"nonlinear\.{module}(\.[a-z_]+)?\.{name}", full)]
        assert any(place.removeprefix("book/").removeprefix("api.html") in links for place in found), name


@every_page
def test_pictures_have_words(site, page):
    """Every image says what it shows; only the logo beside the book's name is silent."""
    for image in elements(site / page).all("img"):
        words = image.get("alt", "")
        assert words or "logo" in image.get("class", ""), f"no alt text: {image}"
        assert "_images" not in words, f"a file name is no description: {image}"


# The words of a drawing that its edges cut, or that lie on other words.
ILLEGIBLE = """(drawing) => {
  document.body.innerHTML = drawing;
  const paper = document.querySelector("svg").getBoundingClientRect();
  const all = [...document.querySelectorAll("text")];
  const seen = all.map((node) => [node.textContent.trim(), node.getBoundingClientRect()])
    .filter(([words, {width}]) => words && width);
  const cut = (box) => Math.max(paper.left - box.left, box.right - paper.right) > 1
    || Math.max(paper.top - box.top, box.bottom - paper.bottom) > 1;
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 3
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 7;
  const met = ([words, box], n) => seen.slice(n + 1).filter(([, b]) => meet(box, b)).map(([more]) => [words, more]);
  return [...seen.filter(([, box]) => cut(box)).map(([words]) => words), ...seen.flatMap(met)];
}"""


def test_the_words_of_pictures_can_be_read(browser, site):
    """None is cut off at an edge, or lies on another."""
    page = browser.new_page(viewport={"width": 2000, "height": 2000})
    files = sorted((site / "_images").glob("*.svg"))
    found = {path.name: page.evaluate(ILLEGIBLE, path.read_text("utf-8")) for path in files}
    page.close()
    assert len(found) > 80 and {name: words for name, words in found.items() if words} == {}


def test_the_address_of_the_site_leads_to_the_book(site):
    """With a title and an icon, for readers who keep it."""
    page = elements(site / "index.html")
    assert any(link["href"] == PAGES[0] for link in page.all("a"))
    assert any(link.get("rel") == "icon" and (site / link["href"]).is_file() for link in page.all("link"))
    assert "<title>Nonlinear" in (site / "index.html").read_text("utf-8")


@every_page
def test_an_id_is_the_only_one_of_its_kind(site, page):
    """Those of exercises and of claims, too."""
    assert ids.repeated((site / page).read_text("utf-8")) == []


@every_page
def test_links_lead_somewhere(site, page):
    """Links within the site, also those to pictures and scripts, reach a file, and their anchors exist."""
    assert links.broken(site, site / page) == []


@every_page
def test_no_address_while_none_is_set(site, page):
    """Without a public address a page makes no half-made links to one."""
    if yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["repository"]["url"]:
        pytest.skip("the book has an address")
    text = (site / page).read_text("utf-8")
    for cited in re.findall(r"url\s*=\s*\{(.+?)\}", (ROOT / "book" / "references.bib").read_text("utf-8")):
        text = text.replace(cited, "")
    assert not re.search(r'rel="canonical"|og:url|og:image|twitter:|ld\+json|mybinder|github\.com', text)
    assert not (site / "sitemap.xml").exists() and not (site / sharing.FOLDER).exists()


def test_every_page_has_a_title_and_a_description_of_its_own(site):
    """Not too long for a search result; the search and the source have a title alone."""
    heads = {page: (site / page).read_text("utf-8").partition("</head>")[0] for page in PAGES}
    titles = [unescape(re.search("<title>(.*?)</title>", head, re.DOTALL)[1].strip()) for head in heads.values()]
    described = [heads[page] for page in PAGES if page not in {*SHOWN, "search.html"}]
    descriptions = [unescape(re.search('name="description" content="(.*?)"', head)[1]) for head in described]
    assert len(set(titles)) == len(titles) and max(map(len, titles)) <= 90
    assert len(set(descriptions)) == len(descriptions)
    assert all(60 <= len(text) <= 200 and not re.search(r"[\\{}]", text) for text in descriptions), descriptions


@every_page
def test_every_page_has_a_policy(site, page):
    """Exactly what a page may do: files of its own site, its own inline scripts, pictures and fonts in the page.

    A page with cells to run may do no more: Python is a file of the site, and what runs it has a policy of its own.
    """
    found = elements(site / page)
    (policy,) = [each["content"] for _, each in found.tags if each.get("http-equiv") == "Content-Security-Policy"]
    directives = {name: set(values) for name, *values in map(str.split, policy.split(";"))}
    scripts = directives.pop("script-src")
    assert directives == {
        "default-src": {"'none'"},
        "style-src": {"'self'", "'unsafe-inline'"},
        "img-src": {"'self'", "data:"},
        "font-src": {"'self'", "data:"},
        "connect-src": {"'self'"},
        "base-uri": {"'none'"},
        "form-action": {"'self'"},
    }
    inline = re.findall(
        r"<script(?![^>]*(?:src=|json))[^>]*>(.*?)</script>", (site / page).read_text("utf-8"), re.DOTALL
    )
    hashes = [base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() for code in inline]
    assert scripts == {"'self'", *(f"'sha256-{each}'" for each in hashes)}
    assert [key for _, attributes in found.tags for key in attributes if key.startswith("on")] == []


def results(notebook):
    """Return what nbval compares of each code cell that it executes and whose output is not ignored."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    kept = [cell for cell in cells if not {"nbval-skip", "nbval-ignore-output"} & set(cell.metadata.get("tags", []))]
    return [list(filter(None, map(compared, coalesce_streams(cell.outputs)))) for cell in kept]


@every_lesson
def test_a_lesson_shows_what_is_stored(site, lesson):
    """The results that the site was built with, computed with another OpenBLAS than in tests/test_lessons.py."""
    stored = nbformat.read(ROOT / f"{lesson}.ipynb", as_version=4)
    with notebooks.opened(site.parent / ".jupyter_cache") as store:
        _, shown = store.merge_match_into_notebook(stored)
    assert results(shown) == results(stored)


# ---- what a browser makes of it


# What axe-core looks at is dear. A phone in the light shows the colours of the first and the layout of the last; a wide
# screen in the dark has around the text what a phone has not, and the same on all pages. Words of code, thousands on a
# page, have the same few colours everywhere (the test below). They are taken out of the page: what axe is told to leave
# out costs it more.
WITHOUT_WORDS_OF_CODE = """document.querySelectorAll(".highlight pre span").forEach(
  word => word.replaceWith(...word.childNodes))"""
WITHOUT_TEXT = """document.querySelector(".bd-article")?.replaceChildren(
  ...document.querySelectorAll(".bd-article h1"))"""
LOOKS = {
    "wide-light": (WIDE, "light", WITHOUT_WORDS_OF_CODE),
    "wide-dark": (WIDE, "dark", WITHOUT_TEXT),
    "phone-dark": (PHONE, "dark", WITHOUT_WORDS_OF_CODE),
}
LOOKED_AT = [(look, page) for look in LOOKS for page in (PAGES[:3] if look == "wide-dark" else PAGES)]
TOO_WIDE = """[...document.querySelectorAll("body *")]
  .filter(each => each.getBoundingClientRect().right > innerWidth + 1).map(each => each.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize(("look", "page"), LOOKED_AT)
def test_no_complaints_accessible_and_no_wider_than_the_screen(open_page, served, axe, look, page):
    """A page asks its own site only, for things that exist, and sets no cookie; console and axe-core find nothing.

    Neither the page nor its head scrolls sideways, on small phones either; wide formulas, tables and code do so alone.
    """
    size, scheme, reduce = LOOKS[look]
    visit = open_page(f"{served}/{page}", color_scheme=scheme, viewport=size)
    settle(visit)
    assert visit.problems == {} and visit.page.context.cookies() == []
    open_answers = visit.page.locator("details[open]")
    assert open_answers.count() == 0
    for width in (size["width"], *(SMALL if size is PHONE else ())):
        visit.page.set_viewport_size({**size, "width": width})
        visit.page.evaluate("scrollTo(1000, scrollY)")
        assert visit.page.evaluate("[scrollX, document.documentElement.scrollWidth - innerWidth]") == [0, 0], (
            visit.page.evaluate(TOO_WIDE)
        )
    visit.page.set_viewport_size(size)
    visit.page.evaluate(reduce)
    assert axe(visit.page) == []


ONE_OF_EACH = """kinds => document.querySelector(".highlight pre").replaceChildren(...kinds.map(kind =>
  Object.assign(document.createElement("span"), {className: kind, textContent: "word "})))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_kind_of_word_in_code_can_be_read(open_page, site, served, axe, scheme):
    kinds = {kind for page in PAGES for kind in re.findall(r'<span class="(\w\w?)">', (site / page).read_text("utf-8"))}
    visit = open_page(f"{served}/book/what-non-linearity-buys.html", color_scheme=scheme)
    visit.page.evaluate(ONE_OF_EACH, sorted(kinds))
    assert len(kinds) > 20
    assert axe(visit.page, part=".highlight pre") == []


def test_theme_toggle(open_page, served):
    """The button changes the colours, also under the policy."""
    visit = open_page(f"{served}/{PAGES[0]}", color_scheme="light")
    seen = set()
    for _ in range(3):
        visit.page.locator(".theme-switch-button").first.click()
        seen.add(visit.page.evaluate("document.documentElement.dataset.theme"))
    assert seen == {"light", "dark"}
    visit.page.evaluate("localStorage.setItem('mode', '<b>')")
    visit.page.reload()
    now = visit.page.evaluate("({...document.documentElement.dataset})")
    assert (now["mode"], now["theme"]) == ("auto", "light")
    assert visit.problems == {}


@pytest.mark.parametrize(("scheme", "ground"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(18, 18, 18)")])
def test_a_page_has_its_colours_before_its_scripts(open_page, served, scheme, ground):
    """No white flash: what is there at the first paint is enough."""
    visit = open_page(
        f"{served}/{PAGES[0]}",
        before=lambda page: page.route("**/*.js*", lambda route: route.abort()),
        color_scheme=scheme,
    )
    assert visit.page.evaluate("getComputedStyle(document.body).backgroundColor") == ground


NO_STORAGE = """
for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, {configurable: true, get() { throw new DOMException("no", "SecurityError"); }});
"""


@pytest.mark.parametrize("page", [PAGES[0], PAGES[1], "search.html?q=sigmoid"])
def test_works_where_storage_is_refused(open_page, served, page):
    """The colours, the search, the quizzes and the widgets do not need it."""
    visit = open_page(f"{served}/{page}", before=lambda tab: tab.add_init_script(NO_STORAGE))
    settle(visit)
    before = visit.page.evaluate("document.documentElement.dataset.theme")
    seen = set()
    for _ in range(3):
        visit.page.locator(".theme-switch-button").first.click()
        seen.add(visit.page.evaluate("document.documentElement.dataset.theme"))
    assert before in seen and len(seen) == 2
    for quiz in visit.page.locator("fieldset.quiz").all():
        quiz.locator("label").first.click()
        quiz.get_by_role("button", name="Check my answer").click()
        assert quiz.locator(".quiz-feedback").first.is_visible()
    assert visit.page.locator(".search-list > li").count() > 3 or "search" not in page
    assert visit.problems == {}


MOVING = """() => {
  const roots = [document, ...[...document.querySelectorAll("*")].map(each => each.shadowRoot).filter(Boolean)];
  const moves = style => /[1-9]/.test(style.transitionDuration) || style.scrollBehavior === "smooth"
    || style.animationName !== "none" && /[1-9]/.test(style.animationDuration);
  return roots.flatMap(root => [...root.querySelectorAll("*")]).filter(each => moves(getComputedStyle(each)))
    .map(each => each.outerHTML.slice(0, 80));
}"""


def test_nothing_moves_where_a_reader_wants_no_motion(open_page, served):
    """Neither on the page nor within widgets; smooth scrolling is motion."""
    visit = open_page(f"{served}/{PAGES[1]}", reduced_motion="reduce")
    settle(visit)
    assert visit.page.evaluate(MOVING) == []


def test_skip_link(open_page, served):
    """The first press of Tab offers to skip to the text."""
    visit = open_page(f"{served}/{PAGES[0]}")
    visit.page.keyboard.press("Tab")
    assert "Skip" in visit.page.evaluate("document.activeElement.textContent")
    visit.page.keyboard.press("Enter")
    visit.until("location.hash === '#main-content'")


# ---- formulas


WORDS = """(() => {
  const main = document.querySelector("main").cloneNode(true);
  main.querySelectorAll("pre, code, math, script, dt.sig").forEach(each => each.remove());
  return main.textContent;
})()"""


@every_page
def test_formulas_and_negative_numbers_are_set_without_javascript(open_page, served, page):
    """As MathML, in the font of the site, which has every character of them, and not as TeX; with a true minus."""
    visit = open_page(f"{served}/{page}", java_script_enabled=False)
    formulas = visit.page.locator("main .math")
    assert formulas.count() == visit.page.locator("main math").count()
    assert "\\(" not in visit.page.locator("main").inner_text().replace("\\(\\)", "")
    characters = visit.page.evaluate(
        "[...document.querySelectorAll('main math :not(annotation)')].filter(part => !part.children.length)"
        ".map(part => part.textContent).join('')"
    )
    assert set(characters) <= FONT_CHARACTERS
    fonts = visit.page.evaluate("[...document.fonts].filter(font => /Math/.test(font.family)).map(font => font.status)")
    assert fonts == ["loaded"] * bool(formulas.count())
    assert re.findall(r"(?<![\w.)\]/-])-\d.{0,30}", visit.page.evaluate(WORDS)) == []


@but_the_lab
def test_formulas_keep_the_lines_of_the_text(open_page, served, lesson):
    """One without fractions, roots and limits takes no more room than a word, and what follows it stays with it.

    A wide one scrolls from its beginning.
    """
    page = open_page(f"{served}/{lesson}.html").page
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        heights = page.evaluate(
            """[...document.querySelectorAll('main section > p:has(math)')]
               .filter(text => !text.querySelector('mfrac, msqrt, munder, munderover, mtable, code'))
               .map(text => text.clientHeight / parseFloat(getComputedStyle(text).lineHeight))"""
        )
        assert len(heights) > 1
        assert all(height == pytest.approx(round(height), abs=0.05) for height in heights)
        lines = page.evaluate(
            "[...document.querySelectorAll('main .with-formula')].map(each => each.getClientRects().length)"
        )
        assert set(lines) == {1}
    page.set_viewport_size({"width": 320, "height": 800})
    margins = page.evaluate(
        """[...document.querySelectorAll('main div.math')].map(each =>
           each.querySelector('math').getBoundingClientRect().left - each.getBoundingClientRect().left)"""
    )
    assert all(margin >= -0.5 for margin in margins)


PLACES = """[...document.querySelectorAll("article :is(h1, h2, h3, .nl-widget, figure)")].map(
  each => each.getBoundingClientRect().top + scrollY)"""
NOTE_PLACES = f"""document.addEventListener("readystatechange", () => {{
  if (document.readyState === "interactive") globalThis.before = {PLACES};
}});"""


@every_lesson
def test_nothing_moves_when_the_scripts_run(open_page, served, lesson):
    """What a reader sees first stays where it is, but for the few pixels of formulas whose font was not there yet."""
    visit = open_page(f"{served}/{lesson}.html", before=lambda page: page.add_init_script(NOTE_PLACES), viewport=WIDE)
    before = visit.page.evaluate("before")
    visit.wake_widgets()
    assert len(before) > 5
    assert visit.page.evaluate(PLACES) == pytest.approx(before, abs=15)


COPIED = """(selector) => {
  const data = new DataTransfer();
  getSelection().selectAllChildren(document.querySelector(selector));
  document.dispatchEvent(new ClipboardEvent("copy", {clipboardData: data, cancelable: true}));
  return data.getData("text/plain");
}"""


def test_formulas_are_copied_as_tex(open_page, served):
    """Alone as it is, among words between dollars."""
    visit = open_page(f"{served}/book/saturated-neurons.html")
    assert visit.page.evaluate(COPIED, "#what-saturated-means div.math mfrac") == (
        r"\sigma(z) = \frac{1}{1 + e^{-z}}, \qquad \sigma'(z) = \sigma(z)\,(1 - \sigma(z)) = \frac{1}{4 \cosh^2(z/2)} ,"
    )
    assert "activation $a = f(z)$. Here" in visit.page.evaluate(COPIED, "#what-saturated-means > p")
    assert visit.page.evaluate(COPIED, "h1") == ""


# ---- pictures


EAGER = "document.querySelectorAll('main img').forEach(image => { image.loading = 'eager'; })"
SHAPES = """[...document.querySelectorAll('.cell_output img')].filter(image => image.clientWidth > 0)
  .map(image => [image.naturalWidth / image.naturalHeight, image.clientWidth / image.clientHeight])"""
LOADED = "[...document.querySelectorAll('main img')].every(image => image.complete && image.currentSrc)"


@every_lesson
def test_figures_fill_the_column_and_nothing_moves_when_they_come(open_page, served, lesson):
    """Their room and shape are kept, on a page and on a phone, where each has a drawing of its own."""
    for size, own in ((WIDE, False), (PHONE, True)):
        visit = open_page(f"{served}/{lesson}.html", viewport=size)
        measure = """[...document.querySelectorAll('main figure picture > .for-light')].map(image =>
          [image.clientWidth, image.clientHeight, image.closest('figure').parentElement.clientWidth,
           image.currentSrc.includes('-phone')])"""
        before = visit.page.evaluate(measure)
        visit.page.evaluate(EAGER)
        visit.until(LOADED)
        after = visit.page.evaluate(measure)
        assert [each[:3] for each in before] == [each[:3] for each in after] and len(after) >= 2
        assert {(width - min(column, 731), phone) for width, _, column, phone in after} == {(0, own)}
        shapes = visit.page.evaluate(SHAPES)
        assert all(shown == pytest.approx(natural, rel=0.02) for natural, shown in shapes)


@some_lessons
def test_a_figure_can_be_taken_away(open_page, served, lesson):
    """By a link with a name, reached by keyboard."""
    page = open_page(f"{served}/{lesson}.html").page
    links = page.locator("a.figure-file")
    assert links.count() == page.locator("main figure picture .for-light").count() >= 2
    with page.expect_download() as download:
        links.first.press("Enter")
    assert download.value.suggested_filename.startswith("fig-")
    assert re.match("Download .+ as SVG", links.first.get_attribute("aria-label"))


WORDS_OF_DRAWING = """(shown) => {
  const drawing = document.documentElement, scale = shown / drawing.width.baseVal.value;
  const frame = drawing.getBoundingClientRect();
  const words = [...document.querySelectorAll('text')].map(each => [each, each.getBoundingClientRect()]);
  const size = each => parseFloat(getComputedStyle(each).fontSize) * drawing.getScreenCTM().a * scale;
  const apart = (a, b) => a.right < b.left + 1 || b.right < a.left + 1 || a.bottom < b.top + 4 || b.bottom < a.top + 4;
  const said = each => each.textContent;
  return {
    small: words.filter(([each]) => size(each) < 11).map(([each]) => [said(each), size(each)]),
    cut: words.filter(([, box]) => box.left < frame.left - 1 || box.right > frame.right + 1
      || box.top < frame.top - 1 || box.bottom > frame.bottom + 1).map(([each]) => said(each)),
    over: words.flatMap(([each, box], k) => words.slice(k + 1).filter(([, other]) => !apart(box, other))
      .map(([other]) => [said(each), said(other)])),
    hyphens: words.map(([each]) => said(each)).filter(each => /(^|[^\\w])-\\d/.test(each)),
  };
}"""
SHOWN_ON_PHONE, SHOWN_ON_PAGE = 343, 690  # pixels, on screens of 360 and 1280


@every_lesson
def test_words_of_a_figure_can_be_read(open_page, served, site, lesson):
    """On a page and on a phone: none smaller than 11 pixels, none cut, none over another, true minus signs."""
    page = open_page(f"{served}/{lesson}.html").page
    pictures = page.evaluate(
        """[...document.querySelectorAll('main figure picture')].filter(each => each.querySelector('.for-light'))
           .map(each => [each.querySelector('img').src, new URL(each.querySelector('source').srcset, location).href])"""
    )
    assert len(pictures) >= 2
    for addresses in pictures:
        for address, width in zip(addresses, (SHOWN_ON_PAGE, SHOWN_ON_PHONE), strict=True):
            page.goto(address)
            assert page.evaluate(WORDS_OF_DRAWING, width) == {"small": [], "cut": [], "over": [], "hyphens": []}, (
                address
            )


PICTURES = """which => [...document.querySelectorAll(which)].map(image =>
  [image.checkVisibility() && image.getBoundingClientRect().height > 0, getComputedStyle(image).filter,
   getComputedStyle(image).padding])"""


@every_lesson
@pytest.mark.parametrize(("scheme", "other"), [("light", "dark"), ("dark", "light")])
def test_figures_have_colours_for_light_and_dark_pages(open_page, served, lesson, scheme, other):
    """A page shows one of the two, on paper the light one; tables contrast with their ground, too."""
    visit = open_page(f"{served}/{lesson}.html", color_scheme=scheme)
    pictures = visit.page.evaluate(PICTURES, f".cell_output img.for-{scheme}:not(.nl-widget > img)")
    assert len(pictures) >= 2 and {tuple(each) for each in pictures} == {(True, "none", "0px")}
    assert min(visit.page.evaluate(CONTRASTS)) > 0.5
    assert not any(seen for seen, *_ in visit.page.evaluate(PICTURES, f"img.for-{other}"))
    visit.page.emulate_media(media="print")
    assert all(seen for seen, *_ in visit.page.evaluate(PICTURES, "main .cell_output img.for-light"))
    assert not any(seen for seen, *_ in visit.page.evaluate(PICTURES, "img.for-dark"))


@pytest.mark.parametrize(("scheme", "ground"), [("light", "rgb(18, 18, 18)"), ("dark", "rgb(255, 255, 255)")])
def test_figures_keep_their_ground_under_forced_colours(open_page, served, scheme, ground):
    """Where the reader's colours are light and the page is dark, or the other way round."""
    other = {"light": "dark", "dark": "light"}[scheme]
    page = open_page(f"{served}/{PAGES[1]}", color_scheme=scheme, forced_colors="active").page
    page.evaluate(f"document.documentElement.dataset.theme = '{other}'")
    pictures = page.locator(f".cell_output img.for-{other}:not(.nl-widget > img)")
    assert pictures.count() >= 2
    assert {each.evaluate("image => getComputedStyle(image).backgroundColor") for each in pictures.all()} == {ground}


def test_every_colour_of_a_figure_has_a_dark_partner(site):
    """A colour written in a drawing would be the same on both pages; the colours of a mesh are numbers."""
    files = sorted(set((site / "_images").glob("*.svg")) - set((site / "_images").glob("fig-*.svg")))
    assert len(files) > 20
    for path in files:
        drawn = re.sub(
            r'<g id="QuadMesh_\d+">.*?</g>', "", path.read_text("utf-8").partition("</style>")[2], flags=re.DOTALL
        )
        assert not re.search(r"#[0-9a-fA-F]{6}\b", drawn), path.name


COLUMN = "number => [...document.querySelectorAll('.sortable tbody tr')].map(row => row.cells[number].textContent)"
SORTS = "[...document.querySelectorAll('.sortable th[scope=col]')].map(heading => heading.getAttribute('aria-sort'))"


def test_columns_can_be_sorted_by_keyboard(open_page, served):
    """Up, then down, then by another column; what has no value stands last, and the page says how it is sorted."""
    page = open_page(f"{served}/book/formulas.html").page
    names, right, mean = (page.evaluate(COLUMN, number) for number in (0, 3, 8))
    assert names[:2] == ["step", "sigmoid"] and page.evaluate(SORTS) == [None] * 11
    number = {text: float(text.replace("−", "-")) for text in mean}
    for order, backwards in (("ascending", False), ("descending", True)):
        page.get_by_role("button", name="mean").press("Enter")
        assert page.evaluate(COLUMN, 8) == sorted(mean, key=number.get, reverse=backwards)
        assert page.evaluate(SORTS) == [None] * 8 + [order, None, None]
    for _ in range(2):
        page.get_by_role("button", name="far right").press(" ")
        assert page.evaluate(COLUMN, 3)[-2:] == ["no limit"] * 2 == [text for text in right if text == "no limit"]
    page.get_by_role("button", name="function").press("Enter")
    assert page.evaluate(COLUMN, 0) == sorted(names, key=str.lower)


def test_the_table_needs_no_script(open_page, served):
    """Without one it is a plain table, and its rows lead to the cards."""
    page = open_page(f"{served}/book/formulas.html", java_script_enabled=False).page
    assert page.locator(".sortable tbody tr").count() > 30 and page.locator(".sortable button").count() == 0
    page.get_by_role("link", name="Swish", exact=True).click()
    assert page.url.endswith("#function-swish") and page.locator("#function-swish").is_visible()


@every_page
def test_pages_are_light(site, served, browser, page):
    """What a reader loads on a first visit to the end of the page, without a font of icons and the search's index."""
    with counting(site) as server:
        assert float(weight(Reader(browser, server, page))) <= (150 if page == PAGES[0] else 300)
    text = (site / page).read_text("utf-8")
    assert not re.search(r'class="[^"]*\bfa-', text)
    begin = (site / "_static" / "search-index.js").read_text("utf-8")[:30]
    scripts = [(site / page).parent / src.partition("?")[0] for src in re.findall(r'<script[^>]* src="([^"]+)"', text)]
    assert any(begin in each.read_text("utf-8") for each in scripts) is (page == "search.html")


CONTRASTS = """() => [...document.querySelectorAll('main table td, main table th')].map(cell => {
  const parts = colour => colour.match(/[\\d.]+/g).map(Number), behind = node => {
    const colour = parts(getComputedStyle(node).backgroundColor);
    return colour.length === 3 || colour[3] > 0.5 || !node.parentElement ? colour : behind(node.parentElement);
  };
  const light = ([...rgb]) => rgb.slice(0, 3).reduce((sum, part) => sum + part, 0) / 765;
  return Math.abs(light(parts(getComputedStyle(cell).color)) - light(behind(cell)));
})"""


# ---- widgets


AT_REST = "document.readyState === 'complete' && document.fonts.status === 'loaded'"
IN_VIEW = """[...document.querySelectorAll(".nl-widget")].map(box => {
  const {top, bottom} = box.getBoundingClientRect();
  return top < innerHeight / 2 && bottom > innerHeight / 2;
})"""


def controls(box):
    """Yield the sliders, selects and radio buttons of a widget that the reader sees, in turn: one may hide another."""
    for control in box.locator("input, select").all():
        if control.is_visible():
            yield control


def drawn(box):
    """Return what a widget says it has drawn."""
    return box.locator("[data-drawn]").get_attribute("data-drawn")


def press(control):
    """Move a control one step by keyboard, away from the end it may stand at; choose a radio button."""
    if control.get_attribute("type") == "radio":
        return control.press("ArrowDown" if control.is_checked() else "Space")
    before = control.input_value()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        control.press(key)
        if control.input_value() != before:
            return
    raise AssertionError(f"the arrow keys do not move {control.get_attribute('aria-label')!r}")


def until_drawn(visit, box, before):
    """Wait until a widget has drawn something else; return it."""
    for _ in range(100):
        if drawn(box) != before:
            return drawn(box)
        visit.page.wait_for_timeout(20)
    raise AssertionError(f"the drawing still shows {before!r}")


FREE = """box => {
  const kept = box.getBoundingClientRect().height;
  box.style.minHeight = "0";
  const taken = box.getBoundingClientRect().height;
  box.style.minHeight = "";
  return [kept - taken, taken - parseFloat(getComputedStyle(box).minHeight)];
}"""


@every_interactive_lesson
@pytest.mark.parametrize(("size", "most"), [(WIDE, 4), (PHONE, 24)], ids=["wide", "phone"])
def test_every_control_moves_its_drawing(open_page, served, lesson, size, most):
    """Each slider and select has a name, moves by keyboard, and changes what is drawn, in the place kept for it."""
    visit = open_page(f"{served}/{lesson}.html", viewport=size, color_scheme="dark")
    boxes = visit.wake_widgets()
    assert boxes, "a lesson without a widget"
    for box in boxes:
        assert box.get_attribute("data-state") == "live"
        empty, beyond = box.evaluate(FREE)
        assert empty < 60 and beyond <= most, "the widget's `room`"
        assert any(controls(box)), "a widget without controls"
        for control in controls(box):
            before = drawn(box)
            assert control.get_attribute("aria-label")
            press(control)
            until_drawn(visit, box, before)
    assert visit.problems == {}


@every_interactive_lesson
def test_the_address_keeps_the_state_of_the_widget_moved_last(open_page, served, lesson):
    """It holds values; the page that it opens stands at that widget, with everything around it in place."""
    visit = open_page(f"{served}/{lesson}.html")
    boxes = visit.wake_widgets()
    for box in boxes:
        for control in controls(box):
            press(control)
    visit.page.wait_for_timeout(600)
    address = visit.page.url
    again = open_page(address)
    last = "[...document.querySelectorAll('.nl-widget')].at(-1).querySelector('[data-drawn]')?.dataset.drawn"
    again.until(f"{last} === {json.dumps(drawn(boxes[-1]))} && {AT_REST}")
    assert again.page.evaluate(IN_VIEW)[-1], f"{address} does not land on its widget"


@every_interactive_lesson
def test_scripts_of_widgets_wait_for_nothing(site, lesson):
    """Neither for style sheets nor for the scripts that all pages share."""
    page = (site / f"{lesson}.html").read_text("utf-8")
    ours = re.findall(r'<script ([^>]*)src="[^"]*static/(?:widgets/|static_widgets)[^"]*"', page)
    assert len(ours) > 1 and set(ours) == {'async="async" '}


OTHERS_ABOVE = """node => {
  const {left, width, top, bottom} = node.getBoundingClientRect(), found = [];
  for (let y = Math.max(top, 100) + 4; y < Math.min(bottom, innerHeight) - 4; y += 12)
    for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) found.push(document.elementFromPoint(left + share * width, y));
  return found.filter(each => each && !node.contains(each)).map(each => each.outerHTML.slice(0, 80));
}"""


@every_interactive_lesson
def test_nothing_floats_over_a_widget(open_page, served, lesson):
    """Not even after the reader has scrolled up, which is when a theme offers the way to the top."""
    visit = open_page(f"{served}/{lesson}.html", viewport=PHONE)
    for box in visit.wake_widgets():
        box.evaluate("node => { node.scrollIntoView({block: 'start'}); scrollBy(0, 400); }")
        visit.page.mouse.wheel(0, -150)
        visit.page.wait_for_timeout(200)
        assert box.evaluate(OTHERS_ABOVE) == []


@pytest.mark.parametrize(("size", "tops", "label"), [(WIDE, 1, "none"), (PHONE, 3, '"Cause"')], ids=["wide", "phone"])
def test_the_cells_of_a_table_of_prose_stand_below_each_other_on_a_phone(open_page, served, size, tops, label):
    page = open_page(f"{served}/book/my-loss-is-stuck.html", viewport=size).page
    cells = page.locator("table.stacked").first.locator("tbody tr").first.locator("td")
    assert len({cell.bounding_box()["y"] for cell in cells.all()}) == tops
    assert cells.nth(1).evaluate("cell => getComputedStyle(cell, '::before').content") == label
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]


@some_lessons
def test_a_strange_address_does_no_harm(open_page, served, lesson):
    """Names, numbers and escapes that mean nothing are ignored."""
    plain = open_page(f"{served}/{lesson}.html")
    expected = [drawn(box) for box in plain.wake_widgets()]
    names = plain.page.evaluate(
        "Object.values(JSON.parse(document.querySelector('script[type*=widget-state]').textContent).state)"
        ".map(model => [model.state.name, model.state.shared?.[0]]).filter(([name]) => name)"
    )
    nonsense = "&".join(f"{name}:{trait}=%E0%A4%A,nothing=1" for name, trait in names)
    strange = open_page(f"{served}/{lesson}.html#{nonsense}&other:x=1&&:=,")
    assert [drawn(box) for box in strange.wake_widgets()] == expected
    assert strange.problems == {}


def damage_buffers(html):
    """Replace the binary data of every widget by three zero bytes."""

    def damaged(found):
        state = json.loads(found[2])
        for model in state["state"].values():
            for buffer in model.get("buffers", []):
                buffer["data"] = "AAAA"
        return found[1] + json.dumps(state) + found[3]

    return STATE.sub(damaged, html)


DAMAGE = {
    "buffers": damage_buffers,
    "json": lambda html: STATE.sub(r"\1{\3", html),
    "missing": lambda html: STATE.sub(r'\1{"state": {}}\3', html),
    "code": lambda html: html.replace("_static/widgets/", "_static/widgets/x"),
}


# Every lesson with one kind of damage, and one lesson with each.
BROKEN = [*zip(interactive(), itertools.cycle(DAMAGE)), *((interactive()[0], kind) for kind in [*DAMAGE][1:])]


@pytest.mark.parametrize(("lesson", "kind"), BROKEN)
def test_a_broken_widget_says_so_and_keeps_its_picture(open_page, served, site, lesson, kind):
    """Whatever is wrong with a widget's data or code, the reader gets a sentence and the picture."""
    html = DAMAGE[kind]((site / f"{lesson}.html").read_text("utf-8"))

    def answer(route):
        route.fulfill(body=html, content_type="text/html")

    visit = open_page(f"{served}/{lesson}.html", before=lambda page: page.route(f"**/{lesson}.html", answer))
    for box in visit.wake_widgets():
        assert box.get_attribute("data-state") == "failed"
        assert box.locator(".widget-problem").inner_text().startswith("This interactive figure could not start:")
        assert box.locator("> img.for-light").is_visible()


# What has a frame and would be cut in two at the end of a sheet; only rows of tables may go on on the next one.
CUT_FRAMES = """() => {
  const style = getComputedStyle;
  const kept = (node) => node && (style(node).breakInside === "avoid" || kept(node.parentElement));
  const framed = ({borderTopWidth, borderBottomWidth}) => parseFloat(borderTopWidth) && parseFloat(borderBottomWidth);
  return [...document.querySelectorAll(".bd-article *")]
    .filter((node) => node.getClientRects().length && !node.closest("table") && framed(style(node)) && !kept(node))
    .map((node) => node.outerHTML.slice(0, 120));
}"""


SCALES = """all => all.map((image) => Math.min(image.width / image.naturalWidth, image.height / image.naturalHeight))"""


@every_interactive_lesson
def test_pictures_on_paper(open_page, served, lesson):
    """Print shows the pictures of the widgets, not their controls; no frame is cut in two."""
    visit = open_page(f"{served}/{lesson}.html")
    boxes = visit.wake_widgets()
    assert not any(box.locator("> img.for-light").is_visible() for box in boxes)
    visit.page.emulate_media(media="print")
    for box in boxes:
        assert box.locator("> img.for-light").is_visible()
        assert not box.locator("[data-drawn]").is_visible()
    assert visit.page.evaluate(CUT_FRAMES) == []
    assert min(visit.page.locator(".nl-widget > img.for-light").evaluate_all(SCALES)) > 0.53, "words below 6.5 points"


@some_lessons
def test_works_from_a_file(open_page, site, lesson):
    """A downloaded copy of the site works without a server."""
    visit = open_page((site / f"{lesson}.html").as_uri())
    for box in visit.wake_widgets():
        before = drawn(box)
        press(next(controls(box)))
        until_drawn(visit, box, before)
    assert visit.problems == {}


# ---- without JavaScript


@every_lesson
def test_without_javascript(open_page, served, lesson):
    """Text, pictures and the quiz are there for a reader without JavaScript."""
    visit = open_page(f"{served}/{lesson}.html", java_script_enabled=False)
    assert len(visit.page.locator("article").inner_text()) > 1000
    for picture in visit.page.locator(".nl-widget > img.for-light").all():
        assert picture.is_visible()
    first = visit.page.locator("fieldset.quiz").first
    first.locator("label").first.click()
    assert first.locator(".quiz-feedback").first.is_visible()


# ---- claims


@some_lessons
def test_claims_are_one_quiet_mark_a_cell(open_page, served, lesson):
    """It opens without a script, an address leads into it, and it stays off paper."""
    page = open_page(f"{served}/{lesson}.html", java_script_enabled=False).page
    marks = page.locator("details.claims")
    assert marks.count() == page.locator("div.cell:has(> details.claims)").count() > 0
    mark = marks.first
    assert re.fullmatch(r"(1 claim|\d+ claims)\s*: [\d., ]+", mark.locator("summary").inner_text())
    assert mark.locator("summary").bounding_box()["height"] >= 24, "too small for a finger"
    assert not mark.locator("li").first.is_visible()
    mark.locator("summary").press("Enter")
    assert mark.locator("li").count() == mark.locator("li strong").count() > 0
    assert mark.locator("li").first.is_visible()
    page.emulate_media(media="print")
    assert not mark.is_visible()
    last = page.locator(".claims li[id]").last.get_attribute("id")
    visit = open_page(f"{served}/{lesson}.html#{last}")
    visit.until(f"document.getElementById('{last}').getClientRects().length > 0")


# ---- quiz


def test_every_lesson_has_a_quiz(site):
    without = [name for name in lessons() if '<fieldset class="quiz"' not in (site / f"{name}.html").read_text("utf-8")]
    assert without == []


@some_lessons
def test_quiz_by_keyboard(open_page, served, lesson):
    """The arrow keys choose and reveal nothing; the button reveals the feedback on the answer, and announces it."""
    visit = open_page(f"{served}/{lesson}.html")
    for quiz in visit.page.locator("fieldset.quiz").all():
        answers, feedback = quiz.locator("input").all(), quiz.locator(".quiz-feedback").all()
        check = quiz.get_by_role("button", name="Check my answer")
        assert check.is_disabled()
        answers[0].press("Space")
        for number, each in enumerate(feedback):
            assert not any(other.is_visible() for other in feedback)
            check.press("Enter")
            assert [other.is_visible() for other in feedback] == [at == number for at in range(len(feedback))]
            verdict = each.locator(".quiz-verdict").inner_text()
            assert ("right" in verdict) is ("right" in each.get_attribute("class"))
            assert verdict in quiz.locator(".quiz-status").text_content()
            assert quiz.get_by_role("button", name="Clear my answer").evaluate("it => it === document.activeElement")
            answers[number].press("ArrowDown")
    assert visit.problems == {}


def test_an_answer_is_remembered_until_it_is_cleared(open_page, served):
    """On the next visit the feedback is there; what was chosen and not checked is not."""
    page = open_page(f"{served}/{PAGES[1]}").page
    quiz = page.locator("fieldset.quiz").first
    quiz.locator("label").nth(1).click()
    page.reload()
    assert quiz.locator("input:checked").count() == 0
    quiz.locator("label").nth(1).click()
    quiz.get_by_role("button", name="Check my answer").click()
    page.reload()
    assert quiz.locator("input").nth(1).is_checked() and quiz.locator(".quiz-feedback").nth(1).is_visible()
    quiz.get_by_role("button", name="Clear").click()
    page.reload()
    assert quiz.locator("input:checked").count() == 0


def test_the_feedback_is_not_spoken_twice(open_page, served):
    """It is announced, and then stands in its place only; the next answer is announced as long as the first."""
    page = open_page(f"{served}/{PAGES[1]}").page
    page.clock.install()
    quiz = page.locator("fieldset.quiz").first
    quiz.locator("label").first.click()
    quiz.get_by_role("button", name="Check my answer").click()
    assert quiz.locator(".quiz-status").text_content()
    page.clock.fast_forward(6_000)
    quiz.locator("label").nth(1).click()
    quiz.get_by_role("button", name="Check my answer").click()
    page.clock.fast_forward(6_000)
    assert quiz.locator(".quiz-status").text_content()
    page.clock.fast_forward(5_000)
    assert quiz.locator(".quiz-status").text_content() == "" and quiz.locator(".quiz-feedback").nth(1).is_visible()


# ---- what a screen reader is told


@some_lessons
def test_parts_of_a_lesson_have_names_of_their_own(open_page, served, lesson):
    """Folded code, blocks of code and the buttons that copy them; exercises are headings; no sign is spoken."""
    page = open_page(f"{served}/{lesson}.html").page
    page.locator("button.copybtn[aria-label]").first.wait_for(state="attached")
    names = "all => all.map(each => each.ariaLabel)"
    copies = page.locator("main button.copybtn").evaluate_all(names)
    blocks = page.locator("main .highlight-ipython3").evaluate_all(names)
    assert len(set(copies)) == len(copies) > len(set(blocks)) == len(blocks) > 0
    assert all(re.fullmatch(r"Copy (output of )?code \d+", name) for name in copies), copies
    spoken = page.locator("main").aria_snapshot()
    folds = re.findall(r"Show the code.*", spoken)
    assert len(set(folds)) == len(folds) and all(re.match(r"Show the code \d", fold) for fold in folds)
    assert "Toggle hidden content" not in spoken and not re.search("[▸▾]", spoken)
    exercises = page.locator("div.exercise > .admonition-title").count()
    assert page.get_by_role("heading", name="Exercise ", level=3).count() == exercises


def test_a_copy_is_told(open_page, served):
    """The name of the button says it for a moment."""
    page = open_page(f"{served}/{PAGES[1]}").page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("button.copybtn[aria-label='Copy code 2']").click()
    page.locator("button.copybtn[aria-label='Copied! code 2']").wait_for()


# ---- paper


DARK_WORDS = """() => [...document.querySelectorAll('main *')].filter(each => each.checkVisibility()
  && [...each.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim())).filter(each => {
  const [r, g, b, a = 1] = getComputedStyle(each).color.match(/[\\d.]+/g).map(Number);
  return a > 0 && (r + g + b) / 765 > 0.6;
}).map(each => each.outerHTML.slice(0, 100))"""


@every_lesson
def test_paper(open_page, served, site, lesson):
    """Light whatever the page is, without a script; nothing is cut off at the right; solutions are not given away."""
    html = (site / f"{lesson}.html").read_text("utf-8").replace('data-theme="auto"', 'data-theme="dark"', 1)

    def answer(route):
        route.fulfill(body=html, content_type="text/html")

    page = open_page(
        f"{served}/{lesson}.html",
        before=lambda page: page.route(f"**/{lesson}.html", answer),
        color_scheme="dark",
        java_script_enabled=False,
        viewport={"width": 680, "height": 960},
    ).page
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(18, 18, 18)"
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    assert page.evaluate(DARK_WORDS) == []
    assert min(page.evaluate(CONTRASTS)) > 0.5
    assert all(picture.is_visible() for picture in page.locator("main .cell_output img.for-light").all())
    assert not any(picture.is_visible() for picture in page.locator("img.for-dark").all())
    wide = (
        "[...document.querySelectorAll('main :is(pre, table)')].filter(each => each.scrollWidth > each.clientWidth + 1)"
    )
    assert page.evaluate(f"{wide}.map(each => each.textContent.slice(0, 80))") == []
    hidden = page.locator(".solution, #jb-print-toc, .figure-file")
    assert hidden.count() > 2 and not any(each.is_visible() for each in hidden.all())


# ---- download


@some_lessons
def test_download(open_page, served, lesson):
    """The header offers the lesson as a notebook, under a name that says so."""
    visit = open_page(f"{served}/{lesson}.html")
    with visit.page.expect_download() as download:
        visit.page.get_by_label("Download this lesson as a notebook").click()
    nbformat.validate(nbformat.read(download.value.path(), as_version=4))
    assert download.value.suggested_filename == f"{Path(lesson).name}.ipynb"


def test_claims_are_filtered_by_verdict(open_page, served):
    """By keyboard; the address keeps the choice, and a row leads to the cell that shows its claim."""
    page = open_page(f"{served}/book/claims.html").page
    rows = page.locator("table.ledger tbody tr")
    page.get_by_role("combobox").select_option("false")
    left = page.evaluate(
        "[...document.querySelectorAll('.ledger tbody tr')].filter(row => row.checkVisibility()).length"
    )
    verdicts = page.evaluate("[...document.querySelectorAll('.ledger tbody tr')].map(row => row.cells[2].textContent)")
    assert 0 < left == verdicts.count("false") < rows.count() and page.url.endswith("#false")
    page.reload()
    assert page.get_by_role("status").text_content() == f"{left} claims"
    page.locator("#claim-0-17 a").click()
    assert page.url.endswith("the-catalogue.html#claim-0-17")


def test_claims_can_be_read_without_a_script(open_page, served):
    """All of them, and no list that does nothing."""
    page = open_page(f"{served}/book/claims.html", java_script_enabled=False).page
    assert page.locator("table.ledger tbody tr").count() > 100 and page.locator(".ledger-filter").is_hidden()
