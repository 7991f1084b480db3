"""The live page in a real browser: people hold its numbers, and everything follows."""

import random
import re
import time
from xml.etree import ElementTree

import pytest
from page_graphs import GRAPHS, domains, lecture

from minigrad import Value
from minigrad.draw import walkthrough
from minigrad.graph import gradients
from minigrad.nn import GRU, LSTM
from minigrad.notation import number, signed
from minigrad.sentiment import Sentiment
from minigrad.snapshot import Snapshot
from minigrad.text import Vocabulary


@pytest.fixture
def page(page_of):
    """page("lecture", "#step=24"): the browser, with the page of one of page_graphs"""
    def open_page(name="lecture", fragment="", **how):
        return page_of(name, *(GRAPHS | {"domains": domains})[name]({}), fragment=fragment, **how)

    return open_page


def text(page, selector):
    return page.evaluate(f"document.querySelector({selector!r}).textContent").strip()


def caption(page):
    return text(page, "#p-caption")


def settle(page):
    """After the next two frames"""
    frames = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    page.call("Runtime.evaluate", expression=frames, awaitPromise=True)


def values(page):
    return page.evaluate("minigrad.values()")


def press(page, key, **how):
    page.key(key, **how)
    settle(page)


def knob(page, name):
    """Puts the focus on the knob of a leaf"""
    page.evaluate(f"document.querySelector('.knob[aria-label=\"{name}\"]').focus()")
    settle(page)


def middle(page, selector):
    box = f"document.querySelector({selector!r}).getBoundingClientRect()"
    return [page.evaluate(f"{box}.{a} + {box}.{b} / 2") for a, b in (("left", "width"), ("top", "height"))]


def drag(page, selector, dx, dy=0, keys=0, release=True):
    x, y = middle(page, selector)
    mouse = {"button": "left", "clickCount": 1, "modifiers": keys}
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    page.call("Input.dispatchMouseEvent", type="mousePressed", x=x, y=y, **mouse)
    for k in range(1, 6):
        page.call("Input.dispatchMouseEvent", type="mouseMoved", x=x + dx * k / 5, y=y + dy * k / 5, **mouse)
    if release:
        page.call("Input.dispatchMouseEvent", type="mouseReleased", x=x + dx, y=y + dy, **mouse)
    settle(page)


def close(a, b):
    return abs(a - b) <= 1e-12 * max(abs(a), abs(b), 1e-3)


def assert_picture_is_of(page, given, make=lecture):
    """The page holds the data and gradients of the graph that Python makes of these numbers"""
    loss, _ = make(given)
    held = values(page)
    for node, gradient in gradients(loss).items():
        if node.label:
            assert close(held[node.label]["data"], node.data) and close(held[node.label]["grad"], gradient)
    return loss


# ---------------------------------------------------------------------- numbers follow


def test_the_page_opens_complete_with_the_loss_and_no_complaint(page):
    opened = page()
    assert text(opened, "#p-lossnumber") == "0.7293" and text(opened, "#p-count") == "32 / 32"
    assert caption(opened).startswith("every gradient is known")
    assert opened.complaints() == []


def test_dragging_a_violet_number_moves_it_by_a_hundredth_for_each_pixel(page):
    opened = page()
    opened.evaluate("handles.all.find((h) => h.node === settings.nodeOf.get('x_2')).ground.setAttribute('id', 'x2')")
    drag(opened, "#x2", -140)
    assert values(opened)["x_2"]["data"] == -0.9
    loss = assert_picture_is_of(opened, {"x_2": -0.9})
    assert text(opened, "#p-lossnumber") == number(loss.data)
    drag(opened, "#x2", 50, keys=8)                                        # Shift
    assert values(opened)["x_2"]["data"] == pytest.approx(-0.85)
    assert opened.complaints() == []


def test_every_entry_of_a_matrix_is_dragged_in_the_picture(page):
    opened = page("units")
    held = "new Set(handles.all.map((handle) => settings.labelOf.get(handle.node)))"
    wanted = [f"{w}[{r}][{c}]" for w, columns in (("w_i", 2), ("w_h", 3)) for r in range(3) for c in range(columns)]
    assert opened.evaluate(f"{wanted}.every((label) => {held}.has(label))")
    entry = "handles.all.find((handle) => settings.labelOf.get(handle.node) === 'w_h[2][1]')"
    opened.evaluate(f"{entry}.ground.id = 'entry'")
    before = values(opened)["w_h[2][1]"]["data"]
    drag(opened, "#entry", 60)
    assert values(opened)["w_h[2][1]"]["data"] == pytest.approx(before + 0.6, abs=0.01)
    assert opened.complaints() == []


def test_escape_puts_a_dragged_number_back_and_a_double_click_resets_it(page):
    opened = page()
    opened.evaluate("document.querySelector('.knob').id = 'knob'")
    drag(opened, "#knob", 60, release=False)
    assert values(opened)["w_i"]["data"] == 1.1
    press(opened, "Escape")
    assert values(opened)["w_i"]["data"] == 0.5
    x, y = middle(opened, "#knob")
    opened.call("Input.dispatchMouseEvent", type="mouseReleased", x=x, y=y, button="left", clickCount=1)
    drag(opened, "#knob", 60)
    assert values(opened)["w_i"]["data"] == 1.1
    x, y = middle(opened, "#knob")
    for count in (1, 2):
        for kind in ("mousePressed", "mouseReleased"):
            opened.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=count)
    settle(opened)
    assert values(opened)["w_i"]["data"] == 0.5


def test_keys_move_type_and_reset_a_number(page):
    opened = page()
    knob(opened, "w_h")
    press(opened, "ArrowUp")
    assert values(opened)["w_h"]["data"] == 0.9
    press(opened, "ArrowDown", modifiers=8)
    assert values(opened)["w_h"]["data"] == 0.89
    press(opened, "ArrowRight", modifiers=1)
    assert values(opened)["w_h"]["data"] == 1.89
    for key in ("-", "2", ".", "5"):
        opened.key(key)
    press(opened, "Enter")
    assert values(opened)["w_h"]["data"] == -2.5
    assert_picture_is_of(opened, {"w_h": -2.5})
    press(opened, "Backspace")
    assert values(opened)["w_h"]["data"] == 0.8
    opened.key("7")
    press(opened, "Escape")
    assert values(opened)["w_h"]["data"] == 0.8 and opened.complaints() == []


def test_a_target_stays_between_0_and_1(page):
    opened = page()
    knob(opened, "y")
    press(opened, "ArrowUp")
    assert values(opened)["y"]["data"] == 1
    press(opened, "PageDown")
    press(opened, "PageDown")
    assert values(opened)["y"]["data"] == 0
    assert_picture_is_of(opened, {"y": 0})


def test_undo_and_redo_and_reset(page):
    opened = page()
    knob(opened, "w_h")
    press(opened, "ArrowUp")
    press(opened, "ArrowUp")
    press(opened, "z", modifiers=2)
    assert values(opened)["w_h"]["data"] == 0.9
    opened.point("[data-do=redo]", click=True)
    settle(opened)
    assert values(opened)["w_h"]["data"] == 1
    opened.point("[data-do=reset]", click=True)
    settle(opened)
    assert values(opened)["w_h"]["data"] == 0.8
    press(opened, "z", modifiers=2)
    assert values(opened)["w_h"]["data"] == 1


def test_all_inputs_are_scaled_by_one_knob(page):
    opened = page("ten_steps")
    knob(opened, "all inputs times")
    press(opened, "ArrowDown", modifiers=1)
    assert [values(opened)[f"x_{t}"]["data"] for t in (1, 2, 3)] == [0, 0, 0]
    press(opened, "ArrowUp")
    assert values(opened)["x_3"]["data"] == -0.1


