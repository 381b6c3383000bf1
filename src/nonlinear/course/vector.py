"""Figures as SVG for the pages of the book: sharp at any size, and with colours of their own on a dark page."""

import io
import os
import re

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

SWITCH = "NONLINEAR_FIGURES"  # "svg" in the environment while the book is built
PIXELS = 100  # for an inch of the figure
# Grounds, grids and hatchings, and their partners on a dark page.
GROUNDS = {
    "#ffffff": "#121212",
    "#000000": "#e8e8e8",
    "#ececef": "#25292f",
    "#d4d7db": "#3b4048",
    "#c9ccd2": "#4c525b",
    "#b9bdc3": "#5b626d",
    "#7fa3cf": "#47699a",
    "#cfe0f5": "#1c3654",
    "#d6e5f7": "#1c3654",
    "#dbe7f6": "#1c3654",
    "#f0e9d6": "#3d3620",
}

PREAMBLE = re.compile(r"^.*?(?=<svg)|<metadata>.*?</metadata>|<!--.*?-->|\n *(?=\n)", re.DOTALL)
SIZE = re.compile(r'width="([\d.]+)pt" height="([\d.]+)pt"')
PLACE = re.compile(r' (?:d|x|y|points)="[^"]*"')
LONG_NUMBER = re.compile(r"-?\d+\.\d{2,}")
FONT = re.compile(r"font: ([a-z ]*)([\d.]+px) [^;\"]*|; font-family: [^;\"]*")
NO_TURN = re.compile(r' transform="rotate\(-0 [^"]*"')
FAMILY = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif"
ATTRIBUTE = re.compile(r'fill="(#[0-9a-f]{6})"')
COLOUR = re.compile(r"(?<=: )#[0-9a-f]{6}\b")


def wanted() -> bool:
    """Tell whether the book is being built; elsewhere a figure is a PNG, which every notebook program shows."""
    return os.environ.get(SWITCH) == "svg"


def svg(figure: Figure, dark: dict[str, str]) -> str:
    """Return a figure as SVG, the same at every run; under an address that ends in ``#dark`` it has its dark colours.

    Words stay words, in the reader's own font: Matplotlib sets its own, DejaVu Sans, which is wider than most, so that
    what fits there fits.

    Parameters
    ----------
    figure : Figure
    dark : dict of str
        The partners of the colours of lines and words.

    Examples
    --------
    >>> svg(Figure(), {})[:60]
    '<svg id="dark" font-family="system-ui, \\'Segoe UI\\', Roboto, \\''
    """
    packed, resolution = io.StringIO(), figure.dpi
    with matplotlib.rc_context({"svg.hashsalt": "nonlinear", "svg.fonttype": "none"}):
        FigureCanvasSVG(figure).print_svg(packed, metadata={"Date": None})  # `savefig` draws twice
    figure.dpi = resolution  # which a drawing as SVG has set to 72
    return with_variables(shortened(packed.getvalue()), dark | GROUNDS)


def both(page: Figure, phone: Figure, dark: dict[str, str]) -> str:
    """Return two figures as SVG, one after the other: the book's extension ``figures`` makes two files of them."""
    return f"{svg(page, dark)}\n{svg(phone, dark)}"


def shortened(text: str) -> str:
    """Return an SVG without what is not shown: comments, and digits after the tenth of a point."""
    text = FONT.sub(font, NO_TURN.sub("", PREAMBLE.sub("", text))).strip()
    text = PLACE.sub(lambda place: LONG_NUMBER.sub(tenths, place[0]), text)
    return SIZE.sub(lambda size: 'width="{:.0f}" height="{:.0f}"'.format(*map(pixels, size.groups())), text, count=1)


def font(found: re.Match) -> str:
    """Return the style of words without their family, which is the whole figure's."""
    style, size = found.groups()
    return "" if size is None else f"font-size: {size}" + (f"; font-style: {style.strip()}" if style else "")


def tenths(number: re.Match) -> str:
    """Return a number to one digit after the point."""
    return f"{float(number[0]):.1f}".removesuffix(".0")


def pixels(points: str) -> float:
    """Return a length in points as pixels of the page."""
    return float(points) * PIXELS / 72


def with_variables(text: str, partners: dict[str, str]) -> str:
    """Return an SVG whose colours are variables, with one set of values for light and one for dark."""
    text = ATTRIBUTE.sub(r'style="fill: \1"', text)
    used = [colour for colour in partners if colour in COLOUR.findall(text)]
    text = COLOUR.sub(lambda found: f"var({name(found[0])})" if found[0] in partners else found[0], text)
    light = ";".join(f"{name(each)}:{each}" for each in used)
    dark = ";".join(f"{name(each)}:{partners[each]}" for each in used)
    style = f"<style>svg{{{light}}}svg:target{{{dark}}}</style>"
    return re.sub(r"<svg([^>]*)>", rf'<svg id="dark" font-family="{FAMILY}"\1>{style}', text, count=1)


def name(colour: str) -> str:
    """Return the name of a colour's variable."""
    return f"--{colour[1:]}"
