"""Backpropagation through time: each shared weight's gradient, itemised by time step.

    ∂L/∂w = Σ_t  Σ over the uses of w at step t of  ∂user/∂w · ∂L/∂user

A use belongs to the step whose cell or readout holds it.  The cell of step t is what o_t was computed from and
neither o_{t−1} nor x_t was; its readout is what was computed from o_t and from no other state, also where it is fed
back as x_{t+1}.  A use elsewhere, in a regulariser or another network, is a term of its own.  (Of an LSTM o_t is the
pair h_t, c_t.)  Everything here is computed from the graph, and right whatever .grad holds.

Where the gradient is truncated, a leaf stands for the state that it was cut from.  What arrives at the leaf is what the
earlier steps would have got: from there the same sums go on, and give the terms that were cut.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

from minigrad.graph import gradients, topological_order
from minigrad.nn import GatedStep, Unrolled
from minigrad.notation import added, name, number
from minigrad.number import Number, innermost, is_finite, refuse_infinite_data, shortened
from minigrad.value import Value


class Ledger(NamedTuple):
    """The contributions to one weight: terms[t−1] is step t's, elsewhere those of no step, total their sum.

    cut[t−1] is what step t would have added but for the cuts of a truncated gradient, cut_elsewhere what no step would;
    full = total + all that was cut: ∂L/∂w without the cuts of this Unrolled.
    """

    weight: Value
    terms: list[Number]
    elsewhere: Number
    total: Number
    cut: list[Number]
    cut_elsewhere: Number
    full: Number

    @property
    def distance(self) -> Number:
        """How far the truncated gradient is from the full one: |full − total|"""
        return abs(self.full - self.total)

    def __repr__(self) -> str:
        terms = f"{added(self.terms[:3])}{' …' if len(self.terms) > 3 else ''}"
        terms += f" {added([self.elsewhere], leading=True)} elsewhere" if innermost(self.elsewhere) else ""
        full = f", in full {number(self.full)}" if innermost(self.full) != innermost(self.total) else ""
        return f"Ledger({shortened(self.weight.label) or 'weight'}: {terms} = {number(self.total)}{full})"


def ledgers(loss: Value, unrolled: Unrolled, weights) -> list[Ledger]:
    """The ledger of each weight, from one walk over the graph, and over what was cut from it.

    Added from t = n down to 1, the order of backward(), the terms of a weight that each step uses once are its .grad to
    the bit, if that was 0 before.  Raises TypeError for what is no list of Values.
    """
    weights = list(weights) if hasattr(weights, "__iter__") else weights
    if not isinstance(weights, list) or not all(isinstance(weight, Value) for weight in weights):
        raise TypeError(f"ledgers: {shortened(repr(weights))} is no list of Values, such as [w] or rnn.parameters()")
    gradient = finite_gradients(loss)
    terms = by_step(gradient, steps_of_uses(loss, unrolled), unrolled, weights)
    cut = {weight: [0] * (len(unrolled) + 1) for weight in terms}
    full = {weight: gradient.get(weight, 0) for weight in terms}
    for missed, step_of in beyond_the_cuts(gradient, unrolled):
        for weight, found in by_step(missed, step_of, unrolled, weights).items():
            cut[weight] = [a + b for a, b in zip(cut[weight], found)]
            full[weight] += missed.get(weight, 0)
    return [Ledger(weight, found[1:], found[0], gradient.get(weight, 0), cut[weight][1:], cut[weight][0], full[weight])
            for weight, found in terms.items()]


def finite_gradients(loss: Value) -> dict[Value, Number]:
    """gradients(loss).  Raises ValueError or OverflowError where backward() would: if a number is not finite."""
    gradient = gradients(loss)
    refuse_infinite_data(gradient, gradient)
    for node, slope in gradient.items():
        if not is_finite(slope):
            what = f"the gradient of {shortened(node.label) or 'a Value'} is not finite"
            raise OverflowError(f"{what}: scale the inputs or the weights down, or take fewer steps")
    return gradient


def by_step(gradient: dict, step_of: dict, unrolled: Unrolled, weights) -> dict[Value, list]:
    """{weight: the contributions of its uses, by time step}; at place 0 those of no step"""
    terms = {weight: [0] * (len(unrolled) + 1) for weight in weights}
    for user in reversed(list(gradient)):
        for operand, partial in zip(user.operands, user.partials):
            if operand in terms:
                terms[operand][step_of.get(user, 0)] += partial * gradient[user]
    return terms


def beyond_the_cuts(gradient: dict, unrolled: Unrolled) -> Iterator[tuple[dict, dict]]:
    """For each cut, the last first: {node: the gradient that it did not get for this cut}, {node: its step}.

    That is the gradient of Σ arrived·state, where arrived is the gradient that ended at the leaf in the state's place.
    """
    arrived = {leaf: gradient.get(leaf, 0) for leaf in unrolled.cuts}
    leaf_of = {state: leaf for leaf, state in unrolled.cuts.items()}
    step_of = steps_of_uses(Value(0, "cut", tuple(leaf_of), (0,) * len(leaf_of)), unrolled) if leaf_of else {}
    for step in reversed(unrolled.steps):
        states = tuple(state for state in step.carried if state in leaf_of)
        if states:
            root = Value(0, "cut", states, tuple(arrived[leaf_of[state]] for state in states))
            missed = gradients(root)
            for leaf in arrived.keys() & missed.keys():                  # an earlier cut gets its share of it
                arrived[leaf] += missed[leaf]
            step_of[root] = step.t + 1
            yield missed, step_of


def contributions(loss: Value, unrolled: Unrolled, w) -> list:
    """The terms of ∂L/∂w by time step, t = 1 … n: n numbers for a Value w; n lists or matrices of numbers for a list or
    a matrix of Values, such as rnn.w_h.  (Where w is used outside the steps too, ledgers() has that term.)"""
    found = ledgers(loss, unrolled, values_in(w))
    if {ledger.weight for ledger in found}.isdisjoint(topological_order(loss)):
        raise ValueError(f"contributions: {shortened(repr(w))} is not in what {loss!r} was computed from")
    if isinstance(w, Value):
        return found[0].terms
    by_weight = {ledger.weight: ledger.terms for ledger in found}
    return [at_step(w, by_weight, t) for t in range(len(unrolled))]


def values_in(w) -> list[Value]:
    """The Values in a Value, a list or a matrix.  Raises TypeError for anything else."""
    if not isinstance(w, (Value, list, tuple)):
        given = f"{shortened(repr(w))} is a {type(w).__name__}"
        raise TypeError(f"contributions: {given}; pass a Value, or a list or matrix of them such as rnn.w_h")
    return [w] if isinstance(w, Value) else [value for item in w for value in values_in(item)]


def at_step(w, by_weight, t):
    """The terms of step t+1, in the shape of w"""
    return by_weight[w][t] if isinstance(w, Value) else [at_step(item, by_weight, t) for item in w]


def steps_of_uses(loss: Value, unrolled: Unrolled) -> dict[Value, int]:
    """{node: t} for every interior node of the cell or of the readout of step t.

    Raises ValueError if the loss was not computed from the unrolled states.
    """
    order = topological_order(loss)
    if set(order).isdisjoint(o for step in unrolled for o in step.carried):
        raise ValueError(f"{loss!r} was not computed from a state of {unrolled!r}: pass the loss that was")
    cell_of = cells(unrolled)
    timed = unrolled.given                            # and what depends on a state or an input, unlike a weight
    read = dict.fromkeys(unrolled.carried[0], 0) | {o: step.t for step in unrolled for o in step.carried}
    step_of: dict[Value, int] = {}
    for node in order:
        if node in cell_of:
            if not timed.isdisjoint(node.operands):
                timed.add(node)
                step_of[node] = read[node] = cell_of[node]
        elif steps := {read[o] for o in node.operands if o in read}:
            step_of[node] = read[node] = steps.pop() if len(steps) == 1 else 0         # 0 where it reads several
    return step_of


def cells(unrolled: Unrolled) -> dict[Value, int]:
    """{node: t}: each node that the states were computed from, at the first step that needs it; what made the initial
    state or an input, such as the layer below, is in no cell"""
    ends = unrolled.given
    cell_of: dict[Value, int] = {}
    for step in unrolled:
        reached = [o for o in step.carried if o not in cell_of and o not in ends]
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
    that have a name x_1·w_i.  Of gated networks the states are h_2, the cells c_2, the gates i_2, f_2, g_2, o_2 or
    r_2, z_2, n_2.  A leaf that was cut from o_2 is cut(o_2).  Anything else without a label has no entry.
    """
    order, cell_of = topological_order(loss), cells(unrolled)
    found = {value: value.label for value in order if value.label}
    found.setdefault(loss, "L")
    for letter, vectors in zip(unrolled.letters, (unrolled.states, unrolled.cells)):
        for t, vector in enumerate(vectors):
            for i, o in enumerate(vector):
                place = f"[{i}]" if len(vector) > 1 else ""
                found.setdefault(o, f"{letter}_{t}{place}")
                if len(o.operands) == 1:
                    found.setdefault(o.operands[0], f"z_{t}{place}")
    for step in unrolled:
        for letter, gate in step.gates.items() if isinstance(step, GatedStep) else ():
            for i, value in enumerate(gate):
                found.setdefault(value, f"{letter}_{step.t}" + (f"[{i}]" if len(gate) > 1 else ""))
    found |= {leaf: f"cut({found.get(state, 'state')})" for leaf, state in unrolled.cuts.items()}
    after = {o for step in unrolled for o in step.carried}
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
    """n matrices of numbers: [t−1][r][c] = ∂o_t[r]/∂o_{t−1}[c], t = 1 … n.

    Of an LSTM ∂(h_t, c_t)/∂(h_{t−1}, c_{t−1}), with 2·hidden_size rows and columns, those of h first: h_t alone is not
    all that step t hands on.  The product from n down to 1 is ∂o_n/∂o_0.  Across a cut they are 0.
    """
    earlier: set[Value] = set()
    jacobians, before = [], unrolled.carried[0]
    for step in unrolled:
        earlier.update(before)                        # the walk back ends at the states before
        rows = [gradients(o, earlier) for o in step.carried]
        jacobians.append([[row.get(o, 0) for o in before] for row in rows])
        before = step.carried
    return jacobians


def gradient_flow(loss: Value, unrolled: Unrolled, of="state") -> list[float]:
    """‖∂L/∂o_t‖, the root of the sum of squares, for t = 0 … n; of="cell": ‖∂L/∂c_t‖ of an LSTM"""
    if of not in ("state", "cell") or (of == "cell" and not unrolled.initial_cell):
        needed = '"state"' + (', or "cell"' if unrolled.initial_cell else "; only an LSTM has a cell")
        raise ValueError(f"gradient_flow: of is {of!r}; it must be {needed}")
    gradient, vectors = finite_gradients(loss), unrolled.states if of == "state" else unrolled.cells
    if gradient.keys().isdisjoint(v for vector in unrolled.carried for v in vector):
        raise ValueError(f"gradient_flow: {loss!r} was not computed from a state of {unrolled!r}")
    return [math.hypot(*[float(innermost(gradient.get(v, 0))) for v in vector]) for vector in vectors]
