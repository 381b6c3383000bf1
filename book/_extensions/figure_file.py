"""A figure to take away, for slides: an SVG with its colours in it, on white, that says where it comes from."""

import re
from html import escape

LICENCE, LICENCE_ADDRESS = "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"
LINE = 13  # the height of a line of words below the drawing, in the drawing's units
ROOT = re.compile(
    r'^<svg id="dark"(?P<rest>[^>]*) width="(?P<width>\d+)" height="\d+"'
    r' viewBox="0 0 (?P<across>[\d.]+) (?P<down>[\d.]+)"'
    r"(?P<more>[^>]*)><style>svg\{(?P<colours>.*?)\}svg:target\{.*?\}</style>"
)
VARIABLE = re.compile(r"var\((--\w+)\)")


def to_take_away(svg, title, words, lines):
    """Return a figure that needs no page: any drawing program shows it as it is.

    Parameters
    ----------
    svg : str
        A drawing of `nonlinear.course.vector.svg`.
    title, words : str
        What it is called, and its alternative text.
    lines : sequence of str
        What to write below it, as words and as data.

    Returns
    -------
    str
        The drawing in its light colours, a little higher.
    """
    found = ROOT.match(svg)
    colours = dict(pair.split(":") for pair in found["colours"].split(";"))
    drawing = VARIABLE.sub(lambda name: colours[name[1]], svg[found.end() :])
    across, down = float(found["across"]), float(found["down"])
    high = down + LINE * len(lines) + 3
    root = (
        f'<svg{found["rest"]} width="{found["width"]}" height="{high * float(found["width"]) / across:.0f}" '
        f'viewBox="0 0 {across:g} {high:g}"{found["more"]}>'
    )
    ground = f'<rect width="{across:g}" height="{high:g}" style="fill: #ffffff"/>'
    below = "".join(
        f'<text x="3" y="{down + LINE * (k + 0.8):g}" style="font-size: 8px; fill: #545b66">{escape(line)}</text>'
        for k, line in enumerate(lines)
    )
    return f"{root}{about(title, words, lines)}{ground}{drawing.replace('</svg>', f'{below}</svg>')}\n"


def about(title, words, lines):
    """Return what a figure is, its source and licence, as data that programs read."""
    return (
        f"<title>{escape(title)}</title><desc>{escape(words)}</desc>"
        '<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:cc="http://creativecommons.org/ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"><cc:Work rdf:about="">'
        f"<dc:title>{escape(title)}</dc:title><dc:source>{escape(' '.join(lines))}</dc:source>"
        f'<dc:rights>{LICENCE}</dc:rights><cc:license rdf:resource="{LICENCE_ADDRESS}"/></cc:Work></rdf:RDF></metadata>'
    )
