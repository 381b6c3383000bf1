"""Code in pages that are not notebooks prints what the page says."""

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
