"""Lessons 08 on, against figures of other programs and of plain floats; what every lesson holds: test_examples.py"""

import re
import shutil
from math import exp, isclose, log1p, tanh

import pytest
from lessons import ROOT, changed, lesson_path, prose, run

# of torch 2.13.0: ∂L/∂w_h of lessons 10 and 11 for k = 1 … 6, with detach() before the last k steps; of an LSTMCell
# with the weights of lesson 12 (c_t, h_t), and then (|∂L/∂c_t|, |∂L/∂h_t|) from the last step back
TRUNCATED = {0.5: [0.142, 0.1495, 0.221, 0.2326, 0.2231, 0.2231], 1.5: [0.2166, 0.2732, 0.5439, 0.1924, -1.038, -1.038]}
CELLS_AND_STATES = [("0.4625", "0.2587"), ("0.4992", "0.288"), ("0.06217", "0.03461")]
FLOWS = [("0.5552", "1"), ("0.4193", "0.06587"), ("0.239", "0.1395"), ("0.1597", "0.04852")]


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def printed_by(name: str, directory) -> str:
    done = run(lesson_path(name), directory)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def break_the_engine(directory) -> None:
    """A copy of the package that keeps the last contribution alone"""
    shutil.copytree(ROOT / "minigrad", directory / "minigrad")
    value = directory / "minigrad" / "value.py"
    source = value.read_text(encoding="utf-8")
    assert source.count("operand.grad += partial *") == 1
    value.write_text(source.replace("operand.grad += partial *", "operand.grad = partial *"), encoding="utf-8")


def test_a_broken_engine_is_noticed(tmp_path):
    break_the_engine(tmp_path)
    for name in ("08", "10", "14", "15", "17"):
        done = run(lesson_path(name), tmp_path, package=tmp_path)
        assert done.returncode == 1 and "AssertionError" in done.stderr, name


def test_lesson_08_learns_from_a_file_of_ones_own(tmp_path):
    shutil.copy(ROOT / "minigrad" / "data" / "sentences.tsv", tmp_path / "yours.tsv")
    assert '`SENTENCES = text.read_labelled("yours.tsv")`' in prose(lesson_path("08"))
    done = changed("08", tmp_path, ("= default_sentences()", '= text.read_labelled("yours.tsv")'))
    assert (done.returncode, done.stderr) == (0, "") and "one step down the gradient" in done.stdout


def test_lesson_08_says_of_any_sentence_how_many_have_a_larger_loss(tmp_path):
    for which, larger in (("max", 0), ("min", 48)):
        done = changed("08", tmp_path, ("losses.index(max(losses))", f"losses.index({which}(losses))"))
        assert re.search(rf"^{larger} of the 49 held-out sentences have a larger L$", done.stdout, re.MULTILINE)


def test_lesson_10_keeps_what_pytorch_keeps(tmp_path):
    for w_h, expected in TRUNCATED.items():
        done = changed("10", tmp_path, ("W_O = 0.5, 0.5, 1.2", f"W_O = 0.5, {w_h}, 1.2"))
        kept = re.findall(r"^k = \d:  kept .* = (\S+)$", done.stdout, re.MULTILINE)
        assert [number(total) for total in kept] == expected
        full = expected[-1]
        errors = re.findall(r"^k = \d:  \|full − truncated\| = (\S+)$", done.stdout, re.MULTILINE)
        assert all(isclose(number(e), abs(full - x), abs_tol=6e-4) for e, x in zip(errors, expected, strict=True))


def test_lesson_11_steps_up_until_the_sign_is_right(tmp_path):
    rows = re.findall(r"^k = \d:  ∂L/∂w_h +(\S+)   L = (\S+), (\w+)$", printed_by("11", tmp_path), re.MULTILINE)
    assert [number(gradient) for gradient, *_ in rows] == TRUNCATED[1.5]
    assert [way for *_, way in rows] == ["higher"] * 4 + ["lower"] * 2
    for gradient, after, _ in rows:
        assert isclose(number(after), loss_by_hand(1.5 - 0.01 * number(gradient)), abs_tol=2e-5)
    assert isclose(loss_by_hand(1.5), 0.85267, abs_tol=5e-6)


def loss_by_hand(w_h: float) -> float:
    """Of lessons 10 and 11, with plain floats: softplus(−s) is −log σ(s)"""
    o = 0.0
    for x in (1, -1, -1, 0.5, -0.5, 0.5):
        o = tanh(x * 0.5 + o * w_h)
    return log1p(exp(-1.2 * o))


