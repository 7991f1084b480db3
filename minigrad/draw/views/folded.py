"""Many steps: one box for each state o_t, whatever is inside; for a vector the norms.

    above    the ledger of the first weight, w_i: each step's contribution over its box
    below    the staircase of ∂L/∂w_h where the state is a number (see staircase.py); else its ledger, and the others'

Past twelve steps the middle ones become one column, "⋯", whose contributions are added up.
"""

from minigrad.draw.options import Options
from minigrad.draw.picture import Box, Cell, Legend, Picture, Quantity, Text, size_of
from minigrad.draw.slide import corners
from minigrad.draw.views.bars import LEAD, Bars
from minigrad.draw.views.parts import Matrix, input_parts, matrices
from minigrad.draw.views.pieces import cell, contribution, data, partial
from minigrad.draw.views.sketch import ALL_WAYS
from minigrad.draw.views.staircase import columns_of, staircase
from minigrad.draw.views.staircase import height as staircase_height
from minigrad.naming import shorten
from minigrad.notation import name
from minigrad.snapshot import Edge, Snapshot
from minigrad.validation import unwrap

PITCH, WIDE = 100, 176                                # of the columns, of at most WIDE_STEPS
WIDE_STEPS = 4
NARROW, NARROW_WIDE, NARROW_BOX = 63, 124, 46         # the same on a slide, with a number under its name
LONGEST_IN_CHIP = 4                                   # so many characters of each name in ∂o₂/∂o₁


