"""Files.  A file is written completely or not at all.  Errors name the path that the user gave."""

import os
import secrets
import tempfile
from pathlib import Path

PICTURES = ("svg", "png", "pdf", "gv")                # suffixes of a picture


def read_whole(path: Path) -> bytes:
    """The bytes of a file.  Raises OSError that names the path."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise with_path(error, path) from None


def write_whole(path: Path, content: bytes) -> None:
    """Writes the file completely or not at all: to a temporary file beside it, which then replaces it.

    Raises OSError that names the path, and FileExistsError if there is something at the path that is not a file.
    """
    check_place(path)
    target = Path(os.path.realpath(path))             # a link stays: the file that it points to is written
    temporary = target.with_name(f".minigrad-{secrets.token_hex(8)}")
    try:
        with open(temporary, "xb") as file:
            file.write(content)
        os.replace(temporary, target)
    except BaseException as error:                    # Ctrl-C too
        temporary.unlink(missing_ok=True)             # missing if it has replaced the target
        if isinstance(error, OSError):
            raise with_path(error, path) from None
        raise


def check_place(path: Path) -> None:
    """Raises FileNotFoundError if the directory is missing, FileExistsError if the path is a directory or a device."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no directory {str(path.parent)!r} to save {path.name!r} in")
    try:
        path.stat()
    except FileNotFoundError:
        return
    except OSError as error:                          # circular links, a name that is too long
        raise with_path(error, path) from None
    if not path.is_file():
        raise FileExistsError(f"{str(path)!r} exists and is not a file")


def check_writable(path: Path) -> None:
    """Raises OSError that names the path if no file can be created in its directory.

    Tests by creating a file: os.access is unreliable, even for root.
    """
    try:
        tempfile.TemporaryFile(dir=os.path.dirname(os.path.realpath(path))).close()
    except OSError as error:
        raise OSError(error.errno, f"cannot be written ({error.strerror})", str(path)) from None


def with_path(error: OSError, path: Path) -> OSError:
    """The same error with the path that the user gave, instead of a temporary file or none"""
    return OSError(error.errno, error.strerror or str(error), str(path))
