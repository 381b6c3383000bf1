"""Gated linear units: one half of the preactivations is passed through a gate that the other half computes."""

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from nonlinear.activations.base import Coupled, Pointwise
from nonlinear.activations.self_gated import GELU, SiLU
from nonlinear.activations.sigmoidal import Sigmoid
from nonlinear.special import Array, scaled

__all__ = ["GLU", "SwiGLU", "GEGLU"]


@dataclass(frozen=True)
class Gated(Coupled):
    """The base of the gated units: values * gate(gates), from preactivations laid out as [values, gates].

    The first half along the last axis is v, the second half g, as in the ``glu`` of PyTorch and JAX.
    ``Dense(units, GLU())`` computes two preactivations for each unit.
    """

    @property
    @abstractmethod
    def gate(self) -> Pointwise:
        """The function that the gates pass through."""

    def preactivations(self, units):
        return 2 * int(units)

    def value(self, z):
        values, gates = self._halves(z)
        return scaled(self.gate(gates), values)

    def delta(self, z, upstream):
        values, gates = self._halves(z)
        by_value, by_gate = self.gate(gates), scaled(self.gate.derivative(gates), values)
        return np.concatenate([upstream * by_value, upstream * by_gate], axis=-1)

    def _halves(self, z: Array) -> tuple[Array, Array]:
        name, width = type(self).__name__, z.shape[-1]
        if width % 2:
            raise ValueError(
                f"{name} needs an even number of preactivations; got {width}. Build the layer as "
                f"Dense(units, {name}()), which doubles the width for you."
            )
        return z[..., : width // 2], z[..., width // 2 :]


@dataclass(frozen=True)
class GLU(Gated):
    """The gated linear unit: a value times the sigmoid of a gate, which opens or shuts it.

    >>> GLU()([10.0, 0.0])
    array([5.])
    """

    name = "glu"
    family = "gated linear units"
    look = "teal", (10, 2)
    formula = r"a_i = v_i \, \sigma(g_i)"
    pullback_formula = r"\frac{\partial L}{\partial v_i} = u_i \, \sigma(g_i) \qquad " + (
        r"\frac{\partial L}{\partial g_i} = u_i v_i \, \sigma'(g_i)"
    )
    source = "dauphin2017"
    gate = Sigmoid()


@dataclass(frozen=True)
class SwiGLU(Gated):
    """A value times the SiLU of a gate, as in the feed-forward layers of many language models.

    >>> SwiGLU()([10.0, 1.0])
    array([7.31058579])
    """

    name = "swiglu"
    family = "gated linear units"
    look = "purple", (8, 3)
    formula = r"a_i = v_i \, g_i \, \sigma(g_i)"
    pullback_formula = r"\frac{\partial L}{\partial v_i} = u_i \, f(g_i) \qquad " + (
        r"\frac{\partial L}{\partial g_i} = u_i v_i \, f'(g_i), \quad f(g) = g \, \sigma(g)"
    )
    source = "shazeer2020"
    gate = SiLU()


@dataclass(frozen=True)
class GEGLU(Gated):
    """A value times the GELU of a gate.

    >>> GEGLU()([10.0, 1.0])
    array([8.41344746])
    """

    name = "geglu"
    family = "gated linear units"
    look = "purple", (2, 1)
    formula = r"a_i = v_i \, g_i \, \Phi(g_i)"
    pullback_formula = r"\frac{\partial L}{\partial v_i} = u_i \, f(g_i) \qquad " + (
        r"\frac{\partial L}{\partial g_i} = u_i v_i \, f'(g_i), \quad f(g) = g \, \Phi(g)"
    )
    source = "shazeer2020"
    gate = GELU()
