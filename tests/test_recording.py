"""A history holds what the diagnostics give by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from nonlinear import diagnostics, recording
from nonlinear.activations import ELU, Exponential, LeakyReLU, ReLU, Sigmoid, SquaredReLU, Step
from nonlinear.losses import SoftmaxCrossEntropy
from nonlinear.network import MLP, Dense, spawn
from nonlinear.optimisers import SGD
from nonlinear.training import full_batches, minibatches, train

RANDOM = np.random.default_rng(0)
X, LABELS = RANDOM.normal(size=(30, 4)) + 1, RANDOM.integers(0, 3, 30)
NETWORK = MLP(4, [Dense(8, ReLU(), initial_bias=-2.5), Dense(6, Sigmoid()), Dense(3)])


def steps(network=NETWORK, members=3):
    batches = minibatches(X, LABELS, 8, 3, spawn(1, members))
    return train(network, network.initialise(spawn(0, members)), batches, SoftmaxCrossEntropy(), SGD(0.5))


MEASURES = {
    "loss": recording.loss,
    "norms": recording.gradient_norms,
    "ratios": recording.update_ratios,
    "saturated": recording.saturated_fraction,
    "resting": recording.resting_fraction,
    "dead": recording.dead_fraction(NETWORK, X),
    "accuracy": recording.accuracy(NETWORK, X, LABELS),
}


def test_record_equals_the_diagnostics_by_hand():
    history = recording.record(steps(), MEASURES, every=5)
    assert history.index.tolist() == [0, 5, 10] and history.last.index == 11
    kept = [step.copy() for step in steps() if step.index % 5 == 0]
    for row, step in enumerate(kept):
        z = [seen.preactivations for seen in step.tape]
        after = NETWORK.forward(step.updated, X)
        slopes = [(ReLU().derivative(z[0]), 1.0), (Sigmoid().derivative(z[1]), 0.25)]
        full = [
            (ReLU().derivative(after[0].preactivations), 1.0),
            (Sigmoid().derivative(after[1].preactivations), 0.25),
        ]
        expected = {
            "loss": step.loss,
            "norms": [np.sqrt((g["weights"] ** 2).sum(axis=(1, 2))) for g in step.gradients],
            "ratios": [
                np.sqrt(((b["weights"] - a["weights"]) ** 2).sum(axis=(1, 2)) / (a["weights"] ** 2).sum(axis=(1, 2)))
                for a, b in zip(step.parameters, step.updated, strict=True)
            ],
            "saturated": [diagnostics.saturated_fraction(*s) for s in slopes],
            "resting": [diagnostics.flat_units(*s).mean(axis=-1) for s in slopes],
            "dead": [diagnostics.flat_units(*s).mean(axis=-1) for s in full],
            "accuracy": (after[-1].outputs.argmax(axis=-1) == LABELS).mean(axis=-1),
        }
        for name, value in expected.items():
            np.testing.assert_allclose(history[name][row], value, rtol=1e-13, err_msg=name)
    shapes = {name: value.shape for name, value in history.values.items()}
    assert shapes == {
        "loss": (3, 3), "norms": (3, 3, 3), "ratios": (3, 3, 3), "saturated": (3, 2, 3), "resting": (3, 2, 3),
        "dead": (3, 2, 3), "accuracy": (3, 3),
    }  # fmt: skip


def test_dead_and_accurate_are_said_of_the_network_after_the_update():
    network = MLP(4, [Dense(8, ReLU()), Dense(3)])
    start, far = network.initialise(spawn(0, 2)), SGD(1e3)
    for step in train(network, start, full_batches(X, LABELS, 1), SoftmaxCrossEntropy(), far):
        found = recording.dead_fraction(network, X)(step), recording.accuracy(network, X, LABELS)(step)
        before, after = network.forward(step.parameters, X), network.forward(step.updated, X)
    dead = [diagnostics.dead_units(tape[0].outputs).mean(axis=-1).tolist() for tape in (before, after)]
    right = [diagnostics.accuracy(tape[-1].outputs, LABELS).tolist() for tape in (before, after)]
    assert found[0][0].tolist() == dead[1] != dead[0] and found[1].tolist() == right[1] != right[0]


def test_resting_on_a_batch_is_not_being_dead():
    history = recording.record(steps(), MEASURES)
    dead = diagnostics.dead_units(NETWORK.forward(history.last.updated, X)[0].outputs).mean(axis=-1)
    np.testing.assert_array_equal(history["dead"][-1, 0], dead)
    assert np.all(history["resting"][:-1, 0] - history["dead"][:-1, 0] >= -0.2)
    assert history["resting"][:, 0].mean() > history["dead"][:, 0].mean() > 0


@pytest.mark.parametrize("f, name", [(LeakyReLU(0.5), "negative_slope"), (ELU(2.0), "alpha")], ids=repr)
def test_learned_slopes_can_be_recorded(f, name):
    network = MLP(4, [Dense(5, f, learn=(name,)), Dense(3)])
    history = recording.record(steps(network), {"saturated": recording.saturated_fraction})
    assert history["saturated"].shape == (12, 1, 3)


@pytest.mark.parametrize("f", [SquaredReLU(), Exponential(), Step()], ids=repr)
def test_functions_without_a_steepest_slope_have_flat_units_too(f):
    network = MLP(4, [Dense(5, f), Dense(3)])
    measures = {name: MEASURES[name] for name in ("saturated", "resting")}
    history = recording.record(one_step(network), {**measures, "dead": recording.dead_fraction(network, X)})
    slopes = f.derivative(history.last.tape[0].preactivations)
    assert history["saturated"][0, 0].tolist() == np.mean(np.abs(slopes) < 0.04, axis=(1, 2)).tolist()
    assert history["resting"].shape == history["dead"].shape == (1, 1, 2)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_member_that_diverges_leaves_the_measures_of_the_others_alone(dtype):
    network = MLP(4, [Dense(8, ReLU()), Dense(6, LeakyReLU()), Dense(3)])
    measures = MEASURES | {
        "dead": recording.dead_fraction(network, X),
        "accuracy": recording.accuracy(network, X, LABELS),
    }

    def measured(rates, chosen):
        start = network.initialise([spawn(0, 3)[k] for k in chosen], dtype)
        steps = train(network, start, full_batches(X, LABELS, 5), SoftmaxCrossEntropy(), SGD(np.array(rates)))
        return recording.record(steps, measures)

    wild, calm = measured([0.1, 0.1 * np.finfo(dtype).max, 0.1], [0, 1, 2]), measured([0.1, 0.1], [0, 2])
    assert wild.last.diverged_at[1] >= 0
    for name in measures:
        np.testing.assert_array_equal(wild[name][..., [0, 2]], calm[name], err_msg=name)


def test_what_a_measure_returns_is_kept_although_the_step_is_used_again():
    history = recording.record(steps(), {"weights": lambda step: step.updated[-1]["weights"]})
    assert len(np.unique(history["weights"][:, 0, 0, 0])) == len(history.index)


def test_every_may_be_a_small_number_of_a_small_type():
    steps = [SimpleNamespace(index=k) for k in range(601)]
    assert recording.record(steps, {}, every=np.uint8(200)).index.tolist() == [0, 200, 400, 600]


def test_a_history_is_equal_to_itself_alone():
    history = recording.record(steps(), MEASURES)
    assert history == history and history != recording.record(steps(), MEASURES)


def test_a_history_without_measures_still_knows_the_end():
    history = recording.record(steps(), {})
    assert history.values == {} and len(history.index) == 12 and history.last.index == 11


def one_step(network):
    batches = full_batches(X, LABELS, 1)
    return train(network, network.initialise(spawn(0, 2)), batches, SoftmaxCrossEntropy(), SGD(0.1))


REFUSED = [
    (lambda: recording.record([], MEASURES), "steps is empty: there was no batch to train on"),
    (lambda: recording.record(steps(), MEASURES, every=0), "every must be a whole number, 1 or more; got 0"),
    (lambda: recording.record(steps(), MEASURES, every=0.5), "every must be a whole number, 1 or more; got 0.5"),
    (
        lambda: recording.record(one_step(MLP(4, [Dense(3)])), {"rest": recording.resting_fraction}),
        "network has no hidden layer",
    ),
]


@pytest.mark.parametrize("call, message", REFUSED, ids=[m[:45] for _, m in REFUSED])
def test_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
