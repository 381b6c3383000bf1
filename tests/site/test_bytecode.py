"""The bytecode that the page keeps for a reader's next visit: made, kept and used in interpreters of their own."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import bytecode
import pytest

MODULE, BROKEN = "value = 'compiled'", "this is no Python"
VISIT = """
import sys
from pathlib import Path
sys.path[:0] = [{sources!r}, {library!r}]
from bytecode import Bytecode
packed = Path({packed!r})
kept = Bytecode(packed.read_bytes() if packed.is_file() else None, Path({folder!r}), Path({library!r}))
import in_folder, in_library
print(in_folder.value, in_library.value)
*steps, parts = [None, *kept.renewed(2)]
if parts:
    packed.write_bytes(parts[0])
    Path({library!r}).write_bytes(parts[1])
print(len(steps) - 1)
"""


@pytest.fixture
def visit(tmp_path):
    """A function that makes a visit: sources anew, no bytecode but what an earlier visit has kept."""
    sources, library = tmp_path / "sources", tmp_path / "library.zip"
    sources.mkdir()
    with zipfile.ZipFile(library, "w") as packed:
        packed.writestr("in_library.py", MODULE)
        packed.writestr("data.txt", "no module")

    def done(number, source):
        (sources / "in_folder.py").write_text(source)
        names = {
            "sources": sources,
            "library": library,
            "packed": tmp_path / "packed",
            "folder": tmp_path / f"{number}",
        }
        code = VISIT.format(**{name: str(path) for name, path in names.items()})
        path = str(Path(bytecode.__file__).parent)
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": path})
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.split("\n")[:2]

    return done


def test_a_second_visit_compiles_nothing(visit):
    """Even a source that could not be compiled is not looked at; what is kept is not kept again."""
    assert visit(1, MODULE) == ["compiled compiled", "1"]
    assert visit(2, BROKEN) == ["compiled compiled", "-1"]


def test_the_archive_of_the_library_stays_an_archive_of_sources(visit, tmp_path):
    visit(1, MODULE)
    with zipfile.ZipFile(io.BytesIO((tmp_path / "library.zip").read_bytes())) as opened:
        assert opened.namelist() == ["in_library.py", "data.txt", "in_library.pyc"]
        assert opened.read("in_library.py").decode() == MODULE
