"""Damage, at random from fixed seeds: files of sentences, saved models, arguments; and interruption at every moment.

Whatever comes in, what goes out is an answer, or one line that names the file; a file is the old one or the new one.
A failure prints the case, to be pasted.
"""

import csv
import gzip
import io
import json
import math
import os
import random
import re
import shlex
import signal
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest
from conftest import ROOT

from minigrad.cli.main import main
from minigrad.draw import DrawingError, engines
from minigrad.files import write_whole
from minigrad.sentiment import Sentiment
from minigrad.text import Labelled, Vocabulary, read_labelled, tokens

LONGEST = 400                                         # characters of a complaint about a file with a short name
TEXTS = [
    "plain words", "a comma, and another,", 'she said "good" twice', "it’s naïve – ½ 日本語", "1 0", "{[braces]} \\n",
    "a next-line\x85inside", "a separator\u2028inside", "text", "label", "é" * 30,
]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch) -> Path:
    """An empty directory, the current one: every name in this file is relative"""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check_complaint(error: BaseException, path: str, case: str) -> str:
    """One printable line, not too long, that starts with the path; gives the rest"""
    message = str(error)
    assert type(error) is ValueError, f"{error!r} for {case}"
    assert message.startswith(f"{path}: "), f"{message!r} for {case}"
    assert message.isprintable(), f"{message!r} for {case}"
    assert len(message) < LONGEST, f"{len(message)} characters, {message!r}, for {case}"
    return message.removeprefix(f"{path}: ")


# ---------------------------------------------------------------------- random damage


def flipped(content: bytes, source: random.Random) -> bytes:
    place = source.randrange(len(content) or 1)
    return content[:place] + bytes([source.randrange(256)]) + content[place + 1 :]


def inserted(content: bytes, source: random.Random) -> bytes:
    place = source.randrange(len(content) + 1)
    letters = [b"\0", b"\t", b"\n", b"\r", b'"', b",", b"\xff", b"[", b"\\", b"{", source.randbytes(5)]
    return content[:place] + source.choice(letters) + content[place:]


def without_a_part(content: bytes, source: random.Random) -> bytes:
    first, last = sorted(source.randrange(len(content) + 1) for _ in range(2))
    return content[:first] + content[last:]


def with_a_part_twice(content: bytes, source: random.Random) -> bytes:
    first, last = sorted(source.randrange(len(content) + 1) for _ in range(2))
    return content[:last] + content[first:]


def truncated(content: bytes, source: random.Random) -> bytes:
    return content[: source.randrange(len(content) + 1)]


def encoded_anew(content: bytes, source: random.Random) -> bytes:
    encoding = source.choice(["utf-16", "utf-16-le", "utf-32", "utf-7", "latin-1", "cp1252", "utf-8-sig", "shift-jis"])
    return content.decode(errors="replace").encode(encoding, errors="replace")


def with_other_ends_of_lines(content: bytes, source: random.Random) -> bytes:
    return content.replace(b"\n", source.choice([b"\r", b"\r\n", b"\n\n", b"\0", b" ", b"\n\r"]))


def with_a_huge_part(content: bytes, source: random.Random) -> bytes:
    place = source.randrange(len(content) + 1)
    return content[:place] + source.choice([b"x", b"9", b"[", b'"', b"\t", b" ", b"\0"]) * 150_000 + content[place:]


DAMAGES = [flipped, inserted, without_a_part, with_a_part_twice, truncated, encoded_anew, with_other_ends_of_lines]


def damaged(content: bytes, source: random.Random) -> bytes:
    kind = source.random()
    if kind < 0.02:
        return with_a_huge_part(content, source)
    if kind < 0.06:
        binary = source.randbytes(source.randrange(300))
        return source.choice([b"", binary, gzip.compress(content, mtime=0), b"\x89PNG\r\n\x1a\n"])
    if kind < 0.1:                                    # letters of every kind, in good UTF-8
        return "".join(chr(source.randrange(source.choice([256, 0xD800]))) for _ in range(200)).encode()
    for _ in range(source.randint(1, 3)):
        content = source.choice(DAMAGES)(content, source)
    return content


# ---------------------------------------------------------------------- files of labelled sentences


def written(suffix: str, rows) -> bytes:
    """As other programs write rows of (text, label): the standard library's csv and json"""
    if suffix == ".tsv":
        return "".join(f"{text}\t{label}\n" for text, label in rows).encode()
    if suffix == ".json":
        return json.dumps(rows, ensure_ascii=False, indent=0).encode()
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def some_rows(source: random.Random) -> list:
    return [(source.choice(TEXTS), source.randint(0, 1)) for _ in range(source.randint(1, 12))]


WHOLE_FILE = ("the file has no labelled sentences", "it must be a list", "maximum recursion", "Exceeds the limit")


