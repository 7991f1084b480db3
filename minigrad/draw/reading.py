"""What a picture reads of a graph, made once: until minigrad.snapshot is there."""

from functools import cached_property
from typing import NamedTuple

from minigrad.bptt import cells, finite_gradients, labels, ledgers, names, state_jacobians, steps_of_uses
from minigrad.graph import fold
from minigrad.nn import GatedStep
from minigrad.notation import derived_names
from minigrad.number import Number, innermost
from minigrad.value import Value


class Edge(NamedTuple):
    """What user sends back to its operand at a position"""

    user: Value
    operand: Value
    position: int | None
    partial: Number
    upstream: Number
    contribution: Number
    total: Number


class Snapshot:
    """A loss and its Unrolleds, read once"""

    def __init__(self, loss, unrolleds=()):
        self.loss, self.unrolleds = loss, tuple(unrolleds)
        self.gradient = finite_gradients(loss) if self.unrolleds else __import__("minigrad.graph").graph.gradients(loss)
        self.order = list(self.gradient)
        self.backward_ran = bool(innermost(loss.grad))
        self.edges, total = [], dict.fromkeys(self.order, 0)
        self.uses = {node: [] for node in self.order}
        for node in reversed(self.order):
            for k, (operand, partial) in enumerate(zip(node.operands, node.partials)):
                up = self.gradient[node]
                total[operand] += partial * up
                self.edges.append(Edge(node, operand, k, partial, up, partial * up, total[operand]))
                self.uses[operand].append(self.edges[-1])
        one = self.unrolleds[0] if len(self.unrolleds) == 1 else None
        self.cell_step = {node: t for u in self.unrolleds for node, t in cells(u).items()}
        self.step = steps_of_uses(loss, one) if one else {}
        known = names(loss, one) if one else {}
        self.name = derived_names(self.order, known)
        named = self.label = labels(loss, one) if one else {}
        given = set().union(*[u.given for u in self.unrolleds]) if self.unrolleds else set()
        states = {o for u in self.unrolleds for s in u for o in s.state} | {o for u in self.unrolleds for o in u.initial}
        cell = {o for u in self.unrolleds for s in u for o in getattr(s, "cell", ())} | {o for u in self.unrolleds for o in u.initial_cell}
        gates = {v for u in self.unrolleds for s in u if isinstance(s, GatedStep) for gate in s.gates.values() for v in gate}
        inputs = {x for u in self.unrolleds for s in u if not isinstance(s.x, int) for x in s.x}
        self.role = {}
        for node in self.order:
            label = node.label[:1]
            if node is loss: role = "loss"
            elif node in states: role = "state"
            elif node in cell: role = "cell"
            elif node in gates: role = "gate"
            elif node in inputs or (one and node in one.cuts): role = "input"
            elif not node.operands:
                steps = {self.step.get(e.user) for e in self.uses[node] if e.user in self.cell_step}
                if one and len(steps) > 1 or label not in ("", "x", "y") or len(self.uses[node]) > 3: role = "weight"
                else: role = {"x": "input", "y": "target"}.get(label, "constant")
            elif one and node in self.step and node not in self.cell_step and (node.label or node in named): role = "output"
            else: role = "interior"
            self.role[node] = role

    @cached_property
    def ledgers(self):
        return {l.weight: l for l in ledgers(self.loss, self.unrolleds[0], [v for v in self.order if not v.operands])}

    @cached_property
    def jacobians(self):
        return state_jacobians(self.unrolleds[0])

    def fold(self, keep):
        return fold(self.loss, keep)
