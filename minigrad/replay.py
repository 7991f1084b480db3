"""The backward pass as a sequence of events, one for each edge, in the order in which backward() visits them:

    from o₂: z₂ gets −0.4953 × 0.6965 = −0.345                 contribution = upstream × partial
"""

from typing import NamedTuple

from minigrad.nn import Unrolled
from minigrad.notation import number
from minigrad.snapshot import Edge, Snapshot
from minigrad.validation import Number, unwrap
from minigrad.value import Value


class Event(NamedTuple):
    """node sends contribution = partial × upstream back to its operand at `position` (−1: by all ways through a
    loss), whose gradient then is `total`; the description says so in a sentence"""

    node: Value
    operand: Value
    position: int
    partial: Number
    upstream: Number
    contribution: Number
    total: Number
    description: str

    def __repr__(self) -> str:
        return f"Event({self.description})"


def replay(loss: Value, unrolled: Unrolled | None = None, fold=True) -> list[Event]:
    """Every event of loss.backward() from zeroed gradients; no .grad is read or written.

    unrolled   for the lecture's names (z₂, s, x₁·w_i) in the descriptions
    fold       a BCE or an MSE that is written out is one operation; False: every edge is an event
    """
    return events(Snapshot(loss, [unrolled] if unrolled else []), fold)


def events(snapshot: Snapshot, fold=True) -> list[Event]:
    """Every edge of the Snapshot, with its sentence"""
    before: dict[Value, Number] = {}
    found = []
    for edge in snapshot.edges_of_boxes if fold else snapshot.edges:
        found.append(Event(*edge, describe(edge, snapshot.name, before.get(edge.operand, 0))))
        before[edge.operand] = edge.total
    return found


def describe(edge: Edge, names: dict[Value, str], before: Number) -> str:
    """from o₂: z₂ gets −0.4953 × 0.6965 = −0.345; with what the operand had before, if that was not 0"""
    product = f"{number(edge.upstream)} × {number(edge.partial)} = {number(edge.contribution)}"
    sentence = f"from {names[edge.user]}: {names[edge.operand]} gets {product}"
    if unwrap(before):
        sentence += f", and with the {number(before)} from before has {number(edge.total)}"
    return sentence


def all_names(loss: Value, unrolled: Unrolled | None = None) -> dict[Value, str]:
    """{Value: a name} for every Value in the graph, as in Snapshot.name"""
    return Snapshot(loss, [unrolled] if unrolled else [], grads=None).name
