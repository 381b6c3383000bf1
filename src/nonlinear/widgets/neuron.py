"""Kill one neuron: a single ReLU over the unit square, with its bias and weights on sliders."""

from dataclasses import dataclass

import numpy as np
import traitlets

from nonlinear import checks
from nonlinear.activations import ReLU
from nonlinear.course.looks import BLUE, GREY, INK
from nonlinear.course.text import minus
from nonlinear.special import Array
from nonlinear.widgets._base import Widget, module, pack

RANGES = {"bias": (-4.0, 1.0), "w1": (-2.0, 2.0), "w2": (-2.0, 2.0)}  # the critical bias lies in [-4, 0]
VIEW = (-0.35, 1.35)


@dataclass(frozen=True)
class Readouts:
    """What the unit h = max(0, w.x + b) does on some points of the unit square.

    Attributes
    ----------
    on, total : int
        How many points have z > 0, and how many there are.
    critical : float
        The bias at and below which z <= 0 in all of the square.
    largest : float
        The largest z in the square.
    gradient : tuple of float
        Slopes of the mean output in w1, w2 and b.
    state : str
        "alive", "silent" (on at no point, though some corner of the square has z > 0) or "dead" (on nowhere).
    """

    on: int
    total: int
    critical: float
    largest: float
    gradient: tuple[float, float, float]
    state: str


def neuron_readouts(points, w, b: float) -> Readouts:
    """Return what the widget says about a setting; the script computes the same, and a test compares the two.

    z is rounded to 12 decimals, so that 0.1 + 0.2 - 0.3 is the 0 that it means. A point with z = 0 is off.

    Parameters
    ----------
    points : array, (n, 2)
    w : pair of float
    b : float

    Examples
    --------
    >>> neuron_readouts([[0.5, 0.5], [1, 0]], (0.9, 0.6), -0.8)
    Readouts(on=1, total=2, critical=-1.5, largest=0.7, gradient=(0.5, 0.0, 0.5), state='alive')
    >>> neuron_readouts([[0.5, 0.5], [1, 0]], (0.9, 0.6), -1.5).state
    'dead'
    """
    points, w = np.asarray(points, float), np.asarray(w, float)
    z = tidy(points @ w + b)
    delta, _ = ReLU().pullback(z, np.full_like(z, 1 / len(z)))
    critical = -float(np.maximum(w, 0).sum())
    on, largest = int((z > 0).sum()), float(tidy(b - critical))
    gradient = tuple(float(slope) for slope in (*(delta @ points), delta.sum()))
    state = "dead" if largest <= 0 else "alive" if on else "silent"
    return Readouts(on, len(points), critical, largest, gradient, state)


def tidy(z: Array) -> Array:
    """Return ``z`` rounded to 12 decimals, halves upwards as in the script."""
    return np.floor(z * 1e12 + 0.5) / 1e12


