"""The explorer: functions of the catalogue side by side, with slopes, tangents and traits."""

from collections.abc import Sequence

import numpy as np
import traitlets

from nonlinear import checks
from nonlinear.activations import Pointwise
from nonlinear.arrays import REALS
from nonlinear.course.functions import pointwise, symbol, variants, words
from nonlinear.course.looks import GREY, LOOK, NEAR, broken, title
from nonlinear.course.text import minus
from nonlinear.special import Array
from nonlinear.widgets._base import Widget, look, module, one_of, pack, shown

SLOTS = ("first", "second", "third")
NONE = "none"
STEP, END = 0.1, 6.0
ZS = np.round(np.arange(-END, END + STEP / 2, STEP), 10)
VIEW, SLOPE_VIEW = (-3.0, 6.0), (-1.0, 2.5)  # the most that the drawings show


class Explorer(Widget):
    """Up to three functions over one another, their slopes below, and a z that the reader drags.

    All values come from `nonlinear`, on a grid of z and of each function's parameter: the script only draws them.

    Parameters
    ----------
    functions : sequence of Pointwise, optional
        What the lists offer; all pointwise functions of the catalogue by default. A parameter with a typical range gets
        a slider.
    first, second, third : str
        Names of the functions shown at the start; "none" for the second and third.
    z : float
    name : str

    Examples
    --------
    >>> widget = Explorer(first="relu", second="elu", z=-1)
    >>> widget.said()["elu"]
    ('−0.6321', '0.3679')
    """

    _esm = module("explorer", "geometry/lines", "_lines")
    picture_size = (5.2, 5.6)

    first = traitlets.Unicode().tag(sync=True)
    second = traitlets.Unicode().tag(sync=True)
    third = traitlets.Unicode().tag(sync=True)
    first_parameter = traitlets.Float().tag(sync=True)
    second_parameter = traitlets.Float().tag(sync=True)
    third_parameter = traitlets.Float().tag(sync=True)
    z = traitlets.Float().tag(sync=True)
    zs = traitlets.List().tag(sync=True)
    step = traitlets.Float(STEP).tag(sync=True)
    functions = traitlets.List().tag(sync=True)

    def __init__(
        self,
        functions: Sequence[Pointwise] | None = None,
        first: str = "relu",
        second: str = "elu",
        third: str = NONE,
        z: float = -1.0,
        name: str = "explorer",
    ):
        functions = list(functions or pointwise())
        self._variants = {f.name: variants(f) for f in functions}
        usual = {f.name: getattr(f, self._variants[f.name][0] or "_", 0.0) for f in functions}
        described, row = [], 0
        for key, (field, family) in self._variants.items():
            described.append({**describe(key, field, family, usual[key]), "row": row})
            row += len(family)
        everything = [f for _, variants in self._variants.values() for f in variants]
        values = np.stack([f(ZS) for f in everything])
        slopes = np.stack([f.derivative(ZS) for f in everything])
        data, data_layout = pack({"values": coded(values), "slopes": coded(slopes)})
        start = {"first": first, "second": second, "third": third}
        parameters = {f"{slot}_parameter": float(usual.get(key, 0.0)) for slot, key in start.items()}
        super().__init__(
            name=name,
            shared=[trait for slot in SLOTS for trait in (slot, f"{slot}_parameter")] + ["z"],
            data=data,
            data_layout=data_layout,
            zs=ZS.tolist(),
            functions=described,
            z=checks.within(z, REALS, "z"),
            **start,
            **parameters,
        )

    @traitlets.validate(*SLOTS)
    def _known(self, proposal):
        slot, known = proposal["trait"].name, [each["name"] for each in self.functions]
        return one_of(slot, proposal["value"], known if slot == "first" else [NONE, *known])

    @traitlets.validate("z")
    def _on_the_axis(self, proposal):
        if not -END <= proposal["value"] <= END:
            raise ValueError(f"z must lie between {-END:g} and {END:g}; got {proposal['value']!r}.")
        return float(ZS[np.argmin(np.abs(ZS - proposal["value"]))])

    @traitlets.default("room")
    def _room(self):
        return [1606, 894]

    def shown(self) -> dict[str, Pointwise]:
        """Return the functions shown, with their parameters, by slot."""
        chosen = {}
        for slot in SLOTS:
            if getattr(self, slot) != NONE:
                field, variants = self._variants[getattr(self, slot)]
                wanted = getattr(self, f"{slot}_parameter")
                chosen[slot] = min(variants, key=lambda f: abs(getattr(f, field) - wanted)) if field else variants[0]
        return chosen

    def said(self) -> dict[str, tuple[str, str]]:
        """Return value and slope at z as the reader sees them, by name of function."""
        return {
            f.name: tuple(shown(np.float32(each(self.z)), ".4g") for each in (f, f.derivative))
            for f in self.shown().values()
        }

    @property
    def alt(self):
        return (
            "Two drawings over z from −6 to 6. Above, the values f(z) of one to three activation functions, each with "
            "its tangent at a chosen z; below, their slopes f′(z), with a dot at the same z. Functions, parameters and "
            f"z can be chosen; the functions are {', '.join(each['title'] for each in self.functions)}."
        )

    def draw(self, figure):
        top, bottom = figure.subplots(2, 1, sharex=True)
        for f in self.shown().values():
            colour, style, _ = LOOK[f.name]
            value, slope = float(f(self.z)), float(f.derivative(self.z))
            drawn = {"color": colour, "linestyle": style, "linewidth": 1.8}
            top.plot(*broken(f, -END, END, f.traits.kinks), label=title(f), **drawn)
            bottom.plot(*broken(f.derivative, -END, END, f.traits.kinks), **drawn)
            top.axline((self.z, value), slope=slope, color=colour, linewidth=0.8)
            top.plot(self.z, value, "o", color=colour)
            bottom.plot(self.z, slope, "o", color=colour)
        for axis, view in ((top, VIEW), (bottom, SLOPE_VIEW)):
            low, high = axis.get_ylim()
            axis.set(xlim=(-END, END), ylim=(max(low, view[0]), min(high, view[1])))
            axis.axvline(self.z, color=GREY, linestyle="--", linewidth=0.8)
        top.legend(frameon=False, fontsize=11.7)
        top.set_title(minus(f"values f(z), tangents at z = {self.z:.1f}"), fontsize=12, loc="left")
        bottom.set_title("slopes f′(z)", fontsize=12, loc="left")
        bottom.set_xlabel("z")


