"""The style of the figures, and what several of them share; the figures themselves are the lessons'.

A figure is drawn as wide as the text, and once more for a phone, with its panels below one another: see `subplots`.
Several seeds are shown as a cloud: every seed is a dot, their median a line. A line is named where it runs, by words in
its colour: `note`. The colours and styles of lines are in `nonlinear.course.looks`; a figure takes them from here.
"""

import functools
import io
from collections.abc import Mapping, Sequence
from contextvars import ContextVar

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from nonlinear.course import vector
from nonlinear.course.looks import (  # noqa: F401
    BLUE,
    COLOURS,
    DARK,
    GREEN,
    GREY,
    INK,
    LOOK,
    MAGENTA,
    NEAR,
    OCHRE,
    PALETTE,
    PURPLE,
    TEAL,
    VERMILLION,
    broken,
    colour_pairs,
    dashes,
    look,
    title,
)
from nonlinear.course.text import power
from nonlinear.special import Array

# How two clouds are told apart: colour, line style, marker.
PAIR = ((BLUE, "-", "o"), (OCHRE, "--", "s"))

WIDTH, PHONE = 6.9, 3.6  # inches of a hundred pixels: the column of text, and that of a phone
ON_PHONE = ContextVar("on_phone", default=False)
RC = {
    "figure.dpi": 200,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "font.size": 10.5,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "lines.linewidth": 1.8,
    "grid.color": "#d4d7db",
    "axes.axisbelow": True,
    "hatch.color": "#7fa3cf",
    "hatch.linewidth": 0.7,
}


class Picture(Figure):
    """A Matplotlib figure that any notebook shows as a picture, without pyplot and its global state.

    Attributes
    ----------
    for_phone : callable or None
        Draws it again, as a phone shows it. The pages of the book hold both; a reader's own figure has none.
    """

    for_phone = None

    def _repr_png_(self) -> tuple[bytes, dict]:
        packed = io.BytesIO()
        FigureCanvasAgg(self).print_png(packed)  # `savefig` draws twice, the first time for the layout alone
        return packed.getvalue(), {"width": round(100 * self.get_figwidth())}

    def _repr_svg_(self) -> str | None:
        if not vector.wanted():
            return None
        return vector.both(self, self.for_phone(), DARK) if self.for_phone else vector.svg(self, DARK)


def in_style(draw):
    """Run a drawing function in the style of the course, whatever the reader's own settings are."""

    def drawn(on_phone, *args, **kwargs):
        before = ON_PHONE.set(on_phone)
        try:
            with matplotlib.rc_context(RC):
                return draw(*args, **kwargs)
        finally:
            ON_PHONE.reset(before)

    @functools.wraps(draw)
    def styled(*args, **kwargs):
        picture = drawn(False, *args, **kwargs)
        picture.for_phone = functools.partial(drawn, True, *args, **kwargs)
        return picture

    return styled


def subplots(rows: int = 1, columns: int = 1, height: float = 3.0, phone: tuple = (), **kwargs):
    """Return a new picture and its axes.

    Parameters
    ----------
    rows, columns : int
    height : float
        In inches of a hundred pixels.
    phone : tuple, optional
        Rows, columns and height on a phone; without it they stay.
    **kwargs
        As `matplotlib.figure.Figure.subplots` takes them.

    Returns
    -------
    tuple
        A `Picture`, and its axes: one, or an array of them.
    """
    if on_phone() and phone:
        rows, columns, height = phone
    picture = Picture(figsize=(PHONE if on_phone() else WIDTH, height))
    return picture, picture.subplots(rows, columns, **kwargs)


def on_phone() -> bool:
    """Tell whether a figure is being drawn for a phone."""
    return ON_PHONE.get()


def axis_labels(axes, x: str = "", y: str = "") -> None:
    """Write what the axes of panels mean: x below the lowest, y to the left of the leftmost."""
    for axis in np.ravel(axes):
        place = axis.get_subplotspec()
        axis.set(xlabel=x if place.is_last_row() else "", ylabel=y if place.is_first_col() else "")


def note(axis: Axes, text: str, place, phone=None, **kwargs) -> None:
    """Write words into a panel, such as a line's name beside it.

    Parameters
    ----------
    axis : Axes
    text : str
    place, phone : pair of float
        Where, on the page and on a phone, in the units of the axes.
    **kwargs
        As `matplotlib.axes.Axes.text` takes them, such as the colour of the line.
    """
    axis.text(*(phone if on_phone() and phone else place), text, **kwargs)


def cloud(axis: Axes, x, values, colour: str, style="-", marker: str = "o", diverged=None, label=None) -> None:
    """Draw every seed as a dot and the medians as a line; a seed that diverged is a cross.

    Parameters
    ----------
    axis : Axes
        With its x scale already set, so that the dots can be spread evenly to either side.
    x : array, (settings,)
    values : array, (settings, seeds)
    diverged : array of bool, (settings, seeds), optional
    label : str, optional
        What the legend calls the median.
    """
    x, values = np.asarray(x, float), np.asarray(values, float)
    lost = np.zeros(values.shape, bool) if diverged is None else np.asarray(diverged)
    ahead, back = axis.transScale.transform, axis.transScale.inverted().transform
    place = ahead(np.column_stack([x, np.zeros_like(x)]))[:, 0]
    gap = np.min(np.abs(np.diff(place)))
    spread = place[:, None] + np.linspace(-0.22, 0.22, values.shape[1]) * gap
    dots = back(np.column_stack([spread.ravel(), np.zeros(spread.size)]))[:, 0].reshape(values.shape)
    axis.plot(dots[~lost], values[~lost], marker, color=colour, markersize=2.6, alpha=0.55, markeredgewidth=0)
    axis.plot(dots[lost], values[lost], "x", color=colour, markersize=6, markeredgewidth=1.6)
    axis.plot(x, np.median(values, axis=1), color=colour, linestyle=style, marker=marker, markersize=4, label=label)


def columns(axis: Axes, groups: Mapping[str, Array], looks: Sequence[tuple[str, str]]) -> Array:
    """Draw several groups of seeds side by side at each setting: every seed a dot, their median a bar.

    Parameters
    ----------
    axis : Axes
    groups : mapping
        From a label to (settings, seeds).
    looks : sequence
        A colour and a marker for each group.

    Returns
    -------
    array, (groups, settings)
        Where the columns stand.
    """
    places = []
    for k, ((label, values), (colour, marker)) in enumerate(zip(groups.items(), looks, strict=True)):
        x = np.arange(len(values)) + 0.32 * (k - (len(groups) - 1) / 2)
        dots = x[:, None] + np.linspace(-0.1, 0.1, values.shape[1])
        axis.plot(dots.ravel(), values.ravel(), marker, color=colour, markersize=3, alpha=0.6, label=label)
        axis.hlines(np.median(values, axis=1), x - 0.14, x + 0.14, color=colour, linewidth=2)
        places.append(x)
    return np.array(places)


def plain_ticks(axis: Axes, values) -> None:
    """Label a logarithmic x axis with plain numbers."""
    axis.set_xticks(values, [f"{v:g}" for v in values])
    axis.tick_params(axis="x", which="minor", bottom=False)


def power_ticks(axis, exponents: Sequence[int]) -> None:
    """Label a logarithmic axis (`matplotlib.axis.Axis`) with powers of ten, written as words are."""
    axis.set_ticks([10.0**k for k in exponents], ["1" if k == 0 else power(k) for k in exponents])
    axis.set_minor_locator(NullLocator())
