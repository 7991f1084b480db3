"""The book: its links lead somewhere, its pages open from disk in a real browser, and they say what the lessons print.

MINIGRAD_BOOK=minigrad-book   checks a book that has been built; else one is built here, which needs the extra `book`.
"""

import json
import os
import re
import subprocess
import sys
import time
from html.parser import HTMLParser
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from browser import Browser
from conftest import ROOT, need
from lessons import EXAMPLES, LESSONS, QUIZZED, code, run
from test_examples import answers_by_hand

from minigrad.notation import number

pytestmark = pytest.mark.slow
PARTS = ("sphinx", "myst_nb", "jupytext", "furo", "sphinx_copybutton", "ziamath")
PAGE_SOURCES = {("img", "src"), ("script", "src"), ("iframe", "src"), ("link", "href"), ("source", "src")}


class Page(HTMLParser):
    """(tag, attribute, address) of every link, the ids, and the text that is read, without scripts and styles"""

    def __init__(self, path: Path):
        super().__init__()
        self.links, self.ids, self.text, self.open = list[tuple[str, str, str]](), set[str | None](), "", list[str]()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.links += [(tag, key, found[key]) for key in ("href", "src") if found.get(key)]
        self.ids.add(found.get("id"))
        if tag in ("script", "style"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in ("script", "style"):
            self.open.pop()

    def handle_data(self, data):
        self.text += "" if self.open else data


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    if "MINIGRAD_BOOK" in os.environ:
        return Path(os.environ["MINIGRAD_BOOK"]).resolve()
    missing = [part for part in PARTS if find_spec(part) is None]
    if missing:
        pytest.skip(f"the extra `book` is not installed here: {', '.join(missing)}")
    directory = tmp_path_factory.mktemp("book")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, str(EXAMPLES / "build_book.py")], cwd=directory, env=environment, check=True)
    return directory / "minigrad-book"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Browser(need("chromium"), tmp_path_factory.mktemp("profile")) as page:
        yield page


def names(book: Path) -> list[str]:
    return sorted(path.relative_to(book).as_posix() for path in book.rglob("*.html"))


def test_every_link_leads_to_a_file_of_the_book_and_to_a_place_in_it(book):
    pages = {(book / name).resolve(): Page(book / name) for name in names(book)}
    checked = 0
    for path, page in pages.items():
        for tag, attribute, address in page.links:
            parts = urlsplit(address)
            if parts.scheme in ("http", "https"):
                assert (tag, attribute) not in PAGE_SOURCES, f"{path.name} would load {address}"
            elif parts.scheme != "data":
                assert parts.scheme == "", (path.name, address)
                target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
                assert target.is_file(), (path.name, address)
                if parts.fragment and target in pages and path.parent == book:      # a live page's fragments are scenes
                    assert parts.fragment in pages[target].ids, (path.name, address)
                checked += 1
    assert checked > 20 * len(LESSONS)


def test_the_index_has_a_link_and_a_picture_for_each_lesson(book):
    links = Page(book / "index.html").links
    for lesson in LESSONS:
        assert ("a", "href", f"{lesson.stem}.html") in links
    pictures = [to for tag, _, to in links if tag == "img"]
    assert len(pictures) == len(set(pictures)) == len(LESSONS)


def test_a_page_leads_to_the_one_before_and_the_one_after(book):
    order = ["index", *[lesson.stem for lesson in LESSONS], "own_code", "pictures", "command_line", "beside"]
    for before, after in pairwise(order):
        assert ("link", "href", f"{after}.html") in Page(book / f"{before}.html").links
        assert ("link", "href", f"{before}.html") in Page(book / f"{after}.html").links


@pytest.mark.parametrize("lesson", [lesson for lesson in LESSONS if "pytorch" not in lesson.stem], ids=lambda p: p.stem)
def test_a_page_says_what_the_script_prints(book, lesson, tmp_path):
    printed = run(lesson, tmp_path).stdout.strip().splitlines()
    text = Page(book / f"{lesson.stem}.html").text
    assert printed[-1] in text                        # its check
    missing = [line for line in printed if line not in text and not line.startswith(("picture:", "page:", "its DOT"))]
    assert missing == []


def test_the_script_and_the_notebook_are_there_to_download(book):
    for lesson in LESSONS:
        links = Page(book / f"{lesson.stem}.html").links
        offered = {Path(to).name: book / to for _, _, to in links if to.startswith("_downloads/")}
        assert offered[lesson.name].read_bytes() == lesson.read_bytes()
        notebook = json.loads(offered[f"{lesson.stem}.ipynb"].read_text(encoding="utf-8"))
        of_notebook = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
        assert of_notebook == [cell.partition("\n")[2].strip() for cell in code(lesson)]


