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
# `log_sum_exp` is $\ln \sum_j \exp e_j$. So $a_t = \exp(e_t - \ln \sum_j \exp e_j)$, which never overflows.

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
picture = draw(loss, unrolled, fold=states)
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
# that is the direct route: the same for the first step as for the last. It is 1/30 for a text of 30 words, and 1/60 for
# one of 60. A product over twice as many steps is about squared: 0.001 becomes 0.000001.

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
# $\sqrt{8}$. The table has the gradient of what is handed on from step to step: of the states of an RNN, and of the
# cells of an LSTM. The direct route gives each state about one $T$-th of the gradient, whether it is early or late;
# what comes back through time is added to that.

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
# ## The word that counts
#
# A task: each word of a text is good ($+1$) or bad ($-1$), at random. One of them, anywhere, is stressed, and this one
# alone says whether the text is good, as "bad good GOOD bad bad" is. So an input is two numbers, $+1$ or $-1$ and
# whether the word is stressed. The same RNN of two units reads it, with three readouts: of the last state; of the plain
# mean of the states ($u = 0$, so $a_t = 1/T$ for every word); and of $\bar o$, where $u$ is learned.
#
# In the plain mean the stressed word has one share of $T$; to silence all the others in their states is hard to learn.

# %%
LENGTH, UPDATES = 30, 150


def pair(source):
    """A text and its opposite: [(label, stressed t, text), …]"""
    signs, stressed = [source.choice((-1, 1)) for _ in range(LENGTH)], source.randrange(LENGTH)
    texts = [[[way * sign, int(t == stressed)] for t, sign in enumerate(signs)] for way in (1, -1)]
    return [(int(text[stressed][0] > 0), stressed, text) for text in texts]


def learn(readout):
    """(the share of 100 new texts judged right, [(y, the stressed t, a_1 … a_T) of each])"""
    source, network = random.Random(SEED), RNN(2, 2, bias=True, fused=True, seed=SEED)
    u = scorer(2) if readout == "attention" else [Value(0), Value(0)]

    def read(text):
        states = network.unroll(text).states[1:]
        attention, mean = attend(u, states)
        return network.readout(states[-1] if readout == "last state" else mean)[0], attention

    optimizer = Adam([*network.parameters(), *(u if readout == "attention" else [])], lr=0.1)
    for _ in range(UPDATES):
        optimizer.zero_grad()
        loss = Value(0)
        for y, _, text in [*pair(source), *pair(source)]:
            loss = loss + binary_cross_entropy_with_logits(read(text)[0], y) / 4
        loss.backward()
        optimizer.step()
    unseen = [each for _ in range(50) for each in pair(source)]
    share = sum((read(text)[0] > 0) == y for y, _, text in unseen) / len(unseen)
    return share, [(y, stressed, [a.data for a in read(text)[1]]) for y, stressed, text in unseen]


right = {}
for readout in ("last state", "plain mean", "attention"):
    right[readout], looks = learn(readout)
    print(f"{readout:<11} right {right[readout]:.0%}")
curves, shares = {}, {}
for label, kind in enumerate(("bad", "good")):
    given = [(stressed, attention) for y, stressed, attention in looks if y == label]
    shares[kind] = sum(attention[stressed] for stressed, attention in given) / len(given)
    print(f"a_t of the stressed word in {kind} texts: {number(shares[kind], 2)} on average")
    stressed, attention = given[-1]
    curves[f"a {kind} text, t = {stressed + 1} is stressed"] = list(enumerate(attention, start=1))

# %%
picture = plot([Panel("attention after training", curves)], "time step t", "a_t", logarithmic=False)
print(picture.save_and_say(pictures / "17_attention.svg"))
picture

# %% [markdown]
# A network that judges all texts right has learned where to look. It may look for one kind alone, a stressed good word
# or a stressed bad one: where it finds none, the text must be of the other kind.

# %%
left = {kind: flow[1] / flow[-1] for kind, flow in flows.items()}
assert left["RNN with attention"] > 1000 * left["RNN"], "attention reaches the first step no better than the RNN does"
assert right["attention"] > 0.95, f"attention judges only {right['attention']:.0%} right: it needs more UPDATES"
assert max(shares.values()) > 0.5, f"the stressed word gets only {max(shares.values()):.2g} of the attention"
print("Attention reaches every word, and the network learns which one counts.")

# %% [markdown]
# The story goes on in "Attention is all you need" (Vaswani and others, 2017): a Transformer leaves the recurrence out,
# and attention makes its states. The gradient is still the sum, over all uses, of partial × upstream.
#
# ## Change it
#
# - Other inputs and another scorer: `[1, 0.5, -1], 0.5, 0.8, 1.5` → `[1, 0.5, -1, 2], 0.5, 2, -3`
# - No preference; what is $a_t$ now? `0.5, 0.8, 1.5` → `0.5, 0.8, 0`
# - Other weights and texts: `= 50, 8, 4, 0` → `= 50, 8, 4, 1`
# - A short text; does the plain mean learn it now? `LENGTH, UPDATES = 30` → `LENGTH, UPDATES = 4`
# - Too little training; the check fails: `LENGTH, UPDATES = 30, 150` → `LENGTH, UPDATES = 30, 5`