@pytest.mark.parametrize("seed", ["4", "5", "9"])
@pytest.mark.parametrize(
    ("name", "settings"), [("11", "SEED = 0"), ("14", "SEED, OPEN, SHUT = 0"), ("17", "SEED = 50, 8, 4, 0")]
)
def test_what_is_learned_and_what_is_not_does_not_hang_on_the_seed(name, settings, seed, tmp_path):
    done = changed(name, tmp_path, (settings, settings[:-1] + seed))
    assert (done.returncode, done.stderr) == (0, "")


def test_lesson_12_prints_the_states_and_the_flow_of_pytorch(tmp_path):
    forward, _, backward = printed_by("12", tmp_path).partition("t = 1:")
    assert re.findall(r"^ +[123] .* (\S+) +(\S+)$", forward, re.MULTILINE) == CELLS_AND_STATES
    table = backward.partition("|∂L/∂c_t|")[2].partition("picture")[0]
    assert re.findall(r"^ +[0123] +(\S+) +(\S+)$", table, re.MULTILINE) == FLOWS


def test_lesson_13_adds_up_the_three_routes_to_the_derivative_by_hand(tmp_path):
    rows = re.findall(r"^t = (\d):  .* = (.*) = (\S+)$", printed_by("13", tmp_path), re.MULTILINE)
    assert [t for t, *_ in rows] == ["3", "2", "1"] and rows[0][2] == "0.5165"
    xs, h = (1, 0.5, -1), 0.0

    def step(x, h):
        r, z = (1 / (1 + exp(-(x * w_x + h * w_h))) for w_x, w_h in ((0.5, 0.3), (-0.3, -0.4)))
        return (1 - z) * tanh(0.9 * x + r * h * 0.8) + z * h, z

    for t, (_, terms, derivative) in enumerate(reversed(rows)):
        measured = (step(xs[t], h + 1e-6)[0] - step(xs[t], h - 1e-6)[0]) / 2e-6
        assert isclose(number(derivative), measured, rel_tol=1e-3)
        h, z = step(xs[t], h)
        assert isclose(number(terms.split()[0]), z, rel_tol=1e-3)        # what is kept comes first


def test_lesson_15_prints_the_curvature_that_60_digits_give(tmp_path):
    printed = printed_by("15", tmp_path)
    assert "∂²L/∂w_h² = −0.131953, measured −0.131953" in printed        # −0.131952788143073, outside minigrad
    assert "= −7686/3125" in printed and "y.data.data: 0.479425538604203" in printed


def test_lesson_17_weighs_the_states_as_the_softmax_does_by_hand(tmp_path):
    rows = re.findall(r"^t = \d:  o_t = +(\S+)   a_t = (\S+)$", printed_by("17", tmp_path), re.MULTILINE)
    o, states = 0.0, []
    for x in (1, 0.5, -1):
        o = tanh(0.5 * x + 0.8 * o)
        states.append(o)
    total = sum(exp(1.5 * o) for o in states)
    for (state, attention), o in zip(rows, states, strict=True):
        assert isclose(number(state), o, rel_tol=1e-3)
        assert isclose(number(attention), exp(1.5 * o) / total, rel_tol=1e-3)


# ---------------------------------------------------------------------- PyTorch, with it and without


def test_without_pytorch_lesson_16_draws_its_picture_and_says_in_one_line_how_to_get_the_rest(tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('blocked')")
    lesson = tmp_path / "16_pytorch.py"               # beside the stub, which is found first
    shutil.copy(lesson_path("16"), lesson)
    done = run(lesson, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    made, picture, *_, said = done.stdout.splitlines()
    assert made.startswith("306 Values: 55 leaves") and picture.startswith("picture: ")
    assert re.fullmatch(r"PyTorch is not installed, .*nothing is checked.*  python -m pip install torch", said)


def test_with_pytorch_lesson_16_prints_what_its_text_shows(tmp_path):
    pytest.importorskip("torch", reason="PyTorch is not installed here")
    printed = printed_by("16", tmp_path).splitlines()
    shown = re.findall(r"> ```text\n(.*?)> ```", prose(lesson_path("16")), re.DOTALL)
    lines = [line.removeprefix("> ") for block in shown for line in block.splitlines() if line != "> …"]
    assert len(shown) == 5 and len(lines) > 15
    assert [line for line in printed if line in lines] == lines          # all of them, in this order


def test_with_pytorch_lesson_16_notices_a_broken_engine(tmp_path):
    pytest.importorskip("torch", reason="PyTorch is not installed here")
    break_the_engine(tmp_path)
    done = run(lesson_path("16"), tmp_path, package=tmp_path)
    assert done.returncode == 1 and "AssertionError" in done.stderr
