"""How numbers and names are written.

Labels in code are ASCII with indices: o_2, x_1[0], y_hat.  On paper they are o₂, x₁[0], ŷ; w_h stays w_h.
"""

import re

from minigrad.value import Number, innermost

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
WRITTEN = {"*": "×", "-": "−", "/": "÷", "neg": "−", "sigmoid": "σ", "bce_with_logits": "BCE", "dot": "Σ", "": ""}


def number(x: Number, digits=4) -> str:
    """−0.345: `digits` significant digits, a real minus, no padding in the exponent (5.8e−7)"""
    written = f"{float(innermost(x)):.{digits}g}"
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
    label = re.sub(r"\by_hat(?![A-Za-z0-9])", "ŷ", label)
    return re.sub(r"(?<=\w)_(\d+)(?!\w)", lambda found: found[1].translate(SUBSCRIPTS), label)


def operation(op: str) -> str:
    """An op as a picture writes it: * → ×, sigmoid → σ"""
    return WRITTEN.get(op, op)
