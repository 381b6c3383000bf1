"""Widgets to test, and a page that shows one without Jupyter, without a server and without the book."""

import base64
import json

import numpy as np
import pytest

from nonlinear import widgets
from nonlinear.activations import ELU, GELU, SELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh
from nonlinear.course.compare import difference
from nonlinear.lessons.what_the_machine_computes import experiment
from nonlinear.lessons.where_gradients_come_from.experiment import SMALL
from nonlinear.widgets import (
    Advice,
    Axis,
    Backpropagation,
    Chart,
    Chooser,
    Clinic,
    Curves,
    Descent,
    Evidence,
    Explorer,
    Forest,
    GridMap,
    Maps,
    Measure,
    Memory,
    Microscope,
    Moments,
    Neuron,
    NumberLine,
    Option,
    Panel,
    Paths,
    PhasePortrait,
    Question,
    Reading,
    Stall,
    Tool,
    Trainer,
    Words,
)

PAGE = """<!doctype html>
<html lang="en" data-theme="{theme}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A widget</title>
<style>html[data-theme=dark] {{ background: #14181e; color: #e8e8e8 }} body {{ margin: 0; font-family: sans-serif }}
main {{ max-width: 46rem; margin: auto; padding: 0 16px }}</style>
<main><h1>A widget</h1><div id="el"></div></main>
<script>
class Model {{
  constructor(state) {{ this.state = state; this.listeners = {{}}; this.saved = 0; }}
  get(name) {{ return this.state[name]; }}
  set(name, value) {{
    if (this.state[name] === value) return;
    this.state[name] = value;
    for (const listener of this.listeners["change:" + name] ?? []) listener();
  }}
  save_changes() {{ this.saved += 1; }}
  on(name, listener) {{ (this.listeners[name] ??= []).push(listener); }}
  off(name, listener) {{ this.listeners[name] = this.listeners[name].filter(known => known !== listener); }}
}}
const state = {state};
if (state.data) state.data = new DataView(Uint8Array.from(atob(state.data), c => c.charCodeAt(0)).buffer);
const model = new Model(state), el = document.getElementById("el");
(() => {{
{script}
}})();
const closing = window.widget.render({{model, el}});
</script></html>"""

SHOWN = "() => el.dataset.problem !== undefined || el.firstElementChild?.dataset.drawn !== undefined"


@pytest.fixture
def show(browser):
    """Return a function that opens a page with one widget; ``changes`` replace parts of its state."""
    pages, errors = [], []

    def show(widget, theme="light", width=1280, **changes):
        state = {name: value for name, value in widget.get_state().items() if name in widget.keys}
        state = {name: value for name, value in state.items() if name[0] != "_" and name not in ("layout", "tooltip")}
        state = {**state, **changes}
        if state["data"] is not None:
            state["data"] = base64.b64encode(bytes(state["data"])).decode()
        script = widget._esm.replace("export default ", "window.inside = text => eval(text); window.widget = ")
        page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme="light")
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.set_content(
            PAGE.format(theme=theme, state=json.dumps(state, sort_keys=True).replace("</", "<\\/"), script=script)
        )
        page.wait_for_function(SHOWN)
        pages.append(page)
        return page

    yield show
    for page in pages:
        page.close()
    assert errors == []


@pytest.fixture
def backpropagation():
    """The network of the lesson on where gradients come from."""
    return Backpropagation(SMALL, [((1, 0.5), 1), ((0, 1), 1), ((-2, 2), 0)])


