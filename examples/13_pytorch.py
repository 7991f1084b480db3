"""13  The same network in PyTorch.

You will see   an RNN and an LSTM of minigrad whose weights are moved into torch.nn.RNN and torch.nn.LSTM: the states
               and the gradients of all weights side by side, equal to 12 digits.  Then PyTorch trains them, and what
               it learned comes back.
The one idea   There is no other backpropagation in PyTorch.  Where minigrad has a Value for each number, PyTorch has
               one for a whole array.
To change      the inputs, how many there are, UNITS; torch.optim.SGD, to torch.optim.Adam.

PyTorch is no part of minigrad:  python -m pip install torch.  Without it the lesson says so, and checks nothing.
"""

import sys
from math import isclose

from minigrad.losses import mse_loss
from minigrad.nn import LSTM, RNN, from_torch_state_dict, readout_state_dict, to_torch_state_dict
from minigrad.notation import name, number

try:
    import torch
except ImportError:
    print("PyTorch is not installed, and without it nothing is checked here:  python -m pip install torch")
    sys.exit(0)

XS, Y = [[1, 0.5, -1], [0.2, -0.3, 0.8], [-0.7, 0.1, 0.4], [0.9, -0.6, 0.3]], 1
UNITS = 4
SIZES = len(XS[0]), UNITS


def arrays(state):
    """A state dict of lists as one of PyTorch's arrays, which it calls tensors"""
    return {key: torch.tensor(numbers, dtype=torch.float64) for key, numbers in state.items()}


def loss_here(network):
    """(L, unrolled):  L = (s − y)², s the readout of the last state"""
    unrolled = network.unroll(XS)
    return mse_loss(network.readout(unrolled.state), [Y]), unrolled


def loss_there(module, readout):
    """The same with PyTorch, and all states as one array of n × UNITS"""
    states, _ = module(torch.tensor(XS, dtype=torch.float64))
    return ((readout(states[-1]) - Y) ** 2).mean(), states


def gradients_there(module, readout):
    """PyTorch's gradients in the layout of minigrad: a network whose weights they are"""
    found = {key: w.grad for key, w in module.named_parameters()}
    found["bias_ih_l0"] = torch.zeros_like(found["bias_hh_l0"])     # two biases that are added: one is enough here
    return from_torch_state_dict(found, readout={key: w.grad for key, w in readout.named_parameters()})


def same(a, b):
    return isclose(a, b, rel_tol=1e-12, abs_tol=1e-15)


# double(): PyTorch counts with 7 digits unless told to, a Python float has 16
for network, module in (
    (RNN(*SIZES, bias=True, seed=1), torch.nn.RNN(*SIZES).double()),
    (LSTM(*SIZES, bias=True, seed=1), torch.nn.LSTM(*SIZES).double()),
):
    kind = type(network).__name__
    readout = torch.nn.Linear(UNITS, 1).double()
    module.load_state_dict(arrays(to_torch_state_dict(network)))
    readout.load_state_dict(arrays(readout_state_dict(network)))
    loss, unrolled = loss_here(network)
    other, states = loss_there(module, readout)
    loss.backward()
    other.backward()

    print(f"--- {network} and torch.nn.{kind}{SIZES}\n")
    print(f"  {'':<10}{'minigrad':>24}{'PyTorch':>24}")
    for step, row in zip(unrolled, states.tolist()):
        print(f"  {name(f'h_{step.t}[0]'):<10}{number(step.state[0].data, 15):>24}{number(row[0], 15):>24}")
        assert all(same(h.data, there) for h, there in zip(step.state, row))
    print(f"  {'L':<10}{number(loss.data, 15):>24}{number(other.item(), 15):>24}\n")
    assert same(loss.data, other.item())

    weights: dict[str, list] = {}
    for (place, w), there in zip(network.named_parameters(), gradients_there(module, readout).parameters()):
        weights.setdefault(place.partition("[")[0], []).append((w.grad, there.data))
    print(f"  {'∂L/∂w of':<10}{'minigrad, the first':>24}{'PyTorch, the first':>24}{'of':>5}  largest difference")
    for matrix, pairs in weights.items():
        first, largest = pairs[0], number(max(abs(here - there) for here, there in pairs), 2)
        print(f"  {matrix:<10}{number(first[0], 15):>24}{number(first[1], 15):>24}{len(pairs):>5}  {largest}")
        assert all(same(here, there) for here, there in pairs), matrix

    optimizer = torch.optim.SGD([*module.parameters(), *readout.parameters()], lr=0.1)
    for _ in range(5):
        optimizer.zero_grad()
        loss_there(module, readout)[0].backward()
        optimizer.step()
    learned = from_torch_state_dict(module.state_dict(), readout=readout.state_dict())
    after, there = loss_here(learned)[0].data, loss_there(module, readout)[0].item()
    print(f"\n  5 steps of torch.optim.{type(optimizer).__name__}, then back: L was {number(loss.data)}, is "
          f"{number(after)} here and {number(there)} there\n")
    assert same(after, there) and after < loss.data / 2

print("What carries over: the graph that the forward pass leaves behind, backward() in its order, gradients that add")
print("up until zero_grad(), detach(), the step of the optimizer.  A tensor of PyTorch is a Value whose data is an")
print("array; where a Value keeps its partials, it keeps a function that multiplies by them, for the partials of W·x")
print("with respect to W are mostly zeros.  What it adds: an operation on a million numbers is one node and one call,")
print("on all cores or on a GPU; batches of sequences; and many hundred operations.")
