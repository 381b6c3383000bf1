r"""Reading the printed formulas: the LaTeX of the catalogue as functions of z.

A recursive descent over the little LaTeX that the formulas use: cases, \frac, \sqrt, powers, |z|, products without a
sign, the usual functions, and a definition at the end (", \quad s = ...").
"""

import math
import re
from collections.abc import Callable, Mapping

FUNCTIONS = {
    r"\log": math.log,
    r"\tanh": math.tanh,
    r"\sin": math.sin,
    r"\cos": math.cos,
    r"\arctan": math.atan,
    r"\sigma": lambda z: 1 / (1 + math.exp(-z)),
    r"\operatorname{erf}": math.erf,
    r"\Phi": lambda z: math.erfc(-z / math.sqrt(2)) / 2,
    r"\max": max,
    r"\min": min,
}
RELATIONS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    r"\le": lambda a, b: a <= b,
    r"\ge": lambda a, b: a >= b,
}
TOKEN = re.compile(r"\\operatorname\{\w+\}|\\begin\{cases\}|\\end\{cases\}|\\\\|\\[A-Za-z]+|\d+(?:\.\d+)?|\S")


def read(formula: str, symbols: Mapping[str, float]) -> float:
    """Return the number that ``formula`` stands for, given what its symbols do."""
    formula, *definitions = re.split(r",\s*\\quad ", formula)
    for definition in definitions:
        name, meaning = definition.split(" = ")
        symbols = {**symbols, name: read(meaning, symbols)}
    formula = re.sub(r"\\,|\\[bB]ig[lr]", "", formula)
    reader = _Reader(TOKEN.findall(formula), {r"\pi": math.pi, "e": math.e, **symbols})
    value = reader.sum()
    assert not reader.rest, f"cannot read {' '.join(reader.rest)} in {formula}"
    return value


class _Reader:
    def __init__(self, tokens: list[str], symbols: Mapping[str, float]):
        self.rest, self.symbols, self.inside_bars = tokens, symbols, False

    @property
    def next(self) -> str:
        return self.rest[0] if self.rest else ""

    def take(self, *expected: str) -> str:
        token = self.rest.pop(0)
        assert not expected or token in expected, f"expected {expected}, found {token}"
        return token

    def sum(self) -> float:
        value = self.product()
        while self.next in ("+", "-"):
            value += self.product() if self.take() == "+" else -self.product()
        return value

    def product(self) -> float:
        if self.next == "-":
            self.take()
            return -self.product()
        value = self.power()
        while self.next == "/" or self.starts_a_factor():
            if self.next == "/":
                self.take()
                value /= self.power()
            else:
                value *= self.power()
        return value

    def starts_a_factor(self) -> bool:
        known = (*FUNCTIONS, *self.symbols, "(", r"\frac", r"\sqrt")
        return self.next in known or self.next[:1].isdigit() or (self.next == "|" and not self.inside_bars)

    def power(self) -> float:
        base = self.factor()
        return base ** self.exponent() if self.next == "^" else base

    def exponent(self) -> float:
        self.take("^")
        return self.group() if self.next == "{" else self.factor()

    def group(self) -> float:
        self.take("{")
        value = self.sum()
        self.take("}")
        return value

    def factor(self) -> float:
        token = self.take()
        if token in FUNCTIONS:
            return self.call(FUNCTIONS[token])
        if token == "(":
            value = self.sum()
            self.take(")")
            return value
        if token == "|":
            self.inside_bars = True
            value = abs(self.sum())
            self.take("|")
            self.inside_bars = False
            return value
        if token == r"\frac":
            return self.group() / self.group()
        if token == r"\sqrt":
            return math.sqrt(self.group())
        if token == r"\begin{cases}":
            return self.cases()
        return float(token) if token[0].isdigit() else self.symbols[token]

    def call(self, function) -> float:
        power = self.exponent() if self.next == "^" else 1
        self.take("(")
        arguments = [self.sum()]
        while self.next == ",":
            self.take()
            arguments.append(self.sum())
        self.take(")")
        return function(*arguments) ** power

    def cases(self) -> float:
        """Return the value of the one case that holds."""
        held = []
        while True:
            value = self.sum()
            self.take("&")
            if self.condition():
                held.append(value)
            if self.take(r"\\", r"\end{cases}") == r"\end{cases}":
                assert len(held) == 1, f"{len(held)} cases hold"
                return held[0]

    def condition(self) -> bool:
        left, holds = self.sum(), True
        while self.next in RELATIONS:
            relation = RELATIONS[self.take()]
            right = self.sum()
            holds, left = holds and relation(left, right), right
        return holds
