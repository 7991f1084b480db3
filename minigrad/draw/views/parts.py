"""What the views of an unrolled RNN find in the graph before they place anything."""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from minigrad.draw.picture import Quantity, Word
from minigrad.folding import loss_box
from minigrad.graph import topological_order
from minigrad.nn import Step
from minigrad.notation import operation
from minigrad.snapshot import Snapshot
from minigrad.value import Value


class Parts:
    """The pieces of an unrolled RNN's graph.

    weights    used by the cells, at every step the same Values, in reading order
    outputs    the Values computed from the states that have a name, in order, the loss last if it is not a state
    """

    def __init__(self, snapshot: Snapshot):
        self.snapshot, self.unrolled = snapshot, snapshot.unrolleds[0]
        cell_step, step, role = snapshot.cell_step, snapshot.step, snapshot.role
        in_cells = [node for node in snapshot.order if node in cell_step and node in step]
        self.weights = list(dict.fromkeys(w for node in in_cells for w in node.operands if role[w] == "weight"))
        self.states = dict.fromkeys(o for carried in self.unrolled.carried for o in carried)
        scalar = len(self.unrolled.initial) == 1      # the single products of a vector readout are never shown

        def is_output(node: Value) -> bool:
            named = node.label or (node in snapshot.label and (scalar or node.op != "*"))
            return bool(named) and node in step and node not in cell_step

        self.outputs = [node for node in snapshot.order
                        if is_output(node) or (node is snapshot.loss and node not in self.states)]

    @cached_property
    def into(self) -> dict[Value, tuple]:
        """{node: ((operand, ∂node/∂operand), …)}: the graph folded to states, outputs and named leaves"""
        leaves = [node for node in self.snapshot.order if not node.operands and node.label]
        return self.snapshot.fold([*self.outputs, *self.states, *[leaf for leaf in leaves if leaf not in self.weights]])

    @cached_property
    def skips_a_step(self) -> bool:
        """Whether a state is read by a later step than the next: ∂o_n/∂o_t is then a sum of products, not one"""
        step_of = {o: t for t, carried in enumerate(self.unrolled.carried) for o in carried}
        return any(step_of.get(operand, step.t) < step.t - 1
                   for step in self.unrolled for o in step.carried for operand, _ in self.into.get(o, ()))

    @cached_property
    def every_step_has_an_output(self) -> bool:
        """Whether an output reads a state before the last"""
        before = {o for step in self.unrolled.steps[:-1] for o in step.carried}
        return any(o in before for node in self.outputs for o, _ in self.into[node])

    @cached_property
    def readout_weights(self) -> list[Value]:
        """The weights between the states and the loss"""
        leaves = [leaf for node in self.outputs for leaf, _ in self.into[node] if not leaf.operands]
        return [leaf for leaf in dict.fromkeys(leaves) if self.snapshot.role[leaf] == "weight"]


def folded_name(node: Value, operands: list[Value], loss: Value) -> str:
    """What to call the operations between a box and its operands: their own name if it is one, BCE or MSE if they are
    those of such a loss, "loss" for another loss"""
    box = loss_box(node)
    if box and box.inside.isdisjoint(operands):
        return box.name
    inside = [inner for inner in topological_order(node, operands) if inner.operands and inner not in operands]
    return "loss" if node is loss and len(inside) > 1 else operation(node.op)


def input_parts(step: Step, caption: str = "", one_hot="one-hot ") -> tuple[str | Quantity, ...]:
    """What came in at a step, as parts of a Text: its caption, the number of a word, a number, or a vector"""
    if isinstance(step.x, int):
        return (Word.at(step.t, caption),) if caption else (one_hot, Word.at(step.t, str(step.x)))
    return (caption,) if caption else vector_parts(step.x)


def vector_parts(xs: Sequence) -> tuple[str | Quantity, ...]:
    """A number, or [1 0.5]"""
    numbers = [x if isinstance(x, Value) else Value(x) for x in xs]
    parts = [part for x in numbers for part in (" ", Quantity("data", (x,), x.data))][1:]
    return tuple(parts) if len(parts) == 1 else ("[", *parts, "]")


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
