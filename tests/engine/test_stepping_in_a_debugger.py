"""A real pdb, driven by a script: what someone sees who steps through the forward and the backward pass."""

import json
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from conftest import ROOT, lecture

from minigrad import Value, dot
from minigrad.bptt import ledgers
from minigrad.draw import draw
from minigrad.explain import chain_rule
from minigrad.nn import RNN, Linear
from minigrad.optim import SGD, Adam
from minigrad.replay import replay
from minigrad.sentiment import Sentiment
from minigrad.text import Vocabulary

SCRIPT, VALUE = ROOT / "examples" / "05_unfold.py", ROOT / "minigrad" / "value.py"


def line_of(path: Path, words: str) -> int:
    """The number of the last line of code that holds the words"""
    lines = path.read_text(encoding="utf-8").splitlines()
    return max(number for number, line in enumerate(lines, start=1) if words in line and not line.startswith("#"))


def pdb(*commands: str) -> str:
    """What pdb prints for the commands, its prompts removed"""
    done = subprocess.run(
        [sys.executable, "-m", "pdb", str(SCRIPT)], input="\n".join([*commands, "q"]), cwd=ROOT,
        capture_output=True, text=True, encoding="utf-8", env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}, check=False,
    )
    return done.stdout.replace("(Pdb) ", "")


AT_BACKWARD = (f"b {line_of(SCRIPT, 'loss.backward()')}", "c")


def test_one_step_into_backward_lands_in_the_loop_of_the_chain_rule():
    seen = pdb(*AT_BACKWARD, "s", "ll")
    assert re.search(r"--Call--\n> .*value\.py\(\d+\)backward\(\)", seen)
    listing = seen.partition("def backward")[2]
    assert "for operand, partial in zip(node.operands, node.partials):" in listing
    assert "operand.grad += partial * node.grad" in listing


def test_a_conditional_breakpoint_stops_where_a_lecturer_would_point():
    stop = f'b {VALUE}:{line_of(VALUE, "operand.grad += partial * node.grad")}, node.label == "o_2"'
    seen = pdb(stop, "c", "p node", "p operand.op, partial", "p partial * node.grad", "n", "p operand.grad")
    assert "Value(0.550915, grad=-0.4953, op='tanh', label='o_2')" in seen
    assert "('+', 0.696492" in seen                   # ∂o₂/∂z₂ = 1 − o₂²
    assert seen.count("-0.344973") == 2               # −0.4953 × 0.6965, before and after the line has run


def test_the_first_contribution_is_made_within_eight_steps_over_and_nothing_else_is_entered():
    """On every Python: a comprehension in backward() would hold `n` on its line for each Value from 3.12 on"""
    seen = pdb(*AT_BACKWARD, "s", *["n"] * 8, "p operand.grad, partial * node.grad")
    first, second = seen.rpartition("(")[2].partition(")")[0].split(", ")
    assert float(first) == float(second) != 0
    assert set(re.findall(r"^> .*value\.py\(\d+\)(\w+)\(\)", seen, re.MULTILINE)) == {"backward"}
    assert "-> operand.grad += partial * node.grad" in seen


@pytest.mark.parametrize(
    ("before", "rule"),
    [(0, "__mul__"), (1, "__mul__"), (2, "__add__"), (3, "tanh")],
)
def test_one_step_into_an_operation_lands_in_its_rule(before, rule):
    line = line_of(SCRIPT, "o = (x * w_i")
    commands = [f"b {line}", "c"]
    for _ in range(before):
        commands += ["s", "r", "s"]                   # into a rule, out of it, back on the line
    seen = pdb(*commands, "s", "ll")
    frames = re.findall(r"--Call--\n> .*value\.py\(\d+\)(\w+)\(\)", seen)
    assert frames[-1] == rule
    listing = seen.rpartition(f"def {rule}")[2]
    assert "return Value(" in listing and "d/d" in listing.replace("∂/∂", "d/d")