@pytest.mark.parametrize("suffix", [".tsv", ".csv", ".json"])
def test_damaged_sentences_are_rows_or_one_line_that_names_the_file_and_the_place(suffix):
    source, path, read = random.Random(1), Path(f"rows{suffix}"), 0
    for _ in range(600):
        content = damaged(written(suffix, some_rows(source)), source)
        case = f"{path}: {content[:600]!r}"
        path.write_bytes(content)
        try:
            rows = read_labelled(path)
        except Exception as error:
            complaint = check_complaint(error, str(path), case)
            places = [int(place) for place in re.findall(r"\b(?:line|item) (\d+)\b", complaint)]
            assert places or complaint.startswith(WHOLE_FILE), f"{complaint!r} names no place for {case}"
            most = 1 + content.count(b"\n") + content.count(b"\r") + content.count(b",")
            assert all(1 <= place <= most for place in places), f"{complaint!r} for {case}"
        else:
            read += 1
            assert rows and all(tokens(text) and type(label) is int and label in (0, 1) for text, label in rows), case
    assert 50 < read < 550                          # the damage is neither nothing nor all


@pytest.mark.parametrize("suffix", [".tsv", ".csv", ".json"])
def test_bad_rows_among_good_ones_are_named_by_their_places_and_no_others(suffix):
    source, path = random.Random(2), Path(f"rows{suffix}")
    bad_labels = ["", "2", "-1", "yes", "1.0", "01", "\x1b[2J", "\U000f0000" * 40, "0" * 100]
    for _ in range(200):
        rows = some_rows(source)
        bad = sorted(source.sample(range(len(rows)), source.randint(1, len(rows))))
        for k in bad:
            rows[k] = source.choice([("?!", 1), (rows[k][0], source.choice(bad_labels))])
        path.write_bytes(written(suffix, rows))
        with pytest.raises(ValueError) as caught:
            read_labelled(path)
        complaint = check_complaint(caught.value, str(path), repr(rows))
        assert [int(place) - 1 for place in re.findall(r"(?:^|; )(?:line|item) (\d+) ", complaint)] == bad[:5], rows
        assert ("more" in complaint) == (len(bad) > 5)


def test_json_nested_to_any_depth_is_one_line():
    """Near the recursion limit, where json can still read what repr may not be able to write"""
    for depth in range(1, 1200, 11):
        for inside in ("[" * depth + "]" * depth, '{"a":' * depth + "0" + "}" * depth):
            Path("rows.json").write_text(f'[["good", {inside}]]')
            with pytest.raises(ValueError) as caught:
                read_labelled("rows.json")
            check_complaint(caught.value, "rows.json", f"depth {depth}")


# ---------------------------------------------------------------------- saved models


def small(hidden_size: int) -> Sentiment:
    return Sentiment(Vocabulary(["good", "bad", "naïve"]), hidden_size, seed=3)


@pytest.fixture(params=[1, 2], ids="hidden_size {}".format)
def saved(request) -> bytes:
    """The content of a small saved model"""
    small(request.param).save("model.json")
    return Path("model.json").read_bytes()


def refusal_of(content: bytes) -> str:
    """What loading a model of this content complains about, or "" if it loads, and then it answers"""
    path, case = Path("model.json"), f"model.json: {content[:2000]!r}"
    path.write_bytes(content)
    try:
        model = Sentiment.load(path)
    except Exception as error:
        return check_complaint(error, str(path), case)
    y_hat = model.read("good zebra bad").y_hat.data
    assert type(y_hat) is float and 0 <= y_hat <= 1, f"ŷ = {y_hat} of {case}"
    return ""


def test_model_truncated_anywhere_is_refused(saved):
    whole = len(saved.rstrip())
    assert all(refusal_of(saved[:length]) for length in range(whole))
    assert not refusal_of(saved[:whole])


def test_model_with_a_bit_of_any_byte_flipped_is_refused_or_answers(saved):
    source, refused = random.Random(3), 0
    for place, byte in enumerate(saved):
        refused += bool(refusal_of(saved[:place] + bytes([byte ^ 1 << source.randrange(8)]) + saved[place + 1 :]))
    assert 0.3 * len(saved) < refused < len(saved)


def test_damaged_model_is_refused_or_answers(saved):
    source = random.Random(4)
    for _ in range(400):
        refusal_of(damaged(saved, source))


STRANGERS: list = [
    None, True, False, 0, 1, 2, -1, 3.0, 0.5, 1e308, -1e308, 5e-324, math.inf, math.nan, 10**18, 10**400, -(10**18), "",
    "good", "2", "\ud800", "\0", "x" * 10_000, [], [1], ["good", "bad", "naïve"], {}, {"a": 1}, [[[]]],
]


