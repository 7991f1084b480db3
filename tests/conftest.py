"""What the tests share: the lecture's network, and a need for a program that this machine may not have."""

import os
import re
import shutil
from pathlib import Path

import pytest
from browser import Browser

from minigrad import sigmoid
from minigrad.draw import engines, walkthrough
from minigrad.losses import binary_cross_entropy
from minigrad.nn import RNN

ROOT = Path(__file__).parent.parent


# every test in them starts programs, trains, or draws hundreds of pictures; so do those that open a browser
SLOW = ("course/", "test_benchmarks.py", "cli/test_fuzz.py", "cli/test_sentiment.py", "cli/test_step.py",
        "draw/test_animation.py", "draw/test_draw_shape.py", "draw/test_watching.py",
        "laws/test_where_others_are_wrong.py")


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in item.fixturenames or any(name in item.nodeid for name in SLOW):
            item.add_marker(pytest.mark.slow)


def lecture(fused=False, inputs=((1,), (0.5,), (-1,)), target=1):
    """(rnn, unrolled, y_hat, L) of the lecture's worked example"""
    rnn = RNN.from_weights(w_i=[[0.5]], w_h=[[0.8]], w_o=[[1.2]], fused=fused)
    unrolled = rnn.unroll([list(x) for x in inputs])
    y_hat = sigmoid(rnn.readout(unrolled.state)[0])
    loss = binary_cross_entropy(y_hat, target)
    y_hat.label, loss.label = "y_hat", "L"
    return rnn, unrolled, y_hat, loss


def need(program: str) -> str:
    """The path of a program; the test skips with this reason where it is absent, and fails for it in CI."""
    path = shutil.which(program)
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{program} is not installed here")
    return path


def close(a: float, b: float, relative=1e-12) -> bool:
    return abs(a - b) <= relative * max(abs(a), abs(b))


@pytest.fixture(params=["dot", "pygraphviz"])
def engine(request, monkeypatch):
    """The test runs once with each engine"""
    if request.param == "dot":
        need("dot")
    else:
        pytest.importorskip("pygraphviz")
    monkeypatch.setattr(engines, "available", lambda: request.param)
    return request.param


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """One Chromium for all tests of the page"""
    directory = tmp_path_factory.mktemp("pages")
    with Browser(need("chromium"), directory / "profile") as opened:
        opened.directory = directory
        yield opened


@pytest.fixture(scope="session")
def page_of(browser):
    """Opens the page of a graph: page_of("lecture", loss, unrolled, "#step=24"); it is made when first asked for"""
    def open_page(name, loss, unrolled=None, fragment="", size=(1440, 900), touch=False, **options):
        path = browser.directory / f"{name}.html"
        if not path.exists():
            walkthrough(loss, unrolled, **options).save(path)
        browser.prefer()
        browser.size(*size, touch=touch)
        browser.open(path, fragment)
        return browser

    return open_page


def with_underscores(picture: str) -> str:
    """The DOT text or SVG of a picture with w_h for its true subscripts"""
    picture = re.sub(r'<FONT POINT-SIZE="\d+"><SUB>(.*?)</SUB></FONT>', r"_\1", picture)
    picture = re.sub(r'<tspan dy="[\d.]+" font-size="80%">(.*?)</tspan>', r"_\1", picture)
    return re.sub(r'<tspan dy="-[\d.]+">(.*?)</tspan>', r"\1", picture).replace("&#160;", " ").replace("\xa0", " ")
