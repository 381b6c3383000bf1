"""The figures of the lesson on initialisation."""

from collections.abc import Mapping

import numpy as np

from nonlinear.course.plotting import (
    BLUE,
    INK,
    OCHRE,
    TEAL,
    VERMILLION,
    Picture,
    axis_labels,
    cloud,
    in_style,
    note,
    power_ticks,
    subplots,
)
from nonlinear.special import Array

LOOKS = ((VERMILLION, "--", "^"), (OCHRE, "-.", "s"), (BLUE, "-", "o"), (TEAL, ":", "v"))


@in_style
def passages(found: Mapping, labels: Mapping[str, str] | None = None) -> Picture:
    """Draw the signal and the gradient layer by layer on log axes, a band over seeds with its median for each start.

    Parameters
    ----------
    found : mapping
        From a name to a `nonlinear.lessons.initialisation.experiment.Passage`; up to three.
    labels : mapping of str to str, optional
        What to write for a name.
    """
    picture, axes = subplots(2, height=5.0, sharex=True)
    places = (((50, 3e-4), "right", "top"), ((24, 1e-8), "right", "top"), ((1, 40), "left", "bottom"))
    for (name, passage), (colour, style, _), (place, ha, va) in zip(found.items(), LOOKS, places, strict=False):
        for axis, values in zip(axes, (passage.signal, passage.gradient), strict=True):
            layers = np.arange(1, len(values) + 1)
            axis.fill_between(layers, values.min(axis=1), values.max(axis=1), color=colour, alpha=0.2, linewidth=0)
            axis.plot(layers, np.median(values, axis=1), color=colour, linestyle=style)
        note(axes[0], (labels or {}).get(name, name), place, color=colour, ha=ha, va=va)
    for axis in axes:
        axis.set(yscale="log")
        axis.axhline(1, color=INK, linewidth=0.7)
        axis.grid(axis="y")
    axes[0].set_title("mean square of the preactivations (log)")
    axes[1].set_title("gradient, relative to the last layer (log)")
    axes[0].set_ylim(top=1e4)
    axes[1].set_xlabel("layer")
    power_ticks(axes[0].yaxis, range(-15, 1, 5))
    power_ticks(axes[1].yaxis, range(-20, 1, 5))
    return picture


@in_style
def by_depth(depths, panels: Mapping[str, Mapping[str, Array]]) -> Picture:
    """Draw the accuracy against the depth, a panel for each function, each start a cloud of seeds.

    Parameters
    ----------
    depths : sequence of int
    panels : mapping
        From the name of a function to a mapping from a start to accuracies, (depths, seeds); two or more.
    """
    picture, axes = subplots(1, len(panels), height=3.0, phone=(len(panels), 1, 6.6), sharey=True)
    x = np.arange(len(depths))
    places = (((1.7, 0.15), "left"), ((2.35, 0.48), "right"), ((2.4, 0.93), "left"))
    for axis, (title, curves) in zip(axes, panels.items(), strict=True):
        axis.set(title=title, ylim=(0, 1.04), xticks=x, xticklabels=depths)
        axis.grid(axis="y")
        for (label, values), look, (place, side) in zip(curves.items(), LOOKS, places, strict=False):
            cloud(axis, x, values, *look)
            if axis is axes[0]:
                note(axis, label, place, color=look[0], ha=side)
    axis_labels(axes, "hidden layers", "test accuracy")
    return picture
