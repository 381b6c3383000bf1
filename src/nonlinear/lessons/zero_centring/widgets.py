"""The widget of the lesson on zero-centring."""

from collections.abc import Mapping

from nonlinear.lessons.zero_centring.experiment import MEANS, PAIR_SAMPLES, READINGS, SIZES, TURNS
from nonlinear.special import Array
from nonlinear.widgets import Axis, Paths, Reading


def two_weights(stored: Mapping[str, Array]) -> Paths:
    """Return the paths of two weights for every mean, rotation and batch size of what `stored_paths` returns."""
    return Paths(
        [
            Axis("mean of both inputs", MEANS, ".2f"),
            Axis("rotation of the data, degrees", TURNS),
            Axis(f"samples in a step (of {PAIR_SAMPLES})", [size or PAIR_SAMPLES for size in SIZES]),
        ],
        **{name: stored[name] for name in ("paths", "hessian", "minimum")},
        readings={name: Reading(label, stored[name], spec) for name, (label, spec) in READINGS.items()},
        start=(MEANS.index(1.0), 0, 0),
    )
