"""The clinic: cases with one hidden cause each, to be diagnosed from what is seen over time, measured, and repaired."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import traitlets

from nonlinear import checks
from nonlinear.course.looks import GREY, INK, PALETTE, dashes
from nonlinear.special import Array
from nonlinear.widgets._base import Widget, module, one_of, pack, shown
from nonlinear.widgets._grid import SCALES

UNSEEN, MEASURED, REPAIRED = range(3)
LOOKS = [PALETTE[k] for k in (0, 1, 2, 3, 6, 5)]  # two greens beside each other are hard to tell apart
ROOTS = 255  # steps in which the root of a share is stored


@dataclass(frozen=True)
class Chart:
    """Lines over time, one or more for each case.

    Parameters
    ----------
    label : str
    lines : array, (cases, times, lines)
        Infinity lies above the chart, and 0 on the lower edge of a log axis.
    names : sequence of str
        Of the lines.
    limits : (float, float)
    scale : {"linear", "log"}
    levels : mapping of str to float, optional
        Values that are marked.
    """

    label: str
    lines: Array
    names: Sequence[str]
    limits: tuple[float, float]
    scale: str = "linear"
    levels: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Tool:
    """A measurement: a line for each case, and what may come out.

    Parameters
    ----------
    label : str
    x : array, (points,)
    lines : array, (cases, points)
    x_label : str
    limits : (float, float)
    outcomes : sequence of str
        What a reader may predict.
    found : sequence of int
        The outcome of each case, by its place.
    x_scale : {"linear", "log"}
    """

    label: str
    x: Array
    lines: Array
    x_label: str
    limits: tuple[float, float]
    outcomes: Sequence[str]
    found: Sequence[int]
    x_scale: str = "linear"


@dataclass(frozen=True)
class Words:
    """What is said of each case, once the reader has answered.

    Parameters
    ----------
    measured : sequence of sequence of str
        By case and tool.
    verdict : sequence of sequence of str
        By case and cause.
    repaired : sequence of sequence of str
        By case and repair.
    """

    measured: Sequence[Sequence[str]]
    verdict: Sequence[Sequence[str]]
    repaired: Sequence[Sequence[str]]


class Clinic(Widget):
    """Cases that show what is seen of them over time, and no more until the reader has answered.

    The reader chooses a cause and predicts an outcome; then the tool is shown, with a verdict on both. At last comes a
    repair. The last case is healthy: it is there to compare, and nothing is asked about it.

    Parameters
    ----------
    cases : sequence of str
    times : sequence of float
        Positive and rising.
    charts : sequence of Chart
    sizes : array, (cases, times, layers, bins)
        Shares; the first bin stands apart.
    bins : sequence of float
        The logarithm to base 10 of the lower edge of each bin after the first, and of the last one's upper edge.
    causes : sequence of str
    tools : sequence of Tool
    repairs : mapping of str to array, (cases, times)
        What the first line of the first chart is after the repair.
    words : Words
        Not readable in the page's source, so that nobody reads it by accident.
    time : str
        What the slider is called.
    step : int
        The place of the time to begin with.
    note, description : str
        Shown below the charts; said of the picture.
    name : str
    """

    _esm = module("clinic", "geometry/lines", "_lines")
    picture_size = (5.2, 7.6)

    case = traitlets.Unicode().tag(sync=True)
    step = traitlets.Int().tag(sync=True)
    cause = traitlets.Unicode().tag(sync=True)
    forecast = traitlets.Unicode().tag(sync=True)
    repair = traitlets.Unicode().tag(sync=True)
    seen = traitlets.Int().tag(sync=True)
    cases = traitlets.List().tag(sync=True)
    times = traitlets.List().tag(sync=True)
    time = traitlets.Unicode().tag(sync=True)
    charts = traitlets.List().tag(sync=True)
    bins = traitlets.List().tag(sync=True)
    causes = traitlets.List().tag(sync=True)
    tools = traitlets.List().tag(sync=True)
    forecasts = traitlets.List().tag(sync=True)
    outcomes = traitlets.List().tag(sync=True)
    repairs = traitlets.List().tag(sync=True)
    looks = traitlets.List([[colour, dark, dashes(style)] for colour, style, dark in LOOKS]).tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        cases: Sequence[str],
        times: Sequence[float],
        charts: Sequence[Chart],
        sizes,
        bins: Sequence[float],
        causes: Sequence[str],
        tools: Sequence[Tool],
        repairs: Mapping[str, Array],
        words: Words,
        time: str = "step",
        step: int = 0,
        note: str = "",
        description: str = "",
        name: str = "clinic",
    ):
        sizes = checks.finite(sizes, "sizes")
        _check(list(cases), list(times), charts, sizes, list(bins), tools, repairs, words, list(causes))
        self._description = description
        hidden = {"words": vars(words), "found": [list(tool.found) for tool in tools]}
        packed = [_short(chart.lines) if len(chart.names) > 1 else np.float32(chart.lines) for chart in charts]
        arrays = {f"chart {n}": lines for n, lines in enumerate(packed)}
        arrays |= {f"tool {n}": _short(tool.lines) for n, tool in enumerate(tools)}
        arrays["repaired"] = _short(np.stack(list(repairs.values()), axis=1))
        arrays["roots"] = np.rint(ROOTS * np.sqrt(sizes)).astype(np.uint8)
        arrays["hidden"] = np.frombuffer(json.dumps(hidden, default=list).encode(), np.uint8)
        data, data_layout = pack(arrays)
        super().__init__(
            name=name,
            shared=["case", "step", "cause", "forecast", "repair", "seen"],
            places={"step": [float(each) for each in times]},
            data=data,
            data_layout=data_layout,
            cases=list(cases),
            times=[float(each) for each in times],
            time=time,
            charts=[
                {"label": c.label, "names": list(c.names), "limits": list(c.limits), "scale": c.scale,
                 "levels": [[word, float(value)] for word, value in (c.levels or {}).items()]}
                for c in charts
            ],
            bins=[float(each) for each in bins],
            causes=list(causes),
            tools=[
                {"label": t.label, "x": [float(f"{x:.6g}") for x in t.x], "x_label": t.x_label, "x_scale": t.x_scale,
                 "limits": list(t.limits)}
                for t in tools
            ],
            forecasts=[f"{t.label}: {outcome}" for t in tools for outcome in t.outcomes],
            outcomes=[len(t.outcomes) for t in tools],
            repairs=list(repairs),
            note=note,
            case=cases[0],
            step=step,
        )  # fmt: skip
        self._tools = [(n, k) for n, tool in enumerate(tools) for k in range(len(tool.outcomes))]

    @traitlets.validate("case", "cause", "forecast", "repair")
    def _known(self, proposal):
        trait = proposal["trait"].name
        known = getattr(self, f"{trait}s")
        return one_of(trait, proposal["value"], known if trait == "case" else ["", *known])

    @traitlets.validate("step")
    def _a_place(self, proposal):
        return one_of("step", proposal["value"], range(len(self.times)))

    @traitlets.validate("seen")
    def _a_stage(self, proposal):
        return one_of("seen", proposal["value"], (UNSEEN, MEASURED, REPAIRED))

    @traitlets.default("room")
    def _room(self):
        charts, lines = len(self.charts), -(-len(self.note) // 52)
        return [990 + 275 * charts + 21 * lines, 610 + 240 * -(-(charts + 1) // 2)]

    def said(self) -> list[str]:
        """Return what the reader is told so far, a paragraph each."""
        case, hidden = self.cases.index(self.case), json.loads(self.arrays()["hidden"].tobytes())
        if self.seen < MEASURED or not (self.cause and self.forecast) or case == len(self.cases) - 1:
            return []
        tool, outcome = self._tools[self.forecasts.index(self.forecast)]
        right = hidden["found"][tool][case] == outcome
        words = hidden["words"]
        said = [
            f"{words['measured'][case][tool]} {'As you predicted.' if right else 'You predicted something else.'}",
            words["verdict"][case][self.causes.index(self.cause)],
        ]
        if self.seen == REPAIRED and self.repair:
            said.append(words["repaired"][case][self.repairs.index(self.repair)])
        return said

    @property
    def alt(self):
        charts = "; ".join(chart["label"] for chart in self.charts)
        return (
            f"{self._description} Charts over {self.time}: {charts}. Below them, histograms of the sizes of the "
            "activations, a row for each hidden layer, at the time that is chosen."
        ).strip()

    def draw(self, figure):
        case, arrays = self.cases.index(self.case), self.arrays()
        roots = arrays["roots"][case, self.step] / ROOTS
        rows = figure.subplots(len(self.charts) + 1, 1, height_ratios=[*[1] * len(self.charts), 1.25])
        for n, (axes, chart) in enumerate(zip(rows, self.charts, strict=False)):
            low, high = chart["limits"]
            for line, name, (colour, style, _) in zip(
                arrays[f"chart {n}"][case].T, chart["names"], LOOKS, strict=False
            ):
                drawn = np.clip(np.nan_to_num(line, posinf=2 * high), low, 2 * high)
                axes.plot(self.times, drawn, color=colour, linestyle=style, linewidth=1.8, label=name)
            for word, level in chart["levels"]:
                axes.axhline(level, color=GREY, linestyle=":", linewidth=1)
                axes.text(self.times[-1], level, f"{word} ", va="bottom", ha="right", fontsize=11.7)
            if len(chart["names"]) == 1:
                words = beyond(arrays[f"chart {n}"][case, :, 0], high)
                axes.text(0.98, 0.95, words, transform=axes.transAxes, va="top", ha="right", fontsize=11.7)
            axes.axvline(self.times[self.step], color=INK, linewidth=1, linestyle=(0, (3, 2)))
            axes.set(xscale="log", yscale=chart["scale"], ylim=(low, high), xlim=(self.times[0], self.times[-1]))
            axes.set_title(chart["label"], fontsize=12, loc="left")
            axes.tick_params(which="both", labelbottom=n == len(self.charts) - 1)
            if len(chart["names"]) > 1 and n == 1:
                axes.legend(
                    fontsize=11.7, frameon=False, ncols=len(chart["names"]), columnspacing=0.8, handlelength=1.4
                )
        histogram = rows[-1]
        for layer, shares in enumerate(roots):
            histogram.bar(_places(self.bins), 0.85 * shares, 0.45, bottom=-layer, color=LOOKS[layer][0])
        histogram.set_yticks(range(0, -len(roots), -1), [f"{layer + 1}" for layer in range(len(roots))])
        even = [place for place in self.bins if place == round(place) and place % 2 == 0]
        histogram.set_xticks([self.bins[0] - 1.5, *even], ["0", *(shown(10.0**place, ".1g") for place in even)])
        histogram.set_title(
            f"sizes of activations, layer by layer, {self.time} {self.times[self.step]:g}", fontsize=12, loc="left"
        )
        figure.suptitle(f"network {self.case}", fontsize=12)


def beyond(line: Array, top: float) -> str:
    """Return what is written on a chart of one line that leaves it at the top: where it begins, and how far it goes.

    >>> beyond(np.array([7.68, 63.3, np.inf, 2.0]), 4), beyond(np.array([2.5, 19.0]), 4), beyond(np.array([2.5]), 4)
    ('from 7.68 up to 63.3', 'up to 19', '')
    """
    highest = np.max(line[np.isfinite(line)], initial=-np.inf)
    start = f"from {shown(line[0], '.3g')} " if np.isfinite(line[0]) and line[0] > top else ""
    return f"{start}up to {shown(highest, '.3g')}" if highest > top else ""


def _places(bins: Sequence[float]) -> Array:
    """Return where the bars stand: that of the first bin apart from the others."""
    edges = np.array(bins)
    return np.array([edges[0] - 1.5, *(edges[:-1] + edges[1:]) / 2])


def _short(lines) -> Array:
    """Return float32 with 12 bits of their fractions, which compress better: about a part in ten thousand."""
    lines = np.ascontiguousarray(lines, np.float32)
    kept = ((lines.view(np.uint32) + 0x400) & np.uint32(0xFFFFF800)).view(np.float32)
    return np.where(np.isfinite(lines), kept, lines)


def _check(cases, times, charts, sizes, bins, tools, repairs, words, causes) -> None:
    """Refuse what does not fit together."""
    if np.any(np.diff(times) <= 0) or times[0] <= 0 or len(times) < 2:
        raise ValueError(f"times must be two or more positive and rising numbers; got {times!r}.")
    if sizes.shape[:2] != (len(cases), len(times)) or sizes.ndim != 4 or sizes.shape[-1] != len(bins):
        raise ValueError(
            f"sizes must have the shape {(len(cases), len(times), 'layers', len(bins))}, for (cases, times, layers, "
            f"bins); got {sizes.shape}."
        )
    for chart in charts:
        one_of("scale", chart.scale, SCALES)
        wanted = (len(cases), len(times), len(chart.names))
        if np.shape(chart.lines) != wanted:
            raise ValueError(f"lines of {chart.label!r} must have the shape {wanted}; got {np.shape(chart.lines)}.")
    for tool in tools:
        if np.shape(tool.lines) != (len(cases), len(tool.x)) or len(tool.found) != len(cases):
            raise ValueError(
                f"lines of {tool.label!r} must have the shape {(len(cases), len(tool.x))}, and found an outcome for "
                f"each case; got {np.shape(tool.lines)} and {len(tool.found)}."
            )
    for label, lines in repairs.items():
        if np.shape(lines) != (len(cases), len(times)):
            raise ValueError(
                f"repairs[{label!r}] must have the shape {(len(cases), len(times))}; got {np.shape(lines)}."
            )
    for part, options in (("measured", tools), ("verdict", causes), ("repaired", repairs)):
        if [len(row) for row in getattr(words, part)] != [len(options)] * (len(cases) - 1):
            raise ValueError(f"words.{part} must have a row for each case but the last, of {len(options)} texts each.")
