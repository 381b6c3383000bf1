"""The experiments behind the lessons: exact facts about one unit, and stored results that can be repeated."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nonlinear.activations import ReLU
from nonlinear.datasets import digits
from nonlinear.lessons.how_a_relu_dies import experiment
from nonlinear.optimisers import SGD

# One unit

weights = arrays(np.float64, st.integers(1, 6), elements=st.floats(-3, 3))


@given(weights)
def test_nothing_in_the_cube_reaches_a_unit_at_its_critical_bias(w):
    corners = np.array(np.meshgrid(*[[0.0, 1.0]] * len(w))).reshape(len(w), -1).T
    loudest = (corners @ w).max()
    assert loudest + experiment.critical_bias(w) == pytest.approx(0, abs=1e-12)


def test_a_unit_dies_of_one_bad_label_and_stays_as_it_is():
    bad, mild = experiment.bad_step(-5.0, later=50), experiment.bad_step(-2.0, later=50)
    assert bad.dead.all() and bad.unchanged.all() and np.all(bad.zero_steps == 50)
    assert not mild.dead.any() and not mild.unchanged.any() and not mild.zero_steps.any()


def test_the_bad_step_lowers_the_bias_and_the_weights():
    bad = experiment.bad_step(-5.0, later=1)
    for name in ("weights", "bias"):
        assert np.all(bad.after[0][name] < bad.before[0][name])


# Networks


def test_shifted_moves_every_image_by_the_same_share_of_the_mean():
    data = digits("unit")
    np.testing.assert_allclose(experiment.shifted(data, 0.0).x, digits("centred").x, atol=1e-15)
    np.testing.assert_array_equal(experiment.shifted(data, 1.0).x, data.x)
    np.testing.assert_allclose(data.test_x - experiment.shifted(data, 0.25).test_x, np.tile(0.75 * data.mean, (360, 1)))


def test_killed_units_are_dead_and_stay_dead():
    outcome = experiment.fit(
        experiment.classifier(ReLU(), width=10), digits("unit"), SGD(0.1), epochs=2, start=experiment.kill(0.8)
    )
    assert np.all(outcome.flat >= 0.8) and np.all(outcome.flat < 1)
    assert all(np.all(layer["bias"][..., :8] == -1000) for layer in outcome.end[:-1])


def test_pruning_the_dead_changes_nothing_on_the_data_they_are_dead_on():
    data, network = digits("unit"), experiment.classifier(ReLU(), width=20)
    parameters = experiment.fit(network, data, SGD(0.1), epochs=1, start=experiment.kill(0.5)).end
    smaller, kept = experiment.prune(network, parameters, 3, data.x)
    assert smaller.layers[0].units <= 10 and smaller.count() < network.count()
    np.testing.assert_allclose(smaller.predict(kept, data.x)[0], network.predict(parameters, data.x)[3], atol=1e-12)


# Stored results


@pytest.mark.parametrize(
    ("activation", "offset", "rate"), [("ReLU", 1.0, 0.85), ("ReLU", 1.0, 2.0), ("SiLU", 0.0, 1.0)]
)
def test_a_stored_cell_is_repeated_in_the_mean_at_high_rates(activation, offset, rate):
    dead, right, _ = experiment._map_cell(activation, offset, rate)
    stored, place = experiment.stored_curve(activation, offset), experiment.RATES.index(rate)
    assert dead.mean() / 64 == pytest.approx(stored.dead[place].mean(), abs=0.15)
    assert right.mean() / experiment.TEST_IMAGES == pytest.approx(stored.accuracy[place].mean(), abs=0.15)


def test_the_quiz_on_the_front_page_says_what_the_map_holds():
    flat, right, diverged = (grid[:, :, experiment.RATES.index(1.0)] for grid in experiment.stored_map())
    relu, leaky, elu = (list(experiment.ACTIVATIONS).index(name) for name in ("ReLU", "Leaky ReLU 0.01", "ELU"))
    assert np.all(flat[relu, -1] > 0.5)
    finished = right[leaky, -1][~diverged[leaky, -1]]
    assert 1 <= diverged[leaky, -1].sum() <= 4 and np.sum(finished > 0.15) > 5 and finished.max() < 0.98
    assert right[elu, -1].max() < 0.15 and flat[elu, -1].min() > 0.95
    assert np.all(flat[relu, 0] < 0.02) and np.all(right[relu, 0] > 0.97)


def test_two_sets_of_seeds_hold_the_one_of_the_map_first():
    curve = experiment.stored_curve("ReLU")
    for rate in (0.05, 0.45):  # where training is not chaotic
        np.testing.assert_array_equal(experiment.dead_by_layer(rate)[0], curve.dead[curve.rates == rate][0])


def test_other_splits_are_read_about_as_well():
    over = experiment.accuracy_over_splits()
    assert over.shape == (10,) and 0.95 < over.min() < over.max() < 1
