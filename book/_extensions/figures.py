"""Figures as SVG: for a page and for a phone, in colours for light and for dark, to take away; none without words.

While the book is built, ``nonlinear`` draws its figures as SVG too, each twice: as wide as the text, and for a phone.
When the site is finished, each becomes a file. A file holds both sets of colours, the dark ones under an address that
ends in ``#dark``: a page names it twice, the style sheet shows one of the two, and the browser loads it, in the width
that it needs, when it comes near. A third file is for slides: it has its colours in it, and where it comes from.

A figure's alternative text is cell metadata: ``mystnb: {image: {alt: ...}}``. Without it the site would fall back on
the name of the image file.
"""

import os
import re
from html import escape, unescape
from pathlib import Path

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

logger = logging.getLogger(__name__)
IMAGE = re.compile(r'<img (?P<words>alt="[^"]*") src="(?P<address>[^"]*_images/[^"]*\.svg)"(?: style="[^"]*")? />')
FIGURE = re.compile(
    r'(<figure[^>]* id="(?P<name>[^"]*)">\s*<picture>)(?P<rest>.*?)(?=<figcaption>)(?P<caption>.*?</figcaption>)',
    re.DOTALL,
)
TITLE = re.compile(r"<h1>(.*?)<", re.DOTALL)
NEXT = re.compile(r"(?<=</svg>)\n(?=<svg)")
SIZE = re.compile(r'<svg[^>]* width="(\d+)" height="(\d+)" viewBox="0 0 ([\d.]+) ([\d.]+)"')
STYLE = re.compile(r"<style>svg\{(.*?)\}svg:target\{.*?\}</style>")
VARIABLE = re.compile(r"var\((--\w+)\)")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
NARROW = "(max-width: 40rem)"  # as in the style sheet
LICENCE, LICENCE_ADDRESS = "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"
LINE = 13  # of the words below a figure that is taken away, in its units


def mime_bundles(document):
    """Return the output bundles of a page: one container per output, one child per kind of content."""
    return [node for node in document.findall(nodes.container) if node.get("nb_element") == "mime_bundle"]


def kinds(bundle):
    """Return the contents of a bundle by mime type."""
    return {child["mime_type"]: child for child in bundle.children}


def pictures(bundle):
    """Return the image nodes of a bundle, the preferred format first; the formats show the same picture."""
    found = kinds(bundle)
    for kind in ("image/svg+xml", "image/png", "image/jpeg"):
        if kind in found:
            return list(found[kind].findall(nodes.image))
    return []


class CheckAltText(SphinxPostTransform):
    """Warn of a figure without alternative text, before myst-nb picks one kind of content per output (at 4)."""

    default_priority = 3

    def run(self, **kwargs):
        """Look at every picture that is not a widget's."""
        for bundle in mime_bundles(self.document):
            if WIDGET_VIEW not in kinds(bundle) and any(not image.get("alt") for image in pictures(bundle)):
                logger.warning(
                    "a figure has no alternative text: add `mystnb: {image: {alt: ...}}` to the metadata of its cell",
                    location=bundle,
                    type="figures",
                    subtype="alt",
                )


# ---- a figure to take away


def to_take_away(svg, title, words, lines):
    """Return a figure with its colours in it, on white, with its source and licence as data and in words below it.

    Parameters
    ----------
    svg : str
        A drawing of `nonlinear.course.vector.svg`.
    title, words : str
        What it is called, and its alternative text.
    lines : sequence of str
        What to write below it.

    Returns
    -------
    str
        An SVG that needs no page: any drawing program shows it as it is.
    """
    width, height, across, down = map(float, SIZE.match(svg).groups())
    colours = dict(pair.split(":") for pair in STYLE.search(svg)[1].split(";"))
    drawing = VARIABLE.sub(lambda found: colours[found[1]], STYLE.sub("", svg, count=1)).replace(' id="dark"', "", 1)
    room = LINE * len(lines) + 3
    size = SIZE.sub(
        lambda found: found[0].replace(f'height="{found[2]}"', f'height="{height + room * width / across:.0f}"')
        .replace(f' {found[4]}"', f' {down + room:g}"'),
        drawing,
        count=1,
    )  # fmt: skip
    below = "".join(
        f'<text x="3" y="{down + LINE * (k + 0.8):g}" style="font-size: 8px; fill: #545b66">{escape(line)}</text>'
        for k, line in enumerate(lines)
    )
    ground = f'<rect width="{across:g}" height="{down + room:g}" style="fill: #ffffff"/>'
    head = f"<title>{escape(title)}</title><desc>{escape(words)}</desc>{about(title, lines)}{ground}"
    return re.sub(r"^<svg[^>]*>", lambda found: found[0] + head, size).replace("</svg>", f"{below}</svg>\n")


