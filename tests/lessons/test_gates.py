"""Gates: what is exact about cells, tasks and first weights, and that stored results come again."""

import numpy as np
import pytest

from nonlinear.activations.gated import Gated
from nonlinear.course import generators
from nonlinear.course.memory import STEPS
from nonlinear.course.splits import images
from nonlinear.lessons.gates import experiment
from nonlinear.lessons.gates.widgets import cell
from nonlinear.optimisers import SGD
from tests.lessons.members import JUDGES, TUNING, numbers


@pytest.mark.parametrize("gate", ["sigmoid", "hard sigmoid", "tanh"])
def test_bounded_gates_never_pass_the_number_of_steps(gate):
    for mean in (0.0, 3.0, 30.0):
        assert experiment.largest(experiment.GATES[gate], mean).max() <= STEPS


def test_the_edge_parts_cells_that_pass_the_limit_from_those_that_do_not():
    relu, first = experiment.GATES["ReLU"], experiment.edge(1.0)[0, 0]
    below, above = (experiment.largest(relu, first + side)[0, 0] for side in (-0.002, 0.002))
    assert below <= STEPS < above


def test_an_lstm_with_tiny_weights_keeps_what_the_formula_says():
    cell_kept, _ = experiment.kept_by_lstm(2.0, 30, scale=1e-6)
    np.testing.assert_allclose(cell_kept, experiment.kept(2.0, 30), rtol=1e-4)


@pytest.mark.parametrize("steps", [1, 10, 1000])
@pytest.mark.parametrize("share", [0.1, 0.9])
def test_the_bias_for_a_share_keeps_that_share(steps, share):
    assert experiment.kept(experiment.bias_for(steps, share), steps) == pytest.approx(share)


def test_tasks_ask_for_what_they_say():
    rng = np.random.default_rng(1)
    x, label = experiment.first_token(rng, 500, 6)
    assert np.mean((x[:, 0] > 0) == label) > 0.99 and abs(np.mean((x[:, -1] > 0) == label) - 0.5) < 0.1
    x, label = experiment.last_but_one(rng, 500, 6)
    np.testing.assert_array_equal(x[:, -2] > 0, label)


@pytest.mark.parametrize("name", experiment.FAMILY)
def test_first_weights_keep_the_mean_square(name):
    f, rng = experiment.FAMILY[name], np.random.default_rng(2)
    a = f(rng.normal(size=(400_000, 2 if isinstance(f, Gated) else 1)))
    gain = experiment.starting(f).gain
    assert np.mean((gain * a) ** 2) == pytest.approx(1, rel=0.02)


def test_networks_that_are_compared_have_as_many_parameters():
    digits = [experiment.count(experiment.reader(name)) for name in experiment.FAMILY]
    assert max(digits) / min(digits) < 1.01
    assert {experiment.count(experiment.fitted(name)) for name in experiment.FAMILY} == {113}


# How rates are chosen, with stand-ins for the training


@pytest.mark.parametrize(
    ("cell", "setting", "asked", "biases"),
    [
        (experiment._latch_cell, 16, ("the first", 16), experiment.BIASES),
        (experiment._recent_cell, 8, ("the last but one", 8), experiment.BIASES),
        (experiment._designs_cell, "ReLU, tanh", ("the first", 32), (1, 3)),
    ],
)
def test_memories_are_judged_at_the_rate_that_is_best_for_their_bias(cell, setting, asked, biases, monkeypatch):
    def right(bias, rate, members):
        return 1000 - 100 * abs(rate - (3 * bias) % 5) + 5 * bias + 30 * members

    def told(network, task, steps, rates, chance):
        assert (task, steps) == asked
        of = [biases.index(bias) for bias in network.forget_bias]
        return right(np.array(of), np.searchsorted(experiment.RATES, rates), numbers(chance))

    monkeypatch.setattr(experiment, "remembers", told)
    bias, (tuned, judged) = np.arange(len(biases)), cell(setting)
    np.testing.assert_array_equal(tuned, right(bias[:, None, None], np.arange(5)[:, None], TUNING))
    np.testing.assert_array_equal(judged, 1000 + 5 * bias[:, None, None] + 30 * JUDGES)


