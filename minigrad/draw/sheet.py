"""What the views of single Values share: a box for a Value, a pill for a constant, an edge with what flows back."""

from typing import NamedTuple

import graphviz

from minigrad.draw import theme
from minigrad.draw.blank import is_among
from minigrad.notation import number, operation
from minigrad.number import Number
from minigrad.value import Value


class Showing(NamedTuple):
    """How much of a graph is seen, at one moment of the two passes; by default everything, at the end of both.

    known     the Values that have been computed
    totals    the gradients that have arrived so far
    flowed    the edges (node, operand) along which something has flowed back
    current   the Value whose turn it is
    gradients whether they are shown though backward() has not run
    ids       whether gradients and terms get ids of their own, for a page to find them by
    blank     gradients, contributions and local derivatives that are written as ?, wherever they stand
    """

    known: set[Value] | None = None
    totals: dict[Value, Number] | None = None
    flowed: set[tuple[Value, Value]] | None = None
    current: Value | None = None
    gradients: bool = False
    ids: bool = False
    blank: tuple[Number, ...] = ()


EVERYTHING = Showing()


class Sheet:
    """A picture in the making, what is known of every Value, and which element shows what.

    elements    {Value or edge (node, operand): the ids of the elements that show it}
    """

    into: dict[Value, tuple]                          # every computed Value shown: what it was computed from

    def __init__(self, picture: graphviz.Digraph, loss: Value, names: dict, gradient: dict, shown,
                 showing=EVERYTHING):
        self.picture, self.loss, self.names, self.gradient, self.showing = picture, loss, names, gradient, showing
        self.backward_ran = showing.gradients or theme.has_gradient(loss)
        colours = [gradient[node] for node in shown if not self.is_blank(gradient[node])]
        self.scale = theme.Scale(colours if self.backward_ran else [])
        self.id = {node: f"n{k}" for k, node in enumerate(gradient)}
        self.elements: dict = {}
        self.pills: dict[Value, list[str]] = {}
        self.terms: dict[tuple[Value, Value], str] = {}           # (user, weight): the id of the ledger's cell

    # ------------------------------------------------------------------ how much is seen

    def is_known(self, node: Value) -> bool:
        return self.showing.known is None or node in self.showing.known

    def total(self, node: Value) -> Number | None:
        """The gradient to show; None while none has arrived"""
        return self.gradient[node] if self.showing.totals is None else self.showing.totals.get(node)

    def has_flowed(self, node: Value, operand: Value) -> bool:
        return self.showing.flowed is None or (node, operand) in self.showing.flowed

    def is_blank(self, x: Number) -> bool:
        return is_among(x, self.showing.blank)

    def number(self, x: Number, digits=4) -> str:
        """A gradient, contribution or local derivative in a sentence"""
        return "?" if self.is_blank(x) else number(x, digits)

    # ------------------------------------------------------------------ pieces

    def box(self, node: Value, corner: str, kind="mid", width=68, **place) -> None:
        """Name and operation, number, gradient"""
        name = theme.font(theme.text(self.names.get(node, "")), color=theme.INK, bold=True)
        corner = theme.font(theme.text(corner), size=11, color=theme.GREY)
        rows = [
            theme.row(theme.cell(name, align="LEFT"), theme.cell(corner, align="RIGHT")),
            theme.row(theme.cell(number(node.data), colspan=2, width=width)),
        ]
        if self.backward_ran:
            rows.append(theme.row(self.pill(self.id[node], node, colspan=2)))
        frame = theme.frame(kind)
        if node is self.showing.current:
            frame = {**frame, "fill": theme.CURRENT}
        self.put(self.id[node], node, theme.box(*rows, **frame), kind, **place)

    def pill(self, key: str, node: Value, **given) -> str:
        if self.showing.ids:
            self.pills.setdefault(node, []).append(f"a_g{key}")
            given |= {"id": f"g{key}", "href": "#"}
        total = self.total(node)
        if self.is_blank(self.gradient[node]):
            return theme.blank_pill(**given)
        return theme.pill(self.gradient[node] if total is None else total, self.scale, seen=total is not None, **given)

    def small(self, key: str, node: Value, kind="input", contribution: Number | None = None, user=None, **place) -> str:
        """A pill with name and number, and if it stands for one use of a weight, with the contribution of that use"""
        name = theme.font(theme.text(self.names.get(node, "")), color=theme.INK, bold=True)
        both = [theme.cell(name), theme.cell(number(node.data))]
        if not node.label:                            # a constant is named by its number
            both = both[:1]
        rows = [theme.row(*both)]
        if contribution is not None and self.backward_ran:
            seen = self.has_flowed(user, node)
            given = {"id": f"c{key}", "href": "#"} if self.showing.ids else {}
            if self.showing.ids:
                self.terms[user, node] = f"a_c{key}"
            pill = theme.pill(contribution, self.scale, size=11, seen=seen, colspan=2, **given)
            rows.append(theme.row(theme.blank_pill(colspan=2) if self.is_blank(contribution) else pill))
        self.put(key, node, theme.box(*rows, **theme.frame(kind)), kind, **place)
        return key

    def put(self, key: str, node: Value, html: str, kind: str, **place) -> None:
        grad = f", grad {self.number(self.gradient[node], 6)}" if self.backward_ran else ""
        tip = theme.tooltip(f"{self.name(node)}: data {number(node.data, 6)}{grad}")
        self.elements.setdefault(node, []).append(key)
        if not self.is_known(node):
            html, place = theme.faded(html, theme.GHOST), {**place, "fontcolor": theme.INK + theme.GHOST}
        self.picture.node(key, label=html, id=key, **{"class": f"v {kind}"}, tooltip=tip, **place)

    def edge(self, tail: str, node: Value, operand: Value, partial: Number, *, key="", plain=False, **given) -> str:
        """operand → node; what flows back is its colour, width and tooltip.  Gives the line's colour."""
        contribution = partial * self.gradient[node]
        line = theme.INPUT_LINE if plain or not self.backward_ran else self.scale.line(contribution)
        if self.is_blank(contribution):               # its colour and width would tell
            line = {**theme.INPUT_LINE, "color": theme.GREY}
        color = line["color"]
        if not self.has_flowed(node, operand):
            line = theme.INPUT_LINE
        if not self.is_known(node):
            line = {**theme.INPUT_LINE, "color": theme.RULE + theme.GHOST}
        tip = f"{self.name(node)} → {self.name(operand)}"
        if self.backward_ran:
            tip += ": {} × {} = {}".format(*map(self.number, (self.gradient[node], partial, contribution)))
        key = key or f"e{tail.split(':')[0]}_{self.id[node]}"
        self.elements.setdefault((node, operand), []).append(key)
        attributes = {"id": key, "class": "e", "tooltip": theme.tooltip(tip), **line, **given}
        self.picture.edge(tail, self.id[node], **attributes)
        return color

    def chip(self, node: Value, operand: Value, partial: Number, color: str, align="CENTER") -> str:
        """× local derivative, and in bold the contribution that it makes of the node's gradient"""
        sent = partial * self.gradient[node]
        contribution = "?" if self.is_blank(sent) else theme.brief(sent)
        local = "?" if self.is_blank(partial) else theme.brief(partial, number)
        html = theme.chip(f"× {local}", contribution, color, align)
        return html if self.has_flowed(node, operand) else theme.faded(html, theme.UNSEEN)

    def name(self, node: Value) -> str:
        return self.names.get(node, "") or operation(node.op) or "constant"
