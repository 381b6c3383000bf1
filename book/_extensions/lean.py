"""Send a reader what a page uses, and nothing else: one style sheet, one script, icons in the page.

The theme and its extensions put a dozen style sheets and as many scripts on every page, an icon font, and the index of
the search. When the site is built, this extension keeps of the style sheets the rules that a page or script can meet,
joins them into one file, joins the scripts that all pages share into another (which waits until the page is there),
draws the icons in the page, and leaves out the theme's search, in whose place is ours (``search.py``). In place of the
theme's first script, which leaves a dark page white until the others are there, it puts ``first.js``.
"""

import hashlib
import re
import shutil
from functools import cache, partial
from pathlib import Path

ICONS = {
    "angle-left": "M14 6l-6 6 6 6",
    "angle-right": "M10 6l6 6-6 6",
    "arrow-up": "M12 19V5M6 11l6-6 6 6",
    "bars": "M4 6h16M4 12h16M4 18h16",
    "circle-half-stroke": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 3v18M14 4v16M16 5v14M18 7v10",
    "code": "M8 6l-6 6 6 6M16 6l6 6-6 6",
    "download": "M12 4v11M7 10l5 5 5-5M4 20h16",
    "github": "M6 3v12M6 15a3 3 0 1 0 0 6 3 3 0 0 0 0-6M18 3a3 3 0 1 0 0 6 3 3 0 0 0 0-6M18 9a9 9 0 0 1-9 9",
    "lightbulb": "M9 18h6M10 21h4M9 16c0-1-.2-1.7-1-2.5a6 6 0 1 1 8 0c-.8.8-1 1.5-1 2.5z",
    "list": "M4 6h.01M4 12h.01M4 18h.01M9 6h11M9 12h11M9 18h11",
    "magnifying-glass": "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5L21 21",
    "present": "M3 5h18M5 5v10h14V5M12 15v5M8 20h8",
    "moon": "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
    "sun": "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1 1M18 18l1 1M5 19l1-1M18 6l1-1",
}
ICON = re.compile(
    r'<(?P<tag>i|span) class="(?P<classes>[^"]*\bfa[sb]?\b[^"]*|[^"]*\bfa-solid\b[^"]*)"(?P<rest>[^>]*)></(?P=tag)>'
)
NOT_USED = (
    "_static/vendor/fontawesome",
    "_static/scripts/fontawesome.js",
    "_static/scripts/fontawesome.js.LICENSE.txt",
    "_static/searchtools.js",
    "_static/language_data.js",
)

