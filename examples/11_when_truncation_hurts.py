# %% [markdown]
# # 11 When truncation hurts
#
# Truncation cuts the early contributions to the sum $\partial L/\partial w_h$ (lesson 10). Two things can go wrong:
#
# 1. The contributions that were cut may have the other sign, and outweigh those that were kept. Then the sign is wrong,
#    and a step down the truncated gradient leads up.
# 2. What was cut is not learned. If the answer was read at step $n - m$, and the gradient reaches back only through the
#    last $k \le m$ steps, nothing teaches the network to carry it.

# %%
import itertools
import random
from pathlib import Path

from minigrad import Value, sigmoid
from minigrad.bptt import ledgers
from minigrad.draw import draw
from minigrad.draw.plot import Panel, plot
from minigrad.losses import binary_cross_entropy, binary_cross_entropy_with_logits
from minigrad.nn import RNN
from minigrad.notation import added, name, number
from minigrad.optim import Adam

pictures = Path("minigrad-lessons")
pictures.mkdir(exist_ok=True)

# %% [markdown]
# ## The sign
#
# The network of lesson 10, with a $w_h$ that you may choose. How large are the early contributions, beside the late
# ones?

# %%
INPUTS, Y = [1, -1, -1, 0.5, -0.5, 0.5], 1
W_I, W_H, W_O = 0.5, 1.5, 1.2
ETA = 0.01


def network(w_h, truncate=None):
    """(rnn, unrolled, L)"""
    rnn = RNN.from_weights(w_i=[[W_I]], w_h=[[w_h]], w_o=[[W_O]])
    unrolled = rnn.unroll([[x] for x in INPUTS], truncate=truncate)
    y_hat = sigmoid(rnn.readout(unrolled.state)[0])
    loss = binary_cross_entropy(y_hat, Y)
    y_hat.label, loss.label = "y_hat", "L"
    return rnn, unrolled, loss


rnn, unrolled, loss = network(W_H)
full = ledgers(loss, unrolled, rnn.w_h[0])[0]
print(f"∂L/∂w_h = {added(full.terms)} = {number(full.total)}   (t = 1 … {len(INPUTS)})")

# %% [markdown]
# For each $k$ the truncated gradient, and what $L$ becomes after one small step down this gradient:
# $w_h := w_h - \eta\,\partial L/\partial w_h$.

# %%
print(f"before: L = {number(loss, 5)}")
for k in range(1, len(INPUTS) + 1):
    rnn, unrolled, cut_loss = network(W_H, truncate=k)
    truncated = ledgers(cut_loss, unrolled, rnn.w_h[0])[0].total
    after = network(W_H - ETA * truncated)[-1]
    falls = after < loss
    print(f"k = {k}:  ∂L/∂w_h {number(truncated):>8}   L = {number(after, 5)}, {'lower' if falls else 'higher'}")
    assert falls == (truncated * full.total > 0), f"k = {k}: the step is too long to follow the gradient; lower ETA"

# %% [markdown]
# What is kept and what is cut at $k = 3$:

# %%
_, unrolled, loss = network(W_H, truncate=3)
loss.backward()
picture = draw(loss, unrolled)
print(picture.save_and_say(pictures / "11_sign.svg"))
picture

# %% [markdown]
# ## What is not learned
#
# A task: the network reads `LENGTH` inputs, each $+1$ or $-1$, and says which one came `BACK` steps before the last. It
# was read at step `LENGTH − BACK`, so the gradient must reach back through `BACK + 1` steps. The network is trained
# once for each $k$, from the same weights, on the same inputs. (Its output is the logit $s$ of lesson 08; `fused=True`
# makes one Value for each weighted sum, which is faster.)

# %%
LENGTH, BACK, UPDATES, BATCH = 6, 3, 250, 8
SEED = 0


def answer(xs):
    """1 if the input BACK steps before the last is +1, 0 if it is −1"""
    return int(xs[-1 - BACK] > 0)


def logit(rnn, xs, truncate=None):
    return rnn.readout(rnn.unroll([[x] for x in xs], truncate=truncate).state)[0]


def learn(truncate):
    """(the mean loss of every 10 updates, the share of all sequences that is answered right)"""
    source = random.Random(SEED)
    rnn = RNN(1, 6, bias=True, fused=True, seed=SEED)
    optimizer, curve, losses = Adam(rnn.parameters(), lr=0.03), [], []
    for update in range(1, UPDATES + 1):
        loss = Value(0)
        for _ in range(BATCH):
            xs = [source.choice((-1, 1)) for _ in range(LENGTH)]
            loss = loss + binary_cross_entropy_with_logits(logit(rnn, xs, truncate), answer(xs)) / BATCH
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.data)
        if update % 10 == 0:
            curve.append((update, sum(losses[-10:]) / 10))
    every = list(itertools.product((-1, 1), repeat=LENGTH))
    return curve, sum((logit(rnn, xs) > 0) == answer(xs) for xs in every) / len(every)


# %%
asked = name(f"x_{LENGTH - BACK}")
curves, right = {}, {}
for k in range(1, LENGTH + 1):
    curves[f"k = {k}"], right[k] = learn(k)
    print(f"what was {asked}?  k = {k}:  mean L {number(curves[f'k = {k}'][-1][1], 3):>7}, right {number(right[k], 3)}")
learned = [str(k) for k in right if right[k] > 0.9]
print(f"learned with k = {', '.join(learned)}" if learned else "learned with none of them")

# %% [markdown]
# Guessing gives $L = \ln 2 \approx 0.693$, and about half of the answers right. With a small $k$ the loss may be lower
# and more of them right: the random weights carry a little of every input on, and the readout learns to use it. The
# loss may also rise, because a truncated gradient is not the gradient of $L$. Truncation changes no forward pass: with
# any $k$ the state *could* carry the answer. But only a gradient that reaches the step of the answer teaches it to.

# %%
picture = plot([Panel(f"what was {asked}?", curves)], "update", "mean L", logarithmic=False)
print(picture.save_and_say(pictures / "11_learned.svg"))
picture

# %%
for k in range(BACK + 1, LENGTH + 1):
    assert right[k] > 0.9, f"k = {k}: right only {right[k]}, so it needs more UPDATES"
by_luck = sum(right[k] for k in range(1, BACK + 1)) / BACK
assert by_luck < 0.9, f"k ≤ {BACK}: right {by_luck} on average, although no gradient reached the answer"
reached = min(right[k] for k in right if k > BACK)
print(f"With k = BACK + 1 = {BACK + 1} or more {reached:.0%} are right, with less {by_luck:.0%} on average.")

# %% [markdown]
# ## Change it
#
# - A smaller $w_h$: does any sign go wrong? `W_O = 0.5, 1.5, 1.2` → `W_O = 0.5, 0.5, 1.2`
# - A step that is too long; the check fails and says so: `ETA = 0.01` → `ETA = 10`
# - The answer comes in later: `= 6, 3, 250, 8` → `= 6, 2, 250, 8`
# - Too little training; the check fails and says so: `= 6, 3, 250, 8` → `= 6, 3, 20, 8`
# - Other weights and sequences; is any small $k$ lucky? `SEED = 0` → `SEED = 8`
