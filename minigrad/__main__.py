"""The command line:   python -m minigrad [demo | unroll | train | predict | doctor]

Parses, calls, prints.  Bad use is one line and exit status 2, a failure one line and exit status 1.
"""

import argparse
import math
import os
import platform
import subprocess
import sys
from pathlib import Path

import minigrad
from minigrad import sentiment
from minigrad.bptt import Ledger, ledgers
from minigrad.draw import Drawing, DrawingError, draw, engines
from minigrad.graph import gradients
from minigrad.losses import binary_cross_entropy
from minigrad.nn import RNN, Unrolled
from minigrad.notation import name, number
from minigrad.optim import SGD
from minigrad.sentiment import Sentiment
from minigrad.text import Vocabulary, read_labelled
from minigrad.value import Value, sigmoid

LECTURE = {"inputs": [1.0, 0.5, -1.0], "target": 1.0, "w_i": 0.5, "w_h": 0.8, "w_o": 1.2}
SHOWN = 12                                            # time steps that a table shows; the ones before are counted


class OneLineParser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f"{self.prog}: {message} (try {self.prog} --help)\n")


def finite(text: str) -> float:
    x = float(text)
    if not math.isfinite(x):
        raise argparse.ArgumentTypeError(f"{text} is not a finite number")
    return x


def count(text: str) -> int:
    n = int(text)
    if n < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 up")
    return n


def parser() -> argparse.ArgumentParser:
    top = OneLineParser(prog="minigrad", description="Backpropagation through time, to run, read and see.")
    top.add_argument("--version", action="version", version=f"minigrad {minigrad.__version__}")
    commands = top.add_subparsers(dest="command", metavar="command")

    demo = commands.add_parser("demo", help="the lecture's worked example (also without any command)")
    demo.add_argument("--out", default="minigrad-demo", metavar="DIR", help="where the picture goes (%(default)s)")

    unroll = commands.add_parser("unroll", help="the same for your own numbers")
    unroll.add_argument("--inputs", type=finite, nargs="+", required=True, metavar="x", help="x_1 x_2 … x_n")
    unroll.add_argument("--target", type=finite, default=1.0, metavar="y", help="from 0 to 1 (%(default)g)")
    for weight, default in (("w-i", 0.5), ("w-h", 0.8), ("w-o", 1.2)):
        unroll.add_argument(f"--{weight}", type=finite, default=default, metavar="w", help="(%(default)g)")
    unroll.add_argument("--out", default="unrolled.svg", metavar="FILE", help=".svg .png .pdf .gv (%(default)s)")

    train = commands.add_parser("train", help="train on labelled sentences")
    train.add_argument("file", nargs="?", help=".tsv .csv or .json; without it, the sentences that come with minigrad")
    train.add_argument("--hidden", type=count, default=4, metavar="n", help="units of the state (%(default)s)")
    train.add_argument("--epochs", type=count, default=10, metavar="n", help="passes over the sentences (%(default)s)")
    train.add_argument("--lr", type=finite, default=0.02, metavar="η", help="learning rate (%(default)s)")
    train.add_argument("--batch", type=count, default=16, metavar="n", help="sentences a step (%(default)s)")
    train.add_argument("--seed", type=int, default=0, metavar="n", help="for a run to repeat (%(default)s)")
    train.add_argument("--save", default="", metavar="FILE", help="where to keep the model, such as model.json")

    predict = commands.add_parser("predict", help="judge a sentence; with a label, say which word pulled which weight")
    predict.add_argument("model", help="a file that `train --save` wrote")
    predict.add_argument("sentence")
    predict.add_argument("--label", type=int, choices=(0, 1), help="what it should be: then L, BPTT and the picture")
    predict.add_argument("--out", default="sentence.svg", metavar="FILE", help="the picture (%(default)s)")

    commands.add_parser("doctor", help="the versions of what matters, and which drawing engine was found")
    return top


def main(argv: list[str] | None = None) -> int:
    """Runs one command; gives the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")      # a terminal that has no ∂ still gets the rest
    try:
        given = parser().parse_args(argv)
        commands = {"unroll": run_unroll, "train": run_train, "predict": run_predict, "doctor": run_doctor}
        status = commands.get(given.command, run_demo)(given)
        sys.stdout.flush()
        return status
    except BrokenPipeError:                           # the reader, such as `head`, has gone: nothing is left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("minigrad: interrupted", file=sys.stderr)
        return 130
    except (OSError, ValueError, ArithmeticError, DrawingError) as error:
        reason = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)
        print(f"minigrad: {' '.join(reason.split())}", file=sys.stderr)
        return 1


# ---------------------------------------------------------------------- the lecture


def run_demo(given) -> int:
    directory = Path(getattr(given, "out", "minigrad-demo"))
    directory.mkdir(parents=True, exist_ok=True)
    return lecture(LECTURE, directory / "unrolled.svg")


def run_unroll(given) -> int:
    numbers = {"inputs": given.inputs, "target": given.target, "w_i": given.w_i, "w_h": given.w_h, "w_o": given.w_o}
    return lecture(numbers, Path(given.out))


def forward(rnn: RNN, inputs: list[float], target: float) -> tuple[Unrolled, Value, Value]:
    """The lecture's network: the unrolled steps, ŷ and L"""
    unrolled = rnn.unroll([[x] for x in inputs])
    y_hat = sigmoid(rnn.readout(unrolled.state)[0])
    loss = binary_cross_entropy(y_hat, target)
    y_hat.label, loss.label = "y_hat", "L"
    return unrolled, y_hat, loss


