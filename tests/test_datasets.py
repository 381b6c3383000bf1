"""The digits are the published ones, split and scaled as documented; points in the plane lie where they should."""

import numpy as np
import pytest

from nonlinear.datasets import digits, rings, spirals, xor
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


def test_other_splits_divide_the_same_images_otherwise():
    book, other = digits(), digits(split=1)
    assert not np.array_equal(book.test_x, other.test_x)
    assert {row.tobytes() for row in np.vstack([book.x, book.test_x])} == {
        row.tobytes() for row in np.vstack([other.x, other.test_x])
    }


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


PLANE = pytest.mark.parametrize("draw", [xor, rings, spirals])


@PLANE
@pytest.mark.parametrize("samples", [2, 7, 600])
def test_plane_shapes_types_and_balance(draw, samples):
    x, labels = draw(samples, np.random.default_rng(3))
    assert (x.shape, x.dtype, labels.shape, labels.dtype.kind) == ((samples, 2), np.float64, (samples,), "i")
    assert set(labels) == {0, 1} and abs(np.sum(labels == 0) - np.sum(labels == 1)) <= 1


@PLANE
def test_plane_depends_on_the_generator_alone(draw):
    first, again, other = (draw(50, np.random.default_rng(seed))[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert np.all(first != other)


@PLANE
def test_plane_noise_is_a_normal_displacement_of_that_size(draw):
    exact, blurred = (draw(20_000, np.random.default_rng(5), noise)[0] for noise in (0, 0.3))
    shift = blurred - exact
    assert shift.std(axis=0) == pytest.approx([0.3, 0.3], rel=0.03)
    assert abs(shift.mean(axis=0)).max() < 0.01 and abs(np.corrcoef(shift.T)[0, 1]) < 0.03
    assert np.mean(abs(shift) < 0.3) == pytest.approx(0.683, abs=0.01)


@PLANE
def test_plane_without_noise_is_centred_and_within_radius_two(draw):
    x, _ = draw(20_000, np.random.default_rng(6), noise=0)
    assert abs(x.mean(axis=0)).max() < 0.05 and np.hypot(*x.T).max() < 2 + 1e-12


@PLANE
def test_plane_takes_numbers_of_any_type(draw):
    settings = {"turns": 1.1} if draw is spirals else {}
    small = {name: np.float32(value) for name, value in (settings | {"noise": 0.1}).items()}
    plain = {name: float(value) for name, value in small.items()}
    x, labels = draw(np.uint8(200), np.random.default_rng(0), **small)
    again, same = draw(200, np.random.default_rng(0), **plain)
    np.testing.assert_array_equal(x, again)
    assert labels.dtype == same.dtype


def test_digits_are_equal_to_themselves_alone():
    data = digits()
    assert data == data and data != digits()


def test_xor_labels_and_equal_corners():
    x, labels = xor(600, np.random.default_rng(0), noise=0)
    np.testing.assert_array_equal(labels, x[:, 0] * x[:, 1] < 0)
    assert np.unique(x, axis=0, return_counts=True)[1].tolist() == [150] * 4


def test_spirals_are_half_a_turn_apart_and_even_along_the_arm():
    x, labels = spirals(20_000, np.random.default_rng(0), noise=0, turns=1.25)
    radius = np.hypot(*x.T)
    angle = np.unwrap(np.arctan2(x[:, 1], x[:, 0]) - 2 * np.pi * 1.25 * radius / 2 - np.pi * labels)
    assert np.cos(angle) == pytest.approx(1)
    assert np.histogram(radius**2, bins=5, range=(0.2, 4))[0] / 4000 == pytest.approx(1, abs=0.05)


@PLANE
@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"samples": 1}, ValueError, "samples must be a whole number, 2 or more; got 1"),
        ({"samples": 10.0}, ValueError, "samples must be a whole number, 2 or more; got 10.0"),
        ({"generator": 0}, TypeError, r"generator must be a numpy Generator.*default_rng\(0\); got 0"),
        ({"noise": -0.1}, ValueError, r"noise must be a number in \[0, ∞\); got -0.1"),
        ({"noise": np.nan}, ValueError, r"noise must be a number in \[0, ∞\); got nan"),
        ({"noise": [0.1, 0.2]}, ValueError, r"noise must be a number in \[0, ∞\)"),
    ],
)
def test_plane_refuses(draw, changes, error, message):
    with pytest.raises(error, match=message):
        draw(**{"samples": 10, "generator": np.random.default_rng(0), **changes})


@pytest.mark.parametrize("turns", [0, -1, np.inf])
def test_spirals_refuse_turns(turns):
    with pytest.raises(ValueError, match=r"turns must be a number in \(0, ∞\)"):
        spirals(10, np.random.default_rng(0), turns=turns)
