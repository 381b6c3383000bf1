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
from functools import partial
from html import unescape
from pathlib import Path

from docutils import nodes
from figure_file import LICENCE, to_take_away
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

logger = logging.getLogger(__name__)
IMAGE = re.compile(r'<img (?P<words>alt="[^"]*") src="(?P<address>[^"]*_images/[^"]*\.svg)"(?: style="[^"]*")? />')
FIGURE = re.compile(r'<figure[^>]* id="([^"]*)">\s*<picture>.*?</figure>', re.DOTALL)
NUMBER = re.compile(r'class="caption-number">([^<]*)<')
TITLE = re.compile(r"<h1>(.*?)<", re.DOTALL)
NEXT = re.compile(r"(?<=</svg>)\n(?=<svg)")
SIZE = re.compile(r'<svg[^>]* (width="\d+" height="\d+")')
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
NARROW = "(max-width: 40rem)"  # as in the style sheet
LINK = (
    '<a class="figure-file" href="{address}" download aria-label="Download {number} as SVG">'
    '<i class="fas fa-download"></i> SVG</a>'
)


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
            text = IMAGE.sub(partial(self.both, page=page), page.read_text("utf-8"))
            page.write_text(FIGURE.sub(partial(self.linked, page=page, title=heading(text)), text), "utf-8")

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

    def linked(self, found, page, title):
        """Return a figure with a link to the file to take away, after writing that."""
        figure, name = found.group(0, 1)
        address, words = (re.search(rf'<img[^>]* {key}="([^"]*)"', figure)[1] for key in ("src", "alt"))
        number = NUMBER.search(figure)[1].strip()
        path = (page.parent / address).resolve()
        lines = [f"{self.book}. {title}, {number}. {LICENCE}.", *self.place(page, name)]
        file = to_take_away(self.drawings[path][0], f"{title}, {number}", unescape(words), lines)
        path.with_name(f"{name}.svg").write_text(file, "utf-8")
        link = LINK.format(address=address.replace(path.name, f"{name}.svg"), number=number)
        return figure.replace("<figcaption>", f"{link}\n<figcaption>")

    def place(self, page, name):
        """Return the address of a figure, if the site has one."""
        return [f"{self.base}{page.relative_to(self.folder).as_posix()}#{name}"] if self.base else []


def heading(text):
    """Return the title of a page.

    >>> heading('<h1>Rates &amp; more<a href="#">#</a></h1>'), heading("<p>no title")
    ('Rates & more', '')
    """
    found = TITLE.search(text)
    return unescape(found[1].strip()) if found else ""


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
    return SIZE.match(svg)[1]


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
