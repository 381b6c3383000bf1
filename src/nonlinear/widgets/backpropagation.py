"""Back-propagation in a small network: every number of both passes, while the reader moves a weight."""

from collections.abc import Sequence

import numpy as np
import traitlets

from nonlinear import checks
from nonlinear.activations import Sigmoid
from nonlinear.course.looks import BLUE, GREY, INK
from nonlinear.course.text import minus
from nonlinear.network import MLP, Dense
from nonlinear.special import Array
from nonlinear.widgets._base import Widget, module, one_of, pack

SIZES = (2, 2, 2, 1, 1)
WEIGHTS = ("U11", "U12", "U21", "U22", "V11", "V12", "V21", "V22", "w1", "w2", "q")
RANGE = (-3.0, 3.0)


class Backpropagation(Widget):
    """Two inputs, two layers of two sigmoid units, one sigmoid unit and a linear output, with L = (ŷ − y)² as the loss.

    The weights are called U and V in the first two layers, w in the third and q at the output. The script computes
    what `passes` returns, and a test compares the two.

    Parameters
    ----------
    layers : sequence of (weights, bias)
        Of these sizes; the weights, of shape (units before, units), within ``RANGE``.
    examples : sequence of ((x1, x2), y)
        What the reader can choose from; the first at the start.
    chosen : str
        The weight that the slider moves at the start.
    name : str

    Examples
    --------
    >>> ones = [(np.ones((n, m)), np.zeros(m)) for n, m in zip(SIZES[:-1], SIZES[1:])]
    >>> widget = Backpropagation(ones, [((1, 0.5), 1)])
    >>> widget.q = 0.5
    >>> round(widget.passes()["loss"], 4)
    0.3352
    """

    _esm = module("backpropagation", "geometry/backpropagation")
    picture_size = (5.2, 4.6)

    example = traitlets.Unicode().tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)
    U11, U12, U21, U22 = (traitlets.Float().tag(sync=True) for _ in range(4))
    V11, V12, V21, V22 = (traitlets.Float().tag(sync=True) for _ in range(4))
    w1, w2, q = (traitlets.Float().tag(sync=True) for _ in range(3))
    weights = traitlets.List().tag(sync=True)
    sizes = traitlets.List().tag(sync=True)
    biases = traitlets.List().tag(sync=True)
    examples = traitlets.List().tag(sync=True)
    limits = traitlets.List().tag(sync=True)

    def __init__(self, layers, examples: Sequence, chosen: str = "U11", name: str = "network"):
        matrices, biases = zip(*_checked_layers(layers), strict=True)
        values = np.concatenate([weights.ravel() for weights in matrices])
        examples = [_checked_example(*each) for each in examples]
        data, data_layout = pack({"weights": values})
        super().__init__(
            name=name,
            shared=["example", "chosen", *WEIGHTS],
            data=data,
            data_layout=data_layout,
            weights=list(WEIGHTS),
            sizes=list(SIZES),
            biases=[bias.tolist() for bias in biases],
            examples=examples,
            limits=list(RANGE),
            example=examples[0]["name"],
            chosen=chosen,
            **dict(zip(WEIGHTS, values.tolist(), strict=True)),
        )

    @traitlets.validate("chosen")
    def _known_weight(self, proposal):
        return one_of("chosen", proposal["value"], WEIGHTS)

    @traitlets.validate("example")
    def _known_example(self, proposal):
        return one_of("example", proposal["value"], [each["name"] for each in self.examples])

    @traitlets.validate(*WEIGHTS)
    def _within_its_slider(self, proposal):
        return _within(proposal["trait"].name, proposal["value"])

    @traitlets.default("room")
    def _room(self):
        return [1100, 612]

    def passes(self) -> dict:
        """Return both passes for the present weights and example.

        Returns
        -------
        dict
            ``activations``, the inputs first, and ``deltas`` are lists of arrays, (units,), and ``gradients`` one of
            arrays, (units before, units); ``loss`` is a float.
        """
        network = MLP(SIZES[0], [*(Dense(units, Sigmoid()) for units in SIZES[1:-1]), Dense(SIZES[-1])])
        parameters = network.with_parameters(list(zip(self._matrices(), map(np.array, self.biases), strict=True)))
        example = next(each for each in self.examples if each["name"] == self.example)
        inputs = np.array(example["inputs"])
        tape = network.forward(parameters, inputs[None])
        off = tape[-1].outputs - example["target"]
        gradients, deltas = network.backward(parameters, tape, 2 * off)
        return {
            "activations": [inputs, *(layer.outputs[0, 0] for layer in tape)],
            "deltas": [delta[0, 0] for delta in deltas],
            "gradients": [each["weights"][0] for each in gradients],
            "loss": float((off**2).sum()),
        }

    def _matrices(self) -> list[Array]:
        values, ends = (
            np.array([getattr(self, name) for name in WEIGHTS]),
            np.cumsum(np.multiply(SIZES[:-1], SIZES[1:])),
        )
        parts = zip(np.split(values, ends[:-1]), SIZES[:-1], SIZES[1:], strict=True)
        return [part.reshape(before, units) for part, before, units in parts]

    @property
    def alt(self):
        said, names = self.passes(), ["inputs", *(f"layer {k}" for k in range(1, len(SIZES) - 1)), "output"]
        forward = _listed(names, said["activations"], ".2f")
        backward = _listed(names[1:], said["deltas"], ".3f")
        return minus(
            "A small network as circles joined by lines, from left to right, with the weights on the lines. For the "
            f"example {self.example} the activations are: {forward}. The slopes of the loss in the preactivations are: "
            f"{backward}. The loss is {said['loss']:.3f}."
        )

    def draw(self, figure):
        axes, said = figure.subplots(), self.passes()
        places = [[(1.25 * k, 1.1 * ((n - 1) / 2 - i)) for i in range(n)] for k, n in enumerate(SIZES)]
        names = iter(WEIGHTS)
        for k, slopes in enumerate(said["gradients"]):
            for (i, j), slope in np.ndenumerate(slopes):
                self._draw_weight(axes, np.array(places[k][i]), np.array(places[k + 1][j]), next(names), slope)
        for k, column in enumerate(places):
            for i, (x, y) in enumerate(column):
                axes.plot(x, y, "o", markersize=38, color="white", markeredgecolor=INK, markeredgewidth=1.2)
                _write(axes, x, y, f"{said['activations'][k][i]:.2f}", INK)
                if k:
                    _write(axes, x, y + (0.2 if y > 0 else -0.2), f"{said['deltas'][k - 1][i]:.3f}", BLUE)
        axes.set(xlim=(-0.4, 1.25 * (len(SIZES) - 1) + 0.4), ylim=(-0.85, 0.85))
        axes.set_title(f"{self.example}: loss {said['loss']:.3f}", fontsize=12)
        axes.axis("off")

    def _draw_weight(self, axes, start, end, name, slope) -> None:
        x, y = start + (0.5 if start[1] == end[1] or end[1] == 0 else 0.32) * (end - start)
        axes.plot(*zip(start, end, strict=True), color=GREY, linewidth=1, zorder=0)
        lines = (_lowered(name), INK, 0.11), (f"{getattr(self, name):.2f}", INK, 0), (f"{slope:.3f}", BLUE, -0.11)
        for text, colour, up in lines:
            _write(axes, x, y + up, text, colour)


