"""Backpropagation through time: each shared weight's gradient, itemised by time step.

    ∂L/∂w = Σ_t  Σ over the uses of w at step t of  ∂user/∂w · ∂L/∂user

A use belongs to the step whose cell or readout holds it.  The cell of step t holds the nodes that o_t was computed
from, and the states before and x_1 … x_t were not.  Its readout holds the nodes that were computed from o_t and from no
state of another step, also if they are fed back as x_{t+1}.  The uses elsewhere, in a regulariser or another network,
are one more term.  (For an LSTM, o_t is the pair h_t, c_t.)  Everything is computed from the graph; .grad is not read.
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
    """The ledger of each weight.

    The terms, added from t = n down to 1, the order of backward(), equal .grad to the bit if that was 0 before, each
    step uses the weight at most once and nothing else does, and the steps and their readouts were computed in order;
    in Fractions always; else to 1e−15 · Σ |contribution|.
    Raises TypeError if weights is not a list of Values, ValueError for a loss that was not computed from the states.
    """
    weights = list(weights) if hasattr(weights, "__iter__") else weights
    if not isinstance(weights, list) or not all(isinstance(weight, Value) for weight in weights):
        raise TypeError(f"ledgers: {truncate(repr(weights))} is not a list of Values, such as [w] or rnn.parameters()")
    snapshot = reading(loss, unrolled)
    return [snapshot.ledger(weight) for weight in dict.fromkeys(weights)]


def reading(loss: Value, unrolled: Unrolled) -> Snapshot:
    """A Snapshot.  Raises ValueError if the loss was not computed from a state of a step."""
    snapshot = Snapshot(loss, [unrolled])
    if not snapshot.reads(unrolled):
        raise ValueError(f"{loss!r} was not computed from a state of {unrolled!r}: pass the loss that was")
    return snapshot


def contributions(loss: Value, unrolled: Unrolled, w: Any) -> list[Any]:
    """The terms of ∂L/∂w, t = 1 … n: n numbers for a Value w; n lists or matrices of numbers for a list or a matrix of
    Values, such as rnn.w_h.  (The term of uses outside the steps is in ledgers().)"""
    weights, snapshot = flatten(w), reading(loss, unrolled)
    if snapshot.gradient.keys().isdisjoint(weights):
        raise ValueError(f"contributions: {truncate(repr(w))} is not in the graph of {loss!r}")
    return terms_of(w, snapshot)


def flatten(w: Any) -> list[Value]:
    """The Values in a Value, a list or a matrix.  Raises TypeError for anything else."""
    if not isinstance(w, Value) and not (isinstance(w, (list, tuple)) and w):
        problem = f"{truncate(repr(w))} is of type {type(w).__name__}"
        raise TypeError(f"contributions: {problem}; pass a Value, or a list or matrix of them such as rnn.w_h")
    return [w] if isinstance(w, Value) else [value for item in w for value in flatten(item)]


def terms_of(w: Any, snapshot: Snapshot) -> list[Any]:
    """The terms of steps 1 … n, each in the shape of w"""
    if isinstance(w, Value):
        return snapshot.ledger(w).terms
    return [list(term) for term in zip(*[terms_of(item, snapshot) for item in w])]


def state_jacobians(unrolled: Unrolled) -> list[list[list[Number]]]:
    """n matrices of numbers: [t−1][r][c] = ∂o_t[r]/∂o_{t−1}[c], t = 1 … n.

    For an LSTM ∂(h_t, c_t)/∂(h_{t−1}, c_{t−1}), with 2·hidden_size rows and columns, those of h first.  The sum over
    all routes that pass through no other earlier state, including those through an input computed from o_{t−1}.  A
    state passed on unchanged has the row 1 at its place before, 0 elsewhere.  If later steps read nothing but the
    states, the product from n down to 1 is ∂o_n/∂o_0.  Across a cut they are 0.  A Value at two places of o_{t−1} has
    its derivative at the first.
    """
    return Snapshot(unrolled.carried[-1][0], [unrolled], grads=None).jacobians


def gradient_flow(loss: Value, unrolled: Unrolled, of: str = "state") -> list[float]:
    """‖∂L/∂o_t‖, the Euclidean norm, for t = 0 … n; with of="cell" ‖∂L/∂c_t‖ of an LSTM"""
    if of not in ("state", "cell") or (of == "cell" and not unrolled.initial_cell):
        needed = '"state"' + (', or "cell"' if unrolled.initial_cell else "; only an LSTM has a cell")
        raise ValueError(f"gradient_flow: of is {of!r}; it must be {needed}")
    gradient, vectors = Snapshot(loss, [unrolled]).gradient, unrolled.states if of == "state" else unrolled.cells
    if gradient.keys().isdisjoint(v for vector in unrolled.carried for v in vector):
        raise ValueError(f"gradient_flow: {loss!r} was not computed from a state of {unrolled!r}")
    return [math.hypot(*[float(unwrap(gradient.get(v, 0))) for v in dict.fromkeys(vector)]) for vector in vectors]
