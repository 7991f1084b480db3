"""The command line: what it prints, writes and refuses."""

import errno
import json
import math
import os
import re
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import ROOT

import minigrad
from minigrad import sentiment
from minigrad.cli.main import main
from minigrad.sentiment import Sentiment, default_sentences, split
from minigrad.sentiment import train as train_model
from minigrad.text import Labelled, Vocabulary, read_labelled

pty = pytest.importorskip("pty", reason="no pseudo-terminals here")

START = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF", ".gv": b"digraph"}


# ---------------------------------------------------------------------- ways to run it


def environment(*before: Path, **changes: str) -> dict[str, str]:
    """This process's environment, as a student has it; `before` go before the package on Python's path"""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    path = os.pathsep.join(map(str, [*before, ROOT]))
    return {**kept, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", **changes}


def command(*arguments) -> list[str]:
    return [sys.executable, "-m", "minigrad", *map(str, arguments)]


def run(*arguments, cwd, env=None, **given) -> subprocess.CompletedProcess:
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **given}
    return subprocess.run(
        command(*arguments), cwd=cwd, env=env or environment(), encoding="utf-8", timeout=60, check=False, **given
    )


class Result(NamedTuple):
    """The exit status of a run in this process, and what it printed"""

    status: object
    out: str
    err: str


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """call("train", …): main() in this process, in an empty directory.  Faster than run()."""
    monkeypatch.chdir(tmp_path)

    def here(*arguments) -> Result:
        capsys.readouterr()
        try:
            status: object = main([str(argument) for argument in arguments])
        except SystemExit as exit:
            status = exit.code
        return Result(status, *capsys.readouterr())

    return here


def one_line(text: str) -> bool:
    return text.endswith("\n") and text.count("\n") == 1 and len(text) > 1


def numbers(text: str) -> list[float]:
    """The numbers of a printed sum: "0 − 0.1594 + 3e−7 = −0.1594" → 0, −0.1594, 3e−7, −0.1594"""
    found = re.findall(r"(?<![\w.])([−+] ?)?(\d+(?:\.\d+)?(?:e−?\d+)?)(?![\w.])", text)
    return [float(f"{sign.strip().replace('−', '-')}{digits.replace('−', '-')}") for sign, digits in found]


def line_with(start: str, text: str) -> str:
    """The first line that starts so, without its start"""
    return next(line.strip() for line in text.splitlines() if line.strip().startswith(start)).removeprefix(start)


def saved_picture(out: str, directory: Path) -> Path:
    """The path that the output names, which must exist"""
    path = directory / line_with("picture: ", out)
    assert path.read_bytes().startswith(START[path.suffix])
    return path


# ---------------------------------------------------------------------- the lecture, in plain floats


def lecture_loss(inputs, target, w_i, w_h, w_o) -> float:
    o = 0.0
    for x in inputs:
        o = math.tanh(x * w_i + o * w_h)
    y_hat = 1 / (1 + math.exp(-o * w_o))
    return -target * math.log(y_hat) - (1 - target) * math.log(1 - y_hat)


def lecture_gradient(inputs, target, *weights) -> list[float]:
    """Central differences with respect to w_i, w_h, w_o"""
    h = 1e-5

    def moved(k, by):
        return lecture_loss(inputs, target, *[w + by * (j == k) for j, w in enumerate(weights)])

    return [(moved(k, h) - moved(k, -h)) / (2 * h) for k in range(3)]


def lecture_terms(inputs, target, w_i, w_h, w_o) -> tuple[list[float], list[float]]:
    """The terms of ∂L/∂w_i and ∂L/∂w_h by time step:  x_t·∂L/∂z_t and o_{t−1}·∂L/∂z_t,  with the loop back in time"""
    o = [0.0]
    for x in inputs:
        o.append(math.tanh(x * w_i + o[-1] * w_h))
    on_state = (1 / (1 + math.exp(-o[-1] * w_o)) - target) * w_o
    on_sums: list[float] = []
    for after in reversed(o[1:]):
        on_sums.insert(0, (1 - after * after) * on_state)
        on_state = on_sums[0] * w_h
    return [x * g for x, g in zip(inputs, on_sums)], [before * g for before, g in zip(o, on_sums)]


def printed(x: float):
    """x, to the four digits that are printed"""
    return pytest.approx(x, rel=6e-4, abs=2e-9)


def check_lecture(out: str, inputs, target, w_i, w_h, w_o) -> None:
    """Forward, gradients with their terms, and ten steps of descent, against central differences"""
    weights = [w_i, w_h, w_o]
    loss, gradient = lecture_loss(inputs, target, *weights), lecture_gradient(inputs, target, *weights)
    assert numbers(line_with("L = ", out)) == [printed(loss)]
    for label, slope, by_hand in zip(("w_i", "w_h"), gradient, lecture_terms(inputs, target, *weights)):
        written, _, steps = line_with(f"∂L/∂{label} = ", out).partition("(t = ")
        *terms, total = numbers(written)
        assert total == printed(slope)
        first, last = numbers(steps)
        assert last == len(inputs) and last - first + 1 == len(terms)
        assert terms == [printed(term) for term in by_hand[-len(terms):]]
        assert first == 1 or "…" in written
    assert numbers(line_with("∂L/∂w_o = ", out))[-1] == printed(gradient[2])
    rows = [numbers(line) for line in out.splitlines() if re.fullmatch(r" +\d+ +(?:[−\d.e]+ *){4}", line)]
    assert [row[0] for row in rows] == list(range(11))
    for _, shown, *shown_weights in rows:
        assert shown == printed(lecture_loss(inputs, target, *weights))
        assert shown_weights == [printed(w) for w in weights]
        weights = [w - 0.5 * slope for w, slope in zip(weights, lecture_gradient(inputs, target, *weights))]