def test_networks_are_judged_on_other_splits_at_the_rate_with_the_best_median():
    def right(rate, chance, splits):
        few = (rate == 3) & (np.arange(len(chance)) < 4)
        return 100 * rate + numbers(chance) + 1000 * np.array(splits) + 5000 * few

    tuned, judged = experiment.judged(right, (3, 5, 4))
    np.testing.assert_array_equal(tuned[1:], [500 + TUNING, 400 + TUNING])
    np.testing.assert_array_equal(judged, 500 + JUDGES + 1000 * np.arange(1, 21).reshape(2, 10))


# Stored results: the first two members of one setting, who are the same in any ensemble


@pytest.mark.parametrize(
    ("grid", "setting", "design", "task", "bias", "rate"),
    [
        ("latch", {"steps": 8}, "sigmoid, tanh", "the first", 3.0, 0.01),
        ("designs", {"design": "hard sigmoid, tanh"}, "hard sigmoid, tanh", "the first", 3.0, 0.003),
        ("recent", {"steps": 32}, "sigmoid, tanh", "the last but one", 1.0, 0.01),
    ],
)
def test_the_stored_memories_are_found_again(grid, setting, design, task, bias, rate):
    network, steps = experiment.memory(design, bias), setting.get("steps", experiment.DESIGN_STEPS)
    right = experiment.remembers(network, task, steps, rate, generators()[:2])
    biases = experiment.DESIGN_BIASES if grid == "designs" else experiment.BIASES
    place = biases.index(bias), experiment.RATES.index(rate)
    stored = experiment.stored(grid).at(**setting)["tuned"][place]
    np.testing.assert_allclose(right.astype(int), stored[:2].astype(int), atol=4)


def test_the_stored_slow_memories_are_found_again():
    network = experiment.memory(experiment.USUAL, 0.0)
    right = experiment.remembers(network, "the last but one", 32, experiment.SLOW, generators()[:2])
    stored = experiment.stored("slow").at(bias=0.0)["right"][0, :2]
    np.testing.assert_allclose(right.astype(int), stored.astype(int), atol=4)


def test_the_stored_deep_networks_are_found_again():
    """In the mean: forty layers amplify the last bit."""
    rule, data = SGD(0.01), images([0, 0])
    right = experiment.read(experiment.deep("SELU, own gain"), rule, generators()[:2], data, experiment.DEEP_EPOCHS)
    stored = experiment.stored("deep").at(network="SELU, own gain")["tuned"][experiment.DEEP_RATES.index(0.01), :2]
    assert right.mean() == pytest.approx(stored.mean(), abs=30)


@pytest.mark.parametrize("name", ["ReLU", "SwiGLU"])
def test_the_stored_readers_are_found_again(name):
    stored = experiment.stored("reading").at(function=name, gradients="clipped")
    rule = experiment.CLIPS["clipped"](experiment.READING_RATES[2])
    right = experiment.read(experiment.reader(name), rule, generators()[:2], images([0, 0]), experiment.READING_EPOCHS)
    np.testing.assert_allclose(right.astype(int), stored["tuned"][2, :2].astype(int), atol=3)


def test_the_stored_errors_of_surfaces_are_found_again():
    stored = experiment.stored("surfaces").at(function="GLU", surface="x1 x2")
    rate = experiment.SURFACE_RATES[0]
    error = experiment.surface_error("GLU", "x1 x2", rate, generators()[:2])
    np.testing.assert_allclose(error, stored["tuned"][0, :2], rtol=0.05)


def test_the_widget_is_small():
    assert len(cell().data) < 60_000
