"""Paths of two weights over the ellipses of a quadratic loss, for every setting of a grid."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import traitlets

from nonlinear import checks
from nonlinear.course.looks import BLUE, GREY, INK, VERMILLION
from nonlinear.special import Array
from nonlinear.widgets._base import module, number_format, pack
from nonlinear.widgets._grid import TOOLS, Axis, OverGrid

FINEST = 4095  # coordinates are stored in steps of the view's width over this
ALL = 100_000  # a step beyond the end of every path
NOTE = "One seed's path is drawn; the numbers are of {} seeds: median [smallest, largest]."


@dataclass(frozen=True, eq=False)
class Reading:
    """A number to read at every setting.

    Parameters
    ----------
    label : str
    values : array, (settings..., seeds)
        Kept as float32. With one seed, the number is shown by itself.
    format : str
        ".0f", ".1%", ".3g" and the like.
    """

    label: str
    values: Array
    format: str = ".2f"

    def __post_init__(self):
        checks.finite(self.values, f"values of {self.label!r}")
        number_format(self.format)


class Paths(OverGrid):
    """The path of two weights over the contour ellipses of their quadratic loss, over a grid of one to three settings.

    Each setting has its own path, Hessian and minimum; loss - its minimum is half of e.H.e, e being the distance from
    the minimum. Steps on which both weights moved the same way (both up or both down) are solid, the others dashed.

    Parameters
    ----------
    axes : sequence of Axis
        One slider for each.
    paths : array, (settings..., steps + 1, 2)
        The weights at every step, from the first; NaN after a path's end. Drawn to 1/4095 of the view's width.
    hessian : array, (settings..., 2, 2)
        Positive definite.
    minimum : array, (settings..., 2)
    readings : dict of str to Reading
        By a short name for each.
    goal : float
        The share of the loss at the start at which a path ends, drawn as the innermost ellipse.
    view : float
        The drawing shows weights from -view to view.
    start : sequence of int, optional
        Where each slider stands at first, as a place on its axis.
    step : int, optional
        How many steps of the path to show at first; all of them by default.
    note : str, optional
        Shown below the numbers; by default, of how many seeds they are.
    name : str

    Examples
    --------
    >>> path = np.array([[[0, 0], [1, 0.5], [1, 1]], [[0, 0], [1, 1], [np.nan, np.nan]]])
    >>> widget = Paths(
    ...     [Axis("learning rate", [0.1, 0.2])],
    ...     path,
    ...     hessian=[np.eye(2)] * 2,
    ...     minimum=np.ones((2, 2)),
    ...     readings={"steps": Reading("steps", [[2.0, 4.0, 3.0], [1.0, 1.0, 1.0]], ".0f")},
    ... )
    >>> widget.said()
    {'steps': '3 [2, 4]'}
    """

    _esm = module("paths", "_grid", "geometry/ellipses")
    picture_size = (5.2, 5.6)

    step = traitlets.Int().tag(sync=True)
    goal = traitlets.Float().tag(sync=True)
    view = traitlets.Float().tag(sync=True)

    def __init__(
        self,
        axes: Sequence[Axis],
        paths,
        hessian,
        minimum,
        readings: dict[str, Reading],
        goal: float = 0.01,
        view: float = 1.3,
        start: Sequence[int] | None = None,
        step: int = ALL,
        note: str | None = None,
        name: str = "paths",
    ):
        axes, start = list(axes), [0] * len(axes) if start is None else list(start)
        if len(start) != len(axes):
            raise ValueError(f"start must have a place on each axis; got {len(axes)} axes and {start!r}.")
        controls = self._controls({}, axes, {each.label: (each.values, each.format) for each in readings.values()})
        controls |= {f"slider{n + 1}": int(place) for n, place in enumerate(start)}
        arrays = _checked_arrays(self._shape, paths, hessian, minimum, view)
        data, data_layout = pack({**arrays, **self._packed_readouts()})
        super().__init__(
            name=name,
            data=data,
            data_layout=data_layout,
            goal=float(goal),
            view=float(view),
            note=_seeds_noted(readings) if note is None else note,
            step=step,
            **{**controls, "shared": [*controls["shared"], "step"]},
        )

    @traitlets.validate("step")
    def _counted(self, proposal):
        if proposal["value"] < 0:
            raise ValueError(f"step must not be negative; got {proposal['value']!r}.")
        return proposal["value"]

    @property
    def setting(self) -> int:
        """The number of the present setting, counting along the last axis first."""
        return int(np.ravel_multi_index(self.settings()[""], self._shape))

    @traitlets.default("room")
    def _room(self):
        return [self._controls_room(1) + 654 + TOOLS + self._words_room(1), 498 + TOOLS + self._words_room(2)]

    def path(self) -> Array:
        """Return the present setting's path as it is drawn, (steps + 1, 2)."""
        arrays, here = self.arrays(), self.setting
        first, last = arrays["first"][here : here + 2]
        return arrays["points"][first:last] / FINEST * 2 * self.view - self.view

    @property
    def alt(self):
        names = " and ".join(label for label, _ in self.sliders)
        return (
            f"The path of two weights over the contour ellipses of their loss, by {names}. Solid steps move both "
            "weights the same way, dashed steps move one up and one down. Two lines through the minimum are the "
            "steepest and the flattest direction of the loss. The path ends at the innermost ellipse, where the loss "
            f"is {self.goal:.0%} of what it was at the start."
        )

    def draw(self, figure):
        from matplotlib.patches import Ellipse

        axes, arrays, here = figure.subplots(), self.arrays(), self.setting
        path, minimum = self.path(), arrays["minimum"][here]
        a, b, c = arrays["hessian"][here]
        values, vectors = np.linalg.eigh([[a, b], [b, c]])
        start = (path[0] - minimum) @ [[a, b], [b, c]] @ (path[0] - minimum)
        for share in levels(self.goal):
            width, height = 2 * np.sqrt(share * start / values)
            angle = np.rad2deg(np.arctan2(vectors[1, 0], vectors[0, 0]))
            line = {"edgecolor": INK, "linewidth": 1.6} if share == self.goal else {"edgecolor": GREY, "linewidth": 0.7}
            axes.add_patch(Ellipse(minimum, width, height, angle=angle, facecolor="none", **line))
        for word, vector in zip(("flattest", "steepest"), vectors.T, strict=True):
            axes.axline(minimum, minimum + vector, color=GREY, linewidth=0.9, linestyle=(0, (1, 3)))
            room = {
                sign: np.min((self.view - np.sign(sign * vector) * minimum) / np.maximum(np.abs(vector), 1e-9))
                for sign in (1, -1)
            }
            sign = max(room, key=room.get)
            label = {"color": GREY, "ha": "center", "bbox": {"color": "white", "pad": 1, "alpha": 0.7}}
            axes.text(*(minimum + 0.8 * sign * room[sign] * vector), word, **label)
        first = arrays["first"][here]
        same = arrays["same"][first : first + len(path) - 1].astype(bool)
        for k in range(min(self.step, len(path) - 1)):
            style = {"color": BLUE} if same[k] else {"color": VERMILLION, "linestyle": (0, (3, 2))}
            axes.plot(*path[k : k + 2].T, linewidth=1.5, marker=".", markersize=4, **style)
        axes.plot(*path[0], "s", color="white", markeredgecolor=INK, markersize=8)
        axes.plot(*minimum, "+", color=INK, markersize=12, markeredgewidth=2)
        limits = {"xlim": (-self.view, self.view), "ylim": (-self.view, self.view)}
        axes.set(aspect=1, xlabel="weight w₁", ylabel="weight w₂", **limits)
        figure.suptitle(self._heading(), fontsize=12)


