"""Choosing: a race of twelve functions in three situations, and how much each choice is worth.

The networks on digits are trained as in `nonlinear.course.classifier`, in single precision, by plain SGD. Each member
has a split of the images of its own. Of the members that `spawn` makes of the seed, the first ten tune the rate; two
further sets of ten give the verdict.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np

from nonlinear import diagnostics
from nonlinear.activations import (
    ELU,
    GELU,
    SELU,
    Activation,
    LeakyReLU,
    Maxout,
    Mish,
    Pointwise,
    ReLU,
    Sigmoid,
    SiLU,
    Softplus,
    Tanh,
)
from nonlinear.course import MEMBERS, SEED, generators, grids, others
from nonlinear.course.classifier import BATCH, INPUTS, TEST_IMAGES, WIDTH, images_right
from nonlinear.course.compare import Difference, difference
from nonlinear.course.grids import Grid
from nonlinear.course.splits import Images, batches_of_splits, images
from nonlinear.initialisers import VarianceScaling, gain
from nonlinear.losses import MeanSquaredError, SoftmaxCrossEntropy
from nonlinear.network import MLP, Dense
from nonlinear.optimisers import SGD, Adam
from nonlinear.special import Array
from nonlinear.training import last, train

LESSON = "choosing"

FUNCTIONS: dict[str, tuple[Activation, Mapping]] = {
    "ReLU": (ReLU(), {}),
    "Leaky ReLU": (LeakyReLU(0.01), {}),
    "PReLU": (LeakyReLU(0.25), {"learn": ("negative_slope",)}),
    "ELU": (ELU(), {}),
    "SELU": (SELU(), {}),
    "softplus": (Softplus(), {}),
    "SiLU (Swish)": (SiLU(), {}),
    "GELU": (GELU(), {}),
    "Mish": (Mish(), {}),
    "Maxout": (Maxout(2), {}),
    "tanh": (Tanh(), {}),
    "sigmoid": (Sigmoid(), {}),
}
BASELINE = "ReLU"


# The race on digits


@dataclass(frozen=True)
class Situation:
    """What the functions are put into.

    Attributes
    ----------
    depth, width : int
        Number of hidden layers, and of units in each.
    rates : tuple of float
        Those that are tried, each twice the one before.
    residual : bool
        Whether each layer but the first adds its inputs to its outputs. Its weights are then divided by the root of
        the number of layers, so that their sum does not grow without bound with that number.
    """

    depth: int
    width: int
    rates: tuple[float, ...]
    residual: bool = False

    def network(self, function: str) -> MLP:
        """Return the network of a function, its weights of the function's own gain."""
        activation, extras = FUNCTIONS[function]
        own = gain(activation) if isinstance(activation, Pointwise) else 1.0
        weights = VarianceScaling(own / math.sqrt(self.depth) if self.residual else own)
        first = Dense(self.width, activation, VarianceScaling(own), **extras)
        further = Dense(self.width, activation, weights, residual=self.residual, **extras)
        return MLP(INPUTS, [first, *[further] * (self.depth - 1), Dense(10)])


SITUATIONS = {
    "shallow": Situation(2, WIDTH, tuple(0.1 * 2**k for k in range(7))),
    "deep, plain": Situation(12, 32, tuple(0.02 * 2**k for k in range(5))),
    "deep, residual": Situation(12, 32, tuple(0.01 * 2**k for k in range(8)), residual=True),
}
TUNING, VERDICT = tuple(range(1, MEMBERS + 1)), tuple(range(MEMBERS + 1, 3 * MEMBERS + 1))  # splits
EPOCHS, LEVEL, LOOKED_AT = 8, 0.95, 180
STEPS = EPOCHS * 45
LOOKS = tuple(sorted({round(5 * 1.1**k) for k in range(45)} | {STEPS}))
NEVER = STEPS + 1  # how many steps are counted where a network does not get there


