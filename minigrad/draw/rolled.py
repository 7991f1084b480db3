"""The RNN as one cell with a loop, and beside it what the loop stands for: the same cell once for each step.

Every arrow names the weight on it, so that the eye finds the same w_i and w_h again at every step.
"""

from itertools import pairwise

from minigrad.draw import theme
from minigrad.draw.parts import matrices, parts
from minigrad.nn import Unrolled
from minigrad.notation import carried_name, name, number
from minigrad.value import Value

PITCH, ROW, MOST_SHOWN = 130, 84, 6
LOOP_X, LOOP_Y = 78, 66                               # how far the loop reaches out of the cell


class Rolled:
    """view "rolled" of draw(): any RNN whose cell has at most two kinds of weights, and perhaps biases; LSTM and GRU"""

    def __init__(self, loss: Value, unrolled: Unrolled, captions: list[str]):
        self.loss, self.unrolled, self.captions = loss, unrolled, captions
        self.parts = parts(loss, unrolled)
        self.elements: dict = {}
        self.picture = theme.canvas("minigrad", "edgesfirst", 12)
        named = [matrix.name for matrix in matrices(self.parts.weights)]
        self.w_i, self.w_h, *self.biases = [*named, "", ""][: max(2, len(named))]
        self.f = unrolled.state[0].op                 # the operation that made the last state
        if unrolled[0].gates:
            gates = "".join(unrolled[0].gates)
            self.w_i, self.w_h, self.f = f"w_i{{{gates}}}", f"w_h{{{gates}}}", "LSTM" if unrolled.cell else "GRU"
            self.biases = [matrix for matrix in named if matrix.startswith("b_")]

    def source(self) -> str:
        letters = self.unrolled.letters
        self.cell("rolled", carried_name(letters, "t"), 0)
        self.input("rolled", "x_t", 0)
        corners = [(LOOP_X, 0), (LOOP_X, LOOP_Y), (0, LOOP_Y)]
        for k, corner in enumerate(corners):
            self.picture.node(f"turn{k}", label="", shape="point", width=".01", color=theme.INK, pos=theme.at(*corner))
        stops = ["rolled:e", "turn0", "turn1", "turn2", "rolled:n"]
        for tail, head in pairwise(stops):
            arrow = "normal" if head == stops[-1] else "none"
            self.picture.edge(tail, head, color=theme.INK, penwidth="1.4", arrowhead=arrow)
        self.words("loop", f"{self.w_h}, one step later", 0, LOOP_Y + 12, theme.GOLD, bold=True)
        self.words("equals", "=", PITCH * 1.15, 0, theme.INK, bold=True)
        n = len(self.unrolled)
        shown = list(range(1, n + 1)) if n <= MOST_SHOWN else [1, 2, 0, n - 1, n]        # 0: those between
        x, before = float(PITCH * 1.9), "start"
        self.box(before, [(theme.text(carried_name(letters, 0)), True)], x, "input")
        for t in shown:
            x += PITCH
            key = f"cell{t}"
            if t:
                self.cell(key, carried_name(letters, t), x)
                self.input(key, f"x_{t}", x)
            else:
                self.box(key, [("⋯", True)], x, "input")
            self.arrow(before, key, x - PITCH / 2, self.w_h)
            before = key
        self.outputs(before, x)
        bias = f"; each cell adds {' and '.join(self.biases)}" if self.biases else ""
        text = f"one cell, {n} time steps: the same {self.w_i} and {self.w_h} at every one{bias}"
        self.words("legend", text, x / 2, -ROW - 44, theme.GREY)
        return self.picture.source

    # ------------------------------------------------------------------ pieces

    def cell(self, key: str, label: str, x: float) -> None:
        self.box(key, [(theme.text(label), True), (theme.text(self.f), False)], x, "mid")

    def box(self, key: str, lines: list[tuple[str, bool]], x: float, kind: str) -> None:
        fonts = [theme.font(words or " ", bold=bold, color=theme.INK) for words, bold in lines]
        rows = [theme.row(theme.cell(words, width=52)) for words in fonts]
        self.picture.node(key, label=theme.box(*rows, **theme.frame(kind), padding=3), id=key, pos=theme.at(x, 0))

    def input(self, cell: str, label: str, x: float) -> None:
        """x_t below its cell, with the word or the number that it is"""
        t = int(label[2:]) if label[2:].isdigit() else 0
        what = self.what(t) if t else ""
        words = theme.font(theme.text(name(label)), bold=True) + (f" = {theme.text(what, 14)}" if what else "")
        key = f"x_{cell}"
        html = theme.box(theme.row(theme.cell(words)), **theme.frame("input"))
        self.picture.node(key, label=html, id=key, pos=theme.at(x, -ROW))
        self.picture.edge(f"{key}:n", f"{cell}:s", color=theme.GOLD, penwidth="1.6")
        self.words(f"{key}w", self.w_i, x + 22 + 3.4 * max(len(self.w_i) - 3, 0), -ROW / 2, theme.GOLD, bold=True)

    def what(self, t: int) -> str:
        x = self.unrolled[t - 1].x
        if self.captions:
            return self.captions[t - 1]
        if isinstance(x, int):
            return f"one-hot {x}"
        return number(x[0].data, 3) if len(x) == 1 else "[" + " ".join(number(v.data, 2) for v in x) + "]"

    def outputs(self, before: str, x: float) -> None:
        """ŷ and L after the last state, the readout's weights on the arrow to the first of them"""
        last = [node for node in self.parts.outputs if node.op == "sigmoid" or node is self.loss]
        used = [leaf for node in self.parts.outputs for leaf, _ in self.parts.into[node] if not leaf.operands]
        readout = matrices([w for w in dict.fromkeys(used) if not w.label.startswith("y")])
        for k, node in enumerate(last):
            x += PITCH
            key = f"out{k}"
            self.box(key, [(theme.text(self.parts.names[node]), True)], x, "loss" if node is self.loss else "mid")
            self.arrow(before, key, x - PITCH / 2, "" if k else ", ".join(m.name for m in readout))
            before = key

    def arrow(self, tail: str, head: str, x: float, weight: str) -> None:
        self.picture.edge(f"{tail}:e", f"{head}:w", color=theme.INK, penwidth="1.4")
        if weight:
            self.words(f"{head}w", weight, x, 12, theme.GOLD, bold=True)

    def words(self, key: str, words: str, x: float, y: float, color: str, bold=False) -> None:
        html = theme.table(theme.row(theme.cell(theme.font(theme.text(words, 120), color=color, bold=bold))),
                           border=0, cellspacing=0, cellpadding=0)
        self.picture.node(key, label=theme.label(html), pos=theme.at(x, y))
