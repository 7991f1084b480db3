"""What the script of the page needs, as data.  An element's id is that of its box or arrow; of a cell a_ and its id."""

from minigrad.draw.animation import scenes
from minigrad.draw.moment import at_moment, edges_behind
from minigrad.draw.picture import Cell, Picture, Quantity, cells_of
from minigrad.draw.theme import LIGHT, Scale
from minigrad.graph import count_paths, paths
from minigrad.notation import number, printable
from minigrad.snapshot import Edge, Snapshot
from minigrad.value import Value

MAX_ROUTES = 3                                        # of a sum of products that is written out in a caption


def data_of(picture: Picture, snapshot: Snapshot) -> dict:
    """scenes    [phase, title, account, ids of the boxes whose turn it is, ids of the arrows in use]
    looks     {id of a box or an arrow: [[scene from which it looks so, "ghost", "unseen", "flat", "current" or ""], …]}
    cells     {id of a cell: [[scene, colour of its ground, lines of text, null for one that is not there yet], …]}
    shows     {id: what it shows}, see shows_of
    focus     {id: [caption, ids on its routes]}
    labels    {label: id}, for links such as #focus=o_2"""
    shown, played = picture.shown(), scenes(picture, snapshot)
    arrows = {edge[:3]: arrow.id for arrow in picture.arrows for edge in arrow.shows}
    scale = Scale([quantity.number for quantity in picture.scale])
    looks: dict[str, list] = {}
    cells: dict[str, list] = {}
    for k, scene in enumerate(played):
        now = at_moment(picture, snapshot, scene.moment)
        for part in now.elements:
            remember(looks, part.id, k, part.look)
            for key, cell in cells_of(part):
                if cell.quantities:
                    lines = [None if text.ink == "unseen" else str(text) for text in cell.texts]
                    remember(cells, f"a_{key}", k, ground(cell, scale), lines)
    return {
        "scenes": [[s.phase, s.title, s.account, shown.get(s.moment.current, [])[:1],
                    [arrows[edge[:3]] for edge in s.edges]] for s in played],
        "looks": {key: history for key, history in looks.items() if len(history) > 1 or history[0][1]},
        "cells": {key: history for key, history in cells.items() if len(history) > 1},
        "shows": shows_of(picture, snapshot),
        "focus": Routes(picture, snapshot).focus(),
        "labels": {printable(v.label): keys[0] for v, keys in shown.items() if isinstance(v, Value) and v.label},
    }


def remember(histories: dict[str, list], key: str, k: int, *state) -> None:
    """Adds what an element is like from scene k on, if that is new"""
    history = histories.setdefault(key, [])
    if not history or history[-1][1:] != list(state):
        history.append([k, *state])


def ground(cell: Cell, scale: Scale) -> str:
    if isinstance(cell.fill, Quantity):
        return scale.fill(cell.fill.number, cell.fill.kind == "norm")
    return getattr(LIGHT, cell.fill) if cell.fill else ""


def shows_of(picture: Picture, snapshot: Snapshot) -> dict[str, list]:
    """{id: a list of what it shows}: a Value by its place in the order, an edge as [user, operand, position], a number
    as {"kind": …, "of": […], "digits": in which it is written}; see Quantity"""
    place, found = {node: k for k, node in enumerate(snapshot.order)}, dict[str, list]()

    def coded(what):
        if isinstance(what, Quantity):
            return {"kind": what.kind, "of": [coded(part) for part in what.of]}
        if isinstance(what, Edge):
            return [place[what.user], place[what.operand], what.position]
        return place[what] if isinstance(what, Value) else what

    for part in picture.elements:
        found[part.id] = [coded(what) for what in part.shows]
        for key, cell in cells_of(part):
            found[f"a_{key}"] = [coded(q) | {"digits": text.digits} for text in cell.texts for q in text.quantities]
    return {key: shown for key, shown in found.items() if shown}


class Routes:
    """What a reader is told who points at a box, or at a term of a ledger: the products along the routes to the loss;
    and which elements lie on them"""

    def __init__(self, picture: Picture, snapshot: Snapshot):
        self.snapshot, self.names, self.shown = snapshot, snapshot.name, picture.shown()
        self.users: dict[Value, list[Value]] = {}
        into: dict[Value, list] = {}
        for edge in [edge for arrow in picture.arrows for edge in arrow.shows]:
            into.setdefault(edge.user, []).append((edge.operand, edge.partial))
            self.users.setdefault(edge.operand, []).append(edge.user)
        self.folded = {v: tuple(into.get(v, ())) for v in snapshot.order if v in into or v in self.users}
        self.terms: dict[str, list[Edge]] = {}        # {id of a cell of a weight: the edges whose sum it holds}
        for box in picture.boxes:
            for key, cell in cells_of(box) if box.kind in ("weight", "bar") else ():
                behind = [e for q in cell.quantities if q.kind in ("term", "contribution")
                          for e in edges_behind(q, snapshot) if e.user in self.folded]
                if behind:
                    self.terms[f"a_{key}"] = behind

    def focus(self) -> dict[str, list]:
        loss, found = self.names[self.snapshot.loss], dict[str, list]()
        for value in self.folded:
            total = "1" if value is self.snapshot.loss else self.products(value) + number(self.snapshot.gradient[value])
            for key in self.shown.get(value, [])[:1]:
                found[key] = [f"∂{loss}/∂{self.names[value]} = {total}", self.on_routes(value)]
        for key, edges in self.terms.items():
            ways = [f"via {self.names[e.user]}, to ∂{loss}/∂{self.names[e.operand]}: "
                    f"{self.products(e.user, number(e.partial))}{number(e.contribution)}" for e in edges]
            ids = [key, *self.shown[edges[0].operand]]
            for edge in edges:
                ids += [*self.shown.get((edge.user, edge.operand), []), *self.on_routes(edge.user)]
            found[key] = ["; ".join(ways), list(dict.fromkeys(ids))]
        return found

    def on_routes(self, value: Value) -> list[str]:
        """The ids of all that lies between a Value and the loss"""
        reached = [value]
        ids = list(self.shown.get(value, []))
        for v in reached:                             # the list grows while it is read
            for user in self.users.get(v, ()):
                ids += self.shown.get((user, v), [])
                ids += [key for key, edges in self.terms.items() if (user, v) in [(e.user, e.operand) for e in edges]]
                if user not in reached:
                    reached.append(user)
                    ids += self.shown.get(user, [])
        return list(dict.fromkeys(ids))

    def products(self, value: Value, last: str = "") -> str:
        """The routes' products, or how many routes there are"""
        routes = count_paths(self.folded, self.snapshot.loss, value)
        if routes > MAX_ROUTES:
            return f"{routes} routes, together "
        ways = [[number(d) for _, _, d in path] for path in paths(self.folded, self.snapshot.loss, value)]
        return " + ".join(" × ".join([*way, last] if last else way) or last for way in ways or [[]]) + " = "