def learn(
    network: MLP, rate: float, data: Images, chance: Sequence[np.random.Generator], whole: bool = True
) -> tuple[Array, Array, Array]:
    """Train members on a split each, to the end or, if not the ``whole`` of it, until all have reached the level.

    Returns
    -------
    right : array of int, (members,)
        Test images got right at the end; 0 for a member that diverged.
    reached : array of int, (members,)
        The first of ``LOOKS`` with 95 % of 180 training images right.
    diverged : array of bool, (members,)
    """
    x, labels = data.x[:, :LOOKED_AT], data.labels[:, :LOOKED_AT]
    batches = batches_of_splits(data.x, data.labels, EPOCHS, chance)
    reached = np.full(len(chance), NEVER, np.int16)
    for step in train(network, network.initialise(chance, np.float32), batches, SoftmaxCrossEntropy(), SGD(rate)):
        left = (reached == NEVER) & (step.diverged_at < 0)
        if step.index + 1 in LOOKS and left.any():
            there = diagnostics.accuracy(network.predict(step.updated, x), labels) >= LEVEL
            reached[left & there] = step.index + 1
        if np.all(step.diverged_at >= 0) or not (whole or left.any()):
            break
    accuracy = diagnostics.accuracy(network.predict(step.updated, data.test_x), data.test_labels)
    lost = step.diverged_at >= 0
    return images_right(np.where(lost, 0, accuracy)), reached, lost


def best_rates(right: Array, reached: Array) -> tuple[int, int]:
    """Return the place of the rate with the most images right, and of that with the fewest steps.

    By the medians over members; of rates that are as fast, the more accurate one.

    >>> best_rates(np.array([[300, 310], [340, 350], [330, 340]]), np.array([[90, 90], [50, 60], [60, 50]]))
    (1, 1)
    """
    right, reached = np.median(right, axis=-1), np.median(reached, axis=-1)
    return int(right.argmax()), int(np.lexsort((-right, reached))[0])


def _race_cell(situation: str, function: str) -> tuple[Array, ...]:
    """Tune the rate with ten members, then let twenty others run at the most accurate and at the fastest rate."""
    here = SITUATIONS[situation]
    network, data = here.network(function), images(TUNING)
    tuned = [learn(network, rate, data, generators()) for rate in here.rates]
    right, reached, diverged = map(np.stack, zip(*tuned, strict=True))
    best, fastest = (here.rates[k] for k in best_rates(right, reached))
    accurate, _, _ = learn(network, best, images(VERDICT), others())
    _, fast, _ = learn(network, fastest, images(VERDICT), others(), whole=False)
    return right, reached, diverged, accurate.reshape(2, MEMBERS), fast.reshape(2, MEMBERS)


# The race on a regression


def smooth(x: Array) -> Array:
    """Return a target without kinks, of inputs (..., 3)."""
    return np.sin(np.pi * x[..., 0]) + np.cos(np.pi * x[..., 1]) * x[..., 2]


def kinked(x: Array) -> Array:
    """Return a target of straight pieces, of inputs (..., 3)."""
    return np.abs(x[..., 0] + x[..., 1]) - np.abs(x[..., 1] - x[..., 2]) + np.maximum(x[..., 0], x[..., 2])


TARGETS: dict[str, Callable[[Array], Array]] = {"smooth": smooth, "kinked": kinked}
POINTS, FITTING_EPOCHS, FITTING_WIDTH = 512, 40, 32
FITTING_RATES = tuple(0.004 * 2**k for k in range(6))


def samples(target: str, chance: Sequence[np.random.Generator]) -> tuple[Array, Array]:
    """Return inputs (members, 2 * points, 3) and targets of mean 0 and variance 1 (members, 2 * points, 1).

    The first half is to train on, the second half to test with.
    """
    x = np.stack([g.spawn(1)[0].uniform(-1, 1, (2 * POINTS, 3)) for g in chance])
    y = TARGETS[target](x)
    y = (y - y.mean(axis=1, keepdims=True)) / y.std(axis=1, keepdims=True)
    return x.astype(np.float32), y[..., None].astype(np.float32)


