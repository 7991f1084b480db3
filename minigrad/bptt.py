"""Backpropagation through time: each shared weight's gradient, itemised by time step.

    ∂L/∂w = Σ_t  Σ over the uses of w at step t of  ∂user/∂w · ∂L/∂user

A use belongs to the step whose cell or readout holds it.  The cell of step t is what o_t was computed from and
neither o_{t−1} nor x_t was; its readout is what was computed from o_t and from no other state, also where it is fed
back as x_{t+1}.  A use elsewhere, in a regulariser or another network, is a term of its own.  Everything here is
computed from the graph, and right whatever .grad holds.
"""

import math
from typing import NamedTuple

from minigrad.graph import gradients, topological_order
from minigrad.nn import Unrolled
from minigrad.notation import added, name, number
from minigrad.number import Number, innermost, shortened
from minigrad.value import Value


class Ledger(NamedTuple):
    """The contributions to one weight: terms[t−1] is step t's, elsewhere those of no step, total their sum."""

    weight: Value
    terms: list[Number]
    elsewhere: Number
    total: Number

    def __repr__(self) -> str:
        terms = f"{added(self.terms[:3])}{' …' if len(self.terms) > 3 else ''}"
        terms += f" {added([self.elsewhere], leading=True)} elsewhere" if self.elsewhere else ""
        return f"Ledger({shortened(self.weight.label) or 'weight'}: {terms} = {number(self.total)})"


def ledgers(loss: Value, unrolled: Unrolled, weights) -> list[Ledger]:
    """The ledger of each weight, from one walk over the graph.

    Added from t = n down to 1, the order of backward(), the terms of a weight that each step uses once are its .grad to
    the bit, if that was 0 before.
    """
    gradient = gradients(loss)
    step_of = steps_of_uses(loss, unrolled)
    terms = {weight: [0] * (len(unrolled) + 1) for weight in weights}    # at place 0: elsewhere
    for user in reversed(list(gradient)):
        for operand, partial in zip(user.operands, user.partials):
            if operand in terms:
                terms[operand][step_of.get(user, 0)] += partial * gradient[user]
    return [Ledger(weight, found[1:], found[0], gradient.get(weight, 0)) for weight, found in terms.items()]


def contributions(loss: Value, unrolled: Unrolled, w) -> list:
    """The terms of ∂L/∂w by time step, t = 1 … n: n numbers for a Value w; n lists or matrices of numbers for a list or
    a matrix of Values, such as rnn.w_h.  (Where w is used outside the steps too, ledgers() has that term.)"""
    found = ledgers(loss, unrolled, values_in(w))
    if not any(ledger.weight in gradients(loss) for ledger in found):
        raise ValueError(f"contributions: {shortened(repr(w))} is not in what {loss!r} was computed from")
    if isinstance(w, Value):
        return found[0].terms
    by_weight = {ledger.weight: ledger.terms for ledger in found}
    return [at_step(w, by_weight, t) for t in range(len(unrolled))]


def values_in(w) -> list[Value]:
    if not isinstance(w, (Value, list, tuple)):
        given = f"{shortened(repr(w))} is a {type(w).__name__}"
        raise TypeError(f"contributions: {given}; pass a Value, or a list or matrix of them such as rnn.w_h")
    return [w] if isinstance(w, Value) else [value for item in w for value in values_in(item)]


def at_step(w, by_weight, t):
    return by_weight[w][t] if isinstance(w, Value) else [at_step(item, by_weight, t) for item in w]


def steps_of_uses(loss: Value, unrolled: Unrolled) -> dict[Value, int]:
    """{node: t} for every interior node of the cell or of the readout of step t.

    Raises ValueError if the loss was not computed from the unrolled states.
    """
    order = topological_order(loss)
    if set(order).isdisjoint(o for step in unrolled for o in step.state):
        raise ValueError(f"{loss!r} was not computed from a state of {unrolled!r}: pass the loss that was")
    cell_of = cells(unrolled)
    timed = {*unrolled.initial, *inputs(unrolled)}    # what depends on a state or an input, unlike a weight
    read = dict.fromkeys(unrolled.initial, 0) | {o: step.t for step in unrolled for o in step.state}
    step_of: dict[Value, int] = {}
    for node in order:
        if node in cell_of:
            if not timed.isdisjoint(node.operands):
                timed.add(node)
                step_of[node] = read[node] = cell_of[node]
        elif steps := {read[o] for o in node.operands if o in read}:
            step_of[node] = read[node] = steps.pop() if len(steps) == 1 else 0         # 0 where it reads several
    return step_of


