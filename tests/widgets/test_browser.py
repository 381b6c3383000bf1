"""The widgets in a browser: what they draw, say and do, and what Python says about the same data."""

import itertools
import re

import numpy as np
import pytest

from nonlinear.course.functions import words
from nonlinear.widgets import Maps
from nonlinear.widgets._base import shown
from nonlinear.widgets.curves import summed_up
from nonlinear.widgets.neuron import RANGES, neuron_readouts
from tests.widgets.driving import a_table, answered, drawn, put

MOVED = {
    "backpropagation": ["U11", -1.2, 0.7],
    "neuron": ["bias", -1.2, 0.5],
    "grid_map": ["slider2", 2, 9],
    "clinic": ["step", 3, 18],
    "chooser": ["question1", 1, 2],
    "curves": ["slider1", 2, 9],
    "descent": ["z", -4.5, -0.5],
    "explorer": ["z", -1.5, 2],
    "forest": ["slider1", 1, 4],
    "maps": ["slider1", 2, 0],
    "memory": ["forget", -1.2, 2.5],
    "moments": ["mean", -1.2, 0.7],
    "number_line": ["slider1", 100, 150],
    "paths": ["slider1", 2, 7],
    "microscope": ["slider2", 5, 20],
    "phase_portrait": ["kink", 0.1, 0.9],
    "stall": ["z", 2.5, 9],
    "trainer": ["depth", 2, 4],
}


def kind(widget) -> str:
    """Return the name of a widget's module."""
    return type(widget).__module__.rpartition(".")[2]


# Controls


KEYS = ["ArrowLeft", "ArrowRight", "PageDown", "PageUp", "Home", "End"]


def test_every_slider_moves_by_keyboard(show, widget):
    middle = {
        "grid_map": {"slider1": 2, "slider2": 5},
        "curves": {"slider1": 8, "slider2": 1},
        "maps": {"slider1": 1, "slider2": 1},
        "paths": {"slider1": 4, "slider2": 3, "slider3": 1, "step": 1},
        "microscope": {"slider1": 4, "slider2": 12},
        "phase_portrait": {"rate": 3, "step": 40},
    }
    page = show(widget, **middle.get(kind(widget), {}))
    sliders, saved = page.get_by_role("slider").all(), page.evaluate("model.saved")
    for slider, key in itertools.product(sliders, KEYS):
        before, text = drawn(page), slider.get_attribute("aria-valuetext")
        slider.press(key)
        assert (drawn(page) != before, slider.get_attribute("aria-valuetext") != text) == (True, True), key
    assert page.evaluate("model.saved") - saved == len(sliders) * len(KEYS)


CONTROLS = {
    "backpropagation": {"example": "example", "weight to move": "chosen", "weight U11": "U11"},
    "neuron": {"bias b": "bias", "weight w1": "w1", "weight w2": "w2"},
    "grid_map": {
        "activation function": "choice1",
        "the map shows": "measure",
        "learning rate": "slider2",
        "input offset": "slider1",
    },
    "chooser": {},  # radio buttons, which test_chooser.py presses
    "descent": {"function": "function", "z at the start": "z"},
    "explorer": {
        "first function": "first",
        "second function": "second",
        "third function": "third",
        "ELU: α": "second_parameter",
        "z": "z",
    },
    "clinic": {
        "network": "case",
        "step": "step",
        "what is wrong": "cause",
        "what I expect to measure": "forecast",
        "repair": "repair",
    },
    "forest": {"measure": "choice1", "row to follow": "row", "learning rate": "slider1"},
    "maps": {"data": "choice1", "activation": "choice2", "hidden layers": "slider1", "units per layer": "slider2"},
    "curves": {
        "activation": "choice1",
        "variant": "choice2",
        "log10 of the weight scale": "slider1",
        "width": "slider2",
    },
    "moments": {
        "activation": "function",
        "gain of the weights": "gain",
        "mean of the inputs": "mean",
        "spread of the inputs": "spread",
    },
    "memory": {
        "function of the gates": "gate",
        "z of the forget gate": "forget",
        "z of the input gate": "entry",
        "how much both vary": "spread",
    },
    "number_line": {"function": "choice1", "z": "slider1"},
    "paths": {"mean of both inputs": "slider1", "rotation": "slider2", "batch": "slider3", "step": "step"},
    "microscope": {"trained on by": "choice1", "layer": "choice2", "seed": "slider1", "epoch": "slider2"},
    "phase_portrait": {
        "rule": "rule",
        "learning rate": "rate",
        "step": "step",
        "kink at the start": "kink",
        "slope at the start": "slope",
    },
    "stall": {"output": "output", "loss": "loss", "z at the start": "z", "learning rate": "rate"},
    "trainer": {
        "hidden layers": "depth",
        "units in each": "width",
        "learning rate": "rate",
        "optimiser": "optimiser",
        "inputs": "scaling",
        "initial gain": "gain",
        "initial bias": "bias",
        "seed": "seed",
        "layer 1": "layer1",
        "layer 2": "layer2",
        "layer 3": "layer3",
    },
}
UPWARDS = {
    *("bias b", "weight w1", "weight w2", "weight U11", "learning rate"),
    *("log10 of the weight scale", "width", "variant", "z", "ELU: α", "hidden layers", "units per layer"),
    *("mean of both inputs", "rotation", "batch", "z at the start"),
    *("gain of the weights", "mean of the inputs", "spread of the inputs"),
}


