"""The sentiment model: its sentences, training it, saving it."""

import json
import math
import os
import random
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from conftest import ROOT

from minigrad import sentiment
from minigrad.sentiment import Sentiment, Training, default_sentences, split, train
from minigrad.text import Labelled, Vocabulary, tokens
from minigrad.value import Value

EPOCHS = 10
SENTENCES = ["the film was good", "a rude and dirty zebra", "not bad at all", "perfect", "yak"]


def fresh(rows: list[Labelled], hidden_size=4, seed=0) -> Sentiment:
    return Sentiment(Vocabulary.of([row.text for row in rows]), hidden_size, seed)


def parameter(model: Sentiment, name: str) -> Value:
    return dict(model.rnn.named_parameters())[name]


def answers(model: Sentiment) -> list[float]:
    return [model.read(text).y_hat.data for text in SENTENCES]


def trained(seed=0, epochs=EPOCHS):
    """(model, reports, held-out rows), on the default sentences"""
    learn, held_out = split(default_sentences(), seed)
    model = fresh(learn, seed=seed)
    return model, list(train(model, learn, held_out, epochs=epochs, seed=seed)), held_out


@pytest.fixture(scope="module")
def run():
    return trained()


@pytest.fixture
def small() -> Sentiment:
    return Sentiment(Vocabulary(["good", "bad", "naïve", "don't"]), 2, seed=3)


# ---------------------------------------------------------------------- the sentences that come with it


def test_default_sentences_are_many_balanced_and_all_different():
    rows = default_sentences()
    counts = Counter(row.label for row in rows)
    assert len(rows) >= 120 and counts[0] == counts[1]
    assert len({tuple(tokens(row.text)) for row in rows}) == len(rows)


@pytest.mark.parametrize("size", [5, 6, 9, 10, 101])
def test_split_is_a_partition_with_something_on_both_sides(size):
    rows = [Labelled(f"w{k // 2}", k % 2) for k in range(size)]
    learn, held_out = split(rows, seed=4)
    assert sorted(learn + held_out) == sorted(rows)
    assert learn and len(held_out) == max(1, round(size / 5))


def test_split_is_reproducible_by_its_seed_and_leaves_the_rows_as_they_were():
    rows = [Labelled(f"w{k}", k % 2) for k in range(50)]
    before = list(rows)
    assert split(rows, seed=1) == split(rows, seed=1) != split(rows, seed=2)
    assert rows == before


def test_split_keeps_the_default_sentences_apart():
    learn, held_out = split(default_sentences(), seed=0)
    assert {row.text for row in learn}.isdisjoint(row.text for row in held_out)


@pytest.mark.parametrize("size", [0, 1, 4])
def test_split_of_fewer_than_five_says_how_many_there_are(size):
    with pytest.raises(ValueError, match=f"{size} labelled sentences"):
        split([Labelled("good", 1)] * size, seed=0)


# ---------------------------------------------------------------------- reading a sentence


def test_y_hat_is_the_formula_written_out():
    """o_t = tanh(w_i[:, word] + W_h·o_{t−1} + b_h),  ŷ = σ(w_o·o_n + b_o), in plain floats from the saved numbers"""
    model = Sentiment(Vocabulary(["good", "bad"]), 2, seed=5)
    w = {name: value.data for name, value in model.rnn.named_parameters()}
    state = [0.0, 0.0]
    for k in (1, 0, 2):
        state = [math.tanh(w[f"w_i[{r}][{k}]"] + sum(w[f"w_h[{r}][{c}]"] * state[c] for c in (0, 1)) + w[f"b_h[{r}]"])
                 for r in (0, 1)]
    s = sum(w[f"w_o[0][{c}]"] * state[c] for c in (0, 1)) + w["b_o[0]"]
    assert model.read("Good zebra, bad!").y_hat.data == pytest.approx(1 / (1 + math.exp(-s)), rel=1e-12)


def test_words_outside_the_vocabulary_are_all_alike(small):
    assert small.read("good zebra").y_hat.data == small.read("good yak").y_hat.data
    assert small.read("good zebra").y_hat.data != small.read("good bad").y_hat.data


def test_order_of_the_words_matters(small):
    assert small.read("good bad").y_hat.data != small.read("bad good").y_hat.data


@pytest.mark.parametrize("text", ["", "   ", "?!"])
def test_sentence_without_a_word_is_refused(small, text):
    with pytest.raises(ValueError, match="no word"):
        small.read(text)


