"""A picture as data, before it is DOT or JSON: boxes of cells, arrows between boxes, groups behind them.

Every number in it is a Quantity, which says what of the graph it is; every box and arrow says what it shows.  So what
follows (an exercise, a moment in the middle of a pass, a highlight, a page) asks the picture, not its text.
"""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from minigrad.notation import number, signed
from minigrad.number import Number, innermost
from minigrad.value import Value

Point = tuple[float, float]


class Quantity(NamedTuple):
    """A number, and what of the graph it is.

    kind                               of
    "data", "gradient"                 (value,)
    "partial", "contribution"          Edges: Σ ∂user/∂operand;  Σ ∂user/∂operand · ∂L/∂user
    "term", "cut", "full"              (weight, steps): what its uses there add; would have added but for a cut; both
    "sum", "product", "norm"           quantities
    """

    kind: str
    of: tuple
    number: Number


class Text(NamedTuple):
    """A line of a cell in one style: words, and numbers.

    digits   of the numbers: significant ones; fewer if the number is longer than `room` characters
    longest  the words are shortened to
    size     0: the picture's own
    ink      a colour of the theme, or of the line along which a quantity flows back
    """

    parts: tuple[str | Quantity, ...]
    size: int = 0
    ink: str | Quantity = ""
    bold: bool = False
    digits: int = 4
    signed: bool = False
    room: int = 0
    longest: int = 24

    def __str__(self) -> str:
        return "".join(part if isinstance(part, str) else self.write(part.number) for part in self.parts)

    def write(self, x: Number) -> str:
        """The number as it stands in this line"""
        write = signed if self.signed else number
        ways = [write(x, digits) for digits in ((self.digits, 2, 1) if self.room else (self.digits,))]
        return next((way for way in ways if len(way) <= self.room), ways[-1])

    @property
    def quantities(self) -> list[Quantity]:
        """Its numbers, in order"""
        return [part for part in self.parts if isinstance(part, Quantity)]


class Cell(NamedTuple):
    """A cell of a box: lines of text, or a grid of cells again.

    fill     a colour of the theme, or the quantity whose colour it has
    """

    texts: tuple[Text, ...] = ()
    fill: str | Quantity = ""
    width: int = 0
    span: int = 1
    align: str = ""
    rounded: bool = False
    rule: str = ""
    port: str = ""
    padding: int | None = None
    grid: tuple[tuple["Cell", ...], ...] = ()

    @property
    def quantities(self) -> list[Quantity]:
        """The numbers in its lines, in order"""
        return [quantity for text in self.texts for quantity in text.quantities]


class Box(NamedTuple):
    """Rows of cells in a frame.

    kind     the frame: "mid", "input", "weight", "loss", "bar", "staircase"; none for "chip" and "words"; "point"
    at       its middle, in points; None: where Graphviz puts it
    shows    Values, Edges, and ("input", t) for a one-hot input
    look     "ghost" (not computed yet), "current", "faded", "unseen", or ""
    """

    id: str
    kind: str
    rows: tuple[tuple[Cell, ...], ...] = ()
    at: Point | None = None
    shows: tuple = ()
    tooltip: Text | None = None
    spacing: int = 2
    padding: int = 2
    look: str = ""


class Arrow(NamedTuple):
    """From tail to head, each the id of a box and perhaps ":" and a side or a port.

    flow     what flows back along it, or a kind of line: "input", "nothing", "hidden", "gold", "ink"
    shows    Edges, or pairs (user, operand); or the Values that it leads from
    via      the corners of a way around boxes
    pull     how strongly Graphviz keeps it short
    """

    id: str
    tail: str
    head: str
    flow: Quantity | str = "input"
    shows: tuple = ()
    tooltip: Text | None = None
    label: tuple[tuple[Cell, ...], ...] = ()
    via: tuple[Point, ...] = ()
    pull: int = 0
    look: str = ""


class Group(NamedTuple):
    """The ground of a time step: around its boxes, or a rectangle around the point `at`"""

    id: str
    title: str
    boxes: tuple[str, ...] = ()
    at: Point | None = None
    size: Point = (0, 0)


class Legend(NamedTuple):
    """The last row: what is what, and what the colours mean.

    at          its middle; None: where Graphviz puts it, below the picture, the colours below the words
    colours     whether they are there, and those of norms;  open_ended: what is larger than G has the colour of G
    """

    words: tuple[str, ...]
    at: Point | None = None
    colours: bool = True
    norm: bool = False
    open_ended: bool = False


class Picture(NamedTuple):
    """pinned: every box has its place;  over: "nodes" or "edges", which lie over the others;  size: of the text.

    scale    the quantities whose largest number has the full colour
    corners  two points that fix the canvas
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    scale: tuple[Quantity, ...]
    groups: tuple[Group, ...] = ()
    legends: tuple[Legend, ...] = ()
    corners: tuple[Point, ...] = ()
    pinned: bool = True
    over: str = "nodes"
    size: int = 12

    def shown(self) -> dict:
        """{Value, or edge (user, operand): the ids of what shows it}"""
        found: dict = {}
        for box in self.boxes:
            for what in box.shows:
                found.setdefault(what, []).append(box.id)
        for arrow in self.arrows:
            for what in arrow.shows:
                found.setdefault(what[:2] if isinstance(what, tuple) else what, []).append(arrow.id)
        return found


def size_of(quantities: list[Quantity], norm=False) -> Quantity:
    """The one quantity; of several, or if it is asked for, the norm √Σx²"""
    if len(quantities) == 1 and not norm:
        return quantities[0]
    numbers = [float(innermost(quantity.number)) for quantity in quantities]
    return Quantity("norm", tuple(quantities), math.hypot(*numbers))


def cells_of(part: Box | Arrow) -> Iterator[tuple[str, Cell]]:
    """(id, cell) of a box or of the label of an arrow, those in a grid behind the cell that holds it"""
    rows = part.rows if isinstance(part, Box) else part.label
    waiting = [cell for row in reversed(rows) for cell in reversed(row)]
    k = 0
    while waiting:
        cell = waiting.pop()
        yield f"{part.id}c{k}", cell
        k += 1
        waiting += [inner for row in reversed(cell.grid) for inner in reversed(row)]


def change_cells(picture: Picture, change: Callable[[Cell], Cell]) -> Picture:
    """The picture with every cell that holds text changed"""

    def changed(rows):
        return tuple(tuple(cell._replace(grid=changed(cell.grid)) if cell.grid else change(cell) for cell in row)
                     for row in rows)

    boxes = tuple(box._replace(rows=changed(box.rows)) for box in picture.boxes)
    arrows = tuple(arrow._replace(label=changed(arrow.label)) if arrow.label else arrow for arrow in picture.arrows)
    return picture._replace(boxes=boxes, arrows=arrows)
