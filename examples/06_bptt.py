# %% [markdown]
# # 06 Backpropagation through time: the page of formulas, with numbers
#
# The network of lesson 05 reads a sequence, and says at the end how likely the answer is 1. Here is the page of
# formulas, (1) to (9), that a lecture writes about it. Each is computed twice, by minigrad and with plain floats, and
# the two must agree to 12 digits. (The README has a table that says which function of minigrad computes each, and
# which test holds it.)

# %%
import sys
from math import exp, isclose, log, prod, tanh
from pathlib import Path

from minigrad import sigmoid
from minigrad.bptt import contributions, state_jacobians
from minigrad.draw import DrawingError, draw, walkthrough
from minigrad.explain import chain_rule
from minigrad.graph import gradients
from minigrad.losses import binary_cross_entropy
from minigrad.nn import RNN
from minigrad.notation import name, number
from minigrad.optim import SGD

INPUTS, Y = [1, 0.5, -1], 1
W_I, W_H, W_O = 0.5, 0.8, 1.2
ETA = 0.5


def show(formula, computed, expected):
    formula = name(formula)                           # o_1 as o₁
    print(f"{formula:<24} {number(computed):>9}")
    agree = isclose(computed, expected, rel_tol=1e-12, abs_tol=1e-15)
    assert agree, f"{formula} is {computed}, and by plain floats {expected}"

# %% [markdown]
# ## Forward
#
# $$(1)\quad o_t = f(z_t), \quad z_t = x_t w_i + o_{t-1} w_h, \quad f = \tanh, \quad o_0 = 0$$
# $$(2)\quad \hat y = \sigma(s), \quad s = o_n w_o \qquad\qquad
#   (3)\quad L = -y \log \hat y - (1-y) \log(1-\hat y)$$

# %%
def network(inputs, w_i, w_h, w_o):
    """(rnn, unrolled, ŷ, L)"""
    rnn = RNN.from_weights(w_i=[[w_i]], w_h=[[w_h]], w_o=[[w_o]])
    unrolled = rnn.unroll([[x] for x in inputs])
    y_hat = sigmoid(rnn.readout(unrolled.state)[0])
    loss = binary_cross_entropy(y_hat, Y)
    y_hat.label, loss.label = "y_hat", "L"
    return rnn, unrolled, y_hat, loss

# %%
other, short, _, hidden = network([-0.8, 0.6, 1.5], 0.7, -0.6, 1.7)       # other numbers, for the quiz
ASKED = [other.w_o[0][0], short.states[1][0], other.w_i[0][0]]            # the gradients that it asks for
if "--quiz" in sys.argv:                              # python examples/06_bptt.py --quiz
    from quiz import quiz

    sys.exit(quiz(hidden, ASKED, short))

# %%
rnn, unrolled, y_hat, loss = network(INPUTS, W_I, W_H, W_O)
w_i, w_h, w_o = rnn.parameters()

n, o = len(INPUTS), [0.0]                             # the same with plain floats: o[t] for t = 0 … n
for x in INPUTS:
    o.append(tanh(x * W_I + o[-1] * W_H))
p = 1 / (1 + exp(-o[n] * W_O))                        # ŷ

for t in range(1, n + 1):
    show(f"(1)  o_{t}", unrolled.states[t][0].data, o[t])               # stops if the two do not agree
show("(2)  ŷ", y_hat.data, p)
show("(3)  L", loss.data, -Y * log(p) - (1 - Y) * log(1 - p))

# %% [markdown]
# ## Backward: the last weight
#
# $w_o$ is used once. Its gradient is a plain chain:
#
# $$(4)\quad \frac{\partial L}{\partial w_o} = \frac{\partial L}{\partial \hat y} \cdot
#   \frac{\partial \hat y}{\partial w_o}, \qquad
#   \frac{\partial L}{\partial \hat y} = -\frac{y}{\hat y} + \frac{1-y}{1-\hat y}, \qquad
#   \frac{\partial \hat y}{\partial w_o} = \sigma'(s) \, o_n = \hat y (1-\hat y) \, o_n$$

# %%
loss.backward()

dL_dp = -Y / p + (1 - Y) / (1 - p)
show("     ∂L/∂ŷ", y_hat.grad, dL_dp)
show("(4)  ∂L/∂w_o", w_o.grad, dL_dp * p * (1 - p) * o[n])

# %% [markdown]
# ## From state to state
#
# One step back in time is one factor; several steps are their product. The derivative of $\tanh$ is $1 - \tanh^2$, so
# $f'(z_k) = 1 - o_k^2$. `state_jacobians` gives each factor as a **Jacobian**: the matrix of the derivatives of
# each number of a state with respect to each number of the state before. Here a state is one number, and it is 1 × 1.
#
# $$(5)\quad \frac{\partial o_k}{\partial o_{k-1}} = f'(z_k) \, w_h \qquad\qquad
#   (6)\quad \frac{\partial \hat y}{\partial o_j} = \frac{\partial \hat y}{\partial o_n}
#   \prod_{k=j+1}^{n} \frac{\partial o_k}{\partial o_{k-1}}$$

# %%
slope = [1 - o_t * o_t for o_t in o]                  # f′(z_t)
for k, [[factor]] in enumerate(state_jacobians(unrolled), start=1):
    show(f"(5)  ∂o_{k}/∂o_{k - 1}", factor, slope[k] * W_H)

