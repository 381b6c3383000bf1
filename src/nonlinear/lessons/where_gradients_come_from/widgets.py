"""The widgets of the lesson on where gradients come from."""

from nonlinear.lessons.where_gradients_come_from.experiment import SMALL, step_sizes
from nonlinear.widgets import Backpropagation, Curves, Panel


def both_passes() -> Backpropagation:
    """Return the small network with all its numbers, for the lesson's example and three others."""
    return Backpropagation(SMALL, [((1, 0.5), 1), ((1, 0.5), 0), ((0, 1), 1), ((-2, 2), 0)])


def differences() -> Curves:
    """Return the error of a difference against its step, for two types, two kinds of difference and many z."""
    found = step_sizes()
    errors = {"error": found["errors"]}
    steps = {"x_label": "step h", "x_scale": "log", "scale": "log", "limits": (1e-13, 10)}
    return Curves(
        [Panel("relative error of the slope", found["steps"], errors, **steps)],
        choices={"type": ["float64", "float32"], "difference": ["one-sided", "central"]},
        sliders={"z": found["places"]},
        readouts={"smallest error": (found["smallest"], ".1g"), "at step": (found["best"], ".1g")},
        start={"z": 1.0},
        name="steps",
        description="Error of a difference against its step.",
    )
