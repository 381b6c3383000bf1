"""The figures of the lab."""

from collections.abc import Mapping, Sequence

import numpy as np

from nonlinear.course.plotting import (
    BLUE,
    GREY,
    OCHRE,
    Picture,
    axis_labels,
    in_style,
    plain_ticks,
    power_ticks,
    subplots,
)
from nonlinear.special import Array


@in_style
def losses(times: Sequence[int], curves: Mapping[str, Array], twin: Array, guess: float) -> Picture:
    """Draw the loss of every patient over the steps, each in a panel of its own, with that of the healthy twin.

    Parameters
    ----------
    times : sequence of int
    curves : mapping
        From a patient to losses, (times,).
    twin : array, (times,)
    guess : float
        The loss of a guess.
    """
    picture, axes = subplots(2, 4, height=4.4, phone=(4, 2, 7.6), sharex=True, sharey=True)
    for axis, (name, curve) in zip(axes.flat, curves.items(), strict=False):
        axis.axhline(guess, color=GREY, linewidth=1, linestyle=":")
        axis.plot(times, np.minimum(twin, 9), color=GREY, linewidth=1.4, linestyle="--")
        axis.plot(times, np.minimum(curve, 9), color=BLUE, linewidth=2)
        axis.set(title=f"network {name}", xscale="log", ylim=(0, 4))
        if curve.max() > 4:
            words = f"start {curve[0]:.2g},\nhighest {curve.max():.2g}"
            axis.text(0.97, 0.95, words, color=BLUE, transform=axis.transAxes, ha="right", va="top")
        plain_ticks(axis, (1, 10, 100, 900))
    last = axes.flat[-1]
    last.set_axis_off()
    for place, (colour, word) in enumerate(
        ((BLUE, "the network"), (GREY, "its healthy twin"), (GREY, "dotted: a guess"))
    ):
        last.text(0.1, 0.7 - 0.2 * place, word, color=colour, transform=last.transAxes)
    axis_labels(axes, "step (log scale)", "loss")
    return picture


PANELS = {
    "ratio": ("update ratio, first step", (-7, -5, -3, -1)),
    "fall": ("gradient, layer 1 over last", (-3, -2, -1, 0)),
    "shrink": ("spread, layer 5 over layer 1", (-3, -2, -1, 0)),
    "batch": ("loss on one batch, 500 steps", (-3, -2, -1, 0, 1)),
}
"""What is drawn of the readings: title and powers of ten that are marked."""


@in_style
def readings(found: Mapping[str, Mapping[str, Array]], limits: Mapping[str, float]) -> Picture:
    """Draw four readings of every network: a dot for every seed, a row for every fault, and where the chart divides.

    Parameters
    ----------
    found : mapping
        From a reading to faults, and from these to values, (seeds,).
    limits : mapping
        From a reading to the value at which the chart divides.
    """
    picture, axes = subplots(2, 2, height=5.6, phone=(4, 1, 10.4), sharey=True)
    for axis, (name, (title, powers)) in zip(axes.flat, PANELS.items(), strict=True):
        low, high = 10.0 ** (powers[0] - 0.5), 10.0 ** (powers[-1] + 0.5)
        for row, values in enumerate(found[name].values()):
            shown = np.clip(values, low, high)
            axis.plot(shown, row + np.linspace(-0.22, 0.22, len(shown)), "o", color=BLUE, markersize=3.2, mew=0)
        axis.axvline(limits[name], color=OCHRE, linewidth=1.6, linestyle="--")
        axis.set(xscale="log", xlim=(low / 1.3, high * 1.3), title=title, ylim=(len(found[name]) - 0.5, -0.5))
        power_ticks(axis.xaxis, powers)
        axis.set_yticks(range(len(found[name])), list(found[name]))
        axis.tick_params(axis="y", length=0)
        axis.grid(axis="y")
    return picture
