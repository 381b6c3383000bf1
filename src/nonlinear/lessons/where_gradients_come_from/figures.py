"""The figures of the lesson on where gradients come from."""

from collections.abc import Mapping

import numpy as np

from nonlinear.course.plotting import (
    BLUE,
    INK,
    PAIR,
    VERMILLION,
    Picture,
    cloud,
    in_style,
    note,
    power_ticks,
    subplots,
)
from nonlinear.special import Array


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
