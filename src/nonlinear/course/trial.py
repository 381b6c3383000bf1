"""A run of training as a reader sets it up: what there is to choose, and what is measured while it runs.

The network is the classifier of the lessons, whose seeds are theirs as well: seed 3 here is their third member.
"""

import math
import time
from dataclasses import replace
from functools import cache

from nonlinear import diagnostics, recording
from nonlinear.course import MEMBERS, classifier, generators
from nonlinear.course.functions import distinct, number
from nonlinear.course.looks import title
from nonlinear.datasets import Digits, digits
from nonlinear.initialisers import VarianceScaling, gain
from nonlinear.network import MLP, Dense
from nonlinear.optimisers import SGD, Adam
from nonlinear.training import Step

FUNCTIONS = {title(f): f for f in distinct()}
OPTIMISERS = {"SGD": SGD, "momentum": lambda rate: SGD(rate, momentum=0.9), "Adam": Adam}
RAW, UNIT = "0 to 16", "0 to 1"
DEEPEST = 6
LAYERS = [f"layer{k}" for k in range(1, DEEPEST + 1)]
CHOICES = {
    "depth": ("hidden layers", list(range(1, DEEPEST + 1))),
    "width": ("units in each", [8, 16, 32, 64, 128]),
    "rate": ("learning rate", [float(f"{lead}e{power}") for power in range(-4, 1) for lead in (1, 2, 5)]),
    "optimiser": ("optimiser", list(OPTIMISERS)),
    "scaling": ("inputs", [RAW, UNIT, "centred", "standardised"]),
    "gain": ("initial gain", [0.01, 0.1, 0.2, 0.5, 0.8, 1.0, 1.2, 1.5, 2.0, 5.0, 10.0]),
    "bias": ("initial bias", [step / 4 for step in range(-12, 13)]),
    "seed": ("seed", list(range(1, MEMBERS + 1))),
    **{name: (f"layer {name[-1]}", list(FUNCTIONS)) for name in LAYERS},
}
"""From the name of each setting to what it is called and the values there are."""
START = {"depth": 2, "width": 64, "rate": 0.1, "optimiser": "SGD", "scaling": UNIT, "gain": 1.0, "bias": 0.0, "seed": 1}
START |= dict.fromkeys(LAYERS, "ReLU")
CURVES = ("step", "loss", "accuracy", "flat", "gradient")
POINTS = 60  # of a curve
RUNNING, FINISHED, STOPPED, DIVERGED = "running", "finished", "stopped", "diverged"


@cache
def data(scaling: str) -> Digits:
    """Return the digits with pixels of 0 to 16, as they were published, or scaled as `digits` does."""
    if scaling not in (RAW, UNIT):
        return digits(scaling)
    unit, scale = digits(), 16 if scaling == RAW else 1
    return replace(unit, x=scale * unit.x, test_x=scale * unit.test_x, mean=scale * unit.mean)


def network(chosen: dict) -> MLP:
    """Return the network of some settings: the gain chosen is a factor of the one that suits each function."""
    functions = [FUNCTIONS[chosen[name]] for name in LAYERS[: chosen["depth"]]]
    hidden = [Dense(chosen["width"], f, VarianceScaling(chosen["gain"] * gain(f)), chosen["bias"]) for f in functions]
    return MLP(classifier.INPUTS, [*hidden, Dense(10)])


class Trial:
    """A run that is taken a piece at a time, with what was measured so far.

    Parameters
    ----------
    epochs : int
    **chosen
        Each of `CHOICES` that is not to be as in `START`.

    Attributes
    ----------
    curves : dict of list
        At every point, ``step``; the ``loss``, the mean over the batches since the last point; the ``accuracy`` on the
        test images; for each hidden layer the share of its units that are ``flat`` for all of these; for each layer the
        norm of the ``gradient`` of its weights.
    state : {"running", "finished", "stopped", "diverged"}

    Examples
    --------
    >>> trial = Trial(epochs=1, depth=1, width=8)
    >>> trial.advance()
    >>> trial.state, trial.done, len(trial.curves["loss"])
    ('finished', 45, 45)
    """

    def __init__(self, epochs: int = classifier.EPOCHS, **chosen):
        self.chosen = START | chosen
        self.network, self.data = network(self.chosen), data(self.chosen["scaling"])
        optimiser = OPTIMISERS[self.chosen["optimiser"]](self.chosen["rate"])
        chance = [generators()[self.chosen["seed"] - 1]]
        self._steps = classifier.steps(self.network, self.data, optimiser, epochs, chance=chance)
        self._losses = []
        self.done, self.total = 0, epochs * math.ceil(len(self.data.x) / classifier.BATCH)
        self.curves, self.state = {name: [] for name in CURVES}, RUNNING

    def advance(self, seconds: float = math.inf) -> None:
        """Train for some time, or to the end."""
        deadline = time.monotonic() + seconds
        while self.state == RUNNING and time.monotonic() < deadline:
            self._take(next(self._steps))

    def stop(self) -> None:
        """Let a run that still goes on be over."""
        self.state = STOPPED if self.state == RUNNING else self.state

    def _take(self, step: Step) -> None:
        self.done = step.index + 1
        if step.diverged_at[0] >= 0:
            self.state = DIVERGED
            return
        self._losses.append(float(step.loss[0]))
        last = self.done == self.total
        if last or step.index % max(self.total // POINTS, 1) == 0:
            self._measure(step)
        if last:
            self.state = FINISHED

    def _measure(self, step: Step) -> None:
        tape = self.network.forward(step.updated, self.data.test_x)
        point = {
            "step": self.done,
            "loss": sum(self._losses) / len(self._losses),
            "accuracy": float(diagnostics.accuracy(tape[-1].outputs, self.data.test_labels)[0]),
            "flat": recording.flat_fraction(self.network, tape)[:, 0].tolist(),
            "gradient": recording.gradient_norms(step)[:, 0].tolist(),
        }
        self._losses.clear()
        for name, value in point.items():
            self.curves[name].append(value)

    @property
    def words(self) -> str:
        """The settings in a line."""
        c = self.chosen
        functions = [c[name] for name in LAYERS[: c["depth"]]]
        same = len(set(functions)) == 1
        layers = f"{c['depth']} × {c['width']} {functions[0]}" if same else f"{', '.join(functions)} of {c['width']}"
        text = f"{layers}; {c['optimiser']} at {c['rate']:g}; inputs {c['scaling']}"
        return f"{text}; gain {c['gain']:g}, bias {number(c['bias'])}, seed {c['seed']}"

    @property
    def said(self) -> str:
        """How the run fares, in a sentence or two.

        >>> Trial().said
        'Step 0 of 900.'
        """
        if self.state == DIVERGED:
            return (
                f"Diverged at step {self.done:,}: the loss or a weight is no longer a finite number, and the training "
                "ends. A lower learning rate, a smaller gain or smaller inputs may keep it finite."
            )
        start = {RUNNING: "Step", FINISHED: "Finished: step", STOPPED: "Stopped at step"}[self.state]
        return f"{start} {self.done:,} of {self.total:,}{self._last}."

    @property
    def _last(self) -> str:
        if not self.curves["step"]:
            return ""
        return f", loss {self.curves['loss'][-1]:.3g}, test accuracy {self.curves['accuracy'][-1]:.1%}"
