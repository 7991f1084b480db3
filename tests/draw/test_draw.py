"""Pictures: what they show is what the graph holds, with either engine, whatever the labels are."""

import copy
import os
import re
import subprocess
import sys
import warnings
import xml.etree.ElementTree as ElementTree

import pytest
from conftest import ROOT, lecture, with_underscores

from minigrad import Value, sigmoid
from minigrad.draw import Drawing, DrawingError, draw, engines, frames, theme
from minigrad.graph import gradients, topological_order
from minigrad.losses import binary_cross_entropy, binary_cross_entropy_with_logits, mse_loss
from minigrad.nn import GRU, LSTM, RNN, Step, Unrolled
from minigrad.notation import number, signed

HOSTILE = [
    "<b>bold</b>", "a & b", 'quote " quote', "back\\slash \\N \\G", "two\nlines", "{left|right}", "&lt;", "%s %d {0}",
    "<script>alert(1)</script>", "<i>]; evil [label=<i>", 'x" onload="alert(1)', "--> comment", "nul\0here",
    "lone \ud800 surrogate", "🙂", "שלום", "w" * 10_000,
]


@pytest.fixture
def no_engine(monkeypatch):
    monkeypatch.setattr(engines, "available", lambda: "")


def vector(hidden=3, steps=3, one_hot=False, fused=False, bias=False):
    """(unrolled, L) of an RNN with a vector for a state"""
    rnn = RNN(5, hidden, fused=fused, bias=bias, seed=2)
    xs = [t % 5 for t in range(steps)] if one_hot else [[t, 1, -t, 0.5, 2] for t in range(steps)]
    unrolled = rnn.unroll(xs)
    return unrolled, binary_cross_entropy(sigmoid(rnn.readout(unrolled.state)[0]), 1)


def pictures():
    """(view, unrolled, L) for each view, before backward()"""
    _, scalar, _, loss = lecture()
    unrolled, vector_loss = vector()
    _, long, _, long_loss = lecture(inputs=[(0.1 * t,) for t in range(30)])
    return [("columns", scalar, loss), ("units", unrolled, vector_loss), ("folded", long, long_loss)]


def texts(svg):
    svg = ElementTree.fromstring(with_underscores(svg))
    return [element.text or "" for element in svg.iter("{http://www.w3.org/2000/svg}text")]


def boxes(source):
    """{name: (left, right, bottom, top)} of the visible boxes, in inches, as the engine placed them"""
    found = {}
    for line in engines.render(source, "plain").decode().splitlines():
        part = line.split()
        if part[0] == "node" and not re.match(r"step|title|corner|l\w*_", part[1]):
            x, y, w, h = map(float, part[2:6])
            found[part[1]] = (x - w / 2, x + w / 2, y - h / 2, y + h / 2)
    return found


def test_the_lectures_picture_shows_every_value_gradient_and_term(engine):
    rnn, unrolled, _, loss = lecture()
    loss.backward()
    shown = texts(draw(loss, unrolled).svg())
    for node in [v for v in gradients(loss) if v.label and not v.label.startswith("x") and v.label != "y"]:
        assert number(node.data) in shown and signed(node.grad) in shown
    for words in ("o₁", "z₂", "x₃·w_i", "o₀·w_h", "ŷ", "BCE", "t = 3", "output", "∂L/∂w_h"):
        assert words in shown
    for term in ("−0.217", "−0.1725", "+0.6191", "0", "−0.1594", "−0.3411"):
        assert term in shown
    assert "t = 2: −0.345 × 0.4621" in [text.replace("\xa0", " ") for text in shown]
    assert number(rnn.w_o[0][0].data) in shown


def test_the_lectures_picture_draws_an_edge_for_every_operand_of_the_cells_and_of_the_output(engine):
    _, unrolled, _, loss = lecture()
    loss.backward()
    cells_and_readout = [v for v in topological_order(unrolled.state[0]) if v.operands]
    expected = sum(len(v.operands) for v in cells_and_readout) + 2 + 1 + 2        # s, ŷ, and L folded: ŷ and y
    assert draw(loss, unrolled).svg().count('class="edge') == expected == 26