def about(title, lines):
    """Return the title, source and licence of a figure as data that drawing programs and search engines read."""
    return (
        '<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:cc="http://creativecommons.org/ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"><cc:Work rdf:about="">'
        f"<dc:title>{escape(title)}</dc:title><dc:source>{escape(' '.join(lines))}</dc:source>"
        f'<dc:rights>{LICENCE}</dc:rights><cc:license rdf:resource="{LICENCE_ADDRESS}"/></cc:Work></rdf:RDF></metadata>'
    )


# ---- a figure on the page


class Pictures:
    """The pages of a finished site, and the files that their pictures become.

    Parameters
    ----------
    folder : path
    book : str
        What the book is called.
    base : str
        The address of the site; empty while it has none.
    """

    def __init__(self, folder, book, base=""):
        self.folder, self.book, self.base = Path(folder), book, base
        self.drawings = {}

    def write(self):
        """Write every page anew, and the files beside."""
        for page in self.folder.rglob("*.html"):
            text = IMAGE.sub(lambda found, page=page: self.both(found, page), page.read_text("utf-8"))
            page.write_text(
                FIGURE.sub(lambda found, page=page, text=text: self.linked(found, page, text), text), "utf-8"
            )

    def both(self, found, page):
        """Return an image of the page as two: the one for light and the one for dark pages."""
        drawings = self.split((page.parent / found["address"]).resolve())
        return "".join(
            picture(found, drawings, kind, anchor) for kind, anchor in (("for-light", ""), ("for-dark", "#dark"))
        )

    def split(self, path):
        """Return the drawings of a file, after giving each a file of its own."""
        if path not in self.drawings:
            self.drawings[path] = NEXT.split(path.read_text("utf-8"))
            for drawing, name in zip(self.drawings[path], (path.name, f"{path.stem}-phone.svg"), strict=False):
                path.with_name(name).write_text(drawing, "utf-8")
        return self.drawings[path]

    def linked(self, found, page, text):
        """Return a figure with a link to the file to take away, after writing that."""
        address, words = (re.search(rf'<img[^>]* {key}="([^"]*)"', found["rest"])[1] for key in ("src", "alt"))
        number = re.search(r'class="caption-number">([^<]*)<', found["caption"])[1].strip()
        title = f"{unescape(TITLE.search(text)[1].strip())}, {number}"
        place = f"{self.base}{page.relative_to(self.folder).as_posix()}#{found['name']}" if self.base else ""
        source, target = (page.parent / address).resolve(), f"{found['name']}.svg"
        lines = [f"{self.book}. {title}. {LICENCE}.", *filter(None, [place])]
        file = to_take_away(self.drawings[source][0], title, unescape(words), lines)
        source.with_name(target).write_text(file, "utf-8")
        link = (
            f'<a class="figure-file" href="{address.replace(source.name, target)}" download '
            f'aria-label="Download {number} as SVG"><i class="fas fa-download"></i> SVG</a>\n'
        )
        return f"{found[1]}{found['rest']}{link}{found['caption']}"


def picture(found, drawings, kind, anchor):
    """Return an image of the page for one theme; a phone gets the drawing for phones, if there is one."""
    address, image = found["address"], f'<img class="{kind} dark-light" src="{found["address"]}{anchor}"'
    image = f'{image} {found["words"]} {size(drawings[0])} loading="lazy" />'
    if len(drawings) == 1:
        return image
    narrow = f"{address.removesuffix('.svg')}-phone.svg{anchor}"
    return f'<picture><source media="{NARROW}" srcset="{narrow}" {size(drawings[1])} />{image}</picture>'


def size(svg):
    """Return the width and height of a drawing as attributes.

    >>> size('<svg id="dark" width="690" height="300" viewBox="0 0 496.8 216">')
    'width="690" height="300"'
    """
    return 'width="{}" height="{}"'.format(*SIZE.match(svg).groups())


def give_files(app, error):
    """Give the pictures of a finished HTML build their files."""
    if not error and app.builder.format == "html":
        Pictures(app.outdir, app.config.html_title or app.config.project, app.config.html_baseurl).write()


def setup(app):
    """Connect the extension to Sphinx, and ask for SVG."""
    os.environ["NONLINEAR_FIGURES"] = "svg"  # read by nonlinear.course.vector in the kernels
    app.connect("build-finished", give_files)
    app.add_post_transform(CheckAltText)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
