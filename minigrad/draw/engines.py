"""DOT to SVG, PNG or PDF: by the system's `dot`, else by pygraphviz, whose wheel carries Graphviz.

Both run in a process of their own with a time limit, for Graphviz can take minutes over a dense graph.
"""

import importlib.util
import os
import shutil
import subprocess
import sys

SECONDS = 60
PNG_DPI = "110"
REMEDY = (
    "install Graphviz (on Debian: apt-get install graphviz), or the wheel that carries it: "
    "pip install 'minigrad-rnn[dot]'; a path that ends in .gv always works"
)
# run by a child interpreter: the C library may not return in time, and may take its process along when it fails
PYGRAPHVIZ = """
import sys, pygraphviz
form, dpi = sys.argv[1:]
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode("utf-8"))
if dpi:
    graph.graph_attr["dpi"] = dpi
sys.stdout.buffer.write(graph.draw(format=form, prog=graph.graph_attr["layout"]))
"""


class DrawingError(RuntimeError):
    """A picture could not be drawn: no engine is there, or it failed, or it took too long."""


def available() -> str:
    """ "dot", "pygraphviz" or "": the engine that render() will use"""
    if shutil.which("dot"):
        return "dot"
    return "pygraphviz" if importlib.util.find_spec("pygraphviz") else ""


def render(source: str, form: str, seconds: float = SECONDS) -> bytes:
    """The picture of DOT text in a format: "svg", "png" or "pdf".  Raises DrawingError."""
    engine = available()
    dpi = PNG_DPI if form == "png" else ""            # in the file, dpi would rescale the SVG too
    if engine == "dot":
        command = [shutil.which("dot") or "dot", f"-T{form}"] + ([f"-Gdpi={dpi}"] if dpi else [])
    elif engine == "pygraphviz":
        command = [sys.executable, "-c", PYGRAPHVIZ, form, dpi]
    else:
        raise DrawingError(f"no drawing engine was found: {REMEDY}")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)} if engine == "pygraphviz" else None
    try:
        done = subprocess.run(
            command, input=source.encode(), capture_output=True, timeout=seconds, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise DrawingError(f"{engine} took longer than {seconds:g} s; draw fewer steps, or view='folded'") from None
    if done.returncode != 0 or not done.stdout:
        complaint = (done.stderr.decode(errors="replace").strip().splitlines() or ["it gave no reason"])[-1]
        raise DrawingError(f"{engine} could not draw the picture: {complaint}")
    return done.stdout
