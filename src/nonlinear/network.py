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

The bias is the weight of an input that is always 1. So the inputs get a column of ones, weights and bias lie in one
array, `Packed.affine`, and a single product gives x @ weights + bias; another one gives the gradients of both.

A layer may normalise what comes out of its weights before it becomes the preactivation, and it may add its inputs to
its activations, which is a residual connection::

    z = scale * normalise(x @ weights + bias) + shift,    outputs = f(z) + x
"""

import reprlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from nonlinear import checks
from nonlinear.activations import Activation, Identity, unchecked
from nonlinear.arrays import as_floats
from nonlinear.initialisers import VarianceScaling
from nonlinear.normalisation import BatchNorm, FixedNorm, LayerNorm, Normalisation, Normalised
from nonlinear.parameters import Packed, Parameters, Shapes, map_parameters
from nonlinear.special import Array, overflow_and_nan
from nonlinear.workspace import Room, check_tape, room_to_pass_on, rooms_for


def spawn(seed: int, members: int) -> list[np.random.Generator]:
    """Return one random generator for each member; member k's does not depend on how many members there are.

    >>> a, b = spawn(0, 2)[1], spawn(0, 10)[1]
    >>> a.random() == b.random()
    True
    """
    checks.whole(seed, "seed", at_least=0)
    checks.whole(members, "members")
    return np.random.default_rng(seed).spawn(members)


class LayerTape(NamedTuple):
    """What a layer saw and did in a forward pass.

    Attributes
    ----------
    augmented : array, (members, samples, fan_in + 1)
        The inputs, and a last column of ones; without the axis of members if all members share them.
    preactivations : array, (members, samples, columns)
        What went into the activation function, so after any normalisation.
    outputs : array, (members, samples, units)
        What came out of the layer: the activations, plus the inputs if the layer is residual.
    activation : Activation
        f, with the parameters that it has learned.
    normalised : Normalised, optional
        What the normalisation gave, before scale and shift.
    """

    augmented: Array
    preactivations: Array
    outputs: Array
    activation: Activation
    normalised: Normalised | None = None

    @property
    def inputs(self) -> Array:
        """The inputs x, (members, samples, fan_in) or (samples, fan_in)."""
        return self.augmented[..., :-1]


Tape = tuple[LayerTape, ...]
"""What every layer saw and did in a forward pass, from the first to the last."""


@dataclass(frozen=True)
class Dense:
    """A fully connected layer: f(x @ weights + bias).

    Parameters
    ----------
    units : int
        Number of outputs.
    activation : Activation
    initial_weights : VarianceScaling
        By default scaled to suit the activation function; its gain may be one a member.
    initial_bias : float, array (members,) or VarianceScaling
        A number for all units, or what their biases are drawn from (after the weights).
    learn : tuple of str
        Parameters of the activation function to be learned with the weights, for example ``("negative_slope",)``.
    per_unit : bool
        Whether each unit learns its own, or the layer learns one for all its units.
    residual : bool
        Whether the layer adds its inputs to its activations; it must have as many units as inputs.
    normalise : BatchNorm or LayerNorm, optional
        What happens between ``x @ weights + bias`` and f. The layer then also learns ``scale`` and ``shift``, which
        start at 1 and 0. `BatchNorm` takes off the mean of every unit and so makes its bias count for nothing.
    """

    units: int
    activation: Activation = field(default_factory=Identity)
    initial_weights: VarianceScaling = field(default_factory=VarianceScaling)
    initial_bias: float | Array | VarianceScaling = 0.0
    learn: tuple[str, ...] = ()
    per_unit: bool = False
    residual: bool = False
    normalise: Normalisation | FixedNorm | None = None

    def __post_init__(self):
        checks.whole(self.units, "units")
        checks.instance(self.activation, Activation, "activation", "an Activation such as ReLU()")
        checks.instance(self.initial_weights, VarianceScaling, "initial_weights", "a VarianceScaling such as he()")
        if not isinstance(self.initial_bias, VarianceScaling):
            checks.finite_setting(self.initial_bias, "initial_bias")
        self._check_learn()
        checks.flag(self.per_unit, "per_unit")
        checks.flag(self.residual, "residual")
        self._check_normalise()

    def _check_learn(self):
        if not isinstance(self.learn, tuple):
            raise TypeError(f"learn must be a tuple of names such as ('negative_slope',); got {self.learn!r}.")
        known = list(self.activation.learnable())
        for name in self.learn:
            if name not in known:
                raise ValueError(f"{self.activation!r} has no parameter {name!r} to learn; it has {known or 'none'}.")
            if np.ndim(getattr(self.activation, name)):
                raise ValueError(
                    f"activation must start with one number as {name}, from which each member learns its own; "
                    f"got {self.activation!r}."
                )

    def _check_normalise(self):
        wanted = "BatchNorm(), LayerNorm() or None"
        checks.instance(self.normalise, Normalisation | FixedNorm | None, "normalise", wanted)
        if isinstance(self.normalise, FixedNorm) and self.normalise.mean.shape[-1] != self.columns:
            raise ValueError(
                f"normalise must hold statistics of {self.columns} columns, those of the layer; "
                f"got {self.normalise.mean.shape[-1]}."
            )
        if isinstance(self.normalise, LayerNorm) and self.columns == 1:
            raise ValueError("LayerNorm compares the units of a layer, so it needs 2 or more; got 1.")

    @property
    def columns(self) -> int:
        """How many preactivations the layer computes."""
        return self.activation.preactivations(self.units)

    def initialise(self, generators: Sequence[np.random.Generator], fan_in: int) -> dict[str, Array]:
        """Return the layer's first parameters, one member for each generator."""
        each = zip(self.initial_weights.of_members(len(generators)), generators, strict=True)
        weights = np.stack([draw.draw(g, fan_in, self.columns, self.activation) for draw, g in each])
        return {"weights": weights, "bias": self._first_bias(generators, fan_in), **self._further(len(generators))}

    def shapes(self, fan_in: int) -> dict[str, tuple[int, int]]:
        """Return (rows, columns) of every array of parameters that the layer has, for one member."""
        further = {name: array.shape[1:] for name, array in self._further(1).items()}
        return {"weights": (fan_in, self.columns), "bias": (1, self.columns), **further}

    def _first_bias(self, generators: Sequence[np.random.Generator], fan_in: int) -> Array:
        members, first = len(generators), self.initial_bias
        if isinstance(first, VarianceScaling):
            each = zip(first.of_members(members), generators, strict=True)
            return np.stack([draw.draw_bias(g, fan_in, self.columns, self.activation) for draw, g in each])
        bias = checks.per_member(first, members, "initial_bias")
        return np.ones((members, 1, self.columns)) * bias.reshape(-1, 1, 1)

    def _further(self, members: int) -> dict[str, Array]:
        """Return the first values of all that the layer learns besides weights and biases."""
        shape = (members, 1, self.units if self.per_unit else 1)
        learned = {name: np.full(shape, float(getattr(self.activation, name))) for name in self.learn}
        if self.normalise is not None:
            each = (members, 1, self.columns)
            learned |= {"scale": np.ones(each), "shift": np.zeros(each)}
        return learned

    def bind(self, parameters: dict[str, Array]) -> Activation:
        """Return the activation function with the learned parameters in place of its own."""
        if not self.learn:
            return self.activation
        return replace(self.activation, **{name: parameters[name] for name in self.learn})

    def forward(self, parameters: dict[str, Array], affine: Array, room: Room) -> LayerTape:
        """Return what the layer does with the inputs in its room; ``affine`` holds weights and bias in one array."""
        f, normalised = self.bind(parameters), None
        z = np.matmul(room.augmented, affine, out=room.z)
        if self.normalise is not None:
            normalised = self.normalise(z)
            z = parameters["scale"] * normalised.values + parameters["shift"]
        a = z if type(f) is Identity else unchecked.value(f, z)
        return LayerTape(room.augmented, z, a + room.inputs if self.residual else a, f, normalised)

    def backward(
        self,
        parameters: dict[str, Array],
        seen: LayerTape,
        upstream: Array,
        gradients: dict[str, Array],
        affine_gradient: Array,
    ) -> tuple[Array, Array]:
        """Carry ``upstream`` = dL/d(outputs) back through the layer, and fill the gradients.

        Returns
        -------
        delta : array, (members, samples, columns)
            dL/dz at the activation function.
        before : array, (members, samples, columns)
            dL/d(x @ weights + bias), which is the same unless a normalisation lies between.
        """
        delta = upstream
        if type(seen.activation) is not Identity:
            delta, learned = unchecked.pullback(seen.activation, seen.preactivations, upstream, self.learn)
            for name in self.learn:
                gradients[name][...] = learned[name]
        before = delta
        if self.normalise is not None:
            np.sum(delta * seen.normalised.values, axis=-2, keepdims=True, out=gradients["scale"])
            np.sum(delta, axis=-2, keepdims=True, out=gradients["shift"])
            before = self.normalise.pullback(seen.normalised, delta * parameters["scale"])
        np.matmul(seen.augmented.mT, before, out=affine_gradient)
        return delta, before

    def upstream(self, parameters: dict[str, Array], before: Array, upstream: Array, out: Array) -> Array:
        """Return dL/d(inputs) from dL/d(x @ weights + bias), and from ``upstream`` if the layer is residual."""
        if before.shape[-1] == 1:  # an outer product, at which matmul is slow
            np.multiply(before, parameters["weights"].mT, out=out)
        else:
            np.matmul(before, parameters["weights"].mT, out=out)
        return out + upstream if self.residual else out


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
        checks.whole(self.inputs, "inputs")
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
            as in `initialise`.

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
        return tuple(parameters)

    def forward(self, parameters: Parameters, x: Array) -> Tape:
        """Return every layer's inputs, preactivations and outputs; the last outputs are the network's."""
        packed = self.packed(parameters)
        x = self.inputs_for(packed, x)
        with overflow_and_nan():  # a diverging member, which training is about to freeze, must not disturb the rest
            return self.forward_in(rooms_for(packed, x), packed, x)

    def forward_in(self, rooms: Sequence[Room], parameters: Packed, x: Array) -> Tape:
        """Return what `forward` does, computed in the given room, from inputs and parameters that were checked."""
        tape = []
        for layer, p, affine, room in zip(self.layers, parameters, parameters.affine, rooms, strict=True):
            room.inputs[...] = x
            tape.append(layer.forward(p, affine, room))
            x = tape[-1].outputs
        return tuple(tape)

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
        gradients = packed.like(np.empty_like(packed.flat))
        with overflow_and_nan():
            upstream = np.asarray(upstream).astype(packed.flat.dtype, copy=False)
            room = room_to_pass_on(packed, tape[0].preactivations.shape[-2])
            deltas = self.backward_in(room, packed, tape, upstream, gradients)
        return gradients, deltas

    def backward_in(
        self, room: Sequence[Array], parameters: Packed, tape: Tape, upstream: Array, gradients: Packed
    ) -> tuple[Array, ...]:
        """Return the deltas that `backward` does, and fill the gradients, in the given room."""
        deltas, expected = [], tape[-1].outputs.shape
        if upstream.shape != expected:
            raise ValueError(f"upstream must have shape {expected}, that of the outputs; got {upstream.shape}.")
        for k in reversed(range(len(tape))):
            layer = self.layers[k]
            delta, before = layer.backward(parameters[k], tape[k], upstream, gradients[k], gradients.affine[k])
            deltas.append(delta)
            if k:
                upstream = layer.upstream(parameters[k], before, upstream, room[k])
        return tuple(reversed(deltas))

    def with_statistics(self, parameters: Parameters, x: Array) -> "MLP":
        """Return this network with every batch normalisation fixed to the mean and deviation that it has on ``x``.

        While it trains, a network with `BatchNorm` judges each sample by the others in its batch. To predict, take the
        statistics of the whole training set instead, once: the new network then answers about each sample alone. It
        belongs to these parameters.

        >>> network = MLP(2, [Dense(4, normalise=BatchNorm()), Dense(1)])
        >>> parameters, x = network.initialise(spawn(0, 3)), np.random.default_rng(0).normal(size=(50, 2))
        >>> fixed = network.with_statistics(parameters, x)
        >>> bool(np.allclose(fixed.predict(parameters, x[:1]), network.predict(parameters, x)[:, :1]))
        True
        """
        layers = []
        for layer, seen in zip(self.layers, self.forward(parameters, x), strict=True):
            fix = isinstance(layer.normalise, BatchNorm)
            layers.append(replace(layer, normalise=FixedNorm(*seen.normalised[1:])) if fix else layer)
        return MLP(self.inputs, layers)

    def shapes(self) -> Shapes:
        """Return (rows, columns) of every array of parameters, for one member, layer by layer.

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

    def inputs_for(self, parameters: Parameters, x) -> Array:
        """Return inputs as an array of the parameters' float type, or say what is wrong with them."""
        weights = parameters[0]["weights"]
        x = as_floats(x, "x")
        if x.ndim not in (2, 3) or x.shape[-1] != self.inputs:
            raise ValueError(
                f"x must have shape (samples, {self.inputs}) or (members, samples, {self.inputs}); got {x.shape}."
            )
        if x.ndim == 3 and len(x) != len(weights):
            raise ValueError(f"x holds inputs for {len(x)} members, the parameters are those of {len(weights)}.")
        return x.astype(weights.dtype, copy=False)
