"""Lengths of texts, said at the argument that takes them."""

from __future__ import annotations

import typing
from typing import Annotated

import pytest

from jirong.kernel import limits
from jirong.kernel.errors import Invalid
from jirong.kernel.limits import Length


def takes(
    name: Annotated[str, Length(1, 4)], note: Annotated[str, Length(0, 2)] | None, rows: list[str], n: int
) -> None:
    """Only for its annotations."""


def test_lengths_are_read_from_annotations() -> None:
    hints = typing.get_type_hints(takes, include_extras=True)
    assert limits.lengths(hints) == {"name": Length(1, 4), "note": Length(0, 2)}


@pytest.mark.parametrize("value", ["", "   ", "五个字太长"])
def test_what_does_not_fit_is_refused_at_its_field(value: str) -> None:
    with pytest.raises(Invalid, match=r"text\.length") as refused:
        Length(1, 4).check(value, "name")
    assert refused.value.where == "name"


@pytest.mark.parametrize("value", ["一", "四个字的"])
def test_what_fits_passes(value: str) -> None:
    Length(1, 4).check(value, "name")
