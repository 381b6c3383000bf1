"""Losses against exact arithmetic, at ordinary and at extreme outputs."""

import numpy as np
import pytest
from mpmath import mpf, workprec

from nonlinear.losses import MeanSquaredError, SoftmaxCrossEntropy
from tests.oracle import softmax_row, ulps

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


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("own", [False, True], ids=["shared targets", "own targets"])
@pytest.mark.parametrize("loss", [MeanSquaredError(), SoftmaxCrossEntropy()], ids=repr)
def test_members_are_never_mixed(loss, own, dtype):
    random = np.random.default_rng(0)
    outputs = random.normal(size=(4, 6, 3)).astype(dtype)
    shape = (4, 6) if own else (6,)
    classes = isinstance(loss, SoftmaxCrossEntropy)
    targets = random.integers(0, 3, shape) if classes else random.normal(size=(*shape, 3))
    values, gradient = loss(outputs, targets)
    assert values.shape == (4,) and gradient.shape == outputs.shape
    assert values.dtype == gradient.dtype == dtype
    for k in range(4):
        alone, slope = loss(outputs[k : k + 1], targets[k : k + 1] if own else targets)
        assert alone[0] == values[k]
        np.testing.assert_array_equal(slope[0], gradient[k])


@pytest.mark.parametrize("loss", [MeanSquaredError(), SoftmaxCrossEntropy()], ids=repr)
def test_gradient_is_the_slope_of_the_loss(loss):
    random = np.random.default_rng(1)
    outputs = random.normal(size=(2, 5, 3))
    targets = np.array([0, 2, 1, 1, 0]) if isinstance(loss, SoftmaxCrossEntropy) else random.normal(size=(5, 3))
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
