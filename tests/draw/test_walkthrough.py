"""The page that plays both passes: what it says is what the graph holds, and a real browser can use it in every way."""

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from browser import Browser
from conftest import lecture, need

from minigrad import Value
from minigrad.draw import draw, engines, frames, walkthrough
from minigrad.draw.animation import playable_picture, scenes
from minigrad.graph import gradients
from minigrad.losses import mse_loss
from minigrad.nn import RNN
from minigrad.notation import signed
from minigrad.snapshot import Snapshot


def neuron():
    x, w = Value(2.0, label="x_1"), Value(-0.5, label="w_1")
    n = x * w + Value(0.3, label="b")
    n.label = "n"
    o = n.tanh() * n
    o.label = "o"
    return o


def truncated():
    rnn = RNN.from_weights(w_i=[[0.5]], w_h=[[0.8]], w_o=[[1.2]])
    unrolled = rnn.unroll([[1], [0.5], [-1], [0.3], [0.7]], truncate=2)
    return mse_loss(rnn.readout(unrolled.state), [1]), unrolled


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A browser, with the lecture's page in it at directory / "w.html" """
    chromium = need("chromium")
    directory = tmp_path_factory.mktemp("pages")
    _, unrolled, _, loss = lecture()
    walkthrough(loss, unrolled).save(directory / "w.html")
    walkthrough(neuron()).save(directory / "any.html")
    walkthrough(*truncated()).save(directory / "cut.html")
    with Browser(chromium, directory / "profile") as browser:
        browser.directory = directory
        browser.size(1500, 900)
        browser.open(directory / "w.html")
        yield browser


def played():
    """(loss, {Value: the id of its box}, scenes) of the lecture's network"""
    _, unrolled, _, loss = lecture()
    snapshot = Snapshot(loss, [unrolled])
    picture = playable_picture(snapshot)
    boxes = {value: keys[0] for value, keys in picture.shown().items() if isinstance(value, Value)}
    return loss, boxes, scenes(picture, snapshot)


def computed(boxes):
    return [value for value in boxes if value.operands]


# ---------------------------------------------------------------------- what is played


def test_there_is_a_scene_for_every_box_forward_and_backward():
    _, shown_in, shown = played()
    phases = [scene.phase for scene in shown]
    boxes = len(computed(shown_in))
    assert phases == ["start", *["forward"] * boxes, "seed", *["backward"] * boxes, "done"] and boxes == 15


def test_the_last_totals_are_the_gradients():
    loss, boxes, shown = played()
    loss.backward()
    totals = shown[-1].moment.arrived
    for node in boxes:
        assert abs(totals[node] - node.grad) < 1e-15


def test_accounts_are_sentences_with_the_lectures_numbers():
    _, _, shown = played()
    accounts = [scene.account for scene in shown]
    assert "z₁ = x₁·w_i + o₀·w_h = 0.5 + 0 = 0.5" in accounts and "L = BCE(ŷ, y) = BCE(0.4822, 1) = 0.7293" in accounts
    assert "from o₂: z₂ gets −0.4953 × 0.6965 = −0.345" in accounts
    assert any("w_h gets −0.345 × 0.4621 = −0.1594 (with the rest −0.5005)" in account for account in accounts)


def test_the_page_needs_no_backward_and_changes_no_value():
    _, unrolled, _, loss = lecture()
    walkthrough(loss, unrolled)
    assert all(node.grad == 0 for node in gradients(loss))


