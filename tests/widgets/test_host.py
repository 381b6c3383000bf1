"""The static page's host: addresses that hold values, links, and pages on which something is missing."""

import base64
import re
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from nonlinear.widgets import Curves, Neuron, Panel
from tests.widgets.driving import answered

EXTENSIONS = Path(__file__).resolve().parents[2] / "book" / "_extensions"
sys.path.insert(0, str(EXTENSIONS))

import static_widgets  # noqa: E402

ADDRESS = "http://localhost/page.html"
PICTURE = '<img alt="a picture" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" width="300" height="200">'
VIEW = "application/vnd.jupyter.widget-view+json"


def a_page(*widgets, change=lambda state: None) -> str:
    """Return a page as the site builds it: pictures, state, code and host, with room between the widgets."""
    scripts, models, boxes = [], {}, []
    for number, widget in enumerate(widgets):
        state = {name: value for name, value in widget.get_state().items() if name in widget.keys and name[0] != "_"}
        state = {name: value for name, value in state.items() if name not in ("layout", "tooltip", "data")}
        key, script = static_widgets.classic_script(widget._esm)
        scripts.append(f"<script>{script}</script>")
        buffers = [{"path": ["data"], "data": base64.b64encode(widget.data).decode()}]
        models[f"m{number}"] = {"model_name": "AnyModel", "state": {**state, "_esm": key}, "buffers": buffers}
        view = f'<script type="{VIEW}">{{"model_id": "m{number}"}}</script>'
        boxes.append(f'<div class="nl-widget">{view}{PICTURE}</div><p style="height: 90rem">Words.</p>')
    change(models)
    state, host = static_widgets.state_element({"state": models}), (EXTENSIONS / "static_widgets.js").read_text("utf-8")
    head = "<!doctype html><meta charset=utf-8><title>A page</title>"
    head += "<style>[data-state=live] > img { display: none }</style>"
    return f"{head}<main>{''.join(boxes)}</main>{state}{''.join(scripts)}<script>{host}</script>"


@pytest.fixture
def visit(browser):
    """Return a function that opens a page (a text, or what answers requests), at an address and after a script."""
    contexts = []

    def visit(page_text, fragment="", before=""):
        context = browser.new_context(viewport={"width": 800, "height": 900})
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        contexts.append(context)
        page = context.new_page()
        give = lambda route: route.fulfill(body=page_text, content_type="text/html")  # noqa: E731
        page.route("**/*", page_text if callable(page_text) else give)
        if before:
            page.add_init_script(before)
        page.goto(ADDRESS + fragment)
        return page

    yield visit
    for context in contexts:
        context.close()


def box(page, number=0):
    """Return a widget's box once it is live or has failed."""
    found = page.locator(".nl-widget").nth(number)
    found.scroll_into_view_if_needed()
    page.wait_for_function("n => document.querySelectorAll('.nl-widget')[n].dataset.state", arg=number)
    return found


def drawn(page, number=0) -> str:
    answered(page)
    return box(page, number).locator("[data-drawn]").get_attribute("data-drawn")


def gains(values, name="curves"):
    """Return curves over a slider of gains."""
    x = np.linspace(-1, 1, 5)
    panel = Panel("line", x, {"line": np.array(values)[:, None] * x}, "z", limits=(-9, 9))
    return Curves([panel], sliders={"gain": values}, name=name)


GAINS = [0.25, 0.5, 1.0, 2.0]


def test_the_address_holds_the_values_of_the_widget_moved_last(visit):
    page = visit(a_page(gains(GAINS), Neuron([[0.5, 0.5]])))
    box(page).get_by_role("slider").press("End")
    page.wait_for_function("location.hash === '#curves:slider1=2'")
    box(page, 1).get_by_role("slider", name="bias b").press("ArrowLeft")
    page.wait_for_function("location.hash === '#neuron:bias=0.19,w1=0.9,w2=0.6'")


