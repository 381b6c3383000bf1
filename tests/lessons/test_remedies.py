"""The remedies: what is exact about one unit and about units at birth, and that stored results are repeated."""

import re

import numpy as np
import pytest

from nonlinear.activations import GELU, LeakyReLU, ReLU, RReLU, SiLU
from nonlinear.clipping import Clipped
from nonlinear.course.classifier import classifier
from nonlinear.course.descent import descent_step, recovery_steps
from nonlinear.datasets import digits
from nonlinear.lessons.remedies import experiment, widgets
from nonlinear.network import spawn
from nonlinear.optimisers import SGD

# One unit


@pytest.mark.parametrize("f", [SiLU(), GELU()])
def test_left_of_the_bottom_every_step_leads_down(f):
    edge = experiment.bottom(f)
    assert np.all(descent_step(f, np.linspace(-30, edge - 1e-6, 5000)) <= 0)
    assert np.all(descent_step(f, np.linspace(edge + 1e-6, 0, 5000)) > 0)
    assert np.isinf(recovery_steps(f, [edge - 0.01])[0]) and np.isfinite(recovery_steps(f, [edge + 0.01])[0])


# Dead at birth


def test_off_centre_keeps_the_spread():
    x = digits("unit").x
    for gamma in (0.0, 0.5, 4.0):
        moved = experiment.off_centre(x, gamma)
        assert experiment.severity(moved) == pytest.approx(gamma, abs=1e-12)
        np.testing.assert_allclose(moved.std(axis=0), x.std(axis=0), atol=1e-12)


def test_the_law_is_that_of_normal_numbers():
    rng = np.random.default_rng(7)
    x = experiment.off_centre(rng.normal(size=(1000, 64)) + 1, 4.0)
    measured = experiment.dead_at_birth(x, units=200)
    assert measured.shape == (2, 10)
    assert measured.mean() == pytest.approx(experiment.expected_dead(4.0, 1000), abs=0.02)


# The remedies


def test_functions_have_the_parameter_that_their_names_say():
    challengers = {name: f for name, (f, _) in experiment.CHALLENGERS.items()}
    for name, f in [*experiment.SUNK.items(), *challengers.items()]:
        said = [float(number) for number in re.findall(r"\d[\d.]*$", name)] or [0.25] * name.startswith("PReLU")
        assert [*vars(f).values()][: len(said)] == said, name


def test_random_slopes_are_drawn_anew_and_within_their_limits():
    network, x = classifier(RReLU(), depth=1), digits("unit").x[:5]
    moving = experiment.RandomSlopes(network.inputs, network.layers, spawn(1, 2))
    parameters = network.initialise(spawn(0, 2))
    one, other = (moving.forward(parameters, x)[0] for _ in range(2))
    left = one.preactivations < 0
    slopes = one.outputs[left] / one.preactivations[left]
    assert slopes.min() >= 1 / 8 - 1e-12 and slopes.max() <= 1 / 3 + 1e-12 and slopes.std() > 0.03
    assert np.all(one.outputs[left] != other.outputs[left])
    np.testing.assert_array_equal(one.outputs[~left], other.outputs[~left])


def test_random_slopes_carry_the_gradient_of_what_was_drawn():
    network, data = classifier(RReLU(), depth=2), digits("unit")
    moving = experiment.RandomSlopes(network.inputs, network.layers, spawn(1, 1))
    parameters = network.initialise(spawn(0, 1))
    tape = moving.forward(parameters, data.x[:4])
    _, deltas = moving.backward(parameters, tape, np.ones_like(tape[-1].outputs))
    back = np.ones_like(tape[-1].outputs) @ parameters[-1]["weights"].mT
    np.testing.assert_allclose(deltas[1], back * tape[1].activation.derivative(tape[1].preactivations))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plain ReLU", SGD(0.7)),
        ("a tenth of the rate", SGD(0.1 * 0.7)),
        ("clipping", Clipped(SGD(0.7), 1.0)),
    ],
)
def test_a_remedy_makes_its_optimiser(name, expected):
    assert experiment.REMEDIES[name].optimiser(0.7) == expected


def test_a_warm_up_rises_to_the_full_rate():
    schedule = experiment.REMEDIES["warm-up"].optimiser(0.7).schedule
    assert schedule(0) < 0.01 and schedule(224) == schedule(900) == 1


def test_sunk_units_begin_where_they_are_put():
    network = classifier(ReLU())
    start = experiment.sink(-4.0)(network.initialise(spawn(0, 2)))
    assert np.all(start[0]["bias"] == -4) and not np.any(start[1]["bias"])


def test_the_larger_of_two_lines_is_the_function_up_to_a_slope_of_1():
    network, data = classifier(LeakyReLU(0.25), depth=2, learn=("negative_slope",)), digits("unit")
    parameters = network.initialise(spawn(0, 2))
    same = experiment.with_largest(network, parameters, data.x[:9])
    np.testing.assert_allclose(same, network.predict(parameters, data.x[:9]), atol=1e-12)
    steep = tuple({**layer, "negative_slope": layer["negative_slope"] + 1} for layer in parameters[:-1])
    other = experiment.with_largest(network, (*steep, parameters[-1]), data.x[:9])
    assert np.abs(other - network.predict((*steep, parameters[-1]), data.x[:9])).max() > 0.1


# Stored results


@pytest.mark.parametrize(("remedy", "rate"), [("plain ReLU", 1.0), ("centred inputs", 1.0)])
def test_a_stored_cell_is_repeated_in_the_mean_at_high_rates(remedy, rate):
    dead, right, _ = experiment._race_cell(remedy, rate)
    race = experiment.stored_race()
    assert dead.mean() / 64 == pytest.approx(race.of(race.flat, remedy, rate).mean(), abs=0.12)
    assert right.mean() / 360 == pytest.approx(race.of(race.accuracy, remedy, rate).mean(), abs=0.12)


def test_the_widgets_are_small():
    for widget in (widgets.way_back(), widgets.forest_by_rate(experiment.stored_race())):
        assert len(widget.data) < 60_000
