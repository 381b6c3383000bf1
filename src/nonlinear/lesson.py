"""What a lesson needs besides its experiment: results that the text can quote."""

import numpy as np

from nonlinear.special import Array


def glue(**values) -> None:
    """Make values quotable in the text of the lesson, where {glue:text} with a name prints the value.

    Text and result cannot part, because the text holds no number of its own. Give values as they are to be read:
    strings, or numbers already rounded.

    Parameters
    ----------
    **values
        Name and value; shown by ``str``.
    """
    from IPython.display import display

    prefix = "application/papermill.record/"
    for name, value in values.items():
        display(
            {f"{prefix}text/plain": repr(str(value))},
            metadata={"scrapbook": {"name": name, "mime_prefix": prefix}},
            raw=True,
        )


def spread(values: Array, digits: int = 2) -> str:
    """Return "median [smallest, largest]" of the values of several seeds.

    >>> spread([0.1, 0.25, 0.2])
    '0.20 [0.10, 0.25]'
    """
    return f"{np.median(values):.{digits}f} [{np.min(values):.{digits}f}, {np.max(values):.{digits}f}]"
