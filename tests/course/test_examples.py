"""The course: every lesson runs in a directory of its own without `dot`, and holds what it claims, also when it is
changed as it invites; every quiz marks.  Then the figures of lessons 01 to 07; those of 08 on: test_examples_late.py"""

import ast
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from fractions import Fraction
from math import exp, isclose, tanh
from pathlib import Path

import pytest
from lessons import EXAMPLES, LESSONS, QUIZZED, ROOT, SECONDS, Change, changed, code, invited, lesson_path, prose, run

CHANGES = [change for lesson in LESSONS for change in invited(lesson)]
lessons = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
quizzed = pytest.mark.parametrize("lesson", QUIZZED, ids=lambda path: path.stem)


def number(text: str) -> float:
    return float(text.replace("−", "-"))


# ---------------------------------------------------------------------- the lessons


@lessons
def test_a_lesson_runs_without_dot_and_leaves_its_files_in_the_directory_that_it_names(lesson, tmp_path):
    start = time.perf_counter()
    done = run(lesson, tmp_path)
    assert (done.returncode, done.stderr) == (0, "") and time.perf_counter() - start < SECONDS
    saved = re.findall(r"^(?:picture|its DOT text|page): (\S+\.\w+)$", done.stdout, re.MULTILINE)
    named = {Path(path) for path in saved}
    left = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == named and {path.parent for path in left} <= {Path("minigrad-lessons")}
    assert all(path.name.startswith(lesson.stem[:2]) for path in left)
    assert all(len(line) < 125 for line in done.stdout.splitlines() if not line.startswith("picture: not drawn"))


@lessons
def test_without_any_engine_a_lesson_says_so_and_leaves_the_text_of_its_pictures(lesson, tmp_path):
    (tmp_path / "pygraphviz.py").write_text("raise ImportError")
    script = "import runpy, sys, minigrad.draw.engines as e; e.available = lambda: ''; runpy.run_path(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", script, str(lesson)], cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True, text=True, encoding="utf-8", check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "picture: not drawn, because no drawing engine was found" in done.stdout
    texts = re.findall(r"^its DOT text: (\S+\.gv)$", done.stdout, re.MULTILINE)
    assert texts and all((tmp_path / path).read_text(encoding="utf-8").startswith("digraph") for path in texts)


@lessons
def test_a_lesson_is_short_opens_with_its_number_shows_a_picture_and_ends_on_a_check(lesson):
    source = lesson.read_text(encoding="utf-8")
    assert sum(line.strip("# ") not in ("", "%%", "%% [markdown]") for line in source.splitlines()) < 150
    assert source.startswith(f"# %% [markdown]\n# # {lesson.stem[:2]} ")
    assert ast.get_docstring(ast.parse(source)) is None               # prose stands in the cells
    last = [cell.strip().splitlines()[-1] for cell in code(lesson)]
    shown = [line for line in last if re.fullmatch(r"\w+", line) and f"print({line}.save_and_say(" in source]
    assert shown or any(re.fullmatch(r"show\(\w+\)", line) for line in last)
    assert re.search(r"^ *assert ", code(lesson)[-1], re.MULTILINE)
    assert ("--quiz" in prose(lesson)) == (lesson in QUIZZED)


@lessons
def test_a_lesson_quotes_only_code_that_stands_in_it(lesson):
    """`a = b` in the prose, outside the list of changes"""
    text, source = prose(lesson).partition("## Change it")[0], "".join(code(lesson))
    for quoted in re.findall(r"`([^`\n]+)`", text):
        assert " = " not in quoted or quoted in source, quoted


@lessons
def test_a_lesson_invites_to_change_it(lesson):
    assert len(invited(lesson)) >= 2


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change.lesson}: {change.edits[0][1]}")
def test_every_change_that_a_lesson_invites_to_holds_or_fails_in_words_where_it_says_so(change: Change, tmp_path):
    done = changed(change.lesson, tmp_path, *change.edits)
    if change.fails:
        assert done.returncode == 1
        assert re.search(r"^AssertionError: \S+ +\S+ +\S+", done.stderr, re.MULTILINE), done.stderr
    else:
        assert (done.returncode, done.stderr) == (0, "")