def test_every_control_is_tested(show, widget):
    page = show(widget)
    controls = page.get_by_role("slider").or_(page.get_by_role("combobox")).all()
    names = [control.get_attribute("aria-label") for control in controls]
    assert sorted(names) == sorted(CONTROLS[kind(widget)])


@pytest.mark.parametrize(("fixture", "name"), [(fixture, name) for fixture in CONTROLS for name in CONTROLS[fixture]])
def test_a_control_is_called_after_what_it_changes(request, show, fixture, name):
    page, traits = (
        show(request.getfixturevalue(fixture)),
        list(CONTROLS[fixture].values()),
    )
    state = f"() => {traits}.map(trait => model.get(trait))"
    before = page.evaluate(state)
    control = page.get_by_role("slider", name=name, exact=True).or_(page.get_by_role("combobox", name=name, exact=True))
    control.press("ArrowUp" if name in UPWARDS else "ArrowDown")
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
    for name, trait in (("activation function", "choice1"), ("the map shows", "measure")):
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
    assert drawn(page) == "measure=dead choice1=ReLU slider1=2 slider2=7"
    page.locator(".map svg").click(position={"x": 2, "y": 2})
    assert drawn(page) == "measure=dead choice1=ReLU slider1=2 slider2=7"


@pytest.mark.parametrize(
    "bias, expected", [(-2, "-2"), (99, "1"), (-99, "-4"), ("abc", "-4"), (None, "0"), ("-0.5", "-0.5")]
)
def test_neuron_follows_its_state_and_survives_a_wrong_one(show, neuron, bias, expected):
    assert f"bias={expected} " in put(show(neuron), bias=bias)


def test_map_survives_a_wrong_state(show, grid_map):
    shown = put(show(grid_map), choice1="GELU", measure="loss", slider1=1e9, slider2="x")
    assert shown == "measure=dead choice1=ReLU slider1=4 slider2=0"


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
        put(page, choice1=grid_map.choices[0][1][choice], slider1=row, slider2=column)
        lost = int(arrays["diverged"][choice, row, column].sum())
        for key, reading in zip(("dead", "accuracy"), page.locator(".reading").all(), strict=True):
            seeds = grid_map.seeds(key)[choice, row, column].astype(float)
            text = reading.text_content().removeprefix(f"{grid_map._measures[key].label}, 10 seeds")
            shown = [float(part.strip("[],%")) for part in text.split()[1:]]
            expected = np.array([np.median(seeds), seeds.min(), seeds.max()])
            unit, half = (100, 0.05) if key == "dead" else (1, 0.0005)
            np.testing.assert_allclose(shown, unit * expected, rtol=0, atol=half * (1 + 1e-3))
        for strip in page.locator(".strips svg").all():
            assert strip.locator("circle").evaluate_all("all => all.filter(c => !c.style.display).length") == 10 - lost
            assert strip.locator(".cross").evaluate_all("all => all.filter(c => c.getAttribute('d')).length") == lost
            assert f"{lost} diverged" in strip.text_content()


def test_map_draws_medians_and_crosses(show, grid_map):
    page, arrays = show(grid_map), grid_map.arrays()
    put(page, choice1="ELU", measure="accuracy")
    cells = "all => all.map(cell => ['width', 'fill-opacity'].map(name => Number(cell.getAttribute(name))))"
    drawn_cells = np.array(page.locator(".map rect.cell + rect.fill").evaluate_all(cells))
    medians = np.median(grid_map.seeds("accuracy")[2], axis=-1).ravel()
    np.testing.assert_allclose(
        drawn_cells[:, 0] ** 2 / (drawn_cells[:, 0] ** 2).max(), medians / medians.max(), atol=1e-6
    )
    np.testing.assert_allclose(drawn_cells[:, 1], 0.3 + 0.7 * medians, atol=1e-6)
    crossed = page.locator(".map rect.fill + .rim").evaluate_all(
        "all => all.map(path => Boolean(path.getAttribute('d')))"
    )
    assert crossed == arrays["diverged"][2].any(axis=-1).ravel().tolist()


# Curves


