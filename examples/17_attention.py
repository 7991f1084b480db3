# %% [markdown]
# # 17 Attention: a route that does not pass through time
#
# An LSTM keeps the gradient on its way back through the steps. Attention gives it another route. The readout no longer
# reads the last state $o_T$, but a weighted mean of *all* states:
# $$e_t = \sum_r u[r]\,o_t[r] \qquad a_t = \frac{\exp e_t}{\sum_j \exp e_j} \qquad \bar o = \sum_t a_t\,o_t$$
#
# The **score** $e_t$ says how much state $t$ matters, with weights $u$ that are learned. The **attention** $a_t$ turns
# the scores into positive numbers with the sum 1 (a softmax). So each state has a route to the loss that passes no
# other state. The states are those of a plain RNN, called $o_t$ again; $T$ is the number of steps.

# %%
import random
from math import isclose, sqrt
from pathlib import Path

from minigrad import Value, dot, exp, log_sum_exp
from minigrad.bptt import gradient_flow
from minigrad.draw import draw
from minigrad.draw.plot import Panel, plot
from minigrad.graph import gradients
from minigrad.losses import binary_cross_entropy_with_logits
from minigrad.nn import LSTM, RNN
from minigrad.notation import number
from minigrad.optim import Adam

pictures = Path("minigrad-lessons")
pictures.mkdir(exist_ok=True)

# %% [markdown]
# ## Attention in four lines
#
# The engine has all that is needed. `log_sum_exp` is $\ln \sum_j \exp e_j$, so $a_t = \exp(e_t - \ln \sum_j \exp e_j)$,
# which never overflows.

# %%
def attend(u, states):
    """(a_1 … a_T, the mean ō: a Value for each unit)"""
    scores = [dot(u, o) for o in states]
    total = log_sum_exp(scores)
    attention = [exp(e - total) for e in scores]
    return attention, [dot(attention, [o[r] for o in states]) for r in range(len(u))]


# %% [markdown]
# ## One unit
#
# The network of lesson 06 with attention; $L = \bar o$.

# %%
INPUTS, W_I, W_H, U = [1, 0.5, -1], 0.5, 0.8, 1.5

unrolled = RNN.from_weights(w_i=[[W_I]], w_h=[[W_H]], w_o=[[1.0]]).unroll([[x] for x in INPUTS])
u = Value(U, label="u")
attention, [loss] = attend([u], unrolled.states[1:])
loss.label = "L"
for t, (a, [o]) in enumerate(zip(attention, unrolled.states[1:]), start=1):
    print(f"t = {t}:  o_t = {number(o.data):>7}   a_t = {number(a.data)}")
print(f"L = {number(loss)}")

# %% [markdown]
# The picture keeps only the states and $L$ as boxes. An arrow between two of them holds the derivative along all routes
# that pass no other box. There are two kinds of arrows now: from state to state, and from a state straight to $L$.

# %%
loss.backward()
states = [o for [o] in unrolled.states]
picture = draw(loss, fold=states, roles={"o_0": "state"})
print(picture.save_and_say(pictures / "17_routes.svg"))
picture

# %% [markdown]
# ## The direct route
#
# Along the routes that pass no other state, $o_t$ moves $\bar o$ as a part of the mean, and through the score $e_t$.
# The derivative of the softmax is $\partial a_j/\partial e_t = a_j\,(1 - a_t)$ for $j = t$, and $-a_j\,a_t$ for the
# others, so $\partial \bar o/\partial e_t = \sum_j o_j\,\partial a_j/\partial e_t = a_t\,(o_t - \bar o)$. Together:
# $$a_t + a_t\,u\,(o_t - \bar o)$$
# This is not a product over time. With $u = 0$ every score is 0, every state gets the same attention $a_t = 1/T$, and
# that is the direct route: the same for the first step as for the last. In a text twice as long it is half as large,
# 1/60 in place of 1/30. A product of factors is squared, or about, over twice as many steps: 0.001 becomes 0.000001.

# %%
direct = gradients(loss, set(states))                 # the walk stops at the states
for t, (a, o) in enumerate(zip(attention, states[1:]), start=1):
    by_hand = a.data + a.data * U * (o.data - loss.data)
    print(f"t = {t}:  direct {number(direct[o]):>8}   with those through time {number(o.grad):>8}")
    assert isclose(direct[o], by_hand, rel_tol=1e-9, abs_tol=1e-15), f"t = {t}: by hand it is {by_hand}"

# %% [markdown]
# ## Many steps, beside the LSTM
#
# Networks of eight units and inputs as in lesson 12. $L$ is the sum of the last state, or of $\bar o$, divided by
# $\sqrt{8}$. For the LSTM it is the gradient of the cell. The direct route gives each state about one $T$-th of the
# gradient, the first one as much as the last; what comes back through time is added to that.

# %%
STEPS, UNITS, OPEN, SEED = 50, 8, 4, 0


def unrolled_over(network):
    source = random.Random(SEED)
    return network.unroll([[source.uniform(-1, 1)] for _ in range(STEPS)])


