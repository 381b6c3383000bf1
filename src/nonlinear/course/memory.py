"""One memory cell over time: what its two gates keep, what they let in, and how much of a gradient they pass back.

At every step::

    c_t = f_t * c_{t-1} + i_t * g_t

with a forget gate f, an input gate i and a candidate g, a number between -1 and 1. Of what the cell held at step 0 the
share kept_t = f_1 f_2 ... f_t is left, which is also dc_t/dc_0. As long as both gates lie in [0, 1], so does kept_t,
and the cell state gains at most 1 a step: abs(c_t) is at most abs(c_0) + t.
"""

import numpy as np

from nonlinear.special import Array

STEPS = 100


def remember(forget: Array, let_in: Array, candidate: Array | float = 1.0) -> tuple[Array, Array]:
    """Return the cell state c_1, c_2, ..., from c_0 = 0, and kept_1, kept_2, ...

    Parameters
    ----------
    forget, let_in : array, (steps, ...)
        The forget gate and the input gate, after their functions.
    candidate : array, (steps, ...), or float

    Returns
    -------
    cells, kept : array, (steps, ...)

    Examples
    --------
    >>> cells, kept = remember(np.full(3, 0.5), np.ones(3))
    >>> cells, kept
    (array([1.  , 1.5 , 1.75]), array([0.5  , 0.25 , 0.125]))
    """
    came, c, cells = let_in * candidate, np.zeros(np.shape(forget)[1:]), np.empty(np.shape(forget))
    for t in range(len(cells)):
        cells[t] = c = forget[t] * c + came[t]
    return cells, np.cumprod(forget, axis=0)
