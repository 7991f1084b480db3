"""How a Value is shown in one line, at a prompt and in the variables pane of a debugger.

    Value(0.369682, grad=-0.344973, op='*', name='o_1·w_h')

A float has 6 significant digits here, and all of them in .data and .grad.  Nothing walks: a name looks two levels down.
"""

from collections.abc import Sequence
from typing import Any

from minigrad.notation import formula
from minigrad.validation import Number, short_str, truncate, unwrap

MOST_OPERANDS = 4                                     # in a derived name; a dot has more


def one_line(value: Any) -> str:
    """The repr of a Value: its numbers, its operation, and its label or else the name that its operands' labels give"""
    parts = [compact(value.data), f"grad={compact(value.grad)}"]
    parts += [f"op={value.op!r}"] if value.op else []
    if value.label:
        parts.append(f"label={truncate(value.label)!r}")
    elif name := derived_name(value):
        parts.append(f"name={truncate(name)!r}")
    return f"Value({', '.join(parts)})"


def compact(x: Number) -> str:
    """The plain number in x: a float to 6 significant digits, an int or a Fraction in full, up to 40 characters"""
    x = unwrap(x)
    if type(x) is not float:
        return short_str(x)
    written = f"{x:.6g}"
    return f"{written}.0" if written.lstrip("-").isdigit() else written          # 1.0 is not an int


def derived_name(value: Any) -> str:
    """o_1·w_h, x_2·w_i + o_1·w_h: the operation on labels, or on operations on labels; "" where there is no label"""
    near = value.operands[:MOST_OPERANDS]
    if not any(operand.label or any(o.label for o in operand.operands[:MOST_OPERANDS]) for operand in near):
        return ""
    return written(value, [symbol(operand) or enclosed(written(operand), value.op) for operand in near])


def symbol(value: Any) -> str:
    """The label, or the number of a leaf; "" if there is neither"""
    return value.label or ("" if value.operands else compact(value.data))


def written(value: Any, names: Sequence[str] = ()) -> str:
    """The operation on the names of the first operands"""
    names = names or [symbol(operand) or "…" for operand in value.operands[:MOST_OPERANDS]]
    return formula(value.op, [*names, *["…"] * (len(value.operands) > MOST_OPERANDS)])


def enclosed(words: str, op: str) -> str:
    """In parentheses, where the operation would else seem to be on a part of it; formula() encloses sums itself"""
    needed = op in ("-", "/") or op.startswith("**")
    return f"({words})" if needed and not (op in ("/", "**") and " " in words) else words