@lessons
def test_a_lesson_imports_only_minigrad_and_the_standard_library(lesson):
    tree = ast.parse(lesson.read_text(encoding="utf-8"))
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    modules += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    others = {module.split(".")[0] for module in modules} - set(sys.stdlib_module_names) - {"minigrad"}
    assert others <= {"quiz", "torch"}


def test_the_numbers_of_the_course_are_in_order_and_none_twice():
    numbers = [lesson.stem[:2] for lesson in LESSONS]
    assert numbers == sorted(set(numbers)) and numbers[0] == "01"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("operand.grad += partial * node.grad", "operand.grad = partial * node.grad"),
     ("for node in order:", "for node in reversed(order):")],
    ids=["= for +=", "the wrong order"],
)
def test_a_broken_engine_is_noticed_by_the_lessons(right, wrong, tmp_path):
    shutil.copytree(ROOT / "minigrad", tmp_path / "minigrad")
    value = tmp_path / "minigrad" / "value.py"
    source = value.read_text(encoding="utf-8")
    assert source.count(f"        {right}") == 1
    value.write_text(source.replace(f"        {right}", f"        {wrong}"), encoding="utf-8")
    for name in ("01_value", "02_chain_rule", "03_wrong_engines", "04_one_neuron", "05_unfold", "06_bptt"):
        done = run(EXAMPLES / f"{name}.py", tmp_path, package=tmp_path)
        assert done.returncode == 1 and "AssertionError" in done.stderr, name


def test_the_wrong_engines_give_the_numbers_that_one_finds_by_hand(tmp_path):
    printed = run(EXAMPLES / "03_wrong_engines.py", tmp_path).stdout
    rows = re.findall(r"^(\w+) +" + r" +".join([r"(too deep ×|\d+(?: ×)?)"] * 5) + "$", printed, re.MULTILINE)
    assert [row[0] for row in rows] == [
        "each_arrival", "first_seen", "overwriting", "each_operand_once", "latest_first", "minigrad"]
    assert [row[1:] for row in rows] == [
        ("6", "6", "8", "too deep ×", "4096"),
        ("6", "6", "2 ×", "1", "4096"),               # of 2 + 6, w gets what h had before g sent its 3
        ("6", "3 ×", "6 ×", "1", "1 ×"),              # h keeps the last contribution, 1 × 3, or w the last of two
        ("6", "3 ×", "8", "1", "1 ×"),
        ("6", "6", "8", "1", "4096"),
        ("6", "6", "8", "1", "4096"),
    ]
    assert "12 doublings: 8191 calls for 13 numbers" in printed          # 2¹³ − 1


def test_lesson_05_and_06_print_the_figures_of_the_lecture(tmp_path):
    assert "∂L/∂w_h = 0 − 0.1594 − 0.3411 = −0.5005" in run(EXAMPLES / "05_unfold.py", tmp_path).stdout
    printed = run(EXAMPLES / "06_bptt.py", tmp_path).stdout
    for figure in ("0.7293", "−2.074", "0.03065", "0.6292", "0.5572", "0.7972", "−0.3411", "−0.5005", "0.2296"):
        assert re.search(rf" +{figure}$", printed, re.MULTILINE), figure
    assert set(re.findall(r"^\((\d)\)", printed, re.MULTILINE)) == set("123456789")


def test_with_a_fourth_input_lessons_05_and_06_have_a_fourth_contribution(tmp_path):
    for name, pattern in (("05", r"^t = (\d) .* × .* = +(\S+)$"), ("06", r"^\(7\)  j = (\d) +(\S+)$")):
        change = next(c for c in invited(lesson_path(name)) if c.edits[0][1].startswith("INPUTS") and not c.fails
                      and "-1, 2]" in c.edits[0][1])
        printed = changed(name, tmp_path, *change.edits).stdout
        terms = {int(t): number(term) for t, term in re.findall(pattern, printed, re.MULTILINE)}
        [total] = re.findall(r"^(?:\(7\)  )?∂L/∂w_h +(?:= .* = )?(\S+)$", printed, re.MULTILINE)
        assert sorted(terms) == [1, 2, 3, 4] and isclose(sum(terms.values()), number(total), rel_tol=1e-3)


