"""The picture of a whole network: its boxes, its arrows, where they stand, and what they show."""

import math
import re
import xml.etree.ElementTree as ElementTree

import pytest
from shapes import SHAPES, Built, Setting, bidirectional, encoder_decoder, flat, many_to_many, stacked

from minigrad import Value
from minigrad.draw import draw, engines, theme
from minigrad.graph import gradients
from minigrad.losses import mse_loss
from minigrad.nn import GRU, LSTM, RNN, Linear
from minigrad.notation import name, number, signed

every_shape = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
fused_or_not = pytest.mark.parametrize("fused", [False, True], ids=["unfused", "fused"])
scalar_or_vector = pytest.mark.parametrize("size", [1, 2], ids=["scalar", "vector"])


def labelled(shape, size=2, fused=False) -> Built:
    """A shape after backward(), its outputs named s or s_t"""
    built = shape(Setting(fused, size))
    for t, output in enumerate(built.outputs, start=1):
        units = flat([output])
        for i, s in enumerate(units):
            s.label = f"s{f'_{t}' if len(built.outputs) > 1 else ''}{f'[{i}]' if len(units) > 1 else ''}"
    built.loss.label = "L"
    built.loss.backward()
    return built


def picture(built: Built, **given) -> str:
    return draw(built.loss, list(built.unrolleds.values()), **given).source


def arrows(source: str) -> dict[str, float]:
    """{"o₁ → o₂": the number that its tooltip gives} of every arrow"""
    found = {}
    for tail, head in re.findall(r'tooltip="from (\S+) to ([^\s":]+)', source):
        found[f"{tail} → {head}"] = math.nan
    for head, tail, sent in re.findall(r'tooltip="back from (\S+) to (\S+): ‖?contribution‖? ([^"]*)"', source):
        found[f"{tail} → {head}"] = float(sent.replace("−", "-"))
    return found


def rendered(source: str):
    """({box: (x, y, width, height)}, [(tail, head, points)]) as the engine placed them, in points"""
    lines = [line.split() for line in engines.render(source, "plain").decode().splitlines()]
    found = {part[1]: tuple(72 * float(v) for v in part[2:6]) for part in lines if part[0] == "node"}
    edges = []
    for part in [part for part in lines if part[0] == "edge"]:
        numbers = [72 * float(v) for v in part[4 : 4 + 2 * int(part[3])]]
        edges.append((part[1], part[2], list(zip(numbers[::2], numbers[1::2]))))
    return found, edges


def where(source: str) -> dict[str, tuple[float, float]]:
    """{what a box is titled: where it is pinned}"""
    found = re.findall(r'\tb\d+ \[label=.*?<B>(.*?)</B>.*? pos="([^,]*),([^!]*)!"', source)
    return {title: (float(x), float(y)) for title, x, y in found}


def chain(start, *names):
    return {f"{a} → {b}" for a, b in zip((start, *names), names)}


def both(names, to):
    return {f"{a} → {b}" for a, b in zip(names.split(), to.split())}


