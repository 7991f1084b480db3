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
