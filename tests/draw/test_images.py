"""The images that the README shows are those that the code draws: the DOT text to the byte, the SVG by its texts."""

import importlib.util
import math
import re
import xml.etree.ElementTree as ElementTree

import pytest
from conftest import ROOT

from minigrad.bptt import gradient_flow
from minigrad.draw import animation

EXAMPLES = ROOT / "examples"
spec = importlib.util.spec_from_file_location("redraw_images", EXAMPLES / "redraw_images.py")
assert spec and spec.loader
redraw_images = importlib.util.module_from_spec(spec)
spec.loader.exec_module(redraw_images)
PICTURES = dict(redraw_images.pictures())


@pytest.mark.parametrize("name", PICTURES)
def test_the_dot_text_is_the_same_to_the_byte(name):
    """Run `python examples/redraw_images.py` if a change was meant, and look at what it draws."""
    assert (EXAMPLES / "images" / f"{name}.gv").read_text(encoding="utf-8") == PICTURES[name].source


@pytest.mark.parametrize("name", PICTURES)
def test_the_svg_holds_every_text_of_the_picture(name):
    stored = ElementTree.parse(EXAMPLES / "images" / f"{name}.svg").getroot()
    assert texts(stored) == texts(ElementTree.fromstring(PICTURES[name].svg()))


def texts(svg) -> list[str]:
    found = [" ".join((element.text or "").split()) for element in svg.iter() if element.tag.endswith("}text")]
    return sorted(filter(None, found))


def test_there_is_no_image_that_nothing_draws():
    assert {path.stem for path in (EXAMPLES / "images").iterdir()} == {*PICTURES, "bptt"}


def test_the_animation_that_opens_the_readme_is_the_one_that_the_code_makes():
    stored = (EXAMPLES / "images" / "bptt.svg").read_text(encoding="utf-8")
    made = animation(*redraw_images.lecture([1, 0.5, -1])).svg
    assert texts(ElementTree.fromstring(stored)) == texts(ElementTree.fromstring(made))
    assert stored.count("@keyframes") == made.count("@keyframes") > 20
    readme = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
    assert re.search(r"!\[[^]]*\]\((.*?)\)", readme)[1] == "examples/images/bptt.svg"      # type: ignore[index]


def test_every_view_of_the_lectures_example_is_among_them():
    assert {"unrolled", "units", "staircase", "graph", "rolled"} <= set(PICTURES)


def test_in_the_picture_of_the_lstm_the_gradient_comes_back_along_c():
    loss, unrolled = redraw_images.two_roads()
    along_h, along_c = gradient_flow(loss, unrolled), gradient_flow(loss, unrolled, of="cell")
    kept = math.prod(step.gates["f"][0].data for step in unrolled)
    assert 0.9 * kept < along_c[0] / along_c[6] < 1.1 * kept and kept > 0.75     # a product of forget gates, nearly
    assert max(along_h[:6]) < along_h[6] / 50
