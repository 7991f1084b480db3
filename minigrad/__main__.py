"""The command line:   python -m minigrad [demo | unroll | train | predict | vanish | step | doctor]

Parses, calls, prints.  Bad use is one line and exit status 2, a failure one line and exit status 1.
"""

import argparse
import math
import os
import platform
import re
import shutil
import subprocess
import sys
from contextlib import closing
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path

import minigrad
from minigrad import flow, report, sentiment
from minigrad.draw import DrawingError, draw, engines
from minigrad.draw.drawing import FORMATS
from minigrad.draw.plot import Panel, plot
from minigrad.files import refuse_what_is_no_file
from minigrad.nn import ACTIVATIONS
from minigrad.notation import number
from minigrad.player import play
from minigrad.sentiment import Sentiment
from minigrad.text import Vocabulary, read_labelled

MOST_CURVES = 6                                       # of a plot
LECTURE: dict = {"inputs": [1.0, 0.5, -1.0], "target": 1.0, "w_i": 0.5, "w_h": 0.8, "w_o": 1.2, "truncate": None}


class OneLineParser(argparse.ArgumentParser):
    def __init__(self, *args, **given):
        super().__init__(*args, **given)
        # argparse itself takes −1e-3 for an option (until Python 3.14)
        self._negative_number_matcher = re.compile(r"-(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$", re.IGNORECASE)

    def error(self, message):
        self.exit(2, f"{self.prog}: {' '.join(message.split())} (try {self.prog} --help)\n")


def checked(kind: str, convert, fits):
    """A type for argparse: converts the text of an option, and says what it must be where it does not fit"""

    def convert_checked(text: str):
        try:
            if fits(found := convert(text)):
                return found
        except ValueError:
            pass
        raise argparse.ArgumentTypeError(f"{text!r} is not {kind}")

    return convert_checked


finite = checked("a finite number", float, math.isfinite)
positive = checked("a number above 0", float, lambda x: 0 < x < math.inf)
probability = checked("a number from 0 to 1", float, lambda x: 0 <= x <= 1)
count = checked("a whole number from 1 up", int, lambda n: n >= 1)
units = checked("a whole number from 1 to 1000", int, lambda n: 1 <= n <= 1000)      # w_h has the square of it
whole = checked("a whole number", int, lambda n: True)
picture = checked("a name that ends in .svg, .png, .pdf or .gv", Path, lambda p: p.suffix.lower()[1:] in FORMATS)


def parser() -> argparse.ArgumentParser:
    top = OneLineParser(prog="minigrad", description="Backpropagation through time, to run, read and see.")
    top.add_argument("--version", action="version", version=f"minigrad {minigrad.__version__}")
    commands = top.add_subparsers(dest="command", metavar="command")

    demo = commands.add_parser("demo", help="the lecture's worked example (also without any command)")
    demo.add_argument("--out", default="minigrad-demo", metavar="DIR", help="where the picture goes (%(default)s)")

    unroll = commands.add_parser("unroll", help="the same for your own numbers")
    add_network(unroll, inputs_required=True)
    unroll.add_argument("--out", type=picture, default="unrolled.svg", metavar="FILE", help="picture (%(default)s)")

    train = commands.add_parser("train", help="train on labelled sentences")
    train.add_argument("file", nargs="?", help=".tsv .csv or .json; without it, the sentences that come with minigrad")
    train.add_argument("--hidden", type=units, default=4, metavar="n", help="units of the state (%(default)s)")
    train.add_argument("--epochs", type=count, default=20, metavar="n", help="passes over the sentences (%(default)s)")
    stop = "epochs without a lower held-out loss after which it stops (%(default)s)"
    train.add_argument("--patience", type=count, default=10, metavar="n", help=stop)
    train.add_argument("--lr", type=positive, default=0.05, metavar="η", help="learning rate (%(default)s)")
    train.add_argument("--batch", type=count, default=4, metavar="n", help="sentences a step (%(default)s)")
    train.add_argument("--seed", type=whole, default=0, metavar="n", help="for a run to repeat (%(default)s)")
    train.add_argument("--save", default="", metavar="FILE", help="where to keep the model, such as model.json")
    train.add_argument("--curve", type=picture, metavar="FILE", help="a picture of the loss, such as loss.svg")

    predict = commands.add_parser("predict", help="judge a sentence; with a label, say which word pulled which weight")
    predict.add_argument("model", help="a file that `train --save` wrote")
    predict.add_argument("sentence")
    predict.add_argument("--label", type=int, choices=(0, 1), help="what it should be: then L, BPTT and the picture")
    predict.add_argument("--out", type=picture, metavar="FILE", help="the picture (sentence.svg)")

    vanish = commands.add_parser("vanish", help="how the gradient shrinks or grows on its way back")
    vanish.add_argument("--steps", type=count, default=50, metavar="n", help="time steps (%(default)s)")
    vanish.add_argument("--w-h", type=finite, nargs="+", default=[0.5, 1.0, 2.0], metavar="w", help="(0.5 1 2)")
    vanish.add_argument("--activation", choices=list(ACTIVATIONS), default="tanh", help="(%(default)s)")
    vanish.add_argument("--out", type=picture, default="vanish.svg", metavar="FILE", help="the picture (%(default)s)")

    step = commands.add_parser("step", help="play the backward pass, one event at a time; also over a pipe")
    add_network(step, inputs_required=False)

    commands.add_parser("doctor", help="the versions of what matters, and which drawing engine was found")
    return top


