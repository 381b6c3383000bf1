"""Lines over a grid of settings, chosen with lists and sliders."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import traitlets

from nonlinear import checks
from nonlinear.activations import Activation
from nonlinear.plotting import GREY, PALETTE, dashes
from nonlinear.special import Array
from nonlinear.widgets._base import Widget, look, module, number_format, one_of, pack, shown

SCALES = ("linear", "log")
MOST = {"choices": 3, "sliders": 3, "panels": 3}
ALL = "all"
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


class Curves(Widget):
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

    _esm = module("curves", "_lines")

    choice1 = traitlets.Unicode().tag(sync=True)
    choice2 = traitlets.Unicode().tag(sync=True)
    choice3 = traitlets.Unicode().tag(sync=True)
    slider1 = traitlets.Int().tag(sync=True)
    slider2 = traitlets.Int().tag(sync=True)
    slider3 = traitlets.Int().tag(sync=True)
    choices = traitlets.List().tag(sync=True)
    sliders = traitlets.List().tag(sync=True)
    panels = traitlets.List().tag(sync=True)
    readouts = traitlets.List().tag(sync=True)
    looks = traitlets.Dict().tag(sync=True)
    palette = traitlets.List().tag(sync=True)
    overlay = traitlets.Unicode().tag(sync=True)
    play = traitlets.Unicode().tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)

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
        panels, choices, sliders = list(panels), dict(choices or {}), dict(sliders or {})
        _check_controls(panels, choices, sliders)
        choices = [[label, list(options)] for label, options in choices.items()]
        places = [[label, [_text(value) for value in values]] for label, values in sliders.items()]
        shape = tuple(len(options) for _, options in [*choices, *places])
        readouts = dict(readouts or {})
        if diverged is not None:
            diverged = np.asarray(diverged)
            readouts[f"seeds that diverged (of {diverged.shape[-1]})"] = (diverged.sum(axis=-1), ".0f")
        one_of("overlay", overlay, ["", *(label for label, _ in choices)])
        one_of("play", play, ["", *sliders])
        self._panels, self._shape, self._description = panels, shape, description
        self._readouts = {
            label: (_over_grid(values, shape, f"readouts[{label!r}]"), number_format(spec))
            for label, (values, spec) in readouts.items()
        }
        self._lines = [
            {name: _line(line, shape, panel, name) for name, line in panel.lines.items()} for panel in panels
        ]
        data, data_layout = pack(self._packed())
        if len(data) > BUDGET:
            raise ValueError(
                f"the lines take {len(data):,} bytes, more than the {BUDGET:,} that a page should carry for a widget. "
                "Give fewer places to the sliders, or fewer points to the lines."
            )
        shown = {"choice": choices, "slider": places}
        traits = [f"{kind}{n + 1}" for kind, controls in shown.items() for n in range(len(controls))]
        super().__init__(
            name=name,
            shared=traits,
            data=data,
            data_layout=data_layout,
            choices=choices,
            sliders=places,
            panels=[panel.described() for panel in panels],
            readouts=[{"label": label, "format": spec} for label, (_, spec) in self._readouts.items()],
            looks={name: look(whose) for name, whose in (looks or {}).items()},
            palette=PALETTE_LOOKS,
            overlay=overlay,
            play=play,
            note=note or self._seeds_note(),
            **_begin(choices, sliders, start or {}, overlay),
        )

    def _packed(self) -> dict[str, Array]:
        """Return all that the script needs."""
        arrays = {}
        for p, panel in enumerate(self._panels):
            for n, line in enumerate(self._lines[p].values()):
                arrays[f"line {p} {n}"] = coded(summed_up(line, len(self._shape) + 1), panel.reach, panel.scale)
            for n, (name, mark) in enumerate(panel.marks.items()):
                values = np.reshape(mark, (1,) * len(self._shape)) if np.ndim(mark) == 0 else mark
                values = _over_grid(values, self._shape, f"marks[{name!r}] of {panel.label!r}", seeds=False)
                arrays[f"mark {p} {n}"] = values.astype(np.float32)
        for n, (values, _) in enumerate(self._readouts.values()):
            arrays[f"readout {n}"] = summed_up(values, len(self._shape)).astype(np.float32)
        return arrays

    def _seeds_note(self) -> str:
        axes = len(self._shape) + 1
        seeds = {line.shape[-1] for lines in self._lines for line in lines.values() if line.ndim > axes}
        if not seeds:
            return ""
        number = " or ".join(map(str, sorted(seeds)))
        return f"Lines: median of {number} seeds. Bands: from the smallest to the largest of them."

    @traitlets.validate("choice1", "choice2", "choice3")
    def _known_choice(self, proposal):
        trait, value = proposal["trait"].name, proposal["value"]
        number = int(trait[-1]) - 1
        if number >= len(self.choices):
            return value
        label, options = self.choices[number]
        return one_of(f"{trait} ({label})", value, [*options, ALL] if label == self.overlay else options)

    @traitlets.validate("slider1", "slider2", "slider3")
    def _on_its_slider(self, proposal):
        trait, value = proposal["trait"].name, proposal["value"]
        number = int(trait[-1]) - 1
        if number < len(self.sliders) and not 0 <= value < len(self.sliders[number][1]):
            label, names = self.sliders[number]
            raise ValueError(f"{trait} ({label}) must be a place from 0 to {len(names) - 1}; got {value!r}.")
        return value

    def settings(self) -> dict[str, tuple[int, ...]]:
        """Return the places in the grid that are shown, by option where several are shown at once (else by "")."""
        picked = [getattr(self, f"choice{n + 1}") for n in range(len(self.choices))]
        places = [getattr(self, f"slider{n + 1}") for n in range(len(self.sliders))]
        together = next(
            (options for option, (_, options) in zip(picked, self.choices, strict=True) if option == ALL), [""]
        )
        return {
            each: (
                *(
                    o.index(each if option == ALL else option)
                    for option, (_, o) in zip(picked, self.choices, strict=True)
                ),
                *places,
            )
            for each in together
        }

    def said(self) -> dict[str, str]:
        """Return the read-outs as the reader sees them; where all options are shown at once, label and option."""
        said, settings = {}, self.settings()
        for label, (values, spec) in self._readouts.items():
            for option, setting in settings.items():
                distinct = len(settings) > 1 and values.shape[self._over] > 1
                said.setdefault(f"{label}, {option}" if distinct else label, _said(values, setting, spec))
        return said

    @property
    def picture_size(self):
        """Inches."""
        return 5.2, 0.6 + 2.6 * len(self._panels)

    @property
    def alt(self):
        lines = "; ".join(f"{panel.label}, against {panel.x_label}" for panel in self._panels)
        controls = [label for label, _ in [*self.choices, *self.sliders]]
        return f"{self._description} Lines of {lines}, for every setting of {' and '.join(controls)}.".strip()

    def draw(self, figure):
        axes = np.atleast_1d(figure.subplots(len(self._panels), 1))
        for axis, panel, lines in zip(axes, self._panels, self._lines, strict=True):
            self._draw_panel(axis, panel, lines)
        chosen = [f"{label}: {getattr(self, f'choice{n + 1}')}" for n, (label, _) in enumerate(self.choices)]
        chosen += [
            f"{label}: {names[getattr(self, f'slider{n + 1}')]}" for n, (label, names) in enumerate(self.sliders)
        ]
        said = [f"{label}: {text}" for label, text in self.said().items()] if len(self.settings()) == 1 else []
        figure.suptitle("\n".join(textwrap.fill(line, 56) for line in [", ".join(chosen), *said]), fontsize=11.5)

    def _draw_panel(self, axis, panel, lines):
        settings = self.settings()
        for n, (name, line) in enumerate(lines.items()):
            for k, (option, setting) in enumerate(settings.items()):
                once = len(settings) == 1 or line.shape[self._over] == 1
                if once and k:
                    continue
                colour, style = self._style(name, n, option, k, once)
                values = _at(line, setting)
                if values.ndim == 2:
                    axis.fill_between(panel.x, values.min(axis=-1), values.max(axis=-1), color=colour, alpha=0.17, lw=0)
                    values = np.median(values, axis=-1)
                called = name if once else f"{option}, {name}" if n else option
                axis.plot(panel.x, values, color=colour, linestyle=style, linewidth=1.8, label=called)
        drawn = len(axis.lines)
        for name, value in panel.levels.items():
            axis.axhline(value, color=GREY, linestyle=":", linewidth=1)
            axis.text(panel.x[-1], value, f"{name} ", va="bottom", ha="right", fontsize=10)
        for name, mark in panel.marks.items():
            at = mark if np.ndim(mark) == 0 else _at(np.asarray(mark), next(iter(settings.values())))
            axis.axvline(at, color=GREY, linestyle=":", linewidth=1)
            axis.text(at, panel.reach[1], f" {name}", va="top", fontsize=10)
        axis.set(ylim=panel.reach, yscale=panel.scale, xscale=panel.x_scale, xlabel=panel.x_label)
        axis.set_title(": ".join(filter(None, (panel.label, panel.y_label))), fontsize=11.5, loc="left")
        if drawn > 1:
            axis.legend(fontsize=9.5, frameon=False)

    @property
    def _over(self) -> int:
        return [label for label, _ in self.choices].index(self.overlay)

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


def summed_up(values: Array, axes: int) -> Array:
    """Return median, smallest and largest along the seeds, or the values themselves, on a new first axis.

    Parameters
    ----------
    values : array, (..., [seeds])
    axes : int
        How many axes there are without seeds.
    """
    if values.ndim == axes:
        return values[None]
    return np.stack([np.median(values, axis=-1), values.min(axis=-1), values.max(axis=-1)])


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


def _text(value) -> str:
    return value if isinstance(value, str) else f"{value:g}".replace("-", "−")


def _at(values: Array, setting: tuple[int, ...]) -> Array:
    """Return the part of an array over the grid that belongs to a setting; an axis of length 1 stands for all."""
    return values[tuple(place if size > 1 else 0 for place, size in zip(setting, values.shape, strict=False))]


def _said(values: Array, setting: tuple[int, ...], spec: str) -> str:
    here = np.atleast_1d(_at(values, setting))
    texts = [
        shown(np.float32(each), spec) for each in ((np.median(here), here.min(), here.max()) if len(here) > 1 else here)
    ]
    return texts[0] if len(texts) == 1 else f"{texts[0]} [{texts[1]}, {texts[2]}]"


def _fits(shape: tuple[int, ...], grid: tuple[int, ...]) -> bool:
    return len(shape) == len(grid) and all(size in (1, full) for size, full in zip(shape, grid, strict=True))


def _line(line, grid: tuple[int, ...], panel: Panel, name: str) -> Array:
    """Return a line with all the axes of the grid, its points and, perhaps, its seeds."""
    line = np.asarray(line, float)
    points = len(panel.x)
    if line.shape == (points,):
        line = line.reshape((1,) * len(grid) + line.shape)
    if not _fits(line.shape[: len(grid) + 1], (*grid, points)) or line.ndim > len(grid) + 2:
        raise ValueError(
            f"lines[{name!r}] of {panel.label!r} must have shape {(*grid, points)}, for (choices..., sliders..., "
            f"points), or that and an axis of seeds; got {line.shape}."
        )
    if line.shape[len(grid)] != points:
        raise ValueError(f"lines[{name!r}] of {panel.label!r} must have {points} points, as x has; got {line.shape}.")
    return line


def _over_grid(values, grid: tuple[int, ...], name: str, seeds: bool = True) -> Array:
    values = checks.finite(values, name).astype(float)
    if not _fits(values.shape[: len(grid)], grid) or values.ndim > len(grid) + seeds:
        more = " or that and an axis of seeds;" if seeds else ""
        raise ValueError(f"{name} must have shape {grid}, for (choices..., sliders...);{more} got {values.shape}.")
    return values


def _check_controls(panels, choices, sliders) -> None:
    if not panels or not all(isinstance(panel, Panel) for panel in panels):
        raise TypeError(f"panels must be a list of Panel(...); got {panels!r}.")
    if not choices and not sliders:
        raise ValueError("Curves needs at least one choice or slider; without any, draw a figure.")
    for kind, given in (("panels", panels), ("choices", choices), ("sliders", sliders)):
        if len(given) > MOST[kind]:
            raise ValueError(f"{kind} may be at most {MOST[kind]}; got {len(given)}.")
    for label, options in choices.items():
        if isinstance(options, str) or len(set(options)) < max(len(options), 1) or ALL in options:
            raise ValueError(
                f"choices[{label!r}] must be one or more different names, none of them 'all'; got {options!r}."
            )
    for label, values in sliders.items():
        if len(values) < 2:
            raise ValueError(f"sliders[{label!r}] must have two or more places; got {values!r}.")


def _begin(choices, sliders: Mapping, start: Mapping, overlay: str) -> dict:
    """Return the traits to begin with."""
    for label in start:
        one_of("a label in start", label, [*(c for c, _ in choices), *sliders])
    begin = {f"choice{n + 1}": start.get(label, options[0]) for n, (label, options) in enumerate(choices)}
    for n, (label, values) in enumerate(sliders.items()):
        begin[f"slider{n + 1}"] = _place(label, list(values), start[label]) if label in start else 0
    return begin


def _place(label: str, values: list, value) -> int:
    if value in values:
        return values.index(value)
    numbers = [v for v in values if not isinstance(v, str)]
    if len(numbers) < len(values) or isinstance(value, str):
        return values.index(one_of(f"start[{label!r}]", value, values))
    return int(np.argmin(np.abs(np.array(numbers) - value)))
