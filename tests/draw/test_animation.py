"""The SVG that plays the backward pass, without a script, in a real browser; and the frames with their sentences."""

import re
import time
from functools import cache
from xml.etree import ElementTree

import pytest
from browser import Browser
from conftest import lecture, need

from minigrad import Value
from minigrad.draw import Animation, animation, draw, frames
from minigrad.draw.film import LAST_SECONDS, SECONDS
from minigrad.draw.scenes import playable_picture, scenes
from minigrad.losses import mse_loss
from minigrad.nn import RNN
from minigrad.snapshot import Snapshot

SEEN = """[...document.querySelectorAll("text")].filter(text => {
    for (let e = text; e.parentElement; e = e.parentElement) if (getComputedStyle(e).opacity === "0") return false;
    return text.textContent.trim();
}).map(text => text.textContent.trim())"""


def film():
    _, unrolled, _, loss = lecture()
    return loss, unrolled


@cache
def played() -> Animation:
    """The animation of the lecture, once for the tests that only read it"""
    return animation(*film())


def texts(svg: str) -> list[str]:
    """What an SVG shows: not what only keeps its place"""
    found = [e for e in ElementTree.fromstring(svg).iter() if e.tag.endswith("text")]
    seen = [e for e in found if float(e.get("fill-opacity", 1)) > 0.01]
    return sorted(filter(None, ["".join(e.itertext()).strip() for e in seen]))


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    with Browser(need("chromium"), tmp_path_factory.mktemp("profile")) as browser:
        yield browser


def at(page, seconds: float) -> list[str]:
    page.evaluate(f"document.getAnimations().forEach(a => {{ a.pause(); a.currentTime = {1000 * seconds}; }})")
    return sorted(page.evaluate(SEEN))


def test_every_scene_shows_what_its_frame_shows(page, engine, tmp_path):
    loss, unrolled = film()
    drawn = frames(loss, unrolled, tmp_path / "frames")
    animation(*film()).save(tmp_path / "bptt.svg")
    first = next(k for k, path in enumerate(drawn) if "it starts with ∂L/∂L = 1" in path.read_text(encoding="utf-8"))
    page.open(tmp_path / "bptt.svg")
    assert page.evaluate("document.getAnimations().length") > 20 and len(drawn[first:]) == 17
    for k, path in enumerate(drawn[first:]):
        assert at(page, (k + 0.5) * SECONDS) == texts(path.read_text(encoding="utf-8")), k
    whole = 16 * SECONDS + LAST_SECONDS
    assert at(page, whole - 0.1) == texts(drawn[-1].read_text(encoding="utf-8"))
    assert at(page, whole + 0.5 * SECONDS) == texts(drawn[first].read_text(encoding="utf-8"))     # again from the start


def test_with_reduced_motion_it_stands_still_and_is_complete(page, tmp_path):
    loss, unrolled = film()
    path = played().save(tmp_path / "still.svg")
    page.prefer(**{"prefers-reduced-motion": "reduce"})
    page.open(path)
    moving, seen = page.evaluate("document.getAnimations().length"), sorted(page.evaluate(SEEN))
    page.prefer(**{"prefers-reduced-motion": "no-preference"})
    assert moving == 0
    loss.backward()
    assert [text for text in seen if text != "done: every gradient is known"] == texts(draw(loss, unrolled).svg())


def test_without_any_css_it_is_complete(tmp_path):
    loss, unrolled = film()
    root = ElementTree.fromstring(played().svg)
    hidden = {inner for e in root.iter() if e.get("opacity") == "0" for inner in e.iter()}
    shown = ["".join(e.itertext()).strip() for e in root.iter() if e.tag.endswith("text") and e not in hidden]
    loss.backward()
    assert sorted(filter(None, shown)) == sorted([*texts(draw(loss, unrolled).svg()), "done: every gradient is known"])


