"""The widget of the lesson on vanishing gradients."""

from nonlinear.course.looks import LOOK
from nonlinear.lessons.vanishing_gradients.experiment import ACTIVATIONS, LAYERS, LOG_GAINS, VARIANTS, FlowGrid
from nonlinear.widgets import Curves, Panel


def by_layer(flow: FlowGrid) -> Curves:
    """Return curves of the gradient by layer, one over another for every function, of what `stored_flows` returns."""
    panel = Panel(
        "rms gradient",
        x=LAYERS,
        lines={"gradient": 10.0**flow.log10_gradient},
        x_label="layer (the gradient comes from the right)",
        scale="log",
        limits=(1e-40, 1e40),
        levels={"fed in": 1.0},
    )
    return Curves(
        [panel],
        looks={name: f for name, f in ACTIVATIONS.items() if f.name in LOOK},
        overlay="activation",
        choices={"activation": ACTIVATIONS, "layers": VARIANTS},
        sliders={"gain g": [float(f"{10**power:.2g}") for power in LOG_GAINS]},
        readouts={"factor per layer": (flow.factor, ".3g"), "saturated pairs": (flow.saturated, ".0%")},
        start={"gain g": 1.0},
        note=f"Line: median of {flow.factor.shape[-1]} seeds. Band: from the smallest to the largest. "
        "A gradient of exactly 0, as behind steps, has no place on a log axis and is not drawn.",
        description="The root-mean-square gradient at each layer.",
    )
