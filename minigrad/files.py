"""Files, read whole, and written whole or not at all.  An error names the file as the user named it."""

import os
import secrets
import tempfile
from pathlib import Path

PICTURES = ("svg", "png", "pdf", "gv")                # what the name of a picture may end in


def read_whole(path: Path) -> bytes:
    """The bytes of a file.  Raises OSError that names the path."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise named(error, path) from None


def write_whole(path: Path, content: bytes) -> None:
    """Writes the file whole or not at all: beside it first, then moved into its place.

    Raises OSError that names the path, and FileExistsError if there is something at the path that is not a file.
    """
    check_place(path)
    target = Path(os.path.realpath(path))             # a link stays, and what it points to is written
    beside = target.with_name(f".minigrad-{secrets.token_hex(8)}")
    try:
        with open(beside, "xb") as file:
            file.write(content)
        os.replace(beside, target)
    except BaseException as error:                    # Ctrl-C too
        beside.unlink(missing_ok=True)                # after the move it is gone
        if isinstance(error, OSError):
            raise named(error, path) from None
        raise


def check_place(path: Path) -> None:
    """Raises OSError unless a file can be at the path: FileNotFoundError for a missing directory, FileExistsError for a
    directory or a device at the path."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no directory {str(path.parent)!r} to save {path.name!r} in")
    try:
        path.stat()
    except FileNotFoundError:
        return
    except OSError as error:                          # links in a circle, a name that is too long
        raise named(error, path) from None
    if not path.is_file():
        raise FileExistsError(f"{str(path)!r} is there and is not a file")


def check_writable(path: Path) -> None:
    """Raises OSError that names the path where its directory takes no file.

    Tests by creating a file: os.access is unreliable, even for root.
    """
    try:
        tempfile.TemporaryFile(dir=os.path.dirname(os.path.realpath(path))).close()
    except OSError as error:
        raise OSError(error.errno, f"cannot be written ({error.strerror})", str(path)) from None


def named(error: OSError, path: Path) -> OSError:
    """The same error with the name that the user gave, not that of a hidden file or none"""
    return OSError(error.errno, error.strerror or str(error), str(path))