def test_the_factor_of_all_inputs_is_typed_and_kept(page):
    opened = page("ten_steps")
    knob(opened, "all inputs times")
    for factor in ("0", "0.1"):
        for key in factor:
            opened.key(key)
        press(opened, "Enter")
    assert values(opened)["x_2"]["data"] == 0.05 and text(opened, "[aria-label='all inputs times'] b") == "0.1"
    opened.evaluate("minigrad.set({x_2: 3})")                              # now they are others
    assert text(opened, "[aria-label='all inputs times'] b") == "1"
    opened.key("b")
    opened.key("r")
    assert text(opened, "#p-count") == "28 / 28" and values(opened)["x_2"]["data"] == 3


def test_a_target_out_of_its_bounds_is_refused_in_words(page):
    opened = page()
    knob(opened, "y")
    opened.key("2")
    press(opened, "Enter")
    assert caption(opened) == "y = 1: it is held between 0 and 1" and values(opened)["y"]["data"] == 1
    knob(opened, "w_h")
    assert caption(opened).startswith("every gradient is known")


@pytest.mark.parametrize("name", GRAPHS)
def test_any_setting_shows_the_numbers_as_python_writes_them(page, name):
    random.seed(name)
    opened = page(name)
    leaves = opened.evaluate("page.leaves.map((leaf) => [settings.key(leaf.node), leaf.bounds])")
    for _ in range(3):
        given = {key: random.random() if bounds else round(random.uniform(-2, 2), 3) for key, bounds in leaves}
        given = {key: float(f"{x:.12g}") for key, x in given.items()}
        opened.evaluate(f"minigrad.set({given})")
        loss, _ = GRAPHS[name](given)
        assert text(opened, "#p-lossnumber") == number(loss.data)
        held = values(opened)
        for node, gradient in gradients(loss).items():
            if node.label and held[node.label]["data"] == node.data:
                assert signed(held[node.label]["grad"]) == signed(gradient) or close(held[node.label]["grad"], gradient)
    assert opened.complaints() == []


OUTSIDE = """[...svg.querySelectorAll('.node text, .node tspan')].filter((text) => {
  const frame = text.closest('.node').querySelector('rect, path');
  if (!frame || text.closest('.unseen') || !text.textContent.trim()) return false;
  const a = text.getBBox(), b = frame.getBBox();
  return a.x < b.x - 1 || a.x + a.width > b.x + b.width + 1;
}).map((text) => text.textContent)"""