@pytest.mark.parametrize("view", ["columns", "units", "folded"])
def test_boxes_do_not_overlap(view, engine):
    for name, unrolled, loss in pictures():
        if name == view:
            loss.backward()
            found = list(boxes(draw(loss, unrolled, view).source).values())
            assert len(found) > 10
            for k, (left, right, bottom, top) in enumerate(found):
                for other_left, other_right, other_bottom, other_top in found[:k]:
                    apart = left >= other_right or other_left >= right or bottom >= other_top or other_bottom >= top
                    assert apart


@pytest.mark.parametrize("bias", [False, True])
def test_a_column_of_the_ledger_stands_over_its_step(bias, engine):
    rnn = RNN(1, 1, bias=bias, seed=1)
    unrolled = rnn.unroll([[1], [0.5], [-1]])
    loss = binary_cross_entropy_with_logits(rnn.readout(unrolled.state)[0], 1)
    loss.backward()
    lines = [line.split() for line in engines.render(draw(loss, unrolled).source, "plain").decode().splitlines()]
    from_bar = [part for part in lines if part[0] == "edge" and part[1] in ("n0", "n1", "n2", "n3") and part[3] == "4"]
    vertical = [abs(float(part[4]) - float(part[10])) < 0.06 for part in from_bar]
    assert sum(vertical) >= 6


def test_before_backward_a_picture_shows_data_alone():
    for view, unrolled, loss in pictures():
        before = draw(loss, unrolled, view).source
        assert "∂L/∂" not in before and "gradient" not in before
        loss.backward()
        after = draw(loss, unrolled, view).source
        assert "∂L/∂" in after and "gradient" in after and ">+1<" in after and ">+1<" not in before


def test_drawing_never_changes_a_graph():
    for view, unrolled, loss in pictures():
        loss.backward()
        state = [(v, v.data, v.grad, v.label, v.operands, v.partials) for v in gradients(loss)]
        draw(loss, unrolled, view)
        assert state == [(v, v.data, v.grad, v.label, v.operands, v.partials) for v in gradients(loss)]


def test_a_picture_is_right_whatever_grad_holds():
    for view, unrolled, loss in pictures():
        loss.backward()
        once = draw(loss, unrolled, view).source
        loss.backward()
        twice = draw(loss, unrolled, view).source     # with a note that memory holds something else
        assert [line for line in twice.splitlines() if "\tcaption " not in line] == once.splitlines()


def test_the_same_program_draws_the_same_text_in_every_process():
    program = (
        "import sys; sys.path[:0] = ['tests', 'tests/draw']; import test_draw\n"
        "for view, u, loss in test_draw.pictures():\n"
        "    loss.backward(); sys.stdout.buffer.write(test_draw.draw(loss, u, view).source.encode())"
    )
    outputs = set()
    for seed in ("0", "1", "2", "random"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        here = ROOT
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, cwd=here, env=environment, capture_output=True, check=True)
        outputs.add(done.stdout)
    assert len(outputs) == 1 and len(outputs.pop()) > 10_000


def test_auto_picks_the_view_that_can_be_read():
    def view_of(unrolled, loss):
        source = draw(loss, unrolled).source
        return "columns" if "step1" in source else "units" if "o₁[0]" in source else "folded"

    rnn = RNN(1, 1, fused=True)
    fused = rnn.unroll([[1], [2]])
    assert view_of(*lecture()[1:4:2]) == "columns"
    assert view_of(*lecture(inputs=[(1,)] * 5)[1:4:2]) == "folded"
    assert view_of(fused, mse_loss(rnn.readout(fused.state), [1])) == "folded"
    assert view_of(*vector(hidden=4, steps=6)) == "units"
    assert view_of(*vector(hidden=5)) == "folded"


