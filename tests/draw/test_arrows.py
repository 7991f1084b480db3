"""What an arrow tells without colour: its sign, and in its tooltip what flows back along it."""

import re
import runpy

import pytest
from conftest import ROOT

from minigrad import Value
from minigrad.draw import draw
from minigrad.draw.theme import THEMES, Theme
from minigrad.losses import mse_loss
from minigrad.nn import RNN
from minigrad.notation import number

images = runpy.run_path(str(ROOT / "examples" / "redraw_images.py"))
GALLERY = images["GALLERY"]
WITHOUT_NUMBERS = ("units", "layers", "shape", "cell", "attention")


def hues(source: str, theme: Theme) -> list[tuple[str, str]]:
    """(the colour whose sign it is, the style) of every arrow along which a gradient flows back"""
    found, neutral = [], {*theme} - {theme.positive, theme.negative}
    for line in source.splitlines():
        colour, style = re.search(r' color="(#\w{6})"', line), re.search(r" style=(\w+)", line)
        if " -> " in line and colour and colour[1] not in neutral:
            red, blue = int(colour[1][1:3], 16), int(colour[1][5:7], 16)
            found.append(("positive" if red > blue else "negative", style[1] if style else "solid"))
    return found


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("view", WITHOUT_NUMBERS)
def test_without_numbers_on_arrows_dashes_tell_the_negative_ones_and_the_legend_says_so(view, theme):
    source = GALLERY[view](theme=theme).source
    found = hues(source, THEMES[theme])
    assert found and all(style == {"positive": "solid", "negative": "dashed"}[sign] for sign, style in found)
    assert "dashed: negative" in source and "dotted: 0" in source


@pytest.mark.parametrize("view", ["columns", "folded", "graph"])
def test_where_a_number_tells_the_sign_no_arrow_is_dashed(view):
    source = GALLERY[view]().source
    assert "style=dashed" not in source and "dashed" not in source


def test_a_norm_has_no_sign_and_no_dashes():
    rnn = RNN(1, 2, seed=1)
    unrolled = rnn.unroll([[1], [0.5], [-1]])
    loss = mse_loss(unrolled.state, [5, 5])
    loss.backward()
    for line in draw(loss, [unrolled]).source.splitlines():
        assert "style=dashed" not in line or "‖" not in line


def test_before_the_backward_pass_no_arrow_has_a_sign():
    x, w = [Value(1, label="x_1"), Value(-0.5, label="x_2")], [Value(k, label=f"w_{k}") for k in range(6)]
    hidden = [(w[2 * r] * x[0] + w[2 * r + 1] * x[1]).tanh() for r in range(2)]
    source = draw((w[4] * hidden[0] + w[5] * hidden[1]) * 2, view="layers").source
    assert "dashed" not in source and "dotted" not in source


def tooltips(source: str) -> dict[str, str]:
    """{"from … to …" or "back from … to …": what is told of it}"""
    return dict(re.findall(r'tooltip="((?:back )?from .+? to [^\s":]+):? ?([^"]*)"', source))


def test_a_tooltip_names_upstream_partial_and_contribution():
    loss, unrolled = network = images["lecture"]([1, 0.5, -1])
    forward = tooltips(draw(loss, unrolled, "columns").source)
    assert forward["from z₂ to o₂"] == "" and not any(way.startswith("back") for way in forward)
    told = tooltips(images["with_gradients"](network, "columns").source)
    o = unrolled[1].state[0]
    [z] = o.operands
    numbers = [number(x) for x in (o.grad, 1 - o.data**2, z.grad)]
    assert told["back from o₂ to z₂"] == "upstream {} × partial {} = contribution {}".format(*numbers)


@pytest.mark.parametrize("view", [view for view in GALLERY if view != "rolled"])
def test_every_arrow_that_a_gradient_comes_back_along_says_from_where_to_where(view):
    source = GALLERY[view]().source
    coloured = [line for line in source.splitlines() if " -> " in line and "penwidth=0.80" not in line]
    assert coloured and all('tooltip="back from ' in line for line in coloured)
    assert all("contribution" in told for way, told in tooltips(source).items() if way.startswith("back"))


def test_a_norm_is_told_as_one():
    rnn = RNN(1, 2, seed=1)
    unrolled = rnn.unroll([[1], [0.5], [-1]])
    loss = mse_loss(unrolled.state, [5, 5])
    loss.backward()
    told = tooltips(draw(loss, unrolled, "folded").source)
    assert told["back from o₂ to o₁"].startswith("‖contribution‖ ")


def test_the_arrow_from_a_cell_to_the_next_step_tells_what_comes_back_from_there_alone():
    loss, unrolled = images["two_roads"]()
    loss.backward()
    [c], [h] = unrolled[2].cell, unrolled[2].state
    [tanh] = [v for v in h.operands if v.op == "tanh"]
    sent = c.grad - tanh.partials[0] * tanh.grad
    assert f"back from the next step to c₃: contribution {number(sent)}" in draw(
        loss, unrolled, "cell", highlight=3).source
