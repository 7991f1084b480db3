"""The backward pass as data: every edge of a graph, in the order of backward(), with what flows back along it.

    ∂L/∂operand = Σ over its edges of partial · upstream          upstream = ∂L/∂user, users before operands

Nothing here writes to a Value.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from minigrad.folding import LossBox
from minigrad.graph import gradients, topological_order
from minigrad.validation import Number, check_data, is_finite, truncate, unwrap
from minigrad.value import Value

ALL_WAYS = -1                                         # the position of an edge that stands for all ways between two


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


def edges_of(order: Sequence[Value], gradient: Mapping[Value, Number] | None,
             losses: Mapping[Value, LossBox] | None = None) -> list[Edge]:
    """Every edge between the nodes of an order, in the order of backward(), with what their gradients send back.

    losses: those that are one operation, with an edge of ALL_WAYS to each of its operands
    """
    losses = losses or {}
    hidden = set().union(*[box.inside for box in losses.values()])
    edges, totals = [], dict[Value, Number].fromkeys(order, 0)
    for user in reversed(order):
        for operand, position, partial in ways_back(user, losses) if user not in hidden else ():
            if gradient is None:
                edges.append(Edge(user, operand, position, partial, None, None, None))
                continue
            upstream = gradient[user]
            contribution = partial * upstream
            totals[operand] = total = totals[operand] + contribution
            edges.append(Edge(user, operand, position, partial, upstream, contribution, total))
    return edges


def ways_back(user: Value, losses: Mapping[Value, LossBox]) -> list[tuple[Value, int, Number]]:
    """(operand, position, ∂user/∂operand) for each operand of an operation, or of a loss that is one"""
    if box := losses.get(user):
        slopes = gradients(user, set(box.operands))
        return [(operand, ALL_WAYS, slopes[operand]) for operand in box.operands]
    return [(operand, k, partial) for k, (operand, partial) in enumerate(zip(user.operands, user.partials))]


def edges_carried(loss: Value, order: Sequence[Value], gradient: Mapping[Value, Number]) -> int | None:
    """See Snapshot.carried"""
    stored = {node: unwrap(node.grad) for node in order}
    computed = [node for node in order if node.operands]
    if not any(stored[node] for node in computed):
        return 0
    wrong = {node for node in computed if stored[node] != (1 if node is loss else 0)}
    wrong_leaves = {node for node in order if not node.operands and stored[node]}
    places = [] if wrong else [(len(wrong_leaves), 0)]
    for k, edge in enumerate(edges_of(order, gradient), start=1):
        doubted = wrong if edge.operand.operands else wrong_leaves
        if stored[edge.operand] == unwrap(edge.total):
            doubted.discard(edge.operand)
        else:
            doubted.add(edge.operand)
        if not wrong:
            places.append((len(wrong_leaves), -k))
    return -min(places)[1] if places else None


def beyond_the_cuts(gradient: Mapping[Value, Number], cuts: Mapping[Value, Value]) -> dict[Value, Number]:
    """{node: the gradient removed by the cuts}: what arrives at the leaf of each cut goes on to the state in its place.

    A leaf was made after its state, so all that it gets has arrived when the state's turn comes.
    """
    order = topological_order(Value(0, "cut", tuple(cuts.values()), (0,) * len(cuts))) if cuts else []
    missed: dict[Value, Number] = dict.fromkeys(order, 0)
    arrived = {leaf: gradient.get(leaf, 0) for leaf in cuts}
    for leaf in [leaf for leaf in cuts if leaf not in missed]:
        missed[cuts[leaf]] += arrived[leaf]
    for node in reversed(order):
        if node in cuts:
            missed[cuts[node]] += arrived[node] + missed[node]
        for operand, partial in zip(node.operands, node.partials):
            missed[operand] += partial * missed[node]
    return missed


def check_finite(gradient: Mapping[Value, Number]) -> None:
    """Raises ValueError or OverflowError where backward() would: if a number is not finite."""
    check_data(list(gradient)[::-1])
    for node, slope in gradient.items():
        if not is_finite(slope):
            what = f"the gradient of {truncate(node.label) or 'a Value'} is not finite"
            raise OverflowError(f"{what}: scale the inputs or the weights down, or take fewer steps")
