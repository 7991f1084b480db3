"""Labels that no file can hold, or that are very long, and numbers of routes that no one can read."""

import re

import pytest
from conftest import lecture

from minigrad import Value, explain, sigmoid
from minigrad.cli.player import play
from minigrad.draw import draw, walkthrough
from minigrad.explain import ChainRule, Factor, Term, chain_rule
from minigrad.notation import count, name, printable
from minigrad.replay import replay

VIEWS = ["graph", "columns", "folded", "rolled", "shape"]


def labelled(extra: str):
    """The lecture's network, with something added to every label"""
    rnn, unrolled, y_hat, loss = lecture()
    for value in [*rnn.parameters(), y_hat, loss]:
        value.label += extra
    loss.backward()
    return rnn, unrolled, loss


@pytest.fixture(params=["\ud800", "\udcff\ud83d"], ids=ascii)
def surrogates(request):
    return request.param


def check_shown(text: str, extra: str) -> None:
    """The escapes are there, and the letters that no file can hold are not"""
    text.encode()
    assert extra.encode("unicode_escape").decode() in text.replace("\\\\", "\\")


def test_every_text_shows_a_lone_surrogate_as_its_escape(surrogates):
    rnn, unrolled, loss = labelled(surrogates)
    rule = chain_rule(loss, rnn.w_h[0][0], unrolled)
    said: list[str] = []
    play(loss, unrolled, ["p", "g w_h", "p"], said.append)
    for text in (str(rule), repr(rule), repr(rule.terms[0]), " ".join(rule.terms[0].labels),
                 " ".join(event.description for event in replay(loss, unrolled)), "\n".join(said)):
        check_shown(text, surrogates)
    assert rule.latex().encode()


@pytest.mark.parametrize("view", VIEWS)
def test_every_picture_shows_a_lone_surrogate_as_its_escape(surrogates, view, tmp_path):
    _, unrolled, loss = labelled(surrogates)
    check_shown(draw(loss, unrolled, view=view).save(tmp_path / "own.gv").read_text(encoding="utf-8"), surrogates)


def test_the_page_shows_a_lone_surrogate_as_its_escape(surrogates, tmp_path):
    _, unrolled, loss = labelled(surrogates)
    check_shown(walkthrough(loss, unrolled).save(tmp_path / "own.html").read_text(encoding="utf-8"), surrogates)


@pytest.mark.parametrize(
    "words, shown", [("o_2", "o_2"), ("ŷ 日本", "ŷ 日本"), ("a\nb\0", "a\\nb\\x00"), ("\ud800", "\\ud800")], ids=ascii
)
def test_printable_shows_what_no_screen_can(words, shown):
    assert printable(words) == shown and printable(shown) == shown


def test_a_name_is_printable():
    assert name("o_2") == "o₂" and name("o_2\n") == "o₂\\n"


@pytest.mark.parametrize("view", ["graph", "columns", "folded", "shape"])
@pytest.mark.parametrize("letter", ["w", "&"])
def test_a_very_long_label_leaves_the_numbers_in_every_tooltip(view, letter):
    _, unrolled, loss = labelled(letter * 5000)
    tips = re.findall(r'tooltip="([^"]+)"', draw(loss, unrolled, view=view).source)
    long = [tip for tip in tips if letter * 8 in tip]
    assert len(long) > 2
    for tip in long:
        assert re.search(r" [−+]?\d", tip[-60:]), tip


@pytest.mark.parametrize(
    "n, shown",
    [(0, "0"), (2001, "2001"), (10**15 - 1, "9" * 15), (10**15, "about 10^15"), (2**15_000, "about 10^4515")],
    ids=["0", "2001", "15 digits", "16 digits", "4516 digits"],
)
def test_a_count_that_no_one_can_read_is_written_as_a_power(n, shown):
    assert count(n) == shown


def test_more_routes_than_python_writes_digits_are_written_as_a_power(monkeypatch):
    term = Term((Factor("L", "w", False, 2.0),), 2.0, 1, 1.0)
    assert "  about 10^4515 routes lead from L back to w:" in str(ChainRule("L", "w", [term], 2**15_000, 2.0))
    monkeypatch.setattr(explain, "count_paths", lambda *given: 2**15_000)
    w = Value(1.0, label="w")
    with pytest.raises(ValueError, match=r"about 10\^4515 routes lead from L back to w, too many to list; pass `unr"):
        chain_rule(sigmoid(w * w), w)
