# %% [markdown]
# # 15 Second derivatives: a Value of Values
#
# (Optional: no other lesson needs this one.) The slope of a slope, the **second derivative**, says how a curve bends.
# What does it buy? Gradient descent knows only the slope, which way is down. Who also knows how the curve bends can say
# how far to go, and Newton's method, below, arrives at a minimum in a few steps.
#
# The engine needs no code for it. A Value holds a number, and what is done with this number? It is added, multiplied,
# compared, its sine is taken. All this can be done with a Value too. So the number in a Value may itself be a Value.
# Then a gradient is a Value too: it has a graph of its own, and can be differentiated again. (In the last section the
# number is a fraction instead, for the same reason.)

# %%
from fractions import Fraction
from math import isclose
from pathlib import Path

from minigrad import Value, sigmoid
from minigrad.bptt import contributions
from minigrad.draw import draw
from minigrad.draw.plot import Panel, plot
from minigrad.losses import binary_cross_entropy, mse_loss
from minigrad.nn import RNN
from minigrad.notation import number

pictures = Path("minigrad-lessons")
pictures.mkdir(exist_ok=True)

# %% [markdown]
# ## Two floors
#
# $w$ is a Value of a number, $W$ a Value of $w$. An operation on the upper floor, such as $y = \sin W$, does the same
# on the lower floor: `y.data` is a Value that was computed from $w$, and `y.data.data` is its number.

# %%
w = Value(0.5, label="w")
W = Value(w, label="W")
y = W.sin()
y.label, y.data.label = "y", "sin w"
print(f"W.data is w: {W.data is w}")
print(f"y.data:      {y.data}")
print(f"y.data.data: {y.data.data}")

# %% [markdown]
# The upper floor, after `y.backward()`: its partial, $\cos w$, and its gradients are Values of the lower floor. A
# picture shows their numbers.

# %%
y.backward()
picture = draw(y)
print(picture.save_and_say(pictures / "15_upper_floor.svg"))
picture

# %% [markdown]
# The lower floor: the graph of `W.grad`, which is $\frac{dy}{dw} = \cos w$. It holds what the backward pass did: it
# began at 0, and added the partial $\cos w$ × the 1 that arrived from $y$. Its `backward()` puts
# $\frac{d^2y}{dw^2} = -\sin w$ into `w.grad`.

# %%
first = W.grad
first.label = "dy/dw"
first.backward()
picture = draw(first)
print(picture.save_and_say(pictures / "15_lower_floor.svg"))
picture

# %% [markdown]
# ## Any function
#
# Those lines as a function, for any $f$ made of operations of Values:

# %%
def derivatives(f, x):
    """f(x), f′(x), f″(x) at a plain number x"""
    lower = Value(x)
    upper = Value(lower)
    y = f(upper)
    y.backward()
    first = upper.grad
    first.backward()
    return y.data.data, first.data, lower.grad


def f(x):
    return x**4 - 3 * x**2 + x


def by_hand(x):
    return f(x), 4 * x**3 - 6 * x + 1, 12 * x**2 - 6


print("     x      f(x)     f′(x)     f″(x)")
for x in (-2, -1, 0, 1, 2):
    print(f"{number(x):>6}" + "".join(f"{number(each):>10}" for each in derivatives(f, x)))
    assert derivatives(f, x) == by_hand(x), (                         # ints stay ints: exact
        f"x = {x}: f, f′, f″ are {by_hand(x)} by hand, and {derivatives(f, x)} by two floors")

# %% [markdown]
# ## What for: Newton's method
#
# Gradient descent knows the slope, and steps down at a fixed rate: $x := x - 0.05\,f'$. Newton's method knows the
# curvature $f''$ too, and jumps to where the slope would be 0 if the curvature stayed the same: $x := x - f'/f''$. Near
# a minimum each of its steps about doubles the number of right digits: see how $f'$ falls.
#
# Its step goes down only where the curve bends upwards, $f'' > 0$: there the place with slope 0 is the bottom of a
# valley. Where it bends downwards, $f'' < 0$, that place is the top of a hill, and the step climbs to it. And with $n$
# weights the second derivatives take $n$ backward passes more, so that large networks are trained without them.

# %%
START = 2.0
newton = descent = START
slopes: dict[str, list] = {"Newton": [], "gradient descent": []}
print("  step        Newton        f′       descent        f′")
for step in range(9):
    (_, slope, curvature), (_, other_slope, _) = derivatives(f, newton), derivatives(f, descent)
    row = f"{step:>6}{newton:>14.9f}{number(slope, 2):>10}{descent:>14.9f}{number(other_slope, 2):>10}"
    print(row.replace("-", "−"))
    slopes["Newton"].append((step, abs(slope)))
    slopes["gradient descent"].append((step, abs(other_slope)))
    newton -= slope / curvature
    descent -= 0.05 * other_slope

