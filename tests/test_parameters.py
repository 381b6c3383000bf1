"""Packed parameters are the parameters."""

import copy
import pickle

import numpy as np
import pytest

from nonlinear.activations import LeakyReLU
from nonlinear.network import MLP, Dense, spawn
from nonlinear.normalisation import LayerNorm
from nonlinear.parameters import Packed, map_parameters

NETWORK = MLP(3, [Dense(4, LeakyReLU(0.2), learn=("negative_slope",), normalise=LayerNorm()), Dense(2)])
TREE = NETWORK.initialise(spawn(0, 5))


def same(a, b):
    return all(
        list(p) == list(q) and all(np.array_equal(p[name], q[name]) for name in p) for p, q in zip(a, b, strict=True)
    )


def test_packing_copies_and_views():
    packed = Packed.of(TREE)
    assert same(packed, TREE) and packed.flat.shape == (5, 3 * 4 + 4 + 1 + 4 + 4 + 4 * 2 + 2)
    assert all(np.shares_memory(array, packed.flat) for layer in packed for array in layer.values())
    assert not np.shares_memory(TREE[0]["weights"], packed.flat)
    packed.flat[...] = np.arange(35)
    assert packed[1]["bias"][4, 0].tolist() == [33, 34] and packed[0]["weights"][2, 1].tolist() == [4, 5, 6, 7]
    assert packed.affine[0][2].tolist() == [*packed[0]["weights"][2].tolist(), packed[0]["bias"][2, 0].tolist()]
    assert all(np.shares_memory(both, packed.flat) for both in packed.affine)
    assert Packed.of(packed) is packed and same(packed.like(2 * packed.flat), map_parameters(lambda p: 2 * p, packed))


def test_arrays_of_different_ensembles_are_refused():
    with pytest.raises(ValueError, match=r"the same number of members; got \[2, 5\]"):
        NETWORK.predict((TREE[0], {name: array[:2] for name, array in TREE[1].items()}), np.ones((4, 3)))


def test_rows_follow_the_order_of_the_packed():
    packed = Packed.of(TREE)
    turned = tuple(dict(reversed(layer.items())) for layer in TREE)
    assert np.array_equal(packed.row(turned), packed.flat) and packed.row(packed) is packed.flat
    marks = map_parameters(np.zeros_like, TREE)
    for layer in marks:
        layer["weights"] += 1
    assert np.array_equal(packed.where("weights"), packed.row(marks)[0] == 1)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))], ids=["copy", "pickle"])
def test_a_copy_is_a_plain_tree(duplicate):
    copied = duplicate(Packed.of(TREE))
    assert type(copied) is tuple and same(copied, TREE)
