"""The lecture's product as a staircase: one row for each use of a weight, each factor under its own step.

    row t    ∂⁺o_t/∂w · ∂o_{t+1}/∂o_t · … · ∂o_n/∂o_{n−1} · ∂L/∂o_n

Read from right to left, as the gradient flows; a cell is coloured by the product up to it, the last has a gold frame.
"""

import math

from minigrad.bptt import Ledger, state_jacobians
from minigrad.draw import theme
from minigrad.graph import gradients
from minigrad.nn import Unrolled
from minigrad.notation import carried_name, number
from minigrad.number import Number
from minigrad.value import Value

ROW = 30                                              # the height of a row, in points


def staircase(
    ledger: Ledger, unrolled: Unrolled, columns: list[range], names: tuple[str, str], upstream: Number,
    scale: theme.Scale, pitch: int,
) -> str:
    """The HTML-like label.  columns: the steps of each; names: of the loss and the weight; upstream: ∂L/∂o_n."""
    loss, weight = names
    factors = [jacobian[0][0] for jacobian in state_jacobians(unrolled)]      # ∂o_t/∂o_{t−1}, t = 1 … n
    last = carried_name(unrolled.letters, len(unrolled))
    o = unrolled.letters[0]
    hint = f"one row per use of {weight}; read right to left: start at ∂{loss}/∂{last}, multiply by ∂{o}ₜ/∂{o}ₜ₋₁"
    hint += f" at each box crossed, end at the framed ∂⁺{o}ₜ/∂{weight}"
    head = [
        theme.term(f"∂{loss}/∂{weight} = Σ", ledger.total, scale, width=82),
        theme.cell(" ", width=12),
        theme.cell(theme.font(theme.text(hint, 200), size=10, color=theme.GREY), colspan=len(columns) + 1,
                   align="LEFT"),
    ]
    rows = [theme.row(*head)]
    for k in range(len(columns) - 1, -1, -1):
        steps = columns[k]
        term = sum(ledger.terms[t - 1] for t in steps)
        via = f"via t = {steps[0]}" + (f" … {steps[-1]}" if len(steps) > 1 else "")
        cells = [theme.term(via, term, scale, width=82), theme.cell("=", width=12)]
        if len(steps) > 1:
            words = theme.font(f"sum of {len(steps)} paths (folded)", size=10, color=theme.GREY)
            cells += [theme.cell(words, colspan=len(columns) + 1)]
        else:
            cells += path(unrolled, ledger.weight, columns, k, factors, upstream, scale, pitch, names)
        rows.append(theme.row(*cells))
    return theme.box(*rows, fill="#fffdf5", border=2, rule=theme.GOLD, spacing=3, padding=2)


def path(unrolled, weight: Value, columns, k: int, factors, upstream, scale, pitch: int, names) -> list[str]:
    """The cells of one route: empty before its step, the framed immediate derivative, the factors, ∂L/∂o_n"""
    t = columns[k][0]
    before = unrolled.initial if t == 1 else unrolled[t - 2].state
    immediate = gradients(unrolled[t - 1].state[0], set(before)).get(weight, 0)
    cells, product = [], upstream
    symbols = pitch > 120                             # room for ∂o₂/∂o₁ above the number

    def written(symbol: str, x: Number, times="× ") -> str:
        value = times + number(x, 4 if symbols else 3)
        return f"{theme.font(symbol, size=9, color=theme.FAINT)}<BR/>{value}" if symbols else value

    last = carried_name(unrolled.letters, len(unrolled))
    given = {"width": pitch - 3, "style": "ROUNDED"}
    symbol = f"∂{theme.text(names[0])}/∂{last}"
    cells.append(theme.cell(written(symbol, upstream, ""), bgcolor=scale.fill(upstream), **given))
    for steps in reversed(columns[k + 1 :]):
        factor = math.prod(factors[steps[0] - 1 : steps[-1]])
        product = product * factor
        symbol = f"∂{carried_name(unrolled.letters, steps[-1])}/∂{carried_name(unrolled.letters, steps[0] - 1)}"
        cells.append(theme.cell(written(symbol, factor), bgcolor=scale.fill(product), **given))
    symbol = f"∂⁺{carried_name(unrolled.letters, t)}/∂{theme.text(names[1])}"
    fill = scale.fill(product * immediate)
    cells.append(theme.cell(written(symbol, immediate), bgcolor=fill, border=1, color=theme.GOLD, **given))
    return [theme.cell(" ", width=pitch - 3)] * k + cells[::-1]


def height(columns: list[range], pitch: int) -> float:
    return (len(columns) + 1) * (ROW + (10 if pitch > 120 else 0)) + 8

