"""What a lesson needs besides its experiment: results that the text can quote."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nonlinear.special import Array

NEGATIVE = re.compile(r"(?<![\w.])-(?=\d)")  # the hyphen of a number below 0, but not of an exponent or a range
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def glue(**values) -> None:
    """Make values quotable in the text of the lesson, where {glue:text} with a name prints the value.

    Text and result cannot part, because the text holds no number of its own. Give values as they are to be read:
    strings, or numbers already rounded.

    Parameters
    ----------
    **values
        Name and value; shown by ``str``.
    """
    from IPython.display import display

    prefix = "application/papermill.record/"
    for name, value in values.items():
        display(
            {f"{prefix}text/plain": repr(str(value))},
            metadata={"scrapbook": {"name": name, "mime_prefix": prefix}},
            raw=True,
        )


def spread(values: Array, digits: int = 2) -> str:
    """Return "median [smallest, largest]" of the values of several seeds.

    >>> spread([0.1, 0.25, 0.2])
    '0.20 [0.10, 0.25]'
    """
    return f"{np.median(values):.{digits}f} [{np.min(values):.{digits}f}, {np.max(values):.{digits}f}]"


def minus(text: str) -> str:
    """Return a number as text with the true minus sign in place of the hyphen.

    >>> minus("-0.5")
    '−0.5'
    """
    return text.replace("-", "−")


def scientific(value: float, digits: int = 2) -> str:
    """Return a number as a multiple of a power of ten.

    >>> scientific(5.96e-8), scientific(3.4e38, 1)
    ('6.0\\xa0·\\xa010⁻⁸', '3\\xa0·\\xa010³⁸')
    """
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return minus(f"{mantissa}\xa0·\xa0{power(int(exponent))}")


def power(exponent: int) -> str:
    """Return a power of ten as text.

    >>> power(-38)
    '10⁻³⁸'
    """
    return f"10{str(exponent).translate(SUPERSCRIPTS)}"


def size_text(size: float) -> str:
    """Return a size that may be very large or very small as text, in two or three digits.

    >>> size_text(0.2061), size_text(12345.6), size_text(1.2e-17), size_text(np.inf)
    ('0.206', '12,346', '1.2\\xa0·\\xa010⁻¹⁷', 'overflow')
    """
    if np.isinf(size):
        return "overflow"
    if 1e-3 < size < 1e6:
        return f"{size:,.0f}" if size >= 1000 else f"{size:.3g}"
    return scientific(size)


def formula(latex: str) -> str:
    """Return a formula as a cell of a `Table`: set on a page of the book, LaTeX elsewhere."""
    return f"\\({latex}\\)"


@dataclass(frozen=True)
class Table:
    """A table to end a cell with; a page narrower than it scrolls the table, and keeps the first column in view.

    Parameters
    ----------
    rows : sequence of sequence of str
    columns : sequence of str
    label : str
        What the table holds, for readers who do not see it.

    Examples
    --------
    >>> Table([["ReLU", "0.399"]], ["function", "mean"], "Mean outputs")
    function  mean
    ReLU      0.399
    """

    rows: Sequence[Sequence[str]]
    columns: Sequence[str]
    label: str

    def __post_init__(self):
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"each row must have {len(self.columns)} cells, one for each column; got {self.rows!r}.")

    def __repr__(self) -> str:
        lines = [self.columns, *self.rows]
        widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
        return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{_cell(name)}</th>' if name else "<td></td>" for name in self.columns)
        body = "".join(
            f'<tr><th scope="row">{_cell(first)}</th>{"".join(f"<td>{_cell(cell)}</td>" for cell in rest)}</tr>\n'
            for first, *rest in self.rows
        )
        return (
            f'<div class="wide-table" role="region" tabindex="0" aria-label="{html.escape(self.label)}">'
            f'<table class="table"><thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>'
        )


def _cell(text: str) -> str:
    if text.startswith("\\("):
        return f'<span class="math notranslate nohighlight">{html.escape(text)}</span>'
    return html.escape(NEGATIVE.sub("−", text))
