"""The widgets of the lesson on remedies."""

from nonlinear.lessons.remedies.experiment import FUNCTIONS, PLAIN, RATES, REMEDIES, Race
from nonlinear.widgets import Descent, Forest


def way_back() -> Descent:
    """Return one unit that starts far below 0, and has to come back."""
    return Descent(FUNCTIONS, function="Leaky ReLU 0.1", z=-10.0, name="way-back")


def forest_by_rate(race: Race) -> Forest:
    """Return what every remedy changes, ranked anew at every rate, of what `stored_race` returns."""
    rows = [name for name in REMEDIES if name != PLAIN]
    measures = {
        "test accuracy, in points": ([[race.points(name, rate) for name in rows] for rate in RATES], 1, ".1f"),
        "flat units, in points": ([[race.flat_points(name, rate) for name in rows] for rate in RATES], -1, ".1f"),
    }
    return Forest(
        rows,
        measures,
        {"learning rate": RATES},
        row="centred inputs",
        start={"learning rate": 0.1},
        list_label="what is compared",
        row_label="remedy to follow",
        baseline=PLAIN,
        note="Two sets of ten seeds: the median of the differences, seed by seed, and its 95 % interval. A seed that "
        "diverged counts with the last finite state it had.",
        name="forest",
    )
