"""What is measured: the sizes, data and starting points that all contenders share."""

import functools

import numpy as np

INPUTS, WIDTH, SAMPLES, RATE = 2, 16, 128, 0.1
SHAPES = [(INPUTS, WIDTH), (WIDTH, WIDTH), (WIDTH, 1)]
SINGLE_STEPS = 2000
NETWORKS, SWEEP_STEPS = 1000, 200
OUR_BLOCK, TORCH_BLOCK, JAX_BLOCK = 50, 100, 40  # each the fastest of several
LAYER = 256
FUNCTIONS = ["relu", "sigmoid", "tanh", "silu", "softplus", "gelu"]
SIZES = [10**3, 10**4, 10**5, 10**6, 10**7]

SINGLE = "a single network"
SWEEP = "a sweep of 1,000 networks"


def layer(function: str) -> str:
    """Return the name of the task of running a layer forwards and backwards."""
    return f"a layer with {function}"


def element(function: str, size: int) -> str:
    """Return the name of the task of finding values and derivatives of so many numbers."""
    return f"{function} of {size}"


def data() -> tuple[np.ndarray, np.ndarray]:
    """Return 128 points in the plane, and a smooth function of them to learn."""
    x = np.random.default_rng(0).normal(size=(SAMPLES, INPUTS)).astype(np.float32)
    return x, np.sin(x.sum(axis=1, keepdims=True))


def start(networks: int) -> list[np.ndarray]:
    """Return weights and biases of the three layers, each with a leading axis of networks."""
    random, arrays = np.random.default_rng(1), []
    for fan_in, units in SHAPES:
        arrays.append((random.normal(size=(networks, fan_in, units)) / np.sqrt(fan_in)).astype(np.float32))
        arrays.append(np.zeros((networks, 1, units), np.float32))
    return arrays


def layer_arrays() -> tuple[np.ndarray, ...]:
    """Return inputs, weights, bias and dL/da of a layer of 256 units on 256 samples."""
    random = np.random.default_rng(2)
    x, upstream = random.normal(size=(2, LAYER, LAYER)).astype(np.float32)
    weights = (random.normal(size=(LAYER, LAYER)) / np.sqrt(LAYER)).astype(np.float32)
    return x, weights, np.zeros(LAYER, np.float32), upstream


@functools.cache
def numbers(size: int) -> np.ndarray:
    """Return preactivations of the usual size."""
    return np.random.default_rng(3).normal(size=size).astype(np.float32)
