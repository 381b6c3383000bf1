"""The map: what many runs measured, over a grid of two settings and for several choices."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import traitlets

from nonlinear import checks
from nonlinear.activations import ReLU
from nonlinear.course.looks import INK, colour_pairs
from nonlinear.special import Array
from nonlinear.widgets._base import module, number_format, one_of, pack
from nonlinear.widgets._grid import SCALES, Axis, OverGrid

NOTE = "The median is over all seeds; one that diverged counts with the last finite state it had."


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


class GridMap(OverGrid):
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

    _esm = module("grid_map", "_grid")
    picture_size = (5.2, 6.2)

    measure = traitlets.Unicode().tag(sync=True)
    colours = traitlets.List().tag(sync=True)
    measures = traitlets.List().tag(sync=True)

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
        read = {m.label: (m.values, m.format) for m in self._measures.values()}
        controls = self._controls({choice_label: choices}, [rows, columns], read, arrays["diverged"])
        controls |= {"slider1": row, "slider2": column, "shared": ["measure", *controls["shared"]]}
        if choice is not None:
            controls["choice1"] = choice
        data, data_layout = pack({**arrays, **self._packed_readouts()})
        super().__init__(
            name=name,
            data=data,
            data_layout=data_layout,
            colours=colours,
            measures=[{"key": key, **m.described()} for key, m in self._measures.items()],
            measure=next(iter(self._measures)) if measure is None else measure,
            note=note,
            **controls,
        )

    @traitlets.validate("measure")
    def _known_measure(self, proposal):
        return one_of("measure", proposal["value"], list(self._measures))

    @traitlets.default("room")
    def _room(self):
        rows, strips = len(self.sliders[0][1]), len(self._measures)
        narrow, wide = self._words_room(1), self._words_room(2)
        return [420 + 28 * rows + 166 * strips + narrow, 218 + 44 * rows + 166 * -(-strips // 2) + wide]

    @property
    def cell(self) -> tuple[int, int, int]:
        """The place of the chosen cell in the arrays: choice, row, column."""
        return self.settings()[""]

    def seeds(self, measure: str) -> Array:
        """Return what every seed measured, (choices, rows, columns, seeds), as kept for the script."""
        return self.arrays()[f"seeds {list(self._measures).index(measure)}"]

    def summary(self, measure: str) -> dict:
        """Return the read-outs of one measure for the chosen cell."""
        seeds = self.seeds(measure)[self.cell]
        return {
            "median": float(np.median(seeds)),
            "lowest": float(seeds.min()),
            "highest": float(seeds.max()),
            "seeds": len(seeds),
            "diverged": int(self.arrays()["diverged"][self.cell].sum()),
        }

    @property
    def alt(self):
        what = " and ".join(measure.label for measure in self._measures.values())
        (rows, _), (columns, _) = self.sliders
        return (
            f"A map of {what} over {columns} (columns) and {rows} (rows), one for each "
            f"{self.choices[0][0]}: the larger and darker the square, the larger the median over the seeds; crosses "
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
        share = shown.share(np.median(self.seeds(self.measure)[choice], axis=-1))
        crosses = arrays["diverged"][choice].mean(axis=-1)
        for (i, k), s in np.ndenumerate(share):
            side = 0.9 * np.sqrt(s)
            axes.add_patch(_square(k, i, side, facecolor=colour, alpha=0.3 + 0.7 * s))
        for i, k in np.argwhere(crosses > 0):
            size = 5 + 6 * crosses[i, k]
            axes.plot(k + 0.27, i + 0.27, "X", color=INK, markersize=size, markeredgecolor="white")
        axes.add_patch(_square(column, row, 1, facecolor="none", edgecolor=INK, linewidth=2.5, zorder=3))
        (row_label, rows), (column_label, columns) = self.sliders
        axes.set(xlim=(-0.5, len(columns) - 0.5), ylim=(-0.5, len(rows) - 0.5))
        axes.set(aspect=1, xlabel=column_label, ylabel=textwrap.fill(row_label, 20))
        every = 1 + len(columns) // 9
        axes.set_xticks(range(0, len(columns), every), columns[::every])
        axes.set_yticks(range(len(rows)), rows)
        key = f"full square: {shown.limits[1]:{shown.format}}; ×: seeds that diverged"
        axes.set_title(f"{self.choice1}: {shown.label}\n{key}", fontsize=12)

    def _draw_seeds(self, axes, key):
        arrays, measure, said = self.arrays(), self._measures[key], self.summary(key)
        seeds, lost = self.seeds(key)[self.cell], arrays["diverged"][self.cell].astype(bool)
        height = np.where(lost, -0.5, np.linspace(0, 0.85, len(seeds)))
        own = self.colours[self.cell[0]][0]
        for marker, colour, those in (("o", own, ~lost), ("x", INK, lost)):
            if those.any():
                axes.plot(seeds[those], height[those], marker, color=colour, clip_on=False)
        axes.axvline(said["median"], 0.35, 1, color=INK, linewidth=2)
        low, median, high = (format(said[k], measure.format) for k in ("lowest", "median", "highest"))
        label = f"{measure.label}, {said['seeds']} seeds:\nmedian {median} [{low}, {high}]"
        axes.set_title(label, fontsize=12, loc="left", x=-0.2)
        axes.set(xlim=measure.limits, xscale=measure.scale, ylim=(-0.8, 1))
        if measure.format.endswith("%"):
            axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g}%")
        axes.set_yticks([0.4, -0.5], [f"{len(seeds) - lost.sum()} finished", f"{lost.sum()} diverged"])
        axes.tick_params(axis="y", length=0)
        axes.spines[["left", "top", "right"]].set_visible(False)


def _square(x, y, side, **style):
    from matplotlib.patches import Rectangle

    return Rectangle((x - side / 2, y - side / 2), side, side, **style)


def _checked_arrays(measures, choices, rows, columns, diverged) -> dict[str, Array]:
    """Return all that the script needs, after checking that it fits together."""
    if not measures or not all(isinstance(m, Measure) for m in measures.values()):
        raise TypeError(f"measures must map short names to Measure(...); got {measures!r}.")
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
    seeds = {f"seeds {n}": measure.values for n, measure in enumerate(measures.values())}
    return {**seeds, "diverged": diverged.astype(np.uint8)}
