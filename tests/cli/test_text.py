"""Tokens, the vocabulary, and files of labelled sentences."""

import csv
import json
import random
import unicodedata
from pathlib import Path

import pytest

from minigrad.text import UNKNOWN, Labelled, Vocabulary, read_labelled, tokens

SUFFIXES = [".tsv", ".csv", ".json"]
ONE_LINE = [
    "plain words",
    "a comma, and another,",
    'she said "good" twice',
    '"quoted from end to end"',
    "an apostrophe's tail, and it’s curly",
    "a next-line\x85inside",
    "a line separator\u2028inside",
    "a form feed\x0cinside",
    "a tab\tinside",
    "1\t0",
    "Œuvre naïve – ½ 日本語",
    "{[braces]} \\n and \\t",
]
MANY_LINES = ["one\ntwo", "one\r\ntwo\r\n\r\nthree"]


@pytest.fixture
def file_of(tmp_path):
    """Writes a file of the given suffix and content, and gives its path."""

    def write(suffix: str, content: str | bytes) -> Path:
        path = tmp_path / f"rows{suffix}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def complaint_about(path) -> str:
    """What reading the file complains about, which names the file, in one line"""
    with pytest.raises(ValueError) as caught:
        read_labelled(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and "\n" not in message
    return message.removeprefix(f"{path}: ")


# ---------------------------------------------------------------------- tokens


@pytest.mark.parametrize(
    "text, words",
    [
        ("It isn't bad!", ["it", "isn't", "bad"]),
        ("It isn’t bad", ["it", "isn't", "bad"]),
        ("'quoted' rock'n'roll'", ["quoted", "rock'n'roll"]),
        ("well-made,cheap…good", ["well", "made", "cheap", "good"]),
        ("snake_case 3 of 5", ["snake", "case", "3", "of", "5"]),
        ("Ein Ärgernis, NAÏVE", ["ein", "ärgernis", "naïve"]),
        ("one\ntwo\tthree\x85four\u2028five", ["one", "two", "three", "four", "five"]),
        (" ?! — ' … _", []),
        ("", []),
    ],
)
def test_tokens_are_the_words_in_lower_case_without_punctuation(text, words):
    assert tokens(text) == words


@pytest.mark.parametrize(
    "text, words",
    [
        ("हिन्दी फ़िल्म बहुत अच्छी थी।", ["हिन्दी", "फ़िल्म", "बहुत", "अच्छी", "थी"]),
        ("क्\u200dष श्री\u200c राम", ["क्\u200dष", "श्री", "राम"]),            # a joiner counts inside a word alone
        ("หนังเรื่องนี้ แย่มาก!", ["หนังเรื่องนี้", "แย่มาก"]),                         # Thai writes spaces between phrases
        ("كِتَابٌ جَمِيلٌ، جِدًّا", ["كِتَابٌ", "جَمِيلٌ", "جِدًّا"]),
        ("می\u200cخواهم", ["می\u200cخواهم"]),
        ("Schöne Straße, häß\u00adlich", ["schöne", "straße", "häßlich"]),
        ("Tiếng Việt rất hay", ["tiếng", "việt", "rất", "hay"]),
        ("İstanbul’un", ["i̇stanbul'un"]),                                         # a small i̇ has its dot as a mark
        ("❤️ good 👩\u200d🍳", ["good"]),                                           # a mark on no letter is no word
    ],
    ids=["Hindi", "joiners", "Thai", "Arabic", "Persian", "German", "Vietnamese", "Turkish", "emoji"],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_words_of_every_script_stay_whole_composed_or_decomposed(text, words, form):
    assert tokens(unicodedata.normalize(form, text)) == [unicodedata.normalize("NFC", word) for word in words]


@pytest.mark.parametrize("text", ONE_LINE + MANY_LINES)
def test_tokens_of_tokens_are_the_same_tokens(text):
    assert tokens(" ".join(tokens(text))) == tokens(text) != []


# ---------------------------------------------------------------------- vocabulary


def test_word_and_index_are_inverse_and_the_first_is_the_unknown_word():
    vocabulary = Vocabulary(["good", "bad", "film"])
    assert vocabulary.words[0] == UNKNOWN and len(vocabulary) == 4
    assert [vocabulary.words[k] for k in vocabulary.indices("bad film good")] == ["bad", "film", "good"]


def test_word_outside_the_vocabulary_has_index_0():
    assert Vocabulary(["good"]).indices("good zebra Good! yak") == [1, 0, 1, 0]


def test_no_word_of_a_text_can_pass_for_the_unknown_word_itself():
    assert UNKNOWN not in tokens(UNKNOWN)
    assert Vocabulary(["unknown"]).indices(UNKNOWN) == [1]


def test_vocabulary_holds_the_words_that_occur_often_enough_most_frequent_first_then_by_alphabet():
    texts = ["b b b", "a c a c", "once", "B, A"]
    assert Vocabulary.of(texts).words == [UNKNOWN, "b", "a", "c"]
    assert Vocabulary.of(texts, min_count=3).words == [UNKNOWN, "b", "a"]
    assert Vocabulary.of(texts, min_count=1).words == [UNKNOWN, "b", "a", "c", "once"]


def test_vocabulary_does_not_depend_on_the_order_of_the_texts():
    texts = [f"w{k} w{k % 7} w{k % 3}" for k in range(40)]
    shuffled = random.Random(1).sample(texts, len(texts))
    assert Vocabulary.of(shuffled).words == Vocabulary.of(texts).words


# ---------------------------------------------------------------------- files


def write_rows(path: Path, rows: list[Labelled]) -> None:
    """As other programs write them: the standard library's csv and json"""
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix == ".csv":
            csv.writer(file).writerows(rows)
        elif path.suffix == ".json":
            json.dump(rows, file)
        else:
            file.writelines(f"{text}\t{label}\n" for text, label in rows)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_rows_come_back_as_they_were_written(tmp_path, suffix):
    texts = ONE_LINE + (MANY_LINES if suffix != ".tsv" else [])
    rows = [Labelled(text, k % 2) for k, text in enumerate(texts)]
    write_rows(tmp_path / f"rows{suffix}", rows)
    assert read_labelled(tmp_path / f"rows{suffix}") == rows


@pytest.mark.parametrize("text", ONE_LINE)
def test_no_letter_but_the_newline_ends_a_row_of_a_tsv(file_of, text):
    assert read_labelled(file_of(".tsv", f"{text}\t1\n")) == [Labelled(text, 1)]


@pytest.mark.parametrize("text", [text for text in ONE_LINE if "," not in text and '"' not in text])
def test_no_letter_but_the_newline_ends_an_unquoted_row_of_a_csv(file_of, text):
    assert read_labelled(file_of(".csv", f"{text},1\n")) == [Labelled(text, 1)]


@pytest.mark.parametrize(
    "suffix, content",
    [
        (".tsv", "good\t1\nbad\t0\n"),
        (".tsv", "good\t1\nbad\t0"),
        (".tsv", "good\t1\r\nbad\t0\r\n"),
        (".tsv", "\ufeffgood\t1\n\n   \nbad\t 0 \n\n"),
        (".TSV", "good\t1\nbad\t0\n"),
        (".csv", "good,1\nbad,0\n"),
        (".csv", "good,1\r\nbad,0\r\n"),
        (".csv", '\ufefftext,label\r\n"good",1\r\n\r\n"bad","0"\r\n'),
        (".csv", "Text, Label\ngood, 1\nbad, 0"),
        (".json", '[["good", 1], ["bad", 0]]'),
        (".json", '[["good", "1"], {"label": 0, "text": "bad", "source": "mine"}]'),
        (".json", '\ufeff[["good", 1],\r\n ["bad", 0]]'),
    ],
)
def test_usual_ways_to_write_two_rows_are_read_alike(file_of, suffix, content):
    assert read_labelled(file_of(suffix, content)) == [Labelled("good", 1), Labelled("bad", 0)]


def test_header_is_skipped_in_the_first_row_only(file_of):
    assert "line 2" in complaint_about(file_of(".csv", "good,1\ntext,label\n"))


@pytest.mark.parametrize(
    "suffix, content, place",
    [
        (".tsv", "good\t1\n\nno label\nbad\t0\n", "line 3"),
        (".tsv", "good\t1\r\nbad\t2\r\n", "line 2"),
        (".tsv", "\ufeff!?\t1\ngood\t1\n", "line 1"),
        (".tsv", "\t1\n", "line 1"),
        (".tsv", "good\t1.0\n", "line 1"),
        (".tsv", "good\tpositive\n", "line 1"),
        (".tsv", "good\t\n", "line 1"),
        (".tsv", "a\x85b\t1\nc\t3\n", "line 2"),
        (".csv", "text,label\n\ngood,1\nbad\n", "line 4"),
        (".csv", "good,1\ntoo,many,0\n", "line 2"),
        (".csv", 'good,1\n"over\ntwo lines",1\nbad,7\n', "line 4"),
        (".csv", 'good,1\r\n"over\r\ntwo lines",1\r\nbad,7\r\n', "line 4"),
        (".csv", '"next\x85line",1\nbad,7\n', "line 2"),
        (".csv", '"separator\u2028inside",1\nbad,7\n', "line 2"),
        (".json", '[["good", 1], ["bad", true]]', "item 2"),
        (".json", '[["good", 1], ["bad", 1.0]]', "item 2"),
        (".json", '[["good", 1], ["bad", null]]', "item 2"),
        (".json", '[["good", 1], {"text": "bad"}]', "item 2"),
        (".json", '[["good", 1], ["bad"]]', "item 2"),
        (".json", '[["good", 1], "bad"]', "item 2"),
        (".json", '[["good", 1], [0, 1]]', "item 2"),
        (".json", '[["good", 1], ["", 1]]', "item 2"),
    ],
)
def test_one_bad_row_is_refused_by_its_place_and_no_other(file_of, suffix, content, place):
    complaint = complaint_about(file_of(suffix, content))
    assert complaint.startswith(f"{place} ")
    assert complaint.count("line ") + complaint.count("item ") == 1


def test_bad_row_over_many_lines_is_named_by_one_of_them(file_of):
    complaint = complaint_about(file_of(".csv", 'good,1\n"one\ntwo\nthree",7\ngood,1\n'))
    assert complaint.split(" has ")[0] in ("line 2", "line 3", "line 4")


def test_first_bad_rows_are_named_and_the_others_counted(file_of):
    complaint = complaint_about(file_of(".tsv", "".join(f"w{k}\t{'0' if k % 2 else 'x'}\n" for k in range(1, 25))))
    assert "line 2 " in complaint and "line 4 " in complaint and "line 3 " not in complaint
    named = complaint.count("line ")
    assert 1 < named < 12 and f"{12 - named} more" in complaint


@pytest.mark.parametrize(
    "content",
    ['good,1\n"bad" x,0\ngood,1\n', 'good,1\n"never closed,0\n', f"good,1\n{'x' * 200_000},0\n"],
    ids=["text after a quote", "a quote never closed", "a cell too large"],
)
def test_broken_csv_is_a_value_error_that_names_the_line(file_of, content):
    assert "line 2" in complaint_about(file_of(".csv", content))


@pytest.mark.parametrize(
    "content",
    ["", "[", '[["good", 1]', '[["good" 1]]', '{"good": 1}', '"good"', "1", "null", "[" * 100_000, "9" * 5_000],
    ids=lambda content: repr(content[:12]),
)
def test_broken_json_is_a_value_error_that_names_the_file(file_of, content):
    assert complaint_about(file_of(".json", content))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["plain", "after a BOM"])
def test_another_encoding_is_refused_by_its_line(file_of, suffix, start):
    content = start.encode() + "good\t1\ncafé\t0\n".encode("latin-1")
    complaint = complaint_about(file_of(suffix, content))
    assert "line 2" in complaint and "UTF-8" in complaint


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_utf_16_is_refused(file_of, suffix):
    assert "UTF-8" in complaint_about(file_of(suffix, "good\t1\n".encode("utf-16")))


@pytest.mark.parametrize(
    "suffix, content",
    [(".tsv", ""), (".tsv", "\n\n"), (".tsv", "\ufeff"), (".csv", ""), (".csv", "text,label\n"), (".json", "[]")],
)
def test_file_without_a_sentence_says_so(file_of, suffix, content):
    assert "no labelled sentence" in complaint_about(file_of(suffix, content))


@pytest.mark.parametrize("suffix", [".txt", ".gz", ""])
def test_unknown_suffix_is_refused_with_the_known_ones(file_of, suffix):
    complaint = complaint_about(file_of(suffix, "good\t1\n"))
    assert all(known in complaint for known in SUFFIXES)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_missing_file_and_directory_are_os_errors_with_the_path(tmp_path, suffix):
    (tmp_path / f"directory{suffix}").mkdir()
    for name, kind in ((f"missing{suffix}", FileNotFoundError), (f"directory{suffix}", IsADirectoryError)):
        with pytest.raises(kind, match=name):
            read_labelled(tmp_path / name)
