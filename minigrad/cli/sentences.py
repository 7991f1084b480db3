"""train, predict: the sentiment model, from sentences to a saved model and back."""

import math
import os
import shutil
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from minigrad import sentiment
from minigrad.bptt import gradient_flow, ledgers
from minigrad.cli.output import complain, saved, say
from minigrad.draw.plot import Panel, plot
from minigrad.files import check_place, check_writable
from minigrad.nn import RNN
from minigrad.notation import number
from minigrad.sentiment import Progress, Reading, Score, Sentiment
from minigrad.text import Labelled, Vocabulary, read_labelled
from minigrad.value import Value

BLOCKS = "▁▂▃▄▅▆▇█"
MOST_BLOCKS = 60


# ---------------------------------------------------------------------- train


def run_train(options: Namespace) -> int:
    check_places(options.file, options.save, options.curve)       # before the training, not after it
    rows = sentiment.default_sentences() if options.file is None else read_labelled(options.file)
    learn, held_out = sentiment.split(rows, options.seed)
    vocabulary = Vocabulary.of([row.text for row in learn])
    model = Sentiment(vocabulary, options.hidden, options.seed)
    source = options.file or "the sentences that come with minigrad"
    print(f"{source}: {len(learn)} training sentences, {len(held_out)} held out")
    print(f"{len(vocabulary) - 1} words known: those that occur at least twice in the training sentences")
    epochs, score = train(model, learn, held_out, options)
    print(keep(model, options.save, if_new=score is not None))
    curves = {"training loss": [report.loss for report in epochs],
              "held-out loss": [report.held_out.loss for report in epochs if report.held_out]}
    if epochs:
        say(curve_lines(curves))
    score = score or model.score(model.indexed(held_out))
    positive = sum(row.label for row in held_out) / len(held_out)
    majority = f"majority-class baseline {max(positive, 1 - positive):.3f}"
    print(f"held-out loss {score.loss:.4f}, held-out accuracy {score.accuracy:.3f} ({majority})")
    if options.curve:
        print(curve_saved(curves, options.curve) if epochs else "picture: not drawn, because no epoch has ended")
    return 0


def check_places(sentences: str | None, model: str, curve: Path | None) -> None:
    """Raises OSError for a path that cannot be written, ValueError for one that would overwrite another of them."""
    content = {os.path.realpath(sentences): "the sentences"} if sentences else {}
    for option, path, new in (("--save", model, "the model"), ("--curve", curve, "the curve")):
        if path:
            check_place(Path(path))
            check_writable(Path(path))
            target = os.path.realpath(path)
            if target in content:
                raise ValueError(f"{option} {path} would overwrite {content[target]}; choose another name")
            content[target] = new


def train(model: Sentiment, learn: list[Labelled], held_out: list[Labelled], options: Namespace
          ) -> tuple[list[Progress], Score | None]:
    """Trains until the end or Ctrl-C.  Gives the last report of each epoch, and the score of a model that was
    interrupted in its first: it must be finite before it is saved."""
    settings = {name: getattr(options, name) for name in ("epochs", "lr", "batch", "seed", "patience")}
    epochs: list[Progress] = []
    try:
        try:
            with closing(sentiment.train(model, learn, held_out, **settings)) as training:
                for progress in training:
                    show(progress, options.epochs)
                    epochs += [progress] if progress.done == 1 else []
            print(end="\n" if on_a_terminal() else "")
            if len(epochs) < options.epochs:
                print(f"stopped: the held-out loss has not improved for {options.patience} epochs")
        except KeyboardInterrupt:
            print("\ninterrupted")
            if model.training is None:
                return epochs, model.score(model.indexed(held_out))
    except BaseException as error:                    # after any error, the last whole epoch is kept
        error.add_note(keep(model, options.save))
        raise
    return epochs, None


def keep(model: Sentiment, path: str, if_new: bool = False) -> str:
    """Saves the model if a whole epoch of training has ended; returns a sentence on what was kept, and where.

    if_new   a model in its first epoch is saved too, if it would not replace a file
    """
    if model.training is None and (not path or not if_new or os.path.lexists(path)):
        return "no epoch has ended, and nothing was saved" + (f": {path} is as it was" if path else "")
    if path:
        model.save(path)
    when = "within its first epoch"
    if model.training:
        when = f"after epoch {model.training.epochs}, where the held-out loss was lowest"
    return f"kept: the model {when}" + (f", in {path}" if path else ", but not saved (--save FILE does)")


