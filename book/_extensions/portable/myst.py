"""MyST as the book's own parser reads it, with the place of everything that a plain copy has to change."""

from typing import NamedTuple

from docutils.parsers.rst.directives.misc import TestDirective
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import image, link
from mdit_py_plugins.myst_role.index import myst_role
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.directives import parse_directive_text
from myst_parser.parsers.mdit import create_md_parser

EXTENSIONS = {"amsmath", "colon_fence", "dollarmath"}  # as in _config.yml
PARSER = create_md_parser(MdParserConfig(enable_extensions=EXTENSIONS), RendererHTML)


def located(rule):
    """Return an inline rule whose token remembers where in the text it stands, as `token.meta["span"]`."""

    def run(state, silent):
        start, known = state.pos, len(state.tokens)
        found = rule(state, silent)
        if found and not silent:
            token = next(token for token in state.tokens[known:] if token.type != "text")
            token.meta = {**token.meta, "span": (start, state.pos)}
        return found

    return run


for name, rule in {"myst_role": myst_role, "link": link, "image": image}.items():
    PARSER.inline.ruler.at(name, located(rule))


def spans(text):
    """Return the roles, links and pictures of a text in order, as tokens that know their span."""
    return [token for token in PARSER.parseInline(text)[0].children if "span" in token.meta]


class Directive(NamedTuple):
    """One directive: its name, what follows on its first line, its options and its body."""

    name: str
    argument: str
    options: dict
    body: str


def directive_of(token):
    """Return the directive that a block is, a formula with a label included, or `None`."""
    if token.type == "math_block_label":
        return Directive("math", "", {"label": token.info}, token.content)
    name, _, rest = token.info.strip().partition("}")
    if token.type not in ("fence", "colon_fence") or not name.startswith("{"):
        return None
    parsed = parse_directive_text(TestDirective, rest, token.content)  # docutils' one class that takes any option
    return Directive(name[1:], " ".join(parsed.arguments), parsed.options, "\n".join(parsed.body).strip("\n"))


def blocks(texts):
    """Yield the block tokens of some texts in order, those inside directives included."""
    for token in (token for text in texts for token in PARSER.parse(text)):
        yield token
        if directive := directive_of(token):
            yield from blocks([directive.body])
