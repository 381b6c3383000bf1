"""The number line: what several ways of computing a function return along it, and what kind of result that is."""

import math
from collections.abc import Sequence

import numpy as np
import traitlets

from nonlinear import checks
from nonlinear.course.looks import GREY, INK
from nonlinear.special import Array
from nonlinear.widgets._base import module, pack, scientific, shown
from nonlinear.widgets._grid import Axis, OverGrid

FILLS = (  # one for each kind: colour, hatch
    ("#dbe7f6", ""),
    ("#b9bdc3", "---"),
    ("white", "///"),
    (INK, ""),
    ("white", "xxx"),
)


def text_of(value: float, base: float = 0.0) -> str:
    """Return a value in words: beside ``base``, if that is not 0; the script writes the same, and a test compares.

    >>> print(text_of(0.0), text_of(1 - 2.0**-24, 1.0), text_of(1.0, 1.0), text_of(0.73106, 0.0), sep=", ")
    exactly 0, 1 − 5.96 × 10⁻⁸, exactly 1, 0.7311
    """
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "infinite"
    if value in (0, base):
        return f"exactly {shown(value, '.1g')}"
    gap = value - base
    if base == 0 or abs(gap) > 0.5:
        return shown(value, ".4g")
    return f"{shown(base, '.1g')} {'+' if gap > 0 else '−'} {shown(abs(gap), '.3g')}"


