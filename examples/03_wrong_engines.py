# %% [markdown]
# # 03 Why the order matters: latest made first
#
# The little engine of lesson 01 gave the right gradients. On other graphs it breaks, and some repairs give a wrong
# number, without any sign of it. Here are four engines that fail, a few lines each, and the one that holds:
#
# **A number may hand its gradient on only when it has received all of it. All its users are made after it. So: the
# latest made first.**

# %%
import sys
from itertools import count
from pathlib import Path

from minigrad import Value
from minigrad.draw import draw

# %% [markdown]
# ## The number of lesson 01, and five graphs
#
# Each `Mini` now also knows how many were made before it: `made`. Each graph makes a result $y$ from a leaf $w = 3$;
# beside it in `RIGHT` stands $\partial y/\partial w$.

# %%
counter = count()


class Mini:
    def __init__(self, data, operands=(), partials=()):
        self.data, self.operands, self.partials = data, operands, partials
        self.grad, self.made = 0, next(counter)

    def __add__(self, other):
        other = other if isinstance(other, Mini) else Mini(other)
        return Mini(self.data + other.data, (self, other), (1, 1))

    def __mul__(self, other):
        other = other if isinstance(other, Mini) else Mini(other)
        return Mini(self.data * other.data, (self, other), (other.data, self.data))

# %%
DEEP, WIDE = 2 * sys.getrecursionlimit(), 12


def once(w):                                          # no number is used twice
    return w * 2 * 3


def square(w):
    return w * w


def diamond(w):                                       # h = 2w, g = 3h, y = h + g
    h = w * 2
    g = h * 3
    return h + g


def chain(w):                                         # w + 1 + 1 + …
    for _ in range(DEEP):
        w = w + 1
    return w


def doublings(w):                                     # doubled again and again
    for _ in range(WIDE):
        w = w + w
    return w

RIGHT = {once: 6, square: 6, diamond: 8, chain: 1, doublings: 2**WIDE}

# %% [markdown]
# ## The engine of lesson 01: on each arrival, hand on what has just arrived
#
# It walks every route, one call inside another. $k$ doublings have $2^k$ routes, and the calls along them are
# $1 + 2 + 4 + \dots + 2^k = 2^{k+1} - 1$; a hundred doublings would not end in your lifetime. A long chain, such as an
# RNN over a long text, is deeper than Python allows, which is about 1000 calls, one inside another.

# %%
def each_arrival(node, arrived=1):                    # gives the number of calls
    node.grad += arrived
    return 1 + sum(each_arrival(operand, partial * arrived) for operand, partial in zip(node.operands, node.partials))

print(f"{WIDE} doublings: {each_arrival(doublings(Mini(3)))} calls for {WIDE + 1} numbers")

# %% [markdown]
# ## First repair: a loop, and each number once, when it is first seen
#
# It is fast and never too deep. But in the diamond $y = h + g$ sends 1 to $h$ and to $g$, and $h$ is seen first: it
# hands on its 1, times 2, to $w$. Then $g$ sends 3 to $h$: too late, $w$ never hears of it.

# %%
def reached(y):
    found, waiting = {y}, [y]
    for node in waiting:                              # the list grows while it is read
        for operand in node.operands:
            if operand not in found:
                found.add(operand)
                waiting.append(operand)
    return waiting


def send_back(order):
    order[0].grad = 1
    for node in order:
        for operand, partial in zip(node.operands, node.partials):
            operand.grad += partial * node.grad


def first_seen(y):
    send_back(reached(y))

# %% [markdown]
# ## Second repair: the latest made first
#
# The same numbers, sorted: `made` is all that it takes, because a user is always made after its operands. The
# `backward` of minigrad is this loop.

# %%
def latest(y):
    return sorted(reached(y), key=lambda node: node.made, reverse=True)


def latest_first(y):
    send_back(latest(y))

# %% [markdown]
# ## Two bugs, in the right order
#
# In $w \cdot w$ the operand $w$ stands twice. With `=` the second contribution overwrites the first; so it does at $h$
# in the diamond, which gets one from $y$ and one from $g$. A dict (or a set) of the operands keeps each only once: it
# loses a use where both operands are the same number, but not in the diamond.

# %%
def overwriting(y):
    y.grad = 1
    for node in latest(y):
        for operand, partial in zip(node.operands, node.partials):
            operand.grad = partial * node.grad


def each_operand_once(y):
    y.grad = 1
    for node in latest(y):
        for operand, partial in dict(zip(node.operands, node.partials)).items():
            operand.grad += partial * node.grad

# %% [markdown]
# ## All of them, on all graphs
#
# A row for each engine, with its $\partial y/\partial w$; × marks a wrong one. In `once` no number is used twice, and
# an engine can be right there that is wrong elsewhere: this is why nobody notices. A weight of an RNN is used at every
# time step.

# %%
def outcome(engine, graph, number=Mini):
    w = number(3)
    try:
        engine(graph(w))
    except RecursionError:
        return "too deep ×"
    return f"{w.grad}" if w.grad == RIGHT[graph] else f"{w.grad} ×"

table = {engine.__name__: [outcome(engine, graph) for graph in RIGHT]
         for engine in (each_arrival, first_seen, overwriting, each_operand_once, latest_first)}
table["minigrad"] = [outcome(Value.backward, graph, Value) for graph in RIGHT]

print(" " * 17, *(f"{graph.__name__:>10}" for graph in RIGHT))
for name, row in table.items():
    print(f"{name:<17}", *(f"{shown:>10}" for shown in row))
unnoticed = [name for name, (in_once, *others) in table.items() if "×" not in in_once and "×" in "".join(others)]
print("Right in once, and wrong elsewhere:", ", ".join(unnoticed) or "none")

# %% [markdown]
# The diamond, as minigrad sees it. Its numbers were made from left to right: the backward pass takes them from right to
# left, and so takes $g$ before $h$.

# %%
w = Value(3, label="w")
h = w * 2
g = h * 3
y = h + g
h.label, g.label, y.label = "h", "g", "y"
y.backward()

Path("minigrad-lessons").mkdir(exist_ok=True)
picture = draw(y)
print(picture.save_and_say("minigrad-lessons/03_diamond.svg"))
picture

# %%
repaired = [name for name in list(table)[:4] if not any("×" in shown for shown in table[name])]
print("You have repaired:", ", ".join(repaired) or "none yet")
for name in ("latest_first", "minigrad"):
    wrong = [graph.__name__ for graph, shown in zip(RIGHT, table[name]) if "×" in shown]
    assert not wrong, f"{name} is wrong on {', '.join(wrong)}: it must take the latest made first, and add every use"

# %% [markdown]
# ## Change it
#
# Repair an engine with as few characters as you can; the lesson then says that you have repaired it. (Not
# `each_arrival`: its idea is too slow.) Answers to compare with, afterwards:
#
# - The first bug: `operand.grad = partial * node.grad` → `operand.grad += partial * node.grad`
# - The second: `dict(zip(node.operands, node.partials)).items()` → `zip(node.operands, node.partials)`
# - The first repair: `send_back(reached(y))` → `send_back(latest(y))`
# - Break the right one; the check fails and says where. (In `chain` it is still right, by luck: $w$ comes first and
#   gets the 1 that $y$ should get. The two engines with bugs use `latest` too, and so they are now wrong even in
#   `once`.) `reverse=True` → `reverse=False`
# - Watch the routes grow. How many calls are three doublings more?
#   `2 * sys.getrecursionlimit(), 12` → `2 * sys.getrecursionlimit(), 15`
