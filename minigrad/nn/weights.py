"""Vectors and matrices of leaf Values, named by their place: w_h[1][0], or w_h if there is only one."""

import random

from minigrad.value import Value, as_value


class Start:
    """Weights to start from: uniform in ±bound, reproducible by the seed"""

    def __init__(self, bound: float, seed: int):
        self.bound, self.random = bound, random.Random(seed)

    def vector(self, name: str, size: int) -> list[Value]:
        """size new Values, labelled name[i]"""
        return vector(name, [self.random.uniform(-self.bound, self.bound) for _ in range(size)])

    def matrix(self, name: str, rows: int, columns: int) -> list[list[Value]]:
        """rows × columns new Values, labelled name[r][c]"""
        numbers = [[self.random.uniform(-self.bound, self.bound) for _ in range(columns)] for _ in range(rows)]
        return matrix(name, numbers)


def vector(name: str, numbers) -> list[Value]:
    """Values of the numbers, labelled name[i]; just name if there is only one"""
    if not isinstance(numbers, (list, tuple)) or not numbers:
        raise ValueError(f"{name} is {given(numbers)}; it must be a list of numbers, such as [0.1]")
    return name_vector(name, [as_value(number) for number in numbers])


def optional_vector(name: str, numbers) -> list[Value] | None:
    """The same of a bias, which may be left out: None for None"""
    return None if numbers is None else vector(name, numbers)


def matrix(name: str, rows) -> list[list[Value]]:
    """Values of the rows of numbers, labelled name[r][c]; just name if there is only one"""
    if not isinstance(rows, (list, tuple)) or not rows or not all(isinstance(r, (list, tuple)) and r for r in rows):
        raise ValueError(f"{name} is {given(rows)}; it must be a list of rows of numbers, such as [[0.5]]")
    if len({len(row) for row in rows}) > 1:
        raise ValueError(f"{name} has rows of different lengths: {[len(row) for row in rows]}")
    if len(rows) == 1 == len(rows[0]):
        return [vector(name, rows[0])]
    return [name_items(f"{name}[{r}]", [as_value(number) for number in row]) for r, row in enumerate(rows)]


def given(x) -> str:
    """What was given in the place of a list, in one short line; of an array its type, and what makes it a list"""
    written = " ".join(str(x).split())[:40]
    return f"{written}, of type {type(x).__name__} (write .tolist() after it)" if hasattr(x, "tolist") else written


def name_vector(name: str, values: list[Value]) -> list[Value]:
    """Labels those Values name[i] that have no label yet; just name if there is only one."""
    if len(values) == 1:
        values[0].label = values[0].label or name
        return values
    return name_items(name, values)


def name_items(name: str, values: list[Value]) -> list[Value]:
    """Labels those Values name[i] that have no label yet."""
    for i, value in enumerate(values):
        value.label = value.label or f"{name}[{i}]"
    return values
