# %% [markdown]
# # 13 GRU: a state that keeps itself
#
# A **GRU** (gated recurrent unit) has no cell. A gate mixes its state with a new one:
# $$h_t = (1 - z_t)\,n_t + z_t\,h_{t-1}$$
#
# | letter | in this lesson | before |
# |---|---|---|
# | $h_t$ | the state | the same in lesson 12; $o_t$ up to lesson 11 |
# | $z_t$ | the **update gate**: how much of the state is kept | the number before an activation |
# | $r_t$ | the **reset gate**: how much of $h_{t-1}$ the new state reads | |
# | $n_t$ | the new state | |
# | $T$ | the number of steps | was $n$ |
#
# (Some texts write $z_t$ for our $1 - z_t$.) Without biases:
# $$r_t = \sigma(x_t\,w_{ir} + h_{t-1}\,w_{hr}) \qquad z_t = \sigma(x_t\,w_{iz} + h_{t-1}\,w_{hz}) \qquad
# n_t = \tanh(x_t\,w_{in} + r_t\,h_{t-1}\,w_{hn})$$
#
# What are the two gates for? In "the plot is thin, the music is great" the word "is" says nothing: with $z_t$ near 1
# the state stays as it was. At "the music" a new thought begins: with $z_t$ near 0 the state is replaced, and with
# $r_t$ near 0 the new one is made of the word alone, as at the first step. With $r_t$ near 1 it reads what was before,
# as a plain RNN does at every step.

# %%
import random
from math import exp, isclose, sqrt, tanh
from pathlib import Path

from minigrad.bptt import gradient_flow, state_jacobians
from minigrad.draw import draw
from minigrad.draw.plot import Panel, plot
from minigrad.nn import GRU, LSTM, RNN
from minigrad.notation import added, name, number

pictures = Path("minigrad-lessons")
pictures.mkdir(exist_ok=True)

INPUTS = [1, 0.5, -1]
W_IR, W_IZ, W_IN = 0.5, -0.3, 0.9
W_HR, W_HZ, W_HN = 0.3, -0.4, 0.8

# %% [markdown]
# ## Forward
#
# One unit, a step for each input, $L = h_T$.

# %%
one_unit = GRU.from_weights([[W_IR]], [[W_IZ]], [[W_IN]], [[W_HR]], [[W_HZ]], [[W_HN]], w_o=[[1.0]])
unrolled = one_unit.unroll([[x] for x in INPUTS])
[loss] = unrolled.state
T = len(unrolled)
print("   t" + "".join(f"{f'{letter}_t':>9}" for letter in "xrznh"))
for t, step in enumerate(unrolled, start=1):
    numbers = [INPUTS[t - 1], *(gate[0].data for gate in step.gates.values()), step.state[0].data]
    print(f"{t:>4}" + "".join(f"{number(x):>9}" for x in numbers))

# %% [markdown]
# ## Back along the state
#
# $h_{t-1}$ reaches $h_t$ along three routes, and their derivatives add up:
#
# - it is kept: $z_t$, with no weight and no slope,
# - it moves the update gate: $(h_{t-1} - n_t)\,z_t(1 - z_t)\,w_{hz}$,
# - it moves the new state: $(1 - z_t)(1 - n_t^2)\,w_{hn}\,\bigl(r_t + h_{t-1}\,r_t(1 - r_t)\,w_{hr}\bigr)$.

# %%
for t in range(T, 0, -1):
    h = unrolled.states[t - 1][0].data
    r, z, n = (gate[0].data for gate in unrolled[t - 1].gates.values())
    through_update = (h - n) * z * (1 - z) * W_HZ
    through_new = (1 - z) * (1 - n**2) * W_HN * (r + h * r * (1 - r) * W_HR)
    [[derivative]] = state_jacobians(unrolled)[t - 1]
    terms = added([z, through_update, through_new])
    print(f"t = {t}:  {name(f'∂h_{t}/∂h_{t - 1}')} = {terms} = {number(derivative)}")
    assert isclose(derivative, z + through_update + through_new, rel_tol=1e-9, abs_tol=1e-15), f"t = {t}: not the sum"

# %% [markdown]
# The picture has these derivatives on its arrows, from state to state. A golden frame belongs to one weight: first its
# gradient, then what each step contributes. One frame, that of the second weight $w_{hr}$, is opened as the staircase
# of lesson 06: a row for each step ("via t = …"), the factors from right to left. The others could be opened the same
# way.

