"""What a function looks like wherever it is drawn: its colour, line style and name.

The same colour means the same function everywhere, and the line style says it a second time. Figures and widgets share
this; importing it loads no Matplotlib.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from nonlinear.activations import CATALOGUE, Activation
from nonlinear.special import Array

COLOURS = {
    "ink": "#1a1a1a",
    "grey": "#5a616b",
    "blue": "#0b62c4",
    "vermillion": "#b8450b",
    "teal": "#00727d",
    "magenta": "#b3286d",
    "green": "#0a7048",
    "purple": "#7a37a8",
    "ochre": "#7d5f00",
}
INK, GREY, BLUE, VERMILLION, TEAL, MAGENTA, GREEN, PURPLE, OCHRE = COLOURS.values()

DARK = {
    BLUE: "#6cb0ff",
    VERMILLION: "#ff9a62",
    TEAL: "#4cc9d6",
    MAGENTA: "#ff86bd",
    GREEN: "#5cd6a0",
    PURPLE: "#cc9cff",
    OCHRE: "#e3bf4d",
    GREY: "#a9b1bc",
    INK: "#e8e8e8",
}


def look(f: Activation | type[Activation]) -> tuple[str, str | tuple, str]:
    """Return a function's colour, its line style for Matplotlib, and the colour's partner on a dark page.

    A family shares a colour or two; no two functions of the catalogue share both, and where red-green blind eyes
    confuse two colours their lines differ in style. The class says which.
    """
    colour, style = f.look
    return COLOURS[colour], style if isinstance(style, str) else (0, style), DARK[COLOURS[colour]]


LOOK = {name: look(f) for name, f in CATALOGUE.items()}

# For lines that stand for no function: the same three parts.
PALETTE = [
    (colour, style, DARK[colour])
    for colour, style in {
        BLUE: "-",
        VERMILLION: "--",
        TEAL: "-.",
        MAGENTA: ":",
        GREEN: (0, (8, 3)),
        PURPLE: (0, (6, 2, 1, 2, 1, 2)),
        OCHRE: (0, (4, 1.5, 1, 1.5)),
        INK: (0, (1, 1)),
    }.items()
]
DASHES = {"-": "", "--": "7.4 3.2", ":": "2 3.3", "-.": "12.8 3.2 2 3.2"}

NEAR = 1e-9  # how far from a kink its two sides are looked at


def title(f: Activation) -> str:
    """Return what a function is called on a figure.

    >>> from nonlinear.activations import ELU, LeakyReLU
    >>> title(LeakyReLU()), title(ELU())
    ('Leaky ReLU', 'ELU')
    """
    return f.title or type(f).__name__


def colour_pairs(activations: Iterable[Activation]) -> list[tuple[str, str]]:
    """Return each function's colours on a light and on a dark page."""
    return [(LOOK[f.name][0], LOOK[f.name][2]) for f in activations]


def dashes(style) -> str:
    """Return a line style of Matplotlib as the dash array of an SVG line 2 pixels wide.

    >>> dashes((0, (8, 3)))
    '16 6'
    """
    return DASHES[style] if isinstance(style, str) else " ".join(f"{2 * length:g}" for length in style[1])


def broken(function: Callable, low: float, high: float, kinks: Sequence[float]) -> tuple[Array, Array]:
    """Return points to draw a function through, with a gap (NaN) at each kink where its two sides differ."""
    inside = [kink for kink in sorted(kinks) if low < kink < high]
    edges = [low, *inside, high]
    pieces = []
    for left, right in zip(edges[:-1], edges[1:], strict=True):
        z = np.linspace(left, right, 201)
        z[[0, -1]] += [NEAR * (left > low), -NEAR * (right < high)]
        pieces.append((z, function(z)))
    z = np.concatenate([np.append(z, z[-1]) for z, _ in pieces])
    values = np.concatenate([np.append(value, np.nan) for _, value in pieces])
    return z, values
