"""The widgets of the lesson on self-normalisation."""

import math

from nonlinear.lessons.self_normalisation.experiment import (
    ACTIVATIONS,
    DEPTH,
    GAINS,
    INPUTS,
    LAYERS,
    WIDTHS,
    stored_passages,
)
from nonlinear.widgets import Curves, Moments, Panel

PRESETS = {"gain 1 (LeCun)": 1.0, "gain √2 (He)": math.sqrt(2)}


def from_layer_to_layer() -> Moments:
    """Return the plane of mean and spread, for the functions of the lesson."""
    return Moments(ACTIVATIONS, "SELU", mean=3.0, spread=10.0, depth=DEPTH, presets=PRESETS)


def through_real_layers() -> Curves:
    """Return curves of spread and mean by layer in networks of finite width, of what `stored_passages` returns."""
    found = stored_passages()
    panels = [
        Panel("spread", LAYERS, {"spread": found["spread"]}, "layer", scale="log", limits=(1e-3, 1e3)),
        Panel(
            "part that differs between inputs",
            LAYERS,
            {"part": found["apart"]},
            "layer",
            scale="log",
            limits=(1e-3, 1.3),
        ),
    ]
    return Curves(
        panels,
        choices={"activation": ACTIVATIONS, "inputs": INPUTS},
        sliders={"gain g": [float(f"{g:.3g}") for g in GAINS], "width": WIDTHS},
        readouts={"mean at layer 200": (found["mean"][..., -1, :], ".3g")},
        looks={name: f for name, f in ACTIVATIONS.items()},
        overlay="activation",
        start={"inputs": "mean 5, spread 10", "gain g": 1.0, "width": WIDTHS[-1]},
        note="Lines: median of ten networks. Bands: from the smallest to the largest of them.",
        description="Spread of the activations, and the part of it that tells inputs apart, by layer.",
        name="real-layers",
    )
