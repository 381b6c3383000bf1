"""The chain rule in a small network, planted mistakes, and what happens at kinks."""

import numpy as np
import pytest

from nonlinear import activations
from nonlinear.activations import ReLU, Sigmoid
from nonlinear.gradcheck import check_gradient
from nonlinear.lessons.where_gradients_come_from import experiment
from nonlinear.lessons.where_gradients_come_from.widgets import both_passes
from nonlinear.losses import MeanSquaredError
from nonlinear.network import MLP, Dense
from nonlinear.optimisers import SGD, Adam


def checked(gradient_of, layers, data, directions=None):
    return check_gradient(
        lambda p: experiment.loss(p, *data), gradient_of(layers, *data), layers, directions=directions
    )


@pytest.mark.parametrize("samples", [1, 5])
def test_the_gradients_are_those_of_nonlinear(samples):
    x, targets = experiment.wave(3, samples)
    network, parameters = experiment.small_network()
    tape = network.forward(parameters, x)
    expected, _ = network.backward(parameters, tape, MeanSquaredError()(tape[-1].outputs, targets)[1])
    for (w, b), layer in zip(experiment.gradient(experiment.SMALL, x, targets), expected, strict=True):
        np.testing.assert_allclose(w, layer["weights"][0], rtol=1e-12)
        np.testing.assert_allclose(b, layer["bias"][0, 0], rtol=1e-12)


def test_the_right_gradient_passes_its_check():
    for seed in range(3):
        assert checked(experiment.gradient, experiment.random_layers(seed), experiment.wave(seed)).passed


@pytest.mark.parametrize("name", experiment.MISTAKES)
def test_a_mistake_is_found_and_is_where_it_should_be(name):
    wrong = experiment.with_mistake(name)
    report = checked(wrong, experiment.SMALL, experiment.wave(0, 5))
    biases = {f"[{k}][1]" for k in range(4)}
    hidden = {f"[{k}][{part}]" for k in range(3) for part in range(2)}
    expected = {"slope": hidden, "square": {"[0][0]", "[0][1]"}, "bias": biases}[name.split()[0]]
    assert set(report.blocks) == expected
    assert not checked(wrong, experiment.random_layers(1), experiment.wave(1), directions=1).passed


def test_some_mistakes_hide_from_a_single_example():
    data = experiment.wave(0, 1)
    hidden = {n for n in experiment.MISTAKES if checked(experiment.with_mistake(n), experiment.SMALL, data).passed}
    assert hidden == {"bias averaged over samples", "bias of the first sample"}


def test_the_mystery_is_one_of_the_mistakes():
    data = experiment.wave(0, 5)
    theirs = experiment.mystery(experiment.SMALL, *data)
    for (w, b), (right_w, right_b) in zip(theirs, experiment.gradient(experiment.SMALL, *data), strict=True):
        np.testing.assert_array_equal(w, right_w)
        np.testing.assert_allclose(b, right_b / 5, rtol=1e-14)


def test_other_units_can_stand_in_for_the_sigmoid():
    x, targets = experiment.wave(0, 5)
    z, a = experiment.forward(experiment.SMALL, x, np.tanh)
    np.testing.assert_array_equal(a[1], np.tanh(z[0]))
    np.testing.assert_array_equal(a[-1], z[-1])
    assert experiment.loss(experiment.SMALL, x, targets, np.tanh) == pytest.approx(np.mean((z[-1] - targets) ** 2))


def test_a_wrong_gradient_trains_too():
    right = experiment.losses_in_training(experiment.gradient, steps=80)
    wrong = experiment.losses_in_training(experiment.with_mistake("slope taken at the activation"), steps=80)
    assert right.shape == wrong.shape == (3, 10)
    np.testing.assert_array_equal(right[0], wrong[0])
    assert np.median(right[-1]) < np.median(right[0]) > np.median(wrong[-1])


def test_the_output_layer_alone_leaves_the_others_where_they_are():
    x, targets = experiment.wave(0, 5)
    alone = experiment.output_layer_only(experiment.gradient)(experiment.SMALL, x, targets)
    right = experiment.gradient(experiment.SMALL, x, targets)
    assert not any(np.any(part) for layer in alone[:-1] for part in layer)
    for found, expected in zip(alone[-1], right[-1], strict=True):
        np.testing.assert_array_equal(found, expected)


def test_the_wrong_updates_do_harm():
    """Also for networks and waves that the lesson does not show."""
    bug = experiment.with_mistake("slope taken at the activation")
    frozen = experiment.output_layer_only(experiment.gradient)
    ends = [experiment.losses_in_training(way, first=20)[-1] for way in (bug, frozen)]
    assert np.median(ends[0] - ends[1]) > 0 and np.sum(ends[0] > ends[1]) >= 7


def test_seeds_are_numbered_from_the_first_on():
    both = [experiment.losses_in_training(experiment.gradient, steps=40, first=first) for first in (0, 5)]
    np.testing.assert_array_equal(both[0][:, 5:], both[1][:, :5])
    assert not np.any(both[0][0, :5] == both[1][0, 5:])


