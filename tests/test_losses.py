"""Losses against exact arithmetic, at ordinary and at extreme outputs."""

import numpy as np
import pytest
from mpmath import exp, log, mpf, workprec

from nonlinear.losses import BinaryCrossEntropy, MeanSquaredError, SoftmaxCrossEntropy, unguarded
from oracle.definitions import softmax_row, spacing, ulps

LOSSES = [MeanSquaredError(), BinaryCrossEntropy(), SoftmaxCrossEntropy()]
LOGITS = {
    "ordinary": [[0.3, -1.2, 2.0], [1.0, 1.0, 1.0]],
    "sure": [[50.0, 0.0, -3.0], [-700.0, 0.0, -20.0]],
    "huge": [[1e300, -1e300, 0.0], [1e6, 1e6 + 1, 1e6 - 1]],
    "equal and huge": [[-1e308, -1e308, -1e308], [3e15, 3e15 + 1, 3e15]],
}


@pytest.mark.parametrize("logits", LOGITS.values(), ids=LOGITS)
@pytest.mark.parametrize("target", [0, 1, 2])
def test_cross_entropy_and_its_gradient_keep_their_digits(logits, target):
    outputs = np.array([logits])
    loss, gradient = SoftmaxCrossEntropy()(outputs, np.array([target, 1]))
    with workprec(4000):
        rows = [softmax_row(row) for row in logits]
        exact = -(rows[0][1][target] + rows[1][1][1]) / 2
        slopes = [
            [(p if k != t else -_others(row, k)) / 2 for k, p in enumerate(row)]
            for (row, _), t in zip(rows, (target, 1), strict=True)
        ]
    assert ulps(loss, [exact])[0] <= 6
    for got, truth in zip(gradient[0], slopes, strict=True):
        assert np.all(ulps(got, truth) <= 10), (got, [float(t) for t in truth])


def _others(row, k):
    """Return 1 - row[k] without cancellation."""
    return sum((p for j, p in enumerate(row) if j != k), mpf(0))


PROBABILITIES = [0.0, 1.0, 0.5, 0.25, 1e-9, 1 - 2.0**-24, 0.1, 0.9, 1e-30]
SCORES = np.concatenate(
    [[0.0, 1e-300, -1e-20, 16.6, -16.6, 36.8, 37.5, -37.5, 88, -88, 600, -700, 1e6, -1e30], np.linspace(-30, 30, 41)]
)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("target", PROBABILITIES)
def test_binary_cross_entropy_and_its_gradient_keep_their_digits(target, dtype):
    """Where sigma(z) - y is nearly 0 between two numbers that are not, in units of the larger of the two errors."""
    z = SCORES.astype(dtype)[np.abs(SCORES) < (80 if dtype == np.float32 else np.inf)]
    y = dtype(target)
    for score in z:
        loss, gradient = BinaryCrossEntropy()(np.full((1, 1, 1), score), np.full((1, 1), y))
        with workprec(4000):
            exact_z, exact_y = mpf(float(score)), mpf(float(y))
            yes, no = 1 / (1 + exp(-max(exact_z, -5000))), 1 / (1 + exp(min(exact_z, 5000)))
            exact = -(exact_y * log(yes) if exact_y else 0) - ((1 - exact_y) * log(no) if 1 - exact_y else 0)
            unit = max(spacing(yes - exact_y, dtype), spacing(max(yes * (1 - exact_y), no * exact_y) / 2, dtype))
            off = abs(mpf(float(gradient[0, 0, 0])) - (yes - exact_y)) / unit
        if abs(score) < 5000:
            assert ulps(loss, [exact])[0] <= 4, (score, target)
        assert off <= 4, (score, target, float(off))
        assert np.isfinite(loss[0]) and loss.dtype == gradient.dtype == dtype


def test_the_naive_gradient_would_lose_them():
    _, gradient = BinaryCrossEntropy()(np.full((1, 1, 1), 40.0), [1])
    assert 1 / (1 + np.exp(-40.0)) - 1 == 0 and gradient[0, 0, 0] == pytest.approx(-np.exp(-40.0), rel=1e-15)


