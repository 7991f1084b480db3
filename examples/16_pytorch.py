# %% [markdown]
# # 16 The same network in PyTorch
#
# Backpropagation in PyTorch is the same backpropagation. Where minigrad has a Value for each number, PyTorch has a
# **tensor** for a whole array of numbers; a **module** is an object that holds weights, as an `RNN` is here. In this
# lesson an RNN and an LSTM of minigrad give their weights to `torch.nn.RNN` and `torch.nn.LSTM`: the losses and the
# gradients of all weights are the same to 12 digits (the last of 16 depend on the order of the additions). Then PyTorch
# trains, and what it has learned comes back.
#
# Without torch (`python -m pip install torch`) the script ends after its picture; what the rest prints is quoted.

# %%
import sys
from collections import Counter
from math import isclose
from pathlib import Path

from minigrad.draw import draw
from minigrad.graph import topological_order
from minigrad.losses import mse_loss
from minigrad.nn import LSTM, RNN, from_torch_state_dict, readout_state_dict, to_torch_state_dict
from minigrad.notation import name, number

XS, Y = [[1, 0.5, -1], [0.2, -0.3, 0.8], [-0.7, 0.1, 0.4], [0.9, -0.6, 0.3]], 1
UNITS = 4
SIZES = len(XS[0]), UNITS

# %% [markdown]
# ## How fine the graph is
#
# $L = (s - y)^2$, with $s$ the readout of the last state. minigrad has a Value for each number: at each step, each unit
# multiplies each input and each unit of the state before, and adds the products one by one. In PyTorch a function
# takes whole arrays; how many there are is counted below.

# %%
def loss_here(network):
    """(L, unrolled)"""
    unrolled = network.unroll(XS)
    return mse_loss(network.readout(unrolled.state), [Y]), unrolled


rnn = RNN(*SIZES, bias=True, seed=1)
loss, unrolled = loss_here(rnn)
loss.label = "L"
made = Counter(value.op for value in topological_order(loss))
print(f"{made.total()} Values: {made['']} leaves (weights, inputs, …), {made['*']} products, {made['+']} sums, …")
picture = draw(loss, unrolled, "rolled")
Path("minigrad-lessons").mkdir(exist_ok=True)
print(picture.save_and_say("minigrad-lessons/16_grain.svg"))
picture

# %%
try:
    import torch
except ImportError:
    print("PyTorch is not installed, so what follows is quoted, and nothing is checked.  python -m pip install torch")
    sys.exit(0)

# %% [markdown]
# ## The weights go over
#
# In PyTorch alone this is `torch.nn.RNN(3, UNITS)` and `torch.nn.Linear(UNITS, 1)`, used as in `loss_there` and trained
# as at the end. Here both get our weights: a **state dict** holds the weights of a module by name;
# `to_torch_state_dict` gives one of plain lists. `double()` asks for the 16 digits of a Python float, not 7.

# %%
def arrays(state):
    """A state dict of lists as one of tensors"""
    return {key: torch.tensor(numbers, dtype=torch.float64) for key, numbers in state.items()}


def in_pytorch(network, module):
    """(the module, its readout), with the weights of a network of minigrad"""
    module, readout = module.double(), torch.nn.Linear(UNITS, 1).double()
    module.load_state_dict(arrays(to_torch_state_dict(network)))
    readout.load_state_dict(arrays(readout_state_dict(network)))
    return module, readout


module, readout = in_pytorch(rnn, torch.nn.RNN(*SIZES))
print(*module.state_dict().keys())

# %% [markdown]
# > ```text
# > weight_ih_l0 weight_hh_l0 bias_ih_l0 bias_hh_l0
# > ```
#
# (`l0` is layer 0. PyTorch has two biases, beside $w_i$ and beside $w_h$, and only adds them. The one of minigrad
# becomes the second, and the first is 0.)
#
# ## Forward

# %%
def loss_there(module, readout):
    """The same L with PyTorch: (L, all states as one tensor of n × UNITS)"""
    states, _ = module(torch.tensor(XS, dtype=torch.float64))         # and the last one once more
    return ((readout(states[-1]) - Y) ** 2).mean(), states


def compare(what, here, there):
    """Prints the first number of minigrad, and how many of its numbers PyTorch has too, to 12 digits"""
    same = sum(isclose(a, b, rel_tol=1e-12, abs_tol=1e-14) for a, b in zip(here, there, strict=True))
    print(f"{what:<5} {number(here[0], 12):>19}{' …' * (len(here) > 1):<2}  the same: {same} of {len(here)}")
    assert same == len(here), f"{what} is {here} in minigrad, {there} in PyTorch"


loss_in_torch, states = loss_there(module, readout)
for step, row in zip(unrolled, states.tolist()):
    compare(name(f"o_{step.t}"), [o.data for o in step.state], row)
