"""A picture as data: what its elements show is what the graph holds; one reading for one picture; every moment of a
pass that memory can hold."""

import sys

import pytest
from conftest import lecture
from test_draw import vector

from minigrad import Value
from minigrad.draw import draw
from minigrad.draw.moment import at_moment, memory_note, moment_of
from minigrad.draw.options import KEYWORDS, Options
from minigrad.draw.picture import Quantity, cells_of
from minigrad.draw.render import dot
from minigrad.draw.views import LAYOUTS, picture_of
from minigrad.graph import reached, topological_order
from minigrad.losses import mse_loss
from minigrad.nn import GRU, LSTM, RNN
from minigrad.notation import signed
from minigrad.snapshot import Edge, Snapshot


def gated(kind):
    unrolled = kind(1, 2, seed=1).unroll([[0.5], [-1]])
    return mse_loss(unrolled.state, [0.3, -0.2]), unrolled


def drawn():
    """(view, loss, unrolled) for every view, and networks of every kind"""
    _, scalar, _, loss = lecture()
    found = [(view, loss, scalar) for view in LAYOUTS if view not in ("units", "layers", "cell", "attention")]
    unrolled, loss = vector(one_hot=True, bias=True)
    found += [(view, loss, unrolled) for view in ("units", "folded", "shape")]
    found += [(view, *gated(kind)) for kind in (GRU, LSTM) for view in ("folded", "graph", "shape")]
    return [pytest.param(*given, id=f"{given[0]}-{k}") for k, given in enumerate(found)]


every_view = pytest.mark.parametrize(("view", "loss", "unrolled"), drawn())


@every_view
def test_every_number_is_that_of_the_quantity_that_it_shows(view, loss, unrolled):
    snapshot = Snapshot(loss, [unrolled])
    grad, seen = snapshot.gradient, 0

    def number(quantity: Quantity):
        kind, of = quantity.kind, quantity.of
        if kind in ("norm", "product"):
            for part in of:
                assert number(part) == part.number
            return quantity.number
        if kind == "data":
            return of[0].data
        if kind == "gradient":
            return grad.get(of[0], 0)
        if kind == "partial":
            return sum(edge.partial for edge in of)
        if kind == "contribution":
            return sum(edge.partial * grad.get(edge.user, 0) for edge in of)
        weight, steps = of
        uses = [edge for edge in snapshot.uses[weight] if snapshot.step.get(edge.user, 0) in steps]
        return pytest.approx(sum(edge.contribution for edge in uses), rel=1e-12) if kind == "term" else 0

    picture = picture_of(snapshot, view, Options())
    for box in picture.boxes:
        for _, cell in cells_of(box):
            fills = [cell.fill] if isinstance(cell.fill, Quantity) else []
            for quantity in [*cell.quantities, *fills]:
                assert number(quantity) == quantity.number, quantity.kind
                seen += 1
    assert seen > 10 or view == "rolled"


@every_view
def test_ids_are_unlike_and_every_arrow_leads_from_a_box_to_a_box(view, loss, unrolled):
    picture = picture_of(Snapshot(loss, [unrolled]), view, Options())
    ids = [part.id for part in picture.elements] + [key for box in picture.boxes for key, _ in cells_of(box)]
    assert len(ids) == len(set(ids))
    boxes = {box.id for box in picture.boxes}
    assert all({arrow.tail.split(":")[0], arrow.head.split(":")[0]} <= boxes for arrow in picture.arrows)
    assert {key for group in picture.groups for key in group.boxes} <= boxes


@every_view
def test_a_picture_does_not_hold_what_changes_and_the_same_picture_is_drawn_twice(view, loss, unrolled):
    snapshot = Snapshot(loss, [unrolled])
    first, second = (picture_of(snapshot, view, Options()) for _ in range(2))
    assert first == second and dot(first) == dot(second)
    with pytest.raises(AttributeError):
        first.boxes[0].id = "another"                  # type: ignore[misc]


@pytest.mark.parametrize("view", [*[view for view in LAYOUTS if view not in ("layers", "cell", "attention")], "auto"])
def test_one_picture_is_one_walk_over_the_graph(view):
    unrolled, loss = vector() if view == "units" else lecture()[1:4:2]
    loss.backward()
    walks = []

    def count(frame, event, _):
        if event == "call" and frame.f_code is reached.__code__:
            walks.append((frame.f_locals["root"] is loss, bool(frame.f_locals["stop_at"])))

    sys.setprofile(count)
    try:
        draw(loss, unrolled, view, highlight=unrolled.state[0])
    finally:
        sys.setprofile(None)
    assert walks.count((True, False)) == 1            # those that end at the boxes are inner walks of a fold


# ---------------------------------------------------------------------- gradients as memory holds them


