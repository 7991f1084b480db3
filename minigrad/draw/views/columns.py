"""The scalar RNN unrolled over up to four steps: every product and sum a box, one column for each time step.

    row 2    x_t·w_i, under the ledger of w_i, and x_t beside it
    row 1    z_t, then o_t
    row 0    o_{t−1}·w_h, above the ledger of w_h

The last column is the output, its loss folded into one box.  Measures in points.
"""

from typing import NamedTuple

from minigrad.draw.options import Options
from minigrad.draw.picture import Box, Group, Picture, Point
from minigrad.draw.slide import corners
from minigrad.draw.views.parts import Parts
from minigrad.draw.views.pieces import contribution, partial
from minigrad.draw.views.sketch import Sketch
from minigrad.notation import operation
from minigrad.snapshot import Edge, Snapshot
from minigrad.value import Value

MAX_STEPS = 4
DIGIT = 7                                             # the width of one


class Measures(NamedTuple):
    """In points.  pitch: of steps;  sub: of columns within one;  row: of rows;  bar_gap: from a row to a ledger;  term:
    a cell of one;  lead: its first two cells;  box, chip: their widths"""

    pitch: int
    sub: int
    row: int
    bar_gap: int
    term: int
    lead: tuple[int, int]
    box: int
    chip: int

    def wider(self, digits: int) -> "Measures":
        """With room for further digits of every number"""
        more = DIGIT * digits
        return self._replace(pitch=self.pitch + 5 * more, sub=self.sub + 3 * more, term=self.term + 5 * more,
                             lead=(self.lead[0] + more, self.lead[1] + more))


PAGE, SLIDE = Measures(272, 138, 108, 88, 250, (66, 84), 68, 52), Measures(197, 104, 112, 82, 130, (40, 60), 54, 46)


def obstacle(snapshot: Snapshot) -> str:
    """Why this view cannot be drawn, or "" """
    unrolled, step = snapshot.unrolleds[0], snapshot.step
    if len(unrolled) > MAX_STEPS:
        return f"{len(unrolled)} steps are more than {MAX_STEPS}"
    if unrolled.cuts:
        return "the gradient is truncated"
    if any(isinstance(one.x, int) or len(one.x) != 1 or len(one.state) != 1 for one in unrolled):
        return "inputs and states must be single numbers"
    if any(snapshot.loss in one.state for one in unrolled):
        return "the loss is a state itself"
    if any(node.op == "dot" for node in step):
        return "the graph is fused"
    if {t for node, t in step.items() if node not in snapshot.cell_step} - {0, len(unrolled)}:
        return "a step before the last has an output"
    parts = Parts(snapshot)
    if not 1 <= len(parts.weights) <= 3:
        return f"the cell has {len(parts.weights)} weights"
    nodes, place, _ = places(parts)
    if len(set(place.values())) < len(place):
        return "a cell has more products than x_t·w_i and o_t·w_h"
    before = {o for state in unrolled.states[:-1] for o in state}
    if any(o in before and place[node][1] for column in nodes for node in column for o in node.operands):
        return "a state is used outside its product with w_h"
    return ""


def places(parts: Parts, measures: Measures = PAGE) -> tuple[list[list[Value]], dict[Value, Point], int]:
    """The nodes of each step's cell, the place of every box, and the pitch of the steps"""
    unrolled, cell_step = parts.unrolled, parts.snapshot.cell_step
    above, below = [*parts.weights, None][:2]
    sub, row = measures.sub, measures.row
    columns = [[node for node in parts.snapshot.order if node.operands and cell_step.get(node) == step.t]
               for step in unrolled]
    middles = [[node for node in nodes if node in step.state or not {above, below} & set(node.operands)]
               for step, nodes in zip(unrolled, columns)]              # row 1 of each step
    pitch = measures.pitch + sub * max(0, max(len(middle) for middle in middles) - 2)
    place: dict[Value, Point] = {unrolled.initial[0]: (pitch - sub + 4, row)}
    for step, nodes, middle in zip(unrolled, columns, middles):
        for node in nodes:
            place[node] = (pitch * step.t, 2 * row if above in node.operands else 0)
        for k, node in enumerate(middle):
            place[node] = (pitch * step.t + sub * k, row)
    x = pitch * (len(unrolled) + 1)
    for k, node in enumerate(parts.outputs):
        place[node] = (x, 0) if k == 0 and len(parts.outputs) > 1 else (x + sub * max(k - 1, 0), row)
    return columns, place, pitch


