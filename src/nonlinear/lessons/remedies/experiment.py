"""Remedies against dead units, one by one: on the same networks, data and seeds, each against plain ReLU.

The networks are those of `nonlinear.course.classifier` in single precision. Of the members that `spawn` makes of the
seed, each comparison uses two sets of ten, which have nothing in common.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import NormalDist

import numpy as np

from nonlinear import diagnostics
from nonlinear.activations import ELU, GELU, SELU, Activation, LeakyReLU, Maxout, Pointwise, ReLU, RReLU, SiLU, Softplus
from nonlinear.clipping import Clipped
from nonlinear.course import MEMBERS, SEED, grids, two_sets
from nonlinear.course.classifier import BATCH, EPOCHS, TEST_IMAGES, WIDTH, Outcome, classifier, fit, images_right
from nonlinear.course.compare import Difference, difference
from nonlinear.course.descent import MOST, RATE, TARGET, descent_step, recovery_steps
from nonlinear.course.grids import Grid
from nonlinear.course.splits import batches_of_splits, images
from nonlinear.datasets import digits
from nonlinear.losses import SoftmaxCrossEntropy
from nonlinear.network import MLP, Parameters, Tape, spawn
from nonlinear.normalisation import BatchNorm
from nonlinear.optimisers import SGD, Optimiser
from nonlinear.schedules import Warmup
from nonlinear.special import Array
from nonlinear.training import last, minibatches, train

LESSON = "remedies"


# One unit


FUNCTIONS: dict[str, Pointwise] = {
    "ReLU": ReLU(),
    "Leaky ReLU 0.01": LeakyReLU(0.01),
    "Leaky ReLU 0.1": LeakyReLU(0.1),
    "Leaky ReLU 0.3": LeakyReLU(0.3),
    "ELU": ELU(),
    "SELU": SELU(),
    "SiLU (Swish)": SiLU(),
    "GELU": GELU(),
    "softplus": Softplus(),
}
STARTS = (-0.5, -1.0, -2.0, -3.0, -5.0, -8.0, -10.0, -12.0, -20.0, -40.0)


def steps_in_words(f: Pointwise, start: float, steps: float) -> str:
    """Return a number of steps back to 0; where it is infinite, whether the way is long or leads nowhere.

    >>> steps_in_words(SiLU(), -10.0, np.inf), steps_in_words(ELU(), -20.0, np.inf), steps_in_words(ELU(), -1.0, 7.0)
    ('never', '> 200,000', '7')
    """
    if np.isfinite(steps):
        return f"{steps:,.0f}"
    return f"> {MOST:,}" if descent_step(f, start) > 0 else "never"


def bottom(f: Pointwise, low: float = -5.0, high: float = 0.0) -> float:
    """Return where the slope of a function changes its sign between two places, by halving.

    >>> round(bottom(SiLU()), 4), round(bottom(GELU()), 4)
    (-1.2785, -0.7518)
    """
    while high - low > 1e-12:
        middle = (low + high) / 2
        low, high = (middle, high) if f.derivative(middle) < 0 else (low, middle)
    return (low + high) / 2


# Dead at birth


GAMMAS = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
BIRTH_UNITS = 256


def severity(x: Array) -> float:
    """Return how far the inputs are off-centre: the length of their mean over that of their standard deviations.

    >>> severity(np.array([[3.0, 4.0], [5.0, 4.0]]))
    5.656854249492381
    """
    return float(np.linalg.norm(x.mean(axis=0)) / np.linalg.norm(x.std(axis=0)))


def off_centre(x: Array, gamma: float) -> Array:
    """Return inputs with their mean stretched until `severity` is gamma."""
    mean = x.mean(axis=0)
    return x - mean + mean * (gamma / severity(x))


def dead_at_birth(x: Array, units: int = BIRTH_UNITS) -> Array:
    """Return the share of ReLUs that no input reaches, of units with random weights and no bias, (2, members)."""
    silent = [np.all(x @ g.normal(size=(x.shape[1], units)) <= 0, axis=0).mean() for g in two_sets()]
    return np.reshape(silent, (2, MEMBERS))


def expected_dead(gamma: float, samples: int) -> float:
    """Return the share that is expected if preactivations are normal over the samples.

    A unit's mean preactivation is a normal number with gamma standard deviations of its preactivations. It is dead if
    that lies further below 0 than its loudest sample lies above the mean, for which the median largest of so many
    normal numbers is taken.

    >>> round(expected_dead(4, 1437), 2), expected_dead(0.5, 1437) < 1e-9
    (0.2, True)
    """
    normal = NormalDist()
    return normal.cdf(-normal.inv_cdf(0.5 ** (1 / samples)) / gamma)


# The remedies


@dataclass(frozen=True)
class RandomSlopes(MLP):
    """A network of randomised leaky ReLUs while it trains: in every pass each preactivation draws its slope anew."""

    generators: Sequence[np.random.Generator] = ()

    def forward(self, parameters: Parameters, x: Array) -> Tape:
        drawn = []
        for layer in self.layers[:-1]:
            shape, f = (np.shape(x)[-2], layer.units), layer.activation
            slopes = np.stack([g.uniform(f.lower, f.upper, shape) for g in self.generators])
            drawn.append(replace(layer, activation=LeakyReLU(slopes.astype(parameters[0]["weights"].dtype))))
        return MLP(self.inputs, [*drawn, self.layers[-1]]).forward(parameters, x)


@dataclass(frozen=True)
class Remedy:
    """What is done to a network of ReLUs, or in its place.

    Attributes
    ----------
    activation : Pointwise
    bias : float
        The initial one, of the hidden layers.
    scaling : str
        Of the pixels, as `digits` has it.
    rate : float
        What the rate is multiplied by.
    warmup : int
        Steps in which the rate rises; 0 for none.
    norm : float, optional
        The length at which gradients are clipped.
    layer : mapping
        What else a hidden layer has.
    """

    activation: Pointwise = ReLU()  # noqa: RUF009
    bias: float = 0.0
    scaling: str = "unit"
    rate: float = 1.0
    warmup: int = 0
    norm: float | None = None
    layer: Mapping = field(default_factory=dict)

    @property
    def network(self) -> MLP:
        """The network with two hidden layers."""
        return classifier(self.activation, bias=self.bias, **self.layer)

    def optimiser(self, rate: float) -> Optimiser:
        """Return the optimiser that the remedy makes of plain SGD at a rate."""
        plain = SGD(rate * self.rate)
        plain = replace(plain, schedule=Warmup(self.warmup)) if self.warmup else plain
        return Clipped(plain, self.norm) if self.norm else plain


PRELU = {"learn": ("negative_slope",)}
PLAIN, WARMUP = "plain ReLU", 3 * 45
REMEDIES = {
    PLAIN: Remedy(),
    "a third of the rate": Remedy(rate=1 / 3),
    "a tenth of the rate": Remedy(rate=0.1),
    "warm-up": Remedy(warmup=WARMUP),
    "clipping": Remedy(norm=1.0),
    "bias +0.01": Remedy(bias=0.01),
    "bias +0.1": Remedy(bias=0.1),
    "bias +0.5": Remedy(bias=0.5),
    "bias +1": Remedy(bias=1.0),
    "centred inputs": Remedy(scaling="centred"),
    "batch norm": Remedy(layer={"normalise": BatchNorm()}),
    "Leaky ReLU 0.01": Remedy(LeakyReLU(0.01)),
    "Leaky ReLU 0.1": Remedy(LeakyReLU(0.1)),
    "Leaky ReLU 0.3": Remedy(LeakyReLU(0.3)),
    "PReLU": Remedy(LeakyReLU(0.25), layer=PRELU),
    "RReLU": Remedy(RReLU()),
    "ELU": Remedy(ELU()),
    "ELU, α = 0.2": Remedy(ELU(0.2)),
    "SELU": Remedy(SELU()),
    "SiLU (Swish)": Remedy(SiLU()),
    "GELU": Remedy(GELU()),
    "softplus": Remedy(Softplus()),
    "centred, Leaky 0.1": Remedy(LeakyReLU(0.1), scaling="centred"),
    "centred, ELU": Remedy(ELU(), scaling="centred"),
    "centred, SELU": Remedy(SELU(), scaling="centred"),
}
RATES, RACE_EPOCHS = (0.1, 0.5, 0.7, 1.0, 1.4), 10


def treat(remedy: Remedy, rate: float, **settings) -> Outcome:
    """Train both sets of members with a remedy; ``settings`` are what else `nonlinear.course.classifier.fit` takes."""
    network, data, chance = remedy.network, digits(remedy.scaling), two_sets()
    moving = network
    if isinstance(remedy.activation, RReLU):
        moving = RandomSlopes(network.inputs, network.layers, [g.spawn(1)[0] for g in chance])
    outcome = fit(moving, data, remedy.optimiser(rate), chance=chance, dtype=np.float32, **settings)
    return replace(outcome, network=network)


def in_two_sets(values: Array) -> Array:
    """Return values with the two sets of members apart: (..., 2 * members) becomes (..., 2, members)."""
    return values.reshape(*values.shape[:-1], 2, MEMBERS)


def _counts(outcome: Outcome) -> tuple[Array, ...]:
    flat = np.rint(outcome.flat * WIDTH).astype(np.uint8)
    return tuple(map(in_two_sets, (flat, outcome.right, outcome.diverged)))


def _race_cell(remedy: str, rate: float) -> tuple[Array, ...]:
    return _counts(treat(REMEDIES[remedy], rate, epochs=RACE_EPOCHS))


# Networks that begin far down, and networks that were wrecked


SUNK_BIASES, SUNK_RATE = (-2.0, -4.0, -6.0), 0.1
SUNK = {**FUNCTIONS, "PReLU": LeakyReLU(0.25)}
WRECKED, WRECKING_RATES, MENDING_RATE = ("ReLU", "Leaky ReLU 0.01", "ELU", "SELU", "softplus"), (0.7, 1.0), 0.1


def sink(bias: float):
    """Return a function that gives all units of the first layer one bias."""

    def start(parameters: Parameters) -> Parameters:
        first, *others = parameters
        return ({**first, "bias": np.full_like(first["bias"], bias)}, *others)

    return start


def _sunk_cell(function: str, bias: float) -> tuple[Array, ...]:
    remedy = Remedy(SUNK[function], layer=PRELU if function == "PReLU" else {})
    outcome = treat(remedy, SUNK_RATE, start=sink(bias))
    (first, *_) = outcome.network.forward(outcome.end, outcome.data.x)
    never = np.rint(np.all(first.preactivations <= 0, axis=1).mean(axis=-1) * WIDTH).astype(np.uint8)
    return in_two_sets(outcome.right), in_two_sets(never), in_two_sets(outcome.diverged)


def _wrecked_cell(function: str, rate: float) -> tuple[Array, ...]:
    """Train at a high rate and then as long at a low one; dead units and test images after each."""
    remedy = Remedy(FUNCTIONS[function])
    wreck = treat(remedy, rate, epochs=RACE_EPOCHS)
    mended = treat(remedy, MENDING_RATE, epochs=RACE_EPOCHS, start=lambda _: wreck.end)
    dead, right = zip(*(_counts(each)[:2] for each in (wreck, mended)), strict=True)
    return np.stack(dead), np.stack(right), in_two_sets(wreck.diverged)


# When nothing is wrong: many splits, every function at its own best rate


DEPTH, SPLIT_EPOCHS, LOOK = 4, 10, 5
SPLIT_RATES = (0.05, 0.1, 0.2, 0.4, 0.8)
CHALLENGERS: dict[str, tuple[Activation, Mapping]] = {
    "ReLU": (ReLU(), {}),
    "Leaky ReLU 0.01": (LeakyReLU(0.01), {}),
    "Leaky ReLU 0.1": (LeakyReLU(0.1), {}),
    "Leaky ReLU 0.25": (LeakyReLU(0.25), {}),
    "PReLU, one a layer": (LeakyReLU(0.25), PRELU),
    "PReLU, one a unit": (LeakyReLU(0.25), {**PRELU, "per_unit": True}),
    "ELU, α = 0.2": (ELU(0.2), {}),
    "ELU": (ELU(), {}),
    "SELU": (SELU(), {}),
    "SiLU (Swish)": (SiLU(), {}),
    "GELU": (GELU(), {}),
    "Maxout, 2 pieces": (Maxout(2), {}),
}


def _splits_cell(function: str, rate: float) -> tuple[Array, Array]:
    """Train thirty members, each on a split of its own: test images got right, and the first step with 95 %.

    The latter is looked for every 5 steps, on 360 training images; -1 stands for never. A member that diverged got
    nothing right.
    """
    activation, extras = CHALLENGERS[function]
    chance = spawn(SEED, 3 * MEMBERS)
    data, network = images(range(1, 1 + len(chance))), classifier(activation, DEPTH, **extras)
    batches = batches_of_splits(data.x, data.labels, SPLIT_EPOCHS, chance)
    x, labels, reached = data.x[:, :TEST_IMAGES], data.labels[:, :TEST_IMAGES], np.full(len(chance), -1, np.int16)
    for step in train(network, network.initialise(chance, np.float32), batches, SoftmaxCrossEntropy(), SGD(rate)):
        if (step.index + 1) % LOOK == 0 and np.any((reached < 0) & (step.diverged_at < 0)):
            there = diagnostics.accuracy(network.predict(step.updated, x), labels) >= 0.95
            reached[(reached < 0) & there] = step.index + 1
    accuracy = diagnostics.accuracy(network.predict(step.updated, data.test_x), data.test_labels)
    right = images_right(np.where(step.diverged_at < 0, accuracy, 0))
    return right.reshape(3, MEMBERS), reached.reshape(3, MEMBERS)


# What PReLU learns


SLOPE_EPOCHS, SLOPE_RATES = 20, (0.05, 0.1, 0.2, 0.4)
QUANTILES = (0, 0.25, 0.5, 0.75, 1)


def with_largest(network: MLP, parameters: Parameters, x: Array) -> Array:
    """Return the outputs of a network of PReLUs if each were max(a z, z), (members, samples, classes)."""
    *hidden, output = parameters
    for layer in hidden:
        z = x @ layer["weights"] + layer["bias"]
        x = np.maximum(layer["negative_slope"] * z, z)
    return x @ output["weights"] + output["bias"]


def _slopes_cell(per_unit: bool, rate: float) -> tuple[Array, ...]:
    """Return how the learned slopes of each layer are distributed, and how many images each member reads rightly.

    Read in two ways: as trained, and with max(a z, z) in place of the two branches.
    """
    data, chance = digits("standardised"), two_sets()
    network = classifier(LeakyReLU(0.25), DEPTH, **PRELU, per_unit=per_unit)
    batches = minibatches(data.x.astype(np.float32), data.labels, BATCH, SLOPE_EPOCHS, chance)
    end = last(
        train(network, network.initialise(chance, np.float32), batches, SoftmaxCrossEntropy(), SGD(rate))
    )  # fmt: skip
    slopes = [layer["negative_slope"][:, 0] for layer in end.updated[:-1]]
    spread = np.stack([np.quantile(each, QUANTILES, axis=-1) for each in slopes])
    beyond = np.stack([[(each > 1).sum(axis=-1), (each < 0).sum(axis=-1)] for each in slopes])
    answers = network.predict(end.updated, data.test_x), with_largest(network, end.updated, data.test_x)
    right = np.stack([images_right(diagnostics.accuracy(each, data.test_labels)) for each in answers])
    return tuple(map(in_two_sets, (spread.astype(np.float32), beyond.astype(np.uint8), right, end.diverged_at >= 0)))


def _recovery_cell(function: str) -> tuple[Array]:
    return (recovery_steps(FUNCTIONS[function], STARTS),)


# ``dead`` (hidden layers, 2, members) counts flat units, ``right`` (2, members) test images got right, of 360.
SETTINGS = {"seed": SEED, "members": MEMBERS, "epochs": EPOCHS, "batch": BATCH, "width": WIDTH}
LONGER = {"seed": SEED, "members": MEMBERS, "batch": BATCH, "depth": DEPTH}
GRIDS = {
    "race": Grid(
        _race_cell,
        {"remedy": REMEDIES, "rate": RATES},
        ("dead", "right", "diverged"),
        SETTINGS | {"epochs": RACE_EPOCHS},
    ),
    "sunk": Grid(
        _sunk_cell,
        {"function": SUNK, "bias": SUNK_BIASES},
        ("right", "never", "diverged"),
        SETTINGS | {"rate": SUNK_RATE},
    ),
    "wrecked": Grid(
        _wrecked_cell,
        {"function": WRECKED, "rate": WRECKING_RATES},
        ("dead", "right", "diverged"),
        SETTINGS | {"epochs": RACE_EPOCHS, "then": MENDING_RATE},
    ),
    "splits": Grid(
        _splits_cell,
        {"function": CHALLENGERS, "rate": SPLIT_RATES},
        ("right", "reached"),
        LONGER | {"epochs": SPLIT_EPOCHS, "look": LOOK},
    ),
    "slopes": Grid(
        _slopes_cell,
        {"per_unit": (False, True), "rate": SLOPE_RATES},
        ("spread", "beyond", "right", "diverged"),
        LONGER | {"epochs": SLOPE_EPOCHS, "quantiles": QUANTILES},
    ),
    "recovery": Grid(
        _recovery_cell,
        {"function": FUNCTIONS},
        ("steps",),
        {"seed": SEED, "members": MEMBERS, "starts": STARTS, "rate": RATE, "target": TARGET, "most": MOST},
    ),
}


VERDICTS = {1: "better", 0: "tie", -1: "worse"}
PACE = {1: "slower", 0: "tie", -1: "faster"}


@dataclass(frozen=True)
class Race:
    """What is stored of the remedies.

    Attributes
    ----------
    flat : array, (remedies, rates, hidden layers, 2, members)
        Share of units that are flat for all training images: the dead ones, for ReLU.
    accuracy : array, (remedies, rates, 2, members)
        On the test images.
    diverged : array of bool, (remedies, rates, 2, members)
    """

    flat: Array
    accuracy: Array
    diverged: Array

    def of(self, values: Array, remedy: str, rate: float) -> Array:
        """Return the part of one of the arrays that belongs to a remedy and a rate."""
        return values[grids.place(remedy, REMEDIES, "remedy"), grids.place(rate, RATES, "rate")]

    def points(self, remedy: str, rate: float, than: str = PLAIN) -> Difference:
        """Return how many points of accuracy a remedy adds, seed by seed."""
        return difference(*(100 * self.of(self.accuracy, name, rate) for name in (remedy, than)))

    def flat_points(self, remedy: str, rate: float, than: str = PLAIN) -> Difference:
        """Return how many points it adds to the share of flat units, seed by seed."""
        return difference(*(100 * self.of(self.flat, name, rate).mean(axis=0) for name in (remedy, than)))

    def curve(self, remedy: str) -> tuple[Array, Array]:
        """Return accuracy and divergence against the rate, (rates, 2 * members)."""
        at = grids.place(remedy, REMEDIES, "remedy")
        return tuple(values[at].reshape(len(RATES), -1) for values in (self.accuracy, self.diverged))

    def best_rate(self, remedy: str) -> float:
        """Return the rate with the best median accuracy over both sets."""
        return max(RATES, key=lambda rate: np.median(self.of(self.accuracy, remedy, rate)))

    def at_best(self, remedy: str) -> Difference:
        """Return how many points a remedy at its best rate is ahead of plain ReLU at its own, seed by seed."""
        pair = (self.of(self.accuracy, name, self.best_rate(name)) for name in (remedy, PLAIN))
        return difference(*(100 * each for each in pair))

    def fit_rates(self, remedy: str, level: float = 0.95) -> list[float]:
        """Return the rates at which the median accuracy is at least ``level``."""
        return [rate for rate in RATES if np.median(self.of(self.accuracy, remedy, rate)) >= level]

    def said(self, remedy: str, rate: float) -> str:
        """Return the mean of the two median differences in accuracy, in points, and the verdict of both sets."""
        apart = self.points(remedy, rate)
        return f"{np.mean(apart.medians):+.1f} {VERDICTS[apart.sign]}"

    def ranked(self, rate: float) -> list[str]:
        """Return the remedies from the best accuracy to the worst, by the mean of the two median differences."""
        middle = {name: np.mean(self.points(name, rate).medians) for name in REMEDIES if name != PLAIN}
        return sorted(middle, key=lambda name: -middle[name])


def stored_race() -> Race:
    """Return what is stored of all remedies at all rates."""
    stored = grids.load(LESSON, "race")
    return Race(stored["dead"] / WIDTH, stored["right"] / TEST_IMAGES, stored["diverged"])


def stored_sunk(function: str, bias: float) -> tuple[Array, Array]:
    """Return accuracy and the share of the first layer that never is positive, of networks that began far down."""
    stored = grids.load(LESSON, "sunk").at(function=function, bias=bias)
    return stored["right"] / TEST_IMAGES, stored["never"] / WIDTH


def stored_wrecked(function: str, rate: float) -> tuple[Array, Array]:
    """Return the share of flat units and the accuracy, both before and after the mending, (2, 2, members) each."""
    stored = grids.load(LESSON, "wrecked").at(function=function, rate=rate)
    return stored["dead"].mean(axis=1) / WIDTH, stored["right"] / TEST_IMAGES


@dataclass(frozen=True)
class Challenger:
    """One function on thirty splits: ten to tune the rate with, and two sets of ten for the verdict.

    Attributes
    ----------
    right : array, (rates, 3, members)
        Accuracy in per cent, each member on the test images of its own split.
    reached : array, (rates, 3, members)
        The step at which the error on 360 training images was first seen at 5 % or less; for never, one more than all.
    """

    right: Array
    reached: Array

    @property
    def best(self) -> tuple[int, int]:
        """The places of the rate with the best median accuracy of the tuning set, and of the one that is fastest."""
        right, reached = (np.median(each[:, 0], axis=-1) for each in (self.right, self.reached))
        return int(np.argmax(right)), int(np.argmin(reached))

    @property
    def verdict(self) -> tuple[Array, Array]:
        """Accuracy and steps of the other two sets, each at the rate that is best for it, (2, members)."""
        most, fastest = self.best
        return self.right[most, 1:], self.reached[fastest, 1:]

    def at(self, rate: float) -> Array:
        """Return the accuracy of the two sets at one rate, (2, members)."""
        return self.right[grids.place(rate, SPLIT_RATES, "rate"), 1:]


def stored_splits() -> dict[str, Challenger]:
    """Return what is stored of each function."""
    stored = grids.load(LESSON, "splits")
    right, never = 100 * stored["right"] / TEST_IMAGES, SPLIT_EPOCHS * 45 + 1
    reached = np.where(stored["reached"] < 0, never, stored["reached"])
    return {name: Challenger(right[k], reached[k]) for k, name in enumerate(CHALLENGERS)}


def stored_recovery() -> dict[str, Array]:
    """Return the steps back from each of ``STARTS``, by function; infinite where there are more than 200,000."""
    stored = grids.load(LESSON, "recovery")["steps"]
    return dict(zip(FUNCTIONS, stored, strict=True))
