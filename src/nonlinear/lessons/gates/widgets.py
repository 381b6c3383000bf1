"""The widget of the lesson on gates."""

from nonlinear.lessons.gates.experiment import GATES
from nonlinear.widgets import Memory


def cell() -> Memory:
    """Return a memory cell with sigmoids as gates, whose forget gate starts half shut."""
    return Memory(GATES, forget=0.0, entry=1.0, name="cell")
