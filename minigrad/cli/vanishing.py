"""vanish: how the gradient vanishes, stays or explodes on its way back, and how gates help.

    ∂L/∂o_t = Π_{k=t+1..n} ∂o_k/∂o_{k−1}          of a scalar RNN with w_i = 1, L = o_n
    ‖∂L/∂h_t‖, and ‖∂L/∂c_t‖ of an LSTM           of networks of the same size, inputs and seed
"""

import math
import random
from argparse import Namespace
from collections.abc import Iterator
from typing import Any, NamedTuple

from minigrad.bptt import gradient_flow, state_jacobians
from minigrad.cli.output import SHOWN, say
from minigrad.draw.plot import Panel, plot
from minigrad.elementary import sigmoid
from minigrad.nn import GRU, LSTM, RNN
from minigrad.nn.matrices import vector
from minigrad.notation import number

MOST_CURVES = 6                                       # in one panel of a plot
UNITS = 8                                             # of the networks that are compared
OPEN_GATE_BIAS = 4.0
CELLS, NORMS = f"RNN, GRU, LSTM: {UNITS} units, same inputs and seed", "‖∂L/∂h_t‖, ‖∂L/∂c_t‖"
REASONS = {                                           # why the second panel differs from the first
    "sigmoid": "Each factor is f′(z_t)·w_h, and σ′ is at most 1/4: below |w_h| = 4 the gradient always vanishes.",
    "tanh": "Each factor is f′(z_t)·w_h.  Inputs drive the state into saturation, where f′ is almost 0: the larger\n"
            "w_h, the sooner.  So the gradient can vanish fastest with a large w_h.",
    "relu": "Each factor is w_h where z_t > 0 and 0 elsewhere: one step with z_t ≤ 0 stops the gradient.",
    "identity": "Each factor is w_h itself, for any inputs: nothing saturates.",
}


def run_vanish(options: Namespace) -> int:
    if len(options.w_h) > MOST_CURVES:
        raise ValueError(f"--w-h: {len(options.w_h)} weights are more than {MOST_CURVES}, too many to tell apart")
    inputs = random_inputs(options.steps)
    panels = []
    print("L = o_n and w_i = 1, so ∂L/∂o_t is the product of the factors ∂o_k/∂o_{k−1} from k = t+1 to n\n")
    for what, xs in (("every x_t = 0", [0.0] * options.steps), ("inputs in (−1, 1)", inputs)):
        flows = [flow(w_h, xs, options.activation) for w_h in options.w_h]
        positive = [norm for flow in flows for norm in flow.gradient_norms if norm > 0]
        panels.append(panel(f"{options.activation}, {what}",
                            {f"w_h = {number(flow.w_h)}": flow.gradient_norms for flow in flows}))
        print(f"--- {panels[-1].title}")
        for one in flows:
            say(flow_lines(one, min(positive), max(positive)))
    print(f"{REASONS[options.activation]}\n\n--- {CELLS}\n")
    compared = compare_cells(inputs, options.activation)
    say(cell_lines(compared))
    say(why_gates_help())
    panels.append(panel(CELLS, compared, NORMS))
    print(plot(panels, "time step t", "|∂L/∂o_t|").save_and_say(options.out))
    return 0


def panel(title: str, norms: dict[str, list[float]], y_label: str = "") -> Panel:
    """norms: {name: those at t = 0 … n}"""
    return Panel(title, {name: list(enumerate(curve)) for name, curve in norms.items()}, y_label)


# ---------------------------------------------------------------------- a scalar RNN


class Flow(NamedTuple):
    """factors[t−1] = ∂o_t/∂o_{t−1},  gradient_norms[t] = |∂L/∂o_t|"""

    w_h: float
    factors: list[float]
    gradient_norms: list[float]


def flow(w_h: float, inputs: list[float], activation: str) -> Flow:
    """The Flow of a scalar RNN with w_i = 1 and L = o_n.  Raises OverflowError if the gradient is too large."""
    rnn = RNN.from_weights([[1.0]], [[w_h]], [[1.0]], activation=activation)
    unrolled = rnn.unroll([[x] for x in inputs])
    factors = [float(jacobian[0][0]) for jacobian in state_jacobians(unrolled)]
    try:
        return Flow(w_h, factors, gradient_flow(unrolled.state[0], unrolled))
    except (ValueError, OverflowError):
        problem = f"with w_h = {number(w_h)}, {len(inputs)} steps overflow a float; use fewer steps"
        raise OverflowError(problem) from None


