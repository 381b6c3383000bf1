"""Zero-centring: what is exact about it, and stored results that can be repeated."""

import numpy as np
import pytest

from nonlinear.activations import Sigmoid, Tanh
from nonlinear.lessons.zero_centring import experiment
from nonlinear.network import MLP, Dense, spawn

# One unit


@pytest.mark.parametrize("name", experiment.PROBLEMS)
def test_the_solution_solves_the_problem(name):
    problem = experiment.PROBLEMS[name](3)
    np.testing.assert_allclose((problem.x @ problem.solution[..., None]), problem.y, atol=1e-12)


@pytest.mark.parametrize(("n", "mean"), [(2, 0.5), (5, 1.0), (10, 0.0)])
def test_the_condition_number_is_what_the_mean_makes_it(n, mean):
    problem = experiment.positive(n, mean, samples=20_000)
    np.testing.assert_allclose(problem.condition, experiment.expected_condition(n, mean), rtol=0.12)


@pytest.mark.parametrize("turn", [experiment.turned, experiment.flipped])
@pytest.mark.parametrize("batch", [1, 7, None])
def test_turning_the_data_turns_the_path(turn, batch):
    problem = experiment.positive(samples=50)
    before, after = (experiment.descend(p, 0.1, batch, most=40) for p in (problem, turn(problem)))
    np.testing.assert_allclose(after.loss, before.loss, rtol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(after.path, axis=-1), np.linalg.norm(before.path, axis=-1), rtol=1e-9)
    np.testing.assert_allclose(turn(problem).condition, problem.condition)
    assert np.all(before.one_sign if batch == 1 else True) and not after.one_sign.all()


def test_adam_sees_a_rotation_and_no_flip():
    problem = experiment.positive(samples=50)
    plain, flipped, turned = (
        experiment.descend(p, 0.1, optimiser=experiment.WeightsAdam, most=40).loss[-1]
        for p in (problem, experiment.flipped(problem), experiment.turned(problem))
    )
    np.testing.assert_allclose(flipped, plain, rtol=1e-9)
    assert np.all(np.abs(turned / plain - 1) > 1e-3)


def test_only_the_weights_of_the_unit_move():
    unit = MLP(2, [Dense(1)])
    start = unit.with_parameters([([[1.0], [2.0]], [3.0])])
    for optimiser in (experiment.WeightsSGD(0.1), experiment.WeightsAdam(0.1)):
        moved, _ = optimiser.update(start, start, optimiser.start(start))
        assert moved[0]["bias"] == start[0]["bias"] and np.all(moved[0]["weights"] < start[0]["weights"])


def test_a_descent_measures_its_path_up_to_the_goal():
    path = np.array([[0, 0], [3, 4], [3, 0], [9, 9]], float)[:, None]
    descent = experiment.Descent(
        path, np.array([[1.0], [0.5], [experiment.GOAL], [0.001]]), np.array([[True], [False], [False]])
    )
    assert (descent.steps[0], descent.same_sign[0], descent.detour[0]) == (2, 0.5, pytest.approx(9 / 3))


def test_a_member_that_diverges_or_dawdles_never_arrives():
    run = experiment.descend(experiment.positive(samples=20), np.repeat([1e-6, 50.0], 5), most=300)
    assert np.all(np.isinf(run.steps))


def test_copies_of_a_member_see_the_same_samples():
    problem = experiment.positive(samples=20)
    run = experiment.descend(problem, np.tile([0.1, 0.1, 0.2], 10), most=5, repeat=3)
    np.testing.assert_array_equal(run.path[:, 0::3], run.path[:, 1::3])
    assert not np.array_equal(run.path[:, 0::3], run.path[:, 2::3])
    alone = experiment.descend(problem, 0.1, most=5)
    np.testing.assert_allclose(alone.path, run.path[:, 0::3])


# Networks


def test_signs_of_a_sigmoid_layer():
    units, layers = experiment.sign_shares(Sigmoid(), sizes=(1, 64), batches=5)
    assert np.all(units[0] == 1) and units[1].max() < 0.5 and layers.max() == 0
    assert experiment.sign_shares(Tanh(), sizes=(1,), batches=5)[0].max() == 0


