"""Error messages: each says what is wrong, where (label, operation, operands) and what to do.

A row holds a message in full, for the reader; the test compares what it names (numbers, labels, code, files), so that a
sentence can be worded anew.
"""

import math
import re
from array import array
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from minigrad import Value, cos, dot, exp, log, log_sum_exp, relu, sigmoid, sin, sqrt, tanh
from minigrad.bptt import contributions, gradient_flow, ledgers
from minigrad.draw import draw, frames, walkthrough
from minigrad.explain import chain_rule
from minigrad.gradcheck import gradcheck
from minigrad.graph import count_paths, fold, gradients
from minigrad.losses import binary_cross_entropy, binary_cross_entropy_with_logits, mse_loss
from minigrad.nn import GRU, LSTM, RNN, Linear, Module, Unrolled, from_torch_state_dict, to_torch_state_dict
from minigrad.optim import SGD, Adam, clip_grad_norm
from minigrad.replay import replay
from minigrad.sentiment import Sentiment, split
from minigrad.text import Labelled, Vocabulary, read_labelled

rnn = RNN.from_weights(w_i=[[1]], w_h=[[2]], w_o=[[3]], activation="identity")
unrolled = rnn.unroll([[1], [1]])
loss = mse_loss(rnn.readout(unrolled.state), [8])         # o_1 = 1, o_2 = 3, s = 9, L = 1
loss.label = "L"
model = Sentiment(Vocabulary(["good", "bad"]), 2)


def w(x, label="w_h") -> Value:
    return Value(x, label=label)


def with_data_of_infinity() -> Value:
    leaf = w(1.0)
    y = leaf * 2
    leaf.data = math.inf
    return y


def with_data(data, label="w_h") -> Value:
    leaf = w(1.0, label)
    leaf.data = data
    return leaf


def long(steps: int) -> tuple[Value, Unrolled]:
    found = rnn.unroll([[0]] * steps)
    return found.state[0], found


def cycle() -> Value:
    y = w(2.0, "x") * 3
    z = y * 2
    z.label, y.operands = "z", (z, y.operands[1])
    return z


def many_routes():
    leaf = y = w(1.0)
    for k in range(11):
        left, right = y * 2, y * 3
        left.label, right.label = f"a_{k}", f"b_{k}"
        y = left + right
        y.label = f"y_{k}"
    chain_rule(y, leaf)


def blanked_in_the_folded_view():
    unrolled = rnn.unroll([[1], [1]])
    y = rnn.readout(unrolled.state)[0]
    y.backward()
    draw(y, unrolled, "folded", blank=[unrolled.state[0]])


def long_chain() -> Value:
    y = w(1)
    for _ in range(300):
        y = -y
    return y


def stepped(optimizer):
    optimizer.parameters[0].grad = -1e308
    optimizer.step()


def lost(network, change, call):
    """call(network), after change(network) put a number where a weight was"""
    change(network)
    return call(network)


def set_w_h(network):
    network.w_h[0][0] = 0.9


class Lines:
    """Is written over several lines, as a matrix of numpy"""

    def __str__(self):
        return "[[0.5]\n [0.5]]"

    def tolist(self):
        return [[0.5], [0.5]]


class Pair(Module):
    def __init__(self):
        self.below, self.above, self.rates = RNN(1, 2), Linear(2, 1), [0.1, 0.2]


def written(path: str, content: bytes) -> str:
    Path(path).write_bytes(content)
    return path


HOLDS = "a Value holds one int, float or Fraction."
WHOLE = "give a whole file that Sentiment.save() or `train --save` wrote"
L, C = "Value(1.0, grad=0, op='/', label='L')", "Value(3, grad=0, label='c')"