def add_network(command: argparse.ArgumentParser, inputs_required: bool) -> None:
    """The numbers of the lecture's network; by default the lecture's own"""
    default = None if inputs_required else LECTURE["inputs"]
    command.add_argument("--inputs", type=finite, nargs="+", required=inputs_required, default=default, metavar="x")
    command.add_argument("--target", type=probability, default=1.0, metavar="y", help="from 0 to 1 (%(default)g)")
    for weight in ("w_i", "w_h", "w_o"):
        option = f"--{weight.replace('_', '-')}"
        command.add_argument(option, type=finite, default=LECTURE[weight], metavar="w", help="(%(default)g)")
    command.add_argument("--truncate", type=count, metavar="k", help="let no gradient flow back through more steps")


def main(argv: list[str] | None = None) -> int:
    """Runs one command; gives the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")      # a terminal that has no ∂ still gets the rest
    try:
        try:
            given = parser().parse_args(argv)
            if [] in vars(given).values():            # argparse, before Python 3.13, of a second --
                parser().error("-- is given where a value should be")
            return COMMANDS[given.command or "demo"](given)
        finally:
            print(end="", flush=True)                 # here, so that what cannot be written is noticed here
    except BrokenPipeError:                           # the reader, such as `head`, has gone: nothing is left to say
        forget_output()
        return 1
    except KeyboardInterrupt:
        print("minigrad: interrupted", file=sys.stderr)
        return 130
    except (OSError, ValueError, ArithmeticError, DrawingError) as error:
        reason = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)
        print(f"minigrad: {' '.join(reason.split())}", file=sys.stderr)
        try:
            print(end="", flush=True)
        except OSError:                               # a full disk, for one
            forget_output()
        return 1


def forget_output() -> None:
    """Sends what is still to be written nowhere: Python would complain about it at its end"""
    if sys.stdout:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# ---------------------------------------------------------------------- the lecture


def run_demo(given) -> int:
    directory = Path(getattr(given, "out", "minigrad-demo"))
    directory.mkdir(parents=True, exist_ok=True)
    return lecture(LECTURE, directory / "unrolled.svg")


def run_unroll(given) -> int:
    return lecture(network_of(given), Path(given.out))


def network_of(given) -> dict:
    return {name: getattr(given, name) for name in LECTURE}


def lecture(numbers: dict, path: Path) -> int:
    """Prints the forward pass and the gradients with their terms, draws the picture, prints ten steps of descent."""
    made = report.network(**numbers)
    made.loss.backward()
    say(report.forward_lines(made, numbers["target"]))
    say(report.backward_lines(made))
    print(draw(made.loss, made.unrolled).save_and_say(path), end="\n\n")
    weights = [numbers["w_i"], numbers["w_h"], numbers["w_o"]]
    say(report.descent_lines(numbers["inputs"], numbers["target"], weights, truncate=numbers["truncate"]))
    return 0


def say(lines) -> None:
    """A paragraph"""
    for line in lines:
        print(line)
    print()


def run_step(given) -> int:
    made = report.network(**network_of(given))
    terminal = sys.stdin.isatty()
    play(made.loss, made.unrolled, typed() if terminal else sys.stdin, print)
    return 0


def typed():
    """The lines that a person types, with a prompt"""
    while True:
        try:
            yield input("> ")
        except EOFError:
            print()
            return


def run_vanish(given) -> int:
    if len(given.w_h) > MOST_CURVES:
        raise ValueError(f"--w-h: {len(given.w_h)} weights are more than {MOST_CURVES}, too many to tell apart")
    drawn = flow.random_inputs(given.steps)
    panels = []
    print("L = o_n and w_i = 1, so ∂L/∂o_t is the product of the factors ∂o_k/∂o_{k−1} from k = t+1 to n\n")
    for title, inputs in ((f"{given.activation}, every x_t = 0", [0.0] * given.steps),
                          (f"{given.activation}, inputs in (−1, 1)", drawn)):
        flows = [flow.flow(w_h, inputs, given.activation) for w_h in given.w_h]
        positive = [x for found in flows for x in found.reached if x > 0]
        print(f"--- {title}")
        for found in flows:
            say(flow.flow_lines(found, min(positive), max(positive)))
        panels.append(Panel(title, {f"w_h = {number(found.w_h)}": list(enumerate(found.reached)) for found in flows}))
    print(flow.reason(given.activation))
    roads = flow.roads(drawn, given.activation)
    print(f"\n--- {flow.ROADS}\n")
    say(flow.roads_lines(roads))
    say(flow.why_gates_help())
    panels.append(Panel(flow.ROADS, {name: list(enumerate(reached)) for name, reached in roads.items()}, flow.NORMS))
    print(plot(panels, "time step t", "|∂L/∂o_t|").save_and_say(given.out))
    return 0


# ---------------------------------------------------------------------- sentences


def run_train(given) -> int:
    refuse_places(given.file, given.save, given.curve)      # now, and not after the training
    rows = sentiment.default_sentences() if given.file is None else read_labelled(given.file)
    learn, held_out = sentiment.split(rows, given.seed)
    vocabulary = Vocabulary.of([row.text for row in learn])
    model = Sentiment(vocabulary, given.hidden, given.seed)
    source = given.file or "the sentences that come with minigrad"
    print(f"{source}: {len(learn)} sentences to learn from, {len(held_out)} held out, {len(vocabulary)} words known")
    settings = {name: getattr(given, name) for name in ("epochs", "lr", "batch", "seed", "patience")}
    whole: list[sentiment.Progress] = []
    try:
        with closing(sentiment.train(model, learn, held_out, **settings)) as reports:
            for progress in reports:
                show(progress, given.epochs)
                whole += [progress] if progress.done == 1 else []
        print(end="\n" if on_a_terminal() else "")
        if len(whole) < given.epochs:
            print(f"stopped: {given.patience} epochs brought no lower held-out loss")
    except KeyboardInterrupt:
        print("\ninterrupted: keeping the best model so far")
    finally:                                          # whatever happened, nothing learned is lost
        if given.save:
            model.save(given.save)
    if whole and model.training:
        say(report.curve_lines(whole))
        print(f"kept: the model after epoch {model.training.epochs}, where the held-out loss was lowest")
    score = model.score(model.indexed(held_out))
    share = sum(row.label for row in held_out) / len(held_out)
    guess = f"a constant guess: {max(share, 1 - share):.3f}"
    print(f"held-out loss {score.loss:.4f}, held-out accuracy {score.accuracy:.3f} ({guess})")
    if given.save:
        print(f"model: {given.save}")
    return draw_curve(whole, given.curve) if given.curve else 0


def refuse_places(sentences: str | None, model: str, curve: Path | None) -> None:
    """Raises OSError for a place that cannot take a file, ValueError for one that would be overwritten."""
    taken = {Path(sentences).resolve(): "the sentences"} if sentences else {}
    for option, place, what in (("--save", model, "the model"), ("--curve", curve, "the curve")):
        if place:
            refuse_what_is_no_file(Path(place))
            where = Path(place).resolve()
            if where in taken:
                raise ValueError(f"{option} {place} would overwrite {taken[where]}; choose another name")
            taken[where] = what


def on_a_terminal() -> bool:
    return bool(sys.stdout) and sys.stdout.isatty()


def show(progress: sentiment.Progress, epochs: int) -> None:
    """One rewritten line on a terminal, one line an epoch elsewhere"""
    whole_epoch = progress.done == 1
    line = f"epoch {progress.epoch:>3}/{epochs}  loss {progress.loss:.4f}  "
    if progress.held_out is None:
        line += "held out   —   , accuracy   —  "
    else:
        line += f"held out {progress.held_out.loss:.4f}, accuracy {progress.held_out.accuracy:.3f}"
    line += f"  {progress.speed:.0f} sentences/s" if whole_epoch else f"  {progress.done:.0%} of the epoch"
    if on_a_terminal():
        width = shutil.get_terminal_size().columns - 1
        print(f"\r{line[:width]:<{min(width, 79)}}", end="", flush=True)
    elif whole_epoch:
        print(line, flush=True)


def draw_curve(whole: list[sentiment.Progress], path: Path) -> int:
    if not whole:
        print("picture: not drawn, for no epoch has ended")
        return 0
    curves = report.losses(whole)
    lowest = min(curves["held-out loss"])
    title = f"held-out loss lowest at {number(lowest)}, in epoch {curves['held-out loss'].index(lowest) + 1}"
    panel = Panel(title, {name: list(enumerate(losses, start=1)) for name, losses in curves.items()})
    print(plot([panel], "epoch", "mean loss", logarithmic=False).save_and_say(path))
    return 0


def run_predict(given) -> int:
    if given.out and given.label is None:
        print("minigrad predict: --out needs --label: the picture shows gradients (try minigrad predict --help)",
              file=sys.stderr)
        return 2
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
    say(report.pull_lines(model.rnn, reading, loss))
    print(draw(loss, reading.unrolled, captions=reading.words).save_and_say(given.out or "sentence.svg"))
    return 0


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
    try:
        return installed(package)
    except PackageNotFoundError:
        return "not installed"


COMMANDS = {
    "demo": run_demo,
    "unroll": run_unroll,
    "train": run_train,
    "predict": run_predict,
    "vanish": run_vanish,
    "step": run_step,
    "doctor": run_doctor,
}

if __name__ == "__main__":
    sys.exit(main())
