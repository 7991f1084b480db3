"""What commands print alike: paragraphs, where a picture or a page was saved, and what went wrong."""

import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from minigrad.draw import DrawingError, draw, walkthrough
from minigrad.nn import Unrolled
from minigrad.value import Value

SHOWN = 12                                            # time steps that a table shows


def say(lines: Iterable[str]) -> None:
    """Prints a paragraph."""
    print(*lines, "", sep="\n")


def saved(loss: Value, unrolled: Unrolled, path: Path, captions: Sequence[str] = (), vocabulary: Sequence[str] = ()
          ) -> str:
    """Saves the picture, or the live page if the path ends in .html; gives the line that says where, or why not."""
    if path.suffix.lower() != ".html":
        return draw(loss, unrolled, captions=captions).save_and_say(path)
    try:
        page = walkthrough(loss, unrolled, captions=captions, vocabulary=vocabulary)
        return f"page, to open in a browser: {page.save(path)}"
    except DrawingError as error:
        return f"page: not made, because {error}"


def complain(reason: str, error: BaseException | None = None) -> None:
    """Prints one line to stderr, if it is open: the reason, and what a command added to the error."""
    if sys.stderr:                                    # print(file=None) writes to stdout
        line = " ".join("; ".join([reason, *getattr(error, "__notes__", [])]).split())
        with suppress(OSError):
            print(f"minigrad: {line}", file=sys.stderr, flush=True)
