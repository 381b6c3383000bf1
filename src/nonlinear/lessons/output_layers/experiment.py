"""Output layers: what each pairing of output and loss costs, and whether the output is a probability.

The networks on digits are those of `nonlinear.course.classifier` with one hidden layer of tanh, in single precision,
trained by plain SGD. Of the members that `spawn` makes of the seed, the first ten tune the rate, on one split of the
images; two further sets of ten give the verdict, each member on a split of its own.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from nonlinear import diagnostics
from nonlinear.activations import Activation, Identity, ReLU, Sigmoid, Softmax, Tanh
from nonlinear.course import MEMBERS, SEED, grids, others
from nonlinear.course.classifier import BATCH, classifier, images_right
from nonlinear.course.compare import Difference
from nonlinear.course.grids import Grid
from nonlinear.course.splits import Images, batches_of_splits, images
from nonlinear.datasets import digits
from nonlinear.losses import BinaryCrossEntropy, Loss, MeanSquaredError, SoftmaxCrossEntropy
from nonlinear.network import MLP, Dense, Parameters, spawn
from nonlinear.optimisers import SGD, Adam, Optimiser
from nonlinear.special import Array
from nonlinear.training import full_batches, last, minibatches, train

LESSON = "output-layers"
CLASSES = 10
SPLITS = tuple(range(1, 2 * MEMBERS + 1))


# One unit


def recover(output: Activation, loss: Loss, optimiser: Optimiser, starts: Sequence[float], most: int) -> Array:
    """Return how many steps one unit needs to say no, from each z that says yes, (starts,).

    The unit's bias is trained, by the library and on one example. It is there when the sigmoid of z is at most 0.1;
    infinite where that takes more than ``most`` steps.

    >>> recover(Identity(), BinaryCrossEntropy(), SGD(0.5), [0.0, 6.0], 100)
    array([20., 34.])
    """
    network = MLP(1, [Dense(1, output, initial_bias=np.array(starts, float))])
    steps = np.full(len(starts), np.inf)
    parameters = network.initialise(spawn(SEED, len(starts)))
    for step in train(network, parameters, full_batches([[0.0]], [[0.0]], most), loss, optimiser):
        there = step.updated[0]["bias"][:, 0, 0] <= math.log(1 / 9)
        steps[there & np.isinf(steps)] = step.index + 1
        if there.all():
            break
    return steps


# Ten outputs on the digits


@dataclass(frozen=True)
class Head:
    """What stands on top of the network.

    Parameters
    ----------
    output : Activation
        Of the last layer.
    loss : Loss
    probability : Activation
        What makes answers between 0 and 1 of the outputs, if the loss takes scores.
    """

    output: Activation
    loss: Loss
    probability: Activation = Identity()

    def targets(self, labels: Array) -> Array:
        """Return what the loss compares with: class numbers, or a 1 among zeros."""
        return labels if isinstance(self.loss, SoftmaxCrossEntropy) else np.eye(CLASSES, dtype=np.float32)[labels]


HEADS = {
    "softmax, cross-entropy": Head(Identity(), SoftmaxCrossEntropy(), Softmax()),
    "sigmoids, cross-entropy": Head(Identity(), BinaryCrossEntropy(), Sigmoid()),
    "softmax, mean square": Head(Softmax(), MeanSquaredError()),
    "sigmoids, mean square": Head(Sigmoid(), MeanSquaredError()),
    "linear, mean square": Head(Identity(), MeanSquaredError()),
    "ReLUs, mean square": Head(ReLU(), MeanSquaredError()),
    "softmax twice, cross-entropy": Head(Softmax(), SoftmaxCrossEntropy(), Softmax()),
}
SCALES = (1, 20)
RATES = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
EPOCHS = 10


def network_of(head: Head) -> MLP:
    """Return a network for the digits with the given head."""
    return classifier(Tanh(), depth=1, output=Dense(CLASSES, head.output))


def learn(
    head: Head, rate: float | Array, data: Images, generators: Sequence[np.random.Generator], epochs: int, scale=1
) -> Iterator[Parameters]:
    """Train one member for each generator, and yield the parameters after each epoch.

    Parameters
    ----------
    head : Head
    rate : float or array, (members,)
    data : Images
    generators : list of numpy Generators
    epochs : int
    scale : float
        By which the output layer's first weights are multiplied.
    """
    network, per_epoch = network_of(head), -(-data.x.shape[1] // BATCH)
    *hidden, output = network.initialise(generators, np.float32)
    parameters = (*hidden, output | {"weights": output["weights"] * np.float32(scale)})
    batches = batches_of_splits(data.x, head.targets(data.labels), epochs, generators)
    for step in train(network, parameters, batches, head.loss, SGD(rate)):
        if (step.index + 1) % per_epoch == 0:
            yield step.updated


def right(head: Head, parameters: Parameters, data: Images) -> Array:
    """Return how many test images each member gets right, (members,)."""
    return images_right(diagnostics.accuracy(network_of(head).predict(parameters, data.test_x), data.test_labels))


def _heads_cell(name: str, scale: int) -> tuple[Array, ...]:
    """Tune the rate with ten members, then train twenty others at the best, on twenty splits."""
    head, one = HEADS[name], images([0] * MEMBERS)
    tuned = np.stack(
        [right(head, last(learn(head, rate, one, spawn(SEED, MEMBERS), EPOCHS, scale)), one) for rate in RATES]
    )
    data, rate = images(SPLITS), RATES[int(np.argmax(np.median(tuned, axis=-1)))]
    end = last(learn(head, rate, data, others(), EPOCHS, scale))
    none = np.all(network_of(head).predict(end, data.test_x) <= 0, axis=-1).sum(axis=-1)
    return tuned, right(head, end, data).reshape(2, MEMBERS), none.astype(np.uint16).reshape(2, MEMBERS)


ENLARGED = {"softmax, cross-entropy": 0.2, "sigmoids, mean square": 2.0, "softmax twice, cross-entropy": 0.5}
"""Heads that twenty seeds do not tell apart when they start with enlarged weights, and their best rates there."""
MORE_SPLITS = tuple(range(101, 101 + 4 * MEMBERS))


def _enlarged_cell(name: str) -> tuple[Array]:
    """Train forty further members, on forty further splits."""
    head, data, generators = HEADS[name], images(MORE_SPLITS), spawn(SEED, 7 * MEMBERS)[3 * MEMBERS :]
    end = last(learn(head, ENLARGED[name], data, generators, EPOCHS, SCALES[-1]))
    return (right(head, end, data).reshape(2, 2 * MEMBERS),)


def points(apart: Difference) -> str:
    """Return a difference of two shares in percentage points, set by set.

    >>> from nonlinear.course.compare import difference
    >>> points(difference(np.full((2, 10), 0.5), np.full((2, 10), 0.52)))
    '−2.0 [−2.0, −2.0], −2.0 [−2.0, −2.0]'
    """
    return ", ".join(apart.texts("+.1f", scale=100))


# One output for a number

OUTPUTS: dict[str, Activation] = {"linear": Identity(), "ReLU": ReLU(), "sigmoid": Sigmoid(), "tanh": Tanh()}
RANGES = {"linear": (-np.inf, np.inf), "ReLU": (0.0, np.inf), "sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}
TARGETS = {"-1.5 to 1.5": (0.0, 1.5), "-0.8 to 0.8": (0.0, 0.8), "0.1 to 0.9": (0.5, 0.4)}
FITTING_RATES, FITTING_STEPS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1), 1500


def curve(targets: str) -> tuple[Array, Array]:
    """Return 64 inputs, (64, 1), and what a network should make of them: a sine, (64, 1), within the named range."""
    x, (centre, height) = np.linspace(-1, 1, 64)[:, None], TARGETS[targets]
    return x, centre + height * np.sin(np.pi * x)


def unavoidable(output: str, targets: str) -> float:
    """Return the least root mean square error that an output of this range can have: that of the nearest values.

    >>> unavoidable("linear", "-1.5 to 1.5"), round(unavoidable("ReLU", "-1.5 to 1.5"), 3)
    (0.0, 0.744)
    """
    _, y = curve(targets)
    return float(np.sqrt(np.mean((y - np.clip(y, *RANGES[output])) ** 2)))


def fit_curve(
    output: str, targets: str, rate: float | Array, generators: Sequence[np.random.Generator], steps=FITTING_STEPS
) -> tuple[Array, Array]:
    """Train networks of 16 tanhs on a curve; return their root mean square errors, and which of them say only 0.

    Returns
    -------
    errors : array, (members,)
    silent : array of bool, (members,)
    """
    x, y = curve(targets)
    network = MLP(1, [Dense(16, Tanh()), Dense(1, OUTPUTS[output])])
    parameters = network.initialise(generators, np.float32)
    end = last(train(network, parameters, full_batches(x, y, steps), MeanSquaredError(), Adam(rate))).updated
    outputs = network.predict(end, x.astype(np.float32)).astype(float)
    return np.sqrt(np.mean((outputs - y) ** 2, axis=(1, 2))), np.all(outputs == 0, axis=(1, 2))


def _regression_cell(output: str, targets: str) -> tuple[Array, ...]:
    """Tune the rate with ten members, then train twenty others at the best."""
    rates = np.repeat(FITTING_RATES, MEMBERS)
    same = [generator for _ in FITTING_RATES for generator in spawn(SEED, MEMBERS)]
    tuned, silent_tuned = (found.reshape(-1, MEMBERS) for found in fit_curve(output, targets, rates, same))
    errors, silent = fit_curve(output, targets, FITTING_RATES[int(np.argmin(np.median(tuned, axis=-1)))], others())
    found = tuned.astype(np.float32), silent_tuned, errors.astype(np.float32), silent
    return *found[:2], *(array.reshape(2, MEMBERS) for array in found[2:])


# Is it a probability?

BINS, LOOKS, HELD = 10, (5, 20, 100, 400), 360
CALIBRATED = {
    "softmax, cross-entropy": 1.0,
    "sigmoids, cross-entropy": 10.0,
    "softmax, mean square": 10.0,
    "sigmoids, mean square": 20.0,
}
"""The rates at which outputs are asked whether they are probabilities."""


def reliability(probabilities: Array, labels: Array) -> Array:
    """Return for ten equal bins of confidence, (members, bins, 3): images, the sum of their confidence, right ones.

    The confidence is the largest of the outputs, which is also the answer.

    Parameters
    ----------
    probabilities : array, (members, images, classes)
    labels : array, (members, images)
    """
    confidence, answer = probabilities.max(axis=-1).astype(float), probabilities.argmax(axis=-1)
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    in_bin = place[..., None] == np.arange(BINS)
    each = (in_bin, in_bin * confidence[..., None], in_bin & (answer == labels)[..., None])
    return np.stack([part.sum(axis=1) for part in each], axis=-1).astype(np.float32)


def calibration_error(bins: Array) -> Array:
    """Return the expected calibration error: |share right - mean confidence| of each bin, weighted by its images.

    >>> float(calibration_error(np.array([[10, 9.0, 8], [10, 6.0, 6]])))
    0.05
    """
    return np.abs(bins[..., 2] - bins[..., 1]).sum(axis=-1) / bins[..., 0].sum(axis=-1)


def overconfidence(bins: Array) -> Array:
    """Return the mean confidence less the share of right answers."""
    return (bins[..., 1] - bins[..., 2]).sum(axis=-1) / bins[..., 0].sum(axis=-1)


def chance_error(bins: Array, draws: int = 200) -> float:
    """Return the mean calibration error of answers that are right exactly as often as their confidence says.

    With a limited number of images it is not 0.
    """
    images, confidence = bins[..., 0].astype(int), bins[..., 1] / np.maximum(bins[..., 0], 1)
    right = np.random.default_rng(SEED).binomial(images, confidence, size=(draws, *images.shape))
    return float(np.mean(np.abs(right - bins[..., 1]).sum(axis=-1) / images.sum(axis=-1)))


def _calibration_cell(name: str) -> tuple[Array, ...]:
    """Train twenty members on 360 images each, and look at their answers to the other 1,437 again and again."""
    head, data = HEADS[name], images(SPLITS).swapped
    bins, sums = [], []
    for epoch, parameters in enumerate(learn(head, CALIBRATED[name], data, others(), LOOKS[-1]), 1):
        if epoch in LOOKS:
            answers = head.probability(network_of(head).predict(parameters, data.test_x))
            bins.append(reliability(answers, data.test_labels))
            total = answers.sum(axis=-1)
            sums.append([total.min(axis=-1), total.max(axis=-1)])
    shape = (len(LOOKS), 2, MEMBERS)
    return np.stack(bins).reshape(*shape, BINS, 3), np.array(sums).swapaxes(1, 2).reshape(*shape, 2)


def best_temperature(scores: Array, labels: Array) -> Array:
    """Return the temperature at which the softmax of the scores has the lowest cross-entropy, (members,).

    One of 81 between 0.25 and 16.

    Parameters
    ----------
    scores : array, (members, images, classes)
    labels : array, (members, images)
    """
    temperatures = np.geomspace(0.25, 16, 81)
    losses = np.stack([SoftmaxCrossEntropy()(scores.astype(float) / t, labels)[0] for t in temperatures])
    return temperatures[losses.argmin(axis=0)]


def _cooled_cell(epochs: int) -> tuple[Array, ...]:
    """Train the softmax so long, choose its temperature by 360 images that it has not seen, and look at the others."""
    head, data = HEADS["softmax, cross-entropy"], images(SPLITS).swapped
    end = last(learn(head, CALIBRATED["softmax, cross-entropy"], data, others(), epochs))
    scores = network_of(head).predict(end, data.test_x)
    chosen = best_temperature(scores[:, :HELD], data.test_labels[:, :HELD])
    left, labels = scores[:, HELD:].astype(float), data.test_labels[:, HELD:]
    bins = [reliability(Softmax()(left / t), labels) for t in (1.0, chosen[:, None, None])]
    wrong = (network_of(head).predict(end, data.x).argmax(axis=-1) != data.labels).sum(axis=-1).astype(np.uint16)
    pair = (2, MEMBERS)
    return chosen.astype(np.float32).reshape(pair), np.stack(bins).reshape(2, *pair, BINS, 3), wrong.reshape(pair)


# Two classes, and classes that do not exclude one another


def expected_cost(threshold: float, false_yes: float, false_no: float, share: float = 0.5) -> float:
    """Return what a decision costs on average, if yes is said where the probability is above a threshold.

    Of two normal distributions of variance 1, around -1 and 1, the second is to be told from the first. The probability
    is that of equally frequent classes, sigma(2x); where decisions are made, a ``share`` belongs to the second.
    """
    x, cdf = math.log(threshold / (1 - threshold)) / 2, NormalDist().cdf
    return false_yes * (1 - share) * (1 - cdf(x + 1)) + false_no * share * cdf(x - 1)


def best_threshold(false_yes: float, false_no: float, share: float = 0.5) -> float:
    """Return the cheapest of 999 thresholds.

    >>> best_threshold(1, 1), best_threshold(1, 9)
    (0.5, 0.1)
    """
    return min((k / 1000 for k in range(1, 1000)), key=lambda t: expected_cost(t, false_yes, false_no, share))


EXPECTED = {
    "cross-entropy": lambda a, p: -p * np.log(a) - (1 - p) * np.log(1 - a),
    "mean square": lambda a, p: p * (1 - a) ** 2 + (1 - p) * a**2,
    "mean absolute error": lambda a, p: p * (1 - a) + (1 - p) * a,
    "cross-entropy, yes counts 10 times": lambda a, p: -10 * p * np.log(a) - (1 - p) * np.log(1 - a),
}
"""The expected loss of an answer a to a question that has the answer yes with probability p."""


def cheapest_answer(loss: str, p: float) -> float:
    """Return the answer with the least expected loss, of 9,999 between 0 and 1.

    >>> cheapest_answer("cross-entropy", 0.3), cheapest_answer("mean absolute error", 0.3)
    (0.3, 0.0001)
    """
    answers = np.arange(1, 10_000) / 10_000
    return float(answers[np.argmin(EXPECTED[loss](answers, p))])


ATTRIBUTES = {
    "even": (0, 2, 4, 6, 8),
    "at least 5": (5, 6, 7, 8, 9),
    "with a loop": (0, 6, 8, 9),
    "a multiple of 3": (0, 3, 6, 9),
}


def attributes(labels: Array) -> Array:
    """Return which of the attributes a digit has, (..., 4), ones and zeros.

    >>> attributes(np.array([1, 6])).tolist()
    [[0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]]
    """
    return np.stack([np.isin(labels, digits_with) for digits_with in ATTRIBUTES.values()], axis=-1).astype(np.float32)


def fit_attributes(rate: float = 5.0) -> Array:
    """Train four sigmoids to say what a digit has; return the share of images with all four right, (2, members)."""
    data, network = digits("standardised"), classifier(Tanh(), depth=1, output=Dense(len(ATTRIBUTES)))
    batches = minibatches(data.x.astype(np.float32), attributes(data.labels), BATCH, EPOCHS, others())
    end = last(train(network, network.initialise(others(), np.float32), batches, BinaryCrossEntropy(), SGD(rate)))
    said = network.predict(end.updated, data.test_x.astype(np.float32)) > 0
    return np.all(said == attributes(data.test_labels), axis=-1).mean(axis=-1).reshape(2, MEMBERS)


# The grids that are computed once

SETTINGS = {"seed": SEED, "members": MEMBERS}
GRIDS = {
    # ``tuned`` (rates, members) and ``right`` (2, members): test images got right; ``none`` (2, members): test images
    # to which no output is above 0.
    "heads": Grid(
        _heads_cell, {"head": HEADS, "scale": SCALES}, ("tuned", "right", "none"),
        SETTINGS | {"rates": RATES, "epochs": EPOCHS, "batch": BATCH, "splits": SPLITS},
    ),
    # ``right`` (2, 2 * members).
    "enlarged": Grid(
        _enlarged_cell, {"head": ENLARGED}, ("right",),
        SETTINGS | {"rates": list(ENLARGED.values()), "epochs": EPOCHS, "splits": MORE_SPLITS},
    ),
    # Root mean square errors, and who says only 0: while tuning (rates, members), and at the best rate (2, members).
    "regression": Grid(
        _regression_cell, {"output": OUTPUTS, "targets": TARGETS}, ("tuned", "silent_tuned", "error", "silent"),
        SETTINGS | {"rates": FITTING_RATES, "steps": FITTING_STEPS},
    ),
    # ``bins`` (looks, 2, members, bins, 3), see `reliability`; ``sums`` (looks, 2, members, 2): the smallest and the
    # largest sum of ten outputs.
    "calibration": Grid(
        _calibration_cell, {"head": CALIBRATED}, ("bins", "sums"),
        SETTINGS | {"rates": list(CALIBRATED.values()), "epochs": LOOKS, "batch": BATCH, "splits": SPLITS},
    ),
    # ``temperature`` (2, members), ``bins`` before and after, (2, 2, members, bins, 3), and ``wrong`` (2, members):
    # training images that are answered wrongly.
    "cooled": Grid(_cooled_cell, {"epochs": (LOOKS[-1],)}, ("temperature", "bins", "wrong"), SETTINGS | {"held": HELD}),
}  # fmt: skip


def stored(name: str) -> grids.Results:
    """Return the stored results of one of the grids."""
    return grids.load(LESSON, name)