def grid_of(widget, rng):
    """Return a random setting: its traits, and its place in the grid."""
    place = tuple(int(rng.integers(len(names))) for _, names in [*widget.choices, *widget.sliders])
    options = [names[at] for (_, names), at in zip(widget.choices, place, strict=False)]
    traits = {f"choice{n + 1}": option for n, option in enumerate(options)}
    sliders = {f"slider{n + 1}": at for n, at in enumerate(place[len(options) :])}
    return {**traits, **sliders}, place


def test_curves_say_what_python_says(show, curves):
    page, rng = show(curves), np.random.default_rng(4)
    for _ in range(30):
        traits, _ = grid_of(curves, rng)
        put(page, **traits)
        for trait, value in traits.items():
            setattr(curves, trait, value)
        terms = page.locator("dt").all_text_contents()
        assert dict(zip(terms, page.locator("dd").all_text_contents(), strict=True)) == curves.said()
        assert all(f"{label}: {text}" in page.get_by_role("img").first.get_attribute("aria-label")
                   for label, text in curves.said().items())  # fmt: skip


def test_curves_say_it_for_all_options_at_once(show, curves):
    page = show(curves)
    page.get_by_role("combobox", name="activation").select_option("all")
    assert drawn(page) == "choice1=all choice2=residual slider1=10 slider2=0"
    curves.choice1 = "all"
    texts = page.locator("dd").all_text_contents()
    assert texts == list(curves.said().values()) and len(texts) == 3 + 1 + 3
    names = page.locator("svg").nth(1).locator("text.name, text:not([class])").all_text_contents()
    assert set(names) >= {"tanh", "ReLU", "sigmoid", "expected"} and "tanh, expected" not in names


DECODE = """async wanted => {
  const layout = model.get("data_layout"), arrays = await inside("unpack")(model.get("data"), layout);
  return wanted.map(([name, setting]) =>
    inside("curve")({values: arrays[name], shape: layout.find(part => part.name === name).shape}, setting));
}"""


def test_lines_reach_the_script_within_a_thousandth_of_the_axis(show, curves):
    rng, wanted, expected = np.random.default_rng(6), [], []
    for _ in range(40):
        _, place = grid_of(curves, rng)
        for number, panel in enumerate(curves._panels):
            for n, line in enumerate(curves._lines[number].values()):
                here = line[tuple(at if size > 1 else 0 for at, size in zip(place, line.shape, strict=False))]
                flat = np.log if panel.scale == "log" else np.asarray
                low, high = flat(panel.reach)
                expected.append((flat(summed_up(here, 1)) - low) / (high - low))
                wanted.append([f"line {number} {n}", place])
    for shares, share in zip(show(curves).evaluate(DECODE, wanted), expected, strict=True):
        shares = np.array(shares, float)
        inside = np.abs(share - 0.5) <= 0.5
        np.testing.assert_allclose(shares[inside], share[inside], atol=0.00051)
        np.testing.assert_array_equal(np.isnan(shares), np.isnan(share))


def test_lines_are_drawn_to_scale(show, curves):
    page = show(curves, slider1=12)
    traits = {"choice1": "tanh", "choice2": "residual", "slider1": 12}
    for trait, value in traits.items():
        setattr(curves, trait, value)
    place = curves.settings()[""]
    values = np.median(curves._lines[0]["size"][place], axis=-1)
    drawing = page.locator("svg").first
    box = drawing.locator("clipPath rect").evaluate("node => [node.y, node.height].map(side => side.baseVal.value)")
    path = drawing.locator("path.line").first.get_attribute("d")
    heights = [float(point.split(",")[1]) for point in path[1:].split("L")]
    share = (np.log10(values) + 6) / 12
    np.testing.assert_allclose(heights, box[0] + box[1] * (1 - share), atol=0.2)


def test_a_gap_is_a_gap_and_the_outside_is_outside(show, curves):
    page = show(curves, choice1="tanh", choice2="plain", slider2=1, slider1=0)
    measured = page.locator("svg").nth(1).locator("path.line").first.get_attribute("d")
    assert measured.count("L") + measured.count("M") == 11
    clipped = page.locator("svg g[clip-path]").count()
    assert clipped == 2


def test_play_moves_the_slider_and_stops(show, curves):
    page = show(curves, slider1=13)
    control = page.get_by_role("button", name="Play: log10 of the weight scale")
    control.press("Enter")
    assert page.get_by_role("button", name="Stop: log10 of the weight scale").count() == 1
    page.wait_for_function(
        "() => model.get('slider1') === 16 && el.firstElementChild.dataset.drawn.includes('slider1=16')"
    )
    page.wait_for_timeout(300)
    assert control.count() == 1
    control.click()  # from the start again
    page.wait_for_function("() => model.get('slider1') === 1")
    page.get_by_role("slider", name="log10 of the weight scale").press("End")
    page.wait_for_timeout(600)
    assert (page.evaluate("model.get('slider1')"), control.count()) == (16, 1)