@pytest.mark.parametrize(
    "z, y, loss, slope", [(np.inf, 1, 0, 0), (-np.inf, 0, 0, 0), (np.inf, 0, np.inf, 1), (-np.inf, 1, np.inf, -1)]
)
def test_binary_cross_entropy_has_its_limits_at_infinity(z, y, loss, slope):
    value, gradient = BinaryCrossEntropy()(np.full((1, 1, 1), z), [y])
    assert value[0] == loss and gradient[0, 0, 0] == slope
    assert np.isnan(BinaryCrossEntropy()(np.full((1, 1, 1), np.nan), [y])[0][0])


def test_the_forms_that_targets_of_one_output_may_take():
    outputs, labels = np.random.default_rng(0).normal(size=(3, 4, 1)), np.array([0, 1, 1, 0])
    forms = [labels, labels[:, None], labels.tolist(), labels == 1, labels.astype(np.float32), np.tile(labels, (3, 1))]
    forms += [np.broadcast_to(labels[:, None], (3, 4, 1))]
    first, *others = [BinaryCrossEntropy()(outputs, form) for form in forms]
    for value, gradient in others:
        np.testing.assert_array_equal(value, first[0])
        np.testing.assert_array_equal(gradient, first[1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("own", [False, True], ids=["shared targets", "own targets"])
@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_members_are_never_mixed(loss, own, dtype):
    random = np.random.default_rng(0)
    outputs = random.normal(size=(4, 6, 3)).astype(dtype)
    shape = (4, 6) if own else (6,)
    classes = isinstance(loss, SoftmaxCrossEntropy)
    targets = random.integers(0, 3, shape) if classes else random.random(size=(*shape, 3))
    values, gradient = loss(outputs, targets)
    assert values.shape == (4,) and gradient.shape == outputs.shape
    assert values.dtype == gradient.dtype == dtype
    for k in range(4):
        alone, slope = loss(outputs[k : k + 1], targets[k : k + 1] if own else targets)
        assert alone[0] == values[k]
        np.testing.assert_array_equal(slope[0], gradient[k])


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_gradient_is_the_slope_of_the_loss(loss):
    random = np.random.default_rng(1)
    outputs = random.normal(size=(2, 5, 3))
    targets = np.array([0, 2, 1, 1, 0]) if isinstance(loss, SoftmaxCrossEntropy) else random.random(size=(5, 3))
    _, gradient = loss(outputs, targets)
    h = 1e-6
    for i, j in np.ndindex(5, 3):
        shift = np.zeros((5, 3))
        shift[i, j] = h
        slope = (loss(outputs + shift, targets)[0] - loss(outputs - shift, targets)[0]) / (2 * h)
        np.testing.assert_allclose(gradient[:, i, j], slope, atol=1e-9)


def test_mean_squared_error_by_hand():
    loss, gradient = MeanSquaredError()(np.array([[[1.0, 2.0], [3.0, 5.0]]]), np.array([[1, 0], [0, 1]]))
    assert loss.tolist() == [(0 + 4 + 9 + 16) / 4] and gradient.tolist() == [[[0, 1], [1.5, 2]]]


class Halved(MeanSquaredError):
    """A loss of a reader's own, which asks one of these."""

    def __call__(self, outputs, targets):
        return tuple(each / 2 for each in super().__call__(outputs, targets))


@pytest.mark.parametrize("loss", [*LOSSES, Halved(), lambda outputs, targets: (outputs[:, 0, 0], outputs)])
def test_the_way_around_the_checks_computes_the_same(loss):
    outputs, targets = np.random.default_rng(0).normal(size=(2, 3, 4)), np.array([0, 1, 3])
    targets = targets if isinstance(loss, SoftmaxCrossEntropy) else np.eye(4)[targets]
    for direct, around in zip(loss(outputs, targets), unguarded(loss)(outputs, targets), strict=True):
        np.testing.assert_array_equal(around, direct)
    own = not type(loss).__module__.startswith("nonlinear")
    assert (unguarded(loss) is loss) == own


OUT = np.zeros((2, 3, 4))
REFUSED = [
    (
        MeanSquaredError(),
        np.zeros((3, 1)),
        ValueError,
        r"targets must have shape \(3, 4\) or \(2, 3, 4\); got \(3, 1\)",
    ),
    (MeanSquaredError(), np.zeros((5, 3, 4)), ValueError, r"targets must have shape .*; got \(5, 3, 4\)"),
    (MeanSquaredError(), np.zeros((3, 4)) * 1j, TypeError, "targets must hold real numbers.*complex128"),
    (BinaryCrossEntropy(), np.full((3, 4), 1.5), ValueError, r"targets must lie in \[0, 1\].*labels 0 and 1; got 1.5"),
    (BinaryCrossEntropy(), np.full((3, 4), np.nan), ValueError, r"targets must lie in \[0, 1\].*got nan"),
    (BinaryCrossEntropy(), np.pad([[1.5, 2.5]], (0, 2)), ValueError, r"targets must lie in \[0, 1\].*; got 1.5"),
    (BinaryCrossEntropy(), np.full((3, 4), -1), ValueError, r"targets must lie in \[0, 1\].*got -1.0"),
    (BinaryCrossEntropy(), np.zeros(3), ValueError, r"targets must have shape \(3, 4\) or \(2, 3, 4\); got \(3,\)"),
    (SoftmaxCrossEntropy(), np.zeros(3), ValueError, r"targets must be class numbers \(integers\).*got float64"),
    (SoftmaxCrossEntropy(), np.zeros(3, bool), ValueError, "targets must be class numbers.*got bool"),
    (
        SoftmaxCrossEntropy(),
        np.eye(3, 4, dtype=int),
        ValueError,
        r"of shape \(3,\) or \(2, 3\).*got int64 of shape \(3, 4\)",
    ),
    (SoftmaxCrossEntropy(), [0, 4, 1], ValueError, r"targets must lie in 0\.\.3, one output a class; got 0\.\.4"),
    (SoftmaxCrossEntropy(), [0, -1, 1], ValueError, r"targets must lie in 0\.\.3.*got -1\.\.1"),
]


@pytest.mark.parametrize("loss, targets, error, message", REFUSED, ids=[m[:50] for *_, m in REFUSED])
def test_bad_targets_are_refused(loss, targets, error, message):
    with pytest.raises(error, match=message):
        loss(OUT, targets)


def test_one_output_is_no_choice_between_classes():
    with pytest.raises(ValueError, match=r"outputs must have a column for each class, two or more; .*\(2, 3, 1\)"):
        SoftmaxCrossEntropy()(np.zeros((2, 3, 1)), np.zeros(3, int))


NOT_REAL = {
    "complex": np.full((2, 3, 1), 1j),
    "object": np.full((2, 3, 1), None),
    "string": np.full((2, 3, 1), "a"),
    "masked": np.ma.masked_equal(np.ones((2, 3, 1)), 1),
}


@pytest.mark.parametrize("bad", NOT_REAL.values(), ids=NOT_REAL)
@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_what_is_not_a_real_number_is_refused(loss, bad):
    with pytest.raises(TypeError, match="^outputs (must hold real numbers|is a masked array)"):
        loss(bad, np.zeros((3, 1)))
    with pytest.raises((TypeError, ValueError), match="^targets (must |is a masked array)"):
        loss(np.zeros((2, 3, 1)), bad[0, :, 0] if isinstance(loss, SoftmaxCrossEntropy) else bad[0])


@pytest.mark.parametrize("shape", [(), (3,), (3, 1), (2, 0, 1), (2, 3, 0), (1, 2, 3, 1)])
@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_outputs_have_three_axes_and_a_sample(loss, shape):
    with pytest.raises(
        ValueError, match=r"outputs must have shape \(members, samples, units\), with at least one sample"
    ):
        loss(np.zeros(shape), np.zeros(shape[1:], int))


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_arrays_of_any_make_are_taken(loss):
    outputs, classes = np.random.default_rng(2).normal(size=(2, 3, 4)), isinstance(loss, SoftmaxCrossEntropy)
    targets = np.array([0, 1, 3]) if classes else np.random.default_rng(3).random((3, 4))
    value, gradient = loss(outputs, targets)
    frozen = outputs.copy()
    frozen.flags.writeable = False
    wide = np.repeat(outputs, 2, axis=-1)[..., ::2]
    for form in (frozen, wide, np.asfortranarray(outputs), outputs.tolist()):
        again, slope = loss(form, targets.tolist())
        np.testing.assert_allclose(again, value, rtol=1e-15)
        np.testing.assert_array_equal(slope, gradient)
    nobody = loss(np.zeros((0, 3, 4)), targets)
    assert nobody[0].shape == (0,) and nobody[1].shape == (0, 3, 4)


BEYOND = {
    "yes or no": (BinaryCrossEntropy(), np.ones((7, 1)), np.zeros(7)),
    "one of two": (SoftmaxCrossEntropy(), np.tile([1.0, 0.0], (7, 1)), np.ones(7, int)),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("loss, outputs, targets", BEYOND.values(), ids=BEYOND)
def test_a_mean_is_right_where_the_sum_is_too_large(loss, outputs, targets, dtype):
    large = (outputs * (0.9 * np.finfo(dtype).max)).astype(dtype)
    others = np.random.default_rng(0).normal(size=(50, *outputs.shape)).astype(dtype)
    together, _ = loss(np.concatenate([large[None], others, large[None]]), targets)
    assert together.dtype == dtype
    np.testing.assert_allclose(together[[0, -1]], large.max(), rtol=4 * np.finfo(dtype).eps)
    np.testing.assert_array_equal(together[1:-1], loss(others, targets)[0])


ODD = [np.inf, -np.inf, np.nan, 1.0]


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_nan_and_infinity_are_taken_without_a_warning(loss):
    outputs = np.array([[[a], [b]] for a in ODD for b in ODD])
    if isinstance(loss, SoftmaxCrossEntropy):
        outputs, targets = np.concatenate([outputs, np.ones_like(outputs)], axis=-1), [[0, 1]]
    else:
        targets = [[[0.0], [1.0]]] if isinstance(loss, BinaryCrossEntropy) else [[[t], [1.0]] for t in ODD]
    for each in targets:
        losses, gradient = loss(outputs, each)
        assert losses.shape == (16,) and gradient.shape == outputs.shape
        np.testing.assert_array_equal(np.isnan(losses[[2, 6, 8, 9, 10, 11, 14]]), True)


def test_an_infinity_that_was_asked_for_is_no_number():
    assert np.isnan(MeanSquaredError()([[[np.inf]]], [[np.inf]])[0])


def test_an_error_beyond_all_bounds_is_infinite():
    assert MeanSquaredError()(np.full((1, 1, 1), 1e200), [[0.0]])[0][0] == np.inf
    assert MeanSquaredError()(np.full((1, 1, 1), 1.5e308), [[0.0]])[1][0, 0, 0] == np.inf


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(6, 1000, 10), (6, 9000, 1), (6, 33, 2)])
def test_the_loss_of_a_member_does_not_depend_on_the_others(shape, dtype):
    outputs = np.random.default_rng(0).normal(size=shape).astype(dtype)
    together, _ = MeanSquaredError()(outputs, np.zeros(shape[1:]))
    alone = [MeanSquaredError()(outputs[k : k + 1], np.zeros(shape[1:]))[0][0] for k in range(6)]
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_allclose(together, np.mean(outputs.astype(float) ** 2, axis=(1, 2)), rtol=3 * np.finfo(dtype).eps)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_half_precision_of_more_numbers_than_it_can_count(loss):
    """A float16 ends at 65,504."""
    outputs = np.full((1, 70000, 2), 1.0, np.float16)
    targets = np.zeros(70000, int) if isinstance(loss, SoftmaxCrossEntropy) else np.zeros((70000, 2))
    value, gradient = loss(outputs, targets)
    exact, slope = loss(outputs.astype(float), targets)
    assert value.dtype == gradient.dtype == np.float16
    np.testing.assert_array_equal(value, exact.astype(np.float16))
    np.testing.assert_array_equal(gradient, slope.astype(np.float16))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_nothing_is_raised_where_numpy_is_told_to_raise(loss, dtype):
    outputs = np.array([[[1e-4, 300.0], [-300.0, 1e-7]]], dtype) * (1 if dtype == np.float16 else dtype(2e35))
    targets = np.zeros(2, int) if isinstance(loss, SoftmaxCrossEntropy) else np.zeros((2, 2))
    with np.errstate(all="ignore"):
        expected = loss(outputs, targets)
    with np.errstate(all="raise"):
        for found, wanted in zip(loss(outputs, targets), expected, strict=True):
            np.testing.assert_array_equal(found, wanted)
