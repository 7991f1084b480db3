"""The graph of a computation, read from its result backwards.

A node is anything with .operands (the nodes it was computed from, in order, repeats kept), .partials (for each operand
the number ∂node/∂operand) and .made (how many nodes were made before it).  An operand is made before its user.  So the
earliest made first puts operands before users; the latest made first, the order of backward(), puts users before
operands.  Nothing here changes a node, and nothing recurses: an unrolled RNN is deeper than Python's recursion limit.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, TypeAlias

Node: TypeAlias = Any                                 # anything with .operands, .partials and .made, such as a Value
Number: TypeAlias = Any
Folded: TypeAlias = dict[Node, tuple[tuple[Node, Number], ...]]

made = attrgetter("made")


def reached(root: Node, stop_at: Collection[Node] = ()) -> list[Node]:
    """Every node that root was computed from, each once, root first.

    The walk stops at the nodes in `stop_at`, a set: they are included, their operands are not.  Time linear in nodes
    and edges.  Raises TypeError if root is not a Value, ValueError if an operand is not older than its user.
    """
    if not hasattr(root, "operands"):
        raise TypeError(f"{root!r} is not a Value: pass the result of a computation, such as the loss")
    nodes, seen = [root], {root}
    for node in nodes:                                # the list grows while it is read
        if stop_at and node in stop_at and node is not root:
            continue
        before = node.made
        for operand in node.operands:
            if operand.made >= before:
                needed = "an operand must be made before its user"
                raise ValueError(f"the graph holds a cycle through {operand!r}, or was changed by hand; {needed}")
            if operand not in seen:
                seen.add(operand)
                nodes.append(operand)
    return nodes


def topological_order(root: Node, stop_at: Collection[Node] = ()) -> list[Node]:
    """Every node that root was computed from, the earliest made first: operands before their users, root last.

    stop_at, errors: see reached()
    """
    return sorted(reached(root, stop_at), key=made)


def latest_first(root: Node, stop_at: Collection[Node] = ()) -> list[Node]:
    """The same, the latest made first: the order of backward()"""
    return sorted(reached(root, stop_at), key=made, reverse=True)


def gradients(root: Node, stop_at: Collection[Node] = ()) -> dict[Node, Number]:
    """{node: ∂root/∂node} for every node that root was computed from, operands first; no .grad is read or written.

    ∂root/∂operand = Σ over its uses of ∂user/∂operand · ∂root/∂user, added in the order of backward(): equal to .grad
    to the bit.  stop_at: see reached(); the derivative with respect to a node in it is the sum over the routes that
    pass through no other.
    """
    order = topological_order(root, stop_at)
    gradient: dict[Node, Number] = dict.fromkeys(order, 0)
    gradient[root] = 1
    for node in reversed(order):
        if not stop_at or node not in stop_at or node is root:
            for operand, partial in zip(node.operands, node.partials):
                gradient[operand] += partial * gradient[node]
    return gradient


def uses(root: Node, value: Node) -> list[tuple[Node, int]]:
    """Every use of value in the graph of root: [(user, position in user.operands), …], earliest user first."""
    return [
        (user, position)
        for user in topological_order(root)
        for position, operand in enumerate(user.operands)
        if operand is value
    ]


def fold(root: Node, keep: Iterable[Node]) -> Folded:
    """The graph contracted to root and the nodes in keep: {node: ((operand, derivative), …)}, operands first.

    The edge from operand to node carries ∂node/∂operand along all routes that pass through no other kept node.
    """
    return fold_order(topological_order(root), keep)


def fold_order(order: Sequence[Node], keep: Iterable[Node]) -> Folded:
    """fold() of a graph whose topological order is known"""
    kept, folded = {*keep, order[-1]}, {}
    for node in order:
        if node in kept:
            local = gradients(node, kept)
            folded[node] = tuple([(end, local[end]) for end in local if end in kept and end is not node])
    return folded


def paths(folded: Folded, root: Node, target: Node) -> Iterator[list[tuple[Node, Node, Number]]]:
    """Every route from root back to target in a folded graph, one at a time: a list of edges
    [(node, operand, ∂node/∂operand), …], from root to target.

    At each node the edge straight to the target comes first, then the latest made.  There can be exponentially many
    routes: count_paths() counts them without listing any.  Raises ValueError if root or target is not in the folded
    graph.
    """
    routes = count_routes_to(folded, root, target)
    path: list[tuple[Node, Node, Number]] = []
    waiting = [iter(edges_toward(target, folded, root, routes))]
    while waiting:
        edge = next(waiting[-1], None)
        if edge is None:
            waiting.pop()
            if path:
                path.pop()
        elif edge[1] is target:
            yield [*path, edge]
        else:
            path.append(edge)
            waiting.append(iter(edges_toward(target, folded, edge[1], routes)))


def count_paths(folded: Folded, root: Node, target: Node) -> int:
    """The number of routes that paths() lists"""
    return count_routes_to(folded, root, target).get(root, 0) if root is not target else 0


def count_routes_to(folded: Folded, root: Node, target: Node) -> dict[Node, int]:
    """{node: the number of routes from it back to target}, for the nodes that have one"""
    for node in (root, target):
        if node not in folded:
            raise ValueError(f"{node!r} is not in the folded graph: keep it when you fold")
    routes = {target: 1}
    for node, edges in folded.items():                # operands first
        count = sum(routes.get(operand, 0) for operand, _ in edges)
        if count and node is not target:
            routes[node] = count
    return routes


def edges_toward(
    target: Node, folded: Folded, node: Node, routes: dict[Node, int]
) -> list[tuple[Node, Node, Number]]:
    """The edges from a node that lead to the target: the one straight to it, then the latest made first"""
    edges = [(node, operand, derivative) for operand, derivative in folded[node] if operand in routes]
    return sorted(edges, key=lambda edge: (edge[1] is not target, -edge[1].made))
