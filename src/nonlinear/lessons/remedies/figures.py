"""The figures of the lesson on remedies."""

from collections.abc import Mapping, Sequence

import numpy as np

from nonlinear.course.compare import Difference
from nonlinear.course.plotting import (
    BLUE,
    GREEN,
    GREY,
    INK,
    LOOK,
    OCHRE,
    PAIR,
    PALETTE,
    TEAL,
    Picture,
    axis_labels,
    cloud,
    in_style,
    note,
    plain_ticks,
    power_ticks,
    subplots,
)
from nonlinear.course.text import minus
from nonlinear.special import Array

SIGNS = {1: (BLUE, "o"), 0: (GREY, "."), -1: (OCHRE, "s")}
"""How a row is drawn that is better than the baseline, a tie, or worse."""


@in_style
def forest(panels: Mapping[str, Mapping[str, Difference]], order: Sequence[str], label: str) -> Picture:
    """Draw differences from a baseline, a row each: the intervals of two sets of seeds, and their medians.

    Parameters
    ----------
    panels : mapping
        From the title of a panel to the difference of each row.
    order : sequence of str
        The rows from top to bottom, the same in every panel.
    label : str
        What differs.
    """
    high = 0.235 * len(order)
    picture, axes = subplots(1, len(panels), high + 0.8, phone=(len(panels), 1, len(panels) * (high + 0.8)))
    for axis, (title, rows) in zip(axes, panels.items(), strict=True):
        for place, name in enumerate(order):
            colour, marker = SIGNS[rows[name].sign]
            for side, median, ends in zip((-0.18, 0.18), rows[name].medians, rows[name].intervals, strict=True):
                axis.plot(ends, [place + side] * 2, color=colour, linewidth=1.5)
                axis.plot(median, place + side, marker, color=colour, markersize=3.4)
        axis.axvline(0, color=INK, linewidth=0.9)
        names = order if axis.get_subplotspec().is_first_col() else [""] * len(order)
        axis.set(title=title, ylim=(len(order) - 0.5, -0.5))
        axis.set_yticks(range(len(order)), names)
        axis.tick_params(axis="y", length=0)
        axis.grid(axis="x")
    axis_labels(axes, label)
    return picture


WAYS = {
    "Leaky ReLU 0.01": (TEAL, "-.", (14, 2.2e4), (0.5, 3000)),
    "Leaky ReLU 0.1": (TEAL, "-", (14, 850), (7, 900)),
    "Leaky ReLU 0.3": (TEAL, "--", (14, 48), (7, 30)),
    "ELU": (GREEN, (0, (8, 3)), (10.5, 4.4e4), (10.7, 4.2e4)),
    "softplus": (OCHRE, "-", (5.0, 1.3e5), (2.6, 1.3e5)),
}
"""How a function's line looks, and where its name stands, on the page and on a phone."""


@in_style
def recovery(starts: Array, curves: Mapping[str, Array]) -> Picture:
    """Draw the steps that a unit needs to come back against where it starts, both on log axes.

    Parameters
    ----------
    starts : array, (starts,)
        How far below 0.
    curves : mapping
        From a name to steps, infinite for never.
    """
    picture, axis = subplots(height=3.8)
    axis.set(xscale="log", yscale="log", ylim=(1, 5e5))
    for name, (colour, style, place, phone) in WAYS.items():
        there = np.isfinite(curves[name])
        axis.plot(starts[there], curves[name][there], color=colour, linestyle=style, marker="o", markersize=3.5)
        note(axis, name, place, phone, color=colour)
    axis_labels(axis, "how far below 0 it starts (log scale)", "steps back to 0 (log scale)")
    plain_ticks(axis, (0.5, 1, 2, 5, 10, 20, 40))
    power_ticks(axis.yaxis, range(6))
    axis.grid(axis="y")
    return picture


