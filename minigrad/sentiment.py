"""The lecture's many-to-one model for sentences:   words → RNN → ŷ = σ(s), near 1 for positive, near 0 for negative

Every word is an index into the vocabulary, a one-hot input that picks a column of w_i; only the last state is read.
"""

import json
import math
import os
import random
import time
from collections.abc import Generator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from minigrad.elementary import sigmoid
from minigrad.files import read_whole, write_whole
from minigrad.graph import reached
from minigrad.losses import binary_cross_entropy, binary_cross_entropy_with_logits
from minigrad.nn import RNN, Unrolled
from minigrad.optim import Adam, clip_grad_norm
from minigrad.text import Labelled, Vocabulary, read_labelled, tokens
from minigrad.validation import is_finite
from minigrad.value import Value

TOO_LARGE = "a number of the model is not finite: its weights are too large; train it with a lower learning rate"
FORMAT = "minigrad sentiment model 2"
MAX_NORM = 1.0                                        # of a gradient; a longer one is shortened before the step


def default_sentences() -> list[Labelled]:
    """The 246 sentences that come with the package"""
    return read_labelled(str(files("minigrad") / "data" / "sentences.tsv"))


class Reading(NamedTuple):
    """What a model made of one sentence: its words, the unrolled RNN, s and ŷ"""

    words: list[str]
    unrolled: Unrolled
    s: Value
    y_hat: Value


class Score(NamedTuple):
    """The mean loss over some sentences, and the share of them for which ŷ lies on the label's side of 1/2"""

    loss: float
    accuracy: float


class Training(NamedTuple):
    """How a model came to be: the settings, after how many epochs, and its score on the held-out sentences then"""

    seed: int
    lr: float
    batch: int
    epochs: int
    held_out_loss: float
    held_out_accuracy: float


