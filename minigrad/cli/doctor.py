"""doctor: the versions that matter for a bug report, and the engine that draws the pictures."""

import platform
from argparse import Namespace
from importlib import metadata

import minigrad
from minigrad.draw import DrawingError, engines


def run_doctor(options: Namespace) -> int:
    engine = engines.available()
    found = {"minigrad": minigrad.__version__,
             "Python": f"{platform.python_version()} on {platform.system()} {platform.machine()}"}
    for package in ("graphviz", "pygraphviz"):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    if engine == "dot":
        try:
            found["dot"] = engines.version()
        except DrawingError as error:
            found["dot"] = str(error)
    try:                                              # tested by drawing, because an installed dot may fail
        engines.render("digraph { layout=dot; a }", "svg", engines.VERSION_SECONDS)
        found["pictures"] = f"drawn by {engine}"
    except DrawingError as error:
        found["pictures"] = f"cannot be drawn: {error}"
    for name, what in found.items():
        print(f"{name:<11} {what}")
    return 0