@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("offset", [0.0, 30.0, 50.0, 1000.0, -1000.0], ids="s + {}".format)
def test_loss_is_the_cross_entropy_even_where_y_hat_is_rounded_to_0_or_1(small, label, offset):
    parameter(small, "b_o[0]").data = offset
    reading = small.read("good bad")
    s = reading.s.data if label == 1 else -reading.s.data
    expected = max(-s, 0.0) + math.log1p(math.exp(-abs(s)))       # −log σ(s)
    # of 1 − ŷ, as the lecture writes it, near 1 only the digits that ŷ has are left
    rounding = 2.0**-53 / min(reading.y_hat.data, 1 - reading.y_hat.data) if 0 < reading.y_hat.data < 1 else 0
    assert small.loss(reading, label).data == pytest.approx(expected, rel=1e-12, abs=1e-15 + 2 * rounding)


# ---------------------------------------------------------------------- training


def test_training_learns_to_judge_sentences_it_has_not_seen(run):
    model, reports, held_out = run
    positive = sum(row.label for row in held_out) / len(held_out)
    chance = max(positive, 1 - positive)
    assert model.accuracy(held_out) >= chance + 0.15
    assert reports[-1].loss < 0.6 * reports[0].loss


@pytest.mark.parametrize("offset", [-2, -0.6, 0, 0.6, 2])
def test_accuracy_is_the_share_of_the_rows_on_the_right_side(small, offset):
    parameter(small, "b_o[0]").data += offset         # ŷ on both sides of 1/2, near it and far
    rows = [Labelled("good", 1), Labelled("bad naïve", 0), Labelled("zebra", 1), Labelled("good bad", 0)]
    right = [(small.read(text).y_hat.data > 0.5) == bool(label) for text, label in rows]
    assert small.accuracy(rows) == sum(right) / len(rows)
    assert small.accuracy([Labelled(text, 1 - label) for text, label in rows]) == 1 - small.accuracy(rows)


def test_training_is_reproducible_by_its_seed_to_the_bit(run):
    again, reports, _ = trained(seed=0)
    assert answers(again) == answers(run[0])
    assert [report.loss for report in reports] == [report.loss for report in run[1]]
    assert answers(trained(seed=1, epochs=1)[0]) != answers(trained(seed=0, epochs=1)[0])


def test_training_does_not_depend_on_gradients_that_were_there_before():
    learn, held_out = split(default_sentences(), seed=0)
    clean, littered = fresh(learn), fresh(learn)
    for value in littered.rnn.parameters():
        value.grad = 5.0
    for model in (clean, littered):
        list(train(model, learn, held_out, epochs=1, seed=0))
    assert answers(littered) == answers(clean)


def test_training_does_not_depend_on_the_global_random_state_or_touch_it():
    def run_with(state: int):
        random.seed(state)
        model, _, _ = trained(epochs=1)
        return answers(model), random.random()

    (first, drawn), (second, _) = run_with(1), run_with(2)
    random.seed(1)
    assert first == second and drawn == random.random()


def test_training_is_the_same_in_every_process(tmp_path):
    """Sets and dicts are ordered anew under another hash seed; the saved model must not notice."""
    for hash_seed in ("1", "2"):
        command = [sys.executable, "-m", "minigrad", "train", "--epochs", "1", "--save", f"{hash_seed}.json"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": hash_seed}
        subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "2.json").read_bytes()


def test_reports_go_forward_and_end_every_epoch(run):
    _, reports, _ = run
    places = [(report.epoch, report.done) for report in reports]
    assert places == sorted(places) and len(set(places)) == len(places)
    assert [epoch for epoch, done in places if done == 1] == list(range(1, EPOCHS + 1))
    assert all(0 < report.done <= 1 and report.loss > 0 and report.speed > 0 for report in reports)


def test_stopping_in_the_middle_of_an_epoch_keeps_a_model_that_has_learned_and_works(tmp_path):
    learn, held_out = split(default_sentences(), seed=0)
    model, untouched = fresh(learn), fresh(learn)
    for report in train(model, learn, held_out, epochs=EPOCHS, seed=0):
        if report.epoch == 2 and report.done < 1:
            break
    assert answers(model) != answers(untouched)
    model.save(tmp_path / "model.json")
    assert answers(Sentiment.load(tmp_path / "model.json")) == answers(model)


def test_stopping_and_reading_on_comes_to_the_same_end(run):
    """A report changes nothing: after k epochs of many, the model is the one of k epochs."""
    learn, held_out = split(default_sentences(), seed=0)
    model = fresh(learn)
    for report in train(model, learn, held_out, epochs=EPOCHS + 5, seed=0):
        if report.epoch == EPOCHS and report.done == 1:
            break
    assert answers(model) == answers(run[0])


