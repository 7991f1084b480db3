"""Where lines go: to the output, or as a complaint to the error stream."""

import os
import sys
from collections.abc import Iterable
from contextlib import suppress


def say(lines: Iterable[str]) -> None:
    """A paragraph"""
    for line in lines:
        print(line)
    print()


def on_a_terminal() -> bool:
    return bool(sys.stdout) and sys.stdout.isatty()


def complain(reason: str) -> None:
    """One line on the error stream, if there is one"""
    if sys.stderr:                                    # print(file=None) would write to stdout
        with suppress(OSError):
            print(f"minigrad: {' '.join(reason.split())}", file=sys.stderr, flush=True)


def forget_output() -> None:
    """Sends what is still to be written nowhere: Python would complain about it at its end"""
    if sys.stdout:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