def test_a_layer_of_two_often_has_one_sign():
    units, layers = experiment.sign_shares(Sigmoid(), sizes=(1,), batches=20, units=2)
    assert np.all(units == 1) and 0.2 < layers.mean() < 0.8


def test_the_first_layer_of_a_fair_start_does_not_depend_on_the_function():
    starts = [experiment.fair_classifier(f).initialise(spawn(0, 3)) for f in experiment.FOUR.values()]
    for start in starts[1:]:
        np.testing.assert_array_equal(start[0]["weights"], starts[0][0]["weights"])
    np.testing.assert_allclose(4 * starts[2][1]["weights"], starts[0][1]["weights"])


def test_conditions_of_positive_inputs():
    problem = experiment.positive(10, 0.5, samples=100_000)
    np.testing.assert_allclose(problem.sample_condition, 10 + 12 * 10 * 0.25, rtol=0.05)
    assert np.all((problem.steep_share > 0) & (problem.steep_share < 1))


def test_training_changes_the_signs():
    assert np.any(experiment.sign_shares(Sigmoid(), (32,), epochs=1)[0] != experiment.sign_shares(Sigmoid(), (32,))[0])


@pytest.mark.parametrize("name", experiment.FOUR)
def test_moved_sigmoids(name):
    f, z, h = experiment.FOUR[name], np.linspace(-8, 8, 33), 1e-6
    np.testing.assert_allclose((f(z + h) - f(z - h)) / (2 * h), f.derivative(z), atol=1e-8)
    assert f.traits.steepest == f.derivative(0.0) and f.traits.odd == np.isclose(f(0.0), 0)
    assert all(value in f.traits.image for value in f(z).tolist())


def test_the_steep_and_centred_sigmoid_is_a_tanh():
    z = np.linspace(-9, 9, 50)
    np.testing.assert_allclose(experiment.FOUR["4σ − 2"](z), 2 * np.tanh(z / 2), atol=1e-14)


# Stored results


def test_the_longest_path_fills_the_stored_points():
    points = experiment.stored_paths()["paths"]
    assert points.shape[-2] == experiment.POINTS and np.isfinite(points[..., -1, :]).any()


@pytest.mark.parametrize("start", experiment.STARTS)
def test_stored_steps_are_counted_again(start):
    rates, steps = experiment.stored_four(start)
    network = experiment.STARTS[start](experiment.FOUR["4σ − 2"])
    again = experiment.steps_to_accuracy(network, float(rates[3]), most=60, members=experiment.TUNING + 20)
    np.testing.assert_array_equal(again[experiment.TUNING :], steps[3].ravel())


def test_the_steep_sigmoid_with_a_fast_first_layer_and_biases_is_the_sigmoid():
    boosted, (rates, fair) = experiment.stored_boosted(), experiment.stored_four("gain")
    assert rates[0] == 1  # 16 times that of ``boosted``
    np.testing.assert_array_equal(boosted["both"], fair[0])


@pytest.mark.parametrize("start", experiment.STARTS)
@pytest.mark.parametrize(("function", "first"), [("σ", 1), ("4σ", 1 / 16)])
@pytest.mark.parametrize("times", [8, 1 / 8])
def test_the_climb_goes_to_the_best_rate_and_follows_no_run_for_long(start, function, first, times, monkeypatch):
    asked, best = [], times * first

    def steps(network, rate, most, members):
        asked.append((rate, most, members))
        found = np.arange(members) + 9 + 700 * abs(np.log2(rate / best))
        return np.where(found <= most, found, np.inf)

    monkeypatch.setattr(experiment, "steps_to_accuracy", steps)
    rate, steps = experiment._four_cell(function, start)
    assert rate == best and steps.tolist() == [list(range(12, 22)), list(range(22, 32))]
    assert asked[0] == (first, 2000, 3) and asked[-1] == (best, 40, 23)
    medians = [10 + 700 * abs(np.log2(rate / best)) for rate, *_ in asked[:-1]]
    expected = [min(2000, int(2 * min(medians[:k]))) for k in range(1, len(medians))]
    assert [(most, members) for _, most, members in asked[1:-1]] == [(most, 3) for most in expected]
    assert len({rate for rate, *_ in asked[:-1]}) == len(medians)
