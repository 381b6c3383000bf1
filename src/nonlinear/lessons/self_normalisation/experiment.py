"""Self-normalisation and Maxout: what brings a signal back to its size, when that fails, and what learned pieces cost.

An untrained stack has layers of equal width, no biases, and weights of mean 0 and variance gain^2 / width. The networks
that are trained are those of `nonlinear.course.classifier`, in single precision, by SGD on standardised digits. Of the
members that `spawn` makes of the seed, the first ten tune the rate, and two further sets of ten give the verdict, each
of the twenty on a split of its own.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nonlinear import diagnostics
from nonlinear.activations import ELU, SELU, Activation, Maxout, Pointwise, ReLU, Sigmoid, Tanh
from nonlinear.course import MEMBERS, SEED, generators, grids, others, untrained
from nonlinear.course.classifier import BATCH, TEST_IMAGES, classifier, images_right, steps
from nonlinear.course.classifier import WIDTH as UNITS
from nonlinear.course.compare import Difference, difference
from nonlinear.course.grids import Grid
from nonlinear.course.mean_field import next_moments
from nonlinear.course.text import size_text, spread  # noqa: F401
from nonlinear.datasets import digits
from nonlinear.initialisers import VarianceScaling, gain, normal_mean
from nonlinear.network import MLP, Dense, Parameters
from nonlinear.optimisers import SGD
from nonlinear.special import Array, overflow_and_nan
from nonlinear.training import Step

LESSON = "self-normalisation"
WIDTH, DEPTH, SAMPLES = 100, 200, 100
ACTIVATIONS: dict[str, Pointwise] = {
    "SELU": SELU(),
    "ELU": ELU(),
    "ReLU": ReLU(),
    "tanh": Tanh(),
    "sigmoid": Sigmoid(),
}


# From one layer to the next


def selu_constants() -> tuple[float, float]:
    """Return the alpha and lambda for which lambda ELU(z; alpha) has mean 0 and mean square 1, for a normal z.

    With B_k = E[e^(kZ); Z < 0] = e^(k^2 / 2) Phi(-k), the mean is 0 if 1 / sqrt(2 pi) = alpha (B_0 - B_1), and lambda^2
    is 1 over the mean square, 1/2 + alpha^2 (B_2 - 2 B_1 + B_0).

    >>> alpha, scale = selu_constants()
    >>> abs(scale * alpha - SELU.scale_alpha) < 1e-14, abs(scale - SELU.scale) < 1e-14
    (True, True)
    """
    b0, b1, b2 = (math.exp(k * k / 2) * math.erfc(k / math.sqrt(2)) / 2 for k in (0, 1, 2))
    alpha = 1 / math.sqrt(2 * math.pi) / (b0 - b1)
    return alpha, (1 / 2 + alpha**2 * (b2 - 2 * b1 + b0)) ** -0.5


def window(f: Pointwise) -> tuple[float, float]:
    """Return the gains between which the size of a signal has a value to return to, for an f with f(0) = 0.

    A tiny signal sees the slopes next to 0, and its mean square is multiplied by gain^2 (f'(0-)^2 + f'(0+)^2) / 2; a
    huge one sees the slopes far out. Between the two gains a tiny signal grows and a huge one shrinks.

    >>> print(*(round(end, 3) for end in window(SELU())))
    0.69 1.346
    """
    near = [float(f.derivative(side * 1e-300)) for side in (-1, 1)]
    far = [f.traits.left.slope, f.traits.right.slope]
    return tuple(1 / size if (size := math.hypot(*slopes) / math.sqrt(2)) else math.inf for slopes in (near, far))


def late_spread(f: Pointwise, gains: Array, depth: int = DEPTH) -> Array:
    """Return the spread that a wide stack of an f with f(0) = 0 ends with, from a mean square of 1, at many gains.

    The root mean square is followed through a table of its logarithm, within 1e-8 and 1e8.

    >>> late_spread(SELU(), np.array([0.8, 1.0, 1.2])).round(2)
    array([0.36, 1.  , 2.07])
    """
    powers = np.linspace(-8, 8, 401)
    table = np.array([next_moments(f, 0.0, 10.0**power) for power in powers])
    after, shift = np.log10(np.hypot(*table.T)), np.log10(gains)
    size = np.zeros(len(gains))
    for _ in range(depth - 1):
        size = np.interp(size + shift, powers, after)
    return 10 ** np.interp(size + shift, powers, np.log10(table[:, 1]))


# Through a stack

INPUTS: dict[str, Callable[[np.random.Generator, int], Array]] = {
    "standard normal": lambda g, width: g.normal(size=(SAMPLES, width)),
    "mean 5, spread 10": lambda g, width: g.normal(5, 10, (SAMPLES, width)),
    "nearly alike": lambda g, width: g.normal(size=(1, width)) + g.normal(0, 0.01, (SAMPLES, width)),
}
"""What goes in, (SAMPLES, width), drawn with a generator."""


@dataclass(frozen=True)
class Passage:
    """What becomes of a signal in an untrained stack, layer by layer; the inputs are layer 0.

    Attributes
    ----------
    mean, spread : array, (depth + 1, members)
        Over all activations of a layer: those of all its units, for all inputs.
    apart : array, (depth + 1, members)
        How far an activation is from its unit's mean over the inputs, the root mean square, over ``spread``: 0 where
        the layer answers the same to all inputs.
    """

    mean: Array
    spread: Array
    apart: Array


def stack(
    f: Pointwise, x: Array, chance: Sequence[np.random.Generator], depth: int = DEPTH, gain: float = 1.0, **how
) -> Iterator[Array]:
    """Yield the activations of each layer, (members, samples, width), the inputs first.

    Parameters
    ----------
    f : Pointwise
    x : array, (members, samples, width)
    chance : list of numpy Generators, one a member
    depth : int
    gain : float
    **how
        What else `VarianceScaling` takes: ``uniform=True``.
    """
    draw, width = VarianceScaling(gain, **how), x.shape[-1]
    yield x
    for _ in range(depth):
        x = f(x @ np.stack([draw.draw(g, width, width, f) for g in chance]))
        yield x


def passage(
    f: Pointwise,
    gain: float = 1.0,
    inputs: str = "standard normal",
    width: int = WIDTH,
    depth: int = DEPTH,
    again: bool = False,
    **how,
) -> Passage:
    """Send one of ``INPUTS`` through ten untrained stacks, or through ten others ``again``."""
    chance = generators(again)
    x = np.stack([INPUTS[inputs](g, width) for g in chance])
    return summary(stack(f, x, chance, depth, gain, **how))


def summary(layers: Iterator[Array]) -> Passage:
    """Return what `Passage` holds of activations, (members, samples, width) each."""
    rows = [(a.mean(axis=(1, 2)), a.std(axis=(1, 2)), np.sqrt(a.var(axis=1).mean(axis=-1))) for a in layers]
    mean, spread, within = (np.stack(column) for column in zip(*rows, strict=True))
    return Passage(mean, spread, within / np.where(spread > 0, spread, 1))


def gradient_passed(f: Pointwise, gain: float = 1.0, depth: int = DEPTH, again: bool = False) -> Array:
    """Return the root mean square of dL/dz at layer 1 of an untrained stack, over that of the last layer, (members,).

    Twenty standard normal inputs go in, and a standard normal gradient comes back.
    """
    chance = generators(again)
    network = MLP(WIDTH, [Dense(WIDTH, f, VarianceScaling(gain))] * depth)
    parameters = network.initialise(chance)
    x, upstream = (np.stack([g.normal(size=(20, WIDTH)) for g in chance]) for _ in range(2))
    deltas = untrained.deltas(network, parameters, network.forward(parameters, x), upstream)
    first, last = (np.sqrt(np.mean(deltas[k] ** 2, axis=(1, 2))) for k in (0, -1))
    return first / last


def dropped(x: Array, rate: float, g: np.random.Generator) -> Array:
    """Return activations after ordinary dropout: a share of them 0, the rest larger, so that the mean stays."""
    return np.where(g.random(x.shape) < rate, 0, x / (1 - rate))


def alpha_dropped(x: Array, rate: float, g: np.random.Generator) -> Array:
    """Return activations after alpha dropout: a share at SELU's floor, all moved back to mean 0 and spread 1."""
    floor = -SELU.scale_alpha
    a = ((1 - rate) * (1 + rate * floor**2)) ** -0.5
    return a * (np.where(g.random(x.shape) < rate, floor, x) - rate * floor)


