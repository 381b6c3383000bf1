"""Lines over a grid of settings, chosen with lists and sliders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import traitlets

from nonlinear import checks
from nonlinear.activations import Activation
from nonlinear.course.looks import GREY, PALETTE, dashes
from nonlinear.special import Array
from nonlinear.widgets._base import look, module, one_of, pack
from nonlinear.widgets._grid import SCALES, TOOLS, OverGrid, at_setting, axes_of, fits, over_grid, summed_up

MOST_PANELS = 3
LEVELS, OUTSIDE = 1000, 50  # a drawn line is rounded to a thousandth of its axis, up to 5 % beyond its ends
BUDGET = 50_000  # bytes; with its script, a widget stays below 60 kB


@dataclass(frozen=True, eq=False)
class Panel:
    """One drawing of a `Curves` widget.

    Parameters
    ----------
    label : str
        Its heading.
    x : sequence of float, (points,)
    lines : mapping of str to array
        By name, each of shape (choices..., sliders..., points), or with an axis of seeds at the end: then the median
        is drawn, in a band from the smallest to the largest. An axis of length 1, or no axis before the points, stands
        for a line that is the same for all those settings. NaN leaves a gap; what lies beyond the limits (or is 0, on a
        log scale) leaves the drawing.
    x_label, y_label : str
    scale, x_scale : "linear" or "log"
    limits : (float, float), optional
        Of the y axis; by default those of the data, with a margin.
    marks : mapping of str to float or array over (choices..., sliders...)
        Upright lines, by name, at values of x.
    levels : mapping of str to float
        Level lines, by name, at values of y.
    """

    label: str
    x: Sequence[float]
    lines: Mapping[str, Array]
    x_label: str
    y_label: str = ""
    scale: str = "linear"
    x_scale: str = "linear"
    limits: tuple[float, float] | None = None
    marks: Mapping[str, Array | float] = field(default_factory=dict)
    levels: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self):
        one_of("scale", self.scale, SCALES)
        one_of("x_scale", self.x_scale, SCALES)
        x = checks.finite(self.x, f"x of {self.label!r}")
        if x.ndim != 1 or len(x) < 2 or np.any(np.diff(x) <= 0) or (self.x_scale == "log" and x[0] <= 0):
            raise ValueError(
                f"x of {self.label!r} must be two or more rising numbers, positive on a log scale; got {self.x!r}."
            )
        if not self.lines:
            raise ValueError(f"lines of {self.label!r} must map at least one name to an array; got {self.lines!r}.")
        low, high = self.reach
        if not low < high or not np.isfinite([low, high]).all() or (self.scale == "log" and low <= 0):
            raise ValueError(
                f"limits of {self.label!r} must rise, and be positive on a log scale; got {(low, high)!r}."
            )

    @property
    def reach(self) -> tuple[float, float]:
        """The limits of the y axis."""
        if self.limits is not None:
            return tuple(map(float, self.limits))
        values = np.concatenate([np.ravel(line) for line in self.lines.values()]).astype(float)
        values = values[np.isfinite(values) & ((values > 0) | (self.scale == "linear"))]
        if values.size == 0:
            raise ValueError(f"lines of {self.label!r} hold nothing that its {self.scale} axis could show.")
        low, high = values.min(), values.max()
        if self.scale == "log":
            return float(low / 1.3), float(high * 1.3)
        margin = 0.05 * (high - low) or 1.0
        return float(low - margin), float(high + margin)

    def described(self) -> dict:
        """Return what the script needs to know."""
        return {
            "label": self.label,
            "x": [float(x) for x in self.x],
            "xLabel": self.x_label,
            "yLabel": self.y_label,
            "scale": self.scale,
            "xScale": self.x_scale,
            "limits": list(self.reach),
            "lines": [{"name": name} for name in self.lines],
            "marks": [[name] for name in self.marks],
            "levels": [[name, float(value)] for name, value in self.levels.items()],
        }


class Curves(OverGrid):
    """Lines over a grid of settings, which the reader chooses with lists (choices) and sliders.

    Python computes all lines beforehand; every array has one axis for each choice, then one for each slider. A second
    choice of style: where ``overlay`` names a choice, its list ends with "all", which draws its options together.

    Parameters
    ----------
    panels : sequence of Panel
        One to three.
    choices : mapping of str to sequence of str
        From a label to its options; at most three.
    sliders : mapping of str to sequence
        From a label to the values of its places, numbers or texts; at most three.
    readouts : mapping of str to (array, str)
        From a label to values over (choices..., sliders...[, seeds]) and a format such as ".2f", ".1%" or ".3g". Seeds
        are summed up as "median [smallest, largest]".
    diverged : array of bool, (choices..., sliders..., seeds), optional
        Counted in a read-out.
    start : mapping of str to option or value, optional
        Where the reader begins, by the label of a choice or slider; the first option and place by default.
    looks : mapping of str to Activation or str, optional
        Whose colours and line style a line has, by the name of the line or of an option: an activation function or its
        name in the catalogue. Others get colours of their own.
    overlay : str, optional
        Label of a choice.
    play : str, optional
        Label of a slider that a button moves on by itself: for time.
    note : str
        Below; how seeds are drawn is said there unless you say something else.
    description : str
        What there is to see, in a sentence or two, for readers who do not see it. It must hold for every setting.
    name : str
        Unique on its page, for links to a setting.

    Attributes
    ----------
    choice1, choice2, choice3 : str
        The options chosen.
    slider1, slider2, slider3 : int
        The places of the sliders.

    Examples
    --------
    >>> x, gains = np.linspace(-3, 3, 61), np.array([0.5, 1, 2])
    >>> squashed = np.tanh(gains[:, None] * x)
    >>> widget = Curves(
    ...     [Panel("tanh(g z)", x, {"tanh": squashed}, x_label="z")],
    ...     sliders={"gain g": gains},
    ...     readouts={"steepest slope": (gains, ".1f")},
    ...     start={"gain g": 2},
    ... )
    >>> widget.said()
    {'steepest slope': '2.0'}
    """

    _esm = module("curves", "geometry/lines", "_lines", "_grid")

    panels = traitlets.List().tag(sync=True)
    looks = traitlets.Dict().tag(sync=True)
    palette = traitlets.List().tag(sync=True)
    play = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        panels: Sequence[Panel],
        choices: Mapping[str, Sequence[str]] | None = None,
        sliders: Mapping[str, Sequence] | None = None,
        readouts: Mapping[str, tuple[Array, str]] | None = None,
        diverged=None,
        start: Mapping[str, object] | None = None,
        looks: Mapping[str, Activation | str] | None = None,
        overlay: str = "",
        play: str = "",
        note: str = "",
        description: str = "",
        name: str = "curves",
    ):
        panels = list(panels)
        _check_panels(panels)
        one_of("play", play, ["", *(sliders or {})])
        controls = self._controls(choices, axes_of(sliders), readouts, diverged, start, overlay)
        self._panels, self._description = panels, description
        shape = self._shape
        self._lines = [
            {name: _line(line, shape, panel, name) for name, line in panel.lines.items()} for panel in panels
        ]
        data, data_layout = pack(self._packed())
        if len(data) > BUDGET:
            raise ValueError(
                f"the lines take {len(data):,} bytes, more than the {BUDGET:,} that a page should carry for a widget. "
                "Give fewer places to the sliders, or fewer points to the lines."
            )
        super().__init__(
            name=name,
            data=data,
            data_layout=data_layout,
            panels=[panel.described() for panel in panels],
            looks={name: look(whose) for name, whose in (looks or {}).items()},
            palette=PALETTE_LOOKS,
            play=play,
            note=note or self._seeds_note(),
            **controls,
        )

    def _packed(self) -> dict[str, Array]:
        """Return all that the script needs."""
        arrays = {}
        for p, panel in enumerate(self._panels):
            for n, line in enumerate(self._lines[p].values()):
                arrays[f"line {p} {n}"] = coded(summed_up(line, len(self._shape) + 1), panel.reach, panel.scale)
            for n, (name, mark) in enumerate(panel.marks.items()):
                values = np.reshape(mark, (1,) * len(self._shape)) if np.ndim(mark) == 0 else mark
                values = over_grid(values, self._shape, f"marks[{name!r}] of {panel.label!r}", seeds=False)
                arrays[f"mark {p} {n}"] = values.astype(np.float32)
        return {**arrays, **self._packed_readouts()}

    def _seeds_note(self) -> str:
        axes = len(self._shape) + 1
        seeds = {line.shape[-1] for lines in self._lines for line in lines.values() if line.ndim > axes}
        if not seeds:
            return ""
        number = " or ".join(map(str, sorted(seeds)))
        return f"Lines: median of {number} seeds. Bands: from the smallest to the largest of them."

    @traitlets.default("room")
    def _room(self):
        rest = TOOLS + 62 * bool(self.play)
        panels = 328 * len(self.panels), 316 * -(-len(self.panels) // 2)
        return [self._controls_room(n + 1) + panels[n] + self._words_room(n + 1) + rest for n in (0, 1)]

    @property
    def picture_size(self):
        """Inches."""
        return 5.2, 0.6 + min(2.6 * len(self._panels), 7) + 0.5 * (len(self.settings()) > 3)

    @property
    def alt(self):
        lines = "; ".join(f"{panel.label}, against {panel.x_label}" for panel in self._panels)
        controls = [label for label, _ in [*self.choices, *self.sliders]]
        return f"{self._description} Lines of {lines}, for every setting of {' and '.join(controls)}.".strip()

    def draw(self, figure):
        axes = np.atleast_1d(figure.subplots(len(self._panels), 1))
        for axis, panel, lines in zip(axes, self._panels, self._lines, strict=True):
            self._draw_panel(axis, panel, lines)
        self._name_lines(figure)
        figure.suptitle(self._heading(), fontsize=12)

    def _draw_panel(self, axis, panel, lines):
        settings = self.settings()
        for n, (name, line) in enumerate(lines.items()):
            for k, (option, setting) in enumerate(settings.items()):
                once = len(settings) == 1 or line.shape[self._over] == 1
                if once and k:
                    continue
                colour, style = self._style(name, n, option, k, once)
                values = at_setting(line, setting)
                if values.ndim == 2:
                    axis.fill_between(panel.x, values.min(axis=-1), values.max(axis=-1), color=colour, alpha=0.17, lw=0)
                    values = np.median(values, axis=-1)
                called = name if once else f"{option}, {name}" if n else option
                axis.plot(panel.x, values, color=colour, linestyle=style, linewidth=1.8, label=called)
        for name, value in panel.levels.items():
            axis.axhline(value, color=GREY, linestyle=":", linewidth=1)
            axis.text(panel.x[-1], value, f"{name} ", va="bottom", ha="right", fontsize=11.7)
        for name, mark in panel.marks.items():
            at = mark if np.ndim(mark) == 0 else at_setting(np.asarray(mark), next(iter(settings.values())))
            axis.axvline(at, color=GREY, linestyle=":", linewidth=1)
            axis.text(at, panel.reach[1], f" {name}", va="top", fontsize=11.7)
        axis.set(ylim=panel.reach, yscale=panel.scale, xscale=panel.x_scale, xlabel=panel.x_label)
        axis.set_title(": ".join(filter(None, (panel.label, panel.y_label))), fontsize=12, loc="left")

    def _name_lines(self, figure):
        """Name the lines of each drawing in it; where they leave no room for that, once below all."""
        many = {}
        for axis in figure.axes:
            lines, names = axis.get_legend_handles_labels()
            if len(names) > 3:
                many |= zip(names, lines, strict=True)
            elif len(names) > 1:
                axis.legend(fontsize=11.7, frameon=False)
        if many:
            figure.legend(many.values(), many, ncols=3, loc="outside lower center", fontsize=11.7, frameon=False)

    def _style(self, name: str, n: int, option: str, k: int, once: bool) -> tuple[str, object]:
        """Return the colour and line style of a line, as the script chooses them."""
        picked = (
            [] if option and once else [option] if option else [getattr(self, t) for t in self.shared if t[0] == "c"]
        )
        own = self.looks.get(name) if once else None
        whose = next((self.looks[p] for p in picked if p in self.looks), None)
        place = k if not once else len(self.palette) - 1 - n if option else n
        colour, _, style = own or whose or self.palette[place % len(self.palette)]
        if n and not own and (whose or not once):
            style = [each[2] for each in self.palette if each[2] != style][n - 1]
        return colour, (0, tuple(float(length) / 2 for length in style.split())) if style else "-"


PALETTE_LOOKS = [[colour, dark, dashes(style)] for colour, style, dark in PALETTE]


def coded(values: Array, limits: tuple[float, float], scale: str) -> Array:
    """Return lines as bytes that compress well: second differences along x of their height in thousandths.

    Parameters
    ----------
    values : array, (statistics, ..., points)

    Returns
    -------
    array of uint8, (2, statistics, ..., points)
        Low and high bytes of the differences, modulo 65536. Of what they add up to, 0 is a gap, ``OUTSIDE + 1`` the low
        limit and ``OUTSIDE + 1 + LEVELS`` the high one.
    """
    low, high = limits
    if scale == "log":
        values, low, high = np.log(np.maximum(values, low / (high / low))), np.log(low), np.log(high)
    share = np.clip((values - low) / (high - low), -OUTSIDE / LEVELS, 1 + OUTSIDE / LEVELS)
    level = np.where(np.isnan(share), 0, np.rint(share * LEVELS) + OUTSIDE + 1).astype(np.int64)
    second = np.diff(level, n=2, axis=-1, prepend=np.zeros((*level.shape[:-1], 2), np.int64)) & 0xFFFF
    return np.stack([second & 0xFF, second >> 8]).astype(np.uint8)


def decoded(data: Array, limits: tuple[float, float], scale: str) -> Array:
    """Return the lines that `coded` rounded; what lay beyond the limits comes back at most 5 % beyond them.

    >>> decoded(coded(np.array([[0.0, 0.5, np.nan, 9.0]]), (0, 1), "linear"), (0, 1), "linear")
    array([[0.  , 0.5 ,  nan, 1.05]])
    """
    second = data[0] + 256 * data[1].astype(np.int64)
    level = np.cumsum(np.cumsum(second, axis=-1), axis=-1) & 0xFFFF
    share = np.where(level == 0, np.nan, (level - OUTSIDE - 1) / LEVELS)
    low, high = np.log(limits) if scale == "log" else limits
    flat = low + share * (high - low)
    return np.exp(flat) if scale == "log" else flat


def _line(line, grid: tuple[int, ...], panel: Panel, name: str) -> Array:
    """Return a line with all the axes of the grid, its points and, perhaps, its seeds."""
    line = np.asarray(line, float)
    points = len(panel.x)
    if line.shape == (points,):
        line = line.reshape((1,) * len(grid) + line.shape)
    if not fits(line.shape[: len(grid) + 1], (*grid, points)) or line.ndim > len(grid) + 2:
        raise ValueError(
            f"lines[{name!r}] of {panel.label!r} must have shape {(*grid, points)}, for (choices..., sliders..., "
            f"points), or that and an axis of seeds; got {line.shape}."
        )
    if line.shape[len(grid)] != points:
        raise ValueError(f"lines[{name!r}] of {panel.label!r} must have {points} points, as x has; got {line.shape}.")
    return line


def _check_panels(panels) -> None:
    if not panels or not all(isinstance(panel, Panel) for panel in panels):
        raise TypeError(f"panels must be a list of Panel(...); got {panels!r}.")
    if len(panels) > MOST_PANELS:
        raise ValueError(f"panels may be at most {MOST_PANELS}; got {len(panels)}.")