def lecture(numbers: dict, path: Path) -> int:
    """Prints the forward pass, the gradients with their terms, ten steps of descent; draws the picture."""
    rnn = RNN.from_weights([[numbers["w_i"]]], [[numbers["w_h"]]], [[numbers["w_o"]]])
    inputs, target = numbers["inputs"], numbers["target"]
    unrolled, y_hat, loss = forward(rnn, inputs, target)
    loss.backward()
    n = len(unrolled)
    print("A recurrent network that reads n inputs and gives one output, unfolded over time\n")
    print("Forward:  o₀ = 0,  o_t = tanh(x_t·w_i + o_{t−1}·w_h),  "
          f"ŷ = σ({name(f'o_{n}')}·w_o),  L = −y·log ŷ − (1−y)·log(1−ŷ)")
    print("  " + "   ".join(f"{w.label} = {number(w.data)}" for w in rnn.parameters()) + f"   y = {number(target)}")
    if n > SHOWN:
        print(f"  (the first {n - SHOWN} steps are not shown)")
    states = [o for [o] in unrolled.states]
    w_i, w_h, w_o = rnn.parameters()
    for step in unrolled[-SHOWN:]:
        x, before, after = number(step.x[0].data), number(states[step.t - 1].data), number(states[step.t].data)
        inner = f"{x}·{number(w_i.data)} + {before}·{number(w_h.data)}"
        print(f"  {name(f'o_{step.t}')} = tanh({inner}) = {after}")
    print(f"  ŷ = σ({number(states[-1].data)}·{number(w_o.data)}) = {number(y_hat.data)}")
    print(f"  L = {number(loss.data)}\n")

    print("Backward: every weight is used at many steps, and its gradient is the sum over them")
    local = gradients(y_hat)[w_o]
    print(f"  ∂L/∂w_o = ∂L/∂ŷ · ∂ŷ/∂w_o = {number(y_hat.grad)} × {number(local)} = {number(w_o.grad)}")
    for ledger in ledgers(loss, unrolled, [w_i, w_h]):
        print_sum(ledger)

    print("\nGradient descent: w := w − η·∂L/∂w, with η = 0.5")
    print(f"  {'step':>4}  {'L':>9}  {'w_i':>9}  {'w_h':>9}  {'w_o':>9}")
    learner = RNN.from_weights([[w_i.data]], [[w_h.data]], [[w_o.data]])
    optimizer = SGD(learner.parameters(), lr=0.5)
    for k in range(11):
        _, _, now = forward(learner, inputs, target)
        weights = "  ".join(f"{number(w.data):>9}" for w in learner.parameters())
        print(f"  {k:>4}  {number(now.data):>9}  {weights}")
        optimizer.zero_grad()
        now.backward()
        optimizer.step()
    print()
    return save(draw(loss, unrolled), path)


def print_sum(ledger: Ledger) -> None:
    """∂L/∂w_h = 0 − 0.1594 − 0.3411 = −0.5005      (t = 1 … 3)"""
    n, label = len(ledger.terms), ledger.weight.label
    terms = ledger.terms[-SHOWN:]
    hidden = "… " if n > SHOWN else ""
    written = " ".join(f"− {number(-term)}" if term < 0 else f"+ {number(term)}" for term in terms)
    if not hidden:
        written = written.removeprefix("+ ") if terms[0] >= 0 else "−" + written.removeprefix("− ")
    written = hidden + written
    print(f"  ∂L/∂{label} = {written} = {number(ledger.total)}      (t = {max(1, n - SHOWN + 1)} … {n})")


def save(drawing: Drawing, path: Path) -> int:
    """Saves the picture and says where; without an engine, its DOT text, and says so."""
    try:
        print(f"picture: {drawing.save(path)}")
        return 0
    except DrawingError as error:
        text = drawing.save(path.with_suffix(".gv"))
        print(f"picture: not drawn, for {error}\nits DOT text: {text}")
        return 0


# ---------------------------------------------------------------------- sentences