# Maxout


def maxout_gain(pieces: int) -> float:
    """Return the gain of Maxout: 1 over the root of the mean square of the largest of so many normal numbers.

    >>> print(round(maxout_gain(2), 12), round(maxout_gain(4), 4))
    1.0 0.8028
    """
    below = np.vectorize(lambda z: math.erfc(-z / math.sqrt(2)) / 2)
    return normal_mean(lambda z: pieces * z**2 * below(z) ** (pieces - 1)) ** -0.5


def elu_by_pieces(pieces: int, reach: float = 4.0) -> tuple[Array, Array]:
    """Return slopes and intercepts of tangents of ELU on [-reach, 0]; their maximum is near ELU, and never above it.

    They touch it where e^(z / 2) is evenly spread, which makes the gaps between them about equal; the first is z.

    >>> slopes, intercepts = elu_by_pieces(3)
    >>> print(slopes.round(2), intercepts.round(2))
    [1.   0.32 0.02] [ 0.   -0.31 -0.91]
    """
    touch = 2 * np.log(np.linspace(1, math.exp(-reach / 2), pieces))
    slopes = np.exp(touch)
    return slopes, slopes - 1 - slopes * touch


def unused(network: MLP, parameters: Parameters, x: Array) -> Array:
    """Return the share of pieces that are their unit's largest for none of the inputs, (hidden layers, members)."""
    rows = []
    for layer, seen in zip(network.layers[:-1], network.forward(parameters, x), strict=False):
        z = seen.preactivations.reshape(*seen.outputs.shape, layer.activation.pieces)
        largest = np.argmax(z, axis=-1)[..., None] == np.arange(layer.activation.pieces)
        rows.append(1 - largest.any(axis=1).mean(axis=(1, 2)))
    return np.stack(rows)


