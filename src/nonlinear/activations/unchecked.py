"""Activation functions without the checks of their arguments, for arrays that a network has made itself.

A function of the catalogue takes anything that is like an array of numbers, looks at it, and silences overflow. Inside
a network nothing of that is needed, and for a small network it would take as long as the arithmetic. The bits are
the same either way.
"""

import functools
from collections.abc import Callable

import numpy as np

from nonlinear.activations.base import Activation, Pointwise, sum_to
from nonlinear.special import Array


def value(f: Activation, z: Array) -> Array:
    """Return f(z)."""
    a = _value(type(f), z.dtype)(f, z)
    return a if a.dtype == z.dtype else a.astype(z.dtype)


def pullback(f: Activation, z: Array, upstream: Array, learn: tuple[str, ...] = ()) -> tuple[Array, dict[str, Array]]:
    """Return what ``f.pullback`` returns, with the partials of the parameters in ``learn`` at least."""
    derivative = _derivative(type(f), z.dtype)
    if derivative is None:
        return f.pullback(z, upstream)
    slope = derivative(f, z)
    delta = upstream * (slope if slope.dtype == z.dtype else slope.astype(z.dtype))
    if not learn:
        return delta, {}
    partials = f.partials(z)
    return delta, {name: sum_to(upstream * partials[name], np.shape(getattr(f, name))) for name in learn}


@functools.cache
def _value(kind: type[Activation], dtype: np.dtype) -> Callable:
    """Return what computes f(z) from f and an array of that type."""
    plain = issubclass(kind, Pointwise) and kind.__call__ is Pointwise.__call__
    return _as_written(kind.value, dtype) if plain else kind.__call__


@functools.cache
def _derivative(kind: type[Activation], dtype: np.dtype) -> Callable | None:
    """Return what computes f'(z), or None if the pullback is more than a product with it."""
    plain = issubclass(kind, Pointwise) and kind.pullback is Pointwise.pullback
    return _as_written(kind.derivative, dtype) if plain else None


def _as_written(method: Callable, dtype: np.dtype) -> Callable:
    """Return a method without the checks of `elementwise`, but in the float type that it asks for."""
    written = getattr(method, "__wrapped__", method)
    wide = np.promote_types(dtype, getattr(method, "at_least", dtype))
    return written if wide == dtype else lambda f, z: written(f, z.astype(wide))
