# %% [markdown]
# # 14 Learning a long dependency
#
# Lessons 12 and 13 measured gradients. Does it matter for learning? A task: the first word of a text is good or bad,
# the others say nothing, and after the last word the network has to tell which it was. Each network could carry the
# word on. To learn to do so, it needs a gradient at the first step; how far does that alone decide?

# %%
import random
from pathlib import Path

from minigrad import Value
from minigrad.bptt import gradient_flow
from minigrad.draw.plot import Panel, plot
from minigrad.losses import binary_cross_entropy_with_logits
from minigrad.nn import GRU, LSTM, RNN
from minigrad.notation import number
from minigrad.optim import Adam

LENGTH, UNITS, UPDATES = 30, 3, 80
SEED, OPEN, SHUT = 0, 4, -3
BAD, GOOD, WORDS = 0, 1, 5                            # words 2, 3 and 4 say nothing

# %% [markdown]
# ## The task
#
# Two texts at a time, alike but for their first word, so that nothing else tells them apart.

# %%
def pair(source):
    """[(label, text), (label, text)]"""
    rest = [source.randrange(2, WORDS) for _ in range(LENGTH - 1)]
    return [(BAD, [BAD, *rest]), (GOOD, [GOOD, *rest])]


for label, words in pair(random.Random(SEED)):
    print(f"label {label}: words {' '.join(map(str, words[:8]))}{' …' * (LENGTH > 8)}")

# %% [markdown]
# ## The networks
#
# An RNN; an LSTM and a GRU as they start; and the same two with the bias `OPEN` on the gate that keeps (b), as in
# lessons 12 and 13, and the LSTM with one more. Where the GRU keeps, it does not write: one gate decides on both. The
# LSTM has a gate for each. If it kept all, and went on writing, the words that say nothing would be added to the first.
# So its input gate starts nearly shut, with the bias `SHUT`: $\sigma(-3) = 0.05$. To open it for a word that matters is
# what it can learn.

# %%
def new(kind):
    return kind(WORDS, UNITS, bias=True, fused=True, seed=SEED)


lstm, gru = new(LSTM), new(GRU)
for b in [*lstm.b_hf, *gru.b_hz]:
    b.data = OPEN
for b in lstm.b_hi:
    b.data = SHUT
open_lstm, open_gru = f"LSTM, b = {number(OPEN)}, {number(SHUT)}", f"GRU, b = {number(OPEN)}"
networks = {"RNN": new(RNN), "LSTM": new(LSTM), "GRU": new(GRU), open_lstm: lstm, open_gru: gru}

# %% [markdown]
# ## Before learning: the gradient at the first word
#
# How large is it, beside the gradient at the last word? $\|\partial L/\partial h_1\| \,/\, \|\partial L/\partial
# h_T\|$, and for an LSTM the same of its cell. ($T$ is the number of words. Above 1 it has grown on its way back.)

# %%
def loss_of(network, text, y):
    over = network.unroll(text)
    return binary_cross_entropy_with_logits(network.readout(over.state)[0], y), over


y, text = pair(random.Random(SEED))[0]
for kind, network in networks.items():
    loss, over = loss_of(network, text, y)
    flow = gradient_flow(loss, over, "cell" if "LSTM" in kind else "state")
    print(f"{kind:<15}  × {number(flow[1] / flow[-1])}")

# %% [markdown]
# ## Learn
#
# The same texts for every network. Guessing gives $L = \ln 2 \approx 0.693$.

# %%
def learn(network):
    """(the mean loss of every 5 updates, the share of 100 new texts that it judges right)"""
    source, optimizer = random.Random(SEED), Adam(network.parameters(), lr=0.03)
    curve, losses = [], []
    for update in range(1, UPDATES + 1):
        loss = Value(0)
        for y, text in pair(source):
            loss = loss + loss_of(network, text, y)[0] / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.data)
        if update % 5 == 0:
            curve.append((update, sum(losses[-5:]) / 5))
    unseen = [each for _ in range(50) for each in pair(source)]
    right = sum((network.readout(network.unroll(text).state)[0] > 0) == (y == GOOD) for y, text in unseen)
    return curve, right / len(unseen)


# %%
curves, right = {}, {}
for kind, network in networks.items():
    curves[kind], right[kind] = learn(network)
    print(f"{kind:<15}  mean L at the end {number(curves[kind][-1][1], 3):>7}   right {right[kind]:.0%}")

# %%
panel = Panel(f"the first of {LENGTH} words", curves)
picture = plot([panel], "update", "mean L", logarithmic=False)
Path("minigrad-lessons").mkdir(exist_ok=True)
print(picture.save_and_say("minigrad-lessons/14_learned.svg"))
picture

# %% [markdown]
# Curves that stay at 0.693, those of pure guessing, lie on one another. Where next to no gradient reaches the first
# word, hardly anything teaches the network what to do with it. That makes learning it rare, not impossible: the weights
# change while they learn, and Adam enlarges small gradients. Nor is a gradient at the start enough: one of some percent
# still has to grow while it learns. What helped every time was a gate that was open from the start. With the seeds 0 to
# 23 in turn, the RNN learned the word once, the LSTM and the GRU as they start six times each, and both with the open
# gate every time.

# %%
for kind in (open_lstm, open_gru):
    why = "the gate that keeps is shut" if OPEN < 0 else "it needs more UPDATES"
    why = "its input gate writes every word" if kind == open_lstm and SHUT >= 0 else why
    assert right[kind] > 0.95, f"{kind} judges only {right[kind]:.0%} right: {why}"
learned = [kind for kind in right if right[kind] > 0.95]
print(f"Learned in {UPDATES} updates, from a distance of {LENGTH - 1} words: {'; '.join(learned)}.")

# %% [markdown]
# ## Change it
#
# - Other weights and texts; who learns it now? `SEED, OPEN, SHUT = 0` → `SEED, OPEN, SHUT = 1`
# - The seed with which the RNN learns it too: `SEED, OPEN, SHUT = 0` → `SEED, OPEN, SHUT = 4`
# - So short that more of them learn it; which? `LENGTH, UNITS, UPDATES = 30` → `LENGTH, UNITS, UPDATES = 5`
# - Gates that do not keep; the check fails: `SHUT = 0, 4, -3` → `SHUT = 0, -4, -3`
# - An LSTM that keeps all, and also writes all; with this seed the check fails: `SHUT = 0, 4, -3` → `SHUT = 5, 4, 0`
# - Too little training; the check fails: `UPDATES = 30, 3, 80` → `UPDATES = 30, 3, 10`
