"""Code in pages that are not notebooks prints what the page says."""

import ast
import contextlib
import io
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from nonlinear.losses import BinaryCrossEntropy
from nonlinear.network import MLP, Dense, spawn
from nonlinear.optimisers import SGD
from nonlinear.recording import loss, record
from nonlinear.training import full_batches, train

BOOK = Path(__file__).parents[1] / "book"
BLOCKS = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)


@cache
def run(page):
    """Execute the blocks of a page in order; return what each printed, what the page says it prints, and the names."""
    names, printed, promised = {"__name__": page}, [], []
    for code, output in BLOCKS.findall((BOOK / page).read_text(encoding="utf-8")):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile(code, page, "exec", dont_inherit=True), names)
        printed.append(out.getvalue())
        promised.append(output)
    return printed, promised, names


@pytest.mark.parametrize("page, blocks", [("library.md", 14), ("activation-names.md", 1)])
def test_the_code_of_a_page_prints_what_the_page_says(page, blocks, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    printed, promised, _ = run(page)
    assert len(printed) == blocks and all(promised)
    assert printed == promised


def test_the_function_of_the_page_can_be_trained_once_it_is_mended(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = run("library.md")[2]

    class Mended(names["Bend"]):
        def derivative(self, z):
            return super().derivative(z) ** 2

    assert names["check_activation"](Mended(), [-3.0, -1.0, 0.0, 2.0]).passed
    network, batches = MLP(2, [Dense(4, Mended()), Dense(1)]), full_batches(names["x"], names["labels"], 200)
    start = network.initialise(spawn(0, 10))
    history = record(train(network, start, batches, BinaryCrossEntropy(), SGD(0.3)), {"loss": loss}, every=199)
    assert np.all(history["loss"][1] < history["loss"][0] / 2)


TABLE = (BOOK / "library.md").read_text(encoding="utf-8").partition("| --- | --- |")[2].partition("\n\n")[0]
NAMES = re.compile(r"`(\w+)(?: <nonlinear\.\w+>)?`")


def imports(path):
    """Yield the modules of the package that a file imports when it is itself imported."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module == "nonlinear":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module.startswith("nonlinear."):
            yield node.module.split(".")[1]


def test_every_module_is_in_the_table():
    named = set(NAMES.findall(TABLE))
    package = BOOK.parent / "src" / "nonlinear"
    modules = {p.stem for p in package.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert named == modules - {"__init__"}


def test_a_module_imports_only_what_is_above_it():
    rows = [set(NAMES.findall(line)) for line in TABLE.splitlines()]
    package, above = BOOK.parent / "src" / "nonlinear", {"__version__"}
    for row in rows:
        above |= row
        for module in row:
            files = [path for path in [package / f"{module}.py", *(package / module).rglob("*.py")] if path.is_file()]
            assert {name for path in files for name in imports(path)} <= above, module
