"""The notebook: it is stored without outputs, and its cells run from top to bottom, shown as a notebook shows them."""

import ast
import json
import re
from math import isclose, tanh

import pytest
from conftest import ROOT

from minigrad.bptt import Ledger

NOTEBOOK = json.loads((ROOT / "examples" / "bptt.ipynb").read_text(encoding="utf-8"))
CODE = {cell["id"]: "".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"}


def shown(replaced=("", "")):
    """{id of a cell: the value of its last line, which a notebook shows}"""
    names: dict = {}
    found = {}
    for key, source in CODE.items():
        cell = ast.parse(source.replace(*replaced))
        last = ast.unparse(cell.body.pop()) if isinstance(cell.body[-1], ast.Expr) else "None"
        exec(compile(cell, key, "exec"), names)
        found[key] = eval(last, names)
    return found


def test_it_is_stored_as_a_notebook_of_format_4_5_without_outputs():
    assert (NOTEBOOK["nbformat"], NOTEBOOK["nbformat_minor"]) == (4, 5)
    assert all(set(cell) >= {"id", "cell_type", "metadata", "source"} for cell in NOTEBOOK["cells"])
    ids = [cell["id"] for cell in NOTEBOOK["cells"]]
    assert len(set(ids)) == len(ids) and all(re.fullmatch(r"[\w-]{1,64}", each) for each in ids)
    for cell in NOTEBOOK["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None


def test_its_cells_show_the_figures_of_the_lecture(engine):
    found = shown()
    of_w_i, of_w_h = found["ledger"]
    assert isinstance(of_w_h, Ledger) and abs(of_w_h.total + 0.5005032443438566) < 1e-15          # README.md's figure
    assert "= −0.5005" in repr(of_w_h) and "= 0.2296" in repr(of_w_i)
    assert found["chain-rule"]._repr_latex_().startswith("$$") and "-0.5005" in found["chain-rule"]._repr_latex_()
    for picture in ("picture", "staircase"):
        assert found[picture]._repr_mimebundle_()["image/svg+xml"].count("<svg") == 1
    assert len(found["flow"]) == 4
    assert isclose(found["flow"][0] / found["flow"][3], left([1, 0.5, -1], 0.8), rel_tol=1e-12)
    ten = [1, 0.5, -1, 0.3, -0.2, 0.8, -0.6, 0.1, 0.4, -0.9]
    assert list(found["change"]) == [0.5, 0.8, 1.2, 2]
    assert all(isclose(found["change"][w_h], left(ten, w_h), rel_tol=1e-12) for w_h in found["change"])


def left(inputs, w_h):
    """∂o_n/∂o_0 = Π (1 − o_t²)·w_h, with plain floats"""
    o, product = 0.0, 1.0
    for x in inputs:
        o = tanh(0.5 * x + w_h * o)
        product *= (1 - o * o) * w_h
    return product


@pytest.mark.parametrize(
    "change", [("w_h=[[0.8]]", "w_h=[[2]]"), ("[1, 0.5, -1], 1", "[1, 0.5, -1, 0.3], 0")], ids=["a weight", "an input"]
)
def test_a_student_may_change_the_first_cell_and_its_check_still_holds(change):
    assert CODE["network"].count(change[0]) == 1
    shown(change)
