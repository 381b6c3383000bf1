"""Figures as SVG, with their size, in colours for light and for dark; none without alternative text.

While the book is built, ``nonlinear`` draws its figures as SVG too. One file holds both sets of colours, the dark ones
under an address that ends in ``#dark``: a page names it twice, the style sheet shows one of the two, and the browser
loads it when it comes near.

A figure's alternative text is cell metadata: ``mystnb: {image: {alt: ...}}``. Without it the site would fall back on
the name of the image file.
"""

import os
import re
from pathlib import Path

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

logger = logging.getLogger(__name__)
IMAGE = re.compile(r'<img (?P<words>alt="[^"]*") src="(?P<address>[^"]*_images/[^"]*\.svg)"(?: style="[^"]*")? />')
SIZE = re.compile(r'<svg[^>]* width="(\d+)" height="(\d+)"')
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


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


def both(found, page):
    """Return an image of the page as two: the one for light and the one for dark pages."""
    width, height = SIZE.search((page.parent / found["address"]).read_text("utf-8")).groups()
    rest = f'{found["words"]} width="{width}" height="{height}" loading="lazy" />'
    return "".join(
        f'<img class="{kind}" src="{found["address"]}{anchor}" {rest}'
        for kind, anchor in (("for-light dark-light", ""), ("for-dark dark-light", "#dark"))
    )


def give_both(app, error):
    """Write both images, and their size, into the pages of a finished HTML build."""
    if error or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text("utf-8")
        page.write_text(IMAGE.sub(lambda found, page=page: both(found, page), text), "utf-8")


def setup(app):
    """Connect the extension to Sphinx, and ask for SVG."""
    os.environ["NONLINEAR_FIGURES"] = "svg"  # read by nonlinear.course.vector in the kernels
    app.connect("build-finished", give_both)
    app.add_post_transform(CheckAltText)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
