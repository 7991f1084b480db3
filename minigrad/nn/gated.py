"""What the LSTM and the GRU share.   A gate is f(W_i·x_t + W_h·h_{t−1} + b), with weights of its own."""

from minigrad.nn.linear import WeightedSums
from minigrad.nn.recurrent import Recurrent


class Gated(Recurrent):
    """A recurrent network whose cell has gates.  Its attributes w_i… and w_h… are matrices, b_… biases or None."""

    def joint(self, w_i, w_h, b) -> WeightedSums:
        """W_i·x_t + W_h·h_{t−1} + b of one gate"""
        return WeightedSums(self.fused, (w_i, w_h), b)

    def settle(self, w_i, fused: bool) -> None:
        """Takes the sizes from w_i, of the first gate.  Raises ValueError where another weight does not fit them."""
        self.fused, self.hidden_size, self.input_size = fused, len(w_i), len(w_i[0])
        weights = {name: item for name, item in vars(self).items() if name[:2] in ("w_", "b_") and item is not None}
        for name, item in weights.items():
            rows = len(self.w_o) if name in ("w_o", "b_o") else self.hidden_size
            columns = self.input_size if name.startswith("w_i") else self.hidden_size
            needed = (rows, columns) if name.startswith("w_") else (rows,)
            given = (len(item), len(item[0])) if name.startswith("w_") else (len(item),)
            if given != needed:
                sizes = " × ".join(map(str, given)), " × ".join(map(str, needed))
                kind = type(self).__name__
                raise ValueError(f"{kind}.from_weights: {name} has the size {sizes[0]}; it must be {sizes[1]}")

    def __repr__(self) -> str:
        sizes = f"{self.input_size}, {self.hidden_size}, {len(self.w_o)}"
        bias = any(item is not None for name, item in vars(self).items() if name.startswith("b_"))
        return f"{type(self).__name__}({sizes}, bias={bias}, fused={self.fused})"
