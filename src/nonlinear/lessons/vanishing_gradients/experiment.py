"""Vanishing gradients: what happens to a gradient on its way back through many layers.

The flow of a gradient is measured in untrained networks of 50 layers of 100 units, on 200 normal inputs (50 for the
stored grid), with a normal gradient fed in at the top; weights are normal with variance gain^2 / 100, biases are 0. The
trained networks are those of `nonlinear.course.classifier`, with 10 or 20 hidden layers of 48 units, on standardised
digits: 30 epochs, plain SGD at a rate of 0.1 unless said otherwise.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from nonlinear import diagnostics
from nonlinear.activations import ELU, GELU, SELU, Activation, Coupled, LeakyReLU, ReLU, Sigmoid, SiLU, Step, Tanh
from nonlinear.course import MEMBERS, SEED, classifier, generators, grids, once, untrained
from nonlinear.course.classifier import BATCH, TEST_IMAGES, Outcome
from nonlinear.course.classifier import WIDTH as STEP_WIDTH
from nonlinear.course.grids import Grid
from nonlinear.datasets import digits
from nonlinear.initialisers import VarianceScaling, lecun
from nonlinear.network import MLP, Dense
from nonlinear.normalisation import BatchNorm, LayerNorm
from nonlinear.optimisers import SGD, Adam, Optimiser
from nonlinear.special import Array

LESSON = "vanishing-gradients"
DEPTH, WIDTH, SAMPLES, GRID_SAMPLES = 50, 100, 200, 50
TRAINED_WIDTH, EPOCHS = 48, 30

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
AGAIN = ("sigmoid", "sigmoid, gain 4", "sigmoid, Adam")  # ten layers of these are compared: two sets of seeds
SETS = (False, True)  # of seeds: the first, and again
STEP_DEPTHS = (1, 2, 3, 5)


@dataclass(frozen=True)
class NormalisedSigmoid(Coupled):
    """Sigmoids whose activations, not preactivations, are shifted and scaled to mean 0 and variance 1 over the layer.

    >>> print(NormalisedSigmoid()([-800.0, 800.0]).round(4))
    [-1.  1.]
    """

    name = "normalised sigmoid"
    formula = r"a_i = (\sigma(z_i) - m) / s"
    source = "ba2016"

    def value(self, z):
        return LayerNorm()(Sigmoid()(z)).values

    def delta(self, z, upstream):
        return LayerNorm().pullback(LayerNorm()(Sigmoid()(z)), upstream) * Sigmoid().derivative(z)


PLACED_EPOCHS = 10
TURN_GAINS, TURN_DEPTH = (10, 30, 100, 300, 1000), 12


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
    grids.place(variant, VARIANTS, "variant")
    return MLP(WIDTH, [Dense(WIDTH, activation, VarianceScaling(gain), **VARIANTS[variant])] * depth)


@once
def flow(
    activation: Activation,
    gain: float,
    variant: str = "plain",
    depth: int = DEPTH,
    samples: int = SAMPLES,
    again: bool = False,
) -> Flow:
    """Send a normal gradient back through ten untrained networks, or ten others ``again``, that saw normal inputs."""
    network = deep(activation, gain, variant, depth)
    each = [_flow_in(network, generator, samples) for generator in generators(again)]  # one by one, to save memory
    return Flow(gain, *(np.concatenate(part, axis=-1) for part in zip(*each, strict=True)))


def _flow_in(network: MLP, generator: np.random.Generator, samples: int) -> tuple[Array, Array, Array]:
    """Return gradient, slope and saturated share of `Flow` in an ensemble of one."""
    parameters = network.initialise([generator])
    x, upstream = generator.normal(size=(2, 1, samples, WIDTH))
    tape = network.forward(parameters, x)
    deltas = untrained.deltas(network, parameters, tape, upstream)
    slopes = [layer.activation.derivative(layer.preactivations) for layer in tape]
    steepest = network.layers[0].activation.traits.steepest or 1.0
    saturated = np.mean([diagnostics.saturated_fraction(slope, steepest) for slope in slopes], axis=0)
    return _rms(deltas), _rms(slopes), saturated


def _rms(layers: Iterable[Array]) -> Array:
    return np.stack([np.sqrt(np.mean(layer**2, axis=(-1, -2))) for layer in layers])


# Training


def trainable(recipe: Recipe, depth: int) -> MLP:
    """Return a network for the digits that is made by a recipe."""
    weights, extras = VarianceScaling(recipe.gain), VARIANTS[recipe.extras]
    return classifier.classifier(recipe.activation, depth, TRAINED_WIDTH, weights, **extras)


def fit(recipe: Recipe, depth: int, epochs: int = EPOCHS, again: bool = False) -> Outcome:
    """Train ten networks that are made by a recipe, or ten others ``again``."""
    how = {"epochs": epochs, "chance": generators(again)}
    return classifier.fit(trainable(recipe, depth), digits("standardised"), recipe.optimiser, **how)


def fit_steps(depth: int, epochs: int = EPOCHS, again: bool = False) -> Outcome:
    """Train ten networks whose ``depth`` hidden layers of 64 units answer 0 or 1, or ten others ``again``."""
    network, data = classifier.classifier(Step(), depth, weights=lecun()), digits("standardised")
    return classifier.fit(network, data, SGD(0.1), epochs=epochs, chance=generators(again))


# The grids that are computed once


def _flow_cell(activation: str, variant: str, log_gain: float) -> tuple[Array, ...]:
    """Return log10 of the gradient's smallest, median and largest, (layers, 3), its factor and the saturated share."""
    seen = flow(ACTIVATIONS[activation], 10.0**log_gain, variant, samples=GRID_SAMPLES)
    gradient = seen.gradient[np.array(LAYERS) - 1]
    summary = np.stack([np.min(gradient, axis=-1), np.median(gradient, axis=-1), np.max(gradient, axis=-1)], axis=-1)
    log = np.log10(summary, out=np.full(summary.shape, -np.inf), where=summary > 0)
    return log.astype(np.float16), seen.factor.astype(np.float32), seen.saturated.astype(np.float32)


