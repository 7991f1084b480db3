"""The command line:   python -m minigrad [demo | unroll | train | predict | vanish | step | doctor]

A failure prints one line and returns exit status 1; wrong usage ends in options.py, with 2.
"""

import io
import os
import sys

from minigrad.cli.doctor import run_doctor
from minigrad.cli.options import parser
from minigrad.cli.output import complain
from minigrad.cli.player import run_step
from minigrad.cli.reports import run_demo, run_unroll
from minigrad.cli.sentences import run_predict, run_train
from minigrad.cli.vanishing import run_vanish
from minigrad.draw import DrawingError

COMMANDS = {"demo": run_demo, "unroll": run_unroll, "train": run_train, "predict": run_predict, "vanish": run_vanish,
            "step": run_step, "doctor": run_doctor}


def main(argv: list[str] | None = None) -> int:
    """Runs one command; returns the exit status."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")      # for a terminal whose encoding has no ∂
    try:
        try:
            options = parser().parse_args(argv)
            if [] in vars(options).values():          # from a second --, before Python 3.13
                parser().error("-- is given where a value should be")
            return COMMANDS[options.command](options)
        finally:
            print(end="", flush=True)                 # an error in writing is raised here
    except BrokenPipeError:                           # the reader, such as `head`, has ended
        forget_output()
        return 1
    except KeyboardInterrupt as stop:
        complain("interrupted", stop)
        return 130
    except (OSError, ValueError, ArithmeticError, MemoryError, DrawingError) as error:
        reason = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)
        complain(reason or "there is not enough memory", error)
        try:
            print(end="", flush=True)
        except OSError:                               # such as a full disk
            forget_output()
        return 1


def forget_output() -> None:
    """Discards unwritten output, about which Python would complain when it ends."""
    if sys.stdout:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
