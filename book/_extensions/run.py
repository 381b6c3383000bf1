"""Let a reader run the cells of a lesson in the page, with a Python that comes from the site itself.

The Python is Pyodide. ``NONLINEAR_PYODIDE`` in the environment of the build says where its distribution is: a folder,
or the address of one. What the site needs of it is checked against ``browser/pyodide.json`` and put into the site.
Without that setting, lessons say in one sentence that running their cells is not part of this copy.

Nothing is loaded before a reader presses Run but ``browser/start.js``. Then ``page.js`` shows what runs, ``worker.js``
holds Python, and ``interpreter.py`` runs the cells in it.
"""

import hashlib
import io
import json
import os
import shutil
import zipfile
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path
from urllib.request import urlopen

from docutils import nodes
from needed import needed
from notebooks import is_notebook
from sources import anchor, cells_of
from sphinx.errors import ConfigError
from sphinx.transforms.post_transforms import SphinxPostTransform
from starters import CHECK, starters
from static_widgets import hoist

from nonlinear import widgets

SETTING = "NONLINEAR_PYODIDE"
FOLDER = Path(__file__).with_name("browser")
PINS = json.loads((FOLDER / "pyodide.json").read_text("utf-8"))
LOCK = "pyodide-lock.json"
LICENCES = FOLDER / "licences.txt"
SECONDS = json.loads((FOLDER / "seconds.json").read_text("utf-8"))  # of cells that take longer than 5 s, about
OFFLINE = "offline.js"  # at the top of the site: a service worker sees what lies beside and below it
SCRIPTS = sorted(path.name for path in FOLDER.iterdir() if path.suffix in {".js", ".css"} and path.name != OFFLINE)
OTHERS = ("traitlets", "latex2mathml")  # pure Python, as the build itself uses them
OWN = (*sorted(FOLDER.glob("*.py")), FOLDER.with_name("mathml.py"))
LEFT_OUT = {"tests", "__pycache__", ".."}
ALONE = "runs-alone"  # a cell with this tag uses nothing of those above
WITHOUT = "Running the cells in the page is not part of this copy of the site."
TOOLS = (
    '<div class="run-tools" data-cell="{cell}"><button type="button" class="run-button">Run</button>'
    '<button type="button" class="run-edit">Edit</button><span class="run-status" role="status">{words}</span></div>'
)


# ---- the distribution


def read(place, name):
    """Return a file of the distribution, from a folder or from an address."""
    if "://" in place:
        with urlopen(f"{place.rstrip('/')}/{name}") as answer:
            return answer.read()
    return (Path(place) / name).read_bytes()


def checked(place, name, digest):
    """Return a file of the distribution that is what it should be.

    Raises
    ------
    sphinx.errors.ConfigError
        If it is missing or another one.
    """
    try:
        data = read(place, name)
    except OSError as error:
        raise ConfigError(f"{SETTING} must name a folder, or an address, with {name}: {error}") from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise ConfigError(f"{name} of {SETTING} is not that of Pyodide {PINS['version']}: take the official release.")
    return data


def closure(packages, names):
    """Return the names of packages and of all that they depend on.

    >>> sorted(closure({"a": {"depends": ["b"]}, "b": {"depends": []}, "c": {"depends": []}}, ["a"]))
    ['a', 'b']
    """
    return set(names).union(*(closure(packages, packages[name]["depends"]) for name in names))


def files_of(place):
    """Return the files that the site needs, by name; its list of packages names no others."""
    files = {name: checked(place, name, digest) for name, digest in PINS["files"].items()}
    lock = json.loads(files[LOCK])
    wanted = sorted(closure(lock["packages"], PINS["packages"]))
    lock["packages"] = {name: lock["packages"][name] for name in wanted}
    wheels = {p["file_name"]: checked(place, p["file_name"], p["sha256"]) for p in lock["packages"].values()}
    return files | wheels | {LOCK: json.dumps(lock).encode(), LICENCES.name: LICENCES.read_bytes()}


def megabytes(files):
    """Return how much a reader loads for the first cell, and for the first figure, in MB."""
    first = [name for name in files if name in PINS["files"] or name.startswith("numpy-")]
    return round(sum(len(files[name]) for name in first) / 1e6), round(sum(map(len, files.values())) / 1e6)


# ---- what is our own


def members():
    """Yield the name and the content of each file of the archive that Python unpacks in the page."""
    package = Path(find_spec("nonlinear").origin).parent
    named = [(path.name, path) for path in OWN]
    named += [(path.relative_to(package.parent).as_posix(), path) for path in sorted(package.rglob("*"))]
    named += [(file.as_posix(), file.locate()) for name in OTHERS for file in sorted(distribution(name).files)]
    for name, path in named:
        if path.is_file() and not LEFT_OUT & set(name.split("/")):
            yield name, path.read_bytes()


