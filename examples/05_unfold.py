"""05  Unfold: one weight, three uses.  And: stepping through the backward pass in a debugger.

You will see   a recurrent network over three inputs, by a plain time loop; every w_h in it is the same Value, used
               three times; its gradient is the sum of three contributions, those of three separate weights.
To change      the numbers; or the inputs: with a fourth there is a fourth use, and a fourth term.
To practise    python examples/05_unfold.py --quiz

pdb       python -m pdb examples/05_unfold.py
          (Pdb) b 64                       the line with loss.backward()
          (Pdb) c                          run up to it
          (Pdb) s                          step into it: the next frame is Value.backward, the loop of the chain rule
          (Pdb) b minigrad/value.py:88, node.label == "o_2"
          (Pdb) c                          stops where o₂ hands its gradient on
          (Pdb) p node, operand, partial
          (Pdb) p partial * node.grad
VS Code   open this file, set a breakpoint on the line with loss.backward(), start "Step through this file", step into;
          in value.py set a conditional breakpoint (node.label == "o_2") on the line `operand.grad += …`
PyCharm   the same: a breakpoint, Debug, Step Into; right-click a breakpoint for its condition

Forward it is the same: stop at `o = (x * w_i + o * w_h).tanh()` and step into: the next frame is the rule of one
operation, __mul__; step out, and the next ones are __mul__, __add__ and tanh, each with its value and its
derivatives in one line.
"""

import sys
from math import isclose
from pathlib import Path

from minigrad import Value
from minigrad.bptt import contributions
from minigrad.draw import draw
from minigrad.graph import uses
from minigrad.losses import binary_cross_entropy
from minigrad.nn import Step, Unrolled
from minigrad.notation import added, number

INPUTS = [1, 0.5, -1]
w_i, w_h, w_o = Value(0.5, label="w_i"), Value(0.8, label="w_h"), Value(1.2, label="w_o")


def forward(w_h_at):
    """(loss, unrolled); w_h_at[t−1] is the weight that step t uses"""
    o = Value(0, label="o_0")
    unrolled = Unrolled([o], [])
    for t, x_t in enumerate(INPUTS, start=1):
        x = Value(x_t, label=f"x_{t}")
        o = (x * w_i + o * w_h_at[t - 1]).tanh()
        o.label = f"o_{t}"
        unrolled.steps.append(Step(t, [x], [o]))
    y_hat = (o * w_o).sigmoid()
    y_hat.label = "y_hat"
    loss = binary_cross_entropy(y_hat, 1)
    loss.label = "L"
    return loss, unrolled


loss, unrolled = forward([w_h] * len(INPUTS))         # the same Value at every step: this is what "shared" means

if sys.argv[1:]:                                      # here, so that the lesson runs without quiz.py beside it
    from quiz import quiz

    sys.exit(quiz(loss, unrolled))

loss.backward()

print("Forward, o_t = tanh(x_t·w_i + o_{t−1}·w_h), with the same w_i and w_h at every step:")
for step in unrolled:
    print(f"  t = {step.t}   x_t = {number(step.x[0].data):>4}   o_t = {number(step.state[0].data):>8}")
print(f"  L = {number(loss.data)}\n")

print("The uses of w_h, one for each step, and what comes back through each:")
terms = contributions(loss, unrolled, w_h)
for (user, _), step, term in zip(uses(loss, w_h), unrolled, terms):
    before = unrolled.states[step.t - 1][0]
    print(f"  t = {step.t}   o_{step.t - 1}·w_h = {number(before.data):>6} × {number(w_h.data)}   local derivative "
          f"{number(before.data):>6} × upstream {number(user.grad):>7} = {number(term):>7}")
print(f"  ∂L/∂w_h = {added(terms)} = {number(w_h.grad)}\n")

copies = [Value(w_h.data, label=f"w_h at t = {t}") for t in range(1, len(INPUTS) + 1)]
separate, _ = forward(copies)
separate.backward()
print(f"The same network with {len(copies)} separate weights of {number(w_h.data)}, one for each step:")
for copy in copies:
    print(f"  ∂L/∂({copy.label}) = {number(copy.grad):>7}")
print(f"  their sum: {number(sum(copy.grad for copy in copies))}: sharing a weight adds the gradients of its copies.\n")

pictures = Path("minigrad-lessons")
pictures.mkdir(exist_ok=True)
print("Unfolded over time; the bars show the terms of each shared weight, over their steps:")
print(draw(loss, unrolled).save_and_say(pictures / "05_unfold.svg"))

assert len(uses(loss, w_h)) == len(INPUTS)
assert isclose(w_h.grad, sum(copy.grad for copy in copies), rel_tol=1e-12)
# and without any backward pass: move w_h by ±h, and see how far L moves
h = 1e-5
up, down = (forward([Value(w_h.data + move)] * len(INPUTS))[0].data for move in (h, -h))
assert isclose(w_h.grad, (up - down) / (2 * h), rel_tol=1e-7)
