"""A linear layer:   y = W·x + b

x  input_size Values,  y output_size Values,  W output_size × input_size, a list of rows,  b output_size Values
"""

from typing import Any

from minigrad.nn.layer import Layer, WeightedSums
from minigrad.nn.matrices import Matrix, Vector, describe
from minigrad.value import Value, as_value


class Linear(Layer):
    """linear(x) = W·x + b: input_size numbers or Values → output_size Values.

    Initialized uniformly in ±1/√input_size, by the seed.
    """

    SHAPES = {"weight": ("output_size", "input_size"), "bias": ("output_size",)}

    weight: Matrix
    bias: Vector | None

    def __init__(self, input_size: int, output_size: int, *, bias: bool = True, seed: int = 0) -> None:
        self.initialize_weights({"input_size": input_size, "output_size": output_size}, "input_size", bias, seed)

    def __call__(self, x: Any) -> list[Value]:
        columns = len(self.weight[0])
        if not isinstance(x, (list, tuple)):
            raise ValueError(f"Linear: the input is {describe(x)}; it must be a list of {columns} numbers")
        if len(x) != columns:
            raise ValueError(f"Linear: {len(x)} inputs; it needs {columns}")
        return WeightedSums(False, self.weight, b=self.bias)([as_value(item) for item in x])

    def __repr__(self) -> str:
        return f"Linear({len(self.weight[0])}, {len(self.weight)}, bias={self.bias is not None})"
