"""The ``starter`` directive: an exercise's code, made from the cell of its solution, so that the two cannot part.

The solution's code cell has the metadata ``"exercise": "ex-label"`` and two comment lines:

.. code-block:: python

   def slope(z):
       # solve
       return 2 * z
   # check
   assert slope(3.0) == 6.0

Where the exercise says ``{starter} ex-label``, the reader sees the same cell with ``...`` between the two.
"""

import json
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

SOLVE, CHECK, GAP = "# solve", "# check", "..."


def starter(source):
    """Return a solution's code with what stands between its lines ``# solve`` and ``# check`` left to the reader.

    Raises
    ------
    ValueError
        If the two lines are not there, once each and in this order, with a solution between and a check behind them.

    Examples
    --------
    >>> print(starter("x = 2\\n# solve\\ny = x + 1\\n# check\\nassert y == 3"))
    x = 2
    # your turn
    ...
    # check
    assert y == 3
    """
    lines = source.splitlines()
    marks = [line.strip() for line in lines if line.strip() in (SOLVE, CHECK)]
    if marks != [SOLVE, CHECK]:
        raise ValueError(f"a solution needs one line `{SOLVE}` and after it one line `{CHECK}`; got {marks or 'none'}.")
    first, last = (next(k for k, line in enumerate(lines) if line.strip() == mark) for mark in (SOLVE, CHECK))
    if last == first + 1 or last == len(lines) - 1:
        raise ValueError(f"a solution needs code between `{SOLVE}` and `{CHECK}`, and a check after them.")
    margin = lines[first][: lines[first].index(SOLVE)]
    return "\n".join([*lines[:first], f"{margin}# your turn", margin + GAP, *lines[last:]])


def starters(cells):
    """Return the starters of a notebook's cells by the label of their exercise.

    Parameters
    ----------
    cells : sequence of dict
        As stored in the notebook's file, or as nbformat reads them.
    """
    found = {}
    for cell in cells:
        label = cell["metadata"].get("exercise")
        if label in found:
            raise ValueError(f"two cells say that they solve the exercise {label!r}; only one can.")
        if label is not None:
            found[label] = starter("".join(cell["source"]))
    return found


class Starter(SphinxDirective):
    """Show the starter of an exercise."""

    required_arguments = 1

    def run(self):
        """Return the code; an exercise without a solution cell is an error at the directive's line."""
        notebook = json.loads(Path(self.env.doc2path(self.env.docname)).read_text(encoding="utf-8"))
        label = self.arguments[0]
        try:
            code = starters(notebook["cells"])[label]
        except KeyError:
            raise self.error(f'no code cell has the metadata "exercise": "{label}".') from None
        except ValueError as error:
            raise self.error(str(error)) from None
        return [nodes.literal_block(code, code, language="python", starter=label)]


def setup(app):
    """Connect the extension to Sphinx."""
    app.add_directive("starter", Starter)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
