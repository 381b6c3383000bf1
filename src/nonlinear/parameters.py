"""Parameters of an ensemble: one dict of arrays a layer, each array with a leading axis of members."""

from typing import TypeAlias

import numpy as np

from nonlinear.special import Array

Parameters: TypeAlias = tuple[dict[str, Array], ...]


def map_parameters(function, *trees: Parameters) -> Parameters:
    """Apply ``function`` to each array of parameters (or to arrays of the same place in several trees)."""
    places = zip(*trees, strict=True)
    return tuple({name: function(*(layer[name] for layer in layers)) for name in layers[0]} for layers in places)


class Packed(tuple):
    """Parameters whose arrays are views of one array, ``flat``: what is done to all of them then takes a single call.

    >>> packed = Packed.of(({"weights": np.ones((3, 2, 4)), "bias": np.zeros((3, 1, 4))},))
    >>> packed.flat.shape, packed[0]["weights"].shape, packed.like(packed.flat * 2)[0]["weights"].max()
    ((3, 12), (3, 2, 4), np.float64(2.0))
    """

    flat: Array
    """All numbers of a member in a row, (members, numbers), in the order of the layers and of their arrays."""

    @classmethod
    def of(cls, parameters: Parameters) -> "Packed":
        """Return a packed copy, or the parameters themselves if they are packed."""
        if isinstance(parameters, cls):
            return parameters
        rows = [array.reshape(len(array), -1) for layer in parameters for array in layer.values()]
        return cls._views(
            [{k: array.shape for k, array in layer.items()} for layer in parameters], np.concatenate(rows, 1)
        )

    def like(self, flat: Array) -> "Packed":
        """Return other numbers in the same order."""
        return self._views(self._shapes, flat)

    def row(self, tree: Parameters) -> Array:
        """Return the numbers of a tree of the same shapes in the order of ``flat``, (members, numbers)."""
        if isinstance(tree, Packed):
            return tree.flat
        places = [(k, name) for k, layer in enumerate(self) for name in layer]
        return np.concatenate([tree[k][name].reshape(len(self.flat), -1) for k, name in places], axis=1)

    def where(self, name: str) -> Array:
        """Return which numbers of a row belong to the arrays of that name, (numbers,)."""
        sizes = [(key, rows * columns) for layer in self._shapes for key, (_, rows, columns) in layer.items()]
        return np.concatenate([np.full(size, key == name) for key, size in sizes])

    @classmethod
    def _views(cls, shapes: list[dict[str, tuple[int, ...]]], flat: Array) -> "Packed":
        layers, start = [], 0
        for layer in shapes:
            views = {}
            for name, (_, rows, columns) in layer.items():
                stop = start + rows * columns
                views[name] = flat[:, start:stop].reshape(-1, rows, columns)
                start = stop
            layers.append(views)
        packed = cls(layers)
        packed.flat, packed._shapes = flat, shapes
        return packed

    def __reduce__(self):
        return tuple, (list(self),)
