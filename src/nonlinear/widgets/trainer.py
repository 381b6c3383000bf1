"""Train your own: the reader sets up a network for the digits, trains it, and watches its curves grow.

Python trains and the script draws. The script asks for one piece of the run after the other, each a tenth of a second
long, so that whoever carries the messages, a kernel or the worker of a page, is free in between: a reader who presses
Stop is heard after the piece at hand, and a page that is closed asks for no more.
"""

import math

import traitlets

from nonlinear.course import classifier
from nonlinear.course.looks import PALETTE
from nonlinear.course.trial import CHOICES, START, Trial
from nonlinear.widgets._base import Widget, module, one_of, pack
from nonlinear.widgets.curves import PALETTE_LOOKS

PIECE = 0.1  # s
KEPT = 3  # earlier runs
PANELS = (
    ("loss", "training loss", "log"),
    ("accuracy", "test accuracy", "linear"),
    ("flat", "flat units, by layer", "linear"),
    ("gradient", "norm of the gradient, by layer", "log"),
)
COMPARED = ("loss", "accuracy")  # what is drawn of earlier runs
NOTE = (
    "A network for the digits with softmax cross-entropy, in batches of {batch}. A gain of 1 is the one that suits "
    "each function. The loss is the mean over the batches since the point before. A unit is flat if its slope stays "
    "below 4% of the steepest for every test image: a flat ReLU is dead."
)