def test_the_widget_starts_with_the_example_worked_by_hand():
    said, x, y = both_passes().passes(), np.array([[1.0, 0.5]]), np.array([[1.0]])
    _, a = experiment.forward(experiment.SMALL, x)
    for drawn, computed in zip(said["activations"], a, strict=True):
        np.testing.assert_allclose(drawn, computed[0], rtol=1e-12)
    found = experiment.gradient(experiment.SMALL, x, y)
    for slopes, delta, (weights, bias) in zip(said["gradients"], said["deltas"], found, strict=True):
        np.testing.assert_allclose(slopes, weights, rtol=1e-12)
        np.testing.assert_allclose(delta, bias, rtol=1e-12)


def test_the_two_paths_cancel_where_the_lesson_says():
    widget = both_passes()
    widget.w1 = experiment.cancelling_weight()
    said = widget.passes()
    assert abs(said["gradients"][0][0, 0]) < 1e-15 < 0.1 < np.abs(said["deltas"][1]).min()


@pytest.mark.parametrize(("at_zero", "flows"), [(0, False), (0.5, True), (1, True)])
def test_the_convention_decides_whether_a_black_image_teaches(at_zero, flows):
    sizes = experiment.gradients_of_a_black_image(at_zero, depth=2)
    assert np.all((sizes > 0) == flows)
    z = np.array([-1.0, 0, 1])
    np.testing.assert_array_equal(experiment.ReLUWithSlopeAtZero(at_zero).derivative(z), [0, at_zero, 1])


@pytest.mark.parametrize(("central", "order"), [(True, 2), (False, 1)])
def test_differences_converge_at_their_order(central, order):
    errors = np.median(experiment.difference_errors(np.array([1e-2, 1e-3]), central), axis=1)
    assert errors[0] / errors[1] == pytest.approx(10**order, rel=0.1)
    tiny = np.median(experiment.difference_errors(np.array([1e-12]), central))
    assert tiny > 1e-6


def test_float32_leaves_few_digits_to_a_difference():
    errors = experiment.difference_errors(10.0 ** -np.arange(0, 7), dtype=np.float32)
    assert 1e-6 < np.median(errors, axis=1).min() < 1e-3


@pytest.mark.parametrize(
    ("optimiser", "moves"), [(SGD(0.1), False), (SGD(0.1, momentum=0.9), True), (Adam(0.05), True)]
)
def test_only_memory_moves_a_dead_unit(optimiser, moves):
    run = experiment.after_death(optimiser, later=300)
    assert run.dead.all() and not run.revived.any()
    assert np.all((run.moved > 100) == moves) and (moves or not run.moved.any())


def test_gradients_of_a_unit_that_is_far_out():
    for f, expect_zero in ((ReLU(), True), (Sigmoid(), False)):
        (first,) = experiment.gradients_at(f, bias=-20.0)
        assert all(np.all((g == 0) == expect_zero) for g in first.values())
        assert set(first) == {"weights", "bias"}


def test_no_preactivation_is_exactly_zero_by_chance():
    assert experiment.exact_zeros(depth=2) == (0, 10 * 1437 * 2 * 64)


def test_kinks_are_places_where_the_two_sides_differ():
    table = experiment.kinks()
    assert len(table) == 15 and {k.function for k in table} >= set(experiment.OURS)
    for k in table:
        if k.function not in experiment.OURS:
            assert np.isnan(k.ours)
            continue
        f = experiment.OURS[k.function]()
        left, right = (float(f.derivative(k.place + side * 1e-9)) for side in (-1, 1))
        assert abs(left - right) > 0.1 and min(left, right) - 1e-8 <= k.ours <= max(left, right) + 1e-8
        assert k.ours == pytest.approx(k.torch)
    assert [k.agreed for k in table].count(False) == 5


def test_a_convention_decides_at_a_black_image():
    """All biases 0 and an input of zeros: every preactivation of a ReLU network is exactly 0, and no gradient flows."""
    network = MLP(3, [Dense(4, ReLU()), Dense(4, ReLU()), Dense(1)])
    parameters = network.initialise([np.random.default_rng(0)])
    tape = network.forward(parameters, np.zeros((1, 3)))
    found, _ = network.backward(parameters, tape, np.ones((1, 1, 1)))
    assert all(np.all(layer.preactivations == 0) for layer in tape)
    assert not any(np.any(g) for layer in found[:-1] for g in layer.values())


def test_errors_of_differences_for_the_widget():
    got = experiment.step_sizes()
    assert got["errors"].shape == (2, 2, len(got["places"]), len(got["steps"]))
    best = got["errors"].min(axis=-1)
    assert np.all(best[0] < 1e-6) and np.all(best[0] < best[1])
    at_one = got["places"].tolist().index(1.0)
    assert 1e-5 < best[1, 0, at_one] < 2e-3


def test_the_slopes_of_the_lesson_are_those_of_the_library():
    z = np.linspace(-3, 3, 13)
    np.testing.assert_allclose(experiment.slope(z), activations.Sigmoid().derivative(z), rtol=1e-14)
    np.testing.assert_allclose(experiment.sigma(z), activations.Sigmoid()(z), rtol=1e-14)