def test_curves_survive_a_wrong_state(show, curves):
    shown = put(show(curves), choice1="GELU", choice2=None, slider1=1e9, slider2="x")
    assert shown == "choice1=tanh choice2=plain slider1=16 slider2=0"


# Explorer


def random_settings(explorer, rng, number):
    """Yield settings: traits and, by slot, the function they stand for."""
    names = list(explorer._variants)
    for _ in range(number):
        chosen = dict(zip(("first", "second", "third"), rng.choice(names, 3, replace=False).tolist(), strict=True))
        traits, functions = {"z": float(rng.choice(explorer.zs))}, {}
        for slot, name in chosen.items():
            field, variants = explorer._variants[name]
            functions[slot] = variants[rng.integers(len(variants))]
            traits |= {slot: name, f"{slot}_parameter": getattr(functions[slot], field, 0.0)}
        yield traits, functions


def called(explorer, slot, f, traits):
    """Return the heading of a function's card, and its colour."""
    (own,) = [each for each in explorer.functions if each["name"] == f.name]
    if own["parameter"] is None:
        return [own["title"], own["look"][0]]
    value = shown(traits[f"{slot}_parameter"], ".3g")
    return [f"{own['title']}, {own['parameter']['label']} = {value}", own["look"][0]]


def test_explorer_says_what_nonlinear_says(show, explorer):
    """200 settings of three functions each: the read-outs are those of float32, to every digit shown."""
    page, rng = show(explorer), np.random.default_rng(12)
    for traits, functions in random_settings(explorer, rng, 200):
        put(page, **traits)
        cards = page.locator(".card").evaluate_all(
            "all => all.map(card => [...card.querySelectorAll('dd')].map(node => node.textContent))"
        )
        headings = page.locator(".card .called").evaluate_all(
            "all => all.map(node => [node.textContent, node.style.getPropertyValue('--light')])"
        )
        assert headings == [called(explorer, slot, f, traits) for slot, f in functions.items()]
        for texts, f in zip(cards, functions.values(), strict=True):
            z = traits["z"]
            expected = [shown(np.float32(each(z)), ".4g") for each in (f, f.derivative)]
            assert [texts[0], texts[1].removesuffix(" (by convention)")] == expected, (f, z)
            assert texts[2:] == list(words(f).values())
            assert texts[1].endswith("(by convention)") == any(abs(kink - z) < 1e-9 for kink in f.traits.kinks)


def test_explorer_arrays_are_exact(show, explorer):
    decode = """async () => {
      const arrays = await inside("unpack")(model.get("data"), model.get("data_layout")), n = model.get("zs").length;
      return ["values", "slopes"].map(what => {
        const plane = arrays[what].length / 4;
        return Array.from({length: plane / n}, (_, row) => [...inside("floats")(arrays[what], row * n, n, plane)]);
      });
    }"""
    values, slopes = np.array(show(explorer).evaluate(decode))
    everything = [f for _, variants in explorer._variants.values() for f in variants]
    zs = np.array(explorer.zs)
    np.testing.assert_array_equal(values, np.array([f(zs) for f in everything], np.float32))
    np.testing.assert_array_equal(slopes, np.array([f.derivative(zs) for f in everything], np.float32))


def test_explorer_draws_curve_point_and_tangent_to_scale(show, explorer):
    page, rng = show(explorer), np.random.default_rng(3)
    measure = """() => [...el.firstElementChild.shadowRoot.querySelectorAll("svg")].map(drawing => {
      const frame = drawing.querySelector("clipPath rect"), side = name => frame[name].baseVal.value;
      const ticks = [...drawing.querySelectorAll("text[text-anchor=end]")].map(node =>
        [Number(node.textContent.replace("−", "-")), Number(node.getAttribute("y")) - 4]);
      const numbers = (node, names) => names.map(name => Number(node.getAttribute(name)));
      return {x: side("x"), width: side("width"), ticks,
        point: numbers(drawing.querySelector("circle.point"), ["cx", "cy"]),
        tangent: numbers(drawing.querySelector("line.tangent"), ["x1", "y1", "x2", "y2"])};
    })"""
    for traits, functions in random_settings(explorer, rng, 20):
        put(page, **traits)
        f, z = functions["first"], traits["z"]
        for drawing, value in zip(page.evaluate(measure), (f(z), f.derivative(z)), strict=True):
            (low, y_low), (high, y_high) = drawing["ticks"][0], drawing["ticks"][-1]
            up = (y_high - y_low) / (high - low)
            at = drawing["x"] + drawing["width"] * (z + 6) / 12
            np.testing.assert_allclose(drawing["point"], [at, y_low + up * (value - low)], atol=0.05)
        drawing = page.evaluate(measure)[0]
        x1, y1, x2, y2 = drawing["tangent"]
        (low, y_low), (high, y_high) = drawing["ticks"][0], drawing["ticks"][-1]
        slope = (y2 - y1) / (x2 - x1) * (drawing["width"] / 12) / ((y_high - y_low) / (high - low))
        if not any(abs(kink - z) < 1e-9 for kink in f.traits.kinks):
            assert slope == pytest.approx(f.derivative(z), abs=1e-3)


