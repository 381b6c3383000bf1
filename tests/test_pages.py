"""Code in pages that are not notebooks prints what the page says."""

import contextlib
import io
import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from pybtex.database import parse_file

from nonlinear.losses import BinaryCrossEntropy
from nonlinear.network import MLP, Dense, spawn
from nonlinear.optimisers import SGD
from nonlinear.recording import loss, record
from nonlinear.training import full_batches, train

BOOK = Path(__file__).parents[1] / "book"
BLOCKS = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)


@cache
def run(page):
    """Execute the blocks of a page that say what they print; return both texts of each, and the names."""
    names, printed, promised = {"__name__": page}, [], []
    for code, output in BLOCKS.findall((BOOK / page).read_text(encoding="utf-8")):
        if not output:  # for a package that is not here
            continue
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile(code, page, "exec", dont_inherit=True), names)
        printed.append(out.getvalue())
        promised.append(output)
    return printed, promised, names


@pytest.mark.parametrize("page, blocks", [("library.md", 14), ("activation-names.md", 1), ("my-loss-is-stuck.md", 1)])
def test_the_code_of_a_page_prints_what_the_page_says(page, blocks, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    printed, promised, _ = run(page)
    assert len(printed) == blocks
    assert printed == promised


NEITHER = {
    "bergstra2009": "a technical report, whose address is gone",
    "minsky1969": "a book older than such identifiers",
}


def test_each_reference_has_an_identifier_or_an_address():
    works = parse_file(str(BOOK / "references.bib")).entries
    assert {key for key, work in works.items() if not {"doi", "url"} & set(work.fields)} == set(NEITHER)
    addresses = [work.fields[kind] for work in works.values() for kind in ("doi", "url") if kind in work.fields]
    assert [address for address in addresses if not re.match(r"10\.\d{4,}/|https?://", address)] == []


@cache
def glued(lesson):
    """Return the names of the values that a lesson hands to the text."""
    cells = json.loads((BOOK / f"{lesson}.ipynb").read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return {output["metadata"]["scrapbook"]["name"] for output in outputs if "scrapbook" in output.get("metadata", {})}


RESULTS = re.compile(r"\{result\}`([\w-]+) (\w+)`")


@pytest.mark.parametrize("page", ["my-loss-is-stuck.md", "summary.md", "teaching.md"])
def test_the_results_of_a_page_are_measured_in_a_lesson(page):
    quoted = RESULTS.findall((BOOK / page).read_text(encoding="utf-8"))
    assert [(lesson, name) for lesson, name in quoted if name not in glued(lesson)] == []


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
