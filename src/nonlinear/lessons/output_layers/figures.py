"""The figures of the lesson on output layers."""

from collections.abc import Mapping, Sequence

import numpy as np

from nonlinear.course.plotting import (
    BLUE,
    GREY,
    INK,
    OCHRE,
    PAIR,
    PALETTE,
    Picture,
    axis_labels,
    in_style,
    note,
    on_phone,
    subplots,
)
from nonlinear.special import Array

LINES = (BLUE, "-"), (OCHRE, "--")


@in_style
def prices(starts: Sequence[float], curves: Mapping[str, Sequence[float]], places: Mapping[str, tuple]) -> Picture:
    """Draw the steps that a unit needs against where it starts, on a log axis.

    Parameters
    ----------
    starts : sequence of float
    curves : mapping
        From the name of a loss to steps, (starts,).
    places : mapping
        Where a name stands, (z, steps), on the page and on a phone.
    """
    picture, axis = subplots(height=3.2)
    for (name, steps), (colour, style) in zip(curves.items(), LINES, strict=True):
        axis.plot(starts, steps, color=colour, linestyle=style)
        note(axis, name, *places[name], color=colour)
    axis.set(yscale="log", ylim=(10, 3e5))
    axis.grid(axis="y")
    axis_labels(axis, "z at the start", "steps (log scale)")
    return picture


@in_style
def heads(right: Mapping[str, Array]) -> Picture:
    """Draw the test accuracy of every head: a dot for every seed, their median a bar, usual weights and enlarged ones.

    Parameters
    ----------
    right : mapping
        From the name of a head to accuracies, (scales, seeds).
    """
    picture, axis = subplots(height=3.9, phone=(1, 1, 4.6))
    for row, accuracy in enumerate(right.values()):
        for each, shift, (colour, _, marker) in zip(accuracy, (-0.17, 0.17), PAIR, strict=True):
            axis.plot(each, np.full(each.size, row + shift), marker, color=colour, alpha=0.35, markersize=4, mew=0)
            axis.plot([np.median(each)] * 2, [row + shift - 0.15, row + shift + 0.15], color=colour, linewidth=2.4)
    names = [name.replace(", ", ",\n") if on_phone() else name for name in right]
    axis.set_yticks(range(len(right)), names)
    axis.invert_yaxis()
    axis.grid(axis="x")
    axis.set(xlim=(0, 1))
    axis_labels(axis, "test accuracy", "")
    note(axis, "usual weights", (0.32, 0.12), (0.22, 0.12), color=PAIR[0][0])
    note(axis, "output weights × 20", (0.32, 0.47), (0.22, 0.52), color=PAIR[1][0])
    return picture


@in_style
def calibration(table: Mapping[str, Array], looks: Sequence[int], errors: Mapping[str, Array]) -> Picture:
    """Draw the share of right answers against the confidence, and how overconfidence grows with training.

    Parameters
    ----------
    table : mapping
        From a name to confidence and share right, (bins, 2).
    looks : sequence of int
        Epochs.
    errors : mapping
        From the name of a head to the overconfidence, (looks, seeds).
    """
    picture, (left, right) = subplots(1, 2, height=3.4, phone=(2, 1, 6.6))
    left.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle=":")
    for (name, points), (colour, style, marker) in zip(table.items(), PAIR, strict=True):
        left.plot(*points.T, color=colour, linestyle=style, marker=marker, markersize=4.5)
        left.text(0.98, 0.16 if colour == PAIR[0][0] else 0.05, name, color=colour, ha="right")
    left.text(0.05, 0.12, "as it says", color=GREY, rotation=0)
    left.set(xlim=(0, 1), ylim=(0, 1.03), title="softmax, cross-entropy")
    left.set(xlabel="confidence", ylabel="share of right answers")
    for (name, each), (colour, style, _) in zip(errors.items(), PALETTE, strict=False):
        middle = np.median(each, axis=-1)
        right.plot(range(len(looks)), middle, color=colour, linestyle=style, marker="o", markersize=4, label=name)
    right.axhline(0, color=INK, linewidth=0.8)
    right.set_xticks(range(len(looks)), looks)
    right.set_title("overconfidence")
    right.legend(frameon=False, fontsize=9, loc="upper left")
    right.set(xlabel="epochs", ylabel="confidence − share right")
    return picture