def places_in(tree) -> list[list]:
    """The ways to everything in a JSON tree: [], ["vocabulary"], ["vocabulary", 0], …"""
    keys = list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else []
    return [[], *([key, *way] for key in keys for way in places_in(tree[key]))]


def changed(content: bytes, way: list, change) -> bytes:
    """The JSON text in which change(holder, key) was carried out on the place at the end of the way"""
    tree = {"root": json.loads(content)}
    holder, keys = tree, ["root", *way]
    for key in keys[:-1]:
        holder = holder[key]
    change(holder, keys[-1])
    return json.dumps(tree.get("root")).encode()


def test_model_with_anything_in_the_place_of_anything_is_refused_or_answers(saved):
    for way in places_in(json.loads(saved)):
        for stranger in STRANGERS:
            refusal = refusal_of(changed(saved, way, lambda holder, key: holder.__setitem__(key, stranger)))   # noqa: B023
            assert refusal or way, f"{stranger!r} was loaded as a model"


def test_model_without_any_one_part_is_refused(saved):
    ways = places_in(json.loads(saved))
    assert all(refusal_of(changed(saved, way, lambda holder, key: holder.pop(key))) for way in ways)


def test_model_with_a_key_renamed_or_a_parameter_too_many_is_refused(saved):
    def rename(holder, key):
        holder[f"{key} "] = holder.pop(key)

    ways = [way for way in places_in(json.loads(saved)) if way and isinstance(way[-1], str)]
    assert all(refusal_of(changed(saved, way, rename)) for way in ways)
    assert refusal_of(changed(saved, ["parameters"], lambda holder, key: holder[key].update(extra=1.0)))
    assert refusal_of(changed(saved, ["vocabulary"], lambda holder, key: holder[key].append("extra")))


@pytest.mark.parametrize(
    "head",
    [{"hidden_size": 10**9}, {"hidden_size": 10**4000}, {"hidden_size": -(10**9)}, {"hidden_size": 1e308},
     {"vocabulary": [f"w{k}" for k in range(50_000)]}, {"vocabulary": "w" * 1_000_000},
     {"parameters": {f"w_i[0][{k}]": 1.0 for k in range(50_000)}},
     {"hidden_size": 222, "parameters": {f"w_i[0][{k}]": 1.0 for k in range(222 * 228 + 1)}}],
    ids=lambda head: ", ".join(f"{key} {str(value)[:9] if isinstance(value, (int, float)) else len(value)}"
                               for key, value in head.items()) if isinstance(head, dict) else None,
)
def test_huge_sizes_in_a_model_are_refused_at_once_and_in_little_memory(head):
    small(2).save("model.json")
    content = json.dumps({**json.loads(Path("model.json").read_bytes()), **head}).encode()
    start = time.perf_counter()
    assert refusal_of(content)
    assert time.perf_counter() - start < 2
    tracemalloc.start()
    try:
        refusal_of(content)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000 + 40 * len(content)
    finally:
        tracemalloc.stop()


# ---------------------------------------------------------------------- arguments

SENTENCES = "".join(f"this {thing} is {word}\t{label}\n" for thing in ("film", "book", "song") for word, label in
                    (("good", 1), ("bad", 0)))
FILES = {
    "own.tsv": SENTENCES.encode(),
    "own.json": b'[["good film", 1], ["bad film", 0], ["good", 1], ["bad", 0], ["film", 1]]',
    "own.csv": b"good film,1\nbad film,0\ngood,1\nbad,0\nfilm,1\n",
    "few.tsv": b"good\t1\n", "unlike.tsv": b"a\t1\nb\t0\n" * 3, "latin.tsv": b"caf\xe9\t1\n", "empty.csv": b"",
    "binary.tsv": bytes(range(256)), "broken.json": b'{"format": [', "a file": b"x", "sub/kept.json": b"[]",
    "old.svg": b"<svg old></svg>", "old.gv": b"digraph old {}\n",
}
INPUTS = ["own.tsv", "own.json", "own.csv", "few.tsv", "unlike.tsv", "empty.csv", "latin.tsv", "binary.tsv", "a file",
          "broken.json", "sub", "missing.tsv", "", "two\nlines.tsv", "\0.tsv", "\udcff.tsv", "\ud800.csv", "n" * 300]
NUMBERS = ["0", "1", "0.5", "-1", "-0", "1e-3", "-1e-3", "1e308", "-1e308", "5e-324", "1e400", "nan", "inf", "one", "",
           "1_0", "٣", "0x10", "9" * 5000, " 1", "1,5", "1\n", "\0", "--", "𝟙", "2", "3", "-.5", "700", "-800"]
