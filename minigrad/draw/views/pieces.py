"""What boxes are made of: the quantities of Values and edges, and cells of one line."""

from minigrad.draw.picture import Cell, Quantity, Text
from minigrad.snapshot import Edge
from minigrad.value import Value


def data(value: Value) -> Quantity:
    """The number of a Value"""
    return Quantity("data", (value,), value.data)


def partial(*edges: Edge) -> Quantity:
    """Σ ∂user/∂operand of the edges"""
    return Quantity("partial", edges, sum(edge.partial for edge in edges))


def contribution(*edges: Edge) -> Quantity:
    """What the edges send back together"""
    return Quantity("contribution", edges, sum(edge.contribution for edge in edges))


def cell(words, size=0, ink: str | Quantity = "", bold=False, **fields) -> Cell:
    """A cell of one line.  words: a str, a Quantity, or a tuple of both;  fields: of Cell, or of Text"""
    parts = words if type(words) is tuple else (words,)
    of_text = {name: fields.pop(name) for name in ("digits", "signed", "room", "longest") if name in fields}
    return Cell((Text(parts, size, ink, bold, **of_text),), **fields)


def told_back(head: str, tail: str, back: Quantity, *product: str | Quantity) -> Text:
    """The tooltip of an arrow from tail to head: what goes back along it, and the product that it is"""
    what = "‖contribution‖ " if back.kind == "norm" else "contribution "
    return Text((f"back from {head} to {tail}: ", *product, what, back))
