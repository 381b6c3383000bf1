"""Activation functions without the checks of their arguments, for arrays that a network has made itself.

What a subclass, a decorator or a replaced method says holds here as everywhere, and the bits are the same; see
`nonlinear.activations.base.computed`.
"""

from collections.abc import Callable

from nonlinear.activations.base import Activation, Pointwise, computed, in_buffers
from nonlinear.special import Array


def value(f: Activation, z: Array) -> Array:
    """Return f(z)."""
    return computed(f, "value", z) if type(f).__call__ is Pointwise.__call__ else f(z)


def value_in_buffers(f: Activation, dtype) -> Callable | None:
    """Return what computes f(z) as ``(f, z, out)`` for arrays of that type, if f can do that."""
    return in_buffers(f, "value", dtype) if type(f).__call__ is Pointwise.__call__ else None


def derivative_in_buffers(f: Activation, dtype) -> Callable | None:
    """Return what computes f'(z) as ``(f, z, out, spare)`` for arrays of that type, if f can and a pullback asks it."""
    return in_buffers(f, "derivative", dtype) if type(f).pullback is Pointwise.pullback else None


def pullback(f: Activation, z: Array, upstream: Array, learn: tuple[str, ...] = ()) -> tuple[Array, dict[str, Array]]:
    """Return what ``f.pullback`` returns, with the partials of the parameters in ``learn`` at least."""
    if type(f).pullback is not Pointwise.pullback:
        return f.pullback(z, upstream)
    delta = upstream * computed(f, "derivative", z)
    return delta, f._summed(computed(f, "partials", z), upstream, learn) if learn else {}
