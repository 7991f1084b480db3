"""An RNN with a vector for a state, unrolled: one box for each unit o_t[i], never its single products.

    o_{t−1}[c] → o_t[r]   coloured by the contribution that flows back along ∂o_t[r]/∂o_{t−1}[c]
    the ledger of w_i above, of w_h below: a table of numbers for each step, which add up to the first
"""

from minigrad.bptt import ledgers
from minigrad.draw import theme
from minigrad.draw.parts import Matrix, folded_name, matrices, parts, skips_a_step
from minigrad.nn import Unrolled
from minigrad.notation import name, number, signed
from minigrad.number import Number
from minigrad.value import Value

MOST_STEPS, MOST_UNITS = 6, 4
FIRST, PITCH, UNIT, OUTPUT = 62, 250, 70, 140         # from o_0 to o_1 it is 3/4 of the pitch
CELL = 50                                             # the width of a number in a ledger


def obstacle(loss: Value, unrolled: Unrolled) -> str:
    """Why this view cannot be drawn, or "" """
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
    found = parts(loss, unrolled)
    last = set(unrolled.state)
    states = {o for step in unrolled for o in step.state} - last
    if any(operand in states for node in found.outputs for operand, _ in found.into[node]):
        return "a step before the last has an output"
    if skips_a_step(found, unrolled):
        return "a state is read by a later step than the next"
    if any(o not in found.into for step in unrolled for o in step.state):
        return "the loss does not depend on every unit"
    return ""


