"""The race of ReLU, tanh and sigmoid: what is counted, how rates are chosen, and that stored results are repeated."""

import numpy as np
import pytest

from nonlinear.activations import LeakyReLU, ReLU, Sigmoid, Tanh
from nonlinear.course.classifier import classifier
from nonlinear.datasets import digits
from nonlinear.initialisers import pytorch_linear
from nonlinear.lessons.relu import experiment
from nonlinear.lessons.relu.widgets import rates_and_depths
from nonlinear.network import spawn
from tests.lessons.members import JUDGES, TUNING, numbers

DATA = digits("standardised")


@pytest.mark.parametrize("f", [ReLU(), LeakyReLU(0.3)])
def test_two_straight_lines_keep_signal_and_gradient(f):
    assert experiment.layer_factors(f) == pytest.approx((1, 1), abs=1e-12)


@pytest.mark.parametrize("f", [Tanh(), Sigmoid()])
def test_the_factor_is_that_of_a_sample(f):
    z = np.random.default_rng(0).normal(size=1_000_000)
    expected = np.mean(f.derivative(z) ** 2) / np.mean(f(z) ** 2)
    assert experiment.layer_factors(f) == pytest.approx((1, expected), rel=0.01)


def test_zeros_are_counted():
    network = classifier(ReLU(), depth=1)
    (start,) = [network.initialise(spawn(0, 2))]
    silent = ({**start[0], "bias": start[0]["bias"] - 1000}, start[1])
    assert np.all(experiment.zeros(network, silent, DATA.x) == 1)
    assert np.all(experiment.zeros(classifier(Sigmoid(), depth=1), start, DATA.x) == 0)


def test_a_run_counts_wrong_answers_and_ends_when_all_are_there():
    network, level = classifier(ReLU(), depth=1), 0.25
    full = experiment.run(network, 0.2, spawn(0, 3), DATA)
    short = experiment.run(network, 0.2, spawn(0, 3), DATA, level)
    assert full.wrong.shape == (len(experiment.checkpoints(experiment.steps_in(10))), 3)
    assert len(short.wrong) < len(full.wrong)
    assert np.array_equal(short.wrong, full.wrong[: len(short.wrong)])
    assert np.array_equal(experiment.steps_to(level, short.wrong), experiment.steps_to(level, full.wrong))
    assert full.right.min() > 330 and full.wrong[-1].max() < 10 and not full.diverged.any()


def test_a_member_that_diverges_answers_nothing_rightly():
    found = experiment.run(classifier(ReLU(), depth=4), 20.0, spawn(0, 3), DATA)
    assert found.diverged.all() and np.all(found.wrong[-1] == experiment.LOOKED_AT)


def test_the_best_rate_is_the_fastest_and_else_the_most_accurate():
    never = np.inf
    steps = np.array([[[9, 9], [never, never]], [[5, 7], [never, never]], [[never, 4], [never, never]]])
    assert experiment.best_rates(steps, np.array([[1, 1], [2, 2], [3, 3]])).tolist() == [1, 2, 2]


def test_the_race_is_judged_by_others_at_the_rates_that_were_best(monkeypatch):
    quick, sure, right = 2, 4, 5  # the places of the best rates: for 25 % and 5 % of errors, and for the accuracy

    def steps(rate, members):
        return 1 + 10 * members + np.array([[3 * abs(rate - quick)], [100 + 3 * abs(rate - sure)]])

    def told(network, rate, generators, split, level=-1):
        members, place = numbers(generators), experiment.RATES.index(rate)
        step, (first, last) = np.arange(1, 501)[:, None], steps(place, members)
        wrong = np.where(step < first, 360, np.where(step < last, 90, 18))
        return experiment.Race(wrong, 1000 * split + members - 50 * abs(place - right), members == place)

    monkeypatch.setattr(experiment, "run", told)
    monkeypatch.setattr(experiment, "digits", lambda kind, split=0: split)
    monkeypatch.setattr(experiment, "checkpoints", lambda most: np.arange(1, 501))
    found = dict(zip(experiment.ARRAYS, experiment._race_cell("ReLU", 1), strict=True))
    np.testing.assert_array_equal(found["steps"], [steps(k, TUNING) for k in range(7)])
    np.testing.assert_array_equal(found["right"], [TUNING - 50 * abs(k - right) for k in range(7)])
    np.testing.assert_array_equal(found["diverged"], np.eye(7, 10))
    np.testing.assert_array_equal(found["verdict"], [1 + 10 * JUDGES, 101 + 10 * JUDGES])
    np.testing.assert_array_equal(found["split"], JUDGES + 1000 * np.arange(1, 11))
    assert [np.argmax(curve == 18) + 1 for curve in found["curve"]] == [101, 151, 191]  # member 0, two in the middle, 9


# Stored results


def found_again(network, rate, stored):
    """Train at one of the rates again, and compare with what is stored of one depth."""
    again, at = (
        experiment.run(network, rate, spawn(experiment.SEED, experiment.MEMBERS), DATA),
        experiment.RATES.index(rate),
    )
    for level, steps in zip(experiment.LEVELS, stored.steps[at], strict=True):
        assert experiment.steps_to(level, again.wrong) == pytest.approx(steps, rel=0.06, abs=1)
    assert again.right / 360 == pytest.approx(stored.accuracy[at], abs=0.006)


@pytest.mark.parametrize(("activation", "depth"), [("ReLU", 1), ("tanh", 2)])
def test_the_stored_steps_are_found_again(activation, depth):
    stored = experiment.stored_race()[activation].at(experiment.DEPTHS.index(depth))
    found_again(classifier(experiment.ACTIVATIONS[activation], depth), 0.1, stored)


def test_the_stored_steps_from_the_default_are_found_again():
    start = {"weights": pytorch_linear(), "bias": pytorch_linear()}
    found_again(classifier(ReLU(), experiment.DEFAULT_DEPTH, **start), 0.1, experiment.stored_default()["ReLU"].at(0))


def test_the_map_is_small_and_shows_what_is_stored():
    race = experiment.stored_race()
    shown = rates_and_depths(race)
    assert len(shown.data) < 60_000
    assert shown.summary("accuracy")["median"] == pytest.approx(np.median(race["ReLU"].accuracy[2, 1]))
