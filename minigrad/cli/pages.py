"""The live page, saved, and the line that says where."""

from pathlib import Path

from minigrad.draw import DrawingError, walkthrough
from minigrad.nn import Unrolled
from minigrad.value import Value


def page_line(loss: Value, unrolled: Unrolled, path: Path, captions: tuple[str, ...] | list[str] = ()) -> str:
    """Saves the live page, and gives the line that says where; or why there is none."""
    try:
        return f"page, to open in a browser: {walkthrough(loss, unrolled, captions=captions).save(path)}"
    except DrawingError as error:
        return f"page: not made, because {error}"