LOOP = chain("o₀", "o₁", "o₂", "o₃")
LOWER, UPPER = chain("o₀⁽¹⁾", "o₁⁽¹⁾", "o₂⁽¹⁾", "o₃⁽¹⁾"), chain("o₀⁽²⁾", "o₁⁽²⁾", "o₂⁽²⁾", "o₃⁽²⁾")
TO_L = both("s₁ s₂ s₃", "L L L")
ARROWS = {
    "one_to_one": chain("o₀", "o₁", "s", "L") | chain("x₁", "o₁"),
    "one_to_many": LOOP | both("o₁ o₂ o₃ x₁ s₁ s₂", "s₁ s₂ s₃ o₁ o₂ o₃") | TO_L,
    "many_to_one": LOOP | both("x₁ x₂ x₃", "o₁ o₂ o₃") | chain("o₃", "s", "L"),
    "many_to_many": LOOP | both("x₁ x₂ x₃ o₁ o₂ o₃", "o₁ o₂ o₃ s₁ s₂ s₃") | TO_L,
    "encoder_decoder": chain("o₀⁽¹⁾", "o₁⁽¹⁾", "o₂⁽¹⁾", "o₃⁽¹⁾", "o₁⁽²⁾", "o₂⁽²⁾", "o₃⁽²⁾") | TO_L
    | both("x₁⁽¹⁾ x₂⁽¹⁾ x₃⁽¹⁾ x₁⁽²⁾ x₂⁽²⁾ x₃⁽²⁾", "o₁⁽¹⁾ o₂⁽¹⁾ o₃⁽¹⁾ o₁⁽²⁾ o₂⁽²⁾ o₃⁽²⁾")
    | both("o₁⁽²⁾ o₂⁽²⁾ o₃⁽²⁾", "s₁ s₂ s₃"),
    "bidirectional": LOWER | UPPER | TO_L
    | both("x₁ x₂ x₃ x₁ x₂ x₃", "o₁⁽¹⁾ o₂⁽¹⁾ o₃⁽¹⁾ o₃⁽²⁾ o₂⁽²⁾ o₁⁽²⁾")
    | both("o₁⁽¹⁾ o₂⁽¹⁾ o₃⁽¹⁾ o₃⁽²⁾ o₂⁽²⁾ o₁⁽²⁾", "s₁ s₂ s₃ s₁ s₂ s₃"),
    "stacked": LOWER | UPPER | both("x₁ x₂ x₃", "o₁⁽¹⁾ o₂⁽¹⁾ o₃⁽¹⁾") | chain("o₃⁽²⁾", "s", "L")
    | both("o₁⁽¹⁾ o₂⁽¹⁾ o₃⁽¹⁾", "o₁⁽²⁾ o₂⁽²⁾ o₃⁽²⁾"),
}


@every_shape
@scalar_or_vector
@fused_or_not
def test_the_arrows_are_those_of_the_textbook(shape, size, fused):
    assert arrows(picture(labelled(shape, size, fused))).keys() == ARROWS[shape.__name__]


@every_shape
def test_what_the_arrows_of_a_state_send_back_adds_up_to_its_gradient(shape):
    built = labelled(shape, size=1)
    sent = arrows(picture(built))
    back: dict[str, float] = {}
    for arrow, number_ in sent.items():
        tail = arrow.split(" → ")[0]
        back[tail] = back.get(tail, 0) + number_
    for k, unrolled in enumerate(built.unrolleds.values(), start=1):
        for t, [o] in enumerate(unrolled.states):
            titles = [name(f"o_{t}") + {1: "⁽¹⁾", 2: "⁽²⁾"}[k], name(f"o_{t}")]
            if (shape, k, t) != (encoder_decoder, 2, 0):             # which is o₃⁽¹⁾
                assert abs(next(back[title] for title in titles if title in back) - o.grad) < 1e-3, titles


