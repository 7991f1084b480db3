"""A network in layers, an LSTM cell and an attention step: what is drawn is what the graph holds."""

import random
import re
import runpy
from itertools import pairwise

import pytest
from conftest import ROOT

from minigrad import Value, tanh
from minigrad.draw import draw
from minigrad.draw.options import Options
from minigrad.draw.picture import Quantity, cells_of
from minigrad.draw.views import picture_of, select_view
from minigrad.draw.views.layers import layers_of
from minigrad.losses import mse_loss
from minigrad.nn import LSTM, RNN, Linear
from minigrad.snapshot import Edge, Snapshot

images = runpy.run_path(str(ROOT / "examples" / "redraw_images.py"))


def network(sizes: list[int]) -> Value:
    values = [Value(x, label=f"x_{k}") for k, x in enumerate([0.5, -1, 0.3][: sizes[0]])]
    for k, (given, made) in enumerate(pairwise(sizes)):
        values = [tanh(z) for z in Linear(given, made, seed=k)(values)]
    return mse_loss(values, [0.3] * sizes[-1])


@pytest.mark.parametrize("sizes", [[2, 3, 1], [3, 4, 4, 2], [2, 2, 2, 2]])
def test_neurons_stand_by_layer_in_the_order_in_which_they_were_made(sizes):
    snapshot = Snapshot(network(sizes))
    assert [len(layer) for layer in layers_of(snapshot)] == sizes[1:]
    picture = picture_of(snapshot, "auto", Options())
    at = {box.shows[0]: box.at for box in picture.boxes if len(box.shows) == 1}
    for layer in layers_of(snapshot):
        xs, ys = zip(*[at[neuron.out] or () for neuron in layer])
        assert len(set(xs)) == 1 and list(ys) == sorted(ys, reverse=True)
        made = [snapshot.order.index(neuron.out) for neuron in layer]
        assert made == sorted(made)


def test_the_tables_hold_every_weight_and_its_gradient_once():
    loss = network([2, 3, 1])
    loss.backward()
    snapshot = Snapshot(loss)
    weights = {v for v in snapshot.order if snapshot.role[v] == "weight"}
    tables = [box for box in picture_of(snapshot, "layers", Options()).boxes if box.kind == "bar"]
    shown = [quantity for table in tables for _, cell in cells_of(table) for quantity in cell.quantities]
    for kind in ("data", "gradient"):
        assert sorted(id(q.of[0]) for q in shown if q.kind == kind) == sorted(map(id, weights)) and len(weights) == 13
    assert all(q.number == (q.of[0].data if q.kind == "data" else q.of[0].grad) for q in shown)


def test_what_flows_to_a_neuron_adds_up_to_its_gradient():
    loss = network([3, 4, 2])
    loss.backward()
    snapshot = Snapshot(loss)
    arrived: dict[Value, float] = {}
    for arrow in picture_of(snapshot, "layers", Options()).arrows:
        for edge in arrow.shows:
            if isinstance(arrow.flow, Quantity) and isinstance(edge, Edge) and edge.operand.operands:
                arrived[edge.operand] = arrived.get(edge.operand, 0) + arrow.flow.number
    assert len(arrived) == 4 + 2
    assert all(x == pytest.approx(value.grad, rel=1e-12) for value, x in arrived.items())


def test_what_is_no_network_of_layers_is_drawn_as_a_graph():
    a, b = Value(2, label="a"), Value(3, label="b")
    for loss in (a * b + a, (a * b).tanh(), network([2, 3, 1]) + network([2, 3, 1]).exp() * a):
        assert select_view(Snapshot(loss), "auto", Options()) == "graph"
    with pytest.raises(ValueError, match="view 'layers' cannot show this: there are no two layers"):
        draw(a * b + a, view="layers")


@pytest.mark.parametrize("size", [1, 2])
def test_a_cell_shows_its_gates_and_what_they_add_up_to(size):
    source = random.Random(2)
    unrolled = LSTM(1, size, seed=3).unroll([[source.uniform(-1, 1)] for _ in range(3)])
    loss = mse_loss(unrolled.state, [0.5] * size)
    loss.backward()
    picture = picture_of(Snapshot(loss, [unrolled]), "cell", Options(highlight=2))
    boxes = {box.id: box for box in picture.boxes}
    assert boxes["f"].shows == tuple(unrolled[1].gates["f"]) and boxes["c"].shows == tuple(unrolled[1].cell)
    kept, written = boxes["kept"].shows, boxes["written"].shows
    assert [a.data + b.data for a, b in zip(kept, written)] == [c.data for c in unrolled[1].cell]
    into = {(arrow.tail.split(":")[0], arrow.head.split(":")[0]) for arrow in picture.arrows}
    assert {("c0", "kept"), ("f", "kept"), ("kept", "c"), ("written", "c"), ("c", "tanh"), ("o", "h"), ("h0", "g"),
            ("x", "o")} <= into and len(into) == 8 + 8 + 1 + 2


def test_an_attention_step_shows_weights_that_add_up_to_1():
    loss = images["attention"]()
    boxes = {box.id: box for box in picture_of(Snapshot(loss), "attention", Options()).boxes}
    weights = [boxes[f"a{t}"].shows[0] for t in (1, 2, 3)]
    states = [boxes[f"o{t}"].shows[0] for t in (1, 2, 3)]
    assert sum(a.data for a in weights) == pytest.approx(1, rel=1e-12)
    assert sum(a.data * o.data for a, o in zip(weights, states)) == pytest.approx(loss.data, rel=1e-12)


def test_views_that_do_not_fit_say_why():
    unrolled = RNN(1, 1).unroll([[1]])
    with pytest.raises(ValueError, match="view 'cell' cannot show this: the network is not an LSTM"):
        draw(mse_loss(unrolled.state, [0.5]), unrolled, "cell")
    with pytest.raises(ValueError, match="view 'attention' cannot show this"):
        draw(Value(1) * 2, view="attention")


def test_a_weight_of_two_layers_is_named_and_drawn_as_a_graph():
    x, w = [Value(1, label="x_1"), Value(-0.5, label="x_2")], [Value(k / 4, label=f"w_{k}") for k in range(1, 5)]
    hidden = [tanh(w[0] * x[0] + w[1] * x[1]), tanh(w[2] * x[0] + w[3] * x[1])]
    loss = mse_loss([tanh(w[0] * hidden[0] + w[1] * hidden[1])], [0.5])
    message = "cannot show this: w₁ is used 2 times, and the tables have one place for each weight"
    with pytest.raises(ValueError, match=re.escape(message)):
        draw(loss, view="layers")
    assert select_view(Snapshot(loss), "auto", Options()) == "graph"
