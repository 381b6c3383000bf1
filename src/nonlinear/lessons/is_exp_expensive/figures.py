"""The figures of the lesson on the cost of activation functions."""

import numpy as np

from nonlinear.course.plotting import LOOK, PAIR, Picture, axis_labels, cloud, in_style, note, plain_ticks, subplots
from nonlinear.lessons.is_exp_expensive.experiment import DTYPES, FORMULAS, NAMES, Costs

LABELS = {"sigmoid": (14, 1.52), "tanh": (14, 0.74), "ELU": (200, 0.74), "leaky ReLU": (90, 1.95)}
"""Where a function's name stands in the first panel, (width, time)."""


def look_of(function: str) -> tuple[str, str]:
    """Return the colour and the line style of one of the formulas."""
    return LOOK[NAMES.get(function, function)][:2]


@in_style
def by_number(costs: Costs) -> Picture:
    """Draw what each formula costs relative to ReLU, a row for each, a dot for each round."""
    picture, axis = subplots(height=4.6)
    rows = np.arange(len(FORMULAS))[::-1]
    for dtype, shift, (colour, _, marker) in zip(DTYPES, (0.17, -0.17), PAIR, strict=True):
        for row, name in zip(rows, FORMULAS, strict=True):
            values = costs.relative(name, dtype)
            axis.plot(values, np.full(len(values), row + shift), marker, color=colour, markersize=3, alpha=0.5)
            axis.plot(np.median(values), row + shift, marker, color=colour, markersize=7)
        last = float(np.median(costs.relative("softplus", dtype)))
        row = rows[list(FORMULAS).index("softplus")] + shift
        above = shift > 0
        axis.annotate(
            dtype,
            (last, row),
            xytext=(0, 9 if above else -9),
            textcoords="offset points",
            color=colour,
            ha="center",
            va="bottom" if above else "top",
        )
    counts = [f.exponentials for f in FORMULAS.values()]
    axis.set(xscale="log", xlabel="time, ReLU = 1 (log scale)", xlim=(0.7, 130), ylim=(-0.7, len(rows) - 0.3))
    axis.set_yticks(rows, [f"{name} ({count} exp)" for name, count in zip(FORMULAS, counts, strict=True)])
    axis.grid(axis="x")
    plain_ticks(axis, (1, 3, 10, 30, 100))
    return picture


@in_style
def by_width(costs: Costs) -> Picture:
    """Draw the time of a layer relative to one with ReLU, against its width, a panel for each type of number."""
    picture, axes = subplots(1, 2, height=3.4, phone=(2, 1, 5.6), sharey=True)
    widths = sorted({width for _, _, width in costs.layers})
    for axis, dtype in zip(axes, DTYPES, strict=True):
        axis.set(xscale="log", title=dtype, ylim=(0.7, 2.3))
        for function, place in LABELS.items():
            values = np.array([costs.relative(function, dtype, width) for width in widths])
            cloud(axis, widths, values, *look_of(function))
            if dtype == DTYPES[0]:
                note(axis, function, place, color=look_of(function)[0])
        axis.axhline(1, color=look_of("ReLU")[0], linewidth=1)
        axis.grid(axis="y")
        plain_ticks(axis, (16, 64, 256, 1024))
    axis_labels(axes, "units (log scale)", "time, in times that of\na layer with ReLU")
    return picture
