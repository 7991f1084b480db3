"""Graphs for the page's engine, each made by Python from its leaves: a function of {label: number} that gives
(loss, unrolled or None), the numbers that are not given as they are."""

from minigrad import Value, dot, log_sum_exp, sigmoid
from minigrad.losses import binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, mse_loss
from minigrad.nn import GRU, LSTM, RNN, Linear

INPUTS = [1, 0.5, -1, 0.3, 0.8, -0.5, 1, -0.2, 0.4, 0.6]


def leaf(label, number, given):
    return Value(given.get(label, number), label=label)


def with_numbers(module, given):
    """The module, its weights set to the given numbers"""
    for weight in module.parameters():
        weight.data = given.get(weight.label, weight.data)
    return module


def start(size, given, symbol="o"):
    return [leaf(f"{symbol}_0[{k}]" if size > 1 else f"{symbol}_0", 0, given) for k in range(size)]


def inputs_of(xs, given):
    return [[leaf(f"x_{t}[{k}]" if len(x) > 1 else f"x_{t}", number, given) for k, number in enumerate(x)]
            for t, x in enumerate(xs, start=1)]


def scalar(given, xs, fused=False, truncate=None, w_h=0.8):
    rnn = RNN.from_weights(w_i=[[leaf("w_i", 0.5, given)]], w_h=[[leaf("w_h", w_h, given)]],
                           w_o=[[leaf("w_o", 1.2, given)]], fused=fused)
    return rnn, rnn.unroll(inputs_of([[x] for x in xs], given), start(1, given), truncate=truncate)


def lecture(given, xs=(1, 0.5, -1), **how):
    rnn, unrolled = scalar(given, xs, **how)
    y_hat = sigmoid(rnn.readout(unrolled.state)[0])
    loss = binary_cross_entropy(y_hat, leaf("y", 1, given))
    y_hat.label, loss.label = "y_hat", "L"
    return loss, unrolled


def ten_steps(given):
    return lecture(given, INPUTS, w_h=1.1)


def thirty_steps(given):
    rnn, unrolled = scalar(given, INPUTS * 3, fused=True, w_h=1.1)
    return binary_cross_entropy_with_logits(rnn.readout(unrolled.state)[0], leaf("y", 1, given)), unrolled.label()


def truncated(given):
    rnn, unrolled = scalar(given, INPUTS[:5], truncate=2)
    return mse_loss(rnn.readout(unrolled.state), [leaf("y", 1, given)]), unrolled


def constants(given):
    """A fused network whose inputs are plain numbers"""
    rnn = with_numbers(RNN(2, 2, bias=True, fused=True, seed=3), given)
    unrolled = rnn.unroll([[1, 0.5], [-1, 0.25], [0.75, -0.5]], start(2, given))
    return mse_loss(rnn.readout(unrolled.state), [leaf("y", 0.5, given)]), unrolled.label()


def units(given):
    rnn = with_numbers(RNN(2, 3, seed=1), given)
    unrolled = rnn.unroll(inputs_of([[1, 0.5], [-1, 0.3], [0.2, 0.8]], given), start(3, given))
    y_hat = sigmoid(rnn.readout(unrolled.state)[0])
    loss = binary_cross_entropy(y_hat, leaf("y", 1, given))
    y_hat.label, loss.label = "y_hat", "L"
    return loss, unrolled


def one_hot(given, words=(0, 2, 1, 2), network=RNN, hidden=2, truncate=None, **how):
    net = with_numbers(network(4, hidden, seed=2, **how), given)
    state = start(hidden, given), start(hidden, given, "c")
    unrolled = net.unroll(list(words), state if network is LSTM else state[0], truncate=truncate).label()
    return binary_cross_entropy_with_logits(net.readout(unrolled.state)[0], leaf("y", 1, given)), unrolled


def lstm(given):
    net = with_numbers(LSTM(1, 2, seed=4), given)
    state = start(2, given, "h"), start(2, given, "c")
    unrolled = net.unroll(inputs_of([[x] for x in INPUTS[:6]], given), state)
    return mse_loss(net.readout(unrolled.state), [leaf("y", 0.5, given)]), unrolled.label()


def gru(given):
    net = with_numbers(GRU(2, 2, bias=True, fused=True, seed=5), given)
    unrolled = net.unroll(inputs_of([[1, 0.5], [-1, 0.3], [0.2, 0.8], [0.1, -0.7]], given), start(2, given, "h"))
    return mse_loss(net.readout(unrolled.state), [leaf("y", 0.5, given)]), unrolled.label()


def perceptron(given):
    """An MLP of two layers, for three classes"""
    hidden, output = Linear(2, 3, seed=6), Linear(3, 3, seed=7)
    for layer, name in ((hidden, "h"), (output, "out")):
        for weight in layer.parameters():
            weight.label = f"{name}.{weight.label}"
        with_numbers(layer, given)
    z = hidden([leaf("x[0]", 0.7, given), leaf("x[1]", -1.1, given)])
    return cross_entropy(output([v.relu() + 0.1 * v.tanh() for v in z]), 1), None


def attention(given):
    """softmax(q·k)·v over three keys of two numbers"""
    q = [leaf(f"q[{k}]", number, given) for k, number in enumerate((0.5, -0.3))]
    keys = [[leaf(f"k_{j}[{k}]", (j + 1) * 0.3 - k, given) for k in range(2)] for j in range(3)]
    values = [leaf(f"v_{j}", number, given) for j, number in enumerate((1, -0.5, 2))]
    scores = [dot(q, key) / 2**0.5 for key in keys]
    total = log_sum_exp(scores)
    return (dot([(score - total).exp() for score in scores], values) - leaf("y", 0.5, given)) ** 2, None


def every_operation(given):
    a, b, c = leaf("a", 1.3, given), leaf("b", 0.7, given), leaf("c", -0.4, given)
    total = (a + b) - c * a / (b + 3) + (-c) + (+a) + abs(c) + a.exp().log() + (a * a + 1).sqrt()
    total = total + c.sin() * b.cos() + a.tanh() + b.sigmoid() * c.relu() + (a * a + 0.5) ** b + a**3
    total = total + (b * b + 0.1) ** 0.5
    total = total + dot([a, b, c], [b, c, a]) + log_sum_exp([a, b, c, a]) + cross_entropy([a, b, c], 2) + a * a
    total = total + (b * b + 1) ** -2 + (b * b + 1) ** -1.5 + 2 - a + 3 / (a * a + 1) + 2**c + a**0 + a**1
    return total + binary_cross_entropy_with_logits(a * c, leaf("y", 0.3, given)), None


def domains(given):
    """Operations without an answer everywhere"""
    a, b, c = leaf("a", 1.3, given), leaf("b", 0.7, given), leaf("c", 2.0, given)
    return a.log() + b.sqrt() + 1 / (a - c) + (a - b) ** c + b**-0.5 + (a * 400).exp() * 1e-170 + (b * c) ** -1, None


GRAPHS = {function.__name__: function for function in (
    lecture, ten_steps, thirty_steps, truncated, constants, units, one_hot, lstm, gru, perceptron, attention,
    every_operation)}
