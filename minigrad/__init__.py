"""minigrad: backpropagation and backpropagation through time, to run, step through, see and change.

    from minigrad import Value, tanh
    w = Value(0.8, label="w")
    L = tanh(w * w)
    L.backward()
    w.grad                                            # ∂L/∂w

module              contents
minigrad            Value; dot, log_sum_exp; exp, log, sqrt, sin, cos, tanh, sigmoid, relu of Values and of numbers
minigrad.graph      topological_order, gradients, uses, fold, paths, count_paths
minigrad.nn         Module, Linear, RNN, LSTM, GRU; Unrolled, Step; to_torch_state_dict, from_torch_state_dict
minigrad.losses     binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, mse_loss
minigrad.optim      SGD, Adam, clip_grad_norm
minigrad.bptt       contributions, ledgers: a gradient by time step;  state_jacobians, gradient_flow
minigrad.explain    chain_rule: the equation of any gradient, read from the graph
minigrad.replay     replay: the backward pass as events
minigrad.gradcheck  gradcheck: central differences against backward()
minigrad.draw       draw, walkthrough, frames: pictures, by Graphviz
minigrad.text, minigrad.sentiment                     labelled sentences, and a model for them

help(minigrad.nn) and so on say more.  To read the source, start with value, graph, elementary, functions, nn, losses,
optim, bptt, explain, replay.
"""

from minigrad.elementary import cos, exp, log, relu, sigmoid, sin, sqrt, tanh
from minigrad.functions import dot, log_sum_exp
from minigrad.value import Value

__version__ = "0.1.0"
__all__ = ["Value", "cos", "dot", "exp", "log", "log_sum_exp", "relu", "sigmoid", "sin", "sqrt", "tanh"]
