"""train, predict: the sentiment model, from sentences to a saved model and back."""

import os
import shutil
from argparse import Namespace
from contextlib import closing
from pathlib import Path

from minigrad import sentiment
from minigrad.cli import reports
from minigrad.cli.output import complain, on_a_terminal, say
from minigrad.cli.pages import page_line
from minigrad.draw import draw
from minigrad.draw.plot import Panel, plot
from minigrad.files import check_place, check_writable
from minigrad.notation import number
from minigrad.sentiment import Sentiment
from minigrad.text import Labelled, Vocabulary, read_labelled


def run_train(options: Namespace) -> int:
    check_places(options.file, options.save, options.curve)       # before the training, not after it
    rows = sentiment.default_sentences() if options.file is None else read_labelled(options.file)
    learn, held_out = sentiment.split(rows, options.seed)
    vocabulary = Vocabulary.of([row.text for row in learn])
    model = Sentiment(vocabulary, options.hidden, options.seed)
    source = options.file or "the sentences that come with minigrad"
    print(f"{source}: {len(learn)} training sentences, {len(held_out)} held out")
    print(f"{len(vocabulary) - 1} words known: those that occur at least twice in the training sentences")
    settings = {name: getattr(options, name) for name in ("epochs", "lr", "batch", "seed", "patience")}
    epochs: list[sentiment.Progress] = []
    try:
        with closing(sentiment.train(model, learn, held_out, **settings)) as training:
            for progress in training:
                show(progress, options.epochs)
                epochs += [progress] if progress.done == 1 else []
        print(end="\n" if on_a_terminal() else "")
        if len(epochs) < options.epochs:
            print(f"stopped: the held-out loss has not improved for {options.patience} epochs")
        score = None
    except KeyboardInterrupt:
        print("\ninterrupted")
        score = first_score(model, held_out, options.save)
    except BaseException as error:                    # after any error, the last whole epoch is kept
        error.add_note(keep(model, options.save))
        raise
    print(keep(model, options.save, if_new=score is not None))
    if epochs:
        say(reports.curve_lines(epochs))
    score = score or model.score(model.indexed(held_out))
    positive = sum(row.label for row in held_out) / len(held_out)
    majority = f"majority-class baseline {max(positive, 1 - positive):.3f}"
    print(f"held-out loss {score.loss:.4f}, held-out accuracy {score.accuracy:.3f} ({majority})")
    return draw_curve(epochs, options.curve) if options.curve else 0


def first_score(model: Sentiment, held_out: list[Labelled], path: str) -> sentiment.Score | None:
    """The score of a model interrupted in its first epoch, which must be finite before it is saved; else None"""
    try:
        return None if model.training else model.score(model.indexed(held_out))
    except BaseException as error:
        error.add_note(keep(model, path))
        raise


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


def show(progress: sentiment.Progress, epochs: int) -> None:
    """A line that is rewritten on a terminal; elsewhere a line per epoch"""
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


def draw_curve(epochs: list[sentiment.Progress], path: Path) -> int:
    if not epochs:
        print("picture: not drawn, because no epoch has ended")
        return 0
    curves = reports.loss_curves(epochs)
    lowest = min(curves["held-out loss"])
    title = f"held-out loss lowest at {number(lowest)}, in epoch {curves['held-out loss'].index(lowest) + 1}"
    panel = Panel(title, {name: list(enumerate(losses, start=1)) for name, losses in curves.items()})
    print(plot([panel], "epoch", "mean loss", logarithmic=False).save_and_say(path))
    return 0


def run_predict(options: Namespace) -> int:
    if (options.out or options.page) and options.label is None:
        what = "--out needs --label, because the picture" if options.out else "--page needs --label, because the page"
        complain(f"predict: {what} shows gradients (try minigrad predict --help)")
        return 2
    model = Sentiment.load(options.model)
    reading = model.read(options.sentence)
    verdict = "positive" if reading.s > 0 else "negative"
    print(f"ŷ = {number(reading.y_hat.data)}: {verdict}")
    unknown = [word for word, k in zip(reading.words, model.vocabulary.indices(options.sentence)) if k == 0]
    if unknown:
        print(f"not in the vocabulary: {', '.join(unknown)}")
    if options.label is None:
        return 0
    loss = model.loss(reading, options.label)
    loss.backward()
    print(f"L = {number(loss.data)} for y = {options.label}\n")
    say(reports.word_gradient_lines(model.rnn, reading, loss))
    print(draw(loss, reading.unrolled, captions=reading.words).save_and_say(options.out or "sentence.svg"))
    if options.page:
        print(page_line(loss, reading.unrolled, options.page, reading.words, model.vocabulary.words))
    return 0
