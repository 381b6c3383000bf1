"""Gates and modern functions: what bounds a memory, what keeps a gradient, and what is new about Swish and its kin.

What is trained is trained in single precision. Of the members that `spawn` makes of the seed, the first ten tune the
rate, and two further sets of ten give the verdict; on digits, each of the twenty on a split of its own.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from nonlinear import diagnostics
from nonlinear.activations import (
    GEGLU,
    GELU,
    GLU,
    SELU,
    Activation,
    HardSigmoid,
    Identity,
    Mish,
    Pointwise,
    ReLU,
    Sigmoid,
    SiLU,
    Softplus,
    SwiGLU,
    Tanh,
)
from nonlinear.activations.gated import Gated
from nonlinear.clipping import Clipped
from nonlinear.course import MEMBERS, SEED, generators, grids, others, two_sets
from nonlinear.course.classifier import BATCH, classifier, images_right
from nonlinear.course.grids import Grid
from nonlinear.course.memory import STEPS, remember
from nonlinear.course.splits import Images, batches_of_splits, images
from nonlinear.datasets import digits
from nonlinear.initialisers import VarianceScaling, gain, he
from nonlinear.losses import BinaryCrossEntropy, MeanSquaredError, SoftmaxCrossEntropy
from nonlinear.lstm import LSTM
from nonlinear.network import MLP, Dense
from nonlinear.optimisers import SGD, Adam, Optimiser
from nonlinear.special import Array
from nonlinear.training import full_batches, last, train

LESSON = "gates"
GATES: dict[str, Pointwise] = {
    "sigmoid": Sigmoid(),
    "hard sigmoid": HardSigmoid(),
    "tanh": Tanh(),
    "ReLU": ReLU(),
    "softplus": Softplus(),
}
SPLITS = tuple(range(1, 2 * MEMBERS + 1))


# Random gates


def largest(gate: Pointwise, mean: float, spread: float = 1.0, steps: int = STEPS, cells: int = 100) -> Array:
    """Return the largest abs(c) after the last step among cells with random gates, (2, members).

    The preactivations of the forget gate are normal, with this mean and spread; those of input gate and candidate are
    standard normal, and the candidate is their tanh.
    """
    z = np.stack([g.normal(size=(3, steps, cells)) for g in two_sets()], axis=2)
    c, _ = remember(gate(mean + spread * z[0]), gate(z[1]), np.tanh(z[2]))
    return np.abs(c[-1]).max(axis=-1).reshape(2, MEMBERS)


def edge(spread: float, limit: float = STEPS, low: float = 0.0, high: float = 4.0) -> Array:
    """Return at which mean forget preactivation the largest of 100 cells with ReLU gates passes a limit, (2, members).

    By halving, on the same random numbers; a sigmoid's cells never pass ``STEPS``.
    """
    low, high = np.full((2, MEMBERS), low), np.full((2, MEMBERS), high)
    z = np.stack([g.normal(size=(3, STEPS, 100)) for g in two_sets()], axis=2)
    came, candidate = np.maximum(z[1], 0), np.tanh(z[2])
    for _ in range(12):
        middle = (low + high) / 2
        forget = np.maximum(middle.reshape(-1, 1) + spread * z[0], 0)
        c, _ = remember(forget, came, candidate)
        passed = np.abs(c[-1]).max(axis=-1).reshape(2, MEMBERS) > limit
        low, high = np.where(passed, low, middle), np.where(passed, middle, high)
    return (low + high) / 2


# An untrained LSTM

UNITS = 16


def untrained(
    gate: Pointwise, bias: float, scale: float = 1.0, candidate: Pointwise = GATES["tanh"], steps: int = STEPS, **given
) -> tuple[LSTM, tuple, Array]:
    """Return an LSTM before any training, the parameters of twenty members, and standard normal inputs for each.

    Parameters
    ----------
    gate : Pointwise
        The function of all three gates.
    bias : float
        The forget bias.
    scale : float
        What the weights are multiplied by, over their usual 1 / sqrt(fan-in).
    candidate : Pointwise
    steps : int
    **given
        What else `LSTM` takes.
    """
    chance = two_sets()
    network = LSTM(
        1,
        UNITS,
        Dense(1),
        gate,
        gate,
        gate,
        candidate,
        forget_bias=bias,
        initial_weights=VarianceScaling(scale),
        **given,
    )
    parameters = network.initialise(chance)
    return network, parameters, np.stack([g.normal(size=(8, steps, 1)) for g in chance])


def largest_of_lstm(gate: Pointwise, bias: float, scale: float = 1.0, **given) -> Array:
    """Return the largest abs(c) after the last step in untrained LSTMs, (2, members); infinite or NaN on overflow."""
    network, parameters, x = untrained(gate, bias, scale, **given)
    cells = network.forward(parameters, x)[0].cells[-1]
    return np.abs(cells).max(axis=(1, 2)).reshape(2, MEMBERS)


def kept_by_lstm(bias: float, steps: int, scale: float = 1.0) -> tuple[Array, Array]:
    """Return how much of a cell, and how much of a gradient, untrained LSTMs keep over so many steps, (2, members).

    Of a cell: the geometric mean, over cells and inputs, of the product of the forget gates. Of a gradient: the root
    mean square of dL/dz at the first step over that at the last.
    """
    network, parameters, x = untrained(Sigmoid(), bias, scale, steps=steps)
    tape = network.forward(parameters, x)
    cell = np.exp(np.log(tape[0].forget_gate).sum(axis=0).mean(axis=(1, 2)))
    _, (deltas, _) = network.backward(parameters, tape, np.ones_like(tape[1].outputs))
    size = np.sqrt(np.mean(deltas**2, axis=(2, 3)))
    return cell.reshape(2, MEMBERS), (size[0] / size[-1]).reshape(2, MEMBERS)


def kept(bias: float, steps: int) -> float:
    """Return the product of so many forget gates, sigmoids at their bias: (1 + e^-b)^-T.

    >>> round(kept(3.0, 100), 4)
    0.0078
    """
    return (1 + math.exp(-bias)) ** -steps


def bias_for(steps: float, share: float = 1 / math.e) -> float:
    """Return the forget bias with which so many steps keep a share: -log(share^(-1/T) - 1), about log T for 1/e.

    >>> round(kept(bias_for(50, 0.5), 50), 12)
    0.5
    """
    return -math.log(math.expm1(-math.log(share) / steps))


# Tasks for a memory

CELLS, SEQUENCES, UPDATES, ASKED = 8, 16, 300, 200
NOISE = 0.3
LENGTHS, BIASES = (8, 16, 32, 64), (0.0, 1.0, 2.0, 3.0, 5.0)
RATES = (0.001, 0.003, 0.01, 0.03, 0.1)
SOLVED = 0.95


def first_token(g: np.random.Generator, samples: int, steps: int) -> tuple[Array, Array]:
    """Return sequences that begin with +1 or -1 and go on with noise, (samples, steps, 1), and which, (samples, 1)."""
    label = g.integers(0, 2, (samples, 1))
    x = NOISE * g.normal(size=(samples, steps, 1))
    x[:, 0] += 2 * label - 1
    return x.astype(np.float32), label.astype(np.float32)


def last_but_one(g: np.random.Generator, samples: int, steps: int) -> tuple[Array, Array]:
    """Return sequences of +1 and -1, (samples, steps, 1), and which the last but one was, (samples, 1)."""
    bits = g.integers(0, 2, (samples, steps, 1))
    return (2 * bits - 1).astype(np.float32), bits[:, -2].astype(np.float32)


TASKS = {"the first": first_token, "the last but one": last_but_one}


def remembers(
    network: LSTM, task: str, steps: int, rate: float | Array, chance: Sequence[np.random.Generator], updates=UPDATES
) -> Array:
    """Train on fresh sequences in every update; return how many of 200 others are answered rightly, (members,).

    By Adam, gradients clipped at length 1. A member that diverged is right by half.
    """

    def drawn(samples: int) -> tuple[Array, Array]:
        x, labels = zip(*(TASKS[task](g, samples, steps) for g in chance), strict=True)
        return np.stack(x), np.stack(labels)

    batches = (drawn(SEQUENCES) for _ in range(updates))
    parameters = network.initialise(chance, np.float32)
    end = last(train(network, parameters, batches, BinaryCrossEntropy(), Clipped(Adam(rate))))
    x, labels = drawn(ASKED)
    right = np.sum((network.predict(end.updated, x) > 0) == labels, axis=(1, 2))
    return np.where(end.diverged_at < 0, right, ASKED // 2).astype(np.uint8)


SAYING: dict[str, Pointwise] = {"tanh": Tanh(), "ReLU": ReLU(), "sigmoid": Sigmoid(), "nothing": Identity()}
DESIGNS = {
    "sigmoid, tanh": ("sigmoid", "tanh", "tanh"),
    "hard sigmoid, tanh": ("hard sigmoid", "tanh", "tanh"),
    "tanh, tanh": ("tanh", "tanh", "tanh"),
    "ReLU, tanh": ("ReLU", "tanh", "tanh"),
    "sigmoid, ReLU": ("sigmoid", "ReLU", "ReLU"),
    "sigmoid, sigmoid": ("sigmoid", "sigmoid", "sigmoid"),
    "sigmoid, tanh and c itself": ("sigmoid", "tanh", "nothing"),
}
"""What the gates are, and what candidate and output: by the functions of gates, candidate, and what is said of c."""
USUAL = "sigmoid, tanh"


def memory(design: str, bias: float | Array) -> LSTM:
    """Return a small LSTM of one of ``DESIGNS``."""
    gate, candidate, says = DESIGNS[design]
    return LSTM(1, CELLS, Dense(1), *[GATES[gate]] * 3, SAYING[candidate], SAYING[says], forget_bias=bias)


def learned(design: str, task: str, steps: int, biases: Sequence[float]) -> tuple[Array, Array]:
    """Tune the rate for every forget bias, by the mean, and judge at the best one; sequences answered rightly.

    All are trained at once, as one ensemble.

    Returns
    -------
    tuned : array, (biases, rates, members)
    right : array, (biases, 2, members)
    """
    settings = [(bias, rate) for bias in biases for rate in RATES]
    tuned = _at(design, task, steps, settings, generators).reshape(len(biases), len(RATES), MEMBERS)
    best = tuned.mean(axis=-1).argmax(axis=-1)
    settings = [(bias, RATES[k]) for bias, k in zip(biases, best, strict=True)]
    return tuned, _at(design, task, steps, settings, others).reshape(len(biases), 2, MEMBERS)


def _at(design: str, task: str, steps: int, settings: Sequence[tuple[float, float]], chance: Callable) -> Array:
    """Train the members of ``chance()`` at each setting, a forget bias and a rate, (settings * members,)."""
    members = len(chance())
    bias, rate = np.repeat(np.array(settings).T, members, axis=1)
    same = [g for _ in settings for g in chance()]
    return remembers(memory(design, bias), task, steps, rate, same)


def _latch_cell(steps: int) -> tuple[Array, ...]:
    return learned(USUAL, "the first", steps, BIASES)


def _recent_cell(steps: int) -> tuple[Array, ...]:
    return learned(USUAL, "the last but one", steps, BIASES)


def _slow_cell(bias: float) -> tuple[Array, ...]:
    """Train two sets of ten at a low rate, on what needs no long memory."""
    right = remembers(memory(USUAL, bias), "the last but one", RECENT_STEPS, SLOW, two_sets())
    return (right.reshape(2, MEMBERS),)


def _designs_cell(design: str) -> tuple[Array, ...]:
    return learned(design, "the first", DESIGN_STEPS, DESIGN_BIASES)


RECENT_STEPS, SLOW, DESIGN_STEPS, DESIGN_BIASES = 32, 0.001, 32, (1.0, 3.0)


# Networks on digits, and on surfaces


def judged(fit: Callable[..., Array], rates: Sequence[float]) -> tuple[Array, Array]:
    """Return what ten members reach at each rate, (rates, members), and twenty others at the best, (2, members).

    Parameters
    ----------
    fit : callable
        From a rate, generators and a split for each of them to what should be large, (members,).
    rates : sequence of float
    """
    tuned = np.stack([fit(rate, generators(), [0] * MEMBERS) for rate in rates])
    best = rates[int(np.argmax(np.median(tuned, axis=-1)))]
    return tuned, fit(best, others(), SPLITS).reshape(2, MEMBERS)


# Gated units against plain ones, at equal parameters

UNGATED: dict[str, Pointwise] = {"ReLU": ReLU(), "SiLU": SiLU(), "GELU": GELU()}
GATED: dict[str, Gated] = {"GLU": GLU(), "SwiGLU": SwiGLU(), "GEGLU": GEGLU()}
FAMILY: dict[str, Activation] = {**UNGATED, **GATED}
DIGITS_WIDTHS, SURFACE_WIDTHS = (64, 40), (28, 16)
"""Units of a hidden layer, without and with gates."""


def units_of(function: str, widths: tuple[int, int]) -> int:
    """Return the width of a hidden layer of a function."""
    return widths[function in GATED]


def starting(f: Activation) -> VarianceScaling:
    """Return first weights that keep the mean square: of a gated unit, those of its gate, for the value has size 1."""
    return VarianceScaling(gain(f.gate if isinstance(f, Gated) else f))


def count(network: MLP) -> int:
    """Return the number of parameters of a network, for one member.

    >>> count(MLP(2, [Dense(28, ReLU()), Dense(1)])), count(MLP(2, [Dense(16, GLU()), Dense(1)]))
    (113, 113)
    """
    return sum(math.prod(shape) for layer in network.shapes() for shape in layer.values())


def reader(function: str) -> MLP:
    """Return a network for the digits with two hidden layers of one of ``FAMILY``."""
    f = FAMILY[function]
    return classifier(f, width=units_of(function, DIGITS_WIDTHS), weights=starting(f))


def read(network: MLP, optimiser: Optimiser, chance: Sequence[np.random.Generator], data: Images, epochs: int) -> Array:
    """Train one member for each generator on digits; return the test images got right, none by who diverged."""
    batches = batches_of_splits(data.x, data.labels, epochs, chance)
    start = network.initialise(chance, np.float32)
    end = last(train(network, start, batches, SoftmaxCrossEntropy(), optimiser))
    accuracy = diagnostics.accuracy(network.predict(end.updated, data.test_x), data.test_labels)
    return images_right(np.where(end.diverged_at < 0, accuracy, 0))


READING_RATES, READING_EPOCHS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0), 6
CLIPS: dict[str, Callable[[float], Optimiser]] = {"plain": SGD, "clipped": lambda rate: Clipped(SGD(rate), 1.0)}


def loudest(function: str) -> Array:
    """Return how much larger the outputs for the loudest image are than for the median one, before training.

    Of the second hidden layer, on the training images, (2, members).
    """
    network = reader(function)
    tape = network.forward(network.initialise(two_sets()), digits("standardised").x)
    sizes = np.sqrt(np.mean(tape[1].outputs ** 2, axis=-1))
    return (sizes.max(axis=-1) / np.median(sizes, axis=-1)).reshape(2, MEMBERS)


def _reading_cell(function: str, gradients: str) -> tuple[Array, ...]:
    network, rule = reader(function), CLIPS[gradients]
    return judged(
        lambda rate, chance, splits: read(network, rule(rate), chance, images(splits), READING_EPOCHS), READING_RATES
    )


SURFACES = {
    "x1 x2": lambda x: x[:, :1] * x[:, 1:],
    "|x1 + x2|": lambda x: np.abs(x[:, :1] + x[:, 1:]),
}
"""What a network of two inputs should become, from (samples, 2) to (samples, 1)."""
SURFACE_RATES, SURFACE_STEPS = (0.01, 0.03, 0.1, 0.3, 1.0), 1000


def plane(points: int) -> Array:
    """Return so many times as many places in a square from -2 to 2, (points ** 2, 2)."""
    side = np.linspace(-2, 2, points, dtype=np.float32)
    return np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)


def fitted(function: str) -> MLP:
    """Return a network with one hidden layer for a surface."""
    f = FAMILY[function]
    return MLP(2, [Dense(units_of(function, SURFACE_WIDTHS), f, starting(f)), Dense(1)])


def surface_error(function: str, surface: str, rate: float, chance: Sequence[np.random.Generator]) -> Array:
    """Train on 12 x 12 points; return the root mean square error on 41 x 41, (members,)."""
    network, y = fitted(function), SURFACES[surface]
    batches = full_batches(plane(12), y(plane(12)), SURFACE_STEPS)
    parameters = network.initialise(chance, np.float32)
    end = last(train(network, parameters, batches, MeanSquaredError(), Adam(rate))).updated
    return np.sqrt(np.mean((network.predict(end, plane(41)) - y(plane(41))) ** 2, axis=(1, 2)))


def _surface_cell(function: str, surface: str) -> tuple[Array, ...]:
    """Tune and judge; errors."""
    tuned, error = judged(lambda rate, chance, _: -surface_error(function, surface, rate, chance), SURFACE_RATES)
    return -tuned.astype(np.float32), -error.astype(np.float32)


# Forty layers

DEPTH, DEEP_WIDTH, DEEP_EPOCHS, SEEN = 40, 32, 6, 100
DEEP_RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
DEEP: dict[str, Pointwise] = {"ReLU": ReLU(), "SiLU": SiLU(), "GELU": GELU(), "Mish": Mish(), "SELU": SELU()}
NETWORKS = {
    f"{function}, {start}": (function, start)
    for start, functions in {
        "He": ("ReLU", "SiLU", "GELU", "Mish"),
        "own gain": ("SiLU", "GELU", "Mish", "SELU"),
        "residual": ("ReLU", "SiLU", "GELU", "Mish"),
    }.items()
    for function in functions
}
"""Functions with the first weights of He, with those that keep the mean square, or with residual links."""
TRAINED = (
    *("ReLU, He", "SiLU, He", "SiLU, own gain", "GELU, own gain", "Mish, own gain", "SELU, own gain"),
    *("ReLU, residual", "SiLU, residual"),
)


def deep(name: str) -> MLP:
    """Return one of ``NETWORKS``, with forty hidden layers.

    The own gain keeps the mean square of a standard normal preactivation. With residual links the weights are those,
    divided by the root of the depth.
    """
    function, start = NETWORKS[name]
    f = DEEP[function]
    weights = he() if start == "He" else VarianceScaling(gain(f) / (math.sqrt(DEPTH) if start == "residual" else 1))
    return classifier(f, DEPTH, DEEP_WIDTH, weights, residual=start == "residual")


def sizes(network: MLP) -> Array:
    """Return how large each hidden layer's outputs are on digits before training, (depth, 2, members).

    The root mean square over the units, of the median image: the size of an image's signal depends on how large it was
    at first, and few are far larger than the rest.
    """
    x, each = digits("standardised").x[:SEEN], []
    for generator in two_sets():  # one by one, to save memory
        tape = network.forward(network.initialise([generator]), x)
        each.append([np.median(np.sqrt(np.mean(layer.outputs[0] ** 2, axis=-1))) for layer in tape[:-1]])
    return np.transpose(each).reshape(-1, 2, MEMBERS)


def _deep_cell(network: str) -> tuple[Array, ...]:
    network = deep(network)
    return judged(
        lambda rate, chance, splits: read(network, SGD(rate), chance, images(splits), DEEP_EPOCHS), DEEP_RATES
    )


# The grids that are computed once

SETTINGS = {"seed": SEED, "members": MEMBERS}
REMEMBERED = SETTINGS | {
    "cells": CELLS, "batch": SEQUENCES, "updates": UPDATES, "noise": NOISE, "rates": RATES, "asked": ASKED,
}  # fmt: skip
# While tuning (..., rates, members), for the verdict (..., 2, members): of the memories with a first axis of forget
# biases, how many of 200 sequences are answered rightly; of the others, how many of 360 test images.
JUDGED = ("tuned", "right")
GRIDS = {
    "latch": Grid(_latch_cell, {"steps": LENGTHS}, JUDGED, REMEMBERED | {"biases": BIASES}),
    "recent": Grid(_recent_cell, {"steps": (RECENT_STEPS,)}, JUDGED, REMEMBERED | {"biases": BIASES}),
    "slow": Grid(_slow_cell, {"bias": (0.0, 5.0)}, ("right",), REMEMBERED | {"rates": (SLOW,), "steps": RECENT_STEPS}),
    "designs": Grid(
        _designs_cell, {"design": DESIGNS}, JUDGED, REMEMBERED | {"biases": DESIGN_BIASES, "steps": DESIGN_STEPS}
    ),
    "reading": Grid(
        _reading_cell,
        {"function": FAMILY, "gradients": CLIPS},
        JUDGED,
        SETTINGS | {"widths": DIGITS_WIDTHS, "rates": READING_RATES, "epochs": READING_EPOCHS, "batch": BATCH},
    ),
    "surfaces": Grid(
        _surface_cell,
        {"function": FAMILY, "surface": SURFACES},
        ("tuned", "error"),
        SETTINGS | {"widths": SURFACE_WIDTHS, "rates": SURFACE_RATES, "steps": SURFACE_STEPS},
    ),
    "deep": Grid(
        _deep_cell,
        {"network": TRAINED},
        JUDGED,
        SETTINGS | {"depth": DEPTH, "width": DEEP_WIDTH, "rates": DEEP_RATES, "epochs": DEEP_EPOCHS, "batch": BATCH},
    ),
}


def stored(name: str) -> grids.Results:
    """Return the stored results of one of the grids."""
    return grids.load(LESSON, name)