@pytest.mark.parametrize(
    ("value", "place"), [("2", 3), ("1.9", 3), ("0.3", 0), ("99", 3), ("x", 2), ("", 2), ("%E0%A4%A", 2)]
)
def test_a_value_is_found_again_or_the_nearest_one(visit, value, place):
    widget = gains(GAINS)
    widget.slider1 = 2
    assert drawn(visit(a_page(widget), f"#curves:slider1={value}")) == f"slider1={place}"


def test_a_setting_survives_a_changed_grid(visit):
    page = visit(a_page(gains(GAINS)))
    box(page).get_by_role("slider").press("End")
    page.wait_for_function("location.hash.length > 1")
    fragment = page.evaluate("location.hash")
    assert drawn(visit(a_page(gains([0.1, 0.9, 2.0, 2.5, 4])), fragment)) == "slider1=2"


def test_a_link_lands_on_its_widget_while_the_page_still_moves(visit):
    """A picture above it that arrives late, and grows, does not push it away."""
    grow = "document.querySelector('p').style.height = '200rem'"
    late = f"addEventListener('load', () => setTimeout(() => {{ {grow}; }}, 300))"
    page = visit(a_page(gains(GAINS), gains(GAINS, name="other")), "#other:slider1=2", late)
    page.wait_for_timeout(900)
    seen = page.locator(".nl-widget").nth(1).bounding_box()
    assert seen["y"] >= 0 and seen["y"] + seen["height"] <= 900
    assert drawn(page, 1) == "slider1=3"
    page.mouse.wheel(0, -9000)
    page.wait_for_timeout(300)
    assert page.evaluate("scrollY") == 0  # the reader goes where the reader wants


def test_reset_goes_to_the_start_and_not_to_the_link(visit):
    page = visit(a_page(gains(GAINS)), "#curves:slider1=2")
    assert drawn(page) == "slider1=3"
    box(page).get_by_role("button", name="Reset").press("Enter")
    assert drawn(page) == "slider1=0"


def test_a_link_is_copied_and_followed_on_the_same_page(visit):
    page = visit(a_page(gains(GAINS), gains(GAINS, name="other")))
    box(page).get_by_role("slider").press("ArrowRight")
    box(page).get_by_role("button", name="Copy link").click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()).endsWith('#curves:slider1=0.5')")
    assert box(page).get_by_role("button", name="Link copied").count() == 1
    page.evaluate("location.hash = '#other:slider1=1'")
    assert drawn(page, 1) == "slider1=2"


def test_a_second_copy_is_told_as_long_as_the_first(visit):
    page = visit(a_page(gains(GAINS)))
    page.evaluate("""() => {
      const [begin, end] = [setTimeout, clearTimeout];
      globalThis.waiting = new Set();
      globalThis.setTimeout = (work, pause) => {
        const timer = begin(work, pause === 2500 ? 1e8 : pause);
        if (pause === 2500) waiting.add(timer);
        return timer;
      };
      globalThis.clearTimeout = timer => { waiting.delete(timer); end(timer); };
    }""")
    copy = box(page).get_by_role("button", name="Copy link").or_(box(page).get_by_role("button", name="Link copied"))
    copy.click()
    page.wait_for_function("waiting.size > 0")
    (first,) = page.evaluate("[...waiting]")
    copy.click()
    page.wait_for_function("first => [...waiting].some(timer => timer !== first)", arg=first)
    assert page.evaluate("waiting.size") == 1


def test_a_whole_state_goes_through_its_address(visit, widget):
    """Numbers, options with commas and brackets in them, and values of every axis."""
    page = visit(a_page(widget))
    for control in box(page).locator("select, input").all():
        if control.is_visible():
            control.press("ArrowLeft" if control.get_attribute("type") else "ArrowDown")
    moved = drawn(page)
    page.wait_for_function("location.hash.length > 1")
    page.wait_for_timeout(400)
    assert drawn(visit(a_page(widget), page.evaluate("location.hash"))) == moved


