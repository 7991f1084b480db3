"""What the views of single Values share: a box for a Value, a pill for a constant, an edge with what flows back."""

import graphviz

from minigrad.draw import theme
from minigrad.notation import number, operation
from minigrad.number import Number
from minigrad.value import Value


class Sheet:
    """A picture in the making, and what is known of every Value: name, gradient, and an id by its place in the order"""

    def __init__(self, picture: graphviz.Digraph, loss: Value, names: dict, gradient: dict, shown):
        self.picture, self.loss, self.names, self.gradient = picture, loss, names, gradient
        self.backward_ran = theme.has_gradient(loss)
        self.scale = theme.Scale([gradient[node] for node in shown] if self.backward_ran else [])
        self.id = {node: f"n{k}" for k, node in enumerate(gradient)}

    def box(self, node: Value, corner: str, kind="mid", width=68, **place) -> None:
        """Name and operation, number, gradient"""
        name = theme.font(theme.text(self.names.get(node, "")), color=theme.INK, bold=True)
        corner = theme.font(theme.text(corner), size=11, color=theme.GREY)
        rows = [
            theme.row(theme.cell(name, align="LEFT"), theme.cell(corner, align="RIGHT")),
            theme.row(theme.cell(number(node.data), colspan=2, width=width)),
        ]
        if self.backward_ran:
            rows.append(theme.row(theme.pill(self.gradient[node], self.scale, colspan=2)))
        self.put(self.id[node], node, theme.box(*rows, **theme.frame(kind)), kind, **place)

    def small(self, key: str, node: Value, kind="input", contribution: Number | None = None, **place) -> str:
        """A pill with name and number, and if it stands for one use of a weight, with the contribution of that use"""
        name = theme.font(theme.text(self.names.get(node, "")), color=theme.INK, bold=True)
        both = [theme.cell(name), theme.cell(number(node.data))]
        if not node.label:                            # a constant is named by its number
            both = both[:1]
        rows = [theme.row(*both)]
        if contribution is not None and self.backward_ran:
            rows.append(theme.row(theme.pill(contribution, self.scale, size=11, colspan=2)))
        self.put(key, node, theme.box(*rows, **theme.frame(kind)), kind, **place)
        return key

    def put(self, key: str, node: Value, html: str, kind: str, **place) -> None:
        grad = f", grad {number(self.gradient[node], 6)}" if self.backward_ran else ""
        tip = theme.tooltip(f"{self.name(node)}: data {number(node.data, 6)}{grad}")
        self.picture.node(key, label=html, id=key, **{"class": f"v {kind}"}, tooltip=tip, **place)

    def edge(self, tail: str, node: Value, operand: Value, partial: Number, *, key="", plain=False, **given) -> str:
        """operand → node; what flows back is its colour, width and tooltip.  Gives the line's colour."""
        contribution = partial * self.gradient[node]
        line = theme.INPUT_LINE if plain or not self.backward_ran else self.scale.line(contribution)
        tip = f"{self.name(node)} → {self.name(operand)}"
        if self.backward_ran:
            tip += f": {number(self.gradient[node])} × {number(partial)} = {number(contribution)}"
        key = key or f"e{tail.split(':')[0]}_{self.id[node]}"
        attributes = {"id": key, "class": "e", "tooltip": theme.tooltip(tip), **line, **given}
        self.picture.edge(tail, self.id[node], **attributes)
        return line["color"]

    def chip(self, node: Value, partial: Number, color: str, align="CENTER") -> str:
        """× local derivative, and in bold the contribution that it makes of the node's gradient"""
        return theme.chip(f"× {theme.brief(partial, number)}", theme.brief(partial * self.gradient[node]), color, align)

    def name(self, node: Value) -> str:
        return self.names.get(node, "") or operation(node.op) or "constant"
