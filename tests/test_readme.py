"""Everything in the README runs: its Python prints what it shows, its commands work, its picture is current."""

import contextlib
import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from minigrad import value

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
COMMANDS = [line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines()]


def test_each_python_block_prints_what_the_block_after_it_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shared: dict = {}
    printed = [i for i, (kind, _) in enumerate(BLOCKS) if kind == "python"]
    assert len(printed) == 7
    for i in printed:
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(BLOCKS[i][1], shared)
        assert BLOCKS[i + 1] == ("text", output.getvalue())


def test_the_backward_pass_is_quoted_word_for_word():
    quoted = next(block for kind, block in BLOCKS if kind == "text" and "for node in order" in block)
    assert quoted in Path(value.__file__).read_text(encoding="utf-8")


def test_there_are_two_setup_commands_and_ci_runs_the_one_for_the_tests():
    setup = [command for command in COMMANDS if "pip install" in command]
    assert len(setup) == 2 and setup[1] == 'python -m pip install -e ".[test]" && python -m pytest'
    pattern = re.search(r"grep -E '([^']+)' README.md", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    assert pattern and [line for line in README.splitlines() if re.search(pattern[1], line)] == [setup[1]]


@pytest.mark.parametrize("together", [COMMANDS[0], " && ".join(COMMANDS[2:])], ids=["main job", "the others"])
def test_each_command_works_after_its_install(together, tmp_path):
    for command in together.split(" && "):
        typed, _, command = command.rpartition(" | ")
        words = shlex.split(command)
        if words[:4] == ["python", "-m", "pip", "install"]:
            continue
        assert words[:3] == ["python", "-m", "minigrad"]
        done = subprocess.run(
            [sys.executable, *words[1:]], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, check=False,
            input=shlex.split(typed)[1].encode().decode("unicode_escape").encode() if typed else None,
        )
        assert (done.returncode, done.stderr) == (0, b"")
    assert list(tmp_path.glob("**/*.svg")) or list(tmp_path.glob("**/*.gv"))


def test_every_file_that_is_named_exists():
    for path in re.findall(r"`((?:minigrad|examples)/[\w./]+)`", README) + re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / path).exists(), path