def test_formulas_are_mathml_and_not_tex(book):
    pages = [Page(book / f"{lesson.stem}.html").text for lesson in LESSONS]
    assert not [word for word in (r"\frac", r"\partial", "$") for text in pages if word in text]
    assert (book / "06_bptt.html").read_text(encoding="utf-8").count("<mfrac>") >= 15
    assert "w:=w" in re.sub(r"\s", "", Page(book / "06_bptt.html").text)


def test_no_page_shows_an_error_a_warning_or_a_folder_of_the_machine_that_built_it(book):
    for name in names(book):
        text = Page(book / name).text
        assert not [word for word in ("Traceback", "Warning:", "site-packages") if word in text], name


def complaints(book, browser) -> list[str]:
    """Of the page that is open: messages on the console, and requests for anything outside the book"""
    return [found for found in browser.complaints() if not found.startswith((book.as_uri(), "data:"))]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (400, "dark")])
def test_every_page_opens_from_disk_without_a_complaint_a_request_or_a_sideways_scroll(book, browser, width, scheme):
    browser.size(width, 800)
    browser.prefer(prefers_color_scheme=scheme)
    for name in names(book):
        browser.open(book / name)
        assert complaints(book, browser) == [], name
        assert browser.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name


def test_the_live_page_plays_in_the_lesson_that_speaks_of_it(book, browser, tmp_path):
    browser.size(1280, 1000)
    browser.open(book / "06_bptt.html")
    browser.evaluate("document.querySelector('iframe').scrollIntoView({block: 'center', behavior: 'instant'})")
    browser.point("iframe", click=True)
    browser.key("ArrowLeft")                          # nothing is before the start, but the focus is shown from now on
    time.sleep(1)
    browser.screenshot(tmp_path / "before.png")
    browser.key(" ")                                  # an arrow would scroll the picture, which is wider than its frame
    end = time.monotonic() + 20
    while True:
        browser.screenshot(tmp_path / "after.png")
        if (tmp_path / "after.png").read_bytes() != (tmp_path / "before.png").read_bytes():
            break
        assert time.monotonic() < end, "the live page does not answer to a key"
    assert complaints(book, browser) == []


SMALLEST = """[...document.querySelectorAll('.picture svg')].map((svg) => Math.min(...[...svg.querySelectorAll(
  'text[font-size]')].map((text) => parseFloat(text.getAttribute('font-size')) * svg.getScreenCTM().a)))"""


@pytest.mark.parametrize(("width", "least"), [(1280, 6.11), (1200, 8.99), (400, 8.99)])
def test_a_picture_of_a_lesson_is_seen_whole_or_has_letters_of_9_pixels(book, browser, width, least):
    browser.size(width, 800)
    cut = "[...document.querySelectorAll('.picture')].some((picture) => picture.scrollWidth > picture.clientWidth + 1)"
    smallest = []
    for lesson in LESSONS:
        browser.open(book / f"{lesson.stem}.html")
        smallest += browser.evaluate(SMALLEST)
        assert width < 1280 or not browser.evaluate(cut), lesson
    assert len(smallest) > len(LESSONS) and min(smallest) >= least


def test_pictures_are_dark_where_the_book_is_and_printed_as_they_were_drawn(book, browser):
    browser.size(1280, 800)
    paper = "getComputedStyle(document.querySelector('.picture')).filter"
    for media, scheme, mode, dark in (("screen", "light", "auto", False), ("screen", "dark", "auto", True),
                                      ("screen", "dark", "light", False), ("screen", "light", "dark", True),
                                      ("print", "dark", "dark", False)):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.call("Emulation.setEmulatedMedia", media=media, features=features)
        browser.open(book / "05_unfold.html")
        browser.evaluate(f"document.body.dataset.theme = '{mode}'")
        filtered = browser.evaluate(paper) != "none"
        browser.call("Emulation.setEmulatedMedia", media="", features=[])
        assert filtered == dark, (media, scheme, mode)


def test_no_page_says_where_a_picture_was_saved_that_it_shows(book):
    for lesson in LESSONS:
        text = Page(book / f"{lesson.stem}.html").text
        assert not re.findall(r"^(?:picture|page): minigrad-lessons/.*", text, re.MULTILINE), lesson.name