def test_the_page_of_three_steps_has_less_than_100_kilobytes_and_names_nothing_outside():
    _, unrolled, _, loss = lecture()
    text = walkthrough(loss, unrolled).page
    assert len(text.encode()) < 101_000
    assert "default-src 'none'" in text and "unsafe" not in text
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!#)""", text) and "import(" not in text
    assert set(re.findall(r"https?://[^\s\"'<]+", text)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_hostile_labels_stay_text_in_the_page():
    label = '</script><script>alert(1)</script><img src=x onerror=alert(1)>"\'&'
    root = Value(2.0, label=label) * Value(3.0, label="w")
    root.label = label
    text = walkthrough(root).page
    assert text.count("<script") == 2 and "<img" not in text
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert data and label in json.loads(data[1])["labels"]


def test_a_graph_too_large_to_play_is_refused():
    rnn = RNN(4, 6, seed=1)
    loss = mse_loss(rnn.readout(rnn.unroll([[1, 2, 3, 4]] * 10).state), [1])
    with pytest.raises(ValueError, match="more than 200"):
        walkthrough(loss)


def test_a_page_is_saved_whole_under_a_name_that_ends_in_html(tmp_path):
    made = walkthrough(neuron())
    assert made.save(tmp_path / "ŷ page.html").read_text(encoding="utf-8") == made.page
    with pytest.raises(ValueError, match=r"must end in \.html"):
        made.save(tmp_path / "page.svg")
    assert made._repr_html_().startswith("<iframe srcdoc=")


def test_frames_hold_every_box_at_the_same_place(tmp_path):
    _, unrolled, _, loss = lecture()
    paths = frames(loss, unrolled, tmp_path / "f", form="gv")
    assert [path.name for path in paths] == [f"frame_{k:03}.gv" for k in range(33)]

    def places(path: Path):
        plain = engines.render(path.read_text(encoding="utf-8"), "plain").decode()
        return {line.split()[1]: line.split()[2:4] for line in plain.splitlines() if line.startswith("node")}

    first, middle, last = (places(paths[k]) for k in (0, 20, 32))
    assert first == middle == last
    assert "#ffe58a" in paths[20].read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="there is no form 'gif'"):
        frames(loss, unrolled, tmp_path, form="gif")


def test_the_last_frame_shows_what_the_picture_shows(tmp_path):
    _, unrolled, _, loss = lecture()
    last = frames(loss, unrolled, tmp_path)[-1]
    loss.backward()
    texts = [[e.text or "" for e in ElementTree.fromstring(svg).iter() if e.tag.endswith("}text")]
             for svg in (last.read_text(encoding="utf-8"), draw(loss, unrolled).svg())]
    assert [text for text in texts[0] if "done: " not in text and text.strip()] == [t for t in texts[1] if t.strip()]
    assert sum("done: every gradient is known" in text for text in texts[0]) == 1


def test_highlight_fades_all_but_the_routes_a_path_or_a_step():
    _, unrolled, _, loss = lecture()
    loss.backward()
    [o_1], [o_2] = unrolled[0].state, unrolled[1].state

    def faded(what, view="auto"):
        lines = draw(loss, unrolled, view, highlight=what).source.splitlines()
        dim = [re.sub("<.*>", "", line) for line in lines if '2c"' in line]
        return {re.findall(r" id=(\w+)", line)[0] for line in dim if " id=" in line}

    every = {key for key in re.findall(r" id=([nel]\w+)", draw(loss, unrolled).source) if key != "legend"}
    of_o_2, of_step = faded(o_2), faded(2)
    assert of_o_2 and of_o_2 < every and of_step and of_step != of_o_2
    assert len(faded(loss)) > len(of_o_2) > len(faded(o_1))
    assert len(faded([o_2, o_2.operands[0]])) > len(of_step)
    assert {"o0", "o1", "o3", "out0"} <= faded(2, "folded") and not {"o2", "eo1_o2"} & faded(2, "folded")
    with pytest.raises(ValueError, match="is not a time step; they go from 1 to 3"):
        draw(loss, unrolled, highlight=4)
    with pytest.raises(ValueError, match="is not in the graph"):
        draw(loss, unrolled, highlight=Value(1))


# ---------------------------------------------------------------------- in a real browser


def caption(page) -> str:
    return page.evaluate("document.getElementById('caption').textContent")


def place(page) -> str:
    return page.evaluate("document.getElementById('count').textContent")


