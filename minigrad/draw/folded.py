"""Many steps: one box for each state o_t, whatever is inside; for a vector the norms.

    above    the ledger of the first weight, w_i: each step's contribution over its box
    below    the staircase of ∂L/∂w_h where the state is a number (see staircase.py); else its ledger, and the others'

Past twelve steps the middle ones become one column, "⋯", whose contributions are added up.
"""

import math
from itertools import chain

from minigrad.bptt import Ledger, ledgers
from minigrad.draw import theme
from minigrad.draw.parts import Matrix, folded_name, matrices, parts, skips_a_step
from minigrad.draw.staircase import height as staircase_height
from minigrad.draw.staircase import staircase
from minigrad.nn import Unrolled
from minigrad.notation import carried_name, name, number, signed
from minigrad.number import Number, innermost
from minigrad.value import Value

MOST_SHOWN, SHOWN_FIRST, SHOWN_LAST = 12, 2, 8
PITCH, WIDE, LEAD = 100, 176, 108                     # of the columns, of at most WIDE_STEPS; a ledger's first cell
WIDE_STEPS = 4


class Folded:
    def __init__(self, loss: Value, unrolled: Unrolled, captions: list[str]):
        self.loss, self.unrolled, self.captions = loss, unrolled, captions
        self.parts = parts(loss, unrolled)
        self.backward_ran = self.parts.backward_ran
        self.states = unrolled.carried
        self.vector = len(self.states[0]) > 1
        self.pitch = WIDE if len(unrolled) <= WIDE_STEPS and not self.vector else PITCH
        self.pitch += 30 if unrolled.initial_cell else 0              # room for the longer names
        self.cut = set(unrolled.cuts.values())        # states that nothing flows back into from the next step
        self.matrices = matrices(self.parts.weights)
        self.readout = matrices(self.readout_weights())
        n = len(unrolled)
        shown = range(1, n + 1)
        self.columns: list[range] = [range(t, t + 1) for t in shown]          # the steps of each column
        if n > MOST_SHOWN:
            last = n - SHOWN_LAST + 1
            middle = range(SHOWN_FIRST + 1, last)
            self.columns = [*self.columns[:SHOWN_FIRST], middle, *self.columns[last - 1 :]]
        grads = [self.size([self.parts.gradient.get(o, 0) for o in state]) for state in self.states]
        self.scale = theme.Scale(grads if self.backward_ran else [])
        self.hue = theme.NORM if self.vector else ""
        self.picture = theme.canvas("minigrad", "nodesfirst", 11)
        self.elements: dict = {}                      # {Value or edge: the ids of the elements that show it}

    def size(self, numbers: list[Number]) -> Number:
        """The number itself, or the norm √Σx² of several"""
        return numbers[0] if not self.vector else math.hypot(*[float(innermost(x)) for x in numbers])

    def every_step_has_an_output(self) -> bool:
        before = set(chain(*self.states[1:-1]))
        return any(o in before for node in self.parts.outputs for o, _ in self.parts.into[node])

    def trailing(self) -> list[Value]:
        """The boxes after the last state: the outputs, or the loss alone where there is one at every step"""
        return [self.loss] if self.every_step_has_an_output() else self.parts.outputs

    def readout_weights(self) -> list[Value]:
        """The weights between the states and the loss: what the outputs use, less the targets"""
        leaves = [leaf for node in self.parts.outputs for leaf, _ in self.parts.into[node] if not leaf.operands]
        return [w for w in dict.fromkeys(leaves) if not w.label.startswith("y") and w not in self.states[0]]

    def source(self) -> str:
        places: list[tuple[str, float]] = [(self.state_box(0, 0.0), 0.0)]
        for k, steps in enumerate(self.columns, start=1):
            x = float(self.pitch * k)
            key = self.state_box(steps[0], x) if len(steps) == 1 else self.middle_box(steps, x)
            self.edge(places[-1][0], key, steps[0])
            places.append((key, x))
        self.bars()
        self.outputs(places[-1])
        words = ["box: state, value / input", "arrow: forward, coloured by the gradient that flows back"]
        words[0] += " / gradient" if self.backward_ran else ""
        words[1] += "; dashed: nothing, or cut" if self.cut else ""
        if self.vector:
            words = ["vectors are shown by their norms ‖·‖", *words[1:]]
        legend = theme.legend(words if self.backward_ran else words[:1], self.scale, self.hue, open_ended=True)
        middle = self.pitch * (len(self.columns) + 1) / 2
        self.picture.node("legend", label=legend, id="legend", pos=theme.at(middle, self.lowest - 34))
        return self.picture.source

    # ------------------------------------------------------------------ boxes

    def state_box(self, t: int, x: float) -> str:
        state = self.states[t]
        title = carried_name(self.unrolled.letters, t)
        title = f"‖{title}‖" if self.vector else self.parts.names.get(state[0], title)
        corner = number(self.size([o.data for o in state]), 3)
        fill = "input" if t == 0 else "mid"
        middle = self.caption(t) + self.from_loss(t)
        for o in state:
            self.shows(f"o{t}", o)
        return self.box(f"o{t}", title, corner, middle, self.gradient_of(t), x, fill, self.hue)

    def from_loss(self, t: int) -> str:
        """What a step's own output sends back to its state, where every step has one"""
        if t == 0 or not self.backward_ran or not self.every_step_has_an_output():
            return ""
        direct: dict[Value, Number] = dict.fromkeys(self.states[t], 0)
        for node in self.parts.outputs:
            for operand, slope in self.parts.into[node]:
                if operand in direct:
                    direct[operand] += slope * self.parts.gradient[node]
        size = self.size(list(direct.values()))
        return f"\nout: {number(size, 3) if self.vector else signed(size, 3)}"

    def shows(self, key: str, what) -> None:
        self.elements.setdefault(what, []).append(key)

    def caption(self, t: int) -> str:
        """What came in at step t: the word, or the numbers"""
        if t == 0:
            return "start"
        x = self.unrolled[t - 1].x
        if self.captions:
            return self.captions[t - 1]
        if isinstance(x, int):
            return f"{name(f'x_{t}')} = #{x}"
        numbers = " ".join(number(item.data, 3) for item in x)
        return f"{name(f'x_{t}')} = {numbers if len(x) == 1 else '[' + numbers + ']'}"

    def gradient_of(self, t: int) -> Number:
        return self.size([self.parts.gradient.get(o, 0) for o in self.states[t]])

    def middle_box(self, steps: range, x: float) -> str:
        words = f"{len(steps)} steps" if not self.captions else f"{len(steps)} words"
        return self.box("middle", "⋯", "", f"t = {steps[0]} … {steps[-1]}", None, x, "input", "", words)

    def box(self, key, title, corner, middle, gradient, x, kind, hue="", words="", y=0.0) -> str:
        cells = [theme.cell(theme.font(theme.text(title), bold=True), align="LEFT")]
        rows = [theme.row(*cells, theme.cell(theme.text(corner), align="RIGHT", width=36))]
        for line in middle.split("\n"):
            words_here = theme.font(theme.text(line, 16), size=9, color=theme.GREY)
            rows.append(theme.row(theme.cell(words_here, colspan=2, width=70)))
        if words or gradient is None:
            rows.append(theme.row(theme.cell(words or " ", colspan=2)))
        elif self.backward_ran:
            written = number(gradient, 3) if hue else signed(gradient, 3)
            fill = self.scale.fill(gradient, hue)
            rows.append(theme.row(theme.cell(written, colspan=2, bgcolor=fill, style="ROUNDED")))
        tip = theme.tooltip(f"{title} {corner}, {middle.replace(chr(10), ', ')}")
        html = theme.box(*rows, **theme.frame(kind))
        self.picture.node(key, label=html, id=key, **{"class": f"v {kind}"}, pos=theme.at(x, y), tooltip=tip)
        return key

    def edge(self, tail: str, head: str, t: int) -> None:
        """o_{t−1} → o_t, by the part of ∂L/∂o_{t−1} that comes back through o_t"""
        line = theme.INPUT_LINE
        if self.backward_ran:
            through: dict[Value, Number] = dict.fromkeys(self.states[t - 1], 0)
            for o in self.states[t]:
                for operand, slope in self.parts.into.get(o, ()):
                    if operand in through:
                        through[operand] += slope * self.parts.gradient[o]
            line = self.scale.line(self.size(list(through.values())), self.hue)
        for o in self.states[t]:
            for before in self.states[t - 1]:
                self.shows(f"e{tail}_{head}", (o, before))
                self.shows(f"l{t}", (o, before))
        self.picture.edge(tail, head, id=f"e{tail}_{head}", **{"class": "e"}, **line)
        o, before = self.states[t][0], self.states[t - 1][0]
        if self.pitch == WIDE and o in self.parts.into:               # not beyond a cut, where the loss does not reach
            slope = dict(self.parts.into[o]).get(before, 0) if before not in self.cut else None
            self.chip(f"l{t}", self.pitch * (t - 0.5), o, before, slope, line["color"])

    def chip(self, key: str, x: float, node: Value, operand: Value, slope: Number | None, color: str) -> None:
        """∂node/∂operand over the arrow between two boxes, where there is room; None: it was cut"""
        if self.backward_ran:
            symbol = f"∂{self.parts.names.get(node, '')}/∂{self.parts.names.get(operand, '')}"
            times = f"× {theme.brief(slope, number)}" if slope is not None else "cut"
            html = theme.chip(theme.text(symbol), times, color, "CENTER")
            self.picture.node(key, label=html, id=key, **{"class": "chip"}, pos=theme.at(x, 17))

    def outputs(self, last: tuple[str, float]) -> None:
        tail, x = last
        for k, node in enumerate(self.trailing()):
            x += self.pitch
            kind = "loss" if node is self.loss else "mid"
            operands = [operand for operand, _ in self.parts.into[node]]
            middle = folded_name(node, operands, self.loss)
            targets = [o for o in operands if not o.operands and o.label.startswith("y")]
            if targets and node is self.loss:
                middle += f", {self.parts.names[targets[0]]} = {number(targets[0].data)}" if len(targets) == 1 else ""
            key = f"out{k}"
            title = self.parts.names.get(node, "")
            self.box(key, title, number(node.data, 3), middle, self.parts.gradient[node], x, kind)
            self.shows(key, node)
            for operand in operands:
                self.shows(f"e{tail}_{key}", (node, operand))
                self.shows(f"l{key}", (node, operand))
            contribution = self.sent_back(node)
            line = self.scale.line(contribution, self.hue if k == 0 else "") if self.backward_ran else theme.INPUT_LINE
            self.picture.edge(tail, key, id=f"e{tail}_{key}", **{"class": "e"}, **line)
            tail = key
            if self.pitch == WIDE and innermost(contribution):
                ways = [*self.unrolled.state, *self.parts.outputs]
                operand, slope = next((o, d) for o, d in self.parts.into[node] if o in ways and innermost(d))
                if self.every_step_has_an_output():
                    operand, slope = self.unrolled.state[0], contribution
                self.chip(f"l{key}", x - self.pitch / 2, node, operand, slope, line["color"])
            if not self.vector and not self.every_step_has_an_output():
                self.weights_over(node, key, x)

    def weights_over(self, node: Value, key: str, x: float) -> None:
        """The weights of the readout over the output that uses them"""
        weights = self.readout_weights()
        for k, (weight, slope) in enumerate([edge for edge in self.parts.into[node] if edge[0] in weights]):
            gold = self.box(f"{key}w{k}", self.parts.names[weight], number(weight.data, 3), " ",
                            self.parts.gradient[weight], x + 92 * k, "weight", y=88)
            self.shows(gold, weight)
            self.shows(f"e{gold}_{key}", (node, weight))
            contribution = slope * self.parts.gradient[node]
            line = self.scale.line(contribution) if self.backward_ran else theme.INPUT_LINE
            self.picture.edge(gold, key, id=f"e{gold}_{key}", **{"class": "e"}, **line)

    def sent_back(self, node: Value) -> Number:
        """What a box after the last state sends back along the arrow that leads to it"""
        if self.every_step_has_an_output():           # the loss alone: no later step reads the last state
            return self.gradient_of(len(self.unrolled))
        into = dict(self.parts.into[node])
        state = [into.get(o, 0) * self.parts.gradient[node] for o in self.unrolled.state]
        if any(innermost(x) for x in state):
            return self.size(state)
        others = [slope for operand, slope in into.items() if operand in self.parts.outputs]
        return (others[0] if others else 0) * self.parts.gradient[node]

    # ------------------------------------------------------------------ ledgers

    def bars(self) -> None:
        self.lowest = -50.0
        apart = self.vector or self.every_step_has_an_output()     # else they stand over the outputs
        for k, matrix in enumerate([*self.matrices, *(self.readout if apart else [])]):
            if k == 1 and self.has_staircase(matrix):
                self.staircase(matrix)
                continue
            y = 76.0 + 6 * bool(self.cut) if k == 0 else self.lowest - 22
            self.lowest = self.lowest if k == 0 else self.lowest - (50 if not self.cut else 62)
            self.bar(f"ledger{k}", matrix, y, arrows=k == 0)

    def has_staircase(self, matrix: Matrix) -> bool:
        """Whether ∂L/∂w is one product for each step: a number for a state that only the next step reads, one output at
        the end, no other use of the weight, and nothing cut"""
        single = not self.vector and len(matrix.entries) == 1 and self.backward_ran and not self.cut
        chain = not self.every_step_has_an_output() and not skips_a_step(self.parts, self.unrolled)
        return single and chain and not self.ledgers_of(matrix)[0].elsewhere

    def ledgers_of(self, matrix: Matrix) -> list[Ledger]:
        return ledgers(self.loss, self.unrolled, matrix.entries.values())

    def staircase(self, matrix: Matrix) -> None:
        ledger, upstream = self.ledgers_of(matrix)[0], self.parts.gradient[self.unrolled.state[0]]
        self.shows("staircase", ledger.weight)
        names = self.parts.names[self.loss], matrix.name
        html = staircase(ledger, self.unrolled, self.columns, names, upstream, self.scale, self.pitch)
        height = staircase_height(self.columns, self.pitch)
        x = self.pitch / 2 - LEAD + (LEAD + self.pitch * (len(self.columns) + 1)) / 2 + 4
        self.picture.node("staircase", label=html, id="staircase", **{"class": "bar"},
                          pos=theme.at(x, self.lowest - height / 2))
        self.lowest -= height + 6

    def bar(self, key: str, matrix: Matrix, y: float, arrows: bool) -> None:
        """The gradient of a matrix, or its norm, and each column's part of it"""
        found = self.ledgers_of(matrix)
        for ledger in found:
            self.shows(key, ledger.weight)
        single = len(found) == 1 and not self.vector
        title = f"∂{self.parts.names[self.loss]}/∂{matrix.name}"
        title = title if single else f"‖{title}‖"
        hue = "" if single else theme.NORM

        def size(numbers) -> Number:
            return numbers[0] if single else math.hypot(*[float(innermost(x)) for x in numbers])

        def written(x: Number, lead=False) -> str:
            sign, digits = signed(x, 3)[:1], signed(x, 3)[1:]
            return number(x, 3) if not single else sign + digits if lead or not digits else f"{sign} {digits}"

        if not self.backward_ran:
            title = matrix.name
        total = size([ledger.total for ledger in found])
        words = theme.font(theme.text(title), size=9, color=theme.FAINT)
        if self.backward_ran:
            words += f"<BR/>{theme.font(written(total, lead=True), bold=True)}"
            if self.cut:
                full = size([ledger.full for ledger in found])
                words += f"<BR/>{theme.font(f'in full {number(full, 3)}', size=9, color=theme.FAINT)}"
        elif single:
            words += f"<BR/>{number(found[0].weight.data, 3)}"
        fill = self.scale.fill(total, hue) if self.backward_ran else ""
        cells = [theme.cell(words, width=LEAD - 26, bgcolor=fill, style="ROUNDED")]
        cells.append(theme.cell("=" if single and self.backward_ran else " ", width=12, cellpadding=0))
        for k, steps in enumerate(self.columns, start=1):
            term = size([sum(ledger.terms[t - 1] for t in steps) for ledger in found])
            words = theme.font(written(term), bold=True) if self.backward_ran else " "
            cut = size([sum(ledger.cut[t - 1] for t in steps) for ledger in found])
            if innermost(cut) and self.backward_ran:
                words += f"<BR/>{theme.font(f'cut {number(cut, 3)}', size=9, color=theme.FAINT)}"
            fill = self.scale.fill(term, hue) if self.backward_ran else ""
            cells.append(theme.cell(words, port=f"c{k}", width=self.pitch - 3, bgcolor=fill, style="ROUNDED"))
            if arrows:
                head = "middle" if len(steps) > 1 else f"o{steps[0]}"
                for o in self.states[steps[0]]:
                    for ledger in found:
                        self.shows(f"e{key}_{head}", (o, ledger.weight))
                line = self.scale.line(term, hue) if self.backward_ran else theme.INPUT_LINE
                self.picture.edge(f"{key}:c{k}", head, id=f"e{key}_{head}", **{"class": "e"}, **line)
        width, elsewhere = LEAD + self.pitch * len(self.columns), [ledger.elsewhere for ledger in found]
        if any(innermost(x) for x in elsewhere) and self.backward_ran:
            term = size(elsewhere)
            words = theme.font("elsewhere", size=9, color=theme.FAINT) + f"<BR/>{theme.font(written(term), bold=True)}"
            cells.append(theme.cell(words, width=self.pitch - 3, bgcolor=self.scale.fill(term, hue), style="ROUNDED"))
            width += self.pitch
        html = theme.box(theme.row(*cells), **theme.frame("weight"), spacing=3, padding=2)
        x = self.pitch / 2 - LEAD + width / 2 + 4
        self.picture.node(key, label=html, id=key, **{"class": "bar"}, pos=theme.at(x, y))
