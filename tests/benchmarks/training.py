"""Training beside PyTorch: the same sentences, vocabulary, starting weights, optimizer, clipping and order of batches.

    python tests/benchmarks/training.py reviews.tsv …       (--help tells the options)

Of the sentences 20 % are held out for the accuracy that is printed, and 10 % to choose the epoch: the one with the
lowest loss on them.  All learn from the other 70 %, by Adam, gradients clipped at a norm of 1; minigrad in float64,
PyTorch in its float32.  Seconds are those of an epoch of training, without evaluation; PyTorch has one thread.

minigrad     minigrad.sentiment
PyTorch      the same model, weight by weight: an Embedding (w_i), nn.RNN and Linear over padded, packed batches, where
             what nn.RNN multiplies its inputs by stays the identity, and one of its two biases 0
own start    the same three layers as PyTorch makes them, every weight free: an Embedding from N(0, 1), and so on
one by one   PyTorch with one sentence a call, the gradients added up over the batch
"""

import argparse
import platform
import random
import sys
import time
from statistics import mean, median
from typing import NamedTuple

try:
    import torch  # type: ignore[import-not-found]
    from torch.nn.functional import binary_cross_entropy_with_logits  # type: ignore[import-not-found]
    from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence  # type: ignore[import-not-found]
except ImportError:
    print("skipped: PyTorch is not installed here (python -m pip install torch)")
    sys.exit(0)

import minigrad
from minigrad.sentiment import MAX_NORM, Sentiment, default_sentences, split, train
from minigrad.text import Vocabulary, read_labelled


class Run(NamedTuple):
    """The accuracy on the held-out sentences after the chosen epoch, that epoch, and the seconds of every epoch"""

    accuracy: float
    epoch: int
    seconds: list[float]


class Reference(torch.nn.Module):
    """Words to logits in PyTorch"""

    def __init__(self, words: int, hidden: int):
        super().__init__()
        self.w_i = torch.nn.Embedding(words, hidden)
        self.rnn = torch.nn.RNN(hidden, hidden, batch_first=True)
        self.w_o = torch.nn.Linear(hidden, 1)

    def forward(self, sentences):
        """The logits of a list of index tensors"""
        lengths = torch.tensor([len(indices) for indices in sentences])
        words = self.w_i(pad_sequence(sentences, batch_first=True))
        _, last = self.rnn(pack_padded_sequence(words, lengths, batch_first=True, enforce_sorted=False))
        return self.w_o(last[0])[:, 0]


def same_weights(model: Sentiment) -> Reference:
    """A Reference that computes what the model computes"""

    def numbers(rows):
        return torch.tensor([[w.data for w in row] for row in rows])

    rnn, hidden = model.rnn, model.rnn.hidden_size
    reference = Reference(len(model.vocabulary), hidden)
    reference.load_state_dict({
        "w_i.weight": numbers(rnn.w_i).T,
        "rnn.weight_ih_l0": torch.eye(hidden), "rnn.bias_ih_l0": torch.zeros(hidden),
        "rnn.weight_hh_l0": numbers(rnn.w_h), "rnn.bias_hh_l0": numbers([rnn.b_h])[0],
        "w_o.weight": numbers(rnn.w_o), "w_o.bias": numbers([rnn.b_o])[0],
    })  # fmt: skip
    reference.rnn.weight_ih_l0.requires_grad_(False)
    reference.rnn.bias_ih_l0.requires_grad_(False)
    return reference


def own_start(model: Sentiment, seed: int) -> Reference:
    torch.manual_seed(seed)
    return Reference(len(model.vocabulary), model.rnn.hidden_size)


def run_minigrad(model: Sentiment, parts, seed: int, settings: dict) -> Run:
    learn, choose, held_out = parts
    reports = [report for report in train(model, learn, choose, seed=seed, **settings) if report.done == 1]
    assert model.training is not None
    return Run(model.accuracy(held_out), model.training.epochs, [len(learn) / report.speed for report in reports])


