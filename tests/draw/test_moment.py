"""A picture says what is true at its moment: before a pass, in the middle of one, after one, after two."""

import re
import sys

import pytest
from conftest import lecture, with_underscores

from minigrad import Value
from minigrad.draw import draw
from minigrad.draw.moment import at_moment
from minigrad.draw.options import Options
from minigrad.draw.picture import Box, cells_of
from minigrad.draw.scenes import playable_picture, scenes
from minigrad.draw.views import picture_of
from minigrad.losses import mse_loss
from minigrad.nn import RNN
from minigrad.notation import signed
from minigrad.snapshot import Snapshot


def paused_at(loss: Value, label: str, draw_it):
    """What draw_it() gives where the breakpoint of the lesson stops: on the += in backward(), at the node of a label"""
    drawn: list = []

    def trace(frame, event, _):
        if frame.f_code is Value.backward.__code__ and event == "line" and not drawn:
            node = frame.f_locals.get("node")
            if node is not None and node.label == label and "partial" in frame.f_locals:
                sys.settrace(None)
                drawn.append(draw_it())
        return trace

    sys.settrace(trace)
    try:
        loss.backward()
    finally:
        sys.settrace(None)
    return drawn[0]


def shown(*drawn, **options) -> str:
    return with_underscores(draw(*drawn, **options).source)


def caption(source: str) -> str:
    return "".join(re.findall(r'POINT-SIZE="13">([^<]*)</FONT>', source))


def test_paused_in_backward_a_picture_shows_what_memory_holds_and_not_what_will_be():
    rnn, unrolled, _, loss = lecture()
    w_h = rnn.w_h[0][0]
    source, held = paused_at(loss, "o_2", lambda: (shown(loss, unrolled, grads="stored"), w_h.grad))
    assert signed(held) == "−0.3411" and ">−0.3411<" in source
    assert "−0.5005" not in re.sub('tooltip="[^"]*"', "", source)      # what w_h will have
    o_1 = next(line for line in source.splitlines() if "<B>o₁</B>" in line)
    assert re.search(r'BGCOLOR="#f1f3f5"[^>]*><FONT COLOR="#1f293301"', o_1)       # a blank pill
    assert caption(source) == "in the middle of backward(): 23 of 37 edges have carried something"


def test_paused_in_backward_the_picture_of_the_whole_pass_says_that_it_is_that():
    _, unrolled, _, loss = lecture()
    source = paused_at(loss, "o_2", lambda: shown(loss, unrolled))
    assert ">−0.5005<" in source and "in memory, backward() has not ended" in caption(source)


def test_the_colours_of_a_half_done_pass_are_those_of_the_whole():
    _, unrolled, _, loss = lecture()
    half = paused_at(loss, "o_3", lambda: shown(loss, unrolled, grads="stored"))

    def box_of_y_hat(source):
        return next(line for line in source.splitlines() if "<B>ŷ</B>" in line)

    def legend(source):
        return re.findall(r'BGCOLOR="(#\w+)" WIDTH="46"', source)

    whole = shown(loss, unrolled)
    assert box_of_y_hat(half) == box_of_y_hat(whole) and legend(half) == legend(whole)
    _, unrolled, _, loss = lecture()
    first = paused_at(loss, "L", lambda: shown(loss, unrolled, "folded", grads="stored"))
    assert legend(first) == legend(shown(loss, unrolled, "folded"))


def test_the_immediate_derivative_arrives_with_the_term_of_its_step():
    _, unrolled, _, loss = lecture()
    source = paused_at(loss, "o_2", lambda: shown(loss, unrolled, "folded", grads="stored"))
    assert re.search(r'COLOR="#4a5561" POINT-SIZE="9">∂⁺o₃/∂w_h<', source)
    assert re.search(r'COLOR="#1f293301" POINT-SIZE="9">∂⁺o₂/∂w_h<', source)


