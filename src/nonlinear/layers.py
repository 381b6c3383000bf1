"""Dense layers: their settings, their first parameters, and what they do with a batch, forwards and backwards.

The bias is the weight of an input that is always 1. So the inputs get a column of ones, weights and bias lie in one
array, `Packed.affine`, and a single product gives x @ weights + bias; another one gives the gradients of both.

A layer may normalise what comes out of its weights before it becomes the preactivation, and it may add its inputs to
its activations, which is a residual connection::

    z = scale * normalise(x @ weights + bias) + shift,    outputs = f(z) + x
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from nonlinear import checks
from nonlinear.activations import Activation, Identity, unchecked
from nonlinear.arrays import ByValue, as_floats
from nonlinear.initialisers import VarianceScaling
from nonlinear.normalisation import FixedNorm, LayerNorm, Normalisation, Normalised
from nonlinear.parameters import Packed
from nonlinear.special import Array, overflow_and_nan

__all__ = ["Dense", "LayerTape"]

CACHE_LINE = 64  # bytes


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


@dataclass(frozen=True)
class Dense(ByValue):
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
        checks.instance(self.activation, Activation, "activation", "an Activation such as ReLU()")
        checks.instance(self.initial_weights, VarianceScaling, "initial_weights", "a VarianceScaling such as he()")
        checks.convert(self, units=checks.whole, per_unit=checks.flag, residual=checks.flag)
        if not isinstance(self.initial_bias, VarianceScaling):
            checks.convert(self, initial_bias=checks.finite_setting)
        self._check_learn()
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

    @property
    def plain(self) -> bool:
        """Whether the layer does no more than f(x @ weights + bias), with nothing learned in f."""
        return not (self.learn or self.residual or self.normalise)

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

    def __call__(self, parameters: dict[str, Array], x: Array) -> Array:
        """Return the layer's outputs f(x @ weights + bias), (members, samples, units).

        >>> layer = Dense(2, Identity())
        >>> layer({"weights": np.array([[[1.0, 2.0]]]), "bias": np.array([[[0.5, 0.0]]])}, [[3.0]])
        array([[[3.5, 6. ]]])
        """
        packed = Packed.fitting((parameters,), (self.shapes(np.shape(x)[-1] if np.ndim(x) else 1),))
        x = as_inputs(x, packed)
        with overflow_and_nan():
            return self._forward(packed[0], packed.affine[0], x, Buffers.of(packed.affine[0], x)).outputs

    def _forward(self, parameters: dict[str, Array], affine: Array, x: Array, buffers: "Buffers") -> LayerTape:
        """Return what the layer does with inputs of the buffers' shape; ``affine`` is weights and bias in one array."""
        augmented, inputs, z, value, seen = buffers
        if x is not inputs:
            inputs[...] = x
        np.matmul(augmented, affine, z)
        if seen is not None:
            if value is not None:
                value(seen.activation, z, seen.outputs)
            return seen
        f, normalised = self.bind(parameters), None
        if self.normalise is not None:
            normalised = self.normalise(z)
            z = parameters["scale"] * normalised.values + parameters["shift"]
        a = z if type(f) is Identity else unchecked.value(f, z)
        return LayerTape(augmented, z, a + inputs if self.residual else a, f, normalised)

    def _backward(
        self,
        parameters: dict[str, Array],
        seen: LayerTape,
        upstream: Array,
        gradients: dict[str, Array],
        affine_gradient: Array,
    ) -> tuple[Array, Array]:
        """Carry ``upstream`` = dL/d(outputs) back through the layer, and fill its gradients.

        Returns
        -------
        delta : array, (members, samples, columns)
            dL/dz at the activation function.
        before : array, (members, samples, columns)
            dL/d(x @ weights + bias), which is the same unless a normalisation lies between.
        """
        augmented, z, _, f, normalised = seen
        delta = upstream
        if type(f) is not Identity:
            delta, learned = unchecked.pullback(f, z, upstream, self.learn)
            for name in self.learn:
                gradients[name][...] = learned[name]
        before = delta
        if self.normalise is not None:
            np.sum(delta * normalised.values, axis=-2, keepdims=True, out=gradients["scale"])
            np.sum(delta, axis=-2, keepdims=True, out=gradients["shift"])
            before = self.normalise.pullback(normalised, delta * parameters["scale"])
        np.matmul(augmented.mT, before, affine_gradient)
        return delta, before

    def _upstream(self, back: Array, before: Array, upstream: Array, out: Array) -> Array:
        """Return dL/d(inputs) from dL/d(x @ weights + bias), and from ``upstream`` if the layer is residual.

        ``back`` holds the transposed weights, (members, columns, fan_in).
        """
        if before.shape[-1] > 1:
            np.matmul(before, back, out)
        elif len(before) > 2:  # an outer product: matmul is slow at it, and multiply too unless there is little to do
            np.einsum("msc,mcf->msf", before, back, out=out)
        else:
            np.multiply(before, back, out)
        return out + upstream if self.residual else out


