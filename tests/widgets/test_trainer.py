"""Train your own: what the script asks, what Python answers, and what the reader sees of it."""

import json
import re

import numpy as np
import pytest

from nonlinear.course.trial import CHOICES, Trial
from nonlinear.widgets import Trainer
from tests.widgets.driving import a_table, answered

SMALL = {"epochs": 1, "depth": 1, "width": 8}


def say(widget, what) -> str:
    """Ask as the script does; return the state of the run."""
    widget.request = {"do": what, "number": widget.answer + 1}
    return widget.run.get("state")


def to_the_end(widget):
    """Train a run as a page does, and return it."""
    say(widget, "train")
    while say(widget, "more") == "running":
        pass
    return widget.run


# ---- Python's side


def test_a_run_comes_in_pieces_and_is_plain_training():
    widget, trial = Trainer(**SMALL), Trial(**SMALL)
    assert (say(widget, "hello"), widget.run, widget.answer) == (None, {}, 1)
    assert (say(widget, "train"), widget.run["done"]) == ("running", 0)
    run = to_the_end(widget)
    trial.advance()
    assert run["number"] == 2 and run["state"] == "finished" and run["done"] == 45
    for name, curve in trial.curves.items():
        np.testing.assert_allclose(run[name], curve, rtol=1e-3)
    json.dumps(run, allow_nan=False)


def test_stop_is_heard_after_a_piece():
    widget = Trainer(epochs=20, width=128, depth=6)
    say(widget, "train")
    assert (say(widget, "more"), say(widget, "stop"), say(widget, "more")) == ("running", "stopped", "stopped")
    assert 0 < widget.run["done"] < widget.run["total"]


def test_the_last_three_runs_are_kept():
    widget = Trainer(**SMALL)
    for seed in range(1, 6):
        widget.seed = seed
        to_the_end(widget)
    assert [run["number"] for run in (widget.run, *widget.earlier)] == [5, 4, 3, 2]
    assert [run["chosen"]["seed"] for run in widget.earlier] == [4, 3, 2]
    assert "gradient" in widget.run and "gradient" not in widget.earlier[0]


def test_settings_changed_while_it_trains_are_those_of_the_next_run():
    widget = Trainer(**SMALL)
    say(widget, "train")
    widget.rate = 5.0
    while say(widget, "more") == "running":
        pass
    assert widget.run["chosen"]["rate"] == 0.1 and to_the_end(widget)["chosen"]["rate"] == 5.0


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"depth": 7}, "depth must be one of 1, 2, 3, 4, 5, 6; got 7"),
        ({"width": 1000}, "width must be one of .*; got 1000"),
        ({"rate": 0.3}, "rate must be one of .*; got 0.3"),
        ({"rate": float("nan")}, "rate must be one of .*; got nan"),
        ({"bias": -9}, "bias must be one of .*; got -9.0"),
        ({"optimiser": "sgd"}, "optimiser must be one of 'SGD', 'momentum', 'Adam'; got 'sgd'"),
        ({"layer6": "softmax"}, "layer6 must be one of .*; got 'softmax'"),
    ],
)
def test_impossible_settings_are_refused(setting, message):
    with pytest.raises(ValueError, match=message):
        Trainer(**setting)
    widget = Trainer()
    ((name, value),) = setting.items()
    with pytest.raises(ValueError, match=message):
        setattr(widget, name, value)


def test_the_picture_of_a_widget_without_a_run_is_of_one_with_its_settings():
    widget = Trainer(**SMALL, bias=-3.0, layer1="ReLU", gain=0.01)
    axes = widget.figure().axes
    assert (widget.run["state"], widget.run["done"], len(axes)) == ("finished", 45, 4)
    assert [line.get_label() for line in axes[3].lines] == ["layer 1", "output"]
    assert all(np.isfinite(axis.get_ylim()).all() for axis in axes)


# ---- the page's side, with the widget itself as the Python that answers


def exchange(page, widget) -> bool:
    """Hand a request of the page to the widget, and its answer to the page; return whether there was one."""
    page.evaluate("() => new Promise(requestAnimationFrame)")
    request = page.evaluate("model.get('request')")
    if request["number"] == widget.answer:
        return False
    for name, value in page.evaluate("names => names.map(name => [name, model.get(name)])", list(CHOICES)):
        widget.set_trait(name, value)
    widget.request = request
    told = {"run": widget.run, "earlier": widget.earlier, "answer": widget.answer}
    page.evaluate("told => { for (const name in told) model.set(name, told[name]); }", told)
    return True


def until_quiet(page, widget):
    while exchange(page, widget):
        pass


