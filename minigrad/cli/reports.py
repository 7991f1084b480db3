"""demo, unroll: the lecture's network in lines of text.  Every number is computed from the graph."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from minigrad.bptt import ledgers
from minigrad.cli.output import SHOWN, saved, say
from minigrad.elementary import sigmoid
from minigrad.explain import chain_rule
from minigrad.graph import gradients
from minigrad.losses import binary_cross_entropy
from minigrad.nn import RNN, Unrolled
from minigrad.notation import added, name, number
from minigrad.optim import SGD
from minigrad.validation import Number
from minigrad.value import Value

ETA, DESCENT_STEPS = 0.5, 10                          # of gradient descent: the learning rate, and how many


class Network(NamedTuple):
    """The lecture's network over one sequence"""

    weights: list[Value]
    unrolled: Unrolled
    y_hat: Value
    loss: Value


def run_demo(options: Namespace) -> int:
    directory = Path(options.out)
    directory.mkdir(parents=True, exist_ok=True)
    return report(options, directory / "unrolled.svg", directory / "unrolled.html")


def run_unroll(options: Namespace) -> int:
    return report(options, Path(options.out))


def report(options: Namespace, *paths: Path) -> int:
    """Prints the forward pass and the gradients with their terms, saves the picture and the page, prints ten steps of
    descent."""
    net = network(options)
    net.loss.backward()
    say(forward_lines(net, options.target))
    say(backward_lines(net))
    say(saved(net.loss, net.unrolled, path) for path in paths)
    say(descent_lines(options))
    return 0


def network(options: Namespace, weights: Sequence[Number | Value] = ()) -> Network:
    """o_t = tanh(x_t·w_i + o_{t−1}·w_h),  ŷ = σ(o_n·w_o),  L = −y·log ŷ − (1−y)·log(1−ŷ)

    weights: w_i, w_h, w_o, where they are not those of the options
    """
    w_i, w_h, w_o = weights or (options.w_i, options.w_h, options.w_o)
    rnn = RNN.from_weights([[w_i]], [[w_h]], [[w_o]])
    unrolled = rnn.unroll([[x] for x in options.inputs], truncate=options.truncate)
    y_hat = sigmoid(rnn.readout(unrolled.state)[0])
    if not 0 < y_hat < 1:
        rounded = f"ŷ = σ({number(y_hat.operands[0])}) is rounded to {number(y_hat)}"
        raise ValueError(f"{rounded}; use smaller weights or inputs")
    loss = binary_cross_entropy(y_hat, options.target)
    y_hat.label, loss.label = "y_hat", "L"
    return Network(rnn.parameters(), unrolled, y_hat, loss)


def forward_lines(net: Network, target: float) -> Iterator[str]:
    """The forward pass, with numbers"""
    w_i, w_h, w_o = [number(w.data) for w in net.weights]
    n = len(net.unrolled)
    yield (f"Forward:  o₀ = 0,  o_t = tanh(x_t·w_i + o_{{t−1}}·w_h),  ŷ = σ({name(f'o_{n}')}·w_o),  "
           "L = −y·log ŷ − (1−y)·log(1−ŷ)")
    yield f"  w_i = {w_i}   w_h = {w_h}   w_o = {w_o}   y = {number(target)}"
    if n > SHOWN:
        yield f"  … the first {n - SHOWN} steps are not shown"
    states = [number(o.data) for [o] in net.unrolled.states]
    for step in net.unrolled.steps[-SHOWN:]:
        [x], before = step.inputs, states[step.t - 1]
        yield f"  {name(f'o_{step.t}')} = tanh({number(x.data)}·{w_i} + {before}·{w_h}) = {states[step.t]}"
    yield f"  ŷ = σ({states[-1]}·{w_o}) = {number(net.y_hat.data)}"
    yield f"  L = {number(net.loss.data)}"


def backward_lines(net: Network) -> Iterator[str]:
    """The gradients as sums over the time steps, then the chain rule of ∂L/∂w_h in full"""
    w_i, w_h, w_o = net.weights
    yield "Backward: every step uses the same weights; a gradient is the sum of the contributions of all uses"
    upstream, local = gradients(net.loss)[net.y_hat], gradients(net.y_hat)[w_o]
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


def descent_lines(options: Namespace) -> Iterator[str]:
    """Gradient descent from the weights of the options: L and the weights at each step"""
    yield f"Gradient descent: w := w − η·∂L/∂w, with η = {number(ETA)}"
    yield f"  {'step':>4}  {'L':>9}  {'w_i':>9}  {'w_h':>9}  {'w_o':>9}"
    weights = [Value(w) for w in (options.w_i, options.w_h, options.w_o)]
    optimizer = SGD(weights, lr=ETA)
    for k in range(DESCENT_STEPS + 1):
        loss = network(options, weights).loss
        yield f"  {k:>4}" + "".join(f"  {number(x.data):>9}" for x in (loss, *weights))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
