"""03  Why the order matters: a gallery of wrong engines.

You will see   nine ways to write the backward pass, each a few lines.  Every one is run on the smallest graph that
               exposes it, beside minigrad: its number, the right number, and the reason.  All but two give a number
               that looks like any other; nothing warns you.
The one idea   A Value may hand its gradient on only when it has received all of it, once, along every use.
To change      put one of the wrong engines right, with as few characters as you can; the lesson then says so.

A leaf is a Value that you made, such as w; one made by an operation is interior.  topological_order(y) lists every
Value before its users, so that read backwards it comes after all of them.  To find one, engine 3 lists a Value when
its operands are listed; minigrad begins at y, and takes a Value when the last of its users has been taken.
"""

import sys
from pathlib import Path

from minigrad import Value
from minigrad.draw import draw
from minigrad.graph import topological_order

DEEP, WIDE = 2 * sys.getrecursionlimit(), 15

# ---------------------------------------------------------------------- graphs: each gives y and w


def diamond():
    """y = h + g,  g = 3·h,  h = 2·w,  w = 1;   ∂y/∂w = 2 + 6 = 8"""
    w = Value(1, label="w")
    h = 2 * w
    g = 3 * h
    y = h + g
    h.label, g.label, y.label = "h", "g", "y"
    return y, w


def square():
    """y = w·w,  w = 3;   ∂y/∂w = 3 + 3 = 6"""
    w = Value(3, label="w")
    return w * w, w


def chain():
    """y = w + 1 + 1 + …, twice as often as Python may recurse;   ∂y/∂w = 1"""
    y = w = Value(0, label="w")
    for _ in range(DEEP):
        y = y + 1
    return y, w


def doublings():
    """y = w doubled 15 times by h + h;   ∂y/∂w = 2¹⁵ = 32768"""
    y = w = Value(1, label="w")
    for _ in range(WIDE):
        y = y + y
    return y, w


def product_squared():
    """y = h·h,  h = 2·w,  w = 3;   ∂y/∂w = 2·h·2 = 24, and 48 after a second pass"""
    w = Value(3, label="w")
    h = 2 * w
    return h * h, w


# ---------------------------------------------------------------------- wrong engines


def order_of_first_visit(y):
    """From y outwards, each Value when it is first seen"""
    y.grad = 1
    waiting = [y]
    for node in waiting:                              # the list grows while it is read
        for operand, partial in zip(node.operands, node.partials):
            operand.grad += partial * node.grad
            if operand not in waiting:
                waiting.append(operand)


def recursion_that_pushes_the_sum(y):
    """On each arrival, hand on everything that has arrived so far"""

    def push(node):
        for operand, partial in zip(node.operands, node.partials):
            operand.grad += partial * node.grad
            push(operand)

    y.grad = 1
    push(y)


def recursion_that_pushes_each_part(y):
    """On each arrival, hand on only what has just arrived"""
    visits = 0

    def push(node, arrived):
        nonlocal visits
        visits += 1
        node.grad += arrived
        for operand, partial in zip(node.operands, node.partials):
            push(operand, partial * arrived)

    push(y, 1)
    return visits


def recursion_in_post_order(y):
    """A Value is listed after its operands; the list backwards is a right order"""
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for operand in node.operands:
                visit(operand)
            order.append(node)

    visit(y)
    y.grad = 1
    for node in reversed(order):
        for operand, partial in zip(node.operands, node.partials):
            operand.grad += partial * node.grad


def equals_for_plus_equals(y):
    """`=` where `+=` is needed"""
    y.grad = 1
    for node in reversed(topological_order(y)):
        for operand, partial in zip(node.operands, node.partials):
            operand.grad = partial * node.grad


def operands_in_a_set(y):
    """The operands as a set, or as the keys of a dict: each of them once"""
    y.grad = 1
    for node in reversed(topological_order(y)):
        for operand, partial in dict(zip(node.operands, node.partials)).items():
            operand.grad += partial * node.grad


def interior_not_reset(y):
    """No gradient is set back to 0, so that those of the weights add up"""
    y.grad = 1
    for node in reversed(topological_order(y)):
        for operand, partial in zip(node.operands, node.partials):
            operand.grad += partial * node.grad


