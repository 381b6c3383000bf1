"""Real handwritten digits: 1,797 images of 8 x 8 pixels, from 13 people.

Training and test images come from the same people: the accuracy is that on known hands.
"""

from dataclasses import dataclass
from importlib import resources

import numpy as np

from nonlinear.special import Array

SCALINGS = ("unit", "centred", "standardised")
"""What `digits` can do to the pixels."""
TRAIN = 1437
SPLIT_SEED = 0


@dataclass(frozen=True, eq=False)
class Digits:
    """The digits, split and scaled.

    Attributes
    ----------
    x, test_x : array, (1437, 64) and (360, 64)
        Images, one row each.
    labels, test_labels : array of int, (1437,) and (360,)
    mean : array, (64,)
        The mean training image, in pixels of [0, 1].
    """

    x: Array
    labels: Array
    test_x: Array
    test_labels: Array
    mean: Array


def digits(scaling: str = "unit", split: int = SPLIT_SEED) -> Digits:
    """Return the UCI optical recognition of handwritten digits test set (Alpaydin and Kaynak 1998), CC BY 4.0.

    Parameters
    ----------
    scaling : {"unit", "centred", "standardised"}
        ``unit`` leaves the pixels in [0, 1]; ``centred`` subtracts the mean training image; ``standardised`` also
        divides by the standard deviation of all centred training pixels together.
    split : int
        Seed of the order in which the images are divided into those to train on and those to test on.

    Examples
    --------
    >>> data = digits("centred")
    >>> print(data.x.shape, data.test_x.shape, abs(data.x.mean()) < 1e-12)
    (1437, 64) (360, 64) True
    """
    if scaling not in SCALINGS:
        raise ValueError(f"scaling must be one of {', '.join(SCALINGS)}; got {scaling!r}.")
    pixels, labels = load_raw()
    order = np.random.default_rng(split).permutation(len(pixels))
    x, labels = pixels[order] / 16, labels[order]
    mean = x[:TRAIN].mean(axis=0)
    if scaling != "unit":
        x = x - mean
    if scaling == "standardised":
        x = x / x[:TRAIN].std()
    return Digits(x[:TRAIN], labels[:TRAIN], x[TRAIN:], labels[TRAIN:], mean)


def load_raw() -> tuple[Array, Array]:
    """Return the images as they were published, (1797, 64) integers 0 to 16, and their labels."""
    with resources.files(__package__).joinpath("digits.npz").open("rb") as file, np.load(file) as data:
        return data["pixels"].astype(np.float64), data["labels"].astype(np.int64)
