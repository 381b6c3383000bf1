"""Maps of the plane over a grid of settings: where a function of two inputs is above a threshold, and where below."""

from collections.abc import Mapping, Sequence

import numpy as np
import traitlets

from nonlinear import checks
from nonlinear.course.looks import BLUE, INK, OCHRE
from nonlinear.special import Array
from nonlinear.widgets._base import module, one_of, pack
from nonlinear.widgets._grid import TOOLS, OverGrid, at_setting, axes_of, fits

HALF = 24  # steps of a packed value to either side of the threshold; their square root makes them finest there
BUDGET = 50_000  # bytes; with its script, a widget stays below 60 kB


class Maps(OverGrid):
    """A function of two inputs, seen from above, for every setting of a few lists and sliders.

    Where the function is above ``threshold`` the plane is hatched; further than ``strong`` from it, both sides are
    darker. Points of two classes may lie on the map: discs for label 0, triangles for label 1.

    Parameters
    ----------
    values : array, (choices..., sliders..., rows, columns)
        Rows from below, columns from the left, both with their first and last value on the edge of the map. An axis of
        length 1 stands for a map that is the same for all those settings.
    extent : (float, float, float, float)
        Left, right, low and high edge.
    choices : mapping of str to sequence of str
        From a label to its options; at most three.
    sliders : mapping of str to sequence
        From a label to the values of its places, numbers or texts; at most three.
    points : mapping of str to (x, labels), optional
        By option of the first choice: x (points, 2) and labels 0 or 1, (points,).
    units : array, (choices..., sliders..., units, 3), optional
        Weights w1 and w2 and bias b of hidden units, whose lines w1 x1 + w2 x2 + b = 0 are drawn; NaN where there are
        fewer units. An axis of length 1 stands for all its settings.
    readouts : mapping of str to (array, str)
        From a label to values over (choices..., sliders...[, seeds]) and a format such as ".2f", ".1%" or ".3g".
    start : mapping of str to option or value, optional
        Where the reader begins, by the label of a choice or slider; the first option and place by default.
    threshold, strong : float
        Values further than twice ``strong`` from the threshold are kept as if they were not.
    sides : (str, str)
        What it means to be below and above the threshold, for the key.
    axis_labels : (str, str)
    note : str
        Below.
    description : str
        What there is to see, in a sentence or two, for readers who do not see it. It must hold for every setting.
    name : str
        Unique on its page, for links to a setting.

    Examples
    --------
    >>> x1, x2 = np.meshgrid(np.linspace(-1, 1, 21), np.linspace(-1, 1, 21))
    >>> slopes = np.array([0, 1, 2])
    >>> widget = Maps(slopes[:, None, None] * x1 + x2, (-1, 1, -1, 1), sliders={"slope": slopes})
    >>> round(widget.share(), 3)
    0.476
    """

    _esm = module("maps", "_grid", "geometry/contours", "geometry/polygons")
    picture_size = (5.2, 6.0)

    extent = traitlets.List().tag(sync=True)
    strong = traitlets.Float().tag(sync=True)
    sides = traitlets.List().tag(sync=True)
    axis_labels = traitlets.List().tag(sync=True)

    def __init__(
        self,
        values: Array,
        extent: tuple[float, float, float, float],
        choices: Mapping[str, Sequence[str]] | None = None,
        sliders: Mapping[str, Sequence] | None = None,
        points: Mapping[str, tuple[Array, Array]] | None = None,
        units: Array | None = None,
        readouts: Mapping[str, tuple[Array, str]] | None = None,
        start: Mapping[str, object] | None = None,
        threshold: float = 0.0,
        strong: float = 2.0,
        sides: tuple[str, str] = ("class 0", "class 1"),
        axis_labels: tuple[str, str] = ("x₁", "x₂"),
        note: str = "",
        description: str = "",
        name: str = "maps",
    ):
        controls = self._controls(choices, axes_of(sliders), readouts, start=start)
        checks.positive(strong, "strong")
        left, right, low, high = map(float, extent)
        if not (left < right and low < high):
            raise ValueError(f"extent must be (left, right, low, high), rising; got {extent!r}.")
        self._values, self._description = _checked_values(values, self._shape), description
        self._points = _checked_points(points, controls["choices"])
        self._units = {} if units is None else {"units": _checked_units(units, self._shape)}
        height = np.clip((self._values - threshold) / (2 * strong), -1, 1)
        largest = np.abs(height).max(
            axis=(-1, -2), keepdims=True
        )  # a map that hardly leaves the threshold is no rougher
        share = height / np.where(largest > 0, largest, 1)
        steps = np.rint(np.sign(share) * np.sqrt(np.abs(share)) * HALF) + HALF
        arrays = {f"points {n}": x for n, (x, _) in self._points.items()}
        labels = {f"labels {n}": labels for n, (_, labels) in self._points.items()}
        data, data_layout = pack(
            {
                "values": steps.astype(np.uint8),
                "largest": largest.astype(np.float32),
                **arrays,
                **labels,
                **self._units,
                **self._packed_readouts(),
            }
        )
        if len(data) > BUDGET:
            raise ValueError(
                f"the maps take {len(data):,} bytes, more than the {BUDGET:,} that a page should carry for a widget. "
                "Give fewer options or places, or fewer rows and columns."
            )
        super().__init__(
            name=name,
            data=data,
            data_layout=data_layout,
            extent=[left, right, low, high],
            strong=strong,
            sides=list(sides),
            axis_labels=list(axis_labels),
            note=note,
            **controls,
        )

    @traitlets.default("room")
    def _room(self):
        key = 18 * bool(self._units)
        narrow = self._controls_room(1) + 478 + self._words_room(1) + TOOLS + key
        return [narrow, 77 * -(-len(self.choices) // 2) + 450 + TOOLS + key]

    def height(self) -> Array:
        """Return how far the map that is shown is above the threshold, (rows, columns), as rounded for the script."""
        setting, arrays = next(iter(self.settings().values())), self.arrays()
        steps = at_setting(arrays["values"], setting).astype(float) / HALF - 1
        return steps * np.abs(steps) * at_setting(arrays["largest"], setting) * 2 * self.strong

    def units(self) -> Array:
        """Return weights and bias of the hidden units whose lines are drawn, (units, 3)."""
        units = at_setting(self._units["units"], next(iter(self.settings().values())))
        return units[~np.isnan(units).any(axis=-1)]

    def share(self) -> float:
        """Return the share of the map's values that are above the threshold, now."""
        return float(np.mean(self.height() > 0))

    @property
    def alt(self):
        controls = [label for label, _ in [*self.choices, *self.sliders]]
        points = " Discs and triangles are the points of the two classes." if self._points else ""
        lines = " Dashed lines: where a hidden unit has z = 0." if self._units else ""
        return (
            f"{self._description} A map of the plane for every setting of {' and '.join(controls)}: hatched where it "
            f"says {self.sides[1]}, plain where it says {self.sides[0]}, with a thick line between.{points}{lines}"
        ).strip()

    def draw(self, figure):
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch

        axes, shown = figure.subplots(), self.height()
        x, y = (np.linspace(*self.extent[2 * k : 2 * k + 2], shown.shape[1 - k]) for k in (0, 1))
        shades = [(*_rgb(OCHRE), a) for a in (0.32, 0.14)] + [(*_rgb(BLUE), a) for a in (0.16, 0.36)]
        axes.contourf(x, y, shown, [-9 * self.strong, -self.strong, 0, self.strong, 9 * self.strong], colors=shades)
        if shown.max() > 0:
            hatched = axes.contourf(x, y, shown, [0, 9 * self.strong], colors="none", hatches=["///"])
            hatched.set(edgecolor="#7fa3cf", linewidth=0)
        if shown.min() < 0 < shown.max():
            axes.contour(x, y, shown, [0], colors=INK, linewidths=2.2)
        key = [Patch(facecolor=shades[1], label=f"says {self.sides[0]}")]
        key += [Patch(facecolor=shades[2], hatch="///", edgecolor=BLUE, label=f"says {self.sides[1]}")]
        if points := self._points.get(self.choices[0][1].index(self.choice1) if self.choices else 0):
            for k, (marker, colour, dot) in enumerate((("o", OCHRE, 5), ("^", BLUE, 6.5))):
                style = {
                    "linestyle": "",
                    "marker": marker,
                    "color": colour,
                    "markersize": dot,
                    "markeredgecolor": "white",
                }
                axes.plot(*points[0][points[1] == k].T, **style)
                key.append(Line2D([], [], label=f"is {self.sides[k]}", **style))
        for w1, w2, b in self.units() if self._units else ():
            foot = -b * np.array([w1, w2]) / (w1**2 + w2**2)
            axes.axline(foot, foot + [-w2, w1], color=INK, linewidth=1, dashes=(5, 4))
        axes.set(aspect="equal", xlabel=self.axis_labels[0], ylabel=self.axis_labels[1])
        axes.set(xlim=self.extent[:2], ylim=self.extent[2:])
        figure.legend(handles=key, ncols=2, loc="outside lower center", frameon=False)
        figure.suptitle(self._heading(), fontsize=12)


def _rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))


