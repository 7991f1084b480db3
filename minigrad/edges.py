"""The backward pass as data: every edge of a graph, in the order of backward(), with its contribution.

    ∂L/∂operand = Σ over its edges of partial · upstream          upstream = ∂L/∂user, users before operands

Nothing here writes to a Value.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from minigrad.folding import LossBox
from minigrad.graph import gradients
from minigrad.validation import Number, check_data, is_finite, truncate
from minigrad.value import Value

ALL_WAYS = -1                                         # the position of an edge that stands for all routes between two


class Edge(NamedTuple):
    """user sends contribution = partial · upstream back to its operand at `position`, whose gradient is then `total`.

    Without gradients (grads=None) upstream, contribution and total are None.
    """

    user: Value
    operand: Value
    position: int
    partial: Number
    upstream: Number
    contribution: Number
    total: Number


def edges_of(order: Sequence[Value], gradient: Mapping[Value, Number],
             losses: Mapping[Value, LossBox] | None = None) -> list[Edge]:
    """Every edge between the nodes of an order, in the order of backward(), with what their gradients send back.

    gradient   {node: ∂L/∂node}; empty where there are none
    losses     those that are one operation, with an edge of ALL_WAYS to each of its operands
    """
    losses = losses or {}
    hidden = set().union(*[box.inside for box in losses.values()])
    edges, totals = [], dict[Value, Number].fromkeys(order, 0)
    for user in reversed(order):
        for operand, position, partial in ways_back(user, losses) if user not in hidden else ():
            if gradient:
                contribution = partial * gradient[user]
                totals[operand] = total = totals[operand] + contribution
                edges.append(Edge(user, operand, position, partial, gradient[user], contribution, total))
            else:
                edges.append(Edge(user, operand, position, partial, None, None, None))
    return edges


def ways_back(user: Value, losses: Mapping[Value, LossBox]) -> list[tuple[Value, int, Number]]:
    """(operand, position, ∂user/∂operand) for each operand of an operation, or of a loss that is one"""
    if box := losses.get(user):
        slopes = gradients(user, set(box.operands))
        return [(operand, ALL_WAYS, slopes[operand]) for operand in box.operands]
    return [(operand, k, partial) for k, (operand, partial) in enumerate(zip(user.operands, user.partials))]


def check_finite(gradient: Mapping[Value, Number]) -> None:
    """Raises ValueError or OverflowError where backward() would: if a number is not finite."""
    check_data(list(gradient)[::-1])
    for node, derivative in gradient.items():
        if not is_finite(derivative):
            problem = f"the gradient of {truncate(node.label) or 'a Value'} is not finite"
            raise OverflowError(f"{problem}: scale the inputs or the weights down, or take fewer steps")