def scorer(units):
    source = random.Random(SEED)
    return [Value(source.uniform(-1, 1) / sqrt(units), label=f"u[{r}]") for r in range(units)]


def new(kind):
    return kind(1, UNITS, bias=True, seed=SEED)


lstm = new(LSTM)
for b in lstm.b_hf:
    b.data = OPEN
rnn, kept = unrolled_over(new(RNN)), unrolled_over(lstm)
flows = {
    "RNN": gradient_flow(sum(rnn.state) / sqrt(UNITS), rnn),
    f"LSTM c, b_hf = {number(OPEN)}": gradient_flow(sum(kept.state) / sqrt(UNITS), kept, "cell"),
    "RNN with attention": gradient_flow(sum(attend(scorer(UNITS), rnn.states[1:])[1]) / sqrt(UNITS), rnn),
}
print(f"one T-th: 1/{STEPS} = {number(1 / STEPS)}\n   t" + "".join(f"{kind:>20}" for kind in flows))
for t in sorted({*range(STEPS, 0, -10), 1}, reverse=True):
    print(f"{t:>4}" + "".join(f"{number(flow[t]):>20}" for flow in flows.values()))

# %%
curves: dict[str, list] = {kind: list(enumerate(flow))[1:] for kind, flow in flows.items()}
picture = plot([Panel(f"{UNITS} units, {STEPS} steps", curves)], "time step t", "norm of the gradient (log)")
print(picture.save_and_say(pictures / "17_flow.svg"))
picture

# %% [markdown]
# ## The long dependency once more
#
# The task of lesson 14: the first word of a text is good or bad, the others say nothing. The same RNN, without
# attention and with it. (The scores need not be learned well: even the plain mean is a short route to every word.)

# %%
LENGTH, UPDATES = 30, 80


def pair(source):
    """Two texts, alike but for their first word: [(label, text), (label, text)]"""
    rest = [source.randrange(2, 5) for _ in range(LENGTH - 1)]
    return [(0, [0, *rest]), (1, [1, *rest])]


def learn(with_attention):
    """(mean L of the last update, the share of 100 new texts judged right, a_1 … a_T of one of them)"""
    network, u, source = RNN(5, 3, bias=True, fused=True, seed=SEED), scorer(3), random.Random(SEED)

    def read(text):
        states = network.unroll(text).states[1:]
        attention, mean = attend(u, states)
        return network.readout(mean if with_attention else states[-1])[0], attention

    optimizer = Adam([*network.parameters(), *u], lr=0.03)
    for _ in range(UPDATES):
        optimizer.zero_grad()
        bad, good = (binary_cross_entropy_with_logits(read(text)[0], y) for y, text in pair(source))
        loss = (bad + good) / 2
        loss.backward()
        optimizer.step()
    unseen = [each for _ in range(50) for each in pair(source)]
    return loss.data, sum((read(text)[0] > 0) == y for y, text in unseen) / len(unseen), read(unseen[1][1])[1]


right = {}
for kind, with_attention in (("RNN", False), ("RNN with attention", True)):
    last, right[kind], attention = learn(with_attention)
    print(f"{kind:<18}  mean L {number(last, 3):>7}   right {right[kind]:.0%}")
largest = max(attention)
print("a_t of a good text:", *(number(a.data, 2) for a in attention[:6]), "…")
print(f"the largest is a_t of t = {attention.index(largest) + 1}: {number(largest.data, 2)}, where an equal share for "
      f"each of the {LENGTH} words is {number(1 / LENGTH, 2)}")

# %%
left = {kind: flow[1] / flow[-1] for kind, flow in flows.items()}
assert left["RNN with attention"] > 1000 * left["RNN"], "attention reaches the first step no better than the RNN does"
why = "by luck of the seed" if LENGTH > 20 else f"because {LENGTH} words are few"
assert right["RNN"] < 0.6, f"the RNN judges {right['RNN']:.0%} right too, {why}"
share = right["RNN with attention"]
assert share > 0.95, f"with attention the RNN judges only {share:.0%} right: it needs more UPDATES"
print("Attention reaches the first word, and the network learns it.")

# %% [markdown]
# The story goes on from here. A Transformer leaves the recurrence out: its states are made by attention, and the
# position of each word is an input. The gradient is still the sum, over all uses, of partial × upstream.
#
# ## Change it
#
# - Other inputs and another scorer: `[1, 0.5, -1], 0.5, 0.8, 1.5` → `[1, 0.5, -1, 2], 0.5, 2, -3`
# - No preference; what is $a_t$ now? `0.5, 0.8, 1.5` → `0.5, 0.8, 0`
# - Other weights and texts: `= 50, 8, 4, 0` → `= 50, 8, 4, 1`
# - So short that the RNN learns it too; the check fails and says so: `LENGTH, UPDATES = 30` → `LENGTH, UPDATES = 5`
# - Too little training; the check fails: `LENGTH, UPDATES = 30, 80` → `LENGTH, UPDATES = 30, 5`
