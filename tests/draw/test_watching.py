"""The picture follows the debugger: at every stop it shows exactly the gradients that memory holds."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from browser import Browser
from conftest import lecture, need
from dap import Debugger, need_debugpy
from shown import HELD, NAMES, gradients_held, gradients_shown

from minigrad.draw import DrawingError, draw, engines, follow, watch
from minigrad.notation import signed
from minigrad.value import Value

ROOT = Path(__file__).parents[2]
LESSON = ROOT / "examples" / "05_unfold.py"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
BACKWARD = next(number for number, line in enumerate(LESSON.read_text(encoding="utf-8").splitlines(), start=1)
                if line == "loss.backward()")
NOW = "__import__('__main__').now()"
SECONDS = 20                                          # in which a file that is followed must show what memory holds


def settings() -> dict:
    """What the repository tells the Debug Visualizer about debugpy"""
    content = json.loads((ROOT / ".vscode" / "settings.json").read_text(encoding="utf-8"))
    return content["debugVisualizer.debugAdapterConfigurations"]["debugpy"]


def visualized(debugger: Debugger, expression: str) -> str:
    """What the Debug Visualizer reads as JSON: it asks by the template of the settings, and trims what is shown"""
    asked = settings()["expressionTemplate"].replace("${expr}", expression)
    return debugger.shown(asked, settings()["context"]).strip()


def comes_to(happen: Callable[[], bool], where="") -> None:
    end = time.monotonic() + SECONDS
    while not happen():
        assert time.monotonic() < end, where
        time.sleep(0.02)


def comes_to_show(path: Path, held: dict[str, str], where: str) -> None:
    comes_to(lambda: gradients_shown(path.read_text(encoding="utf-8")) == held, where)


# ---------------------------------------------------------------------- in debuggers


def test_over_the_debug_adapter_protocol_the_watch_and_the_file_show_what_memory_holds_at_every_stop(tmp_path):
    need_debugpy()
    need("dot")
    file = tmp_path / "now.svg"
    with Debugger(LESSON, BACKWARD, {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}) as debugger:
        debugger.shown(f"following = __import__('minigrad.draw').draw.follow(loss, unrolled, {str(file)!r})", "repl")
        debugger.step("stepIn")
        assert debugger.frame()["name"] == "backward"
        stops, held = 0, dict.fromkeys(NAMES, "")
        while not held["o2"]:
            assert stops < 200
            said = json.loads(visualized(debugger, NOW))
            held = gradients_held(visualized(debugger, HELD))
            assert list(said) == ["kind", "text"] and said["kind"] == {"svg": True}
            assert gradients_shown(said["text"]) == held, f"stop {stops}"
            if stops % 8 == 0 or held["o2"]:
                comes_to_show(file, held, f"stop {stops}")
            stops += 1
            debugger.step("next")
        assert held["o2"] == "−0.4953" and held["wi"] == "" != held["z3"]
        pane = debugger.variables()
    assert stops > 40 and pane["node"] == "Value(0.440732, grad=-0.619125, op='*', name='o_2·w_h')"
    assert pane["operand"] == "Value(0.8, grad=0, label='w_h')"


class Pdb:
    """A real pdb at its prompt"""

    def __init__(self, script: Path, directory: Path):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pdb", str(script)], cwd=directory, env=ENVIRONMENT, text=True, encoding="utf-8",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.said()

    def __enter__(self) -> "Pdb":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate("q\n", timeout=SECONDS)

    def said(self) -> str:
        """What it prints before the next prompt"""
        assert self.process.stdout is not None
        text = ""
        while not text.endswith("(Pdb) "):
            character = self.process.stdout.read(1)
            assert character, text
            text += character
        return text.removesuffix("(Pdb) ")

    def do(self, command: str) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.said()


def test_in_pdb_the_file_shows_what_memory_holds_at_every_stop(tmp_path):
    need("dot")
    with Pdb(LESSON, tmp_path) as pdb:
        pdb.do(f"b {BACKWARD}")
        pdb.do("c")
        pdb.do("from minigrad.draw import follow")
        pdb.do("following = follow(loss, unrolled, 'now.svg')")
        pdb.do("s")
        stops, held = 0, dict.fromkeys(NAMES, "")
        while not held["o2"]:
            assert stops < 200
            held = gradients_held(pdb.do(f"!print({HELD})"))
            comes_to_show(tmp_path / "now.svg", held, f"stop {stops}")
            stops += 1
            pdb.do("n")
        assert held["o2"] == "−0.4953" and stops > 40
        pdb.do("!__import__('__main__').following.stop()")
        assert "stopped" in pdb.do("p __import__('__main__').following")


# ---------------------------------------------------------------------- watch


def test_the_watch_is_json_for_the_visualizer_and_shows_the_stored_gradients():
    rnn, unrolled, _, loss = lecture()
    loss.backward()
    loss.backward()                                   # memory holds twice the gradients of the weights
    said = json.loads(watch(loss, unrolled))
    assert said["kind"] == {"svg": True} and said["text"].startswith("<svg ")
    assert gradients_shown(said["text"])["wh"] == signed(rnn.w_h[0][0].grad)


def test_without_an_engine_the_watch_gives_the_dot_text(monkeypatch):
    monkeypatch.setattr(engines, "available", lambda: "")
    _, unrolled, _, loss = lecture()
    assert json.loads(watch(loss, unrolled, "folded")) == {
        "kind": {"dotGraph": True}, "text": draw(loss, unrolled, "folded", grads="stored").source}


@pytest.mark.parametrize("label", ['"', "'", "\\", "</svg>", "é\n\u2028", "\U0001f600"])
def test_no_label_breaks_the_json_of_the_watch_or_what_a_debugger_shows_of_it(label):
    loss = Value(2, label=label) * Value(3)
    loss.backward()
    template = settings()["expressionTemplate"].replace("${expr}", "given")
    said = watch(loss)
    assert json.loads(repr(eval(template, {"given": said}))) == json.loads(said)


@pytest.mark.parametrize("view", ["columns", "graph", "folded"])
def test_the_svg_of_a_half_done_pass_holds_no_text_of_what_has_not_arrived(view, engine):
    _, unrolled, _, loss = lecture()
    loss.grad += 1                                    # as backward() begins
    drawing = draw(loss, unrolled, view, grads="stored")
    seen, all_texts = drawing.svg().count("<text"), drawing.svg(unseen=True).count("<text")
    assert 0 < seen < all_texts
    assert not re.search(r'<text[^>]*-opacity="0\.0', drawing.svg())
    loss.grad = 0
    loss.backward()
    drawing = draw(loss, unrolled, view, grads="stored")
    assert drawing.svg() == drawing.svg(unseen=True)


# ---------------------------------------------------------------------- follow


def followers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "minigrad.draw.follow"]


def test_following_ends_with_its_block_and_leaves_the_last_state(tmp_path):
    _, unrolled, _, loss = lecture()
    traced, profiled = sys.gettrace(), sys.getprofile()
    with follow(loss, unrolled, tmp_path / "now.svg") as following:
        assert followers() == [following] and (sys.gettrace(), sys.getprofile()) == (traced, profiled)
        loss.backward()
    assert followers() == []
    assert (tmp_path / "now.svg").read_text() == draw(loss, unrolled, grads="stored").svg()
    assert [path.name for path in tmp_path.iterdir()] == ["now.svg"]


@pytest.mark.parametrize("error", [OverflowError, KeyError, KeyboardInterrupt])
def test_following_ends_with_an_exception_and_shows_where_the_pass_stood(error, tmp_path):
    _, unrolled, _, loss = lecture()
    with pytest.raises(error), follow(loss, unrolled, tmp_path / "now.svg"):
        loss.grad += 1
        raise error("in the middle")
    assert followers() == []
    assert gradients_shown((tmp_path / "now.svg").read_text())["L"] == "+1"


def test_an_error_of_the_program_is_not_hidden_by_one_of_the_file(tmp_path):
    _, unrolled, _, loss = lecture()
    (tmp_path / "gone").mkdir()
    with pytest.raises(KeyError), follow(loss, unrolled, tmp_path / "gone" / "now.gv"):
        (tmp_path / "gone" / "now.gv").unlink()
        (tmp_path / "gone").rmdir()
        loss.grad += 1
        raise KeyError
    assert followers() == []


def test_the_file_is_written_only_when_a_gradient_has_changed(tmp_path):
    file = tmp_path / "now.gv"
    _, unrolled, _, loss = lecture()
    with follow(loss, unrolled, file) as following:
        first = file.stat().st_ino                    # each time another file is moved into its place
        following.look()
        assert file.stat().st_ino == first
        loss.grad += 1
        comes_to(lambda: file.stat().st_ino != first)


@pytest.mark.parametrize(
    ("path", "error"),
    [("now.txt", ValueError), ("missing/now.svg", FileNotFoundError), ("now", ValueError), ("", ValueError)],
)
def test_what_cannot_be_followed_is_said_at_once(path, error, tmp_path):
    _, unrolled, _, loss = lecture()
    with pytest.raises(error):
        follow(loss, unrolled, tmp_path / path)
    with pytest.raises(TypeError, match="it takes a Value"):
        follow(3, None, tmp_path / "now.svg")         # type: ignore[arg-type]
    with pytest.raises(TypeError, match="no option 'colour'"):
        follow(loss, unrolled, tmp_path / "now.svg", colour="red")      # type: ignore[call-arg]
    assert followers() == [] and list(tmp_path.iterdir()) == []


def test_without_an_engine_following_says_so_and_the_dot_text_can_be_followed(monkeypatch, tmp_path):
    monkeypatch.setattr(engines, "available", lambda: "")
    _, unrolled, _, loss = lecture()
    with pytest.raises(DrawingError, match="no drawing engine"):
        follow(loss, unrolled, tmp_path / "now.html")
    with follow(loss, unrolled, tmp_path / "now.gv"):
        loss.backward()
    assert (tmp_path / "now.gv").read_text() == draw(loss, unrolled, grads="stored").source


def test_the_page_beside_the_picture_shows_it_and_then_the_next(tmp_path):
    _, unrolled, _, loss = lecture()
    page, shown = tmp_path / "it's <now>.html", "document.querySelector('img').naturalWidth"
    with Browser(need("chromium"), tmp_path / "profile") as browser, follow(loss, unrolled, page):
        browser.open(page)
        comes_to(lambda: browser.evaluate(shown) > 1000)
        next_one = '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"/>'
        page.with_suffix(".svg").write_text(next_one)
        comes_to(lambda: browser.evaluate(shown) == 7)
