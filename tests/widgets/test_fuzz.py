"""Addresses, data and stored edits that nobody meant: nothing throws or gets into the page, every state is legal."""

import json
import random
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.serving import QuietHandler, address, serve
from tests.widgets.conftest import modules
from tests.widgets.test_host import a_page

MARKUP = '<img src=x onerror="pwned=1"><script>pwned=1</script>'
NUMBERS = "0 -0 1 2 7 -1 0.5 -3.25 99 1e9 1e309 -1e309 5e-324 NaN Infinity 0x10 1e 1_000 ٣".split()
WORDS = ["", " ", "null", "undefined", "true", "all", "__proto__", "constructor", "toString", "[]", "{}", "a:b", "ReLU"]
TEXTS = [*NUMBERS, *WORDS, MARKUP, "javascript:pwned=1", "9" * 400, "\0", "\ud7ff", "'\";pwned=1;//", "tanh", "sigmoid"]
BROKEN = ["%", "%E0%A4%A", "%00", "=", ",", "&", ":", "<b>", "a=b=c"]  # as they stand, not escaped
SCRIPTS = Path(__file__).parents[2] / "book" / "_extensions" / "browser"
BATCH = 150  # a browser takes no more than 200 changes of the address in ten seconds


@pytest.fixture
def every_widget(request):
    """Each widget once."""
    return [request.getfixturevalue(name) for name in modules()]


def value(rng):
    """Return what may stand behind a trait in an address."""
    if rng.random() < 0.3:
        return f"{rng.uniform(-4, 12):.3g}"
    return quote(rng.choice(TEXTS)) if rng.random() < 0.8 else rng.choice(BROKEN)


def fragment(rng, widgets):
    """Return what may stand behind the # of an address: settings of a widget, or nearly that."""
    widget = rng.choice(widgets)
    traits = [*widget.shared, "nothing", "__proto__", "data", "name"]
    pairs = ",".join(f"{rng.choice(traits)}={value(rng)}" for _ in range(rng.randint(1, 4)))
    before = rng.choice(["", "", "", "&&", "other:x=1&", f"{value(rng)}&"])
    return f"#{before}{widget.name}{rng.choice([':', ':', ':', ':', '', '::'])}{pairs}"


TRY = """async (fragments) => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const illegal = [];
  for (const [number, fragment] of fragments.entries()) {
    const heard = new Promise((done) => addEventListener("hashchange", done, {once: true}));
    const before = location.href;
    location.hash = fragment;
    if (location.href !== before) await heard;
    if (number % 5 && number !== fragments.length - 1) continue;
    await frame();
    const said = SAID();
    if (said.length) illegal.push([fragment, ...said]);
  }
  return illegal;
}"""
# What is not as it may be: a widget that is gone, a control out of its range, a number that is none.
SAID = """() => [...document.querySelectorAll(".nl-widget")].flatMap((box) => {
  const root = box.querySelector("[data-drawn]"), inside = root?.shadowRoot ?? root, found = [];
  if (box.dataset.state !== "live" || !root) return [`${box.dataset.state}: ${box.textContent.slice(0, 80)}`];
  for (const each of inside.querySelectorAll("input[type=range]"))
    if (!(+each.min <= +each.value && +each.value <= +each.max)) found.push(each.outerHTML);
  for (const each of inside.querySelectorAll("select")) if (each.selectedIndex < 0) found.push(each.outerHTML);
  const words = `${root.dataset.drawn} ${inside.textContent}`;
  return [...found, ...words.match(/.{0,40}(NaN|undefined|Infinity|\\[object).{0,20}/g) ?? []];
})"""
INJECTED = """() => {
  const roots = [document, ...[...document.querySelectorAll("*")].map((each) => each.shadowRoot).filter(Boolean)];
  return globalThis.pwned !== undefined
    || roots.some((root) => root.querySelector("iframe, [onerror], [onload], img[src=x], a[href^='javascript']"));
}"""


