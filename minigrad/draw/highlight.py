"""Fading all of a picture but what is asked for: a Value with its routes to the loss, a path, or one time step."""

from itertools import pairwise
from typing import NamedTuple

from minigrad.draw.moment import between, edges_behind
from minigrad.draw.picture import Arrow, Box, Cell, Picture, Quantity, Rows
from minigrad.snapshot import Snapshot
from minigrad.value import Value


class Lit(NamedTuple):
    """What keeps its colour: the Values; the edges within one of the `ways`, sets of Values, or to a Value `computed`
    in the time step `step`"""

    snapshot: Snapshot
    values: set[Value]
    ways: list[set[Value]] = []
    step: int = 0
    computed: frozenset[Value] = frozenset()

    def edge(self, user: Value, operand: Value) -> bool:
        return user in self.computed or any(user in way and operand in way for way in self.ways)

    def shown(self, what) -> bool:
        """An element of `shows` of a box or an arrow"""
        if isinstance(what, Value):
            return what in self.values
        return what[1] == self.step if what[0] == "input" else self.edge(*what[:2])

    def quantity(self, quantity: Quantity) -> bool:
        if quantity.kind in ("data", "gradient", "full"):
            return quantity.of[0] in self.values
        if quantity.kind in ("norm", "product"):
            return any(map(self.quantity, quantity.of))
        if quantity.kind in ("term", "cut") and self.step:
            return self.step in quantity.of[1]
        return any(self.edge(*edge[:2]) for edge in edges_behind(quantity, self.snapshot))

    def used(self, weights) -> bool:
        """Whether an edge to one of the weights is lit"""
        return any(self.edge(*edge[:2]) for weight in weights for edge in self.snapshot.uses.get(weight, ()))


def highlighted(picture: Picture, snapshot: Snapshot, what) -> Picture:
    """The picture with each box, arrow and term of a ledger faded that shows nothing of `what`: a Value, a list of
    Values along a path, or a time step.

    Raises ValueError where `what` names nothing in the graph.
    """
    lit = lit_by(snapshot, what)

    def in_box(box: Box) -> Box:
        shines = not box.shows or any(map(lit.shown, box.shows))
        if box.kind not in ("bar", "staircase", "weight") or not box.shows:
            return box if shines else faded(box)
        terms = [quantity for quantity in quantities_of(box.rows) if is_term(quantity)]
        if terms:
            shines = any(map(lit.quantity, terms))
        elif box.kind != "weight":
            shines = shines or lit.used(box.shows)
        several = len(terms) > 1 or (box.kind == "weight" and len(box.shows) > 1)
        return faded(box) if not shines else box._replace(rows=in_rows(box.rows, lit)) if several else box

    def in_arrow(arrow: Arrow) -> Arrow:
        return arrow if not arrow.shows or any(map(lit.shown, arrow.shows)) else faded(arrow)

    return picture._replace(boxes=tuple(map(in_box, picture.boxes)), arrows=tuple(map(in_arrow, picture.arrows)))


def faded(part):
    """A box, an arrow or a cell"""
    return part._replace(look="faded")


# ---------------------------------------------------------------------- the terms of a ledger


def quantities_of(rows: Rows) -> list[Quantity]:
    """Every number in the cells, those of their grids too"""
    cells = [cell for row in rows for cell in row]
    return [q for cell in cells for q in (*cell.quantities, *quantities_of(cell.grid))]


def is_term(quantity: Quantity) -> bool:
    """Whether it is what one use of a weight adds to its gradient, or a norm of such"""
    if quantity.kind == "norm":
        return any(map(is_term, quantity.of))
    return quantity.kind in ("term", "cut", "contribution")


def in_rows(rows: Rows, lit: Lit) -> Rows:
    """Faded but for what is lit: of a ledger each cell of a term, of a staircase or of several weights each row"""
    if len(rows) == 1:
        return (tuple([in_cell(cell, lit) for cell in rows[0]]),)
    found = []
    for row in rows:
        quantities = quantities_of((row,))
        asked = [q for q in quantities if is_term(q)] or [q for q in quantities if q.kind == "data"]
        found.append(row if not asked or any(map(lit.quantity, asked)) else tuple(map(faded, row)))
    return tuple(found)


def in_cell(cell: Cell, lit: Lit) -> Cell:
    """A cell of a ledger: a term, a table of terms, + or =, or what they add up to"""
    quantities = quantities_of(((cell,),))
    terms = [quantity for quantity in quantities if is_term(quantity)]
    if not quantities or (terms and not any(map(lit.quantity, terms))):
        return faded(cell)
    if not any(map(lit.quantity, quantities)):        # the sum, where a step is lit
        return cell
    entry = lambda inner: inner if not inner.quantities or any(map(lit.quantity, inner.quantities)) else faded(inner)
    return cell._replace(grid=tuple([tuple(map(entry, row)) for row in cell.grid]))


# ---------------------------------------------------------------------- what is asked for


def lit_by(snapshot: Snapshot, what) -> Lit:
    if isinstance(what, Value):
        if what not in snapshot.data:
            raise ValueError(f"draw: highlight={what!r} is not in the graph of {snapshot.loss!r}")
        found = between(snapshot.loss, what)
        return Lit(snapshot, found, [found])
    if isinstance(what, int) and not isinstance(what, bool):
        return of_step(snapshot, what)
    path = list(what) if isinstance(what, (list, tuple)) else []
    if not path or not all(isinstance(v, Value) and v in snapshot.data for v in path):
        raise ValueError("draw: highlight must be a Value of the graph, a list of them along a path, or a time step")
    ways = [way for a, b in pairwise(path) for way in (ways_between(snapshot, a, b), ways_between(snapshot, b, a))]
    return Lit(snapshot, {*path, *set().union(*ways)}, ways)


def ways_between(snapshot: Snapshot, operand: Value, user: Value) -> set[Value]:
    """The Values on the ways from one to the other that pass no other with a name; on all ways, if each does"""
    for stops in (snapshot.named, ()):
        found = between(user, operand, stops)
        if user in found and user is not operand:
            return found
    return set()


def of_step(snapshot: Snapshot, t: int) -> Lit:
    """What was computed in a time step, and from which input; of an output at the end it is none"""
    if len(snapshot.unrolleds) != 1:
        raise ValueError(f"draw: highlight={t}, a time step, needs one `unrolled` RNN")
    [unrolled] = snapshot.unrolleds
    if not 1 <= t <= len(unrolled):
        raise ValueError(f"draw: highlight={t} is not a time step; they go from 1 to {len(unrolled)}")
    step = snapshot.cell_step if snapshot.step.get(snapshot.loss) == t else snapshot.step
    computed = {node for node, of in step.items() if of == t} | set(unrolled[t - 1].carried)
    inputs = {x for x in unrolled[t - 1].inputs if x not in snapshot.step}
    return Lit(snapshot, computed | inputs, [], t, frozenset(computed))