def _fit_cell(recipe: str, depth: int) -> tuple[Array, Array]:
    outcome = fit(RECIPES[recipe], depth)
    return outcome.right, outcome.diverged


def _again_cell(recipe: str) -> tuple[Array]:
    """Train ten layers with the second set of seeds."""
    return (fit(RECIPES[recipe], DEPTHS[0], again=True).right,)


def _turn_cell(gain: float) -> tuple[Array]:
    """Return the factor of tanh networks of twelve layers with the second set of seeds."""
    return (flow(Tanh(), gain, depth=TURN_DEPTH, again=True).factor,)


def _placed_cell(depth: int, again: bool) -> tuple[Array]:
    """Train a deep network whose layers are normalised after the sigmoid, for a third of the epochs."""
    return (fit(Recipe(NormalisedSigmoid()), depth, PLACED_EPOCHS, again).right,)


def _step_cell(depth: int, again: bool) -> tuple[Array]:
    return (fit_steps(depth, again=again).right,)


SEEDS = {"seed": SEED, "members": MEMBERS}
TRAINING = SEEDS | {"epochs": EPOCHS, "batch": BATCH}
GRIDS = {
    "flow": Grid(
        _flow_cell,
        {"activation": ACTIVATIONS, "variant": VARIANTS, "log_gain": LOG_GAINS},
        ("gradient", "factor", "saturated"),
        SEEDS | {"depth": DEPTH, "width": WIDTH, "samples": GRID_SAMPLES, "layers": LAYERS},
    ),
    "training": Grid(
        _fit_cell, {"recipe": RECIPES, "depth": DEPTHS}, ("right", "diverged"), TRAINING | {"width": TRAINED_WIDTH}
    ),
    "again": Grid(_again_cell, {"recipe": AGAIN}, ("right",), TRAINING | {"width": TRAINED_WIDTH, "depth": DEPTHS[0]}),
    "turn": Grid(
        _turn_cell,
        {"gain": TURN_GAINS},
        ("factor",),
        SEEDS | {"depth": TURN_DEPTH, "width": WIDTH, "samples": SAMPLES},
    ),
    "placed": Grid(
        _placed_cell,
        {"depth": (20,), "again": SETS},
        ("right",),
        TRAINING | {"width": TRAINED_WIDTH, "epochs": PLACED_EPOCHS},
    ),
    "steps": Grid(_step_cell, {"depth": STEP_DEPTHS, "again": SETS}, ("right",), TRAINING | {"width": STEP_WIDTH}),
}


@dataclass(frozen=True)
class FlowGrid:
    """Stored flows, over (activations, variants, gains, ...).

    Attributes
    ----------
    log10_gradient : array, (activations, variants, gains, layers, 3)
        The power of ten of the root-mean-square gradient at `LAYERS`, its smallest, median and largest of the seeds;
        -inf where it is exactly 0.
    factor, saturated : array, (activations, variants, gains, members)
        Those of `Flow`.
    """

    log10_gradient: Array
    factor: Array
    saturated: Array


def stored_flows(**setting) -> FlowGrid:
    """Return what is stored of untrained networks, all of it or that at a setting."""
    stored = grids.load(LESSON, "flow").at(**setting)
    return FlowGrid(*(stored[name].astype(float) for name in GRIDS["flow"].arrays))


def stored_accuracy() -> dict[str, Array]:
    """Return the test accuracy by recipe, (depths, members)."""
    return dict(zip(RECIPES, grids.load(LESSON, "training")["right"] / TEST_IMAGES, strict=True))


def stored_twice(recipe: str) -> Array:
    """Return the test accuracy of ten layers by one of the recipes `AGAIN`, from two sets of seeds, (2, members)."""
    again = grids.load(LESSON, "again").at(recipe=recipe)["right"] / TEST_IMAGES
    return np.stack([stored_accuracy()[recipe][0], again])


def stored_turn(gain: float) -> Array:
    """Return the factor of tanh networks of twelve layers with the second set of seeds, (members,)."""
    return grids.load(LESSON, "turn").at(gain=gain)["factor"]


def stored_placed() -> Array:
    """Return the test accuracy of 20 layers that are normalised after the sigmoid, after 10 epochs, (2, members)."""
    return grids.load(LESSON, "placed")["right"][0] / TEST_IMAGES


def stored_diverged() -> dict[str, Array]:
    """Return, by recipe, which networks diverged, (depths, members)."""
    return dict(zip(RECIPES, grids.load(LESSON, "training")["diverged"], strict=True))


def stored_steps() -> dict[int, Array]:
    """Return the test accuracy by the number of hidden layers of steps, from two sets of seeds, (2, members)."""
    return dict(zip(STEP_DEPTHS, grids.load(LESSON, "steps")["right"] / TEST_IMAGES, strict=True))