@pytest.fixture
def clinic():
    """Seven cases and a healthy one, as many and as long as in the lesson, some of them beyond all charts."""
    rng, cases, times = (
        np.random.default_rng(10),
        [*"ABCDEFG", "healthy twin"],
        np.unique(np.geomspace(1, 900, 27).astype(int)),
    )
    layers, shape = ("1", "2", "3", "4", "5", "out"), (8, len(times))
    wild = 10 ** rng.normal(scale=1.5, size=(*shape, 6))
    wild[3], wild[4, 5:] = 0, np.inf
    shares = rng.dirichlet(np.ones(21), size=(*shape, 5))
    causes = ["small weights", "low rate", "dead layer", "nothing is wrong"]
    outcomes = ["falls", "stays"], [0, 1] * 4, ["low", "high", "none"], [2, 1, 0, 0, 1, 2, 0, 0]
    return Clinic(
        cases,
        times,
        [
            Chart("loss", wild[..., :1], ["loss"], (0, 4), levels={"a guess": 2.3}),
            Chart("update ratio", wild, layers, (1e-4, 10), "log"),
            Chart("flat share", rng.random((*shape, 5)), layers[:-1], (0, 1)),
        ],
        shares,
        np.arange(-5, 5.01, 0.5),
        causes,
        [
            Tool("One batch", np.arange(1, 500, 5), 3 * rng.random((8, 100)), "step", (0, 4), *outcomes[:2]),
            Tool("Range", np.geomspace(1e-6, 10, 141), 3 * rng.random((8, 141)), "rate", (0, 4), *outcomes[2:], "log"),
        ],
        {"weights": rng.random(shape), "rate": rng.random(shape) * 3},
        Words(
            [[f"Measured {case} {tool}." for tool in (1, 2)] for case in "ABCDEFG"],
            [[f"{cause}, said of {case}." for cause in causes] for case in "ABCDEFG"],
            [[f"{case} after {repair}." for repair in ("weights", "rate")] for case in "ABCDEFG"],
        ),
        step=9,
        note="Made up.",
        description="Made up, for tests.",
    )  # fmt: skip


@pytest.fixture
def moments():
    """Five functions, as in the lesson."""
    functions = {"SELU": SELU(), "ELU": ELU(), "ReLU": ReLU(), "tanh": Tanh(), "sigmoid": Sigmoid()}
    return Moments(functions, "ELU", gain=1.1, mean=2.0, spread=10.0, presets={"gain 1": 1.0})


@pytest.fixture
def neuron():
    """One ReLU on 60 points."""
    points = np.random.default_rng(3).uniform(size=(60, 2))
    return Neuron(points, presets={"one bad step": (-1.09, 0.3, -0.17)})


@pytest.fixture
def grid_map():
    """A map of the size that the lesson uses, with diverged seeds in its last columns."""
    rng = np.random.default_rng(5)
    dead, right = rng.integers(0, 129, (3, 5, 12, 10)) / 128, rng.integers(0, 361, (3, 5, 12, 10)) / 360
    diverged = rng.random(dead.shape) < np.linspace(-0.5, 0.8, 12)[:, None]
    return GridMap(
        {
            "dead": Measure("dead units", dead, format=".1%"),
            "accuracy": Measure("test accuracy", right.astype(np.float32), format=".3f"),
        },
        choices=["ReLU", "Leaky ReLU", "ELU"],
        rows=Axis("input offset", [0, 0.25, 0.5, 0.75, 1]),
        columns=Axis("learning rate", [0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.7, 0.85, 1, 1.3, 2, 3]),
        diverged=diverged,
        choice_label="activation function",
        colours=[("#0b62c4", "#6cb0ff"), ("#00727d", "#4cc9d6"), ("#0a7048", "#5cd6a0")],
        row=4,
        column=10,
    )


@pytest.fixture
def curves():
    """Lines of the size that a lesson uses: two choices, two sliders, ten seeds, gaps, marks and levels."""
    rng, layers = np.random.default_rng(7), np.arange(1, 31)
    scale, width = np.linspace(-2, 2, 17), np.array([10.0, 100.0, 1000.0])
    slope = rng.normal(size=(3, 2, 1, 1)) + scale[:, None] - 0.2 * np.log10(width)
    wiggle = 0.05 * rng.normal(size=(3, 2, 17, 3, 1, 10)).cumsum(axis=-1)
    log_size = 0.1 * layers[:, None] * (slope[..., None, None] + wiggle)
    share = 1 / (1 + np.exp(-log_size[..., 0]))
    share[0, 0, :, 1, 11:] = np.nan
    return Curves(
        [
            Panel(
                "gradient",
                layers,
                {"size": 10**log_size},
                "layer",
                "rms",
                scale="log",
                limits=(1e-6, 1e6),
                levels={"one": 1},
            ),
            Panel(
                "saturated share",
                layers,
                {"measured": share, "expected": np.linspace(0, 1, 30)},
                "layer",
                limits=(0, 1),
                marks={"middle": 15.5, "width": np.log10(width)[None, None, None] * np.ones((3, 1, 1, 1)) * 5},
            ),
        ],
        choices={"activation": ["tanh", "ReLU", "sigmoid"], "variant": ["plain", "residual"]},
        sliders={"log10 of the weight scale": scale, "width": width},
        readouts={
            "gradient at layer 30": (10 ** log_size[..., -1, :], ".2g"),
            "layers": (np.full((1, 1, 1, 1), 30), ".0f"),
        },
        diverged=rng.random((3, 2, 17, 3, 10)) < 0.2,
        looks={"tanh": "tanh", "ReLU": "relu", "sigmoid": "sigmoid"},
        overlay="activation",
        play="log10 of the weight scale",
        start={"variant": "residual", "log10 of the weight scale": 0.5},
        description="Made up, for tests.",
    )


