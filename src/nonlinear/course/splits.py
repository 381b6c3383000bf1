"""Digits for an ensemble whose members have a split of the images each, since one split may favour one network."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nonlinear.course.classifier import BATCH
from nonlinear.datasets import digits
from nonlinear.special import Array


@dataclass(frozen=True)
class Images:
    """Images for an ensemble, each member's of a split of its own.

    Attributes
    ----------
    x, test_x : array of float32, (members, images, 64)
    labels, test_labels : array of int, (members, images)
    """

    x: Array
    labels: Array
    test_x: Array
    test_labels: Array

    @property
    def swapped(self) -> "Images":
        """The same, to train on the 360 and to test on the 1,437."""
        return Images(self.test_x, self.test_labels, self.x, self.labels)


def images(splits: Sequence[int]) -> Images:
    """Return the digits, standardised, each member's in one of the splits.

    >>> images([1, 2]).x.shape
    (2, 1437, 64)
    """
    each = [digits("standardised", split) for split in splits]
    x, test_x = (np.stack([getattr(data, name) for data in each]).astype(np.float32) for name in ("x", "test_x"))
    labels, test_labels = (np.stack([getattr(data, name) for data in each]) for name in ("labels", "test_labels"))
    return Images(x, labels, test_x, test_labels)


def batches_of_splits(
    x: Array, targets: Array, epochs: int, generators: Sequence[np.random.Generator]
) -> Iterator[tuple[Array, Array]]:
    """Yield batches for an ensemble whose members have images of their own.

    Parameters
    ----------
    x : array, (members, samples, features)
    targets : array, (members, samples, ...)
    epochs : int
    generators : list of numpy Generators, one a member
    """
    member = np.arange(len(x))[:, None]
    for _ in range(epochs):
        order = np.stack([g.permutation(x.shape[1]) for g in generators])
        for start in range(0, x.shape[1], BATCH):
            chosen = order[:, start : start + BATCH]
            yield x[member, chosen], targets[member, chosen]
