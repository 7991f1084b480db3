"""A picture as data, before it is DOT or JSON: boxes of cells, arrows between boxes, groups behind them.

Every number in it is a Quantity, which says what of the graph it is; every box and arrow says what it shows.  So what
follows (an exercise, a moment in the middle of a pass, a highlight, a page) asks the picture, not its text.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from minigrad.notation import number, signed
from minigrad.validation import Number, unwrap

Point = tuple[float, float]
Rows = tuple[tuple["Cell", ...], ...]


class Quantity(NamedTuple):
    """A number, and what of the graph it is.

    kind                               of
    "data", "gradient"                 (value,)
    "partial", "contribution"          Edges: Σ ∂user/∂operand;  Σ ∂user/∂operand · ∂L/∂user
    "term", "cut", "full"              (weight, steps): what its uses there add; would have added but for a cut; both
    "product", "norm"                  quantities
    """

    kind: str
    of: tuple
    number: Number


class Word(str):
    """The word that came in at step t, or its index: on the page another can be chosen"""

    t: int

    @classmethod
    def at(cls, t: int, word: str) -> "Word":
        self = cls(word)
        self.t = t
        return self


class Text(NamedTuple):
    """A line of a cell in one style: words, and numbers.

    size     0: the picture's own
    ink      a colour of the theme, or of the line along which a quantity flows back
    digits   of the numbers: significant ones; fewer if a number is longer than `room` characters
    longest  the words are shortened to
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
        return "".join([part if isinstance(part, str) else self.write(part.number) for part in self.parts])

    def write(self, x: Number) -> str:
        """The number as it stands in this line"""
        write = signed if self.signed else number
        written = write(x, self.digits)
        if self.room:
            written = next((way for way in (written, write(x, 2)) if len(way) <= self.room), write(x, 1))
        return written

    @property
    def quantities(self) -> list[Quantity]:
        return [part for part in self.parts if isinstance(part, Quantity)]

    @property
    def changes(self) -> bool:
        """Whether it holds a number, or a word"""
        return any(isinstance(part, (Quantity, Word)) for part in self.parts)


class Cell(NamedTuple):
    """A cell of a box: lines of text, or a grid of cells again.

    fill     a colour of the theme, or the quantity whose colour it has
    look     "faded", or ""
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
    grid: Rows = ()
    look: str = ""

    @property
    def quantities(self) -> list[Quantity]:
        return [quantity for text in self.texts for quantity in text.quantities]


class Box(NamedTuple):
    """Rows of cells in a frame.

    kind     the frame: "mid", "input", "weight", "loss", "bar", "staircase"; none for "chip" and "words"
    at       its middle, in points; None: where Graphviz puts it
    shows    Values, Edges, and ("input", t) for a one-hot input
    look     "ghost" (not computed yet), "current", "faded", "unseen", or ""
    """

    id: str
    kind: str
    rows: Rows = ()
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
    via      the corners of a way around boxes, or the boxes that it goes through
    pull     how strongly Graphviz keeps it short
    look     "ghost", "flat" (nothing has flowed yet), "faded", or ""
    """

    id: str
    tail: str
    head: str
    flow: Quantity | str = "input"
    shows: tuple = ()
    tooltip: Text | None = None
    via: tuple[Point | str, ...] = ()
    pull: int = 0
    look: str = ""


class Group(NamedTuple):
    """The ground of a time step: around its boxes, or a rectangle of a size around the point `at`"""

    id: str
    title: str
    boxes: tuple[str, ...] = ()
    at: Point | None = None
    size: Point = (0, 0)


class Legend(NamedTuple):
    """The last row: what is what, and what the colours of gradients, or of norms, mean.

    at       its middle; None: where Graphviz puts it, below the picture
    open_ended   what is larger than G has the colour of G;  stacked: the colours stand below the words
    """

    words: tuple[str, ...]
    at: Point | None = None
    norm: bool = False
    open_ended: bool = False
    stacked: bool = False


class Picture(NamedTuple):
    """scale: the quantities whose largest number G has the full colour;  corners: two points that fix the canvas;
    pinned: every box has its place;  curved: arrows go around boxes;  over: "nodes" or "edges", which lie over the
    others;  size: of the text;  caption: lines under it all, with room for so many characters;  slide: its width and
    height, if it is for one;  direction: in which it is laid out;  dashed: arrows of what is negative are, as no
    number on them tells the sign;  thin: they are half as wide, with small heads, where boxes are close"""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    scale: tuple[Quantity, ...] = ()
    groups: tuple[Group, ...] = ()
    legends: tuple[Legend, ...] = ()
    corners: tuple[Point, ...] = ()
    pinned: bool = True
    curved: bool = False
    over: str = "nodes"
    size: int = 12
    caption: tuple[str, ...] = ()
    room: int = 0
    slide: Point | None = None
    direction: str = "LR"
    dashed: bool = False
    thin: bool = False

    @property
    def elements(self) -> list[Box | Arrow]:
        return [*self.boxes, *self.arrows]

    def shown(self) -> dict[Any, list[str]]:
        """{Value, or edge (user, operand): the ids of what shows it}"""
        found: dict[Any, list[str]] = {}
        for part in self.elements:
            for what in part.shows:
                found.setdefault(as_shown(what), []).append(part.id)
        return found

    def change(self, cells: Callable[[Cell], Cell], boxes: Callable[[Box], dict], arrows: Callable[[Arrow], dict]
               ) -> "Picture":
        """The picture with every cell that holds text changed, and these fields of every box and arrow"""

        def changed(rows: Rows) -> Rows:
            return tuple([tuple([cell._replace(grid=changed(cell.grid)) if cell.grid else cells(cell) for cell in row])
                          for row in rows])

        return self._replace(
            boxes=tuple([box._replace(rows=changed(box.rows), **boxes(box)) for box in self.boxes]),
            arrows=tuple([arrow._replace(**arrows(arrow)) for arrow in self.arrows]),
        )


def as_shown(what):
    """An edge as (user, operand), whatever its position"""
    return what[:2] if isinstance(what, tuple) else what


def size_of(quantities: list[Quantity], norm=False) -> Quantity:
    """The one quantity; of several, or if it is asked for, the norm √Σx²"""
    if len(quantities) == 1 and not norm:
        return quantities[0]
    return Quantity("norm", tuple(quantities), math.hypot(*[float(unwrap(q.number)) for q in quantities]))


def cells_of(box: Box) -> Iterator[tuple[str, Cell]]:
    """(id, cell) of a box, those in a grid behind the cell that holds it"""
    cells = [cell for row in box.rows for cell in row]
    for k, cell in enumerate(cells):                  # the list grows while it is read
        yield f"{box.id}c{k}", cell
        cells[k + 1 : k + 1] = [inner for row in cell.grid for inner in row]
