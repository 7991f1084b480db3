"""doctor: the versions that matter for a bug report, and the engine that draws the pictures."""

import platform
from argparse import Namespace
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

import minigrad
from minigrad.draw import DrawingError, engines


def run_doctor(options: Namespace) -> int:
    engine = engines.available()
    print(f"minigrad    {minigrad.__version__}")
    print(f"Python      {platform.python_version()} on {platform.system()} {platform.machine()}")
    for package in ("graphviz", "pygraphviz"):
        print(f"{package:<11} {version(package)}")
    if engine == "dot":
        print(f"dot         {dot_version()}")
    print(f"pictures    {pictures()}")
    return 0


def dot_version() -> str:
    try:
        return engines.version()
    except DrawingError as error:
        return str(error)


def pictures() -> str:
    """The engine; tested by drawing, because an installed dot may fail"""
    try:
        engines.render("digraph { layout=dot; a }", "svg", engines.VERSION_SECONDS)
        return f"drawn by {engines.available()}"
    except DrawingError as error:
        return f"cannot be drawn: {error}"


def version(package: str) -> str:
    try:
        return installed(package)
    except PackageNotFoundError:
        return "not installed"
