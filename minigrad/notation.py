"""How numbers and names are written.

Labels in code are ASCII with indices: o_2, x_1[0], y_hat.  On paper they are o₂, x₁[0], ŷ; w_h stays w_h.
"""

import math
import re
import unicodedata
from decimal import Decimal

from minigrad.number import Number, innermost

LONGEST_NAME = 16
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
WRITTEN = {"*": "×", "-": "−", "/": "÷", "neg": "−", "sigmoid": "σ", "bce_with_logits": "BCE", "dot": "Σ", "": ""}

LATEX = {c: rf"\{c}" for c in "#$%&_{}"} | {
    " ": r"\ ", "\\": r"\backslash ", "^": r"\hat{}", "~": r"\sim ", "·": r"\cdot ", "\n": r"\ ",
}


def number(x: Number, digits=4) -> str:
    """−0.345: `digits` significant digits, a real minus, no padding in the exponent (5.8e−7)"""
    x = innermost(x)
    try:
        written = f"{float(x):.{digits}g}"
    except OverflowError:                             # an int or a Fraction beyond 1.8e308
        written = f"{Decimal(x.numerator) / Decimal(x.denominator):.{digits - 1}e}"
    if written in ("inf", "-inf", "nan"):
        return {"inf": "∞", "-inf": "−∞", "nan": "NaN"}[written]
    mantissa, e, exponent = written.partition("e")
    if e:
        written = f"{mantissa}e{int(exponent)}"
    return "0" if written in ("0", "-0") else written.replace("-", "−")


def signed(x: Number, digits=4) -> str:
    """+0.2296, −0.5005, 0"""
    written = number(x, digits)
    return written if written == "0" or written.startswith("−") else "+" + written


def name(label: str) -> str:
    """A label as a reader writes it: o_2 → o₂, y_hat → ŷ, z_12[0] → z₁₂[0]; w_h stays"""
    label = printable(label)
    label = re.sub(r"\by_hat(?![A-Za-z0-9])", "ŷ", label)
    return re.sub(r"(?<=\w)_(\d+)(?!\w)", lambda found: found[1].translate(SUBSCRIPTS), label)


def printable(words: str) -> str:
    """The text with a visible \\n, \\x00 or \\ud800 for what a file or a screen cannot hold as it is"""
    if words.isprintable():
        return words
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in words)


def count(n: int) -> str:
    """A number of things: 2001, or from 10^15 on a power: about 10^4515"""
    return str(n) if n < 10**15 else f"about 10^{round(math.log10(n))}"


def carried_name(letters: str, t) -> str:
    """What a network hands on at step t, by the letters of its Unrolled: o₂, h₂, or (h₂, c₂)"""
    names = [name(f"{letter}_{t}") for letter in letters]
    return names[0] if len(names) == 1 else f"({', '.join(names)})"


def operation(op: str) -> str:
    """An op as a picture writes it: * → ×, sigmoid → σ"""
    return WRITTEN.get(op, op)


def derived_names(order, known) -> dict:
    """{node: a name} for the nodes of a graph in topological order: the known name, its label, a formula of its
    operands' names if that stays short, its number if it is a constant, else v₇, seventh in the order"""
    names = dict(known)
    for k, node in enumerate(order):
        if node not in names:
            operands = [names[operand] for operand in node.operands]
            written = name(node.label) if node.label else formula(node.op, operands) if operands else number(node.data)
            names[node] = written if written and len(written) <= LONGEST_NAME else name(f"v_{k}")
    return names


def formula(op: str, operands: list[str]) -> str:
    """How an operation on named operands is written: x·w, a + b, tanh(z), x²"""
    if len(operands) == 2 and op in ("+", "-", "*", "/", "**"):
        between = {"*": "·", "+": " + ", "-": " − ", "/": "/", "**": "^"}[op]
        tight = op in "*/" or op == "**"
        return between.join(f"({o})" if tight and " " in o else o for o in operands)
    if op == "neg":
        return f"−{operands[0]}" if " " not in operands[0] else f"−({operands[0]})"
    if op.startswith("**"):
        return f"{operands[0]}^{op[2:]}"
    return f"{operation(op)}({', '.join(operands)})"


def added(numbers, digits=4, leading=False) -> str:
    """A sum: −0.3411 − 0.1594 + 0.  leading: with the sign of the first number set like the others"""
    written = " ".join(f"− {number(-x, digits)}" if x < 0 else f"+ {number(x, digits)}" for x in numbers)
    if leading:
        return written
    return written.removeprefix("+ ") if not written.startswith("− ") else "−" + written.removeprefix("− ")


def latex(label: str) -> str:
    """A label as LaTeX: o_2 → o_{2}, y_hat → \\hat{y}, w_h[1][0] → w_{h}[1][0]; other text upright and escaped"""
    found = re.fullmatch(r"([A-Za-z])(_hat)?(?:_(\w+))?((?:\[\d+\])*)", label)
    if not found:
        escaped = "".join(LATEX.get(c, c if c.isascii() else beyond_ascii(c)) for c in label)
        return rf"\mathrm{{{escaped}}}"
    letter, hat, index, places = found.groups()
    letter = rf"\hat{{{letter}}}" if hat else letter
    return f"{letter}_{{{index}}}{places}" if index else f"{letter}{places}"


def beyond_ascii(c: str) -> str:
    """θ → \\theta; what plain LaTeX has no letter for → its number"""
    words = unicodedata.name(c, "").split()
    return rf"\{words[-1].lower()} " if words[:3] == ["GREEK", "SMALL", "LETTER"] else f"U{ord(c):X}"
