"""What the command line prints, as lines of text.  Every number is computed from the graph."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from minigrad.bptt import Ledger, gradient_flow, ledgers
from minigrad.elementary import sigmoid
from minigrad.explain import chain_rule
from minigrad.graph import gradients
from minigrad.losses import binary_cross_entropy
from minigrad.nn import RNN, Unrolled
from minigrad.notation import added, name, number
from minigrad.optim import SGD
from minigrad.sentiment import Progress, Reading
from minigrad.validation import Number
from minigrad.value import Value

SHOWN = 12                                            # time steps that a table shows
BLOCKS = "▁▂▃▄▅▆▇█"
MOST_BLOCKS = 60


class Network(NamedTuple):
    """The lecture's network over one sequence: the RNN, what it unrolled, ŷ and L"""

    rnn: RNN
    unrolled: Unrolled
    y_hat: Value
    loss: Value


def network(
    inputs: list[float], target: float, w_i: Number, w_h: Number, w_o: Number, truncate: int | None = None
) -> Network:
    """o_t = tanh(x_t·w_i + o_{t−1}·w_h),  ŷ = σ(o_n·w_o),  L = −y·log ŷ − (1−y)·log(1−ŷ)"""
    rnn = RNN.from_weights([[w_i]], [[w_h]], [[w_o]])
    unrolled = rnn.unroll([[x] for x in inputs], truncate=truncate)
    y_hat = sigmoid(rnn.readout(unrolled.state)[0])
    if not 0 < y_hat < 1:
        s = number(y_hat.operands[0])
        raise ValueError(f"ŷ = σ({s}) is rounded to {number(y_hat)}; use smaller weights or inputs")
    loss = binary_cross_entropy(y_hat, target)
    y_hat.label, loss.label = "y_hat", "L"
    return Network(rnn, unrolled, y_hat, loss)


# ---------------------------------------------------------------------- the lecture


def forward_lines(made: Network, target: float) -> Iterator[str]:
    """The forward pass, with numbers"""
    (w_i, w_h, w_o), n = made.rnn.parameters(), len(made.unrolled)
    yield "Forward:  o₀ = 0,  o_t = tanh(x_t·w_i + o_{t−1}·w_h)," + (
        f"  ŷ = σ({name(f'o_{n}')}·w_o),  L = −y·log ŷ − (1−y)·log(1−ŷ)"
    )
    yield "  " + "   ".join(f"{w.label} = {number(w.data)}" for w in (w_i, w_h, w_o)) + f"   y = {number(target)}"
    if n > SHOWN:
        yield f"  … the first {n - SHOWN} steps are not shown"
    states = [o.data for [o] in made.unrolled.states]
    for t, x in enumerate(inputs_of(made.unrolled), start=1):
        if t > n - SHOWN:
            inner = f"{number(x)}·{number(w_i.data)} + {number(states[t - 1])}·{number(w_h.data)}"
            yield f"  {name(f'o_{t}')} = tanh({inner}) = {number(states[t])}"
    yield f"  ŷ = σ({number(states[-1])}·{number(w_o.data)}) = {number(made.y_hat.data)}"
    yield f"  L = {number(made.loss.data)}"


def inputs_of(unrolled: Unrolled) -> list[Number]:
    return [step.x[0].data for step in unrolled if not isinstance(step.x, int)]


def backward_lines(made: Network) -> Iterator[str]:
    """The gradients as sums over the time steps, then the chain rule of ∂L/∂w_h in full"""
    w_i, w_h, w_o = made.rnn.parameters()
    yield "Backward: a weight is used at every step, and its gradient is the sum of what comes back through each use"
    local = gradients(made.y_hat)[w_o]
    upstream = gradients(made.loss)[made.y_hat]
    yield f"  ∂L/∂w_o = ∂L/∂ŷ · ∂ŷ/∂w_o = {number(upstream)} × {number(local)} = {number(upstream * local)}"
    for ledger in ledgers(made.loss, made.unrolled, [w_i, w_h]):
        yield f"  {sum_line(ledger)}"
        if made.unrolled.cuts:
            yield cut_line(ledger)
    yield ""
    yield from str(chain_rule(made.loss, w_h, made.unrolled)).splitlines()


def sum_line(ledger: Ledger) -> str:
    """∂L/∂w_h = 0 − 0.1594 − 0.3411 = −0.5005      (t = 1 … 3)"""
    n = len(ledger.terms)
    written = f"{last_terms(ledger.terms)} = {number(ledger.total)}"
    return f"∂L/∂{ledger.weight.label} = {written}      (t = {max(1, n - SHOWN + 1)} … {n})"


