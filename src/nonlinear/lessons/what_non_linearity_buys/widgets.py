"""The widgets of the lesson on what non-linearity buys."""

from collections.abc import Mapping

from nonlinear.activations import Sigmoid
from nonlinear.lessons.what_non_linearity_buys.experiment import (
    ACTIVATIONS,
    DEPTHS,
    FORMULAS,
    VIEW,
    WIDTHS,
    Plane,
    Regions,
)
from nonlinear.special import Array
from nonlinear.widgets import Curves, Maps, Panel


def decision_regions(regions: Regions, planes: Mapping[str, Plane]) -> Maps:
    """Return the stored maps of the plane, for every set of points, function, depth and width."""
    return Maps(
        regions.odds,
        extent=(-VIEW, VIEW, -VIEW, VIEW),
        choices={"points": planes, "activation function": ACTIVATIONS},
        sliders={"hidden layers": DEPTHS, "units in each": WIDTHS},
        points={name: (plane.x[:200], plane.labels[:200]) for name, plane in planes.items()},
        units=regions.units,
        readouts={"test accuracy": (regions.accuracy, ".3f")},
        start={"points": "spirals", "activation function": "ReLU", "hidden layers": 2, "units in each": 16},
        name="regions",
        note=f"Map: the seed of median accuracy. Accuracy: of {regions.accuracy.shape[-1]} seeds. "
        "Dashed, with one hidden layer: where a unit has z = 0.",
    )


def two_relus(z: Array, cs: Array, lines: Array, differences: Array, worst: Array) -> Curves:
    """Return two ReLUs, put together in three ways and moved apart by c, beside the logistic function.

    All but z and cs is what `pair_grid` returns.
    """
    return Curves(
        [
            Panel("Two ReLUs and σ", z, {"two ReLUs": lines, "σ": Sigmoid()(z)}, "z", limits=(-0.3, 2.3)),
            Panel("Difference", z, {"difference": differences}, "z", limits=(-0.4, 0.4)),
        ],
        choices={"formula": list(FORMULAS)},
        sliders={"c": cs},
        readouts={"largest difference on [−8, 8]": (worst, ".3f")},
        looks={"two ReLUs": "relu", "σ": "sigmoid"},
        start={"c": 1},
        name="two-relus",
    )
