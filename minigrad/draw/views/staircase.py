"""The lecture's product as a staircase: one row for each use of a weight, each factor under its own step.

    row t    ∂⁺o_t/∂w · ∂o_{t+1}/∂o_t · … · ∂o_n/∂o_{n−1} · ∂L/∂o_n

Read from right to left, as the gradient flows; a cell is coloured by the product up to it, the last has a gold frame.
"""

import math

from minigrad.draw.picture import Cell, Quantity, Text
from minigrad.snapshot import Edge, Snapshot
from minigrad.draw.views.sketch import Sketch, cell, partial
from minigrad.graph import gradients
from minigrad.notation import carried_name
from minigrad.value import Value

ROW = 30                                              # the height of a row, in points
ROOM_FOR_SYMBOLS = 120                                # a wider column has ∂o₂/∂o₁ above the number


def height(columns: list[range], pitch: int) -> float:
    """Of the whole staircase, in points"""
    return (len(columns) + 1) * (ROW + (10 if pitch > ROOM_FOR_SYMBOLS else 0)) + 8


class Staircase:
    """columns: the steps of each;  title: what the weight is called"""

    def __init__(self, sketch: Sketch, snapshot: Snapshot, weight: Value, title: str, columns: list[range], pitch: int):
        self.sketch, self.snapshot, self.weight, self.title = sketch, snapshot, weight, title
        self.columns, self.pitch = columns, pitch
        [self.unrolled] = snapshot.unrolleds
        self.loss_name = snapshot.name[snapshot.loss]

    def state(self, t) -> str:
        return carried_name(self.unrolled.state_symbols, t)

    def rows(self) -> tuple[tuple[Cell, ...], ...]:
        """The head, and a row for each column, the last time step first"""
        ledger, n = self.snapshot.ledgers[self.weight], len(self.columns)
        total = self.sketch.gradient(self.weight)
        [o], last = self.unrolled.state_symbols, self.state(len(self.unrolled))
        hint = f"one row per use of {self.title}; read right to left: start at ∂{self.loss_name}/∂{last}, multiply by "
        hint += f"∂{o}ₜ/∂{o}ₜ₋₁ at each box crossed, end at the framed ∂⁺{o}ₜ/∂{self.title}"
        rows = [(
            self.sketch.term(f"∂{self.loss_name}/∂{self.title} = Σ", total, 9, width=82), cell(" ", width=12),
            cell(hint, 10, "grey", longest=200, span=n + 1, align="LEFT"),
        )]
        for k in range(n - 1, -1, -1):
            steps = self.columns[k]
            term = Quantity("term", (self.weight, tuple(steps)), sum(ledger.terms[t - 1] for t in steps))
            via = f"via t = {steps[0]}" + (f" … {steps[-1]}" if len(steps) > 1 else "")
            cells = [self.sketch.term(via, term, 9, width=82), cell("=", width=12)]
            if len(steps) > 1:
                cells.append(cell(f"sum of {len(steps)} paths (folded)", 10, "grey", span=n + 1, longest=40))
            else:
                cells += self.path(k)
            rows.append(tuple(cells))
        return tuple(rows)

    def path(self, k: int) -> list[Cell]:
        """The cells of one route: empty before its step, the framed immediate derivative, the factors, ∂L/∂o_n"""
        [t], n = self.columns[k], len(self.unrolled)
        upstream = self.sketch.gradient(self.unrolled.state[0])
        factors, cells = [upstream], [self.factor(f"∂{self.loss_name}/∂{self.state(n)}", "", upstream, upstream)]
        for steps in reversed(self.columns[k + 1 :]):
            jacobians = tuple(self.jacobian(step) for step in steps)
            factor = jacobians[0]
            if len(steps) > 1:
                factor = Quantity("product", jacobians, math.prod(jacobian.number for jacobian in jacobians))
            factors.append(factor)
            symbol = f"∂{self.state(steps[-1])}/∂{self.state(steps[0] - 1)}"
            cells.append(self.factor(symbol, "× ", factor, product(factors)))
        [o], before = self.unrolled[t - 1].state, self.unrolled.states[t - 1]
        slope = gradients(o, set(before)).get(self.weight, 0)
        immediate = partial(Edge(o, self.weight, None, slope, 0, 0, 0))
        symbol, to_here = f"∂⁺{self.state(t)}/∂{self.title}", product([*factors, immediate])
        cells.append(self.factor(symbol, "× ", immediate, to_here)._replace(rule="gold"))
        return [cell(" ", width=self.pitch - 3)] * k + cells[::-1]

    def jacobian(self, t: int) -> Quantity:
        """∂o_t/∂o_{t−1}"""
        [o], [before] = self.unrolled[t - 1].state, self.unrolled.states[t - 1]
        return partial(Edge(o, before, None, self.snapshot.jacobians[t - 1][0][0], 0, 0, 0))

    def factor(self, symbol: str, times: str, number: Quantity, to_here: Quantity) -> Cell:
        """A factor, in the colour of the product up to it"""
        wide = self.pitch > ROOM_FOR_SYMBOLS
        texts = (Text((symbol,), 9, "faint"),) if wide else ()
        texts += (Text((times, number), digits=4 if wide else 3),)
        return Cell(texts, fill=to_here, width=self.pitch - 3, rounded=True)


def product(factors: list[Quantity]) -> Quantity:
    """The product of quantities, the first first"""
    return Quantity("product", tuple(factors), math.prod(factor.number for factor in factors))
