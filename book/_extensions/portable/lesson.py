"""A lesson's text as plain Markdown: what only MyST understands is replaced where it stands, the rest stays."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from citations import Citations

from portable.directives import DIRECTIVES
from portable.myst import PARSER, directive_of, spans
from portable.roles import ROLES
from portable.targets import PortableError, lookup

LEFT_OUT = {"front_matter", "myst_block_break", "myst_line_comment", "myst_target"}
BROKEN = re.compile(r"^[ >]*`{3,}\{([\w:.+-]+)\}", re.MULTILINE)
APART = "\0"  # around a block that stands between blank lines


@dataclass(frozen=True)
class Lesson:
    """What a lesson's text may name: glued values and starters by name, targets by label and by document, its time."""

    glued: dict
    starters: dict
    targets: dict
    pages: dict
    citations: Citations
    time: str = ""

    def page(self, name):
        """Return the target of a document, named with or without its folder."""
        names = {page.rpartition("/")[2]: page for page in self.pages}
        return self.pages[lookup(names, name.rpartition("/")[2], "page")]

    def markdown(self, text):
        """Return a text as plain Markdown.

        Raises
        ------
        PortableError
            If it uses a role or directive that has no plain form here, or refers to something unknown.
        """
        lines, plain, done = text.split("\n"), [], 0
        for token in PARSER.parse(text):
            start, end = token.map or (-1, -1)
            if start >= done and (changed := self.block(token, lines[start:end])) is not None:
                plain, done = [*plain, *lines[done:start], changed], end
        joined = "\n".join([*plain, *lines[done:]])
        return re.sub(rf"\n*{APART}[\n{APART}]*", "\n\n", joined).strip("\n")

    def block(self, token, lines):
        """Return what takes the place of a block and its lines, or `None` if it stays as it is."""
        if token.type == "inline":
            return self.inline(refuse_broken_fence("\n".join(lines)))
        if token.type in LEFT_OUT:
            return APART
        if directive := directive_of(token):
            plain = lookup(DIRECTIVES, directive.name, "directive")(self, directive)
            return aligned(plain, lines[0], token.markup)
        return None

    def inline(self, text):
        """Return a text with its roles and links to pages resolved."""
        plain, done = "", 0
        for token in spans(text):
            start, end = token.meta["span"]
            if start >= done and (changed := self.span(token, text[start:end])) is not None:
                plain, done = plain + text[done:start] + changed, end
        return plain + text[done:]

    def span(self, token, source):
        """Return what takes the place of a role, a link or a picture, or `None` if it stays as it is."""
        if token.type == "myst_role":
            return lookup(ROLES, token.meta["name"], "role")(self, token.content)
        target = token.attrs["href" if token.type == "link_open" else "src"]
        if urlsplit(target).scheme:
            return None
        if token.type == "image":
            raise PortableError(f"the picture {target!r} is a file; draw it in a cell, so that the notebook holds it.")
        return self.link(target, self.inline(source[1 : source.rindex("](")]))

    def link(self, target, title):
        """Return a link within the book, to a label or to a page, as one that works outside of it."""
        if target.startswith("#"):
            return lookup(self.targets, target[1:], "label").link(title)
        return self.page(re.sub(r"\.(md|ipynb)(#.*)?$", "", target)).link(title)


def refuse_broken_fence(text):
    """Return a text, unless Markdown takes a directive in it for inline code, because backticks follow on its line."""
    if found := BROKEN.search(text):
        raise PortableError(f"backticks follow {found[1]!r} on its first line; write `:::{{{found[1]}}}` there.")
    return text


def aligned(text, line, mark):
    """Return a block that stands where a mark stood in a line: in the same list or quotation."""
    before = line[: line.index(mark)]
    lines = text.split("\n")
    margins = [before, *[re.sub(r"[^\s>]", " ", before)] * len(lines)]
    return APART + "\n".join((margin + each).rstrip() for margin, each in zip(margins, lines, strict=False)) + APART
