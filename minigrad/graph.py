"""The graph of a computation, read from its result backwards.

A node is anything with .operands (the nodes it was computed from, in order, repeats kept) and .partials
(for each operand the number ∂node/∂operand).  Nothing here writes to a node, and nothing recurses: an
unrolled RNN is deeper than Python's recursion limit.
"""


def topological_order(root, ends=(), leaves=True):
    """Every node that root was computed from, operands before their users, root last.

    Counts the uses of each node, then walks back from the root and takes a node once all its users are taken
    (Kahn 1962).  So the reversed order, which is the order of backward(), goes from the root outwards: of two
    uses of one weight, the one fewer steps away comes first.  At the nodes in `ends`, a set, the walk stops: they
    are in the order, and what they were computed from is not.  leaves=False leaves the leaves out, which are many, and
    which nothing waits for.  Linear in nodes and edges.

    Raises ValueError if the graph, changed by hand, holds a cycle.
    """
    if not hasattr(root, "operands"):
        raise TypeError(f"{root!r} is not a Value: pass the result of a computation, such as the loss")
    waiting_for = {root: 0}                          # node → how many of its uses have not been taken yet
    found = [root] if leaves or root.operands else []
    for node in found:                               # the list grows while it is read
        if not ends or node not in ends or node is root:
            for operand in node.operands:
                if operand.operands or leaves:
                    if operand in waiting_for:
                        waiting_for[operand] += 1
                    else:
                        waiting_for[operand] = 1
                        found.append(operand)
    order = found[:1] if waiting_for[root] == 0 else []
    for node in order:
        if not ends or node not in ends or node is root:
            for operand in reversed(node.operands):
                if operand.operands or leaves:
                    if waiting_for[operand] == 1:
                        order.append(operand)
                    else:
                        waiting_for[operand] -= 1
    if len(order) < len(found):
        taken = set(order)
        inside = next(node for node in found if node not in taken)
        raise ValueError(f"the graph holds a cycle through {inside!r}; an operand must be made before its user")
    order.reverse()
    return order


def gradients(root, ends=()):
    """{node: ∂root/∂node} for every node that root was computed from; no .grad is read or written.

    ∂root/∂operand = Σ over its uses of ∂user/∂operand · ∂root/∂user.  The sums are made in the order of
    backward(), so that they are the same to the bit.  `ends`: as in topological_order; the derivative with respect to
    an end is then taken along the ways that pass no other end.
    """
    order = topological_order(root, ends)
    gradient = dict.fromkeys(order, 0)
    gradient[root] = 1
    for node in reversed(order):
        if not ends or node not in ends or node is root:
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
    order = topological_order(root)
    kept = set(keep) | {root}
    folded = {}
    for node in order:
        if node in kept:
            local = gradients(node, kept)
            folded[node] = tuple((end, local[end]) for end in local if end in kept and end is not node)
    return folded


def paths(folded, root, target):
    """Every route from root back to target in a folded graph, one at a time: a list of edges
    [(node, operand, ∂node/∂operand), …], from root to target.

    At each node the edge that leads straight to the target comes first.  There can be exponentially many: count_paths
    tells how many, without a walk along any.  Raises ValueError where a node is not in the folded graph.
    """
    leads = leading_to(folded, root, target)
    path: list[tuple] = []
    waiting = [iter(onward(folded, root, target, leads))]
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
            waiting.append(iter(onward(folded, edge[1], target, leads)))


def count_paths(folded, root, target) -> int:
    """How many routes paths() would list"""
    return leading_to(folded, root, target).get(root, 0) if root is not target else 0


def leading_to(folded, root, target):
    """{node: the number of routes from it back to target}, for the nodes that have one"""
    for node in (root, target):
        if node not in folded:
            raise ValueError(f"{node!r} is not in the folded graph: keep it when you fold")
    routes = {target: 1}
    for node, edges in folded.items():                # operands first
        found = sum(routes.get(operand, 0) for operand, _ in edges)
        if found and node is not target:
            routes[node] = found
    return routes


def onward(folded, node, target, leads):
    """The edges from a node that lead to the target, the one straight to it first"""
    edges = [(node, operand, derivative) for operand, derivative in folded[node] if operand in leads]
    return sorted(edges, key=lambda edge: edge[1] is not target)
