"""The backward pass as data: every edge of a graph, in the order of backward(), with what flows back along it.

    ∂L/∂operand = Σ over its edges of partial · upstream          upstream = ∂L/∂user, users before operands

Nothing here writes to a Value.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from minigrad.graph import gradients
from minigrad.nn import Unrolled
from minigrad.number import Number, innermost, is_finite, refuse_infinite_data, shortened
from minigrad.value import Value


class Edge(NamedTuple):
    """user sends contribution = partial · upstream back to its operand at `position`, whose gradient then is `total`.

    Without gradients (grads=None) upstream, contribution and total are None.
    """

    user: Value
    operand: Value
    position: int
    partial: Number
    upstream: Number
    contribution: Number
    total: Number


def edges_of(order: Sequence[Value], gradient: Mapping[Value, Number] | None) -> list[Edge]:
    """Every edge between the nodes of an order, in the order of backward(), with what their gradients send back"""
    if gradient is None:
        return [Edge(user, operand, position, partial, None, None, None) for user in reversed(order)
                for position, (operand, partial) in enumerate(zip(user.operands, user.partials))]
    edges, totals = [], dict[Value, Number].fromkeys(order, 0)
    for user in reversed(order):
        upstream = gradient[user]
        for position, (operand, partial) in enumerate(zip(user.operands, user.partials)):
            contribution = partial * upstream
            totals[operand] = total = totals[operand] + contribution
            edges.append(Edge(user, operand, position, partial, upstream, contribution, total))
    return edges


def edges_carried(loss: Value, order: Sequence[Value]) -> int | None:
    """See Snapshot.carried"""
    stored = {node: innermost(node.grad) for node in order}
    computed = [node for node in order if node.operands]
    if not any(stored[node] for node in computed):
        return 0
    wrong = {node for node in computed if stored[node] != (1 if node is loss else 0)}
    wrong_leaves = {node for node in order if not node.operands and stored[node]}
    places = [] if wrong else [(len(wrong_leaves), 0)]
    for k, edge in enumerate(edges_of(order, gradients(loss)), start=1):
        doubted = wrong if edge.operand.operands else wrong_leaves
        if stored[edge.operand] == innermost(edge.total):
            doubted.discard(edge.operand)
        else:
            doubted.add(edge.operand)
        if not wrong:
            places.append((len(wrong_leaves), -k))
    return -min(places)[1] if places else None


def beyond_the_cuts(gradient: Mapping[Value, Number], unrolled: Unrolled) -> tuple[dict[Value, Number], list[Edge]]:
    """{node: the gradient removed by the cuts}, and the edges along which it would have come.

    At each cut, the last first, that is the gradient of Σ arrived·state, where arrived is the gradient that ended at
    the leaf in the state's place.
    """
    arrived: dict[Value, Number] = {leaf: gradient.get(leaf, 0) for leaf in unrolled.cuts}
    leaves_of: dict[Value, list[Value]] = {}
    for leaf, state in unrolled.cuts.items():
        leaves_of.setdefault(state, []).append(leaf)
    missed: dict[Value, Number] = {}
    edges: list[Edge] = []
    carried = unrolled.carried if leaves_of else []
    for t in range(len(carried) - 1, -1, -1):
        states = [o for o in dict.fromkeys(carried[t]) if o in leaves_of and not any(o in c for c in carried[:t])]
        if states:
            sums = [sum(arrived[leaf] for leaf in leaves_of[state]) for state in states]
            root = Value(0, "cut", tuple(states), tuple(sums))
            part = gradients(root)
            for node, slope in part.items():
                missed[node] = missed.get(node, 0) + slope
                if node in arrived:                           # an earlier cut gets its share of it
                    arrived[node] += slope
            edges += [edge for edge in edges_of(list(part), part) if edge.user is not root]
    return missed, edges


def check_finite(gradient: Mapping[Value, Number]) -> None:
    """Raises ValueError or OverflowError where backward() would: if a number is not finite."""
    refuse_infinite_data(gradient, gradient)
    for node, slope in gradient.items():
        if not is_finite(slope):
            what = f"the gradient of {shortened(node.label) or 'a Value'} is not finite"
            raise OverflowError(f"{what}: scale the inputs or the weights down, or take fewer steps")
