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
    cloud,
    in_style,
    plain_ticks,
    subplots,
)
from nonlinear.special import Array

GAIN_TICKS = (0.125, 1, 8, 128)


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
    top.text(6, 0.86, "$\\sigma(z)$", color=colour, va="top")
    top.text(1.7, 0.22, "slope $\\sigma'(z)$", color=colour, va="bottom")
    top.set(ylim=(-0.05, 1.12), yticks=[0, 0.25, 0.5, 1], title="the function and its slope")
    bottom.set(title="where the preactivations fall", xlabel="preactivation z", yticks=[], ylim=(0, 0.43))
    looks = [(BLUE, "-"), (INK, "-."), (OCHRE, (0, (6, 2)))]
    places = [(1.6, 0.3), (3.2, 0.1), (8, 0.045)]
    for gain, (colour, style), place in zip(gains, looks, places, strict=True):
        density = np.exp(-((z / gain) ** 2) / 2) / (gain * np.sqrt(2 * np.pi))
        bottom.plot(z, density, color=colour, linestyle=style)
        bottom.text(*place, f"g = {gain:g}", color=colour)
    for axis in (top, bottom):
        for side in (-1, 1):
            axis.axvspan(side * edge, side * 15, facecolor="#ececef", edgecolor="#c9ccd2", hatch="///", linewidth=0)
    top.text(-9.8, 0.62, "saturated", ha="center", bbox={"facecolor": "white", "edgecolor": "none", "pad": 2})
    top.text(9.8, 0.42, "saturated", ha="center", bbox={"facecolor": "white", "edgecolor": "none", "pad": 2})
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
    picture, axes = subplots(1, len(panels), height=3.2, sharey=True)
    for axis, (title, (mean, median)) in zip(axes, panels.items(), strict=True):
        axis.set(xscale="log", title=title, xlabel="gain g (log scale)")
        for values, look in zip((mean, median), PAIR, strict=True):
            cloud(axis, gains, values, *look)
        axis.text(gains[-1], mean[-1].max() + 1.0, "mean", color=BLUE, ha="right", va="bottom")
        axis.text(gains[-4], np.median(median[-3]) - 6, "median", color=OCHRE, ha="right", va="top")
        axis.grid(axis="y")
        plain_ticks(axis, GAIN_TICKS)
    axes[0].set(ylabel="log10 of the gradient size\nin layer 1", ylim=(-46, 4), yticks=range(-40, 1, 10))
    return picture


@in_style
def accuracy_by_gain(gains, panels: Mapping[str, Mapping[int, Array]]) -> Picture:
    """Draw the test accuracy against the gain: a panel for each function, a cloud of seeds for each depth.

    Parameters
    ----------
    gains : array, (gains,)
    panels : mapping
        From the name of a function in ``LOOK`` to a mapping from the number of hidden layers to (gains, seeds); two.
    """
    picture, axes = subplots(1, len(panels), height=3.2, sharey=True)
    for axis, (name, curves) in zip(axes, panels.items(), strict=True):
        axis.set(xscale="log", title=name, xlabel="gain g (log scale)", ylim=(0, 1.04))
        for (depth, accuracy), (colour, style, marker) in zip(
            curves.items(), [(GREY, "--", "s"), (LOOK[name][0], "-", "o")], strict=True
        ):
            label = f"{depth} hidden layer{'s' if depth > 1 else ''}"
            cloud(axis, gains, accuracy, colour, style, marker, label=label)
        axis.grid(axis="y")
        axis.legend(frameon=False, loc="lower right", fontsize=9)
        plain_ticks(axis, GAIN_TICKS)
    axes[0].set_ylabel("test accuracy")
    return picture