SHEET = re.compile(r'\s*<link(?=[^>]* rel="stylesheet")[^>]* href="(?P<address>[^"]*_static/[^"?]*)[^"]*"[^>]*/>')
SEARCH = re.compile(r'\s*<script src="[^"]*(?:searchtools|language_data|searchindex)\.js"></script>')
SCRIPT = re.compile(r"\s*<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL)
SOURCE = re.compile(r'src="(?P<address>[^"?]*)')
FIRST = Path(__file__).with_name("first.js")
FIRST_ELEMENTS = (
    f'<meta name="color-scheme" content="light dark" />\n<script data-first>{FIRST.read_text("utf-8")}</script>'
)
NEXT = re.compile(r'\s*<link rel="next"[^>]*/>')  # Firefox would fetch that page ahead, which the policy forbids
THEME = re.compile(r'<script data-cfasync="false">.*?</script>', re.DOTALL)

IMPORT = re.compile(r"""@import (?:url\()?["']([^"']+\.css)["']\)?;""")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
STRING = r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\''
TOKEN = re.compile(rf"{STRING}|url\((?:{STRING}|[^\"')]*)\)|[{{}};]")
GROUPS = ("@media", "@supports", "@layer", "@container")
FUNCTION = re.compile(r":(?:not|is|where|has)\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|\[[^\]]*\]")
DARK = re.compile(r"""(?<!:not\()\[data-theme=["']?dark["']?\]""")
LIGHT = re.compile(r"""(?<!:not\()\[data-theme=["']?light["']?\]""")
NAME = re.compile(r"[.#]((?:\\.|[\w-])+)")


# ---- style sheets


def split(css):
    """Yield the rules of a style sheet: what stands before the braces and within them, or a statement and None.

    >>> list(split('@import "a;b"; p{color:red} @media print{a{b:c}}'))
    [('@import "a;b"', None), ('p', 'color:red'), ('@media print', 'a{b:c}')]
    """
    depth = start = 0
    for token in TOKEN.finditer(css):
        if token[0] == "{":
            depth += 1
            if depth == 1:
                prelude, start = css[start : token.start()].strip(), token.end()
        elif token[0] == "}":
            depth -= 1
            if depth == 0:
                yield prelude, css[start : token.start()].strip()
                start = token.end()
        elif token[0] == ";" and depth == 0:
            yield css[start : token.start()].strip(), None
            start = token.end()


def is_met(selector, words):
    """Tell whether a page can hold what a selector asks for: all its classes and ids are among the words.

    >>> is_met("p.a:not(.c) > #b", {"a", "b"}), is_met(".a .c", {"a", "b"})
    (True, False)
    """
    return all(re.sub(r"\\", "", name) in words for name in NAME.findall(FUNCTION.sub("", selector)))


def pruned(css, words):
    """Return a style sheet without the rules that no page can meet.

    >>> pruned("/* x */ .a, .c { color: red } @media print { .c { color: red } } .a { top: 0 }", {"a"})
    '.a{color: red}.a{top: 0}'
    """
    return "".join(rule(prelude, body, words) for prelude, body in split(COMMENT.sub("", css)))


def rule(prelude, body, words):
    """Return one rule, as far as it is met."""
    if body is None:
        return "" if prelude.startswith("@charset") else f"{prelude};"
    if prelude == "@font-face" and "fontawesome" in body:
        return ""
    if prelude.startswith(GROUPS):
        body = pruned(body, words)
    elif not prelude.startswith("@"):
        return themed([each.strip() for each in selectors(prelude) if is_met(each, words)], body)
    return f"{prelude}{{{body}}}" if prelude and body else ""


def themed(chosen, body):
    """Return a rule for screens and for paper, which is light whatever the page's theme, without a script too.

    >>> themed(['[data-theme="dark"] a', "b"], "top: 0")
    '@media not print{[data-theme="dark"] a{top: 0}}b{top: 0}'
    >>> themed(["[data-theme=light] a"], "top: 0")
    '[data-theme=light] a{top: 0}@media print{[data-theme] a{top: 0}}'
    """
    dark = [each for each in chosen if DARK.search(each)]
    rest = [each for each in chosen if each not in dark]
    light = [LIGHT.sub("[data-theme]", each) for each in rest if LIGHT.search(each)]
    parts = [("@media not print{{{}}}", dark), ("{}", rest), ("@media print{{{}}}", light)]
    return "".join(form.format(f"{','.join(part)}{{{body}}}") for form, part in parts if part and body)


def selectors(prelude):
    """Return the selectors of a list, at the commas outside parentheses.

    >>> selectors("a:is(b, c), d")
    ['a:is(b, c)', ' d']
    """
    return re.split(r",(?![^(]*\))", prelude)


# ---- pages


def with_icons(text):
    """Return a page with its icons drawn in it.

    >>> with_icons('<i class="theme-switch fa-solid fa-moon fa-lg" data-mode="dark"></i>')[:60]
    '<i class="theme-switch" data-mode="dark"><svg class="icon" v'
    """

    def drawn(found):
        classes = [each for each in found["classes"].split() if not each.startswith("fa")]
        (name,) = (each[3:] for each in found["classes"].split() if each[:3] == "fa-" and each[3:] in ICONS)
        drawing = f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="{ICONS[name]}"/></svg>'
        return f'<{found["tag"]} class="{" ".join(classes)}"{found["rest"]}>{drawing}</{found["tag"]}>'

    return ICON.sub(drawn, text)


def take(text, pattern, wanted=lambda found: True):
    """Return a page without what a pattern finds in it, and what it has found."""
    found = [each for each in pattern.finditer(text) if wanted(each)]
    for each in reversed(found):
        text = text[: each.start()] + text[each.end() :]
    return text, found


def is_shared(found):
    """Tell whether a script element is the theme's code for all pages: neither data nor ours, which does not block."""
    attributes = found["attributes"]
    ours = re.search(r"\b(defer|async)=", attributes)
    return "/scripts/" in attributes or not ours if "src=" in attributes else not attributes


def begins_late(found):
    """Tell whether a script element begins at once where the page is there, and so must come after all settings."""
    return "src=" in found["attributes"] and "documentation_options" not in found["attributes"]


def pages(folder):
    """Return the files of a site's pages."""
    return sorted(path for path in folder.rglob("*.html") if "_static" not in path.parts)


class Site:
    """The pages of a finished build and the files that they are given."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.pages = {path: with_icons(path.read_text("utf-8")) for path in pages(self.folder)}
        scripts = [
            path.read_text("utf-8")
            for path in (self.folder / "_static").rglob("*.js")
            if "fontawesome" not in path.name
        ]
        words = set(re.findall(r"[A-Za-z_][\w-]*", " ".join([*self.pages.values(), *scripts])))
        self.pruned = cache(partial(pruned, words=words))  # pages have the same few lists of style sheets

    def write(self):
        """Write every page anew, and remove what none of them uses."""
        for path, text in self.pages.items():
            path.write_text(self.lean(text), "utf-8")
        for path in self.folder.rglob("*.map"):
            path.unlink()
        for name in NOT_USED:
            path = self.folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def lean(self, text):
        """Return a page with one style sheet and one shared script."""
        text, sheets = take(text, SHEET, lambda found: "formulas" not in found["address"])
        if sheets:
            css = "".join(self.read(found["address"]) for found in sheets)
            address = self.file(sheets[0]["address"], self.pruned(css), "css")
            link = f'\n  <link rel="stylesheet" href="{address}" />'
            text = text[: sheets[0].start()] + link + text[sheets[0].start() :]
        text = THEME.sub(lambda found: FIRST_ELEMENTS, NEXT.sub("", text))
        return self.with_one_script(text)

    def with_one_script(self, text):
        """Return a page whose shared scripts are one, which runs after those of the page."""
        text, _ = take(text, SEARCH)
        text, _ = take(text, SCRIPT, lambda found: "DOCUMENTATION_OPTIONS.pagename" in found["code"])
        text, scripts = take(text, SCRIPT, is_shared)
        scripts = [found for found in scripts if "design-tabs" not in found["attributes"]]  # the book has no tabs
        scripts.sort(key=begins_late)
        if not scripts:
            return text
        sources = [SOURCE.search(found["attributes"]) for found in scripts]
        code = "\n;".join(
            self.read(source["address"]) if source else found["code"]
            for found, source in zip(scripts, sources, strict=True)
        )
        address = self.file(next(filter(None, sources))["address"], code, "js")
        return text.replace("</head>", f'<script defer src="{address}"></script>\n</head>', 1)

    def read(self, address):
        """Return the text of a file that a page names, and of those that it imports."""
        path = self.folder / "_static" / address.partition("_static/")[2]
        return IMPORT.sub(lambda found: (path.parent / found[1]).read_text("utf-8"), path.read_text("utf-8"))

    def file(self, address, content, kind):
        """Write a file named by its content, and return its address, where the page has that of another file."""
        name = f"{hashlib.sha256(content.encode()).hexdigest()[:12]}.{kind}"
        (self.folder / "_static" / name).write_text(content, "utf-8")
        return f"{address.partition('_static/')[0]}_static/{name}"


def make_lean(app, error):
    """Work on the pages of a finished HTML build."""
    if not error and app.builder.format == "html":
        Site(app.outdir).write()


def setup(app):
    """Connect the extension to Sphinx, after all that writes files, and before the policy counts the scripts."""
    app.connect("build-finished", make_lean, priority=800)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