def test_a_change_that_spoils_lesson_04_is_told_in_words(tmp_path):
    spoiling = [change for change in invited(EXAMPLES / "04_one_neuron.py") if change.fails]
    too_large, exactly_one, added_up = (changed("04_one_neuron", tmp_path, *change.edits) for change in spoiling)
    assert "AssertionError: it stopped at step 2: the steps are too large" in too_large.stderr
    assert "  no further: binary_cross_entropy: y_hat is 1.0" in too_large.stdout
    assert re.search(r"AssertionError: not learned: .* [Nn]o straight line .* one neuron cannot", exactly_one.stderr)
    assert "AssertionError: the gradient at step 1 is not the one on paper: older gradients" in added_up.stderr
    for done in (too_large, exactly_one, added_up):
        assert "x₁  x₂  y   ŷ" in done.stdout         # the lesson goes on to what the neuron says


def test_lesson_01_takes_an_operation_that_the_reader_adds_to_the_little_engine(tmp_path):
    method = """    def __sub__(self, other):
        return Mini(self.data - other.data, "-", (self, other), (1, -1))

    def tanh(self):"""
    subtraction = ("d = c + a", "d = c - a")
    done = changed("01_value", tmp_path, ("    def tanh(self):", method), subtraction)
    assert (done.returncode, done.stderr) == (0, "")
    done = changed("01_value", tmp_path, ("    def tanh(self):", method.replace("(1, -1)", "(1, 1)")), subtraction)
    assert done.returncode == 1 and "AssertionError: ∂L/∂a is " in done.stderr


def test_lesson_02_names_the_line_by_hand_that_does_not_fit_the_expression(tmp_path):
    done = changed("02_chain_rule", tmp_path, ("g = d * e", "g = d + e"))
    assert "AssertionError: ∂L/∂d is −40 by hand and 5 by graph: correct its line" in done.stderr


@pytest.mark.parametrize("place", [0, 1, 2])
def test_lesson_03_says_so_when_an_engine_is_put_right(place, tmp_path):
    change = invited(EXAMPLES / "03_wrong_engines.py")[place]
    repaired = ("overwriting", "each_operand_once", "first_seen")[place]
    done = changed("03_wrong_engines", tmp_path, *change.edits)
    assert done.stdout.endswith(f"You have repaired: {repaired}\n")
    assert run(EXAMPLES / "03_wrong_engines.py", tmp_path).stdout.endswith("You have repaired: none yet\n")


@pytest.mark.parametrize(("size", "left"), [(1, ["0.0002026", "0.1146", "8.921e−7"]),
                                            (0.1, ["0.0009596", "0.9445", "0.001605"])])
def test_lesson_07_prints_every_row_and_what_plain_floats_leave_of_the_gradient(size, left, tmp_path):
    done = changed("07_vanishing_gradient", tmp_path, ("SIZE = 1.0", f"SIZE = {size}"))
    assert (done.returncode, done.stderr) == (0, "")
    rows = re.findall(r"^ +(\d+) +(\S+)(?: × \S+)? +(\S+)(?: × \S+)? +(\S+)(?: × \S+)?$", done.stdout, re.MULTILINE)
    assert [int(t) for t, *_ in rows] == [*range(10, -1, -1)] * 2
    assert rows[10][1:] == ("0.0009766", "1", "1024")                 # 0.5¹⁰, 1, 2¹⁰
    assert [*rows[-1][1:]] == left
    source, products = random.Random(0), []
    inputs = [source.uniform(-size, size) for _ in range(10)]
    for w_h in (0.5, 1, 2):
        o, product = 0.0, 1.0
        for x in inputs:
            o = tanh(x + o * w_h)
            product *= (1 - o * o) * w_h
        products.append(product)
    assert all(isclose(number(shown), product, rel_tol=1e-3) for shown, product in zip(left, products))


