"""What others see of a page: its description, its picture in a preview, and what search engines know of the course.

Titles and descriptions are on every page. Whatever needs an address, which a picture in a preview does, is there once
the site has one (see ``address.py``), and not before. A lesson's picture is that of its first widget or figure,
beside the title, put together by Matplotlib when the site is built.
"""

import base64
import io
import json
import re
from html import escape
from pathlib import Path
from textwrap import fill, shorten

from cover import question
from docutils import nodes
from lessons import plain_title
from notebooks import executed, is_notebook, source
from times import time_of_page, to_five

from nonlinear import __version__

SHORT, LONG = 40, 200  # characters: a shorter paragraph is a label, and a search result cuts a longer one
FOLDER = "_static/share"
SIZE = (1200, 630)  # px, what previews ask for
INK, QUIET = "#1a1a1a", "#595959"
FOOTER = "Version {version}"


def name_version(app, config):
    """State the version of the course at the foot of every page; its one home is the package."""
    config.version = config.release = __version__
    config.html_theme_options["extra_footer"] = FOOTER.format(version=__version__)


# ---- words


def opening(doctree):
    """Return the first paragraph of a page, or as much of it as a search result shows; indices stand without braces."""
    paragraphs = [re.sub("[{}]", "", " ".join(node.astext().split())) for node in doctree.findall(nodes.paragraph)]
    return shorten(next((text for text in paragraphs if len(text) > SHORT), ""), LONG, placeholder=" ...")


def elements(tags):
    """Return the elements of a page's head that hold some properties.

    >>> elements({"og:title": "Rates & more", "description": "words"})
    '<meta property="og:title" content="Rates &amp; more" />\\n<meta name="description" content="words" />'
    """
    kind = {True: "property", False: "name"}
    return "\n".join(
        f'<meta {kind[name.startswith("og:")]}="{name}" content="{escape(text)}" />' for name, text in tags.items()
    )


def describe(app, pagename, templatename, context, doctree):
    """Describe a page to search engines and previews; name its address and its picture only when it has one."""
    if doctree is None:
        return
    summary, base = opening(doctree), app.config.html_baseurl
    tags = {
        "og:title": app.env.titles[pagename].astext(),
        "og:description": summary,
        "og:site_name": app.config.project,
        "description": summary,
    }
    parts = [context.get("metatags", "")]
    if base:
        tags["og:url"] = base + app.builder.get_target_uri(pagename)
        tags |= pictured(app, pagename)
        if pagename == app.config.root_doc:
            parts.append(data_element(course(app, summary)))
    context["metatags"] = "\n".join([*parts, elements(tags)])


# ---- a picture


def first_picture(notebook):
    """Return the first picture that a notebook shows, as the bytes of a PNG file; None without one."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    found = (output["data"]["image/png"] for output in outputs if "image/png" in output.get("data", {}))
    return next(map(base64.b64decode, found), None)


def card(title, name, picture):
    """Return the picture of a preview as the bytes of a PNG file: a title and a name beside a picture, on white.

    Parameters
    ----------
    title, name : str
    picture : bytes
        A PNG file.
    """
    from matplotlib.figure import Figure
    from matplotlib.image import imread

    figure = Figure(figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100, facecolor="white")
    figure.text(0.04, 0.93, fill(title, 16), fontsize=36, fontweight="bold", color=INK, va="top", linespacing=1.15)
    figure.text(0.04, 0.07, fill(name, 30), fontsize=19, color=QUIET, va="bottom", linespacing=1.3)
    axes = figure.add_axes([0.5, 0.04, 0.47, 0.92])
    axes.imshow(imread(io.BytesIO(picture)), interpolation="lanczos")
    axes.axis("off")
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def pictured(app, pagename):
    """Return what a preview of a page shows: a lesson's picture, which is then drawn, or words alone."""
    picture = first_picture(executed(app, pagename)) if is_notebook(app, pagename) else None
    if not picture:
        return {"twitter:card": "summary"}
    title, address = plain_title(app.env, pagename), f"{FOLDER}/{pagename.rpartition('/')[2]}.png"
    path = Path(app.outdir) / address
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(card(title, app.config.html_title, picture))
    return {
        "og:image": app.config.html_baseurl + address,
        "og:image:width": str(SIZE[0]),
        "og:image:height": str(SIZE[1]),
        "og:image:alt": f"A figure of the lesson {title}",
        "twitter:card": "summary_large_image",
    }


# ---- the course, for search engines


def course(app, summary):
    """Return the course and its lessons in the words of schema.org."""
    author = {"@type": "Organization", "name": app.config.author}
    return {
        "@context": "https://schema.org",
        "@type": "Course",
        "name": app.config.html_title,
        "description": summary,
        "url": app.config.html_baseurl + app.builder.get_target_uri(app.config.root_doc),
        "provider": author,
        "author": author,
        "inLanguage": app.config.language,
        "isAccessibleForFree": True,
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "version": app.config.release,
        "hasPart": [lesson(app, page, number) for page, number in app.lesson_numbers.items()],
    }


def lesson(app, page, number):
    """Return one lesson in the words of schema.org."""
    return {
        "@type": "LearningResource",
        "name": plain_title(app.env, page),
        "position": number,
        "description": question(source(app, page)),
        "url": app.config.html_baseurl + app.builder.get_target_uri(page),
        "timeRequired": f"PT{to_five(time_of_page(app, page).reading)}M",
    }


def data_element(data):
    """Return data as an element of the page, which no text inside it can close and no browser executes."""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    return f'<script type="application/ld+json">{body}</script>'


def setup(app):
    """Connect the extension to Sphinx."""
    app.setup_extension("lessons")
    app.connect("config-inited", name_version, priority=100)
    app.connect("html-page-context", describe)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