def random_inputs(steps: int, seed: int = 0) -> list[float]:
    """Inputs in (−1, 1)"""
    source = random.Random(seed)
    return [source.uniform(-1, 1) for _ in range(steps)]


def flow_lines(flow: Flow, lowest: float, highest: float) -> Iterator[str]:
    """A table of at most twelve steps, the last first, with bars on a logarithmic scale from lowest to highest"""
    n = len(flow.factors)
    yield f"w_h = {number(flow.w_h)}: {verdict(flow.gradient_norms)}"
    yield f"  {'t':>5}  {'∂o_t/∂o_{t−1}':>14}  {'∂L/∂o_t = Π':>12}  (bars: log scale)"
    span = math.log(highest) - math.log(lowest) or 1
    for t in shown_steps(n):
        norm = flow.gradient_norms[t]
        bar = "█" * round(1 + 38 * (math.log(norm) - math.log(lowest)) / span) if norm else "0"
        factor = number(flow.factors[t - 1]) if t else ""
        yield f"  {t:>5}  {factor:>14}  {number(norm):>12}  {bar}"


def shown_steps(n: int) -> list[int]:
    """At most twelve of the steps from n to 0"""
    every = -(-n // (SHOWN - 1))
    return sorted({*range(n, 0, -every), 0}, reverse=True)


def verdict(gradient_norms: list[float]) -> str:
    """Whether the gradient vanishes, stays or explodes on its way back to t = 0"""
    first, last = gradient_norms[0], gradient_norms[-1]
    if first == 0:
        return "the gradient is 0 at the first step: nothing gets through"
    rate = math.exp((math.log(first) - math.log(last)) / (len(gradient_norms) - 1))      # the geometric mean of a step
    if 0.99 < rate < 1.01:
        return f"the gradient holds: {number(first)} at the first step"
    change = "vanishes" if rate < 1 else "explodes"
    return f"the gradient {change}: {number(first)} at the first step, on average × {number(rate, 3)} per step"


# ---------------------------------------------------------------------- how gates help


def compare_cells(inputs: list[float], activation: str, seed: int = 0) -> dict[str, list[float]]:
    """{name: ‖∂L/∂h_t‖ or ‖∂L/∂c_t‖ for t = 0 … n} for an untrained RNN, GRU and LSTM, and an LSTM with an open forget
    gate.  L = Σ h_n[j] / √UNITS, so that ‖∂L/∂h_n‖ = 1."""
    alike: dict[str, Any] = {"bias": True, "fused": True, "seed": seed}
    rnn, gru = RNN(1, UNITS, activation=activation, **alike), GRU(1, UNITS, **alike)
    lstm, open_lstm = LSTM(1, UNITS, **alike), LSTM(1, UNITS, **alike)
    open_lstm.b_hf = vector("b_hf", [OPEN_GATE_BIAS] * UNITS)
    norms = {}
    for name, network, of in (("RNN", rnn, "state"), ("GRU", gru, "state"), ("LSTM h", lstm, "state"),
                              ("LSTM c", lstm, "cell"), ("c, f ≈ 1", open_lstm, "cell")):
        unrolled = network.unroll([[x] for x in inputs])
        loss = sum(unrolled.state[1:], unrolled.state[0]) / math.sqrt(UNITS)
        norms[name] = gradient_flow(loss, unrolled, of)
    return norms


def cell_lines(compared: dict[str, list[float]]) -> Iterator[str]:
    """A table of at most twelve steps, the last first, and a verdict on each column"""
    n = len(compared["RNN"]) - 1
    yield f"  {'t':>5}" + "".join(f"  {name:>12}" for name in compared)
    for t in shown_steps(n):
        yield f"  {t:>5}" + "".join(f"  {number(norms[t]):>12}" for norms in compared.values())
    for name, norms in compared.items():
        yield f"  {name}: {verdict(norms)}"


def why_gates_help() -> Iterator[str]:
    """Why the gradient of a cell is kept where that of a state vanishes"""
    untrained, opened = number(sigmoid(1)), number(sigmoid(OPEN_GATE_BIAS))
    yield "Every factor of the RNN contains W_h and a derivative f′(z_t).  In an LSTM ∂⁺c_t/∂c_{t−1} is f_t itself,"
    yield f"unit by unit, about σ(b_hf).  Untrained, with b_hf = 1, that is {untrained}: the gradient vanishes later."
    yield f"With b_hf = {number(OPEN_GATE_BIAS)}, which training can reach, it is {opened}: much of it remains."
    yield "In a GRU z_t keeps h in the same way; untrained it is near 1/2."
