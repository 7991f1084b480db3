"""An RNN with a vector for a state, unrolled: one box for each unit o_t[i], never its single products.

    o_{t−1}[c] → o_t[r]   coloured by the contribution that flows back along ∂o_t[r]/∂o_{t−1}[c]
    the ledger of w_i above, of w_h below: a table of numbers for each step, which add up to the first
"""

from minigrad.draw.options import Options
from minigrad.draw.picture import Box, Cell, Legend, Picture, Quantity
from minigrad.snapshot import Snapshot
from minigrad.draw.views.parts import Matrix, folded_name, input_words, matrices, parts, readout_weights, skips_a_step
from minigrad.draw.views.sketch import Sketch, cell, data
from minigrad.notation import name
from minigrad.value import Value

MOST_STEPS, MOST_UNITS = 6, 4
FIRST, PITCH, UNIT, OUTPUT = 62, 250, 70, 140         # from o_0 to o_1 it is 3/4 of the pitch
NUMBER = 50                                           # the width of a number in a ledger


def obstacle(snapshot: Snapshot) -> str:
    """Why this view cannot be drawn, or "" """
    [unrolled] = snapshot.unrolleds
    if len(unrolled) > MOST_STEPS:
        return f"{len(unrolled)} steps are more than {MOST_STEPS}"
    if len(unrolled.initial) == 1:
        return "the state is a single number"
    if len(unrolled.initial) > MOST_UNITS:
        return f"{len(unrolled.initial)} units are more than {MOST_UNITS}"
    if unrolled.cuts:
        return "the gradient is truncated"
    if unrolled.initial_cell:
        return "a cell is handed on beside the state"
    found = parts(snapshot)
    earlier = {o for step in unrolled for o in step.state} - set(unrolled.state)
    if any(operand in earlier for node in found.outputs for operand, _ in found.into[node]):
        return "a step before the last has an output"
    if skips_a_step(found, snapshot):
        return "a state is read by a later step than the next"
    if any(o not in found.into for step in unrolled for o in step.state):
        return "the loss does not depend on every unit"
    return ""


def layout(snapshot: Snapshot, options: Options) -> Picture:
    """view "units" of draw()"""
    return Units(snapshot, options).picture()