class Folded(Bars):
    longest = 7

    def __init__(self, snapshot: Snapshot, options: Options):
        super().__init__(snapshot, options)
        self.states, self.columns = self.unrolled.carried, columns_of(len(self.unrolled))
        self.vector = len(self.states[0]) > 1
        self.cut = set(self.unrolled.cuts.values())   # states that nothing flows back into from the next step
        self.wide = len(self.unrolled) <= WIDE_STEPS and not self.vector         # room for ∂o₂/∂o₁ between the boxes
        self.narrow = bool(self.slide) and not self.wide
        wide, narrow = (NARROW_WIDE, NARROW) if self.slide else (WIDE, PITCH)
        self.many = self.parts.every_step_has_an_output
        self.pitch = (wide if self.wide else narrow) + (14 if self.wide else 9) * self.further
        self.pitch += 30 if self.unrolled.initial_cell else 0         # longer names
        names = [self.name(node) for node in self.parts.outputs]
        if self.slide:                                # longer lines, and names over arrows
            self.pitch += 16 * self.many + 10 * bool(self.cut) + 8 * self.vector
            self.pitch += 14 * (self.wide and max(map(len, names)) > 3)

    def finish(self) -> Picture:
        tail, x = self.state_box(0, 0.0), 0.0
        for steps in self.columns:
            x += self.pitch
            head = self.state_box(steps[0], x) if len(steps) == 1 else self.middle_box(steps, x)
            self.arrow_between(tail, head, steps[0])
            tail = head
        lowest = self.ledgers()
        self.outputs(tail, x)
        words = ["vectors are shown by their norms ‖·‖"] if self.vector else ["box: state, value / input"]
        if self.gradients:
            words[0] += "" if self.vector else " / gradient"
            words.append("arrow: forward, coloured by the gradient that flows back")
            words += self.marks(bool(self.cut))
        middle = self.pitch * (len(self.columns) + 1) / 2
        at = middle, lowest - (27 if self.slide else 34)
        legend = Legend(tuple(words), at, norm=self.vector, open_ended=True, stacked=bool(self.slide))
        right = max(box.at[0] for box in self.boxes if box.at and box.kind != "bar") + self.pitch / 2
        bottom, top = lowest - (47 if self.options.legend else 0), 126 if self.boxes[-1].kind == "weight" else 100
        frame = corners(self.pitch / 2 - LEAD, bottom, right, top, self.slide)
        scale = [self.sent_to(t) for t in range(len(self.states))]
        return self.picture(scale, legends=(legend,), over="edges", size=11, corners=frame, thin=self.narrow)

    def sent_to(self, t: int) -> Quantity:
        """∂L/∂o_t"""
        return self.size([self.gradient(o) for o in self.states[t]])

    # ------------------------------------------------------------------ the states

    def state_box(self, t: int, x: float) -> str:
        state = self.states[t]
        title = f"‖{self.state_name(t)}‖" if self.vector else self.name(state[0]) or self.state_name(t)
        words: tuple = ("start",)
        if t:
            caption = self.captions[t - 1] if self.captions else ""
            words = self.input_words(t, caption)
        lines = [Text(words)]
        if t and self.gradients and self.many:        # what the step's own output sends back to it
            direct = [edge for node in self.parts.outputs for edge in self.ways(node)]
            lines.append(Text(("out: ", self.back_to(state, direct, self.vector)), signed=not self.vector))
        size = self.size([data(o) for o in state])
        return self.box(f"o{t}", title, size, lines, self.sent_to(t), x, "mid" if t else "input", tuple(state))

    def input_words(self, t: int, caption: str) -> tuple:
        """The caption, or x₂ = 0.5; of a vector on a slide the norm"""
        words, title = input_parts(self.unrolled[t - 1], caption, one_hot="#"), name(f"x_{t}")
        numbers = [part for part in words if isinstance(part, Quantity)]
        if self.narrow and len(numbers) > 1:
            words, title = (size_of(numbers),), f"‖{title}‖"
        return words if caption else (title + ("=" if self.narrow else " = "), *words)

    def middle_box(self, steps: range, x: float) -> str:
        words = f"{len(steps)} {'words' if self.captions else 'steps'}"
        if self.asked_step in steps:
            words = f"with t = {self.asked_step}"
        lines = [Text((f"t = {steps[0]} … {steps[-1]}",)), Text((words,), 11, "ink")]
        shows = *[o for t in steps for o in self.states[t]], *[("input", t) for t in steps]
        return self.box("middle", "⋯", "", lines, None, x, "input", shows)

    def box(self, key: str, title: str, corner: str | Quantity, lines: list[Text], gradient: Quantity | None, x: float,
            kind: str, shows: tuple, y=0.0) -> str:
        shown = shorten(title, LONGEST_IN_CHIP) if self.slide and self.wide else title
        head: tuple[Cell, ...] = (cell(shown, bold=True, align="LEFT"),
                                  cell(corner, digits=3, align="RIGHT", width=36))
        if self.narrow:
            head, lines = (cell(title, bold=True),), [Text((corner,), 11, "ink"), *lines]
        longest = 8 if self.narrow and self.captions else 16
        small = tuple([
            Cell((line._replace(size=line.size or 9, ink=line.ink or "grey", digits=3, longest=longest),),
                 width=NARROW_BOX if self.narrow else 70)
            for line in lines])
        whole = (self.whole_name(shows[0]) if len(shows) == 1 else "") or title
        tooltip = Text((f"{whole} ", corner, *[part for line in lines for part in (", ", *line.parts)]), digits=3)
        return self.compact(key, kind, head, gradient, (x, y), shows, tooltip, small, room=8 * self.narrow)

    def arrow_between(self, tail: str, head: str, t: int) -> None:
        """o_{t−1} → o_t, by the part of ∂L/∂o_{t−1} that comes back through o_t"""
        before, state = self.states[t - 1], self.states[t]
        through = self.back_to(before, [edge for o in state for edge in self.ways(o)], self.vector)
        pairs = tuple((o, earlier) for o in state for earlier in before)
        told = self.told(self.state_name(t), self.state_name(t - 1), through)
        self.arrow(tail, head, through, pairs, tooltip=told)
        if self.wide and state[0] in self.parts.into:         # not beyond a cut, where the loss does not reach
            edge = self.edge(state[0], before[0], ALL_WAYS, dict(self.parts.into[state[0]]).get(before[0], 0))
            times = "cut" if before[0] in self.cut else ("× ", partial(edge))
            self.chip_over(f"l{t}", self.pitch * (t - 0.5), edge, times, through, pairs)

    def chip_over(self, key: str, x: float, edge: Edge, times, flow: Quantity, shows: tuple) -> None:
        """∂user/∂operand over the arrow between two boxes"""
        if self.gradients:
            above, below = (shorten(self.name(value), LONGEST_IN_CHIP) for value in edge[:2])
            self.put(Box(key, "chip", self.chip(f"∂{above}/∂{below}", times, flow), (x, 17), shows))

    # ------------------------------------------------------------------ the outputs

    def outputs(self, tail: str, x: float) -> None:
        """The boxes after the last state: the outputs, or the loss alone where there is one at every step"""
        before = self.state_name(len(self.unrolled))
        for k, node in enumerate([self.loss] if self.many else self.parts.outputs):
            x, key, edges, kind = x + self.pitch, f"out{k}", self.ways(node), self.kind(node)
            words: tuple = (self.folded_name(node, edges),)
            targets = [edge.operand for edge in edges if self.snapshot.role[edge.operand] == "target"]
            if len(targets) == 1 and node is self.loss:
                equals = "=" if self.narrow else " = "
                words += (f", {self.name(targets[0])}{equals}", data(targets[0]))
            self.box(key, self.name(node), data(node), [Text(words)], self.gradient(node), x, kind, (node,))
            flow = self.sent_back(edges)
            self.arrow(tail, key, flow, tuple(edges), tooltip=self.told(self.name(node), before, flow))
            if self.wide and unwrap(flow.number):
                read = [*self.unrolled.state, *self.parts.outputs]
                edge = next(edge for edge in edges if edge.operand in read and unwrap(edge.partial))
                times = partial(edge)
                if self.many:
                    edge, times = self.edge(node, self.unrolled.state[0], ALL_WAYS, flow.number), flow
                self.chip_over(f"l{key}", x - self.pitch / 2, edge, ("× ", times), flow, tuple(edges))
            if not self.vector and not self.many:
                for j, edge in enumerate(edge for edge in edges if edge.operand in self.parts.readout_weights):
                    self.weight_over(edge, f"{key}w{j}", key, x + 92 * j)
            tail, before = key, self.name(node)

    def sent_back(self, edges: list[Edge]) -> Quantity:
        """What a box after the last state sends back along the arrow that leads to it"""
        if self.many:                                 # the loss alone: no later step reads the last state
            return self.sent_to(len(self.unrolled))
        to_state = self.back_to(self.unrolled.state, edges, self.vector)
        others = [edge for edge in edges if edge.operand in self.parts.outputs]
        return contribution(others[0]) if others and not unwrap(to_state.number) else to_state

    def weight_over(self, edge: Edge, key: str, head: str, x: float) -> None:
        """A weight of the readout over the output that uses it"""
        w = edge.operand
        x, y = (x + 4, 91) if self.narrow else (x, 88)        # apart from the ledger
        self.box(key, self.name(w), data(w), [], self.gradient(w), x, "weight", (w,), y)
        self.edge_arrow(key, head, edge)

    # ------------------------------------------------------------------ ledgers

    def ledgers(self) -> float:
        """The first above, the others below.  Gives how low they reach."""
        lowest, shown = (-48.0 if self.narrow else -50.0) - 8 * self.many, matrices(self.parts.weights)
        if self.vector or self.many:                  # else the weights of the readout stand over the outputs
            shown += matrices(self.parts.readout_weights)
        for k, matrix in enumerate(shown):
            if k == 1 and self.has_staircase(matrix):
                lowest -= self.staircase(matrix, lowest) + 6
            elif k == 0:
                self.bar(matrix, "ledger0", 76.0 + 6 * bool(self.cut) + 8 * self.many, arrows=True)
            else:
                self.bar(matrix, f"ledger{k}", lowest - 22)
                lowest -= 62 if self.cut else 50
        return lowest

    def has_staircase(self, matrix: Matrix) -> bool:
        """Whether ∂L/∂w is one product for each step: a number for a state that only the next step reads, one output at
        the end, no other use of the weight, and nothing cut"""
        single = not self.vector and len(matrix.entries) == 1 and self.gradients and not self.cut
        chain = not self.many and not self.parts.skips_a_step
        return single and chain and not any(self.term(w, 0).number for w in matrix.entries.values())

    def staircase(self, matrix: Matrix, top: float) -> float:
        """Gives its height."""
        [weight], height = matrix.entries.values(), staircase_height(self.columns, self.pitch, self.narrow)
        rows = staircase(self, weight, self.short(matrix.name), self.columns, self.pitch)
        x = self.pitch / 2 - LEAD + (LEAD + self.pitch * (len(self.columns) + 1)) / 2 + 4
        self.put(Box("staircase", "staircase", rows, (x, top - height / 2), (weight,), spacing=3))
        return height