def test_lesson_07_says_of_each_weight_what_its_number_says(tmp_path):
    change = next(c for c in invited(EXAMPLES / "07_vanishing_gradient.py") if c.edits[0][1] == "STEPS = 7")
    done = changed("07_vanishing_gradient", tmp_path, *change.edits)
    said = re.findall(r"^w_h = \S+: ∂L/∂o₀ is (\S+): the gradient (\w+).*$", done.stdout, re.MULTILINE)
    assert [word for _, word in said] == ["vanishes", "explodes", "vanishes", "vanishes"]
    assert [number(left) for left, _ in said[:2]] == [0, (-3) ** 7]


# ---------------------------------------------------------------------- the quizzes


def answers_by_hand() -> dict[str, dict[str, float]]:
    """{lesson: {what is asked: the answer}}, by plain floats"""
    found: dict[str, dict[str, float]] = {}
    a, b, c, m = -3, 2, 1, 4
    e, d = a * b, a * b + c
    de = m * (2 * e + c)                              # L = m·(e + c)·e
    found["02_chain_rule"] = {"d": e * m, "c": e * m, "e": de, "a": b * de, "b": a * de, "g": m, "m": d * e}
    found["05_unfold"] = of_network([0.4, 1, -0.6], 1.1, 1.3, 1.5, sigma=True)
    found["06_bptt"] = of_network([-0.8, 0.6, 1.5], 0.7, -0.6, 1.7, sigma=True)
    found["07_vanishing_gradient"] = of_network([0.3, -0.2, 0.5, 0.1], 1.0, 0.6, 1.0, sigma=False)
    return found


def of_network(inputs, w_i, w_h, w_o, sigma) -> dict[str, float]:
    o = [0.0]
    for x in inputs:
        o.append(tanh(x * w_i + o[-1] * w_h))
    n = len(inputs)
    dL_ds = 1 / (1 + exp(-o[n] * w_o)) - 1 if sigma else 1.0        # σ(s) − y for y = 1; else L = s
    found = {"w_o": dL_ds * o[n], "s": dL_ds}
    grad = dL_ds * w_o
    for t in range(n, 0, -1):
        found[f"o_{t}"], found[f"z_{t}"] = grad, grad * (1 - o[t] ** 2)
        found[f"w_i t = {t}"], found[f"w_h t = {t}"] = found[f"z_{t}"] * inputs[t - 1], found[f"z_{t}"] * o[t - 1]
        grad = found[f"z_{t}"] * w_h
    found["o_0"] = grad
    for w in ("w_i", "w_h"):
        found[w] = sum(found[f"{w} t = {t}"] for t in range(1, n + 1))
    return found


def asked_in(printed: str) -> list[str]:
    """What a quiz asks for, such as "o_2", in order"""
    found = re.findall(r"^\d\. ∂L/∂(\w+) = ", printed, re.MULTILINE)
    return [re.sub("o([₀-₄])", r"o_\1", what).translate(str.maketrans("₀₁₂₃₄", "01234")) for what in found]


def asked_by(lesson: Path, directory: Path) -> dict[str, float]:
    """{what the quiz asks for: the answer by hand}"""
    asked = asked_in(run(lesson, directory, "--quiz", typed="1000\n" * 10).stdout)
    assert len(asked) >= 2
    return {what: answers_by_hand()[lesson.stem][what] for what in asked}


def written(x: float) -> str:
    return f"{x:.4g}"


@quizzed
def test_right_answers_are_right_and_the_routes_are_shown(lesson, tmp_path):
    answers = asked_by(lesson, tmp_path)
    done = run(lesson, tmp_path, "--quiz", typed="\n".join(map(written, answers.values())))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(f"{len(answers)} of {len(answers)} right\n")
    for answer, routes in zip(answers.values(), done.stdout.split("right: it is ")[1:], strict=True):
        products = re.findall(r"^   ∂L.* = ((?:\([^()]*\))+) = (\S+)$", routes, re.MULTILINE)
        for product, total in products:
            value = 1.0
            for factor in re.findall(r"\(([^()]*)\)", product):
                value *= number(factor)
            assert isclose(value, number(total), rel_tol=2e-3)
        assert isclose(sum(number(total) for _, total in products), answer, rel_tol=1e-3)


