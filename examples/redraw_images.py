"""A tool, not a lesson: draws every picture that the README shows, into examples/images.

    python examples/redraw_images.py

Each picture is written twice: as .gv, the DOT text, which a test holds to the byte; and as .svg.  The animation, whose
scenes are many DOT texts, is an .svg alone.
"""

import contextlib
import math
import random
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from minigrad import Value, dot, exp, log_sum_exp, sigmoid
from minigrad.cli.vanishing import CELLS, NORMS, compare_cells, flow, random_inputs
from minigrad.draw import Drawing, animation, draw
from minigrad.draw.plot import Panel, plot
from minigrad.graph import gradients
from minigrad.losses import binary_cross_entropy
from minigrad.nn import LSTM, RNN, Unrolled

HERE = Path(__file__).parent / "images"


def lecture(inputs: list[float]) -> tuple[Value, Unrolled]:
    """The lecture's network: w_i = 0.5, w_h = 0.8, w_o = 1.2, y = 1"""
    rnn = RNN.from_weights(w_i=[[0.5]], w_h=[[0.8]], w_o=[[1.2]])
    return with_loss(rnn, rnn.unroll([[x] for x in inputs]))


def words() -> tuple[Value, Unrolled]:
    """Three units over the one-hot words cat, mat, rat"""
    rows = range(3)
    rnn = RNN.from_weights(
        w_i=[[math.sin(1 + 3 * r + c) / 2 for c in rows] for r in rows],
        w_h=[[math.cos(1 + 3 * r + c) / 2 for c in rows] for r in rows],
        w_o=[[math.sin(10 + r) for r in rows]],
    )
    return with_loss(rnn, rnn.unroll([0, 1, 2]))


def with_loss(rnn: RNN | LSTM, unrolled: Unrolled) -> tuple[Value, Unrolled]:
    y_hat = sigmoid(rnn.readout(unrolled.state)[0])
    loss = binary_cross_entropy(y_hat, 1)
    y_hat.label, loss.label = "y_hat", "L"
    return loss, unrolled


def two_roads() -> tuple[Value, Unrolled]:
    """An LSTM whose forget gate is open, f_t ≈ 0.95, and whose w_h… are small: the gradient comes back along c"""
    gates: dict = {f"{w}{gate}": [[size]] for w, size in (("w_i", 0.5), ("w_h", 0.05)) for gate in "ifgo"}
    lstm = LSTM.from_weights(**gates, w_o=[[2]], b_hi=[0], b_hf=[3], b_hg=[0], b_ho=[0])
    return with_loss(lstm, lstm.unroll([[x] for x in (1, 0.5, -1, 0.3, 0.8, -0.4)]))


def ten() -> list[float]:
    source = random.Random(3)
    return [round(source.uniform(-1, 1), 1) for _ in range(10)]


def neuron() -> Value:
    """tanh(x_1·w_1 + x_2·w_2 + b)"""
    x, w = [Value(2, label="x_1"), Value(0, label="x_2")], [Value(-3, label="w_1"), Value(1, label="w_2")]
    n = x[0] * w[0] + x[1] * w[1] + Value(6.88, label="b")
    n.label = "n"
    o = n.tanh()
    o.label = "o"
    return o


def mlp() -> Value:
    """Two inputs, three neurons, one output, and its squared error"""
    source = random.Random(4)
    x = [Value(1, label="x_1"), Value(-0.5, label="x_2")]

    def layer(values: list[Value], size: int, letter: str) -> list[Value]:
        made = []
        for r in range(1, size + 1):
            weights = [Value(round(source.uniform(-1, 1), 2), label=f"w_{letter}{r}{c}") for c in range(len(values))]
            bias = Value(round(source.uniform(-1, 1), 2), label=f"b_{letter}{r}")
            total = sum((w * v for w, v in zip(weights, values)), bias)
            made.append(total.tanh())
            made[-1].label = f"{letter}_{r}" if size > 1 else letter
        return made

    [out] = layer(layer(x, 3, "h"), 1, "o")
    loss = (out - Value(1, label="y")) ** 2
    loss.label = "L"
    loss.backward()
    return loss


def attention() -> Value:
    """The mean of the states of the lecture's network, by how well each fits u"""
    unrolled = lecture([1, 0.5, -1])[1]
    u, states = Value(1.5, label="u"), [o for [o] in unrolled.states[1:]]
    scores = [dot([u], [o]) for o in states]
    total = log_sum_exp(scores)
    mean = dot([exp(e - total) for e in scores], states)
    mean.label = "L"
    mean.backward()
    return mean


