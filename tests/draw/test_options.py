"""The options of draw(): for a slide, in the dark, with other digits; each does what it says or is refused by name."""

import random
import re
import runpy
from itertools import pairwise

import pytest
from conftest import ROOT, lecture, with_underscores

from minigrad import Value, dot, exp, log_sum_exp
from minigrad.draw import draw
from minigrad.draw.options import KEYWORDS
from minigrad.draw.theme import THEMES, Scale
from minigrad.losses import mse_loss
from minigrad.nn import GRU, LSTM, RNN, Unrolled

GALLERY = runpy.run_path(str(ROOT / "examples" / "redraw_images.py"))["GALLERY"]
ON_A_SLIDE = [name for name in GALLERY if name != "graph"]             # an unfolded graph has any size


def finished() -> tuple[Value, Unrolled]:
    _, unrolled, _, loss = lecture()
    loss.backward()
    return loss, unrolled


def size_and_type(svg: str) -> tuple[float, float, float]:
    [(width, height)] = re.findall(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg)
    return float(width), float(height), min(map(float, re.findall(r'font-size="([\d.]+)"', svg)))


@pytest.mark.parametrize("name", ON_A_SLIDE)
def test_on_a_slide_of_13_by_7_inches_no_type_is_smaller_than_11_points(name, engine):
    width, height, smallest = size_and_type(GALLERY[name](aspect="16:9").svg())
    assert width / height == pytest.approx(16 / 9, rel=0.06)
    assert smallest * min(960 / width, 540 / height) >= 11 or name in ("shape", "rolled")      # of six steps, and wide
    assert smallest * min(960 / width, 540 / height) >= 9


@pytest.mark.parametrize(("aspect", "ratio"), [("16:9", 16 / 9), ("4:3", 4 / 3), ("wide", 21 / 9)])
def test_an_aspect_is_that_of_the_picture(aspect, ratio):
    width, height, _ = size_and_type(GALLERY["columns"](aspect=aspect).svg())
    assert width / height == pytest.approx(ratio, rel=0.06)


def luminance(colour: str) -> float:
    """WCAG 2.1: of a colour on a screen"""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_every_number_can_be_read_on_every_ground_of_the_theme(theme):
    scale = Scale([1, -1], theme)
    grounds = [scale.fill(g) for g in (1, 0.1, 0.01, 0, -0.01, -0.1, -1)] + [scale.fill(1, norm=True)]
    grounds += [theme.paper, theme.box, theme.input, theme.gold_fill, theme.staircase, theme.band, theme.current]
    assert min(contrast(theme.ink, ground) for ground in grounds) >= 4.5


def test_a_dark_picture_differs_in_its_colours_alone():
    light, dark = (draw(*finished(), "auto", theme=theme).source for theme in ("light", "dark"))
    without = [re.sub(r"#[0-9a-fA-F]{6,8}", "#", source) for source in (light, dark)]
    assert without[0] == without[1] and THEMES["dark"].paper in dark and THEMES["light"].paper not in dark


def test_digits_are_those_of_every_number():
    source = draw(*finished(), "auto", digits=2).source
    assert "−0.34" in source and "−0.345" not in re.sub(r'tooltip="[^"]*"', "", source)
    assert "−0.50050" in re.sub(r"<[^>]*>", "", draw(*finished(), "graph", digits=6).source)


def test_without_its_legend_a_picture_has_the_same_boxes():
    whole, bare = draw(*finished(), "auto").source, draw(*finished(), "auto", legend=False).source
    assert "arrow: forward" in whole and "arrow: forward" not in bare and bare.count("BORDER=") < whole.count("BORDER=")


def test_a_graph_goes_from_top_to_bottom_and_a_view_of_time_refuses():
    assert "rankdir=TB" in draw(*finished(), "graph", direction="TB").source
    with pytest.raises(ValueError, match=r"view 'columns' goes from left to right.*view='graph'"):
        draw(*finished(), "columns", direction="TB")


@pytest.mark.parametrize("view", ["columns", "folded", "rolled", "graph"])
def test_no_underscore_is_drawn_in_a_name(view, engine):
    svg = draw(*finished(), view).svg()
    drawn = "".join(re.findall(r"<text[^>]*>.*?</text>", svg))
    assert "_" not in re.sub(r"<[^>]*>", "", drawn) and "w_h" in with_underscores(drawn)


