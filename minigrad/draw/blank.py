"""Numbers that a picture keeps to itself, as an exercise: a "?" stands in their place, wherever that is."""

import math

from minigrad.draw import theme
from minigrad.graph import gradients
from minigrad.number import Number, innermost
from minigrad.value import Value


def blanked(loss: Value, blank) -> tuple[Number, ...]:
    """The gradients ∂L/∂v of the Values v in `blank`, and the contributions of its pairs (user, operand).

    Raises TypeError for anything else, ValueError for what is not in the graph, or before backward().
    """
    gradient, found = gradients(loss), list[Number]()
    if not isinstance(blank, (list, tuple)):
        raise TypeError(f"draw: blank={blank!r} is no list; write blank=[w_h, (user, operand)]")
    for item in blank:
        pair = item if isinstance(item, tuple) and len(item) == 2 else (item,)
        if not all(isinstance(v, Value) for v in pair):
            raise TypeError(f"draw: blank={item!r} is neither a Value nor a pair (user, operand) of Values")
        if any(v not in gradient for v in pair) or (len(pair) == 2 and pair[1] not in pair[0].operands):
            what = repr(pair[0]) if len(pair) == 1 else f"an edge from {pair[1]!r} to {pair[0]!r}"
            raise ValueError(f"draw: blank={what} is not in the graph of {loss!r}")
        if len(pair) == 1:
            found.append(gradient[item])
        else:
            user, operand = pair
            partials = [partial for other, partial in zip(user.operands, user.partials) if other is operand]
            found += [partial * gradient[user] for partial in partials]
    if found and not theme.has_gradient(loss):
        raise ValueError("draw: blank hides gradients, and there are none yet; call loss.backward() first")
    return tuple(found)


def is_among(x: Number, hidden: tuple[Number, ...]) -> bool:
    """Whether x is one of the hidden numbers, but for rounding, or minus one of them, which would give it away"""
    if not hidden:
        return False
    size = abs(float(innermost(x)))
    return any(math.isclose(size, abs(float(innermost(other))), rel_tol=1e-9) for other in hidden)
