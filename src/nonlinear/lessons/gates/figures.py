"""The figures of the lesson on gates."""

from collections.abc import Mapping, Sequence

import numpy as np

from nonlinear.activations import Pointwise
from nonlinear.course.plotting import (
    BLUE,
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
    places = {"sigmoid": ((3.2, 2e4), (2.3, 1e5)), "ReLU": ((1.4, 1e42), (0.1, 1e42))}
    for (name, values), (colour, style, marker) in zip(found.items(), PAIR, strict=True):
        cloud(axis, means, values, colour, style, marker)
        note(axis, f"{name} gates", *places[name], color=colour)
    note(axis, "allowed", (-0.9, 2e4), (-0.9, 1e5), color=GREY)
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
    picture, axis = subplots(height=3.0)
    for row, column in np.ndindex(solved.shape):
        number = solved[row, column]
        axis.plot(column, row, "o", color=BLUE, alpha=0.3, markersize=7.5 * np.sqrt(number), markeredgewidth=0)
        axis.text(column, row, f"{number}", ha="center", va="center")
    axis.set(xlim=(-0.6, len(biases) - 0.4), ylim=(len(steps) - 0.4, -0.6))
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
    left.legend(frameon=False, fontsize=9.5, loc="upper left", handlelength=3.6)
    left.axhline(0, color=INK, linewidth=0.8)
    left.set(title="the functions", ylim=(-0.4, 1.2), xlabel="z")
    for (name, values), (colour, style, _) in zip(apart.items(), PALETTE, strict=False):
        right.plot(z, values, color=colour, linestyle=style, label=name)
    right.axhline(0, color=INK, linewidth=0.8)
    right.legend(frameon=False, fontsize=9.5, loc="lower left", handlelength=3.6)
    right.set(title="differences", ylim=(-0.17, 0.23), xlabel="z")
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
        axis.legend(frameon=False, fontsize=9.5, loc="lower left", handlelength=3.6)
        power_ticks(axis.yaxis, (-6, -4, -2, 0, 2))
    axis_labels(axes, "hidden layer", "root mean square (log scale)")
    return picture


@in_style
def accuracies(found: Mapping[str, Array]) -> Picture:
    """Draw test accuracies, a row for each kind of network: a dot for every seed and split, their median a bar.

    Parameters
    ----------
    found : mapping
        From "function, start" to accuracies, (seeds,).
    """
    picture, axis = subplots(height=0.33 * len(found) + 0.8)
    for row, (name, values) in enumerate(found.items()):
        colour = LOOK[name.partition(",")[0].lower()][0]
        shift = np.linspace(-0.16, 0.16, values.size)
        axis.plot(values, row + shift, "o", color=colour, alpha=0.5, markersize=3.4, mew=0)
        axis.plot([np.median(values)] * 2, [row - 0.3, row + 0.3], color=colour, linewidth=2.4)
    axis.set_yticks(range(len(found)), list(found))
    axis.set(xlim=(-0.02, 1.0))
    axis.invert_yaxis()
    axis.grid(axis="x")
    axis_labels(axis, "test accuracy")
    return picture
