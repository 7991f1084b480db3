"""The backward pass as a list of events, one for each edge, in the order of backward():

    from o₂: z₂ gets −0.4953 × 0.6965 = −0.345                 contribution = upstream × partial
"""

from typing import NamedTuple

from minigrad.nn import Unrolled
from minigrad.notation import number
from minigrad.snapshot import Snapshot
from minigrad.validation import Number, unwrap
from minigrad.value import Value


class Event(NamedTuple):
    """node sends contribution = partial × upstream back to its operand at `position` (−1: along all routes
    through a loss), whose gradient is then `total`.

    description   the same as a sentence
    """

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


def replay(loss: Value, unrolled: Unrolled | None = None, fold: bool = True) -> list[Event]:
    """Every event of loss.backward() from zeroed gradients; no .grad is read or written.

    unrolled   gives the descriptions the lecture's names (z₂, s, x₁·w_i)
    fold       a BCE or an MSE that is written out is one operation; False: every edge is an event
    """
    return events(Snapshot(loss, [unrolled] if unrolled else []), fold)


def events(snapshot: Snapshot, fold: bool = True) -> list[Event]:
    """Every edge of the Snapshot as an event"""
    listed, names, before = [], snapshot.name, dict[Value, Number]()
    for edge in snapshot.edges_of_boxes if fold else snapshot.edges:
        product = f"{number(edge.upstream)} × {number(edge.partial)} = {number(edge.contribution)}"
        sentence = f"from {names[edge.user]}: {names[edge.operand]} gets {product}"
        if unwrap(before.get(edge.operand, 0)):
            sentence += f", and with the {number(before[edge.operand])} from before has {number(edge.total)}"
        before[edge.operand] = edge.total
        listed.append(Event(*edge, sentence))
    return listed
