"""The activation functions of PyTorch by the names of ours, and what they and their gradients return."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from nonlinear.activations import Activation
from oracle.points import parameters

torch.set_num_threads(1)

FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    "identity": torch.nn.Identity(),
    "sigmoid": F.sigmoid,
    "log_sigmoid": F.logsigmoid,
    "hard_sigmoid": F.hardsigmoid,
    "tanh": F.tanh,
    "hard_tanh": F.hardtanh,
    "arctan": torch.atan,
    "softsign": F.softsign,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "rrelu": F.rrelu,  # not in training: with the mean slope
    "relu6": F.relu6,
    "threshold": lambda z, threshold, otherwise: F.threshold(z, threshold, otherwise),
    "elu": F.elu,
    "celu": F.celu,
    "selu": F.selu,
    "exponential": torch.exp,
    "softplus": F.softplus,
    "silu": F.silu,
    "hard_swish": F.hardswish,
    "gelu": F.gelu,
    "gelu_tanh": lambda z: F.gelu(z, approximate="tanh"),
    "mish": F.mish,
    "tanh_shrink": F.tanhshrink,
    "soft_shrink": lambda z, threshold: F.softshrink(z, threshold),
    "hard_shrink": lambda z, threshold: F.hardshrink(z, threshold),
    "softmax": lambda z: F.softmax(z, dim=-1),
    "log_softmax": lambda z: F.log_softmax(z, dim=-1),
    "softmin": lambda z: F.softmin(z, dim=-1),
    "glu": F.glu,
}
PLAIN = {"sine": torch.sin}  # as ours with the default parameters


def value(f: Activation, z: np.ndarray) -> np.ndarray | None:
    """Return their f(z), or None if they have no such function."""
    function = _bound(f)
    return function and function(torch.tensor(z)).numpy()


def pullback(f: Activation, z: np.ndarray, upstream: np.ndarray) -> np.ndarray | None:
    """Return dL/dz for an ``upstream`` dL/da, by autograd."""
    function = _bound(f)
    return function and _gradient(function, z, upstream)


def derivative(f: Activation, z: np.ndarray) -> np.ndarray | None:
    """Return their f'(z)."""
    return pullback(f, z, np.ones_like(z))


def partial(f: Activation, name: str, z: np.ndarray) -> np.ndarray | None:
    """Return the derivative by a parameter, which they have for the slope of a leaky ReLU: their PReLU learns it.

    It learns one slope a channel. Here every number is a channel.
    """
    if (f.name, name) != ("leaky_relu", "negative_slope"):
        return None
    channels = torch.tensor(z)[None]
    slopes = np.full(z.shape, f.negative_slope, z.dtype)
    return _gradient(lambda slopes: F.prelu(channels, slopes), slopes, np.ones_like(z)[None])


def _bound(f: Activation) -> Callable | None:
    if f == type(f)() and f.name in PLAIN:
        return PLAIN[f.name]
    function = FUNCTIONS.get(f.name)
    return function and (lambda z: function(z, **parameters(f)))


def _gradient(function: Callable, x: np.ndarray, upstream: np.ndarray) -> np.ndarray:
    x = torch.tensor(x, requires_grad=True)
    (gradient,) = torch.autograd.grad(function(x), x, torch.tensor(upstream))
    return gradient.numpy()
