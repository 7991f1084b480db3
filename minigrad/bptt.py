"""Backpropagation through time: each shared weight's gradient, itemised by time step.

    ∂L/∂w = Σ_t  Σ over the uses of w at step t of  ∂user/∂w · ∂L/∂user

A use belongs to the step whose cell or readout holds it.  The cell of step t is what o_t was computed from, and neither
the states before nor x_1 … x_t were; its readout is what was computed from o_t and from no state of another step, also
where it is fed back as x_{t+1}.  A use elsewhere, in a regulariser or another network, is a term of its own.  (Of an
LSTM o_t is the pair h_t, c_t.)  Everything here is computed from the graph, and right whatever .grad holds.
"""

import math
from collections.abc import Iterable
from typing import Any

from minigrad.nn import Unrolled
from minigrad.snapshot import Ledger, Snapshot
from minigrad.validation import Number, truncate, unwrap
from minigrad.value import Value

__all__ = ["Ledger", "contributions", "gradient_flow", "ledgers", "state_jacobians"]


def ledgers(loss: Value, unrolled: Unrolled, weights: Iterable[Value]) -> list[Ledger]:
    """The ledger of each weight, from one reading of the graph, and of what was cut from it.

    Added from t = n down to 1, the order of backward(), the terms of a weight are its .grad to the bit, if that was 0
    before, each step uses the weight at most once and nothing else does, and the steps and their readouts were computed
    in order; else to 1e−15 of the sum of the sizes of the contributions.  In Fractions always.
    Raises TypeError for what is not a list of Values, ValueError for a loss that was not computed from the states.
    """
    weights = list(weights) if hasattr(weights, "__iter__") else weights
    if not isinstance(weights, list) or not all(isinstance(weight, Value) for weight in weights):
        given = truncate(repr(weights))
        raise TypeError(f"ledgers: {given} is not a list of Values, such as [w] or rnn.parameters()")
    snapshot = reading(loss, unrolled)
    return [snapshot.ledger(weight) for weight in dict.fromkeys(weights)]


def reading(loss: Value, unrolled: Unrolled) -> Snapshot:
    """The Snapshot.  Raises ValueError if the loss was not computed from a state of a step."""
    snapshot = Snapshot(loss, [unrolled])
    if not snapshot.reads(unrolled):
        raise ValueError(f"{loss!r} was not computed from a state of {unrolled!r}: pass the loss that was")
    return snapshot


def contributions(loss: Value, unrolled: Unrolled, w: Any) -> list[Any]:
    """The terms of ∂L/∂w by time step, t = 1 … n: n numbers for a Value w; n lists or matrices of numbers for a list or
    a matrix of Values, such as rnn.w_h.  (Where w is used outside the steps too, ledgers() has that term.)"""
    weights = flatten(w)
    snapshot = reading(loss, unrolled)
    if snapshot.gradient.keys().isdisjoint(weights):
        raise ValueError(f"contributions: {truncate(repr(w))} is not in what {loss!r} was computed from")
    terms = {weight: snapshot.ledger(weight).terms for weight in weights}
    return terms[w] if isinstance(w, Value) else [at_step(w, terms, t) for t in range(len(unrolled))]


def flatten(w: Any) -> list[Value]:
    """The Values in a Value, a list or a matrix.  Raises TypeError for anything else."""
    if not isinstance(w, (Value, list, tuple)):
        given = f"{truncate(repr(w))} is of type {type(w).__name__}"
        raise TypeError(f"contributions: {given}; pass a Value, or a list or matrix of them such as rnn.w_h")
    return [w] if isinstance(w, Value) else [value for item in w for value in flatten(item)]


def at_step(w: Any, terms: dict[Value, list[Number]], t: int) -> Any:
    """The terms of step t+1, in the shape of w"""
    return terms[w][t] if isinstance(w, Value) else [at_step(item, terms, t) for item in w]


def state_jacobians(unrolled: Unrolled) -> list[list[list[Number]]]:
    """n matrices of numbers: [t−1][r][c] = ∂o_t[r]/∂o_{t−1}[c], t = 1 … n.

    Of an LSTM ∂(h_t, c_t)/∂(h_{t−1}, c_{t−1}), with 2·hidden_size rows and columns, those of h first: h_t alone is not
    all that step t hands on.  It is taken along all ways that pass no other earlier state, also through an input that
    was computed from o_{t−1}.  The row of a state that is handed on unchanged is 1 at its place before, 0 elsewhere.
    Where each state is all that later steps read, the product from n down to 1 is ∂o_n/∂o_0.  Across a cut they are 0.
    A Value that stands at two places of o_{t−1} has its derivative at the first.
    """
    return Snapshot(unrolled.carried[-1][0], [unrolled], grads=None).jacobians


def gradient_flow(loss: Value, unrolled: Unrolled, of: str = "state") -> list[float]:
    """‖∂L/∂o_t‖, the root of the sum of squares, for t = 0 … n; of="cell": ‖∂L/∂c_t‖ of an LSTM"""
    if of not in ("state", "cell") or (of == "cell" and not unrolled.initial_cell):
        needed = '"state"' + (', or "cell"' if unrolled.initial_cell else "; only an LSTM has a cell")
        raise ValueError(f"gradient_flow: of is {of!r}; it must be {needed}")
    gradient, vectors = Snapshot(loss, [unrolled]).gradient, unrolled.states if of == "state" else unrolled.cells
    if gradient.keys().isdisjoint(v for vector in unrolled.carried for v in vector):
        raise ValueError(f"gradient_flow: {loss!r} was not computed from a state of {unrolled!r}")
    return [math.hypot(*[float(unwrap(gradient.get(v, 0))) for v in dict.fromkeys(vector)]) for vector in vectors]
