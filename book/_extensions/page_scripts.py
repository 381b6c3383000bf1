"""What extensions with a script share: it is put beside the site's own, and loaded where it has something to do."""

import shutil
from pathlib import Path


def put(app, path):
    """Copy a script into the finished site."""

    def copy(app, error):
        if not error and app.builder.format == "html":
            shutil.copy2(path, Path(app.outdir) / "_static" / path.name)

    app.connect("build-finished", copy)


def offer(app, path, mark):
    """Copy a script into the finished site, and load it on pages whose text holds a mark, such as ``class="quiz"``."""

    def load(app, pagename, templatename, context, doctree):
        if mark in context.get("body", ""):
            app.add_js_file(path.name, loading_method="defer")

    put(app, path)
    app.connect("html-page-context", load)
