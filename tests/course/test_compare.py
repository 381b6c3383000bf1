"""Comparisons over seeds: what is called larger, and how often chance alone is called so."""

import numpy as np
import pytest

from nonlinear.course.compare import difference, median_interval


@pytest.mark.parametrize(("n", "k"), [(6, 1), (8, 1), (9, 2), (10, 2), (11, 2), (12, 3), (20, 6), (50, 18)])
def test_the_interval_is_that_of_the_tables(n, k):
    """The order statistics of the sign test, as tables of nonparametric statistics print them."""
    values = np.random.default_rng(n).permutation(np.arange(1, n + 1))
    assert median_interval(values) == (k, n + 1 - k)


def test_the_interval_holds_the_median_as_often_as_promised():
    draws = np.random.default_rng(0).exponential(size=(4000, 10)) - np.log(2)
    held = [low <= 0 <= high for low, high in map(median_interval, draws)]
    assert 0.97 < np.mean(held) < 0.99  # the table says 0.9785


def test_chance_alone_is_rarely_called_a_difference():
    a, b = np.random.default_rng(1).normal(size=(2, 4000, 2, 10))
    signs = [difference(*pair).sign for pair in zip(a, b, strict=True)]
    assert np.mean(np.abs(signs)) < 0.002


@pytest.mark.parametrize(("second_set", "sign"), [(1.0, 1), (-1.0, 0), (0.0, 0)])
def test_a_difference_must_show_itself_in_both_sets(second_set, sign):
    steps = np.linspace(-0.1, 0.1, 10)
    first = np.stack([1 + steps, second_set + steps])
    assert difference(first, np.zeros((2, 10))).sign == sign
    assert difference(np.zeros((2, 10)), first).sign == -sign


def test_words():
    apart = np.stack([np.arange(10) - 20.0, np.arange(10) - 30.0])
    assert str(difference(apart, np.zeros((2, 10)))) == "−15.5 [−19, −12] and −25.5 [−29, −22]: smaller"


@pytest.mark.parametrize(("shapes", "words"), [(((10,), (10,)), r"\(2, seeds\)"), (((2, 5), (2, 5)), "use more seeds")])
def test_what_cannot_be_compared(shapes, words):
    with pytest.raises(ValueError, match=words):
        difference(*map(np.zeros, shapes))
