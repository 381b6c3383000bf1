"""Dragging what is drawn: with a mouse, and with a finger that may only want to scroll."""

import numpy as np
import pytest

from nonlinear.widgets.neuron import RANGES
from tests.widgets.driving import drawn

DRAWINGS = {  # the drawing to drag in, and a stroke over it, in shares of its frame
    "backpropagation": (".tag >> nth=0", (0.5, 0.5), (0.9, -0.8)),
    "neuron": ("svg >> nth=0", (0.3, 0.4), (0.8, 0.6)),
    "grid_map": ("svg >> nth=0", (0.3, 0.5), (0.8, 0.6)),
    "clinic": ("svg >> nth=0", (0.3, 0.5), (0.8, 0.6)),
    "curves": ("svg >> nth=0", (0.9, 0.5), (0.95, 0.3)),
    "descent": ("svg >> nth=0", (0.3, 0.5), (0.8, 0.6)),
    "explorer": ("svg >> nth=0", (0.3, 0.5), (0.8, 0.6)),
    "memory": ("svg >> nth=0", (0.3, 0.4), (0.8, 0.6)),
    "moments": ("svg >> nth=0", (0.3, 0.4), (0.8, 0.6)),
    "forest": ("svg >> nth=0", (0.7, 0.2), (0.8, 0.6)),
    "number_line": ("svg >> nth=0", (0.3, 0.4), (0.8, 0.5)),
    "paths": ("svg >> nth=0", (0.3, 0.8), (0.55, 0.45)),
    "microscope": ("svg >> nth=0", (0.3, 0.5), (0.8, 0.6)),
    "phase_portrait": ("svg >> nth=0", (0.3, 0.4), (0.8, 0.6)),
    "stall": ("svg >> nth=0", (0.3, 0.4), (0.8, 0.6)),
}


@pytest.fixture(params=DRAWINGS)
def grabbed(request, show):
    """A page with a widget that can be grabbed, and the two ends of a stroke over its drawing."""
    chosen, start, end = DRAWINGS[request.param]
    page = show(request.getfixturevalue(request.param), width=390)
    drawing = page.locator(chosen)
    drawing.scroll_into_view_if_needed()
    box = drawing.bounding_box()
    return page, *((box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end))


def test_a_drag_moves_what_is_drawn_and_selects_no_text(grabbed):
    page, start, end = grabbed
    before = drawn(page)
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=5)
    moved = drawn(page)
    page.mouse.move(end[0], -30, steps=3)  # captured: it goes on outside the drawing
    page.mouse.up()
    after = drawn(page)
    page.mouse.move(*start, steps=2)
    assert moved != before
    assert drawn(page) == after
    assert page.evaluate("getSelection().toString()") == ""


def swipe(page, start, end, steps=12):
    """Draw a finger over the page, as the browser's own input would."""
    session, between = page.context.new_cdp_session(page), np.linspace(start, end, steps)
    for kind, points in (("touchStart", between[:1]), ("touchMove", between[1:])):
        for x, y in points.tolist():
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(100)


@pytest.fixture
def touched(widget, show):
    """A page, longer than the screen, with a widget whose middle lies on the screen."""
    page = show(widget, width=390)
    page.evaluate("document.querySelector('main').style.padding = '40rem 0'")
    drawing = page.locator("svg").first
    drawing.evaluate("node => node.scrollIntoView({block: 'center'})")
    box = drawing.bounding_box()
    return page, (box["x"] + 0.6 * box["width"], box["y"] + 0.6 * box["height"])


def test_a_vertical_swipe_scrolls_and_changes_nothing(touched):
    page, (x, y) = touched
    before, top = drawn(page), page.evaluate("scrollY")
    swipe(page, (x, y), (x + 8, y - 220))
    assert page.evaluate("scrollY") > top + 100
    assert drawn(page) == before


def test_a_finger_drags_sideways(show, explorer):
    page = show(explorer, width=390)
    box = page.locator("svg").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 100
    swipe(page, (x, y), (x + 110, y - 10))
    dragged = float(drawn(page).split(" z=")[1])
    assert dragged > 1
    swipe(page, (x, y), (x, y))
    assert float(drawn(page).split(" z=")[1]) < dragged  # a tap


def test_the_line_of_the_neuron_follows_the_pointer(show, neuron):
    page, rng = show(neuron), np.random.default_rng(5)
    ranges = {name: list(limits) for name, limits in RANGES.items()}
    for _ in range(200):
        x, w = rng.uniform(-0.3, 1.3, 2), rng.uniform(-2, 2, 2).round(2)
        call = f"biasThrough([{x[0]}, {x[1]}], {{w1: {w[0]}, w2: {w[1]}}}, {ranges})"
        bias = page.evaluate("text => inside(text)", call)
        assert bias == pytest.approx(np.clip(-(w @ x), *RANGES["bias"]), abs=0.00501)


def test_the_arrow_of_the_neuron_turns_its_line(show, neuron):
    page, rng = show(neuron), np.random.default_rng(6)
    ranges = {name: list(limits) for name, limits in RANGES.items()}
    for _ in range(200):
        root, angle, w = rng.uniform(0.2, 0.8, 2), rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 1.4, 2)
        place = root + 0.3 * np.array([np.cos(angle), np.sin(angle)])
        call = f"turned({root.tolist()}, {place.tolist()}, {{w1: {w[0]}, w2: {w[1]}}}, {ranges})"
        now = page.evaluate("text => inside(text)", call)
        turned = np.array([now["w1"], now["w2"]])
        np.testing.assert_allclose(turned, np.hypot(*w) * np.array([np.cos(angle), np.sin(angle)]), atol=0.0051)
        assert now["bias"] == pytest.approx(np.clip(-(turned @ root), *RANGES["bias"]), abs=0.00501)


