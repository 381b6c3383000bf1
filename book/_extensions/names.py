"""The directive ``names``, which writes what other libraries call the activation functions of this one.

``{names}`` is the table of what other libraries call ours; ``{names} torch`` leads from the names of one library to
ours, and with the option ``:missing:`` lists those that have no counterpart. Each name of ours is a link to its card
(`functions.py`).
"""

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from nonlinear.activations import CATALOGUE, names
from nonlinear.activations.names import FRAMEWORKS, call

# The namespaces of a library in the order of their tables, and how a name of each is written there.
LIBRARIES = {
    "torch": {"torch.nn": "", "torch.nn.functional": "F."},
    "jax": {"jax.nn": ""},
    "keras": {"keras.activations": "", "keras.layers": "layers."},
}
TITLES = {"torch": "PyTorch", "jax": "JAX", "keras": "Keras"}


def number(value):
    """Return a number as text, with a true minus sign.

    >>> number(-1.0), number(1 / 3)
    ('−1', '0.333')
    """
    return f"{value:.3g}".replace("-", "−")


def link(f, text):
    """Return a link to the description of a function."""
    return f"[`{text}`](#function-{f.name})"


def remarks(entry):
    """Return what is to be said about a name elsewhere: its note, and where the slopes of the two differ."""
    words, places = [entry.note] if entry.note else [], {}
    for place, slope in entry.slopes.items():
        places.setdefault((slope, entry.ours.derivative(float(place))), []).append(number(place))
    for (slope, own), where in places.items():
        words.append(f"at {' and '.join(where)} their slope is {number(slope)}, ours {number(own)}")
    return "; ".join(words)


def plain(name):
    """Return a name without the conventions of its library: ``LeakyReLU`` and ``leaky_relu`` are the same."""
    return name.replace("_", "").lower()


def grouped(library):
    """Return the names of a library and what they are here, those of one function and its layer in one row.

    Returns
    -------
    list of (list of str, Entry)
        In the order of the alphabet.
    """
    rows = {}
    for namespace, prefix in LIBRARIES[library].items():
        for name, entry in FRAMEWORKS[namespace].items():
            key = plain(name), entry.ours, remarks(entry)
            rows.setdefault(key, ([], entry))[0].append(prefix + name)
    return [rows[key] for key in sorted(rows, key=lambda key: key[0])]


def table(head, rows):
    """Return the lines of a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def code(words):
    """Return names as code."""
    return ", ".join(f"`{word}`" for word in words)


def there_to_here(library):
    """Return the table that leads from the names of a library to ours, with remarks on a line of their own."""
    rows = []
    for theirs, entry in grouped(library):
        if entry.ours:
            here = [link(entry.ours, call(entry.ours)), *filter(None, [remarks(entry)])]
            rows.append(["<br>".join(f"`{name}`" for name in theirs), "<br>".join(here)])
    return table([TITLES[library], "Here"], rows)


def missing(library):
    """Return the list of the names that have no counterpart here, with the reasons."""
    reasons = {}
    for theirs, entry in grouped(library):
        if not entry.ours:
            reasons.setdefault(entry.note, []).extend(theirs)
    return [f"- {code(theirs)}: {reason}" for reason, theirs in reasons.items()]


def called(cls, library):
    """Return what a library calls a function, in words: each name once, with settings where it takes some.

    >>> from nonlinear.activations import GELUTanh, SiLU
    >>> called(SiLU, "keras"), called(GELUTanh, "keras")
    ('`silu`, `swish`', '`gelu` with `approximate=True`')
    """
    found = {}
    for namespace, prefix in LIBRARIES[library].items():
        for name, entry in FRAMEWORKS[namespace].items():
            forms = {"": entry.ours, **{f" with `{setting}`": ours for setting, ours in entry.variants.items()}}
            for setting, ours in forms.items():
                if type(ours) is cls:
                    found.setdefault(plain(name), f"`{prefix}{name}`{setting}")
    return ", ".join(found.values()) or "–"


def here_to_there():
    """Return the table of our functions with their names in every library."""
    rows = ([link(cls, cls.__name__), *(called(cls, library) for library in LIBRARIES)] for cls in CATALOGUE.values())
    return table(["Here", *TITLES.values()], rows)


class FromLibrary(SphinxDirective):
    """What directives share that write Markdown; the page is made anew when the library changes."""

    def written(self, lines):
        """Return the nodes of some lines of Markdown."""
        self.env.note_dependency(names.__file__)
        found = self.parse_text_to_nodes(StringList("\n".join(lines).split("\n"), source=names.__file__))
        for node in found:
            if isinstance(node, nodes.table):
                node["classes"].append("names")
        return found


class Names(FromLibrary):
    """Show what libraries call functions."""

    optional_arguments = 1
    option_spec = {"missing": directives.flag}

    def run(self):
        """Return the table; an unknown library is an error at the directive's line."""
        if not self.arguments:
            return self.written(here_to_there())
        library = self.arguments[0]
        if library not in LIBRARIES:
            raise self.error(f"names knows {', '.join(LIBRARIES)}; got {library!r}.")
        return self.written(missing(library) if "missing" in self.options else there_to_here(library))


def setup(app):
    """Connect the extension to Sphinx."""
    app.add_directive("names", Names)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
