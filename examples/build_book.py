"""The course as a book of web pages:   python examples/build_book.py   writes minigrad-book/index.html

Runs every lesson, cell by cell, and lays out prose, code, what is printed, pictures and live pages.  The book opens
from disk, and loads nothing from anywhere.  Needs the extra:  python -m pip install -e ".[book]"
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
FILES = re.compile(r"^(?:picture|page): (\S+)(?:\n|\Z)", re.MULTILINE)      # the lines that say where a file is


def run(notebook, directory: Path) -> None:
    """Fills in the outputs.  A lesson may end early by sys.exit(0), as 16 does without PyTorch; an error is raised."""
    client = NotebookClient(
        notebook, timeout=SECONDS, resources={"metadata": {"path": directory}}, extra_arguments=["--log-level=ERROR"],
        coalesce_streams=True,                        # what a slow cell prints is one output
    )
    try:
        client.execute()
    except CellExecutionError as error:
        if (error.ename, error.evalue) != ("SystemExit", "0"):
            raise
        for cell in notebook.cells:                   # without the error, and IPython's remark about it
            if cell.cell_type == "code":
                cell.outputs = [output for output in cell.outputs
                                if output.output_type != "error" and output.get("name") != "stderr"]


def linked(prose: str, lessons: list[str]) -> str:
    """The prose, with "lesson 05" as a link to that lesson, but in headings"""
    page = {lesson[:2]: f"{lesson}.ipynb" for lesson in lessons}
    link = lambda found: f"[{found[0]}]({page[found[1]]})" if found[1] else found[0]
    return re.sub(r"^#.*|\b[Ll]esson (\d\d)\b", link, prose, flags=re.MULTILINE)


def lay_out(cell, lesson: str, pictures: list[str], directory: Path, extra: Path) -> None:
    """Makes a picture a part of the page, and puts a live page in a frame, each in place of the line that names it."""
    shown = []
    for output in cell.outputs:
        svg, text = output.get("data", {}).get("image/svg+xml", ""), output.get("text", "")
        if svg:
            svg, alone = readable(svg), f"pictures/{lesson}_{len(pictures) + 1}.svg"
            pictures.append(alone)
            (extra / alone).write_text(svg, encoding="utf-8")
            output = html(f'<figure class="picture">{svg[svg.index("<svg") :]}</figure>'
                          f'<p class="alone"><a href="{alone}">The picture alone</a></p>')
        elif text:
            output.text = FILES.sub("", text)
        if svg or not text or output.text:
            shown.append(output)
        for page in [name for name in FILES.findall(text) if name.endswith(".html")]:
            alone = f"live/{Path(page).name}"
            shutil.copy(directory / page, extra / alone)
            shown.append(html(f'<iframe src="{alone}" title="The live page"></iframe>'
                              f'<p class="alone"><a href="{alone}">The live page alone</a></p>'))
    cell.outputs = shown


def readable(svg: str) -> str:
    """The picture, whose smallest type is 9 units, with as many pixels for each as book.css says, or more: it scrolls
    where it is wider"""
    [width] = re.findall(r'viewBox="\S+ \S+ (\S+)', svg)
    return svg.replace('style="', f'style="min-width:calc({float(width):.0f} * var(--unit));', 1)


def html(text: str):
    return nbformat.v4.new_output("display_data", {"text/html": text})


def write_lesson(lesson: str, lessons: list[str], source: Path, directory: Path) -> str:
    """Runs a lesson and writes its page into the source of the book; gives its card for the index."""
    notebook = jupytext.read(EXAMPLES / f"{lesson}.py")
    run(notebook, directory)
    nbformat.write(notebook, source / "downloads" / f"{lesson}.ipynb")
    shutil.copy(EXAMPLES / f"{lesson}.py", source / "downloads")
    title, _, rest = notebook.cells[0].source.partition("\n")
    downloads = f"{{download}}`script <downloads/{lesson}.py>` · {{download}}`notebook <downloads/{lesson}.ipynb>`"
    notebook.cells[0].source = f"{title}\n\nDownload: {downloads}\n\n{rest}"
    pictures: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = linked(cell.source, lessons)
        else:
            lay_out(cell, lesson, pictures, directory, source / "extra")
    nbformat.write(notebook, source / f"{lesson}.ipynb")
    return (f'<a href="{lesson}.html"><img src="{pictures[0]}" alt="" loading="lazy">'
            f"<span>{escape(title.removeprefix('# '))}</span></a>")


def main() -> None:
    if BOOK.exists() and not (BOOK / "searchindex.js").exists():
        sys.exit(f"{BOOK.absolute()} is not a book that this script has built: move it, or start from another folder")
    lessons = sorted(path.stem for path in EXAMPLES.glob("[0-9][0-9]_*.py"))
    with tempfile.TemporaryDirectory() as temporary:
        source, directory, built = (Path(temporary) / part for part in ("source", "run", "built"))
        shutil.copytree(EXAMPLES / "book", source)
        shutil.copytree(EXAMPLES / "images", Path(temporary) / "images")
        for folder in (source / "extra/pictures", source / "extra/live", source / "downloads", directory):
            folder.mkdir(parents=True)
        cards = []
        for lesson in lessons:
            print(lesson, flush=True)
            cards.append(write_lesson(lesson, lessons, source, directory))
        index = source / "index.md"
        text = index.read_text(encoding="utf-8").replace("LESSONS", "\n".join(lessons))
        index.write_text(text.replace("CARDS", "\n".join(cards)), encoding="utf-8")
        if build_main(["--quiet", "--fail-on-warning", "-d", f"{temporary}/doctrees", f"{source}", f"{built}"]):
            sys.exit("Sphinx did not build the book: its messages above say why")
        shutil.rmtree(BOOK, ignore_errors=True)
        shutil.move(built, BOOK)
    print(f"book: {BOOK / 'index.html'}")


if __name__ == "__main__":
    main()
