"""What the lesson on non-linearity computes, and that its stored results can be computed again."""

import itertools
import math

import numpy as np
import pytest

from nonlinear.activations import LeakyReLU, ReLU, Sigmoid, SiLU, TwoReLU
from nonlinear.lessons.what_non_linearity_buys import experiment
from nonlinear.network import MLP, Dense, spawn


@pytest.fixture(scope="module")
def trial():
    return experiment.solve_xor(2)


# Layers without an activation function


@pytest.mark.parametrize("depth", [1, 2, 30])
def test_linear_layers_collapse_to_their_product(depth):
    network = experiment.linear_network(depth, width=5, inputs=4, outputs=3)
    rng = np.random.default_rng(1)
    parameters = tuple({**p, "bias": rng.normal(size=p["bias"].shape)} for p in network.initialise(spawn(0, 2)))
    single, collapsed = experiment.collapse(network, parameters)
    assert len(network.layers) == depth and len(single.layers) == 1
    product = np.linalg.multi_dot([np.eye(4), *(p["weights"][1] for p in parameters), np.eye(3)])
    np.testing.assert_allclose(collapsed[0]["weights"][1], product, rtol=1e-10)
    x = np.random.default_rng(0).normal(size=(7, 4))
    np.testing.assert_allclose(single.predict(collapsed, x), network.predict(parameters, x), rtol=1e-9)
    assert experiment.collapse_error(network, parameters).max() < 1e-12


def test_a_wrong_layer_would_be_noticed_even_if_only_its_bias_is_wrong(monkeypatch):
    network, collapse = experiment.linear_network(3), experiment.collapse

    def wrong(network, parameters):
        single, (layer,) = collapse(network, parameters)
        return single, ({**layer, "bias": layer["bias"] * 0.99},)

    monkeypatch.setattr(experiment, "collapse", wrong)
    assert experiment.collapse_error(network, network.initialise(spawn(0, 3))).min() > 1e-6


def test_what_bends_does_not_collapse():
    network = MLP(2, [Dense(3, ReLU()), Dense(1)])
    with pytest.raises(ValueError, match="collapse needs a network without activation functions; this one has .'relu'"):
        experiment.collapse(network, network.initialise(spawn(0, 1)))


# Two classes in the plane


def test_points_are_the_same_every_time_and_tests_are_others():
    for name in experiment.DATA:
        one, two = experiment.points(name), experiment.points(name)
        np.testing.assert_array_equal(one.test_x, two.test_x)
        assert (one.x.shape, one.test_x.shape) == ((400, 2), (1000, 2))
        assert not set(map(tuple, one.x)) & set(map(tuple, one.test_x))
        assert np.abs(one.x).max() < experiment.VIEW
    with pytest.raises(ValueError, match="name must be one of XOR, rings, spirals; got 'moons'"):
        experiment.points("moons")


@pytest.mark.parametrize("seed", range(5))
def test_best_line_is_as_good_as_it_says_and_no_line_through_two_points_is_better(seed):
    rng = np.random.default_rng(seed)
    x, labels = rng.normal(size=(14, 2)), rng.integers(0, 2, 14)
    share, weights, bias = experiment.best_line(x, labels, directions=3600)
    assert np.mean((x @ weights + bias > 0) == labels) == share
    best = 0
    for a, b in itertools.permutations(x, 2):  # the best of all lines can be pushed until it nearly touches two points
        normal = np.array([b[1] - a[1], a[0] - b[0]])
        for tilt, shift in itertools.product((-1e-6, 1e-6), (-1e-6, 0, 1e-6)):
            turned = normal + tilt * (b - a)
            above = (x - (a + b) / 2) @ turned > shift
            best = max(best, np.mean(above == labels))
    assert share == best  # with 3,600 directions; with few, a narrow gap between points may be missed


def test_a_separable_set_is_separated_and_one_class_is_no_problem():
    x = np.array([[0.0, 0], [1, 0], [0, 1], [3, 3]])
    for labels in ([0, 0, 0, 1], [1, 1, 1, 0], [1, 1, 1, 1], [0, 0, 0, 0]):
        share, weights, bias = experiment.best_line(x, np.array(labels))
        assert share == 1 and np.array_equal(x @ weights + bias > 0, np.array(labels) == 1)