class Units:
    def __init__(self, snapshot: Snapshot, options: Options):
        self.snapshot, self.captions, self.parts = snapshot, options.captions, parts(snapshot)
        [self.unrolled] = snapshot.unrolleds
        self.sketch = Sketch(snapshot, options.gradients)
        self.matrices = matrices(self.parts.weights)
        one_hot = all(isinstance(step.x, int) for step in self.unrolled)
        of_inputs = [m for m in self.matrices if m is self.matrices[0] or
                     (self.unrolled[0].gates and m.name.startswith("w_i"))]
        self.picked = of_inputs if one_hot else []    # matrices of which each step uses the column of its word
        widest = max([len(self.columns(m, self.unrolled[0])) for m in self.matrices], default=0)
        self.pitch = max(PITCH, widest * (NUMBER + 2) + 40)

    def x(self, t: int) -> float:
        return FIRST + self.pitch * (t - 0.25) if t else FIRST

    def y(self, i: int) -> float:
        return UNIT * ((len(self.unrolled.initial) - 1) / 2 - i)

    def picture(self) -> Picture:
        sketch, states = self.sketch, self.unrolled.states
        for t, state in enumerate(states):
            for i, o in enumerate(state):
                self.box(o, self.x(t), self.y(i), "input" if t == 0 and not o.operands else "mid")
        for step in self.unrolled:
            for o in step.state:
                for edge in sketch.ways(o, self.parts.into):
                    if edge.operand in states[step.t - 1]:
                        sketch.arrow(f"{self.id(edge.operand)}:e", f"{self.id(o)}:w", [edge])
                    elif edge.operand in step.state:  # a second layer on the first
                        sketch.arrow(f"{self.id(edge.operand)}:s", f"{self.id(o)}:n", [edge])
            self.input(step)
        self.outputs()
        lowest = self.ledgers()
        words = "box: unit, value", "arrow: forward"
        if sketch.gradients:
            words = f"{words[0]} / gradient", f"{words[1]}, coloured by the contribution sent back"
        # the scale is the states': ∂L/∂ŷ can be far larger than all else
        return sketch.picture([sketch.gradient(o) for state in states for o in state], legends=(
            Legend(words, (self.right_of_ledgers() / 2, lowest - 30), open_ended=True),))

    # ------------------------------------------------------------------ pieces

    def id(self, value: Value) -> str:
        """The id of a box; the loss may not depend on an initial unit"""
        return self.sketch.id(value) if value in self.snapshot.gradient else f"u{self.unrolled.initial.index(value)}"

    def box(self, node: Value, x: float, y: float, kind: str, corner="") -> None:
        sketch = self.sketch
        head = cell(self.snapshot.name.get(node, ""), bold=True, align="LEFT"), cell(data(node), digits=3, align="RIGHT", width=44)
        if corner:
            head = (head[0], cell(corner, 10, "grey", align="LEFT"), head[1])
        sketch.compact(self.id(node), kind, head, [], sketch.gradient(node), (x, y), (node,), sketch.tooltip(node), 84, 1)

    def input(self, step) -> None:
        """x_t above its step, as the vector or as the word"""
        words = input_words(step, self.captions[step.t - 1] if self.captions else "", digits=2)
        shows = ("input", step.t), *([] if isinstance(step.x, int) else step.x)
        row = cell(name(f"x_{step.t}"), bold=True), cell(f"= {words}", longest=32)
        key, head = f"x{step.t}", self.id(step.state[0])
        self.sketch.put(Box(key, "input", (row,), (self.x(step.t), self.y(0) + 60), shows, spacing=1))
        self.sketch.line(f"{key}:s", f"{head}:n", shows)

    def outputs(self) -> None:
        """The readout, ŷ and L after the last state; the weights of the readout beneath it"""
        sketch, snapshot = self.sketch, self.snapshot
        weights, boxes = readout_weights(self.parts, snapshot), {box.id for box in sketch.boxes}
        x = max(self.x(len(self.unrolled)) + 60, self.right_of_ledgers() - 40)
        for node in self.parts.outputs:
            x += OUTPUT
            edges, head = sketch.ways(node, self.parts.into), sketch.id(node)
            corner = folded_name(node, [edge.operand for edge in edges], snapshot.loss)
            self.box(node, x, 0, "loss" if node is snapshot.loss else "mid", corner)
            for edge in edges:
                if edge.operand in snapshot.gradient and sketch.id(edge.operand) in boxes:
                    sketch.arrow(f"{sketch.id(edge.operand)}:e", f"{head}:w", [edge])
            boxes.add(head)
            leaves = [edge.operand for edge in edges if not edge.operand.operands and self.id(edge.operand) not in boxes]
            used = [leaf for leaf in leaves if leaf in weights]
            for k, leaf in enumerate(leaf for leaf in leaves if leaf not in weights):
                key = sketch.small(f"{sketch.id(leaf)}at{x:g}", leaf, at=(x + 60 * k, 60))
                sketch.line(f"{key}:s", f"{head}:n", (leaf,))
            if used:
                self.weights_under(used, head, x)

    def weights_under(self, weights: list[Value], head: str, x: float) -> None:
        rows = []
        for weight in weights:
            cells = [cell(self.snapshot.name[weight], bold=True, align="LEFT"), cell(data(weight), digits=3, align="RIGHT")]
            if self.sketch.gradients:
                cells.append(self.sketch.pill(self.sketch.gradient(weight), size=10, digits=3, width=NUMBER))
            rows.append(tuple(cells))
        key, y = f"weights{head}", -60 - 11 * len(weights)
        self.sketch.put(Box(key, "weight", tuple(rows), (x, y), tuple(weights)))
        self.sketch.line(f"{key}:n", f"{head}:s", tuple(weights))

    # ------------------------------------------------------------------ ledgers

    def ledgers(self) -> float:
        """w_i above; w_h and what else there is below.  Gives how low they reach."""
        above, below = self.y(0) + 95, self.y(len(self.unrolled.initial) - 1) - 40
        for k, matrix in enumerate(self.matrices):
            height = 20 * len(matrix.rows) + 36 + 18 * (matrix in self.picked)
            if k == 0:
                self.ledger(matrix, above + height / 2)
            else:
                self.ledger(matrix, below - height / 2)
                below -= height + 14
        return below

    def ledger(self, matrix: Matrix, y: float) -> None:
        """A table of the weights' gradient (before backward(), of the weights), then one for each step's part of it"""
        sketch, snapshot, lead = self.sketch, self.snapshot, self.lead(matrix)
        every = self.in_order(matrix)
        if sketch.gradients:
            title = f"∂{snapshot.name[snapshot.loss]}/∂{matrix.name} (sum)"
            cells = [self.heat(title, matrix, every, sketch.gradient, lead)]
            for step in self.unrolled:
                def term(w, step=step):
                    return Quantity("term", (w, (step.t,)), snapshot.ledgers[w].terms[step.t - 1])
                grid = self.heat(f"via t = {step.t}", matrix, self.columns(matrix, step), term, self.pitch - 20, [step])
                cells += [sketch.sign("=" if step.t == 1 else "+", 12), grid]
            if self.used_elsewhere(matrix):
                def elsewhere(w):
                    return Quantity("term", (w, (0,)), snapshot.ledgers[w].elsewhere)
                cells += [sketch.sign("+", 12), self.heat("elsewhere", matrix, matrix.columns, elsewhere, lead)]
        else:
            cells = [self.heat(matrix.name, matrix, every, data, lead)]
        width = lead + 8 + (self.pitch * len(self.unrolled) if sketch.gradients else 0)
        width += (lead + 20) * (sketch.gradients and self.used_elsewhere(matrix))
        left = self.x(1) - self.pitch / 2 - lead
        sketch.put(Box(f"ledger{self.matrices.index(matrix)}", "bar", (tuple(cells),), (left + width / 2, y),
                       tuple(matrix.entries.values()), spacing=4, padding=0))

    def in_order(self, matrix: Matrix) -> list[int]:
        """The columns, those of one-hot inputs as the inputs come"""
        if matrix in self.picked:
            return list(dict.fromkeys(step.x for step in self.unrolled if isinstance(step.x, int)))
        return matrix.columns

    def lead(self, matrix: Matrix) -> int:
        return max(len(matrix.columns) * (NUMBER + 2) + 12, 90)

    def used_elsewhere(self, matrix: Matrix) -> bool:
        return any(self.snapshot.ledgers[w].elsewhere for w in matrix.entries.values())

    def right_of_ledgers(self) -> float:
        below = [m for m in self.matrices[1:] if self.used_elsewhere(m)]
        return self.x(len(self.unrolled)) + self.pitch / 2 + max([self.lead(m) + 20 for m in below], default=0)

    def columns(self, matrix: Matrix, step) -> list[int]:
        """The columns that a step can use: of the weights of a one-hot input, only its own"""
        return [step.x] if matrix in self.picked else matrix.columns

    def heat(self, title: str, matrix: Matrix, columns: list[int], quantity, width: int, steps=()) -> Cell:
        """A matrix of numbers on their colours; over its columns, for one-hot inputs, the words of the steps"""
        rows = [(cell(title, 10, "faint", span=len(columns)),)]
        if matrix in self.picked:
            rows.append(tuple(cell(self.word(c, steps), 10, longest=9) for c in columns))
        for r in matrix.rows:
            row = []
            for c in columns:
                if (r, c) in matrix.entries:
                    q = quantity(matrix.entries[r, c])
                    signed = q.kind != "data"
                    row.append(cell(q, 10, digits=2, signed=signed, width=NUMBER, fill=q if signed else ""))
                else:
                    row.append(cell("0", 10, width=NUMBER, fill="paper" if self.sketch.gradients else ""))
            rows.append(tuple(row))
        return Cell(grid=tuple(rows), width=width)

    def word(self, index: int, steps) -> str:
        """The words, or the index, of a column that one-hot inputs picked (unknown words share one)"""
        words = [self.captions[step.t - 1] for step in steps or self.unrolled if step.x == index and self.captions]
        return " ".join(dict.fromkeys(words)) or str(index)


