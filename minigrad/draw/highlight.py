"""Fading all of a picture but what is asked for: a Value with its routes to the loss, a path, or one time step."""

from itertools import pairwise

from minigrad.draw.picture import Arrow, Box, Picture, as_shown
from minigrad.snapshot import Snapshot
from minigrad.value import Value


def highlighted(picture: Picture, snapshot: Snapshot, what) -> Picture:
    """The picture, each box and arrow faded that shows nothing of `what`: a Value, a list of them along a path, or a t.

    Raises ValueError where `what` names nothing in the graph.
    """
    wanted = wanted_of(snapshot, what)

    def fade(part: Box | Arrow) -> dict:
        shows_none = part.shows and wanted.isdisjoint(map(as_shown, part.shows))
        return {"look": "faded"} if shows_none else {}

    return picture.change(lambda cell: cell, fade, fade)


def wanted_of(snapshot: Snapshot, what) -> set:
    """The Values, the edges (user, operand), and the ("input", t) that `what` names"""
    if isinstance(what, Value):
        return routes(snapshot, what)
    if isinstance(what, int) and not isinstance(what, bool):
        return of_step(snapshot, what)
    path = list(what) if isinstance(what, (list, tuple)) else []
    if not path or not all(isinstance(v, Value) and v in snapshot.gradient for v in path):
        raise ValueError("draw: highlight must be a Value of the graph, a list of them along a path, or a time step")
    return set(path) | {edge for a, b in pairwise(path) for edge in ((a, b), (b, a))}


def routes(snapshot: Snapshot, value: Value) -> set:
    """A Value and all that was computed from it"""
    if value not in snapshot.gradient:
        raise ValueError(f"draw: highlight={value!r} is not in the graph of {snapshot.loss!r}")
    nodes = {value}
    for node in snapshot.order:                       # operands come first
        if not nodes.isdisjoint(node.operands):
            nodes.add(node)
    return nodes | {(node, operand) for node in nodes for operand in nodes}


def of_step(snapshot: Snapshot, t: int) -> set:
    """What was computed in a time step, from what, and what led to its state"""
    if len(snapshot.unrolleds) != 1:
        raise ValueError(f"draw: highlight={t}, a time step, needs one `unrolled` RNN")
    [unrolled] = snapshot.unrolleds
    if not 1 <= t <= len(unrolled):
        raise ValueError(f"draw: highlight={t} is not a time step; they go from 1 to {len(unrolled)}")
    nodes = {node for node, step in snapshot.step.items() if step == t}
    edges = {(edge.user, edge.operand) for edge in snapshot.edges if edge.user in nodes}
    across = {(o, before) for o in unrolled[t - 1].carried for before in snapshot.order}
    return nodes | {("input", t)} | {operand for _, operand in edges} | edges | across