@pytest.mark.parametrize("name", experiment.DATA)
def test_no_trained_line_is_better_than_the_best_one(name):
    drawn = experiment.points(name)
    assert experiment.trained_line(name).max() <= experiment.best_line(drawn.x, drawn.labels)[0]


def test_the_split_of_the_book_is_luckier_than_most():
    assert np.median(experiment.linear_on_digits()) > np.median(experiment.linear_over_splits())


# XOR


def test_networks_fail_at_xor_exactly_where_they_are_blind(trial):
    assert 5 < trial.solved.sum() < 30
    np.testing.assert_array_equal(trial.blind(), ~trial.solved)
    assert not (trial.hidden() == 0).all(axis=1).any()
    levels = [math.log(2) / 2, math.log(3) / 4 + math.log(1.5) / 2]
    assert np.abs(trial.loss[~trial.solved][:, None] - levels).min(axis=1).max() < 2e-4
    assert trial.loss[trial.solved].max() < 0.001
    assert set(trial.seen("start").tolist()) <= {2, 3, 4} and not trial.solved[trial.seen("start") == 2].any()


def test_other_seeds_are_other_starts(trial):
    other = experiment.solve_xor(2, seed=1)
    assert not np.array_equal(other.start[0]["weights"], trial.start[0]["weights"])
    np.testing.assert_array_equal(other.blind(), ~other.solved)


def test_blind_sees_equal_codes_of_different_classes_only(trial):
    weights = np.array([[1.0, -1.0], [1.0, -1.0]])
    for bias, expected in (((0.0, 0.0), False), ((-1.0, -3.0), True)):
        layer = {"weights": weights[None], "bias": np.array(bias)[None, None]}
        end = layer, {name: array[:1] for name, array in trial.end[1].items()}
        made = experiment.Trial(trial.network, None, end, trial.x, trial.labels, None, None, None)
        assert made.blind().tolist() == [expected]


def test_more_units_and_curved_functions_solve_xor_more_often(trial):
    assert experiment.solve_xor(8).solved.sum() > 45 > 2 * trial.solved.sum()
    assert experiment.solve_xor(2, SiLU()).solved.sum() > 45
    assert experiment.solve_xor(2, LeakyReLU(0.01)).solved.sum() < 25


# Functions of one variable


@pytest.mark.parametrize("pieces", [1, 3, 40])
def test_interpolant_is_straight_between_its_knots(pieces):
    network, parameters = experiment.interpolant(np.cos, pieces, (-2, 3))
    x = np.linspace(-2, 3, 301)
    knots = np.linspace(-2, 3, pieces + 1)
    np.testing.assert_allclose(
        network.predict(parameters, x[:, None])[0, :, 0], np.interp(x, knots, np.cos(knots)), atol=1e-12
    )
    assert network.layers[0].units == pieces


def test_errors_of_the_routes_are_in_order():
    assert experiment.built_error(64) / experiment.built_error(128) == pytest.approx(4, rel=0.02)
    fitted = experiment.fitted_errors(ReLU(), 32, (1.0, 1.0))
    steeper = experiment.fitted_errors(ReLU(), 32, (10.0, 10.0))
    np.testing.assert_allclose(fitted, steeper, rtol=1e-6)  # least squares does not mind the scale of the hidden units
    squares = experiment.fitted_errors(np.square, 64, (1.0, 1.0))
    best = np.polyval(np.polyfit(experiment.LINE, experiment.target(experiment.LINE), 2), experiment.LINE)
    np.testing.assert_allclose(squares, experiment.rms(best - experiment.target(experiment.LINE)), rtol=1e-9)


def test_random_units_switch_on_within_the_interval():
    weights, bias = experiment.random_units(500, (2.0, 3.0), np.random.default_rng(0))
    assert np.all(np.abs(bias / weights) <= 1) and set(np.sign(weights)) == {-1, 1}
    assert 2 <= np.abs(weights).min() and np.abs(weights).max() <= 3


def test_pairs_take_the_places_of_the_sigmoids_that_were_fitted():
    before, after, largest = experiment.paired_errors(8, experiment.best_c())
    np.testing.assert_allclose(before, experiment.fitted_errors(Sigmoid(), 8, experiment.STEEPNESS["sigmoid"]))
    assert np.median(after) > np.median(before)
    assert np.all(after < before + 8 * largest * experiment.pair_error(experiment.best_c()))


