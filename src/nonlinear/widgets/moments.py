"""Mean and spread from layer to layer: a point to drag, and where the layers take it."""

from collections.abc import Mapping

import numpy as np
import traitlets

from nonlinear import checks
from nonlinear.activations import Pointwise
from nonlinear.course.looks import GREY, INK, LOOK
from nonlinear.course.mean_field import next_moments, through
from nonlinear.special import Array
from nonlinear.widgets._base import Widget, look, module, one_of, pack, shown

RANGES = {"gain": (0.5, 2.0), "mean": (-6.0, 6.0), "spread": (0.01, 100.0)}
LIMITS = (1e-3, 1e3)  # a spread that leaves them has died out, or grows without end
LOW, STEP, POINTS = -3.5, 0.025, 301  # the scales of preactivations that the tables are for, as powers of ten
MARKED = (1, 10)  # layers that have a read-out, besides the last


def tables(activations: Mapping[str, Pointwise]) -> dict[str, Array]:
    """Return mean / (1 + scale) and log10 of the spread of a function, by the scale of its preactivations.

    Both are smooth in the logarithm of the scale, so straight lines between the points will do.
    """
    scales = 10.0 ** (LOW + STEP * np.arange(POINTS))
    found = np.array([[next_moments(f, 0.0, scale) for scale in scales] for f in activations.values()])
    means, spreads = np.moveaxis(found, -1, 0)
    return {"means": (means / (1 + scales)).astype(np.float32), "spreads": np.log10(spreads).astype(np.float32)}


class Moments(Widget):
    """The mean and the spread of the activations of one layer after another, as they are in very wide layers.

    On the left they are a point, which the reader drags; on the right, the spread by layer.

    Parameters
    ----------
    activations : mapping of str to Pointwise
    function : str
        The one to begin with.
    gain, mean, spread : float
        Of the weights, and of the inputs; within ``RANGES``.
    depth : int
        Number of layers.
    presets : mapping of str to float, optional
        Gains that have a button, by its label.
    name : str

    Examples
    --------
    >>> from nonlinear.activations import SELU
    >>> widget = Moments({"SELU": SELU()}, mean=3.0, spread=10.0, depth=50)
    >>> widget.path()[-1].round(3).tolist()
    [0.0, 1.0]
    """

    _esm = module("moments", "geometry/lines", "geometry/moments", "_lines")
    picture_size = (5.2, 6.4)

    function = traitlets.Unicode().tag(sync=True)
    gain = traitlets.Float().tag(sync=True)
    mean = traitlets.Float().tag(sync=True)
    spread = traitlets.Float().tag(sync=True)
    functions = traitlets.List().tag(sync=True)
    ranges = traitlets.Dict().tag(sync=True)
    limits = traitlets.List().tag(sync=True)
    grid = traitlets.Dict().tag(sync=True)
    presets = traitlets.List().tag(sync=True)
    depth = traitlets.Int().tag(sync=True)
    marked = traitlets.List().tag(sync=True)

    def __init__(
        self, activations, function="", gain=1.0, mean=0.0, spread=1.0, depth=200, presets=None, name="moments"
    ):
        self._activations = dict(activations)
        data, data_layout = pack(tables(self._activations))
        super().__init__(
            name=name,
            shared=["function", "gain", "mean", "spread"],
            data=data,
            data_layout=data_layout,
            functions=[[label, look(f)] for label, f in self._activations.items()],
            ranges={trait: list(ends) for trait, ends in RANGES.items()},
            limits=list(LIMITS),
            grid={"low": LOW, "step": STEP, "points": POINTS},
            presets=[[label, float(value)] for label, value in (presets or {}).items()],
            depth=checks.whole(depth, "depth"),
            marked=[layer for layer in MARKED if layer < depth],
            function=function or next(iter(self._activations)),
            gain=gain,
            mean=mean,
            spread=spread,
        )

    @traitlets.validate("function")
    def _known(self, proposal):
        return one_of("function", proposal["value"], list(self._activations))

    @traitlets.validate("gain", "mean", "spread")
    def _within_its_slider(self, proposal):
        (low, high), trait = RANGES[proposal["trait"].name], proposal["trait"].name
        if not low <= proposal["value"] <= high:
            raise ValueError(
                f"{trait} must lie between {low:g} and {high:g}, the ends of its slider; got {proposal['value']!r}."
            )
        return float(proposal["value"])

    @traitlets.default("room")
    def _room(self):
        return [1224, 764]

    def path(self) -> Array:
        """Return mean and spread layer by layer, (layers, 2), the inputs first, until the spread leaves ``LIMITS``."""
        rows = through(self._activations[self.function], self.mean, self.spread, self.gain, self.depth)
        outside = (rows[:, 1] < LIMITS[0]) | (rows[:, 1] > LIMITS[1])
        return rows[: np.argmax(outside) + 1] if outside.any() else rows

    @property
    def alt(self):
        return (
            "Two drawings with one upright log axis, the spread of a layer's activations. Left, the mean across: a "
            "point for the inputs, a point for each layer, joined by a line, and the curve on which every signal lies "
            "after one layer. Right, the spread against the layer, from the inputs to the last."
        )

    def draw(self, figure):
        plane, layers = figure.subplots(2, 1)
        colour, style, _ = LOOK[self._activations[self.function].name]
        path, (low, high) = self.path(), RANGES["spread"]
        reach = self.arrays()
        row = list(self._activations).index(self.function)
        scales = 10.0 ** (LOW + STEP * np.arange(POINTS))
        plane.plot(reach["means"][row] * (1 + scales), 10 ** reach["spreads"][row], color=GREY, linestyle=":")
        plane.plot(*path.T, "-o", color=colour, markersize=3.5, linewidth=1)
        plane.plot(*path[0], "o", color=INK, markersize=9, markerfacecolor="none", markeredgewidth=2)
        layers.plot(path[:, 1], color=colour, linestyle=style)
        for axis, label in ((plane, "mean"), (layers, "layer")):
            axis.set(yscale="log", ylim=(low, high), xlabel=label, ylabel="spread")
        plane.set_xlim(RANGES["mean"])
        layers.set_xlim(0, self.depth)
        mean, spread = (shown(value if abs(value) > 5e-4 else 0.0, ".3g") for value in path[-1])
        plane.set_title(
            f"{self.function}, gain {shown(self.gain, '.2f')}\nlayer {len(path) - 1}: mean {mean}, spread {spread}",
            fontsize=12,
        )
