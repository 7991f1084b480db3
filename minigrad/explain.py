"""The chain rule of any gradient, read from the graph: the routes from the loss back to a Value.

    ∂L/∂w = Σ over the routes from L back to w of the product of the derivatives along the route

The graph is folded to its named Values, so a factor is ∂o_3/∂o_2, not the product, sum and tanh between them.
equation.py writes it as text and LaTeX.
"""

import math
from collections.abc import Iterable, Mapping

from minigrad.equation import MOST_TERMS, ChainRule, Factor, Term
from minigrad.graph import count_paths, paths
from minigrad.naming import first_free
from minigrad.nn import Unrolled
from minigrad.notation import count, index_of, name, series
from minigrad.snapshot import Snapshot
from minigrad.validation import Number, truncate, unwrap
from minigrad.value import Value

MOST_ROUTES = 2000                                            # more are grouped by time step

Folded = Mapping[Value, tuple[tuple[Value, Number], ...]]


def chain_rule(
    loss: Value, w: Value, unrolled: Unrolled | None = None, keep: Iterable[Value] | None = None
) -> ChainRule:
    """The chain rule for ∂loss/∂w, one term for each route through the kept Values, the last time step first.

    keep       the Values to name; by default the labelled ones and the states
    unrolled   the time steps: if there are too many routes to list, each term is that of a step

    Raises TypeError if w is not a Value, ValueError if it is not in the graph of loss, or if there are too many routes
    and no `unrolled`.
    """
    if not isinstance(w, Value):
        needed = "the Value, not its label" if isinstance(w, str) else "one Value, such as rnn.w_h[0][0]"
        raise TypeError(f"chain_rule: {truncate(repr(w))} is of type {type(w).__name__}; pass {needed}")
    snapshot = Snapshot(loss, [unrolled] if unrolled else [])
    if w is loss or w not in snapshot.gradient:
        raise ValueError(f"chain_rule: {w!r} is not in the graph of {loss!r}")
    folded = snapshot.fold([*(snapshot.named if keep is None else keep), w])
    labels = labels_of(snapshot, w, folded)
    routes = count_paths(folded, loss, w)
    if unrolled and not w.operands and routes > most_routes(unrolled):
        return grouped_by_step(snapshot, w, labels, routes)
    if routes > MOST_ROUTES:
        raise ValueError(
            f"chain_rule: {count(routes)} routes lead from {labels[loss]} back to {labels[w]}, too many to list; "
            "pass `unrolled` to add up those of a weight by time step, or keep fewer Values"
        )
    immediate = immediate_edges(folded, labels)
    factor = {
        (node, operand): Factor(labels[node], labels[operand], (node, operand) in immediate, derivative)
        for node, edges in folded.items()
        for operand, derivative in edges
    }
    terms = []
    for path in paths(folded, loss, w):
        route = tuple([factor[node, operand] for node, operand, _ in path])
        terms.append(Term(route, math.prod([f.value for f in route])))
    if len({series(term.user) for term in terms}) == 1 and series(terms[0].user):
        terms.sort(key=lambda term: -int(index_of(term.user)))           # the last time step first
    return ChainRule(labels[loss], labels[w], terms, routes, sum(term.product for term in terms))


def labels_of(snapshot: Snapshot, w: Value, folded: Folded) -> dict[Value, str]:
    """The labels of the folded graph; w without a label is w, another Value v_7, the seventh in the order"""
    labels = dict(snapshot.label)
    taken = {*labels.values(), *map(name, labels.values())}
    for k, value in enumerate(snapshot.order):
        if value in folded and value not in labels:
            labels[value] = first_free("w" if value is w else f"v_{k}", taken)
    return labels


def most_routes(unrolled: Unrolled) -> int:
    """The number of routes that are listed one by one: one a step for a vector; for an LSTM with one unit as many as
    are printed"""
    if len(unrolled.initial) > 1:
        return len(unrolled)
    return MOST_TERMS if unrolled.initial_cell else MOST_ROUTES


def immediate_edges(folded: Folded, labels: Mapping[Value, str]) -> set[tuple[Value, Value]]:
    """The edges (node, operand) whose operand also reaches the node by a longer route.  If one of the nodes o_1, o_2, …
    has such an edge, those of all are marked: the lecture writes ∂⁺o_j/∂w for every j."""
    users: dict[Value, set[Value]] = {}
    for node, edges in folded.items():
        for operand, _ in edges:
            users.setdefault(operand, set()).add(node)
    immediate: set[tuple[Value, Value]] = set()
    for operand, using in users.items():
        if len(using) > 1:
            reached: set[Value] = set()               # the nodes that a user of the operand leads to
            for node, edges in folded.items():        # operands first
                if any(end in using or end in reached for end, _ in edges):
                    reached.add(node)
            of_series = {series(labels[user]) for user in using if user in reached} - {""}
            immediate |= {(user, operand) for user in using if user in reached or series(labels[user]) in of_series}
    return immediate


def grouped_by_step(snapshot: Snapshot, w: Value, labels: Mapping[Value, str], routes: int) -> ChainRule:
    """A term for each time step, and one for the uses of w outside the steps"""
    [unrolled], ledger = snapshot.unrolleds, snapshot.ledger(w)
    of, by = labels[snapshot.loss], labels[w]
    hidden = range(len(unrolled.carried[-1]))
    product = [[float(r == c) for c in hidden] for r in hidden]
    terms = []
    for t, jacobian in zip(range(len(unrolled), 0, -1), reversed(snapshot.jacobians)):
        norm = math.hypot(*[x for row in product for x in row])
        term = ledger.terms[t - 1]
        terms.append(Term((Factor(of, by, False, term),), term, t, norm))
        product = [[sum(a * float(unwrap(b)) for a, b in zip(row, column)) for column in zip(*jacobian)]
                   for row in product]
    if unwrap(ledger.elsewhere):
        terms.append(Term((Factor(of, by, True, ledger.elsewhere),), ledger.elsewhere, 0))
    return ChainRule(of, by, terms, routes, ledger.total, unrolled.state_symbols)
