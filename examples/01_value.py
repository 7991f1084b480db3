"""01  A number that remembers how it was made.

You will see   an expression computed with Values.  Each of them knows its number, its operation, the operands that it
               was applied to, and for every operand a partial: by how much the result moves when that operand alone
               moves by a little, divided by that little.  This is the derivative, and lesson 02 chains them.
               Then each partial is measured, with plain numbers: move the operand, look at the result.
To change      the numbers; or the expression, for instance with `a / b`, `a - b`, `a ** 2` or `tanh(a)`.  Say before
               you run it which partials will be printed.  An operation that RULES lacks is to be added there.
To practise    lessons 02, 05, 06 and 07 have a quiz
"""

import math
import operator
from collections.abc import Callable
from pathlib import Path

from minigrad import Value, tanh
from minigrad.draw import draw
from minigrad.graph import topological_order
from minigrad.notation import number, operation

a, b = Value(0.5, label="a"), Value(-1.5, label="b")
c = a * b
d = c + a                                             # a again: it is used twice
L = tanh(d)
c.label, d.label, L.label = "c", "d", "L"             # labels are for readers; the engine needs none

order = topological_order(L)                          # every Value that L was made from, operands before their users
print("What each Value remembers:\n")
print("  name   number   made by       partials")
for value in order:
    made_by = f"{operation(value.op)} of {', '.join(x.label for x in value.operands)}" if value.operands else "you"
    partials = ", ".join(f"∂{value.label}/∂{x.label} = {number(p)}" for x, p in zip(value.operands, value.partials))
    print(f"  {value.label:<4} {number(value.data):>8}   {made_by:<11}   {partials}".rstrip())

slope = number(c.partials[0])
print(f"\n∂c/∂a = {slope} says: let a alone grow by a little, and c moves {slope} times as far.")
print("Each partial measured: move one operand by ±h with h = 0.0001, and divide how far the result moved by 2·h:\n")
RULES: dict[str, Callable] = {                        # each operation with plain numbers
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow,
    "neg": operator.neg, "**2": lambda x: x**2, "tanh": math.tanh, "exp": math.exp,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
}
h = 0.0001
for value in order:
    assert not value.operands or value.op in RULES, f"{value.op!r} is not in RULES: add it there, with plain numbers"
    numbers = [x.data for x in value.operands]
    for place, (operand, partial) in enumerate(zip(value.operands, value.partials)):
        up, down = list(numbers), list(numbers)
        up[place] += h
        down[place] -= h
        measured = (RULES[value.op](*up) - RULES[value.op](*down)) / (2 * h)
        print(f"  ∂{value.label}/∂{operand.label}   remembered {number(partial):>8}   measured {number(measured):>8}")
        assert math.isclose(partial, measured, rel_tol=1e-6, abs_tol=1e-6), (value, operand)

pictures = Path("minigrad-lessons")
pictures.mkdir(exist_ok=True)
print("\nThe memory is a graph: a box for each Value, an arrow from each operand to what was made of it.")
print(draw(L).save_and_say(pictures / "01_value.svg"))
