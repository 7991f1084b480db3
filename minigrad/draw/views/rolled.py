"""The RNN as one cell with a loop, and beside it what the loop stands for: the same cell once for each step.

Every arrow names the weight on it, so that the eye finds the same w_i and w_h again at every step.
"""

from minigrad.draw.options import Options
from minigrad.draw.picture import Box, Picture, Rows
from minigrad.draw.views.parts import input_parts, matrices
from minigrad.draw.views.pieces import cell
from minigrad.draw.views.sketch import Sketch
from minigrad.notation import name
from minigrad.snapshot import Snapshot

PITCH, ROW, MAX_SHOWN = 130, 84, 6
LOOP = (78, 0), (78, 66), (0, 66)                     # how far it reaches out of the cell


class Rolled(Sketch):
    longest = 8

    def __init__(self, snapshot: Snapshot, options: Options):
        super().__init__(snapshot, options)
        named = [self.short(matrix.name) for matrix in matrices(self.parts.weights)]
        self.w_i, self.w_h, *self.biases = [*named, "", ""][: max(2, len(named))]
        self.f = self.unrolled.state[0].op            # the operation that made the last state
        if gates := "".join(self.unrolled[0].gates):
            self.w_i, self.w_h = f"w_i{{{gates}}}", f"w_h{{{gates}}}"
            self.f = "LSTM" if self.unrolled.cell else "GRU"
            self.biases = [matrix for matrix in named if matrix.startswith("b_")]

    def finish(self) -> Picture:
        n = len(self.unrolled)
        self.cell("rolled", "t", 0)
        self.arrow("rolled:e", "rolled:n", "ink", (), "loop", via=LOOP)
        self.words("loopw", f"{self.w_h}, one step later", (0, LOOP[-1][1] + 12), "gold", bold=True)
        self.words("equals", "=", (PITCH * 1.15, 0), "ink", bold=True)
        x = PITCH * 1.9
        before = self.box("start", self.state_name(0), "", x, "input", tuple(self.unrolled.initial))
        for t in range(1, n + 1) if n <= MAX_SHOWN else [1, 2, 0, n - 1, n]:     # 0: those between
            x += PITCH
            between = range(3, n - 1)                 # the steps that a ⋯ stands for
            states = [o for step in ([t] if t else between) for o in self.unrolled.states[step]]
            words = f"with t = {self.asked_step}" if self.asked_step in between else ""
            key = self.cell(f"cell{t}", t, x) if t else self.box("cell0", "⋯", words, x, "input", tuple(states))
            self.weight_arrow(before, key, x - PITCH / 2, self.w_h, tuple(states))
            before = key
        readout = ", ".join(self.short(matrix.name) for matrix in matrices(self.parts.readout_weights))
        for k, node in enumerate(node for node in self.parts.outputs if node.op == "sigmoid" or node is self.loss):
            x += PITCH
            key = self.box(f"out{k}", self.name(node), "", x, self.kind(node), (node,))
            self.weight_arrow(before, key, x - PITCH / 2, "" if k else readout, (node,))
            before = key
        bias = f"; each cell adds {' and '.join(self.biases)}" if self.biases else ""
        text = f"one cell, {n} time steps: the same {self.w_i} and {self.w_h} at every one{bias}"
        self.words("legend", text, (x / 2, -ROW - 44))
        return self.picture([])

    def cell(self, key: str, t: int | str, x: float) -> str:
        """The box of a step, and x_t below it, with the word or the number that it is"""
        row = [cell(name(f"x_{t}"), bold=True)]
        shows: tuple = ()                             # the cell with the loop is that of every step
        states: tuple = ()
        if isinstance(t, int):
            shows, states = (("input", t), *self.unrolled[t - 1].inputs), tuple(self.unrolled.states[t])
            parts = input_parts(self.unrolled[t - 1], self.captions[t - 1] if self.captions else "")
            row.append(cell(("= ", *parts), longest=16, digits=3))
        below = self.put(Box(f"x_{key}", "input", (tuple(row),), (x, -ROW), shows))
        self.arrow(f"{below}:n", f"{key}:s", "gold", shows)
        beside = x + 22 + 3.4 * max(len(self.w_i) - 3, 0), -ROW / 2
        self.words(f"{below}w", self.w_i, beside, "gold", bold=True, shows=shows)
        return self.box(key, self.state_name(t), self.f, x, "mid", states)

    def box(self, key: str, title: str, operation: str, x: float, kind: str, shows: tuple = ()) -> str:
        rows: Rows = ((cell(title, bold=True, width=52),), *([(cell(operation, width=52),)] if operation else []))
        return self.put(Box(key, kind, rows, (x, 0), shows, padding=3))

    def weight_arrow(self, tail: str, head: str, x: float, weight: str, shows: tuple) -> None:
        self.arrow(f"{tail}:e", f"{head}:w", "ink", shows)
        if weight:
            self.words(f"{head}w", weight, (x, 12), "gold", bold=True, shows=shows)
