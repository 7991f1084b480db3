"""Vectors and matrices of leaf Values, labelled by their place: w_h[1][0], or w_h if there is only one."""

from typing import Any, TypeAlias

from minigrad.value import Value, as_value

Vector: TypeAlias = list[Value]
Matrix: TypeAlias = list[list[Value]]                 # a list of rows


def vector(name: str, numbers: Any) -> Vector:
    """Values of the numbers, labelled name[i]; just name if there is only one"""
    if not isinstance(numbers, (list, tuple)) or not numbers:
        raise ValueError(f"{name} is {describe(numbers)}; it must be a list of numbers, such as [0.1]")
    return name_vector(name, [as_value(number) for number in numbers])


def matrix(name: str, rows: Any) -> Matrix:
    """Values of the rows of numbers, labelled name[r][c]; just name if there is only one"""
    if not isinstance(rows, (list, tuple)) or not rows or not all(isinstance(r, (list, tuple)) and r for r in rows):
        raise ValueError(f"{name} is {describe(rows)}; it must be a list of rows of numbers, such as [[0.5]]")
    if len({len(row) for row in rows}) > 1:
        raise ValueError(f"{name} has rows of different lengths: {[len(row) for row in rows]}")
    alone = len(rows) == 1 == len(rows[0])
    return [name_vector(name if alone else f"{name}[{r}]", [as_value(number) for number in row], alone)
            for r, row in enumerate(rows)]


def describe(x: Any) -> str:
    """x in one short line, for a message; for an array also its type, and how to make it a list"""
    words = " ".join(str(x).split())[:40]
    return f"{words}, of type {type(x).__name__} (write .tolist() after it)" if hasattr(x, "tolist") else words


def name_vector(name: str, values: list[Value], alone: bool = True) -> list[Value]:
    """Labels the Values name[i] if they have no label; just name if there is only one, alone in its matrix."""
    for i, value in enumerate(values):
        value.label = value.label or (name if alone and len(values) == 1 else f"{name}[{i}]")
    return values
