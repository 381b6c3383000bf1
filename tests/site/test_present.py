"""The presenter view of a lesson: by keyboard, by touch, from an address, and gone without a trace."""

import pytest

from tests.site.pages import every_lesson

LESSON = "book/how-a-relu-dies"
COUNTER = "document.querySelector('.present-counter')?.textContent"
SLIDE = "[...document.querySelectorAll('.bd-article .nl-widget, .bd-article figure, .bd-article fieldset.quiz')]"
SHOWN = f"{SLIDE}.filter(each => each.checkVisibility()).length"
ALIVE = (
    f"{SLIDE}.every(each => !each.checkVisibility() || !each.matches('.nl-widget') || each.dataset.state === 'live')"
)


def until_slide(visit, number, of=None):
    """Wait for a slide, and see that it shows something."""
    visit.until(f"({COUNTER} ?? '').startsWith('{number} of {of or ''}')")
    visit.until(f"{SHOWN} > 0")


@pytest.fixture
def presented(open_page, served):
    """A function that opens a lesson in the presenter view, at a slide."""

    def present(lesson=LESSON, number=1, **options):
        visit = open_page(f"{served}/{lesson}.html?present={number}", **options)
        until_slide(visit, number)
        return visit

    return present


def test_nothing_is_loaded_before_it_is_asked_for(open_page, served):
    """Then a few kB, by the button or by the key."""
    loaded = []
    visit = open_page(f"{served}/{LESSON}.html", before=lambda page: page.on("request", lambda r: loaded.append(r.url)))
    assert not [url for url in loaded if "present" in url]
    visit.page.keyboard.press("p")
    until_slide(visit, 1)
    assert len([url for url in loaded if "present" in url]) == 2
    visit.page.keyboard.press("Escape")
    visit.page.locator(".nl-present").click()
    until_slide(visit, 1)
    assert visit.problems == {}


@every_lesson
def test_every_figure_widget_and_quiz_has_its_turn(presented, lesson):
    """Large, one at a time, in the order of the page, with all widgets alive; the address says which."""
    visit = presented(lesson)
    count = int(visit.page.evaluate(COUNTER).split(" of ")[1])
    seen = []
    for number in range(1, count + 1):
        until_slide(visit, number, count)
        assert visit.page.url.endswith(f"?present={number}")
        visit.until(ALIVE)
        seen += visit.page.evaluate(f"{SLIDE}.flatMap((each, at) => each.checkVisibility() ? [at] : [])")
        visit.page.keyboard.press("ArrowRight")
    everything = visit.page.evaluate(
        f"{SLIDE}.flatMap((each, at) => each.closest('.solution, details:not(.hide)') ? [] : [at])"
    )
    assert seen == everything
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert visit.problems == {}


def test_keys(presented):
    """Arrows and pages go on and back, stop at both ends, and belong to a slider that has the focus; Escape ends."""
    visit = presented()
    keys = visit.page.keyboard
    for key, number in [("ArrowLeft", 1), ("PageDown", 2), ("ArrowRight", 3), ("PageUp", 2), ("ArrowLeft", 1)]:
        keys.press(key)
        until_slide(visit, number)
    slider = visit.page.locator(".nl-widget input[type=range]").first
    visit.until("document.querySelector('.nl-widget').dataset.state === 'live'")
    before = slider.input_value()
    slider.press("ArrowRight")
    assert slider.input_value() != before and visit.page.evaluate(COUNTER).startswith("1 of")
    keys.press("Escape")
    visit.until("!document.querySelector('.present-bar')")
    assert visit.page.locator(".bd-article h2").first.is_visible() and "present" not in visit.page.url
    assert visit.page.evaluate("document.querySelectorAll('[data-slide]').length") == 0
    keys.press("ArrowRight")
    assert visit.page.evaluate(COUNTER) is None


SWIPE = """([from, to]) => {
  const target = document.querySelector("fieldset[data-slide] legend");
  const touch = (x) => new Touch({identifier: 1, target, clientX: x, clientY: 300});
  target.dispatchEvent(new TouchEvent("touchstart", {bubbles: true, composed: true, touches: [touch(from)]}));
  target.dispatchEvent(new TouchEvent("touchend", {bubbles: true, composed: true, changedTouches: [touch(to)]}));
}"""


def test_touch(presented):
    """A swipe goes on or back; a short one does nothing; the buttons are large enough for a finger."""
    visit = presented(number=2, viewport={"width": 390, "height": 844}, has_touch=True)
    visit.page.evaluate(SWIPE, [200, 180])
    until_slide(visit, 2)
    visit.page.evaluate(SWIPE, [300, 100])
    until_slide(visit, 3)
    visit.page.get_by_role("button", name="Previous").tap()
    until_slide(visit, 2)
    visit.page.evaluate(SWIPE, [100, 300])
    until_slide(visit, 1)
    for button in visit.page.locator(".present-bar button").all():
        assert min(button.bounding_box()["width"], button.bounding_box()["height"]) >= 44
    assert visit.page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_slide_is_accessible_and_large(presented, axe, scheme, number):
    """A widget, a quiz and a figure: what is drawn is larger than on the page, and nothing is cut off below."""
    visit = presented(number=number, color_scheme=scheme, viewport={"width": 1280, "height": 800})
    visit.page.wait_for_timeout(300)
    assert axe(visit.page) == []
    assert float(visit.page.evaluate("document.documentElement.style.getPropertyValue('--present')")) > 1
    assert visit.page.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0


def test_the_sliders_of_a_tall_widget_are_on_a_small_slide(presented):
    """It is shown a little smaller than on the page rather than cut off."""
    page = presented("book/dead-forever", viewport={"width": 1280, "height": 720}).page
    slider = page.locator(".nl-widget input[type=range]:visible").last.bounding_box()
    assert slider["y"] + slider["height"] < page.locator(".present-bar").bounding_box()["y"]


def test_a_widget_keeps_its_state(presented):
    """On the way into the view, through other slides, and out of it."""
    visit = presented()
    visit.until("document.querySelector('.nl-widget').dataset.state === 'live'")
    drawn = visit.page.locator(".nl-widget [data-drawn]").first
    visit.page.locator(".nl-widget input[type=range]").first.press("ArrowLeft")
    visit.page.wait_for_timeout(400)
    moved = drawn.get_attribute("data-drawn")
    visit.page.evaluate("document.activeElement.blur()")
    visit.page.keyboard.press("ArrowRight")
    until_slide(visit, 2)
    assert "present=2#" in visit.page.url
    visit.page.keyboard.press("Escape")
    assert drawn.get_attribute("data-drawn") == moved
    assert "present" not in visit.page.url and "#" in visit.page.url


def test_paper_does_not_know_it(presented):
    """Printed from the view, a lesson is whole."""
    visit = presented(number=2)
    visit.page.emulate_media(media="print")
    assert visit.page.locator(".bd-article h2").last.is_visible()
    assert not visit.page.locator(".present-bar").is_visible()


def test_from_a_file(open_page, site):
    """Without a server the view works, and only the address does not follow."""
    visit = open_page(f"{(site / LESSON).as_uri()}.html?present=2")
    until_slide(visit, 2)
    visit.page.keyboard.press("ArrowRight")
    until_slide(visit, 3)
    assert visit.problems == {}
