"""Two diagrams as textbooks draw them, with the numbers of a graph in them; a vector is shown by its norm.

    cell        one step of an LSTM: the line of c_t above, the four gates on the line of h_{t−1} and x_t below
    attention   a_t = exp(e_t − log Σ exp e) over each o_t, and the mean Σ a_t·o_t on top
"""

from minigrad.draw.options import Options
from minigrad.draw.picture import Box, Group, Legend, Picture, Point, Text, size_of
from minigrad.draw.slide import corners
from minigrad.draw.views.parts import input_parts
from minigrad.draw.views.pieces import cell, contribution, data
from minigrad.draw.views.sketch import Sketch
from minigrad.graph import gradients
from minigrad.notation import name, operation
from minigrad.snapshot import Snapshot
from minigrad.value import Value

GATES = {"f": ("forget", 0), "i": ("write", 1), "g": ("new", 2), "o": ("show", 3)}
COLUMN, ROW, MAX_STEPS = 130, 100, 8


def attention_of(snapshot: Snapshot) -> tuple[list[Value], list[Value], list[Value]]:
    """(a_1 … a_n, e_1 … e_n, the sums that all a_t are in), of the first softmax in the graph"""
    for total in snapshot.order:
        if total.op == "log_sum_exp":
            scores = list(dict.fromkeys(total.operands))
            shifted = {v.operands[0]: v for v in snapshot.order if v.op == "-" and v.operands[1] is total}
            weights = [v for e in scores for v in snapshot.order
                       if v.op == "exp" and e in shifted and v.operands[0] is shifted[e]]
            mean = [v for v in snapshot.order if v.op == "dot" and set(weights) <= set(v.operands)]
            if len(weights) == len(scores) and mean:
                return weights, scores, mean
    return [], [], []


class Diagram(Sketch):
    """Boxes of vectors, and arrows between those that were computed from one another"""

    dashed = True

    def __init__(self, snapshot: Snapshot, options: Options):
        super().__init__(snapshot, options)
        self.key_of: dict[Value, str] = {}            # of what has a box
        self.vectors: dict[str, list[Value]] = {}
        self.titles: dict[str, str] = {}

    def vector(self, key: str, values: list[Value], title: str, at: Point, corner="", kind="mid") -> str:
        """A box of the Values that are in none yet"""
        self.key_of |= {value: key for value in values if value not in self.key_of}
        self.vectors[key], self.titles[key] = values, title
        title = f"‖{title}‖" if len(values) > 1 else title
        head = cell(title, bold=True, align="LEFT"), cell(corner, 10, "grey", align="RIGHT", width=30)
        size = size_of([data(value) for value in values])
        gradient = size_of([self.gradient(value) for value in values]) if kind != "input" else None
        shows = () if key in ("c0", "h0") else tuple(values)           # of the step before: never faded
        return self.compact(key, kind, head, gradient, at, shows, Text((f"{title} ", size), digits=6),
                            (cell(size),), width=70)

    def link(self, key: str, sides: dict[str, str] | None = None) -> None:
        """An arrow from each box that this one was computed from with none between, by what flows back along it"""
        through: dict[str, list] = {}
        for node in self.vectors[key]:
            for operand, slope in gradients(node, set(self.key_of) - {node}).items():
                if self.key_of.get(operand, key) != key:
                    through.setdefault(self.key_of[operand], []).append(self.edge(node, operand, -1, slope))
        for tail, edges in through.items():
            back = self.back_to(self.vectors[tail], edges)
            shows = tuple((edge.user, edge.operand) for edge in edges)
            out, into = (sides or {}).get(tail, "").split() or ("", "")
            told = self.told(self.titles[key], self.titles[tail], back)
            self.arrow(tail + out, key + into, back, shows, tooltip=told)

    def finished(self, legend: Legend, frame: tuple[Point, ...] = (), groups: tuple[Group, ...] = (), curved=False
                 ) -> Picture:
        scale = [size_of([self.gradient(v) for v in values]) for values in self.vectors.values()]
        return self.picture(scale, legends=(legend,), corners=frame, groups=groups, over="edges", curved=curved)

    def legend_at(self, at: Point) -> Legend:
        vector = any(len(values) > 1 for values in self.vectors.values())
        return self.legend("name, operation / value", ", coloured by what flows back along it", at,
                           *["‖·‖: a norm"] * vector, norm=vector, open_ended=True, stacked=True)


# ---------------------------------------------------------------------- the cell of an LSTM