@in_style
def by_rate(rates: Array, panels: Mapping[str, Mapping[str, tuple[Array, Array]]]) -> Picture:
    """Draw accuracies against the learning rate, each function a cloud of seeds, for inputs of several kinds.

    Parameters
    ----------
    rates : array, (rates,)
    panels : mapping
        From the title of a panel to accuracy and divergence, (rates, seeds), of each function.
    """
    picture, axes = subplots(1, len(panels), 3.1, phone=(len(panels), 1, 5.4), sharey=True)
    for axis, (title, curves) in zip(axes, panels.items(), strict=True):
        axis.set(xscale="log", ylim=(0, 1.04), title=title)
        for name, (values, lost) in curves.items():
            colour, style, _ = LOOK[name.lower()]
            cloud(axis, rates, values, colour, style, "o", lost)
        axis.grid(axis="y")
        plain_ticks(axis, rates)
        axis.set_xlabel("learning rate (log scale)")
    for name, place in {"ReLU": (0.88, 0.62), "ELU": (0.37, 0.62), "SELU": (0.15, 0.3)}.items():
        note(axes[0], name, place, color=LOOK[name.lower()][0])
    axis_labels(axes, "learning rate (log scale)", "test accuracy")
    return picture


@in_style
def born_dead(gammas: Array, law: tuple[Array, Array], measured: Mapping[str, Array]) -> Picture:
    """Draw the share of units that are dead at birth against how far the inputs are off-centre.

    Parameters
    ----------
    gammas : array, (gammas,)
    law : pair of array
        A fine grid of gammas, and the share expected there.
    measured : mapping
        From the kind of inputs to shares, (gammas, seeds); two.
    """
    picture, axis = subplots(height=3.0)
    axis.plot(*law, color=INK, linewidth=1.2, linestyle=":")
    for (name, values), look, place in zip(measured.items(), PAIR, ((2.1, 0.3), (4.4, 0.16)), strict=True):
        cloud(axis, gammas, values, *look)
        note(axis, name, place, color=look[0])
    note(axis, "expected", (6.6, 0.36), (4.7, 0.4), color=INK)
    axis.set(ylim=(-0.02, 0.46))
    axis_labels(axis, "γ: length of mean / length of spread", "share dead at birth")
    axis.grid(axis="y")
    return picture


@in_style
def learned_slopes(rates: Sequence[float], one: Array, each: Array) -> Picture:
    """Draw what PReLUs have learned, by layer and rate: one slope a layer, and the range of one slope a unit.

    Parameters
    ----------
    rates : sequence of float
    one : array, (rates, layers, seeds)
        The slope of each layer.
    each : array, (rates, quantiles, layers, seeds)
        Smallest, quartiles and largest of the slopes of a layer's units.
    """
    layers = one.shape[1]
    picture, axes = subplots(1, 2, 3.2, phone=(2, 1, 5.8), sharey=True)
    for layer in range(layers):
        colour = PALETTE[layer][0]
        places = np.arange(len(rates)) + 0.18 * (layer - (layers - 1) / 2)
        dots = places[:, None] + np.linspace(-0.06, 0.06, one.shape[-1])
        axes[0].plot(dots.ravel(), one[:, layer].ravel(), "o", color=colour, markersize=2.4, alpha=0.6)
        low, _, middle, _, high = (np.median(each[:, q, layer], axis=-1) for q in range(5))
        axes[1].vlines(
            places, each[:, 0, layer].min(axis=-1), each[:, 4, layer].max(axis=-1), color=colour, linewidth=1
        )
        axes[1].vlines(places, low, high, color=colour, linewidth=3, alpha=0.6)
        axes[1].plot(places, middle, "o", color=colour, markersize=4)
        note(axes[1], f"layer {layer + 1}", (-0.3, 0.9 - 0.12 * layer), color=colour)
    for axis, title in zip(axes, ("one slope a layer", "one slope a unit"), strict=True):
        axis.axhline(1, color=INK, linewidth=0.8, linestyle="--")
        axis.axhline(0, color=INK, linewidth=0.8)
        axis.set(title=title)
        axis.set_xticks(range(len(rates)), [f"{rate:g}" for rate in rates])
        axis.grid(axis="y")
    axis_labels(axes, "learning rate", minus("learned slope a"))
    return picture
