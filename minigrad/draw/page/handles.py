"""A picture in which every weight that has a bar shows its number, so that a reader can take it there."""

from minigrad.draw.picture import Box, Cell, Picture, Quantity, Rows, Text, cells_of
from minigrad.snapshot import Snapshot
from minigrad.value import Value


def with_handles(picture: Picture, snapshot: Snapshot) -> Picture:
    """The number of a weight over its gradient, where its bar has only the gradient"""
    shown = {quantity.of[0] for box in picture.boxes for _, cell in cells_of(box) for quantity in cell.quantities
             if quantity.kind == "data"}

    def changed(box: Box) -> Box:
        weight = box.shows[0] if len(box.shows) == 1 else None
        if box.kind not in ("bar", "staircase") or not isinstance(weight, Value) or weight in shown or weight.operands:
            return box
        line = Text((f"{snapshot.name[weight]} = ", Quantity("data", (weight,), weight.data)), 11, bold=True)
        return box._replace(rows=with_line(box.rows, line, weight))

    return picture._replace(boxes=tuple([changed(box) for box in picture.boxes]))


def with_line(rows: Rows, line: Text, weight: Value) -> Rows:
    """The rows, the line above the first gradient of the weight"""
    [head, *others] = rows

    def is_lead(cell: Cell) -> bool:
        return any(q.kind == "gradient" and q.of[0] is weight for q in cell.quantities)

    place = next((k for k, cell in enumerate(head) if is_lead(cell)), None)
    if place is None:
        return rows
    lead = head[place]._replace(texts=(line, *head[place].texts))
    return ((*head[:place], lead, *head[place + 1 :]), *others)
