# %% [markdown]
# # 12 LSTM: a cell that keeps
#
# In a plain RNN every step multiplies the gradient by $f'(z_t)\,w_h$, and a product of such factors easily vanishes or
# explodes (lesson 07). An **LSTM** (long short-term memory) hands on a second number, the **cell** $c_t$, and changes
# it gently: it multiplies it by a **gate**, a number between 0 and 1, and adds to it.
# $$c_t = f_t\,c_{t-1} + i_t\,g_t \qquad\qquad h_t = o_t \tanh(c_t)$$
#
# What are gates for? In "not a film that I call good" the first word must be kept until the last. At "not" the input
# gate opens ($i_t$ near 1), and $g_t$ is written into the cell. At the words between, $i_t$ is near 0 and the forget
# gate $f_t$ near 1: the cell stays as it is. The output gate $o_t$ shows it where it is needed.
#
# The names are those of papers and of PyTorch, and some letters change their meaning here:
#
# | letter | in this lesson | before |
# |---|---|---|
# | $h_t$ | the state | was $o_t$ |
# | $o_t$ | the output gate: how much of the cell is shown | the state |
# | $f_t$ | the forget gate: how much of the cell is kept | $f$ was the activation, here written $\tanh$ |
# | $i_t$ | the input gate: how much is written | |
# | $g_t$ | what is written | |
#
# Each gate has weights and a bias of its own: $f_t = \sigma(x_t\,w_{if} + h_{t-1}\,w_{hf} + b_{hf})$, and the same
# way $i_t$ and $o_t$. $g_t$ has $\tanh$ in place of $\sigma$. The first index of a weight says what it multiplies, the
# input (i) or the state (h), the second index whose it is. (A bias multiplies nothing. PyTorch has two, $b_{if}$ beside
# $w_{if}$ and $b_{hf}$ beside $w_{hf}$, and only adds them; one is enough, and it keeps the name of the second.)

# %%
import random
from math import exp, hypot, isclose, prod, sqrt, tanh
from pathlib import Path

from minigrad.bptt import gradient_flow, state_jacobians
from minigrad.draw import draw
from minigrad.draw.plot import Panel, plot
from minigrad.nn import LSTM, RNN
from minigrad.notation import name, number

pictures = Path("minigrad-lessons")
pictures.mkdir(exist_ok=True)

INPUTS = [1, 0.5, -1]
WEIGHTS = {
    "w_ii": 0.5, "w_if": -0.3, "w_ig": 0.9, "w_io": 0.2,
    "w_hi": 0.4, "w_hf": 0.6, "w_hg": -0.7, "w_ho": 0.8,
    "b_hi": 0.1, "b_hf": 1.0, "b_hg": 0.0, "b_ho": 0.2,
}

# %% [markdown]
# ## Forward
#
# One unit, a step for each input, $L = h_n$.

# %%
as_lists: dict = {name: [[w]] if name.startswith("w") else [w] for name, w in WEIGHTS.items()}
lstm = LSTM.from_weights(**as_lists, w_o=[[1.0]])
unrolled = lstm.unroll([[x] for x in INPUTS])
[loss] = unrolled.state
n = len(unrolled)
print("   t" + "".join(f"{f'{letter}_t':>9}" for letter in "xifgoch"))
for t, step in enumerate(unrolled, start=1):
    row = [*(gate[0] for gate in step.gates.values()), step.cell[0], step.state[0]]
    print(f"{t:>4}{number(INPUTS[t - 1]):>9}" + "".join(f"{number(v.data):>9}" for v in row))

# %% [markdown]
# ## Back along the cell
#
# With $h_{t-1}$ held fixed, the derivative of $c_t = f_t\,c_{t-1} + i_t\,g_t$ with respect to $c_{t-1}$ is the gate
# $f_t$ itself: no weight in it, and no slope of an activation. It is the immediate derivative $\partial^+$ of lesson
# 02. (The gates get theirs the same way: $f_t$ gets $c_{t-1}$, $i_t$ gets $g_t$, and $g_t$ gets $i_t$, each times
# $\partial L/\partial c_t$; $o_t$ gets $\tanh c_t$ times $\partial L/\partial h_t$.) `state_jacobians` has a matrix for
# each step; its last row and column are those of the cell:

# %%
for t, jacobian in enumerate(state_jacobians(unrolled), start=1):
    of_cell, f_t = jacobian[-1][-1], unrolled[t - 1].gates["f"][0]
    print(name(f"t = {t}:  ∂⁺c_{t}/∂c_{t - 1} = {number(of_cell)}   f_{t} = {number(f_t.data)}"))
    assert of_cell == f_t.data, f"t = {t}: the cell does not only keep"

# %% [markdown]
# ## All that arrives
#
# The cell is one route back; the gates read $h_{t-1}$, and that is another. In the picture the cells are the upper row:
# the arrows between them are the first route, those from $h$ on to the right the second.

# %%
flow_c, flow_h = gradient_flow(loss, unrolled, of="cell"), gradient_flow(loss, unrolled)
print("   t  |∂L/∂c_t|  |∂L/∂h_t|")
for t in range(n, -1, -1):
    print(f"{t:>4}{number(flow_c[t]):>11}{number(flow_h[t]):>11}")

# %%
loss.backward()
picture = draw(loss, unrolled)
print(picture.save_and_say(pictures / "12_lstm.svg"))
picture

# %% [markdown]
# ## Many steps
#
# Networks of eight units, the same inputs, $\|\partial L/\partial h_n\| = 1$. (At the last cell it is less, because
# $h_n = o_n \tanh c_n$ passes on only a part.) An LSTM starts with $b_{hf} = 1$, so each $f_t$ is about $\sigma(1) =
# 0.73$, and many of them leave little: the gradient of the cell vanishes too, but more slowly. A gate *can* stay nearer
# to 1: with $b_{hf} = 4$ it is about $\sigma(4) = 0.98$. An LSTM can learn to set it there.