# ---------------------------------------------------------------------- demo


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """(what the demo printed, where it ran)"""
    directory = tmp_path_factory.mktemp("demo")
    done = run("demo", cwd=directory)
    assert done.returncode == 0 and done.stderr == ""
    return done.stdout, directory


@pytest.mark.parametrize(
    "start, figures",
    [
        ("o₁ = ", [0.4621]),
        ("o₂ = ", [0.5509]),
        ("o₃ = ", [-0.0592]),
        ("ŷ = ", [0.4822]),
        ("L = ", [0.7293]),
        ("∂L/∂w_h = ", [0, -0.1594, -0.3411, -0.5005]),
        ("∂L/∂w_i = ", [-0.217, -0.1725, 0.6191, 0.2296]),
        ("∂L/∂w_o = ", [0.03065]),
    ],
)
def test_demo_prints_the_numbers_of_the_lecture(demo, start, figures):
    written = line_with(start, demo[0]).partition("(t =")[0]
    assert numbers(written)[-len(figures):] == figures


def test_demo_agrees_with_central_differences_in_every_number(demo):
    check_lecture(demo[0], [1, 0.5, -1], 1, 0.5, 0.8, 1.2)


def test_demo_takes_ten_steps_and_the_loss_falls_at_each(demo):
    rows = [numbers(line) for line in demo[0].splitlines() if re.match(r" +\d+ +\d", line)]
    losses = [row[1] for row in rows]
    assert len(losses) == 11 and losses == sorted(losses, reverse=True) and losses[-1] < 0.3 * losses[0]


def test_demo_writes_the_picture_and_says_where_and_writes_nothing_else(demo):
    out, directory = demo
    picture = saved_picture(out, directory)
    assert picture.suffix == ".svg" and "−0.5005" in picture.read_text(encoding="utf-8")
    page = directory / line_with("page, to open in a browser: ", out)
    assert page.name == "unrolled.html" and page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert sorted(path for path in directory.rglob("*") if path.is_file()) == [page, picture]


def test_no_arguments_are_the_demo(demo, tmp_path):
    done = run(cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, demo[0], "")
    assert saved_picture(done.stdout, tmp_path).read_bytes() == saved_picture(*demo).read_bytes()


def test_demo_writes_where_it_is_told_making_the_directories(call, tmp_path):
    done = call("demo", "--out", "deep/in side/here")
    assert done.status == 0
    assert saved_picture(done.out, tmp_path).parent == tmp_path / "deep" / "in side" / "here"