def test_every_object_a_debugger_shows_has_one_informative_line():
    rnn, unrolled, _, loss = lecture()
    loss.backward()
    w_h = rnn.w_h[0][0]
    big = RNN(30, 20, bias=True, fused=True)
    wide = big.unroll([3] * 500)
    rule = chain_rule(loss, w_h)
    shown = [
        loss, w_h, rnn, big, Linear(3, 4), unrolled, wide, unrolled[1], wide[7], ledgers(loss, unrolled, [w_h])[0],
        rule, rule.terms[0], replay(loss, unrolled)[5], draw(loss, unrolled), SGD([w_h], lr=0.1), Adam([w_h]),
        Vocabulary(["a"]), Sentiment(Vocabulary(["a"]), 2),
    ]
    for thing in shown:
        assert "\n" not in repr(thing) and 8 < len(repr(thing)) < 160 and "object at 0x" not in repr(thing), thing


def test_what_has_no_label_is_named_by_the_labels_near_it():
    a, b = Value(2.0, label="a"), Value(-0.5, label="b")
    named = {
        a * b: "a·b", a * 3 + b: "a·3 + b", 1 - a * b: "1 − (a·b)", a / (a * b): "a/(a·b)", a / (a - b): "a/(a − b)",
        (a + b) ** 2: "(a + b)^2", (a + b) * a: "(a + b)·a", -(a + b): "−(a + b)", (a * b).tanh(): "tanh(a·b)",
        dot([a, b, a], [b, b, b]): "Σ(a, b, a, b, …)", Value(2) * Value(3): None, (a * b).tanh().exp(): None,
    }
    for value, name in named.items():
        assert (f"name={name!r}" in repr(value)) if name else ("name=" not in repr(value)), value
    assert "name" not in repr(a) and a.label == "a"


def test_a_line_has_six_digits_of_a_float_and_the_value_all():
    third = Value(1 / 3)
    assert repr(third) == "Value(0.333333, grad=0)" and f"{third:.17g}" == "0.33333333333333331"
    shown = {2.0: "2.0", -0.0: "-0.0", 1234567.0: "1.23457e+06", 1e-7 / 3: "3.33333e-08", 10**20: "1" + "0" * 20,
             Fraction(1, 3): "1/3"}
    assert [repr(Value(x)) for x in shown] == [f"Value({written}, grad=0)" for written in shown.values()]


def test_a_line_does_not_walk():
    far = Value(1.0, label="x")
    near = far.tanh().tanh()
    deep = near.tanh()
    del far.label                                     # to look at it would raise now
    assert repr(deep) == f"Value({deep:.6g}, grad=0, op='tanh')"
    with pytest.raises(AttributeError):
        repr(near)


def test_expanding_an_object_computes_nothing_that_changes_it():
    rnn, unrolled, _, loss = lecture()
    before = loss.data, loss.grad, [w.grad for w in rnn.parameters()]
    for thing in (loss, rnn, unrolled, unrolled[0]):
        for attribute in dir(thing):
            if not attribute.startswith("__"):
                getattr(thing, attribute)
    assert before == (loss.data, loss.grad, [w.grad for w in rnn.parameters()])


def test_the_lesson_names_the_right_lines():
    lesson = SCRIPT.read_text(encoding="utf-8")
    assert f"`b {line_of(SCRIPT, 'loss.backward()')}` (the line `loss.backward()`)" in lesson
    assert f"`b minigrad/value.py:{line_of(VALUE, 'operand.grad += partial * node.grad')}, " in lesson


def test_the_configurations_for_vs_code_are_json_and_name_what_exists():
    content = json.loads((ROOT / ".vscode" / "launch.json").read_text(encoding="utf-8"))
    for configuration in content["configurations"]:
        assert configuration["type"] == "debugpy" and configuration["justMyCode"] is False
        if "program" in configuration and "${file}" not in configuration["program"]:
            assert Path(configuration["program"].replace("${workspaceFolder}", str(ROOT))).is_file()