# Training

LOOKED_AT, LEVEL = 360, 0.05
DEEP, SHALLOW = 32, 4
STARTS: dict[str, tuple[Pointwise, float]] = {
    "SELU": (SELU(), 1.0),
    "ELU": (ELU(), gain(ELU())),
    "ReLU": (ReLU(), math.sqrt(2)),
    "tanh": (Tanh(), 1.0),
}
"""Functions, and the gain of their weights."""
EPOCHS = {SHALLOW: 10, DEEP: 10}
LOOKS_PER_EPOCH = 5
RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
MOMENTA, KEPT_RATES = (0.0, 0.9), (0.001, 0.003, 0.01, 0.03, 0.1)
PIECES_RATES, PIECES_EPOCHS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5), 20
NETWORKS: dict[str, tuple[Activation, int, float]] = {
    "ReLU 64": (ReLU(), 64, math.sqrt(2)),
    "Maxout 2 x 40": (Maxout(2), 40, maxout_gain(2)),
    "Maxout 4 x 24": (Maxout(4), 24, maxout_gain(4)),
    "Maxout 2 x 64": (Maxout(2), 64, maxout_gain(2)),
    "Maxout 4 x 64": (Maxout(4), 64, maxout_gain(4)),
    "ReLU 98": (ReLU(), 98, math.sqrt(2)),
}
"""Two hidden layers of a function with so many units, and the gain of their weights."""


def deep(function: str, depth: int) -> MLP:
    """Return a network for the digits, with the weights of ``STARTS``."""
    f, scale = STARTS[function]
    return classifier(f, depth, weights=VarianceScaling(scale))


def with_pieces(name: str) -> MLP:
    """Return one of ``NETWORKS``."""
    f, width, scale = NETWORKS[name]
    return classifier(f, width=width, weights=VarianceScaling(scale))


def standardised() -> Array:
    """Return the standardised training images, (1437, 64)."""
    return digits("standardised").x


@dataclass(frozen=True)
class Run:
    """A training, looked at a few times an epoch.

    Attributes
    ----------
    wrong : array, (looks, members)
        The share of 360 training images that are answered wrongly; 1 once a member has diverged.
    right : array of int, (members,)
        How many test images the members get right at the end.
    last : Step
    """

    wrong: Array
    right: Array
    last: Step

    @property
    def looks(self) -> Array:
        """The first look at which the error is at most ``LEVEL``, (members,); 0 if there is none."""
        there = self.wrong <= LEVEL
        return np.where(there.any(axis=0), 1 + np.argmax(there, axis=0), 0).astype(np.uint8)


