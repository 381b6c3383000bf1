"""Mean and spread from layer to layer, against samples and against networks."""

import numpy as np
import pytest

from nonlinear.activations import ELU, SELU, ReLU, Sigmoid, Tanh
from nonlinear.course import mean_field

FUNCTIONS = [SELU(), ELU(0.5), ReLU(), Tanh(), Sigmoid()]


@pytest.mark.parametrize("f", FUNCTIONS, ids=repr)
@pytest.mark.parametrize(("mean", "spread", "gain"), [(0.0, 1.0, 1.0), (3.0, 0.5, 0.7), (-5.0, 10.0, 1.3)])
def test_one_layer_on(f, mean, spread, gain):
    a = f(gain * np.hypot(mean, spread) * np.random.default_rng(0).normal(size=1_000_000))
    assert mean_field.next_moments(f, mean, spread, gain) == pytest.approx((a.mean(), a.std()), rel=0.01, abs=0.02)


def test_layers_follow_one_another():
    rows = mean_field.through(SELU(), 2.0, 3.0, 1.1, depth=3)
    assert rows.shape == (4, 2) and rows[0].tolist() == [2, 3]
    for before, after in zip(rows[:-1], rows[1:], strict=True):
        assert mean_field.next_moments(SELU(), *before, 1.1) == tuple(after)


def test_the_variance_of_selu_finds_back_as_its_authors_say():
    """Klambauer et al. (2017), equation 6: the derivatives by the variance, at mean 0 and variance 1."""
    step = 1e-4
    (mean, spread), (less, narrower) = (mean_field.next_moments(SELU(), 0.0, (1 + h) ** 0.5) for h in (step, -step))
    found = (mean - less) / (2 * step), (spread**2 - narrower**2) / (2 * step)
    assert found == pytest.approx((0.088834, 0.782648), abs=2e-6)