def lines(page, number):
    """Return how many points each line of a drawing has."""
    paths = (
        page.locator("svg").nth(number).locator("path.line").evaluate_all("all => all.map(p => p.getAttribute('d'))")
    )
    return [len(re.findall("[ML]", path)) for path in paths]


@pytest.fixture
def own(show):
    """A small trainer without a run, on a page where it has been greeted."""
    widget = Trainer(**SMALL)
    page = show(widget, width=390)
    page.get_by_text("Python does not answer yet").wait_for()
    assert page.get_by_role("button", name="Train", exact=True).count() == 0
    until_quiet(page, widget)
    return page, widget


def test_training_shows_its_curves_beside_the_last_ones(own):
    page, widget = own
    assert page.locator(".status").text_content() == "No run yet: choose, and press Train."
    assert [lines(page, k) for k in range(4)] == [[], [], [], []]
    page.get_by_role("button", name="Train", exact=True).press("Enter")
    until_quiet(page, widget)
    assert [lines(page, k) for k in range(4)] == [[45], [45], [45], [45, 45]]
    assert page.locator(".status").text_content() == f"Run 1. {widget.run['said']}"
    page.get_by_role("combobox", name="layer 1").select_option("tanh")
    page.get_by_role("button", name="Train", exact=True).press("Enter")
    until_quiet(page, widget)
    assert [lines(page, k) for k in range(2)] == [[45, 45], [45, 45]]
    listed = page.locator("ol li").all_text_contents()
    assert [text.split(";")[0] for text in listed] == ["Run 2: 1 × 8 tanh", "Run 1: 1 × 8 ReLU"]
    head, _ = a_table(page)
    assert head == ["setting", "chosen now", "run 2, finished", "run 1, finished"]
    assert page.locator(".data").nth(1).locator("tbody tr").count() == 30


def test_the_button_stops_and_keeps_the_focus(show):
    widget = Trainer(epochs=20, depth=6, width=128)
    page = show(widget)
    until_quiet(page, widget)
    page.get_by_role("button", name="Train", exact=True).press("Enter")
    exchange(page, widget)
    exchange(page, widget)
    stop = page.get_by_role("button", name="Stop", exact=True)
    assert stop.evaluate("node => node.getRootNode().activeElement === node")
    stop.press("Enter")
    until_quiet(page, widget)
    assert page.locator(".status").text_content().startswith(f"Run 1. Stopped at step {widget.run['done']} of 900")
    assert page.get_by_role("button", name="Train", exact=True).evaluate(
        "node => node.getRootNode().activeElement === node"
    )


def test_an_answer_that_was_on_its_way_does_not_outdo_stop(show):
    widget = Trainer(epochs=20, depth=6, width=128)
    page = show(widget)
    until_quiet(page, widget)
    page.get_by_role("button", name="Train", exact=True).press("Enter")
    exchange(page, widget)
    before = page.evaluate("model.get('request')")
    answered(page)
    page.get_by_role("button", name="Stop", exact=True).press("Enter")
    widget.request = before
    page.evaluate("told => { for (const name in told) model.set(name, told[name]); }",
                  {"run": widget.run, "answer": widget.answer})  # fmt: skip
    assert (before["do"], page.evaluate("model.get('request').do")) == ("more", "stop")


def test_a_python_that_does_not_answer_is_not_waited_for_in_silence(own):
    page, widget = own
    page.clock.install()
    page.get_by_role("button", name="Train", exact=True).press("Enter")
    page.clock.run_for(11_000)
    assert page.locator(".status").text_content().startswith("Python does not answer yet")
    until_quiet(page, widget)
    assert page.locator(".status").text_content().startswith("Run 1. Finished")


def test_start_tenths_and_end_are_spoken(own):
    page, widget = own
    page.get_by_role("button", name="Train", exact=True).press("Enter")
    until_quiet(page, widget)
    page.wait_for_timeout(900)
    assert page.get_by_role("status").text_content().startswith(f"Run 1. {widget.run['said']}")
    state = "run=1 state=running tenth={}"
    run = {**widget.run, "state": "running"}
    seen = [page.evaluate("run => { model.set('run', run); return new Promise(done => requestAnimationFrame(() => "
                          "requestAnimationFrame(() => done(el.firstElementChild.dataset.drawn)))); }",
                          {**run, "done": done}) for done in (8, 9, 10, 45)]  # fmt: skip
    assert [text.partition(state.split("{")[0])[2].split()[0] for text in seen] == ["1", "2", "2", "10"]


