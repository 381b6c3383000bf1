"""Experiments over a grid of settings and seeds, in blocks of networks that are trained together.

`sweep` calls a function of yours once for each block of members and puts what it returns in order: one axis for every
setting, then one for the seeds. A block holds a few members, so that their arrays stay in the processor's cache, and
blocks may be computed by any `concurrent.futures.Executor`: a pool of processes, or a cluster's. What a member gives
does not depend on the block it is in, on the other members, or on who computes it.
"""

from nonlinear.sweeps.blocks import Block, Cells
from nonlinear.sweeps.grid import sweep
from nonlinear.sweeps.results import Sweep

__all__ = ["Block", "Cells", "Sweep", "sweep"]
