"""A tool, not a lesson: real movie-review snippets, as a file that minigrad can train on.

    python examples/movie_reviews.py reviews.tsv
    python -m minigrad train reviews.tsv

reviews.tsv   UTF-8, one row for each snippet, text<TAB>label
label         1 where the mean rating of its human raters is positive, 0 where negative; a mean of exactly 0 is dropped

Needs a network and pip, as in any venv made by `python3 -m venv`. pip itself fetches the setuptools with which it
reads the package's metadata; nothing is installed.  Exit status: 0 written, 1 failed, 2 bad use.

Source: C.J. Hutto & E. Gilbert, VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text,
ICWSM 2014, whose ratings come with the source distribution of vaderSentiment. The snippets are from the
rotten-tomatoes set of B. Pang & L. Lee, Seeing Stars, ACL 2005.
"""

import hashlib
import io
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from minigrad.files import write_whole

PACKAGE = "vaderSentiment"
VERSION = "3.3.2"
SHA256 = "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9"
RATINGS_ARCHIVE = "additional_resources/hutto_ICWSM_2014.tar.gz"
SNIPPETS = "movieReviewSnippets_GroundTruth.txt"


def download(directory: Path) -> Path:
    """The source distribution, fetched by pip into directory.  Raises OSError with pip's own reason."""
    # pip runs the package's setup.py to read its metadata: with the hash it refuses a wrong file before that
    requirements = directory / "requirements.txt"
    requirements.write_text(f"{PACKAGE}=={VERSION} --hash=sha256:{SHA256}\n", encoding="utf-8")
    # not `--no-binary :all:`, which would have setuptools itself built from source
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "download"]
    command += ["--no-deps", "--no-binary", PACKAGE, "--dest", str(directory), "-r", str(requirements)]
    pip = subprocess.run(command, check=False, capture_output=True, encoding="utf-8", errors="replace")
    if pip.returncode != 0:
        lines = [line for line in pip.stderr.split("\n") if line.strip()]
        errors = [line for line in lines if line.startswith("ERROR: ")]
        reason = (errors or lines or ["it did not say why"])[-1]
        raise OSError(f"pip could not download {PACKAGE} {VERSION} (is there a network?): {reason}")
    found = list(directory.glob("*.tar.gz"))
    if len(found) != 1:
        raise OSError(f"pip left {len(found)} source distributions of {PACKAGE} {VERSION}, not 1")
    return found[0]


def check(sdist: bytes, sha256: str) -> None:
    """Raises ValueError where the SHA-256 of sdist is another."""
    actual = hashlib.sha256(sdist).hexdigest()
    if actual != sha256:
        raise ValueError(f"wrong checksum: the download has SHA-256 {actual}, expected {sha256}")


def member(archive: bytes, ending: str) -> bytes:
    """The file in a .tar.gz whose name ends with `ending`.  Raises ValueError if there is none."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        for entry in tar:
            if entry.isfile() and entry.name.endswith("/" + ending):
                file = tar.extractfile(entry)
                assert file is not None  # None only for what is not a file
                return file.read()
    raise ValueError(f"the archive holds no {ending}")


def snippets(sdist: bytes) -> Iterator[tuple[str, float]]:
    """Each snippet with its mean rating, −4 to 4, from rows id<TAB>mean<TAB>text."""
    table = member(member(sdist, RATINGS_ARCHIVE), SNIPPETS).decode("utf-8")
    for row in table.split("\n"):  # not splitlines(): it also breaks at characters a text may hold
        if row.strip():
            _, mean, text = row.split("\t", 2)
            yield text.strip(), float(mean)


def labelled(rows: Iterable[tuple[str, float]]) -> Iterator[tuple[str, int]]:
    """Each text with 1 for a positive mean, 0 for a negative; a mean of 0 says neither and is dropped."""
    for text, mean in rows:
        if mean != 0:
            yield text, int(mean > 0)


def write(path: Path, rows: Iterable[tuple[str, int]]) -> None:
    """Rows text<TAB>label, all or none; tabs and newlines inside a text become one space."""
    lines = [re.sub(r"[\t\r\n]+", " ", text) + f"\t{label}\n" for text, label in rows]
    write_whole(path, "".join(lines).encode())


def complain(reason: object) -> None:
    print("movie_reviews:", " ".join(str(reason).split()), file=sys.stderr)  # one line, whatever the reason


def main(argv: list[str]) -> int:
    if len(argv) != 1 or argv[0].startswith("-"):
        complain("usage: python examples/movie_reviews.py reviews.tsv")
        return 2
    path = Path(argv[0])
    try:
        if not path.parent.is_dir():
            complain(f"there is no directory {path.parent}")
            return 2
        if path.exists() and not path.is_file():
            complain(f"{path} is there and is not a file")
            return 2
        with tempfile.TemporaryDirectory() as directory:
            sdist = download(Path(directory)).read_bytes()
        check(sdist, SHA256)
        rated = list(snippets(sdist))
        rows = list(labelled(rated))
        write(path, rows)
    except (OSError, ValueError, tarfile.TarError) as error:
        complain(error)
        return 1
    positive = sum(label for _, label in rows)
    print(f"{positive} positive (1) and {len(rows) - positive} negative (0) written to {path}")
    print(f"{len(rated) - len(rows)} dropped: their mean is exactly 0")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
