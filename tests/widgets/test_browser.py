"""The widgets in a browser: what they draw, say and do, and what Python says about the same data."""

import itertools

import numpy as np
import pytest

from nonlinear.widgets.neuron import RANGES, neuron_readouts

DRAWN = "el.firstElementChild.dataset.drawn"


def drawn(page) -> str:
    """Return the state that the widget drew last, after the frame in which it draws."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.evaluate(DRAWN)


def put(page, **traits) -> str:
    """Set traits from outside, as Python, a link or a page address would."""
    page.evaluate("traits => { for (const name in traits) model.set(name, traits[name]); }", traits)
    return drawn(page)


# Controls


KEYS = ["ArrowLeft", "ArrowRight", "PageDown", "PageUp", "Home", "End"]


def test_every_slider_moves_by_keyboard(show, widget):
    page = show(widget, row=2, column=5) if "row" in widget.keys else show(widget)
    sliders = page.get_by_role("slider").all()
    assert len(sliders) == {"neuron": 3, "map": 2}[widget.name]
    for slider, key in itertools.product(sliders, KEYS):
        before, text = drawn(page), slider.get_attribute("aria-valuetext")
        slider.press(key)
        assert (drawn(page) != before, slider.get_attribute("aria-valuetext") != text) == (True, True), key
    assert page.evaluate("model.saved") == len(sliders) * len(KEYS)


CONTROLS = {
    "neuron": {"bias b": "bias", "weight w1": "w1", "weight w2": "w2"},
    "grid_map": {
        "activation function": "choice",
        "the map shows": "measure",
        "learning rate": "column",
        "input offset": "row",
    },
}


@pytest.mark.parametrize(("fixture", "name"), [(fixture, name) for fixture in CONTROLS for name in CONTROLS[fixture]])
def test_a_control_is_called_after_what_it_changes(request, show, fixture, name):
    page, traits = show(request.getfixturevalue(fixture)), list(CONTROLS[fixture].values())
    state = f"() => {traits}.map(trait => model.get(trait))"
    before = page.evaluate(state)
    control = page.get_by_role("slider", name=name, exact=True).or_(page.get_by_role("combobox", name=name, exact=True))
    control.press("ArrowUp" if fixture == "neuron" or name == "learning rate" else "ArrowDown")
    changed = [trait for trait, old, new in zip(traits, before, page.evaluate(state), strict=True) if old != new]
    assert changed == [CONTROLS[fixture][name]]
    seen = page.evaluate("control => control.closest('label').firstElementChild.textContent", control.element_handle())
    assert seen.replace("₁", "1").replace("₂", "2") == name


def test_arrow_keys_move_the_neuron_by_a_hundredth(show, neuron):
    page = show(neuron)
    page.get_by_role("slider", name="bias b").press("ArrowLeft")
    assert drawn(page).startswith("bias=0.19 w1=0.9 w2=0.6 ")


def test_the_order_given_is_the_order_shown(show, grid_map, neuron):
    """A stored notebook sorts the keys of a dict, as the pages of this test do."""
    page = show(grid_map)
    shown = page.get_by_role("combobox", name="the map shows").locator("option").all_text_contents()
    assert shown == ["dead units", "test accuracy"]
    assert show(neuron).get_by_role("button").all_text_contents() == ["one bad step", "Reset"]


def test_every_list_changes_the_map(show, grid_map):
    page = show(grid_map)
    for name, trait in (("activation function", "choice"), ("the map shows", "measure")):
        before = drawn(page)
        page.get_by_role("combobox", name=name).press("ArrowDown")
        assert drawn(page) != before
        assert page.evaluate(f"model.get('{trait}')") in ("Leaky ReLU", "accuracy")


def test_buttons_set_the_neuron(show, neuron):
    page = show(neuron)
    start = drawn(page)
    page.get_by_role("button", name="one bad step").press("Enter")
    assert drawn(page) == "bias=-1.09 w1=0.3 w2=-0.17 on=0/60 dead"
    page.get_by_role("button", name="Reset").press("Space")
    assert drawn(page) == start


@pytest.mark.parametrize("width", [390, 1280])
def test_a_click_selects_a_cell(show, grid_map, width):
    page = show(grid_map, width=width)
    cells = page.locator(".map rect.cell")
    assert cells.count() == 60
    cells.nth(2 * 12 + 7).click(force=True)
    assert drawn(page) == "choice=ReLU measure=dead row=2 column=7"
    page.locator(".map svg").click(position={"x": 2, "y": 2})
    assert drawn(page) == "choice=ReLU measure=dead row=2 column=7"


@pytest.mark.parametrize(
    "bias, expected", [(-2, "-2"), (99, "1"), (-99, "-4"), ("abc", "-4"), (None, "0"), ("-0.5", "-0.5")]
)
def test_neuron_follows_its_state_and_survives_a_wrong_one(show, neuron, bias, expected):
    assert f"bias={expected} " in put(show(neuron), bias=bias)


def test_map_survives_a_wrong_state(show, grid_map):
    shown = put(show(grid_map), choice="GELU", measure="loss", row=1e9, column="x")
    assert shown == "choice=ReLU measure=dead row=4 column=0"


# What it says


def settings() -> list[tuple[float, float, float]]:
    """200 settings: 150 anywhere, 50 in hundredths exactly at the critical bias."""
    rng = np.random.default_rng(11)
    anywhere = rng.uniform(*np.transpose([RANGES[name] for name in ("bias", "w1", "w2")]), size=(150, 3))
    weights = np.round(rng.uniform(-2, 2, size=(50, 2)), 2)
    edge = np.round(-np.maximum(weights, 0).sum(axis=1), 2)
    return [*map(tuple, anywhere.tolist()), *zip(edge.tolist(), *weights.T.tolist(), strict=True)]


def test_neuron_says_what_python_says(show, neuron):
    corners = [[0, 0], [0, 1], [1, 0], [1, 1]]  # where z is exactly 0 at the critical bias
    page, points = show(neuron), np.vstack([corners, neuron.arrays()["points"]])
    script = "([points, all]) => all.map(([b, w1, w2]) => inside('readouts')(points, w1, w2, b))"
    for (b, *w), said in zip(settings(), page.evaluate(script, [points.ravel().tolist(), settings()]), strict=True):
        expected = neuron_readouts(points, w, b)
        assert (said["on"], said["total"], said["state"]) == (expected.on, 64, expected.state)
        np.testing.assert_allclose(said["gradient"], expected.gradient, rtol=0, atol=1e-12)
        assert said["largest"] == pytest.approx(expected.largest, abs=1e-12)
        assert said["critical"] == pytest.approx(expected.critical, abs=1e-12)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ((0.2, 0.9, 0.6), "Alive: on at all 60 points"),
        ((-0.6, 0.9, 0.6), "Alive: on at "),
        ((-1.48, 0.9, 0.6), "Silent on these points, but some corner of the square still wakes it."),
        ((-1.5, 0.9, 0.6), "Dead: no input in the square can reach it; every gradient is exactly 0."),
    ],
)
def test_neuron_writes_what_it_says(show, neuron, setting, words):
    page = show(neuron)
    put(page, **dict(zip(("bias", "w1", "w2"), setting, strict=True)))
    said = neuron_readouts(neuron.arrays()["points"], setting[1:], setting[0])
    values = page.locator("dd").all_text_contents()
    assert page.locator(".status").text_content().startswith(words)
    assert words in page.get_by_role("img").first.get_attribute("aria-label")
    assert values[0] == f"{said.on} of 60"
    assert values[1] == f"{said.largest:.2f}"
    for text, slope in zip(values[2:], said.gradient, strict=True):
        assert text == "0" if slope == 0 else float(text) == pytest.approx(slope, rel=5e-3)
    assert page.locator("circle.on").count() == said.on


def test_map_says_what_numpy_says(show, grid_map):
    page, arrays, rng = show(grid_map), grid_map.arrays(), np.random.default_rng(2)
    for _ in range(30):
        choice, row, column = (int(rng.integers(n)) for n in (3, 5, 12))
        put(page, choice=grid_map.choices[choice], row=row, column=column)
        lost = int(arrays["diverged"][choice, row, column].sum())
        for key, reading in zip(("dead", "accuracy"), page.locator(".reading").all(), strict=True):
            seeds = arrays[key][choice, row, column].astype(float)
            text = reading.text_content().removeprefix(f"{grid_map.measures[key]['label']}, 10 seeds")
            shown = [float(part.strip("[],%")) for part in text.split()[1:]]
            expected = np.array([np.median(seeds), seeds.min(), seeds.max()])
            unit, half = (100, 0.05) if key == "dead" else (1, 0.0005)
            np.testing.assert_allclose(shown, unit * expected, rtol=0, atol=half * (1 + 1e-6))
        for strip in page.locator(".strips svg").all():
            assert strip.locator("circle").evaluate_all("all => all.filter(c => !c.style.display).length") == 10 - lost
            assert strip.locator(".cross").evaluate_all("all => all.filter(c => c.getAttribute('d')).length") == lost
            assert f"{lost} diverged" in strip.text_content()


def test_map_draws_medians_and_crosses(show, grid_map):
    page, arrays = show(grid_map), grid_map.arrays()
    put(page, choice="ELU", measure="accuracy")
    cells = "all => all.map(cell => ['width', 'fill-opacity'].map(name => Number(cell.getAttribute(name))))"
    drawn_cells = np.array(page.locator(".map rect.cell + rect.fill").evaluate_all(cells))
    medians = arrays["accuracy median"][2].ravel()
    np.testing.assert_allclose(
        drawn_cells[:, 0] ** 2 / (drawn_cells[:, 0] ** 2).max(), medians / medians.max(), atol=1e-9
    )
    np.testing.assert_allclose(drawn_cells[:, 1], 0.3 + 0.7 * medians, atol=1e-9)
    crossed = page.locator(".map rect.fill + .rim").evaluate_all(
        "all => all.map(path => Boolean(path.getAttribute('d')))"
    )
    assert crossed == arrays["diverged"][2].any(axis=-1).ravel().tolist()


def test_speech_waits_for_a_pause(show, widget):
    page = show(widget)
    hurried = """async ([trait, values]) => {
      const start = performance.now(), status = el.firstElementChild.shadowRoot.querySelector("[role=status]");
      for (const value of values) {
        model.set(trait, value);
        await new Promise(done => requestAnimationFrame(done));
      }
      return performance.now() - start < 600 ? status.textContent : "";
    }"""
    assert page.evaluate(hurried, ["column" if "column" in widget.keys else "bias", [0, -1, 1, 0.5, 3]]) == ""
    page.wait_for_timeout(900)
    spoken = page.get_by_role("status").text_content()
    assert spoken and spoken in page.get_by_role("img").first.get_attribute("aria-label")


# The shared script


SHARED = {
    "steps(0, 1, 4)": [0, 0.2, 0.4, 0.6, 0.8, 1],
    "steps(-4, 1, 5)": [-4, -3, -2, -1, 0, 1],
    "steps(-0.35, 1.35, 8)": [-0.2, 0, 0.2, 0.4, 0.6, 0.8, 1, 1.2],
    "decades(0.001, 1000)": [0.001, 0.01, 0.1, 1, 10, 100, 1000],
    "decades(0.05, 3)": [0.05, 0.1, 0.2, 0.5, 1, 2],
    "[1, 10, 100].map(scale([1, 100], [0, 50], 'log'))": [0, 25, 50],
    "[0, 1, 2].map(scale([0, 2], [10, 0]))": [10, 5, 0],
    "[format(-1.5, '.2f'), format(-0.001, '.2f'), format(-0, '.1f')]": ["−1.50", "0.00", "0.0"],
    "[format(0.1234, '.1%'), format(1234.5, '.2g'), format(1e-7, '.3g')]": ["12.3%", "1200", "1e−7"],
    "[within(5, 0, 1), within(NaN, 0, 1), within('0.5', 0, 1)]": [1, 0, 0.5],
    "cut([[0, 0], [1, 0], [1, 1], [0, 1]], ([x]) => x - 0.5).ends": [[0.5, 0], [0.5, 1]],
}


def test_shared_functions(show, neuron):
    page = show(neuron)
    assert {text: page.evaluate("text => inside(text)", text) for text in SHARED} == SHARED


# Where it lives


@pytest.mark.parametrize(
    "changes",
    [
        {"data": None},
        {"data": b""},
        {"data": b"not zlib at all"},
        {"data_layout": None},
        {"data_layout": [{"name": "points", "dtype": "float64", "shape": [10**6, 2]}]},
    ],
)
def test_bad_data_becomes_a_sentence(show, widget, changes):
    page = show(widget, **changes)
    sentence = page.get_by_role("status").text_content()
    assert sentence.startswith("This interactive figure could not start: its data ")
    assert page.evaluate("[el.dataset.problem, el.children.length]") == [sentence.split(": ", 1)[1], 1]


def test_a_flipped_bit_is_noticed(show, widget):
    damaged = bytearray(widget.data)
    damaged[len(damaged) // 2] ^= 4
    assert "arrived damaged" in show(widget, data=bytes(damaged)).get_by_role("status").text_content()


def test_theme_follows_the_book_then_the_lab_then_the_system(show, widget):
    page = show(widget)

    def colours():
        page.wait_for_timeout(50)
        host, text = page.locator("#el > div"), page.locator("svg text").first
        return host.evaluate("node => getComputedStyle(node).color"), text.evaluate(
            "node => getComputedStyle(node).fill"
        )

    light = colours()
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    dark = colours()
    assert all(a != b for a, b in zip(light, dark, strict=True))
    page.evaluate("delete document.documentElement.dataset.theme")
    assert colours() == light
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    assert colours() == dark
    page.evaluate("delete document.body.dataset.jpThemeLight")
    page.emulate_media(color_scheme="dark")
    assert colours() == dark


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_accessible(show, widget, theme, width):
    from axe_playwright_python.sync_playwright import Axe

    results = Axe().run(show(widget, theme, width))
    assert results.violations_count == 0, results.generate_report()


def test_fits(show, widget):
    page = show(widget)
    script = """all => all.map(node => node.getBoundingClientRect()).filter(box => box.width)
        .map(box => [box.left, box.right, box.height])"""
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        texts = np.array(page.locator("svg text").evaluate_all(script))
        assert (texts[:, 0].min() >= 0, texts[:, 1].max() <= width, texts[:, 2].min() >= 11) == (True, True, True), (
            width
        )
        assert np.array(page.locator("input, select, button").evaluate_all(script))[:, 2].min() >= 36


def test_new_width_new_layout(show, widget):
    page = show(widget, width=1280)
    state, wide = drawn(page), page.locator("svg").first.get_attribute("viewBox")
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(100)
    assert (drawn(page), page.locator("svg").first.get_attribute("viewBox") != wide) == (state, True)


def test_focus_is_seen_and_keys_stay(show, widget):
    page = show(widget)
    assert page.evaluate("el.firstElementChild.dataset.lmSuppressShortcuts") == "true"
    page.keyboard.press("Tab")
    assert page.locator(":focus-visible").last.evaluate("node => getComputedStyle(node).outlineWidth") == "3px"


def test_closing_leaves_nothing(show, widget):
    page = show(widget)
    page.evaluate("closing.then(close => close())")
    assert page.evaluate("[el.children.length, Object.values(model.listeners).flat().length]") == [0, 0]


def test_a_step_is_drawn_within_a_frame(show, widget):
    page = show(widget, width=390)
    script = """async ([trait, low, high]) => {
      const times = [], host = el.firstElementChild;
      for (let n = 0; n < 60; n++) {
        await new Promise(done => requestAnimationFrame(done));
        const before = host.dataset.drawn, start = performance.now();
        model.set(trait, n % 2 ? low : high);
        await new Promise(done => requestAnimationFrame(done));
        void host.offsetHeight;
        times.push(performance.now() - start);
        if (host.dataset.drawn === before) throw new Error("nothing drawn");
      }
      return times.sort((a, b) => a - b)[30];
    }"""
    step = ["column", 2, 9] if "column" in widget.keys else ["bias", -1.2, 0.5]
    assert page.evaluate(script, step) < 34  # one frame to wait for, one at most to draw in
