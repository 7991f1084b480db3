"""Weights to and from the layout of torch.nn.RNN, LSTM, GRU and Linear, as plain lists.  It does not import torch.

    weight_ih_l0   the w_i of every gate, one below the other: (gates · hidden_size) × input_size
    weight_hh_l0   the w_h of every gate: (gates · hidden_size) × hidden_size
    bias_ih_l0, bias_hh_l0   gates · hidden_size numbers each, which PyTorch adds up.  Here they are one bias, b_h…;
                   only n of a GRU needs two, b_in and b_hn
    …_l1, …        the layers above;   …_l0_reverse   the network that reads the inputs from the last to the first

Gates in the order i, f, g, o of an LSTM, r, z, n of a GRU.  Source: the documentation of torch.nn.LSTM and of GRU.
"""

import re
from itertools import pairwise
from typing import Any

from minigrad.nn.gru import GRU
from minigrad.nn.linear import Linear
from minigrad.nn.lstm import LSTM
from minigrad.nn.recurrent import Recurrent
from minigrad.nn.rnn import RNN

GATES: dict[Any, list[str]] = {RNN: [""], GRU: ["r", "z", "n"], LSTM: ["i", "f", "g", "o"]}
NAMES = {"weight_ih": "w_i", "weight_hh": "w_h", "bias_ih": "b_i", "bias_hh": "b_h"}       # each for every gate
KEY = re.compile(r"(?:weight|bias)_[ih]h_l(\d+)(_reverse)?")


def to_torch_state_dict(network: Any) -> dict[str, list[Any]]:
    """The state_dict() of the same module in PyTorch, with lists for tensors:

        module.load_state_dict({key: torch.tensor(w, dtype=torch.float64) for key, w in state.items()})

    network: an RNN, LSTM or GRU; or a Linear; or a list of them for stacked layers, the first at the bottom, in which a
    pair (forward, reverse) is a bidirectional layer.  The readout has its own: readout_state_dict().
    Raises TypeError for anything else, ValueError for an activation that torch.nn.RNN does not have.
    """
    if isinstance(network, Linear):
        return linear_state_dict(network.weight, network.bias)
    state: dict[str, list[Any]] = {}
    layers = [layer if isinstance(layer, (list, tuple)) else [layer]
              for layer in (network if isinstance(network, (list, tuple)) else [network])]
    check_layers_alike(layers)
    for k, layer in enumerate(layers):
        for direction, suffix in zip(layer, ("", "_reverse")):
            state |= {f"{key}_l{k}{suffix}": item for key, item in one_layer(direction).items()}
    return state


def check_layers_alike(layers: list[Any]) -> None:
    """Raises ValueError for layers that cannot form one PyTorch module: of different kind, size, activation or bias."""
    kinds = {(type(one), one.hidden_size, getattr(one, "activation", ""), cell_has_bias(one))
             for layer in layers for one in layer if isinstance(one, Recurrent)}
    directions = {len(layer) for layer in layers}
    if len(kinds) > 1 or directions not in ({1}, {2}):
        needed = "layers of one kind, hidden_size, activation and bias, all single or all pairs (forward, reverse)"
        raise ValueError(f"to_torch_state_dict: one PyTorch module needs {needed}")
    for below, above in pairwise(layers):
        for one in above:
            if isinstance(one, Recurrent) and one.input_size != one.hidden_size * len(below):
                needed = f"{one.hidden_size * len(below)}, the output size of the layer below"
                raise ValueError(f"to_torch_state_dict: the input_size of {one!r} must be {needed}")


def readout_state_dict(network: Recurrent) -> dict[str, list[Any]]:
    """The readout s = W_o·o_t + b_o, for torch.nn.Linear(hidden_size, output_size)"""
    if not isinstance(network, Recurrent):
        raise TypeError(f"readout_state_dict: {network!r} has no readout; pass an RNN, LSTM or GRU")
    return linear_state_dict(network.w_o, network.b_o)


def linear_state_dict(weight: Any, bias: Any) -> dict[str, list[Any]]:
    """The entries of a torch.nn.Linear"""
    return {"weight": numbers(weight)} | ({} if bias is None else {"bias": numbers(bias)})


def one_layer(network: Any) -> dict[str, list[Any]]:
    """The entries of one network, without a suffix"""
    gates = next((gates for kind, gates in GATES.items() if isinstance(network, kind)), None)
    if gates is None:
        raise TypeError(f"to_torch_state_dict: {network!r} is not an RNN, LSTM or GRU; a list holds layers of them")
    if isinstance(network, RNN) and network.activation not in ("tanh", "relu"):
        raise ValueError(f"to_torch_state_dict: torch.nn.RNN has no {network.activation}, only tanh and relu")
    zeros = [0.0] * network.hidden_size
    return {
        key: [row for gate in gates for row in numbers(getattr(network, name + gate, None) or []) or zeros]
        for key, name in NAMES.items() if key.startswith("weight") or cell_has_bias(network)
    }


def cell_has_bias(network: Recurrent) -> bool:
    """Whether it has any bias but that of the readout"""
    return any(getattr(network, name) for name in network.SHAPES if name.startswith(("b_i", "b_h")))


