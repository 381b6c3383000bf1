"""Vanishing gradients: what happens to a gradient on its way back through many layers.

The flow of a gradient is measured in untrained networks of 50 layers of 100 units, on 200 normal inputs (50 for the
stored grid), with a normal gradient fed in at the top; weights are normal with variance gain^2 / 100, biases are 0. The
trained networks read standardised digits with 10 or 20 hidden layers of 48 units: batches of 32, 30 epochs, plain SGD
at a rate of 0.1 unless said otherwise. Ten seeds.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from nonlinear import diagnostics
from nonlinear.activations import ELU, GELU, SELU, Activation, LeakyReLU, ReLU, Sigmoid, SiLU, Step, Tanh
from nonlinear.course import grids
from nonlinear.datasets import digits
from nonlinear.initialisers import VarianceScaling
from nonlinear.lessons.saturated_neurons import experiment
from nonlinear.losses import SoftmaxCrossEntropy
from nonlinear.network import MLP, Dense, spawn
from nonlinear.normalisation import BatchNorm, LayerNorm
from nonlinear.optimisers import SGD, Adam, Optimiser
from nonlinear.special import Array
from nonlinear.training import last, minibatches, train

SEED, MEMBERS = 0, 10
DEPTH, WIDTH, SAMPLES, GRID_SAMPLES = 50, 100, 200, 50
TRAINED_WIDTH, EPOCHS, BATCH, TEST_IMAGES = 48, 30, 32, 360

ACTIVATIONS: dict[str, Activation] = {
    "sigmoid": Sigmoid(),
    "tanh": Tanh(),
    "ReLU": ReLU(),
    "Leaky ReLU 0.01": LeakyReLU(0.01),
    "ELU": ELU(),
    "SELU": SELU(),
    "SiLU": SiLU(),
    "GELU": GELU(),
    "step": Step(),
}
VARIANTS: dict[str, dict] = {
    "plain": {},
    "residual links": {"residual": True},
    "batch norm": {"normalise": BatchNorm()},
    "layer norm": {"normalise": LayerNorm()},
}
LOG_GAINS = tuple(-2 + k / 4 for k in range(17))
LAYERS = (1, 2, 3, 5, 8, 12, 16, 20, 25, 30, 35, 39, 43, 46, 48, 49, 50)


@dataclass(frozen=True)
class Recipe:
    """One way to train a deep network: the function, the gain of its weights, what layers have besides, the rule."""

    activation: Activation
    gain: float | None = 1.0
    extras: str = "plain"
    optimiser: Optimiser = SGD(0.1)


RECIPES: dict[str, Recipe] = {
    "sigmoid": Recipe(Sigmoid()),
    "sigmoid, gain 4": Recipe(Sigmoid(), gain=4.0),
    "sigmoid, gain 10": Recipe(Sigmoid(), gain=10.0),
    "sigmoid, Adam": Recipe(Sigmoid(), optimiser=Adam(0.001)),
    "sigmoid, residual links": Recipe(Sigmoid(), extras="residual links"),
    "sigmoid, batch norm": Recipe(Sigmoid(), extras="batch norm"),
    "sigmoid, layer norm": Recipe(Sigmoid(), extras="layer norm"),
    "tanh": Recipe(Tanh()),
    "ReLU": Recipe(ReLU(), gain=None),
    "ReLU, rate 0.03": Recipe(ReLU(), gain=None, optimiser=SGD(0.03)),
}
DEPTHS = (10, 20)
STEP_DEPTHS = (1, 2, 3, 5)

SETTINGS = {
    "seed": SEED,
    "members": MEMBERS,
    "depth": DEPTH,
    "width": WIDTH,
    "samples": GRID_SAMPLES,
    "activations": list(ACTIVATIONS),
    "variants": list(VARIANTS),
    "log_gains": LOG_GAINS,
    "layers": LAYERS,
    "recipes": list(RECIPES),
    "trained_width": TRAINED_WIDTH,
    "trained_depths": DEPTHS,
    "step_depths": STEP_DEPTHS,
    "epochs": EPOCHS,
    "batch": BATCH,
}


# The flow of a gradient


@dataclass(frozen=True)
class Flow:
    """A gradient on its way back through the layers of untrained networks.

    Attributes
    ----------
    gain : float
        The weights have the variance gain^2 / units.
    gradient : array, (layers, members)
        Root mean square of delta = dL/dz over samples and units; layer 1 first.
    slope : array, (layers, members)
        Root mean square of f'(z).
    saturated : array, (members,)
        Share of (sample, unit) pairs of all layers whose slope is under 4 % of the steepest.
    """

    gain: float
    gradient: Array
    slope: Array
    saturated: Array

    @property
    def factor(self) -> Array:
        """What each layer multiplies the gradient by, on (geometric) average, (members,); 0 if nothing is left."""
        first, last = self.gradient[0], self.gradient[-1]
        return np.divide(first, last, out=np.zeros_like(first), where=last > 0) ** (1 / (len(self.gradient) - 1))

    @property
    def slope_times_weight(self) -> Array:
        """What `factor` should be if slopes, weights and gradients were independent: gain times slope, (members,)."""
        with np.errstate(divide="ignore"):  # a slope of 0 has the logarithm -inf, and the mean is 0
            return self.gain * np.exp(np.log(self.slope[:-1]).mean(axis=0))


def deep(activation: Activation, gain: float, variant: str = "plain", depth: int = DEPTH) -> MLP:
    """Return a network of ``depth`` layers of 100 units, all alike."""
    if variant not in VARIANTS:
        raise ValueError(f"variant must be one of {', '.join(VARIANTS)}; got {variant!r}.")
    return MLP(WIDTH, [Dense(WIDTH, activation, VarianceScaling(gain), **VARIANTS[variant])] * depth)


def flow(
    activation: Activation, gain: float, variant: str = "plain", depth: int = DEPTH, samples: int = SAMPLES
) -> Flow:
    """Send a normal gradient back through ten untrained networks that have seen normal inputs."""
    network, generators = deep(activation, gain, variant, depth), spawn(SEED, MEMBERS)
    parameters = network.initialise(generators)
    x, upstream = (np.stack([g.normal(size=(samples, WIDTH)) for g in generators]) for _ in range(2))
    tape = network.forward(parameters, x)
    _, deltas = network.backward(parameters, tape, upstream)
    slopes = [layer.activation.derivative(layer.preactivations) for layer in tape]
    steepest = activation.traits.steepest or 1.0
    saturated = np.mean([diagnostics.saturated_fraction(slope, steepest) for slope in slopes], axis=0)
    return Flow(gain, _rms(deltas), _rms(slopes), saturated)


def _rms(layers: Iterable[Array]) -> Array:
    return np.stack([np.sqrt(np.mean(layer**2, axis=(-1, -2))) for layer in layers])


# Training


def trainable(recipe: Recipe, depth: int) -> MLP:
    """Return a network for the digits; the first hidden layer has no link around it, since it changes the width."""
    extras, weights = VARIANTS[recipe.extras], VarianceScaling(recipe.gain)
    first = {name: value for name, value in extras.items() if name != "residual"}
    hidden = [Dense(TRAINED_WIDTH, recipe.activation, weights, **(extras if k else first)) for k in range(depth)]
    return MLP(64, [*hidden, Dense(10)])


def fit(recipe: Recipe, depth: int, epochs: int = EPOCHS) -> tuple[Array, Array]:
    """Train ten networks; return their test accuracy and which of them diverged, (members,)."""
    network, data, generators = trainable(recipe, depth), digits("standardised"), spawn(SEED, MEMBERS)
    parameters = network.initialise(generators)
    batches = minibatches(data.x, data.labels, BATCH, epochs, generators)
    step = last(train(network, parameters, batches, SoftmaxCrossEntropy(), recipe.optimiser))
    outputs = network.with_statistics(step.updated, data.x).predict(step.updated, data.test_x)
    return diagnostics.accuracy(outputs, data.test_labels), step.diverged_at >= 0


# The grids that are computed once


def _flow_cell(cell: tuple[str, str, float]) -> tuple[Array, ...]:
    name, variant, log_gain = cell
    seen = flow(ACTIVATIONS[name], 10.0**log_gain, variant, samples=GRID_SAMPLES)
    gradient = seen.gradient[np.array(LAYERS) - 1]
    summary = np.stack([np.min(gradient, axis=-1), np.median(gradient, axis=-1), np.max(gradient, axis=-1)], axis=-1)
    log = np.log10(summary, out=np.full(summary.shape, -np.inf), where=summary > 0)
    return log.astype(np.float16), seen.factor.astype(np.float32), seen.saturated.astype(np.float32)


def _fit_cell(cell: tuple[str, int]) -> tuple[Array, Array]:
    name, depth = cell
    accuracy, diverged = fit(RECIPES[name], depth)
    return np.rint(accuracy * TEST_IMAGES).astype(np.uint16), diverged


def _step_cell(cell: tuple[int]) -> tuple[Array]:
    accuracy = experiment.fit(experiment.classifier(Step(), *cell), epochs=EPOCHS).accuracy
    return (np.rint(accuracy * TEST_IMAGES).astype(np.uint16),)


def compute(run: Callable[..., Iterable] = map) -> dict[str, Array]:
    """Compute the stored results; ``run`` maps a function over cells, ``executor.map`` for instance.

    Returns
    -------
    dict of array
        ``gradient`` (activations, variants, gains, layers, 3) is log10 of the root-mean-square gradient, its smallest,
        median and largest over ten seeds, -inf where it is exactly 0; ``factor`` and ``saturated`` (activations,
        variants, gains, members) are those of `Flow`. ``right`` and ``diverged`` (recipes, depths, members) are test
        images got right, of 360, and networks that diverged; ``step_right`` (step depths, members) is the same for
        hidden layers of 64 steps.
    """
    flows, fits = (ACTIVATIONS, VARIANTS, LOG_GAINS), (RECIPES, DEPTHS)
    return {
        **grids.over_grid(run, _flow_cell, flows, ("gradient", "factor", "saturated")),
        **grids.over_grid(run, _fit_cell, fits, ("right", "diverged")),
        **grids.over_grid(run, _step_cell, (STEP_DEPTHS,), ("step_right",)),
    }


@dataclass(frozen=True)
class FlowGrid:
    """Stored flows over (activations, variants, gains, ...); see `compute`."""

    log10_gradient: Array
    factor: Array
    saturated: Array


def stored_flows() -> FlowGrid:
    """Return what `compute` found in untrained networks."""
    stored = grids.load("vanishing-gradients")
    return FlowGrid(*(stored[name].astype(float) for name in ("gradient", "factor", "saturated")))


def stored_accuracy() -> dict[str, Array]:
    """Return the test accuracy by recipe, (depths, members)."""
    return dict(zip(RECIPES, grids.load("vanishing-gradients")["right"] / TEST_IMAGES, strict=True))


def stored_steps() -> dict[int, Array]:
    """Return the test accuracy by the number of hidden layers of steps, (members,)."""
    return dict(zip(STEP_DEPTHS, grids.load("vanishing-gradients")["step_right"] / TEST_IMAGES, strict=True))


def stored_diverged() -> dict[str, Array]:
    """Return, by recipe, which networks diverged, (depths, members)."""
    return dict(zip(RECIPES, grids.load("vanishing-gradients")["diverged"], strict=True))
