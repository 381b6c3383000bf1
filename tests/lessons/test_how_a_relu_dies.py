"""The experiments behind the lessons: exact facts about one unit, and stored results that can be repeated."""

import json
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nonlinear.activations import ReLU, Tanh
from nonlinear.course import grids
from nonlinear.datasets import digits
from nonlinear.lessons.how_a_relu_dies import experiment
from nonlinear.optimisers import SGD

DATA = grids.location("how-a-relu-dies")[0]


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
    assert all(np.all(layer["bias"][..., :8] == -1000) for layer in outcome.parameters[:-1])


def test_pruning_the_dead_changes_nothing_on_the_data_they_are_dead_on():
    data, network = digits("unit"), experiment.classifier(ReLU(), width=20)
    parameters = experiment.fit(network, data, SGD(0.1), epochs=1, start=experiment.kill(0.5)).parameters
    smaller, kept = experiment.prune(network, parameters, 3, data.x)
    assert smaller.layers[0].units <= 10 and smaller.count() < network.count()
    np.testing.assert_allclose(smaller.predict(kept, data.x)[0], network.predict(parameters, data.x)[3], atol=1e-12)


def test_open_paths_multiplies_the_shares_of_units_that_are_on():
    network, x = experiment.classifier(ReLU(), width=6, depth=3), digits("unit").x[:7]
    tape = network.forward(network.initialise(experiment.spawn(experiment.SEED, experiment.MEMBERS)), x)
    on = [np.count_nonzero(layer.outputs[4, 2]) / 6 for layer in tape[:-1]]
    assert experiment.open_paths(network, x)[2, 4] == pytest.approx(on[0] * on[1] * on[2])


@pytest.mark.parametrize(
    ("sizes", "share"),
    [
        ([[1.0, 1.0], [10.0, 10.0]], 1.0),  # layers differ, units do not
        ([[1.0, 10.0], [1.0, 10.0]], 0.0),  # units differ, layers do not
        ([[1.0, 10.0, 0.0], [1.0, 10.0, 0.0]], 0.0),  # dead units are left out
    ],
)
def test_share_between_layers(sizes, share):
    assert experiment.share_between_layers(np.array(sizes)[:, None, :])[0] == pytest.approx(share, abs=1e-12)


def test_a_sigmoid_never_has_a_gradient_of_zero_and_a_relu_does():
    relu, tanh = (experiment.gradient_sizes(f, depth=3, samples=1) for f in (ReLU(), Tanh()))
    assert 0.3 < np.mean(relu == 0) < 0.7 and np.all(tanh > 0)


# Stored results


@pytest.mark.parametrize(
    ("activation", "offset", "rate"),
    [("ReLU", 1.0, 0.6), ("ReLU", 0.0, 0.6), ("Leaky ReLU 0.01", 0.5, 0.3), ("ELU", 0.25, 0.1), ("sigmoid", 1.0, 0.6)],
)
def test_a_stored_cell_is_repeated_exactly_at_low_rates(activation, offset, rate):
    dead, right, diverged = experiment._map_cell((activation, offset, rate))
    stored, place = experiment.stored_curve(activation, offset), experiment.RATES.index(rate)
    np.testing.assert_array_equal(dead / 64, stored.dead[place])
    np.testing.assert_array_equal(right / experiment.TEST_IMAGES, stored.accuracy[place])
    np.testing.assert_array_equal(diverged, stored.diverged[place])


@pytest.mark.parametrize(
    ("activation", "offset", "rate"), [("ReLU", 1.0, 0.85), ("ReLU", 1.0, 2.0), ("SiLU", 0.0, 1.0)]
)
def test_a_stored_cell_is_repeated_in_the_mean_at_high_rates(activation, offset, rate):
    dead, right, _ = experiment._map_cell((activation, offset, rate))
    stored, place = experiment.stored_curve(activation, offset), experiment.RATES.index(rate)
    assert dead.mean() / 64 == pytest.approx(stored.dead[place].mean(), abs=0.15)
    assert right.mean() / experiment.TEST_IMAGES == pytest.approx(stored.accuracy[place].mean(), abs=0.15)