def fit(function: str, target: str, rate: float, chance: Sequence[np.random.Generator], epochs=FITTING_EPOCHS) -> Array:
    """Fit a target with two hidden layers; return the root mean square error on new points, (members,)."""
    activation, extras = FUNCTIONS[function]
    network = MLP(3, [*[Dense(FITTING_WIDTH, activation, **extras)] * 2, Dense(1)])
    x, y = samples(target, chance)
    batches = batches_of_splits(x[:, :POINTS], y[:, :POINTS], epochs, chance)
    end = last(train(network, network.initialise(chance, np.float32), batches, MeanSquaredError(), Adam(rate)))
    error = np.sqrt(np.mean((network.predict(end.updated, x[:, POINTS:]) - y[:, POINTS:]) ** 2, axis=(1, 2)))
    return np.where(end.diverged_at < 0, error, np.inf).astype(np.float32)


def _regression_cell(target: str, function: str) -> tuple[Array, Array]:
    """Tune the rate with ten members, (rates, members), and let twenty others run at the best, (2, members)."""
    tuned = np.stack([fit(function, target, rate, generators()) for rate in FITTING_RATES])
    best = FITTING_RATES[np.median(tuned, axis=-1).argmin()]
    return tuned, fit(function, target, best, others()).reshape(2, MEMBERS)


# Functions, splits and seeds, crossed


CROSSED = {"ReLU": 0.2, "ELU": 0.4, "SiLU (Swish)": 0.4, "tanh": 1.6}
CROSSED_SPLITS = tuple(range(101, 101 + MEMBERS))


def _crossed_cell(function: str) -> tuple[Array]:
    """Train each of ten seeds on each of ten splits; test images got right, (splits, seeds)."""
    data = images([split for split in CROSSED_SPLITS for _ in range(MEMBERS)])
    chance = [g for _ in CROSSED_SPLITS for g in generators()]
    right, *_ = learn(SITUATIONS["shallow"].network(function), CROSSED[function], data, chance)
    return (right.reshape(len(CROSSED_SPLITS), MEMBERS),)


FACTORS = (0.25, 0.5, 1.0, 2.0)


def _rates_cell(function: str, factor: float) -> tuple[Array]:
    """Train twenty members at a multiple of the best rate; test images got right, (2, members)."""
    network, rate = SITUATIONS["shallow"].network(function), factor * CROSSED[function]
    return (learn(network, rate, images(VERDICT), others())[0].reshape(2, MEMBERS),)


def components(values: Array) -> Array:
    """Return the standard deviations that each axis adds to values over a full grid, and that of what is left.

    Those of the additive model with random effects: the mean square of an axis less that of the rest, over the number
    of values at each of its places.

    >>> components(np.array([[0.0, 4.0], [2.0, 6.0]])).round(3)
    array([1.414, 2.828, 0.   ])
    """
    centred, axes = values - values.mean(), range(values.ndim)
    effects = [centred.mean(axis=tuple(k for k in axes if k != axis), keepdims=True) for axis in axes]
    left = centred - sum(effects)
    rest = np.sum(left**2) / (values.size - 1 - sum(n - 1 for n in values.shape))
    each = [(effect**2).sum() / (effect.size - 1) - rest * effect.size / values.size for effect in effects]
    return np.sqrt(np.maximum([*each, rest], 0))


# The grids that are computed once


SETTINGS = {"seed": SEED, "members": MEMBERS, "batch": BATCH}
GRIDS = {
    # ``tuned``, ``pace`` and ``diverged`` (rates, members): what `learn` returns while the rate is tuned. Then (2,
    # members): ``right`` at the rate that is best for it, and ``reached`` at that which is fastest.
    **{
        name: Grid(
            _race_cell,
            {"situation": (situation,), "function": FUNCTIONS},
            ("tuned", "pace", "diverged", "right", "reached"),
            SETTINGS | {"epochs": EPOCHS, "looks": LOOKED_AT} | vars(here),
        )
        for name, (situation, here) in zip(("shallow", "plain", "residual"), SITUATIONS.items(), strict=True)
    },
    # Root mean square errors: ``tuned`` (rates, members) and ``error`` (2, members).
    "regression": Grid(
        _regression_cell,
        {"target": TARGETS, "function": FUNCTIONS},
        ("tuned", "error"),
        SETTINGS | {"rates": FITTING_RATES, "points": POINTS, "epochs": FITTING_EPOCHS, "width": FITTING_WIDTH},
    ),
    # ``right`` (splits, seeds).
    "crossed": Grid(
        _crossed_cell, {"function": CROSSED}, ("right",),
        SETTINGS | {"epochs": EPOCHS, "rates": list(CROSSED.values()), "splits": CROSSED_SPLITS},
    ),
    # ``right`` (2, members).
    "rates": Grid(
        _rates_cell, {"function": CROSSED, "factor": FACTORS}, ("right",),
        SETTINGS | {"epochs": EPOCHS, "rates": list(CROSSED.values())},
    ),
}  # fmt: skip


