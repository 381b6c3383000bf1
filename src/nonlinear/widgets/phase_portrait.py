"""One ReLU of one input, as a point of the plane of its kink and its slope, and where gradient descent takes it."""

from collections.abc import Sequence

import numpy as np
import traitlets

from nonlinear import checks
from nonlinear.activations import ReLU
from nonlinear.course.looks import BLUE, GREY, INK, VERMILLION
from nonlinear.losses import MeanSquaredError
from nonlinear.network import MLP, Dense
from nonlinear.optimisers import SGD, Adam
from nonlinear.special import Array
from nonlinear.training import full_batches, train
from nonlinear.widgets._base import Widget, module, one_of, pack

RULES = {
    "SGD": SGD,
    "momentum": lambda rate: SGD(rate, momentum=0.9),
    "Adam": Adam,
}
RATES = (0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0)
KINKS, SLOPES, STEPS = (-0.5, 1.5), (-3.0, 3.0), 200
HEIGHTS = (-0.6, 2.4)
UNIT = MLP(1, [Dense(1, ReLU())])


def walk(points, kink: float, slope: float, rule: str, rate: float, steps: int = STEPS) -> Array:
    """Return slope and bias of a unit at every step of gradient descent on all points, (steps + 1, 2).

    Parameters
    ----------
    points : array, (n, 2)
        An x and a target in each row; the loss is the mean squared error.
    kink, slope : float
        Where the unit max(0, slope * (x - kink)) starts.
    rule : {"SGD", "momentum", "Adam"}
    rate : float
    steps : int

    Examples
    --------
    >>> walk([[0, 1], [1, 2]], kink=1.0, slope=2.0, rule="momentum", rate=0.1, steps=2)
    array([[ 2., -2.],
           [ 2., -2.],
           [ 2., -2.]])
    """
    points = np.asarray(points, float)
    start = UNIT.with_parameters([([[slope]], [-slope * kink])])
    batches = full_batches(points[:, :1], points[:, 1:], steps)
    run = train(UNIT, start, batches, MeanSquaredError(), RULES[rule](rate))
    return np.array(
        [[slope, -slope * kink], *([step.updated[0][k].item() for k in ("weights", "bias")] for step in run)]
    )


def on(points, w, b) -> Array:
    """Return for which points max(0, w x + b) is above 0, (..., n), for weights and biases (...)."""
    points = np.asarray(points, float)
    return np.multiply.outer(w, points[:, 0]) + np.asarray(b)[..., None] > 0


def flow(points, kink, slope) -> tuple[Array, Array]:
    """Return where gradient descent pulls the kink and the slope of units, per unit of rate.

    From k = -b/w follows dk = -(db + k dw)/w.

    >>> flow([[0, 1], [1, 2]], np.array([-1.0, 2.0]), np.array([1.0, 1.0]))
    (array([0., 0.]), array([0., 0.]))
    """
    points, kink, slope = np.asarray(points, float), np.asarray(kink, float), np.asarray(slope, float)
    z = np.multiply.outer(slope, points[:, 0]) - (slope * kink)[..., None]
    delta, _ = ReLU().pullback(z, (ReLU()(z) - points[:, 1]) * 2 / len(points))
    dw, db = (delta * points[:, 0]).sum(axis=-1), delta.sum(axis=-1)
    return (db + kink * dw) / slope, 0 - dw


