# %% [markdown]
# # 04 One neuron learns
#
# A neuron takes two inputs, and should give the answers $y$ of a few `EXAMPLES`: at first, 1 where both inputs are 1,
# and 0 elsewhere:
#
# $$\hat y = \sigma(s), \qquad s = x_1 w_1 + x_2 w_2 + b, \qquad \sigma(s) = \frac{1}{1 + e^{-s}}$$
#
# At first all weights are 0, and it says 0.5 to everything. It learns by **gradient descent**: measure how wrong it is
# by a loss $L$, find $\partial L/\partial w$ for each weight, and take a small step down, again and again:
# $w := w - \eta \cdot \partial L/\partial w$. The **learning rate** $\eta$ (eta) says how small. (Here $x_1, x_2$ are
# two inputs of one example. From lesson 05 on the index of $x_t$ is a time step.)

# %%
from math import exp, isclose
from pathlib import Path

from minigrad import Value, sigmoid
from minigrad.draw import draw
from minigrad.draw.plot import Panel, plot
from minigrad.losses import binary_cross_entropy
from minigrad.notation import number
from minigrad.optim import SGD

EXAMPLES = [((0, 0), 0), ((0, 1), 0), ((1, 0), 0), ((1, 1), 1)]      # ((x_1, x_2), y)
ETA, STEPS = 2.0, 200

# %% [markdown]
# ## The neuron and its loss
#
# The loss of one example is the binary cross-entropy $-y \log \hat y - (1-y) \log(1-\hat y)$, with the natural
# logarithm: 0 for the right answer, large for a confident wrong one. $L$ is its mean over the examples.

# %%
w_1, w_2, b = Value(0.0, label="w_1"), Value(0.0, label="w_2"), Value(0.0, label="b")


def neuron(x_1, x_2):
    return sigmoid(x_1 * w_1 + x_2 * w_2 + b)


def mean_loss():
    losses = [binary_cross_entropy(neuron(*x), y) for x, y in EXAMPLES]
    return sum(losses, Value(0)) / len(losses)

# %% [markdown]
# One example as a graph, before any learning: $x_1 = 1$, $x_2 = 0$, target $y = 0$. `fold` lists the boxes that are
# kept; an arrow carries the product of the derivatives on the way between two of them.

# %%
x_1, x_2, target = Value(1, label="x_1"), Value(0, label="x_2"), Value(0, label="y")
y_hat = neuron(x_1, x_2)
loss = binary_cross_entropy(y_hat, target)
s = y_hat.operands[0]
s.label, y_hat.label, loss.label = "s", "y_hat", "L"
loss.backward()

Path("minigrad-lessons").mkdir(exist_ok=True)
picture = draw(loss, fold=[x_1, x_2, w_1, w_2, b, s, y_hat, target])
print(picture.save_and_say("minigrad-lessons/04_neuron.svg"))
picture

# %% [markdown]
# ## The gradient on paper
#
# By the chain rule along the route $L \to \hat y \to s \to w_j$, for one example:
#
# $$\frac{\partial L}{\partial \hat y} = -\frac{y}{\hat y} + \frac{1-y}{1-\hat y}
#   = \frac{\hat y - y}{\hat y (1 - \hat y)}, \qquad
#   \frac{\partial \hat y}{\partial s} = \frac{e^{-s}}{(1 + e^{-s})^2} = \hat y (1 - \hat y), \qquad
#   \frac{\partial s}{\partial w_j} = x_j$$
#
# In the product $\hat y (1 - \hat y)$ cancels. What is left is short: error × input.
#
# $$\frac{\partial L}{\partial w_j} = (\hat y - y) \, x_j, \qquad \frac{\partial L}{\partial b} = \hat y - y$$

# %%
def on_paper():
    """The means over the examples for w_1, w_2 and b, by plain numbers"""
    errors = [1 / (1 + exp(-(x[0] * w_1.data + x[1] * w_2.data + b.data))) - y for x, y in EXAMPLES]
    sums = [sum(error * x[j] for error, (x, _) in zip(errors, EXAMPLES)) for j in (0, 1)]
    return [total / len(EXAMPLES) for total in (*sums, sum(errors))]

