"""Dead forever? Networks are wrecked by a learning rate that is too high, and then trained on in many ways.

The networks are those of `nonlinear.course.classifier`, on pixels in [0, 1], in single precision. A unit is dead if it
is 0 for all training images, and revived if it is dead at the end of the wreck and not dead at the end of the training
that follows.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nonlinear import diagnostics
from nonlinear.activations import ReLU
from nonlinear.course import MEMBERS, SEED, grids, two_sets
from nonlinear.course.classifier import BATCH, TEST_IMAGES, WIDTH, classifier, images_right
from nonlinear.course.grids import Grid
from nonlinear.datasets import Digits, digits
from nonlinear.losses import MeanSquaredError, SoftmaxCrossEntropy
from nonlinear.network import MLP, Dense, Parameters, map_parameters
from nonlinear.optimisers import SGD, Adam, Optimiser, State
from nonlinear.parameters import Packed
from nonlinear.schedules import Constant
from nonlinear.special import Array
from nonlinear.training import Step, full_batches, last, minibatches, train

LESSON = "dead-forever"
WRECK, EPOCHS = 3, 20
HIGH, LOW = 1.0, 0.1
FRAMES = 1 + WRECK + EPOCHS
"""What is looked at: the networks before training, and after each epoch."""
STEPS = 45
"""Steps in an epoch."""
PIXEL_NOISE, GRADIENT_NOISE, DECAY, MOMENTUM = 0.3, 0.01, 0.01, 0.9
BINS = np.concatenate([[-np.inf], np.linspace(-12, 6, 19), [np.inf]])
"""Where preactivations are sorted into for a histogram; the outermost hold all that lies beyond."""
LEVELS = 40
"""Steps in which the share of a histogram's bin is stored."""
NETWORK, WRECKER = classifier(ReLU()), SGD(HIGH)


# Ways to train on


@dataclass(frozen=True)
class DecayOfAll(SGD):
    """Gradient descent that shrinks weights and biases alike, as PyTorch's ``weight_decay`` does by default."""

    def start(self, parameters: Parameters) -> State:
        state = super().start(parameters)
        return state._replace(decay=np.full_like(Packed.of(parameters).flat, self.rate * self.weight_decay))


@dataclass(frozen=True)
class Held(SGD):
    """Gradient descent that leaves one layer as it is, counted from 0."""

    layer: int = 0

    def start(self, parameters: Parameters) -> State:
        state, packed = super().start(parameters), Packed.of(parameters)
        sizes = [sum(array[0].size for array in layer.values()) for layer in packed]
        free = np.repeat(np.arange(len(sizes)) != self.layer, sizes)
        return state._replace(rate=state.rate * free.astype(packed.flat.dtype))


@dataclass(frozen=True)
class NoisyGradients(SGD):
    """Gradient descent that adds normal noise to every gradient."""

    noise: float = GRADIENT_NOISE

    def direction(self, gradient, moments, step):
        noise = np.random.default_rng([SEED, step]).standard_normal(gradient.shape, np.float32)
        return gradient + np.float32(self.noise) * noise, moments


def noisy(x: Array, rng: np.random.Generator) -> Array:
    """Return images with normal noise on every pixel."""
    return x + np.float32(PIXEL_NOISE) * rng.standard_normal(x.shape, np.float32)


