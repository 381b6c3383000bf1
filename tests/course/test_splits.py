"""Digits for an ensemble whose members have a split each."""

import numpy as np

from nonlinear.course.splits import batches_of_splits, images
from nonlinear.datasets import digits
from nonlinear.network import spawn


def test_members_learn_from_images_of_their_own():
    x, labels = np.arange(12.0).reshape(2, 6, 1), np.arange(12).reshape(2, 6)
    batches = list(batches_of_splits(x, labels, 2, spawn(0, 2)))
    assert [each.shape for each, _ in batches] == [(2, 6, 1)] * 2
    for each, targets in batches:
        assert np.array_equal(each[..., 0], targets) and np.array_equal(np.sort(targets), labels)
    orders = [row - row.min() for _, targets in batches for row in targets]
    assert len({tuple(order) for order in orders}) == 4  # each member has its own, in each epoch


def test_every_image_is_seen_once_an_epoch():
    data = images((1, 2))
    batches = list(batches_of_splits(data.x, data.labels, 2, spawn(0, 2)))
    assert len(batches) == 2 * 45 and batches[0][0].shape == (2, 32, 64)
    x, labels = (np.concatenate([batch[k] for batch in batches[:45]], axis=1) for k in (0, 1))
    for k in range(2):
        assert sorted(map(bytes, x[k])) == sorted(map(bytes, data.x[k]))
        assert np.bincount(labels[k]).tolist() == np.bincount(data.labels[k]).tolist()


def test_a_split_is_that_of_the_data_set():
    data = images((3, 0))
    alone = digits("standardised", 3)
    assert np.array_equal(data.labels[0], alone.labels) and not np.array_equal(data.labels[0], data.labels[1])
    np.testing.assert_allclose(data.swapped.x[0], alone.test_x, rtol=1e-6)
    assert data.swapped.test_labels.shape == (2, 1437)
