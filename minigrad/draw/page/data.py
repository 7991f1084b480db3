"""What the script of the page needs, as data.  An element's id is that of its box or arrow; of a cell a_ and its id."""

from collections.abc import Sequence
from typing import Any

from minigrad.draw.page.coded import Coded
from minigrad.draw.page.film import Film
from minigrad.draw.page.graph import PageGraph
from minigrad.draw.page.routes import routes_of
from minigrad.draw.page.words import Words
from minigrad.draw.picture import Box, Picture, Quantity, as_shown, cells_of
from minigrad.draw.views.parts import Parts, matrices
from minigrad.naming import roles_of_unrolleds
from minigrad.notation import name as on_paper
from minigrad.notation import printable
from minigrad.snapshot import Snapshot
from minigrad.value import Value

MAX_EXPLAINED = 120                                   # Values whose routes the page knows


def data_of(picture: Picture, snapshot: Snapshot, asked: Sequence[Value] = (), vocabulary: Sequence[str] = (),
            captions: Sequence[str] = ()) -> dict[str, Any]:
    """nodes      the graph: see graph.py;   edges, quantities: see coded.py
    names      of the nodes, on paper;   labels  {label, or else the name: node}, for links and the console
    step       of each node its time step, 0 for none
    leaves     what a reader can move: {"node", "role", "bounds"}, in the order of the bar
    locked     [name, why it cannot be moved]
    matrices   [name, [[node or null, …], …]] of leaves that are one matrix
    cells      {id: {"texts", "fill": quantity}} of every cell with a number or a word
    boxes      {id: {"shows": nodes, "edges", "tip": text}}
    arrows     {id: {"flow": quantity, "shows": [[user, operand], …], "tip": text}}
    dashed     whether the arrows of what is negative are
    scale      the quantities whose largest number has the full colour
    scenes     [phase, title, account, upto, since, ids of the boxes, ids of the arrows]: see film.py
    routes     {node: its routes}: see routes.py
    states     [nodes of o_0, nodes of o_1, …]
    recurrent  {"weight": node of w_h, "op": of the state}, where the state is a number and its cell plain; else null
    quiz       the nodes whose gradient is asked for
    words      that a reader can choose from, or null: see words.py"""
    graph = PageGraph(snapshot)
    words = Words(graph)
    coded, place = Coded(graph, picture, words), graph.place
    boxes = {box.id: given(shows=[place[v] for v in box.shows if isinstance(v, Value) and v in place],
                           edges=[coded.edge(e) for e in box.shows if hasattr(e, "position")],
                           tip=box.tooltip and coded.sentence(box.tooltip)) for box in picture.boxes}
    arrows = {arrow.id: given(flow=coded.quantity(arrow.flow) if isinstance(arrow.flow, Quantity) else None,
                              shows=pairs(arrow.shows, place), tip=arrow.tooltip and coded.sentence(arrow.tooltip))
              for arrow in picture.arrows}
    cells = {f"a_{key}": given(texts=[coded.text(text) for text in cell.texts],
                               fill=coded.quantity(cell.fill) if isinstance(cell.fill, Quantity) else None)
             for box in picture.boxes for key, cell in cells_of(box) if any(text.changes for text in cell.texts)}
    names = [snapshot.name.get(node) or on_paper(node.label) for node in graph.order]
    scenes = [[s.phase, s.title, coded.sentence(s.account), s.upto, s.since, s.boxes, s.arrows]
              for s in Film(picture, coded).scenes]
    shown = [v for box in picture.boxes for v in box.shows if isinstance(v, Value) and shows_gradient(box)]
    explained = [v for v in dict.fromkeys([*graph.movable, *shown]) if v in snapshot.gradient][:MAX_EXPLAINED]
    return {
        "nodes": graph.nodes, "names": names, "labels": labels(graph, snapshot),
        "boxes": boxes, "arrows": arrows, "cells": cells, "dashed": picture.dashed,
        "step": [snapshot.step.get(node, 0) for node in graph.order],
        "leaves": leaves(graph), "locked": locked(graph),
        "matrices": matrices_of(graph, snapshot),
        "scale": [coded.quantity(quantity) for quantity in picture.scale], "scenes": scenes,
        "routes": {place[v]: routes_of(v, snapshot, coded) for v in explained if v is not snapshot.loss},
        "states": states(graph, snapshot), "recurrent": recurrent(graph, snapshot), "quiz": [place[v] for v in asked],
        "edges": coded.edges, "quantities": coded.quantities, "words": words.data(vocabulary, captions),
    }


