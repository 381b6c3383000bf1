"""The stall: one output unit that is confidently wrong, and what its loss lets it do about it."""

import math

import numpy as np
import traitlets

from nonlinear import checks
from nonlinear.arrays import REALS
from nonlinear.course.looks import GREY, INK, LOOK
from nonlinear.course.pairings import LOSSES, MOST, OUTPUTS, PAIRINGS, descend
from nonlinear.widgets._base import Widget, headline, look, module, one_of, pack, shown

LOW, HIGH, STEP, PER_UNIT = -4.0, 14.0, 0.1, 20
PLACES = np.arange(LOW * PER_UNIT, HIGH * PER_UNIT + 1) / PER_UNIT
RATES = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
CEILING = 15.0  # losses are drawn up to here at most


class Stall(Widget):
    """A unit that should say no and says yes: a point on the curve of its loss over z, and its loss step by step.

    The script descends by itself, on the formulas of `nonlinear.course.pairings`.

    Parameters
    ----------
    output : {"sigmoid", "tanh", "linear"}
    loss : {"mean square", "cross-entropy"}
    z : float
        Where the unit starts.
    rate : int
        The place of the learning rate among ``RATES``.
    name : str

    Examples
    --------
    >>> widget = Stall(z=12)
    >>> widget.said()
    'Right after 162,869 steps.'
    >>> widget.loss = "cross-entropy"
    >>> widget.said()
    'Right after 46 steps.'
    """

    _esm = module("stall", "geometry/lines", "geometry/stall", "_lines")
    picture_size = (5.2, 5.8)

    output = traitlets.Unicode().tag(sync=True)
    loss = traitlets.Unicode().tag(sync=True)
    z = traitlets.Float().tag(sync=True)
    rate = traitlets.Int().tag(sync=True)
    outputs = traitlets.List().tag(sync=True)
    losses = traitlets.List(list(LOSSES)).tag(sync=True)
    axis = traitlets.Dict({"low": LOW, "high": HIGH, "step": STEP, "per": PER_UNIT, "most": MOST}).tag(sync=True)

    def __init__(self, output="sigmoid", loss="mean square", z=6.0, rate=3, name="stall"):
        curves = np.array([[pairing.value(z) for z in PLACES] for pairing in PAIRINGS.values()])
        data, data_layout = pack({"curves": curves.astype(np.float32)})
        super().__init__(
            name=name,
            shared=["output", "loss", "z", "rate"],
            places={"rate": list(RATES)},
            data=data,
            data_layout=data_layout,
            outputs=[{"name": name, "look": look("identity" if name == "linear" else name)} for name in OUTPUTS],
            output=output,
            loss=loss,
            z=checks.within(z, REALS, "z"),
            rate=rate,
        )

    @traitlets.validate("output", "loss")
    def _known(self, proposal):
        name = proposal["trait"].name
        return one_of(name, proposal["value"], list(OUTPUTS if name == "output" else LOSSES))

    @traitlets.validate("z")
    def _on_the_slider(self, proposal):
        if not LOW <= proposal["value"] <= HIGH:
            raise ValueError(f"z must lie between {LOW:g} and {HIGH:g}; got {proposal['value']!r}.")
        return round(round(proposal["value"] / STEP) * STEP, 10)

    @traitlets.validate("rate")
    def _a_place(self, proposal):
        return one_of("rate", proposal["value"], range(len(RATES)))

    @traitlets.default("room")
    def _room(self):
        return [1200, 664]

    def said(self) -> str:
        """Return the verdict as the reader sees it."""
        way = descend(PAIRINGS[self.output, self.loss], self.z, RATES[self.rate])
        return verdict(way.steps, way.path[-1][1], (self.output, self.loss) == ("linear", "cross-entropy"))

    @property
    def alt(self):
        return (
            "Two drawings for one output unit that should say no. Above, its loss over its preactivation z from "
            f"{LOW:g} to {HIGH:g}, with the unit as a point on the curve. Below, its loss against the step of gradient "
            "descent, on a log axis, until the answer is right. The output is a sigmoid, tanh or linear, the loss mean "
            "square or cross-entropy."
        ).replace("-4", "−4")

    def draw(self, figure):
        top, bottom = figure.subplots(2, 1)
        pairing, colour = (
            PAIRINGS[self.output, self.loss],
            LOOK["identity" if self.output == "linear" else self.output][0],
        )
        losses = np.array([pairing.value(z) for z in PLACES])
        high = min(CEILING, 1.05 * np.nanmax(losses))
        top.plot(PLACES, losses, color=colour)
        top.plot(self.z, min(pairing.value(self.z), high), "o", color=INK, markersize=8)
        top.set(xlim=(LOW, HIGH), ylim=(min(0, np.nanmin(losses)) - 0.03 * high, high), xlabel="z", ylabel="loss")
        top.set_title(f"{self.output}, {self.loss}, z = {shown(self.z, '.1f')}", fontsize=12, loc="left")
        path = np.array(descend(pairing, self.z, RATES[self.rate]).path)
        bottom.plot(np.maximum(path[:, 0], 1), [pairing.value(z) for z in path[:, 1]], color=colour)
        bottom.axhline(0, color=GREY, linewidth=0.8, linestyle=":")
        bottom.set(xscale="log", xlim=(1, MOST), ylim=top.get_ylim(), xlabel="steps (log scale)", ylabel="loss")
        headline(bottom, self.said())


def verdict(steps: float, end: float, bottomless: bool) -> str:
    """Return what becomes of a unit, in words; the script says the same.

    Parameters
    ----------
    steps : float
        As `nonlinear.course.pairings.descend` counts them.
    end : float
        The z after the last step.
    bottomless : bool
        Whether the loss falls for ever.

    Examples
    --------
    >>> verdict(math.inf, 2e6, False)
    'Never right: each step overshoots, and lands further off.'
    """
    if math.isnan(steps):
        return "No loss to descend on: 1 − z is not above 0 here, and has no logarithm."
    if steps == 0:
        return "Not wrong: the answer is within 0.1 of the right one."
    if math.isfinite(steps):
        return f"Right after {steps:,.0f} step{'s' if steps > 1 else ''}."
    if abs(end) >= 1e6:
        return "Never right: each step overshoots, and lands further off."
    if bottomless:
        return "Never right: it has run past 0, for this loss has no lowest point."
    return f"Not right after {MOST:,} steps."