to_state, dp_do = gradients(y_hat), {}                # {v: ∂ŷ/∂v}; no .grad is touched
for j in range(n, 0, -1):
    dp_do[j] = p * (1 - p) * W_O * prod(slope[k] * W_H for k in range(j + 1, n + 1))
    show(f"(6)  ∂ŷ/∂o_{j}", to_state[unrolled.states[j][0]], dp_do[j])

# %% [markdown]
# ## The shared weights: a sum over time
#
# $w_h$ reaches $\hat y$ by its use at every step $j$. Each use is one contribution, and $\partial^+ o_j/\partial w_h$
# is the immediate derivative of lesson 02: $o_{j-1}$ is held fixed, because what $w_h$ did to $o_{j-1}$ is already
# counted at the steps before.
#
# $$(7)\quad \frac{\partial L}{\partial w_h} = \sum_{j=1}^{n} \frac{\partial L}{\partial \hat y} \cdot
#   \frac{\partial \hat y}{\partial o_j} \cdot \frac{\partial^+ o_j}{\partial w_h}, \qquad
#   \frac{\partial^+ o_j}{\partial w_h} = f'(z_j) \, o_{j-1}$$
# $$(8)\quad \text{the same for } w_i, \text{ with } \frac{\partial^+ o_j}{\partial w_i} = f'(z_j) \, x_j$$

# %%
terms = {w: contributions(loss, unrolled, w) for w in (w_h, w_i)}         # t = 1 … n
for place, w, moves_with in ((7, w_h, o), (8, w_i, INPUTS)):
    by_floats = [dL_dp * dp_do[j] * slope[j] * moves_with[j - 1] for j in range(1, n + 1)]
    for j in range(n, 0, -1):
        show(f"({place})  j = {j}", terms[w][j - 1], by_floats[j - 1])
    show(f"({place})  ∂L/∂{w.label}", w.grad, sum(by_floats))

# %% [markdown]
# The graph itself writes (7), symbols first, then numbers:

# %%
print(chain_rule(loss, w_h))

# %% [markdown]
# Lesson 05 has the same contributions with the factors in other groups: there the partial is $o_{j-1}$, and the
# upstream is all the rest, $\partial L/\partial \hat y \cdot \partial \hat y/\partial o_j \cdot f'(z_j)$.
#
# ## Pictures
#
# First (7) as a staircase: a row for each use, longer for an earlier one, because it has more of the factors (5). (Its
# last column is the first two factors of (7) in one, $\partial L/\partial o_n$.) Then
# every product and sum, as a live page that plays both passes: a column is (1) for one step, "output" has (2) and (3),
# the box below it (4); the bars are the sums (7) and (8). Drag a violet number, and everything follows.

# %%
Path("minigrad-lessons").mkdir(exist_ok=True)
staircase = draw(loss, unrolled, "folded")
print(staircase.save_and_say("minigrad-lessons/06_staircase.svg"))
staircase

# %%
def save_page(name, loss, unrolled, asked=()):
    try:
        print("page:", walkthrough(loss, unrolled, quiz=asked).save(f"minigrad-lessons/{name}.html"))
    except DrawingError as error:
        print(f"page: not made, because {error}")


save_page("06_bptt", loss, unrolled)

# %% [markdown]
# ## Practise
#
# A network with other numbers, and three gradients hidden, with all that would tell them. Type them in the order asked,
# to 1 %. After a wrong answer the tiles below the picture show the factors, and you have a second try; then you see the
# answer. In a terminal `python examples/06_bptt.py --quiz` asks for the same numbers; its hint has the factors in
# symbols.

# %%
save_page("06_quiz", hidden, short, ASKED)

# %% [markdown]
# ## One step of learning
#
# $$(9)\quad w := w - \eta \cdot \frac{\partial L}{\partial w}$$

# %%
before = {w: w.data for w in rnn.parameters()}
SGD(rnn.parameters(), lr=ETA).step()
for w in rnn.parameters():
    show(f"(9)  {w.label}: {number(before[w])} becomes", w.data, before[w] - ETA * w.grad)
after = network(INPUTS, *(w.data for w in rnn.parameters()))[-1]
print(f"L was {number(loss)}, and is now {number(after)}")

# %% [markdown]
# Sums of floats depend on their order. In the order of `backward()` the contributions give the gradient to the last
# bit.

# %%
for w in (w_h, w_i):
    total = 0
    for term in reversed(terms[w]):                   # the order of backward(): from the last step back
        total += term
    assert w.grad == total, f"the contributions to {w.label} add up to {total}, and its gradient is {w.grad}"
print("Every formula agrees, and the contributions add up to the gradient.")

# %% [markdown]
# ## Change it
#
# - A larger weight. Is any factor (5) above 1 now, and are the contributions (7) larger?
#   `W_I, W_H, W_O = 0.5, 0.8, 1.2` → `W_I, W_H, W_O = 0.5, 2, 1.2`
# - A fourth input, so one more contribution. The first three inputs are as before: why are the contributions of $j = 2$
#   and $j = 3$ not? `INPUTS, Y = [1, 0.5, -1], 1` → `INPUTS, Y = [1, 0.5, -1, 2], 1`
# - A target between 0 and 1. The smallest $L$ is where $\hat y = y$: is it 0?
#   `INPUTS, Y = [1, 0.5, -1], 1` → `INPUTS, Y = [1, 0.5, -1], 0.5`
# - Forget a factor in the plain floats; the check fails and says which formula: `slope[k] * W_H)` → `W_H)`
