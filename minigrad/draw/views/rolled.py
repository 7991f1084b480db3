"""The RNN as one cell with a loop, and beside it what the loop stands for: the same cell once for each step.

Every arrow names the weight on it, so that the eye finds the same w_i and w_h again at every step.
"""

from minigrad.draw.options import Options
from minigrad.draw.picture import Arrow, Box, Picture
from minigrad.snapshot import Snapshot
from minigrad.draw.views.parts import input_words, matrices, parts, readout_weights
from minigrad.draw.views.sketch import Sketch, cell
from minigrad.notation import carried_name, name

PITCH, ROW, MOST_SHOWN = 130, 84, 6
LOOP_X, LOOP_Y = 78, 66                               # how far the loop reaches out of the cell


def layout(snapshot: Snapshot, options: Options) -> Picture:
    """view "rolled" of draw(): any RNN whose cell has at most two kinds of weights, and perhaps biases; LSTM and GRU"""
    return Rolled(snapshot, options).picture()


class Rolled:
    def __init__(self, snapshot: Snapshot, options: Options):
        self.snapshot, self.captions, self.parts = snapshot, options.captions, parts(snapshot)
        [self.unrolled] = snapshot.unrolleds
        self.sketch = Sketch(snapshot, gradients=False)
        named = [matrix.name for matrix in matrices(self.parts.weights)]
        self.w_i, self.w_h, *self.biases = [*named, "", ""][: max(2, len(named))]
        self.f = self.unrolled.state[0].op            # the operation that made the last state
        if gates := "".join(self.unrolled[0].gates):
            self.w_i, self.w_h = f"w_i{{{gates}}}", f"w_h{{{gates}}}"
            self.f = "LSTM" if self.unrolled.cell else "GRU"
            self.biases = [matrix for matrix in named if matrix.startswith("b_")]

    def picture(self) -> Picture:
        sketch, symbols, n = self.sketch, self.unrolled.state_symbols, len(self.unrolled)
        self.cell("rolled", carried_name(symbols, "t"), "x_t", 0, 0)
        loop = (LOOP_X, 0), (LOOP_X, LOOP_Y), (0, LOOP_Y)
        sketch.arrows.append(Arrow("loop", "rolled:e", "rolled:n", "ink", via=loop))
        sketch.words("loopw", f"{self.w_h}, one step later", (0, LOOP_Y + 12), "gold", bold=True)
        sketch.words("equals", "=", (PITCH * 1.15, 0), "ink", bold=True)
        shown = list(range(1, n + 1)) if n <= MOST_SHOWN else [1, 2, 0, n - 1, n]        # 0: those between
        x, before = float(PITCH * 1.9), "start"
        self.box(before, carried_name(symbols, 0), "", x, "input")
        for t in shown:
            x += PITCH
            if t:
                self.cell(f"cell{t}", carried_name(symbols, t), f"x_{t}", t, x)
            else:
                self.box("cell0", "⋯", "", x, "input")
            self.arrow(before, f"cell{t}", x - PITCH / 2, self.w_h)
            before = f"cell{t}"
        x = self.outputs(before, x)
        bias = f"; each cell adds {' and '.join(self.biases)}" if self.biases else ""
        text = f"one cell, {n} time steps: the same {self.w_i} and {self.w_h} at every one{bias}"
        sketch.words("legend", text, (x / 2, -ROW - 44))
        return sketch.picture([])

    # ------------------------------------------------------------------ pieces

    def cell(self, key: str, state: str, x_t: str, t: int, x: float) -> None:
        """The box of a step, and x_t below it, with the word or the number that it is"""
        self.box(key, state, self.f, x, "mid")
        row = [cell(name(x_t), bold=True)]
        if t:
            words = input_words(self.unrolled[t - 1], self.captions[t - 1] if self.captions else "")
            row.append(cell(f"= {words}", longest=16))
        self.sketch.put(Box(f"x_{key}", "input", (tuple(row),), (x, -ROW)))
        self.sketch.line(f"x_{key}:n", f"{key}:s", (), "gold")
        self.sketch.words(f"x_{key}w", self.w_i, (x + 22 + 3.4 * max(len(self.w_i) - 3, 0), -ROW / 2), "gold", bold=True)

    def box(self, key: str, title: str, operation: str, x: float, kind: str) -> None:
        rows = [(cell(title, bold=True, width=52),)]
        if operation:
            rows.append((cell(operation, width=52),))
        self.sketch.put(Box(key, kind, tuple(rows), (x, 0), padding=3))

    def outputs(self, before: str, x: float) -> float:
        """ŷ and L after the last state, the readout's weights on the arrow to the first of them"""
        loss, readout = self.snapshot.loss, matrices(readout_weights(self.parts, self.snapshot))
        last = [node for node in self.parts.outputs if node.op == "sigmoid" or node is loss]
        for k, node in enumerate(last):
            x += PITCH
            self.box(f"out{k}", self.snapshot.name[node], "", x, "loss" if node is loss else "mid")
            self.arrow(before, f"out{k}", x - PITCH / 2, "" if k else ", ".join(m.name for m in readout))
            before = f"out{k}"
        return x

    def arrow(self, tail: str, head: str, x: float, weight: str) -> None:
        self.sketch.line(f"{tail}:e", f"{head}:w", (), "ink")
        if weight:
            self.sketch.words(f"{head}w", weight, (x, 12), "gold", bold=True)
