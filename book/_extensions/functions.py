"""The formula reference, from the classes of the catalogue: the directives ``functions`` and ``function-table``.

``{functions} family`` makes a card for each function of a family: signature, drawing, what its docstring says, its
formulas, traits, names elsewhere and examples. ``{function-table}`` is one table of all functions of a single z; a
script makes its columns sortable. Each card has an anchor such as ``#function-hard-swish``, to which the rows lead.
"""

import html
import inspect
import re
from dataclasses import fields
from pathlib import Path

import numpy as np
import page_scripts
from docutils import nodes
from names import LIBRARIES, TITLES, FromLibrary, called, number

from nonlinear.activations import FAMILIES
from nonlinear.activations.base import Pointwise
from nonlinear.arrays import REALS
from nonlinear.course import functions
from nonlinear.course.plotting import broken, title
from nonlinear.initialisers import gain

SCRIPT = Path(__file__).with_name("sortable.js")
REACH, HIGH, LOW = 4, 3, -2  # what a drawing shows: z up to ±4, values from -2 to 3
FAR = 30.0  # where the table looks for what a function is far out, to sort it
COLUMNS = {
    "range": "range",
    "far left": "far left",
    "far right": "far right",
    "kinks": "kinks",
    "steepest slope": "steepest slope",
    "f(0)": "f(0)",
    "f′(0)": "f′(0)",
    "mean for N(0, 1)": "mean",
    "gain": "gain",
    "exponentials": "exponentials",
}


def anchor(f):
    """Return the anchor of a function's card."""
    return nodes.make_id(f"function-{f.name}")


# What the cards and the table say of a function


def facts(f):
    """Return what there is to say about a function of a single z: pairs of words and a number to sort by.

    >>> from nonlinear.activations import ReLU
    >>> facts(ReLU())["far right"], facts(ReLU())["gain"][0]
    (('= z', 30.0), '1.414')
    """
    said, traits = functions.words(f), f.traits
    at_zero = {"f(0)": float(f(0.0)), "f′(0)": float(f.derivative(0.0)), "gain": gain(f)}
    ends = {
        "range": traits.image.low,
        "far left": nowhere(traits.left, f(-FAR)),
        "far right": nowhere(traits.right, f(FAR)),
        "kinks": len(traits.kinks),
        "steepest slope": traits.steepest,
        "mean for N(0, 1)": functions.mean_output(f),
        "exponentials": traits.transcendentals,
    }
    numbers = {name: (functions.number(value + 0.0), value + 0.0) for name, value in at_zero.items()}
    found = {name: (said[name], float(value)) for name, value in ends.items()} | numbers
    return {name: found[name] for name in COLUMNS}


def nowhere(tail, value):
    """Return the value far out of a function, or NaN for one that has no limit there."""
    return np.nan if np.isnan(tail.slope) else value


def fact_list(f):
    """Return the facts of a function as the lines of a list; at a kink its slope is a convention."""
    said = {name: text for name, (text, _) in facts(f).items()}
    said |= {name: functions.words(f)[name] for name in ("saturates", "ever falls")}
    if 0 in f.traits.kinks:
        said["f′(0)"] += ", by convention"
    return [f"- **{name}** {text}" for name, text in said.items()]


def elsewhere(cls):
    """Return what three libraries call a function, as lines of a list."""
    return [f"- **{TITLES[library]}** {called(cls, library)}" for library in LIBRARIES]


# A drawing


def path(z, values):
    """Return the points of a line as an SVG path, upside down as SVG has it, without those that it can do without.

    >>> path(np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 1.0, 2.0, 2.0]))
    'M0,0L2,-2L3,-2'
    """
    keep = np.ones(len(z), bool)
    keep[1:-1] = ~(np.abs(np.diff(values, n=2)) < 1e-6)
    points, pen = [], "M"
    for x, y in zip(z[keep], np.clip(values[keep], -9, 9), strict=True):
        points.append("" if np.isnan(y) else f"{pen}{x:.3g},{0 - y:.3g}")
        pen = "M" if np.isnan(y) else "L"
    return "".join(points)


def along(f):
    """Return a function of several inputs along one, z: its first output, the slope of that, and words.

    >>> from nonlinear.activations import GLU
    >>> value, slope, words = along(GLU())
    >>> value(np.array([0.0])), slope(np.array([0.0])), words
    (array([0.5]), array([0.25]), ', the value 1 and the gate z')
    """
    gated = f.family == "gated linear units"

    def inputs(z):
        return np.stack([1 + 0 * z, z] if gated else [z, 0 * z], axis=-1)

    def value(z):
        return f(inputs(z))[..., 0]

    def slope(z):
        upstream = np.zeros_like(f(inputs(z)))
        upstream[..., 0] = 1
        return f.pullback(inputs(z), upstream)[0][..., int(gated)]

    return value, slope, ", the value 1 and the gate z" if gated else ", the first of the scores z and 0"


