"""The page of the book about accuracy: written from errors, and read to write it again with some of them replaced."""

import html
import math
import platform
import re
from pathlib import Path

import numpy as np

from nonlinear.activations import FAMILIES, Pointwise
from nonlinear.activations.names import call
from oracle.comparisons import LIBRARIES, OURS, TYPES, Error, densely, in_long_rows, instances, number, power_of_ten
from oracle.points import points

PATH = Path(__file__).parents[1] / "book" / "accuracy.md"
EDGES = ("", ' class="next"')
NONE = "–"  # in a cell, where a library has no such function
LARGE, BEHIND = 10, 3  # ulp
ROW = re.compile(r'<tr><th scope="(row|rowgroup)"[^>]*>(.*?)</th>(.*?)</tr>')


def read(text: str) -> dict[tuple[str, str], dict[tuple[str, str], Error | None]]:
    """Return the errors that a page states, by (function, quantity), and there by (type, library)."""
    losses, _, errors = text.partition("## Where no digit is right")[2].partition("## Every function")
    others = [(kind, library) for kind in TYPES for library in LIBRARIES if library != OURS]
    places = {plain(head): dict(zip(others, texts(cells), strict=True)) for _, head, cells in ROW.findall(losses)}
    found, function = {}, ""
    for kind, head, cells in ROW.findall(errors):
        if kind == "rowgroup":
            function = plain(head)
            continue
        where = places.get(f"{function} {plain(head)}", {})
        columns = [(kind, library) for kind in TYPES for library in LIBRARIES]
        found[function, plain(head)] = {
            column: None if cell == NONE else Error.read(cell, where.get(column, ""))
            for column, cell in zip(columns, texts(cells), strict=True)
        }
    return found


def texts(cells: str) -> list[str]:
    """Return the texts of the cells of a row."""
    return re.findall(r"<td[^>]*>(.*?)</td>", cells)


def versions(text: str) -> dict[str, str]:
    """Return the versions of the frameworks that a page names."""
    return {name: re.search(rf"{name} ([\d.]*\d)", text)[1] for name in LIBRARIES if name != OURS}


def plain(text: str) -> str:
    """Return the text of a cell without its markup."""
    return html.unescape(re.sub("<[^>]+>", "", text))


def exceptions(found: dict) -> dict[str, list[str]]:
    """Return the targets, and for each what misses it: digits lost alone, far behind the best, far from the truth."""
    alone, behind, large = [], [], []
    for (function, quantity), cells in found.items():
        for kind in TYPES:
            ours, *others = (cells[kind, library] for library in LIBRARIES)
            others, what = [each for each in others if each], f"`{function}` {quantity} in {kind}"
            if any(ours.flaws - each.flaws for each in others):
                alone.append(f"{what}: {ours}")
            if others and ours.ulps > min(each.ulps for each in others) + BEHIND:
                behind.append(f"{what}: {ours} against {min(others, key=lambda each: each.ulps)}")
            if ours.ulps > LARGE or ours.flaws:
                large.append(f"{what}: {ours}")
    return {
        "Where PyTorch or JAX keeps its digits, this library does too": alone,
        f"Nowhere among the inputs compared is it more than {BEHIND} ulp behind the better of the two": behind,
        f"Nowhere among them is it more than {LARGE} ulp from the truth, and no result is lost": large,
    }


def targets(found: dict) -> str:
    """Return the list of targets with their exceptions."""
    lines = []
    for target, missed in exceptions(found).items():
        lines.append(f"- {target}. Exceptions: {'; '.join(missed) if missed else 'none'}.")
    return "\n".join(lines)


def summary(found: dict) -> str:
    """Return in sentences how often digits are lost, and how large our own errors are."""
    lost = {}
    for library, name in LIBRARIES.items():
        cells = [each for row in found.values() for (_, who), each in row.items() if who == library and each]
        bad = sum(bool(each.flaws & {"lost", "overflow", "NaN"}) for each in cells)
        lost[library] = f"{bad} of {len(cells)} for {name}"
    errors = [(cells[kind, OURS].ulps, row, kind) for row, cells in found.items() for kind in TYPES]
    most, (function, quantity), kind = max(errors)
    return (
        "Every row of the tables below, in float32 and in float64, is one comparison. There is an input for which no "
        "digit is right, or the result is infinite or not a number although the truth is finite, "
        f"in {lost['torch']}, in {lost['jax']}, and in {lost[OURS]}. The largest error of ours is "
        f"{number(most)} ulp: `{function}` {quantity}, in {kind}."
    )