def archive():
    """Return the archive, the same for the same files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members():
            opened.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def check_of(source):
    """Return the lines of a solution from ``# check`` on.

    >>> check_of("# solve\\nx = 1\\n# check\\nassert x == 1")
    '# check\\nassert x == 1'
    """
    return source[source.index(CHECK) :]


def lesson(cells):
    """Return what the page needs to know of a notebook: its code cells in order, and the starters of its exercises."""
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    hidden = ["remove-cell" in cell["metadata"].get("tags", []) for cell in code]
    sources = needed(["".join(cell["source"]) for cell in code], hidden)
    checks = {cell["metadata"].get("exercise"): "".join(cell["source"]) for cell in code}
    return {
        "cells": [
            {"id": anchor(cell), "source": source, "alone": ALONE in cell["metadata"].get("tags", [])}
            for cell, source in zip(code, sources, strict=True)
            if source
        ],
        "starters": [
            {"id": label, "source": source, "check": check_of(checks[label])}
            for label, source in starters(cells).items()
        ],
    }


# ---- the site


def prepare(app, env):
    """Read everything, and name the folder of our own files by what is in them and in the distribution.

    What the page keeps of a visit, compiled modules for one, stays with this name.
    """
    place = os.environ.get(SETTING)
    if app.builder.format != "html" or not place:
        app.run_files = None
        return
    own = {"course.zip": archive()} | {name: (FOLDER / name).read_bytes() for name in SCRIPTS}
    for path in [Path(env.doc2path(name)) for name in sorted(env.found_docs) if is_notebook(app, name)]:
        own[f"{path.stem}.json"] = json.dumps(lesson(json.loads(path.read_text("utf-8"))["cells"])).encode()
    contents = [json.dumps(PINS).encode(), *own.values()]
    name = f"run-{hashlib.sha256(b''.join(contents)).hexdigest()[:12]}"
    app.run_files = {name: own, f"pyodide-{PINS['version']}": files_of(place)}


def offer(app, pagename, templatename, context, doctree):
    """Load the small script on pages with code."""
    if doctree is None or not is_notebook(app, pagename):
        return
    if not app.run_files:
        context["body"] += f'<p class="run-note">{WITHOUT}</p>'
        return
    own, pyodide = app.run_files
    name = pagename.rpartition("/")[2]
    first, all_of_it = megabytes(app.run_files[pyodide])
    app.add_css_file(f"{own}/run.css")
    app.add_js_file(
        f"{own}/start.js",
        loading_method="defer",
        **{"data-lesson": name, "data-pyodide": pyodide, "data-first": f"{first}", "data-all": f"{all_of_it}"},
    )


def write(app, folder, name, content):
    """Write a file into a folder of the site's own files."""
    path = Path(app.outdir) / "_static" / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def copy_files(app, error):
    """Put everything into the finished site, and the scripts of all widgets: a reader may make any on any page."""
    if error or app.builder.format != "html":
        return
    for folder, files in (app.run_files or {}).items():
        for name, content in files.items():
            write(app, folder, name, content)
    if app.run_files:
        shutil.copy2(FOLDER / OFFLINE, app.outdir)
        for script in {getattr(getattr(widgets, name), "_esm", None) for name in widgets.__all__} - {None}:
            hoist(script, Path(app.outdir) / "_static" / "widgets")


class Tools(SphinxPostTransform):
    """Put the buttons between a cell and what it shows, and below the starter of an exercise."""

    default_priority = 3
    formats = ("html",)

    def run(self, **kwargs):
        """Work on one page."""
        if not self.app.run_files or not is_notebook(self.app, self.env.docname):
            return
        cells, slow = cells_of(self.env), SECONDS.get(self.env.docname.rpartition("/")[2], {})
        for cell in [node for node in self.document.findall(nodes.container) if node.get("nb_element") == "cell_code"]:
            outputs = [child for child in cell if child.get("nb_element") == "cell_code_output"]
            place = cell.index(outputs[0]) if outputs else len(cell)
            name = anchor(cells[cell["cell_index"]])
            cell.insert(place, tools(name, slow.get(name)))
        for code in [node for node in self.document.findall(nodes.literal_block) if "starter" in node]:
            code.parent.insert(code.parent.index(code) + 1, tools(code["starter"]))


def tools(name, seconds=None):
    """Return the buttons of a cell, and what it says beside them if it takes long."""
    words = f"takes about {seconds} s" if seconds else ""
    return nodes.raw("", TOOLS.format(cell=name, words=words), format="html")


def setup(app):
    """Connect the extension to Sphinx."""
    app.connect("env-check-consistency", prepare)
    app.connect("html-page-context", offer)
    app.connect("build-finished", copy_files)
    app.add_post_transform(Tools)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