def test_even_an_absurd_learning_rate_reports_finite_losses():
    learn, held_out = split(default_sentences(), seed=0)
    reports = train(fresh(learn), learn, held_out, epochs=2, lr=1e308, seed=0)
    try:
        losses = [report.loss for report in reports]
    except (ArithmeticError, ValueError):
        return                                                    # to stop and say so is as good
    assert all(math.isfinite(loss) for loss in losses)


def test_the_score_is_the_mean_loss_and_the_share_on_the_right_side(small):
    """−log σ(s) for a positive sentence and −log σ(−s) for a negative one, in plain floats"""
    rows = [Labelled("good bad", 1), Labelled("bad naïve", 0), Labelled("zebra", 1), Labelled("don't good", 0)]
    toward = [small.read(text).s.data * (1 if label else -1) for text, label in rows]
    loss, accuracy = small.score(small.indexed(rows))
    assert loss == pytest.approx(sum(math.log(1 + math.exp(-s)) for s in toward) / 4, rel=1e-13)
    assert accuracy == sum(s > 0 for s in toward) / 4


def test_the_losses_of_four_epochs_are_those_of_the_same_model_in_pytorch():
    """Batches of 5, 5 and 2, the first clipped; Embedding, RNN, Linear and Adam of PyTorch 2.13, in float64, from the
    same weights in the same order: (training loss, held-out loss)"""
    expected = [
        (0.7829783530856776, 0.7148462553221502), (0.742185627229938, 0.6936547678589815),
        (0.693983475428909, 0.6922853679621418), (0.6978466360192588, 0.6922637507288542),
    ]  # fmt: skip
    endings = [("was good", 1), ("was not good", 0), ("was bad", 0), ("was not bad", 1)]
    rows = [Labelled(f"{a} {b} {c}", y) for a in ("the", "this") for b in ("film", "meal") for c, y in endings]
    reports = train(fresh(rows, 3, seed=2), rows[:12], rows[12:], epochs=4, lr=0.1, batch=5, seed=7)
    found = [(report.loss, report.held_out.loss) for report in reports if report.held_out and report.done == 1]
    assert [x for pair in found for x in pair] == pytest.approx([x for pair in expected for x in pair], rel=1e-13)


def overfitted(epochs=20, patience=10, stop=None):
    """(model, the answers and the held-out loss after each whole epoch) of a run that learns its sentences by heart.
    stop(report) → whether the reports are read no further"""
    learn, held_out = split(default_sentences(), seed=0)
    model, seen = fresh(learn), []
    for report in train(model, learn, held_out, epochs=epochs, patience=patience):
        if report.held_out and report.done == 1:
            seen.append((report.held_out.loss, answers(model)))
        if stop and stop(report):
            break
    return model, seen, held_out


def test_the_model_ends_as_it_was_after_the_epoch_with_the_lowest_held_out_loss():
    model, seen, held_out = overfitted()
    lowest, best = min(seen)
    assert answers(model) == best != seen[-1][1]
    score = model.score(model.indexed(held_out))
    assert model.training == Training(0, 0.05, 4, seen.index((lowest, best)) + 1, *score) and score.loss == lowest


@pytest.mark.parametrize("patience", [1, 2, 5])
def test_training_ends_once_patience_epochs_brought_no_lower_held_out_loss(patience):
    _, seen, _ = overfitted(epochs=50, patience=patience)
    losses = [loss for loss, _ in seen]
    waited = [k - losses.index(min(losses[: k + 1])) for k in range(len(losses))]      # epochs since the lowest
    assert waited[-1] == patience and max(waited[:-1]) < patience


@pytest.mark.parametrize("done", [0.2, 1], ids=["in the middle of an epoch", "at the end of one"])
def test_reports_read_no_further_leave_the_best_model_so_far(done):
    model, seen, _ = overfitted(stop=lambda report: report.epoch == 13 and report.done >= done)
    assert len(seen) == 12 + (done == 1) and answers(model) == min(seen)[1] != seen[-1][1]


