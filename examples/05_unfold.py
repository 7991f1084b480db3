# %% [markdown]
# # 05 Unfold: one weight, three uses
#
# A recurrent network reads a sequence $x_1, x_2, \dots, x_n$, one item at each time step $t$, and keeps a **state**
# $o_t$, which is all that it remembers:
#
# $$o_0 = 0, \qquad o_t = \tanh(x_t w_i + o_{t-1} w_h), \qquad \hat y = \sigma(o_n w_o)$$
#
# (Where a picture has $z_t$ and $s$: they are what tanh and $\sigma$ are given.) **Unfolding** it over time gives an
# ordinary graph, with one thing special: the same two weights, $w_i$ and $w_h$, are used at every step. From lesson 02
# you know what a number gets that is used several times: a contribution for each use, and their sum is its gradient.

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
def forward(w_h_of_step):
    o = Value(0, label="o_0")
    unrolled = Unrolled([o], [])
    for t, (x_t, w_h_t) in enumerate(zip(INPUTS, w_h_of_step), start=1):
        x = Value(x_t, label=f"x_{t}")
        o = (x * w_i + o * w_h_t).tanh()
        o.label = f"o_{t}"
        unrolled.steps.append(Step(t, [x], [o]))
    y_hat = (o * w_o).sigmoid()
    loss = binary_cross_entropy(y_hat, 1)
    y_hat.label, loss.label = "y_hat", "L"
    return loss, unrolled


loss, unrolled = forward([w_h] * len(INPUTS))         # the same Value at every step: this is what "shared" means
for t, x, state in unrolled:
    print(f"t = {t}   x = {number(x[0].data):>4}   o = {number(state[0].data):>8}")

# %%
ASKED = [w_o, w_i]                                    # the gradients that the quiz asks for
if "--quiz" in sys.argv:                              # python examples/05_unfold.py --quiz
    from quiz import quiz

    sys.exit(quiz(loss, ASKED, unrolled))

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
# contributions to each shared weight, over their steps.

# %%
Path("minigrad-lessons").mkdir(exist_ok=True)
picture = draw(loss, unrolled)
print(picture.save_and_say("minigrad-lessons/05_unfold.svg"))
picture

# %% [markdown]
# ## With your own hands
#
# The same picture as a live page: drag a violet number, and everything follows. Play both passes, or point at a
# contribution to see its route. What does a larger $w_h$ do to the contributions of the early steps?

# %%
def save_page(name, asked=()):
    try:
        print("page:", walkthrough(loss, unrolled, quiz=asked).save(f"minigrad-lessons/{name}.html"))
    except DrawingError as error:
        print(f"page: not made, because {error}")


save_page("05_unfold")

# %% [markdown]
# ## Practise
#
# The page once more, with two gradients hidden, and all that would tell them: type them, to 1 %. After a wrong answer
# you get a hint and a second try; then you see the routes. In a terminal `python examples/05_unfold.py --quiz` asks the
# same.

# %%
save_page("05_quiz", ASKED)

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
# - Share nothing: `forward([w_h] * len(INPUTS))` → `forward([w_h, Value(0.8), Value(0.8)])`; the check fails
#
# ## Step through it
#
# The chain rule is one line in `Value.backward`: `operand.grad += partial * node.grad`. Watch it run; the interesting
# moment is `node.label == "o_2"`, where $o_2$ sends its gradient back.
#
# - **pdb**: `python -m pdb examples/05_unfold.py`; `b 74` (the line `loss.backward()`), `c` to run to it, `s` to step
#   in; then `b minigrad/value.py:78, node.label == "o_2"`, `c`, `p node, operand, partial`, `p partial * node.grad`.
# - **VS Code**: F5 stops where the lesson begins; a breakpoint on that line, F5 again, step into with F11; right-click
#   a breakpoint in `value.py` to give it the condition.
# - **PyCharm**: a breakpoint on that line, Debug, step into with F7; right-click a breakpoint to give it the condition.
# - **Jupyter**: write `%debug loss.backward()` in a cell for a prompt like that of pdb; the bug icon of JupyterLab
#   steps through a cell, but by default not into an installed package.
#
# The picture follows, beside the code:
#
# - **VS Code**, with its extension Debug Visualizer: the command "Debug Visualizer: New View", and in it
#   `__import__("__main__").now()`, which is found in every frame.
# - **Any debugger**: `from minigrad.draw import follow` at its prompt or in its console, while it stands on the line
#   `loss.backward()`; then `follow(loss, unrolled, "now.html")`, and open `now.html` in a browser. It ends with the
#   program, or with `.stop()` of what it returned.
#
# The forward pass is the same: stop at `o = (x * w_i + o * w_h_t).tanh()` and step into it. The first frame is
# `__mul__`, then again `__mul__`, `__add__` and `tanh`: a rule each, with its number and its partials in one line.
