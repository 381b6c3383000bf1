"""A memory cell over time."""

import numpy as np
import pytest

from nonlinear.course.memory import remember


def test_the_cell_is_that_of_the_recursion_and_what_is_kept_its_slope():
    rng = np.random.default_rng(1)
    f, i, g = rng.normal(size=(3, 20, 5))
    c, (cells, kept) = 0.0, remember(f, i, g)
    for t in range(20):
        c = f[t] * c + i[t] * g[t]
        np.testing.assert_allclose(cells[t], c)
    nudged = i.copy()
    nudged[0] += 1 / g[0]  # c_1 is 1 more, and the recursion linear
    slope = remember(f, nudged, g)[0][-1] - cells[-1]
    np.testing.assert_allclose(slope, kept[-1] / f[0], atol=1e-12)


@pytest.mark.parametrize("low", [0, -1])
def test_gates_in_the_unit_interval_gain_at_most_one_a_step(low):
    rng = np.random.default_rng(2)
    f, i, g = rng.uniform(low, 1, (100, 50)), rng.uniform(low, 1, (100, 50)), rng.uniform(-1, 1, (100, 50))
    cells, kept = remember(f, i, g)
    assert np.all(np.abs(cells) <= np.arange(1, 101)[:, None]) and np.all(np.abs(kept) <= 1)
    np.testing.assert_array_equal(remember(np.ones(100), np.ones(100))[0], np.arange(1, 101))  # and may do so