def _write(axes, x: float, y: float, text: str, colour: str) -> None:
    """Write in the middle of a place, over what is drawn there."""
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
    axes.text(x, y, minus(text), ha="center", va="center", fontsize=11.7, color=colour, bbox=box)


def _lowered(name: str) -> str:
    """Return the name of a weight with its indices below the line."""
    return name.translate(str.maketrans("12", "₁₂"))


def _listed(names, arrays, spec: str) -> str:
    return "; ".join(
        f"{name} {' and '.join(format(each, spec) for each in values)}"
        for name, values in zip(names, arrays, strict=True)
    )


def _within(name: str, value) -> float:
    low, high = RANGE
    if not low <= value <= high:
        raise ValueError(f"{name} must lie between {low:g} and {high:g}, the ends of its slider; got {value!r}.")
    return float(value)


def _checked_layers(layers) -> list[tuple[Array, Array]]:
    layers = [tuple(checks.finite(part, "layers").astype(float) for part in layer) for layer in layers]
    shapes = [tuple(part.shape for part in layer) for layer in layers]
    expected = [((before, units), (units,)) for before, units in zip(SIZES[:-1], SIZES[1:], strict=True)]
    if shapes != expected:
        raise ValueError(f"layers must be (weights, bias) of shapes {expected}; got {shapes}.")
    return layers


def _checked_example(inputs, target) -> dict:
    inputs = checks.finite(inputs, "inputs of an example").astype(float)
    if inputs.shape != (SIZES[0],):
        raise ValueError(f"inputs of an example must have shape {(SIZES[0],)}; got {inputs.shape}.")
    inputs, target = inputs.tolist(), float(target)
    name = minus(f"x = ({inputs[0]:g}, {inputs[1]:g}), y = {target:g}")
    return {"name": name, "inputs": inputs, "target": target}
