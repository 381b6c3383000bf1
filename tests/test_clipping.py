"""Clipping keeps directions and shortens lengths, at any size of number."""

import numpy as np
import pytest

from nonlinear.clipping import Clipped, clip, global_norm
from nonlinear.optimisers import SGD


def tree(numbers, dtype):
    a, b = np.array(numbers, dtype)
    return ({"weights": a.reshape(1, 1, 1), "bias": b.reshape(1, 1, 1)},)


LENGTHS = {
    "ordinary": (np.float64, [3.0, 4.0]),
    "large": (np.float64, [3e200, 4e200]),
    "small": (np.float64, [3e-200, 4e-200]),
    "large singles": (np.float32, [3e30, 4e30]),
    "small singles": (np.float32, [3e-25, 4e-25]),
    "halves": (np.float16, [300.0, 400.0]),
}


@pytest.mark.parametrize("dtype, numbers", LENGTHS.values(), ids=LENGTHS)
def test_the_length_of_numbers_of_any_size(dtype, numbers):
    np.testing.assert_allclose(global_norm(tree(numbers, dtype)), np.hypot(*numbers), rtol=1e-3)


def test_many_numbers_of_half_precision_have_a_length():
    assert global_norm(({"weights": np.full((1, 300, 300), 0.5, np.float16)},))[0] == 150


CLIPPED = {
    "ordinary": (np.float64, [3.0, 4.0], 1.0),
    "to almost nothing": (np.float32, [3e20, 4e20], 1e-30),
    "longer than the largest number": (np.float32, [2.5e38, 3.2e38], 1.0),
    "longer than the largest double": (np.float64, [1.2e308, 1.6e308], 1.0),
    "halves": (np.float16, [3e4, 4e4], 1e-3),
    "short enough": (np.float32, [3e-25, 4e-25], 1.0),
}


@pytest.mark.parametrize("dtype, numbers, norm", CLIPPED.values(), ids=CLIPPED)
def test_a_clipped_gradient_keeps_its_direction(dtype, numbers, norm):
    (clipped,) = clip(tree(numbers, dtype), norm)
    given, factor = np.array(numbers, dtype), min(1, norm / np.hypot(*(n / 4 for n in numbers)) / 4)
    assert {a.dtype for a in clipped.values()} == {np.dtype(dtype)}
    np.testing.assert_allclose([a.item() for a in clipped.values()], given.astype(float) * factor, rtol=1e-3)


@pytest.mark.parametrize("numbers", [np.array([[[3], [4]]], np.uint8), [[[3], [4]]]], ids=["integers", "lists"])
def test_whole_numbers_and_lists_are_taken_as_floats(numbers):
    np.testing.assert_allclose(clip(({"weights": numbers},), 1.0)[0]["weights"], [[[0.6], [0.8]]])
    assert global_norm(({"weights": numbers},)) == 5


def test_settings_compare_by_value():
    rule = Clipped(SGD(0.1), np.float16([1, 2]))
    assert rule.norm.dtype == np.float64 and rule == Clipped(SGD(0.1), [1.0, 2.0]) != Clipped(SGD(0.1), [1.0, 3.0])
