"""Numbers that a picture hides, as an exercise: a "?" in place of each, wherever it stands."""

import math

from minigrad.draw.picture import Arrow, Box, Cell, Picture, Quantity, Text
from minigrad.snapshot import Snapshot
from minigrad.validation import Number, unwrap
from minigrad.value import Value


def hidden_numbers(snapshot: Snapshot, blank) -> list[Number]:
    """The gradients ∂L/∂v of the Values v in `blank`, and the contributions of its pairs (user, operand).

    Raises TypeError for anything else, ValueError for what is not in the graph, or before backward().
    """
    gradient, hidden = snapshot.gradient, list[Number]()
    if not isinstance(blank, (list, tuple)):
        raise TypeError(f"draw: blank={blank!r} is not a list; write blank=[w_h, (user, operand)]")
    for item in blank:
        pair = item if isinstance(item, tuple) and len(item) == 2 else (item,)
        if not all(isinstance(v, Value) for v in pair):
            raise TypeError(f"draw: blank={item!r} is neither a Value nor a pair (user, operand) of Values")
        if len(pair) == 1:
            what, numbers = repr(item), [gradient[item]] if item in gradient else []
        else:
            what, edges = f"an edge from {pair[1]!r} to {pair[0]!r}", (*snapshot.edges, *snapshot.edges_of_boxes)
            numbers = [edge.contribution for edge in edges if edge[:2] == pair and edge.user in gradient]
        if not numbers:
            raise ValueError(f"draw: blank={what} is not in the graph of {snapshot.loss!r}")
        hidden += numbers
    if hidden and not snapshot.backward_ran:
        raise ValueError("draw: blank hides gradients, and there are none yet; call loss.backward() first")
    return hidden


def matches_any(x: Number, hidden) -> bool:
    """Whether x is a hidden number, but for rounding, or minus one, which would tell it"""
    size = abs(float(unwrap(x)))
    return any(math.isclose(size, abs(float(unwrap(other))), rel_tol=1e-9) for other in hidden)


def exercise(picture: Picture, hidden: list[Number]) -> Picture:
    """The picture without the hidden numbers, nor a colour or a width that would tell one"""

    def tells(part) -> bool:
        return isinstance(part, Quantity) and part.kind != "data" and matches_any(part.number, hidden)

    def asked(text: Text, both=False) -> Text:
        parts = tuple("?" if tells(part) or (both and isinstance(part, Quantity)) else part for part in text.parts)
        ink = "grey" if tells(text.ink) else text.ink
        return text._replace(parts=parts, bold=text.bold or parts == ("?",), ink=ink)

    def in_cell(cell: Cell) -> Cell:
        product = any(tells(part) for part in cell.quantities if part.kind == "term")       # its factors would tell it
        texts = tuple(asked(text, product) for text in cell.texts)
        return cell._replace(texts=texts, fill="blank" if tells(cell.fill) else cell.fill)

    def tooltip(part: Box | Arrow) -> dict:
        return {"tooltip": part.tooltip and asked(part.tooltip)}

    def line(arrow: Arrow) -> dict:
        return tooltip(arrow) | {"flow": "hidden" if tells(arrow.flow) else arrow.flow}

    scale = tuple(quantity for quantity in picture.scale if not tells(quantity))
    return picture.change(in_cell, tooltip, line)._replace(scale=scale)