@pytest.mark.parametrize(
    ("view", "steps", "hidden", "message"),
    [
        ("columns", 5, 1, "5 steps are more than 4"),
        ("columns", 3, 2, "inputs and states must be single numbers"),
        ("units", 7, 2, "7 steps are more than 6"),
        ("units", 2, 5, "5 units are more than 4"),
        ("units", 2, 1, "the state is a single number"),
        ("rows", 2, 2, "there is no view 'rows'"),
    ],
)
def test_a_view_that_cannot_show_a_graph_says_why(view, steps, hidden, message):
    rnn = RNN(1, hidden)
    unrolled = rnn.unroll([[1]] * steps)
    with pytest.raises(ValueError, match=message):
        draw(mse_loss(rnn.readout(unrolled.state), [1]), unrolled, view)


def test_captions_must_be_one_for_each_step():
    unrolled, loss = vector()
    with pytest.raises(ValueError, match="2 captions for 3 steps"):
        draw(loss, unrolled, captions=["a", "b"])


def test_words_head_the_columns_that_they_picked(engine):
    unrolled, loss = vector(one_hot=True, fused=True, bias=True)
    loss.backward()
    shown = texts(draw(loss, unrolled, captions=["not", "very", "good"]).svg())
    assert shown.count("good") == 2 and shown.count("w_o[0][1]") == 1 and "∂L/∂b_h (sum)" in shown


@pytest.mark.parametrize("view", ["columns", "units", "folded"])
def test_a_label_is_shown_as_text_and_nothing_else(view, engine):
    unrolled, loss = next((u, loss) for name, u, loss in pictures() if name == view)
    loss.backward()
    plain = ElementTree.fromstring(draw(loss, unrolled, view).svg())
    labelled = [v for v in topological_order(loss) if v.label]
    for first in range(0, len(HOSTILE), len(labelled)):
        for k, value in enumerate(labelled):
            value.label = HOSTILE[(first + k) % len(HOSTILE)] + ("[0][1]" if value.label.endswith("]") else "")
        captions = [HOSTILE[t % len(HOSTILE)] for t in range(len(unrolled))]
        root = ElementTree.fromstring(draw(loss, unrolled, view, captions=captions).svg())     # well-formed XML
        groups = [[e for e in picture.iter() if e.get("class") == "node v mid"] for picture in (plain, root)]
        assert len(groups[0]) == len(groups[1])
        assert not any(element.tag.endswith(("script", "image", "}b", "}i")) for element in root.iter())
        assert not any("href" in key and value for e in root.iter() for key, value in e.attrib.items())
        assert not any(key.startswith("on") for e in root.iter() for key in e.attrib)


def test_many_steps_are_folded_and_any_number_is_drawn(engine):
    rnn = RNN(1, 1, seed=4)
    unrolled = rnn.unroll([[0.5]] * 1000)
    loss = mse_loss(rnn.readout(unrolled.state), [1])
    loss.backward()
    drawing = draw(loss, unrolled)
    svg = drawing.svg()
    assert "t = 3 … 992" in svg and "990 steps" in svg
    assert len(boxes(drawing.source)) < 25


def test_many_to_many_says_what_each_output_sends_back():
    rnn = RNN(1, 1, seed=1)
    unrolled = rnn.unroll([[0.3], [0.4], [0.1]])
    loss = mse_loss([rnn.readout(step.state)[0] for step in unrolled], [1, 1, 1])
    loss.backward()
    assert len(re.findall(r">out: [+−]", draw(loss, unrolled).source)) == 3
    rnn = RNN(2, 5, seed=1)
    unrolled = rnn.unroll([[0.3, 1], [0.4, -1]])
    loss = mse_loss([rnn.readout(step.state)[0] for step in unrolled], [1, 1])
    loss.backward()
    assert len(re.findall(r">out: \d", draw(loss, unrolled).source)) == 2          # a norm has no sign


def test_many_to_many_shows_what_reaches_the_last_state_on_the_arrow_to_the_loss():
    rnn = RNN(1, 1, seed=1)
    unrolled = rnn.unroll([[0.3], [0.4], [0.1]])
    outputs = [rnn.readout(step.state)[0] for step in unrolled]
    for t, s in enumerate(outputs, start=1):
        s.label = f"s_{t}"
    loss = mse_loss(outputs, [1, 1, 1])
    loss.backward()
    source = draw(loss, unrolled, "folded").source
    assert "∂L/∂o₃" in source and "∂L/∂s" not in source and f"× {number(unrolled.state[0].grad)}" in source


