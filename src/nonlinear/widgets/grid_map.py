"""The map: what many runs measured, over a grid of two settings and for several choices."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import traitlets
from matplotlib.patches import Rectangle

from nonlinear import checks
from nonlinear.activations import ReLU
from nonlinear.course.plotting import INK, colour_pairs
from nonlinear.special import Array
from nonlinear.widgets._base import Widget, module, number_format, one_of, pack

SCALES = ("linear", "log")
NOTE = "The median is over all seeds; one that diverged counts with the last finite state it had."


@dataclass(frozen=True)
class Axis:
    """One side of the grid.

    Parameters
    ----------
    label : str
    values : sequence of float
        In the order of the cells.
    format : str
        As for `format`, for the labels of the values. Cells are of one size whatever their values.

    Examples
    --------
    >>> Axis("learning rate", (0.01, 0.1, 1.0)).names
    ('0.01', '0.1', '1')
    """

    label: str
    values: Sequence[float]
    format: str = "g"

    def __post_init__(self):
        values = checks.finite(self.values, f"values of {self.label!r}")
        if values.ndim != 1 or len(values) == 0:
            raise ValueError(f"values of {self.label!r} must be a list of numbers; got shape {values.shape}.")

    @property
    def names(self) -> tuple[str, ...]:
        """The values as text."""
        return tuple(format(value, self.format) for value in self.values)

    def described(self) -> dict:
        """Return what the script needs to know."""
        return {"label": self.label, "names": list(self.names)}


@dataclass(frozen=True, eq=False)
class Measure:
    """One quantity, measured for every seed in every cell.

    Parameters
    ----------
    label : str
    values : array, (choices, rows, columns, seeds)
        Finite, within the limits; kept exactly.
    limits : (float, float)
        What an empty and a full cell stand for.
    format : str
        For read-outs: ".2f", ".1%", ".3g" and the like.
    scale : "linear" or "log"
    """

    label: str
    values: Array
    limits: tuple[float, float] = (0.0, 1.0)
    format: str = ".2f"
    scale: str = "linear"

    def __post_init__(self):
        values = checks.finite(self.values, f"values of {self.label!r}")
        low, high = self.limits
        one_of("scale", self.scale, SCALES)
        number_format(self.format)
        if values.ndim != 4 or values.size == 0:
            raise ValueError(
                f"values of {self.label!r} must have shape (choices, rows, columns, seeds); got {values.shape}."
            )
        if not low < high or (self.scale == "log" and low <= 0):
            raise ValueError(f"limits must rise, and be positive on a log scale; got {self.limits!r}.")
        if values.min() < low or values.max() > high:
            raise ValueError(
                f"values of {self.label!r} must lie within limits {self.limits!r}; they reach from {values.min():g} to "
                f"{values.max():g}. Widen the limits."
            )

    def described(self) -> dict:
        """Return what the script needs to know."""
        return {"label": self.label, "limits": list(self.limits), "format": self.format, "scale": self.scale}

    def share(self, value):
        """Return where a value lies between the limits, from 0 to 1."""
        flat = np.log10 if self.scale == "log" else np.asarray
        low, high = flat(self.limits)
        return (flat(value) - low) / (high - low)


class GridMap(Widget):
    """Measures over a grid of rows and columns, one map for each choice, with the seeds behind every cell.

    The map shows the median of one measure over the seeds; below it, each seed of the chosen cell. Seeds that diverged
    are a category of their own: counted, crossed, never dropped.

    Parameters
    ----------
    measures : dict of str to Measure
        By a short name for each, such as "dead", which also appears in the address of a shared state.
    choices : sequence of str
    rows, columns : Axis
    diverged : array of bool, (choices, rows, columns, seeds), optional
    choice_label : str
    colours : sequence of (light, dark) pairs of colours, optional
        One pair for each choice, for light and for dark pages.
    choice, measure : str, optional
        Shown at the start; the first by default.
    row, column : int
        The cell chosen at the start.
    note : str
        One line below the seeds.
    name : str

    Examples
    --------
    >>> values = np.linspace(0, 1, 2 * 2 * 3 * 5).reshape(2, 2, 3, 5)
    >>> widget = GridMap(
    ...     {"dead": Measure("dead units", values)},
    ...     choices=["ReLU", "ELU"],
    ...     rows=Axis("offset", [0, 1]),
    ...     columns=Axis("learning rate", [0.1, 0.2, 0.4]),
    ... )
    >>> widget.summary("dead")
    {'median': 0.0339, 'lowest': 0.0, 'highest': 0.0678, 'seeds': 5, 'diverged': 0}
    """

    _esm = module("grid_map")
    picture_size = (5.2, 6.2)

    choice = traitlets.Unicode().tag(sync=True)
    measure = traitlets.Unicode().tag(sync=True)
    row = traitlets.Int().tag(sync=True)
    column = traitlets.Int().tag(sync=True)
    choices = traitlets.List().tag(sync=True)
    choice_label = traitlets.Unicode().tag(sync=True)
    colours = traitlets.List().tag(sync=True)
    rows = traitlets.Dict().tag(sync=True)
    columns = traitlets.Dict().tag(sync=True)
    measures = traitlets.Dict().tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        measures: dict[str, Measure],
        choices: Sequence[str],
        rows: Axis,
        columns: Axis,
        diverged=None,
        choice_label: str = "choice",
        colours: Sequence[tuple[str, str]] | None = None,
        choice: str | None = None,
        measure: str | None = None,
        row: int = 0,
        column: int = 0,
        note: str = NOTE,
        name: str = "map",
    ):
        self._measures, choices = dict(measures), list(choices)
        arrays = _checked_arrays(self._measures, choices, rows, columns, diverged)
        colours = [list(pair) for pair in colours or colour_pairs([ReLU()]) * len(choices)]
        if len(colours) != len(choices):
            raise ValueError(f"colours must hold one pair for each of {len(choices)} choices; got {len(colours)}.")
        data, data_layout = pack(arrays)
        super().__init__(
            name=name,
            shared=["choice", "measure", "row", "column"],
            data=data,
            data_layout=data_layout,
            choices=choices,
            choice_label=choice_label,
            colours=colours,
            rows=rows.described(),
            columns=columns.described(),
            measures={key: m.described() for key, m in self._measures.items()},
            note=note,
            choice=choices[0] if choice is None else choice,
            measure=next(iter(self._measures)) if measure is None else measure,
            row=row,
            column=column,
        )

    @traitlets.validate("choice")
    def _known_choice(self, proposal):
        return one_of("choice", proposal["value"], self.choices)

    @traitlets.validate("measure")
    def _known_measure(self, proposal):
        return one_of("measure", proposal["value"], list(self.measures))

    @traitlets.validate("row", "column")
    def _on_the_grid(self, proposal):
        side, value = proposal["trait"].name, proposal["value"]
        length = len(getattr(self, f"{side}s")["names"])
        if not 0 <= value < length:
            raise ValueError(f"{side} must be from 0 to {length - 1}, the place of a cell; got {value!r}.")
        return value

    @property
    def cell(self) -> tuple[int, int, int]:
        """The place of the chosen cell in the arrays."""
        return self.choices.index(self.choice), self.row, self.column

    def summary(self, measure: str) -> dict:
        """Return the read-outs of one measure for the chosen cell."""
        arrays = self.arrays()
        seeds = arrays[measure][self.cell]
        return {
            "median": float(arrays[f"{measure} median"][self.cell]),
            "lowest": float(seeds.min()),
            "highest": float(seeds.max()),
            "seeds": len(seeds),
            "diverged": int(arrays["diverged"][self.cell].sum()),
        }

    @property
    def alt(self):
        what = " and ".join(m["label"] for m in self.measures.values())
        return (
            f"A map of {what} over {self.columns['label']} (columns) and {self.rows['label']} (rows), one for each "
            f"{self.choice_label}: the larger and darker the square, the larger the median over the seeds; crosses "
            "mark seeds that diverged. Below it, every seed of one chosen cell on a line."
        )

    def draw(self, figure):
        strips = len(self._measures)
        grid, *lines = figure.subplots(1 + strips, 1, height_ratios=[2.4] + [1] * strips)
        self._draw_map(grid)
        for axes, key in zip(lines, self._measures, strict=True):
            self._draw_seeds(axes, key)

    def _draw_map(self, axes):
        arrays, (choice, row, column), shown = self.arrays(), self.cell, self._measures[self.measure]
        colour = self.colours[choice][0]
        share = shown.share(arrays[f"{self.measure} median"][choice])
        crosses = arrays["diverged"][choice].mean(axis=-1)
        for (i, k), s in np.ndenumerate(share):
            side = 0.9 * np.sqrt(s)
            axes.add_patch(_square(k, i, side, facecolor=colour, alpha=0.3 + 0.7 * s))
        for i, k in np.argwhere(crosses > 0):
            size = 5 + 6 * crosses[i, k]
            axes.plot(k + 0.27, i + 0.27, "X", color=INK, markersize=size, markeredgecolor="white")
        axes.add_patch(_square(column, row, 1, facecolor="none", edgecolor=INK, linewidth=2.5, zorder=3))
        rows, columns = self.rows["names"], self.columns["names"]
        axes.set(xlim=(-0.5, len(columns) - 0.5), ylim=(-0.5, len(rows) - 0.5))
        axes.set(aspect=1, xlabel=self.columns["label"], ylabel=textwrap.fill(self.rows["label"], 20))
        every = 1 + len(columns) // 9
        axes.set_xticks(range(0, len(columns), every), columns[::every])
        axes.set_yticks(range(len(rows)), rows)
        key = f"full square: {shown.limits[1]:{shown.format}}; ×: seeds that diverged"
        axes.set_title(f"{self.choice}: {shown.label}\n{key}", fontsize=12)

    def _draw_seeds(self, axes, key):
        arrays, measure, said = self.arrays(), self._measures[key], self.summary(key)
        seeds, lost = arrays[key][self.cell], arrays["diverged"][self.cell].astype(bool)
        height = np.where(lost, -0.5, np.linspace(0, 0.85, len(seeds)))
        own = self.colours[self.cell[0]][0]
        for marker, colour, those in (("o", own, ~lost), ("x", INK, lost)):
            if those.any():
                axes.plot(seeds[those], height[those], marker, color=colour, clip_on=False)
        axes.axvline(said["median"], 0.35, 1, color=INK, linewidth=2)
        low, median, high = (format(said[k], measure.format) for k in ("lowest", "median", "highest"))
        label = f"{measure.label}, {said['seeds']} seeds:\nmedian {median} [{low}, {high}]"
        axes.set_title(label, fontsize=11.5, loc="left", x=-0.2)
        axes.set(xlim=measure.limits, xscale=measure.scale, ylim=(-0.8, 1))
        if measure.format.endswith("%"):
            axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g}%")
        axes.set_yticks([0.4, -0.5], [f"{len(seeds) - lost.sum()} finished", f"{lost.sum()} diverged"])
        axes.tick_params(axis="y", length=0)
        axes.spines[["left", "top", "right"]].set_visible(False)


def _square(x, y, side, **style):
    return Rectangle((x - side / 2, y - side / 2), side, side, **style)


def _checked_arrays(measures, choices, rows, columns, diverged) -> dict[str, Array]:
    """Return all that the script needs, after checking that it fits together."""
    if not measures or not all(isinstance(m, Measure) for m in measures.values()):
        raise TypeError(f"measures must map short names to Measure(...); got {measures!r}.")
    if not choices or len(set(choices)) < len(choices):
        raise ValueError(f"choices must be one or more different names; got {choices!r}.")
    seeds = next(iter(measures.values())).values.shape[-1]
    shape = (len(choices), len(rows.values), len(columns.values), seeds)
    for key, measure in measures.items():
        if measure.values.shape != shape:
            raise ValueError(
                f"measures[{key!r}] must have shape {shape}, for (choices, rows, columns, seeds); "
                f"got {measure.values.shape}."
            )
    diverged = np.zeros(shape, bool) if diverged is None else np.asarray(diverged)
    if diverged.shape != shape or diverged.dtype != bool:
        raise ValueError(f"diverged must be booleans of shape {shape}; got {diverged.dtype} of shape {diverged.shape}.")
    medians = {f"{key} median": np.median(np.asarray(m.values, np.float64), axis=-1) for key, m in measures.items()}
    return {**{key: m.values for key, m in measures.items()}, **medians, "diverged": diverged.astype(np.uint8)}
