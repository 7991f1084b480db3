"""Both passes as scenes of a picture: every Value is computed in turn, then hands its gradient on in turn.

A scene says what happens in one sentence, and how much of the picture is seen then (a Showing).
"""

from typing import NamedTuple

from minigrad.draw import columns
from minigrad.draw.anygraph import AnyGraph, refuse_too_many
from minigrad.draw.columns import Columns
from minigrad.draw.parts import folded_name
from minigrad.draw.sheet import Sheet, Showing
from minigrad.nn import Unrolled
from minigrad.notation import formula, number
from minigrad.number import Number
from minigrad.value import Value


class Scene(NamedTuple):
    """phase: start, forward, seed, backward or done; edges: (node, operand) along which something flows now"""

    phase: str
    title: str
    account: str
    edges: list[tuple[Value, Value]]
    showing: Showing


def sheet_of(loss: Value, unrolled: Unrolled | None, showing: Showing) -> Columns | AnyGraph:
    """The picture to play in: the columns of a scalar RNN, else the graph.  Raises ValueError if it is too large."""
    if unrolled and not columns.obstacle(loss, unrolled):
        return Columns(loss, unrolled, showing)
    refuse_too_many(loss, unrolled, None)
    return AnyGraph(loss, unrolled, None, showing)


def refuse_unplayable(what: str, loss, unrolled) -> None:
    """Raises TypeError for anything but a Value, or a Value and one Unrolled.  what: who was asked"""
    if isinstance(loss, Value) and (unrolled is None or isinstance(unrolled, Unrolled)):
        return
    several = isinstance(unrolled, (list, tuple)) and all(isinstance(one, Unrolled) for one in unrolled)
    given = f"a {type(unrolled).__name__} of {len(unrolled)}" if several else type(unrolled).__name__
    given = f"{type(loss).__name__}, {given}" if unrolled is not None else type(loss).__name__
    way_out = "; draw(loss, [encoder, decoder]) shows several" if several else ""
    raise TypeError(f"{what}: it takes a Value, or a Value and one Unrolled, not {given}{way_out}")


def scenes(sheet: Sheet) -> list[Scene]:
    """Every moment of both passes over a sheet that has been drawn with ids"""
    order = [node for node, edges in sheet.into.items() if edges]
    leaves = {operand for edges in sheet.into.values() for operand, _ in edges} - set(order)
    known, totals, flowed = set(leaves), dict[Value, Number](), set[tuple[Value, Value]]()

    def showing(current: Value | None) -> Showing:
        return Showing(set(known), dict(totals), set(flowed), current, gradients=True)

    start = f"inputs and weights are known; nothing is computed yet{cut_off(sheet)}"
    made = [Scene("start", "start", start, [], showing(None))]
    for k, node in enumerate(order, start=1):
        known.add(node)
        edges = [(node, operand) for operand, _ in sheet.into[node]]
        made.append(Scene("forward", f"forward {k}/{len(order)}", computed(sheet, node), edges, showing(node)))
    totals[sheet.loss] = 1
    name = sheet.name(sheet.loss)
    made.append(Scene("seed", "backward", f"it starts with ∂{name}/∂{name} = 1", [], showing(sheet.loss)))
    for k, node in enumerate(reversed(order), start=1):
        accounts, edges = [], []
        for operand, partial in sheet.into[node]:
            before, upstream = totals.get(operand, 0), totals[node]
            totals[operand] = before + partial * upstream
            flowed.add((node, operand))
            if operand in sheet.pills:                # an input or a target is shown without a gradient
                edges.append((node, operand))
                accounts.append(sent(sheet, operand, partial, upstream, before, totals[operand]))
        account = f"from {sheet.name(node)}: " + ("; ".join(accounts) or "nothing that is shown")
        made.append(Scene("backward", f"backward {k}/{len(order)}", account, edges, showing(node)))
    made.append(Scene("done", "done", "every gradient is known; point at a box or a term to see its routes", [],
                      showing(None)))
    return made


def cut_off(sheet: Sheet) -> str:
    """Which steps are no part of the graph, because no gradient flows back to them"""
    first = min(sheet.step_of.values(), default=1) if isinstance(sheet, AnyGraph) else 1
    if first == 1:
        return ""
    return f"; {'step 1 is' if first == 2 else f'steps 1 … {first - 1} are'} cut off: no gradient flows back there"


def computed(sheet: Sheet, node: Value) -> str:
    """z₁ = x₁·w_i + o₀·w_h = 0.5 + 0 = 0.5"""
    operands = [operand for operand, _ in sheet.into[node]]
    names, numbers = [sheet.name(operand) for operand in operands], [number(operand.data) for operand in operands]
    if tuple(operands) == node.operands:
        ways = [formula(node.op, names), formula(node.op, [f"({x})" if x[0] == "−" else x for x in numbers])]
    else:
        op = folded_name(node, operands, sheet.loss)
        ways = [f"{op}({', '.join(names)})", f"{op}({', '.join(numbers)})"]
    written = [sheet.name(node), *ways, number(node.data)]
    return " = ".join(dict.fromkeys(written))


def sent(sheet: Sheet, operand: Value, partial: Number, upstream: Number, before: Number, after: Number) -> str:
    """z₂ gets −0.4953 × 0.6965 = −0.345"""
    account = f"{sheet.name(operand)} gets {number(upstream)} × {number(partial)} = {number(partial * upstream)}"
    return account + (f" (with the rest {number(after)})" if number(before) != "0" else "")