COUNTS = ["1", "2", "3", "0", "-1", "1.5", "x", "", "1e1", "٣", "9" * 5000, "+2"]
PICTURES = [
    "own.svg", "own.png", "own.pdf", "own.gv", "old.svg", "old.gv", "own.SVG", "own.bmp", "own", "", ".",
    "sub/own.svg", "sub", "missing/own.svg", "a file/own.svg", "directory.svg", "-own.svg", "\0.svg",
    "\udcff.svg", "\ud800.gv", "n" * 300 + ".svg", "two\nlines.svg", "link.svg", "dangling.gv", "...", "é ü.gv",
    "own.tsv.svg", "directory.gv", "%s{}.svg", "null.svg",
]
MODELS = ["model.json", "broken.json", "own.json", "own.tsv", "sub", "missing.json", "", "\0", "\ud800", "binary.tsv"]
SAVES = [
    "new.json", "model.json", "own.tsv", "sub/new.json", "sub", "missing/new.json", "a file/new.json", "", ".", "\0",
    "\udcff.json", "\ud800", "n" * 300, "link.svg", "-new.json", "two\nlines.json", "null.svg",
]
SAID = ["good", "a bad film", "", "?!", "zebra " * 20, "\0", "\ud800 good", "-good", "--", "<b>good</b>", "a\nb"]
NETWORK = {"--inputs": [NUMBERS] * 3, "--target": [NUMBERS], "--w-i": [NUMBERS], "--w-h": [NUMBERS], "--w-o": [NUMBERS]}
OPTIONS: dict[str, dict[str, list[list[str]]]] = {
    "demo": {"--out": [PICTURES]},
    "unroll": {**NETWORK, "--out": [PICTURES]},
    "train": {"--hidden": [COUNTS], "--epochs": [COUNTS], "--lr": [NUMBERS], "--batch": [COUNTS], "--seed": [COUNTS],
              "--patience": [COUNTS], "--save": [SAVES], "--curve": [PICTURES]},
    "predict": {"--label": [["0", "1", "1", "0", "2", "x", ""]], "--out": [PICTURES]},
    "vanish": {"--steps": [COUNTS], "--w-h": [NUMBERS] * 2, "--out": [PICTURES],
               "--activation": [["tanh", "relu", "identity", "sigmoid", "bogus", ""]]},
    "step": NETWORK,
}
PLACES = {"train": [INPUTS], "predict": [MODELS, SAID]}
JUNK = [
    "--bogus", "-h", "--help", "--version", "--", "-", "", "bogus", "demo", "doctor", "train", "--o", "--w", "--out=",
    "-1", "--hidden=2", "--out=own.gv", "\0", "\ud800", "two\nlines", "@file", "%(prog)s", "--save=new.json",
]


def soup(source: random.Random) -> list[str]:
    """Arguments that are mostly of the right shape, with values of every kind"""
    command = source.choice(list(OPTIONS))
    words = [command]
    for kinds in PLACES.get(command, []):
        if source.random() < 0.95:                    # the first of a kind is a good one
            words.append(kinds[0] if source.random() < 0.6 else source.choice(kinds))
    for option, values in OPTIONS[command].items():
        if source.random() < (0.9 if option == "--inputs" else 0.4):
            words.append(option[: source.randint(3, len(option))] if source.random() < 0.05 else option)
            words += [source.choice(kinds[:3] if source.random() < 0.7 else kinds) for kinds in values]
    while source.random() < 0.15:
        words.insert(source.randrange(len(words) + 1), source.choice(JUNK))
    if source.random() < 0.03:
        words = [source.choice(JUNK) for _ in range(source.randint(0, 4))]
    if words[:1] == ["vanish"] and "--steps" not in words:
        words += ["--steps", "3"]
    return words


def lay_out() -> None:
    for name in ("sub", "directory.svg", "directory.gv"):
        Path(name).mkdir(exist_ok=True)
    for name, content in FILES.items():
        Path(name).write_bytes(content)
    small(2).save("model.json")
    for name, target in (("link.svg", "sub/linked.svg"), ("dangling.gv", "nowhere/own.gv"), ("null.svg", "/dev/null")):
        Path(name).symlink_to(target)


def contents() -> dict[str, bytes | str]:
    """{path: content of a file, target of a link, "" for a directory}, of everything below the current directory"""
    return {str(path): os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else ""
            for path in Path(".").rglob("*")}


def restore(before: dict[str, bytes | str], after: dict[str, bytes | str]) -> None:
    for name in sorted(after.keys() - before.keys(), reverse=True):          # what is in a directory before it
        (Path(name).rmdir if after[name] == "" and not Path(name).is_file() else Path(name).unlink)()
    for name, content in before.items():
        if isinstance(content, bytes) and after[name] != content:
            Path(name).write_bytes(content)


