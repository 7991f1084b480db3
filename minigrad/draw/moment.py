"""A picture in the middle of a pass: what has not been computed is pale, what has not arrived is blank.

The frames of both passes and a pass that is paused in a debugger are alike: the first n of the edges, which a Snapshot
has in the order of backward(), have carried their contribution.
"""

from collections.abc import Collection
from typing import NamedTuple

from minigrad.draw.picture import Arrow, Box, Cell, Picture, Quantity, Text
from minigrad.graph import topological_order
from minigrad.notation import number
from minigrad.snapshot import Edge, Snapshot
from minigrad.validation import Number, unwrap
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


def moment_of(snapshot: Snapshot, carried: int, known: set[Value] | None = None, current: Value | None = None
              ) -> Moment:
    """The moment after the first edges have carried something; in the forward pass, where not all is known, before
    ∂L/∂L = 1 is there"""
    started, stored = known is None, snapshot.grads == "stored"
    arrived: dict[Value, Number] = {snapshot.loss: 1} if started else {}
    if stored:                                        # a leaf may hold the gradient of an earlier pass
        arrived |= {node: node.grad for node in snapshot.order if not node.operands and unwrap(node.grad)}
    for edge in snapshot.edges[:carried]:
        arrived[edge.operand] = snapshot.gradient[edge.operand] if stored else edge.total
    waiting = {edge.user for edge in snapshot.edges[carried:]}
    return Moment(known, arrived, {node for node in snapshot.order if started and node not in waiting}, current)


def at_moment(picture: Picture, snapshot: Snapshot, moment: Moment) -> Picture:
    """The picture as it is then, every box and arrow at its place"""
    kept = {what for box in picture.boxes for what in box.shows if isinstance(what, Value)}
    known, arrived, sent, current = moment

    def carried(edge: Edge) -> bool:
        return edge.user in sent and (edge.position >= 0 or between(*edge[:2], kept) - {edge.operand} <= sent)

    def has_arrived(part) -> bool:
        """Whether a Quantity is there; words and colours always are"""
        if not isinstance(part, Quantity):
            return True
        if part.kind == "data":
            return known is None or part.of[0] in known
        if part.kind == "gradient":
            return part.of[0] in arrived
        if part.kind in ("product", "norm"):
            return all(map(has_arrived, part.of))
        return all(map(carried, edges_behind(part, snapshot)))

    def now(part):
        """A gradient is what has arrived of it"""
        is_gradient = isinstance(part, Quantity) and part.kind == "gradient"
        return part._replace(number=arrived[part.of[0]]) if is_gradient else part

    def in_text(text: Text, hidden: bool) -> Text:
        if hidden or not all(map(has_arrived, text.quantities)):
            return text._replace(ink="unseen")
        return text._replace(parts=tuple(map(now, text.parts)))

    def in_cell(cell: Cell) -> Cell:
        flows = [quantity for quantity in cell.quantities if quantity.kind not in ("data", "gradient")]
        hidden = not all(map(has_arrived, flows))     # its words speak of them too
        fill = now(cell.fill) if has_arrived(cell.fill) else "blank"
        return cell._replace(texts=tuple([in_text(text, hidden) for text in cell.texts]), fill=fill)

    def tip(part: Box | Arrow) -> Text | None:
        text = part.tooltip
        return text and text._replace(parts=tuple(now(p) if has_arrived(p) else "not yet" for p in text.parts))

    def in_box(box: Box) -> dict:
        values, look = [what for what in box.shows if isinstance(what, Value)], box.look
        if current in values and box.kind in ("mid", "loss"):
            look = "current"
        elif not all(carried(what) for what in box.shows if isinstance(what, Edge)):
            look = "unseen"
        elif values and known is not None and known.isdisjoint(values):
            look = "ghost"
        return {"look": look, "tooltip": tip(box)}

    def in_arrow(arrow: Arrow) -> dict:
        edges, look = [what for what in arrow.shows if isinstance(what, Edge)], arrow.look
        if known is not None and not known.issuperset(edge.user for edge in edges):
            look = "ghost"
        elif not has_arrived(arrow.flow) or not all(map(carried, edges)):
            look = "flat"
        return {"look": look, "tooltip": tip(arrow)}

    return picture.change(in_cell, in_box, in_arrow)


def between(user: Value, operand: Value, stops: Collection[Value] = ()) -> set[Value]:
    """The Values on all ways from an operand to its user that pass none of the stops, with both ends; {operand} if
    there is no such way"""
    stops = {*stops, operand} - {user}
    found = {operand}
    for node in topological_order(user, stops):       # operands come first
        if node not in stops and not found.isdisjoint(node.operands):
            found.add(node)
    return found


def memory_note(snapshot: Snapshot) -> tuple[str, ...]:
    """The caption where .grad is not ∂L/∂ of this graph alone; () where it is, or no pass has begun"""
    unlike = snapshot.unlike_memory if snapshot.backward_ran else []
    if not unlike:
        return ()
    if all(not value.operands for value in unlike):
        weights = [value for value in unlike if snapshot.role[value] == "weight"]
        first, *others = weights or unlike
        name, loss = snapshot.name[first], snapshot.name[snapshot.loss]
        note = f"{name}.grad is {number(first.grad)}, and ∂{loss}/∂{name} = {number(snapshot.computed[first])}"
        note += f"; so with {', '.join(snapshot.name[value] for value in others)}" if others else ""
        return (f"memory holds other gradients than those of this graph alone: {note}",)
    if snapshot.edges_added is None:
        return ("memory holds other gradients than those of this graph, as after backward() of another loss",)
    if snapshot.grads == "stored":
        done = f"{snapshot.edges_added} of {len(snapshot.edges)} edges have carried something"
        return (f"in the middle of backward(): {done}",)
    return ('these are the gradients of the whole pass; in memory, backward() has not ended (grads="stored" shows it)',)


def edges_behind(quantity: Quantity, snapshot: Snapshot) -> list[Edge]:
    """The edges whose contributions a quantity adds up"""
    if quantity.kind in ("partial", "contribution"):
        return list(quantity.of)
    if quantity.kind == "term":
        weight, steps = quantity.of
        return [edge for edge in snapshot.uses.get(weight, ()) if snapshot.step.get(edge.user, 0) in steps]
    return []
