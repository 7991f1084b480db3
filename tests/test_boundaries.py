"""Who imports whom: the rooms of the house, held by the imports in their source."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import minigrad

PACKAGE = Path(__file__).parent.parent / "minigrad"
FILES = sorted(PACKAGE.rglob("*.py"))
MAY_IMPORT = {
    "graph": set(),
    "validation": set(),
    "elementary": {"validation"},
    "display": {"notation", "validation"},
    "value": {"display", "elementary", "graph", "validation"},
    "functions": {"elementary", "validation", "value"},
    "nn": {"elementary", "functions", "nn", "validation", "value"},
    "losses": {"elementary", "functions", "validation", "value"},
    "optim": {"validation", "value"},
    "notation": {"validation"},
    "timesteps": {"graph", "nn", "validation", "value"},
    "naming": {"nn", "notation", "value"},
    "folding": {"value"},
    "edges": {"folding", "graph", "validation", "value"},
    "stored": {"edges", "notation", "validation", "value"},
    "ledger": {"edges", "graph", "notation", "validation", "value"},
    "snapshot": {"edges", "folding", "graph", "ledger", "naming", "nn", "stored", "timesteps", "validation", "value"},
    "bptt": {"nn", "snapshot", "validation", "value"},
    "files": set(),
    "text": {"files"},
    "sentiment": {"elementary", "files", "graph", "losses", "nn", "optim", "text", "validation", "value"},
    "equation": {"notation", "validation"},
    "explain": {"equation", "graph", "naming", "nn", "notation", "snapshot", "validation", "value"},
    "replay": {"nn", "notation", "snapshot", "validation", "value"},
    "differences": {"graph", "validation", "value"},
    "gradcheck": {"differences", "notation", "validation", "value"},
    "draw": {"draw", "edges", "explain", "files", "folding", "functions", "graph", "losses", "naming", "nn", "notation",
             "snapshot", "validation", "value"},
    "cli": {"bptt", "cli", "draw", "elementary", "explain", "files", "graph", "losses", "nn", "notation", "optim",
            "replay", "sentiment", "snapshot", "text", "validation", "value"},
    "__main__": {"cli"},
    "__init__": {"elementary", "functions", "value"},
}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path):
    """The dotted name of every import in a file, wherever it stands"""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_the_rooms_it_may(path):
    rooms = {name.split(".")[1] for name in imports(path) if name.startswith("minigrad.")}
    assert rooms <= MAY_IMPORT[room(path)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_graphviz_is_the_only_other_package_and_only_draw_reaches_it(path):
    others = {name.split(".")[0] for name in imports(path)} - set(sys.stdlib_module_names) - {"minigrad"}
    assert others <= ({"graphviz"} if room(path) == "draw" else set())


def test_there_is_no_cycle_of_imports():
    done: set[str] = set()
    while len(done) < len(MAY_IMPORT):
        free = {name for name, needs in MAY_IMPORT.items() if name not in done and needs - {name} <= done}
        assert free, f"a cycle among {set(MAY_IMPORT) - done}"
        done |= free


def test_importing_minigrad_and_all_but_draw_loads_no_drawing():
    drawing = ("draw", "cli", "__init__")
    modules = ", ".join(f"minigrad.{name}" for name in MAY_IMPORT if name not in drawing)
    code = f"import sys, minigrad, {modules}; print('graphviz' in sys.modules, 'minigrad.draw' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert done.stdout.split() == ["False", "False"]


def test_the_engine_knows_nothing_of_time_modules_or_drawing():
    words = (PACKAGE / "value.py").read_text(encoding="utf-8").lower()
    assert not [word for word in ("color", "colour", "unroll", "time step", "module", "draw", "rnn") if word in words]


def test_every_file_declares_what_it_is():
    for path in FILES:
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


LIBRARY = [path for path in FILES if room(path) not in {"draw", "cli", "__main__"}]


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_public_class_function_and_method_says_what_it_is(path):
    top = ast.parse(path.read_text(encoding="utf-8")).body
    kinds = (ast.ClassDef, ast.FunctionDef)
    found = [*top, *(item for node in top if isinstance(node, ast.ClassDef) for item in node.body)]
    public = [node for node in found if isinstance(node, kinds) and not node.name.startswith("_")]
    assert [node.name for node in public if not ast.get_docstring(node)] == []


def test_help_on_the_package_names_every_public_name_where_it_is():
    places = re.findall(r"^(minigrad[\w.]*)  +(.*)$", minigrad.__doc__, re.MULTILINE)
    assert len(places) >= 9
    for place, words in places:
        module = importlib.import_module(place)
        for name in re.findall(r"\w+", words.partition(": ")[0].partition(" of ")[0]):
            assert hasattr(module, name), (place, name)
    assert set(minigrad.__all__) <= set(re.findall(r"\w+", minigrad.__doc__))