@pytest.mark.parametrize("batches", [1, 30, 49, 50, 99, 700])
def test_ctrl_c_in_any_batch_keeps_the_best_model_so_far(monkeypatch, batches):
    """50 batches make an epoch; before the first has ended, the model keeps what it has learned."""
    step, calls = sentiment.train_step, 0
    learned: list = ["nothing yet"]

    def interrupted(model, *given):
        nonlocal calls
        if calls == batches:
            raise KeyboardInterrupt
        calls += 1
        total = step(model, *given)
        learned.append(answers(model))
        return total

    monkeypatch.setattr(sentiment, "train_step", interrupted)
    learn, held_out = split(default_sentences(), seed=0)
    model, losses = fresh(learn), []
    with pytest.raises(KeyboardInterrupt):
        for report in train(model, learn, held_out, epochs=20):
            losses += [report.held_out.loss] if report.held_out and report.done == 1 else []
    best = 50 * (losses.index(min(losses)) + 1) if losses else batches
    assert answers(model) == learned[best]
    assert (model.training.epochs if model.training else 0) == (best // 50 if losses else 0)


def test_every_sentence_is_cut_into_words_once(monkeypatch):
    learn, held_out = split(default_sentences(), seed=0)
    model, cut = fresh(learn), []

    def counted(text: str) -> list[str]:
        cut.append(text)
        return tokens(text)

    monkeypatch.setattr("minigrad.text.tokens", counted)
    list(train(model, learn, held_out, epochs=3))
    assert sorted(cut) == sorted(row.text for row in default_sentences())


def test_a_loss_that_is_not_finite_is_refused(small):
    parameter(small, "b_o[0]").data = parameter(small, "w_o[0][0]").data = parameter(small, "w_o[0][1]").data = 1e308
    parameter(small, "b_h[0]").data = parameter(small, "b_h[1]").data = 10.0
    with pytest.raises(OverflowError, match="with a lower learning rate"):
        small.score([([1, 2], 0)])


# ---------------------------------------------------------------------- saving and loading


def test_loaded_model_is_the_saved_one_to_the_bit(run, tmp_path):
    model, _, held_out = run
    model.save(tmp_path / "model.json")
    loaded = Sentiment.load(tmp_path / "model.json")
    assert answers(loaded) == answers(model)
    assert all(loaded.read(text).y_hat.data == model.read(text).y_hat.data for text, _ in held_out)
    assert loaded.vocabulary.words == model.vocabulary.words
    assert loaded.training == model.training == Training(0, 0.05, 4, *(model.training or ())[3:])
    loaded.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "model.json").read_bytes()


@pytest.mark.parametrize("number", [-0.0, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, -1 / 3])
def test_every_float_survives_saving(small, tmp_path, number):
    parameter(small, "b_h[0]").data = number
    small.save(tmp_path / "model.json")
    assert parameter(Sentiment.load(tmp_path / "model.json"), "b_h[0]").data.hex() == number.hex()


def test_loaded_model_can_be_trained_further(small, tmp_path):
    small.save(tmp_path / "model.json")
    rows = [Labelled("good", 1), Labelled("bad", 0)]
    models = small, Sentiment.load(tmp_path / "model.json")
    for model in models:
        list(train(model, rows, rows, epochs=3, seed=0))
    assert answers(models[0]) == answers(models[1])


def test_unwritable_place_keeps_the_old_model(small, tmp_path, monkeypatch):
    path = tmp_path / "model.json"
    small.save(path)
    before = path.read_bytes()
    monkeypatch.setattr("minigrad.files.os.replace", lambda *names: (_ for _ in ()).throw(OSError("no")))
    parameter(small, "b_h[0]").data = 7.0
    with pytest.raises(OSError):
        small.save(path)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["model.json"]


def refusal_of(path: Path) -> str:
    """The complaint about a model file, which names the file, in one line"""
    with pytest.raises(ValueError) as caught:
        Sentiment.load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and "\n" not in message
    return message


@pytest.mark.parametrize("share", [0, 0.01, 0.3, 0.5, 0.9, 0.99])
def test_truncated_model_is_refused(small, tmp_path, share):
    path = tmp_path / "model.json"
    small.save(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    refusal_of(path)


@pytest.mark.parametrize(
    "content",
    [b"[]", b"null", b"1", b'"text"', b"{}", b'{"format": "other"}', b"good\t1\n", b"\x89PNG\r\n\x1a\n", b"\xff\xfe",
     b"[" * 100_000, b"9" * 5_000],
    ids=lambda content: repr(content[:12]),
)
def test_file_that_is_no_model_is_refused(tmp_path, content):
    path = tmp_path / "model.json"
    path.write_bytes(content)
    refusal_of(path)


def damaged(small: Sentiment, path: Path, place: list[str], damage) -> Path:
    """A saved model in which one place was overwritten, or taken out (damage = "taken out")"""
    small.save(path)
    content = json.loads(path.read_text(encoding="utf-8"))
    holder = content
    for key in place[:-1]:
        holder = holder[key]
    assert place[-1] in holder
    if damage == "taken out":
        del holder[place[-1]]
    else:
        holder[place[-1]] = damage
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "damage",
    [math.nan, math.inf, -math.inf, None, "0.5", True, [0.5], {}, 10**400, "taken out"],
    ids=lambda damage: str(damage)[:9],
)
def test_parameter_that_is_missing_or_no_finite_number_is_refused(small, tmp_path, damage):
    refusal_of(damaged(small, tmp_path / "model.json", ["parameters", "w_h[0][1]"], damage))


