"""12  Second derivatives, and exact ones: a Value of Values, a Value of Fractions.

You will see   a Value whose number is itself a Value, so that its gradient is a Value too and can be differentiated
               again: no code was added to the engine for this.  With the second derivative Newton's method finds a
               minimum in a handful of steps; and the curvature of the lecture's L along w_h is one line.  Then
               gradients as Fractions, in which nothing is rounded and == may be asked.
To change      the function f, and on_paper() with it; or where the descents start: from x = 0.1, where f″ < 0, Newton
               climbs, and the check after it says that this is no minimum.
"""

from fractions import Fraction
from math import isclose
from pathlib import Path

from minigrad import Value, sigmoid
from minigrad.bptt import contributions
from minigrad.draw.plot import Panel, plot
from minigrad.losses import binary_cross_entropy, mse_loss
from minigrad.nn import RNN
from minigrad.notation import number


def derivatives(f, x):
    """f(x), f′(x), f″(x) of a function of Values, at a plain number"""
    inner = Value(x)
    outer = Value(inner)                              # a Value whose number is a Value
    y = f(outer)
    y.backward()                                      # outer.grad is f′(x), and a Value: it has a graph of its own
    first = outer.grad
    first.backward()                                  # so it can be differentiated again
    # y is a Value, y.data is the Value in it, and y.data.data its number; first is a Value of a number
    # inner.grad: inner is the x of the inner graph, so what came back to it there is f″(x)
    return y.data.data, first.data, inner.grad


def f(x):
    return x**4 - 3 * x**2 + x


def on_paper(x):
    """(f, f′, f″), with the rules of school"""
    return x**4 - 3 * x**2 + x, 4 * x**3 - 6 * x + 1, 12 * x**2 - 6


print("f = x⁴ − 3·x² + x\n")
print("      x      f(x)     f′(x)     f″(x)")
for x in (-2, -1, 0, 1, 2):
    found = derivatives(f, x)
    print(f"  {number(x):>5}" + "".join(f"  {number(each):>8}" for each in found))
    assert found == on_paper(x), (x, found)           # ints stay ints: nothing is rounded

print("\nDown to the minimum from x = 2:  Newton  x := x − f′/f″,  gradient descent  x := x − 0.05·f′\n")
print("  step         Newton         f′        descent         f′")
newton = descent = 2.0
slopes: dict[str, list] = {"Newton": [], "gradient descent": []}
for step in range(9):
    _, slope, curvature = derivatives(f, newton)
    _, other_slope, _ = derivatives(f, descent)
    print(f"  {step:>4}  {newton:.11f}  {number(slope, 3):>9}  {descent:.11f}  {number(other_slope, 3):>9}")
    slopes["Newton"].append((step, abs(slope)))
    slopes["gradient descent"].append((step, abs(other_slope)))
    newton -= slope / curvature
    descent -= 0.05 * other_slope
print("Near the minimum each step of Newton's doubles the number of right digits.\n")
_, slope, curvature = on_paper(newton)
assert abs(slope) < 1e-12 and curvature > 0, f"{newton} is no minimum"

inner = Value(0.8)
w_h = Value(inner, label="w_h")
rnn = RNN.from_weights(w_i=[[0.5]], w_h=[[w_h]], w_o=[[1.2]])
loss = binary_cross_entropy(sigmoid(rnn.readout(rnn.unroll([[1], [0.5], [-1]]).state)[0]), 1)
loss.backward()
slope = w_h.grad                                      # ∂L/∂w_h: a Value, made of inner
slope.backward()                                      # and the gradient of that, with respect to inner
print(f"The lecture's network: ∂L/∂w_h = {number(slope.data)}, and the curvature ∂²L/∂w_h² = {number(inner.grad)}")
print("A curvature below 0: L bends downwards here, and Newton's step would lead up.\n")
assert isclose(inner.grad, -0.131952788143073, rel_tol=1e-13)         # computed with 60 digits, outside minigrad

exact = RNN.from_weights(
    w_i=[[Fraction(1, 2)]], w_h=[[Fraction(4, 5)]], w_o=[[Fraction(6, 5)]], activation="identity"
)
unrolled = exact.unroll([[Fraction(1)], [Fraction(1, 2)], [Fraction(-1)]])
loss = mse_loss(exact.readout(unrolled.state), [1])
loss.backward()
w = exact.w_h[0][0]
terms = contributions(loss, unrolled, w)
print("The same network in Fractions, f the identity and L = (s − 1)²:")
written = " + ".join(f"({term})" for term in terms)
print(f"  ∂L/∂w_h = {written} = {w.grad}".replace("-", "−"))
# on paper: s = w_o·w_i·(x_1·w_h² + x_2·w_h + x_3), so ∂L/∂w_h = 2·(s − 1)·w_o·w_i·(2·x_1·w_h + x_2)
common = Fraction(6, 5) * Fraction(1, 2)
s = common * (w.data**2 + w.data / 2 - 1)
assert w.grad == sum(terms) == 2 * (s - 1) * common * (2 * w.data + Fraction(1, 2))

pictures = Path("minigrad-lessons")
pictures.mkdir(exist_ok=True)
print("\nHow |f′| falls, on a logarithmic axis: a line for gradient descent, a cliff for Newton.")
print(plot([Panel("down to the minimum of f", slopes)], "step", "|f′| (log)").save_and_say(pictures / "12_newton.svg"))
