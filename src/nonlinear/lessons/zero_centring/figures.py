"""The figures of the lesson on zero-centring."""

from collections.abc import Mapping

import numpy as np
from matplotlib.patches import Ellipse

from nonlinear.course.plotting import (
    BLUE,
    GREY,
    INK,
    MAGENTA,
    OCHRE,
    TEAL,
    VERMILLION,
    Picture,
    axis_labels,
    columns,
    in_style,
    note,
    power_ticks,
    subplots,
)
from nonlinear.special import Array

STYLES = ((BLUE, "-"), (VERMILLION, (0, (2, 2))), (TEAL, "-."), (OCHRE, "--"))


@in_style
def paths(panels: Mapping[str, tuple[Array, Array, Array]], reach: float = 1.15) -> Picture:
    """Draw paths of two weights over the ellipses of their loss.

    Parameters
    ----------
    panels : mapping
        From a title to a path (steps + 1, 2) with NaN after its end, a Hessian (2, 2) and a minimum (2,).
    reach : float
        The weights shown go from -reach to reach.
    """
    picture, axes = subplots(1, len(panels), height=3.9, phone=(len(panels), 1, 6.4), sharey=True)
    for axis, (title, (path, hessian, minimum)) in zip(axes, panels.items(), strict=True):
        path = path[np.isfinite(path).all(axis=-1)]
        values, vectors = np.linalg.eigh(hessian)
        angle = np.rad2deg(np.arctan2(vectors[1, 0], vectors[0, 0]))
        start = (path[0] - minimum) @ hessian @ (path[0] - minimum)
        for share in 10 ** np.arange(0, -2.5, -0.5):
            width, height = 2 * np.sqrt(share * start / values)
            ring = Ellipse(minimum, width, height, angle=angle, facecolor="none", edgecolor=GREY, linewidth=0.7)
            axis.add_patch(ring)
        for here, there in zip(path, path[1:], strict=False):
            same = np.prod(np.sign(there - here)) > 0
            style = {"color": BLUE} if same else {"color": VERMILLION, "linestyle": (0, (2.5, 1.5))}
            axis.plot(*np.transpose([here, there]), linewidth=1.2, marker=".", markersize=2.5, **style)
        axis.plot(*path[0], "s", color="white", markeredgecolor=INK, markersize=6)
        axis.plot(*minimum, "+", color=INK, markersize=10, markeredgewidth=1.6)
        axis.set(title=title, xlim=(-reach, reach), ylim=(-reach, reach), aspect=1)
        axis.set(xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    axis_labels(axes, "weight w₁", "weight w₂")
    return picture


@in_style
def losses(curves: Mapping[str, Array], steps: int) -> Picture:
    """Draw the loss, as a share of that at the start, against the step: the median of the seeds for each curve.

    Parameters
    ----------
    curves : mapping
        From a label to losses (steps + 1, seeds); up to four.
    steps : int
        How many to show.
    """
    picture, axis = subplots(height=3.0)
    places = ((0.5, 0.28), (0.5, 0.18), (0.015, 0.018), (0.48, 0.0125))
    for k, ((name, loss), (colour, style), (x, y)) in enumerate(zip(curves.items(), STYLES, places, strict=False)):
        median = np.median(loss[: steps + 1], axis=1)
        axis.plot(median, color=colour, linestyle=style, linewidth=3.4 if k == 0 else 1.8)
        note(axis, name.replace(" + ", "\n+ "), (x * steps, y), color=colour)
    axis.axhline(0.01, color=INK, linewidth=0.8)
    axis.text(0.015 * steps, 0.009, "1 %", va="top")
    axis.set(yscale="log", ylim=(3e-3, 1.5), xlim=(0, steps), xlabel="step", ylabel="loss / loss at the start (log)")
    power_ticks(axis.yaxis, range(-2, 1))
    axis.grid(axis="y")
    return picture


@in_style
def two_by_two(names, groups: Mapping[str, Array]) -> Picture:
    """Draw the steps of several seeds by function, on a log axis: one column of dots for each group, side by side.

    Parameters
    ----------
    names : sequence of str
        One for each function.
    groups : mapping
        From a label to steps (functions, seeds); two.
    """
    picture, axis = subplots(height=3.1)
    looks = ((MAGENTA, "o"), (TEAL, "s"))
    for x, values, (colour, _) in zip(columns(axis, groups, looks), groups.values(), looks, strict=True):
        for at, seeds in zip(x, values, strict=True):
            text = f"{np.median(seeds):.0f}"
            axis.text(at, seeds.max() * 1.12, text, ha="center", va="bottom", color=colour, fontsize=9.5)
    axis.set(yscale="log", xticks=range(len(names)), xticklabels=names, ylabel="steps to 95 % (log)", ylim=(15, 3000))
    axis.set_yticks([20, 50, 100, 200, 500, 1000], ["20", "50", "100", "200", "500", "1000"])
    axis.minorticks_off()
    axis.grid(axis="y")
    axis.legend(frameon=False, loc="upper right")
    return picture
