"""DOT to SVG, PNG or PDF: by the system's `dot`, else by pygraphviz, whose wheel carries Graphviz.

With an SVG comes the JSON of the same layout, which tells how wide each text is (typesetting.py).

Both run in a process of their own with a time limit, because Graphviz can take minutes over a dense graph.  What
they give back is checked before anything is saved or shown.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from xml.etree import ElementTree

from minigrad.draw.typesetting import fitted, widths_of

SECONDS, VERSION_SECONDS = 60, 10
LONGEST_COMPLAINT = 200
PNG_DPI = "110"
WHOLE = {                                             # how the bytes of a whole picture start and end
    "png": (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"),
    "pdf": (b"%PDF-", b"%%EOF"),
}
REMEDY = (
    "install Graphviz (on Debian: apt-get install graphviz), or the wheel that carries it: "
    "pip install 'minigrad-rnn[dot]'; a path that ends in .gv always works"
)
# run by a child interpreter: the C library may not return in time, and may take its process along when it fails
PYGRAPHVIZ = """
import sys, pygraphviz
dpi, *forms = sys.argv[1:]
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode("utf-8"))
if dpi:
    graph.graph_attr["dpi"] = dpi
for form in forms:
    sys.stdout.buffer.write(graph.draw(format=form, prog=graph.graph_attr["layout"]))
"""


class DrawingError(RuntimeError):
    """A picture could not be drawn: there is no engine, or it failed, took too long, or gave back something else."""


def available() -> str:
    """ "dot", "pygraphviz" or "": the engine that render() will use"""
    if shutil.which("dot"):
        return "dot"
    return "pygraphviz" if importlib.util.find_spec("pygraphviz") else ""


def render(source: str, form: str, seconds: float = SECONDS) -> bytes:
    """The picture of DOT text in a format: "svg", "png" or "pdf".  Raises DrawingError."""
    engine = available()
    dpi = PNG_DPI if form == "png" else ""            # in the file, dpi would rescale the SVG too
    forms = ["svg", "json"] if form == "svg" else [form]
    if engine == "dot":
        command = ["dot", *[f"-T{form}" for form in forms]] + ([f"-Gdpi={dpi}"] if dpi else [])
    elif engine == "pygraphviz":
        command = [sys.executable, "-c", PYGRAPHVIZ, dpi, *forms]
    else:
        raise DrawingError(f"no drawing engine was found: {REMEDY}")
    done = run(engine, command, source.encode(), seconds, "; draw fewer steps, or view='folded'")
    if done.returncode != 0 or not done.stdout:
        raise DrawingError(f"{engine} could not draw the picture: {complaint(done)}")
    svg, end, layout = done.stdout.partition(b"</svg>")           # the JSON comes after it
    picture = svg + end if form == "svg" else done.stdout
    problem = flaw(picture, form)
    if not problem and form == "svg" and layout.strip():
        try:
            return fitted(picture.decode(), widths_of(layout.decode())).encode()
        except ValueError:
            problem = "an SVG without the widths of its texts"
    if problem:
        raise DrawingError(f"{engine} gave back {problem}; the doctor command tells which {engine} was found")
    return picture


def version() -> str:
    """What `dot -V` says.  Raises DrawingError."""
    done = run("dot", ["dot", "-V"], b"", VERSION_SECONDS)
    if done.returncode != 0:
        raise DrawingError(f"dot could not tell its version: {complaint(done)}")
    return " ".join((done.stderr or done.stdout).decode(errors="replace").split())


def run(engine: str, command: list[str], given: bytes, seconds: float, remedy: str = "") -> subprocess.CompletedProcess:
    """The engine's process, ended.  Raises DrawingError if it cannot be started or takes too long."""
    program = [shutil.which(command[0]) or command[0], *command[1:]]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)} if engine == "pygraphviz" else None
    try:
        return subprocess.run(program, input=given, capture_output=True, timeout=seconds, env=environment, check=False)
    except subprocess.TimeoutExpired:
        raise DrawingError(f"{engine} took longer than {seconds:g} s{remedy}") from None
    except OSError as error:                          # not executable, not a program, too little memory, …
        raise DrawingError(f"{program[0]} cannot be run: {error.strerror or error}") from None


def complaint(done: subprocess.CompletedProcess) -> str:
    """The last line that an engine wrote to its error stream, or the signal that ended it"""
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    if lines:
        return lines[-1][:LONGEST_COMPLAINT]
    return f"it was ended by signal {-done.returncode}" if done.returncode < 0 else "it gave no reason"


def flaw(picture: bytes, form: str) -> str:
    """What is wrong with the bytes that should be a picture, or "": an engine may exit with 0 and give back anything"""
    if form == "svg":
        try:
            root = ElementTree.fromstring(picture.decode("utf-8"))
        except UnicodeDecodeError:
            return "an SVG that is not UTF-8"
        except (ElementTree.ParseError, ValueError) as error:          # ValueError: another encoding is declared
            return f"what is not XML ({error})"
        return "" if root.tag in ("svg", "{http://www.w3.org/2000/svg}svg") else "XML that is not an SVG"
    if form in WHOLE:
        start, end = WHOLE[form]
        if not picture.startswith(start):
            return f"what is not a {form.upper()}"
        return "" if picture.rstrip(b"\r\n").endswith(end) else f"a {form.upper()} that breaks off"
    return ""