KEYS = [b"n\n", b"\n", b"b\n", b"g o_2\n", b"g w_h\n", b"p\n", b"h\n", b"bogus\n", b"g\n", b"\0\n", "g ∂\n".encode()]
DEFAULTS = ["minigrad-demo", "unrolled", "vanish", "sentence"]
WRITTEN = {".svg": b"<svg style", ".png": b"\x89PNG", ".pdf": b"%PDF", ".gv": b"digraph",
           ".html": b"<!doctype html>"}


@pytest.fixture
def engine(monkeypatch):
    """An engine that draws at once, or at random fails; and few sentences in the place of the package's own"""
    source = random.Random(5)

    def render(text: str, form: str, seconds: float = 60) -> bytes:
        text.encode()
        if source.random() < 0.1:
            raise DrawingError("dot could not draw the picture: it gave no reason")
        return {"svg": b"<svg ></svg>", "png": b"\x89PNG", "pdf": b"%PDF"}[form]

    rows = [Labelled(text, int(label)) for text, label in (line.split("\t") for line in SENTENCES.splitlines())]
    monkeypatch.setattr(engines, "render", render)
    monkeypatch.setattr("minigrad.sentiment.default_sentences", lambda: rows)


@pytest.mark.parametrize("seed", range(4))
def test_any_arguments_are_status_0_1_or_2_and_one_line_at_most_and_whole_files(engine, monkeypatch, capsys, seed):
    source = random.Random(seed)
    lay_out()
    before = contents()
    seen = {0: 0, 1: 0, 2: 0}
    for _ in range(150):
        words = soup(source)
        case = f"minigrad {shlex.join(words)[:600]}\n{words!r:.900}"
        keys = b"".join(source.choices(KEYS, k=6)) + source.choice([b"", b"q\n", b"\xff\n"])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(keys), "utf-8"))
        capsys.readouterr()
        try:
            status: object = main(words)
        except SystemExit as stopped:
            status = stopped.code
        except Exception as error:
            raise AssertionError(f"{error!r} for {case}") from error
        out, err = capsys.readouterr()
        assert status in (0, 1, 2), f"status {status!r} for {case}"
        seen[int(str(status))] += 1
        assert "Traceback" not in out + err, case
        if status == 0:
            assert err == "" and out, f"{err!r} for {case}"
        else:
            assert err.endswith("\n") and err.count("\n") == 1 and len(err) > 12, f"{err!r} for {case}"
            assert len(err) < LONGEST + max(map(len, words)), f"{err!r} for {case}"
        after = contents()
        asked = [*words, *DEFAULTS, *(["linked"] if "link.svg" in words else [])]
        for name in (name for name in after if after[name] != before.get(name)):
            content = after[name]
            assert not re.match(r"\.\S+-", Path(name).name), f"{name!r} was left over by {case}"
            assert "demo" in words or any(Path(name).stem in word for word in asked), f"{name!r} by {case}"
            if isinstance(content, bytes) and content.startswith(b"{"):
                Sentiment.load(name)                  # what was learned can be read again, however badly it went
            elif isinstance(content, bytes):
                assert content.startswith(WRITTEN[Path(name).suffix.lower()]), f"{name!r}: {content[:50]!r} by {case}"
        assert before.keys() <= after.keys(), case
        restore(before, after)
    assert min(seen.values()) > 10, seen


@pytest.mark.parametrize("words", [["--", "model.json", "--"], ["--", "--", "good"]], ids=" ".join)
def test_second_double_dash_is_a_value_or_bad_use(capsys, words):
    """argparse gives [] for it, before Python 3.13"""
    small(2).save("model.json")
    try:
        status: object = main(["predict", *words])
    except SystemExit as stopped:
        status = stopped.code
    assert status in (1, 2) and capsys.readouterr().err.count("\n") == 1


@pytest.mark.skipif(os.name != "posix", reason="the limit on the length of a name is another elsewhere")
def test_picture_and_model_can_have_the_longest_name_that_the_disk_takes(engine):
    longest = os.pathconf(".", "PC_NAME_MAX")
    picture, model = "n" * (longest - 4) + ".svg", "n" * (longest - 5) + ".json"
    Path(picture).write_bytes(b"")                    # it does take it
    assert main(["unroll", "--inputs", "1", "--out", picture]) == 0
    small(1).save(model)
    assert sorted(os.listdir()) == sorted([model, picture])


# ---------------------------------------------------------------------- interrupted, and out of space


def interrupted_at(moment: int, work) -> bool:
    """Runs work(), with Ctrl-C at the call or return of that number, in whatever function; whether it came to that"""
    count = 0

    def at_a_call_or_return(frame, event, argument):
        nonlocal count
        count += frame.f_code is not interrupted_at.__code__
        if count == moment:
            sys.setprofile(None)
            raise KeyboardInterrupt

    kept = sys.getprofile()
    sys.setprofile(at_a_call_or_return)
    try:
        work()
    except KeyboardInterrupt:
        return True
    finally:
        sys.setprofile(kept)
    return False