def test_a_jump_of_the_slope_is_a_gap(show, explorer):
    page = show(explorer, first="relu", second="none")
    values, slopes = (drawing.locator("path.line").first.get_attribute("d") for drawing in page.locator("svg").all())
    assert (values.count("M"), slopes.count("M")) == (1, 2)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_drag_moves_z(show, explorer, width):
    page = show(explorer, width=width)
    drawing = page.locator("svg").nth(1)
    drawing.scroll_into_view_if_needed()
    box, frame = drawing.bounding_box(), drawing.locator("clipPath rect")
    left, wide = (frame.evaluate(f"node => node.{side}.baseVal.value") for side in ("x", "width"))
    x = [box["x"] + left + wide * (z + 6) / 12 for z in (1, 2.5)]
    page.mouse.move(x[0], box["y"] + 80)
    page.mouse.down()
    assert drawn(page).endswith(" z=1")
    page.mouse.move(x[1], box["y"] + 90)
    assert drawn(page).endswith(" z=2.5")
    page.mouse.up()
    page.mouse.move(x[0], box["y"] + 80)
    assert drawn(page).endswith(" z=2.5")


def test_a_newly_chosen_function_has_its_usual_parameter(show, explorer):
    page = show(explorer)
    page.get_by_role("combobox", name="third function").select_option("leaky_relu")
    assert "third=leaky_relu" in drawn(page) and "third_parameter=0.01" in drawn(page)
    bars = page.get_by_role("slider").evaluate_all("all => all.map(bar => bar.getAttribute('aria-label'))")
    assert bars == ["ELU: α", "Leaky ReLU: negative slope", "z"]


def test_explorer_survives_a_wrong_state(show, explorer):
    page = show(explorer)
    shown = put(page, first="nothing", second=3, third=None, z="x", first_parameter="y")
    assert shown == f"first={explorer.functions[0]['name']} second=none third=none z=-6"
    assert put(page, second="elu", second_parameter=99, z=1.04).split()[-2:] == ["second_parameter=2", "z=1"]


def test_maps_say_and_draw_what_python_holds(show, maps):
    label = pytest.importorskip("scipy.ndimage", reason="an independent count of pieces comes with SciPy").label
    page, rng = show(maps), np.random.default_rng(9)
    for _ in range(60):
        maps.choice1, maps.choice2 = (str(rng.choice(options)) for _, options in maps.choices)
        maps.slider1, maps.slider2 = int(rng.integers(3)), int(rng.integers(2))
        put(page, **{trait: getattr(maps, trait) for trait in maps.shared})
        above = maps.height() > 0
        pieces = [f"{n} {'piece' if n == 1 else 'pieces'}" for n in (label(above)[1], label(~above)[1])]
        words = f"It says class 1 on {shown(above.mean(), '.0%')} of the map, in {pieces[0]}, "
        words += f"and class 0 on the rest, in {pieces[1]}."
        assert words == page.locator(".words").text_content()
        assert words in page.get_by_role("img").get_attribute("aria-label")
        said = dict(zip(page.locator("dt").all_text_contents(), page.locator("dd").all_text_contents(), strict=True))
        assert said == maps.said()
        counts = [page.locator(f"g .{name}").get_attribute("d").count("M") for name in ("disc", "triangle")]
        assert counts == ([0, 0] if maps.choice1 == "line" else [30, 30])


def test_maps_draw_the_threshold_where_it_is(show, maps):
    """Every end of the line drawn lies where the map, straight between its values, passes through 0."""
    page, script = show(maps, choice1="rings", choice2="tanh"), "path => path.getAttribute('d')"
    ends = np.array(re.findall(r"(-?[\d.]+),(-?[\d.]+)", page.locator(".edge").evaluate(script)), float)
    frame = page.locator("clipPath rect").evaluate(
        "box => ['x', 'y', 'width', 'height'].map(name => +box.getAttribute(name))"
    )
    maps.choice1, maps.choice2 = "rings", "tanh"
    steps = maps.height()
    column, row = (ends[:, 0] - frame[0]) / frame[2] * 39, (1 - (ends[:, 1] - frame[1]) / frame[3]) * 39
    r, c = np.clip(row.astype(int), 0, 38), np.clip(column.astype(int), 0, 38)
    u, v = column - c, row - r
    low, high = (steps[r + k, c] * (1 - u) + steps[r + k, c + 1] * u for k in (0, 1))
    steepest = np.abs(np.gradient(steps)).max()
    assert len(ends) > 50 and np.abs(low * (1 - v) + high * v).max() < 0.03 * steepest
    corners = "areaPath({rows: 2, columns: 2}, (r, c) => r === c ? 1 : -1, x => x, y => y)"
    assert page.evaluate("text => inside(text)", corners) == "M0,0L0.5,0L1,0.5L1,1L0.5,1L0,0.5Z"
    saddle = "edgePath({rows: 2, columns: 2}, (r, c) => r === c ? -1 : 1, x => x, y => y)"
    assert page.evaluate("text => inside(text)", saddle) == "M1,0.5L0.5,1M0,0.5L0.5,0"


