"""How fast, how large: minigrad beside micrograd, PyTorch and BPTT written by hand, in one process on one core.

    python tests/benchmarks/speed.py                  # pip install micrograd==0.1.0 torch; what is absent is left out

One training step is a forward pass, a backward pass and a step of SGD, of the same RNN (no bias, one output from the
last state) with the same weights and data.  The gradients are compared to 1e-9 before anything is timed.  The
contenders take turns, so that a busy machine slows them alike: the heap is collected, a few steps warm the caches, then
a block of steps is timed with the garbage collector on.  A ratio is one of medians over the turns.
"""

import argparse
import gc
import math
import platform
import random
import statistics
import sys
import time
import tracemalloc
from importlib.metadata import version
from operator import mul
from typing import NamedTuple

from minigrad import Value
from minigrad.losses import binary_cross_entropy_with_logits, mse_loss
from minigrad.nn import RNN
from minigrad.optim import SGD

RATE = 1e-6                                           # so small that every step is as the one before
TURN = 0.5                                            # seconds of a turn


class Task(NamedTuple):
    """Weights and one sequence; with H = E units and inputs and T steps"""

    w_i: list[list[float]]
    w_h: list[list[float]]
    w_o: list[list[float]]
    xs: list[list[float]]


def task(size: int, steps: int) -> Task:
    source = random.Random(0)

    def numbers(rows: int, columns: int, bound: float) -> list[list[float]]:
        return [[source.uniform(-bound, bound) for _ in range(columns)] for _ in range(rows)]

    bound = 1 / math.sqrt(size)
    w_i, w_h, w_o = numbers(size, size, bound), numbers(size, size, bound), numbers(1, size, bound)
    return Task(w_i, w_h, w_o, numbers(steps, size, 1.0))


# ---------------------------------------------------------------------- contenders: a step that gives the gradients


