"""04  One neuron learns: ŷ = σ(x₁·w_1 + x₂·w_2 + b).

You will see   a neuron that should say 1 where both inputs are 1 and 0 elsewhere, and at first says 0.5 to everything;
               its gradients once by backward() and once by the formula that one can find on paper; then 200 steps of
               gradient descent, w := w − η·∂L/∂w, and what it says now.
To change      the learning rate: 0.1, 5, 500.  The targets: y = 1 where at least one input is 1; then y = 1 where
               exactly one is, which no single neuron can learn.  Or leave out zero_grad(): every step then adds all
               the gradients before it.
"""

from math import exp, isclose
from pathlib import Path

from minigrad import Value, sigmoid
from minigrad.draw import draw
from minigrad.draw.plot import Panel, plot
from minigrad.losses import binary_cross_entropy
from minigrad.notation import number
from minigrad.optim import SGD

EXAMPLES = [((0, 0), 0), ((0, 1), 0), ((1, 0), 0), ((1, 1), 1)]
ETA, STEPS = 2.0, 200

w_1, w_2, b = Value(0.0, label="w_1"), Value(0.0, label="w_2"), Value(0.0, label="b")


def neuron(x_1, x_2):
    return sigmoid(x_1 * w_1 + x_2 * w_2 + b)


def mean_loss():
    """L = 1/4 · Σ over the examples of −y·log ŷ − (1−y)·log(1−ŷ)"""
    total = Value(0)
    for x, y in EXAMPLES:
        total = total + binary_cross_entropy(neuron(*x), y)
    return total / len(EXAMPLES)


optimizer = SGD([w_1, w_2, b], lr=ETA)
losses: list[tuple[float, float]] = []
print("  step        L      w_1      w_2        b")
for step in range(STEPS + 1):
    loss = mean_loss()                                # the graph is made anew: the numbers in it have changed
    losses.append((step, float(loss.data)))
    if step in (0, 1, 2, 5, 10, 20, 50, 100, 200):
        print(f"  {step:>4} " + " ".join(f"{number(v.data):>8}" for v in (loss, w_1, w_2, b)))
    optimizer.zero_grad()
    loss.backward()
    # on paper: ∂L/∂w_j = 1/4 · Σ (ŷ − y)·x_j, and for b the same with x = 1
    errors = [1 / (1 + exp(-(x_1 * w_1.data + x_2 * w_2.data + b.data))) - y for (x_1, x_2), y in EXAMPLES]
    on_paper = [sum(e * x[j] for e, (x, _) in zip(errors, EXAMPLES)) / 4 for j in (0, 1)] + [sum(errors) / 4]
    assert all(isclose(w.grad, g, rel_tol=1e-9, abs_tol=1e-12) for w, g in zip((w_1, w_2, b), on_paper)), step
    if step < STEPS:
        optimizer.step()

print(f"\nThe gradients of all {STEPS} steps agree with the formula on paper, ∂L/∂w_j = mean of (ŷ − y)·x_j.\n")
print("  x₁  x₂   y       ŷ")
for x, y in EXAMPLES:
    y_hat = neuron(*x)
    print(f"   {x[0]}   {x[1]}   {y}   {number(y_hat.data, 3):>6}")
    assert (y_hat > 0.5) == (y == 1), (x, y_hat)
assert losses[-1][1] < losses[0][1] / 5

pictures = Path("minigrad-lessons")
pictures.mkdir(exist_ok=True)
x_1, x_2 = Value(1, label="x_1"), Value(0, label="x_2")
y_hat = neuron(x_1, x_2)
loss = binary_cross_entropy(y_hat, 0)
s = y_hat.operands[0]
s.label, y_hat.label, loss.label = "s", "y_hat", "L"
loss.backward()
print("\nThe neuron and its loss for x₁ = 1, x₂ = 0, y = 0; then how L fell:")
print(draw(loss, fold=[x_1, x_2, w_1, w_2, b, s, y_hat]).save_and_say(pictures / "04_neuron.svg"))
print(plot([Panel("one neuron learns", {"L": losses})], "step", "L").save_and_say(pictures / "04_loss.svg"))
