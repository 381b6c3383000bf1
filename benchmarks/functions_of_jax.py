"""The activation functions of JAX by the names of ours, and what they and their gradients return, all under jit."""

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import nn

from nonlinear.activations import Activation
from oracle.points import parameters

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")

FUNCTIONS: dict[str, Callable] = {
    "identity": nn.identity,
    "sigmoid": nn.sigmoid,
    "log_sigmoid": nn.log_sigmoid,
    "hard_sigmoid": nn.hard_sigmoid,
    "tanh": nn.tanh,
    "hard_tanh": nn.hard_tanh,
    "arctan": jnp.arctan,
    "softsign": nn.soft_sign,
    "relu": nn.relu,
    "leaky_relu": nn.leaky_relu,
    "relu6": nn.relu6,
    "elu": nn.elu,
    "celu": nn.celu,
    "selu": nn.selu,
    "exponential": jnp.exp,
    "squareplus": nn.squareplus,
    "sparse_plus": nn.sparse_plus,
    "silu": nn.silu,
    "hard_swish": nn.hard_swish,
    "gelu": lambda z: nn.gelu(z, approximate=False),
    "gelu_tanh": nn.gelu,
    "mish": nn.mish,
    "softmax": nn.softmax,
    "log_softmax": nn.log_softmax,
    "glu": nn.glu,
}
# As ours with these parameters, which theirs do not have.
PLAIN = {"softplus(1)": nn.softplus, "two_relu(1)": nn.sparse_sigmoid, "sine(1)": jnp.sin}


def value(f: Activation, z: np.ndarray) -> np.ndarray | None:
    """Return their f(z), or None if they have no such function."""
    return None if _bound(f) is None else np.asarray(_compiled(f, "value")(z))


def derivative(f: Activation, z: np.ndarray) -> np.ndarray | None:
    """Return their f'(z), by ``vmap(grad)``."""
    return None if _bound(f) is None else np.asarray(_compiled(f, "derivative")(z))


def pullback(f: Activation, z: np.ndarray, upstream: np.ndarray) -> np.ndarray | None:
    """Return dL/dz for an ``upstream`` dL/da, by ``vjp``."""
    return None if _bound(f) is None else np.asarray(_compiled(f, "pullback")(z, upstream))


def partial(f: Activation, name: str, z: np.ndarray) -> np.ndarray | None:
    """Return the derivative by a parameter, by ``vmap(grad)`` again: JAX can differentiate by any argument."""
    if f.name not in FUNCTIONS:
        return None
    at = jnp.asarray(getattr(f, name), z.dtype)
    by_parameter = jax.grad(lambda p, z: FUNCTIONS[f.name](z, **parameters(f) | {name: p}))
    return np.asarray(jax.jit(jax.vmap(by_parameter, in_axes=(None, 0)))(at, z))


@functools.cache
def _compiled(f: Activation, what: str) -> Callable:
    function = _bound(f)
    if what == "derivative":
        return jax.jit(jax.vmap(jax.grad(function)))
    return jax.jit(function if what == "value" else lambda z, upstream: jax.vjp(function, z)[1](upstream)[0])


def _bound(f: Activation) -> Callable | None:
    if f.name in FUNCTIONS:
        return lambda z: FUNCTIONS[f.name](z, **parameters(f))
    arguments = ", ".join(f"{p:g}" for p in parameters(f).values())
    return PLAIN.get(f"{f.name}({arguments})")
