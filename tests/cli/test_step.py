"""python -m minigrad step --svg: the picture of each event."""

import io
import sys

import pytest
from conftest import lecture, need
from shown import NAMES, gradients_shown, plain

from minigrad.cli.main import main
from minigrad.cli.player import Player
from minigrad.draw import engines
from minigrad.notation import signed
from minigrad.snapshot import Snapshot


def test_at_every_event_the_picture_shows_what_has_arrived_by_then(tmp_path):
    need("dot")
    file = tmp_path / "now.svg"
    _, unrolled, _, loss = lecture()
    player = Player(Snapshot(loss, [unrolled]), file)
    values = {plain(name): value for value, name in player.names.items()}
    for command in ("", *["n"] * (len(player.events) - 1), "b", "b"):
        said = player.run(command, "") if command else player.here()
        so_far = {name: player.so_far(values[name]) for name in NAMES}
        assert gradients_shown(file.read_text()) == {name: signed(x) if x else "" for name, x in so_far.items()}, said
    player.run("g", "w_h")
    assert gradients_shown(file.read_text())["wh"] == "−0.3411"


def test_the_command_draws_where_it_is_told_and_says_what_it_cannot(tmp_path, monkeypatch, capsys):
    def step(*words):
        monkeypatch.setattr(sys, "stdin", io.StringIO("n\nq\n"))
        return main(["step", *words])

    assert step("--svg", str(tmp_path / "now.gv")) == 0
    assert (tmp_path / "now.gv").read_text().startswith("digraph")
    assert step("--svg", str(tmp_path / "missing" / "now.gv")) == 1
    assert "there is no directory" in capsys.readouterr().err
    monkeypatch.setattr(engines, "available", lambda: "")
    assert step("--svg", str(tmp_path / "now.svg")) == 1
    assert "no drawing engine was found" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        step("--svg", "now.txt")


@pytest.mark.parametrize("inputs", [["1"], [str(0.1 * k) for k in range(40)]], ids=len)
def test_few_and_many_steps_are_drawn(inputs, tmp_path, monkeypatch):
    need("dot")
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\nn\n"))
    assert main(["step", "--inputs", *inputs, "--svg", str(tmp_path / "now.svg")]) == 0
    assert "<svg" in (tmp_path / "now.svg").read_text()
