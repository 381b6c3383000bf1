"""The figures of the lesson on what the machine computes."""

from collections.abc import Mapping

import numpy as np

from nonlinear.course.plotting import (
    BLUE,
    GREY,
    INK,
    LOOK,
    VERMILLION,
    Picture,
    axis_labels,
    in_style,
    note,
    subplots,
)
from nonlinear.special import Array


@in_style
def near_its_limits(sides: Mapping[str, tuple[Array, Array, Array]], unit: str) -> Picture:
    """Draw how far computed and exact values are from the limit that they approach, one panel for each side.

    Parameters
    ----------
    sides : mapping
        From a title to z, the computed and the exact distances, in multiples of ``unit``.
    unit : str
    """
    picture, axes = subplots(1, len(sides), height=3.1, phone=(len(sides), 1, 5.2), sharey=True)
    for axis, (title, (z, computed, exact)) in zip(axes, sides.items(), strict=True):
        axis.plot(z, computed, color=BLUE, linewidth=2.2, drawstyle="steps-mid")
        axis.plot(z, exact, color=INK, linestyle="--", linewidth=1.3)
        axis.set(title=title, ylim=(-0.3, 6.6))
        axis.grid(axis="y")
    note(axes[0], "float32", (15.7, 3.9), color=BLUE, va="center")
    note(axes[0], "exact", (17.1, 0.75))
    axis_labels(axes, "z", f"distance in units of {unit}")
    return picture


@in_style
def slopes(z: Array, curves: Mapping[str, tuple[Array, Array]]) -> Picture:
    """Draw slopes on a log axis, by the textbook formula and from z; those that are exactly 0 are drawn at the bottom.

    Parameters
    ----------
    z : array, (points,)
    curves : mapping
        From the name of a function to its slopes, (textbook, ours); one panel each.
    """
    picture, axes = subplots(1, len(curves), height=3.4, phone=(len(curves), 1, 5.8), sharey=True)
    floor = -16.0
    for axis, (name, (textbook, ours)) in zip(axes, curves.items(), strict=True):
        right, zero = textbook > 0, textbook == 0
        axis.plot(z[ours > 0], np.log10(ours[ours > 0]), color=LOOK[name][0], linestyle="--", linewidth=1.6)
        axis.plot(z[right], np.log10(textbook[right]), ".", color=INK, markersize=2.5)
        axis.plot(z[zero], np.full(zero.sum(), floor), "x", color=VERMILLION, markersize=3.5, markeredgewidth=0.9)
        axis.set(title=f"slope of {name}", ylim=(floor - 1, 0.8))
        axis.grid(axis="y")
    axes[0].set_yticks([-12, -9, -6, -3, 0, floor], ["−12", "−9", "−6", "−3", "0", "exactly 0"])
    note(axes[0], "textbook", (0, -3.5), ha="center")
    note(axes[0], "from z", (z[-1], -5.4), color=LOOK[next(iter(curves))][0], ha="right", va="bottom")
    note(axes[0], "textbook: 0", (z[-1], floor + 0.6), color=VERMILLION, ha="right", va="bottom")
    axis_labels(axes, "z", "log10 of the slope (float32)")
    return picture


@in_style
def errors(z: Array, curves: Mapping[str, Array]) -> Picture:
    """Draw errors in ulp against z on a log axis: of the value, and of the slope computed from it.

    Parameters
    ----------
    z : array, (points,)
    curves : mapping
        From a label to errors, (points,); two.
    """
    picture, axis = subplots(height=3.2)
    looks = [(BLUE, "o", (z[0], 8), "left"), (VERMILLION, "x", (10, 3e5), "right")]
    for (name, values), (colour, marker, place, side) in zip(curves.items(), looks, strict=True):
        axis.plot(z, np.maximum(values, 0.01), marker, color=colour, markersize=2.6)
        note(axis, name.replace(", ", ",\n"), place, color=colour, ha=side, va="bottom")
    axis.axhline(1, color=GREY, linewidth=1)
    axis.set(yscale="log", xlabel="z", ylabel="error in ulp (log scale)", ylim=(0.008, 1e8))
    axis.set_yticks([0.01, 1, 100, 1e4, 1e6, 1e8], ["≤ 0.01", "1", "100", "10⁴", "10⁶", "10⁸"])
    return picture
