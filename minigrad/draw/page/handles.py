"""A picture in which every weight that has a bar shows its number, so that a reader can take it there."""

from minigrad.draw.picture import Box, Cell, Picture, Quantity, Text, cells_of
from minigrad.notation import name
from minigrad.snapshot import Snapshot
from minigrad.value import Value

ENTRY, SPACE = 42, 12                                 # the width of a number of a matrix, and around it


def with_handles(picture: Picture, snapshot: Snapshot) -> Picture:
    """A weight whose bar has only the gradient gets its number over it; a matrix a table of its numbers on the left"""
    shown = {quantity.of[0] for box in picture.boxes for _, cell in cells_of(box) for quantity in cell.quantities
             if quantity.kind == "data"}

    def changed(box: Box) -> Box:
        if box.kind not in ("bar", "staircase") or not shown.isdisjoint(box.shows):
            return box
        [first, *cells], *rows = box.rows
        if first.grid and box.at:
            table = numbers_of(first, name(box.shows[0].label.partition("[")[0]))
            x, y = box.at
            return box._replace(rows=((table, first, *cells), *rows), at=(x - (table.width + box.spacing) / 2, y))
        if len(box.shows) == 1:
            [weight] = box.shows
            line = Text((f"{snapshot.name[weight]} = ", Quantity("data", (weight,), weight.data)), 10, bold=True)
            return box._replace(rows=((first._replace(texts=(line, *first.texts)), *cells), *rows))
        return box

    return picture._replace(boxes=tuple([changed(box) for box in picture.boxes]))


def numbers_of(gradients: Cell, title: str) -> Cell:
    """The table of the numbers of a matrix, from that of their gradients, with the words over its columns"""

    def number(cell: Cell) -> Cell:
        [text] = cell.texts
        weights = [quantity.of[0] for quantity in text.quantities if isinstance(quantity.of[0], Value)]
        if not weights:
            return cell._replace(width=ENTRY)
        own = Quantity("data", (weights[0],), weights[0].data)
        return Cell((text._replace(parts=(own,), signed=False),), width=ENTRY)

    [head], *rows = gradients.grid
    head = head._replace(texts=(head.texts[0]._replace(parts=(title,)),))
    numbers = tuple([tuple([number(cell) for cell in row]) for row in rows])
    return Cell(grid=((head,), *numbers), width=ENTRY * len(rows[-1]) + SPACE)
