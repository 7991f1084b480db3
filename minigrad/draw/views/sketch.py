"""What the views share: a picture in the making, and its pieces: boxes, pills, chips, ledgers, arrows."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from minigrad.draw.options import Options
from minigrad.draw.picture import Arrow, Box, Cell, Legend, Picture, Point, Quantity, Rows, Text, size_of
from minigrad.draw.slide import SLIDES, styled
from minigrad.draw.views.parts import Parts, folded_name
from minigrad.draw.views.pieces import cell, contribution, data, partial, told_back
from minigrad.naming import shorten
from minigrad.notation import carried_name
from minigrad.notation import name as on_paper
from minigrad.snapshot import ALL_WAYS, Edge, Snapshot
from minigrad.validation import Number
from minigrad.value import Value


class Sketch:
    """A picture in the making: boxes and arrows in the order in which they are drawn.  Each view is one.

    longest    so many characters of a name have room in a box of the view; the tooltip has it whole
    dashed     no numbers stand on its arrows: dashes tell which are negative
    """

    longest, dashed = 24, False

    @staticmethod
    def obstacle(snapshot: Snapshot) -> str:
        """Why this view cannot be drawn, or "" """
        return ""

    def finish(self) -> Picture:
        """Everything put in its place.  Raises ValueError for what is too large."""
        raise NotImplementedError

    def __init__(self, snapshot: Snapshot, options: Options):
        self.options, self.captions, self.slide = options, options.captions, SLIDES.get(options.aspect or "")
        self.snapshot, self.loss, self.gradients = snapshot, snapshot.loss, options.gradients
        self.further = max((options.digits or 4) - 4, 0)         # digits that need room
        self.asked_step = options.highlight if type(options.highlight) is int else 0
        self.asked_value = options.highlight if isinstance(options.highlight, Value) else None
        self.caption_of: dict[Value, str] = {}        # of an input that has a box of its own
        self.boxes, self.arrows = list[Box](), list[Arrow]()
        self.ids = {node: f"n{k}" for k, node in enumerate(snapshot.order)}
        if snapshot.unrolleds:
            self.unrolled, self.symbols = snapshot.unrolleds[0], [
                shorten(symbol, self.longest - 2) for symbol in snapshot.unrolleds[0].state_symbols]
            for step, caption in zip(self.unrolled, self.captions):
                for x in step.inputs:
                    self.caption_of[x] = ", ".join(filter(None, [self.caption_of.get(x), caption]))

    @cached_property
    def parts(self) -> Parts:
        """The pieces of the first Unrolled"""
        return Parts(self.snapshot)

    def picture(self, scale: list[Quantity], **fields: Any) -> Picture:
        """The finished picture.  scale: the quantities whose largest number has the full colour"""
        colours = tuple(map(self.in_full, scale)) if self.gradients else ()
        drawn = Picture(tuple(self.boxes), tuple(self.arrows), colours, dashed=self.dashed, **fields)
        return styled(drawn, self.options)

    def in_full(self, quantity: Quantity) -> Quantity:
        """A gradient, or a norm of some, as it is at the end of the pass: the colours of one picture stay the same"""
        if quantity.kind == "norm":
            return size_of([self.in_full(part) for part in quantity.of], norm=True)
        return quantity._replace(number=self.snapshot.computed.get(quantity.of[0], 0))

    def name(self, value: Value) -> str:
        """o₂; "" for a Value that the loss does not read"""
        return self.short(self.snapshot.name.get(value, ""))

    def short(self, name: str) -> str:
        return shorten(name, self.longest)

    def whole_name(self, value: Value) -> str:
        """The same, whole where a label is too long for a box"""
        name = self.snapshot.name.get(value, "")
        return on_paper(value.label) if "…" in name and value.label else name

    def state_name(self, t: int | str) -> str:
        """What is handed on at step t: o₂, or (h₂, c₂)"""
        return carried_name(self.symbols, t)

    # ------------------------------------------------------------------ quantities

    def gradient(self, value: Value) -> Quantity:
        """∂L/∂value; 0 for one that the loss does not read"""
        return Quantity("gradient", (value,), self.snapshot.gradient.get(value, 0))

    def edge(self, user: Value, operand: Value, position: int, derivative: Number) -> Edge:
        upstream = self.snapshot.gradient.get(user, 0)
        return Edge(user, operand, position, derivative, upstream, derivative * upstream, 0)

    def edges(self, node: Value) -> list[Edge]:
        """The edges from a node to its operands"""
        return [self.edge(node, operand, k, d) for k, (operand, d) in enumerate(zip(node.operands, node.partials))]

    def ways(self, node: Value, into: dict | None = None) -> list[Edge]:
        """The edges from a node in a folded graph"""
        into = self.parts.into if into is None else into
        return [self.edge(node, operand, ALL_WAYS, derivative) for operand, derivative in into.get(node, ())]

    def back_to(self, values: list[Value], edges: list[Edge], norm=False) -> Quantity:
        """What the edges send back to some Values, of several the norm"""
        return size_of([contribution(*[edge for edge in edges if edge.operand is value]) for value in values], norm)

    def term(self, weight: Value, *steps: int, kind="term") -> Quantity:
        """What the uses of a weight at some steps (0: at none) add to its gradient; kind "cut": would have added"""
        ledger = self.snapshot.ledgers[weight]
        terms = [ledger.elsewhere, *ledger.terms] if kind == "term" else [ledger.cut_elsewhere, *ledger.cut]
        return Quantity(kind, (weight, steps), sum(terms[t] for t in steps))

    # ------------------------------------------------------------------ boxes

    def legend(self, box: str, flow: str, at: Point, *more: str, **fields: Any) -> Legend:
        """box: what one shows;  flow: what an arrow tells of the way back"""
        words = f"box: {box}" + " / gradient" * self.gradients, "arrow: forward" + flow * self.gradients
        return Legend((*words, *self.marks(), *more), at, **fields)

    def marks(self, cut=False) -> tuple[str, ...]:
        """What the lines of arrows tell beside their colours"""
        norms = {arrow.flow.kind == "norm" for arrow in self.arrows if isinstance(arrow.flow, Quantity)}
        has_signs = self.dashed and False in norms
        signs = ("orange: positive", "blue, dashed: negative") if True in norms else ("dashed: negative",)
        dotted = "dotted: " + " or ".join(["0"] * self.gradients + ["cut"] * cut)
        return signs * has_signs + (dotted,) * (has_signs or cut)

    def kind(self, node: Value) -> str:
        return "loss" if node is self.loss else "mid"

    def folded_name(self, node: Value, edges: Iterable[Edge]) -> str:
        """What to call the operations between a box and those that its edges lead to"""
        return folded_name(node, [edge.operand for edge in edges], self.loss)

    def check_captions(self, view: str) -> None:
        """Raises ValueError for a caption whose input has no box in the view"""
        shown = {what for box in self.boxes for what in box.shows}
        for step in self.unrolled if self.captions else ():
            if shown.isdisjoint(step.inputs):
                where = f"the input of step {step.t} has no box in view {view!r}"
                raise ValueError(f"draw: captions: {where}; view='folded' has one for each step")

    def put(self, box: Box) -> str:
        self.boxes.append(box)
        return box.id

    def value(self, value: Value, kind: str, corner="", at: Point | None = None, width=68, formulas=False) -> str:
        """Name and operation, number, gradient.  formulas: a Value without a label is named by a formula, or v₇"""
        name = self.name(value) if formulas or value in self.snapshot.label else ""
        rows: Rows = (
            (cell(name, bold=True, align="LEFT"), cell(corner, 11, "grey", align="RIGHT")),
            (cell(data(value), span=2, width=width),),
        )
        if self.gradients:
            rows += ((self.pill(self.gradient(value), size=12, span=2),),)
        return self.put(Box(self.ids[value], kind, rows, at, (value,), self.tooltip(value)))

    def small(self, key: str, value: Value, kind="input", use: Quantity | None = None, at: Point | None = None) -> str:
        """Name and number, and if it stands for one use of a weight, the contribution of that use"""
        both = cell(self.name(value), bold=True), cell(data(value))    # a constant is named by its number
        rows: Rows = (both if value.label else both[:1],)
        if caption := self.caption_of.get(value):
            rows = ((cell(caption, bold=True, span=len(rows[0])),), *rows)
        if use and self.gradients:
            rows += ((self.pill(use, size=11, span=2),),)
        return self.put(Box(key, kind, rows, at, (value,), self.tooltip(value)))

    def compact(self, key: str, kind: str, head: tuple[Cell, ...], gradient: Quantity | None, at: Point, shows: tuple,
                tooltip: Text, lines: tuple[Cell, ...] = (), width=0, padding=2, room=0) -> str:
        """A head, lines under it, and a gradient of three digits"""
        rows: Rows = (head, *[(line._replace(span=len(head)),) for line in lines])
        if gradient and self.gradients:
            rows += ((self.pill(gradient, digits=3, span=len(head), width=width, room=room),),)
        return self.put(Box(key, kind, rows, at, shows, tooltip, padding=padding))

    def words(self, key: str, words: str, at: Point, ink="grey", bold=False, shows: tuple = ()) -> str:
        return self.put(Box(key, "words", ((cell(words, ink=ink, bold=bold, longest=120),),), at, shows))

    def pill(self, number: Quantity, **fields) -> Cell:
        """A number on its colour; a norm has no sign"""
        return cell(number, signed=number.kind != "norm", fill=number, rounded=True, **fields)

    def tooltip(self, value: Value) -> Text:
        gradient = (", grad ", self.gradient(value)) if self.gradients else ()
        return Text((f"{self.whole_name(value)}: data ", data(value), *gradient), digits=6)

    # ------------------------------------------------------------------ arrows

    def arrow(self, tail: str, head: str, flow: Quantity | str, shows: tuple, key="", **fields) -> str:
        """What flows back is the colour and width, once there are gradients"""
        key = key or f"e{tail.split(':')[0]}_{head.split(':')[0]}"
        line = flow if self.gradients or isinstance(flow, str) else "input"
        self.arrows.append(Arrow(key, tail, head, line, shows, **fields))
        return key

    def edge_arrow(self, tail: str, head: str, edge: Edge, key="", plain=False, **fields) -> str:
        """operand → user.  plain: an input's, which tells no gradient"""
        flow, product = contribution(edge), ("upstream ", self.gradient(edge.user), " × partial ", partial(edge), " = ")
        tip = self.told(self.whole_name(edge.user), self.whole_name(edge.operand), flow, *product)
        return self.arrow(tail, head, "input" if plain else flow, (edge,), key, tooltip=tip, **fields)

    def told(self, head: str, tail: str, back: Quantity, *product: str | Quantity) -> Text:
        """The tooltip of an arrow, which points forward; once there are gradients, of what goes back along it"""
        return told_back(head, tail, back, *product) if self.gradients else Text((f"from {tail} to {head}",))

    def chip(self, words, number, flow: Quantity, align="CENTER", signed=False, width=52) -> Rows:
        """What stands beside an arrow: in grey what it is, and in bold, in the arrow's colour, how much"""
        digits = 3 if self.slide else 4
        return (
            (cell(words, 9, "grey", digits=digits, room=8, width=width, align=align),),
            (cell(number, 10, flow, True, digits=digits, signed=signed, room=8, align=align),),
        )

    # ------------------------------------------------------------------ ledgers

    def amount(self, words, number: Quantity, size=10, digits=4, **fields) -> Cell:
        """What a number is, and in bold how much, on its colour; before backward() the words alone"""
        title = Text(words if type(words) is tuple else (words,), size, "faint", longest=60)
        if not self.gradients:
            return Cell((title,) if number.kind != "gradient" else (), **fields)
        bold = Text((number,), bold=True, digits=digits, signed=number.kind != "norm")
        return Cell((title, bold), number, rounded=True, **fields)

    def sign(self, words: str, width=14) -> Cell:
        return cell(words if self.gradients else " ", bold=self.gradients, width=width, padding=0)

    def title(self, name: str) -> str:
        """∂L/∂w_h"""
        return f"∂{self.name(self.loss)}/∂{self.short(name)}"

    def adds_up(self, weights: Iterable[Value]) -> bool:
        """Whether the gradients shown are the sums of the terms shown: not if memory held others before the pass"""
        return self.snapshot.grads != "stored" or self.snapshot.held_before.isdisjoint(weights)

    def total_title(self, name: str, weights: Iterable[Value]) -> str:
        """∂L/∂w_h, or w_h.grad where that is another number"""
        return self.title(name) if self.adds_up(weights) else f"{self.short(name)}.grad"

    def ledger(self, weight: Value, terms: list[Cell], at: Point | None = None, lead=(0, 0), sign=10, spacing=3) -> str:
        """∂L/∂w = the sum of its terms, as a bar.  lead: the widths of the cells before them;  sign: of = and +"""
        title, total = self.total_title(self.name(weight), [weight]), self.gradient(weight)
        cells = [Cell((Text((self.name(weight),), bold=True), Text((data(weight),))), width=lead[0])]
        cells += [self.amount(title, total, width=lead[1])] if terms else []
        equals = self.sign("=" if self.adds_up([weight]) else "≠", min(sign, 14))
        for k, term in enumerate(terms):
            cells += [self.sign("+", sign) if k else equals, term]
        return self.put(Box(self.ids[weight], "bar", (tuple(cells),), at, (weight,), self.tooltip(weight), spacing, 3))
