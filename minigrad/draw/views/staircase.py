"""The lecture's product as a staircase: one row for each use of a weight, each factor under its own step.

    row t    ∂⁺o_t/∂w · ∂o_{t+1}/∂o_t · … · ∂o_n/∂o_{n−1} · ∂L/∂o_n

Read from right to left, as the gradient flows; a cell is coloured by the product up to it, the last has a gold frame.
"""

import math

from minigrad.draw.picture import Cell, Quantity, Rows, Text
from minigrad.draw.views.pieces import cell, partial
from minigrad.draw.views.sketch import ALL_WAYS, Sketch
from minigrad.graph import gradients
from minigrad.value import Value

ROW, NARROW_ROW = 30, 22                              # the height of a row, in points; with its lead in one line
MAX_SHOWN, SHOWN_FIRST, SHOWN_LAST = 12, 2, 8         # of the columns: past so many, the middle ones are one
ROOM_FOR_SYMBOLS = 120                                # a wider column has ∂o₂/∂o₁ above the number


def columns_of(n: int) -> list[range]:
    """The steps of each column"""
    columns = [range(t, t + 1) for t in range(1, n + 1)]
    last = n - SHOWN_LAST
    return columns if n <= MAX_SHOWN else [*columns[:SHOWN_FIRST], range(SHOWN_FIRST + 1, last + 1), *columns[last:]]


def height(columns: list[range], pitch: int, narrow: bool) -> float:
    """Of the whole staircase, in points"""
    return (len(columns) + 1) * ((NARROW_ROW if narrow else ROW) + (10 if pitch > ROOM_FOR_SYMBOLS else 0)) + 8


def staircase(sketch: Sketch, weight: Value, title: str, columns: list[range], pitch: int) -> Rows:
    """The head, and a row for each column, the last time step first.  columns: their steps;  title: the weight's"""
    [o], n, last = sketch.symbols, len(columns), sketch.state_name(len(sketch.unrolled))
    start, factor, end = sketch.title(last), f"∂{o}_t/∂{o}_t−1", f"the framed ∂⁺{o}_t/∂{title}"
    hints = (f"one row per use of {title}; read right to left: start at {start}, multiply by {factor} at each box "
             f"crossed, end at {end}", f"read right to left: from {start} to {end}", "read right to left")
    hint = next(hint for hint in hints if 5.2 * len(hint) < pitch * (n + 1) or hint is hints[-1])
    total = f"{sketch.total_title(title, [weight])} {'=' if sketch.adds_up([weight]) else '≠'} Σ"
    rows: list[tuple[Cell, ...]] = [(
        sketch.amount(total, sketch.gradient(weight), 9, width=82), cell(" ", width=12),
        cell(hint, 10, "grey", longest=200, span=n + 1, align="LEFT"))]
    for k in range(n - 1, -1, -1):
        steps = columns[k]
        via = f"via t = {steps[0]}" + (f" … {steps[-1]}" if len(steps) > 1 else "")
        term = sketch.term(weight, *steps)
        lead = sketch.amount(via, term, 9, width=82)
        if sketch.slide:                              # in one line
            lead = lead._replace(texts=(Text((f"{via[4:]}: ", term), signed=True, digits=3),))
        cells = [lead, cell("=", width=12)]
        if len(steps) > 1:
            words = f"sum of {len(steps)} paths (folded)"
            if sketch.asked_step in steps:
                words += f"; that of t = {sketch.asked_step} is "
                words += str(Text((sketch.term(weight, sketch.asked_step),), signed=True))
            cells.append(cell(words, 10, "grey", span=n + 1, longest=60))
        else:
            cells += path(sketch, weight, title, columns[k:], pitch)
            cells[2:2] = [cell(" ", width=pitch - 3)] * k
        rows.append(tuple(cells))
    return tuple(rows)


def path(sketch: Sketch, weight: Value, title: str, columns: list[range], pitch: int) -> list[Cell]:
    """The cells of the route through the first of the columns: the framed immediate derivative, the factors, ∂L/∂o_n"""
    [t], n, states, state = columns[0], len(sketch.unrolled), sketch.unrolled.states, sketch.state_name
    factors = [(sketch.title(state(n)), sketch.gradient(states[n][0]))]
    for steps in reversed(columns[1:]):
        jacobians = []
        for step in steps:
            slope = sketch.snapshot.jacobians[step - 1][0][0]
            jacobians.append(partial(sketch.edge(states[step][0], states[step - 1][0], ALL_WAYS, slope)))
        factors.append((f"∂{state(steps[-1])}/∂{state(steps[0] - 1)}", product(jacobians)))
    slope = gradients(states[t][0], set(states[t - 1])).get(weight, 0)
    factors.append((f"∂⁺{state(t)}/∂{title}", partial(sketch.edge(states[t][0], weight, ALL_WAYS, slope))))
    cells, wide = [], pitch > ROOM_FOR_SYMBOLS
    for k, (symbol, factor) in enumerate(factors):
        texts = (Text((symbol,), 9, "faint"),) if wide else ()
        texts = (*texts, Text(("× " if k else "", factor), digits=4 if wide else 3))
        to_here = product([quantity for _, quantity in factors[: k + 1]])
        cells.append(Cell(texts, to_here, width=pitch - 3, rounded=True))
    cells[-1] = cells[-1]._replace(rule="gold")
    return cells[::-1]


def product(factors: list[Quantity]) -> Quantity:
    """The product of quantities, the first first"""
    if len(factors) == 1:
        return factors[0]
    return Quantity("product", tuple(factors), math.prod(factor.number for factor in factors))
