"""A stack of layers at work, with buffers that are made once and filled in every step."""

import reprlib
from collections.abc import Sequence

import numpy as np

from nonlinear.activations import unchecked
from nonlinear.layers import Buffers, Dense, LayerTape, as_inputs, empty
from nonlinear.parameters import Packed
from nonlinear.special import Array


class Workspace:
    """The passes of a network, forwards and backwards: the same as those of `MLP`, for a loop of many steps.

    What they return lasts until the next call. For a small network this is about twice as fast. To ignore overflow is
    up to the caller.

    Parameters
    ----------
    layers : tuple of Dense
    parameters : Packed
        Of the shapes that it will work with.
    """

    def __init__(self, layers: tuple[Dense, ...], parameters: Packed):
        self._layers, self._gradients = layers, parameters.like(np.empty_like(parameters.flat))
        self._buffers: dict[tuple, tuple[Buffers, ...]] = {}
        self._passed_on: dict[int, tuple] = {}

    def forward(self, parameters: Packed, x: Array) -> tuple[LayerTape, ...]:
        """Return what every layer saw and did."""
        buffers = self._buffers.get((x.shape, x.dtype))
        if buffers is None:
            x, buffers = self._first(parameters, x)
        tape = []
        for layer, p, affine, each in zip(self._layers, parameters, parameters.affine, buffers, strict=True):
            seen = layer._forward(p, affine, x, each)
            tape.append(seen)
            x = seen.outputs
        return tuple(tape)

    def backward(
        self, parameters: Packed, tape: Sequence[LayerTape], upstream: Array
    ) -> tuple[Packed, tuple[Array, ...]]:
        """Return the gradients and the deltas, from dL/d(outputs), an array of their shape and float type."""
        layers, back, (passed_on, slopes) = self._layers, parameters.back, self._passing(parameters, tape)
        gradients, deltas = self._gradients, []
        for k in range(len(layers) - 1, -1, -1):
            if slopes[k] is not None:
                derivative, slope, spare = slopes[k]
                augmented, z, _, f, _ = tape[k]
                derivative(f, z, slope, spare)
                delta = before = np.multiply(upstream, slope, upstream)  # which is passed_on[k + 1]
                np.matmul(augmented.mT, delta, gradients.affine[k])
            else:
                delta, before = layers[k]._backward(parameters[k], tape[k], upstream, gradients[k], gradients.affine[k])
            deltas.append(delta)
            if k:
                upstream = layers[k]._upstream(back[k], before, upstream, passed_on[k])
        deltas.reverse()
        return gradients, tuple(deltas)

    def _first(self, parameters: Packed, x) -> tuple[Array, tuple[Buffers, ...]]:
        """Return checked inputs, and the buffers for those of their shape."""
        x = as_inputs(x, parameters)
        key = x.shape, x.dtype
        if key not in self._buffers:
            made, inputs = [], x
            for affine in parameters.affine:
                made.append(Buffers.of(affine, inputs))
                inputs = made[-1].z
            pairs = zip(made, self._layers, [*made[1:], None], strict=True)
            self._buffers[key] = tuple(each.between(layer, after) for each, layer, after in pairs)
        return x, self._buffers[key]

    def _passing(self, parameters: Packed, tape) -> tuple[tuple[Array, ...], tuple]:
        """Return buffers for dL/d(inputs) of every layer, (members, samples, fan_in), and what its slopes take.

        That is a formula of the derivative and two buffers for it; or None, for a layer that is not plain, or whose
        ``upstream`` is not ours to change.
        """
        samples = tape[0].preactivations.shape[-2]
        if samples not in self._passed_on:
            dtype, members = parameters.flat.dtype, len(parameters.flat)
            shapes = [(members, samples, back.shape[-1]) for back in parameters.back]
            pairs = {shape: tuple(empty(*shape, dtype=dtype) for _ in range(2)) for shape in shapes[1:]}
            slopes = []
            for layer, after, shape in zip(self._layers, self._layers[1:], shapes[1:], strict=False):
                derivative = unchecked.derivative_in_buffers(layer.activation, dtype)
                ours = layer.plain and not after.residual and derivative is not None
                slopes.append((derivative, *pairs[shape]) if ours else None)
            self._passed_on[samples] = tuple(empty(*shape, dtype=dtype) for shape in shapes), (*slopes, None)
        return self._passed_on[samples]


def check_tape(tape, layers: int) -> None:
    """Refuse what a forward pass through so many layers cannot have returned."""
    if not isinstance(tape, tuple | list) or len(tape) != layers:
        raise ValueError(f"tape must be what forward returned, a tuple of {layers} entries; got {reprlib.repr(tape)}.")


def as_upstream(upstream, tape: Sequence[LayerTape]) -> Array:
    """Return dL/d(outputs) in the float type of the outputs, or say that it does not belong to them."""
    upstream, outputs = np.asarray(upstream), tape[-1].outputs
    if upstream.shape != outputs.shape:
        raise ValueError(f"upstream must have shape {outputs.shape}, that of the outputs; got {upstream.shape}.")
    return upstream.astype(outputs.dtype, copy=False)