def test_maps_name_the_lines_of_units_where_there_are_any_and_keep_their_height(show):
    side, none = np.linspace(-1, 1, 20), [np.nan] * 3
    values = np.stack([np.add.outer(side, side), np.multiply.outer(side, side)])
    page = show(Maps(values, (-1, 1, -1, 1), sliders={"depth": [1, 2]}, units=np.array([[[1, 0, 0.5]], [none]])))
    seen = []
    for place in (0, 1):
        put(page, slider1=place)
        key, drawn = page.get_by_text("where a hidden unit has z = 0"), page.locator("path.unit").first
        seen.append(
            (key.is_visible(), bool(drawn.get_attribute("d")), page.get_by_role("img").bounding_box()["height"])
        )
    assert seen == [(True, True, seen[0][2]), (False, False, seen[0][2])]


def test_maps_prepare_what_one_move_of_a_slider_leads_to(show, maps):
    """Ahead of the move, while nothing else is to be done; the move draws what it would have drawn."""
    page = show(maps)
    near = page.evaluate("inside(`near({model: {get: () => [['a', [1, 2]], ['b', [1, 2, 3]]]}}, [4, 0, 2])`)")
    assert near == [[4, 0, 2], [4, 1, 2], [4, 0, 0], [4, 0, 1], [4, 0, 2]]
    page.wait_for_timeout(300)
    put(page, slider1=0)
    drawn = page.locator(".edge").get_attribute("d")
    put(show(maps, slider1=2), slider1=0)
    assert drawn == page.locator(".edge").get_attribute("d")


def test_maps_survive_a_wrong_state(show, maps):
    shown = put(show(maps), choice1="moons", choice2=None, slider1=99, slider2="x")
    assert shown == "choice1=XOR choice2=none slider1=2 slider2=0"


LINES = {
    "pathThrough([0, 1, 2, 3], [5, NaN, 6, 7])": "M0,5M2,6L3,7",
    "bandBetween([0, 1, 2, 3], [1, 1, NaN, 1], [2, 2, 2, 2])": "M0,1L1,1L1,2L0,2Z",
    "spreadOut([10, 11, 50], 10, 0, 100)": [10, 20, 50],
    "spreadOut([99, 98], 10, 0, 100)": [100, 90],
    "spreadOut([-5, 0], 10, 0, 100)": [0, 10],
    "lastVisible([5, 15, 25], {y: 0, height: 20})": 1,
    "tickTexts([0.001, 1, 1000])": ["0.001", "1", "1000"],
    "tickTexts([1e-40, 1, 1e10])": ["10⁻⁴⁰", "10⁰", "10¹⁰"],
    "tickTexts([0, -2e-5, 5e-5])": ["0", "−2 × 10⁻⁵", "5 × 10⁻⁵"],
    "withBreaks([0, 1, 2], [5, 6, 7], [[1, 5.5, 6.5]]).map(([z, y]) => [z, isNaN(y) ? 'gap' : y])": [
        [0, 5],
        [1, 5.5],
        [1, "gap"],
        [1, 6.5],
        [2, 7],
    ],
    "withBreaks([0, 1], [5, 6], [[0.25, 4, 4]])": [[0, 5], [0.25, 4], [1, 6]],
    "layKey(200, ['abc', 'defghijk', 'l']).places.map(place => place.map(Math.round))": [[4, 14], [64, 14], [4, 32]],
    "decades(1e-30, 1e10).map(Math.log10)": [-30, -25, -20, -15, -10, -5, 0, 5, 10],
    "decades(1e-40, 1e40).map(Math.log10).map(Math.round)": [-40, -30, -20, -10, 0, 10, 20, 30, 40],
    "decades(1e-13, 10).map(Math.log10).map(Math.round)": [-12, -10, -8, -6, -4, -2, 0],
}


def test_line_functions(show, explorer):
    page = show(explorer)
    assert {text: page.evaluate("text => inside(text)", text) for text in LINES} == LINES


