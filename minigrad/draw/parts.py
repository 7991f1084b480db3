"""What the views of an unrolled RNN find in the graph before they place anything."""

import re
from collections import Counter
from typing import NamedTuple

from minigrad.bptt import cells, finite_gradients, names, steps_of_uses
from minigrad.draw import theme
from minigrad.graph import fold, topological_order
from minigrad.nn import Unrolled
from minigrad.notation import operation
from minigrad.number import Number
from minigrad.value import Value

BCE = Counter({"-": 3, "log": 2, "*": 2, "neg": 1})   # the operations in binary_cross_entropy


class Parts(NamedTuple):
    """The pieces of an unrolled RNN's graph, and their numbers.

    names, gradient     of every Value
    weights             used by the cells, at every step the same Values, in reading order
    outputs             the Values computed from the states that have a name, in order, the loss last if it is no state
    into                {node: ((operand, ∂node/∂operand), …)}, the graph folded to states, outputs and named leaves
    backward_ran        whether gradients are to be shown
    """

    names: dict[Value, str]
    gradient: dict[Value, Number]
    weights: list[Value]
    outputs: list[Value]
    into: dict[Value, tuple]
    backward_ran: bool


def parts(loss: Value, unrolled: Unrolled) -> Parts:
    named, gradient = names(loss, unrolled), finite_gradients(loss)
    cell_of, steps = cells(unrolled), steps_of_uses(loss, unrolled)
    states = {o for step in unrolled for o in step.carried}
    given = unrolled.given
    used_at: dict[Value, set[int]] = {}
    for node in gradient:
        if node in cell_of and node in steps:
            for w in node.operands:
                if w not in steps and w not in given:
                    used_at.setdefault(w, set()).add(steps[node])
    # a constant of one step, such as 1 in 1 − z, is no weight
    weights = [w for w, at in used_at.items() if w.label or len(at) > 1]
    scalar = len(unrolled.initial) == 1               # the single products of a vector readout are never shown
    outputs = [
        node
        for node in gradient
        if (node is loss and node not in states)
        or (node in steps and node not in cell_of and (node.label or (node in named and (scalar or node.op != "*"))))
    ]
    leaves = [node for node in gradient if not node.operands and node.label and node not in weights]
    into = fold(loss, [*outputs, *leaves, *states, *unrolled.carried[0]])
    return Parts(named, gradient, weights, outputs, into, theme.has_gradient(loss))


def skips_a_step(found: Parts, unrolled: Unrolled) -> bool:
    """Whether a state is read by a later step than the next: then ∂o_n/∂o_t is a sum of products, not one product"""
    step_of = {o: t for t, carried in enumerate(unrolled.carried) for o in carried}
    return any(step_of.get(operand, step.t) < step.t - 1
               for step in unrolled for o in step.carried for operand, _ in found.into.get(o, ()))


def folded_name(node: Value, operands: list[Value], loss: Value) -> str:
    """What to call the operations between a box and its operands: their own name if it is one, BCE if they are those of
    binary_cross_entropy, "loss" for another loss"""
    inside = [inner for inner in topological_order(node, operands) if inner.operands and inner not in operands]
    ops = Counter(inner.op for inner in inside)
    if ops == BCE:
        return "BCE"
    return "loss" if node is loss and len(inside) > 1 else operation(node.op)


class Matrix(NamedTuple):
    """The weights that a label such as w_h[1][0] says belong together, by (row, column); those the graph holds"""

    name: str
    entries: dict[tuple[int, int], Value]

    @property
    def rows(self) -> list[int]:
        return sorted({r for r, _ in self.entries})

    @property
    def columns(self) -> list[int]:
        return sorted({c for _, c in self.entries})


def matrices(weights: list[Value]) -> list[Matrix]:
    """The weights by matrix: w_i first, then w_h (of gated networks those of one gate together), then the others as
    they come"""
    found: dict[str, Matrix] = {}
    for k, weight in enumerate(weights, start=1):
        if not weight.label:
            found[f"weight {k}"] = Matrix(f"weight {k}", {(0, 0): weight})
            continue
        base, r, c = re.fullmatch(r"(.*?)(?:\[(\d+)\])?(?:\[(\d+)\])?", weight.label, re.DOTALL).groups()  # type: ignore[union-attr]
        place = int(r or 0), int(c or 0)
        if place in found.get(base, Matrix(base, {})).entries:        # two weights of one name are two
            base = f"{base} ({k})"
        found.setdefault(base, Matrix(base, {})).entries[place] = weight
    order = ["w_i", "w_h", *(f"{w}{gate}" for gate in "ifgorzn" for w in ("w_i", "w_h", "b_i", "b_h"))]
    return sorted(found.values(), key=lambda matrix: order.index(matrix.name) if matrix.name in order else len(order))
