"""Self-normalisation and Maxout: what is exact about them, and that stored results are repeated."""

from types import SimpleNamespace

import numpy as np
import pytest

from nonlinear.activations import ELU, SELU, LeakyReLU, Maxout, ReLU, Sigmoid, Tanh
from nonlinear.course import generators
from nonlinear.course.classifier import classifier
from nonlinear.course.mean_field import through
from nonlinear.datasets import digits
from nonlinear.initialisers import VarianceScaling, gain
from nonlinear.lessons.self_normalisation import experiment
from nonlinear.network import MLP, Dense, spawn
from nonlinear.optimisers import SGD
from tests.lessons.members import JUDGES, TUNING, numbers

# From one layer to the next


@pytest.mark.parametrize(
    ("f", "ends"),
    [(SELU(), (0.690486, 1.345971)), (ELU(), (1, 2**0.5)), (ReLU(), (2**0.5, 2**0.5)), (Tanh(), (1, np.inf))],
    ids=repr,
)
def test_the_window_of_gains(f, ends):
    assert experiment.window(f) == pytest.approx(ends, abs=1e-6)


@pytest.mark.parametrize("f", [SELU(), ELU(), ELU(0.5), Tanh(), LeakyReLU(0.3)], ids=repr)
def test_outside_the_window_a_signal_is_lost_and_inside_it_has_a_size(f):
    low, high = experiment.window(f)
    assert through(f, 0.0, 1.0, 0.97 * low, 400)[-1, 1] < 1e-3
    if high < np.inf:
        assert through(f, 0.0, 1.0, 1.03 * high, 400)[-1, 1] > 1e3
    if low < high:
        ends = [through(f, *start, (low * min(high, 2)) ** 0.5, 400)[-1, 1] for start in ((0.0, 1e-3), (4.0, 30.0))]
        assert ends[0] == pytest.approx(ends[1], rel=0.05)


# Through a stack


@pytest.mark.parametrize("uniform", [False, True])
def test_a_stack_is_a_network_without_biases(uniform):
    chance, x = generators(), np.random.default_rng(0).normal(size=(10, 5, 20))
    network = MLP(20, [Dense(20, SELU(), VarianceScaling(1.2, uniform=uniform)) for _ in range(3)])
    expected = [layer.outputs for layer in network.forward(network.initialise(generators()), x)]
    first, *layers = experiment.stack(SELU(), x, chance, depth=3, gain=1.2, uniform=uniform)
    assert np.array_equal(first, x)
    np.testing.assert_allclose(layers, expected, rtol=1e-12, atol=1e-12)


def test_a_passage_says_how_far_inputs_are_apart():
    same = np.ones((2, 7, 1)) * np.random.default_rng(0).normal(size=(2, 1, 30))
    found = experiment.summary(iter([same, np.random.default_rng(1).normal(3, 2, (2, 400, 30))]))
    assert np.all(found.apart[0] < 1e-12) and np.all(found.spread[0] > 0.5)
    assert found.mean[1] == pytest.approx([3, 3], abs=0.1) and found.spread[1] == pytest.approx([2, 2], abs=0.1)
    assert np.all(found.apart[1] > 0.99)


@pytest.mark.parametrize(("f", "scale"), [(SELU(), 1.0), (ReLU(), 2**0.5), (Sigmoid(), 1.0)], ids=repr)
def test_wide_stacks_follow_the_means_over_normal_preactivations(f, scale):
    found = experiment.passage(f, scale, "mean 5, spread 10", depth=3)
    expected = through(f, 5.0, 10.0, scale, 3)
    assert np.median(found.spread, axis=1)[1:] == pytest.approx(expected[1:, 1], rel=0.15)
    assert np.median(found.mean, axis=1)[1:] == pytest.approx(expected[1:, 0], rel=0.15, abs=0.1)


def test_the_gradient_of_relu_is_kept_and_the_sigmoids_is_lost():
    relu, sigmoid = experiment.gradient_passed(ReLU(), 2**0.5, 10), experiment.gradient_passed(Sigmoid(), 1.0, 10)
    assert np.all((relu > 0.5) & (relu < 2)) and np.all(sigmoid < 1e-4)


def test_both_dropouts_keep_the_mean_and_one_keeps_the_spread():
    g = np.random.default_rng(0)
    a = SELU()(g.normal(size=1_000_000))
    plain, alpha = experiment.dropped(a, 0.3, g), experiment.alpha_dropped(a, 0.3, g)
    assert (plain.mean(), plain.var()) == pytest.approx((0, 1 / 0.7), abs=0.01)
    assert (alpha.mean(), alpha.var()) == pytest.approx((0, 1), abs=0.01)
    assert np.isclose(plain, 0).mean() == pytest.approx(0.3, abs=0.01)


# Maxout


@pytest.mark.parametrize("pieces", [2, 3, 4])
def test_the_gain_of_maxout_is_that_of_a_sample(pieces):
    largest = np.random.default_rng(0).normal(size=(400_000, pieces)).max(axis=1)
    assert experiment.maxout_gain(pieces) == pytest.approx(np.mean(largest**2) ** -0.5, rel=0.01)


@pytest.mark.parametrize("pieces", [2, 3, 8])
def test_tangents_stay_below_elu_and_come_nearer_the_more_there_are(pieces):
    x = np.linspace(-4, 4, 2001)
    gap = []
    for number in (pieces, 2 * pieces):
        slopes, intercepts = experiment.elu_by_pieces(number)
        assert len(slopes) == number
        gap.append(ELU()(x) - (slopes[:, None] * x + intercepts[:, None]).max(axis=0))
    assert np.all(gap[0] > -1e-12) and gap[1].max() < gap[0].max() / 3


