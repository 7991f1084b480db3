"""The lines of text that the command line prints.  Every number is computed from the graph."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from minigrad.bptt import gradient_flow, ledgers
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
    """The lecture's network over one sequence"""

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
        raise ValueError(
            f"ŷ = σ({number(y_hat.operands[0])}) is rounded to {number(y_hat)}; use smaller weights or inputs"
        )
    loss = binary_cross_entropy(y_hat, target)
    y_hat.label, loss.label = "y_hat", "L"
    return Network(rnn, unrolled, y_hat, loss)


# ---------------------------------------------------------------------- the lecture


def forward_lines(net: Network, target: float) -> Iterator[str]:
    """The forward pass, with numbers"""
    (w_i, w_h, w_o), n = net.rnn.parameters(), len(net.unrolled)
    yield "Forward:  o₀ = 0,  o_t = tanh(x_t·w_i + o_{t−1}·w_h)," + (
        f"  ŷ = σ({name(f'o_{n}')}·w_o),  L = −y·log ŷ − (1−y)·log(1−ŷ)"
    )
    yield "  " + "   ".join(f"{w.label} = {number(w.data)}" for w in (w_i, w_h, w_o)) + f"   y = {number(target)}"
    if n > SHOWN:
        yield f"  … the first {n - SHOWN} steps are not shown"
    states = [o.data for [o] in net.unrolled.states]
    inputs = [x.data for step in net.unrolled for x in step.inputs]
    for t in range(max(1, n - SHOWN + 1), n + 1):
        z = f"{number(inputs[t - 1])}·{number(w_i.data)} + {number(states[t - 1])}·{number(w_h.data)}"
        yield f"  {name(f'o_{t}')} = tanh({z}) = {number(states[t])}"
    yield f"  ŷ = σ({number(states[-1])}·{number(w_o.data)}) = {number(net.y_hat.data)}"
    yield f"  L = {number(net.loss.data)}"


def backward_lines(net: Network) -> Iterator[str]:
    """The gradients as sums over the time steps, then the chain rule of ∂L/∂w_h in full"""
    w_i, w_h, w_o = net.rnn.parameters()
    yield "Backward: every step uses the same weights; a gradient is the sum of the contributions of all uses"
    local = gradients(net.y_hat)[w_o]
    upstream = gradients(net.loss)[net.y_hat]
    yield f"  ∂L/∂w_o = ∂L/∂ŷ · ∂ŷ/∂w_o = {number(upstream)} × {number(local)} = {number(upstream * local)}"
    for ledger in ledgers(net.loss, net.unrolled, [w_i, w_h]):
        n = len(ledger.terms)
        total = f"{last_terms(ledger.terms)} = {number(ledger.total)}"
        yield f"  ∂L/∂{ledger.weight.label} = {total}      (t = {max(1, n - SHOWN + 1)} … {n})"
        if net.unrolled.cuts:
            cut = f"{last_terms(ledger.cut)} = {number(sum(ledger.cut))}"
            yield f"    cut: {cut}; in full {number(ledger.full)}, so the error is {number(ledger.truncation_error)}"
    yield ""
    yield from str(chain_rule(net.loss, w_h, net.unrolled)).splitlines()


def last_terms(terms: list[Number]) -> str:
    """0 − 0.1594 − 0.3411; of many, only the last"""
    return ("… " if len(terms) > SHOWN else "") + added(terms[-SHOWN:], leading=len(terms) > SHOWN)


def descent_lines(
    inputs: list[float], target: float, weights: list[float], truncate: int | None, eta: float = 0.5, steps: int = 10
) -> Iterator[str]:
    """Gradient descent from the weights w_i, w_h, w_o: L and the weights at each step"""
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


def loss_curves(epochs: list[Progress]) -> dict[str, list[float]]:
    """The loss curves, from the last report of each epoch"""
    return {
        "training loss": [report.loss for report in epochs],
        "held-out loss": [report.held_out.loss for report in epochs if report.held_out],
    }


def curve_lines(epochs: list[Progress]) -> Iterator[str]:
    """Both curves as sparklines on one linear scale, from the lowest loss to the highest"""
    curves = loss_curves(epochs)
    lowest, highest = min(map(min, curves.values())), max(map(max, curves.values()))
    yield f"the loss of epochs 1 … {len(epochs)}, from ▁ = {number(lowest)} to █ = {number(highest)}"
    for title, curve in curves.items():
        yield f"  {title}  {sparkline(curve, lowest, highest)}  {number(curve[0])} → {number(curve[-1])}"


def sparkline(curve: list[float], lowest: float, highest: float) -> str:
    """A block in one of eight heights for each number; of a long curve every k-th, counted from the last."""
    every = -(-len(curve) // MOST_BLOCKS)
    height = (len(BLOCKS) - 1) / ((highest - lowest) or 1)
    return "".join(BLOCKS[round((x - lowest) * height)] for x in curve[::-1][::every][::-1])


# ---------------------------------------------------------------------- gradients by word


def word_gradient_lines(rnn: RNN, reading: Reading, loss: Value) -> Iterator[str]:
    """For each word: ‖∂L/∂o_t‖, the norms of its terms of the gradients of w_i and w_h, and its two largest terms.
    w_i[r][k] is labelled by the word of column k: w_i[0][good]."""
    words = {step.x: word for step, word in zip(reading.unrolled, reading.words) if isinstance(step.x, int)}
    if 0 in words:
        words[0] = "unknown"                          # every unknown word picks this column
    labels = {rnn.w_i[r][k]: f"w_i[{r}][{word}]" for k, word in words.items() for r in range(rnn.hidden_size)}
    labels |= {w: w.label for row in rnn.w_h for w in row}
    all_ledgers, norms = ledgers(loss, reading.unrolled, labels), gradient_flow(loss, reading.unrolled)
    width = max(4, *map(len, reading.words))
    yield "The gradient at the state of each word, and the word's terms of the gradients (norms; its two largest terms)"
    yield f"   t  {'word':<{width}}  {'‖∂L/∂o_t‖':>10}  {'on w_i':>10}  {'on w_h':>10}"
    for t, word in enumerate(reading.words, start=1):
        terms = {labels[ledger.weight]: ledger.terms[t - 1] for ledger in all_ledgers}
        largest = sorted(terms, key=lambda label: -abs(terms[label]))[:2]
        on = [math.hypot(*[x for label, x in terms.items() if label.startswith(w)]) for w in ("w_i", "w_h")]
        numbers = "  ".join(f"{number(x, 3):>10}" for x in (norms[t], *on))
        most = ", ".join(f"{label} {number(terms[label], 3)}" for label in largest if terms[label])
        yield f"  {t:>2}  {word:<{width}}  {numbers}  {most}"
