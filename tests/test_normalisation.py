"""Normalisations against their definitions, their pullbacks against central differences."""

import numpy as np
import pytest

from nonlinear.normalisation import BatchNorm, FixedNorm, LayerNorm

NORMS = {
    "batch": BatchNorm(),
    "batch, large epsilon": BatchNorm(0.5),
    "layer": LayerNorm(),
    "fixed": FixedNorm(np.full((2, 1, 3), 0.3), np.full((2, 1, 3), 1.7)),
}
each_norm = pytest.mark.parametrize("norm", NORMS.values(), ids=NORMS)


def by_hand(norm, z):
    """Normalise one number after another, in plain loops."""
    out = np.empty_like(z)
    for m, i, j in np.ndindex(z.shape):
        if isinstance(norm, FixedNorm):
            mean, deviation = norm.mean[m, 0, j], norm.deviation[m, 0, j]
        else:
            group = list(z[m, :, j] if isinstance(norm, BatchNorm) else z[m, i, :])
            mean = sum(group) / len(group)
            deviation = (sum((v - mean) ** 2 for v in group) / len(group) + norm.epsilon) ** 0.5
        out[m, i, j] = (z[m, i, j] - mean) / deviation
    return out


@each_norm
def test_values_follow_the_definition(norm):
    z = np.random.default_rng(0).normal(size=(2, 5, 3)) * [1, 10, 0.1] + 3
    seen = norm(z)
    np.testing.assert_allclose(seen.values, by_hand(norm, z), rtol=1e-12)
    np.testing.assert_allclose((z - seen.mean) / seen.deviation, seen.values, rtol=1e-14)
    assert {a.dtype for a in norm(z.astype(np.float32))} == {np.dtype(np.float32)}


@each_norm
def test_the_pullback_is_the_transposed_derivative(norm):
    random = np.random.default_rng(1)
    z, upstream = random.normal(size=(2, 2, 5, 3))
    pulled, h = norm.pullback(norm(z), upstream), 1e-6
    for where in np.ndindex(z.shape):
        moved = [by_hand(norm, z + s * h * (np.indices(z.shape) == np.reshape(where, (3, 1, 1, 1))).all(axis=0))
                 for s in (1, -1)]  # fmt: skip
        assert pulled[where] == pytest.approx(((moved[0] - moved[1]) * upstream).sum() / (2 * h), abs=1e-8)


def test_a_column_that_never_changes_becomes_zero():
    z = np.full((1, 4, 2), 7.0)
    for norm in (BatchNorm(), LayerNorm()):
        seen = norm(z)
        assert not seen.values.any() and not norm.pullback(seen, z).any()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("number", [1000.1, 0.7, 1e-5, 3.3e4])
@pytest.mark.parametrize("norm, axis", [(BatchNorm(), -2), (LayerNorm(), -1)], ids=["batch", "layer"])
def test_equal_numbers_become_exactly_zero(norm, axis, number, dtype):
    """Their mean is rounded, and the error would be blown up by the small deviation."""
    for length in (3, 100, 1001, 20000):
        z = np.full((1, length, 3) if axis == -2 else (1, 3, length), number, dtype)
        seen = norm(z)
        assert not seen.values.any() and not norm.pullback(seen, z).any()
        assert {a.dtype for a in (*seen, norm.pullback(seen, z))} == {np.dtype(dtype)}


@pytest.mark.parametrize("dtype, number", [(np.float32, 1e30), (np.float64, 1e300)])
@pytest.mark.parametrize("norm", [BatchNorm(), LayerNorm()], ids=repr)
def test_equal_numbers_become_zero_though_the_square_of_their_rounding_overflows(norm, number, dtype):
    z = np.full((1, 7, 7), number, dtype)
    assert not norm(z).values.any()


@each_norm
def test_lists_and_whole_numbers_are_taken_as_floats(norm):
    z = np.random.default_rng(3).integers(-9, 9, size=(2, 5, 3))
    for same in (z, z.tolist()):
        seen = norm(same)
        np.testing.assert_array_equal(seen.values, norm(z.astype(float)).values)
        np.testing.assert_array_equal(norm.pullback(seen, same), norm.pullback(seen, z.astype(float)))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("size", [1e-300, 1e300])
def test_fixed_statistics_raise_nothing_where_numpy_is_told_to_raise(size, dtype):
    norm, z = FixedNorm(np.full((1, 1, 1), 1e-300), np.full((1, 1, 1), size)), np.full((1, 2, 1), 1e-5, dtype)
    with np.errstate(all="raise"):
        seen = norm(z)
        norm.pullback(seen, z)


