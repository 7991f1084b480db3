"""The backward pass as a sequence of events, one for each edge, in the order in which backward() visits them:

    from o₂: z₂ gets −0.4953 × 0.6965 = −0.345                 contribution = upstream × partial
"""

from typing import NamedTuple

from minigrad.bptt import names as names_of_unrolled
from minigrad.graph import gradients
from minigrad.nn import Unrolled
from minigrad.notation import derived_names, number
from minigrad.number import Number
from minigrad.value import Value


class Event(NamedTuple):
    """node sends contribution = partial × upstream back to its operand at `position`, whose gradient then is `total`"""

    node: Value
    operand: Value
    position: int
    partial: Number
    upstream: Number
    contribution: Number
    total: Number
    account: str

    def __repr__(self) -> str:
        return f"Event({self.account})"


def replay(loss: Value, unrolled: Unrolled | None = None) -> list[Event]:
    """Every event of loss.backward() from zeroed gradients; no .grad is read or written.

    unrolled   for the lecture's names (z₂, s, x₁·w_i) in the accounts
    """
    names = all_names(loss, unrolled)
    gradient = gradients(loss)
    total: dict[Value, Number] = dict.fromkeys(gradient, 0)
    events = []
    for node in reversed(list(gradient)):
        for position, (operand, partial) in enumerate(zip(node.operands, node.partials)):
            before, upstream = total[operand], gradient[node]
            total[operand] += partial * upstream
            account = f"from {names[node]}: {names[operand]} gets {number(upstream)} × {number(partial)}"
            account += f" = {number(partial * upstream)}"
            if total[operand] is not before and before != 0:
                account += f", and with the {number(before)} from before has {number(total[operand])}"
            events.append(
                Event(node, operand, position, partial, upstream, partial * upstream, total[operand], account)
            )
    return events


def all_names(loss: Value, unrolled: Unrolled | None = None) -> dict[Value, str]:
    """{Value: a name} for every Value in the graph: its label, a short formula, or v₇ by its place in the order"""
    order = list(gradients(loss))
    known = names_of_unrolled(loss, unrolled) if unrolled else {}
    return derived_names(order, known)
