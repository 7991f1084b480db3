"""What the tests share: the lecture's network, and a need for a program that this machine may not have."""

import os
import re
import shutil
from pathlib import Path

import pytest

from minigrad import sigmoid
from minigrad.draw import engines
from minigrad.losses import binary_cross_entropy
from minigrad.nn import RNN

ROOT = Path(__file__).parent.parent

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


def on_one_line(source: str) -> str:
    """DOT text with w_h where it draws a low h"""
    return re.sub(r'<FONT POINT-SIZE="\d+"><SUB>(.*?)</SUB></FONT>', r"_\1", source).replace("&#160;", " ")


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
