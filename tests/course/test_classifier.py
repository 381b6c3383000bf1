"""The classifier of the course, and its training."""

import numpy as np

from nonlinear.activations import ReLU, Tanh
from nonlinear.course import MEMBERS, SEED, generators
from nonlinear.course.classifier import TEST_IMAGES, classifier, fit, steps
from nonlinear.datasets import digits
from nonlinear.network import Dense, spawn
from nonlinear.normalisation import BatchNorm
from nonlinear.optimisers import SGD
from nonlinear.training import last


def test_only_layers_of_equal_width_have_links():
    network = classifier(ReLU(), depth=3, width=20, residual=True, output=Dense(10, Tanh()))
    assert [layer.residual for layer in network.layers] == [False, True, True, False]
    assert [layer.units for layer in network.layers] == [20, 20, 20, 10] and network.layers[-1].activation == Tanh()
    assert len(classifier(ReLU(), depth=0).layers) == 1


def test_an_outcome_is_that_of_the_steps():
    network, data = classifier(ReLU(), depth=1, width=8, normalise=BatchNorm()), digits("unit")
    outcome = fit(network, data, SGD(0.1), epochs=1, start=lambda p: p, dtype=np.float32)
    step = last(steps(network, data, SGD(0.1), epochs=1, dtype=np.float32))
    for ours, theirs in zip(outcome.end, step.updated, strict=True):
        assert all(np.array_equal(ours[name], theirs[name]) and ours[name].dtype == np.float32 for name in ours)
    fixed = network.with_statistics(outcome.end, data.x).predict(outcome.end, data.test_x)
    np.testing.assert_array_equal(outcome.accuracy, np.mean(fixed.argmax(axis=-1) == data.test_labels, axis=-1))
    np.testing.assert_allclose(outcome.right, TEST_IMAGES * outcome.accuracy)
    assert outcome.right.dtype == np.uint16
    assert outcome.accuracy.shape == (MEMBERS,) and outcome.flat.shape == (1, MEMBERS)


def test_moved_is_relative_to_the_start():
    trained = fit(classifier(Tanh(), depth=1), digits("unit"), SGD(0.1), epochs=1)
    old, new = (parameters[0]["weights"][3] for parameters in (trained.start, trained.end))
    np.testing.assert_allclose(trained.moved[0, 3], np.linalg.norm(new - old) / np.linalg.norm(old))


def test_two_sets_of_members_have_nothing_in_common_and_go_on_where_the_first_ends():
    first, again = ([g.random() for g in generators(k)] for k in (False, True))
    assert len({*first, *again}) == 2 * MEMBERS
    assert [g.random() for g in spawn(SEED, 2 * MEMBERS)] == first + again


def test_an_outcome_starts_where_the_members_do():
    network, data = classifier(Tanh(), depth=1, width=8), digits("unit")
    first, again = (fit(network, data, SGD(0.1), epochs=1, chance=generators(k)) for k in (False, True))
    np.testing.assert_array_equal(first.start[0]["weights"], network.initialise(generators())[0]["weights"])
    assert not np.any(first.start[0]["weights"] == again.start[0]["weights"]) and np.all(first.moved > 0)
