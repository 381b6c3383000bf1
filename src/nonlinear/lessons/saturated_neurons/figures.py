"""The figures of the lesson on saturated neurons."""

from collections.abc import Mapping, Sequence

import numpy as np

from nonlinear.activations import Pointwise
from nonlinear.course.plotting import (
    BLUE,
    GREY,
    INK,
    LOOK,
    OCHRE,
    PAIR,
    Picture,
    axis_labels,
    cloud,
    in_style,
    note,
    plain_ticks,
    subplots,
)
from nonlinear.special import Array

GAIN_TICKS = (0.125, 1, 8, 128)
KNEE, FINER = -6.0, 10.0  # above the knee the axis of log10 gradients is this many times finer


@in_style
def slope_and_inputs(activation: Pointwise, edge: float, gains: Sequence[float]) -> Picture:
    """Draw a function with its slope, and below it where normal preactivations of several spreads fall.

    Parameters
    ----------
    activation : Pointwise
    edge : float
        Beyond it, on both sides, the function is hatched as saturated.
    gains : sequence of float
        Standard deviations of the preactivations; three.
    """
    picture, (top, bottom) = subplots(2, height=4.2, sharex=True)
    z = np.linspace(-15, 15, 601)
    colour = LOOK[activation.name][0]
    top.plot(z, activation(z), color=colour)
    top.plot(z, activation.derivative(z), color=colour, linestyle="--")
    over = {"va": "center", "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 2}}
    note(top, "σ(z)", (6, 0.83), color=colour, **over)
    note(top, "slope σ′(z)", (1.9, 0.22), (5.2, 0.22), color=colour, **over)
    top.set(ylim=(-0.05, 1.12), yticks=[0, 0.25, 0.5, 1], title="the function and its slope")
    bottom.set(title="where the preactivations fall", xlabel="preactivation z", yticks=[], ylim=(0, 0.43))
    looks = [(BLUE, "-"), (INK, "-."), (OCHRE, (0, (6, 2)))]
    places = [(1.5, 0.3), (3.2, 0.1), (8, 0.06)]
    for gain, (colour, style), place in zip(gains, looks, places, strict=True):
        density = np.exp(-((z / gain) ** 2) / 2) / (gain * np.sqrt(2 * np.pi))
        bottom.plot(z, density, color=colour, linestyle=style)
        note(bottom, f"g = {gain:g}", place, color=colour)
    for axis in (top, bottom):
        for side in (-1, 1):
            axis.axvspan(side * edge, side * 15, facecolor="#ececef", edgecolor="#c9ccd2", hatch="///", linewidth=0)
    for side in (-1, 1):
        note(top, "saturated", (9.8 * side, 0.53), ha="center", **over)
    top.set_xlim(-15, 15)
    return picture


@in_style
def mean_and_median(gains, panels: Mapping[str, tuple[Array, Array]]) -> Picture:
    """Draw the mean and the median size of a gradient against the gain, one panel for each network.

    Parameters
    ----------
    gains : array, (gains,)
    panels : mapping
        From a title to log10 of the means and of the medians, each (gains, seeds).
    """
    picture, axes = subplots(1, len(panels), height=4.0, sharey=True)
    for axis, (title, (mean, median)) in zip(axes, panels.items(), strict=True):
        axis.set(xscale="log", title=title)
        axis.set_yscale("function", functions=(finer, coarser))
        for values, look in zip((mean, median), PAIR, strict=True):
            cloud(axis, gains, values, *look)
        axis.axhline(KNEE, color=INK, linewidth=0.8)
        axis.text(gains[-1], mean[-4:].max() + 0.1, "mean", color=BLUE, ha="right", va="bottom")
        axis.text(gains[-4], np.median(median[-3]), "median", color=OCHRE, ha="right", va="center")
        axis.grid(axis="y")
        plain_ticks(axis, GAIN_TICKS)
    axes[0].set(ylim=(-42, -0.8), yticks=[-40, -30, -20, -10, -6, -5, -4, -3, -2, -1])
    axes[0].text(gains[0], KNEE - 20, "10 × coarser\nbelow the line", va="top", fontsize=9.5)
    axis_labels(axes, "gain g (log scale)", "log10 of the gradient size in layer 1")
    return picture


def finer(log: Array) -> Array:
    """Return where values of log10 stand on an axis that is finer above the knee."""
    return np.where(log > KNEE, FINER * (log - KNEE), log - KNEE)


def coarser(place: Array) -> Array:
    """Return the values that stand at places of that axis.

    >>> coarser(finer(np.array([-40.0, -6.0, -1.5]))).tolist()
    [-40.0, -6.0, -1.5]
    """
    return KNEE + np.where(place > 0, place / FINER, place)


@in_style
def accuracy_by_gain(gains, panels: Mapping[str, Mapping[int, Array]]) -> Picture:
    """Draw the test accuracy against the gain: a panel for each function, a cloud of seeds for each depth.

    Parameters
    ----------
    gains : array, (gains,)
    panels : mapping
        From the name of a function in ``LOOK`` to a mapping from the number of hidden layers to (gains, seeds); two.
    """
    picture, axes = subplots(1, len(panels), height=3.3, phone=(len(panels), 1, 5.2), sharey=True)
    for axis, (name, curves) in zip(axes, panels.items(), strict=True):
        axis.set(xscale="log", title=name, ylim=(0, 1.14), yticks=np.arange(0, 1.1, 0.2))
        for (depth, accuracy), (colour, style, marker) in zip(
            curves.items(), [(GREY, "--", "s"), (LOOK[name][0], "-", "o")], strict=True
        ):
            cloud(axis, gains, accuracy, colour, style, marker)
            label = "1 hidden layer" if depth == 1 else f"{depth} hidden layers"
            beside = 1.01 if depth == 1 else accuracy[-4:].min() - 0.12
            note(axis, label, (gains[-1], beside), color=colour, ha="right", va="bottom")
        axis.grid(axis="y")
        plain_ticks(axis, GAIN_TICKS)
    axis_labels(axes, "gain g (log scale)", "test accuracy")
    return picture