# %% [markdown]
# ## Learning
#
# Each step computes the graph anew, because the weights have changed. The gradients of leaves add up from one
# `backward()` to the next, which is useful where one step is to serve several losses. Here each step has one, so
# `zero_grad()` sets the gradients to 0 first. `SGD` is gradient descent; in its name S stands for stochastic: it is
# often given only a few of the examples at a time.

# %%
optimizer = SGD([w_1, w_2, b], lr=ETA)                # lr: the learning rate
optimizer.zero_grad()                                 # of the one example above
losses: list[tuple[float, float]] = []
wrong_steps = []
print("step       L     w_1     w_2       b")
for step in range(STEPS + 1):
    try:
        loss = mean_loss()
    except ValueError as error:                       # steps so large that a ŷ is rounded to 0 or 1: log has no answer
        print(f"{step:>4}  no further: {error}")
        break
    losses.append((step, float(loss.data)))
    if step in (0, 1, 2, 5, 10, 20, 50, 100, STEPS):
        print(f"{step:>4}", *(f"{number(v.data, 3):>7}" for v in (loss, w_1, w_2, b)))
    optimizer.zero_grad()
    loss.backward()
    if not all(isclose(w.grad, g, rel_tol=1e-9, abs_tol=1e-12) for w, g in zip((w_1, w_2, b), on_paper())):
        wrong_steps.append(step)
    optimizer.step()

# %%
picture = plot([Panel("the loss of one neuron", {"L": losses})], "step", "L (log)")
print(picture.save_and_say("minigrad-lessons/04_loss.svg"))
picture

# %% [markdown]
# ## What it says now
#
# An answer above 0.5 counts as 1. That is where $s > 0$: on one side of the straight line $x_1 w_1 + x_2 w_2 + b = 0$
# in the $(x_1, x_2)$ plane. A step that changes the weights moves this line. All answers are right when every point
# with $y = 1$ lies on that side, and every point with $y = 0$ does not.

# %%
misjudged = []
print("x₁  x₂  y   ŷ")
for x, y in EXAMPLES:
    y_hat = neuron(*x)
    print(f" {x[0]}   {x[1]}  {y}   {number(y_hat.data, 3)}")
    if (y_hat > 0.5) != (y == 1):
        misjudged.append(x)

# %%
assert not wrong_steps, (
    f"the gradient at step {wrong_steps[0]} is not the one on paper: older gradients are still in it, so this "
    "is not gradient descent, even where the loss falls faster for a while")
assert len(losses) == STEPS + 1, f"it stopped at step {len(losses)}: the steps are too large, take a smaller η"
steepest = max(abs(w.grad) for w in (w_1, w_2, b))
assert not misjudged, f"not learned: {misjudged}. " + (
    "Every gradient is 0, and the L of one neuron has a single valley: it can fall no further. No straight line "
    "in the (x₁, x₂) plane separates the 1 from the 0, and so one neuron cannot"
    if steepest < 1e-6 else f"A gradient is still {number(steepest)}: take more steps, or another η")
print(f"All {len(losses)} gradients are those on paper, and every answer is right.")

# %% [markdown]
# ## Change it
#
# - Small steps: `ETA, STEPS = 2.0, 200` → `ETA, STEPS = 0.1, 200`
# - Large ones. $L$ rises at first, because a slope holds only near where you stand: the first step goes far beyond the
#   lowest place, to a $b$ at which the neuron says 0 to everything: `ETA, STEPS = 2.0, 200` → `ETA, STEPS = 50.0, 200`
# - Far too large; the check fails. (The message names a loss that takes $s$ in place of $\hat y$, and so knows no such
#   end. Lesson 08 uses it.) `ETA, STEPS = 2.0, 200` → `ETA, STEPS = 500.0, 200`
# - "At least one input is 1": `((0, 1), 0), ((1, 0), 0)` → `((0, 1), 1), ((1, 0), 1)`
# - "Exactly one is", called XOR. Draw the four points: no straight line has the two ones on one side and the two zeros
#   on the other. The check fails: `((0, 1), 0), ((1, 0), 0), ((1, 1), 1)` → `((0, 1), 1), ((1, 0), 1), ((1, 1), 0)`
# - Gradients of all steps added up, without the `zero_grad()` of the loop; the check fails: `    optimizer.zero_grad()`
#   → `    # optimizer.zero_grad()`
