"""Whatever an engine does, what comes of it is a whole picture or one DrawingError, and the DOT text can be had."""

import os
from pathlib import Path

import pytest
from conftest import lecture, need

from minigrad.cli.main import main
from minigrad.draw import DrawingError, draw, engines, walkthrough

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the engines here are scripts of the shell")

SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'
PNG = r"\211PNG\r\n\032\n"
FAILURES = {
    "rubbish": ("echo no picture", "gave back what is not"),
    "an error page": ("echo '<html><body>404</body></html>'", "gave back"),
    "half an SVG": ("echo '<svg xmlns=\"http://www.w3.org/2000/svg\"><g>'", "gave back what is not"),
    "not UTF-8": (r"printf '<svg>\377</svg>'", "gave back"),
    "another encoding": (r"printf '<?xml version=\"1.0\" encoding=\"UTF-16\"?><svg/>'", "gave back"),
    "half a PNG": (f"printf '{PNG}IHDR'", "gave back"),
    "half a PDF": (r"printf '%%PDF-1.7\nobj'", "gave back"),
    "nothing": ("exit 0", "could not draw the picture: it gave no reason"),
    "an error": ("echo the cause >&2; exit 1", "could not draw the picture: the cause"),
    "an error that is not UTF-8": (r"printf 'caf\351' >&2; exit 1", "could not draw the picture: caf"),
    "a long error": ("printf '%9999s' x >&2; exit 1", "could not draw the picture: "),
    "a crash": ("kill -SEGV $$", "could not draw the picture: it was ended by signal 11"),
    "killed": ("kill -KILL $$", "could not draw the picture: it was ended by signal 9"),
    "a hang": ("exec sleep 60", "took longer than 0.3 s"),
}


def fake_dot(directory: Path, script: bytes, mode=0o755) -> None:
    directory.mkdir()
    (directory / "dot").write_bytes(script)
    (directory / "dot").chmod(mode)


@pytest.fixture(params=FAILURES)
def failing(request, tmp_path, monkeypatch) -> str:
    """A dot that fails; what is said about it"""
    script, message = FAILURES[request.param]
    fake_dot(tmp_path / "bin", f"#!/bin/sh\n{script}\n".encode())
    use(tmp_path / "bin", monkeypatch)
    return message


def use(directory: Path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", f"{directory}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(engines, "SECONDS", 0.3)
    monkeypatch.setattr(engines, "VERSION_SECONDS", 0.3)
    render = engines.render
    monkeypatch.setattr(engines, "render", lambda source, form, seconds=0.3: render(source, form, seconds))


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
def test_what_is_no_whole_picture_is_one_error_and_keeps_the_old_file(failing, suffix, tmp_path):
    _, unrolled, _, loss = lecture()
    path = tmp_path / f"own{suffix}"
    path.write_bytes(b"old")
    with pytest.raises(DrawingError) as caught:
        draw(loss, unrolled).save(path)
    message = str(caught.value)
    assert failing in message and "\n" not in message and len(message) < 300
    assert path.read_bytes() == b"old" and sorted(os.listdir(tmp_path)) == ["bin", path.name]


def test_page_and_notebook_get_one_error_or_its_text(failing):
    _, unrolled, _, loss = lecture()
    with pytest.raises(DrawingError, match=failing):
        walkthrough(loss, unrolled)
    assert failing in draw(loss, unrolled)._repr_mimebundle_()["text/plain"]


def test_the_command_line_falls_back_to_the_dot_text_and_says_so(failing, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["unroll", "--inputs", "1", "--out", "own.png"]) == 0
    out, err = capsys.readouterr()
    assert err == "" and "picture: not drawn, because dot" in out and failing in out
    assert "its DOT text: own.gv" in out and sorted(os.listdir()) == ["bin", "own.gv"]


@pytest.mark.parametrize("script", [b"\x7fELF rubbish", b"#!/no/such/shell\n"], ids=["no program", "no interpreter"])
def test_an_engine_that_cannot_be_run_is_one_error_and_the_dot_text_is_written(script, tmp_path, monkeypatch, capsys):
    fake_dot(tmp_path / "bin", script)
    use(tmp_path / "bin", monkeypatch)
    with pytest.raises(DrawingError, match="bin/dot cannot be run: "):
        engines.render("digraph {}", "svg")
    monkeypatch.chdir(tmp_path)
    assert main(["unroll", "--inputs", "1", "--out", "own.svg"]) == 0
    assert "its DOT text: own.gv" in capsys.readouterr().out


def test_a_dot_without_the_right_to_run_is_not_taken(tmp_path, monkeypatch):
    fake_dot(tmp_path / "bin", b"#!/bin/sh\nexit 1\n", mode=0o644)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert engines.available() != "dot"


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_whole_pictures_of_graphviz_pass(form, engine):
    picture = engines.render("digraph { layout=dot; a -> b }", form)
    assert engines.flaw(picture, form) == ""
    for share in (0, 0.3, 0.9, 0.999):
        assert engines.flaw(picture[: int(share * len(picture))], form)


def test_doctor_says_what_a_failing_dot_does(failing, capsys):
    assert main(["doctor"]) == 0
    out, err = capsys.readouterr()
    assert err == "" and "Traceback" not in out
    assert [line for line in out.splitlines() if line.startswith("pictures    cannot be drawn")], out


def test_doctor_tells_the_version_of_a_dot_that_draws(capsys):
    need("dot")
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "dot         dot - graphviz version" in out and "pictures    drawn by dot" in out
