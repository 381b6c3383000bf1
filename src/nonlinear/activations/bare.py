"""Activation functions without their welcome, for arrays that a network has made itself.

A function of the catalogue takes anything that is like an array of numbers, looks at it, and silences overflow. Inside
a network nothing of that is needed, and for a small network it would take as long as the arithmetic. The bits are
the same either way.
"""

import functools

import numpy as np

from nonlinear.activations.base import Activation, Pointwise, sum_to
from nonlinear.special import Array


def value(f: Activation, z: Array) -> Array:
    """Return f(z)."""
    method, _ = _methods(type(f))
    return f(z) if method is None else _apply(method, f, z)


def pullback(f: Activation, z: Array, upstream: Array, learn: tuple[str, ...] = ()) -> tuple[Array, dict[str, Array]]:
    """Return what ``f.pullback`` returns, with the partials of the parameters in ``learn`` at least."""
    _, method = _methods(type(f))
    if method is None:
        return f.pullback(z, upstream)
    delta = _apply(method, f, z)
    delta *= upstream
    if not learn:
        return delta, {}
    partials = f.partials(z)
    return delta, {name: sum_to(upstream * partials[name], np.shape(getattr(f, name))) for name in learn}


def _apply(method, f: Activation, z: Array) -> Array:
    """Call a method as `elementwise` would, in the float type that it asks for."""
    written, at_least = method
    array = written(f, z if z.dtype.itemsize >= at_least.itemsize else z.astype(at_least))
    return array if array.dtype == z.dtype else array.astype(z.dtype)


@functools.cache
def _methods(kind: type[Activation]) -> tuple:
    """Return value and derivative of a pointwise function as they were written, with the float types that they need."""
    if not issubclass(kind, Pointwise):
        return None, None
    half = np.dtype(np.float16)
    pairs = [(getattr(m, "__wrapped__", m), getattr(m, "at_least", half)) for m in (kind.value, kind.derivative)]
    plain = kind.__call__ is Pointwise.__call__, kind.pullback is Pointwise.pullback
    return tuple(pair if is_plain else None for pair, is_plain in zip(pairs, plain, strict=True))