def levels(goal: float) -> tuple[float, ...]:
    """Return the shares of the loss at the start that have an ellipse: steps of 10^1/2 from the start to the goal.

    >>> [round(level, 3) for level in levels(0.01)]
    [1.0, 0.316, 0.1, 0.032, 0.01]
    """
    number = round(-2 * np.log10(goal))
    return tuple(float(10 ** (-k / 2)) for k in range(number)) + (goal,)


def _seeds_noted(readings: dict[str, Reading]) -> str:
    """Return the note on the seeds, or nothing where every number is of one."""
    counts = sorted({np.shape(reading.values)[-1] for reading in readings.values()} - {1})
    return NOTE.format(" and ".join(map(str, counts))) if counts else ""


def _checked_arrays(shape, paths, hessian, minimum, view) -> dict[str, Array]:
    """Return all that the script needs, after checking that it fits together."""
    paths, hessian = np.asarray(paths, float), checks.finite(hessian, "hessian")
    minimum = checks.finite(minimum, "minimum")
    for name, array, ending in (("hessian", hessian, (2, 2)), ("minimum", minimum, (2,))):
        if array.shape != shape + ending:
            raise ValueError(f"{name} must have shape {shape + ending}; got {array.shape}.")
    if paths.ndim != len(shape) + 2 or paths.shape[: len(shape)] != shape or paths.shape[-1] != 2:
        raise ValueError(f"paths must have shape {shape} + (steps + 1, 2); got {paths.shape}.")
    paths, hessian = paths.reshape(-1, *paths.shape[-2:]), hessian.reshape(-1, 2, 2)
    if np.any(np.linalg.eigvalsh(hessian) <= 0) or not np.allclose(hessian[:, 0, 1], hessian[:, 1, 0]):
        raise ValueError("hessian must be symmetric and positive definite at every setting: its levels are ellipses.")
    there = np.isfinite(paths).all(axis=-1)
    lengths = there.sum(axis=-1)
    if np.any(lengths < 2) or not np.array_equal(there, np.arange(paths.shape[1]) < lengths[:, None]):
        raise ValueError("paths must hold at least two points each, and NaN only after their end.")
    if np.abs(paths[there]).max() > view:
        raise ValueError(f"paths reach out to {np.abs(paths[there]).max():g}; widen the view, which is {view:g}.")
    moved = np.sign(np.diff(paths, axis=1))
    same = np.zeros(paths.shape[:2], bool)
    same[:, :-1] = moved[..., 0] * moved[..., 1] > 0
    return {
        "points": np.rint((paths[there] / view + 1) / 2 * FINEST).astype(np.uint16),
        "same": same[there].astype(np.uint8),
        "first": np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
        "hessian": hessian[:, [0, 0, 1], [0, 1, 1]].astype(np.float32),
        "minimum": minimum.reshape(-1, 2).astype(np.float32),
    }