Row = tuple[Callable[[], object], type[Exception], str]
MESSAGES: dict[str, list[Row]] = {
    "Value": [
        (lambda: Value(True), TypeError, f"True is of type bool; {HOLDS} Write 1 or 0."),
        (lambda: Value("0.5"), TypeError, f"'0.5' is of type str; {HOLDS} Convert it with float(…)."),
        (lambda: Value("9" * 400), TypeError, f"'{'9' * 36}… is of type str; {HOLDS} Convert it with float(…)."),
        (lambda: Value(None), TypeError, f"None is of type NoneType; {HOLDS} Was a result forgotten?"),
        (lambda: Value([1, 2]), TypeError, f"[1, 2] is of type list; {HOLDS} Make one Value of each number."),
        (lambda: Value(1 + 2j), TypeError,
         f"(1+2j) is of type complex; {HOLDS} Only real numbers have a gradient here."),
        (lambda: Value(Decimal("0.5")), TypeError,
         f"Decimal('0.5') is of type Decimal; {HOLDS} Convert it with float(…) or Fraction(…)."),
        (lambda: Value(object()), TypeError, f"<object> is of type object; {HOLDS} Make one Value of each number."),
        (lambda: Value(math.nan), ValueError, "a Value cannot hold nan: its gradient would be meaningless"),
        (lambda: Value(-math.inf), ValueError, "a Value cannot hold -inf: its gradient would be meaningless"),
        (lambda: Value(0.5, "w_h"), TypeError,
         "Value: the op 'w_h' has no operands; to name a leaf write label='w_h'"),
        (lambda: Value(0.5, label=3), TypeError,            # type: ignore[arg-type]
         "Value: the label 3 is of type int; it must be a str, such as 'w_h'"),
        (lambda: Value([w(1), w(2)]), TypeError,
         f"[Value(1, grad=0, label='w_h'), Value… is of type list; {HOLDS} Take its Values one by one."),
    ],
    "operations": [
        (lambda: w(2) + None, TypeError, f"None is of type NoneType; {HOLDS} Was a result forgotten?"),
        (lambda: "3" * w(2), TypeError, f"'3' is of type str; {HOLDS} Convert it with float(…)."),
        (lambda: w(2) ** [1], TypeError, f"[1] is of type list; {HOLDS} Make one Value of each number."),
        (lambda: with_data("1") * 2, TypeError, "w_h holds '1', a str: set its .data to an int, float or Fraction"),
        (lambda: 2 * with_data([1], ""), TypeError,
         "a Value holds [1], a list: set its .data to an int, float or Fraction"),
        (lambda: w(1.0) / 0, ZeroDivisionError, "/ of w_h = 1.0, 0: the divisor must not be 0"),
        (lambda: 1 / w(0.0), ZeroDivisionError, "/ of 1, w_h = 0.0: the divisor must not be 0"),
        (lambda: w(10**400) / 3, OverflowError, f"/ of w_h = 1{'0' * 36}…, 3: the result is too large for a float"),
        (lambda: w(-8) ** (1 / 3), ValueError,
         "**0.3333333333333333 of w_h = -8: a negative base needs a whole exponent"),
        (lambda: w(-8) ** w(3, "n"), ValueError,
         "** of w_h = -8, n = 3: a negative base needs a plain whole number as exponent"),
        (lambda: w(0) ** -1, ZeroDivisionError, "**-1 of w_h = 0: 0 has no negative power"),
        (lambda: w(0) ** w(0, "n"), ValueError, "** of w_h = 0, n = 0: a base of 0 needs an exponent above 0"),
        (lambda: w(1e200) ** 2, OverflowError, "**2 of w_h = 1e+200: the result is too large for a float"),
        (lambda: float(w(0.5)), TypeError,
         "Value(0.5, grad=0, label='w_h') would lose its gradient as a float: "
         "use minigrad's exp, log, …, or write v.data"),
        (lambda: bool(w(0.5)), TypeError,
         "Value(0.5, grad=0, label='w_h') is neither true nor false: compare it, as in v > 0, or write bool(v.data)"),
        (lambda: (w(2) * 3).__reduce__(), TypeError,
         "Value(6, grad=0, op='*', name='w_h·3') was computed, and its graph cannot be copied or pickled: "
         "save the parameters"),
    ],
    "functions": [
        (lambda: log(w(0)), ValueError, "log of w_h = 0: it requires x > 0"),
        (lambda: log(0), ValueError, "log of 0: it requires x > 0"),
        (lambda: sqrt(-1.5), ValueError, "sqrt of -1.5: it requires x ≥ 0"),
        (lambda: log(w(Fraction(-1, 3))), ValueError, "log of w_h = -1/3: it requires x > 0"),
        (lambda: log(w(0.5) - 1), ValueError, "log of -0.5: it requires x > 0"),
        (lambda: log(w(-1, "a label of more than forty characters, shortened")), ValueError,
         "log of a label of more than forty characters… = -1: it requires x > 0"),
        (lambda: sqrt(w(-2)), ValueError, "sqrt of w_h = -2: it requires x ≥ 0"),
        (lambda: exp(w(1000)), OverflowError, "exp of w_h = 1000: a number here is too large for a float"),
        (lambda: exp(w(10**5000)), OverflowError,
         "exp of w_h = a number of more than 4300 digits: a number here is too large for a float"),
        (lambda: sin(w(1e308) * 10), ValueError, "sin of inf: it is undefined for this number"),
        (lambda: sigmoid(rnn.readout([9])), TypeError,
         f"sigmoid: [Value(27, grad=0, op='*', name='9·w_… is of type list; {HOLDS} Write [0] after it."),
        (lambda: relu("3"), TypeError, f"relu: '3' is of type str; {HOLDS} Convert it with float(…)."),
        (lambda: cos(None), TypeError, f"cos: None is of type NoneType; {HOLDS} Was a result forgotten?"),
        (lambda: exp([1, 2]), TypeError, f"exp: [1, 2] is of type list; {HOLDS} Make one Value of each number."),
        (lambda: tanh(with_data("1")), TypeError,
         "w_h holds '1', a str: set its .data to an int, float or Fraction"),
        (lambda: dot([1, 2], [3]), ValueError, "dot: 2 weights and 1 inputs; it needs as many of each"),
        (lambda: log_sum_exp([]), ValueError, "log_sum_exp: it needs at least one number"),
        (lambda: log_sum_exp([w(1), None]), TypeError, f"None is of type NoneType; {HOLDS} Was a result forgotten?"),
    ],
    "backward": [
        (lambda: (w(1e308) * 10).backward(), ValueError,
         "* of w_h = 1e+308, 10: the numbers are too large for a float: scale the inputs or the weights down"),
        (lambda: dot([w(1e308)] * 9, [10] * 9).backward(), ValueError,
         "dot of w_h = 1e+308, w_h = 1e+308, w_h = 1e+308, … 14 more …, 10: "
         "the numbers are too large for a float: scale the inputs or the weights down"),
        (lambda: (w(1e-200) * 1e200 * 1e200).backward(), OverflowError,
         "the gradient of w_h is not finite: at * of w_h = 1e-200, 1e+200: the local derivative is 1e+200, "
         "the gradient that arrives 1e+200; zero the gradients before going on"),
        (lambda: sqrt(w(0.0, "")).backward(), OverflowError,
         "the gradient of a Value is not finite: at sqrt of 0.0: the local derivative is inf, "
         "the gradient that arrives 1; zero the gradients before going on"),
        (lambda: with_data_of_infinity().backward(), ValueError,
         "Value(inf, grad=0, label='w_h') is not finite: set its .data to an int, float or Fraction"),
        (lambda: cycle().backward(), ValueError,
         "the graph holds a cycle through Value(12.0, grad=0, op='*', label='z'), or was changed by hand; "
         "an operand must be made before its user"),
    ],
    "losses": [
        (lambda: binary_cross_entropy(w(1.0, "y_hat"), 1), ValueError,
         "binary_cross_entropy: y_hat is 1.0; it must lie strictly between 0 and 1.  "
         "If it is σ(s), rounded, use binary_cross_entropy_with_logits(s, y)"),
        (lambda: binary_cross_entropy(w(0.5, "y_hat"), 2), ValueError,
         "binary_cross_entropy: the target y is 2; it must lie from 0 to 1"),
        (lambda: binary_cross_entropy_with_logits(w(0.5, "s"), -1), ValueError,
         "binary_cross_entropy_with_logits: the target y is -1; it must lie from 0 to 1"),
        (lambda: binary_cross_entropy(w(0.5, "y_hat"), "1"), TypeError,
         f"'1' is of type str; {HOLDS} Convert it with float(…)."),
        (lambda: binary_cross_entropy(rnn.readout([9]), 1), TypeError,     # type: ignore[arg-type]
         f"[Value(27, grad=0, op='*', name='9·w_… is of type list; {HOLDS} Write [0] after it."),
        (lambda: mse_loss([1, 2], [1]), ValueError, "mse_loss: 2 outputs and 1 targets; it needs as many of each"),
        (lambda: mse_loss([], []), ValueError, "mse_loss: 0 outputs and 0 targets; it needs as many of each"),
    ],
    "nn": [
        (lambda: RNN(0, 1), ValueError, "RNN: input_size is 0; it must be an int from 1 up"),
        (lambda: RNN(2, 1.5), ValueError, "RNN: hidden_size is 1.5; it must be an int from 1 up"),    # type: ignore
        (lambda: RNN(True, 1), ValueError, "RNN: input_size is True; it must be an int from 1 up"),
        (lambda: RNN(1, 1, activation="softmax"), ValueError,
         "RNN: activation 'softmax' is not one of tanh, identity, relu, sigmoid"),
        (lambda: Linear(2, 1)([1]), ValueError, "Linear: 1 inputs; it needs 2"),
        (lambda: Linear(2, 1)(3), ValueError, "Linear: the input is 3; it must be a list of 2 numbers"),
        (lambda: RNN.from_weights(w_i=0.5, w_h=[[1]], w_o=[[1]]), ValueError,
         "w_i is 0.5; it must be a list of rows of numbers, such as [[0.5]]"),
        (lambda: RNN.from_weights(w_i=array("d", [0.5]), w_h=[[1]], w_o=[[1]]), ValueError,   # as an array of numpy
         "w_i is array('d', [0.5]), of type array (write .tolist() after it); "
         "it must be a list of rows of numbers, such as [[0.5]]"),
        (lambda: RNN.from_weights([[1]], [[1]], [[1]], b_h=Lines()), ValueError,
         "b_h is [[0.5] [0.5]], of type Lines (write .tolist() after it); "
         "it must be a list of numbers, such as [0.1]"),
        (lambda: rnn.unroll([array("d", [1.0])]), ValueError,
         "RNN: x_1 is array('d', [1.0]), of type array (write .tolist() after it); "
         "it must be a list of 1 number or Value, as in [0.5]"),
        (lambda: Linear(1, 1)(array("d", [1.0])), ValueError,
         "Linear: the input is array('d', [1.0]), of type array (write .tolist() after it); "
         "it must be a list of 1 numbers"),
        (lambda: RNN.from_weights([[1]], [[1]], [[1]], b_h=1), ValueError,
         "b_h is 1; it must be a list of numbers, such as [0.1]"),
        (lambda: RNN.from_weights([[1, 2], [3]], [[1]], [[1]]), ValueError,
         "w_i has rows of different lengths: [2, 1]"),
        (lambda: RNN.from_weights([[1]], [[1], [2]], [[1]]), ValueError,
         "RNN.from_weights: w_h has the size 2 × 1; it must be 1 × 1, to fit w_i"),
        (lambda: RNN.from_weights([[1]], [[1, 2], [3, 4]], [[1, 2]]), ValueError,
         "RNN.from_weights: w_h has the size 2 × 2; it must be 1 × 1, to fit w_i"),
        (lambda: RNN.from_weights([[1]], [["a"]], [[1]]), TypeError,
         f"'a' is of type str; {HOLDS} Convert it with float(…)."),
        (lambda: rnn.unroll([]), ValueError,
         "RNN.unroll: no inputs; it needs at least one time step, such as [[1], [0.5], [-1]]"),
        (lambda: rnn.unroll(3), TypeError,
         "RNN.unroll: the inputs are 3; they must be a list with an item for each step, such as [[1], [0.5], [-1]]"),
        (lambda: rnn.unroll([[1], 0.5]), ValueError,
         "RNN: x_2 is 0.5; it must be a list of 1 number or Value, as in [0.5]"),
        (lambda: RNN(5, 1).unroll([5]), ValueError,
         "RNN: x_1 is 5; it must be a list of 5 numbers or Values, as in [0.5, 0.5, 0.5, …], "
         "or an int from 0 to 4 for a one-hot vector"),
        (lambda: rnn.unroll([[1]], state=[1, 2]), ValueError,
         "RNN: the state is [1, 2]; it must be a list of 1 numbers"),
        (lambda: RNN(1, 1).unroll([[1]], truncate=0), ValueError,
         "RNN.unroll: truncate is 0; it must be a number of steps, an int from 1 up"),
        (lambda: LSTM(1, 1).unroll([[1]], state=[0]), ValueError,
         "LSTM: the state is [0]; it must be a pair (h, c) of lists of numbers"),
        (lambda: LSTM(1, 0), ValueError, "LSTM: hidden_size is 0; it must be an int from 1 up"),
        (lambda: Linear.from_weights(bias=[1]), TypeError,
         "Linear.from_weights: weight missing; it takes weight, bias"),
        (lambda: Linear.from_weights([[1]], [1], [2]), TypeError,
         "Linear.from_weights: 3 weights; it takes weight, bias"),
        (lambda: GRU.from_weights([[1]], [[1]], [[1]], [[1]], [[1]], [[1, 2]], [[1]]), ValueError,
         "GRU.from_weights: w_hn has the size 1 × 2; it must be 1 × 1, to fit w_ir"),
        (lambda: lost(RNN(1, 1), set_w_h, RNN.parameters), TypeError,
         "rnn.w_h[0][0] is 0.9, of type float, not a Value, and would not be trained; "
         "to change a weight write rnn.w_h[0][0].data = 0.9"),
        (lambda: lost(RNN(3, 2, fused=True), set_w_h, lambda rnn: rnn.unroll([0, 2])), TypeError,
         "rnn.w_h[0][0] is 0.9, of type float, not a Value, and would not be trained; "
         "to change a weight write rnn.w_h[0][0].data = 0.9"),
        (lambda: lost(LSTM(1, 1), lambda lstm: setattr(lstm, "w_hf", 3), lambda lstm: lstm.unroll([[1]])), TypeError,
         "lstm.w_hf is 3, of type int, not a Value, and would not be trained; "
         "to change a weight write lstm.w_hf[0][0].data = 3"),
        (lambda: lost(RNN(1, 1), lambda rnn: setattr(rnn, "w_h", None), lambda rnn: rnn.unroll([[1]])), TypeError,
         "rnn.w_h is None, of type NoneType, not a Value, and would not be trained; "
         "to change a weight write rnn.w_h[0][0].data = 0.9"),
        (lambda: lost(GRU(1, 1, bias=True), lambda gru: setattr(gru, "b_in", [0.5]), GRU.zero_grad), TypeError,
         "gru.b_in[0] is 0.5, of type float, not a Value, and would not be trained; "
         "to change a weight write gru.b_in[0].data = 0.5"),
        (lambda: lost(Pair(), lambda pair: setattr(pair.above, "bias", 1), Pair.parameters), TypeError,
         "pair.above.bias is 1, of type int, not a Value, and would not be trained; "
         "to change a weight write pair.above.bias[0].data = 1"),
        (lambda: to_torch_state_dict(rnn), ValueError,
         "to_torch_state_dict: torch.nn.RNN has no identity, only tanh and relu"),
        (lambda: from_torch_state_dict({"weight_ih_l0": [[1]]}), ValueError,
         "from_torch_state_dict: weight_hh_l0 is missing; there are weight_ih_l0"),
        (lambda: from_torch_state_dict({}), ValueError,
         "from_torch_state_dict: weight_hh_l0 is missing; there are no entries"),
        (lambda: from_torch_state_dict({"w": [[1]]}), ValueError,
         "from_torch_state_dict: 'w' is unknown; pass the state_dict() of a torch.nn.RNN, LSTM, GRU or Linear alone"),
        (lambda: from_torch_state_dict({"weight_ih_l0": [[1]] * 2, "weight_hh_l0": [[1]] * 2}), ValueError,
         "from_torch_state_dict: weight_hh_l0 is 2 × 1; it must have 1, 3 or 4 times as many rows as columns "
         "(RNN, GRU, LSTM)"),
    ],
    "optim": [
        (lambda: SGD(rnn, lr=0.1), TypeError,               # type: ignore[arg-type]
         "SGD: pass its parameters, as in SGD(model.parameters(), lr=…)"),
        (lambda: SGD(w(1), lr=0.1), TypeError,              # type: ignore[arg-type]
         "SGD: Value(1, grad=0, label='w_h') is not a list of parameters; pass one such as [w]"),
        (lambda: SGD([], lr=0.1), ValueError,
         "SGD: there are no parameters; pass a list of Values such as model.parameters()"),
        (lambda: SGD([w(1) * 2], lr=0.1), TypeError,
         "SGD: Value(2, grad=0, op='*', name='w_h·2') is not a leaf Value; pass weights, not results"),
        (lambda: SGD([w(1)], lr=-1), ValueError, "SGD: the learning rate is -1; it must be a finite number above 0"),
        (lambda: SGD([w(1)], lr="0.1"), ValueError,         # type: ignore[arg-type]
         "SGD: the learning rate is '0.1'; it must be a finite number above 0"),
        (lambda: stepped(SGD([w(1e308)], lr=10)), OverflowError,
         "Value(1e+308, grad=-1e+308, label='w_h') would become inf; use a learning rate below 10"),
        (lambda: SGD([w(1)], lr=0.1, momentum=1), ValueError,
         "SGD: the momentum is 1; it must lie from 0 to below 1"),
        (lambda: stepped(Adam([w(1)], lr=0.1)), OverflowError,
         "Adam: the square of the gradient of Value(1, grad=-1e+308, label='w_h') overflows; clip the gradient"),
        (lambda: Adam([w(1)], betas=(1, 0.9)), ValueError,
         "Adam: betas are (1, 0.9) and eps is 1e-08; two betas must lie from 0 to below 1, eps above 0"),
        (lambda: Adam([w(1)], betas=(0.9,)), ValueError,    # type: ignore[arg-type]
         "Adam: betas are (0.9,) and eps is 1e-08; two betas must lie from 0 to below 1, eps above 0"),
        (lambda: clip_grad_norm([w(1)], 0), ValueError,
         "clip_grad_norm: max_norm is 0; it must be above 0"),
        (lambda: clip_grad_norm(rnn, 1), TypeError,         # type: ignore[arg-type]
         "clip_grad_norm: pass its parameters, as in clip_grad_norm(model.parameters(), 1)"),
    ],
    "graph": [
        (lambda: gradients(3), TypeError, "3 is not a Value: pass the result of a computation, such as the loss"),
        (lambda: count_paths(fold(loss, []), loss, w(3, "c")), ValueError,
         f"{C} is not in the folded graph: keep it when you fold"),
    ],
    "bptt": [
        (lambda: contributions(loss, unrolled, w(3, "c")), ValueError,
         f"contributions: {C} is not in the graph of {L}"),
        (lambda: contributions(loss, unrolled, "w_h"), TypeError,
         "contributions: 'w_h' is of type str; pass a Value, or a list or matrix of them such as rnn.w_h"),
        (lambda: ledgers(loss, unrolled, w(3, "c")), TypeError,  # type: ignore[arg-type]
         f"ledgers: {C} is not a list of Values, such as [w] or rnn.parameters()"),
        (lambda: ledgers(loss, unrolled, rnn.w_h), TypeError,  # type: ignore[arg-type]
         "ledgers: [[Value(2, grad=0, label='w_h')]] is not a list of Values, such as [w] or rnn.parameters()"),
        (lambda: contributions(w(3, "c"), unrolled, rnn.w_h), ValueError,
         f"{C} was not computed from a state of Unrolled(2 steps, hidden_size=1): pass the loss that was"),
        (lambda: gradient_flow(loss, unrolled, of="cell"), ValueError,
         "gradient_flow: of is 'cell'; it must be \"state\"; only an LSTM has a cell"),
        (lambda: gradient_flow(w(3, "c"), unrolled), ValueError,
         f"gradient_flow: {C} was not computed from a state of Unrolled(2 steps, hidden_size=1)"),
    ],
    "explain": [
        (lambda: chain_rule(loss, w(3, "c")), ValueError, f"chain_rule: {C} is not in the graph of {L}"),
        (lambda: chain_rule(loss, "w_h"), TypeError,        # type: ignore[arg-type]
         "chain_rule: 'w_h' is of type str; pass the Value, not its label"),
        (lambda: chain_rule(loss, rnn.w_h), TypeError,      # type: ignore[arg-type]
         "chain_rule: [[Value(2, grad=0, label='w_h')]] is of type list; pass one Value, such as rnn.w_h[0][0]"),
        (many_routes, ValueError,
         "chain_rule: 2048 routes lead from y_10 back to w_h, too many to list; "
         "pass `unrolled` to add up those of a weight by time step, or keep fewer Values"),
    ],
    "gradcheck": [
        (lambda: gradcheck(tanh, 3), TypeError,             # type: ignore[arg-type]
         "gradcheck: the inputs are 3; they must be a list of numbers or Values, as in [0.5]"),
        (lambda: gradcheck(lambda x: 3, [1]), TypeError,          # type: ignore[arg-type,return-value]
         "gradcheck: f returned an object of type int; it must return a Value"),
    ],
    "replay": [
        (lambda: replay(3), TypeError,                      # type: ignore[arg-type]
         "3 is not a Value: pass the result of a computation, such as the loss"),
        (lambda: replay(cycle()), ValueError,
         "the graph holds a cycle through Value(12.0, grad=0, op='*', label='z'), or was changed by hand; "
         "an operand must be made before its user"),
    ],
    "draw": [
        (lambda: draw(3), TypeError,                        # type: ignore[arg-type]
         "draw: it takes a Value, or a Value and an Unrolled or a list of them, as in draw(loss, unrolled), "
         "not int"),
        (lambda: draw(None), TypeError,                     # type: ignore[arg-type]
         "draw: it takes a Value, or a Value and an Unrolled or a list of them, as in draw(loss, unrolled), "
         "not NoneType"),
        (lambda: draw(loss, loss), TypeError,               # type: ignore[arg-type]
         "draw: it takes a Value, or a Value and an Unrolled or a list of them, as in draw(loss, unrolled), "
         "not Value, Value"),
        (lambda: draw(loss, unrolled, "rows"), ValueError,
         "draw: there is no view 'rows'; the views are auto, graph, columns, units, folded, rolled, shape, "
         "layers, cell, attention"),
        (lambda: draw(loss, [unrolled, 3]), TypeError,      # type: ignore[list-item]
         "draw: it takes a Value, or a Value and an Unrolled or a list of them, as in draw(loss, unrolled), "
         "not Value, list"),
        (lambda: draw(loss, []), TypeError,
         "draw: it takes a Value, or a Value and an Unrolled or a list of them, as in draw(loss, unrolled), "
         "not Value, list"),
        (lambda: draw(loss, [unrolled, unrolled], "units"), ValueError,
         "draw: view 'units' shows one Unrolled, not 2; view='shape' shows several"),
        (lambda: draw(loss, [rnn.unroll([[1]])]), ValueError,
         f"draw: {L} was not computed from a state of Unrolled(1 steps, hidden_size=1), or only across a cut"),
        (lambda: draw(loss, [unrolled], captions=["a"]), ValueError,
         "draw: 1 captions for 2 inputs; it needs one for each"),
        (lambda: draw(*long(13), view="shape"), ValueError,
         "draw: view 'shape' cannot show this: 14 columns are more than 12; "
         "view='folded' draws one Unrolled of any length"),
        (lambda: draw(*long(41), view="shape"), ValueError,
         "draw: view 'shape' cannot show this: 41 steps are more than 40; "
         "view='folded' draws one Unrolled of any length"),
        (lambda: draw(loss, view="columns"), ValueError, "draw: view 'columns' needs the `unrolled` RNN"),
        (lambda: draw(loss, unrolled, "units"), ValueError,
         "draw: view 'units' cannot show this: the state is a single number; view='auto' picks one that can"),
        (lambda: draw(loss, unrolled, "columns", fold=[loss]), ValueError, "draw: `fold` goes with view='graph'"),
        (lambda: draw(loss, unrolled, captions=["a"]), ValueError,
         "draw: 1 captions for 2 steps; it needs one for each"),
        (lambda: draw(loss, captions=["a"]), ValueError, "draw: captions need the `unrolled` RNN"),
        (lambda: draw(loss, unrolled, highlight=w(3, "c")), ValueError,
         f"draw: highlight={C} is not in the graph of {L}"),
        (lambda: draw(loss, unrolled, highlight=3), ValueError,
         "draw: highlight=3 is not a time step; they go from 1 to 2"),
        (lambda: draw(loss, highlight=1), ValueError, "draw: highlight=1, a time step, needs one `unrolled` RNN"),
        (lambda: draw(loss, [unrolled, unrolled], highlight=1), ValueError,
         "draw: highlight=1, a time step, needs one `unrolled` RNN"),
        (lambda: draw(loss, unrolled, highlight=1.5), ValueError,         # type: ignore[arg-type]
         "draw: highlight must be a Value of the graph, a list of them along a path, or a time step"),
        (lambda: draw(loss, unrolled, blank=[w(3, "c")]), ValueError, f"draw: blank={C} is not in the graph of {L}"),
        (lambda: draw(loss, unrolled, blank=[(loss, rnn.w_h[0][0])]), ValueError,
         f"draw: blank=an edge from Value(2, grad=0, label='w_h') to {L} is not in the graph of {L}"),
        (lambda: draw(loss, unrolled, blank=["w_h"]), TypeError,          # type: ignore[list-item]
         "draw: blank='w_h' is neither a Value nor a pair (user, operand) of Values"),
        (lambda: draw(loss, unrolled, blank=3), TypeError,                # type: ignore[arg-type]
         "draw: blank=3 is not a list; write blank=[w_h, (user, operand)]"),
        (lambda: draw(loss, unrolled, blank=[rnn.w_h[0][0]]), ValueError,
         "draw: blank hides gradients, and there are none yet; call loss.backward() first"),
        (blanked_in_the_folded_view, ValueError, "draw: view 'folded' cannot blank a number; view='graph' can"),
        (lambda: draw(long_chain()), ValueError,
         "draw: view 'graph' would have 301 boxes, more than 200; "
         "use fold=[…] with fewer Values, or unrolled= for an RNN"),
        (lambda: walkthrough(long_chain()), ValueError,
         "draw: view 'graph' would have 301 boxes, more than 200; "
         "use fold=[…] with fewer Values, or unrolled= for an RNN"),
        (lambda: walkthrough(loss, [unrolled, unrolled]), TypeError,             # type: ignore[arg-type]
         "walkthrough: it takes a Value, or a Value and one Unrolled, not Value, a list of 2; "
         "draw(loss, [encoder, decoder]) shows several"),
        (lambda: walkthrough(3), TypeError,                 # type: ignore[arg-type]
         "walkthrough: it takes a Value, or a Value and one Unrolled, not int"),
        (lambda: frames(loss, (unrolled, unrolled), "frames"), TypeError,        # type: ignore[arg-type]
         "frames: it takes a Value, or a Value and one Unrolled, not Value, a tuple of 2; "
         "draw(loss, [encoder, decoder]) shows several"),
        (lambda: frames(loss, "frames", "svg"), TypeError,  # type: ignore[arg-type]
         "frames: it takes a Value, or a Value and one Unrolled, not Value, str"),
        (lambda: frames(loss, unrolled, "frames", "jpg"), ValueError,
         "frames: there is no form 'jpg'; use one of svg, png, pdf, gv"),
        (lambda: draw(loss, unrolled).save("x.jpg"), ValueError,
         "cannot save a picture as 'x.jpg': the name must end in .svg, .png, .pdf or .gv"),
        (lambda: draw(loss, unrolled).save("no/x.gv"), FileNotFoundError,
         "there is no directory 'no' to save 'x.gv' in"),
    ],
    "text": [
        (lambda: read_labelled("rows.doc"), ValueError, "rows.doc: cannot read .doc; use .tsv, .csv or .json"),
        (lambda: read_labelled("rows.tsv"), FileNotFoundError, "[Errno 2] No such file or directory: 'rows.tsv'"),
        (lambda: read_labelled(written("a.tsv", b"good\t2\n\t1\nfine")), ValueError,
         "a.tsv: line 1 has the label '2', which is not 0 or 1; line 2 holds no words; line 3 is not text<TAB>label"),
        (lambda: read_labelled(written("a.tsv", b"text\tlabel\ngood\t1")), ValueError,
         "a.tsv: line 1 has the label 'label', which is not 0 or 1; a .tsv has no header"),
        (lambda: read_labelled(written("a.csv", b"text,label\n\nhello, world,1\ngood")), ValueError,
         "a.csv: line 3 is not text,label (a text that holds a comma needs quotes); "
         "line 4 is not text,label (a text that holds a comma needs quotes)"),
        (lambda: read_labelled(written("a.json", b'[{"text": "good"}]')), ValueError,
         "a.json: item 1 is not [text, label]"),
        (lambda: read_labelled(written("a.tsv", b"good\t1\n\xff\t1")), ValueError,
         "a.tsv: line 2 is not UTF-8; save the file as UTF-8"),
        (lambda: read_labelled(written("a.csv", b"")), ValueError, "a.csv: the file has no labelled sentences"),
        (lambda: read_labelled(written("a.json", b"3")), ValueError, "a.json: it must be a list of [text, label]"),
    ],
    "sentiment": [
        (lambda: Sentiment(Vocabulary([]), 3), ValueError,
         "the vocabulary is empty: no word occurs twice in the sentences; use more sentences"),
        (lambda: model.read("?!"), ValueError, "there are no words in '?!'"),
        (lambda: model.accuracy([]), ValueError, "score: there are no labelled sentences"),
        (lambda: split([Labelled("good", 1)] * 3, 0), ValueError,
         "3 labelled sentences are too few to hold some out; use at least 5"),
        (lambda: Sentiment.load(written("m.json", b"{}")), ValueError,
         f"m.json: cannot be loaded as a model: it is not a 'minigrad sentiment model 2'; {WHOLE}"),
        (lambda: Sentiment.load(written("m.json", b'{"format": "minigrad sentiment model 2"}')), ValueError,
         f"m.json: cannot be loaded as a model: 'vocabulary' is missing; {WHOLE}"),
        (lambda: model.save("no/m.json"), FileNotFoundError, "there is no directory 'no' to save 'm.json' in"),
    ],
}  # fmt: skip
ROWS = [pytest.param(*row, id=f"{room} {k}") for room, rows in MESSAGES.items() for k, row in enumerate(rows)]


