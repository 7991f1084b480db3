"""Many steps: one box for each state o_t, whatever is inside; for a vector the norms.

    above    the ledger of the first weight, w_i: each step's contribution over its box
    below    the staircase of ∂L/∂w_h where the state is a number (see staircase.py); else its ledger, and the others'

Past twelve steps the middle ones become one column, "⋯", whose contributions are added up.
"""

from minigrad.draw.options import Options
from minigrad.draw.picture import Arrow, Box, Cell, Legend, Picture, Quantity, Text, size_of
from minigrad.snapshot import Edge, Snapshot
from minigrad.draw.views.parts import (
    Matrix,
    every_step_has_an_output,
    folded_name,
    input_words,
    matrices,
    parts,
    readout_weights,
    skips_a_step,
)
from minigrad.draw.views.sketch import Sketch, cell, contribution, data, partial
from minigrad.draw.views.staircase import Staircase
from minigrad.draw.views.staircase import height as staircase_height
from minigrad.notation import carried_name, name
from minigrad.number import innermost
from minigrad.value import Value

MOST_SHOWN, SHOWN_FIRST, SHOWN_LAST = 12, 2, 8
PITCH, WIDE, LEAD = 100, 176, 108                     # of the columns, of at most WIDE_STEPS; a ledger's first cell
WIDE_STEPS = 4


def layout(snapshot: Snapshot, options: Options) -> Picture:
    """view "folded" of draw()"""
    return Folded(snapshot, options).picture()


def columns_of(n: int) -> list[range]:
    """The steps of each column"""
    columns = [range(t, t + 1) for t in range(1, n + 1)]
    if n <= MOST_SHOWN:
        return columns
    last = n - SHOWN_LAST + 1
    return [*columns[:SHOWN_FIRST], range(SHOWN_FIRST + 1, last), *columns[last - 1 :]]