@pytest.mark.parametrize(
    ("suffix", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("gv", b"digraph")]
)
def test_each_format_is_what_it_says(suffix, start, engine, tmp_path):
    _, unrolled, _, loss = lecture()
    path = draw(loss, unrolled).save(tmp_path / f"a picture – ŷ.{suffix}")
    assert path.read_bytes().startswith(start)
    assert os.listdir(tmp_path) == [path.name]


def test_without_an_engine_the_error_tells_both_remedies_and_nothing_is_written(no_engine, tmp_path):
    _, unrolled, _, loss = lecture()
    with pytest.raises(DrawingError, match=r"install Graphviz .* pip install 'minigrad-rnn\[dot\]'.*\.gv always works"):
        draw(loss, unrolled).save(tmp_path / "x.svg")
    assert os.listdir(tmp_path) == []
    assert draw(loss, unrolled).save(tmp_path / "x.gv").is_file()


def test_an_engine_that_takes_too_long_is_stopped(engine):
    _, unrolled, _, loss = lecture()
    with pytest.raises(DrawingError, match=r"took longer than 0\.001 s"):
        engines.render(draw(loss, unrolled).source, "svg", seconds=0.001)


def test_an_engine_that_fails_is_an_error_and_keeps_the_old_file(engine, tmp_path):
    path = tmp_path / "x.svg"
    path.write_text("old")
    broken = Drawing("digraph { this is [ no DOT")
    with pytest.raises(DrawingError, match=f"{engine} could not draw"):
        broken.save(path)
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["x.svg"]


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("x.jpg", ValueError, r"must end in \.svg, \.png, \.pdf or \.gv"),
        ("no/x.svg", FileNotFoundError, "no directory"),
    ],
)
def test_a_path_that_cannot_be_is_refused(name, error, message, tmp_path):
    _, unrolled, _, loss = lecture()
    with pytest.raises(error, match=message):
        draw(loss, unrolled).save(tmp_path / name)


def test_a_notebook_gets_the_picture_and_ids_do_not_collide(engine):
    (_, first, first_loss), (_, second, second_loss), _ = pictures()
    shown = [draw(first_loss, first)._repr_mimebundle_(), draw(second_loss, second)._repr_mimebundle_()]
    ids = [set(re.findall(r'\bid="([^"]+)"', bundle["image/svg+xml"])) for bundle in shown]
    assert ids[0] and ids[1] and not ids[0] & ids[1]


def test_a_notebook_without_an_engine_says_what_to_install(no_engine):
    _, unrolled, _, loss = lecture()
    bundle = draw(loss, unrolled)._repr_mimebundle_()
    assert list(bundle) == ["text/plain"] and "pip install" in bundle["text/plain"]


def test_fractions_and_values_of_values_can_be_drawn():
    from fractions import Fraction

    rnn = RNN.from_weights([[Fraction(1, 3)]], [[Fraction(1, 2)]], [[2]], activation="identity")
    unrolled = rnn.unroll([[1], [2]])
    loss = mse_loss(rnn.readout(unrolled.state), [1])
    loss.backward()
    assert "0.3333" in draw(loss, unrolled).source
    rnn = RNN.from_weights([[Value(Value(0.5))]], [[Value(Value(0.8))]], [[Value(Value(1.2))]])
    unrolled = rnn.unroll([[1], [2]])
    loss = mse_loss(rnn.readout(unrolled.state), [1])
    loss.backward()
    assert "0.8" in draw(loss, unrolled).source


def test_weights_can_be_copied_after_drawing():
    rnn, unrolled, _, loss = lecture()
    draw(loss, unrolled)
    assert copy.deepcopy(rnn).w_h[0][0].data == 0.8


# ---------------------------------------------------------------------- any graph


def neuron():
    x, w = [Value(2.0, label="x_1"), Value(0.0, label="x_2")], [Value(-3.0, label="w_1"), Value(1.0, label="w_2")]
    n = x[0] * w[0] + x[1] * w[1] + Value(6.88, label="b")
    n.label = "n"
    o = n.tanh()
    o.label = "o"
    return o


