"""What highlight= lights, and that all else is faded: read from the DOT text, where a faded colour ends in 2c."""

import re

import pytest
from conftest import lecture, with_underscores

from minigrad import Value
from minigrad.draw import draw
from minigrad.draw.theme import ALPHA
from minigrad.graph import gradients
from minigrad.losses import mse_loss
from minigrad.nn import RNN

FADED = ALPHA["faded"]


def lit_texts(source: str) -> list[str]:
    """Every text whose colour is not faded, but for the legend's"""
    found, source = [], with_underscores(source)
    for statement in re.findall(r'label=<(.*?)> class="?v|(?:label=<(.*?)> )id=l', source.split("legend")[0]):
        for cell in re.findall(r"<TD[^>]*>((?:(?!<T[DRA]).)*?)</TD>", "".join(statement)):
            if f'{FADED}"' not in cell and FADED + '" POINT' not in cell:
                found.append(" ".join(re.sub(r"<BR/>", " ", re.sub(r"</?(?:FONT|B)\b[^>]*>", "", cell)).split()))
    return list(filter(None, found))


def lit_boxes(source: str) -> set[str]:
    """The names in the heads of the boxes that keep their colour"""
    boxes = re.findall(r'label=<<TABLE BORDER="\d" COLOR="(#\w+)"[^>]*>.*?<B>(.*?)</B>', with_underscores(source))
    return {name for colour, name in boxes if len(colour) == 7}


def lit_arrows(source: str) -> set[str]:
    """user → operand of the arrows that keep their colour, by their tooltips"""
    lines = [line for line in source.splitlines() if " -> " in line and "tooltip" in line]
    found = [re.search(r'color="(#\w+)".*tooltip="(.*?)(?::|")', line) for line in lines]
    told = [match[2] for match in found if match and len(match[1]) == 7]
    return {tip.removeprefix("back from ").replace(" to ", " → ") for tip in told}


@pytest.fixture
def finished():
    rnn, unrolled, y_hat, loss = lecture()
    loss.backward()
    return rnn, unrolled, y_hat, loss


def test_a_step_lights_its_boxes_its_arrows_and_its_terms_alone(finished):
    _, unrolled, _, loss = finished
    source = draw(loss, unrolled, "columns", highlight=2).source
    assert lit_boxes(source) == {"x₂·w_i", "z₂", "o₂", "o₁·w_h", "x₂", "w_i", "w_h"}          # w_i, w_h: the ledgers
    assert lit_arrows(source) == {"x₂·w_i → w_i", "x₂·w_i → x₂", "z₂ → x₂·w_i", "z₂ → o₁·w_h", "o₁·w_h → o₁",
                                  "o₁·w_h → w_h", "o₂ → z₂"}
    texts = " ".join(lit_texts(source))
    assert "−0.1725" in texts and "−0.1594" in texts                                         # the terms of t = 2
    assert not any(term in texts for term in ("−0.217", "+0.6191", "−0.3411"))               # and of 1 and 3


def test_the_last_step_is_not_the_output_that_reads_it(finished):
    _, unrolled, _, loss = finished
    assert {"L", "ŷ", "s", "w_o"}.isdisjoint(lit_boxes(draw(loss, unrolled, "columns", highlight=3).source))


@pytest.mark.parametrize("view, lit", [
    ("graph", {"x₂", "x₂·w_i", "o₁·w_h", "z₂", "o₂", "w_i", "w_h"}), ("shape", {"o₂", "x₂"}), ("folded", {"o₂"}),
    ("rolled", {"o₂", "x₂", "o_t", "x_t"}),           # the cell with the loop is that of every step
])
def test_a_step_is_lit_in_every_view(view, lit, finished):
    _, unrolled, _, loss = finished
    source = draw(loss, unrolled, view, highlight=2).source
    assert {name for name in lit_boxes(source) if "L/" not in name and not re.match("[−+]", name)} == lit


def test_the_row_of_a_step_is_the_lit_one_of_the_staircase(finished):
    _, unrolled, _, loss = finished
    texts = lit_texts(draw(loss, unrolled, "folded", highlight=2).source)
    assert "via t = 2 −0.1594" in texts and "∂⁺o₂/∂w_h × 0.3219" in texts
    assert not any(text.startswith(("via t = 1", "via t = 3", "∂⁺o₁", "∂⁺o₃")) for text in texts)


def long():
    _, unrolled, _, loss = lecture(inputs=[[(k % 5 - 2) / 2] for k in range(30)])
    loss.backward()
    return unrolled, loss


