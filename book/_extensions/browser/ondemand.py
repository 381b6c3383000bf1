"""Packages that come with the page, loaded when a cell imports them and not before.

Most cells need NumPy alone; Matplotlib and what it imports are several times larger. A cell cannot wait for anything
while it runs, so a file is read as a worker may read one: in one piece, with Python standing still.
"""

import hashlib
import importlib
import io
import sys
import zipfile
from importlib.machinery import PathFinder

NOT_NEEDED = (".pyi", ".h", ".pxd", ".a")  # for compilers and type checkers


class OnDemand:
    """A finder of modules for ``sys.meta_path``.

    Parameters
    ----------
    packages : dict
        The packages as the distribution lists them: ``imports``, ``file_name`` and ``sha256`` of each.
    read : function
        Takes the name of a file of the distribution, and returns its content.
    tell : function
        Is called with ``loading=`` the name of a package before it is read, and ``running=True`` after it.
    folder : str
        Where to put them.
    """

    def __init__(self, packages, read, tell, folder="/packages"):
        missing = {key: package for key, package in packages.items() if not any(map(found, package["imports"]))}
        self.waiting = {module: key for key, package in missing.items() for module in package["imports"]}
        self.packages, self.read, self.tell, self.folder = packages, read, tell, folder
        sys.path.append(folder)

    def find_spec(self, name, path=None, target=None):
        """Return where a module is, after loading its package if that waits for it."""
        if name not in self.waiting:
            return None
        self.load(self.waiting[name])
        return PathFinder.find_spec(name, path)

    def load(self, key):
        """Read a package, check it, and put it where modules are found.

        Raises
        ------
        ImportError
            If it cannot be read, or is another one than the list says; a later import tries again.
        """
        package = self.packages[key]
        self.tell(loading=key)
        try:
            data = self.read(package["file_name"])
        except Exception as error:  # of the browser, whatever that calls it
            raise ImportError(f"{key} did not load; run the cell again to try again") from error
        if hashlib.sha256(data).hexdigest() != package["sha256"]:
            raise ImportError(f"{package['file_name']} is not the file that the distribution lists")
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            packed.extractall(self.folder, [name for name in packed.namelist() if not name.endswith(NOT_NEEDED)])
        importlib.invalidate_caches()
        self.waiting = {module: whose for module, whose in self.waiting.items() if whose != key}
        self.tell(running=True)


def found(module):
    """Tell whether a module is there already."""
    return PathFinder.find_spec(module) is not None
