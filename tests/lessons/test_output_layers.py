"""Output layers: what is exact about heads, ranges, thresholds and calibration, and that stored results come again."""

import numpy as np
import pytest

from nonlinear.activations import Identity, Sigmoid, Softmax
from nonlinear.course.pairings import PAIRINGS, descend
from nonlinear.lessons.output_layers import experiment
from nonlinear.lessons.output_layers.widgets import stall
from nonlinear.losses import BinaryCrossEntropy, MeanSquaredError
from nonlinear.network import spawn
from nonlinear.optimisers import SGD


@pytest.mark.parametrize(
    ("loss", "output", "of"),
    [("mean square", Sigmoid(), MeanSquaredError()), ("cross-entropy", Identity(), BinaryCrossEntropy())],
)
def test_the_library_takes_as_many_steps_as_the_formulas(loss, output, of):
    starts = (0.0, 3.0, 6.0)
    expected = [descend(PAIRINGS["sigmoid", loss], z, 0.5).steps for z in starts]
    assert experiment.recover(output, of, SGD(0.5), starts, 1000).tolist() == expected


@pytest.mark.parametrize(("rates", "scale"), [(experiment.CALIBRATED, 1), (experiment.ENLARGED, 20)])
def test_rates_are_the_best_for_accuracy(rates, scale):
    tuned = experiment.stored("heads").at(scale=scale)
    best = {
        head: experiment.RATES[np.median(tuned.at(head=head)["tuned"], axis=-1).argmax()] for head in experiment.HEADS
    }
    assert rates.items() <= best.items()


@pytest.mark.parametrize("output", experiment.OUTPUTS)
@pytest.mark.parametrize("targets", experiment.TARGETS)
def test_no_answer_within_the_range_is_nearer_than_the_unavoidable_error(output, targets):
    _, y = experiment.curve(targets)
    low, high = np.clip(experiment.RANGES[output], -3, 3)
    nearest = np.abs(np.linspace(low, high, 60_001) - y).min(axis=1)
    assert np.sqrt(np.mean(nearest**2)) == pytest.approx(experiment.unavoidable(output, targets), abs=1e-4)


def test_a_network_that_says_only_0_is_told_from_one_that_sometimes_does():
    errors, silent = experiment.fit_curve("ReLU", "-1.5 to 1.5", np.repeat([0.03, 30.0], 3), spawn(0, 6), steps=200)
    assert silent.tolist() == [False] * 3 + [True] * 3
    _, y = experiment.curve("-1.5 to 1.5")
    np.testing.assert_allclose(errors[silent], np.sqrt(np.mean(y**2)))
    assert np.all(errors[~silent] < 0.8)  # of 0.744 that the negative targets cost


def test_reliability_counts_images_confidence_and_right_answers():
    probabilities = np.array([[[0.95, 0.05], [0.91, 0.09], [0.3, 0.7], [1.0, 0.0]]])
    bins = experiment.reliability(probabilities, np.array([[0, 1, 1, 0]]))
    np.testing.assert_allclose(bins[0, 9], [3, 2.86, 2], rtol=1e-6)
    np.testing.assert_allclose(bins[0, 7], [1, 0.7, 1], rtol=1e-6)
    assert bins.sum() == pytest.approx(3 + 2.86 + 2 + 2.7)
    assert experiment.calibration_error(bins)[0] == pytest.approx((0.86 + 0.3) / 4)
    assert experiment.overconfidence(bins)[0] == pytest.approx((0.86 - 0.3) / 4)


def test_true_confidences_have_no_more_than_the_error_of_chance():
    rng = np.random.default_rng(1)
    p = rng.uniform(0.5, 1, size=(40, 1437))
    labels = (rng.random(p.shape) > p).astype(int)
    bins = experiment.reliability(np.stack([p, 1 - p], axis=-1), labels)
    assert experiment.calibration_error(bins).mean() == pytest.approx(experiment.chance_error(bins[0]), rel=0.1)


@pytest.mark.parametrize("true", [0.5, 1.0, 4.0])
def test_the_best_temperature_is_found(true):
    rng = np.random.default_rng(2)
    scores = rng.normal(scale=3, size=(1, 20_000, 3))
    labels = (Softmax()(scores / true).cumsum(axis=-1) < rng.random((1, 20_000, 1))).sum(axis=-1)
    assert experiment.best_temperature(scores, labels)[0] == pytest.approx(true, rel=0.06)


@pytest.mark.parametrize(("costs", "expected"), [((1, 1), 0.5), ((1, 9), 0.1), ((3, 1, 0.25), 0.9)])
def test_the_best_threshold_is_that_of_the_formula(costs, expected):
    assert experiment.best_threshold(*costs) == expected


def test_the_expected_cost_is_that_of_a_sample():
    rng = np.random.default_rng(3)
    yes = rng.random(400_000) < 0.3
    p = Sigmoid()(2 * (rng.normal(size=yes.size) + np.where(yes, 1, -1)))
    cost = np.where(p > 0.2, 2 * ~yes, 5 * yes).mean()
    assert experiment.expected_cost(0.2, 2, 5, 0.3) == pytest.approx(cost, rel=0.01)


def test_a_softmax_cannot_have_two_of_four_above_a_half():
    a = Softmax()(np.random.default_rng(4).normal(scale=10, size=(10_000, 4)))
    assert (a > 0.5).sum(axis=-1).max() == 1


@pytest.mark.parametrize("head", ["softmax, cross-entropy", "sigmoids, mean square"])
def test_the_stored_accuracies_are_found_again(head):
    """At one rate, for the members that tuned it."""
    chosen, one = experiment.RATES.index(1.0), experiment.images([0] * experiment.MEMBERS)
    generators = spawn(experiment.SEED, experiment.MEMBERS)
    *_, end = experiment.learn(experiment.HEADS[head], 1.0, one, generators, experiment.EPOCHS)
    stored = experiment.stored("heads").at(head=head, scale=1)["tuned"][chosen]
    np.testing.assert_allclose(experiment.right(experiment.HEADS[head], end, one), stored.astype(int), atol=3)


@pytest.mark.parametrize("name", experiment.CALIBRATED)
def test_the_stored_reliability_is_found_again(name):
    """After the first few of the epochs."""
    head, data = experiment.HEADS[name], experiment.images(experiment.SPLITS).swapped
    epochs = experiment.LOOKS[0]
    *_, end = experiment.learn(head, experiment.CALIBRATED[name], data, experiment.others(), epochs)
    answers = head.probability(experiment.network_of(head).predict(end, data.test_x))
    stored = experiment.stored("calibration").at(head=name)["bins"][0].reshape(20, experiment.BINS, 3)
    np.testing.assert_allclose(experiment.reliability(answers, data.test_labels), stored, atol=4)


def test_the_widget_is_small():
    assert len(stall().data) < 60_000
