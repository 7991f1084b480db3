"""The texts of a picture stay in their boxes, and apart, whatever fonts there are: measured in a real browser."""

import os
import re
import runpy
import shutil
import subprocess

import pytest
from browser import Browser
from conftest import ROOT, need

from minigrad.draw import engines

GALLERY = runpy.run_path(str(ROOT / "examples" / "redraw_images.py"))["GALLERY"]
FONTS = ["DejaVu Sans", "Liberation Sans", "Liberation Serif"]         # wider than Arial, as wide, and with serifs
MEASURE = """
(family => {
  const svg = document.querySelector("svg");
  svg.style.cssText = "";
  for (const text of svg.querySelectorAll("text")) text.style.fontFamily = "'" + family + "'";
  const box = element => { const b = element.getBBox(); return [b.x, b.y, b.x + b.width, b.y + b.height, element]; };
  const texts = [...svg.querySelectorAll("text")].map(box), wrong = [];
  const holds = (outer, x, y) => outer[0] <= x && x <= outer[2] && outer[1] <= y && y <= outer[3];
  for (const [left, top, right, bottom, text] of texts) {
    const part = text.closest(".node, .edge, .cluster") || svg;
    const frames = [...part.querySelectorAll("polygon, path, ellipse")].map(box);
    const around = frames.filter(frame => holds(frame, (left + right) / 2, (top + bottom) / 2));
    around.sort((a, b) => (a[2] - a[0]) * (a[3] - a[1]) - (b[2] - b[0]) * (b[3] - b[1]));
    if (part != svg && around.length && (left < around[0][0] - 1 || right > around[0][2] + 1))
      wrong.push("leaves its box: " + text.textContent);
  }
  const low = ([l, t, r, b, e]) => [l + 0.5, t + 0.2 * (b - t), r - 0.5, b - 0.2 * (b - t), e];       // without leading
  const inner = texts.map(low);
  inner.forEach((a, i) => inner.slice(i + 1).forEach(b => {
    if (a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3])
      wrong.push("overlap: " + a[4].textContent + " | " + b[4].textContent);
  }));
  return wrong;
})"""

APART = """
(() => {
  const rectangle = (element) => { const b = element.getBBox(); return [b.x, b.y, b.x + b.width, b.y + b.height]; };
  const around = (node) => {                            // its frame; without one its texts, less the air over them
    if (node.querySelector("path, polygon")) return rectangle(node);
    const [lefts, tops, rights, bottoms] = [0, 1, 2, 3].map((k) =>
      [...node.querySelectorAll("text")].map((text) => rectangle(text)[k]));
    return [Math.min(...lefts), Math.min(...tops) + 3, Math.max(...rights), Math.max(...bottoms) - 3];
  };
  const drawn = (node) => !node.matches(".step") && node.querySelector("text");
  const nodes = [...document.querySelectorAll("g.node")].filter(drawn).map((node) => [node.id, around(node)]);
  return nodes.flatMap(([one, a], k) => nodes.slice(k + 1).filter(([, b]) =>
    Math.min(a[2], b[2]) - Math.max(a[0], b[0]) > 0.6 && Math.min(a[3], b[3]) - Math.max(a[1], b[1]) > 0.6
  ).map(([other]) => one + " | " + other));
})()"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    chromium = need("chromium")
    with Browser(chromium, tmp_path_factory.mktemp("browser")) as browser:
        yield browser


def only(family: str, tmp_path) -> str:
    """The configuration of a machine that has this family of fonts alone"""
    listed = subprocess.run([need("fc-list"), family, "file"], capture_output=True, text=True, check=True).stdout
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    for path in re.findall(r"^(.*?):", listed, re.MULTILINE):
        shutil.copy(path, fonts)
    if not any(fonts.iterdir()):
        pytest.skip(f"{family} is not installed here")
    (tmp_path / "fonts.conf").write_text(
        f"<fontconfig><dir>{fonts}</dir><cachedir>{tmp_path / 'cache'}</cachedir></fontconfig>")
    return os.fspath(tmp_path / "fonts.conf")


@pytest.mark.parametrize("laid_out_with", FONTS[:2])
@pytest.mark.parametrize("name", GALLERY)
def test_no_text_leaves_its_box_and_no_two_overlap(name, laid_out_with, engine, browser, tmp_path, monkeypatch):
    monkeypatch.setenv("FONTCONFIG_FILE", only(laid_out_with, tmp_path))
    page = tmp_path / "picture.svg"
    GALLERY[name]().save(page)
    browser.open(page)
    for family in FONTS:
        assert browser.evaluate(f"{MEASURE}({family!r})") == [], family


@pytest.mark.parametrize("aspect", [None, "16:9"])
@pytest.mark.parametrize("digits", [None, 5, 6])
@pytest.mark.parametrize("name", ["columns", "units", "folded", "folded_10", "layers", "shape", "attention", "cell"])
def test_boxes_with_more_digits_stay_apart(name, digits, aspect, engine, browser, tmp_path):
    page = tmp_path / "picture.svg"
    GALLERY[name](digits=digits, aspect=aspect).save(page)
    browser.open(page)
    assert browser.evaluate(f"{MEASURE}('DejaVu Sans')") == []
    assert browser.evaluate(APART) == []


def test_a_text_takes_the_width_that_the_layout_gave_it(engine):
    label = '<w<FONT POINT-SIZE="11"><SUB>h</SUB></FONT>·x>'
    svg = engines.render(f"digraph {{ layout=dot; a [shape=plain fontname=Arial label={label}] }}", "svg")
    [(attributes, words)] = re.findall(r"<text ([^>]*)>(.*)</text>", svg.decode())
    [length] = map(float, re.findall('textLength="([^"]+)"', attributes))
    assert 15 < length < 40 and 'lengthAdjust="spacingAndGlyphs"' in attributes
    assert re.sub("<[^>]+>", "", words) == "wh·x" and "baseline-shift" not in attributes