def test_a_pulled_curve_passes_by_the_pointer(show, curves):
    """The slider that moves the line goes where its median comes nearest to the pointer."""
    page = show(curves, slider1=8, choice1="tanh")
    drawing = page.locator("svg").first
    box, frame = drawing.bounding_box(), drawing.locator("clipPath rect")
    left, top, wide, high = (frame.evaluate(f"n => n.{side}.baseVal.value") for side in ("x", "y", "width", "height"))
    curves.choice1 = "tanh"
    for target in (1e3, 1e-2):
        page.mouse.move(box["x"] + left + wide * 20 / 29, box["y"] + top + high / 2)
        page.mouse.down()
        page.mouse.move(
            box["x"] + left + wide * 20 / 29, box["y"] + top + high * (1 - (np.log10(target) + 6) / 12), steps=3
        )
        page.mouse.up()
        place = int(drawn(page).split("slider1=")[1].split()[0])
        medians = np.median(curves._lines[0]["size"][0, 1, :, 0, 20], axis=-1)
        assert place == np.abs(np.log(medians / target)).argmin()


def test_a_weight_follows_the_number_that_is_pulled(show, backpropagation):
    """Up and to the right makes it larger; it becomes the one that the slider moves."""
    page = show(backpropagation)
    box = page.locator(".tag").nth(6).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    assert "chosen=V21 " in drawn(page) and "V21=0.6 " in drawn(page)
    page.mouse.move(x, y - 30, steps=3)
    assert "V21=1.2 " in drawn(page)
    page.mouse.move(x - 60, y, steps=3)
    assert "V21=-0.6 " in drawn(page)
    page.mouse.up()
    assert page.get_by_role("slider", name="weight V21").input_value() == "-0.6"
    page.mouse.move(*(box["x"] - 20, box["y"] + 60))
    page.mouse.down()
    page.mouse.move(box["x"] - 20, box["y"])
    assert "V21=-0.6 " in drawn(page)


def test_reset_brings_back_the_start(show, widget):
    page = show(widget)
    start = drawn(page)
    page.locator("input:visible").last.press("Home")
    page.locator("input:visible").last.press("ArrowRight")
    page.locator("input:visible").first.press("End")
    assert drawn(page) != start
    page.get_by_role("button", name="Reset").press("Enter")
    assert drawn(page) == start


def test_only_a_page_that_has_addresses_offers_links(show, neuron):
    assert show(neuron).get_by_role("button", name="Copy link").count() == 0


def test_reduced_motion_steps_instead_of_playing(show, curves):
    page = show(curves, slider1=13)
    page.emulate_media(reduced_motion="reduce")
    page.get_by_role("button", name="Next: log10 of the weight scale").press("Enter")
    page.wait_for_timeout(600)
    assert page.evaluate("model.get('slider1')") == 14


def test_right_to_left_pages_keep_charts_as_they_are(show, widget):
    page = show(widget)
    places = """all => all.map(node => {
      const left = part => part.getBoundingClientRect().x;
      return Math.round(left(node) - left(node.closest("svg")));
    })"""
    before = page.locator("svg text").evaluate_all(places)
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert page.locator("svg text").evaluate_all(places) == before


CONTRAST = """all => all.map(node => {
  const parts = text => text.match(/[\\d.]+/g).map(Number).slice(0, 3).reduce((sum, part) => sum + part, 0) / 765;
  const style = getComputedStyle(node), ground = document.createElement("i");
  ground.style.color = "Canvas"; document.body.append(ground);
  const distance = paint => Math.abs(parts(paint) - parts(getComputedStyle(ground).color));
  return node.matches("text") ? distance(style.fill) : distance(style.stroke);
})"""


@pytest.mark.parametrize(("theme", "scheme"), [("light", "dark"), ("dark", "light")])
def test_forced_colours_are_seen_whatever_the_theme(show, widget, theme, scheme):
    page = show(widget, theme)
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    page.wait_for_timeout(50)
    assert min(page.locator("svg text, path.line, path.edge, line.line").evaluate_all(CONTRAST)) > 0.5


WITH_LINES_MORE = """async count => {
  const frame = () => new Promise(requestAnimationFrame), root = el.firstElementChild.shadowRoot;
  root.querySelectorAll(".more").forEach(line => line.remove());
  const line = () => Object.assign(document.createElement("p"), {className: "more", textContent: "More."});
  for (let n = 0; n < count; n++) root.append(line());
  await frame(), await frame();
  return el.getBoundingClientRect().height;
}"""


def test_what_stands_below_stays_while_the_reader_drags(show, neuron):
    """Lines of text less leave the widget as high as it was, until a button or another width."""
    page = show(neuron)

    def height(lines):
        return page.evaluate(WITH_LINES_MORE, lines)

    low, high = height(0), height(2)
    assert high > low + 20
    assert height(0) == low  # nothing was dragged
    height(1)
    page.get_by_role("slider", name="bias b").press("ArrowRight")
    assert height(2) == height(0) == height(1) == high
    page.get_by_role("button", name="Reset").click()
    assert height(0) == low
    page.locator("svg.grab").first.hover()
    page.mouse.down()
    assert height(2) == height(0) == high
    page.mouse.up()
    page.set_viewport_size({"width": 600, "height": 900})
    assert height(2) > height(0)
