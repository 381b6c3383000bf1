"""The widget of the lesson on ReLU."""

from collections.abc import Mapping

import numpy as np

from nonlinear.course.looks import colour_pairs
from nonlinear.lessons.relu.experiment import ACTIVATIONS, DEPTHS, EPOCHS, LEVELS, RATES, Found, steps_in
from nonlinear.widgets import Axis, GridMap, Measure


def rates_and_depths(race: Mapping[str, Found]) -> GridMap:
    """Return a map of learning rate x depth x function, of what `stored_race` returns."""
    most = steps_in(EPOCHS)
    steps = np.minimum([found.steps[:, :, -1] for found in race.values()], most).astype(float)
    return GridMap(
        {
            "steps": Measure(f"steps to {LEVELS[-1]:.0%} error", steps, (10.0, float(most)), ".0f", "log"),
            "accuracy": Measure("test accuracy", np.array([found.accuracy for found in race.values()]), format=".3f"),
        },
        choices=list(race),
        choice_label="activation",
        colours=colour_pairs(ACTIVATIONS[name] for name in race),
        rows=Axis("hidden layers", DEPTHS),
        columns=Axis("learning rate", RATES),
        diverged=np.array([found.diverged for found in race.values()]),
        row=DEPTHS.index(4),
        column=RATES.index(0.1),
        note=f"Medians over the {steps.shape[-1]} seeds with which the rates were tuned. {most} steps also stand for "
        "never. A seed that diverged counts with the last finite state it had.",
    )