# What is stored


SIGNS = {1: "more", 0: "tie", -1: "less"}


@dataclass(frozen=True)
class Runner:
    """One function in one situation: ten members tuned the rate, two sets of ten give the verdict.

    Attributes
    ----------
    rates : tuple of float
    tuned : array, (rates, members)
        Test accuracy in per cent while tuning, each member on a split of its own; 0 for one that diverged.
    pace : array of int, (rates, members)
        Steps to 95 % of the training images while tuning; ``NEVER`` for more than there are.
    diverged : array of bool, (rates, members)
        While tuning.
    accuracy : array, (2, members)
        The verdict on accuracy, in per cent, at the best rate.
    steps : array of int, (2, members)
        The verdict on speed, at the fastest rate.
    """

    rates: tuple[float, ...]
    tuned: Array
    pace: Array
    diverged: Array
    accuracy: Array
    steps: Array

    @property
    def best(self) -> tuple[int, int]:
        """The places of the best and of the fastest rate."""
        return best_rates(self.tuned, self.pace)


def stored(name: str) -> grids.Results:
    """Return the stored results of one of the grids."""
    return grids.load(LESSON, name)


def stored_race(grid: str) -> dict[str, Runner]:
    """Return what is stored of all functions in one situation: "shallow", "plain" or "residual"."""
    found = stored(grid)
    rates = SITUATIONS[found.axes["situation"][0]].rates
    counts = {"tuned", "right"}
    arrays = [found[name][0] * (100 / TEST_IMAGES if name in counts else 1) for name in GRIDS[grid].arrays]
    return {name: Runner(rates, *(each[k] for each in arrays)) for k, name in enumerate(FUNCTIONS)}


def shown(steps: Array) -> str:
    """Return the median of some steps; more than there are is called never.

    >>> shown(np.array([10, 20, NEVER])), shown(np.array([10, NEVER, NEVER]))
    ('20', 'never')
    """
    middle = np.median(steps)
    return "never" if middle >= NEVER else f"{middle:.0f}"


def against(race: Mapping[str, Runner], what: str = "accuracy") -> dict[str, Difference]:
    """Return how each function differs from ReLU, seed by seed and split by split, in "accuracy" or in "steps"."""
    reference = getattr(race[BASELINE], what)
    return {name: difference(getattr(each, what), reference) for name, each in race.items()}


def layer_cost(function: str) -> float:
    """Return what a step in a layer of 64 units costs, as a multiple of one of ReLUs: as lesson 9 measured it.

    >>> layer_cost("ReLU")
    1.0
    """
    text = (resources.files("nonlinear") / "lessons" / "is_exp_expensive" / "measured.json").read_text("utf-8")
    one, relu = (np.median(json.loads(text)["layers"][f"{name} float32 64"]) for name in (function, "ReLU"))
    return float(one / relu)


def stored_errors(target: str) -> dict[str, Array]:
    """Return the errors of each function at its best rate, (2, members)."""
    return dict(zip(FUNCTIONS, stored("regression").at(target=target)["error"], strict=True))


def stored_crossed() -> Array:
    """Return the test accuracy in per cent, (functions, splits, seeds)."""
    return 100 * stored("crossed")["right"] / TEST_IMAGES