@pytest.fixture
def visit(browser):
    """Open pages at an address of their own; what they throw, or log as an error, fails the test."""
    pages, errors = [], []

    def visit(text, logs=True):
        page = browser.new_page(viewport={"width": 800, "height": 1200})
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if logs and message.type == "error" else None)
        page.route("**/*", lambda route: route.fulfill(body=text, content_type="text/html; charset=utf-8"))
        page.goto("http://localhost/page.html")
        pages.append(page)
        return page

    yield visit
    for page in pages:
        page.close()
    assert errors == [], errors


def wake(page):
    """Start every widget of a page."""
    page.evaluate("document.querySelectorAll('p').forEach((room) => { room.style.height = 0; })")
    for box in page.locator(".nl-widget").all():
        box.scroll_into_view_if_needed()
    page.wait_for_function("[...document.querySelectorAll('.nl-widget')].every((box) => box.dataset.state)")


def test_strange_addresses(visit, every_widget):
    rng = random.Random(16)
    page = a_page(*every_widget)
    for _ in range(2):
        opened = visit(page)
        wake(opened)
        fragments = [fragment(rng, every_widget) for _ in range(BATCH)]
        assert opened.evaluate(TRY.replace("SAID()", f"({SAID})()"), fragments) == []
        assert not opened.evaluate(INJECTED)


def spoilt(rng, part):
    """Return a part of a widget's state with something in it replaced."""
    if isinstance(part, dict) and part and rng.random() < 0.8:
        name = rng.choice(sorted(part))
        return part | {name: spoilt(rng, part[name])}
    if isinstance(part, list) and part and rng.random() < 0.8:
        place = rng.randrange(len(part))
        return [*part[:place], spoilt(rng, part[place]), *part[place + 1 :]]
    return rng.choice([None, -1, 1e308, 0.5, "", MARKUP, [], {}, [[]], True, "9" * 99])


def test_strange_data(visit, backpropagation, curves, explorer, grid_map, neuron, number_line):
    """A widget lives, perhaps drawing nothing of use, or says in a sentence that it cannot."""
    rng, widgets = random.Random(17), [backpropagation, curves, explorer, grid_map, neuron, number_line]

    def change(models):
        for model in models.values():
            state = json.loads(json.dumps(model["state"]))
            for name in rng.sample(sorted(state.keys() - {"_esm", "name"}), 2):
                state[name] = spoilt(rng, state[name])
            model["state"] = state

    for _ in range(5):
        page = visit(a_page(*widgets, change=change), logs=False)
        wake(page)
        for box in page.locator(".nl-widget[data-state=failed]").all():
            sentence = box.get_by_role("status").first.text_content()
            assert sentence.startswith("This interactive figure could not start: "), sentence
        assert not page.evaluate(INJECTED)


KEEP = """async (stored) => {
  const {Kept} = await import("/cell.js");
  return stored.filter((text) => {
    localStorage.clear();
    localStorage.setItem("cells one lesson", text);
    const kept = new Kept("cells one lesson"), before = Object.values(kept.all());
    kept.put("code-cell-01", "x = 1");
    return before.some((code) => typeof code !== "string") || kept.all()["code-cell-01"] !== "x = 1";
  });
}"""


def test_strange_edits(visit):
    """What is kept of a reader's edits may be anything; a page takes texts from it, and keeps what comes next."""
    rng = random.Random(18)
    good = json.dumps({"code-cell-01": "print(1)", "code-cell-02": MARKUP, "__proto__": "x"})
    stored = [json.dumps(spoilt(rng, json.loads(good))) for _ in range(100)] + TEXTS
    stored += [good[: rng.randrange(len(good))] for _ in range(50)] + [f'{{"a": {each}}}' for each in TEXTS]
    with serve(partial(QuietHandler, directory=SCRIPTS)) as server:
        page = visit("", logs=False)
        page.unroute("**/*")
        page.goto(f"{address(server)}/licences.txt")
        assert page.evaluate(KEEP, stored) == []
