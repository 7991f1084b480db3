"""The live page, saved, and the line that says where."""

from collections.abc import Sequence
from pathlib import Path

from minigrad.draw import DrawingError, walkthrough
from minigrad.nn import Unrolled
from minigrad.value import Value


def page_line(loss: Value, unrolled: Unrolled, path: Path, captions: Sequence[str] = (), vocabulary: Sequence[str] = ()
              ) -> str:
    """Saves the live page, and gives the line that says where; or why there is none."""
    try:
        page = walkthrough(loss, unrolled, captions=captions, vocabulary=vocabulary)
        return f"page, to open in a browser: {page.save(path)}"
    except DrawingError as error:
        return f"page: not made, because {error}"
