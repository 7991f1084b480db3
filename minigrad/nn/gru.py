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

n_t needs two biases, for b_hn stands inside r_t∘(…).  ∂h_t/∂h_{t−1} holds z_t itself, with no weight and no slope.
Source: Cho et al. 2014; torch.nn.GRU, whose two biases of r and of z are b_hr and b_hz here, summed.
"""

import math

from minigrad.nn.gated import Gated
from minigrad.nn.linear import WeightedSums, refuse_sizes
from minigrad.nn.unrolled import GatedStep
from minigrad.nn.weights import Start, matrix, optional_vector
from minigrad.value import Value, sigmoid, tanh


class GRU(Gated):
    """The GRU of this file's head.  Weights start uniformly in ±1/√hidden_size, reproducibly by the seed.

    bias    with b_hr, b_hz, b_in, b_hn and b_o, or without
    fused   False: every product and sum is a Value of its own, for reading and drawing.
            True: one `dot` for each unit of each gate, for training.  The gradients are the same.
    """

    def __init__(self, input_size: int, hidden_size: int, output_size=1, *, bias=False, fused=False, seed=0):
        refuse_sizes("GRU", input_size=input_size, hidden_size=hidden_size, output_size=output_size)
        start = Start(1 / math.sqrt(hidden_size), seed)
        self.w_ir = start.matrix("w_ir", hidden_size, input_size)
        self.w_iz = start.matrix("w_iz", hidden_size, input_size)
        self.w_in = start.matrix("w_in", hidden_size, input_size)
        self.w_hr = start.matrix("w_hr", hidden_size, hidden_size)
        self.w_hz = start.matrix("w_hz", hidden_size, hidden_size)
        self.w_hn = start.matrix("w_hn", hidden_size, hidden_size)
        self.w_o = start.matrix("w_o", output_size, hidden_size)
        self.b_hr = start.vector("b_hr", hidden_size) if bias else None
        self.b_hz = start.vector("b_hz", hidden_size) if bias else None
        self.b_in = start.vector("b_in", hidden_size) if bias else None
        self.b_hn = start.vector("b_hn", hidden_size) if bias else None
        self.b_o = start.vector("b_o", output_size) if bias else None
        self.settle(self.w_ir, fused)

    @classmethod
    def from_weights(
        cls, w_ir, w_iz, w_in, w_hr, w_hz, w_hn, w_o, b_hr=None, b_hz=None, b_in=None, b_hn=None, b_o=None, fused=False
    ) -> "GRU":
        """A GRU of given weights: matrices are lists of rows, biases lists.  Values are used as they are, and
        named where they have no label; numbers become new Values.  Raises ValueError where the sizes do not fit."""
        gru = cls.__new__(cls)
        gru.w_ir, gru.w_iz, gru.w_in = matrix("w_ir", w_ir), matrix("w_iz", w_iz), matrix("w_in", w_in)
        gru.w_hr, gru.w_hz, gru.w_hn = matrix("w_hr", w_hr), matrix("w_hz", w_hz), matrix("w_hn", w_hn)
        gru.w_o = matrix("w_o", w_o)
        gru.b_hr = optional_vector("b_hr", b_hr)
        gru.b_hz = optional_vector("b_hz", b_hz)
        gru.b_in = optional_vector("b_in", b_in)
        gru.b_hn = optional_vector("b_hn", b_hn)
        gru.b_o = optional_vector("b_o", b_o)
        gru.settle(gru.w_ir, fused)
        return gru

    def sums(self) -> dict[str, WeightedSums]:
        """The weighted sums of r, z, and the two of n"""
        return {
            "r": self.joint(self.w_ir, self.w_hr, self.b_hr),
            "z": self.joint(self.w_iz, self.w_hz, self.b_hz),
            "in": WeightedSums(self.fused, [self.w_in], self.b_in),
            "hn": WeightedSums(self.fused, [self.w_hn], self.b_hn),
        }

    def step(self, t: int, x, carried: list[Value], sums: dict[str, WeightedSums]) -> GatedStep:
        """h_t = (1 − z_t)∘n_t + z_t∘h_{t−1}"""
        h = carried
        r = [sigmoid(a) for a in sums["r"](x, h)]
        z = [sigmoid(a) for a in sums["z"](x, h)]
        inner = [reset * a for reset, a in zip(r, sums["hn"](h))]
        n = [tanh(a) for a in self.with_input(x, inner, sums["in"])]
        h = [(1 - kept) * new + kept * before for kept, new, before in zip(z, n, h)]
        return GatedStep(t, x, h, {"r": r, "z": z, "n": n})

    def with_input(self, x, inner: list[Value], sums: WeightedSums) -> list[Value]:
        """W_in·x_t + b_in + inner"""
        if not isinstance(x, int):
            return [a + b for a, b in zip(sums(x), inner)]
        picked = [row[x] + b for row, b in zip(self.w_in, inner)]                  # W_in times a one-hot vector
        # the bias last: a sum of two weights alone would belong to no time step
        return [a + b for a, b in zip(picked, self.b_in)] if self.b_in else picked