def test_where_a_step_is_folded_away_the_fold_says_so():
    unrolled, loss = long()
    source = draw(loss, unrolled, highlight=5).source
    texts = lit_texts(source)
    assert lit_boxes(source) == {"⋯"} | {name for name in lit_boxes(source) if re.match("[−+]", name)}
    assert "with t = 5" in texts
    assert sum("t = 5" in text for text in texts) == 3                   # the box, w_i's term, and the staircase's row
    terms = [text for text in texts if text.startswith("via t = ")]
    assert len(terms) == 1 and terms[0].startswith("via t = 3 … 22")
    assert "with t = 5" in draw(loss, unrolled, "rolled", highlight=5).source
    assert "with t = " not in draw(loss, unrolled, highlight=1).source


def vector():
    rnn = RNN(2, 2, seed=4)
    unrolled = rnn.unroll([[1, 0.5], [-1, 0.3], [0.2, 0.1]])
    loss = mse_loss(rnn.readout(unrolled.state), [1])
    loss.backward()
    return rnn, unrolled, loss


def test_an_entry_of_a_weight_lights_that_entry_of_its_tables():
    rnn, unrolled, loss = vector()
    texts = lit_texts(draw(loss, unrolled, "units", highlight=rnn.w_h[0][1]).source)
    numbers = [text for text in texts if re.fullmatch(r"[−+]?[\d.e−]+", text)]
    others = {f"{w.grad:+.2g}".replace("-", "−") for w in (rnn.w_h[0][0], rnn.w_h[1][0], rnn.w_h[1][1])}
    assert f"{rnn.w_h[0][1].grad:+.2g}".replace("-", "−") in numbers and others.isdisjoint(numbers)
    assert "∂L/∂w_h (sum)" in texts and "via t = 2" in texts and "∂L/∂w_i (sum)" not in texts


def test_an_entry_of_the_readout_lights_its_row():
    rnn, unrolled, loss = vector()
    texts = lit_texts(draw(loss, unrolled, "units", highlight=rnn.w_o[0][1]).source)
    assert "w_o[0][1]" in texts and "w_o[0][0]" not in texts


def test_where_only_norms_are_shown_the_entry_says_its_own_part():
    rnn, unrolled, loss = vector()
    assert "w_h[0][1]: " in with_underscores(draw(loss, unrolled, "folded", highlight=rnn.w_h[0][1]).source)


def test_a_list_lights_the_arrows_between_its_neighbours(finished):
    _, unrolled, y_hat, loss = finished
    path = [*(step.state[0] for step in unrolled), y_hat, loss]
    arrows = lit_arrows(draw(loss, unrolled, "columns", highlight=path).source)
    assert arrows == {"o₁·w_h → o₁", "z₂ → o₁·w_h", "o₂ → z₂", "o₂·w_h → o₂", "z₃ → o₂·w_h", "o₃ → z₃", "s → o₃",
                      "ŷ → s", "L → ŷ"}
    assert draw(loss, unrolled, "columns", highlight=path[::-1]).source == draw(
        loss, unrolled, "columns", highlight=path).source


def test_a_path_from_a_weight_lights_the_one_term_on_it(finished):
    rnn, unrolled, y_hat, loss = finished
    path = [rnn.w_h[0][0], unrolled[1].state[0], unrolled[2].state[0], y_hat, loss]
    texts = " ".join(lit_texts(draw(loss, unrolled, "columns", highlight=path).source))
    assert "−0.1594" in texts and "−0.3411" not in texts


@pytest.mark.slow
def test_a_long_graph_is_highlighted_without_listing_its_pairs():
    rnn = RNN(1, 1, fused=True, seed=1)
    unrolled = rnn.unroll([[0.1]] * 20_000)
    loss = mse_loss(rnn.readout(unrolled.state), [1])
    assert "⋯" in lit_boxes(draw(loss, unrolled, highlight=rnn.w_h[0][0]).source)


@pytest.mark.parametrize("wrong, message", [
    (0, "highlight=0 is not a time step; they go from 1 to 3"), (4, "highlight=4 is not a time step"),
    (Value(1.0, label="foreign"), "label='foreign'.* is not in the graph"), ([], "a list of them along a path"),
    ("o_2", "highlight must be a Value of the graph, a list"),
])
def test_what_is_not_there_cannot_be_lit(wrong, message, finished):
    _, unrolled, _, loss = finished
    with pytest.raises(ValueError, match=message):
        draw(loss, unrolled, highlight=wrong)
    assert gradients(loss)