def test_any_graph_has_a_box_for_every_value_and_an_edge_for_every_operand(engine):
    for root in (neuron(), lecture()[3], (lambda a: a * a + 3 * a)(Value(2.0, label="a"))):
        root.backward()
        svg = ElementTree.fromstring(draw(root, fold=False).svg())
        classes = [element.get("class") or "" for element in svg.iter()]
        nodes = gradients(root)
        assert len([c for c in classes if c.startswith("node v")]) == len(nodes)
        assert len([c for c in classes if c.startswith("edge")]) == sum(len(node.operands) for node in nodes)


def test_x_times_x_has_two_edges():
    x = Value(3.0, label="x")
    (x * x).backward()
    assert draw(x * x).source.count("n0 -> n1") == 2


def test_a_weight_of_many_uses_is_a_stub_at_each_and_a_ledger(engine):
    _, unrolled, _, loss = lecture()
    loss.backward()
    shown = texts(draw(loss, unrolled, "graph").svg())
    assert shown.count("w_h") == 3 + 1 and "∂L/∂w_h" in shown and shown.count("−0.1594") == 2
    for words in ("t = 1", "t = 2", "t = 3", "output"):
        assert words in shown


def test_fold_keeps_the_named_values_and_its_edges_are_the_lectures_derivatives(engine):
    _, _, _, loss = lecture()
    loss.backward()
    shown = texts(draw(loss, fold=[v for v in gradients(loss) if v.label]).svg())
    for words in ("× 0.7972", "× 0.549", "× 0.2996", "× −2.074", "o₂", "ŷ"):
        assert words in shown
    assert "z₂" not in shown and "tanh" not in shown


def test_boxes_of_any_graph_do_not_overlap(engine):
    _, unrolled, _, loss = lecture()
    loss.backward()
    found = list(boxes(draw(loss, unrolled, "graph").source).values())
    for k, (left, right, bottom, top) in enumerate(found):
        for other_left, other_right, other_bottom, other_top in found[:k]:
            assert left >= other_right or other_left >= right or bottom >= other_top or other_bottom >= top


def test_a_graph_too_large_to_read_is_refused_at_once_with_the_way_out():
    rnn = RNN(4, 6, seed=1)
    unrolled = rnn.unroll([[1, 2, 3, 4]] * 10)
    loss = mse_loss(rnn.readout(unrolled.state), [1])
    with pytest.raises(ValueError, match=r"would have \d+ boxes, more than 200; use view='folded'"):
        draw(loss, unrolled, "graph")
    with pytest.raises(ValueError, match=r"use fold=\[…\] with fewer Values"):
        draw(loss)


@pytest.mark.parametrize("view", ["columns", "units", "folded"])
def test_a_view_of_steps_needs_the_steps(view):
    with pytest.raises(ValueError, match="needs the `unrolled` RNN"):
        draw(neuron(), view=view)


# ---------------------------------------------------------------------- the staircase


def test_the_staircase_writes_every_factor_of_the_lectures_product(engine):
    _, unrolled, _, loss = lecture()
    loss.backward()
    shown = texts(draw(loss, unrolled, "folded").svg())
    assert shown.count("∂o₃/∂o₂") == 1 + 2 and shown.count("∂⁺o₂/∂w_h") == 1 and shown.count("× 0.3219") == 1
    assert [shown.count(f"via t = {t}") for t in (1, 2, 3)] == [1, 1, 1]
    for number_ in ("× 0.549", "× 0.5572", "−0.6213", "−0.1594", "−0.3411", "−0.5005"):
        assert number_ in shown


def test_ten_steps_are_ten_rows_and_thirty_fold_their_middle():
    for steps, rows in ((10, 10), (30, 11)):
        _, unrolled, _, loss = lecture(inputs=[(0.1 * t,) for t in range(steps)])
        loss.backward()
        assert draw(loss, unrolled).source.count("via t = ") == rows
    assert "sum of 20 paths" in draw(loss, unrolled).source


