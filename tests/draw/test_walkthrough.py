"""The film of both passes: what it says is what the graph holds; and the page as a file (test_live_page.py uses it)."""

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from conftest import lecture

from minigrad import Value
from minigrad.draw import draw, engines, frames, walkthrough
from minigrad.draw.scenes import playable_picture, scenes
from minigrad.graph import gradients
from minigrad.losses import mse_loss
from minigrad.nn import RNN
from minigrad.snapshot import Snapshot


def neuron():
    x, w = Value(2.0, label="x_1"), Value(-0.5, label="w_1")
    n = x * w + Value(0.3, label="b")
    n.label = "n"
    o = n.tanh() * n
    o.label = "o"
    return o


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


def test_the_first_scene_does_not_deny_the_data_that_are_computed():
    _, _, shown = played()
    assert shown[0].account == "inputs and weights are known; no gradient has been computed yet"


def test_the_page_needs_no_backward_and_changes_no_value():
    _, unrolled, _, loss = lecture()
    walkthrough(loss, unrolled)
    assert all(node.grad == 0 for node in gradients(loss))


def test_the_page_of_three_steps_has_less_than_150_kilobytes_and_names_nothing_outside():
    _, unrolled, _, loss = lecture()
    text = walkthrough(loss, unrolled).page
    assert len(text.encode()) < 150_000
    assert "default-src 'none'" in text and "unsafe" not in text
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!#)""", text) and "import(" not in text
    assert set(re.findall(r"https?://[^\s\"'<]+", text)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_hostile_labels_stay_text_in_the_page():
    label = '</script><script>alert(1)</script><img src=x onerror=alert(1)>"\'&'
    root = Value(2.0, label=label) * Value(3.0, label="w")
    root.label = label
    text = walkthrough(root).page
    assert text.count("<script") == 2 and "<img" not in text
    data = re.search(r'<script type="application/json" id="p-data">(.*?)</script>', text, re.DOTALL)
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


@pytest.mark.slow
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
