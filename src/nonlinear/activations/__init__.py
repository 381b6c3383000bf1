"""Activation functions: one frozen dataclass each, with its value and its derivative side by side."""

from nonlinear.activations.base import Activation, Coupled, Pointwise, Tail, Traits
from nonlinear.activations.catalogue import CATALOGUE, get
from nonlinear.activations.coupled import LogSoftmax, Maxout, Softmax, Softmin, Sparsemax
from nonlinear.activations.exponential import CELU, ELU, SELU, Exponential
from nonlinear.activations.gated import GEGLU, GLU, SwiGLU
from nonlinear.activations.periodic import Sine, Snake
from nonlinear.activations.rectified import Identity, LeakyReLU, ReLU, ReLU6, RReLU, SquaredReLU, Threshold
from nonlinear.activations.self_gated import GELU, GELUTanh, HardSwish, Mish, SiLU, Swish
from nonlinear.activations.shrinking import HardShrink, SoftShrink, TanhShrink
from nonlinear.activations.sigmoidal import HardSigmoid, LogSigmoid, Sigmoid, Step, TwoReLU
from nonlinear.activations.softened import Softplus, SparsePlus, Squareplus
from nonlinear.activations.zero_centred import ArcTan, HardTanh, Softsign, Tanh
from nonlinear.arrays import Interval

__all__ = [
    "Activation",
    "ArcTan",
    "CATALOGUE",
    "CELU",
    "Coupled",
    "ELU",
    "Exponential",
    "GEGLU",
    "GELU",
    "GELUTanh",
    "GLU",
    "HardShrink",
    "HardSigmoid",
    "HardSwish",
    "HardTanh",
    "Identity",
    "Interval",
    "LeakyReLU",
    "LogSigmoid",
    "LogSoftmax",
    "Maxout",
    "Mish",
    "Pointwise",
    "RReLU",
    "ReLU",
    "ReLU6",
    "SELU",
    "SiLU",
    "Sigmoid",
    "Sine",
    "Snake",
    "SoftShrink",
    "Softmax",
    "Softmin",
    "Softplus",
    "Softsign",
    "SparsePlus",
    "Sparsemax",
    "SquaredReLU",
    "Squareplus",
    "Step",
    "SwiGLU",
    "Swish",
    "Tail",
    "Tanh",
    "TanhShrink",
    "Threshold",
    "Traits",
    "TwoReLU",
    "get",
]
