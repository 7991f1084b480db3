"""What the views share: a picture in the making, and its pieces: boxes, pills, chips, ledgers, arrows."""

from minigrad.draw.picture import Arrow, Box, Cell, Group, Legend, Picture, Point, Quantity, Text
from minigrad.snapshot import Edge, Snapshot
from minigrad.value import Value

ARROW_WORDS = "; on it: × local derivative and, bold, the contribution sent back"


def data(value: Value) -> Quantity:
    """The number of a Value"""
    return Quantity("data", (value,), value.data)


def partial(edge: Edge) -> Quantity:
    """∂user/∂operand of an edge"""
    return Quantity("partial", (edge,), edge.partial)


def contribution(*edges: Edge) -> Quantity:
    """What the edges send back together"""
    return Quantity("contribution", edges, sum(edge.contribution for edge in edges))


def cell(words, size=0, ink: str | Quantity = "", bold=False, **given) -> Cell:
    """A cell of one line.  words: a str, a Quantity, or a tuple of both; the rest are fields of Cell, or of Text"""
    parts = words if isinstance(words, tuple) and not isinstance(words, Quantity) else (words,)
    of_text = {name: given.pop(name) for name in ("digits", "signed", "room", "longest") if name in given}
    return Cell((Text(parts, size, ink, bold, **of_text),), **given)