def _checked_values(values, grid: tuple[int, ...]) -> Array:
    values = checks.finite(values, "values")
    if values.ndim != len(grid) + 2 or not fits(values.shape[:-2], grid) or min(values.shape[-2:]) < 2:
        raise ValueError(
            f"values must have shape {(*grid, 'rows', 'columns')}, for (choices..., sliders..., rows, columns), with "
            f"two or more rows and columns; got {values.shape}."
        )
    return values


def _short(values) -> Array:
    """Return values as float32 with 11 bits after the first: a tenth of a pixel, and they pack well."""
    return (np.array(values, np.float32).view(np.uint32) & 0xFFFFF000).view(np.float32)


def _checked_units(units, grid: tuple[int, ...]) -> Array:
    units = np.asarray(units, np.float32)
    if not fits(units.shape[:-2], grid) or units.shape[-1] != 3:
        raise ValueError(
            f"units must have shape {(*grid, 'units', 3)}, for (choices..., sliders..., units, w1 w2 b); "
            f"got {units.shape}."
        )
    return _short(units)


def _checked_points(points, choices) -> dict[int, tuple[Array, Array]]:
    """Return the points by the place of their option."""
    checked, options = {}, choices[0][1] if choices else []
    for option, (x, labels) in (points or {}).items():
        place = options.index(one_of("an option in points", option, options))
        x, labels = _short(checks.finite(x, f"points[{option!r}]")), np.asarray(labels)
        if x.ndim != 2 or x.shape[1] != 2 or labels.shape != x.shape[:1] or not np.isin(labels, (0, 1)).all():
            raise ValueError(
                f"points[{option!r}] must be x of shape (n, 2) and n labels, each 0 or 1; got shapes {x.shape} and "
                f"{labels.shape}."
            )
        checked[place] = x, labels.astype(np.uint8)
    return checked
