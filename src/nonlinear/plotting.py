"""The style of the figures, and what several of them share; the figures themselves are in `nonlinear.figures`.

Figures are drawn for a page 5 inches wide, so that they are legible on a phone and on paper. The same colour means the
same function everywhere, and the line style says it a second time. Several seeds are shown as a cloud: every seed is a
dot, their median a line.
"""

import functools
import io
from collections.abc import Iterable

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nonlinear.activations import Activation
from nonlinear.special import Array

INK, GREY = "#1a1a1a", "#5a616b"
BLUE, VERMILLION, TEAL, MAGENTA, GREEN, PURPLE, OCHRE = (
    "#0b62c4",
    "#b8450b",
    "#00727d",
    "#b3286d",
    "#0a7048",
    "#7a37a8",
    "#7d5f00",
)

# By activation function: colour, line style, and the colour's partner on a dark page.
LOOK = {
    "relu": (BLUE, "-", "#6cb0ff"),
    "leaky_relu": (TEAL, "-.", "#4cc9d6"),
    "elu": (GREEN, (0, (8, 3)), "#5cd6a0"),
    "silu": (PURPLE, (0, (6, 2, 1, 2, 1, 2)), "#cc9cff"),
    "tanh": (VERMILLION, "--", "#ff9a62"),
    "sigmoid": (MAGENTA, ":", "#ff86bd"),
    "identity": (GREY, "-", "#a9b1bc"),
}

# For lines that stand for no function: the same three parts.
PALETTE = [
    (BLUE, "-", "#6cb0ff"),
    (VERMILLION, "--", "#ff9a62"),
    (TEAL, "-.", "#4cc9d6"),
    (MAGENTA, ":", "#ff86bd"),
    (GREEN, (0, (8, 3)), "#5cd6a0"),
    (PURPLE, (0, (6, 2, 1, 2, 1, 2)), "#cc9cff"),
    (OCHRE, (0, (4, 1.5, 1, 1.5)), "#e3bf4d"),
    (INK, (0, (1, 1)), "#e8e8e8"),
]
DASHES = {"-": "", "--": "7.4 3.2", ":": "2 3.3", "-.": "12.8 3.2 2 3.2"}

WIDTH = 5.0  # inches
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


# Names that are not those of the classes.
TITLES = {
    "identity": "identity",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "leaky_relu": "Leaky ReLU",
    "softmax": "softmax",
}


def title(f: Activation) -> str:
    """Return what a function is called on a figure.

    >>> from nonlinear.activations import ELU, LeakyReLU
    >>> title(LeakyReLU()), title(ELU())
    ('Leaky ReLU', 'ELU')
    """
    return TITLES.get(f.name, type(f).__name__)


def colour_pairs(activations: Iterable[Activation]) -> list[tuple[str, str]]:
    """Return each function's colours on a light and on a dark page."""
    return [(LOOK[f.name][0], LOOK[f.name][2]) for f in activations]


def dashes(style) -> str:
    """Return a line style of Matplotlib as the dash array of an SVG line 2 pixels wide.

    >>> dashes((0, (8, 3)))
    '16 6'
    """
    return DASHES[style] if isinstance(style, str) else " ".join(f"{2 * length:g}" for length in style[1])


class Picture(Figure):
    """A Matplotlib figure that any notebook shows as a picture, without pyplot and its global state."""

    def _repr_png_(self) -> tuple[bytes, dict]:
        packed = io.BytesIO()
        self.savefig(packed, format="png")
        return packed.getvalue(), {"width": round(100 * self.get_figwidth())}


def in_style(draw):
    """Run a drawing function in the style of the course, whatever the reader's own settings are."""

    @functools.wraps(draw)
    def styled(*args, **kwargs):
        with matplotlib.rc_context(RC):
            return draw(*args, **kwargs)

    return styled


def subplots(rows: int = 1, columns: int = 1, height: float = 3.0, **kwargs) -> tuple[Picture, Axes | Array]:
    """Return a new picture of the course's width and its axes; ``height`` is in inches."""
    picture = Picture(figsize=(WIDTH, height))
    return picture, picture.subplots(rows, columns, **kwargs)


def cloud(axis: Axes, x, values, colour: str, style="-", marker: str = "o", diverged=None) -> None:
    """Draw every seed as a dot and the medians as a line; a seed that diverged is a cross.

    Parameters
    ----------
    axis : Axes
        With its x scale already set, so that the dots can be spread evenly to either side.
    x : array, (settings,)
    values : array, (settings, seeds)
    diverged : array of bool, (settings, seeds), optional
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
    axis.plot(x, np.median(values, axis=1), color=colour, linestyle=style, marker=marker, markersize=4)


def plain_ticks(axis: Axes, values) -> None:
    """Label a logarithmic x axis with plain numbers."""
    axis.set_xticks(values, [f"{v:g}" for v in values])
    axis.tick_params(axis="x", which="minor", bottom=False)
