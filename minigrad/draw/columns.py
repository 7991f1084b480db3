"""The scalar RNN unrolled over up to four steps: every product and sum a box, one column for each time step.

    row 2    x_t·w_i, under the ledger of w_i, and x_t beside it
    row 1    z_t, then o_t
    row 0    o_{t−1}·w_h, above the ledger of w_h

The last column is the output, its loss folded into one box.  Measures in points.
"""

from dataclasses import dataclass, field

from minigrad.bptt import cells, ledgers, steps_of_uses
from minigrad.draw import theme
from minigrad.draw.bars import bar
from minigrad.draw.parts import Parts, folded_name, parts
from minigrad.draw.sheet import EVERYTHING, Sheet
from minigrad.nn import Unrolled
from minigrad.notation import operation
from minigrad.value import Value

MOST_STEPS = 4
PITCH, SUB, ROW, BAR_GAP = 272, 138, 108, 88          # of steps, of columns within one, of rows, from a row to a bar


@dataclass
class Layout:
    """The nodes of each step's cell, the place (x, y) of every box, and the pitch of the steps"""

    nodes: list[list[Value]] = field(default_factory=list)
    place: dict[Value, tuple[float, float]] = field(default_factory=dict)
    pitch: int = PITCH

    def column(self, t: int) -> int:
        return self.pitch * t


def obstacle(loss: Value, unrolled: Unrolled) -> str:
    """Why this view cannot be drawn, or "" """
    if len(unrolled) > MOST_STEPS:
        return f"{len(unrolled)} steps are more than {MOST_STEPS}"
    if unrolled.cuts:
        return "the gradient is truncated"
    if any(isinstance(step.x, int) or len(step.x) != 1 or len(step.state) != 1 for step in unrolled):
        return "inputs and states must be single numbers"
    if any(loss in step.state for step in unrolled):
        return "the loss is a state itself"
    steps, cell_of = steps_of_uses(loss, unrolled), cells(unrolled)
    if any(node.op == "dot" for node in steps):
        return "the graph is fused"
    read = {t for node, t in steps.items() if node not in cell_of}
    if read - {0, len(unrolled)}:
        return "a step before the last has an output"
    found = parts(loss, unrolled)
    if not 1 <= len(found.weights) <= 3:
        return f"the cell has {len(found.weights)} weights"
    layout = laid_out(unrolled, found)
    if len(set(layout.place.values())) < len(layout.place):
        return "a cell has more products than x_t·w_i and o_t·w_h"
    before = {o for state in unrolled.states[:-1] for o in state}
    if any(o in before and layout.place[node][1] for nodes in layout.nodes for node in nodes for o in node.operands):
        return "a state is used outside its product with w_h"
    return ""


def laid_out(unrolled: Unrolled, found: Parts) -> Layout:
    """Gives every node of a cell, and every output, its place."""
    layout, cell_of = Layout(), cells(unrolled)
    above, below = [*found.weights, None][:2]
    middles = []                                      # row 1 of each step
    for step in unrolled:
        nodes = [node for node in found.gradient if node.operands and cell_of.get(node) == step.t]
        layout.nodes.append(nodes)
        middles.append([node for node in nodes if node in step.state or not {above, below} & set(node.operands)])
    layout.pitch = PITCH + SUB * max(0, max(len(middle) for middle in middles) - 2)
    for step, nodes, middle in zip(unrolled, layout.nodes, middles):
        x = layout.column(step.t)
        for node in nodes:
            if node in middle:
                layout.place[node] = (x + SUB * middle.index(node), ROW)
            else:
                layout.place[node] = (x, 2 * ROW if above in node.operands else 0)
    layout.place[unrolled.initial[0]] = (layout.column(1) - 134, ROW)
    x, first = layout.column(len(unrolled) + 1), len(found.outputs) > 1
    for k, node in enumerate(found.outputs):
        layout.place[node] = (x, 0) if k == 0 and first else (x + SUB * max(k - 1, 0), ROW)
    return layout


