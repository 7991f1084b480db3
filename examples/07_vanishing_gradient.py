# %% [markdown]
# # 07 The vanishing and the exploding gradient: a product of n factors
#
# What can the network learn from its first input? That depends on what is left of the gradient when it has come back
# through all steps. By formulas (5) and (6) of lesson 06 that is a product, a factor for each step:
#
# $$\frac{\partial L}{\partial o_t} = \frac{\partial L}{\partial o_n} \prod_{k=t+1}^{n} f'(z_k) \, w_h$$
#
# The derivative of $f = \tanh$ is never above 1: $0 < f' \le 1$. So no factor is larger in size than $|w_h|$. With
# $|w_h| < 1$ the product always **vanishes** as $n$ grows. With $|w_h| = 1$ it may hold, but never grow. With
# $|w_h| > 1$ it may **explode**, it may hold, or it may vanish all the same, where $f'$ is small.

# %%
import random
import sys
from math import isclose, tanh
from pathlib import Path

from minigrad.bptt import state_jacobians
from minigrad.draw import DrawingError, draw, walkthrough
from minigrad.draw.plot import Panel, plot
from minigrad.nn import RNN
from minigrad.notation import number

STEPS = 10
WEIGHTS = (0.5, 1, 2)
SIZE = 1.0                                            # the inputs are random, between −SIZE and SIZE

# %% [markdown]
# ## A network with nothing but the product
#
# $o_t = \tanh(x_t + o_{t-1} w_h)$ and $L = o_n$, so that $\partial L/\partial o_n = 1$.

# %%
def network(w_h, inputs):
    rnn = RNN.from_weights(w_i=[[1.0]], w_h=[[w_h]], w_o=[[1.0]])
    unrolled = rnn.unroll([[x] for x in inputs])
    loss = rnn.readout(unrolled.state)[0]
    loss.label = "L"
    return loss, unrolled

# %%
hidden, short = network(0.6, [0.3, -0.2, 0.5, 0.1])   # for the quiz
ASKED = [short.states[3][0], short.states[1][0]]      # the gradients that it asks for
if "--quiz" in sys.argv:                              # python examples/07_vanishing_gradient.py --quiz
    from quiz import quiz

    sys.exit(quiz(hidden, ASKED, short))

# %% [markdown]
# One function walks back, one prints a table, and one puts the result in words.

# %%
def walk_back(w_h, inputs):
    """(∂L/∂o_t for t = 0 … n, the factor ∂o_t/∂o_{t−1} for t = 1 … n)"""
    loss, unrolled = network(w_h, inputs)
    loss.backward()
    return [state.grad for [state] in unrolled.states], [factor for [[factor]] in state_jacobians(unrolled)]


def table(inputs):
    """A row for each step back: the gradient, and the factor that makes it the gradient of the row below"""
    columns = {w_h: walk_back(w_h, inputs) for w_h in WEIGHTS}
    print("   t" + "".join(f"{f'w_h = {number(w_h)}':>14}{'':<9}" for w_h in WEIGHTS).rstrip())
    for t in range(len(inputs), -1, -1):
        row = [f"{number(flow[t]):>14} {'× ' + number(factors[t - 1], 3) if t else '':<8}"
               for flow, factors in columns.values()]
        print(f"{t:>4}" + "".join(row).rstrip())
    return columns


def verdict(w_h, flow):
    left = abs(flow[0])
    word = "vanishes" if left < 0.1 else "explodes" if left > 10 else f"neither vanishes nor explodes in {STEPS} steps"
    print(f"w_h = {number(w_h)}: ∂L/∂o₀ is {number(flow[0])}: the gradient {word}")

# %% [markdown]
# ## Without inputs
#
# If every $x_t$ is 0, every state is 0, and $f'(0) = 1$: each factor is $w_h$ itself. Read a column from the top: each
# row times its factor is the row below. (Of these few steps the lesson says "vanishes" where less than a tenth is left
# at $t = 0$, and "explodes" where it is more than ten times as much.)

# %%
without = table([0.0] * STEPS)
for w_h, (flow, _) in without.items():
    verdict(w_h, flow)

# %% [markdown]
# ## With inputs
#
# Now the states move away from 0, towards the ends of tanh, where it is flat. The farther they are driven, by large
# inputs or by a large $w_h$, the smaller is $f' = 1 - o_t^2$. The last lines have the factor on average: the number
# whose $n$-th power is the product of the $n$ factors (their geometric mean). If it stays below some number under 1
# for more and more steps, the product vanishes; if above some number over 1, it explodes.

# %%
source = random.Random(0)
inputs = [source.uniform(-SIZE, SIZE) for _ in range(STEPS)]
with_inputs = table(inputs)
for w_h, (flow, _) in with_inputs.items():
    verdict(w_h, flow)
