"""write_whole: a file is written whole or not at all."""

import errno
import os
import stat

import pytest

from minigrad import files
from minigrad.files import write_whole


@pytest.fixture
def umask():
    """Sets the umask of this process, until the test ends."""
    before = os.umask(0)
    os.umask(before)
    yield os.umask
    os.umask(before)


def mode_of(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("content", [b"", b"one\r\ntwo\n\x00\xff", b"x" * 3_000_000], ids=["empty", "binary", "large"])
@pytest.mark.parametrize("old", [None, b"old and longer than some"], ids=["new file", "over an old one"])
def test_file_holds_exactly_the_content_and_stands_alone(tmp_path, content, old):
    path = tmp_path / "model.json"
    if old is not None:
        path.write_bytes(old)
    write_whole(path, content)
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["model.json"]


def test_bare_name_is_written_in_the_current_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_whole(files.Path("bare"), b"new")
    assert (tmp_path / "bare").read_bytes() == b"new" and os.listdir(tmp_path) == ["bare"]


class FailingFile:
    """A file that is opened and closed, and cannot be written to"""

    def __init__(self, file, fail):
        self.file, self.write = file, fail

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()


@pytest.mark.parametrize("old", [None, b"old"], ids=["new file", "over an old one"])
@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "disk full"), KeyboardInterrupt()], ids=["disk", "Ctrl-C"])
@pytest.mark.parametrize("step", ["write", "replace"])
def test_failure_in_between_keeps_what_was_there_and_leaves_nothing_else(tmp_path, monkeypatch, step, failure, old):
    def fail(*given, **named):
        raise failure

    path = tmp_path / "model.json"
    if old is not None:
        path.write_bytes(old)
    if step == "replace":
        monkeypatch.setattr(files.os, "replace", fail)
    else:
        monkeypatch.setattr(files, "open", lambda *given: FailingFile(open(*given), fail), raising=False)   # noqa: SIM115
    with pytest.raises(type(failure)):
        write_whole(path, b"new")
    monkeypatch.undo()
    assert os.listdir(tmp_path) == ([] if old is None else ["model.json"])
    assert old is None or path.read_bytes() == old


def test_content_that_cannot_be_written_keeps_the_old_file(tmp_path):
    path = tmp_path / "model.json"
    path.write_bytes(b"old")
    with pytest.raises(TypeError):
        write_whole(path, "no bytes")                             # type: ignore[arg-type]
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["model.json"]


@pytest.mark.parametrize("mask, mode", [(0o022, 0o644), (0o077, 0o600), (0o000, 0o666), (0o027, 0o640)])
def test_permissions_follow_the_umask_which_stays(tmp_path, umask, mask, mode):
    umask(mask)
    write_whole(tmp_path / "model.json", b"new")
    assert mode_of(tmp_path / "model.json") == mode
    assert umask(mask) == mask


def test_missing_directory_is_an_os_error_and_is_not_made(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "missing" / "model.json", b"new")
    assert os.listdir(tmp_path) == []


def test_directory_of_that_name_is_refused_by_its_name_and_stays(tmp_path):
    path = tmp_path / "model.json"
    path.mkdir()
    with pytest.raises(OSError) as caught:
        write_whole(path, b"new")
    assert path.is_dir() and os.listdir(tmp_path) == ["model.json"] and os.listdir(path) == []
    assert str(path) in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_what_is_no_regular_file_is_not_replaced(tmp_path):
    """As root, a move onto /dev/null would leave the machine without one."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(OSError):
        write_whole(path, b"new")
    assert stat.S_ISFIFO(path.stat().st_mode) and os.listdir(tmp_path) == ["pipe"]


def test_failure_names_the_path_that_was_asked_for_and_not_the_file_beside_it(tmp_path, monkeypatch):
    def refuse(source, target):
        raise PermissionError(errno.EACCES, "Permission denied", str(source), None, str(target))

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PermissionError) as caught:
        write_whole(tmp_path / "x.json", b"new")
    assert caught.value.filename == str(tmp_path / "x.json") and os.listdir(tmp_path) == []


@pytest.mark.parametrize("path", ["x.json", "./sub/../x.json", "link.json"])
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), OSError(errno.EROFS, "Read-only", "a hidden file")],
    ids=["full", "read-only"],
)
def test_an_error_names_the_file_as_it_was_typed(tmp_path, monkeypatch, path, error):
    def fail(*given):
        raise error

    monkeypatch.chdir(tmp_path)
    os.mkdir("sub")
    os.symlink("target.json", "link.json")
    monkeypatch.setattr(files, "open", fail, raising=False)
    with pytest.raises(OSError) as caught:
        write_whole(files.Path(path), b"new")
    assert (caught.value.filename, caught.value.errno) == (str(files.Path(path)), error.errno)


def test_a_file_that_cannot_be_read_to_its_end_is_named(tmp_path, monkeypatch):
    def fail(path):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(files.Path, "read_bytes", fail)
    with pytest.raises(OSError) as caught:
        files.read_whole(tmp_path / "x.json")
    assert caught.value.filename == str(tmp_path / "x.json")


def test_a_link_that_leads_to_itself_is_named_and_stays(tmp_path):
    path = tmp_path / "loop.json"
    path.symlink_to(path)
    for use in (lambda: write_whole(path, b"new"), lambda: files.read_whole(path)):
        with pytest.raises(OSError) as caught:
            use()
        assert caught.value.filename == str(path) and caught.value.errno == errno.ELOOP
    assert path.is_symlink()
