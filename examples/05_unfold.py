# %% [markdown]
# # 05 Unfold: one weight, three uses
#
# A recurrent network reads a sequence $x_1, x_2, \dots, x_n$, one item at each time step $t$, and keeps a **state**
# $o_t$, which is all that it remembers:
#
# $$o_0 = 0, \qquad o_t = \tanh(x_t w_i + o_{t-1} w_h), \qquad \hat y = \sigma(o_n w_o)$$
#
# **Unfolding** it over time gives an ordinary graph, with one thing special: the same two weights, $w_i$ and $w_h$, are
# used at every step. From lesson 02 you know what a number gets that is used several times: a contribution for each
# use, and their sum is its gradient.

# %%
import sys
from math import isclose
from pathlib import Path

from minigrad import Value
from minigrad.bptt import contributions
from minigrad.draw import DrawingError, draw, walkthrough, watch
from minigrad.graph import uses
from minigrad.losses import binary_cross_entropy
from minigrad.nn import Step, Unrolled
from minigrad.notation import added, number

INPUTS = [1, 0.5, -1]
w_i, w_h, w_o = Value(0.5, label="w_i"), Value(0.8, label="w_h"), Value(1.2, label="w_o")

# %% [markdown]
# ## The time loop
#
# A plain `for`. It is given the $w_h$ of each step in a list, so that you can try below what happens if they are not
# the same Value. `Unrolled` only keeps what the loop made, step by step, for pictures and for `contributions`; inputs
# and states are lists there, because they may have several numbers.

# %%
def forward(w_h_of_step, inputs=INPUTS, w_i=w_i, w_o=w_o):
    o = Value(0, label="o_0")
    unrolled = Unrolled([o], [])
    for t, (x_t, w_h_t) in enumerate(zip(inputs, w_h_of_step), start=1):
        x = Value(x_t, label=f"x_{t}")
        o = (x * w_i + o * w_h_t).tanh()
        o.label = f"o_{t}"
        unrolled.steps.append(Step(t, [x], [o]))
    y_hat = (o * w_o).sigmoid()
    loss = binary_cross_entropy(y_hat, 1)
    y_hat.label, loss.label = "y_hat", "L"
    return loss, unrolled

# %%
other_i, other_h, other_o = Value(1.1, label="w_i"), Value(1.3, label="w_h"), Value(1.5, label="w_o")
hidden, short = forward([other_h] * 3, [0.4, 1, -0.6], other_i, other_o)          # other numbers, for the quiz
ASKED = [other_o, other_i]                            # the gradients that it asks for
if "--quiz" in sys.argv:                              # python examples/05_unfold.py --quiz
    from quiz import quiz

    sys.exit(quiz(hidden, ASKED, short))

# %%
loss, unrolled = forward([w_h] * len(INPUTS))         # the same Value at every step: this is what "shared" means
for t, x, state in unrolled:
    print(f"t = {t}   x = {number(x[0].data):>4}   o = {number(state[0].data):>8}")

# %% [markdown]
# ## Backward
#
# Each use of $w_h$ is the product $o_{t-1} \cdot w_h$ of its step. Its partial with respect to $w_h$ is $o_{t-1}$; what
# arrives at the product is its **upstream**. Partial × upstream is the contribution of the step. (`uses` lists the uses
# in the order in which they were made, so step by step.)

# %%
def now():                                            # what memory holds, for a debugger: see the end of the lesson
    return watch(loss, unrolled)


loss.backward()

for step, (product, place) in zip(unrolled, uses(loss, w_h)):
    partial, upstream = product.partials[place], product.grad
    print(f"t = {step.t}   {number(partial):>8} × {number(upstream):>8} = {number(partial * upstream):>8}")

terms = contributions(loss, unrolled, w_h)            # the same, by one call
print(f"∂L/∂w_h = {added(terms)} = {number(w_h.grad)}")

# %% [markdown]
# A use beside a state of 0, such as the usual $o_0$, has a contribution of 0. In the picture the bars show the
# contributions to each shared weight, over their steps; $z_t$ and $s$ are what tanh and $\sigma$ are given.

# %%
Path("minigrad-lessons").mkdir(exist_ok=True)
picture = draw(loss, unrolled)
print(picture.save_and_say("minigrad-lessons/05_unfold.svg"))
picture

# %% [markdown]
# ## With your own hands
#
# The same picture as a live page: drag a violet number, and everything follows. Below it are the chain rule as
# **tiles**, a row for each route and a tile for each factor; $L$ as a curve and as a map of two numbers; and how large
# $\partial L/\partial o_t$ is at each step, which is the subject of lesson 07. Guess first: if $w_h$ grows to 1.5 and
# 2.5, do the contributions of the early steps grow? Drag, then read on.