def cut_line(ledger: Ledger) -> str:
    """    cut: −0.217 + 0 + 0 = −0.217; in full 0.2296, so it is 0.217 off"""
    written = f"{last_terms(ledger.cut)} = {number(sum(ledger.cut))}"
    return f"    cut: {written}; in full {number(ledger.full)}, so it is {number(ledger.truncation_error)} off"


def last_terms(terms: list[Number]) -> str:
    """0 − 0.1594 − 0.3411; where they are too many, only the last of them"""
    return ("… " if len(terms) > SHOWN else "") + added(terms[-SHOWN:], leading=len(terms) > SHOWN)


def descent_lines(
    inputs: list[float], target: float, weights: list[float], eta=0.5, steps=10, truncate: int | None = None
) -> Iterator[str]:
    """Gradient descent from the weights w_i, w_h, w_o: L and the weights after each step"""
    yield f"Gradient descent: w := w − η·∂L/∂w, with η = {number(eta)}"
    yield f"  {'step':>4}  {'L':>9}  {'w_i':>9}  {'w_h':>9}  {'w_o':>9}"
    w_i, w_h, w_o = parameters = [Value(w) for w in weights]
    optimizer = SGD(parameters, lr=eta)
    for k in range(steps + 1):
        loss = network(inputs, target, w_i, w_h, w_o, truncate).loss
        numbers = "  ".join(f"{number(x):>9}" for x in [loss.data, *(w.data for w in parameters)])
        yield f"  {k:>4}  {numbers}"
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


# ---------------------------------------------------------------------- training


def losses(whole: list[Progress]) -> dict[str, list[float]]:
    """The loss curves, from the reports that end an epoch"""
    return {
        "training loss": [report.loss for report in whole],
        "held-out loss": [report.held_out.loss for report in whole if report.held_out],
    }


def curve_lines(whole: list[Progress]) -> Iterator[str]:
    """Both curves as sparklines over one linear scale, from the lowest loss to the highest"""
    curves = losses(whole)
    lowest, highest = min(map(min, curves.values())), max(map(max, curves.values()))
    yield f"the loss of epochs 1 … {len(whole)}, from ▁ = {number(lowest)} to █ = {number(highest)}"
    for name_of_curve, curve in curves.items():
        yield f"  {name_of_curve}  {sparkline(curve, lowest, highest)}  {number(curve[0])} → {number(curve[-1])}"


def sparkline(curve: list[float], lowest: float, highest: float) -> str:
    """A block for each number, in eight heights; a long curve is thinned out, and its last number stays."""
    every = -(-len(curve) // MOST_BLOCKS)
    height = (len(BLOCKS) - 1) / ((highest - lowest) or 1)
    return "".join(BLOCKS[round((x - lowest) * height)] for x in curve[::-1][::every][::-1])


# ---------------------------------------------------------------------- which word pulled which weight


def word_gradient_lines(rnn: RNN, reading: Reading, loss: Value) -> Iterator[str]:
    """For each word: how much reaches its state, what it adds to the gradients of w_i and w_h, and the two weights that
    it pulls most.  w_i[r][k] is named by the word of column k: w_i[0][good]."""
    words = {step.x: word for step, word in zip(reading.unrolled, reading.words) if isinstance(step.x, int)}
    if 0 in words:
        words[0] = "unknown"                          # every unknown word picks this column
    labels = {rnn.w_i[r][k]: f"w_i[{r}][{word}]" for k, word in words.items() for r in range(rnn.hidden_size)}
    labels |= {w: w.label for row in rnn.w_h for w in row}
    found, flow = ledgers(loss, reading.unrolled, labels), gradient_flow(loss, reading.unrolled)
    width = max(4, *map(len, reading.words))
    yield "What reaches the state of each word, and what the word adds to the gradients (norms; its two largest terms)"
    yield f"   t  {'word':<{width}}  {'‖∂L/∂o_t‖':>10}  {'on w_i':>10}  {'on w_h':>10}"
    for t, word in enumerate(reading.words, start=1):
        pulls = {labels[ledger.weight]: ledger.terms[t - 1] for ledger in found}
        largest = sorted(pulls, key=lambda label: -abs(pulls[label]))[:2]
        on = [math.hypot(*[x for label, x in pulls.items() if label.startswith(start)]) for start in ("w_i", "w_h")]
        numbers = "  ".join(f"{number(x, 3):>10}" for x in (flow[t], *on))
        most = ", ".join(f"{label} {number(pulls[label], 3)}" for label in largest if pulls[label])
        yield f"  {t:>2}  {word:<{width}}  {numbers}  {most}"