def run_train(given) -> int:
    if given.lr <= 0:
        raise ValueError(f"--lr is {given.lr:g}; it must be above 0")
    if given.save and not Path(given.save).parent.is_dir():
        raise FileNotFoundError(f"there is no directory {str(Path(given.save).parent)!r} to save the model in")
    rows = read_labelled(given.file) if given.file else sentiment.default_sentences()
    learn, held_out = sentiment.split(rows, given.seed)
    vocabulary = Vocabulary.of([row.text for row in learn])
    model = Sentiment(vocabulary, given.hidden, given.seed)
    source = given.file or "the sentences that come with minigrad"
    print(f"{source}: {len(learn)} sentences to learn from, {len(held_out)} held out, {len(vocabulary)} words known")
    try:
        settings = {"epochs": given.epochs, "lr": given.lr, "batch": given.batch, "seed": given.seed}
        for report in sentiment.train(model, learn, held_out, **settings):
            show(report, given.epochs)
    except KeyboardInterrupt:
        print("\ninterrupted: keeping what was learned so far")
    positive = sum(row.label for row in held_out) / len(held_out)
    chance = max(positive, 1 - positive)
    print(f"held-out accuracy {model.accuracy(held_out):.3f} (always the same answer: {chance:.3f})")
    if given.save:
        model.save(given.save)
        print(f"model: {given.save}")
    return 0


def show(report: sentiment.Progress, epochs: int) -> None:
    """One rewritten line on a terminal, one line an epoch elsewhere"""
    whole = report.done == 1
    line = f"epoch {report.epoch:>3}/{epochs}  loss {report.loss:.4f}  held-out accuracy {report.accuracy:.3f}"
    line += f"  {report.speed:.0f} sentences/s"
    if sys.stdout.isatty():
        line += "" if whole else f"  {report.done:.0%}"
        print(f"\r{line:<79}", end="\n" if whole and report.epoch == epochs else "", flush=True)
    elif whole:
        print(line, flush=True)


def run_predict(given) -> int:
    model = Sentiment.load(given.model)
    reading = model.read(given.sentence)
    verdict = "positive" if reading.s > 0 else "negative"
    print(f"ŷ = {number(reading.y_hat.data)}: {verdict}")
    unknown = [word for word, k in zip(reading.words, model.vocabulary.indices(given.sentence)) if k == 0]
    if unknown:
        print(f"not in the vocabulary: {', '.join(unknown)}")
    if given.label is None:
        return 0
    loss = model.loss(reading, given.label)
    loss.backward()
    print(f"L = {number(loss.data)} for y = {given.label}\n")
    print_pulls(model.rnn, reading, loss)
    print()
    return save(draw(loss, reading.unrolled, captions=reading.words), Path(given.out))


def print_pulls(rnn: RNN, reading: sentiment.Reading, loss: Value) -> None:
    """For each word: how much reaches its state, what it adds to the gradients of w_i and w_h, and the weights that it
    pulls most.  w_i[r][k] is named by the word: w_i[r][good]."""
    used = sorted({step.x for step in reading.unrolled if isinstance(step.x, int)})
    words = {step.x: word for step, word in zip(reading.unrolled, reading.words)}
    labels = {rnn.w_i[r][k]: f"w_i[{r}][{words[k]}]" for r in range(rnn.hidden_size) for k in used}
    labels |= {w: w.label for row in rnn.w_h for w in row}
    found = ledgers(loss, reading.unrolled, labels)
    gradient = gradients(loss)
    width = max(4, *map(len, reading.words))
    print("What reaches the state of each word, and what the word adds to the gradients (norms; its two largest terms)")
    print(f"   t  {'word':<{width}}  {'‖∂L/∂o_t‖':>10}  {'on w_i':>10}  {'on w_h':>10}")
    for step, word in zip(reading.unrolled, reading.words):
        pulls = {labels[ledger.weight]: ledger.terms[step.t - 1] for ledger in found}
        strongest = sorted(pulls, key=lambda label: -abs(pulls[label]))[:2]
        on = [math.hypot(*[x for label, x in pulls.items() if label.startswith(start)]) for start in ("w_i", "w_h")]
        reached = math.hypot(*[gradient[o] for o in step.state])
        numbers = "  ".join(f"{number(x, 3):>10}" for x in (reached, *on))
        most = ", ".join(f"{label} {number(pulls[label], 3)}" for label in strongest if pulls[label])
        print(f"  {step.t:>2}  {word:<{width}}  {numbers}  {most}")


# ---------------------------------------------------------------------- doctor


def run_doctor(given) -> int:
    engine = engines.available()
    print(f"minigrad    {minigrad.__version__}")
    print(f"Python      {platform.python_version()} on {platform.system()} {platform.machine()}")
    for package in ("graphviz", "pygraphviz"):
        print(f"{package:<11} {version(package)}")
    if engine == "dot":
        done = subprocess.run(["dot", "-V"], capture_output=True, text=True, check=False, timeout=20)
        print(f"dot         {(done.stderr or done.stdout).strip()}")
    print(f"pictures    {'drawn by ' + engine if engine else 'cannot be drawn: ' + engines.REMEDY}")
    return 0


def version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed(package)
    except PackageNotFoundError:
        return "not installed"


if __name__ == "__main__":
    sys.exit(main())
