"""Units over time: which of them are alive and which are dead, and beside them where their preactivations lie."""

from collections.abc import Mapping, Sequence

import numpy as np
import traitlets

from nonlinear import checks
from nonlinear.course.looks import BLUE, INK, OCHRE
from nonlinear.course.text import minus
from nonlinear.special import Array
from nonlinear.widgets._base import module, pack
from nonlinear.widgets._grid import OverGrid, axes_of, fits

LEVELS = 40  # steps in which the root of a share is stored
DEAD, ALIVE, REVIVED = range(3)


def runs(row: Sequence[int]) -> list[tuple[int, int, int]]:
    """Return where equal numbers stand side by side: the number, the first place, and the one after the last.

    >>> runs([1, 1, 0])
    [(1, 0, 2), (0, 2, 3)]
    """
    cuts = [0, *(np.flatnonzero(np.diff(row)) + 1).tolist(), len(row)]
    return [(int(row[first]), first, last) for first, last in zip(cuts[:-1], cuts[1:], strict=True)]


class Microscope(OverGrid):
    """Every unit of a layer at every time, alive or dead, and histograms of their preactivations over time.

    A unit has revived if it is alive and was dead at the time ``since``. The last slider is the time: what comes after
    the time it shows is hidden, and a button plays it.

    Parameters
    ----------
    alive : array of bool, (choices..., sliders..., units)
        Units are drawn from above in the order given.
    shares : array, (choices..., sliders..., bins)
        Of the preactivations in each bin; kept in 40 steps of their root.
    edges : array, (bins + 1,)
        Of the bins; the first and the last may be infinite.
    choices : dict of str to sequence of str
        One to three lists.
    sliders : dict of str to sequence
        One to three; the last is the time.
    since : int
        The place of a time.
    phases : pair of str
        What the times up to ``since`` and those after it are called.
    start : dict, optional
        What the controls show at first, by label.
    note, description : str
        Shown below the numbers; said of the picture.
    name : str

    Examples
    --------
    >>> alive = np.array([[[True, True], [False, True], [True, False]]])
    >>> shares, controls = np.full((1, 3, 2), 0.5), ({"layer": ["1"]}, {"epoch": [0, 1, 2]})
    >>> widget = Microscope(alive, shares, [-1, 0, 1], *controls, since=1, start={"epoch": 2})
    >>> widget.said()
    {'dead, of 2 units': '1', 'dead at epoch 1 and alive now': '1'}
    """

    _esm = module("microscope", "_grid", "geometry/units")
    picture_size = (5.2, 7.6)

    since = traitlets.Int().tag(sync=True)
    units = traitlets.Int().tag(sync=True)
    edges = traitlets.List().tag(sync=True)
    phases = traitlets.List().tag(sync=True)

    def __init__(
        self,
        alive,
        shares,
        edges,
        choices: Mapping[str, Sequence[str]],
        sliders: Mapping[str, Sequence],
        since: int,
        phases: Sequence[str] = ("before", "after"),
        start: Mapping | None = None,
        note: str = "",
        description: str = "",
        name: str = "microscope",
    ):
        alive, shares, edges = np.asarray(alive), checks.finite(shares, "shares"), np.asarray(edges, float)
        axes, self._description = axes_of(sliders), description
        grid = (*map(len, choices.values()), *(len(axis.values) for axis in axes))
        _check(alive, shares, edges, grid, since)
        was = np.take(alive, [since], axis=-2)
        counts = {
            f"dead, of {alive.shape[-1]} units": ~alive,
            f"dead at {axes[-1].label} {axes[-1].names[since]} and alive now": alive & ~was,
        }
        counts = {label: (each.sum(axis=-1, dtype=float), ".0f") for label, each in counts.items()}
        later = np.arange(grid[-1]) > since
        *_, (revived, _) = counts.values()
        revived *= later
        controls = self._controls(choices, axes, counts, start=start)
        arrays = {
            "alive": np.packbits(alive, axis=-1),
            "levels": np.rint(LEVELS * np.sqrt(shares)).astype(np.uint8),
        }
        data, data_layout = pack({**arrays, **self._packed_readouts()})
        super().__init__(
            name=name,
            data=data,
            data_layout=data_layout,
            since=since,
            units=alive.shape[-1],
            edges=[None if np.isinf(edge) else float(edge) for edge in edges],
            phases=list(phases),
            note=note,
            **controls,
        )

    @traitlets.default("room")
    def _room(self):
        tall = 5 * self.units
        return [self._controls_room(1) + 2 * tall + 454, self._controls_room(2) + tall + 332]

    @property
    def time(self) -> int:
        """The place of the time that is shown."""
        return self.settings()[""][-1]

    def states(self) -> Array:
        """Return what every unit is at every time, in the present setting: ``DEAD``, ``ALIVE`` or ``REVIVED``.

        The array has the shape (units, times).
        """
        bits = self.arrays()["alive"][self.settings()[""][:-1]]
        alive = np.unpackbits(bits, axis=-1, count=self.units).T.astype(int)
        again = (alive[:, [self.since]] == 0) & (np.arange(alive.shape[1]) > self.since)
        return alive * np.where(again, REVIVED, ALIVE)

    def histogram(self) -> Array:
        """Return the shares of the bins as they are drawn, (times, bins), in the present setting."""
        return (self.arrays()["levels"][self.settings()[""][:-1]] / LEVELS) ** 2

    @property
    def alt(self):
        controls = " and ".join(label for label, _ in [*self.choices, *self.sliders[:-1]])
        return (
            f"{self._description} A row for each of {self.units} units and a column for each {self.sliders[-1][0]}, "
            f"for every setting of {controls}: a block where the unit is alive, a thin line where it is dead, a block "
            "with a stripe where it has come back to life. Beside it, a histogram of the preactivations for each "
            f"{self.sliders[-1][0]}, stronger where there are more."
        ).strip()

    def draw(self, figure):
        from matplotlib.patches import Patch

        rows, heat = figure.subplots(2, 1, height_ratios=[1.25, 1], sharex=True)
        label, names = self.sliders[-1]
        styles = {ALIVE: (0.84, BLUE), REVIVED: (0.84, OCHRE), DEAD: (0.14, INK)}
        for unit, row in enumerate(self.states()[:, : self.time + 1]):
            for state, first, last in runs(row):
                high, colour = styles[state]
                rows.broken_barh([(first - 0.5, last - first)], (unit - high / 2, high), color=colour, linewidth=0)
                if state == REVIVED:
                    rows.broken_barh([(first - 0.5, last - first)], (unit - 0.12, 0.24), color="white", linewidth=0)
        rows.set(ylim=(self.units - 0.4, -0.6), yticks=[], ylabel=f"{self.units} units")
        key = {"alive": BLUE, "alive again": OCHRE, "dead (line)": INK}
        handles = [Patch(color=colour, label=word) for word, colour in key.items()]
        levels = np.sqrt(self.histogram()[: self.time + 1])
        for time, column in enumerate(levels):
            for place, level in enumerate(column):
                if level:
                    heat.broken_barh([(time - 0.5, 1)], (place, 1), color=BLUE, alpha=float(level), linewidth=0)
        inner = [(n, edge) for n, edge in enumerate(self.edges) if edge is not None]
        zero = np.interp(0, [edge for _, edge in inner], [n for n, _ in inner])
        heat.axhline(zero, color=INK, linewidth=1.4)
        ticks = inner[:: max(1, len(inner) // 5)]
        heat.set_yticks([n for n, _ in ticks], [minus(f"{edge:g}") for _, edge in ticks])
        heat.set(ylim=(0, len(self.edges) - 1), ylabel="preactivation z", xlim=(-0.5, len(names) - 0.5), xlabel=label)
        every = max(1, len(names) // 6)
        heat.set_xticks(range(0, len(names), every), names[::every])
        for axes in (rows, heat):
            axes.axvline(self.since + 0.5, color=INK, linewidth=1, linestyle=(0, (3, 2)))
        figure.legend(handles=handles, ncols=3, loc="outside lower center", frameon=False)
        figure.suptitle(self._heading(), fontsize=12)


def _check(alive, shares, edges, grid: tuple[int, ...], since: int) -> None:
    """Refuse what does not fit together."""
    if alive.dtype != bool or alive.shape[:-1] != grid:
        raise ValueError(
            f"alive must be booleans of shape {(*grid, 'units')}, for (choices..., sliders..., units); got "
            f"{alive.dtype} of shape {alive.shape}."
        )
    if not fits(shares.shape[:-1], grid) or shares.shape[:-1] != grid or np.any((shares < 0) | (shares > 1)):
        raise ValueError(f"shares must lie in [0, 1] and have the shape {(*grid, 'bins')}; got {shares.shape}.")
    if edges.shape != (shares.shape[-1] + 1,) or np.any(np.diff(edges) <= 0):
        bins = shares.shape[-1]
        raise ValueError(f"edges must be {bins + 1} rising numbers, for {bins} bins; got {edges}.")
    if not 0 <= since < grid[-1]:
        raise ValueError(f"since must be a place from 0 to {grid[-1] - 1} on the last slider; got {since!r}.")
