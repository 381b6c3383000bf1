"""Activation functions: one frozen dataclass each, with its value and its derivative side by side."""

from nonlinear.activations.base import Activation, Interval, Pointwise, Tail, Traits
from nonlinear.activations.catalogue import CATALOGUE, get
from nonlinear.activations.coupled import Softmax
from nonlinear.activations.rectified import ELU, Identity, LeakyReLU, ReLU
from nonlinear.activations.self_gated import SiLU
from nonlinear.activations.sigmoidal import Sigmoid, Tanh

__all__ = [
    "CATALOGUE",
    "ELU",
    "Activation",
    "Identity",
    "Interval",
    "LeakyReLU",
    "Pointwise",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Tail",
    "Tanh",
    "Traits",
    "get",
]