class Units:
    def __init__(self, loss: Value, unrolled: Unrolled, captions: list[str]):
        self.loss, self.unrolled, self.captions = loss, unrolled, captions
        self.parts = parts(loss, unrolled)
        self.backward_ran, self.gradient = self.parts.backward_ran, self.parts.gradient
        self.states = [unrolled.initial, *(step.state for step in unrolled)]
        states = [o for state in self.states for o in state]
        self.shown = states + self.parts.outputs      # the scale is the states': ∂L/∂ŷ can be far larger than all else
        self.scale = theme.Scale([self.gradient.get(o, 0) for o in states] if self.backward_ran else [])
        self.matrices = matrices(self.parts.weights)
        one_hot = all(isinstance(step.x, int) for step in unrolled)
        of_gates = {matrix.name for matrix in self.matrices if unrolled[0].gates and
                    matrix.name.startswith("w_i")}
        self.picked = [m for m in self.matrices if one_hot and (m.name in of_gates or m is self.matrices[0])]
        self.ledgers = {found.weight: found for found in ledgers(loss, unrolled, self.parts.weights)}
        widest = max([len(self.columns(m, unrolled[0])) for m in self.matrices], default=0)
        self.pitch = max(PITCH, widest * (CELL + 2) + 40)
        self.id = {node: f"n{k}" for k, node in enumerate(self.gradient)}
        self.elements: dict = {}                      # {Value or edge: the ids of the elements that show it}
        self.picture = theme.canvas("minigrad", "edgesfirst", 12)

    def x(self, t: int) -> float:
        return FIRST + self.pitch * (t - 0.25) if t else FIRST

    def y(self, i: int) -> float:
        return UNIT * ((len(self.unrolled.initial) - 1) / 2 - i)

    def source(self) -> str:
        for t, state in enumerate(self.states):
            for i, o in enumerate(state):
                self.box(o, self.x(t), self.y(i), "input" if t == 0 and not o.operands else "mid")
        for step in self.unrolled:
            for o in step.state:
                for operand, slope in self.parts.into[o]:
                    if operand in self.states[step.t - 1]:
                        self.edge(operand, o, slope)
                    elif operand in step.state:       # a second layer on the first
                        self.edge(operand, o, slope, ports=(":s", ":n"))
            self.input(step)
        self.outputs()
        self.bars()
        return self.picture.source

    # ------------------------------------------------------------------ pieces

    def box(self, node: Value, x: float, y: float, kind: str, corner="") -> None:
        title = theme.font(theme.text(self.parts.names.get(node, "")), bold=True)
        if corner:
            title += theme.font(f" {theme.text(corner)}", size=10, color=theme.GREY)
        rows = [theme.row(theme.cell(title, align="LEFT"), theme.cell(number(node.data, 3), align="RIGHT", width=44))]
        if self.backward_ran:
            grad = self.gradient.get(node, 0)
            rows.append(theme.row(theme.pill(grad, self.scale, digits=3, colspan=2, width=84)))
        tip = f"{self.parts.names.get(node, '')}: data {number(node.data, 6)}"
        tip += f", grad {number(self.gradient.get(node, 0), 6)}" if self.backward_ran else ""
        self.elements.setdefault(node, []).append(self.id.get(node, ""))
        self.picture.node(
            self.id.get(node, f"unused{x:g}_{y:g}"), label=theme.box(*rows, **theme.frame(kind), padding=1),
            id=self.id.get(node, ""), **{"class": f"v {kind}"}, pos=theme.at(x, y), tooltip=theme.tooltip(tip),
        )

    def edge(self, operand: Value, node: Value, slope: Number, ports=(":e", ":w")) -> None:
        contribution = slope * self.gradient[node]
        line = self.scale.line(contribution) if self.backward_ran else theme.INPUT_LINE
        names = self.parts.names.get(node, ""), self.parts.names.get(operand, "")
        tip = " → ".join(names)                       # as in every picture: the way back
        if self.backward_ran:
            tip += f": {number(self.gradient[node])} × {number(slope)} = {number(contribution)}"
        key = f"e{self.id[operand]}_{self.id[node]}"
        self.elements.setdefault((node, operand), []).append(key)
        self.picture.edge(
            self.id[operand] + ports[0], self.id[node] + ports[1], id=key, **{"class": "e"},
            tooltip=theme.tooltip(tip), **line,
        )

    def input(self, step) -> None:
        """x_t above its step, as the vector or as the word"""
        caption = self.captions[step.t - 1] if self.captions else ""
        if isinstance(step.x, int):
            words = caption or f"one-hot {step.x}"
        else:
            words = caption or "[" + " ".join(number(x.data, 2) for x in step.x) + "]"
        title = f"{theme.font(name(f'x_{step.t}'), bold=True)} = {theme.text(words, longest=30)}"
        html = theme.box(theme.row(theme.cell(title)), **theme.frame("input"), spacing=1)
        key, top = f"x{step.t}", self.y(0) + 60
        for shown in [("input", step.t), *([] if isinstance(step.x, int) else step.x)]:
            self.elements.setdefault(shown, []).extend([key, f"e{key}"])
        self.picture.node(key, label=html, id=key, **{"class": "v input"}, pos=theme.at(self.x(step.t), top))
        if step.state[0] in self.id:
            self.picture.edge(f"{key}:s", f"{self.id[step.state[0]]}:n", id=f"e{key}", **theme.INPUT_LINE)

    def outputs(self) -> None:
        """The readout, ŷ and L after the last state; the weights of the readout beneath it"""
        x = max(self.x(len(self.unrolled)) + 60, self.right_of_bars() - 40)
        for node in self.parts.outputs:
            x += OUTPUT
            into = self.parts.into[node]
            leaves = [leaf for leaf, _ in into if not leaf.operands and leaf not in self.shown]
            targets = [leaf for leaf in leaves if leaf.label.startswith("y")]
            corner = folded_name(node, [operand for operand, _ in into], self.loss)
            self.box(node, x, 0, "loss" if node is self.loss else "mid", corner)
            for operand, slope in into:
                if operand in self.shown and operand in self.id:
                    self.edge(operand, node, slope)
            for k, target in enumerate(targets):
                title = f"{theme.font(theme.text(self.parts.names.get(target, '')), bold=True)} {number(target.data)}"
                html = theme.box(theme.row(theme.cell(title)), **theme.frame("input"), spacing=1)
                key = f"{self.id[target]}at{x:g}"
                self.elements.setdefault(target, []).extend([key, f"e{key}"])
                self.picture.node(key, label=html, id=key, pos=theme.at(x + 60 * k, 60))
                self.picture.edge(f"{key}:s", f"{self.id[node]}:n", id=f"e{key}", **theme.INPUT_LINE)
            weights = [leaf for leaf in leaves if leaf not in targets]
            if weights:
                self.readout_weights(weights, node, x)

    def readout_weights(self, weights: list[Value], node: Value, x: float) -> None:
        rows = []
        for weight in weights:
            cells = [theme.cell(theme.font(theme.text(self.parts.names[weight]), bold=True), align="LEFT")]
            cells.append(theme.cell(number(weight.data, 3), align="RIGHT"))
            if self.backward_ran:
                cells.append(theme.pill(self.gradient[weight], self.scale, digits=3, size=10, width=CELL))
            rows.append(theme.row(*cells))
        key = f"weights{self.id[node]}"
        for weight in weights:
            self.elements.setdefault(weight, []).extend([key, f"e{key}"])
        y = -60 - 11 * len(weights)
        self.picture.node(key, label=theme.box(*rows, **theme.frame("weight")), id=key, pos=theme.at(x, y))
        self.picture.edge(f"{key}:n", f"{self.id[node]}:s", id=f"e{key}", **theme.INPUT_LINE)

    # ------------------------------------------------------------------ ledgers

    def bars(self) -> None:
        """w_i above; w_h and what else there is below"""
        above, below = self.y(0) + 95, self.y(len(self.unrolled.initial) - 1) - 40
        for k, matrix in enumerate(self.matrices):
            height = 20 * len(matrix.rows) + 36 + 18 * (matrix in self.picked)
            if k == 0:
                self.bar(matrix, above + height / 2)
            else:
                self.bar(matrix, below - height / 2)
                below -= height + 14
        words = ["box: unit, value / gradient", "arrow: forward, coloured by the contribution sent back"]
        html = theme.legend(words if self.backward_ran else ["box: unit, value", "arrow: forward"], self.scale,
                            open_ended=True)
        self.picture.node("legend", label=html, id="legend", pos=theme.at(self.right_of_bars() / 2, below - 30))

    def bar(self, matrix: Matrix, y: float) -> None:
        """A table of the weights' gradient (before backward(), of the weights), then one for each step's part of it"""
        of, lead = self.ledgers, self.lead(matrix)
        if self.backward_ran:
            sums = {place: of[w].total for place, w in matrix.entries.items()}
            title = f"∂{self.parts.names[self.loss]}/∂{matrix.name} (sum)"
            cells = [theme.cell(self.heat(title, matrix, self.in_order(matrix), sums), width=lead)]
            for step in self.unrolled:
                terms = {place: of[w].terms[step.t - 1] for place, w in matrix.entries.items()}
                cells.append(theme.cell(theme.font("=" if step.t == 1 else "+", bold=True), width=12, cellpadding=0))
                html = self.heat(f"via t = {step.t}", matrix, self.columns(matrix, step), terms, [step])
                cells.append(theme.cell(html, width=self.pitch - 20))
            if self.used_elsewhere(matrix):
                terms = {place: of[w].elsewhere for place, w in matrix.entries.items()}
                cells.append(theme.cell(theme.font("+", bold=True), width=12, cellpadding=0))
                cells.append(theme.cell(self.heat("elsewhere", matrix, matrix.columns, terms), width=lead))
        else:
            data = {place: w.data for place, w in matrix.entries.items()}
            cells = [theme.cell(self.heat(matrix.name, matrix, self.in_order(matrix), data), width=lead)]
        width = lead + 8 + (self.pitch * len(self.unrolled) if self.backward_ran else 0)
        width += (lead + 20) * (self.backward_ran and self.used_elsewhere(matrix))
        html = theme.box(theme.row(*cells), **theme.frame("weight"), spacing=4, padding=0)
        left = self.x(1) - self.pitch / 2 - lead
        key = f"ledger{self.matrices.index(matrix)}"
        for weight in matrix.entries.values():
            self.elements.setdefault(weight, []).append(key)
        self.picture.node(key, label=html, id=key, **{"class": "bar"}, pos=theme.at(left + width / 2, y))

    def in_order(self, matrix: Matrix) -> list[int]:
        """The columns, those of one-hot inputs as the inputs come"""
        if matrix in self.picked:
            return list(dict.fromkeys(step.x for step in self.unrolled if isinstance(step.x, int)))
        return matrix.columns

    def lead(self, matrix: Matrix) -> int:
        return max(len(matrix.columns) * (CELL + 2) + 12, 90)

    def used_elsewhere(self, matrix: Matrix) -> bool:
        return any(self.ledgers[w].elsewhere for w in matrix.entries.values())

    def right_of_bars(self) -> float:
        below = [m for m in self.matrices[1:] if self.used_elsewhere(m)]
        return self.x(len(self.unrolled)) + self.pitch / 2 + max([self.lead(m) + 20 for m in below], default=0)

    def columns(self, matrix: Matrix, step) -> list[int]:
        """The columns that a step can use: of the weights of a one-hot input, only its own"""
        return [step.x] if matrix in self.picked else matrix.columns

    def heat(self, title: str, matrix: Matrix, columns: list[int], grid: dict, steps=()) -> str:
        """A matrix of numbers on their colours; over its columns, for one-hot inputs, the words of the steps"""
        rows = [theme.row(theme.cell(theme.font(theme.text(title), size=10, color=theme.FAINT), colspan=len(columns)))]
        if matrix in self.picked:
            words = [theme.font(theme.text(self.words(c, steps), 9), size=10, color=theme.INK) for c in columns]
            rows.append(theme.row(*[theme.cell(word) for word in words]))
        write = signed if self.backward_ran else number
        for r in matrix.rows:
            cells = []
            for c in columns:
                fill = self.scale.fill(grid.get((r, c), 0)) if self.backward_ran else ""
                cells.append(theme.cell(theme.font(write(grid.get((r, c), 0), 2), size=10), width=CELL, bgcolor=fill))
            rows.append(theme.row(*cells))
        return theme.table(*rows, border=0, cellborder=0, cellspacing=2, cellpadding=2)

    def words(self, index: int, steps) -> str:
        """The words, or the index, of a column that one-hot inputs picked (unknown words share one)"""
        found = [self.captions[step.t - 1] for step in steps or self.unrolled if step.x == index and self.captions]
        return " ".join(dict.fromkeys(found)) or str(index)
