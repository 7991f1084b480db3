"""A picture speaks of a reader's own graph: its letters, its labels, its words, and one box for a loss."""

import re
import xml.etree.ElementTree as ElementTree

import pytest
from conftest import lecture, with_underscores

from minigrad import Value, log, sigmoid, tanh
from minigrad.draw import draw
from minigrad.folding import loss_boxes
from minigrad.graph import gradients, topological_order
from minigrad.losses import binary_cross_entropy, mse_loss
from minigrad.nn import RNN, Step, Unrolled
from minigrad.replay import replay

XS = [1.0, 0.5, -1.0, 0.3, 0.2, 0.7, -0.4]


def loop(steps: int, symbol="h", names=("w_i", "w_h", "w_o", "y_hat", "L")) -> tuple[Value, Unrolled]:
    """The lecture's network in a time loop of one's own, its states called symbol_1, symbol_2, …"""
    w_i, w_h, w_o = (Value(w, label=label) for w, label in zip((0.5, 0.8, 1.2), names))
    state = Value(0, label=f"{symbol}_0")
    unrolled = Unrolled([state], [])
    for t, number in enumerate(XS[:steps], start=1):
        x = Value(number, label=f"x_{t}")
        state = tanh(x * w_i + state * w_h)
        state.label = f"{symbol}_{t}"
        unrolled.steps.append(Step(t, [x], [state]))
    y_hat = sigmoid(state * w_o)
    loss = binary_cross_entropy(y_hat, 1)
    y_hat.label, loss.label = names[3:]
    loss.backward()
    return loss, unrolled


def words(drawing) -> list[str]:
    """Every text of the picture, as it is printed"""
    svg = ElementTree.fromstring(with_underscores(drawing.svg()))
    found = [" ".join("".join(e.itertext()).split()) for e in svg.iter() if e.tag.endswith("}text")]
    return list(filter(None, found))


# ---------------------------------------------------------------------- letters and labels


@pytest.mark.parametrize("view", ["columns", "folded", "rolled", "shape", "graph"])
@pytest.mark.parametrize("steps", [3, 7])
def test_the_letters_of_a_loop_of_ones_own_stay_in_every_view(view, steps):
    if view == "columns" and steps > 4:
        steps = 4
    source = draw(*loop(steps), view=view).source
    assert "h₁" in source and f"h{'₀₁₂₃₄₅₆₇'[steps]}" in source
    assert not re.search("[^a-zA-Z]o(_t|_0|[₀-₉ₜ])", source)           # the lecture's letter


def test_the_staircase_and_a_folded_step_speak_of_the_makers_letter():
    shown = words(draw(*loop(3), view="folded"))
    assert "∂L/∂h₃" in shown and "∂h₃/∂h₂" in shown and "∂⁺h₁/∂w_h" in shown


def test_an_automatic_name_is_never_a_label():
    v_6, a = Value(2.0, label="v_6"), Value(0.1, label="a")
    x = v_6
    for _ in range(8):
        x = tanh(x * a) + v_6
    x.backward()
    boxes = re.findall(r'<TD ALIGN="LEFT"><B>(.*?)</B>', draw(x).source)
    assert len(boxes) == len(set(boxes)), boxes
    named = {event.operand: re.findall(": (.*) gets", event.description)[0] for event in replay(x)}
    assert named[v_6] == "v₆" and len(set(named.values())) == len(named)


LONG = ("the_weight_of_the_input", "the_weight_of_the_state", "the_weight_of_the_output", "the_prediction_of_it_all",
        "the_loss_of_the_whole_network")


@pytest.mark.parametrize("view", ["columns", "folded", "rolled", "shape", "graph"])
def test_a_long_label_is_shortened_where_one_sees_it(view):
    shown = " ".join(words(draw(*loop(3, "memory_of_the_network", LONG), view=view)))
    assert "…" in shown and "v₀" not in shown


@pytest.mark.parametrize("view", ["columns", "folded", "shape", "graph"])
def test_a_long_label_is_whole_in_the_tooltip_and_does_not_push_boxes_into_each_other(view, engine):
    drawing = draw(*loop(3, "memory_of_the_network", LONG), view=view)
    assert "the_loss_of_the_whole_network" in " ".join(re.findall(r'tooltip="([^"]*)"', drawing.source))
    boxes = boxes_of(drawing)
    assert len(boxes) > 4
    for k, (x, y, right, top) in enumerate(boxes):
        for left, bottom, x_2, y_2 in boxes[k + 1:]:
            assert right <= left or x_2 <= x or top <= bottom or y_2 <= y


def boxes_of(drawing) -> list[tuple[float, float, float, float]]:
    """The rectangles around the frames of the Values"""
    found = []
    for group in ElementTree.fromstring(drawing.svg()).iter("{http://www.w3.org/2000/svg}g"):
        if (group.get("class") or "").startswith("node v"):
            numbers = [re.findall(r"-?[\d.]+", path.get("d") or "") for path in group.iter("{http://www.w3.org/2000/svg}path")]
            points = [float(n) for path in numbers for n in path]
            found.append((min(points[::2]), min(points[1::2]), max(points[::2]), max(points[1::2])))
    return found


