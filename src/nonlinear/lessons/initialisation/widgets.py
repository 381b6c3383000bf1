"""The widget of the lesson on initialisation."""

from nonlinear.course import MEMBERS
from nonlinear.lessons.initialisation.experiment import CURVES, DEPTH, FACTORS, FUNCTIONS, LAYERS
from nonlinear.special import Array
from nonlinear.widgets import Curves, Panel


def off_the_gain(signal: Array, gradient: Array) -> Curves:
    """Return curves by layer, for weights of the gain times a factor, of what `stored_curves` returns."""
    axes = {"x": LAYERS, "x_label": "layer", "scale": "log", "limits": (1e-15, 1e15)}
    return Curves(
        [
            Panel("mean square of z", lines={"signal": signal}, **axes),
            Panel("gradient", lines={"gradient": gradient}, **axes),
        ],
        choices={"activation": list(CURVES)},
        sliders={"weights: gain times": FACTORS},
        readouts={
            f"signal left at layer {DEPTH}": (signal[:, :, -1], ".2g"),
            "gradient left at layer 1": (gradient[:, :, 0], ".2g"),
        },
        start={"weights: gain times": 1.0},
        looks=FUNCTIONS,
        note=f"Medians of {MEMBERS} seeds, in bands that hold all {MEMBERS}.",
    )