def late_page(visit, answers, before=""):
    """Open a page whose host and code are files; `answers` are what their addresses give, in the order of answering."""
    one, other = gains(GAINS), gains(GAINS, name="other")
    text = a_page(one, other)
    body, _, scripts = text.partition("</main>")
    state, *codes = re.split(r"(?=<script>)", scripts)
    code, _, host = [part.removeprefix("<script>").removesuffix("</script>") for part in codes]
    files = {"host.js": host, "code.js": code}
    head = "".join(f'<script async src="{name}"></script>' for name in files)
    page_text = body.replace("<main>", f"{head}<main>", 1) + "</main>" + state

    def respond(route):
        name = route.request.url.rpartition("/")[2]
        if name in answers and not answers[name]:
            return route.fulfill(status=404, body="")
        if name in answers:
            time.sleep(answers[name])
        kind = "text/javascript" if name in files else "text/html"
        return route.fulfill(body=files.get(name, page_text), content_type=kind)

    return visit(respond, before=before)


@pytest.mark.parametrize("late", ["host.js", "code.js"])
def test_host_and_code_may_come_in_any_order(visit, late):
    page = late_page(visit, {late: 0.5})
    assert box(page).get_attribute("data-state") == "live"


def test_code_that_does_not_come_is_missed(visit):
    page = late_page(visit, {"code.js": None})
    assert box(page).get_by_role("status").text_content().endswith("its code did not load.")


def test_widgets_far_away_stay_packed(visit):
    """They wait until they come near, also on a page whose address has to be read."""
    count = "globalThis.unpacked = 0; const plain = atob; globalThis.atob = text => (unpacked += 1, plain(text));"
    widgets = [gains(GAINS), gains(GAINS, name="other"), gains(GAINS, name="third")]
    page = visit(a_page(*widgets), "#nothing:x=1", count)
    assert drawn(page) and page.evaluate("unpacked") < 3
    assert drawn(page, 2) and page.evaluate("unpacked") >= 2


def test_a_widget_starts_once_however_late_the_first_frame_is(visit):
    late = "const plain = requestAnimationFrame; requestAnimationFrame = (draw) => setTimeout(() => plain(draw), 200)"
    page = visit(a_page(gains(GAINS)), before=late)
    box(page)
    answered(page)
    assert page.locator("[data-drawn]").count() == 1


OLD = {
    "constructable style sheets": "delete CSSStyleSheet.prototype.replaceSync",
    "adopted style sheets": "delete Document.prototype.adoptedStyleSheets",
    "DecompressionStream": "delete globalThis.DecompressionStream",
}


@pytest.mark.parametrize("feature", OLD)
def test_an_old_browser_gets_a_sentence_and_the_picture(visit, feature):
    page = visit(a_page(gains(GAINS)), before=OLD[feature])
    reason = "this browser is too old for it; one released since 2023 can show it."
    assert box(page).get_by_role("status").text_content() == f"This interactive figure could not start: {reason}"
    assert box(page).locator("img").is_visible() and box(page).locator("> *:visible").count() == 2


DAMAGE = {
    "data cut short": lambda models: models["m0"]["buffers"][0].update(data="AAAA"),
    "an array of the wrong length": lambda models: models["m0"]["state"]["data_layout"][0].update(shape=[1, 1]),
    "controls that are missing": lambda models: models["m0"]["state"].pop("sliders"),
    "a control of another kind": lambda models: models["m0"]["state"].update(panels=[{"label": 3}]),
    "an array of another name": lambda models: models["m0"]["state"]["data_layout"][0].update(name="lime"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_corrupt_data_become_a_sentence_and_the_picture(visit, kind):
    page = visit(a_page(gains(GAINS), change=DAMAGE[kind]))
    sentence = box(page).get_by_role("status").text_content()
    assert sentence.startswith("This interactive figure could not start: its data arrived damaged")
    assert box(page).locator("img").is_visible()