def minigrad_step(given: Task, fused: bool, loss_of=binary_cross_entropy_with_logits):
    rnn = RNN.from_weights(given.w_i, given.w_h, given.w_o, fused=fused)
    optimizer = SGD(rnn.parameters(), lr=RATE)

    def step() -> list[float]:
        unrolled = rnn.unroll(given.xs)
        loss = loss_of(rnn.readout(unrolled.state)[0], 1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return [w.grad for w in optimizer.parameters]

    return step


def micrograd_step(given: Task):
    """The unfused graph, operation for operation; the loss is a square, for micrograd has no exp and no log"""
    from micrograd.engine import Value as Micro

    w_i, w_h, w_o = ([[Micro(w) for w in row] for row in matrix] for matrix in given[:3])
    parameters = [w for matrix in (w_i, w_h, w_o) for row in matrix for w in row]

    def tanh(x):                                      # as one would add it there
        y = math.tanh(x.data)
        out = Micro(y, (x,), "tanh")

        def back():
            x.grad += (1 - y * y) * out.grad

        out._backward = back
        return out

    def weighted(rows, inputs):
        terms = [x * w for row, vector in zip(rows, inputs) for w, x in zip(row, vector)]
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        return total

    def step() -> list[float]:
        state = [Micro(0) for _ in w_h]
        for numbers in given.xs:
            x = [Micro(number) for number in numbers]
            state = [tanh(weighted(rows, (x, state))) for rows in zip(w_i, w_h)]
        loss = (weighted(w_o, [state]) - 1) ** 2
        for w in parameters:
            w.grad = 0
        loss.backward()
        for w in parameters:
            w.data -= RATE * w.grad
        return [w.grad for w in parameters]

    return step


def torch_step(given: Task):
    import torch

    torch.set_num_threads(1)
    size = len(given.w_h)
    rnn = torch.nn.RNN(size, size, bias=False, dtype=torch.float64)
    readout = torch.nn.Linear(size, 1, bias=False, dtype=torch.float64)
    parameters = [rnn.weight_ih_l0, rnn.weight_hh_l0, readout.weight]
    with torch.no_grad():
        for parameter, numbers in zip(parameters, given[:3]):
            parameter.copy_(torch.tensor(numbers, dtype=torch.float64))
    xs, one = torch.tensor(given.xs, dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    loss_of = torch.nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(parameters, lr=RATE)

    def step():
        _, state = rnn(xs)
        loss = loss_of(readout(state[-1]), one)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return parameters

    return step


def hand_step(given: Task):
    """BPTT on plain floats, no graph: what the language itself allows"""
    w_i, w_h = ([list(row) for row in matrix] for matrix in given[:2])
    w_o = list(given.w_o[0])
    size, steps = len(w_h), len(given.xs)
    places = range(size)

    def step() -> list[float]:
        states = [[0.0] * size]
        for x in given.xs:
            o = states[-1]
            sums = [sum(map(mul, row, x)) + sum(map(mul, over, o)) for row, over in zip(w_i, w_h)]
            states.append([math.tanh(z) for z in sums])
        o = states[-1]
        back = 1 / (1 + math.exp(-sum(map(mul, w_o, o)))) - 1
        g_i, g_h = [[0.0] * size for _ in places], [[0.0] * size for _ in places]
        g_o = [back * item for item in o]
        upstream = [back * w for w in w_o]
        for t in range(steps, 0, -1):
            x, o, before = given.xs[t - 1], states[t], states[t - 1]
            onward = [0.0] * size
            for r in places:
                d = upstream[r] * (1 - o[r] * o[r])
                on_i, on_h, row = g_i[r], g_h[r], w_h[r]
                for c in places:
                    on_i[c] += d * x[c]
                    on_h[c] += d * before[c]
                    onward[c] += d * row[c]
            upstream = onward
        for matrix, gradient in ((w_i, g_i), (w_h, g_h), ([w_o], [g_o])):
            for row, slopes in zip(matrix, gradient):
                for c in places:
                    row[c] -= RATE * slopes[c]
        return [slope for matrix in (g_i, g_h, [g_o]) for row in matrix for slope in row]

    return step


def numbers_of(gradients) -> list[float]:
    if isinstance(gradients[0], float):
        return gradients
    return [number for parameter in gradients for number in parameter.grad.flatten().tolist()]


# ---------------------------------------------------------------------- what is measured


def medians(contenders: list, turns: int) -> list[float]:
    """Seconds a step of each, taking turns; raises ValueError where gradients differ by more than 1e-9"""
    found = [numbers_of(step()) for step in contenders]
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            if abs(a - b) > 1e-9 * max(abs(a), abs(b), 1e-3):
                raise ValueError(f"the gradients differ: {a} and {b}")
    steps = [max(5, round(TURN / seconds(step, 5))) for step in contenders]
    times: list[list[float]] = [[] for _ in contenders]
    for _ in range(turns):
        for step, many, taken in zip(contenders, steps, times):
            gc.collect()
            seconds(step, max(2, many // 20))
            taken.append(seconds(step, many))
    return [statistics.median(taken) for taken in times]


def seconds(step, many: int) -> float:
    start = time.perf_counter()
    for _ in range(many):
        step()
    return (time.perf_counter() - start) / many


def ratio_line(name: str, size: int, steps: int, ours: float, theirs: float, goal: str) -> str:
    us, others = f"{ours * 1e6:,.0f} µs", f"{theirs * 1e6:,.0f} µs"
    return f"  {name:<44} H = E = {size}, T = {steps:<3} {us:>10}  {others:>10}  {theirs / ours:>6.2f} ×   {goal}"


def bytes_a_node(make_leaf, nodes=10_000) -> float:
    """Of a chain of products and sums"""
    a, b = make_leaf(0.5), make_leaf(0.25)
    tracemalloc.start()
    value = a
    for _ in range(nodes // 2):
        value = value * b + a
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return used / nodes


def growth(sizes: list[int]) -> dict[str, list[float]]:
    """Seconds forward, backward, and bytes, of the scalar RNN unfused: 4 nodes a step"""
    found: dict[str, list[float]] = {"forward": [], "backward": [], "bytes": []}
    rnn = RNN.from_weights([[0.5]], [[0.8]], [[1.2]])
    gc.collect()
    gc.freeze()                                       # what others have loaded is not to be looked through again
    for nodes in sizes:
        xs = [[0.5]] * (nodes // 4)
        runs: list[tuple[float, float]] = []
        for _ in range(max(3, 30_000 // nodes)):
            start = time.perf_counter()
            loss = rnn.readout(rnn.unroll(xs).state)[0]
            middle = time.perf_counter()
            loss.backward()
            runs.append((middle - start, time.perf_counter() - middle))
            del loss
        found["forward"].append(statistics.median(run[0] for run in runs))
        found["backward"].append(statistics.median(run[1] for run in runs))
        tracemalloc.start()
        unrolled = rnn.unroll(xs)
        found["bytes"].append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        del unrolled
    gc.unfreeze()
    return found


def slope(xs: list[int], ys: list[float]) -> float:
    """Of the least-squares line through the logarithms: 1 where y grows as x does"""
    return statistics.linear_regression([math.log(x) for x in xs], [math.log(y) for y in ys]).slope


def left_after_del() -> int:
    """How many Values of a graph of 8,000 are alive after `del`, with the garbage collector off"""
    rnn = RNN(8, 8, seed=1)
    gc.collect()
    gc.disable()
    before = values_alive()
    unrolled = rnn.unroll([[0.1] * 8] * 30)
    loss = rnn.readout(unrolled.state)[0]
    loss.backward()
    del unrolled, loss
    left = values_alive() - before
    gc.enable()
    return left


def values_alive() -> int:
    return sum(type(found) is Value for found in gc.get_objects())


# ---------------------------------------------------------------------- the report


def installed(package: str) -> str:
    try:
        return version(package)
    except ImportError:
        return ""


def main() -> None:
    parser = argparse.ArgumentParser(description="minigrad beside micrograd, PyTorch and BPTT by hand")
    parser.add_argument("--turns", type=int, default=15, help="turns of each contender (%(default)s)")
    parser.add_argument("--largest", type=int, default=1_000_000, help="nodes of the largest graph (%(default)s)")
    given = parser.parse_args()
    print(f"minigrad {installed('minigrad-rnn') or 'of this directory'}, Python {platform.python_version()}, "
          f"{platform.system()} {platform.machine()}; medians of {given.turns} turns")
    others = {package: installed(package) for package in ("micrograd", "torch")}
    print(", ".join(f"{name} {number or 'is not installed: left out'}" for name, number in others.items()))

    print(f"\n  {'one training step':<44} {'':<20} {'minigrad':>10}  {'the other':>10}  {'faster':>8}   to reach")
    if others["micrograd"]:
        sys.setrecursionlimit(20_000)                 # micrograd sorts its graph by recursion
        square = minigrad_step(task(8, 30), False, mse_loss), minigrad_step(task(8, 30), True, mse_loss)
        unfused, fused, micro = medians([*square, micrograd_step(task(8, 30))], given.turns)
        print(ratio_line("micrograd, the same graph of + and *", 8, 30, unfused, micro, "6"))
        print(ratio_line("micrograd, fused=True", 8, 30, fused, micro, "60"))
    if others["torch"]:
        for size, steps, goal in ((1, 3, "13"), (3, 3, "7"), (8, 12, "1.2")):
            pair = [minigrad_step(task(size, steps), True), torch_step(task(size, steps))]
            fused, torch = medians(pair, given.turns)
            print(ratio_line("PyTorch, torch.nn.RNN, float64, one thread", size, steps, fused, torch, goal))
    ours, by_hand = medians([minigrad_step(task(8, 30), True), hand_step(task(8, 30))], given.turns)
    print(ratio_line("BPTT by hand on floats, no graph", 8, 30, ours, by_hand, "0.45"))

    print("\n  memory")
    ours = bytes_a_node(Value)
    line = f"    {ours:.0f} bytes a node of + and *"
    if others["micrograd"]:
        from micrograd.engine import Value as Micro

        theirs = bytes_a_node(Micro)
        line += f"; micrograd {theirs:.0f}: {ours / theirs:.0%} of it, to reach 36 %"
    print(line)
    print(f"    Values left after `del`, with the garbage collector off: {left_after_del()}")

    sizes = [n for n in (1_000, 10_000, 100_000, 1_000_000) if n <= given.largest]
    print(f"\n  growth from {sizes[0]:,} to {sizes[-1]:,} nodes: the slope on logarithmic axes, to reach 0.85 … 1.15")
    for name, measured in growth(sizes).items():
        per_node = ", ".join(f"{y / n * (1 if name == 'bytes' else 1e9):.0f}" for n, y in zip(sizes, measured))
        unit = "bytes" if name == "bytes" else "ns"
        print(f"    {name:<8} {slope(sizes, measured) if len(sizes) > 1 else 1:.3f}    ({per_node} {unit} a node)")


if __name__ == "__main__":
    main()
