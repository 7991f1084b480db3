"""The lecture's many-to-one model for sentences:   words → RNN → ŷ = σ(s), near 1 for positive, near 0 for negative

Every word is an index into the vocabulary, a one-hot input that picks a column of w_i.  The readout reads only the last
state.
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
MAX_NORM = 1.0                                        # gradients are clipped to this norm before the step


def default_sentences() -> list[Labelled]:
    """The 246 sentences that come with the package"""
    return read_labelled(str(files("minigrad") / "data" / "sentences.tsv"))


class Reading(NamedTuple):
    """The forward pass over one sentence: its words, the unrolled RNN, s and ŷ"""

    words: list[str]
    unrolled: Unrolled
    s: Value
    y_hat: Value


class Score(NamedTuple):
    """The mean loss over some sentences, and the accuracy: the fraction with ŷ on the label's side of 1/2"""

    loss: float
    accuracy: float


class Training(NamedTuple):
    """How a model was trained: the settings, the number of epochs, and its score on the held-out sentences"""

    seed: int
    lr: float
    batch: int
    epochs: int
    held_out_loss: float
    held_out_accuracy: float


class Sentiment:
    """A vocabulary and an RNN over it.  training: how it was trained; None if it was not."""

    def __init__(self, vocabulary: Vocabulary, hidden_size: int, seed: int = 0):
        if len(vocabulary) < 2:
            raise ValueError("the vocabulary is empty: no word occurs twice in the sentences; use more sentences")
        self.vocabulary = vocabulary
        self.rnn = RNN(len(vocabulary), hidden_size, bias=True, fused=True, seed=seed)
        self.training: Training | None = None

    def read(self, text: str) -> Reading:
        """Runs the RNN over the words.  Raises ValueError if there are none, OverflowError if the weights are too
        large."""
        words = tokens(text)
        if not words:
            raise ValueError(f"there are no words in {text[:40]!r}")
        unrolled = self.rnn.unroll(self.vocabulary.indices(text))
        s = self.rnn.readout(unrolled.state)[0]
        check_finite(s)
        return Reading(words, unrolled, s, sigmoid(s))

    def loss(self, reading: Reading, label: int) -> Value:
        """L as in the lecture, or from s if ŷ is rounded to 0 or 1.  Labels ŷ, L and the states."""
        if 0 < reading.y_hat < 1:
            loss = binary_cross_entropy(reading.y_hat, label)
        else:
            loss = binary_cross_entropy_with_logits(reading.s, label)
        reading.y_hat.label, loss.label = "y_hat", "L"
        reading.unrolled.label()
        return loss

    def logit(self, indices: list[int]) -> Value:
        """s for the words with these indices"""
        return self.rnn.readout(self.rnn.unroll(indices).state)[0]

    def indexed(self, rows: list[Labelled]) -> list[tuple[list[int], int]]:
        """(indices, label) of every row, computed once for all epochs"""
        return [(self.vocabulary.indices(text), label) for text, label in rows]

    def score(self, sentences: list[tuple[list[int], int]]) -> Score:
        """The Score on the result of indexed().  Raises ValueError if it is empty, OverflowError if the weights are too
        large."""
        if not sentences:
            raise ValueError("score: there are no labelled sentences")
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
        """The fraction of the rows with ŷ on the label's side of 1/2"""
        return self.score(self.indexed(rows)).accuracy

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the model as JSON, completely or not at all."""
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
        """A saved model.  Raises OSError if the file cannot be read, ValueError if it is not a model."""
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
                value.data = float(Value(saved[name]).data)       # Value() raises for what is not a finite number
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else error
            remedy = "give a whole file that Sentiment.save() or `train --save` wrote"
            raise ValueError(f"{path}: cannot be loaded as a model: {reason}; {remedy}") from None
        return model

    def __repr__(self) -> str:
        return f"Sentiment({self.vocabulary!r}, {self.rnn!r})"


def check_finite(s: Value) -> None:
    """Raises OverflowError if any number that s was computed from is not finite: tanh of it can still be finite."""
    if not all(is_finite(node.data) for node in reached(s)):
        raise OverflowError(TOO_LARGE)


class Progress(NamedTuple):
    """The state of training: the epoch, the fraction of it that is done, its mean loss so far, the score on the
    held-out sentences after the last complete epoch (None in the first), and sentences per second"""

    epoch: int
    done: float
    loss: float
    held_out: Score | None
    speed: float


def split(rows: list[Labelled], seed: int, held_out_fraction: float = 0.2) -> tuple[list[Labelled], list[Labelled]]:
    """(rows for training, held-out rows), shuffled by the seed.  Raises ValueError for fewer than 5 rows."""
    if len(rows) < 5:
        raise ValueError(f"{len(rows)} labelled sentences are too few to hold some out; use at least 5")
    shuffled = random.Random(seed).sample(rows, len(rows))
    n = max(1, round(len(rows) * held_out_fraction))
    return shuffled[n:], shuffled[:n]


def train(
    model: Sentiment, rows: list[Labelled], held_out: list[Labelled],
    *, epochs: int = 20, lr: float = 0.05, batch: int = 4, seed: int = 0, patience: int = 10,
) -> Generator[Progress, None, None]:
    """Trains with Adam on the mean loss of batches, shuffled in each epoch; yields about ten reports per epoch.

    Stops after `epochs`, or when the held-out loss has not improved for `patience` epochs.  At the end, on Ctrl-C, or
    when the generator is closed, the model has the parameters of the epoch with the lowest held-out loss; before the
    end of the first epoch, the current ones.
    Raises ValueError before training if there are no sentences, or for a setting that cannot be saved with the model.
    """
    if not rows or not held_out:
        raise ValueError(f"train: {len(rows)} sentences for training and {len(held_out)} held out; it needs both")
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
    """One step of gradient descent on the mean loss of a batch; returns the sum of the losses."""
    optimizer.zero_grad()
    total = 0.0
    for indices, label in sentences:
        loss = binary_cross_entropy_with_logits(model.logit(indices), label) / len(sentences)
        loss.backward()                               # the gradients of the leaves add up over the batch
        total += loss.data * len(sentences)
    clip_grad_norm(optimizer.parameters, MAX_NORM)
    optimizer.step()
    return total
