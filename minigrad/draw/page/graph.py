"""The graph as the script's engine reads it: a list of nodes in the order of making.

    a leaf           its number
    a computed one   [op, places of the operands], and what else the operation needs: the constants of a dot, the target
                     of a cross_entropy, the exponent of **n
    a frozen one     ["frozen", operands, {op, data, partials}]: the page cannot compute it again
"""

import math
from collections.abc import Sequence
from typing import Any

from minigrad.functions import fused_dots, log_sum_exp
from minigrad.losses import binary_cross_entropy_with_logits, cross_entropy
from minigrad.snapshot import Snapshot
from minigrad.validation import unwrap
from minigrad.value import Value

AGAIN = {                                             # how to make a Value again, from its operands
    "+": Value.__add__, "-": Value.__sub__, "*": Value.__mul__, "/": Value.__truediv__, "**": Value.__pow__,
    "neg": Value.__neg__, "pos": Value.__pos__, "abs": Value.__abs__, "exp": Value.exp, "log": Value.log,
    "sqrt": Value.sqrt, "sin": Value.sin, "cos": Value.cos, "tanh": Value.tanh, "sigmoid": Value.sigmoid,
    "relu": Value.relu, "bce_with_logits": binary_cross_entropy_with_logits,
    "log_sum_exp": lambda *operands: log_sum_exp(operands),
}
ARITY = {"+": 2, "-": 2, "*": 2, "/": 2, "**": 2, "bce_with_logits": 2, "log_sum_exp": 0}     # 0: any; of all others 1


class PageGraph:
    """nodes: as the script reads them;  place: {Value: its place};  movable: the leaves that a reader can move, each
    {place: [least, most]}, None for no bound;  locked: {leaf: the op that cannot be computed from another number}"""

    def __init__(self, snapshot: Snapshot):
        self.snapshot = snapshot
        self.order = sorted([*snapshot.beyond, *snapshot.order], key=lambda node: node.made)
        self.order = [*[node for node in self.order if node is not snapshot.loss], snapshot.loss]
        self.place = {node: k for k, node in enumerate(self.order)}
        self.cuts = {leaf: state for unrolled in snapshot.unrolleds for leaf, state in unrolled.cuts.items()
                     if leaf in self.place and state in self.place}
        self.nodes = [self.node(value) for value in self.order]
        self.locked = self.leaves_below_frozen()
        self.movable = {leaf: bounds(leaf, snapshot) for leaf in self.order if self.is_movable(leaf)}

    def node(self, value: Value) -> Any:
        if value in self.cuts:
            return ["cut", [self.place[self.cuts[value]]]]
        if not value.operands:
            return as_float(value.data, value)
        operands = [self.place[operand] for operand in value.operands]
        extra = what_else(value, self.snapshot)
        if extra is None:
            made = {"op": value.op, "data": as_float(value.data, value),
                    "partials": [as_float(partial, value) for partial in value.partials]}
            return ["frozen", operands, made]
        return [value.op, operands, *extra]

    def leaves_below_frozen(self) -> dict[Value, str]:
        """{leaf: the op of a frozen Value that was computed from it}"""
        found: dict[Value, str] = {}
        for value in reversed(self.order):
            frozen = value.op if value.operands and self.nodes[self.place[value]][0] == "frozen" else found.get(value)
            if frozen:
                found |= dict.fromkeys([self.cuts[value]] if value in self.cuts else value.operands, frozen)
        return {value: op for value, op in found.items() if not value.operands}

    def is_movable(self, value: Value) -> bool:
        """A leaf with a name"""
        if value.operands or value in self.cuts or value in self.locked:
            return False
        role = self.snapshot.role.get(value)
        return (bool(value.label) or value in self.snapshot.label) and role != "constant"


def what_else(value: Value, snapshot: Snapshot) -> list | None:
    """What the operation needs beside its operands, in a list, [] for nothing; None if made again from them it is not
    the same: an op made by hand, or a .data that was changed since"""
    op, n = value.op, len(value.operands)
    ways: list[tuple[Any, Any]] = []                  # what else, and how to make it again
    if op == "dot":
        ways = [(constants, lambda *xs, c=constants: fused_dots([split(xs, c)], tuple(c), xs[(n + len(c)) // 2 :])[0])
                for constants in constants_of_dot(value, snapshot)]
    elif op == "cross_entropy":
        ways = [(k, lambda *xs, k=k: cross_entropy(xs, k)) for k in range(n)]
        ways.sort(key=lambda way: math.copysign(1, unwrap(value.partials[way[0]])))      # the target's is negative
    elif op.startswith("**") and op != "**" and n == 1:
        exponent = exponent_of(op)
        ways = [(exponent, lambda x: x**exponent)] if exponent is not None else []
    elif op in AGAIN and ARITY.get(op, 1) in (0, n):
        ways = [(None, AGAIN[op])]
    for extra, again in ways:
        if is_same(again, value):
            return [] if extra is None else [extra]
    return None


def is_same(again, value: Value) -> bool:
    """Whether a Value made again from the same operands has the same number and derivatives"""
    try:
        made = again(*value.operands)
    except (ArithmeticError, ValueError, TypeError):
        return False
    pairs = [(made.data, value.data), *zip(made.partials, value.partials)]
    return len(made.partials) == len(value.partials) and all(
        unwrap(a) == unwrap(b) or math.isclose(unwrap(a), unwrap(b), rel_tol=1e-12) for a, b in pairs)


def split(xs: tuple, constants: Sequence) -> tuple:
    """(weights, their numbers) of the operands of a dot"""
    weights = xs[: (len(xs) + len(constants)) // 2]
    return weights, tuple(w.data for w in weights)


def constants_of_dot(value: Value, snapshot: Snapshot) -> list[list]:
    """Which plain numbers may have been among its inputs: the derivatives of as many weights.  Where equal numbers
    leave several ways, a weight was not an input, and fewer constants come first."""
    n, ways = len(value.operands), []
    for inputs in range(n // 2, -1, -1):
        constants = [unwrap(partial) for partial in value.partials[: n - 2 * inputs]]
        read = value.operands[n - inputs :]
        ways.append((sum(snapshot.role.get(x) == "weight" for x in read), len(constants), constants))
    return [constants for _, _, constants in sorted(ways, key=lambda way: way[:2])]


def exponent_of(op: str) -> float | None:
    """2 of **2, 0.5 of **1/2"""
    try:
        top, _, bottom = op[2:].partition("/")
        return float(top) / float(bottom or 1)
    except (ValueError, ZeroDivisionError):
        return None


def bounds(leaf: Value, snapshot: Snapshot) -> list[float] | None:
    """[0, 1] for the target of a binary cross-entropy, whose loss needs it there"""
    uses = snapshot.uses.get(leaf, ())
    with_logits = any(edge.user.op == "bce_with_logits" and edge.position == 1 for edge in uses)
    spelled_out = snapshot.role.get(leaf) == "target" and {edge.user.op for edge in uses} == {"neg", "-"}
    return [0, 1] if with_logits or spelled_out else None


def as_float(x: Any, value: Value) -> float:
    """Raises ValueError for a number that the page cannot hold."""
    try:
        number = float(unwrap(x))
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"walkthrough: {value!r} holds a number that is too large for a page")
    return int(number) if number == int(number) and abs(number) < 2**53 else number
