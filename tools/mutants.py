"""Ask whether the tests would notice a mistake: ``make mutants``. Each mutant is the code with one small fault put in.

A fault is another operator, comparison, sign, number, branch or function, a result or an error left out, or a change in
the TeX of a printed formula. The tests run on a copy of the tree, the quickest ones that ought to fail first. Each
mutant gets a process of its own, a fork of this one, which has the slow imports behind it. A mutant that no test kills
is a fault that no test would see.
"""

import argparse
import ast
import importlib
import os
import random
import re
import resource
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
FUNCTIONS = (
    "coupled exponential gated periodic rectified self_gated shrinking sigmoidal softened steepening zero_centred"
)
FORMULAS = [f"src/nonlinear/activations/{name}.py" for name in FUNCTIONS.split()]
FORMULAS += [f"src/nonlinear/{name}.py" for name in "initialisers losses normalisation optimisers".split()]
# What the tests import that takes long, and knows nothing of the code under test.
PRELOADED = "hypothesis.extra.numpy", "matplotlib.pyplot", "mpmath", "nbval.plugin", "numpy", "xdist.plugin"
LIMIT = 100  # seconds of computing for the tests of a mutant, some of which never end

# The tests that see a module which others are made of, the quickest first; those of its own name see less, or nothing.
SEEN_BY = {
    "special": ("special", "coupled", "activations"),
    "base": ("coupled", "network training", "activations"),
    "layers": ("network", "training bad_input normalisation initialisers"),
}

# What an operator, a comparison or a function becomes.
OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult}
OPERATORS |= {ast.Mod: ast.FloorDiv, ast.FloorDiv: ast.Mod, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd}
COMPARISONS = {ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt), ast.Lt: (ast.LtE, ast.GtE)}
COMPARISONS |= {ast.LtE: (ast.Lt, ast.Gt), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,)}
COMPARISONS |= {ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,)}
PAIRS = [("maximum", "minimum"), ("max", "min"), ("argmax", "argmin"), ("any", "all"), ("sin", "cos"), ("sum", "mean")]
PAIRS += [("log1p", "log"), ("expm1", "exp")]
NAMES = dict(PAIRS) | {b: a for a, b in PAIRS}
TEX = {"+": "-", "-": "+", "<": r"\le ", ">": r"\ge ", r"\le": ">", r"\ge": "<", r"\max": r"\min", r"\min": r"\max"}
TEX |= {"'": ""}
PRINTED = re.compile(r"\\(?:[lg]e|max|min)\b|(?<!\\)[-+<>']|\d+(?:\.\d+)?")

# No fault is put into types, decorators and messages, nor into the looks of curves; copy=False is a matter of speed.
LEFT_OUT = {"annotation", "returns", "decorator_list"}


class Mutant(NamedTuple):
    """A change of a file, in bytes from ``start`` to ``end``; ``scope`` is the class that it is in, or empty."""

    path: str
    line: int
    start: int
    end: int
    old: str
    new: str
    scope: str

    def __str__(self):
        return f"{self.path}:{self.line}  " + "  ->  ".join(" ".join(code.split()) for code in (self.old, self.new))