# ---------------------------------------------------------------------- captions


@pytest.mark.parametrize("view", ["columns", "folded", "rolled", "shape", "graph"])
def test_captions_stand_in_every_view(view):
    shown = " ".join(words(draw(*loop(3), view=view, captions=["never", "so", "good"])))
    assert all(word in shown for word in ("never", "so", "good"))


def test_captions_are_refused_where_an_input_has_no_box():
    rnn = RNN(4, 1)
    unrolled = rnn.unroll([2, 0, 1])
    loss = mse_loss(rnn.readout(unrolled.state), [1])
    with pytest.raises(ValueError, match="captions: the input of step 1 has no box in view 'graph'; view='folded'"):
        draw(loss, unrolled, view="graph", captions=["a", "b", "c"])
    with pytest.raises(ValueError, match="2 captions for 3 steps"):
        draw(loss, unrolled, view="graph", captions=["a", "b"])


# ---------------------------------------------------------------------- fold


def test_fold_takes_labels_names_and_values():
    loss, unrolled = loop(3)
    h_2 = unrolled[1].state[0]
    by_value = draw(loss, fold=[h_2, next(v for v in gradients(loss) if v.label == "y_hat")]).source
    assert draw(loss, fold=["h_2", "y_hat"]).source == draw(loss, fold=["h₂", "ŷ"]).source == by_value
    assert len(boxes_of(draw(loss, fold=["h_2", "y_hat"]))) == 3


def test_a_label_without_its_places_folds_to_every_unit():
    rnn = RNN(1, 3)
    unrolled = rnn.unroll([[1], [2]])
    loss = mse_loss(rnn.readout(unrolled.state), [1])
    assert len(boxes_of(draw(loss, fold=["o_1"]))) == 3 + 1


@pytest.mark.parametrize("fold, error, message", [
    (["z_9"], ValueError, r"fold: 'z_9' is not in the graph of .*; its labels are .*w_i"),
    ([Value(3, label="foreign")], ValueError, r"fold: Value\(3, grad=0, label='foreign'\) is not in the graph"),
    ([""], ValueError, "fold: '' is not in the graph"),
    ([5], TypeError, "fold=5 is neither a Value nor a label"),
    ("y_hat", TypeError, "fold='y_hat' is not a list"),
    (True, TypeError, "fold=True is not a list"),
])
def test_what_fold_cannot_find_is_refused_by_name(fold, error, message):
    with pytest.raises(error, match=message):
        draw(loop(3)[0], fold=fold)


@pytest.mark.parametrize("view", ["columns", "folded", "rolled", "shape"])
def test_fold_is_refused_by_a_view_that_does_not_fold(view):
    with pytest.raises(ValueError, match="`fold` goes with view='graph'"):
        draw(*loop(3), view=view, fold=["y_hat"])


# ---------------------------------------------------------------------- losses


def test_a_loss_is_one_box_unless_its_parts_are_asked_for():
    _, unrolled, _, loss = lecture()
    loss.backward()
    whole, parts = draw(loss, unrolled, "graph"), draw(loss, unrolled, "graph", fold=False)
    assert len(boxes_of(parts)) - len(boxes_of(whole)) > 6
    assert "BCE" in words(whole) and "log" not in words(whole)
    assert "BCE" not in words(parts) and words(parts).count("log") == 2
    assert "−2.074" in words(whole) and "× −2.074" in words(whole)


def test_a_mean_of_squares_is_one_box_of_every_number_of_terms():
    for n in (1, 2, 5):
        outputs = [Value(k / 3, label=f"s_{k}") * 2 for k in range(n)]
        loss = mse_loss(outputs, [0.5] * n)
        [(node, box)] = loss_boxes(topological_order(loss)).items()
        assert node is loss and box.name == "MSE"
        assert [v for v in box.operands if v.operands] == outputs and len(box.operands) == 2 * n
        assert gradients(loss, set(box.operands)).keys() == {loss, *box.operands, *box.inside}


def p(label="p"):
    return Value(0.3, label=label)


def labelled_part():
    y_hat, y = p(), p("y")
    part = log(y_hat)
    part.label = "my log"
    return -y * part - (1 - y) * log(1 - y_hat)


def used_part():
    y_hat, y = p(), p("y")
    part = -y * log(y_hat)
    return part - (1 - y) * log(1 - y_hat) + part


@pytest.mark.parametrize("make", [
    labelled_part, used_part,
    lambda: -p() * log(p()) - (1 - p()) * log(1 - p()),               # of four numbers, not of two
    lambda: (lambda q, y: -y * log(q) - (1 - y) * log(2 - q))(p(), p("y")),
    lambda: (lambda q, y: -y * log(q) + (1 - y) * log(1 - q))(p(), p("y")),
    lambda: ((p() - 1) ** 2 + (p() - 2) ** 2) / 3,
    lambda: ((p() - 1) ** 2 + (p() - 2) ** 3) / 2,
    lambda: p() - p("y"), lambda: p() / p("y"),
])
def test_what_only_looks_like_a_loss_or_has_a_part_of_its_own_is_not_folded(make):
    assert loss_boxes(topological_order(make())) == {}
