"""The figures of the lesson on whether the dead come back."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.colors import ListedColormap

from nonlinear.course.plotting import (
    GREY,
    INK,
    MAGENTA,
    PAIR,
    Picture,
    axis_labels,
    cloud,
    in_style,
    note,
    on_phone,
    plain_ticks,
    subplots,
)
from nonlinear.special import Array

LAYERS = ("layer 1", "layer 2")


@in_style
def revived(shares: Mapping[str, Array]) -> Picture:
    """Draw, for each way of training on, which share of every network's dead units came back, a panel for each layer.

    Parameters
    ----------
    shares : mapping
        From the name of a way to (2, sets, members): circles for the first set, squares for the second, and a bar at
        the median of both.
    """
    picture, axes = subplots(1, 2, height=4.2, phone=(2, 1, 7.4), sharey=True)
    names = list(shares)
    for axis, layer, title in zip(axes, np.array(list(shares.values())).swapaxes(0, 1), LAYERS, strict=True):
        for row, sets in enumerate(layer):
            for each, (colour, _, marker), down in zip(sets, PAIR, (-0.14, 0.14), strict=True):
                places = row + down + np.linspace(-0.08, 0.08, each.size)
                axis.plot(each, places, marker, color=colour, markersize=3, alpha=0.6, markeredgewidth=0)
            axis.vlines(np.median(sets), row - 0.36, row + 0.36, color=INK, linewidth=2)
        axis.set(title=title, xlim=(-0.03, 1.03), ylim=(len(names) - 0.4, -0.6), yticks=range(len(names)))
        axis.set_yticklabels(names)
        axis.grid(axis="x")
        axis.tick_params(axis="y", length=0)
        axis.set_xticks([0, 0.5, 1], ["0", "50%", "100%"])
    axis_labels(axes, "dead units that came back")
    return picture


@in_style
def still_dead(looks: Sequence[int], shares: Mapping[str, Array]) -> Picture:
    """Draw which share of the dead units is still dead, by epoch; a panel for each way, a line for each layer.

    Parameters
    ----------
    looks : sequence of int
        Epochs.
    shares : mapping
        From the name of a way to (looks, hidden layers, members).
    """
    picture, axes = subplots(1, len(shares), height=3.2, phone=(len(shares), 1, 5.6), sharey=True)
    for axis, (name, values) in zip(axes, shares.items(), strict=True):
        axis.set(xscale="log", ylim=(-0.04, 1.08), title=name)
        for layer, look in zip(np.moveaxis(values, 1, 0), PAIR, strict=True):
            cloud(axis, looks, layer, *look)
        for title, look, place in zip(LAYERS, PAIR, ((9, np.median(values[3, 0]) - 0.17), (1.1, 0.3)), strict=True):
            note(axis, title, place, color=look[0])
        plain_ticks(axis, (1, 10, 100))
        axis.set_yticks([0, 0.5, 1], ["0", "50%", "100%"])
        axis.grid(axis="y")
    axis_labels(axes, "epochs after the wreck (log scale)", "still dead, of those that were")
    return picture


@in_style
def tiles(frames: Sequence[str], weights: Array, dead: Array) -> Picture:
    """Draw the weights into some units of the first layer as images: a row for each frame, a column for each unit.

    Parameters
    ----------
    frames : sequence of str
    weights : array, (frames, units, 64)
        Blue is positive and ochre negative, each tile in its own scale.
    dead : array of bool, (frames, units)
        A dead unit's tile has a thick frame and is crossed out.
    """
    shown = weights.shape[1] // 2 if on_phone() else weights.shape[1]
    picture, axes = subplots(
        len(frames), shown, height=0.75 * len(frames) + 0.2, phone=(len(frames), shown, 0.66 * len(frames) + 0.2)
    )
    low, high = np.array([(0.48, 0.37, 0.0), (0.05, 0.39, 0.77)])  # the same on a dark page, as the white between them
    share = np.linspace(-1, 1, 41)[:, None]
    colours = ListedColormap(1 - np.abs(share) * (1 - np.where(share > 0, high, low)))
    for frame, row in enumerate(axes):
        for unit, axis in enumerate(row):
            tile, size = weights[frame, unit].reshape(8, 8), np.abs(weights[frame, unit]).max()
            axis.pcolormesh(tile[::-1], cmap=colours, vmin=-size, vmax=size)
            axis.set(xticks=[], yticks=[], aspect=1)
            gone = dead[frame, unit]
            for spine in axis.spines.values():
                spine.set(visible=True, color=MAGENTA if gone else GREY, linewidth=2.4 if gone else 0.6)
            if gone:
                axis.plot([0, 8], [0, 8], color=MAGENTA, linewidth=2)
        row[0].set_ylabel(frames[frame], rotation=0, ha="right", va="center")
    return picture
