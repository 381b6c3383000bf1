"""Activation functions: one frozen dataclass each, with its value and its derivative side by side."""

# ruff: noqa: F403
from nonlinear.activations.base import Activation, Coupled, Pointwise, Tail, Traits
from nonlinear.activations.catalogue import CATALOGUE, FAMILIES, get
from nonlinear.activations.coupled import *
from nonlinear.activations.exponential import *
from nonlinear.activations.gated import *
from nonlinear.activations.periodic import *
from nonlinear.activations.rectified import *
from nonlinear.activations.self_gated import *
from nonlinear.activations.shrinking import *
from nonlinear.activations.sigmoidal import *
from nonlinear.activations.softened import *
from nonlinear.activations.steepening import *
from nonlinear.activations.zero_centred import *

__all__ = ["CATALOGUE", "FAMILIES", "Activation", "Coupled", "Pointwise", "Tail", "Traits", "get"]
__all__ += [cls.__name__ for cls in CATALOGUE.values()]