def test_a_diverged_run_is_a_sentence_and_no_empty_drawing(show):
    widget = Trainer(epochs=1, depth=6, scaling="0 to 16", rate=5.0, gain=10.0)
    page = show(widget)
    until_quiet(page, widget)
    page.get_by_role("button", name="Train", exact=True).press("Enter")
    until_quiet(page, widget)
    assert page.locator(".status").text_content().startswith("Run 1. Diverged at step ")
    assert page.locator(".runs").text_content().startswith("Run 1: 6 × 64 ReLU; SGD at 5; inputs 0 to 16; gain 10")


def test_layers_follow_the_depth_and_the_first_one(show, trainer):
    page = show(trainer)
    lists = page.get_by_role("combobox", name="layer ")
    assert lists.count() == 3
    page.get_by_role("slider", name="hidden layers").press("End")
    lists.nth(5).wait_for()
    page.get_by_role("combobox", name="layer 1").select_option("sine")
    page.get_by_role("button", name="All layers like layer 1").press("Enter")
    answered(page)
    assert {box.input_value() for box in lists.all()} == {"sine"}


def test_what_was_chosen_in_this_frame_counts_already(show, trainer):
    """The button comes before the choice is drawn, as on a phone that is slow to draw."""
    page = show(trainer)
    choose = """layers => {
      layers[0].value = "sine";
      layers[0].dispatchEvent(new Event("change"));
      layers[0].getRootNode().querySelector(".main + button").click();
    }"""
    page.get_by_role("combobox", name="layer ").evaluate_all(choose)
    answered(page)
    assert {box.input_value() for box in page.get_by_role("combobox", name="layer ").all()} == {"sine"}


def test_it_survives_a_wrong_state(show, trainer):
    page = show(trainer)
    wrong = {"depth": 99, "rate": "x", "gain": 0.3, "optimiser": "sgd", "layer1": None, "bias": -1.1}
    page.evaluate("traits => { for (const name in traits) model.set(name, traits[name]); }", wrong)
    answered(page)
    drawn = page.evaluate("el.firstElementChild.dataset.drawn")
    assert "depth=6 " in drawn and "rate=0.0001 " in drawn and "gain=0.2 " in drawn and "bias=-1 " in drawn
    assert "optimiser=SGD " in drawn and f"layer1={CHOICES['layer1'][1][0]} " in drawn


# ---- on a page


DRAW = """async ([inside, state]) => {
  const cell = document.body.appendChild(document.createElement("div"));
  cell.className = "cell";
  cell.innerHTML = inside;
  const stored = new Model({...model.state, ...state});
  stored.link = () => "";
  cell.querySelector("button")?.addEventListener("click", () => { window.pressed = true; });
  await widget.render({model: stored, el: cell.querySelector("div:empty")});
  (window.models ??= []).push(stored);
}"""
NEW = {"run": {}, "earlier": [], "answer": 0, "depth": 2, "layer2": "ReLU"}


def test_a_page_without_python_says_so_and_shows_the_stored_run(show, trainer):
    page = show(trainer)
    page.evaluate(DRAW, ["<div></div>", {}])
    words = page.locator(".cell .status").text_content()
    assert words.startswith("The curves are of a stored run, ") and "not part of this copy of the site" in words
    assert page.locator(".cell .runs li").all_text_contents() == [
        f"Run 1: {trainer.run['words']}. {trainer.run['said']}"
    ]
    assert page.locator(".cell").get_by_role("button").all_text_contents() == [
        "All layers like layer 1",
        "Reset",
        "Copy link",
    ]


def test_a_page_with_python_starts_it_and_what_was_chosen_comes_along(show, trainer):
    page = show(trainer)
    page.evaluate("() => { document.head.append(Object.assign(document.createElement('script'), {type: 'x'})); "
                  "Object.assign(document.head.lastChild.dataset, {pyodide: 'p', first: '16'}); }")  # fmt: skip
    page.evaluate(DRAW, ['<button class="run-button">Run</button><div></div>', {}])
    start = page.get_by_role("button", name="Start Python to train your own (16 MB)")
    page.locator(".cell").get_by_role("combobox", name="layer 2").select_option("sine")
    start.press("Enter")
    assert page.evaluate("pressed") and start.count() == 1
    page.get_by_text("Python was asked for.").wait_for()
    page.evaluate(DRAW, ['<button class="run-button"></button><div class="run-output"><div></div></div>', NEW])
    answered(page)
    assert page.evaluate("['depth', 'layer2'].map(name => models[1].get(name))") == [3, "sine"]
    assert page.evaluate("models[1].get('run').words") == trainer.run["words"]
    page.evaluate("models[1].set('answer', 1)")
    train = page.get_by_role("button", name="Train", exact=True)
    train.wait_for()
    assert train.evaluate("node => node.getRootNode().activeElement === node")
    page.get_by_role("button", name="Reset").last.press("Enter")
    assert page.evaluate("models[1].get('depth')") == 2