def in_the_frames(browser, expression: str) -> list:
    """What an expression gives in each live page that is a part of the page that is open"""
    browser.evaluate("0")
    contexts: dict[int, None] = {}
    for event in browser.events:
        if event["method"] == "Runtime.executionContextCreated":
            contexts[event["params"]["context"]["id"]] = None
        elif event["method"] == "Runtime.executionContextDestroyed":
            contexts.pop(event["params"]["executionContextId"], None)
        elif event["method"] == "Runtime.executionContextsCleared":
            contexts.clear()
    found = [browser.call("Runtime.evaluate", contextId=context, returnByValue=True,
                          expression=f"parent === self ? null : {expression}")["result"] for context in contexts]
    return [result["value"] for result in found if result.get("value") is not None]


def test_a_live_page_follows_the_switch_of_the_book(book, browser):
    browser.size(1280, 1000)
    browser.prefer()
    browser.open(book / "02_chain_rule.html")
    browser.evaluate("document.querySelector('iframe').scrollIntoView({block: 'center', behavior: 'instant'})")
    shown = []
    for _ in range(4):
        end = time.monotonic() + 5
        mode = browser.evaluate("document.body.dataset.theme")
        while in_the_frames(browser, "document.documentElement.dataset.theme") != [mode.replace("auto", "light")]:
            assert time.monotonic() < end, f"the live page does not follow when the book is {mode}"
        shown.append(mode)
        browser.evaluate("document.querySelector('.theme-toggle-content .theme-toggle').click()")
    assert shown == ["auto", "dark", "light", "auto"]
    browser.evaluate("localStorage.clear()")


@pytest.mark.parametrize("lesson", QUIZZED, ids=lambda path: path.stem)
def test_the_page_of_a_lesson_asks_hints_tells_and_takes_right_answers(book, browser, lesson):
    """The first question is answered wrong twice, the others are answered right"""
    browser.size(1280, 1000)
    browser.open(book / f"{lesson.stem}.html")
    answers = answers_by_hand()[lesson.stem]
    [names] = in_the_frames(browser, "page.quiz.length ? page.quiz.map((node) => page.names[node]) : null")

    def answer(question: int, typed: str) -> str:
        form = f"document.querySelectorAll('#p-quiz form')[{question}]"
        [said] = in_the_frames(browser, f"""!page.quiz.length ? null : (() => {{
            {form}.querySelector('input').value = '{typed}';
            {form}.requestSubmit();
            update();
            const said = {form}.querySelector('output').textContent;
            return said + ' ' + document.getElementById('p-tiles').innerText; }})()
        """)
        return " ".join(said.split())

    for question, name in enumerate(names):
        right = answers[name.translate(str.maketrans({"₀": "_0", "₁": "_1", "₂": "_2", "₃": "_3", "₄": "_4"}))]
        if question == 0:
            hint = answer(question, "1000")
            assert re.match("not yet; (add up its routes|multiply along its route), in the tiles .* = [?]", hint)
            assert f"{abs(right):.4g}" not in hint
            told = answer(question, "1000")
            assert told.startswith(f"wrong: it is {number(right)}, see the tiles") and f"= {number(right)}" in told
        else:
            assert answer(question, f"{right:.4g}").startswith(f"right: it is {number(right)}, see the tiles")
    assert complaints(book, browser) == []


@pytest.mark.parametrize("lesson", QUIZZED, ids=lambda path: path.stem)
def test_the_quiz_of_a_terminal_and_that_of_a_page_hide_the_same_gradients(book, browser, lesson, tmp_path):
    browser.size(1280, 1000)
    browser.open(book / f"{lesson.stem}.html")
    [of_page] = in_the_frames(browser, """!page.quiz.length ? null : (update(), Object.fromEntries(
        page.names.map((name, node) => [name, quiz.hides(graph.gradient[node])])))""")
    rows = re.findall(r"^  (\S+) +\S+ +(\S+)", run(lesson, tmp_path, "--quiz", typed="q").stdout, re.MULTILINE)
    of_terminal = {name: gradient == "?" for name, gradient in rows if name in of_page}
    assert len(of_terminal) > 6 and sum(of_terminal.values()) > 2
    assert of_terminal == {name: of_page[name] for name in of_terminal}


def test_the_search_finds_a_word_from_disk(book, browser):
    browser.open(book / "search.html", "?q=vanishing")
    end = time.monotonic() + 20
    while "07_vanishing_gradient.html" not in browser.evaluate("document.querySelector('#search-results').innerHTML"):
        assert time.monotonic() < end, "the search finds nothing"
        time.sleep(0.1)
    assert complaints(book, browser) == []
