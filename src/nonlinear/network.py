"""Small fully connected networks, one or thousands at a time, with their gradients by hand.

A network here is an *ensemble*: every array of parameters has a leading axis of ``members``, and a single network is an
ensemble of one. The members share the architecture and nothing else; what happens to one never touches another. That
is what lets one call train ten seeds, or the whole grid behind a figure.

============ ================================= ==================================================
array        shape                             meaning
============ ================================= ==================================================
x            (samples, features) or            inputs: the same for all members, or
             (members, samples, features)      each member's own
weights      (members, fan_in, columns)        ``columns`` is ``units``, except for functions that
                                               take several preactivations per output
bias         (members, 1, columns)
z            (members, samples, columns)       preactivations, x @ weights + bias
a            (members, samples, units)         activations, f(z)
============ ================================= ==================================================

What a layer does is in `nonlinear.layers`; `Dense` can be had from here as well.
"""

import reprlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nonlinear import checks
from nonlinear.layers import Dense, LayerTape, as_inputs
from nonlinear.normalisation import BatchNorm, FixedNorm
from nonlinear.parameters import Packed, Parameters, Shapes, map_parameters
from nonlinear.special import Array, overflow_and_nan
from nonlinear.workspace import Workspace, as_upstream, check_tape


def spawn(seed: int, members: int) -> list[np.random.Generator]:
    """Return one random generator for each member; member k's does not depend on how many members there are.

    >>> a, b = spawn(0, 2)[1], spawn(0, 10)[1]
    >>> a.random() == b.random()
    True
    """
    return np.random.default_rng(checks.whole(seed, "seed", at_least=0)).spawn(checks.whole(members, "members"))


Tape = tuple[LayerTape, ...]
"""What every layer saw and did in a forward pass, from the first to the last."""