def test_keys_step_through_both_passes(page):
    page.open(page.directory / "w.html")
    assert place(page) == "0 / 32"
    for _ in range(3):
        page.key("ArrowRight")
    assert place(page) == "3 / 32" and caption(page).startswith("forward 3/15")
    page.key("ArrowLeft")
    assert place(page) == "2 / 32"
    page.key("End")
    assert place(page) == "32 / 32"
    page.key("ArrowRight")
    assert place(page) == "32 / 32"
    page.key("Home")
    assert place(page) == "0 / 32"
    page.key("b")
    assert caption(page).startswith("backward it starts with ∂L/∂L = 1")
    assert page.complaints() == []


def test_links_open_a_step_or_a_focus(page):
    page.open(page.directory / "w.html", "#step=24")
    assert place(page) == "24 / 32" and "from o₂: z₂ gets −0.4953 × 0.6965 = −0.345" in caption(page)
    page.open(page.directory / "w.html", "#focus=o_2")
    assert caption(page).strip() == "∂L/∂o₂ = −2.074 × 0.2497 × 1.2 × 0.9965 × 1 × 0.8 = −0.4953"
    page.open(page.directory / "w.html", "#step=nonsense")
    assert place(page) == "0 / 32" and page.complaints() == []


def test_a_scene_shows_only_what_has_happened(page):
    page.open(page.directory / "w.html", "#step=24")
    assert page.evaluate("document.querySelectorAll('.v .blank').length") == 7 + 4       # pills and terms
    assert page.evaluate("document.querySelectorAll('.ghost').length") == 0
    page.key("Home")
    assert page.evaluate("document.querySelectorAll('.v.mid.ghost').length") == 14
    assert page.evaluate("document.querySelectorAll('.current').length") == 0


def test_the_pills_hold_the_running_totals(page):
    _, boxes, shown = played()
    w_h = next(v for v in boxes if v.label == "w_h")
    read = f"document.getElementById('a_{boxes[w_h]}c1').querySelector('text:last-of-type').textContent"
    seen = 0
    for k, scene in enumerate(shown):
        if w_h in scene.moment.arrived:
            page.open(page.directory / "w.html", f"#step={k}")
            assert page.evaluate(read) == signed(scene.moment.arrived[w_h])
            seen += 1
    assert seen > 5


def test_pointing_shows_the_routes_and_a_click_pins_them(page):
    page.open(page.directory / "w.html", "#step=32")
    _, boxes, _ = played()
    box = "#" + next(key for value, key in boxes.items() if value.label == "o_1")
    page.point(box)
    assert caption(page).strip().startswith("∂L/∂o₁ = −2.074 × 0.2497") and caption(page).endswith("= −0.276")
    dim = page.evaluate("document.querySelectorAll('.node:not(.on):not(.step)').length")
    assert dim > 20 and page.evaluate("document.querySelectorAll('.edge.on').length") >= 8
    page.point("nav")
    assert caption(page).startswith("done")
    page.point(box, click=True)
    page.point("nav")
    assert caption(page).strip().startswith("∂L/∂o₁")
    page.key("Escape")
    assert caption(page).startswith("done")


def test_a_term_of_a_ledger_shows_its_steps_product(page):
    page.open(page.directory / "w.html", "#step=32")
    page.evaluate("document.querySelectorAll('.bar .term')[1].id = 'second'")
    page.point("#second")
    text = caption(page).strip()
    assert re.match(r"via (x₂·w_i|o₁·w_h), to ∂L/∂w_[ih]: −2\.074 × .* = −0\.1(725|594)$", text), text


