"""The lessons as a student has them: their cells, how to run them, and the changes that they invite."""

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
LESSONS = sorted(EXAMPLES.glob("[0-9][0-9]_*.py"))
QUIZZED = [lesson for lesson in LESSONS if "from quiz import quiz" in lesson.read_text(encoding="utf-8")]
SECONDS = 20                                          # what a lesson may take


class Change(NamedTuple):
    """A change that a lesson invites to; fails: its check is then said to fail"""

    lesson: str
    edits: tuple[tuple[str, str], ...]
    fails: bool


def run(lesson: Path, directory: Path, *flags: str, typed="", package=ROOT) -> subprocess.CompletedProcess:
    """The script as a student runs it, with nothing but the interpreter on the PATH"""
    environment = {"PYTHONPATH": str(package), "PYTHONUTF8": "1", "PATH": str(directory / "nothing")}
    return subprocess.run(
        [sys.executable, str(lesson), *flags], cwd=directory, env=environment, input=typed, capture_output=True,
        text=True, encoding="utf-8", check=False, timeout=10 * SECONDS,
    )


def lesson_path(name: str) -> Path:
    """The lesson of a name or a number: "06", "06_bptt" """
    [path] = [lesson for lesson in LESSONS if lesson.stem.startswith(name)]
    return path


def cells(lesson: Path) -> list[str]:
    """The cells of the percent format, each with its marker line"""
    return re.split(r"^(?=# %%)", lesson.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]


def is_prose(cell: str) -> bool:
    return cell.startswith("# %% [markdown]\n")


def prose(lesson: Path) -> str:
    """The markdown cells, without the # of their lines"""
    lines = [line for cell in cells(lesson) if is_prose(cell) for line in cell.splitlines()[1:]]
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines)


def code(lesson: Path) -> list[str]:
    return [cell for cell in cells(lesson) if not is_prose(cell)]


def invited(lesson: Path) -> list[Change]:
    """The changes listed under "Change it", written `this` → `that`; those of one bullet belong together"""
    bullets = re.split(r"^- ", prose(lesson).partition("## Change it\n")[2], flags=re.MULTILINE)[1:]
    changes = [(tuple(re.findall(r"`([^`]+)`\s+→\s+`([^`]+)`", bullet)), "fails" in bullet) for bullet in bullets]
    return [Change(lesson.stem, edits, fails) for edits, fails in changes if edits]


def changed(name: str, directory: Path, *edits: tuple[str, str]) -> subprocess.CompletedProcess:
    """The lesson run with words of its code replaced, as a student changes it; its prose may quote them, and stays"""
    lesson = lesson_path(name)
    parts = cells(lesson)
    for was, becomes in edits:
        places = [k for k, cell in enumerate(parts) if not is_prose(cell) and was in cell]
        assert len(places) == 1 and parts[places[0]].count(was) == 1, (name, was)
        parts[places[0]] = parts[places[0]].replace(was, becomes)
    copy = directory / lesson.name
    copy.write_text("".join(parts), encoding="utf-8")
    return run(copy, directory)
