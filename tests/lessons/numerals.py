"""The numerals that a lesson types by hand: in prose, quizzes, tables, captions and alternative texts.

Code, roles (among them the numbers that a cell hands over) and quotations are left out, and of mathematics all but
decimal fractions and powers of ten, which are what a result looks like in a formula.
"""

import json
import re

from markdown_it.renderer import RendererHTML
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

PARSER = create_md_parser(MdParserConfig(enable_extensions={"amsmath", "colon_fence", "dollarmath"}), RendererHTML)
NUMERAL = re.compile(r"(?<![\w.,^])[−-]?\d+(?:[.,]\d+)*(?:\^-?\d+)?(?!\w)")
PLAIN = str.maketrans("", "", "{}")
IN_FORMULA = re.compile(r"(?<![\w.])\d+\.\d+|10\^\{?-?\d+\}?")
OPTION = re.compile(r"^:[\w-]+:.*$", re.MULTILINE)
QUOTE = re.compile(r"\{glue:text\}`\w+`")


def results_in(formula):
    """Return what may be results in a formula, as words."""
    return "".join(f" {found.translate(PLAIN)} " for found in IN_FORMULA.findall(formula))


def readable(token):
    """Return what is to be read in a piece of a line."""
    if token.type.startswith("math"):
        return results_in(token.content)
    return token.content if token.type == "text" else "\n"


def texts(markdown):
    """Yield the pieces of Markdown that a reader reads as text, those inside directives too."""
    quotation = 0
    for token in PARSER.parse(markdown):
        quotation += token.nesting if token.type.startswith("blockquote") else 0
        if token.type == "inline" and not quotation:
            yield "".join(readable(child) for child in token.children)
        elif token.type in ("math_block", "math_block_label", "amsmath"):
            yield results_in(token.content)
        elif token.type in ("fence", "colon_fence") and token.info.startswith("{"):
            name, _, argument = token.info.partition("}")
            if name not in ("{math", "{starter", "{code-cell"):
                yield from texts(f"{argument}\n\n{OPTION.sub('', token.content)}")


def numerals(markdown):
    """Return the numerals in the text of Markdown, with a plain minus sign.

    >>> numerals("At 0.5 it is {glue:text}`level`, not $3$ nor `4`; from −2 on, 1,437; $x = 0.7$, $10^{-8}$.")
    ['0.5', '-2', '1,437', '0.7', '10^-8']
    """
    return [number.replace("−", "-") for text in texts(markdown) for number in NUMERAL.findall(text)]


def typed(path):
    """Return the set of numerals that the notebook at ``path`` types by hand."""
    found = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            found += numerals("".join(cell["source"]))
        drawn = cell["metadata"].get("mystnb", {})
        found += numerals(drawn.get("figure", {}).get("caption", ""))
        found += NUMERAL.findall(QUOTE.sub("", drawn.get("image", {}).get("alt", "")))
    return set(found) - {"0", "1"}
