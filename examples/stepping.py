"""Stepping through the backward pass: the lecture's network, ready for a debugger.

pdb       python -m pdb examples/stepping.py
          (Pdb) b 31                       the line with loss.backward()
          (Pdb) c                          run up to it
          (Pdb) s                          step into it: the next frame is Value.backward, the loop of the chain rule
          (Pdb) b minigrad/value.py:69, node.label == "o_2"
          (Pdb) c                          stops where o₂ hands its gradient on
          (Pdb) p node, operand, partial   (Pdb) p partial * node.grad
VS Code   open this file, set a breakpoint on the line with loss.backward(), start "Step through this file", step into;
          in value.py set a conditional breakpoint (node.label == "o_2") on the line `operand.grad += …`
PyCharm   the same: a breakpoint, Debug, Step Into; right-click a breakpoint for its condition

Forward it is the same: stop at `o = (x * w_i + o * w_h).tanh()` and step into: the next frame is the rule of one
operation, __mul__; step out, and the next ones are __mul__, __add__ and tanh, each with its value and its
derivatives in one line.
"""

from minigrad import Value
from minigrad.losses import binary_cross_entropy

w_i, w_h, w_o = Value(0.5, label="w_i"), Value(0.8, label="w_h"), Value(1.2, label="w_o")
o = Value(0, label="o_0")
for t, number in enumerate([1, 0.5, -1], start=1):
    x = Value(number, label=f"x_{t}")
    o = (x * w_i + o * w_h).tanh()
    o.label = f"o_{t}"
y_hat = (o * w_o).sigmoid()
y_hat.label = "y_hat"
loss = binary_cross_entropy(y_hat, 1)
loss.backward()
print(w_i, w_h, w_o, sep="\n")
assert abs(w_h.grad - -0.5005032443438566) < 1e-15, w_h
