"""Names in the code of a page lead to their source, which the site shows as pages of its own.

In ``experiment.fit(network)`` the name ``fit`` becomes a link to the function in the lesson's module, and ``MLP`` to
the class in ``nonlinear.network``. What a name means is read off the imports of the page's own code; names of other
packages stay as they are. Text leads to a source by the role ``{source}``.
"""

import ast
import html
import importlib
import importlib.util
import inspect
import re
from functools import cache
from pathlib import Path

from docutils import nodes
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from sphinx.util.docutils import ReferenceRole

PACKAGE = "nonlinear"
DOTTED = re.compile(r'<span class="n">(\w+)</span>(?:<span class="o">\.</span><span class="n">(\w+)</span>)?')
BLOCK = re.compile(r'(<div class="highlight-(?:ipython3|python|default) notranslate">)(.*?)(</pre>)', re.DOTALL)


def imported(code):
    """Return what the names that a piece of code imports stand for: modules, and places of things (see `resolve`).

    >>> imported("from nonlinear.network import MLP")
    {'MLP': ('nonlinear.network', 'MLP')}
    """
    try:
        tree = ast.parse(code)
    except SyntaxError:  # not Python, or not all of it
        return {}
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE:
            module = importlib.import_module(node.module)
            named = [alias for alias in node.names if alias.name != "*"]
            found |= {alias.asname or alias.name: resolve(module, alias.name) for alias in named}
    return found


def resolve(module, name):
    """Return what a module holds under a name: a module, or (module, name) of where the thing is defined, or None.

    >>> from nonlinear import activations
    >>> resolve(activations, "ReLU")
    ('nonlinear.activations.rectified', 'ReLU')
    >>> resolve(activations, "CATALOGUE")
    ('nonlinear.activations.catalogue', 'CATALOGUE')
    """
    if not hasattr(module, name):
        return importlib.import_module(f"{module.__name__}.{name}") if is_module(module, name) else None
    thing = getattr(module, name)
    if inspect.ismodule(thing):
        return thing
    home = getattr(inspect.unwrap(thing), "__module__", None) if callable(thing) else None
    home = home if isinstance(thing, type) or inspect.isroutine(thing) else module.__name__
    if home.split(".")[0] == PACKAGE and name in definitions(home):
        return home, name
    return imported(inspect.getsource(module)).get(name)  # a constant does not know where it is defined


def is_module(package, name):
    """Tell whether a package has a module of that name."""
    return importlib.util.find_spec(f"{package.__name__}.{name}") is not None


@cache
def definitions(module):
    """Return the lines at which a module defines its functions, classes and constants, by name."""
    found = {}
    for node in ast.parse(inspect.getsource(importlib.import_module(module))).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {name.id: node.lineno for part in targets for name in ast.walk(part) if isinstance(name, ast.Name)}
    return found


def page_of(module):
    """Return the name of the page that shows a module's source."""
    return "source/" + module.replace(".", "/")


class CodeLinks:
    """Puts the links into finished pages, and remembers which modules they lead to."""

    def __init__(self):
        self.modules = set()

    def on_page(self, app, pagename, templatename, context, doctree):
        """Link the names in the code of one page."""
        if doctree is None or "body" not in context:
            return
        self.modules |= {node["module"] for node in doctree.findall(nodes.reference) if "module" in node}
        names = {}
        for block in doctree.findall(nodes.literal_block):
            names |= imported(block.astext())
        if names:
            relative = context["pathto"]
            context["body"] = BLOCK.sub(
                lambda block: block[1] + self.with_links(block[2], names, relative) + block[3], context["body"]
            )

    def with_links(self, code, names, relative):
        """Return the HTML of a block with links; each thing is linked where the block first names it."""
        seen = set()

        def linked(match):
            if match[0] in seen:
                return match[0]
            seen.add(match[0])
            return self.linked(match, names, relative)

        return DOTTED.sub(linked, code)

    def linked(self, match, names, relative):
        """Return the HTML of a name, or of a module's name and one in it, as a link if it is ours."""
        name, attribute = match.groups()
        target = names.get(name)
        if attribute and inspect.ismodule(target):
            opening = match[0].removesuffix(f'<span class="n">{attribute}</span>')
            return opening + self.link(attribute, resolve(target, attribute), relative)
        return self.link(name, target, relative) + match[0].removeprefix(f'<span class="n">{name}</span>')

    def link(self, name, target, relative):
        """Return the HTML of one name."""
        if target is None:
            return f'<span class="n">{name}</span>'
        module, inner = (target.__name__, "") if inspect.ismodule(target) else target
        self.modules.add(module)
        address = relative(page_of(module)) + (f"#{inner}" if inner else "")
        return f'<a class="n code-link" href="{html.escape(address)}">{name}</a>'

    def pages(self, app):
        """Yield a page for each module that some page leads to."""
        for module in sorted(self.modules):
            shown = source_html(module)
            path = Path(inspect.getsourcefile(importlib.import_module(module)))
            names = module.split(".")
            title = "/".join([*(names if path.stem == "__init__" else names[:-1]), path.name])
            yield page_of(module), {"title": title, "body": f"<h1>{title}</h1>{shown}"}, "page.html"


class Source(ReferenceRole):
    """The role ``{source}``, which leads to the source of a thing by its full name, as in `nonlinear.network.MLP`."""

    def run(self):
        """Return the link."""
        module, _, name = self.target.rpartition(".")
        address = "../" * self.env.docname.count("/") + f"{page_of(module)}.html#{name}"
        return [nodes.reference("", self.title, refuri=address, internal=True, module=module)], []


def source_html(module):
    """Return the source of a module as HTML, with an anchor at each definition."""
    source = inspect.getsource(importlib.import_module(module))
    lines = highlight(source, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)).split("\n")
    for name, line in definitions(module).items():
        lines[line - 1] = f'<span id="{name}" class="definition"></span>{lines[line - 1]}'
    code = "\n".join(lines)
    return f'<div class="highlight-python notranslate"><div class="highlight"><pre>{code}</pre></div></div>'


def setup(app):
    """Connect the extension to Sphinx."""
    links = CodeLinks()
    app.add_role("source", Source())
    app.connect("html-page-context", links.on_page)
    app.connect("html-collect-pages", links.pages)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
