"""The Elman RNN:

    o_0 = 0
    o_t = f(W_i·x_t + W_h·o_{t−1} + b_h)      t = 1 … n
    s   = W_o·o_t + b_o

x_t   input at step t: input_size Values; or an int k for the one-hot vector that is 1 at place k
o_t   state after step t: hidden_size Values
s     the readout: output_size Values, before any σ
W_i   hidden_size × input_size,  W_h hidden_size × hidden_size,  W_o output_size × hidden_size, lists of rows
"""

from typing import Any, Self

from minigrad.nn.layer import WeightedSums
from minigrad.nn.matrices import Matrix, Vector
from minigrad.nn.recurrent import Recurrent
from minigrad.nn.unrolled import Step
from minigrad.value import Value

ACTIVATIONS = {"tanh": Value.tanh, "identity": lambda z: z, "relu": Value.relu, "sigmoid": Value.sigmoid}


class RNN(Recurrent):
    """The Elman RNN; bias, fused and seed: see Recurrent.__init__.

    activation   f: "tanh", "identity", "relu" or "sigmoid"
    """

    SHAPES = {
        "w_i": ("hidden_size", "input_size"),
        "w_h": ("hidden_size", "hidden_size"),
        "w_o": ("output_size", "hidden_size"),
        "b_h": ("hidden_size",),
        "b_o": ("output_size",),
    }

    w_i: Matrix
    w_h: Matrix
    b_h: Vector | None

    def __init__(
        self, input_size: int, hidden_size: int, output_size: int = 1,
        *, activation: str = "tanh", bias: bool = False, fused: bool = False, seed: int = 0,
    ) -> None:
        if activation not in ACTIVATIONS:
            raise ValueError(f"RNN: activation {activation!r} is not one of {', '.join(ACTIVATIONS)}")
        super().__init__(input_size, hidden_size, output_size, bias=bias, fused=fused, seed=seed)
        self.activation = activation

    @classmethod
    def from_weights(
        cls, w_i: Any, w_h: Any, w_o: Any, b_h: Any = None, b_o: Any = None,
        activation: str = "tanh", fused: bool = False,
    ) -> Self:
        """An RNN of given weights: matrices are lists of rows, biases lists; see Layer.from_weights"""
        return super().from_weights(w_i, w_h, w_o, b_h, b_o, activation=activation, fused=fused)

    def weighted_sums(self) -> WeightedSums:
        """W_i·x_t + W_h·o_{t−1} + b_h"""
        return WeightedSums(self.fused, self.w_i, self.w_h, self.b_h)

    def step(self, t: int, x: Any, carried: list[Value], sums: WeightedSums) -> Step:
        """o_t = f(W_i·x_t + W_h·o_{t−1} + b_h)"""
        f = ACTIVATIONS[self.activation]
        return Step(t, x, [f(z) for z in sums(x, carried)])

    def __repr__(self) -> str:
        sizes = f"{self.input_size}, {self.hidden_size}, {len(self.w_o)}"
        return f"RNN({sizes}, activation={self.activation!r}, bias={self.has_bias()}, fused={self.fused})"
