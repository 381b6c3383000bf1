"""The experiments on saturated neurons: what is exact about them, and stored results that can be repeated."""

import numpy as np
import pytest

from nonlinear.activations import Sigmoid, Tanh
from nonlinear.datasets import digits
from nonlinear.lessons.saturated_neurons import experiment
from nonlinear.lessons.saturated_neurons.figures import KNEE, finer, mean_and_median
from nonlinear.lessons.saturated_neurons.widgets import over_training


@pytest.mark.parametrize("share", [0.001, 0.04, 0.5])
def test_the_edge_is_where_the_slope_has_that_share_of_its_steepest(share):
    edge = experiment.edge(share)
    assert Sigmoid().derivative(edge) == pytest.approx(share / 4)
    assert Tanh().derivative(edge / 2) == pytest.approx(share)


@pytest.mark.parametrize("share", [0, -0.1, 1.5])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(ValueError, match=r"share must lie in \(0, 1\]; got"):
        experiment.edge(share)


@pytest.mark.parametrize("gain", [4.0, 20.0])
def test_the_expected_share_is_found_among_the_first_layers_of_ten_networks(gain):
    found = experiment.state(experiment.classifier(Sigmoid(), 2, gain)).saturated
    assert found.shape == (2, experiment.MEMBERS)
    assert found[0] == pytest.approx(experiment.expected_share(gain, experiment.edge()), abs=0.02)
    assert np.all(found[1] < found[0])  # activations in (0, 1) have a smaller mean square than the inputs


def test_the_size_of_a_gradient_is_that_of_one_image():
    data = experiment.replace(digits("standardised"), x=digits("standardised").x[:1], labels=digits().labels[:1])
    network = experiment.classifier(Tanh(), 2, 3.0)
    parameters = network.initialise(experiment.generators())
    tape = network.forward(parameters, data.x)
    _, upstream = experiment.SoftmaxCrossEntropy()(tape[-1].outputs, data.labels)
    gradients, _ = network.backward(parameters, tape, upstream)
    seen = experiment.state(network, data=data)
    np.testing.assert_allclose(seen.sizes[1], np.abs(gradients[1]["bias"]))
    np.testing.assert_array_equal(seen.features, tape[1].outputs)


def test_the_size_of_a_gradient_does_not_depend_on_how_many_images_there_are():
    data = digits("standardised")
    few = experiment.replace(data, x=data.x[:5], labels=data.labels[:5])
    network = experiment.classifier(Sigmoid(), 1, 2.0)
    everything = experiment.state(network).sizes[0][:, :5]
    np.testing.assert_allclose(experiment.state(network, data=few).sizes[0], everything, rtol=1e-10)


class WithoutSlope(Sigmoid):
    def derivative(self, z):
        return np.zeros_like(z)


def test_frozen_hidden_layers_give_what_layers_that_cannot_learn_give():
    network = experiment.classifier(WithoutSlope(), 2, 1.0)
    trained = experiment.fit(network, epochs=2)
    assert np.all(trained.moved[:2] == 0) and np.all(trained.moved[2] > 0)
    np.testing.assert_array_equal(experiment.fit_output_layer(network, epochs=2), trained.accuracy)


def test_louder_inputs_with_smaller_weights_are_the_same_network():
    loud = experiment.louder(digits("standardised"), 10.0)
    quiet = experiment.state(experiment.classifier(Sigmoid(), 1, 100.0))
    same = experiment.state(experiment.classifier(Sigmoid(), 1, 10.0), data=loud)
    np.testing.assert_allclose(same.preactivations[0], quiet.preactivations[0], rtol=1e-9, atol=1e-9)


def test_rescaled_features_give_what_training_on_rescaled_inputs_gives():
    network = experiment.classifier(Sigmoid(), 3, 0.125)
    plain, rescaled = (experiment.fit_output_layer(network, 3, rescaled=way) for way in (False, True))
    assert plain.max() < 0.2 < 0.7 < rescaled.min()


# Stored results


def test_larger_steps_bring_small_weights_away_from_chance_sooner():
    right = experiment.fit(experiment.classifier(Sigmoid(), 3, 0.125), optimiser=experiment.SGD(3.0), epochs=15).right
    assert np.median(right) > 180 and np.median(experiment.stored_ways()["SGD, rate 3"][0]) > 0.9


@pytest.mark.parametrize(("name", "depth", "gain"), [("sigmoid", 3, 4.0), ("sigmoid", 1, 128.0), ("tanh", 4, 0.125)])
def test_the_first_epochs_of_a_stored_cell_are_repeated_exactly(monkeypatch, name, depth, gain):
    monkeypatch.setattr(experiment, "EPOCHS", 2)
    right, saturated, mean, median = experiment._training_cell(name, depth, gain)
    stored = experiment.stored_grid(activation=name, depth=depth)[:3, experiment.GAINS.index(gain)]
    np.testing.assert_array_equal(right / experiment.TEST_IMAGES, stored.accuracy)
    np.testing.assert_allclose(saturated.astype(float), stored.saturated, atol=1e-3)
    np.testing.assert_allclose(mean.astype(float), stored.mean, rtol=2e-3)
    np.testing.assert_allclose(median.astype(float), stored.median, rtol=2e-3)


def test_the_loud_cells_are_repeated_in_the_mean():
    right, moved, saturated = experiment._loud_cell("sigmoid", 100.0, False)
    accuracy, stored_moved, stored_saturated = (values[-1, 0] for values in experiment.stored_loudness("sigmoid"))
    assert right.mean() / experiment.TEST_IMAGES == pytest.approx(accuracy.mean(), abs=0.01)
    assert moved.mean() == pytest.approx(stored_moved.mean(), rel=0.1)
    assert saturated.mean() == pytest.approx(stored_saturated.mean(), abs=0.01)


def test_mean_and_median_can_both_be_read_in_the_figure():
    """The means of three layers take a fifth of the height, and both lines are all there."""
    stored = experiment.stored_grid()[0, 2, 0]
    picture = mean_and_median(
        experiment.GAINS, {"3 hidden layers": (stored.mean, stored.median), "": (stored.mean,) * 2}
    )
    low, high = finer(np.array(picture.axes[0].get_ylim()))
    means, medians = np.median(stored.mean, axis=-1), np.median(stored.median, axis=-1)
    assert np.ptp(finer(means)) > (high - low) / 5 and medians.min() < KNEE
    assert low < finer(medians.min()) and finer(means.max()) < high


def test_mean_and_median_can_both_be_read_in_the_widget():
    """One axis holds all means and little else, another reaches the lowest median."""
    stored = experiment.stored_grid()
    near, whole = (np.log10(panel["limits"][0]) for panel in over_training(stored).panels[1:])
    assert stored.mean.min() / near > 0.8 and near < stored.mean.min()
    assert whole < stored.median.min()
