"""The forest: differences from one baseline, a row each, ranked anew at every setting."""

from collections.abc import Mapping, Sequence

import numpy as np
import traitlets

from nonlinear.course.compare import Difference
from nonlinear.course.looks import BLUE, GREY, INK, OCHRE
from nonlinear.special import Array
from nonlinear.widgets._base import module, number_format, one_of, pack, shown
from nonlinear.widgets._grid import OverGrid, axes_of

COLOURS = {"better": BLUE, "within the noise": GREY, "worse": OCHRE}


class Forest(OverGrid):
    """How much each of many ways differs from a baseline: two intervals to a row, those of two sets of seeds.

    The rows are ranked by the mean of the two medians, the best on top. A difference is better or worse where both
    intervals leave out 0 on the same side, and within the noise elsewhere. One row is followed from setting to setting.

    Parameters
    ----------
    rows : sequence of str
    measures : dict of str to (array, better, format)
        What the list offers: `Difference` objects, (sliders..., rows); 1 if larger is better and -1 if smaller is; and
        a format for the read-outs.
    sliders : dict of str to values
    row : str, optional
        The one that is followed at the start.
    start : dict, optional
        Where to start, by label of the slider.
    list_label, row_label : str
    baseline : str
    note, name : str

    Examples
    --------
    >>> from nonlinear.course.compare import difference
    >>> seeds = np.random.default_rng(0).normal(size=(2, 10))
    >>> apart = np.array([[difference(seeds + c * rate, seeds) for c in (9, -9)] for rate in (0, 1)], dtype=object)
    >>> widget = Forest(["up", "down"], {"points": (apart, 1, ".1f")}, {"rate": (0, 1)}, start={"rate": 1})
    >>> widget.ranked(), widget.verdict("down")
    (['up', 'down'], 'worse')
    """

    _esm = module("forest", "geometry/lines", "_grid")
    picture_size = (5.2, 7.5)

    row = traitlets.Unicode().tag(sync=True)
    rows = traitlets.List().tag(sync=True)
    measures = traitlets.List().tag(sync=True)
    row_label = traitlets.Unicode().tag(sync=True)
    baseline = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        rows: Sequence[str],
        measures: Mapping[str, tuple[Array, int, str]],
        sliders: Mapping[str, Sequence],
        row: str | None = None,
        start: Mapping | None = None,
        list_label: str = "measure",
        row_label: str = "row to follow",
        baseline: str = "the baseline",
        note: str = "",
        name: str = "forest",
    ):
        rows, axes = list(rows), axes_of(sliders)
        controls = self._controls({list_label: list(measures)}, axes, start=start)
        shape = (*self._shape[1:], len(rows))
        each = [_numbers(values, shape, label) for label, (values, *_) in measures.items()]
        data, data_layout = pack({"intervals": np.stack(each).astype(np.float32)})
        controls["shared"] = [*controls["shared"], "row"]
        super().__init__(
            name=name,
            data=data,
            data_layout=data_layout,
            rows=rows,
            row=rows[0] if row is None else row,
            measures=[
                {"label": label, "better": one_of("better", better, (1, -1)), "format": number_format(spec)}
                for label, (_, better, spec) in measures.items()
            ],
            row_label=row_label,
            baseline=baseline,
            note=note,
            **controls,
        )

    @traitlets.validate("row")
    def _known_row(self, proposal):
        return one_of("row", proposal["value"], self.rows)

    @traitlets.default("room")
    def _room(self):
        return [first + 22 * len(self.rows) + self._words_room(n) for first, n in ((466, 1), (362, 2))]

    def shown(self) -> Array:
        """Return the intervals at the present setting, (rows, sets, 3): median, lower and upper end."""
        return self.arrays()["intervals"][self.settings()[""]]

    def ranked(self) -> list[str]:
        """Return the rows from the best to the worst."""
        middle = self.shown()[..., 0].mean(axis=-1) * self._measure()["better"]
        return [self.rows[k] for k in np.argsort(-middle, kind="stable")]

    def verdict(self, row: str) -> str:
        """Return whether a row is better or worse than the baseline, or within the noise."""
        sign = _sign(self.shown()[self.rows.index(row)]) * self._measure()["better"]
        return {1: "better", 0: "within the noise", -1: "worse"}[sign]

    def sentence(self) -> str:
        """Return the sentence on the row that is followed."""
        spec = self._measure()["format"]
        each = [
            f"{signed(median, spec)} [{signed(low, spec)}, {signed(high, spec)}]"
            for median, low, high in self.shown()[self.rows.index(self.row)].tolist()
        ]
        place = self.ranked().index(self.row) + 1
        return f"{self.row}: place {place} of {len(self.rows)}; {' and '.join(each)}: {self.verdict(self.row)}."

    def _measure(self) -> dict:
        return self.measures[self.settings()[""][0]]

    @property
    def alt(self):
        what = " or ".join(measure["label"] for measure in self.measures)
        (label, _), *_ = self.sliders
        return (
            f"A row for each of {', '.join(self.rows)}: how it differs from {self.baseline} in {what}, as two "
            "intervals with their medians, one above the other, for two sets of seeds; ranked anew for each "
            f"{label}, the best on top. Intervals that leave out 0 in both sets are coloured, the others grey."
        )

    def draw(self, figure):
        axis, numbers, ranked = figure.subplots(), self.shown(), self.ranked()
        for place, row in enumerate(ranked):
            colour = COLOURS[self.verdict(row)]
            for (median, low, high), side in zip(numbers[self.rows.index(row)], (-0.17, 0.17), strict=True):
                axis.plot([low, high], [place + side] * 2, color=colour, linewidth=1.8)
                axis.plot(median, place + side, "o", color=colour, markersize=4)
        axis.axvline(0, color=INK, linewidth=1)
        axis.set_yticks(range(len(ranked)), ranked)
        axis.invert_yaxis()
        axis.set(xlabel=f"{self.choice1}, less {self.baseline}")
        figure.suptitle(self._heading(), fontsize=12)


def signed(value: float, spec: str) -> str:
    """Return a number with its sign.

    >>> print(signed(1.25, ".1f"), signed(-0.5, ".1f"), signed(0.0, ".1f"))
    +1.3 −0.5 0.0
    """
    text = shown(value, spec)
    return f"+{text}" if value > 0 and any(digit in text for digit in "123456789") else text


def _sign(intervals: Array) -> int:
    return int(intervals[:, 1].min() > 0) - int(intervals[:, 2].max() < 0)


def _numbers(values, shape: tuple[int, ...], label: str) -> Array:
    """Return differences as numbers, (..., sets, 3)."""
    values = np.asarray(values, object)
    if values.shape != shape or not all(isinstance(each, Difference) for each in values.flat):
        raise ValueError(
            f"measures[{label!r}] must hold a Difference for each setting and row, of shape {shape}; "
            f"got {values.shape}."
        )
    flat = [
        [(median, *interval) for median, interval in zip(each.medians, each.intervals, strict=True)]
        for each in values.flat
    ]
    return np.array(flat, float).reshape(*shape, 2, 3)
