"""This library, used as the lessons use it: `train`, with `record` on."""

from concurrent.futures import ProcessPoolExecutor

import numpy as np

from benchmarks import tasks
from nonlinear.activations import Tanh, get
from nonlinear.losses import MeanSquaredError
from nonlinear.network import MLP, Dense, spawn
from nonlinear.optimisers import SGD
from nonlinear.recording import loss, record
from nonlinear.sweeps import sweep
from nonlinear.training import full_batches, train

X, TARGETS = tasks.data()


class ShortTanh(Tanh):
    """Tanh with the slope that the frameworks take, which loses digits and is exactly 0 for a large preactivation."""

    def derivative(self, z, out=None, spare=None):
        squared = np.tanh(z, out)
        squared *= squared
        return np.subtract(1, squared, out)


def network(f):
    return MLP(tasks.INPUTS, [Dense(tasks.WIDTH, f), Dense(tasks.WIDTH, f), Dense(1)])


NETWORK, SHORT = network(Tanh()), network(ShortTanh())


def training(generators, steps, network=NETWORK):
    start = network.initialise(generators, dtype=np.float32)
    batches = full_batches(X, TARGETS, steps)
    return record(train(network, start, batches, MeanSquaredError(), SGD(tasks.RATE)), {"loss": loss})


def cell(cells):
    return training(cells.generators, tasks.SWEEP_STEPS)


def short_cell(cells):
    return training(cells.generators, tasks.SWEEP_STEPS, SHORT)


def layer(function):
    x, weights, bias, upstream = tasks.layer_arrays()
    network = MLP(tasks.LAYER, [Dense(tasks.LAYER, get(function))])
    parameters = ({"weights": weights[None], "bias": bias[None, None]},)

    def run():
        tape = network.forward(parameters, x)
        return network.backward(parameters, tape, upstream[None])

    return run


def element(function, size):
    z, f = tasks.numbers(size), get(function)
    return lambda: (f(z), f.derivative(z))


def copy(size):
    z = tasks.numbers(size)
    return z.copy


def sweeps(cores):
    """Return what is swept, and the settings of `sweep`, by what they are called."""
    block = {"block": tasks.OUR_BLOCK}
    if cores == 1:
        return {
            "Nonlinear": (cell, block),
            "Nonlinear, blocks as they are by default": (cell, {}),
            "Nonlinear, slope of tanh as 1 − a²": (short_cell, block),
        }
    return {f"Nonlinear, {cores} processes": (cell, block | {"executor": ProcessPoolExecutor(cores)})}


def contenders(cores):
    """Yield (task, name, how often a call does it, a function that prepares the call)."""
    yield tasks.SINGLE, "Nonlinear", tasks.SINGLE_STEPS, lambda: lambda: training(spawn(0, 1), tasks.SINGLE_STEPS)
    steps = tasks.NETWORKS * tasks.SWEEP_STEPS
    for name, (run, settings) in sweeps(cores).items():
        yield tasks.SWEEP, name, steps, lambda r=run, s=settings: lambda: sweep(r, {}, tasks.NETWORKS, **s)
    if cores == 1:
        for function in tasks.FUNCTIONS:
            yield tasks.layer(function), "Nonlinear", 1, lambda f=function: layer(f)
            for size in tasks.SIZES:
                yield tasks.element(function, size), "Nonlinear", size, lambda f=function, n=size: element(f, n)
        for size in tasks.SIZES:
            yield tasks.element("copy", size), "copy", size, lambda n=size: copy(n)
