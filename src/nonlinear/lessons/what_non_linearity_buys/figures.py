"""The figures of the lesson on what non-linearity buys."""

from collections.abc import Mapping, Sequence

import numpy as np

from nonlinear.course.plotting import (
    BLUE,
    GREY,
    INK,
    MAGENTA,
    OCHRE,
    TEAL,
    Picture,
    axis_labels,
    cloud,
    in_style,
    note,
    on_phone,
    plain_ticks,
    power_ticks,
    subplots,
)
from nonlinear.lessons.what_non_linearity_buys.experiment import VIEW, Plane, Trial, grid
from nonlinear.special import Array

PALE_BLUE, PALE_OCHRE = "#d6e5f7", "#f0e9d6"
LOOKS = [(BLUE, "-", "o"), (TEAL, "--", "s"), (OCHRE, "-.", "^"), (MAGENTA, ":", "D")]


@in_style
def best_lines(planes: Mapping[str, Plane], lines: Mapping[str, tuple[float, Array, float]]) -> Picture:
    """Draw each set of points with a straight line, hatched on the side of class 1.

    Parameters
    ----------
    planes : mapping
        From a name to the points; three.
    lines : mapping
        From the same names to (share, weights, bias): the line is weights.x + bias = 0.
    """
    picture, axes = subplots(1, len(planes), height=2.8, phone=(1, len(planes), 1.8), sharey=True)
    for axis, (name, plane) in zip(axes, planes.items(), strict=True):
        share, weights, bias = lines[name]
        _map(axis, grid() @ weights + bias)
        _points(axis, plane.x[:200], plane.labels[:200])
        axis.set_title(f"{name}:\n{share:.1%} right")
    return picture


@in_style
def decision_maps(planes: Mapping[str, Plane], maps: Mapping[str, Mapping[str, Array]], notes=None) -> Picture:
    """Draw the map of a classifier for each set of points (rows) and each activation function (columns).

    On a phone rows and columns change places.

    Parameters
    ----------
    planes : mapping
        From a name to the points.
    maps : mapping of mapping
        From a set's name and a function's to log-odds of class 1, (40, 40).
    notes : mapping of mapping of str, optional
        What to write above each map.
    """
    rows, columns = len(maps), len(next(iter(maps.values())))
    phone = columns, rows, 1.35 * columns + 0.5
    picture, axes = subplots(rows, columns, height=1.85 * rows + 0.2, phone=phone, sharex=True, sharey=True)
    for row, (name, cells) in zip(axes.T if on_phone() else axes, maps.items(), strict=True):
        for axis, (function, odds) in zip(row, cells.items(), strict=True):
            _map(axis, odds)
            _points(axis, planes[name].x[:100], planes[name].labels[:100], size=1.6)
            axis.set_title(f"{function}: {notes[name][function]}" if notes else function, fontsize=9.5)
        if on_phone():
            row[0].set_title(f"{name}\n\n{row[0].get_title(loc='left')}", fontsize=9.5)
        else:
            row[0].set_ylabel(name)
    return picture


@in_style
def xor_lines(trial: Trial, members: Sequence[int], titles: Sequence[str]) -> Picture:
    """Draw what some networks say about the plane; for each hidden unit, its line z = 0 and an arrow to where it is on.

    Parameters
    ----------
    trial : Trial
    members : sequence of int
        A panel for each.
    titles : sequence of str
    """
    picture, axes = subplots(1, len(members), height=3.9, phone=(len(members), 1, 6.4), sharey=True)
    odds = np.diff(trial.network.predict(trial.end, grid()), axis=-1)[..., 0]
    for axis, member, title in zip(axes, members, titles, strict=True):
        _map(axis, odds[member], edge=False)
        weights, bias = trial.end[0]["weights"][member], trial.end[0]["bias"][member, 0]
        for (w1, w2), b, style in zip(weights.T, bias, ("-", "--", "-.", ":"), strict=False):
            _line(axis, w1, w2, b, style)
        _points(axis, trial.x, trial.labels, size=8)
        axis.set_title(title)
    axis_labels(axes, "x₁", "x₂")
    return picture


@in_style
def approximations(x: Array, target: Array, lines: Mapping[str, Array]) -> Picture:
    """Draw a function on [-1, 1] and what comes near it."""
    picture, axis = _beside(x, target, "target g", lines)
    axis.set(xlabel="x", ylim=(min(target) - 0.3, max(target) + 0.75))
    axis.legend(frameon=False, loc="upper center", ncols=2, fontsize=9)
    return picture