@every_shape
@scalar_or_vector
def test_every_state_shows_its_number_and_its_gradient_or_their_norms(shape, size, engine):
    built = labelled(shape, size)
    svg = ElementTree.fromstring(draw(built.loss, list(built.unrolleds.values()), "shape").svg())
    shown = [element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")]
    for state in [state for unrolled in built.unrolleds.values() for state in unrolled.states]:
        write = signed if size == 1 else number
        data, grad = ([getattr(o, what) for o in state] for what in ("data", "grad"))
        assert number(data[0] if size == 1 else math.hypot(*data), 3) in shown
        assert write(grad[0] if size == 1 else math.hypot(*grad), 3) in shown


@every_shape
@scalar_or_vector
def test_no_box_overlaps_another_and_no_arrow_passes_a_box(shape, size, engine):
    assert_apart(picture(labelled(shape, size)))


def assert_apart(source: str) -> None:
    boxes, edges = rendered(source)
    assert len(boxes) >= 6
    for k, (x, y, width, height) in enumerate(boxes.values()):
        for other_x, other_y, other_width, other_height in list(boxes.values())[:k]:
            assert abs(x - other_x) >= (width + other_width) / 2 or abs(y - other_y) >= (height + other_height) / 2
    for tail, head, points in edges:
        for name_, (x, y, width, height) in boxes.items():
            if name_ not in (tail, head):
                inside = [abs(a - x) < width / 2 and abs(b - y) < height / 2 for a, b in curve(points)]
                assert not any(inside), (tail, head, name_)


def test_a_layer_stands_above_the_one_that_it_reads():
    at = where(picture(labelled(stacked, 1)))
    for t in ("₁", "₂", "₃"):
        assert at[f"o{t}⁽¹⁾"][0] == at[f"o{t}⁽²⁾"][0] == at[f"x{t}"][0]
        assert at[f"x{t}"][1] < at[f"o{t}⁽¹⁾"][1] < at[f"o{t}⁽²⁾"][1] < at["s"][1]


def test_a_decoder_stands_to_the_right_of_its_encoder():
    at = where(picture(labelled(encoder_decoder, 1)))
    row = [at[name_] for name_ in ("o₀⁽¹⁾", "o₁⁽¹⁾", "o₂⁽¹⁾", "o₃⁽¹⁾", "o₁⁽²⁾", "o₂⁽²⁾", "o₃⁽²⁾")]
    assert row == sorted(row) and len({y for _, y in row}) == 1


def test_the_time_of_the_backward_direction_runs_from_right_to_left():
    at = where(picture(labelled(bidirectional, 1)))
    for there, back in (("₁", "₃"), ("₂", "₂"), ("₃", "₁")):
        assert at[f"o{there}⁽¹⁾"][0] == at[f"o{back}⁽²⁾"][0] == at[f"x{there}"][0] == at[f"s{there}"][0]
        assert at[f"o{there}⁽¹⁾"][1] < at[f"o{back}⁽²⁾"][1]
    assert at["o₀⁽¹⁾"][0] < at["o₁⁽¹⁾"][0] and at["o₀⁽²⁾"][0] > at["o₁⁽²⁾"][0]


def test_an_output_of_two_states_stands_over_the_later_column():
    built = bidirectional(Setting(size=1))
    there, back = built.unrolleds.values()
    s = there[1].state[0] * back[1].state[0]          # made from a state further right
    s.label = "s"
    at = where(draw(mse_loss([s, there.state[0], back.state[0]], [0, 0, 0]), [there, back]).source)
    assert at["s"][0] == at["x₂"][0]


@pytest.mark.parametrize("shape", [encoder_decoder, stacked], ids=["encoder_decoder", "stacked"])
def test_where_a_network_stands_does_not_depend_on_its_place_in_the_list(shape):
    built = labelled(shape)
    found = [sorted(where(draw(built.loss, order).source).values())
             for order in (list(built.unrolleds.values()), list(built.unrolleds.values())[::-1])]
    assert found[0] == found[1]


@fused_or_not
def test_words_read_from_both_ends_are_shown_once(fused):
    there, back = RNN(5, 2, fused=fused, seed=1), RNN(5, 2, fused=fused, seed=2)
    words = [3, 0, 4]
    a, b = there.unroll(words), back.unroll(words[::-1])
    loss = mse_loss(Linear(4, 1)(a.state + b.state), [1])
    source = draw(loss, [a, b], captions=["dog", "cat", "cow"]).source
    assert [source.count(word) for word in ("dog", "cat", "cow")] == [2, 2, 2]      # in the box and its tooltip
    assert both("x₁ x₂ x₃ x₁ x₂ x₃", "o₁⁽¹⁾ o₂⁽¹⁾ o₃⁽¹⁾ o₃⁽²⁾ o₂⁽²⁾ o₁⁽²⁾") <= arrows(source).keys()
    assert "#3" in draw(loss, [a, b]).source


def test_a_sentence_that_is_read_and_written_again_is_shown_twice():
    encoder, decoder = RNN(5, 2), RNN(5, 2, seed=1)
    a = encoder.unroll([3, 0])
    b = decoder.unroll([0, 3], state=a.state)
    at = where(draw(mse_loss(decoder.readout(b.state), [1]), [a, b]).source)
    assert at["‖o₂⁽¹⁾‖"][0] < at["‖o₁⁽²⁾‖"][0] and at["x₂⁽¹⁾"][0] < at["x₁⁽²⁾"][0]


def test_a_start_that_was_computed_stands_over_its_input():
    image = [Value(0.3, label="x[0]"), Value(0.8, label="x[1]")]
    rnn = RNN(1, 2, seed=3)
    unrolled = rnn.unroll([[0], [0]], state=Linear(2, 2)(image))
    source = draw(mse_loss(rnn.readout(unrolled.state), [1]), [unrolled]).source
    assert {"x → o₀", "o₀ → o₁"} <= arrows(source).keys()


@every_shape
def test_before_backward_the_picture_shows_data_alone(shape):
    built = shape(Setting())
    source = picture(built)
    assert "gradient" not in source and "norm:" not in source
    built.loss.backward()
    assert "gradient" in picture(built)


@every_shape
def test_drawing_a_shape_never_changes_its_graph(shape):
    built = labelled(shape)
    before = [(v, v.data, v.grad, v.label, v.operands, v.partials) for v in gradients(built.loss)]
    assert picture(built) == picture(built)
    assert before == [(v, v.data, v.grad, v.label, v.operands, v.partials) for v in gradients(built.loss)]


@every_shape
def test_a_label_in_a_shape_is_text_and_nothing_else(shape, engine):
    built = labelled(shape)
    for k, value in enumerate(gradients(built.loss)):
        if value.label:
            value.label = ["<b>x</b>", 'q " \\N &lt;', "<script>alert(1)</script>", "two\nlines", "]; a -> b"][k % 5]
    root = ElementTree.fromstring(draw(built.loss, list(built.unrolleds.values())).svg())
    assert not any(element.tag.endswith(("script", "image", "}b", "}i")) for element in root.iter())


def test_a_highlighted_path_keeps_its_colour_and_the_rest_fades():
    built = labelled(stacked, 1)
    below, above = built.unrolleds.values()
    [path] = [[built.loss, built.outputs[0], above[2].state[0], below[2].state[0]]]
    faded = faded_arrows(picture(built, highlight=path))
    assert {"o₃⁽¹⁾ → o₃⁽²⁾", "s → L", "o₃⁽²⁾ → s"}.isdisjoint(faded)
    assert {"o₂⁽²⁾ → o₃⁽²⁾", "o₂⁽¹⁾ → o₂⁽²⁾"} <= faded


def test_a_highlighted_weight_keeps_all_that_it_flows_through():
    built = labelled(encoder_decoder, 1)
    [w] = built.networks["decoder"].w_h[0]
    faded = faded_arrows(picture(built, highlight=w))
    assert both("o₁⁽²⁾ o₁⁽²⁾ s₁", "o₂⁽²⁾ s₁ L").isdisjoint(faded)
    assert both("o₁⁽¹⁾ o₃⁽¹⁾", "o₂⁽¹⁾ o₁⁽²⁾") <= faded


def test_a_highlighted_time_step_keeps_what_leads_to_its_state():
    built = labelled(many_to_many, 1)
    faded = faded_arrows(picture(built, highlight=2))
    assert both("o₁ x₂", "o₂ o₂").isdisjoint(faded) and both("o₂ x₃ o₀", "o₃ o₃ o₁") <= faded


def faded_arrows(source: str) -> set[str]:
    faded = [line for line in source.splitlines() if re.search(r'color="#[0-9a-fA-F]{6}2c"', line)]
    return set(arrows("\n".join(faded)))


def test_a_loss_that_compares_an_output_with_an_input_has_an_arrow_from_both():
    rnn, x = RNN(1, 1), [Value(0.4)]
    unrolled = rnn.unroll([x])
    [s] = rnn.readout(unrolled.state)
    s.label = "s"
    loss = mse_loss([s], x)
    assert both("s x₁", "L L") <= arrows(draw(loss, [unrolled]).source).keys()
    assert arrows(draw(mse_loss(x, unrolled.state), [unrolled]).source)


def test_a_second_decoder_of_one_encoder_stands_above_the_first():
    built = labelled(encoder_decoder, 1)
    read, first = built.unrolleds.values()
    second = RNN(1, 1, seed=4).unroll([[0.5]], state=read.state)
    loss = built.loss + mse_loss(second.state, [1])
    loss.backward()
    at = where(draw(loss, [read, first, second]).source)
    assert len(set(at.values())) == len(at) and at["o₁⁽²⁾"][0] == at["o₁⁽³⁾"][0] > at["o₃⁽¹⁾"][0]
    assert at["o₁⁽²⁾"][1] < at["o₁⁽³⁾"][1]


# ---------------------------------------------------------------------- LSTMs: two rows


def lstm(seed: int, size: int, fused: bool) -> LSTM:
    return LSTM(size, size, bias=True, fused=fused, seed=seed)


def lstm_many_to_one(size=1, fused=False, steps=3, **given):
    net = lstm(1, size, fused)
    unrolled = net.unroll([[0.3 * t - 0.5] * size for t in range(steps)], **given)
    return [unrolled], net.readout(unrolled.state)


def lstm_many_to_many(size=1, fused=False):
    net = lstm(1, size, fused)
    unrolled = net.unroll([[0.3]] * 3 if size == 1 else [[0.3, -0.2]] * 3)
    return [unrolled], [s for step in unrolled for s in net.readout(step.state)]


def lstm_stack(size=1, fused=False):
    [below], _ = lstm_many_to_one(size, fused)
    above = lstm(2, size, fused).unroll([step.state for step in below])
    return [below, above], lstm(2, size, fused).readout(above.state)


def lstm_encoder_decoder(size=1, fused=False):
    [read], _ = lstm_many_to_one(size, fused)
    decoder = lstm(2, size, fused)
    written = decoder.unroll([[0.1] * size, [0.7] * size], state=(read.state, read.cell))
    return [read, written], [s for step in written for s in decoder.readout(step.state)]


def lstm_bidirectional(size=1, fused=False):
    xs = [[Value(0.3 * t - 0.5) for _ in range(size)] for t in range(3)]
    there, back = lstm(1, size, fused).unroll(xs), lstm(2, size, fused).unroll(xs[::-1])
    linear = Linear(2 * size, 1, seed=3)
    outputs = [linear(a.state + b.state)[0] for a, b in zip(there, reversed(back.steps))]
    return [there, back], outputs


LSTMS = [lstm_many_to_one, lstm_many_to_many, lstm_stack, lstm_encoder_decoder, lstm_bidirectional]
every_lstm = pytest.mark.parametrize("shape", LSTMS, ids=lambda shape: shape.__name__)


def lstm_picture(shape, *given, **more):
    """(its Unrolleds, its loss, the DOT text) after backward(), its outputs named s_t"""
    unrolleds, outputs = shape(*given, **more)
    for t, s in enumerate(outputs, start=1):
        s.label = f"s_{t}" if len(outputs) > 1 else "s"
    loss = mse_loss(outputs, [0.5] * len(outputs))
    loss.label = "L"
    loss.backward()
    return unrolleds, loss, draw(loss, unrolleds, "shape").source


def two_roads(there, n: int, of="") -> set[str]:
    """The arrows of an LSTM over n steps that reads the given boxes"""
    h, c = ([f"{name(f'{row}_{t}')}{of}" for t in range(n + 1)] for row in "hc")
    return {arrow for t in range(1, n + 1) for arrow in (
        f"{c[t - 1]} → {c[t]}", f"{h[t - 1]} → {c[t]}", f"{c[t]} → {h[t]}", f"{h[t - 1]} → {h[t]}",
        f"{there[t - 1]} → {c[t]}", f"{there[t - 1]} → {h[t]}")}


@scalar_or_vector
@fused_or_not
def test_an_lstm_has_two_roads_and_the_arrows_of_its_equations(size, fused):
    _, _, source = lstm_picture(lstm_many_to_one, size, fused)
    assert arrows(source).keys() == two_roads(["x₁", "x₂", "x₃"], 3) | chain("h₃", "s", "L")
    _, _, source = lstm_picture(lstm_stack, size, fused)
    below = two_roads(["x₁", "x₂", "x₃"], 3, "⁽¹⁾")
    assert arrows(source).keys() == below | two_roads(["h₁⁽¹⁾", "h₂⁽¹⁾", "h₃⁽¹⁾"], 3, "⁽²⁾") | chain("h₃⁽²⁾", "s", "L")


@fused_or_not
def test_the_road_of_c_sends_back_the_forget_gate_times_its_gradient(fused):
    [unrolled], _, source = lstm_picture(lstm_many_to_one, 1, fused)
    for t, step in enumerate(unrolled, start=1):                       # ∂c_t/∂c_{t−1} = f_t, with h_{t−1} held
        [f], [c] = step.gates["f"], step.cell
        assert abs(arrows(source)[f"{name(f'c_{t - 1}')} → {name(f'c_{t}')}"] - f.data * c.grad) < 1e-4
        [o] = step.gates["o"]                                          # ∂h_t/∂c_t = o_t·(1 − tanh²c_t)
        down = o.data * (1 - math.tanh(c.data) ** 2) * step.state[0].grad
        assert abs(arrows(source)[f"{name(f'c_{t}')} → {name(f'h_{t}')}"] - down) < 1e-4


@every_lstm
def test_what_the_arrows_of_an_lstm_send_back_adds_up_to_its_gradient(shape):
    unrolleds, _, source = lstm_picture(shape, 1)
    back: dict[str, float] = {}
    for arrow, number_ in arrows(source).items():
        tail = arrow.split(" → ")[0]
        back[tail] = back.get(tail, 0) + number_
    for k, unrolled in enumerate(unrolleds, start=1):
        of = f"⁽{'¹²'[k - 1]}⁾" if len(unrolleds) > 1 else ""
        for t, carried in enumerate(unrolled.carried):
            for row, value in zip("hc", carried):
                if (shape, k, t) != (lstm_encoder_decoder, 2, 0):                # which is h₃⁽¹⁾
                    assert abs(back.get(f"{name(f'{row}_{t}')}{of}", 0) - value.grad) < 1e-3, (row, t, k)


@every_lstm
def test_c_stands_over_h_in_the_column_of_its_step(shape):
    unrolleds, _, source = lstm_picture(shape, 1)
    at = where(source)
    for k, unrolled in enumerate(unrolleds, start=1):
        of = f"⁽{'¹²'[k - 1]}⁾" if len(unrolleds) > 1 else ""
        for t in range(1, len(unrolled) + 1):
            h, c = at[f"{name(f'h_{t}')}{of}"], at[f"{name(f'c_{t}')}{of}"]
            assert h[0] == c[0] and h[1] < c[1]
            assert not any(x == h[0] and h[1] < y < c[1] for x, y in at.values())


@every_lstm
@scalar_or_vector
def test_no_box_of_an_lstm_overlaps_another_and_no_arrow_passes_one(shape, size, engine):
    assert_apart(lstm_picture(shape, size)[2])


@pytest.mark.parametrize("steps", [1, 3, 8])
@pytest.mark.parametrize("truncate", [None, 2])
def test_a_longer_or_truncated_lstm_keeps_its_boxes_apart(steps, truncate, engine):
    assert_apart(lstm_picture(lstm_many_to_one, 1, steps=steps, truncate=truncate)[2])


def curve(points):
    """51 points along the curve through the control points of a Graphviz edge: pieces of four, the ends shared"""
    found = []
    for k in range(0, len(points) - 1, 3):
        a, b, c, d = points[k : k + 4]
        for j in range(51):
            t = j / 50
            shares = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3
            found.append(tuple(sum(share * point[i] for share, point in zip(shares, (a, b, c, d))) for i in (0, 1)))
    return found


@every_lstm
def test_no_two_arrows_lie_on_one_another_unless_they_part(shape):
    _, edges = rendered(lstm_picture(shape, 1)[2])
    curves = [(tail, head, curve(points)) for tail, head, points in edges]
    for k, (tail, head, one) in enumerate(curves):
        for other_tail, other_head, other in curves[:k]:
            beside = [min(math.dist(point, there) for there in other) < 2.5 for point in one]
            most = 0.4 if tail != other_tail else 0.8
            assert sum(beside) < most * len(beside), (tail, head, other_tail, other_head)


def test_a_gru_has_one_row_under_the_name_h():
    net = GRU(1, 1, seed=1, fused=True)
    unrolled = net.unroll([[1], [0.5]])
    source = draw(mse_loss(net.readout(unrolled.state), [1]), [unrolled]).source
    assert {y for title, (_, y) in where(source).items() if title[0] == "h"} == {where(source)["h₀"][1]}
    assert chain("h₀", "h₁", "h₂") <= arrows(source).keys()


def test_a_word_that_an_lstm_reads_leads_to_both_of_its_rows():
    net = LSTM(5, 2, fused=True)
    unrolled = net.unroll([3, 0])
    loss = mse_loss(net.readout(unrolled.state), [1])
    assert both("x₁ x₁ x₂ x₂", "h₁ c₁ h₂ c₂") <= arrows(draw(loss, [unrolled]).source).keys()
    faded = faded_arrows(draw(loss, [unrolled], highlight=2).source)
    assert both("x₂ x₂", "h₂ c₂").isdisjoint(faded) and both("x₁ x₁", "h₁ c₁") <= faded


@pytest.mark.parametrize("kind", [RNN, GRU, LSTM], ids=lambda kind: kind.__name__)
@fused_or_not
def test_a_cut_is_a_dotted_arrow_that_tells_no_gradient(kind, fused):
    net = kind(1, 1, fused=fused, seed=2)
    unrolled = net.unroll([[1], [0.5], [-1]], truncate=1)
    loss = mse_loss([step.state[0] for step in unrolled], [0, 0, 0])             # arrives before the cuts too
    loss.backward()
    source = draw(loss, unrolled, "shape").source
    rows = {RNN: "o", GRU: "h", LSTM: "hc"}[kind]
    ends = {f"{row}{t}" for row in rows for t in "₁₂"}
    cut = [line for line in source.splitlines() if "(cut)" in line]
    assert {re.search(r"from (\S+) to \S+ \(cut\)", line)[1] for line in cut} == ends      # type: ignore[index]
    assert all("style=dotted" in line and theme.LIGHT.zero_line in line for line in cut)
    across = re.findall(rf'tooltip="back from [{rows}]([₁-₃]) to [{rows}]([₀-₃]): ', source)
    assert {pair for pair in across if pair[0] != pair[1]} == {("₁", "₀")}       # from one step to another: before any
    assert "dotted: 0 or cut" in source


def test_a_highlighted_step_after_a_cut_keeps_the_arrow_that_was_cut():
    [unrolled], loss, _ = lstm_picture(lstm_many_to_one, truncate=1)
    faded = draw(loss, unrolled, "shape", highlight=3).source
    assert not [line for line in faded.splitlines() if "from h₂ to" in line and "(cut)" in line and '2c"' in line]
    assert [line for line in faded.splitlines() if "from h₁ to" in line and "(cut)" in line and '2c"' in line]


def test_the_loss_of_many_steps_stands_over_its_output_and_of_few_beside_it():
    few, many = (where(lstm_picture(lstm_many_to_one, steps=steps)[2]) for steps in (3, 8))
    assert few["s"][1] == few["L"][1] and many["s"][0] == many["L"][0]


def test_an_lstm_of_few_steps_is_drawn_in_two_rows_unasked_and_of_many_or_cut_steps_folded():
    for steps, truncate, view in ((1, None, "shape"), (8, None, "shape"), (9, None, "folded"), (8, 2, "folded")):
        unrolleds, loss, _ = lstm_picture(lstm_many_to_one, steps=steps, truncate=truncate)
        assert draw(loss, unrolleds[0]).source == draw(loss, unrolleds[0], view).source