def show(progress: Progress, epochs: int) -> None:
    """A line that is rewritten on a terminal; elsewhere a line per epoch"""
    held_out = "held out   —   , accuracy   —  "
    if progress.held_out:
        held_out = f"held out {progress.held_out.loss:.4f}, accuracy {progress.held_out.accuracy:.3f}"
    whole_epoch = progress.done == 1
    rest = f"{progress.speed:.0f} sentences/s" if whole_epoch else f"{progress.done:.0%} of the epoch"
    line = f"epoch {progress.epoch:>3}/{epochs}  loss {progress.loss:.4f}  {held_out}  {rest}"
    if on_a_terminal():
        width = shutil.get_terminal_size().columns - 1
        print(f"\r{line[:width]:<{min(width, 79)}}", end="", flush=True)
    elif whole_epoch:
        print(line, flush=True)


def on_a_terminal() -> bool:
    return bool(sys.stdout) and sys.stdout.isatty()


def curve_lines(curves: dict[str, list[float]]) -> Iterator[str]:
    """Both curves as sparklines on one linear scale, from the lowest loss to the highest"""
    lowest, highest = min(map(min, curves.values())), max(map(max, curves.values()))
    epochs = len(curves["training loss"])
    yield f"the loss of epochs 1 … {epochs}, from ▁ = {number(lowest)} to █ = {number(highest)}"
    for title, curve in curves.items():
        yield f"  {title}  {sparkline(curve, lowest, highest)}  {number(curve[0])} → {number(curve[-1])}"


def sparkline(curve: list[float], lowest: float, highest: float) -> str:
    """A block in one of eight heights for each number; of a long curve every k-th, counted from the last."""
    every = -(-len(curve) // MOST_BLOCKS)
    height = (len(BLOCKS) - 1) / ((highest - lowest) or 1)
    return "".join(BLOCKS[round((x - lowest) * height)] for x in curve[::-1][::every][::-1])


def curve_saved(curves: dict[str, list[float]], path: Path) -> str:
    """Draws both curves; gives the line that says where."""
    held_out = curves["held-out loss"]
    title = f"held-out loss lowest at {number(min(held_out))}, in epoch {held_out.index(min(held_out)) + 1}"
    panel = Panel(title, {name: list(enumerate(losses, start=1)) for name, losses in curves.items()})
    return plot([panel], "epoch", "mean loss", logarithmic=False).save_and_say(path)


# ---------------------------------------------------------------------- predict


def run_predict(options: Namespace) -> int:
    if (options.out or options.page) and options.label is None:
        option, what = ("--out", "picture") if options.out else ("--page", "page")
        complain(f"predict: {option} needs --label, because the {what} shows gradients (try minigrad predict --help)")
        return 2
    model = Sentiment.load(options.model)
    reading = model.read(options.sentence)
    print(f"ŷ = {number(reading.y_hat.data)}: {'positive' if reading.s > 0 else 'negative'}")
    unknown = [word for word, k in zip(reading.words, model.vocabulary.indices(options.sentence)) if k == 0]
    if unknown:
        print(f"not in the vocabulary: {', '.join(unknown)}")
    if options.label is None:
        return 0
    loss = model.loss(reading, options.label)
    loss.backward()
    print(f"L = {number(loss.data)} for y = {options.label}\n")
    say(word_gradient_lines(model.rnn, reading, loss))
    for path in filter(None, (options.out or Path("sentence.svg"), options.page)):
        print(saved(loss, reading.unrolled, path, reading.words, model.vocabulary.words))
    return 0


def word_gradient_lines(rnn: RNN, reading: Reading, loss: Value) -> Iterator[str]:
    """For each word: ‖∂L/∂o_t‖, the norms of its terms of the gradients of w_i and w_h, and its two largest terms.
    w_i[r][k] is labelled by the word of column k: w_i[0][good]."""
    words = {step.x: word for step, word in zip(reading.unrolled, reading.words) if isinstance(step.x, int)}
    if 0 in words:
        words[0] = "unknown"                          # every unknown word picks this column
    labels = {rnn.w_i[r][k]: f"w_i[{r}][{word}]" for k, word in words.items() for r in range(rnn.hidden_size)}
    labels |= {w: w.label for row in rnn.w_h for w in row}
    all_ledgers, norms = ledgers(loss, reading.unrolled, labels), gradient_flow(loss, reading.unrolled)
    width = max(4, *map(len, reading.words))
    yield "The gradient at the state of each word, and the word's terms of the gradients (norms; its two largest terms)"
    yield f"   t  {'word':<{width}}  {'‖∂L/∂o_t‖':>10}  {'on w_i':>10}  {'on w_h':>10}"
    for t, word in enumerate(reading.words, start=1):
        terms = {labels[ledger.weight]: ledger.terms[t - 1] for ledger in all_ledgers}
        largest = sorted(terms, key=lambda label: -abs(terms[label]))[:2]
        on = [math.hypot(*[x for label, x in terms.items() if label.startswith(w)]) for w in ("w_i", "w_h")]
        numbers = "  ".join(f"{number(x, 3):>10}" for x in (norms[t], *on))
        most = ", ".join(f"{label} {number(terms[label], 3)}" for label in largest if terms[label])
        yield f"  {t:>2}  {word:<{width}}  {numbers}  {most}"