def run_torch(reference: Reference, parts, seed: int, *, epochs, lr, batch, patience, at_once=0) -> Run:
    """The loop of minigrad.sentiment.train in PyTorch, `at_once` sentences a call (0: a whole batch)"""
    learn, choose, held_out = ([(torch.tensor(indices), float(label)) for indices, label in part] for part in parts)
    trained = [parameter for parameter in reference.parameters() if parameter.requires_grad]
    optimizer, order = torch.optim.Adam(trained, lr=lr), random.Random(seed)
    seconds, lowest, best = [], float("inf"), (0.0, 0)
    for epoch in range(1, epochs + 1):
        start = time.perf_counter()
        learn = order.sample(learn, len(learn))
        for first in range(0, len(learn), batch):
            rows = learn[first : first + batch]
            optimizer.zero_grad()
            for k in range(0, len(rows), at_once or batch):
                sentences, labels = zip(*rows[k : k + (at_once or batch)])
                loss = binary_cross_entropy_with_logits(reference(sentences), torch.tensor(labels), reduction="sum")
                (loss / len(rows)).backward()
            torch.nn.utils.clip_grad_norm_(trained, MAX_NORM)
            optimizer.step()
        seconds.append(time.perf_counter() - start)
        loss, _ = score(reference, choose)
        if loss < lowest:
            lowest, best = loss, (score(reference, held_out)[1], epoch)
        if epoch - best[1] >= patience:
            break
    return Run(*best, seconds)


@torch.no_grad()
def score(reference: Reference, sentences) -> tuple[float, float]:
    """(mean loss, accuracy)"""
    indices, labels = zip(*sentences)
    s, y = reference(indices), torch.tensor(labels)
    return binary_cross_entropy_with_logits(s, y).item(), ((s > 0) == (y == 1)).double().mean().item()


def compare(rows, seeds: int, hidden: int, settings: dict) -> None:
    runs: dict[str, list[Run]] = {"minigrad": [], "PyTorch": [], "own start": [], "one by one": []}
    print(f"{'seed':>4}  {'words':>5}" + "".join(f"  {name:>10}  epoch" for name in runs if name != "one by one"))
    for seed in range(seeds):
        learn, held_out = split(rows, seed)
        learn, choose = split(learn, seed, held_out_fraction=0.125)
        model = Sentiment(Vocabulary.of([row.text for row in learn]), hidden, seed)
        parts = learn, choose, held_out
        indexed = [model.indexed(part) for part in parts]
        same, one_by_one = same_weights(model), same_weights(model)      # before the model learns
        made = [
            run_minigrad(model, parts, seed, settings),
            run_torch(same, indexed, seed, **settings),
            run_torch(own_start(model, seed), indexed, seed, **settings),
        ]
        for found, run in zip(runs.values(), made):
            found.append(run)
        if seed == 0:                                 # for its time alone
            runs["one by one"].append(run_torch(one_by_one, indexed, seed, **{**settings, "epochs": 2}, at_once=1))
        columns = "".join(f"  {run.accuracy:>10.4f}  {run.epoch:>5}" for run in made)
        print(f"{seed:>4}  {len(model.vocabulary):>5}{columns}", flush=True)
    print("\nmean held-out accuracy, and against PyTorch in points; median seconds an epoch, and minigrad's against it")
    accuracy = {name: mean(run.accuracy for run in found) for name, found in runs.items()}
    seconds = {name: median(s for run in found for s in run.seconds) for name, found in runs.items()}
    for name in runs:
        points = f"{accuracy[name]:.4f}  {100 * (accuracy[name] - accuracy['PyTorch']):+6.2f}"
        points = points if name != "one by one" else " " * len(points)
        print(f"  {name:<10}  {points}  {seconds[name]:8.3f} s  {seconds['minigrad'] / seconds[name]:6.2f}×")


def main() -> None:
    parser = argparse.ArgumentParser(description="Training beside PyTorch: accuracy, and seconds an epoch")
    parser.add_argument("files", nargs="*", help="labelled sentences, taken together; else those of the package")
    for name, default in (("hidden", 8), ("epochs", 20), ("batch", 16), ("patience", 5), ("seeds", 5)):
        parser.add_argument(f"--{name}", type=int, default=default, metavar="n", help=f"({default})")
    parser.add_argument("--lr", type=float, default=0.01, metavar="η", help="(0.01)")
    given = parser.parse_args()
    torch.set_num_threads(1)
    rows = [row for file in given.files for row in read_labelled(file)] or default_sentences()
    settings = {name: getattr(given, name) for name in ("epochs", "lr", "batch", "patience")}
    print(f"minigrad {minigrad.__version__}, PyTorch {torch.__version__}, Python {platform.python_version()}")
    print(f"{' '.join(given.files) or 'the sentences of the package'}: {len(rows)} sentences")
    print(f"hidden {given.hidden}, " + ", ".join(f"{name} {value}" for name, value in settings.items()))
    compare(rows, given.seeds, given.hidden, settings)


if __name__ == "__main__":
    main()
