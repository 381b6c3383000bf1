"""The gradient checks pass what is right and catch what is wrong."""

from dataclasses import dataclass

import numpy as np
import pytest

from nonlinear.activations import CATALOGUE, LeakyReLU, Pointwise, ReLU, Softmax, Tanh
from nonlinear.gradcheck import check_activation, check_network
from nonlinear.losses import MeanSquaredError
from nonlinear.network import MLP, Dense, spawn

POINTS = np.concatenate([np.linspace(-20, -0.01, 60), np.linspace(0.01, 20, 60)])


@dataclass(frozen=True)
class Off(Tanh):
    """A tanh whose derivative is wrong by a factor, for z > 1 only."""

    factor: float = 1 + 1e-6

    def derivative(self, z):
        return super().derivative(z) * np.where(np.asarray(z) > 1, self.factor, 1)


@dataclass(frozen=True)
class Unknown(Tanh):
    """A tanh without a derivative."""

    def derivative(self, z):
        return np.full(np.shape(z), np.nan)


@pytest.mark.parametrize("f", [f() for f in CATALOGUE.values() if issubclass(f, Pointwise)], ids=repr)
def test_the_catalogue_passes(f):
    report = check_activation(f, POINTS)
    assert report.passed and str(report).startswith("agrees: largest error"), report


@pytest.mark.parametrize("f", [Off(), Off(1 - 1e-6), Off(-1.0), Unknown()], ids=repr)
def test_a_wrong_derivative_is_caught_and_located(f):
    report = check_activation(f, [-1.5, 0.5, 1.25])
    assert not report.passed and str(report).startswith("DISAGREES")
    if not isinstance(f, Unknown):
        assert report.where == "at z = 1.25"
        assert report.claimed == f.derivative(1.25) and report.measured == pytest.approx(
            Tanh().derivative(1.25), rel=1e-8
        )


def problem(f, members=3):
    network = MLP(2, [Dense(3, f), Dense(1)])
    random = np.random.default_rng(0)
    return network, network.initialise(spawn(0, members)), random.normal(size=(6, 2)), random.normal(size=(6, 1))


def test_a_network_is_checked_in_every_member():
    network, parameters, x, targets = problem(Tanh())
    assert check_network(network, parameters, x, targets, MeanSquaredError(), directions=7).passed
    network, parameters, x, targets = problem(Off(1.1))
    report = check_network(network, parameters, x + 1, targets, MeanSquaredError())
    assert not report.passed and report.where.startswith("along direction")


def test_the_member_that_is_wrong_is_named():
    network, parameters, x, targets = problem(Off(1.5))
    # Only member 2 sees inputs on which the derivative is wrong.
    own = np.zeros((3, 6, 2))
    own[2] = x * 5
    report = check_network(network, parameters, own, targets, MeanSquaredError())
    assert not report.passed and report.where.endswith("of member 2")


@dataclass(frozen=True)
class LossOff(MeanSquaredError):
    """A loss whose gradient forgets to average."""

    def __call__(self, outputs, targets):
        loss, gradient = super().__call__(outputs, targets)
        return loss, gradient * outputs.shape[-2]


def test_a_wrong_loss_is_caught():
    assert not check_network(*problem(Tanh()), LossOff()).passed


REFUSED = [
    (lambda: check_activation(ReLU(), [-1.0, 0.0]), ValueError, "z must keep clear of relu's kink at 0"),
    (lambda: check_activation(LeakyReLU(), [1e-6]), ValueError, "z must keep clear of leaky_relu's kink at 0"),
    (lambda: check_activation(Tanh(), [0.0, np.nan]), ValueError, "z must be finite; got nan at index"),
    (lambda: check_activation(Tanh(), []), ValueError, "nothing to check: z is empty"),
    (lambda: check_activation(Tanh(), ["a"]), TypeError, "z must hold real numbers"),
    (lambda: check_activation(Softmax(), [1.0]), TypeError, "pointwise.*softmax is not|needs a pointwise activation"),
    (
        lambda: check_network(*problem(Tanh()), MeanSquaredError(), directions=0),
        ValueError,
        "directions must be a whole number, 1 or more; got 0",
    ),
]


@pytest.mark.parametrize("call, error, message", REFUSED, ids=[m[:45] for _, _, m in REFUSED])
def test_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
