"""What the lessons share: figures in one style, results that the text can quote, one classifier, and stored grids.

All that the course says of trained networks is said of ``MEMBERS`` of them, whose generators `generators` makes of
``SEED``.
"""

import functools
import inspect
from collections.abc import Callable

from numpy.random import Generator

from nonlinear.network import spawn

SEED, MEMBERS = 0, 10


def generators(again: bool = False) -> list[Generator]:
    """Return the generators of the ten members, or those of a second set, which has nothing in common with them.

    >>> first, again = generators(), generators(again=True)
    >>> len(first), len(again), first[0].random() == again[0].random()
    (10, 10, False)
    """
    return spawn(SEED, 2 * MEMBERS)[MEMBERS:] if again else spawn(SEED, MEMBERS)


def two_sets() -> list[Generator]:
    """Return the generators of both sets, one after the other.

    >>> [g.random() for g in two_sets()] == [g.random() for g in (*generators(), *generators(again=True))]
    True
    """
    return spawn(SEED, 2 * MEMBERS)


def others() -> list[Generator]:
    """Return the generators of two further sets, one after the other, for a verdict on what the first set has tuned.

    >>> tuned, judged = ({g.random() for g in some} for some in (generators(), others()))
    >>> len(judged), tuned & judged
    (20, set())
    """
    return spawn(SEED, 3 * MEMBERS)[MEMBERS:]


def once(experiment: Callable) -> Callable:
    """Return an experiment that is computed once for the same settings, however a cell writes them.

    For results that are small and that nobody changes: every later cell gets the same ones.

    >>> @once
    ... def measured(depth, width=64):
    ...     print("computing")
    ...     return depth * width
    >>> measured(2), measured(depth=2), measured(2, 64)
    computing
    (128, 128, 128)
    """
    signature, remembered = inspect.signature(experiment), functools.cache(experiment)

    @functools.wraps(experiment)
    def found(*settings, **named):
        given = signature.bind(*settings, **named)
        given.apply_defaults()
        return remembered(*given.args, **given.kwargs)

    return found
