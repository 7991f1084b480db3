"""Files, written whole or not at all."""

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Writes the file whole or not at all: beside it first, then moved into its place.

    Raises OSError, and FileExistsError if there is something at the path that is not a file.
    """
    refuse_what_is_no_file(path)
    path = path.resolve()                             # a link stays, and what it points to is written
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(beside, 0o666 & ~current_umask())
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def refuse_what_is_no_file(path: Path) -> None:
    """Raises FileNotFoundError for a missing directory, FileExistsError for a directory or a device at the path."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no directory {str(path.parent)!r} to save {path.name!r} in")
    if path.exists() and not path.is_file():
        raise FileExistsError(f"{str(path)!r} is there and is not a file")


def current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
