"""Printing to stdout, and error messages to stderr."""

import os
import sys
from collections.abc import Iterable
from contextlib import suppress


def say(lines: Iterable[str]) -> None:
    """Prints a paragraph."""
    for line in lines:
        print(line)
    print()


def on_a_terminal() -> bool:
    return bool(sys.stdout) and sys.stdout.isatty()


def complain(reason: str) -> None:
    """Prints one line to stderr, if it is open."""
    if sys.stderr:                                    # print(file=None) writes to stdout
        with suppress(OSError):
            print(f"minigrad: {' '.join(reason.split())}", file=sys.stderr, flush=True)


def forget_output() -> None:
    """Discards unwritten output, about which Python would complain when it ends."""
    if sys.stdout:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