class Cell(Diagram):
    """The last step, or the one that highlight=t asks for"""

    @staticmethod
    def obstacle(snapshot: Snapshot) -> str:
        return "" if snapshot.unrolleds[0].initial_cell else "the network is not an LSTM"

    def finish(self) -> Picture:
        t = self.asked_step or len(self.unrolled)
        step, before, (h, c) = self.unrolled[t - 1], self.unrolled[t - 2] if t > 1 else None, self.symbols
        h_before = before.state if before else self.unrolled.initial
        c_before = before.cell if before else self.unrolled.initial_cell
        kept, written = zip(*[node.operands for node in step.cell])
        left, top, low = COLUMN, 2 * ROW, -1.15 * ROW
        self.vector("c0", list(c_before), name(f"{c}_{t - 1}"), (0, top), kind="mid" if before else "input")
        self.vector("h0", list(h_before), name(f"{h}_{t - 1}"), (left * 1.5, low), kind="mid" if before else "input")
        self.input(step, (left * 3.2, low))
        for letter, (_, k) in GATES.items():
            gate = step.gates[letter]
            self.vector(letter, list(gate), name(f"{letter}_{t}"), (left * (k + 1), 0), operation(gate[0].op))
        self.vector("kept", list(kept), name(f"f_{t}·{c}_{t - 1}"), (left, top), "×")
        self.vector("written", list(written), name(f"i_{t}·g_{t}"), (left * 2.5, ROW), "×")
        self.vector("c", step.cell, name(f"{c}_{t}"), (left * 2.5, top), "+")
        tanh = [next(v for v in node.operands if v.op == "tanh") for node in step.state]
        self.vector("tanh", tanh, f"tanh({name(f'{c}_{t}')})", (left * 5, ROW), "tanh")
        self.vector("h", step.state, name(f"{h}_{t}"), (left * 5, 0), "×")
        for key in ("f", "i", "g", "o", "kept", "written", "c", "tanh", "h"):
            self.link(key, {"h0": ":n :s", "x": ":n :s"})
        self.onward("h", "the output" if t == len(self.unrolled) else "the next step", (left * 6.25, 0))
        if t < len(self.unrolled):
            self.onward("c", "the next step", (left * 6.25, top))
        ground = Group("cell", f"t = {t}", at=(left * 3, ROW + 8), size=(left * 5.1, 3 * ROW + 6))
        frame = corners(-42, low - 96, left * 6.6, top + 64, self.slide)
        return self.finished(self.legend_at((left * 2.8, low - 68)), frame, (ground,))

    def onward(self, key: str, where: str, at: Point) -> None:
        """The arrow out of the cell, by what comes back from there"""
        self.put(Box(f"next{key}", "words", ((cell(f"to {where}", ink="grey", width=100),),), at))
        within, shown = set(self.vectors["tanh"]), set(self.vectors[key])
        users = [node for node in self.snapshot.order if not shown.isdisjoint(node.operands) and node not in within]
        edges = [edge for user in users for edge in self.edges(user)]
        back = size_of([contribution(*[edge for edge in edges if edge.operand is v]) for v in self.vectors[key]])
        told = self.told(where, self.titles[key], back)
        self.arrow(f"{key}:e", f"next{key}:w", back, tuple(self.vectors[key]), tooltip=told)

    def input(self, step, at: Point) -> None:
        """x_t: with Values of its own, or a word or numbers without any"""
        if step.inputs:
            self.vector("x", step.inputs, name(f"x_{step.t}"), at, kind="input")
            return
        row = cell(name(f"x_{step.t}"), bold=True), cell(input_parts(step), digits=2)
        self.put(Box("x", "input", (row,), at, (("input", step.t),)))
        for letter in GATES:
            self.arrow("x", letter, "input", (("input", step.t),))


# ---------------------------------------------------------------------- attention


class Attention(Diagram):
    @staticmethod
    def obstacle(snapshot: Snapshot) -> str:
        weights, _, _ = attention_of(snapshot)
        if not weights:
            return "it has no weights exp(e − log Σ exp e), and no sum Σ a·o that they make"
        return f"{len(weights)} of them are more than {MAX_STEPS}" if len(weights) > MAX_STEPS else ""

    def finish(self) -> Picture:
        weights, scores, mean = attention_of(self.snapshot)
        places = [[v for v in node.operands if v not in set(weights)] for node in mean]
        n, columns = len(weights), list(zip(*places))
        for t, (a, e, states) in enumerate(zip(weights, scores, columns), start=1):
            x = COLUMN * t
            vector = list(dict.fromkeys(states))
            title = self.name(vector[0]) if len(vector) == 1 else f"{self.name(vector[0]).partition('[')[0]}"
            self.vector(f"o{t}", vector, title, (x, 0))
            self.vector(f"e{t}", [e], self.snapshot.label.get(e) or name(f"e_{t}"), (x, ROW), operation(e.op))
            self.vector(f"a{t}", [a], self.snapshot.label.get(a) or name(f"a_{t}"), (x, 2 * ROW), "softmax")
        asked = [v for v in dict.fromkeys(v for e in scores for v in e.operands) if v not in self.key_of]
        if asked:
            title = self.name(asked[0]).partition("[")[0]
            self.vector("u", asked, title, (0, ROW), kind="weight" if not asked[0].operands else "mid")
        middle = COLUMN * (n + 1) / 2
        mean_title = self.name(mean[0]) if len(mean) == 1 else "Σ a·o"
        self.vector("mean", mean, mean_title, (middle, 3 * ROW), "Σ a·o" if len(mean) == 1 else "",
                    self.kind(mean[0]))
        if self.loss not in mean:
            self.vector("L", [self.loss], self.name(self.loss), (middle + 1.5 * COLUMN, 3 * ROW), kind="loss")
        for key in self.vectors:
            self.link(key)
        return self.finished(self.legend_at((middle, -84)), curved=True)
