# %% [markdown]
# # 01 A number that remembers how it was made
#
# A program computes $L = \tanh(a \cdot b + a)$. How far does $L$ move if $a$ moves by a little? The **derivative** of
# $L$ with respect to $a$, written $\partial L/\partial a$, says how many times as far: if it is 3, $L$ moves 3 times as
# far as $a$; if it is $-3$, as far, but the other way. To find it, it is enough that every number remembers how it was
# made. You will build such a number in 20 lines, and compare it with minigrad.
#
# Run this file as a script (`python examples/01_value.py`), or cell by cell in VS Code, PyCharm, Spyder or Jupyter.

# %%
import math
from pathlib import Path

from minigrad import Value
from minigrad.draw import draw
from minigrad.notation import number

# %% [markdown]
# ## A number with a memory
#
# A `Mini` holds a number, `data`, and how it was made: the operation `op`, the `operands` that it was applied to, and a
# **partial** for each of them: the derivative of the result $y$ when the operand in that place alone moves. There is
# one for each place, also where the same number stands in both:
#
# | operation | partials |
# |---|---|
# | $y = u + v$ | $\partial y/\partial u = 1$, $\partial y/\partial v = 1$ |
# | $y = u \cdot v$ | $\partial y/\partial u = v$, $\partial y/\partial v = u$ |
# | $y = \tanh u$ | $\partial y/\partial u = 1 - y^2$ |
#
# The first two you can see: if $u$ moves by $h$, $u + v$ moves by $h$, and $u \cdot v$ by $v \cdot h$. The third is the
# quotient rule: $\tanh u$ is $p/q$ with $p = e^u - e^{-u}$ and $q = e^u + e^{-u}$; the derivative of $p$ is $q$, that
# of $q$ is $p$, and so that of $p/q$ is $(q \cdot q - p \cdot p)/q^2 = 1 - y^2$.
#
# `backward` sends a gradient back through this memory; you will see below how it works.

# %%
class Mini:
    def __init__(self, data, op="", operands=(), partials=()):
        self.data = data
        self.op = op
        self.operands = operands
        self.partials = partials
        self.grad = 0

    def __add__(self, other):
        return Mini(self.data + other.data, "+", (self, other), (1, 1))

    def __mul__(self, other):
        return Mini(self.data * other.data, "*", (self, other), (other.data, self.data))

    def tanh(self):
        y = math.tanh(self.data)
        return Mini(y, "tanh", (self,), (1 - y * y,))

    def backward(self, arrived=1):
        self.grad += arrived
        for operand, partial in zip(self.operands, self.partials):
            operand.backward(partial * arrived)

# %% [markdown]
# ## An expression
#
# The function takes `Mini`s, and below minigrad's `Value`s: Python calls the `+`, `*` and `tanh` of what it is given.

# %%
def expression(a, b):
    c = a * b
    d = c + a                                         # a again
    L = d.tanh()
    return c, d, L


A, B = 0.5, -3
a, b = Mini(A), Mini(B)
c, d, L = expression(a, b)
L.data

# %% [markdown]
# What each of them remembers (`number` writes four digits). A number that you made yourself, and that was not computed,
# is a **leaf**: its memory is empty.

# %%
names = {a: "a", b: "b", c: "c", d: "d", L: "L"}
for value, name in names.items():
    partials = [f"∂{name}/∂{names[x]} = {number(p)}" for x, p in zip(value.operands, value.partials)]
    print(f"{name} = {number(value.data):<7}", value.op or "leaf", *partials, sep="   ")

# %% [markdown]
# ## The gradient
#
# The **gradient** of a number $v$ is the derivative $\partial L/\partial v$ of the last result, here $L$. For $L$
# itself it is 1. Each result then sends back to each operand *partial × what has arrived*, and a number that is used
# more than once adds up what it gets. That is all of `backward`. Lesson 02 works out by hand why this is right.

# %%
L.backward()
for value, name in names.items():
    print(f"∂L/∂{name} = {number(value.grad)}")

# %% [markdown]
# ## Measured
#
# No theory is needed to test this. Compute $L$, forward only, with one leaf moved up by a small $h$, and again with the
# leaf moved down by $h$. In between the leaf moved by $2h$: divide how far $L$ moved by that.

# %%
def L_at(a, b):
    return expression(Mini(a), Mini(b))[-1].data


h = 0.0001
measured_a = (L_at(A + h, B) - L_at(A - h, B)) / (2 * h)
measured_b = (L_at(A, B + h) - L_at(A, B - h)) / (2 * h)
print(f"∂L/∂a: computed {number(a.grad)}, measured {number(measured_a)}")
print(f"∂L/∂b: computed {number(b.grad)}, measured {number(measured_b)}")

# %% [markdown]
# ## minigrad
#
# minigrad's `Value` is the same idea, with more operations, with labels for readers, and with a `backward` that holds
# where yours does not (lesson 03). A picture shows the memory as a graph: a box for each Value, an arrow from each
# operand to what was made of it. Leaves are gold. (From lesson 03 on some are grey: those that are given, not learned,
# such as numbers without a label, inputs, targets and first states.) On an arrow stands × the partial, and in bold the
# gradient that goes back along it, from its head to its tail.

# %%
x, y = Value(A, label="a"), Value(B, label="b")
values = [x, y, *expression(x, y)]
for value, label in zip(values, "abcdL"):
    value.label = label
values[-1].backward()

Path("minigrad-lessons").mkdir(exist_ok=True)
picture = draw(values[-1])
print(picture.save_and_say("minigrad-lessons/01_value.svg"))
picture

# %%
for value, mine in zip(reversed(values), (L, d, c, b, a)):          # from L back: the first that differs is the cause
    same = math.isclose(value.grad, mine.grad, abs_tol=1e-12)
    assert same, f"∂L/∂{value.label} is {number(mine.grad)} by your Mini, and {number(value.grad)} by minigrad"
for measured, mine in ((measured_a, a.grad), (measured_b, b.grad)):
    same = math.isclose(measured, mine, rel_tol=1e-5, abs_tol=1e-6)
    assert same, f"a gradient is {number(mine)} by your Mini, and {number(measured)} as measured"
print("Your Mini, minigrad and the measurement agree.")

# %% [markdown]
# ## Change it
#
# Say what will be printed before you run it.
#
# - Other numbers: `A, B = 0.5, -3` → `A, B = 2, 0.25`
# - Another operation: `c = a * b` → `c = a + b`
# - The same number in both places; what is $\partial c/\partial a$ altogether? `c = a * b` → `c = a * a`
# - A wrong partial; the check fails and says where: `(1 - y * y,)` → `(1 + y * y,)`
# - No addition of what arrives; the check fails: `self.grad += arrived` → `self.grad = arrived`
# - A method of your own: give `Mini` a `__sub__`, and let $d$ be `c - a`. What are its two partials?
