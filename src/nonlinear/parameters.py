"""Parameters of an ensemble: one dict of arrays a layer, each array with a leading axis of members."""

import reprlib
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from nonlinear import checks
from nonlinear.arrays import as_floats, unmasked
from nonlinear.special import Array

Parameters: TypeAlias = tuple[dict[str, Array], ...]
"""For each layer a dict from names, such as ``"weights"`` and ``"bias"``, to arrays (members, rows, columns)."""

Shapes: TypeAlias = Sequence[dict[str, tuple[int, int]]]
"""For each layer a dict from the names of what it learns to (rows, columns) of one member's array."""


def map_parameters(function, *trees: Parameters) -> Parameters:
    """Apply ``function`` to each array of parameters (or to arrays of the same place in several trees)."""
    places = zip(*trees, strict=True)
    return tuple({name: function(*(layer[name] for layer in layers)) for name in layers[0]} for layers in places)


class Packed(tuple):
    """Parameters whose arrays are views of one array, ``flat``: what is done to all of them then takes a single call.

    >>> packed = Packed.of(({"weights": np.ones((3, 2, 4)), "bias": np.zeros((3, 1, 4))},))
    >>> packed.flat.shape, packed[0]["weights"].shape, packed.like(packed.flat * 2)[0]["weights"].max()
    ((3, 12), (3, 2, 4), np.float64(2.0))

    Attributes
    ----------
    flat : array, (members, numbers)
        All numbers of a member in a row: by layers, and there weights, bias, and what follows.
    affine : tuple of array, (members, fan_in + 1, columns)
        Weights and bias of each layer that has both as one array, the bias last.
    back : tuple of array, (members, columns, fan_in)
        The weights of the same layers, transposed: what carries a gradient backwards.
    """

    flat: Array
    affine: tuple[Array, ...]
    back: tuple[Array, ...]

    @classmethod
    def of(cls, parameters: Parameters) -> "Packed":
        """Return a packed copy, or the parameters themselves if they are packed."""
        if isinstance(parameters, cls):
            return parameters
        layers = [_arrays(layer, f"parameters[{k}]") for k, layer in enumerate(checked_tree(parameters))]
        arrays = [array for layer in layers for array in layer.values()]
        if any(array.ndim != 3 for array in arrays):
            shapes = [array.shape for array in arrays]
            raise ValueError(f"arrays of parameters have the shape (members, rows, columns); got {shapes}.")
        members, types = sorted({len(array) for array in arrays}), {array.dtype for array in arrays}
        if len(members) > 1:
            raise ValueError(f"all arrays of parameters need the same number of members; got {members}.")
        if len(types) > 1 or not types <= set(checks.TRAINABLE):
            raise TypeError(
                f"all arrays of parameters need the same float type, float32 or float64; got {sorted(map(str, types))}."
            )
        rows = [array.reshape(*members, -1) for array in arrays]
        return cls._views([{k: array.shape for k, array in layer.items()} for layer in layers], np.concatenate(rows, 1))

    @classmethod
    def fitting(cls, parameters: Parameters, shapes: Shapes) -> "Packed":
        """Return what `of` does for parameters of exactly these names and shapes, or say which layer's do not fit."""
        packed = cls.of(parameters)
        if len(packed) != len(shapes):
            raise ValueError(f"parameters are those of {len(packed)} layers, the network has {len(shapes)}.")
        for k, (layer, needed) in enumerate(zip(packed, shapes, strict=True)):
            held = {name: array.shape[1:] for name, array in layer.items()}
            if held != needed:
                raise ValueError(
                    f"parameters[{k}] must hold, for each member, {needed}; got {held}. "
                    "Pass what initialise of this very network returned, or a step's parameters."
                )
        return packed

    def like(self, flat: Array) -> "Packed":
        """Return other numbers in the same order."""
        return self._views(self._shapes, flat)

    def row(self, tree: Parameters, name: str = "gradients") -> Array:
        """Return the numbers of gradients in the order of ``flat``, (members, numbers)."""
        if isinstance(tree, Packed):
            return tree.flat
        tree = tuple(
            {key: as_floats(array, f"{name}[{k}][{key!r}]") for key, array in layer.items()}
            for k, layer in enumerate(checked_tree(tree, name))
        )
        shapes = [{key: array.shape for key, array in layer.items()} for layer in tree]
        if shapes != self._shapes:
            raise ValueError(f"{name} must have the shapes of the parameters, {self._shapes}; got {shapes}.")
        places = [(k, key) for k, layer in enumerate(self) for key in layer]
        return np.concatenate([tree[k][key].reshape(len(self.flat), -1) for k, key in places], axis=1)

    def where(self, name: str) -> Array:
        """Return which numbers of a row belong to the arrays of that name, (numbers,)."""
        sizes = [(key, rows * columns) for layer in self._shapes for key, (_, rows, columns) in layer.items()]
        return np.concatenate([np.full(size, key == name) for key, size in sizes])

    @classmethod
    def _views(cls, shapes: list[dict[str, tuple[int, ...]]], flat: Array) -> "Packed":
        layers, affine, start = [], [], 0
        for layer in shapes:
            views = {}
            if "weights" in layer and "bias" in layer:  # they come first
                _, fan_in, columns = layer["weights"]
                affine.append(flat[:, start : start + (fan_in + 1) * columns].reshape(-1, fan_in + 1, columns))
            for name, (_, rows, columns) in layer.items():
                stop = start + rows * columns
                views[name] = flat[:, start:stop].reshape(-1, rows, columns)
                start = stop
            layers.append(views)
        packed = cls(layers)
        packed.flat, packed.affine, packed._shapes = flat, tuple(affine), shapes
        packed.back = tuple(both[:, :-1].mT for both in affine)
        return packed

    def __reduce__(self):
        return tuple, (list(self),)


def checked_tree(parameters, name: str = "parameters") -> Parameters:
    """Refuse what is not a tuple, or a list, of dicts."""
    listed = isinstance(parameters, tuple | list) and len(parameters) > 0
    if not listed or not all(isinstance(layer, dict) and layer for layer in parameters):
        raise TypeError(
            f"{name} must be a tuple of dicts of arrays, one a layer, as network.initialise returns; "
            f"got {reprlib.repr(parameters)}."
        )
    return parameters


def _arrays(layer: dict[str, Array], label: str) -> dict[str, Array]:
    """Return the arrays of a layer, in the order in which they are packed."""
    return {name: unmasked(layer[name], f"{label}[{name!r}]") for name in sorted(layer, key=_place)}


def _place(name: str) -> int:
    """Return where an array stands in its layer: weights first, then the bias, then all others as they come."""
    return {"weights": 0, "bias": 1}.get(name, 2)
