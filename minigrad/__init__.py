"""minigrad: backpropagation, and backpropagation through time, to run, step through, see and change.

    from minigrad import Value, tanh
    w = Value(0.8, label="w")
    L = tanh(w * w)
    L.backward()
    w.grad                                            # ∂L/∂w

Read the source in this order: value, number, graph, nn, losses, optim, bptt, explain, replay.  The pictures are in
minigrad.draw, and the README shows them.
"""

from minigrad.value import Value, cos, dot, exp, log, log_sum_exp, relu, sigmoid, sin, sqrt, tanh

__version__ = "0.1.0"
__all__ = ["Value", "cos", "dot", "exp", "log", "log_sum_exp", "relu", "sigmoid", "sin", "sqrt", "tanh"]
