"""The figures of the lesson on initialisation."""

from collections.abc import Mapping

import numpy as np

from nonlinear.course.plotting import BLUE, INK, OCHRE, TEAL, VERMILLION, Picture, cloud, in_style, subplots
from nonlinear.special import Array

LOOKS = ((VERMILLION, "--", "^"), (OCHRE, "-.", "s"), (BLUE, "-", "o"), (TEAL, ":", "v"))


@in_style
def passages(found: Mapping, labels: Mapping[str, str] | None = None) -> Picture:
    """Draw the signal and the gradient layer by layer on log axes, a band over seeds with its median for each start.

    Parameters
    ----------
    found : mapping
        From a name to a `nonlinear.lessons.initialisation.experiment.Passage`; up to four.
    labels : mapping of str to str, optional
        What to write for a name.
    """
    picture, axes = subplots(2, height=4.8, sharex=True)
    for (name, passage), (colour, style, _) in zip(found.items(), LOOKS, strict=False):
        for axis, values in zip(axes, (passage.signal, passage.gradient), strict=True):
            layers = np.arange(1, len(values) + 1)
            axis.fill_between(layers, values.min(axis=1), values.max(axis=1), color=colour, alpha=0.2, linewidth=0)
            label = (labels or {}).get(name, name)
            axis.plot(layers, np.median(values, axis=1), color=colour, linestyle=style, label=label)
    for axis in axes:
        axis.set(yscale="log")
        axis.axhline(1, color=INK, linewidth=0.7)
        axis.grid(axis="y")
    axes[0].set_title("mean square of the preactivations (log)")
    axes[1].set_title("gradient, relative to the last layer (log)")
    axes[1].set_xlabel("layer")
    axes[0].legend(frameon=False, loc="lower left")
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
    picture, axes = subplots(1, len(panels), height=2.9, sharey=True)
    x = np.arange(len(depths))
    for axis, (title, curves) in zip(axes, panels.items(), strict=True):
        axis.set(title=title, xlabel="hidden layers", ylim=(0, 1.04), xticks=x, xticklabels=depths)
        axis.grid(axis="y")
        for (label, values), look in zip(curves.items(), LOOKS, strict=False):
            cloud(axis, x, values, *look, label=label)
    axes[0].set_ylabel("test accuracy")
    axes[1].legend(frameon=False, loc="lower left", fontsize=8.5)
    return picture
