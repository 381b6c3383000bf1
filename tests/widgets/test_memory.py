"""The memory: in Python, and in a browser against what Python says."""

import numpy as np
import pytest

from nonlinear.activations import Sigmoid
from nonlinear.widgets import Memory, _base
from tests.widgets.driving import put

# In Python


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (("sigmoid", 0, 0, 0), "Forgotten: of what the cell held at the start, 7.9 × 10⁻³¹ is left"),
        (("sigmoid", 6, 6, 0), "Remembered: of what the cell held at the start, 0.78 is left"),
        (("ReLU", 2, 1, 0), "Grown to 1.3 × 10³⁰. Gates between 0 and 1 allow 100 at most."),
        (("ReLU", 2, -1, 0), "The gradient explodes: it comes back 1.3 × 10³⁰ times as large."),
        (("ReLU", 1, 1, 0), "Remembered: of what the cell held at the start, 1 is left"),
        (("tanh", -4, 1, 0), "Remembered: of what the cell held at the start, 0.94 is left"),
    ],
)
def test_the_verdict(memory, state, words):
    memory.gate, memory.forget, memory.entry, memory.spread = state
    assert memory.said().startswith(words)
    assert _base.png(memory.figure())


@pytest.mark.parametrize("gate", ["sigmoid", "ReLU", "tanh"])
def test_the_table_is_near_the_function_and_reaches_as_far_as_the_noise(memory, gate):
    memory.gate, z = gate, np.random.default_rng(1).uniform(-9, 11, 2000)
    np.testing.assert_allclose(memory.gate_at(z), memory._gates[gate](z), rtol=1e-4, atol=1e-4)
    assert np.abs(memory.arrays()["noise"]).max() * 2 <= 5


@pytest.mark.parametrize("gate", ["sigmoid", "tanh"])
def test_gates_between_0_and_1_never_pass_the_line(memory, gate):
    rng, memory.gate = np.random.default_rng(2), gate
    for _ in range(50):
        memory.forget, memory.entry, memory.spread = rng.uniform(-4, 6), rng.uniform(-4, 6), rng.uniform(0, 2)
        cells, kept = memory.history()
        assert np.all(np.abs(cells) <= np.arange(1, 101)) and np.all(np.abs(kept) <= 1)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"gate": "step"}, "gate must be one of 'sigmoid'; got 'step'"),
        ({"forget": 7}, "forget must lie between -4 and 6; got 7"),
        ({"spread": -1}, "spread must lie between 0 and 2; got -1"),
    ],
)
def test_memory_refuses(given, message):
    with pytest.raises(ValueError, match=message):
        Memory({"sigmoid": Sigmoid()}, **given)


def test_memory_refuses_what_is_no_function():
    with pytest.raises(TypeError, match="gates must map names to pointwise"):
        Memory({})


# In a browser


def anywhere(memory, rng) -> dict:
    """Put a memory into a random state, and return it."""
    memory.gate = str(rng.choice(["sigmoid", "ReLU", "tanh"]))
    memory.forget, memory.entry, memory.spread = rng.uniform(-4, 6), rng.uniform(-4, 6), rng.uniform(0, 2)
    return {name: getattr(memory, name) for name in ("gate", "forget", "entry", "spread")}


def test_cells_and_what_is_kept_are_those_of_python(show, memory):
    """Over 200 random states."""
    page, rng, given, expected = show(memory), np.random.default_rng(3), [], []
    noise = memory.arrays()["noise"].astype(float)
    for _ in range(200):
        state = anywhere(memory, rng)
        z = state["spread"] * noise + [[state["forget"]], [state["entry"]]]
        table = memory.arrays()["tables"][["sigmoid", "ReLU", "tanh"].index(memory.gate)].tolist()
        given.append([table if len(given) < 20 else None, z[0].tolist(), memory.gate_at(z).tolist()])
        expected.append(memory.history())
    script = """all => all.map(([table, zs, gates]) => ({...inside("remember")(...gates),
      read: table && zs.map(z => inside("interpolated")(table, -9, 64, z))}))"""
    for (table, _, gates), found, (cells, kept) in zip(given, page.evaluate(script, given), expected, strict=True):
        np.testing.assert_allclose(np.array(found["cells"], float), cells, rtol=1e-9, atol=1e-300)
        np.testing.assert_allclose(np.array(found["kept"], float), kept, rtol=1e-9, atol=1e-300)
        if table:
            np.testing.assert_allclose(found["read"], gates[0], rtol=1e-9, atol=1e-12)


def test_memory_says_what_python_says(show, memory):
    page, rng = show(memory), np.random.default_rng(4)
    for _ in range(20):
        put(page, **anywhere(memory, rng))
        assert page.locator(".status").text_content() == memory.said()


def test_a_drag_on_the_curve_moves_the_forget_gate(show, memory):
    page = show(memory, width=390)
    box = page.locator("svg").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 100, steps=4)
    page.mouse.up()
    assert 4.5 < page.evaluate("model.get('forget')") <= 6 and page.evaluate("model.get('entry')") == 0.5


def test_memory_survives_a_wrong_state(show, memory):
    page = show(memory)
    assert put(page, gate="?", forget="x", entry=99, spread="y") == "gate=sigmoid forget=-4 entry=6 spread=0"
