"""Keep widgets alive on a page without a kernel.

A notebook stores the state of its widgets. This extension leaves that state in the page, writes the JavaScript of each
widget to a file of its own, and adds ``static_widgets.js``, the small host that brings the two together. Next to each
widget stands a picture of it, for readers without JavaScript, for paper, and for the day something goes wrong.

Only anywidgets can live this way. Any other control would look alive and do nothing, so it is a build warning.
"""

import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import page_scripts
from docutils import nodes
from figures import WIDGET_VIEW, kinds, mime_bundles, pictures
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

logger = logging.getLogger(__name__)

WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
HOST = Path(__file__).with_name("static_widgets.js")
LINKS = {"LinkModel", "DirectionalLinkModel"}
BOX = re.compile(r'<div class="nl-widget">(\s*<script[^>]*widget-view\+json[^>]*>(.*?)</script>)', re.DOTALL)
EXPORT = re.compile(r"^export default ", re.MULTILINE)
MODULE_SYNTAX = re.compile(r"^\s*(import|export)\b", re.MULTILINE)


def classic_script(module):
    """Turn a widget's ES module into a classic script, which a browser also loads from ``file://``.

    Parameters
    ----------
    module : str
        Source with exactly one ``export default`` at the start of a line, and no ``import``.

    Returns
    -------
    tuple of str
        The key under which the script registers its widget, and the script.
    """
    key = hashlib.sha256(module.encode()).hexdigest()[:16]
    body, exports = EXPORT.subn(f'(globalThis.NONLINEAR_WIDGETS ??= {{}})["{key}"] = ', module)
    if exports != 1 or MODULE_SYNTAX.search(body):
        raise ExtensionError(
            f"A widget's JavaScript needs exactly one `export default` and no import; found {exports} "
            "`export default`. Join its parts into one module."
        )
    return key, f"(() => {{\n{body}\n}})();\n"


def hoist(module, folder):
    """Write a widget's code to one file per distinct source; return its key."""
    key, script = classic_script(module)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{key}.js").write_text(script, "utf-8")
    return key


def is_anywidget(model):
    """Tell whether a stored model is an anywidget."""
    return model["model_module"] == "anywidget"


def problems(models):
    """Return one sentence for everything in a page's models that would not work there."""
    for model in models.values():
        if not is_anywidget(model) and model["model_name"] not in LINKS | {"LayoutModel"}:
            yield f"a {model['model_name']} needs a kernel and would be dead on the static page; use an anywidget"
        if is_anywidget(model) and model["state"].get("_css"):
            yield "an anywidget has a stylesheet in `_css`; put its styles into its shadow root"
    names = Counter(model["state"].get("name") for model in models.values() if is_anywidget(model))
    for name, count in names.items():
        if count > 1:
            yield f"{count} widgets are called {name!r}; give each a name of its own, for links to its state"


def page_models(models, folder):
    """Return the models that a page needs, with their code replaced by the key of its file."""
    kept = {key: model for key, model in models.items() if is_anywidget(model) or model["model_name"] in LINKS}
    for model in filter(is_anywidget, kept.values()):
        model["state"]["_esm"] = hoist(model["state"]["_esm"], folder)
        model["state"].pop("_css", None)
    return kept


def take_state(scripts):
    """Remove the widget state from a page's list of scripts and return it; `None` if there is none."""
    for script in scripts:
        if getattr(script, "attributes", {}).get("type") == WIDGET_STATE:
            scripts.remove(script)
            return json.loads(script.attributes["body"])
    return None


def state_element(state):
    """Return the state as a data element that no text inside it can close."""
    body = json.dumps(state, separators=(",", ":")).replace("</", "<\\/")
    return f'<script type="{WIDGET_STATE}">{body}</script>'


def host_widgets(app, pagename, templatename, context, doctree):
    """Give a page with widgets their code, their state (after the text, so that the text shows first) and the host.

    Code and host run as soon as they are there. A deferred script would wait for the style sheets, and for others.
    """
    state = take_state(context["script_files"])
    if state is None:
        return
    for problem in problems(state["state"]):
        logger.warning("%s", problem, location=pagename, type="static_widgets")
    state["state"] = page_models(state["state"], Path(app.outdir) / "_static" / "widgets")
    for key in sorted({model["state"]["_esm"] for model in state["state"].values() if is_anywidget(model)}):
        app.add_js_file(f"widgets/{key}.js", loading_method="async")
    app.add_js_file(HOST.name, loading_method="async")
    context["body"] = reserve_room(context["body"], state["state"]) + state_element(state)


def reserve_room(body, models):
    """Write into each box how high its widget will be, so that nothing moves when it is drawn."""

    def roomy(found):
        model_id = json.loads(found[2])["model_id"]
        narrow, wide = models.get(model_id, {}).get("state", {}).get("room") or (0, 0)
        return f'<div class="nl-widget" style="--narrow: {narrow}px; --wide: {wide}px">{found[1]}'

    return BOX.sub(roomy, body)


def html(text):
    """Return raw HTML as a node."""
    return nodes.raw("", text, format="html")


class KeepPicture(SphinxPostTransform):
    """Show a widget's picture beside its view, before myst-nb would pick one of the two (at 4)."""

    default_priority = 3

    def run(self, **kwargs):
        """Pair every widget view with its picture and description."""
        for bundle in mime_bundles(self.document):
            if self.app.builder.format == "html" and WIDGET_VIEW in kinds(bundle):
                self.pair(bundle)

    def pair(self, bundle):
        """Wrap one view and its picture into a box that the host looks for."""
        found, images = kinds(bundle), [image.deepcopy() for image in pictures(bundle)]
        description = found["text/plain"].astext().strip() if "text/plain" in found else ""
        if not images or not description:
            logger.warning(
                "a widget needs a picture (image/png) and a description (text/plain) in its mime bundle",
                location=bundle,
                type="static_widgets",
            )
        for image in images:
            image["alt"] = description
        view = found[WIDGET_VIEW]
        view.insert(0, html('<div class="nl-widget">'))
        view.extend([*images, html("</div>")])


def setup(app):
    """Connect the extension to Sphinx; myst-nb adds the state to a page at priority 500."""
    app.connect("html-page-context", host_widgets, priority=600)
    page_scripts.put(app, HOST)
    app.add_post_transform(KeepPicture)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