def inputs(unrolled: Unrolled) -> list[Value]:
    """Every Value in x_1 … x_n"""
    return [x for step in unrolled if not isinstance(step.x, int) for x in step.x]


def cells(unrolled: Unrolled) -> dict[Value, int]:
    """{node: t}: each node that the states were computed from, at the first step that needs it; what made the initial
    state or an input, such as the layer below, is in no cell"""
    ends = {*unrolled.initial, *inputs(unrolled)}
    cell_of: dict[Value, int] = {}
    for step in unrolled:
        reached = [o for o in step.state if o not in cell_of and o not in ends]
        cell_of.update(dict.fromkeys(reached, step.t))
        for node in reached:                          # the list grows while it is read
            for operand in node.operands:
                if operand not in cell_of and operand not in ends:
                    cell_of[operand] = step.t
                    reached.append(operand)
    return cell_of


def names(loss: Value, unrolled: Unrolled) -> dict[Value, str]:
    """{Value: how a reader names it}: labels() as on paper"""
    return {value: name(label) for value, label in labels(loss, unrolled).items()}


def labels(loss: Value, unrolled: Unrolled) -> dict[Value, str]:
    """{Value: its label, or the one it would have in the lecture}, without writing to a Value.

    The states are o_2, the sum in a cell z_2, the output σ is y_hat and its argument s, a product of two Values
    that have a name x_1·w_i.  Anything else without a label has no entry.
    """
    order, cell_of = topological_order(loss), cells(unrolled)
    found = {value: value.label for value in order if value.label}
    found.setdefault(loss, "L")
    for t, state in enumerate(unrolled.states):
        for i, o in enumerate(state):
            place = f"[{i}]" if len(state) > 1 else ""
            found.setdefault(o, f"o_{t}{place}")
            if len(o.operands) == 1:
                found.setdefault(o.operands[0], f"z_{t}{place}")
    after = {o for step in unrolled for o in step.state}
    for node in order:
        if not after.isdisjoint(node.operands):
            after.add(node)
    made = [node for node in order if node in after and node not in cell_of]
    outputs = [node for node in made if node.op in ("sigmoid", "bce_with_logits")]
    for t, node in enumerate(outputs, start=1):
        index = f"_{t}" if len(outputs) > 1 else ""
        found.setdefault(node.operands[0], f"s{index}")
        if node.op == "sigmoid":
            found.setdefault(node, f"y_hat{index}")
    for node in order:
        if node.op == "*" and node not in found and all(factor in found for factor in node.operands):
            found[node] = "·".join(found[factor] for factor in node.operands)
    return found


def state_jacobians(unrolled: Unrolled) -> list[list[list[Number]]]:
    """n matrices of numbers: [t−1][r][c] = ∂o_t[r]/∂o_{t−1}[c], t = 1 … n"""
    earlier: set[Value] = set()
    jacobians, before = [], unrolled.initial
    for step in unrolled:
        earlier.update(before)                        # the walk back ends at the states before
        rows = [gradients(o, earlier) for o in step.state]
        jacobians.append([[row.get(o, 0) for o in before] for row in rows])
        before = step.state
    return jacobians


def gradient_flow(loss: Value, unrolled: Unrolled) -> list[float]:
    """‖∂L/∂o_t‖, the root of the sum of squares, for t = 0 … n"""
    gradient = gradients(loss)
    if gradient.keys().isdisjoint(o for state in unrolled.states for o in state):
        raise ValueError(f"gradient_flow: {loss!r} was not computed from a state of {unrolled!r}")
    return [math.hypot(*[float(innermost(gradient.get(o, 0))) for o in state]) for state in unrolled.states]
