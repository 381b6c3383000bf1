"""A run of training as a reader sets it up: the same numbers as the lessons' own training, however it is cut."""

import numpy as np
import pytest

from nonlinear import recording
from nonlinear.activations import Pointwise, ReLU, Tanh
from nonlinear.course import classifier, generators
from nonlinear.course.trial import CHOICES, FUNCTIONS, LAYERS, START, Trial
from nonlinear.datasets import digits
from nonlinear.initialisers import VarianceScaling, gain
from nonlinear.network import MLP, Dense
from nonlinear.optimisers import SGD, Adam

MIXED = MLP(64, [Dense(16, ReLU(), initial_bias=-0.5), Dense(16, Tanh(), initial_bias=-0.5), Dense(10)])
PLAIN = [
    ({}, classifier.classifier(ReLU()), digits(), SGD(0.1)),
    (
        {"depth": 3, "width": 8, "gain": 0.5, "rate": 0.01, "optimiser": "Adam", "seed": 4, "scaling": "centred"},
        classifier.classifier(ReLU(), depth=3, width=8, weights=VarianceScaling(0.5 * gain(ReLU()))),
        digits("centred"),
        Adam(0.01),
    ),
    (
        {"width": 16, "bias": -0.5, "layer2": "tanh", "optimiser": "momentum", "rate": 0.05, "seed": 10},
        MIXED,
        digits(),
        SGD(0.05, momentum=0.9),
    ),
]


@pytest.mark.parametrize(("chosen", "network", "data", "optimiser"), PLAIN, ids=["default", "deep", "mixed"])
def test_the_curves_are_those_of_plain_training(chosen, network, data, optimiser):
    trial = Trial(epochs=3, **chosen)
    trial.advance()
    chance = [generators()[trial.chosen["seed"] - 1]]
    measures = {
        "loss": recording.loss,
        "accuracy": recording.accuracy(network, data.test_x, data.test_labels),
        "flat": recording.dead_fraction(network, data.test_x),
        "gradient": recording.gradient_norms,
    }
    plain = recording.record(classifier.steps(network, data, optimiser, epochs=3, chance=chance), measures)
    at = np.array(trial.curves["step"]) - 1
    assert (at[0], at[-1], len(at), trial.done, trial.state) == (0, 134, 68, 135, "finished")
    for name in ("accuracy", "flat", "gradient"):
        np.testing.assert_array_equal(np.array(trial.curves[name]).T, plain[name][at, ..., 0].T)
    batches = np.split(plain["loss"][:, 0], at[:-1] + 1)
    np.testing.assert_allclose(trial.curves["loss"], [each.mean() for each in batches], rtol=1e-12)


def test_a_run_in_pieces_is_the_same_run():
    whole, cut = (Trial(epochs=2, width=8) for _ in range(2))
    whole.advance()
    pieces = 0
    while cut.state == "running":
        cut.advance(0.003)
        pieces += 1
    assert pieces > 1 and cut.curves == whole.curves and cut.said == whole.said


def test_the_seed_chooses_a_member_of_the_course():
    outcome = classifier.fit(classifier.classifier(ReLU(), width=8), digits(), SGD(0.1), epochs=1)
    for seed in (2, 10):
        trial = Trial(epochs=1, width=8, seed=seed)
        trial.advance()
        assert trial.curves["accuracy"][-1] == outcome.accuracy[seed - 1]


def test_raw_pixels_are_those_that_were_published():
    trial = Trial(scaling="0 to 16")
    assert set(np.unique(trial.data.x)) == set(range(17)) == set(np.unique(trial.data.test_x))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_can_be_chosen(name):
    trial = Trial(epochs=1, width=8, depth=1, rate=0.01, layer1=name)
    trial.advance(seconds=0.002)
    assert isinstance(FUNCTIONS[name], Pointwise) and trial.done > 0
    assert trial.words == f"1 × 8 {name}; SGD at 0.01; inputs 0 to 1; gain 1, bias 0, seed 1"


def test_the_start_can_be_chosen_and_layers_beyond_the_depth_do_not_matter():
    assert all(START[name] in values for name, (_, values) in CHOICES.items()) and set(START) == set(CHOICES)
    one, other = (Trial(epochs=1, width=8, depth=2, **dict.fromkeys(LAYERS[2:], name)) for name in ("ReLU", "sine"))
    one.advance()
    other.advance()
    assert one.curves == other.curves


def test_a_run_that_diverges_ends_there_and_says_so():
    trial = Trial(epochs=1, depth=6, scaling="0 to 16", rate=5.0, gain=10.0)
    trial.advance()
    trial.advance()
    assert trial.state == "diverged" and trial.done < trial.total
    assert trial.said.startswith(f"Diverged at step {trial.done}: the loss or a weight is no longer a finite number")
    assert np.isfinite(trial.curves["loss"]).all()


def test_a_run_can_be_stopped_and_what_is_over_stays_over():
    trial = Trial(epochs=1, width=8, layer2="tanh", bias=-1.5)
    trial.stop()
    trial.advance()
    assert (trial.state, trial.done, trial.said) == ("stopped", 0, "Stopped at step 0 of 45.")
    assert trial.words == "ReLU, tanh of 8; SGD at 0.1; inputs 0 to 1; gain 1, bias −1.5, seed 1"
    finished = Trial(epochs=1, width=8)
    finished.advance()
    finished.stop()
    assert finished.said.startswith("Finished: step 45 of 45, loss ") and finished.said.endswith("%.")
