"""An RNN with a vector for a state, unrolled: one box for each unit o_t[i], never its single products.

    o_{t−1}[c] → o_t[r]   coloured by the contribution that flows back along ∂o_t[r]/∂o_{t−1}[c]
    the ledger of w_i above, of w_h below: a table of numbers for each step, which add up to the first
"""

from minigrad.draw.options import Options
from minigrad.draw.picture import Box, Cell, Picture, Point, Quantity, Word
from minigrad.draw.slide import corners
from minigrad.draw.views.parts import Matrix, Parts, input_parts, matrices
from minigrad.draw.views.pieces import cell, data
from minigrad.draw.views.sketch import Sketch
from minigrad.nn import Step
from minigrad.notation import name
from minigrad.snapshot import Snapshot
from minigrad.value import Value

MAX_STEPS, MAX_UNITS = 6, 4
FIRST, PITCH, UNIT, OUTPUT = 62, 250, 70, 140         # from o_0 to o_1 it is 3/4 of the pitch
SLIDE_PITCH, SLIDE_UNIT, SLIDE_OUTPUT = 150, 62, 80
NUMBER = 50                                           # the width of a number in a ledger


def obstacle(snapshot: Snapshot) -> str:
    """Why this view cannot be drawn, or "" """
    unrolled = snapshot.unrolleds[0]
    if len(unrolled) > MAX_STEPS:
        return f"{len(unrolled)} steps are more than {MAX_STEPS}"
    if len(unrolled.initial) == 1:
        return "the state is a single number"
    if len(unrolled.initial) > MAX_UNITS:
        return f"{len(unrolled.initial)} units are more than {MAX_UNITS}"
    if unrolled.cuts:
        return "the gradient is truncated"
    if unrolled.initial_cell:
        return "a cell is handed on beside the state"
    parts = Parts(snapshot)
    if parts.every_step_has_an_output:
        return "a step before the last has an output"
    if parts.skips_a_step:
        return "a state is read by a later step than the next"
    if any(o not in parts.into for step in unrolled for o in step.state):
        return "the loss does not depend on every unit"
    return ""


