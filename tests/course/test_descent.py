"""One unit that has to come back: counted steps, their limit as an integral, and the formula of a leaky ReLU."""

import numpy as np
import pytest

from nonlinear.activations import ELU, SELU, LeakyReLU, ReLU, Softplus
from nonlinear.course.descent import descent_path, flow_time, recovery_steps


@pytest.mark.parametrize("f", [LeakyReLU(0.01), LeakyReLU(0.1), ELU(), SELU(), Softplus()])
def test_steps_and_flow_agree(f):
    for start in (-3.0, -7.0):
        assert recovery_steps(f, [start])[0] == pytest.approx(flow_time(f, start), rel=0.02, abs=2)


@pytest.mark.parametrize(("slope", "start"), [(0.01, -10.0), (0.1, -10.0), (0.3, -40.0)])
def test_the_time_of_a_leaky_relu_has_a_formula(slope, start):
    expected = np.log1p(slope * -start) / (2 * 0.1 * slope**2)
    assert flow_time(LeakyReLU(slope), start) == pytest.approx(expected, rel=1e-6)
    assert recovery_steps(LeakyReLU(slope), [start])[0] == pytest.approx(expected, rel=0.03)


def test_a_path_has_as_many_steps_as_are_counted():
    (steps,) = recovery_steps(LeakyReLU(0.3), [-5.0])
    walked = descent_path(LeakyReLU(0.3), -5.0, int(steps))
    assert walked[-1] >= 0 > walked[-2]


def test_a_unit_that_is_not_negative_is_back_already():
    assert recovery_steps(ReLU(), [0.0, 2.0, -1.0]).tolist() == [0, 0, np.inf]
