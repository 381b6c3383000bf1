"""The numbers of the lessons: in titles, in references to a lesson, and before the numbers of figures and exercises.

``book/lessons.yml`` is where they are written. With its number in its title a lesson carries it wherever Sphinx shows
the title: on the page, in the sidebar, in the links to the next lesson, in the browser's tab and in the search.
"""

from pathlib import Path

import yaml
from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

LIST = "book/lessons.yml"


def numbers(root):
    """Return the number of each lesson by the name of its page, such as ``book/zero-centring``, in order."""
    listed = yaml.safe_load((Path(root) / LIST).read_text("utf-8"))
    return {f"book/{name}": number for number, name in sorted(listed.items())}


def named(title, number, before=""):
    """Return how a text speaks of a lesson; within parentheses it opens no others.

    >>> named("Initialisation", 7), named("Initialisation", 7, "gains (see ")
    ('Initialisation (lesson 7)', 'Initialisation, lesson 7')
    """
    return f"{title}, lesson {number}" if before.count("(") > before.count(")") else f"{title} (lesson {number})"


def plain_title(env, docname):
    """Return the title of a page without its number."""
    title = env.titles[docname].deepcopy()
    for each in list(title.findall(nodes.inline)):
        if "lesson-number" in each["classes"]:
            each.parent.remove(each)
    return title.astext().strip()


class NumberTitle(SphinxTransform):
    """Put the number of a lesson before its title, before Sphinx collects the titles."""

    default_priority = 400

    def apply(self, **kwargs):
        """Number one page, if it is a lesson."""
        title = next(self.document.findall(nodes.title), None)
        if title is not None and (number := self.app.lesson_numbers.get(self.env.docname)):
            title[:0] = [nodes.inline("", str(number), classes=["lesson-number"]), nodes.Text(" ")]


class NameLessons(SphinxPostTransform):
    """Give a reference to a lesson its words, before Sphinx would quote the title (at 10)."""

    default_priority = 9

    def run(self, **kwargs):
        """Look at every reference to a page that brings no words of its own."""
        for node in list(self.document.findall(addnodes.pending_xref)):
            page = f"book/{node['reftarget'].rpartition('/')[2]}"
            if node["reftype"] == "doc" and not node["refexplicit"] and page in self.app.lesson_numbers:
                before = node.parent.astext().partition(node.astext())[0]
                words = named(plain_title(self.env, page), self.app.lesson_numbers[page], before)
                node["refexplicit"] = True
                node[:] = [nodes.inline("", words, classes=["std", "std-doc"])]


def number_by_lesson(app, env):
    """Number the figures and the exercises of each lesson from 1, behind the lesson's own number."""
    for page, number in app.lesson_numbers.items():
        for numbered in env.toc_fignumbers.get(page, {}).values():
            numbered.update({label: (number, at) for at, label in enumerate(numbered, start=1)})
    return []


def read_numbers(app, env, docnames):
    """Read the list once for a build; a preview holds one lesson only, which keeps its number."""
    app.lesson_numbers = {page: number for page, number in numbers(app.confdir).items() if page in env.found_docs}


def setup(app):
    """Connect the extension to Sphinx, behind Sphinx's own numbering of figures."""
    app.connect("env-before-read-docs", read_numbers)
    app.connect("env-get-updated", number_by_lesson, priority=900)
    app.add_transform(NumberTitle)
    app.add_post_transform(NameLessons)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
