r"""Reading the printed formulas: the LaTeX of the catalogue as functions of z.

A recursive descent over the little LaTeX that the formulas use: cases, \frac, \sqrt, powers, |z|, products without a
sign, the usual functions and their slopes, and at the end the definition of a symbol or of a function, or an equation
that holds (", \quad s = ..."). What has an index is a dict, whose keys count from 1; sums run over them,
or over a list of some.
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
    "=": lambda a, b: a == b,
}
TOKEN = re.compile(
    r"\\(?:operatorname|text)\{[\w ]+\}|\\begin\{cases\}|\\end\{cases\}|\\\\|\\[A-Za-z]+|\d+(?:\.\d+)?|\S"
)


def read(formula: str, symbols: Mapping[str, float]) -> float:
    """Return the number that ``formula`` stands for, given what its symbols do."""
    formula, *definitions = re.split(r",\s*\\quad ", formula)
    for definition in definitions:
        name, meaning = definition.split(" = ")
        if function := re.fullmatch(r"(\w)\((\w)\)", name):
            symbols = {**symbols, function[1]: _function(meaning, symbols, function[2])}
        elif name.startswith(r"\sum"):
            assert math.isclose(read(name, symbols), read(meaning, symbols)), definition
        else:
            symbols = {**symbols, name: read(meaning, symbols)}
    formula = re.sub(r"\\,|\\[bB]ig[lr]", "", formula)
    reader = _Reader(TOKEN.findall(formula), {r"\pi": math.pi, "e": math.e, **symbols})
    value = reader.sum()
    assert not reader.rest, f"cannot read {' '.join(reader.rest)} in {formula}"
    return value


def _function(meaning: str, symbols: Mapping, argument: str) -> Callable[[float], float]:
    return lambda z: read(meaning, {**symbols, argument: z})


def _slope(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda z: (function(z + 1e-5) - function(z - 1e-5)) / 2e-5


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
        known = (*FUNCTIONS, *self.symbols, "(", "[", r"\frac", r"\sqrt", r"\sum")
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
        if token == r"\max" and self.next == "_":
            return max(self.each())
        if token == r"\sum":
            return sum(self.each())
        if function := FUNCTIONS.get(token) or (callable(self.symbols.get(token)) and self.symbols[token]):
            return self.call(function)
        if token == "(":
            value = self.sum()
            self.take(")")
            return value
        if token == "[":
            holds = self.is_first() if r"\text{ is the first with }" in self.rest[1:2] else self.condition()
            self.take("]")
            return float(holds)
        if token == "|":
            self.inside_bars = True
            value = self.sum()
            self.take("|")
            self.inside_bars = False
            return len(value) if isinstance(value, list) else abs(value)
        if token == r"\frac":
            return self.group() / self.group()
        if token == r"\sqrt":
            return math.sqrt(self.group())
        if token == r"\begin{cases}":
            return self.cases()
        return float(token) if token[0].isdigit() else self.element(self.symbols[token])

    def element(self, value) -> float:
        """Return the element of a vector or a matrix that the subscript names, or what has no subscript as it is."""
        for letter in self.subscript() if self.next == "_" else ():
            value = value[self.symbols[letter]]
        return value

    def subscript(self) -> list[str]:
        self.take("_")
        if self.next != "{":
            return [self.take()]
        end = self.rest.index("}")
        inside, self.rest = self.rest[1:end], self.rest[end + 1 :]
        return inside

    def each(self) -> list[float]:
        """Return the product that follows, for each value of the index that the subscript names."""
        match self.subscript():
            case [name]:
                places = next(value for value in self.symbols.values() if isinstance(value, dict))
            case [name, r"\in", some]:
                places = self.symbols[some]
            case [low, r"\le", name, r"\le", high]:
                places = range(int(low), self.symbols[high] + 1)
        tokens, outside, values = self.rest, self.symbols, []
        for place in places:
            self.rest, self.symbols = list(tokens), {**outside, name: place}
            values.append(self.product())
        self.symbols = outside
        return values

    def is_first(self) -> bool:
        """Return whether an index is the first of its row for which an equation holds."""
        name, _, *tokens = self.rest
        outside, held = self.symbols, []
        for place in range(1, outside[name] + 1):
            self.rest, self.symbols = list(tokens), {**outside, name: place}
            held.append(self.condition())
        self.symbols = outside
        return held.index(True) == len(held) - 1 if any(held) else False

    def call(self, function) -> float:
        if self.next == "'":
            self.take()
            function = _slope(function)
        power = self.exponent() if self.next == "^" else 1
        if self.next != "(":
            return function(self.product()) ** power
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
