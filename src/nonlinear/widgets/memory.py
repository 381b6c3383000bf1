"""The memory: one cell over 100 steps, and the function of its gates, on which the reader drags the forget gate."""

from collections.abc import Mapping

import numpy as np
import traitlets

from nonlinear import checks
from nonlinear.activations import Pointwise
from nonlinear.arrays import REALS
from nonlinear.course.looks import BLUE, GREY, INK, LOOK, VERMILLION
from nonlinear.course.memory import STEPS, remember
from nonlinear.special import Array
from nonlinear.widgets._base import Widget, headline, look, module, one_of, pack, shown

LOW, HIGH, STEP = -4.0, 6.0, 0.1
SPREADS, SPREAD_STEP, FARTHEST = (0.0, 2.0), 0.1, 2.5
PER_UNIT, MARGIN = 64, 5  # points of a table; how far beyond the sliders it reaches
PLACES = np.arange((LOW - MARGIN) * PER_UNIT, (HIGH + MARGIN) * PER_UNIT + 1) / PER_UNIT
LITTLE, FEW, MANY = 1e-6, 1e4, 1e80  # ends of the log axis


class Memory(Widget):
    """A memory cell that is told 1 at every step: what it holds, and what is left of its start, step by step.

    The gates' preactivations are those of the sliders, plus the same random numbers for every setting times the spread.
    The script takes the gates from a table of `nonlinear`, by linear interpolation, and so does Python here.

    Parameters
    ----------
    gates : dict of str to Pointwise
        What the gates may be, by the names that the list offers.
    gate : str, optional
        The one shown at the start; the first by default.
    forget, entry : float
        Preactivations of the forget gate and of the input gate.
    spread : float
        How much they vary from step to step.
    name : str

    Examples
    --------
    >>> from nonlinear.activations import ReLU, Sigmoid
    >>> widget = Memory({"sigmoid": Sigmoid(), "ReLU": ReLU()}, forget=3)
    >>> widget.said()
    'Forgotten: of what the cell held at the start, 0.0078 is left, and of a gradient the same.'
    >>> widget.gate = "ReLU"
    >>> widget.said()
    'The gradient explodes: it comes back 5.2 × 10⁴⁷ times as large.'
    """

    _esm = module("memory", "geometry/lines", "geometry/memory", "_lines")
    picture_size = (5.2, 5.8)

    gate = traitlets.Unicode().tag(sync=True)
    forget = traitlets.Float().tag(sync=True)
    entry = traitlets.Float().tag(sync=True)
    spread = traitlets.Float().tag(sync=True)
    gates = traitlets.List().tag(sync=True)
    setting = traitlets.Dict(
        {"low": LOW, "high": HIGH, "step": STEP, "start": PLACES[0], "per": PER_UNIT}
        | {"spreads": [*SPREADS, SPREAD_STEP], "little": LITTLE, "few": FEW, "many": MANY}
    ).tag(sync=True)

    def __init__(
        self,
        gates: Mapping[str, Pointwise],
        gate: str | None = None,
        forget: float = 0.0,
        entry: float = 0.0,
        spread: float = 0.0,
        name: str = "memory",
    ):
        self._gates = _checked(gates)
        noise = np.random.default_rng(0).normal(size=(2, STEPS)).clip(-FARTHEST, FARTHEST)
        tables = np.stack([f(PLACES) for f in self._gates.values()])
        data, data_layout = pack({"tables": tables.astype(np.float32), "noise": noise.astype(np.float32)})
        super().__init__(
            name=name,
            shared=["gate", "forget", "entry", "spread"],
            data=data,
            data_layout=data_layout,
            gates=[{"name": name, "look": look(f)} for name, f in self._gates.items()],
            gate=gate or next(iter(self._gates)),
            forget=checks.within(forget, REALS, "forget"),
            entry=checks.within(entry, REALS, "entry"),
            spread=checks.within(spread, REALS, "spread"),
        )

    @traitlets.validate("gate")
    def _known(self, proposal):
        return one_of("gate", proposal["value"], list(self._gates))

    @traitlets.validate("forget", "entry", "spread")
    def _on_the_slider(self, proposal):
        name = proposal["trait"].name
        low, high = SPREADS if name == "spread" else (LOW, HIGH)
        if not low <= proposal["value"] <= high:
            raise ValueError(f"{name} must lie between {low:g} and {high:g}; got {proposal['value']!r}.")
        return round(round(proposal["value"] / STEP) * STEP, 10)

    @traitlets.default("room")
    def _room(self):
        return [1224, 744]

    def gate_at(self, z: Array) -> Array:
        """Return the gate's function, from the table."""
        return np.interp(z, PLACES, self.arrays()["tables"][list(self._gates).index(self.gate)])

    def history(self) -> tuple[Array, Array]:
        """Return the cell and what is left of its start, after each of the steps, (100,) each."""
        forget, entry = self.spread * self.arrays()["noise"].astype(float) + [[self.forget], [self.entry]]
        return remember(self.gate_at(forget), self.gate_at(entry))

    def said(self) -> str:
        """Return the verdict as the reader sees it."""
        cells, kept = self.history()
        return verdict(cells[-1], kept[-1])

    @property
    def alt(self):
        return (
            "Two drawings of a memory cell. Above, the function of its gates over their preactivation from "
            f"{LOW:g} to {HIGH:g}, with a point for the forget gate and one for the input gate. Below, over "
            f"{STEPS} steps and on a log axis, what the cell holds, what is left of its start, and the most that gates "
            f"between 0 and 1 allow. The gates are {', '.join(self._gates)}."
        ).replace("-4", "−4")

    def draw(self, figure):
        top, bottom = figure.subplots(2, 1)
        z, colour = PLACES[(PLACES >= LOW) & (PLACES <= HIGH)], LOOK[self._gates[self.gate].name][0]
        top.plot(z, self.gate_at(z), color=colour, linewidth=1.8)
        for place, marker, label in ((self.forget, "o", "forget gate"), (self.entry, "s", "input gate")):
            top.plot(place, self.gate_at(place), marker, color=INK, markersize=8, label=label)
        top.set(xlim=(LOW, HIGH), ylim=(-1.15, 2.2), xlabel="z")
        top.legend(frameon=False, fontsize=11.7, loc="lower right")
        top.set_title(f"{self.gate}, z = {shown(self.forget, '.1f')}", fontsize=12, loc="left")
        steps, (cells, kept) = np.arange(1, STEPS + 1), self.history()
        for values, line, label in ((cells, (BLUE, "-"), "c"), (kept, (VERMILLION, "--"), "left of the start")):
            bottom.plot(steps, np.maximum(np.abs(values), 1e-300), line[1], color=line[0], linewidth=1.8, label=label)
        bottom.plot(steps, steps, ":", color=GREY, linewidth=1.2, label="most allowed")
        bottom.set(yscale="log", ylim=limits(cells, kept), xlim=(1, STEPS), xlabel="step")
        figure.legend(*bottom.get_legend_handles_labels(), ncols=3, loc="outside lower center", frameon=False)
        headline(bottom, self.said())


def limits(cells: Array, kept: Array) -> tuple[float, float]:
    """Return the ends of the log axis: near, or far where something has grown beyond what is near."""
    return LITTLE, FEW if max(np.abs(cells).max(), np.abs(kept).max()) <= FEW else MANY


def verdict(cell: float, kept: float) -> str:
    """Return what has become of a cell after all steps, in words; the script says the same.

    >>> verdict(0.0, 2.0)
    'The gradient explodes: it comes back 2 times as large.'
    """
    if abs(cell) > STEPS:
        return f"Grown to {shown(abs(cell), '.2g')}. Gates between 0 and 1 allow {STEPS} at most."
    if abs(kept) > 1:
        return f"The gradient explodes: it comes back {shown(abs(kept), '.2g')} times as large."
    word = "Forgotten" if abs(kept) < 0.01 else "Remembered"
    return f"{word}: of what the cell held at the start, {shown(abs(kept), '.2g')} is left, and of a gradient the same."


def _checked(gates) -> dict[str, Pointwise]:
    gates = dict(gates)
    if not gates or not all(isinstance(f, Pointwise) for f in gates.values()):
        raise TypeError(f"gates must map names to pointwise activation functions; got {gates!r}.")
    return gates