@in_style
def readings(z: Array, sigmoid: Array, lines: Mapping[str, Array]) -> Picture:
    """Draw several functions beside the logistic one, cut off at 2.6; four."""
    picture, axis = _beside(z, sigmoid, "logistic σ", lines)
    places = (((1.95, 2.3), "left"), ((0.95, 2.3), "right"), ((z[-1], 2.08), "right"), ((z[-1], 1.08), "right"))
    for name, (colour, _, _), (place, side) in zip(lines, LOOKS, places, strict=True):
        note(axis, name.replace("half the ", "half the\n"), place, color=colour, ha=side)
    note(axis, "logistic σ", (z[0], 0.1), color=GREY, va="bottom")
    axis.set(xlabel="z", ylim=(-0.25, 2.6), xlim=(z[0], z[-1]))
    return picture


@in_style
def error_against_width(widths: Array, curves: Mapping[str, Array], levels: Mapping[str, float]) -> Picture:
    """Draw errors against the number of units, both on log scales.

    Parameters
    ----------
    widths : array, (widths,)
    curves : mapping
        From a name to (widths, seeds), or (widths,) where there is no chance.
    levels : mapping
        From a name to an error that is the same at all widths.
    """
    picture, axis = subplots(height=3.6)
    axis.set(xscale="log", yscale="log")
    for (name, values), (colour, style, marker) in zip(curves.items(), LOOKS, strict=False):
        if np.ndim(values) == 2:
            cloud(axis, widths, values, colour, style, marker)
        else:
            axis.plot(widths, values, color=colour, linestyle=style, marker=marker, markersize=4)
        note(axis, name, (1.3 * widths[-1], np.median(values[-1])), color=colour, va="center")
    for (name, level), style in zip(levels.items(), ("-", (0, (1, 1))), strict=False):
        axis.axhline(level, color=GREY, linestyle=style, linewidth=1.4)
        axis.text(widths[-1], level * 1.12, name.replace(", ", ",\n"), ha="right", va="bottom", fontsize=9.5)
    axis.set(xlabel="hidden units", ylabel="rms error on [−1, 1]")
    plain_ticks(axis, widths[:: 2 if on_phone() else 1])
    power_ticks(axis.yaxis, range(-3, 1))
    axis.set(ylim=(None, 3), xlim=(None, widths[-1] * (5 if on_phone() else 2.2)))
    axis.grid(axis="y")
    return picture


def _beside(x: Array, reference: Array, name: str, lines: Mapping[str, Array]):
    """Return a picture and its axis, with one broad grey line and others over it."""
    picture, axis = subplots(height=2.8)
    axis.plot(x, reference, color=GREY, linewidth=4, alpha=0.45, label=name)
    for (label, values), (colour, style, _) in zip(lines.items(), LOOKS, strict=False):
        axis.plot(x, values, color=colour, linestyle=style, label=label)
    axis.grid(axis="y")
    return picture, axis


def _map(axis, odds: Array, edge: bool = True) -> None:
    """Shade where a function of `grid` is above 0, with hatching, and below 0."""
    side = np.linspace(-VIEW, VIEW, 40)
    odds = np.reshape(odds, (40, 40))
    axis.set_facecolor(PALE_OCHRE)
    if odds.max() > 0:
        axis.contourf(side, side, odds, [0, 1e9], colors=[PALE_BLUE], hatches=["////"])
    if edge and odds.min() < 0 < odds.max():
        axis.contour(side, side, odds, [0], colors=INK, linewidths=1.6)
    axis.set(aspect="equal", xticks=[-2, 0, 2], yticks=[-2, 0, 2], xlim=(-VIEW, VIEW), ylim=(-VIEW, VIEW))


def _points(axis, x: Array, labels: Array, size: float = 2.2) -> None:
    for label, (marker, colour) in enumerate((("o", OCHRE), ("^", BLUE))):
        those = x[labels == label]
        axis.plot(*those.T, marker, color=colour, markersize=size * (1 + 0.25 * label), markeredgewidth=0)


def _line(axis, w1: float, w2: float, b: float, style: str) -> None:
    """Draw w1 x1 + w2 x2 + b = 0, and an arrow to the side where that is positive."""
    normal = np.array([w1, w2]) / np.hypot(w1, w2)
    foot, along = -normal * b / np.hypot(w1, w2), np.array([-normal[1], normal[0]])
    ends = foot + np.outer([-9, 9], along)
    axis.plot(*ends.T, color=INK, linestyle=style, linewidth=1.6)
    at = foot + 1.2 * along
    arrow = {"arrowstyle": "-|>", "color": INK, "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
    axis.annotate("", at + 0.75 * normal, at, arrowprops=arrow)
