"""The course as a book of web pages:   python examples/build_book.py   writes minigrad-book/index.html

Runs every lesson, cell by cell, and lays out prose, code, what is printed, pictures and live pages.  The book opens from
disk, and loads nothing from anywhere.  Needs the extra:  python -m pip install -e ".[book]"
"""

import re
import shutil
import sys
import tempfile
from html import escape
from pathlib import Path

try:
    import jupytext
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError
    from sphinx.cmd.build import build_main
except ImportError as error:
    sys.exit(f'{error.name} is not installed, and the book needs it:  python -m pip install -e ".[book]"')

EXAMPLES = Path(__file__).parent
BOOK = Path("minigrad-book")
SECONDS = 120                                         # that one cell may take


def run(notebook, directory: Path) -> None:
    """Fills in the outputs.  A lesson may end early by sys.exit(0), as 16 does without PyTorch; else an error is raised."""
    try:
        NotebookClient(
            notebook, timeout=SECONDS, resources={"metadata": {"path": directory}}, extra_arguments=["--log-level=ERROR"]
        ).execute()
    except CellExecutionError as error:
        if (error.ename, error.evalue) != ("SystemExit", "0"):
            raise
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = [output for output in cell.outputs if output.output_type != "error"]


def linked(prose: str, names: dict[str, str]) -> str:
    """The prose, with "lesson 05" as a link to that lesson"""
    def link(found) -> str:
        return f"[{found[0]}]({names[found[1]]}.ipynb)" if found[1] in names else found[0]

    return re.sub(r"\b[Ll]esson (\d\d)\b", link, prose)


def laid_out(output, directory: Path, extra: Path) -> list:
    """The output as the book shows it: a picture as part of the page, a live page in a frame after its "page: …" """
    if "image/svg+xml" in output.get("data", {}):
        svg = output.data["image/svg+xml"]
        return [html_output(f'<figure class="picture">{svg[svg.index("<svg"):]}</figure>')]
    frames = []
    for written in re.findall(r"^page: (\S+\.html)$", output.get("text", ""), re.MULTILINE):
        page = Path(shutil.copy(directory / written, extra)).name
        frames.append(html_output(f'<div class="live"><iframe src="{page}" title="The live page" loading="lazy"></iframe>'
                                  f'<p><a href="{page}">The live page in a window of its own</a></p></div>'))
    return [output, *frames]


def html_output(html: str):
    return nbformat.v4.new_output("display_data", {"text/html": html})


def write_lesson(name: str, names: dict[str, str], source: Path, directory: Path) -> str:
    """Runs a lesson and writes its page into the source of the book; gives its card for the index."""
    path = EXAMPLES / name
    notebook = jupytext.read(path)
    run(notebook, directory)
    nbformat.write(notebook, source / "downloads" / f"{path.stem}.ipynb")
    shutil.copy(path, source / "downloads")
    title, _, rest = notebook.cells[0].source.partition("\n")
    downloads = f"{{download}}`script <downloads/{name}>` · {{download}}`notebook <downloads/{path.stem}.ipynb>`"
    notebook.cells[0].source = f"{title}\n\n{downloads}\n\n{rest}"
    pictures = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = linked(cell.source, names)
        else:
            pictures += [o.data["image/svg+xml"] for o in cell.outputs if "image/svg+xml" in o.get("data", {})]
            cell.outputs = [shown for output in cell.outputs for shown in laid_out(output, directory, source / "extra")]
    nbformat.write(notebook, source / f"{path.stem}.ipynb")
    picture = pictures[0] if pictures else (EXAMPLES / "images" / "rolled.svg").read_text(encoding="utf-8")
    (source / "extra" / f"{path.stem}.svg").write_text(picture, encoding="utf-8")
    return (f'<a href="{path.stem}.html"><img src="{path.stem}.svg" alt="" loading="lazy">'
            f"<span>{escape(title.removeprefix('# '))}</span></a>")


def main() -> None:
    lessons = sorted(path.name for path in EXAMPLES.glob("[0-9][0-9]_*.py"))
    names = {name[:2]: Path(name).stem for name in lessons}
    with tempfile.TemporaryDirectory() as temporary:
        source, directory, built = (Path(temporary) / part for part in ("source", "run", "built"))
        shutil.copytree(EXAMPLES / "book", source)
        for folder in (source / "extra", source / "downloads", directory):
            folder.mkdir()
        cards = []
        for name in lessons:
            print(name, flush=True)
            cards.append(write_lesson(name, names, source, directory))
        index = source / "index.md"
        text = index.read_text(encoding="utf-8").replace("LESSONS", "\n".join(names.values()))
        index.write_text(text.replace("CARDS", "\n".join(cards)), encoding="utf-8")
        if build_main(["--quiet", "--fail-on-warning", "--keep-going", "-d", f"{temporary}/doctrees", f"{source}", f"{built}"]):
            sys.exit("the book was not built")
        shutil.rmtree(BOOK, ignore_errors=True)
        shutil.move(built, BOOK)
    print(f"book: {BOOK / 'index.html'}")


if __name__ == "__main__":
    main()