# %%
loss.backward()
picture = draw(loss, unrolled)
print(picture.save_and_say(pictures / "13_gru.svg"))
picture

# %% [markdown]
# ## Beside the LSTM
#
# A GRU has three weighted sums of $h_{t-1}$ where an LSTM has four, so it has about three quarters of the weights.
#
# Many factors leave a gradient only if they are near 1. The last row of the table says what the factor of one step is
# on average: $T$ of them make the number at $t = 0$ from that at $t = T$. The gate $z_t$ of a GRU starts near
# $\sigma(0) = 0.5$: with what the other two routes add, the factor is still far from 1, and the gradient vanishes. With
# a bias of 4 on the gate that keeps ($b_{hz}$ of the GRU, $b_{hf}$ of the LSTM) this gate is about $\sigma(4) = 0.98$,
# and near it is the factor of the GRU. ("LSTM c" is the gradient of its cell, the others are those of the state.)

# %%
STEPS, UNITS, OPEN, SEED = 50, 8, 4, 0


def new(kind):
    return kind(1, UNITS, bias=True, seed=SEED)


def flow_of(network, of="state"):
    """The norms of ∂L/∂h_t, or of ∂L/∂c_t, t = 0 … T, for L = Σ_r h_T[r] / √UNITS"""
    source = random.Random(SEED)
    over = network.unroll([[source.uniform(-1, 1)] for _ in range(STEPS)])
    return gradient_flow(sum(over.state) / sqrt(UNITS), over, of)


rnn, lstm, gru = new(RNN), new(LSTM), new(GRU)
flows = {"RNN": flow_of(rnn), "LSTM c": flow_of(lstm, "cell"), "GRU": flow_of(gru)}
for b in [*lstm.b_hf, *gru.b_hz]:
    b.data = OPEN
opened = f"GRU, b = {number(OPEN)}"
flows |= {f"LSTM c, b = {number(OPEN)}": flow_of(lstm, "cell"), opened: flow_of(gru)}
print(f"weights: RNN {len(rnn.parameters())}, LSTM {len(lstm.parameters())}, GRU {len(gru.parameters())}")
print("\n   t" + "".join(f"{kind:>15}" for kind in flows))
for t in sorted({*range(STEPS, 0, -10), 0}, reverse=True):
    print(f"{t:>4}" + "".join(f"{number(flow[t]):>15}" for flow in flows.values()))
factors = [(flow[0] / flow[-1]) ** (1 / STEPS) for flow in flows.values()]
print("step" + "".join(f"{f'× {number(factor, 3)}':>15}" for factor in factors))

# %%
panel = Panel(f"{UNITS} units, {STEPS} steps", {kind: list(enumerate(flow)) for kind, flow in flows.items()})
picture = plot([panel], "time step t", "norm of the gradient (log)")
print(picture.save_and_say(pictures / "13_flow.svg"))
picture

# %% [markdown]
# ## Check
#
# The first network once more with plain floats. With an open gate more of the gradient is left at $t = 0$.

# %%
def sigma(a):
    return 1 / (1 + exp(-a))


h = 0.0
for t, x in enumerate(INPUTS, start=1):
    r, z = sigma(x * W_IR + h * W_HR), sigma(x * W_IZ + h * W_HZ)
    h = (1 - z) * tanh(x * W_IN + r * h * W_HN) + z * h
    assert isclose(unrolled.states[t][0].data, h, rel_tol=1e-9), f"h_{t} is not its formula"
kept, lost = flows[opened][0], flows["GRU"][0]
assert kept > 1000 * lost, f"with the bias {number(kept)} is left, without it {number(lost)}: is the gate shut?"
print(f"The GRU is its formulas; {number(kept, 3)} of the gradient arrives at h₀, without the bias {number(lost, 3)}.")

# %% [markdown]
# ## Change it
#
# - A state that shuts its own gate; can a derivative be above 1? `W_HN = 0.3, -0.4, 0.8` → `W_HN = 0.3, -5, 0.8`
# - One more input: `[1, 0.5, -1]` → `[1, 0.5, -1, 2]`
# - Other networks and inputs: `= 50, 8, 4, 0` → `= 50, 8, 4, 3`
# - A gate that shuts; the check fails and says what is left: `= 50, 8, 4, 0` → `= 50, 8, -4, 0`
