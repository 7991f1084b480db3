"""The ledger of a weight: its gradient by time step, and what truncation removes from it."""

from collections.abc import Mapping
from typing import NamedTuple

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
