"""The measurement of costs: what is exact about it, and that the formulas are those of the library."""

import numpy as np
import pytest

from nonlinear.activations import ELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh
from nonlinear.lessons.is_exp_expensive import experiment

FUNCTIONS = {
    "ReLU": ReLU(),
    "leaky ReLU": LeakyReLU(0.01),
    "sigmoid": Sigmoid(),
    "tanh": Tanh(),
    "SiLU": SiLU(),
    "softplus": Softplus(),
    "ELU": ELU(),
    "ELU by where": ELU(),
    "ELU by mask": ELU(),
}
Z = np.linspace(-6, 6, 25) + 0.01


@pytest.mark.parametrize("dtype", experiment.DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_textbooks_formula_is_the_function_and_its_slope_and_keeps_the_type(name, dtype):
    formula, f, z = experiment.FORMULAS[name], FUNCTIONS[name], Z.astype(dtype)
    a = formula.value(z)
    rough = 1e-5 if dtype == "float32" else 1e-12
    np.testing.assert_allclose(a, f(z), rtol=rough, atol=rough)
    np.testing.assert_allclose(formula.slope(z, a), f.derivative(z), rtol=rough, atol=rough)
    assert a.dtype == dtype and (z * formula.slope(z, a)).dtype == dtype


def test_only_the_exponential_is_measured_beside_the_functions():
    assert set(experiment.FORMULAS) == {*FUNCTIONS, "exp"}
    assert set(experiment.BY_LAYER) <= set(FUNCTIONS) and set(experiment.ELUS) <= set(FUNCTIONS)


def test_a_layers_step_gives_the_gradients_of_weights_and_inputs():
    formula = experiment.FORMULAS["tanh"]
    of_weights, of_inputs = experiment.layer_step(formula, "float64", 8)()
    x, upstream = (experiment.draw("float64", experiment.SAMPLES, 8) for _ in range(2))
    weights = experiment.draw("float64", 8, 8) / np.sqrt(8)
    loss = lambda w, x: np.sum(upstream * np.tanh(x @ w))  # noqa: E731
    step = np.zeros((8, 8))
    step[2, 3] = 1e-6
    assert (loss(weights + step, x) - loss(weights - step, x)) / 2e-6 == pytest.approx(of_weights[2, 3], rel=1e-6)
    step = np.zeros_like(x)
    step[5, 4] = 1e-6
    assert (loss(weights, x + step) - loss(weights, x - step)) / 2e-6 == pytest.approx(of_inputs[5, 4], rel=1e-6)


def test_a_measurement_has_a_time_for_every_task_and_round_and_survives_being_packed():
    costs = experiment.measure(rounds=2, widths=(4, 8), least=1e-5)
    assert costs.numbers.keys() == experiment.stored().numbers.keys()
    assert {key[2] for key in costs.layers} == {4, 8} and len(costs.layers) == 2 * 2 * len(experiment.BY_LAYER)
    times = [*costs.numbers.values(), *costs.layers.values(), *costs.plain.values()]
    assert all(each.shape == (2,) and np.all(each > 0) for each in times)
    again = experiment.unpack(experiment.pack(costs))
    assert again.machine == costs.machine and again.layers.keys() == costs.layers.keys()
    np.testing.assert_allclose(again.numbers["tanh", "float32"], costs.numbers["tanh", "float32"], rtol=0.01)


def test_a_call_is_repeated_until_it_has_taken_long_enough():
    calls = []
    assert experiment.seconds(lambda: calls.append(sum(range(100))), least=0.001) * len(calls) >= 0.001
    assert len(calls) > 10


@pytest.mark.parametrize("most, width", [(3.0, 4), (1.5, 16), (1.05, None)])
def test_the_narrowest_width_is_the_one_after_which_no_wider_one_costs_more(most, width):
    times = {4: 2.0, 8: 3.0, 16: 1.1}
    layers = {("ELU", "float64", n): np.array([t]) for n, t in times.items()}
    layers |= {("ReLU", "float64", n): np.array([1.0]) for n in times}
    costs = experiment.Costs("a machine", {}, layers, {})
    assert experiment.narrowest(costs, "ELU", "float64", most) == width


def test_the_command_wants_one_thread(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    with pytest.raises(SystemExit, match="set OPENBLAS_NUM_THREADS=1"):
        experiment.main()