@pytest.mark.parametrize("norm", [BatchNorm(), LayerNorm()], ids=repr)
def test_equal_numbers_beside_others_become_exactly_zero(norm):
    z = np.random.default_rng(0).normal(size=(3, 100, 100))
    z[1] = 1000.1
    seen = norm(z)
    assert not seen.values[1].any() and not norm.pullback(seen, z)[1].any()
    np.testing.assert_array_equal(seen.values[[0, 2]], norm(z[[0, 2]]).values)


def test_a_member_without_statistics_gives_nothing_and_disturbs_no_other():
    one = np.ones((1, 1, 3))
    norm = FixedNorm(np.concatenate([one, np.nan * one]), np.concatenate([2 * one, np.nan * one]))
    values = norm(np.full((2, 4, 3), 5.0)).values
    assert np.all(values[0] == 2) and np.all(np.isnan(values[1]))


def test_a_small_spread_beside_a_large_mean_keeps_its_digits():
    """Numbers that a float32 holds exactly, around 1000."""
    z = (1000 + np.random.default_rng(0).integers(-64, 64, (2, 999, 3)) / 2.0**14).astype(np.float32)
    for norm in (BatchNorm(), BatchNorm(1e-12)):
        exact, seen = norm(z.astype(float)), norm(z)
        np.testing.assert_allclose(seen.values, exact.values, atol=3e-5)
        back = norm.pullback(seen, z[::-1]), norm.pullback(exact, z[::-1].astype(float))
        np.testing.assert_allclose(back[0], back[1], atol=3e-5 * np.abs(back[1]).max())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("norm", [BatchNorm(1e-30), LayerNorm(1e-30)], ids=repr)
def test_numbers_whose_squares_overflow_are_normalised(norm, dtype):
    z = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(dtype)
    size = dtype(2.0 ** (100 if dtype == np.float32 else 600))
    with np.errstate(all="raise"):
        np.testing.assert_allclose(norm(z * size).values, norm(z).values, rtol=1e-4)
        some = np.concatenate([z[:1] * size, z[1:]])
        np.testing.assert_allclose(norm(some).values, norm(z).values, rtol=1e-4)


def test_an_epsilon_too_small_for_the_type_still_keeps_equal_numbers_from_nan():
    assert not BatchNorm(1e-60)(np.ones((1, 4, 2), np.float32)).values.any()


def test_settings_are_plain_numbers_and_compare_by_value():
    assert type(BatchNorm(np.float16(0.5)).epsilon) is float and BatchNorm().epsilon == LayerNorm().epsilon == 1e-5
    one, two = (FixedNorm(np.zeros((2, 1, 3)), np.full((2, 1, 3), size)) for size in (1.0, 2.0))
    assert one == FixedNorm(one.mean.copy(), one.deviation.copy()) != two
    diverged = [FixedNorm(np.full((1, 1, 3), np.nan), np.ones((1, 1, 3))) for _ in range(2)]
    assert diverged[0] == diverged[1] != one


REFUSED = [
    (lambda: BatchNorm()(np.ones((3, 0, 2))), "got a batch of 0. Choose a batch size"),
    (lambda: BatchNorm(0), r"epsilon must be a number in \(0, ∞\); got 0"),
    (lambda: LayerNorm(np.nan), r"epsilon must be a number in \(0, ∞\); got nan"),
    (lambda: FixedNorm(np.array([np.inf]), np.array([1.0])), "mean must be finite; got inf"),
    (lambda: BatchNorm(np.array([0.1])), r"epsilon must be a number in \(0, ∞\); got array"),
    (lambda: FixedNorm(np.array([0.0]), np.array([0.0])), "deviation must be positive and finite"),
    (lambda: FixedNorm(1, 2), r"must both have the shape \(members, 1, columns\).*; got \(\) and \(\)"),
    (lambda: FixedNorm(np.zeros((2, 1, 3)), np.ones((2, 1, 1))), r"got \(2, 1, 3\) and \(2, 1, 1\)"),
    (lambda: FixedNorm(np.zeros((2, 5, 3)), np.ones((2, 5, 3))), r"got \(2, 5, 3\) and \(2, 5, 3\)"),
    (lambda: BatchNorm()(np.ones((3, 1, 2))), "a batch of 1. Choose a batch size that leaves no single sample"),
    (lambda: NORMS["fixed"](np.ones((3, 4, 3))), "those of 2 members, the parameters those of 3"),
]


@pytest.mark.parametrize("call, message", REFUSED, ids=[m[:45] for _, m in REFUSED])
def test_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