def checked_points(points) -> Array:
    """Return ``points`` as float64, refusing what does not lie in the unit square."""
    points = checks.finite(points, "points").astype(np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
        raise ValueError(
            f"points must have shape (n, 2) with n >= 1, one row a point; got {points.shape}: put x1 and x2 in columns."
        )
    outside = np.argwhere((points < 0) | (points > 1))
    if len(outside):
        row, column = (int(i) for i in outside[0])
        raise ValueError(
            f"points must lie in the unit square [0, 1] x [0, 1]; got {points[row, column]} in row {row}. "
            "Rescale them, for instance with (x - x.min(0)) / (x.max(0) - x.min(0))."
        )
    return points


class Neuron(Widget):
    """A single ReLU, h = max(0, w1 x1 + w2 x2 + b), seen from above.

    Its line z = 0 moves over the points as the sliders move; read-outs tell how many points it is on for, and the
    slopes of its mean output, which are all that gradient descent has to go by.

    Parameters
    ----------
    points : array, (n, 2)
        In the unit square.
    bias, w1, w2 : float
        The setting at the start; within ``RANGES``.
    presets : dict of str to (bias, w1, w2), optional
        Further buttons, by label.
    name : str

    Examples
    --------
    >>> widget = Neuron([[0.2, 0.3], [0.7, 0.9]], bias=-2, presets={"one bad step": (-1.09, 0.3, -0.17)})
    >>> widget.readouts().state
    'dead'
    """

    _esm = module("neuron", "geometry/polygons", "geometry/half_plane")
    picture_size = (5.2, 6.6)

    bias = traitlets.Float().tag(sync=True)
    w1 = traitlets.Float().tag(sync=True)
    w2 = traitlets.Float().tag(sync=True)
    presets = traitlets.List().tag(sync=True)
    ranges = traitlets.Dict().tag(sync=True)

    def __init__(self, points, bias=0.2, w1=0.9, w2=0.6, presets=None, name="neuron"):
        data, data_layout = pack({"points": checked_points(points)})
        buttons = [[label, _checked_setting(label, setting)] for label, setting in (presets or {}).items()]
        super().__init__(
            name=name,
            shared=["bias", "w1", "w2"],
            data=data,
            data_layout=data_layout,
            presets=buttons,
            ranges={trait: list(limits) for trait, limits in RANGES.items()},
            bias=bias,
            w1=w1,
            w2=w2,
        )

    @traitlets.validate("bias", "w1", "w2")
    def _within_its_slider(self, proposal):
        return _within(proposal["trait"].name, proposal["value"])

    @traitlets.default("room")
    def _room(self):
        return [1052, 614] if self.presets else [1006, 584]

    def readouts(self) -> Readouts:
        """Return what the widget says about its present setting."""
        return neuron_readouts(self.arrays()["points"], (self.w1, self.w2), self.bias)

    @property
    def alt(self):
        return (
            "A single ReLU unit over the unit square, seen from above: the region where it is on is shaded, with "
            "contours; its edge is the line w1 x1 + w2 x2 + b = 0; points where it is on are filled and the others "
            "hollow. Below, a number line of the bias b, hatched up to the critical bias "
            "b* = -(max(w1, 0) + max(w2, 0)), at and below which no input in the square switches the unit on."
        )

    def draw(self, figure):
        square, line = figure.subplots(2, 1, height_ratios=[8, 1])
        self._draw_square(square)
        self._draw_bias(line)

    def _draw_square(self, axes):
        points, said = self.arrays()["points"], self.readouts()
        side = np.linspace(*VIEW, 201)
        z = self.w1 * side + self.w2 * side[:, None] + self.bias
        levels = np.arange(0, 7.5, 0.5)
        if z.max() > 0:
            axes.contourf(side, side, z, levels, colors=[(BLUE, 0.1 + 0.05 * k) for k in range(len(levels))])
            contours = axes.contour(side, side, z, levels, colors=BLUE, linewidths=[2.5] + [0.8] * (len(levels) - 1))
            axes.clabel(contours, levels[1:], fmt="h = %g", fontsize=11.7)
        on = tidy(points @ [self.w1, self.w2] + self.bias) > 0
        axes.plot(*points[on].T, "o", color=BLUE, markersize=5.5, markeredgecolor="white", markeredgewidth=0.6)
        axes.plot(*points[~on].T, "o", color="none", markersize=5.5, markeredgecolor=INK)
        axes.plot([0, 1, 1, 0, 0], [0, 0, 1, 1, 0], color=INK, linewidth=1.3)
        axes.set(xlim=VIEW, ylim=VIEW, xticks=[0, 0.5, 1], yticks=[0, 0.5, 1], xlabel="x₁", ylabel="x₂", aspect=1)
        w1, w2, bias = minus(f"{self.w1:.2f} {self.w2:+.2f} {self.bias:+.2f}").split()
        unit = f"h = max(0, {w1} x₁ {w2[0]} {w2[1:]} x₂ {bias[0]} {bias[1:]})"
        axes.set_title(f"{unit}\non at {said.on} of {said.total} points", fontsize=12)

    def _draw_bias(self, axes):
        low, high = RANGES["bias"]
        critical = self.readouts().critical
        axes.barh(0, critical - low, left=low, height=1, color="white", edgecolor=GREY, hatch="////")
        axes.barh(0, high - critical, left=critical, height=1, color=BLUE, alpha=0.2)
        axes.axvline(critical, color=INK, linewidth=2)
        axes.plot(self.bias, 0.9, "v", color=INK, markersize=9, clip_on=False)
        for word, start, end in (("dead", low, critical), ("can wake", critical, high)):
            axes.text((start + end) / 2, 0, word, ha="center", va="center", bbox={"color": "white", "pad": 2})
        label = minus(f"bias b = {self.bias:.2f}, dead up to b* = {critical:.2f}")
        axes.set(xlim=(low, high), ylim=(-0.5, 0.9), yticks=[], xlabel=label)
        axes.spines[["left", "top", "right"]].set_visible(False)


def _checked_setting(label, setting) -> list[float]:
    if not isinstance(label, str) or np.shape(setting) != (3,):
        raise ValueError(f"presets must map labels to (bias, w1, w2); got {label!r}: {setting!r}.")
    return [_within(trait, value) for trait, value in zip(RANGES, setting, strict=True)]


def _within(trait: str, value) -> float:
    low, high = RANGES[trait]
    if not low <= value <= high:
        raise ValueError(f"{trait} must lie between {low:g} and {high:g}, the ends of its slider; got {value!r}.")
    return float(value)
