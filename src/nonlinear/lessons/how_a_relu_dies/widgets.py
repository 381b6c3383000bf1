"""The widget of the lesson on how a ReLU dies."""

from nonlinear.course.looks import colour_pairs
from nonlinear.lessons.how_a_relu_dies.experiment import ACTIVATIONS, OFFSETS, RATES
from nonlinear.special import Array
from nonlinear.widgets import Axis, GridMap, Measure


def rates_and_offsets(flat: Array, accuracy: Array, diverged: Array) -> GridMap:
    """Return a map of learning rate x share of the mean x activation function, over what `stored_map` returns."""
    return GridMap(
        {"dead": Measure("units flat everywhere", flat), "accuracy": Measure("test accuracy", accuracy, format=".3f")},
        choices=list(ACTIVATIONS),
        choice_label="activation",
        colours=colour_pairs(ACTIVATIONS.values()),
        rows=Axis("share of the mean left in", OFFSETS),
        columns=Axis("learning rate", RATES),
        diverged=diverged,
        row=OFFSETS.index(1.0),
        column=RATES.index(0.85),
    )
