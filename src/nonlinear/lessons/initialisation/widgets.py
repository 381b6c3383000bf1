"""The widget of the lesson on initialisation."""

import numpy as np

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
            f"signal at layer {DEPTH}, 10 to the": (np.log10(signal[:, :, -1]), ".1f"),
            "gradient at layer 1, 10 to the": (np.log10(gradient[:, :, 0]), ".1f"),
        },
        start={"weights: gain times": 1.0},
        looks=FUNCTIONS,
        note=f"Medians of {MEMBERS} seeds, in bands that hold all {MEMBERS}.",
    )