def everything_reset(y):
    """Every gradient is set back to 0, so that nothing is left of the pass before"""
    for node in topological_order(y):
        node.grad = 0
    interior_not_reset(y)


def partials_taken_late(y):
    """The rule of w·w is looked up in the backward pass: ∂/∂operand is the other operand's number *now*"""
    y.grad = 1
    for node in reversed(topological_order(y)):
        if node.op == "*":
            first, second = node.operands
            first.grad += second.data * node.grad
            second.grad += first.data * node.grad


# ---------------------------------------------------------------------- each beside minigrad


def right(y):
    y.backward()


def gradient(engine, graph, passes=1, edit=None):
    """w.grad after the passes, w.data edited in between forward and backward; or the error that ended it"""
    y, w = graph()
    if edit is not None:
        w.data = edit
    try:
        for _ in range(passes):
            engine(y)
    except RecursionError:
        return "RecursionError"
    return w.grad


CASES: list[tuple] = [
    (order_of_first_visit, diamond, {}, 8,
     "y sends to h and g; h is next, and hands on its 1.  Then g sends 3 to h: too late, w never hears of it."),
    (recursion_that_pushes_the_sum, diamond, {}, 8,
     "h hands on 1 when y calls, and 1 + 3 when g calls: the first 1 has been handed on twice."),
    (recursion_in_post_order, chain, {}, 1,
     f"The order is right, each Value once; but visit() calls itself {DEEP} deep, and Python allows "
     f"{sys.getrecursionlimit()}.\n   An RNN over a long text is such a chain: minigrad walks graphs by loops."),
    (equals_for_plus_equals, square, {}, 6,
     "w is used twice; the second contribution overwrites the first."),
    (operands_in_a_set, square, {}, 6,
     "w·w has the operand w twice; a set or a dict keeps it once, and one use is lost."),
    (interior_not_reset, product_squared, {"passes": 2}, 48,
     "A second pass finds h.grad at 12 from the first, and hands 12 + 12 on: w gets 24 and then 48 more."),
    (everything_reset, product_squared, {"passes": 2}, 48,
     "Now w forgets the first pass.  Interior gradients start anew, those of leaves add up: that is how the\n"
     "   gradients of several sentences become one step, and why training calls zero_grad()."),
    (partials_taken_late, square, {"edit": 100}, 6,
     "w was 3 when y was computed, and w.data = 100 came before the backward pass.  The partial belongs to the\n"
     "   forward pass, and minigrad takes it there."),
]
for k, (engine, graph, given, exact, why) in enumerate(CASES, start=1):
    wrong, ours = gradient(engine, graph, **given), gradient(right, graph, **given)
    print(f"{k}  {engine.__name__}: {engine.__doc__}.")
    print(f"   {graph.__doc__}")
    print(f"   this engine: {wrong}    minigrad: {ours}")
    print(f"   {why if wrong != exact else 'It is right now: you have mended it.'}\n")
    assert ours == exact, f"{graph.__name__}: minigrad gives {ours}, and the gradient is {exact}"

y, w = doublings()
visits, nodes = recursion_that_pushes_each_part(y), len(topological_order(y))
print(f"9  recursion_that_pushes_each_part: {recursion_that_pushes_each_part.__doc__}.")
print(f"   {doublings.__doc__}")
print(f"   this engine: {w.grad} after {visits} visits    minigrad: {gradient(right, doublings)} after {nodes}")
if visits == 2 ** (WIDE + 1) - 1:
    print("   Right, but it walks every route, and there are 2¹⁵.  100 doublings would not end in your lifetime.\n")
else:
    print("   It does not walk every route now.\n")
assert w.grad == gradient(right, doublings) == 2**WIDE, f"the gradient is {2**WIDE}"

# the engines are not wrong everywhere, which is why nobody notices: on a graph without a repeated use they agree
for engine, *_ in CASES[:5]:
    w = Value(2)
    engine((3 * w).tanh())
    again = Value(2)
    (3 * again).tanh().backward()
    assert w.grad == again.grad
print("On a graph in which no Value is used twice, 1 to 5 are right.  A weight of an RNN is used at every step.")

y, _ = diamond()
y.backward()
pictures = Path("minigrad-lessons")
pictures.mkdir(exist_ok=True)
print(draw(y).save_and_say(pictures / "03_diamond.svg"))