class PhasePortrait(Widget):
    """A unit max(0, w x + b) as a point: its kink -b/w and its slope w. Drag it, choose a rule, and let it go.

    Lines show where gradient descent pulls a unit, and hatched areas hold the dead ones: those that no point reaches.
    Below, on the same axis, the unit and its points.

    Parameters
    ----------
    points : array, (n, 2)
        An x and a target in each row, x within the range of the kinks.
    kink, slope : float
    rule : {"SGD", "momentum", "Adam"}
    rate : float
        One of ``RATES``.
    step : int
        How many of the 200 steps are shown at first.
    description : str
    name : str

    Examples
    --------
    >>> widget = PhasePortrait([[0, 0], [0.5, 0.2], [1, 1.2]], kink=0.2, slope=-1)
    >>> widget.state()
    'alive'
    """

    _esm = module("phase_portrait", "geometry/one_unit")
    picture_size = (5.2, 7.2)

    kink = traitlets.Float().tag(sync=True)
    slope = traitlets.Float().tag(sync=True)
    rule = traitlets.Unicode().tag(sync=True)
    rate = traitlets.Int().tag(sync=True)
    step = traitlets.Int().tag(sync=True)
    rates = traitlets.List().tag(sync=True)
    ranges = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        points,
        kink: float = 0.6,
        slope: float = 1.5,
        rule: str = "SGD",
        rate: float = 0.1,
        step: int = 0,
        description: str = "",
        name: str = "portrait",
    ):
        data, data_layout = pack({"points": _checked_points(points)})
        self._description = description
        super().__init__(
            name=name,
            shared=["kink", "slope", "rule", "rate", "step"],
            places={"rate": list(RATES)},
            data=data,
            data_layout=data_layout,
            rates=list(RATES),
            ranges={"kink": list(KINKS), "slope": list(SLOPES), "height": list(HEIGHTS), "step": [0, STEPS]},
            kink=kink,
            slope=slope,
            rule=rule,
            rate=RATES.index(one_of("rate", rate, RATES)),
            step=step,
        )

    @traitlets.validate("kink", "slope", "step")
    def _within_its_slider(self, proposal):
        trait, value = proposal["trait"].name, proposal["value"]
        low, high = {"kink": KINKS, "slope": SLOPES, "step": (0, STEPS)}[trait]
        if not low <= value <= high:
            raise ValueError(f"{trait} must lie between {low:g} and {high:g}, the ends of its slider; got {value!r}.")
        return value

    @traitlets.validate("rule")
    def _known_rule(self, proposal):
        return one_of("rule", proposal["value"], list(RULES))

    @traitlets.default("room")
    def _room(self):
        return [1246, 738]

    def walk(self) -> Array:
        """Return slope and bias at every step from the present start, (201, 2)."""
        return walk(self.arrays()["points"], self.kink, self.slope, self.rule, RATES[self.rate])

    def state(self) -> str:
        """Return whether the unit is "alive", "dead", or "alive again" after having been dead, at the step shown."""
        lit = on(self.arrays()["points"], *self.walk()[: self.step + 1].T).any(axis=-1)
        return "dead" if not lit[-1] else "alive" if lit.all() else "alive again"

    @property
    def alt(self):
        return (
            f"{self._description} Above, the plane of a ReLU's kink (across) and slope (upwards), with lines along "
            "which gradient descent pulls it and two hatched corners where the unit is dead: a rising unit with its "
            "kink to the right of all points, a falling one with its kink to their left. A path of dots shows the "
            "steps of one unit. Below, on the same axis, the points, the unit at the start (dashed) and after the "
            "steps (solid)."
        ).strip()

    def draw(self, figure):
        plane, inputs = figure.subplots(2, 1, height_ratios=[1.5, 1], sharex=True)
        points, path = self.arrays()["points"], self.walk()[: self.step + 1]
        first, last = points[:, 0].min(), points[:, 0].max()
        for x, y in ((last, 0), (KINKS[0], SLOPES[0])):
            wide = KINKS[1] - last if y == 0 else first - KINKS[0]
            plane.bar(x + wide / 2, SLOPES[1], wide, y, color="white", edgecolor=GREY, hatch="////", linewidth=1)
        k, w = np.meshgrid(np.linspace(*KINKS, 15)[1:-1], np.linspace(*SLOPES, 14)[1:-1])
        u, v = flow(points, k, w)
        size = np.hypot(u / (KINKS[1] - KINKS[0]), v / (SLOPES[1] - SLOPES[0]))
        k, w, u, v, size = (each[size > 1e-9] for each in (k, w, u, v, size))
        plane.quiver(k, w, u / size, v / size, angles="xy", color=GREY, width=0.004)
        with np.errstate(divide="ignore", invalid="ignore"):
            kinks = -path[:, 1] / path[:, 0]
        crossed = np.flatnonzero(path[1:, 0] * path[:-1, 0] <= 0)
        joined = np.insert(kinks, crossed + 1, np.nan), np.insert(path[:, 0], crossed + 1, np.nan)
        plane.plot(*joined, ".-", color=BLUE, markersize=4, linewidth=1)
        plane.plot(self.kink, self.slope, "o", color="white", markeredgecolor=INK, markersize=10, markeredgewidth=2)
        plane.plot(kinks[-1], path[-1, 0], "X" if self.state() == "dead" else "o", color=VERMILLION, markersize=9)
        plane.axhline(0, color=INK, linewidth=1)
        plane.set(xlim=KINKS, ylim=SLOPES, ylabel="slope w")
        x = np.linspace(*KINKS, 401)
        for (w, b), style in ((path[0], (0, (4, 3))), (path[-1], "-")):
            inputs.plot(x, np.maximum(0, w * x + b), color=BLUE, linestyle=style)
        lit = on(points, *path[-1])
        inputs.plot(*points[lit].T, "o", color=INK, markersize=5)
        inputs.plot(*points[~lit].T, "o", color="white", markeredgecolor=INK, markersize=5)
        inputs.set(ylim=HEIGHTS, xticks=np.arange(-0.5, 1.6, 0.5), xlabel="input x, kink −b/w", ylabel="h and targets")
        figure.suptitle(f"{self.rule}, rate {RATES[self.rate]:g}, step {self.step}: {self.state()}", fontsize=12)


def _checked_points(points: Sequence) -> Array:
    points = checks.finite(points, "points").astype(np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 2:
        raise ValueError(f"points must have shape (n, 2) with n >= 2, an x and a target a row; got {points.shape}.")
    if points[:, 0].min() < KINKS[0] or points[:, 0].max() > KINKS[1]:
        raise ValueError(f"points must have x between {KINKS[0]:g} and {KINKS[1]:g}; got {points[:, 0].tolist()}.")
    return points
