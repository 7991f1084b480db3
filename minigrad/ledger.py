"""The ledger of a weight: its gradient by time step, and what truncation removes from it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from minigrad.edges import Edge, edges_of
from minigrad.graph import topological_order
from minigrad.notation import added, number
from minigrad.validation import Number, truncate, unwrap
from minigrad.value import Value


class Ledger(NamedTuple):
    """∂L/∂weight by time step: total = Σ terms + elsewhere.

    terms            terms[t−1] is the sum of the contributions at step t
    elsewhere        the sum of the contributions outside the steps
    cut, cut_elsewhere   what a truncated gradient leaves out, in the same way
    full             total + everything cut: ∂L/∂weight without the cuts of this Unrolled
    """

    weight: Value
    terms: list[Number]
    elsewhere: Number
    total: Number
    cut: list[Number]
    cut_elsewhere: Number
    full: Number

    @property
    def truncation_error(self) -> Number:
        """|full − total|"""
        return abs(self.full - self.total)

    def __repr__(self) -> str:
        terms = f"{added(self.terms[:3])}{' …' if len(self.terms) > 3 else ''}"
        terms += f" {added([self.elsewhere], leading=True)} elsewhere" if unwrap(self.elsewhere) else ""
        full = f", in full {number(self.full)}" if unwrap(self.full) != unwrap(self.total) else ""
        return f"Ledger({truncate(self.weight.label) or 'weight'}: {terms} = {number(self.total)}{full})"


class Ledgers:
    """Adds up the edges of one loss by the time step of their users.

    uses      {Value: the edges to it}, in the order of backward()
    gradient  {Value: ∂L/∂Value}
    step      {node: t} in the cells and readouts of steps 1 … n
    cuts      {leaf: the state that it stands in for}
    """

    def __init__(self, uses: Mapping[Value, Sequence[Edge]], gradient: Mapping[Value, Number],
                 step: Mapping[Value, int], n: int, cuts: Mapping[Value, Value]):
        self.uses, self.gradient, self.step, self.n, self.cuts = uses, gradient, step, n, cuts
        self.cut_gradient = cut_gradients(gradient, cuts)
        self.cut_edges: dict[Value, list[Edge]] = {}          # those that would have carried it
        for edge in edges_of(list(self.cut_gradient), self.cut_gradient):
            self.cut_edges.setdefault(edge.operand, []).append(edge)

    def of(self, weight: Value) -> Ledger:
        """The ledger of any Value"""
        terms, cut = self.by_step(self.uses.get(weight, ())), self.by_step(self.missing(weight))
        total = self.gradient.get(weight, 0)
        return Ledger(weight, terms[1:], terms[0], total, cut[1:], cut[0], total + self.cut_gradient.get(weight, 0))

    def by_step(self, edges: Iterable[Edge]) -> list[Number]:
        """The sums of the contributions at steps 1 … n; at index 0 those outside the steps"""
        terms: list[Number] = [0] * (self.n + 1)
        for edge in edges:
            terms[self.step.get(edge.user, 0)] += edge.contribution
        return terms

    def missing(self, weight: Value) -> list[Edge]:
        """The edges whose contributions the cuts keep from a Value, for a state also by a leaf in its place"""
        missing = list(self.cut_edges.get(weight, ()))
        stand_ins = [leaf for leaf, state in self.cuts.items() if state is weight]
        for leaf in stand_ins:                                # the list grows while it is read: a leaf can be cut again
            missing += [*self.uses.get(leaf, ()), *self.cut_edges.get(leaf, ())]
            stand_ins += [later for later, state in self.cuts.items() if state is leaf]
        return missing


def cut_gradients(gradient: Mapping[Value, Number], cuts: Mapping[Value, Value]) -> dict[Value, Number]:
    """{node: the gradient removed by the cuts}: the gradient of the leaf of each cut goes on to the state it replaces.

    A leaf is made after its state, so its gradient is complete when the state's turn comes.
    """
    order = topological_order(Value(0, "cut", tuple(cuts.values()), (0,) * len(cuts))) if cuts else []
    removed: dict[Value, Number] = dict.fromkeys(order, 0)
    for leaf, state in cuts.items():
        if leaf not in removed:
            removed[state] += gradient.get(leaf, 0)
    for node in reversed(order):
        if node in cuts:
            removed[cuts[node]] += gradient.get(node, 0) + removed[node]
        for operand, partial in zip(node.operands, node.partials):
            removed[operand] += partial * removed[node]
    return removed
