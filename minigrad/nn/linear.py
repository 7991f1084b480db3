"""Weighted sums of inputs:   y = W·x + b

x  input_size Values,  y output_size Values,  W output_size × input_size, a list of rows,  b output_size Values
"""

import math

from minigrad.nn.module import Module
from minigrad.nn.weights import Start
from minigrad.value import Value, as_value, layer


class Linear(Module):
    """y = W·x + b.   linear(x): input_size numbers or Values → output_size Values.

    Starts uniformly in ±1/√input_size, reproducibly by the seed.
    """

    def __init__(self, input_size: int, output_size: int, *, bias=True, seed=0):
        refuse_sizes("Linear", input_size=input_size, output_size=output_size)
        start = Start(1 / math.sqrt(input_size), seed)
        self.weight = start.matrix("weight", output_size, input_size)
        self.bias = start.vector("bias", output_size) if bias else None

    def __call__(self, x) -> list[Value]:
        if not isinstance(x, (list, tuple)):
            size = len(self.weight[0])
            raise ValueError(f"Linear: the input is {str(x)[:40]}; it must be a list of {size} numbers")
        if len(x) != len(self.weight[0]):
            raise ValueError(f"Linear: {len(x)} inputs; it needs {len(self.weight[0])}")
        return weighted_sums(False, [(self.weight, [as_value(item) for item in x])], self.bias)

    def __repr__(self) -> str:
        return f"Linear({len(self.weight[0])}, {len(self.weight)}, bias={self.bias is not None})"


def refuse_sizes(kind: str, **sizes) -> None:
    for name, size in sizes.items():
        if type(size) is not int or size < 1:
            raise ValueError(f"{kind}: {name} is {size!r}; it must be an int from 1 up")


def weighted_sums(fused: bool, terms, bias=None, picked=None) -> list[Value]:
    """For every row r:  [picked_r +] Σ x·w over all (matrix, inputs) in terms [+ bias_r], from left to right."""
    rows = range(len(terms[0][0]))
    if fused:
        joined = [[w for matrix, _ in terms for w in matrix[r]] for r in rows]
        offsets = [[column[r] for column in (picked, bias) if column] for r in rows]
        return layer(joined, [x for _, inputs in terms for x in inputs], offsets)
    sums = []
    for r in rows:
        parts = [picked[r]] if picked else []
        parts += [x * w for matrix, inputs in terms for w, x in zip(matrix[r], inputs)]
        parts += [bias[r]] if bias else []
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        sums.append(total)
    return sums
