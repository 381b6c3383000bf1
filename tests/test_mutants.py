"""The mutation run: which faults it makes, and what it says of tests that would and would not see them."""

import doctest
import re
import shutil
import subprocess
import sys
from pathlib import Path

import mutants
import pytest

ROOT = Path(__file__).parents[1]
FAULTS = {
    "a + b * c": ["(a - b * c)", "(b / c)"],
    "-a ** 2": ["(a ** 2)", "(a * 2)", "(3)"],
    "a > b >= 0": ["(a >= b >= 0)", "(a <= b >= 0)", "(a > b > 0)", "(a > b < 0)", "(1)"],
    "a and not b": ["(a or not b)", "(b)"],
    "f(1, 0.5, True, 0.0)": ["(0)", "(2)", "(1.0)", "(False)", "(1.0)"],
    "np.where(np.maximum(a, b), a, b)": ["(np.where(np.maximum(a, b), b, a))", "(np.minimum)"],
    "a.astype(float, copy=False)": [],
    "a if b else c": ["(c if b else a)"],
    "total += a": ["total -= a"],
    "def f() -> int | None:\n    return a": ["return None"],
    "def f():\n    raise ValueError(f'{a + 1}')": ["pass"],
    "look = 'teal', (3, 1)": [],
    r"formula = r'\max(0, z) - 1.5 z'": [
        r"r'\min(0, z) - 1.5 z'",
        r"r'\max(1, z) - 1.5 z'",
        r"r'\max(0, z) + 1.5 z'",
        r"r'\max(0, z) - 3.0 z'",
    ],
}


@pytest.mark.parametrize("code, faults", FAULTS.items(), ids=FAULTS)
def test_every_kind_of_fault_is_made(code, faults):
    found = list(mutants.mutants(code, "some.py"))
    assert sorted(each.new for each in found) == sorted(faults)
    for each in found:
        compile(code.encode()[: each.start] + each.new.encode() + code.encode()[each.end :], "some.py", "exec")


CODE = "def twice(z):\n    return z + z\n\n\ndef positive(z):\n    return z > 0\n"
TESTS = (
    "from nonlinear.some import *\n\ndef test_some():\n    assert [twice(2), positive(1), positive(-1)] == [4, 1, 0]\n"
)


def test_a_fault_that_no_test_sees_survives(tmp_path):
    files = {"src/nonlinear/__init__.py": "", "src/nonlinear/some.py": CODE, "tests/test_some.py": TESTS}
    files |= dict.fromkeys(["tests/test_network.py", "tests/test_training.py"], "def test_others():\n    pass\n")
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "mutants.py", tmp_path / "tools")
    command = [sys.executable, "tools/mutants.py", "--all", "src/nonlinear/some.py"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 1, run.stderr
    assert re.findall(r"SURVIVED\n +(.*)", run.stdout) == ["src/nonlinear/some.py:6  z > 0  ->  (z >= 0)"]
    assert "5 of 6 killed (83.3%)" in run.stdout
    assert (tmp_path / "src/nonlinear/some.py").read_text("utf-8") == CODE


def test_the_examples_in_its_docstrings_hold():
    assert doctest.testmod(mutants).failed == 0
