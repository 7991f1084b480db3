"""A picture in the middle of a pass: what has not been computed is pale, what has not arrived is blank.

One notion serves the frames of both passes and a pass that stands still in a debugger: how many of the Snapshot's
edges, which are in the order of backward(), have carried their contribution.
"""

from typing import NamedTuple

from minigrad.draw.picture import Arrow, Box, Cell, Picture, Quantity, Text, change_cells
from minigrad.number import Number
from minigrad.snapshot import Edge, Snapshot
from minigrad.value import Value


class Moment(NamedTuple):
    """How far the passes have come.

    known     the Values that have been computed; None: all
    arrived   the gradients, or the parts of them, that have arrived
    sent      the Values that have sent back all that they send
    current   the Value whose turn it is
    """

    known: set[Value] | None
    arrived: dict[Value, Number]
    sent: set[Value]
    current: Value | None = None


def moment_of(snapshot: Snapshot, carried: int, started=True, known: set[Value] | None = None,
              current: Value | None = None) -> Moment:
    """The moment after the first edges have carried something.  started: whether ∂L/∂L = 1 is there"""
    stored = snapshot.grads == "stored"
    arrived: dict[Value, Number] = {snapshot.loss: 1} if started else {}
    for edge in snapshot.edges[:carried]:
        arrived[edge.operand] = snapshot.gradient[edge.operand] if stored else edge.total
    waiting = {edge.user for edge in snapshot.edges[carried:]}
    return Moment(known, arrived, {node for node in snapshot.order if started and node not in waiting}, current)


def edges_behind(quantity: Quantity, snapshot: Snapshot) -> list[Edge]:
    """The edges whose contributions a quantity adds up"""
    if quantity.kind in ("partial", "contribution"):
        return list(quantity.of)
    if quantity.kind == "term":
        weight, steps = quantity.of
        return [edge for edge in snapshot.uses.get(weight, ()) if snapshot.step.get(edge.user, 0) in steps]
    if quantity.kind in ("sum", "product", "norm"):
        return [edge for part in quantity.of for edge in edges_behind(part, snapshot)]
    return []


def at_moment(picture: Picture, snapshot: Snapshot, moment: Moment) -> Picture:
    """The picture as it is then, every box and arrow at its place"""

    def has_arrived(quantity: Quantity) -> bool:
        if quantity.kind == "gradient":
            return quantity.of[0] in moment.arrived
        if quantity.kind in ("sum", "product", "norm"):
            return all(map(has_arrived, quantity.of))
        return all(edge.user in moment.sent for edge in edges_behind(quantity, snapshot))

    def now(part):
        """A gradient is what has arrived of it"""
        if isinstance(part, Quantity) and part.kind == "gradient" and part.of[0] in moment.arrived:
            return part._replace(number=moment.arrived[part.of[0]])
        return part

    def in_cell(cell: Cell) -> Cell:
        missing = [quantity for quantity in cell.quantities if not has_arrived(quantity)]
        flows = any(quantity.kind != "gradient" for quantity in missing)
        texts = []
        for text in cell.texts:
            hidden = flows or any(quantity in missing for quantity in text.quantities)
            texts.append(text._replace(ink="unseen") if hidden else text._replace(parts=tuple(map(now, text.parts))))
        fill = now(cell.fill)
        if isinstance(fill, Quantity) and not has_arrived(fill):
            fill = "blank"
        return cell._replace(texts=tuple(texts), fill=fill)

    def tip(text: Text | None) -> Text | None:
        def part_now(part):
            return "not yet" if isinstance(part, Quantity) and not has_arrived(part) else now(part)
        return text and text._replace(parts=tuple(map(part_now, text.parts)))

    def box_look(box: Box) -> str:
        values = [what for what in box.shows if isinstance(what, Value)]
        edges = [what for what in box.shows if isinstance(what, Edge)]
        if any(value is moment.current for value in values) and box.kind in ("mid", "loss"):
            return "current"
        if not all(edge.user in moment.sent for edge in edges):
            return "unseen"
        known = moment.known is None or not values or any(value in moment.known for value in values)
        return box.look if known else "ghost"

    def arrow_look(arrow: Arrow) -> str:
        users = [what.user for what in arrow.shows if isinstance(what, Edge)]
        if moment.known is not None and not moment.known.issuperset(users):
            return "ghost"
        return arrow.look if moment.sent.issuperset(users) else "flat"

    picture = change_cells(picture, in_cell)
    return picture._replace(
        boxes=tuple(box._replace(look=box_look(box), tooltip=tip(box.tooltip)) for box in picture.boxes),
        arrows=tuple(arrow._replace(look=arrow_look(arrow), tooltip=tip(arrow.tooltip)) for arrow in picture.arrows),
    )
