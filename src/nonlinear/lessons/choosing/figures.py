"""The figures of the lesson on choosing."""

from collections.abc import Mapping, Sequence

import numpy as np

from nonlinear.course.plotting import (
    BLUE,
    GREY,
    LOOK,
    OCHRE,
    Picture,
    in_style,
    note,
    on_phone,
    plain_ticks,
    subplots,
)
from nonlinear.special import Array

SIGNS = {1: (BLUE, "o"), 0: (GREY, "o"), -1: (OCHRE, "s")}
"""How a row is drawn that is more than the baseline, a tie, or less."""


@in_style
def clouds(
    panels: Mapping[str, Mapping[str, tuple[Array, int]]], label: str, ticks: Sequence[Sequence[float]], phone: float
) -> Picture:
    """Draw values on log axes, a row each: a dot for every seed, their median a bar in the colour of the verdict.

    Parameters
    ----------
    panels : mapping
        From the title of a panel to the values of each row, of any shape, and the sign of its verdict: 1 for better.
    label : str
        What the values are.
    ticks : sequence of sequence of float
        For each panel.
    phone : float
        The height of a panel on a phone.
    """
    rows = list(next(iter(panels.values())))
    picture, axes = subplots(
        1, len(panels), 0.27 * len(rows) + 0.75, phone=(len(panels), 1, phone * len(panels)), squeeze=False
    )
    for axis, (title, values), marks in zip(axes.ravel(), panels.items(), ticks, strict=True):
        for place, name in enumerate(rows):
            each, sign = np.ravel(values[name][0]), values[name][1]
            colour, marker = SIGNS[sign]
            axis.plot(each, np.full(each.size, place), marker, color=colour, alpha=0.3, markersize=3.6, mew=0)
            axis.plot([np.median(each)] * 2, [place - 0.36, place + 0.36], color=colour, linewidth=2.2)
        first = on_phone() or axis.get_subplotspec().is_first_col()
        axis.set(xscale="log", title=title, ylim=(len(rows) - 0.5, -0.5), xlabel=label)
        axis.set_yticks(range(len(rows)), rows if first else [""] * len(rows))
        axis.tick_params(axis="y", length=0)
        plain_ticks(axis, marks)
        axis.tick_params(axis="x", which="minor", bottom=False, labelbottom=False)
        axis.grid(axis="x")
    return picture


@in_style
def by_rate(
    panels: Mapping[str, tuple[Sequence[float], Mapping[str, Array]]], places: Mapping[str, Mapping[str, tuple]]
) -> Picture:
    """Draw median accuracies against the learning rate, on a log axis, for a few functions.

    Parameters
    ----------
    panels : mapping
        From the title of a panel to its rates and the accuracies of each function, (rates, seeds).
    places : mapping
        By panel and function, where its name stands, on the page and on a phone.
    """
    picture, axes = subplots(1, len(panels), 3.0, phone=(len(panels), 1, 2.5 * len(panels)))
    for axis, (title, (rates, curves)) in zip(axes, panels.items(), strict=True):
        axis.set(xscale="log", ylim=(0, 102), title=title, xlabel="learning rate (log scale)")
        for name, values in curves.items():
            colour, style, _ = LOOK[{"ReLU": "relu", "tanh": "tanh", "sigmoid": "sigmoid", "SELU": "selu"}[name]]
            axis.plot(rates, np.median(values, axis=-1), color=colour, linestyle=style, marker="o", markersize=3.5)
            note(axis, name, *places[title][name], color=colour)
        plain_ticks(axis, rates[::2])
        axis.tick_params(axis="x", which="minor", bottom=False, labelbottom=False)
        axis.grid(axis="y")
    axes[0].set_ylabel("test accuracy, %")
    return picture
