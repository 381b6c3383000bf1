"""The figures of the lesson on ReLU."""

from collections.abc import Mapping, Sequence

import numpy as np

from nonlinear.course.plotting import GREY, LOOK, Picture, axis_labels, cloud, in_style, note, plain_ticks, subplots
from nonlinear.special import Array

MARKERS = {"relu": "o", "tanh": "s", "sigmoid": "^"}
NEVER = 800  # where a member that never gets there is drawn, above the 450 steps that there are
NAMED = {"ReLU": ((9, 0.52), (13, 0.5)), "tanh": ((1.05, 0.34), (1.05, 0.33)), "sigmoid": ((120, 0.93), (60, 0.95))}
"""Where a function's name stands in a figure of errors, (step, error), on the page and on a phone."""
NAMED_BY_DEPTH = {"ReLU": ((2.1, 75), (2.0, 75)), "tanh": ((1.1, 13), (1.1, 13)), "sigmoid": ((1.2, 190), (0.5, 190))}
"""The same in a figure of steps, (place of the depth, steps)."""


@in_style
def errors(steps: Array, curves: Mapping[str, Array], levels: Sequence[float]) -> Picture:
    """Draw the training error against the step, on a log axis: a median in a band that holds all seeds.

    Parameters
    ----------
    steps : array, (checkpoints,)
    curves : mapping
        From the title of a function to the smallest, median and largest error, (3, checkpoints).
    levels : sequence of float
        Errors to draw a line at.
    """
    picture, axis = subplots(height=3.4)
    for title, (low, median, high) in curves.items():
        colour, style, _ = LOOK[title.lower()]
        axis.fill_between(steps, low, high, color=colour, alpha=0.18, linewidth=0)
        axis.plot(steps, median, color=colour, linestyle=style)
        note(axis, title, *NAMED[title], color=colour)
    for level in levels:
        axis.axhline(level, color=GREY, linewidth=0.9)
        axis.text(1, level + 0.012, f"{level:.0%}", color=GREY)
    axis.set(xscale="log", ylim=(0, 1.05))
    axis_labels(axis, "step (log scale)", "training error")
    plain_ticks(axis, (1, 3, 10, 30, 100, 300))
    return picture


@in_style
def by_depth(depths: Sequence[int], curves: Mapping[str, Array]) -> Picture:
    """Draw steps against the depth on a log axis, each function a cloud of seeds.

    Parameters
    ----------
    depths : sequence of int
    curves : mapping
        From the title of a function to steps, (depths, seeds), infinite for never.
    """
    picture, axis = subplots(height=3.4)
    axis.set(yscale="log", ylim=(7, 1100), xticks=range(len(depths)), xticklabels=depths)
    for title, steps in curves.items():
        colour, style, _ = LOOK[title.lower()]
        drawn = np.where(np.isfinite(steps), steps, NEVER)
        cloud(axis, range(len(depths)), drawn, colour, style, MARKERS[title.lower()])
        note(axis, title, *NAMED_BY_DEPTH[title], color=colour)
    axis.set_yticks([10, 30, 100, 300, NEVER], ["10", "30", "100", "300", "never"])
    axis.minorticks_off()
    axis.grid(axis="y")
    axis_labels(axis, "hidden layers", "steps (log scale)")
    return picture