def test_the_rolled_picture_has_one_loop_and_the_same_weights_at_every_step(engine):
    _, unrolled, _, loss = lecture()
    shown = texts(draw(loss, unrolled, "rolled").svg())
    assert shown.count("w_h") == 3 and shown.count("w_i") == 1 + 3 and shown.count("w_o") == 1
    assert "w_h, one step later" in shown and "o_t" in shown and shown.count("tanh") == 1 + 3
    unrolled, loss = vector(steps=9, one_hot=True, bias=True)
    shown = texts(draw(loss, unrolled, "rolled").svg())
    assert "⋯" in shown and "o₉" in shown and "o₅" not in shown


def test_numbers_that_are_none_are_drawn_as_such(engine):
    w = Value(1e308, label="w")
    z = w * 10
    root = z * 2 - z
    root.label, root.grad = "L", 1
    assert {"∞", "NaN", "1e308"} <= set(texts(draw(root).svg()))


def test_two_weights_of_one_label_or_of_none_are_two_ledgers():
    source_of = {}
    for labels in (("", "", ""), ("w", "w", "w_o"), ("w_i", "w_h", "w_o")):
        w_i, w_h, w_o = (Value(v, label=label) for v, label in zip((0.5, 0.8, 1.2), labels))
        state, unrolled = [Value(0)], Unrolled([Value(0)], [])
        state = unrolled.initial
        for t, number_ in enumerate([1, 0.5, -1, 0.3, 0.1], start=1):
            x = [Value(number_, label=f"x_{t}")]
            state = [(x[0] * w_i + state[0] * w_h).tanh()]
            unrolled.steps.append(Step(t, x, state))
        loss = binary_cross_entropy((state[0] * w_o).sigmoid(), 1)
        loss.backward()
        source_of[labels] = draw(loss, unrolled).source
    counts = [source.count("ledger0") + source.count("staircase") for source in source_of.values()]
    assert counts[0] == counts[1] == counts[2]


def test_a_constant_in_a_cell_is_no_weight():
    w_i, w_h = Value(0.5, label="w_i"), Value(0.8, label="w_h")
    unrolled = Unrolled([Value(0)], [])
    state = unrolled.initial
    for t, number_ in enumerate([1, 0.5, -1], start=1):
        x = [Value(number_, label=f"x_{t}")]
        state = [(0.5 * (x[0] * w_i + state[0] * w_h)).tanh()]
        unrolled.steps.append(Step(t, x, state))
    loss = mse_loss(state, [1])
    loss.backward()
    source = with_underscores(draw(loss, unrolled, "folded").source)
    assert "∂L/∂w_i" in source and "∂L/∂w_h" in source and "∂L/∂weight" not in source


def test_layers_within_a_step_are_joined():
    unrolled, w = Unrolled([Value(0), Value(0)], []), [Value(0.3, label=f"w_{k}") for k in range(4)]
    low, high = unrolled.initial
    for t in (1, 2):
        x = Value(0.5, label=f"x_{t}")
        low = (x * w[0] + low * w[1]).tanh()
        high = (low * w[2] + high * w[3]).tanh()
        unrolled.steps.append(Step(t, [x], [low, high]))
    loss = mse_loss([high], [1])
    source = draw(loss, unrolled, "units").source
    assert len(re.findall(r"n\d+:s -> n\d+:n \[class=e", source)) == 2


def test_where_a_state_skips_a_step_no_single_product_is_claimed():
    w_i, w_h, w_s = (Value(x, label=label) for x, label in ((0.5, "w_i"), (0.8, "w_h"), (0.3, "w_s")))
    unrolled = Unrolled([Value(0)], [])
    states = [unrolled.initial, unrolled.initial]
    for t in range(1, 6):
        x = [Value(0.4 * t, label=f"x_{t}")]
        states.append([(x[0] * w_i + states[-1][0] * w_h + states[-2][0] * w_s).tanh()])
        unrolled.steps.append(Step(t, x, states[-1]))
    loss = mse_loss(states[-1], [1])
    loss.backward()
    source = with_underscores(draw(loss, unrolled).source)
    assert "staircase" not in source and "∂L/∂w_h" in source
    with pytest.raises(ValueError, match="a state is read by a later step than the next"):
        wide = Unrolled([Value(0), Value(0)], [Step(s.t, s.x, [*s.state, s.state[0] + 0]) for s in unrolled])
        draw(loss + wide.state[1], wide, "units")