def test_terminal_without_the_letters_still_gets_the_numbers(tmp_path):
    done = run(cwd=tmp_path, env=environment(PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C"))
    assert done.returncode == 0 and done.stderr == "" and "0.7293" in done.stdout


# ---------------------------------------------------------------------- unroll


@pytest.mark.parametrize(
    "inputs, target, weights",
    [
        ([1, 0.5, -1], 1, [0.5, 0.8, 1.2]),
        ([1, 0.5, -1], 0, [0.5, 0.8, 1.2]),
        ([0.7], 0.25, [-0.3, 0.8, 2]),
        ([-1, -0.5, 2, 0, -3], 0, [0.4, -0.9, -1.1]),
        ([0.1 * (-1) ** k * (k % 5) for k in range(40)], 1, [0.6, 0.95, -0.8]),
    ],
    ids=["lecture", "target 0", "one step", "five steps, negative numbers", "forty steps"],
)
def test_unroll_agrees_with_central_differences_for_any_numbers(call, tmp_path, inputs, target, weights):
    flags = [item for name, w in zip(("--w-i", "--w-h", "--w-o"), weights) for item in (name, w)]
    done = call("unroll", "--inputs", *inputs, "--target", target, *flags, "--out", "own.gv")
    assert done.status == 0 and done.err == ""
    check_lecture(done.out, inputs, target, *weights)
    assert saved_picture(done.out, tmp_path) == tmp_path / "own.gv"


def test_unroll_of_the_lecture_prints_what_the_demo_prints(call, demo):
    done = call("unroll", "--inputs", 1, 0.5, -1, "--target", 1, "--w-i", 0.5, "--w-h", 0.8, "--w-o", 1.2)
    assert done.out.partition("picture:")[0] == demo[0].partition("picture:")[0]


def test_unroll_truncated_shows_what_was_kept_what_was_cut_and_how_far_off_that_is(call):
    """The terms are those of reference.py"""
    done = call("unroll", "--inputs", 1, 0.5, -1, "--truncate", 1, "--out", "own.gv")
    assert done.status == 0 and done.err == ""
    for line in (
        "  ∂L/∂w_i = 0 + 0 + 0.6191 = 0.6191      (t = 1 … 3)",
        "    cut: −0.217 − 0.1725 + 0 = −0.3895; in full 0.2296, so the error is 0.3895",
        "  ∂L/∂w_h = 0 + 0 − 0.3411 = −0.3411      (t = 1 … 3)",
        "    cut: 0 − 0.1594 + 0 = −0.1594; in full −0.5005, so the error is 0.1594",
    ):
        assert line in done.out.splitlines()
    assert "cut: " not in call("unroll", "--inputs", 1, 0.5, "--truncate", 2, "--out", "own.gv").out


def test_unroll_truncated_descends_by_the_truncated_gradient(call):
    """x = 0.5, −1 from o_0 = 0, truncated to one step: ∂L/∂w_i = (ŷ − y)·w_o·(1 − o_2²)·x_2"""
    done = call("unroll", "--inputs", 0.5, -1, "--truncate", 1, "--w-i", 0.5, "--w-h", 0.8, "--out", "own.gv")
    o_2 = math.tanh(-0.5 + 0.8 * math.tanh(0.25))
    y_hat = 1 / (1 + math.exp(-1.2 * o_2))
    w_i = 0.5 - 0.5 * (y_hat - 1) * 1.2 * (1 - o_2**2) * -1
    rows = [line.split() for line in done.out.splitlines() if re.match(r" +1 ", line)]
    assert rows[0][2] == f"{w_i:.4g}".replace("-", "−")


@pytest.mark.parametrize("steps", [5, 40])
@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_unroll_draws_few_and_many_steps(call, tmp_path, steps, suffix):
    done = call("unroll", "--inputs", *[0.1] * steps, "--out", f"own{suffix}")
    assert done.status == 0 and saved_picture(done.out, tmp_path) == tmp_path / f"own{suffix}"


def test_gv_holds_the_text_of_a_graph(call, tmp_path):
    call("unroll", "--inputs", 1, 0.5, -1, "--out", "own.gv")
    text = (tmp_path / "own.gv").read_text(encoding="utf-8")
    assert text.rstrip().endswith("}") and "−0.5005" in text and os.listdir(tmp_path) == ["own.gv"]


@pytest.mark.parametrize("written", ["-1e-3", "-.5", "-1E3", "+2", "1e-3", "-0"])
def test_every_way_to_write_a_number_is_read(call, written):
    for flags in (["--inputs", "1", written], ["--inputs", "1", "--w-h", written]):
        assert call("unroll", *flags, "--out", "own.gv").status == 0


# ---------------------------------------------------------------------- train and predict


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """A model of the default sentences after a few epochs"""
    directory = tmp_path_factory.mktemp("model")
    assert run("train", "--epochs", 6, "--save", "model.json", cwd=directory).returncode == 0
    return directory / "model.json"


@pytest.fixture
def own_tsv(tmp_path) -> Path:
    rows = [f"this {thing} is {word}\t{label}" for thing in ("film", "book", "song", "meal", "day")
            for word, label in (("good", 1), ("lovely", 1), ("bad", 0), ("dull", 0))]
    path = tmp_path / "own.tsv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_train_on_ones_own_file_prints_a_plain_line_for_each_epoch_and_the_accuracy(call, own_tsv, tmp_path):
    done = call("train", own_tsv, "--epochs", 12, "--lr", 0.1, "--hidden", 3, "--seed", 5, "--save", "own.json")
    assert done.status == 0 and done.err == "" and "\r" not in done.out
    epochs = [line for line in done.out.splitlines() if line.startswith("epoch")]
    assert [numbers(line.replace("/", " "))[:2] for line in epochs] == [[k, 12] for k in range(1, 13)]
    assert all(re.search(r"held out [\d.]+, accuracy [\d.]+  \d+ sentences/s$", line) for line in epochs)
    losses = [float(re.findall(r"loss ([\d.]+)", line)[0]) for line in epochs]
    assert losses[-1] < 0.5 * losses[0]
    assert "16 training sentences, 4 held out" in done.out
    loaded = Sentiment.load(tmp_path / "own.json")
    assert loaded.rnn.hidden_size == 3
    assert f"held-out accuracy {loaded.accuracy(split(read_labelled(own_tsv), 5)[1]):.3f} (" in done.out


def test_train_by_default_takes_the_sentences_that_come_with_it_and_saves_nothing(call, tmp_path):
    done = call("train", "--epochs", 1)
    assert done.status == 0 and "197 training sentences, 49 held out" in done.out
    assert os.listdir(tmp_path) == []


def test_train_makes_the_model_that_the_library_makes_from_the_same_seed(call, tmp_path):
    learn, held_out = split(default_sentences(), seed=5)
    model = Sentiment(Vocabulary.of([row.text for row in learn]), 3, seed=5)
    list(train_model(model, learn, held_out, epochs=2, seed=5))
    model.save(tmp_path / "library.json")
    assert call("train", "--epochs", 2, "--hidden", 3, "--seed", 5, "--save", "own.json").status == 0
    assert (tmp_path / "own.json").read_bytes() == (tmp_path / "library.json").read_bytes()


def test_train_on_sentences_without_a_common_word_works_or_says_so_in_words(call, tmp_path):
    (tmp_path / "few.tsv").write_text("alpha\t1\nbeta\t0\ngamma\t1\ndelta\t0\nepsilon\t1\n")
    done = call("train", "few.tsv", "--epochs", 1)
    assert done.status == 0 or ("word" in done.err and "x_1" not in done.err)


def on_a_terminal(*arguments, cwd) -> tuple[int, str]:
    """(exit status, output) of a run whose output is a pseudo-terminal"""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command(*arguments), cwd=cwd, env=environment(), stdout=theirs, stderr=theirs)
    os.close(theirs)
    chunks = []
    try:
        while chunk := os.read(ours, 65536):
            chunks.append(chunk)
    except OSError as error:                          # Linux says so where others give b""
        assert error.errno == errno.EIO
    finally:
        os.close(ours)
    return process.wait(60), b"".join(chunks).decode()


def test_progress_on_a_terminal_is_one_rewritten_line(tmp_path):
    status, out = on_a_terminal("train", "--epochs", 3, cwd=tmp_path)
    lines = out.split("\r\n")                         # the terminal's newline
    [progress] = [line for line in lines if line.startswith("\repoch")]
    states = progress.split("\r")
    assert status == 0 and len(states) > 3 * 5
    whole = [state[:11] for state in states if "%" not in state and state]
    assert whole == ["epoch   1/3", "epoch   2/3", "epoch   3/3"]
    assert len({len(state) for state in states if state}) == 1      # each covers the one before
    below = lines.index(progress) + 1
    assert lines[below].startswith("kept: the model after epoch 3, where the held-out loss was lowest, but not saved")
    assert lines[below + 1].startswith("the loss of epochs 1 … 3")


def losses_in(out: str) -> tuple[list[float], list[float]]:
    """(training losses, held-out losses) of the lines of the epochs"""
    pairs = re.findall(r"^epoch .*?  loss ([\d.]+)  held out ([\d.]+)", out, re.MULTILINE)
    return [float(loss) for loss, _ in pairs], [float(loss) for _, loss in pairs]


def test_the_loss_curves_are_sparklines_whose_heights_are_the_losses_over_one_scale(call):
    done = call("train", "--epochs", 12)
    curves = losses_in(done.out)
    lowest, highest = min(map(min, curves)), max(map(max, curves))
    drawn = [line_with(f"{name} loss ", done.out).split()[0] for name in ("training", "held-out")]
    for blocks, losses in zip(drawn, curves):
        assert len(blocks) == len(losses) == 12
        for block, loss in zip(blocks, losses):       # the losses are printed rounded
            assert abs("▁▂▃▄▅▆▇█".index(block) - 7 * (loss - lowest) / (highest - lowest)) < 0.51
    assert "▁" in drawn[0] + drawn[1] and "█" in drawn[0] + drawn[1]


def test_training_stops_by_its_patience_and_says_which_epoch_it_kept(call):
    done = call("train", "--epochs", 40, "--patience", 3)
    _, held_out = losses_in(done.out)
    best = held_out.index(min(held_out)) + 1
    assert len(held_out) == best + 3 and "stopped: the held-out loss has not improved for 3 epochs" in done.out
    assert f"kept: the model after epoch {best}, where the held-out loss was lowest" in done.out
    assert f"held-out loss {min(held_out):.4f}, held-out accuracy" in done.out


def test_the_curve_is_drawn_with_every_epoch_of_both_losses(call, tmp_path):
    done = call("train", "--epochs", 5, "--curve", "loss.svg")
    assert done.status == 0 and saved_picture(done.out, tmp_path) == tmp_path / "loss.svg"
    svg = ElementTree.parse(tmp_path / "loss.svg")
    texts = [element.text for element in svg.iter() if element.tag.endswith("}text")]
    assert {"training loss", "held-out loss", "epoch", "mean loss", "0"} <= set(texts)
    titles = [element.text or "" for element in svg.iter() if element.tag.endswith("}title")]
    assert len([title for title in titles if re.fullmatch(r"p0c[01]_\d+", title)]) == 2 * 5


def test_without_an_engine_the_curve_is_left_as_dot_text(call, tmp_path, monkeypatch):
    monkeypatch.setattr("minigrad.draw.engines.available", lambda: "")
    done = call("train", "--epochs", 2, "--curve", "loss.svg")
    assert done.status == 0 and "its DOT text: loss.gv" in done.out and os.listdir(tmp_path) == ["loss.gv"]


@pytest.mark.parametrize(
    "arguments, message",
    [(["train", "own.tsv", "--save", "own.tsv"], "--save own.tsv would overwrite the sentences"),
     (["train", "--save", "own.svg", "--curve", "./own.svg"], "--curve own.svg would overwrite the model"),
     (["train", "--curve", "missing/own.svg"], "missing")],
    ids=["the sentences", "the model", "no directory"],
)
def test_a_place_that_is_taken_is_refused_before_the_training(call, own_tsv, tmp_path, arguments, message):
    done = call(*arguments)
    assert done.status == 1 and done.out == "" and one_line(done.err) and message in done.err
    assert os.listdir(tmp_path) == ["own.tsv"]


def test_ctrl_c_before_the_first_epoch_has_ended_keeps_what_was_learned_and_draws_no_curve(call, tmp_path, monkeypatch):
    untouched = Sentiment(Vocabulary.of([row.text for row in split(default_sentences(), 0)[0]]), 4, 0)

    step, calls = sentiment.train_step, iter(range(10))

    def interrupted_step(*given):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return step(*given)

    monkeypatch.setattr(sentiment, "train_step", interrupted_step)
    done = call("train", "--save", "own.json", "--curve", "own.svg")
    assert done.status == 0 and "interrupted" in done.out
    assert "picture: not drawn, because no epoch has ended" in done.out and os.listdir(tmp_path) == ["own.json"]
    kept = Sentiment.load("own.json")
    assert kept.training is None and kept.read("good film").y_hat.data != untouched.read("good film").y_hat.data


def piped(*arguments, cwd, **given):
    """A process that still runs, its output to be read"""
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **given}
    return subprocess.Popen(command(*arguments), cwd=cwd, env=environment(), encoding="utf-8", **given)