@pytest.mark.parametrize("old", [None, b"old"], ids=["new file", "over an old one"])
def test_ctrl_c_at_any_moment_of_writing_leaves_the_old_file_or_the_new_one_and_nothing_else(old):
    """Python answers a signal when a call begins or has returned: here at each of them in turn"""
    path, new = Path("model.json"), b"new" * 1000
    moment, wrong = 0, []
    interrupted = True
    while interrupted:
        moment += 1
        for name in os.listdir():
            os.unlink(name)
        if old is not None:
            path.write_bytes(old)
        before = os.listdir()
        try:
            interrupted = interrupted_at(moment, lambda: write_whole(path, new))
        except OSError as error:
            wrong.append(f"{moment}: {error!r} in place of the interruption")
        if os.listdir() not in (before, ["model.json"]) or (path.exists() and path.read_bytes() not in (old, new)):
            wrong.append(f"{moment}: {os.listdir()}")
    assert moment > 50 and path.read_bytes() == new
    assert not wrong, f"{len(wrong)} of {moment} moments: {wrong[0]} … {wrong[-1]}"


def environment(**changes: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return {**kept, "PYTHONPATH": f"{os.getcwd()}{os.pathsep}{ROOT}", "PYTHONIOENCODING": "utf-8",
            "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1", **changes}


def started(*arguments: str, **given) -> subprocess.Popen:
    """A run of the command line in the current directory that answers Ctrl-C, also where pytest itself does not"""
    given = {"stdout": subprocess.PIPE, "env": environment(), **given}
    return subprocess.Popen(
        [sys.executable, "-m", "minigrad", *arguments], stderr=subprocess.PIPE, encoding="utf-8",
        start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **given,
    )


def ended(process: subprocess.Popen) -> tuple[int, str, str]:
    """(exit status, output, complaints)"""
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in (out or "") + err and err.count("\n") <= 1, err
    return process.returncode, out, err


def whole_model(path: str, old: bytes) -> bool:
    """Whether there is the old model, or else a new one that answers"""
    return Path(path).read_bytes() == old or 0 <= Sentiment.load(path).read("good film").y_hat.data <= 1


posix = pytest.mark.skipif(os.name != "posix", reason="signals and limits are those of POSIX")


@posix
@pytest.mark.parametrize("hits", [1, 2], ids=["once", "twice"])
def test_ctrl_c_at_any_time_of_training_leaves_a_whole_model(hits):
    Path("own.tsv").write_bytes(FILES["own.tsv"] * 20)
    source, old = random.Random(6), b"old"
    runs = []
    for k in range(4):
        Path(f"model{k}.json").write_bytes(old)
        runs.append(started("train", "own.tsv", "--epochs", "1000000", "--save", f"model{k}.json"))
    for process in runs:
        assert process.stdout is not None
        while not process.stdout.readline().startswith("epoch"):
            assert process.poll() is None
        for _ in range(hits):
            time.sleep(source.uniform(0, 0.05))
            if process.poll() is None:                # the first may have been enough
                process.send_signal(signal.SIGINT)
    for k, process in enumerate(runs):
        status, _, err = ended(process)
        if hits == 1:
            assert status == 0 and err == "" and Path(f"model{k}.json").read_bytes() != old
        assert status in (0, 130, -signal.SIGINT)
        assert whole_model(f"model{k}.json", old)
    assert sorted(os.listdir()) == sorted(["own.tsv", *[f"model{k}.json" for k in range(4)]])


AT_THE_MOVE = """
import os, signal
move = os.replace
def interrupted(*names):
    if {after}:
        move(*names)
    os.kill(os.getpid(), signal.SIGINT)
    if not {after}:
        move(*names)
os.replace = interrupted
"""


@posix
@pytest.mark.parametrize("after", [False, True], ids=["before the move", "after the move"])
@pytest.mark.parametrize(
    "arguments, name",
    [(["train", "own.tsv", "--epochs", "1", "--save", "own.json"], "own.json"),
     (["unroll", "--inputs", "1", "--out", "own.gv"], "own.gv")],
    ids=["model", "picture"],
)
def test_ctrl_c_while_saving_is_an_interruption_and_leaves_a_whole_file(here, arguments, name, after):
    os.mkdir("stub")
    Path("stub/sitecustomize.py").write_text(AT_THE_MOVE.format(after=after))
    Path("own.tsv").write_bytes(FILES["own.tsv"])
    Path(name).write_bytes(b"old")
    stub = os.pathsep.join([str(here / "stub"), str(ROOT)])
    status, _, err = ended(started(*arguments, env=environment(PYTHONPATH=stub)))
    assert (status, err) == (130, "minigrad: interrupted\n")
    assert (Path(name).read_bytes() != b"old") == after
    assert sorted(os.listdir()) == sorted({"stub", "own.tsv", name})


@posix
@pytest.mark.parametrize("whom", ["the program", "the program and its engine"])
def test_ctrl_c_while_drawing_keeps_the_old_picture(here, whom):
    """An engine that never comes to an end, as over a large picture"""
    os.mkdir("bin")
    Path("bin/dot").write_text("#!/bin/sh\n: > drawing\nexec sleep 50\n")
    os.chmod("bin/dot", 0o755)
    Path("own.svg").write_bytes(b"old")
    path = os.pathsep.join([str(here / "bin"), os.environ["PATH"]])
    process = started("unroll", "--inputs", *["0.1"] * 200, "--out", "own.svg", env=environment(PATH=path))
    limit = time.monotonic() + 30
    while not Path("drawing").exists():
        assert process.poll() is None and time.monotonic() < limit
        time.sleep(0.005)
    if whom == "the program":
        process.send_signal(signal.SIGINT)
    else:
        os.killpg(process.pid, signal.SIGINT)         # as a terminal does
    status, _, err = ended(process)
    assert (status, err) == (130, "minigrad: interrupted\n")
    assert Path("own.svg").read_bytes() == b"old" and sorted(os.listdir()) == ["bin", "drawing", "own.svg"]


WITHIN_LIMITS = """
import os, resource, sys
from minigrad.draw import Drawing
from minigrad.sentiment import Sentiment
from minigrad.text import Vocabulary
model = Sentiment(Vocabulary(["good", "bad"]), 2)
for name, save in (("own.json", model.save), ("own.gv", Drawing("digraph {" + "a;" * 200 + "}").save)):
    save(name)
    new = open(name, "rb").read()
    for limit in range(0, len(new) + 20):
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        with open(name, "wb") as file:
            file.write(b"old")
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        try:
            save(name)
            assert limit >= len(new), limit
        except OSError:
            assert limit < len(new), limit
        assert open(name, "rb").read() == (new if limit >= len(new) else b"old"), limit
    print(name, len(new))
print(sorted(os.listdir()))
"""


@posix
def test_disk_that_is_full_after_any_number_of_bytes_keeps_the_old_file():
    done = subprocess.run([sys.executable, "-c", WITHIN_LIMITS], env=environment(), capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[2] == "['own.gv', 'own.json']" and all(int(line.split()[1]) > 400 for line in lines[:2])


@posix
@pytest.mark.parametrize("where", ["full disk", "closed pipe"])
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize(
    "arguments, name",
    [(["train", "own.tsv", "--epochs", "2", "--save", "own.json"], "own.json"),
     (["unroll", "--inputs", "1", "--out", "own.gv"], "own.gv"),
     (["vanish", "--steps", "2", "--out", "own.gv"], "own.gv")],
    ids=lambda given: given[0] if isinstance(given, list) else "",
)
def test_output_that_cannot_be_written_is_at_most_one_line_and_status_1_and_leaves_a_whole_file(
    arguments, name, where, unbuffered
):
    Path("own.tsv").write_bytes(FILES["own.tsv"])
    Path(name).write_bytes(b"old")
    if where == "full disk":
        if not Path("/dev/full").exists():
            pytest.skip("no /dev/full here")
        output = os.open("/dev/full", os.O_WRONLY)
    else:
        ours, output = os.pipe()
        os.close(ours)
    process = started(*arguments, stdout=output, env=environment(PYTHONUNBUFFERED=unbuffered))
    os.close(output)
    status, _, err = ended(process)
    assert status == 1 and err.startswith("minigrad: ") == (where == "full disk")
    if name.endswith(".json"):
        assert whole_model(name, b"old")
    else:
        content = Path(name).read_bytes()
        assert content == b"old" or (content.startswith(b"digraph") and content.rstrip().endswith(b"}"))
    assert sorted(os.listdir()) == sorted({"own.tsv", name})


# ---------------------------------------------------------------------- directories that take nothing


def attempts(directory: str) -> list[list[str]]:
    """What writes into a directory"""
    return [
        ["demo", "--out", directory], ["demo", "--out", f"{directory}/below/deep"],
        ["unroll", "--inputs", "1", "--out", f"{directory}/own.svg"],
        ["vanish", "--steps", "2", "--out", f"{directory}/own.gv"],
        ["train", "--epochs", "1", "--save", f"{directory}/own.json"],
        ["predict", "model.json", "good", "--label", "1", "--out", f"{directory}/own.png"],
    ]


def check_refused(words: list[str], capsys) -> None:
    before = contents()
    capsys.readouterr()
    assert main(words) == 1, words
    err = capsys.readouterr().err
    assert err.startswith("minigrad: ") and err.count("\n") == 1, err
    assert contents() == before, words


@pytest.mark.parametrize("directory", ["a file", "a file/below", "link to a file", "loop", "null/below"])
def test_what_is_no_directory_takes_nothing_and_stays_as_it_was(engine, capsys, directory):
    Path("a file").write_bytes(b"x")
    small(2).save("model.json")
    for name, target in (("link to a file", "a file"), ("loop", "loop"), ("null", "/dev/null")):
        Path(name).symlink_to(target)
    for words in attempts(directory):
        check_refused(words, capsys)


def test_read_only_directory_takes_nothing_and_keeps_what_it_holds(engine, capsys):
    small(2).save("model.json")
    os.mkdir("locked")
    for name in ("own.svg", "own.gv", "own.json", "own.png", "unrolled.svg"):
        Path("locked", name).write_bytes(b"old")
    os.chmod("locked", 0o555)
    if os.access("locked", os.W_OK):
        pytest.skip("nothing is read-only to root")
    try:
        for words in attempts("locked"):
            check_refused(words, capsys)
    finally:
        os.chmod("locked", 0o755)                     # so that pytest can remove it


# ---------------------------------------------------------------------- streams, links, and Ctrl-C while Python starts

AT_AN_IMPORT = """
import os, signal, sys
class Interrupting:
    seen = 0
    def find_spec(self, name, *more):
        if Interrupting.seen or name == "minigrad.cli":
            Interrupting.seen += 1
            if Interrupting.seen == {moment}:
                os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
"""


def interrupted_at_an_import(moment: int) -> subprocess.Popen:
    os.makedirs(f"stub{moment}")
    Path(f"stub{moment}/sitecustomize.py").write_text(AT_AN_IMPORT.format(moment=moment))
    path = os.pathsep.join([os.path.abspath(f"stub{moment}"), str(ROOT)])
    return started("doctor", env=environment(PYTHONPATH=path))


@posix
@pytest.mark.parametrize("moments", [range(1, 9), pytest.param(range(9, 120), marks=pytest.mark.slow)])
def test_ctrl_c_at_any_import_of_the_command_line_is_one_line(moments):
    for moment in moments:
        status, out, err = ended(interrupted_at_an_import(moment))
        if moment > 80 and status == 0:               # there are not as many imports here
            break
        assert (status, out, err) == (130, "", "minigrad: interrupted\n"), moment


COMMANDS = [
    ["demo"], ["unroll", "--inputs", "1", "--out", "own.gv"], ["train", "own.tsv", "--epochs", "1"], ["step"],
    ["vanish", "--steps", "2", "--out", "own.gv"], ["predict", "model.json", "good"], ["doctor"], ["bogus"],
    ["train", "missing.tsv"],
]


@posix
@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)], ids=["stdin", "stdout", "stderr", "all"])
def test_no_command_needs_a_stream(closed):
    """As with `<&-`, `>&-` and `2>&-`"""
    Path("own.tsv").write_bytes(FILES["own.tsv"])
    small(2).save("model.json")
    for words in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-m", "minigrad", *words], env=environment(), capture_output=True, encoding="utf-8",
            stdin=subprocess.DEVNULL, preexec_fn=lambda: os.closerange(closed[0], closed[-1] + 1), check=False,
        )
        expected = {"bogus": 2, "train": 1 if "missing.tsv" in words else 0}.get(words[0], 0)
        assert done.returncode == expected and "Traceback" not in done.stdout + done.stderr, (words, done)
        assert 2 in closed or done.stderr.count("\n") == (expected != 0), (words, done.stderr)


@posix
def test_an_error_stream_that_takes_nothing_changes_no_status():
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    for words, status in ((["bogus"], 2), (["train", "missing.tsv"], 1)):
        with open("/dev/full", "w") as full:
            status_there = subprocess.call([sys.executable, "-m", "minigrad", *words], env=environment(), stderr=full)
        assert status_there == status


@pytest.mark.parametrize(
    "words",
    [["train", "loop.tsv"], ["train", "--save", "loop"], ["train", "--curve", "loop.svg"], ["predict", "loop", "good"],
     ["unroll", "--inputs", "1", "--out", "loop.svg"], ["unroll", "--inputs", "1", "--out", "loop/own.svg"],
     ["demo", "--out", "loop"], ["predict", "model.json", "good", "--label", "1", "--out", "loop.gv"]],
    ids=" ".join,
)
def test_a_link_that_leads_to_itself_is_one_line_that_names_it(engine, capsys, words):
    small(2).save("model.json")
    for name in ("loop", "loop.tsv", "loop.svg", "loop.gv"):
        Path(name).symlink_to(name)
    assert main(words) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "loop" in err and "Errno" not in err
    assert all(Path(name).is_symlink() for name in ("loop", "loop.tsv", "loop.svg", "loop.gv"))