class Folded:
    def __init__(self, snapshot: Snapshot, options: Options):
        self.snapshot, self.captions, self.parts = snapshot, options.captions, parts(snapshot)
        [self.unrolled] = snapshot.unrolleds
        self.sketch = Sketch(snapshot, options.gradients)
        self.states = self.unrolled.carried
        self.vector = len(self.states[0]) > 1
        self.cut = set(self.unrolled.cuts.values())   # states that nothing flows back into from the next step
        self.wide = len(self.unrolled) <= WIDE_STEPS and not self.vector         # room for ∂o₂/∂o₁ between the boxes
        self.pitch = (WIDE if self.wide else PITCH) + (30 if self.unrolled.initial_cell else 0)       # longer names
        self.columns = columns_of(len(self.unrolled))
        self.every_step = every_step_has_an_output(self.parts, snapshot)
        self.readout = readout_weights(self.parts, snapshot)

    def picture(self) -> Picture:
        sketch = self.sketch
        tail, x = self.state_box(0, 0.0), 0.0
        for steps in self.columns:
            x += self.pitch
            key = self.state_box(steps[0], x) if len(steps) == 1 else self.middle_box(steps, x)
            self.arrow(tail, key, steps[0])
            tail = key
        lowest = self.ledgers()
        self.outputs(tail, x)
        first = "vectors are shown by their norms ‖·‖" if self.vector else "box: state, value / input"
        words = [first + (" / gradient" if sketch.gradients and not self.vector else "")]
        if sketch.gradients:
            words.append("arrow: forward, coloured by the gradient that flows back")
            words[1] += "; dashed: nothing, or cut" if self.cut else ""
        middle = self.pitch * (len(self.columns) + 1) / 2
        legend = Legend(tuple(words), (middle, lowest - 34), norm=self.vector, open_ended=True)
        return sketch.picture([self.gradient(t) for t in range(len(self.states))], legends=(legend,), over="edges",
                              size=11)

    def size(self, quantities: list[Quantity]) -> Quantity:
        """A number; of vectors the norm"""
        return size_of(quantities, self.vector)

    def gradient(self, t: int) -> Quantity:
        return self.size([self.sketch.gradient(o) for o in self.states[t]])

    # ------------------------------------------------------------------ the states

    def state_box(self, t: int, x: float) -> str:
        state, title = self.states[t], carried_name(self.unrolled.state_symbols, t)
        title = f"‖{title}‖" if self.vector else self.snapshot.name.get(state[0], title)
        lines = [Text((self.caption(t),), longest=16)]
        if t and self.sketch.gradients and self.every_step:            # what the step's own output sends back to it
            direct = [edge for node in self.parts.outputs for edge in self.sketch.ways(node, self.parts.into)]
            size = self.size([contribution(*[edge for edge in direct if edge.operand is o]) for o in state])
            lines.append(Text(("out: ", size), digits=3, signed=not self.vector))
        size = self.size([data(o) for o in state])
        return self.box(f"o{t}", title, size, lines, self.gradient(t), x, "mid" if t else "input", tuple(state))

    def caption(self, t: int) -> str:
        """What came in at step t: the word, or the numbers"""
        if not t or self.captions:
            return self.captions[t - 1] if t else "start"
        return f"{name(f'x_{t}')} = {input_words(self.unrolled[t - 1], one_hot='#')}"

    def middle_box(self, steps: range, x: float) -> str:
        lines = [Text((f"t = {steps[0]} … {steps[-1]}",)),
                 Text((f"{len(steps)} {'words' if self.captions else 'steps'}",), 11, "ink")]
        return self.box("middle", "⋯", "", lines, None, x, "input", ())

    def box(self, key: str, title: str, corner: str | Quantity, lines: list[Text], gradient: Quantity | None, x: float,
            kind: str, shows: tuple, y=0.0) -> str:
        head = cell(title, bold=True, align="LEFT"), cell(corner, digits=3, align="RIGHT", width=36)
        small = [Cell((text._replace(size=text.size or 9, ink=text.ink or "grey"),), width=70) for text in lines]
        tooltip = Text((f"{title} ", corner, *[part for text in lines for part in (", ", *text.parts)]), digits=3)
        return self.sketch.compact(key, kind, head, small, gradient, (x, y), shows, tooltip)

    def arrow(self, tail: str, head: str, t: int) -> None:
        """o_{t−1} → o_t, by the part of ∂L/∂o_{t−1} that comes back through o_t"""
        edges = [edge for o in self.states[t] for edge in self.sketch.ways(o, self.parts.into)]
        through = [contribution(*[edge for edge in edges if edge.operand is o]) for o in self.states[t - 1]]
        pairs = tuple((o, before) for o in self.states[t] for before in self.states[t - 1])
        self.join(tail, head, self.size(through), pairs)
        o, before = self.states[t][0], self.states[t - 1][0]
        if self.wide and o in self.parts.into:        # not beyond a cut, where the loss does not reach
            slope = dict(self.parts.into[o]).get(before, 0)
            times = "cut" if before in self.cut else ("× ", partial(self.sketch.edge(o, before, None, slope)))
            self.chip(f"l{t}", self.pitch * (t - 0.5), o, before, times, through[0], pairs)

    def join(self, tail: str, head: str, flow: Quantity, shows: tuple) -> None:
        key = f"e{tail.split(':')[0]}_{head}"
        self.sketch.arrows.append(Arrow(key, tail, head, flow if self.sketch.gradients else "input", shows))

    def chip(self, key: str, x: float, node: Value, operand: Value, times, flow: Quantity, shows: tuple) -> None:
        """∂node/∂operand over the arrow between two boxes"""
        if self.sketch.gradients:
            symbol = f"∂{self.snapshot.name.get(node, '')}/∂{self.snapshot.name.get(operand, '')}"
            rows = (cell(symbol, 9, "grey", width=52, align="CENTER"),), (cell(times, 10, flow, True, room=8, align="CENTER"),)
            self.sketch.put(Box(key, "chip", rows, (x, 17), shows))

    # ------------------------------------------------------------------ the outputs

    def outputs(self, tail: str, x: float) -> None:
        """The boxes after the last state: the outputs, or the loss alone where there is one at every step"""
        loss, last = self.snapshot.loss, self.unrolled.state
        for k, node in enumerate([loss] if self.every_step else self.parts.outputs):
            x += self.pitch
            key, edges = f"out{k}", self.sketch.ways(node, self.parts.into)
            line = folded_name(node, [edge.operand for edge in edges], loss)
            targets = [edge.operand for edge in edges if self.snapshot.role[edge.operand] == "target"]
            words: tuple = (line,)
            if len(targets) == 1 and node is loss:
                words = (f"{line}, {self.snapshot.name[targets[0]]} = ", data(targets[0]))
            self.box(key, self.snapshot.name[node], data(node), [Text(words, longest=16)], self.sketch.gradient(node), x,
                     "loss" if node is loss else "mid", (node,))
            flow, shows = self.sent_back(edges), tuple(edges)
            self.join(tail, key, flow, shows)
            if self.wide and innermost(flow.number):
                edge = next(edge for edge in edges if edge.operand in (*last, *self.parts.outputs) and innermost(edge.partial))
                operand, times = edge.operand, partial(edge)
                if self.every_step:
                    operand, times = last[0], flow
                self.chip(f"l{key}", x - self.pitch / 2, node, operand, ("× ", times), flow, shows)
            if not self.vector and not self.every_step:
                for j, edge in enumerate(edge for edge in edges if edge.operand in self.readout):
                    self.weight_over(edge, f"{key}w{j}", key, x + 92 * j)
            tail = key

    def sent_back(self, edges: list[Edge]) -> Quantity:
        """What a box after the last state sends back along the arrow that leads to it"""
        if self.every_step:                           # the loss alone: no later step reads the last state
            return self.gradient(len(self.unrolled))
        state = self.size([contribution(*[edge for edge in edges if edge.operand is o]) for o in self.unrolled.state])
        others = [edge for edge in edges if edge.operand in self.parts.outputs]
        return state if innermost(state.number) or not others else contribution(others[0])

    def weight_over(self, edge: Edge, key: str, head: str, x: float) -> None:
        """A weight of the readout over the output that uses it"""
        weight = edge.operand
        self.box(key, self.snapshot.name[weight], data(weight), [Text((" ",))], self.sketch.gradient(weight), x, "weight",
                 (weight,), 88)
        self.join(key, head, contribution(edge), (edge,))

    # ------------------------------------------------------------------ ledgers

    def ledgers(self) -> float:
        """The first above, the others below.  Gives how low they reach."""
        lowest = -50.0
        apart = self.vector or self.every_step        # else the weights of the readout stand over the outputs
        for k, matrix in enumerate([*matrices(self.parts.weights), *(matrices(self.readout) if apart else [])]):
            if k == 1 and self.has_staircase(matrix):
                lowest -= self.staircase(matrix, lowest)
                continue
            y = 76.0 + 6 * bool(self.cut) if k == 0 else lowest - 22
            lowest -= 0 if k == 0 else 62 if self.cut else 50
            self.ledger(f"ledger{k}", matrix, y, arrows=k == 0)
        return lowest

    def has_staircase(self, matrix: Matrix) -> bool:
        """Whether ∂L/∂w is one product for each step: a number for a state that only the next step reads, one output at
        the end, no other use of the weight, and nothing cut"""
        single = not self.vector and len(matrix.entries) == 1 and self.sketch.gradients and not self.cut
        chain = not self.every_step and not skips_a_step(self.parts, self.snapshot)
        return single and chain and not self.snapshot.ledgers[matrix.entries[0, 0]].elsewhere

    def staircase(self, matrix: Matrix, top: float) -> float:
        """Gives how much room it takes."""
        [weight] = matrix.entries.values()
        rows = Staircase(self.sketch, self.snapshot, weight, matrix.name, self.columns, self.pitch).rows()
        height = staircase_height(self.columns, self.pitch)
        x = self.pitch / 2 - LEAD + (LEAD + self.pitch * (len(self.columns) + 1)) / 2 + 4
        self.sketch.put(Box("staircase", "staircase", rows, (x, top - height / 2), (weight,), spacing=3))
        return height + 6

    def ledger(self, key: str, matrix: Matrix, y: float, arrows: bool) -> None:
        """The gradient of a matrix, or its norm, and each column's part of it"""
        sketch, weights = self.sketch, tuple(matrix.entries.values())
        single = len(weights) == 1 and not self.vector
        cells = [self.lead(matrix, single), cell("=" if single and sketch.gradients else " ", width=12, padding=0)]
        for k, steps in enumerate(self.columns, start=1):
            term = self.term(matrix, "term", tuple(steps))
            cells.append(self.amount(term, self.term(matrix, "cut", tuple(steps)), f"c{k}"))
            if arrows:
                head = "middle" if len(steps) > 1 else f"o{steps[0]}"
                self.join(f"{key}:c{k}", head, term, tuple((o, w) for o in self.states[steps[0]] for w in weights))
        width, elsewhere = LEAD + self.pitch * len(self.columns), self.term(matrix, "term", (0,))
        if innermost(elsewhere.number) and sketch.gradients:
            cells.append(sketch.term("elsewhere", elsewhere, 9, digits=3, width=self.pitch - 3))
            width += self.pitch
        x = self.pitch / 2 - LEAD + width / 2 + 4
        sketch.put(Box(key, "bar", (tuple(cells),), (x, y), weights, spacing=3))

    def term(self, matrix: Matrix, kind: str, steps: tuple[int, ...]) -> Quantity:
        """What the uses of the weights at some steps add to their gradients, or would have but for a cut"""
        quantities = []
        for weight in matrix.entries.values():
            ledger = self.snapshot.ledgers[weight]
            terms = [ledger.elsewhere, *ledger.terms] if kind == "term" else [ledger.cut_elsewhere, *ledger.cut]
            quantities.append(Quantity(kind, (weight, steps), sum(terms[t] for t in steps)))
        return self.size(quantities)

    def lead(self, matrix: Matrix, single: bool) -> Cell:
        """The first cell: the gradient of a matrix, or its norm; before backward() the number of a single weight"""
        sketch, weights = self.sketch, list(matrix.entries.values())
        if not sketch.gradients:
            number = (Text((data(weights[0]),), digits=3),) if single else ()
            return Cell((Text((matrix.name,), 9, "faint"), *number), width=LEAD - 26, rounded=True)
        title = f"∂{self.snapshot.name[self.snapshot.loss]}/∂{matrix.name}"
        total = self.size([sketch.gradient(weight) for weight in weights])
        lead = sketch.term(title if single else f"‖{title}‖", total, 9, digits=3, width=LEAD - 26)
        if self.cut:
            full = self.size([Quantity("full", (w, ()), self.snapshot.ledgers[w].full) for w in weights])
            lead = lead._replace(texts=(*lead.texts, Text(("in full ", full), 9, "faint", digits=3)))
        return lead

    def amount(self, term: Quantity, cut: Quantity, port: str) -> Cell:
        """The part of a column, and under it what a cut took away"""
        width = self.pitch - 3
        if not self.sketch.gradients:
            return Cell(width=width, port=port, rounded=True)
        texts = [Text((term,), bold=True, digits=3, signed=term.kind != "norm")]
        if innermost(cut.number):
            texts.append(Text(("cut ", cut), 9, "faint", digits=3))
        return Cell(tuple(texts), fill=term, width=width, port=port, rounded=True)
