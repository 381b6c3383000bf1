"""The widget of the lesson on saturated neurons."""

from nonlinear.lessons.saturated_neurons.experiment import ACTIVATIONS, CHECKPOINTS, DEPTHS, GAINS, Outcomes
from nonlinear.widgets import Curves, Panel


def over_training(stored: Outcomes) -> Curves:
    """Return curves by gain, for every function, depth and checkpoint of what `stored_grid` returns."""
    axis = {"x": GAINS, "x_scale": "log", "x_label": "gain g (log scale)"}
    shares = {"test accuracy": stored.accuracy, "saturated pairs": stored.saturated}
    sizes = {"mean": 10.0**stored.mean, "median": 10.0**stored.median}
    return Curves(
        [
            Panel("shares", lines=shares, limits=(0, 1), **axis),
            Panel("gradient size in layer 1", lines=sizes, scale="log", limits=(1e-7, 1), **axis),
            Panel("the same, down to 10⁻⁹⁰", lines=sizes, scale="log", limits=(1e-90, 1), **axis),
        ],
        choices={"activation": ACTIVATIONS},
        sliders={"hidden layers": DEPTHS, "epoch": CHECKPOINTS},
        readouts={f"accuracy at gain {GAINS[k]:g}": (stored.accuracy[..., k, :], ".3f") for k in (0, 5, 10)},
        start={"hidden layers": 3, "epoch": 0},
        play="epoch",
        description="Accuracy and saturated pairs; mean and median gradient.",
    )