class Columns(Sketch):
    longest = 7
    obstacle = staticmethod(obstacle)

    def __init__(self, snapshot: Snapshot, options: Options):
        super().__init__(snapshot, options)
        self.at = SLIDE.wider(self.further) if self.slide else PAGE
        self.nodes, self.place, self.pitch = places(self.parts, self.at)
        gap = self.at.bar_gap
        self.bars = 2 * self.at.row + gap, -gap, -gap - 64
        # a weight of the output stands under it, and lower where the second ledger reaches as far as that
        self.below = -178 if any(snapshot.ledgers[w].elsewhere for w in self.parts.weights[1:2]) else -112

    def finish(self) -> Picture:
        weights, shown = self.parts.weights, [*self.place, *self.parts.weights]
        for weight, y in zip(weights, self.bars):
            self.bar(weight, y)
        for t, nodes in enumerate(self.nodes, start=1):
            for node in nodes:
                self.value(node, "mid", operation(node.op), self.place[node], self.at.box)
                for edge in self.edges(node):
                    self.edge_in_cell(t, edge)
        [start] = self.unrolled.initial
        self.value(start, "mid" if start.operands else "input", "", self.place[start], self.at.box)
        for node in self.parts.outputs:
            self.output(node)
        self.check_captions("columns")
        right = max(x for x, _ in self.place.values()) + self.at.box // 2 + 14
        bottom = min(-166 if len(weights) < 3 else -230, self.below - 66)
        words = "name, operation / value", "; on it: × partial and, bold, the contribution sent back"
        top, left = self.bars[0] + 26, -35.0
        legend, size = self.legend(*words, ((right - 35) / 2, bottom + 14)), 13
        lowest = bottom if self.options.legend else min(self.below - 36, self.bars[len(weights) - 1] - 28)
        frame: tuple[Point, ...] = (left, top), (right, lowest)
        if self.slide:
            left, bottom, size = self.left_of_bars(), bottom + 8, 12
            legend = self.legend(*words, ((right + left) / 2 - 60, bottom + 24), stacked=True)
            frame = corners(left, bottom if self.options.legend else self.below - 30, right - 10, top, self.slide)
        return self.picture([self.gradient(value) for value in shown], groups=self.grounds(), corners=frame,
                            legends=(legend,), over="edges", size=size)

    def left_of_bars(self) -> float:
        return self.pitch - self.at.term / 2 - sum(self.at.lead) - 14 - 5 * 4

    def grounds(self) -> tuple[Group, ...]:
        """The grey ground of each step and of the output"""
        grounds, last = [], len(self.unrolled) + 1
        for t in range(1, last + 1):
            nodes, left = self.nodes[t - 1] if t < last else self.parts.outputs, self.pitch * t
            right = max([self.place[node][0] for node in nodes] + [left + (self.at.sub if t < last else 0)])
            title = f"t = {t}" if t < last else "output"
            grounds.append(Group(f"step{t}", title, at=((left + right) / 2, self.at.row + 7),
                                 size=(right - left + self.at.box + 28, 2 * self.at.row + 104)))
        return tuple(grounds)

    def bar(self, weight: Value, y: float) -> None:
        """The ledger of a weight.  The third weight, a bias, has no edges from its bar: they would cross the second."""
        terms = []
        for t, nodes in enumerate(self.nodes, start=1):
            uses = [edge for node in nodes for edge in self.edges(node) if edge.operand is weight]
            words: tuple = (f"t = {t}",)
            if len(uses) == 1 and self.gradients:
                words = (f"t = {t}: ", self.gradient(uses[0].user), " × ", partial(uses[0]))
            terms.append(self.amount(words, self.term(weight, t), width=self.at.term + self.pitch - self.at.pitch,
                                     port=f"t{t}"))
        sign = self.at.pitch - self.at.term - 2 * 4
        x, elsewhere = self.pitch * (len(self.nodes) + 1) / 2 - sum(self.at.lead) / 2 - 13, self.term(weight, 0)
        if elsewhere.number:
            terms.append(self.amount("elsewhere", elsewhere, width=84))
            x += (84 + sign + 2 * 4) / 2
        self.ledger(weight, terms, (x, y), self.at.lead, sign, 4)

    def edge_in_cell(self, t: int, edge: Edge) -> None:
        operand, head, (x, y) = edge.operand, self.ids[edge.user], self.place[edge.user]
        if operand in self.parts.weights[:2]:
            self.edge_arrow(f"{self.ids[operand]}:t{t}", head, edge)
        elif operand in self.parts.weights:           # a bias: a stub of its own, under the sum that adds it
            self.edge_arrow(self.beside(edge, x, 0, "weight"), head, edge)
        elif operand in self.place:
            self.arrow_with_chip(edge)
        else:
            self.edge_arrow(self.beside(edge, x + self.at.sub + edge.position * 4, y), head, edge, plain=True)

    def beside(self, edge: Edge, x: float, y: float, kind="input") -> str:
        """A leaf beside one of its users: a constant may have several"""
        use = contribution(edge) if kind == "weight" else None
        return self.small(f"{self.ids[edge.operand]}at{x:g}_{y:g}", edge.operand, kind, use, (x, y))

    def output(self, node: Value) -> None:
        """A box after the last state, with what it was computed from"""
        (x, y), edges, role = self.place[node], self.ways(node), self.snapshot.role
        self.value(node, self.kind(node), self.folded_name(node, edges), (x, y), self.at.box)
        weights = others = 0
        for edge in edges:
            operand = edge.operand
            if operand not in self.place and role[operand] != "weight":
                self.edge_arrow(self.beside(edge, x + 66 * others, y + self.at.row), self.ids[node], edge, plain=True)
                others += 1
                continue
            if operand not in self.place:
                self.place[operand] = (x + 92 * weights, self.below) if y == 0 else (x + self.at.sub * (weights + 1), 0)
                self.value(operand, "weight", "", self.place[operand], self.at.box)
                weights += 1
            self.arrow_with_chip(edge)

    def arrow_with_chip(self, edge: Edge) -> None:
        """An arrow between two placed boxes, its numbers right of it, or over it where there is room"""
        tail, head = self.ids[edge.operand], self.ids[edge.user]
        key = f"{tail}_{head}" + (f"_{edge.position}" if edge.position > 0 else "")
        self.edge_arrow(tail, head, edge, f"e{key}")
        if self.gradients:
            (x1, y1), (x2, y2) = self.place[edge.operand], self.place[edge.user]
            x, y, align = (x1 + x2) / 2 + 3, (y1 + y2) / 2 + 26, "CENTER"
            if self.slide:                            # over it there is no room
                x, y = x - 28, y - 42
            if x1 == x2:
                x, y, align = x1 + 32 + 4 * self.further, (y1 + y2) / 2, "LEFT"
            elif y1 == y2:
                x, y = (x1 + x2) / 2, y1 + 15
            sent = contribution(edge)
            rows = self.chip(("× ", partial(edge)), sent, sent, align, signed=True, width=self.at.chip)
            self.put(Box(f"l{key}", "chip", rows, (x, y), (edge,)))
