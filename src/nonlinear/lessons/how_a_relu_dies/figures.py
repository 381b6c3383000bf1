"""The figures of the lesson on how a ReLU dies."""

from collections.abc import Mapping

import numpy as np

from nonlinear.course.plotting import (
    BLUE,
    INK,
    LOOK,
    OCHRE,
    PAIR,
    Picture,
    axis_labels,
    cloud,
    columns,
    in_style,
    note,
    plain_ticks,
    subplots,
)
from nonlinear.course.text import minus
from nonlinear.special import Array


@in_style
def against_rate(curves: Mapping) -> Picture:
    """Draw the share of dead units and the accuracy against the learning rate, each curve a cloud of seeds.

    Parameters
    ----------
    curves : mapping
        From a label to a `nonlinear.lessons.how_a_relu_dies.experiment.Curve`; two.
    """
    picture, (top, bottom) = subplots(2, height=4.6, sharex=True)
    for axis in (top, bottom):
        axis.set(xscale="log", ylim=(-0.04, 1.04))
        axis.grid(axis="y")
    for (label, curve), look, place in zip(curves.items(), PAIR, ((0.62, 0.7), (0.5, 0.12)), strict=True):
        cloud(top, curve.rates, curve.dead.mean(axis=1), *look, curve.diverged)
        cloud(bottom, curve.rates, curve.accuracy, *look, curve.diverged)
        note(top, label, place, color=look[0], ha="right")
    top.set_title(f"share of hidden units dead ({curve.accuracy.shape[1]} seeds)")
    bottom.set(title="accuracy on the test images", xlabel="learning rate (log scale)")
    plain_ticks(bottom, (0.05, 0.1, 0.2, 0.5, 1, 2))
    return picture


@in_style
def half_planes(weights, biases) -> Picture:
    """Draw where a ReLU of two inputs is on, over the unit square that holds its data, for several biases.

    Parameters
    ----------
    weights : pair of float
    biases : sequence of float
        One panel each.
    """
    picture, axes = subplots(1, len(biases), height=2.75, phone=(1, len(biases), 1.75), sharey=True, squeeze=False)
    x1, x2 = np.meshgrid([-0.4, 1.4], [-0.4, 1.4])
    for axis, bias in zip(axes[0], biases, strict=True):
        z = weights[0] * x1 + weights[1] * x2 + bias
        axis.contourf(x1, x2, z, levels=[0, 1e9], colors=["#cfe0f5"], hatches=["///"])
        axis.contour(x1, x2, z, levels=[0], colors=[BLUE], linewidths=1.8)
        axis.plot([0, 1, 1, 0, 0], [0, 0, 1, 1, 0], color=INK, linewidth=1.4)
        axis.set(title=minus(f"b = {bias:g}"), xlabel="x₁", aspect="equal", xticks=[0, 1], yticks=[0, 1])
    axes[0, 0].set_ylabel("x₂", rotation=0, labelpad=8)
    return picture


@in_style
def unit_gradients(sizes: Mapping[str, Array]) -> Picture:
    """Draw the gradient size of every fifth unit, layer by layer, on a log axis; one panel for each function.

    Parameters
    ----------
    sizes : mapping
        From the name of an activation function to (layers, members, units). Sizes of exactly 0 are counted below the
        axis, where a logarithm has no place for them.
    """
    picture, axes = subplots(1, len(sizes), height=3.3, phone=(len(sizes), 1, 5.6), sharey=True)
    low = min(np.log10(s[s > 0]).min() for s in sizes.values()) - 0.6
    for axis, (name, values) in zip(axes, sizes.items(), strict=True):
        colour = LOOK[name.lower()][0]
        layers = np.arange(1, len(values) + 1)
        flat = values.reshape(len(values), -1)
        jitter = np.linspace(-0.3, 0.3, flat[:, ::5].shape[1])
        for layer, row in zip(layers, flat, strict=True):
            some = row[::5]
            axis.plot((layer + jitter)[some > 0], np.log10(some[some > 0]), ".", color=colour, markersize=2, alpha=0.5)
            axis.text(layer, low, f"{np.mean(row == 0):.0%}", ha="center", va="bottom", fontsize=8.5)
        axis.plot(
            layers, [np.median(np.log10(r[r > 0])) for r in flat], color=INK, marker="o", markersize=3.5, linewidth=1
        )
        axis.set(title=name, xticks=layers, ylim=(low - 0.1, None))
        axis.grid(axis="y")
    axis_labels(axes, "hidden layer", "log10 of a unit's gradient\n(bottom: share exactly 0)")
    return picture


@in_style
def before_after(labels, groups: Mapping[str, Array]) -> Picture:
    """Draw accuracies of several seeds by setting: one column of dots for each group, side by side.

    Parameters
    ----------
    labels : sequence of str
        One for each setting.
    groups : mapping
        From a name to (settings, seeds); two.
    """
    picture, axis = subplots(height=2.9)
    places = columns(axis, groups, [(colour, marker) for colour, _, marker in PAIR])
    for (label, values), x, (colour, _, _) in zip(groups.items(), places, PAIR, strict=True):
        note(axis, label, (x[0], values[0].min() - 0.04), color=colour, ha="center", va="top")
    axis.set(xticks=range(len(labels)), xticklabels=labels, ylim=(0, 1.04), ylabel="test accuracy")
    axis.set_xlim(-0.6, len(labels) - 0.4)
    axis.grid(axis="y")
    return picture


@in_style
def dead_by_bias(biases, curves: Mapping[str, Array]) -> Picture:
    """Draw the share of units that are dead before training against the initial bias, each curve a cloud of seeds.

    Parameters
    ----------
    biases : array, (biases,)
    curves : mapping
        From a scaling of the inputs to shares, (biases, seeds); three.
    """
    picture, axis = subplots(height=3.0)
    looks = [(BLUE, "-", "o"), (INK, "-.", "^"), (OCHRE, "--", "s")]
    places = [((-1.75, 0.7), "left"), ((-1.15, 0.26), "left"), ((-2.9, 0.08), "right")]
    for (scaling, values), look, (place, side) in zip(curves.items(), looks, places, strict=True):
        cloud(axis, biases, values, *look)
        note(axis, f"{scaling} inputs", place, color=look[0], ha=side)
    axis.set(ylim=(-0.04, 1.04), xlabel="initial bias of every hidden unit", ylabel="share of layer 1 dead at birth")
    axis.invert_xaxis()
    axis.grid(axis="y")
    return picture