def test_touch_pins_and_the_buttons_and_the_slider_work(page):
    page.open(page.directory / "w.html", "#step=32")
    _, boxes, _ = played()
    page.size(390, 800, touch=True)
    page.tap("#" + next(key for value, key in boxes.items() if value.label == "o_1"))
    page.size(1500, 900)
    assert caption(page).strip().startswith("∂L/∂o₁")
    page.key("Escape")
    page.point("button[data-key=Home]", click=True)
    assert place(page) == "0 / 32"
    page.evaluate("(s => { s.value = 7; s.dispatchEvent(new Event('input')) })(document.getElementById('slider'))")
    assert place(page) == "7 / 32"
    assert page.complaints() == []


def test_space_plays_and_pauses(page):
    page.open(page.directory / "w.html")
    page.key(" ")
    assert page.evaluate("document.getElementById('play').textContent") == "❚❚ pause"
    page.key(" ")
    assert page.evaluate("document.getElementById('play').textContent") == "▶ play"


def test_everything_can_be_reached_by_the_keyboard_with_a_visible_focus(page):
    page.open(page.directory / "w.html", "#step=32")
    seen = set()
    for _ in range(60):
        page.call("Input.dispatchKeyEvent", type="keyDown", key="Tab", windowsVirtualKeyCode=9)
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.dataset.key || ''"))
        if page.evaluate("document.activeElement !== document.body"):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    _, boxes, _ = played()
    assert {boxes[v] for v in computed(boxes)} <= seen and {"Home", "b", "play", "slider"} <= seen
    page.evaluate(f"document.getElementById('{boxes[computed(boxes)[0]]}').focus()")
    page.key("Enter")
    assert page.evaluate("document.querySelector('svg').classList.contains('focus')")


def test_it_is_announced_and_named_for_those_who_do_not_see_it(page):
    page.open(page.directory / "w.html")
    assert page.evaluate("document.getElementById('caption').getAttribute('aria-live')") == "polite"
    assert page.evaluate("document.querySelectorAll('svg [role=button]:not([aria-label])').length") == 0
    assert page.evaluate("document.querySelectorAll('button:not([aria-label])').length") <= 2       # these have words


def test_it_can_be_read_at_every_width_and_without_motion(page):
    page.open(page.directory / "w.html", "#step=24")
    for width in (1500, 1000, 390):
        page.size(width, 800)
        smallest = page.evaluate(
            "Math.min(...[...document.querySelectorAll('svg text')].map(t => parseFloat(t.getAttribute('font-size')) * "
            "t.getScreenCTM().a))"
        )
        assert smallest >= 8, (width, smallest)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.size(1500, 900)
    page.prefer(prefers_reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.querySelector('.busy path')).animationName") == "none"
    page.prefer(prefers_color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 29)"
    page.prefer()


def test_on_a_phone_the_value_whose_turn_it_is_comes_into_view(page):
    page.size(390, 800, touch=True)
    page.open(page.directory / "w.html")
    for step in (12, 24, 32 - 1):
        page.open(page.directory / "w.html", f"#step={step}")
        left, right = (page.evaluate(f"document.querySelector('.current').getBoundingClientRect().{side}")
                       for side in ("left", "right"))
        assert left >= 0 and right <= 390
    page.size(1500, 900)


def test_any_graph_can_be_played(page):
    page.open(page.directory / "any.html")
    page.key("End")
    assert caption(page).startswith("done") and page.complaints() == []
    page.open(page.directory / "any.html", "#focus=n")
    assert re.match(r"∂o/∂n = .* \+ .* = ", caption(page).strip())


def test_a_truncated_network_says_what_is_cut_off_and_hides_the_terms_of_its_ledgers_until_they_arrive(page):
    page.open(page.directory / "cut.html")
    assert "steps 1 … 3 are cut off: no gradient flows back there" in caption(page)
    shown = "[...document.querySelectorAll('.bar .term')].filter((term) => !term.classList.contains('blank')).length"
    assert page.evaluate("document.querySelectorAll('.bar .term').length") == 4       # w_i and w_h, at t = 4 and t = 5
    assert page.evaluate(shown) == 0
    page.key("b")
    assert page.evaluate(shown) == 0
    page.key("End")
    assert page.evaluate(shown) == 4