def test_the_other_stored_grids_are_repeated_too():
    stored = grids.load("how-a-relu-dies")
    for grid, cell, settings in (("adam", experiment._adam_cell, 0.001), ("nudged", experiment._nudged_cell, 0.45)):
        np.testing.assert_array_equal(stored[f"{grid}_dead"][0], cell(settings)[0])
    np.testing.assert_array_equal(stored["width_right"][0, 1], experiment._width_cell((16, 0.8))[1])


def test_the_description_beside_the_results_is_that_of_the_code():
    about = json.loads((DATA / "grids.json").read_text())
    assert about["settings"] == json.loads(json.dumps(experiment.SETTINGS))
    assert about["command"] == "python -m nonlinear.lessons how-a-relu-dies"
    assert about["arrays"] == {name: list(array.shape) for name, array in grids.load("how-a-relu-dies").items()}


def test_compute_puts_every_cell_in_its_place(monkeypatch):
    monkeypatch.setattr(experiment, "ACTIVATIONS", dict(list(experiment.ACTIVATIONS.items())[:2]))
    monkeypatch.setattr(experiment, "OFFSETS", (0.0, 1.0))

    def tag(cell, settings):
        for k, _ in enumerate(settings):
            yield np.full((2, 10), k), np.full(10, k), np.zeros(10, bool)

    arrays_ = experiment.compute(tag)
    assert arrays_["map_dead"].shape == (2, 2, len(experiment.RATES), 2, 10)
    assert arrays_["map_dead"][1, 0, 3, 0, 0] == (1 * 2 + 0) * len(experiment.RATES) + 3
    assert arrays_["width_right"][2, 1, 0] == 2 * 2 + 1


def test_results_come_back_as_they_were_saved(tmp_path):
    values = {"a": np.arange(6).reshape(2, 3), "b": np.array([True, False])}
    grids.save("trial", values, {"seed": 0}, tmp_path)
    back = grids.load("trial", tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["trial.json", "trial.npz"]
    for name, array in values.items():
        np.testing.assert_array_equal(back[name], array)


@pytest.mark.parametrize("damage", [lambda b: b[:-7], lambda b: b.replace(b"\x00", b"\x01", 1), lambda b: b""])
def test_damaged_results_are_refused(tmp_path, damage):
    for end in ("npz", "json"):
        shutil.copy(DATA / f"grids.{end}", tmp_path / f"how-a-relu-dies.{end}")
    path = tmp_path / "how-a-relu-dies.npz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match="dies.npz is not the file that how-a-relu-dies.json describes; restore"):
        grids.load("how-a-relu-dies", tmp_path)


def test_missing_results_say_how_to_make_them(tmp_path):
    with pytest.raises(FileNotFoundError, match="compute them with `python -m nonlinear.lessons nothing`"):
        grids.load("nothing", tmp_path)


def test_unknown_settings_are_named():
    with pytest.raises(ValueError, match="activation must be one of ReLU, .*; got 'relu'"):
        experiment.stored_curve("relu")
    with pytest.raises(ValueError, match="offset must be one of 0.0, .*; got 0.3"):
        experiment.stored_curve("ReLU", 0.3)


def test_the_quiz_on_the_front_page_says_what_the_map_holds():
    flat, right, diverged = (grid[:, :, experiment.RATES.index(1.0)] for grid in experiment.stored_map())
    relu, leaky, elu = (list(experiment.ACTIVATIONS).index(name) for name in ("ReLU", "Leaky ReLU 0.01", "ELU"))
    assert np.all(flat[relu, -1] > 0.5)
    finished = right[leaky, -1][~diverged[leaky, -1]]
    assert 1 <= diverged[leaky, -1].sum() <= 4 and np.sum(finished > 0.15) > 5 and finished.max() < 0.98
    assert right[elu, -1].max() < 0.15 and flat[elu, -1].min() > 0.95
    assert np.all(flat[relu, 0] < 0.02) and np.all(right[relu, 0] > 0.97)