# %%
def save_page(name, loss, unrolled, asked=()):
    try:
        print("page:", walkthrough(loss, unrolled, quiz=asked).save(f"minigrad-lessons/{name}.html"))
    except DrawingError as error:
        print(f"page: not made, because {error}")


save_page("05_unfold", loss, unrolled)

# %% [markdown]
# Each step back multiplies by $w_h$, and by the slope of tanh, which is $1 - o_t^2$. A larger $w_h$ also drives states
# towards $\pm 1$, where tanh is flat and its slope is near 0. Here are both, and the contributions that come of them:

# %%
for size in (0.8, 1.5, 2.5):
    w = Value(size, label="w_h")
    L, states = forward([w] * len(INPUTS))
    slopes = ", ".join(number(1 - o.data**2, 2) for [o] in states.states[1:])
    print(f"w_h = {size}:  slopes {slopes};  ∂L/∂w_h = {added(contributions(L, states, w))}")

# %% [markdown]
# The contributions of the early steps shrink: tanh is flatter, and the error $\hat y - y$, with which all of them
# begin, is smaller too. Lesson 07 looks at the factors alone.
#
# ## Practise
#
# A network with other numbers, and two gradients hidden, with all that would tell them. Type them, to 1 %. After a
# wrong answer the tiles show their factors, and you have a second try; then you see the answer. In a terminal
# `python examples/05_unfold.py --quiz` asks for the same numbers; its hint has the factors in symbols.

# %%
save_page("05_quiz", hidden, short, ASKED)

# %% [markdown]
# ## Separate weights
#
# Why is the sum right? Give each step a weight of its own, with the same number. Each of these weights is used once,
# and its gradient is its one contribution. Moving the shared weight moves all of them together: their effects add up.

# %%
copies = [Value(w_h.data, label=f"w_h of step {t}") for t in range(1, len(INPUTS) + 1)]
forward(copies)[0].backward()
for copy in copies:
    print(f"∂L/∂({copy.label}) = {number(copy.grad)}")

# %%
together = sum(copy.grad for copy in copies)
same = isclose(w_h.grad, together, rel_tol=1e-12)
assert same, (f"∂L/∂w_h is {number(w_h.grad)}, the copies have {number(together)} together: "
              "is w_h the same Value at every step?")

# and measured, as in lesson 01: move w_h by ±h
h = 1e-5
up, down = (forward([Value(w_h.data + move)] * len(INPUTS))[0].data for move in (h, -h))
assert isclose(w_h.grad, (up - down) / (2 * h), rel_tol=1e-6, abs_tol=1e-9), "moving w_h measures another gradient"
print("The gradient of the shared weight is the sum over its copies.")

# %% [markdown]
# ## Change it
#
# - A fourth input, so a fourth use: `INPUTS = [1, 0.5, -1]` → `INPUTS = [1, 0.5, -1, 2]`
# - A negative weight: `Value(0.8, label="w_h")` → `Value(-1.5, label="w_h")`
# - A first state that is not 0: `o = Value(0, label="o_0")` → `o = Value(0.6, label="o_0")`
# - Share nothing; the check fails. The picture has no columns then, because they are for weights that all steps share;
#   its rows have × 0, because this $w_h$ has one use, beside $o_0$:
#   `forward([w_h] * len(INPUTS))` → `forward([w_h, Value(0.8), Value(0.8)])`
#
# ## Step through it
#
# The chain rule is one line in `Value.backward`: `operand.grad += partial * node.grad`. Watch it run; the interesting
# moment is `node.label == "o_2"`, where $o_2$ sends its gradient back. Python's own debugger serves everywhere:
#
# - `python -m pdb examples/05_unfold.py`; `b 76` (the line `loss.backward()`), `c` to run to it, `s` to step in; then
#   `b minigrad/value.py:78, node.label == "o_2"`, `c`, `p node, operand, partial`, `p partial * node.grad`.
# - In VS Code or PyCharm: a breakpoint on that line, Debug, step into with F11 or F7; right-click a breakpoint in
#   `value.py` to give it the condition. In Jupyter: `%debug loss.backward()` in a cell.
# - A picture that follows: `from minigrad.draw import follow` at the prompt of the debugger, on the line
#   `loss.backward()`; then `follow(loss, unrolled, "now.html")`. It writes `now.svg` at every change; `now.html` shows
#   it in a browser. In VS Code with its extension Debug Visualizer: "Debug Visualizer: New View", and in it
#   `__import__("__main__").now()`.
#
# Forward, stop at `o = (x * w_i + o * w_h_t).tanh()` and step into it: `__mul__`, again `__mul__`, `__add__`, `tanh`, a
# rule each, with its number and its partials in one line.
