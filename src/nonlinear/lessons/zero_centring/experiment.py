"""Zero-centring: signs of gradients, condition numbers, and what becomes of both when the data are turned.

The unit of the first half is linear, without a bias: y = w.x, with the squared error. Its loss is a quadratic bowl,
and what shape the bowl has is all in the inputs.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from nonlinear import checks, recording
from nonlinear.activations import Activation, Pointwise, Sigmoid
from nonlinear.activations.base import Tail, Traits, parameter
from nonlinear.arrays import POSITIVE, Interval
from nonlinear.course import MEMBERS, SEED, generators, grids
from nonlinear.course import classifier as digits_classifier
from nonlinear.course.classifier import BATCH, WIDTH
from nonlinear.course.grids import Grid
from nonlinear.datasets import Digits, digits
from nonlinear.initialisers import VarianceScaling, gain, lecun
from nonlinear.losses import MeanSquaredError, SoftmaxCrossEntropy
from nonlinear.network import MLP, Dense, Parameters, spawn
from nonlinear.optimisers import SGD, Adam, Optimiser
from nonlinear.special import Array, norm, overflow_and_nan
from nonlinear.training import train

LESSON = "zero-centring"
SAMPLES, INPUTS, PAIR_SAMPLES = 1000, 10, 200
GOAL = 0.01  # of the loss at the start
RATES = tuple(float(rate) for rate in 2.0 ** np.arange(-4, 3.0, 0.5))
MOST_STEPS = 1000


# Data sets of one unit


@dataclass(frozen=True)
class Problem:
    """Inputs and targets of a linear unit, one data set for every member; the targets can be met exactly.

    Attributes
    ----------
    x : array, (members, samples, n)
    y : array, (members, samples, 1)
    solution : array, (members, n)
        The weights w with y = x.w.
    """

    x: Array
    y: Array
    solution: Array

    @property
    def second_moment(self) -> Array:
        """The mean of x x^T over the samples, (members, n, n): half the Hessian of the loss."""
        return np.swapaxes(self.x, -1, -2) @ self.x / self.x.shape[-2]

    @property
    def condition(self) -> Array:
        """The largest eigenvalue of the Hessian over the smallest, (members,)."""
        return condition_number(self.second_moment)

    @property
    def sample_condition(self) -> Array:
        """The mean of |x|^2, which is the trace of the second moment, over its smallest eigenvalue, (members,).

        What the condition number is to steps on all samples, this is to steps on one.
        """
        return np.trace(self.second_moment, axis1=-2, axis2=-1) / np.linalg.eigvalsh(self.second_moment)[..., 0]

    @property
    def steep_share(self) -> Array:
        """How much of the loss at weights of 0 lies along the steepest direction, (members,)."""
        values, vectors = np.linalg.eigh(self.second_moment)
        parts = values * (self.solution[:, None] @ vectors)[:, 0] ** 2
        return parts[:, -1] / parts.sum(axis=-1)


def condition_number(matrix) -> Array:
    """Return the largest eigenvalue over the smallest of symmetric positive matrices, (..., n, n).

    >>> float(condition_number([[4.0, 0.0], [0.0, 2.0]]))
    2.0
    """
    values = np.linalg.eigvalsh(matrix)
    return values[..., -1] / values[..., 0]


def expected_condition(inputs: int, mean: float) -> float:
    """Return 1 + 12 n m^2, the condition number for n independent inputs, uniform with mean m and width 1.

    >>> expected_condition(10, 0.5)
    31.0
    """
    return 1 + 12 * inputs * mean**2


def rotation(generator: np.random.Generator, n: int) -> Array:
    """Return a random rotation of n dimensions, perhaps with a reflection, (n, n).

    >>> q = rotation(np.random.default_rng(0), 3)
    >>> bool(np.allclose(q @ q.T, np.eye(3)))
    True
    """
    q, r = np.linalg.qr(generator.normal(size=(n, n)))
    return q * np.sign(np.diag(r))


def positive(n: int = INPUTS, mean: float = 0.5, seed: int = SEED, samples: int = SAMPLES) -> Problem:
    """Return inputs that are independent and uniform within 1/2 of ``mean``; positive for a mean of 1/2 or more."""
    x, solution = [], []
    for generator in spawn(seed, MEMBERS):
        x.append(mean + generator.uniform(-0.5, 0.5, size=(samples, n)))
        solution.append(generator.normal(size=n))
    return _problem(np.stack(x), np.stack(solution))


def centred(problem: Problem) -> Problem:
    """Return the problem with the mean of every input taken out; the solution stays."""
    return _problem(problem.x - problem.x.mean(axis=1, keepdims=True), problem.solution)


def turns(problem: Problem, seed: int = SEED + 100) -> Array:
    """Return a random rotation for every member, (members, n, n)."""
    return np.stack([rotation(generator, problem.x.shape[-1]) for generator in spawn(seed, len(problem.x))])


def turned(problem: Problem, turn: Array | None = None) -> Problem:
    """Return the problem with its inputs, and with them its solution, turned: x @ turn, by default by `turns`."""
    turn = turns(problem) if turn is None else turn
    return Problem(problem.x @ turn, problem.y, (problem.solution[:, None] @ turn)[:, 0])


def flipped(problem: Problem) -> Problem:
    """Return the problem with the sign of every other input changed."""
    signs = 1 - 2 * (np.arange(problem.x.shape[-1]) % 2)
    return Problem(problem.x * signs, problem.y, problem.solution * signs)


def one_hot(n: int = INPUTS, floor: float = 0.02, seed: int = SEED, samples: int = SAMPLES) -> Problem:
    """Return inputs that are all positive and yet well conditioned: ``floor`` everywhere, and 1 more in one place."""
    x = np.eye(n)[np.arange(samples) % n] + floor
    solution = np.stack([generator.normal(size=n) for generator in spawn(seed, MEMBERS)])
    return _problem(np.broadcast_to(x, (MEMBERS, samples, n)), solution)


def _problem(x: Array, solution: Array) -> Problem:
    return Problem(x, x @ solution[..., None], solution)


def pair(mean: float, degrees: float = 0.0, seed: int = SEED, samples: int = PAIR_SAMPLES) -> Problem:
    """Return two inputs, uniform within 1/2 of ``mean`` and then turned; the solution is one unit away from 0.

    Before it is turned, the solution has a negative first weight and a positive second one: from 0, the weights must
    move opposite ways to reach it.
    """
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    x, solution = [], []
    for generator in spawn(seed, MEMBERS):
        x.append(mean + generator.uniform(-0.5, 0.5, size=(samples, 2)))
        direction = generator.uniform(0.5, 1.0) * np.pi
        solution.append([np.cos(direction), np.sin(direction)])
    return _problem(np.stack(x) @ turn, np.stack(solution) @ turn)


PROBLEMS: dict[str, Callable[[int], Problem]] = {
    "positive": lambda seed: positive(seed=seed),
    "positive, rotated": lambda seed: turned(positive(seed=seed)),
    "positive, signs flipped": lambda seed: flipped(positive(seed=seed)),
    "one-hot + 0.02": lambda seed: one_hot(seed=seed),
    "centred": lambda seed: centred(positive(seed=seed)),
}


# Training one unit


class _WeightsOnly:
    """An optimiser that leaves the bias alone, so that the loss is a bowl over the weights and nothing else."""

    def update(self, parameters, gradients, state, out=None):
        return super().update(parameters, tuple({**g, "bias": 0 * g["bias"]} for g in gradients), state, out)


class WeightsSGD(_WeightsOnly, SGD):
    """`SGD` for a unit without a bias."""


class WeightsAdam(_WeightsOnly, Adam):
    """`Adam` for a unit without a bias."""


def draws(
    x: Array, y: Array, size: int | None, steps: int, seed: int, repeat: int = 1
) -> Iterator[tuple[Array, Array]]:
    """Yield batches of ``size`` samples drawn at random from each member's own data; None takes all of them.

    ``repeat`` gives every member that many copies, which get the same samples.
    """
    members, samples, _ = x.shape
    if size is None:
        every = np.repeat(x, repeat, axis=0), np.repeat(y, repeat, axis=0)
        yield from (every for _ in range(steps))
        return
    checks.whole(size, "size")
    generators, chunk = spawn(seed, members), 500
    owner = np.repeat(np.arange(members), repeat)[:, None]
    for start in range(0, steps, chunk):
        rows = np.stack([g.integers(samples, size=(chunk, size)) for g in generators], axis=1)
        for row in rows[: steps - start]:
            chosen = np.repeat(row, repeat, axis=0)
            yield x[owner, chosen], y[owner, chosen]


@dataclass(frozen=True)
class Descent:
    """What happened on the way down, up to the step at which the loss had fallen to 1 % of its start.

    Attributes
    ----------
    path : array, (steps + 1, members, n)
        The weights.
    loss : array, (steps + 1, members)
        On all of the member's data, as a share of that at the start.
    one_sign : array of bool, (steps, members)
        Whether the gradients of all weights had the same sign.
    """

    path: Array
    loss: Array
    one_sign: Array

    @property
    def steps(self) -> Array:
        """How many steps it took, (members,); infinite where it did not happen."""
        reached = self.loss <= GOAL
        return np.where(reached.any(axis=0), reached.argmax(axis=0), np.inf)

    @property
    def same_sign(self) -> Array:
        """The share of those steps at which the gradients of all weights had the same sign, (members,)."""
        return (self.one_sign & self._counted).sum(axis=0) / self._counted.sum(axis=0)

    @property
    def detour(self) -> Array:
        """The length of the path over the straight line between its ends, (members,)."""
        moved = np.diff(self.path, axis=0) * self._counted[..., None]
        return norm(moved).sum(axis=0) / norm(moved.sum(axis=0))

    @property
    def _counted(self) -> Array:
        return np.arange(len(self.one_sign))[:, None] < self.steps


def descend(
    problem: Problem,
    rate,
    batch: int | None = 1,
    optimiser: Callable[..., Optimiser] = WeightsSGD,
    most: int = MOST_STEPS,
    start: Array | None = None,
    repeat: int = 1,
    seed: int = SEED + 50,
) -> Descent:
    """Train the unit from weights of 0 until every member has reached 1 % of its loss at the start.

    Parameters
    ----------
    problem : Problem
    rate : float or array, (members * repeat,)
    batch : int or None
        Samples in a step; None for all of them.
    optimiser : WeightsSGD or WeightsAdam
    most : int
        Steps after which to give up.
    start : array, (members * repeat, n), optional
        Other weights to start from.
    repeat : int
        Copies of every member, which see the same samples.
    seed : int
        Of the samples that are drawn.
    """
    n, members = problem.x.shape[-1], len(problem.x) * repeat
    unit = MLP(n, [Dense(1)])
    weights = np.zeros((members, n)) if start is None else np.asarray(start, float)
    parameters = ({"weights": weights[..., None], "bias": np.zeros((members, 1, 1))},)
    moment, solution = (np.repeat(array, repeat, axis=0) for array in (problem.second_moment, problem.solution))

    def height(weights, of=1.0):
        error = weights - solution
        with overflow_and_nan():  # a member may be on its way to infinity
            return np.einsum("mi,mij,mj->m", error, moment, error) / of

    start_loss = height(weights)
    path, loss, one_sign = [weights], [np.ones(members)], []
    done = np.zeros(members, bool)
    batches = draws(problem.x, problem.y, batch, most, seed, repeat)
    for step in train(unit, parameters, batches, MeanSquaredError(), optimiser(rate)):
        gradient = step.gradients[0]["weights"][..., 0]
        one_sign.append(np.abs(np.sign(gradient).sum(axis=-1)) == n)
        path.append(np.array(step.updated[0]["weights"][..., 0]))
        loss.append(height(path[-1], start_loss))
        done |= (loss[-1] <= GOAL) | (step.diverged_at >= 0)
        if done.all():
            break
    return Descent(np.stack(path), np.stack(loss), np.stack(one_sign))


def best_rate(problem: Problem, batch: int | None = 1, optimiser=WeightsSGD, most: int = MOST_STEPS) -> float:
    """Return the rate of RATES at which the median member is done first, all of them being done at last."""
    members = len(problem.x)
    steps = descend(problem, np.tile(RATES, members), batch, optimiser, most, repeat=len(RATES), seed=SEED + 60).steps
    steps = steps.reshape(members, len(RATES))
    return RATES[int(np.argmin(np.where(np.isfinite(steps).all(axis=0), np.median(steps, axis=0), np.inf)))]


# Signs in a network


def one_sign(gradient: Array) -> Array:
    """Return which units have gradients of one sign for all their weights, (..., units). A gradient of 0 has no sign.

    Parameters
    ----------
    gradient : array, (..., fan_in, units)

    Examples
    --------
    >>> one_sign(np.array([[1.0, -2.0, 1.0, 0.0, 0.0], [3.0, -1.0, -1.0, 2.0, -2.0]]))
    array([ True,  True, False, False, False])
    """
    return np.all(gradient > 0, axis=-2) | np.all(gradient < 0, axis=-2)


def sign_shares(
    activation: Activation,
    sizes: Iterable[int] = (1, 2, 4, 32),
    epochs: int = 0,
    batches: int = 40,
    units: int = WIDTH,
    again: bool = False,
) -> tuple[Array, Array]:
    """Measure the signs of the gradients in the second hidden layer, on batches of several sizes.

    Two hidden layers of 64 units, or of 64 and ``units``, on standardised digits, after ``epochs`` of training at a
    rate of 0.5.

    Returns
    -------
    one : array, (sizes, members)
        The share of units (over all batches) whose 64 weights have gradients of one sign.
    whole : array, (sizes, members)
        The share of batches on which all weights of the layer have gradients of one sign.
    """
    network, data = digits_classifier.classifier(activation), digits("standardised")
    network = MLP(
        network.inputs, [layer if k != 1 else replace(layer, units=units) for k, layer in enumerate(network.layers)]
    )
    if epochs:
        parameters = digits_classifier.fit(network, data, SGD(0.5), epochs=epochs, chance=generators(again)).end
    else:
        parameters = network.initialise(generators(again))
    choose, shares = spawn(SEED + 1, 1)[0], []
    for size in sizes:
        agree = np.stack([_signs(network, parameters, data, choose.choice(len(data.x), size)) for _ in range(batches)])
        shares.append((agree[..., 0], agree[..., 1]))
    one, whole = np.moveaxis(np.mean(shares, axis=2), 1, 0)
    return one, whole


def _signs(network: MLP, parameters: Parameters, data: Digits, rows: Array) -> Array:
    """Return the share of units with one sign, and whether all weights have it, (members, 2)."""
    tape = network.forward(parameters, data.x[rows])
    _, upstream = SoftmaxCrossEntropy()(tape[-1].outputs, data.labels[rows])
    gradient = network.backward(parameters, tape, upstream)[0][1]["weights"]
    whole = one_sign(gradient.reshape(len(gradient), -1, 1))[:, 0]
    return np.stack([one_sign(gradient).mean(axis=-1), whole], axis=-1)


# Layers of sigmoids


@dataclass(frozen=True)
class MovedSigmoid(Pointwise):
    """A sigmoid made ``scale`` times as steep and moved down by ``shift``: scale * sigma(z) - shift.

    ``MovedSigmoid(4, 2)`` is centred and has slope 1 at 0, as tanh has: it is 2 tanh(z / 2).

    >>> f = MovedSigmoid(4.0, 2.0)
    >>> print(f(0.0), f.derivative(0.0), f(2.0).round(4), (2 * np.tanh(1.0)).round(4))
    0.0 1.0 1.5232 1.5232
    """

    scale: float = parameter(1.0, "s", POSITIVE, learnable=False)
    shift: float = parameter(0.0, "c", learnable=False)

    name = "moved_sigmoid"
    formula = r"s \sigma(z) - c"
    derivative_formula = r"s \sigma'(z)"
    source = "rumelhart1986"

    def value(self, z):
        return self.scale * Sigmoid()(z) - self.shift

    def derivative(self, z):
        return self.scale * Sigmoid().derivative(z)

    @property
    def traits(self):
        low, high = -self.shift, self.scale - self.shift
        return Traits(
            image=Interval(low, high, open_low=True, open_high=True),
            left=Tail(0, low),
            right=Tail(0, high),
            steepest=self.scale / 4,
            monotone=True,
            odd=self.scale == 2 * self.shift,
            transcendentals=1,
        )


FOUR: dict[str, Activation] = {
    "σ": MovedSigmoid(),
    "σ − 1/2": MovedSigmoid(1.0, 0.5),
    "4σ": MovedSigmoid(4.0),
    "4σ − 2": MovedSigmoid(4.0, 2.0),
}
DEPTH, EVERY = 4, 5
ACCURACY = 0.95
DEEP_RATES = tuple(float(rate) for rate in 2.0 ** np.arange(-9, 7))
DEEP_STEPS, TUNING = 2000, 3


def classifier(activation: Activation) -> MLP:
    """Return a network of four hidden layers for the digits; variance 1/n."""
    return digits_classifier.classifier(activation, DEPTH, weights=lecun())


def fair_classifier(activation: Activation) -> MLP:
    """Return a network of four hidden layers whose preactivations all start with a variance of about 1.

    The first layer sees standardised pixels, whatever the function: variance 1/n. The others see what the function
    makes of such preactivations, and are scaled by its gain; so is the output layer.
    """
    first, *others = classifier(activation).layers
    scaled = VarianceScaling(gain(activation))
    return MLP(64, [first, *(replace(layer, initial_weights=scaled) for layer in others)])


STARTS: dict[str, Callable[[Activation], MLP]] = {"1/n": classifier, "gain": fair_classifier}


class BoostedSGD(SGD):
    """`SGD` at 16 times the rate for all biases, for the weights of the first layer, or for both.

    A network of 4 sigma at a sixteenth of the rate needs both to learn as the network of sigma does.
    """

    biases, first = False, False

    def update(self, parameters, gradients, state, out=None):
        boosted = [
            {
                "weights": g["weights"] * (16 if self.first and k == 0 else 1),
                "bias": g["bias"] * (16 if self.biases else 1),
            }
            for k, g in enumerate(gradients)
        ]
        return super().update(parameters, tuple(boosted), state, out)


class FasterBiases(BoostedSGD):
    """`BoostedSGD` for the biases."""

    biases = True


class FasterFirst(BoostedSGD):
    """`BoostedSGD` for the weights of the first layer."""

    first = True


class FasterBoth(BoostedSGD):
    """`BoostedSGD` for both."""

    biases, first = True, True


BOOSTS = {"neither": BoostedSGD, "biases": FasterBiases, "first layer": FasterFirst, "both": FasterBoth}


def steps_to_accuracy(
    network: MLP,
    rate: float,
    most: int = DEEP_STEPS,
    members: int = TUNING + MEMBERS,
    optimiser: Callable[..., Optimiser] = SGD,
) -> Array:
    """Return how many steps it takes to 95 % of the test images, looked at every five steps, (members,).

    Standardised digits, batches of 32, plain gradient descent; infinite for a member that has not got there after
    ``most`` steps.
    """
    data = digits("standardised")
    epochs = -(-most // (len(data.x) // BATCH))
    steps = digits_classifier.steps(network, data, optimiser(rate), epochs, chance=spawn(SEED, members))
    accuracy = recording.accuracy(network, data.test_x, data.test_labels)
    first = np.full(members, np.inf)
    for step in itertools.islice(steps, most):
        if (step.index + 1) % EVERY == 0:
            there = np.isinf(first) & (accuracy(step) >= ACCURACY) & (step.diverged_at < 0)
            first[there] = step.index + 1
            if np.all(np.isfinite(first) | (step.diverged_at >= 0)):
                break
    return first


# The grids that are computed once

OPTIMISERS = {"SGD": WeightsSGD, "Adam": WeightsAdam}
BATCHES = (1, None)
MEANS = tuple(float(m) for m in np.arange(0, 2.25, 0.25))
TURNS = (0, 15, 30, 45, 60, 75, 90)
SIZES = (1, 10, None)
SHOWN = 3  # the seed whose path is drawn
POINTS = 57  # those of its longest path


def _rate_cell(problem: str, optimiser: str, batch: int | None) -> tuple[float]:
    return (best_rate(PROBLEMS[problem](SEED + 1), batch, OPTIMISERS[optimiser]),)


def _path_cell(mean: float, size: int | None) -> tuple:
    """Return the best rate and, for each of TURNS, what there is to draw and to read."""
    rate = best_rate(pair(mean, seed=SEED + 1), size)
    problems = [pair(mean, degrees) for degrees in TURNS]
    runs = [descend(problem, rate, size) for problem in problems]
    points = np.full((len(TURNS), POINTS, 2), np.nan, np.float32)
    for drawn, run in zip(points, runs, strict=True):
        path = run.path[: int(run.steps[SHOWN]) + 1, SHOWN]
        drawn[: len(path)] = path
    seeds = [(p.condition, r.same_sign, r.steps, r.detour) for p, r in zip(problems, runs, strict=True)]
    hessian, minimum = [2 * p.second_moment[SHOWN] for p in problems], [p.solution[SHOWN] for p in problems]
    return rate, points, np.array(seeds), np.array(hessian), np.array(minimum)


def _four_cell(function: str, start: str) -> tuple[float, Array]:
    """Climb from a rate of 1 / scale^2 to the one best for the tuning seeds; return it, and two sets of others at it.

    No run is followed for longer than twice the best one took.
    """
    f = FOUR[function]
    network, here = STARTS[start](f), DEEP_RATES.index(1 / f.scale**2)
    found: dict[int, float] = {}

    def median(k: int) -> float:
        if k not in found:
            most = int(min([DEEP_STEPS, *(2 * steps for steps in found.values())]))
            found[k] = float(np.median(steps_to_accuracy(network, DEEP_RATES[k], most, TUNING)))
        return found[k]

    while (best := min((here, here + 1, here - 1), key=median)) != here:
        here = best
    steps = steps_to_accuracy(network, DEEP_RATES[here], int(4 * found[here]), TUNING + 2 * MEMBERS)[TUNING:]
    return DEEP_RATES[here], steps.reshape(2, MEMBERS)


def _boosted_cell(boost: str) -> tuple[Array]:
    """Return the steps of 4 sigma from a fair start at the rate 1/16, some of it 16 times as fast; (2, members)."""
    network = fair_classifier(FOUR["4σ"])
    steps = steps_to_accuracy(network, 1 / 16, DEEP_STEPS, TUNING + 2 * MEMBERS, BOOSTS[boost])[TUNING:]
    return (steps.reshape(2, MEMBERS),)


# Of a path, ``points`` are NaN after its end and ``seeds`` (turns, 4, members) are those of READINGS; ``hessian`` and
# ``minimum`` are those of the seed that is drawn. ``steps`` (2, members) to 95 % are infinite for never.
SEEDS = {"seed": SEED, "members": MEMBERS}
GRIDS = {
    "rates": Grid(
        _rate_cell,
        {"problem": PROBLEMS, "optimiser": OPTIMISERS, "batch": BATCHES},
        ("rate",),
        SEEDS | {"rates": RATES},
    ),
    "paths": Grid(
        _path_cell,
        {"mean": MEANS, "size": SIZES},
        ("rate", "points", "seeds", "hessian", "minimum"),
        SEEDS | {"turns": TURNS, "rates": RATES},
    ),
    "four": Grid(
        _four_cell,
        {"function": FOUR, "start": STARTS},
        ("rate", "steps"),
        SEEDS | {"rates": DEEP_RATES, "tuning": TUNING, "most": DEEP_STEPS},
    ),
    "boosted": Grid(_boosted_cell, {"boost": BOOSTS}, ("steps",), SEEDS | {"tuning": TUNING, "most": DEEP_STEPS}),
}


def stored_rate(problem: str, optimiser: str = "SGD", batch: int | None = 1) -> float:
    """Return the best of RATES for one of PROBLEMS, found on data sets other than those that the lesson uses."""
    return float(grids.load(LESSON, "rates").at(problem=problem, optimiser=optimiser, batch=batch)["rate"])


def stored_four(start: str) -> tuple[Array, Array]:
    """Return the best rate of each of FOUR from one of STARTS, and the steps to 95 % at it.

    Returns
    -------
    rates : array, (functions,)
        The one at which the median of the tuning seeds was there first.
    steps : array, (functions, 2, members)
        Of two independent sets of seeds, other than the tuning seeds.
    """
    four = grids.load(LESSON, "four").at(start=start)
    return four["rate"], four["steps"]


def stored_boosted() -> dict[str, Array]:
    """Return the steps to 95 % of 4 sigma, by what learns 16 times as fast: each of BOOSTS, (2, members)."""
    return dict(zip(BOOSTS, grids.load(LESSON, "boosted")["steps"], strict=True))


READINGS = {
    "condition": ("condition number", ".1f"),
    "one_sign": ("steps of one sign", ".0%"),
    "steps": ("steps to 1 % of the loss", ".0f"),
    "detour": ("path / straight line", ".1f"),
}


def stored_paths() -> dict[str, Array]:
    """Return the paths of two weights over (means, turns, sizes), and what all seeds measured on their way.

    Returns
    -------
    dict of array
        ``paths`` (means, turns, sizes, steps + 1, 2), NaN after the end, ``hessian`` (..., 2, 2) and ``minimum``
        (..., 2) of one seed; each of READINGS (means, turns, sizes, members).
    """
    arrays = grids.load(LESSON, "paths").arrays
    stored = {name: np.moveaxis(arrays[name], 2, 1) for name in ("points", "seeds", "hessian", "minimum")}
    measured = {name: stored["seeds"][..., k, :] for k, name in enumerate(READINGS)}
    return {"paths": stored["points"], "hessian": stored["hessian"], "minimum": stored["minimum"]} | measured
