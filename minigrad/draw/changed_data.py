"""Whether the weights and inputs of a graph still hold the numbers that it was computed from.

A product keeps them: its partial for one factor is the number that the other had in the forward pass.
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
        for leaf, before in factors(node):
            if not leaf.operands and unwrap(leaf.data) != unwrap(before) and is_finite(before):
                name = f"{leaf.label or 'a leaf'} is {number(leaf.data)}, and was {number(before)}"
                mixed = "the picture mixes new numbers and old; run the forward pass again"
                warnings.warn(f"{what}: {name} when the graph was computed: {mixed}", stacklevel=stacklevel + 1)
                return


def factors(node: Value) -> Iterator[tuple[Value, Number]]:
    """(factor, the number that it had in the forward pass) of a product or a dot"""
    operands, partials = node.operands, node.partials
    if node.op == "*":
        yield from zip(operands, reversed(partials))
    if node.op == "dot":                              # n weights, n inputs, then up to two offsets
        for offsets in range(len(operands) % 2, 3, 2):
            n = (len(operands) - offsets) // 2
            total = sum(map(mul, partials[n : 2 * n], partials[:n]))
            for offset in operands[2 * n :]:
                total += offset.data
            if unwrap(total) == unwrap(node.data):                 # these are the n numbers that were multiplied
                yield from zip(operands[: 2 * n], partials[n : 2 * n] + partials[:n])
                return
