"""Random programs over Values: lines such as v5 = v1 * v3, v6 = v5.tanh(), v7 = dot([v1, v2], [v3, 0.5]).

A program can be run, and str(program) is the same as text that can be pasted and run.  One seed gives one program.

    python tests/random_programs.py 7                 # the text of the program of seed 7

Every line stays where its operation has an answer and a derivative that rounding cannot turn over: divisors, and what a
logarithm or a root is taken of, are 0.05 or further from 0, results at most 20.  Rational programs are in Fractions.
"""

import operator
import random
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

from minigrad import Value, dot, log_sum_exp
from minigrad.validation import Number

INFIX: dict[str, Callable] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow,
}
PREFIX: dict[str, Callable] = {"-{}": operator.neg, "+{}": operator.pos, "abs({})": abs}
METHODS = ("relu", "exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid")
RATIONAL = ("+", "-", "*", "/", "**", "-{}", "+{}", "abs({})", "relu", "dot")
ALL = (*RATIONAL, *METHODS[1:], "log_sum_exp")
SMALLEST, LARGEST = 0.05, 20                          # for divisors and the like; for results
LONGEST_DENOMINATOR = 10**25


class Line(NamedTuple):
    """name = op of operands, each the name of an earlier line or a plain number; dot: the weights, then the inputs"""

    name: str
    op: str
    operands: tuple

    def value(self, known: dict[str, Value]) -> Value:
        """The line, run on the Values known by name"""
        found = [known[x] if isinstance(x, str) else x for x in self.operands]
        half = len(found) // 2
        if self.op == "dot":
            return dot(found[:half], found[half:])
        if self.op == "log_sum_exp":
            return log_sum_exp(found)
        if self.op in METHODS:
            return getattr(found[0], self.op)()
        return (INFIX | PREFIX)[self.op](*found)

    def __str__(self) -> str:
        written, half = [literal(x) for x in self.operands], len(self.operands) // 2
        if self.op in INFIX:
            formula = f" {self.op} ".join(written)
        elif self.op in PREFIX:
            formula = self.op.format(*written)
        elif self.op in METHODS:
            formula = f"{written[0]}.{self.op}()"
        elif self.op == "dot":
            formula = f"dot([{', '.join(written[:half])}], [{', '.join(written[half:])}])"
        else:
            formula = f"{self.op}([{', '.join(written)}])"
        return f"{self.name} = {formula}"


class Program(NamedTuple):
    """Numbers for the leaves, by name, and the lines; the last is the root"""

    leaves: dict[str, Number]
    lines: list[Line]

    @property
    def root(self) -> str:
        return self.lines[-1].name

    def run(self) -> dict[str, Value]:
        """{name: Value}, with new leaves each time"""
        known = {name: Value(number) for name, number in self.leaves.items()}
        for line in self.lines:
            known[line.name] = line.value(known)
        return known

    def __str__(self) -> str:
        return "\n".join([
            "from fractions import Fraction",
            "from minigrad import Value, dot, log_sum_exp",
            *(f"{name} = Value({number!r})" for name, number in self.leaves.items()),
            *map(str, self.lines),
            f"{self.root}.backward()",
            f"print({', '.join(f'{name}.grad' for name in self.leaves)})",
        ])

    def untied(self) -> tuple["Program", dict[str, list[str]]]:
        """The program in which every use of a leaf has a copy of its own, and {leaf: the names of its copies}"""
        copies: dict[str, list[str]] = {name: [] for name in self.leaves}
        lines = []
        for line in self.lines:
            operands = list(line.operands)
            for k, name in enumerate(operands):
                if name in copies:
                    copies[name].append(f"{name}_{len(copies[name])}")
                    operands[k] = copies[name][-1]
            lines.append(line._replace(operands=tuple(operands)))
        return Program({copy: self.leaves[name] for name in copies for copy in copies[name]}, lines), copies

    def reordered(self, rng: random.Random) -> "Program":
        """The same lines in another order, operands still before their users and the root still last"""
        leaves = dict(rng.sample(list(self.leaves.items()), len(self.leaves)))
        done, lines, waiting = set(leaves), [], self.lines[:-1]
        while waiting:
            ready = [line for line in waiting if all(x in done for x in line.operands if isinstance(x, str))]
            lines.append(rng.choice(ready))
            done.add(lines[-1].name)
            waiting.remove(lines[-1])
        return Program(leaves, [*lines, self.lines[-1]])