class NumberLine(OverGrid):
    """A function along a line of numbers, computed in several ways and types, with a band for each.

    The reader moves along the line, by slider, by pointer or from change to change, and reads the values themselves.

    Parameters
    ----------
    x : array, (places,)
        The numbers, rising; drawn at equal distances, so that the line is stretched where they are dense.
    choices : sequence of str
        Names of the functions.
    rows, ways : sequence of str
        Names of the types and of the ways of computing.
    values : array, (choices, rows, ways, places)
        What came out; kept exactly.
    errors : array, of the same shape
        How far it is from the truth, in ``unit``; kept to two digits. Not finite where the value is not.
    kinds : array of int, of the same shape
        What kind of result it is: an index into ``kind_names``, of which there are five at most.
    kind_names : sequence of str
        Good ones first. They are drawn plain, lined, hatched, black and crossed.
    bases, mantissas, exponents : array, (choices, places)
        The true value, which may be too close to a limit or to 0 for any type: base + mantissa * 10 ** exponent, with
        four digits. Where a base is not 0, values are shown beside it: "1 − 5.96 × 10⁻⁸".
    formulas : sequence of str, optional
        A line of explanation for each choice.
    ticks : sequence of float, optional
        Numbers to label; all of them on the line.
    unit : str
    choice : str, optional
    x_label : str
        The symbol for the numbers.
    x_start : float
        Where to start; the nearest number on the line is taken.
    name : str

    Examples
    --------
    >>> shape = (1, 1, 2, 3)
    >>> line = NumberLine(
    ...     x=[-1, 0, 1], choices=["f"], rows=["float64"], ways=["slow", "fast"], values=np.zeros(shape),
    ...     errors=np.ones(shape), kinds=np.ones(shape, int), kind_names=["right", "wrong"], bases=np.zeros((1, 3)),
    ...     mantissas=np.full((1, 3), 2.5), exponents=np.full((1, 3), -9), x_start=1,
    ... )
    >>> line.said()["truth"], line.said()["float64, fast"]
    ('2.5 × 10⁻⁹', 'exactly 0: wrong, off by 1 ulp')
    """

    _esm = module("number_line", "_grid")
    picture_size = (5.2, 7.8)

    rows = traitlets.List().tag(sync=True)
    ways = traitlets.List().tag(sync=True)
    kind_names = traitlets.List().tag(sync=True)
    formulas = traitlets.List().tag(sync=True)
    ticks = traitlets.List().tag(sync=True)
    unit = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        x,
        choices: Sequence[str],
        rows: Sequence[str],
        ways: Sequence[str],
        values: Array,
        errors: Array,
        kinds: Array,
        kind_names: Sequence[str],
        bases: Array,
        mantissas: Array,
        exponents: Array,
        formulas: Sequence[str] | None = None,
        ticks: Sequence[float] = (),
        unit: str = "ulp",
        x_label: str = "x",
        choice: str | None = None,
        x_start: float = 0.0,
        name: str = "line",
    ):
        x = checks.finite(x, "x").astype(np.float64)
        if x.ndim != 1 or len(x) < 2 or not np.all(np.diff(x) > 0):
            raise ValueError("x must be a rising list of at least two numbers.")
        grid = (len(choices), len(rows), len(ways), len(x))
        arrays = {
            "values": np.asarray(values, np.float64),
            "errors": _two_digits(errors),
            "kinds": np.asarray(kinds).astype(np.uint8),
            "bases": np.asarray(bases, np.float64),
            "mantissas": np.asarray(mantissas, np.float64),
            "exponents": np.asarray(exponents, np.int32),
        }
        for key, array in arrays.items():
            shape = grid if key in ("values", "errors", "kinds") else (grid[0], grid[-1])
            if array.shape != shape:
                raise ValueError(f"{key} must have shape {shape}; got {array.shape}.")
        if not 1 <= len(kind_names) <= len(FILLS) or arrays["kinds"].max() >= len(kind_names):
            raise ValueError(
                f"kinds must be places in kind_names, which holds 1 to {len(FILLS)} names; "
                f"got {int(arrays['kinds'].max())} and {list(kind_names)!r}."
            )
        missing = [tick for tick in ticks if tick not in x]
        if missing:
            raise ValueError(f"ticks must be among the numbers x; got {missing[0]!r}.")
        start = {x_label: x_start, **({} if choice is None else {"function": choice})}
        controls = self._controls({"function": choices}, [Axis(x_label, x, ".6g")], start=start)
        data, data_layout = pack({"x": x, **arrays})
        super().__init__(
            name=name,
            data=data,
            data_layout=data_layout,
            rows=list(rows),
            ways=list(ways),
            kind_names=list(kind_names),
            formulas=list(formulas or [""] * len(choices)),
            ticks=[int(np.flatnonzero(x == tick)[0]) for tick in ticks],
            unit=unit,
            **controls,
        )

    @traitlets.default("room")
    def _room(self):
        bands, kinds = len(self.rows) * (24 + 21 * len(self.ways)), len(self.kind_names)
        table = 89 * len(self.rows)
        return [534 + bands + 20 * kinds + table, 436 + bands + 20 * -(-kinds // 2) + table]

    def said(self) -> dict[str, str]:
        """Return all that is read at the present place: the truth, and what each way gives for each type."""
        arrays, (c, k) = self.arrays(), self.settings()[""]
        base, power = arrays["bases"][c, k], int(arrays["exponents"][c, k])
        said = {"truth": _truth(base, arrays["mantissas"][c, k], power)}
        for i, row in enumerate(self.rows):
            for j, way in enumerate(self.ways):
                error, kind = arrays["errors"][c, i, j, k], self.kind_names[arrays["kinds"][c, i, j, k]]
                off = f", off by {shown(error, '.2g')} {self.unit}" if np.isfinite(error) else ""
                said[f"{row}, {way}"] = f"{text_of(arrays['values'][c, i, j, k], base)}: {kind}{off}"
        return said

    @property
    def alt(self):
        return (
            f"A number line with a band for each way of computing a function ({', '.join(self.ways)}) and each type "
            f"({', '.join(self.rows)}). The fill of a band says what kind of result comes out there: "
            f"{'; '.join(self.kind_names)}. A marker stands at one number, and the values at it are written below."
        )

    def draw(self, figure):
        from matplotlib.patches import Patch

        axes, below = figure.subplots(2, 1, height_ratios=[3, 2])
        arrays, (c, place) = self.arrays(), self.settings()[""]
        x, labels = arrays["x"], []
        for i, row in enumerate(self.rows):
            for j, way in enumerate(self.ways):
                y = -(i * (len(self.ways) + 0.6) + j)
                labels.append((y, f"{row}\n{way}" if j == 0 else way))
                for start, end, kind in _runs(arrays["kinds"][c, i, j]):
                    colour, hatch = FILLS[kind]
                    axes.barh(y, end - start, 0.8, start - 0.5, color=colour, hatch=hatch, edgecolor=GREY, linewidth=0)
                axes.barh(y, len(x), 0.8, -0.5, color="none", edgecolor=GREY, linewidth=0.8)
        axes.axvline(place, color=INK, linewidth=1.6)
        axes.set_yticks(*zip(*labels, strict=True))
        roomy = []
        for tick in self.ticks:
            if not roomy or tick - roomy[-1] > len(x) / 8:
                roomy.append(tick)
        axes.set_xticks(roomy, [shown(x[t], ".6g") for t in roomy])
        symbol = self.sliders[0][0]
        axes.set(xlim=(-0.5, len(x) - 0.5), xlabel=f"{symbol} (stretched near 0)")
        axes.set_title(f"{self.choice1}, read at {symbol} = {shown(x[place], '.6g')}", fontsize=12, loc="left")
        axes.tick_params(labelsize=11.7)
        axes.spines[["left", "top", "right"]].set_visible(False)
        handles = [
            Patch(facecolor=colour, hatch=hatch, edgecolor=GREY, label=label)
            for label, (colour, hatch) in zip(self.kind_names, FILLS, strict=False)
        ]
        below.axis("off")
        corner = {"loc": "upper left", "bbox_to_anchor": (-0.17, 1), "borderaxespad": 0}
        below.legend(handles=handles, fontsize=11.7, frameon=False, **corner)
        text = "\n".join(f"{key}: {value}" for key, value in self.said().items())
        below.text(-0.15, 0.5, text, va="top", fontsize=11.7, transform=below.transAxes)


def _two_digits(errors) -> Array:
    """Round to two significant digits, so that the data pack well."""
    errors = np.asarray(errors, np.float64)
    finite = np.isfinite(errors)
    sizes = np.where(finite & (errors >= 0.005), errors, 0)
    unit = 10.0 ** (np.floor(np.log10(np.where(sizes > 0, sizes, 1))) - 1)
    return np.where(finite, np.round(sizes / unit) * unit, np.nan).astype(np.float32)


def _truth(base: float, mantissa: float, power: int) -> str:
    digits = scientific(shown(abs(mantissa), ".4g"), power)
    if base == 0 and -4 <= power < 5:
        return shown(float(f"{float(mantissa)!r}e{power}"), ".4g")
    if base == 0:
        return f"{'−' if mantissa < 0 else ''}{digits}"
    return f"{shown(base, '.1g')} {'−' if mantissa < 0 else '+'} {digits}"


def _runs(kinds: Array) -> list[tuple[int, int, int]]:
    """Return (start, end, kind) of every stretch of equal kinds."""
    edges = np.flatnonzero(np.diff(kinds)) + 1
    starts, ends = [0, *edges.tolist()], [*edges.tolist(), len(kinds)]
    return [(start, end, int(kinds[start])) for start, end in zip(starts, ends, strict=True)]
