"""What a reference in a lesson may lead to."""

from dataclasses import dataclass

from portable.myst import blocks, directive_of


class PortableError(ValueError):
    """Something in a lesson has no plain form."""


def lookup(table, key, kind):
    """Return `table[key]`, or say which key of which kind is missing."""
    if key not in table:
        raise PortableError(f"no {kind} {key!r}; known are {', '.join(sorted(table)) or 'none'}.")
    return table[key]


@dataclass(frozen=True)
class Target:
    """What a cross-reference points at: its title, its number ("Figure 6.2") and its public address, if any."""

    title: str
    number: str = ""
    address: str = ""

    def link(self, text=""):
        """Return Markdown that names the target, and links to it if it has an address."""
        shown = text or self.title
        return f"[{shown}]({self.address})" if self.address else f"*{shown}*"


def numbered(labels, number):
    """Return the targets of labels in their order, by numbers such as "Figure 6.{}"."""
    return {label: Target(number.format(k), number.format(k)) for k, label in enumerate(labels, start=1)}


def own_targets(texts, prefix=""):
    """Return what the text of a lesson gives a label: headings, exercises (numbered behind a prefix) and formulas."""
    tokens = list(blocks(texts))
    directives = [directive for token in tokens if (directive := directive_of(token)) and "label" in directive.options]
    exercises = [each.options["label"] for each in directives if each.name in ("exercise", "exercise-start")]
    formulas = [each.options["label"] for each in directives if each.name == "math"]
    return labelled_headings(tokens) | numbered(exercises, f"Exercise {prefix}{{}}") | numbered(formulas, "({})")


def labelled_headings(tokens):
    """Return the headings that have a label."""
    triples = zip(tokens, tokens[1:], tokens[2:], strict=False)
    kinds = ("myst_target", "heading_open")
    return {one.content: Target(title.content) for one, two, title in triples if (one.type, two.type) == kinds}