# %%
STEPS, UNITS, OPEN, SEED = 50, 8, 4, 0


def new(kind):
    return kind(1, UNITS, bias=True, seed=SEED)


def unroll(network):
    """(L, unrolled) for L = Σ_r h_n[r] / √UNITS"""
    source = random.Random(SEED)
    over = network.unroll([[source.uniform(-1, 1)] for _ in range(STEPS)])
    return sum(over.state) / sqrt(UNITS), over


def flow_of(network, of="state"):
    """The norms of ∂L/∂h_t, or of ∂L/∂c_t, t = 0 … n"""
    long_loss, over = unroll(network)
    return gradient_flow(long_loss, over, of)


rnn, start, keeping = new(RNN), new(LSTM), new(LSTM)
for b in keeping.b_hf:
    b.data = OPEN
opened = f"LSTM c, b_hf = {number(OPEN)}"
flows = {"RNN": flow_of(rnn), "LSTM c": flow_of(start, "cell"), opened: flow_of(keeping, "cell")}
print("   t" + "".join(f"{kind:>20}" for kind in flows))
for t in sorted({*range(STEPS, 0, -10), 0}, reverse=True):
    print(f"{t:>4}" + "".join(f"{number(flow[t]):>20}" for flow in flows.values()))

# %% [markdown]
# How much of it came along the cell? By the forget gates alone, each $c_0[r]$ would get what $c_n[r]$ has × the product
# of its $n$ gates. The second route, through $h$ and the gates, adds to it or takes from it; with some weights the
# gradient even grows on its way back.

# %%
for kind, lstm in (("LSTM c", start), (opened, keeping)):
    long_loss, over = unroll(lstm)
    long_loss.backward()
    alone = [c.grad * prod(step.gates["f"][r].data for step in over) for r, c in enumerate(over[-1].cell)]
    by_gates, both = number(hypot(*alone)), number(flows[kind][0])
    print(f"{kind}: the norm of ∂L/∂c₀ is {by_gates} by the forget gates alone, {both} by both routes")

# %%
panel = Panel(f"{UNITS} units, {STEPS} steps", {kind: list(enumerate(flow)) for kind, flow in flows.items()})
picture = plot([panel], "time step t", "norm of the gradient (log)")
print(picture.save_and_say(pictures / "12_flow.svg"))
picture

# %% [markdown]
# ## Check
#
# The first network once more with plain floats; its start $h_0$ and $c_0$ a little larger and a little smaller, for the
# gradient that arrives there.

# %%
def sigma(z):
    return 1 / (1 + exp(-z))


def by_hand(h, c, inputs):
    """(h, c) after the inputs, from the state h and the cell c on"""
    for x in inputs:
        z = {gate: x * WEIGHTS[f"w_i{gate}"] + h * WEIGHTS[f"w_h{gate}"] + WEIGHTS[f"b_h{gate}"] for gate in "ifgo"}
        c = sigma(z["f"]) * c + sigma(z["i"]) * tanh(z["g"])
        h = sigma(z["o"]) * tanh(c)
    return h, c


for t in range(n + 1):
    assert isclose(unrolled.states[t][0].data, by_hand(0, 0, INPUTS[:t])[0], abs_tol=1e-12), f"h_{t} is not its formula"
d = 1e-5
of_h = (by_hand(d, 0, INPUTS)[0] - by_hand(-d, 0, INPUTS)[0]) / (2 * d)
of_c = (by_hand(0, d, INPUTS)[0] - by_hand(0, -d, INPUTS)[0]) / (2 * d)
assert isclose(flow_h[0], abs(of_h), abs_tol=1e-8), f"h₀ gets {flow_h[0]}, and L changes by {of_h} × that of h₀"
assert isclose(flow_c[0], abs(of_c), abs_tol=1e-8), f"c₀ gets {flow_c[0]}, and L changes by {of_c} × that of c₀"
arrives, lost = flows[opened][0], flows["RNN"][0]
why = "its forget gate is shut" if OPEN < 0 else f"{STEPS} steps are too few to tell"
assert arrives > 1000 * lost, f"{number(arrives)} of the gradient arrives at c₀, at the RNN's o₀ {number(lost)}: {why}"
print(f"The LSTM is its formulas; a gradient of {number(arrives)} arrives at c₀, at the RNN's o₀ {number(lost)}.")

# %% [markdown]
# ## Change it
#
# In the network of one unit:
#
# - An open forget gate; what becomes of $\partial L/\partial c_0$? `"b_hf": 1.0` → `"b_hf": 5.0`
# - A gate that forgets; how little of $\partial L/\partial c_0$ is left? `"b_hf": 1.0` → `"b_hf": -5.0`
# - One more input: `[1, 0.5, -1]` → `[1, 0.5, -1, 2]`
#
# In those of eight units:
#
# - Other networks and inputs; does the gradient grow? `OPEN, SEED = 50, 8, 4, 0` → `OPEN, SEED = 50, 8, 4, 3`
# - Twice the steps; what is left of each? `OPEN, SEED = 50, 8, 4, 0` → `OPEN, SEED = 100, 8, 4, 0`
# - Only five steps; the check fails and says what arrives: `SEED = 50, 8, 4, 0` → `SEED = 5, 8, 4, 0`
# - A gate that shuts; the check fails: `OPEN, SEED = 50, 8, 4, 0` → `OPEN, SEED = 50, 8, -4, 0`