def run(network: MLP, rule: SGD, epochs: int, chance: Sequence[np.random.Generator], split: int = 0) -> Run:
    """Train one member for each generator on a split of the standardised digits."""
    data, wrong = digits("standardised", split), []
    every = -(-len(data.x) // BATCH) // LOOKS_PER_EPOCH
    for step in steps(network, data, rule, epochs, chance=chance, dtype=np.float32):
        if (step.index + 1) % every == 0:
            seen = diagnostics.accuracy(network.predict(step.updated, data.x[:LOOKED_AT]), data.labels[:LOOKED_AT])
            wrong.append(np.where(step.diverged_at >= 0, 1, 1 - seen))
    accuracy = diagnostics.accuracy(network.predict(step.updated, data.test_x), data.test_labels)
    return Run(np.stack(wrong), images_right(accuracy), step)


def on_splits(network: MLP, rule: SGD, epochs: int) -> tuple[Array, Array]:
    """Return looks and test images right of twenty members, each on a split of its own, (2, members) each."""
    runs = [run(network, rule, epochs, [g], 1 + k) for k, g in enumerate(others())]
    looks, right = (np.concatenate([getattr(r, name) for r in runs]) for name in ("looks", "right"))
    return looks.reshape(2, MEMBERS), right.reshape(2, MEMBERS)


def fastest(looks: Array, right: Array) -> int:
    """Return the place of the rate with the fewest looks by the median, among equals of the most accurate.

    ``looks`` and ``right`` are (rates, members).

    >>> fastest(np.array([[9, 9, 9], [4, 0, 5], [0, 0, 0]]), np.zeros((3, 3)))
    1
    """
    middle = np.median(np.where(looks > 0, looks, np.inf), axis=-1)
    return int(np.lexsort((-np.median(right, axis=-1), middle))[0])


def _tuned(network: MLP, rates: Sequence[float], epochs: int) -> tuple[list[Run], tuple[Array, ...]]:
    """Tune the rate twice, for speed and for accuracy; return the runs, and what two other sets do at the best."""
    runs = [run(network, SGD(rate), epochs, generators()) for rate in rates]
    looks, right = np.stack([r.looks for r in runs]), np.stack([r.right for r in runs])
    quick, good = fastest(looks, right), int(np.argmax(np.median(right, axis=-1)))
    at_quick = on_splits(network, SGD(rates[quick]), epochs)
    at_good = at_quick if good == quick else on_splits(network, SGD(rates[good]), epochs)
    lost = np.stack([r.last.diverged_at >= 0 for r in runs])
    return runs, (looks, right, lost, at_quick[0], at_good[1])


# The grids that are computed once

LAYERS = (0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40, 50, 60, 80, 100, 120, 140, 160, 180, 200)
GAINS = (1 / math.sqrt(3), 0.75, 0.9, 1.0, 1.1, 1.25, math.sqrt(2), 1.6)
WIDTHS = (8, 100)


def _passage_cell(activation: str, inputs: str, gain: float, width: int) -> tuple[Array, ...]:
    """Return smallest, median and largest of the members, (layers, 3): the mean, and log10 of spread and apart."""
    found = passage(ACTIVATIONS[activation], gain, inputs, width)
    each = [np.quantile(getattr(found, name)[LAYERS, :], (0, 0.5, 1), axis=-1).T for name in ARRAYS]
    mean, spread, apart = np.clip(each[0], -300, 300), *(np.log10(np.maximum(a, 1e-30)) for a in each[1:])
    return tuple(np.rint(scale * a).astype(np.int16) for scale, a in ((100, mean), (1000, spread), (1000, apart)))


def _deep_cell(function: str, depth: int) -> tuple[Array, ...]:
    return _tuned(deep(function, depth), RATES, EPOCHS[depth])[1]


def _kept_cell(momentum: float, rate: float) -> tuple[Array, ...]:
    """Return mean and spread by hidden layer after training deep SELUs, (layers, members), and what became of them."""
    network, data = deep("SELU", DEEP), digits("standardised")
    found = run(network, SGD(rate, momentum=momentum), EPOCHS[DEEP], generators())
    tape = network.forward(found.last.updated, data.x[:LOOKED_AT].astype(np.float32))
    a = [layer.outputs.astype(float) for layer in tape[:-1]]
    with overflow_and_nan():  # of members that diverged
        mean, sizes = (
            np.stack([measure(each, axis=(1, 2)) for each in a]).astype(np.float16) for measure in (np.mean, np.std)
        )
    return mean, sizes, found.right, found.last.diverged_at >= 0


def _pieces_cell(network: str) -> tuple[Array, ...]:
    """Tune and judge a network; the share of its pieces that are unused, in thousandths, (rates, 2 layers, members)."""
    each = with_pieces(network)
    runs, found = _tuned(each, PIECES_RATES, PIECES_EPOCHS)
    if not isinstance(NETWORKS[network][0], Maxout):
        return *found, np.zeros((len(runs), 2, MEMBERS), np.uint16)
    x = digits("standardised").x.astype(np.float32)
    return *found, np.stack([np.rint(1000 * unused(each, r.last.updated, x)).astype(np.uint16) for r in runs])


ARRAYS = ("mean", "spread", "apart")
# While tuning: ``looks`` and ``right`` and ``diverged`` (rates, members). Of the two other sets, each member on a split
# of its own: ``reached`` (2, members), looks at the fastest rate, 0 for never; ``split`` (2, members), test images got
# right at the most accurate rate.
JUDGED = ("looks", "right", "diverged", "reached", "split")
SEEDS = {"seed": SEED, "members": MEMBERS}
TRAINING = SEEDS | {"batch": BATCH, "units": UNITS, "level": LEVEL, "looks_per_epoch": LOOKS_PER_EPOCH}
GRIDS = {
    "passage": Grid(
        _passage_cell,
        {"activation": ACTIVATIONS, "inputs": INPUTS, "gain": GAINS, "width": WIDTHS},
        ARRAYS,
        SEEDS | {"layers": LAYERS, "samples": SAMPLES},
    ),
    "deep": Grid(
        _deep_cell,
        {"function": STARTS, "depth": (SHALLOW, DEEP)},
        JUDGED,
        TRAINING | {"rates": RATES, "epochs": list(EPOCHS.values())},
    ),
    "kept": Grid(
        _kept_cell,
        {"momentum": MOMENTA, "rate": KEPT_RATES},
        ("mean", "spread", "right", "diverged"),
        TRAINING | {"depth": DEEP, "epochs": EPOCHS[DEEP]},
    ),
    "pieces": Grid(
        _pieces_cell,
        {"network": NETWORKS},
        (*JUDGED, "unused"),
        TRAINING | {"rates": PIECES_RATES, "epochs": PIECES_EPOCHS},
    ),
}


@dataclass(frozen=True)
class Found:
    """What is stored of one kind of network: how its rate was tuned, and the verdict.

    Attributes
    ----------
    looks : array of int, (rates, members)
        While tuning: the look at which the error was down, ``LOOKS_PER_EPOCH`` an epoch; 0 for never.
    accuracy : array, (rates, members)
        On the test images, while tuning.
    diverged : array of bool, (rates, members)
    reached : array, (2, members)
        Of two other sets, each member on a split of its own: epochs until the error is down, infinite for never, at the
        fastest rate.
    split : array, (2, members)
        Their test accuracy at the most accurate rate.
    """

    looks: Array
    accuracy: Array
    diverged: Array
    reached: Array
    split: Array

    @property
    def quick(self) -> int:
        """The place of the fastest rate."""
        return fastest(self.looks, self.accuracy)

    @property
    def good(self) -> int:
        """The place of the most accurate rate."""
        return int(np.argmax(np.median(self.accuracy, axis=-1)))


def _found(stored: grids.Results) -> Found:
    looks, right, diverged, reached, split = (stored[name] for name in JUDGED)
    epochs = np.where(reached > 0, reached / LOOKS_PER_EPOCH, np.inf)
    return Found(looks, right / TEST_IMAGES, diverged, epochs, split / TEST_IMAGES)


def stored_deep(depth: int) -> dict[str, Found]:
    """Return what is stored of each of ``STARTS`` at a depth."""
    stored = grids.load(LESSON, "deep").at(depth=depth)
    return {name: _found(stored.at(function=name)) for name in STARTS}


def stored_pieces() -> tuple[dict[str, Found], dict[str, Array]]:
    """Return what is stored of each of ``NETWORKS``, and the share of pieces unused, (rates, layers, members)."""
    stored = grids.load(LESSON, "pieces")
    each = {name: stored.at(network=name) for name in NETWORKS}
    return {n: _found(s) for n, s in each.items()}, {n: s["unused"] / 1000 for n, s in each.items()}


def stored_kept(momentum: float) -> grids.Results:
    """Return mean and spread by layer of deep SELUs after training, (rates, layers, members), and their fate."""
    return grids.load(LESSON, "kept").at(momentum=momentum)


def stored_passages() -> dict[str, Array]:
    """Return mean, spread and apart, (activations, inputs, gains, widths, layers, 3): smallest, median, largest."""
    stored = grids.load(LESSON, "passage")
    powers = {name: 10.0 ** (stored[name] / 1000) for name in ("spread", "apart")}
    return {"mean": stored["mean"] / 100, **powers}


def epochs_text(reached: Array) -> str:
    """Return the median of some epochs, and their range; infinite ones are called never.

    >>> print(epochs_text([0.8, 1.0, np.inf]), "and", epochs_text([np.inf, np.inf]))
    1.0 [0.8, never] and never
    """
    return spread(reached, 1).replace("inf", "never") if np.isfinite(np.median(reached)) else "never"


def apart(first: Array, second: Array) -> Difference:
    """Compare two settings of two sets of members; never counts as one epoch more than there are."""
    most = max(EPOCHS.values()) + 1
    return difference(np.minimum(first, most), np.minimum(second, most))
