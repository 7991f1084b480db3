"""Networks of Values: the Elman RNN, and what it leaves behind when it is unrolled over time."""

from minigrad.nn.linear import Linear
from minigrad.nn.module import Module
from minigrad.nn.rnn import ACTIVATIONS, RNN
from minigrad.nn.unrolled import Step, Unrolled

__all__ = ["ACTIVATIONS", "RNN", "Linear", "Module", "Step", "Unrolled"]