@pytest.mark.parametrize("name", ["lecture", "ten_steps", "units", "lstm", "every_operation"])
def test_no_text_leaves_its_box_and_no_number_is_nan_while_each_leaf_goes_from_minus_5_to_5(page, name):
    opened = page(name)
    leaves = opened.evaluate("page.leaves.map((leaf) => settings.key(leaf.node))")
    height = "document.querySelector('#p-frame').clientHeight + document.querySelector('#p-dock').clientHeight"
    before = opened.evaluate(height)
    for leaf in leaves[:: max(1, len(leaves) // 8)]:
        for x in (-5, -3.3333, -1.23456, -1e-7, 0, 0.0004321, 2.7182818, 5):
            opened.evaluate(f"minigrad.set({{'{leaf}': {x}}})")
            assert opened.evaluate(OUTSIDE) == [], (leaf, x)
            words = opened.evaluate("document.querySelector('main').innerText")
            assert not re.search(r"NaN|Infinity|∞|undefined", words)
        assert opened.evaluate(height) == before
        opened.evaluate("settings.reset()")
    assert opened.complaints() == []


def test_an_operation_without_an_answer_says_so_in_words_at_its_box(page):
    opened = page("lecture", "#w_o=60&w_i=1&x_3=2")
    assert caption(opened) == "log of 1 − ŷ = 0: it needs a number above 0"
    assert text(opened, ".flag text") == caption(opened)
    assert opened.evaluate("getComputedStyle(document.querySelector('#p-caption')).color") == "rgb(179, 0, 94)"
    assert opened.evaluate("document.querySelectorAll('.wrong').length") == 1
    pale = opened.evaluate("[...svg.querySelectorAll('text.stale')].map((text) => text.textContent)")
    assert {"−0.5005", "−0.345", "—"} <= set(pale) and "0.9899" not in pale        # o₃ has a number: tanh(2.643)
    assert text(opened, "#p-tiles b:last-child") and opened.evaluate("minigrad.values().L.grad") is None
    assert text(opened, "#p-lossnumber") == "—" and opened.evaluate("learn.buttons.every((b) => b.disabled)")
    opened.evaluate("minigrad.set({w_o: 1})")
    assert opened.evaluate("document.querySelectorAll('.stale').length") == 0
    assert opened.evaluate("getComputedStyle(document.querySelector('.flag')).display") == "none"
    assert opened.complaints() == []


@pytest.mark.parametrize("size", [(390, 844), (1000, 700)])
@pytest.mark.parametrize("name", ["perceptron", "every_operation"])
def test_a_large_picture_opens_at_the_number_in_hand(page, name, size):
    opened = page(name, size=size, touch=size[0] < 500)
    settle(opened)
    seen = """(() => {
      const { left, right, top, bottom } = frame.getBoundingClientRect();
      const box = handles.all.find((handle) => handle.node === hand).ground.getBoundingClientRect();
      return box.left > left && box.right < right && box.top > top && box.bottom < bottom;
    })()"""
    assert opened.evaluate(seen)


def test_each_domain_says_what_it_needs(page):
    opened = page("domains")
    for given, words in (
        ("{a: 0}", "log of a = 0: it needs a number above 0"),
        ("{b: -1}", "it needs a number that is not negative"),
        ("{a: 1, c: 1}", "/ of 1, a − c = 0: the divisor must not be 0"),
        ("{a: 2, b: 3, c: 4}", "a negative base needs a plain whole number as exponent"),
        ("{a: 3, b: 1, c: 1}", "exp of a·400 = 1200: a number here is too large for a float"),
    ):
        opened.evaluate("settings.reset()")
        opened.evaluate(f"minigrad.set({given})")
        assert words in opened.evaluate("minigrad.refused()"), (given, opened.evaluate("minigrad.refused()"))
        assert opened.complaints() == []


# ---------------------------------------------------------------------- words


CHOSEN: dict[str, dict] = {                                          # networks whose words are chosen
    "units": {}, "folded": {"hidden": 5, "words": (0, 2, 1, 2, 3, 1, 0)}, "number": {"hidden": 1, "fused": True},
    "biases": {"bias": True, "fused": True}, "lstm": {"network": LSTM, "fused": True},
    "gru": {"network": GRU, "bias": True}, "truncated": {"truncate": 2},
}
HELD = """(() => {
  const computed = graph.nodes.flatMap((node, place) => (node && node.op !== 'cut' ? [place] : []));
  return [computed.map((k) => graph.data[k]), computed.map((k) => graph.gradient[k]), minigrad.values()];
})()"""


def by_python(loss, unrolled):
    """(the numbers, the gradients) of all computed Values in the order of making, {label: (number, gradient)}"""
    snapshot = Snapshot(loss, [unrolled])
    order = [v for v in sorted([*snapshot.beyond, *snapshot.order], key=lambda v: v.made) if v.operands]
    labels = {v.label: (v.data, snapshot.gradient[v]) for v in snapshot.order if v.label and not v.operands}
    return [v.data for v in order], [snapshot.gradient.get(v, 0) for v in order], labels


@pytest.mark.parametrize("name", CHOSEN)
def test_chosen_words_are_unrolled_as_python_unrolls_them_afresh(page_of, name):
    random.seed(name)
    how = CHOSEN[name]
    first = how.get("words", (0, 2, 1, 2))
    opened = page_of(f"words_{name}", *GRAPHS["one_hot"]({}, **how))
    for _ in range(20):
        words = [random.randrange(4) for _ in first]
        opened.evaluate(f"minigrad.set({ {f'x_{t}': str(k) for t, k in enumerate(words, start=1)} })")
        data, slopes, labels = by_python(*GRAPHS["one_hot"]({}, **how | {"words": words}))
        held_data, held_slopes, held = opened.evaluate(HELD)
        assert len(held_data) == len(data)
        assert all(map(close, held_data, data)) and all(map(close, held_slopes, slopes))
        for label, (number_, slope) in labels.items():
            assert close(held[label]["data"], number_) and close(held[label]["grad"], slope), label
        unused = [label for label in held if label.startswith("w_i") and label not in labels]
        assert all(held[label]["grad"] == 0 for label in unused)
    assert opened.complaints() == []


def test_the_picture_of_chosen_words_is_the_one_that_python_draws_of_them(page_of):
    """The norms, the words, and the routes; of a folded picture, in which no word comes twice"""
    how = {"hidden": 5, "words": (0, 2, 1)}
    opened = page_of("words_drawn", *GRAPHS["one_hot"]({}, **how))
    opened.evaluate("minigrad.set({x_1: '3', x_3: '0'})")
    texts = "[...svg.querySelectorAll('.v text')].map((text) => text.textContent)"
    changed = opened.evaluate(texts)
    drawn = page_of("words_afresh", *GRAPHS["one_hot"]({}, **how | {"words": (3, 2, 0)})).evaluate(texts)
    assert len(changed) == len(drawn) > 30
    for text_, afresh in zip(changed, drawn):         # a page keeps to the room that the first number had
        x, y = text_.replace("−", "-"), afresh.replace("−", "-")
        assert x == y or float(x) == pytest.approx(float(y), rel=0.06), (text_, afresh)


def test_words_are_chosen_in_the_bar_by_a_link_and_with_a_click_on_the_picture(page_of):
    model = Sentiment(Vocabulary(["a", "the", "not", "good", "bad", "film", "great"]), 3, seed=1)
    reading = model.read("a good zorp film")
    loss = model.loss(reading, 1)
    named = {"captions": reading.words, "vocabulary": model.vocabulary.words}
    opened = page_of("sentence", loss, reading.unrolled, "#x_2=bad", **named)
    assert opened.evaluate("minigrad.loss()") == pytest.approx(model.loss(model.read("a bad zorp film"), 1).data)
    shown = "[...svg.querySelectorAll('.yours')].map((text) => text.textContent)"
    assert opened.evaluate(shown).count("bad") == 4 and "zorp" in opened.evaluate(shown)
    third = "document.querySelector('select[aria-label=\"the word x₃\"]')"
    opened.evaluate(f"{third}.focus()")
    names = opened.evaluate(f"[...{third}.options].map((option) => option.text)")
    assert names == ["zorp", "a", "the", "not", "good", "bad", "film", "great"]
    opened.evaluate(f"{third}.value = 7; {third}.dispatchEvent(new Event('change'))")
    assert opened.until("location.hash == '#x_2=bad&x_3=great'")
    assert opened.evaluate("minigrad.loss()") == pytest.approx(model.loss(model.read("a bad great film"), 1).data)
    press(opened, "z", modifiers=2)
    assert opened.evaluate(f"{third}.value") == "0"
    opened.evaluate(f"{third}.blur()")
    press(opened, "r")
    assert opened.evaluate("minigrad.loss()") == pytest.approx(loss.data)
    opened.evaluate("svg.querySelectorAll('text.word')[8].id = 'word'")
    opened.point("#word", click=True)
    assert opened.evaluate("document.activeElement.tagName") == "SELECT" and opened.complaints() == []


def test_a_vocabulary_of_another_length_is_refused():
    loss, unrolled = GRAPHS["one_hot"]({})
    with pytest.raises(ValueError, match="the vocabulary has 3 words; one-hot inputs have 4"):
        walkthrough(loss, unrolled, vocabulary=["a", "b", "c"])


# ---------------------------------------------------------------------- what a gradient means


def test_the_tangent_at_the_curve_has_the_gradient_as_its_slope(page):
    opened = page("lecture", "#leaf=w_h&w_h=0.4")
    slope = opened.evaluate("""(() => {
      const line = lens.tangent, of = (name) => Number(line.getAttribute(name));
      const [low, high] = lens.range, wide = (RIGHT - LEFT) / (high - low);
      const tall = (FLOOR - TOP) / (lens.high - lens.low);
      return -(of("y2") - of("y1")) / tall / ((of("x2") - of("x1")) / wide);
    })()""")
    assert slope == pytest.approx(values(opened)["w_h"]["grad"], rel=0.01)
    curve = opened.evaluate("graph.lossAt([[hand, 0.4001]]) - graph.lossAt([[hand, 0.3999]])") / 0.0002
    assert curve == pytest.approx(values(opened)["w_h"]["grad"], rel=1e-5)


def test_one_step_of_gradient_descent_and_a_run(page):
    opened = page()
    opened.prefer(prefers_reduced_motion="reduce")
    before = values(opened)
    press(opened, "g")
    after = values(opened)
    for w in ("w_i", "w_h", "w_o"):
        assert after[w]["data"] == pytest.approx(before[w]["data"] - 0.5 * before[w]["grad"], rel=1e-9)
    assert after["x_1"]["data"] == 1
    opened.point("[data-do=run]", click=True)
    assert opened.until("minigrad.loss() < 0.6 && learn.losses.length > 4")
    opened.point("[data-do=run]", click=True)
    opened.point("[data-do=undo]", click=True)
    settle(opened)
    assert values(opened)["w_i"]["data"] == after["w_i"]["data"]
    assert opened.complaints() == []


def test_a_step_glides_to_where_it_leads_and_lands_at_once_if_something_else_is_done(page):
    opened = page()
    at = "settings.leaves.has(0) && graph.data[settings.nodeOf.get('w_h')]"
    on_the_way = opened.evaluate(f"(perform('descend'), {at})")
    assert opened.until("!learn.gliding")
    landed = opened.evaluate(at)
    assert on_the_way == pytest.approx(0.8, abs=0.1) and landed == pytest.approx(0.8 + 0.5 * 0.5005, abs=1e-4)
    opened.evaluate("perform('descend')")
    press(opened, "z", modifiers=2)
    assert opened.evaluate(at) == landed
    press(opened, "z", modifiers=2)
    assert opened.until(f"({at}) == 0.8")
    assert opened.complaints() == []


def test_the_strip_says_why_the_gradient_vanishes(page):
    opened = page("ten_steps", "#w_h=2.5")
    assert "9 factors, on average (geometric) × 0.0821" in text(opened, "#p-strip")
    assert "is below 1: tanh saturates" in text(opened, "#p-strip")
    opened.evaluate("minigrad.set({w_h: 0.3})")
    assert "vanishes on its way back, because |w_h| × tanh′ = 0.3 × 0.909 is below 1" in text(opened, "#p-strip")
    opened.evaluate("minigrad.set({w_h: 1, w_i: 0})")
    assert "it keeps its size on its way back, because |w_h| × tanh′ = 1 × 1 is near 1" in text(opened, "#p-strip")
    opened.evaluate("minigrad.set({w_i: 0.5})")
    small = {f"x_{t}": x / 50 for t, x in enumerate((1, 0.5, -1, 0.3, 0.8, -0.5, 1, -0.2, 0.4, 0.6), start=1)}
    opened.evaluate(f"minigrad.set({small | {'w_h': 1.7}})")
    assert "it explodes on its way back" in text(opened, "#p-strip")


def test_the_strip_never_says_that_a_gradient_grows_because_tanh_saturates(page):
    opened = page("lecture")
    for w_h, way in ((2.5, "shrinks"), (0.1, "vanishes"), (1.3, "shrinks")):
        opened.evaluate(f"minigrad.set({{w_h: {w_h}}})")
        assert f"it {way} on its way back" in text(opened, "#p-strip") and "is below 1" in text(opened, "#p-strip")
    opened.evaluate("minigrad.set({w_h: 2.5, w_i: 0})")
    assert "together × 6.2: it grows" in text(opened, "#p-strip") and "saturates" not in text(opened, "#p-strip")
    opened = page("ten_steps", "#w_h=1.5&w_i=0.05")   # 1.04 on average, and 9 factors
    assert "it grows on its way back, because |w_h| × tanh′ = 1.5 × 0.696 is above 1" in text(opened, "#p-strip")


def test_the_caption_leads_from_the_vanishing_gradient_to_one_that_lasts(page):
    opened = page("ten_steps")
    lead = ({"w_h": 2.5}, "vanishes"), ({"w_i": 0}, "explodes"), ({"w_i": 0.05, "w_h": 1}, "keeps its size")
    for numbers, way in lead:
        assert all(f"{w} = {x}" in caption(opened) for w, x in numbers.items())
        opened.evaluate(f"minigrad.set({numbers})")
        assert f"it {way} on its way back" in text(opened, "#p-strip")


def test_the_bars_of_the_strip_come_with_the_backward_pass(page):
    opened = page("lecture")
    heights = "strip.bars.map((bar) => Number(bar.getAttribute('height')) > 0)"
    count = opened.evaluate("film.last")
    seen = []
    for step in range(count + 1):
        opened.evaluate(f"film.go({step})")
        settle(opened)
        if opened.evaluate(heights) not in seen:
            seen.append(opened.evaluate(heights))
        assert ("is not reached yet" in text(opened, "#p-strip")) == (not seen[-1][1])
    assert seen == [[t > 3 - k for t in range(4)] for k in range(5)]


def test_the_product_of_a_row_is_seen_where_the_row_is_longer_than_its_room(page):
    opened = page("ten_steps", "#leaf=w_i")
    outside = """[...document.querySelectorAll('.route .total')].filter((total) => {
      const { right } = document.querySelector('#p-tiles').getBoundingClientRect();
      return total.getBoundingClientRect().right > right + 1;
    }).length"""
    assert opened.evaluate("tiles.place.scrollWidth > tiles.place.clientWidth") and opened.evaluate(outside) == 0


def test_the_keys_move_the_number_that_was_dragged_last(page):
    opened = page("lecture", "#leaf=w_i")
    knob(opened, "w_i")
    opened.evaluate("handles.all.find((handle) => handle.text === '0.8').ground.id = 'held'")
    drag(opened, "#held", 30)
    moved = values(opened)["w_h"]["data"]
    press(opened, "ArrowUp")
    assert moved == pytest.approx(1.1) and values(opened)["w_h"]["data"] == pytest.approx(1.2)
    assert values(opened)["w_i"]["data"] == 0.5


def test_fit_shows_the_whole_picture(page):
    opened = page("ten_steps", size=(1000, 700))
    assert opened.evaluate("frame.scrollWidth > frame.clientWidth")            # it opens as large as can be read
    opened.point("[data-do=fit]", click=True)
    assert opened.evaluate("frame.scrollWidth <= frame.clientWidth && frame.scrollHeight <= frame.clientHeight")


def test_the_tiles_multiply_and_add_to_the_gradient(page):
    opened = page("lecture", "#leaf=w_h&w_h=1.5")
    rows = opened.evaluate(
        "[...document.querySelectorAll('.route')].map((r) => [...r.querySelectorAll('b')].map((b) => b.textContent))")
    assert len(rows) == 3
    total = 0.0
    for *factors, product in rows:
        result = 1.0
        for factor in factors:
            result *= float(factor.replace("−", "-"))
        assert result == pytest.approx(float(product.replace("−", "-")), rel=2e-3, abs=1e-6)
        total += float(product.replace("−", "-"))
    assert total == pytest.approx(values(opened)["w_h"]["grad"], rel=2e-3)
    assert opened.evaluate("document.querySelector('.route .tile i').textContent") == "∂L/∂ŷ"


SHOWN = """(() => {
  const parts = [document.querySelector("ROW"), tiles.head, tiles.place];
  const [row, head, room] = parts.map((part) => part.getBoundingClientRect());
  return row.top >= head.bottom - 1 && row.bottom <= room.top + tiles.place.clientHeight + 1;
})()"""


@pytest.mark.parametrize("how", ["wheel", "keys"])
def test_every_row_of_the_chain_rule_can_be_scrolled_into_view(page, how):
    opened = page("ten_steps", "#leaf=w_h")
    last = SHOWN.replace("ROW", ".route:last-child")
    assert not opened.evaluate(last)
    if how == "wheel":
        x, y = middle(opened, "#p-tiles")
        opened.call("Input.dispatchMouseEvent", type="mouseWheel", x=x, y=y, deltaX=0, deltaY=2000)
    else:
        opened.evaluate("tiles.place.focus()")
        for kind in ("keyDown", "keyUp"):
            opened.call("Input.dispatchKeyEvent", type=kind, key="End", code="End", windowsVirtualKeyCode=35)
    assert opened.until(last) and opened.complaints() == []


def test_three_rows_are_seen_whatever_the_length_of_the_caption(page):
    opened = page("lecture", "#leaf=w_h")
    places = "[...document.querySelectorAll('#p-tiles, #p-slider, #p-play, #p-count')]"
    places += ".map((part) => part.getBoundingClientRect()).map(({ left, top }) => [left, top])"
    before = opened.evaluate(places)
    for fragment in ("#leaf=w_h&step=21", "#leaf=w_h&step=22", "#leaf=w_h&w_h=2.5", "#leaf=w_h&w_h=1.91"):
        opened.evaluate(f"location.hash = '{fragment}'")
        assert opened.until(SHOWN.replace("ROW", ".route:last-child")) and opened.evaluate(places) == before
    opened.evaluate("film.play()")
    assert opened.evaluate(places) == before


ROWS_SEEN = """(() => {
  const [head, room] = [tiles.head, tiles.place].map((part) => part.getBoundingClientRect());
  return [...document.querySelectorAll(".route")].map((row) => row.getBoundingClientRect()).filter((row) => (
    row.top >= head.bottom - 1 && row.bottom <= room.top + tiles.place.clientHeight + 4)).length;
})()"""


@pytest.mark.parametrize("name,size,least", [
    ("lecture", (1000, 700), 3), ("ten_steps", (1000, 700), 3), ("ten_steps", (1440, 900), 4),
    ("ten_steps", (2560, 1440), 7),
])
def test_rows_of_the_chain_rule_and_most_of_the_picture_are_seen_in_a_low_window(page, name, size, least):
    opened = page(name, "#leaf=w_h", size=size)
    assert opened.evaluate(ROWS_SEEN) >= least
    assert opened.evaluate("frame.clientHeight") > 0.44 * size[1]


def test_a_panel_is_folded_for_the_picture_or_for_the_others(page):
    opened = page("ten_steps", "#leaf=w_h", size=(1000, 700))
    height, rows = opened.evaluate("frame.clientHeight"), opened.evaluate(ROWS_SEEN)
    for panel in ("lens", "learn"):
        opened.point(f"[data-panel=p-{panel}]", click=True)
    assert opened.evaluate(ROWS_SEEN) > rows + 1
    pressed = "document.querySelector('[data-panel=p-film]').getAttribute('aria-pressed')"
    assert opened.evaluate(pressed) == "true"
    opened.point("[data-panel=p-film]", click=True)
    settle(opened)
    assert opened.evaluate(pressed) == "false" and opened.evaluate("frame.clientHeight") > height + 180
    opened.point("[data-panel=p-lens]", click=True)
    assert opened.evaluate("lens.svg.clientHeight") > 150 and opened.complaints() == []


def test_pointing_at_a_factor_says_what_it_is_made_of(page):
    opened = page("lecture", "#leaf=w_h")
    opened.point(".route:nth-child(2) .tile:nth-of-type(3)")
    settle(opened)
    said = "∂o₃/∂o₂ = w_h · tanh′ = 0.8 × 0.9965 = 0.7972; the product so far, which is its colour: −0.4953"
    assert caption(opened) == said
    opened.point("#p-count")
    settle(opened)
    assert caption(opened).startswith("every gradient is known")


def test_the_lens_follows_the_number_in_hand(page):
    opened = page("lecture", "#leaf=w_h")
    for w_h, reach in ((40, 50), (0.8, 3), (1379, 1e4), (-2, 3)):
        opened.evaluate(f"minigrad.set({{w_h: {w_h}}})")
        assert opened.evaluate("lens.range") == [-reach, reach]


def test_the_strip_grows_by_decades_and_no_bar_is_cut(page):
    opened = page("ten_steps")
    shown = "strip.marks.map((mark) => mark.textContent).filter(Boolean).join()"
    assert "log scale; dashed: at the start" in text(opened, "#p-strip svg")
    for given, marks in (({}, "1,1e−4"), ({"w_h": 2.5}, "1,1e−12"), ({"w_h": 2.5, "w_i": 0}, "1,1e4,1e−4")):
        opened.evaluate(f"minigrad.set({given})")
        heights = opened.evaluate("strip.bars.map((bar) => Number(bar.getAttribute('height')))")
        assert opened.evaluate(shown) == marks and max(heights) <= 42 and len(set(heights[1:])) == 10
        norms, one = opened.evaluate("strip.norms()"), opened.evaluate("57 - Number(strip.one.getAttribute('y1'))")
        assert all((norm > 1) == (height > one) for norm, height in zip(norms, heights))
    assert opened.complaints() == []


# ---------------------------------------------------------------------- the film, links, pointing


def test_keys_step_through_both_passes_with_the_numbers_of_now(page):
    opened = page("lecture", "#step=0&w_h=1")
    assert text(opened, "#p-count") == "0 / 32"
    for _ in range(3):
        press(opened, "ArrowRight")
    assert caption(opened) == "forward 3/15 z₁ = x₁·w_i + o₀·w_h = 0.5 + 0 = 0.5"
    press(opened, "ArrowLeft")
    assert text(opened, "#p-count") == "2 / 32"
    press(opened, "b")
    assert caption(opened) == "backward it starts with ∂L/∂L = 1"
    press(opened, "End")
    press(opened, "ArrowRight")
    assert text(opened, "#p-count") == "32 / 32"
    press(opened, "Home")
    assert opened.evaluate("document.querySelectorAll('.v.mid.ghost').length") == 14
    press(opened, " ")
    assert text(opened, "#p-play") == "❚❚ pause"
    press(opened, " ")
    assert text(opened, "#p-play") == "▶ play" and opened.complaints() == []


def test_a_link_opens_what_was_seen_and_the_address_holds_it(page):
    opened = page("lecture", "#w_h=0.9&x_2=-1&step=24&eta=0.25&leaf=x_2")
    loss = assert_picture_is_of(opened, {"w_h": 0.9, "x_2": -1})
    assert text(opened, "#p-lossnumber") == number(loss.data) and text(opened, "#p-count") == "24 / 32"
    assert opened.evaluate("learn.eta") == 0.25
    knob(opened, "w_i")
    press(opened, "ArrowUp")
    assert opened.until("location.hash == '#w_i=0.6&w_h=0.9&x_2=-1&step=24&eta=0.25'")
    opened = page("lecture", "#focus=o_2")
    assert caption(opened) == "the routes of o₂: ∂L/∂o₂ = −0.4953"
    opened = page("lecture", "#step=nonsense&w_h=&x_1=many&y=7")
    assert text(opened, "#p-count") == "0 / 32" and values(opened)["y"]["data"] == 1
    assert opened.complaints() == []


def test_a_scene_shows_only_what_has_happened(page):
    opened = page("lecture", "#step=24")
    assert caption(opened) == "backward 8/15 from o₂: z₂ gets −0.4953 × 0.6965 = −0.345"
    assert opened.evaluate("document.querySelectorAll('.v .blank').length") == 7 + 4           # pills and terms
    assert opened.evaluate("document.querySelectorAll('.ghost').length") == 0
    press(opened, "Home")
    assert opened.evaluate("document.querySelectorAll('.current').length") == 0


def test_pointing_shows_the_routes_and_a_click_pins_them(page):
    opened = page()
    box = "#" + opened.evaluate("picture.boxes.find((b) => b.shows.includes(settings.nodeOf.get('o_1'))).id")
    opened.point(box + " text")
    settle(opened)
    assert caption(opened) == "the routes of o₁: ∂L/∂o₁ = −0.276"
    assert len(opened.evaluate("[...document.querySelectorAll('.route .tile i')].map((i) => i.textContent)")) == 4
    assert opened.evaluate("document.querySelectorAll('.edge.on').length") >= 8
    opened.point("#p-keys")
    settle(opened)
    assert caption(opened).startswith("every gradient")
    opened.point(box + " text", click=True)
    opened.point("#p-keys")
    settle(opened)
    assert caption(opened).startswith("the routes of o₁")
    press(opened, "Escape")
    assert caption(opened).startswith("every gradient") and opened.complaints() == []


def test_pointing_at_a_term_of_a_ledger_shows_the_route_of_its_step(page):
    opened = page()
    opened.evaluate("document.querySelectorAll('.bar .term')[4].setAttribute('id', 'second')")       # of w_h, at t = 2
    opened.point("#second text")
    settle(opened)
    assert caption(opened) == "via t = 2: −0.1594 of ∂L/∂w_h = −0.5005"
    rows = "[...document.querySelectorAll('.route')].map((row) => row.matches('.dim'))"
    assert opened.evaluate(rows) == [True, False, True]
    assert opened.evaluate("document.querySelectorAll('.bar.on .off').length") == 2
    opened.point("#p-keys")
    settle(opened)
    assert opened.evaluate("document.querySelectorAll('.dim').length") == 0 and opened.complaints() == []


def test_pointing_at_a_row_of_the_staircase_shows_that_row_alone_here_and_in_the_tiles(page):
    opened = page("ten_steps")
    row = "picture.cells.find((cell) => cell.lines.some((line) => line.last === 'via t = 5'))"
    opened.evaluate(f"{row}.group.id = 'fifth'")
    opened.point("#fifth text")
    settle(opened)
    bright = "[...document.querySelectorAll('.route:not(.dim)')].map((row) => row.dataset.step)"
    assert opened.evaluate(bright) == ["5"] and opened.evaluate(SHOWN.replace("ROW", ".route:not(.dim)"))
    cells = opened.evaluate("[...document.querySelectorAll('#staircase g:not(.off) > text:last-of-type')].length")
    assert cells < 12 and opened.evaluate("document.querySelectorAll('#staircase .off').length") > 40
    assert opened.complaints() == []


def test_a_drag_on_the_picture_pins_nothing(page):
    opened = page("ten_steps")
    opened.evaluate("handles.all.find((h) => h.node === settings.nodeOf.get('w_h')).ground.setAttribute('id', 'own')")
    drag(opened, "#own", 45)
    assert values(opened)["w_h"]["data"] == pytest.approx(1.55)
    assert opened.evaluate("pinned") is None and opened.evaluate("document.querySelectorAll('svg.focus').length") == 0
    opened.point("#own", click=True)
    settle(opened)
    assert opened.evaluate("pinned") is None
    assert opened.evaluate("document.activeElement.getAttribute('aria-label')") == "w_h"
    assert opened.complaints() == []


def test_the_tooltip_of_an_arrow_does_not_speak_against_it(page):
    opened = page()
    arrow = "picture.arrows.find(({ shows }) => shows.some(([user]) => user === settings.nodeOf.get('o_1')))"
    told = opened.evaluate(f"(() => {{ const arrow = {arrow}; tip(arrow); return arrow.tooltip.textContent; }})()")
    assert told == "back from o₁ to z₁: upstream −0.276 × partial 0.7864 = contribution −0.217"


def test_tooltips_hold_the_numbers_of_now(page):
    opened = page("lecture", "#w_h=1.25")
    box = "#" + opened.evaluate("picture.boxes.find((b) => b.shows.includes(settings.nodeOf.get('o_2'))).id")
    opened.point(box + " text")
    held = values(opened)["o_2"]
    assert text(opened, box + " title") == f"o₂: data {number(held['data'], 6)}, grad {number(held['grad'], 6)}"


def test_a_truncated_network_says_what_is_cut_off(page):
    opened = page("truncated", "#step=0")
    assert "steps 1 … 3 are cut off: no gradient flows back there" in caption(opened)


# ---------------------------------------------------------------------- a quiz


def test_a_quiz_hides_the_gradient_everywhere_until_it_is_typed(page_of):
    loss, unrolled = lecture({})
    w_h = next(v for v in gradients(loss) if v.label == "w_h")
    opened = page_of("quiz", loss, unrolled, quiz=[w_h])
    shown = "document.querySelector('main').innerText"
    opened.evaluate("minigrad.set({})")
    assert "0.5005" not in opened.evaluate(shown) and "0.5005" not in opened.evaluate("svg.textContent")
    assert caption(opened) == "still to find: ∂L/∂w_h"
    knob(opened, "w_h")
    assert "0.5005" not in opened.evaluate(shown) and "?" in text(opened, "#p-lens p")
    assert answer(opened, "x") == "write a number, such as −0.25 or 1/8"           # and is no try
    assert answer(opened, "0.5") == "the sign is not right; add up its routes, in the tiles"
    assert "0.5005" not in opened.evaluate(shown)
    assert answer(opened, "−0,5") == "right: it is −0.5005, see the tiles"
    assert "−0.5005" in opened.evaluate("svg.textContent") and opened.complaints() == []


def answer(opened, typed, question=1):
    """What the page says to an answer, that a reader types and sends with Enter"""
    form = f"#p-quiz form:nth-of-type({question})"
    opened.evaluate(f"document.querySelector('{form} input').value = {typed!r}")
    opened.evaluate(f"document.querySelector('{form} input').focus()")
    press(opened, "Enter")
    return text(opened, f"{form} output")


def test_after_a_wrong_answer_the_quiz_gives_a_hint_and_after_a_second_the_answer_with_its_routes(page_of):
    loss, unrolled = lecture({})
    o_1 = unrolled.states[1][0]
    w_i = next(v for v in gradients(loss) if v.label == "w_i")
    opened = page_of("tries", loss, unrolled, quiz=[o_1, w_i])
    assert "within 1 % is right, two tries each" in text(opened, "#p-quiz")
    slope = gradients(loss)[o_1]
    assert answer(opened, "1") == "not yet; multiply along its route, in the tiles"
    assert text(opened, "#p-tiles p").startswith("∂L/∂o₁ = ?") and text(opened, "#p-tiles .total") == "?"
    assert answer(opened, f"{slope * 1.011:.6f}") == f"wrong: it is {number(slope)}, see the tiles"
    assert text(opened, "#p-tiles p").startswith(f"∂L/∂o₁ = {number(slope)}")
    tiles = "[...document.querySelectorAll('#p-tiles .tile:not(.total) b')].map((b) => b.textContent)"
    factors, product = opened.evaluate(tiles), 1.0
    for factor in factors:
        product *= float(factor.replace("−", "-"))
    assert len(factors) == 4 and abs(product - slope) < 1e-3 * abs(slope)          # ∂L/∂ŷ · ∂ŷ/∂o₃ · ∂o₃/∂o₂ · ∂o₂/∂o₁
    assert answer(opened, f"{gradients(loss)[w_i] * 0.991:.6f}", 2).startswith("right: it is")
    assert opened.complaints() == []


def test_a_quiz_hides_what_would_tell_the_answer_and_shows_what_it_is_worked_out_from(page_of):
    loss, unrolled = lecture({})
    w_i, o_1 = next(v for v in gradients(loss) if v.label == "w_i"), unrolled.states[1][0]
    opened = page_of("tells", loss, unrolled, quiz=[o_1, w_i])
    opened.evaluate("minigrad.set({})")
    shown = "svg.textContent + document.querySelector('#p-tiles').innerText"
    terms, behind, upstream = ("−0.1725", "0.6191"), ("−0.217", "−0.1736"), ("−0.6213", "−0.345", "−0.5178")
    for number_shown in (*terms, *behind):            # the ledger of w_i; what is computed from ∂L/∂o₁
        assert number_shown not in opened.evaluate(shown)
    assert all(number_shown in opened.evaluate(shown) for number_shown in (*upstream, "× 0.7864", "× 0.8"))
    assert "t = 2: ? × ?" in opened.evaluate("svg.textContent")
    assert answer(opened, number(gradients(loss)[o_1])).startswith("right")
    assert all(number_shown in opened.evaluate("svg.textContent") for number_shown in ("−0.276", "−0.1736"))
    assert not any(number_shown in opened.evaluate("svg.textContent") for number_shown in terms)
    knob(opened, "w_i")
    opened.evaluate("pinned = null; schedule()")
    settle(opened)
    tiles = "[...document.querySelectorAll('#p-tiles .tile b')].map((b) => b.textContent)"
    assert set(opened.evaluate(tiles)) == {"?"}
    assert answer(opened, "1", 2) == "not yet; add up its routes, in the tiles"
    assert ["?" if x == "?" else "x" for x in opened.evaluate(tiles)] == list("xxx?xxxx?xxxxx?")
    assert answer(opened, "0.2296", 2).startswith("right")
    assert all(number_shown in opened.evaluate("svg.textContent") for number_shown in (*terms, *behind))
    assert opened.complaints() == []


TOLD = """[...Array(film.last + 1).keys()].flatMap((step) => {
  film.go(step);
  update();
  const places = [...svg.querySelectorAll('text')].filter((text) => !text.closest('.unseen, [id^=legend]'));
  const seen = [...places, ...['p-caption', 'p-tiles', 'p-lens', 'p-strip'].map((id) => document.getElementById(id))];
  const words = seen.map((place) => place.textContent).join(' ').split(/[^0-9.e]+/);
  return [...quiz.secrets].filter((x) => x && words.includes(number(x))).map((x) => [step, x]);
})"""


def test_no_step_of_the_film_shows_a_number_that_a_quiz_hides(page_of):
    loss, unrolled = lecture({})
    w_i = next(v for v in gradients(loss) if v.label == "w_i")
    opened = page_of("film", loss, unrolled, quiz=[unrolled.states[2][0], w_i])
    settle(opened)
    assert opened.evaluate("quiz.secrets.size") > 10 and opened.evaluate(TOLD) == []
    opened.evaluate("quiz.hides = () => false")
    assert len(opened.evaluate(TOLD)) > 40            # without the quiz they would all be there


@pytest.mark.parametrize("size", [(370, 750), (740, 800), (930, 850)])
def test_in_a_frame_of_a_book_a_question_its_field_and_what_it_asks_for_are_seen_at_once(page_of, size):
    loss, unrolled = lecture({})
    weights = {v.label: v for v in gradients(loss)}
    asked = [weights["w_o"], weights["w_i"]]
    opened = page_of("framed", loss, unrolled, quiz=asked, size=size, touch=size[0] < 500)
    for k, focus in ((0, False), (1, True), (0, True)):                  # at first, then where a field is typed into
        if focus:
            opened.evaluate(f"document.querySelectorAll('#p-quiz input')[{k}].focus()")
        settle(opened)
        opened.evaluate(f"picture.cells.find((cell) => cell.quantities.some((q) => page.quantities[q][0] === 'gradient'"
                        f" && page.quantities[q][1] === page.quiz[{k}])).group.classList.add('asked{k}')")
        for selector in (f".asked{k}", "#p-quiz", f"#p-quiz form:nth-of-type({k + 1}) input"):
            box = f"document.querySelector('{selector}').getBoundingClientRect()"
            left, top, right, bottom = opened.evaluate(f"[{box}.left, {box}.top, {box}.right, {box}.bottom]")
            assert left >= 0 and top >= 0 and right <= size[0] and bottom <= size[1], selector
        frame = "document.querySelector('#p-frame').getBoundingClientRect()"
        assert opened.evaluate(f"document.querySelector('.asked{k}').getBoundingClientRect().bottom <= {frame}.bottom")
    assert opened.evaluate("scrollY") == 0 and opened.complaints() == []


# ---------------------------------------------------------------------- any screen, any reader


@pytest.mark.parametrize("size", [(390, 800), (1000, 700), (1440, 900), (2560, 1300)])
def test_the_controls_are_on_every_screen(page, size):
    opened = page("ten_steps", "#step=20", size=size, touch=size[0] < 500)
    settle(opened)
    assert opened.evaluate("document.documentElement.scrollWidth") <= size[0]
    for selector in ("#p-bar", "#p-picture", "#p-loss"):
        box = f"document.querySelector('{selector}').getBoundingClientRect()"
        top, bottom = opened.evaluate(f"[{box}.top, {box}.bottom]")
        assert top >= 0 and bottom <= size[1] + 1, selector
    smallest = opened.evaluate(
        "Math.min(...[...svg.querySelectorAll('text[font-size]')].filter((t) => !t.closest('.flag'))"
        ".map((t) => parseFloat(t.getAttribute('font-size')) * t.getScreenCTM().a))")
    assert smallest >= 7.9
    if size[0] >= 1000:
        assert opened.evaluate("document.querySelector('#p-dock').getBoundingClientRect().bottom") <= size[1]
    assert opened.complaints() == []


@pytest.mark.parametrize("name", ["lecture", "units", "lstm", "perceptron"])
def test_on_a_phone_the_picture_and_the_bar_stay_while_the_page_scrolls(page, name):
    opened = page(name, size=(390, 844), touch=True)
    for panel in ("#p-player", "#p-film", "#p-lens", "#p-learn"):
        opened.evaluate(f"document.querySelector('{panel}').scrollIntoView()")
        box = "document.querySelector('{}').getBoundingClientRect()"
        assert opened.evaluate(f"{box.format('#p-picture')}.top") >= 0
        assert opened.evaluate(f"{box.format('#p-bar')}.bottom") <= 844
        assert opened.evaluate(f"{box.format(panel)}.top - {box.format('#p-picture')}.bottom") >= 0
    out = "[...document.querySelectorAll('.card')].filter((card) => card.getBoundingClientRect().right > 390).length"
    assert opened.evaluate(out) == 0 and opened.evaluate("document.documentElement.scrollWidth") == 390
    smallest = opened.evaluate("Math.min(...sizes) * svg.querySelector('text').getScreenCTM().a")
    assert smallest >= 8.9 and opened.complaints() == []


def swipe(opened, selector, dx, rest=0.0):
    """A finger that moves dx to the right, after it has rested some seconds"""
    x, y = middle(opened, selector)
    opened.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
    time.sleep(rest)
    for k in range(1, 11):
        opened.call("Input.dispatchTouchEvent", type="touchMove", touchPoints=[{"x": x + dx * k / 10, "y": y}])
    opened.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    time.sleep(0.4)


def test_a_finger_scrolls_the_bar_and_drags_the_number_in_hand_or_under_a_hold(page):
    opened = page("ten_steps", size=(390, 844), touch=True)
    for k, name in enumerate(("w_i", "w_h", "x₁")):
        opened.evaluate(f"document.querySelector('[aria-label=\"{name}\"]').id = 'k{k}'")
    scrolled = "document.querySelector('#p-leaves').scrollLeft"
    start = {label: held["data"] for label, held in values(opened).items()}
    swipe(opened, "#k0", 40)                                              # it is in hand
    assert values(opened)["w_i"]["data"] == pytest.approx(0.9) and opened.evaluate(scrolled) == 0
    opened.evaluate("settings.reset()")
    swipe(opened, "#k1", -140)
    assert opened.evaluate(scrolled) > 80
    assert {label: held["data"] for label, held in values(opened).items()} == start
    swipe(opened, "#k2", 30, rest=0.45)
    assert values(opened)["x_1"]["data"] == pytest.approx(1.3)
    opened.evaluate("document.querySelector('#p-leaves').scrollLeft = 0")
    opened.tap("#k1")
    settle(opened)
    assert opened.evaluate("document.activeElement.matches('#k1 input')")
    opened.call("Input.insertText", text="-0.5")
    press(opened, "Enter")
    assert values(opened)["w_h"]["data"] == -0.5 and opened.complaints() == []


def test_a_finger_scrolls_the_rows_of_tiles_sideways(page):
    opened = page("ten_steps", "#leaf=w_h", size=(390, 844), touch=True)
    opened.evaluate("tiles.place.scrollIntoView({ block: 'center' })")
    swipe(opened, ".route:nth-child(5) .tile:nth-of-type(3)", -150)
    assert opened.evaluate("tiles.place.scrollLeft") > 80 and opened.complaints() == []


def test_a_tap_on_a_number_and_typing_it_do_not_move_the_page(page):
    opened = page("ten_steps", size=(390, 844), touch=True)
    opened.evaluate("handles.all.find((one) => one.node === settings.nodeOf.get('w_h')).ground.id = 'held'")
    for place in ("#held", ".knob[aria-label=w_h]"):
        x, y = middle(opened, place)
        for kind, points in (("touchStart", [{"x": x, "y": y}]), ("touchEnd", [])):
            opened.call("Input.dispatchTouchEvent", type=kind, touchPoints=points)
        settle(opened)
        assert opened.evaluate("[scrollY, hand === settings.nodeOf.get('w_h')]") == [0, True]
        assert opened.evaluate("document.activeElement.matches('.knob input')")
    for digit in "2.5":
        press(opened, digit)
    assert opened.evaluate("[scrollY, document.activeElement.value]") == [0, "2.5"]
    x, _ = opened.evaluate("document.activeElement.id = 'field'") and middle(opened, "#field")
    press(opened, "Enter")
    settle(opened)
    assert opened.evaluate("[scrollY, graph.data[hand]]") == [0, 2.5]
    assert 0 < x < 390 and opened.complaints() == []


def test_a_tap_beside_the_boxes_lets_the_routes_go(page):
    opened = page("lecture", "#focus=o_2", size=(390, 844), touch=True)
    assert caption(opened).startswith("the routes of o₂")
    x, y = opened.evaluate("(({ left, top }) => [left + 12, top + 150])(frame.getBoundingClientRect())")
    for kind, points in (("touchStart", [{"x": x, "y": y}]), ("touchEnd", [])):
        opened.call("Input.dispatchTouchEvent", type=kind, touchPoints=points)
    assert opened.until("pinned === null")
    settle(opened)
    assert "hold a violet number to drag it, tap it to type" in caption(opened)


@pytest.mark.parametrize(("place", "dy"), [("#p-lens svg", -10), (".map", 10)])
def test_a_finger_scrolls_the_page_over_the_curve_and_the_map_and_drags_their_points_sideways(page, place, dy):
    opened = page("lecture", "#leaf=w_h", size=(390, 844), touch=True)
    opened.evaluate(f"document.querySelector('{place}').scrollIntoView()")
    lens = middle(opened, place)
    for point in ("start", "Move"):
        for k in (range(1, 11) if point == "Move" else [0]):
            finger = {"x": lens[0] + 40, "y": lens[1] + dy * k}
            opened.call("Input.dispatchTouchEvent", type=f"touch{point.capitalize()}", touchPoints=[finger])
    opened.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    time.sleep(0.4)
    assert (middle(opened, place)[1] - lens[1]) * dy > 400 and values(opened)["w_h"]["data"] == 0.8
    before = [values(opened)[w]["data"] for w in ("w_i", "w_h")]
    opened.evaluate(f"document.querySelector('{place}').scrollIntoView({{ block: 'center' }})")
    swipe(opened, place, 40)
    assert before != [values(opened)[w]["data"] for w in ("w_i", "w_h")] and opened.complaints() == []


def test_a_print_has_light_colours_no_controls_and_the_whole_map(page):
    opened = page("ten_steps")
    light = "[...learn.canvas.getContext('2d').getImageData(0, 0, 48, 48).data]"
    light += ".filter((x, k) => k % 4 === 0 && x > 240).length"
    opened.prefer(prefers_color_scheme="dark")
    time.sleep(1)                                     # the dark map is drawn
    opened.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert opened.evaluate("document.documentElement.dataset.theme") == "light" and opened.evaluate(light) > 100
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    opened.call("Emulation.setEmulatedMedia", media="print", features=dark)
    seen = "[...document.querySelectorAll('button, nav *, .rate')].filter((e) => e.checkVisibility()).length"
    parts = ["#p-frame svg", "#p-leaves", "#p-tiles", "#p-lens", ".map"]
    kept = f"{parts}.every((part) => document.querySelector(part).checkVisibility())"
    try:
        assert opened.evaluate(seen) == 0 and opened.evaluate(kept)
        assert opened.evaluate("getComputedStyle(document.querySelector('.axes select')).appearance") == "none"
        assert opened.evaluate("tiles.place.scrollHeight <= tiles.place.clientHeight + 1")
        assert opened.evaluate("tiles.place.scrollWidth <= tiles.place.clientWidth + 1")
    finally:
        opened.call("Emulation.setEmulatedMedia", media="", features=dark)
    opened.evaluate("dispatchEvent(new Event('afterprint'))")
    assert opened.evaluate("document.documentElement.dataset.theme") == "dark" and opened.complaints() == []


def test_dark_light_print_and_without_motion(page):
    opened = page("lecture", "#step=24")
    opened.prefer(prefers_color_scheme="dark")
    settle(opened)
    assert opened.evaluate("getComputedStyle(svg.querySelector('.v.mid rect')).fill") == "rgb(27, 34, 43)"
    assert opened.evaluate("document.documentElement.dataset.theme") == "dark"
    opened.point("[data-do=theme]", click=True)
    settle(opened)
    assert opened.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(238, 241, 244)"
    opened.prefer(prefers_reduced_motion="reduce")
    assert opened.evaluate("getComputedStyle(document.querySelector('.busy path')).animationName") == "none"


def test_everything_is_reached_by_the_keyboard_with_a_visible_focus_and_a_name(page):
    opened = page("lecture", "#step=32")
    seen = set()
    for _ in range(75):
        opened.call("Input.dispatchKeyEvent", type="keyDown", key="Tab", windowsVirtualKeyCode=9)
        name = "((e) => e.dataset.do || e.getAttribute('aria-label') || e.id)(document.activeElement)"
        seen.add(opened.evaluate(name))
        if opened.evaluate("document.activeElement !== document.body"):
            assert opened.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert {"first", "play", "backward", "step", "w_i", "w_h", "x₂", "y", "descend", "run", "undo", "reset", "link",
            "theme", "o₂: its routes to the loss"} <= seen, seen
    controls = "[...document.querySelectorAll('[role=button], [role=spinbutton], input, select, button')]"
    assert opened.evaluate(f"{controls}.every((e) => e.getAttribute('aria-label') || e.textContent.trim())")


def test_a_box_that_the_keyboard_reaches_comes_into_the_frame(page):
    opened = page("one_hot", size=(390, 844))
    inside = """(() => {
      const e = document.activeElement, box = e.getBoundingClientRect();
      const { left, right } = frame.getBoundingClientRect();
      return !e.matches(".v") || box.width > right - left || (box.left >= left && box.right <= right);
    })()"""
    for _ in range(opened.evaluate("svg.querySelectorAll('[tabindex]').length") + 1):
        opened.call("Input.dispatchKeyEvent", type="keyDown", key="Tab", windowsVirtualKeyCode=9)
        assert opened.evaluate(inside)
    assert opened.evaluate("document.activeElement.matches('.v')") and opened.complaints() == []


def test_a_screen_reader_hears_the_leaf_and_the_loss_once_it_rests(page):
    opened = page()
    knob(opened, "w_h")
    press(opened, "ArrowUp")
    assert opened.until("document.querySelector('#p-said').textContent.includes('0.9: L = ')")
    assert text(opened, "#p-said") == caption(opened) and caption(opened).startswith("w_h = 0.9: L = ")
    assert opened.evaluate("document.activeElement.getAttribute('aria-valuetext')") == "0.9"


def test_rows_of_the_chain_rule_out_of_sight_are_written_once_the_drag_ends(page):
    opened = page("thirty_steps", "#leaf=w_h")
    settle(opened)
    opened.evaluate("document.querySelectorAll('.knob')[1].id = 'w'")
    rows = "[...document.querySelectorAll('.route')].map((row) => row.textContent)"
    before = opened.evaluate(rows)
    drag(opened, "#w", 30, release=False)
    held = opened.evaluate(rows)
    assert held[0] != before[0] and held[-2] == before[-2]
    x, y = middle(opened, "#w")
    opened.call("Input.dispatchMouseEvent", type="mouseReleased", x=x, y=y, button="left", clickCount=1)
    settle(opened)
    assert opened.evaluate(rows)[-2] != before[-2]
    last = number(values(opened)["w_h"]["grad"])
    assert last in text(opened, "#p-tiles p") and opened.complaints() == []


def test_a_copy_of_the_picture_is_an_svg_of_its_own(page):
    opened = page("lecture", "#w_h=0.9")
    saved = ElementTree.fromstring(opened.evaluate("svgOfNow()"))
    texts = [element.text for element in saved.iter() if element.tag.endswith("}text")]
    assert "0.9" in texts and number(opened.evaluate("minigrad.loss()")) in texts
    assert not any(name.startswith("on") for element in saved.iter() for name in element.attrib)


def test_hostile_labels_are_words_in_every_part_of_the_page(page_of):
    label = '</script><script>hacked=1</script><img src=x onerror="hacked=1">"\'&<b>'
    w, x = Value(0.8, label=label + "w"), Value(3.0, label=label)
    product = w * x
    loss = product.tanh() * w
    product.label, loss.label = label + "p", label + "L"
    opened = page_of("hostile", loss, quiz=[x])
    opened.evaluate("perform('descend'); perform('first'); pin(graph.loss - 1)")
    settle(opened)
    assert opened.evaluate("typeof hacked") == "undefined"
    assert opened.evaluate("document.querySelectorAll('main img, main b b, main script').length") == 0
    assert "</script>" in text(opened, "#p-bar") and opened.complaints() == []


def test_a_page_in_the_frame_of_a_notebook_moves_too(browser):
    loss, unrolled = lecture({})
    path = browser.directory / "notebook.html"
    path.write_text("<!doctype html><meta charset=utf-8>" + walkthrough(loss, unrolled)._repr_html_(), encoding="utf-8")
    browser.size(1440, 900)
    browser.open(path)
    inside = "document.querySelector('iframe').contentWindow"
    browser.evaluate(f"{inside}.minigrad.set({{w_h: 0.9}})")
    time.sleep(0.4)
    assert browser.evaluate(f"{inside}.minigrad.loss()") == pytest.approx(lecture({"w_h": 0.9})[0].data)
    assert browser.complaints() == []


def test_a_page_in_a_frame_is_as_dark_as_the_color_scheme_of_the_frame(browser):
    loss, unrolled = lecture({})
    path = browser.directory / "book.html"
    frame = walkthrough(loss, unrolled)._repr_html_()
    path.write_text(f"<!doctype html><meta charset=utf-8><style>iframe {{ color-scheme: inherit }}</style>{frame}")
    browser.prefer()
    browser.open(path)
    theme = "document.querySelector('iframe').contentDocument.documentElement.dataset.theme"
    for scheme in ("light", "dark", "light"):
        browser.evaluate(f"document.documentElement.style.colorScheme = '{scheme}'")
        assert browser.until(f"{theme} == '{scheme}'")
    assert browser.complaints() == []


def test_plain_inputs_of_a_fused_network_say_why_they_cannot_be_moved(page):
    why = "x: in a fused network plain inputs are constants; unroll it with Values to move them"
    assert page("constants").evaluate("document.querySelector('.locked').getAttribute('aria-label')") == why


def test_a_leaf_under_an_operation_made_by_hand_says_why_it_cannot_be_moved(page_of):
    x, w = Value(3.0, label="x"), Value(2.0, label="w")
    opened = page_of("by_hand", Value(9.0, "square", (x,), (6.0,)) * w)
    why = "x: it cannot be moved: this page cannot compute “square” again"
    assert opened.evaluate("document.querySelector('.locked').getAttribute('aria-label')") == why
    opened.evaluate("minigrad.set({w: 0.5})")
    assert opened.evaluate("minigrad.loss()") == 4.5 and opened.evaluate("minigrad.values().x.grad") == 3
    assert opened.complaints() == []