def shifted(x: Array, rng: np.random.Generator) -> Array:
    """Return images of 8 x 8 pixels, each moved by -1, 0 or 1 pixel in either direction; what comes in is black.

    >>> shifted(np.ones((1, 5, 64)), np.random.default_rng(0)).sum(axis=-1)
    array([[49., 56., 56., 49., 49.]])
    """
    padded = np.pad(x.reshape(*x.shape[:-1], 8, 8), [*[(0, 0)] * (x.ndim - 1), (1, 1), (1, 1)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (8, 8), axis=(-2, -1))
    down, right = rng.integers(3, size=(2, *x.shape[:-1]))
    return windows[(*np.indices(x.shape[:-1]), down, right)].reshape(x.shape)


@dataclass(frozen=True)
class Way:
    """How a network is trained on after its wreck.

    Attributes
    ----------
    optimiser : Optimiser
    images : callable, optional
        What is done to the images of every batch.
    """

    optimiser: Optimiser
    images: Callable[[Array, np.random.Generator], Array] | None = None


WAYS = {
    "SGD": Way(SGD(LOW)),
    "momentum": Way(SGD(LOW * (1 - MOMENTUM), momentum=MOMENTUM)),
    "Adam": Way(Adam(0.001)),
    "decay of weights": Way(SGD(LOW, weight_decay=DECAY)),
    "decay of both": Way(DecayOfAll(LOW, weight_decay=DECAY)),
    "noise on pixels": Way(SGD(LOW), noisy),
    "shifted images": Way(SGD(LOW), shifted),
    "noise on gradients": Way(NoisyGradients(LOW)),
    "first layer held": Way(Held(LOW)),
}


# Training


def passes(
    data: Digits, chance: Sequence[np.random.Generator], epochs: int, images: Callable | None = None
) -> Iterator[tuple[Array, Array]]:
    """Return the batches of so many epochs, with images changed on the way."""
    batches = minibatches(data.x.astype(np.float32), data.labels, BATCH, epochs, chance)
    if images is None:
        return batches
    rng = np.random.default_rng([SEED, 1])
    return ((images(x, rng), labels) for x, labels in batches)


def run(network: MLP, parameters: Parameters, batches, optimiser: Optimiser) -> Iterator[Step]:
    """Train, and yield the last step of every epoch."""
    for step in train(network, parameters, batches, SoftmaxCrossEntropy(), optimiser):
        if step.index % STEPS == STEPS - 1:
            yield step


def wrecked(
    data: Digits, optimiser: Optimiser = WRECKER, network: MLP = NETWORK, chance=None
) -> tuple[list[Parameters], list[np.random.Generator]]:
    """Return the parameters before and after each epoch of the wreck, and the generators that go on."""
    chance = chance or two_sets()
    start = network.initialise(chance, np.float32)
    return [start, *(kept(step) for step in run(network, start, passes(data, chance, WRECK), optimiser))], chance


def kept(step: Step) -> Parameters:
    """Return a copy of the parameters after a step."""
    return map_parameters(np.copy, step.updated)


def alive(network: MLP, parameters: Parameters, x: Array) -> Array:
    """Return which hidden units are above 0 for an image, (hidden layers, members, units)."""
    tape = network.forward(parameters, x.astype(np.float32))
    return np.stack([~diagnostics.dead_units(layer.outputs) for layer in tape[:-1]])


def dead_after(parameters: Parameters, data: Digits, network: MLP = NETWORK) -> Array:
    """Return which hidden units are 0 for all training images, (hidden layers, members, units)."""
    return ~alive(network, parameters, data.x)


def untouched(before: Parameters, after: Parameters) -> Array:
    """Return which hidden units have the same parameters in both, bit for bit: (hidden layers, members, units)."""
    pairs = zip(before[:-1], after[:-1], strict=True)
    return np.stack([np.all([np.all(old[k] == new[k], axis=1) for k in old], axis=0) for old, new in pairs])


def right(network: MLP, parameters: Parameters, data: Digits) -> Array:
    """Return how many test images each member gets right, (members,)."""
    outputs = network.predict(parameters, data.test_x.astype(np.float32))
    return images_right(diagnostics.accuracy(outputs, data.test_labels))


def histograms(network: MLP, parameters: Parameters, x: Array) -> Array:
    """Return the share of a layer's preactivations in each of ``BINS``, (hidden layers, members, bins)."""
    tape = network.forward(parameters, x.astype(np.float32))
    counts = [[np.histogram(z, BINS)[0] for z in layer.preactivations] for layer in tape[:-1]]
    return np.array(counts) / (len(x) * WIDTH)


# The grids that are computed once


def coded(shares: Array) -> Array:
    """Return shares in ``LEVELS`` steps of their root, which small ones need most.

    >>> coded(np.array([0, 0.01, 0.25, 1.0])).tolist()
    [0, 4, 20, 40]
    """
    return np.rint(LEVELS * np.sqrt(shares)).astype(np.uint8)


def _ways_cell(way: str):
    chosen, data = WAYS[way], digits("unit")
    wreck, chance = wrecked(data)
    later = run(NETWORK, wreck[-1], passes(data, chance, EPOCHS, chosen.images), chosen.optimiser)
    frames = [*wreck, *map(kept, later)]
    packed = np.packbits(np.stack([alive(NETWORK, p, data.x) for p in frames], axis=1), axis=-1)
    same = untouched(wreck[-1], frames[-1]) & dead_after(wreck[-1], data)
    shown = [map_parameters(lambda array: array[:MEMBERS], p) for p in frames]
    heat = coded(np.stack([histograms(NETWORK, p, data.x) for p in shown], axis=1))
    scores = np.stack([right(NETWORK, p, data) for p in (wreck[-1], frames[-1])])
    return packed, heat, same.sum(axis=-1).astype(np.uint8), scores


def _counts(dead: Array, again: Array) -> tuple[Array, Array]:
    """Return how many units are dead in ``dead``, and how many of them not in ``again``: (..., members)."""
    return dead.sum(axis=-1).astype(np.uint8), (dead & ~again).sum(axis=-1).astype(np.uint8)


def _carried_cell(optimiser: str, carried: bool):
    """Fall to a low rate with the memory of the wreck or not: dead, revived at the end and at any look, untouched."""
    (rule, fall), data, chance = MEMORIES[optimiser], digits("unit"), two_sets()
    batches = passes(data, chance, WRECK + EPOCHS)
    falling = replace(rule, schedule=Constant().until(WRECK * STEPS, then=lambda step: fall))
    steps = run(NETWORK, NETWORK.initialise(chance, np.float32), batches, falling)
    wreck = [kept(next(steps)) for _ in range(WRECK)][-1]
    dead, looks = dead_after(wreck, data), []
    for step in steps if carried else run(NETWORK, wreck, batches, replace(rule, rate=fall * rule.rate)):
        looks.append(dead_after(step.updated, data))
    same = (dead & untouched(wreck, step.updated)).sum(axis=-1).astype(np.uint8)
    return *_counts(dead, looks[-1]), _counts(dead, np.all(looks, axis=0))[1], same


def _stepwise_cell(optimiser: str):
    """Look after every step of the wreck: deaths and revivals, steps of dead units, and those that moved them."""
    data, chance = digits("unit"), two_sets()
    start = NETWORK.initialise(chance, np.float32)
    dead = dead_after(start, data)
    found = np.zeros((4, *dead.shape[:2]), np.uint16)
    for step in train(NETWORK, start, passes(data, chance, WRECK), SoftmaxCrossEntropy(), COASTING[optimiser]):
        now, moved = dead_after(step.updated, data), ~untouched(step.parameters, step.updated)
        events = (~dead & now, dead & ~now, dead, dead & moved)
        found += np.array([event.sum(axis=-1) for event in events], np.uint16)
        dead = now
    return tuple(found)


def _went_on(network: MLP, wreck: Parameters, data: Digits, chance, optimiser: Optimiser, epochs: int = EPOCHS):
    """Train on, and return dead, revived, dead at the end, and test images got right after the wreck and at the end."""
    end = last(run(network, wreck, passes(data, chance, epochs), optimiser)).updated
    dead, late = dead_after(wreck, data, network), dead_after(end, data, network)
    scores = np.stack([right(network, p, data) for p in (wreck, end)])
    return *_counts(dead, late), late.sum(axis=-1).astype(np.uint8), scores


def _rates_cell(rate: float):
    data = digits("unit")
    wreck, chance = wrecked(data)
    return _went_on(NETWORK, wreck[-1], data, chance, SGD(rate))


def _deeper_cell(rate: float):
    data, network = digits("unit"), classifier(ReLU(), DEPTH)
    wreck, chance = wrecked(data, SGD(rate), network)
    return _went_on(network, wreck[-1], data, chance, SGD(LOW))


def _splits_cell(split: int):
    """Return the same of one member of each set, on another split."""
    data = digits("unit", split)
    wreck, chance = wrecked(data, chance=two_sets()[split - 1 :: MEMBERS])
    return _went_on(NETWORK, wreck[-1], data, chance, SGD(LOW))


def _longer_cell(way: str):
    """Return how many of the dead are still dead, and how many units in all, after each of ``LOOKS`` epochs."""
    chosen, data = WAYS[way], digits("unit")
    wreck, chance = wrecked(data)
    dead, looks = dead_after(wreck[-1], data), []
    later = run(NETWORK, wreck[-1], passes(data, chance, LOOKS[-1], chosen.images), chosen.optimiser)
    for epoch, step in enumerate(later, 1):
        if epoch in LOOKS:
            now = dead_after(step.updated, data)
            looks.append([(dead & now).sum(axis=-1), now.sum(axis=-1), [right(NETWORK, step.updated, data)] * 2])
    still, total, scores = np.moveaxis(np.array(looks), 1, 0).astype(np.uint16)
    return still, total, scores[:, 0]


def _new_cell(images: str):
    """Return how many units of the first layer are dead on the training images, and how many of them wake on others."""
    data = digits("unit")
    wreck, _ = wrecked(data)
    dead, first = dead_after(wreck[-1], data)[0], wreck[-1][0]
    if images == ALL_IMAGES:
        awake = (first["bias"] + np.maximum(first["weights"], 0).sum(axis=1, keepdims=True) > 0)[:, 0]
    else:
        awake = alive(NETWORK, wreck[-1], NEW[images](data))[0]
    return _counts(dead, ~awake)


def _units_cell(rule: str, rate: float):
    """Return how many single units were dead at the start, died later, were dead at some step and alive at a later."""
    kinks, slopes = (each.reshape(-1, 1, 1) for each in np.meshgrid(KINKS, SLOPES))
    start = ({"weights": slopes, "bias": -slopes * kinks},)
    batches = full_batches(POINTS[:, :1], POINTS[:, 1:], UNIT_STEPS)
    steps = train(UNIT, start, batches, MeanSquaredError(), UNIT_RULES[rule](rate))
    dead = np.array([diagnostics.dead_units(step.tape[0].outputs)[:, 0] for step in steps])
    back = (dead[:-1] & ~dead[1:]).any(axis=0)
    return tuple(each.sum(dtype=np.uint16) for each in (dead[0], dead[-1] & ~dead[0], back, back & dead[0]))


def _tiles_cell(member: int):
    """Return the weights into the first units of layer 1 at a few frames, (frames, units, 64)."""
    data = digits("unit")
    wreck, chance = wrecked(data)
    end = last(run(NETWORK, wreck[-1], passes(data, chance, EPOCHS), SGD(LOW))).updated
    weights = [p[0]["weights"][member, :, :TILES].T for p in (*wreck, end)]
    return (np.array(weights, np.float16),)


def _worth_cell(start: str):
    data = digits("unit")
    wreck, chance = wrecked(data)
    begun = STARTS[start](wreck, dead_after(wreck[-1], data))
    return _went_on(NETWORK, begun, data, chance, SGD(LOW))


def buried(wreck: Sequence[Parameters], dead: Array) -> Parameters:
    """Return the wrecked networks with the dead units of the second layer silenced for good, by a bias of -1000."""
    first, second, output = map_parameters(np.copy, wreck[-1])
    second["bias"][:, 0][dead[1]] = -1000
    return first, second, output


def redrawn(wreck: Sequence[Parameters], dead: Array) -> Parameters:
    """Return the wrecked networks with new weights and biases into their dead units, and weights of 0 out of them."""
    birth, after = wreck[0], map_parameters(np.copy, wreck[-1])
    for layer, following, new, gone in zip(after[:-1], after[1:], birth[:-1], dead, strict=True):
        for name, array in layer.items():
            np.copyto(array, new[name], where=gone[:, None, :])
        following["weights"][gone] = 0
    return after


MEMORIES: dict[str, tuple[Optimiser, float]] = {
    "momentum": (SGD(HIGH * (1 - MOMENTUM), momentum=MOMENTUM), 0.1),
    "Adam": (Adam(0.05), 0.02),
}
"""Optimisers that wreck, and by what their rates are multiplied afterwards."""
COASTING: dict[str, Optimiser] = {
    "SGD, 1": SGD(HIGH),
    "momentum, 0.1": SGD(0.1, momentum=MOMENTUM),
    "momentum, 0.3": SGD(0.3, momentum=MOMENTUM),
    "Nesterov, 0.1": SGD(0.1, momentum=MOMENTUM, nesterov=True),
    "Adam, 0.05": Adam(0.05),
    "Adam, 0.1": Adam(0.1),
    "Adam, 0.3": Adam(0.3),
}
"""Optimisers by name and rate, whose memory goes on when a unit has died."""
RATES = (0.003, 0.01, 0.03, 0.1, 0.3)
DEPTH, DEEPER_RATES = 4, (0.5, 0.7, 1.0)
TILES = 10
"""Units of which the weights are stored."""
SPLITS = tuple(range(1, MEMBERS + 1))
LONGER = ("SGD", "noise on pixels")
LOOKS = (1, 2, 5, 10, 20, 50, 100, 200)
ALL_IMAGES = "all images of [0, 1]"
NEW: dict[str, Callable[[Digits], Array]] = {
    "test images": lambda data: data.test_x,
    "shifted images": lambda data: shifted(data.x, np.random.default_rng(SEED)),
    "noisy images": lambda data: noisy(data.x, np.random.default_rng(SEED)),
}
POINTS = np.array(
    [(0, -0.1), (0.1, 0.05), (0.2, -0.05), (0.3, 0.1), (0.4, 0), (0.5, 0.4), (0.6, 0.45), (0.7, 0.55), (0.8, 0.9)]
    + [(0.9, 0.95), (1, 1.25)]
)
"""An input and a target in each row, for a single unit."""
KINKS, SLOPES = np.linspace(-0.475, 1.475, 40), np.linspace(-2.9, 2.9, 30)
"""Where single units start; none at an input, and none without a slope."""
UNIT, UNIT_STEPS = MLP(1, [Dense(1, ReLU())]), 200
UNIT_RULES: dict[str, Callable[[float], Optimiser]] = {
    "SGD": SGD,
    "momentum": lambda rate: SGD(rate, momentum=MOMENTUM),
    "Adam": Adam,
}
UNIT_RATES = (0.01, 0.03, 0.1, 0.3, 0.5)
STARTS: dict[str, Callable[[Sequence[Parameters], Array], Parameters]] = {
    "as it is": lambda wreck, dead: wreck[-1],
    "layer 2 buried": buried,
    "dead units redrawn": redrawn,
    "never wrecked": lambda wreck, dead: wreck[0],
}
# Counts are (hidden layers, members), of members of two sets one after the other; ``right`` (2, members) counts test
# images got right, of 360, after the wreck and at the end; ``alive`` (hidden layers, frames, members, bytes) has a bit
# for each unit; ``heat`` (hidden layers, frames, members of the first set, bins) holds shares as `coded`.
SETTINGS = {"seed": SEED, "members": MEMBERS, "wreck": WRECK, "epochs": EPOCHS, "batch": BATCH, "rates": (HIGH, LOW)}
WENT_ON = ("dead", "revived", "late", "right")
GRIDS = {
    "ways": Grid(
        _ways_cell,
        {"way": WAYS},
        ("alive", "heat", "untouched", "right"),
        SETTINGS | {"pixel noise": PIXEL_NOISE, "gradient noise": GRADIENT_NOISE, "decay": DECAY, "momentum": MOMENTUM},
    ),
    "carried": Grid(
        _carried_cell,
        {"optimiser": MEMORIES, "carried": (False, True)},
        ("dead", "revived", "seen", "untouched"),
        SETTINGS,
    ),
    "stepwise": Grid(_stepwise_cell, {"optimiser": COASTING}, ("deaths", "revivals", "steps", "moved"), SETTINGS),
    "rates": Grid(_rates_cell, {"rate": RATES}, WENT_ON, SETTINGS),
    "deeper": Grid(_deeper_cell, {"rate": DEEPER_RATES}, WENT_ON, SETTINGS | {"depth": DEPTH}),
    "splits": Grid(_splits_cell, {"split": SPLITS}, WENT_ON, SETTINGS),
    "longer": Grid(_longer_cell, {"way": LONGER}, ("still", "late", "right"), SETTINGS | {"looks": LOOKS}),
    "new": Grid(_new_cell, {"images": (*NEW, ALL_IMAGES)}, ("dead", "awake"), SETTINGS),
    "tiles": Grid(_tiles_cell, {"member": (0, 1)}, ("weights",), SETTINGS | {"units": TILES}),
    "units": Grid(
        _units_cell,
        {"rule": UNIT_RULES, "rate": UNIT_RATES},
        ("born", "died", "back", "born_back"),
        {"seed": SEED, "members": MEMBERS, "steps": UNIT_STEPS, "units": KINKS.size * SLOPES.size},
    ),
    "worth": Grid(_worth_cell, {"start": STARTS}, WENT_ON, SETTINGS),
}


# What is stored


@dataclass(frozen=True)
class Fate:
    """What became of the units of two sets of members in one way of training on.

    Attributes
    ----------
    alive : array of bool, (hidden layers, frames, members, units)
        Before training, after each epoch of the wreck, and after each epoch that followed.
    heat : array, (hidden layers, frames, members of the first set, bins)
        The share of the preactivations in each of ``BINS``.
    untouched : array, (hidden layers, members)
        How many units that were dead after the wreck have the same weights and bias at the end, bit for bit.
    accuracy : array, (2, members)
        On the test images, after the wreck and at the end.
    """

    alive: Array
    heat: Array
    untouched: Array
    accuracy: Array

    @property
    def dead(self) -> Array:
        """Which units were dead after the wreck, (hidden layers, members, units)."""
        return ~self.alive[:, WRECK]

    @property
    def revived(self) -> Array:
        """Which of them are alive at the end."""
        return self.dead & self.alive[:, -1]

    @property
    def sums(self) -> list[str]:
        """How many units came back of how many, over all members, for each hidden layer."""
        pairs = zip(self.revived.sum(axis=(1, 2)), self.dead.sum(axis=(1, 2)), strict=True)
        return [f"{back} of {dead}" for back, dead in pairs]

    @property
    def share(self) -> Array:
        """Which share of a member's dead units is alive at the end, (hidden layers, 2, members of a set)."""
        share = self.revived.sum(axis=-1) / self.dead.sum(axis=-1)
        return share.reshape(len(share), 2, MEMBERS)


def stored(name: str, **setting) -> grids.Results:
    """Return the results of one of ``GRIDS``, at the given values of some axes."""
    return grids.load(LESSON, name).at(**setting)


def stored_fates() -> dict[str, Fate]:
    """Return what is stored of each of ``WAYS``."""
    found = stored("ways")
    alive = np.unpackbits(found["alive"], axis=-1, count=WIDTH).astype(bool)
    heat, scores = (found["heat"] / LEVELS) ** 2, found["right"] / TEST_IMAGES
    return {way: Fate(*each) for way, *each in zip(WAYS, alive, heat, found["untouched"], scores, strict=True)}


def accuracy(name: str, **setting) -> Array:
    """Return the test accuracy at the end of stored runs, (2, members of a set)."""
    return stored(name, **setting)["right"][1].reshape(2, MEMBERS) / TEST_IMAGES
