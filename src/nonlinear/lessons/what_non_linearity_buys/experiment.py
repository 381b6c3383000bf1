"""What non-linearity buys: layers that collapse, classes that no line separates, functions of one variable.

The classifiers, unless a function says otherwise: 2 inputs, hidden layers of equal width, 2 outputs with softmax
cross-entropy; biases start at 0, weights at the scale that suits the activation function; 400 training points, all of
them in every step; Adam at a rate of 0.02 for 1,000 steps; 1,000 test points.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nonlinear import checks
from nonlinear.activations import ELU, Activation, Identity, LeakyReLU, ReLU, Sigmoid, SiLU, Tanh, TwoReLU
from nonlinear.course import MEMBERS, SEED, grids, once
from nonlinear.course.classifier import TEST_IMAGES, fit
from nonlinear.course.grids import Grid, place
from nonlinear.datasets import digits, rings, spirals, xor
from nonlinear.losses import MeanSquaredError, SoftmaxCrossEntropy
from nonlinear.network import MLP, Dense, Parameters, spawn
from nonlinear.optimisers import SGD, Adam
from nonlinear.special import Array
from nonlinear.training import full_batches, last, train

LESSON = "what-non-linearity-buys"
POINTS, TEST_POINTS, RATE, STEPS = 400, 1000, 0.02, 1000
DATA = {"XOR": xor, "rings": rings, "spirals": spirals}
ACTIVATIONS: dict[str, Activation] = {
    "none": Identity(),
    "ReLU": ReLU(),
    "Leaky ReLU 0.1": LeakyReLU(0.1),
    "ELU": ELU(),
    "tanh": Tanh(),
    "sigmoid": Sigmoid(),
}
DEPTHS, WIDTHS = (1, 2, 3), (2, 4, 16)
VIEW, SIDE = 2.5, 40
CLIP, LEVELS = 4.0, 24  # log-odds are stored up to ±4 or their largest, in 24 steps of their square root: finest at 0

LINE = np.linspace(-1, 1, 1001)
LINE_WIDTHS = (2, 4, 8, 16, 32, 64, 128, 256)
LINE_RATE, LINE_STEPS = 0.01, 5000
PATIENT_STEPS = 20_000
SPLITS = tuple(range(1, 21))
NARROW, RUNS = 4, 30  # units to a layer, and seeds in each of two sets, where depths are compared
STARTS, XOR_RATE, XOR_STEPS = 50, 0.5, 3000
XOR_FUNCTIONS: dict[str, Activation] = {
    repr(f): f for f in (ReLU(), LeakyReLU(0.01), LeakyReLU(0.3), ELU(), SiLU(), Tanh(), Sigmoid())
}
# What multiplies x in the hidden units, up to its sign: evenly drawn between these.
STEEPNESS = {"ReLU": (1.0, 1.0), "ReLU, ten times as steep": (10.0, 10.0), "sigmoid": (4.0, 40.0)}


# Layers without an activation function


def linear_network(depth: int, width: int = 16, inputs: int = 2, outputs: int = 1) -> MLP:
    """Return a network of ``depth`` layers without activation functions: ``depth`` - 1 hidden ones, one of outputs."""
    checks.whole(depth, "depth")
    return MLP(inputs, [*(Dense(width) for _ in range(depth - 1)), Dense(outputs)])


def collapse(network: MLP, parameters: Parameters) -> tuple[MLP, Parameters]:
    """Return the single linear layer that computes what a network without activation functions computes.

    (x W1 + b1) W2 + b2 = x (W1 W2) + (b1 W2 + b2), and so on.

    Raises
    ------
    ValueError
        If a layer has an activation function.
    """
    functions = [layer.activation.name for layer in network.layers if not isinstance(layer.activation, Identity)]
    if functions:
        raise ValueError(f"collapse needs a network without activation functions; this one has {functions}.")
    weights, bias = parameters[0]["weights"], parameters[0]["bias"]
    for layer in parameters[1:]:
        weights, bias = weights @ layer["weights"], bias @ layer["weights"] + layer["bias"]
    return MLP(network.inputs, [Dense(network.layers[-1].units)]), ({"weights": weights, "bias": bias},)


def collapse_error(network: MLP, parameters: Parameters) -> Array:
    """Return how far a network is from the layer it collapses into, relative to its largest output, (members,).

    At 1,000 normal inputs, and with normal biases in place of those given, so that biases take part.
    """
    generator = np.random.default_rng(SEED)
    parameters = tuple({**layer, "bias": generator.normal(size=layer["bias"].shape)} for layer in parameters)
    single, collapsed = collapse(network, parameters)
    x = generator.normal(size=(1000, network.inputs))
    outputs = network.predict(parameters, x)
    difference = np.abs(outputs - single.predict(collapsed, x)).max(axis=(1, 2))
    return difference / np.abs(outputs).max(axis=(1, 2))


# Two classes in the plane


@dataclass(frozen=True)
class Plane:
    """Training and test points of one of the sets in ``DATA``: x and test_x (samples, 2), labels 0 or 1."""

    x: Array
    labels: Array
    test_x: Array
    test_labels: Array


def points(name: str) -> Plane:
    """Return the points of one of the sets in ``DATA``: 400 to train on and 1,000 to test on."""
    place(name, DATA, "name")
    draw, (ours, tests) = DATA[name], spawn(SEED + 1, 2)
    return Plane(*draw(POINTS, ours), *draw(TEST_POINTS, tests))


def best_line(x: Array, labels: Array, directions: int = 720) -> tuple[float, Array, float]:
    """Return the largest share of points that any straight line can have on their right sides, and such a line.

    Of all lines in ``directions`` directions, evenly spread over half a turn; in each direction every line that makes a
    difference is tried, with either class on either side.

    Parameters
    ----------
    x : array, (samples, 2)
    labels : array of 0 and 1, (samples,)
    directions : int

    Returns
    -------
    share : float
    weights : array, (2,)
    bias : float
        The side with weights.x + bias > 0 is that of class 1.

    Examples
    --------
    >>> share, weights, bias = best_line(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0]))
    >>> share
    0.75
    """
    angle = np.pi * np.arange(directions) / directions
    normals = np.array([np.cos(angle), np.sin(angle)])
    along = x @ normals
    order = np.argsort(along, axis=0)
    ones_below = np.vstack([np.zeros(directions), np.cumsum(labels[order], axis=0)])
    below = np.arange(len(x) + 1)[:, None]
    right = (below - ones_below) + (np.sum(labels) - ones_below)  # if class 1 is above the line
    edges = np.take_along_axis(along, order, axis=0)
    edges = np.vstack([edges[0] - 1, edges, edges[-1] + 1])
    either = np.where(np.diff(edges, axis=0) > 1e-9, np.maximum(right, len(x) - right), 0)
    place, k = np.unravel_index(np.argmax(either), right.shape)
    sign = 1 if right[place, k] == either[place, k] else -1
    bias = -sign * (edges[place, k] + edges[place + 1, k]) / 2
    return float(either[place, k] / len(x)), sign * normals[:, k], float(bias)


def classifier(activation: Activation, depth: int, width: int) -> MLP:
    """Return a network for two classes in the plane: ``depth`` hidden layers, two linear outputs."""
    return MLP(2, [*(Dense(width, activation) for _ in range(depth)), Dense(2)])


def trained_line(name: str) -> Array:
    """Return the share of the training points that trained layers without hidden ones have right, (members,)."""
    drawn, network = points(name), MLP(2, [Dense(2)])
    end = _classify(network, drawn, spawn(SEED, MEMBERS))
    return np.mean(network.predict(end, drawn.x).argmax(axis=-1) == drawn.labels, axis=-1)


def _classify(network: MLP, drawn: Plane, generators) -> Parameters:
    """Return what members, one for each generator, are after training on the points."""
    batches = full_batches(drawn.x, drawn.labels, STEPS)
    return last(train(network, network.initialise(generators), batches, SoftmaxCrossEntropy(), Adam(RATE))).updated


def grid() -> Array:
    """Return the points (1600, 2) at which the maps of the plane are computed, row by row from below."""
    side = np.linspace(-VIEW, VIEW, SIDE)
    return np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)


def linear_on_digits() -> Array:
    """Return the test accuracy of ten single linear layers on the handwritten digits, (members,).

    Standardised pixels, plain SGD at a rate of 0.1, batches of 32, 20 epochs.
    """
    return fit(MLP(64, [Dense(10)]), digits("standardised"), SGD(0.1)).accuracy


# XOR with few units


@dataclass(frozen=True)
class Trial:
    """What became of many networks with one hidden layer on the four points of XOR.

    Attributes
    ----------
    network : MLP
    start, end : Parameters
    x, labels : array
        The four points.
    loss : array, (members,)
    slope : array, (members,)
        The largest entry of the last gradient, in size.
    solved : array of bool, (members,)
        Whether all four points are on the right side.
    """

    network: MLP
    start: Parameters
    end: Parameters
    x: Array
    labels: Array
    loss: Array
    slope: Array
    solved: Array

    def hidden(self, when: str = "end") -> Array:
        """Return the hidden activations of the four points, (members, 4, units), at the "start" or the "end"."""
        return self.network.forward(getattr(self, when), self.x)[0].outputs

    def blind(self, when: str = "end") -> Array:
        """Return whether two points of different classes have the same hidden activations, (members,)."""
        hidden = self.hidden(when)
        same = np.abs(hidden[:, :, None] - hidden[:, None]).max(axis=-1) < 1e-9
        return np.any(same & (self.labels[:, None] != self.labels), axis=(1, 2))

    def seen(self, when: str = "end") -> Array:
        """Return how many of the four points switch some unit on, (members,)."""
        return (self.hidden(when) > 0).any(axis=-1).sum(axis=-1)


@once
def solve_xor(
    units: int,
    activation: Activation = ReLU(),  # noqa: B008
    members: int = STARTS,
    seed: int = SEED,
) -> Trial:
    """Train many networks with one hidden layer on the four points (±1, ±1).

    Plain gradient descent on all four, 3,000 steps at a rate of 0.5.
    """
    x, labels = xor(4, np.random.default_rng(SEED), noise=0)
    network = MLP(2, [Dense(units, activation), Dense(2)])
    start = network.initialise(spawn(seed, members))
    step = last(train(network, start, full_batches(x, labels, XOR_STEPS), SoftmaxCrossEntropy(), SGD(XOR_RATE)))
    slope = np.max([np.abs(g).max(axis=(1, 2)) for layer in step.gradients for g in layer.values()], axis=0)
    right = network.predict(step.updated, x).argmax(axis=-1) == labels
    return Trial(network, start, step.updated, x, labels, step.loss, slope, right.all(axis=-1))


# Functions of one variable


def target(x: Array) -> Array:
    """Return what is to be approximated on [-1, 1]: sin(2 pi x) + cos(5 pi x) / 2."""
    return np.sin(2 * np.pi * x) + np.cos(5 * np.pi * x) / 2


def rms(error: Array) -> Array:
    """Return the root of the mean square over the last axis."""
    return np.sqrt(np.mean(np.square(error), axis=-1))


def interpolant(function: Callable[[Array], Array], pieces: int, ends: tuple[float, float] = (-1.0, 1.0)):
    """Return a ReLU network that is equal to ``function`` at ``pieces`` + 1 evenly spaced places and straight between.

    A unit for each piece: it switches on where its piece begins, and its output weight is the change of slope there.

    Parameters
    ----------
    function : callable
        From an array to an array of the same shape.
    pieces : int
    ends : (float, float)

    Returns
    -------
    network : MLP
    parameters : Parameters

    Examples
    --------
    >>> network, parameters = interpolant(np.square, pieces=2)
    >>> network.predict(parameters, [[-1.0], [-0.5], [0.0], [1.0]]).ravel().tolist()
    [1.0, 0.5, 0.0, 1.0]
    """
    checks.whole(pieces, "pieces")
    knots = np.linspace(*ends, pieces + 1)
    values = function(knots)
    slopes = np.diff(values) / np.diff(knots)
    changes = np.diff(slopes, prepend=0.0)
    network = MLP(1, [Dense(pieces, ReLU()), Dense(1)])
    return network, network.with_parameters([(np.ones((1, pieces)), -knots[:-1]), (changes[:, None], values[:1])])


def built_error(pieces: int) -> float:
    """Return the rms error of `interpolant` for `target` on [-1, 1]."""
    network, parameters = interpolant(target, pieces)
    return float(rms(network.predict(parameters, LINE[:, None])[0, :, 0] - target(LINE)))


def random_units(width: int, steepness: tuple[float, float], generator: np.random.Generator) -> tuple[Array, Array]:
    """Return weights and biases, each (width,), of hidden units s (x - t): t anywhere in [-1, 1], s of either sign.

    Parameters
    ----------
    width : int
    steepness : (float, float)
        The size of s lies between these.
    generator : numpy Generator
    """
    place = generator.uniform(-1, 1, width)
    weights = generator.choice([-1.0, 1.0], width) * generator.uniform(*steepness, width)
    return weights, -weights * place


def fitted_errors(
    function: Callable[[Array], Array], width: int, steepness: tuple[float, float], seed: int = SEED
) -> Array:
    """Return the rms error on [-1, 1] with random hidden units and the best output weights, (members,).

    Least squares on 1,001 places finds the best there is for these hidden units.
    """
    errors = []
    for generator in spawn(seed, MEMBERS):
        features = _features(function, random_units(width, steepness, generator))
        errors.append(rms(features @ _least_squares(features) - target(LINE)))
    return np.array(errors)


def paired_errors(width: int, c: float) -> tuple[Array, Array, Array]:
    """Replace each sigmoid of the fitted networks by a pair of ReLUs, p_c, and keep all the weights.

    Returns
    -------
    before, after : array, (members,)
        The rms error on [-1, 1] of the sigmoids and of the pairs.
    largest : array, (members,)
        The largest output weight, in size.
    """
    rows = []
    for generator in spawn(SEED, MEMBERS):
        units = random_units(width, STEEPNESS["sigmoid"], generator)
        features = _features(Sigmoid(), units)
        best = _least_squares(features)
        errors = (rms(each @ best - target(LINE)) for each in (features, _features(TwoReLU(c), units)))
        rows.append((*errors, np.abs(best[:-1]).max()))
    before, after, largest = np.transpose(rows)
    return before, after, largest


def _features(function: Callable[[Array], Array], units: tuple[Array, Array]) -> Array:
    weights, bias = units
    return np.column_stack([function(LINE[:, None] * weights + bias), np.ones(len(LINE))])


def _least_squares(features: Array) -> Array:
    return np.linalg.lstsq(features, target(LINE), rcond=1e-12)[0]


def trained_errors(
    activation: Activation, width: int, steepness: tuple[float, float], steps: int = LINE_STEPS, seed: int = SEED
) -> Array:
    """Return the rms error on [-1, 1] when the same hidden units are a start, and Adam trains all the weights."""
    network, generators = MLP(1, [Dense(width, activation), Dense(1)]), spawn(seed, MEMBERS)
    hidden = [random_units(width, steepness, generator) for generator in generators]
    weights, bias = (np.stack(part)[:, None] for part in zip(*hidden, strict=True))
    start = ({"weights": weights, "bias": bias}, network.initialise(generators)[1])
    x = LINE[::4, None]
    batches = full_batches(x, target(x), steps)
    end = last(train(network, start, batches, MeanSquaredError(), Adam(LINE_RATE))).updated
    return rms(network.predict(end, LINE[:, None])[..., 0] - target(LINE))


# Two ReLUs


def bulge(c: float) -> float:
    """Return how far the logistic function rises above the pair of ReLUs between 0 and c, at most; 0 for c <= 2.

    The difference is largest where the slopes are equal, sigma (1 - sigma) = 1 / (2c).

    >>> bulge(2), round(bulge(3), 4)
    (0.0, 0.0692)
    """
    checks.positive(c, "c")
    if c <= 2:
        return 0.0
    sigma = (1 + math.sqrt(1 - 2 / c)) / 2
    return sigma - 0.5 - math.log(sigma / (1 - sigma)) / (2 * c)


def gap(c: float) -> float:
    """Return how far the pair of ReLUs is above the logistic function at c, where it reaches 1: 1 - sigma(c).

    >>> round(gap(2), 4)
    0.1192
    """
    checks.positive(c, "c")
    return 1 / (1 + math.exp(c))


def pair_error(c: float) -> float:
    """Return the largest distance between the pair of ReLUs and the logistic function over all z."""
    return max(bulge(c), gap(c))


def best_c() -> float:
    """Return the c whose largest distance is smallest: where bulge and gap are equal, found by bisection."""
    low, high = 2.0, 8.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if bulge(middle) < gap(middle) else (low, middle)
    return (low + high) / 2


FORMULAS = {
    "[r(z + c) − r(z − c)] / (2c)": lambda z, c: TwoReLU(c)(z),
    "r(z + c) − r(z − c)": lambda z, c: ReLU()(z + c) - ReLU()(z - c),
    "r(z + c) + r(z − c)": lambda z, c: ReLU()(z + c) + ReLU()(z - c),
}


def pair_grid(z: Array, cs: Array) -> tuple[Array, Array, Array]:
    """Return two ReLUs put together in each way of ``FORMULAS``, for each c, and how far they are from the sigmoid.

    Returns
    -------
    lines, differences : array, (formulas, c, z)
    worst : array, (formulas, c)
        The largest difference, in size.
    """
    lines = np.array([[formula(z, c) for c in cs] for formula in FORMULAS.values()])
    differences = lines - Sigmoid()(z)
    return lines, differences, np.abs(differences).max(axis=-1)


# The grids that are computed once


def _region_cell(data: str, activation: str, depth: int, width: int):
    """Return the test points got right, (members,), the median member, its largest log-odds and its coded map."""
    network, end, right, shown = _trained_classifier(data, activation, depth, width)
    odds = np.diff(network.predict(end, grid())[shown], axis=-1)
    largest = min(CLIP, np.abs(odds).max())
    steps = np.rint(np.sign(odds) * np.sqrt(np.minimum(np.abs(odds) / largest, 1)) * LEVELS).astype(np.int8)
    return right.astype(np.uint16), np.uint8(shown), np.float32(largest), steps.reshape(SIDE, SIDE)


def _unit_cell(data: str, activation: str, width: int):
    """Return weights and bias, (16, 3), of the units of the median member, if it has one hidden layer."""
    _, end, _, shown = _trained_classifier(data, activation, 1, width)
    units = np.full((max(WIDTHS), 3), np.nan, np.float32)
    units[:width] = np.vstack([end[0]["weights"][shown], end[0]["bias"][shown]]).T
    return (units,)


def _trained_classifier(data: str, activation: str, depth: int, width: int):
    """Return the network, its parameters, how many test points each member gets right, and the median member."""
    drawn, network = points(data), classifier(ACTIVATIONS[activation], depth, width)
    end = _classify(network, drawn, spawn(SEED, MEMBERS))
    right = np.sum(network.predict(end, drawn.test_x).argmax(axis=-1) == drawn.test_labels, axis=-1)
    return network, end, right, int(np.argsort(right, kind="stable")[(MEMBERS - 1) // 2])


def _fitted_cell(units: str, width: int) -> tuple[Array]:
    return (fitted_errors(_function(units), width, STEEPNESS[units]),)


def _trained_cell(units: str, width: int) -> tuple[Array]:
    return (trained_errors(_function(units), width, STEEPNESS[units]),)


def _again_cell(width: int) -> tuple[Array, Array]:
    """Return the errors of ReLUs fitted and trained, with seeds other than those of the grids of these names."""
    units, other = (ReLU(), width, STEEPNESS["ReLU"]), {"seed": SEED + 1}
    return fitted_errors(*units, **other), trained_errors(*units, **other)


def _patient_cell(width: int) -> tuple[Array]:
    return (trained_errors(ReLU(), width, STEEPNESS["ReLU"], PATIENT_STEPS),)


def _narrow_cell(activation: str, depth: int) -> tuple[Array]:
    """Return the test points of the spirals got right by narrow networks, (2, RUNS): two sets of seeds."""
    drawn, network = points("spirals"), classifier(ACTIVATIONS[activation], depth, NARROW)
    end = _classify(network, drawn, [*spawn(SEED + 1, RUNS), *spawn(SEED + 2, RUNS)])
    right = np.sum(network.predict(end, drawn.test_x).argmax(axis=-1) == drawn.test_labels, axis=-1)
    return (right.astype(np.uint16).reshape(2, RUNS),)


def _xor_cell(function: str) -> tuple[Array]:
    """Return how many of other starts than those of the lesson solve XOR with two units."""
    return (np.uint8(solve_xor(2, XOR_FUNCTIONS[function], seed=SEED + 1).solved.sum()),)


def _split_cell(split: int) -> tuple[Array]:
    return (fit(MLP(64, [Dense(10)]), digits("standardised", split), SGD(0.1)).right,)


def _function(units: str) -> Activation:
    return Sigmoid() if units == "sigmoid" else ReLU()


SEEDS = {"seed": SEED, "members": MEMBERS}
LINE_TRAINING = {"rate": LINE_RATE, "steps": LINE_STEPS}
LINES = {"units": STEEPNESS, "width": LINE_WIDTHS}
GRIDS = {
    "regions": Grid(
        _region_cell,
        {"data": DATA, "activation": ACTIVATIONS, "depth": DEPTHS, "width": WIDTHS},
        ("right", "shown", "largest", "odds"),
        SEEDS | {"points": POINTS, "test_points": TEST_POINTS, "rate": RATE, "steps": STEPS, "view": VIEW},
    ),
    "units": Grid(
        _unit_cell,
        {"data": DATA, "activation": ACTIVATIONS, "width": WIDTHS},
        ("units",),
        SEEDS | {"points": POINTS, "test_points": TEST_POINTS, "rate": RATE, "steps": STEPS},
    ),
    "fitted": Grid(_fitted_cell, LINES, ("error",), SEEDS | {"steepness": STEEPNESS}),
    "trained": Grid(_trained_cell, LINES, ("error",), SEEDS | {"steepness": STEEPNESS} | LINE_TRAINING),
    "again": Grid(_again_cell, {"width": (8, 16, 32, 64)}, ("fitted", "trained"), SEEDS | LINE_TRAINING),
    "patient": Grid(_patient_cell, {"width": (64,)}, ("error",), SEEDS | {"rate": LINE_RATE, "steps": PATIENT_STEPS}),
    "narrow": Grid(
        _narrow_cell,
        {"activation": ("ReLU", "tanh"), "depth": DEPTHS},
        ("right",),
        SEEDS | {"runs": RUNS, "width": NARROW, "rate": RATE, "steps": STEPS},
    ),
    "splits": Grid(_split_cell, {"split": SPLITS}, ("right",), SEEDS | {"rate": 0.1}),
    "xor": Grid(
        _xor_cell,
        {"function": XOR_FUNCTIONS},
        ("solved",),
        SEEDS | {"starts": STARTS, "rate": XOR_RATE, "steps": XOR_STEPS},
    ),
}


@dataclass(frozen=True)
class Regions:
    """Stored classifiers, over (data, activations, depths, widths).

    Attributes
    ----------
    accuracy : array, (data, activations, depths, widths, members)
        On the test points.
    shown : array of int, (data, activations, depths, widths)
        The member of median accuracy (the lower one of the two in the middle), whose map is kept.
    odds : array, (data, activations, depths, widths, 40, 40)
        Its log-odds of class 1 at `grid`, rows from below, between -4 and 4.
    units : array, (data, activations, depths, widths, 16, 3)
        Weights and bias of its hidden units, if it has one hidden layer; NaN where there is none.
    """

    accuracy: Array
    shown: Array
    odds: Array
    units: Array

    def at(self, data: str, activation: str, depth: int, width: int) -> tuple[int, ...]:
        """Return the place of a setting in the arrays."""
        return grids.load(LESSON, "regions").place(data=data, activation=activation, depth=depth, width=width)


def stored_regions() -> Regions:
    """Return what is stored of the classifiers."""
    stored = grids.load(LESSON, "regions")
    steps = stored["odds"].astype(np.float32) / LEVELS
    odds = stored["largest"][..., None, None] * steps * np.abs(steps)
    units = np.full((*stored["shown"].shape, max(WIDTHS), 3), np.nan, np.float32)
    units[:, :, DEPTHS.index(1)] = grids.load(LESSON, "units")["units"]
    return Regions(stored["right"] / TEST_POINTS, stored["shown"], odds, units)


def compared_errors(width: int) -> dict[str, Array]:
    """Return the rms errors of ReLUs, fitted and trained, from two independent sets of seeds, each (2, members)."""
    other = grids.load(LESSON, "again").at(width=width)
    first = LINE_WIDTHS.index(width)
    return {route: np.stack([stored_errors(route)[first], other[route]]) for route in ("fitted", "trained")}


def xor_again() -> dict[Activation, int]:
    """Return how many of 50 other starts solve XOR with two units, by function."""
    return dict(zip(XOR_FUNCTIONS.values(), grids.load(LESSON, "xor")["solved"].tolist(), strict=True))


def linear_over_splits() -> Array:
    """Return the median test accuracy of ten single linear layers on the digits for each of 20 other splits."""
    return np.median(grids.load(LESSON, "splits")["right"], axis=-1) / TEST_IMAGES


def stored_errors(route: str, units: str = "ReLU") -> Array:
    """Return rms errors on [-1, 1], (widths, members), by ``route``: "fitted" or "trained".

    >>> stored_errors("fitted").shape == (len(LINE_WIDTHS), MEMBERS)
    True
    """
    place(route, ("fitted", "trained"), "route")
    return grids.load(LESSON, route).at(units=units)["error"]
