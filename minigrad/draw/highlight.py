"""Fading all of a picture but what is asked for: a Value with its routes to the loss, a path, or one time step.

Works on the DOT text: every statement of a view carries the id of its element, and fading makes colours transparent.
"""

import re
from itertools import pairwise

from minigrad.bptt import steps_of_uses
from minigrad.draw import theme
from minigrad.graph import gradients
from minigrad.nn import Unrolled
from minigrad.value import Value

FADED = "2c"                                          # how transparent, two hexadecimal digits


def highlighted(source: str, elements: dict, loss: Value, unrolled: Unrolled | None, what) -> str:
    """The DOT text, each element faded that shows nothing of `what`: a Value, a list of them along a path, or a t."""
    nodes, edges = wanted(loss, unrolled, what)
    kept = {key for shown, keys in elements.items() if shown in nodes or shown in edges for key in keys}
    known = {key for keys in elements.values() for key in keys}
    lines = []
    for line in source.splitlines():
        found = re.search(r' id="?([\w:.]+)"?[ \]]', re.sub(r"<.*>", "", line))
        if found and found[1] in known - kept:
            line = theme.faded(line, FADED)
            if "->" not in line:                      # text that has no colour of its own
                line = f'{line[:-1]} fontcolor="{theme.INK}{FADED}"]'
        lines.append(line)
    return "\n".join(lines) + "\n"


def wanted(loss: Value, unrolled: Unrolled | None, what) -> tuple[set, set]:
    """The Values, and the edges (node, operand), that `what` names.  Raises ValueError where it names none."""
    graph = gradients(loss)
    all_edges = [(node, operand) for node in graph for operand in node.operands]
    if isinstance(what, Value):
        if what not in graph:
            raise ValueError(f"draw: highlight={what!r} is not in the graph of {loss!r}")
        routes = {what}
        for node in graph:                            # operands come first
            if not routes.isdisjoint(node.operands):
                routes.add(node)
        return routes, {(node, operand) for node in routes for operand in routes}
    if isinstance(what, int) and not isinstance(what, bool):
        if unrolled is None:
            raise ValueError(f"draw: highlight={what}, a time step, needs one `unrolled` RNN")
        if not 1 <= what <= len(unrolled):
            raise ValueError(f"draw: highlight={what} is no time step; they go from 1 to {len(unrolled)}")
        steps = steps_of_uses(loss, unrolled)
        of_step = {node for node, t in steps.items() if t == what}
        edges = {(node, operand) for node, operand in all_edges if node in of_step}
        states = set(unrolled[what - 1].carried)
        across = {(o, before) for o in states for before in graph}
        return of_step | {("input", what)} | {operand for _, operand in edges}, edges | across
    path = list(what) if isinstance(what, (list, tuple)) else []
    if not path or not all(isinstance(v, Value) and v in graph for v in path):
        raise ValueError("draw: highlight must be a Value of the graph, a list of them along a path, or a time step")
    return set(path), {edge for a, b in pairwise(path) for edge in ((a, b), (b, a))}