def drawing(f):
    """Return a small drawing of a function as SVG: its values as a line, its slopes dashed, one scale for all."""
    value, slope, inputs = (f, f.derivative, "") if isinstance(f, Pointwise) else along(f)
    kinks = f.traits.kinks if isinstance(f, Pointwise) else ()
    drawn = ""
    for name, line in {"slope": slope, "value": value}.items():
        z, values = broken(line, -REACH, REACH, kinks)
        coarse = (np.arange(len(z)) % 6 == 0) | np.isnan(values) | np.isnan(np.roll(values, -1))
        drawn += f'<path class="{name}" d="{path(z[coarse], values[coarse])}"/>'
    words = html.escape(f"{title(f)}{inputs}, from z = −{REACH} to {REACH}: values as a line, slopes dashed")
    return (
        f'<svg class="function-drawing" viewBox="{-REACH} {-HIGH} {2 * REACH} {HIGH - LOW}" role="img" '
        f'aria-label="{words}"><path class="axes" d="M{-REACH},0H{REACH}M0,{-HIGH}V{-LOW}"/>{drawn}</svg>'
    )


# The cards


def parameters(cls):
    """Yield a sentence on each parameter of a function."""
    for p in fields(cls):
        symbol = "" if p.metadata["symbol"] == p.name else f", in the formula ${p.metadata['symbol']}$,"
        learned = " and can be learned" if p.metadata["learnable"] else ""
        where = "is any number" if p.metadata["domain"] == REALS else f"lies in {p.metadata['domain']}"
        yield f"`{p.name}`{symbol} {where}{learned}."


def prose(cls):
    """Return a docstring down to its examples as one paragraph, with true minus signs."""
    text = inspect.getdoc(cls).partition(">>>")[0]
    return re.sub(r"(?<=[\s(])-(?=[\w| ])", "−", " ".join(text.split()))


def examples(cls):
    """Return the examples of a docstring as a block of code.

    >>> from nonlinear.activations import GLU
    >>> examples(GLU)
    ['```pycon', '>>> GLU()([10.0, 0.0])', 'array([5.])', '```', '']
    """
    _, prompt, rest = inspect.getdoc(cls).partition(">>>")
    return ["```pycon", *f"{prompt}{rest}".splitlines(), "```", ""] if prompt else []


def description(cls):
    """Return the lines of a card: signature, drawing, docstring, formulas, facts, names elsewhere and examples."""
    signature = ", ".join(f"{p.name}={number(p.default)}" for p in fields(cls))
    pointwise = issubclass(cls, Pointwise)
    if pointwise:
        formulas = [f"f(z) &= {cls.formula}", f"f'(z) &= {cls.derivative_formula}"]
    else:
        formulas = [formula.replace(" = ", " &= ", 1) for formula in (cls.formula, cls.pullback_formula)]
    return [
        f"(function-{cls.name})=",
        f"**`{cls.__name__}({signature})`**",
        "",
        *["```{raw} html", drawing(cls()), "```", ""],
        " ".join([prose(cls), *parameters(cls), f"Source: {{cite:t}}`{cls.source}`."]),
        "",
        "$$",
        r"\begin{aligned}",
        " \\\\[.4em]\n".join(formulas),
        r"\end{aligned}",
        "$$",
        "",
        *(fact_list(cls()) if pointwise else []),
        *elsewhere(cls),
        f"- **here** {{source}}`the class <{cls.__module__}.{cls.__name__}>`",
        "",
        *examples(cls),
    ]


class Functions(FromLibrary):
    """Describe the functions of a family."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        """Return the cards; an unknown family is an error at the directive's line."""
        family = self.arguments[0]
        if family not in FAMILIES:
            raise self.error(f"functions knows the families {', '.join(FAMILIES)}; got {family!r}.")
        return [self.card(cls) for cls in FAMILIES[family]]

    def card(self, cls):
        """Return one card, which is where the reference of the library describes the class."""
        self.env.get_domain("py").note_object(f"nonlinear.activations.{cls.__name__}", "class", anchor(cls))
        return nodes.container("", *self.written(description(cls)), classes=["function"])


# The table


def row(f):
    """Return the row of a function, whose cells say by what they are sorted."""
    cells = "".join(
        f'<td data-value="{round(value, 9):.9g}">{html.escape(text)}</td>' for text, value in facts(f).values()
    )
    names = ", ".join(f'<a href="#{anchor(each)}">{html.escape(title(each))}</a>' for each in functions.same(f))
    return f'<tr><th scope="row">{names}</th>{cells}</tr>'


def table():
    """Return all functions of a single z as a table in HTML, each once."""
    head = "".join(f'<th scope="col">{name}</th>' for name in ("function", *COLUMNS.values()))
    rows = "\n".join(map(row, functions.distinct()))
    return (
        '<div class="wide-table" role="region" tabindex="0" aria-label="Traits of the functions of a single z">'
        f'<table class="table sortable"><thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>'
    )


class FunctionTable(FromLibrary):
    """Show the traits of all functions of a single z."""

    def run(self):
        """Return the table."""
        return [nodes.raw("", table(), format="html")]


def setup(app):
    """Connect the extension to Sphinx."""
    app.add_directive("functions", Functions)
    app.add_directive("function-table", FunctionTable)
    page_scripts.offer(app, SCRIPT, "sortable")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