class Sentiment:
    """A vocabulary and an RNN over it; .training tells how it was trained, None if it was not."""

    def __init__(self, vocabulary: Vocabulary, hidden_size: int, seed: int = 0):
        if len(vocabulary) < 2:
            raise ValueError("the vocabulary is empty: no word occurs twice in the sentences; bring more of them")
        self.vocabulary = vocabulary
        self.rnn = RNN(len(vocabulary), hidden_size, bias=True, fused=True, seed=seed)
        self.training: Training | None = None

    def read(self, text: str) -> Reading:
        """Runs the RNN over the words.  Raises ValueError without any, OverflowError if the weights are too large."""
        words = tokens(text)
        if not words:
            raise ValueError(f"there is no word in {text[:40]!r}")
        unrolled = self.rnn.unroll(self.vocabulary.indices(text))
        s = self.rnn.readout(unrolled.state)[0]
        check_finite(s)
        return Reading(words, unrolled, s, sigmoid(s))

    def loss(self, reading: Reading, label: int) -> Value:
        """L as the lecture writes it; from s where ŷ has been rounded to 0 or 1.  Names ŷ, L and the states."""
        if 0 < reading.y_hat < 1:
            loss = binary_cross_entropy(reading.y_hat, label)
        else:
            loss = binary_cross_entropy_with_logits(reading.s, label)
        reading.y_hat.label, loss.label = "y_hat", "L"
        reading.unrolled.label()
        return loss

    def logit(self, indices: list[int]) -> Value:
        """s after the words of these indices"""
        return self.rnn.readout(self.rnn.unroll(indices).state)[0]

    def indexed(self, rows: list[Labelled]) -> list[tuple[list[int], int]]:
        """(indices, label) of every row: what training and score read again and again"""
        return [(self.vocabulary.indices(text), label) for text, label in rows]

    def score(self, sentences: list[tuple[list[int], int]]) -> Score:
        """The Score on sentences that `indexed` made.  Raises OverflowError if the weights are too large."""
        if not sentences:
            raise ValueError("score: there is no labelled sentence")
        total, right = 0.0, 0
        for indices, label in sentences:
            s = self.logit(indices)
            check_finite(s)
            total += binary_cross_entropy_with_logits(s, label).data
            right += (s > 0) == (label == 1)
        if not math.isfinite(total):
            raise OverflowError(TOO_LARGE)
        return Score(total / len(sentences), right / len(sentences))

    def accuracy(self, rows: list[Labelled]) -> float:
        """The share of the rows for which ŷ lies on the label's side of 1/2"""
        return self.score(self.indexed(rows)).accuracy

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the model as JSON, whole or not at all."""
        content = {
            "format": FORMAT,
            "training": None if self.training is None else self.training._asdict(),
            "hidden_size": self.rnn.hidden_size,
            "vocabulary": self.vocabulary.words[1:],
            "parameters": {name: value.data for name, value in self.rnn.named_parameters()},
        }
        write_whole(Path(path), (json.dumps(content, ensure_ascii=False, indent=0) + "\n").encode())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Sentiment":
        """A saved model.  Raises OSError, or ValueError that says what is wrong with the file."""
        try:
            content = json.loads(read_whole(Path(path)))
            if not isinstance(content, dict) or content.get("format") != FORMAT:
                raise ValueError(f"it is not a {FORMAT!r}")
            words, hidden, saved = content["vocabulary"], content["hidden_size"], content["parameters"]
            if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
                raise ValueError("its vocabulary is not a list of words")
            if len(saved) != hidden * (len(words) + 1 + hidden + 1 + 1) + 1:      # W_i, W_h, b_h, W_o, b_o
                raise ValueError("its parameters do not fit its sizes")
            model = cls(Vocabulary(words), hidden)
            if (training := content["training"]) is not None:
                if not isinstance(training, dict) or set(training) != set(Training._fields):
                    raise ValueError(f"its training must be null, or hold {', '.join(Training._fields)}")
                model.training = Training(**{name: Value(training[name]).data for name in Training._fields})
            for name, value in model.rnn.named_parameters():
                value.data = float(Value(saved[name]).data)       # a Value refuses what is not a finite number
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else error
            raise ValueError(f"{path}: cannot be loaded as a model: {reason}") from None
        return model

    def __repr__(self) -> str:
        return f"Sentiment({self.vocabulary!r}, {self.rnn!r})"


def check_finite(s: Value) -> None:
    """Raises OverflowError if a number on the way to s is not finite: tanh of such a number looks like a good state."""
    if not all(is_finite(node.data) for node in reached(s)):
        raise OverflowError(TOO_LARGE)


class Progress(NamedTuple):
    """Where training stands: the epoch, the share of it that is done, the mean loss in it, the score on the held-out
    sentences after the last whole epoch (None before there is one), and sentences a second"""

    epoch: int
    done: float
    loss: float
    held_out: Score | None
    speed: float


def split(rows: list[Labelled], seed: int, held_out_fraction: float = 0.2) -> tuple[list[Labelled], list[Labelled]]:
    """The rows to learn from and the rows held out, at random by the seed.  Raises ValueError for fewer than 5 rows."""
    if len(rows) < 5:
        raise ValueError(f"{len(rows)} labelled sentences are too few to hold some out; bring at least 5")
    shuffled = random.Random(seed).sample(rows, len(rows))
    held = max(1, round(len(rows) * held_out_fraction))
    return shuffled[held:], shuffled[:held]


def train(
    model: Sentiment, rows: list[Labelled], held_out: list[Labelled],
    *, epochs: int = 20, lr: float = 0.05, batch: int = 4, seed: int = 0, patience: int = 10,
) -> Generator[Progress, None, None]:
    """Adam on the mean loss of batches of sentences, in an order drawn anew each epoch; about ten reports an epoch.

    It ends after `epochs`, or once `patience` epochs in a row brought no lower loss on the held-out sentences.  The
    model learns while the reports are read.  At the end, or on Ctrl-C, or when the reports are read no further, it has
    the parameters of the epoch with the lowest held-out loss; before the first epoch has ended, those it has learned.
    Raises ValueError, before it learns, for no sentences, or a setting that could not be saved with the model.
    """
    if not rows or not held_out:
        raise ValueError(f"train: {len(rows)} sentences to learn from and {len(held_out)} held out; it needs both")
    if type(batch) is not int or batch < 1 or type(seed) is not int:
        raise ValueError(f"train: batch is {batch!r} and seed is {seed!r}; they must be ints, batch from 1 up")
    optimizer, order = Adam(model.rnn.parameters(), lr=lr), random.Random(seed)
    sentences, unseen = model.indexed(rows), model.indexed(held_out)
    score, best = None, None
    model.training = None
    try:
        for epoch in range(1, epochs + 1):
            total, start, reported = 0.0, time.perf_counter(), 0
            sentences = order.sample(sentences, len(sentences))
            for first in range(0, len(sentences), batch):
                total += train_step(model, optimizer, sentences[first : first + batch])
                done = min(first + batch, len(sentences))
                if done - reported >= len(sentences) / 10 and done < len(sentences):
                    reported, speed = done, done / (time.perf_counter() - start)
                    yield Progress(epoch, done / len(sentences), total / done, score, speed)
            speed = len(sentences) / (time.perf_counter() - start)
            score = model.score(unseen)
            if best is None or score.loss < best[0].held_out_loss:
                best = Training(seed, float(optimizer.lr), batch, epoch, *score), [w.data for w in optimizer.parameters]
            yield Progress(epoch, 1.0, total / len(sentences), score, speed)
            if epoch - best[0].epochs >= patience:
                return
    finally:
        if best is not None:
            model.training, numbers = best
            for w, data in zip(optimizer.parameters, numbers):
                w.data = data


def train_step(model: Sentiment, optimizer: Adam, sentences: list[tuple[list[int], int]]) -> float:
    """One step down the gradient of the mean loss of a batch of sentences; returns the sum of their losses."""
    optimizer.zero_grad()
    total = 0.0
    for indices, label in sentences:
        loss = binary_cross_entropy_with_logits(model.logit(indices), label) / len(sentences)
        loss.backward()                               # the gradients of the leaves add up over the batch
        total += loss.data * len(sentences)
    clip_grad_norm(optimizer.parameters, MAX_NORM)
    optimizer.step()
    return total
