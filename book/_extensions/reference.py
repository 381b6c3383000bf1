"""The reference of the library: what autodoc writes, made to fit the book.

Autodoc and napoleon turn docstrings into pages. This extension adds what they leave out: a word in single backquotes is
a link to whatever has that name, however it is imported; a signature shows ``activation=Identity()`` where Python has
``<factory>``; the fields of named tuples, which their class describes, are not listed again, nor are base classes like
``object``. The directive ``{modules}`` lists all public names of the modules given in its lines, as a place to start
from.
"""

import builtins
import importlib
import inspect
import re
import sys
from dataclasses import MISSING, fields, is_dataclass

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

PLAIN_BASES = {"Bases: object", "Bases: ABC", "Bases: NamedTuple", "Bases: tuple", "Bases: Protocol"}
ELSEWHERE = {*sys.stdlib_module_names, "numpy"}  # what has its documentation elsewhere


def public_names(module):
    """Return the names that a module offers: those in its ``__all__``, or the functions and classes it defines.

    >>> from nonlinear import clipping
    >>> public_names(clipping)
    ['global_norm', 'clip', 'Clipped']
    """
    if hasattr(module, "__all__"):
        return list(module.__all__)
    found = {k: v for k, v in vars(module).items() if inspect.isclass(v) or inspect.isfunction(v)}
    return [k for k, v in found.items() if not k.startswith("_") and v.__module__ == module.__name__]


def with_factories(signature, of):
    """Return the signature of a dataclass with a call in place of each ``<factory>``.

    >>> from nonlinear.network import Dense
    >>> with_factories("(units, activation=<factory>)", Dense)
    '(units, activation=Identity())'
    """
    for field in fields(of):
        if field.default_factory is not MISSING:
            signature = signature.replace(f"{field.name}=<factory>", f"{field.name}={field.default_factory.__name__}()")
    return signature


def show_factories(app, what, name, of, options, signature, returns):
    """Answer autodoc's question about a signature; a protocol is not called, and has none."""
    if getattr(of, "_is_protocol", False):
        return "", returns
    if what == "class" and is_dataclass(of) and signature:
        return with_factories(signature, of), returns
    return None


def skip_fields(app, what, name, member, skip, options):
    """Leave out the fields of named tuples, whose docstrings are Python's own."""
    return True if re.match("Alias for field number", inspect.getdoc(member) or "") else None


def drop_plain_bases(app, domain, kind, description):
    """Leave out the line of base classes where they are all Python's own."""
    first = description.children[0] if description.children else None
    if kind == "class" and isinstance(first, nodes.paragraph) and first.astext() in PLAIN_BASES:
        description.remove(first)


def home(objects, target, module=None):
    """Return the full name of the documented object that a module means by ``target``, or None.

    It may be imported from elsewhere, be a method written ``Class.method``, or an attribute that only the description
    of its class mentions.

    >>> documented = ["nonlinear.network.MLP", "nonlinear.network.MLP.count", "nonlinear.lstm.LSTM"]
    >>> home(documented, "nonlinear.training.MLP"), home(documented, "MLP.count"), home(documented, "MLP.inputs")
    ('nonlinear.network.MLP', 'nonlinear.network.MLP.count', 'nonlinear.network.MLP')
    """
    if module and hasattr(meant := vars(importlib.import_module(module)).get(target), "__qualname__"):
        target = f"{meant.__module__}.{meant.__qualname__}"
    *path, owner, name = f".{target}".split(".")
    for k in range(len(path) + 1, 0, -1):  # where it is defined, or the packages around that
        full = ".".join([*path, owner][1:k] + [name])
        if full in objects:
            return full
    of_class = owner[:1].isupper()
    ending = f".{owner}.{name}" if of_class else f".{name}"
    found = [full for full in objects if full.endswith(ending) and (of_class or not full.split(".")[-2][0].isupper())]
    if not found and of_class:
        return home(objects, owner, module)
    return found[0] if len(found) == 1 else None


def resolve(app, env, node, text):
    """Lead a reference that Sphinx cannot place to the object of that name; leave Python's own names without a link."""
    if node.get("refdomain") != "py":
        return None
    target, domain = node["reftarget"], env.get_domain("py")
    full = home([k for k, v in domain.objects.items() if not v.aliased], target, node.get("py:module"))
    if full:
        entry = domain.objects[full]
        return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, text, full)
    foreign = target.partition(".")[0] in ELSEWHERE or hasattr(builtins, target)
    return text if foreign else None


class Modules(SphinxDirective):
    """List modules with their public names, each a link to its description."""

    has_content = True

    def run(self):
        """Return the list; a module that does not exist is an error at the directive's line."""
        lines = []
        for name in filter(None, map(str.strip, self.content)):
            try:
                module = importlib.import_module(f"nonlinear.{name}")
            except ImportError as error:
                raise self.error(f"modules: {error}") from None
            words = (f"{{py:obj}}`{public} <nonlinear.{name}.{public}>`" for public in sorted(public_names(module)))
            lines += [f"- {{py:mod}}`{name} <nonlinear.{name}>`: {', '.join(words)}"]
        listed = self.parse_text_to_nodes(StringList(lines, source=self.env.doc2path(self.env.docname)))
        return [nodes.container("", *listed, classes=["modules"])]


def setup(app):
    """Connect the extension to Sphinx."""
    app.setup_extension("sphinx.ext.autodoc")
    app.add_directive("modules", Modules)
    app.connect("autodoc-process-signature", show_factories)
    app.connect("autodoc-skip-member", skip_fields)
    app.connect("missing-reference", resolve)
    app.connect("object-description-transform", drop_plain_bases)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