def named_in(message: str) -> list[str]:
    """The words of a message that name something: with a digit, a quote, a bracket, an underscore, a sign or a capital
    letter in them, before a colon, a number without digits, or of a type"""
    words = re.findall(r"'[^']*'|\S+", message)
    names = [word for word in words if re.search(r"[\d'_()\[\]<>=∂…A-Z]|:$|^-?(inf|nan|int|str)\b", word)]
    return [name.strip(",;:.") for name in names]


@pytest.mark.parametrize("call, error, message", ROWS)
def test_a_bad_input_gets_a_message_that_names_this(call, error, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Exception) as caught:
        call()
    assert caught.type is error
    assert [word for word in named_in(message) if word not in str(caught.value)] == []
    assert len(str(caught.value).split()) >= len(message.split()) / 2          # not shortened to the names alone


def test_what_a_message_names_are_its_numbers_labels_and_code():
    assert named_in("draw: fold='all' is not a list; write fold=[w_h, 'o_1'] of 3 Values") == [
        "draw", "fold='all'", "fold=[w_h", "'o_1'", "]", "3", "Values"]


@pytest.mark.parametrize("function", [exp, log, sqrt, sin, cos, tanh, sigmoid, relu], ids=lambda f: f.__name__)
@pytest.mark.parametrize("given", [[0.5], (), "0.5", None, 1j, object()], ids=lambda x: type(x).__name__)
def test_every_free_function_names_itself_and_the_type_of_what_is_not_a_number(function, given):
    kind = type(given).__name__
    with pytest.raises(TypeError, match=f"^{function.__name__}: .* is of type {kind}; a Value holds one"):
        function(given)


@pytest.mark.parametrize("call, error, message", ROWS)
def test_a_message_is_one_short_line_that_shows_no_address(call, error, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value).isprintable() and len(str(caught.value)) < 300 and " at 0x" not in str(caught.value)