def interrupted(*arguments, cwd, after: str) -> tuple[int, str, str]:
    """A run that gets Ctrl-C once it has printed a line that starts so: (exit status, output, complaints)"""
    process = piped(
        *arguments, cwd=cwd,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),      # also where pytest runs in the background
    )
    seen = [""]
    while not seen[-1].startswith(after):
        seen.append(process.stdout.readline())
        assert seen[-1], f"it ended before it printed {after!r}"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    return process.returncode, "".join(seen) + out, err


def test_ctrl_c_keeps_what_was_learned_and_still_saves(tmp_path):
    rows = [Labelled(f"{word} film", label) for word, label in (("good", 1), ("bad", 0)) for _ in range(20)]
    (tmp_path / "own.tsv").write_text("".join(f"{text}\t{label}\n" for text, label in rows))
    status, out, err = interrupted(
        "train", "own.tsv", "--epochs", 1_000_000, "--lr", 0.05, "--save", "own.json", cwd=tmp_path, after="epoch  90/"
    )
    assert status == 0 and err == "" and "interrupted" in out and "Traceback" not in out
    learned = Sentiment.load(tmp_path / "own.json")
    assert learned.read("good film").y_hat > 0.8 and learned.read("bad film").y_hat < 0.2
    assert "held-out accuracy 1.000" in out.splitlines()[-1]
    kept = r"^kept: the model after epoch \d+, where the held-out loss was lowest, in own.json$"
    assert re.search(kept, out, re.MULTILINE)