@pytest.mark.parametrize("key", ["format", "hidden_size", "vocabulary", "parameters"])
@pytest.mark.parametrize("damage", ["taken out", None, 7, "text", [], {}], ids=str)
def test_damaged_head_is_refused(small, tmp_path, key, damage):
    refusal_of(damaged(small, tmp_path / "model.json", [key], damage))


@pytest.mark.parametrize("field", Training._fields)
@pytest.mark.parametrize("damage", ["taken out", None, "1", True, [], math.nan], ids=str)
def test_damaged_training_is_refused(small, tmp_path, field, damage):
    small.training = Training(0, 0.05, 4, 8, 0.5, 0.75)
    assert "training" in damaged(small, tmp_path / "model.json", ["training", field], damage).read_text()
    refusal_of(tmp_path / "model.json")


@pytest.mark.parametrize("damage", [{}, [], 7, "text", dict.fromkeys((*Training._fields, "extra"), 1)], ids=str)
def test_training_that_is_none_is_refused(small, tmp_path, damage):
    assert "its training must be null, or hold seed, lr" in refusal_of(
        damaged(small, tmp_path / "model.json", ["training"], damage)
    )


@pytest.mark.parametrize(
    "words",
    [["good", "bad", "naïve"], ["good", "bad", "naïve", "good"], ["good", "bad", "naïve", 4], "four",
     {"good": 1, "bad": 2, "naïve": 3, "don't": 4}],
    ids=["too few", "one twice", "a number", "a text", "an object"],
)
def test_vocabulary_must_be_a_list_of_different_words_that_fits_the_weights(small, tmp_path, words):
    refusal_of(damaged(small, tmp_path / "model.json", ["vocabulary"], words))


def test_missing_key_and_file_are_named(small, tmp_path):
    assert "hidden_size" in refusal_of(damaged(small, tmp_path / "model.json", ["hidden_size"], "taken out"))
    with pytest.raises(FileNotFoundError, match="missing"):
        Sentiment.load(tmp_path / "missing.json")
    with pytest.raises(IsADirectoryError):
        Sentiment.load(tmp_path)


# ---------------------------------------------------------------------- settings


def test_what_a_model_was_trained_with_can_be_saved_whatever_kind_of_number_the_rate_is(tmp_path):
    learn, held_out = split(default_sentences()[:40], 0)
    model = fresh(learn, hidden_size=2)
    list(train(model, learn, held_out, epochs=1, lr=Fraction(1, 20)))  # type: ignore[arg-type]
    model.save(tmp_path / "model.json")
    assert Sentiment.load(tmp_path / "model.json").training == model.training
    assert model.training is not None and model.training.lr == 0.05


@pytest.mark.parametrize("wrong", [{"batch": -1}, {"batch": 0}, {"batch": 4.0}, {"seed": "x"}], ids=str)
def test_a_setting_that_cannot_be_is_refused_before_anything_is_learned(wrong):
    learn, held_out = split(default_sentences()[:40], 0)
    model = fresh(learn, hidden_size=2)
    before = answers(model)
    with pytest.raises(ValueError, match=r"batch is .* and seed is"):
        list(train(model, learn, held_out, epochs=1, **wrong))
    assert answers(model) == before and model.training is None


def test_training_on_nothing_or_without_held_out_sentences_is_refused_at_once():
    learn, held_out = split(default_sentences()[:40], 0)
    model = fresh(learn, hidden_size=2)
    for rows, unseen in (([], held_out), (learn, [])):
        with pytest.raises(ValueError, match=f"train: {len(rows)} sentences .* {len(unseen)} held out"):
            list(train(model, rows, unseen))


def test_a_vocabulary_holds_no_word_twice_because_a_model_of_it_could_not_be_loaded():
    with pytest.raises(ValueError, match="holds a word twice"):
        Vocabulary(["film", "good", "film"])
