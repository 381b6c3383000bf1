"""The figures of the lesson on gates."""

from collections.abc import Mapping, Sequence

import numpy as np

from nonlinear.activations import Pointwise
from nonlinear.course.plotting import (
    GREY,
    INK,
    LOOK,
    PAIR,
    PALETTE,
    Picture,
    axis_labels,
    cloud,
    in_style,
    note,
    power_ticks,
    subplots,
)
from nonlinear.course.text import minus
from nonlinear.special import Array


@in_style
def bounded(means: Sequence[float], found: Mapping[str, Array], most: float) -> Picture:
    """Draw the largest cell state of many with random gates against the mean forget preactivation, on a log axis.

    Parameters
    ----------
    means : sequence of float
    found : mapping
        From "sigmoid" and "ReLU" to largest states, (means, seeds).
    most : float
        What gates between 0 and 1 allow.
    """
    picture, axis = subplots(height=3.2)
    axis.set(yscale="log", ylim=(0.3, 1e70))
    axis.axhline(most, color=GREY, linewidth=1, linestyle=":")
    for (name, values), (colour, style, marker) in zip(found.items(), PAIR, strict=True):
        cloud(axis, means, values, colour, style, marker)
        note(axis, f"{name} gates", *{"sigmoid": ((3.0, 5e4), (2.4, 1e5)), "ReLU": ((2.3, 1e45), (1.5, 1e45))}[name],
             color=colour)  # fmt: skip
    note(axis, "most that gates in 0 to 1 allow", (-0.9, 4e3), (-0.9, 4e3), color=GREY, fontsize=9.5)
    power_ticks(axis.yaxis, (0, 10, 20, 30, 40, 50, 60, 70))
    axis_labels(axis, "mean preactivation of the forget gate", "largest |c₁₀₀| of 100 cells (log scale)")
    return picture


@in_style
def learned(steps: Sequence[int], biases: Sequence[float], solved: Array) -> Picture:
    """Draw how many of the networks have learned to remember, by the length of the sequence and the forget bias.

    Parameters
    ----------
    steps : sequence of int
    biases : sequence of float
    solved : array, (steps, biases)
        Of twenty.
    """
    picture, axis = subplots(height=3.4, phone=(1, 1, 3.6))
    axis.imshow(solved, cmap="Blues", vmin=0, vmax=26, aspect="auto")
    for row, column in np.ndindex(solved.shape):
        colour = "white" if solved[row, column] > 16 else INK
        axis.text(column, row, f"{solved[row, column]}", ha="center", va="center", color=colour)
    axis.set_xticks(range(len(biases)), [f"{bias:g}" for bias in biases])
    axis.set_yticks(range(len(steps)), steps)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    axis_labels(axis, "forget bias at the start", "steps to remember")
    return picture


@in_style
def shapes(functions: Mapping[str, Pointwise], apart: Mapping[str, Array], z: Array) -> Picture:
    """Draw functions that look alike near 0, and the differences between them, a hundred times as fine.

    Parameters
    ----------
    functions : mapping
    apart : mapping
        From the name of a difference to its values at z.
    z : array
    """
    picture, (left, right) = subplots(1, 2, 3.2, phone=(2, 1, 5.8))
    near = np.linspace(-4, 1.2, 400)
    for name, f in functions.items():
        colour, style, _ = LOOK[f.name]
        left.plot(near, f(near), color=colour, linestyle=style)
        left.plot([], [], color=colour, linestyle=style, label=name)
    left.legend(frameon=False, fontsize=9.5, loc="upper left")
    left.axhline(0, color=INK, linewidth=0.8)
    left.set(title="the functions", ylim=(-0.4, 1.2), xlabel="z")
    for (name, values), (colour, style, _) in zip(apart.items(), PALETTE, strict=False):
        right.plot(z, values, color=colour, linestyle=style, label=name)
    right.axhline(0, color=INK, linewidth=0.8)
    right.legend(frameon=False, fontsize=9.5, loc="lower left")
    right.set(title="differences", xlabel="z")
    for axis in (left, right):
        axis.set_yticks(ticks := axis.get_yticks()[1:-1], [minus(f"{tick:.2g}") for tick in ticks])
        axis.grid(axis="y")
    return picture


@in_style
def through_layers(panels: Mapping[str, Mapping[str, Array]]) -> Picture:
    """Draw the size of a signal layer by layer, on a log axis: every seed a line.

    Parameters
    ----------
    panels : mapping
        From the title of a panel to sizes, (layers, seeds), by the name of a function.
    """
    picture, axes = subplots(1, len(panels), 3.2, phone=(len(panels), 1, 3.0 * len(panels)), sharey=True)
    for axis, (title, curves) in zip(axes, panels.items(), strict=True):
        axis.set(yscale="log", title=title)
        for name, sizes in curves.items():
            colour, style, _ = LOOK[name.lower()]
            layers = np.arange(1, len(sizes) + 1)
            axis.plot(layers, sizes, color=colour, linewidth=0.5, alpha=0.3)
            axis.plot(layers, np.median(sizes, axis=1), color=colour, linestyle=style, label=name)
        axis.grid(axis="y")
        axis.set_xlabel("hidden layer")
    axes[0].legend(frameon=False, fontsize=9.5, loc="lower left")
    axis_labels(axes, "hidden layer", "root mean square (log scale)")
    return picture


@in_style
def accuracies(groups: Mapping[str, Mapping[str, Array]]) -> Picture:
    """Draw test accuracies by function: a dot for every seed and split, their median a bar, a column for each start.

    Parameters
    ----------
    groups : mapping
        From the name of a start to accuracies, (seeds,), by function.
    """
    picture, axis = subplots(height=3.3, phone=(1, 1, 3.6))
    names = list(next(iter(groups.values())))
    for k, ((start, found), (colour, _, _), marker) in enumerate(zip(groups.items(), PALETTE, "os^", strict=False)):
        for place, values in enumerate(found.values()):
            x = place + 0.27 * (k - (len(groups) - 1) / 2)
            axis.plot(x + np.linspace(-0.08, 0.08, values.size), values, marker, color=colour, markersize=3, alpha=0.6)
            axis.hlines(np.median(values), x - 0.11, x + 0.11, color=colour, linewidth=2.2)
        axis.plot([], [], marker, color=colour, label=start)
    axis.set_xticks(range(len(names)), names)
    axis.set(ylim=(0, 1.03))
    axis.legend(frameon=False, fontsize=9.5, loc="lower left")
    axis.grid(axis="y")
    axis_labels(axis, "", "test accuracy")
    return picture