def describe(name: str, field: str, variants: Sequence[Pointwise], usual: float) -> dict:
    """Return what the script needs to know about a function and its variants."""
    values, slopes = (np.stack([each(ZS) for each in functions]) for functions in
                      (variants, [f.derivative for f in variants]))  # fmt: skip
    values_of = [float(getattr(f, field)) for f in variants] if field else []
    return {
        "name": name,
        "title": title(variants[0]),
        "look": look(name),
        "parameter": {"label": symbol(field), "values": values_of, "usual": usual} if field else None,
        "view": seen(values, VIEW),
        "slopeView": seen(slopes, SLOPE_VIEW),
        "variants": [
            {
                "kinks": list(f.traits.kinks),
                "corners": sides(f, f.traits.kinks),
                "jumps": sides(f.derivative, f.traits.kinks),
                "traits": [list(pair) for pair in words(f).items()],
            }
            for f in variants
        ],
    }


def seen(values: Array, most: tuple[float, float]) -> list[float]:
    """Return the part of the y axis that a function needs, within what a drawing shows."""
    low, high = np.clip([values.min(), values.max()], *most)
    return [float(min(low, 0)), float(max(high, 0.25))]


def sides(function, kinks: Sequence[float]) -> list[list[float]]:
    """Return [kink, value just left of it, value just right of it] of each kink; where it is continuous, one twice."""
    found = []
    for kink in sorted(kinks):
        left, right = (float(np.float32(function(kink + side * NEAR))) for side in (-1, 1))
        found.append([float(kink), left, left if abs(left - right) < 1e-6 else right])
    return found


def coded(values: Array) -> Array:
    """Return float32 values, exactly, as bytes that compress well: second differences of their bits along x.

    Parameters
    ----------
    values : array, (rows, points)

    Returns
    -------
    array of uint8, (4, rows, points)
        The bytes of the differences, lowest first, modulo 2 ** 32. Negative numbers are mirrored so that the bits rise
        with the numbers.
    """
    bits = np.asarray(values, np.float32).view(np.int32).astype(np.int64)
    rising = np.where(bits < 0, -(2**31) - bits, bits)
    second = np.diff(rising, n=2, axis=-1, prepend=np.zeros((*rising.shape[:-1], 2), np.int64)) % 2**32
    return np.stack([second >> 8 * byte & 0xFF for byte in range(4)]).astype(np.uint8)