@pytest.fixture
def chooser():
    """Three questions, one of them answered, with and without evidence and rows."""
    counts = Evidence(
        "Two in three were.", {"under a roof": (0.5, 0.6, 0.8), "outside": (-0.1, 0.1, 0.2)}, "share that stays dry"
    )
    words = Evidence("It is known.", link="wind.html#known", source="The lesson on wind")
    warm = Evidence("It was warm.", {"May": (9, 15, 21)}, "degrees", ".0f", "warm.html", "The lesson on May")
    tree = {
        "roof": Question("Is there a roof?", {"yes": Option("Yes", "stay", warm), "no": Option("No", "wind", counts)}),
        "wind": Question("Is it windy?", {"yes": Option("Yes", "coat", words), "no": Option("No, calm", "rain")}),
        "rain": Question("Does it rain?", {"yes": Option("Yes", "umbrella", warm), "no": Option("No", "stay")}),
        "coat": Advice("Take a coat.", "Made up, for tests."),
        "umbrella": Advice("Take an umbrella.", "Not in a storm."),
        "stay": Advice("Stay as you are.", "Until it rains."),
    }
    return Chooser(tree, counts)


@pytest.fixture
def descent():
    """Functions that come back fast, slowly or never, from a place between the ends of the slider."""
    functions = {"ReLU": ReLU(), "Leaky ReLU 0.1": LeakyReLU(0.1), "ELU": ELU(), "SiLU": SiLU(), "GELU": GELU()}
    return Descent({**functions, "softplus": Softplus()}, function="Leaky ReLU 0.1", z=-6)


@pytest.fixture
def explorer():
    """The whole catalogue, as the lesson shows it."""
    return Explorer()


@pytest.fixture
def forest():
    """Twelve rows at five rates: better, worse and within the noise, in two measures."""
    rng, rows, rates = np.random.default_rng(8), [f"remedy {k}" for k in range(12)], (0.1, 0.3, 0.5, 1.0, 2.0)

    def apart(scale):
        means = scale * rng.normal(size=(len(rates), len(rows)))
        each = [difference(mean + rng.normal(size=(2, 10)), np.zeros((2, 10))) for mean in means.flat]
        return np.array(each, dtype=object).reshape(means.shape)

    measures = {"accuracy, in points": (apart(3), 1, ".1f"), "dead share": (apart(1), -1, ".2f")}
    return Forest(
        rows, measures, {"learning rate": rates}, row="remedy 3", start={"learning rate": 0.5}, baseline="plain ReLU"
    )


@pytest.fixture
def maps():
    """Maps of the size that a lesson uses, with points, one axis of length 1, and read-outs with and without seeds."""
    rng, side = np.random.default_rng(4), np.linspace(-2.5, 2.5, 40)
    x1, x2 = np.meshgrid(side, side)
    shapes = np.stack([x1 * x2, x1**2 + x2**2 - 2.2, x1 + x2])
    bends, depths = np.array([0.0, 1.0, 2.0]), np.array([1, 2, 3])
    values = shapes[:, None, None] + bends[:, None, None, None] * np.sin(3 * x1 - depths[:, None, None]) / 2
    accuracy = rng.integers(500, 1001, (3, 3, 3, 10)) / 1000
    return Maps(
        values[:, :, :, None],
        extent=(-2.5, 2.5, -2.5, 2.5),
        choices={"data": ["XOR", "rings", "line"], "activation": ["none", "ReLU", "tanh"]},
        sliders={"hidden layers": depths, "units per layer": [2, 16]},
        points={name: (rng.uniform(-2, 2, (60, 2)), np.arange(60) % 2) for name in ("XOR", "rings")},
        readouts={"accuracy": (accuracy[:, :, :, None], ".3f"), "seed shown": (np.full((3, 3, 3, 1), 4), ".0f")},
        start={"data": "rings", "hidden layers": 2},
        note="Made up.",
        description="Made up, for tests.",
    )


