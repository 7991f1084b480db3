"""How numbers and names are written."""

import doctest
from fractions import Fraction

import pytest

from minigrad import Value, notation
from minigrad.notation import carried_name, count, index_of, name, number, operation, series, signed


@pytest.mark.parametrize(
    ("x", "written"),
    [
        (-0.34497, "−0.345"), (0, "0"), (-0.0, "0"), (1, "1"), (5.8e-7, "5.8e−7"), (-1e-9, "−1e−9"),
        (1.5e12, "1.5e12"), (123456, "1.235e5"), (Fraction(1, 3), "0.3333"), (Value(Value(0.25)), "0.25"),
    ],
)
def test_a_number_has_four_digits_a_real_minus_and_no_padding(x, written):
    assert number(x) == written


@pytest.mark.parametrize("x", [1e-300, -7.77e-9, 0.1234, 98765.4, 3e20])
def test_a_written_number_parses_back_at_its_precision(x):
    for digits in (2, 4, 6):
        assert float(number(x, digits).replace("−", "-")) == float(f"{x:.{digits}g}")


def test_a_gradient_shows_its_sign_and_zero_has_none():
    assert [signed(x) for x in (0.25, -0.25, 0, 1e-9)] == ["+0.25", "−0.25", "0", "+1e−9"]


@pytest.mark.parametrize(
    ("label", "written"),
    [
        ("o_2", "o₂"), ("o_12[0]", "o₁₂[0]"), ("y_hat", "ŷ"), ("y_hat_3", "ŷ₃"), ("w_h", "w_h"),
        ("w_h[1][0]", "w_h[1][0]"),
        ("x_1", "x₁"), ("", ""), ("my_hat", "my_hat"), ("a_1b", "a_1b"), ("rate 2", "rate 2"),
        ("two\nlines\ud800", r"two\nlines\ud800"),
    ],
)
def test_a_label_is_written_as_on_paper(label, written):
    assert name(label) == written


def test_operations_are_written_as_on_paper():
    assert [operation(op) for op in ("*", "-", "sigmoid", "tanh", "**2", "")] == ["×", "−", "σ", "tanh", "**2", ""]


def test_a_count_is_exact_until_it_is_too_long_to_read():
    assert [count(n) for n in (40, 10**15 - 1, 16**10000)] == ["40", "999999999999999", "about 10^12041"]


def test_what_the_labels_of_one_quantity_share():
    assert [series(label) for label in ("o_3", "h1_12[0]", "o_3′", "w_h", "")] == ["o_·", "h1_·[0]", "o_·′", "", ""]
    assert [index_of(label) for label in ("o_3", "h1_12[0]", "o_3′")] == ["3", "12", "3"]
    assert carried_name(("h", "c"), 2) == "(h₂, c₂)" and carried_name(("hid",), 12) == "hid₁₂"


def test_the_examples_in_the_docstrings_are_right():
    results = doctest.testmod(notation)
    assert results.attempted >= 12 and results.failed == 0