def vanishing() -> Drawing:
    panels = [
        Panel(title, {f"w_h = {w_h:g}": list(enumerate(flow(w_h, inputs, "tanh").gradient_norms))
                      for w_h in (0.5, 1, 2)})
        for title, inputs in (("tanh, every x_t = 0", [0.0] * 50), ("tanh, inputs in (−1, 1)", random_inputs(50)))
    ]
    compared = compare_cells(random_inputs(50), "tanh")
    panels.append(Panel(CELLS, {name: list(enumerate(reached)) for name, reached in compared.items()}, NORMS))
    return plot(panels, "time step t", "|∂L/∂o_t|")


def pictures() -> Iterator[tuple[str, Drawing]]:
    """(file name without suffix, picture) of every image"""
    loss, unrolled = lecture([1, 0.5, -1])
    yield "forward", draw(loss, unrolled)
    loss.backward()
    yield "unrolled", draw(loss, unrolled)
    yield "rolled", draw(loss, unrolled, "rolled")
    yield "staircase", draw(loss, unrolled, "folded")
    yield "graph", draw(loss, unrolled, "graph")
    yield "fold", draw(loss, fold=[v for v in gradients(loss) if v.label])
    yield "highlight", draw(loss, unrolled, highlight=unrolled[1].state[0])
    source = random.Random(3)
    for steps in (10, 30):
        loss, unrolled = lecture([round(source.uniform(-1, 1), 1) for _ in range(steps)])
        loss.backward()
        yield f"staircase_{steps}", draw(loss, unrolled)
    loss, unrolled = words()
    loss.backward()
    yield "units", draw(loss, unrolled, captions=["cat", "mat", "rat"])
    loss, unrolled = two_roads()
    loss.backward()
    yield "lstm", draw(loss, unrolled)
    for name, options in OPTIONS.items():
        yield name, GALLERY["columns"](**options)
    yield "top_to_bottom", GALLERY["graph"](direction="TB")
    for name in ("layers", "cell", "attention"):
        yield name, GALLERY[name]()
    root = neuron()
    root.backward()
    yield "neuron", draw(root)
    yield "vanish", vanishing()
    with TemporaryDirectory() as unused, contextlib.chdir(unused), contextlib.redirect_stdout(None):
        lesson = runpy.run_path(str(HERE.parent / "09_types_of_rnn.py"))     # it prints, and saves its own pictures
    for shape in lesson["SEEN"]:
        outputs, unrolleds = lesson[shape]()
        yield shape, draw(lesson["with_loss"](outputs), unrolleds)


# ---------------------------------------------------------------------- every view once


def with_gradients(network: tuple[Value, Unrolled], view: str, **options) -> Drawing:
    loss, unrolled = network
    loss.backward()
    return draw(loss, unrolled, view, **options)


GALLERY = {
    "columns": lambda **options: with_gradients(lecture([1, 0.5, -1]), "columns", **options),
    "units": lambda **options: with_gradients(words(), "units", **options),
    "folded": lambda **options: with_gradients(lecture([1, 0.5, -1]), "folded", **options),
    "folded_10": lambda **options: with_gradients(lecture(ten()), "folded", **options),
    "rolled": lambda **options: with_gradients(lecture([1, 0.5, -1]), "rolled", **options),
    "shape": lambda **options: with_gradients(two_roads(), "shape", **options),
    "layers": lambda **options: draw(mlp(), **options),
    "cell": lambda **options: with_gradients(two_roads(), "cell", **{"highlight": 3} | options),
    "attention": lambda **options: draw(attention(), view="attention", **options),
    "graph": lambda **options: with_gradients(lecture([1, 0.5, -1]), "graph", **options),
}


OPTIONS: dict[str, dict] = {
    "slide": {"aspect": "16:9"}, "dark": {"theme": "dark"}, "digits": {"digits": 2}, "no_legend": {"legend": False},
}


def main(directory: Path) -> int:
    for name, drawing in pictures():
        drawing.save(directory / f"{name}.gv")
        print(drawing.save(directory / f"{name}.svg"))
    print(animation(*lecture([1, 0.5, -1])).save(directory / "bptt.svg"))
    return 0


if __name__ == "__main__":
    sys.exit(main(HERE))