def more_inputs(size: int = 10**6) -> str:
    """Return the sentence about more inputs."""
    most, what = densely(size)
    longest, where = in_long_rows(10)
    return (
        f"Among {size:,} random inputs for each function in float32, with 2 to 100 scores in a row, the largest of "
        f"ours is {number(most)} ulp: {what}, where our own float64 served as the truth. Among rows of 1,000 scores "
        f"it is {number(longest)} ulp: {where}."
    )


def losses(found: dict) -> str:
    """Return the table of the places where no digit is right."""
    body = []
    for (function, quantity), cells in found.items():
        row = [cells[kind, library] for kind in TYPES for library in list(LIBRARIES)[1:]]
        places = [NONE if each is None else "" if math.isnan(each.lost) else place(each.lost) for each in row]
        if function.endswith("()") and not set(places) <= {"", NONE}:
            body.append(f"<tr>{row_head(f'{code(function)} {quantity}')}{data(places)}</tr>")
    return table("The inputs closest to 0 for which no digit is right", list(LIBRARIES.values())[1:], body)


def place(z: float) -> str:
    """Return an input with three digits, or its power of ten.

    >>> place(-16.6355), place(1.25e154)
    ('−16.6', '1·10¹⁵⁴')
    """
    size = f"{abs(z):.3g}" if 1e-3 < abs(z) < 1e4 or z == 0 else power_of_ten(abs(z))
    return ("−" if z < 0 else "") + size


def large_errors(found: dict) -> str:
    """Return a list of the largest errors of the frameworks where some digits are left."""
    lines = []
    for library, name in list(LIBRARIES.items())[1:]:
        worst = []
        for (function, quantity), cells in found.items():
            for kind in TYPES:
                each = cells[kind, library]
                if each and math.isnan(each.lost) and each.ulps >= 1000:
                    worst.append((each.ulps, f"`{function}` {quantity} in {kind}, {number(each.ulps)}"))
        listed = [text for _, text in sorted(worst, key=lambda each: -each[0])]
        lines.append(f"- {name}: {'; '.join(listed) or 'none'}.")
    return "\n".join(lines)


def families(found: dict) -> str:
    """Return the tables of all errors, a family each."""
    parts = []
    for family in FAMILIES:
        body, heading = [], family[0].upper() + family[1:]
        for f in (f for f in instances() if f.family == family):
            anchor = f"function-{f.name}".replace("_", "-")
            link = f'<a href="formulas.html#{anchor}">{code(call(f))}</a>'
            body.append(f'<tr><th scope="rowgroup" colspan="{1 + 2 * len(LIBRARIES)}">{link}</th></tr>')
            for (function, quantity), cells in found.items():
                if function == call(f):
                    shown = [NONE if each is None else str(each) for each in cells.values()]
                    body.append(f"<tr>{row_head(quantity)}{data(shown)}</tr>")
        parts.append(f"### {heading}\n\n{table(f'Errors in ulp: {heading}', list(LIBRARIES.values()), body)}")
    return "\n\n".join(parts)


def table(label: str, columns: list[str], body: list[str]) -> str:
    """Return a table in HTML that scrolls where it is too wide, with the columns for each type."""
    kinds = "".join(
        f'<th scope="colgroup" colspan="{len(columns)}"{EDGES[k]}>{kind}</th>' for k, kind in enumerate(TYPES)
    )
    heads = cells('th scope="col"', columns * len(TYPES))
    return "\n".join(
        [
            f'<div class="wide-table" role="region" tabindex="0" aria-label="{html.escape(label)}">',
            '<table class="table errors">',
            f'<thead><tr><td rowspan="2"></td>{kinds}</tr>',
            f"<tr>{heads}</tr></thead>",
            "<tbody>",
            *body,
            "</tbody></table></div>",
        ]
    )


def code(text: str) -> str:
    """Return a cell's text as code."""
    return f"<code>{html.escape(text)}</code>"


def row_head(text: str) -> str:
    """Return the first cell of a row."""
    return f'<th scope="row">{text}</th>'


def data(texts: list[str]) -> str:
    """Return the other cells of a row."""
    return cells("td", texts)


def cells(tag: str, texts: list[str]) -> str:
    """Return cells, half of them for each type, with a line between the types."""
    later = len(texts) // len(TYPES)
    return "".join(f"<{tag}{EDGES[k == later]}>{text}</{tag.split()[0]}>" for k, text in enumerate(texts))


def kernel() -> str:
    """Return what NumPy calls the instructions of the processor that it computes exponentials with."""
    (name,) = {each["current"] for each in np.lib.introspect.opt_func_info("^exp$", "float64")["exp"].values()}
    return name


