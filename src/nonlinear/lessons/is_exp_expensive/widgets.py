"""The widget of the lesson on the cost of activation functions."""

import numpy as np

from nonlinear.lessons.is_exp_expensive.experiment import BY_LAYER, DTYPES, NAMES, WIDTHS, Costs
from nonlinear.widgets import Curves, Panel

OTHERS = tuple(name for name in BY_LAYER if name != "ReLU")


def by_width(costs: Costs) -> Curves:
    """Return the time of a layer against its width, for every function and type of number."""
    layers = np.array(
        [[[costs.relative(name, dtype, width) for width in WIDTHS] for dtype in DTYPES] for name in OTHERS]
    )
    rounds = layers.shape[-1]
    return Curves(
        [
            Panel(
                "time of the layer",
                x=WIDTHS,
                lines={"layer": layers[:, :, None]},
                x_label="units (log scale)",
                y_label="in times that of a layer with ReLU",
                x_scale="log",
                scale="log",
                limits=(0.8, 10),
                marks={"this width": np.broadcast_to(WIDTHS, (1, 1, len(WIDTHS)))},
                levels={"ReLU": 1},
            )
        ],
        choices={"function": OTHERS, "numbers": DTYPES},
        sliders={"units": WIDTHS},
        readouts={
            "layer, in times one with ReLU": (layers, ".2f"),
        },
        start={"function": "all", "units": 16},
        looks={name: NAMES.get(name, name) for name in OTHERS},
        overlay="function",
        note=f"Line: median of {rounds} rounds. Band: from the smallest to the largest.",
        description="Time of a training step in one layer, relative to the same layer with ReLU, against its width.",
    )
