"""Execute notebooks and store of each exactly what nbval checks: ``python tools/normalise_notebooks.py book/*.ipynb``.

``--check`` executes nothing and writes nothing; it names the notebooks that are not stored in this form.
"""

import argparse
import sys
from pathlib import Path

import nbformat

# What nbval does not compare, and SVG, which figures have on the pages of the book only. The text/plain beside a
# picture (`<Figure size ...>`, a widget's description) is compared, so it stays; an output without anything left to
# compare goes.
NOT_COMPARED = {"image/png", "image/jpeg", "image/svg+xml", "application/vnd.jupyter.widget-view+json"}
CELL_METADATA = ("claims", "exercise", "mystnb", "tags")
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def execute(notebook, folder):
    """Run every cell of `notebook` in a fresh kernel working in `folder`.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails that is not tagged ``raises-exception``.
    """
    from nbclient import NotebookClient

    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources, coalesce_streams=True).execute()


def compared(output):
    """Return what nbval compares of `output`, or None if that is nothing."""
    output = nbformat.from_dict(output)
    if "data" in output:
        output.data = {kind: content for kind, content in output.data.items() if kind not in NOT_COMPARED}
        return output if output.data else None
    if output.output_type == "error":
        output.traceback = []
    return output


def fresh_ids(taken):
    """Yield the ids cell-01, cell-02, ... that are not in `taken`."""
    return (name for number in range(1, 10_000) if (name := f"cell-{number:02d}") not in taken)


def give_ids(cells):
    """Give each cell without an id of its own (or with one already used above it) a new one."""
    fresh, used = fresh_ids({cell.get("id") for cell in cells}), set()
    for cell in cells:
        if cell.get("id") in used | {None}:
            cell["id"] = next(fresh)
        used.add(cell["id"])


def normalise_cell(cell):
    """Strip `cell` in place."""
    cell.metadata = nbformat.from_dict({key: cell.metadata[key] for key in CELL_METADATA if key in cell.metadata})
    if cell.cell_type == "code":
        ignored = "nbval-ignore-output" in cell.metadata.get("tags", [])
        cell.outputs = [] if ignored else [kept for output in cell.outputs if (kept := compared(output))]


def normalise(text, folder=None):
    """Return the normalised form of a notebook.

    Parameters
    ----------
    text : str
        The notebook file's text.
    folder : path, optional
        Execute the notebook first, in this folder.

    Returns
    -------
    str
        The text to store; normalising it again changes nothing.
    """
    notebook = nbformat.from_dict(nbformat.reader.reads(text))
    give_ids(notebook.cells)
    notebook.update(nbformat=4, nbformat_minor=5)
    if folder is not None:
        execute(notebook, folder)
    for cell in notebook.cells:
        normalise_cell(cell)
    notebook.metadata = nbformat.from_dict(METADATA)
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def main(arguments=None):
    """Normalise the notebooks named on the command line, or check them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail if a notebook is not normalised")
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK")
    options = parser.parse_args(arguments)
    stale = []
    for path in options.notebooks:
        before = path.read_text(encoding="utf-8")
        after = normalise(before, None if options.check else path.parent)
        if after == before:
            continue
        stale.append(path)
        if not options.check:
            path.write_text(after, encoding="utf-8", newline="\n")
    for path in stale:
        print(f"{path}: {'not normalised; run make normalise' if options.check else 'normalised'}")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
