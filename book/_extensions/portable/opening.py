"""The first two cells of a copy: where it comes from, and whether the package that it needs is there.

The package index has a package of another project that is imported under the same name. So a copy says how to get the
course's own, and asks for a module that only that one has.
"""

from nbformat.v4 import new_code_cell, new_markdown_cell

NOTE = (
    "> A copy of the lesson *{title}* from {book}. To run it you need the course's own package, `{package}`: "
    "{install}. (The Python package index has a `nonlinear` by somebody else; it will not do.) To read the lesson with "
    "its live figures, open it {place}."
)
CHECK = """\
try:
    import {module}
except ImportError as error:
    print(
        f"{{error}}. This lesson needs the course's own package, `{package}`. "
        "If you have another one called nonlinear, remove it: `pip uninstall nonlinear`. "
        "Then {install}, and restart the kernel."
    )"""


IN_COLAB = """\
import sys

if "google.colab" in sys.modules:
    get_ipython().run_line_magic("pip", "install --quiet git+{repository}")
"""


def opening(title, module, *, book, package, repository="", address=""):
    """Return the first cells of a copy.

    Parameters
    ----------
    title, module : str
        The lesson's title, and a module that it needs.
    book, package : str
        The name of the book, and of its package as it is installed.
    repository, address : str, optional
        Where the book's source and the lesson's page can be reached; empty while they have no public address.

    Returns
    -------
    list of nbformat.NotebookNode
        A note, and a check that prints nothing where all is well; in Colab it first installs the package.
    """
    place = f"on [the course's site]({address})" if address else "in the book"
    note = NOTE.format(title=title, book=book, package=package, install=install(repository), place=place)
    check = CHECK.format(module=module, package=package, install=install(repository))
    if repository:
        check = IN_COLAB.format(repository=repository) + check
    return [
        new_markdown_cell(note, id="copy-note"),
        new_code_cell(check, id="copy-check", metadata={"jupyter": {"source_hidden": True}}),
    ]


def install(repository):
    """Return how to install the package.

    Examples
    --------
    >>> install("https://github.com/owner/course")
    'run `pip install git+https://github.com/owner/course`'
    >>> install("")
    "run `pip install .` in the folder of the course's source"
    """
    if repository:
        return f"run `pip install git+{repository}`"
    return "run `pip install .` in the folder of the course's source"
