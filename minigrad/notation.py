"""Numbers and names as text and as LaTeX.

Labels in code are ASCII with indices: o_2, x_1[0], y_hat.  On paper they are o₂, x₁[0], ŷ; w_h stays w_h.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal

from minigrad.validation import Number, unwrap

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
OPERATIONS = {"*": "×", "-": "−", "/": "÷", "neg": "−", "sigmoid": "σ", "bce_with_logits": "BCE", "dot": "Σ", "": ""}

LATEX = {c: rf"\{c}" for c in "#$%&_{}"} | {
    " ": r"\ ", "\\": r"\backslash ", "^": r"\hat{}", "~": r"\sim ", "·": r"\cdot ", "′": "'", "…": r"\ldots ",
    "\n": r"\ ",
}


def number(x: Number, digits: int = 4) -> str:
    """`digits` significant digits, a real minus, no padding in the exponent.

    >>> number(-0.34500), number(5.8e-7), number(-0.0), number(1 / 3, 2)
    ('−0.345', '5.8e−7', '0', '0.33')
    """
    x = unwrap(x)
    try:
        text = f"{float(x):.{digits}g}"
    except OverflowError:                             # an int or a Fraction beyond 1.8e308
        text = f"{Decimal(x.numerator) / Decimal(x.denominator):.{digits - 1}e}"
    if text in ("inf", "-inf", "nan"):
        return {"inf": "∞", "-inf": "−∞", "nan": "NaN"}[text]
    mantissa, e, exponent = text.partition("e")
    if e:
        text = f"{mantissa}e{int(exponent)}"
    return "0" if text in ("0", "-0") else text.replace("-", "−")


def count(n: int) -> str:
    """An int; from 10¹⁵ on a power of ten, because Python does not convert ints of more than 4300 digits.

    >>> count(1234), count(2**100)
    ('1234', 'about 10^30')
    """
    return str(n) if n < 10**15 else f"about 10^{round(math.log10(n))}"


def signed(x: Number, digits: int = 4) -> str:
    """A number with its sign.

    >>> signed(0.2296), signed(-0.5005), signed(0)
    ('+0.2296', '−0.5005', '0')
    """
    text = number(x, digits)
    return text if text == "0" or text.startswith("−") else "+" + text


def printable(text: str) -> str:
    r"""The text with each unprintable character as an escape.

    >>> print(printable("two\nlines"))
    two\nlines
    """
    return text if text.isprintable() else "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in text
    )


def name(label: str) -> str:
    """A label as on paper.

    >>> name("o_2"), name("z_12[0]"), name("y_hat"), name("w_h")
    ('o₂', 'z₁₂[0]', 'ŷ', 'w_h')
    """
    label = re.sub(r"\by_hat(?![A-Za-z0-9])", "ŷ", printable(label))
    return re.sub(r"(?<=\w)_(\d+)(?!\w)", lambda match: match[1].translate(SUBSCRIPTS), label)


def series(label: str) -> str:
    """What the labels of one quantity over time share; "" if there is no index.

    >>> series("o_3"), series("o_12[0]"), series("w_h")
    ('o_·', 'o_·[0]', '')
    """
    match = re.fullmatch(r"(.+_)\d+((?:\[\d+\])*′*)", label)
    return f"{match[1]}·{match[2]}" if match else ""


def index_of(label: str) -> str:
    """The time index of a label.

    >>> index_of("o_3"), index_of("h1_3[0]")
    ('3', '3')
    """
    return re.sub(r"(?:\[\d+\])*′*$", "", label).rpartition("_")[2]


def carried_name(symbols: Iterable[str], t: int | str) -> str:
    """The state at step t, by the state symbols of an Unrolled.

    >>> carried_name(("o",), 2), carried_name(("h", "c"), 2)
    ('o₂', '(h₂, c₂)')
    """
    names = [name(f"{symbol}_{t}") for symbol in symbols]
    return names[0] if len(names) == 1 else f"({', '.join(names)})"


def operation(op: str) -> str:
    """An op as a picture shows it.

    >>> operation("*"), operation("sigmoid"), operation("tanh")
    ('×', 'σ', 'tanh')
    """
    return OPERATIONS.get(op, op)


def formula(op: str, operands: Sequence[str]) -> str:
    """An operation on named operands.

    >>> formula("*", ["x", "w"]), formula("*", ["a + b", "c"]), formula("tanh", ["z"]), formula("**2", ["x"])
    ('x·w', '(a + b)·c', 'tanh(z)', 'x^2')
    """
    if len(operands) == 2 and op in ("+", "-", "*", "/", "**"):
        between = {"*": "·", "+": " + ", "-": " − ", "/": "/", "**": "^"}[op]
        tight = op in "*/" or op == "**"
        return between.join(f"({o})" if tight and " " in o else o for o in operands)
    if op == "neg":
        return f"−{operands[0]}" if " " not in operands[0] else f"−({operands[0]})"
    if op.startswith("**"):
        return f"{operands[0]}^{op[2:]}"
    return f"{operation(op)}({', '.join(operands)})"


def added(numbers: Iterable[Number], digits: int = 4, leading: bool = False) -> str:
    """A sum.  leading: the first number has its sign before a space, like the others.

    >>> added([-0.3411, -0.1594, 0]), added([0.1, -0.2], leading=True)
    ('−0.3411 − 0.1594 + 0', '+ 0.1 − 0.2')
    """
    text = " ".join(f"− {number(-x, digits)}" if x < 0 else f"+ {number(x, digits)}" for x in numbers)
    if leading:
        return text
    return "−" + text.removeprefix("− ") if text.startswith("− ") else text.removeprefix("+ ")


def latex(label: str) -> str:
    r"""A label as LaTeX; a text that is not a symbol with indices is upright and escaped.

    >>> print(latex("o_2"), latex("y_hat"), latex("w_h[1][0]"), latex("learning rate"))
    o_{2} \hat{y} w_{h}[1][0] \mathrm{learning\ rate}
    """
    match = re.fullmatch(r"([A-Za-z])(_hat)?(?:_(\w+))?((?:\[\d+\])*)", label)
    if not match:
        escaped = "".join(LATEX.get(c, c if c.isascii() else beyond_ascii(c)) for c in label)
        return rf"\mathrm{{{escaped}}}"
    letter, hat, index, places = match.groups()
    letter = rf"\hat{{{letter}}}" if hat else letter
    return f"{letter}_{{{index}}}{places}" if index else f"{letter}{places}"


def beyond_ascii(c: str) -> str:
    r"""A Greek letter as its command, another character as its number.

    >>> print(beyond_ascii("θ"), beyond_ascii("語"))
    \theta  U8A9E
    """
    words = unicodedata.name(c, "").split()
    return rf"\{words[-1].lower()} " if words[:3] == ["GREEK", "SMALL", "LETTER"] else f"U{ord(c):X}"
