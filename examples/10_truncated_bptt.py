"""10  Truncated backpropagation through time: what is kept, what is cut, and when that is too much.

You will see   ∂L/∂w_h over six steps, truncated to k = 1 … 6 of them: unroll(…, truncate=k) keeps the last k terms of
               the sum and cuts the others.  Where gradients vanish, a few terms are nearly all of it.  Where they do
               not, the terms that were cut may outweigh those that were kept: the sign is wrong, and a step down this
               gradient leads up.  Then a task whose answer came in four steps before the end, tried with every k.
The one idea   o.detach() is a leaf of the same number as o: the forward pass goes on, the backward pass ends.
To change      the inputs, or the two w_h; BACK, to 2: from which k on is the task learned now?
"""

import itertools
import random
from math import exp, isclose, log, tanh
from pathlib import Path

from minigrad import Value, sigmoid
from minigrad.bptt import ledgers
from minigrad.draw import draw
from minigrad.draw.plot import Panel, plot
from minigrad.losses import binary_cross_entropy, binary_cross_entropy_with_logits
from minigrad.nn import RNN
from minigrad.notation import added, name, number
from minigrad.optim import Adam

INPUTS, Y, W_I, W_O = [1, -1, -1, 0.5, -0.5, 0.5], 1, 0.5, 1.2
N = len(INPUTS)


def network(w_h, truncate=None):
    """(rnn, unrolled, L) of the lecture's network over INPUTS"""
    rnn = RNN.from_weights(w_i=[[W_I]], w_h=[[w_h]], w_o=[[W_O]])
    unrolled = rnn.unroll([[x] for x in INPUTS], truncate=truncate)
    y_hat = sigmoid(rnn.readout(unrolled.state)[0])
    loss = binary_cross_entropy(y_hat, Y)
    y_hat.label, loss.label = "y_hat", "L"
    return rnn, unrolled, loss


def by_own_loop(w_h, truncate):
    """∂L/∂w_h by a plain time loop: detach() is all that truncation is"""
    w, o = Value(w_h), Value(0)
    for t, x in enumerate(INPUTS, start=1):
        if t == N - truncate + 1:
            o = o.detach()                            # the same number, and no way back
        o = (x * W_I + o * w).tanh()
    binary_cross_entropy((o * W_O).sigmoid(), Y).backward()
    return w.grad


def on_paper(w_h):
    """L, and the terms ∂L/∂o_t · f′(z_t) · o_{t−1} of ∂L/∂w_h, t = 1 … n, with plain floats"""
    o = [0.0]
    for x in INPUTS:
        o.append(tanh(x * W_I + o[-1] * w_h))
    p = 1 / (1 + exp(-o[-1] * W_O))
    grad, terms = (p - Y) * W_O, []
    for t in range(N, 0, -1):
        terms.append(grad * (1 - o[t] ** 2) * o[t - 1])
        grad *= (1 - o[t] ** 2) * w_h
    return -Y * log(p) - (1 - Y) * log(1 - p), terms[::-1]


distances: dict[str, list] = {}
for w_h in (0.5, 1.5):
    _, exact = on_paper(w_h)
    print(f"--- w_h = {w_h}:  ∂L/∂w_h = {added(exact)} = {number(sum(exact))}   (t = 1 … {N})\n")
    print(f"  k   {'the terms that are kept':<49}{'∂L/∂w_h':>9} {'cut':>9}  {'distance':>9}   after a step of 0.1")
    for k in range(1, N + 1):
        rnn, unrolled, loss = network(w_h, truncate=k)
        loss.backward()
        ledger = ledgers(loss, unrolled, rnn.w_h[0])[0]
        moved, _ = on_paper(w_h - 0.1 * ledger.total)
        way = "lower" if moved < loss.data else "higher"
        distances.setdefault(f"w_h = {w_h}", []).append((k, ledger.truncation_error))
        print(f"  {k}   {added(ledger.terms[-k:]):<49}{number(ledger.total):>9} {number(sum(ledger.cut)):>9}"
              f"  {number(ledger.truncation_error):>9}   L is {way}")

        kept, cut = sum(exact[-k:]), sum(exact[:-k])
        assert ledger.terms[:-k] == [0] * (N - k)
        assert isclose(rnn.w_h[0][0].grad, kept, rel_tol=1e-9) and isclose(by_own_loop(w_h, k), kept, rel_tol=1e-9)
        assert isclose(ledger.truncation_error, abs(cut), rel_tol=1e-9, abs_tol=1e-15)
        assert isclose(ledger.full, sum(exact), rel_tol=1e-9)
        assert (way == "lower") == (kept * sum(exact) > 0), "a step against the gradient leads up"
    print()
