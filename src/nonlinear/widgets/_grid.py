"""What widgets over a grid of settings share: lists (choices) and sliders that pick one, and read-outs of it."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import traitlets

from nonlinear import checks
from nonlinear.course.text import minus
from nonlinear.special import Array
from nonlinear.widgets._base import Widget, number_format, one_of, shown

SCALES = ("linear", "log")
MOST = {"choices": 3, "sliders": 3}
ALL = "all"
TOOLS = 64  # pixels: the row of buttons below a widget


@dataclass(frozen=True)
class Axis:
    """One axis of a grid, with a slider of its own.

    Parameters
    ----------
    label : str
    values : sequence of float or of str
        In the order of the cells.
    format : str
        As for `format`, for the labels of the values. Cells are of one size whatever their values.

    Examples
    --------
    >>> Axis("learning rate", (0.01, 0.1, 1.0)).names
    ('0.01', '0.1', '1')
    """

    label: str
    values: Sequence[float] | Sequence[str]
    format: str = "g"

    def __post_init__(self):
        if not all(isinstance(value, str) for value in self.values):
            values = checks.finite(self.values, f"values of {self.label!r}")
            if values.ndim != 1:
                raise ValueError(f"values of {self.label!r} must be a list of numbers; got shape {values.shape}.")
        if len(self.values) == 0:
            raise ValueError(f"values of {self.label!r} must be one or more; got none.")

    @property
    def names(self) -> tuple[str, ...]:
        """The values as text."""
        return tuple(v if isinstance(v, str) else minus(format(v, self.format)) for v in self.values)


class OverGrid(Widget):
    """A widget whose arrays have one axis for each choice, then one for each slider; see `Curves` for what these are.

    A subclass calls `_controls` first, and gives what it returns to the traits.
    """

    choice1 = traitlets.Unicode().tag(sync=True)
    choice2 = traitlets.Unicode().tag(sync=True)
    choice3 = traitlets.Unicode().tag(sync=True)
    slider1 = traitlets.Int().tag(sync=True)
    slider2 = traitlets.Int().tag(sync=True)
    slider3 = traitlets.Int().tag(sync=True)
    choices = traitlets.List().tag(sync=True)
    sliders = traitlets.List().tag(sync=True)
    readouts = traitlets.List().tag(sync=True)
    overlay = traitlets.Unicode().tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)

    def _controls(self, choices, axes, readouts=None, diverged=None, start=None, overlay="") -> dict:
        """Check the controls and read-outs, keep what Python needs of them, and return the traits."""
        choices, readouts = dict(choices or {}), dict(readouts or {})
        _check_controls(choices, axes, type(self).__name__)
        choices = [[label, list(options)] for label, options in choices.items()]
        self._shape = (*(len(options) for _, options in choices), *(len(axis.values) for axis in axes))
        if diverged is not None:
            diverged = np.asarray(diverged)
            readouts[f"seeds that diverged (of {diverged.shape[-1]})"] = (diverged.sum(axis=-1), ".0f")
        one_of("overlay", overlay, ["", *(label for label, _ in choices)])
        self._readouts = {
            label: (over_grid(values, self._shape, f"readouts[{label!r}]"), number_format(spec))
            for label, (values, spec) in readouts.items()
        }
        controls = {"choice": choices, "slider": axes}
        return {
            "shared": [f"{kind}{n + 1}" for kind, each in controls.items() for n in range(len(each))],
            "choices": choices,
            "sliders": [[axis.label, list(axis.names)] for axis in axes],
            "places": {f"slider{n + 1}": _plain(axis.values) for n, axis in enumerate(axes)},
            "readouts": [{"label": label, "format": spec} for label, (_, spec) in self._readouts.items()],
            "overlay": overlay,
            **_begin(choices, axes, start or {}),
        }

    def _packed_readouts(self) -> dict[str, Array]:
        """Return what the script needs for the read-outs."""
        read = enumerate(self._readouts.values())
        return {f"readout {n}": _kept(summed_up(values, len(self._shape))) for n, (values, _) in read}

    @traitlets.validate("choice1", "choice2", "choice3")
    def _known_choice(self, proposal):
        trait, value = proposal["trait"].name, proposal["value"]
        number = int(trait[-1]) - 1
        if number >= len(self.choices):
            return value
        label, options = self.choices[number]
        return one_of(f"{trait} ({label})", value, [*options, ALL] if label == self.overlay else options)

    @traitlets.validate("slider1", "slider2", "slider3")
    def _on_its_slider(self, proposal):
        trait, value = proposal["trait"].name, proposal["value"]
        number = int(trait[-1]) - 1
        if number < len(self.sliders) and not 0 <= value < len(self.sliders[number][1]):
            label, names = self.sliders[number]
            raise ValueError(f"{trait} ({label}) must be a place from 0 to {len(names) - 1}; got {value!r}.")
        return value

    def _controls_room(self, columns: int) -> int:
        """Return the height of the lists and sliders, set in columns."""
        lists, sliders = -(-len(self.choices) // columns), -(-len(self.sliders) // columns)
        return 77 * lists + 63 * sliders + 12

    def _words_room(self, columns: int) -> int:
        """Return the height of the read-outs and the note, set in lines of half a hundred letters, once or twice."""
        several, letters = len(self.settings()) > 1, 50 * columns
        rows = [label.rpartition(", ")[2] + text if several else label + text for label, text in self.said().items()]
        groups = 31 * several * len(self._readouts)
        note = 8 * bool(self.note) + 22 * -(-len(self.note) // letters)
        return groups + sum(51 if len(row) > letters - 10 else 27 for row in rows) + note

    def settings(self) -> dict[str, tuple[int, ...]]:
        """Return the places in the grid that are shown, by option where several are shown at once (else by "")."""
        picked = [getattr(self, f"choice{n + 1}") for n in range(len(self.choices))]
        places = [getattr(self, f"slider{n + 1}") for n in range(len(self.sliders))]
        together = next(
            (options for option, (_, options) in zip(picked, self.choices, strict=True) if option == ALL), [""]
        )
        return {
            each: (
                *(
                    o.index(each if option == ALL else option)
                    for option, (_, o) in zip(picked, self.choices, strict=True)
                ),
                *places,
            )
            for each in together
        }

    def said(self) -> dict[str, str]:
        """Return the read-outs as the reader sees them; where all options are shown at once, label and option."""
        said, settings = {}, self.settings()
        for label, (values, spec) in self._readouts.items():
            for option, setting in settings.items():
                distinct = len(settings) > 1 and values.shape[self._over] > 1
                said.setdefault(f"{label}, {option}" if distinct else label, _said(values, setting, spec))
        return said

    @property
    def _over(self) -> int:
        return [label for label, _ in self.choices].index(self.overlay)

    def _heading(self) -> str:
        """Return the setting and the read-outs, for the top of a picture."""
        chosen = [f"{label}: {getattr(self, f'choice{n + 1}')}" for n, (label, _) in enumerate(self.choices)]
        chosen += [
            f"{label}: {names[getattr(self, f'slider{n + 1}')]}" for n, (label, names) in enumerate(self.sliders)
        ]
        said = [f"{label}: {text}" for label, text in self.said().items()] if len(self.settings()) == 1 else []
        return "\n".join(textwrap.fill(line, 56) for line in [", ".join(chosen), *said])


def summed_up(values: Array, axes: int) -> Array:
    """Return median, smallest and largest along the seeds, or the values themselves, on a new first axis.

    Parameters
    ----------
    values : array, (..., [seeds])
    axes : int
        How many axes there are without seeds.
    """
    if values.ndim == axes:
        return values[None]
    return np.stack([np.median(values, axis=-1), values.min(axis=-1), values.max(axis=-1)])


def _plain(values) -> list:
    """Return values as JSON knows them, without digits that only a float has."""
    return [value if isinstance(value, str) else float(f"{value:.9g}") for value in values]


def at_setting(values: Array, setting: tuple[int, ...]) -> Array:
    """Return the part of an array over the grid that belongs to a setting; an axis of length 1 stands for all."""
    return values[tuple(place if size > 1 else 0 for place, size in zip(setting, values.shape, strict=False))]


def _kept(values: Array) -> Array:
    """Return values as float32, or as they are where some are too large or too small for it."""
    sizes, limits = np.abs(values[values != 0]), np.finfo(np.float32)
    return values if np.any((sizes > limits.max) | (sizes < limits.tiny)) else values.astype(np.float32)


def _said(values: Array, setting: tuple[int, ...], spec: str) -> str:
    here = np.atleast_1d(at_setting(values, setting))
    read = np.array((np.median(here), here.min(), here.max()) if len(here) > 1 else here, _kept(values).dtype)
    texts = [shown(each, spec) for each in read]
    return texts[0] if len(texts) == 1 else f"{texts[0]} [{texts[1]}, {texts[2]}]"


def fits(shape: tuple[int, ...], grid: tuple[int, ...]) -> bool:
    return len(shape) == len(grid) and all(size in (1, full) for size, full in zip(shape, grid, strict=True))


def over_grid(values, grid: tuple[int, ...], name: str, seeds: bool = True) -> Array:
    values = checks.finite(values, name).astype(float)
    if not fits(values.shape[: len(grid)], grid) or values.ndim > len(grid) + seeds:
        more = " or that and an axis of seeds;" if seeds else ""
        raise ValueError(f"{name} must have shape {grid}, for (choices..., sliders...);{more} got {values.shape}.")
    return values[..., 0] if values.ndim > len(grid) and values.shape[-1] == 1 else values


def _check_controls(choices, axes, kind: str) -> None:
    if not choices and not axes:
        raise ValueError(f"{kind} needs at least one choice or slider; without any, draw a figure.")
    for name, given in (("choices", choices), ("sliders", axes)):
        if len(given) > MOST[name]:
            raise ValueError(f"{name} may be at most {MOST[name]}; got {len(given)}.")
    for label, options in choices.items():
        if isinstance(options, str) or len(set(options)) < max(len(options), 1) or ALL in options:
            raise ValueError(
                f"choices[{label!r}] must be one or more different names, none of them 'all'; got {options!r}."
            )
    for axis in axes:
        if len(axis.values) < 2:
            raise ValueError(f"sliders[{axis.label!r}] must have two or more places; got {axis.values!r}.")


def _begin(choices, axes, start: Mapping) -> dict:
    """Return the traits to begin with."""
    for label in start:
        one_of("a label in start", label, [*(c for c, _ in choices), *(axis.label for axis in axes)])
    begin = {f"choice{n + 1}": start.get(label, options[0]) for n, (label, options) in enumerate(choices)}
    for n, axis in enumerate(axes):
        begin[f"slider{n + 1}"] = _place(axis.label, list(axis.values), start[axis.label]) if axis.label in start else 0
    return begin


def axes_of(sliders: Mapping[str, Sequence] | None) -> list[Axis]:
    """Return sliders given as a mapping from label to values."""
    return [Axis(label, values) for label, values in (sliders or {}).items()]


def _place(label: str, values: list, value) -> int:
    if value in values:
        return values.index(value)
    numbers = [v for v in values if not isinstance(v, str)]
    if len(numbers) < len(values) or isinstance(value, str):
        return values.index(one_of(f"start[{label!r}]", value, values))
    return int(np.argmin(np.abs(np.array(numbers) - value)))