def literal(x) -> str:
    """An operand as text, in parentheses where a sign or a Fraction's bar would bind wrongly"""
    return x if isinstance(x, str) else repr(x) if x >= 0 else f"({x!r})"


def programs(count: int, rational=False, first=0) -> Iterator[Program]:
    """The programs of the seeds first, first + 1, …"""
    return (program(seed, rational) for seed in range(first, first + count))


def program(seed: int, rational=False) -> Program:
    """2 to 5 leaves, 4 to 12 lines, and where it is needed a last one, the root, that gathers what none has used"""
    rng = random.Random(seed)
    leaves = {f"v{k}": plain(rng, rational) for k in range(rng.randint(2, 5))}
    known = {name: Value(number) for name, number in leaves.items()}
    unused, lines = list(known), []
    for _ in range(rng.randint(4, 12)):
        line, value = next_line(rng, rational, known, unused)
        lines.append(line)
        known[line.name] = value
        unused = [name for name in (*unused, line.name) if name not in line.operands]
    if len(unused) > 1:
        weights = [plain(rng, rational) for _ in unused]
        lines.append(Line(f"v{len(known)}", "dot", (*weights, *unused)))
    return Program(leaves, lines)


def next_line(rng: random.Random, rational: bool, known: dict[str, Value], unused: list[str]) -> tuple[Line, Value]:
    """A line that has an answer, and that answer"""
    while True:
        op = rng.choice(RATIONAL if rational else ALL)
        line = Line(f"v{len(known)}", op, chosen_operands(rng, rational, op, list(known), unused))
        if allowed(line, [known[x].data if isinstance(x, str) else x for x in line.operands]):
            value = line.value(known)
            if abs(value.data) <= LARGEST and (not rational or value.data.denominator <= LONGEST_DENOMINATOR):
                return line, value


def chosen_operands(rng: random.Random, rational: bool, op: str, names: list[str], unused: list[str]) -> tuple:
    def name() -> str:
        return rng.choice(unused if unused and rng.random() < 0.6 else names)

    def either():
        if rng.random() < 0.85:
            return name()
        whole = rng.random() < 0.5 and op != "/"      # a whole number by a whole one is a float, as in Python
        return rng.randint(1, 9) if whole else plain(rng, rational)

    if op == "**" and (rational or rng.random() < 0.6):
        return name(), rng.choice([2, 3, -1, -2, 0, 1] if rational else [2, 3, -1, -2, 0, 1, 0.5, 1.5, -0.3])
    if op == "dot":
        return name(), *(either() for _ in range(2 * rng.randint(1, 3) - 1))
    if op == "log_sum_exp":
        return name(), *(either() for _ in range(rng.randint(0, 3)))
    if op in INFIX:
        return rng.choice([(name(), either()), (either(), name())])
    return (name(),)


def plain(rng: random.Random, rational: bool) -> Number:
    """A number with few digits: a Fraction, or a float between −10 and 10, one in two below 0.5"""
    if rational:
        return Fraction(rng.randint(-9, 9), rng.randint(1, 9))
    size = rng.choice([rng.uniform(0.1, 2), 10 ** rng.uniform(-2, 1)])
    return rng.choice([-1, 1]) * float(f"{size:.4g}")


def allowed(line: Line, xs: list) -> bool:
    """Whether the operation has an answer there, and no kink so near that rounding decides on which side it is"""
    op, x, last = line.op, xs[0], xs[-1]
    if op == "/":
        return abs(last) >= SMALLEST
    if op == "**":
        return x >= SMALLEST or (isinstance(line.operands[-1], int) and abs(x) >= SMALLEST)
    if op in ("log", "sqrt"):
        return x >= SMALLEST
    if op == "exp":
        return x <= 3                                 # e³ is about 20
    if op in ("abs({})", "relu") and isinstance(x, float):
        return abs(x) >= SMALLEST
    return True


if __name__ == "__main__":
    print(program(int(sys.argv[1])))
