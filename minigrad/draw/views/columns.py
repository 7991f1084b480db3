"""The scalar RNN unrolled over up to four steps: every product and sum a box, one column for each time step.

    row 2    x_t·w_i, under the ledger of w_i, and x_t beside it
    row 1    z_t, then o_t
    row 0    o_{t−1}·w_h, above the ledger of w_h

The last column is the output, its loss folded into one box.  Measures in points.
"""

from typing import NamedTuple

from minigrad.draw.options import Options
from minigrad.draw.picture import Box, Cell, Group, Legend, Picture, Point, Quantity
from minigrad.snapshot import Edge, Snapshot
from minigrad.draw.views.parts import Parts, folded_name, parts
from minigrad.draw.views.sketch import ARROW_WORDS, Sketch, partial
from minigrad.notation import operation
from minigrad.value import Value

MOST_STEPS = 4
PITCH, SUB, ROW, BAR_GAP = 272, 138, 108, 88          # of steps, of columns within one, of rows, from a row to a bar
TOP = 2 * ROW + BAR_GAP                               # where the first ledger stands


class Places(NamedTuple):
    """The nodes of each step's cell, the place (x, y) of every box, and the pitch of the steps"""

    nodes: list[list[Value]]
    place: dict[Value, Point]
    pitch: int


def obstacle(snapshot: Snapshot) -> str:
    """Why this view cannot be drawn, or "" """
    [unrolled] = snapshot.unrolleds
    if len(unrolled) > MOST_STEPS:
        return f"{len(unrolled)} steps are more than {MOST_STEPS}"
    if unrolled.cuts:
        return "the gradient is truncated"
    if any(isinstance(step.x, int) or len(step.x) != 1 or len(step.state) != 1 for step in unrolled):
        return "inputs and states must be single numbers"
    if any(snapshot.loss in step.state for step in unrolled):
        return "the loss is a state itself"
    if any(node.op == "dot" for node in snapshot.step):
        return "the graph is fused"
    if {t for node, t in snapshot.step.items() if node not in snapshot.cell_step} - {0, len(unrolled)}:
        return "a step before the last has an output"
    found = parts(snapshot)
    if not 1 <= len(found.weights) <= 3:
        return f"the cell has {len(found.weights)} weights"
    places = places_of(snapshot, found)
    if len(set(places.place.values())) < len(places.place):
        return "a cell has more products than x_t·w_i and o_t·w_h"
    before = {o for state in unrolled.states[:-1] for o in state}
    if any(o in before and places.place[node][1] for nodes in places.nodes for node in nodes for o in node.operands):
        return "a state is used outside its product with w_h"
    return ""


def places_of(snapshot: Snapshot, found: Parts) -> Places:
    """Gives every node of a cell, and every output, its place."""
    [unrolled] = snapshot.unrolleds
    above, below = [*found.weights, None][:2]
    columns: list[list[Value]] = [[] for _ in unrolled]
    for node in snapshot.order:
        if node.operands and node in snapshot.cell_step:
            columns[snapshot.cell_step[node] - 1].append(node)
    middles = [[node for node in nodes if node in step.state or not {above, below} & set(node.operands)]
               for step, nodes in zip(unrolled, columns)]              # row 1 of each step
    pitch = PITCH + SUB * max(0, max(len(middle) for middle in middles) - 2)
    place: dict[Value, Point] = {}
    for step, nodes, middle in zip(unrolled, columns, middles):
        x = pitch * step.t
        for node in nodes:
            if node in middle:
                place[node] = (x + SUB * middle.index(node), ROW)
            else:
                place[node] = (x, 2 * ROW if above in node.operands else 0)
    place[unrolled.initial[0]] = (pitch - 134, ROW)
    x, first = pitch * (len(unrolled) + 1), len(found.outputs) > 1
    for k, node in enumerate(found.outputs):
        place[node] = (x, 0) if k == 0 and first else (x + SUB * max(k - 1, 0), ROW)
    return Places(columns, place, pitch)


def layout(snapshot: Snapshot, options: Options) -> Picture:
    """view "columns" of draw()"""
    return Columns(snapshot, options).picture()