compare("L", [loss.data], [loss_in_torch.item()])
functions = [loss_in_torch.grad_fn]                   # what backward() walks through there
for function in functions:                            # the list grows while it is read
    functions += [earlier for earlier, _ in function.next_functions if earlier and earlier not in functions]
print(f"{len(functions)} functions of arrays in PyTorch, {made.total()} Values here")

# %% [markdown]
# > ```text
# > o₁        −0.627276123513 …  the same: 4 of 4
# > o₂        −0.427690416923 …  the same: 4 of 4
# > o₃        −0.294623376115 …  the same: 4 of 4
# > o₄        −0.786132822953 …  the same: 4 of 4
# > L          0.107456288295    the same: 1 of 1
# > 36 functions of arrays in PyTorch, 306 Values here
# > ```
#
# ## Backward
#
# The same call in both. `named_parameters` gives each weight with its name, `from_torch_state_dict` brings the
# gradients into our layout. The two biases have the same gradient, which we want once: the first is set to 0.

# %%
def compare_gradients(network, module, readout):
    """Prints a gradient of each matrix of weights and each bias, and compares all"""
    gradients = {key: w.grad for key, w in module.named_parameters()}
    gradients["bias_ih_l0"] = torch.zeros_like(gradients["bias_hh_l0"])
    of_readout = {key: w.grad for key, w in readout.named_parameters()}
    there = from_torch_state_dict(gradients, readout=of_readout).parameters()
    pairs: dict[str, list] = {}
    for (place, w), gradient in zip(network.named_parameters(), there):
        pairs.setdefault(place.partition("[")[0], []).append((w.grad, gradient.data))
    for weight, numbers in pairs.items():
        compare(weight, *zip(*numbers))


loss.backward()
loss_in_torch.backward()
compare_gradients(rnn, module, readout)

# %% [markdown]
# > ```text
# > w_i       0.0498721001644 …  the same: 12 of 12
# > w_h       0.0460686774097 …  the same: 16 of 16
# > w_o        0.515396948392 …  the same: 4 of 4
# > b_h       −0.111027989686 …  the same: 4 of 4
# > b_o       −0.655610519424    the same: 1 of 1
# > ```
#
# ## The LSTM
#
# Each gate has its matrices and its bias here; PyTorch stacks those of i, f, g and o in one tensor.

# %%
lstm = LSTM(*SIZES, bias=True, seed=1)
lstm_module, lstm_readout = in_pytorch(lstm, torch.nn.LSTM(*SIZES))
lstm_loss, lstm_loss_in_torch = loss_here(lstm)[0], loss_there(lstm_module, lstm_readout)[0]
lstm_loss.backward()
lstm_loss_in_torch.backward()
compare("L", [lstm_loss.data], [lstm_loss_in_torch.item()])
compare_gradients(lstm, lstm_module, lstm_readout)

# %% [markdown]
# > ```text
# > L           1.92303068853    the same: 1 of 1
# > w_ii     −0.0446964600835 …  the same: 12 of 12
# > …
# > ```
#
# ## Trained there, used here
#
# Five steps of PyTorch's optimizer. It moves both biases, so this is not quite our training. The weights come back.

# %%
optimizer = torch.optim.SGD([*module.parameters(), *readout.parameters()], lr=0.05)
for _ in range(5):
    optimizer.zero_grad()
    loss_there(module, readout)[0].backward()
    optimizer.step()
learned = from_torch_state_dict(module.state_dict(), readout=readout.state_dict())
after = loss_here(learned)[0].data
compare("L", [after], [loss_there(module, readout)[0].item()])
assert after < loss.data, f"PyTorch has not learned: L was {number(loss)}, is {number(after)}"
print("Losses and gradients are the same to 12 digits.")

# %% [markdown]
# > ```text
# > L        0.00364673473519    the same: 1 of 1
# > Losses and gradients are the same to 12 digits.
# > ```
#
# ## What carries over
#
# `loss.backward()`, gradients that add up until `zero_grad()`, `o.detach()`. A Value keeps a partial for each operand;
# a function of arrays keeps how to send back: for $y = W x$ it sends $W^\top$ times what has arrived to $x$. What
# PyTorch adds: one call for a million numbers, on all cores or a GPU; batches of sequences; many hundred operations.
#
# ## Change it
#
# - More units; how many Values are there now, and how many functions? `UNITS = 4` → `UNITS = 6`
# - A step less; how many Values did it cost? `[-0.7, 0.1, 0.4], [0.9, -0.6, 0.3]], 1` → `[-0.7, 0.1, 0.4]], 1`
# - Another optimizer; is $L$ lower after five steps? `torch.optim.SGD` → `torch.optim.Adam`
