"""The chain rule of every gradient on the page: for a Value its routes to the loss, each an edge of the graph folded to
its named Values."""

from typing import Any

from minigrad.draw.page.coded import Coded
from minigrad.draw.picture import Quantity
from minigrad.draw.views.sketch import ALL_WAYS
from minigrad.explain import immediate_edges, labels_of
from minigrad.graph import count_paths, paths
from minigrad.notation import count, index_of, series
from minigrad.snapshot import Edge, Snapshot
from minigrad.validation import Number
from minigrad.value import Value

MAX_ROUTES = 12                                       # more of them are added up by time step, or only counted


def routes_of(value: Value, snapshot: Snapshot, coded: Coded) -> dict[str, Any]:
    """{"rows": [[edge, whether it is immediate], …] for each route from the loss}, the last time step first; or where
    they are too many, {"steps": [[t, quantity], …], "routes": how many}"""
    named = {*snapshot.named, snapshot.loss, value}
    folded = latest_first(snapshot.fold(named))
    routes = count_paths(folded, snapshot.loss, value)
    if routes == 1 and value in dict(folded[snapshot.loss]) and not snapshot.unrolleds:
        every = latest_first(snapshot.fold(snapshot.order))               # nothing between has a name: then all of it
        if 1 <= count_paths(every, snapshot.loss, value) <= MAX_ROUTES:
            named, folded = {*snapshot.order}, every
            routes = count_paths(folded, snapshot.loss, value)
    if routes > max(MAX_ROUTES, len(snapshot.unrolleds[0]) if snapshot.unrolleds else 0):
        return {"routes": count(routes), "steps": terms_of(value, snapshot, coded)}
    labels = labels_of(snapshot, value, folded)
    immediate = immediate_edges(folded, labels)
    ways = list(paths(folded, snapshot.loss, value))
    users = [labels[way[-1][0]] for way in ways]
    if len({series(user) for user in users}) == 1 and series(users[0]):
        ways.sort(key=lambda way: -int(index_of(labels[way[-1][0]])))

    def coded_edge(user: Value, operand: Value, slope: Number) -> list[int]:
        return [coded.edge(Edge(user, operand, ALL_WAYS, slope, 0, 0, 0), named), int((user, operand) in immediate)]

    return {"rows": [[coded_edge(*edge) for edge in way] for way in ways]}


def latest_first(folded: dict) -> dict:
    """The folded graph, of each node the edge to the latest operand first"""
    return {node: tuple(sorted(edges, key=lambda edge: -edge[0].made)) for node, edges in folded.items()}


def terms_of(value: Value, snapshot: Snapshot, coded: Coded) -> list[list]:
    """[t, the place of the quantity] for each step whose cell or readout uses the Value, the last first; t = 0: none"""
    steps = {snapshot.step.get(edge.user, 0) for edge in snapshot.uses.get(value, ())}
    return [[t, coded.quantity(Quantity("term", (value, (t,)), 0))] for t in sorted(steps, reverse=True)]