class Trainer(Widget):
    """A network of the reader's own, trained while they watch, beside the last three.

    Where no Python answers, it shows the run that was stored with it.

    Parameters
    ----------
    epochs : int
    name : str
    **chosen
        Settings to start with, as `nonlinear.course.trial.START` has them.

    Attributes
    ----------
    request : dict
        What the script wants: ``do`` is "hello", "train", "more" or "stop"; ``number`` counts the requests.
    answer : int
        The number of the last request that is done.
    run : dict
        The present run: settings, curves, words.
    earlier : list of dict
        Those before it, the last one first.

    Examples
    --------
    >>> widget = Trainer(epochs=1, depth=1, width=8)
    >>> widget.train()
    >>> widget.run["words"]
    '1 × 8 ReLU; SGD at 0.1; inputs 0 to 1; gain 1, bias 0, seed 1'
    """

    _esm = module("trainer", "geometry/lines", "_lines")
    picture_size = (5.2, 7.8)

    depth = traitlets.Int().tag(sync=True)
    width = traitlets.Int().tag(sync=True)
    rate = traitlets.Float().tag(sync=True)
    optimiser = traitlets.Unicode().tag(sync=True)
    scaling = traitlets.Unicode().tag(sync=True)
    gain = traitlets.Float().tag(sync=True)
    bias = traitlets.Float().tag(sync=True)
    seed = traitlets.Int().tag(sync=True)
    layer1 = traitlets.Unicode().tag(sync=True)
    layer2 = traitlets.Unicode().tag(sync=True)
    layer3 = traitlets.Unicode().tag(sync=True)
    layer4 = traitlets.Unicode().tag(sync=True)
    layer5 = traitlets.Unicode().tag(sync=True)
    layer6 = traitlets.Unicode().tag(sync=True)

    options = traitlets.List([[name, *each] for name, each in CHOICES.items()]).tag(sync=True)
    panels = traitlets.List([list(each) for each in PANELS]).tag(sync=True)
    compared = traitlets.List(list(COMPARED)).tag(sync=True)
    palette = traitlets.List(PALETTE_LOOKS).tag(sync=True)
    note = traitlets.Unicode(NOTE.format(batch=classifier.BATCH)).tag(sync=True)
    request = traitlets.Dict().tag(sync=True)
    answer = traitlets.Int().tag(sync=True)
    run = traitlets.Dict().tag(sync=True)
    earlier = traitlets.List().tag(sync=True)

    def __init__(self, epochs: int = classifier.EPOCHS, name: str = "trainer", **chosen):
        data, data_layout = pack({})
        self._epochs, self._trial = epochs, None
        super().__init__(name=name, shared=list(CHOICES), data=data, data_layout=data_layout, **{**START, **chosen})

    @traitlets.validate(*CHOICES)
    def _possible(self, proposal):
        name = proposal["trait"].name
        return one_of(name, proposal["value"], CHOICES[name][1])

    @traitlets.default("room")
    def _room(self):
        return [1821 + 80 * -(-self.depth // 2), 1083 + 80 * -(-self.depth // 3)]

    def train(self) -> None:
        """Train with the present settings, here and to the end."""
        self._begin()
        self._go_on(float("inf"))

    @traitlets.observe("request")
    def _obey(self, change):
        act = {"train": self._begin, "more": self._go_on, "stop": self._stop}.get(change["new"]["do"], lambda: None)
        act()
        self.answer = change["new"]["number"]

    def _begin(self) -> None:
        if self.run:
            before = {name: value for name, value in self.run.items() if name not in ("flat", "gradient")}
            self.earlier = [before, *self.earlier][:KEPT]
        self._trial = Trial(self._epochs, **{name: getattr(self, name) for name in CHOICES})
        self._number = self.run.get("number", 0) + 1
        self._go_on(0)

    def _go_on(self, seconds: float = PIECE) -> None:
        if self._trial:
            self._trial.advance(seconds)
            self._tell()

    def _stop(self) -> None:
        if self._trial:
            self._trial.stop()
            self._tell()

    def _tell(self) -> None:
        now = self._trial
        told = {name: getattr(now, name) for name in ("chosen", "state", "done", "total", "words", "said")}
        self.run = {"number": self._number, **told, **{name: short(curve) for name, curve in now.curves.items()}}

    @property
    def alt(self):
        return (
            "Four drawings of a network for the digits while it is trained, against the step: the training loss, on a "
            "log axis, and the test accuracy; with a line for each layer, the share of flat units and the norm of the "
            "gradient, on a log axis. What can be chosen: the number of hidden layers, the units in each, the "
            "activation function of each, learning rate, optimiser, the scale of the inputs, gain and bias at the "
            "start, and the seed."
        )

    def draw(self, figure):
        if not self.run:
            self.train()
        axes, run = figure.subplots(4, 1, sharex=True), self.run
        for axis, (name, heading, scale) in zip(axes, PANELS, strict=True):
            lines = [run[name]] if name in COMPARED else list(zip(*run[name], strict=True))
            axis.set(yscale=scale, ylim=limits(lines, scale))
            for n, (line, (colour, style, _)) in enumerate(zip(lines, PALETTE, strict=False)):
                label = "output" if n == run["chosen"]["depth"] else f"layer {n + 1}"
                axis.plot(run["step"], line, color=colour, linestyle=style, label=label)
            axis.set_title(heading, fontsize=12, loc="left")
        axes[3].legend(fontsize=11.7, frameon=False, ncols=2)
        axes[3].set_xlabel("step")
        figure.suptitle(run["words"].replace("; ", "\n", 1), fontsize=12)


def limits(lines: list, scale: str) -> tuple[float, float]:
    """Return the ends of an axis: of a share, or powers of ten around what can be shown on a log axis.

    >>> limits([(0.0, 0.02), (3.0, 0.5)], "log"), limits([(0.0,)], "log")
    ((0.01, 10.0), (1.0, 10.0))
    """
    if scale == "linear":
        return -0.05, 1.05
    powers = [math.log10(value) for line in lines for value in line if value > 0] or [0.0]
    low = math.floor(min(powers))
    return 10.0**low, 10.0 ** max(math.ceil(max(powers)), low + 1)


def short(curve: list) -> list:
    """Return the numbers of a curve with as many digits as can be seen.

    >>> short([[0.123456, 1.0]])
    [[0.1235, 1.0]]
    """
    return [short(each) if isinstance(each, list) else float(f"{each:.4g}") for each in curve]