class Columns:
    def __init__(self, snapshot: Snapshot, options: Options):
        [self.unrolled] = snapshot.unrolleds
        self.snapshot, self.parts = snapshot, parts(snapshot)
        self.nodes, self.place, self.pitch = places_of(snapshot, self.parts)
        self.sketch = Sketch(snapshot, options.gradients)
        # a weight of the output stands under it, and lower where the second ledger reaches as far as that
        self.below = -178 if any(snapshot.ledgers[w].elsewhere for w in self.parts.weights[1:2]) else -112

    def picture(self) -> Picture:
        sketch, weights = self.sketch, self.parts.weights
        shown = [*self.place, *weights]
        for weight, y in zip(weights, (TOP, -BAR_GAP, -BAR_GAP - 64)):
            self.bar(weight, y)
        for t, nodes in enumerate(self.nodes, start=1):
            for node in nodes:
                sketch.value(node, "mid", operation(node.op), self.place[node])
                for edge in sketch.edges(node):
                    self.edge_in_cell(t, edge)
        [start] = self.unrolled.initial
        sketch.value(start, "mid" if start.operands else "input", "", self.place[start])
        for node in self.parts.outputs:
            self.output(node)
        right = max(x for x, _ in self.place.values()) + 48
        bottom = min(-166 if len(weights) < 3 else -230, self.below - 66)
        words = ["box: name, operation / value", "arrow: forward"]
        if sketch.gradients:
            words = [f"{words[0]} / gradient", words[1] + ARROW_WORDS]
        return sketch.picture(
            [sketch.gradient(value) for value in shown], groups=self.bands(), corners=((-35, TOP + 26), (right, bottom)),
            legends=(Legend(tuple(words), ((right - 35) / 2, bottom + 14)),), over="edges", size=13)

    def bands(self) -> tuple[Group, ...]:
        """The grey ground of each step and of the output"""
        bands, last = [], len(self.unrolled) + 1
        for t in range(1, last + 1):
            nodes = self.nodes[t - 1] if t < last else self.parts.outputs
            left = self.pitch * t
            right = max([self.place[node][0] for node in nodes] + [left + (SUB if t < last else 0)])
            title = f"t = {t}" if t < last else "output"
            bands.append(Group(f"step{t}", title, at=((left + right) / 2, 115), size=(right - left + 96, 320)))
        return tuple(bands)

    def bar(self, weight: Value, y: float) -> None:
        """The ledger of a weight.  The third weight, a bias, has no edges from its bar: they would cross the second."""
        sketch, ledger, n = self.sketch, self.snapshot.ledgers[weight], len(self.unrolled)
        terms = []
        for t, number in enumerate(ledger.terms, start=1):
            uses = [edge for node in self.nodes[t - 1] for edge in sketch.edges(node) if edge.operand is weight]
            words: tuple = (f"t = {t}",)
            if len(uses) == 1 and sketch.gradients:
                words = (f"t = {t}:   ", sketch.gradient(uses[0].user), " × ", partial(uses[0]))
            terms.append(sketch.term(words, Quantity("term", (weight, (t,)), number), width=self.pitch - 22, port=f"t{t}"))
        x = self.pitch * (n + 1) / 2 - 88
        if ledger.elsewhere:
            terms.append(sketch.term("elsewhere", Quantity("term", (weight, (0,)), ledger.elsewhere), width=84))
            x += (84 + 14 + 2 * 4) / 2
        sketch.ledger(weight, terms, (x, y), (66, 84), 14, 4)

    def edge_in_cell(self, t: int, edge: Edge) -> None:
        sketch, operand, head = self.sketch, edge.operand, self.sketch.id(edge.user)
        x, y = self.place[edge.user]
        if operand in self.parts.weights[:2]:
            sketch.arrow(f"{sketch.id(operand)}:t{t}", head, [edge])
        elif operand in self.parts.weights:           # a bias: a stub of its own, under the sum that adds it
            sketch.arrow(self.pill(edge, x, 0, "weight"), head, [edge])
        elif operand in self.place:
            self.arrow_with_chip(edge)
        else:
            sketch.arrow(self.pill(edge, x + SUB + (edge.position or 0) * 4, y), head, [edge], plain=True)

    def pill(self, edge: Edge, x: float, y: float, kind="input") -> str:
        """A leaf beside one of its users: a constant may have several"""
        use = Quantity("contribution", (edge,), edge.contribution) if kind == "weight" else None
        return self.sketch.small(f"{self.sketch.id(edge.operand)}at{x:g}_{y:g}", edge.operand, kind, use, (x, y))

    def output(self, node: Value) -> None:
        """A box after the last state, with what it was computed from"""
        sketch, (x, y) = self.sketch, self.place[node]
        edges = [edge for edge in sketch.ways(node, self.parts.into) if edge.operand in self.snapshot.gradient]
        corner = folded_name(node, [edge.operand for edge in edges], self.snapshot.loss)
        sketch.value(node, "loss" if node is self.snapshot.loss else "mid", corner, (x, y))
        weights = others = 0
        for edge in edges:
            operand = edge.operand
            if operand not in self.place and self.snapshot.role[operand] != "weight":
                sketch.arrow(self.pill(edge, x + 66 * others, y + ROW), sketch.id(node), [edge], plain=True)
                others += 1
                continue
            if operand not in self.place:
                self.place[operand] = (x + 92 * weights, self.below) if y == 0 else (x + SUB * (weights + 1), 0)
                sketch.value(operand, "weight", "", self.place[operand])
                weights += 1
            self.arrow_with_chip(edge)

    def arrow_with_chip(self, edge: Edge) -> None:
        """An arrow between two placed boxes; its numbers stand right of a vertical one, over one that is not"""
        sketch, key = self.sketch, f"{self.sketch.id(edge.operand)}_{self.sketch.id(edge.user)}"
        key += f"_{edge.position}" if edge.position else ""
        sketch.arrow(sketch.id(edge.operand), sketch.id(edge.user), [edge], f"e{key}")
        if sketch.gradients:
            (x1, y1), (x2, y2) = self.place[edge.operand], self.place[edge.user]
            if x1 == x2:
                x, y, align = x1 + 32, (y1 + y2) / 2, "LEFT"
            elif y1 == y2:
                x, y, align = (x1 + x2) / 2, y1 + 15, "CENTER"
            else:
                x, y, align = (x1 + x2) / 2 + 3, (y1 + y2) / 2 + 26, "CENTER"
            sketch.put(Box(f"l{key}", "chip", sketch.chip(edge, align), (x, y), (edge,)))
