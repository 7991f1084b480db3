"""The backward pass as data: every edge of a graph, in the order of backward(), with what flows back along it.

    ∂L/∂operand = Σ over its edges of partial · upstream          upstream = ∂L/∂user, users before operands

This is the one place where the readings of a graph add up gradients.  Nothing here writes to a Value.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from minigrad.graph import topological_order
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


def flow_back(
    root: Value, order: Sequence[Value], grads: str | None = "computed"
) -> tuple[dict[Value, Number], list[Edge]]:
    """{node: ∂root/∂node}, and every edge in the order of backward().  grads: as in Snapshot"""
    arrived: dict[Value, Number] = dict.fromkeys(order, 0)
    arrived[root] = 1
    gradient = arrived if grads == "computed" else {node: node.grad for node in order} if grads else {}
    edges = []
    for user in reversed(order):
        for position, (operand, partial) in enumerate(zip(user.operands, user.partials)):
            upstream = contribution = total = None
            if grads:
                upstream = gradient[user]
                contribution = partial * upstream
                total = arrived[operand] = arrived[operand] + contribution
            edges.append(Edge(user, operand, position, partial, upstream, contribution, total))
    return gradient, edges


def edges_carried(loss: Value, order: Sequence[Value]) -> int | None:
    """See Snapshot.carried"""
    stored = {node: innermost(node.grad) for node in order}
    computed = [node for node in order if node.operands]
    if not any(stored[node] for node in computed):
        return 0
    wrong = {node for node in computed if stored[node] != (1 if node is loss else 0)}
    wrong_leaves = {node for node in order if not node.operands and stored[node]}
    places = [] if wrong else [(len(wrong_leaves), 0)]
    for k, edge in enumerate(flow_back(loss, order)[1], start=1):
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
            part, part_edges = flow_back(root, topological_order(root))
            for node, slope in part.items():
                missed[node] = missed.get(node, 0) + slope
                if node in arrived:                           # an earlier cut gets its share of it
                    arrived[node] += slope
            edges += [edge for edge in part_edges if edge.user is not root]
    return missed, edges


def check_finite(gradient: Mapping[Value, Number]) -> None:
    """Raises ValueError or OverflowError where backward() would: if a number is not finite."""
    refuse_infinite_data(gradient, gradient)
    for node, slope in gradient.items():
        if not is_finite(slope):
            what = f"the gradient of {shortened(node.label) or 'a Value'} is not finite"
            raise OverflowError(f"{what}: scale the inputs or the weights down, or take fewer steps")