def test_longer_training_goes_on_from_where_the_shorter_one_stopped():
    patient = experiment.grids.load(experiment.LESSON, "patient").at(width=64)["error"]
    few, more = (experiment.trained_errors(ReLU(), 64, (1.0, 1.0), steps) for steps in (20, 200))
    assert np.all(more < few) and np.all(patient < more)


# Two ReLUs


@pytest.mark.parametrize("c", [0.5, 1, 2, 2.4, 2.8, 3, 6])
def test_pair_error_is_the_largest_on_a_fine_grid(c):
    z = np.linspace(-20, 20, 400_001)
    difference = TwoReLU(c)(z) - Sigmoid()(z)
    assert np.abs(difference).max() == pytest.approx(experiment.pair_error(c), abs=1e-7)
    assert -difference[z > 0].min() == pytest.approx(experiment.bulge(c), abs=1e-7)
    assert difference[z > 0].max() == pytest.approx(experiment.gap(c), abs=1e-4)


def test_best_c_balances_bulge_and_gap():
    c = experiment.best_c()
    assert experiment.bulge(c) == pytest.approx(experiment.gap(c), rel=1e-12)
    assert experiment.pair_error(c) < min(map(experiment.pair_error, (0.99 * c, 1.01 * c, 2, 2.5, 3)))


def test_pair_grid_holds_what_its_labels_say():
    z, cs = np.linspace(-8, 8, 33), np.array([1.0, 2.5])
    lines, differences, worst = experiment.pair_grid(z, cs)
    assert lines.shape == (3, 2, 33) and worst.shape == (3, 2)
    np.testing.assert_allclose(lines[1, 1], 5 * lines[0, 1], atol=1e-12)
    np.testing.assert_allclose(lines[2, 0], np.maximum(z + 1, 0) + np.maximum(z - 1, 0))
    np.testing.assert_array_equal(worst[:, 0], np.abs(lines[:, 0] - Sigmoid()(z)).max(axis=-1))


@pytest.mark.parametrize("function", [experiment.bulge, experiment.gap, experiment.pair_error])
def test_c_must_be_positive(function):
    with pytest.raises(ValueError, match="c must be positive"):
        function(0)


# What is stored


@pytest.mark.parametrize(
    "setting", [("XOR", "ReLU", 1, 2), ("rings", "tanh", 1, 4), ("spirals", "sigmoid", 1, 16), ("XOR", "none", 2, 4)]
)
def test_a_stored_map_is_computed_again(setting):
    stored = experiment.stored_regions()
    at = stored.at(*setting)
    right, shown, largest, steps = experiment._region_cell(*setting)
    np.testing.assert_allclose(right / 1000, stored.accuracy[at], atol=0.003)
    assert abs(int(np.argsort(right, kind="stable")[4]) - shown) == 0 and shown == stored.shown[at]
    odds = largest * (steps / experiment.LEVELS) * np.abs(steps / experiment.LEVELS)
    assert np.mean(np.abs(odds - stored.odds[at]) > 0.1 * largest) < 0.01


def test_maps_without_activation_function_are_planes():
    stored, x = experiment.stored_regions(), np.column_stack([experiment.grid(), np.ones(1600)])
    for odds in stored.odds[:, 0].reshape(-1, 1600):
        inside = np.abs(odds) < 0.9 * np.abs(odds).max()
        plane = np.linalg.lstsq(x[inside], odds[inside], rcond=None)[0]
        assert np.abs(x[inside] @ plane - odds[inside]).max() < 0.05 * np.abs(odds).max()


def test_the_map_kept_is_that_of_the_median_seed():
    stored = experiment.stored_regions()
    kept = np.take_along_axis(stored.accuracy, stored.shown[..., None].astype(int), axis=-1)[..., 0]
    np.testing.assert_array_equal(kept, np.sort(stored.accuracy, axis=-1)[..., 4])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: experiment.stored_errors("guessed"), "route must be one of fitted, trained; got 'guessed'"),
        (lambda: experiment.stored_errors("fitted", "tanh"), "units must be one of ReLU, .*; got 'tanh'"),
        (lambda: experiment.stored_regions().at("XOR", "ReLU", 4, 2), "depth must be one of 1, 2, 3; got 4"),
    ],
)
def test_unknown_settings_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
