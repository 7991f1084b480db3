"""Pictures for exercises: a blanked number stands nowhere in the text of the picture, and nothing else goes missing."""

import re

import pytest
from conftest import lecture, need

from minigrad import Value
from minigrad.draw import draw, engines
from minigrad.graph import gradients, uses
from minigrad.nn import RNN
from minigrad.notation import number

VIEWS = ["columns", "graph"]


def numbers_in(source: str) -> list[str]:
    """Every number that a reader or a program could find: in text, tooltips and attributes, − as -"""
    return re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?:e-?\d+)?", source.replace("−", "-"))


def is_readable(x: float, source: str) -> bool:
    """Whether x, or −x, stands in the text with three digits or more"""
    written = {number(abs(x), digits).replace("−", "-") for digits in range(3, 18)}
    return not written.isdisjoint(numbers_in(source))


def asked(view, item):
    """(the source with the item blank, the source without, the numbers that are hidden)"""
    rnn, unrolled, _, loss = lecture()
    loss.backward()
    w_h = rnn.w_h[0][0]
    o_2 = unrolled[1].state[0]
    user = uses(loss, w_h)[1][0]
    found = {"o_2": (o_2, o_2.grad), "w_h": (w_h, w_h.grad), "z_1": (unrolled[0].state[0].operands[0], -0.217042658),
             "term": ((user, w_h), -0.159417994424918), "w_i": (rnn.w_i[0][0], 0.2295960707261328)}
    blank, hidden = found[item]
    return draw(loss, unrolled, view, blank=[blank]).source, draw(loss, unrolled, view).source, hidden


@pytest.mark.parametrize("item", ["o_2", "w_h", "z_1", "term", "w_i"])
@pytest.mark.parametrize("view", VIEWS)
def test_a_blanked_number_stands_nowhere_in_the_text(view, item):
    blank, whole, hidden = asked(view, item)
    assert is_readable(hidden, whole) and not is_readable(hidden, blank)
    assert "?" in blank and "?" not in whole


def test_the_factors_of_a_blanked_term_are_hidden_where_they_stand_side_by_side():
    blank, whole, _ = asked("columns", "term")
    assert "t = 2: −0.345 × 0.4621" in whole and "t = 2: ? × ?" in blank
    assert "t = 3: −0.6191 × 0.5509" in blank       # the others stay


@pytest.mark.parametrize("view", VIEWS)
def test_every_other_number_stays(view):
    blank, whole, _ = asked(view, "o_2")
    gone = set(re.findall(">([^<>\n]+)<", whole)) - set(re.findall(">([^<>\n]+)<", blank))
    assert {text for text in gone if "×" not in text} == {"−0.4953"}
    assert len(blank.splitlines()) == len(whole.splitlines())


def test_no_colour_of_a_box_tells_the_sign_or_the_size():
    def colours(w):
        y = Value(2.0, label="a") * Value(w, label="w")
        loss = y * Value(3.0, label="c")
        loss.label = "L"
        loss.backward()
        a = next(v for v in gradients(loss) if v.label == "a")
        source = draw(loss, blank=[a]).source
        line = next(line for line in source.splitlines() if "?" in line and "->" not in line)
        return re.findall("#[0-9a-fA-F]{6}", line)

    assert colours(5.0) == colours(-0.01)


def test_an_edge_whose_contribution_is_hidden_is_grey_and_thin():
    rnn = RNN.from_weights(w_i=[[1.0]], w_h=[[0.5]], w_o=[[3.0]])
    unrolled = rnn.unroll([[0.3], [-0.2]])
    loss = rnn.readout(unrolled.state)[0]
    loss.backward()
    o_1 = unrolled[0].state[0]
    blank = draw(loss, unrolled, "columns", blank=[o_1]).source
    for view in VIEWS:
        source = draw(loss, unrolled, view, blank=[o_1]).source
        assert set(re.findall(r'COLOR="(#\w+)"[^>]*><B>\?</B>', source)) == {"#6b7785"}, view
    lines = [line for line in blank.splitlines() if "->" in line and "contribution ?" in line]
    assert lines and all("penwidth=0.80" in line and '"#6b7785"' in line for line in lines)


@pytest.mark.parametrize("view", VIEWS)
def test_the_largest_gradient_is_not_told_by_the_legend_nor_by_an_equal_local_derivative(view):
    _, unrolled, y_hat, loss = lecture()
    loss.backward()                                   # ∂L/∂ŷ = −1/ŷ, and the edge from ŷ to L carries the same number
    blank, whole = draw(loss, unrolled, view, blank=[y_hat]).source, draw(loss, unrolled, view).source
    assert "2.074" in whole and "2.07" not in blank and ">× ?<" in blank
    assert "−2.1<" in whole and "−2.1<" not in blank


@pytest.mark.parametrize("view", VIEWS)
def test_a_picture_with_blanks_can_be_drawn(view, monkeypatch):
    need("dot")
    monkeypatch.setattr(engines, "available", lambda: "dot")
    rnn, unrolled, _, loss = lecture()
    loss.backward()
    svg = draw(loss, unrolled, view, blank=[rnn.w_h[0][0]]).svg()
    shown = "\n".join(re.findall(r">([^<>]+)<", svg) + re.findall(r'title="([^"]*)"', svg))
    assert ">?<" in svg and not is_readable(-0.5005032443438566, shown)


def test_without_blanks_a_picture_is_what_it_was():
    _, unrolled, _, loss = lecture()
    loss.backward()
    assert draw(loss, unrolled, blank=[]).source == draw(loss, unrolled).source


def test_a_loss_that_is_a_state_is_not_drawn_in_columns():
    unrolled = RNN.from_weights(w_i=[[1.0]], w_h=[[0.5]], w_o=[[1.0]]).unroll([[1], [1]])
    loss = unrolled.state[0]
    with pytest.raises(ValueError, match="the loss is a state itself"):
        draw(loss, unrolled, "columns")
    assert "o₂" in draw(loss, unrolled).source