class Sketch:
    """boxes and arrows: in the order in which they are drawn"""

    def __init__(self, snapshot: Snapshot, gradients: bool):
        self.snapshot, self.gradients = snapshot, gradients
        self.boxes: list[Box] = []
        self.arrows: list[Arrow] = []
        self.place = {node: k for k, node in enumerate(snapshot.order)}

    def id(self, value: Value) -> str:
        return f"n{self.place[value]}"

    def picture(self, scale: list[Quantity], **given) -> Picture:
        """The finished picture.  scale: the quantities whose largest number has the full colour"""
        return Picture(tuple(self.boxes), tuple(self.arrows), tuple(scale if self.gradients else ()), **given)

    # ------------------------------------------------------------------ quantities

    def gradient(self, value: Value) -> Quantity:
        """∂L/∂value; 0 for one that the loss does not depend on"""
        return Quantity("gradient", (value,), self.snapshot.gradient.get(value, 0))

    def edge(self, user: Value, operand: Value, position: int | None, derivative) -> Edge:
        upstream = self.snapshot.gradient.get(user, 0)
        return Edge(user, operand, position, derivative, upstream, derivative * upstream, 0)

    def edges(self, node: Value) -> list[Edge]:
        """The edges from a node to its operands"""
        return [self.edge(node, operand, k, d) for k, (operand, d) in enumerate(zip(node.operands, node.partials))]

    def ways(self, node: Value, folded: dict) -> list[Edge]:
        """The edges from a node in a folded graph, that have no positions"""
        return [self.edge(node, operand, None, derivative) for operand, derivative in folded.get(node, ())]

    # ------------------------------------------------------------------ boxes

    def value(self, value: Value, kind: str, corner="", at: Point | None = None, width=68, formulas=False) -> str:
        """Name and operation, number, gradient.  formulas: a Value without a label is named by a formula, or v₇"""
        name = self.snapshot.name[value] if formulas or value in self.snapshot.label else ""
        rows = [
            (cell(name, bold=True, align="LEFT"), cell(corner, 11, "grey", align="RIGHT")),
            (cell(data(value), span=2, width=width),),
        ]
        if self.gradients:
            rows.append((self.pill(self.gradient(value), size=12, span=2),))
        return self.put(Box(self.id(value), kind, tuple(rows), at, (value,), self.tooltip(value)))

    def pill(self, number: Quantity, **given) -> Cell:
        """A number on its colour; a norm has no sign"""
        return cell(number, signed=number.kind != "norm", fill=number, rounded=True, **given)

    def small(self, key: str, value: Value, kind="input", use: Quantity | None = None, at: Point | None = None) -> str:
        """A pill with name and number, and if it stands for one use of a weight, with the contribution of that use"""
        both = (cell(self.snapshot.name[value], bold=True), cell(data(value)))
        rows = [both if value.label else both[:1]]    # a constant is named by its number
        if use and self.gradients:
            rows.append((self.pill(use, size=11, span=2),))
        return self.put(Box(key, kind, tuple(rows), at, (value,), self.tooltip(value)))

    def compact(self, key: str, kind: str, head: tuple[Cell, ...], lines: list[Cell], gradient: Quantity | None,
                at: Point, shows: tuple, tooltip: Text, width=0, padding=2) -> str:
        """A box of a head, lines under it, and a gradient of three digits"""
        rows = [head, *[(line._replace(span=len(head)),) for line in lines]]
        if gradient and self.gradients:
            rows.append((self.pill(gradient, digits=3, span=len(head), width=width),))
        return self.put(Box(key, kind, tuple(rows), at, shows, tooltip, padding=padding))

    def words(self, key: str, words: str, at: Point, ink="grey", bold=False) -> str:
        return self.put(Box(key, "words", ((cell(words, ink=ink, bold=bold, longest=120),),), at))

    def put(self, box: Box) -> str:
        self.boxes.append(box)
        return box.id

    def tooltip(self, value: Value) -> Text:
        parts = (f"{self.snapshot.name.get(value, '')}: data ", data(value))
        return Text(parts + ((", grad ", self.gradient(value)) if self.gradients else ()), digits=6)

    # ------------------------------------------------------------------ arrows

    def arrow(self, tail: str, head: str, edges: list[Edge], key="", plain=False, **given) -> str:
        """operand → user, of one edge or several; what flows back is its colour and width"""
        flow = contribution(*edges)
        key = key or f"e{tail.split(':')[0]}_{head.split(':')[0]}"
        self.arrows.append(Arrow(key, tail, head, "input" if plain or not self.gradients else flow, tuple(edges),
                                 given.pop("tooltip", None) or self.way_back(edges[0]), **given))
        return key

    def line(self, tail: str, head: str, shows: tuple, kind="input") -> None:
        """An arrow that tells no gradient"""
        self.arrows.append(Arrow(f"e{tail.split(':')[0]}", tail, head, kind, shows))

    def way_back(self, edge: Edge) -> Text:
        """The tooltip of an arrow: z₂ → o₁·w_h: −0.345 × 1 = −0.345"""
        names = f"{self.snapshot.name[edge.user]} → {self.snapshot.name[edge.operand]}"
        if not self.gradients:
            return Text((names,))
        return Text((f"{names}: ", self.gradient(edge.user), " × ", partial(edge), " = ", contribution(edge)))

    def chip(self, edge: Edge, align="CENTER") -> tuple[tuple[Cell, ...], ...]:
        """× local derivative, and in bold the contribution that it makes of the user's gradient"""
        sent = contribution(edge)
        return (
            (cell(("× ", partial(edge)), 9, "grey", room=8, width=52, align=align),),
            (cell(sent, 10, sent, True, signed=True, room=8, align=align),),
        )

    # ------------------------------------------------------------------ ledgers

    def term(self, words: str | tuple, number: Quantity, size=10, **given) -> Cell:
        """What a number is, and in bold how much, on its colour; before backward() the words alone"""
        words = words if isinstance(words, tuple) and not isinstance(words, Quantity) else (words,)
        title = Text(words, size, "faint", longest=60)
        if not self.gradients:
            return Cell((title,) if number.kind != "gradient" else (), **given)
        bold = Text((number,), bold=True, signed=number.kind != "norm", digits=given.pop("digits", 4))
        return Cell((title, bold), fill=number, rounded=True, **given)

    def sign(self, words: str, width=14) -> Cell:
        return cell(words if self.gradients else " ", bold=self.gradients, width=width, padding=0)

    def ledger(self, weight: Value, terms: list[Cell], at: Point | None = None, lead=(0, 0), sign_width=10, spacing=3):
        """∂L/∂w = the sum of its terms, as a bar.  lead: the widths of the cells before them"""
        title = f"∂{self.snapshot.name[self.snapshot.loss]}/∂{self.snapshot.name[weight]}"
        name = Cell((Text((self.snapshot.name[weight],), bold=True), Text((data(weight),))), width=lead[0])
        cells = [name, self.term(title, self.gradient(weight), width=lead[1])] if terms else [name]
        for k, term in enumerate(terms):
            cells += [self.sign("+" if k else "=", sign_width), term]
        rows = (tuple(cells),)
        return self.put(Box(self.id(weight), "bar", rows, at, (weight,), self.tooltip(weight), spacing, 3))


__all__ = ["Arrow", "Box", "Cell", "Group", "Legend", "Picture", "Quantity", "Sketch", "Text", "cell"]
