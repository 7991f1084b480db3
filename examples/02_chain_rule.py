"""02  The chain rule, by hand and by graph.

You will see   the gradients of a small expression worked out line by line, from the result back, as you would on paper;
               then the same by L.backward(); then the routes that lead from L back to a, written out by the graph.
The one idea   What comes back to an operand is  partial × what came back to its user,  and an operand that is used
               twice gets two contributions, which are added.
To change      the numbers, or L = d·e into L = d + e: mend the lines by hand, and the last lines say if you were right.
To practise    python examples/02_chain_rule.py --quiz
"""

import sys
from pathlib import Path

from minigrad import Value
from minigrad.draw import draw
from minigrad.explain import chain_rule
from minigrad.notation import number

a, b, c, f = Value(4, label="a"), Value(-2, label="b"), Value(10, label="c"), Value(5, label="f")
e = a * b
d = e + c
g = d * e                                             # e again: it is used twice
L = f * g
for value, label in ((e, "e"), (d, "d"), (g, "g"), (L, "L")):
    value.label = label

if sys.argv[1:]:                                      # here, so that the lesson runs without quiz.py beside it
    from quiz import quiz

    sys.exit(quiz(L))

forward = (("e = a·b", e), ("d = e + c", d), ("g = d·e", g), ("L = f·g", L))
print("Forward:  " + "   ".join(f"{written} = {number(value.data)}" for written, value in forward) + "\n")
print("Backward by hand, from the result to the start.  Of a product u·v the partial with respect to u is v, and the")
print("other way round; of a sum u + v both are 1:")
dL_dL = 1
dL_dg = f.data * dL_dL                                # ∂(f·g)/∂g = f
dL_df = g.data * dL_dL
dL_dd = e.data * dL_dg                                # ∂(d·e)/∂d = e
dL_de = d.data * dL_dg + 1 * dL_dd                    # two uses: in g = d·e, and in d = e + c
dL_dc = 1 * dL_dd
dL_da = b.data * dL_de
dL_db = a.data * dL_de
for written, found, why in (
    ("∂L/∂g = f", dL_dg, ""),
    ("∂L/∂f = g", dL_df, ""),
    ("∂L/∂d = e·∂L/∂g", dL_dd, ""),
    ("∂L/∂e = d·∂L/∂g + 1·∂L/∂d", dL_de, "e is used twice: two contributions, added"),
    ("∂L/∂c = 1·∂L/∂d", dL_dc, ""),
    ("∂L/∂a = b·∂L/∂e", dL_da, ""),
    ("∂L/∂b = a·∂L/∂e", dL_db, ""),
):
    print(f"  {written:<26} = {number(found):>4}   {why}".rstrip())

L.backward()
print("\nBackward by graph, L.backward():")
print("  " + "   ".join(f"{value.label}.grad = {number(value.grad)}" for value in (g, f, d, e, c, a, b)) + "\n")
print("The routes from L back to a; along a route the partials are multiplied, and the routes are added.")
print("e moves g in two ways: as a factor of d·e, and by moving d.  Each way is a line; ∂⁺g/∂e is the first alone.\n")
print(chain_rule(L, a))

pictures = Path("minigrad-lessons")
pictures.mkdir(exist_ok=True)
print("\nIn a box: name, number, gradient.  On an arrow: × the partial, and bold what it sends back.")
print(draw(L).save_and_say(pictures / "02_chain_rule.svg"))

by_hand = [dL_dg, dL_df, dL_dd, dL_de, dL_dc, dL_da, dL_db]
assert [value.grad for value in (g, f, d, e, c, a, b)] == by_hand, by_hand
# and by algebra: L = f·(a·b + c)·a·b, so ∂L/∂a = f·b·(2·a·b + c)
assert a.grad == f.data * b.data * (2 * a.data * b.data + c.data)
