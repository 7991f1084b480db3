"""The GRU, the gated recurrent unit, in PyTorch's equations:

    h_0 = 0
    r_t = σ(W_ir·x_t + W_hr·h_{t−1} + b_hr)                           the reset gate
    z_t = σ(W_iz·x_t + W_hz·h_{t−1} + b_hz)                           the update gate: how much is kept
    n_t = tanh(W_in·x_t + b_in + r_t∘(W_hn·h_{t−1} + b_hn))           the new state, to be mixed in
    h_t = (1 − z_t)∘n_t + z_t∘h_{t−1}                                 t = 1 … n
    s   = W_o·h_t + b_o

x_t   input at step t: input_size Values; or an int k for the one-hot vector that is 1 at place k
h_t   state after step t: hidden_size Values
∘     unit by unit
W_i?  hidden_size × input_size,  W_h? hidden_size × hidden_size,  W_o output_size × hidden_size, lists of rows

n_t needs two biases, because b_hn is inside r_t∘(…).  One term of ∂h_t/∂h_{t−1} is z_t itself, without a weight or an
activation's derivative: where z_t is near 1, the gradient is kept.
Source: Cho et al. 2014; torch.nn.GRU, whose two biases of r and of z are b_hr and b_hz here, summed.
"""

from typing import Any

from minigrad.elementary import sigmoid, tanh
from minigrad.nn.layer import WeightedSums
from minigrad.nn.matrices import Matrix, Vector
from minigrad.nn.recurrent import Recurrent
from minigrad.nn.unrolled import Step
from minigrad.value import Value


class GRU(Recurrent):
    """The GRU; its arguments: see Recurrent.__init__."""

    SHAPES = {
        **dict.fromkeys(("w_ir", "w_iz", "w_in"), ("hidden_size", "input_size")),
        **dict.fromkeys(("w_hr", "w_hz", "w_hn"), ("hidden_size", "hidden_size")),
        "w_o": ("output_size", "hidden_size"),
        **dict.fromkeys(("b_hr", "b_hz", "b_in", "b_hn"), ("hidden_size",)),
        "b_o": ("output_size",),
    }

    w_ir: Matrix
    w_iz: Matrix
    w_in: Matrix
    w_hr: Matrix
    w_hz: Matrix
    w_hn: Matrix
    b_hr: Vector | None
    b_hz: Vector | None
    b_in: Vector | None
    b_hn: Vector | None

    def weighted_sums(self) -> dict[str, WeightedSums]:
        """The weighted sums of r and z, and the two of n"""
        return {
            "r": WeightedSums(self.fused, self.w_ir, self.w_hr, self.b_hr),
            "z": WeightedSums(self.fused, self.w_iz, self.w_hz, self.b_hz),
            "in": WeightedSums(self.fused, self.w_in, b=self.b_in),
            "hn": WeightedSums(self.fused, self.w_hn, b=self.b_hn),
        }

    def step(self, t: int, x: Any, carried: list[Value], sums: dict[str, WeightedSums]) -> Step:
        """h_t = (1 − z_t)∘n_t + z_t∘h_{t−1}"""
        h = carried
        r = [sigmoid(a) for a in sums["r"](x, h)]
        z = [sigmoid(a) for a in sums["z"](x, h)]
        n = [tanh(a + reset * b) for a, reset, b in zip(sums["in"](x), r, sums["hn"](h))]
        h = [(1 - keep) * new + keep * before for keep, new, before in zip(z, n, h)]
        return Step(t, x, h, gates={"r": r, "z": z, "n": n})
