r"""Set the formulas of the book when it is built, as MathML, with a font that comes with the site and without a script.

The formulas of the text are nodes of Sphinx; those in the tables of ``nonlinear.lesson`` are HTML, ``\(...\)`` in a
``span`` of the class ``math``. A formula that cannot be converted is a warning, which fails a strict build.
"""

import base64
import html
import re
from pathlib import Path

from docutils import nodes
from mathml import convert, set_in_html
from sphinx.locale import _
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)

STYLE = Path(__file__).with_name("formulas.css")
FONT = Path(__file__).with_name("font") / "stix-two-math.woff2"
LICENCE = FONT.with_name("OFL.txt")
# Asked for before the text that needs it, so that no line moves when it is there.
LOAD_FONT = "document.fonts.load('1em \"STIX Two Math subset\"');"
CLASSES = "math notranslate nohighlight"


def converted(tex, display, location):
    """Return a formula as MathML; one that cannot be converted is a warning, and stays TeX."""
    try:
        return convert(tex, display)
    except ValueError as error:
        logger.warning("%s", error, location=location, type="formulas")
        return f"<code>{html.escape(tex)}</code>"


def visit_math(self, node):
    """Write a formula in a line of text."""
    formula = converted(node.astext(), display=False, location=node)
    self.body.append(f"{self.starttag(node, 'span', '', CLASS=CLASSES)}{formula}</span>")
    raise nodes.SkipNode


def visit_display(self, node):
    """Write a formula on a line of its own, and its number if it has one."""
    self.body.append(self.starttag(node, "div", CLASS=CLASSES))
    self.body.append(converted(node.astext(), display=True, location=node))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


class FormulasInTables(SphinxPostTransform):
    """Set the formulas in the HTML that cells have written."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs):
        """Look at all HTML of a page."""
        for node in list(self.document.findall(nodes.raw)):
            text = set_in_html(node.astext(), lambda tex, node=node: converted(tex, display=False, location=node))
            if text != node.astext():
                node.replace_self(nodes.raw("", text, format=node["format"]))


class KeepTogether(SphinxPostTransform):
    """Keep a formula on one line with what touches it: a full stop, a parenthesis, a hyphen with its word."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs):
        """Join every formula of the text with the ends of its neighbours."""
        for formula in list(self.document.findall(nodes.math)):
            before, after = beside(formula, -1), beside(formula, +1)
            start, end = re.search(r"\S*\Z", before)[0], re.match(r"\S*", after)[0]
            if start or end:
                together = nodes.inline("", start, classes=["with-formula"])
                replace(formula, -1, before.removesuffix(start))
                replace(formula, +1, after.removeprefix(end))
                formula.replace_self(together)
                together += [formula, nodes.Text(end)]


def beside(node, step):
    """Return the text directly before (-1) or after (+1) a node; an empty string if something else is there."""
    place = node.parent.index(node) + step
    siblings = node.parent.children
    return siblings[place].astext() if 0 <= place < len(siblings) and isinstance(siblings[place], nodes.Text) else ""


def replace(node, step, text):
    """Replace the text beside a node, if there is any."""
    if beside(node, step):
        node.parent[node.parent.index(node) + step] = nodes.Text(text)


def style_sheet():
    """Return the style sheet with the font inside, which so arrives with it, and where a page is opened as a file."""
    data = base64.b64encode(FONT.read_bytes()).decode()
    return STYLE.read_text("utf-8").replace("stix-two-math.woff2", f"data:font/woff2;base64,{data}")


def add_style(app, pagename, templatename, context, doctree):
    """Load the style sheet and the font on pages with formulas."""
    if "<math" in context.get("body", ""):
        app.add_css_file(STYLE.name)
        app.add_js_file(None, body=LOAD_FONT, **{"data-first": ""})


def copy_style(app, error):
    """Write the style sheet and the licence of the font into the finished site."""
    if not error and app.builder.format == "html":
        folder = Path(app.outdir) / "_static"
        (folder / STYLE.name).write_text(style_sheet(), "utf-8")
        (folder / "stix-two-math-OFL.txt").write_bytes(LICENCE.read_bytes())


def setup(app):
    """Connect the extension to Sphinx."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_display, None))
    app.add_post_transform(FormulasInTables)
    app.add_post_transform(KeepTogether)
    app.connect("html-page-context", add_style)
    app.connect("build-finished", copy_style)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