@pytest.mark.parametrize("batches", [0, 1, 30], ids="{} batches".format)
def test_ctrl_c_in_the_first_epoch_keeps_the_model_that_is_there_and_says_so(call, model, batches, monkeypatch):
    step, calls = sentiment.train_step, iter(range(batches))

    def interrupted_step(*given):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return step(*given)

    Path("good.json").write_bytes(model.read_bytes())
    monkeypatch.setattr(sentiment, "train_step", interrupted_step)
    done = call("train", "--save", "good.json")
    assert done.status == 0
    assert "interrupted\nno epoch has ended, and nothing was saved: good.json is as it was\n" in done.out
    assert Path("good.json").read_bytes() == model.read_bytes()


def test_a_failure_in_the_first_epoch_leaves_a_model_that_is_there_as_it_was_and_says_so(call, model):
    Path("good.json").write_bytes(model.read_bytes())
    done = call("train", "--lr", 1e308, "--save", "good.json")
    assert done.status == 1 and one_line(done.err) and "use a learning rate below 1e+308" in done.err
    assert done.err.endswith("; no epoch has ended, and nothing was saved: good.json is as it was\n")
    assert Path("good.json").read_bytes() == model.read_bytes()
    done = call("train", "--lr", 1e308, "--save", "new.json")
    assert done.status == 1 and os.listdir() == ["good.json"]


def test_a_failure_after_a_whole_epoch_keeps_the_best_model_and_says_where(call, monkeypatch):
    step, calls = sentiment.train_step, iter(range(75))       # 50 make an epoch

    def failing_step(*given):
        if next(calls, None) is None:
            raise OverflowError("the cause")
        return step(*given)

    monkeypatch.setattr(sentiment, "train_step", failing_step)
    done = call("train", "--save", "own.json")
    kept = "kept: the model after epoch 1, where the held-out loss was lowest, in own.json"
    assert done.status == 1 and done.err == f"minigrad: the cause; {kept}\n"
    training = Sentiment.load("own.json").training
    assert training and training.epochs == 1


