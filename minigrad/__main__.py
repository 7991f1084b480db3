"""The command line:   python -m minigrad [demo | unroll | train | predict | vanish | step | doctor]

Parses, calls, prints.  Bad use is one line and exit status 2, a failure one line and exit status 1.
"""

import io
import os
import platform
import shutil
import sys
from contextlib import closing, suppress
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path

import minigrad
from minigrad import flow, report, sentiment
from minigrad.draw import DrawingError, draw, engines
from minigrad.draw.plot import Panel, plot
from minigrad.files import check_place, check_writable
from minigrad.notation import number
from minigrad.options import LECTURE, parser
from minigrad.player import play
from minigrad.sentiment import Sentiment
from minigrad.text import Labelled, Vocabulary, read_labelled

MOST_CURVES = 6                                       # of a plot


def main(argv: list[str] | None = None) -> int:
    """Runs one command; returns the exit status."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")      # a terminal that has no ∂ still gets the rest
    try:
        try:
            options = parser().parse_args(argv)
            if [] in vars(options).values():          # argparse, before Python 3.13, of a second --
                parser().error("-- is given where a value should be")
            return COMMANDS[options.command or "demo"](options)
        finally:
            print(end="", flush=True)                 # here, so that what cannot be written is noticed here
    except BrokenPipeError:                           # the reader, such as `head`, has gone: nothing is left to say
        forget_output()
        return 1
    except KeyboardInterrupt as stop:
        complain("; ".join(["interrupted", *notes(stop)]))
        return 130
    except (OSError, ValueError, ArithmeticError, MemoryError, DrawingError) as error:
        reason = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)
        complain("; ".join([reason or "there is not enough memory", *notes(error)]))
        try:
            print(end="", flush=True)
        except OSError:                               # a full disk, for one
            forget_output()
        return 1


def notes(error: BaseException) -> list[str]:
    """What a command added: what was kept"""
    return getattr(error, "__notes__", [])


def complain(reason: str) -> None:
    """One line on the error stream, if there is one"""
    if sys.stderr:                                    # print(file=None) would write to stdout
        with suppress(OSError):
            print(f"minigrad: {' '.join(reason.split())}", file=sys.stderr, flush=True)


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
    keys = sys.stdin or []                            # None where it is closed
    play(made.loss, made.unrolled, typed() if sys.stdin and sys.stdin.isatty() else keys, print)
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
    check_places(given.file, given.save, given.curve)       # now, and not after the training
    rows = sentiment.default_sentences() if given.file is None else read_labelled(given.file)
    learn, held_out = sentiment.split(rows, given.seed)
    vocabulary = Vocabulary.of([row.text for row in learn])
    model = Sentiment(vocabulary, given.hidden, given.seed)
    source = given.file or "the sentences that come with minigrad"
    print(f"{source}: {len(learn)} sentences to learn from, {len(held_out)} held out")
    print(f"{len(vocabulary) - 1} words known: those that occur at least twice in the sentences to learn from")
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
        score = None
    except KeyboardInterrupt:
        print("\ninterrupted")
        score = cut_short(model, held_out, given.save)
    except BaseException as error:                    # whatever happened, no whole epoch is lost
        error.add_note(keep(model, given.save))
        raise
    print(keep(model, given.save, new_place=score is not None))
    if whole:
        say(report.curve_lines(whole))
    score = score or model.score(model.indexed(held_out))
    share = sum(row.label for row in held_out) / len(held_out)
    guess = f"a constant guess: {max(share, 1 - share):.3f}"
    print(f"held-out loss {score.loss:.4f}, held-out accuracy {score.accuracy:.3f} ({guess})")
    return draw_curve(whole, given.curve) if given.curve else 0


def cut_short(model: Sentiment, held_out: list[Labelled], place: str) -> sentiment.Score | None:
    """The score of a model whose first epoch did not end, which must be finite before it is saved; else None"""
    try:
        return None if model.training else model.score(model.indexed(held_out))
    except BaseException as error:
        error.add_note(keep(model, place))
        raise


def keep(model: Sentiment, place: str, new_place: bool = False) -> str:
    """Saves the model if it has learned for a whole epoch; says what is kept, and where.

    new_place   a model that has not is saved as well where there is no file yet
    """
    if model.training is None and (not place or not new_place or os.path.lexists(place)):
        return "no epoch has ended, and nothing was saved" + (f": {place} is as it was" if place else "")
    if place:
        model.save(place)
    when = "within its first epoch"
    if model.training:
        when = f"after epoch {model.training.epochs}, where the held-out loss was lowest"
    return f"kept: the model {when}" + (f", in {place}" if place else ", but not saved (--save FILE does)")


def check_places(sentences: str | None, model: str, curve: Path | None) -> None:
    """Raises OSError for a place that cannot take a file, ValueError for one that would be overwritten."""
    taken = {os.path.realpath(sentences): "the sentences"} if sentences else {}
    for option, place, what in (("--save", model, "the model"), ("--curve", curve, "the curve")):
        if place:
            check_place(Path(place))
            check_writable(Path(place))
            where = os.path.realpath(place)
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
        print("picture: not drawn, because no epoch has ended")
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
        print(f"dot         {dot_version()}")
    print(f"pictures    {pictures()}")
    return 0


def dot_version() -> str:
    try:
        return engines.version()
    except DrawingError as error:
        return str(error)


def pictures() -> str:
    """Who draws them; tried, because a dot that is there may fail"""
    try:
        engines.render("digraph { layout=dot; a }", "svg", engines.VERSION_SECONDS)
        return f"drawn by {engines.available()}"
    except DrawingError as error:
        return f"cannot be drawn: {error}"


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
