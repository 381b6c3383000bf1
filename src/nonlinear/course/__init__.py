"""What the lessons share: figures in one style, results that the text can quote, one classifier, and stored grids.

All that the course says of trained networks is said of ``MEMBERS`` of them, whose generators `generators` makes of
``SEED``.
"""

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