@pytest.fixture
def microscope():
    """Units of the number that a lesson shows, of which many die and some come back."""
    rng, shape = np.random.default_rng(8), (9, 2, 10, 24)
    death, life = rng.integers(1, 9, (*shape[:3], 1, 64)), rng.integers(5, 60, (*shape[:3], 1, 64))
    time, edges = np.arange(24)[:, None], np.concatenate([[-np.inf], np.linspace(-12, 6, 19), [np.inf]])
    shares = np.exp(-(((np.arange(20) - rng.uniform(3, 16, (*shape, 1))) / 4) ** 2))
    return Microscope(
        (time < death) | (time > life),
        shares / shares.sum(axis=-1, keepdims=True),
        edges,
        {"trained on by": [f"way {n}" for n in range(9)], "layer": ["1", "2"]},
        {"seed": range(1, 11), "epoch": range(24)},
        since=3,
        phases=("wrecked", "trained on"),
        start={"seed": 4, "epoch": 12},
        note="Made up.",
        description="Made up, for tests.",
    )


@pytest.fixture
def phase_portrait():
    """One unit on eleven points, some way along."""
    x = np.arange(11) / 10
    points = np.column_stack([x, 1.8 * np.maximum(x - 0.35, 0) + 0.1 * (-1.0) ** np.arange(11)])
    return PhasePortrait(points, kink=0.3, slope=1.0, rule="momentum", step=40, description="Made up, for tests.")


@pytest.fixture
def number_line():
    """The line of the lesson on what the machine computes, at a place where the ways part."""
    return NumberLine(**experiment.number_line(), choice="slope of the sigmoid", x_start=17)


@pytest.fixture
def paths():
    """Paths as many and as long as in the lesson, over bowls of every direction."""
    rng, shape, steps = np.random.default_rng(9), (9, 7, 3), 60
    turn = np.linspace(0, np.pi / 2, 7)[:, None]
    flat, steep = rng.uniform(0.2, 1, (9, 1, 3)), rng.uniform(1, 20, (9, 1, 3))
    first = np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    second = np.stack([-np.sin(turn), np.cos(turn)], axis=-1)
    hessian = sum(v[..., None, None] * u[..., :, None] * u[..., None, :] for v, u in ((flat, first), (steep, second)))
    minimum = rng.uniform(-0.9, 0.9, (*shape, 2))
    shrink = 0.92 ** np.arange(steps + 1)[:, None]
    wobble = rng.normal(size=(*shape, steps + 1, 2)) * 0.2 * shrink * (np.arange(steps + 1) > 0)[:, None]
    walk = minimum[..., None, :] * (1 - shrink) + wobble
    lengths = rng.integers(2, steps + 1, shape)
    walk[np.arange(steps + 1) > lengths[..., None]] = np.nan
    return Paths(
        [
            Axis("mean of both inputs", np.arange(9) / 4),
            Axis("rotation", np.arange(0, 91, 15)),
            Axis("batch", [1, 10, 99]),
        ],
        walk,
        hessian,
        minimum,
        {
            "condition": Reading("condition number", (steep / flat * np.ones(shape))[..., None], ".1f"),
            "same": Reading("steps with gradients of one sign", rng.random((*shape, 10)), ".0%"),
            "steps": Reading("steps to 1 % of the loss", lengths[..., None] + rng.integers(0, 9, (*shape, 10)), ".0f"),
        },
        start=[4, 3, 1],
        view=1.9,
    )


@pytest.fixture
def stall():
    """A sigmoid with the mean square, between the ends of its sliders."""
    return Stall(z=6)


@pytest.fixture
def trainer():
    """A short run of three layers, one of them another."""
    widget = Trainer(epochs=1, depth=3, layer2="tanh", bias=0.25, seed=3)
    widget.train()
    return widget


@pytest.fixture
def memory():
    """Gates that vary a little, between the ends of their sliders."""
    return Memory({"sigmoid": Sigmoid(), "ReLU": ReLU(), "tanh": Tanh()}, forget=2.0, entry=0.5, spread=0.5)


def modules():
    """Return the modules of the widgets; the fixture of each has its name."""
    exported = [getattr(widgets, name) for name in widgets.__all__]
    return [each.__module__.rpartition(".")[2] for each in exported if hasattr(each, "_esm")]


@pytest.fixture(params=modules())
def widget(request):
    """Each widget in turn."""
    return request.getfixturevalue(request.param)
