# %% [markdown]
# # 02 The chain rule, by hand and by graph
#
# Lesson 01 sent gradients back through a graph. Here you do the same with pencil and paper, line by line, and see that
# there are only two rules:
#
# 1. **Along a route, multiply.** If $v$ moves 3 times as far as $u$, and $w$ moves 5 times as far as $v$, then $w$
#    moves $5 \cdot 3$ times as far as $u$.
# 2. **Over the routes, add.** If $u$ moves $w$ by two routes, the two movements add up.

# %%
import sys
from math import isclose
from pathlib import Path

from minigrad import Value
from minigrad.draw import DrawingError, draw, walkthrough
from minigrad.explain import chain_rule
from minigrad.notation import number

# %% [markdown]
# ## Forward
#
# Four leaves $a, b, c, m$, and what is computed from them. Note that $e$ is used twice.

# %%
A, B, C, M = 4, -2, 10, 5


def expression(a, b, c, m):
    e = a * b
    d = e + c
    g = d * e
    L = m * g
    return e, d, g, L


def graph(*numbers):
    """The Values a, b, c, m, e, d, g, L"""
    leaves = [Value(x) for x in numbers]
    values = [*leaves, *expression(*leaves)]
    for value, label in zip(values, "abcmedgL"):
        value.label = label
    return values

# %%
other_a, _, _, _, other_e, other_d, _, other_L = graph(-3, 2, 1, 4)         # other numbers, for the quiz
ASKED = [other_d, other_e, other_a]                   # the gradients that it asks for
if "--quiz" in sys.argv:                              # python examples/02_chain_rule.py --quiz
    from quiz import quiz

    sys.exit(quiz(other_L, ASKED))

# %%
values = graph(A, B, C, M)
print(*(f"{v.label} = {number(v.data)}" for v in values), sep="   ")
a, b, c, m, e, d, g, L = values

# %% [markdown]
# ## Backward by hand
#
# Start from the result, where $\partial L/\partial L = 1$, and go back. For each number write: the partial of each of
# its uses × what arrived at that use, and add. For a product $u \cdot v$ the partial with respect to $u$ is $v$; for a
# sum both partials are 1. What one use sends back is called its **contribution**: $e$ has two.

# %%
dL_dm = g.data * 1                                    # L = m·g
dL_dg = m.data * 1                                    # L = m·g
dL_dd = e.data * dL_dg                                # g = d·e
dL_de = d.data * dL_dg + 1 * dL_dd                    # g = d·e, and d = e + c: two contributions
dL_dc = 1 * dL_dd                                     # d = e + c
dL_da = b.data * dL_de                                # e = a·b
dL_db = a.data * dL_de                                # e = a·b

# %% [markdown]
# ## Backward by graph
#
# `L.backward()` does the same, and leaves $\partial L/\partial v$ in `v.grad`.

# %%
L.backward()
by_hand = {m: dL_dm, g: dL_dg, d: dL_dd, e: dL_de, c: dL_dc, a: dL_da, b: dL_db}
for value, mine in by_hand.items():
    print(f"∂L/∂{value.label}: by hand {number(mine):>5}, by graph {number(value.grad):>5}")

# %% [markdown]
# In the picture each box has its name, its number and its gradient; on an arrow stands × the partial, and in bold the
# contribution that goes back along it. The bold numbers on the arrows that leave $e$ add up to its gradient.

# %%
Path("minigrad-lessons").mkdir(exist_ok=True)
picture = draw(L)
print(picture.save_and_say("minigrad-lessons/02_chain_rule.svg"))
picture

# %% [markdown]
# ## Every route
#
# `chain_rule` writes both rules as one equation: a line for each route from $L$ back to $a$, multiplied along the line,
# added over the lines. It has one new symbol. The number $e$ reaches $g$ by two routes: straight, as an operand of $g$,
# and through $d$. $\partial g/\partial e$ would mean both together. $\partial^+ g/\partial e$ means the straight one
# alone, while $d$ is held fixed: the **immediate** derivative. Lesson 06 needs it for a weight that reaches the loss at
# every time step.

# %%
rule = chain_rule(L, a)
print(rule)

# %% [markdown]
# ## Practise
#
# The same expression of other numbers as a live page. The gradients of $d$, $e$ and $a$ are hidden, and all that would
# tell them. Type them in this order, to 1 %. Below the picture are **tiles**, a row for each route and a tile for each
# factor. After a wrong answer they show the factors, and you have a second try; then you see the answer. In a terminal
# `python examples/02_chain_rule.py --quiz` asks for the same numbers; its hint has the factors in symbols.

# %%
try:
    print("page:", walkthrough(other_L, quiz=ASKED).save("minigrad-lessons/02_quiz.html"))
except DrawingError as error:
    print(f"page: not made, because {error}")

# %%
for value, mine in by_hand.items():
    both = f"{number(mine)} by hand and {number(value.grad)} by graph"
    assert value.grad == mine, f"∂L/∂{value.label} is {both}: correct its line"
assert isclose(sum(term.product for term in rule.terms), a.grad), "the routes do not add up to the gradient"

# and measured, as in lesson 01: move a by ±h
h = 0.001
up, down = (expression(Value(A + move), Value(B), Value(C), Value(M))[-1].data for move in (h, -h))
assert isclose((up - down) / (2 * h), a.grad, rel_tol=1e-5, abs_tol=1e-6), "moving a measures another gradient"
print("By hand, by graph, by routes and measured: the same.")

# %% [markdown]
# ## Change it
#
# - Other numbers: `A, B, C, M = 4, -2, 10, 5` → `A, B, C, M = -3, 1, 2, 7`
# - Another expression; the check fails, and names the first of two lines by hand that you must correct:
#   `g = d * e` → `g = d + e`
# - The same, with both corrected (correct their comments too): `g = d * e` → `g = d + e`,
#   `dL_dd = e.data * dL_dg` → `dL_dd = 1 * dL_dg`, `dL_de = d.data * dL_dg` → `dL_de = 1 * dL_dg`
