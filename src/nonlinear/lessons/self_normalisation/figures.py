"""The figures of the lesson on self-normalisation and Maxout."""

from collections.abc import Mapping, Sequence

import numpy as np

from nonlinear.course.plotting import (
    BLUE,
    GREY,
    INK,
    LOOK,
    OCHRE,
    TEAL,
    VERMILLION,
    Picture,
    axis_labels,
    in_style,
    note,
    power_ticks,
    subplots,
)
from nonlinear.special import Array

NAMED = {  # where a function's name stands in a figure of spreads, (gain, spread), on the page and on a phone
    "SELU": ((0.76, 1.0), (0.62, 1.0)),
    "ELU": ((1.06, 0.05), (1.06, 0.05)),
    "ReLU": ((1.43, 0.05), (1.43, 0.02)),
    "tanh": ((1.62, 0.9), (1.53, 0.95)),
}


@in_style
def against_gain(gains: Array, theory: Mapping[str, Array], seen: Array, measured: Mapping[str, Array]) -> Picture:
    """Draw the spread of a late layer against the gain: lines for infinitely wide layers, bars for real ones.

    Parameters
    ----------
    gains : array, (gains,)
    theory : mapping
        From a function's title to spreads, (gains,).
    seen : array, (fewer gains,)
    measured : mapping
        Likewise, smallest, median and largest, (fewer gains, 3).
    """
    picture, axis = subplots(height=3.5)
    axis.set(xlim=(0.5, 1.75), ylim=(1e-3, 1e3), yscale="log")
    for name, spreads in theory.items():
        colour, style, _ = LOOK[name.lower()]
        axis.plot(gains, spreads, color=colour, linestyle=style)
        low, middle, high = measured[name].T
        kept = (low > 1e-3) & (high < 1e3)
        axis.vlines(seen[kept], low[kept], high[kept], color=colour, linewidth=3, alpha=0.4)
        axis.plot(seen[kept], middle[kept], "o", color=colour, markersize=4)
        note(axis, name, *NAMED[name], color=colour)
    power_ticks(axis.yaxis, range(-3, 4))
    axis.grid(axis="y")
    axis_labels(axis, "gain of the weights", "spread at layer 200 (log scale)")
    return picture


@in_style
def by_layer(layers: Sequence[int], spread: Mapping[str, Array], apart: Mapping[str, Array], named: Mapping) -> Picture:
    """Draw spread (on a log axis) and how far inputs are apart, by layer: a median in a band that holds all seeds.

    Parameters
    ----------
    layers : sequence of int
    spread, apart : mapping
        From a function's title to smallest, median and largest, (layers, 3).
    named : mapping
        Where a function's name stands: for each title, the panel, and the place on the page and on a phone.
    """
    picture, axes = subplots(1, 2, height=3.3, phone=(2, 1, 5.2))
    for axis, curves in zip(np.ravel(axes), (spread, apart), strict=True):
        axis.set(xlim=(0, layers[-1]))
        for name, values in curves.items():
            colour, style, _ = LOOK[name.lower()]
            low, middle, high = values.T
            axis.fill_between(layers, low, high, color=colour, alpha=0.18, linewidth=0)
            axis.plot(layers, middle, color=colour, linestyle=style)
        axis.grid(axis="y")
        axis.set_xlabel("layer")
    for name, (panel, place, phone) in named.items():
        note(np.ravel(axes)[panel], name, place, phone, color=LOOK[name.lower()][0])
    first, second = np.ravel(axes)
    first.set(yscale="log", title="spread (log scale)")
    power_ticks(first.yaxis, (-1, 0, 1))
    second.set(ylim=(-0.05, 1.1), title="part that differs between inputs")
    return picture


@in_style
def kept(spread: Mapping[str, Array], places: Sequence[tuple]) -> Picture:
    """Draw the spread by layer after training, each line a way to train: a median in a band that holds all seeds.

    Parameters
    ----------
    spread : mapping
        From a line's name to spreads, (layers, members).
    places : sequence of pairs
        Where the names stand, on the page and on a phone.
    """
    picture, axis = subplots(height=3.2)
    looks = ((BLUE, "-"), (TEAL, "-."), (OCHRE, "--"), (VERMILLION, ":"))
    for (name, values), (colour, style), place in zip(spread.items(), looks, places, strict=True):
        layers = np.arange(1, len(values) + 1)
        axis.fill_between(layers, values.min(axis=1), values.max(axis=1), color=colour, alpha=0.18, linewidth=0)
        axis.plot(layers, np.median(values, axis=1), color=colour, linestyle=style)
        note(axis, name, *place, color=colour)
    axis.set(xlim=(1, layers[-1]), ylim=(0.75, 2.6), xticks=[1, 8, 16, 24, 32], yticks=[1, 1.5, 2, 2.5])
    axis.grid(axis="y")
    axis_labels(axis, "hidden layer", "spread")
    return picture


@in_style
def race_by_depth(epochs: Mapping[str, Mapping[str, Array]], never: float) -> Picture:
    """Draw epochs until the error is down, one panel for each depth: every seed a dot, their median a bar.

    Parameters
    ----------
    epochs : mapping
        From a panel's title to a mapping from a function's title to epochs, (2, members); infinite for never.
    never : float
        Where those are drawn.
    """
    picture, axes = subplots(1, 2, height=3.2, phone=(2, 1, 5.0), sharey=True)
    for axis, (title, groups) in zip(np.ravel(axes), epochs.items(), strict=True):
        for place, (name, values) in enumerate(groups.items()):
            drawn = np.where(np.isfinite(values), values, never).ravel()
            colour = LOOK[name.lower()][0]
            axis.plot(place + np.linspace(-0.25, 0.25, drawn.size), drawn, "o", color=colour, markersize=3, alpha=0.6)
            axis.hlines(np.median(drawn), place - 0.32, place + 0.32, color=colour, linewidth=2.2)
        axis.set(yscale="log", title=title, xticks=range(len(groups)), xticklabels=groups)
        axis.grid(axis="y")
        ticks = [tick for tick in (0.2, 0.5, 1, 2, 5, 10) if tick < never]
        axis.set_yticks([*ticks, never], [*(f"{tick:g}" for tick in ticks), "never"])
        axis.minorticks_off()
    axis_labels(axes, "", "epochs (log scale)")
    return picture


@in_style
def drawn_by_pieces(x: Array, units: Mapping[str, tuple[Array, Array]]) -> Picture:
    """Draw what units of Maxout compute: the lines thin, the largest of them thick, and what it is to be dashed.

    Parameters
    ----------
    x : array, (points,)
    units : mapping
        From a title to the lines, (pieces, points), and the function to be drawn, (points,).
    """
    picture, axes = subplots(1, len(units), height=2.5, phone=(2, 2, 4.6))
    for axis, (title, (lines, goal)) in zip(np.ravel(axes), units.items(), strict=True):
        axis.plot(x, lines.T, color=GREY, linewidth=0.9)
        axis.plot(x, lines.max(axis=0), color=TEAL, linewidth=3, alpha=0.6)
        axis.plot(x, goal, color=INK, linestyle="--", linewidth=1.4)
        axis.set(title=title, xlim=(x[0], x[-1]), ylim=(-2.2, 2.2), xticks=[-2, 0, 2], yticks=[-2, 0, 2])
        axis.grid()
    return picture
