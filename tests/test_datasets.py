"""The digits are the published ones, split and scaled as the docstring says."""

import numpy as np
import pytest

from nonlinear.datasets import digits
from nonlinear.datasets.digits import load_raw

SCALINGS = ("unit", "centred", "standardised")


def test_equal_to_the_copy_in_scikit_learn():
    datasets = pytest.importorskip("sklearn.datasets", reason="the reference copy comes with scikit-learn")
    reference = datasets.load_digits()
    pixels, labels = load_raw()
    np.testing.assert_array_equal(pixels, reference.data)
    np.testing.assert_array_equal(labels, reference.target)
    assert pixels.dtype == np.float64 and labels.dtype == np.int64


@pytest.mark.parametrize("scaling", SCALINGS)
def test_the_split_is_disjoint_complete_and_the_same_every_time(scaling):
    data, again = digits(scaling), digits(scaling)
    assert data.x.shape == (1437, 64) and data.test_x.shape == (360, 64)
    for name in ("x", "labels", "test_x", "test_labels", "mean"):
        np.testing.assert_array_equal(getattr(data, name), getattr(again, name))
    pixels, labels = load_raw()
    scale = 16 * (digits("unit").x - data.mean).std() if scaling == "standardised" else 16
    shift = 0 if scaling == "unit" else data.mean / (scale / 16)
    ours = np.concatenate([data.x + shift, data.test_x + shift]) * scale
    rows = np.column_stack([np.rint(ours), [*data.labels, *data.test_labels]])
    np.testing.assert_allclose(ours, rows[:, :-1], atol=1e-9)
    assert sorted(map(tuple, rows)) == sorted(map(tuple, np.column_stack([pixels, labels])))
    assert np.bincount(data.labels).min() > 100 and np.bincount(data.test_labels).min() > 20


def test_the_scalings():
    unit, centred, standardised = map(digits, SCALINGS)
    assert unit.x.min() == 0 and unit.x.max() == 1
    np.testing.assert_allclose(unit.mean, unit.x.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(centred.x, unit.x - unit.x.mean(axis=0), atol=1e-15)
    np.testing.assert_allclose(centred.test_x, unit.test_x - unit.x.mean(axis=0), atol=1e-15)
    np.testing.assert_allclose(centred.x.mean(axis=0), 0, atol=1e-14)
    assert standardised.x.std() == pytest.approx(1, rel=1e-13) and abs(standardised.x.mean()) < 1e-14
    np.testing.assert_allclose(standardised.test_x * centred.x.std(), centred.test_x, atol=1e-13)


@pytest.mark.parametrize("scaling", ["centered", "", None, 1])
def test_unknown_scalings_are_refused(scaling):
    with pytest.raises(ValueError, match=f"scaling must be one of unit, centred, standardised; got {scaling!r}"):
        digits(scaling)