def test_python_and_the_script_write_numbers_alike(show, neuron):
    rng = np.random.default_rng(8)
    values = [*rng.normal(size=150) * 10.0 ** rng.integers(-9, 9, 150), 0, 0.5, -0.125, 2.5e-5, 1e6, 999999.5, 99.95]
    numbers = [(float(v), spec) for v in values for spec in (".0f", ".2f", ".1%", ".1g", ".3g")]
    texts = show(neuron).evaluate("all => all.map(([value, spec]) => inside('format')(value, spec))", numbers)
    assert texts == [shown(value, spec) for value, spec in numbers]


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
    assert page.evaluate(hurried, [MOVED[kind(widget)][0], [0, -1, 1, 0.5, 3]]) == ""
    page.wait_for_timeout(900)
    spoken = page.get_by_role("status").text_content()
    assert spoken and spoken in page.get_by_role("img").first.get_attribute("aria-label")


def test_what_was_said_is_not_left_to_be_read_again(show, widget):
    page = show(widget)
    answered(page)
    page.clock.install()
    page.evaluate("([trait, value]) => model.set(trait, value)", MOVED[kind(widget)][:2])
    page.clock.run_for(2000)
    assert page.get_by_role("status").text_content()
    page.clock.run_for(10_000)
    assert page.get_by_role("status").text_content() == ""


def test_a_widget_is_a_group_and_says_each_thing_once(show, widget):
    """The words at a control are its name and its value, which the control says itself."""
    page = show(widget)
    assert page.get_by_role("group", name="Interactive figure: ").count() == 1
    spoken = page.locator("body").aria_snapshot()
    for control in page.locator("label.control:visible").all():
        assert control.locator("span:not([aria-hidden])").count() == 0
        assert control.locator("input, select").get_attribute("aria-label")
    assert "region" not in spoken


# As a table


@pytest.mark.parametrize("width", [1280, 320])
def test_what_is_drawn_is_offered_as_a_table(show, widget, axe, width):
    """It is made when it is asked for, follows the controls, has names, and scrolls by itself where it is too wide."""
    page = show(widget, width=width)
    assert page.locator(".data").count() == 0
    head, rows = a_table(page)
    assert 1 < len(head) and 1 <= len(rows) <= 40 and {len(row) for row in rows} == {len(head)}
    assert all(text for row in rows for text in row[:1])
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(page) == []
    before = page.locator(".data").all_text_contents()
    for control in page.locator("select, input").all():
        if control.is_visible() and page.locator(".data").all_text_contents() == before:
            control.press("ArrowLeft" if control.get_attribute("type") else "ArrowDown")
            drawn(page)
    assert page.locator(".data").all_text_contents() != before
    page.get_by_text("As a table").click()
    trait, low, high = MOVED[kind(widget)]
    for value in (low, high):
        put(page, **{trait: value})
    assert not page.locator(".data").first.is_visible()


def test_the_table_of_curves_holds_what_is_drawn(show, curves):
    """Medians and ends of bands as far as a thousandth of the axis and two digits tell."""
    page = show(curves, choice1="tanh", choice2="residual", slider1=12)
    for trait, value in {"choice1": "tanh", "choice2": "residual", "slider1": 12}.items():
        setattr(curves, trait, value)
    head, rows = a_table(page)
    assert head == ["layer", "size", "size, lowest", "size, highest"]
    assert [row[0] for row in rows] == [str(layer) for layer in range(1, 31)]
    expected = summed_up(curves._lines[0]["size"][curves.settings()[""]], 1)
    numbers = np.array([[float(text) for text in row[1:]] for row in rows])
    np.testing.assert_allclose(numbers, expected.T, rtol=0.07)
    head, rows = page.locator(".data").nth(1).locator("th[scope=col]").all_text_contents(), None
    assert head == ["layer", "measured", "expected"]


def test_long_tables_are_thinned(show, neuron):
    page = show(neuron)
    _, rows = a_table(page)
    z = [float(row[2].replace("−", "-")) for row in rows]
    points, (w1, w2, b) = neuron.arrays()["points"], (neuron.w1, neuron.w2, neuron.bias)
    all_z = np.sort(points @ [w1, w2] + b)[::-1]
    assert len(rows) == 30 < len(points) and z == sorted(z, reverse=True)
    np.testing.assert_allclose([z[0], z[-1]], [all_z[0], all_z[-1]], atol=0.0051)
    texts = ["thinned([1, 2, 3], 5)", "thinned([0, 1, 2, 3, 4, 5, 6, 7, 8], 3)"]
    assert [page.evaluate("text => inside(text)", text) for text in texts] == [[1, 2, 3], [0, 4, 8]]


