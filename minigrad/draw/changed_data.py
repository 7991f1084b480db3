"""Whether the weights and inputs of a graph still hold the numbers that it was computed from.

A product keeps them: its partial for one factor is the number that the other had in the forward pass.  A dot is
Σ w·x + Σ w·constant; of the weights of its constants it keeps the sum alone.
"""

import warnings
from collections.abc import Iterable, Iterator
from operator import mul

from minigrad.notation import number
from minigrad.validation import Number, is_finite, unwrap
from minigrad.value import Value


def warn_of_changes(what: str, order: Iterable[Value], stacklevel: int) -> None:
    """Warns if the .data of a leaf was changed after the forward pass: its box shows the new number, all else the old.

    what: who draws;  order: the Values;  stacklevel: how many frames up the line is that asked for it.  A leaf that is
    only added is not noticed.
    """
    for node in order:
        if change := change_of(node):
            mixed = "the picture mixes new numbers and old; run the forward pass again"
            warnings.warn(f"{what}: {change} when the graph was computed: {mixed}", stacklevel=stacklevel + 1)
            return


def change_of(node: Value) -> str:
    """What was changed among the leaves that a product or a dot was computed from, or "" """
    if node.op not in ("*", "dot"):
        return ""
    first = constants_of(node) if node.op == "dot" else 0
    if first is None:
        names = [value.label or "a leaf" for value in node.operands if not value.operands]
        return f"one of {', '.join(names[:4])}{', …' if len(names) > 4 else ''} had another number"
    for leaf, before in factors(node, first):
        if not leaf.operands and unwrap(leaf.data) != unwrap(before) and is_finite(before):
            return f"{leaf.label or 'a leaf'} is {number(leaf.data)}, and was {number(before)}"
    return ""


def factors(node: Value, first: int) -> Iterator[tuple[Value, Number]]:
    """(factor, the number that it had in the forward pass), without the first weights, which are those of constants"""
    half = (len(node.operands) + first) // 2          # the weights, then their inputs
    yield from zip(node.operands[first:half], node.partials[half:])
    yield from zip(node.operands[half:], node.partials[first:half])


def constants_of(node: Value) -> int | None:
    """How many weights of a dot multiply constants; None if its sum does not tell, because one of them was changed"""
    operands, partials = node.operands, node.partials
    for first in range(len(operands) % 2, len(operands) + 1, 2):
        half = (len(operands) + first) // 2
        computed = (value.operands and unwrap(value.data) != unwrap(x)
                    for value, x in zip(operands[half:], partials[first:half]))
        if not any(computed):
            weights = [value.data for value in operands[:first]] + list(partials[half:])
            if unwrap(sum(map(mul, weights, partials[:half]))) == unwrap(node.data):
                return first
    return None