def test_it_pauses_where_one_points_at_it(page, tmp_path):
    page.open(played().save(tmp_path / "hover.svg"))
    states = "[...new Set(document.getAnimations().map(a => a.playState))].join()"
    assert page.evaluate(states) == "running"
    page.point("text")
    assert page.evaluate(states) == "paused"


def test_it_moves_as_an_img(page, tmp_path):
    path = animation(*film(), seconds=0.3).save(tmp_path / "bptt.svg")
    html = tmp_path / "readme.html"
    html.write_text(f'<img src="{path.name}" width="1200">', encoding="utf-8")
    page.open(html)
    seen: set[bytes] = set()
    end = time.monotonic() + 20
    while len(seen) < 4 and time.monotonic() < end:
        page.screenshot(tmp_path / "now.png")
        seen.add((tmp_path / "now.png").read_bytes())
    assert len(seen) == 4
    assert page.complaints() == [path.as_uri()]       # the one file that was asked for


def test_there_is_no_script_and_nothing_is_loaded():
    svg = played().svg
    assert "<script" not in svg and "href" not in svg and "url(" not in svg and "@import" not in svg
    assert not re.search(r"\son\w+=", svg) and ElementTree.fromstring(svg).tag.endswith("}svg")


def test_two_on_one_page_do_not_share_a_rule():
    first, second = played().svg, animation(film()[0]).svg
    names = [set(re.findall(r"@keyframes (\S+?)\{", svg)) for svg in (first, second)]
    assert names[0] and names[1] and names[0].isdisjoint(names[1])


def test_nothing_moves_but_what_changes():
    """All frames of a graph have one size, though a part of a gradient can be longer than the whole"""
    rnn = RNN(1, 1, seed=4)
    unrolled = rnn.unroll([[0.3], [-1], [0.77], [1.5], [-0.6]])
    loss = mse_loss(rnn.readout(unrolled.state), [1])
    svg = animation(loss, unrolled).svg
    assert len(svg) < 400_000
    moved = [e for e in ElementTree.fromstring(svg).iter() if e.get("opacity") == "0" and any(
        inner.tag.endswith("polyline") for inner in e.iter())]
    assert not moved


def test_the_same_graph_gives_the_same_svg_and_is_not_changed():
    loss, unrolled = film()
    assert animation(loss, unrolled).svg == played().svg
    assert loss.grad == 0 and isinstance(played(), Animation)


@pytest.mark.parametrize("make, error, message", [
    (lambda: animation(Value(1.0) * 2, seconds=0), ValueError, "seconds is 0; it must be above 0"),
    (lambda: animation("L"), TypeError,                # type: ignore[arg-type]
     "animation: it takes a Value, or a Value and one Unrolled, not str"),
    (lambda: animation(sum((Value(k) * 2 for k in range(45)), Value(0))), ValueError,
     "animation: .* scenes are more than 80; walkthrough"),
])
def test_what_cannot_be_played_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_it_is_an_svg_and_nothing_else(tmp_path):
    with pytest.raises(ValueError, match=r"cannot save an animation as 'bptt.gif': the name must end in .svg"):
        played().save(tmp_path / "bptt.gif")
    assert not list(tmp_path.iterdir())


def test_every_frame_says_what_happens_in_it(tmp_path):
    loss, unrolled = film()
    paths = frames(loss, unrolled, tmp_path, form="gv")
    snapshot = Snapshot(loss, [unrolled])
    shown = scenes(playable_picture(snapshot), snapshot)
    assert len(paths) == len(shown)
    for path, scene in zip(paths, shown):
        caption = re.findall(r"\tcaption .*", path.read_text(encoding="utf-8"))[0]
        said = re.sub(r"<SUB>", "_", caption.replace("&#160;", " ").replace("</TR>", " ")).split("class=")[0]
        said = " ".join(re.sub(r"<[^<>]*>", "", said.partition("<")[2]).split())
        assert said.removesuffix(">").strip() == f"{scene.title}: {scene.account}"