@pytest.mark.parametrize("view", ["columns", "folded", "graph"])
@pytest.mark.parametrize("grads", ["stored", "computed"])
def test_after_a_second_pass_the_picture_says_that_memory_holds_another_number(view, grads):
    _, unrolled, _, loss = lecture()
    loss.backward()
    assert not caption(shown(loss, unrolled, view, grads=grads))
    loss.backward()
    source = shown(loss, unrolled, view, grads=grads)
    assert caption(source) == ("memory holds other gradients than those of this graph alone: w_i.grad is 0.4592, and "
                               "∂L/∂w_i = 0.2296; so with w_h, w_o")
    if grads == "stored":                             # what is not a sum is not written as one
        assert ">w_i.grad<" in source and "≠" in source and ">∂L/∂w_i<" not in source
    else:
        assert "≠" not in source and ">∂L/∂w_i<" in source


def test_after_a_second_pass_the_tables_of_vectors_say_so_too():
    rnn = RNN(1, 2, seed=1)
    unrolled = rnn.unroll([[1], [2]])
    loss = mse_loss(rnn.readout(unrolled.state), [1])
    loss.backward()
    loss.backward()
    assert "w_h.grad (sum)" in shown(loss, unrolled, "units", grads="stored")


def test_after_the_pass_of_another_loss_the_picture_says_so():
    _, unrolled, y_hat, loss = lecture()
    loss.backward()
    other = y_hat * 3
    other.backward()
    assert caption(shown(loss, unrolled)).endswith("as after backward() of another loss")


@pytest.mark.parametrize("view", ["columns", "folded", "graph", "shape", "rolled"])
def test_data_alone_can_be_shown_after_backward(view):
    _, unrolled, _, loss = lecture()
    before = shown(loss, unrolled, view)
    loss.backward()
    assert shown(loss, unrolled, view, grads=None) == before
    loss.backward()
    assert shown(loss, unrolled, view, grads=None) == before


def test_a_leaf_shows_what_it_holds_from_an_earlier_pass_until_more_arrives():
    rnn, unrolled, _, loss = lecture()
    loss.backward()
    w_i = rnn.w_i[0][0]
    source, held = paused_at(loss, "y_hat", lambda: (shown(loss, unrolled, grads="stored"), w_i.grad))
    assert signed(held) == "+0.2296" and ">+0.2296<" in source and ">w_i.grad<" in source


def test_nothing_is_shown_before_it_is_computed():
    _, unrolled, _, loss = lecture()
    snapshot = Snapshot(loss, [unrolled])
    picture = playable_picture(snapshot)
    start, *_ = scenes(picture, snapshot)
    shown = [str(text) for box in at_moment(picture, snapshot, start.moment).boxes if isinstance(box, Box)
             for _, cell in cells_of(box) for text in cell.texts if text.ink != "unseen"
             for quantity in text.quantities if quantity.kind == "data" and quantity.of[0].operands]
    assert shown == []
    seen = set()
    for scene in scenes(picture, snapshot):
        now = at_moment(picture, snapshot, scene.moment)
        seen |= {quantity.of[0] for box in now.boxes for _, cell in cells_of(box) for text in cell.texts
                 if text.ink != "unseen" for quantity in text.quantities if quantity.kind == "data"}
    everything = picture_of(snapshot, "columns", Options())
    assert seen == {quantity.of[0] for box in everything.boxes for _, cell in cells_of(box)
                    for quantity in cell.quantities if quantity.kind == "data"}


def test_an_arrow_whose_numbers_have_not_arrived_has_no_gap(engine):
    _, unrolled, _, loss = lecture()
    drawing = paused_at(loss, "o_2", lambda: draw(loss, unrolled, "graph", grads="stored"))
    svg = drawing.svg()
    ends = [re.findall(r' d="M([\d.]+),.*?(-?[\d.]+),-?[\d.]+"', arrow)
            for arrow in re.findall(r'class="edge e">(.*?)</g>', svg, re.DOTALL)]
    gaps = [(float(first[1]), float(second[0])) for first, second in (both for both in ends if len(both) == 2)]
    rules = re.findall(r'<polygon fill="#9aa5b1"[^>]* points="([\d.]+),(-?[\d.]+) [^"]*?([\d.]+),\2 \1,\2"', svg)
    lines = [(float(left), float(right)) for left, _, right in rules]
    assert len(lines) == drawing.laid_out.count("<HR/>") > 3 and "<HR/>" not in drawing.source
    for left, right in lines:
        assert any(abs(left - start) <= 1 and abs(right - end) <= 1 for start, end in gaps)