def half_done(loss: Value, carried: int) -> None:
    """Memory as backward() leaves it when it has gone along so many edges of the graph"""
    order, left = topological_order(loss), carried
    for node in order:
        node.grad = 0
    loss.grad = 1
    for node in reversed(order):
        for operand, partial in zip(node.operands, node.partials):
            if left == 0:
                return
            operand.grad += partial * node.grad
            left -= 1


@pytest.mark.parametrize("view", ["columns", "graph", "folded"])
def test_a_half_done_pass_shows_exactly_the_gradients_that_memory_holds(view):
    _, unrolled, _, loss = lecture()
    edges = len(Snapshot(loss, [unrolled]).edges)
    for carried in range(edges + 1):
        half_done(loss, carried)
        snapshot = Snapshot(loss, [unrolled], "stored")
        moment = moment_of(snapshot, snapshot.edges_added or 0)
        picture = at_moment(picture_of(snapshot, view, Options()), snapshot, moment)
        for box in picture.boxes:
            for _, cell in cells_of(box):
                for text in cell.texts:
                    if text.ink != "unseen" and [q.kind for q in text.quantities] == ["gradient"] and text.signed:
                        [[value]] = [q.of for q in text.quantities]
                        assert str(text) == signed(value.grad, text.digits)
                    elif text.ink == "unseen" and [q.kind for q in text.quantities] == ["gradient"]:
                        [[value]] = [q.of for q in text.quantities]
                        assert value.grad == 0
        picture = picture._replace(caption=memory_note(snapshot))
        assert dot(picture) == draw(loss, unrolled, view, grads="stored").laid_out
    assert draw(loss, unrolled, view, grads="stored").source == draw(loss, unrolled, view).source


def test_an_arrow_that_has_carried_nothing_is_grey_and_a_term_that_has_not_arrived_is_blank():
    rnn, unrolled, _, loss = lecture()
    [w_h], [o_3], [o_2] = rnn.w_h[0], unrolled[2].state, unrolled[1].state
    edges = Snapshot(loss, [unrolled]).edges
    half_done(loss, 1 + min(k for k, edge in enumerate(edges) if edge.operand is w_h))
    snapshot = Snapshot(loss, [unrolled], "stored")
    moment = moment_of(snapshot, snapshot.edges_added or 0)
    picture = at_moment(picture_of(snapshot, "columns", Options()), snapshot, moment)
    looks = {arrow.shows[0].user: arrow.look for arrow in picture.arrows if isinstance(arrow.shows[0], Edge)}
    assert looks[o_3] == "" and looks[o_2] == "flat"
    [bar] = [box for box in picture.boxes if box.kind == "bar" and box.shows == (w_h,)]
    blank = [cell.fill == "blank" for _, cell in cells_of(bar) for q in cell.quantities if q.kind == "term"]
    assert blank == [True, True, False]
    assert o_2.grad != 0 and w_h.grad != 0


def test_accumulated_gradients_are_shown_as_they_are_stored_and_as_they_were_computed():
    rnn, unrolled, _, loss = lecture()
    loss.backward()
    loss.backward()
    [w_h] = rnn.w_h[0]
    stored, computed = (draw(loss, unrolled, "columns", grads=grads).source for grads in ("stored", "computed"))
    assert signed(w_h.grad) in stored and signed(w_h.grad) not in computed and signed(w_h.grad / 2) in computed
    assert "∂L/∂w_h" not in draw(loss, unrolled, "columns", grads=None).source


# ---------------------------------------------------------------------- options


def test_an_unknown_option_is_refused_with_a_list_of_all():
    _, unrolled, _, loss = lecture()
    with pytest.raises(TypeError, match="draw: there is no option 'rankdir'; the options are fold, high") as caught:
        draw(loss, unrolled, rankdir="TB")            # type: ignore[call-arg]
    assert all(keyword in str(caught.value) and keyword in (draw.__doc__ or "") for keyword in KEYWORDS)


def test_a_weight_whose_name_begins_with_y_is_a_weight_if_it_is_told():
    y = Value(2.0, label="y_1")
    root = y * Value(3.0, label="w")
    root.backward()
    box = next(line for line in draw(root, roles={y: "weight"}).source.splitlines() if ">y₁<" in line)
    assert "v weight" in box and ">+3<" in box
    assert "v input" in next(line for line in draw(root).source.splitlines() if ">y₁<" in line)


def test_a_fused_network_of_plain_numbers_shows_its_inputs():
    rnn = RNN(1, 1, fused=True, seed=1)
    unrolled = rnn.unroll([[1], [0.5]])
    loss = mse_loss(rnn.readout(unrolled.state), [1])
    for view in ("folded", "rolled", "shape"):
        assert "0.5" in draw(loss, unrolled, view).source