class Units(Sketch):
    longest, dashed = 9, True
    obstacle = staticmethod(obstacle)

    def __init__(self, snapshot: Snapshot, options: Options):
        super().__init__(snapshot, options)
        self.ids |= {o: f"u{i}" for i, o in enumerate(self.unrolled.initial) if o not in self.ids}
        self.matrices, self.number = matrices(self.parts.weights), NUMBER + 7 * self.further
        one_hot = all(isinstance(step.x, int) for step in self.unrolled)
        self.picked = [m for m in self.matrices if one_hot and (m is self.matrices[0] or (
            self.unrolled[0].gates and m.name.startswith("w_i")))]     # each step uses the column of its word
        widest = max([len(self.columns(m, self.unrolled[0])) for m in self.matrices], default=0)
        self.unit_pitch, self.output, self.above = (SLIDE_UNIT, SLIDE_OUTPUT, 80) if self.slide else (UNIT, OUTPUT, 95)
        self.output += 12 * self.further
        self.pitch = max(SLIDE_PITCH, widest * (self.number + 2) + 24) if self.slide else max(
            PITCH, widest * (self.number + 2) + 40)

    def x(self, t: int) -> float:
        return FIRST + self.pitch * (t - 0.25) if t else FIRST

    def y(self, i: int) -> float:
        return self.unit_pitch * ((len(self.unrolled.initial) - 1) / 2 - i)

    def finish(self) -> Picture:
        states = self.unrolled.states
        for t, state in enumerate(states):
            for i, o in enumerate(state):
                self.unit(o, self.x(t), self.y(i), "input" if t == 0 and not o.operands else "mid")
        for step in self.unrolled:
            for edge in [edge for o in step.state for edge in self.ways(o)]:
                if edge.operand in states[step.t - 1] or edge.operand in step.state:       # a second layer on the first
                    out, into = ("e", "w") if edge.operand in states[step.t - 1] else ("s", "n")
                    self.edge_arrow(f"{self.ids[edge.operand]}:{out}", f"{self.ids[edge.user]}:{into}", edge)
            self.input(step)
        self.outputs()
        lowest = self.ledgers()
        at = self.right_of_ledgers() / 2, lowest - (18 if self.slide else 30)
        legend = self.legend("unit, value", ", coloured by the contribution sent back", at, open_ended=True,
                             stacked=bool(self.slide))
        # the scale is the states': ∂L/∂ŷ can be far larger than all else
        shown = [self.gradient(o) for state in states for o in state]
        return self.picture(shown, legends=(legend,), corners=self.frame(lowest))

    def frame(self, lowest: float) -> tuple[Point, ...]:
        """The corners of a slide"""
        left = self.x(1) - self.pitch / 2 - max(map(self.lead_width, self.matrices), default=0) - 6
        right = max([self.right_of_ledgers(), *[box.at[0] + 34 for box in self.boxes if box.at and box.kind == "loss"]])
        top = self.y(0) + self.above + max([self.height(matrix) for matrix in self.matrices[:1]], default=0)
        return corners(left, lowest - (42 if self.options.legend else 0), right, top + 4, self.slide)

    def height(self, matrix: Matrix) -> int:
        return 20 * len(matrix.rows) + 36 + 18 * (matrix in self.picked)

    # ------------------------------------------------------------------ boxes

    def unit(self, node: Value, x: float, y: float, kind: str, corner="") -> None:
        head = [cell(self.name(node), bold=True, align="LEFT"), cell(data(node), digits=3, align="RIGHT", width=44)]
        lines: tuple[Cell, ...] = ()
        if corner and self.slide:
            head, lines = [head[0], cell(corner, 10, "grey", align="RIGHT")], (cell(data(node), digits=3),)
        elif corner:
            head.insert(1, cell(corner, 10, "grey", align="LEFT"))
        width = 84 if not self.slide else 52 if lines else 74
        self.compact(self.ids[node], kind, tuple(head), self.gradient(node), (x, y), (node,), self.tooltip(node), lines,
                     width=width, padding=1)

    def input(self, step: Step) -> None:
        """x_t above its step, as the vector or as the word"""
        parts = input_parts(step, self.captions[step.t - 1] if self.captions else "")
        shows = ("input", step.t), *step.inputs
        row = cell(name(f"x_{step.t}"), bold=True), cell(("= ", *parts), longest=32, digits=2)
        at = self.x(step.t), self.y(0) + self.above - (25 if self.slide else 35)
        key = self.put(Box(f"x{step.t}", "input", (row,), at, shows, spacing=1))
        self.arrow(f"{key}:s", f"{self.ids[step.state[0]]}:n", "input", shows, f"e{key}")

    def outputs(self) -> None:
        """The readout, ŷ and L after the last state, and the leaves that they use: weights beneath, others above"""
        x, drawn = max(self.x(len(self.unrolled)) + 60, self.right_of_ledgers() - 40), {*self.parts.states}
        if self.slide:
            x = self.x(len(self.unrolled)) + 30
        for node in self.parts.outputs:
            x, edges, head = x + self.output, self.ways(node), self.ids[node]
            self.unit(node, x, 0, self.kind(node), self.folded_name(node, edges))
            for edge in edges:
                if edge.operand in drawn:
                    self.edge_arrow(f"{self.ids[edge.operand]}:e", f"{head}:w", edge)
            leaves = [edge.operand for edge in edges if edge.operand not in drawn]
            drawn.add(node)
            weights = [leaf for leaf in leaves if leaf in self.parts.readout_weights]
            for k, leaf in enumerate(leaf for leaf in leaves if leaf not in weights):
                key = self.small(f"{self.ids[leaf]}at{x:g}", leaf, at=(x + 60 * k, 60))
                self.arrow(f"{key}:s", f"{head}:n", "input", (leaf,), f"e{key}")
            if weights:
                self.weights_under(tuple(weights), head, x)

    def weights_under(self, weights: tuple[Value, ...], head: str, x: float) -> None:
        rows = []
        for weight in weights:
            row = [cell(self.name(weight), bold=True, align="LEFT"), cell(data(weight), digits=3, align="RIGHT")]
            if self.gradients:
                row.append(self.pill(self.gradient(weight), size=10, digits=3, width=self.number))
            rows.append(tuple(row))
        if self.slide:                                # beside the ledgers
            x = max(x, self.right_of_ledgers() + 92 + 32 * self.further)
        key = self.put(Box(f"weights{head}", "weight", tuple(rows), (x, -60 - 11 * len(weights)), weights))
        self.arrow(f"{key}:n", f"{head}:s", "input", weights, f"e{key}")

    # ------------------------------------------------------------------ ledgers

    def ledgers(self) -> float:
        """w_i above; w_h and what else there is below.  Gives how low they reach."""
        above, below = self.y(0) + self.above, self.y(len(self.unrolled.initial) - 1) - 40
        for k, matrix in enumerate(self.matrices):
            height = self.height(matrix)
            self.table(k, matrix, above + height / 2 if k == 0 else below - height / 2)
            below -= height + 14 if k else 0
        return below

    def table(self, k: int, matrix: Matrix, y: float) -> None:
        """A table of the weights' gradient (before backward(), of the weights), then one for each step's part of it"""
        lead, every, n = self.lead_width(matrix), matrix.columns, len(self.unrolled) if self.gradients else 0
        if matrix in self.picked:                     # as the words come
            every = list(dict.fromkeys(step.x for step in self.unrolled if isinstance(step.x, int)))
        width = lead + 8 + self.pitch * n
        weights = tuple(matrix.entries.values())
        title, number = self.short(matrix.name), data
        if self.gradients:
            title, number = f"{self.total_title(matrix.name, weights)} (sum)", self.gradient
        cells = [self.heat(title, matrix, every, {w: number(w) for w in weights}, lead)]
        for step in self.unrolled.steps[:n]:
            terms = {w: self.term(w, step.t) for w in weights}
            grid = self.heat(f"via t = {step.t}", matrix, self.columns(matrix, step), terms, self.pitch - 20, [step])
            cells += [self.sign("+" if step.t > 1 else "=" if self.adds_up(weights) else "≠", 12), grid]
        if self.gradients and self.used_elsewhere(matrix):
            terms = {w: self.term(w, 0) for w in weights}
            cells += [self.sign("+", 12), self.heat("elsewhere", matrix, matrix.columns, terms, lead)]
            width += lead + 20
        x = self.x(1) - self.pitch / 2 - lead + width / 2
        self.put(Box(f"ledger{k}", "bar", (tuple(cells),), (x, y), weights, spacing=4, padding=0))

    def lead_width(self, matrix: Matrix) -> int:
        return max(len(matrix.columns) * (self.number + 2) + 12, 90)

    def used_elsewhere(self, matrix: Matrix) -> bool:
        return any(self.term(w, 0).number for w in matrix.entries.values())

    def right_of_ledgers(self) -> float:
        below = [m for m in self.matrices[1:] if self.used_elsewhere(m)]
        return self.x(len(self.unrolled)) + self.pitch / 2 + max([self.lead_width(m) + 20 for m in below], default=0)

    def columns(self, matrix: Matrix, step: Step) -> list[int]:
        """The columns that a step can use: of the weights of a one-hot input, only its own"""
        return [step.x] if matrix in self.picked and isinstance(step.x, int) else matrix.columns

    def heat(self, title: str, matrix: Matrix, columns: list[int], numbers: dict[Value, Quantity], width: int,
             steps: list[Step] | None = None) -> Cell:
        """A matrix of numbers on their colours; over its columns, for one-hot inputs, the words of the steps"""

        def number(r: int, c: int) -> Cell:
            if (r, c) not in matrix.entries:          # no word picked it
                return cell("0", 10, width=self.number, fill="paper" if self.gradients else "")
            x = numbers[matrix.entries[r, c]]
            return cell(x, 10, digits=2, signed=self.gradients, width=self.number, fill=x if self.gradients else "")

        rows: list[tuple[Cell, ...]] = [(cell(title, 10, "faint", span=len(columns)),)]
        if matrix in self.picked:
            rows.append(tuple(cell(self.word(c, steps or self.unrolled.steps), 10, longest=9) for c in columns))
        rows += [tuple(number(r, c) for c in columns) for r in matrix.rows]
        return Cell(grid=tuple(rows), width=width)

    def word(self, index: int, steps: list[Step]) -> Word:
        """The words, or the index, of a column that one-hot inputs picked (unknown words share one)"""
        picking = [step.t for step in steps if step.x == index]
        words = [self.captions[t - 1] for t in picking if self.captions]
        return Word.at(picking[0], " ".join(dict.fromkeys(words)) or str(index))