class Columns(Sheet):
    def __init__(self, loss: Value, unrolled: Unrolled, showing=EVERYTHING):
        self.unrolled, self.parts = unrolled, parts(loss, unrolled)
        self.layout = laid_out(unrolled, self.parts)
        shown, found = [*self.layout.place, *self.parts.weights], self.parts
        canvas = theme.canvas("minigrad", "nodesfirst", 13)
        super().__init__(canvas, loss, found.names, found.gradient, shown, showing)
        # a weight of the output stands under it, and lower where the second ledger reaches as far as that
        second = ledgers(loss, unrolled, found.weights[1:2])
        self.below = -112 if not any(ledger.elsewhere for ledger in second) else -178
        cells = {node: tuple(zip(node.operands, node.partials)) for nodes in self.layout.nodes for node in nodes}
        self.into = {node: cells.get(node) or found.into[node] for node in found.gradient
                     if node in cells or node in found.outputs}

    def source(self) -> str:
        self.bands()
        weights, top = self.parts.weights, 2 * ROW + BAR_GAP
        for weight, y in zip(weights, (top, -BAR_GAP, -BAR_GAP - 64)):
            self.bar(weight, y)
        for t, nodes in enumerate(self.layout.nodes, start=1):
            for node in nodes:
                self.place_box(node, operation(node.op))
                for position, (operand, partial) in enumerate(zip(node.operands, node.partials)):
                    self.edge_in_cell(t, node, operand, partial, position)
        self.place_box(self.unrolled.initial[0], "", "input" if not self.unrolled.initial[0].operands else "mid")
        for node in self.parts.outputs:
            self.output(node)
        self.corners_and_legend()
        return self.picture.source

    # ------------------------------------------------------------------ pieces

    def bands(self) -> None:
        """The grey ground of each step and of the output"""
        last = len(self.unrolled) + 1
        for t in range(1, last + 1):
            nodes = self.layout.nodes[t - 1] if t < last else self.parts.outputs
            left = self.layout.column(t)
            right = max([self.layout.place[node][0] for node in nodes] + [left + (SUB if t < last else 0)])
            width, middle = right - left + 96, (left + right) / 2
            self.picture.node(
                f"step{t}", label="", id=f"step{t}", **{"class": "step"}, shape="box", style="rounded,filled",
                color=theme.BAND_RULE, fillcolor=theme.BAND, fixedsize="true", width=f"{width / theme.POINTS:.4f}",
                height=f"{320 / theme.POINTS:.4f}", pos=theme.at(middle, 115),
            )
            title = theme.font(f"t = {t}" if t < last else "output", size=14, color=theme.GREY)
            cell = theme.cell(title, width=60, align="LEFT")
            html = theme.label(theme.table(theme.row(cell), border=0, cellspacing=0, cellpadding=0))
            self.picture.node(f"title{t}", label=html, pos=theme.at(left - 14, 262))

    def bar(self, weight: Value, y: float) -> None:
        """The ledger of a weight.  The third weight, a bias, has no edges from its bar: they would cross the second."""
        ledger = ledgers(self.loss, self.unrolled, [weight])[0]
        steps = range(1, len(self.unrolled) + 1)
        factors, users = [self.factors(weight, t) for t in steps], [self.users(weight, t) for t in steps]
        html, wider = bar(self, ledger, factors, users, self.layout.pitch)
        x = self.layout.pitch / 2 - 88 + len(self.unrolled) * self.layout.pitch / 2 + wider / 2
        self.put(self.id[weight], weight, html, "weight bar", pos=theme.at(x, y))

    def users(self, weight: Value, t: int) -> list[Value]:
        return [node for node in self.layout.nodes[t - 1] if weight in node.operands]

    def factors(self, weight: Value, t: int) -> str:
        """upstream × local of the one use at step t; "" if there are several"""
        uses = [
            "? × ?" if self.is_blank(partial * self.gradient[node])    # their product would tell
            else f"{self.number(self.gradient[node])} × {self.number(partial)}"
            for node in self.layout.nodes[t - 1]
            for operand, partial in zip(node.operands, node.partials)
            if operand is weight
        ]
        return uses[0] if len(uses) == 1 else ""

    def place_box(self, node: Value, corner: str, kind="mid") -> None:
        self.box(node, corner, kind, pos=theme.at(*self.layout.place[node]))

    def place_small(self, node: Value, x: float, y: float, kind="input", contribution=None, user=None) -> str:
        """A pill beside one of its users: a constant may have several"""
        return self.small(f"{self.id[node]}at{x:g}_{y:g}", node, kind, contribution, user, pos=theme.at(x, y))

    def edge_in_cell(self, t: int, node: Value, operand: Value, partial, position: int) -> None:
        x, y = self.layout.place[node]
        if operand in self.parts.weights[:2]:
            self.edge(f"{self.id[operand]}:t{t}", node, operand, partial)
        elif operand in self.parts.weights:           # a bias: a stub of its own, under the sum that adds it
            stub = self.place_small(operand, x, 0, "weight", partial * self.gradient[node], node)
            self.edge(stub, node, operand, partial)
        elif operand in self.layout.place:
            self.edge_with_chip(node, operand, partial, position)
        else:
            self.edge(self.place_small(operand, x + SUB + position * 4, y), node, operand, partial, plain=True)

    def output(self, node: Value) -> None:
        """A box after the last state, with what it was computed from"""
        x, y = self.layout.place[node]
        edges = [(operand, slope) for operand, slope in self.parts.into[node] if operand in self.gradient]
        corner = folded_name(node, [operand for operand, _ in edges], self.loss)
        self.place_box(node, corner, "loss" if node is self.loss else "mid")
        weights = targets = 0
        for operand, slope in edges:
            if operand in self.layout.place:
                self.edge_with_chip(node, operand, slope)
            elif operand.label.startswith("y"):
                self.edge(self.place_small(operand, x + 66 * targets, y + ROW), node, operand, slope, plain=True)
                targets += 1
            else:
                self.layout.place[operand] = (x + 92 * weights, self.below) if y == 0 else (x + SUB * (weights + 1), 0)
                self.place_box(operand, "", "weight")
                self.edge_with_chip(node, operand, slope)
                weights += 1

    def edge_with_chip(self, node: Value, operand: Value, partial, position=0) -> None:
        """An edge between two placed boxes; its numbers stand right of a vertical one, over one that is not"""
        key = f"{self.id[operand]}_{self.id[node]}" + (f"_{position}" if position else "")
        color = self.edge(self.id[operand], node, operand, partial, key=f"e{key}")
        if self.backward_ran:
            (x1, y1), (x2, y2) = self.layout.place[operand], self.layout.place[node]
            if x1 == x2:
                x, y, align = x1 + 32, (y1 + y2) / 2, "LEFT"
            elif y1 == y2:
                x, y, align = (x1 + x2) / 2, y1 + 15, "CENTER"
            else:
                x, y, align = (x1 + x2) / 2 + 3, (y1 + y2) / 2 + 26, "CENTER"
            html = self.chip(node, operand, partial, color, align)
            self.elements[node, operand].append(f"l{key}")
            self.picture.node(f"l{key}", label=html, id=f"l{key}", **{"class": "chip"}, pos=theme.at(x, y))

    def corners_and_legend(self) -> None:
        """Two invisible corners fix the canvas, and the legend is its last row"""
        right, top = max(x for x, _ in self.layout.place.values()) + 48, 2 * ROW + BAR_GAP + 26
        bottom = min(-166 if len(self.parts.weights) < 3 else -230, self.below - 66)
        self.picture.node("corner0", label="", shape="point", style="invis", width=".01", pos=theme.at(-35, top))
        self.picture.node("corner1", label="", shape="point", style="invis", width=".01", pos=theme.at(right, bottom))
        words = ["box: name, operation / value" + (" / gradient" if self.backward_ran else ""), "arrow: forward"]
        if self.backward_ran:
            words[1] += "; on it: × local derivative and, bold, the contribution sent back"
        html = theme.legend(words, self.scale)
        self.picture.node("legend", label=html, id="legend", pos=theme.at((right - 35) / 2, bottom + 14))
