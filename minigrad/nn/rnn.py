"""The Elman RNN:

    o_0 = 0
    o_t = f(W_i·x_t + W_h·o_{t−1} + b_h)      t = 1 … n
    s   = W_o·o_t + b_o

x_t   input at step t: input_size Values; or an int k for the one-hot vector that is 1 at place k
o_t   state after step t: hidden_size Values
s     the readout: output_size Values, before any σ
W_i   hidden_size × input_size,  W_h hidden_size × hidden_size,  W_o output_size × hidden_size, lists of rows
"""

import math

from minigrad.nn.linear import WeightedSums, refuse_sizes
from minigrad.nn.recurrent import Recurrent
from minigrad.nn.unrolled import Step
from minigrad.nn.weights import Start, matrix, optional_vector
from minigrad.value import Value

ACTIVATIONS = {"tanh": Value.tanh, "identity": lambda z: z, "relu": Value.relu, "sigmoid": Value.sigmoid}


class RNN(Recurrent):
    """The Elman RNN of this file's head.  Weights start uniformly in ±1/√hidden_size, reproducibly by the seed.

    activation   f: "tanh", "identity", "relu" or "sigmoid"
    bias         with b_h and b_o, or without
    fused        False: every product and sum is a Value of its own, for reading and drawing.
                 True: one `dot` for each unit, for training.  The gradients are the same.
    """

    def __init__(
        self, input_size: int, hidden_size: int, output_size=1, *, activation="tanh", bias=False, fused=False, seed=0
    ):
        refuse_sizes("RNN", input_size=input_size, hidden_size=hidden_size, output_size=output_size)
        start = Start(1 / math.sqrt(hidden_size), seed)
        self.w_i = start.matrix("w_i", hidden_size, input_size)
        self.w_h = start.matrix("w_h", hidden_size, hidden_size)
        self.w_o = start.matrix("w_o", output_size, hidden_size)
        self.b_h = start.vector("b_h", hidden_size) if bias else None
        self.b_o = start.vector("b_o", output_size) if bias else None
        self.choose(activation, fused)

    @classmethod
    def from_weights(cls, w_i, w_h, w_o, b_h=None, b_o=None, activation="tanh", fused=False) -> "RNN":
        """An RNN of given weights: matrices are lists of rows, biases lists.  Values are used as they are, and
        named where they have no label; numbers become new Values.  Raises ValueError where the sizes do not fit."""
        rnn = cls.__new__(cls)
        rnn.w_i, rnn.w_h, rnn.w_o = matrix("w_i", w_i), matrix("w_h", w_h), matrix("w_o", w_o)
        rnn.b_h = optional_vector("b_h", b_h)
        rnn.b_o = optional_vector("b_o", b_o)
        hidden, outputs = len(rnn.w_h), len(rnn.w_o)
        for name, fits, shape in (
            ("w_h", len(rnn.w_h[0]) == hidden, "as many columns as rows: hidden_size × hidden_size"),
            ("w_i", len(rnn.w_i) == hidden, f"{hidden} rows, one for each unit of w_h"),
            ("w_o", len(rnn.w_o[0]) == hidden, f"{hidden} columns, one for each unit of w_h"),
            ("b_h", b_h is None or len(rnn.b_h or []) == hidden, f"{hidden} numbers, one for each unit of w_h"),
            ("b_o", b_o is None or len(rnn.b_o or []) == outputs, f"{outputs} numbers, one for each row of w_o"),
        ):
            if not fits:
                raise ValueError(f"RNN.from_weights: {name} must have {shape}")
        rnn.choose(activation, fused)
        return rnn

    def choose(self, activation: str, fused: bool) -> None:
        """Takes the activation and the sizes.  Raises ValueError for an activation that is not in ACTIVATIONS."""
        if activation not in ACTIVATIONS:
            raise ValueError(f"RNN: activation {activation!r} is not one of {', '.join(ACTIVATIONS)}")
        self.activation, self.fused = activation, fused
        self.input_size, self.hidden_size = len(self.w_i[0]), len(self.w_h)

    def sums(self) -> WeightedSums:
        """W_i·x_t + W_h·o_{t−1} + b_h"""
        return WeightedSums(self.fused, (self.w_i, self.w_h), self.b_h)

    def step(self, t: int, x, carried: list[Value], sums: WeightedSums) -> Step:
        """o_t = f(W_i·x_t + W_h·o_{t−1} + b_h)"""
        f = ACTIVATIONS[self.activation]
        return Step(t, x, [f(z) for z in sums(x, carried)])

    def __repr__(self) -> str:
        sizes = f"{self.input_size}, {self.hidden_size}, {len(self.w_o)}"
        return f"RNN({sizes}, activation={self.activation!r}, bias={self.b_h is not None}, fused={self.fused})"