def test_unused_pieces_are_counted():
    network = MLP(1, [Dense(2, Maxout(2)), Dense(1)])
    weights, bias = np.array([[[1.0, -1.0, 1.0, 2.0]]]), np.array([[[0.0, 0.0, -9.0, 0.0]]])
    parameters = ({"weights": weights, "bias": bias}, {"weights": np.ones((1, 2, 1)), "bias": np.zeros((1, 1, 1))})
    x = np.linspace(-1, 1, 9)[:, None]
    assert experiment.unused(network, parameters, x).tolist() == [[0.25]]  # x - 9 is never above 2 x
    assert experiment.unused(network, parameters, x[:3]).tolist() == [[0.5]]  # x is above -x for none of these


def test_the_sizes_of_networks_are_as_close_as_whole_units_allow():
    count = {name: experiment.with_pieces(name).count() for name in experiment.NETWORKS}
    assert abs(count["Maxout 2 x 40"] / count["ReLU 64"] - 1) < 0.01
    assert abs(count["Maxout 4 x 24"] / count["ReLU 64"] - 1) < 0.01
    assert abs(count["ReLU 98"] / count["Maxout 2 x 64"] - 1) < 0.015


# Training


def test_a_run_looks_at_the_error_and_counts_the_test_images():
    network = experiment.with_pieces("ReLU 64")
    found = experiment.run(network, SGD(0.1), 2, spawn(0, 3))
    assert found.wrong.shape == (10, 3) and found.wrong[-1].max() < 0.2 and found.right.min() > 300
    looks = found.looks
    for member, look in enumerate(looks):
        there = np.flatnonzero(found.wrong[:, member] <= experiment.LEVEL)
        assert look == (there[0] + 1 if there.size else 0)


def test_tuning_chooses_the_rate_that_learns_and_counts_who_is_lost_at_the_other():
    runs, (looks, right, lost, *_) = experiment._tuned(classifier(SELU(), depth=2), (0.1, 1000.0), epochs=1)
    assert experiment.fastest(looks, right) == 0 and len(runs) == 2
    assert lost.tolist() == [[False] * 10, [True] * 10]


def test_networks_are_judged_on_splits_of_their_own_at_the_quickest_and_the_most_accurate_rate(monkeypatch):
    quick, good = 0.01, 1.0

    def told(network, rule, epochs, chance, split=0):
        members, rate = numbers(chance), rule.rate
        looks, right = 1 + members + 100 * (rate != quick), members + 100 * (rate == good) + 1000 * split
        return SimpleNamespace(looks=looks, right=right, last=SimpleNamespace(diverged_at=members - 5 - (rate == 0.1)))

    monkeypatch.setattr(experiment, "run", told)
    _, (looks, right, lost, reached, split) = experiment._tuned(None, (0.1, quick, good), 1)
    np.testing.assert_array_equal(looks, [101 + TUNING, 1 + TUNING, 101 + TUNING])
    np.testing.assert_array_equal(right, [TUNING, TUNING, 100 + TUNING])
    np.testing.assert_array_equal(lost, [TUNING >= 6, TUNING >= 5, TUNING >= 5])
    np.testing.assert_array_equal(reached, 1 + JUDGES)
    np.testing.assert_array_equal(split, 100 + JUDGES + 1000 * np.arange(1, 21).reshape(2, 10))


def test_the_unused_pieces_of_every_tuned_network_are_counted(monkeypatch):
    def tuned(network, rates, epochs):
        first, second, last = network.initialise(generators())
        for k in range(3):
            first["bias"][..., k::4] = -1e6  # three pieces of four are never the largest
        runs = [SimpleNamespace(last=SimpleNamespace(updated=each)) for each in ((first, second, last),) * 2]
        return runs, ("what else there is",)

    monkeypatch.setattr(experiment, "_tuned", tuned)
    kept, thousandths = experiment._pieces_cell("Maxout 4 x 24")
    assert kept == "what else there is" and thousandths.shape == (2, 2, 10) and np.all(thousandths[:, 0] == 750)
    assert np.all(experiment._pieces_cell("ReLU 64")[1] == np.zeros((2, 2, 10)))


def test_a_member_that_diverges_has_everything_wrong():
    found = experiment.run(experiment.with_pieces("Maxout 2 x 40"), SGD(30.0), 1, spawn(0, 3))
    assert np.all(found.wrong[-1] == 1) and np.all(found.looks == 0)


def test_what_is_kept_is_measured_layer_by_layer_and_member_by_member(monkeypatch):
    monkeypatch.setattr(experiment, "DEEP", 3)
    monkeypatch.setattr(experiment, "EPOCHS", {3: 1})
    mean, spread, right, diverged = experiment._kept_cell(0.5, 0.1)
    trained = experiment.run(experiment.deep("SELU", 3), SGD(0.1, momentum=0.5), 1, generators())
    a = digits("standardised").x[:360]
    for k, layer in enumerate(trained.last.updated[:-1]):
        a = SELU()(a @ layer["weights"] + layer["bias"])
        for member in range(10):
            assert (mean[k, member], spread[k, member]) == pytest.approx((a[member].mean(), a[member].std()), rel=2e-3)
    assert mean.shape == spread.shape == (3, 10) and right.tolist() == trained.right.tolist() and not diverged.any()
    assert experiment._kept_cell(0.0, 1e40)[-1].all()


def test_the_gains_are_those_that_suit():
    for f, scale in experiment.STARTS.values():
        low, high = experiment.window(f)
        assert low <= scale <= high
    assert experiment.STARTS["SELU"][1] == pytest.approx(gain(SELU()))