@pytest.mark.parametrize("view", ["auto", "folded", "rolled", "shape"])
@pytest.mark.parametrize("net", [RNN(2, 2), RNN(2, 3, fused=True), LSTM(2, 2), GRU(1, 1)], ids=repr)
def test_a_loss_that_is_a_unit_of_the_last_state_is_drawn_without_a_second_box(net, view):
    unrolled = net.unroll([[0.5] * net.input_size] * 3)
    loss = unrolled.state[-1]
    loss.backward()
    source = draw(loss, unrolled, view).source
    assert source.count("loss") == 0


def test_units_needs_a_loss_of_every_unit():
    unrolled = RNN(2, 2, seed=1).unroll([[0.5, 1]] * 3)
    with pytest.raises(ValueError, match="the loss does not depend on every unit"):
        draw(unrolled.state[0], unrolled, "units")


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("xs", [[[1, 0.5], [0.5, -1], [0, 1]], [1, 0, 1]], ids=["vectors", "one-hot"])
def test_a_weight_that_was_changed_after_the_forward_pass_is_warned_of_and_named(xs, fused, bias):
    rnn = RNN(2, 3, bias=bias, fused=fused, seed=1)
    unrolled = rnn.unroll(xs)
    loss = binary_cross_entropy(sigmoid(rnn.readout(unrolled.state)[0]), 1)
    loss.backward()
    with warnings.catch_warnings():
        warnings.simplefilter("error")                # nothing was changed: no warning
        draw(loss, unrolled)
        draw(loss, unrolled, "shape")
    w = rnn.w_h[1][2]
    before, w.data = w.data, 0.25
    with pytest.warns(UserWarning, match=re.escape(f"draw: w_h[1][2] is 0.25, and was {number(before)} when")) as seen:
        draw(loss, unrolled)
    assert seen[0].filename == __file__


def test_the_page_and_the_frames_warn_of_a_changed_input_too(tmp_path):
    _, unrolled, _, loss = lecture()
    loss.backward()
    unrolled[1].x[0].data = 0.75
    with pytest.warns(UserWarning, match="frames: x_2 is 0.75, and was 0.5 when"):
        frames(loss, unrolled, tmp_path, form="gv")


def test_the_picture_of_any_graph_says_what_its_colours_mean_once_there_are_gradients():
    w = Value(-1.0, label="w")
    y = w * Value(2.0, label="x")
    assert "gold" not in draw(y).source
    y.backward()                                      # the largest gradient is ∂y/∂w = 2
    source = draw(y).source
    assert "gold: leaf with its gradient" in source
    for written, sign in (("−2", theme.LIGHT.negative), ("+2", theme.LIGHT.positive)):
        colour = theme.mix("#ffffff", sign, 0.6)
        assert re.search(rf'BGCOLOR="{colour}"[^>]*><FONT POINT-SIZE="10">{re.escape(written)}</FONT>', source)


@pytest.mark.parametrize(("make", "message"), [
    (Value, r"draw: w_i\[0\]\[0\] is 7, and was 0.5 when"),
    (float, r"draw: one of w_i\[0\]\[0\], w_i\[0\]\[1\], .*had another number when"),     # a constant keeps no weight
], ids=["Values", "constants"])
def test_a_changed_weight_of_a_dot_whose_last_weights_are_1_is_warned_of(make, message):
    rnn = RNN.from_weights([[0.5, 0.5]] * 2, [[1, 1], [1, 1]], [[1, 1]], fused=True)
    unrolled = rnn.unroll([[make(0.2), make(0.3)], [make(0.1), make(0.4)]])
    loss = rnn.readout(unrolled.state)[0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw(loss, unrolled)
    rnn.w_i[0][0].data = 7.0
    with pytest.warns(UserWarning, match=message):
        draw(loss, unrolled)
