"""A small site that has an address: what follows from it, how it looks to others, and that it stands below a prefix."""

import json
import re
import shutil
import struct
import subprocess
import sys
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from normalise_notebooks import METADATA

from nonlinear import __version__
from tests.serving import QuietHandler, address, serve
from tests.site.pages import ROOT
from tests.site.test_extensions import PIXEL

REPOSITORY = "https://github.com/owner/course"
BASE = "https://owner.github.io/course/"
INDEX = """# Nonlinear

The cover of a small course, in as many words as a description needs, with a link to [elsewhere](https://example.org/).
"""
QUESTION = "What is </script> & what is not?"


def notebook():
    """Return a lesson as it is stored, with a picture."""
    shown = new_code_cell("draw()", metadata={"mystnb": {"image": {"alt": "One pixel."}}})
    shown["outputs"] = [new_output("display_data", {"image/png": PIXEL, "text/plain": "a picture"})]
    texts = ["# ReLU: the race", f"**The question.** {QUESTION}\n\nSome words about it."]
    return new_notebook(cells=[*map(new_markdown_cell, texts), shown], metadata=METADATA)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The built site: a cover and a lesson, with the settings and the extensions of the book."""
    root = tmp_path_factory.mktemp("small")
    for name in ("_assets", "_extensions"):
        shutil.copytree(ROOT / "book" / name, root / "book" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("claims.json", "references.bib"):
        shutil.copy(ROOT / "book" / name, root / "book")
    shutil.copy(ROOT / "pyproject.toml", root)
    settings = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    settings["repository"]["url"], settings["execute"]["execute_notebooks"] = REPOSITORY, "off"
    settings["sphinx"]["config"]["extensions"].remove("execution")
    (root / "_config.yml").write_text(yaml.safe_dump(settings))
    chapters = [{"caption": "I  One", "chapters": [{"file": "book/relu"}]}]
    (root / "_toc.yml").write_text(yaml.safe_dump({"format": "jb-book", "root": "book/index", "parts": chapters}))
    (root / "book" / "lessons.yml").write_text("10: relu\n")
    (root / "book" / "index.md").write_text(INDEX)
    nbformat.write(notebook(), root / "book" / "relu.ipynb")
    command = [Path(sys.executable).with_name("jupyter-book"), "build", root, "--all", "-n", "-W", "--keep-going"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
    return root / "_build" / "html"


def properties(page):
    """Return the properties in a page's head, by name."""
    return dict(re.findall(r'<meta (?:property|name)="([^"]*)" content="([^"]*)"', page.read_text("utf-8")))


def test_a_preview_of_a_lesson_has_its_picture(small):
    found = properties(small / "book" / "relu.html")
    assert found["og:url"] == f"{BASE}book/relu.html" and found["twitter:card"] == "summary_large_image"
    assert found["og:image"] == f"{BASE}_static/share/relu.png" and found["og:image:alt"].endswith("ReLU: the race")
    picture = (small / "_static" / "share" / "relu.png").read_bytes()
    assert (
        struct.unpack(">II", picture[16:24])
        == (1200, 630)
        == tuple(int(found[f"og:image:{side}"]) for side in ("width", "height"))
    )
    assert properties(small / "book" / "index.html")["twitter:card"] == "summary"


def test_search_engines_learn_of_the_course_and_its_lessons(small):
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', (small / "book/index.html").read_text())
    course = json.loads(data)
    assert (course["@type"], course["url"], course["version"]) == ("Course", f"{BASE}book/index.html", __version__)
    (lesson,) = course["hasPart"]
    assert lesson["description"] == QUESTION and lesson["url"] == f"{BASE}book/relu.html" and lesson["position"] == 10
    assert re.fullmatch(r"PT\d+M", lesson["timeRequired"])
    assert "ld+json" not in (small / "book" / "relu.html").read_text("utf-8")


def test_all_pages_are_in_the_sitemap_and_name_their_address(small):
    listed = re.findall("<loc>(.*?)</loc>", (small / "sitemap.xml").read_text())
    assert listed == [f"{BASE}book/{name}.html" for name in ("index", "relu")]
    for link in listed:
        page = (small / link.removeprefix(BASE)).read_text("utf-8")
        assert f'<link rel="canonical" href="{link}"' in page
        assert REPOSITORY in page and f"Version {__version__}" in page


def test_links_elsewhere_learn_nothing_of_the_page(small):
    for page in small.rglob("book/*.html"):
        out = re.findall(r'<a [^>]*href="https?:[^>]*>', page.read_text("utf-8"))
        assert out and all("noopener" in link for link in out), out


class Below(QuietHandler):
    """Serves a site below the prefix of its address, and its page for what is not there, as GitHub Pages does."""

    def translate_path(self, path):
        """Return the file of an address."""
        below = urlsplit(BASE).path
        return super().translate_path("/" + path.removeprefix(below)) if path.startswith(below) else "nowhere"

    def send_error(self, code, *words):
        """Send the page for what is not there."""
        page = (Path(self.directory) / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page)


def test_the_site_works_below_a_prefix_and_is_accessible(small, open_page, axe):
    """The page for what is not there finds its styles and scripts from any depth, and leads back."""
    with serve(partial(Below, directory=small)) as server:
        for place in ("book/relu.html", "book/index.html", "a/b/c/"):
            visit = open_page(f"{address(server)}/course/{place}")
            lost = [f"{address(server)}/course/{place}"] if place.endswith("/") else []
            assert visit.missing == lost and visit.foreign == []
            assert [each for each in visit.complaints if "404" not in each] == []
            assert axe(visit.page) == []
        visit.page.locator("a.navbar-brand, a.logo").first.click()
        visit.until("location.pathname === '/course/book/index.html'")
