"""The ledger: every claim that a lesson has taken on is shown or corrected in it, under its id."""

import json
import re
from itertools import groupby
from pathlib import Path

import claims
import ledger
import pytest
from lessons import numbers

BOOK = Path(__file__).parents[1] / "book"

CLAIMS = {
    "what-non-linearity-buys": "1.1 1.2 1.3 1.4 1.25 1.26 1.27 2.13".split(),
    "the-catalogue": """0.15 0.16 0.17 0.18 0.20 0.21 1.5 1.13 1.21 1.28 1.38 1.41 1.42
        2.14 2.15 2.17 2.19 2.23 2.24 2.28 2.29 2.30 2.31 3.1 3.3 3.4 3.13 3.14 3.15 3.19 3.21 3.26 4.7 4.15""".split(),
    "where-gradients-come-from": """0.1 0.5 0.6 0.7 0.8 1.6 1.7 1.14 1.22 1.31 2.3 2.4 2.5 2.6 2.7
        3.7 3.8 3.16 3.17 4.8 4.9 4.10 4.11 4.12""".split(),
    "what-the-machine-computes": "1.5 1.6 1.8 1.9 1.23 2.20 3.24".split(),
    "saturated-neurons": "1.8 1.9 1.10 1.11 1.12".split(),
    "vanishing-gradients": "1.10 1.47 3.10 4.1 4.2 4.3 4.4 4.5 4.6".split(),
    "initialisation": "2.8 4.6".split(),
    "zero-centring": "1.13 1.14 1.15 1.16 1.17 1.18 1.19 1.21".split(),
    "is-exp-expensive": "0.20 1.20 1.24 1.29 1.43 2.27".split(),
    "relu": "1.28 1.29 1.30 3.5".split(),
    "how-a-relu-dies": """0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 0.11 0.12 1.32 1.34 1.36
        2.1 2.2 2.6 2.8 3.10 3.11 3.12 3.16 4.12""".split(),
    "dead-forever": "0.10 1.33 2.5 2.9 2.10 3.6".split(),
    "self-normalisation": "1.44 1.45 1.46 2.28 2.29 2.30 2.31 2.32 2.33".split(),
    "remedies": """0.13 0.14 0.18 0.19 1.35 1.36 1.37 1.38 1.39 1.40 1.41 1.49 2.10 2.11 2.12 2.15 2.16 2.17 2.18 2.21
        2.22 2.25 2.26 3.18 3.20 4.13 4.14 4.16""".split(),
    "output-layers": "3.2 3.22 3.23 3.25 3.30 3.31 3.32".split(),
    "gates": "1.47 1.50 2.33 3.26".split(),
    "choosing": "1.47 1.49 3.5 3.29".split(),
    "lab": [],  # it uses what the others have shown
}


@pytest.mark.parametrize("lesson", CLAIMS)
def test_a_lesson_shows_the_claims_it_has_taken_on(lesson):
    cells = json.loads((BOOK / f"{lesson}.ipynb").read_text())["cells"]
    shown = {claim for cell in cells if cell["cell_type"] == "code" for claim in cell["metadata"].get("claims", [])}
    named = set(re.findall(r"\{claim\}`([\d.]+)`", "".join("".join(cell["source"]) for cell in cells)))
    assert shown == set(CLAIMS[lesson]), "the claims in the metadata of code cells"
    assert named <= shown, "a claim named in the text has no cell that shows it"


@pytest.mark.parametrize("lesson", CLAIMS)
def test_every_claim_is_asserted(lesson):
    cells = json.loads((BOOK / f"{lesson}.ipynb").read_text())["cells"]
    asserted = set()
    for cell in cells:
        if "assert" in "".join(cell["source"]):
            asserted |= set(cell["metadata"].get("claims", []))
    assert asserted >= set(CLAIMS[lesson])


def test_every_claim_is_shown_and_says_what_is_true():
    found = ledger.shown(BOOK.parent, numbers(BOOK.parent))
    assert ledger.open_claims(found) == []
    rows = ledger.listed(found)
    assert [claim for claim, row in rows.items() if row["verdict"] != "holds" and not row.get("correct")] == []
    assert [claim for claim, row in rows.items() if row.get("slip") and row["verdict"] != "false"] == []
    assert [claim for claim in found if claims.CLAIMS[claim].get("left out")] == []


def test_what_is_true_is_a_short_sentence():
    said = [row["correct"] for row in claims.CLAIMS.values() if "correct" in row]
    assert [words for words in said if not re.fullmatch(r"[A-Z][^\n]{10,160}\.", words)] == []


VERDICTS = {"holds", "holds with conditions", "false", "unclear"}
WORDS = re.compile(r"[A-Z1-9t][^\n]{14,130}\.")  # one short sentence, which may begin with tanh


def test_every_claim_is_a_sentence_with_a_verdict():
    rows = claims.CLAIMS.values()
    assert {row["verdict"] for row in rows} == VERDICTS
    assert [row["claim"] for row in rows if not WORDS.fullmatch(row["claim"])] == []
    assert len({row["claim"] for row in rows}) == len(rows)


def test_the_table_has_all_claims_in_their_order():
    numbers = [tuple(map(int, claim.split("."))) for claim in claims.CLAIMS]
    assert numbers == sorted(numbers)
    for _, part in groupby(numbers, key=lambda number: number[0]):
        found = [number for _, number in part]
        assert found == list(range(1, len(found) + 1))


@pytest.mark.parametrize("path", sorted(BOOK.glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_claim_of_a_lesson_is_in_the_table(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    listed = {claim for cell in cells for claim in cell["metadata"].get("claims", [])}
    named = set(re.findall(r"\{claim\}`([^`]*)`", "".join("".join(cell["source"]) for cell in cells)))
    assert listed | named <= claims.CLAIMS.keys()


def test_a_mark_lists_its_claims_and_carries_each_anchor_once():
    taken = set()
    first, second = claims.mark(["0.2", "0.3"], taken), claims.mark(["0.3"], taken, ledger="claims.html")
    assert "<summary>2 claims<span" in first and "<summary>1 claim<span" in second
    assert 'id="claim-0-2"' in first and 'id="claim-0-3"' in first and "id=" not in second
    assert claims.CLAIMS["0.3"]["claim"] in second and 'href="claims.html"' in second and "href" not in first
    assert 'href="#claim-0-2"' in claims.label("0.2", taken)
    assert 'id="claim-0-1"' in claims.label("0.1", taken) and "href" not in claims.label("0.1", set())
