"""Initialisation: means over a normal preactivation against layers of real networks, and stored results."""

import math

import numpy as np
import pytest

from nonlinear.activations import GELU, SELU, LeakyReLU, ReLU, Sigmoid, SiLU, Tanh
from nonlinear.course import grids
from nonlinear.initialisers import VarianceScaling, gain, he, pytorch_linear
from nonlinear.lessons.initialisation import experiment
from nonlinear.lessons.initialisation.experiment import STARTS, Start

FUNCTIONS = [ReLU(), LeakyReLU(0.3), Tanh(), Sigmoid(), SELU(), SiLU(), GELU()]


# Means


@pytest.mark.parametrize("f", FUNCTIONS, ids=repr)
@pytest.mark.parametrize("mean_square", [0.3, 1.0, 4.0])
def test_means_over_a_normal_preactivation(f, mean_square):
    z = math.sqrt(mean_square) * np.random.default_rng(0).normal(size=400_000)
    drawn = 2.25 * np.mean(f(z) ** 2), 2.25 * np.mean(f.derivative(z) ** 2)
    exact = (
        experiment.next_mean_square(f, 1.5, mean_square),
        experiment.gradient_factor(f, 1.5, mean_square),
    )
    assert exact == pytest.approx(drawn, rel=0.02)


@pytest.mark.parametrize("f", FUNCTIONS, ids=repr)
def test_the_gain_keeps_a_mean_square_of_1_and_stability_is_the_slope_there(f):
    g, h = gain(f), 1e-5
    assert experiment.next_mean_square(f, g) == pytest.approx(1, abs=1e-12)
    above, below = (experiment.next_mean_square(f, g, 1 + step) for step in (h, -h))
    assert experiment.stability(f, g) == pytest.approx((above - below) / (2 * h), rel=1e-6)


@pytest.mark.parametrize("slope", [0.0, 0.3, 5**0.5])
def test_two_straight_lines_keep_both_sizes(slope):
    f = LeakyReLU(slope)
    assert experiment.gradient_factor(f, gain(f)) == pytest.approx(1, abs=1e-12)


def test_a_mean_square_settles_where_it_stays():
    q = experiment.settled(Tanh(), 5 / 3)
    assert experiment.next_mean_square(Tanh(), 5 / 3, q) == pytest.approx(q, rel=1e-9) and q > 1


@pytest.mark.parametrize("f", FUNCTIONS, ids=repr)
def test_with_a_constant_every_function_keeps_both_sizes(f):
    constant, g = experiment.constant_for_both(f)
    z = np.random.default_rng(1).normal(size=1_000_000)
    assert g**2 * np.mean((f(z) + constant) ** 2) == pytest.approx(1, abs=0.01)
    assert experiment.gradient_factor(f, g) == pytest.approx(1, abs=1e-12)


# Layers


@pytest.mark.parametrize("f", [Tanh(), SiLU()], ids=repr)
def test_inputs_of_a_size_give_preactivations_of_gain_times_that_size(f):
    assert experiment.passage(f, STARTS["gain"], depth=2, size=1 / gain(f)).signal[0] == pytest.approx(1, abs=0.1)


def test_inputs_that_drowned_differ_by_rounding_only():
    assert experiment.rounding_apart(ReLU(), STARTS["PyTorch"]).max() < 32
    assert experiment.rounding_apart(ReLU(), STARTS["gain"]).min() > 1e12


@pytest.mark.parametrize(("f", "start"), [(Tanh(), "gain"), (SELU(), "gain"), (ReLU(), "Flax"), (Sigmoid(), "gain")])
def test_layers_do_what_the_means_say(f, start):
    found = experiment.passage(f, STARTS[start], depth=12, width=200)
    g = gain(f) if start == "gain" else 1.0
    chi, q = [], 1.0
    for _ in range(12):
        chi.append(experiment.gradient_factor(f, g, q))
        q = experiment.next_mean_square(f, g, q)
    assert np.median(experiment.decades(found)) == pytest.approx(np.log10(np.prod(chi[:-1])) / 2 / 11, abs=0.02)
    assert np.median(found.signal[1]) == pytest.approx(experiment.next_mean_square(f, g, g**2), rel=0.1)


def test_random_biases_drown_the_signal():
    drowned = experiment.passage(ReLU(), STARTS["PyTorch"], depth=20)
    clear = experiment.passage(ReLU(), Start(pytorch_linear()), depth=20)
    assert drowned.difference[-1].max() < 1e-10 < 0.01 < clear.difference[-1].min()
    assert drowned.signal[-1].min() > 1e-3 > 1e-10 > clear.signal[-1].max()


def test_the_scale_of_the_weights_kills_no_relu_and_biases_do():
    small, large = (experiment.dead_at_birth(Start(VarianceScaling(gain=g))) for g in (0.1, math.sqrt(2)))
    np.testing.assert_array_equal(small, large)
    assert experiment.dead_at_birth(STARTS["PyTorch"]).min() > 2 * large.max()


def test_keras_and_flax_have_the_same_variance_in_square_layers():
    rng = np.random.default_rng(0)
    keras, flax = (STARTS[name].weights.draw(rng, 300, 300, ReLU()).var() for name in ("Keras", "Flax"))
    assert keras == pytest.approx(flax, rel=0.03) and 300 * flax == pytest.approx(1, rel=0.03)


# Stored results


def test_the_best_rate_is_the_one_with_the_best_median_over_the_second_set():
    share, rates = experiment.stored_twice()
    right = {name: grids.load("initialisation", name)["right"] for name in ("accuracy", "sigmoid")}
    stored = [*right["accuracy"] / experiment.TEST_IMAGES, right["sigmoid"] / experiment.TEST_IMAGES]
    tried = [experiment.RATES, experiment.RATES, experiment.SIGMOID_RATES]
    for (function, *at), rate in np.ndenumerate(rates):
        by_rate, chosen = stored[function][tuple(at)], share[(function, *at)]
        np.testing.assert_array_equal(chosen, by_rate[tried[function].index(rate)])
        assert np.median(chosen[1]) == np.median(by_rate[:, 1], axis=-1).max()
    np.testing.assert_array_equal(experiment.stored_accuracy()[0], share[..., 0, :])


def test_longer_training_goes_on_like_the_shorter(monkeypatch):
    monkeypatch.setattr(experiment, "PATIENCE", (1, 2))
    (right,) = experiment._longer_cell(again=True)
    rule, depth = experiment.momentum(experiment.PATIENT["rate"]), experiment.PATIENT["depth"]
    np.testing.assert_array_equal(right[-1], experiment.trained("sigmoid", "PyTorch", depth, rule, 2, again=True).right)


def test_he_is_the_gain_of_relu():
    assert STARTS["gain"].weights.draw(np.random.default_rng(0), 9, 9, ReLU()) == pytest.approx(
        he().draw(np.random.default_rng(0), 9, 9, ReLU())
    )
