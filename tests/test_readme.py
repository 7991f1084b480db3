"""Everything in the README and in the pages of the book beside the lessons runs, and prints what is shown."""

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
FIRST = ROOT / "README.md"
BOOK = ROOT / "examples" / "book"
README = FIRST.read_text(encoding="utf-8")
PAGES = [FIRST, *sorted(BOOK.glob("*.md"))]


def blocks(page: Path) -> list[tuple[str, str]]:
    """(language, text) of each block of a page"""
    return re.findall(r"^```(\w+)\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def commands(page: Path) -> list[str]:
    return [line for kind, block in blocks(page) if kind == "sh" for line in block.splitlines()]


def with_blocks(kind: str) -> list:
    return [pytest.param(page, id=page.stem) for page in PAGES if kind in dict(blocks(page))]


@pytest.mark.parametrize("page", with_blocks("python"))
def test_each_python_block_prints_what_the_block_after_it_shows(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shared: dict = {}
    of_page = blocks(page)
    for i in [i for i, (kind, _) in enumerate(of_page) if kind == "python"]:
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(of_page[i][1], shared)
        assert of_page[i + 1] == ("text", output.getvalue())


def test_the_blocks_are_found():
    assert [page.values[0].stem for page in with_blocks("python")] == ["README", "own_code", "pictures"]
    assert [page.values[0].stem for page in with_blocks("sh")] == ["README", "command_line"]
    assert [kind for kind, _ in blocks(FIRST)].count("python") == 2


def test_the_backward_pass_is_quoted_word_for_word():
    quoted = next(block for kind, block in blocks(FIRST) if kind == "text" and "for node in order" in block)
    assert quoted in Path(value.__file__).read_text(encoding="utf-8")


def test_there_are_two_setup_commands_and_ci_runs_the_one_for_the_tests():
    setup = [command for page in PAGES for command in commands(page) if "pip install" in command]
    assert setup == commands(FIRST) and len(setup) == 2
    assert setup[1] == 'python -m pip install -e ".[test]" && python -m pytest'
    pattern = re.search(r"grep -E '([^']+)' README.md", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    assert pattern and [line for line in README.splitlines() if re.search(pattern[1], line)] == [setup[1]]


TOGETHER = [commands(FIRST)[0], " && ".join(commands(BOOK / "command_line.md"))]


@pytest.mark.parametrize("together", TOGETHER, ids=["main job", "the others"])
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_file_that_is_named_exists(page):
    text = page.read_text(encoding="utf-8")
    for path in re.findall(r"`((?:minigrad|examples|tests)/[\w./]+)`", text):
        assert (ROOT / path).exists(), path
    for link in re.findall(r"\]\(([^) ]+)[^)]*\)", text):
        of_book = link.startswith("minigrad-book/")       # not there before it is built
        assert (ROOT / "examples" / f"{Path(link).stem}.py" if of_book else page.parent / link).exists(), link


def test_the_table_of_the_course_has_every_lesson_in_its_order():
    lessons = sorted(path.stem for path in (ROOT / "examples").glob("[0-9][0-9]_*.py"))
    rows = [f"| [`{name}.py`](examples/{name}.py) | [{name[:2]}](minigrad-book/{name}.html) |" for name in lessons]
    assert re.findall(r"^(\| \[`\d\d_.*?\|.*?\|)", README, re.MULTILINE) == rows


def test_each_formula_is_computed_and_held_where_its_row_says():
    tested = r'\[`([\w.]+)`\]\(tests/([\w/]+\.py) "(\w+)"\)'
    rows = re.findall(rf"^\| (.+) \| `([\w/]+\.py): (\w+)` \| {tested} \| .*\|$", README, re.MULTILINE)
    assert [formula[:3] for formula, *_ in rows] == [*(f"({k})" for k in range(1, 10)), "the"]
    for _, source, function, shown, test, name in rows:
        assert shown == Path(test).name
        assert f"def {function}(" in (ROOT / "minigrad" / source).read_text(encoding="utf-8"), function
        tests = (ROOT / "tests" / test).read_text(encoding="utf-8")
        assert f"def {name}(" in tests and function in tests, name