def test_ctrl_c_twice_in_the_first_epoch_says_that_nothing_was_saved(call, model, monkeypatch):
    def interrupted(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(sentiment, "train_step", interrupted)
    monkeypatch.setattr(Sentiment, "score", interrupted)
    done = call("train", "--save", "new.json")
    assert done.status == 130 and os.listdir() == []
    assert done.err == "minigrad: interrupted; no epoch has ended, and nothing was saved: new.json is as it was\n"


def test_predict_refuses_weights_that_overflow(call, model):
    """Partial sums of ∞ and −∞ would give any answer"""
    content = json.loads(model.read_text(encoding="utf-8"))
    for k, w in enumerate((1e308, 1e308, -1.5e308, -1.5e308)):
        content["parameters"] |= {f"w_o[0][{k}]": w, f"b_h[{k}]": 20.0}
    Path("large.json").write_text(json.dumps(content), encoding="utf-8")
    done = call("predict", "large.json", "good")
    assert done.status == 1 and one_line(done.err) and "its weights are too large" in done.err and done.out == ""


def test_ctrl_c_elsewhere_is_one_line_and_status_130(call, monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr("minigrad.sentiment.default_sentences", interrupt)
    done = call("train")
    assert done.status == 130 and done.out == "" and one_line(done.err)


def verdict(out: str) -> tuple[float, str]:
    [y_hat], word = numbers(line_with("ŷ = ", out)), out.splitlines()[0].split()[-1]
    return y_hat, word


def test_predict_says_y_hat_and_draws_nothing_without_a_label(call, model, tmp_path):
    done = call("predict", model, "The staff were rude!")
    expected = Sentiment.load(model).read("the staff were rude").y_hat.data
    assert done.status == 0 and done.err == "" and os.listdir(tmp_path) == []
    assert verdict(done.out) == (printed(expected), "positive" if expected > 0.5 else "negative")
    assert "vocabulary" not in done.out and "L = " not in done.out


def test_predict_names_the_words_it_does_not_know(call, model):
    done = call("predict", model, "the zebra was good, yak")
    assert line_with("not in the vocabulary: ", done.out).split(", ") == ["zebra", "yak"]


@pytest.mark.parametrize("label", [0, 1])
def test_predict_with_a_label_prints_the_loss_and_draws_the_picture(call, model, tmp_path, label):
    done = call("predict", model, "the film was bad", "--label", label)
    y_hat, _ = verdict(done.out)
    [loss, y] = numbers(line_with("L = ", done.out))
    assert y == label and loss == pytest.approx(-math.log(y_hat if label else 1 - y_hat), rel=5e-3)
    assert saved_picture(done.out, tmp_path).parent == tmp_path


@pytest.mark.parametrize("sentence", ["not bad", "the film was not so very good after all my friend"])
def test_picture_of_a_sentence_shows_its_words(call, model, tmp_path, sentence):
    done = call("predict", model, sentence, "--label", 1, "--out", "own.gv")
    text = saved_picture(done.out, tmp_path).read_text(encoding="utf-8")
    assert all(re.search(rf"\b{word}\b", text) for word in sentence.split())


def test_judgement_stands_where_y_hat_is_rounded_to_1(call, model, tmp_path):
    content = json.loads(model.read_text(encoding="utf-8"))
    content["parameters"]["b_o[0]"] = 1000.0
    (tmp_path / "sure.json").write_text(json.dumps(content), encoding="utf-8")
    done = call("predict", "sure.json", "good", "--label", 0, "--out", "own.gv")
    assert done.status == 0 and verdict(done.out)[0] == 1
    assert numbers(line_with("L = ", done.out))[0] == pytest.approx(1000, rel=0.02)


SENTENCE = "the film was not bad, zebra and the yak"


@pytest.fixture
def table(call, model):
    """The rows of predict's table: (t, word, the three norms, {weight: its term})"""
    done = call("predict", model, SENTENCE, "--label", 0, "--out", "own.gv")
    rows = []
    for line in done.out.splitlines():
        if found := re.match(r" +(\d+)  (\S+) +([\d.e−]+) +([\d.e−]+) +([\d.e−]+)  (.*)", line):
            t, word, *norms, most = found.groups()
            terms = {name: numbers(term)[0] for name, term in (item.rsplit(" ", 1) for item in most.split(", "))}
            rows.append((int(t), word, *[numbers(norm)[0] for norm in norms], terms))
    return rows


def backward_by_hand(model: Sentiment, sentence: str, label: int):
    """(states o_0 … o_n, ∂L/∂o_t, ∂L/∂z_t), in plain floats: the loop over time that the lecture derives

    ∂L/∂o_n = (ŷ − y)·w_o,   ∂L/∂z_t = (1 − o_t²)·∂L/∂o_t,   ∂L/∂o_{t−1} = W_hᵀ·∂L/∂z_t
    """
    reading, rnn = model.read(sentence), model.rnn
    states = [[o.data for o in state] for state in reading.unrolled.states]
    on_state = [(reading.y_hat.data - label) * w.data for w in rnn.w_o[0]]
    backward = []
    for state in reversed(states[1:]):
        on_sum = [(1 - o * o) * g for o, g in zip(state, on_state)]
        backward.append((on_state, on_sum))
        on_state = [sum(rnn.w_h[r][c].data * g for r, g in enumerate(on_sum)) for c in range(rnn.hidden_size)]
    return states, *zip(*reversed(backward))


def test_norms_of_the_table_are_those_of_the_backward_pass_by_hand(table, model):
    states, on_states, on_sums = backward_by_hand(Sentiment.load(model), SENTENCE, 0)
    assert [row[:2] for row in table] == list(enumerate(SENTENCE.replace(",", "").split(), start=1))
    for (_, _, reached, on_w_i, on_w_h, _), before, on_state, on_sum in zip(table, states, on_states, on_sums):
        assert reached == pytest.approx(math.hypot(*on_state), rel=6e-3)
        assert on_w_i == pytest.approx(math.hypot(*on_sum), rel=6e-3)             # x_t is one-hot
        assert on_w_h == pytest.approx(math.hypot(*on_sum) * math.hypot(*before), rel=6e-3)


def test_terms_of_the_table_are_those_of_the_backward_pass_by_hand_the_largest_first(table, model):
    states, _, on_sums = backward_by_hand(Sentiment.load(model), SENTENCE, 0)
    for (_, _, _, _, _, terms), before, on_sum in zip(table, states, on_sums):
        every = [*on_sum, *[g * o for g in on_sum for o in before]]
        largest = sorted(map(abs, every), reverse=True)
        assert [abs(term) for term in terms.values()] == pytest.approx(largest[: len(terms)], rel=6e-3)
        for name, term in terms.items():
            row = int(re.findall(r"\[(\d+)\]", name)[0])
            column = re.findall(r"w_h\[\d+\]\[(\d+)\]", name)
            assert term == pytest.approx(on_sum[row] * (before[int(column[0])] if column else 1), rel=6e-3)


def test_word_pulls_only_its_own_column_of_w_i(table, model):
    known = Sentiment.load(model).vocabulary.index
    for _, word, _, _, _, terms in table:
        pulled = {re.findall(r"\[([^\]]*)\]$", name)[0] for name in terms if name.startswith("w_i")}
        assert pulled <= ({word} if word in known else {word, "<unknown>", "unknown"})


# ---------------------------------------------------------------------- doctor, and no drawing engine


def test_doctor_says_the_versions_and_the_engine(call):
    done = call("doctor")
    assert done.status == 0 and done.err == ""
    assert minigrad.__version__ in done.out and sys.version.split()[0] in done.out
    for fact in ("graphviz", "pygraphviz", "pictures"):
        assert line_with(fact, done.out).strip()


HIDDEN = """
from importlib.machinery import PathFinder
find_spec = PathFinder.find_spec
PathFinder.find_spec = lambda name, *more: None if name == "pygraphviz" else find_spec(name, *more)
"""


@pytest.fixture(params=["there is none", "it cannot be imported"])
def no_engine(request, tmp_path):
    """An environment without dot, and with pygraphviz hidden or broken"""
    stub, empty = tmp_path / "stub", tmp_path / "empty"
    stub.mkdir()
    empty.mkdir()
    if request.param == "there is none":
        (stub / "sitecustomize.py").write_text(HIDDEN)
    else:
        (stub / "pygraphviz.py").write_text("raise ImportError('no libgvc here')")
    return environment(stub, PATH=str(empty))


@pytest.mark.parametrize(
    "arguments",
    [["demo"], ["unroll", "--inputs", "1", "--out", "own.png"], ["predict", "MODEL", "good", "--label", "1"]],
    ids=lambda arguments: arguments[0],
)
def test_without_an_engine_the_dot_text_is_written_and_said_so(no_engine, tmp_path, model, arguments):
    cwd = tmp_path / "here"
    cwd.mkdir()
    done = run(*[str(model) if word == "MODEL" else word for word in arguments], cwd=cwd, env=no_engine)
    assert done.returncode == 0 and done.stderr == ""
    [written] = [path for path in cwd.rglob("*") if path.is_file()]
    assert written.suffix == ".gv" and written.read_text(encoding="utf-8").startswith("digraph")
    assert str(written.relative_to(cwd)) in done.stdout and "not drawn" in done.stdout


def test_doctor_without_an_engine_says_how_to_get_one(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(HIDDEN)
    done = run("doctor", cwd=tmp_path, env=environment(tmp_path, PATH=str(tmp_path)))
    assert done.returncode == 0 and done.stderr == ""
    assert "apt-get install graphviz" in done.stdout and "pip install" in done.stdout


# ---------------------------------------------------------------------- refusals

BAD_USE = [
    ["bogus"],
    ["--bogus"],
    ["demo", "extra"],
    ["demo", "two\nlines"],
    ["unroll"],
    ["unroll", "--inputs"],
    ["unroll", "--inputs", "one"],
    ["unroll", "--inputs", "1", "nan"],
    ["unroll", "--inputs", "1", "--w-h", "inf"],
    ["unroll", "--inputs", "1", "--target", "1.5"],
    ["unroll", "--inputs", "1", "--target", "-1"],
    ["unroll", "--inputs", "1", "--out", "own.bmp"],
    ["unroll", "--inputs", "1", "--out", "own"],
    ["train", "a.tsv", "b.tsv"],
    ["train", "--hidden", "0"],
    ["train", "--epochs", "-3"],
    ["train", "--epochs", "1.5"],
    ["train", "--lr", "0"],
    ["train", "--lr", "-0.1"],
    ["train", "--lr", "nan"],
    ["train", "--seed", "x"],
    ["train", "--patience", "0"],
    ["train", "--curve", "loss.bmp"],
    ["train", "--save"],
    ["predict"],
    ["predict", "MODEL"],
    ["predict", "MODEL", "good", "--label", "2"],
    ["predict", "MODEL", "good", "--label", "1", "--out", "own.bmp"],
    ["predict", "MODEL", "good", "--out", "own.svg"],             # there is no picture without a label
    ["doctor", "extra"],
]


def spelled(arguments, model) -> list[str]:
    return [str(model) if word == "MODEL" else word for word in arguments]


@pytest.mark.parametrize("arguments", BAD_USE, ids=" ".join)
def test_bad_use_is_status_2_and_one_line_and_nothing_is_done(call, model, tmp_path, arguments):
    done = call(*spelled(arguments, model))
    assert done.status == 2 and one_line(done.err) and done.out == ""
    assert os.listdir(tmp_path) == []


FAILURES = [
    (["demo", "--out", "a file"], "a file"),
    (["demo", "--out", "a file/below"], "a file"),
    (["unroll", "--inputs", "1", "--out", "missing/own.svg"], "missing"),
    (["unroll", "--inputs", "1e308", "--w-i", "1e308"], "too large"),
    (["train", "missing.tsv"], "missing.tsv"),
    (["train", ""], ""),
    (["train", "two\nlines.tsv"], "lines.tsv"),
    (["train", "directory.tsv"], "directory.tsv"),
    (["train", "a file"], "a file"),
    (["train", "empty.tsv"], "empty.tsv"),
    (["train", "four.tsv"], "4"),
    (["train", "unlabelled.tsv"], "line 2"),
    (["train", "latin.tsv"], "line 1"),
    (["train", "broken.csv"], "broken.csv"),
    (["train", "broken.json"], "broken.json"),
    (["train", "--epochs", "1", "--save", "missing/own.json"], "missing"),
    (["predict", "missing.json", "good"], "missing.json"),
    (["predict", "broken.json", "good"], "broken.json"),
    (["predict", "directory.tsv", "good"], "directory.tsv"),
    (["predict", "MODEL", ""], "no word"),
    (["predict", "MODEL", "?!"], "no word"),
    (["predict", "MODEL", "good", "--label", "1", "--out", "missing/own.svg"], "missing"),
]
PREPARED = {
    "a file": b"x",
    "empty.tsv": b"",
    "four.tsv": b"good\t1\n" * 4,
    "unlabelled.tsv": b"good\t1\nbad\n",
    "latin.tsv": "café\t1\n".encode("latin-1"),
    "broken.csv": b'"never closed,1\n',
    "broken.json": b'[["good", 1]',
}


@pytest.fixture
def prepared(tmp_path) -> list[str]:
    (tmp_path / "directory.tsv").mkdir()
    for name, content in PREPARED.items():
        (tmp_path / name).write_bytes(content)
    return sorted(os.listdir(tmp_path))


@pytest.mark.parametrize("arguments, reason", FAILURES, ids=repr)
def test_failure_is_status_1_and_one_line_with_the_reason(call, model, tmp_path, prepared, arguments, reason):
    done = call(*spelled(arguments, model))
    assert done.status == 1 and one_line(done.err) and reason in done.err
    assert sorted(os.listdir(tmp_path)) == prepared


def test_place_that_cannot_take_the_model_is_found_before_the_training(call, tmp_path):
    (tmp_path / "directory").mkdir()
    done = call("train", "--epochs", 1, "--save", "directory")
    assert done.status == 1 and one_line(done.err) and re.search(r"\bdirectory\b", done.err)
    assert "epoch" not in done.out and os.listdir(tmp_path) == ["directory"]


def test_directory_that_takes_no_file_is_found_before_the_training_and_named_as_it_was_typed(call, monkeypatch):
    def refuse(dir):
        raise PermissionError(13, "Permission denied", f"{dir}/tmp61e3")       # root may write in all but /proc

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    done = call("train", "--epochs", 1, "--save", "model.json")
    assert done.status == 1 and "epoch" not in done.out
    assert done.err == f"minigrad: {Path('model.json')}: cannot be written (Permission denied)\n"


@pytest.mark.parametrize("arguments", [["unroll", "--inputs", "1", "--lr", "5"], ["step", "foo"]], ids=" ".join)
def test_unknown_argument_points_to_the_help_of_its_command(call, arguments):
    done = call(*arguments)
    assert done.status == 2 and done.err.endswith(f"(try minigrad {arguments[0]} --help)\n")


def test_train_says_which_words_are_known(call, tmp_path):
    rows = ["good film", "good one", "bad film", "bad one", "good film"]
    (tmp_path / "a.json").write_text(json.dumps([[text, 1] for text in rows]), encoding="utf-8")
    done = call("train", "a.json", "--epochs", 1, "--seed", 0)
    learn, _ = split([Labelled(text, 1) for text in rows], 0)
    counts = Counter(word for row in learn for word in row.text.split())
    known = sum(n >= 2 for n in counts.values())
    assert f"\n{known} words known: those that occur at least twice in the training sentences\n" in done.out


@pytest.mark.parametrize("arguments, status", [(["bogus"], 2), (["train", "missing.tsv"], 1)], ids=str)
def test_refusals_are_the_same_from_a_shell(tmp_path, arguments, status):
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == status and done.stdout == "" and one_line(done.stderr)


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["--version"]], ids=" ".join)
def test_help_and_version_are_no_failure(call, arguments):
    done = call(*arguments)
    assert done.status == 0 and done.out and done.err == ""


# ---------------------------------------------------------------------- where the output goes


@pytest.mark.parametrize(
    "arguments",
    [["demo"], ["--help"], ["doctor"], ["train", "--epochs", "2"], ["unroll", "--inputs", "1", "--out", "no/own.svg"]],
    ids=lambda arguments: arguments[0],
)
def test_reader_that_has_gone_gets_no_complaint_of_pythons(tmp_path, arguments):
    """As in `minigrad | head -1`: nothing, or the one line about a failure."""
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb") as closed:
        done = run(*arguments, cwd=tmp_path, stdout=closed)
    assert done.stderr == "" or (one_line(done.stderr) and done.stderr.startswith("minigrad: there is no directory"))


def test_first_line_through_head_comes_without_a_traceback(tmp_path):
    with piped("train", "--epochs", "3", cwd=tmp_path) as process:
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""


@pytest.mark.parametrize("arguments", [["demo"], ["train", "--epochs", "1"]], ids=lambda arguments: arguments[0])
def test_run_without_an_output_works(tmp_path, arguments):
    """As with `>&-`, or under pythonw: sys.stdout is None."""
    done = run(*arguments, cwd=tmp_path, stdout=None, preexec_fn=lambda: os.close(1))
    assert done.returncode == 0 and done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_full_disk_is_one_line(tmp_path):
    with open("/dev/full", "w") as full:
        done = run("doctor", cwd=tmp_path, stdout=full)
    assert done.returncode == 1 and one_line(done.stderr)