@quizzed
def test_no_answer_can_be_read_off_the_lesson(lesson, tmp_path):
    answers = asked_by(lesson, tmp_path)
    printed = run(lesson, tmp_path).stdout
    pictures = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.svg") if "quiz" not in path.stem]
    assert pictures
    seen = printed + " ".join(re.findall(r">([^<>]+)<", " ".join(pictures)))
    shown = [float(digits) for digits in re.findall(r"\d+\.?\d*", seen)]
    for what, answer in answers.items():
        assert not [x for x in shown if isclose(x, abs(answer), rel_tol=1e-3)], what


@quizzed
def test_no_answer_stands_in_the_table_or_in_the_picture_nor_nearly(lesson, tmp_path):
    answers = asked_by(lesson, tmp_path)
    table, _, after = run(lesson, tmp_path, "--quiz", typed="q").stdout.partition("picture: ")
    picture = (tmp_path / after.split()[0]).read_text(encoding="utf-8")
    seen = " ".join(re.findall(r">([^<>]+)<", picture))
    shown = [float(digits) for digits in re.findall(r"\d+\.?\d*", table.partition("tries each.")[2] + seen)]
    for what, answer in answers.items():
        assert not [x for x in shown if isclose(x, abs(answer), rel_tol=0.01)], what
    assert table.count("?") > len(answers) and picture.count(">?<") >= len(answers)


@quizzed
def test_after_a_wrong_answer_there_is_a_hint_in_symbols_and_a_second_try(lesson, tmp_path):
    answers = asked_by(lesson, tmp_path).values()
    done = run(lesson, tmp_path, "--quiz", typed="".join(f"1000\n{written(answer)}\n" for answer in answers))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(f"{len(answers)} of {len(answers)} right\n")
    hints = re.findall(r"not yet; (?:add up its routes|multiply along its route):\n((?:   ∂.*\n)+)", done.stdout)
    assert len(hints) == len(answers) and not any(re.search(r"\d\.\d| = ", hint) for hint in hints)
    assert "An answer within 1 % is right, two tries each." in done.stdout


@quizzed
def test_after_two_wrong_answers_the_right_one_is_told(lesson, tmp_path):
    answers = asked_by(lesson, tmp_path).values()
    done = run(lesson, tmp_path, "--quiz", typed="1000\n" * 10)
    assert done.returncode == 1 and done.stderr == "" and f"0 of {len(answers)} right" in done.stdout
    told = [number(x) for x in re.findall(r"wrong: it is (\S+)", done.stdout)]
    assert all(isclose(x, answer, rel_tol=1e-3) for x, answer in zip(told, answers, strict=True))


def test_an_answer_need_only_agree_to_one_per_cent_as_on_the_page(tmp_path):
    lesson = EXAMPLES / "06_bptt.py"
    answers = asked_by(lesson, tmp_path).values()
    for factor, right in ((1.009, 3), (0.991, 3), (1.011, 0), (-1, 0)):
        typed = "".join(f"{answer * factor}\n" * 2 for answer in answers) if not right else "\n".join(
            f"{answer * factor}" for answer in answers)
        done = run(lesson, tmp_path, "--quiz", typed=typed)
        assert f"{right} of 3 right" in done.stdout
        assert done.stdout.count("the sign is not right") == (3 if factor < 0 else 0)
    page = (ROOT / "minigrad" / "draw" / "page" / "quiz.js").read_text(encoding="utf-8")
    assert "\nconst NEAR = 0.01;\n" in page