def test_a_name_of_several_letters_keeps_its_underscore():
    loss = Value(2, label="my_rate") * Value(3, label="v_th")
    assert "my_rate" in draw(loss).source and "v_th" in with_underscores(draw(loss).source)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"theme": "blue"}, 'theme is \'blue\'; it must be "light" or "dark"'),
        ({"aspect": "1:1"}, 'aspect is \'1:1\'; it must be None, "16:9", "4:3" or "wide"'),
        ({"digits": 0}, "digits is 0; it must be None, 1, 2, 3, 4, 5 or 6"),
        ({"digits": True}, "digits is True"),
        ({"legend": 1}, "legend is 1; it must be True or False"),
        ({"direction": "BT"}, 'direction is \'BT\'; it must be "LR" or "TB"'),
    ],
)
def test_a_choice_that_is_not_one_is_refused_with_those_that_are(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        draw(*finished(), "auto", **options)


def test_an_unknown_option_is_refused_with_all_that_there_are():
    message = f"there is no option 'rankdir'; the options are {', '.join(KEYWORDS)}"
    with pytest.raises(TypeError, match=re.escape(message)):
        draw(*finished(), "auto", rankdir="TB")       # type: ignore[call-arg]


@pytest.mark.parametrize(("digits", "points"), [(4, 11), (5, 9), (6, 8)])
@pytest.mark.parametrize("name", ["columns", "units", "folded_10", "layers"])
def test_more_digits_make_the_type_of_a_slide_no_smaller_than_is_said(name, digits, points):
    width, height, smallest = size_and_type(GALLERY[name](aspect="16:9", digits=digits).svg())
    assert smallest * min(960 / width, 540 / height) >= points


def test_on_a_slide_of_ten_steps_an_arrow_is_longer_than_its_head(engine):
    svg = GALLERY["folded_10"](aspect="16:9").svg()
    parts = r'<g id="eo\d+_o\d+" class="edge e">.*?d="M(-?[\d.]+),.*?<polygon[^>]*points="(.*?)"'
    arrows = re.findall(parts, svg, re.DOTALL)
    assert len(arrows) == 10
    for start, corners in arrows:
        xs = [float(corner.split(",")[0]) for corner in corners.split()]
        assert min(xs) - float(start) > 0.6 * (max(xs) - min(xs))


def test_a_number_under_a_subscript_does_not_touch_it(engine):
    svg = GALLERY["columns"]().svg()
    title, number = re.search(r'<text [^>]*y="(-?[\d.]+)"[^>]*>∂L/∂w<tspan [^>]*>i</tspan></text>\n'
                              r'<text [^>]*y="(-?[\d.]+)"', svg).groups()         # type: ignore[union-attr]
    low, digits = 0.2 * 10, 0.73 * 13                 # how deep the one and how high the other is, in points
    assert float(number) - float(title) > low + digits + 3


CROWDED: dict[str, tuple] = {                         # kind, steps, size of its vectors, of unroll(), of draw()
    "thirty steps": (RNN, 30, 1, {}, {}), "a highlight": (RNN, 30, 1, {}, {"highlight": 15}),
    "vectors": (RNN, 30, 3, {}, {}), "a cut": (RNN, 5, 1, {"truncate": 2}, {"digits": 6}),
    "words": (RNN, 10, 1, {}, {"captions": ["unbelievably"] * 10}), "no name": (GRU, 4, 1, {}, {"digits": 6}),
    "two states": (LSTM, 30, 1, {}, {"digits": 6}), "outputs": (RNN, 10, 1, {}, {"digits": 5}),
    "few outputs": (RNN, 4, 1, {}, {}),
}


@pytest.mark.parametrize("aspect", [None, "16:9"])
@pytest.mark.parametrize("name", CROWDED)
def test_boxes_stand_apart_and_under_their_cells(name, aspect, engine):
    kind, steps, size, cut, options = CROWDED[name]
    net, source = kind(size, size, seed=3, fused=size > 1), random.Random(7)
    unrolled = net.unroll([[round(source.uniform(-1, 1), 2) for _ in range(size)] for _ in range(steps)], **cut)
    read = unrolled if "outputs" in name else unrolled.steps[-1:]
    loss = mse_loss([net.readout(step.state)[0] for step in read], [0.3] * len(read))
    loss.backward()
    svg = draw(loss, unrolled, "folded", aspect=aspect, **options).svg()
    frames = re.findall(r'<g id="(o\d+|middle|out\d)" class="node[^>]*>.*?d="(M[^"]*)"', svg, re.DOTALL)
    spans = sorted((min(xs), max(xs)) for _, path in frames
                   if (xs := [float(x) for x in re.findall(r"(-?[\d.]+),", path)]))
    assert len(spans) > 5
    for (_, right), (left, _) in pairwise(spans):
        assert left - right > 3
    for path in re.findall(r'<g id="eledger0_\w+" class="edge[^>]*>.*?d="(M[^"]*)"', svg, re.DOTALL):
        xs = [float(x) for x in re.findall(r"(-?[\d.]+),", path)]
        assert max(xs) - min(xs) < 6


@pytest.mark.parametrize("aspect", [None, "16:9", "4:3", "wide"])
def test_arrows_go_around_boxes_whatever_the_legend_says(aspect, engine):
    net = RNN(2, 2, seed=4)
    unrolled = net.unroll([[0.5, 1], [-1, 0.3], [0.2, 0.7], [1, -1]])
    states, asked = [step.state for step in unrolled], [Value(0.7, label="u[0]"), Value(-1.1, label="u[1]")]
    scores = [dot(asked, o) for o in states]
    total = log_sum_exp(scores)
    weights = [exp(e - total) for e in scores]
    loss = mse_loss([dot(weights, [o[i] for o in states]) for i in range(2)], [1, 0])
    loss.backward()
    svg = draw(loss, view="attention", aspect=aspect).svg()
    path = re.search(r'<g id="eo1_mean" class="edge[^>]*>.*?d="M([^"]*)"', svg, re.DOTALL)[1]      # type: ignore[index]
    ends = [complex(*map(float, point.split(","))) for point in re.findall(r"-?[\d.]+,-?[\d.]+", path)]
    along = ends[-1] - ends[0]
    assert max(abs(((point - ends[0]) / along).imag) for point in ends) > 0.05
