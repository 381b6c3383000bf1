"""Bytecode of what was imported, to be kept for the next visit: at a start, compiling takes longer than all else.

Python keeps the bytecode of a module with the time of its source, and a page unpacks its sources anew at each visit. So
bytecode that is kept says of itself that nobody needs to compare (PEP 552); it is kept with the sources it belongs to.
"""

import importlib.util
import io
import marshal
import sys
import zipfile
from pathlib import Path

UNCHECKED = (1).to_bytes(4, "little")
UNUSED = bytes(8)  # where the time of the source would be


class Bytecode:
    """The bytecode of this visit: of modules in folders, and of those in the archive of the standard library.

    Parameters
    ----------
    packed : bytes, optional
        What an earlier visit has kept of modules in folders.
    folder : Path
        Where Python is to write bytecode.
    library : Path, optional
        The archive of the standard library.
    """

    def __init__(self, packed=None, folder=Path("/bytecode"), library=None):
        self.folder, self.kept = folder, 0
        self.library = library or next(Path(path) for path in sys.path if path.endswith(".zip"))
        folder.mkdir()
        sys.pycache_prefix, sys.dont_write_bytecode = str(folder), False
        if packed:
            with zipfile.ZipFile(io.BytesIO(packed)) as opened:
                opened.extractall(folder)
                self.kept = len(opened.namelist())

    def renewed(self, least):
        """Pack what has been imported, in small steps, if it is much more than what is kept.

        Parameters
        ----------
        least : int
            How many modules more.

        Yields
        ------
        None or tuple of bytes
            At last, two archives: of modules in folders, and the standard library's with bytecode beside its modules.
        """
        paths, names = sorted(self.folder.rglob("*.pyc")), self.without()
        if len(paths) - self.kept + len(names) < least:
            return
        library = io.BytesIO(self.library.read_bytes())
        with zipfile.ZipFile(library, "a") as opened:
            for name in names:
                opened.writestr(f"{name}c", compiled(opened.read(name), self.library / name))
                yield
        self.kept = len(paths)
        yield self.packed(paths), library.getvalue()

    def without(self):
        """Return the modules that came from the library's archive, and for which it has no bytecode."""
        files = {Path(getattr(module, "__file__", None) or "") for module in list(sys.modules.values())}
        with zipfile.ZipFile(self.library) as opened:
            there = set(opened.namelist())
        names = {file.relative_to(self.library).as_posix() for file in files if self.library in file.parents}
        return sorted(name for name in names & there if name.endswith(".py") and f"{name}c" not in there)

    def packed(self, paths):
        """Return the archive of some files of bytecode."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as opened:
            for path in paths:
                data = path.read_bytes()
                opened.writestr(path.relative_to(self.folder).as_posix(), data[:4] + UNCHECKED + data[8:])
        return packed.getvalue()


def compiled(source, path):
    """Return a module as a file of bytecode that nobody compares with its source."""
    code = compile(source, str(path), "exec", dont_inherit=True)
    return importlib.util.MAGIC_NUMBER + UNCHECKED + UNUSED + marshal.dumps(code)
