"""What the script of the page needs, as data: what every element shows, how it changes from scene to scene, and what a
reader who points at it is told.  An element's id is that of its box or arrow; of a cell a_ and its own."""

from minigrad.draw.animation import scenes
from minigrad.draw.moment import at_moment, edges_behind
from minigrad.draw.picture import Picture, Quantity, cells_of
from minigrad.draw.theme import LIGHT, Scale, Theme
from minigrad.graph import count_paths, paths
from minigrad.notation import number
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
    looks: dict[str, list] = {}
    cells: dict[str, list] = {}
    for k, scene in enumerate(played):
        now = at_moment(picture, snapshot, scene.moment)
        for part in (*now.boxes, *now.arrows):
            remember(looks, part.id, k, part.look)
            for key, cell in cells_of(part):
                if cell.quantities:
                    remember(cells, f"a_{key}", k, *written(cell, now))
    return {
        "scenes": [[s.phase, s.title, s.account, shown.get(s.moment.current, [])[:1], [arrows[e[:3]] for e in s.edges]]
                   for s in played],
        "looks": {key: history for key, history in looks.items() if len(history) > 1 or history[0][1]},
        "cells": {key: history for key, history in cells.items() if len(history) > 1},
        "shows": shows_of(picture, snapshot),
        "focus": Routes(picture, snapshot).focus(),
        "labels": {v.label: keys[0] for v, keys in shown.items() if isinstance(v, Value) and v.label},
    }


def remember(histories: dict[str, list], key: str, k: int, *state) -> None:
    """Adds what an element is like from scene k on, if that is new"""
    history = histories.setdefault(key, [])
    if not history or history[-1][1:] != list(state):
        history.append([k, *state])


def written(cell, picture: Picture, theme: Theme = LIGHT) -> tuple[str, list]:
    """The ground of a cell, and its lines"""
    fill = cell.fill
    if isinstance(fill, Quantity):
        scale = Scale([quantity.number for quantity in picture.scale], theme)
        ground = scale.fill(fill.number, fill.kind == "norm")
    else:
        ground = getattr(theme, fill) if fill else ""
    return ground, [None if text.ink == "unseen" else str(text) for text in cell.texts]


# ---------------------------------------------------------------------- what every element shows


def shows_of(picture: Picture, snapshot: Snapshot) -> dict[str, list]:
    """{id: a list of what it shows}: a Value by its place in the order, an edge as [user, operand, position], a number
    as {"kind": …, "of": […]} with the digits in which it is written; see Quantity"""
    place = {node: k for k, node in enumerate(snapshot.order)}

    def coded(what):
        if isinstance(what, Value):
            return place.get(what)
        if isinstance(what, Quantity):
            return {"kind": what.kind, "of": [coded(part) for part in what.of]}
        if isinstance(what, Edge):
            return [place[what.user], place[what.operand], what.position]
        return what

    found: dict[str, list] = {}
    for part in (*picture.boxes, *picture.arrows):
        if part.shows:
            found[part.id] = [coded(what) for what in part.shows]
        for key, cell in cells_of(part):
            if cell.quantities:
                found[f"a_{key}"] = [coded(q) | {"digits": text.digits} for text in cell.texts for q in text.quantities]
    return found


# ---------------------------------------------------------------------- routes


class Routes:
    """What a reader is shown who points at a box, or at a term of a ledger: the products along the routes to the loss,
    and which elements lie on them"""

    def __init__(self, picture: Picture, snapshot: Snapshot):
        self.picture, self.snapshot, self.shown = picture, snapshot, picture.shown()
        edges = [edge for arrow in picture.arrows for edge in arrow.shows]
        into: dict[Value, list[Edge]] = {}
        self.users: dict[Value, list[Value]] = {}
        for edge in edges:
            into.setdefault(edge.user, []).append(edge)
            self.users.setdefault(edge.operand, []).append(edge.user)
        self.folded = {v: tuple((edge.operand, edge.partial) for edge in into.get(v, ()))
                       for v in snapshot.order if v in into or v in self.users}
        self.count = {v: count_paths(self.folded, snapshot.loss, v) for v in self.folded}
        self.terms: dict[tuple[Value, Value], list[str]] = {}        # (user, weight): the ids of the cells that hold it
        self.cells: dict[str, list[Edge]] = {}                       # those cells: the edges whose sum they hold
        for box in picture.boxes:
            for key, cell in cells_of(box) if box.kind in ("weight", "bar") else ():
                behind = [e for q in cell.quantities if q.kind in ("term", "contribution") for e in edges_behind(q, snapshot)]
                if behind:
                    self.cells[f"a_{key}"] = behind
                for edge in behind:
                    self.terms.setdefault((edge.user, edge.operand), []).append(f"a_{key}")

    def focus(self) -> dict[str, list]:
        loss, names, found = self.snapshot.loss, self.snapshot.name, dict[str, list]()
        for value in self.folded:
            total = "1" if value is loss else self.products(value) + number(self.snapshot.gradient[value])
            for key in self.shown.get(value, [])[:1]:
                found[key] = [f"∂{names[loss]}/∂{names[value]} = {total}", self.on_routes(value)]
        for key, edges in self.cells.items():
            edges = [edge for edge in edges if edge.user in self.folded]
            if edges:
                ways = [f"via {names[e.user]}, to ∂{names[loss]}/∂{names[e.operand]}: "
                        f"{self.products(e.user, number(e.partial))}{number(e.contribution)}" for e in edges]
                ids = [key, *self.shown[edges[0].operand]]
                for edge in edges:
                    ids += [*self.shown.get((edge.user, edge.operand), []), *self.on_routes(edge.user)]
                found[key] = ["; ".join(ways), list(dict.fromkeys(ids))]
        return found

    def on_routes(self, value: Value) -> list[str]:
        """The ids of all that lies between a Value and the loss"""
        reached, ids = [value], list(self.shown.get(value, []))
        for v in reached:                             # the list grows while it is read
            for user in self.users.get(v, ()):
                ids += [*self.shown.get((user, v), []), *self.terms.get((user, v), [])]
                if user not in reached:
                    reached.append(user)
                    ids += self.shown.get(user, [])
        return list(dict.fromkeys(ids))

    def products(self, value: Value, last: str = "") -> str:
        """The routes' products, or how many routes there are"""
        if self.count[value] > MAX_ROUTES:
            return f"{self.count[value]} routes, together "
        ways = [[number(d) for _, _, d in path] for path in paths(self.folded, self.snapshot.loss, value)]
        return " + ".join(" × ".join([*way, last] if last else way) or last for way in ways or [[]]) + " = "