@dataclass(frozen=True)
class MLP:
    """A multilayer perceptron: dense layers, one after another.

    >>> from nonlinear.activations import ReLU
    >>> network = MLP(2, [Dense(16, ReLU()), Dense(1)])
    >>> parameters = network.initialise(spawn(seed=0, members=10))
    >>> network.predict(parameters, np.ones((5, 2))).shape
    (10, 5, 1)
    """

    inputs: int
    layers: tuple[Dense, ...]

    def __post_init__(self):
        checks.convert(self, inputs=checks.whole)
        if not isinstance(self.layers, Sequence):
            raise TypeError(f"layers must be a list of Dense layers; got {self.layers!r}.")
        object.__setattr__(self, "layers", tuple(self.layers))
        if not self.layers or not all(isinstance(layer, Dense) for layer in self.layers):
            raise TypeError(f"layers must be one or more Dense layers; got {self.layers!r}.")
        for k, (layer, fan_in) in enumerate(zip(self.layers, self._fan_ins(), strict=True)):
            if layer.residual and layer.units != fan_in:
                raise ValueError(
                    f"layers[{k}] is residual: it adds its {fan_in} inputs to its outputs and needs as many units; "
                    f"got {layer.units}."
                )

    def _fan_ins(self) -> tuple[int, ...]:
        return (self.inputs, *(layer.units for layer in self.layers[:-1]))

    def initialise(self, generators: Sequence[np.random.Generator], dtype=np.float64) -> Parameters:
        """Return the first parameters of an ensemble, one member for each generator (see `spawn`).

        ``dtype`` is that of all that is computed from them: np.float32 is faster, np.float64 more exact.
        """
        checks.generators(generators)
        dtype = checks.float_type(dtype)
        first = [layer.initialise(generators, n) for layer, n in zip(self.layers, self._fan_ins(), strict=True)]
        return map_parameters(lambda p: p.astype(dtype, copy=False), tuple(first))

    def with_parameters(self, layers: Sequence[tuple]) -> Parameters:
        """Return the parameters of an ensemble of one from given numbers.

        Parameters
        ----------
        layers : sequence of (weights, bias)
            One pair for each layer, of shapes (fan_in, columns) and (columns,). Whatever else a layer learns starts
            as in `initialise`. All numbers get the widest of the float types among them, float32 or float64.

        Examples
        --------
        >>> network = MLP(2, [Dense(1)])
        >>> network.predict(network.with_parameters([([[2.0], [3.0]], [1.0])]), [[1.0, 1.0]])
        array([[[6.]]])
        """
        pairs = isinstance(layers, Sequence) and all(isinstance(p, tuple | list) and len(p) == 2 for p in layers)
        if not pairs or len(layers) != len(self.layers):
            raise ValueError(
                f"layers must be a list of {len(self.layers)} pairs (weights, bias); got {reprlib.repr(layers)}."
            )
        parameters = []
        for (weights, bias), layer, fan_in in zip(layers, self.layers, self._fan_ins(), strict=True):
            weights, bias = checks.finite(weights, "weights"), checks.finite(bias, "bias")
            if weights.shape != (fan_in, layer.columns) or bias.shape != (layer.columns,):
                raise ValueError(
                    f"weights and bias must have shapes {(fan_in, layer.columns)} and {(layer.columns,)}; "
                    f"got {weights.shape} and {bias.shape}."
                )
            parameters.append({"weights": weights[None], "bias": bias[None, None], **layer._further(1)})
        dtype = np.result_type(np.float32, *(pair[name] for pair in parameters for name in ("weights", "bias")))
        return map_parameters(lambda p: p.astype(dtype, copy=False), tuple(parameters))

    def workspace(self, parameters: Parameters) -> "Workspace | MLP":
        """Return what computes `forward` and `backward` for parameters of these shapes, step after step, in buffers.

        A subclass with passes of its own is its own workspace.
        """
        ours = type(self).forward is MLP.forward and type(self).backward is MLP.backward
        return Workspace(self.layers, self.packed(parameters)) if ours else self

    def forward(self, parameters: Parameters, x: Array) -> Tape:
        """Return every layer's inputs, preactivations and outputs; the last outputs are the network's."""
        packed = self.packed(parameters)
        with overflow_and_nan():  # a diverging member, which training is about to freeze, must not disturb the rest
            return Workspace(self.layers, packed).forward(packed, as_inputs(x, packed))

    def predict(self, parameters: Parameters, x: Array) -> Array:
        """Return the outputs, (members, samples, units)."""
        return self.forward(parameters, x)[-1].outputs

    def backward(self, parameters: Parameters, tape: Tape, upstream: Array) -> tuple[Parameters, tuple[Array, ...]]:
        """Back-propagate ``upstream`` = dL/d(outputs) through the network.

        Returns
        -------
        gradients : Parameters
            dL/d(parameter), of the shapes of the parameters.
        deltas : tuple of array, (members, samples, columns)
            dL/dz for each layer, in the order of the layers, z being what went into the activation function.
        """
        packed = self.packed(parameters)
        check_tape(tape, len(self.layers))
        with overflow_and_nan():
            return Workspace(self.layers, packed).backward(packed, tape, as_upstream(upstream, tape))

    def with_statistics(self, parameters: Parameters, x: Array) -> "MLP":
        """Return this network with every batch normalisation fixed to the mean and deviation that it has on ``x``.

        While it trains, a network with `BatchNorm` judges each sample by the others in its batch. To predict, take the
        statistics of the whole training set instead, once: the new network then answers about each sample alone. It
        belongs to these parameters. A member that diverged so far that it has no statistics predicts NaN.

        >>> network = MLP(2, [Dense(4, normalise=BatchNorm()), Dense(1)])
        >>> parameters, x = network.initialise(spawn(0, 3)), np.random.default_rng(0).normal(size=(50, 2))
        >>> fixed = network.with_statistics(parameters, x)
        >>> bool(np.allclose(fixed.predict(parameters, x[:1]), network.predict(parameters, x)[:, :1]))
        True
        """
        layers = []
        for layer, seen in zip(self.layers, self.forward(parameters, x), strict=True):
            fix = isinstance(layer.normalise, BatchNorm)
            layers.append(replace(layer, normalise=_fixed(*seen.normalised[1:])) if fix else layer)
        return MLP(self.inputs, layers)

    def shapes(self) -> Shapes:
        """Return (rows, columns) of every array of parameters, for one member, layer by layer.

        >>> from nonlinear.normalisation import LayerNorm
        >>> MLP(2, [Dense(4, normalise=LayerNorm())]).shapes()
        ({'weights': (2, 4), 'bias': (1, 4), 'scale': (1, 4), 'shift': (1, 4)},)
        """
        return tuple(layer.shapes(n) for layer, n in zip(self.layers, self._fan_ins(), strict=True))

    def count(self) -> int:
        """Return how many numbers one member learns: weights, biases, and whatever else its layers have."""
        return sum(rows * columns for layer in self.shapes() for rows, columns in layer.values())

    def packed(self, parameters: Parameters) -> Packed:
        """Return the parameters in one array, or say which of them do not fit the network."""
        return Packed.fitting(parameters, self.shapes())


def _fixed(mean: Array, deviation: Array) -> FixedNorm:
    bad = ~(np.isfinite(mean) & np.isfinite(deviation))
    return FixedNorm(np.where(bad, np.nan, mean), np.where(bad, np.nan, deviation))