def pairs(shows: tuple, place: dict[Value, int]) -> list[list[int]]:
    """[user, operand] of each edge that an arrow shows"""
    both = [as_shown(what) for what in shows if isinstance(what, tuple) and what[0] in place and what[1] in place]
    return [[place[user], place[operand]] for user, operand in both]


def given(**fields: Any) -> dict[str, Any]:
    """The fields that say something"""
    return {name: value for name, value in fields.items() if value not in (None, [])}


def shows_gradient(box: Box) -> bool:
    return any(q.kind in ("gradient", "norm", "term") for _, cell in cells_of(box) for q in cell.quantities)


def labels(graph: PageGraph, snapshot: Snapshot) -> dict[str, int]:
    """Labels of their own come before names; of equal labels the first"""
    found: dict[str, int] = {}
    for label in (snapshot.label, snapshot.name):
        for node in snapshot.order:
            if label.get(node):
                found.setdefault(label[node], graph.place[node])
    own = {printable(node.label): graph.place[node] for node in (*snapshot.beyond, *reversed(snapshot.order))
           if node.label}
    return {printable(label): k for label, k in found.items() if k not in own.values()} | own


ROLES = ("weight", "input", "state", "cell", "target")


def leaves(graph: PageGraph) -> list[dict[str, Any]]:
    """The weights, then the inputs, the states that are given, the targets, the others"""
    role = graph.snapshot.role
    beyond = roles_of_unrolleds(graph.snapshot.unrolleds, graph.snapshot.step)     # a cut: out of reach of the loss
    found = [{"node": graph.place[leaf], "role": role.get(leaf) or beyond.get(leaf, "weight"), "bounds": bounds}
             for leaf, bounds in graph.movable.items()]
    return sorted(found, key=lambda leaf: ROLES.index(leaf["role"]) if leaf["role"] in ROLES else len(ROLES))


def locked(graph: PageGraph) -> list[list[str]]:
    why = "it cannot be moved: this page cannot compute “{}” again"
    found = [[on_paper(leaf.label), why.format(op)] for leaf, op in graph.locked.items() if leaf.label]
    if any(isinstance(step.x, tuple) for unrolled in graph.snapshot.unrolleds for step in unrolled):
        found.append(["x", "in a fused network plain inputs are constants; unroll it with Values to move them"])
    return found


def matrices_of(graph: PageGraph, snapshot: Snapshot) -> list[list]:
    """Leaves such as w_h[1][0], by row and column"""
    weights = [leaf for leaf in graph.movable if "[" in leaf.label]
    return [[on_paper(matrix.name), [[graph.place[matrix.entries[r, c]] if (r, c) in matrix.entries else None
                            for c in matrix.columns] for r in matrix.rows]]
            for matrix in matrices(weights) if len(matrix.entries) > 1]


def states(graph: PageGraph, snapshot: Snapshot) -> list[list[int]]:
    """The states of the one Unrolled, at t = 0 … n; those that the loss does not read are empty"""
    if len(snapshot.unrolleds) != 1:
        return []
    return [[graph.place[o] for o in state if o in snapshot.gradient] for state in snapshot.unrolleds[0].states]


def recurrent(graph: PageGraph, snapshot: Snapshot) -> dict[str, Any] | None:
    """What the factors ∂o_t/∂o_{t−1} = f′·w_h are made of"""
    if len(snapshot.unrolleds) != 1 or len(snapshot.unrolleds[0].initial) != 1:
        return None
    unrolled, weights = snapshot.unrolleds[0], Parts(snapshot).weights
    named = [w for w in weights if w.label == "w_h"]
    if unrolled.initial_cell or unrolled[0].gates or len(named) != 1 or named[0] not in graph.place:
        return None
    return {"weight": graph.place[named[0]], "op": unrolled.state[0].op}
