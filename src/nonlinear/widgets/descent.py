"""The way back: one unit's preactivation under gradient descent, from a z that the reader drags along the curve."""

from collections.abc import Mapping

import numpy as np
import traitlets

from nonlinear import checks
from nonlinear.activations import Pointwise
from nonlinear.arrays import REALS
from nonlinear.course.descent import MOST, RATE, TARGET, descent_path, descent_step, recovery_steps
from nonlinear.course.looks import GREY, INK, LOOK
from nonlinear.course.text import minus
from nonlinear.special import Array
from nonlinear.widgets._base import Widget, headline, look, module, one_of, pack, shown

LOW, END, HIGH, STEP = -16.0, -12.0, 2.0, 0.05  # the tables begin at LOW, the slider at END
PER_UNIT = 16  # points of a table
BELOW = np.arange(LOW * PER_UNIT, 1) / PER_UNIT
ABOVE = np.arange(0, 3 * PER_UNIT + 1) / PER_UNIT
NEAR = 1e-9


class Descent(Widget):
    """A unit that has to come back: f and f' with the unit's z as a point on them, and the path of z step by step.

    The script descends on (f(z) - 1)^2 at a rate of 0.1, with values and slopes from tables of `nonlinear`, by cubic
    interpolation. A zone in which a step leads further down, or nowhere, is shaded.

    Parameters
    ----------
    functions : dict of str to Pointwise
        By the names that the list offers; with kinks at 0 only.
    function : str, optional
        The one shown at the start; the first by default.
    z : float
        Where the unit starts.
    name : str

    Examples
    --------
    >>> from nonlinear.activations import LeakyReLU, SiLU
    >>> widget = Descent({"Leaky ReLU 0.1": LeakyReLU(0.1), "SiLU": SiLU()}, z=-10)
    >>> widget.said()
    'Back at 0 after 347 steps.'
    >>> widget.function = "SiLU"
    >>> widget.said()
    'Never back: the slope is negative here, so each step leads further down.'
    """

    _esm = module("descent", "geometry/lines", "geometry/descent", "_lines")
    picture_size = (5.2, 5.8)

    function = traitlets.Unicode().tag(sync=True)
    z = traitlets.Float().tag(sync=True)
    functions = traitlets.List().tag(sync=True)
    table = traitlets.Dict().tag(sync=True)
    ends = traitlets.List([END, HIGH, STEP]).tag(sync=True)
    setting = traitlets.Dict({"rate": RATE, "target": TARGET, "most": MOST}).tag(sync=True)

    def __init__(
        self, functions: Mapping[str, Pointwise], function: str | None = None, z: float = -10.0, name: str = "descent"
    ):
        self._functions = _checked(functions)
        left, right = BELOW - NEAR * (BELOW == 0), ABOVE + NEAR * (ABOVE == 0)
        arrays = {
            f"{what} {side}": np.stack([_table(f, what, place) for f in self._functions.values()]).astype(np.float32)
            for what in ("values", "slopes")
            for side, place in (("below", left), ("above", right))
        }
        data, data_layout = pack(arrays)
        super().__init__(
            name=name,
            shared=["function", "z"],
            data=data,
            data_layout=data_layout,
            functions=[{"name": name, "look": look(f)} for name, f in self._functions.items()],
            table={"low": LOW, "high": float(ABOVE[-1]), "per": PER_UNIT},
            function=function or next(iter(self._functions)),
            z=checks.within(z, REALS, "z"),
        )

    @traitlets.validate("function")
    def _known(self, proposal):
        return one_of("function", proposal["value"], list(self._functions))

    @traitlets.validate("z")
    def _on_the_slider(self, proposal):
        if not END <= proposal["value"] <= HIGH:
            raise ValueError(f"z must lie between {END:g} and {HIGH:g}; got {proposal['value']!r}.")
        return round(round(proposal["value"] / STEP) * STEP, 10)

    @traitlets.default("room")
    def _room(self):
        return [1010, 640]

    def said(self) -> str:
        """Return the verdict as the reader sees it."""
        f = self._functions[self.function]
        step, (steps,) = float(descent_step(f, self.z)), recovery_steps(f, [self.z])
        return verdict(self.z, step, steps)

    @property
    def alt(self):
        return minus(
            "Two drawings for one unit. Above, an activation function f (solid) and its slope f′ (dashed) over z from "
            f"{END:g} to {ABOVE[-1]:g}, with the unit's z as a point on the curve; where a step of gradient descent "
            "would lead further down, or nowhere, the ground is shaded. Below, the path of z against the step, on a "
            f"log axis, until it is back at 0. The functions are {', '.join(self._functions)}."
        )

    def draw(self, figure):
        top, bottom = figure.subplots(2, 1)
        f, (colour, *_) = self._functions[self.function], LOOK[self._functions[self.function].name]
        z = np.concatenate([BELOW[BELOW >= END], ABOVE])
        for label, values, style in (("f(z)", f(z), "-"), ("f′(z)", f.derivative(z), "--")):
            top.plot(z, values, style, color=colour, linewidth=1.8, label=label)
        stuck = (z < 0) & (descent_step(f, z) <= 0)
        if stuck.any():
            top.axvspan(END, z[stuck].max(), color=GREY, alpha=0.2, linewidth=0)
        top.plot(self.z, f(self.z), "o", color=INK, markersize=8)
        top.set(xlim=(END, ABOVE[-1]), ylim=(-2.2, 3.2), xlabel="z")
        top.legend(frameon=False, fontsize=11.7, loc="upper left")
        top.set_title(f"{self.function}, z = {shown(self.z, '.2f')}", fontsize=12, loc="left")
        (steps,) = recovery_steps(f, [self.z])
        walked = descent_path(f, self.z, int(steps) if np.isfinite(steps) else 1000)
        bottom.plot(np.arange(len(walked)) + 1, walked, color=colour, linewidth=1.8)
        bottom.axhline(0, color=GREY, linewidth=0.8, linestyle=":")
        bottom.set(xscale="log", xlim=(1, MOST), ylim=(-14, 1), xlabel="step + 1 (log scale)", ylabel="z")
        headline(bottom, self.said())


def verdict(z: float, step: float, steps: float) -> str:
    """Return what becomes of a unit, in words; the script says the same.

    >>> verdict(-1.0, 0.0, np.inf)
    'Never back: the slope is exactly 0 here, so z stays where it is.'
    """
    if z >= 0:
        return "This unit is not stuck: its z is not below 0."
    if np.isfinite(steps):
        return f"Back at 0 after {steps:,.0f} step{'s' if steps > 1 else ''}."
    if step > 0:
        return f"Not back after {MOST:,} steps, though each leads upwards."
    if step == 0:
        return "Never back: the slope is exactly 0 here, so z stays where it is."
    return "Never back: the slope is negative here, so each step leads further down."


def _checked(functions) -> dict[str, Pointwise]:
    functions = dict(functions)
    if not functions or not all(isinstance(f, Pointwise) for f in functions.values()):
        raise TypeError(f"functions must map names to pointwise activation functions; got {functions!r}.")
    for name, f in functions.items():
        if set(f.traits.kinks) - {0.0}:
            raise ValueError(f"functions may have a kink at 0 and nowhere else; {name!r} has {f.traits.kinks}.")
    return functions


def _table(f: Pointwise, what: str, z: Array) -> Array:
    return f(z) if what == "values" else f.derivative(z)
