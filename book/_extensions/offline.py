"""Serve MathJax from the book itself.

The files come from the installed package ``sphinx-mathjax-offline``. Only those parts are copied that a page may ask
for: the loader, the fonts and the TeX extensions which MathJax fetches on demand.
"""

import shutil
from importlib.metadata import distribution
from pathlib import Path

MATHJAX_PARTS = ("tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions")


def mathjax_folder():
    """Return the folder of the installed MathJax."""
    package = distribution("sphinx-mathjax-offline")
    return Path(package.locate_file("sphinx-mathjax-offline")) / "static" / "mathjax"


def copy_part(part, source, target):
    """Copy one file or folder, keeping its relative name."""
    (target / part).parent.mkdir(parents=True, exist_ok=True)
    if (source / part).is_dir():
        shutil.copytree(source / part, target / part, dirs_exist_ok=True)
    else:
        shutil.copy2(source / part, target / part)


def copy_mathjax(app, error):
    """Copy MathJax into the finished HTML site."""
    if error or app.builder.format != "html":
        return
    for part in MATHJAX_PARTS:
        copy_part(part, mathjax_folder(), Path(app.outdir) / "_static" / "mathjax")


def use_own_mathjax(app, config):
    """Point Sphinx at the script that loads the copy, instead of a content delivery network."""
    config.mathjax_path = "start-mathjax.js"


def setup(app):
    """Connect the extension to Sphinx."""
    app.connect("config-inited", use_own_mathjax)
    app.connect("build-finished", copy_mathjax)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
