"""The widgets of the lesson on whether the dead come back."""

from collections.abc import Mapping

import numpy as np

from nonlinear.course import MEMBERS
from nonlinear.lessons.dead_forever.experiment import BINS, EPOCHS, FRAMES, POINTS, WRECK, Fate
from nonlinear.widgets import Microscope, PhasePortrait


def fates_of_units(fates: Mapping[str, Fate], **start) -> Microscope:
    """Return the units of the first set of members over time, of what `stored_fates` returns, in the order of death."""
    alive = np.stack([fate.alive[:, :, :MEMBERS] for fate in fates.values()])
    order = np.argsort(alive[:, :, : WRECK + 1].sum(axis=2), axis=-1, kind="stable")[:, :, None]
    alive = np.take_along_axis(alive, order, axis=-1)
    return Microscope(
        np.moveaxis(alive, 2, 3),
        np.moveaxis(np.stack([fate.heat for fate in fates.values()]), 2, 3),
        BINS,
        choices={"trained on by": list(fates), "layer": ["1", "2"]},
        sliders={"seed": range(1, MEMBERS + 1), "epoch": range(FRAMES)},
        since=WRECK,
        phases=("wrecked", "trained on"),
        start=start,
        note=f"{WRECK} epochs at a learning rate that is too high, then {EPOCHS} more; in all ways the same wrecks. A "
        "unit is dead if it is 0 for all training images.",
    )


def one_unit() -> PhasePortrait:
    """Return the phase portrait of a unit on ``POINTS``."""
    return PhasePortrait(POINTS, kink=0.3, slope=1.0, description="Gradient descent on one ReLU and eleven points.")