def altered(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the faulty versions of a piece of code.

    >>> [ast.unparse(each) for each in altered(ast.parse("a > 1", mode="eval").body)]
    ['a >= 1', 'a <= 1']
    """
    match node:
        case ast.BinOp(left, op, right) if type(op) in OPERATORS:
            yield ast.BinOp(left, OPERATORS[type(op)](), right)
        case ast.UnaryOp(ast.USub() | ast.Not() | ast.Invert(), operand):
            yield operand
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.Compare(left, ops, others):
            for k, op in enumerate(ops):
                for other in COMPARISONS[type(op)]:
                    yield ast.Compare(left, [*ops[:k], other(), *ops[k + 1 :]], others)
        case ast.Constant(bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(int(value)):
            yield from map(ast.Constant, {1: (0, 2)}.get(value, (value + 1,)))
        case ast.Constant(float(value)):
            yield ast.Constant(2 * value or 1.0)
        case ast.Attribute(value, name) if name in NAMES:
            yield ast.Attribute(value, NAMES[name])
        case ast.Name(name, ast.Load()) if name in NAMES:
            yield ast.Name(NAMES[name])
        case ast.Call(ast.Attribute(_, "where") as where, [condition, yes, no]):
            yield ast.Call(where, [condition, no, yes], [])
        case ast.IfExp(condition, yes, no):
            yield ast.IfExp(condition, no, yes)
        case ast.AugAssign(target, op, value) if type(op) in OPERATORS:
            yield ast.AugAssign(target, OPERATORS[type(op)](), value)
        case ast.Return(value) if value:
            yield ast.Return(ast.Constant(None))
        case ast.Raise():
            yield ast.Pass()


def inside(node: ast.AST, scope: str = "") -> Iterator[tuple[ast.AST, str]]:
    """Yield everything in a piece of code that may get a fault, with the class that it is in."""
    if isinstance(node, ast.ClassDef):
        scope = node.name
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if name not in LEFT_OUT and isinstance(child, ast.AST) and not hidden(child):
                yield child, scope
                if not isinstance(child, ast.Raise):
                    yield from inside(child, scope)


def hidden(node: ast.AST) -> bool:
    """Return whether a piece of code is about looks or speed alone, or a text with numbers in it."""
    looks = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "look"
    return looks or isinstance(node, ast.JoinedStr) or (isinstance(node, ast.keyword) and node.arg == "copy")


def printed(node: ast.AST) -> list[ast.Constant]:
    """Return the texts of a formula, if one is assigned here."""
    if not (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith("formula")):
        return []
    return [each for each in ast.walk(node.value) if isinstance(each, ast.Constant)]


def mutants(source: str, path: str) -> Iterator[Mutant]:
    """Yield every mutant of a source, in its order.

    >>> [str(each) for each in mutants("formula = 'a + b'; c = max(a, 2)", "some.py")]
    ["some.py:1  'a + b'  ->  'a - b'", 'some.py:1  max  ->  (min)', 'some.py:1  2  ->  (3)']
    """
    lengths = [len(line) for line in source.encode().splitlines(keepends=True)]
    code = source.encode()
    for node, scope in inside(ast.parse(source)):
        for text in printed(node):
            start, end = span(text, lengths)
            old = code[start:end].decode()
            for found in PRINTED.finditer(old, old.index(old[-1]) + 1, len(old) - 1):  # between the quotation marks
                yield Mutant(path, text.lineno, start, end, old, replaced(found), scope)
        for new in altered(node):
            start, end = span(node, lengths)
            words = ast.unparse(ast.fix_missing_locations(new))
            words = f"({words})" if isinstance(node, ast.expr) else words
            yield Mutant(path, node.lineno, start, end, code[start:end].decode(), words, scope)


def span(node: ast.AST, lengths: list[int]) -> tuple[int, int]:
    """Return where the code of a node starts and ends, in bytes."""
    lines = ((node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset))
    return tuple(sum(lengths[: line - 1]) + column for line, column in lines)


def replaced(found: re.Match) -> str:
    """Return a formula with another sign or number in one place."""
    word = found[0]
    new = TEX[word] if word in TEX else str(2 * float(word) if "." in word else int(word) + 1)
    return found.string[: found.start()] + new + found.string[found.end() :]


def stages(mutant: Mutant) -> list[list[str]]:
    """Return the arguments of pytest for the tests that ought to kill a mutant, the quickest first."""
    path = Path(mutant.path)
    if path.name == "experiment.py":
        lesson = path.parent.name.replace("_", "-")
        grids = ["tests/lessons/test_grids.py", "-k", f"[{lesson}-"]
        whole = [f"tests/test_lessons.py::test_prints_what_is_stored[{lesson}]"]
        return [[mutant.path, f"tests/lessons/test_{path.parent.name}.py"], grids, whole]
    if path.stem in SEEN_BY:
        first, *others = [[f"tests/test_{name}.py" for name in names.split()] for names in SEEN_BY[path.stem]]
        return [[mutant.path, *first], *others]
    if path.parent.name != "activations":
        own, users = [mutant.path, f"tests/test_{path.name}"], ["tests/test_network.py", "tests/test_training.py"]
        return [own, users]
    kind = "coupled" if path.stem in ("coupled", "gated") else "activations"
    whole = [mutant.path, f"tests/test_{kind}.py"]
    return [[*whole, "-k", mutant.scope], whole] if mutant.scope else [whole]


def failing(arguments: list[str], tree: Path) -> str:
    """Return which test of a tree fails first, in a fork of this process; an empty text if none does."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT))
        os.chdir(tree)
        sys.path[:0] = [str(tree), str(tree / "src")]
        quiet = os.open("output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(quiet, 1), os.dup2(quiet, 2)
        options = ["-x", "-q", "--hypothesis-profile=ci", "--hypothesis-seed=0"]
        os._exit(pytest.main([*options, "-W", "ignore::pytest.PytestAssertRewriteWarning", *arguments]))
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if ended in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return ""
    output = (tree / "output.txt").read_text("utf-8")
    if ended == pytest.ExitCode.USAGE_ERROR:
        sys.exit(output)
    found = re.findall(r"^(?:FAILED|ERROR) (.*?)(?: - .*)?$", output, re.MULTILINE)
    return found[-1] if found else f"ended with {ended}"


def killer(mutant: Mutant, tree: Path) -> str:
    """Return the first test that fails with the fault in the tree, or an empty text if all pass."""
    path = tree / mutant.path
    source, times = path.read_bytes(), (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    path.write_bytes(source[: mutant.start] + mutant.new.encode() + source[mutant.end :])
    os.utime(path, (0, 0))  # never the time of the source, by which Python knows what it has compiled of it
    try:
        return next((test for arguments in stages(mutant) if (test := failing(arguments, tree))), "")
    finally:
        path.write_bytes(source)
        os.utime(path, ns=times)


def chosen(names: list[str]) -> Iterator[Mutant]:
    """Yield the mutants of files and folders, or of single lines, as in ``losses.py:3``."""
    for name in names:
        place, _, line = name.partition(":")
        paths = sorted((ROOT / place).rglob("*.py")) if (ROOT / place).is_dir() else [ROOT / place]
        for path in paths:
            found = mutants(path.read_text("utf-8"), str(path.relative_to(ROOT)))
            yield from (each for each in found if not line or each.line == int(line))


def main(arguments=None):
    """Print what became of each mutant; return 1 if some survived."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("places", nargs="*", default=FORMULAS, help="files, folders or lines, as in losses.py:3")
    parser.add_argument("--sample", type=int, default=200, help="how many mutants")
    parser.add_argument("--seed", type=int, default=0, help="which ones")
    parser.add_argument("--all", action="store_true", help="every one of them")
    options = parser.parse_args(arguments)
    found = list(chosen(options.places))
    if not options.all:
        found = random.Random(options.seed).sample(found, min(options.sample, len(found)))
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".git", ".venv", "_build", "__pycache__"))
        return judge(found, tree)


def judge(found: list[Mutant], tree: Path) -> int:
    """Print what becomes of each mutant in a copy of the tree, and return 1 if some survive."""
    for module in PRELOADED:
        importlib.import_module(module)
    os.environ["PYTHONPATH"] = str(tree / "src")  # for the kernels of the lessons
    for mutant in {mutant.path: mutant for mutant in found}.values():
        if test := failing(stages(mutant)[0], tree):
            sys.exit(f"{test} fails without a fault:\n{(tree / 'output.txt').read_text('utf-8')}")
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.dont_write_bytecode = True  # what Python keeps from here on would be faulty
    survivors = 0
    for mutant in found:
        test = killer(mutant, tree)
        survivors += not test
        print(f"killed by {test}" if test else "SURVIVED", mutant, sep="\n    ", flush=True)
    print(f"{len(found) - survivors} of {len(found)} killed ({1 - survivors / len(found):.1%})")
    return int(survivors > 0)


if __name__ == "__main__":
    sys.exit(main())