print("With w_h = 0.5 the earlier terms have vanished, and three are nearly all of it; a fourth is no nearer.  With")
print("w_h = 1.5 the largest is that of t = 2: until it is kept the sign is wrong, and a step down leads up.\n")

# ---------------------------------------------------------------------- what cannot be learned

LENGTH, BACK, UPDATES, BATCH, SEED = 6, 3, 250, 8, 0


def answer(xs):
    """1 if the input BACK steps before the last is +1, 0 if it is −1"""
    return int(xs[-1 - BACK] > 0)


def learn(truncate):
    """(the mean loss of every 10 updates, how many of all sequences of ±1 are answered rightly)"""
    source = random.Random(SEED)
    rnn = RNN(1, 4, bias=True, fused=True, seed=SEED)
    optimizer, means, losses = Adam(rnn.parameters(), lr=0.03), [], []
    for update in range(1, UPDATES + 1):
        loss = Value(0)
        for _ in range(BATCH):
            xs = [source.choice((-1, 1)) for _ in range(LENGTH)]
            s = rnn.readout(rnn.unroll([[x] for x in xs], truncate=truncate).state)[0]
            loss = loss + binary_cross_entropy_with_logits(s, answer(xs)) / BATCH
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.data)
        if update % 10 == 0:
            means.append((update, sum(losses[-10:]) / 10))
    every = list(itertools.product((-1, 1), repeat=LENGTH))
    right = sum((rnn.readout(rnn.unroll([[x] for x in xs]).state)[0] > 0) == answer(xs) for xs in every)
    return means, right / len(every)


asked = name(f"x_{LENGTH - BACK}")
print(f"A task: of {LENGTH} inputs ±1, what was {asked}?  It came in {BACK + 1} steps before the end.\n")
print("  k   mean L at the end   right")
curves, right = {}, []
for k in range(1, LENGTH + 1):
    curve, accuracy = learn(k)
    curves[f"k = {k}"] = curve
    right.append(accuracy)
    print(f"  {k}   {number(curve[-1][1], 3):>17}   {number(accuracy, 3)}")
assert max(right[:BACK]) < 0.8 and min(right[BACK:]) > 0.9, right
print(f"\nTruncation changes no forward pass.  But how to carry {asked} on is learned only where the gradient reaches")
print(f"the step at which it came in: from k = {BACK + 1} on.\n")

pictures = Path("minigrad-lessons")
pictures.mkdir(exist_ok=True)
_, unrolled, loss = network(1.5, truncate=3)
loss.backward()
print("What is cut at k = 3; the distance from the full gradient, 0 at the cross; and how the loss of the task falls:")
print(draw(loss, unrolled).save_and_say(pictures / "10_cut.svg"))
panel = Panel("how far from the full ∂L/∂w_h", distances)
print(plot([panel], "k", "|full − truncated| (log)").save_and_say(pictures / "10_distance.svg"))
panel = Panel(f"what was {asked}?", curves)
print(plot([panel], "update", "mean L", logarithmic=False).save_and_say(pictures / "10_learned.svg"))