class Buffers(NamedTuple):
    """Arrays that a layer fills: made anew for one pass, or once for a whole training.

    Attributes
    ----------
    augmented : array, (members, samples, fan_in + 1) or (samples, fan_in + 1)
        Where its inputs go, beside a column of ones.
    inputs : array
        The same without the ones.
    z : array, (members, samples, columns)
    value : callable, optional
        What puts f(z) into ``seen.outputs``, as ``(f, z, out)``.
    seen : LayerTape, optional
        What the layer hands out in every step, if all of it lies in buffers.
    """

    augmented: Array
    inputs: Array
    z: Array
    value: Callable | None = None
    seen: LayerTape | None = None

    @classmethod
    def of(cls, affine: Array, x: Array) -> "Buffers":
        """Return buffers for weights and bias, and inputs, of these shapes."""
        members, rows, columns = affine.shape
        augmented = empty(*x.shape[:-1], rows, dtype=x.dtype)
        augmented[..., -1] = 1
        return cls(augmented, augmented[..., :-1], empty(members, x.shape[-2], columns, dtype=x.dtype))

    def between(self, layer: Dense, after: "Buffers | None") -> "Buffers":
        """Return the same for a plain layer that puts its outputs where the layer after it, if any, has its inputs."""
        if not layer.plain:
            return self
        f, value = layer.activation, unchecked.value_in_buffers(layer.activation, self.z.dtype)
        if type(f) is Identity:
            return self._replace(seen=LayerTape(self.augmented, self.z, self.z, f))
        if value is None or after is None:
            return self
        return self._replace(value=value, seen=LayerTape(self.augmented, self.z, after.inputs, f))


def empty(*shape: int, dtype) -> Array:
    """Return an empty array in which the samples of a unit are side by side, which is faster for narrow layers.

    It starts where a line of the processor's cache does: sums and products then take half as long with AVX-512.
    """
    *members, samples, units = shape
    size = math.prod(shape) * np.dtype(dtype).itemsize
    memory = np.empty(size + CACHE_LINE, np.uint8)
    start = -memory.ctypes.data % CACHE_LINE
    return memory[start : start + size].view(dtype).reshape(*members, units, samples).mT


def as_inputs(x, parameters: Packed) -> Array:
    """Return inputs of a network's first layer as an array of the parameters' float type, or say what is wrong."""
    weights, x = parameters[0]["weights"], as_floats(x, "x")
    members, features, _ = weights.shape
    if x.ndim not in (2, 3) or x.shape[-1] != features:
        raise ValueError(f"x must have shape (samples, {features}) or (members, samples, {features}); got {x.shape}.")
    if x.ndim == 3 and len(x) != members:
        raise ValueError(f"x holds inputs for {len(x)} members, the parameters are those of {members}.")
    return x.astype(weights.dtype, copy=False)
