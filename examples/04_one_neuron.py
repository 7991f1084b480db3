"""04  One neuron learns: ŷ = σ(x₁·w_1 + x₂·w_2 + b).

You will see   a neuron that should say 1 where both inputs are 1 and 0 elsewhere, and at first says 0.5 to everything;
               its gradients once by backward() and once by the formula that one can find on paper; then 200 steps of
               gradient descent, w := w − η·∂L/∂w, and what it says now.
To change      the learning rate: 0.1, 5, 50, 500.  The targets: y = 1 where at least one input is 1; then y = 1 where
               exactly one is, which no single neuron can learn.  Or leave out zero_grad(): every step then adds all
               the gradients before it.  Where a change spoils something, an assertion says what.
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
off_paper: list[int] = []                             # the steps whose gradients are not those of the formula
print("∂L/∂w_j on paper, for one example, by the chain rule over L, ŷ, s = x₁·w_1 + x₂·w_2 + b, w_j:")
print("  (log u)′ = 1/u           ∂L/∂ŷ = −y/ŷ + (1−y)/(1−ŷ) = (ŷ − y)/(ŷ·(1−ŷ))")
print("  σ(s) = 1/(1 + e^−s)      ∂ŷ/∂s = σ′(s) = e^−s/(1 + e^−s)² = ŷ·(1−ŷ), which cancels: ∂L/∂s = ŷ − y")
print("  ∂s/∂w_j = x_j            ∂L/∂w_j = (ŷ − y)·x_j, and ŷ − y for b; of several examples the mean\n")
print("  step        L      w_1      w_2        b")
for step in range(STEPS + 1):
    try:
        loss = mean_loss()                            # the graph is made anew: the numbers in it have changed
    except ValueError as refused:                     # steps that led so far that a ŷ is rounded to 0 or 1
        print(f"  {step:>4} no further: {refused}")
        break
    losses.append((step, float(loss.data)))
    if step in (0, 1, 2, 5, 10, 20, 50, 100, 200):
        print(f"  {step:>4} " + " ".join(f"{number(v.data):>8}" for v in (loss, w_1, w_2, b)))
    optimizer.zero_grad()
    loss.backward()
    # on paper: ∂L/∂w_j = 1/4 · Σ (ŷ − y)·x_j, and for b the same with x = 1
    errors = [1 / (1 + exp(-(x_1 * w_1.data + x_2 * w_2.data + b.data))) - y for (x_1, x_2), y in EXAMPLES]
    on_paper = [sum(e * x[j] for e, (x, _) in zip(errors, EXAMPLES)) / 4 for j in (0, 1)] + [sum(errors) / 4]
    if not all(isclose(w.grad, g, rel_tol=1e-9, abs_tol=1e-12) for w, g in zip((w_1, w_2, b), on_paper)):
        off_paper.append(step)
    if step < STEPS:
        optimizer.step()

print(f"\nOf {len(losses)} gradients {len(losses) - len(off_paper)} agree with the formula on paper.\n")
misjudged = []
print("  x₁  x₂   y       ŷ")
for x, y in EXAMPLES:
    y_hat = neuron(*x)
    print(f"   {x[0]}   {x[1]}   {y}   {number(y_hat.data, 3):>6}")
    if (y_hat > 0.5) != (y == 1):
        misjudged.append(x)
assert not off_paper, f"from step {off_paper[0]} on a gradient is not its own: is zero_grad() called before backward()?"
assert not misjudged, f"not learned: {misjudged}.  Other steps may do it, unless no line can part the 1 from the 0"

pictures = Path("minigrad-lessons")
pictures.mkdir(exist_ok=True)
x_1, x_2, target = Value(1, label="x_1"), Value(0, label="x_2"), Value(0, label="y")
y_hat = neuron(x_1, x_2)
loss = binary_cross_entropy(y_hat, target)
s = y_hat.operands[0]
s.label, y_hat.label, loss.label = "s", "y_hat", "L"
loss.backward()
print("\nThe neuron and its loss, the BCE of ŷ and y, for x₁ = 1, x₂ = 0, y = 0; then how L fell:")
print(draw(loss, fold=[x_1, x_2, w_1, w_2, b, s, y_hat, target]).save_and_say(pictures / "04_neuron.svg"))
print(plot([Panel("one neuron learns", {"L": losses})], "step", "L (log)").save_and_say(pictures / "04_loss.svg"))
