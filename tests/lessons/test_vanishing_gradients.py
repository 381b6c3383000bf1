"""The experiments on vanishing gradients: slope times weight, and stored results that can be repeated."""

import numpy as np
import pytest

from nonlinear.activations import Identity, ReLU, Sigmoid, Step, Tanh
from nonlinear.lessons.vanishing_gradients import experiment
from nonlinear.lessons.vanishing_gradients.widgets import by_layer
from nonlinear.optimisers import SGD


@pytest.mark.parametrize(
    ("activation", "gain", "factor"),
    [(Identity(), 0.5, 0.5), (ReLU(), 2.0, np.sqrt(2)), (Sigmoid(), 0.01, 0.0025), (Tanh(), 0.1, 0.1)],
)
def test_the_factor_is_gain_times_slope(activation, gain, factor):
    seen = experiment.flow(activation, gain, depth=20)
    assert seen.gradient.shape == seen.slope.shape == (20, experiment.MEMBERS)
    assert seen.factor == pytest.approx(factor, rel=0.06)
    assert seen.slope_times_weight == pytest.approx(factor, rel=0.03)


def test_the_gradient_fed_in_has_a_mean_square_of_1():
    assert experiment.flow(Identity(), 1.0, depth=3).gradient[-1] == pytest.approx(1, abs=0.02)


def test_the_factor_is_the_root_of_first_over_last():
    seen = experiment.Flow(1.0, np.array([[8.0], [3.0], [1.0], [1.0]]), np.ones((4, 1)), np.zeros(1))
    assert seen.factor[0] == pytest.approx(2)


def test_behind_steps_nothing_is_left():
    seen = experiment.flow(Step(), 10.0, depth=4)
    assert np.all(seen.gradient == 0) and np.all(seen.factor == 0) and np.all(seen.slope_times_weight == 0)
    assert np.all(seen.saturated == 1)


@pytest.mark.parametrize("activation", [Sigmoid(), ReLU()])
def test_batch_normalisation_makes_the_scale_of_the_weights_irrelevant(activation):
    small, large = (experiment.flow(activation, gain, "batch norm", depth=10).factor for gain in (0.1, 10.0))
    assert large == pytest.approx(small, rel=0.02)


def test_with_residual_links_a_small_gain_leaves_the_gradient_alone():
    assert experiment.flow(Sigmoid(), 0.01, "residual links", depth=10).factor == pytest.approx(1, abs=0.02)


def test_an_unknown_variant_is_named():
    with pytest.raises(ValueError, match="variant must be one of plain, residual links, .*; got 'dropout'"):
        experiment.deep(ReLU(), 1.0, "dropout")


def test_a_shallow_network_learns_with_every_variant():
    for extras in experiment.VARIANTS:
        outcome = experiment.fit(experiment.Recipe(Tanh(), 1.0, extras, SGD(0.1)), depth=2, epochs=3)
        assert outcome.accuracy.min() > 0.9 and not outcome.diverged.any()


def test_normalised_sigmoids_have_the_gradient_of_what_they_compute():
    z, upstream = np.random.default_rng(0).normal(size=(2, 3, 5))
    f, step = experiment.NormalisedSigmoid(), 1e-6
    found = f.pullback(z, upstream)[0]
    for place in np.ndindex(z.shape):
        move = np.zeros_like(z)
        move[place] = step
        slope = np.sum(upstream * (f(z + move) - f(z - move))) / (2 * step)
        assert found[place] == pytest.approx(slope, rel=1e-4, abs=1e-6)
    assert f(z).mean(axis=-1) == pytest.approx(0, abs=1e-12)


# Stored results


def test_layer_norm_on_the_activations_helps_within_a_few_epochs():
    accuracy = experiment.fit(experiment.Recipe(experiment.NormalisedSigmoid()), depth=10, epochs=3).accuracy
    assert np.median(accuracy) > 0.5 and np.median(experiment.stored_placed()) > 0.8


@pytest.mark.parametrize("recipe", ["sigmoid", "sigmoid, residual links", "sigmoid, batch norm"])
def test_the_stored_accuracies_are_repeated_by_a_shorter_training_in_tendency(recipe):
    accuracy = experiment.fit(experiment.RECIPES[recipe], depth=10, epochs=3).accuracy
    stored = experiment.stored_accuracy()[recipe][0]
    assert (np.median(accuracy) > 0.8) == (np.median(stored) > 0.9)


def test_the_slider_shows_gains_and_not_their_logarithms():
    ((label, names),) = by_layer(experiment.stored_flows()).sliders
    assert label == "gain g" and names[::4] == ["0.01", "0.1", "1", "10", "100"] and "56" in names
