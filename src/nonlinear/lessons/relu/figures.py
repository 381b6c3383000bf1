"""The figures of the lesson on ReLU."""

from collections.abc import Mapping, Sequence

import numpy as np

from nonlinear.course.plotting import GREY, LOOK, Picture, cloud, in_style, plain_ticks, subplots
from nonlinear.special import Array

MARKERS = {"relu": "o", "tanh": "s", "sigmoid": "^"}
NEVER = 800  # where a member that never gets there is drawn, above the 450 steps that there are


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
    picture, axis = subplots(height=3.2)
    for title, (low, median, high) in curves.items():
        colour, style, _ = LOOK[title.lower()]
        axis.fill_between(steps, low, high, color=colour, alpha=0.18, linewidth=0)
        axis.plot(steps, median, color=colour, linestyle=style, label=title)
    for level in levels:
        axis.axhline(level, color=GREY, linewidth=0.9)
        axis.text(1, level + 0.01, f"{level:.0%}", color=GREY, fontsize=9)
    axis.set(xscale="log", ylim=(0, 1), xlabel="step (log scale)", ylabel="training error")
    plain_ticks(axis, (1, 3, 10, 30, 100, 300))
    axis.legend(frameon=False, loc="upper right")
    return picture


@in_style
def by_depth(depths: Sequence[int], panels: Mapping[str, Mapping[str, Array]]) -> Picture:
    """Draw steps against the depth on a log axis, a panel for each start, each function a cloud of seeds.

    Parameters
    ----------
    depths : sequence of int
    panels : mapping
        From a title to a mapping from the title of a function to steps, (depths, seeds), infinite for never.
    """
    picture, axes = subplots(1, len(panels), height=3.3, sharey=True)
    for axis, (title, curves) in zip(axes, panels.items(), strict=True):
        axis.set(title=title, yscale="log", xlabel="hidden layers", ylim=(9, 1000))
        axis.set(xticks=range(len(depths)), xticklabels=depths)
        axis.grid(axis="y")
        for name, steps in curves.items():
            colour, style, _ = LOOK[name.lower()]
            drawn = np.where(np.isfinite(steps), steps, NEVER)
            cloud(axis, range(len(depths)), drawn, colour, style, MARKERS[name.lower()], label=name)
    axes[0].set_yticks([10, 30, 100, 300, NEVER], ["10", "30", "100", "300", "never"])
    axes[0].minorticks_off()
    axes[0].set_ylabel("steps to the error (log scale)")
    axes[0].legend(frameon=False, loc="upper left", fontsize=9)
    return picture