def test_fractions_and_a_real_minus_are_understood(tmp_path):
    lesson = EXAMPLES / "02_chain_rule.py"
    answers = asked_by(lesson, tmp_path).values()
    typed = "\n".join(f"{Fraction(answer) * 3}/3".replace("-", "−") for answer in answers)
    assert "3 of 3 right" in run(lesson, tmp_path, "--quiz", typed=typed).stdout


@quizzed
def test_nonsense_is_asked_again_and_the_end_of_the_input_ends_it(lesson, tmp_path):
    nonsense = ["", "x", "nan", "inf", "1e9999999999", "1/0", "--", "∂"]
    done = run(lesson, tmp_path, "--quiz", typed="\n".join(nonsense) + "\n")
    assert done.returncode == 1 and done.stderr == ""
    assert done.stdout.count("is not a number: type one such as") == len(nonsense)
    assert re.search(r"^0 of \d right\n\Z", done.stdout, re.MULTILINE)
    assert run(lesson, tmp_path, "--quiz", typed="q\n").stdout.endswith(done.stdout[-13:])


@quizzed
def test_a_lesson_saves_a_page_that_asks_what_the_quiz_asks(lesson, engine, tmp_path):
    path = os.environ["PATH"]
    done = subprocess.run([sys.executable, str(lesson)], cwd=tmp_path, capture_output=True, text=True, check=True,
                          env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PATH": path}, encoding="utf-8")
    [page] = re.findall(rf"^page: (\S+{lesson.stem[:2]}_quiz\.html)$", done.stdout, re.MULTILINE)
    source = (tmp_path / page).read_text(encoding="utf-8")
    data = json.loads(source.partition('id="p-data">')[2].partition("</script>")[0])
    asked = [data["names"][node] for node in data["quiz"]]
    assert asked == [re.sub(r"o_(\d)", lambda o: "o" + "₀₁₂₃₄"[int(o[1])], what) for what in asked_by(lesson, tmp_path)]


def test_a_quiz_on_more_steps_than_the_columns_hold_draws_the_graph(tmp_path):
    source = (EXAMPLES / "05_unfold.py").read_text(encoding="utf-8")
    longer = source.replace("[other_h] * 3, [0.4, 1, -0.6]", "[other_h] * 6, [0.4, 1, -0.6, 1, 2, 3]")
    (tmp_path / "05_unfold.py").write_text(longer, encoding="utf-8")
    shutil.copy(EXAMPLES / "quiz.py", tmp_path)
    done = run(tmp_path / "05_unfold.py", tmp_path, "--quiz", typed="q\n")
    assert (done.returncode, done.stderr) == (1, "") and "t = 1 … 6" in done.stdout


def test_a_flag_of_the_quiz_that_is_none_is_refused(tmp_path):
    done = run(EXAMPLES / "06_bptt.py", tmp_path, "--quiz", "--easy")
    assert done.returncode == 2 and "unrecognized arguments: --easy" in done.stderr and not list(tmp_path.iterdir())


def test_the_flags_of_a_notebook_kernel_do_not_start_the_quiz(tmp_path):
    done = run(EXAMPLES / "06_bptt.py", tmp_path, "-f", "kernel.json", "--f=kernel.json")
    assert done.returncode == 0 and "are hidden" not in done.stdout


def test_the_quiz_says_which_lessons_have_one():
    words = (EXAMPLES / "quiz.py").read_text(encoding="utf-8").rpartition("Lessons ")[2].partition(" have a quiz")[0]
    assert re.findall(r"\d\d", words) == [lesson.stem[:2] for lesson in QUIZZED]


def test_a_lesson_runs_without_the_quiz_beside_it(tmp_path):
    for lesson in QUIZZED:
        alone = tmp_path / lesson.name
        alone.write_bytes(lesson.read_bytes())
        assert run(alone, tmp_path).returncode == 0


def test_vs_code_starts_a_lesson_that_exists():
    content = json.loads((ROOT / ".vscode" / "launch.json").read_text(encoding="utf-8"))
    programs = [configuration.get("program", "") for configuration in content["configurations"]]
    assert any(program.endswith("examples/05_unfold.py") for program in programs)
