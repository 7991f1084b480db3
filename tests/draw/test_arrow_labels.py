"""In view "graph" the numbers of an arrow stand on it, and every arrow is a smooth line: measured in the SVG."""

import math
import re
import runpy
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from conftest import ROOT, lecture

from minigrad import Value
from minigrad.draw import draw

images = runpy.run_path(str(ROOT / "examples" / "redraw_images.py"))
SVG = "{http://www.w3.org/2000/svg}"
Point = tuple[float, float]


def by_hand() -> Value:
    """Eight numbers, two of them used twice"""
    a, b = Value(2, label="a"), Value(3, label="b")
    c, d = a * b, a + b
    e, f = c * d, (c + d).tanh()
    c.label, d.label, e.label, f.label = "c", "d", "e", "f"
    return e * f + a * c


def networks() -> dict[str, dict]:
    _, unrolled, _, loss = lecture()
    return {
        "by hand": {"loss": by_hand()}, "neuron": {"loss": images["neuron"]()}, "layers": {"loss": images["mlp"]()},
        "attention": {"loss": images["attention"]()}, "lecture": {"loss": loss, "unrolled": unrolled},
        "every operation": {"loss": loss, "unrolled": unrolled, "fold": False},
        "folded": {"loss": loss, "fold": ["w_i", "w_h", "w_o", "o_1", "o_2", "o_3", "y_hat"]},
    }


@pytest.fixture(params=networks())
def arrows(request, engine) -> tuple[ElementTree.Element, dict[str, list[list[Point]]]]:
    """The SVG, and {id of an arrow: its curves as points}"""
    options = networks()[request.param]
    options["loss"].backward()
    svg = ElementTree.fromstring(draw(**options, view="graph").svg())
    groups = [group for group in svg.iter(f"{SVG}g") if group.get("class") == "edge e"]
    return svg, {group.get("id", ""): [points(path.get("d", "")) for path in group.iter(f"{SVG}path")]
                 for group in groups}


def points(path: str) -> list[Point]:
    """Along a path of cubic curves: their ends, and 30 points on each"""
    numbers = list(map(float, re.findall(r"-?[\d.]+", path)))
    ends = list(zip(numbers[::2], numbers[1::2]))
    found = [ends[0]]
    for k in range(0, len(ends) - 1, 3):
        for t in [n / 30 for n in range(1, 31)]:
            weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            found.append((sum(w * x for w, (x, _) in zip(weights, ends[k:])),
                          sum(w * y for w, (_, y) in zip(weights, ends[k:]))))
    return found


def box_of(chip: ElementTree.Element) -> tuple[float, float, float, float]:
    """Around the texts of a chip: left, top, right, bottom"""
    around = []
    for text in chip.iter(f"{SVG}text"):
        x, y, size, width = (float(text.get(key, 0)) for key in ("x", "y", "font-size", "textLength"))
        left = x - width / 2 if text.get("text-anchor") == "middle" else x
        around.append((left, y - 0.75 * size, left + width, y + 0.1 * size))
    lefts, tops, rights, bottoms = zip(*around)
    return min(lefts), min(tops), max(rights), max(bottoms)


def distance(box: tuple[float, float, float, float], curves: list[list[Point]]) -> float:
    left, top, right, bottom = box
    return min(math.hypot(max(left - x, 0, x - right), max(top - y, 0, y - bottom)) for curve in curves
               for x, y in curve)


def test_the_numbers_of_an_arrow_are_nearer_to_it_than_to_any_other(arrows):
    svg, curves = arrows
    chips = [group for group in svg.iter(f"{SVG}g") if group.get("class") == "node chip"]
    assert len(chips) >= 7
    for chip in chips:
        own = chip.get("id", "")[1:]                  # the chip le4_n5 is that of the arrow e4_n5
        others = [curve for key, parts in curves.items() if key != own for curve in parts]
        assert distance(box_of(chip), curves[own]) < min(13, distance(box_of(chip), others)), own


def test_an_arrow_goes_through_its_numbers_in_one_direction(arrows):
    _, curves = arrows
    assert any(len(parts) == 2 for parts in curves.values())
    for key, parts in curves.items():
        for before, after in pairwise(parts):         # it leaves them at their other side, level
            (x1, y1), (x2, y2) = before[-1], after[0]
            assert x1 < x2 and abs(y2 - y1) < 1, key
            assert abs(before[-2][1] - y1) < 0.2 * (x1 - before[-2][0]) + 0.05, key
            assert abs(after[1][1] - y2) < 0.2 * (after[1][0] - x2) + 0.05, key


def test_no_arrow_turns_back(arrows):
    _, curves = arrows
    for key, parts in curves.items():
        xs = [x for curve in parts for x, _ in curve]
        assert all(x <= later + 3 for x, later in pairwise(xs)) and xs[0] < xs[-1], key
        for curve in parts:                           # a knob is a corner: the line never turns sharply
            steps = [(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in pairwise(curve) if math.hypot(x2 - x1, y2 - y1) > 0.1]
            turns = [abs(math.remainder(math.atan2(y2, x2) - math.atan2(y1, x1), math.tau))
                     for (x1, y1), (x2, y2) in pairwise(steps)]
            assert max(turns, default=0) < math.radians(50), key
