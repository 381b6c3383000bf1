"""Networks of digits before any training."""

import numpy as np
import pytest

from nonlinear.activations import ReLU, Sigmoid, Tanh
from nonlinear.course import MEMBERS, SEED, generators, untrained
from nonlinear.course.classifier import classifier
from nonlinear.datasets import digits
from nonlinear.initialisers import he, lecun
from nonlinear.losses import SoftmaxCrossEntropy
from nonlinear.network import spawn
from nonlinear.normalisation import BatchNorm, LayerNorm


def test_open_paths_multiplies_the_shares_of_units_that_are_on():
    network, x = classifier(ReLU(), depth=3, width=6), digits("unit").x[:7]
    tape = network.forward(network.initialise(spawn(SEED, MEMBERS)), x)
    on = [np.count_nonzero(layer.outputs[4, 2]) / 6 for layer in tape[:-1]]
    assert untrained.open_paths(network, x)[2, 4] == pytest.approx(on[0] * on[1] * on[2])


@pytest.mark.parametrize(
    ("sizes", "share"),
    [
        ([[1.0, 1.0], [10.0, 10.0]], 1.0),  # layers differ, units do not
        ([[1.0, 10.0], [1.0, 10.0]], 0.0),  # units differ, layers do not
        ([[1.0, 10.0, 0.0], [1.0, 10.0, 0.0]], 0.0),  # dead units are left out
    ],
)
def test_share_between_layers(sizes, share):
    assert untrained.share_between_layers(np.array(sizes)[:, None, :])[0] == pytest.approx(share, abs=1e-12)


def test_a_sigmoid_never_has_a_gradient_of_zero_and_a_relu_does():
    relu, tanh = (untrained.gradient_sizes(f, depth=3, samples=1) for f in (ReLU(), Tanh()))
    assert 0.3 < np.mean(relu == 0) < 0.7 and np.all(tanh > 0)


@pytest.mark.parametrize(("weights", "factor"), [(lecun(), np.sqrt(0.5)), (he(), 1.0)])
def test_deltas_shrink_with_the_weights(weights, factor):
    lengths, deltas = untrained.unit_sizes(ReLU(), weights)
    assert lengths.shape == deltas.shape == (8, MEMBERS, 64) and np.all((lengths > 0) <= (deltas > 0))
    rms = np.sqrt(np.mean(deltas**2, axis=(1, 2)))
    assert (rms[0] / rms[-1]) ** (1 / 7) == pytest.approx(factor, rel=0.1)


@pytest.mark.parametrize(
    "extras",
    [{}, {"residual": True}, {"normalise": BatchNorm()}, {"normalise": LayerNorm(), "residual": True}],
    ids=str,
)
def test_deltas_are_those_of_backward(extras):
    network, x = classifier(Tanh(), depth=4, **extras), digits("standardised").x[:30]
    parameters = network.initialise(spawn(SEED, 3))
    tape, upstream = network.forward(parameters, x), spawn(SEED, 1)[0].normal(size=(3, 30, 10))
    expected = [delta.copy() for delta in network.backward(parameters, tape, upstream)[1]]
    for found, delta in zip(untrained.deltas(network, parameters, tape, upstream), expected, strict=True):
        np.testing.assert_allclose(found, delta, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("again", [False, True])
def test_sizes_are_those_of_all_members_at_once(again):
    network, data = classifier(Tanh(), depth=2, weights=lecun()), digits("standardised")
    parameters = network.initialise(generators(again))
    tape = network.forward(parameters, data.x[:50])
    _, upstream = SoftmaxCrossEntropy()(tape[-1].outputs, data.labels[:50])
    gradients, _ = network.backward(parameters, tape, upstream)
    expected = [np.linalg.norm(layer["weights"], axis=-2) for layer in gradients[:-1]]
    sizes = untrained.gradient_sizes(Tanh(), depth=2, samples=50, again=again)
    np.testing.assert_allclose(sizes, expected, rtol=1e-12)


def test_sizes_do_not_underflow():
    """Squares of gradients as small as these are 0 in float64."""
    sizes = untrained.gradient_sizes(Sigmoid(), depth=300, samples=20)
    assert 0 < sizes[0].max() < 1e-170