def numbers(weights: Any) -> Any:
    """The same lists with floats for Values"""
    return [numbers(item) for item in weights] if isinstance(weights, list) else float(weights.data)


# ---------------------------------------------------------------------- from PyTorch


def from_torch_state_dict(
    state: Any, *, readout: Any = None, activation: str = "tanh", fused: bool = False
) -> Any:
    """The network of a state_dict() of torch.nn.RNN, LSTM, GRU or Linear, recognized by its shapes.

    state        {key: lists of numbers, or anything with .tolist()}
    readout      the state_dict() of a torch.nn.Linear, for w_o and b_o; without it the readout is the state itself
    activation   "tanh" or "relu" for a torch.nn.RNN; its state_dict() does not hold it

    Several layers are returned as a list, a bidirectional one as a pair (forward, reverse); these have no readout.
    Raises ValueError for an entry that is missing, unknown or of another shape, naming it; TypeError for a module.
    """
    for argument in (state, readout):
        if hasattr(argument, "state_dict"):
            raise TypeError("from_torch_state_dict: pass the module's state_dict(), not the module")
    linear = "weight" in state
    for key in state:
        if not (key in ("weight", "bias") if linear else KEY.fullmatch(key)):
            needed = "pass the state_dict() of a torch.nn.RNN, LSTM, GRU or Linear alone"
            raise ValueError(f"from_torch_state_dict: {key!r} is unknown; {needed}")
    if linear:
        weight = entry(state, "weight")
        return Linear.from_weights(weight, entry(state, "bias", len(weight)) if "bias" in state else None)
    keys = [match for key in state if (match := KEY.fullmatch(key))]
    layers = 1 + max([int(key[1]) for key in keys], default=0)
    suffixes = ("", "_reverse") if any(key[2] for key in keys) else ("",)
    if readout is not None and (layers, len(suffixes)) != (1, 1):
        raise ValueError("from_torch_state_dict: readout goes with one layer of one direction; read it as a Linear")
    networks = []
    for k in range(layers):
        pair = tuple(from_layer(state, f"_l{k}{suffix}", readout, activation, fused) for suffix in suffixes)
        networks.append(pair if len(pair) > 1 else pair[0])
    return networks if len(networks) > 1 or len(suffixes) > 1 else networks[0]


def from_layer(state: Any, suffix: str, readout: Any, activation: str, fused: bool) -> Any:
    """The network of the entries with one suffix, such as _l0"""
    weight_hh = entry(state, f"weight_hh{suffix}")
    rows, hidden = len(weight_hh), len(weight_hh[0])
    kind, gates = next(((kind, gates) for kind, gates in GATES.items() if rows == len(gates) * hidden), (None, []))
    if kind is None:
        needed = "1, 3 or 4 times as many rows as columns (RNN, GRU, LSTM)"
        raise ValueError(f"from_torch_state_dict: weight_hh{suffix} is {rows} × {hidden}; it must have {needed}")
    weights: dict[str, Any] = {}
    for key, name in NAMES.items():
        if key.startswith("weight") or f"bias_ih{suffix}" in state or f"bias_hh{suffix}" in state:
            of_all_gates = entry(state, key + suffix, rows)
            weights |= {name + gate: of_all_gates[k * hidden : (k + 1) * hidden] for k, gate in enumerate(gates)}
    for gate in gates:
        if f"b_i{gate}" in weights and f"b_i{gate}" not in kind.SHAPES:
            weights[f"b_h{gate}"] = [x + y for x, y in zip(weights.pop(f"b_i{gate}"), weights[f"b_h{gate}"])]
    if kind is RNN:
        weights["activation"] = activation
    elif activation != "tanh":
        problem = f"is for torch.nn.RNN, but the weights are those of {kind.__name__}"
        raise ValueError(f"from_torch_state_dict: activation {activation!r} {problem}")
    if readout is None:
        w_o, b_o = [[float(r == c) for c in range(hidden)] for r in range(hidden)], None
    else:
        w_o, b_o = entry(readout, "weight"), entry(readout, "bias") if "bias" in readout else None
    return kind.from_weights(**weights, w_o=w_o, b_o=b_o, fused=fused)


def entry(state: Any, key: str, rows: int | None = None) -> list[Any]:
    """The lists of one entry.  Raises ValueError if it is missing, not a list, or has another number of rows."""
    if key not in state:
        raise ValueError(f"from_torch_state_dict: {key} is missing; there are {', '.join(state) or 'no entries'}")
    lists = state[key].tolist() if hasattr(state[key], "tolist") else state[key]
    is_list = isinstance(lists, (list, tuple)) and len(lists) > 0
    widths = {len(row) if isinstance(row, (list, tuple)) else 0 for row in lists} if is_list else set()
    if not is_list or len(widths) > 1 or (widths == {0}) == key.startswith("weight"):
        needed = "rows of equal length" if key.startswith("weight") else "numbers"
        raise ValueError(f"from_torch_state_dict: {key} is {str(lists)[:40]}; it must be a list of {needed}")
    if rows not in (None, len(lists)):
        raise ValueError(f"from_torch_state_dict: {key} has {len(lists)} rows; it must have {rows}")
    return list(lists)
