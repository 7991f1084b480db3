"""Curves that can be told apart without colour, in colours that mean no sign, and no 0 where there is none."""

import re

import pytest

from minigrad.draw.plot import STYLES, Panel, plot
from minigrad.draw.theme import LIGHT

SIX = {f"c{c}": [(float(x), (c + 1) * (x + 1.0)) for x in range(40)] for c in range(6)}


def ticks(source: str) -> list[str]:
    return re.findall(r'ALIGN="RIGHT"><FONT COLOR="#6b7785" POINT-SIZE="10">([^<]*)<', source)


def test_a_logarithmic_axis_is_marked_0_only_where_a_curve_is_0():
    curve = [(0.0, 1e-3), (1.0, 1.0)]
    assert "0" not in ticks(plot([Panel("p", {"c": curve})], "t", "y").source)
    assert "0" in ticks(plot([Panel("p", {"c": [*curve, (2, 0.0)]})], "t", "y").source)
    assert "0" in ticks(plot([Panel("p", {"c": curve})], "t", "y", logarithmic=False).source)


def test_no_curve_has_a_colour_that_means_a_sign_or_a_weight():
    source = plot([Panel("p", SIX)], "t", "y").source.lower()
    for colour in (LIGHT.positive, LIGHT.negative, LIGHT.gold):
        assert colour.lower() not in source


def test_curves_are_told_apart_without_colour():
    source = plot([Panel("p", SIX)], "t", "y").source
    marks = [set(re.findall(rf"\tp0c{c}_\d+ .*shape=(\w+)", source)) - {"point"} for c in range(6)]
    assert all(len(shapes) == 1 for shapes in marks) and len(set.union(*marks)) == 6
    keys = [re.findall(rf"\tp0c{c}key .*shape=(\w+)", source) for c in range(6)]
    assert [set(shapes) for shapes in keys] == marks              # beside its name stands its mark
    assert len({style.color for style in STYLES}) == 6


@pytest.mark.parametrize("points", [1, 2, 9, 400])
def test_a_curve_has_marks_but_not_at_every_point(points):
    source = plot([Panel("p", {"c": [(x, 1.0 + x) for x in range(points)]})], "t", "y").source
    assert 1 <= len(re.findall(r"\tp0c0_\d+ .*shape=circle", source)) <= 9


def test_grey_levels_of_the_curves_are_dark_enough_on_paper():
    for style in STYLES:
        red, green, blue = (int(style.color[i:i + 2], 16) / 255 for i in (1, 3, 5))
        assert 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.5


@pytest.mark.parametrize("names", [["RNN", "LSTM c", "GRU", "LSTM c, b = 4", "GRU, b = 4"], ["a"], ["long " * 20] * 3])
def test_the_names_of_curves_and_their_marks_do_not_overlap(engine, names):
    curves = {f"{name}{' ' * k}": [(0.0, 1.0), (1.0, 2.0)] for k, name in enumerate(names)}
    svg = plot([Panel("p", curves)], "t", "y").svg()
    key_at, spans = {}, []
    for part, body in re.findall(r"<title>p0c(\d+(?:key|name))</title>(.*?)</g>\n</g>", svg, re.DOTALL):
        if part.endswith("key"):
            xs = [float(x) for x in re.findall(r'(?:points="|cx=")(-?[\d.]+)', body)]
            ys = re.findall(r'points="-?[\d.]+,(-?[\d.]+)|cy="(-?[\d.]+)', body)
            key_at[part] = (xs[0], float("".join(ys[0])))
        else:
            x, y, width = map(float, re.findall(r'<text [^>]*?\bx="(\S+)" y="(\S+)".*?textLength="([\d.]+)"', body)[0])
            spans.append((x, y, width))
    assert len(key_at) == len(spans) == len(names)
    for x, y, width in spans:
        assert not any(x - 2 < at < x + width + 2 and abs(line - y) < 10 for at, line in key_at.values())
        beside = [other for other, line, _ in spans if abs(line - y) < 10 and other > x]
        assert all(other > x + width for other in beside)