def environment(others: dict[str, str]) -> str:
    """Return what this was measured with; ``others`` are the versions of the frameworks."""
    versions = ", ".join(f"{name} {version}" for name, version in {"numpy": np.__version__, **others}.items())
    return (
        f"With Python {platform.python_version()}, {versions}, all on the CPU of a {platform.system()} machine "
        f"({platform.machine()}). NumPy has several versions of its functions, and takes here the one for {kernel()}. "
        "Another rounds some last bits differently, so that on another CPU an error may differ by an ulp or two."
    )


def inputs() -> str:
    """Return how many inputs there are for a function."""
    counts = []
    for kind, dtype in TYPES.items():
        sizes = [len(points(f, dtype)) for f in instances() if isinstance(f, Pointwise) and f == type(f)()]
        counts.append(f"{min(sizes):,} to {max(sizes):,} in {kind}")
    return " and ".join(counts) + " for a function of one number with its usual parameters, fewer with others"


def page(found: dict, where: str, dense: str) -> str:
    """Return the page of the book from errors, what they were measured with, and what many more inputs gave."""
    return TEXT.format(
        where=where,
        inputs=inputs(),
        dense=dense,
        targets=targets(found),
        summary=summary(found),
        losses=losses(found),
        large=large_errors(found),
        families=families(found),
    )


TEXT = """\
# How accurate it is

A course on saturation must not show rounding as mathematics. A slope of $10^{{-20}}$ is not 0, and code that returns
0 for it tells you something about floating point and nothing about the function. So here every function of the
library, its derivative, and its derivatives by parameters are compared with the truth, beside those of PyTorch and
JAX. A command writes this page, and nothing in it is edited by hand:

```text
pip install torch jax mpmath
python benchmarks/accuracy.py
```

With the option `--ours` it measures this library alone, without the other two.

## What came out

{targets}

{summary}

## How to read the numbers

Errors are counted in *ulp*, the distance between neighbouring floating-point numbers at the size of the truth
({{doc}}`what-the-machine-computes` explains it). An error of 0.5 belongs to a correctly rounded result, the best there
is. Each factor of ten costs one decimal digit, of the 7 that float32 has and the 16 of float64. A cell shows the
largest error of all inputs that were compared. Instead of a number, or after it, there may be:

- **lost**: for some input no digit is right. The error is at least a quarter of the truth.
- **zero**: the same, and the result is 0 although the truth is a normal number.
- **overflow** and **NaN**: for some input the result is infinite, or not a number, although the truth is finite.
- **†**: digits are lost at the edge of what a float can hold: where the input, the result or the exponential between
  them is smaller than every normal number ($10^{{-38}}$ in float32, $10^{{-308}}$ in float64). A zero is a choice there
  more than a mistake. JAX replaces all such numbers by 0, for speed.
- **–**: the library has no such function.

## How it was measured

{where}

The inputs are those of this library's tests: {inputs}. They lie close together where something happens and where
exponentials fade, and at random up to the largest finite number. Inputs within 2 ulp of a kink are left out, because
there the libraries choose different slopes, which {{doc}}`activation-names` lists. Where a function crosses 0 away from
$z = 0$, as the slope of the SiLU does at −1.28, an ulp is counted as large as that of 0.125
(for Sine and Snake: times the factors before the sine), because there the rounding of the input already
takes the last digits. The truth is computed by mpmath with 50 to 1,400 digits,
from definitions that share no code with the library.

The largest error among these inputs is not the largest there is. {dense}

From PyTorch come the functions of `torch.nn.functional`, and derivatives by autograd. From JAX come those of `jax.nn`
under `jit`, with float64 switched on, and derivatives by `vmap(grad)`. For ArcTan, Exponential and Sine it is the
function of that name in `torch` and `jax.numpy`. JAX's GELU is called with `approximate=False`; its default is the one
in the rows of GELUTanh. PyTorch's softplus is by its documentation the identity where $\\beta z > 20$, which makes its
errors in float64. JAX can differentiate a function by any argument. PyTorch learns a single parameter, the slope of
the leaky ReLU.

## Where no digit is right

The input closest to 0, among those compared, for which PyTorch or JAX has no digit of the truth, with the usual
parameters. For functions of scores it is the difference between the largest and the smallest score. An empty cell
means that there is no such input. Where a result is infinite or not a number, the tables further down say so.

{losses}

Errors of 1,000 ulp and more, with some digits right:

{large}

## Every function

Below the name of a function stand its value, its derivative, and its derivative by each parameter that can be
learned. A function that has such a parameter appears again with another one. The gradient of a function of scores is
that of each single output; that of a gated unit belongs to the sum of its outputs.

{families}
"""