def test_no_room_is_kept_for_names_that_are_not_there(show, curves):
    """The lines of one option need no names; those of all have theirs, and the drawing becomes lower again after."""
    page = show(curves, width=390)
    drawing = page.locator("svg").first
    frame = (
        "node => ['x', 'width'].reduce((sum, side) => sum + node.querySelector('clipPath rect')[side].baseVal.value, 0)"
    )
    heights = []
    for choice in ("tanh", "all", "ReLU"):
        put(page, choice1=choice)
        heights.append(drawing.bounding_box()["height"])
    assert heights[0] == heights[2] == 262
    put(page, choice1="tanh")
    assert drawing.evaluate(frame) == pytest.approx(drawing.evaluate("node => node.viewBox.baseVal.width") - 14)


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
    "[format(0.1234, '.1%'), format(1234.5, '.2g'), format(1e-7, '.3g')]": ["12.3%", "1200", "10⁻⁷"],
    "[format(1234567, '.2g'), format(-999999, '.2g')]": ["1.2 × 10⁶", "−10⁶"],
    "[within(5, 0, 1), within(NaN, 0, 1), within('0.5', 0, 1)]": [1, 0, 0.5],
    "cut([[0, 0], [1, 0], [1, 1], [0, 1]], ([x]) => x - 0.5).ends": [[0.5, 0], [0.5, 1]],
}


def test_shared_functions(show, neuron):
    page = show(neuron)
    assert {text: page.evaluate("text => inside(text)", text) for text in SHARED} == SHARED


# Where it lives


BROKEN = "This interactive figure could not start: its data "


def test_missing_data_becomes_a_sentence(show, widget):
    page = show(widget, data=None)
    sentence = page.get_by_role("status").text_content()
    assert sentence.startswith(BROKEN)
    assert page.evaluate("[el.dataset.problem, el.children.length]") == [sentence.split(": ", 1)[1], 1]


@pytest.mark.parametrize(
    "changes",
    [
        {"data": b""},
        {"data": b"not zlib at all"},
        {"data_layout": None},
        {"data_layout": [{"name": "points", "dtype": "float64", "shape": [10**6, 2]}]},
    ],
)
def test_bad_data_becomes_a_sentence(show, neuron, changes):
    """All widgets unpack what they get by the same code."""
    assert show(neuron, **changes).get_by_role("status").text_content().startswith(BROKEN)


def test_a_flipped_bit_is_noticed(show, widget):
    damaged = bytearray(widget.data)
    damaged[len(damaged) // 2] ^= 4
    assert "arrived damaged" in show(widget, data=bytes(damaged)).get_by_role("status").text_content()


def test_theme_follows_the_book_then_the_lab_then_the_system(show, widget):
    page = show(widget)

    def colours():
        host, text = page.locator("#el > div"), page.locator("svg text").first
        return host.evaluate("node => getComputedStyle(node).color"), text.evaluate(
            "node => getComputedStyle(node).fill"
        )

    def colours_when(wanted):
        """Return the colours as soon as they are as wanted, or after ten seconds whatever they are."""
        for _ in range(200):
            if wanted(found := colours()):
                break
            page.wait_for_timeout(50)
        return found

    light = colours()
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    dark = colours_when(lambda found: all(a != b for a, b in zip(light, found, strict=True)))
    assert all(a != b for a, b in zip(light, dark, strict=True))
    page.evaluate("delete document.documentElement.dataset.theme")
    assert colours_when(lambda found: found == light) == light
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    assert colours_when(lambda found: found == dark) == dark
    page.evaluate("delete document.body.dataset.jpThemeLight")
    assert colours_when(lambda found: found == light) == light
    page.emulate_media(color_scheme="dark")
    assert colours_when(lambda found: found == dark) == dark


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_accessible(show, widget, axe, theme, width):
    page = show(widget, theme, width)
    assert axe(page) == []
    assert "▸" not in page.locator("body").aria_snapshot()  # a sign for the eye, not to be spoken


def test_fits(show, widget):
    page = show(widget)
    script = """all => all.map(node => node.getBoundingClientRect()).filter(box => box.width)
        .map(box => [box.left, box.right, box.height])"""
    for width in (1280, 390, 360, 320):
        page.set_viewport_size({"width": width, "height": 844})
        answered(page)
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


def test_a_step_is_drawn_in_the_next_frame(show, widget):
    """None is waited for; how long it takes is measured by ``benchmarks/pages.py``."""
    page = show(widget, width=390)
    script = """async ([trait, low, high]) => {
      const drawn = [], host = el.firstElementChild;
      for (const value of [high, low, high, low, high]) {
        await new Promise(done => requestAnimationFrame(done));
        model.set(trait, value);
        await new Promise(done => requestAnimationFrame(done));
        drawn.push(host.dataset.drawn);
      }
      return drawn;
    }"""
    first, second, *others = page.evaluate(script, MOVED[kind(widget)])
    assert first != second and others == [first, second, first]
