"""The figures of the lesson on where gradients come from."""

from collections.abc import Mapping, Sequence

import numpy as np

from nonlinear.course.plotting import (
    BLUE,
    GREY,
    INK,
    PAIR,
    VERMILLION,
    Picture,
    cloud,
    in_style,
    note,
    on_phone,
    power_ticks,
    subplots,
)
from nonlinear.course.text import minus
from nonlinear.special import Array


@in_style
def network_diagram(activations: Sequence[Array], deltas: Sequence[Array], weights: Sequence[str] = ()) -> Picture:
    """Draw a network as circles and lines, with every unit's activation in it and its delta below it.

    Parameters
    ----------
    activations : sequence of array, (units,)
        The inputs first, then each layer's.
    deltas : sequence of array, (units,)
        One for each layer; the inputs have none.
    weights : sequence of str, optional
        What the weights of each layer are called.
    """
    picture, axis = subplots(height=2.9)
    small = 0.81 if on_phone() else 1
    names = ["inputs", *(f"layer {k}" for k in range(1, len(activations) - 1)), "output"]
    places = [[(1.25 * k, (len(a) - 1) * 0.55 - 1.1 * i) for i in range(len(a))] for k, a in enumerate(activations)]
    for left, right in zip(places[:-1], places[1:], strict=True):
        for start in left:
            for end in right:
                axis.plot(*zip(start, end, strict=True), color=GREY, linewidth=1, zorder=1)
    for k, (column, a) in enumerate(zip(places, activations, strict=True)):
        axis.text(column[0][0], 1.25, names[k], ha="center", fontsize=11 * small)
        for i, (x, y) in enumerate(column):
            axis.plot(x, y, "o", markersize=35 * small, color="white", markeredgecolor=INK, markeredgewidth=1.2)
            axis.text(x, y, f"{a[i]:.2f}", ha="center", va="center", fontsize=11.5 * small)
            if k > 0:
                text = minus(f"δ {deltas[k - 1][i]:.3f}")
                style = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
                axis.text(x, y - 0.5, text, ha="center", va="center", fontsize=10.5 * small, color=BLUE, bbox=style)
    for k, name in enumerate(weights):
        axis.text(1.25 * k + 0.625, 0.75, name, ha="center", fontsize=12, style="italic", color=VERMILLION)
    axis.set(xlim=(-0.5, 1.25 * (len(activations) - 1) + 0.5), ylim=(-1.3, 1.45))
    axis.axis("off")
    return picture


@in_style
def step_errors(steps: Array, curves: Mapping[str, Array]) -> Picture:
    """Draw the error of differences against their step, each curve a cloud of seeds; two curves.

    Parameters
    ----------
    steps : array, (steps,)
    curves : mapping
        From a label to errors, (steps, seeds).
    """
    picture, axis = subplots(height=3.1)
    axis.set(xscale="log", yscale="log", ylim=(1e-13, 30))
    axis.set(xlabel="step h (log scale)", ylabel="relative error (log scale)")
    places = (((2e-4, 1e-9), "left"), ((8e-6, 3e-4), "right"))
    for (name, errors), look, (place, side) in zip(curves.items(), PAIR, places, strict=True):
        cloud(axis, steps, np.maximum(errors, 1e-13), *look)
        note(axis, name, place, color=look[0], ha=side)
    power_ticks(axis.xaxis, range(-10, 1, 2))
    power_ticks(axis.yaxis, range(-12, 1, 3))
    axis.grid(axis="y")
    return picture


@in_style
def training(steps: Array, curves: Mapping[str, Array]) -> Picture:
    """Draw the loss against the step, the median of the seeds in a band from the smallest to the largest; three curves.

    Parameters
    ----------
    steps : array, (steps,)
    curves : mapping
        From a label to losses, (steps, seeds).
    """
    picture, axis = subplots(height=2.8)
    looks = [(BLUE, "-", (1150, 0.012)), (VERMILLION, "--", (2000, 0.225)), (INK, ":", (2000, 0.08))]
    for (name, losses), (colour, style, place) in zip(curves.items(), looks, strict=True):
        axis.fill_between(steps, losses.min(axis=1), losses.max(axis=1), color=colour, alpha=0.15, linewidth=0)
        axis.plot(steps, np.median(losses, axis=1), color=colour, linestyle=style)
        note(axis, name, place, color=colour, ha="right")
    axis.set(xlabel="step of gradient descent", ylabel="loss", ylim=(0, 0.45))
    axis.grid(axis="y")
    return picture