for w_h, (flow, _) in with_inputs.items():
    mean = abs(flow[0]) ** (1 / STEPS)
    print(f"w_h = {number(w_h)}: |factor| on average {number(mean, 3)}; its power of {STEPS} is {number(abs(flow[0]))}")

# %% [markdown]
# The same as curves. The gradient comes from the right, from $t = n$, where it is 1, and goes to the left. On a
# logarithmic axis a product of equal factors is a straight line.

# %%
def panel(title, columns):
    sizes = {w_h: [(float(t), abs(x)) for t, x in enumerate(flow)] for w_h, (flow, _) in columns.items()}
    return Panel(title, {f"w_h = {number(w_h)}": curve for w_h, curve in sizes.items()})


panels = [panel("every input 0", without), panel(f"inputs in (−{number(SIZE)}, {number(SIZE)})", with_inputs)]
Path("minigrad-lessons").mkdir(exist_ok=True)
picture = plot(panels, "time step t", "|∂L/∂o_t| (log)")
print(picture.save_and_say("minigrad-lessons/07_vanish.svg"))
picture

# %% [markdown]
# The network with the first of the weights, and at most ten of its steps, as a staircase: the longer a row, the earlier
# the use of $w_h$, and the more factors stand between it and the loss.

# %%
loss, unrolled = network(WEIGHTS[0], inputs[:10])
loss.backward()
staircase = draw(loss, unrolled, "folded")
print(staircase.save_and_say("minigrad-lessons/07_staircase.svg"))
staircase

# %% [markdown]
# ## With your own hands
#
# Ten steps with $w_h = 1$ as a live page. Type 2.5 for $w_h$: the states are driven to the ends of tanh, and the line
# beside the small bars says how small tanh′ is on average. Then make the inputs small, by "all x ×". Guess first: at
# which of 0.1, 0.01 and 0.001 does the gradient no longer vanish, and at which does it explode?

# %%
def save_page(name, loss, unrolled, asked=()):
    try:
        print("page:", walkthrough(loss, unrolled, quiz=asked).save(f"minigrad-lessons/{name}.html"))
    except DrawingError as error:
        print(f"page: not made, because {error}")


save_page("07_vanish", *network(1.0, [0.3, -0.2, 0.5, 0.1, -0.4, 0.2, 0.6, -0.3, 0.1, 0.4]))

# %% [markdown]
# At 0.1 it still vanishes: $\partial L/\partial o_1$ is 0.00005. A large $w_h$ makes even a small state grow, step by
# step, until it is at the end of tanh. At 0.01 that takes most of the ten steps, and 0.45 is left. At 0.001 the states
# stay small almost to the end, and 1152 arrives: it explodes.
#
# ## Practise
#
# Four steps with $w_h = 0.6$, and two gradients hidden, with all that would tell them. Type them in the order asked,
# to 1 %. After a wrong answer the tiles below the picture show the factors, and you have a second try; then you see the
# answer. In a terminal `python examples/07_vanishing_gradient.py --quiz` asks for the same numbers; its hint has the
# factors in symbols.

# %%
save_page("07_quiz", hidden, short, ASKED)

# %%
for xs, found in (([0.0] * STEPS, without), (inputs, with_inputs)):
    for w_h, (flow, factors) in found.items():
        o, by_floats = 0.0, []                        # the factors f′(z_t)·w_h by plain floats
        for x in xs:
            o = tanh(x + o * w_h)
            by_floats.append((1 - o * o) * w_h)
        product = 1.0
        for t in range(STEPS, -1, -1):
            agree = isclose(flow[t], product, rel_tol=1e-9, abs_tol=1e-300)
            assert agree, f"∂L/∂o_{t} is {flow[t]} for w_h = {w_h}, and by plain floats {product}"
            product *= by_floats[t - 1]
        assert all(abs(factor) <= abs(w_h) for factor in factors), f"a factor is above |w_h| = {abs(w_h)}: f′ > 1"
        if not any(xs):
            assert isclose(flow[0], w_h**STEPS, abs_tol=1e-300), f"what is left is not w_h to the power of {STEPS}"
print("Every row is the product by plain floats, and no factor is larger than |w_h|.")

# %% [markdown]
# ## Change it
#
# - A longer sequence: `STEPS = 10` → `STEPS = 50`
# - A negative weight, and one a little above 1: `WEIGHTS = (0.5, 1, 2)` → `WEIGHTS = (-0.5, 1, 1.2)`
# - Small inputs; which weight drives the state to the ends of tanh all the same, so that its factor is far from $w_h$?
#   `SIZE = 1.0` → `SIZE = 0.1`
# - All at once: `STEPS = 10` → `STEPS = 7`, `WEIGHTS = (0.5, 1, 2)` → `WEIGHTS = (0, -3)`, `SIZE = 1.0` → `SIZE = 4`
