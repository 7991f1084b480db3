"""Files, written whole or not at all."""

import os
import secrets
import tempfile
from pathlib import Path

PICTURES = ("svg", "png", "pdf", "gv")                # what the name of a picture may end in


def write_whole(path: Path, content: bytes) -> None:
    """Writes the file whole or not at all: beside it first, then moved into its place.

    Raises OSError, and FileExistsError if there is something at the path that is not a file.
    """
    refuse_what_is_no_file(path)
    path = path.resolve()                             # a link stays, and what it points to is written
    beside = path.with_name(f".minigrad-{secrets.token_hex(8)}")
    try:
        with open(beside, "xb") as file:
            file.write(content)
        os.replace(beside, path)
    except BaseException as error:                    # Ctrl-C too
        beside.unlink(missing_ok=True)                # after the move it is gone
        if isinstance(error, OSError) and error.filename:
            raise OSError(error.errno, error.strerror, str(path)) from None        # not a name that nobody typed
        raise


def refuse_what_is_no_file(path: Path) -> None:
    """Raises FileNotFoundError for a missing directory, FileExistsError for a directory or a device at the path."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no directory {str(path.parent)!r} to save {path.name!r} in")
    if path.exists() and not path.is_file():
        raise FileExistsError(f"{str(path)!r} is there and is not a file")


def refuse_where_nothing_can_be_written(path: Path) -> None:
    """Raises OSError that names the path where its directory takes no file.  Tried, for not even root may write in all
    that os.access allows it."""
    try:
        tempfile.TemporaryFile(dir=path.resolve().parent).close()
    except OSError as error:
        raise OSError(error.errno, f"cannot be written ({error.strerror})", str(path)) from None
