"""The graph of a computation, read from its result backwards.

A node is anything with .operands (the nodes it was computed from, in order, repeats kept), .partials (for each operand
the number ∂node/∂operand) and .made (how many nodes were made before it).  An operand is made before its user: so
"the earliest made first" has operands before users, and "the latest made first", the order of backward(), every use of
a node before the node itself.  Nothing here writes to a node, and nothing recurses: an unrolled RNN is deeper than
Python's recursion limit.
"""

from operator import attrgetter

made = attrgetter("made")


def reached(root, stop_at=()):
    """Every node that root was computed from, each once, root first.

    At the nodes in `stop_at`, a set, the walk stops: they are reached, and what they were computed from is not.  Linear
    in nodes and edges.  Raises ValueError for an operand that is not older than its user.
    """
    if not hasattr(root, "operands"):
        raise TypeError(f"{root!r} is not a Value: pass the result of a computation, such as the loss")
    found, seen = [root], {root}
    for node in found:                                # the list grows while it is read
        if stop_at and node in stop_at and node is not root:
            continue
        before = node.made
        for operand in node.operands:
            if operand.made >= before:
                needed = "an operand must be made before its user"
                raise ValueError(f"the graph holds a cycle through {operand!r}, or was changed by hand; {needed}")
            if operand not in seen:
                seen.add(operand)
                found.append(operand)
    return found


def topological_order(root, stop_at=()):
    """Every node that root was computed from, the earliest made first: operands before their users, root last.

    stop_at, errors: as in reached()
    """
    return sorted(reached(root, stop_at), key=made)


def latest_first(root, stop_at=()):
    """The same, the latest made first: the order of backward()"""
    return sorted(reached(root, stop_at), key=made, reverse=True)


def gradients(root, stop_at=()):
    """{node: ∂root/∂node} for every node that root was computed from, operands first; no .grad is read or written.

    ∂root/∂operand = Σ over its uses of ∂user/∂operand · ∂root/∂user.  The sums are made in the order of
    backward(), so that they are the same to the bit.  stop_at: as in reached(); the derivative with respect to a
    node in it is taken along the ways that pass no other.
    """
    order = topological_order(root, stop_at)
    gradient = dict.fromkeys(order, 0)
    gradient[root] = 1
    for node in reversed(order):
        if not stop_at or node not in stop_at or node is root:
            for operand, partial in zip(node.operands, node.partials):
                gradient[operand] += partial * gradient[node]
    return gradient


def uses(root, value):
    """Every use of value in the graph of root: [(user, position in user.operands), …], earliest user first."""
    return [
        (user, position)
        for user in topological_order(root)
        for position, operand in enumerate(user.operands)
        if operand is value
    ]


def fold(root, keep):
    """The graph contracted to root and the nodes in keep: {node: ((operand, derivative), …)}, operands first.

    The edge from operand to node carries ∂node/∂operand along all ways that pass no other kept node.
    """
    kept = set(keep) | {root}
    folded = {}
    for node in topological_order(root):
        if node in kept:
            local = gradients(node, kept)
            folded[node] = tuple((end, local[end]) for end in local if end in kept and end is not node)
    return folded


def paths(folded, root, target):
    """Every route from root back to target in a folded graph, one at a time: a list of edges
    [(node, operand, ∂node/∂operand), …], from root to target.

    At each node the edge that leads straight to the target comes first, then the latest made.  There can be
    exponentially many: count_paths tells how many, without a walk along any.  Raises ValueError where a node is not in
    the folded graph.
    """
    routes = count_routes_to(folded, root, target)
    path: list[tuple] = []
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


def count_paths(folded, root, target) -> int:
    """How many routes paths() would list"""
    return count_routes_to(folded, root, target).get(root, 0) if root is not target else 0


def count_routes_to(folded, root, target):
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


def edges_toward(target, folded, node, routes):
    """The edges from a node that lead to the target: the one straight to it, then the latest made first"""
    edges = [(node, operand, derivative) for operand, derivative in folded[node] if operand in routes]
    return sorted(edges, key=lambda edge: (edge[1] is not target, -edge[1].made))
