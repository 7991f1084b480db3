"""Weighted sums of inputs:   y = W·x + b

x  input_size Values,  y output_size Values,  W output_size × input_size, a list of rows,  b output_size Values
"""

import math
import re
from itertools import chain
from operator import add

from minigrad.nn.module import Module
from minigrad.nn.weights import Start, given
from minigrad.value import Value, as_value, gathered, layer


class Linear(Module):
    """y = W·x + b.   linear(x): input_size numbers or Values → output_size Values.

    Starts uniformly in ±1/√input_size, reproducibly by the seed.
    """

    WEIGHT_NAMES = re.compile("weight|bias")

    def __init__(self, input_size: int, output_size: int, *, bias=True, seed=0):
        refuse_sizes("Linear", input_size=input_size, output_size=output_size)
        start = Start(1 / math.sqrt(input_size), seed)
        self.weight = start.matrix("weight", output_size, input_size)
        self.bias = start.vector("bias", output_size) if bias else None

    def __call__(self, x) -> list[Value]:
        if not isinstance(x, (list, tuple)):
            size = len(self.weight[0])
            raise ValueError(f"Linear: the input is {given(x)}; it must be a list of {size} numbers")
        if len(x) != len(self.weight[0]):
            raise ValueError(f"Linear: {len(x)} inputs; it needs {len(self.weight[0])}")
        return WeightedSums(False, [self.weight], self.bias)([as_value(item) for item in x])

    def __repr__(self) -> str:
        return f"Linear({len(self.weight[0])}, {len(self.weight)}, bias={self.bias is not None})"


def refuse_sizes(kind: str, **sizes) -> None:
    """Raises ValueError for a size that is no int from 1 up."""
    for name, size in sizes.items():
        if type(size) is not int or size < 1:
            raise ValueError(f"{kind}: {name} is {size!r}; it must be an int from 1 up")


class WeightedSums:
    """Σ W·x + b over several matrices, made ready for many time steps, which share the weights.

    sums(x, o, …)   a list of inputs for each matrix; an int k as the first is a one-hot vector, and picks column k
    fused           one `dot` for each row, whose weights are gathered once; else a product and a sum at a time,
                    from left to right
    """

    def __init__(self, fused: bool, matrices, bias=None):
        self.fused, self.matrices = fused, matrices
        self.nothing = [()] * len(matrices[0])
        self.bias = [(b,) for b in bias] if bias else self.nothing
        self.rows: dict[int, list] = {}               # gathered, by how many of the matrices they are made of

    def __call__(self, first, *others) -> list[Value]:
        if isinstance(first, int):
            return self.added([(row[first],) for row in self.matrices[0]], self.matrices[1:], others)
        return self.added(self.nothing, self.matrices, (first, *others))

    def added(self, picked, matrices, inputs) -> list[Value]:
        """The sums over these matrices and inputs, and over what was picked and the bias"""
        if self.fused:
            if len(matrices) not in self.rows:
                self.rows[len(matrices)] = [gathered(chain(*rows)) for rows in zip(*matrices)]
            return layer(self.rows[len(matrices)], chain(*inputs), map(add, picked, self.bias))
        return [total([*p, *products(rows, inputs), *b]) for p, b, *rows in zip(picked, self.bias, *matrices)]


def products(rows, inputs) -> list[Value]:
    """x·w, for each row of weights and its inputs"""
    return [x * w for row, vector in zip(rows, inputs) for w, x in zip(row, vector)]


def total(terms: list[Value]) -> Value:
    """Their sum, from left to right"""
    added = terms[0]
    for term in terms[1:]:
        added = added + term
    return added
