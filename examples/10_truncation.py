# %% [markdown]
# # 10 Truncated backpropagation through time: what is kept
#
# A text of 10,000 words makes a graph of 10,000 steps, and the backward pass walks through all of them. **Truncated**
# backpropagation walks back through the last $k$ steps only. The forward pass stays the same. Of the gradient
# $\partial L/\partial w_h$, a sum with one contribution for each step, the last $k$ are kept and the others are cut.
#
# The one idea is `o.detach()`: a leaf with the same number as `o`. The forward pass goes on from it, and the backward
# pass ends there.

# %%
from math import exp, isclose, tanh
from pathlib import Path

from minigrad import Value, sigmoid
from minigrad.bptt import ledgers
from minigrad.draw import draw
from minigrad.graph import topological_order
from minigrad.losses import binary_cross_entropy
from minigrad.nn import RNN
from minigrad.notation import added, number

INPUTS, Y = [1, -1, -1, 0.5, -0.5, 0.5], 1
W_I, W_H, W_O = 0.5, 0.5, 1.2
K = 3
n = len(INPUTS)

# %% [markdown]
# ## A time loop of your own
#
# The network of lesson 06 with more inputs, and with one line more: before the last `k` steps the state is detached.

# %%
def own_loop(k):
    """L, and w_h with its gradient"""
    w_h, o = Value(W_H, label="w_h"), Value(0)
    for t, x in enumerate(INPUTS, start=1):
        if t == n - k + 1:
            o = o.detach()
        o = (x * W_I + o * w_h).tanh()
    L = binary_cross_entropy(sigmoid(o * W_O), Y)
    L.backward()
    return L, w_h


for k in (n, K):
    L, w_h = own_loop(k)
    print(f"k = {k}:  L = {number(L)}   ∂L/∂w_h = {number(w_h.grad)}")

# %% [markdown]
# ## `unroll` does the same
#
# `unroll(…, truncate=k)` detaches the state before the last $k$ steps. (It does so again every $k$ steps further back.
# With one loss at the end no gradient gets there; where every step has a loss, the cuts limit each of them.) A
# **ledger** lists the contributions to a weight's gradient by time step: `terms` those that are kept, `cut` those that
# were cut, and each has a 0 where the other has a number.

# %%
def unrolled_network(truncate):
    """(rnn, unrolled, L)"""
    rnn = RNN.from_weights(w_i=[[W_I]], w_h=[[W_H]], w_o=[[W_O]])
    unrolled = rnn.unroll([[x] for x in INPUTS], truncate=truncate)
    y_hat = sigmoid(rnn.readout(unrolled.state)[0])
    loss = binary_cross_entropy(y_hat, Y)
    y_hat.label, loss.label = "y_hat", "L"
    return rnn, unrolled, loss


def ledger_of_w_h(k):
    rnn, unrolled, loss = unrolled_network(k)
    return ledgers(loss, unrolled, rnn.w_h[0])[0]


for k in range(1, n + 1):
    ledger = ledger_of_w_h(k)
    print(f"k = {k}:  kept {added(ledger.terms[-k:])} = {number(ledger.total)}")
    print(f"        cut  {added(ledger.cut[:-k]) if k < n else 'nothing'}")

# %% [markdown]
# Where the gradient vanishes (lesson 07) the early contributions are small, and a few late ones are nearly all of the
# sum. What is missing from a truncated gradient is the sum of what was cut. Does a larger $k$ always miss less?

# %%
errors = [ledger_of_w_h(k).truncation_error for k in range(1, n + 1)]
for k, error in enumerate(errors, start=1):
    print(f"k = {k}:  |full − truncated| = {number(error)}")
    if k > 1 and error > errors[k - 2]:
        print(f"        more than for k = {k - 1}")

# %% [markdown]
# Two contributions of opposite sign that are both cut cancel in part. Keep one of them, and all of the other is
# missing: that is where a larger $k$ misses more. (The contribution of $t = 1$ is 0, because $o_0$ is.)

# %% [markdown]
# ## What it saves
#
# The backward pass visits every Value that $L$ was computed from. What was made before the cut is not among them, so
# the work depends on $k$, no longer on $n$: five Values for each step, and 17 for the weights, the readout and the
# loss. In a loop of your own Python also frees the memory of what was cut; `unroll` keeps it, so that a ledger can list
# it.

# %%
for k in sorted({1, K, n}):
    print(f"k = {k}:  {len(topological_order(unrolled_network(k)[-1]))} Values")

# %% [markdown]
# ## The cut as a picture
#
# The states before the cut have numbers, but nothing is sent back to them: their gradients are 0. A cell of a bar that
# was cut has 0 and, below it, what was cut; "in full" is the sum with all of them.

# %%
_, unrolled, loss = unrolled_network(K)
loss.backward()
picture = draw(loss, unrolled)
Path("minigrad-lessons").mkdir(exist_ok=True)
print(picture.save_and_say("minigrad-lessons/10_cut.svg"))
picture

# %% [markdown]
# ## Check
#
# With plain floats: the contributions $\frac{\partial L}{\partial o_t} \cdot f'(z_t) \cdot o_{t-1}$, from the last step
# back.

# %%
o = [0.0]
for x in INPUTS:
    o.append(tanh(x * W_I + o[-1] * W_H))
gradient, terms = (1 / (1 + exp(-o[n] * W_O)) - Y) * W_O, []
for t in range(n, 0, -1):
    slope = 1 - o[t] ** 2
    terms.append(gradient * slope * o[t - 1])
    gradient *= slope * W_H
for k in range(1, n + 1):
    ledger, kept = ledger_of_w_h(k), sum(terms[:k])
    assert isclose(ledger.total, kept, rel_tol=1e-9, abs_tol=1e-12), f"k = {k}: {ledger.total}, by hand {kept}"
    assert isclose(own_loop(k)[1].grad, kept, rel_tol=1e-9, abs_tol=1e-12), f"k = {k}: does the loop detach?"
    assert isclose(ledger.full, sum(terms), rel_tol=1e-9, abs_tol=1e-12), "kept and cut are not the full gradient"
    assert own_loop(k)[0].data == own_loop(n)[0].data, f"k = {k}: the forward pass has changed"
print("Kept and cut are the contributions to the full gradient, and L is the same for every k.")

# %% [markdown]
# ## Change it
#
# - A larger $w_h$; which contributions are the largest now? `W_I, W_H, W_O = 0.5, 0.5, 1.2` →
#   `W_I, W_H, W_O = 0.5, 1.5, 1.2`
# - A cut elsewhere: `K = 3` → `K = 1`
# - Two steps more. From which $k$ on is less than 1 % of the gradient missing?
#   `0.5, -0.5, 0.5], 1` → `0.5, -0.5, 0.5, 1, 0.2], 1`
# - The other target. Why does every contribution change its sign? `-0.5, 0.5], 1` → `-0.5, 0.5], 0`
# - A loop that does not detach; the check fails and says so: `o = o.detach()` → `o = o`
