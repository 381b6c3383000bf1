"""The figures of the lesson on the catalogue."""

from collections.abc import Mapping, Sequence

import numpy as np

from nonlinear.activations import ELU, LeakyReLU, Pointwise
from nonlinear.course.functions import mean_output
from nonlinear.course.plotting import GREY, INK, LOOK, Picture, broken, in_style, on_phone, subplots, title
from nonlinear.course.text import minus
from nonlinear.lessons.the_catalogue import experiment
from nonlinear.special import Array


@in_style
def shapes(functions: Sequence[Pointwise], reach: float = 4.0) -> Picture:
    """Draw values (solid) and slopes (dashed) of functions, one small panel each, all at one scale."""
    columns = 2 if on_phone() else 3
    rows = -(-len(functions) // columns)
    picture, axes = subplots(
        rows, columns, height=0.3 + (1.5 if on_phone() else 1.75) * rows, sharex=True, sharey=True, squeeze=False
    )
    for axis, f in zip(axes.flat, functions, strict=False):
        colour, kinks = LOOK[f.name][0], f.traits.kinks
        axis.axhline(0, color=GREY, linewidth=0.6)
        axis.axvline(0, color=GREY, linewidth=0.6)
        axis.plot(*broken(f, -reach, reach, kinks), color=colour, linewidth=1.9)
        axis.plot(*broken(f.derivative, -reach, reach, kinks), color=colour, linewidth=1.3, linestyle=(0, (3, 1.6)))
        axis.set_title(title(f))
        axis.set(xlim=(-reach, reach), ylim=(-1.9, 2.6), xticks=[-3, 0, 3], yticks=[-1, 0, 1, 2])
    for axis in axes.flat[len(functions) :]:
        axis.remove()
    for column in range(columns):
        last = axes[(len(functions) - 1 - column) // columns, column] if column < len(functions) else None
        if last is not None:
            last.set_xlabel("z")
            last.tick_params(labelbottom=True)
    return picture


@in_style
def centres(functions: Sequence[Pointwise]) -> Picture:
    """Draw the mean output for standard normal preactivations, a row for each function, in order of the mean."""
    ordered = sorted(functions, key=lambda f: round(mean_output(f), 6))
    picture, axis = subplots(height=0.9 + 0.2 * len(ordered))
    axis.axvline(0, color=INK, linewidth=1)
    for row, f in enumerate(ordered):
        mean = mean_output(f)
        axis.plot([0, mean], [row, row], color=LOOK[f.name][0], linewidth=1.6)
        axis.plot(mean, row, "o", color=LOOK[f.name][0], markersize=4.5)
        right = mean >= -0.005
        number = minus(f"{mean:.3f}".replace("-0.000", "0.000"))
        axis.annotate(number, (mean, row), (6 if right else -6, 0), textcoords="offset points", fontsize=9.5,
                      ha="left" if right else "right", va="center")  # fmt: skip
    axis.set_yticks(range(len(ordered)), [title(f) for f in ordered], fontsize=10)
    low, high = (mean_output(f) for f in (ordered[0], ordered[-1]))
    margins = (1.2, 0.9) if on_phone() else (0.4, 0.3)
    axis.set(xlabel="mean output E[f(Z)], Z ~ N(0, 1)", ylim=(-0.7, len(ordered) - 0.3))
    axis.set_xlim(low - margins[0], high + margins[1])
    axis.tick_params(axis="y", length=0)
    return picture


@in_style
def means_by_parameter() -> Picture:
    """Draw how the mean outputs of Leaky ReLU and ELU depend on their parameters."""
    picture, axis = subplots(height=3.0)
    alphas = np.linspace(0, 2, 81)
    for make, name, usual, (x, y), side in (
        (LeakyReLU, "Leaky ReLU, slope α", 0.01, (1.45, -0.3), "right"),
        (ELU, "ELU, α", 1.0, (0.8, 0.23), "left"),
    ):
        colour, style, _ = LOOK[make.name]
        means = [mean_output(make(max(alpha, 1e-6))) for alpha in alphas]
        axis.plot(alphas, means, color=colour, linestyle=style)
        axis.plot(usual, mean_output(make(usual)), "o", color=colour, markersize=7)
        axis.text(x, y, name, color=colour, ha=side)
    axis.axhline(0, color=INK, linewidth=1)
    for alpha, label, offset, ha, va in (
        (1.0, "identity", (-5, -5), "right", "top"),
        (experiment.centred_alpha(), "SELU's α", (4, 5), "left", "bottom"),
    ):
        axis.plot(alpha, 0, "s", color=INK, markersize=5)
        axis.annotate(label, (alpha, 0), offset, textcoords="offset points", ha=ha, va=va)
    axis.set(xlabel="parameter α (dots: the usual values)", ylabel="mean output for N(0, 1)", xlim=(-0.03, 2))
    return picture


@in_style
def unit_by_unit(groups: Mapping[str, Array]) -> Picture:
    """Draw the mean outputs of single units, a row of dots for each network, one panel for each group.

    Parameters
    ----------
    groups : mapping
        From a scaling of `nonlinear.datasets.digits` to means, (members, units).
    """
    picture, axes = subplots(len(groups), height=1.0 + 1.15 * len(groups), sharex=True)
    colour = LOOK["tanh"][0]
    for axis, (name, means) in zip(np.atleast_1d(axes), groups.items(), strict=True):
        rows = np.repeat(np.arange(len(means)), means.shape[1])
        axis.plot(means.ravel(), rows, "|", color=colour, markersize=6, alpha=0.7)
        axis.plot(means.mean(axis=1), np.arange(len(means)), "o", color=INK, markersize=3.5)
        axis.axvline(0, color=GREY, linewidth=0.8)
        axis.set(title={"unit": "pixels between 0 and 1"}.get(name, name), yticks=[], xlim=(-1, 1))
        axis.spines["left"].set_visible(False)
    np.atleast_1d(axes)[-1].set_xlabel("mean output of a unit over 1,437 images\n(dot: of the layer)")
    return picture
