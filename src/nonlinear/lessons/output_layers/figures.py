"""The figures of the lesson on output layers."""

import itertools
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
    plain_ticks,
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
    axis.set(yscale="log", ylim=(10, 3e5), xticks=range(0, 13, 3))
    axis.grid(axis="y")
    axis_labels(axis, "z at the start", "steps (log scale)")
    return picture


@in_style
def heads(errors: Mapping[str, Array]) -> Picture:
    """Draw the test error of every head: a dot for every seed, their median a bar, usual weights and enlarged ones.

    Parameters
    ----------
    errors : mapping
        From the name of a head to errors, (scales, seeds).
    """
    picture, axis = subplots(height=3.9, phone=(1, 1, 4.6))
    for row, error in enumerate(errors.values()):
        for each, shift, (colour, _, marker) in zip(error, (-0.17, 0.17), PAIR, strict=True):
            axis.plot(each, np.full(each.size, row + shift), marker, color=colour, alpha=0.35, markersize=4, mew=0)
            axis.plot([np.median(each)] * 2, [row + shift - 0.15, row + shift + 0.15], color=colour, linewidth=2.4)
    axis.set(xscale="log", xlim=(0.005, 1.1))
    names = [name.replace(", ", ",\n") if on_phone() else name for name in errors]
    axis.set_yticks(range(len(errors)), names)
    axis.invert_yaxis()
    plain_ticks(axis, (0.01, 0.03, 0.1, 0.3, 1))
    axis.grid(axis="x")
    axis_labels(axis, "test error (log scale)")
    note(axis, "usual weights", (0.15, -0.05), (0.1, -0.05), color=PAIR[0][0])
    note(axis, "weights × 20", (0.15, 0.35), (0.1, 0.35), color=PAIR[1][0])
    return picture


@in_style
def calibration(table: Mapping[str, Array], looks: Sequence[int], overconfidence: Mapping[str, Array]) -> Picture:
    """Draw the share of right answers against the confidence, and how the confidence grows with training.

    Parameters
    ----------
    table : mapping
        From a name to confidence and share right, (bins, 2).
    looks : sequence of int
        Epochs.
    overconfidence : mapping
        From the name of a head to mean confidence less share of right answers, (looks, seeds).
    """
    wide = {} if on_phone() else {"width_ratios": [1, 1.35]}
    picture, (left, right) = subplots(1, 2, height=3.4, phone=(2, 1, 6.6), **wide)
    left.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle=":")
    for (name, points), (colour, style, marker), height in zip(table.items(), PAIR, (0.16, 0.05), strict=True):
        left.plot(*points.T, color=colour, linestyle=style, marker=marker, markersize=4.5)
        left.text(0.98, height, name, color=colour, ha="right")
    left.set(xlim=(0, 1), ylim=(0, 1.03), title="softmax, cross-entropy", xlabel="confidence")
    left.set_ylabel("share of right answers")
    places = spread_out([float(np.median(each[-1])) for each in overconfidence.values()], 0.009)
    for (name, each), (colour, style, _), place in zip(overconfidence.items(), PALETTE, places, strict=False):
        right.plot(range(len(looks)), np.median(each, axis=-1), color=colour, linestyle=style, marker="o", markersize=4)
        right.text(len(looks) - 0.85, place, name, color=colour, va="center", fontsize=9)
    right.plot([0, len(looks) - 1], [0, 0], color=INK, linewidth=0.8)
    right.set_xticks(range(len(looks)), looks)
    right.set(xlim=(-0.2, len(looks) + 2.2), xlabel="epochs", title="confidence less share right")
    return picture


def spread_out(heights: Sequence[float], gap: float) -> list[float]:
    """Return heights in the same order, the higher ones moved up until all are ``gap`` apart.

    >>> spread_out([0.5, 0.0, 0.25], 0.5)
    [1.0, 0.0, 0.5]
    """
    order, placed = np.argsort(heights), np.array(heights, float)
    for below, above in itertools.pairwise(order):
        placed[above] = max(placed[above], placed[below] + gap)
    return placed.tolist()
