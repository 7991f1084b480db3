"""python -m minigrad: starts the command line in minigrad/cli/."""

import signal
import sys


def start() -> None:
    """Imports and runs the command line.  Ctrl-C ends it with one line, also during the imports."""
    try:
        from minigrad.cli.main import main

        status = main()
    except KeyboardInterrupt:
        status = 130
        print("minigrad: interrupted", file=sys.stderr)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # no traceback if Ctrl-C is pressed while Python ends
    sys.exit(status)


if __name__ == "__main__":
    start()
