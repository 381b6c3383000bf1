"""How far a run is, said while it computes: in a notebook, in a page, or by a widget that trains."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
PAUSE = 0.1  # s between two reports


@dataclass(frozen=True)
class Progress:
    """How many steps of a run are done.

    Parameters
    ----------
    done, total : int

    Examples
    --------
    >>> Progress(30, 1200)
    step 30 of 1,200
    """

    done: int
    total: int

    @property
    def share(self) -> float:
        """The share that is done, from 0 to 1."""
        return self.done / self.total

    def __repr__(self) -> str:
        return f"step {self.done:,} of {self.total:,}"

    def _repr_html_(self) -> str:
        return f'<label>{self} <progress value="{self.done}" max="{self.total}"></progress></label>'


def progress(steps: Iterable[T], total: int, show: Callable[[Progress], object] | None = None) -> Iterator[T]:
    """Yield the steps of a run, and show from time to time how many are done.

    Parameters
    ----------
    steps : iterable
        Such as what `nonlinear.training.train` yields.
    total : int
        How many there will be; the first report says 0 of them, and the last all, if none is missing.
    show : function, optional
        Takes a `Progress`. Without it, one line below the cell changes in its place; a widget that trains may set one
        of its traits, which the page hears while Python still computes.

    Examples
    --------
    >>> reports = []
    >>> sum(progress(range(4), 4, reports.append))
    6
    >>> reports[0], reports[-1]
    (step 0 of 4, step 4 of 4)
    """
    show = show or in_place()
    show(Progress(0, total))
    last = time.monotonic()
    for done, step in enumerate(steps, 1):
        yield step
        if done == total or time.monotonic() - last > PAUSE:
            show(Progress(done, total))
            last = time.monotonic()


def in_place() -> Callable[[Progress], object]:
    """Return a function that displays a value below the cell, and the next one in its place."""
    from IPython.display import display

    shown = []

    def show(now):
        if shown and shown[0]:
            shown[0].update(now)
        elif not shown:
            shown.append(display(now, display_id=True))

    return show
