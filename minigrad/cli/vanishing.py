"""How the gradient vanishes, holds or explodes on its way back, and what gates do about it: numbers, and lines of text.

    ∂L/∂o_t = Π_{k=t+1..n} ∂o_k/∂o_{k−1}          of a scalar RNN with w_i = 1, L = o_n
    ‖∂L/∂h_t‖, and ‖∂L/∂c_t‖ of an LSTM           of networks of the same size, inputs and seed
"""

import math
import random
from collections.abc import Iterator
from typing import NamedTuple

from minigrad.bptt import gradient_flow, state_jacobians
from minigrad.elementary import sigmoid
from minigrad.nn import GRU, LSTM, RNN
from minigrad.nn.weights import vector
from minigrad.notation import number

SHOWN = 12                                            # time steps that a table shows
UNITS = 8                                             # of the networks that are compared
OPEN_GATE_BIAS = 4.0
CELLS, NORMS = f"RNN, GRU, LSTM: {UNITS} units, same inputs and seed", "‖∂L/∂h_t‖, ‖∂L/∂c_t‖"


class Flow(NamedTuple):
    """How ∂L/∂o_t shrinks or grows on its way back: factors[t−1] = ∂o_t/∂o_{t−1}, gradient_norms[t] = |∂L/∂o_t|"""

    w_h: float
    factors: list[float]
    gradient_norms: list[float]


def flow(w_h: float, inputs: list[float], activation: str) -> Flow:
    """Of the scalar RNN with w_i = 1 and L = o_n, so that ∂L/∂o_t = Π_{k=t+1..n} ∂o_k/∂o_{k−1}"""
    rnn = RNN.from_weights([[1.0]], [[w_h]], [[1.0]], activation=activation)
    unrolled = rnn.unroll([[x] for x in inputs])
    factors = [float(jacobian[0][0]) for jacobian in state_jacobians(unrolled)]
    try:
        return Flow(w_h, factors, gradient_flow(unrolled.state[0], unrolled))
    except (ValueError, OverflowError):
        why = f"with w_h = {number(w_h)}, {len(inputs)} steps overflow a float; use fewer steps"
        raise OverflowError(why) from None


def random_inputs(steps: int, seed: int = 0) -> list[float]:
    """Inputs in (−1, 1), the same for the same seed"""
    source = random.Random(seed)
    return [source.uniform(-1, 1) for _ in range(steps)]


def flow_lines(found: Flow, lowest: float, highest: float) -> Iterator[str]:
    """A table of at most twelve of the steps, the last first; bars on a logarithmic scale from lowest to highest"""
    n = len(found.factors)
    yield f"w_h = {number(found.w_h)}: {verdict(found.gradient_norms)}"
    yield f"  {'t':>5}  {'∂o_t/∂o_{t−1}':>14}  {'∂L/∂o_t = Π':>12}  (bars: log scale)"
    span = math.log(highest) - math.log(lowest) or 1
    for t in shown_steps(n):
        norm = found.gradient_norms[t]
        bar = "█" * round(1 + 38 * (math.log(norm) - math.log(lowest)) / span) if norm else "0"
        factor = number(found.factors[t - 1]) if t else ""
        yield f"  {t:>5}  {factor:>14}  {number(norm):>12}  {bar}"


def shown_steps(n: int) -> list[int]:
    """At most twelve of the steps from n to 0"""
    every = -(-n // (SHOWN - 1))
    return sorted({*range(n, 0, -every), 0}, reverse=True)


def verdict(gradient_norms: list[float]) -> str:
    """What becomes of the gradient on its way back to t = 0"""
    first, last = gradient_norms[0], gradient_norms[-1]
    if first == 0:
        return "the gradient is 0 at the first step: nothing comes through"
    rate = math.exp((math.log(first) - math.log(last)) / (len(gradient_norms) - 1))      # the mean factor of a step
    if 0.99 < rate < 1.01:
        return f"the gradient holds: {number(first)} of it reaches the first step"
    how = "vanishes" if rate < 1 else "explodes"
    return f"the gradient {how}: {number(first)} at the first step, on average × {number(rate, 3)} a step"


def reason(activation: str) -> str:
    """Why the second panel differs from the first"""
    if activation == "sigmoid":
        return "Each factor is f′(z_t)·w_h, and σ′ is at most 1/4: below |w_h| = 4 the gradient always vanishes."
    if activation == "tanh":
        return (
            "Each factor is f′(z_t)·w_h.  Inputs drive the state towards the ends of f, where f′ is almost 0:\n"
            "the larger w_h, the sooner, so that a large w_h can vanish fastest of all."
        )
    if activation == "relu":
        return "Each factor is w_h where z_t > 0 and 0 elsewhere: one step with z_t ≤ 0 and nothing comes through."
    return "Each factor is w_h itself, whatever the inputs: nothing saturates."


# ---------------------------------------------------------------------- what gates do about it


def compare_cells(inputs: list[float], activation: str, seed: int = 0) -> dict[str, list[float]]:
    """{name: the norm of ∂L/∂h_t, or of ∂L/∂c_t, for t = 0 … n} of an RNN, a GRU and an LSTM as they start, and of the
    LSTM with an open forget gate.  L = Σ h_n[j] / √UNITS, so that ‖∂L/∂h_n‖ = 1."""
    rnn = RNN(1, UNITS, activation=activation, bias=True, fused=True, seed=seed)
    gru, lstm = GRU(1, UNITS, bias=True, fused=True, seed=seed), LSTM(1, UNITS, bias=True, fused=True, seed=seed)
    keeping = LSTM(1, UNITS, bias=True, fused=True, seed=seed)
    keeping.b_hf = vector("b_hf", [OPEN_GATE_BIAS] * UNITS)
    found = {}
    for name, network, of in (("RNN", rnn, "state"), ("GRU", gru, "state"), ("LSTM h", lstm, "state"),
                              ("LSTM c", lstm, "cell"), ("c, f ≈ 1", keeping, "cell")):
        unrolled = network.unroll([[x] for x in inputs])
        loss = sum(unrolled.state[1:], unrolled.state[0]) / math.sqrt(UNITS)
        found[name] = gradient_flow(loss, unrolled, of)
    return found


def cell_lines(compared: dict[str, list[float]]) -> Iterator[str]:
    """A table of at most twelve of the steps, the last first, and what becomes of each"""
    n = len(compared["RNN"]) - 1
    yield f"  {'t':>5}" + "".join(f"  {name:>12}" for name in compared)
    for t in shown_steps(n):
        yield f"  {t:>5}" + "".join(f"  {number(norms[t]):>12}" for norms in compared.values())
    for name, norms in compared.items():
        yield f"  {name}: {verdict(norms)}"


def why_gates_help() -> Iterator[str]:
    """Why the gradient of a cell is kept where that of a state is lost"""
    start, kept = number(sigmoid(1)), number(sigmoid(OPEN_GATE_BIAS))
    yield "Every factor of the RNN holds W_h and a slope f′(z_t).  ∂c_t/∂c_{t−1} of an LSTM holds f_t itself, unit by"
    yield f"unit.  That is about σ(b_hf): {start} at its start, b_hf = 1, so that it still vanishes, but later;"
    yield f"with b_hf = {number(OPEN_GATE_BIAS)}, as it can learn, {kept}, and much comes through."
    yield "In a GRU z_t keeps h in the same way, and starts near 1/2."
