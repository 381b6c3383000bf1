"""The figures of the lesson on vanishing gradients."""

from collections.abc import Mapping, Sequence

import numpy as np

from nonlinear.course.plotting import GREY, INK, LOOK, PAIR, Picture, in_style, note, on_phone, subplots
from nonlinear.special import Array


@in_style
def gradient_by_layer(curves: Mapping[str, tuple[str, Array]], bound: float | None = None) -> Picture:
    """Draw the size of the gradient against the layer, on a log axis: every seed a thin line, their median a thick one.

    Parameters
    ----------
    curves : mapping
        From a label to the name of a function in ``LOOK`` and root-mean-square gradients, (layers, members).
    bound : float, optional
        Draw also what a product of this factor for each layer would be, from 1 at the last layer.
    """
    picture, axis = subplots(height=3.6)
    ends = {label: np.median(np.log10(gradient[0])) for label, (_, gradient) in curves.items()}
    places = dict(zip(sorted(ends, key=ends.get), spread_out(sorted(ends.values()), 2.6), strict=True))
    for label, (name, gradient) in curves.items():
        colour, style, _ = LOOK[name]
        layers, log = np.arange(1, len(gradient) + 1), np.log10(gradient)
        axis.plot(layers, log, color=colour, linewidth=0.5, alpha=0.45)
        axis.plot(layers, np.median(log, axis=1), color=colour, linestyle=style)
        axis.text(0.4, places[label], label, color=colour, ha="right", va="center", fontsize=9.5)
    if bound:
        log = (len(layers) - layers) * np.log10(bound)
        axis.plot(layers, log, color=GREY, linestyle=(0, (1, 2)))
        note(axis, f"{bound:g} in each layer", (40, log[24] - 2.5), (50, log[9]), color=GREY, va="top", ha="right")
    axis.set(xlim=(-26 if on_phone() else -10, 51), xticks=[1, 10, 20, 30, 40, 50])
    axis.set(xlabel="layer (the gradient comes from the right)", ylabel="log10 of the gradient")
    axis.grid(axis="y")
    return picture


def spread_out(values: Sequence[float], gap: float) -> Array:
    """Return rising values, moved as little as an even hand allows so that neighbours are ``gap`` apart.

    >>> spread_out([0.0, 1.0, 10.0], gap=2.0).tolist()
    [-0.5, 1.5, 10.0]
    """
    values = np.array(values, float)
    for _ in range(100):
        short = np.maximum(gap - np.diff(values), 0) / 2
        values[:-1] -= short
        values[1:] += short
    return values


@in_style
def outcomes(accuracy: Mapping[str, Array], diverged: Mapping[str, Array], depths: Sequence[int]) -> Picture:
    """Draw the test accuracy of several ways to train: every seed a dot, a tick at the median, a row for each depth.

    Parameters
    ----------
    accuracy : mapping
        From a label to (depths, seeds).
    diverged : mapping
        Likewise, which seeds diverged; they are crosses.
    depths : sequence of int
        Two.
    """
    picture, axis = subplots(height=0.55 + 0.42 * len(accuracy))
    for row, (name, values) in enumerate(accuracy.items()):
        for k, (seeds, lost, (colour, _, marker)) in enumerate(zip(values, diverged[name], PAIR, strict=True)):
            y = row + 0.32 * (k - 0.5)
            axis.plot(seeds[~lost], np.full(np.sum(~lost), y), marker, color=colour, markersize=3, alpha=0.6)
            axis.plot(seeds[lost], np.full(np.sum(lost), y), "x", color=colour, markersize=5)
            axis.vlines(np.median(seeds), y - 0.14, y + 0.14, color=colour, linewidth=2)
            if row == 1:
                note(axis, f"{depths[k]} layers", (seeds.max() + 0.03, y), color=colour, va="center")
    axis.axvline(0.1, color=INK, linestyle=":", linewidth=1)
    axis.text(0.11, len(accuracy) - 0.55, "chance", fontsize=9, va="bottom")
    axis.set(yticks=range(len(accuracy)), yticklabels=list(accuracy), xlim=(-0.02, 1.02), xlabel="test accuracy")
    axis.set_ylim(len(accuracy) - 0.5, -0.5)
    axis.grid(axis="x")
    return picture
