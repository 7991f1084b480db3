"""The names under which other files still know validation.py."""

from minigrad import validation
from minigrad.validation import Number, is_finite, is_value

__all__ = ["Number", "is_finite", "is_value"]
innermost, shortened = validation.unwrap, validation.truncate
written, shown = validation.short_str, validation.short_repr
checked, plain, surely_finite = validation.validate_number, validation.require_number, validation.norm_is_finite


def refuse_infinite_data(order, found) -> None:
    """Raises ValueError for a number that is not finite."""
    validation.check_data(list(found)[::-1])
