"""Refuse pictures that a reader who cannot see them would know nothing about.

A figure's alternative text is cell metadata: ``mystnb: {image: {alt: ...}}``. Without it the site would fall back on
the name of the image file.
"""

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

logger = logging.getLogger(__name__)
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


def setup(app):
    """Connect the extension to Sphinx."""
    app.add_post_transform(CheckAltText)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
