"""What to look at when a network does not learn: plain functions of plain arrays.

They take what any framework can hand over (activations, slopes, weights) and return arrays, so they work on a PyTorch
or Keras model as well as on ours. The axis before the last is always samples, the last always units; axes before those
(members) stay. `nonlinear.recording` applies them to the steps of a training run.
"""

import numpy as np

from nonlinear import checks
from nonlinear.arrays import Interval, as_floats, unmasked
from nonlinear.special import Array, norm, overflow_and_nan

SHARE, STEEPNESS = Interval(0, 1), Interval(0, np.inf)


def dead_units(activations) -> Array:
    """Return which ReLU units are dead: 0 for every sample.

    Parameters
    ----------
    activations : array, (..., samples, units)
        Outputs of the ReLU, over all the data that the unit will ever see; over one batch, a unit that merely rests
        would be called dead. Bring the channels of a convolution to the end and its places to the samples first. NaN is
        not 0: a unit that diverged is not called dead.

    Returns
    -------
    array of bool, (..., units)

    Examples
    --------
    >>> dead_units([[0.0, 0.0], [0.0, 2.0]])
    array([ True, False])
    """
    return np.all(_samples_by_units(activations, "activations") == 0, axis=-2)


def flat_units(slopes, steepest: float, share: float = 0.04) -> Array:
    """Return which units are flat everywhere: a slope under ``share`` of the function's steepest, for every sample.

    For a ReLU that means dead; for the functions that never have a slope of exactly 0 it is the nearest thing to it.

    Parameters
    ----------
    slopes : array, (..., samples, units)
        f'(z).
    steepest : float
        The largest absolute slope of f (``f.traits.steepest``). Where that is infinite, as for a square, there is
        nothing to take a share of, and slopes are compared with 1, that of the identity.
    share : float
        Between 0 and 1.

    Returns
    -------
    array of bool, (..., units)

    Examples
    --------
    >>> flat_units([[0.25, 0.001], [0.002, 0.002]], steepest=0.25)
    array([False,  True])
    """
    return np.all(_flat(slopes, steepest, share), axis=-2)


def saturated_fraction(slopes, steepest: float, share: float = 0.04) -> Array:
    """Return the fraction of (sample, unit) pairs with a slope under ``share`` of the function's steepest, (...).

    Takes what `flat_units` takes, with at least one unit.

    >>> float(saturated_fraction([[0.25, 0.001], [0.2, 0.002]], steepest=0.25))
    0.5
    """
    flat = _flat(slopes, steepest, share)
    if flat.shape[-1] == 0:
        raise ValueError(f"slopes must have at least one unit to take a fraction of; got shape {flat.shape}.")
    return np.mean(flat, axis=(-1, -2))


def gradient_norm(gradient) -> Array:
    """Return the Euclidean norm over the last two axes, (...): one number for each member's matrix, of its type.

    >>> float(gradient_norm([[3.0, 4.0]]))
    5.0
    """
    return norm(_samples_by_units(gradient, "gradient"), axis=(-2, -1))


def update_ratio(before, after) -> Array:
    """Return the size of an update relative to what it updates: the norm of the change over the norm of what was there.

    About 1e-3 is a common rule of thumb; 0 means that nothing moves, and 1 that a step replaces what was learned.
    Parameters that are all 0 give infinity, or NaN if they did not move.

    >>> float(update_ratio([[3.0, 4.0]], [[3.0, 4.5]]))
    0.1
    """
    before, after = _samples_by_units(before, "before"), _samples_by_units(after, "after")
    if before.shape != after.shape:
        raise ValueError(f"before and after must have one shape; got {before.shape} and {after.shape}.")
    with overflow_and_nan():
        _, scale = np.frexp(np.max(np.abs(before), axis=(-2, -1), keepdims=True, initial=0))
        before, after = np.ldexp(before, -scale), np.ldexp(after, -scale)  # which changes no ratio
        moved, size = gradient_norm(after - before), gradient_norm(before)
        return moved / size


def accuracy(outputs, labels) -> Array:
    """Return the fraction of samples whose largest output is the labelled one.

    Parameters
    ----------
    outputs : array, (..., samples, classes)
        A column for each of two or more classes. A network with one output, the logit of class 1, has 0 as that of
        class 0: ``np.concatenate([0 * outputs, outputs], axis=-1)``.
    labels : array of int, (samples,) or (..., samples)
        0 to classes - 1.

    Notes
    -----
    A sample with an output of NaN counts as wrong.

    Examples
    --------
    >>> float(accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1]))
    0.5
    """
    outputs, labels = _samples_by_units(outputs, "outputs"), unmasked(labels, "labels")
    classes = outputs.shape[-1]
    if classes < 2:
        raise ValueError(
            f"outputs must have a column for each class, two or more; got shape {outputs.shape}. For logits of class 1 "
            "alone, pass np.concatenate([0 * outputs, outputs], axis=-1)."
        )
    if labels.dtype.kind not in "iu" or labels.shape not in (outputs.shape[:-1], outputs.shape[-2:-1]):
        raise ValueError(
            f"labels must be integers of shape {outputs.shape[-2:-1]}; got {labels.dtype} of shape {labels.shape}."
        )
    if np.any((labels < 0) | (labels >= classes)):
        raise ValueError(f"labels must be 0 to {classes - 1}; got {labels.min()} to {labels.max()}.")
    right = (np.argmax(outputs, axis=-1) == labels) & ~np.any(np.isnan(outputs), axis=-1)
    return np.mean(right, axis=-1)


def _flat(slopes, steepest: float, share: float) -> Array:
    share, steepest = checks.within(share, SHARE, "share"), checks.within(steepest, STEEPNESS, "steepest")
    scale = steepest if steepest < np.inf else 1
    slopes = np.abs(_samples_by_units(slopes, "slopes"))
    return (slopes == 0) | (slopes < share * scale)


def _samples_by_units(array, name: str) -> Array:
    array = as_floats(array, name)
    if array.ndim < 2 or array.shape[-2] == 0:
        raise ValueError(f"{name} must have shape (..., samples, units) with at least one sample; got {array.shape}.")
    return array
