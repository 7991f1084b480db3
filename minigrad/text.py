"""From sentences to numbers: tokens, vocabularies, files of labelled sentences."""

import csv
import io
import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from minigrad.files import read_whole

UNKNOWN = "<unknown>"
Row = tuple[str, Any, Any]                            # of a file: its place, text and label


class Labelled(NamedTuple):
    """A sentence and its label: 1 positive, 0 negative"""

    text: str
    label: int


class Categories(dict[int, str]):
    """{code point: the first letter of its Unicode category}: L letter, M combining mark, N number, …"""

    def __missing__(self, code: int) -> str:
        self[code] = unicodedata.category(chr(code))[0]
        return self[code]


# "'" is the category of what may join two letters: the apostrophe, and the invisible (non-)joiners of Persian and Hindi
CATEGORIES = Categories(dict.fromkeys(map(ord, "'\u200c\u200d"), "'"))
WORD = re.compile(r"[LN][LMN]*(?:'[LN][LMN]*)*")      # of categories; a mark belongs to the letter before it


def tokens(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation: "It isn't bad!" → it, isn't, bad.

    A word is letters, numbers and combining marks, with single apostrophes inside.  Text without spaces between words,
    such as Thai or Chinese, is not divided.
    """
    text = text.lower().replace("’", "'").replace("\u00ad", "")      # a soft hyphen only marks where a line may break
    text = unicodedata.normalize("NFC", text)
    return [text[word.start() : word.end()] for word in WORD.finditer(text.translate(CATEGORIES))]


class Vocabulary:
    """Words and their indices; index 0 stands for every unknown word.  Raises ValueError for a word that is there
    twice."""

    def __init__(self, words: Iterable[str]):
        self.words = [UNKNOWN, *words]
        self.index = {word: k for k, word in enumerate(self.words)}
        if len(self.index) < len(self.words):
            raise ValueError("the vocabulary holds a word twice")

    @classmethod
    def of(cls, texts: Iterable[str], min_count: int = 2) -> "Vocabulary":
        """The words that occur at least `min_count` times in the texts, the most frequent first.  Rarer words are left
        out, so that a model meets unknown words in training."""
        counts = Counter(word for text in texts for word in tokens(text))
        frequent = [word for word, n in counts.items() if n >= min_count]
        return cls(sorted(frequent, key=lambda word: (-counts[word], word)))

    def indices(self, text: str) -> list[int]:
        """The index of every word of the text, 0 for an unknown word"""
        return [self.index.get(word, 0) for word in tokens(text)]

    def __len__(self) -> int:
        return len(self.words)

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} words)"


def read_labelled(path: str | os.PathLike[str]) -> list[Labelled]:
    """The labelled sentences of a file, in UTF-8.

    .tsv    text<TAB>label in every line, nothing quoted
    .csv    text,label in every row, quoted as usual; a first row `text,label` is skipped
    .json   a list of [text, label] or {"text": …, "label": …}

    Raises OSError if the file cannot be read, ValueError that names the lines (or items) that are not a sentence with
    the label 0 or 1, or another problem.
    """
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise ValueError(f"{path}: cannot read {path.suffix or 'a file without a suffix'}; use .tsv, .csv or .json")
    rows_of, form = FORMATS[path.suffix.lower()]
    try:
        rows = list(rows_of(read_whole(path).decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ValueError(f"{path}: line {line} is not UTF-8; save the file as UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: {error}") from None
    good, bad = [], []
    for place, text, label in rows:
        if problem := problem_of(text, label, form):
            bad.append(f"{place} {problem}")
        else:
            good.append(Labelled(text.strip(), int(label)))
    if bad:
        more = f"; and {len(bad) - 5} more" if len(bad) > 5 else ""
        raise ValueError(f"{path}: {'; '.join(bad[:5])}{more}")
    if not good:
        raise ValueError(f"{path}: the file has no labelled sentences")
    return good


def problem_of(text: object, label: object, form: str) -> str:
    """What is wrong with a row of a file whose rows have this form; "" if nothing is"""
    if not isinstance(text, str) or not tokens(text):
        return "holds no words"
    if label is None:
        return f"is not {form}"
    if isinstance(label, bool) or str(label).strip() not in ("0", "1"):
        header = "; a .tsv has no header" if "<TAB>" in form and str(label).strip().lower() == "label" else ""
        return f"has the label {repr(str(label)[:20])[:24]}, which is not 0 or 1{header}"
    return ""


def tsv_rows(content: str) -> Iterator[Row]:
    """(place, text, label) of each line text<TAB>label; the label is None if there is no tab"""
    for number, line in enumerate(content.split("\n"), start=1):      # not splitlines(): a text may contain \x85
        if line.strip():
            text, tab, label = line.rpartition("\t")
            yield (f"line {number}", text, label) if tab else (f"line {number}", line, None)


def csv_rows(content: str) -> Iterator[Row]:
    """(place, text, label) of each row under the header text,label"""
    reader, first = csv.reader(io.StringIO(content, newline=""), strict=True), 1
    header = ["text", "label"]
    try:
        for row in reader:
            if row and [cell.strip().lower() for cell in row] != header:
                yield f"line {first}", row[0], row[1] if len(row) == 2 else None
            header = [] if row else header            # only the first row that is not empty can be the header
            first = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(f"line {first}: {error}") from None


def json_rows(content: str) -> Iterator[Row]:
    """(place, text, label) of each item of a list of [text, label]"""
    items = json.loads(content)
    if not isinstance(items, list):
        raise ValueError("it must be a list of [text, label]")
    for number, item in enumerate(items, start=1):
        if isinstance(item, dict):
            item = [item.get("text"), item.get("label")]
        text, label = item if isinstance(item, list) and len(item) == 2 else (None, None)
        yield f"item {number}", text, label


FORMATS: dict[str, tuple[Callable[[str], Iterator[Row]], str]] = {      # how a file is read, and the form of its rows
    ".tsv": (tsv_rows, "text<TAB>label"),
    ".csv": (csv_rows, "text,label (a text that holds a comma needs quotes)"),
    ".json": (json_rows, "[text, label]"),
}