# %%
picture = plot([Panel("the slope of f, step by step", slopes)], "step", "|f′| (log)")
print(picture.save_and_say(pictures / "15_newton.svg"))
picture

# %%
_, slope, curvature = by_hand(newton)
assert abs(slope) < 1e-9, f"Newton's method has not arrived: f′ = {number(slope)} at x = {number(newton)}"
assert curvature > 0, f"x = {number(newton)} is not a minimum: f″ = {number(curvature)}; Newton's method climbed"

# %% [markdown]
# ## The curvature of the lecture's loss
#
# Nothing changes for a network: $w_h$ becomes a Value of a Value, and every step is computed on two floors. As a
# check, the slope $\partial L/\partial w_h$ a little to the left and to the right, without any second floor.

# %%
INPUTS, W_I, W_H, W_O = [1, 0.5, -1], 0.5, 0.8, 1.2


def slope_at(w_h):
    """∂L/∂w_h of the network of lesson 06; a Value if w_h is one"""
    weight = Value(w_h, label="w_h")
    rnn = RNN.from_weights(w_i=[[W_I]], w_h=[[weight]], w_o=[[W_O]])
    s = rnn.readout(rnn.unroll([[x] for x in INPUTS]).state)[0]
    binary_cross_entropy(sigmoid(s), 1).backward()
    return weight.grad


lower = Value(W_H)
slope_at(lower).backward()
measured = (slope_at(W_H + 1e-5) - slope_at(W_H - 1e-5)) / 2e-5
print(f"∂²L/∂w_h² = {number(lower.grad, 6)}, measured {number(measured, 6)}")
bends = "upwards, and Newton's step starts downhill" if lower.grad > 0 else "downwards, and Newton's step starts uphill"
print(f"as a function of w_h, L bends {bends}")
assert isclose(lower.grad, measured, rel_tol=1e-5, abs_tol=1e-9), "the curvature is not how the slope changes"

# %% [markdown]
# ## A Value of Fractions
#
# A `Fraction` too can be added, multiplied and compared, so a Value can hold one, and nothing is rounded. The network
# with the identity in place of $\tanh$, and $L = (s - 1)^2$: on paper $s = w_o\,w_i\,(x_1 w_h^2 + x_2 w_h + x_3)$, and
# with `==` the gradient is what it is on paper.

# %%
a, b, c = Fraction(1, 2), Fraction(4, 5), Fraction(6, 5)            # w_i, w_h, w_o
xs = [Fraction(1), Fraction(1, 2), Fraction(-1)]
exact = RNN.from_weights(w_i=[[a]], w_h=[[b]], w_o=[[c]], activation="identity")
unrolled = exact.unroll([[x] for x in xs])
loss = mse_loss(exact.readout(unrolled.state), [1])
loss.backward()
terms, gradient = contributions(loss, unrolled, exact.w_h[0][0]), exact.w_h[0][0].grad
print("∂L/∂w_h =", " + ".join(f"({term})" for term in terms).replace("-", "−"), "=", str(gradient).replace("-", "−"))
s = c * a * (xs[0] * b**2 + xs[1] * b + xs[2])
assert gradient == sum(terms) == 2 * (s - 1) * c * a * (2 * xs[0] * b + xs[1]), "it is not exact"
print("Second derivatives are those by hand and as measured, and fractions stay exact.")

# %% [markdown]
# ## Change it
#
# - Another function, with its derivatives by hand: `x**4 - 3 * x**2 + x` → `x**4 - 2 * x**2`, and
#   `4 * x**3 - 6 * x + 1, 12 * x**2 - 6` → `4 * x**3 - 4 * x, 12 * x**2 - 4`
# - A wrong derivative by hand; the check fails and says where: `12 * x**2 - 6` → `12 * x**2`
# - A start where $f'' < 0$; the check fails and says that Newton's method climbed: `START = 2.0` → `START = 0.1`
# - Another network; which way does its loss bend? `= [1, 0.5, -1], 0.5, 0.8, 1.2` → `= [1, 0.5, -1, 1], 0.5, 2, 1.2`
# - Other fractions; is it still exact?
#   `Fraction(1, 2), Fraction(4, 5), Fraction(6, 5)` → `Fraction(2, 3), Fraction(-1, 7), Fraction(5)`
