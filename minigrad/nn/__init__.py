"""Networks of Values: Linear, the Elman RNN, the LSTM and the GRU; Unrolled, the result of running one over time."""

from minigrad.nn.gru import GRU
from minigrad.nn.linear import Linear
from minigrad.nn.lstm import LSTM
from minigrad.nn.module import Module
from minigrad.nn.rnn import ACTIVATIONS, RNN
from minigrad.nn.torch_layout import from_torch_state_dict, readout_state_dict, to_torch_state_dict
from minigrad.nn.unrolled import Step, Unrolled

__all__ = [
    "ACTIVATIONS", "GRU", "LSTM", "RNN", "Linear", "Module", "Step", "Unrolled", "from_torch_state_dict",
    "readout_state_dict", "to_torch_state_dict",
]
