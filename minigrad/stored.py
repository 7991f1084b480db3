"""What .grad holds, beside the gradients that the graph gives: how far a backward pass has come, what others have left.

Only .grad is read: that of an interior Value is its running total, because it starts from 0; that of a leaf too, if it
was 0 before.
"""

from collections.abc import Mapping, Sequence

from minigrad.edges import Edge
from minigrad.notation import number
from minigrad.validation import Number, unwrap
from minigrad.value import Value


def holds(value: Value, gradient: Number) -> bool:
    """Whether .grad is this gradient, but for rounding"""
    return unwrap(value.grad) == unwrap(gradient) or number(value.grad, 9) == number(gradient, 9)


def edges_added(loss: Value, order: Sequence[Value], edges: Sequence[Edge]) -> int | None:
    """See Snapshot.edges_added; edges: those of the whole pass, in the order of backward()"""
    stored = {node: unwrap(node.grad) for node in order}
    interior = [node for node in order if node.operands]
    if not any(stored[node] for node in interior):
        return 0
    wrong = {node for node in interior if stored[node] != (1 if node is loss else 0)}
    wrong_leaves = {node for node in order if not node.operands and stored[node]}
    candidates = [] if wrong else [(len(wrong_leaves), 0)]    # the fewest wrong leaves, then the most edges
    for k, edge in enumerate(edges, start=1):
        differing = wrong if edge.operand.operands else wrong_leaves
        if stored[edge.operand] == unwrap(edge.total):
            differing.discard(edge.operand)
        else:
            differing.add(edge.operand)
        if not wrong:
            candidates.append((len(wrong_leaves), -k))
    return -min(candidates)[1] if candidates else None


def held_before(order: Sequence[Value], added: Sequence[Edge]) -> set[Value]:
    """The leaves whose .grad is not the sum of what the edges have added to it"""
    total: Mapping[Value, Number] = {edge.operand: edge.total for edge in added}
    return {value for value in order if not value.operands and not holds(value, total.get(value, 0))}
