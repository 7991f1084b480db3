"""Quantities, edges and texts as the script reads them: each quantity and each edge once, then called by its place.

    an edge        [user, operand, position], or [user, operand, [between]] for all ways through the Values between, the
                   latest made first
    a quantity     ["data" or "gradient", node], ["partial" or "contribution", edges], ["term" or "cut" or "full",
                   weight, steps], ["product" or "norm", quantities], ["number", x] for what is not in the graph;
                   where a reader chooses words: ["data" or "gradient", node, t] for what step t picks in its place,
                   ["columns", rows, kind, steps] for the norm of such quantities of all words, and ["word", t]
    a text         {"parts": words and places of quantities, "digits": …}, or the parts alone
"""

import math
from collections.abc import Collection
from typing import Any

from minigrad.draw.page.graph import PageGraph, as_float
from minigrad.draw.page.words import Words
from minigrad.draw.picture import Picture, Quantity, Text, Word
from minigrad.draw.views.parts import Parts
from minigrad.graph import gradients, topological_order
from minigrad.snapshot import Edge
from minigrad.validation import unwrap
from minigrad.value import Value

USUAL = Text._field_defaults


class Coded:
    def __init__(self, graph: PageGraph, picture: Picture, words: Words):
        self.graph, self.place, self.words = graph, graph.place, words
        self.edges: list[list] = []
        self.quantities: list[list] = []
        self.known: dict[Any, int] = {}               # {an edge or a quantity: its place in its list}
        self.stops = stops_of(graph, picture)

    def edge(self, edge: Edge, stops: Collection[Value] = ()) -> int:
        """The place of an edge.  stops: the Values that a way does not pass; if not given, those of the picture"""
        key = edge.user, edge.operand, edge.position, tuple(stops) if edge.position < 0 else ()
        if key not in self.known:
            through: Any = edge.position
            if edge.position < 0:
                ways = [stops] if stops else self.stops
                through = [self.place[node] for node in between(edge, next(
                    (kept for kept in ways if carries(edge, kept)), ways[0]))]
            self.known[key] = len(self.edges)
            self.edges.append([self.place[edge.user], self.place[edge.operand], through])
        return self.known[key]

    def quantity(self, quantity: Quantity) -> int:
        """The place of a quantity, those that it is made of before it"""
        kind, of = quantity.kind, quantity.of
        code: list
        if kind in ("data", "gradient"):
            code = [kind, self.place[of[0]]] if of[0] in self.place else ["number", as_float(quantity.number, of[0])]
            if of[0] in self.words.first:
                code.append([*of, self.words.first[of[0]]][1])
        elif kind == "norm" and all(part.of and part.of[0] in self.words.first for part in of):
            rows, steps = {self.words.row_of[part.of[0]] for part in of}, of[0].kind in ("term", "cut")
            code = ["columns", sorted(rows), of[0].kind, list(of[0].of[1]) if steps else []]
        elif kind in ("partial", "contribution"):
            code = [kind, [self.edge(edge) for edge in of]]
        elif kind in ("product", "norm"):
            code = [kind, [self.quantity(part) for part in of]]
        elif kind == "full":
            code = [kind, self.place[of[0]], [self.words.first.get(of[0], 0)]]
        else:
            code = [kind, self.place[of[0]], list(of[1])]
        return self.kept(code)

    def kept(self, code: list) -> int:
        key = repr(code)
        if key not in self.known:
            self.known[key] = len(self.quantities)
            self.quantities.append(code)
        return self.known[key]

    def part(self, part: str | Quantity) -> str | int:
        """A part of a text: words, or the place of a quantity"""
        if isinstance(part, Word) and part.t in self.words.picked:
            return self.kept(["word", part.t])
        return str(part) if isinstance(part, str) else self.quantity(part)

    def sentence(self, text: Text) -> dict[str, Any] | list:
        """A text outside the picture, of any length"""
        return self.text(text._replace(longest=0))

    def text(self, text: Text) -> dict[str, Any] | list:
        """A line of text; what is as usual is left out.  Neighbouring words are one part."""
        parts: list[str | int] = []
        for part in map(self.part, text.parts):
            if parts and isinstance(part, str) and isinstance(parts[-1], str):
                part = parts.pop() + part             # type: ignore[operator]
            parts.append(part)
        given = {name: int(getattr(text, name)) for name in ("digits", "signed", "room")}
        style = {name: value for name, value in given.items() if value != USUAL[name]}
        if isinstance(text.ink, Quantity):
            style["ink"] = self.quantity(text.ink)
        if text.longest not in (0, USUAL["longest"]) and any(isinstance(part, str) for part in parts):
            style["longest"] = text.longest
        return {"parts": parts, **style} if style else parts


def stops_of(graph: PageGraph, picture: Picture) -> list[set[Value]]:
    """The sets of Values that the ways of a picture may not pass: those that it is folded to, or its states alone, or
    all that it shows"""
    snapshot = graph.snapshot
    shown = {what for box in picture.boxes for what in box.shows if isinstance(what, Value)}
    if not snapshot.unrolleds:
        return [shown]
    parts = Parts(snapshot)
    folded = {*parts.into, *(operand for ways in parts.into.values() for operand, _ in ways)} - {*parts.weights}
    return [folded, {*parts.states}, shown]


def carries(edge: Edge, stops: Collection[Value]) -> bool:
    """Whether the ways that pass none of the stops have the derivative of the edge"""
    slope = gradients(edge.user, {*stops, edge.operand}).get(edge.operand, 0)
    return math.isclose(unwrap(slope), unwrap(edge.partial), rel_tol=1e-9, abs_tol=1e-300)


def between(edge: Edge, stops: Collection[Value]) -> list[Value]:
    """The Values on the ways from an operand to its user that pass none of the stops, the latest made first"""
    ends = {*stops, edge.operand} - {edge.user}
    after, found = {edge.operand}, list[Value]()
    for node in topological_order(edge.user, ends):
        if node not in ends and not after.isdisjoint(node.operands):
            after.add(node)
            found.append(node)
    return [node for node in reversed(found) if node is not edge.user]
